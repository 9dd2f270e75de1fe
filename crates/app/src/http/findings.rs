//! Findings: the list, one with the series around it, and what people do with them; rules and known work.
//!
//! The rules decide (`detect`), the engine keeps; here is only who asks, and how it is said. Who may see a finding goes by its area and
//! subject, as with cases.

mod answer;
mod deeds;
mod rules;
mod series;
mod works;

use super::error::{Answer, ApiError, Problem, shortened};
use super::known;
use super::rights::Asking;
use super::state::{AppState, unreadable};
use super::time::{Instant, instant};
use crate::words::Words;
use answer::{Events, FindingRow, Naming};
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use detect::{Finding, Severity, Standing, Verdict};
use engine::watch::{Board, Findings, Works};
use model::{Registry, Right, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::Known;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Rows of one answer.
const ROWS_MAX: usize = 500;
const ROWS_USUAL: usize = 100;

/// The routes of this file and those below it.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(findings))
        .routes(routes!(finding))
        .routes(routes!(deeds::file_finding))
        .routes(routes!(deeds::dismiss_finding))
        .routes(routes!(rules::rules))
        .routes(routes!(works::suppressions, works::suppress))
        .routes(routes!(works::end_suppression))
}

/// What a list of findings is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct FindingQuery {
    /// `waiting` (default: nobody took it up, put it aside or explained it; raised or cleared), `raised` (it is so now),
    /// `cleared`, `filed`, `dismissed`, `suppressed`, `all`.
    state: Option<String>,
    /// Only of the rule of this key.
    rule: Option<String>,
    /// Only at this place.
    place: Option<String>,
    /// Only of this parameter.
    parameter: Option<String>,
    /// Only of this group.
    group: Option<String>,
    /// Only this bad or worse: `low`, `middle`, `high`.
    severity: Option<String>,
    /// Only with this verdict: `confirmed`, `refuted`, `data_invalid`.
    verdict: Option<String>,
    /// Only those that were not over before.
    from: Option<String>,
    /// Only those that began before.
    to: Option<String>,
    /// `event`: one row for each event, the worst of its findings that are so found, the oldest of equals; `finding` (default): each.
    by: Option<String>,
    /// Rows to pass over.
    skip: Option<usize>,
    /// Rows to give, at most 500.
    limit: Option<usize>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// Some findings, the newest first.
#[derive(Serialize, ToSchema)]
pub struct FindingList {
    findings: Vec<FindingRow>,
    /// How many there are, also beyond those that are given.
    total: usize,
    /// How many events wait for somebody to look at them, whatever was asked for.
    waiting: usize,
    now: Instant,
    as_of: Option<known::AsOf>,
}

/// What a finding is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AsOfQuery {
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// A finding with what is around it.
#[derive(Serialize, ToSchema)]
pub struct FindingAnswer {
    finding: FindingRow,
    /// The rule that found it, as it stood then; null when it is no longer configured.
    rule: Option<rules::RuleRow>,
    /// The series that it was found on, from before it began to after it was over; null when it is about a device as a whole.
    series: Option<series::Around>,
    /// The other findings of the same event.
    grouped: Vec<FindingRow>,
    /// The known work that explains it.
    suppression: Option<works::WorkRow>,
    now: Instant,
    as_of: Option<known::AsOf>,
}

/// The board as somebody sees it.
struct Seen {
    findings: Arc<Findings>,
    works: Arc<Works>,
    known: Known,
    now: Timestamp,
    as_of: Option<known::AsOf>,
}

impl Seen {
    fn read(app: &AppState, as_of: Option<&str>) -> Answer<Self> {
        let (known, as_of) = known::read(app, as_of)?;
        let past;
        let board: &Board = match known {
            Known::Now => &app.board,
            then => {
                past = Board::of(&app.reader, then)
                    .map_err(|error| ApiError::internal("read findings", &error))?;
                &past
            }
        };
        let now = known::AsOf::clock(as_of, app.now());
        Ok(Self { findings: board.findings(), works: board.works(), known, now, as_of })
    }

