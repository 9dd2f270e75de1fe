//! What vehicles measured along the roads, stretch by stretch, with how often each was passed.

use super::frames::no_parameter;
use super::judge::{Shown, Subject, concentration_level};
use super::tracks::{Mover, movers, positions};
use crate::http::error::{Answer, Problem};
use crate::http::known::Moment;
use crate::http::state::{AppState, unreadable};
use crate::http::time::{Instant, Range, RangeLimit};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{DAY_MS, LineKind};
use serde::{Deserialize, Serialize};
use space::Plane;
use space::along::{OnWay, along};
use space::field::Grade;
use store::Known;
use utoipa::{IntoParams, ToSchema};

/// Length of a stretch, m.
const STRETCH_M: f64 = 250.0;
/// How far from the line of a road a vehicle on it may be: half its width, and what a receiver errs, m.
const BESIDE_M: f64 = 40.0;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StretchesQuery {
    /// Key of a parameter that vehicles measure: `pm25`.
    #[param(required, value_type = String)]
    parameter: Option<String>,
    /// The first instant, RFC 3339, or a civil day; 24 hours before `to` without it.
    from: Option<String>,
    /// The first instant after the range; now without it.
    to: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// What vehicles measured along the roads.
#[derive(Serialize, ToSchema)]
pub struct Stretches {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    parameter: String,
    unit: String,
    from: Instant,
    to: Instant,
    /// Stretches that somebody passed; the others are counted in `unpassed`.
    items: Vec<Stretch>,
    /// Stretches of roads that no vehicle passed.
    unpassed: usize,
}

/// One stretch.
#[derive(Serialize, ToSchema)]
pub struct Stretch {
    /// Key of the road.
    line: String,
    /// Its number along the road, from 0.
    number: usize,
    /// Longitude and latitude of its corners.
    path: Vec<[f64; 2]>,
    /// Values.
    count: usize,
    /// Passes of vehicles: one that stands still is one pass.
    passes: usize,
    mean: f64,
    /// One in twenty is below.
    low: f64,
    /// One in twenty is above.
    high: f64,
    /// The level 1 to 6 that the mean would have if it stood for an hour; 0 for none.
    level: u8,
}

/// Concentrations along roads from what vehicles measured, with passes and an interval for each stretch.
#[utoipa::path(
    get, operation_id = "stretches", path = "/map/stretches", tag = "map", params(StretchesQuery),
    responses((status = 200, body = Stretches), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn stretches(
    State(app): State<AppState>,
    query: Result<Query<StretchesQuery>, QueryRejection>,
) -> Answer<Json<Stretches>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let key = query.parameter.as_deref().ok_or_else(no_parameter)?;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let limit = RangeLimit { name: "map_days_max", days_max: app.limits.map_days_max };
        let (from, to) = (query.from.as_deref(), query.to.as_deref());
        let range = Range::read(from, to, &app.district.zone, (moment.now, DAY_MS), limit)?;
        let newest = app.reader.last_sequence().map_err(unreadable)?.0;
        let sequence = moment.as_of.map_or(newest, |as_of| as_of.sequence);
        let (subject, movers, roads) = {
            let view = app.reader.view();
            let registry = view.registry();
            let subject = Subject::named(app, registry, key)?;
            let roads = registry.lines.iter().filter(|line| line.kind == LineKind::Road);
            let roads: Vec<_> = roads.cloned().collect();
            (subject, movers(registry, key), roads)
        };
        let corner = roads.iter().find_map(|road| road.path.first()).copied();
        let plane = Plane::at(corner.unwrap_or_default());
        let samples = samples(app, &movers, (range, moment.known), plane)?;
        let (mut items, mut unpassed) = (vec![], 0);
        for road in &roads {
            let path: Vec<_> = road.path.iter().map(|point| plane.metres(*point)).collect();
            let pieces = along(&path, &samples, (STRETCH_M, BESIDE_M), Grade::MOBILE);
            for (number, piece) in pieces.into_iter().enumerate() {
                let Some([low, mean, high]) = piece.value else {
                    unpassed += 1;
                    continue;
                };
                items.push(Stretch {
                    line: road.key.clone(),
                    number,
                    path: piece.path_m.iter().map(|at| plane.degrees(*at)).collect(),
                    count: piece.count,
                    passes: piece.passes,
                    mean,
                    low,
                    high,
                    level: level(app, &subject, range, mean),
                });
            }
        }
        Ok(Json(Stretches {
            sequence,
            parameter: subject.key,
            unit: subject.unit,
            from: Instant(range.from),
            to: Instant(range.to),
            items,
            unpassed,
        }))
    })
    .await
}

fn samples(
    app: &AppState,
    movers: &[Mover],
    (range, known): (Range, Known),
    plane: Plane,
) -> Answer<Vec<OnWay>> {
    let mut samples = vec![];
    for (vehicle, mover) in movers.iter().enumerate() {
        let scanned = app.reader.scan_known(&mover.series, range.from, range.to, known);
        for (at_ms, lon, lat, value) in positions(&scanned.map_err(unreadable)?) {
            let Some(value) = value else { continue };
            let (at_s, at_m) = (at_ms as f64 / 1e3, plane.metres([lon, lat]));
            samples.push(OnWay { vehicle, at_s, at_m, value });
        }
    }
    Ok(samples)
}

fn level(app: &AppState, subject: &Subject, range: Range, mean: f64) -> u8 {
    let Shown::Pollutant(pollutant) = subject.shown else { return 0 };
    let date = app.district.zone.date(range.to).ok();
    date.map_or(0, |date| concentration_level(&app.law, date, pollutant, mean))
}
