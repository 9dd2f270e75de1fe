//! How good a forecast was.

use super::{LEADS, LEVELS, Method};
use serde::Serialize;

/// Hours ahead, first and last.
pub type Band = [usize; 2];

/// The bands that are told apart; the last is all of them.
pub const BANDS: [Band; 5] = [[1, 6], [7, 24], [25, 48], [49, LEADS], [1, LEADS]];

/// The record of one way over one band.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Which way.
    pub method: Method,
    /// Hours ahead.
    pub band: Band,
    /// Pairs of forecast and value.
    pub count: usize,
    /// Root of the mean squared error of the middle.
    pub rmse: f64,
    /// Mean absolute error of the middle.
    pub mae: f64,
    /// Mean of forecast less value.
    pub bias: f64,
    /// Twice the mean pinball loss over the seven levels: the continuous ranked probability score, nearly (Gneiting & Ranjan 2011).
    pub crps: f64,
    /// Share of values within 25 to 75 %.
    pub within_50: f64,
    /// Share of values within 5 to 95 %.
    pub within_90: f64,
    /// 1 − crps / crps of persistence: above 0 is better.
    pub skill_persistence: Option<f64>,
    /// 1 − crps / crps of climatology.
    pub skill_climatology: Option<f64>,
}

/// Sums over pairs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    count: usize,
    squares: f64,
    apart: f64,
    bias: f64,
    pinball: f64,
    within_50: usize,
    within_90: usize,
}

impl Sums {
    pub fn add(&mut self, quantiles: &[f64; 7], value: f64) {
        let error = quantiles[3] - value;
        self.count += 1;
        self.squares += error * error;
        self.apart += error.abs();
        self.bias += error;
        self.pinball += 2.0 * pinball(quantiles, value);
        self.within_50 += usize::from((quantiles[2]..=quantiles[4]).contains(&value));
        self.within_90 += usize::from((quantiles[0]..=quantiles[6]).contains(&value));
    }

    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.squares += other.squares;
        self.apart += other.apart;
        self.bias += other.bias;
        self.pinball += other.pinball;
        self.within_50 += other.within_50;
        self.within_90 += other.within_90;
    }
}

/// Mean over the levels, each weighed by the part of 0 to 1 that is nearest to it.
fn pinball(quantiles: &[f64; 7], value: f64) -> f64 {
    const WEIGHTS: [f64; 7] = [0.075, 0.1, 0.2, 0.25, 0.2, 0.1, 0.075];
    let loss = |at: usize| {
        let apart = value - quantiles[at];
        WEIGHTS[at] * if apart >= 0.0 { LEVELS[at] * apart } else { (LEVELS[at] - 1.0) * apart }
    };
    (0..7).map(loss).sum()
}

/// The scores of all ways; `sums` are by way and by band but the last.
pub(super) fn scores(sums: &[[Sums; 4]; 3]) -> Vec<Score> {
    const METHODS: [Method; 3] = [Method::Persistence, Method::Climatology, Method::Learned];
    let of = |way: usize, band: usize| {
        sums[way].get(band).copied().unwrap_or_else(|| {
            let mut whole = Sums::default();
            sums[way].iter().for_each(|part| whole.merge(part));
            whole
        })
    };
    let mut scores = Vec::new();
    for (way, method) in METHODS.into_iter().enumerate() {
        for (at, band) in BANDS.into_iter().enumerate() {
            let sums = of(way, at);
            if sums.count == 0 {
                continue;
            }
            let mean = |sum: f64| sum / sums.count as f64;
            let crps = mean(sums.pinball);
            let skill = |other: usize| {
                let other = of(other, at);
                let theirs = other.pinball / other.count.max(1) as f64;
                (theirs > 0.0).then(|| 1.0 - crps / theirs)
            };
            scores.push(Score {
                method,
                band,
                count: sums.count,
                rmse: mean(sums.squares).sqrt(),
                mae: mean(sums.apart),
                bias: mean(sums.bias),
                crps,
                within_50: mean(sums.within_50 as f64),
                within_90: mean(sums.within_90 as f64),
                skill_persistence: skill(0),
                skill_climatology: skill(1),
            });
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_of_certainty_is_the_absolute_error_and_a_hit_costs_nothing() {
        let certain = [10.0; 7];
        assert!((2.0 * pinball(&certain, 14.0) - 4.0).abs() < 1e-12);
        assert!((2.0 * pinball(&certain, 7.0) - 3.0).abs() < 1e-12);
        assert!(pinball(&certain, 10.0).abs() < 1e-12);
    }
}
