//! `cargo xtask demo`: from a fresh clone to a page that is alive, in one command.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::house::{self, House};
use crate::steps::{Outcome, seconds};
use crate::web;

/// Builds page and server, then becomes `skyriver demo` with the arguments that are left.
pub fn run(house: &House, rest: &[String]) -> Result<ExitCode> {
    let binary = build(house)?;
    // The person's own folder, not the clone's: `--data DIR` may be relative.
    let error = Command::new(&binary).arg("demo").args(rest).exec();
    Err(Failure::new(format!("cannot start {}: {error}", binary.display())))
}

/// Page, then server with the page inside; where the binary is.
pub fn build(house: &House) -> Result<PathBuf> {
    let started = Instant::now();
    let say = |text: &str| println!("[{:>8}] {text}", seconds(started.elapsed()));
    say("page: packages");
    say_outcome(&say, web::install(house)?);
    say("page: bundle");
    say_outcome(&say, web::build(house)?);
    say("server: release build (the first time compiles the dependencies, which takes minutes)");
    build_server(house)?;
    let binary = house.binary("skyriver");
    say(&format!("built {}", binary.display()));
    Ok(binary)
}

/// The binary `skyriver`, as people run it.
pub fn build_server(house: &House) -> Result<()> {
    house::run(&mut house.cargo(&[
        "build",
        "--release",
        "--locked",
        "--package",
        "app",
        "--bin",
        "skyriver",
    ]))
}

fn say_outcome(say: &impl Fn(&str), outcome: Outcome) {
    if let Outcome::Skipped(why) = outcome {
        say(&why);
    }
}
