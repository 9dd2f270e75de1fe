//! Days, months and years judged over the API.

use crate::world::{gateway, prepared, text, world};
use app::http::{self, Limits};
use engine::assess::DustSpell;
use serde_json::{Value, json};
use standards::Span;

/// One question for every kind of answer.
pub const QUESTIONS: [&str; 14] = [
    "/standards/editions",
    "/standards/diff?a=2012&b=2026",
    "/assess/calendar?place=air-1&year=2026",
    "/assess/calendar?district=1&year=2026&edition=2012",
    "/assess/compare?place=air-1&from=2026-03-01&to=2026-03-31",
    "/assess/period?place=air-1&period=day&from=2026-03-09&to=2026-03-11",
    "/assess/period?district=1&period=month&from=2026-03-01&to=2026-03-31",
    "/assess/rank?from=2026-03-01&to=2026-03-31&by=place&item=PM2.5",
    "/assess/rank?from=2026-03-01&to=2026-03-31&by=area",
    "/assess/explain?place=air-1&item=aqi&from=2026-03-10&to=2026-03-10",
    "/assess/explain?district=1&item=aqi&from=2026-03-10&to=2026-03-10",
    "/assess/explain?district=1&item=PM2.5&from=2026-03-01&to=2026-03-31",
    "/assess/explain?place=water-1&item=class&from=2026-03-01&to=2026-03-31",
    "/assess/water/months?year=2026",
];

#[tokio::test]
async fn a_calendar_has_every_day_of_the_year_each_with_an_index_or_a_reason() {
    let world = world();
    let answer = world.json("/assess/calendar?place=air-1&year=2026").await;
    let days = answer["days"].as_array().unwrap();
    assert_eq!(days.len(), 365);
    assert!(days.iter().all(|day| day["aqi"].is_null() != day["reason"].is_null()));
    let day = |date: &str| days.iter().find(|day| day["day"] == date).unwrap();
    // NO2 of 45: (45 − 40) / (80 − 40) × 50 + 50 = 56.25, up to 57.
    assert_eq!(day("2026-03-10")["aqi"], 57);
    assert_eq!(day("2026-03-10")["primary"], json!(["NO2"]));
    assert_eq!(day("2026-03-09")["reason"]["en"], "no valid data");
    assert_eq!(day("2026-03-11")["reason"]["en"], "not over yet");
    assert_eq!(answer["counts"]["assessed"], 1);
    assert_eq!(answer["counts"]["not_assessed"], 68);
    assert_eq!(answer["counts"]["by_level"]["2"], 1);
}

#[tokio::test]
async fn a_district_is_judged_by_means_of_its_stations_and_never_by_their_indices() {
    let world = world();
    let answer = world.json("/assess/calendar?district=1&year=2026").await;
    let days = answer["days"].as_array().unwrap();
    let day = days.iter().find(|day| day["day"] == "2026-03-10").unwrap();
    // NO2 of 45 and 90 is 67.5, rounded to 68: (68 − 40) / (80 − 40) × 50 + 50 = 85. CO is there at one
    // of two stations, which are fewer than four, so half of them are enough.
    assert_eq!(day["aqi"], 85);
}

