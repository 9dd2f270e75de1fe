//! Answers on their way out: a table for people, CSV, JSON, Parquet; batch by batch, none is held as a whole.

use crate::Error;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::json;
use datafusion::arrow::util::display::FormatOptions;
use datafusion::arrow::util::pretty::pretty_format_batches_with_options;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines and columns for people.
    Table,
    /// A head and a row a line; null is empty.
    Csv,
    /// One array of objects, a row each; null is written.
    Json,
    /// A Parquet file, zstd.
    Parquet,
}

impl Format {
    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "table" => Self::Table,
            "csv" => Self::Csv,
            "json" => Self::Json,
            "parquet" => Self::Parquet,
            _ => return None,
        })
    }

    /// The format that a file's ending stands for.
    pub fn of_file(path: &Path) -> Option<Self> {
        Self::named(path.extension()?.to_str()?)
    }
}

/// Where an answer goes: a file that appears when it is whole, or an open writer.
pub enum Target {
    /// Standard output, or what stands in for it.
    Open(Box<dyn Write + Send>),
    /// A file, and the one beside it that is written first.
    File(PathBuf, Part),
}

/// A file that is removed again unless it was finished.
pub struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already when it was renamed; otherwise a rest that nobody wants.
        let _ = std::fs::remove_file(&self.0);
    }
}

type Sink = Box<dyn Write + Send>;

enum Encoder {
    Table { out: Sink, rows: Vec<RecordBatch>, shown: usize, max: usize },
    Csv(Box<csv::Writer<Sink>>),
    Json(json::Writer<Sink, json::writer::JsonArray>),
    Parquet(Box<ArrowWriter<Sink>>),
}

/// Writes one answer.
pub struct Writer {
    encoder: Encoder,
    target: Option<(PathBuf, Part)>,
    rows: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows of the answer.
    pub rows: usize,
    /// Rows that the table format left out.
    pub hidden: usize,
}

impl Target {
    /// A file.
    pub fn file(path: &Path) -> Self {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        Self::File(path.to_owned(), Part(part.into()))
    }
}

impl Writer {
    /// Begins an answer of these columns.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new(
        format: Format,
        schema: &SchemaRef,
        target: Target,
        max: usize,
    ) -> Result<Self, Error> {
        let (out, target): (Sink, _) = match target {
            Target::Open(out) => (out, None),
            Target::File(path, part) => {
                let file = File::create(&part.0);
                let file = file.map_err(|source| Error::Output { path: path.clone(), source })?;
                (Box::new(BufWriter::new(file)), Some((path, part)))
            }
        };
        let encoder = match format {
            Format::Table => Encoder::Table { out, rows: vec![], shown: 0, max },
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().with_header(true).build(out);
                // The head stands there even when there is no row.
                let head = RecordBatch::new_empty(SchemaRef::clone(schema));
                writer.write(&head).map_err(failed)?;
                Encoder::Csv(Box::new(writer))
            }
            Format::Json => {
                let builder = json::WriterBuilder::new().with_explicit_nulls(true);
                Encoder::Json(builder.build(out))
            }
            Format::Parquet => {
                let level = ZstdLevel::try_new(3).map_err(failed)?;
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let schema = SchemaRef::clone(schema);
                let writer = ArrowWriter::try_new(out, schema, Some(properties));
                Encoder::Parquet(Box::new(writer.map_err(failed)?))
            }
        };
        Ok(Self { encoder, target, rows: 0 })
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows();
        match &mut self.encoder {
            Encoder::Table { rows, shown, max, .. } => {
                let count = batch.num_rows().min(*max - *shown);
                *shown += count;
                if count > 0 || rows.is_empty() {
                    rows.push(batch.slice(0, count));
                }
                Ok(())
            }
            Encoder::Csv(writer) => writer.write(batch).map_err(failed),
            Encoder::Json(writer) => writer.write(batch).map_err(failed),
            Encoder::Parquet(writer) => writer.write(batch).map_err(failed),
        }
    }

    /// Ends the answer; a file stands under its name from now on.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn finish(self) -> Result<Written, Error> {
        let mut hidden = 0;
        match self.encoder {
            Encoder::Table { mut out, rows, shown, .. } => {
                hidden = self.rows - shown;
                let options = FormatOptions::default().with_null("");
                let table = pretty_format_batches_with_options(&rows, &options).map_err(failed)?;
                writeln!(out, "{table}").and_then(|()| out.flush()).map_err(failed)?;
            }
            Encoder::Csv(writer) => writer.into_inner().flush().map_err(failed)?,
            Encoder::Json(mut writer) => {
                writer.finish().map_err(failed)?;
                let mut out = writer.into_inner();
                writeln!(out).and_then(|()| out.flush()).map_err(failed)?;
            }
            Encoder::Parquet(writer) => {
                writer.into_inner().map_err(failed)?.flush().map_err(failed)?;
            }
        }
        if let Some((path, part)) = self.target {
            let renamed = std::fs::rename(&part.0, &path);
            renamed.map_err(|source| Error::Output { path, source })?;
        }
        Ok(Written { rows: self.rows, hidden })
    }
}

fn failed(error: impl std::error::Error) -> Error {
    Error::Failed(format!("the answer cannot be written: {error}"))
}

/// Standard output, locked by each write; a reader that went away is no failure of ours.
pub fn standard() -> Target {
    Target::Open(Box::new(BufWriter::new(io::stdout())))
}
