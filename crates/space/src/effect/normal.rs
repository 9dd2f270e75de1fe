//! The weather-normalised trend: each day as it would be on average over the weathers of its season.

use super::day::{Day, School, days};
use super::{DAYS_MIN, NoEffect};
use crate::chance::Chance;
use crate::forecast::Series;
use crate::plot::{Interval, quantile, theil_sen};
use serde::Serialize;
use std::collections::BTreeMap;

/// A series without its weather.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Normalised {
    /// Months, ascending.
    pub months: Vec<NormalMonth>,
    /// Theil–Sen slope of the monthly normalised means, units a year, with the 90 % interval of the refits.
    pub slope: Interval,
    /// The same of the measured means; no interval is claimed for it here.
    pub measured_slope: f64,
    /// Days that were learned from.
    pub learned_from: usize,
    /// Weathers drawn for each day.
    pub weathers: usize,
    /// Times that the trees were taught anew on blocks drawn from the days.
    pub refits: usize,
}

/// One month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NormalMonth {
    /// Year.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// Days in it.
    pub days: usize,
    /// Mean of the days as measured.
    pub measured: f64,
    /// Mean of the days normalised.
    pub normalised: f64,
    /// 5 % of the refits.
    pub lower: f64,
    /// 95 % of the refits.
    pub upper: f64,
}

const WEATHERS: usize = 60;
const REFITS: usize = 20;
/// Days to both sides in the year from which a weather is drawn.
const SEASON_DAYS: i32 = 15;
/// Days of a block of the refits: weather lasts.
const BLOCK_DAYS: usize = 10;
/// Fewest months of a slope.
const MONTHS_MIN: usize = 6;

/// The trend with the weather taken out.
///
/// # Errors
/// When fewer than 180 days, or days of fewer than six months, have a value and a weather.
pub fn normalised(series: Series<'_>, seed: u64) -> Result<Normalised, NoEffect> {
    let days = days(series);
    let too_few = NoEffect::TooFewDays { have: days.len(), need: DAYS_MIN };
    let months = months(&days);
    if days.len() < DAYS_MIN || months.len() < MONTHS_MIN {
        return Err(too_few);
    }
    let school = School::of(&days);
    let mut chance = Chance::new(seed);
    let drawn = draw(&days, &mut chance);
    let means = |taken: &[u32]| -> Vec<f64> {
        let taught = school.teach(taken, seed);
        let normal: Vec<f64> = days
            .iter()
            .zip(&drawn)
            .map(|(day, drawn)| {
                let all = drawn.iter().map(|other| taught.expect(day, &days[*other as usize]));
                all.sum::<f64>() / drawn.len().max(1) as f64
            })
            .collect();
        months.values().map(|own| mean(own.iter().map(|at| normal[*at]))).collect()
    };
    let all: Vec<u32> = (0..school.rows() as u32).collect();
    let centre = means(&all);
    let refits: Vec<Vec<f64>> =
        (0..REFITS).map(|_| means(&blocks(days.len(), &mut chance))).collect();
    let slope = |means: &[f64]| {
        let points: Vec<(f64, f64)> = months
            .keys()
            .map(|(year, month)| f64::from(*year) + f64::from(*month - 1) / 12.0)
            .zip(means.iter().copied())
            .collect();
        theil_sen(&points).unwrap_or(0.0)
    };
    let slopes = sorted(refits.iter().map(|means| slope(means)));
    let edge = |sorted: &[f64], share, or: f64| quantile(sorted, share).unwrap_or(or);
    let value = slope(&centre);
    let measured: Vec<f64> =
        months.values().map(|own| mean(own.iter().map(|at| days[*at].value))).collect();
    let told = months.iter().enumerate().map(|(at, ((year, month), own))| {
        let spread = sorted(refits.iter().map(|means| means[at]));
        NormalMonth {
            year: *year,
            month: *month,
            days: own.len(),
            measured: measured[at],
            normalised: centre[at],
            lower: edge(&spread, 0.05, centre[at]),
            upper: edge(&spread, 0.95, centre[at]),
        }
    });
    Ok(Normalised {
        months: told.collect(),
        slope: Interval {
            value,
            lower: edge(&slopes, 0.05, value),
            upper: edge(&slopes, 0.95, value),
        },
        measured_slope: slope(&measured),
        learned_from: days.len(),
        weathers: WEATHERS,
        refits: REFITS,
    })
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Days of each month, by their numbers.
fn months(days: &[Day]) -> BTreeMap<(i16, u8), Vec<usize>> {
    let mut months: BTreeMap<(i16, u8), Vec<usize>> = BTreeMap::new();
    for (at, day) in days.iter().enumerate() {
        months.entry((day.at.year, day.at.month)).or_default().push(at);
    }
    months
}

/// For each day, days whose weather it is given: any year, about the same date.
fn draw(days: &[Day], chance: &mut Chance) -> Vec<Vec<u32>> {
    let of_year = |day: &Day| (day.at.year_share() * 366.0).round() as i32;
    let near = |a: i32, b: i32| {
        let apart = (a - b).rem_euclid(366);
        apart.min(366 - apart) <= SEASON_DAYS
    };
    days.iter()
        .map(|day| {
            let here = of_year(day);
            let pool: Vec<u32> = days
                .iter()
                .enumerate()
                .filter(|(_, other)| near(of_year(other), here))
                .map(|(at, _)| at as u32)
                .collect();
            (0..WEATHERS).map(|_| pool[chance.below(pool.len())]).collect()
        })
        .collect()
}

/// Days drawn in blocks, as many as there are.
fn blocks(count: usize, chance: &mut Chance) -> Vec<u32> {
    let mut taken = Vec::with_capacity(count + BLOCK_DAYS);
    while taken.len() < count {
        let first = chance.below(count);
        taken.extend((first..first + BLOCK_DAYS).map(|at| (at % count) as u32));
    }
    taken.truncate(count);
    taken
}
