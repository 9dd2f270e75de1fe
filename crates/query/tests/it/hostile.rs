//! Statements that are long, deep or odd are answered or refused; the program lives on.

use crate::world::{ask, refused, store};
use query::Error;

#[test]
fn a_statement_past_the_limit_is_refused_by_its_length() {
    let dir = tempfile::tempdir().unwrap();
    let _store = store(dir.path(), 1);
    let error = refused(dir.path(), &format!("SELECT '{}'", "x".repeat(70_000)));
    assert!(matches!(error, Error::TooLong { found: 70_009, max: 65_536 }), "{error:?}");
}

#[test]
fn deep_statements_do_not_end_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let _store = store(dir.path(), 1);
    let deep = |open: &str, middle: &str, close: &str, times: usize| {
        format!("SELECT {}{middle}{}", open.repeat(times), close.repeat(times))
    };
    for sql in [
        deep("(", "1", ")", 20_000),
        deep("abs(", "1", ")", 8_000),
        deep("NOT ", "true", "", 10_000),
        deep("- ", "1", "", 20_000),
        deep("CASE WHEN true THEN ", "1", " END", 2_000),
        deep("(SELECT ", "1", ")", 5_000),
        deep("[", "1", "]", 20_000),
    ] {
        let error = refused(dir.path(), &sql);
        assert!(matches!(error, Error::Statement(_)), "{error:?}");
    }
}

#[test]
fn wide_statements_are_answered_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _store = store(dir.path(), 1);
    let sum = format!("SELECT {}1", "1 + ".repeat(400));
    assert_eq!(ask(dir.path(), &sum), ["401"]);
    let any = format!("SELECT count(*) FROM readings WHERE {}false", "value = 1 OR ".repeat(200));
    assert_eq!(ask(dir.path(), &any), ["0"]);
    let unions = format!("{}SELECT 1", "SELECT 1 UNION ALL ".repeat(60));
    assert_eq!(ask(dir.path(), &unions).len(), 61);
}

#[test]
fn odd_texts_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let _store = store(dir.path(), 1);
    for sql in [
        "\0",
        "SELECT \u{202e}",
        "'",
        "/*",
        "SELECT * FROM readings WHERE time > 'tomorrow'",
        "SELECT 1/0",
        "选",
    ] {
        let error = refused(dir.path(), sql);
        assert!(!error.to_string().is_empty());
    }
}
