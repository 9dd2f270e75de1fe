//! What a gateway hands to the engine: whole frames, already read, not yet judged.
//!
//! All that was read from one connection at one time is one [`Arrival`], in columns: the engine
//! resolves each distinct key once and copies the bytes once.

use crate::{DatastreamKey, DeviceId, Flag, Reason, Timestamp};
use std::ops::Range;

/// Frames of one connection, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrival {
    /// When the last byte was read.
    pub received_at: Timestamp,
    /// The bytes of all frames, one after another, as they came.
    pub raw: Vec<u8>,
    /// The frames.
    pub frames: Vec<ArrivedFrame>,
    /// The distinct datastreams that the readings belong to.
    pub keys: Vec<DatastreamKey>,
    /// The readings of all frames.
    pub readings: Vec<ArrivedReading>,
    /// What else the gateway noticed, for the journal.
    pub notes: Vec<Note>,
}

/// One frame of an arrival.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivedFrame {
    /// Who sent it.
    pub claim: Claim,
    /// Its bytes in [`Arrival::raw`].
    pub raw: Range<usize>,
    /// Its readings in [`Arrival::readings`]; empty unless the fate is [`Fate::Keep`].
    pub readings: Range<usize>,
    /// How many readings it held, whatever their fate.
    pub reading_count: u32,
    /// What the gateway's checks of form, identity and time decided.
    pub fate: Fate,
}

/// Who a frame says it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A registered device that proved itself.
    Device(DeviceId),
    /// A name that is not registered, or did not prove itself; as it stood in the frame.
    Stranger(String),
    /// The frame could not be read so far.
    Nobody,
}

/// The decision that can be made from a frame alone, the registry and the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// To be stored, unless it turns out a duplicate.
    Keep,
    /// Not to be trusted.
    Reject(Reason),
    /// To be put aside.
    Quarantine(Reason),
}

/// One value of a kept frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrivedReading {
    /// Index into [`Arrival::keys`].
    pub key: u32,
    /// The instant, or the start of the period.
    pub time: Timestamp,
    /// The value in the parameter's unit; `None` when the device reported no number.
    pub value: Option<f64>,
    /// Quality and mark.
    pub flag: Flag,
}

/// Something that belongs in the journal: it is no reading, and somebody may ask about it later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// About which device, when that is known.
    pub device: Option<DeviceId>,
    /// What kind of thing happened.
    pub kind: NoteKind,
    /// One sentence with the numbers.
    pub text: String,
}

/// Kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// A device's connection opened, closed or was taken over by another one.
    Session,
    /// A device's clock differs from ours.
    ClockSkew,
    /// A command was sent to a device, and why.
    Order,
    /// A device's answer to a command.
    Answer,
    /// A device deviates from the protocol, reported once per device and kind.
    Deviation,
}

impl NoteKind {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ClockSkew => "clock_skew",
            Self::Order => "order",
            Self::Answer => "answer",
            Self::Deviation => "deviation",
        }
    }
}
