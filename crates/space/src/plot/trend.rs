//! The trend of monthly means: Theil–Sen's slope with an interval from blocks, the season taken out first.
//!
//! As openair's `TheilSen` with `autocor = TRUE`: monthly means of whatever hours there are, [STL](super::season), the median of
//! the slopes of all pairs of months (dates in days, a year of 365), blocks of n^⅓ months drawn with their dates around
//! the circle, 600 times; p from the share of slopes on the other side of nothing. Different on purpose: months without a mean are drawn by straight line for
//! the season only and take no part in the slope; the blocks are always on, since months are not independent; the seed is stated.

use super::civil::month_start;
use super::quantile::{Moments, quantile};
use super::season::deseasonalised;
use super::{NoPlot, Row, Settings};
use crate::chance::Chance;
use serde::Serialize;

/// A slope and how sure it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// Months, ascending, gaps included.
    pub months: Vec<TrendMonth>,
    /// Slope, units a year.
    pub slope: Interval,
    /// Value of the line at the first month.
    pub start: f64,
    /// Value of the line at the last month.
    pub end: f64,
    /// Change a year in % of the line's value at the first month.
    pub percent: Option<f64>,
    /// How likely such a slope is when there is none.
    pub p: f64,
    /// Whether the season was taken out (needs more than two years).
    pub is_deseasonalised: bool,
    /// Months of a block of the bootstrap.
    pub block: usize,
    /// What the bootstrap began from.
    pub seed: u64,
}

/// A value with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The value.
    pub value: f64,
    /// 2.5 %.
    pub lower: f64,
    /// 97.5 %.
    pub upper: f64,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrendMonth {
    /// Year.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
    /// Hours with a value.
    pub hours: usize,
    /// Their mean.
    pub mean: Option<f64>,
    /// The mean without the season.
    pub plain: Option<f64>,
}

const MONTHS_MIN: usize = 6;
const DAYS_A_YEAR: f64 = 365.0;

pub(super) fn trend(rows: &[Row], settings: &Settings) -> Result<Trend, NoPlot> {
    let months = monthly(rows);
    let have = months.iter().filter(|(_, month)| month.count > 0).count();
    if have < MONTHS_MIN {
        return Err(NoPlot::TooFewMonths { have, need: MONTHS_MIN });
    }
    let is_deseasonalised = settings.deseason && months.len() > 24;
    let filled = filled(&months);
    let plain = if is_deseasonalised { deseasonalised(&filled) } else { filled };
    let points: Vec<(f64, f64)> = months
        .iter()
        .zip(&plain)
        .filter(|((_, month), _)| month.count > 0)
        .map(|((number, _), value)| (f64::from(month_start(*number)), *value))
        .collect();
    let (slope, start_value) = line(&points);
    let block = ((points.len() as f64).cbrt().round() as usize).max(1);
    let mut slopes = bootstrap(&points, block, settings);
    slopes.sort_unstable_by(f64::total_cmp);
    let at = |share| DAYS_A_YEAR * quantile(&slopes, share).unwrap_or(slope);
    let other_side = |is: fn(f64) -> bool| slopes.iter().filter(|slope| is(**slope)).count();
    let least = other_side(|s| s <= 0.0).min(other_side(|s| s >= 0.0));
    let days = points[points.len() - 1].0 - points[0].0;
    let yearly = slope * DAYS_A_YEAR;
    Ok(Trend {
        slope: Interval { value: yearly, lower: at(0.025), upper: at(0.975) },
        start: start_value,
        end: start_value + slope * days,
        percent: (start_value > 0.0).then(|| 100.0 * yearly / start_value),
        p: (2.0 * least as f64 / slopes.len() as f64).min(1.0),
        is_deseasonalised,
        block,
        seed: settings.seed,
        months: told(&months, &plain),
    })
}

