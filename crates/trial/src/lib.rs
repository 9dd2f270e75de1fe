//! Trials: whole worlds built from a seed, in which devices, network, disk and clock fail, and every
//! promise is checked after every turn.
//!
//! A [`World`] is the real engine over the real store and the real gateway, with all around them made
//! up: devices that speak HJ 212 and remember what was not acknowledged ([`device`]), lines that break,
//! wait and tear frames apart ([`line`]), a disk that loses what was not synced ([`disk`]), a clock that
//! jumps ([`clock`]). What must hold is written down a second time, simply, by the [`book`] of all that
//! was sent and acknowledged; the [`promises`] compare. Everything follows from one number: the same seed
//! and scenario make the same world, turn by turn.
//!
//! *Architecture invariant:* nothing depends on this crate. It is a tool of those who build the program
//! and of those who doubt it.
//!
//! ```
//! let scenario = trial::Scenario::named("calm").ok_or("no such scenario")?;
//! let report = trial::run(7, scenario, None)?;
//! assert!(report.turns > 0 && report.acknowledged > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod book;
pub mod clock;
pub mod device;
pub mod dice;
pub mod disk;
pub mod line;
pub mod plant;
pub mod promises;
pub mod scenario;
pub mod server;
pub mod world;

pub use plant::Plant;
pub use promises::Broken;
pub use scenario::Scenario;
pub use world::{Failure, Report, World, run};
