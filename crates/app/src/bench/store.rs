//! The archive: how fast days are sealed and folded, and how long questions take, also of the past.

use crate::cli::Failure;
use crate::clock::stopwatch;
use clap::Args;
use engine::{Engine, RegistryFile};
use model::{
    Arrival, ArrivedFrame, ArrivedReading, Claim, DAY_MS, Datastream, DatastreamId, DatastreamKey,
    Device, DeviceId, Dialect, Fate, Flag, HOUR_MS, MINUTE_MS, Names, Period, Place, PlaceId,
    PlaceKind, Quality, Reading, Sequence, Source, Statistic, Timestamp,
};
use standards::{Standards, Zone};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use store::{Known, Limits, RegistryChanges, Store as Log, TurnRecord};

/// The first UTC day: 2025-01-01.
const FIRST_DAY: i32 = 20_089;
const POLLUTANTS: [&str; 6] = ["so2", "no2", "co", "o3", "pm10", "pm25"];

/// Seal, fold and ask a year of hours in a scratch directory; then a month of back-fill.
#[derive(Args, Debug)]
pub struct Store {
    /// Stations, six pollutants each.
    #[arg(long, default_value_t = 300)]
    stations: usize,
    /// Days.
    #[arg(long, default_value_t = 365)]
    days: i32,
    /// Where the scratch directory is made; the system's without it.
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl Store {
    /// Measures and prints.
    ///
    /// # Errors
    /// When the scratch directory cannot be written.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let scratch = self.dir.clone().unwrap_or_else(std::env::temp_dir);
        let scratch = scratch.join(format!("skyriver-bench-{}", std::process::id()));
        let measured = self.measure(&scratch);
        std::fs::remove_dir_all(&scratch)?;
        measured?;
        Ok(ExitCode::SUCCESS)
    }

