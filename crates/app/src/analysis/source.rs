//! What a command analyses: files, or a data directory; and where its answer goes.

use super::file::{Asked, Table};
use super::{Error, Hours, WindUnit, calendar, stored};
use crate::assess::{Lang, read_file};
use clap::Args;
use draw::Language;
use jiff::civil::Date;
use model::{HOUR_MS, Names, Parameter, ParameterTable, Timestamp};
use space::forecast::{Hour, Weather};
use standards::Zone;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Known, Limits, Reader, Store};

/// Where hours come from.
#[derive(Args, Clone, Debug)]
pub struct Source {
    /// Files of hours, CSV or gzipped CSV: a time, perhaps a station, the parameter, wind (ws, wd) and weather.
    pub files: Vec<PathBuf>,
    /// A data directory instead of files; no server may use it meanwhile (its page and API plot as well).
    #[arg(long, conflicts_with = "files")]
    pub dir: Option<PathBuf>,
    /// A place or station; may be repeated. All of a file without it.
    #[arg(long = "place", value_name = "KEY")]
    pub places: Vec<String>,
    /// The parameter: a key (pm25), a symbol (PM2.5) or the name of a column.
    #[arg(long, default_value = "pm25")]
    pub parameter: String,
    /// The first civil day.
    #[arg(long)]
    pub from: Option<Date>,
    /// The last civil day, included.
    #[arg(long)]
    pub to: Option<Date>,
    /// The zone of times without an offset, and of civil days.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// The parameter's unit, where the file does not say it.
    #[arg(long)]
    pub unit: Option<String>,
    /// In what a file's wind speeds are.
    #[arg(long, value_enum, default_value_t = WindUnit::MetresASecond)]
    pub wind_unit: WindUnit,
    /// A file's directions name where the wind blows to, not where it comes from.
    #[arg(long)]
    pub wind_to: bool,
    /// The language of pictures and messages.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// Where an answer goes: a picture, a table, or all numbers.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub struct Output {
    /// Write the picture, to a file or to `-`.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write the table, to a file or to `-`.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// All numbers as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Hours and how they are labelled.
pub(super) struct Read {
    pub places: Vec<Hours>,
    pub symbol: String,
    pub unit: String,
    pub zone: Zone,
    /// The data directory that they were read from.
    pub directory: Option<Directory>,
}

/// What else a data directory can be asked about the same places.
pub(super) struct Directory {
    pub reader: Reader,
    /// Keys of the places.
    pub places: Vec<String>,
    /// Key of the parameter.
    pub parameter: String,
}

impl Source {
    pub(super) fn language(&self) -> Language {
        self.lang.into()
    }

    /// Reads everything that is asked for; what could not be used is told on standard error.
    pub(super) fn read(&self, other: Option<&str>) -> Result<Read, Error> {
        let zone = Zone::named(&self.zone)?;
        match &self.dir {
            Some(dir) => self.read_directory(dir, other, zone),
            None => self.read_files(other, zone),
        }
    }

    /// The hours from the first to after the last day, as far as they are asked for.
    fn window(&self, zone: &Zone) -> Result<(Option<i64>, Option<i64>), Error> {
        let hour = |at: Timestamp| at.as_ms().div_euclid(HOUR_MS);
        let from = self.from.map(|day| zone.day(day)).transpose()?;
        let to = self.to.map(|day| zone.day(day)).transpose()?;
        Ok((from.map(|day| hour(day.start())), to.map(|day| hour(day.end()))))
    }

    fn read_files(&self, other: Option<&str>, zone: Zone) -> Result<Read, Error> {
        if self.files.is_empty() {
            return Err(Error::Unknown {
                problem: "nothing to read".to_owned(),
                hint: "name files, or --dir".to_owned(),
            });
        }
        let asked = Asked {
            parameter: &self.parameter,
            other,
            zone: &zone,
            wind_unit: self.wind_unit,
            is_wind_to: self.wind_to,
        };
        let mut table = Table::default();
        for path in &self.files {
            let name = path.display().to_string();
            let bytes =
                read_file(path).map_err(|source| Error::Read { file: name.clone(), source })?;
            table.read(&name, &bytes, &asked)?;
        }
        tell(&table);
        let (from, to) = self.window(&zone)?;
        let mut places = Vec::new();
        for (name, rows) in &table.stations {
            if !self.places.is_empty() && !self.places.contains(name) {
                continue;
            }
            let rows = || rows.range(from.unwrap_or(i64::MIN)..to.unwrap_or(i64::MAX));
            let (Some((first, _)), Some((last, _))) = (rows().next(), rows().next_back()) else {
                continue;
            };
            let count = (last - first + 1) as usize;
            let civil = calendar(&zone, *first, count)?;
            let empty = |at| Hour { at, value: None, weather: Weather::default() };
            let mut hours: Vec<Hour> = civil.into_iter().map(empty).collect();
            let mut others = vec![None; if other.is_some() { count } else { 0 }];
            for (hour, cells) in rows() {
                let at = (hour - first) as usize;
                hours[at] = Hour { value: cells.value, weather: cells.weather, ..hours[at] };
                if let Some(slot) = others.get_mut(at) {
                    *slot = cells.other;
                }
            }
            let name = if name.is_empty() { self.file_name() } else { name.clone() };
            places.push(Hours { name, first_hour: *first, hours, other: others, wind_of: None });
        }
        if places.is_empty() {
            let there: Vec<&str> = table.stations.keys().map(String::as_str).collect();
            return Err(Error::Unknown {
                problem: "no hours of these places and days".to_owned(),
                hint: format!("stations of the files: {}", there.join(", ")),
            });
        }
        Ok(Read {
            places,
            symbol: table.symbol.unwrap_or_else(|| self.parameter.clone()),
            unit: model::unit_text(self.unit.clone().or(table.unit).as_deref().unwrap_or_default()),
            zone,
            directory: None,
        })
    }

