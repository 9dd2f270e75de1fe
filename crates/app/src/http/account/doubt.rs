//! How sure a rank is: between which places each station may lie, and how likely one is truly better than the next.

use crate::analysis::stored;
use crate::http::assess::{self, Days};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::words::Words;
use account::rank::{Settings, rank};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{HOUR_MS, PlaceId, PlaceKind};
use serde::{Deserialize, Serialize};
use store::Known;
use utoipa::{IntoParams, ToSchema};

/// Stations times hours of one question.
const CELLS_MAX: i64 = 3_000_000;
/// Draws of one question.
const DRAWS: usize = 1_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DoubtQuery {
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// Key of the parameter; `pm25` without it.
    parameter: Option<String>,
    /// Relative standard uncertainty of a station's mean by its instrument, in per cent; 0 without it.
    instrument: Option<f64>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// Ranks of standard air stations by the mean of a parameter, with their doubt.
#[derive(Serialize, ToSchema)]
pub struct DoubtedRanking {
    span: Days,
    parameter: String,
    unit: String,
    /// Hours of the span.
    hours: usize,
    /// The share of draws that an interval holds, per cent.
    coverage: u32,
    /// The past moment that was asked for.
    as_of: Option<AsOf>,
    /// The best first; those without a value last.
    rows: Vec<DoubtedRank>,
}

/// A station among the others.
#[derive(Serialize, ToSchema)]
pub struct DoubtedRank {
    key: String,
    name: Words,
    /// Mean of the measured hours; an estimate for showing doubt, not the mean that the law prescribes.
    mean: Option<f64>,
    rank: Option<u32>,
    /// The best and the worst place that it may have.
    best: Option<u32>,
    worst: Option<u32>,
    /// Hours that were measured.
    measured: usize,
    /// How likely it is truly better than the next one in the list, 0 to 1.
    better_than_next: Option<f64>,
    /// The hour whose leaving out alone would swap it with the next one, the one with the largest effect; null when none would.
    flips: Option<FlippingHour>,
}

/// An hour that decides a rank.
#[derive(Serialize, ToSchema)]
pub struct FlippingHour {
    /// Its begin.
    at: crate::http::time::Instant,
    /// Whose value of it is left out.
    key: String,
    value: f64,
}

/// Ranks with intervals, from missing hours and instruments.
#[utoipa::path(
    get, operation_id = "rank_doubt", path = "/assess/rank/doubt", tag = "account", params(DoubtQuery),
    responses((status = 200, body = DoubtedRanking), (status = 400, body = Problem), (status = 422, body = Problem))
)]
pub async fn rank_doubt(
    State(app): State<AppState>,
    query: Result<Query<DoubtQuery>, QueryRejection>,
) -> Answer<Json<DoubtedRanking>> {
    let Query(query) = query?;
    app.ask(move |app| doubted(app, &query).map(Json)).await
}

/// A station and its hours.
struct Unit {
    key: String,
    name: Words,
    hours: Vec<Option<f64>>,
}

