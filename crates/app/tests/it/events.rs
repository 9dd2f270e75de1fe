//! What pages hear while they listen. Time stands still but for what the tests wait for.

use crate::world::{MIDNIGHT, World, frame, text, world_with};
use app::http::Limits;
use app::shell::Changes;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, Response, StatusCode};
use model::{HOUR_MS, MINUTE_MS};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_stream::StreamExt;

struct Listener(BodyDataStream);

#[derive(Debug)]
struct Heard {
    name: String,
    id: String,
    data: Value,
}

impl Listener {
    async fn new(world: &World) -> Self {
        let answer = world.ask("/events").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self::of(answer)
    }

    fn of(answer: Response<Body>) -> Self {
        Self(answer.into_body().into_data_stream())
    }

    /// The next event or comment as it stands on the wire; `None` when the stream ends.
    async fn chunk(&mut self) -> Option<String> {
        let chunk = self.0.next().await?.unwrap();
        Some(String::from_utf8(chunk.to_vec()).unwrap())
    }

    /// The next event that is no finding: what rules see in the test's readings is tested where findings are.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            let chunk = self.chunk().await?;
            let field = |name: &str| {
                let line = chunk.lines().find_map(|line| line.strip_prefix(name));
                line.map(|line| line.trim_start_matches(": ").to_owned())
            };
            if let (Some(name), Some(id), Some(data)) = (field("event"), field("id"), field("data"))
                && name != "finding"
            {
                return Some(Heard { name, id, data: serde_json::from_str(&data).unwrap() });
            }
        }
    }
}

