//! What is answered, compared as text that people review, and where it matters with what it must mean.

use crate::snapshot;
use crate::world::{MIDNIGHT, NOW, World, bytes, frame, text, world};
use model::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};
use std::fmt::Write;

/// One question for every route that answers JSON.
pub const QUESTIONS: [&str; 30] = [
    "/district",
    "/places",
    "/datastreams?place=micro-1",
    "/readings?datastream=0&from=2026-03-10T04:00:00%2B08:00&to=2026-03-10T10:00:00%2B08:00",
    "/readings?datastream=0&from=2026-03-10&to=2026-03-12&step=day",
    "/latest?place=air-1",
    "/index/now",
    "/index/hour?place=air-1&from=2026-03-10T06:00:00%2B08:00&to=2026-03-10T08:00:00%2B08:00",
    "/index/hour?place=micro-1&from=2026-03-10T06:00:00%2B08:00&to=2026-03-10T07:00:00%2B08:00",
    "/index/day?place=air-1&from=2026-03-10&to=2026-03-12",
    "/index/explain?place=air-1&period=hour&start=2026-03-10T06:00:00%2B08:00",
    "/map/frames?parameter=pm25&from=2026-03-10T04:00:00%2B08:00&to=2026-03-10T10:00:00%2B08:00",
    "/map/frames?parameter=aqi&from=2026-03-10T04:00:00%2B08:00&to=2026-03-10T08:00:00%2B08:00",
    "/map/strip?from=2026-03-10T04:00:00%2B08:00&to=2026-03-10T08:00:00%2B08:00",
    "/map/field?parameter=pm25&at=2026-03-10T04:00:00%2B08:00&cols=8",
    "/map/areas?parameter=pm25&at=2026-03-10T04:00:00%2B08:00",
    "/map/stretches?parameter=pm25",
    "/hot-spots?parameter=pm25&from=2026-03-10&to=2026-03-11",
    "/map/tracks",
    "/map/lines",
    "/search?q=sta",
    "/neighbours?place=air-1&n=2",
    "/capture?place=air-1&month=2026-03",
    "/places?points=false",
    "/ledger?day=2026-03-11",
    "/ledger?day=2026-03-11&by=device",
    "/ledger?day=2026-03-11&by=hour",
    "/frames?limit=3",
    "/devices",
    "/health",
];

#[tokio::test]
async fn every_answer_reads_as_it_was_reviewed() {
    let world = world();
    let mut shown = String::new();
    for question in QUESTIONS {
        let answer = world.json(question).await;
        writeln!(shown, "GET {question}\n{answer:#}\n").unwrap();
    }
    snapshot::check("tests/http/answers.txt", &shown);
}

#[tokio::test]
async fn a_series_can_be_asked_as_it_was_known_before_a_correction() {
    let world = world();
    let id = world.datastream("air-1", "pm25").await;
    let range = "from=2026-03-10T00:00:00%2B08:00&to=2026-03-10T02:00:00%2B08:00";
    let path = format!("/readings?datastream={id}&{range}");
    let before = world.json(&path).await;
    let sequence = world.json("/health").await["sequence"].as_u64().unwrap();
    world.turn(NOW, &[frame(0, MIDNIGHT, &[("pm25", "a34004", Some(99.0))])]);
    let now = world.json(&path).await;
    assert_eq!(now["columns"]["value"][0], json!(99.0));
    assert_eq!(now["as_of"], Value::Null);
    for as_of in [sequence.to_string(), "2026-03-11T02:04:30%2B08:00".to_owned()] {
        let known = world.json(&format!("{path}&as_of={as_of}")).await;
        assert_eq!(known["columns"]["value"], before["columns"]["value"], "{as_of}");
        assert!(known["as_of"]["sequence"].as_u64().unwrap() <= sequence);
    }
    let nothing = world.json(&format!("{path}&as_of=0")).await;
    assert_eq!(nothing["columns"]["value"], json!([]));
    for bad in ["999999999", "2099-01-01", "soon"] {
        let answer = world.ask(&format!("{path}&as_of={bad}")).await;
        assert_eq!(answer.status(), 400, "{bad}");
        assert!(text(answer).await.contains("as_of"));
    }
}

#[tokio::test]
async fn a_gap_is_null_and_has_a_reason() {
    let world = world();
    let id = world.datastream("air-1", "pm25").await;
    let range = "from=2026-03-10T00:00:00%2B08:00&to=2026-03-11T04:00:00%2B08:00";
    let answer = world.json(&format!("/readings?datastream={id}&{range}")).await;
    assert_eq!(answer["columns"]["time"].as_array().unwrap().len(), 25);
    assert_eq!(answer["columns"]["value"][6], Value::Null);
    assert_eq!(
        answer["gaps"],
        json!([
            {"from": "2026-03-09T21:00:00.000Z", "to": "2026-03-09T22:00:00.000Z", "reason": "no_reading"},
            {"from": "2026-03-09T23:00:00.000Z", "to": "2026-03-10T00:00:00.000Z", "reason": "reported_missing"},
        ])
    );
    assert_eq!(answer["truncated"], Value::Null);
}

