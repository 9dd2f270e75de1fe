//! Reads one table of law from CSV and refuses what a deed must not have.
//!
//! Every table names its columns here, in the code that uses it; a column too many or too few is an
//! error, as is a row without a source, a row of unknown confidence, and two rows of one key whose
//! validity overlaps or leaves a gap.

use crate::exact::Exact;
use crate::source::{Confidence, Source};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why the law could not be loaded. Names the table, the line and the column.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}{}: {problem}", line.map_or_else(String::new, |line| format!(" line {line}")))]
pub struct Error {
    /// The table, as its path under `data/`.
    pub table: String,
    /// The line in the file, counted from 1, when the problem belongs to one.
    pub line: Option<u64>,
    /// What is wrong and what would be right.
    pub problem: Problem,
}

/// What can be wrong with a table of law.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each message says what the variant and its fields mean")]
pub enum Problem {
    #[error("cannot be read as CSV: {0}")]
    Csv(String),
    #[error("unknown column {0:?}")]
    UnknownColumn(String),
    #[error("column {0:?} is missing")]
    MissingColumn(String),
    #[error("the row has no source")]
    NoSource,
    #[error("unknown confidence {0:?}; use A, A1, B, C, D or none")]
    UnknownConfidence(String),
    #[error("{column}: {value:?} is not {expected}")]
    BadValue { column: String, value: String, expected: &'static str },
    #[error("{column}: unknown key {value:?}")]
    UnknownKey { column: String, value: String },
    #[error("{}this row and line {other} are both valid on {on}", of(key))]
    Overlap { key: String, other: u64, on: Date },
    #[error("{}nothing is valid from {from} to {to}", of(key))]
    Gap { key: String, from: Date, to: Date },
    #[error("valid_to {to} lies before valid_from {from}")]
    Backwards { from: Date, to: Date },
    #[error("no row for {0}")]
    Missing(String),
    #[error("{0}")]
    Shape(String),
}

/// A table: its name and its rows.
pub(crate) struct Table {
    name: &'static str,
    rows: Vec<Row>,
}

/// One row of a table.
pub(crate) struct Row {
    table: &'static str,
    line: u64,
    columns: &'static [&'static str],
    cells: csv::StringRecord,
    confidence: Confidence,
}

/// The first day, the last day (none: still valid) and the row.
type Span<'r> = (Date, Option<Date>, &'r Row);

impl Table {
    /// Reads `text`; `columns` are the table's own columns, to which `confidence` and `source` are added.
    pub(crate) fn parse(
        name: &'static str,
        columns: &'static [&'static str],
        text: &str,
    ) -> Result<Self, Error> {
        let error = |line, problem| Error { table: name.to_owned(), line, problem };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let broken = |e: &csv::Error| {
            error(e.position().map(csv::Position::line), Problem::Csv(e.to_string()))
        };
        let header = reader.headers().map_err(|e| broken(&e))?.clone();
        let expected = || columns.iter().copied().chain(["confidence", "source"]);
        if let Some(extra) = header.iter().find(|name| !expected().any(|known| known == *name)) {
            return Err(error(Some(1), Problem::UnknownColumn(extra.to_owned())));
        }
        if let Some(absent) = expected().find(|known| !header.iter().any(|name| name == *known)) {
            return Err(error(Some(1), Problem::MissingColumn(absent.to_owned())));
        }
        if !header.iter().eq(expected()) {
            let order = expected().collect::<Vec<_>>().join(",");
            return Err(error(Some(1), Problem::Shape(format!("columns must stand as {order}"))));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let cells = record.map_err(|e| broken(&e))?;
            let line = cells.position().map_or(0, csv::Position::line);
            let mark = &cells[columns.len()];
            let confidence = Confidence::named(mark)
                .ok_or_else(|| error(Some(line), Problem::UnknownConfidence(mark.to_owned())))?;
            if cells[columns.len() + 1].trim().is_empty() {
                return Err(error(Some(line), Problem::NoSource));
            }
            rows.push(Row { table: name, line, columns, cells, confidence });
        }
        Ok(Self { name, rows })
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows whose `column` is `value`.
    pub(crate) fn of<'t>(
        &'t self,
        column: &'t str,
        value: &'t str,
    ) -> impl Iterator<Item = &'t Row> {
        self.rows.iter().filter(move |row| row.text(column) == value)
    }

    /// The one row of `keys`.
    pub(crate) fn only(&self, keys: &[(&str, &str)]) -> Result<&Row, Error> {
        let mut found = self.rows.iter().filter(|row| keys.iter().all(|(c, v)| row.text(c) == *v));
        let named = || keys.iter().map(|(_, v)| *v).collect::<Vec<_>>().join(" ");
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row),
            (None, _) => Err(self.error(Problem::Missing(named()))),
            (Some(_), Some(second)) => {
                Err(second.error(Problem::Shape(format!("a second row for {}", named()))))
            }
        }
    }

    /// An error about the table as a whole.
    pub(crate) fn error(&self, problem: Problem) -> Error {
        Error { table: self.name.to_owned(), line: None, problem }
    }

    /// Rows of one key (the joined `key` columns) follow each other in time without overlap or gap.
    pub(crate) fn check_validity(&self, key: &[&str]) -> Result<(), Error> {
        let mut spans: BTreeMap<String, Vec<Span<'_>>> = BTreeMap::new();
        for row in &self.rows {
            let parts = key.iter().map(|column| row.text(column)).filter(|part| !part.is_empty());
            let name = parts.collect::<Vec<_>>().join(" ");
            let (from, to) = row.validity()?;
            spans.entry(name).or_default().push((from, to, row));
        }
        for (key, mut spans) in spans {
            spans.sort_by_key(|(from, ..)| *from);
            for pair in spans.windows(2) {
                let ((_, end, earlier), (from, _, later)) = (&pair[0], &pair[1]);
                let Some(end) = end.filter(|end| end < from) else {
                    let (other, on) = (earlier.line, *from);
                    return Err(later.error(Problem::Overlap { key, other, on }));
                };
                let (Ok(next), Ok(before)) = (end.tomorrow(), from.yesterday()) else { continue };
                if next < *from {
                    return Err(later.error(Problem::Gap { key, from: next, to: before }));
                }
            }
        }
        Ok(())
    }
}

