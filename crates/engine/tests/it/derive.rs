//! The index of hours and days: when it is made, made again, and not made.

use crate::world::{CLEAN, MIDNIGHT, World, arrival, frame_of_hour};
use model::{
    DAY_MS, DatastreamId, Flag, HOUR_MS, MINUTE_MS, Period, PlaceId, PlaceKind, Quality, Reading,
    Sequence, Timestamp,
};
use standards::air::{NotAssessed, Pollutant};
use standards::{Standards, Zone};

fn send_hours(world: &mut World, hours: std::ops::Range<i64>) {
    for hour in hours {
        world.send_hour(MIDNIGHT + hour * HOUR_MS, &CLEAN);
    }
}

#[test]
fn an_hour_is_judged_in_the_turn_that_brings_it() {
    let mut world = World::new();
    let now = MIDNIGHT + HOUR_MS;
    let turn = world.turn(now, &[arrival(now, &[frame_of_hour(MIDNIGHT, &CLEAN)])]);
    assert_eq!(turn.indexed, [PlaceId(0)]);
    // NO2 of 45 µg/m³ in the 1 h column of HJ 633-2026: 45 / 100 × 50 = 22.5, up to 23; PM10 40 gives 40.
    assert_eq!(world.index(Period::Hour), [(MIDNIGHT, Some(40.0))]);
}

#[test]
fn an_hour_that_is_not_over_waits_for_its_end() {
    let mut world = World::new();
    let early = MIDNIGHT + 10 * MINUTE_MS;
    world.turn(early, &[arrival(early, &[frame_of_hour(MIDNIGHT, &CLEAN)])]);
    assert_eq!(world.index(Period::Hour), []);
    world.turn(MIDNIGHT + HOUR_MS, &[]);
    assert_eq!(world.index(Period::Hour), [(MIDNIGHT, Some(40.0))]);
}

#[test]
fn a_day_is_judged_when_it_is_over_and_not_before() {
    let mut world = World::new();
    send_hours(&mut world, 0..23);
    assert_eq!(world.index(Period::Day), []);
    // The last hour never comes; midnight does.
    world.turn(MIDNIGHT + DAY_MS, &[]);
    // NO2 of 45 µg/m³ as a daily mean: (45 − 40) / (80 − 40) × 50 + 50 = 56.25, up to 57.
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
}

#[test]
fn a_late_hour_reopens_the_day_once() {
    let mut world = World::new();
    send_hours(&mut world, 0..24);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
    let dirty: Vec<_> = CLEAN.iter().map(|(name, value)| (*name, value * 4.0)).collect();
    let late = MIDNIGHT + DAY_MS + 5 * HOUR_MS;
    let turn = world.turn(late, &[arrival(late, &[frame_of_hour(MIDNIGHT, &dirty)])]);
    assert_eq!(turn.indexed, [PlaceId(0)]);
    let day = engine::index::key(PlaceId(0), Period::Day);
    let datastream = world.datastream(&day);
    assert_eq!(world.engine.reader().versions(datastream, MIDNIGHT).len(), 2);
    // 23 × 45 and 180: a mean of 50.625, by HJ 633-2026 rounded to 51 before the formula: 63.75.
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(64.0))]);
}

#[test]
fn a_duplicate_hour_derives_nothing_new() {
    let mut world = World::new();
    send_hours(&mut world, 0..24);
    let before = world.engine.reader().last_sequence().unwrap();
    let now = MIDNIGHT + DAY_MS + HOUR_MS;
    let turn = world.turn(now, &[arrival(now, &[frame_of_hour(MIDNIGHT, &CLEAN)])]);
    assert_eq!(turn.indexed, []);
    assert_eq!(world.engine.reader().last_sequence().unwrap(), before);
}

