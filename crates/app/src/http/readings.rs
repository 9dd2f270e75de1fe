//! Readings: a series over time, and the newest of everything.

use super::columns;
use super::error::{Answer, ApiError, Problem};
use super::gaps::{self, Gap};
use super::known::{self, AsOf};
use super::places::{Datastream, describe_known};
use super::schema;
use super::state::{self, AppState, unreadable};
use super::thin::{Fold, Step, thin};
use super::time::{Instant, Range, RangeLimit};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use model::{DAY_MS, DatastreamId, HOUR_MS, Period, PlaceId, Reading, Statistic, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Columns, Known, View};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(readings)).routes(routes!(latest))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadingsQuery {
    /// Number of the datastream.
    #[param(required, value_type = i32)]
    datastream: Option<String>,
    /// The first instant, RFC 3339, or a civil day; 24 hours before `to` without it.
    from: Option<String>,
    /// The first instant after the range, RFC 3339, or a civil day; now without it.
    to: Option<String>,
    /// `raw` (as sent), `hour` or `day`: thinned for drawing, by the mean, or what suits the statistic.
    #[param(value_type = Option<StepName>)]
    step: Option<String>,
    /// `json`, or `columns`: little-endian binary, media type `application/vnd.skyriver.columns`.
    #[param(value_type = Option<Format>)]
    format: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
    /// `1`: as it was sent, without any correction.
    raw: Option<String>,
}

/// How fine a series is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StepName {
    /// As sent.
    Raw,
    /// One row an hour.
    Hour,
    /// One row a civil day.
    Day,
}

/// How a series is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON.
    Json,
    /// Little-endian columns: `"SKY1"`, rows n (u32), 8 bytes 0, then time (f64, ms), value (f64, NaN is
    /// a gap), sequence (f64) and flag (i16), n of each.
    Columns,
}

/// A series in the format `columns`.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only the API document has it; the bytes are written directly")]
pub struct ColumnsFile(Vec<u8>);

/// A series.
#[derive(Serialize, ToSchema)]
pub struct Readings {
    datastream: Datastream,
    from: Instant,
    /// The first instant after the range.
    to: Instant,
    step: StepName,
    /// Set when the series is shown as it was known at a past moment.
    as_of: Option<AsOf>,
    /// Whether it is shown as it was sent, without any correction.
    raw: bool,
    columns: ReadingColumns,
    /// Where there is no value, and why; in a truncated answer those that begin among the rows shown.
    gaps: Vec<Gap>,
    /// What was left out, when something was.
    truncated: Option<Truncated>,
}

/// Rows as columns of the same length.
#[derive(Serialize, ToSchema)]
pub struct ReadingColumns {
    /// Instants or starts of periods, milliseconds since 1970-01-01T00:00:00Z.
    time: Vec<i64>,
    /// Values; null is a gap.
    value: Vec<Option<f64>>,
    /// Quality in the low four bits (1 good, 2 unknown, 3 suspect, 4 fail, 9 missing), the device's mark in the seven above, bit 11 (2048) on what a correction made.
    flag: Vec<i16>,
    /// The entries of the log that brought them.
    sequence: Vec<u64>,
}

/// What was left out of an answer.
#[derive(Serialize, ToSchema)]
pub struct Truncated {
    /// Rows in the answer, the first ones.
    shown: usize,
    /// Rows there are.
    of: usize,
    /// What to do.
    hint: Words,
}

/// A series of readings in a range of time.
#[utoipa::path(
    get, path = "/readings", tag = "readings", params(ReadingsQuery),
    responses(
        (status = 200, content((Readings = "application/json"), (ColumnsFile = "application/vnd.skyriver.columns"))),
        (status = 400, body = Problem), (status = 404, body = Problem)
    )
)]
async fn readings(
    State(app): State<AppState>,
    query: Result<Query<ReadingsQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        let id = datastream_id(query.datastream.as_deref())?;
        let datastream = describe_known(app, id)?;
        let step = step(query.step.as_deref())?;
        let format = format(query.format.as_deref())?;
        let range = range(app, &query, step)?;
        let (known, as_of) = known::read(app, query.as_of.as_deref())?;
        let is_raw = raw(query.raw.as_deref())?;
        let known = if is_raw { known.raw() } else { known };
        let (mut columns, period) = series(app, &datastream, id, range, (step, known))?;
        if format == Format::Columns {
            let rows = [("x-rows-available", columns.len().to_string())];
            cut(&mut columns, &mut vec![], app.limits.rows_max);
            let body = columns::write(&columns);
            return Ok(([(header::CONTENT_TYPE, columns::MEDIA_TYPE)], rows, body).into_response());
        }
        // Found in all rows: what is cut off did arrive.
        let mut gaps = gaps::find(&columns, range, period, AsOf::clock(as_of, app.now()));
        let truncated = cut(&mut columns, &mut gaps, app.limits.rows_max);
        Ok(Json(Readings {
            datastream,
            from: Instant(range.from),
            to: Instant(range.to),
            step,
            as_of,
            raw: is_raw,
            columns: ReadingColumns::from(columns),
            gaps,
            truncated,
        })
        .into_response())
    })
    .await
}

