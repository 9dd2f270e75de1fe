use super::super::{Measure, Planned, called};
use super::*;
use jiff::civil::Date;
use proptest::prelude::*;

const DAY: Date = Date::constant(2026, 11, 29);
const HOUR: i64 = 60 * MINUTE_MS;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_ms(1_780_000_000_000 + hour * HOUR)
}

fn rule() -> Rule {
    Rule::built_in().unwrap()
}

fn plan() -> Vec<Planned> {
    let row = |(entry, place, unit, level): (&str, &str, &str, Level)| Planned {
        entry: entry.to_owned(),
        sequence: 7,
        measure: Measure {
            place: place.to_owned(),
            level,
            unit: unit.to_owned(),
            text: Text { zh: "停".to_owned(), en: "stop".to_owned() },
            check: None,
            from: DAY,
            to: None,
            source: "plan".to_owned(),
        },
    };
    let rows = [
        ("1", "", "u", Level::Yellow),
        ("2", "a", "v", Level::Yellow),
        ("3", "a", "v", Level::Red),
        ("4", "b", "v", Level::Yellow),
    ];
    rows.map(row).into()
}

fn basis() -> Basis {
    Basis::Document { number: "7".to_owned(), issuer: "city".to_owned() }
}

fn level(level: Level, hour: i64, standing: &[Standing]) -> Event {
    level_from(level, (hour, hour), standing)
}

fn level_from(level: Level, (hour, from): (i64, i64), standing: &[Standing]) -> Event {
    let when = (at(hour), at(from));
    let orders = Warning::reorder(standing, called(&plan(), level, DAY), &rule(), when);
    let step = Step::Level { level, from: at(from), basis: basis(), note: String::new(), orders };
    Event { at: at(hour), step }
}

fn declared() -> Warning {
    Warning::begin("2026-W01", at(0), "leader", &level(Level::Yellow, 0, &[])).unwrap()
}

fn lift(hour: i64) -> Event {
    Event { at: at(hour), step: Step::Lift { basis: basis(), note: String::new() } }
}

fn receive(order: u32, hour: i64) -> Event {
    Event { at: at(hour), step: Step::Receive { order } }
}

fn feed_back(order: u32, hour: i64, done: bool) -> Event {
    Event { at: at(hour), step: Step::FeedBack { order, note: "n".to_owned(), done } }
}

fn take(warning: &mut Warning, event: &Event, now: i64) -> Result<(), Refused> {
    warning.check(event, at(now))?;
    let who = if matches!(event.step, Step::Remind { .. }) { "clock" } else { "somebody" };
    warning.apply(at(now), who, event);
    Ok(())
}

#[test]
fn an_order_is_received_once_and_then_done_once() {
    let mut warning = declared();
    assert_eq!(warning.orders.len(), 3);
    assert_eq!(take(&mut warning, &feed_back(1, 1, true), 1), Err(Refused::NotReceived(1)));
    assert_eq!(take(&mut warning, &receive(9, 1), 1), Err(Refused::NoOrder(9)));
    assert_eq!(take(&mut warning, &receive(1, 2), 1), Err(Refused::Future));
    assert_eq!(take(&mut warning, &receive(1, -1), 1), Err(Refused::TooEarly));
    assert_eq!(take(&mut warning, &receive(1, 1), 1), Ok(()));
    let again = Refused::ReceivedAlready(1, "somebody".to_owned());
    assert_eq!(take(&mut warning, &receive(1, 2), 2), Err(again));
    assert_eq!(take(&mut warning, &feed_back(1, 2, false), 2), Ok(()));
    assert_eq!(take(&mut warning, &feed_back(1, 3, true), 3), Ok(()));
    assert_eq!(take(&mut warning, &feed_back(1, 4, true), 4), Err(Refused::DoneAlready(1)));
    assert_eq!(warning.order(1).unwrap().done_at(), Some(at(3)));
}

#[test]
fn a_higher_level_replaces_what_differs_and_lets_stand_what_is_the_same() {
    let mut warning = declared();
    take(&mut warning, &receive(1, 1), 1).unwrap();
    assert_eq!(take(&mut warning, &level(Level::Yellow, 2, &[]), 2), Err(Refused::SameLevel));
    let red = level(Level::Red, 5, &warning.orders);
    take(&mut warning, &red, 5).unwrap();
    let numbers: Vec<(u32, bool)> =
        warning.orders.iter().map(|own| (own.order.number, own.ended.is_some())).collect();
    assert_eq!(numbers, [(1, false), (2, true), (3, false), (4, false)]);
    assert!(warning.order(1).unwrap().received.is_some(), "its receipt stands");
    assert_eq!(take(&mut warning, &receive(2, 6), 6), Err(Refused::Ended(2)));
    assert_eq!(warning.level_at(at(4)), Some(Level::Yellow));
    assert_eq!(warning.level_at(at(5)), Some(Level::Red));
}

