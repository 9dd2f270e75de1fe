//! Frozen sites of a real week of the national feed. The truth is computed by other means than the rule's: over the whole week, from
//! the table, by counting how many different values each pollutant of a site has.

use crate::world::{hours, site, state};
use detect::{Change, Fed, Input, Kind, Subject, step};
use flate2::read::GzDecoder;
use model::{DatastreamId, Flag, HOUR_MS, PlaceId, PlaceKind, Quality, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::path::PathBuf;

/// Columns and their parameters.
pub const POLLUTANTS: [(&str, &str); 6] = [
    ("PM2.5", "pm25"),
    ("PM10", "pm10"),
    ("NO2", "no2"),
    ("O3_1h", "o3"),
    ("SO2", "so2"),
    ("CO", "co"),
];
/// Fewer different hours than this are no week: nobody can say whether such a site stands still.
const HOURS_MIN: usize = 24;

/// The values of a site by the start of their hour.
pub type Hours = BTreeMap<Timestamp, [Option<f64>; 6]>;

/// The folder of real readings, when there is one.
pub fn real_data() -> Option<PathBuf> {
    std::env::var_os("SKYRIVER_REAL_DATA").map(|dir| PathBuf::from(dir).join("data"))
}

/// A week of the national feed by city and site.
pub fn week() -> Option<BTreeMap<String, Hours>> {
    let path = real_data()?.join("china_air_2020/national_hourly_20200402-20200408.csv.gz");
    let mut table = csv::Reader::from_reader(GzDecoder::new(File::open(path).unwrap()));
    let head = table.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|own| own == name).unwrap();
    let (date, hour, city, point) =
        (column("Date"), column("Hour"), column("city"), column("WatchPoint"));
    let columns = POLLUTANTS.map(|(name, _)| column(name));
    let mut sites: BTreeMap<String, Hours> = BTreeMap::new();
    for row in table.records() {
        let row = row.unwrap();
        let day: jiff::civil::Date = jiff::civil::Date::strptime("%Y%m%d", &row[date]).unwrap();
        let hour: i8 = row[hour].parse().unwrap();
        let civil = day.at(hour, 0, 0, 0);
        let zoned = civil.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).unwrap();
        let time = Timestamp::from_ms(zoned.timestamp().as_millisecond());
        let values = columns.map(|at| row[at].parse::<f64>().ok());
        sites.entry(format!("{}/{}", &row[city], &row[point])).or_default().insert(time, values);
    }
    Some(sites)
}

/// Sites each of whose pollutants has one value at most, and at least one has one; and those that move.
fn truth(sites: &BTreeMap<String, Hours>) -> (BTreeSet<&str>, BTreeSet<&str>, BTreeSet<&str>) {
    let (mut frozen, mut live, mut empty) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (name, hours) in sites {
        let different: Vec<usize> = (0..6)
            .map(|at| {
                hours
                    .values()
                    .filter_map(|own| own[at])
                    .map(f64::to_bits)
                    .collect::<HashSet<_>>()
                    .len()
            })
            .collect();
        match different.iter().max() {
            Some(0) | None => _ = empty.insert(name.as_str()),
            Some(1) if hours.len() >= HOURS_MIN => _ = frozen.insert(name.as_str()),
            _ => _ = live.insert(name.as_str()),
        }
    }
    (frozen, live, empty)
}

#[test]
fn frozen_sites_of_a_real_week_are_found_and_live_ones_are_not() {
    let Some(sites) = week() else { return };
    let mut state = state();
    let mut by_time: BTreeMap<Timestamp, Vec<Fed>> = BTreeMap::new();
    for ((number, hours_of), place) in sites.values().enumerate().zip(0_u32..) {
        let at = site(place, PlaceKind::AirStation, [f64::from(place) * 0.1 % 180.0, 30.0]);
        for (pollutant, (_, parameter)) in POLLUTANTS.iter().enumerate() {
            let id = (number * 6 + pollutant) as i32;
            state.watch(hours(id, &at, parameter));
            for (time, values) in hours_of {
                let flag = Flag::new(Quality::Good, None);
                let value = values[pollutant];
                let datastream = DatastreamId(id);
                by_time.entry(*time).or_default().push(Fed {
                    datastream,
                    time: *time,
                    value,
                    flag,
                });
            }
        }
    }
    let names: Vec<&str> = sites.keys().map(String::as_str).collect();
    let rules = std::sync::Arc::clone(state.rules());
    let mut found: BTreeMap<Kind, BTreeSet<&str>> = BTreeMap::new();
    let first = Timestamp::from_ms(1_585_785_600_000); // 2020-04-02 08:00 +08:00
    let last = *by_time.keys().last().unwrap() + HOUR_MS;
    for batch in by_time.range(..first).map(|(_, batch)| batch) {
        // Rows with the date of weeks ago: what the feed repeats of sites that are gone.
        assert!(step(&mut state, first, &Input { samples: batch }).is_empty());
    }
    let mut now = first;
    while now <= last {
        let batch = by_time.get(&(now - HOUR_MS)).map_or(&[][..], Vec::as_slice);
        for outcome in step(&mut state, now, &Input { samples: batch }) {
            if let (Change::Raised(_), Subject::Device(PlaceId(place), _)) =
                (&outcome.change, outcome.subject)
            {
                let kind = rules.all()[outcome.rule].kind;
                found.entry(kind).or_default().insert(names[place as usize]);
            }
        }
        now = now + HOUR_MS;
    }
    let (frozen, live, empty) = truth(&sites);
    let flagged = found.remove(&Kind::Frozen).unwrap_or_default();
    let hit = flagged.intersection(&frozen).count();
    let wrong: Vec<_> = flagged.intersection(&live).collect();
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    println!(
        "sites {}, frozen {}, without any value {}, live {}; flagged {}, of the frozen {hit} (recall {:.3}), of the live {} ({:.4}): {wrong:?}",
        sites.len(),
        frozen.len(),
        empty.len(),
        live.len(),
        flagged.len(),
        share(hit, frozen.len()),
        wrong.len(),
        share(wrong.len(), live.len()),
    );
    assert!(frozen.len() > 100 && live.len() > 1_000);
    assert!(share(hit, frozen.len()) >= 0.95);
    assert!(share(wrong.len(), live.len()) <= 0.01);
}
