//! Which law speaks of a parameter, and what it says of one value or hour.

use crate::http::error::{Answer, ApiError};
use crate::http::state::AppState;
use engine::index::{self, Lookup, Sources};
use jiff::civil::Date;
use model::{PlaceKind, Registry, Timestamp, unit_shift};
use standards::air::{AirIndex, Average, Pollutant, Programme, ReportKind};
use standards::water::{Class, WaterBody};
use standards::{Exact, Standards};

/// What is shown, by the law that speaks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The index itself.
    Index,
    /// One of its six pollutants.
    Pollutant(Pollutant),
    /// An item of the water standard.
    Water,
    /// Nothing that has a class.
    Plain,
}

/// A parameter that somebody asks for.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its key.
    pub key: String,
    /// Its unit; empty when it is not in the table.
    pub unit: String,
    /// The law that speaks of it.
    pub shown: Shown,
}

impl Subject {
    /// The parameter of a key: one of the table, or a code that some device sends.
    ///
    /// # Errors
    /// `unknown_parameter`.
    pub fn named(app: &AppState, registry: &Registry, key: &str) -> Answer<Self> {
        let known = app.parameters.get(key);
        let is_sent = || registry.datastreams().iter().any(|known| known.key.parameter == key);
        if known.is_none() && !is_sent() {
            return Err(ApiError::unknown("unknown_parameter", "参数", "parameter", key)
                .with_hint("参数见 /api/v1/parameters", "/api/v1/parameters lists them"));
        }
        let shown = match Pollutant::named(key) {
            _ if key == index::PARAMETER => Shown::Index,
            Some(pollutant) => Shown::Pollutant(pollutant),
            None if app.law.water().limits().item(key, WaterBody::River).is_some() => Shown::Water,
            None => Shown::Plain,
        };
        let unit = known.map_or_else(String::new, |known| known.unit.clone());
        Ok(Self { key: key.to_owned(), unit, shown })
    }
}

/// The level 1 to 6 of a pollutant's hour at a place, by its individual index; 0 for none.
pub fn pollutant_level(
    app: &AppState,
    lookup: &dyn Lookup,
    (kind, sources): (PlaceKind, &Sources),
    pollutant: Pollutant,
    start: Timestamp,
) -> u8 {
    let zone = &app.district.zone;
    let judged = index::hour(lookup, &app.law, zone, kind, sources, start);
    let iaqi = judged.ok().and_then(|judged| judged.report.iaqi(pollutant));
    let date = zone.date(start).ok();
    let edition = date.and_then(|date| app.law.air_index(date));
    iaqi.zip(edition).and_then(|(iaqi, edition)| edition.category(iaqi)).map_or(0, |c| c.level)
}

/// The level 1 to 6 that a concentration would have if it stood for an hour; 0 for none.
pub fn concentration_level(law: &Standards, date: Date, pollutant: Pollutant, value: f64) -> u8 {
    let level = |edition: &AirIndex| {
        let value = Exact::from_reading(value).ok().filter(|value| !value.is_negative())?;
        let report = edition.report(ReportKind::Hour, Programme::default(), |of, _| {
            Average::given((of == pollutant).then_some(value))
        });
        Some(edition.category(report.iaqi(pollutant)?)?.level)
    };
    law.air_index(date).and_then(level).unwrap_or(0)
}

/// The class of one water item, I to worse than V as 1 to 6; 0 for none.
pub fn water_level(law: &Standards, key: &str, unit: &str, value: f64) -> u8 {
    let class = |value| {
        let report = law.water().section(WaterBody::River, &[(key, value)]).ok()?;
        report.items.first().map(|row| row.class)
    };
    water_value(law, key, unit, value).and_then(class).map_or(0, class_level)
}

/// A reading of a water item in the unit of the standard; `None` when the standard has no such item.
pub fn water_value(law: &Standards, key: &str, unit: &str, value: f64) -> Option<Exact> {
    let item = law.water().limits().item(key, WaterBody::River)?;
    let power = unit_shift(unit, &item.unit)?;
    let tens = Exact::whole(10_i64.checked_pow(power.unsigned_abs())?);
    let value = Exact::from_reading(value).ok().filter(|value| !value.is_negative())?;
    if power < 0 { value.over(&tens).ok() } else { value.times(&tens).ok() }
}

/// A class as a level, 1 to 6.
pub fn class_level(class: Class) -> u8 {
    class as u8 + 1
}
