//! The ledger: what became of every frame and every reading that ever arrived.
//!
//! `received = stored + duplicate + rejected + quarantined (+ in flight, while a turn runs)`, per
//! device and hour of arrival, in frames and in readings, always.

use crate::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// A frame of a protocol, or a row of a file.
    Frame,
    /// A value inside it.
    Reading,
}

/// What became of it. Exactly one for each frame and each reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    /// On disk.
    Stored,
    /// Was on disk already, with the same value.
    Duplicate,
    /// Not trusted, for a reason; the raw bytes are kept.
    Rejected,
    /// Put aside until somebody decides; the raw bytes are kept.
    Quarantined,
}

/// Why a frame or reading was not simply stored. The name is stable: it stands in the ledger, the
/// API and the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing to explain.
    None,
    /// The checksum does not fit the bytes.
    BadCrc,
    /// The length field does not fit the frame and nothing could be repaired.
    BadLength,
    /// The frame is longer than the limit.
    Oversize,
    /// The frame has no readable grammar (no CP, no command, a bad flag field …).
    BadGrammar,
    /// The command number is not in any edition; kept, not understood.
    UnknownCommand,
    /// The time of the data is missing or no date.
    BadTime,
    /// The time of the data lies ahead of our clock.
    FutureTime,
    /// The time of the data lies before the earliest that is accepted.
    AncientTime,
    /// Nobody registered this device.
    UnknownDevice,
    /// The device gave another password than the registered one.
    WrongPassword,
    /// An encrypted frame for which no key is known.
    NoKey,
    /// More than the device may send in this time.
    RateLimit,
    /// More readings in one frame than the limit.
    TooManyReadings,
}

impl Reason {
    /// Every reason, in the order of their stored numbers.
    pub const ALL: [Self; 14] = [
        Self::None,
        Self::BadCrc,
        Self::BadLength,
        Self::Oversize,
        Self::BadGrammar,
        Self::UnknownCommand,
        Self::BadTime,
        Self::FutureTime,
        Self::AncientTime,
        Self::UnknownDevice,
        Self::WrongPassword,
        Self::NoKey,
        Self::RateLimit,
        Self::TooManyReadings,
    ];

    /// The stable name, in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BadCrc => "bad_crc",
            Self::BadLength => "bad_length",
            Self::Oversize => "oversize",
            Self::BadGrammar => "bad_grammar",
            Self::UnknownCommand => "unknown_command",
            Self::BadTime => "bad_time",
            Self::FutureTime => "future_time",
            Self::AncientTime => "ancient_time",
            Self::UnknownDevice => "unknown_device",
            Self::WrongPassword => "wrong_password",
            Self::NoKey => "no_key",
            Self::RateLimit => "rate_limit",
            Self::TooManyReadings => "too_many_readings",
        }
    }
}

impl Disposition {
    /// Every disposition, in the order of their stored numbers.
    pub const ALL: [Self; 4] = [Self::Stored, Self::Duplicate, Self::Rejected, Self::Quarantined];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Rejected => "rejected",
            Self::Quarantined => "quarantined",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// One line of the ledger: a count that adds to what stands there already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LedgerEntry {
    /// Start of the hour (UTC) in which it arrived.
    pub hour: Timestamp,
    /// From whom; `None` when that is not known.
    pub device: Option<DeviceId>,
    /// Frames or readings.
    pub unit: Counted,
    /// What became of them.
    pub disposition: Disposition,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub count: u64,
}

/// Sums of one unit over any part of the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LedgerTotals {
    /// Everything that arrived.
    pub received: u64,
    /// On disk.
    pub stored: u64,
    /// Already there.
    pub duplicate: u64,
    /// Not trusted.
    pub rejected: u64,
    /// Put aside.
    pub quarantined: u64,
    /// Arrived, not yet decided. Always 0 in what is on disk.
    pub in_flight: u64,
}

impl LedgerTotals {
    /// Adds a count to its disposition and to what was received.
    pub fn add(&mut self, disposition: Disposition, count: u64) {
        self.received += count;
        match disposition {
            Disposition::Stored => self.stored += count,
            Disposition::Duplicate => self.duplicate += count,
            Disposition::Rejected => self.rejected += count,
            Disposition::Quarantined => self.quarantined += count,
        }
    }

    /// Conservation: nothing arrived that has no fate, and nothing has two.
    pub const fn is_balanced(&self) -> bool {
        self.received
            == self.stored + self.duplicate + self.rejected + self.quarantined + self.in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_reasons_are_their_places_in_the_list() {
        for (number, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, number, "{reason}");
            let json = serde_json::to_string(reason).unwrap();
            assert_eq!(json, format!("\"{reason}\""));
        }
        for (number, disposition) in Disposition::ALL.iter().enumerate() {
            assert_eq!(*disposition as usize, number);
        }
    }

    #[test]
    fn a_count_without_a_fate_unbalances_the_totals() {
        let mut totals = LedgerTotals::default();
        totals.add(Disposition::Stored, 3);
        totals.add(Disposition::Rejected, 1);
        assert!(totals.is_balanced());
        totals.received += 1;
        assert!(!totals.is_balanced());
        totals.in_flight = 1;
        assert!(totals.is_balanced());
    }
}
