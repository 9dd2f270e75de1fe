//! The book: what was sent, kept and acknowledged, written down a second time and as simply as can be.
//!
//! It is told of every turn that survived, applies the few rules of the log by itself (what is a
//! duplicate, which sequence a frame takes) and so knows what the store must answer.

use crate::promises::{Broken, Promise};
use model::{
    Act, Arrival, Claim, Counted, DeviceId, Disposition, Fate, Flag, Quality, Reason, Sequence,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// One value of a frame as the device meant it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Our key of the parameter.
    pub parameter: &'static str,
    /// The value in our unit; `None` when the device had none.
    pub value: Option<f64>,
    /// The device's mark.
    pub mark: char,
}

/// One frame as a device made it: the means of an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Who.
    pub mn: String,
    /// Its number on the wire.
    pub qn: String,
    /// The start of the hour.
    pub hour: Timestamp,
    /// What it says.
    pub values: Vec<Sent>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One version of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Version {
    /// The frame that brought it.
    pub sequence: Sequence,
    /// The value.
    pub value: Option<f64>,
    /// Quality and mark.
    pub flag: Flag,
}

/// A frame that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whose it is.
    pub device: Option<DeviceId>,
    /// What became of it.
    pub disposition: Disposition,
    /// Why.
    pub reason: Reason,
}

/// Device, parameter and hour of a reading.
pub type Key = (DeviceId, &'static str, Timestamp);
/// Name on the wire and number of a frame.
pub type Name = (String, String);
/// What a line of the ledger counts, hours apart.
pub type Line = (Option<DeviceId>, Counted, Disposition, Reason);

/// Everything that must be so.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Every frame that a device made.
    pub uploads: BTreeMap<Name, Upload>,
    /// Frames whose acknowledgement has left the server.
    pub answered: BTreeSet<Name>,
    /// Frames of uploads that a turn kept, and what became of them the first time.
    pub fates: BTreeMap<Name, (Disposition, Option<Sequence>)>,
    /// All versions of all readings of devices, oldest first.
    pub versions: BTreeMap<Key, Vec<Version>>,
    /// All kept frames.
    pub frames: BTreeMap<Sequence, Kept>,
    /// The ledger.
    pub ledger: BTreeMap<Line, u64>,
    /// What people did.
    pub acts: Vec<(Sequence, Act)>,
    /// The newest sequence after each turn.
    pub moments: Vec<Sequence>,
    /// Devices by name.
    pub devices: BTreeMap<String, DeviceId>,
}

impl Book {
    /// Writes down a turn that survived: what arrived after the entry `last` of the log, and what the
    /// server said became of it.
    ///
    /// # Errors
    /// When the server says otherwise than the rules.
    pub fn turn(
        &mut self,
        last: Sequence,
        arrivals: &[Arrival],
        said: Option<&[Vec<Disposition>]>,
    ) -> Result<(), Broken> {
        let mut sequence = last;
        for (at, arrival) in arrivals.iter().enumerate() {
            for (number, frame) in arrival.frames.iter().enumerate() {
                let bytes = &arrival.raw[frame.raw.clone()];
                let device = match frame.claim {
                    Claim::Device(id) => Some(id),
                    _ => None,
                };
                let next = Sequence(sequence.0 + 1);
                let (disposition, reason) = match frame.fate {
                    Fate::Reject(reason) => (Disposition::Rejected, reason),
                    Fate::Quarantine(reason) => (Disposition::Quarantined, reason),
                    Fate::Keep => (self.keep(device, bytes, next)?, Reason::None),
                };
                if frame.fate != Fate::Keep {
                    let count = u64::from(frame.reading_count);
                    self.count((device, Counted::Reading, disposition, reason), count);
                }
                self.count((device, Counted::Frame, disposition, reason), 1);
                if let Some(said) = said
                    && said.get(at).and_then(|of| of.get(number)) != Some(&disposition)
                {
                    let what = format!("a frame that is {disposition} was said to be {said:?}");
                    return Err(Broken::new(Promise::Conservation, what));
                }
                let mut place = None;
                if disposition != Disposition::Duplicate {
                    sequence = next;
                    place = Some(next);
                    let kept = Kept { bytes: bytes.to_vec(), device, disposition, reason };
                    self.frames.insert(next, kept);
                }
                if let Some(name) = name_of(bytes) {
                    self.fates.entry(name).or_insert((disposition, place));
                }
            }
        }
        Ok(())
    }

    /// Writes down that acknowledgements have left the server.
    pub fn answer(&mut self, names: impl IntoIterator<Item = Name>) {
        self.answered.extend(names);
    }

    /// The version of a reading that was known at a sequence.
    pub fn known(&self, key: &Key, at: Sequence) -> Option<Version> {
        self.versions.get(key)?.iter().rev().find(|version| version.sequence <= at).copied()
    }

    /// Puts the values of a frame into the log; says whether that was anything new.
    fn keep(
        &mut self,
        device: Option<DeviceId>,
        bytes: &[u8],
        sequence: Sequence,
    ) -> Result<Disposition, Broken> {
        let unknown = || Broken::new(Promise::TwoClicks, "a frame was kept that nobody sent");
        let device = device.ok_or_else(unknown)?;
        let upload = name_of(bytes).and_then(|name| self.uploads.get(&name)).ok_or_else(unknown)?;
        if upload.bytes.trim_ascii_end() != bytes.trim_ascii_end() {
            let what = "a frame was kept otherwise than it was sent";
            return Err(Broken::new(Promise::RawStays, what));
        }
        let (hour, values) = (upload.hour, upload.values.clone());
        let (mut stored, mut again) = (0, 0);
        for Sent { parameter, value, mark } in values {
            let flag = flag(value, mark);
            let versions = self.versions.entry((device, parameter, hour)).or_default();
            let is_known = versions.last().is_some_and(|held| {
                held.value.map(f64::to_bits) == value.map(f64::to_bits) && held.flag == flag
            });
            if is_known {
                again += 1;
            } else {
                stored += 1;
                versions.push(Version { sequence, value, flag });
            }
        }
        let line = |disposition| (Some(device), Counted::Reading, disposition, Reason::None);
        self.count(line(Disposition::Stored), stored);
        self.count(line(Disposition::Duplicate), again);
        Ok(if stored == 0 && again > 0 { Disposition::Duplicate } else { Disposition::Stored })
    }

    fn count(&mut self, line: Line, count: u64) {
        if count > 0 {
            *self.ledger.entry(line).or_default() += count;
        }
    }
}

/// The flag that a value and a mark must get.
fn flag(value: Option<f64>, mark: char) -> Flag {
    let quality = match (value, mark) {
        (None, _) => Quality::Missing,
        (_, 'N') => Quality::Good,
        _ => Quality::Fail,
    };
    Flag::new(quality, Some(mark as u8))
}

/// Who made a frame and its number, read off its bytes without a parser; `None` when it has none.
pub fn name_of(bytes: &[u8]) -> Option<Name> {
    let text = std::str::from_utf8(bytes).ok()?;
    let field = |name: &str| Some(text.split(name).nth(1)?.split(';').next()?.to_owned());
    Some((field("MN=")?, field("QN=")?))
}
