//! Rows of one turn, as an arrival.

use gateway::file::{Measure, Problem, Row, Value};
use model::{
    Arrival, ArrivedFrame, ArrivedReading, Claim, DatastreamKey, DeviceId, Fate, HOUR_MS, Reason,
    Source, Timestamp,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Readings and bytes of one turn.
const READINGS_MAX: usize = 200_000;
const BYTES_MAX: usize = 32 << 20;
/// A reading may lie ahead of our clock by this.
const AHEAD_MS: i64 = HOUR_MS;
/// 1900-01-01: nobody measured before what is measured here.
const EARLIEST: Timestamp = Timestamp::from_ms(-2_208_988_800_000);

/// An arrival that grows.
pub struct Sheaf {
    /// It.
    pub arrival: Arrival,
    keys: HashMap<(DeviceId, Arc<Measure>), u32>,
}

impl Sheaf {
    /// An empty one.
    pub fn new(now: Timestamp) -> Self {
        Self { arrival: Arrival { received_at: now, ..Arrival::default() }, keys: HashMap::new() }
    }

    /// Whether it should be handed over, however few rows it has.
    pub fn is_heavy(&self) -> bool {
        self.arrival.readings.len() >= READINGS_MAX || self.arrival.raw.len() >= BYTES_MAX
    }

    /// Adds a row; one without a value leaves no trace.
    pub fn add(&mut self, row: Row, device: Option<DeviceId>) {
        let claim = match device {
            Some(device) => Claim::Device(device),
            None if row.station.is_empty() => Claim::Nobody,
            None => Claim::Stranger(row.station.chars().take(64).collect()),
        };
        let start = self.arrival.readings.len();
        let (reading_count, fate) = match (row.values, device) {
            (Ok(values), _) if values.is_empty() => return,
            (Ok(values), Some(device)) => {
                for value in &values {
                    self.put(device, value);
                }
                (values.len() as u32, Fate::Keep)
            }
            (Ok(values), None) => (values.len() as u32, Fate::Quarantine(Reason::UnknownDevice)),
            (Err(Problem { reason, values, .. }), _) => (values, fate_of(reason)),
        };
        let arrival = &mut self.arrival;
        let raw = arrival.raw.len();
        arrival.raw.extend_from_slice(&row.raw);
        arrival.frames.push(ArrivedFrame {
            claim,
            raw: raw..arrival.raw.len(),
            readings: start..arrival.readings.len(),
            reading_count,
            fate,
        });
    }

    fn put(&mut self, device: DeviceId, value: &Value) {
        let keys = &mut self.arrival.keys;
        let key = *self.keys.entry((device, Arc::clone(&value.measure))).or_insert_with(|| {
            let Measure { parameter, statistic, period } = &*value.measure;
            keys.push(DatastreamKey {
                source: Source::Device(device),
                parameter: parameter.clone(),
                statistic: *statistic,
                period: *period,
            });
            keys.len() as u32 - 1
        });
        let Value { time, value, flag, .. } = *value;
        self.arrival.readings.push(ArrivedReading { key, time, value, flag });
    }
}

fn fate_of(reason: Reason) -> Fate {
    match reason {
        Reason::FutureTime | Reason::AncientTime | Reason::NoKey => Fate::Quarantine(reason),
        reason => Fate::Reject(reason),
    }
}

/// Makes a row bad whose time cannot be true.
pub fn date(row: &mut Row, now: Timestamp) {
    let Ok(values) = &row.values else { return };
    let count = values.len() as u32;
    let time = values.iter().map(|value| value.time);
    let problem = if time.clone().any(|time| time > now + AHEAD_MS) {
        (Reason::FutureTime, "its time lies ahead of our clock", "时间晚于当前时间")
    } else if time.clone().any(|time| time < EARLIEST) {
        (Reason::AncientTime, "its time lies before 1900", "时间早于 1900 年")
    } else {
        return;
    };
    let (reason, en, zh) = problem;
    row.values = Err(Problem { reason, en: en.to_owned(), zh: zh.to_owned(), values: count });
}
