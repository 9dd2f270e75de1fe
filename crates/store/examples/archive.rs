//! Makes a data directory with minutes of many stations and days, sealed and folded, whose readings follow from
//! datastream and instant: `cargo run --release -p store --example archive -- DIR STATIONS DAYS`.
//! `cargo xtask bench sql` asks it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark fails by panicking and prints"
)]

use model::{
    DAY_MS, Datastream, DatastreamId, DatastreamKey, DeviceId, Flag, HOUR_MS, MINUTE_MS, Period,
    Place, PlaceId, Quality, Reading, Source, Statistic, Timestamp,
};
use std::time::Instant;
use store::{Limits, RegistryChanges, Store, TurnRecord};

/// The first UTC day: 2025-01-01.
const FIRST_DAY: i32 = 20_089;
const POLLUTANTS: [&str; 6] = ["so2", "no2", "co", "o3", "pm10", "pm25"];

fn main() {
    let mut words = std::env::args().skip(1);
    let dir = words.next().unwrap();
    let mut number = || words.next().unwrap().parse::<i32>().unwrap();
    let (series, days) = (number() * 6, number());
    std::fs::create_dir(&dir).unwrap();
    let (mut log, _) = Store::open(dir.as_ref(), Limits::default()).unwrap();
    let begun = Instant::now();
    let mut registry = registry(series);
    for day in FIRST_DAY..FIRST_DAY + days {
        for hour in 0..24 {
            let start = Timestamp::from_utc_day(day) + hour * HOUR_MS;
            commit_hour(&mut log, start, series, std::mem::take(&mut registry));
        }
        log.seal(day).unwrap();
    }
    let (settled, later) = (log.last_sequence(), FIRST_DAY + days + 40);
    log.fold_all(Timestamp::from_utc_day(later), settled, later).unwrap();
    log.remove_gone(Timestamp::MAX).unwrap();
    let (reader, rows) = (log.reader(), i64::from(series) * i64::from(days) * (DAY_MS / MINUTE_MS));
    println!(
        "{rows} readings in {} files, {:.2} bytes a reading, made in {:.0} s",
        reader.archive_files().len(),
        reader.sizes().archive_bytes as f64 / rows as f64,
        begun.elapsed().as_secs_f64()
    );
}

/// One turn: all datastreams at each minute of the hour.
fn commit_hour(log: &mut Store, start: Timestamp, series: i32, registry: RegistryChanges) {
    let sequence = log.next_sequence();
    let minutes = (0..60).map(|minute| start + minute * MINUTE_MS);
    let readings = minutes.flat_map(|time| {
        (0..series).map(move |id| Reading {
            datastream: DatastreamId(id),
            time,
            value: Some(value(id, time)),
            flag: Flag::new(Quality::Good, Some(b'N')),
            sequence,
        })
    });
    let turn = TurnRecord {
        at: start + HOUR_MS,
        registry,
        readings: readings.collect(),
        sequence_last: sequence,
        ..TurnRecord::default()
    };
    log.commit(turn).unwrap();
}

/// Wanders by the day and jitters by the minute, with one decimal, as a micro-station sends it.
fn value(id: i32, time: Timestamp) -> f64 {
    let minute = time.as_ms() / MINUTE_MS;
    let jitter = (i64::from(id) * 2_654_435_761 + minute * 40_503).rem_euclid(1_009) % 97;
    let wave = (minute / 7 + i64::from(id) * 13).rem_euclid(720);
    (wave.min(720 - wave) + jitter) as f64 / 10.0
}

fn registry(series: i32) -> RegistryChanges {
    let datastream = |id: i32| Datastream {
        id: DatastreamId(id),
        key: DatastreamKey {
            source: Source::Device(DeviceId((id / 6) as u32)),
            parameter: POLLUTANTS[(id % 6) as usize].to_owned(),
            statistic: Statistic::Mean,
            period: Period::Minutes,
        },
        place: PlaceId(0),
    };
    RegistryChanges {
        places: vec![Place { key: "bench".to_owned(), ..Place::default() }],
        datastreams: (0..series).map(datastream).collect(),
        ..RegistryChanges::default()
    }
}
