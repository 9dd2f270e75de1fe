//! No number without its source: every row of a data table names where it comes from.

use super::Problem;
use super::csv;
use super::toml;
use super::tree::{Sources, extension};

/// Faults: CSV rows under `crates/*/data` without a source; TOML tables of law without one.
///
/// In TOML the first table of a file speaks for the whole document: a table without `source` inherits it.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let data = sources.texts().filter(|(path, _)| is_data(path));
    data.flat_map(|(path, text)| match extension(path) {
        Some("csv") => unsourced_rows(path, text),
        Some("toml") if path.starts_with("crates/standards/") => unsourced_tables(path, text),
        _ => Vec::new(),
    })
    .collect()
}

/// True below the folder `data` of a room.
fn is_data(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("crates") && parts.next().is_some() && parts.next() == Some("data")
}

fn unsourced_rows(path: &str, text: &str) -> Vec<Problem> {
    let rows = csv::rows(text);
    let Some(((_, head), rows)) = rows.split_first() else {
        return vec![Problem::fault(path, 0, "an empty table")];
    };
    let Some(column) = head.iter().position(|name| name.trim() == "source") else {
        return vec![Problem::fault(path, 1, "no column `source`")];
    };
    let is_bare = |cells: &[String]| cells.get(column).is_none_or(|cell| cell.trim().is_empty());
    rows.iter()
        .filter(|(_, cells)| is_bare(cells))
        .map(|(line, _)| Problem::fault(path, *line, "a row without a source"))
        .collect()
}

fn unsourced_tables(path: &str, text: &str) -> Vec<Problem> {
    let (headers, entries) = toml::read(text);
    let has_source = |number| {
        entries.iter().any(|entry| {
            entry.number == number && entry.key == "source" && !toml::plain(entry.value).is_empty()
        })
    };
    if has_source(0) || has_source(1) {
        return Vec::new();
    }
    let bare = headers.iter().filter(|header| !has_source(header.number));
    bare.map(|header| {
        Problem::fault(
            path,
            header.line,
            format!("[{}] has no `source`, nor has the first table", header.table),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    #[test]
    fn a_row_without_a_source_is_a_fault() {
        let text = "key,limit,source\na,1,\"GB 1, clause 2\"\nb,2,\nc,3\n";
        let expected = [
            "crates/standards/data/a.csv:3: a row without a source",
            "crates/standards/data/a.csv:4: a row without a source",
        ];
        expect(check, &[("crates/standards/data/a.csv", text)], &expected);
    }

    #[test]
    fn a_table_without_the_column_is_a_fault_and_other_folders_are_free() {
        let files = [("crates/hj212/data/sub/a.csv", "a,b\n1,2\n"), ("tests/a.csv", "a,b\n1,2\n")];
        expect(check, &files, &["crates/hj212/data/sub/a.csv:1: no column `source`"]);
    }

    #[test]
    fn a_toml_table_has_a_source_or_inherits_the_documents() {
        let bare = "[standard]\nid = \"x\"\n[limits]\nsource = \"GB 1\"\n";
        let sourced = "[standard]\nsource = \"GB 1\"\n[limits]\na = 1\n";
        let files =
            [("crates/standards/data/a.toml", bare), ("crates/standards/data/b.toml", sourced)];
        expect(
            check,
            &files,
            &[
                "crates/standards/data/a.toml:1: [standard] has no `source`, nor has the first table",
            ],
        );
    }
}
