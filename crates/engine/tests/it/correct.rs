//! Corrections: what stands, what stands under it, and what they touch.

use crate::world::{CLEAN, MIDNIGHT, World, arrival, frame_of_hour, hourly};
use engine::assess::{Asked, Subject};
use engine::correct::{Error, Level, NewCorrection, Operation};
use model::{DAY_MS, Disposition, HOUR_MS, Period, PlaceId, Quality, Sequence, Timestamp};
use standards::{Exact, Span, Standards, Zone};
use store::{Known, Reader};

const LATER: Timestamp = Timestamp::from_ms(MIDNIGHT.as_ms() + 3 * DAY_MS);

/// A day and a half of hours, the first two UTC days of them sealed.
fn sealed() -> World {
    let mut world = World::new();
    for hour in 0..36 {
        world.send_hour(MIDNIGHT + hour * HOUR_MS, &CLEAN);
    }
    world.seal(MIDNIGHT + DAY_MS + 20 * HOUR_MS);
    world.turn(LATER, &[]);
    world
}

/// Of the first day's hours of a pollutant.
fn of_day(world: &World, parameter: &str, operation: Operation) -> NewCorrection {
    NewCorrection {
        who: "analyst".to_owned(),
        datastream: world.datastream(&hourly(parameter)),
        from: MIDNIGHT,
        to: MIDNIGHT + DAY_MS,
        operation,
        why: "zero check of 12 March".to_owned(),
        is_automatic: false,
        document: None,
    }
}

fn offset(by: &str) -> Operation {
    Operation::Offset { by: by.to_owned() }
}

fn values(reader: &Reader, world: &World, parameter: &str, known: Known) -> Vec<Option<f64>> {
    let id = world.datastream(&hourly(parameter));
    let rows = reader.scan_known(&[id], MIDNIGHT, MIDNIGHT + DAY_MS, known).unwrap();
    rows[0].value.clone()
}

#[test]
fn a_correction_of_a_sealed_day_stands_over_raw_that_stays_and_judges_the_day_once() {
    let mut world = sealed();
    let reader = world.engine.reader();
    let before = reader.last_sequence().unwrap();
    let new = of_day(&world, "no2", offset("45.1"));
    let made = world.engine.correct(LATER, &new).unwrap();
    assert_eq!(values(&reader, &world, "no2", Known::Now), [Some(90.1); 24]);
    assert_eq!(values(&reader, &world, "no2", Known::Now.raw()), [Some(45.0); 24]);
    assert_eq!(values(&reader, &world, "no2", Known::At(before)), [Some(45.0); 24]);
    let after = reader.last_sequence().unwrap();
    world.turn(LATER, &[]);
    // The index of the day and of its hours, all of one derivation.
    assert_eq!(reader.last_sequence().unwrap(), Sequence(after.0 + 1));
    let day = world.index(Period::Day);
    assert!(day[0].1.unwrap() > 100.0, "{day:?}");
    world.turn(LATER + 1, &[]);
    assert_eq!(reader.last_sequence().unwrap(), Sequence(after.0 + 1));
    world.engine.annul(LATER, &made.id, "chief", "wrong cylinder").unwrap();
    world.turn(LATER + 2, &[]);
    assert_eq!(values(&reader, &world, "no2", Known::Now), [Some(45.0); 24]);
    assert_eq!(values(&reader, &world, "no2", Known::At(after)), [Some(90.1); 24]);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
    let mut again = world.restart(LATER + 3);
    let reader = again.engine.reader();
    assert_eq!(values(&reader, &again, "no2", Known::Now), [Some(45.0); 24]);
    assert_eq!(again.engine.corrections().unwrap().all().len(), 1);
    let conserved = reader.verify_conservation(|_, _| ()).unwrap();
    assert!(conserved.is_kept() && conserved.corrected == 48, "{conserved:?}");
}

