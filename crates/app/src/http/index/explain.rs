//! How an index was made: each average, how it was rounded, between which breakpoints it lies, and the
//! readings that went in.

use super::{Range, Site, no_edition, said, site, symbols};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::http::time::{self, Instant};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::index::Judged;
use model::{DAY_MS, HOUR_MS, Reading, Timestamp};
use serde::{Deserialize, Serialize};
use standards::air::{AirIndex, IndexReport, PollutantRow, ReportKind, Statistic};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExplainQuery {
    /// Key of the place.
    #[param(required, value_type = String)]
    place: Option<String>,
    /// `hour` or `day`.
    #[param(required, value_type = IndexPeriod)]
    period: Option<String>,
    /// An instant in the hour or day, RFC 3339, or a civil day; the last full hour or day without it.
    start: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// What an index is made for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IndexPeriod {
    /// The real-time report of one hour.
    Hour,
    /// The daily report.
    Day,
}

impl From<ReportKind> for IndexPeriod {
    fn from(kind: ReportKind) -> Self {
        match kind {
            ReportKind::Hour => Self::Hour,
            ReportKind::Day => Self::Day,
        }
    }
}

/// How an index was made.
#[derive(Serialize, ToSchema)]
pub struct Explanation {
    place: String,
    period: IndexPeriod,
    /// Start of the hour or the civil day.
    start: Instant,
    edition: Edition,
    aqi: Option<u16>,
    level: Option<u8>,
    /// Name of the level.
    category: Option<Words>,
    primary: Vec<&'static str>,
    /// All of it in one sentence.
    sentence: Words,
    /// Why there is no index, when there is none.
    reason: Option<Words>,
    partial: Option<super::Partial>,
    rows: Vec<Row>,
    /// What is in doubt about the report as a whole.
    doubts: Vec<Words>,
}

/// An edition of the index.
#[derive(Serialize, ToSchema)]
pub struct Edition {
    #[schema(example = "HJ 633-2026")]
    id: String,
    /// The first day of force.
    valid_from: String,
    /// The last day of force; null while it is in force.
    valid_to: Option<String>,
    title: Words,
    /// Where its dates stand.
    clause: String,
}

/// One average of one pollutant and its single index.
#[derive(Serialize, ToSchema)]
pub struct Row {
    #[schema(example = "PM2.5")]
    pollutant: &'static str,
    /// The column of the breakpoint table.
    #[schema(example = "PM2.5_24h")]
    column: String,
    /// Unit of average and breakpoints.
    unit: &'static str,
    /// The unrounded average: a decimal, or a fraction where the decimal does not end.
    average: Option<String>,
    /// The average as the standard rounds it.
    rounded: Option<String>,
    /// The breakpoint below.
    lo: Option<Breakpoint>,
    /// The breakpoint above.
    hi: Option<Breakpoint>,
    iaqi: Option<u16>,
    capture: Option<Capture>,
    /// Why there is no single index, when there is none.
    reason: Option<Words>,
    /// Where the breakpoints stand in the law.
    source: Option<String>,
    /// What is in doubt about this row.
    doubts: Vec<Words>,
    /// The readings that it was made from, oldest first.
    inputs: Vec<Input>,
}

/// A row of the breakpoint table.
#[derive(Serialize, ToSchema)]
pub struct Breakpoint {
    /// Concentration, as decimal text.
    bp: String,
    iaqi: u16,
}

/// How many values there are, are needed, and could be.
#[derive(Serialize, ToSchema)]
pub struct Capture {
    have: u16,
    need: u16,
    of: u16,
}

/// A reading that went in, or that could not.
#[derive(Serialize, ToSchema)]
pub struct Input {
    datastream: i32,
    time: Instant,
    value: Option<f64>,
    flag: i16,
    sequence: u64,
}

/// How the index of one hour or day was made.
#[utoipa::path(
    get, path = "/index/explain", tag = "index", params(ExplainQuery),
    responses((status = 200, body = Explanation), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub(super) async fn explain(
    State(app): State<AppState>,
    query: Result<Query<ExplainQuery>, QueryRejection>,
) -> Answer<Json<Explanation>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let site = site(app, query.place.as_deref(), moment)?;
        let kind = kind(query.period.as_deref())?;
        let start = start(app, moment.now, kind, query.start.as_deref())?;
        let judged = match kind {
            ReportKind::Hour => site.hour(app, start)?,
            ReportKind::Day => {
                let range = Range { from: start, to: start + 2 * DAY_MS };
                let scanned = site.scanned(app, ReportKind::Day, range)?;
                site.day(app, &scanned, start)?
            }
        };
        let date = app.district.zone.date(start).ok();
        let edition = date.and_then(|date| app.law.air_index(date));
        let (Some(judged), Some(edition)) = (judged, edition) else {
            let day = date.map_or_else(String::new, |date| date.to_string());
            return Err(ApiError::no_standard(&day));
        };
        Ok(Json(explanation(app, &site, start, edition, &judged)))
    })
    .await
}

