//! Schemes replayed over real sockets: inputs from several items, loads of sections, and what is said where one is missing.

mod score;

use crate::site::{PASSWORD, Site};
use app::config::Config;
use serde_json::{Value, json};
use std::fmt::Write;

const REGISTRY: &str = r#"
[[place]]
key = "air-1"
name = { zh = "一号站", en = "Station 1" }
kind = "air_station"
lon = 114.05
lat = 22.55

[[place]]
key = "air-2"
name = { zh = "二号站", en = "Station 2" }
kind = "air_station"
lon = 114.06
lat = 22.56

[[place]]
key = "air-3"
name = { zh = "三号站", en = "Station 3" }
kind = "air_station"
lon = 114.07
lat = 22.57

[[place]]
key = "air-4"
name = { zh = "四号站", en = "Station 4" }
kind = "air_station"
lon = 114.08
lat = 22.58

[[place]]
key = "w1"
name = { zh = "一号断面", en = "Section 1" }
kind = "water_site"
lon = 114.02
lat = 22.52

[[place]]
key = "w2"
name = { zh = "二号断面", en = "Section 2" }
kind = "water_site"
lon = 114.04
lat = 22.54

[[device]]
mn = "A00000000000000000000001"
password = "123456"
place = "air-1"

[[device]]
mn = "A00000000000000000000002"
password = "123456"
place = "air-2"

[[device]]
mn = "A00000000000000000000003"
password = "123456"
place = "air-3"

[[device]]
mn = "A00000000000000000000004"
password = "123456"
place = "air-4"

[[device]]
mn = "W00000000000000000000001"
password = "123456"
place = "w1"

[[device]]
mn = "W00000000000000000000002"
password = "123456"
place = "w2"
"#;

/// Device, day, parameter, the same value in every hour.
type Rows = [(&'static str, &'static str, &'static str, &'static str)];

const AIR: &Rows = &[
    ("A00000000000000000000001", "2025-03-01", "pm25", "50"),
    ("A00000000000000000000002", "2025-03-01", "pm25", "40"),
    ("A00000000000000000000001", "2026-03-01", "pm25", "40"),
    ("A00000000000000000000002", "2026-03-01", "pm25", "50"),
    ("A00000000000000000000001", "2026-03-01", "pm10", "80"),
    ("A00000000000000000000002", "2026-03-01", "pm10", "60"),
    ("A00000000000000000000001", "2026-03-02", "pm25", "40"),
    ("A00000000000000000000002", "2026-03-02", "pm25", "50"),
    ("A00000000000000000000001", "2026-03-02", "pm10", "80"),
];

const WATER: &Rows = &[
    ("W00000000000000000000001", "2026-03-01", "cod", "25"),
    ("W00000000000000000000001", "2026-03-02", "cod", "25"),
    ("W00000000000000000000001", "2026-03-01", "nh3n", "0.5"),
    ("W00000000000000000000001", "2026-03-02", "nh3n", "0.5"),
    ("W00000000000000000000001", "2026-03-01", "flow", "500"),
    ("W00000000000000000000001", "2026-03-02", "flow", "500"),
    ("W00000000000000000000002", "2026-03-01", "cod", "30"),
    ("W00000000000000000000002", "2026-03-02", "cod", "90"),
    ("W00000000000000000000002", "2026-03-01", "nh3n", "1"),
    ("W00000000000000000000002", "2026-03-02", "nh3n", "1"),
];

/// A server that holds the readings; the leader is signed in.
async fn site(rows: &Rows) -> Site {
    site_with(rows, |_| ()).await
}

async fn site_with(rows: &Rows, change: impl FnOnce(&mut Config)) -> Site {
    let mut site = Site::with_every_role(REGISTRY, change).await;
    site.sign_in("system", PASSWORD).await;
    let mut file = "time,device,parameter,statistic,value\n".to_owned();
    for (device, day, parameter, value) in rows {
        for hour in 0..24 {
            writeln!(file, "{day}T{hour:02}:00:00+08:00,{device},{parameter},mean,{value}")
                .unwrap();
        }
    }
    let path = "/import/readings?dry_run=false&name=a.csv";
    let brought = site.ask("POST", path, &[], file.as_bytes()).await;
    assert_eq!(brought.json()["readings"]["stored"], rows.len() * 24, "{brought:?}");
    site.forget();
    site.sign_in("leader", PASSWORD).await;
    site
}

