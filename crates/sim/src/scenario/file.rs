//! Scenarios as text: TOML with one table for each event, times in hours from a stated origin.

use super::{Event, Scenario, What};
use crate::calendar::local_midnight;
use crate::fault::Spell;
use crate::layout::{OUTFALLS, STACKS, STREAMS, Spot, head_gates, posts};
use model::{DAY_MS, HOUR_MS, Timestamp};
use serde::Deserialize;

/// The scenarios that come with the program: name and text.
pub const SCENARIOS: [(&str, &str); 8] = [
    ("winter-episode", include_str!("../../scenarios/winter-episode.toml")),
    ("night-discharge", include_str!("../../scenarios/night-discharge.toml")),
    ("fire", include_str!("../../scenarios/fire.toml")),
    ("dust-storm", include_str!("../../scenarios/dust-storm.toml")),
    ("site-out-of-control", include_str!("../../scenarios/site-out-of-control.toml")),
    ("gate-opened", include_str!("../../scenarios/gate-opened.toml")),
    ("blocked-inlet", include_str!("../../scenarios/blocked-inlet.toml")),
    ("late-flood", include_str!("../../scenarios/late-flood.toml")),
];

/// Why a scenario was refused.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The text is no TOML, or has a table or key that no scenario has.
    #[error("the scenario cannot be read")]
    Text(#[from] toml::de::Error),
    /// An event cannot be.
    #[error("{kind} number {number}: {problem}")]
    Event {
        /// The table's name.
        kind: &'static str,
        /// Which of the tables of this name, from 1.
        number: usize,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// No scenario of this name comes with the program.
    #[error("there is no scenario `{0}`; there are: {names}", names = names())]
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// One line for people.
    #[serde(rename = "title")]
    _title: String,
    #[serde(default)]
    episode: Vec<EpisodeRow>,
    #[serde(default)]
    dust_storm: Vec<DustStormRow>,
    #[serde(default)]
    release: Vec<ReleaseRow>,
    #[serde(default)]
    fire: Vec<FireRow>,
    #[serde(default)]
    gate: Vec<GateRow>,
    #[serde(default)]
    fault: Vec<FaultRow>,
}

/// From where hours are counted.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Origin {
    /// The instant that is given when the scenario is read.
    #[default]
    Now,
    /// The local midnight before it.
    Midnight,
}

macro_rules! row {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name {
            #[serde(default)]
            origin: Origin,
            start_h: f64,
            end_h: f64,
            $($field: $type),*
        }
    };
}
row!(EpisodeRow { pm25_ug_m3: f64 });
row!(DustStormRow { coarse_ug_m3: f64 });
row!(ReleaseRow { source: String, factor: f64 });
row!(FireRow { lon: f64, lat: f64, pm25_g_s: f64 });
row!(GateRow { river: String, flow_factor: f64 });
row!(FaultRow { place: String, spell: Spell });

/// Hours that an event may lie away from its origin, and that a fault may last.
const AWAY_MAX_H: f64 = 24.0 * 3_660.0;
const FAULT_MAX_H: f64 = 96.0;

impl Scenario {
    /// Reads a scenario; its hours count from `now` or from the local midnight before it.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Text`] when it is no TOML or has unknown keys, [`ScenarioError::Event`] when an
    /// event ends before it starts, has a number that cannot be, or names what the zone has not.
    pub fn from_toml(text: &str, now: Timestamp) -> Result<Self, ScenarioError> {
        Self::read(toml::from_str(text)?, now)
    }

    /// A scenario for somebody who looks at `now`. One that lies wholly ahead is moved in time so that
    /// most of it has happened and the rest is still to come; by whole days when it counts from midnight, so that a night stays a night.
    /// One that cuts connections has just ended, so that what piled up comes in.
    ///
    /// # Errors
    ///
    /// As [`Scenario::from_toml`].
    pub fn to_watch(text: &str, now: Timestamp) -> Result<Self, ScenarioError> {
        let file: File = toml::from_str(text)?;
        let by_night = file.release.iter().any(|row| matches!(row.origin, Origin::Midnight))
            || file.episode.iter().any(|row| matches!(row.origin, Origin::Midnight));
        let mut scenario = Self::read(file, now)?;
        let first = scenario.events.iter().map(|event| event.start).min().unwrap_or(now);
        if first <= now {
            return Ok(scenario);
        }
        let last = scenario.events.iter().map(|event| event.end).max().unwrap_or(now);
        let cuts = |event: &Event| matches!(event.what, What::Fault { spell: Spell::Outage, .. });
        let gone = if scenario.events.iter().any(cuts) { 1.0 } else { 0.7 };
        let mut shift = now - first - (gone * (last - first) as f64) as i64;
        if by_night {
            shift = shift.div_euclid(DAY_MS) * DAY_MS;
        }
        for event in &mut scenario.events {
            (event.start, event.end) = (event.start + shift, event.end + shift);
        }
        Ok(scenario)
    }

