//! Snapshots of the map: a parameter at every place, hour by hour.

use super::hours::{block, sites};
use super::judge::{Shown, Subject};
use super::{DayVersion, HourRange, hour_of_day};
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
use model::HOUR_MS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FramesQuery {
    /// Key of a parameter: `aqi`, `pm25`, `nh3n`, …
    #[param(required, value_type = String)]
    parameter: Option<String>,
    /// The first instant, RFC 3339, or a civil day; floored to its hour. 24 hours before `to` without it.
    from: Option<String>,
    /// The first instant after the range; floored to its hour. The start of this hour without it.
    to: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// A parameter at every place, hour by hour.
#[derive(Serialize, ToSchema)]
pub struct Frames {
    /// Everything up to this entry of the log is in it.
    sequence: u64,
    parameter: String,
    /// Unit of the values; empty when the parameter is not in the table.
    unit: String,
    /// The editions that judged, oldest first, joined by a comma; null where no law gives a class.
    #[schema(example = "HJ 633-2026")]
    edition: Option<String>,
    /// Seconds from one snapshot to the next.
    step_s: i64,
    /// Start of the first hour.
    start: Instant,
    /// Hours.
    count: usize,
    /// Keys of the places that have the parameter; those that move are not among them.
    places: Vec<String>,
    /// For `aqi`, by place: whether it measures only some of the six, so that its values are the largest
    /// single index and not the AQI. All false for other parameters.
    partial: Vec<bool>,
    /// By place and hour; null is a gap.
    values: Vec<Vec<Option<f64>>>,
    /// By place one digit for each hour: 0 none, 1 to 6 the level of the index (of a pollutant, by its
    /// individual index) or the water class I to worse than V.
    #[schema(example = json!(["0016"]))]
    levels: Vec<String>,
}

/// The snapshots of a range of hours.
#[utoipa::path(
    get, operation_id = "map_frames", path = "/map/frames", tag = "map", params(FramesQuery),
    responses((status = 200, body = Frames), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn frames(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Result<Query<FramesQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        let key = query.parameter.as_deref().ok_or_else(no_parameter)?;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let hours = HourRange::read(app, moment.now, query.from.as_deref(), query.to.as_deref())?;
        let newest = app.reader.last_sequence().map_err(unreadable)?.0;
        let sequence = moment.as_of.map_or(newest, |as_of| as_of.sequence);
        let (subject, sites, keys, versions) = {
            let view = app.reader.view();
            let registry = view.registry();
            let subject = Subject::named(app, registry, key)?;
            let sites = sites(registry, &subject);
            let key = |id| registry.place(id).map_or_else(String::new, |place| place.key.clone());
            let keys: Vec<_> = sites.iter().map(|site| key(site.id)).collect();
            let versions: Vec<_> = hours.days().map(|day| DayVersion::of(&view, day)).collect();
            (subject, sites, keys, versions)
        };
        let cells = sites.len() as u64 * hours.count() as u64;
        if cells > app.limits.map_cells_max {
            return Err(ApiError::map_too_large(cells, app.limits.map_cells_max));
        }
        let asked = Asked::new(
            &headers,
            ("frames", &subject.key, hours, &versions, moment.as_of.map(|own| own.sequence)),
        );
        if asked.is_known() {
            return Ok(asked.unchanged());
        }
        let blocks = hours.days().zip(&versions);
        let blocks = blocks.map(|(day, version)| block(app, &subject, day, *version, moment.known));
        let blocks: Vec<_> = blocks.collect::<Answer<_>>()?;
        let first = hours.from.utc_day();
        let (mut values, mut levels) = (vec![], vec![]);
        for site in &sites {
            let mut row = Vec::with_capacity(hours.count());
            let mut digits = String::with_capacity(hours.count());
            for start in hours.starts() {
                let block = &blocks[(start.utc_day() - first) as usize];
                let (value, level) = block.at(site.id, hour_of_day(start));
                row.push(value);
                // Writing to a string cannot fail.
                let _ = write!(digits, "{level}");
            }
            values.push(row);
            levels.push(digits);
        }
        Ok(asked.json(&Frames {
            sequence,
            edition: editions(app, &subject, hours),
            parameter: subject.key,
            unit: subject.unit,
            step_s: HOUR_MS / 1_000,
            start: Instant(hours.from),
            count: hours.count(),
            partial: sites.iter().map(|site| site.is_partial).collect(),
            places: keys,
            values,
            levels,
        }))
    })
    .await
}

/// The answer to a question that names no parameter.
pub fn no_parameter() -> ApiError {
    let accepted = Words::new(
        "请填写参数的键；见 /api/v1/parameters",
        "write the key of a parameter; see /api/v1/parameters",
    );
    ApiError::missing_parameter("parameter", accepted)
}

/// The editions that judged, in the order of their hours.
fn editions(app: &AppState, subject: &Subject, hours: HourRange) -> Option<String> {
    let numbers: BTreeSet<String> = match subject.shown {
        Shown::Plain => return None,
        Shown::Water => {
            // `GB 3838-2002 Table 1, …`
            let item = app.law.water().limits().items().first()?;
            let mut words = item.source.text.split_whitespace();
            BTreeSet::from([format!("{} {}", words.next()?, words.next()?)])
        }
        Shown::Index | Shown::Pollutant(_) => [hours.from, hours.to - HOUR_MS]
            .into_iter()
            .filter_map(|at| app.law.air_index(app.district.zone.date(at).ok()?))
            .map(|edition| edition.edition().to_string())
            .collect(),
    };
    let numbers: Vec<_> = numbers.into_iter().collect();
    (!numbers.is_empty()).then(|| numbers.join(", "))
}
