//! What the stations of the district say of a parameter of the air hour by hour, and the process behind it.

use super::super::hours::{Block, Site, block, sites};
use super::super::judge::{Shown, Subject};
use super::super::{DayVersion, hour_of_day};
use super::Ground;
use crate::http::error::{Answer, ApiError};
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::words::Words;
use model::{HOUR_MS, PlaceKind, Registry, Timestamp};
use space::field::{Grade, Kind, Process, Sample, Station};
use std::sync::Arc;
use store::Known;

/// Hours that are looked back at to see whether a sensor hangs.
const LOOK_BACK_H: i64 = 8;
/// Hours before the civil day of UTC that the process is fitted on.
const WINDOW_H: i64 = 48;
/// Hours with values that are enough to fit on.
const ENOUGH_H: usize = 6;

/// The stations of a parameter, and the days that an answer is made from.
pub struct Air {
    /// What they measure.
    pub subject: Subject,
    /// Where.
    pub stations: Vec<Measured>,
    /// The ground around them.
    pub ground: Ground,
    /// State of each UTC day.
    pub versions: Vec<(i32, DayVersion)>,
    from: Timestamp,
}

/// A place that measures the air.
pub struct Measured {
    site: Site,
    /// Its key.
    pub key: String,
    /// Where it stands, and how far it is trusted.
    pub station: Station,
    weight: f64,
}

/// Hours of all stations.
pub struct Told<'a> {
    air: &'a Air,
    days: Vec<(i32, Arc<Block>)>,
}

impl Air {
    /// The stations of a parameter, for the hours from one to another.
    ///
    /// # Errors
    /// `unknown_parameter`; `bad_parameter` for what has no value between places.
    pub fn of(app: &AppState, key: &str, (from, to): (Timestamp, Timestamp)) -> Answer<Self> {
        let view = app.reader.view();
        let registry = view.registry();
        let subject = Subject::named(app, registry, key)?;
        refuse(&subject)?;
        let stations = sites(registry, &subject).into_iter();
        let stations = stations.filter_map(|site| measured(registry, site)).collect();
        let first = Timestamp::from_utc_day(from.utc_day()) - WINDOW_H * HOUR_MS;
        let versions = first.utc_day()..=to.utc_day();
        let versions = versions.map(|day| (day, DayVersion::of(&view, day))).collect();
        Ok(Self { subject, stations, ground: Ground::of(registry), versions, from })
    }

    /// Reads the hours.
    ///
    /// # Errors
    /// `internal` when the store cannot read.
    pub fn told(&self, app: &AppState, moment: &Moment) -> Answer<Told<'_>> {
        let block = |(day, version): &(i32, DayVersion)| {
            Ok((*day, block(app, &self.subject, *day, *version, moment.known)?))
        };
        let days = self.versions.iter().map(block).collect::<Answer<Vec<_>>>()?;
        Ok(Told { air: self, days })
    }

    /// What its values are.
    pub fn kind(&self) -> Kind {
        let is_plain = matches!(
            self.subject.key.as_str(),
            "air_temp" | "humidity" | "air_pressure" | "wind_speed"
        );
        if is_plain { Kind::Plain } else { Kind::Concentration }
    }

    /// Where they stand.
    pub fn places(&self) -> Vec<Station> {
        self.stations.iter().map(|measured| measured.station).collect()
    }
}

