//! Reads a file into hours by station, in any of the known layouts.

use super::{Air, CoUnit, Error, Label, Layout, Summary, cell};
use model::Timestamp;
use standards::Zone;
use standards::air::Pollutant;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

/// Hours by their start, the six values in the order of [`Pollutant::ALL`].
pub type Station = BTreeMap<Timestamp, [Option<f64>; 6]>;
/// Stations by name.
pub type Stations = BTreeMap<String, Station>;

/// One thing in a file that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// The column, where one cell is meant.
    pub column: Option<String>,
    /// What the cell says.
    pub text: String,
    /// What is wrong and what became of it.
    pub problem: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(out, ", {column} {:?}", self.text)?;
        }
        write!(out, ": {}", self.problem)
    }
}

/// One file to be read.
pub struct Table<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub options: &'a Air,
    pub zone: &'a Zone,
}

/// Where things stand in a row.
struct Columns {
    time: Time,
    station: Vec<usize>,
    values: [Option<usize>; 6],
    label: Label,
    co_unit: CoUnit,
}

enum Time {
    One(usize),
    DateAndHour(usize, usize),
    Parts([usize; 4]),
}

impl Table<'_> {
    /// Adds the file's hours to `stations`.
    pub fn read(&self, stations: &mut Stations, summary: &mut Summary) -> Result<(), Error> {
        // The whole file at once: a single cell of GBK may read as UTF-8 by chance.
        let text = hj212::text::decode(self.bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> =
            reader.headers()?.iter().map(|name| name.trim().to_owned()).collect();
        let columns = self.columns(&header)?;
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            summary.rows += 1;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |at: usize| record.get(at).unwrap_or_default().trim();
            let mut complain = |column: Option<&str>, text: &str, problem: &str| {
                summary.complaints.push(Complaint {
                    file: self.name.to_owned(),
                    line,
                    column: column.map(str::to_owned),
                    text: text.to_owned(),
                    problem: problem.to_owned(),
                });
            };
            let time = columns.time.text(&text);
            let start = match cell::hour(&time, columns.label, self.zone) {
                Ok(start) => start,
                Err(problem) => {
                    complain(Some("time"), &time, problem);
                    continue;
                }
            };
            let mut values = [None; 6];
            for (slot, p) in values.iter_mut().zip(Pollutant::ALL) {
                let Some(at) = columns.values[p.index()] else { continue };
                match cell::concentration(text(at), p, columns.co_unit) {
                    Ok(value) => *slot = value,
                    Err(problem) => complain(Some(&header[at]), text(at), problem),
                }
            }
            // Untrimmed: the national list has places whose names differ by a space alone.
            let name = |at: &usize| record.get(*at).unwrap_or_default();
            let station = columns.station.iter().map(name).collect::<Vec<_>>().join("/");
            match stations.entry(station).or_default().entry(start) {
                Entry::Vacant(free) => {
                    free.insert(values);
                }
                Entry::Occupied(earlier) if *earlier.get() == values => summary.repeated += 1,
                Entry::Occupied(_) => {
                    complain(
                        None,
                        "",
                        "this hour was there before with other values; the first is used",
                    );
                }
            }
        }
        Ok(())
    }

    fn columns(&self, header: &[String]) -> Result<Columns, Error> {
        let find = |names: &[&str]| {
            header.iter().position(|have| names.iter().any(|name| have.eq_ignore_ascii_case(name)))
        };
        let need = |name: &str, names: &[&str]| {
            find(names).ok_or_else(|| Error::Header {
                file: self.name.to_owned(),
                problem: format!("there is no column {name:?}"),
            })
        };
        let layout = match self.options.layout {
            Layout::Auto if find(&["WatchPoint"]).is_some() => Layout::National,
            Layout::Auto if find(&["year"]).is_some() && find(&["hour"]).is_some() => Layout::Prsa,
            Layout::Auto => Layout::Generic,
            named => named,
        };
        let values = Pollutant::ALL.map(|p| match p {
            Pollutant::Pm25 => find(&["PM2.5", "pm25", "pm2_5", "细颗粒物"]),
            Pollutant::Pm10 => find(&["PM10", "可吸入颗粒物"]),
            Pollutant::So2 => find(&["SO2", "二氧化硫"]),
            Pollutant::No2 => find(&["NO2", "二氧化氮"]),
            Pollutant::Co => find(&["CO", "一氧化碳"]),
            Pollutant::O3 => find(&["O3", "O3_1h", "臭氧"]),
        });
        if values.iter().all(Option::is_none) {
            let problem = "there is no column of a pollutant".to_owned();
            return Err(Error::Header { file: self.name.to_owned(), problem });
        }
        let (time, station, label, co_unit) = match layout {
            Layout::National => {
                let time = Time::DateAndHour(need("Date", &["Date"])?, need("Hour", &["Hour"])?);
                let place = need("WatchPoint", &["WatchPoint"])?;
                let station = find(&["city"]).into_iter().chain([place]).collect();
                (time, station, Label::End, CoUnit::Mg)
            }
            Layout::Prsa => {
                let part = |name| need(name, &[name]);
                let parts = [part("year")?, part("month")?, part("day")?, part("hour")?];
                let station = vec![need("station", &["station"])?];
                (Time::Parts(parts), station, Label::Start, CoUnit::Ug)
            }
            Layout::Generic | Layout::Auto => {
                let time = Time::One(need("time", &["time", "时间", "监测时间"])?);
                let station = find(&["station", "站点", "点位"]).into_iter().collect();
                (time, station, Label::Start, CoUnit::Mg)
            }
        };
        let label = self.options.label.unwrap_or(label);
        let co_unit = self.options.co_unit.unwrap_or(co_unit);
        Ok(Columns { time, station, values, label, co_unit })
    }
}

impl Time {
    /// The row's time as one text.
    fn text<'c>(&self, cell: &impl Fn(usize) -> &'c str) -> String {
        match self {
            Self::One(at) => cell(*at).to_owned(),
            Self::Parts([year, month, day, hour]) => {
                format!("{}-{}-{} {}:00", cell(*year), cell(*month), cell(*day), cell(*hour))
            }
            Self::DateAndHour(date, hour) => {
                let (date, hour) = (cell(*date), cell(*hour));
                match (date.get(0..4), date.get(4..6), date.get(6..)) {
                    (Some(y), Some(m), Some(d)) => format!("{y}-{m}-{d} {hour}:00"),
                    _ => format!("{date} {hour}"),
                }
            }
        }
    }
}