fn kind(given: Option<&str>) -> Answer<ReportKind> {
    let accepted = || Words::new("可用 hour、day", "there are hour, day");
    match given {
        Some("hour") => Ok(ReportKind::Hour),
        Some("day") => Ok(ReportKind::Day),
        Some(other) => Err(ApiError::bad_parameter("period", other, accepted())),
        None => Err(ApiError::missing_parameter("period", accepted())),
    }
}

/// The start of the hour or civil day that holds the instant; of the last full one without it.
fn start(
    app: &AppState,
    now: Timestamp,
    kind: ReportKind,
    given: Option<&str>,
) -> Answer<Timestamp> {
    let zone = &app.district.zone;
    let given = given.map(|text| time::instant("start", text, zone)).transpose()?;
    match kind {
        ReportKind::Hour => Ok(given.unwrap_or(now - HOUR_MS).floor(HOUR_MS)),
        ReportKind::Day => {
            let at = given.unwrap_or(now - DAY_MS);
            let day =
                zone.day_of(at).map_err(|error| ApiError::internal("find the day", &error))?;
            Ok(day.start())
        }
    }
}

fn explanation(
    app: &AppState,
    site: &Site,
    start: Timestamp,
    edition: &AirIndex,
    judged: &Judged,
) -> Explanation {
    let report = &judged.report;
    let aqi = report.aqi.as_ref().ok().copied();
    let category = aqi.and_then(|aqi| edition.category(aqi));
    let category = category.map(|category| Words::new(&*category.name_zh, &*category.name_en));
    let (valid_from, valid_to) = edition.validity();
    let (title_zh, title_en) = edition.titles();
    Explanation {
        place: site.key.clone(),
        period: report.kind.into(),
        start: Instant(start),
        edition: Edition {
            id: edition.edition().to_string(),
            valid_from: valid_from.to_string(),
            valid_to: valid_to.map(|date| date.to_string()),
            title: Words::new(title_zh, title_en),
            clause: edition.source().text.to_string(),
        },
        aqi,
        level: report.level,
        sentence: sentence(report, category.as_ref()),
        category,
        primary: symbols(&report.primary),
        reason: report.aqi.as_ref().err().map(said),
        partial: site.partial(app, start, report),
        rows: report.rows.iter().map(|row| explained(row, start, edition, judged)).collect(),
        doubts: report.doubts.iter().map(said).collect(),
    }
}

fn explained(row: &PollutantRow, start: Timestamp, edition: &AirIndex, judged: &Judged) -> Row {
    let column = edition.column(&row.column);
    Row {
        pollutant: row.pollutant.symbol(),
        column: row.column.to_string(),
        unit: row.pollutant.unit(),
        average: row.average.map(|average| average.to_string()),
        rounded: row.rounded.map(|rounded| rounded.to_string()),
        lo: row.segment.map(|at| Breakpoint { bp: at.low.to_string(), iaqi: at.iaqi_low }),
        hi: row.segment.map(|at| Breakpoint { bp: at.high.to_string(), iaqi: at.iaqi_high }),
        iaqi: row.iaqi,
        capture: row.capture.map(|c| Capture { have: c.have, need: c.need, of: c.of }),
        reason: row.reason.as_ref().map(said),
        source: column.map(|column| column.source().text.to_string()),
        doubts: row.doubts.iter().map(said).collect(),
        inputs: inputs(row, start, judged),
    }
}

/// The readings of the hours that a row's statistic looks at.
fn inputs(row: &PollutantRow, start: Timestamp, judged: &Judged) -> Vec<Input> {
    let first = match row.statistic {
        Statistic::Hour | Statistic::MeanDay | Statistic::Max1h => start,
        Statistic::Running8h | Statistic::Max8h => start - 7 * HOUR_MS,
        Statistic::Running24h => start - 23 * HOUR_MS,
    };
    let looked_at = judged.inputs[row.pollutant.index()].iter().flatten();
    let input = |reading: &Reading| Input {
        datastream: reading.datastream.0,
        time: Instant(reading.time),
        value: reading.value,
        flag: reading.flag.bits(),
        sequence: reading.sequence.0,
    };
    looked_at.filter(|reading| reading.time >= first).map(input).collect()
}

fn sentence(report: &IndexReport, category: Option<&Words>) -> Words {
    let edition = &report.edition;
    let (period_zh, period_en) = match report.kind {
        ReportKind::Hour => ("小时", "hour"),
        ReportKind::Day => ("日", "day"),
    };
    match (&report.aqi, category) {
        (Ok(aqi), Some(category)) => {
            let primary = symbols(&report.primary).join("、");
            let (zh, en) = if primary.is_empty() {
                (String::new(), String::new())
            } else {
                (format!("，首要污染物 {primary}"), format!(", {}", primary.replace('、', ", ")))
            };
            Words::new(
                format!("AQI {aqi}，{}{zh}；{edition}，{period_zh}", category.zh),
                format!("AQI {aqi}, {}{en}; {edition}, {period_en}", category.en),
            )
        }
        (Err(reason), _) => {
            let reason = said(reason);
            Words::new(
                format!("不予评价：{}；{edition}，{period_zh}", reason.zh),
                format!("no assessment, because {}; {edition}, {period_en}", reason.en),
            )
        }
        (Ok(_), None) => no_edition(),
    }
}
