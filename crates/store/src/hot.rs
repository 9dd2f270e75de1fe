//! Hot memory: the current version of every reading that is not sealed yet, the newest reading of
//! every datastream, and what was brought back from sealed days.

use model::{DAY_MS, DatastreamId, Flag, Quality, Reading, Sequence, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Readings in memory, by datastream.
#[derive(Debug, Default)]
pub struct Hot {
    series: Vec<Series>,
    /// Versions that a newer one replaced, until their day is sealed.
    superseded: HashMap<DatastreamId, Vec<Version>>,
    /// Current versions of sealed days, brought back to know duplicates.
    recalled: HashMap<(DatastreamId, i32), Vec<Version>>,
    recalled_readings: usize,
    /// Rows in the log by UTC day of the reading.
    days: BTreeMap<i32, u64>,
}

/// One datastream: its readings ascending by time.
#[derive(Debug, Default)]
struct Series {
    versions: Vec<Version>,
    extent: Option<Extent>,
}

/// The oldest instant and the newest reading of a datastream, sealed ones included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The oldest instant.
    pub first: Timestamp,
    /// The newest reading.
    pub latest: Reading,
}

/// A reading without the name of its datastream: 32 bytes, so that a late one moves little memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Version {
    pub time: Timestamp,
    value: f64,
    pub sequence: Sequence,
    pub flag: Flag,
}

impl Version {
    /// The value, unless it is a gap.
    pub fn value(self) -> Option<f64> {
        (self.flag.quality() != Quality::Missing).then_some(self.value)
    }

    /// As a reading of a datastream.
    pub fn of(self, datastream: DatastreamId) -> Reading {
        let Self { time, sequence, flag, .. } = self;
        Reading { datastream, time, value: self.value(), flag, sequence }
    }
}

impl From<&Reading> for Version {
    fn from(reading: &Reading) -> Self {
        Self {
            time: reading.time,
            value: reading.value.unwrap_or(0.0),
            sequence: reading.sequence,
            flag: reading.flag,
        }
    }
}

impl Hot {
    /// The current version of a reading, if it is in memory: hot, or recalled from a sealed day.
    pub fn current(&self, datastream: DatastreamId, time: Timestamp) -> Option<Reading> {
        let hot = self.series(datastream).and_then(|series| series.at(time));
        let version = match hot {
            Some(version) => version,
            None if self.recalled.is_empty() => return None,
            None => {
                let rows = self.recalled.get(&(datastream, time.utc_day()))?;
                rows[rows.binary_search_by_key(&time, |row| row.time).ok()?]
            }
        };
        Some(version.of(datastream))
    }

    /// The current versions at `count` instants, `step_ms` apart from `from` on: one search instead of
    /// one for each instant.
    pub fn steps(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        step_ms: i64,
        count: usize,
    ) -> Vec<Option<Reading>> {
        let to = from + step_ms * count as i64;
        let mut found = vec![None; count];
        let mut put = |rows: &[Version]| {
            let start = rows.partition_point(|row| row.time < from);
            for row in rows[start..].iter().take_while(|row| row.time < to) {
                let offset = row.time - from;
                if offset % step_ms == 0 {
                    found[(offset / step_ms) as usize] = Some(row.of(datastream));
                }
            }
        };
        if !self.recalled.is_empty() {
            for day in from.utc_day()..=to.utc_day() {
                if let Some(rows) = self.recalled.get(&(datastream, day)) {
                    put(rows);
                }
            }
        }
        if let Some(series) = self.series(datastream) {
            put(&series.versions);
        }
        found
    }

    /// The newest reading of a datastream, sealed or not.
    pub fn latest(&self, datastream: DatastreamId) -> Option<Reading> {
        Some(self.extent(datastream)?.latest)
    }

    /// The oldest instant and the newest reading of a datastream, sealed or not.
    pub fn extent(&self, datastream: DatastreamId) -> Option<Extent> {
        self.series(datastream)?.extent
    }

    /// UTC days with readings in the log, and how many rows each has.
    pub fn days(&self) -> &BTreeMap<i32, u64> {
        &self.days
    }

    /// How many readings of the log are in memory.
    pub fn readings(&self) -> u64 {
        self.series.iter().map(|series| series.versions.len() as u64).sum()
    }

