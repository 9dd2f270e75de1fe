//! Bringing the registry up to a file.

use crate::world::{MIDNIGHT, World, registry};
use engine::{Edit, Error, RegistryFile};
use model::{DeviceId, EntryKind};
use store::{Author, Way};

/// The first place of the registry under another name, as somebody wrote it.
fn renamed(name: &str, seen: Option<i64>) -> Edit {
    let mut place = registry().places[0].clone();
    name.clone_into(&mut place.name.zh);
    let seen = seen.map(|seen| (EntryKind::Place, place.key.clone(), seen));
    let by = Author { who: "operator".to_owned(), way: Way::Written, receipt: None };
    Edit { entries: RegistryFile { places: vec![place], ..RegistryFile::default() }, by, seen }
}

#[test]
fn installing_the_same_file_twice_changes_nothing() {
    let mut world = World::new();
    assert_eq!(world.engine.install(MIDNIGHT, &registry()).unwrap(), 0);
}

#[test]
fn a_changed_password_survives_a_restart_and_keeps_the_device_id() {
    let mut world = World::new();
    let mut file = registry();
    file.devices[0].password = "654321".to_owned();
    assert_eq!(world.engine.install(MIDNIGHT, &file).unwrap(), 1);
    let world = world.restart(MIDNIGHT);
    let reader = world.engine.reader();
    let view = reader.view();
    let id = view.registry().device_id(&file.devices[0].mn).unwrap();
    assert_eq!(id, DeviceId(0));
    assert_eq!(view.registry().device(id).unwrap().password, "654321");
}

#[test]
fn a_device_that_moved_is_refused_with_what_to_do() {
    let mut world = World::new();
    let mut file = registry();
    file.places.push(model::Place { key: "T-02".to_owned(), ..file.places[0].clone() });
    file.devices[0].place = "T-02".to_owned();
    let error = world.engine.install(MIDNIGHT, &file).unwrap_err().to_string();
    assert!(error.contains("T-01") && error.contains("hint: "), "{error}");
}

#[test]
fn each_change_of_an_entry_is_a_version_of_its_own() {
    let mut world = World::new();
    let key = registry().places[0].key.clone();
    let reader = world.engine.reader();
    let first = reader.revision(EntryKind::Place, &key).unwrap();
    assert_eq!(world.engine.edit(MIDNIGHT, renamed("新名", first)).unwrap(), 1);
    assert_eq!(world.engine.edit(MIDNIGHT, renamed("新名", None)).unwrap(), 0);
    let versions = reader.revisions(EntryKind::Place, &key).unwrap();
    let ways: Vec<_> = versions.iter().map(|one| (one.is_first, one.by.way)).collect();
    assert_eq!(ways, [(true, Way::File), (false, Way::Written)]);
    assert!(versions[1].document.contains("新名") && !versions[0].document.contains("新名"));
    assert!(reader.journal(1, None).unwrap()[0].entry.text.contains("operator changed 1 entries"));
}

#[test]
fn an_edit_of_a_version_that_is_no_longer_the_newest_is_refused() {
    let mut world = World::new();
    let key = registry().places[0].key.clone();
    let first = world.engine.reader().revision(EntryKind::Place, &key).unwrap();
    world.engine.edit(MIDNIGHT, renamed("甲", first)).unwrap();
    let error = world.engine.edit(MIDNIGHT, renamed("乙", first)).unwrap_err();
    assert!(matches!(error, Error::Stale { found: Some(_), .. }), "{error}");
    assert_eq!(world.engine.reader().view().registry().places()[0].name.zh, "甲");
}

#[test]
fn what_was_written_by_hand_stays_until_the_file_says_something_new() {
    let mut world = World::new();
    world.engine.edit(MIDNIGHT, renamed("手写", None)).unwrap();
    let mut world = world.restart(MIDNIGHT);
    let name = |world: &World| world.engine.reader().view().registry().places()[0].name.zh.clone();
    assert_eq!(world.engine.install(MIDNIGHT, &registry()).unwrap(), 0);
    assert_eq!(name(&world), "手写");
    let mut file = registry();
    "文件".clone_into(&mut file.places[0].name.zh);
    assert_eq!(world.engine.install(MIDNIGHT, &file).unwrap(), 1);
    assert_eq!(name(&world), "文件");
}
