//! The hours of a data directory as the table that files have, so that both are judged by one path.
//!
//! Only values that are flagged good go in: to the law the others are gaps. Of two devices that measure
//! the same at a place, the first that has a good value gives an hour.

use super::Error;
use csv::Writer;
use model::{DatastreamId, Period, Place, PlaceId, PlaceKind, Registry, Statistic, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::{Limits, Reader, Store};

/// Columns of air as files name them.
const AIR: [(&str, &str); 6] = [
    ("so2", "SO2(ug/m3)"),
    ("no2", "NO2(ug/m3)"),
    ("co", "CO(mg/m3)"),
    ("o3", "O3(ug/m3)"),
    ("pm10", "PM10(ug/m3)"),
    ("pm25", "PM2.5(ug/m3)"),
];
/// Units of water that files may have, as the parameter table and as a column's head write them.
const WATER_UNITS: [&str; 6] = ["mg/L", "ug/L", "1", "mg/m3", "m", "Cel"];

/// The hourly means of the standard air stations.
///
/// # Errors
/// When the directory cannot be opened, for example because a server uses it.
pub fn air(dir: &Path) -> Result<(String, Vec<u8>), Error> {
    let columns: Vec<_> = AIR.map(|(key, head)| (key.to_owned(), head.to_owned())).into();
    table(dir, PlaceKind::AirStation, &columns, Timestamp::to_string, &[])
}

/// The hourly results of the water sites in civil time, each with the class it has to reach now.
///
/// # Errors
/// As [`air`].
pub fn water(dir: &Path, zone: &jiff::tz::TimeZone) -> Result<(String, Vec<u8>), Error> {
    let parameters = model::ParameterTable::builtin().map_err(|error| failed(dir, &error))?;
    let columns: Vec<_> = parameters
        .all()
        .iter()
        .filter(|one| WATER_UNITS.contains(&one.unit.as_str()))
        .map(|one| {
            let unit =
                if one.unit.ends_with("/L") { format!("({})", one.unit) } else { String::new() };
            (one.key.clone(), format!("{}{unit}", one.key))
        })
        .collect();
    // Files of water name civil times, since their day is what counts.
    let civil = |start: &Timestamp| {
        jiff::Timestamp::from_millisecond(start.as_ms()).map_or_else(
            |_| start.to_string(),
            |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        )
    };
    table(dir, PlaceKind::WaterSite, &columns, civil, &["target"])
}

/// The good values of each hour, in the order of the columns.
type Hours = BTreeMap<Timestamp, Vec<Option<f64>>>;

fn failed(dir: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Directory { dir: dir.to_owned(), why: error.to_string() }
}

/// Rows `time, station, …` of all places of a kind; columns without a value anywhere are left out.
fn table(
    dir: &Path,
    kind: PlaceKind,
    columns: &[(String, String)],
    time: impl Fn(&Timestamp) -> String,
    extra: &[&str],
) -> Result<(String, Vec<u8>), Error> {
    if !dir.join("skyriver.db").exists() {
        return Err(failed(dir, &"there is no data directory here"));
    }
    let (store, _) = Store::open(dir, Limits::default()).map_err(|error| failed(dir, &error))?;
    let reader = store.reader();
    let places: Vec<(PlaceId, Place)> = {
        let view = reader.view();
        let all = view.registry().places().iter().enumerate();
        all.filter(|(_, place)| place.kind == kind)
            .map(|(at, place)| (PlaceId(at as u32), place.clone()))
            .collect()
    };
    let mut rows: Vec<(Place, Hours)> = vec![];
    for (id, place) in places {
        rows.push((place, hours(&reader, id, columns).map_err(|error| failed(dir, &error))?));
    }
    let filled: BTreeSet<usize> = rows
        .iter()
        .flat_map(|(_, hours)| hours.values())
        .flat_map(|values| values.iter().enumerate())
        .filter_map(|(at, value)| value.map(|_| at))
        .collect();
    let mut out = Writer::from_writer(vec![]);
    let head = filled.iter().map(|at| columns[*at].1.as_str());
    out.write_record(["time", "station"].into_iter().chain(extra.iter().copied()).chain(head))?;
    for (place, hours) in &rows {
        let target = place.targets.last().map_or("", |target| target.class.as_str());
        for (start, values) in hours {
            let mut row = vec![time(start), place.key.clone()];
            row.extend(extra.iter().map(|_| target.to_owned()));
            row.extend(
                filled.iter().map(|at| values[*at].map_or_else(String::new, |v| v.to_string())),
            );
            out.write_record(row)?;
        }
    }
    let bytes = out.into_inner().map_err(|error| failed(dir, &error))?;
    Ok((dir.display().to_string(), bytes))
}

/// The good hourly means of a place, by hour, in the order of the columns.
fn hours(
    reader: &Reader,
    place: PlaceId,
    columns: &[(String, String)],
) -> Result<Hours, store::Error> {
    let mut hours = Hours::new();
    let sources: Vec<Vec<DatastreamId>> = {
        let view = reader.view();
        columns.iter().map(|(key, _)| sources(view.registry(), place, key)).collect()
    };
    for (at, sources) in sources.iter().enumerate() {
        for rows in reader.scan_many(sources, Timestamp::MIN, Timestamp::MAX)? {
            for row in 0..rows.len() {
                let Some(value) = rows.value[row].filter(|_| rows.flag[row].is_good()) else {
                    continue;
                };
                let hour = hours.entry(rows.time[row]).or_insert_with(|| vec![None; columns.len()]);
                hour[at].get_or_insert(value);
            }
        }
    }
    Ok(hours)
}

/// The datastreams of a place that give hourly means of a parameter, oldest first.
fn sources(registry: &Registry, place: PlaceId, parameter: &str) -> Vec<DatastreamId> {
    let is_it = |id: &DatastreamId| {
        registry.datastream(*id).is_some_and(|stream| {
            stream.key.parameter == parameter
                && stream.key.statistic == Statistic::Mean
                && stream.key.period == Period::Hour
        })
    };
    registry.datastreams_of(place).iter().copied().filter(is_it).collect()
}
