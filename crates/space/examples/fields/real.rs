//! Real readings as a table: an hour a row, a station a column.

use flate2::read::GzDecoder;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;

pub struct Table {
    pub at: Vec<[f64; 2]>,
    pub hours: Vec<Vec<Option<f64>>>,
}

fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    let Ok(file) = File::open(path) else { return vec![] };
    let text: Box<dyn std::io::Read> = if path.extension().is_some_and(|end| end == "gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    csv::Reader::from_reader(text).deserialize().filter_map(Result::ok).collect()
}

fn number(row: &HashMap<String, String>, column: &str) -> Option<f64> {
    row.get(column)?.trim().parse().ok()
}

/// The stations inside Beijing, three years.
pub fn beijing(data: &Path, column: &str) -> Table {
    let folder = data.join("beijing_prsa");
    let mut table = Table { at: vec![], hours: vec![] };
    for station in rows(&folder.join("stations.csv")) {
        let file = format!("PRSA_Data_{}_20130301-20160229.csv.gz", station["station"]);
        let (Some(lon), Some(lat)) = (number(&station, "lon"), number(&station, "lat")) else {
            continue;
        };
        table.at.push([lon, lat]);
        for (hour, row) in rows(&folder.join(file)).iter().enumerate() {
            if table.hours.len() <= hour {
                table.hours.push(vec![]);
            }
            table.hours[hour].push(number(row, column));
        }
    }
    table
}

/// The national stations of one week of spring; those that hang on one value all week are left out.
pub fn national(data: &Path, column: &str) -> Table {
    let folder = data.join("china_air_2020");
    let places: HashMap<(String, String), [f64; 2]> = rows(&folder.join("station_info.csv"))
        .iter()
        .filter_map(|row| {
            let at = [number(row, "lon")?, number(row, "lat")?];
            Some(((row["area"].clone(), row["stations_name"].clone()), at))
        })
        .collect();
    let mut series: BTreeMap<(String, String), BTreeMap<i64, f64>> = BTreeMap::new();
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for row in rows(&folder.join("national_hourly_20200402-20200408.csv.gz")) {
        let key = (row["city"].trim_end_matches('市').to_owned(), row["WatchPoint"].clone());
        let day: i64 = row["Date"].parse().unwrap_or(0);
        if day < 20_200_402 || !places.contains_key(&key) {
            continue;
        }
        let hour = (day - 20_200_402) * 24 + row["Hour"].parse::<i64>().unwrap_or(0);
        (first, last) = (first.min(hour), last.max(hour));
        if let Some(value) = number(&row, column) {
            series.entry(key).or_default().insert(hour, value);
        }
    }
    let lives = |values: &BTreeMap<i64, f64>| {
        let any = values.values().next().copied().unwrap_or(0.0);
        values.len() > 40 && values.values().any(|value| (value - any).abs() > 1e-9)
    };
    series.retain(|_, values| lives(values));
    let at = series.keys().map(|key| places[key]).collect();
    let hours = (first..=last)
        .map(|hour| series.values().map(|values| values.get(&hour).copied()).collect())
        .collect();
    Table { at, hours }
}
