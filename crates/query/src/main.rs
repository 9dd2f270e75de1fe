//! The binary `skyriver-sql`.

use std::process::ExitCode;

fn main() -> ExitCode {
    query::cli::main()
}
