//! How much more likely each rise becomes by what a source would add, for all rates at once.
//!
//! Rates are spread evenly over their logarithms, and what is added is a product, so one row of a table serves all of them:
//! the logarithm of what 1 g/s adds says where in it to begin.

use super::background::Rise;

/// Rates that are tried, spread over their logarithms.
pub(crate) const RATES: usize = 15;
/// Entries of a table between two rates.
const PHASES: usize = 4;
/// What adds less than e to this power of twice the noise is not seen.
const LEAST: f64 = -4.0;
/// What adds more than e to this power of twice the noise is told no farther.
const MOST: f64 = 14.0;

/// Tables of all rises.
pub(crate) struct Gains {
    /// Logarithm of the least rate, and of the step from one rate to the next.
    low: f64,
    step: f64,
    /// Of each rise: its value on the scale of `asinh`, and the logarithm of twice its noise.
    levels: Vec<(f64, f64)>,
    /// Of each rise: how many like it its word counts as.
    weights: Vec<f64>,
    factor_sd: f64,
    width: usize,
    /// By rise, phase and place.
    table: Vec<f32>,
}

impl Gains {
    /// Of rises with their weights, for rates from the least to the greatest, and models that are off by a factor of such a spread.
    pub fn new(rises: &[Rise], weights: Vec<f64>, (low, high): (f64, f64), factor_sd: f64) -> Self {
        let step = ((high / low).max(1.0).ln() / (RATES - 1) as f64).max(1e-6);
        let level = |rise: &Rise| {
            let scale = 2.0 * rise.noise;
            ((rise.value / scale).asinh(), scale.ln())
        };
        let levels: Vec<_> = rises.iter().map(level).collect();
        // the first rates may add too little to be seen while the last ones do not
        let width = ((MOST - LEAST) / step).ceil() as usize + 2 * RATES + 1;
        let mut gains =
            Self { low: low.ln(), step, levels, weights, factor_sd, width, table: vec![] };
        let mut table = Vec::with_capacity(gains.levels.len() * PHASES * width);
        for ((level, _), weight) in gains.levels.iter().zip(&gains.weights) {
            let without = log_density(*level, 0.0, 0.5);
            for phase in 0..PHASES {
                let at = |place: usize| {
                    let whole = place as f64 + phase as f64 / PHASES as f64;
                    let log = gains.start() + whole * step;
                    if log < LEAST {
                        0.0
                    } else {
                        (weight * gains.of(*level, without, log.exp())) as f32
                    }
                };
                table.extend((0..width).map(at));
            }
        }
        gains.table = table;
        gains
    }

    /// The rates.
    pub fn rates(&self) -> [f64; RATES] {
        std::array::from_fn(|at| (self.low + self.step * at as f64).exp())
    }

    /// Where tables begin: so low that all rates see nothing.
    fn start(&self) -> f64 {
        LEAST - self.step * RATES as f64
    }

    /// Adds the gains of a rise at which 1 g/s adds e to the power of `log`, rate by rate.
    pub fn add(&self, rise: usize, log: f32, into: &mut [f32; RATES]) {
        let at = (f64::from(log) + self.low - self.levels[rise].1 - self.start()) / self.step;
        if at < 0.0 {
            return;
        }
        let last = (self.width - RATES - 1) as f64 - 0.01;
        let fine = (at.min(last) * PHASES as f64) as f32;
        let whole = fine as usize;
        let part = fine - whole as f32;
        let row = |number: usize| {
            let start = (rise * PHASES + number % PHASES) * self.width + number / PHASES;
            &self.table[start..start + RATES]
        };
        let (one, next) = (row(whole), row(whole + 1));
        for rate in 0..RATES {
            into[rate] += one[rate] + part * (next[rate] - one[rate]);
        }
    }

    /// By how much more likely a rise is when so much was added, as a logarithm.
    pub fn gain(&self, rise: usize, added: f64) -> f64 {
        let (level, log_scale) = self.levels[rise];
        self.weights[rise] * self.of(level, log_density(level, 0.0, 0.5), added / log_scale.exp())
    }

    fn of(&self, level: f64, without: f64, ratio: f64) -> f64 {
        // where little is expected the noise of the instrument is all there is, where much is the model's own
        let share = ratio / (ratio + 1.0);
        let sd = 0.5 + (self.factor_sd - 0.5).max(0.0) * share;
        log_density(level, (ratio + (ratio * ratio + 1.0).sqrt()).ln(), sd) - without
    }
}

/// Student's density with four degrees of freedom.
fn log_density(level: f64, expected: f64, sd: f64) -> f64 {
    let off = (level - expected) / sd;
    -(sd * (1.0 + 0.25 * off * off).powi(2) * (1.0 + 0.25 * off * off).sqrt()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_formula_says_at_every_rate() {
        let rises: Vec<Rise> = [-3.0, 0.0, 4.0, 80.0]
            .iter()
            .map(|value| Rise { sounding: 0, value: *value, noise: 1.5 })
            .collect();
        let gains = Gains::new(&rises, vec![1.0, 2.0, 1.0, 1.0], (0.01, 1_000.0), 1.0);
        let rates = gains.rates();
        assert!((rates[0] - 0.01).abs() < 1e-9 && (rates[RATES - 1] - 1_000.0).abs() < 1e-6);
        for rise in 0..rises.len() {
            for add in [1e-6_f64, 1e-3, 0.02, 0.7, 5.0, 60.0] {
                let mut found = [0.0_f32; RATES];
                gains.add(rise, add.ln() as f32, &mut found);
                for (rate, found) in rates.iter().zip(found) {
                    let expected = gains.gain(rise, rate * add);
                    // so little is taken as nothing
                    let tolerance = if rate * add / 3.0 < 0.03 { 0.2 } else { 0.05 };
                    assert!((f64::from(found) - expected).abs() < tolerance, "{rise} {add} {rate}");
                }
            }
        }
    }
}
