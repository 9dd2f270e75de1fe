//! Civil time of the pretend zone: UTC+8 all year, as everywhere in China.

use model::{DAY_MS, HOUR_MS, Timestamp};
use std::f64::consts::TAU;

/// Milliseconds by which local clocks are ahead of UTC.
pub const ZONE_OFFSET_MS: i64 = 8 * HOUR_MS;

/// An instant as people and the sun see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalTime {
    /// Hours since local midnight, 0 ≤ h < 24.
    pub hour: f64,
    /// Number of the local day since 1970-01-01.
    pub day: i64,
    /// Part of the year gone by since 1 January, 0 ≤ y < 1, to a day or so.
    pub year: f64,
}

impl LocalTime {
    pub(crate) fn of(time: Timestamp) -> Self {
        let local = time.as_ms() + ZONE_OFFSET_MS;
        let day = local.div_euclid(DAY_MS);
        let days = local as f64 / DAY_MS as f64;
        Self {
            hour: local.rem_euclid(DAY_MS) as f64 / HOUR_MS as f64,
            day,
            year: (days / 365.2425).rem_euclid(1.0),
        }
    }

    /// 1 in mid-January, −1 in mid-July.
    pub(crate) fn winter(self) -> f64 {
        (TAU * (self.year - 15.0 / 365.0)).cos()
    }

    /// 1 at the height of spring (mid-April), falling to 0 within two months.
    pub(crate) fn spring(self) -> f64 {
        (1.0 - ((self.year - 0.29) / 0.16).powi(2)).max(0.0)
    }

    /// 0 is Monday.
    pub(crate) fn weekday(self) -> i64 {
        (self.day + 3).rem_euclid(7)
    }

    pub(crate) fn is_sunday(self) -> bool {
        self.weekday() == 6
    }
}

/// The last local midnight at or before an instant.
pub fn local_midnight(time: Timestamp) -> Timestamp {
    (time + ZONE_OFFSET_MS).floor(DAY_MS) - ZONE_OFFSET_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_is_eight_hours_ahead() {
        // 2026-03-01T01:00:00Z, a Sunday
        let time = Timestamp::from_ms(1_772_326_800_000);
        let local = LocalTime::of(time);
        assert!((local.hour - 9.0).abs() < 1e-9);
        assert!(local.is_sunday());
        assert!((local.year - 59.0 / 365.0).abs() < 0.01, "{}", local.year);
        assert_eq!(local_midnight(time), time - 9 * HOUR_MS);
    }
}
