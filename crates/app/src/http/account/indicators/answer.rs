//! How indicators are written down. Numbers are decimals as text: they are exact.

use super::super::answer::words;
use crate::indicators::{Compared, Opened, Reckoned};
use crate::report::unit_text;
use crate::words::Words;
use account::indicator::{Direction, Every, Indicator, Light, Term, Trend};
use account::report::{shortest, signed};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// An indicator in its period, beside the same days a year earlier.
#[derive(Serialize, ToSchema)]
#[schema(as = Indicator)]
pub struct IndicatorAnswer {
    key: String,
    name: Words,
    unit: Words,
    /// What numerator and denominator count; null for a level.
    basis: Option<&'static str>,
    basis_name: Option<Words>,
    /// Which way is good: `up` or `down`.
    #[schema(value_type = String)]
    direction: Direction,
    /// `month`, `quarter` or `year`.
    #[schema(value_type = String)]
    every: Every,
    /// Its entry of the log; null: an example that is built in.
    sequence: Option<u64>,
    valid_from: String,
    valid_to: Option<String>,
    /// `H` primary text or two sources, `M` one good source, `R` recalled, `O` own design.
    confidence: String,
    source: String,
    /// What the source does not say.
    unknown: Vec<Words>,
    simulated: bool,
    target: Option<TargetAnswer>,
    now: PeriodValue,
    /// The same days a year earlier; null where no edition held.
    then: Option<PeriodValue>,
    /// By how much it changed: points of a percentage, else its unit.
    change: Option<String>,
    /// `better`, `worse` or `same`.
    #[schema(value_type = Option<String>)]
    trend: Option<Trend>,
    /// Why the two are not compared: they count different things.
    not_compared: Option<Words>,
    /// Its document, TOML.
    toml: String,
}

/// What is to be reached.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorTarget)]
pub struct TargetAnswer {
    /// Green from here on, in the good direction.
    value: String,
    /// Amber from here on.
    amber: String,
    /// Where it stands.
    document: String,
}

/// A value over some days, with its inputs.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorValue)]
pub struct PeriodValue {
    from: String,
    to: String,
    goes_on: bool,
    /// As it is printed; null with a reason.
    value: Option<String>,
    numerator: Option<String>,
    denominator: Option<String>,
    reason: Option<Words>,
    /// `green`, `amber` or `red`; null without a value or a target.
    #[schema(value_type = Option<String>)]
    light: Option<Light>,
    inputs: Vec<InputAnswer>,
}

/// An input of a value.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorInput)]
pub struct InputAnswer {
    /// `numerator` or `denominator`.
    side: &'static str,
    name: Words,
    /// Times this; 1 as a rule, −1 when it is taken away.
    times: String,
    amount: Option<String>,
    reason: Option<Words>,
    notes: Vec<Words>,
    /// Where it is explained; empty when it has no address.
    explain: String,
}

/// An indicator in a trend.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorLine)]
pub struct TrendLine {
    key: String,
    name: Words,
    points: Vec<TrendPoint>,
}

/// A period in a trend.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorPoint)]
pub struct TrendPoint {
    from: Option<String>,
    to: String,
    value: Option<String>,
    /// Why it is a gap.
    reason: Option<Words>,
}

impl IndicatorAnswer {
    pub fn of(own: &Compared) -> Self {
        let (now, it) = (&own.now, &own.now.edition.indicator);
        let changed = own.change.as_ref().and_then(|change| change.as_ref().ok());
        let refused = own.change.as_ref().and_then(|change| change.as_ref().err());
        Self {
            key: it.key.clone(),
            name: words(&it.name),
            unit: words(&unit_text(&it.unit)),
            basis: it.basis.map(account::Basis::key),
            basis_name: it.basis.map(|own| Words::new(own.words().0, own.words().1)),
            direction: it.direction,
            every: it.every,
            sequence: now.edition.sequence,
            valid_from: it.valid_from.to_string(),
            valid_to: it.valid_to.map(|day| day.to_string()),
            confidence: it.confidence.clone(),
            source: it.source.clone(),
            unknown: it.unknown.iter().map(words).collect(),
            simulated: it.simulated,
            target: it.target.as_ref().map(|target| TargetAnswer {
                value: shortest(&target.value.0),
                amber: shortest(&target.amber.0),
                document: target.document.clone(),
            }),
            then: own.then.as_ref().map(PeriodValue::of),
            change: changed.map(|(by, _)| signed(by)),
            trend: changed.map(|(_, trend)| *trend),
            not_compared: refused.map(|other| words(&other.0)),
            toml: now.edition.toml.clone(),
            now: PeriodValue::of(now),
        }
    }

    /// What was only looked at has no entry of the log.
    pub fn previewed(self, preview: bool) -> Self {
        Self { sequence: self.sequence.filter(|_| !preview), ..self }
    }
}

impl PeriodValue {
    fn of(own: &Reckoned) -> Self {
        let it = &own.edition.indicator;
        let value = own.value.as_ref().ok();
        let count = it.numerator.len();
        let inputs = it.terms().zip(&own.inputs).enumerate();
        let inputs = inputs.map(|(at, (term, own))| {
            InputAnswer::of(if at < count { "numerator" } else { "denominator" }, term, own)
        });
        Self {
            from: own.span.first().to_string(),
            to: own.span.last().to_string(),
            goes_on: own.goes_on,
            value: value.map(|value| value.printed.clone()),
            numerator: value.map(|value| shortest(&value.numerator)),
            denominator: value.and_then(|value| value.denominator.as_ref().map(shortest)),
            reason: own.value.as_ref().err().map(|none| words(&none.text())),
            light: own.light,
            inputs: inputs.collect(),
        }
    }
}

impl InputAnswer {
    fn of(side: &'static str, term: &Term, own: &Opened) -> Self {
        Self {
            side,
            name: words(&term.name),
            times: shortest(&term.times.0),
            amount: own.amount.as_ref().ok().map(shortest),
            reason: own.amount.as_ref().err().map(words),
            notes: own.notes.iter().map(words).collect(),
            explain: own.explain.clone(),
        }
    }
}

impl TrendLine {
    pub fn of(own: &Indicator, points: Vec<TrendPoint>) -> Self {
        Self { key: own.key.clone(), name: words(&own.name), points }
    }
}

impl TrendPoint {
    pub fn of(own: &Reckoned) -> Self {
        Self {
            from: Some(own.span.first().to_string()),
            to: own.span.last().to_string(),
            value: own.value.as_ref().ok().map(|value| value.printed.clone()),
            reason: own.value.as_ref().err().map(|none| words(&none.text())),
        }
    }

    /// A period that an edition told which counts something else.
    pub fn broken(end: Date, reason: Words) -> Self {
        Self { from: None, to: end.to_string(), value: None, reason: Some(reason) }
    }
}
