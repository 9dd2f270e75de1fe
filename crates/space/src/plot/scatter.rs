//! One parameter against another, hour by hour: density in squares, a straight line by least squares.

use super::{NoPlot, Row};
use serde::Serialize;

/// Pairs of values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scatter {
    /// Hours with both.
    pub hours: usize,
    /// Squares along each axis.
    pub side: usize,
    /// Least and largest of the first parameter (across).
    pub x: [f64; 2],
    /// Least and largest of the second parameter (up).
    pub y: [f64; 2],
    /// Squares with hours.
    pub cells: Vec<ScatterCell>,
    /// Slope of the line, second parameter by the first; none when the first never changes.
    pub slope: Option<f64>,
    /// The line at 0.
    pub intercept: Option<f64>,
    /// Pearson's correlation; none when one never changes.
    pub r: Option<f64>,
}

/// One square.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScatterCell {
    /// Counted from the least.
    pub column: u16,
    /// Counted from the least.
    pub row: u16,
    /// Hours in it.
    pub hours: usize,
}

const SIDE: usize = 50;
const LEAST: usize = 10;

pub(super) fn scatter(rows: &[Row]) -> Result<Scatter, NoPlot> {
    let pairs: Vec<(f64, f64)> =
        rows.iter().filter_map(|row| Some((row.value?, row.other?))).collect();
    if rows.iter().all(|row| row.other.is_none()) {
        return Err(NoPlot::OnlyOne);
    }
    if pairs.len() < LEAST {
        return Err(NoPlot::TooFew { have: pairs.len(), need: LEAST });
    }
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
            [low.min(value), high.max(value)]
        })
    };
    let x = ends(&mut pairs.iter().map(|pair| pair.0));
    let y = ends(&mut pairs.iter().map(|pair| pair.1));
    let place = |value: f64, [low, high]: [f64; 2]| {
        let share = if high > low { (value - low) / (high - low) } else { 0.0 };
        ((share * SIDE as f64) as usize).min(SIDE - 1)
    };
    let mut counts = vec![0; SIDE * SIDE];
    for pair in &pairs {
        counts[place(pair.1, y) * SIDE + place(pair.0, x)] += 1;
    }
    let filled = counts.iter().enumerate().filter(|(_, hours)| **hours > 0);
    let cells = filled.map(|(at, hours)| ScatterCell {
        column: (at % SIDE) as u16,
        row: (at / SIDE) as u16,
        hours: *hours,
    });
    let [mean_x, mean_y, xx, yy, xy] = products(&pairs);
    let slope = (xx > 0.0).then(|| xy / xx);
    Ok(Scatter {
        hours: pairs.len(),
        side: SIDE,
        x,
        y,
        cells: cells.collect(),
        slope,
        intercept: slope.map(|slope| mean_y - slope * mean_x),
        r: pearson(xx, yy, xy),
    })
}

/// Means, and sums of squares and products about them.
pub(super) fn products(pairs: &[(f64, f64)]) -> [f64; 5] {
    let count = pairs.len().max(1) as f64;
    let mean_x = pairs.iter().map(|pair| pair.0).sum::<f64>() / count;
    let mean_y = pairs.iter().map(|pair| pair.1).sum::<f64>() / count;
    let mut sums = [mean_x, mean_y, 0.0, 0.0, 0.0];
    for (x, y) in pairs {
        let (x, y) = (x - mean_x, y - mean_y);
        sums[2] += x * x;
        sums[3] += y * y;
        sums[4] += x * y;
    }
    sums
}

pub(super) fn pearson(xx: f64, yy: f64, xy: f64) -> Option<f64> {
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}
