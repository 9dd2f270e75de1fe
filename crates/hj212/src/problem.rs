//! What is wrong with a frame, by name.

mod kind;

use core::fmt::{self, Write as _};

pub use kind::Kind;

use crate::crc::CrcLooksLike;

/// One thing a frame does differently from the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub kind: Kind,
    /// Where it was found: bytes from the first `#`, when it has a place.
    pub offset: Option<usize>,
    /// The facts that the message names.
    pub detail: Detail,
}

/// Facts of a problem beyond its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// Nothing beyond the name.
    None,
    /// The length field and the segment disagree; both in bytes.
    Length {
        /// What the length field says.
        declared: usize,
        /// What the frame holds.
        actual: usize,
    },
    /// The checksum is not that of the segment.
    Crc {
        /// What the frame carries.
        received: u16,
        /// What its segment has.
        computed: u16,
        /// What the wrong one looks like.
        looks_like: CrcLooksLike,
    },
}

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing; many devices do it and nothing is lost (`Flag=3` without PNUM).
    Note,
    /// Not what the standard says; read all the same. Count it by station and kind.
    Deviation,
    /// The frame is rejected.
    Error,
}

impl Problem {
    /// A problem without a place.
    pub const fn new(kind: Kind) -> Self {
        Self { kind, offset: None, detail: Detail::None }
    }

    /// A problem at a byte of the frame, counted from its first `#`.
    pub const fn at(kind: Kind, offset: usize) -> Self {
        Self { kind, offset: Some(offset), detail: Detail::None }
    }

    /// Whether the frame is rejected because of it.
    pub fn is_error(&self) -> bool {
        self.kind.level() == Level::Error
    }

    /// The message in Chinese; [`Display`](fmt::Display) gives it in English.
    pub fn chinese(&self) -> String {
        let mut message = String::new();
        if let Some(offset) = self.offset {
            _ = write!(message, "第 {offset} 字节：");
        }
        message.push_str(self.kind.chinese());
        match self.detail {
            Detail::None => {}
            Detail::Length { declared, actual } => {
                _ = write!(message, "（声明 {declared}，实际 {actual}）");
            }
            Detail::Crc { received, computed, looks_like } => {
                let hint = match looks_like {
                    CrcLooksLike::Modbus => "；符合 CRC-16/MODBUS，算法用错",
                    CrcLooksLike::ByteSwapped => "；高低字节颠倒",
                    CrcLooksLike::ImpossibleLowByte => "；低字节不可能出现，算法不同",
                    CrcLooksLike::Other => "",
                };
                _ = write!(message, "（收到 {received:04X}，应为 {computed:04X}{hint}）");
            }
        }
        message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.offset {
            write!(f, "byte {offset}: ")?;
        }
        f.write_str(self.kind.english())?;
        match self.detail {
            Detail::None => Ok(()),
            Detail::Length { declared, actual } => {
                write!(f, " (field says {declared}, frame has {actual})")
            }
            Detail::Crc { received, computed, looks_like } => {
                let hint = match looks_like {
                    CrcLooksLike::Modbus => {
                        "; it is CRC-16/MODBUS of the same bytes: wrong algorithm"
                    }
                    CrcLooksLike::ByteSwapped => "; the two bytes are swapped",
                    CrcLooksLike::ImpossibleLowByte => {
                        "; no segment can have this value: wrong algorithm"
                    }
                    CrcLooksLike::Other => "",
                };
                write!(f, " (received {received:04X}, should be {computed:04X}{hint})")
            }
        }
    }
}
