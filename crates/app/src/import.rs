//! Import: a file of places, lines and areas becomes entries of the registry, checked one by one.

pub mod check;
pub mod entry;
mod ring;
