//! Hours to be analysed: from files or from what is kept, with their wind and weather, on one calendar.
//!
//! Commands and HTTP ask [`space`] the same questions over [`Hours`]; what they answer is drawn by [`draw`].

pub mod drift;
pub mod effect;
mod file;
pub mod forecast;
pub mod plot;
pub(crate) mod source;
pub mod stored;

pub use file::{Complaint, WindUnit};
pub use source::{Output, Source};

use jiff::civil::Date;
use model::{HOUR_MS, Timestamp};
use space::forecast::{Hour, Series};
use space::plot::{Civil, Place, Row};
use standards::{PeriodError, Zone};
use std::io;
use std::path::PathBuf;

/// The hours of one place without holes: a gap is an hour without value.
#[derive(Clone, Debug)]
pub struct Hours {
    /// How it is named.
    pub name: String,
    /// The first hour, since 1970-01-01T00:00Z.
    pub first_hour: i64,
    /// Values and weather.
    pub hours: Vec<Hour>,
    /// The second parameter, hour by hour; empty when there is none.
    pub other: Vec<Option<f64>>,
    /// The place that the wind is of, when it is another one.
    pub wind_of: Option<String>,
}

/// The longest stretch that is laid out hour by hour: a file with a slip in a year must not fill the memory.
pub const YEARS_MAX: i64 = 60;

impl Hours {
    /// As the plots read it.
    pub fn place(&self) -> Place {
        let rows = self.hours.iter().enumerate().map(|(at, hour)| Row {
            hour: self.first_hour + at as i64,
            at: hour.at,
            value: hour.value,
            other: self.other.get(at).copied().flatten(),
            wind: hour.weather.wind,
        });
        Place { name: self.name.clone(), rows: rows.collect() }
    }

    /// As forecast and effect read it.
    pub fn series(&self) -> Series<'_> {
        Series { first_hour: self.first_hour, hours: &self.hours }
    }

    /// The mean of several places, hour by hour: of those that measured, when they are at least half.
    pub fn mean(all: &[Self], name: &str) -> Option<Self> {
        let first_hour = all.iter().map(|one| one.first_hour).min()?;
        let end = all.iter().map(|one| one.first_hour + one.hours.len() as i64).max()?;
        let mut hours = Vec::with_capacity((end - first_hour) as usize);
        for hour in first_hour..end {
            let at = |one: &Self| {
                usize::try_from(hour - one.first_hour)
                    .ok()
                    .and_then(|at| one.hours.get(at).copied())
            };
            let here: Vec<Hour> = all.iter().filter_map(at).collect();
            let mut mean = *here.first()?;
            let values: Vec<f64> = here.iter().filter_map(|hour| hour.value).collect();
            let is_enough = !values.is_empty() && values.len() * 2 >= all.len();
            mean.value = is_enough.then(|| values.iter().sum::<f64>() / values.len() as f64);
            if let Some(known) = here.iter().find(|hour| hour.weather.wind.is_some()) {
                mean.weather = known.weather;
            }
            hours.push(mean);
        }
        Some(Self { name: name.to_owned(), first_hour, hours, other: vec![], wind_of: None })
    }
}

/// The civil time of `count` hours from one on.
///
/// # Errors
/// When they lie outside the calendar.
pub fn calendar(zone: &Zone, first_hour: i64, count: usize) -> Result<Vec<Civil>, PeriodError> {
    let mut civil = Vec::with_capacity(count);
    let at = |hour: i64| Timestamp::from_ms(hour * HOUR_MS);
    while civil.len() < count {
        let start = first_hour + civil.len() as i64;
        let day = zone.day_of(at(start))?;
        let date = day.date();
        let end = day.end().as_ms().div_euclid(HOUR_MS).max(start + 1);
        let is_plain = day.hours() == 24;
        let midnight = day.start().as_ms().div_euclid(HOUR_MS);
        for hour in start..end {
            // Only where clocks change does the hour of the day have to be asked.
            let of_day =
                if is_plain { (hour - midnight) as i8 } else { zone.civil(at(hour))?.hour() };
            civil.push(Civil {
                year: date.year(),
                month: date.month() as u8,
                day: date.day() as u8,
                hour: of_day as u8,
                weekday: date.weekday().to_monday_one_offset() as u8,
            });
        }
    }
    civil.truncate(count);
    Ok(civil)
}

/// A civil day as the analysis counts it.
pub fn civil_day(date: Date) -> Civil {
    Civil {
        year: date.year(),
        month: date.month() as u8,
        day: date.day() as u8,
        hour: 0,
        weekday: date.weekday().to_monday_one_offset() as u8,
    }
}

/// Names an hour in civil time, `03-01 08:00`.
pub fn hour_label(zone: &Zone, hour: i64) -> String {
    let at = zone.civil(Timestamp::from_ms(hour * HOUR_MS));
    at.map_or_else(|_| hour.to_string(), |at| at.strftime("%m-%d %H:%M").to_string())
}

/// Names an hour in civil time, `2026-03-01 08:00`.
pub fn hour_name(zone: &Zone, hour: i64) -> String {
    let at = zone.civil(Timestamp::from_ms(hour * HOUR_MS));
    at.map_or_else(|_| hour.to_string(), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

/// Why there is nothing to analyse.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{file}: cannot be read")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file is no table of hours.
    #[error("{file}: {problem}\nhint: {hint}")]
    Table {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: String,
    },
    /// A data directory cannot be read.
    #[error(
        "{dir}: {why}\nhint: name the data directory of a server that is stopped; while it runs, its page and /api/v1/plots answer"
    )]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// What was asked for is not there.
    #[error("{problem}\nhint: {hint}")]
    Unknown {
        /// What.
        problem: String,
        /// What there is.
        hint: String,
    },
    /// The data do not allow it.
    #[error("{0}")]
    Refused(String),
    /// The calendar.
    #[error("the calendar")]
    Calendar(#[from] PeriodError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

#[cfg(test)]
mod tests;
