//! The rivers' account of a span: stocks, volumes, works, replenishment, planned use, outflow against inflow.

use super::super::error::{Answer, ApiError, Problem};
use super::super::known::{AsOf, Moment};
use super::super::rights::Asking;
use super::super::state::AppState;
use super::answer::{Replenishment, StockAnswer};
use super::book::{Entered, Rivers, day_of, words};
use super::line::{replenishments, stock_answers};
use super::rows::Desk;
use super::water::{PairAnswer, inexact, pairs, short};
use crate::words::Words;
use account::waterbook::{Sums, WaterEntry, Work, sums};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::Exact;
use utoipa::{IntoParams, ToSchema};

/// Days of one account: a leap year.
const DAYS_MAX: i32 = 366;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// First civil day.
    from: String,
    /// Last civil day, this day included.
    to: String,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The account of a span. A sum is null when no entry of the span has it; nothing is clamped.
#[derive(Serialize, ToSchema)]
pub struct RiversAccount {
    #[schema(value_type = String)]
    from: Date,
    #[schema(value_type = String)]
    to: Date,
    as_of: Option<AsOf>,
    cleared_m3: Option<String>,
    replenishment_planned_m3: Option<String>,
    replenishment_m3: Option<String>,
    planned_use: PlannedUse,
    built: Vec<Built>,
    stocks: Vec<StockAnswer>,
    replenishments: Vec<Replenishment>,
    /// Each pair of sections, on days on which both measured.
    pairs: Vec<PairAnswer>,
    /// What documents say and nothing here computes.
    stated: Vec<Stated>,
    /// The entries that the sums are made of, and those that were left out.
    entries: Vec<AccountEntry>,
    /// Entries that lie across an end of the span: they cannot be cut, and are left out of the sums.
    across: usize,
}

/// Water under a plan of all water that was drawn.
#[derive(Serialize, ToSchema)]
pub struct PlannedUse {
    /// t.
    drawn_t: Option<String>,
    /// t under a plan.
    planned_t: Option<String>,
    /// Per cent, of the two volumes; never clamped.
    percent: Option<String>,
    /// Rates that documents state without the two volumes.
    stated_percent: Vec<String>,
    /// Why there is no rate.
    reason: Option<Words>,
}

/// Works that were finished.
#[derive(Serialize, ToSchema)]
pub struct Built {
    #[schema(value_type = String)]
    work: Work,
    name: Words,
    count: u64,
}

/// A sentence of a document.
#[derive(Serialize, ToSchema)]
pub struct Stated {
    key: String,
    text: Words,
    source: String,
}

/// An entry of the ledgers as it stands.
#[derive(Serialize, ToSchema)]
pub struct AccountEntry {
    key: String,
    #[schema(value_type = Object)]
    entry: serde_json::Value,
    entered: Entered,
}

/// The rivers' account of a span of civil days.
#[utoipa::path(
    get, operation_id = "rivers_account", path = "/rivers/account", tag = "rivers", params(AccountQuery),
    responses((status = 200, body = RiversAccount), (status = 400, body = Problem))
)]
pub async fn account(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<AccountQuery>, QueryRejection>,
) -> Answer<Json<RiversAccount>> {
    let Query(query) = query?;
    let span = span(&query)?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let desk =
            Desk::read(app, Rivers::read(app, moment.known)?, moment.now, asking.is_signed_in())?;
        Ok(Json(make(app, &desk, span, moment)?))
    })
    .await
}

fn span(query: &AccountQuery) -> Answer<(Date, Date)> {
    let day = |name: &str, text: &str| {
        let read = text.parse::<Date>().ok().filter(|day| (1900..=2200).contains(&day.year()));
        let accepted = Words::new("请用 2026-03-01", "write 2026-03-01");
        read.ok_or_else(|| ApiError::bad_parameter(name, text, accepted))
    };
    let (from, to) = (day("from", &query.from)?, day("to", &query.to)?);
    let days = from.until(to).map_or(0, |span| span.get_days()) + 1;
    if (1..=DAYS_MAX).contains(&days) {
        return Ok((from, to));
    }
    let accepted = Words::new(
        format!("须在 from 当日或之后，至多 {DAYS_MAX} 天"),
        format!("on or after from, {DAYS_MAX} days at most"),
    );
    Err(ApiError::bad_parameter("to", &query.to, accepted))
}

