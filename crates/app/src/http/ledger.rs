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
    OpenApiRouter::new().routes(routes!(ledger))
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
