//! Real years and a real week, judged here and by `tests/independent/aqi.py`: the same to the digit.
//!
//! Runs when `SKYRIVER_REAL_DATA` names a folder that holds `data/`.

use crate::LAW;
use flate2::read::GzDecoder;
use jiff::civil::{Date, DateTime, date};
use standards::air::{Hours, Pollutant, Programme};
use standards::{Exact, Zone};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Station and day to the six columns of 24 hours.
type Days = BTreeMap<(String, Date), [[Option<f64>; 24]; 6]>;

#[test]
fn the_beijing_years_agree_with_the_independent_computation() {
    let Some(data) = real_data() else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(data.join("beijing_prsa"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "gz"))
        .collect();
    files.sort();
    let mut days = Days::new();
    for file in &files {
        read(file, &mut days, |row| {
            let part = |name: &str| row[name].parse().unwrap();
            let start = date(
                part("year"),
                part("month").try_into().unwrap(),
                part("day").try_into().unwrap(),
            )
            .at(part("hour").try_into().unwrap(), 0, 0, 0);
            let values = Pollutant::ALL.map(|p| {
                let value = number(&row[p.symbol()])?;
                // Carbon monoxide stands in ug/m3 here.
                if p == Pollutant::Co { thousandth(value) } else { Some(value) }
            });
            (row["station"].clone(), start, values)
        });
    }
    assert_eq!(days.len(), 8 * 1096);
    compare("prsa", &files, &days);
}

#[test]
fn the_national_week_agrees_with_the_independent_computation() {
    let Some(data) = real_data() else { return };
    let file = data.join("china_air_2020/national_hourly_20200402-20200408.csv.gz");
    let mut days = Days::new();
    read(&file, &mut days, |row| {
        let label: DateTime = format!("{}T{}", row["Date"], row["Hour"]).parse().unwrap();
        // The hour is named by its end.
        let start = label.checked_sub(jiff::Span::new().hours(1)).unwrap();
        let values = Pollutant::ALL
            .map(|p| number(&row[if p == Pollutant::O3 { "O3_1h" } else { p.symbol() }]));
        (format!("{}/{}", row["city"], row["WatchPoint"]), start, values)
    });
    compare("national", &[file], &days);
}

fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("SKYRIVER_REAL_DATA").map(|root| Path::new(&root).join("data"));
    if folder.is_none() {
        println!("skipped: SKYRIVER_REAL_DATA names no folder with data/");
    }
    folder
}

fn read(
    file: &Path,
    days: &mut Days,
    hour: impl Fn(&HashMap<String, String>) -> (String, DateTime, [Option<f64>; 6]),
) {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(file).unwrap()));
    for row in reader.deserialize() {
        let (station, start, values) = hour(&row.unwrap());
        let day = days.entry((station, start.date())).or_insert([[None; 24]; 6]);
        for (column, value) in day.iter_mut().zip(values) {
            column[usize::try_from(start.hour()).unwrap()] = value;
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn thousandth(value: f64) -> Option<f64> {
    let exact = Exact::from_reading(value).unwrap().over(&Exact::whole(1000)).unwrap();
    exact.to_string().parse().ok()
}

/// Every day of both computations under both editions, cell by cell.
fn compare(layout: &str, files: &[PathBuf], days: &Days) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/independent/aqi.py");
    let output = Command::new("python3")
        .arg(script)
        .args([layout, "--edition", "2012", "--edition", "2026"])
        .args(files)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(&*output.stdout);
    let zone = Zone::shanghai().unwrap();
    let mut compared = 0;
    for row in reader.deserialize() {
        let row: HashMap<String, String> = row.unwrap();
        let date: Date = row["date"].parse().unwrap();
        let columns = &days[&(row["station"].clone(), date)];
        let day = zone.day(date).unwrap();
        let hours = Hours::new(day.start(), columns.each_ref().map(|column| &column[..]));
        let edition = LAW.air_index_edition(&format!("HJ 633-{}", row["edition"])).unwrap();
        let report = edition.day(&day, &hours, Programme::default());
        let text = |value: Option<u16>| value.map_or_else(String::new, |value| value.to_string());
        let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
        assert_eq!(text(report.aqi.as_ref().ok().copied()), row["aqi"], "{row:?}");
        assert_eq!(text(report.computed), row["computed"], "{row:?}");
        assert_eq!(primary.join("+"), row["primary"], "{row:?}");
        for p in Pollutant::ALL {
            assert_eq!(text(report.iaqi(p)), row[p.symbol()], "{p} {row:?}");
        }
        compared += 1;
    }
    assert_eq!(compared, 2 * days.len());
    println!("{layout}: {compared} station days agree");
}
