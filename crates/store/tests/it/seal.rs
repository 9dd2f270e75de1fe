//! Sealing: a day moves to the archive, and nobody who reads notices.

use crate::world::{
    DAY, at, commit, folder, open, push_frame, registry, turn, values, with_registry,
};
use model::{DatastreamId, DeviceId, Disposition, Sequence, Timestamp};
use std::path::Path;
use store::{Error, FileKind, FrameFilter, Limits, Store, TurnRecord};

/// Three turns of one day with a correction, one reading of the next day.
fn filled(dir: &Path) -> Store {
    let mut store = with_registry(dir, 2);
    let first: Vec<_> = (0..40).map(|n| (0, at(DAY, n * 1_000), Some(n as f64))).collect();
    let second: Vec<_> =
        (0..40).map(|n| (2, at(DAY, n * 500), (n % 3 > 0).then_some(0.5))).collect();
    commit(&mut store, at(DAY, 1), 0, &first);
    commit(&mut store, at(DAY, 2), 1, &second);
    commit(
        &mut store,
        at(DAY, 3),
        0,
        &[(0, at(DAY, 7_000), Some(-7.0)), (0, at(DAY + 1, 0), Some(1.0))],
    );
    store
}

fn archive_files(dir: &Path) -> Vec<String> {
    let mut files = vec![];
    let mut folders = vec![dir.join("archive")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir.join("archive")).unwrap();
                files.push(name.to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_sealed_day_reads_as_before_and_after_a_restart() {
    let dir = folder();
    let mut store = filled(dir.path());
    let reader = store.reader();
    let all = |store: &Store| {
        let reader = store.reader();
        let series: Vec<_> = (0..4).map(|datastream| values(&reader, datastream)).collect();
        let latest: Vec<_> = (0..4).map(|id| reader.latest(DatastreamId(id))).collect();
        let first = reader.view().hot().extent(DatastreamId(0)).unwrap().first;
        let frames = reader.frames(&FrameFilter { limit: 9, ..FrameFilter::default() }).unwrap();
        let frame = reader.frame(Sequence(2)).unwrap();
        let versions = reader.versions(DatastreamId(0), at(DAY, 7_000));
        (series, latest, first, frames, frame, versions)
    };
    let before = all(&store);
    store.seal(DAY).unwrap();
    assert_eq!(reader.problems(), []);
    assert_eq!(all(&store), before);
    let sizes = reader.sizes();
    assert_eq!((sizes.hot_readings, sizes.archived_readings), (1, 80));
    assert_eq!(reader.sealed_days(), [DAY]);
    assert_eq!(
        archive_files(dir.path()),
        [
            "frames/day=2026-03-01/frames-000000000003.parquet",
            "readings/day=2026-03-01/base-000000000003.parquet",
            "superseded/day=2026-03-01/superseded-000000000003.parquet",
        ]
    );
    drop(store);
    let store = open(dir.path());
    assert_eq!(all(&store), before);
    assert_eq!(store.next_sequence(), Sequence(4));
}

#[test]
fn turns_that_come_while_a_day_is_sealed_stay_and_become_a_late_file() {
    let dir = folder();
    let mut store = filled(dir.path());
    let plan = store.seal_plan(DAY);
    commit(
        &mut store,
        at(DAY, 4),
        0,
        &[(0, at(DAY, 1_000), Some(100.0)), (1, at(DAY, 5), Some(5.0))],
    );
    let sealed = std::thread::spawn(move || plan.write()).join().unwrap().unwrap();
    commit(&mut store, at(DAY, 5), 0, &[(0, at(DAY, 1_000), Some(200.0))]);
    assert_eq!(sealed.day(), DAY);
    store.seal_finish(sealed).unwrap();
    let check = |store: &Store, hot| {
        let reader = store.reader();
        assert_eq!(values(&reader, 0)[1], (at(DAY, 1_000), Some(200.0), 5));
        assert_eq!(values(&reader, 0).len(), 41);
        assert_eq!(values(&reader, 1), [(at(DAY, 5), Some(5.0), 4)]);
        assert_eq!(reader.sizes().hot_readings, hot);
        let versions = reader.versions(DatastreamId(0), at(DAY, 1_000));
        let values: Vec<_> = versions.iter().map(|version| version.value.unwrap()).collect();
        assert_eq!(values, [1.0, 100.0, 200.0]);
        let frames = reader.frames(&FrameFilter { limit: 9, ..FrameFilter::default() }).unwrap();
        let sequences: Vec<_> = frames.iter().map(|frame| frame.sequence.0).collect();
        assert_eq!(sequences, [5, 4, 3, 2, 1]);
        assert_eq!(reader.verify_chain().unwrap().problems, []);
    };
    check(&store, 3);
    drop(store);
    let mut store = open(dir.path());
    check(&store, 3);
    assert_eq!(store.days_to_seal(DAY + 1).unwrap(), [DAY]);
    store.seal(DAY).unwrap();
    check(&store, 1);
    assert!(
        archive_files(dir.path()).contains(&"late/day=2026-03-01/late-000000000005.parquet".into())
    );
    assert_eq!(store.days_to_seal(DAY + 1).unwrap(), [] as [i32; 0]);
    drop(store);
    check(&open(dir.path()), 1);
}

#[test]
fn a_late_duplicate_of_a_sealed_day_is_known_after_a_recall() {
    let dir = folder();
    let mut store = filled(dir.path());
    let (id, time) = (DatastreamId(0), at(DAY, 7_000));
    assert!(!store.view().needs_recall(id, DAY));
    store.seal(DAY).unwrap();
    assert_eq!(store.view().hot().current(id, time), None);
    assert_eq!(store.view().sealed_until(), Some(DAY));
    assert!(store.view().needs_recall(id, DAY) && !store.view().needs_recall(id, DAY + 1));
    store.recall(&[(id, DAY), (DatastreamId(3), DAY), (id, DAY + 1)]).unwrap();
    assert!(!store.view().needs_recall(id, DAY));
    assert_eq!(store.view().hot().current(id, time).unwrap().value, Some(-7.0));
    assert_eq!(store.view().hot().current(id, time + 1), None);
    commit(&mut store, at(DAY + 1, 0), 0, &[(0, time, Some(-8.0))]);
    assert_eq!(store.view().hot().current(id, time).unwrap().value, Some(-8.0));
    store.seal(DAY).unwrap();
    store.recall(&[(id, DAY)]).unwrap();
    assert_eq!(store.view().hot().current(id, time).unwrap().value, Some(-8.0));
    // The limit for testing is 100 rows: recalling more lets the older ones go.
    commit(&mut store, at(DAY + 1, 0), 0, &[]);
    store.recall(&[(DatastreamId(2), DAY)]).unwrap();
    store.seal(DAY + 1).unwrap();
    assert_eq!(values(&store.reader(), 0)[7], (time, Some(-8.0), 4));
}

#[test]
fn a_recall_beyond_the_limit_keeps_all_that_it_wants_and_nothing_else() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 4);
    let (a, b, c) = (DatastreamId(0), DatastreamId(1), DatastreamId(2));
    for step in 0..60 {
        let time = at(DAY, step * 1_000);
        let readings: Vec<_> = (0..3).map(|id| (id, time, Some(step as f64))).collect();
        commit(&mut store, time, 0, &readings);
    }
    store.seal(DAY).unwrap();
    let known = |store: &Store| {
        let view = store.view();
        [a, b, c].map(|id| {
            (0..60).filter(|step| view.hot().current(id, at(DAY, step * 1_000)).is_some()).count()
        })
    };
    // The limit for testing is 100 rows; each datastream has 60.
    store.recall(&[(a, DAY)]).unwrap();
    assert_eq!(known(&store), [60, 0, 0]);
    store.recall(&[(a, DAY), (b, DAY)]).unwrap();
    assert_eq!(known(&store), [60, 60, 0]);
    store.recall(&[(b, DAY), (c, DAY)]).unwrap();
    assert_eq!(known(&store), [0, 60, 60]);
    store.recall(&[(a, DAY), (b, DAY), (c, DAY)]).unwrap();
    assert_eq!(known(&store), [60, 60, 60]);
}

