//! Bringing a file of readings to a running server: a dry run first, one receipt or none.

use super::error::{Answer, ApiError, Problem};
use super::rights::Asking;
use super::state::{AppState, unreadable};
use crate::bring::{Check, Fated, Fates, Job, Receipt, Through};
use crate::bring::{check, preview, receipts, take, taken_before};
use crate::import::Fault;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Extension, Query, State};
use axum::http::StatusCode;
use gateway::file::{Format, Limits, Options, Origin};
use gateway::hj212::Clock;
use model::Period;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Handle;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes of a file that is sent; larger ones are for the command line, over a stopped directory.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Bytes that it may unpack to.
const UNPACKED_BYTES_MAX: u64 = 1 << 30;
/// Rows of one turn: devices wait for it.
const ROWS_PER_TURN: usize = 2_000;
/// Unknown stations that one answer names.
const STATIONS_MAX: usize = 100;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    let limit = DefaultBodyLimit::max(usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX));
    OpenApiRouter::new()
        .routes(routes!(import_readings))
        .layer(limit)
        .routes(routes!(import_receipts))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadingsQuery {
    /// The file's name, for its receipt.
    name: Option<String>,
    /// `auto`, `national`, `prsa`, `openaq`, `long`, `generic`, `export`, `parquet` or `hj212`.
    format: Option<String>,
    /// What columns mean: `time=监测时间,device=站点,pm25=PM2.5`.
    columns: Option<String>,
    /// The period of the values where the file does not say it: `instant`, `minutes`, `hour`, `day`.
    period: Option<String>,
    /// Whether the file names a period by its end; its shape says so unless given.
    named_by_end: Option<bool>,
    /// Only say what would happen; true unless said otherwise.
    dry_run: Option<bool>,
    /// Take the sound rows even when others are bad or their stations unknown.
    partial: Option<bool>,
    /// Take a file even though it was taken before.
    again: Option<bool>,
}

/// What an import of readings did, or would do.
#[derive(Serialize, ToSchema)]
pub struct ReadingsImport {
    dry_run: bool,
    /// The shape that was found.
    format: &'static str,
    /// BLAKE3 of the file, hexadecimal.
    hash: String,
    rows: u64,
    /// Rows without a value.
    empty: u64,
    /// Bad rows by reason.
    bad: BTreeMap<&'static str, u64>,
    /// The first bad rows.
    bad_rows: Vec<BadLine>,
    /// The first stations that are not registered.
    unknown_stations: Vec<UnknownStation>,
    /// How many stations are not registered.
    unknown_count: usize,
    /// Rows by what would become of them, or became.
    frames: Fates,
    /// Values by what would become of them, or became.
    readings: Fates,
    /// Null when nothing was written.
    receipt: Option<Receipt>,
    /// The receipt under which the same file was imported before.
    imported_before: Option<Receipt>,
}

/// A bad row of a file.
#[derive(Serialize, ToSchema)]
pub struct BadLine {
    line: u64,
    what: Words,
}

/// A station of a file that is not registered.
#[derive(Serialize, ToSchema)]
pub struct UnknownStation {
    station: String,
    place: String,
    rows: u64,
}

/// Receipts of files of readings.
#[derive(Serialize, ToSchema)]
pub struct ImportReceipts {
    /// Newest first.
    items: Vec<Receipt>,
}

/// Imports a file of readings: CSV (plain or gzip), Parquet, or a log of HJ 212 frames, at most 64 MiB.
/// Unless `partial=true` nothing is written when a row is bad or a station unknown.
#[utoipa::path(
    post, path = "/import/readings", tag = "registry",
    params(ReadingsQuery, ("X-Skyriver-CSRF" = String, Header, description = "From the session")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses(
        (status = 200, body = ReadingsImport), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)
    )
)]
async fn import_readings(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<ReadingsQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<ReadingsImport>> {
    let Query(query) = query?;
    let body = body.map_err(|_| {
        ApiError::body_too_large(FILE_BYTES_MAX).with_hint(
            "请拆分文件，或停止服务后用命令行导入",
            "split it, or stop the server and import it by the command line",
        )
    })?;
    let job = job(&app, &query, body, asking.name().to_owned())?;
    let is_dry = query.dry_run.unwrap_or(true);
    let turn = app.turn_to_import()?;
    let runtime = Handle::current();
    app.ask(move |app| {
        let done = bring(app, &job, is_dry, runtime);
        drop(turn);
        done.map(Json)
    })
    .await
}

/// The receipts of files of readings that were imported, newest first.
#[utoipa::path(
    get, path = "/import/receipts", tag = "registry",
    responses((status = 200, body = ImportReceipts))
)]
async fn import_receipts(State(app): State<AppState>) -> Answer<Json<ImportReceipts>> {
    app.ask(|app| {
        let mut items = receipts(&app.reader).map_err(unreadable)?;
        items.reverse();
        Ok(Json(ImportReceipts { items }))
    })
    .await
}

