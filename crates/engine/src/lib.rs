//! One turn of the loop: append → derive → detect → journal → act.
//!
//! A [`Engine`] owns the store and the law. Each [`Engine::turn`] takes what arrived since the last
//! one, decides what becomes of every frame and reading, derives what follows from them (the air
//! quality index of hours and days), and commits all of it as one transaction. Only then may anybody
//! be told that something was kept. A turn without arrivals is the tick of the clock: it derives
//! what has fallen due.
//!
//! *Architecture invariant:* nothing here knows sockets, HTTP, threads or the wall clock; `now` is an
//! argument, and the same arrivals give the same record.

mod act;
mod append;
pub mod area;
pub mod assess;
pub mod correct;
pub mod decision;
mod derive;
pub mod desk;
pub mod emergency;
pub mod index;
mod install;
pub mod people;
mod preview;
mod promises;
pub mod retain;
mod turn;
pub mod watch;

pub use install::{Edit, RegistryFile};
pub use preview::Preview;
pub use promises::Broken;
pub use turn::{Engine, Error, Limits, Turn};
