//! The calendar: a day a cell. As openair's `calendarPlot` it takes whatever hours there are for a day's mean; unlike it, it says how many.

use super::quantile::Moments;
use super::{Civil, Row};
use serde::Serialize;
use std::collections::BTreeMap;

/// Days, ascending.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calendar {
    /// Days that have rows, with or without values.
    pub days: Vec<CalendarDay>,
}

/// One day, of all chosen places together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalendarDay {
    /// The civil day, at hour 0.
    pub at: Civil,
    /// Hours with a value.
    pub hours: usize,
    /// Hours in the selection.
    pub of: usize,
    /// Their mean; none without hours.
    pub mean: Option<f64>,
    /// The largest hour.
    pub max: Option<f64>,
}

/// What one day adds up to.
struct Sums {
    at: Civil,
    values: Moments,
    of: usize,
    max: Option<f64>,
}

pub(super) fn calendar(rows: &[Row]) -> Calendar {
    let mut days: BTreeMap<(i16, u8, u8), Sums> = BTreeMap::new();
    for row in rows {
        let at = Civil { hour: 0, ..row.at };
        let day = days.entry((at.year, at.month, at.day)).or_insert_with(|| Sums {
            at,
            values: Moments::default(),
            of: 0,
            max: None,
        });
        day.of += 1;
        if let Some(value) = row.value {
            day.values.add(value);
            day.max = Some(day.max.map_or(value, |max| max.max(value)));
        }
    }
    let day = |day: Sums| CalendarDay {
        at: day.at,
        hours: day.values.count,
        of: day.of,
        mean: day.values.mean(),
        max: day.max,
    };
    Calendar { days: days.into_values().map(day).collect() }
}
