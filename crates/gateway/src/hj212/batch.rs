//! What one read of one connection makes: an arrival, the answers that wait for its commit, and what
//! else was noticed on the way.

use super::session::Session;
use model::{Arrival, ArrivedFrame, DeviceId, Note, NoteKind};
use std::sync::Arc;

/// An arrival under construction.
#[derive(Debug, Default)]
pub struct Batch {
    /// Names the present list of keys; it changes when keys are taken back.
    pub number: u64,
    /// For the engine.
    pub arrival: Arrival,
    /// For the devices, once the arrival is on disk.
    pub answers: Vec<u8>,
    /// Devices that asked for the time: they get it after their answer.
    pub clock_requests: Vec<Arc<Session>>,
    /// Problems, counted by name and device.
    pub problems: Vec<(Option<DeviceId>, &'static str, u64)>,
    /// How long to read nothing more, in milliseconds, so that the rates are kept.
    pub pause_ms: u64,
    /// Whether a frame with a right checksum was among it.
    pub had_good_frame: bool,
    /// Readings of all frames, whatever their fate.
    pub reading_count: u64,
    /// Whose frame is being read.
    device: Option<DeviceId>,
}

impl Batch {
    /// An empty one.
    pub fn new(number: u64, received_at: model::Timestamp) -> Self {
        Self { number, arrival: Arrival { received_at, ..Arrival::default() }, ..Self::default() }
    }

    /// Whether there is nothing for the engine.
    pub fn is_empty(&self) -> bool {
        self.arrival.frames.is_empty() && self.arrival.notes.is_empty()
    }

    /// About how many bytes of memory its arrival takes.
    pub fn bytes(&self) -> usize {
        let Arrival { raw, frames, keys, readings, .. } = &self.arrival;
        raw.len() + size_of_val(&frames[..]) + size_of_val(&keys[..]) + size_of_val(&readings[..])
    }

    /// Says whose frame is read next.
    pub fn speaks(&mut self, device: Option<DeviceId>) {
        self.device = device;
    }

    /// Counts a problem of the frame that is being read.
    pub fn problem(&mut self, name: &'static str) {
        let device = self.device;
        let known = self.problems.iter_mut().find(|(of, known, _)| *of == device && *known == name);
        match known {
            Some((_, _, count)) => *count += 1,
            None => self.problems.push((device, name, 1)),
        }
    }

    /// Adds a frame with the readings since `first_reading`.
    pub fn push(&mut self, frame: ArrivedFrame) {
        self.reading_count += u64::from(frame.reading_count);
        self.arrival.frames.push(frame);
    }

    /// Takes back the readings and keys that were added since the batch had this many.
    pub fn take_back(&mut self, readings: usize, keys: usize) {
        self.arrival.readings.truncate(readings);
        if self.arrival.keys.len() > keys {
            self.arrival.keys.truncate(keys);
            self.number += 1;
        }
    }

    /// Adds a note about the device whose frame is being read.
    pub fn note(&mut self, kind: NoteKind, text: String) {
        self.arrival.notes.push(Note { device: self.device, kind, text });
    }
}
