//! The binary `skyriver`: command line, configuration, sockets, clocks, and the page.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Gives back what a sealed day needed; the system's keeps it for each thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    app::cli::run()
}