    fn measure(&self, scratch: &Path) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let year = scratch.join("year");
        std::fs::create_dir_all(&year)?;
        let (mut log, _) = Log::open(&year, Limits::default())?;
        self.seal_a_year(&mut log, &mut out)?;
        self.ask(&mut log, &mut out)?;
        drop(log);
        let many = scratch.join("many");
        std::fs::create_dir_all(&many)?;
        latest(&many, &mut out)?;
        let late = scratch.join("late");
        std::fs::create_dir_all(&late)?;
        self.back_fill(&late, &mut out)
    }

    fn seal_a_year(&self, log: &mut Log, out: &mut impl Write) -> Result<(), Failure> {
        let series = self.stations * POLLUTANTS.len();
        let mut record = TurnRecord { registry: registry(series + 1), ..TurnRecord::default() };
        let (mut rows, mut sealing) = (0_u64, Duration::ZERO);
        for day in 0..self.days {
            let start = Timestamp::from_utc_day(FIRST_DAY + day);
            let sequence = log.next_sequence();
            record.at = start + DAY_MS;
            record.sequence_last = sequence;
            for id in 0..series {
                let hours = (0..24).map(|hour| start + hour * HOUR_MS);
                record.readings.extend(hours.map(|time| reading(id, time, sequence)));
            }
            // One datastream of minutes, for the question of a month as sent.
            let minutes = (0..1_440).map(|minute| start + minute * MINUTE_MS);
            record.readings.extend(minutes.map(|time| reading(series, time, sequence)));
            rows += record.readings.len() as u64;
            log.commit(std::mem::take(&mut record))?;
            let begun = stopwatch();
            log.seal(FIRST_DAY + day)?;
            sealing += begun.elapsed();
        }
        let bytes = log.reader().sizes().archive_bytes;
        writeln!(
            out,
            "sealed    {rows} readings in {}: {} a second, {:.2} bytes a reading",
            s(sealing),
            per(rows, sealing),
            bytes as f64 / rows as f64
        )?;
        let files = log.reader().archive_files().len();
        let begun = stopwatch();
        let settled = log.last_sequence();
        let now = Timestamp::from_utc_day(FIRST_DAY + self.days + 40);
        log.fold_all(now, settled, now.utc_day())?;
        let took = begun.elapsed();
        let bytes = log.reader().sizes().archive_bytes;
        writeln!(
            out,
            "folded    {files} files into {} in {}: {} readings a second, {:.2} bytes a reading",
            log.reader().archive_files().len(),
            s(took),
            per(rows, took),
            bytes as f64 / rows as f64
        )?;
        log.remove_gone(Timestamp::MAX)?;
        Ok(())
    }

    fn ask(&self, log: &mut Log, out: &mut impl Write) -> Result<(), Failure> {
        let reader = log.reader();
        let (from, to) =
            (Timestamp::from_utc_day(FIRST_DAY), Timestamp::from_utc_day(FIRST_DAY + self.days));
        let one: Vec<_> = (0..self.stations).map(|n| DatastreamId((n * 6 + 5) as i32)).collect();
        let minutes = [DatastreamId((self.stations * 6) as i32)];
        let before = log.last_sequence();
        let timed = |known, ids: &[DatastreamId], to| -> Result<(Duration, usize), Failure> {
            let mut best = (Duration::MAX, 0);
            for _ in 0..5 {
                let begun = stopwatch();
                let columns = reader.scan_known(ids, from, to, known)?;
                let rows = columns.iter().map(store::Columns::len).sum();
                best = (best.0.min(begun.elapsed()), rows);
            }
            Ok(best)
        };
        let (took, rows) = timed(Known::Now, &minutes, from + 31 * DAY_MS)?;
        writeln!(out, "a month of one datastream as sent    {rows} rows in {}", s(took))?;
        let (now, rows) = timed(Known::Now, &one, to)?;
        writeln!(
            out,
            "a year of hourly means of {} stations    {rows} rows in {}",
            one.len(),
            s(now)
        )?;
        let (then, _) = timed(Known::At(before), &one, to)?;
        writeln!(
            out,
            "the same as of the newest sequence    {} ({:.2} x)",
            s(then),
            then.as_secs_f64() / now.as_secs_f64()
        )?;
        // One per cent of the hours in another version, sealed as late files.
        let sequence = log.next_sequence();
        let late = (0..self.days).flat_map(|day| {
            let start = Timestamp::from_utc_day(FIRST_DAY + day);
            one.iter()
                .step_by(4)
                .map(move |id| reading(id.0 as usize, start + 7 * HOUR_MS, sequence))
        });
        let readings: Vec<_> = late.map(|own| Reading { value: Some(1.5), ..own }).collect();
        log.commit(TurnRecord {
            at: to,
            readings,
            sequence_last: sequence,
            ..TurnRecord::default()
        })?;
        for day in 0..self.days {
            log.seal(FIRST_DAY + day)?;
        }
        let (late_now, _) = timed(Known::Now, &one, to)?;
        let (late_then, _) = timed(Known::At(before), &one, to)?;
        writeln!(
            out,
            "with a late file each day    now {}, as of before {}",
            s(late_now),
            s(late_then)
        )?;
        let begun = stopwatch();
        let settled = log.last_sequence();
        let today = FIRST_DAY + self.days + 40;
        log.fold_all(Timestamp::from_utc_day(today), settled, today)?;
        let took = begun.elapsed();
        let (folded_now, _) = timed(Known::Now, &one, to)?;
        let (folded_then, _) = timed(Known::At(before), &one, to)?;
        writeln!(
            out,
            "folded again in {}    now {}, as of before {}",
            s(took),
            s(folded_now),
            s(folded_then)
        )?;
        Ok(())
    }

    /// A month of hours of all stations, years old, through the engine until nothing waits.
    fn back_fill(&self, dir: &Path, out: &mut impl Write) -> Result<(), Failure> {
        let (store, _) = Log::open(dir, Limits::default())?;
        let start = Timestamp::from_utc_day(FIRST_DAY);
        let now = start + 400 * DAY_MS;
        let limits = engine::Limits::default();
        let mut engine = Engine::new(store, Standards::load()?, Zone::shanghai()?, now, limits);
        engine.install(now, &self.registry())?;
        let begun = stopwatch();
        let mut readings = 0_u64;
        for hour in 0..30 * 24 {
            let arrivals: Vec<_> = (0..self.stations)
                .map(|station| arrival(station, now, start + hour * HOUR_MS))
                .collect();
            readings += (arrivals.len() * POLLUTANTS.len()) as u64;
            engine.turn(now, &arrivals)?;
        }
        let arrived = begun.elapsed();
        while engine.is_behind(now) {
            engine.turn(now, &[])?;
        }
        let took = begun.elapsed();
        let derived = engine.reader().sizes().hot_readings - readings;
        writeln!(
            out,
            "a month of back-fill of {} stations    {readings} readings in {}, {derived} indices derived after {}",
            self.stations,
            s(arrived),
            s(took)
        )?;
        Ok(())
    }

    fn registry(&self) -> RegistryFile {
        let mut file = RegistryFile::default();
        for n in 0..self.stations {
            let name = Names { zh: format!("站 {n}"), en: format!("station {n}") };
            let key = format!("s-{n}");
            let (kind, lon, lat) = (PlaceKind::AirStation, 113.0, 34.0 + n as f64 / 1_000.0);
            file.devices.push(Device {
                mn: format!("{n:024}"),
                place: key.clone(),
                dialect: Dialect::Hj212V2017,
                ..Device::default()
            });
            file.places.push(Place {
                key,
                name,
                kind,
                lon,
                lat,
                simulated: true,
                ..Place::default()
            });
        }
        file
    }
}

