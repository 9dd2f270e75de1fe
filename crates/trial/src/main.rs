//! `trial --seed N --scenario NAME [--seeds COUNT]`: plays worlds, says what broke and how to see it again.

#![expect(clippy::print_stdout, reason = "what it finds on standard output is what it is for")]
#![expect(clippy::disallowed_methods, reason = "it tells a person how fast it was")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use trial::server::Ground;
use trial::world::run_on;
use trial::{Failure, Report, Scenario};

const USAGE: &str = "\
usage: trial [--scenario NAME|all] [--seed N] [--seeds COUNT] [--seconds N] [--threads N]

plays worlds from the seeds N, N+1, …; in each every promise is checked after every turn
--seconds N ends it after that time; scenarios:";

struct Asked {
    scenarios: Vec<&'static Scenario>,
    seed: u64,
    seeds: u64,
    seconds: u64,
    threads: u64,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let asked = match asked(&args) {
        Ok(asked) => asked,
        Err(why) => {
            println!("{why}\n{USAGE}");
            for scenario in &Scenario::ALL {
                println!("  {:<10} {}", scenario.name, scenario.about);
            }
            return ExitCode::FAILURE;
        }
    };
    let mut is_kept = true;
    let seconds = asked.seconds / asked.scenarios.len().max(1) as u64;
    for scenario in &asked.scenarios {
        is_kept &= play(scenario, &asked, Duration::from_secs(seconds));
    }
    if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn asked(args: &[String]) -> Result<Asked, String> {
    let all: Vec<_> = Scenario::ALL.iter().filter_map(|of| Scenario::named(of.name)).collect();
    let mut asked = Asked { scenarios: all, seed: 1, seeds: 1, seconds: 0, threads: 1 };
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{word}: {value} is no number"));
        match word.as_str() {
            "--scenario" if value == "all" => {}
            "--scenario" => {
                let named = Scenario::named(value);
                asked.scenarios = vec![named.ok_or(format!("there is no scenario {value}"))?];
            }
            "--seed" => asked.seed = number()?,
            "--seeds" => asked.seeds = number()?,
            "--seconds" => asked.seconds = number()?,
            "--threads" => asked.threads = number()?.max(1),
            _ => return Err(format!("{word} is not understood")),
        }
    }
    Ok(asked)
}

/// Plays all seeds of a scenario; says whether every promise was kept.
fn play(scenario: &'static Scenario, asked: &Asked, limit: Duration) -> bool {
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let found: Mutex<(Report, u64, Vec<Failure>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..asked.threads {
            scope.spawn(|| {
                let ground = match Ground::new() {
                    Ok(ground) => ground,
                    Err(broken) => return println!("{broken}"),
                };
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let is_late = !limit.is_zero() && begun.elapsed() > limit;
                    if number >= asked.seeds || is_late {
                        return;
                    }
                    let result = run_on(&ground, asked.seed + number, scenario, None);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.1 += 1;
                    match result {
                        Ok(report) => add(&mut found.0, report),
                        Err(failure) => {
                            println!("{failure}");
                            found.2.push(failure);
                        }
                    }
                    if found.1.is_multiple_of(1_000) {
                        println!("{}: {} seeds …", scenario.name, found.1);
                    }
                }
            });
        }
    });
    let (sum, seeds, failures) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{:<10} {seeds} seeds, {} failed; {} turns, {} frames acknowledged, {} versions, {} seals, {} restarts, {} cuts, {} refused; {:.0} seeds/s",
        scenario.name,
        failures.len(),
        sum.turns,
        sum.acknowledged,
        sum.versions,
        sum.seals,
        sum.restarts,
        sum.cuts,
        sum.refused,
        seeds as f64 / took.max(0.001),
    );
    if asked.seeds == 1 {
        println!("{:<10} trace {:016x}", scenario.name, sum.trace);
    }
    failures.is_empty() && seeds > 0
}

fn add(sum: &mut Report, one: Report) {
    sum.trace ^= one.trace;
    sum.turns += one.turns;
    sum.acknowledged += one.acknowledged;
    sum.versions += one.versions;
    sum.seals += one.seals;
    sum.restarts += one.restarts;
    sum.cuts += one.cuts;
    sum.refused += one.refused;
}
