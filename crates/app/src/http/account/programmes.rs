//! Programmes as they stand on a day, and the entries behind each total.

use super::answer::{EntryAnswer, ProgrammeAnswer, ProgrammeRow, words};
use super::book;
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::rights::Asking;
use crate::http::state::AppState;
use crate::words::Words;
use account::programme::{EntryKey, Template};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use utoipa::{IntoParams, ToSchema};

/// Entries of one answer.
const ENTRIES_MAX: usize = 2_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// The civil day it is asked for; today without it.
    day: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntriesQuery {
    /// Only of this project; empty: only of the whole programme.
    project: Option<String>,
    /// Only of this measure.
    measure: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// All programmes.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeList {
    programmes: Vec<ProgrammeRow>,
    day: String,
    as_of: Option<AsOf>,
}

/// Entries, the newest first.
#[derive(Serialize, ToSchema)]
pub struct EntryList {
    entries: Vec<EntryAnswer>,
    /// How many there are, also beyond those that are given.
    total: usize,
}

/// What a programme of a kind counts.
#[derive(Serialize, ToSchema)]
pub struct TemplateList {
    templates: Vec<TemplateAnswer>,
}

/// A template.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeTemplate)]
pub struct TemplateAnswer {
    key: String,
    name: Words,
    measures: Vec<TemplateMeasure>,
}

/// A measure of a template.
#[derive(Serialize, ToSchema)]
pub struct TemplateMeasure {
    key: String,
    name: Words,
    unit: String,
    basis: &'static str,
    basis_name: Words,
    /// Measures of one chain happen in their order.
    chain: Option<String>,
}

/// Every programme, with its light.
#[utoipa::path(
    get, operation_id = "programmes", path = "/programmes", tag = "account", params(DayQuery),
    responses((status = 200, body = ProgrammeList), (status = 400, body = Problem))
)]
pub async fn programmes(
    State(app): State<AppState>,
    query: Result<Query<DayQuery>, QueryRejection>,
) -> Answer<Json<ProgrammeList>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let (book, templates) = (book(app, moment.known)?, templates()?);
        let day = civil_day(app, &moment, query.day.as_deref())?;
        let mut rows = vec![];
        for kept in book.programmes.values() {
            let Some(template) = book.template(&kept.it.key, &templates) else { continue };
            let status = book.status(&kept.it.key, template, day).map_err(uncountable)?;
            rows.extend(status.map(|status| ProgrammeRow::of(&kept.it, template, &status)));
        }
        Ok(Json(ProgrammeList { programmes: rows, day: day.to_string(), as_of: moment.as_of }))
    })
    .await
}

/// One programme: totals, rates with their basis, projects, what does not fit, period by period.
#[utoipa::path(
    get, operation_id = "programme", path = "/programmes/{key}", tag = "account",
    params(("key" = String, Path, description = "Its key."), DayQuery),
    responses((status = 200, body = ProgrammeAnswer), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn programme(
    State(app): State<AppState>,
    Path(key): Path<String>,
    query: Result<Query<DayQuery>, QueryRejection>,
) -> Answer<Json<ProgrammeAnswer>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let (book, templates) = (book(app, moment.known)?, templates()?);
        let day = civil_day(app, &moment, query.day.as_deref())?;
        let kept = book.programmes.get(&key).ok_or_else(|| unknown(&key))?;
        let template = book.template(&key, &templates).ok_or_else(|| unknown(&key))?;
        let status = book.status(&key, template, day).map_err(uncountable)?;
        let status = status.ok_or_else(|| unknown(&key))?;
        Ok(Json(ProgrammeAnswer::of(&book, &kept.it, template, &status, &day.to_string())))
    })
    .await
}

/// The entries of a programme, every revision of each.
#[utoipa::path(
    get, operation_id = "programme_entries", path = "/programmes/{key}/entries", tag = "account",
    params(("key" = String, Path, description = "Its key."), EntriesQuery),
    responses((status = 200, body = EntryList), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn programme_entries(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    query: Result<Query<EntriesQuery>, QueryRejection>,
) -> Answer<Json<EntryList>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let book = book(app, moment.known)?;
        if !book.programmes.contains_key(&key) {
            return Err(unknown(&key));
        }
        let is_wanted = |own: &EntryKey| {
            own.programme == key
                && query
                    .project
                    .as_ref()
                    .is_none_or(|project| own.project.as_deref().unwrap_or_default() == project)
                && query.measure.as_ref().is_none_or(|measure| own.measure == *measure)
        };
        let of_key = book.entries.iter().filter(|(key, _)| is_wanted(key));
        let mut wanted: Vec<_> = of_key.flat_map(|(_, revisions)| revisions).collect();
        wanted.sort_unstable_by_key(|kept| Reverse(kept.sequence));
        let tells_who = asking.is_signed_in();
        let entries = wanted.iter().take(ENTRIES_MAX);
        let entries = entries.map(|kept| EntryAnswer::of(kept, tells_who)).collect();
        Ok(Json(EntryList { entries, total: wanted.len() }))
    })
    .await
}

/// What programmes of each kind count.
#[utoipa::path(
    get, operation_id = "programme_templates", path = "/programme-templates", tag = "account",
    responses((status = 200, body = TemplateList))
)]
pub async fn programme_templates() -> Answer<Json<TemplateList>> {
    let measure = |own: &account::programme::Measure| {
        let (zh, en) = own.basis.words();
        TemplateMeasure {
            key: own.key.clone(),
            name: words(&own.name()),
            unit: own.unit.clone(),
            basis: own.basis.key(),
            basis_name: Words::new(zh, en),
            chain: own.chain.clone(),
        }
    };
    let template = |own: &Template| TemplateAnswer {
        key: own.key.clone(),
        name: words(&own.name),
        measures: own.measures.iter().map(measure).collect(),
    };
    Ok(Json(TemplateList { templates: templates()?.iter().map(template).collect() }))
}

/// The templates.
pub fn templates() -> Answer<Vec<Template>> {
    Template::built_in().map_err(|flaw| ApiError::internal("read the templates", &Flaw(flaw)))
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Flaw(String);

/// The civil day that is meant; today without one.
pub fn civil_day(app: &AppState, moment: &Moment, text: Option<&str>) -> Answer<Date> {
    let Some(text) = text else {
        let today = app.district.zone.date(moment.now);
        return today.map_err(|error| ApiError::internal("tell the civil day", &error));
    };
    text.parse().map_err(|_| {
        let accepted = Words::new("请写 2026-12-31", "write it like 2026-12-31");
        ApiError::bad_parameter("day", text, accepted)
    })
}

pub fn unknown(key: &str) -> ApiError {
    ApiError::unknown("unknown_programme", "项目群", "programme", key)
        .with_hint("项目群见 /api/v1/programmes", "/api/v1/programmes lists them")
}

fn uncountable(error: standards::ExactError) -> ApiError {
    ApiError::internal("add up a programme", &error)
}
