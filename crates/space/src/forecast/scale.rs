//! The scale on which forecasts are made: up to what is usual a difference counts as it is, far above more and more as a ratio.

use super::Hour;
use crate::plot::quantiles;

/// `ln(1 + x / (3 · median))`: concentrations are skewed, and errors grow with them, though not in proportion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    unit: f64,
}

impl Scale {
    pub fn of(hours: &[Hour]) -> Self {
        let values: Vec<f64> = hours.iter().filter_map(|hour| hour.value).collect();
        let median = quantiles(&values, &[0.5])[0].unwrap_or(1.0);
        Self { unit: (median * 3.0).max(1e-9) }
    }

    /// Onto the scale. What is below zero is an instrument's noise around nothing.
    pub fn on(self, value: f64) -> f64 {
        (1.0 + value.max(0.0) / self.unit).ln()
    }

    /// Back from it.
    pub fn back(self, scaled: f64) -> f64 {
        (scaled.clamp(0.0, 60.0).exp() - 1.0) * self.unit
    }
}
