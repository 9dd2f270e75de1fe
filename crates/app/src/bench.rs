//! `skyriver bench`: what this machine does with the whole path, measured against a real server in a
//! process of its own. Timings are printed, never asserted; a lost reading ends with a failure.

mod child;
mod client;
mod kill;
mod pages;
mod path;
mod restart;
mod store;

use crate::cli::Failure;
use clap::Subcommand;
use std::process::ExitCode;

/// Measure this machine.
#[derive(Subcommand, Debug)]
pub enum BenchCommand {
    /// Device → TCP → parsed → durable → acknowledged: values per second and latency.
    Path(path::Path),
    /// What open pages cost and how long the map's answers take.
    Pages(pages::Pages),
    /// Kill the server at random instants; count acknowledged readings that it lost, and time restarts.
    Kill(kill::Kill),
    /// Fill a server with readings of one day, kill it, and time how long it takes to listen again.
    Restart(restart::Restart),
    /// Seal, fold and ask a year of hours; a month of back-fill.
    Store(store::Store),
}

impl BenchCommand {
    /// Measures and prints.
    ///
    /// # Errors
    /// When a server cannot be started or an acknowledged reading is lost.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Self::Path(path) => path.run(),
            Self::Pages(pages) => pages.run(),
            Self::Kill(kill) => kill.run(),
            Self::Restart(restart) => restart.run(),
            Self::Store(store) => store.run(),
        }
    }
}
