//! A data directory of an older format opens, with everything that is in it.

use crate::world::{DAY, at, commit, folder, open, push_frame, turn, values, with_registry};
use model::EntryKind;
use rusqlite::Connection;
use store::Way;

/// Takes a directory back to format 1, as the first version of this program left it.
fn to_format_1(dir: &std::path::Path) {
    let database = Connection::open(dir.join("skyriver.db")).unwrap();
    database
        .execute_batch(
            "DROP TABLE revision; DROP TABLE user; DROP TABLE moment; DROP TABLE act; \
             DROP TABLE secret; DROP TABLE retired; PRAGMA user_version = 1",
        )
        .unwrap();
}

#[test]
fn a_directory_of_format_1_opens_and_its_registry_has_first_versions() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 2);
    let mut record = turn(&store, at(DAY, 1_000));
    push_frame(&mut record, 0, &[(0, at(DAY, 0), Some(7.0))]);
    store.commit(record).unwrap();
    let sequence = store.last_sequence();
    drop(store);
    to_format_1(dir.path());
    for _ in 0..2 {
        let store = open(dir.path());
        let reader = store.reader();
        assert_eq!(reader.view().registry().places().len(), 2);
        assert_eq!(reader.scan(model::DatastreamId(0), at(DAY, 0), at(DAY, 1)).unwrap().len(), 1);
        let versions = reader.revisions(EntryKind::Place, "place-1").unwrap();
        assert_eq!(versions.len(), 1);
        assert_eq!((versions[0].by.way, versions[0].at), (Way::File, at(DAY, 1_000)));
        assert_eq!((versions[0].is_first, versions[0].sequence), (true, sequence));
        assert_eq!(reader.old_users().unwrap().len(), 0);
        assert!(reader.verify_chain().is_ok());
    }
}

/// Takes a directory back to format 2.
fn to_format_2(dir: &std::path::Path) {
    let database = Connection::open(dir.join("skyriver.db")).unwrap();
    database
        .execute_batch(
            "DROP TABLE act; DROP TABLE secret; DROP TABLE retired; PRAGMA user_version = 2",
        )
        .unwrap();
}

/// Takes a directory back to format 3.
fn to_format_3(dir: &std::path::Path) {
    let database = Connection::open(dir.join("skyriver.db")).unwrap();
    database.execute_batch("DROP TABLE retired; PRAGMA user_version = 3").unwrap();
}

#[test]
fn the_tables_of_an_upgraded_directory_are_those_of_a_new_one() {
    let tables = |dir: &std::path::Path| -> Vec<String> {
        let database = Connection::open(dir.join("skyriver.db")).unwrap();
        let mut query = database
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for back in [to_format_1, to_format_2, to_format_3] {
        let (new, old) = (folder(), folder());
        drop((open(new.path()), open(old.path())));
        back(old.path());
        drop(open(old.path()));
        assert_eq!(tables(old.path()), tables(new.path()));
    }
}

#[test]
fn a_directory_of_format_3_opens_with_its_sealed_days_and_folds() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    for (day, value) in [(0, 1.0), (1, 2.0)] {
        commit(&mut store, at(DAY + day, 5), 0, &[(0, at(DAY + day, 0), Some(value))]);
        store.seal(DAY + day).unwrap();
    }
    commit(&mut store, at(DAY + 3, 5), 0, &[(0, at(DAY, 0), Some(3.0))]);
    store.seal(DAY).unwrap();
    let before = values(&store.reader(), 0);
    drop(store);
    to_format_3(dir.path());
    let mut store = open(dir.path());
    assert_eq!(values(&store.reader(), 0), before);
    let settled = store.last_sequence();
    assert_eq!(store.fold_all(at(DAY + 40, 0), settled, DAY + 40).unwrap(), 2);
    assert_eq!(values(&store.reader(), 0), before);
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
}
