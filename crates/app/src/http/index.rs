//! The air quality index: now, by the hour, by the day, and how each was made. The law and the engine
//! judge; here their answers are written down.

mod district;
mod explain;

use super::error::{Answer, ApiError, Problem};
use super::known::{AsOf, Moment};
use super::state::{self, AppState};
use super::time::{Instant, Range, RangeLimit};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::index::{self, Judged, Scanned, Sources};
use model::{DAY_MS, HOUR_MS, PlaceId, PlaceKind, Registry, Timestamp};
use serde::{Deserialize, Serialize};
use standards::Said;
use standards::air::{IndexReport, Pollutant, ReportKind};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Hours after which a place that has fallen silent is no longer shown with its last hour.
const STALE_H: i64 = 3;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(now))
        .routes(routes!(hour))
        .routes(routes!(day))
        .routes(routes!(explain::explain))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NowQuery {
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The index of the newest hour, everywhere.
#[derive(Serialize, ToSchema)]
pub struct IndexNow {
    /// The edition in force now.
    #[schema(example = "HJ 633-2026")]
    edition: String,
    items: Vec<IndexNowItem>,
    district: DistrictIndex,
}

/// The index of a place's newest hour.
#[derive(Clone, Serialize, ToSchema)]
pub struct IndexNowItem {
    place: String,
    /// Start of the hour.
    hour: Option<Instant>,
    aqi: Option<u16>,
    level: Option<u8>,
    primary: Vec<&'static str>,
    /// Why there is no index, when there is none.
    reason: Option<Words>,
    /// What a place that measures only some of the six gives.
    partial: Option<Partial>,
}

/// The largest single index of a place that measures only some of the six: never called the AQI.
#[derive(Clone, Serialize, ToSchema)]
pub struct Partial {
    aqi: u16,
    level: Option<u8>,
    /// What it was made from.
    #[schema(example = json!(["PM2.5", "PM10"]))]
    of: Vec<&'static str>,
}

/// The index of the district: from the means over its standard air stations.
#[derive(Serialize, ToSchema)]
pub struct DistrictIndex {
    aqi: Option<u16>,
    level: Option<u8>,
    primary: Vec<&'static str>,
    /// Start of the hour.
    hour: Option<Instant>,
    /// Why there is no index, when there is none.
    reason: Option<Words>,
    /// The last 24 hours, oldest first.
    spark: Vec<Spark>,
}

/// One hour of the district.
#[derive(Serialize, ToSchema)]
pub struct Spark {
    /// Start of the hour.
    hour: Instant,
    aqi: Option<u16>,
}

/// The index of the newest hour of every place, and of the district.
#[utoipa::path(
    get, path = "/index/now", tag = "index", params(NowQuery),
    responses((status = 200, body = IndexNow), (status = 400, body = Problem))
)]
pub async fn now(
    State(app): State<AppState>,
    query: Result<Query<NowQuery>, QueryRejection>,
) -> Answer<Json<IndexNow>> {
    let Query(query) = query?;
    app.ask(move |app| newest(app, Moment::read(app, query.as_of.as_deref())?).map(Json)).await
}

/// The index of the newest hour, everywhere.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn newest(app: &AppState, moment: Moment) -> Answer<IndexNow> {
    let sites = sites(app, None, moment);
    let date = app.district.zone.date(moment.now).ok();
    let edition = date.and_then(|date| app.law.air_index(date));
    Ok(IndexNow {
        edition: edition.map_or_else(String::new, |edition| edition.edition().to_string()),
        items: sites.iter().map(|site| now_item(app, site)).collect::<Answer<_>>()?,
        district: district::now(app, &sites, moment)?,
    })
}

/// The index of the newest hour of some places, for those who listen.
pub fn now_of(app: &AppState, places: &[PlaceId]) -> Answer<Vec<IndexNowItem>> {
    sites(app, Some(places), Moment::now(app)).iter().map(|site| now_item(app, site)).collect()
}

