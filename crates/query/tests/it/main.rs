//! SQL from outside, on a real store in a folder: equal to what the store says, read-only, within limits.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop")]

mod hostile;
mod known;
mod limits;
mod pushed;
mod tables;
mod world;
