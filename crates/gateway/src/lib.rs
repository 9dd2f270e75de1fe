//! The gate: listeners, sessions and drivers by which devices reach the engine.
//!
//! [`hj212`] is the server: it reads frames from TCP, proves who sent them, turns civil time and wire
//! units into ours, hands whole batches to the engine and answers a device only when the engine says
//! that its data are on disk. It judges no value and drops nothing; when the engine is slow it reads
//! more slowly.
//!
//! [`device`] is the other end of the wire: real HJ 212 clients over real sockets, for replaying files
//! of readings and for load.

pub mod device;
pub mod hj212;

use model::{Arrival, Disposition, Sequence};
use tokio::sync::oneshot;

/// What the engine gets: frames of one connection, and where to say that they are on disk.
#[derive(Debug)]
pub struct Handover {
    /// The frames, in the order in which they came.
    pub arrival: Arrival,
    /// To be sent after the commit. Dropping it says that nothing was committed.
    pub reply: oneshot::Sender<Committed>,
}

/// What the engine says after the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// What became of each frame of the arrival, in its order.
    pub outcomes: Vec<Disposition>,
    /// The highest sequence that is now on disk, when the engine says it.
    pub sequence: Option<Sequence>,
}
