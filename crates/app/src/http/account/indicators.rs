//! Indicators: where each stands against its target and against last year, open to its inputs; adopting an edition.

mod answer;

use self::answer::{IndicatorAnswer, TrendLine, TrendPoint};
use super::answer::words;
use super::programmes::civil_day;
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::reports::{failed, on_ground};
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::AppState;
use crate::indicators::{self, Inputs, KIND, compared, reckon};
use crate::report::unit_text;
use crate::words::Words;
use account::Text;
use account::indicator::{Edition, Editions, Flawed, Indicator};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use model::Act;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Indicators that are kept: adopted keys beside the examples.
const KEYS_MAX: usize = 200;
/// Periods of a trend, and indicators beside each other in it.
const PERIODS_MAX: usize = 60;
const LINES_MAX: usize = 6;
/// Bytes of a document.
const DOCUMENT_MAX: usize = 20_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IndicatorsQuery {
    /// A civil day: periods are taken up to it; today without it.
    day: Option<String>,
    /// Only those that were adopted here, without the examples.
    adopted: Option<bool>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrendQuery {
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// Keys of others to put beside it, with commas; refused when they count something else.
    with: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// Indicators by key.
#[derive(Serialize, ToSchema)]
pub struct IndicatorList {
    day: String,
    as_of: Option<AsOf>,
    indicators: Vec<IndicatorAnswer>,
}

/// An indicator with the editions that it had.
#[derive(Serialize, ToSchema)]
pub struct IndicatorOpened {
    indicator: IndicatorAnswer,
    /// Every edition, in the order in which they came: the log entry of those adopted, and the first day each holds.
    editions: Vec<EditionAnswer>,
}

/// An edition of an indicator.
#[derive(Serialize, ToSchema)]
#[schema(as = IndicatorEdition)]
pub struct EditionAnswer {
    /// Its entry of the log; null: an example that is built in.
    sequence: Option<u64>,
    valid_from: String,
    valid_to: Option<String>,
    /// Its document, TOML.
    toml: String,
}

/// Indicators period by period.
#[derive(Serialize, ToSchema)]
pub struct IndicatorTrend {
    unit: Words,
    /// What all of them count; null for a level.
    basis: Option<&'static str>,
    basis_name: Option<Words>,
    lines: Vec<TrendLine>,
}

/// An indicator to adopt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorBody {
    /// The indicator, TOML.
    toml: String,
    /// Only say what it comes to.
    #[serde(default)]
    preview: bool,
}

/// Where every indicator stands: value, light, the same days last year, inputs.
#[utoipa::path(
    get, operation_id = "indicators", path = "/indicators", tag = "account", params(IndicatorsQuery),
    responses((status = 200, body = IndicatorList), (status = 400, body = Problem))
)]
pub async fn indicators(
    State(app): State<AppState>,
    query: Result<Query<IndicatorsQuery>, QueryRejection>,
) -> Answer<Json<IndicatorList>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let day = known_day(app, &moment, query.day.as_deref())?;
        on_ground(app, moment, None, |ground| {
            let all = indicators::editions(&app.reader, moment.known).map_err(failed)?;
            let (mut inputs, mut found) = (Inputs::default(), vec![]);
            for key in all.keys() {
                let Some(edition) = all.on(key, day) else { continue };
                if query.adopted == Some(true) && edition.sequence.is_none() {
                    continue;
                }
                let own = compared(ground, &mut inputs, &all, edition, day).map_err(failed)?;
                found.extend(own.map(|own| IndicatorAnswer::of(&own)));
            }
            let day = day.to_string();
            Ok(Json(IndicatorList { day, as_of: moment.as_of, indicators: found }))
        })
    })
    .await
}

