//! An export as Parquet: the same columns, typed.

use super::table::Line;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::sync::Arc;

const SCHEMA: &str = "
    message readings {
        required int64 time (TIMESTAMP(MILLIS, true));
        required binary place (UTF8);
        required binary device (UTF8);
        required binary parameter (UTF8);
        required binary statistic (UTF8);
        required binary period (UTF8);
        optional double value;
        required binary unit (UTF8);
        required binary quality (UTF8);
        required binary mark (UTF8);
        required int64 sequence;
    }";

/// Rows of one row group.
const GROUP_ROWS: usize = 128 << 10;

/// Columns of text, in the order of the schema.
type Texts = [Vec<ByteArray>; 8];

/// A file that is being written.
pub struct Columns {
    writer: SerializedFileWriter<File>,
    time: Vec<i64>,
    texts: Texts,
    value: Vec<f64>,
    has_value: Vec<i16>,
    sequence: Vec<i64>,
}

impl Columns {
    /// Over a file.
    pub fn new(file: File) -> Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let zstd = Compression::ZSTD(ZstdLevel::try_new(3)?);
        let time = ColumnPath::from("time");
        let properties = WriterProperties::builder()
            .set_compression(zstd)
            .set_column_dictionary_enabled(time.clone(), false)
            .set_column_encoding(time, Encoding::DELTA_BINARY_PACKED)
            .set_column_dictionary_enabled(ColumnPath::from("sequence"), false)
            .build();
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        Ok(Self {
            writer,
            time: vec![],
            texts: Texts::default(),
            value: vec![],
            has_value: vec![],
            sequence: vec![],
        })
    }

    /// Adds a row.
    pub fn push(&mut self, line: &Line<'_>, unit: &str) -> Result<()> {
        let key = &line.datastream.key;
        let mark = line.mark.map_or(String::new(), String::from);
        let texts = [
            line.place,
            line.device,
            &key.parameter,
            key.statistic.name(),
            key.period.name(),
            unit,
            line.quality.name(),
            &mark,
        ];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.push(ByteArray::from(text));
        }
        self.time.push(line.time.as_ms());
        self.value.extend(line.value);
        self.has_value.push(i16::from(line.value.is_some()));
        self.sequence.push(line.sequence as i64);
        if self.time.len() >= GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Writes what is left, and the footer.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.writer.close().map(drop)
    }

    fn flush(&mut self) -> Result<()> {
        if self.time.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        let [place, device, parameter, statistic, period, unit, quality, mark] = &self.texts;
        write::<Int64Type>(&mut group, &self.time, None)?;
        for column in [place, device, parameter, statistic, period] {
            write::<ByteArrayType>(&mut group, column, None)?;
        }
        write::<DoubleType>(&mut group, &self.value, Some(&self.has_value))?;
        for column in [unit, quality, mark] {
            write::<ByteArrayType>(&mut group, column, None)?;
        }
        write::<Int64Type>(&mut group, &self.sequence, None)?;
        group.close()?;
        self.time.clear();
        self.texts.iter_mut().for_each(Vec::clear);
        self.value.clear();
        self.has_value.clear();
        self.sequence.clear();
        Ok(())
    }
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}
