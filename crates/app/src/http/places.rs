//! What the district has: itself, its areas, lines and places, what is measured and where.

use super::error::{Answer, ApiError, Problem};
use super::schema;
use super::state::{self, AppState, unreadable};
use super::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{DatastreamId, ParameterTable, Registry, Source};
use serde::{Deserialize, Serialize};
use store::View;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(district))
        .routes(routes!(places))
        .routes(routes!(parameters))
        .routes(routes!(datastreams))
}

/// Whose air and water.
#[derive(Serialize, ToSchema)]
pub struct District {
    name: Words,
    /// IANA name of the zone in which days, months and years are meant.
    #[schema(example = "Asia/Shanghai")]
    zone: String,
    /// Whether any place is made up.
    simulated: bool,
    /// Extent of the map: west, south, east, north in degrees, WGS 84.
    bbox: [f64; 4],
    now: Instant,
    /// The newest entry of the log.
    sequence: u64,
    /// How many places there are: with very many a page asks for tiles.
    place_count: usize,
    /// The program's version.
    version: &'static str,
}

/// The district.
#[utoipa::path(get, path = "/district", tag = "places", responses((status = 200, body = District)))]
async fn district(State(app): State<AppState>) -> Answer<Json<District>> {
    let answer = app.ask(|app| {
        let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
        let view = app.reader.view();
        let registry = view.registry();
        Ok(District {
            name: Words::from(&app.district.name),
            zone: app.district.zone_name.clone(),
            simulated: registry.places().iter().any(|place| place.simulated),
            bbox: extent(app, registry),
            now: Instant(app.now()),
            sequence,
            place_count: registry.places().len(),
            version: env!("CARGO_PKG_VERSION"),
        })
    });
    answer.await.map(Json)
}

/// Everything on the map.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the answer has a list of that name")]
pub struct Places {
    areas: Vec<Area>,
    lines: Vec<Line>,
    places: Vec<Place>,
}

/// An area, for example a sub-district.
#[derive(Serialize, ToSchema)]
pub struct Area {
    key: String,
    name: Words,
    kind: schema::AreaKind,
    /// Key of the area it is a part of.
    within: Option<String>,
    /// Closed ring of longitude and latitude; null when none was imported.
    ring: Option<Vec<[f64; 2]>>,
}

/// A river or a road.
#[derive(Serialize, ToSchema)]
pub struct Line {
    key: String,
    name: Words,
    kind: schema::LineKind,
    /// Key of the line it is a part of: the river of a reach.
    within: Option<String>,
    /// Longitude and latitude; rivers and reaches run downstream.
    path: Vec<[f64; 2]>,
}

/// A point where something is measured or let out.
#[derive(Serialize, ToSchema)]
pub struct Place {
    key: String,
    name: Words,
    kind: schema::PlaceKind,
    /// Degrees east, WGS 84.
    lon: f64,
    /// Degrees north, WGS 84.
    lat: f64,
    /// Key of the area it lies in.
    area: Option<String>,
    /// Key of the river, reach or road it lies on.
    line: Option<String>,
    /// First civil day on which it was there; null: always.
    valid_from: Option<String>,
    /// Last civil day on which it was there; null: still.
    valid_to: Option<String>,
    /// Whether its readings are made up.
    simulated: bool,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PlacesQuery {
    /// `false` leaves the list of places empty: a page that shows tiles needs areas and lines only.
    #[param(value_type = Option<bool>)]
    points: Option<String>,
}

/// Areas, lines and places that are there today.
#[utoipa::path(
    get, path = "/places", tag = "places", params(PlacesQuery),
    responses((status = 200, body = Places), (status = 400, body = Problem))
)]
async fn places(
    State(app): State<AppState>,
    query: Result<Query<PlacesQuery>, QueryRejection>,
) -> Answer<Json<Places>> {
    let Query(query) = query?;
    let has_points = match query.points.as_deref() {
        None | Some("true") => true,
        Some("false") => false,
        Some(other) => {
            let accepted = Words::new("可用 true、false", "there are true, false");
            return Err(ApiError::bad_parameter("points", other, accepted));
        }
    };
    app.ask(move |app| {
        let mut places = on_map(app.reader.view().registry(), &app.today()?);
        if !has_points {
            places.places.clear();
        }
        Ok(Json(places))
    })
    .await
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// What is there on a civil day.
fn on_map(registry: &Registry, day: &str) -> Places {
    let area = |area: &model::Area| Area {
        key: area.key.clone(),
        name: Words::from(&area.name),
        kind: area.kind.into(),
        within: given(&area.within),
        ring: (!area.ring.is_empty()).then(|| area.ring.clone()),
    };
    let line = |line: &model::Line| Line {
        key: line.key.clone(),
        name: Words::from(&line.name),
        kind: line.kind.into(),
        within: given(&line.within),
        path: line.path.clone(),
    };
    let place = |place: &model::Place| Place {
        key: place.key.clone(),
        name: Words::from(&place.name),
        kind: place.kind.into(),
        lon: place.lon,
        lat: place.lat,
        area: given(&place.area),
        line: given(&place.line),
        valid_from: given(&place.valid_from),
        valid_to: given(&place.valid_to),
        simulated: place.simulated,
    };
    Places {
        areas: registry.areas.iter().filter(|one| one.is_there(day)).map(area).collect(),
        lines: registry.lines.iter().filter(|one| one.is_there(day)).map(line).collect(),
        places: registry.places().iter().filter(|one| one.is_there(day)).map(place).collect(),
    }
}

/// Something that can be measured.
#[derive(Serialize, ToSchema)]
pub struct Parameter {
    #[schema(example = "pm25")]
    key: String,
    name: Words,
    #[schema(example = "PM2.5")]
    symbol: String,
    /// The one unit in which its values are kept.
    #[schema(example = "ug/m3")]
    unit: String,
    /// Digits after the point that people read.
    decimals: u8,
}

/// What can be measured.
#[utoipa::path(get, path = "/parameters", tag = "places", responses((status = 200, body = [Parameter])))]
async fn parameters(State(app): State<AppState>) -> Json<Vec<Parameter>> {
    let parameter = |parameter: &model::Parameter| Parameter {
        key: parameter.key.clone(),
        name: Words::new(&parameter.zh, &parameter.en),
        symbol: parameter.symbol.clone(),
        unit: parameter.unit.clone(),
        decimals: parameter.decimals,
    };
    Json(app.parameters.all().iter().map(parameter).collect())
}

/// A series of readings: one source, parameter, statistic and period.
#[derive(Clone, Serialize, ToSchema)]
pub struct Datastream {
    pub id: i32,
    /// Key of the place that it tells about.
    pub place: String,
    /// Name on the wire of the device that sends it; null when it is derived.
    pub device: Option<String>,
    /// Key of the parameter, or the factor code as sent when it is not in the table.
    pub parameter: String,
    pub statistic: schema::Statistic,
    pub period: schema::Period,
    /// Unit of its values; empty when the parameter is not in the table.
    pub unit: String,
    /// Its oldest instant.
    pub first: Option<Instant>,
    /// Its newest instant.
    pub last: Option<Instant>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DatastreamsQuery {
    /// Key of a place; all places without it.
    place: Option<String>,
}

/// The series of a place, or of all.
#[utoipa::path(
    get, path = "/datastreams", tag = "places", params(DatastreamsQuery),
    responses((status = 200, body = [Datastream]), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn datastreams(
    State(app): State<AppState>,
    query: Result<Query<DatastreamsQuery>, QueryRejection>,
) -> Answer<Json<Vec<Datastream>>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let view = app.reader.view();
        let registry = view.registry();
        let ids: Vec<DatastreamId> = match &query.place {
            Some(key) => registry.datastreams_of(state::place(registry, key)?.0).to_vec(),
            None => registry.datastreams().iter().map(|datastream| datastream.id).collect(),
        };
        if ids.len() as u64 > app.limits.datastreams_max {
            return Err(ApiError::too_many_datastreams(ids.len(), app.limits.datastreams_max));
        }
        let described = ids.into_iter().filter_map(|id| describe(&view, &app.parameters, id));
        Ok(Json(described.collect()))
    })
    .await
}

