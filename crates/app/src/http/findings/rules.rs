//! The rules, and how right each has been.
//!
//! Precision: of the findings that somebody judged, the share that was confirmed; those whose readings were invalid count for nobody.
//! Missed: cases that were closed as true, came from elsewhere, are of the rule's category, and of which the rule found nothing near and then.

use super::super::error::{Answer, Problem};
use super::super::rights::Asking;
use super::super::state::AppState;
use super::super::time::Instant;
use super::answer::subject_name;
use super::{AsOfQuery, Seen};
use crate::words::Words;
use axum::Json;
use axum::extract::{Extension, Query, State};
use control::{Case, Source, Stage};
use detect::{Finding, Rule, Verdict};
use engine::desk::Desk;
use model::DAY_MS;
use serde::Serialize;
use std::sync::Arc;
use store::Known;
use utoipa::ToSchema;

/// How near a finding has to be to a case to be of the same thing, m, and how long before or after, ms.
const NEAR_M: f64 = 2_000.0;
const NEAR_MS: i64 = DAY_MS;
/// Missed cases that are named.
const MISSED_MAX: usize = 50;

/// All rules.
#[derive(Serialize, ToSchema)]
pub struct RuleList {
    /// In the order of their file; every version of each.
    rules: Vec<RuleRow>,
    now: Instant,
}

/// A rule.
#[derive(Serialize, ToSchema)]
pub struct RuleRow {
    key: String,
    version: String,
    kind: &'static str,
    name: Words,
    /// First civil day on which it holds; null: always.
    valid_from: Option<String>,
    /// Last civil day on which it holds; null: still.
    valid_to: Option<String>,
    /// Whether it holds today.
    valid: bool,
    severity: &'static str,
    /// `air`, `water`, `dust`, …
    subject: String,
    /// Kinds of places that it holds for; empty: all.
    place_kinds: Vec<String>,
    /// Places that it holds for; empty: all of the kinds.
    places: Vec<String>,
    parameters: Vec<String>,
    period: &'static str,
    /// What it compares with, as it is configured: a number, or which limit of the law; null when it compares with what is beside it.
    #[schema(value_type = Option<Object>)]
    threshold: Option<serde_json::Value>,
    /// How long the condition holds before it is raised, s.
    hold_s: i64,
    /// How long it does not hold before it is cleared, s.
    clear_hold_s: i64,
    category: String,
    /// Where its numbers were taken from.
    source: String,
    /// Findings of this version.
    findings: usize,
    /// Those that are not over.
    raised: usize,
    confirmed: usize,
    refuted: usize,
    data_invalid: usize,
    /// Confirmed of confirmed and refuted; null while nobody has judged any.
    precision: Option<f64>,
    /// Confirmed cases from elsewhere of which it found nothing, by number; at most 50.
    missed: Vec<String>,
}

impl RuleRow {
    /// A rule, with what came of its findings.
    pub(super) fn of(app: &AppState, rule: &Rule, seen: &Seen, missed: &[String]) -> Self {
        let own: Vec<&Finding> = seen
            .findings
            .values()
            .map(|finding| &**finding)
            .filter(|own| own.raised.rule == rule.key && own.raised.version == rule.version)
            .collect();
        let count = |verdict| own.iter().filter(|one| one.verdict == Some(verdict)).count();
        let (confirmed, refuted) = (count(Verdict::Confirmed), count(Verdict::Refuted));
        #[expect(clippy::cast_precision_loss, reason = "counts of findings")]
        let precision = confirmed as f64 / (confirmed + refuted) as f64;
        let today = app.district.zone.date(seen.now).ok();
        let kind = |kind: &model::PlaceKind| {
            serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned))
        };
        Self {
            key: rule.key.clone(),
            version: rule.version.clone(),
            kind: rule.kind.name(),
            name: Words::new(&rule.name.zh, &rule.name.en),
            valid_from: rule.valid_from.map(|day| day.to_string()),
            valid_to: rule.valid_to.map(|day| day.to_string()),
            valid: today.is_some_and(|today| rule.is_valid(today)),
            severity: rule.severity.name(),
            subject: subject_name(rule.subject),
            place_kinds: rule.kinds.iter().filter_map(kind).collect(),
            places: rule.places.clone(),
            parameters: rule.parameters.clone(),
            period: rule.period.name(),
            threshold: rule.threshold.as_ref().and_then(|own| serde_json::to_value(own).ok()),
            hold_s: rule.hold.0 / 1_000,
            clear_hold_s: rule.clear_hold.0 / 1_000,
            category: rule.category.clone(),
            source: rule.source.clone(),
            findings: own.len(),
            raised: own.iter().filter(|one| one.cleared.is_none()).count(),
            confirmed,
            refuted,
            data_invalid: count(Verdict::DataInvalid),
            precision: (confirmed + refuted > 0).then_some(precision),
            missed: missed.to_vec(),
        }
    }
}

/// The rules, with their versions and dates, and how right each has been.
#[utoipa::path(
    get, path = "/rules", tag = "findings", params(AsOfQuery),
    responses((status = 200, body = RuleList), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn rules(
    State(app): State<AppState>,
    Extension(_asking): Extension<Asking>,
    Query(query): Query<AsOfQuery>,
) -> Answer<Json<RuleList>> {
    app.ask(move |app| {
        let seen = Seen::read(app, query.as_of.as_deref())?;
        let cases = match seen.known {
            Known::Now => app.desk.cases(),
            then => Desk::as_of(&app.reader, then, &app.district.zone)
                .map_err(|error| super::ApiError::internal("read cases", &error))?,
        };
        let is_true = |case: &&Arc<Case>| {
            case.stage >= Stage::Closed
                && !case.is_set_aside()
                && case.collected.source != Source::Finding
        };
        let cases: Vec<&Arc<Case>> = cases.values().filter(is_true).collect();
        let rules = app.rules.all().iter();
        let rows = rules.map(|rule| RuleRow::of(app, rule, &seen, &missed(rule, &seen, &cases)));
        Ok(Json(RuleList { rules: rows.collect(), now: Instant(seen.now) }))
    })
    .await
}

fn missed(rule: &Rule, seen: &Seen, cases: &[&Arc<Case>]) -> Vec<String> {
    let own: Vec<&Arc<Finding>> =
        seen.findings.values().filter(|own| own.raised.rule == rule.key).collect();
    let of_category = cases.iter().filter(|case| case.collected.category == rule.category);
    let is_missed = |case: &&&Arc<Case>| {
        !own.iter().any(|finding| {
            let raised = &finding.raised;
            let is_place = case.collected.place.as_ref() == Some(&raised.place);
            let is_near = case
                .collected
                .spot
                .is_some_and(|spot| space::distance_m([spot.lon, spot.lat], raised.spot) <= NEAR_M);
            let end = finding.cleared.map_or(seen.now, |(at, _)| at);
            let begun = case.begun();
            (is_place || is_near) && begun >= raised.began - NEAR_MS && begun <= end + NEAR_MS
        })
    };
    of_category.filter(is_missed).map(|case| case.number.clone()).take(MISSED_MAX).collect()
}
