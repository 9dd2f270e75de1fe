//! Who stands around a place, and on which side of the wind.

use super::error::{Answer, ApiError, Problem};
use super::map::is_moving;
use super::state::{self, AppState};
use super::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{HOUR_MS, Period, Place, PlaceId, PlaceKind, Registry, Statistic, Timestamp};
use serde::{Deserialize, Serialize};
use space::{distance_m, is_upwind, nearest};
use store::View;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Neighbours in one answer, and where nobody says how many.
const ITEMS: (usize, usize) = (100, 8);
/// Hours after which a wind is no longer that of now.
const WIND_H: i64 = 3;
/// Below this speed nothing is upwind of anything, m/s.
const CALM_M_S: f64 = 0.5;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(neighbours))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NeighboursQuery {
    /// Key of a place.
    #[param(required, value_type = String)]
    place: Option<String>,
    /// How many, 1 to 100; 8 without it.
    #[param(value_type = Option<u8>)]
    n: Option<String>,
}

/// Who stands around a place.
#[derive(Serialize, ToSchema)]
pub struct Neighbours {
    place: String,
    /// The nearest first: of a place that measures the air those that do, of one at the water those there.
    items: Vec<NeighbourItem>,
    /// The newest hourly wind near it; null where none is newer than three hours.
    wind: Option<Wind>,
}

/// One of those around a place.
#[derive(Serialize, ToSchema)]
pub struct NeighbourItem {
    place: String,
    /// Metres.
    distance_m: f64,
    /// Degrees from north over east.
    bearing_deg: f64,
    /// Whether the wind comes from there, within 45°; null without a wind or below 0.5 m/s.
    upwind: Option<bool>,
}

/// A wind.
#[derive(Serialize, ToSchema)]
pub struct Wind {
    /// Where it comes from, degrees from north over east.
    dir_deg: f64,
    /// m/s; null when it was not measured.
    speed: Option<f64>,
    /// Start of its hour.
    hour: Instant,
    /// Key of the place where it was measured.
    place: String,
}

/// The places nearest to a place.
#[utoipa::path(
    get, path = "/neighbours", tag = "places", params(NeighboursQuery),
    responses((status = 200, body = Neighbours), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn neighbours(
    State(app): State<AppState>,
    query: Result<Query<NeighboursQuery>, QueryRejection>,
) -> Answer<Json<Neighbours>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let key = query.place.as_deref().ok_or_else(no_place)?;
        let n = query.n.as_deref().map(count).transpose()?.unwrap_or(ITEMS.1);
        let view = app.reader.view();
        let registry = view.registry();
        let (me, place) = state::place(registry, key)?;
        let wind = wind(&view, place, app.now());
        let upwind = |bearing_deg| {
            let wind = wind.as_ref().filter(|wind| wind.speed.is_none_or(|m_s| m_s >= CALM_M_S));
            wind.map(|wind| is_upwind(bearing_deg, wind.dir_deg))
        };
        let others = registry.places().iter().enumerate().filter(|(at, other)| {
            *at != me.0 as usize
                && !is_moving(other.kind)
                && medium(other.kind) == medium(place.kind)
        });
        let others = others.map(|(at, other)| (at, [other.lon, other.lat]));
        let items = nearest([place.lon, place.lat], others, n).into_iter().map(|neighbour| {
            let key = &registry.places()[neighbour.index].key;
            NeighbourItem {
                place: key.clone(),
                distance_m: neighbour.distance_m.round(),
                bearing_deg: neighbour.bearing_deg.round() % 360.0,
                upwind: upwind(neighbour.bearing_deg),
            }
        });
        Ok(Json(Neighbours { place: key.to_owned(), items: items.collect(), wind }))
    })
    .await
}

/// The answer to a question that names no place.
pub fn no_place() -> ApiError {
    let accepted = Words::new(
        "请填写点位的键；见 /api/v1/places",
        "write the key of a place; see /api/v1/places",
    );
    ApiError::missing_parameter("place", accepted)
}

fn count(text: &str) -> Answer<usize> {
    let given = text.parse().ok().filter(|count| (1..=ITEMS.0).contains(count));
    given.ok_or_else(|| {
        let accepted = Words::new("请填写 1 至 100 的整数", "write a whole number from 1 to 100");
        ApiError::bad_parameter("n", text, accepted)
    })
}

/// What a place is about: only of the same are there neighbours.
#[derive(PartialEq, Eq)]
enum Medium {
    Air,
    Water,
    Source,
}

fn medium(kind: PlaceKind) -> Medium {
    match kind {
        PlaceKind::WaterSite | PlaceKind::Outfall | PlaceKind::Gate => Medium::Water,
        PlaceKind::Stack | PlaceKind::Enterprise => Medium::Source,
        _ => Medium::Air,
    }
}

/// The newest hourly wind; of several of one hour the nearest.
fn wind(view: &View, place: &Place, now: Timestamp) -> Option<Wind> {
    let registry = view.registry();
    let winds = registry.datastreams().iter().filter(|datastream| {
        let key = &datastream.key;
        (key.parameter.as_str(), key.statistic, key.period)
            == ("wind_dir", Statistic::Mean, Period::Hour)
    });
    let newest = winds.filter_map(|datastream| {
        let reading = view.latest(datastream.id).filter(|reading| reading.flag.is_good())?;
        let at = registry.place(datastream.place)?;
        let is_new = reading.time >= now.floor(HOUR_MS) - WIND_H * HOUR_MS;
        let away_m = distance_m([place.lon, place.lat], [at.lon, at.lat]);
        let found = (datastream.place, at, reading.time, reading.value?, away_m);
        (is_new && !is_moving(at.kind)).then_some(found)
    });
    let best = newest.max_by(|a, b| a.2.cmp(&b.2).then(b.4.total_cmp(&a.4)));
    let (id, at, hour, dir_deg, _) = best?;
    let speed = speed(view, registry, id, hour);
    Some(Wind { dir_deg, speed, hour: Instant(hour), place: at.key.clone() })
}

fn speed(view: &View, registry: &Registry, place: PlaceId, hour: Timestamp) -> Option<f64> {
    let ids = registry.datastreams_of(place).iter();
    let speeds = ids.filter_map(|id| registry.datastream(*id)).filter(|datastream| {
        let key = &datastream.key;
        (key.parameter.as_str(), key.statistic, key.period)
            == ("wind_speed", Statistic::Mean, Period::Hour)
    });
    let readings = speeds.filter_map(|datastream| view.latest(datastream.id));
    readings.filter(|reading| reading.time == hour && reading.flag.is_good()).find_map(|r| r.value)
}