/// A datastream for people and programs; `None` when it is not registered.
pub fn describe(view: &View, parameters: &ParameterTable, id: DatastreamId) -> Option<Datastream> {
    let registry = view.registry();
    let datastream = registry.datastream(id)?;
    let extent = view.hot().extent(id);
    let key = &datastream.key;
    Some(Datastream {
        id: id.0,
        place: registry.place(datastream.place)?.key.clone(),
        device: match key.source {
            Source::Device(device) => registry.device(device).map(|device| device.mn.clone()),
            Source::Derived(_) => None,
        },
        parameter: key.parameter.clone(),
        statistic: key.statistic.into(),
        period: key.period.into(),
        unit: parameters.get(&key.parameter).map_or_else(String::new, |known| known.unit.clone()),
        first: extent.map(|extent| Instant(extent.first)),
        last: extent.map(|extent| Instant(extent.latest.time)),
    })
}

/// A datastream for people and programs.
pub fn describe_known(app: &AppState, id: DatastreamId) -> Answer<Datastream> {
    let described = describe(&app.reader.view(), &app.parameters, id);
    described.ok_or_else(|| {
        ApiError::unknown("unknown_datastream", "数据流", "datastream", &id.to_string())
            .with_hint("数据流见 /api/v1/datastreams", "/api/v1/datastreams lists them")
    })
}

/// The extent of the district: as it is configured, or around everything registered.
pub fn extent(app: &AppState, registry: &Registry) -> [f64; 4] {
    let configured = app.district.bbox.map(|bbox| [bbox.west, bbox.south, bbox.east, bbox.north]);
    configured.unwrap_or_else(|| bounds(registry))
}

/// The smallest box around everything registered, with a margin.
fn bounds(registry: &Registry) -> [f64; 4] {
    const MARGIN_DEG: f64 = 0.02;
    let places = registry.places().iter().map(|place| [place.lon, place.lat]);
    let lines = registry.lines.iter().flat_map(|line| line.path.iter().copied());
    let areas = registry.areas.iter().flat_map(|area| area.ring.iter().copied());
    let empty = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let [west, south, east, north] =
        places.chain(lines).chain(areas).fold(empty, |[west, south, east, north], [lon, lat]| {
            [west.min(lon), south.min(lat), east.max(lon), north.max(lat)]
        });
    if west > east {
        return [-180.0, -90.0, 180.0, 90.0];
    }
    let (west, east) = ((west - MARGIN_DEG).max(-180.0), (east + MARGIN_DEG).min(180.0));
    [west, (south - MARGIN_DEG).max(-90.0), east, (north + MARGIN_DEG).min(90.0)]
}
