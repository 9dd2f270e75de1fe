//! How often tracing is right in pretend zones whose source is hidden: `-- SEEDS [TEMPER [FACTOR]]`.
//!
//! Each seed is another weather and hour. Of twenty seeds eleven have an accident at a stack or a site of the register, six a fire
//! at a place in no register, three nothing but the usual. Instruments say the truth with the errors of their grade, every ten
//! minutes; nobody reports of himself. Even seeds were looked at while the method was tuned, odd ones were not.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example reports what it measured"
)]

use model::{HOUR_MS, MINUTE_MS, PlaceKind, Timestamp};
use sim::{Event, FaultRates, Scenario, Settings, What, Zone};
use space::Plane;
use space::trace::{
    Answer, Emitter, Ground, Refusal, Share, Sounding, Stability, Tuning, Wind, Winds, trace,
};

const STEP_MS: i64 = 10 * MINUTE_MS;
const LEAD_MS: i64 = 2 * HOUR_MS;
const SPAN_MS: i64 = 3 * HOUR_MS;

/// What is hidden.
#[derive(Clone, Debug, PartialEq)]
enum Truth {
    Emitter(usize),
    Fire([f64; 2]),
    Nothing,
}

struct Case {
    truth: Truth,
    answer: Answer,
    ground: Ground,
}

fn main() {
    let arg = |at: usize| std::env::args().nth(at).and_then(|text| text.parse::<f64>().ok());
    let seeds = arg(1).unwrap_or(500.0) as u64;
    let usual = Tuning::default();
    let tuning = Tuning {
        temper: arg(2).unwrap_or(usual.temper),
        factor_sd: arg(3).unwrap_or(usual.factor_sd),
        ..usual
    };
    println!("temper {}, factor {}", tuning.temper, tuning.factor_sd);
    for (name, odd) in [("even seeds (looked at)", 0), ("odd seeds (not looked at)", 1)] {
        let (mut cases, mut refused) = (vec![], [0; 2]);
        for seed in (0..seeds).filter(|seed| seed % 2 == odd) {
            match ask(seed, &tuning) {
                Ok(case) => cases.push(case),
                Err(Truth::Nothing) => refused[0] += 1,
                Err(_) => refused[1] += 1,
            }
        }
        tell(name, &cases, refused);
    }
}

/// A number from 0 to 1 out of a seed.
fn part(seed: u64, number: u64) -> f64 {
    let mut x =
        seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03);
    for _ in 0..3 {
        x ^= x >> 31;
        x = x.wrapping_mul(0x7FB5_D329_728E_A185);
    }
    x ^= x >> 27;
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

/// About normal, from four throws.
fn noise(seed: u64, number: u64) -> f64 {
    let sum: f64 = (0..4).map(|at| part(seed, number * 4 + at)).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}

fn hidden(seed: u64, start: Timestamp, end: Timestamp, keys: &[String]) -> (Truth, Option<Event>) {
    match seed / 2 % 20 {
        0..11 => {
            let at = (part(seed, 1) * keys.len() as f64) as usize;
            let what =
                What::Release { source: keys[at].clone(), factor: 8.0 + 22.0 * part(seed, 2) };
            (Truth::Emitter(at), Some(Event { start, end, what }))
        }
        11..17 => {
            let [lon, lat] =
                [113.5 + 0.10 * (part(seed, 3) - 0.5), 34.8 + 0.07 * (part(seed, 4) - 0.5)];
            let what = What::Fire { lon, lat, pm25_g_s: 2.0 + 6.0 * part(seed, 5) };
            (Truth::Fire([lon, lat]), Some(Event { start, end, what }))
        }
        _ => (Truth::Nothing, None),
    }
}

