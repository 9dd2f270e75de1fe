//! The gate: listeners, sessions and drivers by which devices reach the engine.
//!
//! [`hj212`] is the server: it reads frames from TCP, proves who sent them, turns civil time and wire
//! units into ours, hands whole batches to the engine and answers a device only when the engine says
//! that its data are on disk. It judges no value and drops nothing; when the engine is slow it reads
//! more slowly.

pub mod hj212;
