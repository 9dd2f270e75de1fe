//! Rules on cases, properties of the watch, and what real readings say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cases;
mod frozen;
mod order;
mod real;
mod sonde;
mod world;
