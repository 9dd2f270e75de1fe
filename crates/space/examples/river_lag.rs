//! How long water takes between two real sondes: `SKYRIVER_REAL_DATA=… cargo run --release -p space --example river_lag`.
//!
//! NEON's Pringle Creek, July to September 2019, every five minutes. The truth is not known: what is shown is whether parameters and
//! months agree, and what a shuffled record says (nothing should be found).
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example reports what it measured"
)]

use flate2::read::GzDecoder;
use space::river::{NoLag, lag};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Four hours of five minutes: the sondes lie some hundred metres apart.
const MOST: usize = 48;
/// A day of them is the slow course.
const SLOW: usize = 288;

type Sides = [Vec<Option<f64>>; 2];

fn main() {
    let Ok(folder) = std::env::var("SKYRIVER_REAL_DATA") else {
        println!("skipped: SKYRIVER_REAL_DATA names no folder with data/");
        return;
    };
    let name = "data/river_neon_pringle/pringle_5min_201907-201909.csv.gz";
    let Ok(file) = File::open(Path::new(&folder).join(name)) else {
        println!("skipped: {folder}/{name} cannot be read");
        return;
    };
    println!(
        "| parameter | span | lag, min | interval, min | correlation |\n|---|---|--:|--:|--:|"
    );
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().filter_map(Result::ok).collect();
    for parameter in ["conductance", "turbidity", "dissolvedOxygen", "temperature", "chlorophyll"] {
        let [upper, lower] = sides(&rows, parameter);
        tell(parameter, "all", &upper, &lower);
        let third = upper.len() / 3;
        for (month, from) in ["July", "August", "September"].iter().zip([0, third, 2 * third]) {
            let to = (from + third).min(upper.len());
            tell(parameter, month, &upper[from..to], &lower[from..to]);
        }
        // days in another order: what both share at one lag is gone
        let days = upper.len() / SLOW;
        let other = |at: usize| upper[((at / SLOW * 7 + 3) % days) * SLOW + at % SLOW];
        let mixed: Vec<Option<f64>> = (0..days * SLOW).map(other).collect();
        tell(parameter, "days mixed up", &mixed, &lower[..days * SLOW]);
    }
}

/// Both sondes on the same steps.
fn sides(rows: &[BTreeMap<String, String>], parameter: &str) -> Sides {
    let mut steps: BTreeMap<&str, [Option<f64>; 2]> = BTreeMap::new();
    for row in rows {
        let (Some(time), Some(site)) = (row.get("Timestamp"), row.get("site")) else { continue };
        let below = usize::from(site != "upstream" && site != "S1" && site != "up");
        let value = row.get(parameter).and_then(|text| text.trim().parse().ok());
        steps.entry(time).or_default()[below] = value;
    }
    [0, 1].map(|side| steps.values().map(|both| both[side]).collect())
}

fn tell(parameter: &str, span: &str, upper: &[Option<f64>], lower: &[Option<f64>]) {
    match lag(upper, lower, MOST, SLOW) {
        Ok(found) => println!(
            "| {parameter} | {span} | {} | {} to {} | {:.2} |",
            5 * found.steps,
            5 * found.interval[0],
            5 * found.interval[1],
            found.correlation
        ),
        Err(NoLag::Unrelated { correlation }) => {
            println!("| {parameter} | {span} | none | | {correlation:.2} |");
        }
        Err(NoLag::TooFew) => println!("| {parameter} | {span} | too few | | |"),
    }
}
