//! What the rules find, as acts: the same after a restart and as of any past moment, and what people do with it.

use crate::world::{MIDNIGHT, World, registry};
use control::{Actor, Collected, Duty, Event, Move};
use detect::{Ended, Finding, KnownWork, Rules, Verdict};
use engine::watch::{Board, FindingError};
use model::{Area, HOUR_MS, Registry, Sequence, Timestamp};
use std::sync::Arc;
use store::Known;

/// A world in which PM2.5 rises suddenly in hour 5: 40 before, 180 then.
fn risen() -> (World, Arc<Board>) {
    let mut world = World::new();
    let board = world.engine.watch_by(Rules::built_in().unwrap()).unwrap();
    for hour in 0..5 {
        send(&mut world, hour, 40.0 + hour as f64);
    }
    assert_eq!(board.findings().len(), 0);
    send(&mut world, 5, 180.0);
    (world, board)
}

fn at(hour: i64) -> Timestamp {
    MIDNIGHT + hour * HOUR_MS
}

fn send(world: &mut World, hour: i64, pm25: f64) {
    world.send_hour(at(hour), &[("pm25", pm25), ("pm10", pm25 * 1.5 + hour as f64)]);
}

fn of_rule(board: &Board, rule: &str, parameter: &str) -> Vec<Arc<Finding>> {
    let findings = board.findings();
    let own = findings
        .values()
        .filter(|own| own.raised.rule == rule && own.raised.parameter == parameter);
    own.cloned().collect()
}

fn rise(board: &Board) -> Arc<Finding> {
    let found = of_rule(board, "air-sudden-rise", "pm25");
    assert_eq!(found.len(), 1, "{found:?}");
    Arc::clone(&found[0])
}

fn by(name: &str, duties: &[Duty]) -> Actor {
    Actor { name: name.to_owned(), unit: None, duties: duties.iter().copied().collect() }
}

#[test]
fn a_finding_is_raised_grouped_and_cleared_once_and_a_restart_knows_it() {
    let (world, board) = risen();
    let finding = rise(&board);
    assert_eq!((finding.raised.began, finding.raised.at), (at(5), at(6)));
    assert!(finding.raised.text.en.contains("180"), "{}", finding.raised.text.en);
    let coarse = &of_rule(&board, "air-sudden-rise", "pm10")[0];
    assert_eq!(coarse.group, finding.group, "both dusts of one place are one event");
    let mut world = {
        let again = world.restart(at(6));
        let mut world = again;
        let other = world.engine.watch_by(Rules::built_in().unwrap()).unwrap();
        world.turn(at(6), &[]);
        assert_eq!(*other.findings(), *board.findings(), "a restart raises nothing anew");
        send(&mut world, 6, 45.0);
        send(&mut world, 7, 44.0);
        send(&mut world, 8, 43.0);
        assert_eq!(rise(&other).cleared, Some((at(8), Ended::Over)));
        world
    };
    let _ = &mut world;
}

#[test]
fn the_board_as_of_a_past_moment_is_what_was_known_then() {
    let (mut world, board) = risen();
    let then = world.engine.reader().last_sequence().unwrap();
    let known = (*board.findings()).clone();
    for hour in 6..9 {
        send(&mut world, hour, 44.0 + hour as f64);
    }
    assert!(rise(&board).cleared.is_some());
    let past = Board::of(&world.engine.reader(), Known::At(then)).unwrap();
    assert_eq!(*past.findings(), known);
    let before = Board::of(&world.engine.reader(), Known::At(Sequence(1))).unwrap();
    assert_eq!(before.findings().len(), 0);
}

#[test]
fn a_value_that_comes_again_corrected_takes_its_finding_back() {
    let (mut world, board) = risen();
    send(&mut world, 5, 46.0);
    assert_eq!(rise(&board).cleared.map(|(_, why)| why), Some(Ended::Revised));
}

#[test]
fn a_finding_becomes_one_case_and_the_field_says_what_it_was() {
    let (mut world, board) = risen();
    let id = rise(&board).id.clone();
    let operator = by("op", &[Duty::Operate]);
    let made = world.engine.file_finding(at(6), &operator, &id, None, None).unwrap();
    let again = world.engine.file_finding(at(6), &operator, &id, None, None).unwrap();
    assert_eq!((&made.case.number, again.is_again), (&again.case.number, true));
    assert_eq!(rise(&board).case.as_ref(), Some(&made.case.number));
    let coarse = || of_rule(&board, "air-sudden-rise", "pm10")[0].clone();
    assert_eq!(coarse().case, rise(&board).case, "one event, one case");
    assert!(matches!(
        world.engine.dismiss_finding(at(6), "op", &id, ("no", Verdict::Refuted), anything),
        Err(FindingError::IsCase(..))
    ));
    let event = Event::of("i", Move::Invalid { note: "calibration".to_owned() });
    let verifier = by("vera", &[Duty::Verify]);
    world.engine.move_case(at(7), &made.case.number, None, &verifier, &event).unwrap();
    assert_eq!(rise(&board).verdict, Some(Verdict::DataInvalid));
    assert_eq!(coarse().verdict, Some(Verdict::DataInvalid));
    let known = (*board.findings()).clone();
    let past = Board::of(&world.engine.reader(), Known::Now).unwrap();
    assert_eq!(*past.findings(), known, "the verdict is an act like any other");
}