#[test]
fn late_orders_are_reminded_of_by_the_clock_and_not_without_end() {
    let mut warning = declared();
    assert_eq!(warning.to_remind(&rule(), at(0)), [] as [u32; 0]);
    assert_eq!(warning.to_remind(&rule(), at(1)), [1, 2, 3]);
    take(&mut warning, &receive(1, 1), 1).unwrap();
    assert_eq!(warning.to_remind(&rule(), at(1)), [2, 3]);
    let mut reminders = 0;
    for hour in 1..100 {
        for order in warning.to_remind(&rule(), at(hour)) {
            let event = Event { at: at(hour), step: Step::Remind { order } };
            take(&mut warning, &event, hour).unwrap();
            reminders += 1;
        }
    }
    assert_eq!(reminders, 3 * REMINDERS_MAX);
    take(&mut warning, &lift(100), 100).unwrap();
    assert_eq!(warning.to_remind(&rule(), at(200)), [] as [u32; 0]);
}

#[test]
fn an_order_holds_until_the_level_begins_that_replaces_it() {
    let mut warning = declared();
    let red = level_from(Level::Red, (2, 10), &warning.orders);
    take(&mut warning, &red, 2).unwrap();
    let milder = warning.order(2).unwrap();
    assert_eq!(
        (milder.ended, milder.holds(at(9)), milder.holds(at(10))),
        (Some(at(10)), true, false)
    );
    assert!(warning.to_remind(&rule(), at(5)).contains(&2), "it is late, and holds");
    assert!(!warning.to_remind(&rule(), at(10)).contains(&2));
    assert_eq!(take(&mut warning, &receive(2, 5), 5), Ok(()));
    assert_eq!(take(&mut warning, &feed_back(2, 10, true), 10), Err(Refused::Ended(2)));
    // Lifted before the higher level begins: everything ends then.
    take(&mut warning, &lift(8), 8).unwrap();
    assert!(warning.orders.iter().all(|own| own.ended == Some(at(8))));
    assert_eq!((warning.level_at(at(7)), warning.level_at(at(9))), (Some(Level::Yellow), None));
}

#[test]
fn reminders_of_people_do_not_use_up_those_of_the_clock() {
    let mut warning = declared();
    for _ in 0..REMINDERS_MAX {
        let remind = Event { at: at(0), step: Step::Remind { order: 1 } };
        warning.apply(at(0), "leader", &remind);
    }
    assert!(warning.to_remind(&rule(), at(1)).contains(&1));
}

#[test]
fn a_level_may_begin_ahead_but_not_far() {
    assert_eq!(is_near(at(24), at(0)), Ok(()));
    assert_eq!(is_near(at(24 * 8), at(0)), Err(Refused::TooFar));
}

proptest! {
    #[test]
    fn whatever_is_tried_nothing_happens_after_the_lifting_and_receipts_stand(steps in prop::collection::vec((0..5_u8, 1..6_u32), 1..40)) {
        let mut warning = declared();
        let mut hour = 1;
        for (what, order) in steps {
            hour += 1;
            let event = match what {
                0 => receive(order, hour),
                1 => feed_back(order, hour, order % 2 == 0),
                2 => lift(hour),
                3 => level(if order % 2 == 0 { Level::Red } else { Level::Yellow }, hour, &warning.orders),
                _ => Event { at: at(hour), step: Step::Remind { order } },
            };
            let before = warning.clone();
            let taken = take(&mut warning, &event, hour);
            if !before.stands() {
                prop_assert_eq!(taken, Err(Refused::Lifted));
                prop_assert_eq!(&before, &warning);
            }
            for own in &before.orders {
                let now = warning.order(own.order.number).unwrap();
                prop_assert_eq!(&own.order, &now.order);
                prop_assert!(own.received.is_none() || own.received == now.received);
                prop_assert!(own.ended.is_none() || own == now);
            }
            let numbers: std::collections::BTreeSet<_> = warning.orders.iter().map(|own| own.order.number).collect();
            prop_assert_eq!(numbers.len(), warning.orders.len());
            if !warning.stands() {
                prop_assert!(warning.orders.iter().all(|own| own.ended.is_some()));
            }
        }
    }
}
