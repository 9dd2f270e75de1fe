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
    assert_eq!(site.post("/schemes/replay", &body).await.code(), "missing_input");
    assert_eq!(site.post("/schemes", &json!({"toml": "key = 1"})).await.code(), "bad_scheme");
    let toml = schemes["schemes"][0]["toml"].as_str().unwrap();
    let kept = site.post("/schemes", &json!({"toml": toml})).await;
    assert_eq!((kept.status, &kept.json()["adopted"]), (200, &json!(true)));
    let doubt = site.get("/assess/rank/doubt?from=2026-03-01&to=2026-03-02").await;
    assert_eq!(doubt.status, 200, "{doubt:?}");
}

const VILLAGES: &str = include_str!("../../../account/data/indicators/back-villages.toml");
const PEOPLE: &str = include_str!("../../../account/data/indicators/back-people.toml");

async fn indicator(site: &Site, query: &str) -> Value {
    let reply = site.get(&format!("/indicators/{query}")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["indicator"].clone()
}

#[tokio::test]
async fn an_indicator_comes_out_of_entries_and_opens_to_them_and_the_past_stays_as_it_was() {
    let mut site = site().await;
    site.sign_in("leader", crate::site::PASSWORD).await;
    write(&site, &[programme()]).await;
    let today = site.get("/indicators").await.json()["day"].as_str().unwrap().to_owned();
    let stated = |measure: &str, total: &str| {
        let mut own = entry(measure, total, "annual account");
        own["period_end"] = json!(today);
        own
    };
    let none = indicator(&site, "back-villages").await;
    assert_eq!((&none["now"]["value"], &none["sequence"]), (&Value::Null, &Value::Null));
    assert!(none["now"]["reason"]["zh"].as_str().unwrap().contains("安置房"), "{none}");
    write(&site, &[stated("due_villages", "39"), stated("back_villages", "26")]).await;
    let own = indicator(&site, "back-villages").await;
    assert_eq!((&own["now"]["value"], &own["basis"]), (&json!("66.7"), &json!("villages")));
    let first = &own["now"]["inputs"][0];
    assert_eq!((&first["amount"], &first["side"]), (&json!("26"), &json!("numerator")));
    let entries = site.get(first["explain"].as_str().unwrap().trim_start_matches("/api/v1")).await;
    assert_eq!(entries.json()["entries"][0]["total"], "26");
    let then = site.get("/known").await.json()["newest"].as_u64().unwrap();
    // A correction: nothing is due any more. That is no case, and neither 0 % nor 100 %.
    write(&site, &[stated("due_villages", "0"), stated("back_villages", "0")]).await;
    let own = indicator(&site, "back-villages").await;
    assert_eq!(own["now"]["value"], Value::Null);
    assert!(own["now"]["reason"]["en"].as_str().unwrap().contains("no case"), "{own}");
    let before = indicator(&site, &format!("back-villages?as_of={then}")).await;
    assert_eq!(before["now"]["value"], "66.7");
}

#[tokio::test]
async fn an_edition_is_adopted_with_a_target_and_another_basis_is_refused_in_one_line() {
    let mut site = site().await;
    let body = |toml: &str, preview: bool| json!({"toml": toml, "preview": preview});
    assert_eq!(site.post("/indicators", &body(VILLAGES, false)).await.status, 401);
    site.sign_in("operator", crate::site::PASSWORD).await;
    assert_eq!(site.post("/indicators", &body(VILLAGES, false)).await.status, 403);
    site.sign_in("leader", crate::site::PASSWORD).await;
    let day = site.get("/indicators").await.json()["day"].as_str().unwrap().to_owned();
    let year = &day[..4];
    let mut entries = vec![programme()];
    let totals = [
        ("due_villages", "39"),
        ("back_villages", "26"),
        ("due_people", "112700"),
        ("back_people", "66500"),
    ];
    for (measure, total) in totals {
        let mut own = entry(measure, total, "annual account");
        own["period_end"] = json!(format!("{year}-01-01"));
        entries.push(own);
    }
    write(&site, &entries).await;
    let target = "target = { value = \"74\", amber = 60, document = \"plan of the year\" }\n";
    let adopted = format!("{target}{}", VILLAGES.replace("2016-01-01", &format!("{year}-01-01")));
    let preview = site.post("/indicators", &body(&adopted, true)).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let shown = preview.json();
    assert_eq!((&shown["now"]["light"], &shown["sequence"]), (&json!("amber"), &Value::Null));
    assert_eq!(indicator(&site, "back-villages").await["target"], Value::Null);
    let kept = site.post("/indicators", &body(&adopted, false)).await.json();
    assert!(kept["sequence"].is_u64(), "{kept}");
    let only = site.get("/indicators?adopted=true").await.json();
    assert_eq!(only["indicators"].as_array().unwrap().len(), 1);
    let opened = site.get("/indicators/back-villages").await.json();
    assert_eq!(opened["editions"].as_array().unwrap().len(), 2);
    // 66.7 % of villages and 59 % of people are not put in one line, and the refusal says why.
    let line = format!("from={year}-01-01&to={day}");
    let refused =
        site.get(&format!("/indicators/back-villages/trend?{line}&with=back-people")).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "other_basis"));
    let said = refused.json().to_string();
    assert!(said.contains("按村计") && said.contains("by people"), "{said}");
    let alone = site.get(&format!("/indicators/back-people/trend?{line}")).await.json();
    assert_eq!(alone["lines"][0]["points"][0]["value"], "59.0");
    assert_eq!(alone["basis"], "people");
    // An edition of this year that counts people under the key of villages is not compared with last year's.
    let other = PEOPLE
        .replace("back-people", "back-villages")
        .replace("2016-01-01", &format!("{year}-01-01"));
    let shown = site.post("/indicators", &body(&other, true)).await.json();
    assert!(shown["not_compared"]["en"].as_str().unwrap().contains("by villages"), "{shown}");
    for (from, to, code) in [
        ("basis = \"villages\"", "basis = \"people\"", "bad_indicator"),
        ("key", "kee", "bad_indicator"),
    ] {
        let reply = site.post("/indicators", &body(&VILLAGES.replacen(from, to, 1), false)).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{reply:?}");
    }
    assert_eq!(site.get("/indicators/nothing").await.code(), "unknown_indicator");
    assert_eq!(site.get("/indicators?day=2999-01-01").await.status, 400);
}