#[test]
fn a_day_that_was_sealed_meanwhile_is_not_sealed_twice() {
    let dir = folder();
    let mut store = filled(dir.path());
    let slow = store.seal_plan(DAY).write().unwrap();
    store.seal(DAY).unwrap();
    let before = values(&store.reader(), 0);
    assert!(matches!(store.seal_finish(slow), Err(Error::BadRecord(_))));
    assert_eq!(values(&store.reader(), 0), before);
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
}

#[test]
fn files_that_were_never_listed_are_removed_at_the_start_and_others_are_left_alone() {
    let dir = folder();
    let mut store = filled(dir.path());
    store.seal(DAY).unwrap();
    commit(&mut store, at(DAY + 1, 0), 0, &[(0, at(DAY + 1, 9), Some(1.0))]);
    // The power fails between writing and listing.
    assert_eq!(store.seal_plan(DAY + 1).write().unwrap().files().len(), 2);
    drop(store);
    let archive = dir.path().join("archive");
    std::fs::write(archive.join("readings/half.tmp"), "x").unwrap();
    std::fs::write(archive.join("notes.txt"), "mine").unwrap();
    let (store, recovery) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    assert_eq!(recovery.garbage_removed, 3);
    assert_eq!(recovery.archive_files, 3);
    assert_eq!(archive_files(dir.path()).len(), 4);
    assert!(archive.join("notes.txt").exists());
    assert_eq!(values(&store.reader(), 0).len(), 42);
}

