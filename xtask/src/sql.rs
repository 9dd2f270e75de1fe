//! `crates/query`: a workspace of its own, so that `DataFusion` is built by nobody else, and once for everything.
//!
//! Lint, tests and the binary share one build: `clippy-driver` stands in for `rustc` on our own crate and
//! compiles it as well as it lints it. `cargo clippy` would check all dependencies a second time.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::house::{self, House};
use crate::steps::Outcome;

/// The script that compares with other programs; it needs the binary that is built here.
pub const SCRIPT: &str = "check_sql.py";

/// Layout of the sources.
pub fn format(house: &House) -> Result<Outcome> {
    house::run(&mut cargo(house, &["fmt", "--check"])).map(|()| Outcome::Passed)
}

/// Lints and tests; the binary lies there afterwards.
pub fn test(house: &House) -> Result<Outcome> {
    let mut command = cargo(house, &["test", "--locked", "--no-fail-fast"]);
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "-Dwarnings");
    house::run(&mut command).map(|()| Outcome::Passed)
}

/// The same archive by `DuckDB` and pandas.
pub fn independent(house: &House) -> Result<Outcome> {
    let mut command = house.program("python3", &house.root);
    command
        .arg(house.root.join("tests/independent").join(SCRIPT))
        .env("TEST_BINARY", house.binary("skyriver"))
        .env("SQL_BINARY", folder(house).join("debug/skyriver-sql"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    house::run(&mut command).map(|()| Outcome::Passed)
}

/// Builds the binary that is given to people, and prints where it is.
pub fn build(house: &House) -> Result<()> {
    house::run(&mut cargo(house, &["build", "--release", "--locked"]))?;
    let binary = folder(house).join("release/skyriver-sql");
    if !binary.is_file() {
        return Err(Failure::new(format!("{} was not built", binary.display())));
    }
    println!("{}", binary.display());
    Ok(())
}

/// The script that times it beside `DuckDB`, built as people get it.
pub fn speed(house: &House) -> Result<Command> {
    let example = ["build", "--release", "--locked", "-p", "store", "--example", "archive"];
    house::run(&mut house.cargo(&example))?;
    build(house)?;
    let mut command = house.program("python3", &house.root);
    command
        .arg(house.root.join("tests/independent/speed_sql.py"))
        .env("ARCHIVE_BINARY", house.target.join("release/examples/archive"))
        .env("SQL_BINARY", folder(house).join("release/skyriver-sql"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// A folder of its own beside the others, so that two builds can run side by side.
fn folder(house: &House) -> PathBuf {
    house.target.join("sql")
}

fn cargo(house: &House, args: &[&str]) -> Command {
    let mut command = house.cargo(args);
    command.current_dir(house.root.join("crates/query")).env("CARGO_TARGET_DIR", folder(house));
    command
}
