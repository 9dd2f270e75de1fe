//! How much of each day came: the capture calendar of a place.

use super::error::{Answer, ApiError, Problem};
use super::known::Moment;
use super::map::Hours;
use super::neighbours::no_place;
use super::state::{self, AppState};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jiff::civil::Date;
use model::{DatastreamId, HOUR_MS, Period, PlaceId, Registry, Statistic};
use serde::{Deserialize, Serialize};
use standards::Day;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(capture))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CaptureQuery {
    /// Key of a place.
    #[param(required, value_type = String)]
    place: Option<String>,
    /// A civil month, `2026-03`; or a year. This month without either.
    month: Option<String>,
    /// A civil year, `2026`.
    year: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// How much of each day came.
#[derive(Serialize, ToSchema)]
pub struct CaptureCalendar {
    place: String,
    /// Civil days up to today.
    days: Vec<CaptureDay>,
}

/// How much of one day came.
#[derive(Serialize, ToSchema)]
pub struct CaptureDay {
    #[schema(example = "2026-03-01")]
    day: String,
    /// Good hourly values, and hours that are over, by parameter.
    parameters: BTreeMap<String, CaptureCount>,
    /// All good values of all hours, 0 to 1; null where the place sends nothing hourly.
    share: Option<f64>,
}

/// Good hourly values of a day, and its hours.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct CaptureCount {
    have: u32,
    of: u32,
}

/// The capture of a place's hourly values, day by day.
#[utoipa::path(
    get, path = "/capture", tag = "readings", params(CaptureQuery),
    responses((status = 200, body = CaptureCalendar), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn capture(
    State(app): State<AppState>,
    query: Result<Query<CaptureQuery>, QueryRejection>,
) -> Answer<Json<CaptureCalendar>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let key = query.place.as_deref().ok_or_else(no_place)?;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let hourly = {
            let view = app.reader.view();
            hourly(view.registry(), state::place(view.registry(), key)?.0)
        };
        let days = days(app, query.month.as_deref(), query.year.as_deref())?;
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Ok(Json(CaptureCalendar { place: key.to_owned(), days: vec![] }));
        };
        let ids: Vec<DatastreamId> = hourly.values().flatten().copied().collect();
        let count = (last.end() - first.start()) / HOUR_MS;
        let hours = Hours::read(app, &ids, (first.start(), count as usize), moment.known)?;
        let over = moment.now.floor(HOUR_MS);
        let day = |day: &Day| {
            let end = day.end().min(over);
            let of = ((end - day.start()) / HOUR_MS).max(0);
            let count = |ids: &Vec<DatastreamId>| {
                let starts = (0..of).map(|hour| day.start() + hour * HOUR_MS);
                let have = starts.filter(|at| hours.good(ids, *at).is_some()).count() as u32;
                CaptureCount { have, of: of as u32 }
            };
            let counts = hourly.iter().map(|(parameter, ids)| (parameter.clone(), count(ids)));
            let parameters: BTreeMap<_, _> = counts.collect();
            let sum = |part: fn(&CaptureCount) -> u32| parameters.values().map(part).sum::<u32>();
            let (have, of) = (sum(|count| count.have), sum(|count| count.of));
            let share = (of > 0).then(|| f64::from(have) / f64::from(of));
            CaptureDay { day: day.to_string(), parameters, share }
        };
        Ok(Json(CaptureCalendar { place: key.to_owned(), days: days.iter().map(day).collect() }))
    })
    .await
}

/// The datastreams of hourly values of a place, by parameter.
fn hourly(registry: &Registry, place: PlaceId) -> BTreeMap<String, Vec<DatastreamId>> {
    let mut hourly: BTreeMap<String, Vec<DatastreamId>> = BTreeMap::new();
    let known = registry.datastreams_of(place).iter().filter_map(|id| registry.datastream(*id));
    for datastream in known {
        let is_value = matches!(datastream.key.statistic, Statistic::Mean | Statistic::Total);
        if is_value && datastream.key.period == Period::Hour {
            hourly.entry(datastream.key.parameter.clone()).or_default().push(datastream.id);
        }
    }
    hourly
}

/// The days of a month or a year, up to today.
fn days(app: &AppState, month: Option<&str>, year: Option<&str>) -> Answer<Vec<Day>> {
    let refuse = |name, text: &str| {
        let accepted = Words::new(
            "请用 month=2026-03 或 year=2026，二者取一",
            "write month=2026-03 or year=2026, one of them",
        );
        ApiError::bad_parameter(name, text, accepted)
    };
    let today = app.district.zone.date(app.now()).map_err(|_| refuse("month", "now"))?;
    let first_of = |name, text: &str, rest: &str| {
        let date = format!("{text}{rest}").parse::<Date>().ok();
        let date = date.filter(|date| (1..=9_000).contains(&date.year()));
        date.filter(|_| text.len() + rest.len() == 10).ok_or_else(|| refuse(name, text))
    };
    let (first, last) = match (month, year) {
        (Some(_), Some(year)) => return Err(refuse("year", year)),
        (None, Some(year)) => {
            let first = first_of("year", year, "-01-01")?;
            (first, first.last_of_year())
        }
        (Some(month), None) => {
            let first = first_of("month", month, "-01")?;
            (first, first.last_of_month())
        }
        (None, None) => (today.first_of_month(), today.last_of_month()),
    };
    let mut days = vec![];
    let mut date = first;
    while date <= last.min(today) {
        let day = app.district.zone.day(date);
        days.push(day.map_err(|_| refuse("month", &date.to_string()))?);
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    Ok(days)
}
