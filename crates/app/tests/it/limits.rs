//! Every bound of the HTTP side is met by somebody here.

use crate::world::{World, text, world_with};
use app::http::Limits;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;

async fn error(world: &World, request: Request<Body>) -> (StatusCode, Value) {
    let answer = world.send(request).await;
    (answer.status(), serde_json::from_str(&text(answer).await).unwrap())
}

#[tokio::test]
async fn a_long_series_is_cut_and_says_so() {
    let world = world_with(Limits { rows_max: 10, ..Limits::for_testing() });
    let path = "/readings?datastream=0&from=2026-03-10&to=2026-03-12";
    let answer = world.json(path).await;
    assert_eq!(answer["columns"]["time"].as_array().unwrap().len(), 10);
    assert_eq!(answer["truncated"]["shown"], 10);
    assert_eq!(answer["truncated"]["of"], 25);
    let columns = world.ask(&format!("{path}&format=columns")).await;
    assert_eq!(columns.headers()["x-rows-available"], "25");
}

#[tokio::test]
async fn what_is_cut_off_a_series_is_no_gap() {
    // The first ten rows end with hour 10; hour 5 never came.
    let world = world_with(Limits { rows_max: 10, ..Limits::for_testing() });
    let id = world.datastream("air-1", "so2").await;
    let path = format!("/readings?datastream={id}&from=2026-03-10&to=2026-03-12");
    let answer = world.json(&path).await;
    assert_eq!(answer["truncated"]["of"], 25);
    let gaps = answer["gaps"].as_array().unwrap();
    let silent: Vec<_> = gaps.iter().filter(|gap| gap["reason"] == "no_reading").collect();
    assert_eq!(silent.len(), 1, "{gaps:?}");
    assert_eq!(silent[0]["from"], "2026-03-09T21:00:00.000Z");
    assert_eq!(silent[0]["to"], "2026-03-09T22:00:00.000Z");
    // What is silent after the last row shown is told with the rows there.
    let world = world_with(Limits { rows_max: 4, ..Limits::for_testing() });
    assert_eq!(world.json(&path).await["gaps"], serde_json::json!([]));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let world = world_with(Limits::for_testing());
    let request = Request::get("/api/v1/places").header(header::CONTENT_LENGTH, 257);
    let (status, body) = error(&world, request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body["error"]["code"], "body_too_large");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up() {
    // Nobody may read, so the question waits for ever; the clock jumps to what is waited for.
    let world = world_with(Limits { readers_max: 0, ..Limits::for_testing() });
    let request = Request::get("/api/v1/district").body(Body::empty()).unwrap();
    let (status, body) = error(&world, request).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["error"]["code"], "too_slow");
}

#[tokio::test]
async fn questions_beyond_the_limit_wait_for_their_turn() {
    let world = world_with(Limits { readers_max: 1, ..Limits::for_testing() });
    let (one, two, three) =
        tokio::join!(world.json("/index/now"), world.json("/index/now"), world.json("/index/now"));
    assert!(one == two && two == three);
}
