//! The effect of a measure between two dates, and of none at other dates.

use super::day::{Day, School, days};
use super::{DAYS_MIN, NoEffect};
use crate::forecast::Series;
use crate::plot::{Civil, quantile};
use serde::Serialize;

/// What came of a measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Days of the measure with a value and a weather.
    pub days: Vec<EffectDay>,
    /// Mean of what was measured.
    pub measured: f64,
    /// Mean of what the same days' weather would have brought without the measure.
    pub expected: f64,
    /// 100 · (measured / expected − 1).
    pub percent: f64,
    /// Its 90 % interval, from the placebos.
    pub interval: [f64; 2],
    /// Share of placebos, the measure counted with them, at least as far from nothing.
    pub p: f64,
    /// Dates at which nothing happened.
    pub placebos: Vec<Placebo>,
    /// Days that were learned from.
    pub learned_from: usize,
}

/// One day of the measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EffectDay {
    /// The civil day.
    pub at: Civil,
    /// Its mean.
    pub measured: f64,
    /// What would have been expected.
    pub expected: f64,
}

/// The same question at a date at which nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Placebo {
    /// Its first day.
    pub at: Civil,
    /// 100 · (measured / expected − 1).
    pub percent: f64,
}

/// Fewest days of a measure.
const MEASURE_MIN: usize = 3;
/// Fewest placebos, and the most that are asked.
const PLACEBOS: (usize, usize) = (10, 40);
/// Days on both sides that neither teach nor are asked: the air of a day is partly that of the day before.
const ASIDE: i32 = 3;

/// The effect of a measure from one civil day to another, both included.
///
/// The days outside are taken to be without it: for a measure that lasts, let the last day be the end of the series.
///
/// # Errors
/// When there are too few days in or outside the measure, or too few dates for placebos.
pub fn effect(
    series: Series<'_>,
    first: Civil,
    last: Civil,
    seed: u64,
) -> Result<Effect, NoEffect> {
    let (first, last) = (first.day_number(), last.day_number());
    if last < first {
        return Err(NoEffect::Window);
    }
    let days = days(series);
    let within =
        |from: i32, until: i32| days.iter().filter(move |day| (from..=until).contains(&day.number));
    let have = within(first, last).count();
    if have < MEASURE_MIN {
        return Err(NoEffect::TooShort { have, need: MEASURE_MIN });
    }
    let outside = days.len() - within(first - ASIDE, last + ASIDE).count();
    if outside < DAYS_MIN {
        return Err(NoEffect::TooFewDays { have: outside, need: DAYS_MIN });
    }
    let school = School::of(&days);
    let starts = placebo_starts(&days, first, last, have);
    if starts.len() < PLACEBOS.0 {
        return Err(NoEffect::TooFewPlacebos { have: starts.len(), need: PLACEBOS.0 });
    }
    let ask = |from: i32, until: i32| {
        let (taught_by, taught) = school.teach_outside(from - ASIDE, until + ASIDE, seed);
        let told: Vec<EffectDay> = within(from, until)
            .map(|day| EffectDay {
                at: Civil { hour: 0, ..day.at },
                measured: day.value,
                expected: taught.expect(day, day),
            })
            .collect();
        (taught_by, told)
    };
    let (learned_from, told) = ask(first, last);
    let (measured, expected, ratio) = ratio(&told);
    let placebos: Vec<Placebo> = starts
        .iter()
        .filter_map(|start| {
            let (_, told) = ask(*start, start + last - first);
            let at = told.first()?.at;
            Some(Placebo { at, percent: percent(self::ratio(&told).2) })
        })
        .collect();
    let mut errors: Vec<f64> =
        placebos.iter().map(|placebo| (1.0 + placebo.percent / 100.0).max(1e-6).ln()).collect();
    errors.sort_unstable_by(f64::total_cmp);
    let as_far = errors.iter().filter(|error| error.abs() >= ratio.abs()).count();
    let edge = |share| percent(ratio - quantile(&errors, share).unwrap_or(0.0));
    Ok(Effect {
        days: told,
        measured,
        expected,
        percent: percent(ratio),
        interval: [edge(0.95), edge(0.05)],
        p: (1 + as_far) as f64 / (1 + errors.len()) as f64,
        placebos,
        learned_from,
    })
}

fn percent(ratio: f64) -> f64 {
    100.0 * (ratio.exp() - 1.0)
}

/// Mean of measured and of expected, and the logarithm of their ratio.
fn ratio(days: &[EffectDay]) -> (f64, f64, f64) {
    let count = days.len().max(1) as f64;
    let measured = days.iter().map(|day| day.measured).sum::<f64>() / count;
    let expected = days.iter().map(|day| day.expected).sum::<f64>() / count;
    (measured, expected, (measured.max(1e-9) / expected.max(1e-9)).ln())
}

/// First days of windows as long as the measure, as well measured, apart from it and spread evenly.
fn placebo_starts(days: &[Day], first: i32, last: i32, have: usize) -> Vec<i32> {
    let length = last - first + 1;
    let (Some(begin), Some(end)) = (days.first(), days.last()) else { return Vec::new() };
    let numbers: Vec<i32> = days.iter().map(|day| day.number).collect();
    let is_apart = |start: &i32| start + length + ASIDE <= first || *start > last + ASIDE;
    let is_measured = |start: &i32| {
        let of = |number: i32| numbers.partition_point(|day| *day < number);
        (of(start + length) - of(*start)) * 5 >= have * 4
    };
    // Half overlapping windows say little more than apart ones, and a long measure leaves few.
    let step = (length / 2).max(1);
    let starts = (begin.number..=end.number - length + 1).step_by(step as usize);
    let starts: Vec<i32> = starts.filter(is_apart).filter(is_measured).collect();
    let every = starts.len().div_ceil(PLACEBOS.1).max(1);
    starts.into_iter().step_by(every).collect()
}
