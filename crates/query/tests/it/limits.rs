//! Read-only by construction, and bounded: memory, length, depth; each refusal says what to do.

use crate::world::{DAY, ask, ask_with, at, commit, refused, store};
use query::{Error, Limits};
use std::path::Path;
use std::process::Command;

fn filled(dir: &Path) -> store::Store {
    let mut store = store(dir, 1);
    for day in 0..4 {
        let rows: Vec<_> =
            (0..5_000).map(|n| (n % 2, at(DAY + day, i64::from(n)), Some(f64::from(n)))).collect();
        commit(&mut store, at(DAY + day, 1), &rows, false);
    }
    store
}

#[test]
fn statements_that_would_change_or_open_anything_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let file = dir.path().join("outside.csv");
    std::fs::write(&file, "a,b\n1,2\n").unwrap();
    let path = file.display();
    let before = entries(dir.path());
    for sql in [
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{path}'"),
        "CREATE TABLE t AS SELECT 1".to_owned(),
        "CREATE VIEW v AS SELECT 1".to_owned(),
        "CREATE SCHEMA s".to_owned(),
        "DROP TABLE readings".to_owned(),
        "INSERT INTO readings SELECT * FROM readings".to_owned(),
        "DELETE FROM readings".to_owned(),
        "UPDATE readings SET value = 0".to_owned(),
        "TRUNCATE TABLE readings".to_owned(),
        format!("COPY readings TO '{path}.copy'"),
        format!("COPY (SELECT 1) TO '{path}.copy' STORED AS CSV"),
        format!("EXPLAIN COPY (SELECT 1) TO '{path}.copy' STORED AS CSV"),
        format!("EXPLAIN ANALYZE COPY (SELECT 1) TO '{path}.copy' STORED AS CSV"),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "BEGIN".to_owned(),
        "PREPARE p AS SELECT 1".to_owned(),
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM \"{path}\""),
        format!("SELECT * FROM read_csv('{path}')"),
        "SELECT 1; SELECT 2".to_owned(),
        "ATTACH 'x' AS y".to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let error = refused(dir.path(), &sql);
        assert!(matches!(error, Error::ReadOnly(_) | Error::Statement(_)), "{sql}: {error:?}");
        assert!(error.hint().is_some() && !error.zh().is_empty(), "{sql}");
    }
    assert_eq!(entries(dir.path()), before);
}

fn entries(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_needs_more_memory_than_allowed_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let limits = Limits { memory_bytes: 13 << 20, ..Limits::for_testing() };
    let sql = "SELECT a.value, count(*) FROM readings a CROSS JOIN readings b GROUP BY a.value, b.value, b.time";
    let error = ask_with(dir.path(), limits, None, sql).map(drop).unwrap_err();
    assert!(matches!(error, Error::Memory { max, .. } if max == 13 << 20), "{error:?}");
    assert!(error.to_string().starts_with("the memory of 13 MiB is used up"), "{error}");
    assert!(error.hint().unwrap().0.contains("--memory"));
}

#[test]
fn an_unknown_table_or_column_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    assert!(refused(dir.path(), "SELECT * FROM reading").to_string().contains("reading"));
    let error = refused(dir.path(), "SELECT valu FROM readings");
    assert!(error.to_string().contains("valu"), "{error}");
    assert!(error.hint().unwrap().0.contains("\\d"));
}

#[test]
fn an_as_of_that_names_no_moment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    for (as_of, why) in [("5", "the newest sequence is 4"), ("soon", "no sequence and no instant")]
    {
        let asked = ask_with(dir.path(), Limits::for_testing(), Some(as_of), "SELECT 1");
        let error = asked.map(drop).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_folder_without_a_database_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error =
        ask_with(dir.path(), Limits::for_testing(), None, "SELECT 1").map(drop).unwrap_err();
    assert!(error.to_string().contains("skyriver.db"), "{error}");
    assert_eq!(entries(dir.path()), [] as [String; 0]);
}

#[test]
fn a_server_goes_on_writing_while_somebody_asks() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = filled(dir.path());
    assert_eq!(ask(dir.path(), "SELECT count(*) FROM readings"), ["20000"]);
    commit(&mut store, at(DAY + 4, 0), &[(0, at(DAY + 4, 0), Some(1.0))], false);
    assert_eq!(ask(dir.path(), "SELECT count(*) FROM readings"), ["20001"]);
    store.seal(DAY).unwrap();
    assert_eq!(ask(dir.path(), "SELECT count(*) FROM readings"), ["20001"]);
}

#[test]
fn a_join_that_never_pauses_ends_with_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let sql = "SELECT count(*) FROM versions a CROSS JOIN versions b CROSS JOIN versions c \
               WHERE a.value + b.value + c.value > 1e9";
    let command = Command::new(env!("CARGO_BIN_EXE_skyriver-sql"))
        .args([dir.path().as_os_str(), sql.as_ref(), "--time-limit".as_ref(), "1s".as_ref()])
        .output()
        .unwrap();
    assert_eq!(command.status.code(), Some(1));
    let said = String::from_utf8(command.stderr).unwrap();
    assert!(said.contains("no answer within 1 s") && said.contains("1 秒内没有得出结果"), "{said}");
}
