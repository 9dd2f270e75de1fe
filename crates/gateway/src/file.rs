//! Files of readings, row by row: what stands in a row, in our words, with the bytes it stood in.
//!
//! A file comes from anybody, so nothing of it is believed: what is compressed, of another encoding,
//! endless, cut off or made to be large is refused by name, and every bound stands in [`Limits`]. A row
//! that cannot be read is no fault of the file: it comes out with its [`Problem`], and whoever asked
//! decides.
//!
//! A table (CSV, plain or gzip, or Parquet) is read by its head: [`Format`] lists the shapes that are
//! known. A log of HJ 212 frames is cut into frames like a connection. Hours that a file names by their
//! end are moved to their start here, units become ours here, and nowhere else.
//!
//! ```
//! use gateway::file::{Options, Origin, open};
//! use gateway::hj212::{Clock, system_now};
//!
//! let text = "time,device,parameter,value\n2026-03-01 08:00,D1,pm25,35.5\n2026-03-01 09:00,D1,pm25,\n";
//! let clock = Clock::new("Asia/Shanghai", system_now)?;
//! let mut file = open(&Origin::bytes("air.csv", text.as_bytes()), &Options::new(clock))?;
//! let row = file.next_row()?.ok_or("no row")?;
//! let values = row.values.map_err(|problem| problem.to_string())?;
//! assert_eq!((row.line, row.station.as_str()), (2, "D1"));
//! assert_eq!(values[0].value, Some(35.5));
//! assert_eq!(file.next_row()?.ok_or("no row")?.values.map(|values| values.len()), Ok(0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cells;
mod fault;
mod head;
mod instant;
mod limits;
mod lines;
mod pages;
mod parquet;
mod table;

pub use fault::{Fault, Problem};
pub(crate) use instant::instant;
pub use limits::Limits;
pub(crate) use lines::Bounded;

use crate::hj212::{Clock, FrameLog};
use bytes::Bytes;
use model::{Flag, Period, Registry, Statistic, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a file is.
#[derive(Clone, Debug)]
pub enum Origin {
    /// On a disk.
    Path(PathBuf),
    /// In memory, with the name it had.
    Bytes(String, Bytes),
}

impl Origin {
    /// A file that is in memory.
    pub fn bytes(name: &str, bytes: &[u8]) -> Self {
        Self::Bytes(name.to_owned(), Bytes::copy_from_slice(bytes))
    }

    /// Its name without folders.
    pub fn name(&self) -> String {
        let name = match self {
            Self::Path(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Bytes(name, _) => {
                Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned())
            }
        };
        name.unwrap_or_default()
    }
}

/// The shape of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As its first bytes and its head say.
    #[default]
    Auto,
    /// National hourly files: `Date,Hour,city,WatchPoint,…`, hours named by their end.
    National,
    /// The hourly Beijing multi-site files (UCI data set 501).
    Prsa,
    /// What `OpenAQ` gives away: `location_id,…,datetime,…,parameter,units,value`, named by the end.
    OpenAq,
    /// A row for each value with station, pollutant, begin or end, value, unit, validity (as EEA writes).
    Long,
    /// `time,device,parameter,value[,flag]`, or whatever columns are named in [`Options::columns`].
    Generic,
    /// What `skyriver export` writes.
    Export,
    /// The same tables as Parquet.
    Parquet,
    /// HJ 212 frames, one a line or one after another.
    Hj212,
}

impl Format {
    /// Every shape.
    pub const ALL: [Self; 9] = [
        Self::Auto,
        Self::National,
        Self::Prsa,
        Self::OpenAq,
        Self::Long,
        Self::Generic,
        Self::Export,
        Self::Parquet,
        Self::Hj212,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::National => "national",
            Self::Prsa => "prsa",
            Self::OpenAq => "openaq",
            Self::Long => "long",
            Self::Generic => "generic",
            Self::Export => "export",
            Self::Parquet => "parquet",
            Self::Hj212 => "hj212",
        }
    }

    /// The shape of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// How a file is to be read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its shape.
    pub format: Format,
    /// What its columns mean, where their names do not say it: our word, their name. Our words are those
    /// of the head of an export, and keys of parameters for columns of values.
    pub columns: Vec<(String, String)>,
    /// The period of its values, where the file does not say it.
    pub period: Period,
    /// Whether it names a period by its end, where the shape does not say it.
    pub named_by_end: Option<bool>,
    /// The zone of civil times in it.
    pub clock: Clock,
    /// What is registered: how a device of a log of frames names its periods and units.
    pub registry: Arc<Registry>,
    /// Bounds.
    pub limits: Limits,
}

