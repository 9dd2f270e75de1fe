//! Promise 5: an index is what the law says of the readings, however they came.
//!
//! The hour is computed here a second time, in whole numbers, from the table of the edition in force
//! and the book's readings. The day is judged anew from the store's readings, which shows that what was
//! derived piece by piece, with late hours, restarts and seals between, is what comes out at once.

use super::{Broken, Promise, Scene};
use crate::book::Book;
use crate::device::FACTORS;
use crate::dice::Dice;
use engine::index::{self, Scanned};
use model::{DAY_MS, DeviceId, HOUR_MS, Period, PlaceId, PlaceKind, Quality, Sequence, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The edition in force in the worlds of the trial.
const EDITION: &str = "HJ 633-2026";
const BREAKPOINTS: &str = include_str!("../../../standards/data/air/index_breakpoints.csv");
const SETTINGS: &str = include_str!("../../../standards/data/air/index_settings.csv");
/// The column of the table by which an hour's mean is judged (HJ 633-2026, clause 5.2.2).
const COLUMNS: [(&str, &str); 6] = [
    ("so2", "SO2_1h"),
    ("no2", "NO2_1h"),
    ("co", "CO_1h"),
    ("o3", "O3_1h"),
    ("pm10", "PM10_24h"),
    ("pm25", "PM2.5_24h"),
];

/// All hours and days that are over, and some earlier versions of hours.
pub fn check(scene: &Scene<'_>, dice: &mut Dice) -> Result<(), Broken> {
    let table = Table::read().ok_or_else(|| broken("the table cannot be read".to_owned()))?;
    let places: BTreeSet<_> = scene.book.versions.keys().map(|(device, ..)| *device).collect();
    for device in places {
        // Each place of the trial has one device, of the same number.
        let place = PlaceId(device.0);
        let hours: BTreeSet<Timestamp> =
            scene.book.versions.keys().filter(|of| of.0 == device).map(|of| of.2).collect();
        let kept = kept(scene, place, Period::Hour)?;
        for hour in hours.iter().filter(|hour| **hour + HOUR_MS <= scene.now) {
            let expected = table.hour(scene.book, device, *hour, Sequence(u64::MAX));
            let found = kept.get(hour).copied().flatten();
            if !scene.is_behind && found != expected {
                let what = format!("hour {hour} of {place}: {found:?} instead of {expected:?}");
                return Err(broken(what));
            }
        }
        if let Some(hour) = kept.keys().find(|hour| !hours.contains(*hour)) {
            return Err(broken(format!("hour {hour} of {place} is judged and was never sent")));
        }
        versions(scene, &table, device, &hours, dice)?;
        if !scene.is_behind {
            days(scene, place, &hours)?;
        }
    }
    Ok(())
}

/// Each version of an hour's index is what the law says of what was known then.
fn versions(
    scene: &Scene<'_>,
    table: &Table,
    device: DeviceId,
    hours: &BTreeSet<Timestamp>,
    dice: &mut Dice,
) -> Result<(), Broken> {
    let place = PlaceId(device.0);
    let key = index::key(place, Period::Hour);
    let Some(id) = scene.reader.view().registry().datastream_id(&key) else { return Ok(()) };
    let hours: Vec<_> = hours.iter().copied().collect();
    for _ in 0..3 {
        let Some(hour) = dice.pick(&hours).copied() else { break };
        for version in scene.reader.versions(id, hour) {
            let expected = table.hour(scene.book, device, hour, version.sequence);
            if version.value != expected {
                let (value, sequence) = (version.value, version.sequence);
                let what = format!(
                    "hour {hour} of {place} as of {sequence}: {value:?} instead of {expected:?}"
                );
                return Err(broken(what));
            }
        }
    }
    Ok(())
}

/// The days, judged anew from all readings at once.
fn days(scene: &Scene<'_>, place: PlaceId, hours: &BTreeSet<Timestamp>) -> Result<(), Broken> {
    let (Some(first), Some(last)) = (hours.first(), hours.last()) else { return Ok(()) };
    let sources = index::sources_of(scene.reader.view().registry(), place);
    let (from, to) = (*first - 2 * DAY_MS, *last + 2 * DAY_MS);
    let scanned = Scanned::read(scene.reader, &sources, from, to);
    let scanned = scanned.map_err(|error| Broken::stopped(&error))?;
    let kept = kept(scene, place, Period::Day)?;
    let of_hour = |hour: &Timestamp| scene.zone.day_of(*hour).ok();
    let days: BTreeMap<_, _> =
        hours.iter().filter_map(of_hour).map(|day| (day.start(), day.end())).collect();
    for (start, _) in days.into_iter().filter(|(_, end)| *end <= scene.now) {
        let kind = PlaceKind::AirStation;
        let judged = index::day(&scanned, scene.law, scene.zone, kind, &sources, start);
        let expected = judged.ok().and_then(|judged| judged.report.aqi.ok()).map(f64::from);
        let found = kept.get(&start).copied().flatten();
        if found != expected {
            let what = format!("day {start} of {place}: {found:?} instead of {expected:?}");
            return Err(broken(what));
        }
    }
    Ok(())
}

/// The current index of a place by period; `None` is what could not be judged.
fn kept(
    scene: &Scene<'_>,
    place: PlaceId,
    period: Period,
) -> Result<BTreeMap<Timestamp, Option<f64>>, Broken> {
    let id = scene.reader.view().registry().datastream_id(&index::key(place, period));
    let Some(id) = id else { return Ok(BTreeMap::new()) };
    let columns = scene.reader.scan(id, Timestamp::MIN, Timestamp::MAX);
    let columns = columns.map_err(|error| Broken::stopped(&error))?;
    Ok(columns.time.into_iter().zip(columns.value).collect())
}

/// The rows of the law's table, in tenths of the unit.
struct Table {
    columns: BTreeMap<String, Vec<(i64, i64)>>,
    publish_above: i64,
}

impl Table {
    fn read() -> Option<Self> {
        let mut columns: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
        let mut rows = csv::Reader::from_reader(BREAKPOINTS.as_bytes());
        for row in rows.records().map_while(Result::ok).filter(|row| row.get(0) == Some(EDITION)) {
            let tenths = (row.get(4)?.parse::<f64>().ok()? * 10.0).round() as i64;
            let node = (tenths, row.get(6)?.parse().ok()?);
            columns.entry(row.get(3)?.to_owned()).or_default().push(node);
        }
        let mut settings = csv::Reader::from_reader(SETTINGS.as_bytes());
        let publish_above = settings.records().map_while(Result::ok).find(|row| {
            row.get(0) == Some(EDITION) && row.get(3) == Some("missing_publish_above")
        })?;
        Some(Self { columns, publish_above: publish_above.get(4)?.parse().ok()? })
    }

    /// The index of an hour from what the book knew at a sequence.
    fn hour(&self, book: &Book, device: DeviceId, hour: Timestamp, at: Sequence) -> Option<f64> {
        let mut indices = vec![];
        for (parameter, column) in COLUMNS {
            let (_, name, _) = FACTORS.iter().find(|(_, name, _)| *name == parameter)?;
            let known = book.known(&(device, name, hour), at);
            let good = known.filter(|known| known.flag.quality() == Quality::Good);
            if let Some(value) = good.and_then(|known| known.value) {
                indices.push(single(self.columns.get(column)?, (value * 10.0).round() as i64)?);
            }
        }
        let index = indices.iter().copied().max()?;
        let is_whole = indices.len() == COLUMNS.len();
        (is_whole || index > self.publish_above).then_some(index as f64)
    }
}

/// `ceil((Ihi - Ilo) / (BPhi - BPlo) * (C - BPlo) + Ilo)` (HJ 633-2026, equation 1).
fn single(nodes: &[(i64, i64)], tenths: i64) -> Option<i64> {
    let pair = nodes.windows(2).find(|pair| tenths <= pair[1].0)?;
    let ((low, index_low), (high, index_high)) = (pair[0], pair[1]);
    let (rise, width) = ((index_high - index_low) * (tenths - low), high - low);
    Some(index_low + (rise + width - 1).div_euclid(width))
}

fn broken(what: String) -> Broken {
    Broken::new(Promise::Law, what)
}
