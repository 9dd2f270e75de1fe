//! The judged days in memory: made once, struck out by the hours that touch them, and by nothing else.

use crate::world::{CLEAN, MIDNIGHT, World, arrival, frame_of_hour};
use engine::assess::{Asked, Day, Subject};
use model::{DAY_MS, HOUR_MS, PlaceId, Timestamp};
use proptest::prelude::*;
use standards::{Exact, Span, Standards, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;

const DAYS: i64 = 4;

/// The judged days of the only station in March 2026, and how many were made for this answer.
fn days(
    world: &World,
    law: &Standards,
    now: Timestamp,
) -> (BTreeMap<jiff::civil::Date, Arc<Day>>, u64) {
    let (book, reader, zone) =
        (world.engine.book(), world.engine.reader(), Zone::shanghai().unwrap());
    let before = book.derived();
    let known = store::Known::Now;
    let asked =
        Asked { book: &book, reader: &reader, law, zone: &zone, now, known, set: None, dust: &[] };
    let span: Span = "2026-03-10..2026-03-13".parse().unwrap();
    let days = asked.days(&Subject::Place(PlaceId(0)), span).unwrap();
    (days, book.derived() - before)
}

fn filled() -> (World, Standards, Timestamp) {
    let mut world = World::new();
    for hour in 0..DAYS * 24 {
        world.send_hour(MIDNIGHT + hour * HOUR_MS, &CLEAN);
    }
    (world, Standards::load().unwrap(), MIDNIGHT + DAYS * DAY_MS + HOUR_MS)
}

fn late(world: &mut World, now: Timestamp, hour: i64, value: f64) {
    let frame = frame_of_hour(MIDNIGHT + hour * HOUR_MS, &[("pm25", value)]);
    world.turn(now, &[arrival(now, &[frame])]);
}

#[test]
fn a_late_hour_makes_exactly_its_day_again_and_only_once() {
    let (mut world, law, now) = filled();
    assert_eq!(days(&world, &law, now).1, 4);
    assert_eq!(days(&world, &law, now).1, 0);
    late(&mut world, now, 24 + 5, 92.0);
    let (changed, made) = days(&world, &law, now);
    assert_eq!(made, 1);
    // 23 hours of 20 and one of 92: 552 / 24.
    let pm25 = |day: &str| changed[&day.parse().unwrap()].values.values[5];
    assert_eq!(pm25("2026-03-11"), Some(Exact::whole(23)));
    assert_eq!(pm25("2026-03-12"), Some(Exact::whole(20)));
    assert_eq!(days(&world, &law, now).1, 0);
    // In the last seven hours a running mean reaches over midnight.
    late(&mut world, now, 24 + 20, 92.0);
    assert_eq!(days(&world, &law, now).1, 2);
}

#[test]
fn a_resent_hour_makes_nothing_again() {
    let (mut world, law, now) = filled();
    days(&world, &law, now);
    late(&mut world, now, 30, 20.0);
    assert_eq!(days(&world, &law, now).1, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn days_made_along_the_way_are_those_made_from_scratch(
        hours in proptest::collection::vec((0..DAYS * 24, 0_u32..900), 1..12)
    ) {
        let (mut world, law, now) = filled();
        for (step, (hour, value)) in hours.into_iter().enumerate() {
            late(&mut world, now + step as i64, hour, f64::from(value));
            days(&world, &law, now);
        }
        let known = days(&world, &law, now).0;
        let scratch = days(&world.restart(now), &law, now).0;
        prop_assert_eq!(known.len(), scratch.len());
        for (date, day) in known {
            prop_assert_eq!(&day.values, &scratch[&date].values);
            prop_assert_eq!(day.sequences, scratch[&date].sequences);
        }
    }
}