#[tokio::test]
async fn columns_carry_what_the_json_says() {
    let world = world();
    let id = world.datastream("air-1", "pm10").await;
    let path = format!("/readings?datastream={id}&from=2026-03-10&to=2026-03-12");
    let json = world.json(&path).await;
    let answer = world.ask(&format!("{path}&format=columns")).await;
    assert_eq!(answer.headers()["content-type"], "application/vnd.skyriver.columns");
    let bytes = bytes(answer).await;
    let rows = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    assert_eq!(rows, json["columns"]["time"].as_array().unwrap().len());
    assert_eq!(bytes.len(), 16 + 26 * rows);
    for row in 0..rows {
        let number = |column: usize| {
            let at = 16 + 8 * (rows * column + row);
            f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
        };
        assert_eq!(Some(number(0)), json["columns"]["time"][row].as_f64());
        assert_eq!(
            Some(number(1)).filter(|value| !value.is_nan()),
            json["columns"]["value"][row].as_f64()
        );
        assert_eq!(Some(number(2)), json["columns"]["sequence"][row].as_f64());
    }
}

#[tokio::test]
async fn the_index_that_is_explained_is_the_one_that_was_derived() {
    let world = world();
    for (period, start, from, to) in [
        ("hour", "2026-03-10T06:00:00Z", "2026-03-10T06:00:00Z", "2026-03-10T07:00:00Z"),
        ("day", "2026-03-10", "2026-03-10", "2026-03-11"),
    ] {
        let explained =
            world.json(&format!("/index/explain?place=air-1&period={period}&start={start}")).await;
        let series = world.json(&format!("/index/{period}?place=air-1&from={from}&to={to}")).await;
        let all = world.json("/datastreams?place=air-1").await;
        let is_index = |one: &&Value| one["parameter"] == "aqi" && one["period"] == period;
        let id = &all.as_array().unwrap().iter().find(is_index).unwrap()["id"];
        let kept = world.json(&format!("/readings?datastream={id}&from={from}&to={to}")).await;
        let aqi = explained["aqi"].as_f64();
        assert!(aqi.is_some(), "{explained:#}");
        assert_eq!(series["items"][0]["aqi"].as_f64(), aqi, "{period}");
        assert_eq!(kept["columns"]["value"][0].as_f64(), aqi, "{period}");
        assert_eq!(series["items"].as_array().unwrap().len(), 1, "{period}");
    }
}

#[tokio::test]
async fn an_explanation_names_the_readings_of_its_hours_only() {
    let world = world();
    let answer = world.json("/index/explain?place=air-1&period=day&start=2026-03-10").await;
    for row in answer["rows"].as_array().unwrap() {
        let inputs = row["inputs"].as_array().unwrap();
        // Hour 5 never came; hour 7 came without a value and is named with it.
        assert_eq!(inputs.len(), 23, "{}", row["column"]);
        assert_eq!(inputs[0]["time"], MIDNIGHT.to_string(), "{}", row["column"]);
        assert_eq!(row["capture"]["of"], if row["column"] == "O3_8h" { 17 } else { 24 });
    }
    assert!(answer["sentence"]["zh"].as_str().unwrap().contains("HJ 633-2026"));
}

#[tokio::test]
async fn an_hour_before_the_first_edition_moves_no_other() {
    let world = world();
    let range = "from=2012-02-28T22:00:00%2B08:00&to=2012-02-29T02:00:00%2B08:00";
    let answer = world.json(&format!("/index/hour?place=air-1&{range}")).await;
    let items = answer["items"].as_array().unwrap();
    let starts: Vec<&Value> = items.iter().map(|item| &item["start"]).collect();
    assert_eq!(starts, ["2012-02-28T16:00:00.000Z", "2012-02-28T17:00:00.000Z"]);
}

