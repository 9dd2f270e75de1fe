//! Kriging among some near stations: one factor, then any number of spots.

use super::process::{AT_ONE_PLACE, correlation, covariance_of, ones};
use super::shape::Spread;
use crate::linear::Factor;
use nalgebra::DVector;

/// Spots that are taken together, so that the processor works on several at once.
pub(crate) const LANES: usize = 16;

/// Ordinary kriging from some stations, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    at_m: Vec<[f64; 2]>,
    factor: Factor,
    /// Rows of the lower triangle, packed, with the inverse of the diagonal.
    packed: Vec<f64>,
    one: Vec<f64>,
    left: Vec<f64>,
    weight: f64,
    /// Mean of the process.
    pub mean: f64,
    /// Square of what is left, in units of the sill.
    pub square: f64,
    range_m: f64,
    nugget: f64,
}

/// What kriging says of one spot, in units of the sill.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    pub mean: f64,
    pub variance: f64,
}

impl Local {
    /// From values at stations with noise in units of the sill; `None` without stations.
    pub fn new(
        at_m: Vec<[f64; 2]>,
        values: &[f64],
        noise: &[f64],
        range_m: f64,
        nugget: f64,
    ) -> Option<Self> {
        let size = at_m.len();
        if size == 0 {
            return None;
        }
        let factor = Factor::of(&covariance_of(&at_m, noise, range_m, nugget))?;
        let one = factor.half(&ones(size));
        let weight = one.norm_squared();
        let y = factor.half(&DVector::from_column_slice(values));
        let mean = one.dot(&y) / weight;
        let left = y - mean * &one;
        let mut packed = Vec::with_capacity(size * (size + 1) / 2);
        for row in 0..size {
            packed.extend((0..row).map(|column| factor.lower[(row, column)]));
            packed.push(1.0 / factor.lower[(row, row)]);
        }
        let square = left.norm_squared();
        let (one, left) = (one.as_slice().to_vec(), left.as_slice().to_vec());
        Some(Self { at_m, factor, packed, one, left, weight, mean, square, range_m, nugget })
    }

    pub fn size(&self) -> usize {
        self.at_m.len()
    }

    /// The correlation of up to [`LANES`] spots with one of its stations.
    pub fn correlations(&self, spots: &[[f64; 2]; LANES], row: usize) -> [f64; LANES] {
        let there = self.at_m[row];
        std::array::from_fn(|lane| correlation(spots[lane], there, self.range_m, self.nugget))
    }

    /// Mean and variance at up to [`LANES`] spots from their correlations with each station; the variance holds the nugget,
    /// as that of a station there.
    pub fn at<'c>(
        &self,
        correlations: impl Iterator<Item = &'c [f64; LANES]>,
        work: &mut Vec<[f64; LANES]>,
    ) -> [Said; LANES] {
        work.clear();
        let mut ahead = 0;
        let (mut mean, mut kept, mut ones) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (row, correlation) in correlations.enumerate().take(self.size()) {
            let mut x = *correlation;
            for (column, before) in work.iter().enumerate() {
                let factor = self.packed[ahead + column];
                for lane in 0..LANES {
                    x[lane] -= factor * before[lane];
                }
            }
            let inverse = self.packed[ahead + row];
            ahead += row + 1;
            for lane in 0..LANES {
                x[lane] *= inverse;
                mean[lane] += x[lane] * self.left[row];
                kept[lane] += x[lane] * x[lane];
                ones[lane] += x[lane] * self.one[row];
            }
            work.push(x);
        }
        std::array::from_fn(|lane| Said {
            mean: self.mean + mean[lane],
            variance: (1.0 + self.nugget - kept[lane] + (1.0 - ones[lane]).powi(2) / self.weight)
                .max(0.0),
        })
    }

    /// Mean and variance at one spot.
    pub fn one(&self, spot: [f64; 2]) -> Said {
        let each: Vec<_> =
            (0..self.size()).map(|row| self.correlations(&[spot; LANES], row)).collect();
        self.at(each.iter(), &mut Vec::with_capacity(self.size()))[0]
    }

    /// The covariance of spots after what the stations said, in units of the sill.
    pub fn jointly(&self, spots: &[[f64; 2]]) -> (Vec<f64>, nalgebra::DMatrix<f64>) {
        let halves: Vec<DVector<f64>> = spots
            .iter()
            .map(|spot| {
                let to = self.at_m.iter();
                let to = to.map(|there| correlation(*spot, *there, self.range_m, self.nugget));
                self.factor.half(&DVector::from_iterator(self.size(), to))
            })
            .collect();
        let one = DVector::from_column_slice(&self.one);
        let left = DVector::from_column_slice(&self.left);
        let means = halves.iter().map(|half| self.mean + half.dot(&left)).collect();
        let short: Vec<f64> = halves.iter().map(|half| 1.0 - half.dot(&one)).collect();
        let covariance = nalgebra::DMatrix::from_fn(spots.len(), spots.len(), |a, b| {
            let own = if a == b { (1.0 - AT_ONE_PLACE) * self.nugget } else { 0.0 };
            own + correlation(spots[a], spots[b], self.range_m, self.nugget)
                - halves[a].dot(&halves[b])
                + short[a] * short[b] / self.weight
        });
        (means, covariance)
    }
}

impl Said {
    pub fn spread(self, scale: f64) -> Spread {
        Spread { mean: self.mean, sd: (self.variance * scale).max(0.0).sqrt() }
    }
}
