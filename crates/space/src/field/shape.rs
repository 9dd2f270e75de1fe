//! The scale on which a field is Gaussian.
//!
//! Concentrations are skew and not below nothing; a temperature is neither. The former are taken through
//! `asinh(value / floor)`: like a logarithm far above the floor, straight near nothing, so that zeros and the
//! small negative values of a real analyser need no tricks (Johnson 1949, his unbounded system). Quantiles go
//! back as they are, and a concentration that comes back below nothing is nothing.

use crate::linear::{median, student_quantile};

/// What a quantity can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A concentration: skew, and not below 0.
    Concentration,
    /// Anything else that has a mean: a temperature, a pressure.
    Plain,
}

/// A kind with its floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    kind: Kind,
    floor: f64,
}

/// What a quantity may be at one spot or over one area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Expected value.
    pub mean: f64,
    /// As likely above as below.
    pub median: f64,
    /// One in twenty is below.
    pub low: f64,
    /// One in twenty is above.
    pub high: f64,
}

impl Estimate {
    /// Half the width of the 90 % interval, as a share of the whole scale of the value (1 is "as large as the value").
    pub fn relative_doubt(&self) -> f64 {
        (self.high - self.low) / 2.0 / self.mean.abs().max(1e-9)
    }
}

/// A Student distribution on the transformed scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub mean: f64,
    pub sd: f64,
}

/// Multiples of the spread at which a distribution is looked at when it goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    nodes: [f64; NODES],
    outer: f64,
}

const NODES: usize = 9;

impl Steps {
    pub fn of(dof: f64) -> Self {
        let at = |node: usize| student_quantile((node as f64 + 0.5) / NODES as f64, dof);
        Self { nodes: std::array::from_fn(at), outer: student_quantile(0.95, dof) }
    }
}

impl Shape {
    /// The shape of a quantity that took these values: the floor is six tenths of the middle one.
    pub fn of(kind: Kind, values: impl IntoIterator<Item = f64>) -> Self {
        let mut above: Vec<f64> =
            values.into_iter().filter(|value| value.is_finite() && *value > 0.0).collect();
        Self { kind, floor: median(&mut above).map_or(1.0, |middle| 0.6 * middle).max(1e-12) }
    }

    /// Onto the scale on which a field is Gaussian.
    pub(crate) fn there(&self, value: f64) -> f64 {
        match self.kind {
            Kind::Concentration => (value / self.floor).asinh(),
            Kind::Plain => value,
        }
    }

    /// And back.
    pub(crate) fn back(&self, value: f64) -> f64 {
        match self.kind {
            // beyond e^60 times the floor nothing is known of anything
            Kind::Concentration => (self.floor * sinh(value.min(60.0))).max(0.0),
            Kind::Plain => value,
        }
    }

    pub(crate) fn estimate(&self, Spread { mean, sd }: Spread, steps: &Steps) -> Estimate {
        let sum: f64 = steps.nodes.iter().map(|step| self.back(mean + sd * step)).sum();
        Estimate {
            mean: sum / NODES as f64,
            median: self.back(mean),
            low: self.back(mean - sd * steps.outer),
            high: self.back(mean + sd * steps.outer),
        }
    }

    /// A quantile of the value.
    pub(crate) fn quantile(&self, Spread { mean, sd }: Spread, dof: f64, p: f64) -> f64 {
        self.back(mean + sd * student_quantile(p, dof))
    }
}

/// The hyperbolic sine by one exponential: a map takes millions of them.
fn sinh(x: f64) -> f64 {
    let e = x.exp();
    0.5 * (e - 1.0 / e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_value_and_nothing_comes_back_below_nothing() {
        let shape = Shape::of(Kind::Concentration, [40.0, 60.0, 50.0, f64::NAN, -3.0]);
        for value in [0.0, 0.3, 12.0, 900.0] {
            assert!((shape.back(shape.there(value)) - value).abs() < 1e-9 * (1.0 + value));
        }
        assert!(shape.back(shape.there(-4.0)).abs() < 1e-12);
        let plain = Shape::of(Kind::Plain, [-4.0]);
        assert!((plain.back(plain.there(-4.0)) + 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_skew_quantity_has_its_mean_above_its_median_and_both_in_the_interval() {
        let shape = Shape::of(Kind::Concentration, [50.0]);
        let spread = Spread { mean: shape.there(50.0), sd: 0.5 };
        let found = shape.estimate(spread, &Steps::of(30.0));
        assert!(found.low < found.median && found.median < found.mean && found.mean < found.high);
        assert!((found.median - 50.0).abs() < 1e-9);
        assert!((shape.quantile(spread, 30.0, 0.95) - found.high).abs() < 1e-9);
    }
}
