//! Drift of real sensors beside analysers: what corrections are worth in weeks that they did not see, and whether a planted change is found.
//!
//! `SKYRIVER_REAL_DATA=… cargo run --release -p space --example drift -- [PAIRS.csv]`. With a file name the pairs of each correction and what was
//! found of them are written there, so that other programs can be asked the same (`tests/independent/drift_others.py`).
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example reports what it measured"
)]

mod planted;
mod real;
mod rolling;

use real::{Beside, SENSORS};
use rolling::{Marks, Way, corrected, uncorrected};
use std::io::Write;

/// The last is a better instrument that comes by on one day of a week.
const WAYS: [(&str, Way); 6] = [
    ("14 days", Way { back_d: 14.0, knows_air: false, every_d: 1 }),
    ("28 days", Way { back_d: 28.0, knows_air: false, every_d: 1 }),
    ("14 days, with air", Way { back_d: 14.0, knows_air: true, every_d: 1 }),
    ("28 days, with air", Way { back_d: 28.0, knows_air: true, every_d: 1 }),
    ("56 days, with air", Way { back_d: 56.0, knows_air: true, every_d: 1 }),
    ("one day a week of 56 days, with air", Way { back_d: 56.0, knows_air: true, every_d: 7 }),
];
/// Of which the pairs are written: 28 days, with air.
const WRITTEN: usize = 3;

fn main() {
    let Ok(folder) = std::env::var("SKYRIVER_REAL_DATA") else {
        println!("skipped: SKYRIVER_REAL_DATA names no folder with data/");
        return;
    };
    let Some(rows) = real::rows(std::path::Path::new(&folder)) else {
        println!("skipped: {folder}/{} cannot be read", real::FILE);
        return;
    };
    let mut out = std::env::args().nth(1).and_then(|file| std::fs::File::create(file).ok());
    if let Some(out) = &mut out {
        let _ = writeln!(out, "sensor,week,role,a,b,c,d");
    }
    let all = SENSORS
        .map(|[sensor, analyser, unit]| (analyser, unit, real::beside(&rows, sensor, analyser)));
    for (name, unit, beside) in &all {
        weeks(name, unit, beside, out.as_mut());
    }
    println!(
        "\n| planted in shuffled days | gain times | found within 28 days, % | days until (median) |\n|---|--:|--:|--:|"
    );
    for (name, _, beside) in &all {
        let [mixed, real] = planted::false_alarms(beside);
        println!("| {name} | 1 (28 days, each week) | {:.1} | |", 100.0 * mixed);
        println!("| {name}, days as they were | 1 (28 days, each week) | {:.1} | |", 100.0 * real);
        for factor in [0.7, 0.8, 0.9, 1.2] {
            let found = planted::planted(beside, factor);
            let days = found.median_d().map_or(String::new(), |days| days.to_string());
            println!(
                "| {name} ({}) | {factor} | {:.0} | {days} |",
                found.planted,
                100.0 * found.share()
            );
        }
    }
}

fn weeks(name: &str, unit: &str, beside: &Beside, mut out: Option<&mut std::fs::File>) {
    println!(
        "\n**{name}, {unit}**\n\n| | RMSE | bias | bias of weeks | 90 % interval covers, % | hours |\n|---|--:|--:|--:|--:|--:|"
    );
    let [mean, first] = uncorrected(beside, WAYS[0].1);
    print("mean of the first weeks", &mean, false);
    print("first calibration", &first, false);
    for (at, (what, way)) in WAYS.into_iter().enumerate() {
        let mut week = 0;
        let marks = corrected(beside, way, |pairs, found| {
            week += 1;
            let Some(out) = out.as_deref_mut().filter(|_| at == WRITTEN) else { return };
            for pair in pairs {
                let Some(air) = pair.air else { continue };
                let (says, good) = (pair.says, pair.good);
                let _ = writeln!(
                    out,
                    "{name},{week},pair,{says},{good},{},{}",
                    air.temperature_c, air.humidity_pct
                );
            }
            let Some(weather) = found.weather else { return };
            let (gain, offset, [warm, humid]) = (found.gain, found.offset, weather.adds);
            let _ = writeln!(out, "{name},{week},terms,{gain},{offset},{warm},{humid}");
            let _ = writeln!(out, "{name},{week},counts,{},0,0,0", found.pairs);
        });
        print(what, &marks, true);
    }
}

fn print(name: &str, marks: &Marks, has_interval: bool) {
    let covers =
        if has_interval { format!("{:.1}", 100.0 * marks.covers()) } else { String::new() };
    let squares = marks.weeks.iter().map(|bias| bias * bias).sum::<f64>();
    let by_week = squares / marks.weeks.len() as f64;
    let (rmse, bias, by_week) = (marks.rmse(), marks.bias(), by_week.sqrt());
    println!("| {name} | {rmse:.2} | {bias:+.2} | {by_week:.2} | {covers} | {:.0} |", marks.hours);
}
