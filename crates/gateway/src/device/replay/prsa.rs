//! The hourly Beijing multi-site files.

use super::{Builder, Error, add_item, is_number, move_point, names, row_error, table, wire_name};
use hj212::time::Civil;
use model::{Area, Device, Dialect, Place, PlaceKind};
use std::collections::HashMap;
use std::path::Path;

/// Columns that are sent: name, factor code, places that the point moves to the left.
const COLUMNS: [(&str, &str, usize); 9] = [
    ("PM2.5", "a34004", 0),
    ("PM10", "a34002", 0),
    ("SO2", "a21026", 0),
    ("NO2", "a21004", 0),
    ("CO", "a21005", 3),
    ("O3", "a05024", 0),
    ("TEMP", "a01001", 0),
    ("PRES", "a01006", 1),
    ("WSPM", "a01007", 0),
];

/// The compass, in steps of 22.5 degrees.
const POINTS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];

/// Reads one file.
pub fn read(path: &Path, builder: &mut Builder<'_>) -> Result<(), Error> {
    let stations = table(&path.with_file_name("stations.csv"))?;
    let mut reader = csv::Reader::from_reader(super::open(path)?);
    let headers = reader.headers().map_err(|error| super::csv_error(path, &error))?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let columns: Vec<(usize, &str, usize)> = COLUMNS
        .iter()
        .filter_map(|&(name, code, places)| Some((column(name)?, code, places)))
        .collect();
    let (wind, station) = (column("wd"), column("station"));
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| super::csv_error(path, &error))? {
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let number = |at: usize| cell(Some(at)).parse::<u16>().ok();
        let (Some(year), Some(month), Some(day), Some(hour)) =
            (number(1), number(2), number(3), number(4))
        else {
            return Err(row_error(path, &record, "year, month, day and hour must be numbers"));
        };
        let civil = Civil {
            year,
            month: month as u8,
            day: day as u8,
            hour: hour as u8,
            minute: 0,
            second: 0,
            millisecond: 0,
        };
        let time = builder.clock.instant(civil.digits14().as_bytes());
        let time = time.ok_or_else(|| row_error(path, &record, "no such hour"))?;
        let mut items = String::with_capacity(256);
        for &(at, code, places) in &columns {
            let value = cell(Some(at));
            match places {
                0 if is_number(value) => add_item(&mut items, code, value, "N"),
                0 => {}
                _ => {
                    if let Some(value) = move_point(value, places) {
                        add_item(&mut items, code, &value, "N");
                    }
                }
            }
        }
        if let Some(point) = POINTS.iter().position(|point| *point == cell(wind)) {
            add_item(&mut items, "a01008", &(point as f64 * 22.5).to_string(), "N");
        }
        let name = cell(station);
        let mn = wire_name(&format!("prsa:{name}"));
        let device = builder.device(&mn, |roster| {
            let known =
                stations.iter().find(|row| row.get("station").is_some_and(|at| at == name))?;
            let area = "beijing".to_owned();
            if !roster.areas.iter().any(|known| known.key == area) {
                roster.areas.push(Area {
                    key: area.clone(),
                    name: names("北京", "Beijing"),
                    ..Area::default()
                });
            }
            let place = place(known, name, area)?;
            let key = place.key.clone();
            roster.places.push(place);
            Some(Device {
                mn: mn.clone(),
                password: super::PASSWORD.to_owned(),
                place: key,
                dialect: Dialect::Hj212V2017,
                period_named_by_end: false,
                units: HashMap::new(),
                ..Device::default()
            })
        });
        builder.row(device, time, items);
    }
    Ok(())
}

fn place(row: &HashMap<String, String>, name: &str, area: String) -> Option<Place> {
    Some(Place {
        key: format!("cn-{}", row.get("cnemc_code")?),
        name: names(row.get("name_zh")?, name),
        kind: PlaceKind::AirStation,
        lon: row.get("lon")?.parse().ok()?,
        lat: row.get("lat")?.parse().ok()?,
        area,
        simulated: false,
        ..Place::default()
    })
}
