//! Every route of the API document, asked by everybody: who is let through, and who is not.

use crate::site::{PASSWORD, Site};
use crate::snapshot;
use model::Role;
use serde_json::Value;
use std::fmt::Write;

/// Every route of the document: method, path with its parts, path to ask for.
fn routes() -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(&app::http::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = path.strip_prefix("/api/v1").unwrap_or(path);
            let asked = path.replace("{kind}", "places").replace(['{', '}'], "");
            routes.push((method.to_uppercase(), path.to_owned(), asked));
        }
    }
    // Signing out comes last, or nobody would be signed in for the rest.
    routes
        .sort_by_key(|(method, path, _)| (method == "DELETE" && path == "/session", path.clone()));
    routes
}

/// What became of a question: let through, refused, or asked to sign in.
async fn outcome(site: &Site, method: &str, path: &str) -> &'static str {
    // A live stream has no end; its head is let through like the whole.
    let method = if path == "/events" { "HEAD" } else { method };
    let reply = site.ask(method, path, &[("Content-Type", "application/json")], b"{}").await;
    assert!(reply.status < 500, "{method} {path}: {reply:?}");
    let code = if reply.body.starts_with(b"{") { reply.code() } else { String::new() };
    // Open311 has errors of its own form, and asks for its key itself.
    let code = if path.starts_with("/open311/") && reply.status == 401 {
        "not_signed_in".to_owned()
    } else {
        code
    };
    assert!(!["no_right_stated", "wrong_csrf"].contains(&code.as_str()), "{method} {path}: {code}");
    match (reply.status, code.as_str()) {
        (401, "not_signed_in") => "sign in",
        (403, "not_allowed") => "-",
        _ => "yes",
    }
}

/// The matrix, as text for people: a line for each route, a column for each role.
async fn matrix(site: &mut Site) -> String {
    let routes = routes();
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for (method, _, asked) in &routes {
        rows.push(vec![outcome(site, method, asked).await]);
    }
    for role in Role::ALL {
        assert_eq!(site.sign_in(role.name(), PASSWORD).await.status, 200, "{role:?}");
        for ((method, _, asked), row) in routes.iter().zip(&mut rows) {
            row.push(outcome(site, method, asked).await);
        }
        site.forget();
    }
    let mut text = format!("{:<42}{:<9}", "", "public");
    for role in Role::ALL {
        write!(text, "{:<11}", role.name()).unwrap();
    }
    for ((method, path, _), row) in routes.iter().zip(&rows) {
        write!(text, "\n{:<42}{:<9}", format!("{method} {path}"), row[0]).unwrap();
        row[1..].iter().for_each(|cell| write!(text, "{cell:<11}").unwrap());
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_through_whom_it_was_reviewed_to() {
    let mut site = Site::with_every_role("", |_| ()).await;
    snapshot::check("tests/http/rights.txt", &matrix(&mut site).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_district_that_shows_nothing_to_the_public_asks_everybody_to_sign_in() {
    let mut site = Site::with_every_role("", |config| config.http.public = false).await;
    snapshot::check("tests/http/rights_private.txt", &matrix(&mut site).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_the_table_has_not_is_refused_before_any_handler() {
    let site = Site::start("").await;
    for (method, path) in [("PATCH", "/places"), ("PUT", "/session"), ("TRACE", "/places")] {
        let reply = site.ask(method, path, &[], b"").await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (405, "unknown_method"),
            "{method} {path}"
        );
    }
}
