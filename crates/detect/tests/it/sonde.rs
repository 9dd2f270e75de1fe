//! Anomalies that experts labelled in a year of a real river sonde: what the quality tests say of each type, and of the rest.

use crate::frozen::real_data;
use detect::quality::{Bounds, tested};
use model::{Flag, HOUR_MS, Quality, Timestamp};
use std::collections::BTreeMap;

/// One variable: parameter, column of its value, of its label, of its type.
const VARIABLES: [(&str, &str, &str, &str); 2] = [
    ("turbidity", "Tur", "label_Tur", "type_Tur"),
    ("conductivity", "Cond", "label_Cond", "type_Cond"),
];

#[test]
fn the_quality_tests_hardly_doubt_what_experts_call_typical() {
    let Some(dir) = real_data() else { return };
    let path = dir.join("river_sonde_sandy_creek/data_sandy_anom.csv");
    let mut table = csv::Reader::from_path(path).unwrap();
    let head = table.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|own| own == name).unwrap();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    for (parameter, value, label, kind) in VARIABLES {
        let (value, label, kind) = (column(value), column(label), column(kind));
        let time = |row: &csv::StringRecord| {
            let civil = jiff::civil::DateTime::strptime("%d/%m/%Y %H:%M", &row[0]).unwrap();
            let zoned = civil.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(10))).unwrap();
            Timestamp::from_ms(zoned.timestamp().as_millisecond())
        };
        let flag = Flag::new(Quality::Good, None);
        let samples: Vec<_> =
            rows.iter().map(|row| (time(row), row[value].parse::<f64>().ok(), flag)).collect();
        let levels = tested(&samples, &Bounds::of(parameter), 2 * HOUR_MS);
        let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (row, level) in rows.iter().zip(&levels) {
            let is_doubted = matches!(level.checked.level, Quality::Suspect | Quality::Fail);
            let name = if row[label].trim() == "1" { row[kind].trim() } else { "typical" };
            let counts = by_kind.entry(name).or_default();
            counts.0 += usize::from(is_doubted);
            counts.1 += 1;
        }
        println!("{parameter}: doubted of each type {by_kind:?}");
        let (doubted, all) = by_kind["typical"];
        assert!(doubted * 100 <= all, "{doubted} of {all} typical values are doubted");
    }
}