fn now_item(app: &AppState, site: &Site) -> Answer<IndexNowItem> {
    let hour = site.hour;
    let judged = site.hour(app, hour)?;
    let Some(Judged { report, .. }) = judged else {
        return Ok(IndexNowItem {
            place: site.key.clone(),
            hour: None,
            aqi: None,
            level: None,
            primary: vec![],
            reason: Some(no_edition()),
            partial: None,
        });
    };
    Ok(IndexNowItem {
        place: site.key.clone(),
        hour: Some(Instant(hour)),
        aqi: report.aqi.as_ref().ok().copied(),
        level: report.level,
        primary: symbols(&report.primary),
        reason: report.aqi.as_ref().err().map(said),
        partial: site.partial(app, hour, &report),
    })
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SeriesQuery {
    /// Key of the place.
    #[param(required, value_type = String)]
    place: Option<String>,
    /// The first instant, RFC 3339, or a civil day.
    from: Option<String>,
    /// The first instant after the range, RFC 3339, or a civil day; now without it.
    to: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The index of a place over time.
#[derive(Serialize, ToSchema)]
pub struct IndexSeries {
    place: String,
    /// Set when it is shown as it was known at a past moment.
    as_of: Option<AsOf>,
    items: Vec<IndexItem>,
}

/// The index of one hour or day.
#[derive(Serialize, ToSchema)]
pub struct IndexItem {
    /// Start of the hour or the civil day.
    start: Instant,
    /// The edition that judged.
    edition: String,
    aqi: Option<u16>,
    level: Option<u8>,
    primary: Vec<&'static str>,
    /// The single indices.
    iaqi: BTreeMap<&'static str, Option<u16>>,
    /// The concentrations as the standard rounds them, as decimal text.
    concentration: BTreeMap<&'static str, Option<String>>,
    /// Why there is no index, when there is none.
    reason: Option<Words>,
    /// What a place that measures only some of the six gives.
    partial: Option<Partial>,
}

/// The index of each hour in a range.
#[utoipa::path(
    get, path = "/index/hour", tag = "index", params(SeriesQuery),
    responses((status = 200, body = IndexSeries), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn hour(
    State(app): State<AppState>,
    query: Result<Query<SeriesQuery>, QueryRejection>,
) -> Answer<Json<IndexSeries>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let site = site(app, query.place.as_deref(), moment)?;
        let limit = RangeLimit { name: "hourly_days_max", days_max: app.limits.hourly_days_max };
        let range = query.range(app, moment.now, DAY_MS, limit)?;
        let hours = site.hours(app, range)?;
        let items = hours.iter().map(|(start, judged)| site.item(app, *start, &judged.report));
        let as_of = moment.as_of;
        Ok(Json(IndexSeries { items: items.collect(), as_of, place: site.key.clone() }))
    })
    .await
}

/// The index of each civil day that begins in a range.
#[utoipa::path(
    get, path = "/index/day", tag = "index", params(SeriesQuery),
    responses((status = 200, body = IndexSeries), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn day(
    State(app): State<AppState>,
    query: Result<Query<SeriesQuery>, QueryRejection>,
) -> Answer<Json<IndexSeries>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let site = site(app, query.place.as_deref(), moment)?;
        let limit = RangeLimit { name: "daily_days_max", days_max: app.limits.daily_days_max };
        let range = query.range(app, moment.now, 30 * DAY_MS, limit)?;
        let whole = Range { from: range.from, to: range.to + DAY_MS };
        let scanned = site.scanned(app, ReportKind::Day, whole)?;
        let mut items = Vec::new();
        let mut at = range.from;
        while at < range.to {
            let Ok(day) = app.district.zone.day_of(at) else { break };
            at = day.end();
            if day.start() >= range.from
                && let Some(judged) = site.day(app, &scanned, day.start())?
            {
                items.push(site.item(app, day.start(), &judged.report));
            }
        }
        Ok(Json(IndexSeries { items, as_of: moment.as_of, place: site.key.clone() }))
    })
    .await
}

impl SeriesQuery {
    fn range(
        &self,
        app: &AppState,
        now: Timestamp,
        default_ms: i64,
        limit: RangeLimit,
    ) -> Answer<Range> {
        let (from, to) = (self.from.as_deref(), self.to.as_deref());
        Range::read(from, to, &app.district.zone, (now, default_ms), limit)
    }
}

/// A place whose index can be made.
struct Site {
    key: String,
    kind: PlaceKind,
    sources: Sources,
    /// The newest hour that is worth showing.
    hour: Timestamp,
    moment: Moment,
}

/// The place of a key, whether or not it has readings yet.
fn site(app: &AppState, key: Option<&str>, moment: Moment) -> Answer<Site> {
    let accepted = || {
        Words::new(
            "请填写点位的键；见 /api/v1/places",
            "write the key of a place; see /api/v1/places",
        )
    };
    let key = key.ok_or_else(|| ApiError::missing_parameter("place", accepted()))?;
    let view = app.reader.view();
    let (id, place) = state::place(view.registry(), key)?;
    let sources = index::sources_of(view.registry(), id);
    Ok(Site {
        key: key.to_owned(),
        kind: place.kind,
        sources,
        hour: moment.now.floor(HOUR_MS) - HOUR_MS,
        moment,
    })
}

/// The places that measure any of the six, with the hour that is newest there.
fn sites(app: &AppState, places: Option<&[PlaceId]>, moment: Moment) -> Vec<Site> {
    let view = app.reader.view();
    let registry: &Registry = view.registry();
    let over = moment.now.floor(HOUR_MS) - HOUR_MS;
    let all = 0..registry.places().len() as u32;
    let all = all.map(PlaceId).filter(|id| places.is_none_or(|places| places.contains(id)));
    let site = |id: PlaceId| {
        let place = registry.place(id)?;
        let sources = index::sources_of(registry, id);
        let newest = sources.iter().flatten().filter_map(|id| view.latest(*id));
        let newest = newest.map(|reading| reading.time.floor(HOUR_MS)).max()?;
        // The hour that is over now, unless its readings have not come yet.
        let hour = if newest < over - STALE_H * HOUR_MS { over } else { newest.min(over) };
        Some(Site { key: place.key.clone(), kind: place.kind, sources, hour, moment })
    };
    all.filter_map(site).collect()
}

