//! Signing in, and that nobody writes without it.

use crate::site::{PASSWORD, Site};
use model::Role;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn each_link_of_the_first_start_makes_one_manager_once() {
    let mut site = Site::start("").await;
    let roles: Vec<Role> = site.server.first_start.iter().map(|(role, _)| *role).collect();
    assert_eq!(roles, Role::MANAGERS);
    let token = site.setup_token(Role::System);
    assert_eq!(token.len(), 64);
    let session = site.get("/session").await.json();
    assert_eq!((&session["signed_in"], &session["first_start"]), (&json!(false), &json!(true)));
    let make = |token: &str, name: &str, password: &str| json!({"token": token, "name": name, "password": password});
    let wrong = site.post("/setup", &make("0000", "chief", PASSWORD)).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "wrong_setup_link"));
    let short = site.post("/setup", &make(&token, "chief", "short")).await;
    assert_eq!((short.status, short.code().as_str()), (400, "bad_user"));
    site.set_up().await;
    let session = site.get("/session").await.json();
    assert_eq!(
        (&session["name"], &session["roles"][0]["role"]),
        (&json!("chief"), &json!("system"))
    );
    assert_eq!(session["first_start"], false);
    assert!(session["rights"].as_array().unwrap().contains(&json!("registry")));
    let again = site.post("/setup", &make(&token, "second", PASSWORD)).await;
    assert_eq!((again.status, again.code().as_str()), (409, "not_the_first"));
    // The name of the first one cannot be taken by the link of another.
    let security = site.setup_token(Role::Security);
    let reply = site.post("/setup", &make(&security, "chief", PASSWORD)).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "account_taken"));
    site.set_up_as(Role::Security, "guard").await;
    let mut site = site.restart().await;
    let missing: Vec<Role> = site.server.first_start.iter().map(|(role, _)| *role).collect();
    assert_eq!(missing, [Role::Audit]);
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
    assert_eq!(site.sign_in("chief", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_for_this_host_only_and_no_script_reads_it() {
    let mut site = Site::start_with("", |config| config.sign_in.behind_tls = true).await;
    site.set_up().await;
    let reply = site.sign_in("chief", PASSWORD).await;
    let cookie = &reply.headers["set-cookie"];
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(reply.headers["cache-control"], "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_and_too_many_lock_the_name() {
    let mut site = Site::start_with("", |config| config.sign_in.failures_max = 3).await;
    site.set_up().await;
    site.forget();
    for name in ["chief", "chief", "nobody", "chief"] {
        let reply = site.sign_in(name, "not the password").await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "wrong_sign_in"), "{name}");
    }
    let locked = site.sign_in("chief", PASSWORD).await;
    assert_eq!((locked.status, locked.code().as_str()), (429, "locked"));
    assert!(locked.headers["retry-after"].parse::<u64>().unwrap() > 800);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_host_cannot_sign_in() {
    let site = Site::start("").await;
    let body = json!({"name": "a", "password": "b"}).to_string();
    let reply = site.ask("POST", "/session", &[("Content-Type", "text/plain")], body.as_bytes());
    assert_eq!(reply.await.code(), "not_json");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_is_out() {
    let mut site = Site::signed_in("").await;
    site.forget_csrf();
    assert_eq!(site.delete("/session").await.code(), "wrong_csrf");
    assert_eq!(site.sign_in("chief", PASSWORD).await.status, 200);
    let out = site.delete("/session").await;
    assert_eq!((out.status, &*out.headers["clear-site-data"]), (200, "\"cache\""));
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
    assert_eq!(site.delete("/session").await.code(), "not_signed_in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_without_the_token_of_the_session_is_refused() {
    let mut site = Site::signed_in("").await;
    site.forget_csrf();
    let reply = site.put("/registry/places/a", &json!({}), None).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "wrong_csrf"));
}
