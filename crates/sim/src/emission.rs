//! When sources work: shares of their full strength by hour, weekday and season.

use crate::calendar::LocalTime;
use crate::layout::Kind;
use crate::noise::{blend, smoothstep};

/// The strength of a kind of source as a share of its full strength, 0 to about 1.3.
pub(crate) fn activity(kind: Kind, local: LocalTime) -> f64 {
    let hour = local.hour;
    match kind {
        Kind::Furnace => 0.75 + 0.15 * heating(local) + 0.1 * shift(hour, 7.0, 21.0),
        Kind::Works => {
            let by_day = if local.is_sunday() { 0.7 } else { 1.0 };
            by_day * (0.55 + 0.45 * shift(hour, 7.0, 19.0))
        }
        Kind::Boiler => heating(local) * (0.75 + 0.25 * (1.0 - shift(hour, 9.0, 17.0))),
        Kind::Site => {
            let works = shift(hour, 6.5, 18.5) * (1.0 - 0.6 * bump(hour, 12.6, 0.8));
            let by_day = if local.is_sunday() { 0.2 } else { 1.0 };
            0.05 + 0.95 * by_day * works
        }
        Kind::Homes => {
            let kitchens =
                bump(hour, 7.2, 1.2) + 0.8 * bump(hour, 12.0, 1.1) + 1.2 * bump(hour, 19.0, 1.6);
            0.25 + 0.3 * kitchens + heating(local) * (0.35 + 0.3 * bump(hour, 22.0, 4.0))
        }
        Kind::Streets => traffic(local),
    }
}

/// Traffic on the roads: two peaks on working days, one broad hill on Sundays, lorries by night.
pub(crate) fn traffic(local: LocalTime) -> f64 {
    let hour = local.hour;
    let broad = shift(hour, 6.5, 21.5);
    let peaks = bump(hour, 8.2, 1.5) + 0.9 * bump(hour, 18.4, 1.9);
    let lorries = 0.24 * bump(hour, 22.5, 2.2) + 0.12 * bump(hour, 4.5, 1.5);
    if local.weekday() >= 5 {
        0.24 + 0.42 * broad + 0.15 * bump(hour, 18.0, 2.0) + lorries
    } else {
        0.24 + 0.36 * broad + 0.3 * peaks + lorries
    }
}

/// The heating season, 15 November to 15 March with some days of passage.
fn heating(local: LocalTime) -> f64 {
    smoothstep((local.winter() - 0.42) / 0.2)
}

/// 1 between two hours of the day, with half-hour edges.
fn shift(hour: f64, from: f64, to: f64) -> f64 {
    smoothstep((hour - from) + 0.5) * smoothstep((to - hour) + 0.5)
}

/// A bell around an hour of the day, across midnight as well.
fn bump(hour: f64, middle: f64, width: f64) -> f64 {
    let apart = (hour - middle + 12.0).rem_euclid(24.0) - 12.0;
    blend(0.0, 1.0, (-0.5 * (apart / width).powi(2)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::local_midnight;
    use model::{DAY_MS, HOUR_MS, Timestamp};

    /// Monday 2026-03-02, local midnight.
    fn monday() -> Timestamp {
        local_midnight(Timestamp::from_ms(1_772_326_800_000)) + DAY_MS
    }

    fn at(kind: Kind, day: i64, hour: i64) -> f64 {
        activity(kind, LocalTime::of(monday() + day * DAY_MS + hour * HOUR_MS))
    }

    #[test]
    fn sites_rest_by_night_at_noon_and_on_sundays() {
        assert!(at(Kind::Site, 0, 10) > 0.9);
        assert!(at(Kind::Site, 0, 2) < 0.1);
        assert!(at(Kind::Site, 0, 13) < at(Kind::Site, 0, 10));
        assert!(at(Kind::Site, 6, 10) < 0.3);
    }

    #[test]
    fn traffic_peaks_on_working_mornings_only() {
        assert!(at(Kind::Streets, 0, 8) > 1.2 * at(Kind::Streets, 0, 11));
        assert!(at(Kind::Streets, 6, 8) < 1.1 * at(Kind::Streets, 6, 11));
    }

    #[test]
    fn boilers_are_cold_in_summer() {
        assert!(at(Kind::Boiler, -40, 22) > 0.8);
        assert!(at(Kind::Boiler, 120, 22) < 0.01);
    }
}
