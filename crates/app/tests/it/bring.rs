//! Bringing files of readings to a running server over real sockets: dry run, receipt, refusals.

use crate::registry::REGISTRY;
use crate::site::{Reply, Site};
use serde_json::{Value, json};

const MN: &str = "010000A8900016F000169DC0";

async fn import(site: &Site, query: &str, file: &[u8]) -> Reply {
    site.ask("POST", &format!("/import/readings?{query}"), &[], file).await
}

fn file(mn: &str) -> String {
    format!(
        "time,device,parameter,value\n2020-03-01T00:00:00Z,{mn},pm25,35.5\n2020-03-01T01:00:00Z,{mn},pm25,\n\
         2020-03-01T02:00:00Z,{mn},no2,20\n"
    )
}

async fn device(site: &Site) -> String {
    let devices = site.get("/devices").await.json();
    let first = devices["devices"][0]["mn"].as_str().or(devices["items"][0]["mn"].as_str());
    first.unwrap_or(MN).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing_and_a_file_has_one_receipt() {
    let site = Site::signed_in(REGISTRY).await;
    let text = file(&device(&site).await);
    let dry = import(&site, "name=a.csv", text.as_bytes()).await;
    assert_eq!(dry.status, 200, "{dry:?}");
    let dry = dry.json();
    assert_eq!((&dry["receipt"], &dry["readings"]["stored"]), (&Value::Null, &json!(2)), "{dry:#}");
    assert_eq!(site.get("/import/receipts").await.json()["items"], json!([]));
    let done = import(&site, "dry_run=false&name=a.csv", text.as_bytes()).await.json();
    let receipt = &done["receipt"];
    assert_eq!((&receipt["state"], &receipt["who"]), (&json!("done"), &json!("chief")), "{done:#}");
    assert_eq!((&receipt["rows"], &receipt["empty"]), (&json!(3), &json!(1)));
    let listed = site.get("/import/receipts").await.json();
    assert_eq!(listed["items"], json!([receipt]));
    let again = import(&site, "dry_run=false", text.as_bytes()).await.json();
    assert_eq!(again["receipt"], Value::Null);
    assert_eq!(&again["imported_before"], receipt);
    // Two clicks to the line of the file: the reading's sequence, and the bytes of that frame.
    let first = receipt["ranges"][0][0].as_u64().unwrap();
    let frame = site.get(&format!("/frames/{first}")).await.json();
    let raw = frame.to_string();
    assert!(raw.contains("2020-03-01T00:00:00Z"), "{raw}");
    assert_eq!(frame["imported"]["receipt"], receipt["receipt"], "{frame:#}");
    assert_eq!(frame["imported"]["head"], "time,device,parameter,value");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_is_refused_and_the_server_is_unharmed() {
    let site = Site::signed_in(REGISTRY).await;
    for bad in
        [&b"PK\x03\x04book"[..], b"\xFF\xFEt\0i\0", b"PAR1 cut", b"a,b\n1,2\n", b"", b"\x1F\x8Bcut"]
    {
        let refused = import(&site, "dry_run=false", bad).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "bad_file"), "{refused:?}");
        let error = &refused.json()["error"];
        assert!(error["hint"]["zh"].is_string() && error["message"]["en"].is_string());
    }
    let stranger = import(&site, "dry_run=false", file("NOBODY").as_bytes()).await.json();
    assert_eq!((&stranger["receipt"], &stranger["unknown_count"]), (&Value::Null, &json!(1)));
    let part = import(&site, "dry_run=false&partial=true", file("NOBODY").as_bytes()).await.json();
    assert_eq!(part["receipt"]["frames"]["quarantined"], json!({"unknown_device": 2}), "{part:#}");
    for query in ["format=xml", "period=week", "columns=x", "dry_run=maybe"] {
        assert_eq!(import(&site, query, b"x").await.status, 400, "{query}");
    }
    let ledger = site.get("/ledger").await.json();
    assert_eq!((&ledger["balanced"], &ledger["frames"]["received"]), (&json!(true), &json!(2)));
    let rates = site.get("/ledger/rates?month=2020-03").await.json();
    assert!(rates["rates"].as_array().unwrap().iter().all(|rate| rate["came"] == 0), "{rates:#}");
    assert_eq!(site.get("/ledger/rates?month=2020-13").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_imports_without_signing_in() {
    let site = Site::start(REGISTRY).await;
    assert_eq!(import(&site, "dry_run=false", file(MN).as_bytes()).await.status, 401);
}
