//! What a turn hands to the store, and what comes back from it.

use crate::SecretChange;
use model::{
    ActRow, Area, Datastream, Device, DeviceId, Disposition, EntryKind, Flag, LedgerEntry, Line,
    Place, Reading, Reason, Sequence, Timestamp,
};
use std::ops::Range;

/// Everything one turn keeps. It is on disk as a whole or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnRecord {
    /// When the turn ran.
    pub at: Timestamp,
    /// New readings, each with its sequence. A value of `None` has a flag of quality missing.
    pub readings: Vec<Reading>,
    /// Kept frames, sequences ascending.
    pub frames: Vec<FrameRecord>,
    /// The bytes of the kept frames.
    pub raw: Vec<u8>,
    /// Counts that add to the ledger.
    pub ledger: Vec<LedgerEntry>,
    /// New lines of the journal.
    pub journal: Vec<JournalEntry>,
    /// What somebody or a rule did, sequences ascending.
    pub acts: Vec<ActRow>,
    /// What changes in the registry.
    pub registry: RegistryChanges,
    /// What changes among the secrets of accounts.
    pub secrets: Vec<SecretChange>,
    /// Archive files that are let go, by their number in the manifest, and the act that says why.
    pub dropped: Vec<(i64, Sequence)>,
    /// The newest sequence that this turn used; that of the turn before when it used none.
    pub sequence_last: Sequence,
}

impl TurnRecord {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
            && self.frames.is_empty()
            && self.ledger.is_empty()
            && self.journal.is_empty()
            && self.acts.is_empty()
            && self.registry.is_empty()
            && self.secrets.is_empty()
            && self.dropped.is_empty()
    }
}

/// A frame that is kept: stored, rejected or quarantined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRecord {
    /// Its number in the log.
    pub sequence: Sequence,
    /// When its last byte was read.
    pub received_at: Timestamp,
    /// Who sent it, when that is known.
    pub device: Option<DeviceId>,
    /// The name it gave, when nobody is registered under it.
    pub stranger: Option<String>,
    /// What became of it.
    pub disposition: Disposition,
    /// Why.
    pub reason: Reason,
    /// Its bytes in [`TurnRecord::raw`].
    pub raw: Range<usize>,
}

/// A kept frame, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// Its number in the log.
    pub sequence: Sequence,
    /// When its last byte was read.
    pub received_at: Timestamp,
    /// Who sent it, when that is known.
    pub device: Option<DeviceId>,
    /// The name it gave, when nobody is registered under it.
    pub stranger: Option<String>,
    /// What became of it.
    pub disposition: Disposition,
    /// Why.
    pub reason: Reason,
    /// Its bytes as they came.
    pub raw: Vec<u8>,
}

/// Which frames a listing wants, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameFilter {
    /// Only from this device.
    pub device: Option<DeviceId>,
    /// Only with this fate.
    pub disposition: Option<Disposition>,
    /// Only for this reason.
    pub reason: Option<Reason>,
    /// Only with sequences below this one.
    pub before: Option<Sequence>,
    /// At most this many.
    pub limit: usize,
}

/// One step of a listing of frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FramePage {
    /// The frames that were found, newest first.
    pub frames: Vec<FrameView>,
    /// Everything from this sequence on was looked at: go on with it as [`FrameFilter::before`].
    /// `None` when nothing older is left.
    pub looked_down_to: Option<Sequence>,
}

impl FrameFilter {
    pub(crate) fn wants(&self, frame: &FrameView) -> bool {
        self.device.is_none_or(|device| frame.device == Some(device))
            && self.disposition.is_none_or(|disposition| frame.disposition == disposition)
            && self.reason.is_none_or(|reason| frame.reason == reason)
            && self.before.is_none_or(|before| frame.sequence < before)
    }
}

/// A line of the journal: something happened that is no reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// When.
    pub at: Timestamp,
    /// What kind of thing, as a stable name.
    pub kind: String,
    /// About which device, when it is about one.
    pub device: Option<DeviceId>,
    /// One sentence with the numbers.
    pub text: String,
}

/// A line of the journal, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Its number, ascending in the order of writing.
    pub id: i64,
    /// What it says.
    pub entry: JournalEntry,
}