fn job(app: &AppState, query: &ReadingsQuery, body: Bytes, who: String) -> Answer<Job> {
    let bad = |name: &str, given: &str, accepted: &str| {
        ApiError::bad_parameter(name, given, Words::new(accepted, accepted))
    };
    let format = query.format.as_deref().unwrap_or("auto");
    let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
    let format = Format::named(format).ok_or_else(|| bad("format", format, &names.join(", ")))?;
    let period = query.period.as_deref().unwrap_or("hour");
    let period = Period::named(period)
        .ok_or_else(|| bad("period", period, "instant, minutes, hour, day"))?;
    let mut columns = vec![];
    for pair in query.columns.iter().flat_map(|all| all.split(',')) {
        let pair = crate::bring::command::pair(pair).map_err(|why| bad("columns", pair, &why))?;
        columns.push(pair);
    }
    let clock = Clock::new(&app.district.zone_name, crate::clock::now)
        .map_err(|error| ApiError::internal("read the zone", &error))?;
    let options = Options {
        format,
        columns,
        period,
        named_by_end: query.named_by_end,
        registry: Arc::new(app.reader.view().registry().clone()),
        limits: Limits {
            bytes_max: UNPACKED_BYTES_MAX,
            pages_bytes_max: UNPACKED_BYTES_MAX,
            ..Limits::default()
        },
        ..Options::new(clock)
    };
    Ok(Job {
        origin: Origin::Bytes(query.name.clone().unwrap_or_else(|| "upload".to_owned()), body),
        options,
        is_partial: query.partial.unwrap_or(false),
        is_again: query.again.unwrap_or(false),
        who,
        rows_per_turn: ROWS_PER_TURN,
    })
}

fn bring(app: &AppState, job: &Job, is_dry: bool, runtime: Handle) -> Answer<ReadingsImport> {
    let now = app.now();
    let mut quiet = |_| ();
    let (found, mut stations) = check(job, now, &mut quiet).map_err(refused)?;
    let before = taken_before(&app.reader, &found.hash).map_err(unreadable)?;
    let mut feed = Through::new(app.door.clone(), runtime);
    if before.is_some() && !job.is_again {
        return Ok(told(found, Fated::default(), is_dry, None, before));
    }
    if is_dry || !(found.is_whole() || job.is_partial) {
        let shown = preview(job, &mut stations, &mut feed, now, &mut quiet).map_err(refused)?;
        return Ok(told(found, shown, is_dry, None, before));
    }
    let receipt = take(job, &found, &mut stations, &mut feed, now, &mut quiet).map_err(refused)?;
    let fated = Fated { frames: receipt.frames.clone(), readings: receipt.readings.clone() };
    Ok(told(found, fated, is_dry, Some(receipt), before))
}

fn told(
    found: Check,
    fated: Fated,
    dry_run: bool,
    receipt: Option<Receipt>,
    imported_before: Option<Receipt>,
) -> ReadingsImport {
    let unknown_count = found.unknown.len();
    let unknown = found.unknown.into_iter().take(STATIONS_MAX);
    ReadingsImport {
        dry_run,
        format: found.format,
        hash: found.hash,
        rows: found.rows,
        empty: found.empty,
        bad: found.bad,
        bad_rows: found
            .told
            .into_iter()
            .map(|row| BadLine { line: row.line, what: row.what })
            .collect(),
        unknown_stations: unknown
            .map(|one| UnknownStation { station: one.station, place: one.place, rows: one.rows })
            .collect(),
        unknown_count,
        frames: fated.frames,
        readings: fated.readings,
        receipt,
        imported_before,
    }
}

fn refused(fault: Fault) -> ApiError {
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_file", fault.message);
    error.hint = Some(fault.hint);
    error
}
