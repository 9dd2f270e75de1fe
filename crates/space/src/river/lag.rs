//! How long water takes from one sonde to the next, told from what both say.
//!
//! The slow course is taken off both series (a running median), then they are correlated at each lag. The
//! interval is that of the best lag over pieces of the record (a jackknife), so a lag that only one storm tells is wide.

use crate::linear::median;

/// The lag of a lower behind an upper sonde.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Steps; the middle one of the pieces.
    pub steps: usize,
    /// One in twenty pieces lies below, one in twenty above.
    pub interval: [usize; 2],
    /// Correlation at that lag.
    pub correlation: f64,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoLag {
    /// Too few steps in which both spoke.
    TooFew,
    /// The best correlation is too small, or stands at the edge of what was tried.
    Unrelated {
        /// The best one.
        correlation: f64,
    },
}

/// The lag of `lower` behind `upper`, both on the same equal steps, up to `most` steps. `slow` steps and more are the
/// slow course.
///
/// # Errors
///
/// When too little is known, or nothing of the one shows in the other.
pub fn lag(
    upper: &[Option<f64>],
    lower: &[Option<f64>],
    most: usize,
    slow: usize,
) -> Result<Lag, NoLag> {
    const PIECES: usize = 10;
    const LEAST: f64 = 0.3;
    let (upper, lower) = (quick(upper, slow), quick(lower, slow));
    let count = upper.len().min(lower.len());
    if count < 4 * (most + 1)
        || upper.iter().zip(&lower).filter(|(a, b)| a.is_some() && b.is_some()).count() < count / 4
    {
        return Err(NoLag::TooFew);
    }
    let sums: Vec<Vec<[f64; 3]>> = (0..PIECES)
        .map(|piece| {
            let within = piece * count / PIECES..(piece + 1) * count / PIECES;
            (0..=most).map(|lag| products(&upper, &lower, within.clone(), lag)).collect()
        })
        .collect();
    let best = |without: Option<usize>| {
        (0..=most)
            .map(|lag| {
                let pieces = sums.iter().enumerate().filter(|(piece, _)| Some(*piece) != without);
                let sum = pieces.fold([0.0; 3], |sum, (_, all)| {
                    std::array::from_fn(|at| sum[at] + all[lag][at])
                });
                (sum[0] / (sum[1] * sum[2]).sqrt().max(1e-12), lag)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or((0.0, 0))
    };
    let (correlation, steps) = best(None);
    if correlation < LEAST || steps == most {
        return Err(NoLag::Unrelated { correlation });
    }
    let mut each: Vec<usize> = (0..PIECES).map(|piece| best(Some(piece)).1).collect();
    each.sort_unstable();
    Ok(Lag { steps, interval: [each[0].min(steps), each[PIECES - 1].max(steps)], correlation })
}

fn products(
    upper: &[Option<f64>],
    lower: &[Option<f64>],
    within: std::ops::Range<usize>,
    lag: usize,
) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for at in within.filter(|at| at + lag < lower.len()) {
        if let (Some(a), Some(b)) = (upper[at], lower[at + lag]) {
            sums = [sums[0] + a * b, sums[1] + a * a, sums[2] + b * b];
        }
    }
    sums
}

/// What is quicker than the slow course.
fn quick(series: &[Option<f64>], slow: usize) -> Vec<Option<f64>> {
    let half = slow.max(2) / 2;
    let step = (half / 12).max(1);
    (0..series.len())
        .map(|at| {
            let around = at.saturating_sub(half)..(at + half + 1).min(series.len());
            let mut near: Vec<f64> = around.step_by(step).filter_map(|at| series[at]).collect();
            Some(series[at]? - median(&mut near)?)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(at: f64) -> f64 {
        let pulse = |middle: f64| 5.0 * (-((at - middle) / 6.0).powi(2)).exp();
        20.0 + 0.01 * at + pulse(60.0) + 0.7 * pulse(190.0) + pulse(333.0) + 0.5 * pulse(430.0)
    }

    #[test]
    fn a_later_copy_is_found_at_its_lag_with_a_gap_in_the_middle() {
        let upper: Vec<_> =
            (0..500).map(|at| (at % 50 != 7).then(|| course(f64::from(at)))).collect();
        let lower: Vec<_> = (0..500)
            .map(|at| (!(240..270).contains(&at)).then(|| 0.6 * course(f64::from(at) - 17.0) + 3.0))
            .collect();
        let found = lag(&upper, &lower, 60, 120).unwrap();
        assert!((15..=19).contains(&found.steps), "{found:?}");
        assert!(found.interval[0] <= found.steps && found.steps <= found.interval[1]);
    }

    #[test]
    fn unrelated_and_short_series_have_none() {
        let flat = vec![Some(5.0); 500];
        let upper: Vec<_> = (0..500).map(|at| Some(course(f64::from(at)))).collect();
        assert!(matches!(lag(&upper, &flat, 60, 120), Err(NoLag::Unrelated { .. })));
        assert_eq!(lag(&upper[..50], &flat[..50], 60, 120), Err(NoLag::TooFew));
    }
}
