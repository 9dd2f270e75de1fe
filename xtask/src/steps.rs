//! A run is a list of steps: each is named, timed, and either passed, failed or had nothing to do.

use std::time::{Duration, Instant};

use crate::failure::Result;
use crate::house::House;

/// One thing to do.
pub struct Step {
    pub name: &'static str,
    /// The parts of a run to which the step belongs (`--only PART`).
    pub parts: &'static [&'static str],
    /// Names of earlier steps without which this one makes no sense.
    pub needs: &'static [&'static str],
    pub run: fn(&House) -> Result<Outcome>,
}

/// How a step ended when it did not fail.
pub enum Outcome {
    Passed,
    /// Nothing was checked, because …
    Skipped(String),
}

struct Row {
    name: &'static str,
    took: Duration,
    word: &'static str,
    note: String,
    /// What the failed program told, for the end of the run.
    told: String,
}

/// Runs the steps in their order, prints the table and the closing line; true when none failed.
pub fn run(house: &House, steps: &[&Step]) -> bool {
    let started = Instant::now();
    let mut rows: Vec<Row> = Vec::new();
    for step in steps {
        println!("\n==> {}", step.name);
        let row = run_one(house, step, &rows);
        println!("<== {}: {} after {}{}", row.name, row.word, seconds(row.took), dash(&row.note));
        rows.push(row);
    }
    for row in rows.iter().filter(|row| !row.told.is_empty()) {
        println!("\n==> {} failed; it had said\n{}", row.name, row.told);
    }
    print_table(&rows, started.elapsed());
    !rows.iter().any(Row::failed)
}

impl Row {
    fn failed(&self) -> bool {
        self.word == "FAILED"
    }
}

fn run_one(house: &House, step: &Step, before: &[Row]) -> Row {
    let missing = before.iter().find(|row| row.failed() && step.needs.contains(&row.name));
    if let Some(row) = missing {
        return Row {
            name: step.name,
            took: Duration::ZERO,
            word: "FAILED",
            note: format!("not run, `{}` failed", row.name),
            told: String::new(),
        };
    }
    let started = Instant::now();
    let (word, note, told) = match (step.run)(house) {
        Ok(Outcome::Passed) => ("passed", String::new(), String::new()),
        Ok(Outcome::Skipped(why)) => ("skipped", why, String::new()),
        Err(failure) => ("FAILED", failure.to_string(), failure.told().to_owned()),
    };
    Row { name: step.name, took: started.elapsed(), word, note, told }
}

fn print_table(rows: &[Row], took: Duration) {
    println!("\n{:<20} {:>9}  result", "step", "seconds");
    for row in rows {
        println!(
            "{:<20} {:>9.1}  {}{}",
            row.name,
            row.took.as_secs_f64(),
            row.word,
            dash(&row.note)
        );
    }
    println!("{:<20} {:>9.1}", "all", took.as_secs_f64());
    let count = |word| rows.iter().filter(|row| row.word == word).count();
    println!("\n{} passed, {} failed", count("passed"), count("FAILED"));
}

/// The first line of a note, after a dash.
fn dash(note: &str) -> String {
    note.lines().next().map_or_else(String::new, |line| format!(" - {line}"))
}

/// Elapsed seconds for people.
pub fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
