//! Reports: which there are, and one of them in any form.

mod kept;

pub use kept::keep;

use super::assess::{edition, span};
use super::error::{Answer, ApiError, Problem};
use super::known::Moment;
use super::rights::Asking;
use super::state::{AppState, unreadable};
use crate::report::{
    Audience, Error, Every, Ground, KINDS, Kind, Language, Question, fragment, last_over, make,
    named, pdf, sheets, workbook,
};
use crate::words::Words;
use account::Text;
use account::report::Report;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::assess::Asked;
use jiff::civil::Date;
use model::Scope;
use serde::{Deserialize, Serialize};
use standards::Span;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Days that a report may speak of: a leap year.
const DAYS_MAX: u32 = 366;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(reports))
        .routes(routes!(kept::kept_reports))
        .routes(routes!(kept::kept_report))
        .routes(routes!(report))
}

/// The kinds of reports.
#[derive(Serialize, ToSchema)]
pub struct ReportKinds {
    items: Vec<ReportKind>,
}

/// A kind of report.
#[derive(Serialize, ToSchema)]
pub struct ReportKind {
    #[schema(example = "month")]
    key: String,
    name: Words,
    about: Words,
    /// Its period: `day`, `week`, `month`, `year` or `once`.
    #[schema(example = "month")]
    every: String,
    /// Whether a unit has to be named.
    of_unit: bool,
    /// Whether everybody may read it.
    public: bool,
    /// Whether it is made by itself when its period is over.
    scheduled: bool,
    /// The last period that is over: its first day.
    from: String,
    /// Its last day.
    to: String,
}

/// The kinds of reports that whoever asks may read.
#[utoipa::path(
    get, operation_id = "reports", path = "/reports", tag = "reports",
    responses((status = 200, body = ReportKinds))
)]
async fn reports(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<ReportKinds>> {
    let today = today(&app)?;
    let may = |kind: &&Kind| match kind.audience {
        Audience::Public => true,
        Audience::With(right) => asking.has(right),
    };
    let item = |kind: &Kind| {
        let span = last_over(kind.every, today)?;
        Some(ReportKind {
            key: kind.key.to_owned(),
            name: Words::new(kind.name.0, kind.name.1),
            about: Words::new(kind.about.0, kind.about.1),
            every: kind.every.name().to_owned(),
            of_unit: kind.of_unit,
            public: kind.audience == Audience::Public,
            scheduled: app.reports.kinds().any(|own| own.key == kind.key),
            from: span.first().to_string(),
            to: span.last().to_string(),
        })
    };
    Ok(Json(ReportKinds { items: KINDS.iter().filter(may).filter_map(item).collect() }))
}

/// What of a report is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// The first civil day; without it the last period that is over.
    from: Option<String>,
    /// The last civil day, included; without it the end of the period that `from` lies in.
    to: Option<String>,
    /// Key of a unit, for reports that speak of one.
    unit: Option<String>,
    /// `auto`, or a set of editions.
    edition: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
    /// `zh` or `en`; Chinese without it.
    language: Option<String>,
    /// `json` (what it says), `html` (a fragment), `csv`, `xlsx` or `pdf`; `json` without it.
    format: Option<String>,
    /// Of `csv`, which table: 0 (its numbers) without it.
    table: Option<usize>,
}

/// A report of some days, in any form.
#[utoipa::path(
    get, operation_id = "report", path = "/reports/{kind}", tag = "reports",
    params(("kind" = String, Path, description = "day, week, month, year, river-month, founding, emergency or unit"), ReportQuery),
    responses(
        (status = 200, description = "The report"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)
    )
)]
async fn report(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        let kind = kind(&key)?;
        readable(kind, &asking, query.unit.as_deref())?;
        let form = Form::of(&query)?;
        let question =
            question(app, kind, (query.from.as_deref(), query.to.as_deref()), query.unit)?;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let report = made(app, kind, &question, moment, query.edition.as_deref())?;
        written(app, &report, form)
    })
    .await
}

