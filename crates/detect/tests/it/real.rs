//! How many findings and events the rules that come with the program make of real readings: eight stations of Beijing over a year, and
//! a week of the sites of the national feed whose places are known. Nobody knows the truth of these; that they are few is what can be said.

use crate::frozen::{POLLUTANTS, real_data, week};
use crate::world::{hours, site, state};
use detect::quality::{Bounds, Rows, against, tested};
use detect::{Change, Deed, Fed, Finding, Input, Outcome, State, Subject, group_of, step};
use flate2::read::GzDecoder;
use model::{DAY_MS, DatastreamId, Flag, HOUR_MS, PlaceKind, Quality, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;

/// 2015-03-01 of Beijing: the last of the three years.
const YEAR_FROM: Timestamp = Timestamp::from_ms(1_425_139_200_000);

/// By the start of the hour.
type ByTime = BTreeMap<Timestamp, Vec<Fed>>;

#[derive(Default)]
struct Found {
    known: Vec<Finding>,
    open: HashMap<(usize, Subject), usize>,
    findings: BTreeMap<String, usize>,
    /// Group and the rule that began it.
    events: BTreeMap<String, String>,
}

impl Found {
    fn take(&mut self, state: &State, now: Timestamp, outcome: Outcome) {
        let rules = state.rules();
        let Outcome { rule, subject, change } = outcome;
        match change {
            Change::Raised(raised) => {
                let id = format!("f{}", self.known.len());
                // Findings that ended long ago are no event's any more.
                let recent = self.known.iter().rev().take(2_000);
                let group = group_of(&raised, &rules.all()[rule], rules, None, recent);
                let group = group.unwrap_or(&id).to_owned();
                *self.findings.entry(raised.rule.clone()).or_default() += 1;
                self.events.entry(group.clone()).or_insert_with(|| raised.rule.clone());
                let deed = Deed::Raise { finding: raised, group, known_work: None };
                self.open.insert((rule, subject), self.known.len());
                self.known.extend(Finding::begin(&id, now, &deed));
            }
            Change::Cleared { at, why } => {
                if let Some(own) = self.open.remove(&(rule, subject)) {
                    self.known[own].apply(now, "", &Deed::Clear { at, why });
                }
            }
        }
    }

    #[expect(clippy::print_stdout, reason = "the counts are what is measured")]
    fn tell(&self, what: &str, stations: usize, days: f64) -> f64 {
        let mut events: BTreeMap<&str, usize> = BTreeMap::new();
        for rule in self.events.values() {
            *events.entry(rule).or_default() += 1;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts")]
        let a_day = |count: usize| count as f64 / days / stations as f64;
        println!("{what}: {stations} stations, {days:.0} days; findings and events of each rule");
        for (rule, findings) in &self.findings {
            let begun = events.get(rule.as_str()).copied().unwrap_or(0);
            println!("| {rule} | {findings} | {begun} | {:.4} |", a_day(begun));
        }
        let of_air = |(rule, _): &(&&str, &usize)| !rule.starts_with("device");
        let of_air: usize = events.iter().filter(of_air).map(|(_, count)| *count).sum();
        println!("events of air a station and day: {:.4}", a_day(of_air));
        a_day(of_air)
    }
}

fn run(state: &mut State, by_time: &ByTime) -> Found {
    let (first, last) = (*by_time.keys().next().unwrap(), *by_time.keys().last().unwrap());
    let mut found = Found::default();
    let mut now = first;
    while now <= last + HOUR_MS {
        let batch = by_time.get(&(now - HOUR_MS)).map_or(&[][..], Vec::as_slice);
        for outcome in step(state, now, &Input { samples: batch }) {
            found.take(state, now, outcome);
        }
        now = now + HOUR_MS;
    }
    found
}

fn beijing(dir: &Path, state: &mut State) -> (usize, ByTime) {
    let mut by_time = ByTime::new();
    let mut stations = csv::Reader::from_path(dir.join("stations.csv")).unwrap();
    let mut count = 0;
    for row in stations.records().map(Result::unwrap) {
        let path = dir.join(format!("PRSA_Data_{}_20130301-20160229.csv.gz", &row[0]));
        if !path.exists() {
            continue;
        }
        let at =
            site(count, PlaceKind::AirStation, [row[3].parse().unwrap(), row[4].parse().unwrap()]);
        let mut table = csv::Reader::from_reader(GzDecoder::new(File::open(path).unwrap()));
        let columns = [("pm25", 5), ("pm10", 6), ("so2", 7), ("no2", 8), ("co", 9), ("o3", 10)];
        for (number, (parameter, _)) in columns.iter().enumerate() {
            state.watch(hours((count * 6) as i32 + number as i32, &at, parameter));
        }
        for row in table.records().map(Result::unwrap) {
            let of = |at: usize| row[at].parse::<i16>().unwrap();
            let civil = jiff::civil::date(of(1), of(2) as i8, of(3) as i8).at(of(4) as i8, 0, 0, 0);
            let zoned = civil.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).unwrap();
            let time = Timestamp::from_ms(zoned.timestamp().as_millisecond());
            if time < YEAR_FROM {
                continue;
            }
            for (number, (parameter, column)) in columns.iter().enumerate() {
                let value = row[*column].parse::<f64>().ok();
                let value = if *parameter == "co" { value.map(|own| own / 1e3) } else { value };
                let datastream = DatastreamId((count * 6) as i32 + number as i32);
                let flag = Flag::new(Quality::Good, None);
                by_time.entry(time).or_default().push(Fed { datastream, time, value, flag });
            }
        }
        count += 1;
    }
    (count as usize, by_time)
}

#[test]
fn a_year_of_beijing_makes_few_events() {
    let Some(dir) = real_data() else { return };
    let mut state = state();
    let (stations, by_time) = beijing(&dir.join("beijing_prsa"), &mut state);
    let found = run(&mut state, &by_time);
    let a_day = found.tell("Beijing 2015-03 to 2016-02", stations, 366.0);
    // 0.146 on 2026-11-29: far fewer would mean that nothing is found any more.
    assert!((0.12..0.16).contains(&a_day), "{a_day} events a station and day");
}

#[test]
fn a_week_of_the_nation_makes_few_events() {
    let Some(dir) = real_data() else { return };
    let sites = week().unwrap();
    let places = places_of(&dir);
    let mut state = state();
    let mut by_time = ByTime::new();
    let mut count = 0;
    let first = Timestamp::from_ms(1_585_785_600_000); // 2020-04-02 08:00 +08:00
    for (name, hours_of) in &sites {
        let Some(spot) = places.get(name) else { continue };
        let at = site(count, PlaceKind::AirStation, *spot);
        for (number, (_, parameter)) in (0_i32..).zip(POLLUTANTS) {
            let datastream = DatastreamId(count as i32 * 6 + number);
            state.watch(hours(datastream.0, &at, parameter));
            for (time, values) in hours_of.range(first..) {
                let (value, flag) = (values[number as usize], Flag::new(Quality::Good, None));
                by_time.entry(*time).or_default().push(Fed {
                    datastream,
                    time: *time,
                    value,
                    flag,
                });
            }
        }
        count += 1;
    }
    let found = run(&mut state, &by_time);
    #[expect(clippy::cast_precision_loss, reason = "days")]
    let days = by_time.keys().map(|at| at.floor(DAY_MS)).collect::<BTreeSet<_>>().len() as f64;
    let a_day = found.tell("the nation, 2020-04-02 to 08", count as usize, days);
    // 0.069 on 2026-11-29.
    assert!((0.055..0.076).contains(&a_day), "{a_day} events a station and day");
}

/// Rows of PM2.5 with the place that they are of.
type Placed = ([f64; 2], Vec<(Timestamp, Option<f64>, Flag)>);

#[test]
fn neighbours_of_a_week_of_the_nation_seldom_disagree() {
    let Some(dir) = real_data() else { return };
    let places = places_of(&dir);
    let flag = Flag::new(Quality::Good, None);
    let sites: Vec<Placed> = week()
        .unwrap()
        .iter()
        .filter_map(|(name, hours)| {
            let rows = hours.iter().map(|(time, values)| (*time, values[0], flag)).collect();
            Some((*places.get(name)?, rows))
        })
        .collect();
    let (mut asked, mut doubted, mut stations) = (0, 0, BTreeSet::new());
    for (at, (spot, rows)) in sites.iter().enumerate() {
        let is_near = |other: &&Placed| {
            let apart_m = space::distance_m(*spot, other.0);
            apart_m > 1.0 && apart_m <= 5_000.0
        };
        let near: Vec<&Rows> =
            sites.iter().filter(is_near).take(6).map(|other| &other.1[..]).collect();
        if near.len() < 3 {
            continue;
        }
        let mut tests = tested(rows, &Bounds::of("pm25"), HOUR_MS);
        let before = tests.clone();
        against(&mut tests, &near);
        asked += tests.iter().filter(|own| own.value.is_some()).count();
        let by = tests.iter().zip(&before).filter(|(after, before)| after != before).count();
        doubted += by;
        if by > 0 {
            stations.insert(at);
        }
    }
    println!(
        "neighbours: {doubted} of {asked} values of PM2.5 doubted, at {} stations",
        stations.len()
    );
    assert!(asked > 10_000, "{asked}");
    // 312 of 13 877 on 2026-11-29.
    assert!((asked * 15..=asked * 25).contains(&(doubted * 1_000)), "{doubted} of {asked}");
}

/// The places of the national stations by city and site.
fn places_of(dir: &Path) -> HashMap<String, [f64; 2]> {
    let mut places: HashMap<String, [f64; 2]> = HashMap::new();
    let mut table = csv::Reader::from_path(dir.join("china_air_2020/station_info.csv")).unwrap();
    for row in table.records().map(Result::unwrap) {
        if let (Ok(lon), Ok(lat)) = (row[5].parse(), row[6].parse()) {
            places.insert(format!("{}/{}", &row[3], &row[1]), [lon, lat]);
        }
    }
    places
}
