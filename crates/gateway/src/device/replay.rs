//! Files of readings, sent as devices would have sent them.
//!
//! Each row (an hour of a station) becomes one 2061 frame, oldest first, over real TCP, with the values
//! exactly as they stand in the file; a missing value is left out. Rows that stand twice are sent twice.
//! Three kinds of CSV (plain or gzip) are known by their header:
//!
//! - the hourly Beijing multi-site files (UCI data set 501): `No,year,month,day,hour,PM2.5,…`; hours are
//!   named by their start; CO stands in ug/m3 and is sent in mg/m3, pressure in hPa and is sent in kPa
//!   (the point moves), the wind's compass point is sent in degrees; dew point and rain have no usual
//!   code and are not sent;
//! - national hourly files: `Date,Hour,city,WatchPoint,…`; hours are named by their end, so `08` is
//!   sent as the hour from 07; AQI and the 8 h ozone mean are derived values and are not sent;
//! - the generic form: `time,device,parameter,value[,flag]` with a row for each value. `time` is the start
//!   of the hour, RFC 3339 or `YYYY-MM-DD hh:mm[:ss]` in the zone of the district; `device` is the MN;
//!   `parameter` is a key (`pm25`) or a factor code (`a34004`), in the parameter's unit. A file `places.csv`
//!   beside it (`device,password,name_zh,name_en,kind,lon,lat`) says where devices stand.

mod generic;
mod national;
mod prsa;

use super::client::{Account, Client, ClientError, Options as ClientOptions};
use super::logger::{Logger, Profile, Upload};
use crate::hj212::Clock;
use flate2::read::MultiGzDecoder;
use model::{Area, Device, Line, Names, Place, Timestamp};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::task::JoinSet;

/// Everything that a server must know before the replay begins.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Roster {
    /// Areas.
    pub areas: Vec<Area>,
    /// Lines; files of readings bring none.
    pub lines: Vec<Line>,
    /// Places.
    pub places: Vec<Place>,
    /// Devices.
    pub devices: Vec<Device>,
}

/// What a folder or file holds.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// What to register.
    pub roster: Roster,
    /// The devices, as they speak.
    pub profiles: Vec<Profile>,
    /// The rows, oldest first; rows of one time in the order of the files.
    pub rows: Vec<Row>,
}

/// One hour of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index into [`Source::profiles`].
    pub device: u32,
    /// Start of the hour.
    pub time: Timestamp,
    /// Items as on the wire.
    pub items: Box<str>,
}

/// Which rows to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// From this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

/// How to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The server.
    pub address: SocketAddr,
    /// Connections; the devices are dealt out over them.
    pub connections: usize,
    /// How each connection behaves.
    pub client: ClientOptions,
}

/// How far a replay is. Shared with whoever shows it, or wants to stop it.
#[derive(Debug, Default)]
pub struct Meter {
    /// Frames to send.
    pub frames: AtomicU64,
    /// Frames acknowledged.
    pub acknowledged: AtomicU64,
    /// Set it to stop: nothing more is sent, what is on its way is waited for.
    pub stop: AtomicBool,
}

/// Why files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A row cannot be understood.
    #[error("{path}, line {line}: {problem}")]
    Row {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// Nothing there is known.
    #[error(
        "{0}: no file of readings\nhint: the header of a generic file is time,device,parameter,value,flag"
    )]
    NoData(PathBuf),
}

