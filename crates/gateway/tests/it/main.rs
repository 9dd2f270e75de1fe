//! The HJ 212 server over real loopback sockets, with a fake engine.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod bad_frames;
mod clients;
mod commands;
mod durability;
mod files;
mod identity;
mod limits;
mod readings;
mod real;
mod rig;
mod stream;
