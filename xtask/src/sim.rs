//! `cargo xtask sim`: worlds from seeds, in which every promise is tried by faults (`crates/trial`).

use std::process::ExitCode;

use crate::failure::Result;
use crate::house::{self, House};
use crate::steps::Outcome;

/// Seconds that a run of all steps spends on worlds, over all scenarios.
const SECONDS: &str = "150";

/// Builds the player of worlds and plays what the arguments say.
pub fn run(house: &House, args: &[String]) -> Result<ExitCode> {
    build(house)?;
    let mut command = house.program(house.binary("trial"), &house.root);
    house::run(command.args(args)).map(|()| ExitCode::SUCCESS)
}

/// As many worlds of each scenario as fit; the rest is for a longer command (`docs/reliability.md`).
pub fn step(house: &House) -> Result<Outcome> {
    build(house)?;
    let mut command = house.program(house.binary("trial"), &house.root);
    let args = ["--seeds", "400", "--seconds", SECONDS, "--threads", "2"];
    house::run(command.args(args)).map(|()| Outcome::Passed)
}

fn build(house: &House) -> Result<()> {
    house::run(&mut house.cargo(&["build", "--release", "--locked", "-p", "trial"]))
}
