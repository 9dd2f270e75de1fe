//! The current view: base and late files of the archive, and what is hot; the highest sequence wins.

use crate::archive::read_readings;
use crate::hot::Version;
use crate::manifest::Manifest;
use crate::record::Known;
use crate::view::Shared;
use model::{DAY_MS, DatastreamId, Timestamp};
use std::ops::Range;

/// What the archive has of some datastreams, not merged yet.
pub struct Archived {
    /// Versions by datastream, as given; of one file after another.
    pub versions: Vec<Vec<Version>>,
    /// UTC days of which something could not be read, ascending.
    pub damaged_days: Vec<i32>,
}

/// Reads the files of a stretch for datastreams given ascending, each file once: base and late ones,
/// and for a past moment those of replaced versions as well.
pub fn archived(
    shared: &Shared,
    manifest: &Manifest,
    datastreams: &[DatastreamId],
    Range { start: from, end: to }: Range<Timestamp>,
    known: Known,
) -> Archived {
    let mut versions = vec![vec![]; datastreams.len()];
    let mut damaged_days = vec![];
    let (Some(first), Some(last)) = (datastreams.first(), datastreams.last()) else {
        return Archived { versions, damaged_days };
    };
    if from >= to {
        return Archived { versions, damaged_days };
    }
    // Clamped, because an open end lies further away than days have numbers.
    let day = |time: Timestamp| {
        time.as_ms().div_euclid(DAY_MS).clamp(i32::MIN.into(), i32::MAX.into()) as i32
    };
    let days = day(from)..=day(to - 1);
    // Before what replaced them: of one sequence, the later in the log counts.
    let replaced = Manifest::of_days(&manifest.superseded, days.clone());
    let replaced = replaced.filter(|_| known.wants_replaced());
    for file in replaced.chain(Manifest::of_days(&manifest.readings, days.clone())) {
        let (low, high) = file.datastreams;
        let is_elsewhere = high < *first || *last < low;
        let is_otherwhen = file.times.1 < from || to <= file.times.0;
        if is_elsewhere || is_otherwhen || !known.has(file.sequences.0) {
            continue;
        }
        let read = shared.read_file(file, |open| {
            read_readings(open, datastreams, from, to, |reading| {
                if let Ok(place) = datastreams.binary_search(&reading.datastream) {
                    versions[place].push(Version::from(&reading));
                }
            })
        });
        if read.is_none() {
            damaged_days.extend(file.days().filter(|day| days.contains(day)));
        }
    }
    damaged_days.sort_unstable();
    damaged_days.dedup();
    Archived { versions, damaged_days }
}

/// The current versions, ascending by time: of each instant the one with the highest sequence.
pub fn current(mut versions: Vec<Version>) -> Vec<Version> {
    // Mostly one base file after another and nothing late: then all is in order already.
    if versions.is_sorted_by(|a, b| a.time < b.time) {
        return versions;
    }
    versions.sort_by_key(|version| (version.time, version.sequence));
    versions.reverse();
    versions.dedup_by_key(|version| version.time);
    versions.reverse();
    versions
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Flag, Quality, Reading, Sequence};

    #[test]
    fn of_each_instant_the_highest_sequence_is_current() {
        let version = |time, sequence| {
            Version::from(&Reading {
                datastream: DatastreamId(0),
                time: Timestamp::from_ms(time),
                value: Some(sequence as f64),
                flag: Flag::new(Quality::Good, None),
                sequence: Sequence(sequence),
            })
        };
        let versions =
            vec![version(1, 1), version(2, 2), version(2, 9), version(1, 5), version(2, 3)];
        assert_eq!(current(versions), [version(1, 5), version(2, 9)]);
    }
}
