//! Cases: what a rule has to do on a series that somebody wrote down; text that an expert of the matter can write.
//!
//! ```toml
//! rule   = "dust-site-pm10"
//! start  = "2026-03-01T08:00:00+08:00"
//! step   = "5 min"
//! places = { site = { kind = "dust_site" } }
//! series = { "site/pm10" = "80x3 260+10x4 _ _ 70x6" }    # three of 80; 260, 270, 280, 290; two gaps; six of 70
//! expect = ["08:30 raised", "09:00 cleared"]
//! ```
//!
//! `!80` is a value that the device marked as wrong, `?80` one that is doubtful. A value is known at the end of its period. `then` adds time in which nothing
//! comes. `[[rules]]` in the file stand in for those that were given. Times are civil ones of Shanghai; those of later days have the day
//! before them: `03-02 06:00 cleared`. Where there are several series, the one that is meant may follow: `08:30 raised site/pm10`.

use crate::config::{RuleError, Rules};
use crate::rule::Rule;
use crate::series::{Fed, Limits, Setup, Site};
use crate::span::Span;
use crate::text::Text;
use crate::watch::{Change, Input, Outcome, State, Subject, step};
use model::{
    DatastreamId, DeviceId, Flag, Period, PlaceId, PlaceKind, Quality, Statistic, Timestamp,
};
use serde::Deserialize;
use standards::{Standards, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Samples of one series.
const SAMPLES_MAX: usize = 20_000;

/// What came of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The rule.
    pub rule: String,
    /// What happened: `08:30 raised site/pm10`.
    pub happened: Vec<String>,
    /// What was expected and did not happen, or the other way round; empty when all is well.
    pub problems: Vec<String>,
}

/// Why a case could not be run.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It is no TOML of a case.
    #[error("the case cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// Its rules are wrong.
    #[error(transparent)]
    Rules(#[from] RuleError),
    /// It names a rule that is not there.
    #[error("there is no rule {0:?}")]
    NoRule(String),
    /// Something in it is wrong.
    #[error("{0}")]
    Wrong(String),
    /// The law or the calendar that is built in cannot be read: a defect of this build.
    #[error("{0}")]
    Build(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: String,
    start: String,
    step: Span,
    #[serde(default)]
    then: Span,
    #[serde(default)]
    places: BTreeMap<String, Place>,
    series: BTreeMap<String, String>,
    #[serde(default)]
    expect: Vec<String>,
    #[serde(default)]
    rules: Vec<toml::Table>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    #[serde(default)]
    kind: PlaceKind,
    #[serde(default)]
    lon: f64,
    #[serde(default)]
    lat: f64,
    #[serde(default)]
    upstream: Option<String>,
    #[serde(default)]
    targets: Vec<(String, String)>,
}

/// Runs a case.
///
/// # Errors
/// When it cannot be read, or names what is not there.
pub fn run(text: &str, rules: &Rules, law: &Arc<Standards>) -> Result<Report, CaseError> {
    let mut file: File = toml::from_str(text)?;
    let rules = match std::mem::take(&mut file.rules) {
        own if own.is_empty() => rules.clone(),
        own => {
            let table = toml::Table::from_iter([("rule".to_owned(), own.into())]);
            Rules::parse(&table.to_string())?
        }
    };
    let build = |error: &dyn std::error::Error| CaseError::Build(error.to_string());
    let zone = Zone::shanghai().map_err(|error| build(&error))?;
    let start: jiff::Timestamp = file
        .start
        .parse()
        .map_err(|error| CaseError::Wrong(format!("start {:?}: {error}", file.start)))?;
    let start = Timestamp::from_ms(start.as_millisecond());
    let date = zone.date(start).map_err(|error| build(&error))?;
    let rule = rules.on(&file.rule, date).or_else(|| rules.newest(&file.rule));
    let rule = rule.ok_or_else(|| CaseError::NoRule(file.rule.clone()))?.clone();
    let state = State::new(Arc::new(rules), Arc::clone(law), zone.clone(), Limits::default());
    let mut played = Played::set_up(&file, &rule, state)?;
    let happened = played.play(&file, start, &rule, &zone);
    let problems = compare(&file.expect, &happened);
    Ok(Report { rule: file.rule, happened, problems })
}

/// A case while it is played.
struct Played {
    state: State,
    names: Vec<String>,
    places: Vec<String>,
    values: Vec<Vec<Option<(f64, Quality)>>>,
}

impl Played {
    fn set_up(file: &File, rule: &Rule, mut state: State) -> Result<Self, CaseError> {
        let mut names: Vec<&str> = file.places.keys().map(String::as_str).collect();
        for name in file.series.keys() {
            let (place, _) = name.split_once('/').ok_or_else(|| {
                CaseError::Wrong(format!("series {name:?}: write it as place/parameter"))
            })?;
            if !names.contains(&place) {
                names.push(place);
            }
        }
        let mut values = vec![];
        for (at, (name, text)) in file.series.iter().enumerate() {
            values
                .push(read(text).map_err(|why| CaseError::Wrong(format!("series {name}: {why}")))?);
            let (place, parameter) = name.split_once('/').unwrap_or_default();
            let id =
                |key: &str| names.iter().position(|name| *name == key).map(|at| PlaceId(at as u32));
            let stated = file.places.get(place);
            let site = Site {
                id: id(place).unwrap_or_default(),
                key: place.to_owned(),
                name: Text::new(place, place),
                kind: stated.map(|place| place.kind).unwrap_or_default(),
                spot: stated.map_or([0.0; 2], |place| [place.lon, place.lat]),
                targets: stated.map(|place| place.targets.clone()).unwrap_or_default(),
                is_simulated: false,
            };
            state.watch(Setup {
                datastream: DatastreamId(at as i32),
                device: Some(DeviceId(site.id.0)),
                site: Arc::new(site),
                parameter: Arc::from(parameter),
                symbol: Arc::from(parameter),
                unit: Arc::from("1"),
                statistic: if rule.period == Period::Instant {
                    Statistic::Instant
                } else {
                    rule.statistic
                },
                period: rule.period,
                upstream: stated.and_then(|place| id(place.upstream.as_deref()?)),
            });
        }
        let places = names.into_iter().map(str::to_owned).collect();
        Ok(Self { state, names: file.series.keys().cloned().collect(), places, values })
    }

    fn play(&mut self, file: &File, start: Timestamp, rule: &Rule, zone: &Zone) -> Vec<String> {
        let step_ms = file.step.0.max(1);
        let length = self.values.iter().map(Vec::len).max().unwrap_or(0);
        let more = usize::try_from(file.then.0 / step_ms).unwrap_or(0).min(SAMPLES_MAX);
        let mut happened = vec![];
        for at in 0..length + more {
            let time = start + at as i64 * step_ms;
            let fed = |(series, values): (usize, &Vec<Option<(f64, Quality)>>)| {
                let (value, quality) = (*values.get(at)?)?;
                let flag = Flag::new(quality, None);
                let datastream = DatastreamId(series as i32);
                Some(Fed { datastream, time, value: Some(value), flag })
            };
            let fed: Vec<Fed> = self.values.iter().enumerate().filter_map(fed).collect();
            for outcome in step(&mut self.state, time + step_ms, &Input { samples: &fed }) {
                if self.state.rules().all()[outcome.rule].key == rule.key {
                    happened.push(self.say(&outcome, start, zone));
                }
            }
        }
        happened
    }

    fn say(&self, outcome: &Outcome, start: Timestamp, zone: &Zone) -> String {
        let (at, what) = match &outcome.change {
            Change::Raised(raised) => (raised.at, "raised"),
            Change::Cleared { at, .. } => (*at, "cleared"),
        };
        let name = match outcome.subject {
            Subject::Series(id) => &self.names[id.0 as usize],
            Subject::Device(place, _) => &self.places[place.0 as usize],
        };
        let is_same_day = zone.date(at).ok() == zone.date(start).ok();
        let form = if is_same_day { "%H:%M" } else { "%m-%d %H:%M" };
        let clock = zone.civil(at).map(|civil| civil.strftime(form).to_string());
        format!("{} {what} {name}", clock.unwrap_or_default())
    }
}

fn compare(expected: &[String], happened: &[String]) -> Vec<String> {
    let is = |wanted: &str, found: &str| {
        found == wanted || found.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(' '))
    };
    let mut left: Vec<&String> = happened.iter().collect();
    let mut problems = vec![];
    for wanted in expected {
        match left.iter().position(|found| is(wanted, found)) {
            Some(at) => drop(left.remove(at)),
            None => problems.push(format!("expected, and did not happen: {wanted}")),
        }
    }
    problems.extend(left.iter().map(|found| format!("happened, and was not expected: {found}")));
    problems
}

