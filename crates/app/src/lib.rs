//! The shell: configuration, HTTP, page and command line. `main.rs` is the binary over it.

pub mod config;
pub mod http;
mod words;

pub use words::Words;
