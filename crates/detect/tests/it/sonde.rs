//! Anomalies that experts labelled in a year of a real river sonde: what the quality tests say of each type, and of the rest. Bounds were
//! chosen on the first 1 000 points; what is reported is the rest.

use crate::frozen::real_data;
use detect::quality::{Bounds, tested};
use model::{Flag, HOUR_MS, Quality, Timestamp};
use std::collections::BTreeMap;

/// One variable: parameter, column of its value, of its label, of its type.
const VARIABLES: [(&str, &str, &str, &str); 2] = [
    ("turbidity", "Tur", "label_Tur", "type_Tur"),
    ("conductivity", "Cond", "label_Cond", "type_Cond"),
];
/// Points that bounds were chosen on.
const LOOKED_AT: usize = 1_000;

/// How many of a type, and how many of them each test speaks against.
type Counts<'r> = BTreeMap<&'r str, (usize, BTreeMap<&'static str, usize>)>;

#[test]
fn labelled_anomalies_are_told_from_what_experts_call_typical() {
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
        let mut parts: [Counts<'_>; 2] = [Counts::new(), Counts::new()];
        for (at, (row, level)) in rows.iter().zip(&levels).enumerate() {
            let name = if row[label].trim() == "1" { row[kind].trim() } else { "typical" };
            let counts = parts[usize::from(at >= LOOKED_AT)].entry(name).or_default();
            counts.0 += 1;
            if let Some(origin) = level.checked.origin {
                *counts.1.entry(origin.test.name()).or_default() += 1;
            }
        }
        for (part, counts) in ["looked at", "not looked at"].iter().zip(&parts) {
            println!(
                "{parameter}, {part}: of each type, how many each test speaks against: {counts:?}"
            );
        }
        let doubted = |part: &Counts<'_>, kind: &str, test: &str| {
            part.get(kind).map_or((0, 0), |(all, by)| (by.get(test).copied().unwrap_or(0), *all))
        };
        // At most 1 % of the typical values are doubted by all tests together, but for the scatter of turbidity, below.
        for part in &parts {
            let (typical, by) = &part["typical"];
            let is_bounded =
                |(test, _): &(&&str, &usize)| parameter != "turbidity" || **test != "scatter";
            let wrong: usize = by.iter().filter(is_bounded).map(|(_, count)| *count).sum();
            assert!(wrong * 100 <= *typical, "{parameter}: {wrong} of {typical} typical: {by:?}");
        }
        if parameter == "turbidity" {
            assert_eq!(doubted(&parts[1], "A", "spike"), (2, 2), "large spikes");
            let (found, all) = doubted(&parts[1], "E", "scatter");
            let (wrong, typical) = doubted(&parts[1], "typical", "scatter");
            // 439 of 547 and 217 of 3 851 on 2026-11-29.
            assert!(found * 100 >= all * 78, "{found} of {all} of high variability");
            assert!(wrong * 100 <= typical * 6, "{wrong} of {typical} typical values");
        }
    }
}
