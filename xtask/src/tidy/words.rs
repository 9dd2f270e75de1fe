//! One word per idea: the table of words has no empty cell, no word twice, and leads to code that is there.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::Sources;

const TABLE: &str = "docs/concepts/words.md";
/// English, Chinese, meaning, where it is in code.
const COLUMNS: usize = 4;

/// Faults: an empty cell, a word that stands twice, a place in code that is not there.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let Some(text) = sources.text(TABLE) else {
        return vec![Problem::fault(TABLE, 0, "the table of words is missing")];
    };
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (line, cells) in rows(text) {
        if cells.len() != COLUMNS || cells.iter().any(|cell| cell.is_empty()) {
            problems.push(Problem::fault(
                TABLE,
                line,
                "a row needs English, Chinese, meaning and where it is in code",
            ));
            continue;
        }
        if !seen.insert(cells[0]) {
            problems.push(Problem::fault(TABLE, line, format!("`{}` stands twice", cells[0])));
        }
        for path in cells[3]
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|path| path.contains('/') && !sources.has(path))
        {
            problems.push(Problem::fault(TABLE, line, format!("`{path}` is not there")));
        }
    }
    problems
}

/// The body rows of all tables: line and trimmed cells. Heads and rules are left out.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let is_rule = |line: &str| line.starts_with("|-") || line.starts_with("| -");
    let lines: Vec<&str> = text.lines().collect();
    (0..lines.len()).filter_map(move |at| {
        let is_head = lines.get(at + 1).is_some_and(|next| is_rule(next));
        let row = lines[at].strip_prefix('|').filter(|_| !is_head && !is_rule(lines[at]))?;
        Some((at + 1, row.trim_end().trim_end_matches('|').split('|').map(str::trim).collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    const HEAD: &str = "| English | 中文 | meaning | code |\n|---|---|---|---|\n";

    #[test]
    fn a_complete_table_is_fine() {
        let text = format!("{HEAD}| reading | 读数 | one value | `crates/model` |\n");
        expect(check, &[(TABLE, &text), ("crates/model/src/lib.rs", "")], &[]);
    }

    #[test]
    fn an_empty_cell_a_double_word_and_a_wrong_place_are_faults() {
        let text =
            format!("{HEAD}| a | 甲 | x | y |\n| a | 乙 | x | `crates/gone` |\n| b |  | x | y |\n");
        let expected = [
            "docs/concepts/words.md:4: `a` stands twice",
            "docs/concepts/words.md:4: `crates/gone` is not there",
            "docs/concepts/words.md:5: a row needs English, Chinese, meaning and where it is in code",
        ];
        expect(check, &[(TABLE, &text)], &expected);
    }
}
