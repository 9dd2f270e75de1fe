//! The mean of a parameter over each area, with an interval: what a sub-district as a whole breathes.

use super::field::{Air, hour, is_unsure, speaking, spread};
use super::frames::no_parameter;
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
use model::{AreaKind, Timestamp};
use serde::{Deserialize, Serialize};
use space::contains;
use space::field::Field;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AreasQuery {
    /// Key of a parameter of the air: `pm25`.
    #[param(required, value_type = String)]
    parameter: Option<String>,
    /// An instant within the hour, RFC 3339; the newest hour that is over without it.
    at: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The mean of a parameter over each area.
#[derive(Serialize, ToSchema)]
pub struct AreaMeans {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    parameter: String,
    unit: String,
    /// Start of the hour.
    at: Instant,
    items: Vec<AreaMean>,
}

/// The mean over one area.
#[derive(Serialize, ToSchema)]
pub struct AreaMean {
    area: String,
    name: Words,
    /// Mean over the ground of the area.
    mean: Option<f64>,
    /// One in twenty is below.
    low: Option<f64>,
    /// One in twenty is above.
    high: Option<f64>,
    /// Places inside it that spoke.
    stations: usize,
    /// The interval is so wide that the mean says little.
    unsure: bool,
    /// Why there is no mean.
    reason: Option<Words>,
}

/// The mean of a parameter over each area with its 90 % interval, from the field of the hour.
#[utoipa::path(
    get, operation_id = "area_means", path = "/map/areas", tag = "map", params(AreasQuery),
    responses((status = 200, body = AreaMeans), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn areas(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Result<Query<AreasQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let key = query.parameter.as_deref().ok_or_else(no_parameter)?;
        let at = hour(app, &moment, query.at.as_deref())?;
        let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
        let air = Air::of(app, key, (at, at))?;
        let asked = Asked::new(
            &headers,
            ("areas", key, at, &air.versions, moment.as_of.map(|own| own.sequence)),
        );
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let items = items(app, &air, &moment, at)?;
        Ok(asked.json(&AreaMeans {
            sequence,
            parameter: air.subject.key.clone(),
            unit: air.subject.unit.clone(),
            at: Instant(at),
            items,
        }))
    })
    .await
}

fn items(app: &AppState, air: &Air, moment: &Moment, at: Timestamp) -> Answer<Vec<AreaMean>> {
    let told = air.told(app, moment)?;
    let process = told.process(app, moment, at)?;
    let now = speaking(air, &told, at).now;
    let field = Field::of(&process, &now);
    let range = spread(&now);
    let areas = app.reader.view().registry().areas.clone();
    let item = |area: &model::Area| {
        let said = field.as_ref().filter(|_| area.ring.len() > 2);
        let said = said.and_then(|field| field.area(&[&area.ring]));
        let inside = air.stations.iter().zip(&now);
        let inside =
            inside.filter(|(one, now)| now.is_some() && contains(&area.ring, one.station.at));
        let reason = if area.ring.len() < 3 {
            Some(Words::new("没有导入边界", "its boundary was not imported"))
        } else if field.is_none() {
            Some(Words::new("该小时没有点位的有效数值", "no place has a good value for this hour"))
        } else {
            None
        };
        AreaMean {
            area: area.key.clone(),
            name: Words::from(&area.name),
            mean: said.map(|said| said.mean),
            low: said.map(|said| said.low),
            high: said.map(|said| said.high),
            stations: inside.count(),
            unsure: said.is_some_and(|said| is_unsure(air, &said, range)),
            reason: reason.filter(|_| said.is_none()),
        }
    };
    Ok(areas.iter().filter(|area| area.kind != AreaKind::Premises).map(item).collect())
}