/// The first station sends its PM2.5 of an hour once more, corrected.
fn correct(world: &World, value: f64) {
    let hour = MIDNIGHT + 25 * HOUR_MS;
    let corrected = frame(0, hour, &[("pm25", "a34004", Some(value))]);
    world.turn(hour + HOUR_MS + 5 * MINUTE_MS, &[corrected]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_hears_hello_and_then_what_changes() {
    let world = world_with(Limits::default());
    let mut listener = Listener::new(&world).await;
    let hello = listener.next().await.unwrap();
    assert_eq!(hello.name, "hello");
    assert_eq!(hello.data["sequence"].to_string(), hello.id);
    correct(&world, 90.0);
    let latest = listener.next().await.unwrap();
    assert_eq!(latest.name, "latest");
    let items = latest.data["items"].as_array().unwrap();
    let pm25 = items.iter().find(|item| item["parameter"] == "pm25").unwrap();
    assert_eq!((&pm25["place"], &pm25["value"]), (&Value::from("air-1"), &Value::from(90.0)));
    assert!(items.iter().all(|item| item["parameter"] == "pm25" || item["parameter"] == "aqi"));
    let index = listener.next().await.unwrap();
    assert_eq!(index.name, "index");
    assert_eq!(index.data["items"][0]["place"], "air-1");
    assert_eq!(index.data["items"][0]["primary"][0], "PM2.5");
    let ledger = listener.next().await.unwrap();
    assert_eq!((ledger.name.as_str(), &ledger.data["day"]), ("ledger", &Value::from("2026-03-11")));
}

#[tokio::test(start_paused = true)]
async fn what_the_clock_urges_and_reminds_of_reaches_pages() {
    let world = world_with(Limits::default());
    let mut listener = Listener::new(&world).await;
    assert_eq!(listener.next().await.unwrap().name, "hello");
    let told = Changes { at: MIDNIGHT, urged: true, reminded: true, ..Changes::default() };
    assert!(world.changes.as_ref().unwrap().send(Arc::new(told)).is_ok());
    assert_eq!(listener.next().await.unwrap().name, "cases");
    assert_eq!(listener.next().await.unwrap().name, "emergency");
}

#[tokio::test(start_paused = true)]
async fn many_changes_come_as_at_most_two_latest_a_second() {
    let world = world_with(Limits::default());
    let mut listener = Listener::new(&world).await;
    listener.next().await.unwrap();
    let start = Instant::now();
    let mut heard = Vec::new();
    for value in 0..40 {
        correct(&world, 30.0 + f64::from(value));
        // Each correction comes 100 ms after the one before.
        while let Ok(event) = timeout_at(start, 100 * (value as u64 + 1), &mut listener).await {
            heard.push((start.elapsed(), event));
        }
    }
    while let Ok(event) = timeout_at(start, 10_000, &mut listener).await {
        heard.push((start.elapsed(), event));
    }
    let times = |name: &str| -> Vec<Duration> {
        heard.iter().filter(|(_, event)| event.name == name).map(|(at, _)| *at).collect()
    };
    let apart = |times: &[Duration], least: u64| {
        times.windows(2).all(|pair| pair[1] >= pair[0] + Duration::from_millis(least))
    };
    let (latest, ledger) = (times("latest"), times("ledger"));
    assert!((5..=9).contains(&latest.len()) && apart(&latest, 500), "{latest:?}");
    assert!((2..=3).contains(&ledger.len()) && apart(&ledger, 2_000), "{ledger:?}");
    let last = heard.iter().rev().find(|(_, event)| event.name == "latest").unwrap();
    let items = last.1.data["items"].as_array().unwrap();
    let pm25 = items.iter().find(|item| item["parameter"] == "pm25").unwrap();
    assert_eq!(pm25["value"], 69.0, "the newest change is told");
}

async fn timeout_at(start: Instant, ms: u64, listener: &mut Listener) -> Result<Heard, ()> {
    let until = start + Duration::from_millis(ms);
    let next = timeout(until.saturating_duration_since(Instant::now()), listener.next());
    next.await.map_err(|_| ())?.ok_or(())
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_kept_alive() {
    let world = world_with(Limits::default());
    let mut listener = Listener::new(&world).await;
    listener.next().await.unwrap();
    let start = Instant::now();
    assert_eq!(listener.chunk().await.unwrap(), ": ping\n\n");
    assert_eq!(start.elapsed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn no_more_listen_than_may_and_who_leaves_gives_its_seat_back() {
    let world = world_with(Limits::for_testing());
    let first = Listener::new(&world).await;
    let _second = Listener::new(&world).await;
    let refused = world.ask("/events").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(body["error"]["code"], "too_many_listeners");
    drop(first);
    let mut third = Listener::new(&world).await;
    assert_eq!(third.next().await.unwrap().name, "hello");
}

#[tokio::test(start_paused = true)]
async fn who_reads_too_slowly_is_dropped_and_begins_anew() {
    let world = world_with(Limits::default());
    let mut slow = Listener::new(&world).await;
    let mut quick = Listener::new(&world).await;
    assert_eq!(slow.next().await.unwrap().name, "hello");
    assert_eq!(quick.next().await.unwrap().name, "hello");
    for value in 0..80 {
        correct(&world, 30.0 + f64::from(value));
        while quick.next().await.unwrap().name != "latest" {}
    }
    assert!(slow.next().await.is_none(), "the stream of the slow one has ended");
    assert!(timeout(Duration::from_secs(20), quick.next()).await.is_ok(), "the quick one hears on");
    let mut again = Listener::new(&world).await;
    assert_eq!(again.next().await.unwrap().name, "hello");
}

#[tokio::test(start_paused = true)]
async fn streams_end_when_the_engine_is_gone() {
    let mut world = world_with(Limits::default());
    let mut listener = Listener::new(&world).await;
    assert_eq!(listener.next().await.unwrap().name, "hello");
    world.changes = None;
    assert!(listener.next().await.is_none());
}

/// A page that comes back with the id of the last event that it heard.
async fn come_back(world: &World, id: &str) -> Listener {
    let request = Request::get("/api/v1/events").header("last-event-id", id);
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    Listener::of(answer)
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_hears_what_was_told_meanwhile_and_no_hello() {
    let world = world_with(Limits::default());
    let mut first = Listener::new(&world).await;
    first.next().await.unwrap();
    correct(&world, 90.0);
    let heard = first.next().await.unwrap();
    drop(first);
    correct(&world, 91.0);
    let mut other = Listener::new(&world).await;
    while other.next().await.unwrap().name != "latest" {}
    let mut back = come_back(&world, &heard.id).await;
    let again = back.next().await.unwrap();
    assert_eq!((again.name.as_str(), &again.id), ("latest", &heard.id), "siblings come once more");
    let newest = loop {
        let told = back.next().await.unwrap();
        assert_ne!(told.name, "hello");
        if told.name == "latest" {
            break told;
        }
    };
    let items = newest.data["items"].as_array().unwrap();
    assert_eq!(items.iter().find(|item| item["parameter"] == "pm25").unwrap()["value"], 91.0);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_too_late_or_with_nonsense_hears_hello() {
    let world = world_with(Limits::default());
    let mut listener = Listener::new(&world).await;
    listener.next().await.unwrap();
    correct(&world, 90.0);
    listener.next().await.unwrap();
    for id in ["1", "0", "-3", "18446744073709551615", "one", ""] {
        assert_eq!(come_back(&world, id).await.next().await.unwrap().name, "hello", "{id}");
    }
}
