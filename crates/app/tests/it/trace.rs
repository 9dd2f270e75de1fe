//! Where a rise comes from: who may ask, what is refused, and why.

use crate::world::{MIDNIGHT, World, world};
use app::trace::{Kept, Question, Refused, answer};
use axum::http::StatusCode;
use model::{HOUR_MS, ParameterTable};
use standards::Standards;
use store::Known;

#[tokio::test]
async fn who_is_suspected_is_not_for_those_who_are_not_signed_in() {
    let world = world();
    let asked = "/trace?parameter=pm25&from=2026-03-10&to=2026-03-11";
    assert_eq!(world.ask(asked).await.status(), StatusCode::UNAUTHORIZED);
}

/// The code of a refusal, which says what is wrong and what to do in both languages.
fn refused(world: &World, parameter: &str, hours: (i64, i64), places: &[&str]) -> &'static str {
    let question = Question {
        parameter: parameter.to_owned(),
        from: MIDNIGHT + hours.0 * HOUR_MS,
        to: MIDNIGHT + hours.1 * HOUR_MS,
        places: places.iter().map(|key| (*key).to_owned()).collect(),
        about: None,
        complaints: vec![],
        known: Known::Now,
    };
    let (parameters, law) = (ParameterTable::builtin().unwrap(), Standards::load().unwrap());
    let reader = world.engine.lock().unwrap().reader();
    let kept = Kept { reader: &reader, parameters: &parameters, law: &law };
    let answered = answer(kept, &question);
    let Err(Refused::Not { code, what, hint }) = answered else {
        unreachable!("an answer where a refusal is due");
    };
    for words in [&what, &hint] {
        assert!(!words.zh.is_empty() && !words.en.is_empty() && words.zh != words.en);
    }
    code
}

#[tokio::test]
async fn what_cannot_be_traced_is_refused_with_a_reason_and_what_to_do() {
    let world = world();
    assert_eq!(refused(&world, "pm25", (8, 7), &[]), "bad_window");
    assert_eq!(refused(&world, "pm25", (8, 24 * 5), &[]), "bad_window");
    assert_eq!(refused(&world, "o3", (8, 20), &[]), "not_traceable");
    assert_eq!(refused(&world, "wind_speed", (8, 20), &[]), "not_traceable");
    assert_eq!(refused(&world, "aqi", (8, 20), &[]), "not_traceable");
    assert_eq!(refused(&world, "nothing", (8, 20), &[]), "unknown_parameter");
    assert_eq!(refused(&world, "pm25", (8, 20), &["nowhere"]), "unknown_place");
    // This district has no weather station, and its river site sends nothing of ammonia.
    assert_eq!(refused(&world, "pm25", (8, 20), &[]), "no_wind");
    assert_eq!(refused(&world, "nh3n", (8, 20), &[]), "too_few_places");
}
