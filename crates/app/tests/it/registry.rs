//! The registry by hand, over real sockets.

use crate::site::{PASSWORD, Site};
use serde_json::{Value, json};

pub const REGISTRY: &str = include_str!("../http/registry.toml");

fn place() -> Value {
    json!({
        "key": "air-1", "name": {"zh": "一号站", "en": "Station 1"}, "kind": "air_station",
        "lon": 114.05, "lat": 22.55, "area": "north", "simulated": true
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut place = place();
    place[field] = value;
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_a_version_with_who_when_and_what() {
    let site = Site::signed_in(REGISTRY).await;
    let before = site.get("/registry/places/air-1").await;
    let first = before.json()["revision"].as_i64().unwrap();
    assert_eq!(before.headers["etag"], format!("\"{first}\""));
    let renamed = with("name", json!({"zh": "新名", "en": ""}));
    let written = site.put("/registry/places/air-1", &renamed, Some(first)).await;
    assert_eq!(written.status, 200, "{written:?}");
    assert_eq!(written.json()["changed"], json!(["name"]));
    let entry = site.get("/registry/places/air-1").await.json();
    assert_eq!(entry["value"]["name"]["zh"], "新名");
    assert_eq!(entry["revision"], written.json()["revision"]);
    let history = entry["history"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0]["what"], "changed");
    assert_eq!(history[0]["who"], "chief");
    assert_eq!(history[0]["changes"][0]["field"], "name");
    assert_eq!(history[0]["changes"][0]["before"]["zh"], "一号站");
    assert_eq!((&history[1]["what"], &history[1]["by"]), (&json!("added"), &json!("file")));
    assert_eq!(history[1]["who"], Value::Null);
    let places = site.get("/places").await.json();
    assert_eq!(places["places"][0]["name"]["zh"], "新名");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_people_are_told_only_to_those_who_are_signed_in() {
    let mut site = Site::signed_in(REGISTRY).await;
    let renamed = with("name", json!({"zh": "新名"}));
    assert_eq!(site.put("/registry/places/air-1", &renamed, None).await.status, 200);
    site.forget();
    let entry = site.get("/registry/places/air-1").await;
    assert_eq!(entry.json()["history"][0]["who"], Value::Null);
    assert!(!String::from_utf8_lossy(&entry.body).contains("chief"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_saw_an_older_version_is_told_what_changed() {
    let site = Site::signed_in(REGISTRY).await;
    let first = site.get("/registry/places/air-1").await.json()["revision"].as_i64();
    let moved = with("lon", json!(114.06));
    assert_eq!(site.put("/registry/places/air-1", &moved, first).await.status, 200);
    let late = site.put("/registry/places/air-1", &with("lat", json!(22.56)), first).await;
    assert_eq!((late.status, late.code().as_str()), (412, "changed_meanwhile"));
    assert!(late.json()["error"]["message"]["en"].as_str().unwrap().contains("changed: lon"));
    let entry = site.get("/registry/places/air-1").await.json();
    assert_eq!((&entry["value"]["lon"], &entry["value"]["lat"]), (&json!(114.06), &json!(22.55)));
    let end = site.ask("DELETE", "/registry/places/air-1", &[("If-Match", "1")], b"").await;
    assert_eq!(end.code(), "changed_meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_place_erases_nothing_and_survives_a_restart() {
    let site = Site::signed_in(REGISTRY).await;
    let past = with("valid_to", json!("2020-01-01"));
    assert_eq!(site.put("/registry/places/air-1", &past, None).await.status, 200);
    let ended = site.delete("/registry/places/air-2").await;
    assert_eq!(ended.json()["changed"], json!(["valid_to"]), "{ended:?}");
    let site = site.restart().await;
    let places = site.get("/places").await.json();
    let keys: Vec<_> = places["places"].as_array().unwrap().iter().map(|one| &one["key"]).collect();
    assert!(!keys.contains(&&json!("air-1")), "{keys:?}");
    let entry = site.get("/registry/places/air-1").await.json();
    assert_eq!(entry["value"]["valid_to"], "2020-01-01");
    let entry = site.get("/registry/places/air-2").await.json();
    assert_eq!(entry["history"][0]["what"], "ended");
    assert_eq!(entry["value"]["valid_to"].as_str().unwrap().len(), 10);
    assert_eq!(site.get("/datastreams?place=air-1").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_areas_and_devices_are_written_the_same_way() {
    let site = Site::signed_in(REGISTRY).await;
    let ring = json!([[114.0, 22.5], [114.2, 22.5], [114.2, 22.6], [114.0, 22.5]]);
    let area = json!({"name": {"zh": "南片"}, "kind": "village", "within": "north", "ring": ring});
    assert_eq!(site.put("/registry/areas/south", &area, None).await.status, 200);
    let line =
        json!({"name": {"zh": "大路"}, "kind": "road", "path": [[114.0, 22.5], [114.1, 22.5]]});
    assert_eq!(site.put("/registry/lines/road-1", &line, None).await.status, 200);
    let device = json!({"place": "air-2", "password": "secret-1"});
    assert_eq!(site.put("/registry/devices/MN-7", &device, None).await.status, 200);
    let changed = site
        .put("/registry/devices/MN-7", &json!({"place": "air-2", "dialect": "2005"}), None)
        .await;
    assert_eq!(changed.json()["changed"], json!(["dialect"]), "the password stays");
    let entry = site.get("/registry/devices/MN-7").await;
    assert_eq!(entry.json()["password_set"], true);
    assert!(!String::from_utf8_lossy(&entry.body).contains("secret-1"));
    let devices = site.get("/devices").await.json();
    assert!(devices.to_string().contains("MN-7"));
    let moved = site.put("/registry/devices/MN-7", &json!({"place": "air-1"}), None).await;
    assert_eq!((moved.status, moved.code().as_str()), (409, "device_moved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_entry_is_told_field_by_field() {
    let site = Site::signed_in(REGISTRY).await;
    let bow_tie =
        json!([[114.0, 22.5], [114.1, 22.6], [114.1, 22.5], [114.0, 22.6], [114.0, 22.5]]);
    let cases = [
        ("places/air-1", with("lon", json!(200.0)), 422, "lon"),
        ("places/air-1", with("area", json!("nroth")), 422, "did you mean north"),
        ("places/air-1", with("kind", json!("air_statoin")), 400, "air_statoin"),
        ("places/air-1", with("colour", json!("red")), 400, "colour"),
        ("places/air-1", with("valid_from", json!("1 March")), 422, "valid_from"),
        ("places/air-1", with("key", json!("air-9")), 400, "key"),
        (
            "places/new%20place",
            json!({"name": {"zh": "甲"}, "kind": "stack", "lon": 1, "lat": 1}),
            422,
            "key",
        ),
        ("areas/north", json!({"name": {"zh": "北片"}, "ring": bow_tie}), 422, "crosses itself"),
        ("devices/MN-8", json!({"place": "nowhere"}), 422, "nowhere"),
        ("planets/earth", json!({}), 404, "planets"),
    ];
    for (path, body, status, part) in cases {
        let reply = site.put(&format!("/registry/{path}"), &body, None).await;
        assert_eq!(reply.status, status, "{path}: {reply:?}");
        assert!(reply.json().to_string().contains(part), "{path}: {reply:?}");
    }
    let broken = site.ask("PUT", "/registry/places/air-1", &[], b"{\"key\": ").await;
    assert_eq!((broken.status, broken.code().as_str()), (400, "bad_body"));
    assert!(broken.json().to_string().contains("line 1 column"));
    for path in ["/registry/places/nowhere", "/registry/devices/nobody"] {
        assert_eq!(site.get(path).await.status, 404);
    }
    assert_eq!(
        site.get("/registry/places/air-1").await.json()["history"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_markup_is_text() {
    let mut site = Site::signed_in(REGISTRY).await;
    let name = "<img src=x onerror=alert(1)>";
    let marked = with("name", json!({"zh": name}));
    assert_eq!(site.put("/registry/places/air-1", &marked, None).await.status, 200);
    let places = site.get("/places").await;
    assert_eq!(places.json()["places"][0]["name"]["zh"], name);
    assert!(places.headers["content-type"].starts_with("application/json"));
    assert_eq!(site.sign_in("chief", PASSWORD).await.status, 200);
}
