//! Cases over real sockets: from a report to its verification by another person, and everybody who is turned away.

use crate::site::{PASSWORD, Reply, Site, add_person, add_unit};
use engine::Engine;
use model::{Role, Scope};
use serde_json::{Value, json};

const REGISTRY: &str = include_str!("../http/registry.toml");

/// A server with somebody of each role, two units, and a handler of each.
async fn site() -> Site {
    let two_units = |engine: &mut Engine| {
        for (name, unit) in [("ann", "unit-a"), ("bob", "unit-b")] {
            add_unit(engine, unit);
            let scope = Scope { unit: Some(unit.to_owned()), ..Scope::default() };
            add_person(engine, name, Role::Handler, scope);
        }
    };
    Site::with_every_role(REGISTRY, |_| ()).await.after(two_units).await
}

/// Does something as somebody.
async fn by(site: &mut Site, name: &str, path: &str, body: Value) -> Reply {
    assert_eq!(site.sign_in(name, PASSWORD).await.status, 200, "{name}");
    let reply = site.post(path, &body).await;
    site.forget();
    reply
}

async fn seen_by(site: &mut Site, name: &str, path: &str) -> Reply {
    assert_eq!(site.sign_in(name, PASSWORD).await.status, 200, "{name}");
    let reply = site.get(path).await;
    site.forget();
    reply
}

fn report(id: &str) -> Value {
    json!({"id": id, "source": "patrol", "category": "smoke", "text": "black smoke", "place": "air-1"})
}

