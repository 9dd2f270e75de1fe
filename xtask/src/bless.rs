//! `cargo xtask bless`: makes the generated files anew, so that a person can review them as text.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::house::{self, House};
use crate::web;

/// The rooms of tests that keep a text to be reviewed.
const SNAPSHOTS: [&str; 5] = ["answers", "config", "errors", "openapi", "rights"];

/// Handlers → `api/openapi.json` → TypeScript types; then every snapshot (tests rewrite theirs when `BLESS=1`).
pub fn run(house: &House) -> Result<()> {
    println!("api/openapi.json");
    let document = house::read(&mut house.cargo(&[
        "run",
        "--quiet",
        "--locked",
        "--package",
        "app",
        "--bin",
        "skyriver",
        "--",
        "openapi",
    ]))?;
    write(&house.root.join("api/openapi.json"), &document)?;
    println!("types of the page");
    web::install(house)?;
    house::run(&mut house.npm(&["run", "types"]))?;
    println!("snapshots");
    let mut tests = vec!["test", "--locked", "--quiet", "--package", "app", "--test", "it", "--"];
    tests.extend(SNAPSHOTS);
    house::run(house.cargo(&tests).env("BLESS", "1"))?;
    println!("done; now read `git diff`");
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, text))
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}
