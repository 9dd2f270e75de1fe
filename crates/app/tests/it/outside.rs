//! Forecasts from outside over real sockets: taken once, refused by line, known as of when, scored on what came, warned by.

use crate::emergency::{REGISTRY, by, seen_by, site_of};
use crate::site::{PASSWORD, Reply, Site};
use model::{HOUR_MS, Timestamp};
use serde_json::{Value, json};
use std::fmt::Write;

const HEAD: &str = "issued,time,place,parameter,value,low,high\n";

/// What the first station measured in the hour that began so many hours before the present one: see `emergency::site_of`.
fn measured(ago: i64) -> f64 {
    225.0 + (ago % 7) as f64
}

async fn site() -> Site {
    let station = "kind = \"air_station\"";
    let area = "\n[[area]]\nkey = \"east\"\nname = { zh = \"东片\", en = \"East\" }\n";
    let registry = REGISTRY.replace(station, &format!("{station}\narea = \"east\"")) + area;
    site_of(&registry, |_| ()).await
}

async fn import(site: &mut Site, who: &str, query: &str, file: &str) -> Reply {
    assert_eq!(site.sign_in(who, PASSWORD).await.status, 200);
    let path = format!("/forecast/import?source=cmaq&name=a.csv&{query}");
    let reply = site.ask("POST", &path, &[], file.as_bytes()).await;
    site.forget();
    reply
}

