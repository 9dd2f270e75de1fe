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

/// One cell that differs between two editions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table, `air/index_breakpoints.csv`.
    pub table: &'static str,
    /// Which row, by its key: `PM2.5_24h 100`.
    pub row: String,
    /// The column, `concentration`.
    pub column: String,
    /// In the first edition; none where it has no such row.
    pub before: Option<String>,
    /// In the second edition.
    pub after: Option<String>,
    /// The unit, where the table has one.
    pub unit: Option<String>,
    /// Where it stands: the second edition's row, else the first's.
    pub clause: String,
}

/// By what the rows of a table are told apart, besides edition and validity.
const KEYS: [(&str, &[&str]); 14] = [
    ("air/gb3095_limits.csv", &["pollutant", "averaging", "applies_to"]),
    ("air/index_above.csv", &["column"]),
    ("air/index_breakpoints.csv", &["column", "iaqi"]),
    ("air/index_capture.csv", &["statistic"]),
    ("air/index_categories.csv", &["level"]),
    ("air/index_items.csv", &["report", "pollutant", "statistic"]),
    ("air/index_sensitive_groups.csv", &["pollutant", "group_en"]),
    ("air/index_settings.csv", &["key"]),
    ("air/period_capture.csv", &["statistic", "per"]),
    ("air/period_items.csv", &["pollutant", "statistic"]),
    ("air/period_settings.csv", &["key"]),
    ("air/composite.csv", &["scheme", "pollutant"]),
    ("air/warnings.csv", &["level", "alternative", "compare", "aqi"]),
    ("water/surface_limits.csv", &["key", "water_body"]),
];

/// What differs between two editions (`HJ 633-2012` and `HJ 633-2026`, or rules `national-2018` and
/// `national-2024`), cell by cell; for editions that have phases (`GB 3095-2026 final`) the phase
/// stands after the number. Nothing where neither is known.
pub fn differences(tables: &[LawTable], before: &str, after: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    for table in tables {
        let (old, new) = (table.of_edition(before), table.of_edition(after));
        let Some((_, keys)) = KEYS.iter().find(|(name, _)| *name == table.name) else { continue };
        if old.is_empty() || new.is_empty() {
            continue;
        }
        let key = |row: &LawRow| -> String {
            let cells = keys.iter().filter_map(|column| table.cell(row, column));
            cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let mut names: Vec<String> = Vec::new();
        for name in old.iter().chain(&new).map(|row| key(row)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let old = old.iter().copied().find(|row| key(row) == name);
            let new = new.iter().copied().find(|row| key(row) == name);
            table.compare(keys, &name, old, new, &mut found);
        }
    }
    found
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

    /// The rows of an edition, by its number, by its number and phase, or by the name of a rule.
    fn of_edition(&self, name: &str) -> Vec<&LawRow> {
        let is = |row: &&LawRow| {
            let cell = |column| self.cell(row, column).unwrap_or_default();
            let (standard, phase) = (cell("standard"), cell("phase"));
            standard == name
                || (!phase.is_empty() && name == format!("{standard} {phase}"))
                || ["rule", "scheme", "set"].iter().any(|column| cell(column) == name)
        };
        self.rows.iter().filter(is).collect()
    }

    fn compare(
        &self,
        keys: &[&str],
        name: &str,
        old: Option<&LawRow>,
        new: Option<&LawRow>,
        found: &mut Vec<Difference>,
    ) {
        const BESIDE: [&str; 10] = [
            "standard",
            "phase",
            "rule",
            "scheme",
            "valid_from",
            "valid_to",
            "confidence",
            "source",
            "unit",
            "table",
        ];
        let cell = |row: Option<&LawRow>, column: &str| {
            row.and_then(|row| self.cell(row, column)).map(str::to_owned)
        };
        let either = |column: &str| cell(new, column).or_else(|| cell(old, column));
        for column in &self.columns {
            if BESIDE.contains(&column.as_str()) || keys.contains(&column.as_str()) {
                continue;
            }
            let (before, after) = (cell(old, column), cell(new, column));
            if before != after {
                found.push(Difference {
                    table: self.name,
                    row: name.to_owned(),
                    column: column.clone(),
                    before,
                    after,
                    unit: either("unit").filter(|unit| !unit.is_empty()),
                    clause: either("source").unwrap_or_default(),
                });
            }
        }
        // A row that says nothing beyond its key.
        if old.is_some() != new.is_some()
            && !found.iter().any(|own| own.table == self.name && own.row == name)
        {
            found.push(Difference {
                table: self.name,
                row: name.to_owned(),
                column: String::new(),
                before: old.is_some().then(|| name.to_owned()),
                after: new.is_some().then(|| name.to_owned()),
                unit: None,
                clause: either("source").unwrap_or_default(),
            });
        }
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
    fn two_editions_differ_cell_by_cell_with_the_clause() {
        let tables = tables().unwrap();
        let found = differences(&tables, "HJ 633-2012", "HJ 633-2026");
        let of = |row: &str| found.iter().find(|own| own.row == row).unwrap();
        let pm25 = of("PM2.5_24h 100");
        assert_eq!((pm25.before.as_deref(), pm25.after.as_deref()), (Some("75"), Some("60")));
        assert_eq!((&*pm25.column, pm25.unit.as_deref()), ("concentration", Some("ug/m3")));
        assert!(pm25.clause.starts_with("HJ 633-2026, table 3"));
        assert_eq!(of("index_input").after.as_deref(), Some("rounded"));
        assert_eq!(found.iter().filter(|own| own.table == "air/index_breakpoints.csv").count(), 2);
        let limits = differences(&tables, "GB 3095-2026 transition", "GB 3095-2026 final");
        assert!(limits.iter().any(|own| own.row == "PM2.5 annual" && own.column == "grade2"));
        assert!(differences(&tables, "HJ 633-2012", "HJ 999").is_empty());
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
