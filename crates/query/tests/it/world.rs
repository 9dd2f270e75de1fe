//! A small directory, and questions with little text.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::StreamExt;
use model::{
    Counted, Datastream, DatastreamId, DatastreamKey, Device, DeviceId, Disposition, Flag, HOUR_MS,
    LedgerEntry, Names, Period, Place, PlaceId, Quality, Reading, Reason, Sequence, Source,
    Statistic, Timestamp,
};
use query::{Error, Limits, Progress, Queries};
use std::path::Path;
use store::{FrameRecord, JournalEntry, RegistryChanges, Store, TurnRecord};
use tokio::runtime::{Builder, Runtime};

/// 2026-03-01T00:00:00Z.
pub const DAY: i32 = 20_513;

pub fn at(day: i32, ms: i64) -> Timestamp {
    Timestamp::from_utc_day(day) + ms
}

/// Places `p0`, `p1`, … with a device each, which has hourly `pm25` and `o3`.
pub fn registry(places: u32) -> RegistryChanges {
    let mut changes = RegistryChanges::default();
    for n in 0..places {
        changes.places.push(Place {
            key: format!("p{n}"),
            name: Names { zh: format!("站点{n}"), en: String::new() },
            lon: 116.0,
            lat: 39.0,
            ..Place::default()
        });
        changes.devices.push(Device {
            mn: format!("MN-{n}"),
            password: "secret".to_owned(),
            place: format!("p{n}"),
            ..Device::default()
        });
        for parameter in ["pm25", "o3"] {
            let id = DatastreamId(changes.datastreams.len() as i32);
            let key = DatastreamKey {
                source: Source::Device(DeviceId(n)),
                parameter: parameter.to_owned(),
                statistic: Statistic::Mean,
                period: Period::Hour,
            };
            changes.datastreams.push(Datastream { id, key, place: PlaceId(n) });
        }
    }
    changes
}

/// A store in which `registry(places)` stands.
pub fn store(dir: &Path, places: u32) -> Store {
    let (mut store, _) = Store::open(dir, store::Limits::for_testing()).unwrap();
    let registry = registry(places);
    store.commit(TurnRecord { at: at(DAY, 0), registry, ..TurnRecord::default() }).unwrap();
    store
}

/// One turn with one frame of these readings, `is_edited` by a correction or not.
pub fn commit(
    store: &mut Store,
    now: Timestamp,
    rows: &[(i32, Timestamp, Option<f64>)],
    is_edited: bool,
) -> Sequence {
    let sequence = Sequence(store.last_sequence().0 + 1);
    let raw = format!("##0101QN={sequence};MN=MN-0\r\n").into_bytes();
    let reading = |(datastream, time, value): &(i32, Timestamp, Option<f64>)| {
        let quality = if value.is_some() { Quality::Good } else { Quality::Missing };
        let flag = Flag::new(quality, Some(b'N'));
        let flag = if is_edited { flag.edited() } else { flag };
        Reading {
            datastream: DatastreamId(*datastream),
            time: *time,
            value: *value,
            flag,
            sequence,
        }
    };
    let entry = |unit, count| LedgerEntry {
        hour: now.floor(HOUR_MS),
        device: Some(DeviceId(0)),
        unit,
        disposition: Disposition::Stored,
        reason: Reason::None,
        count,
    };
    let turn = TurnRecord {
        at: now,
        readings: rows.iter().map(reading).collect(),
        frames: vec![FrameRecord {
            sequence,
            received_at: now,
            device: Some(DeviceId(0)),
            stranger: None,
            disposition: Disposition::Stored,
            reason: Reason::None,
            raw: 0..raw.len(),
        }],
        raw,
        ledger: vec![entry(Counted::Frame, 1), entry(Counted::Reading, rows.len() as u64)],
        journal: vec![JournalEntry {
            at: now,
            kind: "session".to_owned(),
            device: Some(DeviceId(0)),
            text: format!("frame {sequence}"),
        }],
        sequence_last: sequence,
        ..TurnRecord::default()
    };
    store.commit(turn).unwrap();
    sequence
}

/// Plans of nested statements are deep, in the tests as in the program.
pub fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(256 << 20)
        .enable_all()
        .build()
        .unwrap()
}

/// Asks on a thread with room.
pub fn ask_with(
    dir: &Path,
    limits: Limits,
    as_of: Option<&str>,
    sql: &str,
) -> Result<(Vec<RecordBatch>, Progress), Error> {
    let queries = Queries::new(dir, limits, "Asia/Shanghai", as_of)?;
    let sql = sql.to_owned();
    let runtime = runtime();
    let work = runtime.spawn(async move {
        let mut answer = queries.ask(&sql).await?;
        let mut batches = vec![];
        while let Some(batch) = answer.stream.next().await {
            batches.push(batch.map_err(|error| answer.error(&error))?);
        }
        assert_eq!(answer.missed(), []);
        Ok((batches, answer.progress()))
    });
    runtime.block_on(work).unwrap()
}

/// Rows as text, fields separated by `|`; null is empty.
pub fn rows(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::default();
    let mut rows = vec![];
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let fields: Vec<String> =
                columns.iter().map(|column| column.value(row).to_string()).collect();
            rows.push(fields.join("|"));
        }
    }
    rows
}

pub fn ask(dir: &Path, sql: &str) -> Vec<String> {
    rows(&ask_with(dir, Limits::for_testing(), None, sql).unwrap().0)
}

pub fn ask_as_of(dir: &Path, as_of: &str, sql: &str) -> Vec<String> {
    rows(&ask_with(dir, Limits::for_testing(), Some(as_of), sql).unwrap().0)
}

pub fn refused(dir: &Path, sql: &str) -> Error {
    match ask_with(dir, Limits::for_testing(), None, sql) {
        Err(error) => error,
        Ok((batches, _)) => panic!("{sql} was answered: {:?}", rows(&batches)),
    }
}
