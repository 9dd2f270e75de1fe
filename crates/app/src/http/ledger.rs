//! The ledger: what became of every frame and reading of a civil day.

use super::error::{Answer, ApiError, Problem};
use super::schema;
use super::state::{AppState, unreadable};
use super::time::{self, Instant, Range};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{Counted, HOUR_MS, LedgerEntry, LedgerTotals, Reason, Registry, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(ledger)).routes(routes!(rates))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// A civil day; today without it.
    day: Option<String>,
    /// How the rows are grouped.
    #[param(value_type = Option<By>)]
    by: Option<String>,
}

/// How rows are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// By hour of arrival.
    Hour,
    /// By device.
    Device,
    /// By reason.
    Reason,
}

/// What became of everything that arrived on a day.
#[derive(Clone, Serialize, ToSchema)]
pub struct Ledger {
    /// The civil day of arrival.
    #[schema(example = "2026-03-01")]
    pub day: String,
    /// Messages of protocols.
    pub frames: Account,
    /// Values inside them.
    pub readings: Account,
    /// Whether received = stored + duplicate + rejected + quarantined + in flight, for both.
    pub balanced: bool,
    /// The same, opened.
    pub rows: Vec<LedgerRow>,
}

/// received = stored + duplicate + rejected + quarantined + in flight.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub struct Account {
    received: u64,
    stored: u64,
    duplicate: u64,
    rejected: u64,
    quarantined: u64,
    in_flight: u64,
}

/// A count.
#[derive(Clone, Serialize, ToSchema)]
pub struct LedgerRow {
    /// Start of the hour of arrival, when grouped by it.
    hour: Option<Instant>,
    /// Name on the wire, when grouped by it; null for those who are not registered.
    device: Option<String>,
    unit: schema::Counted,
    disposition: schema::Disposition,
    /// Why, when grouped by it; null when there is nothing to explain.
    reason: Option<&'static str>,
    count: u64,
}

/// The ledger of a civil day.
#[utoipa::path(
    get, path = "/ledger", tag = "ledger", params(LedgerQuery),
    responses((status = 200, body = Ledger), (status = 400, body = Problem))
)]
async fn ledger(
    State(app): State<AppState>,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Answer<Json<Ledger>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let by = by(query.by.as_deref())?;
        of_day(app, query.day.as_deref(), by).map(Json)
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RatesQuery {
    /// A civil day; today without it.
    day: Option<String>,
    /// A civil month, `2026-03`, instead of a day.
    month: Option<String>,
}

/// How much of what was due came and was valid (传输率, 有效率, 传输有效率).
#[derive(Clone, Serialize, ToSchema)]
pub struct LedgerRates {
    /// The first instant.
    from: Instant,
    /// The first instant after it; what is not over yet counts up to now.
    to: Instant,
    rates: Vec<LedgerRate>,
}

/// Values of one device and period. A value is due for each period since the device's first one; it came
/// when the device reported the period, if only as missing; it is valid when its flag is good.
#[derive(Clone, Serialize, ToSchema)]
pub struct LedgerRate {
    /// Name on the wire.
    device: String,
    /// Key of its place.
    place: String,
    period: &'static str,
    /// The reporting interval, s; null when too little came to learn it.
    interval_s: Option<f64>,
    /// Whether the interval was learned from what came, because the device does not state it.
    is_learned: bool,
    /// Values that were due; null when the interval is not known.
    expected: Option<u64>,
    came: u64,
    valid: u64,
    /// 传输率: came of due, 0 to 1.
    transmission: Option<f64>,
    /// 有效率: valid of come, 0 to 1.
    validity: Option<f64>,
    /// 传输有效率: their product.
    effective: Option<f64>,
}

/// How much of what was due came and was valid, for each device.
#[utoipa::path(
    get, path = "/ledger/rates", tag = "ledger", params(RatesQuery),
    responses((status = 200, body = LedgerRates), (status = 400, body = Problem))
)]
async fn rates(
    State(app): State<AppState>,
    query: Result<Query<RatesQuery>, QueryRejection>,
) -> Answer<Json<LedgerRates>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let range = match query.month.as_deref() {
            None => {
                let day = time::day("day", query.day.as_deref(), &app.district.zone, app.now())?;
                Range { from: day.start(), to: day.end() }
            }
            Some(month) => month_of(app, month)?,
        };
        let found = crate::ledger::rate::rates(&app.reader, (range.from, range.to), app.now());
        let rates = found.map_err(unreadable)?.into_iter().map(LedgerRate::from).collect();
        Ok(Json(LedgerRates { from: Instant(range.from), to: Instant(range.to), rates }))
    })
    .await
}

