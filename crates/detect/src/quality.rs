//! Quality first: what is known of a value before any rule looks at it.
//!
//! Each test is a pure function of the samples of one series up to one of them (and of what stands beside it); it says a
//! level and why. The worst level counts. What a device marked itself is never raised, only lowered. Levels are the five
//! of QARTOD; an [`Origin`] names the test and its version, so that a changed test is a changed origin.

mod beside;
mod own;

pub use beside::{disagrees, fine_above_coarse, median};
pub use own::{
    gap, impossible_zero, marked, out_of_range, persists, rate_of_change, scatters, shifts, spike,
};

use crate::series::Sample;
use model::{Flag, Quality, Timestamp};

/// A test, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Test {
    /// The device said so: calibration, maintenance, fault, flush.
    Mark,
    /// Outside of what the instrument can measure.
    Range,
    /// One value far from both beside it.
    Spike,
    /// Changes faster than the thing measured can.
    RateOfChange,
    /// The same value again and again.
    Persistence,
    /// Values that were due did not come.
    Gap,
    /// The level shifts at once and stays.
    Step,
    /// Far from what neighbours measure.
    Neighbours,
    /// More fine dust than dust.
    FineAboveCoarse,
    /// Nothing at all, where there is always something.
    ImpossibleZero,
    /// It scatters more than the thing measured does.
    Scatter,
}

impl Test {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Mark,
        Self::Range,
        Self::Spike,
        Self::RateOfChange,
        Self::Persistence,
        Self::Gap,
        Self::Step,
        Self::Neighbours,
        Self::FineAboveCoarse,
        Self::ImpossibleZero,
        Self::Scatter,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Range => "range",
            Self::Spike => "spike",
            Self::RateOfChange => "rate_of_change",
            Self::Persistence => "persistence",
            Self::Gap => "gap",
            Self::Step => "step",
            Self::Neighbours => "neighbours",
            Self::FineAboveCoarse => "fine_above_coarse",
            Self::ImpossibleZero => "impossible_zero",
            Self::Scatter => "scatter",
        }
    }

    /// The version of its arithmetic.
    pub const fn version(self) -> u16 {
        match self {
            // Since the second, also by how many times the value is those beside it.
            Self::Spike => 2,
            _ => 1,
        }
    }
}

/// Which test in which version gave a level; none when no test had anything against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The test.
    pub test: Test,
    /// Its version.
    pub version: u16,
}

/// A level, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The level.
    pub level: Quality,
    /// The test that gave it.
    pub origin: Option<Origin>,
}

impl Checked {
    /// Nothing is against it.
    pub const GOOD: Self = Self { level: Quality::Good, origin: None };

    /// As a test says.
    pub const fn by(test: Test, level: Quality) -> Self {
        Self { level, origin: Some(Origin { test, version: test.version() }) }
    }

    /// The worse of the two; of equals the first.
    #[must_use]
    pub fn worst(self, other: Option<Self>) -> Self {
        other.filter(|other| other.level > self.level).unwrap_or(self)
    }
}

/// What the tests know of a parameter. Numbers are properties of instruments and of the thing measured, none of law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The smallest value an instrument gives.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The most that it changes in an hour beyond which it is doubtful.
    pub rate_per_h: f64,
    /// The distance from both neighbours in time beyond which one value is a spike.
    pub spike: f64,
    /// How many times both neighbours in time, or what part of them, one value is a spike; infinite: any number is fine.
    pub spike_times: f64,
    /// Which share of its level the middle of a day's values may lie off the line between those beside them; infinite: any.
    pub scatter: f64,
    /// How many equal values in a row are doubtful; 0: any number is fine.
    pub equal_max: u32,
    /// Whether nothing at all cannot be.
    pub never_zero: bool,
}

impl Bounds {
    /// Nothing is known.
    pub const NONE: Self = Self {
        min: f64::NEG_INFINITY,
        max: f64::INFINITY,
        rate_per_h: f64::INFINITY,
        spike: f64::INFINITY,
        spike_times: f64::INFINITY,
        scatter: f64::INFINITY,
        equal_max: 0,
        never_zero: false,
    };

    /// Those of a parameter, by its key.
    pub fn of(parameter: &str) -> Self {
        let own = BOUNDS.iter().find(|(key, ..)| *key == parameter);
        let own = own.map_or(Self::NONE, |(_, bounds)| *bounds);
        let of_level = OF_LEVEL.iter().find(|(key, ..)| *key == parameter);
        of_level.map_or(own, |(_, spike_times, scatter)| Self {
            spike_times: *spike_times,
            scatter: *scatter,
            ..own
        })
    }
}

const fn bounds(
    min: f64,
    max: f64,
    rate_per_h: f64,
    spike: f64,
    equal_max: u32,
    never_zero: bool,
) -> Bounds {
    let (spike_times, scatter) = (f64::INFINITY, f64::INFINITY);
    Bounds { min, max, rate_per_h, spike, spike_times, scatter, equal_max, never_zero }
}