#[tokio::test]
async fn a_commendation_follows_its_criteria_and_names_nobody_who_did_not_agree() {
    let mut site = site().await;
    let year = "from=2026-01-01&to=2026-12-31";
    assert_eq!(site.get(&format!("/commendations?{year}")).await.status, 401);
    site.sign_in("leader", crate::site::PASSWORD).await;
    let reply = site.get(&format!("/commendations?{year}")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let lists = reply.json();
    let keys: Vec<_> =
        lists["lists"].as_array().unwrap().iter().map(|own| own["key"].clone()).collect();
    assert_eq!(keys, [json!("people"), json!("units")]);
    assert_eq!((&lists["lists"][0]["rows"], &lists["consents"]), (&json!([]), &json!(false)));
    let consent = json!({"named": true});
    let put = site
        .ask(
            "PUT",
            "/commendations/consent",
            &[("Content-Type", "application/json")],
            consent.to_string().as_bytes(),
        )
        .await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(site.get(&format!("/commendations?{year}")).await.json()["consents"], true);
    let toml = lists["lists"][1]["toml"].as_str().unwrap();
    let vote = toml.replace("at_most = 2\n", "");
    let refused = site.post("/commendations", &json!({"toml": vote})).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad_commendation"));
    assert_eq!(site.post("/commendations", &json!({"toml": toml})).await.status, 200);
    let adopted = site.get(&format!("/commendations?{year}")).await.json();
    assert!(adopted["lists"][1]["sequence"].is_u64(), "{adopted}");
    let report = site.get("/reports/year?from=2026-01-01").await.json();
    let titles: Vec<_> = report["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["title"]["en"].clone())
        .collect();
    assert!(titles.contains(&json!("Commendations")), "{titles:?}");
}

#[tokio::test]
async fn the_status_of_programmes_is_a_report_with_increments_bases_and_what_does_not_fit() {
    let mut site = site().await;
    site.sign_in("leader", crate::site::PASSWORD).await;
    let of = |end: &str, measure: &str, total: &str| {
        let mut own = entry(measure, total, "month's report");
        own["period_end"] = json!(end);
        own
    };
    let writes = [
        programme(),
        of("2026-05-31", "started_m2", "400"),
        of("2026-06-30", "planned_m2", "384"),
        of("2026-06-30", "started_m2", "453"),
        of("2026-06-30", "handed_over_m2", "100"),
        of("2026-06-30", "due_villages", "39"),
        of("2026-06-30", "back_villages", "26"),
    ];
    write(&site, &writes).await;
    let reply = site.get("/reports/programmes?from=2026-06-01").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let report = reply.json();
    let numbers: Vec<_> = report["numbers"].as_object().unwrap().values().collect();
    let values = |name: &str| -> Vec<_> {
        let own = numbers.iter().filter(|own| own["name"]["en"].as_str().unwrap().contains(name));
        own.map(|own| (own["value"].as_str().unwrap(), own["basis"].as_str())).collect()
    };
    assert_eq!(values("started, what came"), [("53", Some("floor_area"))]);
    assert_eq!(values("start rate"), [("118.0", Some("floor_area"))]);
    assert_eq!(values("by villages"), [("66.7", Some("villages"))]);
    assert!(values("by people").is_empty(), "nobody stated people");
    let text = report["sections"].to_string();
    assert!(text.contains("69 more than floor area planned"), "{text}");
    assert!(text.contains("month's report") && text.contains("green from 0.95"), "{text}");
}

#[tokio::test]
async fn a_published_report_keeps_its_sequence_and_editions_and_a_correction_makes_a_revision_beside_it()
 {
    let mut site = site().await;
    site.sign_in("leader", crate::site::PASSWORD).await;
    let publish = async |site: &Site, kind: &str, from: &str| {
        let question = json!({"kind": kind, "from": from});
        let body = json!({"what": "report", "question": question, "why": "meeting of the month"});
        let reply = site.post("/decisions", &body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()
    };
    let month = publish(&site, "month", "2026-03-01").await;
    let air = &month["editions"][0];
    assert_eq!((&air["of"], &air["from"]), (&json!("air"), &json!("2026-03-01")), "{month}");
    assert!(air["edition"].as_str().unwrap().contains("HJ 633-2026"), "{air}");
    assert_eq!(month["answer"]["editions"], month["editions"]);
    write(
        &site,
        &[programme(), entry("due_villages", "39", "a"), entry("back_villages", "26", "a")],
    )
    .await;
    let first = publish(&site, "programmes", "2026-06-01").await;
    assert_eq!((&first["revision"], &first["revises"]), (&json!(1), &Value::Null));
    write(&site, &[entry("back_villages", "29", "b")]).await;
    let id = first["id"].as_str().unwrap();
    let explained = site.get(&format!("/decisions/{id}/explain")).await.json();
    assert_eq!(
        explained["holds"], true,
        "as of its moment it says the same: {}",
        explained["differs"]
    );
    let differences = explained["now"]["differences"].to_string();
    assert!(differences.contains("74.4") && differences.contains("66.7"), "{differences}");
    let second = publish(&site, "programmes", "2026-06-01").await;
    assert_eq!((&second["revision"], &second["revises"]), (&json!(2), &json!(id)));
    assert!(second["sequence"].as_u64() > first["sequence"].as_u64());
    let all = site.get("/decisions").await.json();
    let kept = all["items"].as_array().unwrap().iter().find(|own| own["id"] == id).unwrap();
    assert_eq!(kept["answer"], first["answer"], "what was published stays");
}

const LEVEL: &str = r#"
key = "level"
name = { zh = "浓度", en = "Level" }
unit = "µg/m³"
decimals = 0
direction = "down"
every = "month"
valid_from = "2026-01-01"
confidence = "O"
source = "own design"
numerator = [
  { name = { zh = "读数", en = "readings" }, input = { from = "readings", place = "air-1", parameter = "pm25", take = "mean" } },
]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_mean_is_of_hourly_means_and_a_sum_of_hourly_totals_and_too_few_hours_are_a_reason() {
    let mut site = site().await;
    site.sign_in("system", crate::site::PASSWORD).await;
    let mut file = "time,device,parameter,statistic,value\n".to_owned();
    for hour in 0..24 {
        for (statistic, value) in [("mean", 10), ("total", 3)] {
            let row = format!(
                "2026-03-01T{hour:02}:00:00+08:00,A00000000000000000000001,pm25,{statistic},{value}\n"
            );
            file.push_str(&row);
        }
    }
    let path = "/import/readings?dry_run=false&name=a.csv";
    let brought = site.ask("POST", path, &[], file.as_bytes()).await;
    assert_eq!(brought.json()["readings"]["stored"], 48, "{brought:?}");
    site.forget();
    site.sign_in("leader", crate::site::PASSWORD).await;
    let sum = LEVEL.replace("\"mean\"", "\"sum\"").replace("\"level\"", "\"sum\"");
    let other = sum.replace("pm25", "no2").replace("\"sum\"\nname", "\"other\"\nname");
    for toml in [LEVEL, &sum, &other] {
        let reply = site.post("/indicators", &json!({"toml": toml, "preview": false})).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    for (key, value) in [("level", "10"), ("sum", "72")] {
        let own = indicator(&site, &format!("{key}?day=2026-03-01")).await;
        assert_eq!(own["now"]["value"], value, "{own:#}");
        let explain = own["now"]["inputs"][0]["explain"].as_str().unwrap();
        let opened = site.get(explain.trim_start_matches("/api/v1")).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        assert_eq!(opened.json()["columns"]["value"].as_array().unwrap().len(), 24, "{opened:?}");
    }
    let says = async |query: &str| {
        let own = indicator(&site, query).await;
        assert_eq!(own["now"]["value"], Value::Null);
        own["now"]["reason"]["en"].as_str().unwrap().to_owned()
    };
    let few = says("level?day=2026-03-02").await;
    assert!(few.contains("24 of 48 hours are there, and 75 % are needed"), "{few}");
    let other = says("other?day=2026-03-01").await;
    assert!(other.contains("no hourly totals of no2"), "{other}");
    let nought = LEVEL.replace("\"mean\"", "\"mean\", hours_percent_min = 0");
    let refused = site.post("/indicators", &json!({"toml": nought, "preview": true})).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad_indicator"), "{refused:?}");
}

const CASES: &str = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,REASON,TYPE,CASE_TITLE,CLOSURE_REASON,Department,Source,LONGITUDE,LATITUDE\n\
7,01/05/2015 12:25:23 AM,01/06/2015 08:30:00 AM,01/09/2015 04:17:43 PM,OVERDUE,Sanitation,Bin,PRINTED,Case Closed,PWDx,Self Service,-71.09,42.34\n\
8,01/05/2015 12:25:23 AM,01/26/2015 08:30:00 AM,01/09/2015 04:17:43 PM,ONTIME,Sanitation,Bin,PRINTED,Case Closed,PWDx,Self Service,-71.09,42.34\n\
9,01/05/2015 12:25:23 AM,01/26/2015 08:30:00 AM,01/09/2015 04:17:43 PM,ONTIME,Sanitation,Bin,PRINTED,Case Closed,PWDx,Self Service,-71.09,42.34\n";
const LIST: &str = r#"
key = "units"
name = { zh = "先进单位", en = "Commended units" }
of = "units"
valid_from = "2015-01-01"
confidence = "O"
source = "own design"
places = 3
order = "on-time"
criterion = [
  { key = "on-time", name = { zh = "按期结案率", en = "on-time rate" }, of = { from = "indicator", key = "on-time" }, at_least = 67 },
]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_criterion_judges_the_figure_that_is_printed() {
    let mut site = site().await;
    site.sign_in("system", crate::site::PASSWORD).await;
    let path = "/cases/import?mapping=boston311&dry_run=false";
    let brought = site.ask("POST", path, &[], CASES.as_bytes()).await.json();
    assert_eq!(brought["receipt"]["new"], 3, "{brought:#}");
    site.forget();
    site.sign_in("leader", crate::site::PASSWORD).await;
    // Two of three are 66.67 %: printed, by the indicator's decimals, as 67 %.
    let toml = include_str!("../../../account/data/indicators/on-time.toml")
        .replace("decimals = 1", "decimals = 0")
        .replace("2016-01-01", "2015-01-01");
    let reply = site.post("/indicators", &json!({"toml": toml, "preview": false})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(site.post("/commendations", &json!({"toml": LIST})).await.status, 200);
    let lists = site.get("/commendations?from=2015-01-01&to=2015-12-31").await.json();
    let row = &lists["lists"][0]["rows"][0];
    let reason = &row["reasons"][0];
    assert_eq!((&reason["amount"], &reason["met"]), (&json!("67"), &json!(true)), "{lists:#}");
    assert_eq!(row["place"], 1);
}
