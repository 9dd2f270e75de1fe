//! Bringing a file of readings: checked as a whole first, then taken in turns like what devices send.
//!
//! Each row is a frame: its bytes are kept, its values go through the same turn and the same ledger, and
//! one receipt, an act in the log, says what became of all of it. A file that cannot be read to its end
//! is refused before anything is written. A file that was brought already adds nothing.

pub mod cases;
pub mod command;
mod door;
pub mod forecast;
mod over;
mod receipt;
mod sheaf;
mod stations;
mod text;

pub use door::{Direct, Feed, Through};
pub use receipt::{Fates, Receipt, State, receipts};
pub use stations::{Stations, Unknown};

use crate::import::Fault;
use crate::words::Words;
use gateway::file::{self, File, Options, Origin, Row};
use model::{Act, LedgerEntry, Timestamp};
use sheaf::Sheaf;
use std::collections::BTreeMap;
use std::io::Read;

/// The kind of the acts that are receipts.
pub const ACT: &str = "import";
/// Problems that are told by line; the others are counted.
const TOLD_MAX: usize = 20;

/// What is to be done with a file.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file.
    pub origin: Origin,
    /// How it is read.
    pub options: Options,
    /// Take what is sound even when rows are bad or stations unknown; the others go to the ledger as
    /// rejected or quarantined.
    pub is_partial: bool,
    /// Take it even though it was taken before.
    pub is_again: bool,
    /// Who wants it.
    pub who: String,
    /// Rows of one turn.
    pub rows_per_turn: usize,
}

/// A bad row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its line.
    pub line: u64,
    /// What is wrong with it.
    pub what: Words,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// Its shape.
    pub format: &'static str,
    /// The line of names on top.
    pub head: String,
    /// BLAKE3 of its bytes, hexadecimal.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// Rows without a value.
    pub empty: u64,
    /// Values.
    pub values: u64,
    /// Bad rows by reason.
    pub bad: BTreeMap<&'static str, u64>,
    /// The first bad rows.
    pub told: Vec<BadRow>,
    /// Stations that are not registered.
    pub unknown: Vec<Unknown>,
    /// The first and the last instant.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl Check {
    /// Whether every row can be taken.
    pub fn is_whole(&self) -> bool {
        self.bad.is_empty() && self.unknown.is_empty()
    }

    fn add(&mut self, row: &Row, is_known: bool) {
        self.rows += 1;
        match &row.values {
            Ok(values) if values.is_empty() => self.empty += 1,
            Ok(values) => {
                self.values += values.len() as u64;
                for value in values.iter().filter(|_| is_known) {
                    let (first, last) = self.span.unwrap_or((value.time, value.time));
                    self.span = Some((first.min(value.time), last.max(value.time)));
                }
            }
            Err(problem) => {
                *self.bad.entry(problem.reason.name()).or_default() += 1;
                if self.told.len() < TOLD_MAX {
                    let what = Words::new(&problem.zh, &problem.en);
                    self.told.push(BadRow { line: row.line, what });
                }
            }
        }
    }
}

/// Reads a whole file and says what it holds; nothing is written.
///
/// # Errors
/// When it cannot be read to its end.
pub fn check(
    job: &Job,
    now: Timestamp,
    progress: &mut dyn FnMut(u64),
) -> Result<(Check, Stations), Fault> {
    let (hash, bytes) = hash(&job.origin)?;
    let mut file = open(job)?;
    let mut check = Check {
        format: file.format().name(),
        head: file.head().chars().take(2_000).collect(),
        hash,
        bytes,
        ..Check::default()
    };
    let mut stations = Stations::new(&job.options.registry);
    while let Some(mut row) = next(&mut file)? {
        sheaf::date(&mut row, now);
        let is_empty = matches!(&row.values, Ok(values) if values.is_empty());
        // A bad row may name nobody; a row without values need not be known.
        let is_known = row.values.is_err() || is_empty || stations.find(&row).is_some();
        check.add(&row, is_known);
        if check.rows.is_multiple_of(10_000) {
            progress(check.rows);
        }
    }
    progress(check.rows);
    check.unknown = stations.unknown();
    Ok((check, stations))
}

/// What would become of a file that was checked.
///
/// # Errors
/// When it changed meanwhile, or the engine cannot read.
pub fn preview(
    job: &Job,
    stations: &mut Stations,
    feed: &mut dyn Feed,
    now: Timestamp,
    progress: &mut dyn FnMut(u64),
) -> Result<Fated, Fault> {
    let mut counted = Fated::default();
    each(job, stations, now, progress, &mut |sheaf| feed.show(sheaf.arrival))?;
    counted.add(&feed.shown()?);
    Ok(counted)
}

/// Frames and readings, by what became of them.
#[derive(Clone, Debug, Default)]
pub struct Fated {
    /// Rows.
    pub frames: Fates,
    /// Values.
    pub readings: Fates,
}

