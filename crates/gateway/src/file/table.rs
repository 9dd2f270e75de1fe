//! A row of a table, read: when, who, what, how much.

use super::{Measure, Problem, Row, Value, instant};
use crate::device::wire_name;
use crate::hj212::{Clock, flag_of_mark, shifted_number};
use model::{
    Dialect, Flag, ParameterTable, Period, Quality, Reason, Statistic, Timestamp, unit_shift,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Where the instant stands.
pub enum When {
    /// In one column; whether it is the end of the period.
    Column(usize, bool),
    /// `20200402` and `08`: the end of an hour.
    DateAndHour(usize, usize),
    /// Year, month, day, hour: the start of an hour.
    Parts([usize; 4]),
}

/// Where the station stands.
pub enum Station {
    /// A name, and perhaps another one.
    Named(usize, Option<usize>),
    /// City and site of the national files.
    City(usize, usize),
    /// The name in the Beijing files.
    Prsa(usize),
}

/// Where the values stand.
pub enum Body {
    /// A column for each parameter.
    Wide(Vec<Column>),
    /// A row for each value.
    Long(Long),
}

/// A column of values.
pub struct Column {
    pub at: usize,
    pub measure: Arc<Measure>,
    /// Places that the point moves to the right.
    pub shift: i32,
    pub plausible_max: f64,
    /// Whether it holds compass points.
    pub is_compass: bool,
}

/// Columns of a long table.
pub struct Long {
    pub parameter: usize,
    pub value: usize,
    pub unit: Option<usize>,
    pub flag: Option<usize>,
    pub quality: Option<usize>,
    pub validity: Option<usize>,
    pub period: Option<usize>,
    pub statistic: Option<usize>,
}

/// How rows of a table are read.
pub struct Table {
    when: When,
    station: Station,
    body: Body,
    clock: Clock,
    parameters: ParameterTable,
    period: Period,
    is_derived_left_out: bool,
    measures: HashMap<(String, Statistic, Period), Arc<Measure>>,
}

/// The compass, in steps of 22.5 degrees.
const POINTS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];
/// How files write that there is no value.
const MISSING: [&str; 12] =
    ["", "na", "n/a", "nan", "null", "none", "-", "--", "—", "-999", "-999.0", "-9999"];
/// No quantity that is measured here is larger, in any unit.
const QUANTITY_MAX: f64 = 1e15;
/// Measures of one file that are remembered.
const MEASURES_MAX: usize = 10_000;

impl Table {
    pub fn new(
        when: When,
        station: Station,
        body: Body,
        clock: Clock,
        parameters: ParameterTable,
        period: Period,
        is_derived_left_out: bool,
    ) -> Self {
        let measures = HashMap::new();
        Self { when, station, body, clock, parameters, period, is_derived_left_out, measures }
    }

    /// Reads one row.
    pub fn row(&mut self, line: u64, raw: Vec<u8>, cells: &[String]) -> Row {
        let (station, place) = self.station(cells);
        let is_derived = self.is_derived_left_out && station.is_empty();
        let values = if is_derived { Ok(vec![]) } else { self.values(&station, cells) };
        Row { line, raw, station, place, values }
    }

    fn station(&self, cells: &[String]) -> (String, String) {
        match self.station {
            Station::Named(name, place) => (
                cell(cells, name).to_owned(),
                place.map_or_else(String::new, |at| cell(cells, at).to_owned()),
            ),
            Station::City(city, site) => {
                let (city, site) = (cell(cells, city), cell(cells, site));
                (wire_name(&format!("national:{city}/{site}")), format!("{city} {site}"))
            }
            Station::Prsa(at) => {
                let name = cell(cells, at);
                (wire_name(&format!("prsa:{name}")), name.to_owned())
            }
        }
    }

    fn values(&mut self, station: &str, cells: &[String]) -> Result<Vec<Value>, Problem> {
        let count = match &self.body {
            Body::Wide(columns) => {
                columns.iter().filter(|column| !is_missing(cell(cells, column.at))).count() as u32
            }
            Body::Long(_) => 1,
        };
        let read = if station.is_empty() {
            Err(Problem::new(Reason::BadGrammar, "it names no station", "未写明站点"))
        } else if matches!(self.body, Body::Wide(_)) {
            self.wide(cells)
        } else {
            self.long(cells)
        };
        read.map_err(|problem| Problem { values: count, ..problem })
    }

