//! Reads a table of hours: one parameter, perhaps a second, and the weather.
//!
//! Columns are found by their names. Units of wind are converted here and nowhere else; a compass point is its angle. A
//! cell that says *missing* is a gap, a code for missing such as −999 too; anything else that is no number is told with its line.

use super::{Error, YEARS_MAX};
use crate::assess::{Label, hour_of};
use clap::ValueEnum;
use model::{HOUR_MS, ParameterTable};
use space::forecast::Weather;
use space::plot::Wind;
use standards::Zone;
use std::collections::BTreeMap;

/// In what a file's wind speeds are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WindUnit {
    /// Metres a second.
    #[value(name = "m/s")]
    MetresASecond,
    /// Kilometres an hour.
    #[value(name = "km/h")]
    KilometresAnHour,
    /// Nautical miles an hour.
    #[value(name = "knots")]
    Knots,
    /// Miles an hour.
    #[value(name = "mph")]
    MilesAnHour,
}

impl WindUnit {
    fn in_m_s(self) -> f64 {
        match self {
            Self::MetresASecond => 1.0,
            Self::KilometresAnHour => 1.0 / 3.6,
            Self::Knots => 1_852.0 / 3_600.0,
            Self::MilesAnHour => 0.447_04,
        }
    }
}

/// What of a file could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// File and line.
    pub at: String,
    /// What is wrong.
    pub what: String,
}

/// What is to be read, and how.
pub(super) struct Asked<'a> {
    pub parameter: &'a str,
    pub other: Option<&'a str>,
    pub zone: &'a Zone,
    pub wind_unit: WindUnit,
    /// Directions name where the wind blows to.
    pub is_wind_to: bool,
}

/// One row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cells {
    pub value: Option<f64>,
    pub other: Option<f64>,
    pub weather: Weather,
}

/// Rows by station and hour, and the unit that the header gives.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub stations: BTreeMap<String, BTreeMap<i64, Cells>>,
    pub unit: Option<String>,
    pub symbol: Option<String>,
    pub complaints: Vec<Complaint>,
}

/// Where things stand in a row.
struct Columns {
    time: Vec<usize>,
    station: Option<usize>,
    value: usize,
    other: Option<usize>,
    speed: Option<usize>,
    direction: Option<usize>,
    weather: [Option<usize>; 4],
}

/// Codes by which files say that there is no value.
const CODES: [&str; 6] = ["-99", "-999", "-9999", "-99.0", "-999.0", "9999"];
const POINTS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];

