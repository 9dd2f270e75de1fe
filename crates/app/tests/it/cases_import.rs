//! Files of cases of another system, over real sockets: dry run, receipt, twice the same, a later file, refusals.

use crate::registry::REGISTRY;
use crate::site::{Reply, Site};
use serde_json::json;

const HEAD: &str = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,REASON,TYPE,CASE_TITLE,CLOSURE_REASON,Department,Source,LONGITUDE,LATITUDE\n";
const LATE: &str = "7,01/01/2015 12:25:23 AM,01/02/2015 08:30:00 AM,01/05/2015 04:17:43 PM,OVERDUE,Sanitation,Bin,PRINTED,Case Closed,PWDx,Self Service,-71.09,42.34\n";
const OPEN: &str =
    "8,02/01/2015 09:00:00 AM,,,ONTIME,Trees,Tree,,,PARK,Self Service,-71.0587,42.3594\n";
const ENDED: &str = "8,02/01/2015 09:00:00 AM,,02/03/2015 10:00:00 AM,ONTIME,Trees,Tree,,Case Closed,PARK,Self Service,-71.0587,42.3594\n";

async fn import(site: &Site, query: &str, file: &str) -> Reply {
    let path = format!("/cases/import?mapping=boston311&{query}");
    site.ask("POST", &path, &[], file.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_cases_has_one_receipt_and_twice_the_same_adds_nothing() {
    let mut site = Site::with_every_role(REGISTRY, |_| ()).await;
    site.sign_in("system", crate::site::PASSWORD).await;
    let file = format!("{HEAD}{LATE}{OPEN}");
    let dry = import(&site, "name=a.csv", &file).await.json();
    assert_eq!((&dry["is_kept"], &dry["receipt"]["new"]), (&json!(false), &json!(2)), "{dry:#}");
    let row =
        json!({"line": 2, "number": "7", "becomes": "new", "case": "2015-000001", "moves": 0});
    assert_eq!(dry["taken_rows"][0], row);
    let before = site.get("/cases/import").await.json();
    assert_eq!((&before["items"], &before["running"]), (&json!([]), &json!(null)));
    assert_eq!(before["mappings"][0]["key"], "boston311");
    assert_eq!(before["mappings"][0]["name"]["en"], "Boston 311");
    let done = import(&site, "dry_run=false&name=a.csv", &file).await.json();
    let receipt = &done["receipt"];
    assert_eq!((&receipt["new"], &receipt["acts"]), (&json!(2), &json!(10)), "{done:#}");
    assert_eq!(receipt["numbers"], json!(["2015-000001", "2015-000002"]));
    let said = &receipt["on_time"];
    assert_eq!(
        (&said["same"], &said["overdue"], &said["no_target"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(receipt["notes"], json!({"no_position": 1, "no_target": 1, "still_open": 1}));
    let again = import(&site, "dry_run=false", &file).await.json();
    assert_eq!((&again["is_kept"], &again["receipt"]["known"]), (&json!(false), &json!(2)));
    assert_eq!(&again["imported_before"], receipt);
    let forced = import(&site, "dry_run=false&again=true", &file).await.json();
    assert_eq!((&forced["receipt"]["known"], &forced["receipt"]["acts"]), (&json!(2), &json!(0)));
    // A later file of the same system: only what is new of the case that was closed since.
    let later = import(&site, "dry_run=false", &format!("{HEAD}{LATE}{ENDED}")).await.json();
    let counts = ["moved", "known", "new", "acts"].map(|key| later["receipt"][key].clone());
    assert_eq!(counts, [json!(1), json!(1), json!(0), json!(2)], "{later:#}");
    let changes: Vec<_> = later["taken_rows"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&changes[0]["becomes"], &changes[1]["becomes"]),
        (&json!("known"), &json!("moved"))
    );
    assert_eq!((&changes[1]["line"], &changes[1]["moves"]), (&json!(3), &json!(2)));
    // As any case: with its moves, when and by whom they were made there, also after a restart.
    site.forget();
    let mut site = site.restart().await;
    site.sign_in("leader", crate::site::PASSWORD).await;
    let case = site.get("/cases/2015-000001").await.json();
    let who: Vec<&str> = case["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["who"].as_str().unwrap())
        .collect();
    let (system, unit) = ("boston311", "boston311/PWDx");
    assert_eq!(who, [system, system, system, unit, unit, system]);
    assert_eq!(
        (&case["case"]["stage"], &case["case"]["opened"]),
        (&json!("closed"), &json!("2015-01-01T05:25:23.000Z"))
    );
    assert_eq!(case["case"]["clock"]["is_overdue"], true);
    assert_eq!(case["case"]["unit"], unit);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_of_cases_is_refused_by_name_and_nothing_is_kept() {
    let mut site = Site::with_every_role(REGISTRY, |_| ()).await;
    site.sign_in("system", crate::site::PASSWORD).await;
    let bad = format!(
        "{HEAD}{LATE}{}",
        LATE.replacen("01/01/2015", "13/45/2015", 1).replacen('7', "9", 1)
    );
    let refused = import(&site, "dry_run=false", &bad).await.json();
    assert_eq!((&refused["is_kept"], &refused["receipt"]["bad"]), (&json!(false), &json!(1)));
    assert_eq!(
        (&refused["bad_rows"][0]["line"], &refused["bad_rows"][0]["column"]),
        (&json!(3), &json!("OPEN_DT"))
    );
    let part = import(&site, "dry_run=false&partial=true", &bad).await.json();
    assert_eq!((&part["is_kept"], &part["receipt"]["new"]), (&json!(true), &json!(1)), "{part:#}");
    for file in ["", "a,b\n1,2\n", HEAD, "\u{1F}"] {
        let refused = import(&site, "dry_run=false", file).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "bad_file"), "{refused:?}");
    }
    let unknown = site.ask("POST", "/cases/import?mapping=nowhere", &[], file_bytes()).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "unknown_mapping"));
    let text =
        site.get("/cases/settings/mappings").await.json()["text"].as_str().unwrap().to_owned();
    let worse = json!({"text": text.replace("America/New_York", "Mars/Olympus")});
    let refused = site.send("PUT", "/cases/settings/mappings", &worse).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad_setting"));
    site.forget();
    site.sign_in("operator", crate::site::PASSWORD).await;
    assert_eq!(import(&site, "", HEAD).await.code(), "not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_cases_may_bring_its_own_mapping() {
    let mut site = Site::with_every_role(REGISTRY, |_| ()).await;
    site.sign_in("system", crate::site::PASSWORD).await;
    let mapping = control::Mappings::TEXT.replace("boston311", "town311");
    let sent = async |mapping: &str, bytes: usize, more: &str| {
        let path = format!("/cases/import?mapping_bytes={bytes}{more}");
        site.ask("POST", &path, &[], format!("{mapping}{HEAD}{LATE}").as_bytes()).await
    };
    let done = sent(&mapping, mapping.len(), "&dry_run=false").await.json();
    assert_eq!(
        (&done["receipt"]["system"], &done["receipt"]["new"]),
        (&json!("town311"), &json!(1)),
        "{done:#}"
    );
    let twice = format!("{mapping}{}", control::Mappings::TEXT);
    let zone = mapping.replace("America/New_York", "Mars/Olympus");
    for (own, bytes, more, status, said) in [
        (&twice, twice.len(), "", 422, "bad_mapping"),
        (&zone, zone.len(), "", 422, "bad_mapping"),
        (&mapping, mapping.len() - 9, "", 422, "bad_mapping"),
        (&mapping, 99_999, "", 400, "bad_parameter"),
        (&mapping, 300_000, "", 400, "bad_parameter"),
        (&mapping, mapping.len(), "&mapping=boston311", 400, "bad_parameter"),
    ] {
        let refused = sent(own, bytes, more).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, said), "{refused:?}");
    }
    let neither = site.ask("POST", "/cases/import", &[], file_bytes()).await;
    assert_eq!((neither.status, neither.code().as_str()), (400, "missing_parameter"));
}

fn file_bytes() -> &'static [u8] {
    HEAD.as_bytes()
}
