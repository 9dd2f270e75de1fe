//! The engine over a real store: what becomes of frames, what is derived from them, and when.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod append;
mod book;
mod correct;
mod derive;
mod emergency;
mod people;
mod registry;
mod sealed;
mod watch;
mod world;
