//! Real years and a real week, judged here and by the scripts of `tests/independent`: the same to the
//! digit.
//!
//! Runs when `SKYRIVER_REAL_DATA` names a folder that holds `data/`.

use crate::LAW;
use flate2::read::GzDecoder;
use jiff::civil::{Date, DateTime, date};
use standards::air::{
    DayValues, Evaluation, Grade, Hours, IndexReport, ItemResult, LimitsOn, PeriodStatistic,
    Pollutant, Programme,
};
use standards::{Exact, Span, Zone};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Station and day to the six columns of 24 hours.
type Days = BTreeMap<(String, Date), [[Option<f64>; 24]; 6]>;

#[test]
fn the_beijing_days_agree_with_the_independent_computation() {
    let Some((files, days)) = beijing() else { return };
    assert_eq!(days.len(), 8 * 1096);
    compare("prsa", files, days);
}

#[test]
fn the_hours_of_one_station_agree_with_the_independent_computation() {
    let Some((files, days)) = beijing() else { return };
    let file = files.iter().find(|file| file.to_string_lossy().contains("Shunyi")).unwrap();
    let zone = Zone::shanghai().unwrap();
    let first = zone.day(date(2013, 3, 1)).unwrap().start();
    let mut columns: [Vec<Option<f64>>; 6] = Default::default();
    for (_, day) in days.iter().filter(|((station, _), _)| station == "Shunyi") {
        for (column, hours) in columns.iter_mut().zip(day) {
            column.extend(hours);
        }
    }
    let hours = Hours::new(first, columns.each_ref().map(|column| &**column));
    let output = script("aqi.py", "prsa", &["--of", "hour"], std::slice::from_ref(file));
    let mut compared = 0;
    for row in csv::Reader::from_reader(&*output).deserialize() {
        let row: HashMap<String, String> = row.unwrap();
        let start: DateTime = row["date"].parse().unwrap();
        let edition = LAW.air_index_edition(&format!("HJ 633-{}", row["edition"])).unwrap();
        let start_at = zone.instant(start).unwrap();
        let report = edition.hour(start.date(), start_at, &hours, Programme::default());
        check(&report, &row);
        compared += 1;
    }
    assert_eq!(compared, 2 * 24 * 1096);
    println!("prsa: {compared} station hours agree");
}

#[test]
fn the_beijing_years_agree_with_the_independent_computation() {
    let Some((files, days)) = beijing() else { return };
    let mut years: BTreeMap<(String, String, i16), Year> = BTreeMap::new();
    let output = script("year.py", "prsa", &[], files);
    let mut reader = csv::Reader::from_reader(&*output);
    let mut compared = 0;
    for row in reader.deserialize() {
        let row: HashMap<String, String> = row.unwrap();
        let key = (row["edition"].clone(), row["station"].clone(), row["year"].parse().unwrap());
        let year = years.entry(key.clone()).or_insert_with(|| Year::judged(&key, days));
        assert_eq!(year.row(&row["item"]), row_of(&row), "{row:?}");
        compared += 1;
    }
    assert_eq!(compared, 2 * 8 * 4 * 12);
    println!("prsa: {compared} rows of years agree");
}

/// A year of a station judged under an edition, as `year.py` lists it.
struct Year {
    evaluation: Evaluation,
    composite: Option<Exact>,
    parts: usize,
}

/// Days, value, rounded, meets, exceedance and reason of one row.
type YearRow = (String, String, String, String, String, String);

fn row_of(row: &HashMap<String, String>) -> YearRow {
    let text = |name: &str| row[name].clone();
    let number = |name: &str| match row[name].split_once('/') {
        Some((n, d)) if !d.contains('/') => {
            Exact::fraction(n.parse().unwrap(), d.parse().unwrap()).unwrap().to_string()
        }
        _ => text(name),
    };
    (
        text("have"),
        number("value"),
        number("rounded"),
        text("meets"),
        number("exceedance"),
        text("reason"),
    )
}

impl Year {
    fn judged((edition, station, year): &(String, String, i16), days: &Days) -> Self {
        let (index, rules, limits_on) = match &**edition {
            "2012" => ("HJ 633-2012", "HJ 663-2013", date(2016, 1, 1)),
            _ => ("HJ 633-2026", "HJ 663-2026", date(2026, 3, 1)),
        };
        let (index, zone) = (LAW.air_index_edition(index).unwrap(), Zone::shanghai().unwrap());
        let mut judged = Vec::new();
        for ((name, date), columns) in days {
            if name == station && date.year() == *year {
                let day = zone.day(*date).unwrap();
                let hours = Hours::new(day.start(), columns.each_ref().map(|column| &column[..]));
                let report = index.day(&day, &hours, Programme::default());
                judged.push(DayValues::of(*date, &report));
            }
        }
        let limits = LimitsOn { limits: LAW.air_limits(), date: limits_on, grade: Grade::Two };
        let rules = LAW.period_rules_edition(rules).unwrap();
        let span = Span::year(*year).unwrap();
        let evaluation = rules.evaluate(span, &judged, limits).unwrap();
        let scheme = LAW.composite_scheme("equal").unwrap();
        let statistics = Pollutant::ALL.map(|p| {
            let values: Vec<Exact> =
                judged.iter().filter_map(|day| day.values[p.index()]).collect();
            scheme.statistic(p, &values).unwrap()
        });
        let parts = statistics.iter().flatten().count();
        let composite = (parts == 6).then(|| {
            let values = statistics.map(Option::unwrap);
            scheme.composite(values, limits).unwrap().unwrap().sum
        });
        Self { evaluation, composite, parts }
    }

