//! What people enter about rivers, each kind by a route of its own, and every version of it.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::AppState;
use super::super::time::Instant;
use super::book::{
    CHIEF, EntryBody, PATROL_PLAN, RIVER, SAMPLING_PLAN, WATER_ENTRY, bad_entry, checked, keep,
    versions, water_line,
};
use crate::words::Words;
use account::Text;
use account::chief::Term;
use account::patrolling::PatrolPlan;
use account::river::RiverFile;
use account::waterbook::WaterEntry;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(put_chief))
        .routes(routes!(put_patrol_plan))
        .routes(routes!(put_entry))
        .routes(routes!(history))
}

/// What was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = RiverEntryKept)]
pub struct Kept {
    key: String,
    /// Its number in the log.
    sequence: u64,
}

/// Keeps a version of the file and the policy of a river or reach.
#[utoipa::path(
    put, operation_id = "put_river", path = "/rivers/{line}", tag = "rivers", request_body = EntryBody,
    params(("line" = String, Path, description = "Key of a river or reach")),
    responses((status = 200, body = Kept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn put_river(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(line): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Kept>> {
    let body: EntryBody = read_json(&headers, &body)?;
    water_line(app.reader.view().registry(), &line)?;
    let _: Option<RiverFile> = checked(&body)?;
    kept(&app, &asking, RIVER, line, body).await
}

/// Keeps a version of a chief's term.
#[utoipa::path(
    put, operation_id = "put_chief", path = "/rivers/chiefs/{key}", tag = "rivers", request_body = EntryBody,
    params(("key" = String, Path, description = "Names the term")),
    responses((status = 200, body = Kept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem))
)]
async fn put_chief(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Kept>> {
    let body: EntryBody = read_json(&headers, &body)?;
    if let Some(term) = checked::<Term>(&body)? {
        if term.post == Text::default() {
            return Err(bad_entry(&Text::new("缺少职务（post）", "post is missing")));
        }
        lines(&app, &term.lines)?;
    }
    kept(&app, &asking, CHIEF, key, body).await
}

/// Keeps a version of a patrol plan.
#[utoipa::path(
    put, operation_id = "put_patrol_plan", path = "/rivers/patrol-plans/{key}", tag = "rivers", request_body = EntryBody,
    params(("key" = String, Path, description = "Names the plan")),
    responses((status = 200, body = Kept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem))
)]
async fn put_patrol_plan(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Kept>> {
    let body: EntryBody = read_json(&headers, &body)?;
    if let Some(plan) = checked::<PatrolPlan>(&body)? {
        if plan.count == 0 || plan.lines.is_empty() {
            let what = Text::new(
                "次数须大于 0，并至少列一条河",
                "count is above 0, and at least one line is named",
            );
            return Err(bad_entry(&what));
        }
        lines(&app, &plan.lines)?;
    }
    kept(&app, &asking, PATROL_PLAN, key, body).await
}

/// Keeps a version of an entry of the water ledgers.
#[utoipa::path(
    put, operation_id = "put_water_entry", path = "/rivers/entries/{key}", tag = "rivers", request_body = EntryBody,
    params(("key" = String, Path, description = "Names the entry")),
    responses((status = 200, body = Kept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem))
)]
async fn put_entry(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Kept>> {
    let body: EntryBody = read_json(&headers, &body)?;
    if let Some(entry) = checked::<WaterEntry>(&body)? {
        entry.check().map_err(|error| bad_entry(&unreadable(&error)))?;
        if !entry.line().is_empty() {
            lines(&app, &[entry.line().to_owned()])?;
        }
    }
    kept(&app, &asking, WATER_ENTRY, key, body).await
}

fn unreadable(error: &account::waterbook::Unreadable) -> Text {
    use account::waterbook::Unreadable::{Backwards, Number};
    let zh = match error {
        Number { field, text } => format!("{field}：{text:?} 不是不小于 0 的数"),
        Backwards { from, to } => format!("末日 {to} 早于首日 {from}"),
    };
    Text::new(zh, error.to_string())
}

fn lines(app: &AppState, keys: &[String]) -> Answer<()> {
    let view = app.reader.view();
    keys.iter().try_for_each(|key| water_line(view.registry(), key).map(|_| ()))
}

async fn kept(
    app: &AppState,
    asking: &Asking,
    kind: &'static str,
    key: String,
    body: EntryBody,
) -> Answer<Json<Kept>> {
    let sequence = keep(app, (kind, key.clone()), asking.name().to_owned(), body).await?;
    Ok(Json(Kept { key, sequence }))
}

/// A version of an entry.
#[derive(Serialize, ToSchema)]
#[schema(as = RiverEntryVersion)]
pub struct Version {
    sequence: u64,
    at: Instant,
    who: String,
    why: String,
    withdrawn: bool,
    #[schema(value_type = Object)]
    document: Value,
}

/// Every version of an entry, the oldest first.
#[utoipa::path(
    get, operation_id = "river_entry_versions", path = "/rivers/history/{kind}/{key}", tag = "rivers",
    params(
        ("kind" = String, Path, description = "`river`, `chief`, `patrol_plan`, `water_entry` or `sampling_plan`"),
        ("key" = String, Path, description = "Key of the entry")
    ),
    responses((status = 200, body = Vec<Version>), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem))
)]
async fn history(
    State(app): State<AppState>,
    Path((kind, key)): Path<(String, String)>,
) -> Answer<Json<Vec<Version>>> {
    const KINDS: [&str; 5] = [RIVER, CHIEF, PATROL_PLAN, WATER_ENTRY, SAMPLING_PLAN];
    if !KINDS.contains(&kind.as_str()) {
        let all = KINDS.join(", ");
        let accepted = Words::new(format!("可用 {all}"), format!("there are {all}"));
        return Err(ApiError::bad_parameter("kind", &kind, accepted));
    }
    app.ask(move |app| {
        let rows = versions(app, &kind, &key)?;
        if rows.is_empty() {
            return Err(ApiError::unknown("unknown_entry", "条目", "entry", &key));
        }
        let version = |(sequence, at, who, body): (model::Sequence, _, _, EntryBody)| Version {
            sequence: sequence.0,
            at: Instant(at),
            who,
            why: body.why,
            withdrawn: body.withdrawn,
            document: body.document,
        };
        Ok(Json(rows.into_iter().map(version).collect()))
    })
    .await
}
