//! Folding: files become fewer, no version is lost, and whoever is cut off finds one state or the other.

use crate::world::{DAY, at, commit, folder, open, values, with_registry};
use model::{Act, ActRow, DatastreamId, Sequence, Timestamp};
use std::path::Path;
use store::{FileKind, Known, Store, TurnRecord};

/// Four days with late readings and a replaced one, sealed in two rounds.
fn filled(dir: &Path) -> Store {
    let mut store = with_registry(dir, 2);
    for day in 0..4 {
        let rows: Vec<_> = (0..30)
            .map(|n| (n % 4, at(DAY + day, i64::from(n) * 1_000), Some(f64::from(n))))
            .collect();
        commit(&mut store, at(DAY + day, 1), 0, &rows);
    }
    for day in 0..4 {
        store.seal(DAY + day).unwrap();
    }
    for day in 0..2 {
        let late = [(0, at(DAY + day, 4_000), Some(-4.0)), (1, at(DAY + day, 77_000), Some(77.0))];
        commit(&mut store, at(DAY + 5, 1), 0, &late);
        commit(&mut store, at(DAY + 5, 2), 0, &[(0, at(DAY + day, 4_000), Some(-5.0))]);
        store.seal(DAY + day).unwrap();
    }
    store
}

type State = (Vec<Vec<(Timestamp, Option<f64>, u64)>>, Vec<store::Columns>, usize);

/// What is current, what was at each sequence, and how many versions one reading has.
fn state(store: &Store) -> State {
    let reader = store.reader();
    let all = (0..4).map(|datastream| values(&reader, datastream)).collect();
    let ids: Vec<_> = (0..4).map(DatastreamId).collect();
    let known = |sequence| {
        let known = Known::At(Sequence(sequence));
        reader.scan_known(&ids, Timestamp::MIN, Timestamp::MAX, known).unwrap()
    };
    let then = (0..=store.last_sequence().0).flat_map(known).collect();
    (all, then, reader.versions(DatastreamId(0), at(DAY, 4_000)).len())
}

fn on_disk(dir: &Path) -> usize {
    let mut folders = vec![dir.join("archive")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { count += 1 }
        }
    }
    count
}

fn listed(store: &Store, kind: FileKind) -> usize {
    store.reader().archive_files().iter().filter(|file| file.kind == kind).count()
}

#[test]
fn days_with_late_files_fold_and_then_the_month_becomes_one_file() {
    let dir = folder();
    let mut store = filled(dir.path());
    let before = state(&store);
    assert_eq!((listed(&store, FileKind::Base), listed(&store, FileKind::Late)), (4, 2));
    let settled = store.last_sequence();
    assert_eq!(store.fold_all(at(DAY + 6, 0), settled, DAY + 6).unwrap(), 2);
    assert_eq!((listed(&store, FileKind::Base), listed(&store, FileKind::Late)), (4, 0));
    assert_eq!(state(&store), before);
    assert_eq!(store.fold_all(at(DAY + 40, 0), settled, DAY + 40).unwrap(), 1);
    assert_eq!((listed(&store, FileKind::Base), listed(&store, FileKind::Superseded)), (1, 1));
    assert_eq!(state(&store), before);
    assert!(store.remove_gone(Timestamp::MAX).unwrap() >= 6);
    drop(store);
    let mut store = open(dir.path());
    assert_eq!(state(&store), before);
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
    // What comes for the month afterwards is a late file of its day, and folds into the month's file.
    commit(&mut store, at(DAY + 41, 1), 0, &[(2, at(DAY + 2, 9_000), Some(9.5))]);
    store.seal(DAY + 2).unwrap();
    assert_eq!(listed(&store, FileKind::Late), 1);
    let before = state(&store);
    let settled = store.last_sequence();
    assert_eq!(store.fold_all(at(DAY + 42, 0), settled, DAY + 42).unwrap(), 1);
    assert_eq!((listed(&store, FileKind::Base), listed(&store, FileKind::Late)), (1, 0));
    assert_eq!(state(&store), before);
}

#[test]
fn files_that_were_written_and_not_listed_are_garbage() {
    let dir = folder();
    let store = filled(dir.path());
    let (before, files) = (state(&store), on_disk(dir.path()));
    let folded = store.fold_plan(store.last_sequence(), DAY).unwrap().write().unwrap();
    assert!(on_disk(dir.path()) > files && folded.replaced().count() > 1);
    drop(store);
    let store = open(dir.path());
    assert_eq!((state(&store), on_disk(dir.path())), (before, files));
}

