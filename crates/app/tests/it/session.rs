//! Signing in, and that nobody writes without it.

use crate::site::{PASSWORD, Site};
use app::user;
use engine::UsersWhen;
use model::{Role, User};
use serde_json::{Value, json};
use store::UserChange;

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_first_start_makes_one_administrator() {
    let mut site = Site::start("").await;
    let link = site.server.first_start.clone().unwrap();
    let token = link.rsplit_once("token=").unwrap().1.to_owned();
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
    assert_eq!((&session["name"], &session["role"]), (&json!("chief"), &json!("administrator")));
    assert_eq!(session["first_start"], false);
    let again = site.post("/setup", &make(&token, "second", PASSWORD)).await;
    assert_eq!((again.status, again.code().as_str()), (409, "not_the_first"));
    let mut site = site.restart().await;
    assert!(site.server.first_start.is_none());
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
    assert_eq!(site.delete("/session").await.status, 200);
    assert_eq!(site.get("/session").await.json()["signed_in"], false);
    assert_eq!(site.delete("/session").await.code(), "not_signed_in");
}

/// Every write of the API document but the two by which one signs in.
fn writes() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&app::http::openapi()).unwrap();
    let mut writes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let is_method = ["put", "post", "delete", "patch"].contains(&method.as_str());
            let path = path.strip_prefix("/api/v1").unwrap();
            let is_open = method == "post" && ["/session", "/setup"].contains(&path);
            if is_method && !is_open {
                let path = path.replace("{kind}", "places").replace(['{', '}'], "");
                writes.push((method.to_uppercase(), path));
            }
        }
    }
    writes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_needs_somebody_signed_in_as_administrator() {
    let mut site = Site::start("").await;
    let writes = writes();
    assert!(writes.len() >= 3, "{writes:?}");
    for (method, path) in &writes {
        let reply = site.ask(method, path, &[], b"{}").await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "not_signed_in"),
            "{method} {path}"
        );
    }
    site.server.stop().await.unwrap();
    let mut engine = app::serve::open_engine(&site.config).unwrap();
    let password_hash = user::hash(PASSWORD).unwrap();
    let viewer = User { name: "guest".to_owned(), role: Role::Viewer, password_hash };
    let change = UserChange::Put(viewer);
    engine.change_users(app::clock::now(), change, "test", UsersWhen::Always).unwrap();
    drop(engine);
    site.server =
        app::serve::Server::start(&site.config, &engine::RegistryFile::default()).await.unwrap();
    assert!(site.server.first_start.is_none());
    assert_eq!(site.sign_in("guest", PASSWORD).await.json()["role"], "viewer");
    for (method, path) in &writes {
        if path == "/session" {
            continue;
        }
        let reply = site.ask(method, path, &[], b"{}").await;
        let expected = (403, "administrator_only");
        assert_eq!((reply.status, reply.code().as_str()), expected, "{method} {path}");
    }
    assert_eq!(site.delete("/session").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_without_the_token_of_the_session_is_refused() {
    let mut site = Site::signed_in("").await;
    site.forget_csrf();
    let reply = site.put("/registry/places/a", &json!({}), None).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "wrong_csrf"));
}
