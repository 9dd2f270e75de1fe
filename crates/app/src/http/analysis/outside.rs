//! Forecasts from outside in an answer: the newest run of each source, its record, the levels that it reaches.

use super::PLACES_MAX;
use super::warning::{Ahead, Outlook, outlook};
use crate::analysis::Hours;
use crate::http::error::{Answer, ApiError};
use crate::http::known::Moment;
use crate::http::state::{AppState, unreadable};
use crate::http::time::Instant;
use crate::outside::{Judged, OWN, SCORED_HOURS_MIN, Whose, judged};
use crate::words::Words;
use axum::http::StatusCode;
use draw::Language;
use engine::assess::Subject;
use model::{HOUR_MS, Parameter, Timestamp};
use serde::Serialize;
use serde_json::Value;
use space::forecast::{Forecast, LEADS, Method, Score};
use standards::Span;
use utoipa::ToSchema;

/// What a source outside forecasts.
#[derive(Serialize, ToSchema)]
pub struct OutsideAnswer {
    /// Its name, as it was imported.
    source: String,
    /// When its newest run was made.
    issued: Instant,
    /// When that run came, or its last change.
    received: Instant,
    /// Hours of that run.
    hours: Vec<OutsideHour>,
    /// Runs of the last 90 days that its record looks at.
    runs: usize,
    /// Whether older runs of these days were left off: a source has more of them than are read.
    runs_left_off: bool,
    /// Hours of them that could be judged on what was measured after.
    scored_hours: usize,
    /// Pairs of the record whose hour was over already when the run came: known afterwards, they prove little.
    late: usize,
    /// The record by bands of hours ahead: count, RMSE, MAE, bias, those of persistence on the same pairs, skill, share within its interval. Empty while it is not scored.
    #[schema(value_type = Vec<Object>)]
    scores: Value,
    /// Why there is no record; null when there is one.
    not_scored: Option<Words>,
    /// Daily indices by this pollutant alone, and the level of warning that they reach; null for other parameters.
    outlook: Option<Outlook>,
}

/// An hour as it is forecast outside.
#[derive(Serialize, ToSchema)]
pub struct OutsideHour {
    /// Its start.
    time: Instant,
    value: f64,
    /// The 90 % interval, when the source gives one.
    low: Option<f64>,
    high: Option<f64>,
}

/// How one way of forecasting did over the 72 hours, for a table of all of them.
#[derive(Serialize, ToSchema)]
pub struct ForecastRecord {
    /// Name of a source outside; null: one of the house's own ways.
    source: Option<String>,
    name: Words,
    /// Pairs of forecast and value.
    count: usize,
    rmse: f64,
    mae: f64,
    bias: f64,
    /// 1 − mean absolute error / persistence's on the same pairs.
    skill: Option<f64>,
    /// Share of values within the 90 % interval.
    within_90: Option<f64>,
}

/// Whose forecast a question asks for: of places by their mean, or of an area by its standard stations.
///
/// # Errors
/// As [`super::places`]; `no_station` for an area without one.
pub(super) fn whose(app: &AppState, given: Option<&str>) -> Answer<Whose> {
    if let Some(key) = given {
        let view = app.reader.view();
        let registry = view.registry();
        let is_area = || registry.areas.iter().any(|area| area.key == key);
        if registry.place_id(key).is_none() && is_area() {
            let today = app.district.zone.date(app.now()).map_err(|_| ApiError::broken())?;
            let span = Span::new(today, today).ok_or_else(ApiError::broken)?;
            let subject = Subject::area(registry, Some(key), span);
            let stations = subject.places().iter().filter_map(|id| registry.place(*id));
            let places: Vec<String> =
                stations.map(|place| place.key.clone()).take(PLACES_MAX).collect();
            if places.is_empty() {
                let words = Words::new("该区域没有标准站", "the area has no standard station");
                return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "no_station", words)
                    .with_hint("请选择点位或其他区域", "choose places or another area"));
            }
            return Ok(Whose { places, area: Some(key.to_owned()) });
        }
    }
    Ok(Whose { places: super::places(app, given)?, area: None })
}

/// The sources that speak of these places.
pub(super) fn sources(
    app: &AppState,
    whose: &Whose,
    one: &Parameter,
    hours: &Hours,
    moment: &Moment,
) -> Answer<Vec<Judged>> {
    let then = (moment.now, moment.known);
    judged(&app.reader, whose, &one.key, then, hours.series()).map_err(unreadable)
}

