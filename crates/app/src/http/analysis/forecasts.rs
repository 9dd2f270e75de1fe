//! The forecast of a place, or of several by their mean, with its record and what it means for the warning levels.

use super::outside::{ForecastRecord, OutsideAnswer, ahead, named, record, sources, whose};
use super::warning::{Ahead, Outlook, outlook};
use super::{Form, PLACES_MAX, csv, form, hours, language, parameter, places, refused, svg};
use crate::analysis::{Hours, forecast, hour_label, hour_name};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::{AppState, unreadable};
use crate::outside::{Judged, OWN, Whose, newest};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use control::emergency::Basis;
use draw::{Language, Look};
use model::{HOUR_MS, Parameter, PlaceKind, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use space::forecast::{Forecast, NoForecast};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// Forecasts of this hour that were made already, and the right to make one: trees cost seconds, so one at a time.
pub struct Forecasts {
    pub(in crate::http) one: Arc<Semaphore>,
    kept: Mutex<BTreeMap<String, Arc<Made>>>,
}

/// What was measured, and what the house makes of it; without steps when it makes nothing, and why.
struct Made {
    hours: Hours,
    forecast: Forecast,
    refusal: Option<NoForecast>,
}

impl Made {
    /// Why there is no forecast of the house's own.
    fn refused(&self) -> Option<Words> {
        let refusal = self.refusal.as_ref()?;
        let said = |language| draw::no_forecast(refusal, language);
        Some(Words::new(said(Language::Zh), said(Language::En)))
    }
}

/// Forecasts that are kept: an hour of asking about every station of a district.
const KEPT_MAX: usize = 500;
/// History that is learned from: three years.
const HISTORY_H: i64 = 3 * 8_766;

impl Default for Forecasts {
    fn default() -> Self {
        Self { one: Arc::new(Semaphore::new(1)), kept: Mutex::default() }
    }
}

impl Forecasts {
    fn get(&self, key: &str) -> Option<Arc<Made>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).cloned()
    }

    fn keep(&self, key: String, made: Arc<Made>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // The keys begin with the hour: the first is the oldest.
        while kept.len() >= KEPT_MAX {
            kept.pop_first();
        }
        kept.insert(key, made);
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ForecastQuery {
    /// Keys of places, separated by commas; several are forecast by their mean. Or the key of an area: its standard stations.
    #[param(required, value_type = String)]
    place: Option<String>,
    /// Key of the parameter; `pm25` without it.
    parameter: Option<String>,
    /// As it was known when, and from there on: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
    /// `json`, `svg` or `csv`.
    format: Option<String>,
    /// Language of picture and names: `en` or `zh`.
    lang: Option<String>,
}

/// A forecast of 72 hours.
#[derive(Serialize, ToSchema)]
pub struct ForecastAnswer {
    name: String,
    parameter: String,
    unit: String,
    /// The past moment that was asked for.
    as_of: Option<AsOf>,
    /// The house's own: steps with their quantiles, and the record of each way of forecasting.
    #[schema(value_type = Object)]
    forecast: Value,
    /// Why the house forecasts nothing, when only sources outside do; `forecast` has no steps then.
    no_forecast: Option<Words>,
    /// Daily indices by this pollutant alone, and the level of warning that they reach; null for other parameters.
    outlook: Option<Outlook>,
    /// Forecasts from outside: of each source its newest run that was known.
    outside: Vec<OutsideAnswer>,
    /// The record of all of them over 72 hours, the house's ways first. Each is of its own pairs.
    record: Vec<ForecastRecord>,
}

/// What a parameter will be in the next 72 hours, with intervals and the record of such forecasts.
#[utoipa::path(
    get, operation_id = "forecast", path = "/forecast", tag = "analysis", params(ForecastQuery),
    responses(
        (status = 200, body = ForecastAnswer), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)
    )
)]
pub(super) async fn forecasts(
    State(app): State<AppState>,
    query: Result<Query<ForecastQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    let _one = Arc::clone(&app.forecasts.one).acquire_owned().await;
    app.ask(move |app| answer(app, &query)).await
}

/// The forecast of some places by their mean, made now or this hour.
fn made(
    app: &AppState,
    keys: &[String],
    one: &Parameter,
    (language, moment): (Language, Moment),
) -> Answer<Arc<Made>> {
    let now = moment.now.as_ms().div_euclid(HOUR_MS);
    let lang = if language == Language::Zh { "zh" } else { "en" };
    let entry = moment.as_of.map_or(0, |as_of| as_of.sequence);
    let key = format!("{now:012} {entry} {lang} {} {}", one.key, keys.join(","));
    if let Some(made) = app.forecasts.get(&key) {
        return Ok(made);
    }
    let window = (now - HISTORY_H..i64::MAX, moment.known);
    let all = hours(app, keys, (one, None), window, language)?;
    let mean = || Hours::mean(&all, language.of("平均", "mean"));
    let hours = match &all[..] {
        [hours] => hours.clone(),
        _ => mean().ok_or_else(ApiError::broken)?,
    };
    let (forecast, refusal) = match forecast::of_hours(&hours, &app.district.zone, 1) {
        Ok(forecast) => (forecast, None),
        Err(refusal) => (forecast::none(&hours), Some(refusal)),
    };
    let made = Arc::new(Made { hours, forecast, refusal });
    app.forecasts.keep(key, Arc::clone(&made));
    Ok(made)
}