#[test]
fn sealed_frames_are_found_by_sequence_by_device_and_by_fate() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 3);
    for round in 0..20 {
        let mut turn = turn(&store, at(DAY, round));
        for device in 0..3 {
            push_frame(&mut turn, device, &[]);
        }
        turn.frames[2].disposition = Disposition::Rejected;
        turn.frames[2].stranger = Some(String::new());
        turn.frames[2].device = None;
        store.commit(turn).unwrap();
    }
    let reader = store.reader();
    let lists = || -> Vec<_> {
        let all = FrameFilter { limit: 50, ..FrameFilter::default() };
        [
            all.clone(),
            FrameFilter { limit: 7, ..all.clone() },
            FrameFilter { before: Some(Sequence(31)), limit: 4, ..all.clone() },
            FrameFilter { device: Some(DeviceId(1)), ..all.clone() },
            FrameFilter { disposition: Some(Disposition::Rejected), limit: 5, ..all.clone() },
            FrameFilter { device: Some(DeviceId(9)), ..all },
        ]
        .iter()
        .map(|filter| reader.frames(filter).unwrap())
        .collect()
    };
    let before = lists();
    assert_eq!(before[4].len(), 5);
    let one = reader.frame(Sequence(33)).unwrap();
    // Sealing a later day takes the frames of the days before along.
    store.seal(DAY + 5).unwrap();
    assert_eq!(lists(), before);
    assert_eq!(reader.frame(Sequence(33)).unwrap(), one);
    assert_eq!(reader.frame(Sequence(61)).unwrap(), None);
    commit(&mut store, at(DAY + 6, 0), 1, &[]);
    assert_eq!(reader.frame(Sequence(61)).unwrap().unwrap().device, Some(DeviceId(1)));
    assert_eq!(lists()[0].len(), 50);
    assert_eq!(lists()[0][0].sequence, Sequence(61));
    assert_eq!(reader.problems(), []);
}

