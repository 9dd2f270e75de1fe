//! Findings over real sockets: listed, looked at, filed, put aside, explained; and who is turned away.

use crate::site::{PASSWORD, Reply, Site, add_person};
use crate::world::frame;
use detect::Rules;
use engine::{Engine, RegistryFile};
use model::{Area, HOUR_MS, Role, Scope};
use serde_json::{Value, json};

const REGISTRY: &str = include_str!("../http/registry.toml");

/// A server on whose first station PM2.5 rose suddenly within the last whole hour.
async fn site() -> Site {
    Site::with_every_role(REGISTRY, |_| ()).await.after(rise_suddenly).await
}

/// Lets PM2.5 rise suddenly at the first device within the last whole hour, under the rules that come with the program.
pub fn rise_suddenly(engine: &mut Engine) {
    engine.watch_by(Rules::built_in().unwrap()).unwrap();
    let now = app::clock::now().floor(HOUR_MS);
    for hours in (1..=7).rev() {
        let value = if hours == 1 { 190.0 } else { 40.0 + hours as f64 };
        let start = now - hours * HOUR_MS;
        engine
            .turn(start + HOUR_MS, &[frame(0, start, &[("pm25", "a34004", Some(value))])])
            .unwrap();
    }
}

async fn as_somebody(site: &mut Site, name: &str) {
    site.forget();
    assert_eq!(site.sign_in(name, PASSWORD).await.status, 200, "{name}");
}

