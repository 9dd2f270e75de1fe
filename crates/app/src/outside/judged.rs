//! The newest run of each source, with the record of its runs of late.

use super::{Kept, Whose, of_places};
use draw::Beside;
use model::{DAY_MS, HOUR_MS, Timestamp};
use space::forecast::{LEADS, Outside, OutsideScore, Series, can_be_judged, judge_bands};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use store::{Known, Reader};

/// Runs of so many days are judged, as far back as the house's own record reaches at most.
const DAYS_JUDGED: i64 = 90;
/// A run may name a time of issue that lies a little ahead.
const AHEAD_MS: i64 = 2 * DAY_MS;
/// Fewer hours than this say nothing of a source: two days.
pub const SCORED_HOURS_MIN: usize = 48;

/// What a source says, and how it did.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Its newest run.
    pub newest: Kept,
    /// Runs that were looked at.
    pub runs: usize,
    /// Whether older runs of these days were left off.
    pub is_cut: bool,
    /// Hours that could be judged.
    pub hours: usize,
    /// Its record by bands of hours ahead; empty when fewer than [`SCORED_HOURS_MIN`] hours could be judged.
    pub bands: Vec<OutsideScore>,
    /// Pairs of the record whose hour was over already when the run came: no forecast for whoever got it then.
    pub late: usize,
}

/// The sources that speak of some places, by name.
///
/// # Errors
/// When the log cannot be read.
pub fn judged(
    reader: &Reader,
    whose: &Whose,
    parameter: &str,
    (now, known): (Timestamp, Known),
    series: Series<'_>,
) -> Result<Vec<Judged>, store::Error> {
    let issued = looked_at(now);
    let mut sources: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    let found = of_places(reader, whose, parameter, &issued, known)?;
    for kept in found.kept {
        sources.entry(kept.run.source.clone()).or_default().push(kept);
    }
    let of =
        |(source, runs): (String, Vec<Kept>)| of_runs(runs, found.cut.contains(&source), series);
    Ok(sources.into_iter().filter_map(of).collect())
}

/// When each source that speaks of some places made its newest run, by name.
///
/// # Errors
/// When the log cannot be read.
pub fn newest(
    reader: &Reader,
    whose: &Whose,
    parameter: &str,
    (now, known): (Timestamp, Known),
) -> Result<BTreeMap<String, Timestamp>, store::Error> {
    let mut sources = BTreeMap::new();
    for kept in of_places(reader, whose, parameter, &looked_at(now), known)?.kept {
        sources.entry(kept.run.source).or_insert(kept.run.issued);
    }
    Ok(sources)
}

fn looked_at(now: Timestamp) -> Range<Timestamp> {
    now - DAYS_JUDGED * DAY_MS..now + AHEAD_MS
}

/// Of the runs of one source, newest first.
fn of_runs(runs: Vec<Kept>, is_cut: bool, series: Series<'_>) -> Option<Judged> {
    let (mut all, mut hours, mut late) = (vec![], BTreeSet::new(), 0);
    for kept in &runs {
        for (hour, said) in &kept.run.hours {
            let row = Outside {
                origin_hour: kept.run.origin_hour(),
                hour: *hour,
                value: said.value,
                interval: said.interval,
            };
            if can_be_judged(series, &row) {
                hours.insert(*hour);
                late += usize::from(kept.received.as_ms() >= (hour + 1) * HOUR_MS);
            }
            all.push(row);
        }
    }
    let is_enough = hours.len() >= SCORED_HOURS_MIN;
    Some(Judged {
        runs: runs.len(),
        is_cut,
        hours: hours.len(),
        bands: if is_enough { judge_bands(series, &all) } else { vec![] },
        late: if is_enough { late } else { 0 },
        newest: runs.into_iter().next()?,
    })
}

impl Judged {
    /// The record of it over the 72 hours.
    pub fn whole(&self) -> Option<&OutsideScore> {
        self.bands.iter().find(|score| score.band == Some([1, LEADS]))
    }

    /// Its newest run as a picture draws it.
    pub fn beside(&self) -> Beside {
        let run = &self.newest.run;
        Beside {
            name: run.source.clone(),
            skill: self.whole().and_then(|score| score.skill),
            points: run.hours.iter().map(|(hour, said)| (*hour, said.value)).collect(),
        }
    }

    /// Its newest run as rows of the table of forecasts.
    pub fn rows(&self, label: impl Fn(i64) -> String) -> Vec<Vec<String>> {
        let run = &self.newest.run;
        let hours = run.hours.iter().map(|(hour, said)| (*hour, said.value, said.interval));
        draw::outside_rows(&run.source, hours, label)
    }
}
