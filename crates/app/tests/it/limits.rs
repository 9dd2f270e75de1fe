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