fn source(name: &str, item: &str, takes: &str) -> Value {
    json!({"name": name, "item": item, "takes": takes})
}

/// Taiyuan's score of two days, from four inputs that its source does not name.
fn score() -> Value {
    let mut above = source("C", "PM10", "excess");
    above["reference"] = json!("mean");
    json!({
        "scheme": "taiyuan-2019-score", "from": "2026-03-01", "to": "2026-03-02", "every": "day", "best": "low",
        "inputs": [source("A", "PM2.5", "value"), source("B", "PM2.5", "change"), above, source("D", "PM10", "place")],
    })
}

async fn replayed(site: &Site, body: &Value) -> Value {
    let reply = site.post("/schemes/replay", body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn row<'a>(answer: &'a Value, period: usize, key: &str) -> &'a Value {
    let rows = answer["periods"][period]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["key"] == key).unwrap()
}

fn inputs(row: &Value) -> Vec<Option<&str>> {
    row["inputs"].as_array().unwrap().iter().map(|own| own["input"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_of_four_inputs_comes_out_as_by_hand_and_ranks_the_units() {
    let mut site = site(AIR).await;
    let answer = replayed(&site, &score()).await;
    assert_eq!(
        answer["inputs"][0]["days_percent_min"],
        Value::Null,
        "in the air no share is asked"
    );
    let (one, two) = (row(&answer, 0, "air-1"), row(&answer, 0, "air-2"));
    // 40 against 50 a year before: −20 %; PM10 of 80 is 10 above the mean of 70, and the second place.
    assert_eq!(inputs(one), ["40", "-20", "10", "2"].map(Some));
    assert_eq!(inputs(two), ["50", "25", "0", "1"].map(Some));
    // 0.16 × 40 − 0.24 × 20 + 0.24 × 10 + 0.36 × 2; 0.16 × 50 + 0.24 × 25 + 0.36.
    assert_eq!((&one["amount"], &one["rank"]), (&json!("4.72"), &json!(1)));
    assert_eq!((&two["amount"], &two["rank"]), (&json!("14.36"), &json!(2)));
    assert_eq!(two["rank_without_exemptions"], 2);
    assert_eq!(answer["periods"][0]["references"], json!([null, null, "70", null]));
    assert_eq!(one["lines"].as_array().unwrap().len(), 4);
    // Each input opens to how it was made.
    let explain = one["inputs"][2]["explain"][0].as_str().unwrap();
    let step = site.get(explain.trim_start_matches("/api/v1")).await;
    assert_eq!((step.status, &step.json()["value"]), (200, &json!("80.0")), "{step:?}");

    // On the second day nobody has a year before, and one lacks PM10: no amount, and never 0.
    for (key, says) in [("air-1", "the input B (PM2.5)"), ("air-2", "the input B (PM2.5)")] {
        let row = row(&answer, 1, key);
        assert_eq!((&row["amount"], &row["rank"]), (&Value::Null, &Value::Null), "{row}");
        let reason = &row["reason"];
        assert!(reason["en"].as_str().unwrap().contains(says), "{row}");
        assert!(reason["zh"].as_str().unwrap().contains("缺输入 B"), "{row}");
    }
    assert!(row(&answer, 1, "air-2")["inputs"][2]["reason"]["en"].is_string(), "{answer}");
    let totals = answer["totals"].as_array().unwrap();
    let told = |own: &Value| (own["amount"].clone(), own["times"].clone(), own["without"].clone());
    assert_eq!(told(&totals[0]), (json!("4.72"), json!(1), json!(1)), "{answer}");

    // The other way round the other one is the best; when nobody says, nothing is ranked by the score.
    let mut other = score();
    other["best"] = json!("high");
    assert_eq!(row(&replayed(&site, &other).await, 0, "air-2")["rank"], 1);
    other.as_object_mut().unwrap().remove("best");
    let answer = replayed(&site, &other).await;
    assert_eq!(row(&answer, 0, "air-2")["rank"], Value::Null);
    assert!(answer["unranked"]["zh"].as_str().unwrap().contains("best"), "{answer}");

    // Under the edition of 2012 a mean has no decimals, and the link opens under it.
    let mut old = score();
    old["edition"] = json!("2012");
    let answer = replayed(&site, &old).await;
    let input = &row(&answer, 0, "air-1")["inputs"][2];
    assert_eq!(input["value"], "80", "{input}");
    assert!(input["explain"][0].as_str().unwrap().ends_with("edition=2012"), "{input}");
    old["edition"] = json!("1912");
    assert_eq!(site.post("/schemes/replay", &old).await.code(), "bad_parameter");

    // As it was known before the readings came, there is nothing.
    let mut before = score();
    before["as_of"] = json!("0");
    assert_eq!(row(&replayed(&site, &before).await, 0, "air-1")["amount"], Value::Null);
    // Nobody replays unknown to us.
    site.forget();
    assert_eq!(site.post("/schemes/replay", &score()).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_document_states_of_its_inputs_need_not_be_said_again() {
    let site = site(AIR).await;
    let schemes = site.get("/schemes").await.json();
    let own = schemes["schemes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|own| own["key"] == "taiyuan-2019-score");
    let toml = own.unwrap()["toml"].as_str().unwrap();
    let stated = toml.replace("[formula]", "best = \"low\"\ninput = [\n  { name = \"A\", item = \"PM2.5\", takes = \"value\" },\n  { name = \"B\", item = \"PM2.5\", takes = \"change\" },\n  { name = \"C\", item = \"PM10\", takes = \"excess\" },\n]\n\n[formula]");
    let shown = site.post("/schemes/preview", &json!({"toml": stated})).await;
    assert_eq!((shown.status, &shown.json()["best"]), (200, &json!("low")), "{shown:?}");
    assert_eq!(shown.json()["inputs"][2]["item"], "PM10");
    assert_eq!(
        shown.json()["inputs"][3],
        json!({"name": "D", "item": null, "of": null, "takes": null, "reference": null, "days_percent_min": null})
    );
    let mut body =
        json!({"toml": stated, "from": "2026-03-01", "to": "2026-03-01", "every": "day"});
    assert_eq!(
        site.post("/schemes/replay", &body).await.code(),
        "missing_input",
        "D is not stated"
    );
    body["inputs"] = json!([source("D", "PM10", "place")]);
    assert_eq!(row(&replayed(&site, &body).await, 0, "air-1")["amount"], "4.72");
    // What is said goes before what is stated.
    body["inputs"] = json!([source("D", "PM10", "place"), source("B", "PM2.5", "value")]);
    assert_eq!(inputs(row(&replayed(&site, &body).await, 0, "air-1"))[1], Some("40"));
    for (from, to, says) in [
        ("name = \"B\"", "name = \"E\"", "no input is called \"E\"; it takes A, B, C, D"),
        ("name = \"B\"", "name = \"A\"", "the input \"A\" has two sources"),
        ("takes = \"change\"", "takes = \"change\", reference = \"35\"", "takes no reference"),
        ("takes = \"change\"", "takes = \"much\"", "unknown variant"),
        ("best = \"low\"", "best = \"last\"", "unknown variant"),
    ] {
        let reply = site.post("/schemes/preview", &json!({"toml": stated.replace(from, to)})).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "bad_scheme"), "{reply:?}");
        let said = reply.json()["error"]["message"]["en"].as_str().unwrap().to_owned();
        assert!(said.contains(says), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_an_input_is_named_in_both_languages() {
    let site = site(&[]).await;
    let check = async |body: Value, code: &str, says: &str| {
        let reply = site.post("/schemes/replay", &body).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{body} {reply:?}");
        let error = reply.json()["error"].to_string();
        assert!(error.contains(says), "{body} {error}");
        assert!(!reply.json()["error"]["message"]["zh"].as_str().unwrap().is_ascii(), "{error}");
    };
    let with = |sources: Vec<Value>| {
        let mut body = score();
        body["inputs"] = json!(sources);
        body
    };
    let all = score()["inputs"].as_array().unwrap().clone();
    let and = |more: Value| {
        let mut sources = all.clone();
        sources.push(more);
        with(sources)
    };
    let but = |last: Value| {
        let mut sources = all[..3].to_vec();
        sources.push(last);
        with(sources)
    };
    check(with(vec![]), "missing_input", "where the input A").await;
    check(with(all[..3].to_vec()), "missing_input", "the input D").await;
    check(and(source("E", "PM10", "value")), "unknown_input", "takes A, B, C, D").await;
    check(and(source("A", "PM10", "value")), "two_sources", "the input A has two sources").await;
    check(but(source("D", "fog", "value")), "bad_parameter", "inputs.D.item").await;
    check(but(source("D", "PM10", "much")), "bad_parameter", "place_from_end").await;
    check(but(source("D", "cod", "load")), "bad_input", "by: section").await;
    let mut share = source("D", "PM10", "value");
    share["days_percent_min"] = json!(50);
    check(but(share), "bad_parameter", "inputs.D.days_percent_min").await;
    let mut bad = source("D", "PM10", "percent");
    bad["reference"] = json!("-3");
    check(but(bad), "bad_input", "a decimal above 0").await;
    let mut both = score();
    both["item"] = json!("PM10");
    check(both, "two_sources", "item and reference are of").await;
    let mut best = score();
    best["best"] = json!("middle");
    check(best, "bad_parameter", "high or low").await;
    let mut by = score();
    by["by"] = json!("river");
    check(by, "bad_parameter", "section").await;
    let many = (0..40).map(|n| source(&format!("n{n}"), "PM10", "value")).collect();
    check(with(many), "too_many_inputs", "32 are the most").await;
    let of_water = ["A", "B", "C"].map(|name| source(name, "cod", "value"));
    let mut section = with([&of_water[..], &[source("D", "do", "value")]].concat());
    section["by"] = json!("section");
    check(section, "bad_parameter", "nh3n").await;
    // Of a place there is no half.
    let plain = json!({"scheme": "hebei-counties", "from": "2026-03-01", "to": "2026-03-01", "inputs": [{"name": "place_from_end", "item": "PM10", "takes": "place", "reference": "mean"}]});
    check(plain, "bad_input", "takes no reference").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_pays_the_most_and_the_first_nothing() {
    let site = site(AIR).await;
    let body = json!({"scheme": "taiyuan-2019-money", "from": "2026-03-01", "to": "2026-03-01", "every": "day", "item": "PM2.5"});
    let answer = replayed(&site, &body).await;
    // Two are ranked: the last pays 100, the second last, who is the first, 50.
    assert_eq!(row(&answer, 0, "air-2")["amount"], "100");
    assert_eq!(row(&answer, 0, "air-1")["amount"], "50");
    assert_eq!((&row(&answer, 0, "air-2")["rank"], &answer["best"]), (&json!(2), &Value::Null));
    assert_eq!(answer["inputs"][0]["takes"], "place_from_end");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_share_the_last_place_are_both_last() {
    let site = site(&[
        ("A00000000000000000000001", "2026-03-01", "pm25", "40"),
        ("A00000000000000000000002", "2026-03-01", "pm25", "40"),
        ("A00000000000000000000003", "2026-03-01", "pm25", "30"),
    ])
    .await;
    let body = json!({"scheme": "taiyuan-2019-money", "from": "2026-03-01", "to": "2026-03-01", "every": "day", "item": "PM2.5"});
    let answer = replayed(&site, &body).await;
    for (key, rank, input, amount) in
        [("air-1", 2, "1", "100"), ("air-2", 2, "1", "100"), ("air-3", 1, "3", "30")]
    {
        let row = row(&answer, 0, key);
        assert_eq!(inputs(row), [Some(input)], "{row}");
        assert_eq!((&row["rank"], &row["amount"]), (&json!(rank), &json!(amount)), "{row}");
    }
    // What the source does not say of equal places stays with the answer.
    let unknown = answer["scheme"]["unknown"].to_string();
    assert!(unknown.contains("equal places"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_of_sections_pay_by_the_tonne_and_without_a_flow_there_is_no_amount() {
    let mut site = site(WATER).await;
    let mut cod = source("cod_t", "cod", "load_excess");
    cod["reference"] = json!("20");
    let mut body = json!({
        "scheme": "henan-2010-load", "by": "section", "from": "2026-03-01", "to": "2026-03-02", "every": "span",
        "inputs": [cod, source("nh3n_t", "nh3n", "load")],
    });
    let answer = replayed(&site, &body).await;
    let one = row(&answer, 0, "w1");
    // (25 − 20) mg/L × 0.5 m³/s × 86.4 × 2 d = 432 kg; 0.5 mg/L × 0.5 m³/s × 86.4 × 2 d = 43.2 kg.
    assert_eq!(inputs(one), ["0.432", "0.0432"].map(Some), "{one}");
    assert_eq!(one["amount"], "0.1512");
    let note = one["inputs"][0]["note"]["en"].as_str().unwrap();
    assert_eq!(note, "means of 2 days: 25 mg/L × 0.5 m³/s, over 2 days, what is above 20 mg/L");
    let links = one["inputs"][0]["explain"].as_array().unwrap();
    assert_eq!(links.len(), 2, "concentration and flow");
    for link in links {
        let reply = site.get(link.as_str().unwrap().trim_start_matches("/api/v1")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json()["columns"]["value"].as_array().unwrap().len(), 48, "{reply:?}");
    }
    let reason = |answer: &Value| {
        let two = row(answer, 0, "w2");
        assert_eq!(two["amount"], Value::Null, "{two}");
        two["reason"]["en"].as_str().unwrap().to_owned()
    };
    let why = reason(&answer);
    assert!(why.contains("the input cod_t (cod)") && why.contains("the flow is measured"), "{why}");
    assert_eq!(answer["totals"].as_array().unwrap().len(), 1, "what has no amount has no total");

    // Somebody gauged one of the two days: too little, unless the person who replays says that it will do.
    site.forget();
    site.sign_in("dispatcher", PASSWORD).await;
    let gauged = json!({"document": {"book": "gauged", "site": "w2", "day": "2026-03-01", "flow_m3_s": "0.2"}, "why": "gauged"});
    let kept = site.send("PUT", "/rivers/entries/g1", &gauged).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    let why = reason(&replayed(&site, &body).await);
    assert!(why.contains("1 of 2 days have both") && why.contains("75 %"), "{why}");
    assert_eq!(replayed(&site, &body).await["inputs"][0]["days_percent_min"], 75);
    for at in 0..2 {
        body["inputs"][at]["days_percent_min"] = json!(50);
    }
    let answer = replayed(&site, &body).await;
    assert_eq!(answer["inputs"][0]["days_percent_min"], 50, "who reads it sees what was asked for");
    // Of the day that has both: (30 − 20) × 0.2 × 86.4 × 2 d = 345.6 kg; 1 × 0.2 × 86.4 × 2 d = 34.56 kg.
    assert_eq!(row(&answer, 0, "w2")["amount"], "0.12096", "{answer}");
    // And as of before it was gauged there is none.
    let newest = site.get("/known").await.json()["newest"].as_u64().unwrap();
    body["as_of"] = json!((newest - 1).to_string());
    reason(&replayed(&site, &body).await);

    // A concentration needs no flow: 15 above the target of 20, in multiples of it, by the day.
    let body = json!({
        "scheme": "zhoukou-sections", "by": "section", "from": "2026-03-01", "to": "2026-03-02", "every": "span",
        "item": "cod", "reference": "20",
    });
    let answer = replayed(&site, &body).await;
    // (30 + 90) / 2 = 60: two times above 20, base 100, times 1 + 2.
    assert_eq!(inputs(row(&answer, 0, "w2")), [Some("2")]);
    assert_eq!(row(&answer, 0, "w2")["amount"], "300");
    assert_eq!(row(&answer, 0, "w1")["rank"], 1);
}
