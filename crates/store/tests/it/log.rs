//! The log: commit, read back, restart.

use crate::world::{
    DAY, at, commit, folder, key, open, push_frame, registry, turn, values, with_registry,
};
use model::{DatastreamId, DeviceId, Disposition, Reason, Sequence, Timestamp};
use store::{Error, FrameFilter, FrameView, Limits, Store, TurnRecord};

#[test]
fn what_a_turn_keeps_is_read_at_once_and_after_a_restart() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    commit(&mut store, at(DAY, 5), 0, &[(0, at(DAY, 60), Some(1.5)), (1, at(DAY, 60), None)]);
    commit(
        &mut store,
        at(DAY, 9),
        1,
        &[(2, at(DAY - 1, 60), Some(0.1)), (2, at(DAY, 0), Some(2.0))],
    );
    let check = |store: &Store| {
        let reader = store.reader();
        assert_eq!(store.next_sequence(), Sequence(3));
        assert_eq!(reader.last_sequence().unwrap(), Sequence(2));
        assert_eq!(values(&reader, 0), [(at(DAY, 60), Some(1.5), 1)]);
        assert_eq!(values(&reader, 1), [(at(DAY, 60), None, 1)]);
        assert_eq!(
            values(&reader, 2),
            [(at(DAY - 1, 60), Some(0.1), 2), (at(DAY, 0), Some(2.0), 2)]
        );
        assert_eq!(reader.latest(DatastreamId(2)).unwrap().time, at(DAY, 0));
        assert_eq!(reader.latest(DatastreamId(3)), None);
        let frame = reader.frame(Sequence(2)).unwrap().unwrap();
        assert_eq!(frame.raw, b"##frame 2 of 1\r\n");
        assert_eq!((frame.received_at, frame.device), (at(DAY, 9), Some(DeviceId(1))));
        assert_eq!(reader.frame(Sequence(3)).unwrap(), None);
        let (frames, readings) = reader.ledger_totals(at(DAY, 0), at(DAY + 1, 0)).unwrap();
        assert_eq!((frames.received, frames.stored), (2, 2));
        assert_eq!((readings.received, readings.stored), (4, 4));
        let journal = reader.journal(1, None).unwrap();
        assert_eq!(journal[0].entry.text, "frame 2");
        assert_eq!(reader.journal(9, Some(journal[0].id)).unwrap()[0].entry.text, "frame 1");
        let view = reader.view();
        assert_eq!(view.registry().datastream_id(&key(1, "o3")), Some(DatastreamId(3)));
        assert_eq!(view.registry().places().len(), 2);
        assert_eq!(view.hot().current(DatastreamId(0), at(DAY, 60)).unwrap().value, Some(1.5));
    };
    check(&store);
    drop(store);
    check(&open(dir.path()));
}

#[test]
fn a_corrected_reading_replaces_the_old_one_and_both_are_kept() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    commit(&mut store, at(DAY, 1), 0, &[(0, at(DAY, 60), Some(1.0)), (0, at(DAY, 120), Some(9.0))]);
    commit(&mut store, at(DAY, 2), 0, &[(0, at(DAY, 60), Some(2.0))]);
    drop(store);
    let reader = open(dir.path()).reader();
    assert_eq!(values(&reader, 0), [(at(DAY, 60), Some(2.0), 2), (at(DAY, 120), Some(9.0), 1)]);
    let versions = reader.versions(DatastreamId(0), at(DAY, 60));
    let values: Vec<_> = versions.iter().map(|version| version.value).collect();
    assert_eq!(values, [Some(1.0), Some(2.0)]);
}

#[test]
fn a_scan_takes_the_start_and_leaves_the_end() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    let readings: Vec<_> = (0..5).map(|n| (0, at(DAY, n * 10), Some(n as f64))).collect();
    commit(&mut store, at(DAY, 1), 0, &readings);
    let reader = store.reader();
    let columns = reader.scan(DatastreamId(0), at(DAY, 10), at(DAY, 30)).unwrap();
    assert_eq!(columns.value, [Some(1.0), Some(2.0)]);
    assert!(reader.scan(DatastreamId(0), at(DAY, 30), at(DAY, 10)).unwrap().is_empty());
    assert!(reader.scan(DatastreamId(77), at(DAY, 0), at(DAY, 30)).unwrap().is_empty());
}

