//! A file is a room with one idea, a function fits a screen.

use super::Problem;
use super::tree::Sources;

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const SOURCES: [&str; 7] = ["rs", "ts", "mjs", "js", "svelte", "css", "py"];
/// Made by a tool, read by nobody.
const GENERATED: [&str; 1] = ["web/src/api/types.ts"];

/// Faults: files past 600 lines whose first line does not say why ("long because …"). Advice: functions past 70 lines.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in
        sources.with_extension(&SOURCES).filter(|(path, _)| !GENERATED.contains(path))
    {
        let count = text.lines().count();
        let says_why =
            text.lines().next().is_some_and(|line| line.to_lowercase().contains("long because"));
        if count > FILE_LINES_MAX && !says_why {
            let text = format!(
                "{count} lines; which room is missing? else say `long because …` in the first line"
            );
            problems.push(Problem::fault(path, 1, text));
        }
    }
    for (path, text) in sources.with_extension(&["rs"]) {
        problems.extend(long_functions(text).map(|(line, name, count)| {
            Problem::advice(
                path,
                line,
                format!(
                    "`{name}` has {count} lines; a function fits a screen ({FUNCTION_LINES_MAX})"
                ),
            )
        }));
    }
    problems
}

/// Line, name and length of each function that is too long, in code laid out by rustfmt.
fn long_functions(text: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<(usize, &str)> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, function_name(line)?)))
        .collect();
    starts.into_iter().filter_map(move |(at, name)| {
        let indent = lines[at].len() - lines[at].trim_start().len();
        let is_end = |line: &&str| line.trim_end() == format!("{}}}", &lines[at][..indent]);
        let count =
            lines[at..].iter().position(|line| is_end(line) || line.trim_end().ends_with("{}"))?
                + 1;
        (count > FUNCTION_LINES_MAX).then_some((at + 1, name, count))
    })
}

fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let leads =
        |word: &&str| !(matches!(*word, "const" | "async" | "extern") || word.starts_with("pub"));
    (words.find(leads)? == "fn")
        .then(|| words.next())?
        .map(|word| word.split(['(', '<']).next().unwrap_or(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    #[test]
    fn a_long_file_says_why_in_its_first_line() {
        let (long, excused) =
            ("x\n".repeat(601), format!("// Long because it is a table.\n{}", "x\n".repeat(601)));
        let expected =
            "a.rs:1: 601 lines; which room is missing? else say `long because …` in the first line";
        expect(check, &[("a.rs", &long), ("b.rs", &excused), ("c.md", &long)], &[expected]);
    }

    #[test]
    fn a_long_function_is_shown_with_its_length() {
        let body = |lines: usize| "        x;\n".repeat(lines);
        let text = format!(
            "impl A {{\n    pub(crate) fn short() {{\n{}    }}\n    fn long<T>() {{\n{}    }}\n}}\n",
            body(68),
            body(69)
        );
        expect(
            check,
            &[("a.rs", &text)],
            &["advice: a.rs:72: `long` has 71 lines; a function fits a screen (70)"],
        );
    }
}
