//! Chilbolton: seven beams from one laser, one source anywhere on the ground.
//!
//! All beams lie in the plume most of the time, so no share of their values is clean air: what clean air says is stated. The
//! laser's sonic anemometer measures the eddies, so no class of stability is chosen.

use flate2::read::GzDecoder;
use space::trace::{Answer, Ground, Mixing, Share, Sounding, Tuning, Wind, Winds, trace};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// µg/m³ of methane in a ppm at sea level.
const UG_PER_PPM: f64 = 667.0;
/// Methane of clean air in these latitudes in 2017, ppm, and how far the laser's zero may be off.
const CLEAN_PPM: (f64, f64) = (1.93, 0.1);
/// Steps of the winds, s: slower turns of the wind are followed, faster ones are eddies.
const STEP_S: f64 = 20.0;

/// One file of a beam: its start, and (seconds, wind x, y, z, ppm).
struct Beam {
    start_s: f64,
    rows: Vec<[f64; 5]>,
}

/// What the sonic anemometer said in each step: winds to the east, to the north and upwards.
type Gusts = BTreeMap<i64, Vec<[f64; 3]>>;

/// The texts of a tar archive, by name.
fn texts(path: &Path) -> BTreeMap<String, String> {
    let mut bytes = vec![];
    if let Ok(file) = File::open(path) {
        let _ = GzDecoder::new(file).read_to_end(&mut bytes);
    }
    let mut texts = BTreeMap::new();
    let mut at = 0;
    while at + 512 <= bytes.len() && bytes[at] != 0 {
        let text = |from: usize, len: usize| {
            String::from_utf8_lossy(&bytes[at + from..at + from + len])
                .trim_matches(['\0', ' '])
                .to_owned()
        };
        let size = usize::from_str_radix(&text(124, 12), 8).unwrap_or(0);
        let body = at + 512;
        if let Some(content) = bytes.get(body..body + size) {
            texts.insert(text(0, 100), String::from_utf8_lossy(content).into_owned());
        }
        at = body + size.div_ceil(512) * 512;
    }
    texts
}

fn beam(text: &str) -> Option<Beam> {
    let lines: Vec<&str> = text.lines().collect();
    let clock = lines.get(3)?.split_whitespace().nth(1)?;
    let parts: Vec<f64> = clock.split(':').filter_map(|part| part.parse().ok()).collect();
    let start_s = parts.iter().fold(0.0, |sum, part| sum * 60.0 + part);
    let row = |line: &&str| {
        let v: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        (v.len() >= 9).then(|| [v[0], v[4], v[5], v[6], v[8]])
    };
    Some(Beam { start_s, rows: lines.iter().skip(14).filter_map(row).collect() })
}