/// The newest reading of each of a hundred thousand datastreams.
fn latest(dir: &Path, out: &mut impl Write) -> Result<(), Failure> {
    const SERIES: usize = 100_000;
    let (mut log, _) = Log::open(dir, Limits::default())?;
    let sequence = log.next_sequence();
    let time = Timestamp::from_utc_day(FIRST_DAY);
    let readings = (0..SERIES).map(|id| reading(id, time, sequence)).collect();
    let registry = registry(SERIES);
    log.commit(TurnRecord {
        at: time,
        readings,
        registry,
        sequence_last: sequence,
        ..TurnRecord::default()
    })?;
    let reader = log.reader();
    let begun = stopwatch();
    let view = reader.view();
    let found = (0..SERIES).filter(|id| view.latest(DatastreamId(*id as i32)).is_some()).count();
    writeln!(out, "latest of {found} datastreams    {}", s(begun.elapsed()))?;
    Ok(())
}

fn registry(series: usize) -> RegistryChanges {
    let datastream = |id: usize| Datastream {
        id: DatastreamId(id as i32),
        key: DatastreamKey {
            source: Source::Device(DeviceId((id / 6) as u32)),
            parameter: POLLUTANTS[id % 6].to_owned(),
            statistic: Statistic::Mean,
            period: Period::Hour,
        },
        place: PlaceId(0),
    };
    let places = vec![Place { key: "bench".to_owned(), ..Place::default() }];
    RegistryChanges {
        places,
        datastreams: (0..series).map(datastream).collect(),
        ..RegistryChanges::default()
    }
}

fn arrival(station: usize, now: Timestamp, time: Timestamp) -> Arrival {
    let source = Source::Device(DeviceId(station as u32));
    let key = |parameter: &&str| DatastreamKey {
        source,
        parameter: (*parameter).to_owned(),
        statistic: Statistic::Mean,
        period: Period::Hour,
    };
    let value = |n: usize| Some(value_at(station * 6 + n, time));
    let flag = Flag::new(Quality::Good, Some(b'N'));
    let readings = (0..6).map(|n| ArrivedReading { key: n as u32, time, value: value(n), flag });
    Arrival {
        received_at: now,
        raw: b"##back-fill".to_vec(),
        keys: POLLUTANTS.iter().map(key).collect(),
        readings: readings.collect(),
        frames: vec![ArrivedFrame {
            claim: Claim::Device(DeviceId(station as u32)),
            raw: 0..11,
            readings: 0..6,
            reading_count: 6,
            fate: Fate::Keep,
        }],
        ..Arrival::default()
    }
}

fn reading(id: usize, time: Timestamp, sequence: Sequence) -> Reading {
    let datastream = DatastreamId(id as i32);
    let flag = Flag::new(Quality::Good, Some(b'N'));
    Reading { datastream, time, value: Some(value_at(id, time)), flag, sequence }
}

/// A value that moves with the hour and differs by series: whole, as most stations send.
fn value_at(id: usize, time: Timestamp) -> f64 {
    let mixed = (id as i64 * 2_654_435_761 + time.as_ms() / 60_000 * 40_503).rem_euclid(1_009);
    (mixed % 97) as f64
}

fn s(took: Duration) -> String {
    if took.as_secs() >= 1 {
        format!("{:.2} s", took.as_secs_f64())
    } else {
        format!("{:.2} ms", took.as_secs_f64() * 1_000.0)
    }
}

fn per(rows: u64, took: Duration) -> String {
    format!("{:.0} k", rows as f64 / took.as_secs_f64() / 1_000.0)
}