#[test]
fn files_that_were_replaced_and_not_removed_go_at_the_start() {
    let dir = folder();
    let mut store = filled(dir.path());
    let before = state(&store);
    let settled = store.last_sequence();
    store.fold_all(at(DAY + 40, 0), settled, DAY + 40).unwrap();
    let kept = store.reader().archive_files().len();
    assert!(on_disk(dir.path()) > kept);
    drop(store);
    let store = open(dir.path());
    assert_eq!((state(&store), on_disk(dir.path())), (before, kept));
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
}

#[test]
fn what_somebody_reads_is_not_removed() {
    let dir = folder();
    let mut store = filled(dir.path());
    let held = store.reader().archive_files();
    let settled = store.last_sequence();
    store.fold_all(at(DAY + 6, 0), settled, DAY + 6).unwrap();
    assert_eq!(store.remove_gone(Timestamp::MAX).unwrap(), 0);
    assert!(held.iter().all(|file| dir.path().join(file.name()).exists()));
    drop(held);
    assert_eq!(store.remove_gone(at(DAY + 6, 0)).unwrap(), 0, "they went at that very moment");
    assert!(store.remove_gone(Timestamp::MAX).unwrap() >= 4);
}

#[test]
fn a_plan_whose_files_were_replaced_meanwhile_is_refused_and_a_late_file_is_not_in_its_way() {
    let dir = folder();
    let mut store = filled(dir.path());
    let settled = store.last_sequence();
    let [first, second] = [(); 2].map(|()| store.fold_plan(settled, DAY).unwrap().write().unwrap());
    commit(&mut store, at(DAY + 6, 1), 0, &[(0, at(DAY, 4_000), Some(-6.0))]);
    store.seal(DAY).unwrap();
    let before = state(&store);
    store.fold_finish(at(DAY + 6, 2), first).unwrap();
    assert_eq!(state(&store), before);
    let refused = store.fold_finish(at(DAY + 6, 3), second).unwrap_err();
    assert!(refused.to_string().contains("meanwhile"), "{refused}");
    assert_eq!(state(&store), before);
}

#[test]
fn a_damaged_file_is_named_and_not_folded() {
    let dir = folder();
    let store = filled(dir.path());
    let day = *store.fold_plan(store.last_sequence(), DAY).unwrap().days().start();
    let files = store.reader().archive_files();
    let file = files.iter().find(|file| file.day == day && file.kind == FileKind::Base).unwrap();
    let path = dir.path().join(file.name());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[9] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = store.fold_plan(store.last_sequence(), DAY).unwrap().write().unwrap_err();
    assert!(error.to_string().contains(&file.path), "{error}");
    assert_eq!(store.reader().problems().len(), 1);
    assert_eq!(store.reader().archive_files(), files);
}

#[test]
fn frames_that_are_let_go_leave_their_act_and_the_chain_holds() {
    let dir = folder();
    let mut store = filled(dir.path());
    let files = store.reader().archive_files();
    let file = files.iter().find(|file| file.kind == FileKind::Frames).unwrap().clone();
    drop(files);
    let frames = listed(&store, FileKind::Frames);
    let sequence = store.next_sequence();
    let act = |hash: &str| Act {
        kind: "retention".to_owned(),
        key: file.path.clone(),
        who: "retention".to_owned(),
        document: format!(r#"{{"hash":"{hash}","frames":{{"stored":{}}}}}"#, file.rows),
    };
    let turn = |act| TurnRecord {
        at: at(DAY + 50, 0),
        acts: vec![ActRow { sequence, at: at(DAY + 50, 0), act }],
        dropped: vec![(file.id, sequence)],
        sequence_last: sequence,
        ..TurnRecord::default()
    };
    store.commit(turn(act(&file.hash_text()))).unwrap();
    let path = dir.path().join(file.name());
    drop(file);
    assert_eq!(store.remove_gone(Timestamp::MAX).unwrap(), 1);
    assert!(!path.exists());
    for _ in 0..2 {
        let reader = store.reader();
        assert_eq!(listed(&store, FileKind::Frames), frames - 1);
        assert_eq!(reader.verify_chain().unwrap().problems, []);
        let conserved = reader.verify_conservation(|_, _| ()).unwrap();
        assert!(conserved.is_kept() && conserved.let_go > 0, "{conserved:?}");
        drop(store);
        store = open(dir.path());
    }
}