/// Reads a file, or every file of readings in a folder.
///
/// # Errors
/// When a file cannot be read or holds a row that is none, or nothing there is a file of readings.
pub fn load(path: &Path, clock: &Clock, range: Range) -> Result<Source, Error> {
    let mut builder = Builder { clock, range, source: Source::default(), by_mn: HashMap::new() };
    let mut found = false;
    for file in files(path)? {
        let mut header = String::new();
        let mut reader = open(&file)?;
        reader.read_line(&mut header).map_err(|source| read_error(&file, source))?;
        let header = header.replace('"', "");
        let header = header.trim_start_matches('\u{feff}');
        found |= if header.starts_with("No,year,month,day,hour,PM2.5,") {
            prsa::read(&file, &mut builder)?;
            true
        } else if header.starts_with("Date,Hour,city,WatchPoint,") {
            national::read(&file, &mut builder)?;
            true
        } else if header.starts_with("time,device,parameter,value") {
            generic::read(&file, &mut builder)?;
            true
        } else {
            false
        };
    }
    if !found {
        return Err(Error::NoData(path.to_owned()));
    }
    let mut source = builder.source;
    source.rows.sort_by_key(|row| row.time);
    Ok(source)
}

/// Sends everything and waits until it is acknowledged, or until the meter says stop.
///
/// # Errors
/// When a connection cannot be opened, stays broken, or a frame stays unanswered. The others are
/// stopped then.
pub async fn run(
    source: Source,
    clock: Clock,
    options: Options,
    meter: Arc<Meter>,
) -> Result<Account, ClientError> {
    let connections = options.connections.clamp(1, source.profiles.len().max(1));
    meter.frames.store(source.rows.len() as u64, Ordering::Relaxed);
    let mut rows: Vec<Vec<Row>> = vec![vec![]; connections];
    for mut row in source.rows {
        let connection = row.device as usize % connections;
        row.device /= connections as u32;
        rows[connection].push(row);
    }
    let mut tasks = JoinSet::new();
    for (connection, rows) in rows.into_iter().enumerate() {
        let profiles = source.profiles.iter().skip(connection).step_by(connections);
        let loggers = profiles.cloned().map(Logger::new).collect();
        let (options, meter) = (options.clone(), Arc::clone(&meter));
        tasks.spawn(send(options, loggers, clock.clone(), rows, meter));
    }
    let mut account = Account::default();
    let mut failed = None;
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok(Ok(one)) => account.add(&one),
            Ok(Err(error)) => {
                meter.stop.store(true, Ordering::Relaxed);
                failed.get_or_insert(error);
            }
            Err(_) => meter.stop.store(true, Ordering::Relaxed),
        }
    }
    failed.map_or(Ok(account), Err)
}

async fn send(
    options: Options,
    loggers: Vec<Logger>,
    clock: Clock,
    rows: Vec<Row>,
    meter: Arc<Meter>,
) -> Result<Account, ClientError> {
    let mut client = Client::connect(options.address, loggers, clock, options.client).await?;
    let mut told = 0;
    for row in rows {
        if meter.stop.load(Ordering::Relaxed) {
            break;
        }
        let upload = Upload { cn: 2061, time: row.time, items: row.items };
        client.send(row.device as usize, &upload).await?;
        let acknowledged = client.account().frames_acknowledged;
        meter.acknowledged.fetch_add(acknowledged - told, Ordering::Relaxed);
        told = acknowledged;
    }
    client.finish().await?;
    let account = client.account().clone();
    meter.acknowledged.fetch_add(account.frames_acknowledged - told, Ordering::Relaxed);
    Ok(account)
}

/// Collects what the files hold.
struct Builder<'a> {
    clock: &'a Clock,
    range: Range,
    source: Source,
    by_mn: HashMap<String, u32>,
}

impl Builder<'_> {
    /// The number of a device, registered by `roster` when it is new.
    fn device(&mut self, mn: &str, roster: impl FnOnce(&mut Roster) -> Option<Device>) -> u32 {
        if let Some(known) = self.by_mn.get(mn) {
            return *known;
        }
        let device = roster(&mut self.source.roster);
        let number = self.source.profiles.len() as u32;
        self.source.profiles.push(Profile {
            mn: mn.to_owned(),
            pw: device.as_ref().map_or_else(|| PASSWORD.to_owned(), |one| one.password.clone()),
            st: "22".to_owned(),
            dialect: model::Dialect::Hj212V2017,
            clock_ahead_ms: 0,
        });
        self.source.roster.devices.extend(device);
        self.by_mn.insert(mn.to_owned(), number);
        number
    }

    fn row(&mut self, device: u32, time: Timestamp, items: String) {
        let is_early = self.range.from.is_some_and(|from| time < from);
        let is_late = self.range.to.is_some_and(|to| time >= to);
        if !is_early && !is_late {
            self.source.rows.push(Row { device, time, items: items.into_boxed_str() });
        }
    }
}

