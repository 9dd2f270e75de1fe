//! The binary `skyriver`: command line, configuration, sockets, clocks, and the page.

use std::process::ExitCode;

fn main() -> ExitCode {
    app::cli::run()
}