/// The source of a name.
///
/// # Errors
/// `unknown_source`, naming those that there are.
pub(super) fn named<'a>(sources: &'a [Judged], name: &str) -> Answer<&'a Judged> {
    let found = sources.iter().find(|own| own.newest.run.source == name);
    found.ok_or_else(|| {
        let names = sources.iter().map(|own| own.newest.run.source.as_str());
        let names: Vec<&str> = std::iter::once(OWN).chain(names).collect();
        let (zh, en) = (names.join("、"), names.join(", "));
        ApiError::unknown("unknown_source", "外来预报来源", "outside forecast", name).with_hint(
            format!("该点位与参数有：{zh}"),
            format!("of these places and this parameter there are {en}"),
        )
    })
}

/// What a run says of the hours ahead, for the warning levels.
pub(super) fn ahead(own: &Judged) -> Ahead {
    let run = &own.newest.run;
    let high = |said: &crate::outside::Said| said.interval.map_or(said.value, |[_, high]| high);
    Ahead {
        steps: run.hours.iter().map(|(hour, said)| (*hour, [said.value, high(said)])).collect(),
        doubt: Words::new(
            format!(
                "仅按此一种污染物，按外来预报 {}；无区间时高值等于中位；不构成预警",
                run.source
            ),
            format!(
                "by this pollutant alone and the outside forecast {}; without an interval the high equals the middle; no warning is issued by it",
                run.source
            ),
        ),
    }
}

impl OutsideAnswer {
    pub(super) fn of(app: &AppState, symbol: &str, hours: &Hours, own: &Judged) -> Answer<Self> {
        let run = &own.newest.run;
        let hour = |(hour, said): (&i64, &crate::outside::Said)| OutsideHour {
            time: Instant(Timestamp::from_ms(hour * HOUR_MS)),
            value: said.value,
            low: said.interval.map(|[low, _]| low),
            high: said.interval.map(|[_, high]| high),
        };
        let not_scored = own.bands.is_empty().then(|| {
            let have = own.hours;
            Words::new(
                format!("尚未评分：可与实测比对 {have} 小时，至少需要 {SCORED_HOURS_MIN} 小时"),
                format!(
                    "not yet scored: {have} hours can be compared with what was measured, {SCORED_HOURS_MIN} are needed"
                ),
            )
        });
        Ok(Self {
            source: run.source.clone(),
            issued: Instant(run.issued),
            received: Instant(own.newest.received),
            hours: run.hours.iter().map(hour).collect(),
            runs: own.runs,
            runs_left_off: own.is_cut,
            scored_hours: own.hours,
            late: own.late,
            scores: serde_json::to_value(&own.bands)
                .map_err(|error| ApiError::internal("write a score", &error))?,
            not_scored,
            outlook: outlook(app, symbol, hours, ahead(own)),
        })
    }
}

/// Every way of forecasting that has a record, the house's own first.
pub(super) fn record(forecast: &Forecast, sources: &[Judged]) -> Vec<ForecastRecord> {
    let own: Vec<&Score> =
        forecast.scores.iter().filter(|score| score.band == [1, LEADS]).collect();
    let stays = own.iter().find(|score| score.method == Method::Persistence).map(|own| own.mae);
    let of_house = own.iter().map(|score| {
        let said = |language| draw::method(score.method, language);
        ForecastRecord {
            source: None,
            name: Words::new(said(Language::Zh), said(Language::En)),
            count: score.count,
            rmse: score.rmse,
            mae: score.mae,
            bias: score.bias,
            skill: stays.filter(|mae| *mae > 0.0).map(|mae| 1.0 - score.mae / mae),
            within_90: Some(score.within_90),
        }
    });
    let of_source = |own: &Judged| {
        let score = own.whole()?;
        let name = own.newest.run.source.clone();
        Some(ForecastRecord {
            name: Words::new(&name, &name),
            source: Some(name),
            count: score.count,
            rmse: score.rmse,
            mae: score.mae,
            bias: score.bias,
            skill: score.skill,
            within_90: score.within_90,
        })
    };
    of_house.chain(sources.iter().filter_map(of_source)).collect()
}
