//! The forecast of a place, or of several by their mean, with its record and what it means for the warning levels.

use super::warning::{Outlook, outlook};
use super::{Form, csv, form, hours, language, parameter, places, refused, svg};
use crate::analysis::{Hours, forecast, hour_label, hour_name};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use draw::{Language, Look};
use model::HOUR_MS;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use space::forecast::Forecast;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// Forecasts of this hour that were made already, and the right to make one: trees cost seconds, so one at a time.
pub struct Forecasts {
    pub(in crate::http) one: Arc<Semaphore>,
    kept: Mutex<BTreeMap<String, Arc<(Hours, Forecast)>>>,
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
    fn get(&self, key: &str) -> Option<Arc<(Hours, Forecast)>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).cloned()
    }

    fn keep(&self, key: String, made: Arc<(Hours, Forecast)>) {
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
    /// Keys of places, separated by commas; several are forecast by their mean.
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
    /// Steps with their quantiles, and the record of each way of forecasting.
    #[schema(value_type = Object)]
    forecast: Value,
    /// Daily indices by this pollutant alone, and the level of warning that they reach; null for other parameters.
    outlook: Option<Outlook>,
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

fn answer(app: &AppState, query: &ForecastQuery) -> Answer<Response> {
    let (form, language) = (form(query.format.as_deref())?, language(query.lang.as_deref())?);
    let one = parameter(app, "parameter", query.parameter.as_deref().unwrap_or("pm25"))?;
    let keys = places(app, query.place.as_deref())?;
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let now = moment.now.as_ms().div_euclid(HOUR_MS);
    let lang = if language == Language::Zh { "zh" } else { "en" };
    let entry = moment.as_of.map_or(0, |as_of| as_of.sequence);
    let key = format!("{now:012} {entry} {lang} {} {}", one.key, keys.join(","));
    let made = if let Some(made) = app.forecasts.get(&key) {
        made
    } else {
        let all =
            hours(app, &keys, (one, None), (now - HISTORY_H..i64::MAX, moment.known), language)?;
        let mean = || Hours::mean(&all, language.of("平均", "mean"));
        let hours = match &all[..] {
            [hours] => hours.clone(),
            _ => mean().ok_or_else(ApiError::broken)?,
        };
        let forecast = forecast::of_hours(&hours, &app.district.zone, 1).map_err(|refusal| {
            let said = |language| draw::no_forecast(&refusal, language);
            refused(said(Language::Zh), said(Language::En))
        })?;
        let made = Arc::new((hours, forecast));
        app.forecasts.keep(key, Arc::clone(&made));
        made
    };
    let (hours, forecast) = &*made;
    let unit = model::unit_text(&one.unit);
    let zone = &app.district.zone;
    let look =
        Look { language, title: &hours.name, parameter: &one.symbol, other: "", unit: &unit };
    Ok(match form {
        Form::Svg => {
            let label = |hour| hour_label(zone, hour);
            svg(draw::forecast(forecast, &forecast::before(hours), label, &look))
        }
        Form::Csv => csv(
            "forecast",
            draw::forecast_table(forecast, |hour| hour_name(zone, hour)).to_string(),
        ),
        Form::Json => Json(ForecastAnswer {
            name: hours.name.clone(),
            parameter: one.symbol.clone(),
            unit,
            as_of: moment.as_of,
            forecast: serde_json::to_value(forecast)
                .map_err(|error| ApiError::internal("write a forecast", &error))?,
            outlook: outlook(app, &one.symbol, hours, forecast),
        })
        .into_response(),
    })
}

/// The words of a level of warning.
pub(super) fn level_words(level: &str) -> Words {
    match level {
        "red" => Words::new("红色", "red"),
        "orange" => Words::new("橙色", "orange"),
        "yellow" => Words::new("黄色", "yellow"),
        "pre_alert" => Words::new("预警提示", "pre-alert"),
        other => Words::new(other, other),
    }
}
