//! A year of metal-oxide sensors beside certified analysers, and the first calibration of such a sensor.

use flate2::read::GzDecoder;
use space::drift::{Air, Met};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

/// Where the readings lie in the folder that `SKYRIVER_REAL_DATA` names.
pub const FILE: &str = "data/sensor_colocation_uci/AirQualityUCI_20040310-20041031.csv.gz";
/// A sensor, the analyser beside it, and the unit of the latter.
pub const SENSORS: [[&str; 3]; 3] = [
    ["PT08.S1(CO)", "CO(GT)", "mg/m³"],
    ["PT08.S4(NO2)", "NO2(GT)", "µg/m³"],
    ["PT08.S3(NOx)", "NOx(GT)", "ppb"],
];
pub const DAY_S: f64 = 86_400.0;
/// Days that the first calibration is made on.
pub const FIRST_D: f64 = 28.0;

/// Hours of a sensor beside its analyser: what it says is in the analyser's unit by its first calibration.
pub struct Beside {
    pub met: Vec<Met>,
    /// Mean of the analyser in the days of the first calibration.
    pub first_mean: f64,
}

type Row = HashMap<String, String>;

/// The hours, none when the file is not there.
pub fn rows(folder: &Path) -> Option<Vec<Row>> {
    let file = File::open(folder.join(FILE)).ok()?;
    csv::Reader::from_reader(GzDecoder::new(file)).deserialize().collect::<Result<_, _>>().ok()
}

/// What is missing is −200 in this set.
fn number(row: &Row, column: &str) -> Option<f64> {
    row.get(column)?.trim().parse().ok().filter(|value: &f64| *value > -199.0)
}

/// Seconds since the first of March 2004 by the clock of the file.
fn time_s(row: &Row) -> Option<f64> {
    let mut date = row.get("Date")?.split('-');
    let mut next = || date.next()?.parse::<usize>().ok();
    let (_, month, day) = (next()?, next()?, next()?);
    let before: u32 = [31_u32, 30, 31, 30, 31, 31, 30, 31].iter().take(month.checked_sub(3)?).sum();
    let hour: f64 = row.get("Time")?.split(':').next()?.parse().ok()?;
    Some(DAY_S * (f64::from(before) + day as f64 - 1.0) + 3_600.0 * hour)
}

/// The hours in which sensor, analyser and weather are all there, the sensor calibrated on the first four weeks: a power of its response, as
/// that of metal oxides is, by least squares of logarithms.
pub fn beside(rows: &[Row], sensor: &str, analyser: &str) -> Beside {
    let mut met: Vec<Met> = rows
        .iter()
        .filter_map(|row| {
            let air = Air { temperature_c: number(row, "T")?, humidity_pct: number(row, "RH")? };
            let (says, good) = (number(row, sensor)?, number(row, analyser)?);
            Some(Met { at_s: time_s(row)?, apart_m: 0.0, says, good, air: Some(air) })
        })
        .collect();
    let start = DAY_S * met.first().map_or(0.0, |pair| (pair.at_s / DAY_S).floor());
    for pair in &mut met {
        pair.at_s -= start;
    }
    let first: Vec<Met> =
        met.iter().filter(|pair| pair.at_s < FIRST_D * DAY_S && pair.good > 0.0).copied().collect();
    let mean =
        |value: &dyn Fn(&Met) -> f64| first.iter().map(value).sum::<f64>() / first.len() as f64;
    let (x, y) = (mean(&|pair| pair.says.ln()), mean(&|pair| pair.good.ln()));
    let power = mean(&|pair| (pair.says.ln() - x) * (pair.good.ln() - y))
        / mean(&|pair| (pair.says.ln() - x).powi(2));
    let first_mean = mean(&|pair| pair.good);
    for pair in &mut met {
        pair.says = (y + power * (pair.says.ln() - x)).exp();
    }
    Beside { met, first_mean }
}
