//! What was really the cause, by taking away what was meant to happen.

use crate::watch::Event;
use detect::Raised;
use model::{HOUR_MS, Timestamp};
use sim::{Concentrations, FaultRates, FaultSpell, Scenario, Settings, What, Zone};
use std::collections::{BTreeMap, HashMap};

/// Why something was found; the first one that fits counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A release or a fire.
    Source,
    /// An episode or a dust storm over the whole plain.
    Region,
    /// A device that has a fault.
    Device,
    /// It is so, and nobody did anything: the thing measured is beyond the threshold.
    State,
    /// Noise.
    Nothing,
}

/// A place has something of a cause from so much on: a share of what it has without, and µg/m³.
const AIR_SHARE: f64 = 0.3;
const AIR_UG_M3: f64 = 20.0;
/// The same of water, by share alone.
const WATER_SHARE: f64 = 0.3;
/// A source that nobody could see for so many hours together is none to be found.
const HOURS_MIN: usize = 2;

/// The values of one place and parameter, each hour: as they are, without sources, without anything.
type Hours = Vec<[f64; 3]>;

/// A week of a world, with and without what was meant.
pub struct Truth {
    from: Timestamp,
    series: HashMap<(String, &'static str), Hours>,
    faults: Vec<FaultSpell>,
    devices: Vec<String>,
    /// Begin and end of each release and fire, and where each is seen: place and parameter, with the hours.
    sources: Vec<(Timestamp, Timestamp, BTreeMap<String, usize>)>,
}

impl Truth {
    /// Looks at every hour of a stretch.
    pub fn of(zone: &Zone, seed: u64, from: Timestamp, to: Timestamp) -> Self {
        let events = &zone.scenario().events;
        let is_source = |what: &What| matches!(what, What::Release { .. } | What::Fire { .. });
        let world = |scenario| Zone::new(Settings { seed, scenario, faults: FaultRates::NONE });
        let without = events.iter().filter(|event| !is_source(&event.what)).cloned();
        let worlds = [
            zone.clone(),
            world(Scenario { events: without.collect() }),
            world(Scenario::default()),
        ];
        let places: Vec<String> =
            zone.positions(from).iter().map(|(key, _)| (*key).to_owned()).collect();
        let mut series: HashMap<(String, &'static str), Hours> = HashMap::new();
        let mut hour = from;
        while hour < to {
            let air = worlds.each_ref().map(|world| world.truth_hour(hour));
            for (at, place) in places.iter().enumerate() {
                for (parameter, of) in AIR {
                    let values = air.each_ref().map(|hour| of(&hour[at]));
                    series.entry((place.clone(), parameter)).or_default().push(values);
                }
            }
            let water = worlds.each_ref().map(|world| world.waters(hour + HOUR_MS / 2));
            for at in 0..water[0].len() {
                for (parameter, of) in WATER {
                    let values = water.each_ref().map(|sites| of(&sites[at].2));
                    series.entry((water[0][at].0.to_owned(), parameter)).or_default().push(values);
                }
            }
            hour = hour + HOUR_MS;
        }
        let devices = (0..).map_while(|at| zone.device(at)).map(|own| own.place.clone()).collect();
        let faults = zone.faults(from, to);
        let mut truth = Self { from, series, faults, devices, sources: vec![] };
        for event in events.iter().filter(|event| is_source(&event.what)) {
            let (start, end) = (event.start.max(from), event.end.min(to));
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            let is_water = matches!(&event.what, What::Release { source, .. } if source.starts_with("outfall"));
            for (key, hours) in &truth.series {
                let hours = truth.hours(start, end + if is_water { 6 * HOUR_MS } else { 0 }, hours);
                let count = hours.iter().filter(|own| is_more(key.1, own[0], own[1])).count();
                if count >= HOURS_MIN && is_air(key.1) != is_water {
                    let most = places.entry(key.0.clone()).or_default();
                    *most = count.max(*most);
                }
            }
            truth.sources.push((start, end, places));
        }
        truth
    }

    fn hours<'t>(&self, from: Timestamp, to: Timestamp, hours: &'t [[f64; 3]]) -> &'t [[f64; 3]] {
        let at = |time: Timestamp| usize::try_from((time - self.from) / HOUR_MS).unwrap_or(0);
        &hours[at(from).min(hours.len())..at(to + HOUR_MS - 1).min(hours.len())]
    }

