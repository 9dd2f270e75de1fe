//! A dependency is a guest: a line in `ARCHITECTURE.md` says why it is here, and no line outlives its guest.

use std::collections::BTreeSet;

use super::Problem;
use super::floors::{apart, direct_needs, workspace_dependencies};
use super::tree::Sources;

const BOOK: &str = "ARCHITECTURE.md";
const PAGE: &str = "web/package.json";
/// The tables of guests stand under this heading, up to the next of its rank.
const HEADING: &str = "## Dependencies";

/// Faults: a dependency of the workspace or the page without a row `| name | …`, a row without a dependency,
/// and a dependency of the workspace that no room needs.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let listed: Vec<(&str, usize)> = rows(sources.text(BOOK).unwrap_or_default()).collect();
    let is_listed = |name: &str| listed.iter().any(|(listed, _)| *listed == name);
    let rust =
        workspace_dependencies(sources).into_iter().map(|(name, line)| ("Cargo.toml", name, line));
    let page = package_names(sources.text(PAGE).unwrap_or_default())
        .into_iter()
        .map(|(name, line)| (PAGE, name, line));
    let guests: Vec<(&str, &str, usize)> = rust.chain(page).chain(apart(sources)).collect();
    let names: BTreeSet<&str> = guests.iter().map(|(_, name, _)| *name).collect();
    let unlisted = guests.iter().filter(|(_, name, _)| !is_listed(name));
    let unlisted = unlisted.map(|(path, name, line)| {
        Problem::fault(
            path,
            *line,
            format!("`{name}` has no row in {BOOK}: why, and what it costs"),
        )
    });
    let gone = listed.iter().filter(|(name, _)| !names.contains(name));
    let gone = gone.map(|(name, line)| {
        Problem::fault(BOOK, *line, format!("`{name}` is no dependency any more"))
    });
    let needed = direct_needs(sources);
    let idle =
        workspace_dependencies(sources).into_iter().filter(|(name, _)| !needed.contains(name));
    let idle = idle
        .map(|(name, line)| Problem::fault("Cargo.toml", line, format!("no room needs `{name}`")));
    unlisted.chain(gone).chain(idle).collect()
}

/// Names in backticks in the first cell of each row under the heading, with their lines.
fn rows(text: &str) -> impl Iterator<Item = (&str, usize)> {
    let lines = text.lines().enumerate().skip_while(|(_, line)| !line.starts_with(HEADING)).skip(1);
    let lines = lines.take_while(|(_, line)| !line.starts_with("## "));
    lines.flat_map(|(at, line)| {
        let cell =
            line.strip_prefix('|').and_then(|rest| rest.split('|').next()).unwrap_or_default();
        cell.split('`').skip(1).step_by(2).map(move |name| (name, at + 1))
    })
}

/// Names under `dependencies` and `devDependencies` of a manifest laid out by npm: one a line.
fn package_names(text: &str) -> Vec<(&str, usize)> {
    let mut names = Vec::new();
    let mut is_inside = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let key = line.strip_prefix('"').and_then(|rest| rest.split('"').next());
        if line.starts_with("\"dependencies\"") || line.starts_with("\"devDependencies\"") {
            is_inside = !line.contains('}');
        } else if line.starts_with('}') {
            is_inside = false;
        } else if let Some(name) = key.filter(|_| is_inside) {
            names.push((name, at + 1));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    #[test]
    fn each_guest_has_a_row_and_each_row_a_guest() {
        let root = "[workspace.dependencies]\nmodel = { path = \"crates/model\" }\ncsv = \"1\"\nzstd = \"1\"\n";
        let model = "[package]\nname = \"model\"\n[dependencies]\ncsv.workspace = true\n";
        let page = "{\n  \"scripts\": {\n    \"x\": \"y\"\n  },\n  \"dependencies\": {\n    \"uplot\": \"^1\"\n  }\n}\n";
        let book = "# A\n## Dependencies\n| crate | why |\n|---|---|\n| `csv` | x |\n| `gone` | x |\n## More\n| `other` | x |\n";
        let expected = [
            "Cargo.toml:4: `zstd` has no row in ARCHITECTURE.md: why, and what it costs",
            "web/package.json:6: `uplot` has no row in ARCHITECTURE.md: why, and what it costs",
            "ARCHITECTURE.md:6: `gone` is no dependency any more",
            "Cargo.toml:4: no room needs `zstd`",
        ];
        expect(
            check,
            &[("Cargo.toml", root), ("crates/model/Cargo.toml", model), (PAGE, page), (BOOK, book)],
            &expected,
        );
    }

    #[test]
    fn a_room_that_is_a_workspace_of_its_own_lists_its_guests_too() {
        let room = "[workspace]\n[package]\nname = \"query\"\n[dependencies]\nmodel = { path = \"../model\" }\ndatafusion = \"1\"\n";
        let book = "# A\n## Dependencies\n| `gone` | x |\n";
        let expected = [
            "crates/query/Cargo.toml:6: `datafusion` has no row in ARCHITECTURE.md: why, and what it costs",
            "ARCHITECTURE.md:3: `gone` is no dependency any more",
        ];
        expect(check, &[("crates/query/Cargo.toml", room), (BOOK, book)], &expected);
    }
}
