//! Chilbolton: seven beams from one laser, one source anywhere on the ground.

use flate2::read::GzDecoder;
use space::trace::{Answer, Ground, Share, Sounding, Stability, Tuning, Wind, Winds, trace};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// µg/m³ of methane in a ppm at sea level.
const UG_PER_PPM: f64 = 667.0;

/// One file of a beam: its start, and (seconds, wind x, wind y, ppm).
struct Beam {
    start_s: f64,
    rows: Vec<[f64; 4]>,
}

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
        (v.len() >= 9).then(|| [v[0], v[4], v[5], v[8]])
    };
    Some(Beam { start_s, rows: lines.iter().skip(14).filter_map(row).collect() })
}

/// The minutes of a release: soundings, and the sums of the wind of each 20 s.
fn read(path: &Path, on: (f64, f64)) -> (Vec<Sounding>, BTreeMap<i64, [f64; 3]>) {
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
    let (mut soundings, mut winds) = (vec![], BTreeMap::<i64, [f64; 3]>::new());
    for (name, text) in &texts {
        let Some(number) =
            name.split("POS").nth(1).and_then(|rest| rest[..1].parse::<usize>().ok())
        else {
            continue;
        };
        let Some(beam) = beam(text) else { continue };
        let mut minutes = BTreeMap::<i64, Vec<f64>>::new();
        for [second, x, y, ppm] in &beam.rows {
            let at = beam.start_s + second;
            if at / 3_600.0 < on.0 || at / 3_600.0 > on.1 || !(1.0..500.0).contains(ppm) {
                continue;
            }
            minutes.entry((at / 60.0) as i64).or_default().push(*ppm);
            // the direction it blows to is turned by a quarter against the sonic's axes
            let wind = winds.entry((at / 20.0) as i64).or_default();
            wind[0] -= y;
            wind[1] += x;
            wind[2] += 1.0;
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
                usual: None,
            });
        }
    }
    (soundings, winds)
}

pub fn run(folder: &Path) {
    println!(
        "\n**Chilbolton, a source anywhere on 100 m × 110 m; truth (68.9, 92.8), 0.378 g/s**\n"
    );
    println!(
        "| release | minutes | likeliest cell, m off | mean of the posterior, m off | 50 % region holds it | 90 % region holds it | its share of the ground, % | rate: 5 %, middle, 95 %, g/s |\n|---|--:|--:|--:|---|---|--:|---|"
    );
    let truth = [68.91, 92.75];
    // gas was on at these times of the clock, from the mass of the cylinder
    for (release, on) in [("02", (11.40, 11.70)), ("03", (0.0, 24.0)), ("07", (0.0, 24.0))] {
        let (soundings, winds) = read(&folder.join(format!("rel{release}_raw.tar.gz")), on);
        let (Some(first), Some(last)) =
            (winds.keys().next().copied(), winds.keys().last().copied())
        else {
            println!("| {release} | no data |");
            continue;
        };
        let steps: Vec<Option<Wind>> = (first..=last)
            .map(|at| {
                winds.get(&at).map(|w| Wind { east_m_s: w[0] / w[2], north_m_s: w[1] / w[2] })
            })
            .collect();
        let Ok(winds) = Winds::new(20.0 * first as f64, 20.0, &steps, 10.0) else {
            println!("| {release} | no wind |");
            continue;
        };
        let arg = |at: usize, usual: f64| {
            std::env::args().nth(at).and_then(|a| a.parse().ok()).unwrap_or(usual)
        };
        let tuning = Tuning {
            stability: Stability::C,
            age_max_s: 120.0,
            rate_g_s: (0.02, 5.0),
            unknown: 0.9,
            temper: arg(2, 0.5),
            factor_sd: arg(3, 1.0),
            looks: 3,
            ..Tuning::default()
        };
        let ground =
            Ground { corner_m: [10.0, 0.0], cell_m: 2.0, cols: 50, rows: 60, height_m: 0.3 };
        match trace(&soundings, &[], &winds, &[], &ground, &tuning) {
            Err(refusal) => println!("| {release} | {refusal:?} |"),
            Ok(answer) => tell(release, soundings.len() / 7, truth, &ground, &answer),
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
