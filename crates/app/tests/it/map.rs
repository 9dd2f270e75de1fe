//! What the map asks: the same answer for the same state, tags, bounds, and bad questions.

use crate::world::{MIDNIGHT, World, bytes, frame, text, world, world_with};
use app::http::Limits;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use model::{HOUR_MS, MINUTE_MS};
use serde_json::Value;

const PAST: &str =
    "/map/frames?parameter=pm25&from=2026-03-10T00:00:00%2B08:00&to=2026-03-10T08:00:00%2B08:00";
const FIELD: &str = "/map/field?parameter=pm25&at=2026-03-10T04:00:00%2B08:00&cols=8";

async fn ask_with(
    world: &World,
    path: &str,
    name: header::HeaderName,
    value: &str,
) -> Response<Body> {
    let request = Request::get(format!("/api/v1{path}")).header(name, value);
    world.send(request.body(Body::empty()).unwrap()).await
}

fn tag(answer: &Response<Body>) -> String {
    answer.headers()[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_shows_the_tag_of_an_answer_has_it_already() {
    let world = world();
    for path in [PAST, FIELD, "/map/strip", "/map/tiles/0/0/0", "/places", "/parameters"] {
        let answer = world.ask(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let tag = tag(&answer);
        let again = ask_with(&world, path, header::IF_NONE_MATCH, &tag).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert!(bytes(again).await.is_empty());
        let other = ask_with(&world, path, header::IF_NONE_MATCH, "W/\"0\"").await;
        assert_eq!(other.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn past_hours_stay_the_same_until_one_of_them_is_corrected() {
    let world = world();
    let before = world.ask(PAST).await;
    let tag_before = tag(&before);
    // Another day: nothing changes here, whatever the log's newest entry.
    let later = MIDNIGHT + 25 * HOUR_MS;
    world.turn(later + HOUR_MS, &[frame(0, later, &[("pm25", "a34004", Some(90.0))])]);
    assert_eq!(tag(&world.ask(PAST).await), tag_before);
    world.turn(later + HOUR_MS, &[frame(0, MIDNIGHT, &[("pm25", "a34004", Some(200.0))])]);
    let answer = world.ask(PAST).await;
    assert_ne!(tag(&answer), tag_before);
    let answer: Value = serde_json::from_str(&text(answer).await).unwrap();
    assert_eq!(answer["values"][0][0], 200.0);
    assert_eq!(answer["levels"][0].as_str().unwrap().as_bytes()[0], b'5');
}

#[tokio::test]
async fn the_levels_of_the_index_are_those_of_the_index_itself() {
    let world = world();
    let range = "from=2026-03-10T00:00:00%2B08:00&to=2026-03-11T00:00:00%2B08:00";
    let frames = world.json(&format!("/map/frames?parameter=aqi&{range}")).await;
    let index = world.json(&format!("/index/hour?place=air-1&{range}")).await;
    assert_eq!(frames["places"][0], "air-1");
    let items = index["items"].as_array().unwrap();
    assert_eq!(items.len(), 24);
    for (hour, item) in items.iter().enumerate() {
        let value = &frames["values"][0][hour];
        assert_eq!(value.as_f64(), item["aqi"].as_f64(), "{hour}");
        let level = frames["levels"][0].as_str().unwrap().as_bytes()[hour] - b'0';
        assert_eq!(u64::from(level), item["level"].as_u64().unwrap_or(0), "{hour}");
    }
}

#[tokio::test]
async fn answers_travel_compressed_but_not_live_ones() {
    let world = world();
    let answer = ask_with(&world, PAST, header::ACCEPT_ENCODING, "gzip").await;
    assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip");
    assert!(answer.headers().contains_key(header::ETAG));
    let live = ask_with(&world, "/events", header::ACCEPT_ENCODING, "gzip").await;
    assert!(!live.headers().contains_key(header::CONTENT_ENCODING));
}

#[tokio::test]
async fn a_bad_question_is_told_what_is_wrong_with_it() {
    let world = world();
    let check = async |path: &str, status: u16, code: &str| {
        let answer = world.ask(path).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let body: Value = serde_json::from_str(&text(answer).await).unwrap();
        assert_eq!(body["error"]["code"], code, "{path}");
        assert!(!body["error"]["message"]["zh"].as_str().unwrap().is_empty());
        assert!(body["error"]["hint"]["en"].is_string(), "{path}");
    };
    check("/map/frames", 400, "missing_parameter").await;
    check("/map/frames?parameter=plutonium", 404, "unknown_parameter").await;
    check("/map/frames?parameter=pm25&colour=red", 400, "unknown_parameter").await;
    check("/map/frames?parameter=pm25&from=2026-01-01&to=2026-03-01", 400, "range_too_long").await;
    check("/map/frames?parameter=pm25&from=yesterday", 400, "bad_parameter").await;
    let empty = "/map/strip?from=2026-03-10T04:10:00Z&to=2026-03-10T04:50:00Z";
    check(empty, 400, "bad_parameter").await;
    check("/map/field?parameter=aqi", 400, "bad_parameter").await;
    check("/map/field?parameter=wind_dir", 400, "bad_parameter").await;
    check("/map/field?parameter=pm25&cols=100000", 400, "bad_parameter").await;
    check("/map/field?parameter=pm25&cols=-1", 400, "bad_parameter").await;
    check("/map/field?parameter=pm25&at=noon", 400, "bad_parameter").await;
    check("/map/tracks?from=2026-03-08&to=2026-03-10", 400, "bad_parameter").await;
    check("/map/lines?at=1", 400, "bad_parameter").await;
    check("/map/tiles/23/0/0", 400, "bad_parameter").await;
    check("/map/tiles/1/0/2", 400, "bad_parameter").await;
    check("/map/tiles/a/b/c", 400, "bad_parameter").await;
    check("/map/tiles/0/0/0?parameter=x", 404, "unknown_parameter").await;
    check("/search?q=", 400, "bad_parameter").await;
    check("/search?q=a&limit=0", 400, "bad_parameter").await;
    check("/neighbours?place=air-1&n=1000", 400, "bad_parameter").await;
    check("/neighbours?place=nowhere", 404, "unknown_place").await;
    check("/capture?place=air-1&month=2026-13", 400, "bad_parameter").await;
    check("/capture?place=air-1&month=2026-03&year=2026", 400, "bad_parameter").await;
    check("/places?points=no", 400, "bad_parameter").await;
}

#[tokio::test]
async fn a_time_outside_the_data_is_an_answer_without_values() {
    let world = world();
    let frames = world.json("/map/frames?parameter=pm25&from=1999-01-01&to=1999-01-02").await;
    assert_eq!(frames["levels"][0], "0".repeat(24));
    let field = world.json("/map/field?parameter=pm25&at=1999-01-01&cols=8").await;
    assert!(field["reason"]["zh"].is_string());
    assert!(field["values"].as_str().unwrap().trim_matches('A').trim_end_matches('=').is_empty());
}

#[tokio::test]
async fn a_tile_holds_no_more_places_than_may_and_says_how_many_are_missing() {
    let world = world_with(Limits { tile_places_max: 3, ..Limits::default() });
    let answer = world.ask("/map/tiles/0/0/0?parameter=pm25&at=2026-03-10T04:00:00%2B08:00").await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/vnd.mapbox-vector-tile");
    let body = bytes(answer).await;
    let holds = |text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("air-1") && holds("left_out") && !holds("micro-1"));
    assert!(bytes(world.ask("/map/tiles/8/0/0").await).await.len() < 40, "the sea is empty");
}

#[tokio::test]
async fn more_places_and_hours_than_may_be_are_refused() {
    let world = world_with(Limits { map_cells_max: 20, ..Limits::default() });
    assert_eq!(world.ask(PAST).await.status(), StatusCode::BAD_REQUEST);
    let late = MIDNIGHT + 25 * HOUR_MS + 5 * MINUTE_MS;
    let one = format!("/map/frames?parameter=pm25&from={}&to={late}", late - HOUR_MS);
    assert_eq!(world.ask(&one).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_field_tells_its_interval_and_the_plain_methods_say_that_they_know_none() {
    let world = world();
    let field = world.json(FIELD).await;
    assert_eq!(field["method"], "field");
    let (low, high) = (&field["interval"]["low"], &field["interval"]["high"]);
    assert!(low["lo"].as_f64().unwrap() < field["lo"].as_f64().unwrap());
    assert!(high["hi"].as_f64().unwrap() > field["hi"].as_f64().unwrap());
    let unsure = field["interval"]["unsure_share"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&unsure));
    for method in ["kriging", "idw", "nearest"] {
        let other = world.json(&format!("{FIELD}&method={method}")).await;
        assert_eq!(other["method"], method);
        assert_eq!(other["interval"].is_null(), method != "kriging", "{method}");
        assert!(other["values"] != field["values"], "{method}");
    }
    assert_eq!(world.ask(&format!("{FIELD}&method=magic")).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_sensor_that_hangs_is_left_out_of_the_field_and_named() {
    let world = world();
    // Every station of this world says the same all day long.
    let at = "2026-03-10T20:00:00%2B08:00";
    let field = world.json(&format!("/map/field?parameter=pm25&at={at}&cols=8")).await;
    let named: Vec<_> = field["left_out"].as_array().unwrap().iter().collect();
    assert!(named.iter().any(|out| out["place"] == "micro-1"), "{field}");
    assert!(named.iter().all(|out| out["reason"]["zh"].as_str().unwrap().contains("卡死")));
    assert!(!field["stations"].as_array().unwrap().iter().any(|key| key == "micro-1"));
}

#[tokio::test]
async fn the_mean_of_an_area_lies_in_its_interval_and_an_hour_without_values_has_a_reason() {
    let world = world();
    let at = "at=2026-03-10T04:00:00%2B08:00";
    let areas = world.json(&format!("/map/areas?parameter=pm25&{at}")).await;
    let north = &areas["items"][0];
    assert_eq!((&north["area"], &north["stations"]), (&"north".into(), &3.into()));
    let [low, mean, high] = ["low", "mean", "high"].map(|part| north[part].as_f64().unwrap());
    assert!(low < mean && mean < high && (15.0..45.0).contains(&mean), "{north}");
    let before = world.json("/map/areas?parameter=pm25&at=1999-01-01").await;
    assert!(before["items"][0]["mean"].is_null());
    assert!(before["items"][0]["reason"]["en"].is_string());
    assert_eq!(world.ask("/map/areas?parameter=aqi").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn hot_spots_and_stretches_without_enough_behind_them_say_so() {
    let world = world();
    let hot = world.json("/hot-spots?parameter=pm25&from=2026-03-10&to=2026-03-11").await;
    assert!(hot["spots"].as_array().unwrap().is_empty(), "{hot}");
    assert!(hot["note"]["zh"].is_string());
    let early = world.json("/hot-spots?parameter=pm25&from=1999-01-01&to=1999-01-02").await;
    assert!(early["reason"]["en"].as_str().unwrap().contains("12 are needed"));
    let long = world.ask("/hot-spots?parameter=pm25&from=2026-02-20&to=2026-03-11").await;
    assert_eq!(long.status(), StatusCode::BAD_REQUEST);
    let roads = world.json("/map/stretches?parameter=pm25").await;
    assert_eq!((roads["items"].as_array().unwrap().len(), &roads["unpassed"]), (0, &0.into()));
}