#[test]
fn a_chain_of_condensed_and_living_turns_holds_and_a_change_breaks_it() {
    let dir = folder();
    let mut store = filled(dir.path());
    for day in 1..4 {
        commit(&mut store, at(DAY + day, 1), 1, &[(2, at(DAY + day, 0), Some(1.0))]);
    }
    let living = store.reader().verify_chain().unwrap();
    assert_eq!((living.days, living.turns, living.problems.len()), (0, 7, 0));
    assert_eq!(living.parts, 1 + 3 * 6);
    store.seal(DAY).unwrap();
    store.seal(DAY + 1).unwrap();
    let sealed = store.reader().verify_chain().unwrap();
    assert_eq!((sealed.days, sealed.turns, sealed.files), (2, 2, 5));
    assert_eq!((sealed.problems.len(), sealed.head), (0, living.head));
    drop(store);
    let path = dir.path().join("skyriver.db");
    let check = |change: &str, undo: &str, named: &str| {
        let database = rusqlite::Connection::open(&path).unwrap();
        assert!(database.execute(change, []).unwrap() > 0, "{change}");
        drop(database);
        let (store, _) = Store::open(dir.path(), Limits::for_testing()).unwrap();
        let problems = store.reader().verify_chain().unwrap().problems;
        assert!(problems.iter().any(|problem| problem.what.contains(named)), "{problems:?}");
        drop(store);
        rusqlite::Connection::open(&path).unwrap().execute(undo, []).unwrap();
    };
    check(
        "UPDATE turn SET at = at + 1 WHERE id = 6",
        "UPDATE turn SET at = at - 1 WHERE id = 6",
        "turn 6",
    );
    check(
        "UPDATE journal SET text = 'no' || text WHERE turn = 7",
        "UPDATE journal SET text = substr(text, 3) WHERE turn = 7",
        "turn 7: lines of the journal",
    );
    check(
        "UPDATE journal SET text = 'no' || text WHERE turn = 2",
        "UPDATE journal SET text = substr(text, 3) WHERE turn = 2",
        "chain_day",
    );
    check(
        "UPDATE chain_day SET readings = readings + 1",
        "UPDATE chain_day SET readings = readings - 1",
        "chain_day",
    );
    check(
        "UPDATE manifest SET rows = rows + 1 WHERE id = 3",
        "UPDATE manifest SET rows = rows - 1 WHERE id = 3",
        "manifest row 3",
    );
    assert_eq!(open(dir.path()).reader().verify_chain().unwrap(), sealed);
}

#[test]
fn a_clock_that_went_back_does_not_mix_the_order_of_frames() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    commit(&mut store, at(DAY + 2, 0), 0, &[(0, at(DAY + 5, 0), Some(1.0))]);
    commit(&mut store, at(DAY, 0), 0, &[]);
    store.seal(DAY).unwrap();
    commit(&mut store, at(DAY + 3, 0), 0, &[]);
    let sequences = |store: &Store| -> Vec<u64> {
        let all = FrameFilter { limit: 9, ..FrameFilter::default() };
        store.reader().frames(&all).unwrap().iter().map(|frame| frame.sequence.0).collect()
    };
    assert_eq!(sequences(&store), [3, 2, 1]);
    store.seal(DAY + 2).unwrap();
    assert_eq!(sequences(&store), [3, 2, 1]);
    assert_eq!(store.reader().frame(Sequence(2)).unwrap().unwrap().received_at, at(DAY, 0));
    // The reading of a day to come outlives the row of its turn, and is still checked.
    let report = store.reader().verify_chain().unwrap();
    assert_eq!((report.days, report.turns, report.problems.len()), (2, 1, 0));
    assert_eq!(values(&store.reader(), 0).len(), 1);
}

#[test]
fn a_clock_that_was_ahead_once_does_not_keep_later_frames_from_being_sealed() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    commit(&mut store, at(DAY, 0), 0, &[]);
    commit(&mut store, at(DAY + 30_000, 0), 0, &[]);
    commit(&mut store, at(DAY, 1), 0, &[]);
    commit(&mut store, at(DAY + 1, 0), 0, &[]);
    store.seal(DAY).unwrap();
    let frames = |dir: &Path| -> Vec<_> {
        archive_files(dir).into_iter().filter(|path| path.starts_with("frames")).collect()
    };
    assert_eq!(frames(dir.path()), ["frames/day=2026-03-01/frames-000000000003.parquet"]);
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(store.days_to_seal(DAY + 1).unwrap(), [] as [i32; 0]);
    assert_eq!(store.days_to_seal(DAY + 2).unwrap(), [DAY + 1]);
    commit(&mut store, at(DAY + 2, 0), 0, &[]);
    store.seal(DAY + 1).unwrap();
    assert_eq!(frames(dir.path()).len(), 2);
    assert_eq!(store.days_to_seal(DAY + 2).unwrap(), [] as [i32; 0]);
    let all = FrameFilter { limit: 9, ..FrameFilter::default() };
    let listed = store.reader().frames(&all).unwrap();
    assert_eq!(listed.iter().map(|frame| frame.sequence.0).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    let report = store.reader().verify_chain().unwrap();
    assert_eq!((report.days, report.turns, report.problems), (2, 1, vec![]));
}

