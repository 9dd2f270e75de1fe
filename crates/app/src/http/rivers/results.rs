//! Results of a laboratory: read from a file, kept with their samples, judged beside what devices measure (GOV-082 to GOV-085).
//!
//! They are no readings of a datastream and no corrections of one: a sample has a depth, a method, a detection limit and a
//! chain of custody, and stands beside the series of the site, never in it.

use super::super::error::{Answer, ApiError, Problem, shortened};
use super::super::rights::Asking;
use super::super::state::AppState;
use super::book::samples;
use super::water::{inexact, symbol};
use crate::words::Words;
use account::Text;
use account::custody::{Analysis, Step, What};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use standards::Exact;
use standards::water::{Item, WaterBody, WaterResult};
use std::collections::BTreeMap;
use store::Known;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Rows of one file.
const ROWS_MAX: usize = 20_000;
/// Problems that are told of one file.
const PROBLEMS_MAX: usize = 50;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(import))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// The laboratory, as it received the samples.
    by: String,
    /// When they were analysed, RFC 3339.
    at: String,
    /// The number of its report.
    document: String,
    /// `1`: only says what would be kept.
    preview: Option<u8>,
}

/// One line of a laboratory's file.
#[derive(Deserialize)]
struct Row {
    sample: String,
    item: String,
    value: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    method: String,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
pub struct ResultsReceipt {
    /// Rows of the file.
    rows: usize,
    /// Samples that they belong to.
    samples: usize,
    /// Steps that were kept; 0 of a preview, of a file with problems, and of one that was kept before.
    kept: usize,
    /// What is wrong: then nothing was kept.
    problems: Vec<RowProblem>,
}

/// Something wrong in a row.
#[derive(Serialize, ToSchema)]
#[schema(as = ResultsProblem)]
pub struct RowProblem {
    /// Line of the file, the head is 1.
    line: usize,
    what: Words,
}

/// Keeps the results of a laboratory with their samples: all of a file, or nothing of it. Columns: `sample,item,value`, and
/// `unit,method` where known.
#[utoipa::path(
    post, operation_id = "import_results", path = "/samples/results", tag = "rivers", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ResultsReceipt), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn import(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<ImportQuery>, QueryRejection>,
    body: Bytes,
) -> Answer<Json<ResultsReceipt>> {
    let Query(query) = query?;
    let at: jiff::Timestamp = query.at.parse().map_err(|_| {
        let accepted =
            Words::new("请用 2026-03-10T14:00:00+08:00", "write 2026-03-10T14:00:00+08:00");
        ApiError::bad_parameter("at", &query.at, accepted)
    })?;
    let by = query.by.clone();
    let (mut receipt, found) = app.ask(move |app| read(app, &body)).await?;
    if query.preview == Some(1) || !receipt.problems.is_empty() {
        return Ok(Json(receipt));
    }
    let steps = found.into_iter().map(|(sample, results)| {
        let what = What::Analysed { by: by.clone(), results };
        (sample, Step { at, what, proof: query.document.clone() })
    });
    receipt.kept = super::samples::keep(&app, asking.name().to_owned(), steps.collect()).await?;
    Ok(Json(receipt))
}

type Found = BTreeMap<String, Vec<Analysis>>;

fn read(app: &AppState, bytes: &[u8]) -> Answer<(ResultsReceipt, Found)> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let known = samples(app, Known::Now)?;
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let mut receipt = ResultsReceipt { rows: 0, samples: 0, kept: 0, problems: vec![] };
    let mut found = Found::new();
    for (at, row) in reader.deserialize::<Row>().enumerate() {
        let line = at + 2;
        receipt.rows += 1;
        if receipt.rows > ROWS_MAX {
            let words =
                Words::new(format!("超过 {ROWS_MAX} 行"), format!("more than {ROWS_MAX} rows"));
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "too_many_rows", words)
                .with_hint("请分开导入", "import it in parts"));
        }
        let problem = match row {
            Err(error) => Some(Text::same(error.to_string())),
            Ok(row) => take(app, &known, &mut found, row).err(),
        };
        if let Some(what) = problem.filter(|_| receipt.problems.len() < PROBLEMS_MAX) {
            let what = Words::new(shortened(&what.zh), shortened(&what.en));
            receipt.problems.push(RowProblem { line, what });
        }
    }
    receipt.samples = found.len();
    Ok((receipt, found))
}

