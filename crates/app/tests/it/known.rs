//! As it was known, corrected, decided: over a whole server.

use crate::site::{PASSWORD, Site, catch_up};
use crate::world::{REGISTRY, fill};
use engine::Engine;
use serde_json::{Value, json};

const DAY: &str = "from=2026-03-10&to=2026-03-10";

/// A server with two days of readings at two stations, where every role may sign in.
async fn site() -> Site {
    let filled = |engine: &mut Engine| {
        fill(engine);
        catch_up(engine);
    };
    Site::with_every_role(REGISTRY, |_| ()).await.after(filled).await
}

pub async fn json_of(site: &Site, path: &str) -> Value {
    let reply = site.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.json()
}

/// The datastream of an hourly mean of the first station.
async fn stream(site: &Site, parameter: &str) -> i64 {
    let all = json_of(site, "/datastreams?place=air-1").await;
    let items = all["items"].as_array().or_else(|| all.as_array()).unwrap().clone();
    let own = items.iter().find(|own| own["parameter"] == parameter && own["period"] == "hour");
    own.unwrap()["id"].as_i64().unwrap()
}

fn offset(datastream: i64, by: &str) -> Value {
    json!({
        "datastream": datastream, "from": "2026-03-10", "to": "2026-03-11",
        "operation": { "kind": "offset", "by": by }, "why": "zero check"
    })
}

