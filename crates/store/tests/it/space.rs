//! Disks that are full or may not be written: refused with a name, nothing half kept.

use crate::world::{DAY, at, folder, key, push_frame, turn, values, with_registry};
use model::{DatastreamId, Sequence};
use std::fs;
use store::{Error, Limits, Store};

/// A small file system of its own, gone with the value; `None` where nobody may mount one.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new(options: &str) -> Option<Self> {
        let dir = folder();
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(dir.path())
            .stderr(std::process::Stdio::null())
            .status();
        if done.is_ok_and(|status| status.success()) {
            return Some(Self(dir));
        }
        println!("skipped: mounting a small file system needs root");
        None
    }

    fn remount(&self, options: &str) {
        let done = std::process::Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(self.0.path())
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Commits turns of values that do not compress until one is refused; says how many were kept.
fn fill(store: &mut Store, turns_max: usize) -> (usize, Option<Error>) {
    let mut random = store.last_sequence().0;
    for kept in 0..turns_max {
        let mut turn = turn(store, at(DAY, 1));
        let first = store.last_sequence().0 as i64 * 1_000;
        let mut readings = vec![];
        for n in 0..500 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n as u64 | 1);
            readings.push((0, at(DAY, first + n), Some((random >> 11) as f64)));
        }
        push_frame(&mut turn, 0, &readings);
        if let Err(error) = store.commit(turn) {
            return (kept, Some(error));
        }
    }
    (turns_max, None)
}

#[test]
fn a_database_at_its_limit_keeps_nothing_of_a_turn_until_a_seal_makes_room() {
    let dir = folder();
    drop(with_registry(dir.path(), 1));
    let limits = Limits { database_pages_max: 60, ..Limits::for_testing() };
    let (mut store, _) = Store::open(dir.path(), limits).unwrap();
    let (kept, error) = fill(&mut store, 1_000);
    let error = error.unwrap();
    assert!(error.is_disk_full(), "{error}");
    assert!(error.to_string().contains("skyriver.db: no space left"), "{error}");
    let rows = kept * 500;
    assert!(kept > 2);
    assert_eq!(store.last_sequence(), Sequence(kept as u64));
    assert_eq!(values(&store.reader(), 0).len(), rows);
    assert_eq!(store.reader().frame(Sequence(kept as u64 + 1)).unwrap(), None);
    store.seal(DAY).unwrap();
    assert_eq!(fill(&mut store, 2).0, 2);
    assert_eq!(values(&store.reader(), 0).len(), rows + 1_000);
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
    drop(store);
    let (store, _) = Store::open(dir.path(), Limits::for_testing()).unwrap();
    assert_eq!(values(&store.reader(), 0).len(), rows + 1_000);
}

#[test]
fn a_full_disk_refuses_the_turn_and_takes_it_when_there_is_space_again() {
    let Some(mount) = Mount::new("size=1m") else {
        return;
    };
    let dir = mount.0.path();
    let mut store = with_registry(dir, 1);
    fs::write(dir.join("ballast"), vec![0; 300 << 10]).unwrap();
    let (kept, error) = fill(&mut store, 1_000);
    let error = error.unwrap();
    assert!(error.is_disk_full(), "{error:?}");
    assert_eq!(values(&store.reader(), 0).len(), kept * 500);
    assert_eq!(store.last_sequence(), Sequence(kept as u64));
    fs::remove_file(dir.join("ballast")).unwrap();
    assert_eq!(fill(&mut store, 3).0, 3, "the same server goes on");
    assert_eq!(values(&store.reader(), 0).len(), (kept + 3) * 500);
    drop(store);
    let (mut store, recovery) = Store::open(dir, Limits::for_testing()).unwrap();
    assert_eq!((recovery.damaged.len(), values(&store.reader(), 0).len()), (0, (kept + 3) * 500));
    // A seal that does not fit leaves the day in the log.
    let room = fill(&mut store, 1_000).0;
    let error = store.seal(DAY).unwrap_err();
    assert!(error.is_disk_full(), "{error:?}");
    assert_eq!(values(&store.reader(), 0).len(), (kept + 3 + room) * 500);
}

#[test]
fn a_read_only_directory_is_refused_and_one_that_becomes_so_stops_turns() {
    let Some(mount) = Mount::new("size=8m") else {
        return;
    };
    let dir = mount.0.path();
    drop(with_registry(dir, 1));
    mount.remount("ro");
    let error = Store::open(dir, Limits::for_testing()).err().unwrap();
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    assert!(error.to_string().contains(&dir.display().to_string()), "{error}");
    mount.remount("rw");
    let (store, _) = Store::open(dir, Limits::for_testing()).unwrap();
    assert_eq!(store.view().registry().datastream_id(&key(0, "o3")), Some(DatastreamId(1)));
}

#[test]
fn a_folder_nobody_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = folder();
    drop(with_registry(dir.path(), 1));
    for name in ["lock", "skyriver.db", "archive", ""] {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(0o555)).unwrap();
    }
    let result = Store::open(dir.path(), Limits::for_testing());
    match result {
        Err(error) => assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}"),
        Ok(_) => println!("skipped: root may write where nobody may"),
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
}
