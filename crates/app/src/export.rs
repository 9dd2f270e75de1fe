//! `skyriver export`: readings as files that anybody reads, and that `skyriver import` takes back.
//!
//! A folder that did not exist: CSV or Parquet, one file for each place and civil year or one for all, and
//! a `README.txt` that says what the columns mean, in which zone a year begins, and up to which entry of
//! the log the readings were known. Nothing that exists is written over.

mod parquet;
mod readme;
mod table;

use crate::cli::{ConfigArgs, Failure};
use crate::import::Fault;
use crate::verify::progress;
use clap::{Args, ValueEnum};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use model::{DatastreamId, Place, PlaceId, Registry, Sequence, Source, Timestamp};
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Known, Limits, Reader};
use table::{Line, Table};

/// Write readings into files: CSV or Parquet, by place and year or all in one.
#[derive(Args, Debug)]
pub struct Export {
    /// The folder to make.
    pub to: PathBuf,
    /// The form of the files.
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    pub format: Form,
    /// One file for all, instead of one for each place and year.
    #[arg(long)]
    pub one_file: bool,
    /// Only these places, by key.
    #[arg(long, value_delimiter = ',')]
    pub places: Vec<String>,
    /// Only these parameters, by key.
    #[arg(long, value_delimiter = ',')]
    pub parameters: Vec<String>,
    /// From this day or instant on.
    #[arg(long)]
    pub from: Option<String>,
    /// Before this day or instant.
    #[arg(long = "to")]
    pub to_time: Option<String>,
    /// As it was known at this sequence or instant.
    #[arg(long)]
    pub as_of: Option<String>,
    /// Data directory, or a backup of one; that of the configuration unless named. A server may use it.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Comma-separated text.
    Csv,
    /// Columns, compressed.
    Parquet,
}

/// What is exported.
struct Plan {
    known: Known,
    sequence: Sequence,
    from: Timestamp,
    to: Timestamp,
    zone: TimeZone,
    places: Vec<(PlaceId, Place)>,
}

impl Export {
    /// Writes the folder.
    ///
    /// # Errors
    /// When it exists, something named is not there, or a server uses the directory.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let loaded = self.config.load()?;
        let dir = self.dir.as_ref().unwrap_or(&loaded.config.store.dir);
        if !dir.join("skyriver.db").exists() {
            let dir = dir.display();
            return Err(fault(
                (
                    format!("{dir}：这里没有数据目录"),
                    format!("{dir}: there is no data directory here"),
                ),
                ("用 --dir 指明", "name it with --dir"),
            ));
        }
        let reader = Reader::look_whole(dir, Limits::default())?;
        let registry = reader.view().registry().clone();
        let plan = self.plan(&reader, &registry, &loaded.config.district.zone)?;
        make_folder(&self.to)?;
        let rows = self.write(&reader, &registry, &plan)?;
        readme::write(&self.to, &plan, self, rows)?;
        writeln!(
            out,
            "exported   {rows} readings of {} places up to sequence {} to {}",
            plan.places.len(),
            plan.sequence.0,
            self.to.display()
        )?;
        Ok(())
    }

    fn plan(&self, reader: &Reader, registry: &Registry, zone: &TimeZone) -> Result<Plan, Failure> {
        let newest = reader.last_sequence()?;
        let sequence = match self.as_of.as_deref() {
            None => newest,
            Some(text) => match text.parse::<u64>() {
                Ok(sequence) => Sequence(sequence).min(newest),
                Err(_) => reader.sequence_at(instant(text, zone)?)?,
            },
        };
        let known = if self.as_of.is_some() { Known::At(sequence) } else { Known::Now };
        let at =
            |text: &Option<String>| text.as_deref().map(|text| instant(text, zone)).transpose();
        let mut places = vec![];
        for (number, place) in registry.places().iter().enumerate() {
            if self.places.is_empty() || self.places.contains(&place.key) {
                places.push((PlaceId(number as u32), place.clone()));
            }
        }
        let is_there = |key: &&String| registry.place_id(key).is_none();
        if let Some(key) = self.places.iter().find(is_there) {
            return Err(fault(
                (format!("没有点位 {key}"), format!("there is no place {key}")),
                ("点位的编码见登记", "the registry lists their keys"),
            ));
        }
        let (from, to) = (at(&self.from)?, at(&self.to_time)?);
        let (from, to) = (from.unwrap_or(Timestamp::MIN), to.unwrap_or(Timestamp::MAX));
        Ok(Plan { known, sequence, from, to, zone: zone.clone(), places })
    }

    fn write(&self, reader: &Reader, registry: &Registry, plan: &Plan) -> Result<u64, Failure> {
        let mut rows = 0;
        let mut whole = if self.one_file { Some(self.table("readings")?) } else { None };
        let all = plan.places.len();
        for (done, (id, place)) in plan.places.iter().enumerate() {
            let ids = self.datastreams(registry, *id);
            for (year, from, to) in years(reader, &ids, plan) {
                let mut own = None;
                for (from, to) in months(from, to) {
                    let columns = reader.scan_known(&ids, from, to, plan.known)?;
                    for (id, columns) in ids.iter().zip(&columns) {
                        let Some(datastream) = registry.datastream(*id) else { continue };
                        for at in 0..columns.len() {
                            let table = match (&mut whole, &mut own) {
                                (Some(table), _) | (None, Some(table)) => table,
                                (None, own) => {
                                    let name = format!("{}/{year}", safe(&place.key));
                                    own.insert(self.table(&name)?)
                                }
                            };
                            table.push(&Line::of(registry, place, datastream, columns, at))?;
                            rows += 1;
                        }
                    }
                }
                if let Some(table) = own {
                    table.finish()?;
                }
            }
            progress("places", done + 1, all);
        }
        if let Some(table) = whole {
            table.finish()?;
        }
        Ok(rows)
    }

    fn datastreams(&self, registry: &Registry, place: PlaceId) -> Vec<DatastreamId> {
        let is_wanted = |id: &DatastreamId| {
            let parameter = registry.datastream(*id).map(|stream| &stream.key.parameter);
            self.parameters.is_empty()
                || parameter.is_some_and(|parameter| self.parameters.contains(parameter))
        };
        registry.datastreams_of(place).iter().copied().filter(is_wanted).collect()
    }

    fn table(&self, name: &str) -> Result<Table, Failure> {
        let end = if self.format == Form::Csv { "csv" } else { "parquet" };
        Table::make(&self.to.join(format!("{name}.{end}")), self.format)
    }
}

