//! Files of forecasts from outside, by the page or a program.

use crate::bring::cases::BadRow;
use crate::bring::forecast::{
    Asked, BYTES_MAX, ForecastReceipt, check, check_source, failed, receipts, take,
};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::rights::Asking;
use crate::http::state::{AppState, unreadable};
use crate::import::Fault;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// How a file of a forecast is imported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ForecastFileQuery {
    /// Whose forecast it is: 1 to 40 letters, digits, `-`, `_`, `.`.
    source: String,
    /// The file's name, for the receipt.
    name: Option<String>,
    /// Whether the file names an hour by its end; by its start unless given.
    named_by_end: Option<bool>,
    /// Only say what would happen; true unless said otherwise.
    dry_run: Option<bool>,
}

/// What a file of a forecast holds, and what became of it.
#[derive(Serialize, ToSchema)]
pub struct ForecastImport {
    /// Whether it was only asked what would happen.
    dry_run: bool,
    /// How many rows are bad; any refuses the file.
    bad: u64,
    /// Problems of rows, at most 50.
    bad_rows: Vec<BadRow>,
    /// Counts of runs by what became of them, or would become.
    receipt: ForecastReceipt,
    /// Whether it was kept: not in a dry run, not when rows are bad, not when it says nothing new.
    is_kept: bool,
}

/// Receipts of files of forecasts from outside.
#[derive(Serialize, ToSchema)]
pub struct ForecastReceipts {
    /// Newest first.
    items: Vec<ForecastReceipt>,
    /// Names of all sources.
    sources: BTreeSet<String>,
}

/// Imports a forecast from outside, such as a numerical model's: CSV, plain or gzip, at most 32 MiB, with the columns `issued`,
/// `time`, `place`, `parameter`, `value`, and `low`, `high` (the 90 % interval) and `unit` if there are. All of it is taken or nothing.
#[utoipa::path(
    post, operation_id = "import_forecast", path = "/forecast/import", tag = "analysis",
    params(ForecastFileQuery, ("X-Skyriver-CSRF" = String, Header, description = "From the session")),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses(
        (status = 200, body = ForecastImport), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)
    )
)]
pub(super) async fn import_forecast(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<ForecastFileQuery>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<ForecastImport>> {
    let Query(query) = query?;
    check_source(&query.source)
        .map_err(|accepted| ApiError::bad_parameter("source", &query.source, accepted))?;
    let body = body.map_err(|_| ApiError::body_too_large(BYTES_MAX))?;
    let turn = app.turn_to_import()?;
    let (source, named_by_end) = (query.source.clone(), query.named_by_end.unwrap_or(false));
    let read = move |app: &AppState| {
        let view = app.reader.view();
        let asked = Asked {
            registry: view.registry(),
            parameters: &app.parameters,
            zone: &app.district.zone,
            source: &source,
            named_by_end,
            now: app.now(),
        };
        check(&body, &asked).map_err(refused)
    };
    let mut found = app.ask(read).await?;
    let dry_run = query.dry_run.unwrap_or(true);
    let (bad, bad_rows) = (found.bad, std::mem::take(&mut found.told));
    let is_dry = dry_run || bad > 0;
    let (who, source) = (asking.name().to_owned(), query.source);
    let name = query.name.unwrap_or_else(|| "upload".to_owned());
    let ask = app
        .door
        .ask(move |engine, now| take(engine, (now, &who), &found, (&source, &name), is_dry));
    let receipt = ask.await.map_err(|gone| refused(failed(&gone)))?.map_err(refused)?;
    drop(turn);
    let is_kept = !is_dry && receipt.says_new();
    Ok(Json(ForecastImport { dry_run, bad, bad_rows, receipt, is_kept }))
}

/// The receipts of forecasts from outside that were imported, newest first, and the names of all sources.
#[utoipa::path(
    get, operation_id = "forecast_receipts", path = "/forecast/import", tag = "analysis",
    responses((status = 200, body = ForecastReceipts), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub(super) async fn forecast_receipts(
    State(app): State<AppState>,
) -> Answer<Json<ForecastReceipts>> {
    app.ask(|app| {
        let mut items = receipts(&app.reader).map_err(unreadable)?;
        items.reverse();
        let sources = items.iter().map(|own| own.source.clone()).collect();
        Ok(Json(ForecastReceipts { items, sources }))
    })
    .await
}

fn refused(fault: Fault) -> ApiError {
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_file", fault.message);
    error.hint = Some(fault.hint);
    error
}