fn make(
    app: &AppState,
    desk: &Desk,
    (from, to): (Date, Date),
    moment: Moment,
) -> Answer<RiversAccount> {
    let all: Vec<&WaterEntry> = desk.rivers.entries.values().map(|entry| &entry.document).collect();
    let sums = sums(&all, (from, to)).map_err(inexact)?;
    let registry = app.reader.view().registry().clone();
    let touches = |entry: &WaterEntry| {
        let (first, last) = entry.days();
        first <= to && last >= from
    };
    let own: Vec<_> =
        desk.rivers.entries.iter().filter(|(_, entry)| touches(&entry.document)).collect();
    let stated = own.iter().filter_map(|(key, entry)| match &entry.document {
        WaterEntry::Stated { text, source, .. } => {
            Some(Stated { key: (*key).clone(), text: words(text), source: source.clone() })
        }
        _ => None,
    });
    let told = |value: &Option<Exact>| value.as_ref().map(short).transpose().map_err(inexact);
    let today = day_of(app, moment.now)?;
    Ok(RiversAccount {
        from,
        to,
        as_of: moment.as_of,
        cleared_m3: told(&sums.cleared_m3)?,
        replenishment_planned_m3: told(&sums.planned_m3)?,
        replenishment_m3: told(&sums.replenished_m3)?,
        planned_use: planned_use(&sums, own.iter().map(|(_, entry)| &entry.document))?,
        built: sums
            .built
            .iter()
            .map(|(work, count)| Built { work: *work, name: work_name(*work), count: *count })
            .collect(),
        stocks: stock_answers(&desk.marks(None, &registry), (from, to))?,
        replenishments: replenishments(app, desk, None, (from, to), moment)?,
        pairs: if from > today { vec![] } else { pairs(app, (from, to.min(today)), moment.known)? },
        stated: stated.collect(),
        entries: own
            .iter()
            .filter_map(|(key, entry)| {
                let entered = entry.entered(desk.tells_who);
                let entry = serde_json::to_value(&entry.document).ok()?;
                Some(AccountEntry {
                    key: (*key).clone(),
                    entry: public(entry, desk.tells_who),
                    entered,
                })
            })
            .collect(),
        across: sums.across,
    })
}

/// An entry without who approved or verified it, for those who are not signed in.
fn public(mut entry: serde_json::Value, tells_who: bool) -> serde_json::Value {
    if let (false, Some(fields)) = (tells_who, entry.as_object_mut()) {
        for field in ["approver", "verifier"] {
            fields.remove(field);
        }
    }
    entry
}

fn planned_use<'a>(sums: &Sums, own: impl Iterator<Item = &'a WaterEntry>) -> Answer<PlannedUse> {
    let told = |value: &Option<Exact>| value.as_ref().map(short).transpose().map_err(inexact);
    let stated = own.filter_map(|entry| match entry {
        WaterEntry::Drawn { stated_percent, .. } if !stated_percent.is_empty() => {
            Some(stated_percent.clone())
        }
        _ => None,
    });
    let (percent, reason) = match sums.planned_use() {
        Some(Ok(percent)) => (Some(percent), None),
        Some(Err(error)) => (None, Some(Words::new("用水总量为零，无此比率", error.to_string()))),
        None if sums.drawn_t.is_none() => {
            (None, Some(Words::new("没有取用水条目", "no entry of drawn water")))
        }
        None => {
            let why = Words::new(
                "没有说明计划内的水量，不由比率反推",
                "the volume under a plan is not stated, and no volume is made of a rate",
            );
            (None, Some(why))
        }
    };
    Ok(PlannedUse {
        drawn_t: told(&sums.drawn_t)?,
        planned_t: told(&sums.drawn_planned_t)?,
        percent,
        stated_percent: stated.collect(),
        reason,
    })
}

fn work_name(work: Work) -> Words {
    match work {
        Work::Interception => Words::new("完成截污改管的河流", "rivers with sewage intercepted"),
        Work::Site => Words::new("新增监测断面", "monitoring sites added"),
        Work::Board => Words::new("设立公示牌", "notice boards put up"),
    }
}
