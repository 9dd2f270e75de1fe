//! The page, out of the binary: `web/dist` as it was built, or one page that says how to build it.

use super::error::ApiError;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

/// What the browser asks for when no page was built.
const HOW_TO_BUILD: &str = include_str!("page/index.html");
/// Names under this folder carry a hash of their content: they never change.
const HASHED: &str = "assets/";

#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// Answers everything that is no route of the API: a file of the page, or the page itself, which has
/// its own routes.
pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return ApiError::no_route(uri.path()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ApiError::no_method(method.as_str(), uri.path()).into_response();
    }
    if let Some(file) = Dist::get(path) {
        return answer(path, &file, &headers);
    }
    // A file that is not there is an error; a name without a dot is a route of the page.
    if path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path != "index.html" {
        return ApiError::no_route(uri.path()).into_response();
    }
    if let Some(file) = Dist::get("index.html") {
        return answer("index.html", &file, &headers);
    }
    let head =
        [(header::CONTENT_TYPE, media_type("index.html")), (header::CACHE_CONTROL, "no-cache")];
    (head, HOW_TO_BUILD).into_response()
}

/// The page itself as text, for what is written into it.
pub fn index() -> String {
    Dist::get("index.html").map_or_else(
        || HOW_TO_BUILD.to_owned(),
        |file| String::from_utf8_lossy(&file.data).into_owned(),
    )
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = tag(file);
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().any(|known| {
        known.to_str().is_ok_and(|known| known.split(',').any(|known| known.trim() == tag))
    });
    let caching =
        if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let head = [(header::CACHE_CONTROL, caching.to_owned()), (header::ETAG, tag)];
    if is_known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, media_type(path))], file.data.clone().into_owned())
        .into_response()
}

/// The tag of a file: the first bytes of the hash of its content.
fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let start = hash.iter().take(16).fold(0_u128, |tag, byte| tag << 8 | u128::from(*byte));
    format!("\"{start:032x}\"")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
