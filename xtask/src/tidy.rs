//! `cargo xtask tidy`: what the documents promise about the tree itself, checked. It is a task, and a test of this crate.
//!
//! Each check is one file: a pure function from [`Sources`] to [`Problem`]s, with tests on a tree of a few lines.

mod csv;
mod dependencies;
mod floors;
mod forbidden;
mod links;
mod sizes;
mod sources;
mod tests_rules;
mod toml;
mod tree;
mod words;

use std::fmt;
use std::process::ExitCode;

use crate::failure::{Failure, Result};
use crate::house::House;
use crate::steps::Outcome;
use tree::Sources;

/// Something in the tree that is not as promised.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    path: String,
    /// Counted from 1; 0 when the whole file is meant.
    line: usize,
    text: String,
    weight: Weight,
}

/// A fault fails the run; advice is only shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Advice,
    Fault,
}

type Check = fn(&Sources) -> Vec<Problem>;

const CHECKS: [Check; 8] = [
    floors::check,
    links::check,
    sizes::check,
    sources::check,
    forbidden::check,
    tests_rules::check,
    words::check,
    dependencies::check,
];

pub fn run(house: &House) -> Result<ExitCode> {
    step(house).map(|_| ExitCode::SUCCESS)
}

/// Prints every problem; fails when one of them is a fault.
pub fn step(house: &House) -> Result<Outcome> {
    let problems = problems(&Sources::read(&house.root)?);
    for problem in &problems {
        println!("{problem}");
    }
    match problems.iter().filter(|problem| problem.weight == Weight::Fault).count() {
        0 => Ok(Outcome::Passed),
        faults => Err(Failure::new(format!("tidy: {faults} to mend"))),
    }
}

/// All that is not as promised, sorted by weight and place.
fn problems(sources: &Sources) -> Vec<Problem> {
    let mut problems: Vec<Problem> = CHECKS.iter().flat_map(|check| check(sources)).collect();
    problems.sort_by(|a, b| (a.weight, &a.path, a.line).cmp(&(b.weight, &b.path, b.line)));
    problems
}

impl Problem {
    fn fault(path: &str, line: usize, text: impl Into<String>) -> Problem {
        Problem { path: path.into(), line, text: text.into(), weight: Weight::Fault }
    }

    fn advice(path: &str, line: usize, text: impl Into<String>) -> Problem {
        Problem { weight: Weight::Advice, ..Problem::fault(path, line, text) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weight == Weight::Advice {
            write!(out, "advice: ")?;
        }
        write!(out, "{}", self.path)?;
        if self.line > 0 {
            write!(out, ":{}", self.line)?;
        }
        write!(out, ": {}", self.text)
    }
}

/// Runs one check on a tree of a few files and compares `path:line: text` with what is expected.
#[cfg(test)]
fn expect(check: Check, files: &[(&str, &str)], expected: &[&str]) {
    let found: Vec<String> = check(&Sources::of(files)).iter().map(Problem::to_string).collect();
    assert_eq!(found, expected);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_tree_is_tidy() {
        let sources = House::find()
            .and_then(|house| Sources::read(&house.root))
            .expect("the tree can be read");
        let faults: Vec<String> = problems(&sources)
            .iter()
            .filter(|problem| problem.weight == Weight::Fault)
            .map(Problem::to_string)
            .collect();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }
}
