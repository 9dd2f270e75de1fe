//! Times of grids, and the memory that the largest of them takes.

use space::Bounds;
use space::field::{Field, Grade, Grid, Kind, Process, Sample, Station, inverse_distance};
use std::time::Instant;

/// Stations in no order over a square of so many degrees, the same each time.
fn stations(count: u32) -> Vec<Station> {
    let part = |at: u32, of: u32| {
        f64::from(at.wrapping_mul(2_654_435_761).wrapping_mul(of) >> 8) / f64::from(1 << 24)
    };
    (0..count)
        .map(|at| Station {
            at: [113.5 + 0.11 * part(at, 7), 34.8 + 0.09 * part(at, 31)],
            grade: if at % 12 == 0 { Grade::STANDARD } else { Grade::MICRO },
        })
        .collect()
}

#[expect(clippy::unnecessary_wraps, reason = "a row of an hour is of options")]
fn value(station: &Station, hour: f64) -> Option<f64> {
    let [x, y] = [(station.at[0] - 113.5) * 60.0, (station.at[1] - 34.8) * 60.0];
    Some(
        60.0 + 20.0 * (x + hour).sin() * (y - 0.3 * hour).cos() + 5.0 * (31.0 * x * y + hour).sin(),
    )
}

pub fn run() {
    println!("\n**Speed** (one core)\n\n| what | ms |\n|---|--:|");
    for count in [1_u32, 12, 300, 2_000] {
        let stations = stations(count);
        let row = |hour: f64| stations.iter().map(|s| value(s, hour)).collect::<Vec<_>>();
        let window: Vec<_> = (0..168).map(|hour| row(f64::from(hour))).collect();
        let started = Instant::now();
        let process = Process::fit(Kind::Concentration, &stations, &window);
        print(&format!("fit on 168 hours of {count} stations"), started);
        let now = row(168.0);
        let started = Instant::now();
        let Some(field) = Field::of(&process, &now) else { continue };
        print(&format!("hour of {count} stations, broken ones voted out"), started);
        grid(&field, count, 110, 90);
        if count == 300 {
            grid(&field, count, 1_000, 1_000);
            let samples: Vec<Sample> = stations
                .iter()
                .zip(&now)
                .filter_map(|(s, v)| {
                    Some(Sample {
                        at: s.at,
                        value: (*v)?,
                        weight: 1.0,
                        is_reference: false,
                        unchanged_h: 1,
                    })
                })
                .collect();
            let whole = whole(110, 90);
            let started = Instant::now();
            let cells = inverse_distance(&samples, &whole, 3_000.0);
            print(
                &format!("inverse distance, 110 × 90, {} known", cells.iter().flatten().count()),
                started,
            );
        }
    }
}

fn whole(cols: usize, rows: usize) -> Grid {
    let bounds = Bounds { west: 113.5, south: 34.8, east: 113.61, north: 34.89 };
    Grid { bounds, cols, rows, wanted: vec![true; cols * rows] }
}

fn grid(field: &Field, count: u32, cols: usize, rows: usize) {
    let grid = whole(cols, rows);
    let before = resident_kib();
    let started = Instant::now();
    let (mut cells, mut sum) = (0, 0.0);
    field.fill(&grid, |_, band| {
        for cell in band.iter().flatten() {
            cells += 1;
            sum += cell.high - cell.low;
        }
    });
    let more = resident_kib().saturating_sub(before);
    print(
        &format!(
            "{cols} × {rows} with interval, {count} stations (mean width {:.1}; {more} KiB more memory)",
            sum / f64::from(cells)
        ),
        started,
    );
}

fn print(what: &str, started: Instant) {
    println!("| {what} | {:.1} |", started.elapsed().as_secs_f64() * 1e3);
}

/// Memory that the process holds, KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
