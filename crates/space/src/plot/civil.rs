//! The district's calendar, as the caller's zone has it: here it is only counted with.

use serde::Serialize;

/// The civil hour at which an hour starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Civil {
    /// Year.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 1 (Monday) to 7 (Sunday).
    pub weekday: u8,
}

impl Civil {
    /// Months since year 0, to tell months apart.
    pub fn month_number(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month) - 1
    }

    /// Days since 1970-01-01 of the civil date.
    pub fn day_number(self) -> i32 {
        days(i32::from(self.year), i32::from(self.month), i32::from(self.day))
    }

    /// How far the year has gone, 0 to 1.
    pub fn year_share(self) -> f64 {
        let first = days(i32::from(self.year), 1, 1);
        f64::from(self.day_number() - first) / 366.0
    }
}

/// Days since 1970-01-01 of the first day of a month given by [`Civil::month_number`].
pub fn month_start(month_number: i32) -> i32 {
    days(month_number.div_euclid(12), month_number.rem_euclid(12) + 1, 1)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that
/// the leap day comes last.
fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970_over_leap_days_and_centuries() {
        for (date, count) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2100, 3, 1), 47_541),
        ] {
            assert_eq!(days(date.0, date.1, date.2), count, "{date:?}");
        }
        assert_eq!(month_start(2000 * 12 + 2), 11_017);
    }
}
