//! Bringing the registry up to a file.

use crate::world::{MIDNIGHT, World, registry};
use model::DeviceId;

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
