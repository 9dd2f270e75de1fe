//! What readings say of an order: whether it is kept, how sure that is, or why it is unclear.

use super::Check;
use crate::Text;
use serde::{Deserialize, Serialize};

/// Whether an order is kept, as far as readings say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compliance {
    /// Mean before, in the unit of the parameter.
    pub before: f64,
    /// Mean since, in the same unit.
    pub since: f64,
    /// By how many percent it fell.
    pub reduction_percent: f64,
    /// How sure it is that the required reduction was reached, from 0 to 1.
    pub confidence: f64,
}

impl Compliance {
    /// The confidence in per cent with one decimal; never 0 or 100, since readings prove nothing.
    pub fn confidence_percent(&self) -> String {
        format!("{:.1}", (self.confidence * 100.0).clamp(0.1, 99.9))
    }
}

/// Why readings do not say whether an order is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unclear {
    /// Nothing of it can be measured: the plan names no check.
    NoCheck,
    /// The time has not come from which on the measures are to be in place.
    NotYet,
    /// The readings allow both answers.
    Between,
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

/// What is said of an order. Where it is unclear nothing is said against anybody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kept {
    /// It is kept, with this confidence.
    Yes(Compliance),
    /// It is not kept: the confidence that it is kept is this low.
    No(Compliance),
    /// Unclear, why, and what was compared if anything was.
    Unclear(Unclear, Option<Compliance>),
}

impl Kept {
    /// What was compared, if anything was.
    pub fn compared(&self) -> Option<Compliance> {
        match self {
            Self::Yes(own) | Self::No(own) => Some(*own),
            Self::Unclear(_, own) => *own,
        }
    }

    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Yes(_) => "kept",
            Self::No(_) => "not_kept",
            Self::Unclear(..) => "unclear",
        }
    }
}

impl Unclear {
    /// For people.
    pub fn words(&self) -> Text {
        let (zh, en) = match self {
            Self::NoCheck => (
                "预案未规定可由读数核对的指标".to_owned(),
                "the plan names nothing that readings can check".to_owned(),
            ),
            Self::NotYet => (
                "尚未到措施应落实的时间".to_owned(),
                "the measures need not be in place yet".to_owned(),
            ),
            Self::Between => {
                ("读数不足以判断是否落实".to_owned(), "the readings allow both answers".to_owned())
            }
            Self::TooFew { before, since } => (
                format!(
                    "有效小时数不足：之前 {before} 小时，之后 {since} 小时，各需至少 {HOURS_MIN} 小时"
                ),
                format!(
                    "too few valid hours: {before} before and {since} since, {HOURS_MIN} are needed of each"
                ),
            ),
            Self::NothingBefore => (
                "之前的均值不大于零，无从比较".to_owned(),
                "the mean before is not above zero, so there is nothing to compare with".to_owned(),
            ),
        };
        Text { zh, en }
    }
}

/// What is said of an order by its check, when it has to be so sure.
pub fn judge(before: &[f64], since: &[f64], check: &Check, sure_percent: f64) -> Kept {
    match compliance(before, since, check) {
        Err(why) => Kept::Unclear(why, None),
        Ok(own) if own.confidence >= sure_percent / 100.0 => Kept::Yes(own),
        Ok(own) if own.confidence <= 1.0 - sure_percent / 100.0 => Kept::No(own),
        Ok(own) => Kept::Unclear(Unclear::Between, Some(own)),
    }
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
    use proptest::prelude::*;

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

    #[test]
    fn what_lies_between_is_unclear_and_says_nothing_against_anybody() {
        let before: Vec<f64> = (0..48).map(|hour| 100.0 + f64::from(hour % 9) * 8.0).collect();
        let since: Vec<f64> = (0..24).map(|hour| 90.0 + f64::from(hour % 7) * 8.0).collect();
        let judged = |percent| judge(&before, &since, &check(percent), 95.0);
        assert!(matches!(judged(1.0), Kept::Yes(_)), "{:?}", judged(1.0));
        assert!(matches!(judged(60.0), Kept::No(_)));
        assert!(
            matches!(judged(13.5), Kept::Unclear(Unclear::Between, Some(_))),
            "{:?}",
            judged(13.5)
        );
        assert!(matches!(
            judge(&before[..3], &since, &check(9.0), 95.0),
            Kept::Unclear(Unclear::TooFew { .. }, None)
        ));
    }

    proptest! {
        #[test]
        fn the_more_is_asked_the_less_sure_it_is_kept(
            before in prop::collection::vec(1.0..200.0_f64, 6..60),
            since in prop::collection::vec(0.0..200.0_f64, 6..60),
            asked in (1.0..99.0_f64, 1.0..99.0_f64),
        ) {
            let (less, more) = (asked.0.min(asked.1), asked.0.max(asked.1));
            let of = |percent| compliance(&before, &since, &check(percent)).unwrap();
            prop_assert!((0.0..=1.0).contains(&of(less).confidence));
            // Where the mean since lies above the mean before, the spread decides; where it lies below, the distance does.
            let bar = of(less).reduction_percent;
            if less <= bar && bar <= more {
                prop_assert!(of(less).confidence >= 0.5 - 1e-6 && of(more).confidence <= 0.5 + 1e-6);
            }
        }
    }
}