fn doubted(app: &AppState, query: &DoubtQuery) -> Answer<DoubtedRanking> {
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let span = assess::span(query.from.as_deref(), query.to.as_deref())?;
    let key = query.parameter.as_deref().unwrap_or("pm25");
    let Some(parameter) = app.parameters.get(key) else {
        let accepted = Words::new("参数见 /api/v1/parameters", "/api/v1/parameters lists them");
        return Err(ApiError::bad_parameter("parameter", key, accepted));
    };
    let instrument = query.instrument.unwrap_or(0.0);
    if !(0.0..=50.0).contains(&instrument) {
        let accepted = Words::new("0 至 50", "0 to 50");
        return Err(ApiError::bad_parameter("instrument", &instrument.to_string(), accepted));
    }
    let units = units(app, &parameter.key, span, moment.known)?;
    let views: Vec<&[Option<f64>]> = units.iter().map(|unit| unit.hours.as_slice()).collect();
    let settings = Settings { draws: DRAWS, instrument: instrument / 100.0, ..Settings::default() };
    let ranking = rank(&views, &settings);
    let mut order: Vec<usize> = (0..units.len()).collect();
    let place = |at: &usize| ranking.units[*at].map_or(u32::MAX, |own| own.rank);
    order.sort_by_key(|at| (place(at), units[*at].key.clone()));
    let begin = begin(app, span)?;
    let row = |(own, next): (usize, Option<usize>)| {
        let (unit, ranked) = (&units[own], ranking.units[own]);
        let flips = next.and_then(|next| flipping(unit, &units[next], begin));
        DoubtedRank {
            key: unit.key.clone(),
            name: unit.name.clone(),
            mean: ranked.map(|own| own.mean),
            rank: ranked.map(|own| own.rank),
            best: ranked.map(|own| own.best),
            worst: ranked.map(|own| own.worst),
            measured: ranked.map_or(0, |own| own.measured),
            better_than_next: next.and_then(|next| ranking.is_better(own, next)),
            flips,
        }
    };
    let pairs = order.iter().enumerate();
    let pairs = pairs.map(|(at, own)| (*own, order.get(at + 1).copied()));
    Ok(DoubtedRanking {
        span: Days::of(span),
        parameter: parameter.symbol.clone(),
        unit: model::unit_text(&parameter.unit),
        hours: units.iter().map(|unit| unit.hours.len()).max().unwrap_or(0),
        coverage: (settings.coverage * 100.0).round() as u32,
        as_of: moment.as_of,
        rows: pairs.map(row).collect(),
    })
}

/// The first hour of a span, since 1970.
fn begin(app: &AppState, span: standards::Span) -> Answer<i64> {
    let day = super::super::time::day(
        "from",
        Some(&span.first().to_string()),
        &app.district.zone,
        app.now(),
    )?;
    Ok(day.start().as_ms().div_euclid(HOUR_MS))
}

fn units(
    app: &AppState,
    parameter: &str,
    span: standards::Span,
    known: Known,
) -> Answer<Vec<Unit>> {
    let (first, hours) = (begin(app, span)?, i64::from(span.len()) * 24);
    let stations: Vec<_> = {
        let view = app.reader.view();
        let places = view.registry().places().iter().enumerate();
        let stations = places.filter(|(_, place)| place.kind == PlaceKind::AirStation);
        let named = stations
            .map(|(at, place)| (PlaceId(at as u32), place.key.clone(), Words::from(&place.name)));
        named.collect()
    };
    if hours * stations.len() as i64 > CELLS_MAX {
        let max = CELLS_MAX / 24 / (stations.len().max(1) as i64);
        return Err(ApiError::range_too_long(hours / 24, "daily_days_max", max as u64));
    }
    let mut units = vec![];
    for (id, key, name) in stations {
        // A station without any value of it has no rank; it still stands in the list.
        let read = stored::good_hours(&app.reader, known, (id, parameter), &(first..first + hours))
            .map_err(|error| ApiError::internal("read hours", &error))?;
        let hours = (first..first + hours).map(|hour| read.get(&hour).copied()).collect();
        units.push(Unit { key, name, hours });
    }
    Ok(units)
}

/// The hour, of one of two neighbours in the order, whose leaving out alone turns their order round.
fn flipping(own: &Unit, next: &Unit, begin: i64) -> Option<FlippingHour> {
    let sum = |unit: &Unit| {
        let (mut sum, mut count) = (0.0, 0.0);
        for value in unit.hours.iter().flatten() {
            sum += value;
            count += 1.0;
        }
        (sum, count)
    };
    let ((a, n), (b, m)) = (sum(own), sum(next));
    if n < 2.0 || m < 2.0 {
        return None;
    }
    let gap = b / m - a / n;
    let mut found: Option<(f64, FlippingHour)> = None;
    let sides = [(own, a, n, 1.0), (next, b, m, -1.0)];
    for (unit, sum, count, sign) in sides {
        for (at, value) in unit.hours.iter().enumerate() {
            let Some(value) = value else { continue };
            let moved = sign * ((sum - value) / (count - 1.0) - sum / count);
            if moved > gap && found.as_ref().is_none_or(|(most, _)| moved > *most) {
                let at = model::Timestamp::from_ms((begin + at as i64) * HOUR_MS);
                let at = crate::http::time::Instant(at);
                found = Some((moved, FlippingHour { at, key: unit.key.clone(), value: *value }));
            }
        }
    }
    found.map(|(_, hour)| hour)
}
