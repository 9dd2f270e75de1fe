//! `skyriver standards list|show|diff`: the law that is built in, and what changed between editions.

use crate::assess::{self, ChangedDay};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use standards::catalogue::{self, LawTable};
use standards::{Confidence, Standards};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// What to ask about the law.
#[derive(Clone, Debug, Subcommand)]
pub enum StandardsCommand {
    /// Every edition with its dates, its rows and how many of them are doubtful.
    List(List),
    /// The rows of an edition (`HJ 633-2026`) or of a table (`air/gb3095_limits.csv`).
    Show(Show),
    /// What changed between two editions; with --days, which days change class.
    Diff(Diff),
}

/// Every edition.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// One edition or table.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// An edition, a set (`2026`) or a table.
    pub name: String,
    /// Only rows in force on this date.
    #[arg(long)]
    pub on: Option<Date>,
    /// JSON, one row a line.
    #[arg(long)]
    pub json: bool,
}

/// Two editions.
#[derive(Args, Clone, Debug)]
pub struct Diff {
    /// An edition (`HJ 633-2012`, `GB 3095-2026 transition`) or a set of them (`2012`).
    pub before: String,
    /// Another.
    pub after: String,
    /// Files of hourly means: which of their days change class between two sets.
    #[arg(long)]
    pub days: Vec<PathBuf>,
    /// JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// Why the law could not be told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The built-in law is broken.
    #[error("the built-in standards")]
    Standards(#[from] standards::Error),
    /// Nothing has that name.
    #[error("nothing is named {0:?}\nhint: {1}")]
    Unknown(String, String),
    /// Files could not be judged.
    #[error(transparent)]
    Assess(#[from] assess::Error),
    /// Results could not be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// Results could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl StandardsCommand {
    /// Does what was asked.
    ///
    /// # Errors
    /// When nothing has the name, or a file cannot be read.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let tables = catalogue::tables()?;
        match self {
            Self::List(list) => list.run(&tables, out),
            Self::Show(show) => show.run(&tables, out),
            Self::Diff(diff) => diff.run(&tables, out),
        }
    }
}

/// What the tables say about one edition.
#[derive(Default, serde::Serialize)]
struct Edition {
    valid_from: Option<String>,
    valid_to: Option<String>,
    rows: usize,
    doubtful: usize,
    tables: Vec<&'static str>,
}

impl List {
    fn run(&self, tables: &[LawTable], out: &mut impl Write) -> Result<(), Error> {
        let mut editions: BTreeMap<&str, Edition> = BTreeMap::new();
        for table in tables {
            for row in &table.rows {
                let cell = |column| table.cell(row, column).filter(|cell| !cell.is_empty());
                let Some(name) = name_of(table, row) else { continue };
                let own = editions.entry(name).or_default();
                own.rows += 1;
                let doubtful = cell("confidence").and_then(Confidence::named);
                own.doubtful += usize::from(doubtful.is_some_and(Confidence::is_doubtful));
                let from = cell("valid_from").map(str::to_owned);
                own.valid_from = own.valid_from.take().into_iter().chain(from).min();
                let to = cell("valid_to").map(str::to_owned);
                own.valid_to = if own.rows == 1 {
                    to
                } else {
                    own.valid_to.take().zip(to).map(|(a, b)| a.max(b))
                };
                if !own.tables.contains(&table.name) {
                    own.tables.push(table.name);
                }
            }
        }
        for (name, own) in editions {
            if self.json {
                writeln!(out, "{}", serde_json::json!({ "edition": name, "about": own }))?;
                continue;
            }
            let (from, to) = (own.valid_from.unwrap_or_default(), own.valid_to.unwrap_or_default());
            let doubtful = match own.doubtful {
                0 => String::new(),
                n => format!(", {n} doubtful"),
            };
            writeln!(out, "{name}: {from}..{to}, {} rows{doubtful}", own.rows)?;
        }
        Ok(())
    }
}

impl Show {
    fn run(&self, tables: &[LawTable], out: &mut impl Write) -> Result<(), Error> {
        let mut shown = 0;
        for table in tables {
            for row in &table.rows {
                let is_named = table.name == self.name || name_of(table, row) == Some(&self.name);
                let holds =
                    self.on.is_none_or(|date| table.on(date).any(|own| own.line == row.line));
                if !is_named || !holds {
                    continue;
                }
                shown += 1;
                let cells =
                    table.columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
                if self.json {
                    let cells: BTreeMap<_, _> = cells.collect();
                    let value =
                        serde_json::json!({ "table": table.name, "line": row.line, "row": cells });
                    writeln!(out, "{value}")?;
                    continue;
                }
                let cells: Vec<String> =
                    cells.map(|(column, cell)| format!("{column}={cell}")).collect();
                writeln!(out, "{} {}: {}", table.name, row.line, cells.join("  "))?;
            }
        }
        if shown == 0 {
            return Err(unknown(&self.name, tables));
        }
        Ok(())
    }
}

impl Diff {
    fn run(&self, tables: &[LawTable], out: &mut impl Write) -> Result<(), Error> {
        let standards = Standards::load()?;
        let pairs = self.pairs(&standards, tables)?;
        for (before, after) in pairs {
            for own in catalogue::differences(tables, &before, &after) {
                if self.json {
                    serde_json::to_writer(&mut *out, &own)?;
                    writeln!(out)?;
                    continue;
                }
                let text = |cell: &Option<String>| match cell.as_deref() {
                    None => "(none)".to_owned(),
                    Some("") => "(empty)".to_owned(),
                    Some(cell) => cell.to_owned(),
                };
                let unit = own.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
                let (from, to) = (text(&own.before), text(&own.after));
                writeln!(out, "{} {}: {from} -> {to}{unit} [{}]", own.row, own.column, own.clause)?;
            }
        }
        if self.days.is_empty() {
            return Ok(());
        }
        let changed = assess::changed_days(&standards, &self.days, &self.before, &self.after)?;
        for day in &changed.days {
            if self.json {
                serde_json::to_writer(&mut *out, day)?;
                writeln!(out)?;
            } else {
                let ChangedDay { station, date, before, after } = day;
                writeln!(out, "{station} {date}: {before} -> {after}")?;
            }
        }
        let (n, all) = (changed.days.len(), changed.compared);
        eprintln!("{n} of {all} days change class from {} to {}", self.before, self.after);
        Ok(())
    }

