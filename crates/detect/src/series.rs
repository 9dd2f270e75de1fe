//! A watched series: its newest samples, and what it stands beside.

use crate::life::Life;
use crate::quality::{self, Bounds, Test};
use model::{
    DatastreamId, DeviceId, Flag, Period, PlaceId, PlaceKind, Quality, Statistic, Timestamp,
};
use std::sync::Arc;

/// A sample as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The start of its period.
    pub time: Timestamp,
    /// The value; not a number when it is missing.
    pub value: f64,
    /// As it was stored.
    pub flag: Flag,
    /// How many values in a row before it were the same.
    pub equal_before: u16,
    /// The level after the tests.
    pub level: Quality,
    /// The test that gave the level.
    pub test: Option<Test>,
}

impl Sample {
    /// From a value as it came.
    pub fn new(time: Timestamp, value: Option<f64>, flag: Flag) -> Self {
        let (value, flag) = match value.filter(|value| value.is_finite()) {
            Some(value) => (value, flag),
            None => (f64::NAN, flag.with_quality(Quality::Missing)),
        };
        Self { time, value, flag, equal_before: 0, level: flag.quality(), test: None }
    }

    /// Samples of a stretch of a series, with their rows of equal values counted.
    pub fn row(rows: &[(Timestamp, Option<f64>, Flag)]) -> Vec<Self> {
        let mut run = Run::NONE;
        let sample = |(time, value, flag): &(Timestamp, Option<f64>, Flag)| {
            let mut sample = Self::new(*time, *value, *flag);
            run.take(&sample);
            let before = if sample.is_missing() { 0 } else { run.count - 1 };
            sample.equal_before = u16::try_from(before).unwrap_or(u16::MAX);
            sample
        };
        rows.iter().map(sample).collect()
    }

    /// Whether there is no value.
    pub fn is_missing(&self) -> bool {
        self.value.is_nan()
    }

    /// Its value, when rules may look at it: no test speaks against it.
    pub fn good(&self) -> Option<f64> {
        (self.level == Quality::Good).then_some(self.value)
    }
}

/// A row of equal values; what is missing between them neither counts nor ends it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// The value.
    pub value: f64,
    /// The first time.
    pub since: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// How many.
    pub count: u32,
}

impl Run {
    /// No value yet.
    pub const NONE: Self =
        Self { value: f64::NAN, since: Timestamp::MIN, last: Timestamp::MIN, count: 0 };

    /// Goes on with a sample.
    fn take(&mut self, sample: &Sample) {
        if sample.is_missing() {
            return;
        }
        if self.count > 0 && sample.value.to_bits() == self.value.to_bits() {
            self.count = self.count.saturating_add(1);
            self.last = sample.time;
        } else {
            *self = Self { value: sample.value, since: sample.time, last: sample.time, count: 1 };
        }
    }
}

/// Where something is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Its number.
    pub id: PlaceId,
    /// Its key.
    pub key: String,
    /// Its names.
    pub name: crate::Text,
    /// What it is.
    pub kind: PlaceKind,
    /// Longitude and latitude, degrees on WGS 84.
    pub spot: [f64; 2],
    /// The water classes it has to reach, from which day on (`YYYY-MM-DD`), oldest first.
    pub targets: Vec<(String, String)>,
    /// Whether its readings are made up.
    pub is_simulated: bool,
}

/// A series that is to be watched.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its number.
    pub datastream: DatastreamId,
    /// Where it is measured.
    pub site: Arc<Site>,
    /// By which device; none when it is derived.
    pub device: Option<DeviceId>,
    /// What is measured: key, symbol for people, unit.
    pub parameter: Arc<str>,
    /// As people write it.
    pub symbol: Arc<str>,
    /// The unit.
    pub unit: Arc<str>,
    /// What a value says about its period.
    pub statistic: Statistic,
    /// The period.
    pub period: Period,
    /// The place upstream of it on the same water.
    pub upstream: Option<PlaceId>,
}

/// A sample that came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fed {
    /// Of which series.
    pub datastream: DatastreamId,
    /// The start of its period.
    pub time: Timestamp,
    /// The value.
    pub value: Option<f64>,
    /// As it was stored.
    pub flag: Flag,
}

/// Bounds of what is remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Samples of a series that a rule may look back at.
    pub context: usize,
    /// Samples of a series within which the order of their coming does not matter.
    pub late: usize,
    /// How old a sample may be that is judged at all, ms.
    pub back_ms: i64,
    /// Neighbours of a series.
    pub neighbours: usize,
    /// How far a neighbour may be, m.
    pub reach_m: f64,
    /// How far those may be that are looked at where there are no three within reach, m.
    pub far_m: f64,
    /// How long nothing is judged before what is raised is given up, ms.
    pub forget_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            context: 24,
            late: 12,
            back_ms: 9 * model::DAY_MS,
            neighbours: 6,
            reach_m: 5_000.0,
            far_m: 40_000.0,
            forget_ms: model::DAY_MS,
        }
    }
}

/// What one rule sees on one series.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    /// Which rule.
    pub rule: u16,
    /// The life as of the newest sample.
    pub life: Life,
    /// The life as of the last sample that no late one changes any more.
    pub settled: Life,
    /// Whether what is raised was told.
    pub is_told: bool,
}