#[test]
fn a_resent_day_under_a_correction_adds_nothing_and_a_new_value_is_corrected_too() {
    let mut world = sealed();
    let new = of_day(&world, "no2", offset("1"));
    world.engine.correct(LATER, &new).unwrap();
    world.turn(LATER, &[]);
    for sealing in [false, true] {
        if sealing {
            world.seal(LATER + 2 * DAY_MS);
        }
        let before = world.engine.reader().last_sequence().unwrap();
        for hour in 0..24 {
            let hour = MIDNIGHT + hour * HOUR_MS;
            let resent = arrival(LATER, &[frame_of_hour(hour, &CLEAN)]);
            let turn = world.turn(LATER, &[resent]);
            assert_eq!(turn.outcomes, [[Disposition::Duplicate]]);
        }
        assert_eq!(world.engine.reader().last_sequence().unwrap(), before);
    }
    let sent = arrival(LATER, &[frame_of_hour(MIDNIGHT, &[("no2", 50.5)])]);
    world.turn(LATER, &[sent]);
    let reader = world.engine.reader();
    assert_eq!(values(&reader, &world, "no2", Known::Now)[0], Some(51.5));
    assert_eq!(values(&reader, &world, "no2", Known::Now.raw())[0], Some(50.5));
    let id = world.datastream(&hourly("no2"));
    let versions = reader.versions(id, MIDNIGHT);
    let all: Vec<_> = versions.iter().map(|version| version.value.unwrap()).collect();
    assert_eq!(all, [45.0, 46.0, 50.5, 51.5]);
}

#[test]
fn flags_and_laboratory_values_stack_and_come_off_in_any_order() {
    let mut world = sealed();
    let reader = world.engine.reader();
    let fail = of_day(&world, "pm25", Operation::Flag { quality: Quality::Fail });
    let fail = world.engine.correct(LATER, &fail).unwrap();
    world.turn(LATER, &[]);
    assert_eq!(world.index(Period::Day)[0].1, None, "a day without PM2.5 has no index");
    let rows = (0..24).map(|hour| (MIDNIGHT + hour * HOUR_MS, "12.5".to_owned())).collect();
    let lab = of_day(&world, "pm25", Operation::Values { rows });
    let lab = world.engine.correct(LATER, &lab).unwrap();
    assert_eq!(values(&reader, &world, "pm25", Known::Now), [Some(12.5); 24]);
    // Values that were given stand whatever lies under them: no reading changes.
    world.engine.annul(LATER, &fail.id, "chief", "the filter was fine").unwrap();
    assert_eq!(values(&reader, &world, "pm25", Known::Now), [Some(12.5); 24]);
    world.engine.annul(LATER, &lab.id, "chief", "other station").unwrap();
    assert_eq!(values(&reader, &world, "pm25", Known::Now), [Some(20.0); 24]);
    world.turn(LATER + 1, &[]);
    assert_eq!(world.index(Period::Day), [(MIDNIGHT, Some(57.0))]);
}

#[test]
fn nobody_approves_what_he_made_and_an_annulled_one_cannot_be_approved() {
    let mut world = sealed();
    let new = of_day(&world, "no2", offset("1"));
    let made = world.engine.correct(LATER, &new).unwrap();
    let id = made.id.as_str();
    let level =
        |world: &mut World| world.engine.corrections().unwrap().level(made.datastream, MIDNIGHT);
    assert_eq!(level(&mut world), Level::Reviewed);
    let own = world.engine.approve(LATER, id, "analyst", "").unwrap_err();
    assert!(matches!(own, Error::Own { .. }), "{own}");
    world.engine.approve(LATER, id, "chief", "agreed").unwrap();
    assert_eq!(level(&mut world), Level::Approved);
    world.engine.annul(LATER, id, "analyst", "twice").unwrap();
    assert_eq!(level(&mut world), Level::Raw);
    assert!(matches!(world.engine.approve(LATER, id, "chief", ""), Err(Error::Annulled(_))));
    assert!(matches!(world.engine.annul(LATER, "c1", "chief", "x"), Err(Error::Unknown(_))));
    let mut world = world.restart(LATER);
    assert_eq!(level(&mut world), Level::Raw);
}

