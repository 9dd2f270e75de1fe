//! What becomes of frames and readings.

use crate::world::{CLEAN, MIDNIGHT, World, arrival, frame_of_hour, hourly};
use model::{
    Arrival, ArrivedFrame, Claim, Counted, Disposition, Fate, HOUR_MS, LedgerTotals, MINUTE_MS,
    Reason, Timestamp,
};

fn totals(world: &World, unit: Counted) -> LedgerTotals {
    let mut totals = LedgerTotals::default();
    for entry in world.engine.reader().ledger(Timestamp::MIN, Timestamp::MAX).unwrap() {
        if entry.unit == unit {
            totals.add(entry.disposition, entry.count);
        }
    }
    totals
}

#[test]
fn a_resent_frame_adds_nothing_and_is_counted_as_a_duplicate() {
    let mut world = World::new();
    assert_eq!(world.send_hour(MIDNIGHT, &CLEAN), Disposition::Stored);
    assert_eq!(world.send_hour(MIDNIGHT, &CLEAN), Disposition::Duplicate);
    assert_eq!(world.readings(&hourly("pm25")).len(), 1);
    let readings = totals(&world, Counted::Reading);
    assert_eq!((readings.received, readings.stored, readings.duplicate), (12, 6, 6));
    let frames = totals(&world, Counted::Frame);
    assert_eq!((frames.received, frames.stored, frames.duplicate), (2, 1, 1));
    assert!(readings.is_balanced() && frames.is_balanced());
}

#[test]
fn a_duplicate_inside_one_turn_is_a_duplicate_too() {
    let mut world = World::new();
    let frame = frame_of_hour(MIDNIGHT, &CLEAN);
    let now = MIDNIGHT + HOUR_MS;
    let turn = world.turn(now, &[arrival(now, &[frame.clone(), frame])]);
    assert_eq!(turn.outcomes, [[Disposition::Stored, Disposition::Duplicate]]);
}

#[test]
fn another_value_for_the_same_hour_becomes_the_current_version() {
    let mut world = World::new();
    world.send_hour(MIDNIGHT, &[("pm25", 35.0)]);
    world.send_hour(MIDNIGHT, &[("pm25", 36.0)]);
    let readings = world.readings(&hourly("pm25"));
    assert_eq!(readings.len(), 1);
    assert_eq!(readings[0].value, Some(36.0));
    assert_eq!(world.engine.reader().versions(readings[0].datastream, MIDNIGHT).len(), 2);
}

#[test]
fn the_first_of_two_values_in_one_frame_stands() {
    let mut world = World::new();
    let mut frame = frame_of_hour(MIDNIGHT, &[("pm25", 35.0)]);
    frame.extend(frame_of_hour(MIDNIGHT, &[("pm25", 99.0)]));
    let now = MIDNIGHT + HOUR_MS;
    world.turn(now, &[arrival(now, &[frame])]);
    assert_eq!(world.readings(&hourly("pm25"))[0].value, Some(35.0));
    // The same frame again, and again: still nothing new.
    for _ in 0..2 {
        let mut frame = frame_of_hour(MIDNIGHT, &[("pm25", 35.0)]);
        frame.extend(frame_of_hour(MIDNIGHT, &[("pm25", 99.0)]));
        let turn = world.turn(now, &[arrival(now, &[frame])]);
        assert_eq!(turn.outcomes, [[Disposition::Duplicate]]);
    }
    assert_eq!(world.readings(&hourly("pm25"))[0].value, Some(35.0));
    assert!(totals(&world, Counted::Reading).is_balanced());
}

#[test]
fn a_reading_leads_to_its_raw_frame() {
    let mut world = World::new();
    world.send_hour(MIDNIGHT, &CLEAN);
    world.send_hour(MIDNIGHT + HOUR_MS, &CLEAN);
    let reading = world.readings(&hourly("pm25"))[1];
    let frame = world.engine.reader().frame(reading.sequence).unwrap().unwrap();
    let sent = format!("frame 0 at {}", MIDNIGHT + 2 * HOUR_MS);
    assert_eq!(String::from_utf8(frame.raw).unwrap(), sent);
}

#[test]
fn refused_frames_are_kept_with_their_reason_and_their_readings_counted() {
    let mut world = World::new();
    let fates = [
        (Claim::Nobody, Fate::Reject(Reason::BadCrc), 0),
        (Claim::Stranger("X".to_owned()), Fate::Quarantine(Reason::UnknownDevice), 4),
    ];
    let mut refused =
        Arrival { received_at: MIDNIGHT, raw: b"abcd".to_vec(), ..Arrival::default() };
    for (at, (claim, fate, reading_count)) in fates.into_iter().enumerate() {
        let raw = at * 2..at * 2 + 2;
        refused.frames.push(ArrivedFrame { claim, raw, readings: 0..0, reading_count, fate });
    }
    let turn = world.turn(MIDNIGHT, &[refused]);
    assert_eq!(turn.outcomes, [[Disposition::Rejected, Disposition::Quarantined]]);
    let readings = totals(&world, Counted::Reading);
    assert_eq!((readings.received, readings.quarantined), (4, 4));
    let frame = world.engine.reader().frame(turn.sequence).unwrap().unwrap();
    assert_eq!((frame.raw, frame.stranger), (b"cd".to_vec(), Some("X".to_owned())));
}

#[test]
#[should_panic(expected = "conservation")]
fn a_frame_whose_readings_have_no_fate_stops_the_engine() {
    let mut world = World::new();
    let mut broken = arrival(MIDNIGHT, &[frame_of_hour(MIDNIGHT, &CLEAN)]);
    broken.frames[0].reading_count = 7;
    let error = world.engine.turn(MIDNIGHT, &[broken]).unwrap_err();
    assert_eq!(totals(&world, Counted::Frame).received, 0, "nothing of it was kept");
    panic!("{error}");
}

#[test]
fn a_turn_with_nothing_in_it_writes_nothing() {
    let mut world = World::new();
    world.send_hour(MIDNIGHT, &CLEAN);
    let before = world.engine.reader().last_sequence().unwrap();
    world.turn(MIDNIGHT + HOUR_MS + MINUTE_MS, &[]);
    assert_eq!(world.engine.reader().last_sequence().unwrap(), before);
}