/// One indicator, with its editions.
#[utoipa::path(
    get, operation_id = "indicator", path = "/indicators/{key}", tag = "account",
    params(("key" = String, Path, description = "Its key."), IndicatorsQuery),
    responses((status = 200, body = IndicatorOpened), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn indicator(
    State(app): State<AppState>,
    Path(key): Path<String>,
    query: Result<Query<IndicatorsQuery>, QueryRejection>,
) -> Answer<Json<IndicatorOpened>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let day = known_day(app, &moment, query.day.as_deref())?;
        on_ground(app, moment, None, |ground| {
            let all = indicators::editions(&app.reader, moment.known).map_err(failed)?;
            let edition = edition(&all, &key, day)?;
            let own = compared(ground, &mut Inputs::default(), &all, edition, day);
            let own = own.map_err(failed)?.ok_or_else(|| unknown(&key))?;
            let editions = all.of(&key).iter().map(|own| EditionAnswer {
                sequence: own.sequence,
                valid_from: own.indicator.valid_from.to_string(),
                valid_to: own.indicator.valid_to.map(|day| day.to_string()),
                toml: own.toml.clone(),
            });
            Ok(Json(IndicatorOpened {
                editions: editions.collect(),
                indicator: IndicatorAnswer::of(&own),
            }))
        })
    })
    .await
}

/// An indicator period by period, alone or beside others that count the same.
#[utoipa::path(
    get, operation_id = "indicator_trend", path = "/indicators/{key}/trend", tag = "account",
    params(("key" = String, Path, description = "Its key."), TrendQuery),
    responses((status = 200, body = IndicatorTrend), (status = 400, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub async fn indicator_trend(
    State(app): State<AppState>,
    Path(key): Path<String>,
    query: Result<Query<TrendQuery>, QueryRejection>,
) -> Answer<Json<IndicatorTrend>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let span = crate::http::assess::span(query.from.as_deref(), query.to.as_deref())?;
        let today = civil_day(app, &moment, None)?;
        let last = span.last().min(today);
        let with = query.with.as_deref().unwrap_or_default().split(',');
        let keys: Vec<&str> =
            std::iter::once(key.as_str()).chain(with.filter(|key| !key.is_empty())).collect();
        if keys.len() > LINES_MAX {
            let accepted =
                Words::new(format!("最多 {LINES_MAX} 项"), format!("{LINES_MAX} at most"));
            let given = query.with.as_deref().unwrap_or_default();
            return Err(ApiError::bad_parameter("with", given, accepted));
        }
        on_ground(app, moment, None, |ground| {
            let all = indicators::editions(&app.reader, moment.known).map_err(failed)?;
            let first = edition(&all, &key, last)?;
            let (mut inputs, mut lines) = (Inputs::default(), vec![]);
            for key in &keys {
                let own = edition(&all, key, last)?;
                first
                    .indicator
                    .in_line_with(&own.indicator)
                    .map_err(|other| other_basis(&other.0))?;
                let ends = ends(&own.indicator, span.first(), last)?;
                let mut points = vec![];
                for end in ends {
                    // A period is told by the edition of its own last day; one that counts something else is no point of this line.
                    let Some(own) = all.on(key, end) else { continue };
                    if let Err(other) = first.indicator.in_line_with(&own.indicator) {
                        points.push(TrendPoint::broken(end, words(&other.0)));
                        continue;
                    }
                    let own = reckon(ground, &mut inputs, own, end).map_err(failed)?;
                    points.extend(own.as_ref().map(TrendPoint::of));
                }
                lines.push(TrendLine::of(&own.indicator, points));
            }
            let basis = first.indicator.basis;
            Ok(Json(IndicatorTrend {
                unit: words(&unit_text(&first.indicator.unit)),
                basis: basis.map(account::Basis::key),
                basis_name: basis.map(|own| Words::new(own.words().0, own.words().1)),
                lines,
            }))
        })
    })
    .await
}