/// The folder, which must not hold anything.
fn make_folder(to: &Path) -> Result<(), Failure> {
    let is_empty = match std::fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(error.into()),
    };
    if !is_empty {
        let to = to.display();
        return Err(fault(
            (
                format!("{to}：已有内容，不会覆盖"),
                format!("{to}: holds something; nothing is written over"),
            ),
            ("请指定一个新的文件夹", "name a new folder"),
        ));
    }
    Ok(std::fs::create_dir_all(to)?)
}

/// The civil years in which a place has readings, with their part of the plan.
fn years(reader: &Reader, ids: &[DatastreamId], plan: &Plan) -> Vec<(i16, Timestamp, Timestamp)> {
    let span = {
        let view = reader.view();
        let extents = ids.iter().filter_map(|id| view.hot().extent(*id));
        extents.fold(None, |span: Option<(Timestamp, Timestamp)>, extent| {
            let (first, last) = span.unwrap_or((extent.first, extent.latest.time));
            Some((first.min(extent.first), last.max(extent.latest.time)))
        })
    };
    let Some((first, last)) = span else { return vec![] };
    let (first, last) = (first.max(plan.from), last.min(plan.to));
    let year = |at: Timestamp| {
        let at = jiff::Timestamp::from_millisecond(at.as_ms()).unwrap_or_default();
        plan.zone.to_datetime(at).year()
    };
    if first > last {
        return vec![];
    }
    let start = |year: i16| {
        let day = Date::new(year, 1, 1).unwrap_or(Date::MAX);
        let start = day.to_zoned(plan.zone.clone());
        start.map_or(Timestamp::MAX, |at| Timestamp::from_ms(at.timestamp().as_millisecond()))
    };
    (year(first)..=year(last))
        .map(|year| (year, start(year).max(plan.from), start(year + 1).min(plan.to)))
        .collect()
}

/// A range in steps that memory bears.
fn months(from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    const STEP_MS: i64 = 31 * model::DAY_MS;
    let (mut steps, mut start) = (vec![], from);
    while start < to {
        let end = (start + STEP_MS).min(to);
        steps.push((start, end));
        start = end;
    }
    steps
}

/// A key as the name of a folder, on any system: letters, digits, and little else.
fn safe(key: &str) -> String {
    let plain: String = key
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "-_".contains(letter) { letter } else { '_' })
        .collect();
    if plain == key {
        return plain;
    }
    // Two keys that differ in what was replaced must not meet.
    format!("{plain}-{}", &blake3::hash(key.as_bytes()).to_hex()[..8])
}

/// An instant, a civil time of the district, or the beginning of a civil day.
///
/// # Errors
/// When the text is neither.
pub fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, Failure> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_ms(instant.as_millisecond()));
    }
    let civil = text
        .parse::<Date>()
        .map(DateTime::from)
        .ok()
        .filter(|_| text.len() == 10)
        .or_else(|| text.parse::<DateTime>().ok());
    let zoned = civil.and_then(|civil| civil.to_zoned(zone.clone()).ok());
    zoned.map(|at| Timestamp::from_ms(at.timestamp().as_millisecond())).ok_or_else(|| {
        fault(
            (format!("{text:?} 不是时间"), format!("{text:?} is no instant")),
            (
                "写作 2026-03-01、2026-03-01T08:00 或 2026-03-01T00:00:00Z",
                "write 2026-03-01, 2026-03-01T08:00 or 2026-03-01T00:00:00Z",
            ),
        )
    })
}

fn fault(message: (impl Into<String>, impl Into<String>), hint: (&str, &str)) -> Failure {
    Fault::new(message, hint).into()
}

/// The name on the wire of a datastream's device; empty when it is derived.
fn device_of(registry: &Registry, source: Source) -> &str {
    match source {
        Source::Device(id) => registry.device(id).map_or("", |device| device.mn.as_str()),
        Source::Derived(_) => "",
    }
}
