//! The timeline's strip: the district, hour by hour.

use super::hours::{HOURS, Hours, hours_before};
use super::{DayVersion, HourRange, hour_of_day};
use crate::http::error::{Answer, Problem};
use crate::http::known::Moment;
use crate::http::state::{AppState, unreadable};
use crate::http::tag::Asked;
use crate::http::time::Instant;
use crate::words::Words;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::index::{self, Sources};
use model::{HOUR_MS, PlaceId, PlaceKind, Timestamp};
use serde::{Deserialize, Serialize};
use standards::Said;
use std::sync::Arc;
use store::Known;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StripQuery {
    /// The first instant, RFC 3339, or a civil day; floored to its hour. 24 hours before `to` without it.
    from: Option<String>,
    /// The first instant after the range; floored to its hour. The start of this hour without it.
    to: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The district, hour by hour.
#[derive(Serialize, ToSchema)]
pub struct Strip {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    /// Seconds from one item to the next.
    step_s: i64,
    items: Vec<StripItem>,
}

/// What the district was in an hour: from the means over its standard air stations.
#[derive(Clone, Serialize, ToSchema)]
pub struct StripItem {
    /// Start of the hour.
    start: Instant,
    aqi: Option<u16>,
    level: Option<u8>,
    primary: Vec<&'static str>,
    /// Share of the hourly values of the six pollutants at the standard stations that came and are good,
    /// 0 to 1; null where there is no such station.
    capture: Option<f64>,
    /// Why there is no index, when there is none.
    reason: Option<Words>,
}

/// The hours of one UTC day.
pub struct StripDay(Vec<StripItem>);

/// The district's index and capture, hour by hour.
#[utoipa::path(
    get, path = "/map/strip", tag = "map", params(StripQuery),
    responses((status = 200, body = Strip), (status = 400, body = Problem))
)]
pub async fn strip(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Result<Query<StripQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let hours = HourRange::read(app, moment.now, query.from.as_deref(), query.to.as_deref())?;
        let newest = app.reader.last_sequence().map_err(unreadable)?.0;
        let sequence = moment.as_of.map_or(newest, |as_of| as_of.sequence);
        let versions: Vec<_> = {
            let view = app.reader.view();
            hours.days().map(|day| DayVersion::of(&view, day)).collect()
        };
        let asked =
            Asked::new(&headers, ("strip", hours, &versions, moment.as_of.map(|own| own.sequence)));
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let days = hours
            .days()
            .zip(versions)
            .map(|(day, version)| strip_of(app, day, version, moment.known));
        let days: Vec<_> = days.collect::<Answer<_>>()?;
        let first = hours.from.utc_day();
        let item = |start: Timestamp| {
            let day = days.get((start.utc_day() - first) as usize)?;
            day.0.get(hour_of_day(start)).cloned()
        };
        let items = hours.starts().filter_map(item).collect();
        Ok(asked.json(&Strip { sequence, step_s: HOUR_MS / 1_000, items }))
    })
    .await
}

fn strip_of(app: &AppState, day: i32, version: DayVersion, known: Known) -> Answer<Arc<StripDay>> {
    let start = Timestamp::from_utc_day(day);
    if known != Known::Now {
        return make(app, start, known).map(Arc::new);
    }
    app.strips.get(&day, version, || Ok((make(app, start, known)?, 1)))
}

fn make(app: &AppState, start: Timestamp, known: Known) -> Answer<StripDay> {
    let stations: Vec<Sources> = {
        let view = app.reader.view();
        let registry = view.registry();
        let all = registry.places().iter().enumerate();
        let stations = all.filter(|(_, place)| place.kind == PlaceKind::AirStation);
        stations.map(|(at, _)| index::sources_of(registry, PlaceId(at as u32))).collect()
    };
    let before = hours_before(app, start);
    let ids: Vec<_> = stations.iter().flatten().flatten().copied().collect();
    let hours = Hours::read(app, &ids, (start - before * HOUR_MS, before as usize + HOURS), known)?;
    let hour = |at: i64| strip_hour(app, &hours, &stations, start + at * HOUR_MS);
    Ok(StripDay((0..HOURS as i64).map(hour).collect()))
}

fn strip_hour(app: &AppState, hours: &Hours, stations: &[Sources], at: Timestamp) -> StripItem {
    let zone = &app.district.zone;
    let kind = PlaceKind::AirStation;
    let judged = stations
        .iter()
        .filter_map(|sources| index::hour(hours, &app.law, zone, kind, sources, at).ok());
    let start = Instant(at);
    let reports: Vec<_> = judged.map(|judged| judged.report).collect();
    let report = engine::area::hour(&app.law, zone, at, &reports.iter().collect::<Vec<_>>());
    let have = stations.iter().flatten().filter(|ids| hours.good(ids, at).is_some()).count();
    let of = stations.len() * Sources::default().len();
    let capture = (of > 0).then(|| have as f64 / of as f64);
    let Some(report) = report else {
        let reason = Words::new("该日期没有现行标准", "no edition was in force on this date");
        return StripItem {
            start,
            aqi: None,
            level: None,
            primary: vec![],
            capture,
            reason: Some(reason),
        };
    };
    StripItem {
        start,
        level: report.level,
        primary: report.primary.iter().map(|pollutant| pollutant.symbol()).collect(),
        capture,
        reason: report.aqi.as_ref().err().map(|reason| Words::new(reason.zh(), reason.en())),
        aqi: report.aqi.ok(),
    }
}