#[test]
fn frames_are_listed_newest_first_by_device_and_fate() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    for round in 0..3 {
        let mut turn = turn(&store, at(DAY, round));
        for device in 0..2 {
            push_frame(&mut turn, device, &[]);
        }
        turn.frames[1].disposition = Disposition::Quarantined;
        turn.frames[1].device = None;
        turn.frames[1].stranger = Some("who".to_owned());
        store.commit(turn).unwrap();
    }
    let reader = store.reader();
    let list = |filter: FrameFilter| -> Vec<u64> {
        reader.frames(&filter).unwrap().iter().map(|frame| frame.sequence.0).collect()
    };
    let all = FrameFilter { limit: 9, ..FrameFilter::default() };
    assert_eq!(list(all.clone()), [6, 5, 4, 3, 2, 1]);
    assert_eq!(list(FrameFilter { limit: 2, before: Some(Sequence(4)), ..all.clone() }), [3, 2]);
    assert_eq!(list(FrameFilter { device: Some(DeviceId(0)), ..all.clone() }), [5, 3, 1]);
    let quarantined = FrameFilter { disposition: Some(Disposition::Quarantined), ..all };
    assert_eq!(list(quarantined.clone()), [6, 4, 2]);
    let stranger = &reader.frames(&quarantined).unwrap()[0];
    assert_eq!((stranger.device, stranger.stranger.as_deref()), (None, Some("who")));
}

#[test]
fn rare_frames_are_found_through_log_and_archive_page_by_page() {
    let dir = folder();
    let limits = Limits {
        frame_blobs_per_listing_max: 5,
        frame_files_per_listing_max: 1,
        ..Limits::for_testing()
    };
    drop(with_registry(dir.path(), 1));
    let (mut store, _) = Store::open(dir.path(), limits).unwrap();
    // Frames 1..=30 on three days are sealed, 31..=60 are in the log; every 15th is rejected.
    for n in 0..60 {
        let mut turn = turn(&store, at(DAY + n / 10, i64::from(n)));
        push_frame(&mut turn, 0, &[]);
        if n % 15 == 14 {
            turn.frames[0].disposition = Disposition::Rejected;
            turn.frames[0].reason = Reason::BadCrc;
        }
        store.commit(turn).unwrap();
    }
    for day in 0..3 {
        store.seal(DAY + day).unwrap();
    }
    let reader = store.reader();
    let numbers = |frames: &[FrameView]| -> Vec<u64> {
        frames.iter().map(|frame| frame.sequence.0).collect()
    };
    let rejected = FrameFilter {
        disposition: Some(Disposition::Rejected),
        limit: 9,
        ..FrameFilter::default()
    };
    assert_eq!(numbers(&reader.frames(&rejected).unwrap()), [60, 45, 30, 15]);
    let same = FrameFilter { disposition: None, reason: Some(Reason::BadCrc), ..rejected.clone() };
    assert_eq!(numbers(&reader.frames(&same).unwrap()), [60, 45, 30, 15]);
    let other = FrameFilter { reason: Some(Reason::NoKey), ..rejected.clone() };
    assert!(reader.frames(&other).unwrap().is_empty());
    let two = FrameFilter { limit: 2, ..rejected.clone() };
    assert_eq!(numbers(&reader.frames(&two).unwrap()), [60, 45]);
    let (mut filter, mut steps) = (rejected.clone(), vec![]);
    loop {
        let page = reader.frames_page(&filter).unwrap();
        steps.push((numbers(&page.frames), page.looked_down_to.map(|sequence| sequence.0)));
        filter.before = page.looked_down_to;
        if filter.before.is_none() {
            break;
        }
    }
    // Six pages of five turns, one that finds the log exhausted and takes a file, two more files.
    let downs: Vec<_> = steps.iter().map(|(_, down)| *down).collect();
    let expected = [Some(56), Some(51), Some(46), Some(41), Some(36), Some(31), Some(21), Some(11)];
    assert_eq!(downs, [&expected[..], &[None]].concat());
    assert_eq!(
        steps.into_iter().flat_map(|(found, _)| found).collect::<Vec<_>>(),
        [60, 45, 30, 15]
    );
    // A full page goes on below its last frame, in the middle of a file too.
    let all = FrameFilter { limit: 4, before: Some(Sequence(28)), ..FrameFilter::default() };
    let page = reader.frames_page(&all).unwrap();
    assert_eq!(
        (numbers(&page.frames), page.looked_down_to),
        (vec![27, 26, 25, 24], Some(Sequence(24)))
    );
    let none = FrameFilter { limit: 0, before: Some(Sequence(28)), ..FrameFilter::default() };
    assert_eq!(reader.frames_page(&none).unwrap().looked_down_to, Some(Sequence(28)));
    let beyond =
        FrameFilter { before: Some(Sequence(u64::MAX)), limit: 1, ..FrameFilter::default() };
    assert_eq!(numbers(&reader.frames(&beyond).unwrap()), [60]);
}