impl Fated {
    fn add(&mut self, ledger: &[LedgerEntry]) {
        for entry in ledger {
            let fates = match entry.unit {
                model::Counted::Frame => &mut self.frames,
                model::Counted::Reading => &mut self.readings,
            };
            fates.add(entry.disposition, entry.reason, entry.count);
        }
    }
}

/// Takes a file that was checked; its receipt.
///
/// # Errors
/// When it changed meanwhile, or the engine cannot write. What was taken until then stays, under a
/// receipt that says it was begun; bringing the file again takes the rest.
pub fn take(
    job: &Job,
    check: &Check,
    stations: &mut Stations,
    feed: &mut dyn Feed,
    now: Timestamp,
    progress: &mut dyn FnMut(u64),
) -> Result<Receipt, Fault> {
    let mut receipt = Receipt::begin(job, check, now);
    feed.act(act(job, &receipt)?)?;
    let mut fated = Fated::default();
    let mut ranges = vec![];
    let rows = each(job, stations, now, progress, &mut |sheaf| {
        let frames = sheaf.arrival.frames.len() as u64;
        let done = feed.turn(sheaf.arrival)?;
        fated.add(&done.ledger);
        receipt::extend(&mut ranges, done.first, done.kept.min(frames));
        Ok(())
    })?;
    if rows != check.rows {
        return Err(changed());
    }
    receipt.state = State::Done;
    receipt.frames = fated.frames;
    receipt.readings = fated.readings;
    receipt.ranges = ranges;
    feed.act(act(job, &receipt)?)?;
    Ok(receipt)
}

/// The receipt under which the same file was taken before.
///
/// # Errors
/// When the database cannot be read.
pub fn taken_before(reader: &store::Reader, hash: &str) -> Result<Option<Receipt>, store::Error> {
    let all = receipts(reader)?;
    Ok(all.into_iter().rfind(|receipt| receipt.hash == hash && receipt.state == State::Done))
}

/// Reads the rows in sheaves of one turn each; says how many rows there were.
fn each(
    job: &Job,
    stations: &mut Stations,
    now: Timestamp,
    progress: &mut dyn FnMut(u64),
    hand_over: &mut dyn FnMut(Sheaf) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let mut file = open(job)?;
    let mut sheaf = Sheaf::new(now);
    let mut rows = 0;
    while let Some(mut row) = next(&mut file)? {
        sheaf::date(&mut row, now);
        rows += 1;
        let device = stations.find(&row);
        sheaf.add(row, device);
        if sheaf.arrival.frames.len() >= job.rows_per_turn || sheaf.is_heavy() {
            hand_over(std::mem::replace(&mut sheaf, Sheaf::new(now)))?;
            progress(rows);
        }
    }
    if !sheaf.arrival.frames.is_empty() {
        hand_over(sheaf)?;
    }
    progress(rows);
    Ok(rows)
}

fn act(job: &Job, receipt: &Receipt) -> Result<Act, Fault> {
    let document = serde_json::to_string(receipt).map_err(|error| {
        Fault::new(
            (format!("回执无法写出：{error}"), format!("the receipt cannot be written: {error}")),
            ("这是程序缺陷，请报告", "this is a defect of the program: please report it"),
        )
    })?;
    let (kind, key) = (ACT.to_owned(), receipt.receipt.clone());
    Ok(Act { kind, key, who: job.who.clone(), document })
}

fn changed() -> Fault {
    Fault::new(
        ("导入期间文件被改动", "the file changed while it was read"),
        ("请在文件写完后再次导入", "bring it again when nobody writes it"),
    )
}

fn open(job: &Job) -> Result<File, Fault> {
    file::open(&job.origin, &job.options).map_err(fault)
}

fn next(file: &mut File) -> Result<Option<Row>, Fault> {
    file.next_row().map_err(fault)
}

fn fault(fault: file::Fault) -> Fault {
    Fault::new((fault.zh, fault.en), (fault.hint_zh, fault.hint_en))
}

fn hash(origin: &Origin) -> Result<(String, u64), Fault> {
    let mut hasher = blake3::Hasher::new();
    let bytes = match origin {
        Origin::Bytes(_, bytes) => {
            hasher.update(bytes);
            bytes.len() as u64
        }
        Origin::Path(path) => {
            let mut read = || -> std::io::Result<u64> {
                let about = std::fs::metadata(path)?;
                if !about.is_file() {
                    return Err(std::io::Error::other("it is a folder or a device"));
                }
                let mut bytes = 0;
                let mut file = std::fs::File::open(path)?;
                let mut buffer = vec![0; 1 << 20];
                loop {
                    let count = file.read(&mut buffer)?;
                    if count == 0 {
                        return Ok(bytes);
                    }
                    hasher.update(&buffer[..count]);
                    bytes += count as u64;
                }
            };
            read().map_err(|error| Fault::unreadable(path, &error))?
        }
    };
    Ok((hasher.finalize().to_hex().to_string(), bytes))
}
