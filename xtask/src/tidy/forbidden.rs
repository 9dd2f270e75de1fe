//! What must not stand in the tree: paths of one machine, orphan notes, rooms without an idea, other people's readings.

use super::Problem;
use super::tree::{Sources, extension};

/// Text, and why not. Split in two so that this file does not find itself.
const TEXTS: [(&str, &str, &str); 8] = [
    ("/ro", "ot/", "a path of one machine"),
    ("/wo", "rk/", "a path of one machine"),
    ("../sha", "red", "a path outside the clone"),
    ("FIX", "ME", "write an owner's note, `TODO(name): …`, or mend it"),
    ("todo", "!(", "finish it, or leave it out"),
    ("unimpl", "emented!(", "finish it, or leave it out"),
    ("Co-auth", "ored-by", "belongs to no file"),
    ("-----BEG", "IN PRIVATE", "a secret"),
];
/// File names that name no idea.
const NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "manager", "mod"];
/// Beginnings of file names under which readings of real stations are published; they are read from outside, never kept here.
const REAL_DATA: [&str; 3] = ["PRSA_Data", "china_sites", "china_cities"];
const DATA_BYTES_MAX: usize = 256 * 1024;

/// Faults: forbidden text, an orphan note, a name without an idea, readings that are not ours.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let mut problems: Vec<Problem> = sources.paths().filter_map(bad_name).collect();
    for (path, text) in sources.texts().filter(|(path, _)| !is_generated(path)) {
        if matches!(extension(path), Some("csv" | "tsv" | "jsonl")) && text.len() > DATA_BYTES_MAX {
            problems.push(Problem::fault(
                path,
                0,
                "a large table: readings of real stations are read from outside, never kept here",
            ));
        }
        for (at, line) in text.lines().enumerate() {
            problems.extend(bad_texts(line).map(|text| Problem::fault(path, at + 1, text)));
        }
    }
    problems
}

fn is_generated(path: &str) -> bool {
    extension(path) == Some("lock") || path.ends_with("package-lock.json")
}

fn bad_name(path: &str) -> Option<Problem> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    if NAMES.contains(&stem) && matches!(ending, "rs" | "ts" | "js" | "svelte" | "py") {
        return Some(Problem::fault(
            path,
            0,
            format!("`{stem}` names no idea; modules are `air.rs` + `air/`"),
        ));
    }
    let is_real = REAL_DATA.iter().any(|start| name.starts_with(start));
    is_real.then(|| {
        Problem::fault(path, 0, "readings of real stations are read from outside, never kept here")
    })
}

fn bad_texts(line: &str) -> impl Iterator<Item = String> {
    let found = TEXTS.iter().filter(move |(head, tail, _)| holds(line, head, tail));
    let texts = found.map(|(head, tail, why)| format!("`{head}{tail}`: {why}"));
    texts.chain(
        has_orphan(line).then(|| "a note without an owner; write `TODO(name): …`".to_string()),
    )
}

/// True when `head` followed by `tail` stands in the line, not as the tail of a longer path or word.
fn holds(line: &str, head: &str, tail: &str) -> bool {
    let is_longer = |at: usize| {
        head.starts_with('/')
            && line[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '.')
    };
    line.match_indices(head)
        .any(|(at, _)| line[at + head.len()..].starts_with(tail) && !is_longer(at))
}

/// A to-do note that is not followed by a name in brackets.
fn has_orphan(line: &str) -> bool {
    let word = concat!("TO", "DO");
    let is_word = |at: usize| {
        !line[..at]
            .ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == '`')
    };
    line.match_indices(word).any(|(at, _)| {
        let after = &line[at + word.len()..];
        is_word(at)
            && !after.starts_with('(')
            && !after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    #[test]
    fn a_path_of_one_machine_is_a_fault_and_a_longer_path_is_none() {
        let bad = format!("see {}{}x", "/wo", "rk/");
        let fine = "https://example.org/network/a and ./work/b";
        expect(
            check,
            &[("a.md", &bad), ("b.md", fine)],
            &[&format!("a.md:1: `{}{}`: a path of one machine", "/wo", "rk/")],
        );
    }

    #[test]
    fn a_note_needs_an_owner() {
        let word = concat!("TO", "DO");
        let text = format!("// {word}(lin): a\n// {word}: b\n{word}S\n");
        expect(
            check,
            &[("a.rs", &text)],
            &["a.rs:2: a note without an owner; write `TODO(name): …`"],
        );
    }

    #[test]
    fn a_room_without_an_idea_and_real_readings_are_faults() {
        let files = [("crates/a/src/utils.rs", ""), ("tests/PRSA_Data_X.csv", "")];
        let expected = [
            "crates/a/src/utils.rs: `utils` names no idea; modules are `air.rs` + `air/`",
            "tests/PRSA_Data_X.csv: readings of real stations are read from outside, never kept here",
        ];
        expect(check, &files, &expected);
    }
}
