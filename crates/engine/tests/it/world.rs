//! A station with a device, and arrivals that it could have sent.

use engine::{Engine, Limits, RegistryFile, Turn};
use model::{
    Arrival, ArrivedFrame, ArrivedReading, Claim, DatastreamId, DatastreamKey, Device, DeviceId,
    Dialect, Disposition, Fate, Flag, HOUR_MS, Names, Period, Place, PlaceId, PlaceKind, Quality,
    Reading, Source, Statistic, Timestamp,
};
use standards::{Standards, Zone};
use store::Store;
use tempfile::TempDir;

/// 2026-03-10 00:00 in Shanghai.
pub const MIDNIGHT: Timestamp = Timestamp::from_ms(1_773_072_000_000);
/// The six pollutants on a clean day: NO2 leads the daily index, PM10 the hourly one.
pub const CLEAN: [(&str, f64); 6] =
    [("so2", 8.0), ("no2", 45.0), ("co", 1.1), ("o3", 40.0), ("pm10", 40.0), ("pm25", 20.0)];

pub struct World {
    pub engine: Engine,
    pub dir: TempDir,
}

impl World {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut engine = open(&dir, MIDNIGHT);
        engine.install(MIDNIGHT, &registry()).unwrap();
        Self { engine, dir }
    }

    /// Closes and opens again, as after a crash: nothing is told to anybody before.
    pub fn restart(self, now: Timestamp) -> Self {
        let Self { engine, dir } = self;
        drop(engine);
        Self { engine: open(&dir, now), dir }
    }

    pub fn turn(&mut self, now: Timestamp, arrivals: &[Arrival]) -> Turn {
        self.engine.turn(now, arrivals).unwrap()
    }

    /// Sends one frame with the hourly means of the hour that starts at `hour`, at its end.
    pub fn send_hour(&mut self, hour: Timestamp, values: &[(&str, f64)]) -> Disposition {
        let arrival = arrival(hour + HOUR_MS, &[frame_of_hour(hour, values)]);
        self.turn(hour + HOUR_MS, &[arrival]).outcomes[0][0]
    }

    /// Seals everything before the UTC day of `before`.
    pub fn seal(&mut self, before: Timestamp) {
        let store = self.engine.store_mut();
        for day in store.days_to_seal(before.utc_day()).unwrap() {
            store.seal(day).unwrap();
        }
    }

    pub fn readings(&self, key: &DatastreamKey) -> Vec<Reading> {
        let reader = self.engine.reader();
        let Some(datastream) = reader.view().registry().datastream_id(key) else {
            return vec![];
        };
        let columns = reader.scan(datastream, Timestamp::MIN, Timestamp::MAX).unwrap();
        (0..columns.len())
            .map(|at| Reading {
                datastream,
                time: columns.time[at],
                value: columns.value[at],
                flag: columns.flag[at],
                sequence: columns.sequence[at],
            })
            .collect()
    }

    pub fn index(&self, period: Period) -> Vec<(Timestamp, Option<f64>)> {
        let readings = self.readings(&engine::index::key(PlaceId(0), period));
        readings.iter().map(|reading| (reading.time, reading.value)).collect()
    }

    pub fn datastream(&self, key: &DatastreamKey) -> DatastreamId {
        self.engine.reader().view().registry().datastream_id(key).unwrap()
    }
}

fn open(dir: &TempDir, now: Timestamp) -> Engine {
    open_with(dir, now, store::Limits::for_testing())
}

/// An engine over a store with these bounds.
pub fn open_with(dir: &TempDir, now: Timestamp, limits: store::Limits) -> Engine {
    let (store, _) = Store::open(dir.path(), limits).unwrap();
    let law = Standards::load().unwrap();
    Engine::new(store, law, Zone::shanghai().unwrap(), now, Limits::default())
}

pub fn registry() -> RegistryFile {
    let name = Names { zh: "试验站".to_owned(), en: "Trial station".to_owned() };
    let place = Place {
        key: "T-01".to_owned(),
        name,
        kind: PlaceKind::AirStation,
        lon: 113.5,
        lat: 34.8,
        area: String::new(),
        simulated: true,
        ..Place::default()
    };
    let device = Device {
        mn: "T00000000000000000000001".to_owned(),
        password: "123456".to_owned(),
        place: "T-01".to_owned(),
        dialect: Dialect::Hj212V2017,
        period_named_by_end: false,
        units: std::collections::HashMap::default(),
        ..Device::default()
    };
    RegistryFile { places: vec![place], devices: vec![device], ..RegistryFile::default() }
}

/// What one frame holds: keys and readings of the only device.
pub type Frame = Vec<(DatastreamKey, ArrivedReading)>;

pub fn key(parameter: &str, statistic: Statistic, period: Period) -> DatastreamKey {
    let source = Source::Device(DeviceId(0));
    DatastreamKey { source, parameter: parameter.to_owned(), statistic, period }
}

pub fn hourly(parameter: &str) -> DatastreamKey {
    key(parameter, Statistic::Mean, Period::Hour)
}

pub fn frame_of_hour(hour: Timestamp, values: &[(&str, f64)]) -> Frame {
    let flag = Flag::new(Quality::Good, Some(b'N'));
    let reading = |value| ArrivedReading { key: 0, time: hour, value: Some(value), flag };
    values.iter().map(|(name, value)| (hourly(name), reading(*value))).collect()
}

/// Frames that arrived together.
pub fn arrival(received_at: Timestamp, frames: &[Frame]) -> Arrival {
    let mut arrival = Arrival { received_at, ..Arrival::default() };
    for (number, frame) in frames.iter().enumerate() {
        let (raw, first) = (arrival.raw.len(), arrival.readings.len());
        arrival.raw.extend_from_slice(format!("frame {number} at {received_at}").as_bytes());
        for (key, reading) in frame {
            let position = arrival.keys.iter().position(|known| known == key);
            let at = position.unwrap_or_else(|| {
                arrival.keys.push(key.clone());
                arrival.keys.len() - 1
            });
            arrival.readings.push(ArrivedReading { key: at as u32, ..*reading });
        }
        arrival.frames.push(ArrivedFrame {
            claim: Claim::Device(DeviceId(0)),
            raw: raw..arrival.raw.len(),
            readings: first..arrival.readings.len(),
            reading_count: frame.len() as u32,
            fate: Fate::Keep,
        });
    }
    arrival
}
