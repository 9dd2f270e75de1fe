//! Laboratory or audited values as corrections, from a table with its document.

use super::{CorrectionAnswer, answer, change, refused};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::rights::Asking;
use crate::http::state::{self, AppState, unreadable};
use crate::http::time::instant;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use engine::correct::{Correction, Document, Error, NewCorrection, Operation, Stack, preview};
use model::{DatastreamId, Period, Registry, Statistic, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Rows that one table may have.
const ROWS_MAX: usize = 20_000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(import))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Name or number of the document: the certificate of the laboratory, the letter of the audit.
    #[param(required, value_type = String)]
    document: Option<String>,
    /// Why.
    #[param(required, value_type = String)]
    why: Option<String>,
}

/// What an import of values became.
#[derive(Serialize, ToSchema)]
pub struct ImportedValues {
    /// Rows of the table.
    rows: usize,
    /// BLAKE3 of the table, kept with each correction.
    hash: String,
    /// One correction for each datastream whose readings change.
    corrections: Vec<CorrectionAnswer>,
}

/// Takes a CSV table with the columns `place,parameter,time,value` (or `datastream,time,value`) as values
/// that stand instead of what was sent. All of it is taken or nothing.
#[utoipa::path(
    post, operation_id = "import_corrections", path = "/corrections/import", tag = "corrections",
    params(ImportQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 201, body = ImportedValues), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn import(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<ImportQuery>, QueryRejection>,
    body: Bytes,
) -> Answer<(StatusCode, Json<ImportedValues>)> {
    let Query(query) = query?;
    let who = asking.name().to_owned();
    let (rows, hash, news) = app
        .ask(move |app| {
            let hash = blake3::hash(&body).to_string();
            let name = query.document.unwrap_or_default();
            if name.trim().is_empty() {
                let accepted = Words::new("请写明文件名或编号", "name the document");
                return Err(ApiError::missing_parameter("document", accepted));
            }
            let document = Document { name, hash: Some(hash.clone()) };
            let why = query.why.unwrap_or_default();
            let (rows, news) = read(app, &body, &who, &why, &document)?;
            // Everything is looked at before anything is kept.
            let stack = Stack::read(&app.reader, store::Known::Now).map_err(unreadable)?;
            for new in &news {
                preview(&app.reader, &stack, new).map_err(|error| refused(&error))?;
            }
            Ok((rows, hash, news))
        })
        .await?;
    let made: Vec<Correction> = change(&app, move |engine, now| {
        let mut made = vec![];
        for new in &news {
            match engine.correct(now, new) {
                Ok(correction) => made.push(correction),
                Err(Error::NothingChanges) => (),
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    })
    .await?;
    let corrections = made.iter().map(|own| answer(&app, own, true)).collect();
    Ok((StatusCode::CREATED, Json(ImportedValues { rows, hash, corrections })))
}

fn read(
    app: &AppState,
    body: &[u8],
    who: &str,
    why: &str,
    document: &Document,
) -> Answer<(usize, Vec<NewCorrection>)> {
    let mut table = csv::Reader::from_reader(body);
    let header = table.headers().map_err(|error| bad_row(1, &error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|own| own.trim() == name);
    let (time, value) = (column("time"), column("value"));
    let (Some(time), Some(value)) = (time, value) else {
        return Err(bad_row(1, "the columns time and value must be there"));
    };
    let (datastream, place, parameter) =
        (column("datastream"), column("place"), column("parameter"));
    let mut by: BTreeMap<DatastreamId, BTreeMap<Timestamp, String>> = BTreeMap::new();
    let mut count = 0;
    for (at, row) in table.records().enumerate() {
        let line = at + 2;
        let row = row.map_err(|error| bad_row(line, &error.to_string()))?;
        count += 1;
        if count > ROWS_MAX {
            return Err(bad_row(line, &format!("one table may have {ROWS_MAX} rows")));
        }
        let cell =
            |column: Option<usize>| row.get(column?).map(str::trim).filter(|t| !t.is_empty());
        let of = |name: &'static str, column: Option<usize>| {
            cell(column).ok_or_else(|| bad_row(line, &format!("it has no {name}")))
        };
        let id = if let Some(text) = cell(datastream) {
            text.parse()
                .map(DatastreamId)
                .map_err(|_| bad_row(line, "its datastream is no number"))?
        } else {
            let view = app.reader.view();
            let (key, name) = (of("place", place)?, of("parameter", parameter)?);
            let (place, _) = state::place(view.registry(), key)?;
            hourly(view.registry(), place, name)
                .ok_or_else(|| bad_row(line, &format!("{key} has no hourly {name}")))?
        };
        let time = instant("time", of("time", Some(time))?, &app.district.zone)?;
        let text = of("value", Some(value))?.to_owned();
        if by.entry(id).or_default().insert(time, text).is_some() {
            return Err(bad_row(line, "the same instant stands there twice"));
        }
    }
    let new = |(datastream, rows): (DatastreamId, BTreeMap<Timestamp, String>)| {
        let first = rows.keys().next().copied().unwrap_or_default();
        let last = rows.keys().next_back().copied().unwrap_or_default();
        NewCorrection {
            who: who.to_owned(),
            datastream,
            from: first,
            to: last + 1,
            operation: Operation::Values { rows: rows.into_iter().collect() },
            why: why.to_owned(),
            is_automatic: false,
            document: Some(document.clone()),
        }
    };
    Ok((count, by.into_iter().map(new).collect()))
}

/// The series of hourly means of a parameter at a place, the oldest one.
fn hourly(registry: &Registry, place: model::PlaceId, parameter: &str) -> Option<DatastreamId> {
    let all = registry.datastreams_of(place).iter().filter_map(|id| registry.datastream(*id));
    let is_it = |key: &model::DatastreamKey| {
        key.parameter == parameter && key.period == Period::Hour && key.statistic == Statistic::Mean
    };
    all.into_iter().find(|stream| is_it(&stream.key)).map(|stream| stream.id)
}

fn bad_row(line: usize, why: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_table",
        Words::new(format!("表格第 {line} 行：{why}"), format!("line {line} of the table: {why}")),
    )
    .with_hint(
        "列名为 place,parameter,time,value；什么都没有保存",
        "the columns are place,parameter,time,value; nothing was kept",
    )
}
