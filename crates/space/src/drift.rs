//! Drift of instruments: cheap ones beside good ones, met in space or in time, and a correction with its doubt.
//!
//! A pair is one look of both at nearly one place and time. `good = gain × cheap + offset` is fitted by a robust line (Huber's weights) with a
//! prior that the instrument is right (gain 1 ± 0.3, offset 0 ± a tenth of the middle value), so that few pairs propose little.
//! Neighbouring hours say nearly the same, so pairs count by blocks. The correction is a proposal: nobody's reading is changed here.

use crate::linear::{Factor, median};
use nalgebra::{DMatrix, DVector};

/// Both at one place and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Met {
    /// When, s.
    pub at_s: f64,
    /// How far apart, m.
    pub apart_m: f64,
    /// What the instrument in question said.
    pub says: f64,
    /// What the better one said.
    pub good: f64,
}

/// What would make an instrument right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// Times the value.
    pub gain: f64,
    /// Plus so much.
    pub offset: f64,
    /// Variance of gain and of offset, and their covariance.
    variance: [f64; 3],
    /// What single values differ by after it, one standard deviation.
    pub scatter: f64,
    /// Pairs that count as independent.
    pub pairs: f64,
    /// Difference of the gain between the older and the newer half of the pairs, and its standard deviation.
    pub change: Option<(f64, f64)>,
}

/// Why none is proposed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoCorrection {
    /// Too few pairs within reach.
    TooFew {
        /// How many independent ones there are.
        pairs: f64,
    },
    /// The two do not follow each other: correlation of what they said.
    Unrelated {
        /// −1 to 1.
        correlation: f64,
    },
}

/// Pairs that are taken as one, s.
const BLOCK_S: f64 = 6.0 * 3_600.0;
/// Independent pairs below which nothing is proposed.
const PAIRS_MIN: f64 = 5.0;
/// Correlation below which two do not speak of one thing.
const CORRELATION_MIN: f64 = 0.4;

impl Correction {
    /// A value made right, and the standard deviation of that.
    pub fn apply(&self, says: f64) -> (f64, f64) {
        let [gain, offset, both] = self.variance;
        let variance = gain * says * says + offset + 2.0 * both * says;
        (self.gain * says + self.offset, (variance.max(0.0) + self.scatter.powi(2)).sqrt())
    }

    /// Whether it says more than that the instrument is right: gain or offset lie beyond their 90 %.
    pub fn is_needed(&self) -> bool {
        let [gain, offset, _] = self.variance;
        (self.gain - 1.0).abs() > 1.645 * gain.sqrt() && (self.gain - 1.0).abs() > 0.03
            || self.offset.abs() > 1.645 * offset.sqrt() && self.offset.abs() > 0.5 * self.scatter
    }
}

/// Proposes a correction from pairs within `reach_m`.
///
/// # Errors
///
/// When pairs are too few, or the two do not follow each other.
pub fn propose(pairs: &[Met], reach_m: f64) -> Result<Correction, NoCorrection> {
    let usable =
        |pair: &&Met| pair.apart_m <= reach_m && pair.says.is_finite() && pair.good.is_finite();
    let mut near: Vec<Met> = pairs.iter().filter(usable).copied().collect();
    near.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let mut blocks: Vec<i64> =
        near.iter().map(|pair| (pair.at_s / BLOCK_S).floor() as i64).collect();
    blocks.dedup();
    let independent = blocks.len() as f64;
    if independent < PAIRS_MIN {
        return Err(NoCorrection::TooFew { pairs: independent });
    }
    let correlation = correlation(&near);
    if correlation.is_nan() || correlation < CORRELATION_MIN {
        return Err(NoCorrection::Unrelated { correlation });
    }
    let whole = line(&near, independent).ok_or(NoCorrection::Unrelated { correlation })?;
    let (old, new) = near.split_at(near.len() / 2);
    let change = (independent >= 4.0 * PAIRS_MIN)
        .then(|| Some((line(old, independent / 2.0)?, line(new, independent / 2.0)?)))
        .flatten()
        .map(|(old, new)| (new.gain - old.gain, (old.variance[0] + new.variance[0]).sqrt()));
    Ok(Correction { change, ..whole })
}

