//! Time variation: means by hour and weekday, hour, month and weekday, each with a 95 % interval.
//!
//! As openair's `timeVariation`, in the district's civil time. Different on purpose: the interval is Student's, not a bootstrap of the mean; the two
//! agree where a cell has more than some thirty hours, and Student's needs no seed. Like openair's it takes hours as independent and is too narrow for that.

use super::Row;
use super::quantile::Moments;
use serde::Serialize;

/// Four panels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variation {
    /// By weekday (Monday first) and hour: 168.
    pub hour_weekday: Vec<Cell>,
    /// By hour of the day: 24.
    pub hour: Vec<Cell>,
    /// By month: 12.
    pub month: Vec<Cell>,
    /// By weekday, Monday first: 7.
    pub weekday: Vec<Cell>,
}

/// One mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// Hours in it.
    pub hours: usize,
    /// Their mean; none without hours.
    pub mean: Option<f64>,
    /// Half of its 95 % interval; none of fewer than six hours.
    pub half_width: Option<f64>,
}

pub(super) fn variation(rows: &[Row]) -> Variation {
    let mut hour_weekday = [Moments::default(); 168];
    let mut hour = [Moments::default(); 24];
    let mut month = [Moments::default(); 12];
    let mut weekday = [Moments::default(); 7];
    for row in rows {
        let Some(value) = row.value else { continue };
        let of_day = usize::from(row.at.hour) % 24;
        let of_week = usize::from(row.at.weekday.max(1) - 1) % 7;
        hour_weekday[of_week * 24 + of_day].add(value);
        hour[of_day].add(value);
        month[usize::from(row.at.month.max(1) - 1) % 12].add(value);
        weekday[of_week].add(value);
    }
    Variation {
        hour_weekday: cells(&hour_weekday),
        hour: cells(&hour),
        month: cells(&month),
        weekday: cells(&weekday),
    }
}

fn cells(moments: &[Moments]) -> Vec<Cell> {
    let cell = |m: &Moments| Cell { hours: m.count, mean: m.mean(), half_width: m.half_width() };
    moments.iter().map(cell).collect()
}