fn ask(seed: u64, tuning: &Tuning) -> Result<Case, Truth> {
    let zero = Timestamp::from_ms(1_772_326_800_000 + seed as i64 * 53 * HOUR_MS);
    let blank = Zone::new(Settings { seed, faults: FaultRates::NONE, ..Settings::default() });
    let places = blank.registry().places;
    let listed: Vec<_> = places
        .iter()
        .filter(|place| matches!(place.kind, PlaceKind::Stack | PlaceKind::DustSite))
        .collect();
    let keys: Vec<String> = listed.iter().map(|place| place.key.clone()).collect();
    let begins = zero + (part(seed, 6) * 1.5 * HOUR_MS as f64) as i64;
    let (truth, event) = hidden(seed, begins, zero + SPAN_MS + HOUR_MS, &keys);
    let scenario = Scenario { events: event.into_iter().collect() };
    let zone = Zone::new(Settings { seed, scenario, faults: FaultRates::NONE });

    let plane = Plane::at([113.5, 34.8]);
    let emitters: Vec<Emitter> = listed
        .iter()
        .map(|place| Emitter {
            at_m: plane.metres([place.lon, place.lat]),
            height_m: place.height_m.map_or(4.0, |mouth| 1.2 * mouth),
            width_m: if place.kind == PlaceKind::Stack { 10.0 } else { 150.0 },
            emits: true,
            reported: None,
        })
        .collect();
    let soundings = soundings(&zone, seed, zero, plane);
    let wind = |step: i64| {
        let weather = zone.weather(zero - LEAD_MS - 2 * HOUR_MS + step * STEP_MS + STEP_MS / 2);
        let off = 4.0 * noise(seed, 900_000 + step as u64);
        Some(Wind::from_deg(weather.wind_speed_m_s(), weather.wind_from_deg() + off))
    };
    let start_s = -((LEAD_MS + 2 * HOUR_MS) as f64) / 1e3;
    let count = (LEAD_MS + 2 * HOUR_MS + SPAN_MS) / STEP_MS;
    let wind: Vec<_> = (0..count).map(wind).collect();
    let speeds = wind.iter().flatten().map(Wind::speed_m_s).sum::<f64>() / count as f64;
    let weak = 25.0 * (1.0 - speeds / 1.5).max(0.0);
    let winds =
        Winds::new(start_s, 600.0, &wind, 15.0_f64.hypot(weak)).map_err(|_| truth.clone())?;
    let local_h = (zero.as_ms() / HOUR_MS + 8).rem_euclid(24) as f64 + 1.5;
    let sun = (std::f64::consts::PI * (local_h - 6.5) / 12.0).sin().max(0.0);
    let tuning = Tuning {
        stability: Stability::of(speeds, 0.7 * sun),
        lid_m: 300.0 + 900.0 * sun,
        ..*tuning
    };
    let ground =
        Ground { corner_m: [-6_500.0, -5_300.0], cell_m: 390.0, cols: 34, rows: 28, height_m: 5.0 };
    match trace(&soundings, &[], &winds, &emitters, &ground, &tuning) {
        Ok(answer) => Ok(Case { truth, answer, ground }),
        Err(Refusal::NoRise) => Err(truth),
        Err(other) => {
            eprintln!("seed {seed}: {other:?}");
            Err(truth)
        }
    }
}

/// PM10 as the instruments say it: the truth with a bias for the day and noise.
fn soundings(zone: &Zone, seed: u64, zero: Timestamp, plane: Plane) -> Vec<Sounding> {
    let places = zone.registry().places;
    let kinds = [PlaceKind::AirStation, PlaceKind::MicroStation];
    let fixed: Vec<_> = places.iter().filter(|place| kinds.contains(&place.kind)).collect();
    let at: Vec<[f64; 2]> = fixed.iter().map(|place| [place.lon, place.lat]).collect();
    let mut all = vec![];
    let mut number = 0;
    for step in 0..(LEAD_MS + SPAN_MS) / STEP_MS {
        let start = zero - LEAD_MS + step * STEP_MS;
        let air = zone.truth_at(start + STEP_MS / 2, &at);
        for (series, (place, air)) in fixed.iter().zip(air).enumerate() {
            number += 1;
            let (bias, own) =
                if place.kind == PlaceKind::AirStation { (0.02, 0.03) } else { (0.12, 0.08) };
            let factor =
                1.0 + bias * noise(seed, 500_000 + series as u64) + own * noise(seed, number);
            let from_s = (start - zero) as f64 / 1e3;
            all.push(Sounding {
                series,
                at_m: plane.metres(at[series]),
                to_m: None,
                height_m: 3.0,
                from_s,
                to_s: from_s + STEP_MS as f64 / 1e3,
                value: air.pm10 * factor,
            });
        }
    }
    all
}

