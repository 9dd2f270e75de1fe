//! `cargo xtask test` and `cargo xtask ci`: the list of everything that must hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::demo;
use crate::failure::{Failure, Result};
use crate::house::{self, House};
use crate::pdf;
use crate::setup;
use crate::sim;
use crate::sql;
use crate::steps::{self, Outcome, Step};
use crate::tidy;
use crate::web;

const PARTS: [&str; 7] = ["tidy", "rust", "web", "browser", "independent", "pdf", "sql"];

/// The page comes before the Rust tests: the server embeds it, and is then compiled once.
const STEPS: [Step; 19] = [
    Step { name: "tidy", parts: &["tidy"], needs: &[], run: tidy::step },
    Step {
        name: "format",
        parts: &["rust"],
        needs: &[],
        run: |house| cargo(house, &["fmt", "--all", "--check"]),
    },
    Step { name: "web install", parts: &["web", "browser"], needs: &[], run: web::install },
    Step {
        name: "web check",
        parts: &["web"],
        needs: &["web install"],
        run: |house| npm(house, "check"),
    },
    Step {
        name: "web lint",
        parts: &["web"],
        needs: &["web install"],
        run: |house| npm(house, "lint"),
    },
    Step {
        name: "web test",
        parts: &["web"],
        needs: &["web install"],
        run: |house| npm(house, "test"),
    },
    Step {
        name: "web build",
        parts: &["web", "browser"],
        needs: &["web install"],
        run: web::build,
    },
    Step {
        name: "clippy",
        parts: &["rust"],
        needs: &[],
        run: |house| {
            cargo(
                house,
                &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
            )
        },
    },
    Step {
        name: "cargo test",
        parts: &["rust"],
        needs: &[],
        run: |house| cargo(house, &["test", "--workspace", "--locked", "--no-fail-fast"]),
    },
    Step {
        name: "release build",
        parts: &["browser", "independent", "sql"],
        needs: &[],
        run: release_build,
    },
    Step { name: "pdf", parts: &["independent", "pdf"], needs: &[], run: pdf::step },
    Step { name: "browser set-up", parts: &["browser"], needs: &[], run: setup::browser },
    Step {
        name: "browser",
        parts: &["browser"],
        needs: &["web build", "release build", "browser set-up"],
        run: browser,
    },
    Step { name: "sim", parts: &["independent"], needs: &["release build"], run: sim::step },
    Step { name: "kill", parts: &["independent"], needs: &["release build"], run: kill },
    Step {
        name: "independent",
        parts: &["independent"],
        needs: &["release build"],
        run: independent,
    },
    Step { name: "sql format", parts: &["sql"], needs: &[], run: sql::format },
    Step { name: "sql test", parts: &["sql"], needs: &[], run: sql::test },
    Step {
        name: "sql independent",
        parts: &["sql"],
        needs: &["release build", "sql test"],
        run: sql::independent,
    },
];

/// Runs all steps, or those of the parts named by `--only`.
pub fn run(house: &House, args: &[String]) -> Result<ExitCode> {
    let only = parts_of(args)?;
    let chosen =
        |step: &&Step| only.is_empty() || step.parts.iter().any(|part| only.contains(part));
    let chosen: Vec<&Step> = STEPS.iter().filter(chosen).collect();
    Ok(if steps::run(house, &chosen) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn parts_of(args: &[String]) -> Result<Vec<&str>> {
    let mut parts = Vec::new();
    let mut words = args.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let part = match word {
            "--only" => words.next().unwrap_or_default(),
            _ => {
                return Err(Failure::new(format!("`{word}` is not understood"))
                    .hint("the only option is --only PART"));
            }
        };
        if !PARTS.contains(&part) {
            return Err(Failure::new(format!("there is no part `{part}`"))
                .hint(format!("one of {}", PARTS.join(", "))));
        }
        parts.push(part);
    }
    Ok(parts)
}

fn cargo(house: &House, args: &[&str]) -> Result<Outcome> {
    house::run(&mut house.cargo(args)).map(|()| Outcome::Passed)
}

fn npm(house: &House, script: &str) -> Result<Outcome> {
    house::run(&mut house.npm(&["run", script])).map(|()| Outcome::Passed)
}

fn release_build(house: &House) -> Result<Outcome> {
    demo::build_server(house).map(|()| Outcome::Passed)
}

/// The journeys in a real browser, against the real binary.
fn browser(house: &House) -> Result<Outcome> {
    let mut command = house.npm(&["run", "test:browser"]);
    house::run(command.env("TEST_BINARY", house.binary("skyriver"))).map(|()| Outcome::Passed)
}

/// `kill -9` at random instants: the command itself fails when an acknowledged reading is gone.
fn kill(house: &House) -> Result<Outcome> {
    let mut command = house.program(house.binary("skyriver"), &house.root);
    house::run(command.args(["bench", "kill", "--runs", "12"])).map(|()| Outcome::Passed)
}

/// Computations made a second time, by other means: each `tests/independent/check_*.py` ends well or tells what differs.
fn independent(house: &House) -> Result<Outcome> {
    let scripts = scripts_in(&house.root.join("tests/independent"));
    if scripts.is_empty() {
        return Ok(Outcome::Skipped("no check_*.py in tests/independent".into()));
    }
    let (mut failed, mut told) = (Vec::new(), String::new());
    for script in scripts.iter().filter(|script| !script.ends_with(sql::SCRIPT)) {
        println!("python3 {}", script.display());
        let mut command = house.program("python3", &house.root);
        command
            .arg(script)
            .env("TEST_BINARY", house.binary("skyriver"))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if let Err(failure) = house::run(&mut command) {
            println!("{failure}");
            told.push_str(failure.told());
            told.push('\n');
            failed.push(script.display().to_string());
        }
    }
    if failed.is_empty() {
        Ok(Outcome::Passed)
    } else {
        Err(Failure::new(failed.join(", ")).said(told))
    }
}

/// The Python files to run, in the order of their names; the others are parts of them or of Rust tests.
fn scripts_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_script = |path: &PathBuf| {
        let name = name(path);
        name.starts_with("check_")
            && Path::new(&name).extension().is_some_and(|ending| ending == "py")
    };
    let mut scripts: Vec<PathBuf> = entries.filter(is_script).collect();
    scripts.sort();
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_needs_only_steps_that_come_before_it() {
        for (at, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(
                    STEPS[..at].iter().any(|earlier| earlier.name == *need),
                    "{} needs {need}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn each_part_named_by_only_brings_along_what_its_steps_need() {
        for part in PARTS {
            let of_part = || STEPS.iter().filter(|step| step.parts.contains(&part));
            assert!(of_part().count() > 0, "{part} has no step");
            for need in of_part().flat_map(|step| step.needs) {
                assert!(of_part().any(|step| step.name == *need), "--only {part} lacks {need}");
            }
        }
    }

    #[test]
    fn an_unknown_part_is_refused() {
        assert!(parts_of(&["--only".into(), "rust".into()]).is_ok_and(|parts| parts == ["rust"]));
        assert!(parts_of(&["--only".into(), "moon".into()]).is_err());
        assert!(parts_of(&["--fast".into()]).is_err());
    }
}
