//! Places, areas, lines, devices, datastreams, parameters; entries of the registry as of any moment.

use super::{Cell, filled};
use crate::moment::Moment;
use model::{Area, Datastream, Device, EntryKind, Line, ParameterTable, Place, Registry, Source};
use serde_json::Value;
use store::{Error, Pinned};

/// Rows of a table of the registry.
pub fn rows(table: &str, pinned: &Pinned, moment: Option<Moment>) -> Result<Vec<Vec<Cell>>, Error> {
    let registry = pinned.registry();
    Ok(match table {
        "datastreams" => {
            registry.datastreams().iter().map(|one| datastream(one, registry)).collect()
        }
        "parameters" => parameters(),
        "places" => match moment {
            None => registry.places().iter().map(place).collect(),
            Some(moment) => as_of(pinned, EntryKind::Place, moment, place)?,
        },
        "areas" => match moment {
            None => registry.areas.iter().map(area).collect(),
            Some(moment) => as_of(pinned, EntryKind::Area, moment, area)?,
        },
        "lines" => match moment {
            None => registry.lines.iter().map(line).collect(),
            Some(moment) => as_of(pinned, EntryKind::Line, moment, line)?,
        },
        _ => match moment {
            None => registry.devices().iter().map(device).collect(),
            Some(moment) => as_of(pinned, EntryKind::Device, moment, device)?,
        },
    })
}

/// Entries as they stood at a moment. What this program cannot read of an older entry is left out.
fn as_of<T: serde::de::DeserializeOwned>(
    pinned: &Pinned,
    kind: EntryKind,
    moment: Moment,
    row: fn(&T) -> Vec<Cell>,
) -> Result<Vec<Vec<Cell>>, Error> {
    let entries = pinned.entries_at(kind, moment.sequence)?;
    let read = entries.iter().filter_map(|(_, document)| serde_json::from_str(document).ok());
    Ok(read.map(|entry| row(&entry)).collect())
}

/// The stable name of an enum that is written as text.
fn name(kind: impl serde::Serialize) -> Cell {
    match serde_json::to_value(kind) {
        Ok(Value::String(name)) => Cell::Text(name),
        _ => Cell::Null,
    }
}

fn place(place: &Place) -> Vec<Cell> {
    vec![
        place.key.as_str().into(),
        place.name.zh.as_str().into(),
        place.name.en.as_str().into(),
        name(place.kind),
        Cell::Number(place.lon),
        Cell::Number(place.lat),
        filled(&place.area),
        filled(&place.line),
        place.height_m.map_or(Cell::Null, Cell::Number),
        Cell::Bool(place.simulated),
        filled(&place.valid_from),
        filled(&place.valid_to),
    ]
}

fn area(area: &Area) -> Vec<Cell> {
    vec![
        area.key.as_str().into(),
        area.name.zh.as_str().into(),
        area.name.en.as_str().into(),
        name(area.kind),
        filled(&area.within),
        filled(&area.valid_from),
        filled(&area.valid_to),
    ]
}

fn line(line: &Line) -> Vec<Cell> {
    vec![
        line.key.as_str().into(),
        line.name.zh.as_str().into(),
        line.name.en.as_str().into(),
        name(line.kind),
        filled(&line.within),
        filled(&line.valid_from),
        filled(&line.valid_to),
    ]
}

fn device(device: &Device) -> Vec<Cell> {
    vec![
        device.mn.as_str().into(),
        device.place.as_str().into(),
        name(device.dialect),
        filled(&device.valid_from),
        filled(&device.valid_to),
    ]
}

/// A datastream: id, place, parameter, statistic, period, unit, device.
pub fn datastream(one: &Datastream, registry: &Registry) -> Vec<Cell> {
    let device = match one.key.source {
        Source::Device(id) => registry.device(id).map(|device| device.mn.as_str()),
        Source::Derived(_) => None,
    };
    let place = registry.place(one.place).map_or("", |place| place.key.as_str());
    vec![
        Cell::Whole(one.id.0.into()),
        place.into(),
        one.key.parameter.as_str().into(),
        one.key.statistic.name().into(),
        one.key.period.name().into(),
        unit(&one.key.parameter).into(),
        device.into(),
    ]
}

fn table() -> Option<&'static ParameterTable> {
    static TABLE: std::sync::OnceLock<Option<ParameterTable>> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| ParameterTable::builtin().ok()).as_ref()
}

fn unit(parameter: &str) -> Option<&'static str> {
    table()?.get(parameter).map(|parameter| parameter.unit.as_str())
}

fn parameters() -> Vec<Vec<Cell>> {
    let all = table().into_iter().flat_map(ParameterTable::all);
    all.map(|one| {
        vec![
            one.key.as_str().into(),
            one.symbol.as_str().into(),
            one.zh.as_str().into(),
            one.en.as_str().into(),
            one.unit.as_str().into(),
            Cell::Whole(one.decimals.into()),
        ]
    })
    .collect()
}
