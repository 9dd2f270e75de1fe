//! What a parameter may be between the places that measure it: a small picture over the areas, with how sure it is.

mod air;
mod ground;
mod made;

pub use air::Air;
pub use ground::Ground;
pub use made::{is_unsure, speaking, spread};

use super::colours;
use super::frames::no_parameter;
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
use ground::COLS;
use made::{Made, Method, make};
use model::{HOUR_MS, Timestamp};
use serde::{Deserialize, Serialize};
use space::Bounds;
use space::field::Grid;
use utoipa::{IntoParams, ToSchema};

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
    /// `field` (a Gaussian process, the usual one), `kriging`, `idw` or `nearest`.
    method: Option<String>,
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
    #[schema(example = "field")]
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
    /// How sure the cells are; null for the methods that do not know.
    interval: Option<Interval>,
    /// Values with the colour that begins there: those of the levels of the index for its pollutants,
    /// else a scale from `lo` to `hi`.
    ramp: Vec<(f64, String)>,
    /// Why every cell is unknown, when all are.
    reason: Option<Words>,
}

/// The 90 % interval of each cell.
#[derive(Serialize, ToSchema)]
pub struct Interval {
    /// One in twenty is below.
    low: Cells,
    /// One in twenty is above.
    high: Cells,
    /// Base64 of one bit a cell, the lowest bit first: 1 where the interval is so wide that the mean says little.
    unsure: String,
    /// Share of the known cells that are unsure, 0 to 1.
    unsure_share: f64,
}

/// Values of cells, packed as those of the field.
#[derive(Serialize, ToSchema)]
pub struct Cells {
    lo: f64,
    hi: f64,
    values: String,
}

/// A place whose value did not go in.
#[derive(Serialize, ToSchema)]
pub struct LeftOut {
    place: String,
    reason: Words,
}

/// The field of one hour with its uncertainty, inside the district's areas.
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
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let key = query.parameter.as_deref().ok_or_else(no_parameter)?;
        let at = hour(app, &moment, query.at.as_deref())?;
        let cols = query.cols.as_deref().map(cols).transpose()?;
        let method = Method::named(query.method.as_deref())?;
        let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
        let air = Air::of(app, key, (at, at))?;
        let asked = Asked::new(
            &headers,
            (
                ("field 2", &air.subject.key, at, cols, method),
                &air.versions,
                moment.as_of.map(|own| own.sequence),
            ),
        );
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let told = air.told(app, &moment)?;
        let grid = air.ground.grid(cols);
        let made = make(app, &air, &told, &moment, (at, method), grid.as_ref())?;
        Ok(asked.json(&written(app, &air, (at, method), grid.as_ref(), made, sequence)))
    })
    .await
}

/// The hour that holds an instant; without one the newest that is over.
pub fn hour(app: &AppState, moment: &Moment, text: Option<&str>) -> Answer<Timestamp> {
    let at = text.map(|text| instant("at", text, &app.district.zone)).transpose()?;
    Ok(at.unwrap_or(moment.now - HOUR_MS).floor(HOUR_MS))
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

fn written(
    app: &AppState,
    air: &Air,
    (at, method): (Timestamp, Method),
    grid: Option<&Grid>,
    made: Made,
    sequence: u64,
) -> Field {
    let Cells { lo, hi, values } = packed(&made.mean);
    let is_all_unknown = made.mean.iter().all(Option::is_none);
    let reason = reason(grid.is_some(), &made.used, is_all_unknown);
    let known = made.mean.iter().flatten().count().max(1);
    let interval = made.interval.as_ref().map(|[low, high]| Interval {
        low: packed(low),
        high: packed(high),
        unsure: base64(&bits(&made.unsure)),
        unsure_share: made.unsure.iter().filter(|unsure| **unsure).count() as f64 / known as f64,
    });
    Field {
        sequence,
        parameter: air.subject.key.clone(),
        unit: air.subject.unit.clone(),
        at: Instant(at),
        method: method.name(),
        method_note: made.note,
        stations: made.used,
        left_out: made.left_out,
        bbox: grid.map_or([0.0; 4], |grid| {
            let Bounds { west, south, east, north } = grid.bounds;
            [west, south, east, north]
        }),
        cols: grid.map_or(0, |grid| grid.cols),
        rows: grid.map_or(0, |grid| grid.rows),
        lo,
        hi,
        values,
        interval,
        ramp: colours::ramp(app, &air.subject, at, lo, hi),
        reason,
    }
}

/// One byte a cell on a scale of its own.
fn packed(cells: &[Option<f64>]) -> Cells {
    let known = || cells.iter().flatten().copied();
    let lo = known().fold(f64::INFINITY, f64::min);
    let hi = known().fold(f64::NEG_INFINITY, f64::max);
    let digits = |value: f64| (value * 1e6).round() / 1e6;
    let (lo, hi) = if lo > hi { (0.0, 0.0) } else { (digits(lo), digits(hi)) };
    let byte = |cell: &Option<f64>| match cell {
        None => 0,
        Some(_) if hi <= lo => 1,
        Some(value) => 1 + ((value - lo) / (hi - lo) * 254.0).round().clamp(0.0, 254.0) as u8,
    };
    let bytes: Vec<u8> = cells.iter().map(byte).collect();
    Cells { lo, hi, values: base64(&bytes) }
}

/// Eight cells a byte, the lowest bit first.
fn bits(cells: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| {
        eight.iter().enumerate().fold(0, |byte, (bit, is)| byte | (u8::from(*is) << bit))
    };
    cells.chunks(8).map(byte).collect()
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
    fn cells_are_packed_eight_to_a_byte_and_unknown_ones_are_nought() {
        let is: Vec<bool> = (0..10).map(|at| at == 0 || at == 9).collect();
        assert_eq!(bits(&is), [1, 2]);
        let Cells { lo, hi, values } = packed(&[None, Some(10.0), Some(20.0)]);
        assert_eq!((lo, hi, values), (10.0, 20.0, base64(&[0, 1, 255])));
        assert_eq!(packed(&[None]).values, base64(&[0]));
    }

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