/// Correlation of ranks (Spearman), which a wild value does not move; not a number when one side never changes.
fn correlation(pairs: &[Met]) -> f64 {
    let ranks = |value: fn(&Met) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|a, b| value(&pairs[*a]).total_cmp(&value(&pairs[*b])));
        let mut ranks = vec![0.0; pairs.len()];
        let mut first = 0;
        while first < order.len() {
            let same =
                |at: &&usize| value(&pairs[**at]).total_cmp(&value(&pairs[order[first]])).is_eq();
            let last = first + order[first..].iter().take_while(same).count();
            let rank = f64::midpoint(first as f64, last as f64 - 1.0);
            order[first..last].iter().for_each(|at| ranks[*at] = rank);
            first = last;
        }
        ranks
    };
    let (a, b) = (ranks(|pair| pair.says), ranks(|pair| pair.good));
    let middle = (pairs.len() as f64 - 1.0) / 2.0;
    let sum = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum()
    };
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}

/// A robust line with a prior, whose pairs count as `independent` ones.
fn line(pairs: &[Met], independent: f64) -> Option<Correction> {
    const GAIN_SD: f64 = 0.3;
    const HUBER: f64 = 1.345;
    let level =
        median(&mut pairs.iter().map(|pair| pair.good.abs()).collect::<Vec<_>>())?.max(1e-9);
    let prior = [GAIN_SD.powi(-2), (0.1 * level).powi(-2)];
    let (mut gain, mut offset, mut scatter) = (1.0, 0.0, level);
    let mut variance = [0.0; 3];
    for _ in 0..20 {
        let left = |pair: &Met| pair.good - gain * pair.says - offset;
        let mut sizes: Vec<f64> = pairs.iter().map(|pair| left(pair).abs()).collect();
        scatter = (1.4826 * median(&mut sizes)?).max(1e-6 * level);
        let share = (independent / pairs.len() as f64).min(1.0) / (scatter * scatter);
        let mut matrix = DMatrix::from_row_slice(2, 2, &[prior[0], 0.0, 0.0, prior[1]]);
        let mut right = DVector::from_vec(vec![prior[0], 0.0]);
        for pair in pairs {
            let far = left(pair).abs() / scatter;
            let weight = share * if far > HUBER { HUBER / far } else { 1.0 };
            for (row, a) in [pair.says, 1.0].into_iter().enumerate() {
                for (column, b) in [pair.says, 1.0].into_iter().enumerate() {
                    matrix[(row, column)] += weight * a * b;
                }
                right[row] += weight * a * pair.good;
            }
        }
        let factor = Factor::of(&matrix)?;
        let found = factor.solve(&right);
        (gain, offset) = (found[0], found[1]);
        let column =
            |at: usize| factor.solve(&DVector::from_fn(2, |row, _| f64::from(u8::from(row == at))));
        variance = [column(0)[0], column(1)[1], column(0)[1]];
    }
    Some(Correction { gain, offset, variance, scatter, pairs: independent, change: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(count: u32, gain: f64, offset: f64) -> Vec<Met> {
        (0..count)
            .map(|at| {
                let good = 60.0 + 35.0 * (f64::from(at) * 0.7).sin();
                let noise = 0.4 * (f64::from(at * 37 % 11) - 5.0);
                Met {
                    at_s: 3_600.0 * f64::from(at),
                    apart_m: 40.0,
                    says: (good - offset) / gain + noise,
                    good,
                }
            })
            .collect()
    }

    #[test]
    fn a_gain_is_found_within_its_doubt_and_a_wild_value_does_not_move_it() {
        let mut met = pairs(400, 0.8, 4.0);
        met[7].says = 5_000.0;
        let found = propose(&met, 100.0).unwrap();
        assert!((found.gain - 0.8).abs() < 0.06, "{found:?}");
        assert!(found.is_needed());
        let (value, sd) = found.apply(100.0);
        assert!((value - 84.0).abs() < 2.0 * sd && sd < 15.0, "{value} {sd}");
    }

    #[test]
    fn one_that_is_right_is_left_alone() {
        assert!(!propose(&pairs(400, 1.0, 0.0), 100.0).unwrap().is_needed());
    }

    #[test]
    fn few_far_equal_or_unrelated_pairs_propose_nothing() {
        assert!(matches!(propose(&pairs(12, 0.8, 0.0), 100.0), Err(NoCorrection::TooFew { .. })));
        assert!(matches!(propose(&pairs(400, 0.8, 0.0), 10.0), Err(NoCorrection::TooFew { .. })));
        let mut equal = pairs(400, 1.0, 0.0);
        for pair in &mut equal {
            (pair.says, pair.good) = (30.0, 30.0);
        }
        assert!(matches!(propose(&equal, 100.0), Err(NoCorrection::Unrelated { .. })));
        let mut wild = pairs(400, 1.0, 0.0);
        wild.iter_mut()
            .enumerate()
            .for_each(|(at, pair)| pair.says = f64::from((at * 7_919 % 101) as u32));
        assert!(matches!(propose(&wild, 100.0), Err(NoCorrection::Unrelated { .. })));
    }
}