fn told(months: &[(i32, Moments)], plain: &[f64]) -> Vec<TrendMonth> {
    let month = |((number, month), plain): (&(i32, Moments), &f64)| TrendMonth {
        year: number.div_euclid(12),
        month: number.rem_euclid(12) + 1,
        hours: month.count,
        mean: month.mean(),
        plain: month.mean().map(|_| *plain),
    };
    months.iter().zip(plain).map(month).collect()
}

/// Months from the first to the last with a value.
fn monthly(rows: &[Row]) -> Vec<(i32, Moments)> {
    let valued = || rows.iter().filter_map(|row| Some((row.at.month_number(), row.value?)));
    let numbers = || valued().map(|(number, _)| number);
    let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else { return Vec::new() };
    let mut months: Vec<_> = (first..=last).map(|number| (number, Moments::default())).collect();
    for (number, value) in valued() {
        months[(number - first) as usize].1.add(value);
    }
    months
}

/// The means, with straight lines where there is none; first and last are there.
fn filled(months: &[(i32, Moments)]) -> Vec<f64> {
    let known: Vec<(usize, f64)> =
        months.iter().enumerate().filter_map(|(at, (_, m))| Some((at, m.mean()?))).collect();
    let mut values = vec![0.0; months.len()];
    for pair in known.windows(2) {
        let [(from, a), (to, b)] = [pair[0], pair[1]];
        for (at, slot) in values.iter_mut().enumerate().take(to + 1).skip(from) {
            *slot = a + (b - a) * (at - from) as f64 / (to - from) as f64;
        }
    }
    values
}

/// Slope a day, and the line's value at the first point: the line goes through the medians.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let slope = theil_sen(points).unwrap_or(0.0);
    let median = |values: Vec<f64>| super::quantiles(&values, &[0.5])[0].unwrap_or(0.0);
    let x = median(points.iter().map(|point| point.0).collect());
    let y = median(points.iter().map(|point| point.1).collect());
    (slope, y - slope * (x - points[0].0))
}

/// The median of the slopes of all pairs of points with different first coordinates (Theil 1950, Sen 1968).
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (at, a) in points.iter().enumerate() {
        let others = points[at + 1..].iter().filter(|b| (b.0 - a.0).abs() > 0.0);
        slopes.extend(others.map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    middle(&mut slopes)
}

/// The median, without sorting all.
fn middle(values: &mut [f64]) -> Option<f64> {
    let half = values.len().checked_sub(1)? / 2;
    let is_even = values.len().is_multiple_of(2);
    let (_, low, above) = values.select_nth_unstable_by(half, f64::total_cmp);
    let low = *low;
    let high = if is_even { above.iter().copied().fold(f64::INFINITY, f64::min) } else { low };
    Some(low.midpoint(high))
}

/// Slopes of samples made of blocks, each month with its date; blocks run around the end.
fn bootstrap(points: &[(f64, f64)], block: usize, settings: &Settings) -> Vec<f64> {
    let mut chance = Chance::new(settings.seed);
    let count = points.len();
    let mut sample = Vec::with_capacity(count + block);
    (0..settings.samples)
        .filter_map(|_| {
            sample.clear();
            while sample.len() < count {
                let first = chance.below(count);
                sample.extend((0..block).map(|step| points[(first + step) % count]));
            }
            sample.truncate(count);
            theil_sen(&sample)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sens_slope_is_the_median_of_pairs() {
        let points = [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 10.0)];
        assert!((theil_sen(&points).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(theil_sen(&points[..1]), None);
        assert_eq!(theil_sen(&[(1.0, 1.0), (1.0, 5.0)]), None);
    }

    #[test]
    fn gaps_are_filled_by_straight_lines() {
        let month = |value: Option<f64>| {
            let mut moments = Moments::default();
            if let Some(value) = value {
                moments.add(value);
            }
            (0, moments)
        };
        let months = [Some(1.0), None, None, Some(4.0)].map(month);
        assert_eq!(filled(&months), [1.0, 2.0, 3.0, 4.0]);
    }
}
