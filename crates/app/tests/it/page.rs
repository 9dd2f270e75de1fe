//! The page, and the headers that every answer has.

use crate::world::{text, world};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn the_page_answers_its_own_routes_and_nothing_else() {
    let world = world();
    for path in ["//", "//place/air-1", "//index.html"] {
        let answer = world.ask(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
        assert!(text(answer).await.contains("<html"), "{path}");
    }
    for path in ["//assets/nothing-4711.js", "//favicon.png", "/nothing", "//api"] {
        let answer = world.ask(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(answer).await.contains("unknown_route"), "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_a_page_safe() {
    let world = world();
    for path in ["//", "/places", "/nothing", "/metrics", "/events"] {
        let answer = world.ask(path).await;
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy"), Some("no-referrer"), "{path}");
        let policy = header("content-security-policy").unwrap();
        for directive in [
            "default-src 'self'",
            "img-src 'self' data: blob:",
            "worker-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|own| own == directive), "{path}: {policy}");
        }
    }
}

#[tokio::test]
async fn answers_of_the_api_are_asked_for_again_and_errors_are_not_kept() {
    let world = world();
    assert_eq!(world.ask("/places").await.headers()[header::CACHE_CONTROL], "no-cache");
    assert_eq!(world.ask("/nowhere").await.headers()[header::CACHE_CONTROL], "no-store");
}

/// Needs `web/dist`; without it the built-in page has no files of its own and there is nothing to test.
#[tokio::test]
async fn a_file_of_the_built_page_is_kept_by_its_tag() {
    let world = world();
    let page = text(world.ask("//").await).await;
    let Some(name) = page.split('"').find(|text| text.starts_with("/assets/")) else {
        println!("no built page in this binary: only the built-in one is tested");
        assert!(page.contains("npm run build"), "{page}");
        return;
    };
    let answer = world.ask(&format!("/{name}")).await;
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    let tag = answer.headers()[header::ETAG].clone();
    let again = Request::get(name).header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    let again = world.send(again).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(text(again).await, "");
}

#[tokio::test]
async fn the_public_page_has_its_numbers_in_the_html_in_the_language_asked_for() {
    let world = world();
    for (path, word) in [
        ("//public", "空气质量"),
        ("//public?lang=en", "air quality"),
        ("//public?lang=%00", "空气质量"),
    ] {
        let answer = world.ask(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let page = text(answer).await;
        let start = page.find("<noscript>").unwrap();
        let numbers = &page[start..page.find("</noscript>").unwrap()];
        assert!(numbers.contains(word), "{path}: {numbers}");
    }
    let index = world.json("/index/now").await;
    let page = text(world.ask("//public?lang=en").await).await;
    let judged = index["items"].as_array().unwrap().iter().find(|item| item["aqi"].is_u64());
    let aqi = judged.expect("a station has an index")["aqi"].to_string();
    assert!(page.contains(&format!("<td>{aqi}</td>")), "{page}");
    assert!(page.contains("Station 1"), "names of places in English");
}

#[tokio::test]
async fn the_public_page_follows_the_browser_when_the_address_says_nothing() {
    let world = world();
    let request = Request::get("/public").header(header::ACCEPT_LANGUAGE, "en-GB,zh;q=0.5");
    let page = text(world.send(request.body(Body::empty()).unwrap()).await).await;
    assert!(page.contains("air quality"), "{page}");
}
