//! National hourly files: one row for each city, site and hour.

use super::{Builder, Error, add_item, is_number, names, row_error, table, wire_name};
use model::{Area, Device, Dialect, HOUR_MS, Place, PlaceKind};
use std::collections::HashMap;
use std::path::Path;

/// Columns that are sent, all in the unit of the parameter.
const COLUMNS: [(&str, &str); 6] = [
    ("PM2.5", "a34004"),
    ("PM10", "a34002"),
    ("SO2", "a21026"),
    ("NO2", "a21004"),
    ("CO", "a21005"),
    ("O3_1h", "a05024"),
];

/// A site of the station tables.
struct Site {
    code: String,
    english: String,
    lon: f64,
    lat: f64,
}

/// What is known about sites and cities.
#[derive(Default)]
struct Atlas {
    sites: HashMap<(String, String), Site>,
    /// English name, and the mean of the sites' positions with their number.
    cities: HashMap<String, (String, f64, f64, f64)>,
}

/// Reads one file.
pub fn read(path: &Path, builder: &mut Builder<'_>) -> Result<(), Error> {
    let atlas = Atlas::load(path)?;
    let mut reader = csv::Reader::from_reader(super::open(path)?);
    let headers = reader.headers().map_err(|error| super::csv_error(path, &error))?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let columns: Vec<(usize, &str)> =
        COLUMNS.iter().filter_map(|&(name, code)| Some((column(name)?, code))).collect();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| super::csv_error(path, &error))? {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let digits = format!("{}{:0>2}0000", cell(0), cell(1));
        let end = builder.clock.instant(digits.as_bytes());
        let end = end.ok_or_else(|| row_error(path, &record, "Date and Hour name no hour"))?;
        let mut items = String::with_capacity(192);
        for &(at, code) in &columns {
            let value = cell(at).trim();
            if is_number(value) {
                add_item(&mut items, code, value, "N");
            }
        }
        let (city, site) = (cell(2), cell(3));
        let mn = wire_name(&format!("national:{city}/{site}"));
        let device = builder.device(&mn, |roster| {
            if !roster.areas.iter().any(|area| area.key == city) {
                let english = atlas.city(city).map_or("", |known| known.0.as_str());
                let area =
                    Area { key: city.to_owned(), name: names(city, english), ..Area::default() };
                roster.areas.push(area);
            }
            let place = atlas.place(city, site, &mn);
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
        // 08 is the hour from 07 to 08; HJ 212 names it by its start.
        builder.row(device, end - HOUR_MS, items);
    }
    Ok(())
}

impl Atlas {
    /// Reads the tables beside a file; the one of Zhengzhou has the better positions.
    fn load(path: &Path) -> Result<Self, Error> {
        let mut atlas = Self::default();
        let better: HashMap<String, (f64, f64)> =
            table(&path.with_file_name("zhengzhou_stations.csv"))?
                .iter()
                .filter_map(|row| Some((row.get("cnemc_code")?.clone(), position(row)?)))
                .collect();
        for row in table(&path.with_file_name("station_info.csv"))? {
            let text = |name: &str| row.get(name).cloned().unwrap_or_default();
            let code = text("ID");
            let Some((lon, lat)) = better.get(&code).copied().or_else(|| position(&row)) else {
                continue;
            };
            let city = atlas.cities.entry(text("area")).or_default();
            city.0 = text("area_en_name");
            (city.1, city.2, city.3) = (city.1 + lon, city.2 + lat, city.3 + 1.0);
            let site = Site { code, english: text("stations_en_name"), lon, lat };
            atlas.sites.insert((text("area"), text("stations_name")), site);
        }
        Ok(atlas)
    }

    /// A city by its name, or by one that goes on (山南, 山南地区); the first in the order of names.
    fn city(&self, name: &str) -> Option<&(String, f64, f64, f64)> {
        self.cities.get(name).or_else(|| {
            let longer = self.cities.iter().filter(|(known, _)| known.starts_with(name));
            longer.min_by_key(|(known, _)| known.as_str()).map(|(_, city)| city)
        })
    }

    /// The place of a site. Where no table knows it, it stands in the middle of its city's known sites
    /// and says so; where not even the city is known, in the middle of them all.
    fn place(&self, city: &str, site: &str, mn: &str) -> Place {
        let place = |key, name, lon, lat| Place {
            key,
            name,
            kind: PlaceKind::AirStation,
            lon,
            lat,
            area: city.to_owned(),
            simulated: false,
            ..Place::default()
        };
        if let Some(known) = self.sites.get(&(city.to_owned(), site.to_owned())) {
            let key = format!("cn-{}", known.code);
            return place(
                key,
                names(&format!("{city} {site}"), &known.english),
                known.lon,
                known.lat,
            );
        }
        let (lon, lat) = self
            .city(city)
            .map_or_else(|| self.middle(), |known| (known.1 / known.3, known.2 / known.3));
        let zh = format!("{city} {site}（位置不明）");
        let en = format!("{city} {site} (position unknown)");
        place(format!("cn-{}", &mn[8..]), names(&zh, &en), lon, lat)
    }

    fn middle(&self) -> (f64, f64) {
        // Sorted, because a sum of floats depends on its order.
        let mut all: Vec<(f64, f64)> =
            self.sites.values().map(|site| (site.lon, site.lat)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let count = all.len().max(1) as f64;
        let sum = all.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (sum.0 / count, sum.1 / count)
    }
}

fn position(row: &HashMap<String, String>) -> Option<(f64, f64)> {
    Some((row.get("lon")?.parse().ok()?, row.get("lat")?.parse().ok()?))
}