impl Table {
    /// Adds a file's rows.
    pub fn read(&mut self, name: &str, bytes: &[u8], asked: &Asked<'_>) -> Result<(), Error> {
        let text = hj212::text::decode(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let failed =
            |problem: String, hint: String| Error::Table { file: name.to_owned(), problem, hint };
        let broken = |error: csv::Error| failed(error.to_string(), "write it as CSV".to_owned());
        let header: Vec<String> =
            reader.headers().map_err(broken)?.iter().map(|h| h.trim().to_owned()).collect();
        let columns =
            self.columns(&header, asked).map_err(|(problem, hint)| failed(problem, hint))?;
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(broken)? {
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| record.get(at).unwrap_or_default().trim();
            let time = match columns.time[..] {
                [year, month, day, hour] => {
                    format!("{}-{}-{} {}:00", cell(year), cell(month), cell(day), cell(hour))
                }
                _ => columns.time.iter().map(|at| cell(*at)).collect::<Vec<_>>().join(" "),
            };
            let hour = match hour_of(&time, Label::Start, asked.zone) {
                Ok(start) => start.as_ms().div_euclid(HOUR_MS),
                Err(why) => {
                    self.complain(name, line, format!("{time:?}: {why}"));
                    continue;
                }
            };
            let mut number = |at: Option<usize>| {
                let text = at.map(cell).unwrap_or_default();
                number(text).unwrap_or_else(|()| {
                    self.complaints.push(Complaint {
                        at: format!("{name} line {line}"),
                        what: format!("{text:?} is no number; counted as missing"),
                    });
                    None
                })
            };
            let cells = Cells {
                value: number(Some(columns.value)),
                other: number(columns.other),
                weather: Weather {
                    temperature_c: number(columns.weather[0]),
                    humidity: number(columns.weather[1]),
                    pressure_hpa: number(columns.weather[2]),
                    rain_mm: number(columns.weather[3]),
                    wind: None,
                },
            };
            let speed = number(columns.speed);
            let wind = wind(speed, columns.direction.map(cell).unwrap_or_default(), asked);
            let cells = Cells { weather: Weather { wind, ..cells.weather }, ..cells };
            let station = columns.station.map(cell).unwrap_or_default().to_owned();
            // Of one hour that stands twice the first counts.
            self.stations.entry(station).or_default().entry(hour).or_insert(cells);
        }
        self.bounded(name)
    }

    fn complain(&mut self, name: &str, line: u64, what: String) {
        self.complaints.push(Complaint { at: format!("{name} line {line}"), what });
    }

    /// Refuses a stretch that a slip in a year makes endless.
    fn bounded(&self, name: &str) -> Result<(), Error> {
        let hours = || self.stations.values().flat_map(BTreeMap::keys);
        let span = hours().max().zip(hours().min()).map_or(0, |(last, first)| last - first);
        if span > YEARS_MAX * 8_784 {
            return Err(Error::Table {
                file: name.to_owned(),
                problem: format!("its hours span {} years", span / 8_766),
                hint: format!("look for a wrong year; at most {YEARS_MAX} years at once"),
            });
        }
        Ok(())
    }

    fn columns(
        &mut self,
        header: &[String],
        asked: &Asked<'_>,
    ) -> Result<Columns, (String, String)> {
        let plain: Vec<&str> = header
            .iter()
            .map(|own| own.split(['(', '（', '[']).next().unwrap_or(own).trim())
            .collect();
        let find = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| plain.iter().position(|own| own.eq_ignore_ascii_case(name)))
        };
        let known =
            ParameterTable::builtin().map_err(|error| (error.to_string(), String::new()))?;
        let of_parameter = |given: &str| {
            let same = |text: &str| text.eq_ignore_ascii_case(given);
            let one = known.all().iter().find(|one| same(&one.key) || same(&one.symbol));
            let at = find(&[given])
                .or_else(|| one.and_then(|one| find(&[&one.key, &one.symbol, &one.zh])));
            at.map(|at| (at, one)).ok_or_else(|| {
                (
                    format!("there is no column {given:?}"),
                    format!("columns are {}", header.join(", ")),
                )
            })
        };
        let (value, parameter) = of_parameter(asked.parameter)?;
        let unit = header[value].split_once(['(', '（', '[']);
        self.unit = unit
            .map(|(_, unit)| unit.trim_end_matches([')', '）', ']']).to_owned())
            .or_else(|| parameter.map(|one| one.unit.clone()));
        self.symbol = parameter.map(|one| one.symbol.clone());
        let other = asked.other.map(of_parameter).transpose()?.map(|(at, _)| at);
        let parts: Vec<usize> =
            ["year", "month", "day", "hour"].iter().filter_map(|name| find(&[name])).collect();
        let one = find(&["time", "date", "datetime", "时间", "监测时间", "日期时间"]);
        let time = if parts.len() == 4 { parts } else { one.into_iter().collect() };
        if time.is_empty() {
            return Err((
                "there is no column of time".to_owned(),
                "name it time or date, or give year, month, day and hour".to_owned(),
            ));
        }
        Ok(Columns {
            time,
            station: find(&["station", "site", "站点", "点位", "点位名称"]),
            value,
            other,
            speed: find(&["ws", "wspm", "wind_speed", "风速"]),
            direction: find(&["wd", "wind_dir", "wind_direction", "风向"]),
            weather: [
                find(&["air_temp", "temp", "temperature", "温度", "气温"]),
                find(&["humidity", "rh", "dewp", "湿度"]),
                find(&["air_pressure", "pres", "pressure", "气压"]),
                find(&["rain", "降水", "降水量"]),
            ],
        })
    }
}

/// A number, a gap, or neither.
fn number(text: &str) -> Result<Option<f64>, ()> {
    if crate::assess::says_missing(text) || CODES.contains(&text) {
        return Ok(None);
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(Some).ok_or(())
}

/// A wind of speed and direction; with a speed of nothing no direction is needed.
fn wind(speed: Option<f64>, direction: &str, asked: &Asked<'_>) -> Option<Wind> {
    let speed_m_s = speed? * asked.wind_unit.in_m_s();
    let point = POINTS.iter().position(|point| point.eq_ignore_ascii_case(direction));
    let from = point.map(|point| point as f64 * 22.5).or_else(|| number(direction).ok().flatten());
    let from_deg = match from {
        Some(from) if asked.is_wind_to => (from + 180.0).rem_euclid(360.0),
        Some(from) => from,
        None if speed_m_s <= 0.0 => 0.0,
        None => return None,
    };
    Some(Wind { speed_m_s, from_deg })
}
