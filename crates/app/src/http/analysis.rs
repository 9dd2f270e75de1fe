//! The analyst's answers: plots, forecast, the effect of a measure, drift. What is asked is read here; `space` computes, `draw` draws.

mod drifts;
mod effects;
mod forecasts;
mod import;
mod outside;
mod plots;
mod warning;

pub use forecasts::{Forecasts, level_words, warning_basis, warning_sources};

use super::error::{Answer, ApiError};
use super::state::{self, AppState};
use crate::analysis::{Error, Hours, stored};
use crate::words::Words;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use draw::Language;
use model::{HOUR_MS, Names, Parameter, Timestamp};
use space::plot::HOURS_MAX;
use std::ops::Range;
use store::Known;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(plots::plots))
        .routes(routes!(forecasts::forecasts))
        .routes(routes!(import::forecast_receipts, import::import_forecast))
        .routes(routes!(effects::effects))
        .routes(routes!(drifts::drifts))
}

/// Places of one question.
const PLACES_MAX: usize = 40;

/// How an answer is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Svg,
    Csv,
}

fn form(given: Option<&str>) -> Answer<Form> {
    match given {
        None | Some("json") => Ok(Form::Json),
        Some("svg") => Ok(Form::Svg),
        Some("csv") => Ok(Form::Csv),
        Some(other) => {
            let accepted = Words::new("可用 json、svg、csv", "there are json, svg, csv");
            Err(ApiError::bad_parameter("format", other, accepted))
        }
    }
}

fn language(given: Option<&str>) -> Answer<Language> {
    match given {
        None | Some("en") => Ok(Language::En),
        Some("zh") => Ok(Language::Zh),
        Some(other) => {
            let accepted = Words::new("可用 zh、en", "there are zh, en");
            Err(ApiError::bad_parameter("lang", other, accepted))
        }
    }
}

/// A whole number within bounds.
fn whole(name: &str, given: Option<&str>, usual: u64, most: u64) -> Answer<u64> {
    let Some(given) = given else { return Ok(usual) };
    given.parse().ok().filter(|value| *value <= most).ok_or_else(|| {
        let accepted = Words::new(
            format!("请填写 0 至 {most} 的整数"),
            format!("write a whole number from 0 to {most}"),
        );
        ApiError::bad_parameter(name, given, accepted)
    })
}

fn parameter<'a>(app: &'a AppState, name: &str, given: &str) -> Answer<&'a Parameter> {
    app.parameters.get(given).ok_or_else(|| {
        let accepted = Words::new("参数见 /api/v1/parameters", "/api/v1/parameters lists them");
        ApiError::bad_parameter(name, given, accepted)
    })
}

/// Keys of places, separated by commas; each has to be there.
fn places(app: &AppState, given: Option<&str>) -> Answer<Vec<String>> {
    let keys: Vec<String> = given
        .unwrap_or_default()
        .split(',')
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect();
    let accepted = || {
        Words::new(
            "请填写 1 至 40 个点位的键，以逗号分隔",
            "write the keys of 1 to 40 places, separated by commas",
        )
    };
    if keys.is_empty() {
        return Err(ApiError::missing_parameter("places", accepted()));
    }
    if keys.len() > PLACES_MAX {
        return Err(ApiError::bad_parameter("places", &keys.len().to_string(), accepted()));
    }
    let view = app.reader.view();
    for key in &keys {
        state::place(view.registry(), key)?;
    }
    Ok(keys)
}

/// The hours of civil days, both included; the last year up to `now` without them.
fn days(
    app: &AppState,
    now: Timestamp,
    asked: (Option<&str>, Option<&str>),
    places: usize,
) -> Answer<Range<i64>> {
    span(app, now, asked, (365, places))
}

/// The same, without them the last `usual` days.
fn span(
    app: &AppState,
    now: Timestamp,
    (from, to): (Option<&str>, Option<&str>),
    (usual, places): (i32, usize),
) -> Answer<Range<i64>> {
    let zone = &app.district.zone;
    let last = super::time::day("to", to, zone, now)?;
    let usual = jiff::Span::new().days(usual - 1);
    let usual = last.date().saturating_sub(usual).to_string();
    let first = super::time::day("from", Some(from.unwrap_or(&usual)), zone, now)?;
    if last.start() < first.start() {
        let accepted = Words::new("to 不得早于 from", "to must not be before from");
        return Err(ApiError::bad_parameter("to", to.unwrap_or("now"), accepted));
    }
    let hour = |at: Timestamp| at.as_ms().div_euclid(HOUR_MS);
    let window = hour(first.start())..hour(last.end());
    let days = (window.end - window.start) / 24;
    let share = (HOURS_MAX / 24 / places.max(1)) as u64;
    let max = app.limits.daily_days_max.min(share);
    if u64::try_from(days).is_ok_and(|days| days > max) {
        return Err(ApiError::range_too_long(days, "daily_days_max", max));
    }
    Ok(window)
}

/// Reads the hours that are asked for.
fn hours(
    app: &AppState,
    places: &[String],
    (parameter, other): (&Parameter, Option<&Parameter>),
    (window, known): (Range<i64>, Known),
    language: Language,
) -> Answer<Vec<Hours>> {
    let asked = stored::Asked {
        places,
        parameter: &parameter.key,
        other: other.map(|one| one.key.as_str()),
        hours: window,
        known,
        name: |names: &Names| {
            let is_english = language == Language::En && !names.en.is_empty();
            if is_english { names.en.clone() } else { names.zh.clone() }
        },
    };
    stored::read(&app.reader, &app.district.zone, &asked).map_err(|error| match error {
        Error::Unknown { .. } => refused(
            "这些点位在所选时段没有该参数的数值",
            "these places have no value of this parameter in these days",
        )
        .with_hint("请选择其他时段、点位或参数", "choose other days, places or another parameter"),
        other => ApiError::internal("read hours", &other),
    })
}

/// The data do not allow an answer: no fault of anybody, and said why.
fn refused(zh: impl Into<String>, en: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "not_enough_data", Words::new(zh, en))
}

fn svg(text: String) -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")], text).into_response()
}

fn csv(name: &str, text: String) -> Response {
    let file = format!("attachment; filename=\"{name}.csv\"");
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, file),
    ];
    (head, text).into_response()
}

/// A word of a shell: quoted where it is more than letters.
fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.:/".contains(letter));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
