//! A small registry, and turns made with little text.

use model::{
    Counted, DatastreamId, DatastreamKey, Device, DeviceId, Dialect, Disposition, Flag, HOUR_MS,
    LedgerEntry, Names, Period, Place, PlaceId, PlaceKind, Quality, Reading, Reason, Sequence,
    Source, Statistic, Timestamp,
};
use std::collections::HashMap;
use std::path::Path;
use store::{FrameRecord, JournalEntry, Limits, Reader, RegistryChanges, Store, TurnRecord};
use tempfile::TempDir;

/// 2026-03-01T00:00:00Z.
pub const DAY: i32 = 20_513;

/// An empty folder, in memory where there is such a place: these tests sync thousands of times, and
/// the disk may be busy with others.
pub fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub fn at(day: i32, ms: i64) -> Timestamp {
    Timestamp::from_utc_day(day) + ms
}

pub fn open(dir: &Path) -> Store {
    let (store, recovery) = Store::open(dir, Limits::for_testing()).unwrap();
    assert_eq!(recovery.damaged, []);
    store
}

/// Places and devices of equal number, each device with two datastreams.
pub fn registry(devices: u32) -> RegistryChanges {
    let mut changes = RegistryChanges::default();
    for n in 0..devices {
        changes.places.push(Place {
            key: format!("place-{n}"),
            name: Names { zh: format!("站点 {n}"), en: String::new() },
            kind: PlaceKind::AirStation,
            lon: 116.0,
            lat: 39.0,
            area: String::new(),
            simulated: true,
            ..Place::default()
        });
        changes.devices.push(Device {
            mn: format!("MN-{n}"),
            password: String::new(),
            place: format!("place-{n}"),
            dialect: Dialect::default(),
            period_named_by_end: false,
            units: HashMap::new(),
            ..Device::default()
        });
        for parameter in ["pm25", "o3"] {
            let id = DatastreamId(changes.datastreams.len() as i32);
            changes.datastreams.push(model::Datastream {
                id,
                key: key(n, parameter),
                place: PlaceId(n),
            });
        }
    }
    changes
}

pub fn key(device: u32, parameter: &str) -> DatastreamKey {
    DatastreamKey {
        source: Source::Device(DeviceId(device)),
        parameter: parameter.to_owned(),
        statistic: Statistic::Mean,
        period: Period::Minutes,
    }
}

/// A store in which `registry(devices)` stands.
pub fn with_registry(dir: &Path, devices: u32) -> Store {
    let mut store = open(dir);
    let turn = TurnRecord { registry: registry(devices), ..turn(&store, at(DAY, 0)) };
    store.commit(turn).unwrap();
    store
}

/// An empty turn that follows what the store has.
pub fn turn(store: &Store, now: Timestamp) -> TurnRecord {
    TurnRecord { at: now, sequence_last: store.last_sequence(), ..TurnRecord::default() }
}

/// Adds a stored frame with its readings, ledger and a line in the journal.
pub fn push_frame(turn: &mut TurnRecord, device: u32, readings: &[(i32, Timestamp, Option<f64>)]) {
    let sequence = Sequence(turn.sequence_last.0 + 1);
    turn.sequence_last = sequence;
    let start = turn.raw.len();
    turn.raw.extend(format!("##frame {sequence} of {device}\r\n").bytes());
    turn.frames.push(FrameRecord {
        sequence,
        received_at: turn.at,
        device: Some(DeviceId(device)),
        stranger: None,
        disposition: Disposition::Stored,
        reason: Reason::None,
        raw: start..turn.raw.len(),
    });
    for (datastream, time, value) in readings {
        let flag = match value {
            Some(_) => Flag::new(Quality::Good, Some(b'N')),
            None => Flag::new(Quality::Missing, Some(b'D')),
        };
        let (datastream, time, value) = (DatastreamId(*datastream), *time, *value);
        turn.readings.push(Reading { datastream, time, value, flag, sequence });
    }
    for (unit, count) in [(Counted::Frame, 1), (Counted::Reading, readings.len() as u64)] {
        turn.ledger.push(LedgerEntry {
            hour: turn.at.floor(HOUR_MS),
            device: Some(DeviceId(device)),
            unit,
            disposition: Disposition::Stored,
            reason: Reason::None,
            count,
        });
    }
    turn.journal.push(JournalEntry {
        at: turn.at,
        kind: "session".to_owned(),
        device: Some(DeviceId(device)),
        text: format!("frame {sequence}"),
    });
}

/// One turn with one frame.
pub fn commit(
    store: &mut Store,
    now: Timestamp,
    device: u32,
    readings: &[(i32, Timestamp, Option<f64>)],
) {
    let mut turn = turn(store, now);
    push_frame(&mut turn, device, readings);
    store.commit(turn).unwrap();
}

/// Times, values and sequences of a whole datastream; nothing of it may be damaged.
pub fn values(reader: &Reader, datastream: i32) -> Vec<(Timestamp, Option<f64>, u64)> {
    let columns = reader.scan(DatastreamId(datastream), Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(columns.damaged_days, [] as [i32; 0]);
    let rows = columns.time.iter().zip(&columns.value).zip(&columns.sequence);
    rows.map(|((time, value), sequence)| (*time, *value, sequence.0)).collect()
}