/// Keys of the standard stations.
fn stations(app: &AppState) -> Vec<String> {
    let view = app.reader.view();
    let all = view.registry().places().iter();
    let own = all.filter(|place| place.kind == PlaceKind::AirStation);
    own.map(|place| place.key.clone()).take(PLACES_MAX).collect()
}

/// What the forecast says of the warning levels now, as a warning that is declared on it keeps it. Of the standard stations when
/// no places are named; the house's own unless a `source` outside is. The right to make a forecast is the caller's: see [`Forecasts`].
///
/// # Errors
/// As the route `/forecast`; `unknown_source`; `no_outlook` when the parameter has no index or no whole day is forecast.
pub fn warning_basis(
    app: &AppState,
    given: Option<&str>,
    parameter_key: Option<&str>,
    source: &str,
) -> Answer<Basis> {
    let one = parameter(app, "parameter", parameter_key.unwrap_or("pm25"))?;
    let whose = match given.filter(|given| !given.is_empty()) {
        Some(given) => whose(app, Some(given))?,
        None => Whose { places: places(app, Some(&stations(app).join(",")))?, area: None },
    };
    let moment = Moment::now(app);
    let made = made(app, &whose.places, one, (Language::Zh, moment))?;
    let (ahead, by) = if source == OWN {
        if let Some(words) = made.refused() {
            return Err(refused(words.zh, words.en));
        }
        (Ahead::own(&made.forecast), None)
    } else {
        let sources = sources(app, &whose, one, &made.hours, &moment)?;
        let own = named(&sources, source)?;
        (ahead(own), Some((source.to_owned(), own.newest.run.issued)))
    };
    let outlook = outlook(app, &one.symbol, &made.hours, ahead).ok_or_else(|| {
        let words = Words::new(
            "预报不含完整一日，或该参数没有指数",
            "no whole day is forecast, or the parameter has no index",
        );
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "no_outlook", words).with_hint(
            "请改用文件依据（document），或选择 pm25、pm10",
            "rest it on a document instead, or choose pm25 or pm10",
        )
    })?;
    Ok(outlook.basis(whose.places, &one.key, by))
}

/// When each source outside made its newest run of a parameter at the standard stations, by name.
///
/// # Errors
/// As the route `/forecast`.
pub fn warning_sources(app: &AppState, parameter_key: &str) -> Answer<BTreeMap<String, Timestamp>> {
    let one = parameter(app, "parameter", parameter_key)?;
    let whose = Whose { places: places(app, Some(&stations(app).join(",")))?, area: None };
    let moment = Moment::now(app);
    newest(&app.reader, &whose, &one.key, (moment.now, moment.known)).map_err(unreadable)
}

fn answer(app: &AppState, query: &ForecastQuery) -> Answer<Response> {
    let (form, language) = (form(query.format.as_deref())?, language(query.lang.as_deref())?);
    let one = parameter(app, "parameter", query.parameter.as_deref().unwrap_or("pm25"))?;
    let whose = whose(app, query.place.as_deref())?;
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let made = made(app, &whose.places, one, (language, moment))?;
    let Made { hours, forecast, .. } = &*made;
    let sources = sources(app, &whose, one, hours, &moment)?;
    let no_forecast = made.refused();
    if let Some(words) = no_forecast.clone().filter(|_| sources.is_empty()) {
        return Err(refused(words.zh, words.en));
    }
    let unit = model::unit_text(&one.unit);
    let zone = &app.district.zone;
    let look =
        Look { language, title: &hours.name, parameter: &one.symbol, other: "", unit: &unit };
    Ok(match form {
        Form::Svg => {
            let label = |hour| hour_label(zone, hour);
            let beside: Vec<_> = sources.iter().map(Judged::beside).collect();
            svg(draw::forecast(forecast, &forecast::before(hours), &beside, label, &look))
        }
        Form::Csv => {
            let label = |hour| hour_name(zone, hour);
            let mut table = draw::forecast_table(forecast, label);
            for own in &sources {
                table.rows.extend(own.rows(label));
            }
            csv("forecast", table.to_string())
        }
        Form::Json => Json(ForecastAnswer {
            name: hours.name.clone(),
            parameter: one.symbol.clone(),
            unit,
            as_of: moment.as_of,
            forecast: serde_json::to_value(forecast)
                .map_err(|error| ApiError::internal("write a forecast", &error))?,
            no_forecast,
            outlook: outlook(app, &one.symbol, hours, Ahead::own(forecast)),
            record: record(forecast, &sources),
            outside: sources
                .iter()
                .map(|own| OutsideAnswer::of(app, &one.symbol, hours, own))
                .collect::<Answer<_>>()?,
        })
        .into_response(),
    })
}

/// The words of a level of warning.
pub fn level_words(level: &str) -> Words {
    match level {
        "red" => Words::new("红色", "red"),
        "orange" => Words::new("橙色", "orange"),
        "yellow" => Words::new("黄色", "yellow"),
        "pre_alert" => Words::new("预警提示", "pre-alert"),
        other => Words::new(other, other),
    }
}