impl Row {
    /// The text of a column that the table declared.
    pub(crate) fn text(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| *name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or_default().trim()
    }

    pub(crate) fn shared(&self, column: &str) -> Arc<str> {
        Arc::from(self.text(column))
    }

    pub(crate) fn source(&self) -> Source {
        let text = self.cells.get(self.columns.len() + 1).unwrap_or_default();
        Source { text: Arc::from(text), confidence: self.confidence }
    }

    pub(crate) fn exact(&self, column: &str) -> Result<Exact, Error> {
        Exact::parse(self.text(column)).map_err(|_| self.bad(column, "a decimal number"))
    }

    /// The number, or none where the cell is empty.
    pub(crate) fn exact_or_none(&self, column: &str) -> Result<Option<Exact>, Error> {
        if self.text(column).is_empty() { Ok(None) } else { self.exact(column).map(Some) }
    }

    pub(crate) fn number<N: std::str::FromStr>(&self, column: &str) -> Result<N, Error> {
        self.text(column).parse().map_err(|_| self.bad(column, "a whole number in range"))
    }

    /// The number, or none where the cell is empty.
    pub(crate) fn number_or_none<N: std::str::FromStr>(
        &self,
        column: &str,
    ) -> Result<Option<N>, Error> {
        if self.text(column).is_empty() { Ok(None) } else { self.number(column).map(Some) }
    }

    pub(crate) fn date(&self, column: &str) -> Result<Date, Error> {
        self.text(column).parse().map_err(|_| self.bad(column, "a date like 2026-03-01"))
    }

    /// `valid_from` and the last valid day, none when still valid.
    pub(crate) fn validity(&self) -> Result<(Date, Option<Date>), Error> {
        let from = self.date("valid_from")?;
        if self.text("valid_to").is_empty() {
            return Ok((from, None));
        }
        let to = self.date("valid_to")?;
        if to < from {
            return Err(self.error(Problem::Backwards { from, to }));
        }
        Ok((from, Some(to)))
    }

    /// What `choose` makes of the cell; an unknown key is an error.
    pub(crate) fn key<T>(
        &self,
        column: &str,
        choose: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Error> {
        let value = self.text(column);
        choose(value).ok_or_else(|| {
            self.error(Problem::UnknownKey { column: column.to_owned(), value: value.to_owned() })
        })
    }

    /// The cell is not what the column takes.
    pub(crate) fn bad(&self, column: &str, expected: &'static str) -> Error {
        let (value, column) = (self.text(column).to_owned(), column.to_owned());
        self.error(Problem::BadValue { column, value, expected })
    }

    /// An error about this row.
    pub(crate) fn error(&self, problem: Problem) -> Error {
        Error { table: self.table.to_owned(), line: Some(self.line), problem }
    }
}

/// The key of a message, where the table has one.
fn of(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}: ") }
}
