//! Importing a file of places, lines and areas: a dry run first, one receipt or none.

use super::super::error::{Answer, ApiError, Problem as Refusal};
use super::super::places::extent;
use super::super::rights::Asking;
use super::super::state::AppState;
use super::{Change, refused};
use crate::import::check::{Problem, Severity};
use crate::import::datum::Datum;
use crate::import::entry::{plural, singular};
use crate::import::{Act, FILE_BYTES_MAX, Fault, Format, Item, Options, Plan, plan};
use crate::user;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Extension, Query, State};
use axum::http::StatusCode;
use engine::Edit;
use model::EntryKind;
use serde::{Deserialize, Serialize};
use store::{Author, Way};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Entries that one answer shows.
const ITEMS_MAX: usize = 1_000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    let limit = DefaultBodyLimit::max(usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX));
    OpenApiRouter::new().routes(routes!(import)).layer(limit)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// `auto`, `geojson`, `csv` or `toml`.
    format: Option<String>,
    /// Of its positions: `wgs84`, `gcj02` or `bd09`. Stated, never guessed.
    datum: Option<String>,
    /// `auto`, `places`, `lines` or `areas`: take only these.
    what: Option<String>,
    /// Only say what would happen; true unless said otherwise.
    dry_run: Option<bool>,
    /// Import what is sound even when something is refused.
    partial: Option<bool>,
}

/// What an import did, or would do.
#[derive(Serialize, ToSchema)]
pub struct ImportAnswer {
    dry_run: bool,
    /// Names the import in the journal and in the versions that it made; null when nothing was written.
    receipt: Option<String>,
    added: usize,
    changed: usize,
    same: usize,
    refused: usize,
    /// The entries in the order of the file; when there are too many, those that are refused come first.
    items: Vec<ImportItem>,
    /// How many entries are not shown.
    truncated: usize,
    /// What there is to say about the file as a whole.
    notes: Vec<Words>,
}

/// One entry of the file.
#[derive(Serialize, ToSchema)]
pub struct ImportItem {
    /// `feature 3`, `row 12`.
    #[serde(rename = "where")]
    at: String,
    /// `place`, `line`, `area` or `device`.
    kind: &'static str,
    key: String,
    name: String,
    what: Fate,
    changes: Vec<Change>,
    problems: Vec<ImportProblem>,
}

/// What becomes of an entry of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Add,
    Change,
    Same,
    Refuse,
}

/// What is wrong with an entry, or to be looked at.
#[derive(Serialize, ToSchema)]
pub struct ImportProblem {
    severity: Gravity,
    field: String,
    message: Words,
    hint: Option<Words>,
}

/// Whether a problem refuses the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    Error,
    Warning,
}

