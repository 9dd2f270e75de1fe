//! Months and days of water sites out of their hourly readings.

use super::{Desk, Error, ItemRecord, WaterRecord, is_input};
use jiff::civil::Date;
use model::{DatastreamId, HOUR_MS, PlaceId, Sequence, Timestamp};
use standards::water::mean_ph;
use standards::{Exact, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Good hours by their begin: the value and its log entry.
type Hours = BTreeMap<Timestamp, (f64, Sequence)>;

/// What was read of a site.
struct Read {
    /// By the item's place in the standard.
    items: BTreeMap<usize, (Vec<DatastreamId>, Hours)>,
    /// The newest log entry that was looked at, by date.
    newest: BTreeMap<Date, Sequence>,
}

/// The month of a water site; the running one as far as it has come.
pub fn month(desk: Desk<'_>, place: PlaceId, month: Span) -> Result<WaterRecord, Error> {
    let read = read(desk, place, month)?;
    let mut made = WaterRecord { newest: read.newest.into_values().max(), items: vec![] };
    for (at, (datastreams, hours)) in read.items {
        made.items.extend(item(desk, at, datastreams, &hours)?);
    }
    Ok(made)
}

/// The days of a water site, every day of the span.
pub fn days(
    desk: Desk<'_>,
    place: PlaceId,
    span: Span,
) -> Result<BTreeMap<Date, WaterRecord>, Error> {
    let read = read(desk, place, span)?;
    let dates = span.first().series(jiff::Span::new().days(1)).take(span.len() as usize);
    let empty =
        |date: Date| (date, WaterRecord { newest: read.newest.get(&date).copied(), items: vec![] });
    let mut days: BTreeMap<Date, WaterRecord> = dates.map(empty).collect();
    for (at, (datastreams, hours)) in read.items {
        let mut by_day: BTreeMap<Date, Hours> = BTreeMap::new();
        for (time, own) in hours {
            by_day.entry(desk.zone.date(time)?).or_default().insert(time, own);
        }
        for (date, hours) in by_day {
            let made = item(desk, at, datastreams.clone(), &hours)?;
            if let Some(day) = days.get_mut(&date) {
                day.items.extend(made);
            }
        }
    }
    Ok(days)
}

/// Reads the hours of a site that are over.
fn read(desk: Desk<'_>, place: PlaceId, span: Span) -> Result<Read, Error> {
    let from = desk.zone.day(span.first())?.start();
    let to = desk.zone.day(span.last())?.end().min(desk.now.floor(HOUR_MS));
    let mut sources: BTreeMap<usize, Vec<DatastreamId>> = BTreeMap::new();
    let items = desk.law.water().limits().items();
    {
        let view = desk.reader.view();
        let registry = view.registry();
        let streams =
            registry.datastreams_of(place).iter().filter_map(|id| registry.datastream(*id));
        for stream in streams.filter(|stream| is_input(&stream.key)) {
            if let Some(at) = items.iter().position(|item| *item.key == *stream.key.parameter) {
                sources.entry(at).or_default().push(stream.id);
            }
        }
    }
    let mut read = Read { items: BTreeMap::new(), newest: BTreeMap::new() };
    if from >= to || sources.is_empty() {
        return Ok(read);
    }
    let all: Vec<DatastreamId> = sources.values().flatten().copied().collect();
    let columns = desk.reader.scan_known(&all, from, to, desk.known)?;
    let mut columns = columns.into_iter();
    for (at, datastreams) in sources {
        // Of two devices that measure the same, the first that has a good value gives an hour.
        let mut hours = Hours::new();
        for column in columns.by_ref().take(datastreams.len()) {
            for row in 0..column.len() {
                let (time, sequence) = (column.time[row], column.sequence[row]);
                let newest = read.newest.entry(desk.zone.date(time)?).or_insert(sequence);
                *newest = sequence.max(*newest);
                if let Some(value) = column.value[row].filter(|_| column.flag[row].is_good()) {
                    hours.entry(time).or_insert((value, sequence));
                }
            }
        }
        read.items.insert(at, (datastreams, hours));
    }
    Ok(read)
}

/// One item of a month or a day.
fn item(
    desk: Desk<'_>,
    at: usize,
    datastreams: Vec<DatastreamId>,
    hours: &Hours,
) -> Result<Option<ItemRecord>, Error> {
    let Some(item) = desk.law.water().limits().items().get(at) else { return Ok(None) };
    let key = &item.key;
    let mut values = Vec::with_capacity(hours.len());
    let mut days = BTreeSet::new();
    for (time, (value, _)) in hours.iter().filter(|(_, (value, _))| *value >= 0.0) {
        values.push(Exact::from_reading(*value)?);
        days.insert(desk.zone.date(*time)?);
    }
    let mean =
        if &**key == "ph" { mean_ph(&values)? } else { standards::statistics::mean(&values)? };
    let sequences = hours.values().map(|(_, sequence)| *sequence);
    let (Some(mean), Some(first), Some(last)) = (mean, sequences.clone().min(), sequences.max())
    else {
        return Ok(None);
    };
    // What the house keeps in µg/L the standard limits in mg/L.
    let mean = if kept_in_ug(key) { mean.over(&Exact::whole(1_000))? } else { mean };
    let (key, readings, days) = (Arc::clone(key), values.len() as u32, days.len() as u32);
    Ok(Some(ItemRecord { key, datastreams, mean, readings, days, sequences: (first, last) }))
}

/// Items that the table of parameters keeps in µg/L.
fn kept_in_ug(key: &str) -> bool {
    ["hg", "cd", "cr6", "as", "pb", "se"].contains(&key)
}
