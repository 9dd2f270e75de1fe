//! A repair makes anew what can be made, takes from a backup what it has, and says what is lost.

use crate::world::{DAY, at, commit, folder, open, values, with_registry};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use store::{Limits, Store, repair};

fn filled(dir: &Path) -> Store {
    let mut store = with_registry(dir, 2);
    for day in 0..4 {
        commit(&mut store, at(DAY + day, 30), 0, &[(0, at(DAY + day, 5), Some(1.5))]);
    }
    store.seal(DAY).unwrap();
    store.seal(DAY + 1).unwrap();
    store
}

fn sql(dir: &Path, text: &str) {
    Connection::open(dir.join("skyriver.db")).unwrap().execute_batch(text).unwrap();
}

fn base(dir: &Path) -> PathBuf {
    let folder = dir.join("archive/readings/day=2026-03-01");
    std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

fn is_well(dir: &Path) -> bool {
    let store = open(dir);
    store.reader().verify_chain().unwrap().problems.is_empty()
        && store.reader().verify_conservation(|_, _| ()).unwrap().is_kept()
}

#[test]
fn nothing_is_repaired_where_nothing_is_wrong() {
    let dir = folder();
    drop(filled(dir.path()));
    assert!(repair(dir.path(), None, Limits::for_testing()).unwrap().is_nothing());
    assert!(is_well(dir.path()));
}

#[test]
fn projections_and_counts_are_made_anew() {
    let dir = folder();
    drop(filled(dir.path()));
    sql(
        dir.path(),
        "UPDATE series SET time_first = 5, value = 9; UPDATE ledger SET count = count + 3 WHERE unit = 0;
         UPDATE registry SET document = replace(document, '站点 0', 'x') WHERE kind = 2;",
    );
    assert!(!is_well(dir.path()));
    let repaired = repair(dir.path(), None, Limits::for_testing()).unwrap();
    assert_eq!((repaired.series, repaired.registry), (1, 1), "{repaired:?}");
    assert!(repaired.ledger > 0 && repaired.lost.is_empty(), "{repaired:?}");
    assert!(is_well(dir.path()));
    assert_eq!(open(dir.path()).view().registry().places()[0].name.zh, "站点 0");
    assert_eq!(values(&open(dir.path()).reader(), 0).len(), 4);
}

#[test]
fn a_lost_file_comes_back_from_a_backup_and_is_named_without_one() {
    let (dir, to) = (folder(), folder());
    let store = filled(dir.path());
    store.reader().back_up(to.path(), |_, _| ()).unwrap();
    drop(store);
    std::fs::write(base(dir.path()), "no Parquet").unwrap();
    let without = repair(dir.path(), None, Limits::for_testing()).unwrap();
    assert!(without.lost.iter().any(|(what, _)| what.contains("base-")), "{without:?}");
    let with = repair(dir.path(), Some(to.path()), Limits::for_testing()).unwrap();
    assert_eq!((with.files.len(), with.lost.len()), (1, 0), "{with:?}");
    assert!(is_well(dir.path()));
}

#[test]
fn a_damaged_blob_comes_back_from_a_backup() {
    let (dir, to) = (folder(), folder());
    let store = filled(dir.path());
    store.reader().back_up(to.path(), |_, _| ()).unwrap();
    drop(store);
    let damage = "UPDATE readings_blob SET bytes = zeroblob(40) WHERE id = (SELECT max(id) FROM readings_blob)";
    sql(dir.path(), damage);
    // A start puts it aside; a repair finds it there too.
    drop(Store::open(dir.path(), Limits::for_testing()).unwrap());
    let with = repair(dir.path(), Some(to.path()), Limits::for_testing()).unwrap();
    assert_eq!((with.blobs.len(), with.lost.len()), (1, 0), "{with:?}");
    assert_eq!(values(&open(dir.path()).reader(), 0).len(), 4);
    assert!(is_well(dir.path()));
}

#[test]
fn a_manifest_that_leads_out_of_the_archive_reads_and_writes_nothing_there() {
    let (dir, to, out) = (folder(), folder(), folder());
    let secret = out.path().join("secret.parquet");
    std::fs::write(&secret, "of somebody else").unwrap();
    drop(filled(dir.path()));
    let forged = format!("UPDATE manifest SET path = '../../{}' WHERE id = 1", secret.display());
    sql(dir.path(), &forged);
    let repaired = repair(dir.path(), None, Limits::for_testing()).unwrap();
    assert!(repaired.lost.iter().any(|(_, why)| why.contains("leads out")), "{repaired:?}");
    let looked = store::Reader::look(dir.path(), Limits::for_testing()).unwrap();
    let backup = looked.back_up(to.path(), |_, _| ()).unwrap();
    assert_eq!(backup.missing.len(), 1, "{backup:?}");
    assert!(backup.missing[0].1.contains("leads out"), "{backup:?}");
    let chain = looked.verify_chain().unwrap();
    assert!(chain.problems.iter().any(|damage| damage.why.contains("leads out")), "{chain:?}");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "of somebody else");
}
