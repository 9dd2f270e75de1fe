//! The device side: HJ 212 clients over real sockets.
//!
//! [`Client`] is one connection of one or more loggers: it sends uploads that want an answer, keeps
//! each until its 9014 has come, sends it again when that takes too long or the connection breaks, and
//! answers what the host asks in between. [`replay`] turns files of real readings into devices;
//! [`fleet`] is the load generator.

mod client;
pub mod fleet;
mod histogram;
mod logger;
pub mod replay;

pub use client::{Account, Client, ClientError, Options};
pub use histogram::Histogram;
pub use logger::{History, Logger, Profile, Upload};
pub(crate) use replay::wire_name;
