//! The newest run of each source, with the record of its runs of late.

use super::{Kept, Whose, of_places};
use model::{DAY_MS, HOUR_MS, Timestamp};
use space::forecast::{Outside, OutsideScore, Series, judge, judge_bands};
use std::collections::BTreeMap;
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
    let issued = now - DAYS_JUDGED * DAY_MS..now + AHEAD_MS;
    let mut sources: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    for kept in of_places(reader, whose, parameter, &issued, known)? {
        sources.entry(kept.run.source.clone()).or_default().push(kept);
    }
    Ok(sources.into_values().filter_map(|runs| of_runs(runs, series)).collect())
}

/// Of the runs of one source, newest first.
fn of_runs(runs: Vec<Kept>, series: Series<'_>) -> Option<Judged> {
    let rows = |is_wanted: &dyn Fn(&Kept, i64) -> bool| -> Vec<Outside> {
        let of_run = |kept: &Kept| {
            let said = kept.run.hours.iter().filter(|(hour, _)| is_wanted(kept, **hour));
            let row = |(hour, said): (&i64, &super::Said)| Outside {
                origin_hour: kept.run.origin_hour(),
                hour: *hour,
                value: said.value,
                interval: said.interval,
            };
            said.map(row).collect::<Vec<_>>()
        };
        runs.iter().flat_map(of_run).collect()
    };
    let all = rows(&|_, _| true);
    let hours = judge(series, &all).map_or(0, |score| score.hours);
    let is_enough = hours >= SCORED_HOURS_MIN;
    let is_late = |kept: &Kept, hour: i64| kept.received.as_ms() >= (hour + 1) * HOUR_MS;
    let late = judge(series, &rows(&is_late)).map_or(0, |score| score.count);
    Some(Judged {
        runs: runs.len(),
        hours,
        bands: if is_enough { judge_bands(series, &all) } else { vec![] },
        late: if is_enough { late } else { 0 },
        newest: runs.into_iter().next()?,
    })
}
