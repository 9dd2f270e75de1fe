//! Times of grids, and the memory that the largest of them takes, also of `PyKrige`.

use crate::beside::{Other, Turn};
use space::Bounds;
use space::field::{Field, Grade, Grid, Kind, Process, Sample, Station, inverse_distance};
use std::time::Instant;

/// Cells along a side of the large grid.
const LARGE: usize = 1_000;
/// Turns of each way over it.
const TURNS: usize = 3;

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
            grid(&field, count, LARGE, LARGE);
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
    let turn = turn(field, &whole(cols, rows));
    println!(
        "| {cols} × {rows} with interval, {count} stations (mean width {:.1}; {} KiB more memory) | {:.1} |",
        turn.width,
        turn.more_kib,
        1e3 * turn.seconds
    );
}

/// A grid once, its cells looked at and let go.
fn turn(field: &Field, grid: &Grid) -> Turn {
    forget_peak();
    let (before, own, started) = (memory_kib("VmRSS"), processor_s(), Instant::now());
    let (mut cells, mut sum, mut width) = (0.0, 0.0, 0.0);
    field.fill(grid, |_, band| {
        for cell in band.iter().flatten() {
            cells += 1.0;
            sum += cell.mean;
            width += cell.high - cell.low;
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    let processor_s = processor_s() - own;
    let more_kib = memory_kib("VmHWM") - before;
    Turn { seconds, processor_s, more_kib, mean: sum / cells, width: width / cells }
}

/// The large grid in turns with `PyKrige`: medians of all turns, and of the ratios of each turn.
pub fn beside() {
    let stations = stations(300);
    let row = |hour: f64| stations.iter().map(|s| value(s, hour)).collect::<Vec<_>>();
    let window: Vec<_> = (0..168).map(|hour| row(f64::from(hour))).collect();
    let process = Process::fit(Kind::Concentration, &stations, &window);
    let now = row(168.0);
    let Some(field) = Field::of(&process, &now) else { return };
    let grid = whole(LARGE, LARGE);
    let Bounds { west, south, east, north } = grid.bounds;
    let asked = [west, south, east, north, grid.cols as f64, grid.rows as f64];
    let said: Vec<[f64; 3]> =
        stations.iter().zip(&now).filter_map(|(s, v)| Some([s.at[0], s.at[1], (*v)?])).collect();
    let turns = || -> Result<(String, Vec<[Turn; 3]>), String> {
        let mut other = Other::start(asked, &said)?;
        let mut turns = vec![];
        for _ in 0..TURNS {
            turns.push([turn(&field, &grid), other.turn("bands")?, other.turn("nearest")?]);
        }
        Ok((other.is.clone(), turns))
    };
    match turns() {
        Ok((is, turns)) => tell(&is, &turns),
        Err(why) => println!("\nno comparison with PyKrige: {why}"),
    }
}

fn tell(is: &str, turns: &[[Turn; 3]]) {
    println!(
        "\n**Beside `PyKrige`** (version and seconds of its variogram: {is}), {LARGE} × {LARGE}, 300 stations, a thread each, medians of {TURNS} turns\n\n| | s | ratio | s of the processor | ratio | more memory, MiB | mean | width of the interval |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    );
    let names = ["space::field", "PyKrige, all stations, in bands", "PyKrige, 32 nearest"];
    for (at, name) in names.into_iter().enumerate() {
        let middle = |what: &dyn Fn(&[Turn; 3]) -> f64| {
            let mut all: Vec<f64> = turns.iter().map(what).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        println!(
            "| {name} | {:.2} | {:.1} | {:.2} | {:.1} | {:.1} | {:.2} | {:.2} |",
            middle(&|turn| turn[at].seconds),
            middle(&|turn| turn[at].seconds / turn[0].seconds),
            middle(&|turn| turn[at].processor_s),
            middle(&|turn| turn[at].processor_s / turn[0].processor_s),
            middle(&|turn| turn[at].more_kib / 1_024.0),
            middle(&|turn| turn[at].mean),
            middle(&|turn| turn[at].width)
        );
    }
}

fn print(what: &str, started: Instant) {
    println!("| {what} | {:.1} |", started.elapsed().as_secs_f64() * 1e3);
}

/// Memory of this process, KiB.
fn memory_kib(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0.0)
}

/// The peak of memory starts again at what is held now, where the system lets it.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Seconds that the processor has worked for this process, in hundredths as the system tells them.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.filter_map(|cell| cell.parse::<f64>().ok()).sum::<f64>() / 100.0
}
