//! Files of cases of another system, by the page or a program.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::state::{AppState, unreadable};
use super::progress::{CasesProgress, Running};
use crate::bring::cases::command::failed;
use crate::bring::cases::{
    BYTES_MAX, BadRow, By, CasesReceipt, Engine, TakenRow, check, only_mapping, receipts, take,
    taken_before,
};
use crate::import::Fault;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use control::{Event, Mapping, Mappings};
use engine::desk::Brought;
use model::Act;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use utoipa::{IntoParams, ToSchema};

/// How a file of cases is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CasesQuery {
    /// Key of the mapping, of those in the setting `mappings`.
    mapping: Option<String>,
    /// Instead of a key: the body begins with a mapping (TOML) of that many bytes, at most 262144, and the file follows.
    mapping_bytes: Option<usize>,
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
    /// What becomes of the sound rows: the first 50 of each kind.
    taken_rows: Vec<TakenRow>,
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
    /// The mappings that are known.
    mappings: Vec<KnownMapping>,
    /// The import that runs now, or null.
    running: Option<CasesProgress>,
}

/// A mapping that is known.
#[derive(Serialize, ToSchema)]
pub struct KnownMapping {
    key: String,
    name: Words,
    /// Where the meaning of its columns was taken from.
    source: String,
}

impl KnownMapping {
    fn of(mapping: &Mapping) -> Self {
        let Mapping { key, name, source, .. } = mapping;
        let name = Words::new(&*name.zh, &*name.en);
        Self { key: key.clone(), name, source: source.clone() }
    }
}

/// Bytes of a mapping that is sent with a file.
const MAPPING_BYTES_MAX: usize = 256 << 10;

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
    let turn = app.turn_to_import()?;
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
        let mappings = mappings.all.iter().map(KnownMapping::of).collect();
        Ok(Json(CasesReceipts { items, mappings, running: app.importing.now() }))
    })
    .await
}

/// The engine of a running server: each turn waits for its place among those of devices.
struct Through<'a> {
    app: &'a AppState,
    who: &'a str,
    runtime: Handle,
    running: &'a Running<'a>,
}

impl Engine for Through<'_> {
    fn cases(&mut self, cases: Vec<Vec<Event>>, is_dry: bool) -> Result<Brought, Fault> {
        let (who, count) = (self.who.to_owned(), cases.len() as u64);
        let ask =
            self.app.door.ask(move |engine, now| engine.bring_cases(now, &who, &cases, is_dry));
        let done = self.runtime.block_on(ask).map_err(|gone| failed(&gone))?;
        let brought = done.map_err(|error| failed(&error))?;
        self.running.took(count);
        Ok(brought)
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
    let is_dry = query.dry_run.unwrap_or(true);
    let name = query.name.as_deref().unwrap_or("upload");
    let (mapping, body) = mapping(query, body, &settings.mappings)?;
    let mapping = &mapping;
    let running = &app.importing.begin(name, is_dry);
    let now = app.now();
    let (catalogue, calendar) = (&*settings.catalogue, &*settings.calendar);
    let by = By { mapping, catalogue, calendar, now };
    let found = check(body, &by).map_err(refused)?;
    running.read(found.cases.len() as u64);
    let imported_before = taken_before(&app.reader, &found.hash).map_err(unreadable)?;
    let is_again = imported_before.is_some() && !query.again.unwrap_or(false);
    let is_kept = !is_dry && !is_again && (found.bad == 0 || query.partial.unwrap_or(false));
    let receipt = CasesReceipt::begin(&found, &mapping.key, name, who, now);
    let mut engine = Through { app, who, runtime, running };
    let (receipt, told) = take(&found, &by, receipt, !is_kept, &mut engine).map_err(refused)?;
    if is_kept {
        app.hub.cases_changed(app.reader.last_sequence().map_err(unreadable)?.0);
    }
    Ok(CasesImport {
        dry_run: is_dry,
        bad_rows: found.told,
        taken_rows: told.rows,
        receipt,
        is_kept,
        imported_before,
    })
}

/// What the columns mean, by its key or from the head of the body, and the file.
fn mapping<'b>(
    query: &CasesQuery,
    body: &'b [u8],
    known: &Mappings,
) -> Answer<(Mapping, &'b [u8])> {
    let one = || {
        let (zh, en) =
            ("mapping 或 mapping_bytes，二者选一", "mapping or mapping_bytes, one of them");
        Words::new(zh, en)
    };
    match (&query.mapping, query.mapping_bytes) {
        (None, None) => Err(ApiError::missing_parameter("mapping", one())),
        (Some(_), Some(bytes)) => {
            Err(ApiError::bad_parameter("mapping_bytes", &bytes.to_string(), one()))
        }
        (Some(key), None) => {
            let mapping = known.named(key).ok_or_else(|| {
                ApiError::unknown("unknown_mapping", "映射", "mapping", key).with_hint(
                    "见 GET /api/v1/cases/import 的 mappings",
                    "mappings of GET /api/v1/cases/import lists them",
                )
            })?;
            Ok((mapping.clone(), body))
        }
        (None, Some(bytes)) => {
            let split =
                (bytes <= MAPPING_BYTES_MAX).then(|| body.split_at_checked(bytes)).flatten();
            let (head, file) = split.ok_or_else(|| {
                let accepted = Words::new(
                    format!("映射文件的字节数，最多 {MAPPING_BYTES_MAX}，且不多于正文"),
                    format!("the bytes of the mapping: at most {MAPPING_BYTES_MAX}, and no more than the body has"),
                );
                ApiError::bad_parameter("mapping_bytes", &bytes.to_string(), accepted)
            })?;
            let mapping = only_mapping(&String::from_utf8_lossy(head));
            let bad = |fault| ApiError { code: "bad_mapping", ..refused(fault) };
            Ok((mapping.map_err(bad)?, file))
        }
    }
}

fn refused(fault: Fault) -> ApiError {
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_file", fault.message);
    error.hint = Some(fault.hint);
    error
}
