//! What a parameter may be between the places that measure it: a small picture over the areas.

use super::frames::no_parameter;
use super::hours::{Block, Site, block, sites};
use super::judge::{Shown, Subject};
use super::{DayVersion, colours, hour_of_day};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::state::{AppState, unreadable};
use crate::http::tag::Asked;
use crate::http::time::{Instant, instant};
use crate::words::Words;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::{AreaKind, HOUR_MS, PlaceKind, Registry, Timestamp};
use serde::{Deserialize, Serialize};
use space::field::{Doubt, Grid, Method, Sample, inverse_distance, reach_m, screen};
use space::{Bounds, distance_m};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// The way from samples to a field; another one (kriging) is put in here.
const METHOD: (&str, Method) = ("inverse_distance", inverse_distance);
/// Side of a cell where nobody asks for another, m.
const CELL_M: f64 = 100.0;
/// Columns that may be asked for.
const COLS: std::ops::RangeInclusive<usize> = 8..=512;
/// Rows, whatever the shape of the district.
const ROWS_MAX: usize = 1_024;
/// Hours that are looked back at to see whether a sensor hangs.
const LOOK_BACK_H: i64 = 8;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FieldQuery {
    /// Key of a parameter of the air: `pm25`. Not an index, not a direction.
    #[param(required, value_type = String)]
    parameter: Option<String>,
    /// An instant within the hour, RFC 3339; the newest hour that is over without it.
    at: Option<String>,
    /// Columns, 8 to 512; cells of about 100 m without it.
    #[param(value_type = Option<u16>)]
    cols: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// What a parameter may be between the places that measure it.
#[derive(Serialize, ToSchema)]
pub struct Field {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    parameter: String,
    unit: String,
    /// Start of the hour.
    at: Instant,
    #[schema(example = "inverse_distance")]
    method: &'static str,
    /// How the field was made, with its numbers.
    method_note: Words,
    /// Keys of the places that went in.
    stations: Vec<String>,
    left_out: Vec<LeftOut>,
    /// Outer edges: west, south, east, north in degrees, WGS 84.
    bbox: [f64; 4],
    cols: usize,
    rows: usize,
    /// The value that 1 stands for.
    lo: f64,
    /// The value that 255 stands for.
    hi: f64,
    /// Base64 of one byte a cell, row by row from the north-western corner: 0 unknown, else
    /// `lo + (byte - 1) / 254 × (hi - lo)`.
    values: String,
    /// Values with the colour that begins there: those of the levels of the index for its pollutants,
    /// else a scale from `lo` to `hi`.
    ramp: Vec<(f64, String)>,
    /// Why every cell is unknown, when all are.
    reason: Option<Words>,
}

/// A place whose value did not go in.
#[derive(Serialize, ToSchema)]
pub struct LeftOut {
    place: String,
    reason: Words,
}

/// The field of one hour, inside the district's areas.
#[utoipa::path(
    get, path = "/map/field", tag = "map", params(FieldQuery),
    responses((status = 200, body = Field), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn field(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Result<Query<FieldQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        let zone = &app.district.zone;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let key = query.parameter.as_deref().ok_or_else(no_parameter)?;
        let at = query.at.as_deref().map(|text| instant("at", text, zone)).transpose()?;
        let at = at.unwrap_or(moment.now - HOUR_MS).floor(HOUR_MS);
        let cols = query.cols.as_deref().map(cols).transpose()?;
        let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
        let (subject, ground, sites, versions) = {
            let view = app.reader.view();
            let registry = view.registry();
            let subject = Subject::named(app, registry, key)?;
            refuse(&subject)?;
            let sites: Vec<_> = sites(registry, &subject)
                .into_iter()
                .filter_map(|site| station(registry, site))
                .collect();
            let days = [(at - LOOK_BACK_H * HOUR_MS).utc_day(), at.utc_day()];
            let versions = days.map(|day| (day, DayVersion::of(&view, day)));
            (subject, Ground::of(registry), sites, versions)
        };
        let asked = Asked::new(
            &headers,
            ("field", &subject.key, at, cols, &versions, moment.as_of.map(|own| own.sequence)),
        );
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let block = |day, version| block(app, &subject, day, version, moment.known);
        let days = versions.map(|(day, version)| Ok((day, block(day, version)?)));
        let days = days.into_iter().collect::<Answer<Vec<_>>>()?;
        let mut field = make(app, &subject, &sites, &days, &ground, (at, cols));
        field.sequence = sequence;
        Ok(asked.json(&field))
    })
    .await
}