    /// A finding that whoever asks may see; somebody else's is told like one that is not there.
    fn finding(&self, app: &AppState, asking: &Asking, id: &str) -> Answer<&Arc<Finding>> {
        let number = id.strip_prefix('f').and_then(|number| number.parse::<u64>().ok());
        let finding = number.and_then(|number| self.findings.get(&number));
        let view = app.reader.view();
        finding.filter(|own| sees(asking, view.registry(), own)).ok_or_else(|| no_finding(id))
    }
}

/// Where a finding belongs: the area of its place, its subject.
fn scope_of(registry: &Registry, finding: &Finding) -> Scope {
    let place = registry.place_id(&finding.raised.place).and_then(|id| registry.place(id));
    let area = place.map(|place| place.area.clone()).filter(|area| !area.is_empty());
    Scope { unit: None, area, subject: Some(finding.raised.subject) }
}

fn sees(asking: &Asking, registry: &Registry, finding: &Finding) -> bool {
    asking.is_allowed(Right::Cases, &scope_of(registry, finding))
}

fn no_finding(id: &str) -> ApiError {
    let id = shortened(id);
    ApiError::new(
        StatusCode::NOT_FOUND,
        "unknown_finding",
        Words::new(
            format!("没有发现 {id}，或不在您的权限范围内"),
            format!("there is no finding {id}, or it is not yours to see"),
        ),
    )
    .with_hint("发现见 /api/v1/findings", "/api/v1/findings lists those that are yours")
}

/// What is looked for, read.
struct Sought {
    state: String,
    severity: Option<Severity>,
    verdict: Option<Verdict>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    by_event: bool,
}

const STATES: [&str; 7] =
    ["waiting", "raised", "cleared", "filed", "dismissed", "suppressed", "all"];

impl Sought {
    fn read(app: &AppState, query: &FindingQuery) -> Answer<Self> {
        let state = query.state.clone().unwrap_or_else(|| "waiting".to_owned());
        if !STATES.contains(&state.as_str()) {
            let names = STATES.join(", ");
            return Err(ApiError::bad_parameter("state", &state, Words::new(names.clone(), names)));
        }
        let by = query.by.as_deref().unwrap_or("finding");
        if !["finding", "event"].contains(&by) {
            let names = "finding, event";
            return Err(ApiError::bad_parameter("by", by, Words::new(names, names)));
        }
        let zone = &app.district.zone;
        let at = |name, text: &Option<String>| {
            text.as_deref().map(|text| instant(name, text, zone)).transpose()
        };
        Ok(Self {
            state,
            severity: named("severity", query.severity.as_deref(), "low, middle, high")?,
            verdict: named(
                "verdict",
                query.verdict.as_deref(),
                "confirmed, refuted, data_invalid",
            )?,
            from: at("from", &query.from)?,
            to: at("to", &query.to)?,
            by_event: by == "event",
        })
    }

    fn is(&self, query: &FindingQuery, finding: &Finding) -> bool {
        let raised = &finding.raised;
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let is_state = match self.state.as_str() {
            "waiting" => finding.is_waiting(),
            "raised" => finding.standing() == Standing::Raised,
            "cleared" => finding.standing() == Standing::Cleared,
            "filed" => finding.case.is_some(),
            "dismissed" => finding.dismissed.is_some(),
            "suppressed" => finding.known_work.is_some(),
            _ => true,
        };
        is_state
            && is(&query.rule, &raised.rule)
            && is(&query.place, &raised.place)
            && is(&query.parameter, &raised.parameter)
            && is(&query.group, &finding.group)
            && self.severity.is_none_or(|least| finding.severity >= least)
            && self.verdict.is_none_or(|verdict| finding.verdict == Some(verdict))
            && self.to.is_none_or(|to| raised.began < to)
            && self.from.is_none_or(|from| finding.cleared.is_none_or(|(at, _)| at >= from))
    }
}

/// Of the findings of each event the worst, of equals the oldest; in the order of the newest of each. They come newest first.
fn worst_of_each<'f>(found: Vec<&'f Arc<Finding>>) -> Vec<&'f Arc<Finding>> {
    let mut rows: Vec<&'f Arc<Finding>> = vec![];
    let mut at: HashMap<&str, usize> = HashMap::new();
    for own in found {
        let row = *at.entry(&own.group).or_insert(rows.len());
        match rows.get_mut(row) {
            Some(known) if own.severity >= known.severity => *known = own,
            Some(_) => {}
            None => rows.push(own),
        }
    }
    rows
}

