//! Cases: the board, the list, one case with all that happened, and every move on it.
//!
//! The desk decides ([`control`]); here is only who asks, and how it is said. Who may see or move a case goes by its scope:
//! its unit, its area, the subject of its category.

mod actor;
mod answer;
mod import;
mod moves;
mod patrols;
mod photos;
mod progress;
mod scores;
mod settings;

pub(super) use actor::scope_of;
pub(super) use moves::{area_of, refused as move_refused};
pub use patrols::judged_patrols;
pub use photos::BYTES_MAX as PHOTO_BYTES_MAX;
pub use progress::Importing;

use super::error::{Answer, ApiError, Problem};
use super::known;
use super::rights::Asking;
use super::state::AppState;
use super::time::Instant;
use crate::words::Words;
use actor::sees;
use answer::{BoardStage, CaseAnswer, CaseRow, row};
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use control::{Case, Stage};
use engine::desk::{Cases, Desk, Settings};
use model::{Right, Timestamp};
use serde::{Deserialize, Serialize};
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
        .routes(routes!(cases, moves::collect_case))
        .routes(routes!(case_board))
        .routes(routes!(import::import_cases_receipts, import::import_cases))
        .routes(routes!(case))
        .routes(routes!(moves::move_case))
        .routes(routes!(scores::case_scores))
        .routes(routes!(settings::categories))
        .routes(routes!(settings::setting, settings::change_setting))
        .merge(photos::routes())
        .merge(patrols::routes())
}

/// What a list of cases is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Only at this stage.
    stage: Option<String>,
    /// Only of this unit.
    unit: Option<String>,
    /// Only of this category.
    category: Option<String>,
    /// Only about this place.
    place: Option<String>,
    /// Only about this line.
    line: Option<String>,
    /// `open` (default), `ended`, `all`, `overdue`, `mine` (what I have to do, or reported).
    which: Option<String>,
    /// Only those whose number or text has this.
    q: Option<String>,
    /// Rows to pass over.
    skip: Option<usize>,
    /// Rows to give, at most 500.
    limit: Option<usize>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// Some cases, the most urgent first.
#[derive(Serialize, ToSchema)]
pub struct CaseList {
    cases: Vec<CaseRow>,
    /// How many there are, also beyond those that are given.
    total: usize,
    now: Instant,
    as_of: Option<known::AsOf>,
}

/// What everybody of the desk looks at.
pub(super) struct View {
    pub cases: Arc<Cases>,
    pub settings: Settings,
    pub now: Timestamp,
    pub as_of: Option<known::AsOf>,
}

impl View {
    fn read(app: &AppState, as_of: Option<&str>) -> Answer<Self> {
        let (known, as_of) = known::read(app, as_of)?;
        let cases = match known {
            Known::Now => app.desk.cases(),
            then => Desk::as_of(&app.reader, then, &app.district.zone)
                .map_err(|error| ApiError::internal("read cases", &error))?,
        };
        let now = known::AsOf::clock(as_of, app.now());
        Ok(Self { cases, settings: app.desk.settings(), now, as_of })
    }
}

