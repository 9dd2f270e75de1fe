//! How fast turns are committed, how fast a start is, and how many bytes a reading costs.
//!
//! `cargo run --release -p store --example commit_rate -- [READINGS [BATCH [DATASTREAMS [FRAMES]]]]`
//!
//! Minute data of devices with 8 datastreams each, one frame a device and minute; FRAMES = 0 leaves
//! the raw frames out, 1 keeps them (600 bytes each).

#![expect(clippy::print_stdout, reason = "an example prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "an example has a clock")]

use model::{
    Datastream, DatastreamId, DatastreamKey, DeviceId, Disposition, Flag, MINUTE_MS, PlaceId,
    Quality, Reading, Reason, Sequence, Source, Statistic, Timestamp,
};
use std::error::Error;
use std::time::Instant;
use store::{FrameRecord, Limits, RegistryChanges, Store, TurnRecord};

const FACTORS: usize = 8;
/// 2026-03-01T00:00:00Z.
const DAY: i32 = 20_513;

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let readings = numbers.next().transpose()?.unwrap_or(10_000_000);
    let batch = numbers.next().transpose()?.unwrap_or(100_000);
    let datastreams = numbers.next().transpose()?.unwrap_or(7_000).next_multiple_of(FACTORS);
    let with_frames = numbers.next().transpose()?.unwrap_or(0) != 0;
    let dir = std::env::temp_dir().join(format!("skyriver-commit-rate-{}", std::process::id()));
    let (mut store, _) = Store::open(&dir, Limits::default())?;
    let mut world = World::new(datastreams, with_frames);
    store.commit(TurnRecord { registry: world.registry(), ..TurnRecord::default() })?;
    let mut made = 0;
    let mut spent = 0.0;
    let mut slowest = 0.0_f64;
    while made < readings {
        let turn = world.turn(batch);
        made += turn.readings.len();
        let start = Instant::now();
        store.commit(turn)?;
        let took = start.elapsed().as_secs_f64();
        spent += took;
        slowest = slowest.max(took);
    }
    println!("commit    {:.2} M readings/s, turns of {batch}", made as f64 / spent / 1e6);
    println!("slowest   {:.1} ms", slowest * 1e3);
    let bytes = store.reader().sizes().database_bytes;
    println!("log       {:.2} bytes a reading (with free pages)", bytes as f64 / made as f64);
    drop(store);
    let start = Instant::now();
    let (store, recovery) = Store::open(&dir, Limits::default())?;
    println!("start     {:.2} s for {} readings", start.elapsed().as_secs_f64(), recovery.readings);
    drop(store);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// Devices that report each minute, values that wander by tenths.
struct World {
    values: Vec<i32>,
    device: usize,
    minute: i64,
    sequence: u64,
    random: u64,
    with_frames: bool,
}

impl World {
    fn new(datastreams: usize, with_frames: bool) -> Self {
        let values = vec![350; datastreams];
        Self { values, device: 0, minute: 0, sequence: 0, random: 42, with_frames }
    }

    fn registry(&self) -> RegistryChanges {
        let datastreams = (0..self.values.len() as i32)
            .map(|id| Datastream {
                id: DatastreamId(id),
                key: DatastreamKey {
                    source: Source::Device(DeviceId(id as u32 / FACTORS as u32)),
                    parameter: format!("p{}", id as usize % FACTORS),
                    statistic: Statistic::Mean,
                    period: model::Period::Minutes,
                },
                place: PlaceId(0),
            })
            .collect();
        RegistryChanges { datastreams, ..RegistryChanges::default() }
    }

    fn turn(&mut self, batch: usize) -> TurnRecord {
        let mut turn = TurnRecord { at: self.now(), ..TurnRecord::default() };
        while turn.readings.len() < batch {
            self.frame(&mut turn);
        }
        turn.sequence_last = Sequence(self.sequence);
        turn
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_utc_day(DAY) + self.minute * MINUTE_MS
    }

    fn frame(&mut self, turn: &mut TurnRecord) {
        self.sequence += 1;
        let first = self.device * FACTORS;
        let start = turn.raw.len();
        for datastream in first..first + FACTORS {
            let step = self.random(5) as i32 - 2;
            let value = &mut self.values[datastream];
            *value = (*value + step).clamp(0, 5_000);
            let value = f64::from(*value) / 10.0;
            if self.with_frames {
                turn.raw.extend(
                    format!("a34{datastream:03}-Rtd={value},a34{datastream:03}-Flag=N;").bytes(),
                );
            }
            turn.readings.push(Reading {
                datastream: DatastreamId(datastream as i32),
                time: self.now(),
                value: Some(value),
                flag: Flag::new(Quality::Good, Some(b'N')),
                sequence: Sequence(self.sequence),
            });
        }
        if self.with_frames {
            turn.raw.resize(start + 600, b' ');
            turn.frames.push(FrameRecord {
                sequence: Sequence(self.sequence),
                received_at: self.now(),
                device: Some(DeviceId(self.device as u32)),
                stranger: None,
                disposition: Disposition::Stored,
                reason: Reason::None,
                raw: start..turn.raw.len(),
            });
        }
        self.device = (self.device + 1) % (self.values.len() / FACTORS);
        if self.device == 0 {
            self.minute += 1;
        }
    }

    /// A number below `below`, by a linear congruential generator: good enough for noise.
    fn random(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.random >> 33) % below
    }
}
