//! Files of cases of another system, by the page or a program.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::state::{AppState, unreadable};
use crate::bring::cases::command::failed;
use crate::bring::cases::{
    BYTES_MAX, BadRow, By, CasesReceipt, Engine, check, receipts, take, taken_before,
};
use crate::import::Fault;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use control::Event;
use engine::desk::Brought;
use model::Act;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::runtime::Handle;
use utoipa::{IntoParams, ToSchema};

/// How a file of cases is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CasesQuery {
    /// Key of the mapping, of those in the setting `mappings`.
    mapping: String,
    /// The file's name, for the receipt.
    name: Option<String>,
    /// Only say what would happen; true unless said otherwise.
    dry_run: Option<bool>,
    /// Take the sound rows even when others are bad.
    partial: Option<bool>,
    /// Take a file even though it was taken before.
    again: Option<bool>,
}

/// What a file of cases holds, and what became of it.
#[derive(Serialize, ToSchema)]
pub struct CasesImport {
    /// Whether it was only asked what would happen.
    dry_run: bool,
    /// Problems of rows, at most 50.
    bad_rows: Vec<BadRow>,
    /// Counts by what became of its cases, or would become; kept unless it is a dry run, rows are bad, or the file was imported before.
    receipt: CasesReceipt,
    /// Whether it was kept.
    is_kept: bool,
    /// The receipt under which the same file was imported before.
    imported_before: Option<CasesReceipt>,
}

/// Receipts of files of cases.
#[derive(Serialize, ToSchema)]
pub struct CasesReceipts {
    /// Newest first.
    items: Vec<CasesReceipt>,
    /// Keys of the mappings that are known.
    mappings: Vec<String>,
}

/// Imports a file of cases of another system: CSV, plain or gzip, at most 64 MiB. Unless `partial=true` nothing is written when a
/// row is bad.
#[utoipa::path(
    post, path = "/cases/import", tag = "cases",
    params(CasesQuery, ("X-Skyriver-CSRF" = String, Header, description = "From the session")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses(
        (status = 200, body = CasesImport), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)
    )
)]
pub async fn import_cases(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<CasesQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<CasesImport>> {
    let Query(query) = query?;
    let body = body.map_err(|_| ApiError::body_too_large(BYTES_MAX))?;
    let Ok(turn) = Arc::clone(&app.importer).try_acquire_owned() else {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "import_is_busy",
            Words::new("正在导入另一个文件", "another file is being imported"),
        )
        .with_hint("请稍后再试", "try again in a moment"));
    };
    let (runtime, who) = (Handle::current(), asking.name().to_owned());
    app.ask(move |app| {
        let done = bring(app, &query, &body, &who, runtime);
        drop(turn);
        done.map(Json)
    })
    .await
}

/// The receipts of files of cases that were imported, newest first, and the mappings that are known.
#[utoipa::path(
    get, path = "/cases/import", tag = "cases",
    responses((status = 200, body = CasesReceipts), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn import_cases_receipts(State(app): State<AppState>) -> Answer<Json<CasesReceipts>> {
    app.ask(|app| {
        let mut items = receipts(&app.reader).map_err(unreadable)?;
        items.reverse();
        let mappings = app.desk.settings().mappings;
        let mappings = mappings.all.iter().map(|mapping| mapping.key.clone()).collect();
        Ok(Json(CasesReceipts { items, mappings }))
    })
    .await
}

/// The engine of a running server: each turn waits for its place among those of devices.
struct Through<'a> {
    app: &'a AppState,
    who: &'a str,
    runtime: Handle,
}

impl Engine for Through<'_> {
    fn cases(&mut self, cases: Vec<Vec<Event>>, is_dry: bool) -> Result<Brought, Fault> {
        let who = self.who.to_owned();
        let ask =
            self.app.door.ask(move |engine, now| engine.bring_cases(now, &who, &cases, is_dry));
        let done = self.runtime.block_on(ask).map_err(|gone| failed(&gone))?;
        done.map_err(|error| failed(&error))
    }

    fn act(&mut self, act: Act) -> Result<(), Fault> {
        let ask = self.app.door.ask(move |engine, now| engine.act(now, vec![act]));
        let done = self.runtime.block_on(ask).map_err(|gone| failed(&gone))?;
        done.map(drop).map_err(|error| failed(&error))
    }
}

fn bring(
    app: &AppState,
    query: &CasesQuery,
    body: &[u8],
    who: &str,
    runtime: Handle,
) -> Answer<CasesImport> {
    let settings = app.desk.settings();
    let mapping = settings.mappings.named(&query.mapping).ok_or_else(|| {
        ApiError::unknown("unknown_mapping", "映射", "mapping", &query.mapping).with_hint(
            "见 GET /api/v1/cases/import 的 mappings",
            "mappings of GET /api/v1/cases/import lists them",
        )
    })?;
    let now = app.now();
    let (catalogue, calendar) = (&*settings.catalogue, &*settings.calendar);
    let by = By { mapping, catalogue, calendar, now };
    let found = check(body, &by).map_err(refused)?;
    let is_dry = query.dry_run.unwrap_or(true);
    let imported_before = taken_before(&app.reader, &found.hash).map_err(unreadable)?;
    let is_again = imported_before.is_some() && !query.again.unwrap_or(false);
    let is_kept = !is_dry && !is_again && (found.bad == 0 || query.partial.unwrap_or(false));
    let name = query.name.as_deref().unwrap_or("upload");
    let receipt = CasesReceipt::begin(&found, &mapping.key, name, who, now);
    let mut engine = Through { app, who, runtime };
    let receipt = take(&found, &by, receipt, !is_kept, &mut engine).map_err(refused)?;
    if is_kept {
        app.hub.cases_changed(app.reader.last_sequence().map_err(unreadable)?.0);
    }
    Ok(CasesImport { dry_run: is_dry, bad_rows: found.told, receipt, is_kept, imported_before })
}

fn refused(fault: Fault) -> ApiError {
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_file", fault.message);
    error.hint = Some(fault.hint);
    error
}
