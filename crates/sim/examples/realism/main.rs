//! Compares a year of the pretend zone with real hours of the PRSA data set (eight stations of one
//! city of the North China Plain, 2013 to 2016, CC BY 4.0, doi 10.24432/C5RK5G),
//! its weather with that of the same set, its rivers with two instrumented ones.
//!
//! `cargo run --release -p sim --example realism -- FOLDER [SEED]`, where FOLDER holds the folders
//! `beijing_prsa` (`PRSA_Data_*.csv.gz`), `river_neon_pringle` (`pringle_5min_201907-201909.csv.gz`) and
//! `river_sonde_sandy_creek` (`data_sandy_anom.csv`). Prints Markdown.
#![expect(clippy::print_stdout, reason = "a table on standard output is what it is for")]

mod rivers;
mod weather;

use flate2::read::GzDecoder;
use model::{DAY_MS, HOUR_MS, Timestamp};
use sim::{Field, Kind, Settings, Zone};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::path::Path;

const NAMES: [&str; 6] = ["PM2.5", "PM10", "SO2", "NO2", "CO", "O3"];
const CODES: [&str; 6] = ["a34004", "a34002", "a21026", "a21004", "a21005", "a05024"];
/// The stations inside the town; the others lie up to 50 km outside.
const TOWN: [&str; 5] = ["Aotizhongxin", "Guanyuan", "Tiantan", "Wanliu", "Wanshouxigong"];

/// Hours of one station and one pollutant, by hour number since the epoch (local time).
type Series = BTreeMap<i64, f64>;
/// [pollutant][station]
type Set = Vec<Vec<Series>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let data = arguments.next().ok_or("usage: realism FOLDER [SEED]")?;
    let data = Path::new(&data);
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let zone = Zone::new(Settings { seed, ..Settings::default() });
    let real = read(&data.join("beijing_prsa"))?;
    let made = make(&zone);
    println!(
        "| pollutant | | mean | p10 | p50 | p90 | p98 | sd/mean | winter/summer | lag 1 h | lag 24 h | between sites | peak hour | low hour | peak/low |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (number, name) in NAMES.iter().enumerate() {
        let unit = if *name == "CO" { "mg/m³" } else { "µg/m³" };
        println!("| {name}, {unit} | real | {}", row(&real[number]));
        println!("| | made | {}", row(&made[number]));
    }
    println!(
        "\n| share of the mean | | 00 | 03 | 06 | 09 | 12 | 15 | 18 | 21 |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (number, name) in NAMES.iter().enumerate() {
        for (label, what, set) in [(*name, "real", &real[number]), ("", "made", &made[number])] {
            let course = diurnal(set);
            let steps = course.iter().step_by(3).map(|share| format!("{share:.2}"));
            println!("| {label} | {what} | {} |", steps.collect::<Vec<_>>().join(" | "));
        }
    }
    weather::print(&data.join("beijing_prsa"), &zone)?;
    rivers::print(data, &zone)
}

fn read(folder: &Path) -> Result<Set, Box<dyn Error>> {
    let mut set: Set = vec![Vec::new(); NAMES.len()];
    for station in TOWN {
        let path = folder.join(format!("PRSA_Data_{station}_20130301-20160229.csv.gz"));
        let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(&path)?));
        let mut series: Vec<Series> = vec![Series::new(); NAMES.len()];
        // rows are one hour apart, without a gap, from 2013-03-01T00 local time
        let first = 15_765 * 24;
        for (hour, record) in reader.records().enumerate() {
            let record = record?;
            for (number, series) in series.iter_mut().enumerate() {
                if let Ok(value) = record[5 + number].parse::<f64>() {
                    let value = if NAMES[number] == "CO" { value / 1_000.0 } else { value };
                    series.insert(first + hour as i64, value);
                }
            }
        }
        for (all, series) in set.iter_mut().zip(series) {
            all.push(series);
        }
    }
    Ok(set)
}

