//! What the server counts while it runs, for `/metrics` and `/health`.

use super::batch::Batch;
use model::DeviceId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Running counts; they begin at 0 when the server starts.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) connections_open: AtomicU64,
    pub(super) connections_accepted: AtomicU64,
    pub(super) connections_refused: AtomicU64,
    pub(super) connections_cut: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) garbage_bytes: AtomicU64,
    pub(super) frames: AtomicU64,
    pub(super) readings: AtomicU64,
    pub(super) in_flight_frames: AtomicU64,
    pub(super) in_flight_readings: AtomicU64,
    pub(super) answers: AtomicU64,
    pub(super) pauses: AtomicU64,
    pub(super) uncommitted_frames: AtomicU64,
    problems: Mutex<BTreeMap<(&'static str, Option<DeviceId>), u64>>,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CountersSnapshot {
    /// Connections open now.
    pub connections_open: u64,
    /// Connections accepted.
    pub connections_accepted: u64,
    /// Connections refused because of a limit on their number.
    pub connections_refused: u64,
    /// Connections that the server closed because of a limit.
    pub connections_cut: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes that belong to no frame.
    pub garbage_bytes: u64,
    /// Frames handed to the engine, bad ones included.
    pub frames: u64,
    /// Readings in them, whatever their fate.
    pub readings: u64,
    /// Frames that the engine has and has not committed yet.
    pub in_flight_frames: u64,
    /// Readings in them.
    pub in_flight_readings: u64,
    /// Bytes of answers written.
    pub answer_bytes: u64,
    /// Times that reading paused to keep a rate.
    pub pauses: u64,
    /// Frames that the engine did not commit; they were not answered and will come again.
    pub uncommitted_frames: u64,
}

/// How often something was wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ProblemCount {
    /// The stable name.
    pub name: &'static str,
    /// With which device; `None` when that is not known.
    pub device: Option<DeviceId>,
    /// How often.
    pub count: u64,
}

impl Counters {
    /// The counts now.
    pub fn snapshot(&self) -> CountersSnapshot {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CountersSnapshot {
            connections_open: get(&self.connections_open),
            connections_accepted: get(&self.connections_accepted),
            connections_refused: get(&self.connections_refused),
            connections_cut: get(&self.connections_cut),
            bytes: get(&self.bytes),
            garbage_bytes: get(&self.garbage_bytes),
            frames: get(&self.frames),
            readings: get(&self.readings),
            in_flight_frames: get(&self.in_flight_frames),
            in_flight_readings: get(&self.in_flight_readings),
            answer_bytes: get(&self.answers),
            pauses: get(&self.pauses),
            uncommitted_frames: get(&self.uncommitted_frames),
        }
    }

    /// All problems so far, by name and device.
    pub fn problems(&self) -> Vec<ProblemCount> {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |(&(name, device), &count): (&(&'static str, _), &u64)| ProblemCount {
            name,
            device,
            count,
        };
        problems.iter().map(count).collect()
    }

    /// How often a problem was met, over all devices.
    pub fn problem(&self, name: &str) -> u64 {
        let of_name = |problem: &ProblemCount| (problem.name == name).then_some(problem.count);
        self.problems().iter().filter_map(of_name).sum()
    }

    /// Counts a batch that goes to the engine.
    pub(super) fn hand_over(&self, batch: &Batch) {
        let frames = batch.arrival.frames.len() as u64;
        add(&self.frames, frames);
        add(&self.readings, batch.reading_count);
        add(&self.in_flight_frames, frames);
        add(&self.in_flight_readings, batch.reading_count);
    }

    /// Counts a batch that came back from the engine, committed or not.
    pub(super) fn come_back(&self, frames: u64, readings: u64, committed: bool) {
        self.in_flight_frames.fetch_sub(frames, Ordering::Relaxed);
        self.in_flight_readings.fetch_sub(readings, Ordering::Relaxed);
        if !committed {
            add(&self.uncommitted_frames, frames);
        }
    }

    /// Adds the problems of a batch; past `PROBLEMS_MAX` lines they are counted
    /// without a device.
    pub(super) fn add_problems(&self, found: &[(Option<DeviceId>, &'static str, u64)]) {
        if found.is_empty() {
            return;
        }
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        for &(device, name, count) in found {
            let is_new = !problems.contains_key(&(name, device));
            let device = if is_new && problems.len() >= PROBLEMS_MAX { None } else { device };
            *problems.entry((name, device)).or_default() += count;
        }
    }
}

/// Lines of the table of problems that name a device.
const PROBLEMS_MAX: usize = 50_000;

/// Adds to a counter.
pub(super) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}
