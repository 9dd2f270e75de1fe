//! Randomness that can be asked for any instant in any order: every number is a hash of the seed,
//! a name and an index, so nothing has to be stepped through and no order of questions matters.
//!
//! A generator with a state (a counter in a PRNG) would tie each value to the calls before it; here
//! two callers that ask for different stretches of time get the same world.

use model::Timestamp;
use std::f64::consts::FRAC_PI_2;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A keyed family of random numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(mix(seed ^ GOLDEN))
    }

    /// An independent family for a purpose.
    pub(crate) fn named(self, name: &str) -> Self {
        Self(name.bytes().fold(self.0, |key, byte| mix(key ^ u64::from(byte)).wrapping_add(GOLDEN)))
    }

    /// An independent family for the nth thing of a kind.
    pub(crate) const fn numbered(self, number: u64) -> Self {
        Self(mix(self.0 ^ mix(number.wrapping_add(GOLDEN))))
    }

    pub(crate) const fn bits(self, index: i64) -> u64 {
        mix(self.0.wrapping_add((index as u64).wrapping_mul(GOLDEN)))
    }

    /// Even in [0, 1).
    pub(crate) fn uniform(self, index: i64) -> f64 {
        (self.bits(index) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(crate) fn chance(self, index: i64, probability: f64) -> bool {
        self.uniform(index) < probability
    }

    /// Near to normal with mean 0 and variance 1: the sum of four even numbers, so never beyond ±3.47.
    pub(crate) fn normal(self, index: i64) -> f64 {
        let bits = self.bits(index);
        let sum = (0..4).map(|part| (bits >> (16 * part) & 0xFFFF) as f64).sum::<f64>();
        (sum / 65_536.0 - 2.0 + 0.5 / 16_384.0) * 3.0_f64.sqrt()
    }

    /// Smooth noise with variance 1 that forgets itself after `scale_ms`.
    ///
    /// Between two lattice points the weights are cosine and sine, whose squares sum to 1: the
    /// variance is the same everywhere, unlike with linear weights.
    pub(crate) fn smooth(self, time: Timestamp, scale_ms: f64) -> f64 {
        let position = time.as_ms() as f64 / scale_ms + self.uniform(i64::MIN);
        let (index, near, far) = lattice(position);
        near * self.normal(index) + far * self.normal(index + 1)
    }

    /// Noise with variance 1 whose correlation falls about as exp(−lag / `memory_ms`): the random
    /// access counterpart of an Ornstein–Uhlenbeck process, as a sum of four octaves.
    pub(crate) fn drifting(self, time: Timestamp, memory_ms: f64) -> f64 {
        const OCTAVES: [(f64, f64); 4] = [(4.0, 0.14), (1.5, 0.47), (0.5, 0.26), (0.12, 0.13)];
        OCTAVES
            .iter()
            .enumerate()
            .map(|(number, &(scale, variance))| {
                let octave = self.numbered(number as u64);
                variance.sqrt() * octave.smooth(time, scale * memory_ms)
            })
            .sum()
    }

    /// Smooth noise over the plane and time with variance 1; `x`, `y` in lattice units.
    pub(crate) fn patch(self, x: f64, y: f64, time: f64) -> f64 {
        let (column, column_near, column_far) = lattice(x);
        let (row, row_near, row_far) = lattice(y);
        let (step, step_near, step_far) = lattice(time);
        let mut sum = 0.0;
        for (offset, weight) in [(0, step_near), (1, step_far)] {
            let layer = self.numbered((step + offset) as u64);
            let corner = |dx: i64, dy: i64| layer.normal((row + dy) * 65_537 + column + dx);
            sum += weight
                * (row_near * (column_near * corner(0, 0) + column_far * corner(1, 0))
                    + row_far * (column_near * corner(0, 1) + column_far * corner(1, 1)));
        }
        sum
    }
}

/// The finalizer of `SplitMix64` (Stafford's variant 13).
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// The lattice point before a position, and the weights of it and of the next one.
fn lattice(position: f64) -> (i64, f64, f64) {
    let index = position.floor();
    let (far, near) = (smoothstep(position - index) * FRAC_PI_2).sin_cos();
    (index as i64, near, far)
}

/// 0 below 0, 1 above 1, smooth between.
pub(crate) fn smoothstep(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// `from` at 0, `to` at 1.
pub(crate) fn blend(from: f64, to: f64, share: f64) -> f64 {
    from + (to - from) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::HOUR_MS;

    fn moments(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        (mean, variance)
    }

    #[test]
    fn a_normal_number_has_mean_0_and_variance_1() {
        let dice = Dice::new(7).named("check");
        let values: Vec<f64> = (0..20_000).map(|index| dice.normal(index)).collect();
        let (mean, variance) = moments(&values);
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.03, "{variance}");
    }

    #[test]
    fn drifting_noise_forgets_itself_at_its_own_pace() {
        let dice = Dice::new(11).named("check");
        let memory = 20;
        let values: Vec<f64> = (0..200_000)
            .map(|hour| {
                dice.drifting(Timestamp::from_ms(hour * HOUR_MS), (memory * HOUR_MS) as f64)
            })
            .collect();
        let (mean, variance) = moments(&values);
        assert!(mean.abs() < 0.1, "{mean}");
        assert!((variance - 1.0).abs() < 0.1, "{variance}");
        for (lag, expected) in [(1, 0.95), (10, 0.61), (20, 0.37), (60, 0.06)] {
            let pairs = values.len() - lag;
            let product: f64 = (0..pairs).map(|i| values[i] * values[i + lag]).sum();
            let correlation = product / pairs as f64 / variance;
            assert!((correlation - expected).abs() < 0.08, "lag {lag}: {correlation}");
        }
    }

    #[test]
    fn families_do_not_know_each_other() {
        let root = Dice::new(1);
        assert_ne!(root.named("wind").bits(0), root.named("rain").bits(0));
        assert_ne!(root.numbered(0).bits(0), root.numbered(1).bits(0));
        assert_ne!(root.bits(0), Dice::new(2).bits(0));
    }
}
