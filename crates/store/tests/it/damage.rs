//! Damaged files: named, never served as numbers, and the rest goes on.

use crate::world::{DAY, at, commit, folder, push_frame, turn, values, with_registry};
use model::{DatastreamId, Sequence, Timestamp};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use store::{Error, FrameFilter, Limits, Reader, Store};

/// Two sealed days and one in the log, in datastreams 0 and 2.
fn filled(dir: &Path) -> Store {
    let mut store = with_registry(dir, 2);
    for day in 0..3 {
        for (device, datastream) in [(0, 0), (1, 2)] {
            let readings: Vec<_> = (0..30)
                .map(|n| (datastream, at(DAY + day, n * 777), Some(n as f64 / 10.0)))
                .collect();
            commit(&mut store, at(DAY + day, 30), device, &readings);
        }
    }
    store.seal(DAY).unwrap();
    store.seal(DAY + 1).unwrap();
    store
}

fn file_of(dir: &Path, kind: &str, day: i32) -> PathBuf {
    let date = Timestamp::from_utc_day(day).to_string();
    let folder = dir.join("archive").join(kind).join(format!("day={}", &date[..10]));
    fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

/// What is readable, as a set; days that are not are named in the scan.
fn served(reader: &Reader) -> (BTreeSet<String>, Vec<i32>) {
    let all = [0, 1, 2, 3].map(DatastreamId);
    let scans = reader.scan_many(&all, Timestamp::MIN, Timestamp::MAX).unwrap();
    let damaged = scans[0].damaged_days.clone();
    let rows = scans.iter().zip(all).flat_map(|(columns, id)| {
        (0..columns.len()).map(move |row| {
            let (time, value) = (columns.time[row], columns.value[row]);
            let (flag, sequence) = (columns.flag[row].bits(), columns.sequence[row]);
            format!("{id} {time} {value:?} {flag} {sequence}")
        })
    });
    (rows.collect(), damaged)
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 0x24;
    fs::write(path, bytes).unwrap();
}

#[test]
fn any_changed_byte_of_an_archive_file_is_named_and_the_other_days_are_served() {
    let dir = folder();
    let store = filled(dir.path());
    let whole = served(&store.reader()).0;
    assert_eq!(whole.len(), 180);
    drop(store);
    let file = file_of(dir.path(), "readings", DAY);
    let length = fs::metadata(&file).unwrap().len() as usize;
    for place in (0..length).step_by(41).chain([length - 1, length - 5, length - 9]) {
        flip(&file, place);
        let (store, recovery) = Store::open(dir.path(), Limits::for_testing()).unwrap();
        assert_eq!(recovery.damaged, [], "found when it is read, not at the start");
        let (rows, damaged_days) = served(&store.reader());
        assert!(rows.is_subset(&whole));
        assert_eq!((rows.len(), damaged_days), (120, vec![DAY]), "byte {place}");
        let problems = store.reader().problems();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].what.starts_with("archive/readings/day=2026-03-01/base-"));
        assert_eq!(store.reader().verify_chain().unwrap().problems.len(), 1);
        flip(&file, place);
    }
}

#[test]
fn of_a_large_file_only_the_damaged_part_is_lost() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    let mut random = 1_u64;
    for datastream in 0..2 {
        let mut readings = vec![];
        for n in 0..15_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            readings.push((datastream, at(DAY, n * 5), Some((random >> 11) as f64)));
        }
        let mut turn = turn(&store, at(DAY, 1));
        push_frame(&mut turn, 0, &readings);
        store.commit(turn).unwrap();
    }
    store.seal(DAY).unwrap();
    drop(store);
    let file = file_of(dir.path(), "readings", DAY);
    assert!(fs::metadata(&file).unwrap().len() > 4 * 65_536);
    flip(&file, 1_000);
    let (store, _) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    let reader = store.reader();
    let columns = reader.scan(DatastreamId(0), Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(columns.damaged_days, [DAY]);
    assert_eq!(values(&reader, 1).len(), 15_000);
    assert_eq!(reader.problems()[0].why.matches("bytes 0..65536").count(), 1);
}

#[test]
fn a_damaged_file_is_marked_by_the_next_turn_and_healed_by_a_good_copy() {
    let dir = folder();
    let mut store = filled(dir.path());
    let whole = served(&store.reader()).0;
    let file = file_of(dir.path(), "readings", DAY);
    let good = fs::read(&file).unwrap();
    drop(store);
    flip(&file, 100);
    let open = || Store::open(dir.path(), Limits::for_testing()).unwrap();
    (store, _) = open();
    assert_eq!(served(&store.reader()).1, [DAY]);
    commit(&mut store, at(DAY + 2, 40), 0, &[]);
    drop(store);
    let (store, recovery) = open();
    assert_eq!(recovery.damaged.len(), 1, "known without reading");
    assert_eq!(store.reader().problems(), recovery.damaged);
    drop(store);
    fs::write(&file, good).unwrap();
    let (store, recovery) = open();
    assert_eq!(recovery.damaged, []);
    assert_eq!(served(&store.reader()), (whole, vec![]));
}