    /// Adds readings of one UTC day, in the order of the log.
    pub(crate) fn apply(&mut self, day: i32, readings: &[Reading]) {
        *self.days.entry(day).or_default() += readings.len() as u64;
        for reading in readings {
            let series = self.series_mut(reading.datastream);
            series.extend_to(*reading);
            if let Some(replaced) = series.put(Version::from(reading)) {
                self.superseded.entry(reading.datastream).or_default().push(replaced);
            }
        }
    }

    /// Notes what a datastream had in sealed days.
    pub(crate) fn set_extent(&mut self, first: Timestamp, latest: Reading) {
        let series = self.series_mut(latest.datastream);
        series.extend_to(Reading { time: first, ..latest });
        series.extend_to(latest);
    }

    /// Copies what is current in `from..to`.
    pub(crate) fn range(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
        out: &mut Vec<Version>,
    ) {
        if let Some(series) = self.series(datastream) {
            let versions = &series.versions;
            let start = versions.partition_point(|version| version.time < from);
            let end = versions.partition_point(|version| version.time < to);
            out.extend_from_slice(versions.get(start..end).unwrap_or_default());
        }
    }

    /// Copies what was replaced in `from..to` and is not sealed yet.
    pub(crate) fn replaced(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
        out: &mut Vec<Version>,
    ) {
        let replaced = self.superseded.get(&datastream).map_or(&[][..], Vec::as_slice);
        out.extend(replaced.iter().filter(|version| from <= version.time && version.time < to));
    }

    /// Every version of one instant that is in memory from the log, oldest first.
    pub(crate) fn versions(&self, datastream: DatastreamId, time: Timestamp) -> Vec<Version> {
        let replaced = self.superseded.get(&datastream).map_or(&[][..], Vec::as_slice);
        let mut versions: Vec<_> =
            replaced.iter().filter(|version| version.time == time).copied().collect();
        versions.extend(self.series(datastream).and_then(|series| series.at(time)));
        versions.sort_by_key(|version| version.sequence);
        versions
    }

    /// Whether a sealed day of a datastream was brought back.
    pub(crate) fn is_recalled(&self, datastream: DatastreamId, day: i32) -> bool {
        self.recalled.contains_key(&(datastream, day))
    }

    /// Brings sealed rows back. When there would be more than `max`, everything goes that is not in
    /// `wanted`; what is wanted stays, however much it is.
    pub(crate) fn recall(
        &mut self,
        rows: HashMap<(DatastreamId, i32), Vec<Version>>,
        wanted: &[(DatastreamId, i32)],
        max: usize,
    ) {
        self.recalled_readings += rows.values().map(Vec::len).sum::<usize>();
        self.recalled.extend(rows);
        if self.recalled_readings > max {
            let wanted: HashSet<_> = wanted.iter().copied().collect();
            self.recalled.retain(|recalled, _| wanted.contains(recalled));
            self.recalled_readings = self.recalled.values().map(Vec::len).sum();
        }
    }

    /// Lets a sealed day go: everything of it up to `sequence_last`; `left` rows of it stay in the log.
    pub(crate) fn release(&mut self, day: i32, sequence_last: Sequence, left: u64) {
        let is_sealed =
            |version: &Version| version.time.utc_day() == day && version.sequence <= sequence_last;
        for series in &mut self.series {
            series.release(day, is_sealed);
        }
        self.superseded.retain(|_, versions| {
            versions.retain(|version| !is_sealed(version));
            !versions.is_empty()
        });
        self.recalled.retain(|(_, recalled_day), _| *recalled_day != day);
        self.recalled_readings = self.recalled.values().map(Vec::len).sum();
        if left == 0 {
            self.days.remove(&day);
        } else {
            self.days.insert(day, left);
        }
    }

    fn series(&self, datastream: DatastreamId) -> Option<&Series> {
        self.series.get(usize::try_from(datastream.0).ok()?)
    }

    fn series_mut(&mut self, datastream: DatastreamId) -> &mut Series {
        let place = datastream.0 as usize;
        if place >= self.series.len() {
            self.series.resize_with(place + 1, Series::default);
        }
        &mut self.series[place]
    }
}

impl Series {
    fn at(&self, time: Timestamp) -> Option<Version> {
        let newest = self.versions.last()?;
        if time >= newest.time {
            return (time == newest.time).then_some(*newest);
        }
        let place = self.versions.binary_search_by_key(&time, |version| version.time).ok()?;
        Some(self.versions[place])
    }

