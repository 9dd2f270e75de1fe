//! A backup is a data directory of its own, whole up to one turn, whatever the server did meanwhile.

use crate::world::{DAY, at, commit, folder, open, with_registry};
use model::{DatastreamId, Sequence, Timestamp};
use std::path::Path;
use store::{Error, Store};

fn filled(dir: &Path) -> Store {
    let mut store = with_registry(dir, 2);
    for day in 0..3 {
        commit(&mut store, at(DAY + day, 30), 0, &[(0, at(DAY + day, 5), Some(1.5))]);
    }
    store.seal(DAY).unwrap();
    store
}

fn values(dir: &Path) -> Vec<Option<f64>> {
    let store = open(dir);
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
    assert!(store.reader().verify_conservation(|_, _| ()).unwrap().is_kept());
    store.reader().scan(DatastreamId(0), Timestamp::MIN, Timestamp::MAX).unwrap().value
}

#[test]
fn a_server_can_be_started_on_a_backup_and_the_next_one_takes_only_what_is_new() {
    let (dir, to) = (folder(), folder());
    let mut store = filled(dir.path());
    let first = store.reader().back_up(to.path(), |_, _| ()).unwrap();
    assert_eq!((first.files, first.copied, first.sequence), (2, 2, Sequence(3)));
    assert_eq!(values(to.path()), [Some(1.5); 3]);

    commit(&mut store, at(DAY + 3, 30), 0, &[(0, at(DAY + 3, 5), Some(2.5))]);
    store.seal(DAY + 1).unwrap();
    let second = store.reader().back_up(to.path(), |_, _| ()).unwrap();
    assert_eq!((second.files, second.copied, second.sequence), (4, 2, Sequence(4)));
    assert_eq!(values(to.path()), [Some(1.5), Some(1.5), Some(1.5), Some(2.5)]);
    assert_eq!(second.missing, []);
}

#[test]
fn a_damaged_file_is_named_and_never_copied() {
    let (dir, to) = (folder(), folder());
    let store = filled(dir.path());
    let files = dir.path().join("archive/readings/day=2026-03-01");
    let file = std::fs::read_dir(files).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let backup = store.reader().back_up(to.path(), |_, _| ()).unwrap();
    assert_eq!((backup.files, backup.missing.len()), (1, 1));
    assert!(
        !to.path().join("archive/readings/day=2026-03-01").join(file.file_name().unwrap()).exists()
    );
}

#[test]
fn another_directorys_backup_the_directory_itself_and_a_running_server_are_refused() {
    let (dir, other, to) = (folder(), folder(), folder());
    let store = filled(dir.path());
    let mut elsewhere = with_registry(other.path(), 1);
    commit(&mut elsewhere, at(DAY + 9, 1), 0, &[(0, at(DAY + 9, 0), Some(9.0))]);
    elsewhere.reader().back_up(to.path(), |_, _| ()).unwrap();
    for folder in [to.path(), dir.path(), other.path()] {
        let refused = store.reader().back_up(folder, |_, _| ()).unwrap_err();
        assert!(matches!(refused, Error::BadBackup { .. } | Error::InUse { .. }), "{refused}");
    }
    drop(elsewhere);
    assert_eq!(values(to.path()), [Some(9.0)]);
}
