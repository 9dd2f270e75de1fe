//! `skyriver assess air|water`: files of readings in, judgement out: the index of hours and days, the
//! assessment of months, quarters, years or any span, this span against another, water by its class.
//!
//! Every line that cannot be used is named with file, line and column, everything else in the file is
//! used; nothing is dropped in silence. Reading is [`hours`], a cell is [`cell`], what was left out is
//! [`report`], spans are [`spans`], writing is [`write`] and [`grid`]; water is [`water`].

mod cell;
mod changed;
mod directory;
mod grid;
mod hours;
mod report;
mod spans;
mod water;
mod write;

use crate::words::Words;
use clap::{Args, ValueEnum};
use flate2::read::GzDecoder;
use hours::{Stations, Table};
use jiff::civil::Date;
use model::{HOUR_MS, Timestamp};
use standards::air::{AirIndex, Hours, IndexReport, Programme, ReportKind, RuleSet};
use standards::{Day, Span, Standards, Zone};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub use changed::{Changed, ChangedDay, changed_days};
pub use report::{Complaint, Summary};
pub use water::Water;

/// The air, judged from CSV files of hourly means: the index of hours and days, months, quarters,
/// years, spans, and one year against another.
///
/// Columns: `time`, `station` (may be absent), and any of `PM2.5`, `PM10`, `SO2`, `NO2`, `CO`, `O3`,
/// in Chinese too; the national hourly file and the Beijing multi-site files are recognised by their
/// own columns. `docs/guides/assess.md` is the page about it.
#[derive(Args, Clone, Debug)]
pub struct Air {
    /// Files, plain or gzip, UTF-8 or GBK; standard input when none is named.
    pub files: Vec<PathBuf>,
    /// Judge the standard stations of a data directory instead; no server may use it meanwhile.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub dir: Option<PathBuf>,
    /// Which columns the files have.
    #[arg(long, value_enum, default_value_t = Layout::Auto)]
    pub layout: Layout,
    /// Whether an hour is named by its start or its end; else as the layout has it (generic: start).
    #[arg(long, value_enum)]
    pub label: Option<Label>,
    /// The unit of carbon monoxide; else as the layout or the header has it (generic: mg/m3).
    #[arg(long, value_enum)]
    pub co_unit: Option<CoUnit>,
    /// The zone of times without an offset, and of civil days.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// Judge everything by one edition, `2012`, `2026` or `2026-final`, instead of by the date.
    #[arg(long, conflicts_with = "on_date")]
    pub edition: Option<String>,
    /// Judge everything by the edition in force on this date.
    #[arg(long)]
    pub on_date: Option<Date>,
    /// What is judged: `hour`, `day`, `month`, `quarter`, `year`, or one span (`2025`, `2025-Q1`,
    /// `2025-03`, `2025-01-01..2025-11-30`). Without it days; with --against the last year there is.
    #[arg(long, alias = "of")]
    pub period: Option<Period>,
    /// Compare each span with the same one a year earlier (`last-year`) or with a span of your choice.
    #[arg(long)]
    pub against: Option<Against>,
    /// Judge all stations together as one area of this name, from their means.
    #[arg(long)]
    pub area: Option<String>,
    /// Rank the stations by their composite index.
    #[arg(long, conflicts_with = "area")]
    pub rank: bool,
    /// A file of days of dust weather, one date a line: particulates of these days stay out of means.
    #[arg(long)]
    pub dust: Option<PathBuf>,
    /// Set what the law leaves open, for example `composite_scheme=weighted`; may be repeated.
    #[arg(long = "setting", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// Open a number down to clause and inputs: `--explain` all, `--explain=PM2.5` one item.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "all", value_name = "ITEM")]
    pub explain: Option<String>,
    /// How many days an explanation lists.
    #[arg(long, default_value_t = 3)]
    pub explain_days: usize,
    /// JSON, one object a line.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// CSV; what hours and days are written as anyhow. Spans are a table unless this is given.
    #[arg(long)]
    pub csv: bool,
    /// The language of tables and messages.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// The language of what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// What of two languages is said in this one.
    pub fn of(self, words: &Words) -> &str {
        match self {
            Self::En => &words.en,
            Self::Zh => &words.zh,
        }
    }
}