/// The minutes of a release: soundings, and the wind.
fn read(path: &Path, on: (f64, f64)) -> (Vec<Sounding>, Gusts) {
    let reflectors = [
        [43.9416, 69.0658],
        [41.1004, 38.1033],
        [52.966, 55.9695],
        [45.9278, 2.9773],
        [60.9873, 16.894],
        [66.0901, 42.0331],
        [66.9187, 67.0815],
    ];
    let laser = [60.0, 100.0];
    let texts = texts(path);
    let (mut soundings, mut gusts) = (vec![], Gusts::new());
    for (name, text) in &texts {
        let Some(number) =
            name.split("POS").nth(1).and_then(|rest| rest[..1].parse::<usize>().ok())
        else {
            continue;
        };
        let Some(beam) = beam(text) else { continue };
        let mut minutes = BTreeMap::<i64, Vec<f64>>::new();
        for [second, x, y, z, ppm] in &beam.rows {
            let at = beam.start_s + second;
            if at / 3_600.0 < on.0 || at / 3_600.0 > on.1 || !(1.0..500.0).contains(ppm) {
                continue;
            }
            minutes.entry((at / 60.0) as i64).or_default().push(*ppm);
            // the direction it blows to is turned by a quarter against the sonic's axes
            gusts.entry((at / STEP_S) as i64).or_default().push([-y, *x, *z]);
        }
        for (minute, values) in minutes {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let from_s = 60.0 * minute as f64;
            soundings.push(Sounding {
                series: number,
                at_m: laser,
                to_m: Some(reflectors[(number - 1).min(6)]),
                height_m: 1.6,
                from_s,
                to_s: from_s + 60.0,
                value: UG_PER_PPM * mean,
                clean: Some(UG_PER_PPM * CLEAN_PPM.0),
                usual: Some(UG_PER_PPM * CLEAN_PPM.1),
            });
        }
    }
    (soundings, gusts)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// The winds step by step, and the eddies within them, both over the speed.
fn blown(gusts: &Gusts) -> (Vec<Option<Wind>>, Mixing) {
    let wind = |step: &Vec<[f64; 3]>| Wind {
        east_m_s: mean(step.iter().map(|gust| gust[0])),
        north_m_s: mean(step.iter().map(|gust| gust[1])),
    };
    let (first, last) = (gusts.keys().min().copied(), gusts.keys().max().copied());
    let steps: Vec<Option<Wind>> =
        (first.unwrap_or(0)..=last.unwrap_or(-1)).map(|at| gusts.get(&at).map(wind)).collect();
    let up = mean(gusts.values().flatten().map(|gust| gust[2]));
    // of each gust: how far it is off its step, across the wind, and off the mean, upwards
    let off = gusts.values().flat_map(|step| {
        let wind = wind(step);
        let speed = wind.speed_m_s().max(0.1);
        step.iter().map(move |[east, north, rises]| {
            let across = (east * wind.north_m_s - north * wind.east_m_s) / speed;
            [across / speed, (rises - up) / speed]
        })
    });
    let off: Vec<[f64; 2]> = off.collect();
    let sd = |axis: usize| mean(off.iter().map(|off| off[axis].powi(2))).sqrt();
    (steps, Mixing::Measured { across: sd(0), up: sd(1) })
}

pub fn run(folder: &Path) {
    println!(
        "\n**Chilbolton, a source anywhere on 100 m × 110 m; truth (68.9, 92.8), 0.378 g/s**\n"
    );
    println!(
        "| release | minutes | likeliest cell, m off | mean of the posterior, m off | 50 % region holds it | 90 % region holds it | its share of the ground, % | rate: 5 %, middle, 95 %, g/s |\n|---|--:|--:|--:|---|---|--:|---|"
    );
    let truth = [68.91, 92.75];
    // gas was on at these times of the clock, from the mass of the cylinder; of release 07 there is none: its whole record
    for (release, on) in [("02", (11.40, 11.70)), ("03", (12.84, 13.82)), ("07", (0.0, 24.0))] {
        let (soundings, gusts) = read(&folder.join(format!("rel{release}_raw.tar.gz")), on);
        let Some(first) = gusts.keys().next().copied() else {
            println!("| {release} | no data |");
            continue;
        };
        let (steps, mixing) = blown(&gusts);
        let Ok(winds) = Winds::new(STEP_S * first as f64, STEP_S, &steps, 10.0) else {
            println!("| {release} | no wind |");
            continue;
        };
        let arg = |at: usize, usual: f64| {
            std::env::args().nth(at).and_then(|a| a.parse().ok()).unwrap_or(usual)
        };
        let tuning = Tuning {
            mixing,
            age_max_s: 120.0,
            rate_g_s: (0.02, 5.0),
            unknown: 0.9,
            independent: arg(4, 60.0),
            temper: arg(2, 0.5),
            factor_sd: arg(3, 1.0),
            looks: 3,
            ..Tuning::default()
        };
        let ground =
            Ground { corner_m: [10.0, 0.0], cell_m: 2.0, cols: 50, rows: 60, height_m: 0.3 };
        match trace(&soundings, &[], &winds, &[], &ground, &tuning) {
            Err(refusal) => println!("| {release} | {refusal:?} |"),
            Ok(answer) => {
                tell(release, soundings.len() / 7, truth, &ground, &answer);
                println!("  {mixing:.2?}");
            }
        }
    }
}

/// A row of the table.
fn tell(release: &str, minutes: usize, truth: [f64; 2], ground: &Ground, answer: &Answer) {
    let off = |at: [f64; 2]| (at[0] - truth[0]).hypot(at[1] - truth[1]);
    let Some(unknown) = answer.candidates.iter().find(|c| c.share == Share::Unknown) else {
        return;
    };
    let mut mean = [0.0; 2];
    for (cell, share) in answer.cells.iter().enumerate() {
        let at = ground.middle_m(cell);
        mean = [mean[0] + share * at[0], mean[1] + share * at[1]];
    }
    let holds = |region: usize| {
        answer.regions[region].cells.iter().any(|cell| {
            let at = ground.middle_m(*cell);
            (at[0] - truth[0]).abs() <= 1.0 && (at[1] - truth[1]).abs() <= 1.0
        })
    };
    let share = 100.0 * answer.regions[1].cells.len() as f64 / answer.cells.len() as f64;
    println!(
        "| {release} | {} | {:.1} | {:.1} | {} | {} | {share:.1} | {:.2}, {:.2}, {:.2} |",
        minutes,
        off(unknown.at_m),
        off(mean),
        holds(0),
        holds(1),
        unknown.rate_g_s[0],
        unknown.rate_g_s[1],
        unknown.rate_g_s[2]
    );
    println!(
        "  doubts {:?}, P(unknown) {:.3}, at {:?}",
        answer.doubts, unknown.probability, unknown.at_m
    );
}
