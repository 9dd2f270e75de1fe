//! The effect of a measure after the weather, and the trend without weather.

use super::{Form, csv, days, form, hours, language, parameter, places, refused, svg};
use crate::analysis::plot::title;
use crate::analysis::{Hours, civil_day};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::http::time::day;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use draw::{Language, Look};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use space::effect::{NoEffect, effect, normalised};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EffectQuery {
    /// Keys of places, separated by commas; several are taken by their mean.
    #[param(required, value_type = String)]
    places: Option<String>,
    /// Key of the parameter; `pm25` without it.
    parameter: Option<String>,
    /// The first civil day that is learned from; a year before `to` without it.
    from: Option<String>,
    /// The last civil day that is learned from; today without it.
    to: Option<String>,
    /// The first civil day of the measure; without it the trend without weather is answered.
    since: Option<String>,
    /// The last civil day of the measure, included.
    until: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
    /// `json`, `svg` or `csv`.
    format: Option<String>,
    /// Language of picture and names: `en` or `zh`.
    lang: Option<String>,
}

/// The effect of a measure, or the trend without weather.
#[derive(Serialize, ToSchema)]
pub struct EffectAnswer {
    title: String,
    parameter: String,
    unit: String,
    /// The past moment that was asked for.
    as_of: Option<AsOf>,
    /// Null when no measure was named.
    #[schema(value_type = Option<Object>)]
    effect: Option<Value>,
    /// Null when a measure was named.
    #[schema(value_type = Option<Object>)]
    normalised: Option<Value>,
}

/// What a measure did once the weather is taken out, with placebo dates; without a measure the trend without weather.
#[utoipa::path(
    get, operation_id = "effect", path = "/effect", tag = "analysis", params(EffectQuery),
    responses(
        (status = 200, body = EffectAnswer), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)
    )
)]
pub(super) async fn effects(
    State(app): State<AppState>,
    query: Result<Query<EffectQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    let _one = Arc::clone(&app.forecasts.one).acquire_owned().await;
    app.ask(move |app| answer(app, &query)).await
}

fn answer(app: &AppState, query: &EffectQuery) -> Answer<Response> {
    let (form, language) = (form(query.format.as_deref())?, language(query.lang.as_deref())?);
    let one = parameter(app, "parameter", query.parameter.as_deref().unwrap_or("pm25"))?;
    let keys = places(app, query.places.as_deref())?;
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let asked = (query.from.as_deref(), query.to.as_deref());
    let window = days(app, moment.now, asked, keys.len())?;
    let all = hours(app, &keys, (one, None), (window, moment.known), language)?;
    let mean = || Hours::mean(&all, language.of("平均", "mean"));
    let hours = match &all[..] {
        [hours] => hours.clone(),
        _ => mean().ok_or_else(ApiError::broken)?,
    };
    let title = title(std::slice::from_ref(&hours), language);
    let unit = model::unit_text(&one.unit);
    let json = |value: Result<Value, serde_json::Error>| {
        value.map_err(|error| ApiError::internal("write an effect", &error))
    };
    let (since, until) = match (query.since.as_deref(), query.until.as_deref()) {
        (Some(since), Some(until)) => (since, until),
        (None, None) => {
            let made = normalised(hours.series(), 1).map_err(|refusal| no(&refusal))?;
            let normalised = Some(json(serde_json::to_value(&made))?);
            let parameter = one.symbol.clone();
            let as_of = moment.as_of;
            let answer = EffectAnswer { title, parameter, unit, as_of, effect: None, normalised };
            return Ok(Json(answer).into_response());
        }
        _ => {
            let accepted = Words::new("since 与 until 须同时填写", "write both since and until");
            return Err(ApiError::missing_parameter("until", accepted));
        }
    };
    let zone = &app.district.zone;
    let first = civil_day(day("since", Some(since), zone, app.now())?.date());
    let last = civil_day(day("until", Some(until), zone, app.now())?.date());
    let made = effect(hours.series(), first, last, 1).map_err(|refusal| no(&refusal))?;
    let look = Look { language, title: &title, parameter: &one.symbol, other: "", unit: &unit };
    Ok(match form {
        Form::Svg => svg(draw::effect(&made, &look)),
        Form::Csv => csv("effect", draw::effect_table(&made).to_string()),
        Form::Json => Json(EffectAnswer {
            parameter: one.symbol.clone(),
            as_of: moment.as_of,
            effect: Some(json(serde_json::to_value(&made))?),
            normalised: None,
            title,
            unit,
        })
        .into_response(),
    })
}

fn no(refusal: &NoEffect) -> ApiError {
    refused(draw::no_effect(refusal, Language::Zh), draw::no_effect(refusal, Language::En))
}
