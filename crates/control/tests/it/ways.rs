//! Ways through a case, and ways that are closed.

use crate::world::{at, calendar, case, dispatch, fed_back, make, note, pass, people, person};
use control::{Duty, Event, Move, Refused, Stage, Why};

#[test]
fn a_case_passes_the_seven_stages_in_order() {
    let [_, _, _, verifier, leader] = people();
    let mut case = fed_back(1);
    make(&mut case, &verifier, 5, pass()).unwrap();
    assert_eq!(case.stage, Stage::Closed);
    make(&mut case, &leader, 6, Move::Evaluate { points: 4, note: String::new() }).unwrap();
    assert_eq!((case.stage, case.points, case.version), (Stage::Evaluated, Some(4), 7));
    // One hour of two: waiting for the verifier is not the unit's time.
    let run = case.run().unwrap();
    assert_eq!(run.spent_and_allowed(&calendar(), at(100)), (3_600_000, 7_200_000));
}

#[test]
fn whoever_handled_a_case_cannot_verify_it_whatever_duties_they_have() {
    let all = [Duty::Operate, Duty::Dispatch, Duty::Handle, Duty::Verify, Duty::Approve];
    let everything = person("handler", &all);
    let mut case = fed_back(1);
    let refused = make(&mut case, &everything, 2, pass());
    assert_eq!(refused, Err(Refused::Illegal(Why::Handled)));
    let invalid = Move::Invalid { note: note("frozen sensor") };
    assert_eq!(make(&mut case, &everything, 2, invalid), Err(Refused::Illegal(Why::Handled)));
    let legal = case.legal(&everything, at(2));
    let pass = legal.iter().find(|legal| legal.made == "pass").unwrap();
    assert_eq!(pass.why_not, Some(Why::Handled));
}

#[test]
fn a_case_that_was_not_done_goes_on_with_its_clock() {
    let [_, _, handler, verifier, _] = people();
    let mut case = fed_back(1);
    make(&mut case, &verifier, 10, Move::Fail { note: note("still smoking") }).unwrap();
    assert_eq!((case.stage, case.reworks()), (Stage::Handling, 1));
    assert!(!case.run().unwrap().is_overdue(&calendar(), at(11)));
    assert!(case.run().unwrap().is_overdue(&calendar(), at(12)));
    let done = Move::FeedBack { note: note("out"), photos: vec![] };
    make(&mut case, &handler, 12, done).unwrap();
    make(&mut case, &verifier, 13, pass()).unwrap();
    assert!(case.run().unwrap().is_overdue(&calendar(), at(13)), "three hours of two");
}

#[test]
fn a_suspension_needs_another_persons_yes_and_rests_the_clock_until_its_end() {
    let [operator, dispatcher, handler, _, leader] = people();
    let mut case = case();
    make(&mut case, &operator, 0, Move::File { note: String::new() }).unwrap();
    make(&mut case, &dispatcher, 0, dispatch()).unwrap();
    make(&mut case, &handler, 1, Move::Accept { note: String::new() }).unwrap();
    let ask = Move::AskSuspension { until: at(50), note: note("the road is closed") };
    make(&mut case, &handler, 1, ask.clone()).unwrap();
    assert_eq!(make(&mut case, &handler, 1, ask), Err(Refused::Illegal(Why::Pending)));
    let own = person("handler", &[Duty::Approve]);
    let yes = || Move::Approve { note: String::new() };
    assert_eq!(make(&mut case, &own, 1, yes()), Err(Refused::Illegal(Why::Asked)));
    make(&mut case, &leader, 1, yes()).unwrap();
    assert_eq!(case.suspended_until(at(49)), Some(at(50)));
    assert_eq!(case.suspended_until(at(50)), None);
    // The next move finds the suspension over since hour 50.
    make(&mut case, &operator, 60, Move::Comment { note: note("?"), photos: vec![] }).unwrap();
    let spent = case.run().unwrap().spent_and_allowed(&calendar(), at(60)).0;
    assert_eq!(spent, 11 * 3_600_000, "one hour before and ten after");
}

#[test]
fn a_return_takes_the_run_away_and_an_extension_gives_time() {
    let [operator, dispatcher, handler, _, leader] = people();
    let mut case = case();
    make(&mut case, &operator, 0, Move::File { note: String::new() }).unwrap();
    make(&mut case, &dispatcher, 0, dispatch()).unwrap();
    let until = at(20);
    make(&mut case, &handler, 1, Move::AskExtension { until, note: note("a crane") }).unwrap();
    make(&mut case, &leader, 1, Move::Approve { note: String::new() }).unwrap();
    assert!(!case.run().unwrap().is_overdue(&calendar(), at(20)));
    assert!(case.run().unwrap().is_overdue(&calendar(), at(21)));
    make(&mut case, &handler, 2, Move::AskReturn { note: note("not ours") }).unwrap();
    make(&mut case, &leader, 2, Move::Approve { note: String::new() }).unwrap();
    assert_eq!((case.stage, case.unit.as_deref(), case.runs.len()), (Stage::Filed, None, 0));
}

#[test]
fn a_reopened_case_keeps_its_number_and_has_another_run() {
    let [_, dispatcher, _, verifier, _] = people();
    let mut case = fed_back(1);
    make(&mut case, &verifier, 2, pass()).unwrap();
    make(&mut case, &verifier, 30, Move::Reopen { note: note("smoke again") }).unwrap();
    make(&mut case, &dispatcher, 31, dispatch()).unwrap();
    assert_eq!((case.number.as_str(), case.reopened, case.runs.len()), ("2026-1", 1, 2));
    assert!(case.is_open() && !case.runs[0].is_overdue(&calendar(), at(99)));
}

#[test]
fn of_two_people_the_second_is_told_and_the_same_move_is_kept_once() {
    let [operator, ..] = people();
    let mut case = case();
    let event = |id: &str| Event::of(id, Move::File { note: String::new() });
    case.check(&event("a"), Some(1), &operator, at(0)).unwrap();
    case.apply(at(0), "operator", &event("a"));
    let second = case.check(&event("b"), Some(1), &operator, at(0));
    assert_eq!(second, Err(Refused::Stale { seen: 1, found: 2 }));
    let again = case.check(&event("a"), Some(1), &operator, at(0));
    assert_eq!(again, Err(Refused::Again { version: 2 }));
}

#[test]
fn another_units_case_is_closed_and_silence_is_no_reason() {
    let [operator, dispatcher, handler, verifier, _] = people();
    let mut case = case();
    let silent = make(&mut case, &operator, 0, Move::Reject { note: note("  ") });
    assert_eq!(silent, Err(Refused::Illegal(Why::NoReason)));
    make(&mut case, &operator, 0, Move::File { note: String::new() }).unwrap();
    make(&mut case, &dispatcher, 0, dispatch()).unwrap();
    let other = control::Actor { unit: Some("unit-b".to_owned()), ..handler.clone() };
    let accept = || Move::Accept { note: String::new() };
    let refused = make(&mut case, &other, 0, accept());
    assert_eq!(refused, Err(Refused::Illegal(Why::OtherUnit("unit-a".to_owned()))));
    assert!(case.concerns(&handler) && !case.concerns(&other));
    make(&mut case, &handler, 0, accept()).unwrap();
    make(&mut case, &verifier, 1, Move::Invalid { note: note("frozen sensor") }).unwrap();
    assert!(case.is_set_aside() && !case.is_open());
    let ended = make(&mut case, &handler, 2, Move::OnSite { spot: None, note: String::new() });
    assert_eq!(ended, Err(Refused::Illegal(Why::Ended)));
}