/// Cases that concern whoever asks.
#[utoipa::path(
    get, path = "/cases", tag = "cases", params(ListQuery),
    responses((status = 200, body = CaseList), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn cases(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Query(query): Query<ListQuery>,
) -> Answer<Json<CaseList>> {
    app.ask(move |app| {
        let view = View::read(app, query.as_of.as_deref())?;
        let stage = query.stage.as_deref().map(read_stage).transpose()?;
        let which = query.which.as_deref().unwrap_or("open");
        if !["open", "ended", "all", "overdue", "mine"].contains(&which) {
            let accepted = "open, ended, all, overdue, mine";
            return Err(ApiError::bad_parameter("which", which, Words::new(accepted, accepted)));
        }
        let limit = query.limit.unwrap_or(ROWS_USUAL).min(ROWS_MAX);
        let sought = query.q.as_deref().unwrap_or_default().to_lowercase();
        let mut rows: Vec<CaseRow> = view
            .cases
            .values()
            .filter(|case| stage.is_none_or(|stage| case.stage == stage))
            .filter(|case| is_of(&query, case, &sought))
            .filter(|case| sees(&asking, &view.settings, case))
            .filter(|case| match which {
                "open" => case.is_open(),
                "ended" => !case.is_open(),
                "mine" => case.is_open() && actor::is_mine(&asking, &view.settings, case),
                _ => true,
            })
            .map(|case| row(app, &view, case))
            .filter(|row| which != "overdue" || row.is_overdue())
            .collect();
        rows.sort_by_cached_key(CaseRow::urgency);
        let total = rows.len();
        let cases = rows.into_iter().skip(query.skip.unwrap_or(0)).take(limit).collect();
        Ok(Json(CaseList { cases, total, now: Instant(view.now), as_of: view.as_of }))
    })
    .await
}

fn is_of(query: &ListQuery, case: &Case, sought: &str) -> bool {
    let is = |wanted: &Option<String>, found: Option<&String>| {
        wanted.as_ref().is_none_or(|wanted| found == Some(wanted))
    };
    is(&query.unit, case.unit.as_ref())
        && is(&query.category, Some(&case.collected.category))
        && is(&query.place, case.collected.place.as_ref())
        && is(&query.line, case.collected.line.as_ref())
        && (sought.is_empty()
            || case.number.contains(sought)
            || case.collected.text.to_lowercase().contains(sought))
}

fn read_stage(name: &str) -> Answer<Stage> {
    let found = Stage::ALL.into_iter().find(|stage| answer::stage_name(*stage) == name);
    found.ok_or_else(|| {
        let names = Stage::ALL.map(answer::stage_name).join(", ");
        ApiError::bad_parameter("stage", name, Words::new(names.clone(), names))
    })
}

/// The board: how many cases stand where.
#[derive(Serialize, ToSchema)]
pub struct Board {
    /// The seven stages, in their order; those that are not cases, or part of another, are in none.
    stages: Vec<BoardStage>,
    now: Instant,
    as_of: Option<known::AsOf>,
}

/// What the board is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct BoardQuery {
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// How many cases stand at each stage, of those that concern whoever asks.
#[utoipa::path(
    get, path = "/cases/board", tag = "cases", params(BoardQuery),
    responses((status = 200, body = Board), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn case_board(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Query(query): Query<BoardQuery>,
) -> Answer<Json<Board>> {
    app.ask(move |app| {
        let view = View::read(app, query.as_of.as_deref())?;
        let mut stages: Vec<BoardStage> = Stage::ALL.map(BoardStage::empty).into();
        for case in view.cases.values().filter(|case| !case.is_set_aside()) {
            if sees(&asking, &view.settings, case) {
                stages[case.stage as usize].add(&row(app, &view, case));
            }
        }
        Ok(Json(Board { stages, now: Instant(view.now), as_of: view.as_of }))
    })
    .await
}

/// A case with all that happened, and what whoever asks may do next.
#[utoipa::path(
    get, path = "/cases/{number}", tag = "cases",
    params(("number" = String, Path, description = "Its number: `2026-000017`"), BoardQuery),
    responses((status = 200, body = CaseAnswer), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn case(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(number): Path<String>,
    Query(query): Query<BoardQuery>,
) -> Answer<Json<CaseAnswer>> {
    app.ask(move |app| {
        let view = View::read(app, query.as_of.as_deref())?;
        let case = seen_case(&asking, &view, &number)?;
        Ok(Json(CaseAnswer::of(app, &asking, &view, case)))
    })
    .await
}

/// A case that whoever asks may see; somebody else's is told like one that is not there.
fn seen_case<'a>(asking: &Asking, view: &'a View, number: &str) -> Answer<&'a Arc<Case>> {
    let case = view.cases.get(number).filter(|case| sees(asking, &view.settings, case));
    case.ok_or_else(|| no_case(number))
}

pub(super) fn no_case(number: &str) -> ApiError {
    let number = super::error::shortened(number);
    ApiError::new(
        StatusCode::NOT_FOUND,
        "unknown_case",
        Words::new(
            format!("没有案件 {number}，或不在您的权限范围内"),
            format!("there is no case {number}, or it is not yours to see"),
        ),
    )
    .with_hint("案件见 /api/v1/cases", "/api/v1/cases lists those that are yours")
}

/// Whether a right reaches a case.
fn reaches(asking: &Asking, right: Right, settings: &Settings, case: &Case) -> bool {
    asking.is_allowed(right, &scope_of(settings, case))
}