/// A year of the 12 standard stations as their instruments report it, normal hours only.
fn make(zone: &Zone) -> Set {
    let mut set: Set = vec![vec![Series::new(); 12]; NAMES.len()];
    // 2025-03-01, local midnight
    let start = Timestamp::from_ms(1_740_758_400_000);
    for day in 0..365 {
        let from = start + day * DAY_MS;
        for upload in zone.uploads_of(&[Kind::Hour], from, from + DAY_MS) {
            let hour = (upload.data_time + sim::ZONE_OFFSET_MS).as_ms() / HOUR_MS;
            for item in upload.items.iter().filter(|i| i.field == Field::Avg && i.flag == 'N') {
                let pollutant = CODES.iter().position(|code| *code == item.code);
                if let (Some(number), true, Ok(value)) =
                    (pollutant, upload.device < 12, item.value.parse())
                {
                    set[number][upload.device].insert(hour, value);
                }
            }
        }
    }
    set
}

fn row(set: &[Series]) -> String {
    let mut all: Vec<f64> = set.iter().flat_map(|series| series.values().copied()).collect();
    all.sort_by(f64::total_cmp);
    let quantile = |q: f64| all[((all.len() - 1) as f64 * q) as usize];
    let mean = mean(&all);
    let spread = (all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
    let course = diurnal(set);
    let extreme = |sign: f64| {
        (0..24).max_by(|&a, &b| (sign * course[a]).total_cmp(&(sign * course[b]))).unwrap_or(0)
    };
    let (peak, low) = (extreme(1.0), extreme(-1.0));
    format!(
        "{mean:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} | {:.3} | {:.2} | {:.2} | {peak} | {low} | {:.2} |",
        quantile(0.1),
        quantile(0.5),
        quantile(0.9),
        quantile(0.98),
        spread / mean,
        season(set, &[11, 0, 1]) / season(set, &[5, 6, 7]),
        lagged(set, 1),
        lagged(set, 24),
        between(set),
        course[peak] / course[low],
    )
}

/// Mean of the months (0 is January), to a day or two.
fn season(set: &[Series], months: &[i64]) -> f64 {
    let month = |hour: i64| ((hour as f64 / 24.0 / 30.436_9) as i64).rem_euclid(12);
    let values: Vec<f64> = set
        .iter()
        .flatten()
        .filter(|(hour, _)| months.contains(&month(**hour)))
        .map(|(_, value)| *value)
        .collect();
    mean(&values)
}

/// Mean over the stations of the correlation with itself some hours later.
fn lagged(set: &[Series], lag: i64) -> f64 {
    let each = set.iter().map(|series| {
        let pairs = series.iter().filter_map(|(hour, v)| Some((*v, *series.get(&(hour + lag))?)));
        correlation(&pairs.collect::<Vec<_>>())
    });
    mean(&each.collect::<Vec<_>>())
}

/// Mean over all pairs of stations.
fn between(set: &[Series]) -> f64 {
    let mut each = Vec::new();
    for (number, one) in set.iter().enumerate() {
        for other in &set[number + 1..] {
            let pairs = one.iter().filter_map(|(hour, v)| Some((*v, *other.get(hour)?)));
            each.push(correlation(&pairs.collect::<Vec<_>>()));
        }
    }
    mean(&each)
}

fn diurnal(set: &[Series]) -> Vec<f64> {
    let mut hours = vec![Vec::new(); 24];
    for (hour, value) in set.iter().flatten() {
        hours[hour.rem_euclid(24) as usize].push(*value);
    }
    let means: Vec<f64> = hours.iter().map(|values| mean(values)).collect();
    let whole = mean(&means);
    means.iter().map(|value| value / whole).collect()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let one = mean(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    let two = mean(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
    let sums = pairs.iter().fold([0.0; 3], |[xx, yy, xy], (x, y)| {
        let (x, y) = (x - one, y - two);
        [xx + x * x, yy + y * y, xy + x * y]
    });
    sums[2] / (sums[0] * sums[1]).sqrt()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
