//! Reads a file into hours by station, in any of the known layouts.

use super::cell::{self, MassUnit, Problem};
use super::report::{Complaint, Summary};
use super::{Air, CoUnit, Error, Label, Layout};
use model::Timestamp;
use standards::Zone;
use standards::air::Pollutant;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Hours by their start, the six values in the order of [`Pollutant::ALL`].
pub type Station = BTreeMap<Timestamp, [Option<f64>; 6]>;
/// Stations by name.
pub type Stations = BTreeMap<String, Station>;

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
    values: [Option<(usize, MassUnit)>; 6],
    label: Label,
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
        let columns = self.columns(&header, summary)?;
        let (mut with_offset, mut without) = (0_u64, 0_u64);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            summary.rows += 1;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |at: usize| record.get(at).unwrap_or_default().trim();
            let complaint = |column: Option<&str>, text: &str, problem: Problem| Complaint {
                file: self.name.to_owned(),
                line,
                column: column.map(str::to_owned),
                text: text.to_owned(),
                problem,
            };
            let time = columns.time.text(&text);
            let start = match cell::hour(&time, columns.label, self.zone) {
                Ok((start, has_offset)) => {
                    *(if has_offset { &mut with_offset } else { &mut without }) += 1;
                    start
                }
                Err(problem) => {
                    summary.rows_refused += 1;
                    summary.complaints.push(complaint(Some("time"), &time, problem));
                    continue;
                }
            };
            let mut values = [None; 6];
            for (slot, p) in values.iter_mut().zip(Pollutant::ALL) {
                let Some((at, unit)) = columns.values[p.index()] else { continue };
                match cell::concentration(text(at), p, unit) {
                    Ok(value) => {
                        *slot = value;
                        *(if value.is_some() {
                            &mut summary.used
                        } else {
                            &mut summary.missing
                        }) += 1;
                    }
                    Err(problem) => {
                        summary.refused += 1;
                        summary.complaints.push(complaint(Some(&header[at]), text(at), problem));
                    }
                }
            }
            summary.look_at(&values);
            // Untrimmed: the national list has places whose names differ by a space alone.
            let name = |at: &usize| record.get(*at).unwrap_or_default();
            let station = columns.station.iter().map(name).collect::<Vec<_>>().join("/");
            match stations.entry(station).or_default().entry(start) {
                Entry::Vacant(free) => {
                    free.insert(values);
                }
                Entry::Occupied(earlier) if *earlier.get() == values => summary.repeated += 1,
                Entry::Occupied(_) => {
                    summary.rows_refused += 1;
                    summary.complaints.push(complaint(None, "", cell::DISAGREES));
                }
            }
        }
        if with_offset > 0 && without > 0 {
            summary.mixed_zones.push((self.name.to_owned(), with_offset, without));
        }
        Ok(())
    }

    fn columns(&self, header: &[String], summary: &mut Summary) -> Result<Columns, Error> {
        let plain: Vec<&str> = header
            .iter()
            .map(|own| own.split(['(', '（', '[']).next().unwrap_or(own).trim())
            .collect();
        let find = |names: &[&str]| {
            plain.iter().position(|have| names.iter().any(|name| have.eq_ignore_ascii_case(name)))
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
            Pollutant::Pm25 => find(&["PM2.5", "pm25", "pm2_5", "PM₂.₅", "细颗粒物"]),
            Pollutant::Pm10 => find(&["PM10", "可吸入颗粒物"]),
            Pollutant::So2 => find(&["SO2", "二氧化硫"]),
            Pollutant::No2 => find(&["NO2", "二氧化氮"]),
            Pollutant::Co => find(&["CO", "一氧化碳"]),
            Pollutant::O3 => find(&["O3", "O3_1h", "臭氧"]),
        });
        let mut used: Vec<usize> = values.iter().copied().flatten().collect();
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
                let time =
                    Time::One(need("time", &["time", "时间", "监测时间", "datetime", "日期时间"])?);
                let station =
                    find(&["station", "site", "站点", "点位", "点位名称"]).into_iter().collect();
                (time, station, Label::Start, CoUnit::Mg)
            }
        };
        used.extend(&station);
        used.extend(time.columns());
        let unused = (0..header.len()).filter(|at| !used.contains(at));
        let names: Vec<String> = unused.map(|at| header[at].clone()).collect();
        if !names.is_empty() {
            summary.columns_unused.push((self.name.to_owned(), names));
        }
        let label = self.options.label.unwrap_or(label);
        let co_unit = self.options.co_unit.unwrap_or(co_unit);
        let mut columns = [None; 6];
        for (slot, p) in columns.iter_mut().zip(Pollutant::ALL) {
            let Some(at) = values[p.index()] else { continue };
            let own_unit = MassUnit::in_header(&header[at]).map_err(|unit| Error::Unit {
                file: self.name.to_owned(),
                column: plain[at].to_owned(),
                unit,
            })?;
            let usual = if p == Pollutant::Co { co_unit.into() } else { MassUnit::Ug };
            *slot = Some((at, own_unit.unwrap_or(usual)));
        }
        Ok(Columns { time, station, values: columns, label })
    }
}

impl Time {
    fn columns(&self) -> Vec<usize> {
        match self {
            Self::One(at) => vec![*at],
            Self::DateAndHour(date, hour) => vec![*date, *hour],
            Self::Parts(parts) => parts.to_vec(),
        }
    }

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
