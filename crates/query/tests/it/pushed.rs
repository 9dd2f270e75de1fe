//! What a query says about time and datastream decides what is read.

use crate::world::{DAY, ask, ask_with, at, commit, rows, store};
use query::Limits;
use std::path::Path;

/// Four sealed days and one that is not, each with 400 readings of four datastreams.
fn filled(dir: &Path) -> store::Store {
    let mut store = store(dir, 2);
    for day in 0..5 {
        let rows: Vec<_> = (0..400)
            .map(|n| (n / 100, at(DAY + day, i64::from(n % 100) * 60_000), Some(f64::from(n))))
            .collect();
        commit(&mut store, at(DAY + day, 50_000_000), &rows, false);
    }
    for day in 0..4 {
        store.seal(DAY + day).unwrap();
    }
    store
}

/// Files opened, rows decoded, and the answer.
fn touched(dir: &Path, sql: &str) -> (u64, u64, Vec<String>) {
    let (batches, progress) = ask_with(dir, Limits::for_testing(), None, sql).unwrap();
    let (files, decoded) = progress.touched();
    (files, decoded, rows(&batches))
}

#[test]
fn a_day_opens_its_file_and_a_place_decodes_its_pages() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let (files, decoded, answer) = touched(dir.path(), "SELECT count(*) FROM readings");
    assert_eq!((files, decoded, answer), (4, 2_000, vec!["2000".to_owned()]));
    let day = "time >= '2026-03-02' AND time < '2026-03-03'";
    let (files, decoded, answer) =
        touched(dir.path(), &format!("SELECT count(*) FROM readings WHERE {day}"));
    assert_eq!((files, decoded, answer), (1, 400, vec!["400".to_owned()]));
    let (files, decoded, answer) = touched(
        dir.path(),
        &format!(
            "SELECT sum(value) FROM readings WHERE {day} AND place = 'p1' AND parameter LIKE 'pm%'"
        ),
    );
    assert_eq!((files, answer), (1, vec!["24950.0".to_owned()]));
    // Pages have 16 rows: a page of a neighbour at each end.
    assert!((100..=132).contains(&decoded), "{decoded}");
}

#[test]
fn no_such_place_reads_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let (files, decoded, answer) =
        touched(dir.path(), "SELECT * FROM readings WHERE place = 'nowhere'");
    assert_eq!((files, decoded, answer), (0, 0, vec![]));
}

#[test]
fn the_plan_says_what_was_pushed_down() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let sql =
        "EXPLAIN SELECT value FROM readings WHERE place = 'p0' AND time > '2026-03-03T00:00:00Z'";
    let plan = ask(dir.path(), sql).join("\n");
    assert!(plan.contains("ReadingsExec: datastreams=2, from=2026-03-03T00:00:00.001Z"), "{plan}");
    assert!(!plan.contains("FilterExec"), "{plan}");
}

#[test]
fn a_limit_stops_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    assert_eq!(ask(dir.path(), "SELECT value FROM readings LIMIT 3").len(), 3);
}

#[test]
fn filters_say_the_same_whether_pushed_down_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    for condition in [
        "place = 'p1'",
        "place IN ('p0', 'p1') AND parameter <> 'o3'",
        "place = 'p1' OR datastream = 0",
        "NOT (place = 'p1')",
        "unit = 'ug/m3'",
        "device = 'MN-1' AND time BETWEEN '2026-03-02' AND '2026-03-02T00:10:00Z'",
        "device IS NULL",
        "time = '2026-03-05T00:03:00Z'",
        "time > '2026-03-04T00:03:00Z' OR value < 3",
        "upper(place) = 'P0' AND value > 390",
    ] {
        let pushed = format!("SELECT count(*), sum(value) FROM readings WHERE {condition}");
        // Each column hidden from the registry: the engine has to look at every row.
        let plain = format!(
            "SELECT count(*), sum(value) FROM (SELECT *, row_number() OVER () AS n FROM readings) WHERE {condition}"
        );
        assert_eq!(ask(dir.path(), &pushed), ask(dir.path(), &plain), "{condition}");
    }
}
