//! Every case beside the rules.

use crate::world::law;
use detect::{Kind, Rules, case};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_case_happens_as_it_is_written() {
    let rules = Rules::built_in().unwrap();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut seen = BTreeSet::new();
    let mut failed = vec![];
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let report = case::run(&text, &rules, &law())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for problem in report.problems {
            failed.push(format!("{}: {problem}", path.display()));
        }
        seen.extend(rules.newest(&report.rule).map(|rule| rule.kind));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !seen.contains(kind)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn a_case_that_is_wrong_says_where() {
    let rules = Rules::built_in().unwrap();
    let check = |text: &str, expected: &str| {
        let error = case::run(text, &rules, &law()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let head = "start = \"2026-03-01T08:00:00+08:00\"\nstep = \"1 h\"\n";
    check(&format!("rule = \"nix\"\n{head}series = {{}}"), "there is no rule \"nix\"");
    check(&format!("rule = \"device-silent\"\n{head}series = {{ a = \"1\" }}"), "place/parameter");
    check(
        &format!("rule = \"device-silent\"\n{head}series = {{ \"a/b\" = \"one\" }}"),
        "is no number",
    );
    check(&format!("rul = \"device-silent\"\n{head}series = {{}}"), "unknown field `rul`");
}
