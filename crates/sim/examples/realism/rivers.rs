//! River water beside that of two instrumented rivers: a creek in Texas with two sondes (NEON, July to
//! September 2019, CC0) and a creek in Queensland (Leigh et al. 2019, doi 10.1016/j.scitotenv.2019.02.085).
//! Neither lies in China: what is compared is how river water behaves, not how clean it is.

use flate2::read::GzDecoder;
use model::{HOUR_MS, Timestamp};
use sim::{Water, Zone};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::path::Path;

/// Values by hour since some local midnight.
type Series = BTreeMap<i64, f64>;
/// A quantity: its name, its column in the NEON file, where it stands in ours.
type Row = (&'static str, usize, fn(&Water) -> f64);

pub(crate) fn print(data: &Path, zone: &Zone) -> Result<(), Box<dyn Error>> {
    println!(
        "\n| quantity | | mean | sd/mean | p98/p50 | lag 1 h | lag 24 h | highest hour | daily swing/mean |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|");
    // columns of the NEON file; UTC, the sun is six and a half hours behind there
    let neon =
        |column| neon(&data.join("river_neon_pringle/pringle_5min_201907-201909.csv.gz"), column);
    let made = |quantity: fn(&Water) -> f64| made(zone, quantity);
    let rows: [Row; 4] = [
        ("oxygen, mg/L", 3, |water| water.oxygen),
        ("temperature, °C", 9, |water| water.temperature_c),
        ("conductivity, µS/cm", 2, |water| water.conductivity),
        ("turbidity, NTU", 6, |water| water.turbidity),
    ];
    for (name, column, quantity) in rows {
        println!("| {name} | real, Texas | {}", line(&neon(column)?));
        println!("| | made, Paperweight | {}", line(&made(quantity)));
    }
    for (name, column) in [("conductivity", 2), ("turbidity", 3)] {
        println!("| {name} | real, Queensland | {}", line(&sandy(data, column)?));
    }
    Ok(())
}

fn neon(path: &Path, column: usize) -> Result<Series, Box<dyn Error>> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path)?));
    let mut hours: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let stamp = &record[0];
        let (month, day): (i64, i64) = (stamp[5..7].parse()?, stamp[8..10].parse()?);
        let hour: i64 = stamp[11..13].parse()?;
        if let (Ok(value), "downstream") = (record[column].parse::<f64>(), &record[1]) {
            let sum = hours.entry(((month - 7) * 31 + day) * 24 + hour - 6).or_default();
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    Ok(hours.into_iter().map(|(hour, (sum, count))| (hour, sum / count)).collect())
}

fn sandy(folder: &Path, column: usize) -> Result<Series, Box<dyn Error>> {
    let path = folder.join("river_sonde_sandy_creek/data_sandy_anom.csv");
    let mut series = Series::new();
    for record in csv::Reader::from_reader(File::open(path)?).records() {
        let record = record?;
        let (day, time) = record[0].split_once(' ').ok_or("no time")?;
        let civil: Vec<i64> = day.split('/').map(str::parse).collect::<Result<_, _>>()?;
        let hour: i64 = time.split(':').next().unwrap_or("0").parse()?;
        // days of months are enough to count hours by
        let day = (civil[2] * 12 + civil[1]) * 31 + civil[0];
        let is_typical = &record[column + 3] == "0";
        if let (Ok(value), true) = (record[column].parse(), is_typical) {
            series.insert(day * 24 + hour, value);
        }
    }
    Ok(series)
}

/// July to September at the middle of a river, each hour.
fn made(zone: &Zone, quantity: fn(&Water) -> f64) -> Series {
    // 2025-07-01, local midnight
    let start = Timestamp::from_ms(1_751_299_200_000);
    let water = |hour: i64| zone.water(start + hour * HOUR_MS, "paperweight", 0.45);
    (0..92 * 24).filter_map(|hour| Some((hour, quantity(&water(hour)?)))).collect()
}

fn line(series: &Series) -> String {
    let mut sorted: Vec<f64> = series.values().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let mean = crate::mean(&sorted);
    let quantile = |q: f64| sorted[((sorted.len() - 1) as f64 * q) as usize];
    let sd = crate::mean(&sorted.iter().map(|v| (v - mean).powi(2)).collect::<Vec<_>>()).sqrt();
    let one = [series.clone()];
    let course = crate::diurnal(&one);
    let top = (0..24).max_by(|&a, &b| course[a].total_cmp(&course[b])).unwrap_or(0);
    let low = course.iter().copied().fold(f64::INFINITY, f64::min);
    format!(
        "{mean:.1} | {:.2} | {:.1} | {:.3} | {:.2} | {top} | {:.2} |",
        sd / mean,
        quantile(0.98) / quantile(0.5),
        crate::lagged(&one, 1),
        crate::lagged(&one, 24),
        course[top] - low,
    )
}
