//! How fast the law is: three years of hours of many stations judged in full, and the index alone;
//! beside it the same in pandas and the `PyPI` packages, when `python3` has them.
//!
//! `cargo xtask bench law`, or `cargo run --release -p standards --example annual -- STATIONS`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark fails by panicking and prints"
)]

use standards::air::{Assessment, DayValues, Hours, Pollutant, Programme, Question};
use standards::{Day, Exact, Span, Standards, Zone};
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const YEARS: [i16; 3] = [2023, 2024, 2025];

fn main() {
    let stations: usize = std::env::args().nth(1).map_or(300, |text| text.parse().unwrap());
    let law = Standards::load().unwrap();
    let zone = Zone::shanghai().unwrap();
    let first = Span::year(YEARS[0]).unwrap().first();
    let days: Vec<Day> = first
        .series(jiff::Span::new().days(1))
        .take_while(|date| date.year() <= YEARS[2])
        .map(|date| zone.day(date).unwrap())
        .collect();
    for threads in [1, 2] {
        let (spent, sum) = all(&law, &days, stations, threads);
        let values = stations * days.len() * 24 * 6;
        println!(
            "{stations} stations x 3 years x 6 pollutants ({:.1} M hours), {threads} thread(s): {:.2} s, \
             {:.0} M hours/s; composite indices sum to {sum}",
            values as f64 / 1e6,
            spent.as_secs_f64(),
            values as f64 / 1e6 / spent.as_secs_f64(),
        );
        if threads == 1 {
            println!("one station: {:.2} ms", spent.as_secs_f64() * 1e3 / stations as f64);
        }
    }
    println!("peak memory: {}", peak());
    index_alone(&law);
    beside();
}

/// Judges every station; what is timed is from hours in memory to the three assessments.
fn all(law: &Standards, days: &[Day], stations: usize, threads: usize) -> (Duration, Exact) {
    let share = |thread: usize| {
        let (mut spent, mut sum) = (Duration::ZERO, Exact::ZERO);
        for station in (thread..stations).step_by(threads) {
            let hours = made_up(station as u64, days.len() * 24);
            let started = Instant::now();
            for own in station_of(law, days, &hours) {
                sum = sum.plus(&own.composite.unwrap().rounded).unwrap();
            }
            spent += started.elapsed();
        }
        (spent, sum)
    };
    std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        running
            .into_iter()
            .map(|own| own.join().unwrap())
            .fold((Duration::ZERO, Exact::ZERO), |(spent, sum), (own, part)| {
                (spent.max(own), sum.plus(&part).unwrap())
            })
    })
}

fn station_of(law: &Standards, days: &[Day], hours: &[Vec<Option<f64>>; 6]) -> Vec<Assessment> {
    let set = law.rule_set_named("2012").unwrap();
    let window = Hours::new(days[0].start(), hours.each_ref().map(|column| &**column));
    let mut judged: [Vec<DayValues>; 3] = Default::default();
    for day in days {
        let report = set.index.day(day, &window, Programme::default());
        let at = usize::try_from(day.date().year() - YEARS[0]).unwrap();
        judged[at].push(DayValues::of(day.date(), &report));
    }
    let mut assessed = Vec::new();
    for (year, days) in YEARS.into_iter().zip(judged) {
        let span = Span::year(year).unwrap();
        let question = Question { span, set, settings: law.settings(), dust: &[] };
        assessed.push(law.assess(question, days).unwrap());
    }
    assessed
}

/// Hours as instruments send them: whole µg/m³, CO with one decimal, two in a hundred missing.
fn made_up(seed: u64, len: usize) -> [Vec<Option<f64>>; 6] {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    Pollutant::ALL.map(|pollutant| {
        let top = [40, 90, 30, 180, 200, 120][pollutant.index()];
        let value = |n: u64| (n % top) as f64;
        let scale = if pollutant == Pollutant::Co { 10.0 } else { 1.0 };
        (0..len)
            .map(|_| {
                let n = next();
                (n % 50 != 0).then(|| value(n >> 8) / scale)
            })
            .collect()
    })
}

/// Single indices from concentrations, one core.
fn index_alone(law: &Standards) {
    let index = law.air_index_edition("HJ 633-2026").unwrap();
    let column = index.column("PM2.5_24h").unwrap();
    let values: Vec<Exact> = (0..521).map(Exact::whole).collect();
    let (started, mut sum, rounds) = (Instant::now(), 0_u64, 20_000);
    for _ in 0..rounds {
        for value in &values {
            sum += u64::from(black_box(column).iaqi(value).unwrap().unwrap());
        }
    }
    let count = rounds * values.len();
    let rate = count as f64 / started.elapsed().as_secs_f64() / 1e6;
    println!("single indices, one core: {rate:.1} M/s (checksum {sum})");
}

/// The same by others, as far as they are there.
fn beside() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/independent/speed.py");
    let python = std::env::var("SKYRIVER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    match Command::new(python).arg(script).env("PYTHONDONTWRITEBYTECODE", "1").output() {
        Ok(output) if output.status.success() => {
            print!("{}", String::from_utf8_lossy(&output.stdout));
        }
        Ok(output) => println!(
            "no comparison: {}",
            String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default()
        ),
        Err(error) => println!("no comparison: {error}"),
    }
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown here".to_owned(), |text| text.trim().to_owned())
}
