//! What the columns of a table mean, by its head.

use super::table::{Body, Column, Long, Station, Table, When};
use super::{Fault, Format, Measure, Options};
use model::{ParameterTable, Period, Statistic};
use std::sync::Arc;

/// National hourly files: column, parameter.
const NATIONAL: [(&str, &str); 6] = [
    ("PM2.5", "pm25"),
    ("PM10", "pm10"),
    ("SO2", "so2"),
    ("NO2", "no2"),
    ("CO", "co"),
    ("O3_1h", "o3"),
];

/// The Beijing files: column, parameter, places that the point moves to the right.
const PRSA: [(&str, &str, i32); 9] = [
    ("PM2.5", "pm25", 0),
    ("PM10", "pm10", 0),
    ("SO2", "so2", 0),
    ("NO2", "no2", 0),
    ("CO", "co", -3),
    ("O3", "o3", 0),
    ("TEMP", "air_temp", 0),
    ("PRES", "air_pressure", -1),
    ("WSPM", "wind_speed", 0),
];

/// Our words for columns of long tables, and what others call them.
const WORDS: [(&str, &[&str]); 13] = [
    ("time", &["time", "datetime", "timestamp", "date_time", "时间", "监测时间", "数据时间"]),
    ("begin", &["begin", "start", "datetimebegin", "datetime_begin", "开始时间"]),
    ("end", &["end", "datetimeend", "datetime_end", "结束时间"]),
    (
        "device",
        &[
            "device",
            "mn",
            "location_id",
            "airqualitystationeoicode",
            "airqualitystation",
            "samplingpoint",
            "station",
            "site",
            "aqsid",
            "设备编号",
            "站点编码",
            "站点",
        ],
    ),
    ("place", &["place", "location", "sitename", "站点名称", "点位"]),
    ("parameter", &["parameter", "airpollutant", "pollutant", "parametername", "参数", "因子"]),
    ("value", &["value", "concentration", "数值", "浓度"]),
    ("unit", &["unit", "units", "unitofmeasurement", "reportingunits", "单位"]),
    ("flag", &["flag", "mark", "标记"]),
    ("quality", &["quality", "质量"]),
    ("validity", &["validity"]),
    ("period", &["period", "averagingtime", "aggtype"]),
    ("statistic", &["statistic"]),
];

/// The table that a head describes.
pub fn table(names: &[String], options: &Options) -> Result<(Format, Table), Fault> {
    let parameters =
        ParameterTable::builtin().map_err(|error| Fault::column(&error.to_string()))?;
    let head = Head { names, options, parameters: &parameters };
    let format = match options.format {
        Format::Auto if options.columns.is_empty() => {
            head.format().ok_or_else(|| head.unknown())?
        }
        Format::Auto | Format::Parquet if !options.columns.is_empty() => Format::Generic,
        Format::Parquet => head.format().ok_or_else(|| head.unknown())?,
        format => format,
    };
    let (when, station, body) = match format {
        Format::National => head.national()?,
        Format::Prsa => head.prsa()?,
        _ => head.long()?,
    };
    let is_derived_left_out = format == Format::Export;
    let clock = options.clock.clone();
    let table =
        Table::new(when, station, body, clock, parameters, options.period, is_derived_left_out);
    Ok((format, table))
}

struct Head<'a> {
    names: &'a [String],
    options: &'a Options,
    parameters: &'a ParameterTable,
}

type Shape = (When, Station, Body);