/// Imports places, lines and areas. The body is the file, at most 50 MB. Unless `partial=true` nothing is
/// written when anything is refused.
#[utoipa::path(
    post, path = "/registry/import", tag = "registry",
    params(ImportQuery, ("X-Skyriver-CSRF" = String, Header, description = "From the session")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses(
        (status = 200, body = ImportAnswer), (status = 400, body = Refusal), (status = 401, body = Refusal),
        (status = 403, body = Refusal), (status = 409, body = Refusal), (status = 413, body = Refusal),
        (status = 422, body = Refusal), (status = 429, body = Refusal)
    )
)]
async fn import(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<ImportQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<ImportAnswer>> {
    let Query(query) = query?;
    let (dry_run, partial) = (query.dry_run.unwrap_or(true), query.partial.unwrap_or(false));
    let options = options(&query)?;
    let body = body.map_err(|_| too_large())?;
    let turn = app.turn_to_import()?;
    let plan = app.ask(move |app| {
        let view = app.reader.view();
        let registry = view.registry().clone();
        drop(view);
        let options = Options { bbox: Some(extent(app, &registry)), ..options };
        // The file's memory is held until here, even when nobody waits for the answer any more.
        let plan = plan(&body, &options, &registry, &app.parameters).map_err(unreadable)?;
        Ok((plan, turn))
    });
    let (plan, turn) = plan.await?;
    let is_kept = !dry_run && (partial || plan.count(Act::Refuse) == 0);
    let receipt = if is_kept { write(&app, &plan, asking.name().to_owned()).await? } else { None };
    drop(turn);
    Ok(Json(told(plan, dry_run, receipt)))
}

fn options(query: &ImportQuery) -> Answer<Options> {
    let bad = |name: &str, given: &Option<String>, accepted: &str| {
        let given = given.as_deref().unwrap_or_default();
        ApiError::bad_parameter(name, given, Words::new(accepted, accepted))
    };
    let format = Format::named(query.format.as_deref().unwrap_or("auto"))
        .ok_or_else(|| bad("format", &query.format, "auto, geojson, csv, toml"))?;
    let datum = Datum::named(query.datum.as_deref().unwrap_or("wgs84"))
        .ok_or_else(|| bad("datum", &query.datum, "wgs84, gcj02, bd09"))?;
    let kinds = [EntryKind::Place, EntryKind::Line, EntryKind::Area];
    let what = match query.what.as_deref() {
        None | Some("auto") => None,
        Some(name) => Some(
            kinds
                .into_iter()
                .find(|kind| plural(*kind) == name)
                .ok_or_else(|| bad("what", &query.what, "auto, places, lines, areas"))?,
        ),
    };
    Ok(Options { format, datum, what, bbox: None })
}

/// Writes what a plan holds; its receipt, when anything changed.
async fn write(app: &AppState, plan: &Plan, who: String) -> Answer<Option<String>> {
    let failed = |error: user::Error| ApiError::internal("write a receipt", &error);
    let receipt: String = user::token().map_err(failed)?.chars().take(16).collect();
    let by = Author { who, way: Way::Imported, receipt: Some(receipt.clone()) };
    let edit = Edit { entries: plan.entries(), by, seen: None };
    let done = app.door.ask(move |engine, now| engine.edit(now, edit)).await;
    let done = done.map_err(|gone| ApiError::internal("import", &gone))?;
    let count = done.map_err(|error| refused(&error))?;
    Ok((count > 0).then_some(receipt))
}

fn told(plan: Plan, dry_run: bool, receipt: Option<String>) -> ImportAnswer {
    let [added, changed, same, refused] =
        [Act::Add, Act::Change, Act::Same, Act::Refuse].map(|act| plan.count(act));
    let Plan { mut items, notes } = plan;
    let truncated = items.len().saturating_sub(ITEMS_MAX);
    if truncated > 0 {
        items.sort_by_key(|item| item.act != Act::Refuse);
        items.truncate(ITEMS_MAX);
    }
    let items = items.into_iter().map(ImportItem::from).collect();
    ImportAnswer { dry_run, receipt, added, changed, same, refused, items, truncated, notes }
}

impl From<Item> for ImportItem {
    fn from(item: Item) -> Self {
        Self {
            at: item.at,
            kind: singular(item.kind),
            key: item.key,
            name: item.name,
            what: match item.act {
                Act::Add => Fate::Add,
                Act::Change => Fate::Change,
                Act::Same => Fate::Same,
                Act::Refuse => Fate::Refuse,
            },
            changes: item.changes.into_iter().map(Change::from).collect(),
            problems: item.problems.into_iter().map(ImportProblem::from).collect(),
        }
    }
}

impl From<Problem> for ImportProblem {
    fn from(Problem { severity, field, message, hint }: Problem) -> Self {
        let severity = match severity {
            Severity::Error => Gravity::Error,
            Severity::Warning => Gravity::Warning,
        };
        Self { severity, field, message, hint }
    }
}

fn unreadable(fault: Fault) -> ApiError {
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_file", fault.message);
    error.hint = Some(fault.hint);
    error
}

/// A file above the limit; most are refused by their length before they are read.
fn too_large() -> ApiError {
    ApiError::body_too_large(FILE_BYTES_MAX)
        .with_hint("请分成几个文件，或先简化边界", "split it, or simplify its borders first")
}