impl Told<'_> {
    fn value(&self, station: &Measured, at: Timestamp) -> Option<f64> {
        let day = self.days.iter().find(|(day, _)| *day == at.utc_day());
        day.and_then(|(_, block)| block.at(station.site.id, hour_of_day(at)).0)
    }

    /// What each station says of an hour, in their order.
    pub fn row(&self, at: Timestamp) -> Vec<Option<f64>> {
        self.air.stations.iter().map(|station| self.value(station, at)).collect()
    }

    /// The same with how far each is trusted, and since when it has said exactly that.
    pub fn samples(&self, at: Timestamp) -> Vec<Option<Sample>> {
        let sample = |station: &Measured| {
            let value = self.value(station, at)?;
            let before = (1..=LOOK_BACK_H).map(|hours| self.value(station, at - hours * HOUR_MS));
            let same = before.take_while(|before| *before == Some(value)).count();
            Some(Sample {
                at: station.station.at,
                value,
                weight: station.weight,
                is_reference: station.site.kind == PlaceKind::AirStation,
                unchanged_h: same as u32 + 1,
            })
        };
        self.air.stations.iter().map(sample).collect()
    }

    /// The process before an hour: kept ready for the day, since fitting costs more than asking.
    ///
    /// # Errors
    /// None of its own.
    pub fn process(&self, app: &AppState, moment: &Moment, at: Timestamp) -> Answer<Arc<Process>> {
        let midnight = Timestamp::from_utc_day(self.air.from.utc_day());
        let rows = |from: Timestamp, to: Timestamp| -> Vec<Vec<Option<f64>>> {
            let hours = (to - from) / HOUR_MS;
            let rows = (0..hours).map(|hour| self.row(from + hour * HOUR_MS));
            rows.filter(|row| row.iter().flatten().count() > 0).collect()
        };
        let window = rows(midnight - WINDOW_H * HOUR_MS, midnight);
        let (window, end) = if window.len() >= ENOUGH_H {
            (window, midnight)
        } else {
            // the first days of a district: what there is, the hour itself included
            (rows(midnight - WINDOW_H * HOUR_MS, at + HOUR_MS), at + HOUR_MS)
        };
        let fit = || Process::fit(self.air.kind(), &self.air.places(), &window);
        if moment.known != Known::Now {
            return Ok(Arc::new(fit()));
        }
        let days = self.air.versions.iter().filter(|(day, _)| *day < (end - 1).utc_day() + 1);
        let version: Vec<DayVersion> = days.map(|(_, version)| *version).collect();
        let key = (self.air.subject.key.clone(), end.as_ms() / HOUR_MS);
        app.processes.get(&key, version, || Ok((fit(), 1)))
    }

    /// One process for all hours of a range.
    pub fn process_over(&self, from: Timestamp, to: Timestamp) -> Process {
        let hours = (to - from) / HOUR_MS;
        let rows = (0..hours).map(|hour| self.row(from + hour * HOUR_MS));
        let rows: Vec<_> = rows.filter(|row| row.iter().flatten().count() > 0).collect();
        Process::fit(self.air.kind(), &self.air.places(), &rows)
    }
}

/// An index is computed from concentrations and a direction goes round: neither has a mean between two
/// places. Water is not between them.
fn refuse(subject: &Subject) -> Answer<()> {
    let has_none = subject.shown == Shown::Index
        || subject.shown == Shown::Water
        || matches!(subject.key.as_str(), "wind_dir" | "longitude" | "latitude");
    if !has_none {
        return Ok(());
    }
    let accepted = Words::new(
        "请用空气中的浓度、温度等参数，例如 pm25；指数、方向和水质没有点位之间的值",
        "ask for a concentration or a temperature of the air, for example pm25; an index, a direction and water have no value between places",
    );
    Err(ApiError::bad_parameter("parameter", &subject.key, accepted))
}

fn measured(registry: &Registry, site: Site) -> Option<Measured> {
    let place = registry.place(site.id)?;
    let (grade, weight) = match place.kind {
        PlaceKind::AirStation | PlaceKind::WeatherStation => (Grade::STANDARD, 1.0),
        PlaceKind::MicroStation => (Grade::MICRO, 0.25),
        PlaceKind::DustSite => (Grade::DUST, 0.1),
        _ => return None,
    };
    let station = Station { at: [place.lon, place.lat], grade };
    Some(Measured { key: place.key.clone(), station, weight, site })
}