/// The password of devices that have none of their own: replays speak to a server on the same desk.
const PASSWORD: &str = "123456";

/// Adds `-Avg` and `-Flag` of a factor, unless the value is missing.
fn add_item(items: &mut String, code: &str, value: &str, mark: &str) {
    if !items.is_empty() {
        items.push(';');
    }
    for piece in [code, "-Avg=", value, ",", code, "-Flag=", mark] {
        items.push_str(piece);
    }
}

/// Whether a cell holds a number.
fn is_number(cell: &str) -> bool {
    hj212::number(cell.as_bytes()).is_some()
}

/// The plain decimal text with its point moved to the left; `None` when it is no plain decimal.
fn move_point(text: &str, places: usize) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_plain || whole.len() + part.len() == 0 {
        return None;
    }
    let padded = format!("{whole:0>width$}", width = places + 1);
    let (left, right) = padded.split_at(padded.len() - places);
    Some(format!("{sign}{left}.{right}{part}"))
}

/// A name on the wire made from a name in a file: 24 hexadecimal digits, the same each time.
pub(crate) fn wire_name(name: &str) -> String {
    // FNV-1a: short, and stable for ever.
    let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("010000A8{hash:016X}")
}

fn names(zh: &str, en: &str) -> Names {
    Names { zh: zh.to_owned(), en: en.to_owned() }
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |source| read_error(path, source);
    if !std::fs::metadata(path).map_err(fail)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(fail)? {
        let file = entry.map_err(fail)?.path();
        let is =
            |path: &Path, end: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(end));
        let inner = if is(&file, "gz") { file.with_extension("") } else { file.clone() };
        if is(&inner, "csv") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn open(path: &Path) -> Result<BufReader<Box<dyn Read>>, Error> {
    let file = File::open(path).map_err(|source| read_error(path, source))?;
    let is_gzip = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let reader: Box<dyn Read> =
        if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(BufReader::with_capacity(64 * 1024, reader))
}

/// The rows of a table as maps of column to cell; nothing when the file is not there.
fn table(path: &Path) -> Result<Vec<HashMap<String, String>>, Error> {
    if !path.exists() {
        return Ok(vec![]);
    }
    let mut rows = Vec::new();
    for row in csv::Reader::from_reader(open(path)?).deserialize() {
        rows.push(row.map_err(|error| csv_error(path, &error))?);
    }
    Ok(rows)
}

fn read_error(path: &Path, source: io::Error) -> Error {
    Error::Read { path: path.to_owned(), source }
}

fn csv_error(path: &Path, error: &csv::Error) -> Error {
    let line = error.position().map_or(0, csv::Position::line);
    Error::Row { path: path.to_owned(), line, problem: error.to_string() }
}

fn row_error(path: &Path, record: &csv::StringRecord, problem: &str) -> Error {
    let line = record.position().map_or(0, csv::Position::line);
    Error::Row { path: path.to_owned(), line, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_moves_and_no_digit_changes() {
        let check = |text, places, expected: &str| {
            assert_eq!(move_point(text, places).as_deref(), Some(expected));
        };
        check("300", 3, "0.300");
        check("1023.2", 1, "102.32");
        check("7", 3, "0.007");
        check("-12345", 3, "-12.345");
        assert_eq!(move_point("1e3", 3), None);
    }

    #[test]
    fn a_wire_name_is_24_digits_and_stays_the_same() {
        assert_eq!(wire_name(""), "010000A8CBF29CE484222325");
        assert_ne!(wire_name("a"), wire_name("b"));
    }
}