/// One watched series.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub setup: Setup,
    pub bounds: Bounds,
    /// Newest samples, in the order of their time.
    pub samples: Vec<Sample>,
    /// How many of them no late one changes any more: `settled` lives have seen them.
    pub settled: usize,
    /// How many of them the lives have seen.
    pub seen: usize,
    /// How many of them were counted and tested.
    pub checked: usize,
    /// The row of equal values that the newest sample ends.
    pub run: Run,
    /// The same as of the last settled sample.
    pub run_settled: Run,
    pub slots: Vec<Slot>,
    /// Series of the same thing at places near by, and, where there are too few, further away: number, distance, bearing.
    pub near: Vec<(u32, f32, f32)>,
    /// How many of them are near by.
    pub near_count: usize,
    /// The wind's direction here, or at the nearest place that measures it.
    pub wind: Option<u32>,
    /// The same thing upstream.
    pub upstream: Option<u32>,
    /// PM10 beside PM2.5, of the same device and period.
    pub coarse: Option<u32>,
    /// Who looks at it, and whether with all rules or only with those that look beside.
    pub read_by: Vec<(u32, bool)>,
    /// Which parameter and targets it has, as limits of law are kept.
    pub law_row: u32,
    /// Whether the lives have to go back to what has settled, all or those that look beside.
    pub refold: bool,
    /// See `refold`.
    pub refold_beside: bool,
    /// Whether it waits to be folded.
    pub is_dirty: bool,
}

impl Series {
    pub fn new(setup: Setup) -> Self {
        let bounds = Bounds::of(&setup.parameter);
        Self {
            setup,
            bounds,
            samples: vec![],
            settled: 0,
            seen: 0,
            checked: 0,
            run: Run::NONE,
            run_settled: Run::NONE,
            slots: vec![],
            near: vec![],
            near_count: 0,
            wind: None,
            upstream: None,
            coarse: None,
            read_by: vec![],
            law_row: 0,
            refold: false,
            refold_beside: false,
            is_dirty: false,
        }
    }

    /// The time between two samples, ms.
    pub fn step_ms(&self) -> i64 {
        step_ms(self.setup.period)
    }

    /// Puts a sample in its place; says from which one on something changed, when it is not too late and says something new.
    pub fn put(&mut self, sample: Sample) -> Option<usize> {
        let is_newest = self.samples.last().is_none_or(|own| own.time < sample.time);
        if !is_newest {
            // What was counted and tested has to be counted and tested anew.
            self.checked = self.settled;
        }
        let at = self.samples.partition_point(|own| own.time < sample.time);
        if at < self.settled {
            return None;
        }
        if let Some(own) = self.samples.get_mut(at).filter(|own| own.time == sample.time) {
            if own.value.to_bits() == sample.value.to_bits() && own.flag == sample.flag {
                return None;
            }
            *own = sample;
        } else {
            // The first settled one stands for all that were before it.
            if at == 0 && self.settled > 0 {
                return None;
            }
            self.samples.insert(at, sample);
        }
        Some(at)
    }

    /// Counts equal values and tests the quality of all that were not yet.
    pub fn check(&mut self) {
        let step_ms = self.step_ms();
        if self.checked == self.settled {
            self.run = self.run_settled;
        }
        for at in self.checked..self.samples.len() {
            let sample = &mut self.samples[at];
            self.run.take(sample);
            let before = if sample.is_missing() { 0 } else { self.run.count - 1 };
            sample.equal_before = u16::try_from(before).unwrap_or(u16::MAX);
            let checked = quality::newest(&self.samples[..=at], &self.bounds, step_ms);
            let sample = &mut self.samples[at];
            sample.level = checked.level;
            sample.test = checked.origin.map(|origin| origin.test);
        }
        self.checked = self.samples.len();
    }

    /// Lets one more sample settle.
    pub fn settle_run(&mut self) {
        if let Some(sample) = self.samples.get(self.settled) {
            self.run_settled.take(sample);
        }
    }

    /// The sample of a time.
    pub fn at(&self, time: Timestamp) -> Option<&Sample> {
        // Most often the newest is asked for.
        if let Some(last) = self.samples.last()
            && last.time == time
        {
            return Some(last);
        }
        let at = self.samples.binary_search_by_key(&time, |sample| sample.time).ok()?;
        self.samples.get(at)
    }

    /// The newest sample that is not later than a time, and not older than two steps.
    pub fn about(&self, time: Timestamp) -> Option<&Sample> {
        let at = self.samples.partition_point(|sample| sample.time <= time);
        let sample = self.samples.get(at.checked_sub(1)?)?;
        (time - sample.time <= 2 * self.step_ms().max(model::HOUR_MS)).then_some(sample)
    }
}

/// The time between two samples of a period, ms: minutes are five, as devices are usually set.
pub(crate) fn step_ms(period: Period) -> i64 {
    match period {
        Period::Instant => model::MINUTE_MS,
        Period::Minutes => 5 * model::MINUTE_MS,
        Period::Hour => model::HOUR_MS,
        Period::Day => model::DAY_MS,
    }
}

/// Samples for tests, as they would be remembered.
#[cfg(test)]
pub(crate) fn samples_of(values: &[f64], step_ms: i64) -> Vec<Sample> {
    let flag = Flag::new(Quality::Good, None);
    let times = (0..).map(|at| Timestamp::from_ms(at * step_ms));
    let rows: Vec<_> = times.zip(values).map(|(time, value)| (time, Some(*value), flag)).collect();
    Sample::row(&rows)
}
