//! The shell: configuration, HTTP, page and command line. `main.rs` is the binary over it.

pub mod analysis;
pub mod assess;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod bring;
pub mod cli;
pub mod clock;
mod commend;
pub mod compact;
pub mod config;
pub mod correct;
pub mod demo;
pub mod device;
pub mod door;
pub mod export;
pub mod frame;
pub mod http;
pub mod import;
mod indicators;
pub mod ledger;
pub mod log;
mod photo;
pub mod report;
pub mod rules;
pub mod sealing;
pub mod seed;
pub mod serve;
mod sheet;
pub mod shell;
pub mod standards_command;
pub mod trace;
pub mod user;
pub mod verify;
mod words;

pub use words::Words;