    fn read(file: File, now: Timestamp) -> Result<Self, ScenarioError> {
        let mut events = Vec::new();
        macro_rules! take {
            ($table:ident, $row:ident => $what:expr) => {
                for (number, $row) in file.$table.into_iter().enumerate() {
                    let (origin, start_h, end_h) = ($row.origin, $row.start_h, $row.end_h);
                    let what = $what;
                    let event = place_in_time(origin, start_h, end_h, now)
                        .and_then(|(start, end)| {
                            check(&what, end_h - start_h).map(|()| (start, end))
                        })
                        .map_err(|problem| ScenarioError::Event {
                            kind: stringify!($table),
                            number: number + 1,
                            problem,
                        })?;
                    events.push(Event { start: event.0, end: event.1, what });
                }
            };
        }
        take!(episode, row => What::Episode { pm25_ug_m3: row.pm25_ug_m3 });
        take!(dust_storm, row => What::DustStorm { coarse_ug_m3: row.coarse_ug_m3 });
        take!(release, row => What::Release { source: row.source, factor: row.factor });
        take!(fire, row => What::Fire { lon: row.lon, lat: row.lat, pm25_g_s: row.pm25_g_s });
        take!(gate, row => What::Gate { river: river_of(row.river), flow_factor: row.flow_factor });
        take!(fault, row => What::Fault { place: row.place, spell: row.spell });
        Ok(Self { events })
    }

