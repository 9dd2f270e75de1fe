//! Rivers over real sockets: what is entered by whom, the founding year's account, sealed draws, samples and their results.

use crate::site::{PASSWORD, Reply, Site};
use engine::RegistryFile;
use model::Act;
use serde_json::{Value, json};

const REGISTRY: &str = r#"
[[line]]
key = "long-river"
name = { zh = "长河", en = "Long River" }
kind = "river"
path = [[114.0, 22.5], [114.05, 22.55]]

[[line]]
key = "long-1"
name = { zh = "长河一段", en = "Long River 1" }
kind = "reach"
within = "long-river"
path = [[114.0, 22.5], [114.03, 22.53]]

[[place]]
key = "w1"
name = { zh = "一号断面", en = "Section 1" }
kind = "water_site"
line = "long-1"
lon = 114.02
lat = 22.52

[[place]]
key = "w2"
name = { zh = "二号断面", en = "Section 2" }
kind = "water_site"
line = "long-river"
lon = 114.04
lat = 22.54
"#;

async fn by(site: &mut Site, who: &str, method: &str, path: &str, body: &Value) -> Reply {
    assert_eq!(site.sign_in(who, PASSWORD).await.status, 200, "{who}");
    let reply = site.send(method, path, body).await;
    site.forget();
    reply
}

fn entry(document: &Value) -> Value {
    json!({ "document": document, "why": "meeting of 28 January 2021" })
}

async fn kept(site: &mut Site, who: &str, path: &str, document: &Value) {
    let reply = by(site, who, "PUT", path, &entry(document)).await;
    assert_eq!(reply.status, 200, "{path} {reply:?}");
}