fn datastream_id(given: Option<&str>) -> Answer<DatastreamId> {
    let accepted = || {
        Words::new(
            "请填写数据流编号；/api/v1/datastreams?place=… 列出各点位的数据流",
            "write the number of a datastream; /api/v1/datastreams?place=… lists those of a place",
        )
    };
    let given = given.ok_or_else(|| ApiError::missing_parameter("datastream", accepted()))?;
    let id = given.parse().map_err(|_| ApiError::bad_parameter("datastream", given, accepted()))?;
    Ok(DatastreamId(id))
}

fn step(given: Option<&str>) -> Answer<StepName> {
    match given {
        None | Some("raw") => Ok(StepName::Raw),
        Some("hour") => Ok(StepName::Hour),
        Some("day") => Ok(StepName::Day),
        Some(other) => {
            let accepted = Words::new("可用 raw、hour、day", "there are raw, hour, day");
            Err(ApiError::bad_parameter("step", other, accepted))
        }
    }
}

fn format(given: Option<&str>) -> Answer<Format> {
    match given {
        None | Some("json") => Ok(Format::Json),
        Some("columns") => Ok(Format::Columns),
        Some(other) => {
            let accepted = Words::new("可用 json、columns", "there are json, columns");
            Err(ApiError::bad_parameter("format", other, accepted))
        }
    }
}

fn raw(given: Option<&str>) -> Answer<bool> {
    match given {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(other) => {
            let accepted = Words::new("请用 0 或 1", "write 0 or 1");
            Err(ApiError::bad_parameter("raw", other, accepted))
        }
    }
}

fn range(app: &AppState, query: &ReadingsQuery, step: StepName) -> Answer<Range> {
    let limit = match step {
        StepName::Day => RangeLimit { name: "daily_days_max", days_max: app.limits.daily_days_max },
        _ => RangeLimit { name: "hourly_days_max", days_max: app.limits.hourly_days_max },
    };
    let zone = &app.district.zone;
    Range::read(query.from.as_deref(), query.to.as_deref(), zone, (app.now(), DAY_MS), limit)
}

/// The rows of a series, and the period that one of them stands for.
fn series(
    app: &AppState,
    datastream: &Datastream,
    id: DatastreamId,
    range: Range,
    (step, known): (StepName, Known),
) -> Answer<(Columns, schema::Period)> {
    let scanned = app.reader.scan_known(&[id], range.from, range.to, known).map_err(unreadable)?;
    let columns = scanned.into_iter().next().unwrap_or_default();
    let (step, period) = match step {
        StepName::Hour if datastream.period < schema::Period::Hour => {
            (Step::Hour, schema::Period::Hour)
        }
        StepName::Day if datastream.period < schema::Period::Day => {
            (Step::Day, schema::Period::Day)
        }
        _ => return Ok((columns, datastream.period)),
    };
    let fold = Fold::of(datastream.statistic, &datastream.unit);
    Ok((thin(&columns, step, fold, &app.district.zone), period))
}

/// Keeps the first rows, as many as an answer may have, and the gaps that begin before the first row
/// left out; says what that leaves out.
fn cut(columns: &mut Columns, gaps: &mut Vec<Gap>, rows_max: u64) -> Option<Truncated> {
    let (of, shown) = (columns.len(), usize::try_from(rows_max).unwrap_or(usize::MAX));
    let left_out = *columns.time.get(shown)?;
    gaps.retain(|gap| gap.from.0 < left_out);
    columns.time.truncate(shown);
    columns.value.truncate(shown);
    columns.flag.truncate(shown);
    columns.sequence.truncate(shown);
    let hint = Words::new(
        format!("只给出前 {shown} 行，共 {of} 行；请缩短时间范围或加大 step"),
        format!("the first {shown} of {of} rows; ask for less time or a coarser step"),
    );
    Some(Truncated { shown, of, hint })
}

