//! Places as vector tiles, for districts with more places than a page should hold.

use super::hours::{Block, block};
use super::judge::Subject;
use super::{DayVersion, hour_of_day};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::state::{AppState, unreadable};
use crate::http::tag::Asked;
use crate::http::time::instant;
use crate::words::Words;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::{HOUR_MS, Place, PlaceId, PlaceKind, Timestamp};
use serde::Deserialize;
use std::f64::consts::PI;
use std::sync::Arc;
use utoipa::IntoParams;

mod mvt;
use mvt::{Layer, Value};

/// The deepest zoom of a map of the web.
const ZOOM_MAX: u32 = 22;
/// Units along the side of a tile.
const EXTENT: f64 = 4_096.0;
/// How far outside a tile a place is still drawn, so that no sign is cut at its edge.
const MARGIN: f64 = 64.0;
/// Hours that are looked back for the newest value.
const NEWEST_H: i64 = 3;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TileQuery {
    /// Key of a parameter whose value and level each place gets.
    parameter: Option<String>,
    /// An instant within the hour that is shown; the newest of the last three hours without it.
    at: Option<String>,
}

/// A tile: layer `places` (id the number of the place; `key`, `kind`, `zh`, `en`, and with a parameter
/// `value` and `level`), and when there are too many, layer `note` with `left_out`.
#[utoipa::path(
    get, path = "/map/tiles/{z}/{x}/{y}", tag = "map",
    params(
        ("z" = u32, Path, description = "Zoom, 0 to 22"),
        ("x" = u32, Path, description = "Column from the west"),
        ("y" = u32, Path, description = "Row from the north"),
        TileQuery
    ),
    responses(
        (status = 200, content_type = "application/vnd.mapbox-vector-tile", body = String),
        (status = 400, body = Problem), (status = 404, body = Problem)
    )
)]
pub async fn tile(
    State(app): State<AppState>,
    Path((z, x, y)): Path<(String, String, String)>,
    headers: HeaderMap,
    query: Result<Query<TileQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    let tile = Tile::read(&z, &x, &y)?;
    app.ask(move |app| {
        let zone = &app.district.zone;
        let at = query.at.as_deref().map(|text| instant("at", text, zone)).transpose()?;
        let hours = match at {
            Some(at) => vec![at.floor(HOUR_MS)],
            None => (0..=NEWEST_H).map(|back| app.now().floor(HOUR_MS) - back * HOUR_MS).collect(),
        };
        let (subject, versions, revision) = {
            let view = app.reader.view();
            let named = |key: &str| Subject::named(app, view.registry(), key);
            let subject = query.parameter.as_deref().map(named).transpose()?;
            let mut days: Vec<_> = hours.iter().map(|hour| hour.utc_day()).collect();
            days.dedup();
            let of = |day| (day, DayVersion::of(&view, day));
            let versions: Vec<_> = days.into_iter().map(of).collect();
            (subject, versions, view.registry_revision())
        };
        let made_of = subject.as_ref().map(|subject| (&subject.key, &hours, &versions));
        let asked = Asked::new(&headers, ("tile", (tile.z, tile.x, tile.y), revision, made_of));
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let blocks = match &subject {
            None => vec![],
            Some(subject) => versions
                .iter()
                .map(|(day, version)| {
                    Ok((*day, block(app, subject, *day, *version, store::Known::Now)?))
                })
                .collect::<Answer<_>>()?,
        };
        app.reader.last_sequence().map_err(unreadable)?;
        let body = draw(app, tile, &blocks, &hours);
        Ok(asked.bytes("application/vnd.mapbox-vector-tile", body))
    })
    .await
}

#[derive(Clone, Copy, Debug)]
struct Tile {
    z: u32,
    x: u32,
    y: u32,
}

impl Tile {
    fn read(z: &str, x: &str, y: &str) -> Answer<Self> {
        let refuse = |name, given: &str, max: u64| {
            let accepted = Words::new(
                format!("请填写 0 至 {max} 的整数"),
                format!("write a whole number from 0 to {max}"),
            );
            ApiError::bad_parameter(name, given, accepted)
        };
        let number = |text: &str| text.parse::<u32>().ok();
        let zoom = number(z).filter(|z| *z <= ZOOM_MAX);
        let zoom = zoom.ok_or_else(|| refuse("z", z, ZOOM_MAX.into()))?;
        let max = (1_u32 << zoom) - 1;
        let along = |name, text: &str| {
            let number = number(text).filter(|number| *number <= max);
            number.ok_or_else(|| refuse(name, text, max.into()))
        };
        Ok(Self { z: zoom, x: along("x", x)?, y: along("y", y)? })
    }