fn cols(text: &str) -> Answer<usize> {
    let given = text.parse().ok().filter(|cols| COLS.contains(cols));
    given.ok_or_else(|| {
        let (low, high) = (COLS.start(), COLS.end());
        let accepted = Words::new(
            format!("请填写 {low} 至 {high} 的整数"),
            format!("write a whole number from {low} to {high}"),
        );
        ApiError::bad_parameter("cols", text, accepted)
    })
}

/// An index is computed from concentrations and a direction goes round: neither has a mean between two
/// places. Water is not between them.
fn refuse(subject: &Subject) -> Answer<()> {
    let has_none = subject.shown == Shown::Index
        || subject.shown == Shown::Water
        || matches!(subject.key.as_str(), "wind_dir" | "longitude" | "latitude");
    if !has_none {
        return Ok(());
    }
    let accepted = Words::new(
        "请用空气中的浓度、温度等参数，例如 pm25；指数、方向和水质没有点位之间的值",
        "ask for a concentration or a temperature of the air, for example pm25; an index, a direction and water have no value between places",
    );
    Err(ApiError::bad_parameter("parameter", &subject.key, accepted))
}

/// A place that measures the air, and how far it is trusted.
struct Station {
    site: Site,
    key: String,
    at: [f64; 2],
    weight: f64,
}

fn station(registry: &Registry, site: Site) -> Option<Station> {
    let place = registry.place(site.id)?;
    let weight = match place.kind {
        PlaceKind::AirStation | PlaceKind::WeatherStation => 1.0,
        PlaceKind::MicroStation => 0.25,
        PlaceKind::DustSite => 0.1,
        _ => return None,
    };
    Some(Station { key: place.key.clone(), at: [place.lon, place.lat], weight, site })
}

/// The rings inside which there is a field: the sub-districts, or what else there is but premises.
struct Ground(Vec<Vec<[f64; 2]>>);

impl Ground {
    fn of(registry: &Registry) -> Self {
        let drawn = || registry.areas.iter().filter(|area| area.ring.len() > 2);
        let is_sub = |area: &&model::Area| area.kind == AreaKind::SubDistrict;
        let mut rings: Vec<_> = drawn().filter(is_sub).map(|area| area.ring.clone()).collect();
        if rings.is_empty() {
            let others = drawn().filter(|area| area.kind != AreaKind::Premises);
            rings = others.map(|area| area.ring.clone()).collect();
        }
        Self(rings)
    }

    /// The grid over the rings; `None` where there is no ground.
    fn grid(&self, cols: Option<usize>) -> Option<Grid> {
        let bounds = space::bounds(self.0.iter().flatten().copied())?;
        let Bounds { west, south, east, north } = bounds;
        let middle = bounds.middle()[1];
        let width_m = distance_m([west, middle], [east, middle]);
        let height_m = distance_m([west, south], [west, north]);
        if width_m <= 0.0 || height_m <= 0.0 {
            return None;
        }
        let usual = (width_m / CELL_M).ceil() as usize;
        let cols = cols.unwrap_or(usual.clamp(*COLS.start(), *COLS.end()));
        let rows = ((height_m / width_m * cols as f64).round() as usize).clamp(1, ROWS_MAX);
        let rings: Vec<&[[f64; 2]]> = self.0.iter().map(Vec::as_slice).collect();
        Some(Grid::within(bounds, cols, rows, &rings))
    }
}

