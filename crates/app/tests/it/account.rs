//! Programmes and schemes over real sockets: entered, previewed, kept as revisions, asked as of before, replayed.

use crate::site::Site;
use serde_json::{Value, json};

const REGISTRY: &str = include_str!("../http/registry.toml");
const TABLE: &str = "项目,指标,截至日期,累计,依据\nvillage-1,started_m2,2026-06-30,\"1,200.5\",六月月报\nvillage-1,planned_m2,2026-06-30,1000,六月月报\n";

async fn site() -> Site {
    Site::with_every_role(REGISTRY, |config| config.http.limits.body_bytes_max = 64 << 10).await
}

fn programme() -> Value {
    json!({"write": "programme", "key": "homes", "name": {"zh": "安置房", "en": "Homes"}, "template": "resettlement",
           "begins": "2026-01-01", "due": "2026-12-31", "document": {"title": "plan of the year"}})
}

fn project(key: &str) -> Value {
    json!({"write": "project", "key": key, "programme": "homes", "name": {"zh": "一村", "en": "Village one"}})
}

fn entry(measure: &str, total: &str, document: &str) -> Value {
    json!({"write": "entry", "programme": "homes", "measure": measure, "period_end": "2026-06-30", "total": total,
           "document": {"title": document}})
}

async fn write(site: &Site, writes: &[Value]) -> Value {
    let reply = site.post("/programmes", &json!({"writes": writes})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

async fn rate(site: &Site, query: &str, key: &str) -> Value {
    let answer = site.get(&format!("/programmes/homes?day=2026-06-30{query}")).await.json();
    let rates = answer["rates"].as_array().unwrap().clone();
    rates.into_iter().find(|rate| rate["key"] == key).unwrap()
}

#[tokio::test]
async fn a_total_that_is_corrected_is_a_revision_and_the_past_stays_as_it_was() {
    let mut site = site().await;
    site.sign_in("leader", crate::site::PASSWORD).await;
    write(&site, &[programme(), project("village-1")]).await;
    write(&site, &[entry("due_villages", "39", "a"), entry("back_villages", "26", "a")]).await;
    let before = rate(&site, "", "back_villages").await;
    assert_eq!(before["percent"], "66.7");
    assert_eq!(before["basis"], "villages");
    let sequence = site.get("/known").await.json()["newest"].as_u64().unwrap();
    let written = write(&site, &[entry("back_villages", "29", "b")]).await;
    assert_eq!((&written["changed"], &written["changes"][0]["was"]), (&json!(1), &json!("26")));
    assert_eq!(rate(&site, "", "back_villages").await["percent"], "74.4");
    let then = rate(&site, &format!("&as_of={sequence}"), "back_villages").await;
    assert_eq!(then["percent"], "66.7");
    assert_eq!(rate(&site, "", "back_people").await["percent"], Value::Null);
    let entries = site.get("/programmes/homes/entries?measure=back_villages").await.json();
    assert_eq!((&entries["total"], &entries["entries"][0]["version"]), (&json!(2), &json!(2)));
    // Two documents disagree: the later is used, both are named.
    let answer = site.get("/programmes/homes?day=2026-06-30").await.json();
    let said = answer["warnings"][0]["text"]["en"].as_str().unwrap();
    assert!(said.contains("“a” says 26, “b” says 29"), "{said}");
    // What says the same again adds nothing.
    let again = write(&site, &[entry("back_villages", "29", "b")]).await;
    assert_eq!((&again["same"], &again["sequences"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn a_table_is_previewed_then_kept_whole_or_not_at_all() {
    let mut site = site().await;
    site.sign_in("operator", crate::site::PASSWORD).await;
    write(&site, &[programme(), project("village-1")]).await;
    let send = async |site: &Site, query: &str, table: &[u8]| {
        site.ask("POST", &format!("/programmes/import?programme=homes{query}"), &[], table).await
    };
    let preview = send(&site, "", TABLE.as_bytes()).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let preview = preview.json();
    assert_eq!((&preview["new"], &preview["sequences"]), (&json!(2), &json!([])));
    let warning = preview["warnings"][0]["text"]["en"].as_str().unwrap();
    assert!(warning.contains("200.5 more"), "{warning}");
    assert_eq!(site.get("/programmes/homes/entries").await.json()["total"], 0);
    let bad = TABLE.replace("village-1,planned", "village-9,planned");
    let refused = send(&site, "&preview=false", bad.as_bytes()).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json().to_string().contains("line 3"), "{refused:?}");
    let hostile = send(&site, "&preview=false", b"PK\x03\x04....").await;
    assert_eq!((hostile.status, hostile.code().as_str()), (400, "bad_table"));
    assert_eq!(site.get("/programmes/homes/entries").await.json()["total"], 0);
    let kept = send(&site, "&preview=false", TABLE.as_bytes()).await.json();
    assert_eq!(kept["sequences"].as_array().unwrap().len(), 2);
    let again = send(&site, "&preview=false", TABLE.as_bytes()).await.json();
    assert_eq!(again["same"], 2);
}

#[tokio::test]
async fn nobody_enters_figures_without_the_right() {
    let mut site = site().await;
    let body = json!({"writes": [programme()]});
    assert_eq!(site.post("/programmes", &body).await.status, 401);
    for (name, status) in [("handler", 403), ("analyst", 403), ("system", 403), ("dispatcher", 200)]
    {
        site.sign_in(name, crate::site::PASSWORD).await;
        assert_eq!(site.post("/programmes", &body).await.status, status, "{name}");
        site.forget();
    }
}

#[tokio::test]
async fn a_scheme_is_replayed_before_it_is_adopted_and_says_when_it_cannot_be() {
    let mut site = site().await;
    let schemes = site.get("/schemes").await.json();
    assert_eq!(schemes["schemes"].as_array().unwrap().len(), 8);
    site.sign_in("leader", crate::site::PASSWORD).await;
    let body = json!({"scheme": "zhengzhou-2020-pm25", "from": "2026-03-01", "to": "2026-03-31", "item": "PM2.5"});
    let reply = site.post("/schemes/replay", &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json()["periods"].as_array().unwrap().len(), 1);
    let body = json!({"scheme": "taiyuan-2019-score", "from": "2026-03-01", "to": "2026-03-31"});
    assert_eq!(site.post("/schemes/replay", &body).await.code(), "not_replayable");
    assert_eq!(site.post("/schemes", &json!({"toml": "key = 1"})).await.code(), "bad_scheme");
    let toml = schemes["schemes"][0]["toml"].as_str().unwrap();
    let kept = site.post("/schemes", &json!({"toml": toml})).await;
    assert_eq!((kept.status, &kept.json()["adopted"]), (200, &json!(true)));
    let doubt = site.get("/assess/rank/doubt?from=2026-03-01&to=2026-03-02").await;
    assert_eq!(doubt.status, 200, "{doubt:?}");
}
