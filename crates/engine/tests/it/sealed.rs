//! Days that have gone to the archive: resent, corrected, judged again.

use crate::world::{CLEAN, MIDNIGHT, World, arrival, frame_of_hour, hourly};
use model::{DAY_MS, Disposition, HOUR_MS, Period};

/// A day and a half of hours, the first two UTC days of them sealed.
fn sealed() -> World {
    let mut world = World::new();
    for hour in 0..36 {
        world.send_hour(MIDNIGHT + hour * HOUR_MS, &CLEAN);
    }
    world.seal(MIDNIGHT + DAY_MS + 20 * HOUR_MS);
    assert_eq!(world.engine.reader().sealed_days().len(), 2);
    world
}

#[test]
fn a_sealed_day_reads_as_before() {
    let world = sealed();
    assert_eq!(world.readings(&hourly("pm25")).len(), 36);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
}

#[test]
fn a_resent_sealed_day_adds_nothing() {
    let mut world = sealed();
    let before = world.engine.reader().last_sequence().unwrap();
    for hour in 0..24 {
        assert_eq!(world.send_hour(MIDNIGHT + hour * HOUR_MS, &CLEAN), Disposition::Duplicate);
    }
    let again = world.restart(MIDNIGHT + 3 * DAY_MS);
    assert_eq!(again.engine.reader().last_sequence().unwrap(), before);
    assert_eq!(again.readings(&hourly("pm25")).len(), 36);
}

#[test]
fn a_correction_of_a_sealed_hour_makes_a_version_and_judges_its_day_again() {
    let mut world = sealed().restart(MIDNIGHT + 3 * DAY_MS);
    let late = MIDNIGHT + 3 * DAY_MS;
    let dirty: Vec<_> = CLEAN.iter().map(|(name, value)| (*name, value * 4.0)).collect();
    let turn = world.turn(late, &[arrival(late, &[frame_of_hour(MIDNIGHT, &dirty)])]);
    assert_eq!(turn.outcomes, [[Disposition::Stored]]);
    assert_eq!(world.readings(&hourly("no2"))[0].value, Some(180.0));
    assert_eq!(world.readings(&hourly("no2")).len(), 36);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(64.0))]);
    world.seal(late + 2 * DAY_MS);
    let world = world.restart(late + 2 * DAY_MS);
    assert_eq!(world.readings(&hourly("no2"))[0].value, Some(180.0));
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(64.0))]);
}

#[test]
fn a_restart_over_sealed_days_derives_nothing_that_is_known() {
    let world = sealed();
    let before = world.engine.reader().last_sequence().unwrap();
    let mut world = world.restart(MIDNIGHT + 36 * HOUR_MS);
    world.turn(MIDNIGHT + 36 * HOUR_MS, &[]);
    assert_eq!(world.engine.reader().last_sequence().unwrap(), before);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
}

#[test]
fn a_restart_with_half_a_civil_day_sealed_judges_it_from_all_of_it() {
    let mut world = World::new();
    // In 2016 the hourly index of HJ 633-2012 looks 23 hours back, into what is sealed.
    let midnight = MIDNIGHT - 3_700 * DAY_MS;
    for hour in 0..30 {
        world.send_hour(midnight + hour * HOUR_MS, &CLEAN);
    }
    let before = (world.index(Period::Hour), world.index(Period::Day));
    assert_eq!(before.1.len(), 1);
    let store = world.engine.store_mut();
    store.seal(midnight.utc_day()).unwrap();
    let now = midnight + 30 * HOUR_MS;
    let mut world = world.restart(now);
    world.turn(now, &[]);
    assert_eq!((world.index(Period::Hour), world.index(Period::Day)), before);
}