    fn time(&self, cells: &[String], period: Period) -> Result<Timestamp, Problem> {
        let found = match self.when {
            When::Column(at, by_end) => instant(cell(cells, at), &self.clock)
                .map(|time| if by_end { self.clock.period_start(time, period) } else { time }),
            When::DateAndHour(date, hour) => {
                let digits = format!("{}{:0>2}0000", cell(cells, date), cell(cells, hour));
                let end = self.clock.instant(digits.as_bytes());
                end.map(|end| self.clock.period_start(end, Period::Hour))
            }
            When::Parts(parts) => {
                let [year, month, day, hour] = parts.map(|at| cell(cells, at));
                let digits = format!("{year:0>4}{month:0>2}{day:0>2}{hour:0>2}0000");
                self.clock.instant(digits.as_bytes())
            }
        };
        found.ok_or_else(|| {
            Problem::new(Reason::BadTime, "it names no instant", "时间缺失或不是有效时间")
        })
    }

    fn wide(&self, cells: &[String]) -> Result<Vec<Value>, Problem> {
        let Body::Wide(columns) = &self.body else { return Ok(vec![]) };
        let period = columns.first().map_or(self.period, |column| column.measure.period);
        let time = self.time(cells, period)?;
        let mut values = vec![];
        for column in columns {
            let text = cell(cells, column.at);
            if is_missing(text) {
                continue;
            }
            let value = if column.is_compass {
                POINTS.iter().position(|point| *point == text).map(|point| point as f64 * 22.5)
            } else {
                number(text, column.shift)
            };
            let value = value.ok_or_else(|| no_number(text))?;
            let flag = Flag::new(quality(value, column.plausible_max), None);
            let measure = Arc::clone(&column.measure);
            // Files have no marks in a column of values; devices that replay them send N.
            values.push(Value { measure, time, value: Some(value), flag: normal(flag) });
        }
        Ok(values)
    }

    fn long(&mut self, cells: &[String]) -> Result<Vec<Value>, Problem> {
        let Body::Long(long) = &self.body else { return Ok(vec![]) };
        let of = |at: Option<usize>| at.map_or("", |at| cell(cells, at));
        let bad = |en: String, zh: String| Problem::new(Reason::BadGrammar, en, zh);
        let (text, name) = (cell(cells, long.value), cell(cells, long.parameter));
        let (mark, stated) = (of(long.flag), of(long.quality));
        let period = period_of(of(long.period), self.period)
            .ok_or_else(|| bad("its period is no known one".into(), "无法识别的周期".into()))?;
        let statistic = match of(long.statistic) {
            "" if period == Period::Instant => Statistic::Instant,
            "" => Statistic::Mean,
            name => Statistic::named(name)
                .ok_or_else(|| bad(format!("no statistic {name}"), format!("无此统计量 {name}")))?,
        };
        let (key, shift, plausible_max) = self.parameter(name, of(long.unit))?;
        let time = self.time(cells, period)?;
        let value = if is_missing(text) {
            None
        } else {
            Some(number(text, shift).ok_or_else(|| no_number(text))?)
        };
        let (is_invalid, is_gap) =
            (is_negative(of(long.validity)), stated == Quality::Missing.name());
        if value.is_none() && !is_gap {
            return Ok(vec![]);
        }
        let found = match value {
            None => Quality::Missing,
            Some(_) if is_invalid => Quality::Fail,
            Some(value) => quality(value, plausible_max),
        };
        let flag = match (Quality::named(stated), mark.bytes().next()) {
            (Some(stated), mark) if value.is_none() == (stated == Quality::Missing) => {
                Flag::new(stated, mark)
            }
            (_, Some(mark)) => flag_of_mark(found, mark, Dialect::Hj212V2017),
            (_, None) if long.quality.is_some() => Flag::new(found, None),
            (_, None) => normal(Flag::new(found, None)),
        };
        let measure = self.measure(key, statistic, period);
        Ok(vec![Value { measure, time, value, flag }])
    }