/// The probability of the truth, its rank, and whether regions hold it.
fn tell(name: &str, cases: &[Case], refused: [usize; 2]) {
    let plane = Plane::at([113.5, 34.8]);
    let mut bins = [[0.0_f64; 3]; 10];
    let [mut first, mut three, mut log, mut half, mut most, mut placed] = [0.0; 6];
    let mut away: Vec<f64> = vec![];
    let mut by_kind = [[0.0_f64; 2]; 3];
    for case in cases {
        let is_true = |share: Share| match &case.truth {
            Truth::Emitter(at) => share == Share::Known(*at),
            Truth::Fire(_) => share == Share::Unknown,
            Truth::Nothing => share == Share::None,
        };
        let candidates = &case.answer.candidates;
        let rank = candidates.iter().position(|one| is_true(one.share)).unwrap_or(99);
        let own = candidates.get(rank).map_or(0.0, |one| one.probability);
        first += f64::from(u8::from(rank == 0));
        three += f64::from(u8::from(rank < 3));
        log -= own.max(1e-6).ln();
        for one in candidates {
            let bin = &mut bins[((one.probability * 10.0) as usize).min(9)];
            bin[0] += one.probability;
            bin[1] += f64::from(u8::from(is_true(one.share)));
            bin[2] += 1.0;
        }
        let kind = match case.truth {
            Truth::Emitter(_) => 0,
            Truth::Fire(_) => 1,
            Truth::Nothing => 2,
        };
        by_kind[kind][0] += f64::from(u8::from(rank == 0));
        by_kind[kind][1] += 1.0;
        let held = |at: usize| match &case.truth {
            Truth::Emitter(own) => case.answer.regions[at].emitters.contains(own),
            Truth::Fire(spot) => {
                let at_m = plane.metres(*spot);
                let near = |cell: &usize| {
                    let middle = case.ground.middle_m(*cell);
                    (0..2).all(|axis| (middle[axis] - at_m[axis]).abs() <= case.ground.cell_m / 2.0)
                };
                case.answer.regions[at].cells.iter().any(near)
            }
            Truth::Nothing => false,
        };
        if case.truth != Truth::Nothing {
            placed += 1.0;
            half += f64::from(u8::from(held(0)));
            most += f64::from(u8::from(held(1)));
        }
        if let (Truth::Fire(spot), Some(found)) =
            (&case.truth, candidates.iter().find(|one| one.share == Share::Unknown))
        {
            let at_m = plane.metres(*spot);
            away.push((found.at_m[0] - at_m[0]).hypot(found.at_m[1] - at_m[1]));
        }
    }
    let n = (cases.len() as f64).max(1.0);
    away.sort_by(f64::total_cmp);
    println!(
        "\n**{name}**: {} cases; no rise seen: {} of nothing, {} of something\nfirst {:.0} %, among three {:.0} %, log score {:.2}; 50 % region holds {:.0} %, 90 % region {:.0} %; fires: likeliest cell {:.0} m off (median)",
        cases.len(),
        refused[0],
        refused[1],
        100.0 * first / n,
        100.0 * three / n,
        log / n,
        100.0 * half / placed,
        100.0 * most / placed,
        away.get(away.len() / 2).copied().unwrap_or(f64::NAN),
    );
    for (kind, [right, all]) in ["emitter", "fire", "nothing"].iter().zip(by_kind) {
        println!("  {kind}: first {right:.0} of {all:.0}");
    }
    let all: f64 = bins.iter().map(|bin| bin[2]).sum();
    let (mut error, mut large, mut large_n) = (0.0, 0.0, 0.0);
    for bin in bins.iter().filter(|bin| bin[2] > 0.0) {
        println!("  stated {:.2} → true {:.2} ({:.0})", bin[0] / bin[2], bin[1] / bin[2], bin[2]);
        error += (bin[0] - bin[1]).abs() / all;
        if bin[0] / bin[2] > 0.1 {
            large += (bin[0] - bin[1]).abs();
            large_n += bin[2];
        }
    }
    println!(
        "  calibration error {:.1} points over all, {:.1} over what was given 0.1 and more",
        100.0 * error,
        100.0 * large / f64::max(large_n, 1.0)
    );
}
