//! `--as-of` and the current state equal what the store says, hot, sealed, late, corrected and folded.

use crate::world::{DAY, ask, ask_as_of, at, commit, store};
use model::{DatastreamId, Sequence, Timestamp};
use std::path::Path;
use store::{Columns, Known, Store};

const ALL: &str = "SELECT datastream, arrow_cast(time, 'Int64'), value, flag, sequence FROM ";

/// What the store says, as rows of [`ALL`].
fn said(store: &Store, known: Known) -> Vec<String> {
    let ids: Vec<_> = (0..4).map(DatastreamId).collect();
    let found = store.reader().scan_known(&ids, Timestamp::MIN, Timestamp::MAX, known).unwrap();
    let row = |id: &DatastreamId, columns: &Columns, n: usize| {
        let value = columns.value[n].map(|value| format!("{value:?}")).unwrap_or_default();
        let (time, flag) = (columns.time[n].as_ms(), columns.flag[n].bits());
        format!("{id}|{time}|{value}|{flag}|{}", columns.sequence[n])
    };
    let rows = ids.iter().zip(&found);
    rows.flat_map(|(id, columns)| (0..columns.len()).map(move |n| row(id, columns, n))).collect()
}

fn compare(dir: &Path, store: &Store, when: &str) {
    let ordered = |table: &str| format!("{ALL} {table} ORDER BY datastream, time");
    assert_eq!(ask(dir, &ordered("readings")), said(store, Known::Now), "{when}");
    assert_eq!(ask(dir, &ordered("raw_readings")), said(store, Known::Now.raw()), "{when}");
    for sequence in 0..=store.last_sequence().0 {
        let known = Known::At(Sequence(sequence));
        let found = ask_as_of(dir, &sequence.to_string(), &ordered("readings"));
        assert_eq!(found, said(store, known), "{when}, as of {sequence}");
        let found = ask_as_of(dir, &sequence.to_string(), &ordered("raw_readings"));
        assert_eq!(found, said(store, known.raw()), "{when}, raw as of {sequence}");
    }
}

#[test]
fn readings_equal_the_store_through_late_values_corrections_seals_and_folds() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 2);
    for day in 0..2 {
        let rows: Vec<_> = (0..24)
            .map(|hour| {
                (hour % 4, at(DAY + day, i64::from(hour) * 3_600_000), Some(f64::from(hour) / 10.0))
            })
            .collect();
        commit(&mut store, at(DAY + day, 1), &rows, false);
    }
    commit(&mut store, at(DAY + 1, 2), &[(1, at(DAY, 3_600_000), None)], false);
    compare(dir.path(), &store, "hot");
    store.seal(DAY).unwrap();
    compare(dir.path(), &store, "sealed");
    commit(
        &mut store,
        at(DAY + 2, 0),
        &[(0, at(DAY, 0), Some(7.5)), (3, at(DAY, 5), Some(-1.0))],
        false,
    );
    commit(&mut store, at(DAY + 2, 1), &[(2, at(DAY, 7_200_000), Some(99.0))], true);
    compare(dir.path(), &store, "late and corrected");
    store.seal(DAY).unwrap();
    store.seal(DAY + 1).unwrap();
    compare(dir.path(), &store, "all sealed");
    store.fold_all(at(DAY + 3, 0), store.last_sequence(), DAY + 31).unwrap();
    compare(dir.path(), &store, "folded");
}

#[test]
fn every_version_is_one_row() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 1);
    for value in 1..=3 {
        commit(&mut store, at(DAY, value), &[(0, at(DAY, 0), Some(value as f64))], false);
        if value == 2 {
            store.seal(DAY).unwrap();
        }
    }
    let sql = "SELECT sequence, value FROM versions WHERE place = 'p0' ORDER BY sequence";
    assert_eq!(ask(dir.path(), sql), ["1|1.0", "2|2.0", "3|3.0"]);
    assert_eq!(ask_as_of(dir.path(), "2", sql), ["1|1.0", "2|2.0"]);
}

#[test]
fn an_instant_is_a_moment_too_and_follows_through_all_tables_that_can() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = store(dir.path(), 1);
    commit(&mut store, at(DAY, 1_000), &[(0, at(DAY, 0), Some(1.0))], false);
    commit(&mut store, at(DAY, 9_000), &[(0, at(DAY, 0), Some(2.0))], false);
    let then = "2026-03-01T00:00:05Z";
    for (sql, wanted) in [
        ("SELECT value FROM readings", "1.0"),
        ("SELECT count(*) FROM frames", "1"),
        ("SELECT count(*) FROM journal", "1"),
        ("SELECT count(*) FROM versions", "1"),
        ("SELECT count(*) FROM places", "1"),
        ("SELECT count(*) FROM hours", "1"),
    ] {
        assert_eq!(ask_as_of(dir.path(), then, sql), [wanted], "{sql}");
    }
    assert_eq!(
        ask_as_of(dir.path(), "2026-03-01T00:00:09Z", "SELECT value FROM readings"),
        ["2.0"]
    );
    assert_eq!(ask_as_of(dir.path(), "2026-03-01", "SELECT count(*) FROM readings"), ["0"]);
}
