//! One file of an export.

use super::parquet::Columns as Group;
use super::{Form, device_of};
use crate::cli::Failure;
use model::{Datastream, ParameterTable, Place, Quality, Registry, Timestamp};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use store::Columns;

/// The columns, as `skyriver import` knows them.
pub const HEAD: [&str; 11] = [
    "time",
    "place",
    "device",
    "parameter",
    "statistic",
    "period",
    "value",
    "unit",
    "quality",
    "mark",
    "sequence",
];

/// One reading.
pub struct Line<'a> {
    pub time: Timestamp,
    pub place: &'a str,
    pub device: &'a str,
    pub datastream: &'a Datastream,
    pub value: Option<f64>,
    pub quality: Quality,
    pub mark: Option<char>,
    pub sequence: u64,
}

impl<'a> Line<'a> {
    /// The reading at a place of columns.
    pub fn of(
        registry: &'a Registry,
        place: &'a Place,
        datastream: &'a Datastream,
        columns: &Columns,
        at: usize,
    ) -> Self {
        Self {
            time: columns.time[at],
            place: &place.key,
            device: device_of(registry, datastream.key.source),
            datastream,
            value: columns.value[at],
            quality: columns.flag[at].quality(),
            mark: columns.flag[at].mark(),
            sequence: columns.sequence[at].0,
        }
    }
}

/// A file that is being written. It has its name only when it is whole.
pub enum Table {
    /// Text.
    Csv(Box<csv::Writer<BufWriter<File>>>, ParameterTable),
    /// Columns.
    Parquet(Box<Group>, ParameterTable),
}

impl Table {
    /// Makes the file, which must not be there.
    pub fn make(path: &Path, form: Form) -> Result<Self, Failure> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::create_new(path)?;
        let parameters = ParameterTable::builtin()?;
        if form == Form::Parquet {
            return Ok(Self::Parquet(Box::new(Group::new(file)?), parameters));
        }
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        writer.write_record(HEAD)?;
        Ok(Self::Csv(Box::new(writer), parameters))
    }

    /// Adds a reading.
    pub fn push(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        let key = &line.datastream.key;
        let (Self::Csv(_, parameters) | Self::Parquet(_, parameters)) = &*self;
        // A total of a period has a unit of its own, which only the device knows.
        let is_plain = !matches!(key.statistic, model::Statistic::Total | model::Statistic::State);
        let unit = parameters.get(&key.parameter).filter(|_| is_plain);
        let unit = unit.map_or(String::new(), |one| one.unit.clone());
        match self {
            Self::Csv(writer, _) => writer.write_record([
                line.time.to_string().as_str(),
                line.place,
                line.device,
                &key.parameter,
                key.statistic.name(),
                key.period.name(),
                &line.value.map_or(String::new(), |value| value.to_string()),
                &unit,
                line.quality.name(),
                &line.mark.map_or(String::new(), String::from),
                &line.sequence.to_string(),
            ])?,
            Self::Parquet(group, _) => group.push(line, &unit)?,
        }
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Csv(writer, _) => {
                let mut inner = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
                inner.flush()?;
            }
            Self::Parquet(group, _) => group.finish()?,
        }
        Ok(())
    }
}
