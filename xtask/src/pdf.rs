//! `skyriver-pdf`: a workspace of its own, so that nobody who works on the rest compiles typst. Everything is built in
//! one profile, release, which is what ships; so it lies beside the server, and no dependency is compiled twice.

use crate::failure::Result;
use crate::house::{self, House};
use crate::steps::Outcome;

const MANIFEST: &str = "crates/pdf/Cargo.toml";

/// Form, lints, tests; the tests build the binary.
pub fn step(house: &House) -> Result<Outcome> {
    house::run(&mut house.cargo(&["fmt", "--check", "--manifest-path", MANIFEST]))?;
    // What `cargo clippy` does, but as a build: it would check three hundred crates a second time.
    let lint = ["test", "--release", "--locked", "--no-run", "--manifest-path", MANIFEST];
    let mut lint = house.cargo(&lint);
    lint.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    house::run(&mut lint)?;
    house::run(&mut house.cargo(&["test", "--release", "--locked", "--manifest-path", MANIFEST]))?;
    build(house)?;
    Ok(Outcome::Passed)
}

/// The binary, beside the server.
pub fn build(house: &House) -> Result<()> {
    house::run(&mut house.cargo(&["build", "--release", "--locked", "--manifest-path", MANIFEST]))
}
