//! Hot spots: ground that lies above its surroundings again and again, from the fields of many hours.

use super::HourRange;
use super::field::{Air, is_unsure, speaking, spread};
use super::frames::no_parameter;
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::state::{AppState, unreadable};
use crate::http::tag::Asked;
use crate::http::time::Instant;
use crate::words::Words;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use space::Plane;
use space::field::{Field, Grid};
use space::hot::{Cell, Hot, Search, hot_spots as search, hot_stretches};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Hours in one question.
const HOURS_MAX: usize = 14 * 24;
/// Side of the cells that are looked at first, m.
const COARSE_M: f64 = 1_000.0;
/// Side of the finest cells, m; fields are made with cells of this size.
const FINE_M: f64 = 250.0;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HotQuery {
    /// Key of a parameter of the air: `pm25`.
    #[param(required, value_type = String)]
    parameter: Option<String>,
    /// The first instant, RFC 3339, or a civil day; 24 hours before `to` without it.
    from: Option<String>,
    /// The first instant after the range, at most 14 days after `from`; now without it.
    to: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// Ground that lies above its surroundings again and again.
#[derive(Serialize, ToSchema)]
pub struct HotSpots {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    parameter: String,
    unit: String,
    from: Instant,
    to: Instant,
    /// Hours that went in.
    hours: usize,
    /// What counts as hot, and what was left out.
    note: Words,
    /// Squares of ground, hottest first.
    spots: Vec<HotSpot>,
    /// Stretches of roads, hottest first.
    stretches: Vec<HotSpot>,
    /// Why nothing could be judged.
    reason: Option<Words>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct HotSpot {
    /// Longitude and latitude of its middle.
    at: [f64; 2],
    /// Side or length, m.
    side_m: f64,
    /// Key of the area that it lies in, or of the road that it is a part of.
    within: Option<String>,
    /// Share of the hours in which it lay above: low end of 90 %, middle, high end.
    share: [f64; 3],
    /// By how much it lies above on average, as a share of its surroundings.
    excess: f64,
    /// Best and worst rank that it may have, from 1.
    rank: [usize; 2],
    /// Excess hour by hour, oldest first; null where nothing was known well enough.
    history: Vec<Option<f32>>,
}

/// Hot spots of a range of hours, ranked with intervals, each with its history.
#[utoipa::path(
    get, operation_id = "hot_spots", path = "/hot-spots", tag = "map", params(HotQuery),
    responses((status = 200, body = HotSpots), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn hot_spots(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Result<Query<HotQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    let _one = Arc::clone(&app.forecasts.one).acquire_owned().await;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let key = query.parameter.as_deref().ok_or_else(no_parameter)?;
        let range = HourRange::read(app, moment.now, query.from.as_deref(), query.to.as_deref())?;
        if range.count() > HOURS_MAX {
            let accepted = Words::new("一次最多 14 天", "14 days are the most at once");
            let given = query.from.as_deref().unwrap_or_default();
            return Err(ApiError::bad_parameter("from", given, accepted));
        }
        let newest = app.reader.last_sequence().map_err(unreadable)?.0;
        let sequence = moment.as_of.map_or(newest, |as_of| as_of.sequence);
        let air = Air::of(app, key, (range.from, range.to))?;
        let asked = Asked::new(
            &headers,
            ("hot", key, range, &air.versions, moment.as_of.map(|own| own.sequence)),
        );
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let mut answer = made(app, &air, &moment, range)?;
        answer.sequence = sequence;
        Ok(asked.json(&answer))
    })
    .await
}

/// Fields of all hours on one fine grid, and where its cells are on a plane.
struct Hourly {
    grid: Grid,
    plane: Plane,
    corner_m: [f64; 2],
    cell_m: [f64; 2],
    fields: Vec<Vec<Option<f64>>>,
}

impl Hourly {
    fn new(grid: Grid, fields: Vec<Vec<Option<f64>>>) -> Self {
        let plane = Plane::at(grid.bounds.middle());
        let corner_m = plane.metres([grid.bounds.west, grid.bounds.south]);
        let other_m = plane.metres([grid.bounds.east, grid.bounds.north]);
        let cell_m = [
            (other_m[0] - corner_m[0]) / grid.cols as f64,
            (other_m[1] - corner_m[1]) / grid.rows as f64,
        ];
        Self { grid, plane, corner_m, cell_m, fields }
    }

    fn value(&self, hour: usize, [x, y]: [f64; 2]) -> Option<f64> {
        let col = ((x - self.corner_m[0]) / self.cell_m[0]).floor();
        let up = ((y - self.corner_m[1]) / self.cell_m[1]).floor();
        let (cols, rows) = (self.grid.cols as f64, self.grid.rows as f64);
        if !(0.0..cols).contains(&col) || !(0.0..rows).contains(&up) {
            return None;
        }
        let row = self.grid.rows - 1 - up as usize;
        self.fields[hour][row * self.grid.cols + col as usize]
    }

    fn coarse(&self) -> Vec<Cell> {
        let width = self.cell_m[0] * self.grid.cols as f64;
        let height = self.cell_m[1] * self.grid.rows as f64;
        let count = |metres: f64| (metres / COARSE_M).ceil() as usize;
        let middle = |at: usize| (at as f64 + 0.5) * COARSE_M;
        let cells = (0..count(height)).flat_map(|up| (0..count(width)).map(move |col| (col, up)));
        cells
            .map(|(col, up)| Cell {
                at_m: [self.corner_m[0] + middle(col), self.corner_m[1] + middle(up)],
                side_m: COARSE_M,
            })
            .collect()
    }
}

fn made(app: &AppState, air: &Air, moment: &Moment, range: HourRange) -> Answer<HotSpots> {
    let told = air.told(app, moment)?;
    let process = told.process_over(range.from, range.to);
    let mut answer = empty(air, range);
    let Some(grid) = air.ground.grid_of(FINE_M) else {
        answer.reason = Some(Words::new(
            "没有导入区域边界，无法确定范围",
            "no area has a ring: there is no ground to look at",
        ));
        return Ok(answer);
    };
    let field = |at| {
        let now = speaking(air, &told, at).now;
        let range = spread(&now);
        let cells = Field::of(&process, &now).map(|field| field.grid(&grid))?;
        let sure = |cell: Option<space::field::Estimate>| {
            cell.filter(|cell| !is_unsure(air, cell, range)).map(|cell| cell.median)
        };
        Some(cells.into_iter().map(sure).collect::<Vec<_>>())
    };
    let empty_hour = vec![None; grid.cols * grid.rows];
    let fields: Vec<_> =
        range.starts().map(|at| field(at).unwrap_or_else(|| empty_hour.clone())).collect();
    answer.hours = fields.iter().filter(|cells| cells.iter().any(Option::is_some)).count();
    let hourly = Hourly::new(grid, fields);
    let settings = Search { side_min_m: FINE_M, ..Search::default() };
    let values = |hour: usize, at: [f64; 2]| hourly.value(hour, at);
    let spots = search(&hourly.coarse(), range.count(), values, &settings);
    let (areas, lines) = {
        let view = app.reader.view();
        (view.registry().areas.clone(), view.registry().lines.clone())
    };
    let area = |at: [f64; 2]| {
        let holds = |area: &&model::Area| {
            area.kind == model::AreaKind::SubDistrict && space::contains(&area.ring, at)
        };
        areas.iter().find(holds).map(|area| area.key.clone())
    };
    let plane = hourly.plane;
    answer.spots = spots.into_iter().map(|hot| written(hot, plane, area)).collect();
    let (cells, roads) = road_cells(&lines, plane);
    let stretches = hot_stretches(&cells, range.count(), values, &settings);
    let road = |hot: &Hot| {
        let at = cells.iter().position(|cell| *cell == hot.cell);
        at.map(|at| roads[at].clone())
    };
    answer.stretches = stretches
        .into_iter()
        .map(|hot| {
            let within = road(&hot);
            written(hot, plane, |_| within.clone())
        })
        .collect();
    if answer.hours < 12 {
        answer.reason = Some(Words::new(
            format!("只有 {} 个小时有值，至少需要 12 个", answer.hours),
            format!("only {} hours have values; 12 are needed", answer.hours),
        ));
    }
    Ok(answer)
}

fn empty(air: &Air, range: HourRange) -> HotSpots {
    HotSpots {
        sequence: 0,
        parameter: air.subject.key.clone(),
        unit: air.subject.unit.clone(),
        from: Instant(range.from),
        to: Instant(range.to),
        hours: 0,
        note: Words::new(
            "一半以上的小时高出周围一成以上为热点；连续三小时算一次观察；不确定的格子不参与；名次按区间给出",
            "Hot is what lies more than a tenth above the ring around it in half of the hours; three hours in a row are one look; unsure cells take no part; ranks are intervals",
        ),
        spots: vec![],
        stretches: vec![],
        reason: None,
    }
}

fn written(hot: Hot, plane: Plane, within: impl Fn([f64; 2]) -> Option<String>) -> HotSpot {
    let at = plane.degrees(hot.cell.at_m);
    HotSpot {
        at,
        side_m: hot.cell.side_m,
        within: within(at),
        share: hot.share,
        excess: hot.excess,
        rank: [hot.rank.0, hot.rank.1],
        history: hot.history.into_iter().map(|excess| excess.map(|e| e as f32)).collect(),
    }
}

/// Stretches of roads, and the key of the road of each.
fn road_cells(lines: &[model::Line], plane: Plane) -> (Vec<Cell>, Vec<String>) {
    let (mut cells, mut keys) = (vec![], vec![]);
    for line in lines.iter().filter(|line| line.kind == model::LineKind::Road) {
        let path: Vec<_> = line.path.iter().map(|point| plane.metres(*point)).collect();
        for piece in space::along::along(&path, &[], (FINE_M, 0.0), space::field::Grade::MOBILE) {
            let (Some(a), Some(b)) = (piece.path_m.first(), piece.path_m.last()) else { continue };
            let at_m = [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])];
            cells.push(Cell { at_m, side_m: FINE_M });
            keys.push(line.key.clone());
        }
    }
    (cells, keys)
}
