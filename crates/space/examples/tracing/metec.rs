//! METEC: eight sensors on a fence, five possible sources, nine metered releases.

use crate::marks::Marks;
use flate2::read::GzDecoder;
use space::Plane;
use space::trace::{
    Emitter, Ground, Share, Sounding, Stability, Tuning, Wind, Winds, cpf, rises, trace,
    upwind_nearest,
};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

/// µg/m³ of methane in a ppm at 1 500 m above the sea.
const UG_PER_PPM: f64 = 550.0;
const SENSORS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
/// Minutes that one sounding is the mean of.
const STEP: usize = 5;

type Row = HashMap<String, String>;

struct Site {
    minutes: Vec<f64>,
    values: Vec<[Option<f64>; 8]>,
    winds: Vec<Wind>,
    sensors: Vec<([f64; 2], f64)>,
    emitters: Vec<Emitter>,
}

struct Truth {
    emitter: usize,
    from_s: f64,
    to_s: f64,
    rate_g_s: f64,
}

fn rows(path: &Path) -> Vec<Row> {
    let Ok(file) = File::open(path) else { return vec![] };
    let text: Box<dyn std::io::Read> = if path.extension().is_some_and(|end| end == "gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    csv::Reader::from_reader(text).deserialize().filter_map(Result::ok).collect()
}

fn number(row: &Row, column: &str) -> Option<f64> {
    row.get(column)?.trim().parse().ok()
}

/// Seconds since the first of May 2022.
fn second(text: &str) -> Option<f64> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<f64>().ok();
    Some(((part(8, 10)? * 24.0 + part(11, 13)?) * 60.0 + part(14, 16)?) * 60.0 + part(17, 19)?)
}

fn site(folder: &Path) -> (Site, Vec<Truth>) {
    let plane = Plane::at([-105.13986, 40.59579]);
    let stands = |row: &Row| {
        Some((
            plane.metres([number(row, "lon")?, number(row, "lat")?]),
            number(row, "height")?,
            row["name"].clone(),
        ))
    };
    let sensors: Vec<_> =
        rows(&folder.join("sensor_locations.csv")).iter().filter_map(stands).collect();
    let sources: Vec<_> =
        rows(&folder.join("source_locations.csv")).iter().filter_map(stands).collect();
    let order = |name: &str| sensors.iter().find(|sensor| sensor.2 == name).map(|s| (s.0, s.1));
    let mut site = Site {
        minutes: vec![],
        values: vec![],
        winds: vec![],
        sensors: SENSORS.iter().filter_map(|name| order(name)).collect(),
        emitters: sources
            .iter()
            .map(|(at_m, height_m, _)| Emitter {
                at_m: *at_m,
                height_m: *height_m,
                width_m: 3.0,
                emits: true,
                reported: None,
            })
            .collect(),
    };
    for row in rows(&folder.join("obs_20220509-20220512.csv.gz")) {
        let (Some(at), Some(speed), Some(from)) =
            (second(&row["time_utc"]), number(&row, "ws_m_s"), number(&row, "wd_from_deg"))
        else {
            continue;
        };
        site.minutes.push(at);
        site.values.push(SENSORS.map(|name| number(&row, name)));
        site.winds.push(Wind::from_deg(speed, from));
    }
    let name = |unit: &str| match unit {
        "4T" => "Tank",
        "4W" => "Wellhead.West",
        "4S" => "Separator.West",
        "5W" => "Wellhead.East",
        _ => "Separator.East",
    };
    let truth = rows(&folder.join("releases_truth_20220509-20220512.csv"));
    let truths = truth.iter().filter_map(|row| {
        let emitter =
            sources.iter().position(|source| source.2 == name(&row["tc_EquipmentGroupID"]))?;
        Some(Truth {
            emitter,
            from_s: second(&row["tc_ExpStartDatetime"])?,
            to_s: second(&row["tc_ExpEndDatetime"])?,
            rate_g_s: number(row, "tc_C1MassFlow")? / 3600.0,
        })
    });
    (site, truths.collect())
}

impl Site {
    /// Soundings and winds of a stretch of time, and the mean wind speed.
    fn window(&self, from_s: f64, to_s: f64) -> Option<(Vec<Sounding>, Winds)> {
        let within: Vec<usize> = (0..self.minutes.len())
            .filter(|at| (from_s..to_s).contains(&self.minutes[*at]))
            .collect();
        let (first, last) = (*within.first()?, *within.last()?);
        let start = self.minutes[first] - 1_200.0;
        let count = ((self.minutes[last] - start) / 60.0) as usize + 1;
        let mut winds = vec![None; count];
        for at in first.saturating_sub(20)..=last {
            let slot = (self.minutes[at] - start) / 60.0;
            if slot >= 0.0 {
                winds[(slot as usize).min(count - 1)] = Some(self.winds[at]);
            }
        }
        let winds = Winds::new(start, 60.0, &winds, 12.0).ok()?;
        let mut soundings = vec![];
        for chunk in within.chunks(STEP) {
            for (series, (at_m, height_m)) in self.sensors.iter().enumerate() {
                let values: Vec<f64> =
                    chunk.iter().filter_map(|at| self.values[*at][series]).collect();
                if values.is_empty() {
                    continue;
                }
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                soundings.push(Sounding {
                    series,
                    at_m: *at_m,
                    to_m: None,
                    height_m: *height_m,
                    from_s: self.minutes[chunk[0]],
                    to_s: self.minutes[chunk[chunk.len() - 1]] + 60.0,
                    value: UG_PER_PPM * mean,
                    clean: None,
                    usual: None,
                });
            }
        }
        Some((soundings, winds))
    }
}