/// Lets somebody read a kind of report, of a unit or of none.
fn readable(kind: &Kind, asking: &Asking, unit: Option<&str>) -> Answer<()> {
    let Audience::With(right) = kind.audience else { return Ok(()) };
    if kind.of_unit && unit.is_none() {
        let accepted = Words::new(
            "请写 unit=单位键，单位见 /api/v1/units",
            "write unit=KEY; /api/v1/units lists them",
        );
        asking
            .may(right, &Scope::default())
            .or_else(|error| if asking.has(right) { Ok(()) } else { Err(error) })?;
        return Err(ApiError::missing_parameter("unit", accepted));
    }
    asking.may(right, &Scope { unit: unit.map(str::to_owned), ..Scope::default() })
}

/// Which form, in which language.
#[derive(Clone, Copy)]
struct Form {
    format: Format,
    language: Language,
    table: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Html,
    Csv,
    Xlsx,
    Pdf,
}

impl Form {
    fn of(query: &ReportQuery) -> Answer<Self> {
        let format = match query.format.as_deref() {
            None | Some("json") => Format::Json,
            Some("html") => Format::Html,
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            Some("pdf") => Format::Pdf,
            Some(other) => {
                let known = Words::new(
                    "请用 json、html、csv、xlsx 或 pdf",
                    "write json, html, csv, xlsx or pdf",
                );
                return Err(ApiError::bad_parameter("format", other, known));
            }
        };
        let language = match query.language.as_deref() {
            None | Some("zh") => Language::Zh,
            Some("en") => Language::En,
            Some(other) => {
                let known = Words::new("请用 zh 或 en", "write zh or en");
                return Err(ApiError::bad_parameter("language", other, known));
            }
        };
        Ok(Self { format, language, table: query.table.unwrap_or_default() })
    }
}

fn kind(key: &str) -> Answer<&'static Kind> {
    named(key).ok_or_else(|| {
        ApiError::unknown("unknown_report", "报告", "report", key)
            .with_hint("报告种类见 /api/v1/reports", "/api/v1/reports lists them")
    })
}

fn today(app: &AppState) -> Answer<Date> {
    let today = app.district.zone.date(app.now());
    today.map_err(|error| ApiError::internal("tell the civil day", &error))
}

/// The days that are meant.
fn question(
    app: &AppState,
    kind: &Kind,
    (from, to): (Option<&str>, Option<&str>),
    unit: Option<String>,
) -> Answer<Question> {
    let outside = || {
        ApiError::bad_parameter(
            "from",
            from.unwrap_or("now"),
            Words::new("日期超出历法", "no such day"),
        )
    };
    let days: Span = match (from, to) {
        (None, None) => last_over(kind.every, today(app)?).ok_or_else(outside)?,
        (Some(from), None) => {
            kind.every.of(span(Some(from), Some(from))?.first()).ok_or_else(outside)?
        }
        (from, Some(to)) => span(from.or(Some(to)), Some(to))?,
    };
    if days.len() > DAYS_MAX {
        let max = u64::from(DAYS_MAX);
        return Err(ApiError::range_too_long(days.len().into(), "daily_days_max", max)
            .with_hint("报告最多一年", "a report is of a year at most"));
    }
    Ok(Question { span: days, unit })
}

fn made(
    app: &AppState,
    kind: &Kind,
    question: &Question,
    moment: Moment,
    set: Option<&str>,
) -> Answer<Report> {
    on_ground(app, moment, set, |ground| make(kind, ground, question).map_err(failed))
}