/// The findings that whoever is signed in sees.
async fn list(site: &Site, query: &str) -> Vec<Value> {
    let reply = site.get(&format!("/findings?{query}")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["findings"].as_array().unwrap().clone()
}

async fn rise(site: &Site) -> String {
    let found = list(site, "rule=air-sudden-rise&state=all").await;
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]["id"].as_str().unwrap().to_owned()
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_seen_with_its_series_and_filed_as_a_case_once() {
    let mut site = site().await;
    as_somebody(&mut site, "operator").await;
    let id = rise(&site).await;
    let whole = site.get(&format!("/findings/{id}")).await.json();
    let finding = &whole["finding"];
    assert_eq!(finding["subject"]["place"], "air-1");
    assert_eq!(
        (&finding["state"], &finding["value"], &finding["waiting"]),
        (&json!("raised"), &json!(190.0), &json!(true))
    );
    assert!(finding["text"]["zh"].as_str().unwrap().contains("190"), "{finding}");
    assert_eq!(whole["series"]["points"].as_array().unwrap().len(), 7);
    assert_eq!(whole["rule"]["key"], "air-sudden-rise");
    let shape = json!({"findings": 1, "raised": 1, "places": ["air-1"], "parameters": ["pm25"]});
    assert_eq!(finding["event"], shape);
    let events = site.get("/findings?by=event").await.json();
    let rows = events["findings"].as_array().unwrap();
    let of_event: Vec<_> = rows.iter().filter(|row| row["group"] == finding["group"]).collect();
    assert_eq!((of_event.len(), &of_event[0]["event"]), (1, &shape));
    assert_eq!((&events["waiting"], &events["total"]), (&json!(rows.len()), &json!(rows.len())));
    let filed = site.post(&format!("/findings/{id}/file"), &json!({})).await;
    assert_eq!(filed.status, 200, "{filed:?}");
    let number = filed.json()["number"].as_str().unwrap().to_owned();
    let again = site.post(&format!("/findings/{id}/file"), &json!({})).await.json();
    assert_eq!((&again["number"], &again["is_again"]), (&json!(number), &json!(true)));
    let case = site.get(&format!("/cases/{number}")).await.json();
    assert_eq!(
        (&case["case"]["finding"], &case["case"]["source"]),
        (&json!(id), &json!("finding"))
    );
    let refused = site.post(&format!("/findings/{id}/dismiss"), &json!({"why": "no"})).await;
    assert_eq!(code(&refused), (409, "finding_is_case".to_owned()));
    // The case is refused: the finding was none.
    let body = json!({"id": "1", "version": 1, "move": "reject", "note": "nobody there"});
    assert_eq!(site.post(&format!("/cases/{number}/moves"), &body).await.status, 200);
    let judged = list(&site, "verdict=refuted&state=all").await;
    assert_eq!(judged[0]["id"], json!(id));
    let rules = site.get("/rules").await.json();
    let rule = rules["rules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|own| own["key"] == "air-sudden-rise")
        .unwrap();
    assert_eq!((&rule["refuted"], &rule["precision"]), (&json!(1), &json!(0.0)));
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_put_aside_with_a_reason_and_what_it_was_before_can_still_be_seen() {
    let mut site = site().await;
    as_somebody(&mut site, "operator").await;
    let id = rise(&site).await;
    let before = site.get("/known").await.json()["sequence"].as_u64().unwrap();
    let empty = site.post(&format!("/findings/{id}/dismiss"), &json!({"why": " "})).await;
    assert_eq!(code(&empty), (400, "bad_parameter".to_owned()));
    let body = json!({"why": "fireworks", "verdict": "data_invalid"});
    let put = site.post(&format!("/findings/{id}/dismiss"), &body).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(put.json()["dismissed"]["why"], "fireworks");
    assert!(!list(&site, "").await.iter().any(|own| own["id"] == json!(id)), "it waits no longer");
    let then = site.get(&format!("/findings/{id}?as_of={before}")).await.json();
    assert_eq!(
        (&then["finding"]["waiting"], &then["finding"]["verdict"]),
        (&json!(true), &json!(null))
    );
    for (query, expected) in [
        ("state=nix", 400),
        ("severity=x", 400),
        ("verdict=maybe", 400),
        ("by=x", 400),
        ("nix=1", 400),
    ] {
        assert_eq!(site.get(&format!("/findings?{query}")).await.status, expected, "{query}");
    }
    assert_eq!(code(&site.get("/findings/f999999").await), (404, "unknown_finding".to_owned()));
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn known_work_is_stated_and_ended_by_those_who_may_file() {
    let mut site = site().await;
    let body =
        json!({"place": "air-1", "from": "2026-01-01", "to": "2030-01-01", "reason": "works"});
    as_somebody(&mut site, "handler").await;
    assert_eq!(code(&site.post("/suppressions", &body).await), (403, "not_allowed".to_owned()));
    let id = rise(&site).await;
    assert_eq!(
        code(&site.post(&format!("/findings/{id}/file"), &json!({})).await),
        (403, "not_allowed".to_owned())
    );
    as_somebody(&mut site, "operator").await;
    let made = site.post("/suppressions", &body).await;
    assert_eq!(made.status, 200, "{made:?}");
    let work = made.json()["id"].as_str().unwrap().to_owned();
    let nowhere =
        json!({"place": "nix", "from": "2026-01-01", "to": "2030-01-01", "reason": "works"});
    assert_eq!(site.post("/suppressions", &nowhere).await.status, 404);
    let end = format!("/suppressions/{work}/end");
    assert_eq!(site.post(&end, &json!({"why": "done"})).await.status, 200);
    assert_eq!(
        code(&site.post(&end, &json!({"why": "done"})).await),
        (409, "suppression_ended".to_owned())
    );
    let works = site.get("/suppressions").await.json();
    assert_eq!(works["suppressions"][0]["ended"]["why"], "done");
    site.server.stop().await.unwrap();
}

/// Another area, and an operator of the first one only.
async fn with_two_areas(site: Site) -> Site {
    let second = |engine: &mut Engine| {
        let south = Area { key: "south".to_owned(), ..Area::default() };
        let file = RegistryFile { areas: vec![south], ..RegistryFile::default() };
        engine.install(app::clock::now(), &file).unwrap();
        let scope = Scope { area: Some("north".to_owned()), ..Scope::default() };
        add_person(engine, "nora", Role::Operator, scope);
    };
    site.after(second).await
}

#[tokio::test(flavor = "multi_thread")]
async fn known_work_of_an_area_is_stated_and_ended_by_whom_the_area_belongs_to() {
    let mut site = with_two_areas(site().await).await;
    let work = |more: Value| {
        let mut body = json!({"from": "2026-01-01", "to": "2099-01-01", "reason": "works"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    as_somebody(&mut site, "nora").await;
    let own = site.post("/suppressions", &work(json!({"area": "north"}))).await;
    assert_eq!((own.status, &own.json()["area"]), (200, &json!("north")), "{own:?}");
    for (more, expected) in [
        (json!({"area": "south"}), (403, "not_allowed")),
        (json!({}), (403, "not_allowed")),
        (json!({"area": "nowhere"}), (404, "unknown_area")),
        (json!({"area": "north", "place": "air-1"}), (400, "bad_parameter")),
    ] {
        let (status, said) = code(&site.post("/suppressions", &work(more.clone())).await);
        assert_eq!((status, said.as_str()), expected, "{more}");
    }
    as_somebody(&mut site, "operator").await;
    let other = site.post("/suppressions", &work(json!({"area": "south"}))).await;
    let end = format!("/suppressions/{}/end", other.json()["id"].as_str().unwrap());
    as_somebody(&mut site, "nora").await;
    assert_eq!(code(&site.post(&end, &json!({"why": "x"})).await).0, 403);
    site.server.stop().await.unwrap();
}
