//! Real readings through real sockets, when `SKYRIVER_REAL_DATA` names a folder that holds `data/`.
//! What arrives is compared with the files, read here by other code than the replay's.

use crate::rig::{Rig, now};
use gateway::device::Options;
use gateway::device::replay::{self, Meter, Range, Source};
use gateway::hj212::Clock;
use model::{Arrival, Claim, HOUR_MS, Timestamp};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Place, hour and parameter to value text without needless zeros, and how often it came.
type Values = BTreeMap<(String, i64, &'static str), Vec<String>>;

#[expect(clippy::disallowed_methods, reason = "the documented switch of tests on real data")]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var("SKYRIVER_REAL_DATA").ok();
    let folder =
        root.map(|root| Path::new(&root).join("data").join(name)).filter(|path| path.is_dir());
    if folder.is_none() {
        println!("skipped: SKYRIVER_REAL_DATA does not hold data/{name}");
    }
    folder
}

fn text(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

async fn replayed(source: Source) -> Arrival {
    let clock = Clock::new("Asia/Shanghai", now).unwrap();
    let (server, engine) = Rig::knowing(&source.roster).await.by_itself();
    let rows = source.rows.len();
    let options =
        replay::Options { address: server.address(), connections: 4, client: Options::default() };
    let meter = Arc::new(Meter::default());
    let account = replay::run(source, clock, options, meter).await.unwrap();
    server.stop().await;
    assert_eq!(account.frames_acknowledged, rows as u64);
    assert_eq!(account.frames_resent, 0);
    engine.await.unwrap()
}

fn arrived(arrival: &Arrival, name: impl Fn(usize) -> String) -> Values {
    let mut values = Values::new();
    for frame in &arrival.frames {
        let Claim::Device(device) = frame.claim else { unreachable!("{:?}", frame.claim) };
        for reading in &arrival.readings[frame.readings.clone()] {
            let parameter = arrival.keys[reading.key as usize].parameter.as_str();
            let known = ["pm25", "pm10", "so2", "no2", "co", "o3"]
                .into_iter()
                .find(|key| *key == parameter);
            let Some(parameter) = known else { continue };
            assert!(reading.flag.is_good());
            let key = (name(device.0 as usize), reading.time.as_ms() / HOUR_MS, parameter);
            values.entry(key).or_default().push(reading.value.unwrap().to_string());
        }
    }
    values
}

/// Hours since the epoch of a Beijing hour, by counting days.
fn hour(year: i64, month: i64, day: i64, hour: i64) -> i64 {
    let years = year - 1970;
    let leap = (year - 1969) / 4;
    let is_leap = year % 4 == 0;
    let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before: i64 = lengths[..month as usize - 1].iter().sum();
    (years * 365 + leap + before + day - 1) * 24 + hour - 8
}

/// A decimal text as a number prints it.
fn plain(text: &str) -> String {
    text.parse::<f64>().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_beijing_arrives_value_by_value() {
    let Some(folder) = folder("beijing_prsa") else { return };
    let clock = Clock::new("Asia/Shanghai", now).unwrap();
    let at = |digits: &str| clock.instant(digits.as_bytes());
    let range = Range { from: at("20150101000000"), to: at("20150201000000") };
    let source = replay::load(&folder, &clock, range).unwrap();
    assert_eq!(source.rows.len(), 8 * 31 * 24);
    let stations: Vec<String> =
        source.roster.places.iter().map(|place| place.name.en.clone()).collect();
    assert_eq!(stations.len(), 8);
    let arrival = replayed(source).await;
    let mut expected = Values::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().contains("PRSA_Data") {
            continue;
        }
        for line in text(&path).replace('"', "").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |at: usize| cells[at].parse::<i64>().unwrap();
            if (number(1), number(2)) != (2015, 1) {
                continue;
            }
            let hour = hour(number(1), number(2), number(3), number(4));
            for (column, parameter) in
                [(5, "pm25"), (6, "pm10"), (7, "so2"), (8, "no2"), (9, "co"), (10, "o3")]
            {
                if cells[column] == "NA" {
                    continue;
                }
                // Whole micrograms: a thousandth of them is exact in decimal.
                let value = match parameter {
                    "co" => plain(&format!("{}e-3", cells[column])),
                    _ => plain(cells[column]),
                };
                expected.entry((cells[17].to_owned(), hour, parameter)).or_default().push(value);
            }
        }
    }
    let arrived = arrived(&arrival, |device| stations[device].clone());
    assert_eq!(arrived.len(), expected.len());
    assert!(arrived == expected, "a value differs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn national_hours_arrive_value_by_value_and_twice_where_they_stand_twice() {
    let Some(folder) = folder("china_air_2020") else { return };
    let clock = Clock::new("Asia/Shanghai", now).unwrap();
    // Two days: enough for every kind of row, short enough for every run.
    let at = |digits: &str| clock.instant(digits.as_bytes());
    let range = Range { from: at("20200402000000"), to: at("20200404000000") };
    let mut source = replay::load(&folder, &clock, Range::default()).unwrap();
    assert_eq!(source.rows.len(), 176_013, "every row of the file is a frame");
    source.rows.retain(|row| Some(row.time) >= range.from && Some(row.time) < range.to);
    let names: Vec<String> = source.profiles.iter().map(|profile| profile.mn.clone()).collect();
    let frames = source.rows.len();
    let arrival = replayed(source).await;
    let by_mn = |mn: usize| names[mn].clone();
    let arrived = arrived(&arrival, by_mn);
    let mut count = 0;
    let mut expected: BTreeMap<(i64, &'static str), Vec<String>> = BTreeMap::new();
    let file = folder.join("national_hourly_20200402-20200408.csv.gz");
    for row in csv::Reader::from_reader(text(&file).as_bytes()).records() {
        let cells = row.unwrap();
        let date: i64 = cells[0].parse().unwrap();
        let end = hour(date / 10_000, date / 100 % 100, date % 100, cells[1].parse().unwrap());
        let start = Timestamp::from_ms((end - 1) * HOUR_MS);
        if range.from.is_some_and(|from| start < from) || range.to.is_some_and(|to| start >= to) {
            continue;
        }
        count += 1;
        for (column, parameter) in
            [(7, "pm25"), (8, "pm10"), (9, "co"), (10, "no2"), (11, "o3"), (13, "so2")]
        {
            if cells[column].parse::<f64>().is_ok_and(f64::is_finite) {
                expected.entry((end - 1, parameter)).or_default().push(plain(&cells[column]));
            }
        }
    }
    assert_eq!(frames, count);
    // The names on the wire are ours: the values of each hour and parameter must be the same as a whole.
    let mut found: BTreeMap<(i64, &'static str), Vec<String>> = BTreeMap::new();
    for ((_, hour, parameter), values) in arrived {
        found.entry((hour, parameter)).or_default().extend(values);
    }
    for values in expected.values_mut().chain(found.values_mut()) {
        values.sort();
    }
    assert_eq!(found.len(), expected.len());
    assert!(found == expected, "a value differs");
}
