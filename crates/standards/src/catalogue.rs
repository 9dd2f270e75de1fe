//! The law as it stands in its tables: to list, to show, and to compare two dates.

use crate::data;
use crate::table::{Error, Problem};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// One table of law.
#[derive(Clone, Debug, Serialize)]
pub struct LawTable {
    /// Its path under `data/`, `air/gb3095_limits.csv`.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: Vec<String>,
    /// Its rows, in their order.
    pub rows: Vec<LawRow>,
}

/// One row of law, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LawRow {
    /// The line in its table.
    pub line: u64,
    /// The cells, as many as the table has columns.
    pub cells: Vec<String>,
    #[serde(serialize_with = "text")]
    valid_from: Date,
    #[serde(serialize_with = "text_or_null")]
    valid_to: Option<Date>,
}

/// What changed in a table between two dates.
#[derive(Clone, Debug, Serialize)]
pub struct LawChange<'t> {
    /// The table.
    pub table: &'t LawTable,
    /// Rows in force on the first date whose content is not in force on the second.
    pub gone: Vec<&'t LawRow>,
    /// Rows in force on the second date whose content was not in force on the first.
    pub new: Vec<&'t LawRow>,
}

/// Every table that is built in.
///
/// # Errors
/// When a table cannot be read; [`crate::Standards::load`] would have said so.
pub fn tables() -> Result<Vec<LawTable>, Error> {
    data::built_in().map(|(name, text)| LawTable::read(name, text)).collect()
}

/// What changed between two dates, table by table; tables without a change are left out. A row that
/// moved to another edition with the same content is no change.
pub fn changes(tables: &[LawTable], before: Date, after: Date) -> Vec<LawChange<'_>> {
    let mut changes = Vec::new();
    for table in tables {
        let on = |date: Date| -> Vec<&LawRow> { table.on(date).collect() };
        let (old, new) = (on(before), on(after));
        let missing = |row: &LawRow, from: &[&LawRow]| {
            !from.iter().any(|other| table.content(other).eq(table.content(row)))
        };
        let gone: Vec<_> = old.iter().copied().filter(|row| missing(row, &new)).collect();
        let new: Vec<_> = new.iter().copied().filter(|row| missing(row, &old)).collect();
        if !gone.is_empty() || !new.is_empty() {
            changes.push(LawChange { table, gone, new });
        }
    }
    changes
}

impl LawTable {
    fn read(name: &'static str, text: &str) -> Result<Self, Error> {
        let error = |line, problem| Error { table: name.to_owned(), line, problem };
        let broken = |e: csv::Error| error(None, Problem::Csv(e.to_string()));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns: Vec<String> =
            reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            let cell = |column: &str| {
                let at = columns.iter().position(|name| name == column);
                at.map_or("", |at| cells[at].as_str())
            };
            let date = |column: &str| {
                cell(column).parse::<Date>().map_err(|_| {
                    let (column, value) = (column.to_owned(), cell(column).to_owned());
                    let expected = "a date like 2026-03-01";
                    error(Some(line), Problem::BadValue { column, value, expected })
                })
            };
            let valid_from = date("valid_from")?;
            let valid_to = if cell("valid_to").is_empty() { None } else { Some(date("valid_to")?) };
            rows.push(LawRow { line, cells, valid_from, valid_to });
        }
        Ok(Self { name, columns, rows })
    }

    /// The rows in force on a date.
    pub fn on(&self, date: Date) -> impl Iterator<Item = &LawRow> {
        self.rows.iter().filter(move |row| {
            row.valid_from <= date && row.valid_to.is_none_or(|last| date <= last)
        })
    }

    /// The cell of a row in a column.
    pub fn cell<'r>(&self, row: &'r LawRow, column: &str) -> Option<&'r str> {
        let at = self.columns.iter().position(|name| name == column)?;
        row.cells.get(at).map(String::as_str)
    }

    /// What a row says, without where it says it and how long.
    fn content<'r>(&self, row: &'r LawRow) -> impl Iterator<Item = &'r str> {
        const ABOUT: [&str; 6] =
            ["standard", "phase", "valid_from", "valid_to", "confidence", "source"];
        let says: Vec<bool> =
            self.columns.iter().map(|column| !ABOUT.contains(&column.as_str())).collect();
        row.cells.iter().zip(says).filter(|(_, says)| *says).map(|(cell, _)| cell.as_str())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
pub(crate) fn text<S: Serializer>(date: &Date, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(date)
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde asks for"
)]
fn text_or_null<S: Serializer>(date: &Option<Date>, out: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => out.collect_str(date),
        None => out.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_row_of_every_table_has_a_source_and_a_date() {
        let tables = tables().unwrap();
        assert!(tables.len() >= 30);
        for table in &tables {
            assert!(!table.rows.is_empty(), "{}", table.name);
            for row in &table.rows {
                let source = table.cell(row, "source").unwrap();
                assert!(!source.trim().is_empty(), "{} line {}", table.name, row.line);
            }
        }
    }

    #[test]
    fn the_index_table_changed_in_two_breakpoints_on_the_first_of_march_2026() {
        let tables = tables().unwrap();
        let changes = changes(&tables, date(2026, 2, 28), date(2026, 3, 1));
        let of = |name: &str| changes.iter().find(|change| change.table.name == name);
        let breakpoints = of("air/index_breakpoints.csv").unwrap();
        let cells = |rows: &[&LawRow]| -> Vec<String> {
            let cell =
                |row: &LawRow, column| breakpoints.table.cell(row, column).unwrap().to_owned();
            rows.iter()
                .map(|row| format!("{} {}", cell(row, "column"), cell(row, "concentration")))
                .collect()
        };
        assert_eq!(cells(&breakpoints.gone), ["PM10_24h 150", "PM2.5_24h 75"]);
        assert_eq!(cells(&breakpoints.new), ["PM10_24h 120", "PM2.5_24h 60"]);
        assert!(of("water/surface_limits.csv").is_none(), "water did not change");
    }
}