/// Air in µg/m³ (CO mg/m³), water in mg/L (pH 1, turbidity NTU, conductivity µS/cm, temperature °C). Ranges are those of
/// usual instruments; rates and spikes are wide, for they only mark what hardly can be.
const BOUNDS: [(&str, Bounds); 17] = [
    ("pm25", bounds(0.0, 1_500.0, 500.0, 300.0, 24, true)),
    ("pm10", bounds(0.0, 5_000.0, 2_000.0, 1_000.0, 24, true)),
    ("tsp", bounds(0.0, 10_000.0, 5_000.0, 3_000.0, 24, true)),
    ("so2", bounds(0.0, 2_600.0, 800.0, 500.0, 72, false)),
    ("no2", bounds(0.0, 2_000.0, 300.0, 200.0, 24, true)),
    ("co", bounds(0.0, 100.0, 20.0, 15.0, 48, true)),
    ("o3", bounds(0.0, 1_200.0, 300.0, 200.0, 36, false)),
    ("ph", bounds(0.0, 14.0, 3.0, 2.0, 0, true)),
    ("do", bounds(0.0, 20.0, 8.0, 5.0, 48, false)),
    ("turbidity", bounds(0.0, 4_000.0, 3_000.0, 1_000.0, 48, true)),
    ("conductivity", bounds(1.0, 50_000.0, 5_000.0, 2_000.0, 48, true)),
    ("water_temp", bounds(-1.0, 45.0, 6.0, 4.0, 0, false)),
    ("nh3n", bounds(0.0, 300.0, 50.0, 30.0, 48, false)),
    ("codmn", bounds(0.0, 200.0, 50.0, 30.0, 24, true)),
    ("tp", bounds(0.0, 50.0, 10.0, 6.0, 48, false)),
    ("tn", bounds(0.0, 200.0, 50.0, 30.0, 24, true)),
    ("cod", bounds(0.0, 1_000.0, 300.0, 200.0, 24, true)),
];

/// Of what keeps its shape over orders of size, shares of its own level: how many times both neighbours a spike is, how much it
/// scatters. Chosen on the first part of a year of a real creek, docs/detection.md.
const OF_LEVEL: [(&str, f64, f64); 1] = [("turbidity", 2.5, 0.1)];

/// The level of the newest of `samples`, by all tests of its own series that need no later value. `samples` are in the order of their
/// time; `step_ms` is the time between two.
pub fn newest(samples: &[Sample], bounds: &Bounds, step_ms: i64) -> Checked {
    let Some(own) = samples.last() else { return Checked::by(Test::Gap, Quality::Missing) };
    let checked = marked(own);
    if checked.level == Quality::Missing {
        return checked;
    }
    checked
        .worst(out_of_range(own, bounds))
        .worst(impossible_zero(samples, bounds))
        .worst(persists(samples, bounds))
        .worst(rate_of_change(samples, bounds, step_ms))
}

/// The level of each sample of a series, with all tests of its own, also those that need what came later.
pub fn all(samples: &[Sample], bounds: &Bounds, step_ms: i64) -> Vec<Checked> {
    (0..samples.len())
        .map(|at| {
            newest(&samples[..=at], bounds, step_ms)
                .worst(spike(samples, at, bounds))
                .worst(shifts(samples, at, bounds))
                .worst(gap(samples, at, step_ms))
                .worst(scatters(samples, at, bounds))
        })
        .collect()
}

/// A value of a series, with what all tests of its own say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    /// The start of its period.
    pub time: Timestamp,
    /// The value; none when it is missing.
    pub value: Option<f64>,
    /// The level, and where it comes from.
    pub checked: Checked,
}

/// A stretch of a series as it was stored, in the order of its time.
pub type Rows = [(Timestamp, Option<f64>, Flag)];

/// Compares a tested stretch with what neighbours measured at the same times; of theirs only good values count.
pub fn against(tested: &mut [Tested], neighbours: &[&Rows]) {
    for own in tested {
        let Some(value) = own.value else { continue };
        let at = |rows: &&&Rows| {
            let at = rows.binary_search_by_key(&own.time, |row| row.0).ok()?;
            rows[at].1.filter(|_| rows[at].2.quality() == Quality::Good)
        };
        let mut beside: Vec<f64> = neighbours.iter().filter_map(|rows| at(&rows)).collect();
        own.checked = own.checked.worst(disagrees(value, &mut beside));
    }
}

/// Tests a stretch of a series, in the order of its time.
pub fn tested(rows: &Rows, bounds: &Bounds, step_ms: i64) -> Vec<Tested> {
    let samples = Sample::row(rows);
    let checked = all(&samples, bounds, step_ms);
    let rows = rows.iter().zip(checked);
    rows.map(|((time, value, _), checked)| Tested { time: *time, value: *value, checked }).collect()
}
