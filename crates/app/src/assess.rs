//! `skyriver assess air`: files of hourly means in, the air quality index of hours or days out.
//!
//! Every line that cannot be used is named with file, line and column, everything else in the file is
//! used; nothing is dropped in silence. Reading is [`hours`], a cell is [`cell`], writing is [`write`].

mod cell;
mod hours;
mod write;

use clap::{Args, ValueEnum};
use flate2::read::GzDecoder;
use hours::{Stations, Table};
use jiff::civil::Date;
use model::{HOUR_MS, Timestamp};
use standards::air::{AirIndex, Hours, IndexReport, Programme, ReportKind};
use standards::{Day, Standards, Zone};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub use hours::Complaint;

/// The air quality index of hours or days from CSV files of hourly means.
///
/// Columns: `time`, `station` (may be absent), and any of `PM2.5`, `PM10`, `SO2`, `NO2`, `CO`, `O3`; the
/// national hourly file and the Beijing multi-site files are recognised by their own columns.
#[derive(Args, Clone, Debug)]
pub struct Air {
    /// Files, plain or gzip; standard input when none is named.
    pub files: Vec<PathBuf>,
    /// Which columns the files have.
    #[arg(long, value_enum, default_value_t = Layout::Auto)]
    pub layout: Layout,
    /// Whether an hour is named by its start or its end; else as the layout has it (generic: start).
    #[arg(long, value_enum)]
    pub label: Option<Label>,
    /// The unit of carbon monoxide; else as the layout has it (generic: mg/m3).
    #[arg(long, value_enum)]
    pub co_unit: Option<CoUnit>,
    /// The zone of times without an offset, and of civil days.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// Judge everything by one edition, `2012` or `2026`, instead of by the date of each reading.
    #[arg(long)]
    pub edition: Option<String>,
    /// Judge days or hours.
    #[arg(long, value_enum, default_value_t = Of::Day)]
    pub of: Of,
    /// One JSON object a line with every step, instead of CSV.
    #[arg(long)]
    pub json: bool,
}

/// Which columns a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// As the header says.
    Auto,
    /// `time,station,PM2.5,…`: the documented one.
    Generic,
    /// `Date,Hour,city,WatchPoint,…`: hours named by their end.
    National,
    /// `year,month,day,hour,…,station`: carbon monoxide in µg/m³.
    Prsa,
}

/// How a file names an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Label {
    /// 08:00 is 08:00 to 09:00.
    Start,
    /// 08:00 is 07:00 to 08:00.
    End,
}

/// The unit of carbon monoxide in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CoUnit {
    /// mg/m³
    Mg,
    /// µg/m³
    Ug,
}

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Of {
    /// Civil days.
    Day,
    /// Hours.
    Hour,
}