/// Answers from everything that is kept, as it was known at a moment.
///
/// # Errors
/// What the answer says, or that the set of editions is unknown.
pub fn on_ground<T>(
    app: &AppState,
    moment: Moment,
    set: Option<&str>,
    answer: impl FnOnce(&Ground<'_>) -> Answer<T>,
) -> Answer<T> {
    let newest = app.reader.last_sequence().map_err(unreadable)?.0;
    let settings = app.desk.settings();
    let asked = Asked {
        book: &app.book,
        reader: &app.reader,
        law: &app.law,
        zone: &app.district.zone,
        now: moment.now,
        known: moment.known,
        set: edition(app, set)?,
        dust: &[],
    };
    let ground = Ground {
        asked,
        district: &app.district.name,
        dust: &app.dust,
        settings: Some(&settings),
        sequence: moment.as_of.map_or(newest, |as_of| as_of.sequence),
    };
    answer(&ground)
}

/// A report, or something that is made as reports are, that could not be made.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`, which gives the value")]
pub fn failed(error: Error) -> ApiError {
    let words = |text: &Text| Words::new(&text.zh, &text.en);
    match &error {
        Error::Refused(text) => ApiError::new(StatusCode::NOT_FOUND, "no_report", words(text)),
        Error::Look(text) => {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "bad_templates", words(text))
        }
        Error::Paper(told) => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_pdf",
            Words::new("报告未能排成 PDF", "the report could not be set as PDF"),
        )
        .with_hint(told.clone(), told.clone()),
        _ => ApiError::internal("make a report", &error),
    }
}

/// A report in a form.
fn written(app: &AppState, report: &Report, form: Form) -> Answer<Response> {
    let language = form.language;
    let dressed = app.reports.look().map_err(failed)?.dress(report.clone());
    // What it says is for programs; headings of the district are for people.
    let report = if form.format == Format::Json { report } else { &dressed };
    let name = format!("{}_{}_{}", report.kind, report.span.0, report.span.1);
    let file = |kind: &str, ending: &str, bytes: Vec<u8>| {
        let head = [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")),
        ];
        (head, bytes).into_response()
    };
    Ok(match form.format {
        Format::Json => Json(report).into_response(),
        Format::Html => {
            let head = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (head, fragment(report, language)).into_response()
        }
        Format::Csv => {
            let sheets = sheets(report, language).map_err(failed)?;
            let count = sheets.len();
            let Some(sheet) = sheets.into_iter().nth(form.table) else {
                let known =
                    Words::new(format!("0 至 {}", count - 1), format!("0 to {}", count - 1));
                return Err(ApiError::bad_parameter("table", &form.table.to_string(), known));
            };
            file("text/csv; charset=utf-8", "csv", sheet.text.into_bytes())
        }
        Format::Xlsx => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            file(kind, "xlsx", workbook(report, language).map_err(failed)?)
        }
        Format::Pdf => {
            let pdf =
                pdf(report, language, &app.reports.paper().map_err(failed)?).map_err(|error| {
                    match error {
                        Error::Refused(text) => ApiError::new(
                            StatusCode::SERVICE_UNAVAILABLE,
                            "no_pdf",
                            Words::new(text.zh, text.en),
                        ),
                        other => failed(other),
                    }
                })?;
            file("application/pdf", "pdf", pdf)
        }
    })
}

/// The question of a report that is published as a decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedReport {
    kind: String,
    from: Option<String>,
    to: Option<String>,
    /// A set of editions.
    pub edition: Option<String>,
}

/// What a report said when a sequence was the newest entry of the log. Decisions are read by everybody, so that only
/// reports for everybody can be published.
///
/// # Errors
/// When it is for some only, or cannot be made.
pub fn published(app: &AppState, query: &PublishedReport, sequence: u64) -> Answer<Report> {
    let kind = kind(&query.kind)?;
    if kind.audience != Audience::Public || (kind.every != Every::Once && query.from.is_none()) {
        let accepted = Words::new(
            "请用公开的报告并写明 from；决定人人可见",
            "name a report that everybody may read, and from; decisions are read by everybody",
        );
        return Err(ApiError::bad_parameter("question", &query.kind, accepted));
    }
    let question = question(app, kind, (query.from.as_deref(), query.to.as_deref()), None)?;
    let moment = Moment::read(app, Some(&sequence.to_string()))?;
    made(app, kind, &question, moment, query.edition.as_deref())
}
