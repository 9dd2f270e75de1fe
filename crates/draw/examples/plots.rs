//! How long each plot of ten station-years takes, numbers and picture: `cargo xtask bench plots`.

use draw::{Language, Look};
use space::plot::{Civil, Kind, Place, Row, Settings, Wind, plot};
use std::time::Instant;

const ROUNDS: usize = 7;

#[expect(clippy::print_stdout, reason = "the result of a program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Two places of five years: every kind has something to compare.
    let places = [place("A", 0), place("B", 7)];
    let look = Look {
        language: Language::En,
        title: "ten station-years",
        parameter: "PM2.5",
        other: "O3",
        unit: "µg/m³",
    };
    println!("| plot | numbers ms | picture ms | kB of SVG |\n|---|---:|---:|---:|");
    for kind in Kind::ALL {
        let (mut numbers_ms, mut picture_ms, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            let started = now();
            let made = plot(kind, &places, &Settings::default())?;
            numbers_ms.push(started.elapsed().as_secs_f64() * 1e3);
            let started = now();
            bytes = draw::svg(&made, &look).len();
            picture_ms.push(started.elapsed().as_secs_f64() * 1e3);
        }
        numbers_ms.sort_by(f64::total_cmp);
        picture_ms.sort_by(f64::total_cmp);
        let middle = ROUNDS / 2;
        let (numbers, picture) = (numbers_ms[middle], picture_ms[middle]);
        println!("| {} | {numbers:.1} | {picture:.1} | {} |", kind.name(), bytes / 1_000);
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a program of its own that measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Five years of hours made up from the hour's number: a wave of the day and the year, a source in the west.
fn place(name: &str, shift: i64) -> Place {
    let row = |hour: i64| {
        let day = hour / 24;
        let mixed = ((hour + shift) * 7_919 % 1_009) as f64 / 1_009.0;
        let from_deg = ((hour * 37 + shift) % 36 * 10) as f64;
        let west = (from_deg - 270.0).to_radians().cos().max(0.0);
        let wave = (hour as f64 * std::f64::consts::TAU / 24.0).sin();
        Row {
            hour,
            at: Civil {
                year: 2020 + (day / 365) as i16,
                month: (day % 365 / 31) as u8 + 1,
                day: (day % 365 % 31) as u8 + 1,
                hour: (hour % 24) as u8,
                weekday: (day % 7) as u8 + 1,
            },
            value: (mixed > 0.03).then_some(30.0 + 12.0 * wave + 40.0 * west * mixed),
            other: Some(80.0 - 20.0 * wave - 10.0 * mixed),
            wind: Some(Wind { speed_m_s: 12.0 * mixed * mixed, from_deg }),
        }
    };
    Place { name: name.to_owned(), rows: (0..5 * 365 * 24).map(row).collect() }
}
