//! An instant: milliseconds since 1970-01-01T00:00:00Z.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// Milliseconds in a second.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a UTC day.
pub const DAY_MS: i64 = 86_400_000;

/// An instant in UTC, in milliseconds. Civil time (zones, calendars) is not known here.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest instant.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant.
    pub const MAX: Self = Self(i64::MAX);

    /// From milliseconds since the epoch, UTC.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch, UTC.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// The start of the step of `step_ms` that holds this instant, counted from the epoch in UTC.
    #[must_use]
    pub const fn floor(self, step_ms: i64) -> Self {
        Self(self.0.div_euclid(step_ms) * step_ms)
    }

    /// The number of the UTC day since the epoch: 0 is 1970-01-01.
    pub const fn utc_day(self) -> i32 {
        self.0.div_euclid(DAY_MS) as i32
    }

    /// The first instant of a UTC day.
    pub const fn from_utc_day(day: i32) -> Self {
        Self(day as i64 * DAY_MS)
    }
}

impl Add<i64> for Timestamp {
    type Output = Self;
    fn add(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

impl Sub<i64> for Timestamp {
    type Output = Self;
    fn sub(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms))
    }
}

impl Sub for Timestamp {
    type Output = i64;
    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// RFC 3339 in UTC, to the millisecond: `2026-03-01T00:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_day(i64::from(self.utc_day()));
        let ms = self.0.rem_euclid(DAY_MS);
        let (hour, minute) = (ms / HOUR_MS, ms / MINUTE_MS % 60);
        let (second, milli) = (ms / SECOND_MS % 60, ms % SECOND_MS);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// The proleptic Gregorian date of a day number: days counted in 400-year eras that begin on 1 March.
fn civil_from_day(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_as_rfc_3339() {
        let check = |ms, text: &str| assert_eq!(Timestamp::from_ms(ms).to_string(), text);
        check(0, "1970-01-01T00:00:00.000Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(1_772_326_800_123, "2026-03-01T01:00:00.123Z");
        check(-1, "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_step_before_the_epoch_starts_before_it() {
        assert_eq!(Timestamp::from_ms(-1).floor(HOUR_MS).as_ms(), -HOUR_MS);
        assert_eq!(Timestamp::from_ms(-1).utc_day(), -1);
    }
}