/// Adopts an edition of an indicator; those before it stay in the log, and hold for their days.
#[utoipa::path(
    post, operation_id = "adopt_indicator", path = "/indicators", tag = "account", request_body = IndicatorBody,
    responses((status = 200, body = IndicatorAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn adopt_indicator(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<IndicatorAnswer>> {
    let IndicatorBody { toml, preview } = read_json(&headers, &body)?;
    let own = checked(&toml)?;
    if !preview {
        let adopted = own.clone();
        app.ask(move |app| room_for(app, &adopted)).await?;
        let act = Act {
            kind: KIND.to_owned(),
            key: own.key.clone(),
            who: asking.name().to_owned(),
            document: toml.clone(),
        };
        let done = app.door.ask(move |engine, now| engine.act(now, vec![act])).await;
        let done = done.map_err(|gone| ApiError::internal("keep an indicator", &gone))?;
        done.map_err(|error| crate::http::registry::refused(&error))?;
    }
    app.ask(move |app| {
        let moment = Moment::now(app);
        let today = civil_day(app, &moment, None)?;
        // An edition that holds later is shown on its first day.
        let day = today.max(own.valid_from);
        on_ground(app, moment, None, |ground| {
            let mut all = indicators::editions(&app.reader, moment.known).map_err(failed)?;
            if preview {
                all.take(Some(u64::MAX), &toml, own.clone());
            }
            let edition = edition(&all, &own.key, day)?.clone();
            let shown = compared(ground, &mut Inputs::default(), &all, &edition, day);
            let shown = shown.map_err(failed)?.ok_or_else(|| unknown(&own.key))?;
            Ok(Json(IndicatorAnswer::of(&shown).previewed(preview)))
        })
    })
    .await
}

/// Reads a document that somebody sent.
fn checked(toml: &str) -> Answer<Indicator> {
    if toml.len() > DOCUMENT_MAX {
        return Err(flawed(&Flawed(Text::new(
            format!("{} 字节，至多 {DOCUMENT_MAX} 字节", toml.len()),
            format!("{} bytes, and {DOCUMENT_MAX} are the most", toml.len()),
        ))));
    }
    let templates = indicators::templates().map_err(failed)?;
    Indicator::parse(toml, &templates).map_err(|flaw| flawed(&flaw))
}

/// Whether one more may be kept.
fn room_for(app: &AppState, own: &Indicator) -> Answer<()> {
    let all = indicators::editions(&app.reader, store::Known::Now).map_err(failed)?;
    if all.of(&own.key).is_empty() && all.keys().count() >= KEYS_MAX {
        return Err(flawed(&Flawed(Text::new(
            format!("指标已达 {KEYS_MAX} 个"),
            format!("there are {KEYS_MAX} indicators, the most that are kept"),
        ))));
    }
    Ok(())
}

/// The last days of the periods of an indicator within two days; the running one ends on the last day.
fn ends(own: &Indicator, first: Date, last: Date) -> Answer<Vec<Date>> {
    let mut found = vec![];
    let mut day = first;
    while day <= last {
        let Some(period) = own.period(day) else { break };
        found.push(period.last().min(last));
        if found.len() > PERIODS_MAX {
            let accepted = Words::new(
                format!("最多 {PERIODS_MAX} 期"),
                format!("{PERIODS_MAX} periods at most"),
            );
            return Err(ApiError::bad_parameter("from", &first.to_string(), accepted));
        }
        let Ok(next) = period.last().tomorrow() else { break };
        day = next;
    }
    Ok(found)
}

fn edition<'a>(all: &'a Editions, key: &str, day: Date) -> Answer<&'a Edition> {
    all.on(key, day).ok_or_else(|| unknown(key))
}

/// A day of which something can be known: this century's, and not later than today.
fn known_day(app: &AppState, moment: &Moment, text: Option<&str>) -> Answer<Date> {
    let (day, today) = (civil_day(app, moment, text)?, civil_day(app, moment, None)?);
    if day <= today && day.year() > 2000 {
        return Ok(day);
    }
    let accepted =
        Words::new("请写 2026-12-31，不晚于今天", "write it like 2026-12-31, not later than today");
    Err(ApiError::bad_parameter("day", &day.to_string(), accepted))
}

fn unknown(key: &str) -> ApiError {
    ApiError::unknown("unknown_indicator", "指标", "indicator", key)
        .with_hint("指标见 /api/v1/indicators", "/api/v1/indicators lists them")
}

fn other_basis(why: &Text) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "other_basis", words(why)).with_hint(
        "请分别查看，或换口径相同的指标",
        "look at each alone, or choose one that counts the same",
    )
}

fn flawed(flaw: &Flawed) -> ApiError {
    let text = &flaw.0;
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_indicator",
        Words::new(
            format!("指标有误：{}", text.zh),
            format!("the indicator is not right: {}", text.en),
        ),
    )
    .with_hint(
        "样例见 /api/v1/indicators 的 toml",
        "see the toml of /api/v1/indicators for examples",
    )
}