impl Options {
    /// Hours, as the file looks, with the usual bounds.
    pub fn new(clock: Clock) -> Self {
        Self {
            format: Format::Auto,
            columns: vec![],
            period: Period::Hour,
            named_by_end: None,
            clock,
            registry: Arc::default(),
            limits: Limits::default(),
        }
    }
}

/// One row of a table, or one frame of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its line in the file from 1, or its number among the frames.
    pub line: u64,
    /// The bytes it stood in; of Parquet, its cells as CSV.
    pub raw: Vec<u8>,
    /// The station as the file names it: a name on the wire, a code, a name for people.
    pub station: String,
    /// Another name of the same station, when the file has two; or empty.
    pub place: String,
    /// What it holds; nothing when every cell is empty.
    pub values: Result<Vec<Value>, Problem>,
}

/// What is measured: the part of a datastream's key that a file can say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Measure {
    /// Key of the parameter.
    pub parameter: String,
    /// What the value says about its period.
    pub statistic: Statistic,
    /// The period.
    pub period: Period,
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What is measured.
    pub measure: Arc<Measure>,
    /// The instant, or the start of the period.
    pub time: Timestamp,
    /// In the parameter's unit; `None` is a gap that the file states.
    pub value: Option<f64>,
    /// Quality and mark.
    pub flag: Flag,
}

/// An open file.
pub struct File {
    format: Format,
    head: String,
    rows: Rows,
    count: u64,
    rows_max: u64,
}

enum Rows {
    Lines(Box<lines::Lines>, Box<table::Table>),
    Parquet(Box<parquet::Cells>, Box<table::Table>),
    Frames(Box<FrameLog>),
}

/// Opens a file and reads its head.
///
/// # Errors
/// When it cannot be opened, or is nothing that is known here.
pub fn open(origin: &Origin, options: &Options) -> Result<File, Fault> {
    let source = lines::Source::open(origin)?;
    let limits = &options.limits;
    let (format, head, rows) = match source.kind() {
        lines::Kind::Parquet => {
            let cells = parquet::Cells::open(origin, limits)?;
            let (format, table) = head::table(cells.head(), options)?;
            (format, cells.head().join(","), Rows::Parquet(Box::new(cells), Box::new(table)))
        }
        lines::Kind::Frames => {
            let log = FrameLog::new(source.into_reader(limits), options);
            (Format::Hj212, String::new(), Rows::Frames(Box::new(log)))
        }
        lines::Kind::Text if options.format == Format::Hj212 => {
            let log = FrameLog::new(source.into_reader(limits), options);
            (Format::Hj212, String::new(), Rows::Frames(Box::new(log)))
        }
        lines::Kind::Text if options.format == Format::Parquet => return Err(Fault::not_parquet()),
        lines::Kind::Text => {
            let mut lines = lines::Lines::new(source.into_reader(limits), limits);
            let head = lines.head()?;
            let (format, table) = head::table(lines.names(), options)?;
            (format, head, Rows::Lines(Box::new(lines), Box::new(table)))
        }
    };
    Ok(File { format, head, rows, count: 0, rows_max: limits.rows_max })
}

impl File {
    /// The shape that was found.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The line of names on top; empty for a log of frames.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read on: it is cut off, of another encoding, or beyond a bound.
    pub fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        let row = match &mut self.rows {
            Rows::Lines(lines, table) => {
                let Some(line) = lines.next_line()? else { return Ok(None) };
                let raw = lines.raw().to_vec();
                table.row(line, raw, lines.cells())
            }
            Rows::Parquet(cells, table) => {
                let Some(line) = cells.next_row()? else { return Ok(None) };
                table.row(line, cells.raw(), cells.cells())
            }
            Rows::Frames(log) => {
                let Some(row) = log.next_row()? else { return Ok(None) };
                row
            }
        };
        self.count += 1;
        if self.count > self.rows_max {
            return Err(Fault::beyond("rows_max", self.rows_max, row.line));
        }
        Ok(Some(row))
    }
}
