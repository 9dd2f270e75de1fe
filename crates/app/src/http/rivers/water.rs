//! What the water sites of rivers measured, day by day: the outflow against the inflow on days that both measured, and
//! concentrations with their loads.

use super::super::assess::water::Verdict;
use super::super::error::{Answer, ApiError};
use super::super::map::{Hours, plain_sources, water_value};
use super::super::state::AppState;
use super::book::Entry;
use crate::words::Words;
use account::load::{Change, Flowing, Paired};
use account::report::shortest;
use account::waterbook::WaterEntry;
use engine::assess;
use jiff::civil::Date;
use model::{DatastreamId, HOUR_MS, Place, PlaceId, PlaceKind, Registry};
use serde::Serialize;
use standards::water::{Class, Versus, WaterBody, WaterResult, mean_ph};
use standards::{Exact, ExactError};
use std::collections::{BTreeMap, BTreeSet, btree_map};
use store::Known;
use utoipa::ToSchema;

/// Items whose load is told beside their concentration.
const LOADS: [&str; 4] = ["nh3n", "tp", "codmn", "cod"];
/// A replenishment is compared with at most so many days before it.
const BEFORE_DAYS_MAX: i32 = 31;
/// Our parameter of a flow, L/s.
pub const FLOW: &str = "flow";

/// Days with their means.
pub type Days = Vec<(Date, Exact)>;

/// What two sections of a river came to on the days on which both measured.
#[derive(Serialize, ToSchema)]
pub struct PairAnswer {
    river: String,
    name: Words,
    /// Key of the upper site.
    inflow: String,
    /// Key of the lower site.
    outflow: String,
    /// Days on which both measured anything in common.
    days: usize,
    class_in: Option<&'static str>,
    class_out: Option<&'static str>,
    verdict: Verdict,
    /// What decided: `class`, `items` or `cwqi`.
    by: Option<&'static str>,
    reason: Words,
    items: Vec<PairItem>,
}

/// One item of a pair.
#[derive(Serialize, ToSchema)]
pub struct PairItem {
    item: String,
    name: Words,
    unit: String,
    /// Days on which both measured it.
    days: usize,
    inflow: String,
    outflow: String,
    /// Outflow less inflow.
    difference: String,
}

/// Concentration, flow and load over a span: means over the days that have what is told.
#[derive(Serialize, ToSchema)]
pub struct FlowingAnswer {
    days: usize,
    concentration_mg_l: String,
    /// Null: nobody measured it.
    flow_m3_s: Option<String>,
    load_kg_d: Option<String>,
}

/// An item before a replenishment and during it.
#[derive(Serialize, ToSchema)]
pub struct LoadRow {
    item: String,
    name: Words,
    before: Option<FlowingAnswer>,
    during: Option<FlowingAnswer>,
    /// `less`, `diluted`, `thicker`, `not_less`, `load_unknown`, `not_less_load_unknown`; null when a side has no day.
    #[schema(value_type = Option<String>)]
    change: Option<Change>,
}

/// What speaks for a line: the water site that was registered last on it or on a reach of it.
pub fn site_of(registry: &Registry, line: &str) -> Option<(PlaceId, Place)> {
    let is_on = |own: &str| {
        own == line || registry.lines.iter().any(|one| one.key == own && one.within == line)
    };
    let mut sites = registry.places().iter().enumerate();
    let site = sites.rfind(|(_, place)| place.kind == PlaceKind::WaterSite && is_on(&place.line));
    site.map(|(id, place)| (PlaceId(id as u32), place.clone()))
}

/// Daily means of items at a site, in the unit of the standard; of `flow` in m³/s. Days without a good hour are not there.
///
/// # Errors
/// `internal` when the store cannot read or the numbers do not fit exact arithmetic.
pub fn daily(
    app: &AppState,
    site: PlaceId,
    keys: &[&str],
    (from, to): (Date, Date),
    known: Known,
) -> Answer<BTreeMap<String, Days>> {
    let zone = &app.district.zone;
    let outside = |error| ApiError::internal("tell a day", &error);
    let start = zone.day(from).map_err(outside)?.start();
    let end = zone.day(to).map_err(outside)?.end().min(app.now().floor(HOUR_MS) + HOUR_MS);
    let count = usize::try_from((end - start) / HOUR_MS).unwrap_or(0);
    let sources: Vec<(&str, Vec<DatastreamId>)> = {
        let view = app.reader.view();
        keys.iter().map(|key| (*key, plain_sources(view.registry(), site, key))).collect()
    };
    let ids: Vec<DatastreamId> = sources.iter().flat_map(|(_, ids)| ids).copied().collect();
    let mut all = BTreeMap::new();
    if ids.is_empty() || count == 0 {
        return Ok(all);
    }
    let hours = Hours::read(app, &ids, (start, count), known)?;
    for (key, ids) in sources {
        let unit = app.parameters.get(key).map(|known| known.unit.clone()).unwrap_or_default();
        let mut days: BTreeMap<Date, Vec<Exact>> = BTreeMap::new();
        for hour in 0..count as i64 {
            let at = start + hour * HOUR_MS;
            let Some(value) = hours.good(&ids, at) else { continue };
            let value = if key == FLOW {
                Exact::from_reading(value).and_then(|l_s| l_s.over(&Exact::whole(1_000))).ok()
            } else {
                water_value(&app.law, key, &unit, value)
            };
            if let Some(value) = value {
                days.entry(zone.date(at).map_err(outside)?).or_default().push(value);
            }
        }
        let mean = |values: &[Exact]| -> Result<Option<Exact>, ExactError> {
            if key == "ph" { mean_ph(values) } else { standards::statistics::mean(values) }
        };
        let mut means: Days = vec![];
        for (day, values) in days {
            means.extend(mean(&values).map_err(inexact)?.map(|mean| (day, mean)));
        }
        all.insert(key.to_owned(), means);
    }
    Ok(all)
}