#[test]
fn too_few_hours_are_no_assessment() {
    let mut world = World::new();
    send_hours(&mut world, 0..19);
    world.turn(MIDNIGHT + DAY_MS, &[]);
    assert_eq!(world.index(Period::Day), []);
    world.send_hour(MIDNIGHT + 20 * HOUR_MS, &CLEAN);
    world.turn(MIDNIGHT + DAY_MS + HOUR_MS, &[]);
    assert_eq!(world.index(Period::Day).len(), 1, "20 hours are enough");
}

#[test]
fn a_crash_before_midnight_leaves_the_day_due() {
    let mut world = World::new();
    send_hours(&mut world, 0..23);
    let mut world = world.restart(MIDNIGHT + DAY_MS + MINUTE_MS);
    assert_eq!(world.index(Period::Day), []);
    world.turn(MIDNIGHT + DAY_MS + MINUTE_MS, &[]);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
}

#[test]
fn what_waited_when_the_power_failed_is_due_however_old_it_is() {
    let mut world = World::new();
    send_hours(&mut world, 0..23);
    let later = MIDNIGHT + 9 * DAY_MS;
    let mut world = world.restart(later);
    world.turn(later, &[]);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
    // All is known now: nothing is due a second time.
    let mut world = world.restart(later + 9 * DAY_MS);
    assert!(world.turn(later + 9 * DAY_MS, &[]).indexed.is_empty());
}

#[test]
fn a_restart_derives_nothing_that_is_known() {
    let mut world = World::new();
    send_hours(&mut world, 0..24);
    let before = world.engine.reader().last_sequence().unwrap();
    let mut world = world.restart(MIDNIGHT + DAY_MS + HOUR_MS);
    world.turn(MIDNIGHT + DAY_MS + HOUR_MS, &[]);
    assert_eq!(world.engine.reader().last_sequence().unwrap(), before);
}

#[test]
fn a_place_that_measures_two_of_six_has_no_index_of_the_six_however_high_they_are() {
    let sources = {
        let mut sources = engine::index::Sources::default();
        sources[Pollutant::Pm25.index()] = vec![DatastreamId(0)];
        sources
    };
    let law = Standards::load().unwrap();
    let zone = Zone::shanghai().unwrap();
    let judged = engine::index::hour(
        &Always(180.0),
        &law,
        &zone,
        PlaceKind::MicroStation,
        &sources,
        MIDNIGHT,
    );
    let report = judged.unwrap().report;
    assert!(
        matches!(report.aqi, Err(NotAssessed::NotAllMeasured { missing }) if missing.len() == 5)
    );
    assert_eq!(report.computed, Some(230));
}

/// Every hour has this value.
struct Always(f64);

impl engine::index::Lookup for Always {
    fn hours(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        count: usize,
    ) -> Vec<Option<Reading>> {
        let flag = Flag::new(Quality::Good, Some(b'N'));
        let (value, sequence) = (Some(self.0), Sequence(1));
        (0..count as i64)
            .map(|hour| from + hour * HOUR_MS)
            .map(|time| Some(Reading { datastream, time, value, flag, sequence }))
            .collect()
    }
}

#[test]
fn the_successor_of_a_broken_device_goes_on_with_the_index() {
    let mut world = World::new();
    send_hours(&mut world, 0..10);
    let mut file = crate::world::registry();
    let successor =
        model::Device { mn: "T00000000000000000000002".into(), ..file.devices[0].clone() };
    file.devices.push(successor);
    world.engine.install(MIDNIGHT, &file).unwrap();
    for hour in 10..24 {
        let start = MIDNIGHT + hour * HOUR_MS;
        let mut frame = frame_of_hour(start, &CLEAN);
        for (key, _) in &mut frame {
            key.source = model::Source::Device(model::DeviceId(1));
        }
        let mut arrival = arrival(start + HOUR_MS, &[frame]);
        arrival.frames[0].claim = model::Claim::Device(model::DeviceId(1));
        world.turn(start + HOUR_MS, &[arrival]);
    }
    assert_eq!(world.index(Period::Hour).len(), 24);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
}