    /// Where a point lies in the tile, in its units; `None` when it is not drawn in it.
    fn units(self, lon: f64, lat: f64) -> Option<[i32; 2]> {
        let side = f64::from(1_u32 << self.z);
        let lat = lat.to_radians();
        let x = (lon + 180.0) / 360.0 * side - f64::from(self.x);
        let y = (1.0 - lat.tan().asinh() / PI) / 2.0 * side - f64::from(self.y);
        let units = [x * EXTENT, y * EXTENT];
        let is_in = |units: &f64| (-MARGIN..=EXTENT + MARGIN).contains(units);
        units.iter().all(is_in).then(|| units.map(|units| units.round() as i32))
    }
}

fn draw(app: &AppState, tile: Tile, blocks: &[(i32, Arc<Block>)], hours: &[Timestamp]) -> Vec<u8> {
    let view = app.reader.view();
    let all = view.registry().places().iter().enumerate();
    let mut inside: Vec<(PlaceId, &Place, [i32; 2])> = all
        .filter_map(|(at, place)| {
            Some((PlaceId(at as u32), place, tile.units(place.lon, place.lat)?))
        })
        .collect();
    // Standard stations before others, then scattered evenly over the order of registration.
    inside.sort_by_key(|(id, place, _)| (grade(place.kind), id.0.reverse_bits()));
    let max = usize::try_from(app.limits.tile_places_max).unwrap_or(usize::MAX);
    let left_out = inside.len().saturating_sub(max);
    inside.truncate(max);
    let mut places = Layer::new("places");
    for (id, place, at) in &inside {
        let kind = serde_json::to_value(place.kind).unwrap_or_default();
        let mut tags = vec![
            ("key", Value::Text(&place.key)),
            ("kind", Value::Text(kind.as_str().unwrap_or_default())),
            ("zh", Value::Text(&place.name.zh)),
            ("en", Value::Text(&place.name.en)),
        ];
        let shown = hours.iter().find_map(|hour| {
            let (_, block) = blocks.iter().find(|(day, _)| *day == hour.utc_day())?;
            let (value, level) = block.at(*id, hour_of_day(*hour));
            Some((value?, level))
        });
        if let Some((value, level)) = shown {
            tags.extend([("value", Value::Number(value)), ("level", Value::Count(level.into()))]);
        }
        places.point(id.0.into(), *at, &tags);
    }
    let mut body = places.write();
    if left_out > 0 {
        let mut note = Layer::new("note");
        note.point(0, [EXTENT as i32 / 2; 2], &[("left_out", Value::Count(left_out as u64))]);
        body.extend(note.write());
    }
    body
}

fn grade(kind: PlaceKind) -> u8 {
    match kind {
        PlaceKind::AirStation | PlaceKind::WaterSite => 0,
        PlaceKind::MicroStation | PlaceKind::DustSite => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_lies_where_web_maps_have_it() {
        let tile = |z, x, y| Tile { z, x, y };
        assert_eq!(tile(0, 0, 0).units(0.0, 0.0), Some([2_048, 2_048]));
        assert_eq!(tile(1, 1, 0).units(0.0, 0.0), Some([0, 4_096]));
        assert_eq!(tile(1, 0, 0).units(90.0, 0.0), None);
        assert_eq!(tile(0, 0, 0).units(0.0, 90.0), None, "a pole lies on no tile");
    }

    #[test]
    fn tiles_outside_the_world_are_refused() {
        let check = |z, x, y, ok| assert_eq!(Tile::read(z, x, y).is_ok(), ok, "{z}/{x}/{y}");
        check("0", "0", "0", true);
        check("22", "4194303", "0", true);
        check("23", "0", "0", false);
        check("1", "2", "0", false);
        check("1", "0", "-1", false);
        check("one", "0", "0", false);
        check("4294967296", "0", "0", false);
    }
}