#[test]
fn a_listing_stops_after_its_number_of_pages() {
    let dir = folder();
    let limits = Limits {
        frame_blobs_per_listing_max: 2,
        frame_pages_per_listing_max: 3,
        ..Limits::for_testing()
    };
    drop(with_registry(dir.path(), 2));
    let (mut store, _) = Store::open(dir.path(), limits).unwrap();
    for n in 0..8 {
        commit(&mut store, at(DAY, n), u32::from(n < 2), &[]);
    }
    let rare = FrameFilter { device: Some(DeviceId(1)), limit: 9, ..FrameFilter::default() };
    assert_eq!(store.reader().frames(&rare).unwrap(), []);
    let older = FrameFilter { before: Some(Sequence(7)), ..rare };
    assert_eq!(store.reader().frames(&older).unwrap().len(), 2);
}

#[test]
fn a_turn_that_breaks_a_rule_changes_nothing() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    let mut good = turn(&store, at(DAY, 1));
    push_frame(&mut good, 0, &[(0, at(DAY, 60), Some(1.0))]);
    let mut check = |spoil: fn(&mut TurnRecord)| {
        let mut turn = good.clone();
        spoil(&mut turn);
        assert!(matches!(store.commit(turn), Err(Error::BadRecord(_))));
        assert!(values(&store.reader(), 0).is_empty());
        assert_eq!(store.next_sequence(), Sequence(1));
    };
    check(|turn| turn.readings[0].datastream = DatastreamId(2));
    check(|turn| turn.readings[0].datastream = DatastreamId(-1));
    check(|turn| turn.readings[0].sequence = Sequence(0));
    check(|turn| turn.readings[0].sequence = Sequence(2));
    check(|turn| turn.readings[0].value = None);
    check(|turn| turn.readings[0].value = Some(f64::NAN));
    check(|turn| turn.readings[0].time = Timestamp::MAX);
    check(|turn| turn.frames[0].sequence = Sequence(0));
    check(|turn| turn.frames[0].raw = 0..9_999);
    check(|turn| turn.sequence_last = Sequence(0));
    check(|turn| turn.registry.datastreams = registry(1).datastreams);
    store.commit(good).unwrap();
    assert_eq!(values(&store.reader(), 0).len(), 1);
}

#[test]
fn a_turn_above_a_limit_is_refused_with_its_name() {
    let dir = folder();
    let limits = Limits { readings_per_turn_max: 1, ..Limits::for_testing() };
    let (mut store, _) = Store::open(dir.path(), limits).unwrap();
    let mut turn = TurnRecord { registry: registry(1), ..turn(&store, at(DAY, 1)) };
    push_frame(&mut turn, 0, &[(0, at(DAY, 60), Some(1.0)), (1, at(DAY, 60), Some(1.0))]);
    let error = store.commit(turn).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the turn has 2 readings; the limit `readings_per_turn_max` is 1"
    );
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let dir = folder();
    let store = open(dir.path());
    let error = Store::open(dir.path(), Limits::for_testing()).err().unwrap();
    let text = error.to_string();
    assert!(text.contains(&dir.path().display().to_string()), "{text}");
    assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
    assert!(matches!(error, Error::InUse { .. }));
    drop(store);
    open(dir.path());
}

#[test]
fn a_newer_format_and_a_foreign_database_are_refused() {
    let dir = folder();
    drop(open(dir.path()));
    let path = dir.path().join("skyriver.db");
    let set = |name: &str, value: i64| {
        rusqlite::Connection::open(&path).unwrap().pragma_update(None, name, value).unwrap();
    };
    set("user_version", 99);
    let error = Store::open(dir.path(), Limits::for_testing()).err().unwrap();
    assert!(matches!(error, Error::NewerFormat { found: 99, known: 4, .. }), "{error}");
    set("application_id", 7);
    let error = Store::open(dir.path(), Limits::for_testing()).err().unwrap();
    assert!(matches!(error, Error::Foreign { .. }), "{error}");
    std::fs::write(&path, "not a database, but long enough to look like one ".repeat(99)).unwrap();
    let error = Store::open(dir.path(), Limits::for_testing()).err().unwrap();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
}
