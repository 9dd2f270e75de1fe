//! The scale of hours that differ: a Student distribution fitted to their squares.

/// What an hour says: the square of its residuals, how many are free, and the determinant that goes with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hour {
    pub square: f64,
    pub freedom: f64,
    pub log_det: f64,
}

/// The scale and the degrees of freedom of largest likelihood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub likelihood: f64,
    pub scale: f64,
    pub freedom: f64,
}

const FREEDOMS: [f64; 5] = [4.0, 6.0, 10.0, 20.0, 60.0];

/// Fits scale and freedom; `None` without hours. The scale is never below `scale_min`.
pub(crate) fn student(hours: &[Hour], scale_min: f64) -> Option<Found> {
    let free: f64 = hours.iter().map(|hour| hour.freedom).sum();
    if free < 1.0 {
        return None;
    }
    let mean = hours.iter().map(|hour| hour.square).sum::<f64>() / free;
    let tried = FREEDOMS.map(|freedom| {
        let mut scale = mean.max(scale_min);
        for _ in 0..12 {
            // an hour that spreads more than usual weighs less (expectation and maximisation in turn)
            let weighted: f64 = hours
                .iter()
                .map(|hour| {
                    hour.square * (freedom + hour.freedom) / (freedom + hour.square / scale)
                })
                .sum();
            scale = (weighted / free).max(scale_min);
        }
        let likelihood = hours.iter().map(|hour| density(hour, scale, freedom)).sum();
        Found { likelihood, scale, freedom }
    });
    tried.into_iter().max_by(|a, b| a.likelihood.total_cmp(&b.likelihood))
}

/// Logarithm of the density of an hour's residuals, up to what does not depend on the process.
fn density(hour: &Hour, scale: f64, freedom: f64) -> f64 {
    let p = hour.freedom;
    ln_gamma(0.5 * (freedom + p))
        - ln_gamma(0.5 * freedom)
        - 0.5 * p * (freedom * scale).ln()
        - 0.5 * hour.log_det
        - 0.5 * (freedom + p) * (1.0 + hour.square / (freedom * scale)).ln()
}

/// Logarithm of the gamma function for x > 0: Stirling's series after a shift to where it is exact to 1e-10.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 8.0 {
        shift += x.ln();
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_is_the_factorial() {
        for (x, factorial) in [(1.0_f64, 1.0_f64), (4.0, 6.0), (6.0, 120.0), (11.0, 3_628_800.0)] {
            assert!((ln_gamma(x) - factorial.ln()).abs() < 1e-9, "{x}");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-9);
    }

    #[test]
    fn equal_hours_give_their_scale_and_many_degrees_and_one_wild_hour_few() {
        let hour = |square: f64| Hour { square, freedom: 7.0, log_det: 0.0 };
        let even = student(&[hour(14.0); 30], 0.0).unwrap();
        assert!((even.scale - 2.0).abs() < 0.1 && even.freedom > 50.0, "{even:?}");
        let mut wild = vec![hour(14.0); 30];
        wild.extend([hour(700.0), hour(500.0)]);
        let found = student(&wild, 0.0).unwrap();
        assert!(found.freedom < 8.0 && found.scale < 3.0, "{found:?}");
        assert!(student(&[], 1.0).is_none());
    }
}