#[test]
fn a_frame_of_a_clock_that_was_ahead_is_sealed_when_turns_after_it_are_over() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    commit(&mut store, at(DAY + 30_000, 0), 0, &[]);
    assert_eq!(store.days_to_seal(DAY + 1).unwrap(), [] as [i32; 0]);
    commit(&mut store, at(DAY, 1), 0, &[]);
    assert_eq!(store.days_to_seal(DAY).unwrap(), [] as [i32; 0]);
    assert_eq!(store.days_to_seal(DAY + 1).unwrap(), [DAY]);
    store.seal(DAY).unwrap();
    assert_eq!(store.days_to_seal(DAY + 1).unwrap(), [] as [i32; 0]);
    assert_eq!(
        store.reader().frame(Sequence(1)).unwrap().unwrap().received_at.utc_day(),
        DAY + 30_000
    );
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
}

#[test]
fn a_second_seal_of_a_day_after_a_clock_went_back_leaves_the_first_file_alone() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    commit(&mut store, at(DAY, 0), 0, &[]);
    commit(&mut store, at(DAY + 1, 0), 0, &[]);
    store.seal(DAY).unwrap();
    // A turn without a sequence of its own: the newest one is the same as at the first seal.
    let mut quiet = turn(&store, at(DAY, 9));
    push_frame(&mut quiet, 0, &[]);
    quiet.frames.clear();
    quiet.sequence_last = store.last_sequence();
    store.commit(quiet).unwrap();
    store.seal(DAY).unwrap();
    let all = FrameFilter { limit: 9, ..FrameFilter::default() };
    let listed = store.reader().frames(&all).unwrap();
    assert_eq!(listed.iter().map(|frame| frame.sequence.0).collect::<Vec<_>>(), [2, 1]);
    let report = store.reader().verify_chain().unwrap();
    assert_eq!((report.files, report.problems), (2, vec![]));
}

#[test]
fn an_empty_day_seals_to_nothing() {
    let dir = folder();
    let mut store = open(dir.path());
    store.seal(DAY).unwrap();
    let turn = TurnRecord { registry: registry(1), ..turn(&store, at(DAY, 0)) };
    store.commit(turn).unwrap();
    store.seal(DAY).unwrap();
    assert_eq!(archive_files(dir.path()), [] as [String; 0]);
    assert_eq!(store.days_to_seal(DAY + 9).unwrap(), [] as [i32; 0]);
    assert_eq!(FileKind::ALL.map(|kind| kind as u8), [0, 1, 2, 3]);
    assert_eq!(
        store.reader().scan(DatastreamId(0), Timestamp::MIN, Timestamp::MAX).unwrap().len(),
        0
    );
}

#[test]
fn a_wall_time_leads_to_the_sequence_that_was_known_then_also_after_the_turns_are_condensed() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    for minute in 0..4 {
        let now = at(DAY, minute * 60_000 + 10_000);
        commit(&mut store, now, 0, &[(0, at(DAY, minute), Some(1.0))]);
    }
    let known = |store: &Store, ms| store.reader().sequence_at(at(DAY, ms)).unwrap().0;
    let check = |store: &Store| {
        assert_eq!(known(store, -1), 0);
        assert_eq!(known(store, 9_999), 0);
        assert_eq!(known(store, 10_000), 1);
        assert_eq!(known(store, 3 * 60_000), 3);
        assert_eq!(known(store, 9 * 60_000), 4);
    };
    check(&store);
    commit(&mut store, at(DAY + 1, 0), 0, &[(0, at(DAY + 1, 0), Some(1.0))]);
    store.seal(DAY).unwrap();
    check(&store);
    drop(store);
    check(&open(dir.path()));
}