/// Why files could not be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be opened or read.
    #[error("{file}: cannot be read")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The header has no layout that is known.
    #[error(
        "{file}: {problem}\nhint: columns are time, station and any of PM2.5, PM10, SO2, NO2, CO, O3"
    )]
    Header {
        /// The file.
        file: String,
        /// What is missing.
        problem: String,
    },
    /// No edition has the number that was asked for.
    #[error("no edition is named {0:?}\nhint: {1}")]
    Edition(String, String),
    /// The zone is unknown.
    #[error("--zone")]
    Zone(#[source] standards::PeriodError),
    /// A day lies outside the calendar.
    #[error("the calendar")]
    Calendar(#[source] standards::PeriodError),
    /// The built-in law is broken.
    #[error("the built-in standards")]
    Standards(#[source] standards::Error),
    /// Results could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// Results could not be written as CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// Results could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What was read and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows in the files.
    pub rows: u64,
    /// Rows that repeat an hour with the same values.
    pub repeated: u64,
    /// Reports written.
    pub reports: u64,
    /// Reports with an index.
    pub published: u64,
    /// Hours or days for which no edition applies.
    pub without_edition: u64,
    /// What could not be used.
    pub complaints: Vec<Complaint>,
}

impl Air {
    /// Reads the files, writes the reports to `out` and what could not be used to standard error.
    ///
    /// # Errors
    /// When a file cannot be read or has no known columns; bad cells are no error.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let standards = Standards::load().map_err(Error::Standards)?;
        let mut files = Vec::new();
        if self.files.is_empty() {
            files.push(("standard input".to_owned(), read(io::stdin().lock(), "standard input")?));
        }
        for path in &self.files {
            files.push((path.display().to_string(), open(path)?));
        }
        let summary = self.judge(&standards, &files, out)?;
        out.flush()?;
        summary.tell(&mut io::stderr().lock())?;
        Ok(())
    }

    /// Judges files given as name and bytes, in UTF-8 or GBK.
    ///
    /// # Errors
    /// As [`Air::run`].
    pub fn judge(
        &self,
        standards: &Standards,
        files: &[(String, Vec<u8>)],
        out: &mut impl Write,
    ) -> Result<Summary, Error> {
        let zone = Zone::named(&self.zone).map_err(Error::Zone)?;
        let edition = self.edition(standards)?;
        let mut summary = Summary::default();
        let mut stations = Stations::new();
        for (name, bytes) in files {
            Table { name, bytes, options: self, zone: &zone }.read(&mut stations, &mut summary)?;
        }
        let mut writer = write::Writer::new(out, self.json)?;
        for (station, hours) in &stations {
            let mut days: Vec<Day> = Vec::new();
            for hour in hours.keys() {
                if days.last().is_none_or(|day| *hour >= day.end()) {
                    days.push(zone.day_of(*hour).map_err(Error::Calendar)?);
                }
            }
            for day in days {
                let Some(index) = edition.or_else(|| standards.air_index(day.date())) else {
                    summary.without_edition += 1;
                    continue;
                };
                for (start, report) in self.reports(index, &day, hours) {
                    summary.reports += 1;
                    summary.published += u64::from(report.aqi.is_ok());
                    let civil = zone.civil(start).map_err(Error::Calendar)?;
                    let period = write::Period { station, civil, of: self.of };
                    writer.report(&period, index, &report)?;
                }
            }
        }
        writer.finish()?;
        Ok(summary)
    }

    fn edition<'s>(&self, standards: &'s Standards) -> Result<Option<&'s AirIndex>, Error> {
        let Some(asked) = &self.edition else { return Ok(None) };
        let named = |index: &&AirIndex| {
            &**index.edition() == asked || index.edition().rsplit('-').next() == Some(asked)
        };
        let found = standards.air_indices().iter().find(named);
        let known = || standards.air_indices().iter().map(|index| index.edition().to_string());
        found
            .map(Some)
            .ok_or_else(|| Error::Edition(asked.clone(), known().collect::<Vec<_>>().join(", ")))
    }

    /// The reports of one day: one, or one for each hour that has a value.
    fn reports(
        &self,
        index: &AirIndex,
        day: &Day,
        hours: &hours::Station,
    ) -> Vec<(Timestamp, IndexReport)> {
        let kind = if self.of == Of::Day { ReportKind::Day } else { ReportKind::Hour };
        let before = index.hours_before(kind);
        let first = day.start() - before as i64 * HOUR_MS;
        let mut columns: [Vec<Option<f64>>; 6] =
            std::array::from_fn(|_| vec![None; before + day.hours()]);
        for (start, values) in hours.range(first..day.end()) {
            let at = usize::try_from((*start - first) / HOUR_MS).unwrap_or(usize::MAX);
            for (column, value) in columns.iter_mut().zip(values) {
                if let Some(slot) = column.get_mut(at) {
                    *slot = *value;
                }
            }
        }
        let window = Hours::new(first, columns.each_ref().map(|column| &**column));
        let date: Date = day.date();
        match self.of {
            Of::Day => vec![(day.start(), index.day(day, &window, Programme::default()))],
            Of::Hour => hours
                .range(day.start()..day.end())
                .map(|(start, _)| (*start, index.hour(date, *start, &window, Programme::default())))
                .collect(),
        }
    }
}

impl Summary {
    /// Says what could not be used: the first lines in full, the rest as a count.
    fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        const SHOWN: usize = 20;
        for complaint in self.complaints.iter().take(SHOWN) {
            writeln!(out, "{complaint}")?;
        }
        if self.complaints.len() > SHOWN {
            writeln!(out, "and {} more like these", self.complaints.len() - SHOWN)?;
        }
        if self.without_edition > 0 {
            let days = self.without_edition;
            writeln!(out, "{days} days lie before the first edition and were not judged")?;
            writeln!(out, "hint: --edition judges them by an edition of your choice")?;
        }
        writeln!(
            out,
            "{} rows read, {} repeated; {} reports, {} with an index",
            self.rows, self.repeated, self.reports, self.published
        )
    }
}

fn open(path: &Path) -> Result<Vec<u8>, Error> {
    let name = path.display().to_string();
    let file =
        std::fs::File::open(path).map_err(|source| Error::Read { file: name.clone(), source })?;
    read(file, &name)
}

fn read(mut input: impl Read, name: &str) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { file: name.to_owned(), source };
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        GzDecoder::new(&*bytes).read_to_end(&mut plain).map_err(failed)?;
        return Ok(plain);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