/// The right to file reaches every finding.
fn anything(_: &Registry, _: &Finding) -> bool {
    true
}

#[test]
fn an_event_is_put_aside_as_far_as_the_right_reaches() {
    let (mut world, board) = risen();
    let id = rise(&board).id.clone();
    let own_alone = |_: &Registry, own: &Finding| own.raised.parameter == "pm25";
    let said = ("fireworks", Verdict::Refuted);
    world.engine.dismiss_finding(at(6), "op", &id, said, own_alone).unwrap();
    assert!(!rise(&board).is_waiting());
    let left: Vec<_> = board.findings().values().filter(|own| own.is_waiting()).cloned().collect();
    assert!(!left.is_empty() && left.iter().all(|own| own.raised.parameter != "pm25"), "{left:?}");
}

#[test]
fn what_was_put_aside_stays_aside_with_its_reason() {
    let (mut world, board) = risen();
    let id = rise(&board).id.clone();
    let engine = &mut world.engine;
    assert!(matches!(
        engine.dismiss_finding(at(6), "op", &id, (" ", Verdict::Refuted), anything),
        Err(FindingError::NoReason)
    ));
    assert!(matches!(
        engine.dismiss_finding(at(6), "op", "f9999", ("x", Verdict::Refuted), anything),
        Err(FindingError::Unknown(_))
    ));
    engine.dismiss_finding(at(6), "op", &id, ("fireworks", Verdict::Refuted), anything).unwrap();
    let finding = rise(&board);
    assert!(!finding.is_waiting());
    assert!(board.findings().values().all(|own| !own.is_waiting()), "it was one event");
    assert_eq!(finding.dismissed.as_ref().map(|why| why.text.as_str()), Some("fireworks"));
    assert!(matches!(
        engine.file_finding(at(6), &by("op", &[]), &id, None, None),
        Err(FindingError::Dismissed(..))
    ));
}

#[test]
fn known_work_explains_what_is_found_until_it_is_over() {
    let mut world = World::new();
    let board = world.engine.watch_by(Rules::built_in().unwrap()).unwrap();
    let work = KnownWork {
        place: Some("T-01".to_owned()),
        from: at(0),
        to: at(9),
        reason: "road works".to_owned(),
        ..KnownWork::default()
    };
    let none = KnownWork { reason: String::new(), ..work.clone() };
    assert!(matches!(
        world.engine.state_known_work(at(0), "op", none),
        Err(FindingError::NoReason)
    ));
    let id = world.engine.state_known_work(at(0), "op", work).unwrap();
    for hour in 0..5 {
        send(&mut world, hour, 40.0 + hour as f64);
    }
    send(&mut world, 5, 180.0);
    assert_eq!(rise(&board).known_work.as_ref(), Some(&id));
    assert!(!rise(&board).is_waiting());
    world.engine.end_known_work(at(6), "op", &id, "it ended early").unwrap();
    world.turn(at(6) + 120_000, &[]);
    assert!(rise(&board).is_waiting(), "it is still so, and nothing explains it any more");
}

#[test]
fn known_work_of_an_area_explains_what_is_found_within_it_also_at_places_that_come_later() {
    let area = |key: &str, within: &str| Area {
        key: key.to_owned(),
        within: within.to_owned(),
        ..Area::default()
    };
    let explained = |lies_in: &str| {
        let mut world = World::new();
        let board = world.engine.watch_by(Rules::built_in().unwrap()).unwrap();
        let work = KnownWork {
            area: Some("town".to_owned()),
            from: at(0),
            to: at(9),
            reason: "road works".to_owned(),
            ..KnownWork::default()
        };
        let id = world.engine.state_known_work(at(0), "op", work).unwrap();
        let mut later = registry();
        later.areas = vec![area("town", ""), area("village", "town"), area("next", "")];
        lies_in.clone_into(&mut later.places[0].area);
        world.engine.install(at(0), &later).unwrap();
        for hour in 0..5 {
            send(&mut world, hour, 40.0 + hour as f64);
        }
        send(&mut world, 5, 180.0);
        let found = rise(&board).known_work.clone();
        assert!(found.is_none() || found.as_ref() == Some(&id));
        found.is_some()
    };
    assert!(explained("town"));
    assert!(explained("village"), "it is within the town");
    assert!(!explained("next"));
    assert!(!explained(""), "it lies in no area");
}

#[test]
fn a_case_from_elsewhere_that_names_a_finding_is_its_case() {
    let (mut world, board) = risen();
    let collected = Collected {
        source: control::Source::Patrol,
        category: "air-high".to_owned(),
        text: "smoke".to_owned(),
        spot: None,
        place: None,
        line: None,
        area: None,
        finding: Some(rise(&board).id.clone()),
        patrol: None,
        photos: vec![],
        simulated: false,
        origin: None,
    };
    let event = Event::of("p", Move::Collect(Box::new(collected)));
    let made = world.engine.collect(at(6), &by("ann", &[]), &event).unwrap();
    assert_eq!(rise(&board).case, Some(made.case.number.clone()));
}
