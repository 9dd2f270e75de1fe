//! Days, months, quarters, years or any span judged, item by item: statistic, limit, compliance, by how
//! much it exceeds, composite index, classes of days.

use super::compare::Days;
use super::dust::Dust;
use super::{
    EditionUsed, What, Whose, asked, bounded, edition, explain_url, failed, said, span, used,
};
use crate::http::error::{Answer, ApiError, Problem};
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
use standards::air::{Assessment, Averaging, ItemResult, PeriodStatistic, Pollutant};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Periods in one answer.
const PERIODS_MAX: usize = 400;

#[derive(Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// Key of a place; or `area`, or `district=1`.
    place: Option<String>,
    /// Key of an area, judged by its standard stations.
    area: Option<String>,
    /// `1`: the whole district, judged by its standard stations.
    district: Option<String>,
    /// `day`, `month`, `quarter`, `year` or `span`; hours are answered by `/index/hour`.
    #[param(required, value_type = String)]
    period: Option<String>,
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// `auto`, or a set of editions.
    pub edition: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    pub as_of: Option<String>,
}

/// The periods of a range.
#[derive(Serialize, ToSchema)]
pub struct Periods {
    what: What,
    #[schema(example = "month")]
    period: String,
    /// Set when it is shown as it was known at a past moment.
    as_of: Option<AsOf>,
    items: Vec<Period>,
    /// Days of dust weather that were listed for it.
    dust: Vec<Dust>,
}

/// One period judged.
#[derive(Serialize, ToSchema)]
#[schema(as = AssessedPeriod)]
pub struct Period {
    span: Days,
    edition: EditionUsed,
    /// Of a day.
    aqi: Option<u16>,
    level: Option<u8>,
    primary: Vec<&'static str>,
    /// Whether all six pollutants meet every limit; null where one could not be judged, or where no
    /// limit holds for such a span.
    meets: Option<bool>,
    rows: Vec<PeriodRow>,
    /// The composite index.
    composite: Option<String>,
    composite_reason: Option<Words>,
    /// Days that are over, with an index, good, heavy.
    days: PeriodDays,
    /// Why nothing was judged.
    reason: Option<Words>,
}

/// One statistic of one pollutant.
#[derive(Serialize, ToSchema)]
pub struct PeriodRow {
    #[schema(example = "PM2.5")]
    item: &'static str,
    statistic: Words,
    value: Option<String>,
    unit: &'static str,
    /// Valid days, or 1 for a day.
    valid: u32,
    need: Option<u32>,
    of: u32,
    limit: Option<String>,
    exceed: Option<bool>,
    multiple: Option<String>,
    /// The value over the limit of the composite index.
    single_index: Option<String>,
    reason: Option<Words>,
    doubtful: bool,
    explain: String,
}

/// Days of a period.
#[derive(Default, Serialize, ToSchema)]
pub struct PeriodDays {
    judged: u32,
    assessed: u32,
    good: u32,
    heavy: u32,
    good_share: Option<String>,
    dust: u32,
}

