//! How it is said whether an order is kept.

use super::answer::words;
use crate::http::state::AppState;
use crate::http::time::Instant;
use crate::orders::{Checked, state};
use crate::words::Words;
use control::emergency::{Check, Kept, Rule, Unclear};
use model::{HOUR_MS, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// What readings say of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderCompliance)]
pub struct ComplianceAnswer {
    /// `kept`, `not_kept` or `unclear`.
    state: &'static str,
    /// Why it is unclear when there is no check.
    reason: Option<Words>,
    checks: Vec<CheckAnswer>,
}

/// One check of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderCheck)]
pub struct CheckAnswer {
    /// The entry of the plan.
    entry: String,
    /// The place that measures.
    place: String,
    parameter: String,
    /// The unit of the means.
    unit: String,
    /// By how many percent the mean must fall.
    asked_percent: f64,
    /// `kept`, `not_kept` or `unclear`.
    state: &'static str,
    /// How sure it is that the order is kept, per cent, between 0.1 and 99.9; null: nothing could be compared.
    #[schema(example = "97.4")]
    confidence_percent: Option<String>,
    /// How sure it has to be.
    sure_percent: f64,
    /// Why it is unclear.
    reason: Option<Words>,
    /// Mean of the hours before the first order of the place, in `unit`.
    before: Option<f64>,
    /// Mean since its measures are to be in place, in `unit`.
    since: Option<f64>,
    /// By how many percent the mean fell; below zero: it rose.
    reduction_percent: Option<f64>,
    before_from: Instant,
    before_to: Instant,
    since_from: Instant,
    since_to: Instant,
    /// Valid hours before and since.
    hours: [usize; 2],
}

impl ComplianceAnswer {
    pub fn of(app: &AppState, rule: &Rule, checks: &[Checked]) -> Self {
        Self {
            state: state(checks),
            reason: checks.is_empty().then(|| words(&Unclear::NoCheck.words())),
            checks: checks.iter().map(|own| CheckAnswer::of(app, rule, own)).collect(),
        }
    }
}

impl CheckAnswer {
    fn of(app: &AppState, rule: &Rule, own: &Checked) -> Self {
        let at = |hour: i64| Instant(Timestamp::from_ms(hour * HOUR_MS));
        let Check { place, parameter, reduction_percent } = &own.check;
        let compared = own.kept.compared();
        let unit = app.parameters.get(parameter).map(|own| model::unit_text(&own.unit));
        Self {
            entry: own.entry.clone(),
            place: place.clone(),
            parameter: parameter.clone(),
            unit: unit.unwrap_or_default(),
            asked_percent: *reduction_percent,
            state: own.kept.name(),
            confidence_percent: compared.map(|own| own.confidence_percent()),
            sure_percent: rule.sure_percent,
            reason: match &own.kept {
                Kept::Unclear(why, _) => Some(words(&why.words())),
                _ => None,
            },
            before: compared.map(|own| own.before),
            since: compared.map(|own| own.since),
            reduction_percent: compared.map(|own| own.reduction_percent),
            before_from: at(own.before.start),
            before_to: at(own.before.end),
            since_from: at(own.since.start),
            since_to: at(own.since.end),
            hours: own.hours,
        }
    }
}
