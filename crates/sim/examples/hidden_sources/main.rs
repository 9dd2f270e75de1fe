//! How often tracing is right in pretend zones whose source is hidden: `-- FROM TO [INDEPENDENT [ASTRAY]]`, seeds.
//!
//! One line a case: seed, truth, its rank and probability, metres from the first placed candidate to the truth; then the tallies.
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

use model::{DAY_MS, HOUR_MS, MINUTE_MS, PlaceKind, Timestamp};
use sim::{Event, FaultRates, Scenario, Settings, What, Zone};
use space::Plane;
use space::trace::{
    Answer, Emitter, Ground, Refusal, Sounding, Stability, Tuning, Wind, Winds, cpf, rises, trace,
    upwind_nearest, usual,
};

mod tally;

use tally::Tally;

const STEP_MS: i64 = 10 * MINUTE_MS;
const LEAD_MS: i64 = 2 * HOUR_MS;
const SPAN_MS: i64 = 3 * HOUR_MS;
/// Days before that tell what rises are usual.
const USUAL_DAYS: i64 = 3;

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
    emitters: Vec<Emitter>,
    /// Marks of the two usual ways to guess: nearest upwind, CPF.
    rivals: [Vec<f64>; 2],
}

fn main() {
    let arg = |at: usize| std::env::args().nth(at).and_then(|text| text.parse::<f64>().ok());
    let (from, to) = (arg(1).unwrap_or(0.0) as u64, arg(2).unwrap_or(500.0) as u64);
    let usual = Tuning::default();
    let tuning = Tuning {
        independent: arg(3).unwrap_or(usual.independent),
        astray: arg(4).unwrap_or(0.15),
        ..usual
    };
    println!("counts as {} values, astray {}", tuning.independent, tuning.astray);
    let [mut even, mut odd] = [(); 2].map(|()| Tally::default());
    for seed in from..to {
        let tally = if seed % 2 == 0 { &mut even } else { &mut odd };
        match ask(seed, &tuning) {
            Ok(case) => tally.take(seed, &case),
            Err(Truth::Nothing) => tally.refused[0] += 1,
            Err(_) => tally.refused[1] += 1,
        }
    }
    even.tell("even seeds (looked at)");
    odd.tell("odd seeds (not looked at)");
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
    let mut soundings = soundings(&zone, seed, zero, plane);
    // ordinary days tell what rises are usual
    let before =
        |day: i64| crate::soundings(&zone, seed + 1_000 * day as u64, zero - day * DAY_MS, plane);
    let usual = usual(&(1..=USUAL_DAYS).map(before).collect::<Vec<_>>());
    for sounding in &mut soundings {
        sounding.usual = usual.get(&sounding.series).copied();
    }
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
        mixing: Stability::of(speeds, 0.7 * sun).into(),
        lid_m: 300.0 + 900.0 * sun,
        ..*tuning
    };
    let ground =
        Ground { corner_m: [-6_500.0, -5_300.0], cell_m: 390.0, cols: 34, rows: 28, height_m: 5.0 };
    match trace(&soundings, &[], &winds, &emitters, &ground, &tuning) {
        Ok(answer) => {
            let risen = rises(&soundings);
            let ways = [upwind_nearest, cpf];
            let rivals = ways.map(|way| way(&soundings, &risen, &winds, &emitters));
            Ok(Case { truth, answer, ground, emitters, rivals })
        }
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
                clean: None,
                usual: None,
            });
        }
    }
    all
}
