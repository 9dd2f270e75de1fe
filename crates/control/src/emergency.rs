//! Emergency response: a warning turns plans into orders, receipts come back, readings say whether an order is
//! kept, and with what confidence.

use crate::Text;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// Levels of a warning, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Where a district uses it.
    Blue,
    /// The third.
    Yellow,
    /// The second.
    Orange,
    /// The highest.
    Red,
}

/// What one enterprise does from a level on: one plant, one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The place that is ordered: an enterprise, a stack, a building site.
    pub place: String,
    /// From which level on.
    pub level: Level,
    /// What is to be done.
    pub text: Text,
    /// What readings must show, when readings can show it.
    #[serde(default)]
    pub check: Option<Check>,
}

/// How readings show that an order is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The place that measures it.
    pub place: String,
    /// Which parameter.
    pub parameter: String,
    /// By how many percent the mean must lie below that of the days before.
    pub reduction_percent: f64,
}

/// A warning as it was declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Which level.
    pub level: Level,
    /// From when, ms UTC.
    pub from: Timestamp,
    /// What it rests on: a forecast, an order with its number.
    pub basis: String,
    /// When it was lifted, or changed to another level.
    #[serde(default)]
    pub lifted: Option<Timestamp>,
}

/// The measures that a level calls for: those of the level and of all milder ones, each place's strictest first; a place
/// that is ordered more at a higher level keeps that one only.
pub fn orders(plan: &[Measure], level: Level) -> Vec<&Measure> {
    let mut chosen: Vec<&Measure> = vec![];
    for measure in plan.iter().filter(|measure| measure.level <= level) {
        match chosen.iter_mut().find(|known| known.place == measure.place) {
            Some(known) if known.level < measure.level => *known = measure,
            Some(_) => {}
            None => chosen.push(measure),
        }
    }
    chosen.sort_by(|a, b| a.place.cmp(&b.place));
    chosen
}

/// Whether an order is kept, as far as readings say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compliance {
    /// Mean before.
    pub before: f64,
    /// Mean since.
    pub since: f64,
    /// By how many percent it fell.
    pub reduction_percent: f64,
    /// How sure it is that the required reduction was reached, from 0 to 1.
    pub confidence: f64,
}

/// Why readings do not say whether an order is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Too few hours on one side.
    TooFew {
        /// Hours that were measured before.
        before: usize,
        /// Hours that were measured since.
        since: usize,
    },
    /// The mean before is not above zero.
    NothingBefore,
}

/// Hours that each side needs.
const HOURS_MIN: usize = 6;

/// Compares hours before an order with hours since. The hours of a source follow each other, so each side's uncertainty
/// is that of its effective number of hours, n (1 − r) / (1 + r) with the lag-1 correlation r (Zwiers and von Storch 1995,
/// *Journal of Climate* 8, 336–351); confidence is that of a normal distribution. It cannot tell the measure from anything
/// else that changed at the same time.
///
/// # Errors
/// [`Unclear`].
pub fn compliance(before: &[f64], since: &[f64], check: &Check) -> Result<Compliance, Unclear> {
    if before.len() < HOURS_MIN || since.len() < HOURS_MIN {
        return Err(Unclear::TooFew { before: before.len(), since: since.len() });
    }
    let (was, is) = (Side::of(before), Side::of(since));
    if was.mean <= 0.0 {
        return Err(Unclear::NothingBefore);
    }
    let allowed = 1.0 - check.reduction_percent / 100.0;
    // d = allowed · before − since: above zero when the order is kept.
    let distance = allowed * was.mean - is.mean;
    let spread = (allowed * allowed * was.variance + is.variance).sqrt();
    let confidence = if spread > 0.0 {
        normal(distance / spread)
    } else if distance >= 0.0 {
        1.0
    } else {
        0.0
    };
    Ok(Compliance {
        before: was.mean,
        since: is.mean,
        reduction_percent: 100.0 * (1.0 - is.mean / was.mean),
        confidence,
    })
}

/// A mean and the variance of that mean.
struct Side {
    mean: f64,
    variance: f64,
}

impl Side {
    fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let product: f64 = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
        let correlation = if square > 0.0 { (product / square).clamp(0.0, 0.95) } else { 0.0 };
        let effective = (count * (1.0 - correlation) / (1.0 + correlation)).max(2.0);
        Self { mean, variance: square / (count - 1.0) / effective }
    }
}

/// The standard normal distribution up to z (Abramowitz and Stegun 26.2.17; error below 7.5e-8).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let polynomial = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt() * polynomial;
    if z >= 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(place: &str, level: Level) -> Measure {
        let text = Text { zh: "停产".to_owned(), en: "stop".to_owned() };
        Measure { place: place.to_owned(), level, text, check: None }
    }

    #[test]
    fn a_level_calls_for_its_measures_and_milder_ones_and_a_place_has_one() {
        let plan = [
            measure("b", Level::Yellow),
            measure("a", Level::Yellow),
            measure("a", Level::Red),
            measure("c", Level::Orange),
        ];
        let called = |level| -> Vec<(&str, Level)> {
            orders(&plan, level).iter().map(|m| (m.place.as_str(), m.level)).collect()
        };
        assert_eq!(called(Level::Blue), []);
        assert_eq!(called(Level::Yellow), [("a", Level::Yellow), ("b", Level::Yellow)]);
        assert_eq!(
            called(Level::Red),
            [("a", Level::Red), ("b", Level::Yellow), ("c", Level::Orange)]
        );
    }

    fn check(reduction_percent: f64) -> Check {
        Check { place: "s".to_owned(), parameter: "nox".to_owned(), reduction_percent }
    }

    #[test]
    fn a_stack_that_halves_keeps_an_order_of_thirty_percent_and_not_one_of_seventy() {
        let before: Vec<f64> = (0..48).map(|hour| 100.0 + f64::from(hour % 5)).collect();
        let since: Vec<f64> = (0..24).map(|hour| 50.0 + f64::from(hour % 7)).collect();
        let kept = compliance(&before, &since, &check(30.0)).unwrap();
        assert!(kept.confidence > 0.999 && (kept.reduction_percent - 48.0).abs() < 1.0, "{kept:?}");
        assert!(compliance(&before, &since, &check(70.0)).unwrap().confidence < 0.001);
        let edge = compliance(&before, &since, &check(kept.reduction_percent)).unwrap();
        assert!((edge.confidence - 0.5).abs() < 1e-6);
    }

    #[test]
    fn too_little_is_said_to_be_too_little() {
        let few = Unclear::TooFew { before: 3, since: 24 };
        assert_eq!(compliance(&[1.0; 3], &[1.0; 24], &check(10.0)), Err(few));
        assert_eq!(compliance(&[0.0; 9], &[1.0; 9], &check(10.0)), Err(Unclear::NothingBefore));
        assert!((normal(1.959_964) - 0.975).abs() < 1e-6 && (normal(0.0) - 0.5).abs() < 1e-6);
    }
}
