//! The polar annulus: concentration by wind direction and by where in the day, week or year the hour stands.
//!
//! As openair's `polarAnnulus` in its classes; different on purpose: the classes themselves are shown, with their
//! hours, not a surface fitted through them.

use super::polar::{binned, windy};
use super::quantile::Moments;
use super::rose::{HOURS_MIN, sector};
use super::{NoPlot, Row};
use serde::Serialize;

/// What runs from the inner edge to the outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Around {
    /// Hours of the day, 0 inside.
    Hour,
    /// Days of the week, Monday inside.
    Weekday,
    /// Months of the year, January inside.
    Month,
}

impl Around {
    /// How many classes there are.
    pub fn count(self) -> usize {
        match self {
            Self::Hour => 24,
            Self::Weekday => 7,
            Self::Month => 12,
        }
    }

    fn class(self, row: &Row) -> usize {
        match self {
            Self::Hour => usize::from(row.at.hour) % 24,
            Self::Weekday => usize::from(row.at.weekday.max(1) - 1) % 7,
            Self::Month => usize::from(row.at.month.max(1) - 1) % 12,
        }
    }
}

/// Concentration by direction and time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Annulus {
    /// What runs outwards.
    pub around: Around,
    /// Degrees of a cell.
    pub step_deg: f64,
    /// Cells with hours.
    pub cells: Vec<AnnulusCell>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnnulusCell {
    /// Its middle, degrees from north.
    pub from_deg: f64,
    /// Class from the inner edge, from 0.
    pub class: usize,
    /// Hours in it.
    pub hours: usize,
    /// Their mean.
    pub mean: f64,
    /// Half of the mean's 95 % interval.
    pub half_width: Option<f64>,
}

pub(super) fn annulus(rows: &[Row], around: Around) -> Result<Annulus, NoPlot> {
    let step_deg = binned(&windy(rows)?, |(): &mut (), _| ()).0.step_deg.max(10.0);
    let mut cells = vec![Moments::default(); (360.0 / step_deg).round() as usize * around.count()];
    let mut count = 0;
    for row in rows {
        let (Some(value), Some(wind)) = (row.value, row.wind) else { continue };
        if wind.speed_m_s > 0.0 {
            count += 1;
            let at = sector(wind.from_deg, step_deg) * around.count() + around.class(row);
            cells[at].add(value);
        }
    }
    if count < HOURS_MIN {
        return Err(NoPlot::NoWind { have: count, need: HOURS_MIN });
    }
    let cell = |(at, cell): (usize, &Moments)| {
        Some(AnnulusCell {
            from_deg: (at / around.count()) as f64 * step_deg,
            class: at % around.count(),
            hours: cell.count,
            mean: cell.mean()?,
            half_width: cell.half_width(),
        })
    };
    Ok(Annulus { around, step_deg, cells: cells.iter().enumerate().filter_map(cell).collect() })
}