    /// The editions to compare: those named, or the members of the sets named.
    fn pairs(
        &self,
        standards: &Standards,
        tables: &[LawTable],
    ) -> Result<Vec<(String, String)>, Error> {
        let set = |name: &str| standards.rule_sets().find(|set| set.name() == name);
        if let (Some(a), Some(b)) = (set(&self.before), set(&self.after)) {
            return Ok(vec![
                (a.row.limits.to_string(), b.row.limits.to_string()),
                (a.row.index.to_string(), b.row.index.to_string()),
                (a.row.rules.to_string(), b.row.rules.to_string()),
            ]);
        }
        for name in [&self.before, &self.after] {
            let plain = |own: &str| {
                own == name || name.strip_prefix(own).is_some_and(|rest| rest.starts_with(' '))
            };
            let is_known = tables
                .iter()
                .any(|table| table.rows.iter().any(|row| name_of(table, row).is_some_and(plain)));
            if !is_known {
                return Err(unknown(name, tables));
            }
        }
        Ok(vec![(self.before.clone(), self.after.clone())])
    }
}

/// The edition, set or rule that a row belongs to.
fn name_of<'t>(table: &'t LawTable, row: &'t catalogue::LawRow) -> Option<&'t str> {
    ["standard", "rule", "scheme", "set"].iter().find_map(|column| table.cell(row, column))
}

fn unknown(name: &str, tables: &[LawTable]) -> Error {
    let mut names: Vec<&str> = tables
        .iter()
        .flat_map(|table| table.rows.iter().filter_map(|row| name_of(table, row)))
        .collect();
    names.sort_unstable();
    names.dedup();
    Error::Unknown(name.to_owned(), names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &StandardsCommand) -> String {
        let mut out = Vec::new();
        command.run(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_edition_is_listed_with_its_dates_and_doubts() {
        let text = said(&StandardsCommand::List(List { json: false }));
        assert!(
            text.contains("HJ 633-2012: 2012-02-29..2026-02-28, ")
                || text.contains("HJ 633-2012: 2016-01-01..2026-02-28, "),
            "{text}"
        );
        assert!(
            text.lines()
                .any(|line| line.starts_with("HJ 663-2026: 2026-03-01.., ")
                    && line.contains("doubtful")),
            "{text}"
        );
    }

    #[test]
    fn two_sets_differ_in_limits_index_and_rules() {
        let (before, after) = ("2012".to_owned(), "2026".to_owned());
        let text = said(&StandardsCommand::Diff(Diff { before, after, days: vec![], json: false }));
        for line in [
            "PM2.5 annual grade2: 35 -> 30 ug/m3",
            "PM2.5_24h 100 concentration: 75 -> 60",
            "decimals_ug_m3 value: 0 -> 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_table_is_shown_row_by_row_and_an_unknown_name_is_refused_with_those_there_are() {
        let show = |name: &str| {
            StandardsCommand::Show(Show { name: name.to_owned(), on: None, json: false })
        };
        assert_eq!(said(&show("air/dust_excluded.csv")).lines().count(), 2);
        let error = show("HJ 999").run(&mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("hint: ") && error.contains("HJ 633-2026"), "{error}");
    }
}
