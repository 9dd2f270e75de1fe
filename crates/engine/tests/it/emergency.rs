//! Emergency response: what is kept in memory is what the log says, and a plan stays as large as an act can order.

use crate::world::{MIDNIGHT, World, open_with};
use control::Text;
use control::emergency::{Basis, Event, Level, Measure, Step};
use engine::emergency::{Declared, Emergency, EmergencyError, MeasureVersion};
use jiff::civil::Date;
use model::HOUR_MS;
use store::Known;

fn version(unit: &str, text: &str) -> MeasureVersion {
    let text = Text { zh: text.to_owned(), en: text.to_owned() };
    let measure = Measure {
        place: String::new(),
        level: Level::Yellow,
        unit: unit.to_owned(),
        text,
        check: None,
        from: Date::constant(2020, 1, 1),
        to: None,
        source: "plan".to_owned(),
    };
    MeasureVersion { measure: Some(measure), why: "meeting".to_owned() }
}

fn declared(level: Level) -> Declared {
    let basis = Basis::Document { number: "7".to_owned(), issuer: "city".to_owned() };
    Declared { level, from: MIDNIGHT, basis, note: "heavy".to_owned() }
}

#[test]
fn what_is_kept_in_memory_is_what_the_log_says() {
    let mut world = World::new();
    let engine = &mut world.engine;
    let warnings = engine.warnings().unwrap();
    for (key, unit) in [("a", "u"), ("b", "v"), ("a", "w")] {
        engine.put_measure(MIDNIGHT, "ann", (key, None), &version(unit, "stop")).unwrap();
    }
    let gone = MeasureVersion { measure: None, why: "not needed".to_owned() };
    engine.put_measure(MIDNIGHT, "ann", ("b", None), &gone).unwrap();
    engine.put_measure(MIDNIGHT, "ann", ("b", None), &version("v", "halt")).unwrap();
    let made = engine.declare_warning(MIDNIGHT, "leader", declared(Level::Yellow)).unwrap();
    let event = Event { at: MIDNIGHT, step: Step::Receive { order: 1 } };
    engine.step_warning(MIDNIGHT, "v", (&made.number, None), &event).unwrap();
    assert_eq!(engine.remind(MIDNIGHT + 24 * HOUR_MS).unwrap(), 2);
    let of_log = Emergency::as_of(&engine.reader(), Known::Now).unwrap();
    assert_eq!(*warnings.now(), of_log);
    assert_eq!(of_log.plan["b"].versions, 3, "withdrawn and entered again");
    assert_eq!(of_log.warnings[&made.number].version, 4);
}

#[test]
fn a_plan_that_no_act_could_order_is_refused_when_it_is_entered() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = open_with(&dir, MIDNIGHT, store::Limits::default());
    let text = "停".repeat(2_000);
    let mut entered = 0;
    let refused = loop {
        // One in three is general, two are of a place, of which the stricter one is ordered.
        let mut own = version(&format!("unit-{entered}"), &text);
        if let Some(measure) = own.measure.as_mut().filter(|_| entered % 3 != 0) {
            measure.place = format!("place-{}", entered / 3);
            measure.level = if entered % 3 == 1 { Level::Yellow } else { Level::Red };
        }
        let key = format!("m{entered}");
        match engine.put_measure(MIDNIGHT, "ann", (&key, None), &own) {
            Ok(_) => entered += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, EmergencyError::TooLarge(..)), "{refused}");
    assert!(entered > 50, "{entered}");
    let made = engine.declare_warning(MIDNIGHT, "leader", declared(Level::Red)).unwrap();
    let own = engine.warnings().unwrap().now();
    let orders = own.warnings[&made.number].orders.len();
    assert!(
        orders >= entered / 3 * 2,
        "{orders} of {entered}: every general one and one for each place"
    );
}
