//! The little linear algebra that fields, tracing and drift need: a covariance taken apart, and what follows.
//!
//! Matrices are those of `nalgebra`. A covariance that is singular because two stations stand at one place
//! is mended with the smallest jitter that lets it be factored; one that holds something else than
//! numbers is refused.

use nalgebra::{DMatrix, DVector};

/// Jitter that is tried, as a share of the mean of the diagonal.
const JITTER: [f64; 4] = [0.0, 1e-10, 1e-7, 1e-4];

/// A covariance as `L Lᵀ`.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    /// The lower triangle; what stands above the diagonal is 0.
    pub lower: DMatrix<f64>,
}

impl Factor {
    /// Takes a symmetric matrix apart; `None` when it is no covariance.
    pub fn of(matrix: &DMatrix<f64>) -> Option<Self> {
        let size = matrix.nrows();
        let mean = matrix.diagonal().sum() / size.max(1) as f64;
        if matrix.iter().any(|entry| !entry.is_finite()) {
            return None;
        }
        JITTER.iter().find_map(|share| {
            let mut tried = matrix.clone();
            for at in 0..size {
                tried[(at, at)] += share * mean;
            }
            tried.cholesky().map(|found| Self { lower: found.unpack() })
        })
    }

    /// How many rows there are.
    pub fn size(&self) -> usize {
        self.lower.nrows()
    }

    /// `L⁻¹ b`.
    pub fn half(&self, b: &DVector<f64>) -> DVector<f64> {
        let mut x = b.clone();
        self.half_in_place(x.as_mut_slice());
        x
    }

    /// `L⁻¹ b`, in the place of `b`.
    pub fn half_in_place(&self, x: &mut [f64]) {
        for row in 0..self.size() {
            let mut sum = x[row];
            for (column, before) in x[..row].iter().enumerate() {
                sum -= self.lower[(row, column)] * before;
            }
            x[row] = sum / self.lower[(row, row)];
        }
    }

    /// Logarithm of the determinant.
    pub fn log_det(&self) -> f64 {
        (0..self.size()).map(|at| 2.0 * self.lower[(at, at)].ln()).sum()
    }
}

/// The quantile of the normal distribution (Acklam's rational approximation, relative error below 1.2e-9).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    const LOW: f64 = 0.024_25;
    let poly = |terms: &[f64], x: f64| terms.iter().fold(0.0, |sum, term| sum * x + term);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        poly(&C, q) / (poly(&D, q) * q + 1.0)
    };
    if p <= 0.0 {
        f64::NEG_INFINITY
    } else if p >= 1.0 {
        f64::INFINITY
    } else if p < LOW {
        tail(p)
    } else if p > 1.0 - LOW {
        -tail(1.0 - p)
    } else {
        let (q, r) = (p - 0.5, (p - 0.5) * (p - 0.5));
        poly(&A, r) * q / (poly(&B, r) * r + 1.0)
    }
}

/// The quantile of Student's t with `dof` degrees of freedom (Cornish and Fisher's expansion: within 1 %
/// of it from 4 degrees on, between 1 % and 99 %).
pub(crate) fn student_quantile(p: f64, dof: f64) -> f64 {
    let z = normal_quantile(p);
    let n = dof.max(3.0);
    let [z3, z5, z7] = [z.powi(3), z.powi(5), z.powi(7)];
    z + (z3 + z) / (4.0 * n)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n)
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * n * n * n)
}

/// The middle of values, or `None` when there is none.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let is_odd = values.len() % 2 == 1;
    Some(if is_odd { values[half] } else { f64::midpoint(values[half - 1], values[half]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_halves_what_was_asked_and_mends_two_equal_rows() {
        let matrix = DMatrix::from_row_slice(3, 3, &[4.0, 2.0, 0.6, 2.0, 5.0, 1.5, 0.6, 1.5, 3.0]);
        let factor = Factor::of(&matrix).unwrap();
        let b = DVector::from_vec(vec![1.0, -2.0, 0.5]);
        let solved = matrix.clone().try_inverse().unwrap() * &b;
        assert!((factor.half(&b).norm_squared() - b.dot(&solved)).abs() < 1e-12);
        assert!((factor.log_det() - matrix.determinant().ln()).abs() < 1e-12);
        let twice = DMatrix::from_element(2, 2, 1.0);
        assert!(Factor::of(&twice).is_some());
        assert!(Factor::of(&DMatrix::from_element(2, 2, f64::NAN)).is_none());
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        let check = |found: f64, table: f64| assert!((found - table).abs() < 0.012 * table.abs());
        check(normal_quantile(0.95), 1.644_854);
        check(normal_quantile(0.001), -3.090_232);
        check(student_quantile(0.95, 5.0), 2.015);
        check(student_quantile(0.975, 10.0), 2.228);
        check(student_quantile(0.05, 30.0), -1.697);
        assert!(student_quantile(0.5, 7.0).abs() < 1e-9);
        assert_eq!(median(&mut [3.0, 1.0, 2.0, 9.0]), Some(2.5));
    }
}
