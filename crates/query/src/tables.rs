//! Tables made row by row: of the registry, and of the log page by page.

mod log;
mod paged;
mod registry;

pub use paged::Paged;
pub use registry::datastream;

use crate::schema::Kind;
use datafusion::arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int16Builder,
    Int32Builder, Int64Builder, RecordBatch, StringViewBuilder, TimestampMillisecondBuilder,
};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use std::sync::Arc;

/// One field of a row.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Null,
    /// An instant in milliseconds, a day, or any whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Yes or no.
    Bool(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<model::Timestamp> for Cell {
    fn from(time: model::Timestamp) -> Self {
        Self::Whole(time.as_ms())
    }
}

impl From<model::Sequence> for Cell {
    fn from(sequence: model::Sequence) -> Self {
        Self::Whole(sequence.0 as i64)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Text, or null when it is empty.
pub fn filled(text: &str) -> Cell {
    if text.is_empty() { Cell::Null } else { text.into() }
}

/// Rows as a batch.
pub fn batch(schema: &SchemaRef, kinds: &[Kind], rows: &[Vec<Cell>]) -> Result<RecordBatch> {
    let columns = kinds.iter().enumerate().map(|(place, kind)| column(*kind, rows, place));
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect())?)
}

macro_rules! built {
    ($builder:expr, $rows:expr, $place:expr, $pattern:pat => $value:expr) => {{
        let mut builder = $builder;
        for row in $rows {
            match &row[$place] {
                $pattern => builder.append_value($value),
                _ => builder.append_null(),
            }
        }
        Arc::new(builder.finish())
    }};
}

fn column(kind: Kind, rows: &[Vec<Cell>], place: usize) -> ArrayRef {
    match kind {
        Kind::Time => {
            let builder = TimestampMillisecondBuilder::new().with_timezone("UTC");
            built!(builder, rows, place, Cell::Whole(ms) => *ms)
        }
        Kind::Day => built!(Date32Builder::new(), rows, place, Cell::Whole(day) => *day as i32),
        Kind::Text => built!(StringViewBuilder::new(), rows, place, Cell::Text(text) => text),
        Kind::Number => built!(Float64Builder::new(), rows, place, Cell::Number(number) => *number),
        Kind::Whole => built!(Int64Builder::new(), rows, place, Cell::Whole(number) => *number),
        Kind::Id => built!(Int32Builder::new(), rows, place, Cell::Whole(number) => *number as i32),
        Kind::Small => {
            built!(Int16Builder::new(), rows, place, Cell::Whole(number) => *number as i16)
        }
        Kind::Bool => built!(BooleanBuilder::new(), rows, place, Cell::Bool(is_so) => *is_so),
        Kind::Bytes => built!(BinaryBuilder::new(), rows, place, Cell::Bytes(bytes) => bytes),
    }
}
