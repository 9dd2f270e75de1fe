//! Forecasts from outside, such as a numerical model's: the runs that are kept, as they were known when.
//!
//! A *run* is what one source said at one time of issue of one parameter at one place. It is kept as an act under a key that
//! begins with place and parameter and goes on with the time of issue, so that the runs of some weeks are read by themselves.

mod judged;

pub use judged::{Judged, SCORED_HOURS_MIN, judged, newest};

pub use control::emergency::OWN_FORECAST as OWN;

use model::{HOUR_MS, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use store::{Known, Reader};

/// The kind of the acts that are runs.
pub const ACT: &str = "outside_forecast";
/// Runs of one source, place and parameter that are read, newest first: ninety days of eleven a day.
const RUNS_MAX: usize = 1_000;
/// Acts of one place and parameter that are read at once.
const PAGE: usize = 1_000;
/// Acts of one place and parameter that are read at all, newest first, whatever their sources.
const ACTS_MAX: usize = 16_000;

/// What a run says of an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Said {
    /// The value, in the parameter's unit.
    pub value: f64,
    /// Its 90 % interval.
    pub interval: Option<[f64; 2]>,
}

/// What a source said at one time of issue.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Who said it, as the importer names it.
    pub source: String,
    /// When it was made.
    pub issued: Timestamp,
    /// Key of a place or an area.
    pub place: String,
    /// Key of the parameter.
    pub parameter: String,
    /// By hour since 1970-01-01T00:00Z.
    pub hours: BTreeMap<i64, Said>,
}

/// A run as an act writes it: hours in a row, a gap is null.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    source: String,
    issued: String,
    place: String,
    parameter: String,
    /// The start of the first hour.
    first: String,
    value: Vec<Option<f64>>,
    /// The 90 % interval; empty: none is given of any hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    interval: Vec<Option<[f64; 2]>>,
}

/// A run that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What it says.
    pub run: Run,
    /// When it came, or its last change.
    pub received: Timestamp,
}

impl Run {
    /// The last whole hour that was over when it was made: leads are counted from it.
    pub fn origin_hour(&self) -> i64 {
        self.issued.as_ms().div_euclid(HOUR_MS) - 1
    }

    /// The key of its act.
    pub fn key(&self) -> String {
        let Self { source, issued, place, parameter, .. } = self;
        format!("{place}/{parameter}/{issued}/{source}")
    }

    /// The document of its act; none when it says nothing.
    pub fn document(&self) -> Option<String> {
        let (first, last) = (*self.hours.keys().next()?, *self.hours.keys().next_back()?);
        let said = |hour: i64| self.hours.get(&hour);
        let has_interval = self.hours.values().any(|said| said.interval.is_some());
        let interval = (first..=last).map(|hour| said(hour)?.interval);
        let document = Document {
            source: self.source.clone(),
            issued: self.issued.to_string(),
            place: self.place.clone(),
            parameter: self.parameter.clone(),
            first: Timestamp::from_ms(first * HOUR_MS).to_string(),
            value: (first..=last).map(|hour| Some(said(hour)?.value)).collect(),
            interval: if has_interval { interval.collect() } else { vec![] },
        };
        serde_json::to_string(&document).ok()
    }

    /// Reads the document of an act.
    fn read(document: &str) -> Option<Self> {
        let own: Document = serde_json::from_str(document).ok()?;
        let instant = |text: &str| {
            let at = text.parse::<jiff::Timestamp>().ok()?;
            Some(Timestamp::from_ms(at.as_millisecond()))
        };
        let first = instant(&own.first)?.as_ms().div_euclid(HOUR_MS);
        let hours = own.value.iter().enumerate().filter_map(|(at, value)| {
            let interval = own.interval.get(at).copied().flatten();
            Some((first + at as i64, Said { value: (*value)?, interval }))
        });
        Some(Self {
            issued: instant(&own.issued)?,
            hours: hours.collect(),
            source: own.source,
            place: own.place,
            parameter: own.parameter,
        })
    }
}

/// The run that is kept under a key, as it stands.
///
/// # Errors
/// When the log cannot be read.
pub fn kept(reader: &Reader, key: &str) -> Result<Option<Run>, store::Error> {
    let keys = key.to_owned()..format!("{key}\0");
    let rows = reader.acts_within(ACT, &keys, Known::Now, 1)?;
    Ok(rows.first().and_then(|row| Run::read(&row.act.document)))
}

/// Runs, and the sources of which older ones were left off.
#[derive(Default)]
struct Runs {
    kept: Vec<Kept>,
    cut: BTreeSet<String>,
}

