//! What an indicator comes to, its light, and what may stand beside it.

use super::{Direction, Indicator, Term};
use crate::{Basis, NoRate, Rate, Text};
use serde::Serialize;
use standards::{Exact, ExactError};

pub use crate::programme::Light;

/// A value, with what it was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The sum of the numerator.
    pub numerator: Exact,
    /// The sum of the denominator, when there is one.
    pub denominator: Option<Exact>,
    /// The value before rounding.
    pub exact: Exact,
    /// The value as it is printed.
    pub printed: String,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// An input is not there.
    #[error("{}: {}", .name.en, .reason.en)]
    Missing {
        /// The name of the term.
        name: Text,
        /// Why.
        reason: Text,
    },
    /// Nothing was due: the denominator is nought.
    #[error("nothing was due: no case")]
    NothingDue,
    /// A number cannot be computed with.
    #[error("a number of the indicator: {0}")]
    Number(#[from] ExactError),
}

/// Why two indicators are not put in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct OtherLine(pub Text);

/// Where a value went against another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Into the good direction.
    Better,
    /// Into the bad one.
    Worse,
    /// It reads the same.
    Same,
}

impl NoValue {
    /// The reason for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing { name, reason } => Text::new(
                format!("{}：{}", name.zh, reason.zh),
                format!("{}: {}", name.en, reason.en),
            ),
            Self::NothingDue => Text::new("分母为零：不评", "nothing was due: no case"),
            Self::Number(error) => {
                Text::new(format!("数值无法计算：{error}"), format!("not computable: {error}"))
            }
        }
    }
}

impl Indicator {
    /// What it comes to, of the amounts of its [terms](Indicator::terms) in their order, or why one is missing.
    ///
    /// # Errors
    /// The first input that is missing, a denominator of nought, numbers that do not fit exact arithmetic.
    pub fn value(&self, amounts: &[Result<Exact, Text>]) -> Result<Value, NoValue> {
        let lacking = || Text::new("没有给出", "it was not given");
        let mut amounts = amounts.iter();
        let mut sum = |terms: &[Term]| -> Result<Exact, NoValue> {
            let mut sum = Exact::ZERO;
            for term in terms {
                let amount = match amounts.next() {
                    Some(Ok(amount)) => amount,
                    Some(Err(reason)) => return Err(missing(term, reason.clone())),
                    None => return Err(missing(term, lacking())),
                };
                sum = sum.plus(&amount.times(&term.times.0)?)?;
            }
            Ok(sum)
        };
        let numerator = sum(&self.numerator)?;
        let (denominator, share) = if self.denominator.is_empty() {
            (None, numerator)
        } else {
            let denominator = sum(&self.denominator)?;
            let basis = self.basis.unwrap_or(Basis::Units);
            let share =
                Rate { numerator, denominator, basis }.share().map_err(|none| match none {
                    NoRate::Number(error) => NoValue::Number(error),
                    NoRate::NothingDue | NoRate::OtherBasis(..) => NoValue::NothingDue,
                })?;
            (Some(denominator), share)
        };
        let exact = share.times(&self.times.0)?;
        let printed = exact.half_even(self.decimals)?.fixed(self.decimals);
        Ok(Value { numerator, denominator, exact, printed })
    }

    /// The light of a printed value: what people read is what is compared. None without a target.
    pub fn light(&self, printed: &str) -> Option<Light> {
        let target = self.target.as_ref()?;
        let value = Exact::parse(printed).ok()?;
        let reaches = |of: Exact| match self.direction {
            Direction::Up => value >= of,
            Direction::Down => value <= of,
        };
        Some(if reaches(target.value.0) {
            Light::Green
        } else if reaches(target.amber.0) {
            Light::Amber
        } else {
            Light::Red
        })
    }

    /// By how much a printed value is above another one, and whether that is good.
    ///
    /// # Errors
    /// When numbers do not fit exact arithmetic.
    pub fn change(&self, now: &str, then: &str) -> Result<(Exact, Trend), ExactError> {
        let by = Exact::parse(now)?.minus(&Exact::parse(then)?)?;
        let trend = match (by == Exact::ZERO, by.is_negative(), self.direction) {
            (true, ..) => Trend::Same,
            (_, false, Direction::Up) | (_, true, Direction::Down) => Trend::Better,
            _ => Trend::Worse,
        };
        Ok((by, trend))
    }

    /// Whether another one may stand in one line or one trend with it: both count the same, in the same unit, over
    /// periods of the same length.
    ///
    /// # Errors
    /// In what they differ, in words.
    pub fn in_line_with(&self, other: &Self) -> Result<(), OtherLine> {
        let pair = |zh: &str, en: &str, (a, b): (Text, Text)| {
            Err(OtherLine(Text::new(
                format!(
                    "{}（{}）与{}（{}）{zh}不同，不能放在同一条线或同一趋势中比较",
                    self.name.zh, a.zh, other.name.zh, b.zh
                ),
                format!(
                    "“{}” ({}) and “{}” ({}) differ in {en}: they are not put in one line or one trend",
                    self.name.en, a.en, other.name.en, b.en
                ),
            )))
        };
        if self.basis != other.basis {
            let of = |basis: Option<Basis>| {
                let (zh, en) = basis.map_or(("无口径", "no basis"), Basis::words);
                Text::new(format!("按{zh}计"), format!("by {en}"))
            };
            return pair("口径", "what they count", (of(self.basis), of(other.basis)));
        }
        if self.unit != other.unit {
            return pair("单位", "unit", (Text::same(&self.unit), Text::same(&other.unit)));
        }
        if self.every != other.every {
            let of = |own: &Self| {
                let (zh, en) = own.every.words();
                Text::new(zh, en)
            };
            return pair("周期", "period", (of(self), of(other)));
        }
        Ok(())
    }
}

impl super::Every {
    /// Chinese and English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Month => ("月", "month"),
            Self::Quarter => ("季", "quarter"),
            Self::Year => ("年", "year"),
        }
    }
}

fn missing(term: &Term, reason: Text) -> NoValue {
    NoValue::Missing { name: term.name.clone(), reason }
}