    fn row(&self, item: &str) -> YearRow {
        let text = |value: Option<Exact>| value.map_or_else(String::new, |value| value.to_string());
        let empty = String::new;
        match item {
            "composite" => {
                (self.parts.to_string(), text(self.composite), empty(), empty(), empty(), empty())
            }
            "days" => {
                let days = &self.evaluation.days;
                let mut counts = vec![days.valid, days.good, days.heavy];
                counts.extend(days.by_primary);
                let counts = counts.iter().map(u32::to_string).collect::<Vec<_>>().join("/");
                (self.evaluation.days.all.to_string(), counts, empty(), empty(), empty(), empty())
            }
            _ => {
                let named = |found: &&ItemResult| match found.statistic {
                    PeriodStatistic::Mean => format!("{} mean", found.pollutant) == item,
                    PeriodStatistic::Percentile(p) => format!("{} p{p}", found.pollutant) == item,
                };
                let found = self.evaluation.items.iter().find(named).unwrap();
                let meets = found.meets.map_or("", |meets| if meets { "yes" } else { "no" });
                let reason = found.reason.as_ref().map_or("", |reason| reason.code());
                (
                    found.have.to_string(),
                    text(found.value),
                    text(found.rounded),
                    meets.to_owned(),
                    text(found.exceedance),
                    reason.to_owned(),
                )
            }
        }
    }
}

/// Files and days of the Beijing stations, read once.
fn beijing() -> Option<&'static (Vec<PathBuf>, Days)> {
    static BEIJING: LazyLock<Option<(Vec<PathBuf>, Days)>> = LazyLock::new(read_beijing);
    BEIJING.as_ref()
}

fn read_beijing() -> Option<(Vec<PathBuf>, Days)> {
    let data = real_data()?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(data.join("beijing_prsa"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "gz"))
        .collect();
    files.sort();
    let mut days = Days::new();
    for file in &files {
        read(file, &mut days, |row| {
            let part = |name: &str| row(name).parse::<i16>().unwrap();
            let small = |name: &str| i8::try_from(part(name)).unwrap();
            let start = date(part("year"), small("month"), small("day")).at(small("hour"), 0, 0, 0);
            let values = Pollutant::ALL.map(|p| {
                let value = number(&row(p.symbol()))?;
                // Carbon monoxide stands in ug/m3 here.
                if p == Pollutant::Co { thousandth(value) } else { Some(value) }
            });
            (row("station"), start, values)
        });
    }
    Some((files, days))
}

#[test]
fn the_national_week_agrees_with_the_independent_computation() {
    let Some(data) = real_data() else { return };
    let file = data.join("china_air_2020/national_hourly_20200402-20200408.csv.gz");
    let mut days = Days::new();
    read(&file, &mut days, |row| {
        let label: DateTime = format!("{}T{}", row("Date"), row("Hour")).parse().unwrap();
        // The hour is named by its end.
        let start = label.checked_sub(jiff::Span::new().hours(1)).unwrap();
        let values = Pollutant::ALL
            .map(|p| number(&row(if p == Pollutant::O3 { "O3_1h" } else { p.symbol() })));
        (format!("{}/{}", row("city"), row("WatchPoint")), start, values)
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
    hour: impl Fn(&dyn Fn(&str) -> String) -> (String, DateTime, [Option<f64>; 6]),
) {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(file).unwrap()));
    let header = reader.headers().unwrap().clone();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).unwrap() {
        let cell = |name: &str| {
            let at = header.iter().position(|column| column == name).unwrap();
            record[at].to_owned()
        };
        let (station, start, values) = hour(&cell);
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
    let output = script("aqi.py", layout, &[], files);
    let mut reader = csv::Reader::from_reader(&*output);
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
        check(&report, &row);
        compared += 1;
    }
    assert_eq!(compared, 2 * days.len());
    println!("{layout}: {compared} station days agree");
}

/// Index, primary pollutants and single indices of one row.
fn check(report: &IndexReport, row: &HashMap<String, String>) {
    let text = |value: Option<u16>| value.map_or_else(String::new, |value| value.to_string());
    let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
    assert_eq!(text(report.aqi.as_ref().ok().copied()), row["aqi"], "{row:?}");
    assert_eq!(text(report.computed), row["computed"], "{row:?}");
    assert_eq!(primary.join("+"), row["primary"], "{row:?}");
    for p in Pollutant::ALL {
        assert_eq!(text(report.iaqi(p)), row[p.symbol()], "{p} {row:?}");
    }
}

/// What an independent script prints for both editions.
fn script(name: &str, layout: &str, more: &[&str], files: &[PathBuf]) -> Vec<u8> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/independent").join(name);
    let output = Command::new("python3")
        .arg(script)
        .args([layout, "--edition", "2012", "--edition", "2026"])
        .args(more)
        .args(files)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