#[tokio::test]
async fn what_cannot_be_asked_says_what_can() {
    let world = world();
    let check = async |path: &str, code: &str, hint: &str| {
        let answer = world.ask(path).await;
        assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
        let body: Value = serde_json::from_str(&text(answer).await).unwrap();
        assert_eq!(body["error"]["code"], code, "{path}: {body}");
        assert!(body["error"]["hint"].to_string().contains(hint), "{path}: {body}");
    };
    check("/assess/calendar?place=nowhere&year=2026", "unknown_place", "/api/v1/places").await;
    check("/assess/calendar?area=nowhere&year=2026", "unknown_area", "/api/v1/places").await;
    check("/assess/calendar?year=2026", "missing_parameter", "district=1").await;
    check("/assess/calendar?place=air-1&district=1", "missing_parameter", "one of").await;
    check("/assess/calendar?place=air-1&year=20260", "bad_parameter", "2100").await;
    check("/assess/calendar?place=air-1&year=-1", "bad_parameter", "2100").await;
    check("/assess/calendar?place=air-1&edition=2019", "bad_parameter", "2026-final").await;
    check("/assess/calendar?place=water-1", "bad_parameter", "/assess/water/months").await;
    check("/assess/compare?place=air-1&from=2026-02-30&to=2026-03-01", "bad_parameter", "2026")
        .await;
    check("/assess/compare?place=air-1&from=2026-03-02&to=2026-03-01", "bad_parameter", "from")
        .await;
    check("/assess/compare?place=air-1&from=2000-01-01&to=2099-01-01", "range_too_long", "").await;
    check(
        "/assess/period?place=air-1&period=week&from=2026-03-01&to=2026-03-02",
        "bad_parameter",
        "quarter",
    )
    .await;
    check(
        "/assess/explain?place=air-1&item=fog&from=2026-03-01&to=2026-03-02",
        "bad_parameter",
        "PM2.5",
    )
    .await;
    check(
        "/assess/explain?place=air-1&item=aqi&from=2026-03-01&to=2026-03-02",
        "bad_parameter",
        "one day",
    )
    .await;
    check(
        "/assess/explain?place=water-1&item=class&from=2026-03-01&to=2026-03-02",
        "bad_parameter",
        "month",
    )
    .await;
    check("/standards/diff?a=2012&b=2013x", "bad_parameter", "hj633-2026").await;
}

#[tokio::test]
async fn a_day_of_dust_weather_is_out_of_means_and_in_the_counts_and_says_on_what_ground() {
    let (mut setup, world) = prepared(Limits::default(), gateway);
    let day = "2026-03-10".parse().unwrap();
    setup.dust.push(DustSpell {
        span: Span::new(day, day).unwrap(),
        area: Some("north".to_owned()),
        document: "Letter 12".to_owned(),
        approver: "City bureau".to_owned(),
    });
    let world = world(http::router(setup));
    let month = "from=2026-03-01&to=2026-03-31";
    let valid = async |place: &str, item: &str| {
        let path = format!("/assess/period?place={place}&period=month&{month}");
        let answer = world.json(&path).await;
        let rows = answer["items"][0]["rows"].as_array().unwrap();
        rows.iter().find(|row| row["item"] == item).unwrap()["valid"].as_u64().unwrap()
    };
    // Station 1 lies in the area, station 2 in none.
    assert_eq!((valid("air-1", "PM10").await, valid("air-1", "NO2").await), (0, 1));
    assert_eq!((valid("air-2", "PM10").await, valid("air-2", "NO2").await), (1, 1));

    let year = world.json("/assess/calendar?place=air-1&year=2026").await;
    let days = year["days"].as_array().unwrap();
    let own = days.iter().find(|own| own["day"] == "2026-03-10").unwrap();
    assert_eq!((&own["aqi"], &own["dust"]), (&json!(57), &json!(true)));
    assert_eq!(year["counts"]["assessed"], 1);
    assert_eq!(year["dust"][0]["approver"], "City bureau");
    let district = world.json("/assess/calendar?district=1&year=2026").await;
    assert_eq!(district["dust"], json!([]));

    let tree = world.json(&format!("/assess/explain?place=air-1&item=PM10&{month}")).await;
    let steps = tree["inputs"].as_array().unwrap();
    let step = steps.iter().find(|step| step["title"]["en"] == "dust weather 2026-03-10").unwrap();
    assert!(step["text"]["en"].as_str().unwrap().contains("Letter 12"), "{step}");
    assert!(tree.to_string().contains("taken out for dust weather: 2026-03-10"), "{tree}");
}
