//! Each table and view has what the store has; the guide names each column.

use crate::world::{DAY, ask, at, commit, store};
use query::schema;
use std::path::Path;

fn filled(dir: &Path) -> store::Store {
    let mut store = store(dir, 2);
    let rows: Vec<_> =
        (0..48).map(|n| (0, at(DAY, i64::from(n) * 3_600_000), Some(f64::from(n)))).collect();
    commit(&mut store, at(DAY, 1), &rows[..24], false);
    commit(&mut store, at(DAY, 2), &rows[24..], false);
    store
}

#[test]
fn each_table_is_there_with_its_columns_and_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    for table in schema::all() {
        let names: Vec<_> =
            table.columns.iter().map(|column| format!("{}.\"{}\"", table.name, column.0)).collect();
        ask(dir.path(), &format!("SELECT {} FROM {}", names.join(", "), table.name));
        let described = ask(dir.path(), &format!("DESCRIBE {}", table.name));
        let found: Vec<_> = described.iter().filter_map(|row| row.split('|').next()).collect();
        let wanted: Vec<_> = table.columns.iter().map(|column| column.0).collect();
        assert_eq!(found, wanted, "{}", table.name);
    }
}

#[test]
fn the_guide_names_each_table_and_column() {
    let guide =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/sql.md"))
            .unwrap();
    for table in schema::all() {
        let heading = format!("### {}", table.name);
        let section =
            guide.split(&format!("{heading}\n")).nth(1).unwrap_or_else(|| panic!("no {heading}"));
        let section = section.split("\n### ").next().unwrap();
        for column in table.columns {
            assert!(section.contains(&format!("`{}`", column.0)), "{heading} lacks {}", column.0);
        }
    }
}

#[test]
fn readings_tell_what_their_datastream_is() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let sql = "SELECT time, place, parameter, statistic, period, value, unit, quality, edited, device \
               FROM readings WHERE time = '2026-03-01T05:00:00Z'";
    let wanted = ["2026-03-01T05:00:00Z|p0|pm25|mean|hour|5.0|ug/m3|good|false|MN-0"];
    assert_eq!(ask(dir.path(), sql), wanted);
}

#[test]
fn civil_days_begin_at_the_zones_midnight() {
    let dir = tempfile::tempdir().unwrap();
    let _store = filled(dir.path());
    let sql = "SELECT day, place, parameter, hours, min, max, mean FROM days ORDER BY day";
    let wanted = [
        "2026-03-01|p0|pm25|16|0.0|15.0|7.5",
        "2026-03-02|p0|pm25|24|16.0|39.0|27.5",
        "2026-03-03|p0|pm25|8|40.0|47.0|43.5",
    ];
    assert_eq!(ask(dir.path(), sql), wanted);
}

#[test]
fn frames_ledger_journal_and_registry_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = filled(dir.path());
    store.seal(DAY).unwrap();
    commit(&mut store, at(DAY + 1, 1), &[(1, at(DAY + 1, 0), None)], false);
    let check = |sql: &str, wanted: &[&str]| assert_eq!(ask(dir.path(), sql), wanted, "{sql}");
    check(
        "SELECT sequence, device, disposition, left(text, 18) FROM frames ORDER BY sequence DESC LIMIT 2",
        &["3|MN-0|stored|##0101QN=3;MN=MN-0", "2|MN-0|stored|##0101QN=2;MN=MN-0"],
    );
    check(
        "SELECT sequence FROM frames WHERE sequence >= 2 AND device = 'MN-0' ORDER BY 1",
        &["2", "3"],
    );
    check("SELECT count(*) FROM frames WHERE device = 'nobody'", &["0"]);
    check(
        "SELECT unit, sum(count) FROM ledger GROUP BY unit ORDER BY unit",
        &["frame|3", "reading|49"],
    );
    check("SELECT count(*) FROM journal WHERE kind = 'session' AND device = 'MN-0'", &["3"]);
    check("SELECT key, kind FROM places ORDER BY key", &["p0|air_station", "p1|air_station"]);
    check("SELECT mn, place FROM devices WHERE mn = 'MN-1'", &["MN-1|p1"]);
    check("SELECT count(*) FROM datastreams", &["4"]);
    check("SELECT unit FROM parameters WHERE key = 'pm25'", &["ug/m3"]);
    check("SELECT kind, rows FROM files WHERE kind = 'base'", &["base|24"]);
    check("SELECT count(*) FROM revisions WHERE document LIKE '%secret%'", &["0"]);
    check("SELECT json_text(document, 'place') FROM revisions WHERE key = 'MN-1'", &["p1"]);
    check("SELECT quality, value IS NULL FROM readings WHERE parameter = 'o3'", &["missing|true"]);
}