impl From<Lang> for draw::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Zh => Self::Zh,
        }
    }
}

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Each hour.
    Hour,
    /// Each civil day.
    Day,
    /// Each calendar month that the files touch.
    Month,
    /// Each calendar quarter.
    Quarter,
    /// Each calendar year.
    Year,
    /// One span.
    Span(Span),
}

/// What a span is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The same span a year earlier.
    LastYear,
    /// This span.
    Span(Span),
}

impl std::str::FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "hour" => Self::Hour,
            "day" => Self::Day,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            other => Self::Span(other.parse().map_err(|error: standards::NoSpan| {
                format!("{error}; or one of hour, day, month, quarter, year")
            })?),
        })
    }
}

impl std::str::FromStr for Against {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if matches!(text, "last-year" | "last_year") {
            return Ok(Self::LastYear);
        }
        text.parse()
            .map(Self::Span)
            .map_err(|error: standards::NoSpan| format!("{error}; or last-year"))
    }
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
    /// A data directory could not be read.
    #[error(
        "{dir}: {why}\nhint: name the data directory of a server that is stopped; while it runs, its page and /api/v1/assess answer"
    )]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What was wrong.
        why: String,
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
    /// A column is in a unit that is not converted.
    #[error(
        "{file}: column {column} is in {unit:?}\nhint: units are ug/m3 and mg/m3; convert others (ppb, ppm) first"
    )]
    Unit {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Its unit.
        unit: String,
    },
    /// The header of a file of water has no column that is known.
    #[error(
        "{file}: {problem}\nhint: columns are time, station, target, body and items: pH, DO, CODMn, COD, BOD5, NH3-N, TP … in mg/L or ug/L"
    )]
    WaterHeader {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// No edition has the number that was asked for.
    #[error("no edition is named {0:?}\nhint: {1}")]
    Edition(String, String),
    /// A setting is unknown.
    #[error(transparent)]
    Setting(#[from] standards::air::NoSetting),
    /// An item of an explanation is unknown.
    #[error("nothing is named {0:?}\nhint: {1}")]
    Item(String, String),
    /// The file of dust days has a line that is no date.
    #[error("{file} line {line}: {text:?} is no date\nhint: one date a line, like 2025-04-12")]
    Dust {
        /// The file.
        file: String,
        /// The line.
        line: usize,
        /// What it says.
        text: String,
    },
    /// There is nothing to compare.
    #[error("{0}\nhint: {1}")]
    Nothing(String, String),
    /// A number did not fit exact arithmetic.
    #[error("the arithmetic")]
    Arithmetic(#[from] standards::ExactError),
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

impl Air {
    /// The question with everything as it is unless somebody says otherwise.
    pub fn of_files(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            layout: Layout::Auto,
            label: None,
            co_unit: None,
            zone: "Asia/Shanghai".to_owned(),
            edition: None,
            dir: None,
            on_date: None,
            period: None,
            against: None,
            area: None,
            rank: false,
            dust: None,
            settings: Vec::new(),
            explain: None,
            explain_days: 3,
            json: false,
            csv: false,
            lang: Lang::En,
        }
    }

    /// Reads the files, writes the reports to `out` and what could not be used to standard error.
    ///
    /// # Errors
    /// When a file cannot be read or has no known columns; bad cells are no error.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let standards = Standards::load().map_err(Error::Standards)?;
        let files = match &self.dir {
            Some(dir) => vec![directory::air(dir)?],
            None => read_all(&self.files)?,
        };
        let summary = self.judge(&standards, &files, out)?;
        out.flush()?;
        summary.tell(self.lang == Lang::Zh, &mut io::stderr().lock())?;
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
        let mut summary = Summary::default();
        let mut stations = Stations::new();
        for (name, bytes) in files {
            Table { name, bytes, options: self, zone: &zone }.read(&mut stations, &mut summary)?;
        }
        let set = self.rule_set(standards)?;
        let question =
            spans::Spans { options: self, standards, zone: &zone, set, stations: &stations };
        match self.period {
            None if self.against.is_none() && self.area.is_none() && !self.rank => {
                self.reports(Period::Day, &question, &mut summary, out)?;
            }
            Some(period @ (Period::Hour | Period::Day)) => {
                self.reports(period, &question, &mut summary, out)?;
            }
            _ => question.judge(&mut summary, out)?,
        }
        Ok(summary)
    }

    /// The editions asked for; none to judge by the date.
    fn rule_set<'s>(&self, standards: &'s Standards) -> Result<Option<RuleSet<'s>>, Error> {
        let known = || standards.rule_sets().map(|set| set.name()).collect::<Vec<_>>().join(", ");
        let unknown = |asked: String| Error::Edition(asked, known());
        match (&self.edition, self.on_date) {
            (Some(asked), _) => {
                standards.rule_set_named(asked).map(Some).ok_or_else(|| unknown(asked.clone()))
            }
            (None, Some(date)) => {
                standards.rule_set(date).map(Some).ok_or_else(|| unknown(date.to_string()))
            }
            (None, None) => Ok(None),
        }
    }

    /// The index of hours or days, station by station.
    fn reports(
        &self,
        period: Period,
        question: &spans::Spans<'_>,
        summary: &mut Summary,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let mut writer = write::Writer::new(out, self)?;
        for (station, hours) in question.stations {
            for day in question.days_of(hours)? {
                let Some(index) = question.index(day.date()) else {
                    summary.without_edition += 1;
                    continue;
                };
                for (start, report) in reports(period, index, &day, hours) {
                    summary.reports += 1;
                    summary.published += u64::from(report.aqi.is_ok());
                    let civil = question.zone.civil(start).map_err(Error::Calendar)?;
                    let period = write::Period { station, civil, of: period };
                    writer.report(&period, index, &report)?;
                }
            }
        }
        writer.finish()
    }
}

