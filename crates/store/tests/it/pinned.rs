//! A pinned directory from another process: it has what the store has, at one moment, while the store goes on.

use crate::world::{DAY, at, commit, folder, with_registry};
use model::{DatastreamId, Sequence, Timestamp};
use std::path::Path;
use store::{Error, Known, Limits, Pinned, Rows, Scan, Sink, Want};

/// Keeps all it is given.
#[derive(Default)]
pub struct Kept {
    pub rows: Vec<(i32, Timestamp, Option<f64>, u64)>,
    pub files: usize,
    pub decoded: usize,
    pub held: usize,
    pub held_max: usize,
}

impl Sink for Kept {
    fn hold(&mut self, bytes: usize) -> bool {
        self.held = bytes;
        self.held_max == 0 || bytes <= self.held_max
    }

    fn opened(&mut self) {
        self.files += 1;
    }

    fn decoded(&mut self, rows: usize) {
        self.decoded += rows;
    }

    fn rows(&mut self, rows: Rows) -> bool {
        for n in 0..rows.len() {
            let is_there = rows.is_there.get(n).copied().unwrap_or(true);
            let time = Timestamp::from_ms(rows.time[n]);
            let value = is_there.then(|| rows.value[n]);
            self.rows.push((rows.datastream[n], time, value, rows.sequence[n] as u64));
        }
        true
    }
}

pub fn scan(datastreams: &[i32], from: Timestamp, to: Timestamp, known: Known) -> Scan {
    let datastreams = datastreams.iter().copied().map(DatastreamId).collect();
    Scan { datastreams, from, to, known, every_version: false, want: Want::ALL }
}

pub fn read(dir: &Path, scan: &Scan) -> Kept {
    let pinned = Pinned::open(dir, Limits::for_testing()).unwrap();
    let mut kept = Kept::default();
    for part in pinned.parts(scan) {
        pinned.read(&part, scan, &mut kept).unwrap();
    }
    assert_eq!(pinned.missed(), []);
    kept
}

#[test]
fn a_pinned_directory_stays_at_its_moment_while_the_server_writes_seals_and_folds() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    commit(&mut store, at(DAY, 1), 0, &[(0, at(DAY, 0), Some(1.0)), (1, at(DAY, 0), Some(2.0))]);
    let all = scan(&[0, 1], Timestamp::MIN, Timestamp::MAX, Known::Now);
    let pinned = Pinned::open(dir.path(), Limits::for_testing()).unwrap();
    commit(&mut store, at(DAY, 2), 0, &[(0, at(DAY, 0), Some(9.0))]);
    store.seal(DAY).unwrap();
    store.fold_all(at(DAY, 3), store.last_sequence(), DAY + 31).unwrap();
    let mut kept = Kept::default();
    for part in pinned.parts(&all) {
        pinned.read(&part, &all, &mut kept).unwrap();
    }
    assert_eq!(kept.rows, [(0, at(DAY, 0), Some(1.0), 1), (1, at(DAY, 0), Some(2.0), 1)]);
    assert_eq!(pinned.reader().last_sequence().unwrap(), Sequence(1));
    drop(pinned);
    let later = read(dir.path(), &all);
    assert_eq!(later.rows, [(0, at(DAY, 0), Some(9.0), 2), (1, at(DAY, 0), Some(2.0), 1)]);
}

#[test]
fn a_scan_opens_the_files_of_its_days_and_decodes_the_pages_of_its_datastream() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    for day in 0..4 {
        let rows = (0..400).map(|n| (n / 100, at(DAY + day, i64::from(n) * 1_000), Some(1.0)));
        commit(&mut store, at(DAY + day, 500_000), 0, &rows.collect::<Vec<_>>());
        store.seal(DAY + day).unwrap();
    }
    let one = read(dir.path(), &scan(&[2], at(DAY + 1, 0), at(DAY + 2, 0), Known::Now));
    assert_eq!((one.files, one.rows.len()), (1, 100));
    // Pages have 16 rows: two of its own and of its neighbours at most.
    assert!(one.decoded <= 100 + 2 * 16, "{}", one.decoded);
    let all = read(dir.path(), &scan(&[0, 1, 2, 3], Timestamp::MIN, Timestamp::MAX, Known::Now));
    assert_eq!((all.files, all.rows.len()), (4, 1_600));
}

#[test]
fn who_may_not_hold_more_stops_the_reading() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    let rows: Vec<_> = (0..100).map(|n| (0, at(DAY, n), Some(1.0))).collect();
    commit(&mut store, at(DAY, 1), 0, &rows);
    let all = scan(&[0], Timestamp::MIN, Timestamp::MAX, Known::Now);
    let pinned = Pinned::open(dir.path(), Limits::for_testing()).unwrap();
    let mut kept = Kept { held_max: 100, ..Kept::default() };
    for part in pinned.parts(&all) {
        pinned.read(&part, &all, &mut kept).unwrap();
    }
    assert!(kept.held > 100);
    assert_eq!(kept.rows, []);
}

#[test]
fn an_older_format_is_refused_and_nothing_is_changed() {
    let dir = folder();
    drop(with_registry(dir.path(), 1));
    let database = rusqlite::Connection::open(dir.path().join("skyriver.db")).unwrap();
    database.pragma_update(None, "user_version", 2).unwrap();
    let error = Pinned::open(dir.path(), Limits::for_testing()).unwrap_err();
    assert!(matches!(error, Error::OlderFormat { found: 2, known: 4, .. }), "{error}");
    let format = database.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    assert_eq!(format.unwrap(), 2);
}

#[test]
fn a_damaged_blob_is_named_and_the_rest_is_read() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    commit(&mut store, at(DAY, 1), 0, &[(0, at(DAY, 0), Some(1.0))]);
    commit(&mut store, at(DAY, 2), 0, &[(0, at(DAY, 5), Some(2.0))]);
    let database = rusqlite::Connection::open(dir.path().join("skyriver.db")).unwrap();
    let damage = "UPDATE readings_blob SET hash = zeroblob(32) WHERE id = 1";
    assert_eq!(database.execute(damage, []).unwrap(), 1);
    let all = scan(&[0], Timestamp::MIN, Timestamp::MAX, Known::Now);
    let pinned = Pinned::open(dir.path(), Limits::for_testing()).unwrap();
    let mut kept = Kept::default();
    for part in pinned.parts(&all) {
        pinned.read(&part, &all, &mut kept).unwrap();
    }
    assert_eq!(kept.rows, [(0, at(DAY, 5), Some(2.0), 2)]);
    let missed = pinned.missed();
    assert_eq!(missed.len(), 1);
    assert!(missed[0].what.contains("readings_blob 1"), "{}", missed[0].what);
}