/// Each pair of sections of the district's rivers over a span.
///
/// # Errors
/// As [`daily`].
pub fn pairs(app: &AppState, span: (Date, Date), known: Known) -> Answer<Vec<PairAnswer>> {
    let (found, names) = {
        let view = app.reader.view();
        let registry = view.registry();
        let place = |id: PlaceId| registry.place(id).cloned();
        let found = assess::pairs(registry).into_iter();
        let found: Vec<_> = found
            .filter_map(|pair| Some((place(pair.inflow)?, place(pair.outflow)?, pair)))
            .collect();
        let names: BTreeMap<String, Words> =
            registry.lines.iter().map(|line| (line.key.clone(), Words::from(&line.name))).collect();
        (found, names)
    };
    let mut keys: Vec<&str> =
        app.law.water().limits().items().iter().map(|item| &*item.key).collect();
    keys.dedup();
    let mut read: BTreeMap<PlaceId, BTreeMap<String, Days>> = BTreeMap::new();
    let mut answers = vec![];
    for (above, below, pair) in found {
        for id in [pair.inflow, pair.outflow] {
            if let btree_map::Entry::Vacant(free) = read.entry(id) {
                free.insert(daily(app, id, &keys, span, known)?);
            }
        }
        let (Some(into), Some(out)) = (read.get(&pair.inflow), read.get(&pair.outflow)) else {
            continue;
        };
        let name = names.get(&pair.river).cloned();
        let name = name.unwrap_or_else(|| Words::new(&pair.river, &pair.river));
        let places = (above.key.clone(), below.key.clone());
        answers.push(compare(app, (pair.river, name), places, (into, out)).map_err(inexact)?);
    }
    Ok(answers)
}

type Means = BTreeMap<String, Days>;

fn compare(
    app: &AppState,
    (river, name): (String, Words),
    (inflow, outflow): (String, String),
    (into, out): (&Means, &Means),
) -> Result<PairAnswer, ExactError> {
    let water = app.law.water();
    let mut items = vec![];
    let (mut results_in, mut results_out) = (vec![], vec![]);
    let mut common: BTreeSet<Date> = BTreeSet::new();
    for (key, above) in into {
        let Some(below) = out.get(key) else { continue };
        let days: BTreeSet<Date> = above.iter().map(|(day, _)| *day).collect();
        let days: BTreeSet<Date> =
            below.iter().map(|(day, _)| *day).filter(|day| days.contains(day)).collect();
        let on = |all: &Days| -> Vec<Exact> {
            all.iter().filter(|(day, _)| days.contains(day)).map(|(_, value)| *value).collect()
        };
        results_in
            .extend(on(above).into_iter().map(|value| (key.as_str(), WaterResult::Value(value))));
        results_out
            .extend(on(below).into_iter().map(|value| (key.as_str(), WaterResult::Value(value))));
        common.extend(&days);
        // The mean of pH is that of hydrogen ions: an arithmetic difference would say something else.
        let Some(item) = water.limits().item(key, WaterBody::River).filter(|_| key != "ph") else {
            continue;
        };
        if let Some(paired) = Paired::of(above, below)? {
            items.push(PairItem {
                item: key.clone(),
                name: Words::new(&*item.name_zh, &*item.name_en),
                unit: item.unit.to_string(),
                days: paired.days,
                inflow: short(&paired.inflow)?,
                outflow: short(&paired.outflow)?,
                difference: short(&paired.difference()?)?,
            });
        }
    }
    let report_in = water.site(WaterBody::River, &results_in, None)?;
    let report_out = water.site(WaterBody::River, &results_out, None)?;
    let class = |class: Option<Class>| class.map(symbol);
    let (class_in, class_out) = (class(report_in.report.class), class(report_out.report.class));
    let (verdict, by, reason) = if common.is_empty() {
        let why =
            Words::new("没有两断面都有数据的日子", "there is no day on which both sites measured");
        (Verdict::Undetermined, None, why)
    } else {
        let flow = water.flow(&report_out, &report_in)?;
        (verdict(flow.verdict), flow.by, Words::new(&flow.reason.zh, &flow.reason.en))
    };
    let days = common.len();
    Ok(PairAnswer {
        river,
        name,
        inflow,
        outflow,
        days,
        class_in,
        class_out,
        verdict,
        by,
        reason,
        items,
    })
}

