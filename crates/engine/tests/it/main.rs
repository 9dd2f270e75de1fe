//! The engine over a real store: what becomes of frames, what is derived from them, and when.

mod append;
mod derive;
mod registry;
mod world;
