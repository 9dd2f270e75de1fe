//! HJ 212: the protocol in which China's air and water stations report what they measure, and in which
//! they are asked, calibrated and told the time. This crate reads and writes all of HJ/T 212-2005 and HJ
//! 212-2017, and what is known of HJ 212-2025 (whose text could not be had: those parts are marked and rest on
//! code bases that quote it).
//!
//! **The reader is tolerant.** Real devices send wrong lengths, GBK text, commas for semicolons, frames
//! without line ends and noise between them. [`Deframer`] cuts frames out of a byte stream, however it is
//! chopped; [`read`] reads one and gives back a [`Frame`] together with a list of [`Problem`]s that say, by
//! name and place, in English and Chinese, what the frame does differently from the standard. Only what cannot
//! be trusted is [`Rejected`]. A value that is no number (`NULL`, `--`) is a gap, never 0.
//!
//! **The writer is strict.** [`Writer`], [`request`] and [`answer`] write what the standard allows or say what is
//! wrong. Everything borrows from the caller's bytes; a clean frame is read without allocation, at about the
//! speed of memory (`cargo run --release --example throughput`). There is no async, no I/O and no clock here,
//! and no bytes make it panic.
//!
//! ```
//! use hj212::{Answer, Deframer, Dialect, Event, Field, Limits, answer};
//!
//! let mut deframer = Deframer::new(Limits::default());
//! let received = b"+CSQ: 21\r\n##0205QN=20160801085000001;ST=32;CN=2051;PW=123456;\
//!     MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20160801084000;\
//!     w01018-SampleTime=20160801080000,w01018-Min=39.8,w01018-Avg=NULL,w01018-Max=40.3,w01018-Flag=N&&8BC1";
//!
//! let mut rest: &[u8] = received;
//! while let Some(event) = deframer.next(&mut rest) {
//!     match event {
//!         Event::Frame(raw) => {
//!             let (frame, problems) = raw.read()?;
//!             assert_eq!((frame.mn(), frame.cn()), ("010000A8900016F000169DC0", Some(2051)));
//!             assert!(problems.is_empty());
//!             let maximum = frame.readings().find(|reading| reading.field == Field::Max).unwrap();
//!             assert_eq!((maximum.number(), maximum.flag), (Some(40.3), Some(&b"N"[..])));
//!             let mean = frame.readings().find(|reading| reading.field == Field::Avg).unwrap();
//!             assert_eq!(mean.number(), None); // a gap
//!
//!             let mut reply = Vec::new();
//!             answer(&frame, Dialect::V2017, Answer::Data, &mut reply)?;
//!             assert!(reply.starts_with(b"##0087QN=20160801085000001;ST=91;CN=9014;"));
//!         }
//!         Event::Skipped(noise) => assert_eq!(noise, b"+CSQ: 21\r\n"),
//!         Event::Bad(bad) => println!("kept, not answered: {}", bad.reason.name()),
//!         Event::Hopeless(why) => println!("close the connection: {why}"),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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

/// The example of the README runs too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