fn verdict(of: Versus) -> Verdict {
    match of {
        Versus::Better => Verdict::Better,
        Versus::Same => Verdict::Same,
        Versus::Worse => Verdict::Worse,
        Versus::Undetermined => Verdict::Undetermined,
    }
}

/// The stable name of a class.
pub fn symbol(class: Class) -> &'static str {
    if class == Class::WorseThanV { "worse" } else { class.symbol() }
}

/// What a replenishment came with: each item before it and during it, concentration and load.
///
/// # Errors
/// As [`daily`].
pub fn loads(
    app: &AppState,
    site: &(PlaceId, Place),
    (from, to): (Date, Date),
    entries: &BTreeMap<String, Entry<WaterEntry>>,
    known: Known,
) -> Answer<Vec<LoadRow>> {
    let length = from.until(to).map_or(0, |span| span.get_days()).clamp(0, BEFORE_DAYS_MAX - 1);
    let first = (0..=length).fold(from, |day, _| day.yesterday().unwrap_or(day));
    let keys: Vec<&str> = LOADS.into_iter().chain([FLOW]).collect();
    let mut means = daily(app, site.0, &keys, (first, to), known)?;
    let gauged = entries.values().map(|entry| &entry.document);
    let flows = flows(&site.1.key, gauged, means.remove(FLOW).unwrap_or_default());
    let mut rows = vec![];
    for (item, days) in means {
        let before = flowing(&days, &flows, |day| day < from).map_err(inexact)?;
        let during = flowing(&days, &flows, |day| day >= from).map_err(inexact)?;
        if before.is_none() && during.is_none() {
            continue;
        }
        let change = before.zip(during).map(|(before, during)| during.1.against(&before.1));
        let known = app.law.water().limits().item(&item, WaterBody::River);
        let name = known
            .map_or_else(|| Words::new(&item, &item), |k| Words::new(&*k.name_zh, &*k.name_en));
        rows.push(LoadRow {
            name,
            item,
            before: before.map(told).transpose().map_err(inexact)?,
            during: during.map(told).transpose().map_err(inexact)?,
            change: change.transpose().map_err(inexact)?,
        });
    }
    Ok(rows)
}

/// The flow of each day at a site, m³/s: what a device measured goes before what was gauged by hand.
pub fn flows<'a>(
    site: &str,
    entries: impl Iterator<Item = &'a WaterEntry>,
    measured: Days,
) -> BTreeMap<Date, Exact> {
    let gauged = entries.filter_map(|entry| match entry {
        WaterEntry::Gauged { site: own, day, flow_m3_s, .. } if own == site => {
            Some((*day, Exact::parse(flow_m3_s).ok()?))
        }
        _ => None,
    });
    gauged.collect::<BTreeMap<_, _>>().into_iter().chain(measured).collect()
}

/// Means over the days that have both concentration and flow; over those with a concentration where no day has both.
pub fn flowing(
    days: &Days,
    flows: &BTreeMap<Date, Exact>,
    is_within: impl Fn(Date) -> bool,
) -> Result<Option<(usize, Flowing)>, ExactError> {
    let own: Vec<(Date, Exact)> = days.iter().filter(|(day, _)| is_within(*day)).copied().collect();
    let both: Vec<(Exact, Exact)> =
        own.iter().filter_map(|(day, value)| Some((*value, *flows.get(day)?))).collect();
    let mean = |values: &[Exact]| standards::statistics::mean(values);
    if both.is_empty() {
        let values: Vec<Exact> = own.iter().map(|(_, value)| *value).collect();
        let mean = mean(&values)?;
        return Ok(mean.map(|concentration| (own.len(), Flowing { concentration, flow: None })));
    }
    let (values, flows): (Vec<Exact>, Vec<Exact>) = both.iter().copied().unzip();
    let flow = mean(&flows)?;
    let mean = mean(&values)?;
    Ok(mean.map(|concentration| (both.len(), Flowing { concentration, flow })))
}

fn told((days, flowing): (usize, Flowing)) -> Result<FlowingAnswer, ExactError> {
    Ok(FlowingAnswer {
        days,
        concentration_mg_l: short(&flowing.concentration)?,
        flow_m3_s: flowing.flow.map(|flow| short(&flow)).transpose()?,
        load_kg_d: flowing.load()?.map(|load| short(&load)).transpose()?,
    })
}

/// At most three decimals, half to even.
pub fn short(value: &Exact) -> Result<String, ExactError> {
    Ok(shortest(&value.half_even(3)?))
}

/// Numbers that do not fit exact arithmetic.
pub fn inexact(error: ExactError) -> ApiError {
    ApiError::internal("compute with the numbers of a river", &error)
}