/// The value of PM2.5 of the day at the first station.
async fn day(site: &Site, as_of: &str) -> Value {
    let path = format!("/assess/period?place=air-1&period=day&{DAY}{as_of}");
    let answer = json_of(site, &path).await;
    let rows = answer["items"][0]["rows"].as_array().unwrap().clone();
    rows.iter().find(|row| row["item"] == "PM2.5").unwrap()["value"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_looked_at_made_approved_by_another_and_taken_back() {
    let mut site = site().await;
    let id = stream(&site, "pm25").await;
    assert_eq!(site.post("/corrections", &offset(id, "5.5")).await.code(), "not_signed_in");
    site.sign_in("operator", PASSWORD).await;
    let look = site.post("/corrections/preview", &offset(id, "5.5")).await.json();
    assert_eq!((&look["days"], look["count"].as_u64()), (&json!(["2026-03-10"]), Some(22)));
    assert_eq!(
        (&look["changes"][0]["was"], &look["changes"][0]["becomes"]),
        (&json!(20.0), &json!(25.5))
    );
    let before = json_of(&site, "/health").await["sequence"].as_u64().unwrap();
    assert_eq!(day(&site, "").await, "20");
    let made = site.post("/corrections", &offset(id, "5.5")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let own = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(day(&site, "").await, "26");
    assert_eq!(day(&site, &format!("&as_of={before}")).await, "20");
    let series = format!("/readings?datastream={id}&from=2026-03-10&to=2026-03-11");
    let now = json_of(&site, &series).await;
    assert_eq!(now["columns"]["value"][0], 25.5);
    assert_eq!(now["columns"]["flag"][0].as_i64().unwrap() & 2_048, 2_048);
    let raw = json_of(&site, &format!("{series}&raw=1")).await;
    assert_eq!((&raw["columns"]["value"][0], &raw["raw"]), (&json!(20.0), &json!(true)));
    let approve = format!("/corrections/{own}/approve");
    assert_eq!(site.post(&approve, &json!({ "why": "" })).await.status, 403);
    site.sign_in("leader", PASSWORD).await;
    let approved = site.post(&approve, &json!({ "why": "agreed" })).await;
    assert_eq!(approved.json()["level"], "approved", "{approved:?}");
    assert_eq!(site.post(&approve, &json!({ "why": "" })).await.code(), "approved");
    site.forget();
    let told = json_of(&site, "/corrections?place=air-1").await;
    assert_eq!(
        (&told["items"][0]["who"], &told["items"][0]["why"]),
        (&Value::Null, &json!("zero check"))
    );
    site.sign_in("operator", PASSWORD).await;
    let annul = format!("/corrections/{own}/annul");
    assert_eq!(site.post(&annul, &json!({ "why": " " })).await.code(), "no_reason");
    assert_eq!(site.post(&annul, &json!({ "why": "wrong gas" })).await.status, 200);
    assert_eq!(day(&site, "").await, "20");
    let then = json_of(&site, &format!("/corrections?as_of={before}")).await;
    assert_eq!(then["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn plots_ranks_with_doubt_and_hot_spots_are_shown_as_they_were() {
    let mut site = site().await;
    let id = stream(&site, "pm25").await;
    let paths = [
        format!("/plots/calendar?places=air-1&{DAY}"),
        format!("/assess/rank/doubt?{DAY}"),
        "/hot-spots?parameter=pm25&from=2026-03-10&to=2026-03-11".to_owned(),
        "/map/stretches?parameter=pm25&from=2026-03-10&to=2026-03-11".to_owned(),
        "/map/tracks?from=2026-03-10&to=2026-03-11".to_owned(),
    ];
    // What is asked for, not when.
    let told = async |site: &Site, path: &str, as_of: &str| {
        let mut answer = json_of(site, &format!("{path}{as_of}")).await;
        let fields = answer.as_object_mut().unwrap();
        fields.remove("as_of");
        fields.remove("sequence");
        answer
    };
    let before = json_of(&site, "/health").await["sequence"].as_u64().unwrap();
    let mut were = vec![];
    for path in &paths {
        were.push(told(&site, path, "").await);
    }
    site.sign_in("operator", PASSWORD).await;
    assert_eq!(site.post("/corrections", &offset(id, "5.5")).await.status, 201);
    for (path, was) in paths.iter().zip(&were) {
        assert_eq!(&told(&site, path, &format!("&as_of={before}")).await, was, "{path}");
        let late = site.get(&format!("{path}&as_of=999999999")).await;
        assert_eq!(late.code(), "bad_parameter", "{path}");
    }
    for (path, was) in paths.iter().zip(&were).take(2) {
        assert_ne!(&told(&site, path, "").await, was, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_a_laboratory_come_with_their_document_or_not_at_all() {
    let mut site = site().await;
    site.sign_in("operator", PASSWORD).await;
    let send = async |table: &str| {
        let path = "/corrections/import?document=LAB-17&why=weighed";
        site.ask("POST", path, &[("Content-Type", "text/csv")], table.as_bytes()).await
    };
    let bad =
        "place,parameter,time,value\nair-1,pm25,2026-03-10T08:00:00+08:00,31\nair-1,pm25,x,1\n";
    assert_eq!(send(bad).await.status, 400);
    assert_eq!(json_of(&site, "/corrections").await["items"], json!([]));
    let good = "place,parameter,time,value\nair-1,pm25,2026-03-10T05:00:00+08:00,31.5\nair-1,pm25,2026-03-10T08:00:00+08:00,30.25\n";
    let made = send(good).await;
    assert_eq!(made.status, 201, "{made:?}");
    let own = made.json()["corrections"][0].clone();
    assert_eq!(own["document"]["name"], "LAB-17");
    assert_eq!(own["document"]["hash"].as_str().unwrap().len(), 64);
    let id = stream(&site, "pm25").await;
    let series = format!("/readings?datastream={id}&from=2026-03-10&to=2026-03-11");
    let now = json_of(&site, &series).await;
    let values = now["columns"]["value"].as_array().unwrap();
    // The fifth hour never came: the laboratory has it.
    assert_eq!((&values[5], &values[8]), (&json!(31.5), &json!(30.25)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_says_what_was_known_and_what_would_be_decided_now() {
    let mut site = site().await;
    site.sign_in("leader", PASSWORD).await;
    let question =
        json!({ "by": "place", "item": "PM2.5", "from": "2026-03-10", "to": "2026-03-10" });
    let body = json!({ "what": "rank", "question": question, "why": "daily bulletin" });
    let made = site.post("/decisions", &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    site.sign_in("operator", PASSWORD).await;
    let stream = stream(&site, "pm25").await;
    assert_eq!(site.post("/corrections", &offset(stream, "50")).await.status, 201);
    let explained = json_of(&site, &format!("/decisions/{id}/explain?edition=2012")).await;
    assert_eq!(explained["holds"], true, "{:?}", explained["differs"]);
    assert!(explained["decision"]["sequence"].as_u64().unwrap() > 0);
    let fields: Vec<&str> = explained["now"]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["field"].as_str().unwrap())
        .collect();
    assert!(fields.iter().any(|field| field.starts_with("rows/air-1/value")), "{fields:?}");
    assert_eq!(explained["other"].as_array().unwrap().len(), 2);
    assert_eq!(site.get("/decisions/d0/explain").await.code(), "unknown_decision");
}