impl From<Columns> for ReadingColumns {
    fn from(columns: Columns) -> Self {
        Self {
            time: columns.time.iter().map(|time| time.as_ms()).collect(),
            value: columns.value,
            flag: columns.flag.iter().map(|flag| flag.bits()).collect(),
            sequence: columns.sequence.iter().map(|sequence| sequence.0).collect(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LatestQuery {
    /// Key of a place; all places without it.
    place: Option<String>,
}

/// The newest reading of each parameter at each place.
#[derive(Clone, Serialize, ToSchema)]
pub struct Latest {
    /// The newest entry of the log.
    pub sequence: u64,
    /// By place and parameter.
    pub items: Vec<LatestItem>,
}

/// The newest reading of a parameter at a place.
#[derive(Clone, Serialize, ToSchema)]
pub struct LatestItem {
    place: String,
    parameter: String,
    datastream: i32,
    /// The instant, or the start of the period.
    time: Instant,
    period: schema::Period,
    value: Option<f64>,
    flag: i16,
    quality: schema::Quality,
    /// The mark that the device gave it; empty for none.
    mark: String,
    /// The entry of the log that brought it.
    sequence: u64,
    /// Seconds since the instant, or since the end of the hour or day.
    age_s: i64,
}

/// The newest readings.
#[utoipa::path(
    get, path = "/latest", tag = "readings", params(LatestQuery),
    responses((status = 200, body = Latest), (status = 404, body = Problem))
)]
async fn latest(
    State(app): State<AppState>,
    query: Result<Query<LatestQuery>, QueryRejection>,
) -> Answer<Json<Latest>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
        let view = app.reader.view();
        let places: Vec<PlaceId> = match &query.place {
            Some(key) => vec![state::place(view.registry(), key)?.0],
            None => (0..view.registry().places().len() as u32).map(PlaceId).collect(),
        };
        let items = places.iter().flat_map(|place| latest_of(&view, *place, app.now()));
        Ok(Json(Latest { sequence, items: items.collect() }))
    })
    .await
}

/// The newest reading of each parameter at a place: a mean or an instant before an extreme, then the
/// newest, then the shortest period.
pub fn latest_of(view: &View, place: PlaceId, now: Timestamp) -> Vec<LatestItem> {
    let registry = view.registry();
    let Some(key) = registry.place(place).map(|place| place.key.as_str()) else { return vec![] };
    let mut best: BTreeMap<&str, _> = BTreeMap::new();
    for reading in view.latest_of(place) {
        let Some(datastream) = registry.datastream(reading.datastream) else { continue };
        let rank =
            (kind(datastream.key.statistic), reading.time, -length_ms(datastream.key.period));
        let known = best.entry(&datastream.key.parameter).or_insert((rank, reading, datastream));
        if rank > known.0 {
            *known = (rank, reading, datastream);
        }
    }
    let item = |(parameter, (_, reading, datastream)): (&str, (_, Reading, &model::Datastream))| {
        let end = reading.time + length_ms(datastream.key.period);
        LatestItem {
            place: key.to_owned(),
            parameter: parameter.to_owned(),
            datastream: reading.datastream.0,
            time: Instant(reading.time),
            period: datastream.key.period.into(),
            value: reading.value,
            flag: reading.flag.bits(),
            quality: reading.flag.quality().into(),
            mark: reading.flag.mark().map_or_else(String::new, String::from),
            sequence: reading.sequence.0,
            age_s: ((now - end) / 1_000).max(0),
        }
    };
    best.into_iter().map(item).collect()
}

impl LatestItem {
    /// The parameter it is about.
    pub fn parameter(&self) -> &str {
        &self.parameter
    }
}

/// What is shown first: values that stand for the air as it is, then extremes and states.
fn kind(statistic: Statistic) -> u8 {
    match statistic {
        Statistic::Instant | Statistic::Mean | Statistic::Index => 2,
        Statistic::InstantConverted | Statistic::MeanConverted => 1,
        _ => 0,
    }
}

/// Length of a period of fixed length.
fn length_ms(period: Period) -> i64 {
    match period {
        Period::Instant | Period::Minutes => 0,
        Period::Hour => HOUR_MS,
        Period::Day => DAY_MS,
    }
}
