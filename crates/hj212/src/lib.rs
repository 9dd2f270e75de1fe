//! HJ 212

pub mod cipher;
mod crc;
mod deframe;
mod envelope;
mod frame;
mod index;
mod items;
mod number;
mod problem;
mod read;
mod reading;
pub mod tables;
pub mod text;
pub mod time;
mod write;

pub use crc::{CrcLooksLike, crc, crc_modbus, crc_table, diagnose};
pub use deframe::{BadFrame, Deframer, Event, Hopeless, Limits, RawFrame};
pub use envelope::Tail;
pub use frame::{Encrypted, Envelope, Flag, Frame, Header, Part};
pub use items::{Group, Groups, Item, Items};
pub use number::number;
pub use problem::{Detail, Kind, Level, Problem};
pub use read::{Rejected, read};
pub use reading::{Field, Reading, Readings};
pub use write::{
    Answer, CP_BYTES_MAX, Dialect, ExeRtn, Head, QnRtn, Request, SEGMENT_BYTES_MAX, WriteError,
    Writer, answer, request,
};