#[tokio::test]
async fn the_founding_year_of_the_rivers_is_entered_and_comes_out() {
    let mut site = Site::with_every_role(REGISTRY, |_| ()).await;
    let year = json!({ "from": "2020-01-01", "to": "2020-12-31" });
    let with = |more: Value| {
        let mut all = year.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let entries = [
        ("cleared", with(json!({"book": "cleared", "volume_m3": "2300"}))),
        ("four", json!({"book": "built", "work": "interception", "day": "2020-12-31", "count": 4})),
        ("eight", json!({"book": "built", "work": "site", "day": "2020-12-31", "count": 8})),
        ("water", with(json!({"book": "drawn", "total_t": "31034700", "stated_percent": "99"}))),
        (
            "said",
            with(
                json!({"book": "stated", "text": {"zh": "出境水质总体优于入境", "en": "outflow on the whole better than inflow"}}),
            ),
        ),
        (
            "gone",
            json!({"book": "listed", "list": "black_odorous", "thing": "b1", "name": {"zh": "黑臭水体", "en": "body"}, "line": "long-1", "mark": "found", "day": "2019-05-01"}),
        ),
        (
            "gone-2",
            json!({"book": "listed", "list": "black_odorous", "thing": "b1", "name": {"zh": "黑臭水体", "en": "body"}, "line": "long-1", "mark": "struck_off", "day": "2020-10-01"}),
        ),
    ];
    for (key, document) in &entries {
        kept(&mut site, "dispatcher", &format!("/rivers/entries/{key}"), document).await;
    }
    let reply = site.get("/rivers/account?from=2020-01-01&to=2020-12-31").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let account = reply.json();
    assert_eq!(account["cleared_m3"], "2300");
    assert_eq!(account["planned_use"]["drawn_t"], "31034700");
    assert_eq!(account["planned_use"]["stated_percent"], json!(["99"]));
    assert!(account["planned_use"]["percent"].is_null(), "{account}");
    let built: Vec<u64> =
        account["built"].as_array().unwrap().iter().map(|b| b["count"].as_u64().unwrap()).collect();
    assert_eq!(built, [4, 8]);
    let stock = &account["stocks"][0];
    let terms = ["before", "new", "reopened", "closed", "left"].map(|term| stock[term].as_u64());
    assert_eq!(terms, [1, 0, 0, 1, 0].map(Some));
    assert_eq!(account["stated"][0]["text"]["en"], "outflow on the whole better than inflow");
    assert!(account["replenishment_m3"].is_null());
    assert!(account["entries"][0]["entered"]["who"].is_null(), "the public reads no names");

    // A correction is another version; before it, the account was what it was.
    let before = account["entries"].as_array().unwrap().iter();
    let before = before.map(|e| e["entered"]["sequence"].as_u64().unwrap()).max().unwrap();
    kept(
        &mut site,
        "dispatcher",
        "/rivers/entries/cleared",
        &with(json!({"book": "cleared", "volume_m3": "2350.5"})),
    )
    .await;
    let path = "/rivers/account?from=2020-01-01&to=2020-12-31";
    assert_eq!(site.get(path).await.json()["cleared_m3"], "2350.5");
    let then = site.get(&format!("{path}&as_of={before}")).await.json();
    assert_eq!(then["cleared_m3"], "2300");
    let stale = json!({ "document": with(json!({"book": "cleared", "volume_m3": "1"})), "why": "x", "seen": 1 });
    let reply = by(&mut site, "dispatcher", "PUT", "/rivers/entries/cleared", &stale).await;
    assert_eq!((reply.status, reply.code()), (409, "changed_meanwhile".to_owned()));
    let withdrawn = json!({ "withdrawn": true, "why": "counted twice" });
    assert_eq!(
        by(&mut site, "dispatcher", "PUT", "/rivers/entries/cleared", &withdrawn).await.status,
        200
    );
    assert!(site.get(path).await.json()["cleared_m3"].is_null());
    assert_eq!(site.sign_in("leader", PASSWORD).await.status, 200);
    let versions = site.get("/rivers/history/water_entry/cleared").await.json();
    assert_eq!(versions.as_array().unwrap().len(), 3);
    site.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_river_says_who_answers_for_it_and_the_public_reads_no_name_that_was_not_given() {
    let mut site = Site::with_every_role(REGISTRY, |_| ()).await;
    let chief = |post: &str, from: &str, to: Value, public: bool| json!({"post": {"zh": post, "en": post}, "level": "sub_district", "lines": ["long-river"], "name": "somebody", "is_name_public": public, "from": from, "to": to});
    let first = chief("first", "2025-01-01", json!("2025-06-30"), true);
    kept(&mut site, "operator", "/rivers/chiefs/c1", &first).await;
    kept(
        &mut site,
        "operator",
        "/rivers/chiefs/c2",
        &chief("second", "2025-08-01", Value::Null, false),
    )
    .await;
    let file = json!({
        "code": "R1", "length_m": "6200", "board": {"phone": "12345", "duties": [{"zh": "巡河", "en": "patrol"}]},
        "policy": {"measures": [{"key": "m1", "text": {"zh": "清淤", "en": "dredge"}, "of": "k9", "due": "2025-02-01"}]}
    });
    kept(&mut site, "operator", "/rivers/long-river", &file).await;
    let plan = json!({"lines": ["long-river"], "count": 1, "every": "week", "from": "2025-01-01"});
    kept(&mut site, "system", "/rivers/patrol-plans/p1", &plan).await;

    let river = site.get("/rivers/long-river").await.json();
    assert_eq!(river["river"]["chiefs"][0]["post"]["en"], "second");
    assert!(river["river"]["chiefs"][0]["name"].is_null(), "{river}");
    assert_eq!(river["terms"].as_array().unwrap().len(), 2);
    assert!(river["misfits"][0]["en"].as_str().unwrap().contains("2025-07-01 to 2025-07-31"));
    assert_eq!(river["lists"][3]["entries"][0]["light"], "overdue");
    assert_eq!(river["flaws"].as_array().unwrap().len(), 3 + 1, "{}", river["flaws"]);
    assert_eq!(river["patrol_plans"][0]["valid"], 0);
    assert!(river["patrol_plans"][0]["due"].as_u64().unwrap() >= 3);
    assert_eq!(river["reaches"][0]["line"], "long-1");
    assert_eq!(site.get("/rivers").await.json()["rivers"].as_array().unwrap().len(), 2);

    let board = site.get("/rivers/long-river/board").await.json();
    assert_eq!((&board["phone"], &board["length_m"]), (&json!("12345"), &json!("6200")));
    let code = site.get("/rivers/long-river/board/code?scheme=http").await;
    assert!(code.headers["content-type"].starts_with("image/svg+xml"));
    assert!(code.body.starts_with(b"<?xml") || code.body.starts_with(b"<svg"));

    for (who, path, status) in [
        ("handler", "/rivers/long-river", 403),
        ("handler", "/rivers/entries/x", 403),
        ("leader", "/rivers/patrol-plans/p1", 403),
        ("operator", "/rivers/nowhere", 404),
    ] {
        let reply = by(&mut site, who, "PUT", path, &entry(&file)).await;
        assert_eq!(reply.status, status, "{who} {path} {reply:?}");
    }
    let no_reason = json!({ "document": file, "why": " " });
    let reply = by(&mut site, "operator", "PUT", "/rivers/long-river", &no_reason).await;
    assert_eq!((reply.status, reply.code()), (400, "no_reason".to_owned()));
    let wrong = entry(
        &json!({"book": "cleared", "from": "2020-01-01", "to": "2020-12-31", "volume_m3": "lots"}),
    );
    let reply = by(&mut site, "dispatcher", "PUT", "/rivers/entries/x", &wrong).await;
    assert_eq!((reply.status, reply.code()), (400, "bad_entry".to_owned()));
    site.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_draw_is_sealed_until_its_day_and_checked_by_anybody_after_it() {
    let site = Site::with_every_role(REGISTRY, |_| ()).await;
    site.server.stop().await.unwrap();
    // A plan that was published before its day, whose day is today.
    let dir = site.config.store.dir.clone();
    let commitment = app::seed::seal(&dir).unwrap();
    let now = app::clock::now();
    let today = app::clock::civil_today(&jiff::tz::TimeZone::get("Asia/Shanghai").unwrap());
    let old = json!({"document": {"name": {"zh": "三月", "en": "March"}, "scheduled": [{"site": "w1", "day": today}],
        "rounds": [{"number": 1, "sites": ["w1", "w2"], "wanted": 1, "opens": today, "until": today, "commitment": commitment}]},
        "why": "plan", "withdrawn": false});
    let mut engine = app::serve::open_engine(&site.config).unwrap();
    let [kind, key, who] = ["sampling_plan", "march", "dispatcher"].map(str::to_owned);
    engine.act(now, vec![Act { kind, key, who, document: old.to_string() }]).unwrap();
    drop(engine);
    let server = app::serve::Server::start(&site.config, &RegistryFile::default()).await.unwrap();
    let mut site = Site { server, ..site };

    let later = today.saturating_add(jiff::ToSpan::days(7));
    let plan = json!({"name": {"zh": "四月", "en": "April"},
        "rounds": [{"number": 1, "sites": ["w1", "w2"], "wanted": 1, "opens": later, "until": later}]});
    let made = by(&mut site, "dispatcher", "PUT", "/sampling/plans/april", &entry(&plan)).await;
    assert_eq!(made.status, 200, "{made:?}");
    let sealed = made.json()["commitments"][0].as_str().unwrap().to_owned();
    let secret =
        std::fs::read_to_string(dir.join("sealed").join(format!("{sealed}.seed"))).unwrap();

    let again = by(&mut site, "dispatcher", "PUT", "/sampling/plans/april", &entry(&plan)).await;
    assert_eq!((again.status, again.code()), (409, "plan_published".to_owned()));
    let mut today_plan = plan.clone();
    today_plan["rounds"][0]["opens"] = json!(today);
    let reply =
        by(&mut site, "dispatcher", "PUT", "/sampling/plans/now", &entry(&today_plan)).await;
    assert_eq!((reply.status, reply.code()), (400, "bad_entry".to_owned()));
    let early =
        by(&mut site, "dispatcher", "POST", "/sampling/plans/april/draws", &json!({"number": 1}))
            .await;
    assert_eq!((early.status, early.code()), (409, "round_sealed".to_owned()));
    for path in
        ["/sampling/plans", "/rivers/history/sampling_plan/april", "/audit", "/rivers/long-river"]
    {
        assert_eq!(site.sign_in("audit", PASSWORD).await.status, 200);
        let told = site.get(path).await;
        assert_eq!(told.status, 200, "{path} {told:?}");
        assert!(!String::from_utf8_lossy(&told.body).contains(&secret), "{path} tells the seed");
        site.forget();
    }

    let due = site.get("/sampling/plans").await.json();
    let round = |plans: &Value, key: &str| {
        let plans = plans["plans"].as_array().unwrap().clone();
        plans.iter().find(|plan| plan["key"] == key).unwrap()["rounds"][0].clone()
    };
    assert_eq!(
        (&round(&due, "march")["state"], &round(&due, "april")["state"]),
        (&json!("due"), &json!("sealed"))
    );
    assert!(round(&due, "march")["seed"].is_null());
    let opened =
        by(&mut site, "dispatcher", "POST", "/sampling/plans/march/draws", &json!({"number": 1}))
            .await;
    assert_eq!(opened.status, 200, "{opened:?}");
    let twice =
        by(&mut site, "dispatcher", "POST", "/sampling/plans/march/draws", &json!({"number": 1}))
            .await;
    assert_eq!(twice.json(), opened.json(), "opened twice, it is the same");
    let round = round(&site.get("/sampling/plans").await.json(), "march");
    assert_eq!((&round["state"], &round["verified"]), (&json!("opened"), &json!(true)));
    check_by_script(&round);
    site.server.stop().await.unwrap();
}

/// The ten lines of the guide, run as they stand there.
fn check_by_script(round: &Value) {
    let guide = include_str!("../../../../docs/guides/account.md");
    let script = guide.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let text = |field: &str| round[field].as_str().unwrap_or_default().to_owned();
    let mut arguments = vec![
        text("commitment"),
        text("seed"),
        round["number"].to_string(),
        round["wanted"].to_string(),
    ];
    arguments
        .extend(round["sites"].as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned()));
    let ran = std::process::Command::new("python3")
        .arg("-c")
        .arg(script)
        .args(&arguments)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let drawn: Vec<&str> =
        round["drawn"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(String::from_utf8_lossy(&ran.stdout).trim(), drawn.join(" "));
}

#[tokio::test]
async fn a_sample_goes_its_way_and_its_results_come_by_a_file_or_not_at_all() {
    let mut site = Site::with_every_role(REGISTRY, |_| ()).await;
    let step = |at: &str, what: Value| json!({"at": at, "what": what});
    let bottles = json!([{"id": "b1", "seal": "s1"}]);
    let taken = step(
        "2026-03-10T01:00:00Z",
        json!({"step": "taken", "by": "sampler", "site": "w1", "plan": "", "bottles": bottles}),
    );
    let path = "/samples/S-1/steps";
    assert_eq!(by(&mut site, "handler", "POST", path, &taken).await.status, 200);
    let twice = by(&mut site, "handler", "POST", path, &taken).await.json();
    assert_eq!(
        twice["steps"].as_array().unwrap().len(),
        1,
        "the same step told twice is kept once"
    );
    let received = step(
        "2026-03-10T03:00:00Z",
        json!({"step": "received", "from": "sampler", "by": "lab", "bottles": bottles}),
    );
    assert_eq!(by(&mut site, "handler", "POST", path, &received).await.json()["breaks"], json!([]));

    assert_eq!(site.sign_in("operator", PASSWORD).await.status, 200);
    let import = "/samples/results?by=lab&at=2026-03-10T06:00:00Z&document=L-1";
    let csv = [("content-type", "text/csv")];
    let wrong = "sample,item,value,unit\nS-1,nh3n,0.025L,mg/L\nS-9,nh3n,1,mg/L\nS-1,gold,1,\nS-1,tp,1,ug/L\nS-1,codmn,?,\n";
    let told = site.ask("POST", import, &csv, wrong.as_bytes()).await.json();
    assert_eq!(told["kept"], 0);
    let lines: Vec<u64> =
        told["problems"].as_array().unwrap().iter().map(|p| p["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [3, 4, 5, 6], "{told}");
    let right = "\u{feff}sample,item,value,unit,method\nS-1,nh3n,0.025L,mg/L,HJ 535-2009\nS-1,codmn,6.5,mg/L,\nS-1,do,7.9,mg/L,\n";
    let preview =
        site.ask("POST", &format!("{import}&preview=1"), &csv, right.as_bytes()).await.json();
    assert_eq!((&preview["rows"], &preview["kept"]), (&json!(3), &json!(0)));
    assert_eq!(site.ask("POST", import, &csv, right.as_bytes()).await.json()["kept"], 1);
    assert_eq!(site.ask("POST", import, &csv, right.as_bytes()).await.json()["kept"], 0);
    let sample = &site.get("/samples").await.json()["samples"][0];
    // 6.5 mg/L of permanganate index lies between 6 (III) and 10 (IV).
    assert_eq!((&sample["class"], &sample["judged"]), (&json!("IV"), &json!(3)), "{sample}");
    assert_eq!((&sample["breaks"], &sample["results"][0]["below"]), (&json!([]), &json!(true)));
    site.forget();
    assert_eq!(site.get("/samples").await.status, 401, "samples name people");
    let river = site.get("/rivers/long-river").await.json();
    assert_eq!(
        (&river["samples"][0]["sample"], &river["samples"][0]["class"]),
        (&json!("S-1"), &json!("IV"))
    );
    site.server.stop().await.unwrap();
}
