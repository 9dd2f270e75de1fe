//! Wind rose and pollution rose: how often the wind blows from where, by its speed or by what it brings.
//!
//! As openair's `windRose`: a direction belongs to the sector whose middle is nearest (the half goes down),
//! classes are closed above, shares are of all hours with a wind, a calm is a speed of exactly 0. Different on
//! purpose: a compass of sixteen points keeps its sixteen sectors, where thirty degrees would put two points in one sector and
//! one in the next; the lowest value is in the first class; classes of concentration are round numbers up to the
//! 95th percentile.

use super::polar::is_compass;
use super::quantile::{Moments, quantiles};
use super::{NoPlot, Row, Wind};
use serde::Serialize;

/// A rose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rose {
    /// Lower edges of the classes, and the upper edge of the last.
    pub edges: Vec<f64>,
    /// Sectors clockwise from north.
    pub sectors: Vec<RoseSector>,
    /// Hours that are counted.
    pub hours: usize,
    /// Hours without wind, % of them.
    pub calm_percent: f64,
    /// Mean of what the classes are of.
    pub mean: f64,
}

/// One sector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RoseSector {
    /// Its middle, degrees from north.
    pub from_deg: f64,
    /// Hours in it.
    pub hours: usize,
    /// % of all hours, class by class.
    pub percent: Vec<f64>,
    /// Mean of what the classes are of.
    pub mean: Option<f64>,
    /// Half of the mean's 95 % interval.
    pub half_width: Option<f64>,
}

/// Fewest hours of a plot by wind.
pub(super) const HOURS_MIN: usize = 24;

pub(super) fn by_speed(rows: &[Row]) -> Result<Rose, NoPlot> {
    const CLASS_M_S: f64 = 2.0;
    let counted: Vec<_> =
        rows.iter().filter_map(|row| row.wind.map(|wind| (wind, wind.speed_m_s))).collect();
    let max = counted.iter().map(|(_, speed)| *speed).fold(0.0, f64::max);
    let mut edges: Vec<f64> = (0..4).map(|class| f64::from(class) * CLASS_M_S).collect();
    edges.retain(|edge| *edge == 0.0 || *edge < max);
    edges.push(max);
    rose(&counted, edges)
}

pub(super) fn by_value(rows: &[Row]) -> Result<Rose, NoPlot> {
    let counted: Vec<_> = rows.iter().filter_map(|row| Some((row.wind?, row.value?))).collect();
    let values: Vec<f64> = counted.iter().map(|(_, value)| *value).collect();
    let [Some(min), Some(high), Some(max)] = quantiles(&values, &[0.0, 0.95, 1.0])[..] else {
        return Err(NoPlot::NoWind { have: 0, need: HOURS_MIN });
    };
    rose(&counted, classes(min, high, max))
}

/// About five round classes from the least value to the 95th percentile, and one for the rest.
fn classes(min: f64, high: f64, max: f64) -> Vec<f64> {
    let low = min.min(0.0);
    let step = round_step((high - low) / 5.0);
    let first = (low / step).floor() as i64;
    let mut edges: Vec<f64> = (first..first + 20)
        .map(|number| number as f64 * step)
        .take_while(|edge| *edge < high.max(low + step * 0.5))
        .collect();
    edges.retain(|edge| *edge < max || *edge <= min);
    edges.push(max.max(low + step));
    edges
}

/// The next of 1, 2 and 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    if step <= 0.0 || !step.is_finite() {
        return 1.0;
    }
    let power = 10.0_f64.powf(step.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= step * 0.999);
    times.unwrap_or(10.0) * power
}

fn rose(counted: &[(Wind, f64)], edges: Vec<f64>) -> Result<Rose, NoPlot> {
    if counted.len() < HOURS_MIN {
        return Err(NoPlot::NoWind { have: counted.len(), need: HOURS_MIN });
    }
    let step_deg =
        if is_compass(counted.iter().map(|(wind, _)| wind.from_deg)) { 22.5 } else { 30.0 };
    let sectors = (360.0 / step_deg) as usize;
    let classes = edges.len() - 1;
    let mut counts = vec![vec![0_usize; classes]; sectors];
    let mut means = vec![Moments::default(); sectors];
    let (mut calm, mut all) = (0_usize, Moments::default());
    for (wind, value) in counted {
        all.add(*value);
        if wind.speed_m_s <= 0.0 {
            calm += 1;
            continue;
        }
        let sector = sector(wind.from_deg, step_deg);
        let above = edges[1..classes].iter().filter(|edge| *value > **edge).count();
        counts[sector][above] += 1;
        means[sector].add(*value);
    }
    let percent = |count: usize| 100.0 * count as f64 / counted.len() as f64;
    let sectors = counts.iter().zip(&means).enumerate().map(|(at, (counts, mean))| RoseSector {
        from_deg: at as f64 * step_deg,
        hours: mean.count,
        percent: counts.iter().map(|count| percent(*count)).collect(),
        mean: mean.mean(),
        half_width: mean.half_width(),
    });
    Ok(Rose {
        sectors: sectors.collect(),
        edges,
        hours: counted.len(),
        calm_percent: percent(calm),
        mean: all.mean().unwrap_or(0.0),
    })
}

/// The sector whose middle is nearest, counted from north; the half goes down.
pub(super) fn sector(from_deg: f64, step_deg: f64) -> usize {
    let count = (360.0 / step_deg).round() as usize;
    (from_deg / step_deg - 0.5).ceil().max(0.0) as usize % count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_half_between_two_sectors_goes_down_and_360_is_north() {
        let found = [0.0, 15.0, 15.1, 45.0, 345.0, 345.1, 360.0].map(|deg| sector(deg, 30.0));
        assert_eq!(found, [0, 0, 1, 1, 11, 0, 0]);
    }

    #[test]
    fn classes_are_round_and_the_last_ends_at_the_largest_value() {
        assert_eq!(classes(1.0, 480.0, 1_144.0), [0.0, 100.0, 200.0, 300.0, 400.0, 1_144.0]);
        assert_eq!(classes(-3.0, 40.0, 60.0), [-10.0, 0.0, 10.0, 20.0, 30.0, 60.0]);
        assert_eq!(classes(0.0, 0.0, 0.0), [0.0, 1.0]);
    }
}
