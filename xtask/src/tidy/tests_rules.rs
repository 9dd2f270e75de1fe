//! Tests run always and wait for something, never for a while.

use super::Problem;
use super::tree::Sources;

/// Faults: an ignored test, and sleeping in a test.
pub fn check(sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in sources.with_extension(&["rs"]) {
        let mut is_test = path.contains("/tests/");
        for (at, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            is_test |= code.trim() == "#[cfg(test)]";
            if code.trim_start().starts_with("#[ignore") {
                problems.push(Problem::fault(
                    path,
                    at + 1,
                    "an ignored test; assert today's wrong behaviour with a note instead",
                ));
            }
            if is_test && calls_sleep(code) {
                problems.push(Problem::fault(
                    path,
                    at + 1,
                    "a sleeping test; wait for what should happen, with a limit",
                ));
            }
        }
    }
    problems
}

/// `sleep(…)` called by whatever path, not a longer name and not a word in a text.
fn calls_sleep(code: &str) -> bool {
    code.match_indices(concat!("sle", "ep(")).any(|(at, _)| {
        !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || "_\"`".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::expect;

    #[test]
    fn sleeping_is_a_fault_in_tests_only() {
        let call = concat!("    thread::sle", "ep(x);\n");
        let text = format!("fn a() {{\n{call}}}\n#[cfg(test)]\nmod tests {{\n{call}}}\n");
        expect(
            check,
            &[("crates/a/src/a.rs", &text)],
            &["crates/a/src/a.rs:6: a sleeping test; wait for what should happen, with a limit"],
        );
    }

    #[test]
    fn an_ignored_test_is_a_fault() {
        let text = concat!("#[ign", "ore]\nfn a() {}\n");
        let expected = "crates/a/tests/it/main.rs:1: an ignored test; assert today's wrong behaviour with a note instead";
        expect(check, &[("crates/a/tests/it/main.rs", text)], &[expected]);
    }
}
