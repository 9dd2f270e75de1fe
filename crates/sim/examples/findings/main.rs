//! What the rules find in pretend zones whose truth is known: `-- [RULES.toml]`.
//!
//! Each world lives a week as its devices say it, with their noise, faults and late uploads, and goes through the rules as a server would
//! take it, every five minutes. The truth is the same world without its releases and fires: what a place has more than there is theirs.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example reports what it measured"
)]

mod truth;
mod watch;

use model::{DAY_MS, Timestamp};
use sim::{Scenario, Settings, Zone};
use std::collections::BTreeMap;
use truth::{Cause, Truth};
use watch::{Event, watch};

/// Days of a world.
const DAYS: i64 = 7;

/// What came of one rule.
#[derive(Clone, Copy, Default)]
struct Tally {
    findings: usize,
    /// Events that it began, by cause.
    events: [usize; 5],
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = match std::env::args().nth(1) {
        Some(path) => detect::Rules::parse(&std::fs::read_to_string(path)?)?,
        None => detect::Rules::built_in()?,
    };
    let now = Timestamp::from_ms(1_772_326_800_000);
    let mut totals: BTreeMap<String, Tally> = BTreeMap::new();
    let mut recall = (0, 0);
    println!(
        "| world | findings | events | a day | of a source | of the region | of a device | true state | of nothing | sources found |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (name, seed, scenario) in worlds(now)? {
        let zone = Zone::new(Settings { seed, scenario, ..Settings::default() });
        let (from, to) = (now - DAYS * DAY_MS, now);
        let truth = Truth::of(&zone, seed, from, to);
        let events = watch(&zone, &rules, from, to)?;
        if std::env::var_os("TELL").is_some() {
            truth.tell();
        }
        let mut causes = [0; 5];
        for event in &events {
            let cause =
                event.findings.iter().map(|own| truth.cause(own)).min().unwrap_or(Cause::Nothing);
            causes[cause as usize] += 1;
            totals.entry(event.findings[0].rule.clone()).or_default().events[cause as usize] += 1;
            for finding in &event.findings {
                totals.entry(finding.rule.clone()).or_default().findings += 1;
            }
            if std::env::var_os("TELL").is_some() {
                tell(event, cause, now);
                if cause == Cause::Device && event.findings[0].datastream.is_some() {
                    println!("    {:?}", truth.faults_of(&event.findings[0]));
                }
            }
        }
        let (found, all) = truth.found(&events);
        recall = (recall.0 + found, recall.1 + all);
        let findings: usize = events.iter().map(|event| event.findings.len()).sum();
        let [source, region, device, state, nothing] = causes;
        let a_day = events.len() as f64 / DAYS as f64;
        println!(
            "| {name} | {findings} | {} | {a_day:.1} | {source} | {region} | {device} | {state} | {nothing} | {found} of {all} |",
            events.len()
        );
    }
    println!("\nsources found: {} of {}\n", recall.0, recall.1);
    println!(
        "| rule | findings | events it began | of a source | of the region | of a device | true state | of nothing |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (rule, Tally { findings, events }) in totals {
        let [source, region, device, state, nothing] = events;
        let all: usize = events.iter().sum();
        println!(
            "| {rule} | {findings} | {all} | {source} | {region} | {device} | {state} | {nothing} |"
        );
    }
    Ok(())
}

/// A name, a seed, what is meant to happen.
type World = (String, u64, Scenario);

/// The demo's week from four seeds, a week in which nothing is meant to happen from two, and every scenario that comes with the program.
fn worlds(now: Timestamp) -> Result<Vec<World>, sim::ScenarioError> {
    let mut worlds = vec![];
    for seed in [99, 7, 11, 12] {
        worlds.push((format!("demo, seed {seed}"), seed, Scenario::demo(now)));
    }
    for seed in [21, 22] {
        worlds.push((format!("nothing meant, seed {seed}"), seed, Scenario::default()));
    }
    for (name, text) in sim::SCENARIOS {
        worlds.push(((*name).to_owned(), 31, Scenario::to_watch(text, now)?));
    }
    if let Ok(only) = std::env::var("WORLD") {
        worlds.retain(|(name, ..)| name.contains(&only));
    }
    Ok(worlds)
}

fn tell(event: &Event, cause: Cause, now: Timestamp) {
    let first = &event.findings[0];
    println!(
        "  {cause:?} {:>3} places, {} findings; {} {} {} {:.1} > {:.1} at {:+.1} h",
        event.places(),
        event.findings.len(),
        first.rule,
        first.place,
        first.parameter,
        first.value,
        first.threshold,
        (first.at - now) as f64 / 3.6e6
    );
}
