//! A reading and the flag that says whether it may be used.

use crate::{DatastreamId, Sequence, Timestamp};
use serde::{Deserialize, Serialize};

/// One value of one datastream at one instant (the start of its period), in the parameter's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// What was measured where, by what, over which period.
    pub datastream: DatastreamId,
    /// The instant, or the start of the period.
    pub time: Timestamp,
    /// The value; `None` is a gap that somebody reported, its reason is in `flag`.
    pub value: Option<f64>,
    /// Whether it may be used, and the mark the device gave it.
    pub flag: Flag,
    /// The log entry that brought it.
    pub sequence: Sequence,
}

/// The five levels of quality (those of QARTOD / IOOS), as stored in the low four bits of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// May be used in statistics.
    Good = 1,
    /// Nobody has judged it.
    Unknown = 2,
    /// Doubtful: kept and shown, out of statistics until somebody decides.
    Suspect = 3,
    /// Known to be wrong.
    Fail = 4,
    /// There is no value.
    Missing = 9,
}

/// Quality in the low four bits, the device's own mark (an ASCII letter or digit, 0 for none) in the seven
/// above, and above that whether the version was made by a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flag(i16);

impl Flag {
    /// The bit of versions that a correction made.
    const EDITED: i16 = 1 << 11;

    /// A flag from a quality and the mark on the wire; a mark that is not ASCII is dropped.
    pub const fn new(quality: Quality, mark: Option<u8>) -> Self {
        let mark = match mark {
            Some(letter) if letter.is_ascii() => letter as i16,
            _ => 0,
        };
        Self(mark << 4 | quality as i16)
    }

    /// The same flag on a version that a correction made: what a device sent never has it.
    #[must_use]
    pub const fn edited(self) -> Self {
        Self(self.0 | Self::EDITED)
    }

    /// Whether a correction made the version.
    pub const fn is_edited(self) -> bool {
        self.0 & Self::EDITED != 0
    }

    /// The same flag with another level of quality.
    #[must_use]
    pub const fn with_quality(self, quality: Quality) -> Self {
        Self(self.0 & !15 | quality as i16)
    }

    /// From the stored number; a number that no version of us wrote reads as `Unknown`.
    pub const fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// As stored.
    pub const fn bits(self) -> i16 {
        self.0
    }

    /// The level of quality.
    pub const fn quality(self) -> Quality {
        match self.0 & 15 {
            1 => Quality::Good,
            3 => Quality::Suspect,
            4 => Quality::Fail,
            9 => Quality::Missing,
            _ => Quality::Unknown,
        }
    }

    /// The mark the device gave: `N`, `D`, `M`, …
    pub const fn mark(self) -> Option<char> {
        match (self.0 >> 4) & 127 {
            0 => None,
            letter => Some(letter as u8 as char),
        }
    }

    /// Whether statistics may use the value.
    pub const fn is_good(self) -> bool {
        matches!(self.quality(), Quality::Good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_keeps_quality_and_mark() {
        for quality in
            [Quality::Good, Quality::Unknown, Quality::Suspect, Quality::Fail, Quality::Missing]
        {
            for mark in [None, Some(b'N'), Some(b'~'), Some(b'0')] {
                let flag = Flag::from_bits(Flag::new(quality, mark).bits());
                assert_eq!(flag.quality(), quality);
                assert_eq!(flag.mark(), mark.map(char::from));
            }
        }
        assert_eq!(Flag::new(Quality::Good, Some(0xE4)).mark(), None);
        let edited = Flag::new(Quality::Good, Some(b'~')).edited();
        assert_eq!((edited.quality(), edited.mark()), (Quality::Good, Some('~')));
        assert!(edited.is_edited() && !Flag::new(Quality::Good, Some(b'~')).is_edited());
        assert_eq!(edited.with_quality(Quality::Fail).quality(), Quality::Fail);
        assert!(edited.with_quality(Quality::Fail).is_edited());
    }
}