/// The runs of a place and a parameter that were issued within a time, newest first. What a later version wrote, and this one
/// cannot read, is left out.
fn of_place(
    reader: &Reader,
    (place, parameter): (&str, &str),
    issued: &Range<Timestamp>,
    known: Known,
) -> Result<Runs, store::Error> {
    let key = |at: Timestamp| format!("{place}/{parameter}/{at}");
    let (start, mut end) = (key(issued.start), key(issued.end));
    let mut runs = Runs::default();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut acts = 0;
    loop {
        let rows = reader.acts_within(ACT, &(start.clone()..end.clone()), known, PAGE)?;
        let is_last = rows.len() < PAGE;
        acts += rows.len();
        for row in rows {
            // Of one key the newest act comes first, and stands for it.
            if row.act.key != end
                && let Some(run) = Run::read(&row.act.document)
            {
                let count = counts.entry(run.source.clone()).or_default();
                *count += 1;
                if *count > RUNS_MAX {
                    runs.cut.insert(run.source);
                } else {
                    runs.kept.push(Kept { run, received: row.at });
                }
            }
            end = row.act.key;
        }
        if is_last {
            return Ok(runs);
        }
        if acts >= ACTS_MAX {
            // Whose older runs these are nobody looked at.
            runs.cut.extend(counts.into_keys());
            return Ok(runs);
        }
    }
}

/// Whose forecast is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// Keys of places; several are forecast by their mean.
    pub places: Vec<String>,
    /// Key of the area that they are the standard stations of.
    pub area: Option<String>,
}

/// The runs that speak of some places by their mean, of an area by its own where it has one.
fn of_places(
    reader: &Reader,
    whose: &Whose,
    parameter: &str,
    issued: &Range<Timestamp>,
    known: Known,
) -> Result<Runs, store::Error> {
    let of = |place: &str| of_place(reader, (place, parameter), issued, known);
    let mut parts: BTreeMap<(Timestamp, String), Vec<Kept>> = BTreeMap::new();
    let mut cut = BTreeSet::new();
    for place in &whose.places {
        let runs = of(place)?;
        cut.extend(runs.cut);
        for kept in runs.kept {
            parts.entry((kept.run.issued, kept.run.source.clone())).or_default().push(kept);
        }
    }
    let mean = |parts: Vec<Kept>| mean(parts, whose.places.len());
    let mut runs: BTreeMap<_, Kept> =
        parts.into_iter().filter_map(|(of, parts)| Some((of, mean(parts)?))).collect();
    if let Some(area) = &whose.area {
        let own = of(area)?;
        cut.extend(own.cut);
        let own = own.kept.into_iter();
        runs.extend(own.map(|kept| ((kept.run.issued, kept.run.source.clone()), kept)));
    }
    Ok(Runs { kept: runs.into_values().rev().collect(), cut })
}

/// The mean of what a source said of several places, of hours that are said of at least half of them. It has no interval: that of a
/// mean does not follow from those of its parts.
fn mean(mut parts: Vec<Kept>, places: usize) -> Option<Kept> {
    if places == 1 {
        return parts.pop();
    }
    let received = parts.iter().map(|kept| kept.received).max()?;
    let mut hours: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (hour, said) in parts.iter().flat_map(|kept| &kept.run.hours) {
        hours.entry(*hour).or_default().push(said.value);
    }
    let is_enough = |values: &Vec<f64>| values.len() * 2 >= places;
    let hours: BTreeMap<i64, Said> = hours
        .into_iter()
        .filter(|(_, values)| is_enough(values))
        .map(|(hour, values)| {
            let value = values.iter().sum::<f64>() / values.len() as f64;
            (hour, Said { value, interval: None })
        })
        .collect();
    let run = parts.pop()?.run;
    (!hours.is_empty()).then_some(Kept { run: Run { hours, ..run }, received })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(place: &str, said: &[(i64, f64)]) -> Run {
        let hours = said.iter().map(|(hour, value)| {
            (*hour, Said { value: *value, interval: Some([value - 1.5, value + 1.5]) })
        });
        Run {
            source: "cmaq".to_owned(),
            issued: Timestamp::from_ms(10 * HOUR_MS),
            place: place.to_owned(),
            parameter: "pm25".to_owned(),
            hours: hours.collect(),
        }
    }

    #[test]
    fn a_run_is_read_as_it_was_written_with_its_gaps() {
        let own = run("a", &[(10, 35.123_456), (13, 0.1)]);
        let document = own.document().unwrap();
        assert!(document.contains("[35.123456,null,null,0.1]"), "{document}");
        assert_eq!(Run::read(&document), Some(own));
        assert_eq!(run("a", &[]).document(), None);
    }

    #[test]
    fn the_mean_needs_half_of_the_places_and_has_no_interval() {
        let kept = |run, ms| Kept { run, received: Timestamp::from_ms(ms) };
        let parts =
            vec![kept(run("a", &[(10, 10.0), (11, 20.0)]), 5), kept(run("b", &[(10, 30.0)]), 7)];
        let own = mean(parts.clone(), 4).unwrap();
        let hours: Vec<_> = own.run.hours.iter().map(|(hour, said)| (*hour, said.value)).collect();
        assert_eq!((hours, own.received.as_ms()), (vec![(10, 20.0)], 7));
        assert!(own.run.hours[&10].interval.is_none());
        assert!(mean(parts, 5).is_none(), "two of five");
        assert_eq!(own.run.origin_hour(), 9);
    }
}
