//! Civil periods: the hours of a day, and the days that a date of law speaks of.
//!
//! Everything else in the house knows instants in UTC. Here alone a zone's calendar lives. An hour is
//! named by the instant it starts at; devices and files that name it by its end are converted before
//! they come here.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{HOUR_MS, Timestamp};
use std::fmt;

/// The zone whose calendar the law speaks of.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

/// The zone has no such name, or an instant lies outside the calendar (years -9999 to 9999).
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct PeriodError {
    what: String,
    #[source]
    source: Option<jiff::Error>,
}

impl PeriodError {
    fn new(what: impl Into<String>, source: jiff::Error) -> Self {
        Self { what: what.into(), source: Some(source) }
    }
}

impl Zone {
    /// The zone of the IANA name, such as `Asia/Shanghai`.
    ///
    /// # Errors
    /// When the time-zone database has no such name.
    pub fn named(name: &str) -> Result<Self, PeriodError> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|e| PeriodError::new(format!("no time zone is named {name:?}"), e))
    }

    /// The zone of the Chinese standards, `Asia/Shanghai`.
    ///
    /// # Errors
    /// When the time-zone database lacks it, which a whole build never does.
    pub fn shanghai() -> Result<Self, PeriodError> {
        Self::named("Asia/Shanghai")
    }

    /// The civil date of an instant.
    ///
    /// # Errors
    /// When the instant lies outside the calendar.
    pub fn date(&self, at: Timestamp) -> Result<Date, PeriodError> {
        Ok(self.civil(at)?.date())
    }

    /// The civil date and time of an instant.
    ///
    /// # Errors
    /// When the instant lies outside the calendar.
    pub fn civil(&self, at: Timestamp) -> Result<jiff::civil::DateTime, PeriodError> {
        let at = jiff::Timestamp::from_millisecond(at.as_ms())
            .map_err(|e| PeriodError::new("an instant outside the calendar", e))?;
        Ok(self.0.to_datetime(at))
    }

    /// The instant at which civil time reads `at`; where clocks were put back, the first such instant,
    /// where they were put forward, the instant after the gap.
    ///
    /// # Errors
    /// When the instant lies outside the calendar.
    pub fn instant(&self, at: jiff::civil::DateTime) -> Result<Timestamp, PeriodError> {
        let zoned = self
            .0
            .to_ambiguous_timestamp(at)
            .compatible()
            .map_err(|e| PeriodError::new(format!("{at} is outside the calendar"), e))?;
        Ok(Timestamp::from_ms(zoned.as_millisecond()))
    }

    /// The civil day that holds an instant.
    ///
    /// # Errors
    /// When the instant lies outside the calendar.
    pub fn day_of(&self, at: Timestamp) -> Result<Day, PeriodError> {
        self.day(self.date(at)?)
    }

    /// The civil day of a date.
    ///
    /// # Errors
    /// When the day lies outside the calendar.
    pub fn day(&self, date: Date) -> Result<Day, PeriodError> {
        let midnight = date.at(0, 0, 0, 0);
        let next = date
            .tomorrow()
            .map_err(|e| PeriodError::new(format!("{date} has no next day"), e))?
            .at(0, 0, 0, 0);
        let (start, end) = (self.instant(midnight)?, self.instant(next)?);
        Ok(Day { date, start, end })
    }
}

/// One civil day of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    date: Date,
    start: Timestamp,
    end: Timestamp,
}

impl Day {
    /// The civil date.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The first instant.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant after the day.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// Hours in the day: 24, or 23 and 25 where clocks change.
    pub fn hours(&self) -> usize {
        usize::try_from((self.end - self.start) / HOUR_MS).unwrap_or(0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.date, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_in_shanghai_starts_at_sixteen_utc_and_has_24_hours() {
        let day = Zone::shanghai().unwrap().day(date(2026, 3, 1)).unwrap();
        assert_eq!(day.start().to_string(), "2026-02-28T16:00:00.000Z");
        assert_eq!(day.hours(), 24);
    }

    #[test]
    fn the_last_millisecond_belongs_to_the_day_and_midnight_to_the_next() {
        let zone = Zone::shanghai().unwrap();
        let day = zone.day(date(2026, 2, 28)).unwrap();
        assert_eq!(zone.day_of(day.end() - 1).unwrap(), day);
        assert_eq!(zone.day_of(day.end()).unwrap().date(), date(2026, 3, 1));
    }

    #[test]
    fn a_day_on_which_clocks_change_has_23_or_25_hours() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(zone.day(date(2026, 3, 29)).unwrap().hours(), 23);
        assert_eq!(zone.day(date(2026, 10, 25)).unwrap().hours(), 25);
        assert!(Zone::named("Asia/Zhengzhou").unwrap_err().to_string().contains("Asia/Zhengzhou"));
    }
}
