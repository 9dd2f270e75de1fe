//! Near stations together, so that a likelihood of many is the sum of those of a few.

use super::process::{covariance_of, ones};
use super::student::Hour;
use crate::linear::Factor;
use nalgebra::DVector;

/// Stations of a block.
const STATIONS: usize = 24;
/// Blocks, at most.
const BLOCKS: usize = 8;
/// Hours with all stations of a block that are enough.
const WHOLE_HOURS: usize = 12;

/// Some near stations and what they said together.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub stations: Vec<usize>,
    rows: Vec<DVector<f64>>,
}

/// Blocks around stations that lie far from each other.
pub(crate) fn blocks(at_m: &[[f64; 2]], rows: &[Vec<Option<f64>>]) -> Vec<Block> {
    let count = |at: usize| rows.iter().filter(|row| row[at].is_some()).count();
    let most = (0..at_m.len()).map(count).max().unwrap_or(0);
    let usable: Vec<usize> =
        (0..at_m.len()).filter(|at| most > 0 && 2 * count(*at) >= most).collect();
    let apart = |a: usize, b: usize| (at_m[a][0] - at_m[b][0]).hypot(at_m[a][1] - at_m[b][1]);
    let mut seeds: Vec<usize> = usable.first().copied().into_iter().collect();
    while seeds.len() < BLOCKS.min(usable.len().div_ceil(STATIONS)) {
        let from = |at: usize| seeds.iter().map(|s| apart(at, *s)).fold(f64::INFINITY, f64::min);
        match usable.iter().copied().max_by(|a, b| from(*a).total_cmp(&from(*b))) {
            Some(next) => seeds.push(next),
            None => break,
        }
    }
    let around = |seed: usize| {
        let mut near = usable.clone();
        near.sort_by(|a, b| apart(seed, *a).total_cmp(&apart(seed, *b)).then(a.cmp(b)));
        near.truncate(STATIONS);
        Block { rows: together(rows, &near), stations: near }
    };
    seeds.into_iter().map(around).collect()
}

/// The hours in which all of some stations spoke; where there are too few of them, a station that did not
/// speak is given the mean of those that did.
fn together(rows: &[Vec<Option<f64>>], stations: &[usize]) -> Vec<DVector<f64>> {
    let whole = |row: &Vec<Option<f64>>| stations.iter().all(|at| row[*at].is_some());
    let is_enough = rows.iter().filter(|row| whole(row)).count() >= WHOLE_HOURS.min(rows.len());
    rows.iter()
        .filter(|row| {
            let spoke = stations.iter().filter(|at| row[**at].is_some()).count();
            if is_enough { whole(row) } else { 4 * spoke >= 3 * stations.len() && spoke > 0 }
        })
        .map(|row| {
            let known: Vec<f64> = stations.iter().filter_map(|at| row[*at]).collect();
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            DVector::from_iterator(
                stations.len(),
                stations.iter().map(|at| row[*at].unwrap_or(mean)),
            )
        })
        .collect()
}

impl Block {
    /// What each hour says of the scale, given range, nugget and the noise of stations in units of the sill.
    pub fn hours(
        &self,
        at_m: &[[f64; 2]],
        range_m: f64,
        nugget: f64,
        noise: impl Fn(usize) -> f64,
    ) -> Option<Vec<Hour>> {
        let size = self.stations.len();
        if size < 3 {
            return None;
        }
        let spots: Vec<[f64; 2]> = self.stations.iter().map(|at| at_m[*at]).collect();
        let noise: Vec<f64> = self.stations.iter().map(|at| noise(*at)).collect();
        let factor = Factor::of(&covariance_of(&spots, &noise, range_m, nugget))?;
        let one = factor.half(&ones(size));
        let weight = one.norm_squared();
        let log_det = factor.log_det() + weight.ln();
        let hour = |row: &DVector<f64>| {
            let y = factor.half(row);
            let mean = one.dot(&y) / weight;
            let square = (y - mean * &one).norm_squared();
            Hour { square, freedom: size as f64 - 1.0, log_det }
        };
        Some(self.rows.iter().map(hour).collect())
    }
}