    /// Key, places that the point moves, and the largest plausible value.
    fn parameter(&self, name: &str, unit: &str) -> Result<(String, i32, f64), Problem> {
        let bad = |en: String, zh: String| Problem::new(Reason::BadGrammar, en, zh);
        let plain: String =
            name.to_lowercase().chars().filter(|c| !matches!(c, '.' | '_' | ' ' | '-')).collect();
        let known =
            self.parameters.get(name).or_else(|| self.parameters.by_code(name)).or_else(|| {
                self.parameters.all().iter().find(|parameter| {
                    let symbol = parameter.symbol.to_lowercase().replace(['.', '_', ' ', '-'], "");
                    symbol == plain || parameter.key == plain
                })
            });
        let Some(parameter) = known else {
            let is_code = (1..=32).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            // A code that nobody knows is kept under its own name, as from a device.
            return if is_code && unit.is_empty() {
                Ok((name.to_owned(), 0, f64::INFINITY))
            } else {
                Err(bad(format!("no parameter {name:?}"), format!("无此参数 {name:?}")))
            };
        };
        let unit = plain_unit(unit);
        let shift = if unit.is_empty() { Some(0) } else { unit_shift(&unit, &parameter.unit) };
        let shift = shift.ok_or_else(|| {
            let ours = &parameter.unit;
            bad(
                format!("{name} in {unit} is no decimal multiple of {ours}"),
                format!("{name} 的单位 {unit} 不能按十进位换算为 {ours}"),
            )
        })?;
        Ok((parameter.key.clone(), shift, parameter.plausible_max.unwrap_or(f64::INFINITY)))
    }

    fn measure(&mut self, parameter: String, statistic: Statistic, period: Period) -> Arc<Measure> {
        if self.measures.len() >= MEASURES_MAX {
            self.measures.clear();
        }
        let known = self.measures.entry((parameter.clone(), statistic, period));
        Arc::clone(known.or_insert_with(|| Arc::new(Measure { parameter, statistic, period })))
    }
}

fn cell(cells: &[String], at: usize) -> &str {
    cells.get(at).map_or("", |cell| cell.trim())
}

fn is_missing(text: &str) -> bool {
    MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing))
}

fn is_negative(validity: &str) -> bool {
    validity.parse::<f64>().is_ok_and(|validity| validity <= 0.0)
}

fn number(text: &str, shift: i32) -> Option<f64> {
    shifted_number(text.as_bytes(), shift).filter(|number| number.abs() <= QUANTITY_MAX)
}

fn no_number(text: &str) -> Problem {
    let text: String = text.chars().take(40).collect();
    Problem::new(Reason::BadGrammar, format!("{text:?} is no value"), format!("{text:?} 不是数值"))
}

fn quality(value: f64, plausible_max: f64) -> Quality {
    if value.abs() > plausible_max { Quality::Suspect } else { Quality::Good }
}

/// The flag with the mark N, as a device in normal service sends it.
fn normal(flag: Flag) -> Flag {
    Flag::new(flag.quality(), Some(b'N'))
}

fn period_of(text: &str, usual: Period) -> Option<Period> {
    let text = text.to_lowercase();
    match text.as_str() {
        "" => Some(usual),
        "hourly" => Some(Period::Hour),
        "daily" => Some(Period::Day),
        name => Period::named(name),
    }
}

/// A unit as we write it.
fn plain_unit(unit: &str) -> String {
    let plain = unit.trim().replace(['µ', 'μ'], "u").replace('³', "3").replace("m-3", "/m3");
    match plain.replace(' ', "").to_lowercase().as_str() {
        "ug/m3" | "ug.m-3" | "ug/m^3" | "ug./m3" => "ug/m3".to_owned(),
        "mg/m3" | "mg.m-3" | "mg/m^3" | "mg./m3" => "mg/m3".to_owned(),
        "ng/m3" | "ng.m-3" => "ng/m3".to_owned(),
        "c" | "degc" | "°c" | "celsius" => "Cel".to_owned(),
        _ => plain,
    }
}