/// A value of an enum, by its stable name.
fn named<T: serde::de::DeserializeOwned>(
    name: &str,
    text: Option<&str>,
    accepted: &str,
) -> Answer<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map(Some)
        .map_err(|_| ApiError::bad_parameter(name, text, Words::new(accepted, accepted)))
}

/// Findings that concern whoever asks, the newest first.
#[utoipa::path(
    get, path = "/findings", tag = "findings", params(FindingQuery),
    responses((status = 200, body = FindingList), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn findings(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Query(query): Query<FindingQuery>,
) -> Answer<Json<FindingList>> {
    app.ask(move |app| {
        let seen = Seen::read(app, query.as_of.as_deref())?;
        let sought = Sought::read(app, &query)?;
        let mine: Vec<&Arc<Finding>> = {
            let view = app.reader.view();
            let is_mine = |own: &&Arc<Finding>| sees(&asking, view.registry(), own);
            seen.findings.values().rev().filter(is_mine).collect()
        };
        let events = Events::of(&mine);
        let waiting = mine.iter().filter(|own| own.is_waiting()).map(|own| &own.group);
        let waiting = waiting.collect::<BTreeSet<_>>().len();
        let mut found: Vec<_> = mine.into_iter().filter(|own| sought.is(&query, own)).collect();
        if sought.by_event {
            found = worst_of_each(found);
        }
        let limit = query.limit.unwrap_or(ROWS_USUAL).min(ROWS_MAX);
        let view = app.reader.view();
        let naming =
            Naming { registry: view.registry(), parameters: &app.parameters, rules: &app.rules };
        let rows = found.iter().skip(query.skip.unwrap_or(0)).take(limit);
        Ok(Json(FindingList {
            findings: rows.map(|own| naming.row(own).within(events.shape(own))).collect(),
            total: found.len(),
            waiting,
            now: Instant(seen.now),
            as_of: seen.as_of,
        }))
    })
    .await
}

/// A finding, the series around it, the rule, and the others of the same event.
#[utoipa::path(
    get, path = "/findings/{id}", tag = "findings",
    params(("id" = String, Path, description = "Its id: `f4711`"), AsOfQuery),
    responses((status = 200, body = FindingAnswer), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn finding(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Query(query): Query<AsOfQuery>,
) -> Answer<Json<FindingAnswer>> {
    app.ask(move |app| {
        let seen = Seen::read(app, query.as_of.as_deref())?;
        let finding = Arc::clone(seen.finding(app, &asking, &id)?);
        let series = series::around(app, &finding, seen.known, seen.now).map_err(unreadable)?;
        let view = app.reader.view();
        let naming =
            Naming { registry: view.registry(), parameters: &app.parameters, rules: &app.rules };
        let events = Events::of(
            &seen
                .findings
                .values()
                .filter(|own| own.group == finding.group && sees(&asking, view.registry(), own))
                .collect::<Vec<_>>(),
        );
        let is_other = |other: &&Arc<Finding>| {
            other.group == finding.group
                && other.id != finding.id
                && sees(&asking, view.registry(), other)
        };
        let raised = &finding.raised;
        let rule = app
            .rules
            .all()
            .iter()
            .find(|rule| rule.key == raised.rule && rule.version == raised.version);
        let work = finding.known_work.as_ref().and_then(|id| seen.works.get(id));
        Ok(Json(FindingAnswer {
            rule: rule.map(|rule| rules::RuleRow::of(app, rule, &seen, &[])),
            series,
            grouped: seen.findings.values().filter(is_other).map(|one| naming.row(one)).collect(),
            suppression: work.map(|work| works::WorkRow::of(work, seen.now)),
            finding: naming.row(&finding).within(events.shape(&finding)),
            now: Instant(seen.now),
            as_of: seen.as_of,
        }))
    })
    .await
}