#[test]
fn what_cannot_be_corrected_is_refused_and_nothing_is_kept() {
    let mut world = sealed();
    let before = world.engine.reader().last_sequence().unwrap();
    let good = of_day(&world, "no2", offset("1"));
    let mut refused = |new: NewCorrection| world.engine.correct(LATER, &new).unwrap_err();
    let no_reason = refused(NewCorrection { why: " ".into(), ..good.clone() });
    assert!(matches!(no_reason, Error::NoReason));
    assert!(matches!(refused(NewCorrection { to: good.from, ..good.clone() }), Error::NoSpan));
    let number = refused(NewCorrection { operation: offset("1,5"), ..good.clone() });
    assert!(matches!(number, Error::NotANumber(_)));
    let unknown = refused(NewCorrection { datastream: model::DatastreamId(99), ..good.clone() });
    assert!(matches!(unknown, Error::NoDatastream(_)));
    let nothing = refused(NewCorrection { operation: offset("0"), ..good });
    assert!(matches!(nothing, Error::NothingChanges));
    let index = world.datastream(&engine::index::key(PlaceId(0), Period::Day));
    let derived = NewCorrection { datastream: index, ..of_day(&world, "no2", offset("1")) };
    assert!(matches!(world.engine.correct(LATER, &derived), Err(Error::Derived(_))));
    assert_eq!(world.engine.reader().last_sequence().unwrap(), before);
}

#[test]
fn a_judged_day_as_of_a_moment_is_what_was_known_then() {
    let mut world = sealed();
    let law = Standards::load().unwrap();
    let zone = Zone::shanghai().unwrap();
    let span: Span = "2026-03-10..2026-03-10".parse().unwrap();
    let pm25 = |world: &World, known: Known| {
        let (book, reader) = (world.engine.book(), world.engine.reader());
        let (reader, law, zone) = (&reader, &law, &zone);
        let asked =
            Asked { book: &book, reader, law, zone, now: LATER, known, set: None, dust: &[] };
        let days = asked.days(&Subject::Place(PlaceId(0)), span).unwrap();
        days.values().next().and_then(|day| day.values.values[5])
    };
    let before = world.engine.reader().last_sequence().unwrap();
    let new = of_day(&world, "pm25", Operation::Factor { by: "1.5".into() });
    world.engine.correct(LATER, &new).unwrap();
    let exact = |text: &str| Some(Exact::parse(text).unwrap());
    for _ in 0..2 {
        assert_eq!(pm25(&world, Known::Now), exact("30"));
        assert_eq!(pm25(&world, Known::At(before)), exact("20"));
        assert_eq!(pm25(&world, Known::At(Sequence(1))), None);
        world.seal(LATER + 2 * DAY_MS);
        let store = world.engine.store_mut();
        let (settled, now) = (store.last_sequence(), LATER + 90 * DAY_MS);
        store.fold_all(now, settled, now.utc_day()).unwrap();
    }
}

#[test]
fn resent_months_add_nothing_whether_sealed_folded_or_not() {
    let mut world = World::new();
    let now = MIDNIGHT + 60 * DAY_MS;
    let frames: Vec<_> =
        (0..60 * 8).map(|n| frame_of_hour(MIDNIGHT + n * 3 * HOUR_MS, &CLEAN)).collect();
    let months: Vec<_> = frames.chunks(24).map(|frames| arrival(now, frames)).collect();
    let send = |world: &mut World, disposition| {
        for arrival in &months {
            let turn = world.turn(now, std::slice::from_ref(arrival));
            assert!(turn.outcomes[0].iter().all(|own| *own == disposition));
        }
    };
    send(&mut world, Disposition::Stored);
    world.turn(now, &[]);
    let kept = world.engine.reader().last_sequence().unwrap();
    send(&mut world, Disposition::Duplicate);
    world.seal(now);
    send(&mut world, Disposition::Duplicate);
    let store = world.engine.store_mut();
    assert!(store.fold_all(now, kept, now.utc_day() + 40).unwrap() > 0);
    send(&mut world, Disposition::Duplicate);
    assert_eq!(world.engine.reader().last_sequence().unwrap(), kept);
}
