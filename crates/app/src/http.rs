//! The HTTP side.

mod limits;

pub use limits::Limits;
