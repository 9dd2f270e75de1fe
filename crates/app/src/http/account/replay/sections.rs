//! What sources find in the water: each section by the means of its days, and what flowed past it.

use super::Way;
use super::period::{Column, Found, Grounds, Unit, inexact};
use crate::http::error::{Answer, ApiError};
use crate::http::known::Moment;
use crate::http::map::plain_sources;
use crate::http::rivers::water::{Days, FLOW, daily, flowing, flows, short};
use crate::http::state::{AppState, unreadable};
use crate::http::{assess, rivers};
use crate::words::Words;
use account::scheme::{Reference, Source, Takes};
use jiff::civil::Date;
use model::{DatastreamId, Place, PlaceId, PlaceKind};
use standards::statistics::{mean, ranks};
use standards::water::{Class, Item, WaterBody};
use standards::{Exact, ExactError, Span};
use std::collections::BTreeMap;

/// Every section with the means of its days, as they were known.
pub struct Sections {
    sections: Vec<Section>,
    /// The last day that was over.
    over: Date,
}

struct Section {
    place: Place,
    /// Means by item.
    days: BTreeMap<String, Days>,
    /// The same a year earlier.
    before: BTreeMap<String, Days>,
    /// m³/s.
    flows: BTreeMap<Date, Exact>,
    /// What measures an item, or the flow.
    streams: BTreeMap<String, Vec<DatastreamId>>,
}

/// The item of water that a source names: one of which more is worse.
///
/// # Errors
/// `bad_parameter`, with those that there are.
pub fn item<'a>(app: &'a AppState, parameter: &str, source: &Source) -> Answer<&'a Item> {
    let limits = app.law.water().limits();
    let fits = |item: &Item| {
        item.limit(Class::III).is_some()
            && !item.rises()
            && (!source.takes.is_load() || &*item.unit == "mg/L")
    };
    let own = limits.item(&source.item, WaterBody::River).filter(|item| fits(item));
    own.ok_or_else(|| {
        let mut known: Vec<&str> =
            limits.items().iter().filter(|item| fits(item)).map(|item| &*item.key).collect();
        known.dedup();
        let known = known.join(", ");
        ApiError::bad_parameter(parameter, &source.item, Words::new(known.clone(), known))
    })
}

impl Sections {
    /// Reads every section over the spans, and where a change is asked for a year earlier too.
    ///
    /// # Errors
    /// A span that is too long; `internal` when the store cannot read.
    pub(super) fn read(
        app: &AppState,
        moment: Moment,
        ways: &[&Way],
        spans: &[Span],
    ) -> Answer<Self> {
        let outside = |error| ApiError::internal("tell a day", &error);
        let today = app.district.zone.date(moment.now).map_err(outside)?;
        let over = today.yesterday().unwrap_or(today);
        let mut keys: Vec<&str> = ways.iter().map(|way| way.source.item.as_str()).collect();
        if ways.iter().any(|way| way.source.takes.is_load()) {
            keys.push(FLOW);
        }
        keys.sort_unstable();
        keys.dedup();
        let earlier: Vec<Span> = spans.iter().map(Span::a_year_earlier).collect();
        let has_change = ways.iter().any(|way| way.source.takes == Takes::Change);
        let places: Vec<(PlaceId, Place)> = {
            let view = app.reader.view();
            let places = view.registry().places().iter().enumerate();
            let sites = places.filter(|(_, place)| place.kind == PlaceKind::WaterSite);
            sites.map(|(id, place)| (PlaceId(id as u32), place.clone())).collect()
        };
        let entries = rivers::water_entries(&app.reader, moment.known).map_err(unreadable)?;
        let read = |id: PlaceId, spans: &[Span]| -> Answer<BTreeMap<String, Days>> {
            let Some(whole) = whole(spans) else { return Ok(BTreeMap::new()) };
            assess::bounded(app, whole, places.len())?;
            daily(app, id, &keys, (whole.first(), whole.last().min(over)), moment.known)
        };
        let mut sections = vec![];
        for (id, place) in &places {
            let mut days = read(*id, spans)?;
            let before = if has_change { read(*id, &earlier)? } else { BTreeMap::new() };
            let measured = days.remove(FLOW).unwrap_or_default();
            let flows = flows(&place.key, entries.iter(), measured);
            let streams = {
                let view = app.reader.view();
                let own =
                    |key: &&str| ((*key).to_owned(), plain_sources(view.registry(), *id, key));
                keys.iter().map(own).collect()
            };
            sections.push(Section { place: place.clone(), days, before, flows, streams });
        }
        sections.sort_by(|a, b| a.place.key.cmp(&b.place.key));
        Ok(Self { sections, over })
    }

    /// What the sources found in a span; approved dust days change nothing in the water.
    pub(super) fn found(&self, ways: &[&Way], span: Span) -> Grounds {
        let unit =
            |own: &Section| Unit { key: own.place.key.clone(), name: Words::from(&own.place.name) };
        let columns: Vec<Column> = ways.iter().map(|way| self.column(way, span)).collect();
        Grounds {
            units: self.sections.iter().map(unit).collect(),
            without: columns.clone(),
            with: columns,
        }
    }

