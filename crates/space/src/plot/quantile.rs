//! Quantiles and intervals of a mean.

/// The quantile of sorted numbers at a share of 0 to 1, between two of them by straight line (type 7 of
/// Hyndman & Fan 1996, what R and `NumPy` do unasked). `None` when there are none.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    let low = *sorted.get(below)?;
    let high = *sorted.get((below + 1).min(last))?;
    Some(low + (high - low) * part)
}

/// Several quantiles of numbers in any order.
pub fn quantiles(values: &[f64], shares: &[f64]) -> Vec<Option<f64>> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    shares.iter().map(|share| quantile(&sorted, *share)).collect()
}

/// Counts, sums and squares: enough for a mean and its interval.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    pub count: usize,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// One value more (Welford 1962, so that large means lose nothing).
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let apart = value - self.mean;
        self.mean += apart / self.count as f64;
        self.squares += apart * (value - self.mean);
    }

    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Standard deviation of the sample; none of fewer than two.
    pub fn deviation(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count - 1) as f64).sqrt())
    }

    /// Half the width of the mean's 95 % interval by Student's t; none of fewer than six.
    pub fn half_width(&self) -> Option<f64> {
        const LEAST: usize = 6;
        if self.count < LEAST {
            return None;
        }
        Some(t_975(self.count - 1) * self.deviation()? / (self.count as f64).sqrt())
    }
}

/// The 97.5 % point of Student's t: Fisher & Cornish's expansion, within 0.001 from 5 degrees of freedom on.
fn t_975(freedom: usize) -> f64 {
    const Z: f64 = 1.959_963_984_540_054;
    let (z3, z5, z7) = (Z.powi(3), Z.powi(5), Z.powi(7));
    let z9 = Z.powi(9);
    let n = freedom as f64;
    Z + (z3 + Z) / (4.0 * n)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / (96.0 * n * n)
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * Z) / (384.0 * n.powi(3))
        + (79.0 * z9 + 776.0 * z7 + 1_482.0 * z5 - 1_920.0 * z3 - 945.0 * Z)
            / (92_160.0 * n.powi(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_on_straight_lines_between_values() {
        let check = |share, expected: f64| {
            assert!((quantile(&[1.0, 2.0, 4.0, 8.0], share).unwrap() - expected).abs() < 1e-12);
        };
        check(0.0, 1.0);
        check(0.5, 3.0);
        check(0.9, 6.8);
        check(1.0, 8.0);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantiles(&[3.0, 1.0], &[0.5]), [Some(2.0)]);
    }

    #[test]
    fn the_t_of_tables_is_met() {
        for (freedom, expected) in [(5, 2.5706), (10, 2.2281), (30, 2.0423), (1000, 1.9623)] {
            assert!((t_975(freedom) - expected).abs() < 1e-3, "{freedom}");
        }
    }

    #[test]
    fn a_mean_of_five_has_no_interval() {
        let mut five = Moments::default();
        (0..5).for_each(|value| five.add(f64::from(value)));
        assert_eq!((five.mean(), five.half_width()), (Some(2.0), None));
        five.add(5.0);
        assert!((five.half_width().unwrap() - 1.963).abs() < 1e-2);
    }
}