impl Site {
    /// The hours from `from` to `to` and as many before as a report of that kind looks at, read once.
    fn scanned(&self, app: &AppState, kind: ReportKind, range: Range) -> Answer<Scanned> {
        let Range { from, to } = range;
        let editions = [from, to].map(|at| app.law.air_index(app.district.zone.date(at).ok()?));
        let before = editions.iter().flatten().map(|edition| edition.hours_before(kind)).max();
        let from = from - before.unwrap_or(0) as i64 * HOUR_MS;
        Scanned::read_known(&app.reader, &self.sources.concat(), (from, to), self.moment.known)
            .map_err(|error| ApiError::internal("read hours", &error))
    }

    /// The hour that starts at `start`; none where no edition was in force.
    fn hour(&self, app: &AppState, start: Timestamp) -> Answer<Option<Judged>> {
        Ok(self.hours(app, Range { from: start, to: start + HOUR_MS })?.remove(&start))
    }

    /// The hours of a range by their starts, from the one that holds its first instant on; none where no
    /// edition was in force.
    fn hours(&self, app: &AppState, range: Range) -> Answer<BTreeMap<Timestamp, Judged>> {
        let scanned = self.scanned(app, ReportKind::Hour, range)?;
        let mut judged = BTreeMap::new();
        let mut start = range.from.floor(HOUR_MS);
        while start < range.to {
            let zone = &app.district.zone;
            let hour = index::hour(&scanned, &app.law, zone, self.kind, &self.sources, start);
            judged.extend(judged_or_none(hour)?.map(|hour| (start, hour)));
            start = start + HOUR_MS;
        }
        Ok(judged)
    }

    /// The day that holds an instant; none where no edition was in force.
    fn day(&self, app: &AppState, scanned: &Scanned, at: Timestamp) -> Answer<Option<Judged>> {
        let zone = &app.district.zone;
        judged_or_none(index::day(scanned, &app.law, zone, self.kind, &self.sources, at))
    }

    fn item(&self, app: &AppState, start: Timestamp, report: &IndexReport) -> IndexItem {
        let rows = Pollutant::ALL.map(|pollutant| {
            let iaqi = report.iaqi(pollutant);
            let mut rows = report.rows.iter().filter(|row| row.pollutant == pollutant);
            let row =
                rows.clone().find(|row| iaqi.is_some() && row.iaqi == iaqi).or_else(|| rows.next());
            let concentration = row.and_then(|row| row.rounded).map(|rounded| rounded.to_string());
            (pollutant.symbol(), iaqi, concentration)
        });
        IndexItem {
            start: Instant(start),
            edition: report.edition.to_string(),
            aqi: report.aqi.as_ref().ok().copied(),
            level: report.level,
            primary: symbols(&report.primary),
            iaqi: rows.iter().map(|(symbol, iaqi, _)| (*symbol, *iaqi)).collect(),
            concentration: rows.into_iter().map(|(symbol, _, text)| (symbol, text)).collect(),
            reason: report.aqi.as_ref().err().map(said),
            partial: self.partial(app, start, report),
        }
    }

    /// What a place that measures only some of the six gives.
    fn partial(&self, app: &AppState, start: Timestamp, report: &IndexReport) -> Option<Partial> {
        let is_partial =
            self.kind != PlaceKind::AirStation && self.sources.iter().any(Vec::is_empty);
        let aqi = report.computed.filter(|_| is_partial && report.aqi.is_err())?;
        let date = app.district.zone.date(start).ok()?;
        let level = app.law.air_index(date)?.category(aqi).map(|category| category.level);
        let of = Pollutant::ALL.into_iter().filter(|pollutant| report.iaqi(*pollutant).is_some());
        Some(Partial { aqi, level, of: of.map(Pollutant::symbol).collect() })
    }
}

fn judged_or_none(judged: Result<Judged, index::Error>) -> Answer<Option<Judged>> {
    match judged {
        Ok(judged) => Ok(Some(judged)),
        Err(index::Error::NoEdition(_)) => Ok(None),
        Err(error) => Err(ApiError::internal("judge", &error)),
    }
}

fn symbols(pollutants: &[Pollutant]) -> Vec<&'static str> {
    pollutants.iter().map(|pollutant| pollutant.symbol()).collect()
}

fn said(what: &impl Said) -> Words {
    Words::new(what.zh(), what.en())
}

fn no_edition() -> Words {
    Words::new("该日期没有现行标准", "no edition was in force on this date")
}
