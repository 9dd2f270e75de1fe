//! Known work: while it lasts, what it explains is kept and bothers nobody.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::AppState;
use super::super::time::{Instant, instant};
use super::deeds::{check_reason, refused};
use super::{AsOfQuery, Seen};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use detect::{KnownWork, Suppression};
use model::{Right, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Known work.
#[derive(Serialize, ToSchema)]
pub struct WorkList {
    /// The newest first.
    suppressions: Vec<WorkRow>,
    now: Instant,
}

/// A stated known work.
#[derive(Serialize, ToSchema)]
pub struct WorkRow {
    id: String,
    /// Only at this place; null: at all.
    place: Option<String>,
    /// Only at places of this area and of those within it.
    area: Option<String>,
    /// Only of this parameter.
    parameter: Option<String>,
    /// Only of this rule.
    rule: Option<String>,
    from: Instant,
    to: Instant,
    reason: String,
    who: String,
    stated: Instant,
    /// Whether it holds now.
    active: bool,
    /// When, by whom and why it was ended before its time.
    ended: Option<WorkEnded>,
}

/// An end before its time.
#[derive(Serialize, ToSchema)]
pub struct WorkEnded {
    at: Instant,
    who: String,
    why: String,
}

impl WorkRow {
    /// As it stands.
    pub fn of(stated: &Suppression, now: Timestamp) -> Self {
        let work = &stated.work;
        Self {
            id: stated.id.clone(),
            place: work.place.clone(),
            area: work.area.clone(),
            parameter: work.parameter.clone(),
            rule: work.rule.clone(),
            from: Instant(work.from),
            to: Instant(work.to),
            reason: work.reason.clone(),
            who: stated.who.clone(),
            stated: Instant(stated.at),
            active: stated.holds(now),
            ended: stated.ended.as_ref().map(|(at, who, why)| WorkEnded {
                at: Instant(*at),
                who: who.clone(),
                why: why.clone(),
            }),
        }
    }
}

/// Work to be known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkBody {
    /// Key of the place; without it the work is at all places.
    place: Option<String>,
    /// Key of an area instead of a place: all places of it and of the areas within it, also those that come later.
    area: Option<String>,
    /// Key of the parameter; without it all.
    parameter: Option<String>,
    /// Key of the rule; without it all.
    rule: Option<String>,
    /// RFC 3339.
    from: String,
    /// RFC 3339.
    to: String,
    /// Why: which work, by whom.
    reason: String,
}

/// Why it ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkEndBody {
    why: String,
}

/// Known work that explains findings, the newest first.
#[utoipa::path(
    get, path = "/suppressions", tag = "findings", params(AsOfQuery),
    responses((status = 200, body = WorkList), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn suppressions(
    State(app): State<AppState>,
    Query(query): Query<AsOfQuery>,
) -> Answer<Json<WorkList>> {
    app.ask(move |app| {
        let seen = Seen::read(app, query.as_of.as_deref())?;
        let mut rows: Vec<_> =
            seen.works.values().map(|work| WorkRow::of(work, seen.now)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.stated));
        Ok(Json(WorkList { suppressions: rows, now: Instant(seen.now) }))
    })
    .await
}

/// States known work: findings that it explains are kept, and nobody has to look at them until it is over.
#[utoipa::path(
    post, path = "/suppressions", tag = "findings", request_body = WorkBody,
    responses((status = 200, body = WorkRow), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn suppress(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WorkRow>> {
    let body: WorkBody = read_json(&headers, &body)?;
    check_reason("reason", &body.reason)?;
    let zone = &app.district.zone;
    let work = KnownWork {
        from: instant("from", &body.from, zone)?,
        to: instant("to", &body.to, zone)?,
        place: body.place,
        area: body.area,
        parameter: body.parameter,
        rule: body.rule,
        reason: body.reason.trim().to_owned(),
    };
    check_known(&app, &asking, &work)?;
    let who = asking.name().to_owned();
    let made = app.door.ask(move |engine, now| engine.state_known_work(now, &who, work)).await;
    let made = made.map_err(|gone| ApiError::internal("state known work", &gone))?;
    let id = made.map_err(|error| refused(&error))?;
    row(&app, &id)
}

/// What is named is there, and the right reaches it.
fn check_known(app: &AppState, asking: &Asking, work: &KnownWork) -> Answer<()> {
    let mut scope = Scope::default();
    if let (Some(_), Some(area)) = (&work.place, &work.area) {
        let accepted = Words::new("点位和区域只能选一个", "a place or an area, not both");
        return Err(ApiError::bad_parameter("area", area, accepted));
    }
    if let Some(key) = &work.area {
        let view = app.reader.view();
        scope.area = Some(super::super::assess::area(view.registry(), key)?.key.clone());
    }
    if let Some(key) = &work.place {
        let view = app.reader.view();
        let (_, place) = super::super::state::place(view.registry(), key)?;
        scope.area = Some(place.area.clone()).filter(|area| !area.is_empty());
    }
    if let Some(key) = &work.rule {
        let rule = app.rules.newest(key);
        let rule = rule.ok_or_else(|| {
            ApiError::unknown("unknown_rule", "规则", "rule", key)
                .with_hint("规则见 /api/v1/rules", "/api/v1/rules lists them")
        })?;
        scope.subject = Some(rule.subject);
    }
    if let Some(key) = &work.parameter
        && app.parameters.get(key).is_none()
    {
        return Err(ApiError::unknown("unknown_parameter", "参数", "parameter", key)
            .with_hint("参数见 /api/v1/parameters", "/api/v1/parameters lists them"));
    }
    asking.may(Right::File, &scope)
}

/// Ends known work before its time.
#[utoipa::path(
    post, path = "/suppressions/{id}/end", tag = "findings", request_body = WorkEndBody,
    params(("id" = String, Path, description = "Its id: `w4711`")),
    responses((status = 200, body = WorkRow), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn end_suppression(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WorkRow>> {
    let WorkEndBody { why } = read_json(&headers, &body)?;
    check_reason("why", &why)?;
    if let Some(stated) = app.board.works().get(&id) {
        check_known(&app, &asking, &stated.work)?;
    }
    let (who, ended) = (asking.name().to_owned(), id.clone());
    let made =
        app.door.ask(move |engine, now| engine.end_known_work(now, &who, &ended, &why)).await;
    let made = made.map_err(|gone| ApiError::internal("end known work", &gone))?;
    made.map_err(|error| refused(&error))?;
    row(&app, &id)
}

fn row(app: &AppState, id: &str) -> Answer<Json<WorkRow>> {
    let works = app.board.works();
    let work = works
        .get(id)
        .ok_or_else(|| refused(&engine::watch::FindingError::NoWork(id.to_owned())))?;
    app.hub.findings_changed(app.reader.last_sequence().map_err(super::unreadable)?.0);
    Ok(Json(WorkRow::of(work, app.now())))
}