/// The periods of a range, judged item by item.
#[utoipa::path(
    get, operation_id = "assess_period", path = "/assess/period", tag = "assess", params(PeriodQuery),
    responses((status = 200, body = Periods), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub(super) async fn period(
    State(app): State<AppState>,
    query: Result<Query<PeriodQuery>, QueryRejection>,
) -> Answer<Json<Periods>> {
    let Query(query) = query?;
    app.ask(move |app| periods(app, &query).map(Json)).await
}

/// Answers a question about periods.
///
/// # Errors
/// What is wrong with it.
pub fn periods(app: &AppState, query: &PeriodQuery) -> Answer<Periods> {
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let range = span(query.from.as_deref(), query.to.as_deref())?;
    let set = edition(app, query.edition.as_deref())?;
    let whose = Whose {
        place: query.place.as_deref(),
        area: query.area.as_deref(),
        district: query.district.as_deref(),
    };
    let period = query.period.clone().unwrap_or_default();
    let spans = spans(&period, range)?;
    let meant = whose.find(app, range)?;
    let all = spans.iter().fold(range, |all, span| {
        Span::new(all.first().min(span.first()), all.last().max(span.last())).unwrap_or(all)
    });
    bounded(app, all, meant.subject.places().len())?;
    let asked = asked(app, moment, set, &meant.dust.days);
    let days = asked.days(&meant.subject, all).map_err(failed)?;
    let mut items = Vec::new();
    for span in spans {
        items.push(one(&asked, &days, &meant.address, &period, span)?);
    }
    let dust = meant.dust.answer(all);
    Ok(Periods { what: meant.what, period, as_of: moment.as_of, items, dust })
}

/// The periods that hold the days of a range.
fn spans(period: &str, range: Span) -> Answer<Vec<Span>> {
    let of = |date: Date| match period {
        "day" => Span::new(date, date),
        "month" => Span::month(date.year(), date.month()),
        "quarter" => Span::quarter(date.year(), (date.month() + 2) / 3),
        "year" => Span::year(date.year()),
        _ => None,
    };
    if period == "span" {
        return Ok(vec![range]);
    }
    let mut spans = Vec::new();
    let mut date = range.first();
    while date <= range.last() {
        let Some(span) = of(date) else {
            let accepted = Words::new(
                "请用 day、month、quarter、year 或 span；小时见 /api/v1/index/hour",
                "write day, month, quarter, year or span; for hours see /api/v1/index/hour",
            );
            return Err(ApiError::bad_parameter("period", period, accepted));
        };
        spans.push(span);
        if spans.len() > PERIODS_MAX {
            return Err(ApiError::range_too_long(range.len().into(), "daily_days_max", 400));
        }
        let Ok(next) = span.last().tomorrow() else { break };
        date = next;
    }
    Ok(spans)
}

fn one(
    asked: &Asked<'_>,
    days: &BTreeMap<Date, Arc<Day>>,
    address: &str,
    period: &str,
    span: Span,
) -> Answer<Period> {
    let Some(judged) = asked.judge(days, span).map_err(failed)? else {
        return Ok(Period {
            span: Days::of(span),
            edition: used(asked, span.last(), false),
            aqi: None,
            level: None,
            primary: vec![],
            meets: None,
            rows: vec![],
            composite: None,
            composite_reason: None,
            days: PeriodDays::default(),
            reason: Some(super::calendar::no_edition()),
        });
    };
    let day = days.get(&span.first()).filter(|_| period == "day");
    let values = day.map(|day| &day.values);
    let rows = if period == "day" {
        Pollutant::ALL
            .into_iter()
            .map(|pollutant| day_row(asked, day.map(Arc::as_ref), address, pollutant, span))
            .collect::<Answer<_>>()?
    } else {
        judged.evaluation.items.iter().map(|item| row(asked, &judged, item, address)).collect()
    };
    let counts = &judged.evaluation.days;
    let reason = match day {
        Some(day) => day.reason.as_ref().map(said),
        None if counts.all == 0 => Some(said(&standards::air::NotAssessed::NoData)),
        None => None,
    };
    Ok(Period {
        span: Days::of(span),
        edition: used(asked, span.last(), judged.is_doubtful()),
        aqi: values.and_then(|values| values.aqi),
        level: values.and_then(|values| values.level),
        primary: values.map_or_else(Vec::new, |values| {
            values.primary.iter().map(|pollutant| pollutant.symbol()).collect()
        }),
        meets: judged.evaluation.meets,
        rows,
        composite: judged.composite.as_ref().ok().map(|own| own.rounded.fixed(own.decimals)),
        composite_reason: judged.composite.as_ref().err().map(said),
        days: PeriodDays {
            judged: counts.all,
            assessed: counts.valid,
            good: counts.good,
            heavy: counts.heavy,
            good_share: counts.good_percent.map(|share| share.fixed(1)),
            dust: judged.dust_days,
        },
        reason,
    })
}

fn row(asked: &Asked<'_>, judged: &Assessment, item: &ItemResult, address: &str) -> PeriodRow {
    let pollutant = item.pollutant;
    let id = asked.set.map_or("auto", |set| set.name());
    let is_main =
        judged.evaluation.headline(pollutant).is_some_and(|own| own.statistic == item.statistic);
    let single = judged.composite.as_ref().ok().filter(|_| is_main).and_then(|composite| {
        composite.singles.iter().find(|single| single.pollutant == pollutant)
    });
    debug_assert!(matches!(item.statistic, PeriodStatistic::Mean | PeriodStatistic::Percentile(_)));
    PeriodRow {
        item: pollutant.symbol(),
        statistic: super::words(&item.statistic.name()),
        value: item
            .rounded
            .filter(|_| item.reason.is_none())
            .map(|value| value.fixed(judged.decimals(pollutant))),
        unit: pollutant.unit(),
        valid: item.have.into(),
        need: item.need.map(u32::from),
        of: item.of.into(),
        limit: item.limit.map(|limit| limit.to_string()),
        exceed: item.meets.map(|meets| !meets),
        multiple: item.exceedance.map(|multiple| multiple.fixed(2)),
        single_index: single.map(|single| single.index.fixed(4)),
        reason: item.reason.as_ref().map(said),
        doubtful: !item.doubts.is_empty(),
        explain: explain_url(address, pollutant.symbol(), judged.span, id),
    }
}

/// A pollutant's day against the limit of a day.
fn day_row(
    asked: &Asked<'_>,
    day: Option<&Day>,
    address: &str,
    pollutant: Pollutant,
    span: Span,
) -> Answer<PeriodRow> {
    let exact = |error: standards::ExactError| failed(error.into());
    let set = asked.set_on(span.first());
    let id = asked.set.map_or("auto", |set| set.name());
    let averaging = if pollutant == Pollutant::O3 { Averaging::DailyMax8h } else { Averaging::Day };
    let limits = set.map(|set| set.limits(asked.law.settings().grade()));
    let limit = limits.and_then(|limits| {
        let row = limits.limits.on(limits.date, pollutant.symbol(), averaging)?;
        Some(row.value(limits.grade))
    });
    let value = day.and_then(|day| day.values.values[pollutant.index()]);
    let places = set.map_or(0, |set| set.index.decimals(pollutant));
    let rounded = value.map(|value| value.half_even(places)).transpose().map_err(exact)?;
    let multiple = match rounded.zip(limit) {
        Some((value, limit)) if value > limit => {
            Some(value.minus(&limit).and_then(|above| above.over(&limit)).map_err(exact)?)
        }
        _ => None,
    };
    let statistic = if pollutant == Pollutant::O3 {
        Words::new("日最大8小时滑动平均", "daily maximum 8 h mean")
    } else {
        Words::new("24小时平均", "24 h mean")
    };
    let doubts = day.map_or(&[][..], |day| &day.values.doubts);
    Ok(PeriodRow {
        item: pollutant.symbol(),
        statistic,
        value: rounded.map(|value| value.fixed(places)),
        unit: pollutant.unit(),
        valid: u32::from(value.is_some()),
        need: None,
        of: 1,
        limit: limit.map(|limit| limit.to_string()),
        exceed: rounded.zip(limit).map(|(value, limit)| value > limit),
        multiple: multiple.map(|multiple| multiple.fixed(2)),
        single_index: None,
        reason: value.is_none().then(|| said(&standards::air::NotAssessed::NoData)),
        doubtful: doubts.iter().any(|(own, _)| own.is_none_or(|own| own == pollutant)),
        explain: explain_url(address, "aqi", span, id),
    })
}