    fn file_name(&self) -> String {
        let stem = self.files.first().and_then(|path| path.file_name());
        stem.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    fn read_directory(&self, dir: &Path, other: Option<&str>, zone: Zone) -> Result<Read, Error> {
        let failed = |why: String| Error::Directory { dir: dir.to_owned(), why };
        let table = ParameterTable::builtin().map_err(|error| failed(error.to_string()))?;
        let parameter = parameter(&table, &self.parameter)?;
        let other = other.map(|given| self::parameter(&table, given)).transpose()?;
        let store = open(dir)?;
        let reader = store.reader();
        let (from, to) = self.window(&zone)?;
        let asked = stored::Asked {
            places: &self.places,
            parameter: &parameter.key,
            other: other.map(|one| one.key.as_str()),
            hours: from.unwrap_or(i64::MIN)..to.unwrap_or(i64::MAX),
            known: Known::Now,
            name: |names: &Names| match self.lang {
                Lang::En => names.en.clone(),
                Lang::Zh => names.zh.clone(),
            },
        };
        let places = stored::read(&reader, &zone, &asked)?;
        let (symbol, unit) = (parameter.symbol.clone(), model::unit_text(&parameter.unit));
        let keys = stored::keys(&reader, &asked)?;
        let directory = Directory { reader, places: keys, parameter: parameter.key.clone() };
        Ok(Read { places, symbol, unit, zone, directory: Some(directory) })
    }
}

/// The parameter of a key or a symbol.
pub(crate) fn parameter<'t>(
    table: &'t ParameterTable,
    given: &str,
) -> Result<&'t Parameter, Error> {
    let same = |text: &str| text.eq_ignore_ascii_case(given);
    let found = table.all().iter().find(|one| same(&one.key) || same(&one.symbol));
    found.ok_or_else(|| Error::Unknown {
        problem: format!("no parameter is named {given:?}"),
        hint: "write its key: pm25, o3, wind_speed …".to_owned(),
    })
}

/// The store of a data directory that is there.
pub(crate) fn open(dir: &Path) -> Result<Store, Error> {
    let failed = |why: String| Error::Directory { dir: dir.to_owned(), why };
    if !dir.join("skyriver.db").exists() {
        return Err(failed("there is no data directory here".to_owned()));
    }
    let opened = Store::open(dir, Limits::default());
    opened.map(|(store, _)| store).map_err(|error| failed(error.to_string()))
}

/// Tells the first of what could not be used, and how much there was.
fn tell(table: &Table) {
    const SHOWN: usize = 10;
    for complaint in table.complaints.iter().take(SHOWN) {
        eprintln!("{}: {}", complaint.at, complaint.what);
    }
    if table.complaints.len() > SHOWN {
        eprintln!("… and {} more", table.complaints.len() - SHOWN);
    }
}

impl Output {
    /// Writes what was asked for; the summary when nothing was.
    pub(super) fn write(
        &self,
        out: &mut impl Write,
        svg: impl FnOnce() -> String,
        csv: impl FnOnce() -> String,
        json: impl FnOnce() -> Result<serde_json::Value, serde_json::Error>,
        summary: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        if self.json {
            writeln!(out, "{}", json()?)?;
        } else if let Some(path) = &self.svg {
            into(path, out, &svg())?;
        } else if let Some(path) = &self.csv {
            into(path, out, &csv())?;
        } else {
            writeln!(out, "{}", summary())?;
        }
        Ok(())
    }
}

fn into(path: &Path, out: &mut impl Write, text: &str) -> Result<(), Error> {
    if path.as_os_str() == "-" {
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    let failed = |source| Error::Read { file: path.display().to_string(), source };
    std::fs::write(path, text).map_err(failed)
}
