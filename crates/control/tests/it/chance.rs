//! What chance finds: any moves by anybody, and still no case is closed without a verifier.

use crate::world::{at, calendar, case, collected, dispatch, people, person};
use control::{Actor, Case, Duty, Event, Move, Stage};
use proptest::prelude::*;

fn any_move() -> impl Strategy<Value = Move> {
    let text = || prop_oneof![Just(String::new()), Just("why".to_owned())];
    let until = || (-10_i64..60).prop_map(at);
    prop_oneof![
        text().prop_map(|note| Move::File { note }),
        text().prop_map(|note| Move::Reject { note }),
        Just(dispatch()),
        Just(collected()),
        text().prop_map(|note| Move::Accept { note }),
        text().prop_map(|note| Move::OnSite { spot: None, note }),
        text().prop_map(|note| Move::FeedBack { note, photos: vec![] }),
        text().prop_map(|note| Move::AskReturn { note }),
        (until(), text()).prop_map(|(until, note)| Move::AskExtension { until, note }),
        (until(), text()).prop_map(|(until, note)| Move::AskSuspension { until, note }),
        text().prop_map(|note| Move::Approve { note }),
        text().prop_map(|note| Move::Refuse { note }),
        text().prop_map(|note| Move::Resume { note }),
        text().prop_map(|note| Move::Pass { note, spot: None, photos: vec![] }),
        text().prop_map(|note| Move::Fail { note }),
        text().prop_map(|note| Move::Reopen { note }),
        (0_u8..7, text()).prop_map(|(points, note)| Move::Evaluate { points, note }),
        text().prop_map(|note| Move::Invalid { note }),
        text().prop_map(|note| Move::Join { into: "2026-2".to_owned(), note }),
        (0_u8..4, text()).prop_map(|(step, note)| Move::Urge { step, note }),
        text().prop_map(|note| Move::Comment { note, photos: vec![] }),
    ]
}

fn anybody() -> impl Strategy<Value = Actor> {
    let all = [Duty::Operate, Duty::Dispatch, Duty::Handle, Duty::Verify, Duty::Approve];
    let everybody: Vec<Actor> = people()
        .into_iter()
        .chain([person("all", &all), person("verifier", &all), Actor::clock()])
        .collect();
    proptest::sample::select(everybody)
}

proptest! {
    #[test]
    fn no_path_closes_a_case_without_another_person(
        tries in proptest::collection::vec((any_move(), anybody(), 0_i64..5), 1..60)
    ) {
        let mut case = case();
        let mut events = vec![];
        let mut now = 0;
        for (n, (made, actor, hours)) in tries.into_iter().enumerate() {
            now += hours;
            let event = Event::of(format!("e{n}"), made);
            let before = (case.stage, case.handlers.clone(), case.is_set_aside());
            if case.check(&event, Some(case.version), &actor, at(now)).is_err() {
                continue;
            }
            case.apply(at(now), &actor.name, &event);
            let closes = (case.stage == Stage::Closed && before.0 != Stage::Closed)
                || (case.is_set_aside() && !before.2);
            prop_assert!(!closes || !before.1.contains(&actor.name), "{} closed it", actor.name);
            prop_assert!(!closes || !actor.duties.contains(&Duty::Clock));
            let times: Vec<_> = case.history.iter().map(|happened| happened.at).collect();
            prop_assert!(times.is_sorted());
            let calendar = calendar();
            for run in &case.runs {
                let (spent, allowed) = run.spent_and_allowed(&calendar, at(now));
                let (later, _) = run.spent_and_allowed(&calendar, at(now + 7));
                prop_assert!(spent >= 0 && allowed > 0 && later >= spent, "clocks never run back");
            }
            events.push((at(now), actor.name.clone(), event));
        }
        let mut again = self::case();
        for (at, who, event) in &events {
            again.apply(*at, who, event);
        }
        prop_assert_eq!(again, case);
    }
}

/// A case read back from its documents is the same case.
#[test]
fn events_survive_their_documents() {
    let mut case = crate::world::fed_back(1);
    case.apply(at(3), "verifier", &Event::of("z", crate::world::pass()));
    let events: Vec<Event> = case
        .history
        .iter()
        .enumerate()
        .map(|(n, happened)| Event::of(format!("{n}"), happened.made.clone()))
        .map(|event| serde_json::to_string(&event).unwrap())
        .map(|document| serde_json::from_str(&document).unwrap())
        .collect();
    let first = &case.history[0];
    let mut again = Case::begin("2026-1", first.at, &first.who, &events[0]).unwrap();
    for (event, happened) in events.iter().zip(&case.history).skip(1) {
        again.apply(happened.at, &happened.who, event);
    }
    assert_eq!(again.history, case.history);
    assert_eq!((again.stage, again.runs), (case.stage, case.runs));
}