fn tuning(second: f64, speed: f64, temper: f64, factor_sd: f64) -> Tuning {
    let utc_h = second / 3_600.0 % 24.0;
    let local_h = (utc_h + 18.0) % 24.0;
    let sun = (std::f64::consts::PI * (local_h - 6.5) / 13.0).sin().max(0.0) * 0.8;
    Tuning {
        mixing: Stability::of(speed, if (6.5..19.5).contains(&local_h) { sun } else { 0.0 }).into(),
        age_max_s: 900.0,
        rate_g_s: (0.02, 5.0),
        temper,
        factor_sd,
        looks: 3,
        ..Tuning::default()
    }
}

pub fn run(folder: &Path) {
    let (site, truths) = site(folder);
    if truths.is_empty() {
        println!("skipped: {} holds no releases", folder.display());
        return;
    }
    let arg = |at: usize, usual: f64| {
        std::env::args().nth(at).and_then(|a| a.parse().ok()).unwrap_or(usual)
    };
    let (temper, factor) = (arg(2, TEMPER), arg(3, FACTOR_SD));
    println!("\n**METEC, five possible sources** (temper {temper}, factor {factor})\n");
    for (name, chosen) in
        [("releases 1, 3, 5, 7, 9 (tuned on)", 0), ("releases 2, 4, 6, 8 (not seen)", 1)]
    {
        for (hours, what) in [(100.0, "whole releases"), (1.0, "single hours")] {
            let some = truths.iter().enumerate().filter(|(at, _)| at % 2 == chosen);
            let some: Vec<&Truth> = some.map(|(_, truth)| truth).collect();
            part(&site, &some, &format!("{name}, {what}"), hours, (temper, factor));
        }
    }
}

/// Found on the releases that were tuned on.
const TEMPER: f64 = 0.5;
const FACTOR_SD: f64 = 1.0;

fn part(site: &Site, truths: &[&Truth], name: &str, hours: f64, (temper, factor): (f64, f64)) {
    let [mut ours, mut upwind, mut by_cpf] = [(); 3].map(|()| Marks::default());
    let (mut ratios, mut distances) = (vec![], vec![]);
    let [mut inside, mut halves, mut unknown] = [0.0; 3];
    for truth in truths {
        let mut from = truth.from_s;
        while from + 1_200.0 < truth.to_s {
            let to = (from + hours * 3_600.0).min(truth.to_s);
            let case = site.window(from, to);
            from = to;
            let Some((soundings, winds)) = case else { continue };
            let ground = Ground {
                corner_m: [-80.0, -60.0],
                cell_m: 10.0,
                cols: 16,
                rows: 12,
                height_m: 2.0,
            };
            let speed = winds.mean(to - 3_600.0, to).speed_m_s();
            let tuning = tuning(to, speed, temper, factor);
            let Ok(answer) = trace(&soundings, &[], &winds, &site.emitters, &ground, &tuning)
            else {
                continue;
            };
            let mut shares = vec![0.0; site.emitters.len()];
            for candidate in &answer.candidates {
                match candidate.share {
                    Share::Known(at) => shares[at] = candidate.probability,
                    Share::Unknown => unknown += candidate.probability,
                    Share::None => {}
                }
                if candidate.share == Share::Known(truth.emitter) {
                    ratios.push(candidate.rate_g_s[1] / truth.rate_g_s);
                    let [low, _, high] = candidate.rate_g_s;
                    inside += f64::from(u8::from((low..=high).contains(&truth.rate_g_s)));
                }
            }
            let all: f64 = shares.iter().sum();
            let open: Vec<f64> = shares.iter().map(|share| share / all.max(1e-9)).collect();
            ours.take(&open, truth.emitter);
            halves += f64::from(u8::from(answer.regions[0].emitters.contains(&truth.emitter)));
            let best = (0..5).max_by(|a, b| open[*a].total_cmp(&open[*b])).unwrap_or(0);
            let [a, b] = [best, truth.emitter].map(|at| site.emitters[at].at_m);
            distances.push((a[0] - b[0]).hypot(a[1] - b[1]));
            let rises = rises(&soundings);
            upwind.take(
                &shared(upwind_nearest(&soundings, &rises, &winds, &site.emitters)),
                truth.emitter,
            );
            by_cpf.take(&shared(cpf(&soundings, &rises, &winds, &site.emitters)), truth.emitter);
        }
    }
    println!(
        "{name}\n\n| method | cases | first, % | among three, % | log score | Brier |\n|---|--:|--:|--:|--:|--:|"
    );
    ours.print("tracing");
    upwind.print("nearest upwind");
    by_cpf.print("CPF");
    ratios.sort_by(f64::total_cmp);
    distances.sort_by(f64::total_cmp);
    let n = ours.cases.max(1.0);
    println!();
    ours.calibration();
    println!(
        "rate / truth: middle {:.2}, a half between {:.2} and {:.2}; 90 % interval holds it in {:.0} %; in the 50 % region {:.0} %; distance of the first, median {:.0} m; share given to unknown places {:.2}\n",
        ratios[ratios.len() / 2],
        ratios[ratios.len() / 4],
        ratios[ratios.len() * 3 / 4],
        100.0 * inside / n,
        100.0 * halves / n,
        distances[distances.len() / 2],
        unknown / n,
    );
}

fn shared(marks: Vec<f64>) -> Vec<f64> {
    let sum: f64 = marks.iter().sum::<f64>().max(1e-9);
    marks.into_iter().map(|mark| mark / sum).collect()
}