/// Reads `80x3 160+10x4 _ _ !70`.
fn read(text: &str) -> Result<Vec<Option<(f64, Quality)>>, String> {
    let mut values = vec![];
    for word in text.split_whitespace() {
        let (body, times) = word.rsplit_once('x').unwrap_or((word, "1"));
        let times: usize = times.parse().map_err(|_| format!("{word:?}: how many times?"))?;
        if values.len() + times > SAMPLES_MAX {
            return Err(format!("more than {SAMPLES_MAX} values"));
        }
        if body == "_" {
            values.extend(std::iter::repeat_n(None, times));
            continue;
        }
        let (quality, number) = match body.split_at_checked(1) {
            Some(("!", rest)) => (Quality::Fail, rest),
            Some(("?", rest)) => (Quality::Suspect, rest),
            _ => (Quality::Good, body),
        };
        let sign = number.get(1..).and_then(|rest| rest.find(['+', '-'])).map(|at| at + 1);
        let (first, change) = sign.map_or((number, "0"), |at| number.split_at(at));
        let number = |text: &str| text.parse::<f64>().map_err(|_| format!("{word:?} is no number"));
        let (first, change) = (number(first)?, number(change)?);
        #[expect(clippy::cast_precision_loss, reason = "counts of a case")]
        values.extend((0..times).map(|at| Some((first + change * at as f64, quality))));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_reads_as_it_is_written() {
        let good = |value| Some((value, Quality::Good));
        let check = |text: &str, expected: &[Option<(f64, Quality)>]| {
            assert_eq!(read(text).as_deref(), Ok(expected));
        };
        check("80x2 160+10x3", &[good(80.0), good(80.0), good(160.0), good(170.0), good(180.0)]);
        check("_ _x2 -1-0.5x2", &[None, None, None, good(-1.0), good(-1.5)]);
        check("!7 ?8", &[Some((7.0, Quality::Fail)), Some((8.0, Quality::Suspect))]);
        assert!(read("7xx").is_err() && read("a").is_err() && read("1x99999").is_err());
    }

    #[test]
    fn what_did_not_happen_and_what_was_not_expected_is_told() {
        let [expected, happened] =
            [["08:30 raised"], ["08:35 raised site/pm10"]].map(|one| one.map(str::to_owned));
        let problems = compare(&expected, &happened);
        assert_eq!(
            problems,
            [
                "expected, and did not happen: 08:30 raised",
                "happened, and was not expected: 08:35 raised site/pm10"
            ]
        );
    }
}