    fn column(&self, way: &Way, span: Span) -> Column {
        let find = |own: &Section| {
            let found = own.found(way, span, self.over);
            let mut found = found.unwrap_or_else(|_: ExactError| missing(inexact()));
            found.explain = own.explain(way, span);
            found
        };
        let mut column: Column = self.sections.iter().map(find).collect();
        let numbers: Vec<Option<Exact>> = column.iter().map(|found| found.number).collect();
        for (found, rank) in column.iter_mut().zip(ranks(&numbers)) {
            found.rank = rank;
        }
        column
    }
}

/// From the first day of spans to the last.
fn whole(spans: &[Span]) -> Option<Span> {
    let first = spans.iter().map(Span::first).min()?;
    Span::new(first, spans.iter().map(Span::last).max()?)
}

fn missing(why: Words) -> Found {
    Found { reason: Some(why), ..Found::default() }
}

impl Section {
    fn found(&self, way: &Way, span: Span, over: Date) -> Result<Found, ExactError> {
        let Some(span) = Span::new(span.first(), span.last().min(over)) else {
            return Ok(missing(Words::new("这段日子尚未结束一天", "no day of it is over yet")));
        };
        let none = Days::new();
        let days = self.days.get(&way.source.item).unwrap_or(&none);
        if way.source.takes.is_load() {
            return self.load(way, days, span);
        }
        let (count, mean) = mean_of(days, span)?;
        let (Some(mean), true) = (mean, is_enough(way, count, span)) else {
            return Ok(missing(too_few(way, count, span, ("日均值", "daily means"))));
        };
        let before = match self.before.get(&way.source.item) {
            None => None,
            Some(days) => {
                let span = span.a_year_earlier();
                let (count, mean) = mean_of(days, span)?;
                mean.filter(|_| is_enough(way, count, span))
            }
        };
        let of = span.len();
        Ok(Found {
            value: Some(short(&mean)?),
            number: Some(mean),
            before,
            note: Some(Words::new(
                format!("{of} 天中 {count} 天的日均值的平均"),
                format!("mean of the daily means of {count} of {of} days"),
            )),
            ..Found::default()
        })
    }

    fn load(&self, way: &Way, days: &Days, span: Span) -> Result<Found, ExactError> {
        let within = |day: Date| span.first() <= day && day <= span.last();
        let Some((count, own)) = flowing(days, &self.flows, within)? else {
            return Ok(missing(too_few(way, 0, span, ("日均值", "daily means"))));
        };
        let Some(flow) = own.flow else {
            return Ok(missing(Words::new(
                format!("{count} 天有浓度，没有一天测了流量"),
                format!(
                    "{count} days have a concentration, and on none of them the flow is measured"
                ),
            )));
        };
        if !is_enough(way, count, span) {
            let both = ("浓度与流量", "both concentration and flow");
            return Ok(missing(too_few(way, count, span, both)));
        }
        let target = match way.reference {
            Reference::Target(target) if way.is_compared() => target,
            _ => Exact::ZERO,
        };
        let tonnes = own.tonnes_above(&target, span.len())?;
        let (concentration, flow, of) = (short(&own.concentration)?, short(&flow)?, span.len());
        let above = way.source.reference.as_deref().filter(|_| way.is_compared());
        let zh = above.map_or_else(String::new, |target| format!("，超过 {target} mg/L 的部分"));
        let en = above.map_or_else(String::new, |target| format!(", what is above {target} mg/L"));
        Ok(Found {
            value: Some(concentration.clone()),
            number: tonnes,
            note: Some(Words::new(
                format!("{count} 天均值：{concentration} mg/L × {flow} m³/s，计 {of} 天{zh}"),
                format!(
                    "means of {count} days: {concentration} mg/L × {flow} m³/s, over {of} days{en}"
                ),
            )),
            ..Found::default()
        })
    }

    /// Where the readings behind it are; a flow that was gauged by hand stands in the water book.
    fn explain(&self, way: &Way, span: Span) -> Vec<String> {
        let (first, last) = (span.first(), span.last());
        let end = last.tomorrow().unwrap_or(last);
        let mut keys = vec![way.source.item.as_str()];
        if way.source.takes.is_load() {
            keys.push(FLOW);
        }
        let streams = keys.iter().filter_map(|key| self.streams.get(*key)).flatten();
        let mut links: Vec<String> = streams
            .map(|id| {
                format!("/api/v1/readings?datastream={}&from={first}&to={end}&step=hour", id.0)
            })
            .collect();
        let has_flow = self.streams.get(FLOW).is_some_and(|ids| !ids.is_empty());
        if way.source.takes.is_load() && !has_flow {
            links.push(format!("/api/v1/rivers/account?from={first}&to={last}"));
        }
        links
    }
}

/// The mean of the days of a span, and how many there are.
fn mean_of(days: &Days, span: Span) -> Result<(usize, Option<Exact>), ExactError> {
    let within = days.iter().filter(|(day, _)| span.first() <= *day && *day <= span.last());
    let values: Vec<Exact> = within.map(|(_, value)| *value).collect();
    Ok((values.len(), mean(&values)?))
}

fn is_enough(way: &Way, count: usize, span: Span) -> bool {
    let needed = u64::from(way.source.days_percent_min()) * u64::from(span.len());
    count as u64 * 100 >= needed
}

fn too_few(way: &Way, count: usize, span: Span, (zh, en): (&str, &str)) -> Words {
    let (of, percent) = (span.len(), way.source.days_percent_min());
    Words::new(
        format!("{of} 天中 {count} 天有{zh}，需要 {percent} %"),
        format!("{count} of {of} days have {en}, and {percent} % are needed"),
    )
}
