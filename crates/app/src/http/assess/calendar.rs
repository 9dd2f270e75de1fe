//! A year as a calendar: each day's index, or why it has none, and how many days of each class.

use super::dust::Dust;
use super::{EditionUsed, What, Whose, asked, bounded, edition, failed, said, used, year};
use crate::http::error::{Answer, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::assess::{Asked, Day};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::Span;
use standards::air::{DayCounts, Pollutant};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CalendarQuery {
    /// Key of a place; or `area`, or `district=1`.
    place: Option<String>,
    /// Key of an area, judged by its standard stations.
    area: Option<String>,
    /// `1`: the whole district, judged by its standard stations.
    district: Option<String>,
    /// A civil year; this year without it.
    year: Option<String>,
    /// `auto`: each day by the edition of its date; or a set of editions for the whole year.
    edition: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The days of a year.
#[derive(Serialize, ToSchema)]
pub struct Calendar {
    what: What,
    year: i16,
    /// Set when it is shown as it was known at a past moment.
    as_of: Option<AsOf>,
    edition: EditionUsed,
    days: Vec<CalendarDay>,
    counts: Counts,
    /// Days of dust weather that were listed for it.
    dust: Vec<Dust>,
}

/// One civil day.
#[derive(Serialize, ToSchema)]
pub struct CalendarDay {
    #[schema(example = "2026-03-01")]
    day: String,
    aqi: Option<u16>,
    /// 1 (best) to 6.
    level: Option<u8>,
    primary: Vec<&'static str>,
    /// Why there is no index, when there is none.
    reason: Option<Words>,
    /// A day of dust weather: out of means, kept in counts.
    dust: bool,
    /// Something of it rests on a row of law that nobody could establish well.
    doubtful: bool,
}

/// How many days of each class.
#[derive(Serialize, ToSchema)]
#[schema(as = DayCounts)]
pub struct Counts {
    /// Days with an index.
    assessed: u32,
    /// Days that are over and have none.
    not_assessed: u32,
    /// Days with an index up to 100.
    good: u32,
    /// Days with an index above 200.
    heavy: u32,
    /// By level, `1` to `6`.
    by_level: BTreeMap<String, u32>,
    /// By primary pollutant; those that tie are each counted.
    by_primary: BTreeMap<&'static str, u32>,
}

/// The year of a place, an area or the district as a calendar.
#[utoipa::path(
    get, operation_id = "assess_calendar", path = "/assess/calendar", tag = "assess", params(CalendarQuery),
    responses((status = 200, body = Calendar), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub(super) async fn calendar(
    State(app): State<AppState>,
    query: Result<Query<CalendarQuery>, QueryRejection>,
) -> Answer<Json<Calendar>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let span = year(app, query.year.as_deref())?;
        let set = edition(app, query.edition.as_deref())?;
        let whose = Whose {
            place: query.place.as_deref(),
            area: query.area.as_deref(),
            district: query.district.as_deref(),
        };
        let meant = whose.find(app, span)?;
        bounded(app, span, meant.subject.places().len())?;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let asked = asked(app, moment, set, &meant.dust.days);
        let known = asked.days(&meant.subject, span).map_err(failed)?;
        let is_empty = meant.subject.places().is_empty();
        let days = days_of(&asked, &known, span, is_empty)?;
        let doubtful = days.iter().any(|day| day.doubtful);
        Ok(Json(Calendar {
            dust: meant.dust.answer(span),
            what: meant.what,
            as_of: moment.as_of,
            year: span.first().year(),
            edition: used(&asked, span.last(), doubtful),
            counts: counts(&asked, &known, &days, span)?,
            days,
        }))
    })
    .await
}

/// Every day of a span, those without an index with their reason.
fn days_of(
    asked: &Asked<'_>,
    known: &BTreeMap<Date, Arc<Day>>,
    span: Span,
    is_empty: bool,
) -> Answer<Vec<CalendarDay>> {
    let today = asked.zone.date(asked.now).map_err(|error| failed(error.into()))?;
    let mut days = Vec::with_capacity(366);
    let mut date = span.first();
    while date <= span.last() {
        let day = known.get(&date);
        let reason = match day {
            Some(day) => day.reason.as_ref().map(said),
            None if date >= today => Some(Words::new("尚未结束", "not over yet")),
            None if is_empty => Some(no_stations()),
            None if asked.set_on(date).is_none() => Some(no_edition()),
            None => Some(said(&standards::air::NotAssessed::NoData)),
        };
        let values = day.map(|day| &day.values);
        days.push(CalendarDay {
            day: date.to_string(),
            aqi: values.and_then(|values| values.aqi),
            level: values.and_then(|values| values.level),
            primary: values.map_or_else(Vec::new, |values| {
                values.primary.iter().map(|pollutant| pollutant.symbol()).collect()
            }),
            reason,
            dust: asked.dust.contains(&date),
            doubtful: day.is_some_and(|day| day.doubtful),
        });
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    Ok(days)
}

fn counts(
    asked: &Asked<'_>,
    known: &BTreeMap<Date, Arc<Day>>,
    days: &[CalendarDay],
    span: Span,
) -> Answer<Counts> {
    let assessment = asked.judge(known, span).map_err(failed)?;
    let counts = assessment.map_or_else(DayCounts::default, |judged| judged.evaluation.days);
    let today = asked.zone.date(asked.now).map_err(|error| failed(error.into()))?.to_string();
    let over = days.iter().filter(|day| day.day < today).count() as u32;
    let by_level = (1..).zip(counts.by_level).map(|(level, n): (u8, _)| (level.to_string(), n));
    let by_primary = Pollutant::ALL.into_iter().zip(counts.by_primary);
    Ok(Counts {
        assessed: counts.valid,
        not_assessed: over.saturating_sub(counts.valid),
        good: counts.good,
        heavy: counts.heavy,
        by_level: by_level.collect(),
        by_primary: by_primary.map(|(pollutant, n)| (pollutant.symbol(), n)).collect(),
    })
}

pub(super) fn no_stations() -> Words {
    Words::new("该区域没有标准空气站", "there is no standard air station in the area")
}

pub(super) fn no_edition() -> Words {
    Words::new("该日期没有现行标准", "no edition was in force on this date")
}
