//! The HJ 212 server.
//!
//! ```text
//! socket ─► frames ─► who? ─► readings ─► Handover ─► engine ─► disk
//!    ▲                                                     │
//!    └──────────────── 9014, 9013 ◄──── Committed ◄────────┘
//! ```
//!
//! *Invariant:* nothing is answered before the engine has said [`Committed`](crate::Committed). When it does not say so
//! (the disk is full, the engine has stopped), nothing is answered and the connection is closed: the
//! device keeps its data and comes again.
//!
//! *Invariant:* every frame that arrives becomes exactly one `ArrivedFrame`, whatever is wrong with it.
//!
//! A device that proved itself is answered as soon as its frame is durable, also when its readings were
//! put aside (a clock that runs ahead, an unknown command): sending the same bytes again could not
//! improve them. Unknown devices and wrong passwords are never answered, or the device would delete
//! data that nobody asked for.

pub(crate) mod answers;
mod batch;
mod bucket;
mod clock;
mod connection;
mod counters;
mod decimal;
mod errors;
mod exchange;
mod judge;
mod limits;
mod log;
mod mapping;
mod server;
mod session;

pub use clock::{Clock, system_now};
pub use connection::paper::{PaperConnection, PaperServer};
pub use counters::{Counters, CountersSnapshot, ProblemCount};
pub(crate) use decimal::number as shifted_number;
pub use errors::Error;
pub use exchange::{Command, CommandError, Outcome};
pub use limits::Limits;
pub(crate) use log::FrameLog;
pub(crate) use mapping::count_values;
pub(crate) use mapping::flag_of_mark;
pub use server::{Config, Desk, Server};
pub use session::{SessionView, StrangerView};