    /// Why a finding was raised.
    pub fn cause(&self, raised: &Raised) -> Cause {
        let device = raised.device.map(|id| id.0 as usize);
        let is_faulty = self.faults.iter().any(|fault| {
            let is_own = Some(fault.device) == device
                || self.devices.get(fault.device) == Some(&raised.place);
            is_own && fault.start < raised.at && fault.end > raised.began - 3 * HOUR_MS
        });
        if raised.kind.is_about_data() {
            return if is_faulty { Cause::Device } else { Cause::Nothing };
        }
        let wanted = |key: &&(String, &'static str)| {
            key.0 == raised.place
                && (key.1 == raised.parameter || (is_air(key.1) && is_air(&raised.parameter)))
        };
        let mut cause = if is_faulty { Cause::Device } else { Cause::Nothing };
        for key in self.series.keys().filter(wanted) {
            for [own, without, bare] in self.hours(raised.began, raised.at, &self.series[key]) {
                if is_more(key.1, *own, *without) {
                    return Cause::Source;
                }
                if is_more(key.1, *without, *bare) {
                    cause = cause.min(Cause::Region);
                }
                let is_beyond =
                    if key.1 == "do" { *own < raised.threshold } else { *own > raised.threshold };
                if key.1 == raised.parameter && is_beyond && raised.unit != "1" {
                    cause = cause.min(Cause::State);
                }
            }
        }
        cause
    }

    /// The faults of a finding's place.
    pub fn faults_of(&self, raised: &Raised) -> Vec<(&'static str, i64, i64)> {
        let own = self
            .faults
            .iter()
            .filter(|fault| self.devices.get(fault.device) == Some(&raised.place));
        let hours = |time: Timestamp| (time - raised.at) / HOUR_MS;
        own.map(|fault| (fault.spell.name(), hours(fault.start), hours(fault.end))).collect()
    }

    /// Where each source is seen.
    pub fn tell(&self) {
        for (start, end, seen) in &self.sources {
            println!("  a source from {start} to {end} is seen at {seen:?}");
        }
    }

    /// How many sources were found, and how many could be seen at all: a finding that began while it lasted, at a place that has it.
    pub fn found(&self, events: &[Event]) -> (usize, usize) {
        let visible = self.sources.iter().filter(|(.., seen)| !seen.is_empty());
        let (mut found, mut all) = (0, 0);
        for (start, end, seen) in visible {
            all += 1;
            let mut findings = events.iter().flat_map(|event| &event.findings);
            let is_of = |own: &Raised| {
                !own.kind.is_about_data()
                    && seen.contains_key(&own.place)
                    && own.at > *start
                    && own.began < *end + 3 * HOUR_MS
                    && self.cause(own) == Cause::Source
            };
            found += usize::from(findings.any(is_of));
        }
        (found, all)
    }
}

fn is_air(parameter: &str) -> bool {
    AIR.iter().any(|(key, _)| *key == parameter)
}

fn is_more(parameter: &str, with: f64, without: f64) -> bool {
    match parameter {
        "do" => with < without * (1.0 - WATER_SHARE),
        "co" => with > without * (1.0 + AIR_SHARE) + 0.3,
        _ if is_air(parameter) => with > without * (1.0 + AIR_SHARE) && with > without + AIR_UG_M3,
        _ => with > without * (1.0 + WATER_SHARE),
    }
}

/// A parameter, and where its value stands.
type Of<T> = (&'static str, fn(&T) -> f64);

const AIR: [Of<Concentrations>; 6] = [
    ("pm25", |air| air.pm25),
    ("pm10", |air| air.pm10),
    ("so2", |air| air.so2),
    ("no2", |air| air.no2),
    ("co", |air| air.co),
    ("o3", |air| air.o3),
];

const WATER: [Of<sim::Water>; 5] = [
    ("do", |water| water.oxygen),
    ("nh3n", |water| water.nh3n),
    ("codmn", |water| water.codmn),
    ("tp", |water| water.tp),
    ("tn", |water| water.tn),
];