#[tokio::test]
async fn a_micro_station_gives_a_partial_index_that_is_not_called_the_aqi() {
    let world = world();
    let now = world.json("/index/now").await;
    let of = |key: &str| {
        let items = now["items"].as_array().unwrap();
        items.iter().find(|item| item["place"] == key).unwrap().clone()
    };
    let micro = of("micro-1");
    assert_eq!(micro["aqi"], Value::Null);
    assert!(!micro["reason"]["en"].as_str().unwrap().is_empty());
    assert_eq!(micro["partial"]["of"], json!(["PM10", "PM2.5"]));
    assert!(micro["partial"]["aqi"].as_u64().unwrap() > 50);
    // A standard station that lacks one of the six has no index, and no partial one either.
    assert_eq!(of("air-2")["partial"], Value::Null);
    assert_eq!(of("air-1")["partial"], Value::Null);
    assert!(of("air-1")["aqi"].is_u64());
}

#[tokio::test]
async fn the_district_is_judged_from_the_means_of_its_stations() {
    let world = world();
    let district = world.json("/index/now").await["district"].clone();
    // PM10 is 40.5 and 81 at the two stations: 60.75, rounded 61; between (50, 50) and (120, 100) that
    // is 50 + 50 / 70 * 11 = 57.86, rounded up. CO is measured at one station only.
    assert_eq!(district["aqi"], 58);
    assert_eq!(district["primary"], json!(["PM10"]));
    assert_eq!(district["spark"].as_array().unwrap().len(), 24);
    assert_eq!(district["hour"], (NOW.floor(HOUR_MS) - HOUR_MS).to_string());
}

#[tokio::test]
async fn the_ledger_of_a_day_balances_and_its_rows_add_up() {
    let world = world();
    for by in ["reason", "device", "hour"] {
        for day in ["2026-03-10", "2026-03-11"] {
            let ledger = world.json(&format!("/ledger?day={day}&by={by}")).await;
            assert_eq!(ledger["balanced"], true);
            for (unit, account) in [("frame", "frames"), ("reading", "readings")] {
                let rows = ledger["rows"].as_array().unwrap().iter();
                let rows = rows.filter(|row| row["unit"] == unit);
                let sum: u64 = rows.map(|row| row["count"].as_u64().unwrap()).sum();
                assert_eq!(Some(sum), ledger[account]["received"].as_u64(), "{day} {by} {unit}");
            }
        }
    }
    let today = world.json("/ledger").await;
    assert_eq!(today["frames"]["duplicate"], 1);
    assert_eq!(today["frames"]["rejected"], 1);
    assert_eq!(today["frames"]["quarantined"], 1);
}

#[tokio::test]
async fn a_number_leads_to_its_frame_and_the_frame_to_its_bytes() {
    let world = world();
    let latest = world.json("/latest?place=air-1").await;
    let items = latest["items"].as_array().unwrap();
    let pm25 = items.iter().find(|item| item["parameter"] == "pm25").unwrap();
    let frame = world.json(&format!("/frames/{}", pm25["sequence"])).await;
    assert_eq!(frame["disposition"], "stored");
    assert_eq!(frame["device"], "A00000000000000000000001");
    assert!(frame["text"].as_str().unwrap().contains("a34004-Avg=20,a34004-Flag=N"));
    assert_eq!(frame["hex"].as_str().unwrap().len(), 2 * frame["text"].as_str().unwrap().len());
    assert_eq!(frame["decoded"]["ok"], true);
    assert_eq!(frame["decoded"]["header"]["CN"], "2061");
    assert_eq!(frame["readings"].as_array().unwrap().len(), 6);
    let own = frame["readings"].as_array().unwrap().iter().find(|one| one["parameter"] == "pm25");
    assert_eq!(own.unwrap()["value"], 20.0);
}

#[tokio::test]
async fn a_rejected_frame_shows_its_problem_at_its_byte() {
    let world = world();
    let list = world.json("/frames?disposition=rejected").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["reason"], "bad_crc");
    assert_eq!(world.json("/frames?reason=bad_crc").await, list);
    assert_eq!(world.json("/frames?reason=no_key").await, json!([]));
    let frame = world.json(&format!("/frames/{}", list[0]["sequence"])).await;
    let names: Vec<_> =
        frame["problems"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert!(names.contains(&&json!("crc_mismatch")), "{names:?}");
    assert_eq!(frame["decoded"]["ok"], false);
    assert_eq!(frame["readings"], json!([]));
}