/// The reports of one day: one, or one for each hour that has a value.
fn reports(
    period: Period,
    index: &AirIndex,
    day: &Day,
    hours: &hours::Station,
) -> Vec<(Timestamp, IndexReport)> {
    let kind = if period == Period::Hour { ReportKind::Hour } else { ReportKind::Day };
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
    if kind == ReportKind::Day {
        return vec![(day.start(), index.day(day, &window, Programme::default()))];
    }
    hours
        .range(day.start()..day.end())
        .map(|(start, _)| (*start, index.hour(day.date(), *start, &window, Programme::default())))
        .collect()
}

/// The files by name and content; standard input when none is named.
fn read_all(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if paths.is_empty() {
        let name = "standard input";
        return Ok(vec![(name.to_owned(), read(io::stdin().lock(), name)?)]);
    }
    paths.iter().map(|path| Ok((path.display().to_string(), open(path)?))).collect()
}

/// The instant at which the hour of a cell starts, or what is wrong with it.
///
/// # Errors
/// When the cell is no time on the hour.
pub(crate) fn hour_of(text: &str, label: Label, zone: &Zone) -> Result<Timestamp, &'static str> {
    cell::hour(text, label, zone).map(|(start, _)| start).map_err(|problem| problem.en)
}

/// The instant that a cell names: with an offset, or in civil time of the zone; the start of an hour when `label` says how an hour is named.
pub(crate) fn instant_of(
    text: &str,
    label: Option<Label>,
    zone: &Zone,
) -> Result<Timestamp, crate::Words> {
    let made = match label {
        Some(label) => cell::hour(text, label, zone).map(|(start, _)| start),
        None => cell::instant(text, zone).map(|(at, _)| at),
    };
    made.map_err(|problem| crate::Words::new(problem.zh, problem.en))
}

/// Whether a cell says that there is no value.
pub(crate) fn says_missing(text: &str) -> bool {
    cell::is_missing(text)
}

/// A file's bytes, unpacked when they are gzip.
///
/// # Errors
/// What the system says.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = std::fs::read(path)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    GzDecoder::new(&*bytes).read_to_end(&mut plain)?;
    Ok(plain)
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