#[test]
fn a_missing_and_a_cut_file_are_named_at_the_start() {
    let dir = folder();
    drop(filled(dir.path()));
    fs::remove_file(file_of(dir.path(), "readings", DAY)).unwrap();
    let cut = file_of(dir.path(), "readings", DAY + 1);
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let (mut store, recovery) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    assert_eq!(recovery.damaged.len(), 2);
    let (rows, damaged_days) = served(&store.reader());
    assert_eq!((rows.len(), damaged_days), (60, vec![DAY, DAY + 1]));
    store.recall(&[(DatastreamId(0), DAY)]).unwrap();
    commit(&mut store, at(DAY + 3, 0), 0, &[(0, at(DAY, 0), Some(1.0))]);
    assert_eq!(served(&store.reader()).0.len(), 61);
}

#[test]
fn a_damaged_file_of_frames_hides_its_frames_only() {
    let dir = folder();
    let store = filled(dir.path());
    drop(store);
    flip(&file_of(dir.path(), "frames", DAY), 50);
    let (store, _) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    let reader = store.reader();
    let frames = reader.frames(&FrameFilter { limit: 9, ..FrameFilter::default() }).unwrap();
    let sequences: Vec<_> = frames.iter().map(|frame| frame.sequence.0).collect();
    assert_eq!(sequences, [6, 5, 4, 3]);
    assert_eq!(reader.frame(Sequence(1)).unwrap(), None);
    assert_eq!(reader.frame(Sequence(3)).unwrap().unwrap().raw, b"##frame 3 of 0\r\n");
    assert_eq!(reader.problems().len(), 1);
}

#[test]
fn a_damaged_blob_of_the_log_is_put_aside_and_the_rest_is_served() {
    let dir = folder();
    let store = filled(dir.path());
    let whole = served(&store.reader()).0;
    drop(store);
    let database = rusqlite::Connection::open(dir.path().join("skyriver.db")).unwrap();
    let damage = |table: &str, key: &str| {
        let change = format!(
            "UPDATE {table} SET bytes = CAST(substr(bytes, 1, 20) || x'FF' || substr(bytes, 22) AS BLOB) \
             WHERE {key} = (SELECT min({key}) FROM {table})"
        );
        assert_eq!(database.execute(&change, []).unwrap(), 1);
    };
    damage("readings_blob", "id");
    damage("frames_blob", "sequence_first");
    let (store, recovery) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    assert_eq!(recovery.damaged.len(), 1);
    assert!(recovery.damaged[0].what.contains("30 rows of readings_blob, turn 6"), "{recovery:?}");
    let (rows, _) = served(&store.reader());
    assert!(rows.is_subset(&whole));
    assert_eq!(rows.len(), 150);
    assert_eq!(store.reader().frame(Sequence(5)).unwrap(), None);
    assert_eq!(store.reader().problems().len(), 2);
    drop(store);
    let (mut store, recovery) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    assert_eq!(recovery.damaged.len(), 1, "it is remembered");
    store.seal(DAY + 2).unwrap();
    assert_eq!(store.days_to_seal(DAY + 9).unwrap(), [] as [i32; 0]);
    assert_eq!(served(&store.reader()).0.len(), 150);
    assert_eq!(store.reader().frame(Sequence(6)).unwrap().unwrap().raw, b"##frame 6 of 1\r\n");
    drop(store);
    let (_, recovery) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    assert_eq!(recovery.damaged.len(), 2, "the frames were put aside by the seal");
}

#[test]
fn changed_bytes_of_the_database_never_panic_and_never_make_wrong_readings() {
    let dir = folder();
    let store = filled(dir.path());
    let whole = served(&store.reader()).0;
    drop(store);
    let path = dir.path().join("skyriver.db");
    let good = fs::read(&path).unwrap();
    let mut outcomes = [0; 3];
    for place in (0..good.len()).step_by(211) {
        let mut bytes = good.clone();
        bytes[place] ^= 0x5A;
        fs::write(&path, &bytes).unwrap();
        match Store::open(dir.path(), Limits::for_testing()) {
            Err(Error::BadRecord(what)) => panic!("byte {place}: {what}"),
            Err(error) => {
                assert!(error.to_string().contains("skyriver.db"), "{error}");
                outcomes[0] += 1;
            }
            Ok((store, recovery)) => {
                let rows = served(&store.reader()).0;
                assert!(rows.is_subset(&whole), "byte {place}");
                if rows.len() < whole.len() && store.reader().problems().is_empty() {
                    let report = store.reader().verify_chain();
                    assert!(!report.is_ok_and(|report| report.problems.is_empty()), "byte {place}");
                }
                outcomes[1 + usize::from(recovery.damaged.is_empty())] += 1;
            }
        }
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(dir.path().join(format!("skyriver.db{end}")));
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "refused, put aside, unharmed: {outcomes:?}");
}

#[test]
fn what_the_ledger_says_was_kept_is_counted_in_log_and_archive() {
    let dir = folder();
    let store = filled(dir.path());
    let counted = store.reader().verify_conservation(|_, _| ()).unwrap();
    assert!(counted.is_kept(), "{counted:?}");
    assert_eq!((counted.readings.ledger, counted.readings.found), (180, 180));
    assert_eq!(counted.frames[0].1.found, 6);
    drop(store);
    flip(&file_of(dir.path(), "readings", DAY), 400);
    let counted =
        Reader::look(dir.path(), Limits::for_testing()).unwrap().verify_conservation(|_, _| ());
    let counted = counted.unwrap();
    assert!(!counted.is_kept());
    assert_eq!(counted.readings.found, 120);
    assert_eq!(counted.unreadable.len(), 1);
}
