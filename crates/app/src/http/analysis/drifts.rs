//! Micro-stations against the standard station near each.

use super::{language, parameter, span, whole};
use crate::analysis::drift::{
    Asked, DAYS, Drift, Pair, WITHIN_M, WITHIN_M_MAX, compare, doubts, pairs,
};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::{self, AppState};
use crate::http::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{HOUR_MS, PlaceId, PlaceKind, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DriftQuery {
    /// Key of the parameter; `pm25` without it.
    parameter: Option<String>,
    /// The first civil day; four weeks up to `to` without it.
    from: Option<String>,
    /// The last civil day, included; today without it.
    to: Option<String>,
    /// Key of a micro-station; all that measure the parameter without it.
    place: Option<String>,
    /// How far the standard station may be away, 1 to 50 000 m; 1 000 without it.
    #[param(value_type = Option<u32>)]
    within_m: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
    /// Language of the reasons of corrections: `en` or `zh`.
    lang: Option<String>,
}

/// Micro-stations against the standard station near each.
#[derive(Serialize, ToSchema)]
pub struct DriftAnswer {
    parameter: String,
    unit: String,
    from: Instant,
    /// The first instant after the span.
    to: Instant,
    within_m: u32,
    /// The past moment that was asked for.
    as_of: Option<AsOf>,
    stations: Vec<Drift>,
    /// How often such an answer is wrong.
    doubts: Vec<Words>,
}

/// What would make micro-stations right, by the standard station near each: gain and offset with their doubt, and corrections ready to be made.
#[utoipa::path(
    get, operation_id = "drift", path = "/drift", tag = "analysis", params(DriftQuery),
    responses((status = 200, body = DriftAnswer), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub(super) async fn drifts(
    State(app): State<AppState>,
    query: Result<Query<DriftQuery>, QueryRejection>,
) -> Answer<Json<DriftAnswer>> {
    let Query(query) = query?;
    let _one = Arc::clone(&app.forecasts.one).acquire_owned().await;
    app.ask(move |app| answer(app, &query).map(Json)).await
}

fn answer(app: &AppState, query: &DriftQuery) -> Answer<DriftAnswer> {
    let parameter = parameter(app, "parameter", query.parameter.as_deref().unwrap_or("pm25"))?;
    let within_m =
        whole("within_m", query.within_m.as_deref(), WITHIN_M.into(), WITHIN_M_MAX.into())?;
    let only = query.place.as_deref().map(|key| micro_station(app, key)).transpose()?;
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let days = (query.from.as_deref(), query.to.as_deref());
    let asked = Asked {
        parameter,
        hours: span(app, moment.now, days, (DAYS, 1))?,
        within_m: within_m as u32,
        known: moment.known,
        now: moment.now,
        zone: &app.district.zone,
        language: language(query.lang.as_deref())?,
    };
    let found = pairs(app.reader.view().registry(), &asked, only);
    let to_read = |pair: &&Pair| pair.is_near(&asked);
    // The same limit once more, now that it is known how many places have to be read.
    span(app, moment.now, days, (DAYS, found.iter().filter(to_read).count()))?;
    let stations = compare(&app.reader, &asked, &found)
        .map_err(|error| ApiError::internal("compare stations", &error))?;
    let at = |hour: i64| Instant(Timestamp::from_ms(hour.saturating_mul(HOUR_MS)));
    Ok(DriftAnswer {
        parameter: parameter.symbol.clone(),
        unit: model::unit_text(&parameter.unit),
        from: at(asked.hours.start),
        to: at(asked.hours.end),
        within_m: asked.within_m,
        as_of: moment.as_of,
        stations,
        doubts: doubts(),
    })
}

fn micro_station(app: &AppState, key: &str) -> Answer<PlaceId> {
    let view = app.reader.view();
    let (id, place) = state::place(view.registry(), key)?;
    if place.kind != PlaceKind::MicroStation {
        let accepted = Words::new("请填写微站的键", "write the key of a micro-station");
        return Err(ApiError::bad_parameter("place", key, accepted));
    }
    Ok(id)
}
