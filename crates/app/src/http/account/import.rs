//! Entries as a table: CSV or Excel, with a preview of what changes.

use super::write::{Written, keep};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::rights::Asking;
use crate::http::state::AppState;
use crate::sheet;
use crate::words::Words;
use account::programme::{Document, Write, read};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

/// Bytes of a table.
pub const BYTES_MAX: u64 = 4 << 20;
/// Rows that an error names.
const NAMED_MAX: usize = 20;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// Key of the programme, for rows that do not say it.
    programme: Option<String>,
    /// Title of the document, for rows that do not say it.
    document: Option<String>,
    /// Its number.
    number: Option<String>,
    /// Only say what would change; true unless said otherwise.
    preview: Option<bool>,
}

/// Takes a table of entries: columns `project`, `measure`, `period_end`, `total`, `document`, `number`, `note` (or 项目、指标、截至日期、累计、依据、文号、备注).
#[utoipa::path(
    post, operation_id = "import_entries", path = "/programmes/import", tag = "account", params(TableQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "CSV in UTF-8 or GB 18030, or .xlsx."),
    responses((status = 200, body = Written), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn import_entries(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<TableQuery>, QueryRejection>,
    body: Bytes,
) -> Answer<Json<Written>> {
    let Query(query) = query?;
    let read = app.ask(move |_| table(&query, &body).map(|read| (read, query))).await?;
    let ((writes, notes), query) = read;
    keep(&app, asking, writes, query.preview.unwrap_or(true), notes).await
}

type Table = (Vec<(String, Write)>, Vec<Words>);

fn table(query: &TableQuery, body: &[u8]) -> Answer<Table> {
    let sheet = sheet::read(body)
        .map_err(|why| bad(why, "请检查文件后重发", "mend the file and send it again"))?;
    let document = Document {
        title: query.document.clone().unwrap_or_default(),
        number: query.number.clone().unwrap_or_default(),
        photo: None,
    };
    let programme = query.programme.as_deref().unwrap_or_default();
    let (rows, wrong) = read(&sheet.rows, programme, &document);
    if !wrong.is_empty() {
        let named = wrong.iter().take(NAMED_MAX);
        let (zh, en): (Vec<_>, Vec<_>) = named
            .map(|own| {
                let (line, column, found) = (own.line, own.column, &own.found);
                (
                    format!("第 {line} 行 {column} {found:?}：{}", own.zh),
                    format!("line {line}, {column} {found:?}: {}", own.en),
                )
            })
            .unzip();
        let all = wrong.len();
        let words = Words::new(
            format!("{all} 处无法读取：{}", zh.join("；")),
            format!("{all} places cannot be read: {}", en.join("; ")),
        );
        return Err(bad(
            words,
            "全部未写入；请改正后重发",
            "nothing was written; mend it and send all of it again",
        ));
    }
    let named = rows.into_iter().map(|row| (format!("line {}", row.line), Write::Entry(row.entry)));
    Ok((named.collect(), sheet.notes))
}

fn bad(why: Words, zh: &str, en: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "bad_table", why).with_hint(zh, en)
}