async fn taken(site: &mut Site, file: &str) -> Value {
    let reply = import(site, "system", "dry_run=false", file).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// The present hour, as an instant.
fn hour() -> Timestamp {
    app::clock::now().floor(HOUR_MS)
}

/// A run issued `ago` hours before the present one, of `hours` hours from there, with errors and an interval of ±2 around it.
fn run(place: &str, ago: i64, hours: i64, value: impl Fn(i64) -> f64) -> String {
    let now = hour();
    let mut rows = String::new();
    for at in 0..hours {
        let (issued, time) = (now - ago * HOUR_MS, now - (ago - at) * HOUR_MS);
        let value = value(ago - at);
        writeln!(rows, "{issued},{time},{place},pm25,{value},{},{}", value - 2.0, value + 2.0)
            .unwrap();
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_is_taken_once_and_what_is_wrong_is_named_by_its_line() {
    let mut site = site().await;
    let file = format!("{HEAD}{}", run("air-1", 0, 72, |_| 80.0));
    assert_eq!(import(&mut site, "leader", "dry_run=false", &file).await.status, 403);
    let dry = import(&mut site, "system", "", &file).await.json();
    assert_eq!((&dry["is_kept"], &dry["receipt"]["new"]), (&json!(false), &json!(1)), "{dry}");
    let receipts = seen_by(&mut site, "system", "/forecast/import").await;
    assert_eq!(receipts, json!({ "items": [], "sources": [] }));
    let done = taken(&mut site, &file).await;
    assert_eq!((&done["is_kept"], &done["receipt"]["rows"]), (&json!(true), &json!(72)), "{done}");
    let again = taken(&mut site, &file).await;
    assert_eq!((&again["is_kept"], &again["receipt"]["known"]), (&json!(false), &json!(1)));
    // Part of the run with another value: the rest of it stays.
    let part = format!("{HEAD}{}", run("air-1", 0, 3, |_| 90.0));
    assert_eq!(taken(&mut site, &part).await["receipt"]["changed"], 1);
    let receipts = seen_by(&mut site, "system", "/forecast/import").await;
    assert_eq!(
        (&receipts["items"].as_array().unwrap().len(), &receipts["sources"]),
        (&2, &json!(["cmaq"]))
    );
    let shown = site.get("/forecast?place=air-1").await.json();
    let hours = shown["outside"][0]["hours"].as_array().unwrap();
    let values: Vec<f64> = hours.iter().map(|own| own["value"].as_f64().unwrap()).collect();
    assert_eq!((values.len(), values[2], values[3]), (72, 90.0, 80.0));

    let sound = run("air-1", 24, 1, |_| 80.0);
    let sound = sound.trim_end();
    for (from, to, column, says) in [
        ("air-1", "nowhere", "place", "no place or area"),
        ("pm25", "magic", "parameter", "no such parameter"),
        (",80,", ",much,", "value", "no number"),
        (",80,", ",,", "value", "no value"),
        (",80,", ",1e8,", "value", "more than can be"),
        (",78,", ",81,", "low", "low ≤ value ≤ high"),
        (":00:00.000Z,", ":30:00.000Z,", "time", "hour"),
    ] {
        let bad = if column == "time" {
            let (issued, rest) = sound.split_once(',').unwrap();
            format!("{issued},{}", rest.replacen(from, to, 1))
        } else {
            sound.replacen(from, to, 1)
        };
        let other = run("air-1", 48, 1, |_| 80.0);
        let made = taken(&mut site, &format!("{HEAD}{other}{bad}\n")).await;
        assert_eq!((&made["bad"], &made["is_kept"]), (&json!(1), &json!(false)), "{bad} {made}");
        let told = &made["bad_rows"][0];
        assert_eq!((&told["line"], &told["column"]), (&json!(3), &json!(column)), "{made}");
        assert!(told["what"]["en"].as_str().unwrap().contains(says), "{made}");
        assert!(!told["what"]["zh"].as_str().unwrap().is_empty());
    }
    let now = hour();
    let row = |issued: Timestamp, time: Timestamp| format!("{issued},{time},air-1,pm25,1,,\n");
    for (row, column) in [
        (row(now + 26 * HOUR_MS, now + 30 * HOUR_MS), "issued"),
        (row(now, now - HOUR_MS), "time"),
        (row(now, now + 240 * HOUR_MS), "time"),
    ] {
        let made = taken(&mut site, &format!("{HEAD}{row}")).await;
        assert_eq!(made["bad_rows"][0]["column"], column, "{row}");
    }
    let twice = taken(&mut site, &format!("{HEAD}{sound}\n{sound}\n")).await;
    assert_eq!((&twice["bad"], &twice["bad_rows"][0]["line"]), (&json!(1), &json!(3)));
    for file in
        ["", HEAD, "issued,time,place,value\n1\n", "issued,time,place,parameter,value,depth\n1\n"]
    {
        let reply = import(&mut site, "system", "dry_run=false", file).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "bad_file"), "{file:?}");
    }
    assert_eq!(
        seen_by(&mut site, "system", "/forecast/import").await["items"].as_array().unwrap().len(),
        2
    );
    let unit =
        format!("issued,time,place,parameter,value,unit\n{now},{now},air-1,no2,0.08,mg/m³\n");
    assert_eq!(taken(&mut site, &unit).await["is_kept"], true);
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_scored_on_what_came_and_known_only_from_when_it_came() {
    let mut site = site().await;
    let before = site.get("/known").await.json()["newest"].as_u64().unwrap();
    // Four days of runs of a day each; errors of 1, −1, 3, −3 in turn.
    let error = |ago: i64| [1.0, -1.0, 3.0, -3.0][(ago % 4) as usize];
    let days = [96, 72, 48, 24];
    let mut file = HEAD.to_owned();
    for ago in days {
        file += &run("air-1", ago, 24, |ago| measured(ago) + error(ago));
    }
    taken(&mut site, &file).await;
    let shown = site.get("/forecast?place=air-1").await.json();
    let own = &shown["outside"][0];
    assert_eq!(
        (&own["source"], &own["runs"], &own["scored_hours"]),
        (&json!("cmaq"), &json!(4), &json!(96)),
        "{own}"
    );
    assert_eq!(
        (&own["late"], &own["not_scored"]),
        (&json!(96), &Value::Null),
        "they came afterwards"
    );
    // The same by other means: persistence is what was measured in the hour before the issue.
    let pairs: Vec<(f64, f64)> = days
        .iter()
        .flat_map(|day| (0..24).map(move |at| (*day, *day - at)))
        .map(|(day, ago)| (error(ago), measured(day + 1) - measured(ago)))
        .collect();
    let mae =
        |of: fn(&(f64, f64)) -> f64| pairs.iter().map(|pair| of(pair).abs()).sum::<f64>() / 96.0;
    let (own_mae, stays) = (mae(|pair| pair.0), mae(|pair| pair.1));
    let whole =
        own["scores"].as_array().unwrap().iter().find(|own| own["band"] == json!([1, 72])).unwrap();
    let near = |name: &str, value: f64| {
        let found = whole[name].as_f64().unwrap();
        assert!((found - value).abs() < 1e-9, "{name}: {found}, not {value}");
    };
    near("count", 96.0);
    near("mae", own_mae);
    near("rmse", 5.0_f64.sqrt());
    near("bias", 0.0);
    near("persistence_mae", stays);
    near("skill", 1.0 - own_mae / stays);
    near("within_90", 0.5);
    let record = shown["record"].as_array().unwrap();
    let last = record.last().unwrap();
    assert_eq!(
        (&last["source"], &last["mae"], &last["skill"]),
        (&json!("cmaq"), &whole["mae"], &whole["skill"])
    );
    // Of the area by the mean of its one station; in picture and table; not known before it came.
    let area = site.get("/forecast?place=east").await.json();
    assert_eq!(area["outside"][0]["scores"], own["scores"]);
    let picture =
        String::from_utf8(site.get("/forecast?place=air-1&format=svg").await.body).unwrap();
    assert!(picture.contains("class=\"o0\"") && picture.contains(">cmaq "), "{picture}");
    let table = String::from_utf8(site.get("/forecast?place=air-1&format=csv").await.body).unwrap();
    assert!(table.contains(",cmaq,"), "{table}");
    let then = site.get(&format!("/forecast?place=air-1&as_of={before}")).await.json();
    assert_eq!(then["outside"], json!([]), "{then}");
    // A source of which less than two days came is shown and not scored.
    let path = "/forecast/import?source=bureau&dry_run=false";
    let file = format!("{HEAD}{}", run("air-1", 10, 20, |_| 230.0));
    assert_eq!(site.sign_in("system", PASSWORD).await.status, 200);
    assert_eq!(site.ask("POST", path, &[], file.as_bytes()).await.status, 200);
    let shown = site.get("/forecast?place=air-1").await.json();
    let bureau = &shown["outside"][0];
    assert_eq!((&bureau["source"], &bureau["scores"]), (&json!("bureau"), &json!([])));
    assert!(bureau["not_scored"]["zh"].as_str().unwrap().contains("10 小时"), "{bureau}");
    for name in ["own", "", "a%20b"] {
        let reply = site.ask("POST", &format!("/forecast/import?source={name}"), &[], b"x").await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "bad_parameter"), "{name}");
    }
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_with_many_runs_hides_no_other_and_says_what_was_left_off() {
    let mut site = site().await;
    let many: String = (0..1_050).map(|at| run("air-1", 2 * at, 1, |_| 30.0)).collect();
    taken(&mut site, &format!("{HEAD}{many}")).await;
    assert_eq!(site.sign_in("system", PASSWORD).await.status, 200);
    let path = "/forecast/import?source=bureau&dry_run=false&name=b.csv";
    let old = format!("{HEAD}{}", run("air-1", 24 * 89, 1, |_| 30.0));
    assert_eq!(site.ask("POST", path, &[], old.as_bytes()).await.status, 200);
    let shown = site.get("/forecast?place=air-1").await.json();
    let told: Vec<_> = shown["outside"].as_array().unwrap().iter().collect();
    let told = told.iter().map(|own| (&own["source"], &own["runs"], &own["runs_left_off"]));
    let expected = [
        (&json!("bureau"), &json!(1), &json!(false)),
        (&json!("cmaq"), &json!(1_000), &json!(true)),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_may_rest_on_a_source_outside_and_says_which() {
    let mut site = site().await;
    taken(&mut site, &format!("{HEAD}{}", run("air-1", 0, 96, |_| 30.0))).await;
    let own = seen_by(&mut site, "leader", "/emergency/proposal").await;
    assert_eq!(own["source"], Value::Null);
    assert!(own["days"][0]["aqi"].as_u64().unwrap() > 200, "heavy as it was measured: {own}");
    let named = seen_by(&mut site, "leader", "/emergency/proposal?source=cmaq").await;
    assert_eq!(
        (&named["source"], &named["parameter"]),
        (&json!("cmaq"), &json!("pm25")),
        "{named}"
    );
    let days = named["days"].as_array().unwrap();
    assert!(days.len() > 1 && days.last().unwrap()["aqi"].as_u64().unwrap() < 100, "{named}");
    assert!(named["text"]["en"].as_str().unwrap().contains("cmaq"), "{named}");
    let sources = seen_by(&mut site, "leader", "/emergency/sources").await;
    assert_eq!(sources["rule"], "own");
    assert_eq!(sources["sources"][0], json!({"source": "own", "issued": null}));
    assert_eq!(sources["sources"][1]["source"], "cmaq");
    assert_eq!(sources["sources"][1]["issued"], hour().to_string());
    let lost = by(&mut site, "leader", "GET", "/emergency/proposal?source=wrf", &Value::Null).await;
    assert_eq!((lost.status, lost.code().as_str()), (404, "unknown_source"));
    // The rule may say that all rest on it.
    let plan = seen_by(&mut site, "leader", "/emergency/plan").await;
    let mut rule = plan["rule"].clone();
    assert_eq!(rule["forecast"], "own");
    rule.as_object_mut().unwrap().remove("sequence");
    rule["forecast"] = json!("cmaq");
    let body = json!({ "rule": rule, "why": "the bureau's model is better here" });
    let reply = by(&mut site, "system", "PUT", "/emergency/rule", &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let by_rule = seen_by(&mut site, "leader", "/emergency/proposal").await;
    assert_eq!(by_rule["days"], named["days"]);
    let back = seen_by(&mut site, "leader", "/emergency/proposal?source=own").await;
    assert_eq!(back["days"], own["days"]);
    let body = json!({ "level": "yellow", "note": "haze ahead", "basis": { "forecast": {} } });
    let made = by(&mut site, "leader", "POST", "/emergency/warnings", &body).await;
    assert_eq!(made.status, 200, "{made:?}");
    let number = made.json()["number"].as_str().unwrap().to_owned();
    let warning = seen_by(&mut site, "leader", &format!("/emergency/warnings/{number}")).await;
    assert_eq!(warning["levels"][0]["basis"]["source"], "cmaq", "{warning}");
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_takes_a_forecast_into_a_stopped_directory() {
    let site = site().await;
    site.server.stop().await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.csv");
    std::fs::write(&path, format!("{HEAD}{}", run("air-1", 0, 24, |_| 50.0))).unwrap();
    let run = |path: &std::path::Path, more: &[&str]| {
        let data = site.config.store.dir.to_str().unwrap();
        std::process::Command::new(env!("CARGO_BIN_EXE_skyriver"))
            .args(["import", "forecast", path.to_str().unwrap(), "--source", "cmaq", "--dir", data])
            .args(more)
            .output()
            .unwrap()
    };
    let said = |out: &std::process::Output| String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said(&run(&path, &["--dry-run"])).contains("dry run"));
    let done = run(&path, &[]);
    assert!(done.status.success() && said(&done).contains("1 new"), "{done:?}");
    assert!(said(&run(&path, &[])).contains("nothing new"));
    // What was imported stands beside the house's own forecast, in print, table, picture and numbers.
    let forecast = |more: &[&str]| {
        let data = site.config.store.dir.to_str().unwrap();
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_skyriver"))
            .args(["forecast", "--dir", data, "--place", "air-1"])
            .args(more)
            .output()
            .unwrap();
        assert!(out.status.success(), "{out:?}");
        said(&out)
    };
    assert_eq!(forecast(&[]).matches("  cmaq").count(), 4, "every sixth of 24 hours");
    assert_eq!(forecast(&["--csv", "-"]).matches(",cmaq,").count(), 24);
    assert!(forecast(&["--svg", "-"]).contains("cmaq"));
    let numbers: Value = serde_json::from_str(&forecast(&["--json"])).unwrap();
    assert_eq!(numbers["outside"][0]["hours"][0]["value"], 50.0, "{}", numbers["outside"]);
    assert_eq!(numbers["outside"][0]["runs_left_off"], false);
    let bad = dir.path().join("bad.csv");
    std::fs::write(&bad, format!("{HEAD}{}", run_of_nowhere())).unwrap();
    let refused = run(&bad, &[]);
    assert!(!refused.status.success() && said(&refused).contains("line 2, place"), "{refused:?}");
}

fn run_of_nowhere() -> String {
    run("nowhere", 0, 1, |_| 50.0)
}