fn take<T>(
    app: &AppState,
    known: &BTreeMap<String, T>,
    found: &mut Found,
    row: Row,
) -> Result<(), Text> {
    let Row { sample, item, value, unit, method } = row;
    if !known.contains_key(&sample) {
        let (zh, en) = (format!("没有样品 {sample}"), format!("there is no sample {sample}"));
        return Err(Text::new(zh, en));
    }
    let own = Analysis { item, value, method };
    check(app, &own)?;
    let of = self::item(app, &own.item).map(|item| item.unit.to_string()).unwrap_or_default();
    if !unit.is_empty() && unit != of {
        let zh = format!("{} 的单位是 {of}，不是 {unit}", own.item);
        return Err(Text::new(zh, format!("the unit of {} is {of}, not {unit}", own.item)));
    }
    let list = found.entry(sample).or_default();
    if list.iter().any(|other| other.item == own.item) {
        let zh = format!("同一样品的 {} 出现两次", own.item);
        return Err(Text::new(zh, format!("{} stands twice for one sample", own.item)));
    }
    list.push(own);
    Ok(())
}

/// An item of the standard for running water.
pub fn item<'a>(app: &'a AppState, key: &str) -> Option<&'a Item> {
    app.law.water().limits().item(key, WaterBody::River)
}

/// Whether a result says that nothing was found above the detection limit.
pub fn is_below(value: &str) -> bool {
    value.starts_with('<') || value.ends_with(['L', 'l'])
}

/// Whether a result can be read.
///
/// # Errors
/// What is wrong with it.
pub fn check(app: &AppState, own: &Analysis) -> Result<(), Text> {
    if item(app, &own.item).is_none() {
        let zh = format!("地表水标准没有项目 {}", own.item);
        return Err(Text::new(zh, format!("the surface water standard has no item {}", own.item)));
    }
    if result(&own.value).is_some() {
        return Ok(());
    }
    let value = &own.value;
    Err(Text::new(
        format!("{value:?} 不是数值；低于检出限写作 0.025L"),
        format!("{value:?} is no value; below a detection limit is written 0.025L"),
    ))
}

fn result(value: &str) -> Option<WaterResult> {
    let bare = value.trim_start_matches('<').trim_end_matches(['L', 'l']).trim();
    let number = Exact::parse(bare).ok().filter(|number| !number.is_negative())?;
    Some(if is_below(value) { WaterResult::Below(number) } else { WaterResult::Value(number) })
}

/// The class of a sample by its results, and how many items decided.
///
/// # Errors
/// `internal` when numbers do not fit exact arithmetic.
pub fn class_of(app: &AppState, results: &[Analysis]) -> Answer<(Option<&'static str>, usize)> {
    let read = results.iter().filter_map(|own| Some((own.item.as_str(), result(&own.value)?)));
    let read: Vec<(&str, WaterResult)> = read.collect();
    if read.is_empty() {
        return Ok((None, 0));
    }
    let report = app.law.water().site(WaterBody::River, &read, None).map_err(inexact)?;
    Ok((report.report.class.map(symbol), report.report.assessed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_detection_limit_is_read_as_laboratories_write_it() {
        let below = |text: &str| matches!(result(text), Some(WaterResult::Below(limit)) if limit == Exact::parse("0.025").unwrap());
        assert!(below("0.025L") && below("<0.025"));
        assert!(matches!(result("0.3"), Some(WaterResult::Value(_))));
        for text in ["", "L", "未检出", "-1", "NaN"] {
            assert!(result(text).is_none(), "{text}");
        }
    }
}
