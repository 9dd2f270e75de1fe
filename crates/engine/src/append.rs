//! Append: what becomes of every frame and reading of a turn, before anything is written.

use crate::correct::Stack;
use model::{
    Act, ActRow, Arrival, ArrivedFrame, ArrivedReading, Claim, Counted, Datastream, DatastreamId,
    DatastreamKey, DeviceId, Disposition, Fate, HOUR_MS, LedgerEntry, Reading, Reason, Sequence,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{FrameRecord, JournalEntry, TurnRecord, View};

/// A turn while it is being made. Nothing outside changes until the store has committed it.
pub(crate) struct Draft {
    /// What will be committed.
    pub record: TurnRecord,
    /// The readings of this turn by datastream and instant: the newest version of each.
    pub pending: HashMap<DatastreamId, BTreeMap<Timestamp, Reading>>,
    opened: HashMap<DatastreamKey, DatastreamId>,
    ledger: BTreeMap<(Timestamp, Option<DeviceId>, Counted, Disposition, Reason), u64>,
    last: Sequence,
    /// What stands over raw readings, and the raw versions that this turn needs to know.
    edits: Edits,
}

/// Corrections, and newest raw versions of readings that they cover.
#[derive(Default)]
pub(crate) struct Edits {
    pub stack: Arc<Stack>,
    pub raw: HashMap<(DatastreamId, Timestamp), Reading>,
    /// Covered readings of which this turn brings a raw version.
    pub touched: BTreeSet<(DatastreamId, Timestamp)>,
}

impl Draft {
    /// Begins a turn after the log entry `last`.
    pub fn begin(now: Timestamp, last: Sequence) -> Self {
        Self {
            record: TurnRecord { at: now, ..TurnRecord::default() },
            pending: HashMap::new(),
            opened: HashMap::new(),
            ledger: BTreeMap::new(),
            last,
            edits: Edits::default(),
        }
    }

    /// With corrections that stand over what arrives.
    pub fn under(mut self, edits: Edits) -> Self {
        self.edits = edits;
        self
    }

    /// Puts what the corrections make of the raw versions that this turn brings.
    pub fn put_corrected(&mut self) {
        let touched = std::mem::take(&mut self.edits.touched);
        if touched.is_empty() {
            return;
        }
        let sequence = self.next_sequence();
        for key in touched {
            let Some(raw) = self.edits.raw.get(&key).copied() else { continue };
            if let Some((value, flag)) = self.edits.stack.corrected(&raw) {
                self.put(Reading { value, flag, sequence, ..raw });
            }
        }
    }

    /// Takes the next number of the log.
    pub fn next_sequence(&mut self) -> Sequence {
        self.last = Sequence(self.last.0 + 1);
        self.last
    }

    /// Takes in one arrival; says what became of each of its frames.
    pub fn append(&mut self, view: &View, arrival: &Arrival) -> Vec<Disposition> {
        let datastreams: Vec<Option<DatastreamId>> =
            arrival.keys.iter().map(|key| self.open(view, key)).collect();
        let outcomes = arrival
            .frames
            .iter()
            .map(|frame| self.append_frame(view, arrival, frame, &datastreams))
            .collect();
        for note in &arrival.notes {
            self.journal(note.kind.name(), note.device, note.text.clone());
        }
        outcomes
    }

    /// Writes a line into the journal of this turn.
    pub fn journal(&mut self, kind: &str, device: Option<DeviceId>, text: String) {
        let at = self.record.at;
        self.record.journal.push(JournalEntry { at, kind: kind.to_owned(), device, text });
    }

    /// Puts an act into the turn; says which entry of the log it is.
    pub fn act(&mut self, act: Act) -> Sequence {
        let sequence = self.next_sequence();
        self.act_as(sequence, act);
        sequence
    }

    /// Puts an act into the turn under a number that was taken before.
    pub fn act_as(&mut self, sequence: Sequence, act: Act) {
        self.record.acts.push(ActRow { sequence, at: self.record.at, act });
    }

    /// Puts a reading into the turn, whoever made it.
    pub fn put(&mut self, reading: Reading) {
        self.record.readings.push(reading);
        self.pending.entry(reading.datastream).or_default().insert(reading.time, reading);
    }

    /// The current version of a reading, as this turn sees it.
    pub fn current(
        &self,
        view: &View,
        datastream: DatastreamId,
        time: Timestamp,
    ) -> Option<Reading> {
        let pending = self.pending.get(&datastream).and_then(|rows| rows.get(&time));
        pending.copied().or_else(|| view.hot().current(datastream, time))
    }

    /// The datastream of a key, opened when it is new; `None` when its source has no place.
    pub fn open(&mut self, view: &View, key: &DatastreamKey) -> Option<DatastreamId> {
        let registry = view.registry();
        if let Some(id) = registry.datastream_id(key).or_else(|| self.opened.get(key).copied()) {
            return Some(id);
        }
        let place = registry.place_of(key.source)?;
        let id = DatastreamId((registry.datastreams().len() + self.opened.len()) as i32);
        self.opened.insert(key.clone(), id);
        self.record.registry.datastreams.push(Datastream { id, key: key.clone(), place });
        Some(id)
    }

    /// Closes the draft: the record to commit.
    pub fn finish(mut self) -> TurnRecord {
        self.record.ledger = self
            .ledger
            .into_iter()
            .map(|((hour, device, unit, disposition, reason), count)| LedgerEntry {
                hour,
                device,
                unit,
                disposition,
                reason,
                count,
            })
            .collect();
        self.record.sequence_last = self.last;
        self.record
    }

    /// Sums of the ledger so far, for the check of conservation.
    pub fn counted(&self, unit: Counted) -> u64 {
        self.ledger.iter().filter(|((_, _, of, _, _), _)| *of == unit).map(|(_, count)| count).sum()
    }

    fn append_frame(
        &mut self,
        view: &View,
        arrival: &Arrival,
        frame: &ArrivedFrame,
        datastreams: &[Option<DatastreamId>],
    ) -> Disposition {
        let hour = arrival.received_at.floor(HOUR_MS);
        let (device, stranger) = match &frame.claim {
            Claim::Device(id) => (Some(*id), None),
            Claim::Stranger(name) => (None, Some(name.clone())),
            Claim::Nobody => (None, None),
        };
        let (disposition, reason) = match frame.fate {
            Fate::Reject(reason) => (Disposition::Rejected, reason),
            Fate::Quarantine(reason) => (Disposition::Quarantined, reason),
            Fate::Keep => {
                let readings = &arrival.readings[frame.readings.clone()];
                let sequence = Sequence(self.last.0 + 1);
                let (stored, duplicate) =
                    self.append_readings(view, sequence, readings, datastreams);
                self.count(
                    hour,
                    device,
                    Counted::Reading,
                    Disposition::Stored,
                    Reason::None,
                    stored,
                );
                let again = (Disposition::Duplicate, Reason::None);
                self.count(hour, device, Counted::Reading, again.0, again.1, duplicate);
                let is_duplicate = stored == 0 && duplicate > 0;
                (if is_duplicate { again.0 } else { Disposition::Stored }, Reason::None)
            }
        };
        if frame.fate != Fate::Keep {
            let count = u64::from(frame.reading_count);
            self.count(hour, device, Counted::Reading, disposition, reason, count);
        }
        self.count(hour, device, Counted::Frame, disposition, reason, 1);
        if disposition != Disposition::Duplicate {
            let sequence = self.next_sequence();
            let start = self.record.raw.len();
            self.record.raw.extend_from_slice(&arrival.raw[frame.raw.clone()]);
            let raw = start..self.record.raw.len();
            self.record.frames.push(FrameRecord {
                sequence,
                received_at: arrival.received_at,
                device,
                stranger,
                disposition,
                reason,
                raw,
            });
        }
        disposition
    }

    /// Puts the readings of a frame that are not there yet; counts those and the others.
    fn append_readings(
        &mut self,
        view: &View,
        sequence: Sequence,
        readings: &[ArrivedReading],
        datastreams: &[Option<DatastreamId>],
    ) -> (u64, u64) {
        let (mut stored, mut duplicate) = (0, 0);
        // What this frame said again; a second value for it in the same frame says nothing either.
        let mut again: Vec<(DatastreamId, Timestamp)> = vec![];
        for arrived in readings {
            let Some(datastream) = datastreams[arrived.key as usize] else {
                continue;
            };
            let key = (datastream, arrived.time);
            let is_covered = self.edits.stack.covers(datastream, arrived.time);
            // Under a correction what was sent is compared with what was sent.
            let held = if is_covered {
                self.edits.raw.get(&key).copied()
            } else {
                self.current(view, datastream, arrived.time)
            };
            // The first of two values of one frame stands; the other is in the raw frame.
            if held.is_some_and(|held| held.sequence == sequence || is_same(&held, arrived)) {
                duplicate += 1;
                again.push((datastream, arrived.time));
                continue;
            }
            if again.contains(&(datastream, arrived.time)) {
                duplicate += 1;
                continue;
            }
            stored += 1;
            let (time, value, flag) = (arrived.time, arrived.value, arrived.flag);
            let reading = Reading { datastream, time, value, flag, sequence };
            self.put(reading);
            if is_covered {
                self.edits.raw.insert(key, reading);
                self.edits.touched.insert(key);
            }
        }
        (stored, duplicate)
    }

    fn count(
        &mut self,
        hour: Timestamp,
        device: Option<DeviceId>,
        unit: Counted,
        disposition: Disposition,
        reason: Reason,
        count: u64,
    ) {
        if count > 0 {
            *self.ledger.entry((hour, device, unit, disposition, reason)).or_default() += count;
        }
    }
}

/// Whether a reading says nothing new. Values are compared by their bits: what was sent is what counts.
fn is_same(held: &Reading, arrived: &ArrivedReading) -> bool {
    held.value.map(f64::to_bits) == arrived.value.map(f64::to_bits)
        && held.flag.edited() == arrived.flag.edited()
}
