//! Where vehicles and patrols were, and what they measured there.

use super::is_moving;
use super::judge::concentration_level;
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::schema;
use crate::http::state::{AppState, unreadable};
use crate::http::time::{Range, RangeLimit};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{DAY_MS, DatastreamId, Period, PlaceId, Registry, Statistic, Timestamp};
use serde::{Deserialize, Serialize};
use standards::air::Pollutant;
use std::collections::HashMap;
use store::Columns;
use utoipa::{IntoParams, ToSchema};

/// What tracks are coloured by.
const SHOWN: Pollutant = Pollutant::Pm25;
/// Points of one track in an answer.
const POINTS_MAX: usize = 5_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TracksQuery {
    /// The first instant, RFC 3339, or a civil day; 24 hours before `to` without it.
    from: Option<String>,
    /// The first instant after the range; now without it. At most 24 hours after `from`.
    to: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// Where vehicles and patrols were.
#[derive(Serialize, ToSchema)]
pub struct Tracks {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    tracks: Vec<Track>,
}

/// Where one of them was.
#[derive(Serialize, ToSchema)]
pub struct Track {
    place: String,
    kind: schema::PlaceKind,
    /// Parameter of the values.
    parameter: &'static str,
    /// Milliseconds since 1970-01-01T00:00:00Z, longitude, latitude, value, and the level 1 to 6 that it
    /// would have if it stood for an hour (0 for none).
    points: Vec<(i64, f64, f64, Option<f64>, u8)>,
    /// Points between these that were left out, evenly.
    left_out: usize,
}

/// The tracks of at most 24 hours.
#[utoipa::path(
    get, path = "/map/tracks", tag = "map", params(TracksQuery),
    responses((status = 200, body = Tracks), (status = 400, body = Problem))
)]
pub async fn tracks(
    State(app): State<AppState>,
    query: Result<Query<TracksQuery>, QueryRejection>,
) -> Answer<Json<Tracks>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let limit = RangeLimit { name: "map_days_max", days_max: app.limits.map_days_max };
        let zone = &app.district.zone;
        let (from, to) = (query.from.as_deref(), query.to.as_deref());
        let range = Range::read(from, to, zone, (moment.now, DAY_MS), limit)?;
        if range.to - range.from > DAY_MS {
            let accepted = Words::new("一次最多 24 小时", "24 hours are the most at once");
            return Err(ApiError::bad_parameter("from", from.unwrap_or_default(), accepted));
        }
        let newest = app.reader.last_sequence().map_err(unreadable)?.0;
        let sequence = moment.as_of.map_or(newest, |as_of| as_of.sequence);
        let movers = movers(app.reader.view().registry(), SHOWN.key());
        let mut tracks = vec![];
        for mover in movers {
            let scanned = app.reader.scan_known(&mover.series, range.from, range.to, moment.known);
            let points = points(app, &scanned.map_err(unreadable)?);
            if !points.is_empty() {
                tracks.push(mover.track(points));
            }
        }
        Ok(Json(Tracks { sequence, tracks }))
    })
    .await
}

/// Something that moves, with its longitude, its latitude and perhaps what it measures.
pub struct Mover {
    key: String,
    kind: schema::PlaceKind,
    /// Datastreams of its longitude, its latitude and what it measures.
    pub series: Vec<DatastreamId>,
}

/// What moves, with a parameter that it measures.
pub fn movers(registry: &Registry, parameter: &str) -> Vec<Mover> {
    let places = registry.places().iter().enumerate().filter(|(_, place)| is_moving(place.kind));
    let mover = |(at, place): (usize, &model::Place)| {
        let ids = registry.datastreams_of(PlaceId(at as u32));
        let newest = |parameter: &str| {
            let known = ids.iter().filter_map(|id| registry.datastream(*id));
            let known = known.filter(|datastream| {
                datastream.key.parameter == parameter
                    && matches!(datastream.key.period, Period::Instant | Period::Minutes)
                    && matches!(datastream.key.statistic, Statistic::Instant | Statistic::Mean)
            });
            known.min_by_key(|datastream| (datastream.key.period, datastream.id)).map(|d| d.id)
        };
        let mut series = vec![newest("longitude")?, newest("latitude")?];
        series.extend(newest(parameter));
        Some(Mover { key: place.key.clone(), kind: place.kind.into(), series })
    };
    places.filter_map(mover).collect()
}

type Point = (i64, f64, f64, Option<f64>, u8);

/// Longitude and latitude of the same instant, and what was measured then.
pub fn positions(scanned: &[Columns]) -> Vec<(i64, f64, f64, Option<f64>)> {
    let good = |columns: &Columns| -> HashMap<i64, f64> {
        let rows = (0..columns.len()).filter(|row| columns.flag[*row].is_good());
        rows.filter_map(|row| Some((columns.time[row].as_ms(), columns.value[row]?))).collect()
    };
    let [longitude, latitude, rest @ ..] = scanned else { return vec![] };
    let latitudes = good(latitude);
    let values = rest.first().map(good).unwrap_or_default();
    let mut points = vec![];
    for row in 0..longitude.len() {
        let time = longitude.time[row].as_ms();
        let lon = longitude.value[row].filter(|_| longitude.flag[row].is_good());
        let Some((lon, lat)) = lon.zip(latitudes.get(&time).copied()) else { continue };
        if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
            points.push((time, lon, lat, values.get(&time).copied()));
        }
    }
    points
}

fn points(app: &AppState, scanned: &[Columns]) -> Vec<Point> {
    let with_level = |(time, lon, lat, value): (i64, f64, f64, Option<f64>)| {
        let date = app.district.zone.date(Timestamp::from_ms(time)).ok();
        let level = date.zip(value).map(|(date, v)| concentration_level(&app.law, date, SHOWN, v));
        (time, lon, lat, value, level.unwrap_or(0))
    };
    positions(scanned).into_iter().map(with_level).collect()
}

impl Mover {
    fn track(self, mut points: Vec<Point>) -> Track {
        let all = points.len();
        let step = all.div_ceil(POINTS_MAX);
        let mut at = 0;
        points.retain(|_| {
            at += 1;
            (at - 1) % step == 0
        });
        let left_out = all - points.len();
        Track { place: self.key, kind: self.kind, parameter: SHOWN.key(), points, left_out }
    }
}