    /// One of [`SCENARIOS`] by name.
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Unknown`] when there is none of this name.
    pub fn named(name: &str, now: Timestamp) -> Result<Self, ScenarioError> {
        Self::from_toml(Self::text(name)?, now)
    }

    /// The text of one of [`SCENARIOS`].
    ///
    /// # Errors
    ///
    /// [`ScenarioError::Unknown`] when there is none of this name.
    pub fn text(name: &str) -> Result<&'static str, ScenarioError> {
        let found = SCENARIOS.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| *text).ok_or_else(|| ScenarioError::Unknown(name.to_owned()))
    }
}

/// The river of a gate at its head; anything else as it stands.
fn river_of(key: String) -> String {
    head_gates().find(|(gate, _)| *gate == key).map_or(key, |(_, river)| river.to_owned())
}

fn names() -> String {
    SCENARIOS.map(|(name, _)| name).join(", ")
}

fn place_in_time(
    origin: Origin,
    start_h: f64,
    end_h: f64,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), String> {
    let near = |hours: f64| hours.abs() <= AWAY_MAX_H;
    if !near(start_h) || !near(end_h) {
        return Err(format!("hours lie within ±{AWAY_MAX_H} of the origin"));
    }
    if start_h >= end_h {
        return Err(format!("it ends at {end_h} h, not after its start at {start_h} h"));
    }
    let origin = match origin {
        Origin::Now => now,
        Origin::Midnight => local_midnight(now),
    };
    let at = |hours: f64| origin + (hours * HOUR_MS as f64) as i64;
    Ok((at(start_h), at(end_h)))
}

fn check(what: &What, hours: f64) -> Result<(), String> {
    let within = |name: &str, value: f64, low: f64, high: f64| {
        if (low..=high).contains(&value) {
            Ok(())
        } else {
            Err(format!("{name} is {value}; it lies from {low} to {high}"))
        }
    };
    let known = |name: &str, key: &str, mut keys: Vec<&str>| {
        if keys.contains(&key) {
            return Ok(());
        }
        keys.truncate(20);
        Err(format!("{name} `{key}` is not in the zone; there are: {} …", keys.join(", ")))
    };
    match what {
        What::Episode { pm25_ug_m3 } => within("pm25_ug_m3", *pm25_ug_m3, 1.0, 1_000.0),
        What::DustStorm { coarse_ug_m3 } => within("coarse_ug_m3", *coarse_ug_m3, 1.0, 6_000.0),
        What::Release { source, factor } => {
            let keys = STACKS.iter().map(|stack| stack.key).chain(OUTFALLS.iter().map(|o| o.key));
            known("source", source, keys.collect())?;
            within("factor", *factor, 0.0, 1_000.0)
        }
        What::Fire { lon, lat, pm25_g_s } => {
            let spot = Spot::of_degrees(*lon, *lat);
            within("km east of the centre", spot.x, -8.0, 8.0)?;
            within("km north of the centre", spot.y, -7.0, 7.0)?;
            within("pm25_g_s", *pm25_g_s, 0.0, 500.0)
        }
        What::Gate { river, flow_factor } => {
            known("river", river, STREAMS.iter().map(|stream| stream.key).collect())?;
            within("flow_factor", *flow_factor, 0.05, 50.0)
        }
        What::Fault { place, .. } => {
            within("hours of the fault", hours, 0.0, FAULT_MAX_H)?;
            let posts = posts();
            let keys = posts.iter().map(|post| post.key.as_str()).chain(["*"]);
            known("place", place, keys.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_772_326_800_000);

    #[test]
    fn every_scenario_that_comes_with_the_program_reads() {
        for (name, _) in SCENARIOS {
            let scenario = Scenario::named(name, NOW);
            assert!(scenario.is_ok_and(|scenario| !scenario.events.is_empty()), "{name}");
        }
    }

    #[test]
    fn whoever_watches_comes_when_most_has_happened() {
        for (name, text) in SCENARIOS {
            let scenario = Scenario::to_watch(text, NOW).unwrap();
            let first = scenario.events.iter().map(|event| event.start).min().unwrap();
            assert!(first < NOW && NOW - first < 7 * DAY_MS, "{name}");
        }
        let night = Scenario::to_watch(Scenario::text("night-discharge").unwrap(), NOW).unwrap();
        assert_eq!(night.events[0].start, local_midnight(NOW) + HOUR_MS);
        let begun = "title = 't'\n[[episode]]\nstart_h = -1\nend_h = 9\npm25_ug_m3 = 150\n";
        assert_eq!(
            Scenario::to_watch(begun, NOW).unwrap(),
            Scenario::from_toml(begun, NOW).unwrap()
        );
    }

    #[test]
    fn hours_count_from_now_or_from_midnight() {
        let text = "title = 't'\n[[episode]]\norigin = 'midnight'\nstart_h = -24\nend_h = 0.5\npm25_ug_m3 = 150\n";
        let event = &Scenario::from_toml(text, NOW).unwrap().events[0];
        // 09:00 local time
        assert_eq!(event.start, NOW - 33 * HOUR_MS);
        assert_eq!(event.end, NOW - 9 * HOUR_MS + HOUR_MS / 2);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_reason() {
        let check = |event: &str, expected: &str| {
            let text = format!("title = 't'\n{event}");
            let error = Scenario::from_toml(&text, NOW).unwrap_err();
            let inner =
                std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            let message = format!("{error}: {inner}");
            assert!(message.contains(expected), "{message}");
        };
        check(
            "[[episode]]\nstart_h = 2\nend_h = 1\npm25_ug_m3 = 9",
            "episode number 1: it ends at 1 h",
        );
        check(
            "[[release]]\nstart_h = 0\nend_h = 1\nsource = 'x'\nfactor = 2",
            "source `x` is not in",
        );
        check(
            "[[gate]]\nstart_h = 0\nend_h = 1\nriver = 'letter'\nflow_factor = 99",
            "flow_factor is 99",
        );
        check("[[fault]]\nstart_h = 0\nend_h = 1\nplace = '*'\nspell = 'tired'", "tired");
        check(
            "[[fault]]\nstart_h = 0\nend_h = 100\nplace = '*'\nspell = 'outage'",
            "hours of the fault",
        );
        check(
            "[[fire]]\nstart_h = 0\nend_h = nan\nlon = 1\nlat = 1\npm25_g_s = 1",
            "hours lie within",
        );
        check("[[fire]]\nstart_h = 0\nend_h = 1\nlon = 1\nlat = 1\npm25_g_s = 1", "km east");
        check("[[storm]]\nstart_h = 0", "unknown field");
        assert!(
            Scenario::named("boredom", NOW).unwrap_err().to_string().contains("winter-episode")
        );
    }
}
