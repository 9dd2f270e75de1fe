//! How fast turns are committed, how fast a start is, and how many bytes a reading costs.
//!
//! `cargo run --release -p store --example commit_rate -- [READINGS [BATCH [DATASTREAMS [FRAMES [DIR]]]]]`
//!
//! Minute data of devices with 8 datastreams each, one frame a device and minute; FRAMES = 0 leaves
//! the raw frames out, 1 keeps them (600 bytes each). A DIR is left as it is in the end.

#![expect(clippy::print_stdout, reason = "an example prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "an example has a clock")]

use model::{
    Datastream, DatastreamId, DatastreamKey, DeviceId, Disposition, Flag, MINUTE_MS, PlaceId,
    Quality, Reading, Reason, Sequence, Source, Statistic, Timestamp,
};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;
use store::{FileKind, FrameRecord, Limits, RegistryChanges, Store, TurnRecord};

const FACTORS: usize = 8;
/// 2026-03-01T00:00:00Z.
const DAY: i32 = 20_513;

fn main() -> Result<(), Box<dyn Error>> {
    let kept = std::env::args().nth(5).map(PathBuf::from);
    let mut numbers = std::env::args().skip(1).take(4).map(|text| text.parse::<usize>());
    let readings = numbers.next().transpose()?.unwrap_or(10_000_000);
    let batch = numbers.next().transpose()?.unwrap_or(100_000);
    let datastreams = numbers.next().transpose()?.unwrap_or(7_000).next_multiple_of(FACTORS);
    let with_frames = numbers.next().transpose()?.unwrap_or(0) != 0;
    let aside = std::env::temp_dir().join(format!("skyriver-commit-rate-{}", std::process::id()));
    let dir = kept.clone().unwrap_or(aside);
    let (mut store, _) = Store::open(&dir, Limits::default())?;
    let mut world = World::new(datastreams, with_frames);
    if store.view().registry().datastreams().is_empty() {
        store.commit(TurnRecord { registry: world.registry(), ..TurnRecord::default() })?;
    }
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
    let (mut store, recovery) = Store::open(&dir, Limits::default())?;
    println!("start     {:.2} s for {} readings", start.elapsed().as_secs_f64(), recovery.readings);
    seal(&mut store)?;
    read(&store)?;
    drop(store);
    if kept.is_none() {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

fn seal(store: &mut Store) -> Result<(), Box<dyn Error>> {
    let (mut rows, mut bytes, mut frames, mut frame_bytes) = (0, 0, 0, 0);
    for day in store.days_to_seal(DAY + 9)? {
        let start = Instant::now();
        let sealed = store.seal_plan(day).write()?;
        let written = start.elapsed().as_secs_f64();
        if sealed.files().is_empty() {
            continue;
        }
        for file in sealed.files() {
            if file.kind == FileKind::Frames {
                (frames, frame_bytes) = (frames + file.rows, frame_bytes + file.bytes);
            } else {
                (rows, bytes) = (rows + file.rows, bytes + file.bytes);
            }
        }
        let start = Instant::now();
        store.seal_finish(sealed)?;
        let finished = start.elapsed().as_secs_f64() * 1e3;
        println!("seal      day {day}: files {written:.2} s, transaction {finished:.1} ms");
    }
    println!("archive   {:.2} bytes a reading", bytes as f64 / rows as f64);
    if frames > 0 {
        println!("archive   {:.1} bytes a frame", frame_bytes as f64 / frames as f64);
    }
    Ok(())
}

fn read(store: &Store) -> Result<(), Box<dyn Error>> {
    let reader = store.reader();
    for name in ["first", "again"] {
        let start = Instant::now();
        let columns = reader.scan(DatastreamId(77), Timestamp::MIN, Timestamp::MAX)?;
        let took = start.elapsed().as_secs_f64() * 1e3;
        println!("scan      one datastream, {} readings, {name}: {took:.2} ms", columns.len());
    }
    let start = Instant::now();
    let all: Vec<_> = (0..1_000).map(DatastreamId).collect();
    let columns = reader.scan_many(&all, Timestamp::MIN, Timestamp::MAX)?;
    let rows: usize = columns.iter().map(store::Columns::len).sum();
    println!("scan      1000 datastreams, {rows} readings: {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let report = reader.verify_chain()?;
    let took = start.elapsed().as_secs_f64();
    println!("verify    {took:.2} s: {} files, {} problems", report.files, report.problems.len());
    Ok(())
}

/// Devices that report each minute, values that wander by tenths.
struct World {
    values: Vec<i32>,
    /// Devices in the order in which they report in this minute.
    order: Vec<usize>,
    reported: usize,
    minute: i64,
    sequence: u64,
    random: u64,
    with_frames: bool,
}

impl World {
    fn new(datastreams: usize, with_frames: bool) -> Self {
        let values = vec![350; datastreams];
        let order = (0..datastreams / FACTORS).collect();
        Self { values, order, reported: 0, minute: 0, sequence: 0, random: 42, with_frames }
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
        let device = self.order[self.reported];
        let first = device * FACTORS;
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
                device: Some(DeviceId(device as u32)),
                stranger: None,
                disposition: Disposition::Stored,
                reason: Reason::None,
                raw: start..turn.raw.len(),
            });
        }
        self.reported += 1;
        if self.reported == self.order.len() {
            self.reported = 0;
            self.minute += 1;
            self.jitter();
        }
    }

    /// The next minute's order: each device some places earlier or later than its usual one.
    fn jitter(&mut self) {
        let mut places: Vec<_> =
            (0..self.order.len()).map(|device| (device as u64 + self.random(40), device)).collect();
        places.sort_unstable();
        self.order = places.into_iter().map(|(_, device)| device).collect();
    }

    /// A number below `below`, by a linear congruential generator: good enough for noise.
    fn random(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.random >> 33) % below
    }
}
