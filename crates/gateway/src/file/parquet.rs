//! The rows of a Parquet file as cells, so that what holds for a table of text holds for it.

use super::cells::join;
use super::pages::{Bytes, check_footer, check_pages};
use super::{Fault, Limits, Origin};
use model::Timestamp;
use parquet::basic::{LogicalType, Repetition, TimeUnit};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How the number of an instant is to be read.
#[derive(Clone, Copy)]
struct Stamp {
    per_ms: i64,
    is_utc: bool,
}

/// The rows of a file.
pub struct Cells {
    names: Vec<String>,
    stamps: Vec<Option<Stamp>>,
    rows: RowIter<'static>,
    row: u64,
    texts: Vec<String>,
}

impl Cells {
    /// Opens a file, when what it claims keeps the bounds.
    pub fn open(origin: &Origin, limits: &Limits) -> Result<Self, Fault> {
        match origin {
            Origin::Path(path) => {
                let open = || {
                    fs::File::open(path).map_err(|error| Fault::unreadable(&origin.name(), &error))
                };
                Self::of(open()?, open()?, limits)
            }
            Origin::Bytes(_, bytes) => Self::of(bytes.clone(), bytes.clone(), limits),
        }
    }

    fn of<T: ChunkReader + 'static>(
        mut look: impl Bytes,
        file: T,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        check_footer(&mut look, limits).map_err(Fault::parquet)?;
        let reader = unless_it_panics(|| SerializedFileReader::new(file))?;
        let metadata = reader.metadata();
        let (names, stamps) = columns(metadata, limits)?;
        check_pages(&mut look, chunks(metadata), limits).map_err(Fault::parquet)?;
        let rows = i64::try_from(limits.rows_max).unwrap_or(i64::MAX);
        if metadata.file_metadata().num_rows() > rows {
            return Err(Fault::beyond("rows_max", limits.rows_max, 0));
        }
        let rows = RowIter::from_file_into(Box::new(reader));
        Ok(Self { names, stamps, rows, row: 0, texts: vec![] })
    }

    /// The names of the columns.
    pub fn head(&self) -> &[String] {
        &self.names
    }

    /// Reads the next row; its number from 1.
    pub fn next_row(&mut self) -> Result<Option<u64>, Fault> {
        let rows = &mut self.rows;
        let Some(row) = unless_it_panics(|| rows.next().transpose())? else { return Ok(None) };
        self.texts.clear();
        for ((_, field), stamp) in row.get_column_iter().zip(&self.stamps) {
            self.texts.push(text(field, *stamp));
        }
        self.row += 1;
        Ok(Some(self.row))
    }

    /// The cells of the row.
    pub fn cells(&self) -> &[String] {
        &self.texts
    }

    /// The row as a line of CSV.
    pub fn raw(&self) -> Vec<u8> {
        join(&self.texts).into_bytes()
    }
}

/// The reader is a library that was written for files in good order.
fn unless_it_panics<T>(read: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(Fault::parquet),
        Err(_) => Err(Fault::parquet("it is damaged")),
    }
}

fn chunks(metadata: &ParquetMetaData) -> impl Iterator<Item = (i64, i64)> {
    metadata.row_groups().iter().flat_map(RowGroupMetaData::columns).map(|column| {
        let data = column.data_page_offset();
        let start = column.dictionary_page_offset().map_or(data, |dictionary| dictionary.min(data));
        (start, column.compressed_size())
    })
}

type Columns = (Vec<String>, Vec<Option<Stamp>>);

fn columns(metadata: &ParquetMetaData, limits: &Limits) -> Result<Columns, Fault> {
    let schema = metadata.file_metadata().schema_descr();
    if schema.num_columns() > limits.columns_max {
        return Err(Fault::beyond("columns_max", limits.columns_max as u64, 0));
    }
    let mut columns = (vec![], vec![]);
    for column in schema.columns() {
        let is_plain = column.path().parts().len() == 1
            && column.self_type().get_basic_info().repetition() != Repetition::REPEATED;
        if !is_plain {
            let path = column.path();
            return Err(Fault::parquet(format!("column {path} holds lists or structures")));
        }
        let stamp = match column.logical_type_ref() {
            Some(LogicalType::Timestamp(kind)) => {
                let per_ms = match kind.unit {
                    TimeUnit::MILLIS => 1,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1_000_000,
                };
                Some(Stamp { per_ms, is_utc: kind.is_adjusted_to_u_t_c })
            }
            _ => None,
        };
        columns.0.push(column.name().to_owned());
        columns.1.push(stamp);
    }
    Ok(columns)
}

/// A value as text. A timestamp without a zone is civil time.
fn text(field: &Field, stamp: Option<Stamp>) -> String {
    let number = match field {
        Field::Long(number) | Field::TimestampMillis(number) | Field::TimestampMicros(number) => {
            Some(*number)
        }
        _ => None,
    };
    if let (Some(number), Some(stamp)) = (number, stamp) {
        let ms = number.div_euclid(stamp.per_ms);
        let text = Timestamp::from_ms(ms).to_string();
        // `2026-03-01T00:00:00.000Z`: without the zone, and then without the fraction.
        return if stamp.is_utc { text } else { text.chars().take(19).collect() };
    }
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Double(number) => number.to_string(),
        Field::Float(number) => number.to_string(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        other => other.to_string(),
    }
}
