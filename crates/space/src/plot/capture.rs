//! How much was measured: place by place, month by month.

use super::Place;
use serde::Serialize;
use std::collections::BTreeMap;

/// Data capture over the window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Capture {
    /// First hour of the window, since 1970-01-01T00:00Z.
    pub first_hour: i64,
    /// Hours of the window.
    pub hours: i64,
    /// Places in the order asked for.
    pub places: Vec<PlaceCapture>,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaceCapture {
    /// Its name.
    pub name: String,
    /// Hours with a value.
    pub values: usize,
    /// % of the window.
    pub percent: f64,
    /// Longest gap, hours.
    pub gap_hours: i64,
    /// Months with rows.
    pub months: Vec<CaptureMonth>,
}

/// One month of a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaptureMonth {
    /// Year.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
    /// Hours with a value.
    pub values: usize,
    /// Hours of the month that the selection has.
    pub of: usize,
}

pub(super) fn capture(places: &[Place]) -> Capture {
    let firsts = places.iter().filter_map(|place| place.rows.first()).map(|row| row.hour);
    let lasts = places.iter().filter_map(|place| place.rows.last()).map(|row| row.hour);
    let first_hour = firsts.min().unwrap_or(0);
    let hours = lasts.max().map_or(0, |last| last - first_hour + 1);
    let places = places.iter().map(|place| of_place(place, first_hour, hours)).collect();
    Capture { first_hour, hours, places }
}

fn of_place(place: &Place, first_hour: i64, hours: i64) -> PlaceCapture {
    let mut months: BTreeMap<i32, (usize, usize)> = BTreeMap::new();
    let (mut values, mut gap_hours, mut before) = (0, 0, first_hour - 1);
    for row in &place.rows {
        let month = months.entry(row.at.month_number()).or_default();
        month.1 += 1;
        if row.value.is_some() {
            month.0 += 1;
            values += 1;
            gap_hours = gap_hours.max(row.hour - before - 1);
            before = row.hour;
        }
    }
    gap_hours = gap_hours.max(first_hour + hours - before - 1);
    let month = |(number, (values, of)): (i32, (usize, usize))| CaptureMonth {
        year: number.div_euclid(12),
        month: number.rem_euclid(12) + 1,
        values,
        of,
    };
    PlaceCapture {
        name: place.name.clone(),
        values,
        percent: if hours > 0 { 100.0 * values as f64 / hours as f64 } else { 0.0 },
        gap_hours,
        months: months.into_iter().map(month).collect(),
    }
}