/// A civil month, from its first day to its last.
fn month_of(app: &AppState, month: &str) -> Answer<Range> {
    let bad = || {
        ApiError::bad_parameter("month", month, Words::new("月份，如 2026-03", "a month, 2026-03"))
    };
    let first = format!("{month}-01").parse::<jiff::civil::Date>().map_err(|_| bad())?;
    let zone = &app.district.zone;
    let start = time::day("month", Some(&first.to_string()), zone, app.now())?;
    let last = first.last_of_month().to_string();
    let end = time::day("month", Some(&last), zone, app.now())?;
    Ok(Range { from: start.start(), to: end.end() })
}

impl From<crate::ledger::rate::Rate> for LedgerRate {
    fn from(rate: crate::ledger::rate::Rate) -> Self {
        let (transmission, validity) = (rate.transmission(), rate.validity());
        let effective = rate.effective();
        Self {
            device: rate.device,
            place: rate.place,
            period: rate.period.name(),
            interval_s: rate.interval_ms.map(|ms| ms as f64 / 1_000.0),
            is_learned: rate.is_learned,
            expected: rate.expected,
            came: rate.came,
            valid: rate.valid,
            transmission,
            validity,
            effective,
        }
    }
}

/// The ledger of a civil day; today without one.
pub fn of_day(app: &AppState, day: Option<&str>, by: By) -> Answer<Ledger> {
    let day = time::day("day", day, &app.district.zone, app.now())?;
    let range = Range { from: day.start(), to: day.end() };
    let entries = app.reader.ledger(range.from, range.to).map_err(unreadable)?;
    let (mut frames, mut readings) = (LedgerTotals::default(), LedgerTotals::default());
    for entry in &entries {
        let totals = if entry.unit == Counted::Frame { &mut frames } else { &mut readings };
        totals.add(entry.disposition, entry.count);
    }
    if (range.from..range.to).contains(&app.now()) {
        let counters = app.gateway().counters;
        add_in_flight(&mut frames, counters.in_flight_frames);
        add_in_flight(&mut readings, counters.in_flight_readings);
    }
    Ok(Ledger {
        day: day.date().to_string(),
        frames: Account::from(frames),
        readings: Account::from(readings),
        balanced: frames.is_balanced() && readings.is_balanced(),
        rows: grouped(&entries, by, app.reader.view().registry()),
    })
}

fn by(given: Option<&str>) -> Answer<By> {
    match given {
        None | Some("reason") => Ok(By::Reason),
        Some("hour") => Ok(By::Hour),
        Some("device") => Ok(By::Device),
        Some(other) => {
            let accepted =
                Words::new("可用 hour、device、reason", "there are hour, device, reason");
            Err(ApiError::bad_parameter("by", other, accepted))
        }
    }
}

fn add_in_flight(totals: &mut LedgerTotals, count: u64) {
    totals.in_flight += count;
    totals.received += count;
}

fn grouped(entries: &[LedgerEntry], by: By, registry: &Registry) -> Vec<LedgerRow> {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for entry in entries {
        let device =
            || entry.device.and_then(|id| registry.device(id)).map(|device| device.mn.as_str());
        let mut key = (Timestamp::MIN, None, entry.unit, entry.disposition, Reason::None);
        match by {
            By::Hour => key.0 = entry.hour.floor(HOUR_MS),
            By::Device => key.1 = device(),
            By::Reason => key.4 = entry.reason,
        }
        *counts.entry(key).or_default() += entry.count;
    }
    let row = |((hour, device, unit, disposition, reason), count): (
        (_, Option<&str>, Counted, model::Disposition, Reason),
        _,
    )| {
        LedgerRow {
            hour: (by == By::Hour).then_some(Instant(hour)),
            device: device.map(str::to_owned),
            unit: unit.into(),
            disposition: disposition.into(),
            reason: (reason != Reason::None).then(|| reason.name()),
            count,
        }
    };
    counts.into_iter().map(row).collect()
}

impl From<LedgerTotals> for Account {
    fn from(totals: LedgerTotals) -> Self {
        let LedgerTotals { received, stored, duplicate, rejected, quarantined, in_flight } = totals;
        Self { received, stored, duplicate, rejected, quarantined, in_flight }
    }
}