#[tokio::test]
async fn frames_are_listed_newest_first_page_by_page() {
    let world = world();
    let mut before = None;
    let mut seen: Vec<u64> = Vec::new();
    loop {
        let page = before.map_or_else(String::new, |before: u64| format!("&before={before}"));
        let list =
            world.json(&format!("/frames?device=A00000000000000000000001&limit=10{page}")).await;
        let list: Vec<u64> =
            list.as_array().unwrap().iter().map(|one| one["sequence"].as_u64().unwrap()).collect();
        let Some(oldest) = list.last() else { break };
        before = Some(*oldest);
        seen.extend(list);
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
}

#[tokio::test]
async fn metrics_are_well_formed_and_tell_of_the_ledger() {
    let world = world();
    let first = text(world.ask("/metrics").await).await;
    let second = text(world.ask("/metrics").await).await;
    assert_eq!(first, second);
    let mut families = std::collections::BTreeSet::new();
    for line in first.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            let (name, kind) = head.split_once(' ').unwrap();
            assert!(families.insert(name.to_owned()), "{name} stands twice");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else if !line.starts_with('#') {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            assert!(families.contains(name), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    // 26 + 26 + 26 frames but one, and one bad checksum.
    let stored = "skyriver_ledger_total{unit=\"frame\",disposition=\"stored\",reason=\"none\"} 77";
    assert!(first.contains(stored), "{first}");
    let rejected =
        "skyriver_ledger_total{unit=\"frame\",disposition=\"rejected\",reason=\"bad_crc\"} 1";
    assert!(first.contains(rejected));
    assert!(first.contains("skyriver_frame_problems_total{name=\"crc_mismatch\"} 2"));
}

#[tokio::test]
async fn metrics_count_what_is_committed_long_after_it_arrived() {
    let world = world();
    let duplicates = async |world: &World| {
        let text = text(world.ask("/metrics").await).await;
        let series = "skyriver_ledger_total{unit=\"frame\",disposition=\"duplicate\"";
        let line = text.lines().find(|line| line.starts_with(series)).unwrap();
        line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()
    };
    assert_eq!(duplicates(&world).await, 1);
    // It arrived in an hour that was over for long when the page was asked.
    let values = [("so2", "a21026", Some(8.0))];
    world.engine.lock().unwrap().turn(NOW, &[frame(0, MIDNIGHT, &values)]).unwrap();
    assert_eq!(duplicates(&world).await, 2);
}

#[tokio::test]
async fn health_says_when_nothing_can_be_written() {
    let world = world();
    assert_eq!(world.json("/health").await["status"], "ok");
    *world.health.failing.lock().unwrap() = Some("no space left".to_owned());
    let health = world.json("/health").await;
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["problems"][0]["name"], "store_not_writing");
    assert!(health["problems"][0]["message"]["zh"].as_str().unwrap().contains("no space left"));
}

#[tokio::test]
async fn the_law_of_a_date_is_told_with_its_sources() {
    let world = world();
    let check = async |world: &World, date: &str, edition: &str, pm25_24h: f64| {
        let law = world.json(&format!("/standards/air-index?date={date}")).await;
        assert_eq!(law["edition"], edition, "{date}");
        assert_eq!(law["categories"][5]["colour"], "#7E0023");
        let limits = law["limits"].as_array().unwrap();
        let is_pm25 = |one: &&Value| one["pollutant"] == "PM2.5" && one["averaging"] == "24h";
        let limit = limits.iter().find(is_pm25).unwrap();
        assert_eq!(limit["grade2"].as_f64(), Some(pm25_24h), "{date}");
        assert!(limits.iter().all(|limit| !limit["source"].as_str().unwrap().is_empty()));
    };
    check(&world, "2020-01-01", "HJ 633-2012", 75.0).await;
    check(&world, "2026-03-10", "HJ 633-2026", 60.0).await;
}

#[tokio::test]
async fn a_day_without_any_reading_has_no_index_and_says_why() {
    let world = world();
    let before = (MIDNIGHT - 3 * DAY_MS).to_string();
    let answer = world.json(&format!("/index/explain?place=air-1&period=day&start={before}")).await;
    assert_eq!(answer["aqi"], Value::Null);
    assert_eq!(answer["reason"]["en"], "no valid data");
    assert!(answer["sentence"]["en"].as_str().unwrap().starts_with("no assessment, because"));
}

#[tokio::test]
async fn sealed_days_answer_as_hot_ones_do() {
    let world = world();
    let questions = QUESTIONS.iter().filter(|question| **question != "/health");
    let questions: Vec<&str> = questions.copied().chain(["/frames/17"]).collect();
    let mut before = Vec::new();
    for question in &questions {
        before.push(world.json(question).await);
    }
    let hot = world.json("/health").await["hot_readings"].as_u64();
    let day = MIDNIGHT.utc_day();
    world.engine.lock().unwrap().store_mut().seal(day).unwrap();
    assert!(world.json("/health").await["hot_readings"].as_u64() < hot, "something was sealed");
    for (question, before) in questions.iter().zip(before) {
        assert_eq!(world.json(question).await, before, "{question}");
    }
    let damage = |world: &World| world.engine.lock().unwrap().reader().problems().len();
    assert_eq!(damage(&world), 0);
}