    /// Puts a version in its place; gives the one that is not current any more.
    fn put(&mut self, new: Version) -> Option<Version> {
        if self.versions.last().is_none_or(|newest| newest.time < new.time) {
            self.versions.push(new);
            return None;
        }
        match self.versions.binary_search_by_key(&new.time, |version| version.time) {
            Err(place) => {
                self.versions.insert(place, new);
                None
            }
            Ok(place) if new.sequence < self.versions[place].sequence => Some(new),
            Ok(place) => Some(std::mem::replace(&mut self.versions[place], new)),
        }
    }

    fn extend_to(&mut self, reading: Reading) {
        let extent = self.extent.get_or_insert(Extent { first: reading.time, latest: reading });
        extent.first = extent.first.min(reading.time);
        if (reading.time, reading.sequence) >= (extent.latest.time, extent.latest.sequence) {
            extent.latest = reading;
        }
    }

    fn release(&mut self, day: i32, is_sealed: impl Fn(&Version) -> bool) {
        let from = Timestamp::from_utc_day(day);
        let start = self.versions.partition_point(|version| version.time < from);
        let end = self.versions.partition_point(|version| version.time < from + DAY_MS);
        if start == end {
            return;
        }
        let kept: Vec<_> = self.versions[start..end]
            .iter()
            .filter(|version| !is_sealed(version))
            .copied()
            .collect();
        self.versions.splice(start..end, kept);
        if self.versions.capacity() > 4 * self.versions.len() {
            self.versions.shrink_to(self.versions.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(time: i64, value: f64, sequence: u64) -> Reading {
        Reading {
            datastream: DatastreamId(3),
            time: Timestamp::from_ms(time),
            value: Some(value),
            flag: Flag::new(Quality::Good, None),
            sequence: Sequence(sequence),
        }
    }

    fn times(hot: &Hot) -> Vec<i64> {
        let mut out = vec![];
        hot.range(DatastreamId(3), Timestamp::MIN, Timestamp::MAX, &mut out);
        out.iter().map(|version| version.time.as_ms()).collect()
    }

    #[test]
    fn readings_stand_in_the_order_of_their_time_however_they_come() {
        let mut hot = Hot::default();
        hot.apply(0, &[reading(30, 1.0, 1), reading(10, 2.0, 2), reading(20, 3.0, 3)]);
        assert_eq!(times(&hot), [10, 20, 30]);
        assert_eq!(hot.latest(DatastreamId(3)).unwrap().value, Some(1.0));
        assert_eq!(hot.extent(DatastreamId(3)).unwrap().first.as_ms(), 10);
        assert_eq!(hot.latest(DatastreamId(0)), None);
        assert_eq!(hot.latest(DatastreamId(-1)), None);
    }

    #[test]
    fn the_highest_sequence_is_current_and_the_others_are_kept() {
        let mut hot = Hot::default();
        hot.apply(0, &[reading(10, 1.0, 5), reading(10, 2.0, 7), reading(10, 3.0, 6)]);
        let current = hot.current(DatastreamId(3), Timestamp::from_ms(10)).unwrap();
        assert_eq!((current.value, current.sequence), (Some(2.0), Sequence(7)));
        let all: Vec<_> = hot
            .versions(DatastreamId(3), Timestamp::from_ms(10))
            .iter()
            .map(|version| version.sequence.0)
            .collect();
        assert_eq!(all, [5, 6, 7]);
        assert_eq!(hot.latest(DatastreamId(3)).unwrap().sequence, Sequence(7));
    }

    #[test]
    fn a_released_day_leaves_what_came_after_the_seal_and_the_latest() {
        let mut hot = Hot::default();
        hot.apply(0, &[reading(10, 1.0, 1), reading(20, 1.0, 2), reading(20, 2.0, 9)]);
        hot.apply(1, &[reading(DAY_MS, 1.0, 3)]);
        hot.release(0, Sequence(8), 1);
        assert_eq!(times(&hot), [20, DAY_MS]);
        assert_eq!(
            hot.days().iter().map(|(day, rows)| (*day, *rows)).collect::<Vec<_>>(),
            [(0, 1), (1, 1)]
        );
        hot.release(1, Sequence(8), 0);
        assert_eq!(times(&hot), [20]);
        assert_eq!(hot.latest(DatastreamId(3)).unwrap().time.as_ms(), DAY_MS);
    }
}
