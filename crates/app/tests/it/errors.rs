//! What is said when something cannot be answered.

use crate::snapshot;
use crate::world::{World, text, world_with};
use app::http::Limits;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use std::fmt::Write;

const QUESTIONS: [&str; 25] = [
    "/nowhere",
    "/datastreams?place=nowhere",
    "/datastreams?plaze=air-1",
    "/datastreams?place=air-1&place=air-2",
    "/readings",
    "/readings?datastream=one",
    "/readings?datastream=4711",
    "/readings?datastream=0&from=yesterday",
    "/readings?datastream=0&from=2026-03-10T08:00:00+08:00",
    "/readings?datastream=0&from=2026-03-10&to=2026-03-10",
    "/readings?datastream=0&from=2026-03-01&to=2026-03-10",
    "/readings?datastream=0&step=minute",
    "/readings?datastream=0&format=xml",
    "/latest?place=nowhere",
    "/index/hour",
    "/index/day?place=air-1&from=2025-01-01",
    "/index/explain?place=air-1",
    "/index/explain?place=air-1&period=week",
    "/index/explain?place=air-1&period=day&start=1999-01-01",
    "/ledger?day=today",
    "/ledger?by=colour",
    "/frames?limit=6",
    "/frames?device=nobody",
    "/frames/zero",
    "/frames/4711",
];

#[tokio::test]
async fn every_error_reads_as_it_was_reviewed() {
    let world = world_with(Limits::for_testing());
    let mut shown = String::new();
    for question in QUESTIONS {
        let answer = world.ask(question).await;
        let status = answer.status();
        let body: Value = serde_json::from_str(&text(answer).await).unwrap();
        let hint = &body["error"]["hint"];
        assert!(
            status.as_u16() == 404 || !hint["zh"].as_str().unwrap().is_empty(),
            "{question}: {body}"
        );
        writeln!(shown, "GET {question}\n{status}\n{body:#}\n").unwrap();
    }
    snapshot::check("tests/http/errors.txt", &shown);
}

async fn refused(world: &World, request: Request<Body>) -> (StatusCode, String) {
    let answer = world.send(request).await;
    let status = answer.status();
    let body: Value = serde_json::from_str(&text(answer).await).unwrap();
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_method_that_no_route_knows_is_named() {
    let world = world_with(Limits::for_testing());
    for path in ["/api/v1/setup"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let expected = (StatusCode::METHOD_NOT_ALLOWED, "unknown_method".to_owned());
        assert_eq!(refused(&world, request).await, expected, "{path}");
    }
}

#[tokio::test]
async fn nothing_that_is_sent_comes_back_at_length() {
    let world = world_with(Limits::for_testing());
    let long = "x".repeat(5_000);
    let answer = text(world.ask(&format!("/frames/{long}")).await).await;
    assert!(answer.len() < 1_000, "{} bytes", answer.len());
}
