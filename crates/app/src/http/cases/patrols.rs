//! Patrols: as the phone sends them, and whether they count.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::AppState;
use super::super::time::Instant;
use super::answer::words;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Query, State};
use axum::http::HeaderMap;
use control::{Patrol, Walked};
use model::{Right, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Points of one track: a day at one in five seconds.
const POINTS_MAX: usize = 20_000;
/// Patrols of one answer.
const ROWS_MAX: usize = 500;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(patrols, keep_patrol))
}

/// A patrol as a phone sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatrolBody {
    /// Made by the client; the same one sent twice is kept once.
    #[serde(rename = "id")]
    _id: String,
    /// Names the patrol.
    patrol: String,
    /// Key of the reach or road.
    line: String,
    /// `foot`, `vehicle`, `boat`, `drone` or `meeting`.
    kind: String,
    /// When it began and ended, by the phone's clock.
    started: String,
    ended: String,
    /// Spans of rest, ms since 1970 UTC.
    #[serde(default)]
    #[schema(value_type = Vec<Vec<i64>>)]
    rests: Vec<[i64; 2]>,
    /// Time (ms since 1970 UTC), degrees east, degrees north.
    #[serde(default)]
    #[schema(value_type = Vec<Vec<f64>>)]
    track: Vec<(i64, f64, f64)>,
    #[serde(default, rename = "photos")]
    #[schema(value_type = Vec<Object>)]
    _photos: Vec<serde_json::Value>,
}

/// A patrol, and whether it counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatrolRow {
    patrol: String,
    line: String,
    who: String,
    kind: String,
    started: Instant,
    ended: Instant,
    /// When the server had it.
    came: Instant,
    /// Minutes on the way, without rests.
    minutes: f64,
    metres: f64,
    /// Share of the line that was passed, 0 to 1; null when the line has no length.
    coverage: Option<f64>,
    counts: bool,
    /// Why it does not count.
    why: Vec<Words>,
    /// Cases that were found on it.
    cases: Vec<String>,
}

/// Patrols, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatrolList {
    patrols: Vec<PatrolRow>,
    /// How many there are, also beyond those that are given.
    total: usize,
}

/// What a list of patrols is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PatrolQuery {
    /// Only of this line.
    line: Option<String>,
    /// Only of this person.
    who: Option<String>,
}

/// Patrols that were made: all with the right to see cases, one's own otherwise.
#[utoipa::path(
    get, path = "/patrols", tag = "cases", params(PatrolQuery),
    responses((status = 200, body = PatrolList), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn patrols(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Query(query): Query<PatrolQuery>,
) -> Answer<Json<PatrolList>> {
    app.ask(move |app| {
        let sees_all = asking.is_allowed(Right::Cases, &Scope::default());
        let rows = rows(app);
        let is_wanted = |row: &PatrolRow| {
            query.line.as_ref().is_none_or(|line| row.line == *line)
                && query.who.as_ref().is_none_or(|who| row.who == *who)
                && (sees_all || row.who == asking.name())
        };
        let wanted: Vec<PatrolRow> = rows.into_iter().rev().filter(is_wanted).collect();
        let total = wanted.len();
        Ok(Json(PatrolList { patrols: wanted.into_iter().take(ROWS_MAX).collect(), total }))
    })
    .await
}

/// Keeps a patrol.
#[utoipa::path(
    post, path = "/patrols", tag = "cases", request_body = PatrolBody,
    responses((status = 200, body = PatrolRow), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn keep_patrol(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<PatrolRow>> {
    let body: PatrolBody = read_json(&headers, &body)?;
    if body.track.len() > POINTS_MAX {
        let accepted = format!("≤ {POINTS_MAX}");
        let given = body.track.len().to_string();
        return Err(ApiError::bad_parameter(
            "track",
            &given,
            Words::new(accepted.clone(), accepted),
        ));
    }
    let zone = &app.district.zone;
    let started = super::super::time::instant("started", &body.started, zone)?.as_ms();
    let ended = super::super::time::instant("ended", &body.ended, zone)?.as_ms();
    if !app.reader.view().registry().lines.iter().any(|line| line.key == body.line) {
        return Err(ApiError::unknown("unknown_line", "河流道路", "line", &body.line));
    }
    let id = format!("{}/{}", asking.name(), body.patrol);
    let PatrolBody { line, kind, rests, track, .. } = body;
    let patrol = Patrol { id: id.clone(), line, kind, started, ended, rests, track };
    let who = asking.name().to_owned();
    let kept = app.door.ask(move |engine, now| engine.keep_patrol(now, &who, &patrol)).await;
    let kept = kept.map_err(|gone| ApiError::internal("keep a patrol", &gone))?;
    kept.map_err(|error| ApiError::internal("keep a patrol", &error))?;
    app.ask(move |app| {
        let found = rows(app).into_iter().find(|row| row.patrol == id);
        found.map(Json).ok_or_else(|| ApiError::unknown("unknown_patrol", "巡查", "patrol", &id))
    })
    .await
}

/// Patrols that had come by an instant, oldest first, each judged by the rule of today and the one before it: when it came,
/// who made it, what it was, what it came to.
pub fn judged_patrols(
    app: &AppState,
    until: Timestamp,
) -> Vec<(Timestamp, String, Arc<Patrol>, Walked)> {
    let (patrols, rule) = (app.desk.patrols(), app.desk.settings().patrol);
    let view = app.reader.view();
    let path = |key: &str| {
        let line = view.registry().lines.iter().find(|line| line.key == key);
        line.map(|line| line.path.clone()).unwrap_or_default()
    };
    let mut last: HashMap<(String, String), i64> = HashMap::new();
    let mut judged = vec![];
    for (came, who, patrol) in patrols.iter().filter(|(came, ..)| *came <= until) {
        let pair = (who.clone(), patrol.line.clone());
        let walked = patrol.walked(&path(&patrol.line), last.get(&pair).copied(), &rule);
        if walked.invalid.is_empty() {
            last.insert(pair, patrol.ended);
        }
        judged.push((*came, who.clone(), Arc::clone(patrol), walked));
    }
    judged
}

/// All patrols, oldest first.
fn rows(app: &AppState) -> Vec<PatrolRow> {
    let cases = app.desk.cases();
    let mut found: HashMap<&str, Vec<String>> = HashMap::new();
    for case in cases.values() {
        if let Some(patrol) = &case.collected.patrol {
            found.entry(patrol).or_default().push(case.number.clone());
        }
    }
    let mut rows = vec![];
    for (came, who, patrol, walked) in judged_patrols(app, Timestamp::MAX) {
        let own = patrol.id.split_once('/').map_or(patrol.id.as_str(), |(_, own)| own);
        rows.push(row(came, &who, &patrol, &walked, found.get(own).cloned().unwrap_or_default()));
    }
    rows
}

fn row(
    came: Timestamp,
    who: &str,
    patrol: &Patrol,
    walked: &Walked,
    cases: Vec<String>,
) -> PatrolRow {
    PatrolRow {
        patrol: patrol.id.clone(),
        line: patrol.line.clone(),
        who: who.to_owned(),
        kind: patrol.kind.clone(),
        started: Instant(Timestamp::from_ms(patrol.started)),
        ended: Instant(Timestamp::from_ms(patrol.ended)),
        came: Instant(came),
        minutes: walked.minutes,
        metres: walked.metres,
        coverage: walked.coverage,
        counts: walked.invalid.is_empty(),
        why: walked.invalid.iter().map(|why| words(why.words())).collect(),
        cases,
    }
}
