//! Completion: commands, keywords, functions, tables, and the columns of tables that the line names.

use crate::{FUNCTIONS, schema};
use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper, Result};

const COMMANDS: [&str; 7] = ["\\d", "\\f", "\\as-of", "\\format", "\\o", "\\q", "\\?"];

const KEYWORDS: [&str; 36] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "USING",
    "AS",
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "LIKE",
    "IS NULL",
    "IS NOT NULL",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "DISTINCT",
    "UNION ALL",
    "WITH",
    "DESC",
    "ASC",
    "EXPLAIN ANALYZE",
    "DESCRIBE",
    "OVER",
    "PARTITION BY",
    "INTERVAL",
];

const COMMON: [&str; 13] = [
    "count(",
    "avg(",
    "min(",
    "max(",
    "sum(",
    "median(",
    "stddev(",
    "approx_percentile_cont(",
    "date_trunc(",
    "date_bin(",
    "coalesce(",
    "round(",
    "row_number(",
];

/// All words that can be completed.
pub struct Words(Vec<String>);

impl Words {
    pub fn new() -> Self {
        let own = FUNCTIONS.iter().filter_map(|(name, _)| name.split_inclusive('(').next());
        let tables = schema::all().map(|table| table.name);
        let words = COMMANDS.into_iter().chain(KEYWORDS).chain(COMMON).chain(own).chain(tables);
        Self(words.map(str::to_owned).collect())
    }

    /// Where the word before the cursor starts, and what it may become.
    fn complete_word(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = line.get(..cursor).unwrap_or(line);
        let is_part = |letter: char| letter.is_alphanumeric() || "_\\-".contains(letter);
        let start = before.char_indices().rev().take_while(|(_, letter)| is_part(*letter)).last();
        let start = start.map_or(before.len(), |(place, _)| place);
        let word = before[start..].to_lowercase();
        if word.is_empty() {
            return (start, vec![]);
        }
        let named: Vec<&schema::Table> =
            schema::all().filter(|table| names(line, table.name)).collect();
        let tables = if named.is_empty() { schema::all().collect() } else { named };
        let columns =
            tables.iter().flat_map(|table| table.columns).map(|column| column.0.to_owned());
        let all = columns.chain(self.0.iter().cloned());
        let mut found: Vec<String> =
            all.filter(|known| known.to_lowercase().starts_with(&word)).collect();
        found.sort_unstable();
        found.dedup();
        (start, found)
    }
}

/// Whether a line has a word.
fn names(line: &str, word: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|part| part == word)
}

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> Result<(usize, Vec<String>)> {
        Ok(self.complete_word(line, cursor))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_completed_from_tables_columns_and_keywords() {
        let check = |line: &str, wanted: &[&str]| {
            let (_, found) = Words::new().complete_word(line, line.len());
            assert_eq!(found, wanted, "{line}");
        };
        check("sel", &["SELECT"]);
        check("SELECT * FROM readi", &["readings"]);
        check("SELECT * FROM frames WHERE recei", &["received_at"]);
        check("SELECT * FROM frames WHERE param", &["parameters"]);
        check("\\as", &["\\as-of"]);
        check("SELECT civ", &["civil_day("]);
        check("SELECT ", &[]);
        check("选", &[]);
    }

    #[test]
    fn a_cursor_within_a_letter_is_no_harm() {
        assert_eq!(Words::new().complete_word("选sel", 1).1, Vec::<String>::new());
    }
}
