//! Every bound of the HTTP side is met by somebody here.

use crate::world::{World, gateway, prepared, text, world_with};
use app::http::{Limits, router, serve};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use std::io::ErrorKind;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

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

#[tokio::test]
async fn a_body_without_a_length_is_cut_off_at_the_limit() {
    let world = world_with(Limits::for_testing());
    // A stream has no length, as with chunked encoding.
    let chunks = (0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 16]));
    let body = Body::from_stream(tokio_stream::iter(chunks));
    let request = Request::post("/api/v1/session").header(header::CONTENT_TYPE, "application/json");
    let (status, body) = error(&world, request.body(body).unwrap()).await;
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

/// How many are inside at the same time.
#[derive(Default)]
struct Room {
    inside: Mutex<(usize, usize)>,
    entered: Condvar,
}

impl Room {
    /// Stays until somebody else comes in, but not longer than that.
    fn visit(&self, longest: Duration) {
        let mut inside = self.inside.lock().unwrap();
        inside.0 += 1;
        inside.1 = inside.1.max(inside.0);
        self.entered.notify_all();
        let waited = self.entered.wait_timeout_while(inside, longest, |(_, most)| *most < 2);
        waited.unwrap().0.0 -= 1;
    }
}

#[tokio::test]
async fn questions_beyond_the_limit_wait_for_their_turn() {
    let most = async |readers_max, longest| {
        let room = Arc::new(Room::default());
        let visitor = Arc::clone(&room);
        let limits = Limits { readers_max, ..Limits::for_testing() };
        let (setup, world) = prepared(limits, move || {
            visitor.visit(longest);
            gateway()
        });
        let world = world(router(setup));
        let (one, two) = tokio::join!(world.json("/devices"), world.json("/devices"));
        assert_eq!(one, two);
        room.inside.lock().unwrap().1
    };
    assert_eq!(most(1, Duration::from_millis(200)).await, 1);
    // Without a limit in the way they meet, or this would prove nothing.
    assert_eq!(most(2, Duration::from_secs(9)).await, 2);
}

#[tokio::test]
async fn a_list_of_datastreams_that_is_too_long_is_refused() {
    let world = world_with(Limits { datastreams_max: 10, ..Limits::for_testing() });
    let request = Request::get("/api/v1/datastreams").body(Body::empty()).unwrap();
    let (status, body) = error(&world, request).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"]["code"], "too_many_datastreams");
    assert!(body["error"]["hint"]["en"].as_str().unwrap().contains("place="));
    assert!(world.json("/datastreams?place=air-1").await.as_array().unwrap().len() <= 10);
}

/// Asks for a head on a connection that stays open, and reads it.
async fn head(connection: &mut TcpStream) -> String {
    connection.write_all(HEAD).await.unwrap();
    answer(connection).await
}

async fn answer(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

const HEAD: &[u8] = b"HEAD /api/v1/parameters HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_until_one_closes() {
    let limits = Limits { connections_max: 1, ..Limits::for_testing() };
    let (setup, _world) = prepared(limits, gateway);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, setup, async { drop(stopped.await) }));
    let mut first = TcpStream::connect(address).await.unwrap();
    assert!(head(&mut first).await.starts_with("HTTP/1.1 200"));
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(HEAD).await.unwrap();
    // While the first one is answered again and again, the second one would have its answer long since.
    for _ in 0..50 {
        head(&mut first).await;
    }
    let unread = second.try_read(&mut [0]).map_err(|error| error.kind());
    assert_eq!(unread, Err(ErrorKind::WouldBlock));
    drop(first);
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200"));
    drop((second, stop));
    served.await.unwrap().unwrap();
}
