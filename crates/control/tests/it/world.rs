//! A case, people, and moves made with little text.

use control::{
    Actor, Allowed, Calendar, Case, Collected, Counting, Duty, Event, Move, Refused, Source,
};
use model::Timestamp;
use standards::Zone;

/// 2026-03-02T01:00:00Z, a Monday, 09:00 in Shanghai.
pub const BEGIN: i64 = 1_772_413_200_000;

pub fn at(hours: i64) -> Timestamp {
    Timestamp::from_ms(BEGIN + hours * model::HOUR_MS)
}

pub fn calendar() -> Calendar {
    Calendar::built_in(Zone::shanghai().unwrap()).unwrap()
}

pub fn person(name: &str, duties: &[Duty]) -> Actor {
    Actor { name: name.to_owned(), unit: None, duties: duties.iter().copied().collect() }
}

/// Somebody of each duty.
pub fn people() -> [Actor; 5] {
    [
        person("operator", &[Duty::Operate]),
        person("dispatcher", &[Duty::Dispatch]),
        Actor { unit: Some("unit-a".to_owned()), ..person("handler", &[Duty::Handle]) },
        person("verifier", &[Duty::Verify]),
        person("leader", &[Duty::Approve]),
    ]
}

pub fn collected() -> Move {
    Move::Collect(Box::new(Collected {
        source: Source::Patrol,
        category: "smoke".to_owned(),
        text: "black smoke".to_owned(),
        spot: None,
        place: None,
        line: None,
        area: None,
        finding: None,
        patrol: None,
        photos: vec![],
        simulated: false,
        origin: None,
    }))
}

pub fn dispatch() -> Move {
    let allowed = Allowed { amount: 2, counting: Counting::CalendarHours };
    let allowed_ms = 2 * model::HOUR_MS;
    Move::Dispatch { unit: "unit-a".to_owned(), allowed, allowed_ms, note: String::new() }
}

pub fn note(text: &str) -> String {
    text.to_owned()
}

pub fn case() -> Case {
    let event = Event::of("0", collected());
    Case::begin("2026-1", at(0), "operator", &event).unwrap()
}

/// Makes a move as a person would: checked, then applied.
pub fn make(case: &mut Case, actor: &Actor, hours: i64, made: Move) -> Result<(), Refused> {
    let event = Event::of(format!("{}-{}", case.version, made.name()), made);
    case.check(&event, Some(case.version), actor, at(hours))?;
    case.apply(at(hours), &actor.name, &event);
    Ok(())
}

/// A case that its unit says is done, two hours allowed, fed back after `hours`.
pub fn fed_back(hours: i64) -> Case {
    let [operator, dispatcher, handler, ..] = people();
    let mut case = case();
    make(&mut case, &operator, 0, Move::File { note: String::new() }).unwrap();
    make(&mut case, &dispatcher, 0, dispatch()).unwrap();
    make(&mut case, &handler, 0, Move::Accept { note: String::new() }).unwrap();
    let done = Move::FeedBack { note: note("put out"), photos: vec![] };
    make(&mut case, &handler, hours, done).unwrap();
    case
}

pub fn pass() -> Move {
    Move::Pass { note: note("seen"), spot: None, photos: vec![] }
}