impl Head<'_> {
    fn unknown(&self) -> Fault {
        Fault::head(&self.names.join(","))
    }

    /// The place of a column by its name, whatever the case of its letters.
    fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    fn must(&self, name: &str) -> Result<usize, Fault> {
        self.at(name).ok_or_else(|| Fault::column(&format!("there is no column {name}")))
    }

    /// The place of one of our words: as the options say, or as people usually write it.
    fn word(&self, word: &str) -> Result<Option<usize>, Fault> {
        if let Some((_, name)) = self.options.columns.iter().find(|(known, _)| known == word) {
            return self.must(name).map(Some);
        }
        let usual = WORDS.iter().find(|(known, _)| *known == word).map_or(&[][..], |(_, all)| all);
        let plain = |name: &str| name.trim().to_lowercase();
        Ok(usual.iter().find_map(|usual| self.names.iter().position(|name| plain(name) == *usual)))
    }

    fn format(&self) -> Option<Format> {
        let has = |names: &[&str]| names.iter().all(|name| self.at(name).is_some());
        Some(if has(&["Date", "Hour", "city", "WatchPoint"]) {
            Format::National
        } else if has(&["No", "year", "month", "day", "hour", "station"]) {
            Format::Prsa
        } else if has(&["time", "place", "device", "parameter", "statistic", "period", "value"]) {
            Format::Export
        } else if has(&["location_id", "datetime", "parameter", "units", "value"]) {
            Format::OpenAq
        } else if has(&["time", "device", "parameter", "value"]) {
            Format::Generic
        } else if has(&["datastream", "time", "value", "flag", "sequence"]) {
            // An archive file: its datastreams are numbers of one directory only.
            return None;
        } else {
            let known = |word| self.word(word).ok().flatten().is_some();
            let is_timed = known("time") || known("begin") || known("end");
            if !(is_timed && known("device") && known("parameter") && known("value")) {
                return None;
            }
            Format::Long
        })
    }

    fn national(&self) -> Result<Shape, Fault> {
        let when = When::DateAndHour(self.must("Date")?, self.must("Hour")?);
        let station = Station::City(self.must("city")?, self.must("WatchPoint")?);
        let columns = NATIONAL
            .iter()
            .filter_map(|&(name, key)| self.column(self.at(name)?, key, 0))
            .collect();
        Ok((when, station, Body::Wide(columns)))
    }

    fn prsa(&self) -> Result<Shape, Fault> {
        let [year, month, day, hour] = ["year", "month", "day", "hour"].map(|name| self.must(name));
        let when = When::Parts([year?, month?, day?, hour?]);
        let station = Station::Prsa(self.must("station")?);
        let mut columns: Vec<Column> = PRSA
            .iter()
            .filter_map(|&(name, key, shift)| self.column(self.at(name)?, key, shift))
            .collect();
        let wind = self.at("wd").and_then(|at| self.column(at, "wind_dir", 0));
        columns.extend(wind.map(|column| Column { is_compass: true, ..column }));
        Ok((when, station, Body::Wide(columns)))
    }

    fn column(&self, at: usize, key: &str, shift: i32) -> Option<Column> {
        let parameter = self.parameters.get(key)?;
        let measure =
            Measure { parameter: key.to_owned(), statistic: Statistic::Mean, period: Period::Hour };
        let plausible_max = parameter.plausible_max.unwrap_or(f64::INFINITY);
        Some(Column { at, measure: Arc::new(measure), shift, plausible_max, is_compass: false })
    }

    /// A row for each value, or columns of values that the options name.
    fn long(&self) -> Result<Shape, Fault> {
        let when = self.when()?;
        let missing = |what: &str| Fault::column(&format!("no column is the {what}"));
        let device = self.word("device")?;
        let place = self.word("place")?;
        let device = device.or(place).ok_or_else(|| missing("device"))?;
        let station = Station::Named(device, place.filter(|place| *place != device));
        let is_role = |word: &String| WORDS.iter().any(|(known, _)| known == word);
        let mut columns = vec![];
        for (word, name) in self.options.columns.iter().filter(|(word, _)| !is_role(word)) {
            let key = self.parameters.get(word).or_else(|| self.parameters.by_code(word));
            let key = key.ok_or_else(|| {
                Fault::column(&format!("{word} is neither a word of an export nor a parameter"))
            })?;
            let column = self.column(self.must(name)?, &key.key, 0);
            let period = self.options.period;
            columns.extend(column.map(|mut column| {
                let measure = Measure { period, ..Measure::clone(&column.measure) };
                column.measure = Arc::new(measure);
                column
            }));
        }
        if !columns.is_empty() {
            return Ok((when, station, Body::Wide(columns)));
        }
        let long = Long {
            parameter: self.word("parameter")?.ok_or_else(|| missing("parameter"))?,
            value: self.word("value")?.ok_or_else(|| missing("value"))?,
            unit: self.word("unit")?,
            flag: self.word("flag")?,
            quality: self.word("quality")?,
            validity: self.word("validity")?,
            period: self.word("period")?,
            statistic: self.word("statistic")?,
        };
        Ok((when, station, Body::Long(long)))
    }

    fn when(&self) -> Result<When, Fault> {
        if let Some(at) = self.word("begin")? {
            return Ok(When::Column(at, false));
        }
        if let Some(at) = self.word("time")? {
            // OpenAQ: "time stamps are time ending"; everybody else who says nothing means the start.
            let is_openaq =
                self.options.format == Format::OpenAq || self.format() == Some(Format::OpenAq);
            return Ok(When::Column(at, self.options.named_by_end.unwrap_or(is_openaq)));
        }
        let end = self.word("end")?.ok_or_else(|| Fault::column("no column is the time"))?;
        Ok(When::Column(end, true))
    }
}