fn make(
    app: &AppState,
    subject: &Subject,
    stations: &[Station],
    days: &[(i32, Arc<Block>)],
    ground: &Ground,
    (at, cols): (Timestamp, Option<usize>),
) -> Field {
    let measured: Vec<_> =
        stations.iter().filter_map(|station| Some((station, sample(station, days, at)?))).collect();
    let samples: Vec<_> = measured.iter().map(|(_, sample)| sample.clone()).collect();
    let (mut used, mut keys, mut left_out) = (vec![], vec![], vec![]);
    for ((station, sample), doubt) in measured.into_iter().zip(screen(&samples)) {
        if let Some(doubt) = doubt {
            left_out.push(LeftOut { place: station.key.clone(), reason: said(doubt) });
        } else {
            used.push(sample);
            keys.push(station.key.clone());
        }
    }
    let reach = reach_m(&used);
    let grid = ground.grid(cols);
    let cells = grid.as_ref().map_or_else(Vec::new, |grid| METHOD.1(&used, grid, reach));
    let known = cells.iter().flatten();
    let lo = known.clone().copied().fold(f64::INFINITY, f64::min);
    let hi = known.copied().fold(f64::NEG_INFINITY, f64::max);
    let digits = |value: f64| (value * 1e6).round() / 1e6;
    let (lo, hi) = if lo > hi { (0.0, 0.0) } else { (digits(lo), digits(hi)) };
    let byte = |cell: &Option<f64>| match cell {
        None => 0,
        Some(_) if hi <= lo => 1,
        Some(value) => 1 + ((value - lo) / (hi - lo) * 254.0).round().clamp(0.0, 254.0) as u8,
    };
    let bytes: Vec<u8> = cells.iter().map(byte).collect();
    let reason = reason(grid.is_some(), &keys, bytes.iter().all(|byte| *byte == 0));
    Field {
        sequence: 0,
        parameter: subject.key.clone(),
        unit: subject.unit.clone(),
        at: Instant(at),
        method: METHOD.0,
        method_note: note(reach),
        stations: keys,
        left_out,
        bbox: grid.as_ref().map_or([0.0; 4], |grid| {
            let Bounds { west, south, east, north } = grid.bounds;
            [west, south, east, north]
        }),
        cols: grid.as_ref().map_or(0, |grid| grid.cols),
        rows: grid.as_ref().map_or(0, |grid| grid.rows),
        lo,
        hi,
        values: base64(&bytes),
        ramp: colours::ramp(app, subject, at, lo, hi),
        reason,
    }
}

/// What a station says of the hour, and since when it has said exactly that.
fn sample(station: &Station, days: &[(i32, Arc<Block>)], at: Timestamp) -> Option<Sample> {
    let value_at = |at: Timestamp| {
        let day = days.iter().find(|(day, _)| *day == at.utc_day());
        day.and_then(|(_, block)| block.at(station.site.id, hour_of_day(at)).0)
    };
    let value = value_at(at)?;
    let before = (1..=LOOK_BACK_H).map(|hours| value_at(at - hours * HOUR_MS));
    let same = before.take_while(|before| *before == Some(value)).count();
    Some(Sample {
        at: station.at,
        value,
        weight: station.weight,
        is_reference: station.site.kind == PlaceKind::AirStation,
        unchanged_h: same as u32 + 1,
    })
}

fn said(doubt: Doubt) -> Words {
    match doubt {
        Doubt::Unchanged { hours } => Words::new(
            format!("连续 {hours} 小时数值完全不变，疑似传感器卡死"),
            format!("exactly the same value for {hours} hours: the sensor may hang"),
        ),
        Doubt::Alone { neighbours } => Words::new(
            format!("与最近 5 个点位的中位数 {neighbours:.1} 相差数倍，疑似传感器故障"),
            format!(
                "several times off the median {neighbours:.1} of its 5 nearest: the sensor may be broken"
            ),
        ),
    }
}

fn note(reach_m: f64) -> Words {
    let km = reach_m / 1_000.0;
    Words::new(
        format!(
            "反距离平方加权；每个点位影响 {km:.1} 千米以内，其外未知；权重：标准站、气象站 1，微站 0.25，扬尘监测点 0.1"
        ),
        format!(
            "Inverse square of the distance; a place reaches {km:.1} km, beyond is unknown; weights: standard and weather stations 1, micro-stations 0.25, dust monitors 0.1"
        ),
    )
}

fn reason(has_ground: bool, used: &[String], is_all_unknown: bool) -> Option<Words> {
    if !has_ground {
        return Some(Words::new(
            "没有导入区域边界，无法确定范围",
            "no area has a ring: there is no ground to fill",
        ));
    }
    if used.is_empty() {
        return Some(Words::new(
            "该小时没有点位的有效数值",
            "no place has a good value for this hour",
        ));
    }
    is_all_unknown.then(|| {
        Words::new("区域内没有足够近的点位", "no place stands near enough to any of the areas")
    })
}

/// Base64 as of RFC 4648, section 4, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { letter as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let check = |text: &str, expected| assert_eq!(base64(text.as_bytes()), expected);
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foobar", "Zm9vYmFy");
        assert_eq!(base64(&[0, 255, 254]), "AP/+");
    }
}
