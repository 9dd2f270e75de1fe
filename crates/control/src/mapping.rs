//! How the columns of another system's file of cases become ours, as data.

use crate::category::Text;
use crate::moves::Source;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use standards::Zone;
use std::collections::{BTreeMap, BTreeSet};

/// What stands for every name that is not named.
const OTHERS: &str = "*";

/// All mappings that a district knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mappings {
    /// Each for one other system.
    #[serde(rename = "mapping")]
    pub all: Vec<Mapping>,
}

/// How the columns of one other system become ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Names the other system, stable: with the number there it names a case.
    pub key: String,
    /// For people.
    pub name: Text,
    /// The zone of its times.
    pub zone: String,
    /// How it writes a time, as `strftime` would.
    pub time: String,
    /// When the file was written, in its zone: cases that are open are looked at as of then; without it, as of now.
    #[serde(default)]
    pub seen: Option<String>,
    /// Positions, degrees east and north, that stand where none is known.
    #[serde(default)]
    pub nowhere: Vec<[f64; 2]>,
    /// Where the meaning of the columns was taken from.
    pub source: String,
    /// The names of its columns.
    pub columns: Columns,
    /// How it says whether a case was on time.
    #[serde(default)]
    pub on_time: OnTime,
    /// Our category by its name of a kind; `*` for all others.
    pub categories: BTreeMap<String, String>,
    /// Our unit by its name of one. One that is not named is kept as a unit of the other system.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// Our source by its name of a channel; `*` for all others.
    pub channels: BTreeMap<String, Source>,
}

/// The names of columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The number of a case, which no other one has.
    pub number: String,
    /// When it was opened.
    pub opened: String,
    /// Until when it was to be done.
    #[serde(default)]
    pub target: Option<String>,
    /// When it was closed; empty while it is open.
    pub closed: String,
    /// Whether the other system says that it was on time.
    #[serde(default)]
    pub on_time: Option<String>,
    /// The kind of thing.
    pub category: String,
    /// What it is; several are written one after another.
    pub text: Vec<String>,
    /// What was done.
    #[serde(default)]
    pub closure: Option<String>,
    /// Who handles it.
    pub unit: String,
    /// How it came.
    pub channel: String,
    /// Degrees east, WGS 84.
    #[serde(default)]
    pub lon: Option<String>,
    /// Degrees north, WGS 84.
    #[serde(default)]
    pub lat: Option<String>,
}

/// The words for on time and not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnTime {
    /// On time.
    pub yes: Vec<String>,
    /// Overdue.
    pub no: Vec<String>,
}

/// What is wrong with mappings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mappings: {0}")]
pub struct MappingError(String);

impl Mappings {
    /// The mappings that come with the program.
    pub const TEXT: &str = include_str!("../data/mappings.toml");

    /// The mappings that are built in.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Self, MappingError> {
        Self::parse(Self::TEXT)
    }

    /// Reads mappings (TOML).
    ///
    /// # Errors
    /// Names the mapping and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mappings: Self = toml::from_str(text).map_err(|e| MappingError(e.to_string()))?;
        let mut seen = BTreeSet::new();
        for mapping in &mappings.all {
            if !seen.insert(&mapping.key) {
                return Err(MappingError(format!("{}: a key stands once", mapping.key)));
            }
            if let Some(flaw) = mapping.flaw() {
                return Err(MappingError(format!("{}: {flaw}", mapping.key)));
            }
        }
        Ok(mappings)
    }

    /// The mapping of a key.
    pub fn named(&self, key: &str) -> Option<&Mapping> {
        self.all.iter().find(|mapping| mapping.key == key)
    }
}

impl Mapping {
    fn flaw(&self) -> Option<String> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.key.is_empty() || self.key.len() > 40 || !self.key.chars().all(is_plain) {
            return Some("a key is 1 to 40 of a to z, 0 to 9 and -".to_owned());
        }
        if self.source.trim().is_empty() {
            return Some("source says where the columns are described".to_owned());
        }
        if self.columns.text.is_empty() {
            return Some("columns.text names one column at least".to_owned());
        }
        if !self.categories.contains_key(OTHERS) || !self.channels.contains_key(OTHERS) {
            return Some("categories and channels have a row \"*\" for all others".to_owned());
        }
        let zone = match Zone::named(&self.zone) {
            Ok(zone) => zone,
            Err(error) => return Some(error.to_string()),
        };
        let sample = jiff::civil::date(2015, 6, 30).at(17, 5, 0, 0);
        let written = strtime::format(&self.time, sample).ok();
        let read = written.and_then(|text| self.at(&zone, &text));
        if read.is_none() || read != zone.instant(sample).ok() {
            return Some(format!(
                "time {:?} does not tell year, month, day, hour and minute",
                self.time
            ));
        }
        let seen = self.seen.as_ref();
        seen.filter(|text| text.parse::<DateTime>().is_err())
            .map(|text| format!("seen {text:?} is no date and time such as 2016-01-18T00:00"))
    }

    /// A time of the file; `None` when it is none.
    pub(crate) fn at(&self, zone: &Zone, text: &str) -> Option<Timestamp> {
        let broken = strtime::parse(&self.time, text).ok()?;
        zone.instant(broken.to_datetime().ok()?).ok()
    }

    /// As of when cases that are open are looked at.
    pub fn seen(&self, now: Timestamp) -> Timestamp {
        let seen = || {
            let civil = self.seen.as_ref()?.parse::<DateTime>().ok()?;
            Zone::named(&self.zone).ok()?.instant(civil).ok()
        };
        seen().unwrap_or(now)
    }

    /// Our category of a kind of the file.
    pub(crate) fn category(&self, kind: &str) -> &str {
        let known = self.categories.get(kind).or_else(|| self.categories.get(OTHERS));
        known.map_or("", String::as_str)
    }

    /// Our source of a channel of the file.
    pub(crate) fn channel(&self, name: &str) -> Source {
        let known = self.channels.get(name).or_else(|| self.channels.get(OTHERS));
        known.copied().unwrap_or(Source::Hotline)
    }

    /// Our unit of one of the file: that which the mapping names, else one of the other system.
    pub(crate) fn unit(&self, name: &str) -> String {
        self.units.get(name).cloned().unwrap_or_else(|| format!("{}/{name}", self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_mappings_read_and_what_is_wrong_is_named() {
        let mappings = Mappings::built_in().unwrap();
        assert!(mappings.named("boston311").is_some());
        for (from, to, says) in [
            ("key = \"boston311\"", "key = \"Boston 311\"", "1 to 40 of a to z"),
            ("America/New_York", "America/Nowhere", "no time zone"),
            ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y", "does not tell"),
            ("2016-01-18T00:00", "last winter", "no date and time"),
            ("\"*\" = \"elsewhere\"", "", "all others"),
            ("\"*\" = \"hotline\"", "\"*\" = \"rumour\"", "unknown variant `rumour`"),
            ("number = \"CASE", "numbre = \"CASE", "unknown field `numbre`"),
        ] {
            assert!(Mappings::TEXT.contains(from), "{from}");
            let error = Mappings::parse(&Mappings::TEXT.replacen(from, to, 1)).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