/// What a turn adds to the registry or replaces in it. Nothing is ever removed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegistryChanges {
    /// Areas, by key.
    pub areas: Vec<Area>,
    /// Lines, by key.
    pub lines: Vec<Line>,
    /// Places, by key.
    pub places: Vec<Place>,
    /// Devices, by name on the wire.
    pub devices: Vec<Device>,
    /// New datastreams, with the ids that follow the last one.
    pub datastreams: Vec<Datastream>,
    /// Who changes areas, lines, places and devices, and how.
    pub by: Author,
}

/// Who changes the registry, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The user; empty when a file did it at the start.
    pub who: String,
    /// By which way.
    pub way: Way,
    /// The receipt of the import that brought it.
    pub receipt: Option<String>,
}

/// By which way an entry of the registry changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// The registry file that the configuration names.
    #[default]
    File,
    /// Somebody wrote it.
    Written,
    /// Somebody ended its validity.
    Ended,
    /// Somebody imported it.
    Imported,
}

/// One version of an entry of the registry. Versions are never erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number, ascending over the whole registry in the order of writing.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The newest entry of the log when it was written: what came later was judged with it.
    pub sequence: Sequence,
    /// What kind of entry.
    pub kind: EntryKind,
    /// Its key.
    pub key: String,
    /// Who did it, and how.
    pub by: Author,
    /// Whether there was no entry of that key before.
    pub is_first: bool,
    /// The entry as it stands from then on, JSON.
    pub document: String,
}

impl RegistryChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty()
            && self.lines.is_empty()
            && self.places.is_empty()
            && self.devices.is_empty()
            && self.datastreams.is_empty()
    }
}

/// As it was known when: the second axis of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// As it is known now.
    #[default]
    Now,
    /// As it was known when this was the newest sequence of the log.
    At(Sequence),
    /// What was sent, as it was known when this was the newest sequence: without any correction.
    Raw(Sequence),
}

impl Known {
    /// Whether a version was there.
    pub fn has(self, sequence: Sequence) -> bool {
        match self {
            Self::Now => true,
            Self::At(newest) | Self::Raw(newest) => sequence <= newest,
        }
    }

    /// Whether a version with this flag may be shown.
    pub fn takes(self, flag: Flag) -> bool {
        !matches!(self, Self::Raw(_)) || !flag.is_edited()
    }

    /// The same moment, without corrections.
    #[must_use]
    pub fn raw(self) -> Self {
        match self {
            Self::Now => Self::Raw(Sequence(u64::MAX)),
            Self::At(newest) | Self::Raw(newest) => Self::Raw(newest),
        }
    }

    /// Whether versions that newer ones replaced have to be looked at.
    pub fn wants_replaced(self) -> bool {
        self != Self::Now
    }
}

/// The readings of one datastream, ascending by time: of each instant one version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Instants, or starts of periods.
    pub time: Vec<Timestamp>,
    /// Values; `None` is a gap that somebody reported.
    pub value: Vec<Option<f64>>,
    /// Quality and mark.
    pub flag: Vec<Flag>,
    /// The log entries that brought them.
    pub sequence: Vec<Sequence>,
    /// UTC days of which a part could not be read because a file is damaged: a gap with a reason.
    pub damaged_days: Vec<i32>,
}

impl Columns {
    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }
}

/// Something of the files that cannot be read any more. The rest is served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// The file, and the row of a table when it is in the database.
    pub what: String,
    /// What was found.
    pub why: String,
}

/// What was found at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Turns ever committed.
    pub turns: u64,
    /// Readings brought back to memory.
    pub readings: u64,
    /// Frames in the log that are not sealed.
    pub frames: u64,
    /// Files of the archive in the manifest.
    pub archive_files: u64,
    /// Files in the archive that no manifest knew, removed.
    pub garbage_removed: u64,
    /// What cannot be read any more.
    pub damaged: Vec<Damage>,
}

/// Bytes on disk and readings by where they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of the database and its write-ahead log.
    pub database_bytes: u64,
    /// Bytes of the archive.
    pub archive_bytes: u64,
    /// Readings in memory.
    pub hot_readings: u64,
    /// Rows of readings in the archive, all versions.
    pub archived_readings: u64,
}
