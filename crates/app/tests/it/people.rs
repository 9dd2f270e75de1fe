//! Accounts, roles, second factors, tokens, the trail: over real sockets, as their people do it.

use crate::site::{PASSWORD, Reply, Site};
use app::user::secrets::Factor;
use app::user::sessions::{FactorFor, RefusedWords};
use model::Role;
use serde_json::{Value, json};

const NEW: &str = "another long sentence";

fn said(reply: &Reply) -> (u16, String) {
    let code = if reply.status < 400 { String::new() } else { reply.code() };
    (reply.status, code)
}

fn is(reply: &Reply, status: u16, code: &str) {
    assert_eq!(said(reply), (status, code.to_owned()), "{reply:?}");
}

/// What a link is worth: its token.
fn token(reply: &Reply) -> String {
    let path = reply.json()["path"].as_str().unwrap().to_owned();
    // Behind the #: no browser sends it on.
    path.rsplit_once("#link=").unwrap().1.to_owned()
}

async fn as_role(site: &mut Site, role: &str) {
    site.forget();
    is(&site.sign_in(role, PASSWORD).await, 200, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_managers_together_make_somebody_who_may_work_and_neither_alone() {
    let mut site = Site::with_every_role("", |_| ()).await;
    as_role(&mut site, "system").await;
    is(&site.send("PUT", "/units/street", &json!({"zh": "街道"})).await, 200, "");
    let made = site.post("/users", &json!({"name": "zhang", "unit": "street"})).await;
    is(&made, 200, "");
    let link = token(&made);
    let grant = json!({"account": "zhang", "role": "handler", "unit": "street", "subject": "dust"});
    is(&site.post("/roles", &grant).await, 403, "not_allowed");
    is(&site.post("/users", &json!({"name": "zhang"})).await, 409, "account_taken");
    is(&site.post("/users", &json!({"name": "li", "unit": "nowhere"})).await, 404, "unknown_unit");
    as_role(&mut site, "security").await;
    is(&site.post("/users", &json!({"name": "wang"})).await, 403, "not_allowed");
    is(&site.post("/roles", &grant).await, 200, "");
    let managed = json!({"account": "zhang", "role": "audit"});
    is(&site.post("/roles", &managed).await, 409, "roles_apart");
    is(
        &site.post("/roles", &json!({"account": "security", "role": "leader"})).await,
        403,
        "own_rights",
    );
    is(
        &site.post("/roles", &json!({"account": "zhang", "role": "king"})).await,
        400,
        "bad_parameter",
    );
    site.forget();
    is(&site.sign_in("zhang", NEW).await, 401, "wrong_sign_in");
    let set = |token: &str, password: &str| json!({"token": token, "password": password});
    is(&site.post("/session/link", &set(&link, "short")).await, 400, "bad_user");
    is(&site.post("/session/link", &set("0000", NEW)).await, 403, "wrong_setup_link");
    is(&site.post("/session/link", &set(&link, NEW)).await, 200, "");
    // A form that is sent again does nothing again.
    is(
        &site.post("/session/link", &set(&link, "yet another sentence")).await,
        403,
        "wrong_setup_link",
    );
    is(&site.sign_in("zhang", NEW).await, 200, "");
    let own = site.get("/session").await.json();
    assert_eq!(
        own["roles"][0],
        json!({"role": "handler", "unit": "street", "area": null, "subject": "dust"})
    );
    // Taken back, and felt by the next question of a session that is open.
    let handler = site.aside();
    as_role(&mut site, "security").await;
    is(&site.delete("/roles/zhang/1").await, 200, "");
    is(&site.delete("/roles/zhang/7").await, 404, "unknown_role");
    site.back(&handler);
    assert_eq!(site.get("/session").await.json()["roles"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_ends_is_out_at_once_with_sessions_tokens_and_links() {
    let mut site = Site::with_every_role("", |_| ()).await;
    as_role(&mut site, "analyst").await;
    let made =
        site.post("/tokens", &json!({"purpose": "nightly", "rights": ["look"], "days": 30})).await;
    let text = made.json()["text"].as_str().unwrap().to_owned();
    let analyst = site.aside();
    as_role(&mut site, "system").await;
    let link = token(&site.post("/users/analyst/link", &json!({})).await);
    is(&site.send("PUT", "/users/system", &json!({"ended": true})).await, 403, "own_rights");
    is(&site.send("PUT", "/users/analyst", &json!({"ended": true})).await, 200, "");
    site.back(&analyst);
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
    site.forget();
    is(&site.with_token(&text, "GET", "/places").await, 401, "wrong_token");
    let body = json!({"token": link, "password": NEW});
    is(&site.post("/session/link", &body).await, 403, "wrong_setup_link");
    is(&site.sign_in("analyst", PASSWORD).await, 401, "wrong_sign_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_is_asked_for_and_each_code_stands_once() {
    let mut site = Site::with_every_role("", |_| ()).await;
    as_role(&mut site, "leader").await;
    let begun = site.post("/me/factor", &json!({})).await.json();
    assert!(begun["picture"].as_str().unwrap().contains("<svg"));
    let key = begun["key"].as_str().unwrap().to_owned();
    let factor = Factor { key, confirmed: true, used: 0, recovery: vec![] };
    let code = |ahead: u64| factor.code(app::clock::real_s() / 30 + ahead);
    let recovery = begun["recovery"][0].as_str().unwrap().to_owned();
    // Not confirmed: not asked for.
    is(&site.send("PUT", "/me/factor", &json!({"code": "000000x"})).await, 400, "wrong_code");
    is(&site.send("PUT", "/me/factor", &json!({"code": recovery})).await, 400, "wrong_code");
    as_role(&mut site, "leader").await;
    let first = code(0);
    is(&site.send("PUT", "/me/factor", &json!({"code": first})).await, 200, "");
    site.forget();
    is(&site.sign_in("leader", PASSWORD).await, 401, "code_needed");
    let body = |code: &str| json!({"name": "leader", "password": PASSWORD, "code": code});
    is(&site.post("/session", &body(&first)).await, 401, "wrong_sign_in");
    is(&site.post("/session", &body(&code(1))).await, 200, "");
    is(&site.post("/session", &body(&code(1))).await, 401, "wrong_sign_in");
    is(&site.post("/session", &body(&recovery)).await, 200, "");
    is(&site.post("/session", &body(&recovery)).await, 401, "wrong_sign_in");
    // A new password by a link leaves the second factor: one manager alone takes over nobody's account.
    as_role(&mut site, "system").await;
    let link = token(&site.post("/users/leader/link", &json!({})).await);
    site.forget();
    is(&site.post("/session/link", &json!({"token": link, "password": NEW})).await, 200, "");
    is(&site.sign_in("leader", NEW).await, 401, "code_needed");
    as_role(&mut site, "security").await;
    is(&site.delete("/users/leader/factor").await, 200, "");
    site.forget();
    is(&site.sign_in("leader", NEW).await, 200, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_what_it_was_made_for_and_nothing_about_accounts() {
    let mut site = Site::with_every_role("", |config| config.http.public = false).await;
    as_role(&mut site, "system").await;
    let wanted =
        |rights: &[&str], days: i64| json!({"purpose": "import", "rights": rights, "days": days});
    is(&site.post("/tokens", &wanted(&["grant"], 1)).await, 400, "bad_parameter");
    is(&site.post("/tokens", &wanted(&["look"], 400)).await, 400, "bad_parameter");
    let made = site.post("/tokens", &wanted(&["look"], 1)).await.json();
    let text = made["text"].as_str().unwrap().to_owned();
    let listed = site.get("/tokens").await;
    assert!(!String::from_utf8_lossy(&listed.body).contains(&text));
    let id = listed.json()[0]["id"].as_str().unwrap().to_owned();
    let system = site.aside();
    is(&site.get("/places").await, 401, "not_signed_in");
    is(&site.with_token(&text, "GET", "/places").await, 200, "");
    is(&site.with_token(&text, "PUT", "/registry/places/a").await, 403, "not_allowed");
    is(&site.with_token(&text, "POST", "/users").await, 403, "not_allowed");
    is(&site.with_token(&text, "GET", "/tokens").await, 403, "no_token_here");
    for forged in [&text[..text.len() - 1], "sky_000000000000_0", "", "x"] {
        is(&site.with_token(forged, "GET", "/places").await, 401, "wrong_token");
    }
    as_role(&mut site, "analyst").await;
    is(&site.delete(&format!("/tokens/{id}")).await, 404, "unknown_token");
    site.back(&system);
    is(&site.delete(&format!("/tokens/{id}")).await, 200, "");
    site.forget();
    is(&site.with_token(&text, "GET", "/places").await, 401, "wrong_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_other_sessions_and_needs_the_old_one() {
    let mut site = Site::with_every_role("", |_| ()).await;
    as_role(&mut site, "handler").await;
    let other = site.aside();
    as_role(&mut site, "handler").await;
    let change = |old: &str, new: &str| json!({"old": old, "new": new});
    is(
        &site.send("PUT", "/me/password", &change("wrong wrong wrong", NEW)).await,
        401,
        "wrong_sign_in",
    );
    is(
        &site.send("PUT", "/me/password", &change(PASSWORD, "password12345")).await,
        400,
        "bad_user",
    );
    assert_eq!(site.get("/me/sessions").await.json().as_array().unwrap().len(), 2);
    is(&site.send("PUT", "/me/password", &change(PASSWORD, NEW)).await, 200, "");
    assert_eq!(site.get("/session").await.json()["signed_in"], true);
    let own = site.aside();
    site.back(&other);
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
    site.back(&own);
    let own = site.get("/me/sessions").await.json();
    let id = own[0]["id"].as_str().unwrap();
    is(&site.delete(&format!("/me/sessions/{id}")).await, 200, "");
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
    is(&site.sign_in("handler", PASSWORD).await, 401, "wrong_sign_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_once_more_makes_a_new_token_and_ends_the_old_one() {
    let mut site = Site::with_every_role("", |_| ()).await;
    as_role(&mut site, "leader").await;
    let before = site.aside();
    site.back(&before);
    let csrf = site.get("/session").await.json()["csrf"].clone();
    is(
        &site.post("/session/proof", &json!({"password": "not it at all"})).await,
        401,
        "wrong_sign_in",
    );
    let proved = site.sign_in_again(PASSWORD).await;
    is(&proved, 200, "");
    assert_ne!(proved.json()["csrf"], csrf);
    assert_eq!(site.get("/session").await.json()["signed_in"], true);
    site.back(&before);
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_security_manager_ends_all_sessions_at_once_but_their_own() {
    let mut site = Site::with_every_role("", |_| ()).await;
    as_role(&mut site, "leader").await;
    let leader = site.aside();
    as_role(&mut site, "system").await;
    is(&site.delete("/sessions").await, 403, "not_allowed");
    as_role(&mut site, "security").await;
    let ended = site.delete("/sessions").await;
    is(&ended, 200, "");
    assert!(ended.json()["count"].as_u64().unwrap() >= 2, "{ended:?}");
    assert_eq!(site.get("/session").await.json()["signed_in"], true);
    site.back(&leader);
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_needs_an_authenticator_does_nothing_without_one() {
    let mut site = Site::with_every_role("", |config| {
        config.sign_in.factor_for = FactorFor(vec![Role::System]);
        config.sign_in.refused_words = RefusedWords(vec!["qinghe".to_owned()]);
    })
    .await;
    as_role(&mut site, "leader").await;
    is(&site.get("/cases").await, 200, "");
    let own = json!({"old": PASSWORD, "new": "the Qinghe is clean"});
    is(&site.send("PUT", "/me/password", &own).await, 400, "bad_user");
    as_role(&mut site, "system").await;
    let unit = json!({"zh": "街道"});
    is(&site.send("PUT", "/units/street", &unit).await, 403, "factor_wanted");
    is(&site.get("/users").await, 403, "factor_wanted");
    is(&site.get("/places").await, 200, "");
    let begun = site.post("/me/factor", &json!({})).await.json();
    let key = begun["key"].as_str().unwrap().to_owned();
    is(&site.send("PUT", "/units/street", &unit).await, 403, "factor_wanted");
    let factor = Factor { key, confirmed: true, used: 0, recovery: vec![] };
    let code = factor.code(app::clock::real_s() / 30);
    is(&site.send("PUT", "/me/factor", &json!({"code": code})).await, 200, "");
    is(&site.send("PUT", "/units/street", &unit).await, 200, "");
    is(&site.delete("/me/factor").await, 200, "");
    is(&site.send("PUT", "/units/street", &unit).await, 403, "factor_wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_has_who_did_what_and_its_export_can_be_checked_by_hand() {
    let mut site = Site::with_every_role("", |_| ()).await;
    is(&site.sign_in("nobody here", "secret in the wrong field").await, 401, "wrong_sign_in");
    is(&site.sign_in("system", "not the password").await, 401, "wrong_sign_in");
    as_role(&mut site, "system").await;
    is(&site.send("PUT", "/units/street", &json!({"zh": "街道"})).await, 200, "");
    is(&site.get("/audit").await, 403, "not_allowed");
    // The trail is kept at the end of the server at the latest.
    let mut site = site.restart().await;
    as_role(&mut site, "audit").await;
    let lines = site.get("/audit?limit=1000").await.json();
    let lines = lines.as_array().unwrap();
    let has = |kind: &str, key: &str, who: &str, outcome: &str| {
        lines.iter().any(|line| {
            (&line["kind"], &line["key"], &line["who"]) == (&json!(kind), &json!(key), &json!(who))
                && (outcome.is_empty() || line["document"]["outcome"] == outcome)
        })
    };
    assert!(has("audit", "POST /session", "-", "401 wrong_sign_in"), "{lines:?}");
    assert!(has("audit", "POST /session", "system", "401 wrong_sign_in"), "{lines:?}");
    assert!(has("audit", "POST /session", "system", "200"), "{lines:?}");
    assert!(has("audit", "PUT /units/street", "system", "200"), "{lines:?}");
    assert!(has("audit", "GET /audit", "system", "403 not_allowed"), "{lines:?}");
    assert!(has("unit", "street", "system", ""), "{lines:?}");
    let text = serde_json::to_string(lines).unwrap();
    assert!(!text.contains("nobody here") && !text.contains("wrong field"), "{text}");
    let export = site.get("/audit/export").await;
    let export = String::from_utf8(export.unchunked()).unwrap();
    let check = |text: &str| {
        let mut last = String::new();
        text.lines().all(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            let numbers = [&line["sequence"], &line["at_ms"]].map(Value::to_string);
            let fields = [
                numbers[0].clone(),
                numbers[1].clone(),
                text("kind"),
                text("key"),
                text("who"),
                text("document"),
            ];
            let hashed = format!("{last}\n{}\n", fields.join("\n"));
            let digest = ring::digest::digest(&ring::digest::SHA256, hashed.as_bytes());
            let hex = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
            last = hex.collect::<Vec<_>>().concat();
            last == text("hash")
        })
    };
    assert!(export.lines().count() > 20 && check(&export));
    assert!(!check(&export.replacen("\"who\":\"system\"", "\"who\":\"sys\"", 1)));
    let mut without_one: Vec<&str> = export.lines().collect();
    without_one.remove(5);
    let without_one = without_one.join("\n");
    assert!(!check(&without_one));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_a_proxy_is_believed_and_that_of_others_is_not() {
    let attempt = async |site: &Site, from: &str| {
        let body = json!({"name": "chief", "password": "not the password"}).to_string();
        let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", from)];
        site.ask("POST", "/session", &headers, body.as_bytes()).await.status
    };
    for (proxy, expected) in [(Some([127, 0, 0, 1].into()), 401), (None, 429)] {
        let site = Site::start_with("", |config| {
            config.sign_in.failures_max = 1;
            config.http.proxy = proxy;
        });
        let site = site.await;
        // Ten wrong passwords of one address lock it; each of these has an address of its own.
        let mut last = 0;
        for number in 0..12 {
            let body = json!({"name": format!("n{number}"), "password": "x"}).to_string();
            let from = format!("9.9.9.9, 10.0.0.{number}");
            let headers =
                [("Content-Type", "application/json"), ("X-Forwarded-For", from.as_str())];
            last = site.ask("POST", "/session", &headers, body.as_bytes()).await.status;
        }
        assert_eq!(last, expected, "{proxy:?}");
        assert_eq!(attempt(&site, "10.0.1.1").await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_without_an_account_waits() {
    let mut site =
        Site::with_every_role("", |config| config.http.limits.anonymous_per_min_max = 60).await;
    let mut last = site.get("/places").await;
    for _ in 0..61 {
        last = site.get("/places").await;
    }
    is(&last, 429, "too_often");
    assert!(last.json()["error"]["hint"]["en"].as_str().unwrap().contains("anonymous_per_min_max"));
    site.forget();
}
