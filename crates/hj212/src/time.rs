//! Times as the protocol writes them: digits of local civil time, without a zone.

use core::fmt;

use crate::number::eight_digits;

/// A civil date and time read from `YYYYMMDDhhmmss` or `YYYYMMDDhhmmsszzz`.
///
/// HJ 212 times carry no zone; in China they are UTC+8. Ordering is chronological.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Civil {
    /// Year, 0–9999.
    pub year: u16,
    /// Month, 1–12.
    pub month: u8,
    /// Day of the month, 1–31.
    pub day: u8,
    /// Hour, 0–23.
    pub hour: u8,
    /// Minute, 0–59.
    pub minute: u8,
    /// Second, 0–59.
    pub second: u8,
    /// Millisecond, 0–999; 0 when the text has 14 digits.
    pub millisecond: u16,
}

/// Why digits are not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeError {
    /// Not 14 or 17 ASCII digits.
    Form,
    /// Digits of the right number that name no day of the calendar or no time of the day.
    Range,
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "a time has 14 digits (YYYYMMDDhhmmss) or 17 with milliseconds",
            Self::Range => "these digits name no day of the calendar or no time of the day",
        })
    }
}

impl std::error::Error for TimeError {}

impl Civil {
    /// Reads 14 or 17 digits.
    ///
    /// # Errors
    ///
    /// [`TimeError::Form`] unless the text is 14 or 17 digits; [`TimeError::Range`] if they name no
    /// day of the calendar or no time of the day (`20230230…`, hour 24, second 60).
    pub fn read(digits: &[u8]) -> Result<Self, TimeError> {
        let (Some(first), true) = (digits.first_chunk::<14>(), matches!(digits.len(), 14 | 17))
        else {
            return Err(TimeError::Form);
        };
        let eight = |at: usize| {
            let text = first[at..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
            eight_digits(text).ok_or(TimeError::Form)
        };
        let (date, day_and_time) = (eight(0)?, eight(6)?);
        let mut millisecond = 0;
        for digit in &digits[14..] {
            if !digit.is_ascii_digit() {
                return Err(TimeError::Form);
            }
            millisecond = millisecond * 10 + u16::from(digit - b'0');
        }
        let time = Self {
            year: (date / 10_000) as u16,
            month: (date / 100 % 100) as u8,
            day: (date % 100) as u8,
            hour: (day_and_time / 10_000 % 100) as u8,
            minute: (day_and_time / 100 % 100) as u8,
            second: (day_and_time % 100) as u8,
            millisecond,
        };
        if time.is_valid() { Ok(time) } else { Err(TimeError::Range) }
    }

    /// Whether every part is in its range and the day exists in its month.
    pub const fn is_valid(&self) -> bool {
        self.year <= 9999
            && self.day >= 1
            && self.day <= days_in_month(self.year, self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.millisecond < 1000
    }

    /// Writes 14 digits, the form of `DataTime`.
    pub fn digits14(&self) -> String {
        format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }

    /// Writes 17 digits, the form of `QN`.
    pub fn digits17(&self) -> String {
        format!("{}{:03}", self.digits14(), self.millisecond)
    }

    /// The next millisecond; the parts of a split upload count their QN up with it.
    ///
    /// Stays put at the last millisecond of the year 9999.
    #[must_use]
    pub fn next_millisecond(mut self) -> Self {
        let last = self;
        self.millisecond += 1;
        if self.millisecond < 1000 {
            return self;
        }
        self.millisecond = 0;
        self.second += 1;
        if self.second < 60 {
            return self;
        }
        self.second = 0;
        self.minute += 1;
        if self.minute < 60 {
            return self;
        }
        self.minute = 0;
        self.hour += 1;
        if self.hour < 24 {
            return self;
        }
        self.hour = 0;
        self.day += 1;
        if self.day <= days_in_month(self.year, self.month) {
            return self;
        }
        self.day = 1;
        self.month += 1;
        if self.month <= 12 {
            return self;
        }
        self.month = 1;
        self.year += 1;
        if self.year <= 9999 { self } else { last }
    }
}

impl fmt::Display for Civil {
    /// `2026-11-22 08:00:00.123`, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}",
            self.year, self.month, self.day, self.hour, self.minute, self.second, self.millisecond
        )
    }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(digits: &str, expected: Result<&str, TimeError>) {
        assert_eq!(
            Civil::read(digits.as_bytes()).map(|time| time.to_string()),
            expected.map(str::to_owned),
            "{digits}"
        );
    }

    #[test]
    fn digits_become_civil_time() {
        check("20160801085857223", Ok("2016-08-01 08:58:57.223"));
        check("20240229000000", Ok("2024-02-29 00:00:00.000"));
        check("20230229000000", Err(TimeError::Range));
        check("20230230246060", Err(TimeError::Range));
        check("00000000000000", Err(TimeError::Range));
        check("2016080108585", Err(TimeError::Form));
        check("1617957600465", Err(TimeError::Form));
        check("2016-08-01 0858", Err(TimeError::Form));
        check("", Err(TimeError::Form));
    }

    #[test]
    fn the_next_millisecond_carries_into_the_next_year() {
        let last = Civil::read(b"20231231235959999").unwrap();
        assert_eq!(last.next_millisecond().digits17(), "20240101000000000");
        let end = Civil::read(b"99991231235959999").unwrap();
        assert_eq!(end.next_millisecond(), end);
    }
}