/// A case that unit-a works on.
async fn handled(site: &mut Site) -> String {
    let reply = by(site, "operator", "/cases", report("r1")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let number = reply.json()["number"].as_str().unwrap().to_owned();
    let moves = format!("/cases/{number}/moves");
    for (who, body) in [
        ("operator", json!({"id": "1", "version": 1, "move": "file"})),
        ("dispatcher", json!({"id": "2", "version": 2, "move": "dispatch", "unit": "unit-a"})),
        ("ann", json!({"id": "3", "version": 3, "move": "accept"})),
    ] {
        let reply = by(site, who, &moves, body).await;
        assert_eq!(reply.status, 200, "{who}: {reply:?}");
    }
    number
}

fn allowed(case: &Value, made: &str) -> bool {
    let moves = case["moves"].as_array().unwrap();
    moves.iter().any(|one| one["move"] == made && one["allowed"] == true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_becomes_a_case_that_another_person_closes() {
    let mut site = site().await;
    let number = handled(&mut site).await;
    let (case, moves) = (format!("/cases/{number}"), format!("/cases/{number}/moves"));
    let done = json!({"id": "4", "version": 4, "move": "feed_back", "note": "put out"});
    assert_eq!(by(&mut site, "ann", &moves, done).await.status, 200);
    let own = seen_by(&mut site, "ann", &case).await.json();
    assert!(!allowed(&own, "pass"), "{own}");
    let pass = json!({"id": "5", "version": 5, "move": "pass", "note": "seen", "lon": 114.05, "lat": 22.55});
    let refused = by(&mut site, "ann", &moves, pass.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "move_not_allowed"));
    let closed = by(&mut site, "verifier", &moves, pass).await.json();
    assert_eq!(closed["case"]["case"]["stage"], "closed");
    let scores = seen_by(&mut site, "leader", "/cases/scores").await.json();
    assert_eq!(scores["units"][0]["cases"]["on_time"], json!([number]), "{scores}");
    let board = seen_by(&mut site, "leader", "/cases/board").await.json();
    assert_eq!(board["stages"][5]["count"], 1);
    // The same after a restart: what stands is what all acts come to.
    let mut site = site.restart().await;
    let again = seen_by(&mut site, "verifier", &case).await.json();
    assert_eq!(again["case"]["stage"], "closed");
    assert_eq!(again["history"].as_array().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_units_case_is_not_there_and_a_forged_number_neither() {
    let mut site = site().await;
    let number = handled(&mut site).await;
    let (case, moves) = (format!("/cases/{number}"), format!("/cases/{number}/moves"));
    assert_eq!(seen_by(&mut site, "bob", &case).await.code(), "unknown_case");
    let done = json!({"id": "x", "move": "feed_back", "note": "I did it"});
    assert_eq!(by(&mut site, "bob", &moves, done).await.code(), "unknown_case");
    let list = seen_by(&mut site, "bob", "/cases?which=all").await.json();
    assert_eq!(list["total"], 0);
    for forged in ["2026-999999", "..%2F..%2Fetc", "%00", "case'%20OR%201=1"] {
        let path = format!("/cases/{forged}");
        assert_eq!(seen_by(&mut site, "ann", &path).await.status, 404, "{forged}");
    }
    let reply = site.get(&case).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "not_signed_in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_the_second_is_told_what_changed_and_a_replayed_form_is_kept_once() {
    let mut site = site().await;
    let number = handled(&mut site).await;
    let moves = format!("/cases/{number}/moves");
    let comment = |id: &str| json!({"id": id, "version": 4, "move": "comment", "note": "a word"});
    let first = by(&mut site, "operator", &moves, comment("a")).await.json();
    assert_eq!((first["version"].as_u64(), first["is_again"].as_bool()), (Some(5), Some(false)));
    let second = by(&mut site, "operator", &moves, comment("b")).await;
    assert_eq!((second.status, second.code().as_str()), (409, "changed_meanwhile"));
    let said = second.json()["error"]["message"]["en"].as_str().unwrap().to_owned();
    assert!(said.contains("operator comment"), "{said}");
    let again = by(&mut site, "operator", &moves, comment("a")).await.json();
    assert_eq!((again["version"].as_u64(), again["is_again"].as_bool()), (Some(5), Some(true)));
    let report = by(&mut site, "operator", "/cases", report("r1")).await.json();
    assert_eq!(
        (report["number"].as_str(), report["is_again"].as_bool()),
        (Some(&*number), Some(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_with_what_would_do() {
    let mut site = site().await;
    let number = handled(&mut site).await;
    let moves = format!("/cases/{number}/moves");
    let changed = |key: &str, value: Value| {
        let mut body = report("new");
        body[key] = value;
        body
    };
    for (body, code) in [
        (changed("category", json!("dragons")), "unknown_category"),
        (changed("place", json!("nowhere")), "unknown_place"),
        (changed("source", json!("rumour")), "bad_parameter"),
        (changed("lon", json!(999)), "bad_parameter"),
        (changed("id", json!("")), "bad_parameter"),
        (changed("text", json!("x".repeat(3_000))), "bad_parameter"),
        (changed("photos", json!([{"hash": "../../etc/passwd"}])), "unknown_photo"),
        (changed("colour", json!("red")), "bad_body"),
    ] {
        assert_eq!(by(&mut site, "operator", "/cases", body.clone()).await.code(), code, "{body}");
    }
    for (body, code) in [
        (json!({"id": "q", "move": "explode"}), "bad_body"),
        (json!({"id": "q", "move": "collect"}), "bad_parameter"),
        (json!({"id": "q", "move": "ask_extension", "note": "why"}), "bad_body"),
        (
            json!({"id": "q", "move": "ask_extension", "note": "why", "until": "2020-01-01"}),
            "move_not_allowed",
        ),
        (json!({"id": "q", "move": "feed_back"}), "move_not_allowed"),
    ] {
        let reply = by(&mut site, "ann", &moves, body.clone()).await;
        assert_eq!(reply.code(), code, "{body}: {reply:?}");
        assert!(reply.status < 500);
    }
    let unit = json!({"id": "q", "move": "dispatch", "unit": "unit-z"});
    assert_eq!(by(&mut site, "dispatcher", &moves, unit).await.code(), "unknown_unit");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_stays_text_and_a_disguised_photo_is_none() {
    let mut site = site().await;
    let evil = "<img src=x onerror=alert(1)>";
    let body = json!({"id": "m", "source": "hotline", "category": "noise", "text": evil});
    let number = by(&mut site, "operator", "/cases", body).await.json()["number"].clone();
    let path = format!("/cases/{}", number.as_str().unwrap());
    let reply = seen_by(&mut site, "operator", &path).await;
    assert_eq!(reply.json()["case"]["text"], evil);
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(site.sign_in("ann", PASSWORD).await.status, 200);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let photo = |bytes: Vec<u8>| {
        let site = &site;
        async move { site.ask("POST", "/photos", &[("Content-Type", "image/jpeg")], &bytes).await }
    };
    assert_eq!(photo(svg.to_vec()).await.code(), "no_photo");
    assert_eq!(photo(vec![]).await.code(), "no_photo");
    let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 8];
    jpeg.extend(b"Exif\0\0");
    jpeg.extend([0xFF, 0xDB, 0, 3, 1, 0xFF, 0xDA, 0, 2, 7, 7, 0xFF, 0xD9]);
    let kept = photo(jpeg.clone()).await.json();
    let hash = kept["hash"].as_str().unwrap().to_owned();
    assert_eq!(photo(jpeg).await.json()["hash"], hash, "the same bytes are kept once");
    assert_eq!(site.announce("/photos", 9 << 20).await.status, 413);
    let path = format!("/photos/{hash}");
    assert_eq!(seen_by(&mut site, "ann", &path).await.code(), "unknown_photo", "of no case yet");
    let back = seen_by(&mut site, "operator", &path).await;
    assert_eq!((back.status, back.headers["content-type"].as_str()), (200, "image/jpeg"));
    assert!(!back.body.windows(4).any(|part| part == b"Exif"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patrol_is_kept_once_and_says_why_it_does_not_count() {
    let mut site = site().await;
    let body = json!({
        "id": "q1", "patrol": "p1", "line": "long-river", "kind": "foot",
        "started": "2026-03-01T08:00:00+08:00", "ended": "2026-03-01T08:05:00+08:00",
        "track": [[1_772_323_200_000_i64, 114.0, 22.5]]
    });
    let first = by(&mut site, "ann", "/patrols", body.clone()).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.json()["counts"], false);
    assert!(
        first.json()["why"].as_array().unwrap().iter().any(|why| why["en"] == "too few minutes")
    );
    by(&mut site, "ann", "/patrols", body).await;
    assert_eq!(seen_by(&mut site, "leader", "/patrols").await.json()["total"], 1);
    assert_eq!(seen_by(&mut site, "bob", "/patrols").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn categories_are_changed_by_the_system_manager_and_a_bad_one_by_nobody() {
    let mut site = site().await;
    let text = "[[category]]\nkey = \"smoke\"\nname = { zh = \"烟\", en = \"smoke\" }\nsubject = \"air\"\n\
                allowed = { amount = 1, counting = \"calendar_hours\" }\nsource = \"ours\"\n";
    let path = "/cases/settings/categories";
    assert_eq!(site.sign_in("operator", PASSWORD).await.status, 200);
    let kind = [("Content-Type", "application/json")];
    let body = json!({"text": text}).to_string();
    let bad = json!({"text": "[[category]]\nkey = 3\n"}).to_string();
    assert_eq!(site.ask("PUT", path, &kind, body.as_bytes()).await.code(), "not_allowed");
    assert_eq!(site.sign_in("system", PASSWORD).await.status, 200);
    assert_eq!(site.ask("PUT", path, &kind, bad.as_bytes()).await.code(), "bad_setting");
    assert_eq!(site.ask("PUT", path, &kind, body.as_bytes()).await.status, 200);
    let site = site.restart().await;
    let kept = site.get("/categories").await.json();
    assert_eq!(kept["categories"].as_array().unwrap().len(), 1, "also after a restart");
}
