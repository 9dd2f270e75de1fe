//! Answers that the asker has already: each gets a tag, and who shows the tag again gets 304.
//!
//! Where it is known what an answer is made from, the tag comes from that, and nothing is computed for
//! who has it ([`Asked`]). Every other answer is made and then tagged by its bytes. Tags are weak: the
//! same answer may travel compressed in several ways.

use super::error::ApiError;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::hash::{Hash, Hasher};

/// Answers above this are not tagged by their bytes.
const TAGGED_BYTES_MAX: u64 = 64 << 20;

/// What is about one person is kept nowhere; what has no end is never whole.
const UNKEPT: [&str; 2] = ["/session", "/events"];

/// A question whose answer is known by what it is made from.
pub struct Asked {
    tag: String,
    is_known: bool,
}

impl Asked {
    /// The question's headers, and everything that its answer depends on.
    pub fn new(headers: &HeaderMap, of: impl Hash) -> Self {
        let tag = tag_of(of);
        let is_known = is_known(headers, &tag);
        Self { tag, is_known }
    }

    /// Whether who asks has this answer already.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// The answer to who has it already.
    pub fn unchanged(&self) -> Response {
        not_modified(&self.tag)
    }

    /// A new answer.
    pub fn json(&self, answer: &impl Serialize) -> Response {
        match serde_json::to_vec(answer) {
            Ok(body) => self.bytes("application/json", body),
            Err(error) => ApiError::internal("write an answer", &error).into_response(),
        }
    }

    /// A new answer of a media type.
    pub fn bytes(&self, media_type: &'static str, body: Vec<u8>) -> Response {
        let head = [
            (header::CONTENT_TYPE, media_type),
            (header::ETAG, &*self.tag),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        (head, body).into_response()
    }
}

/// Tags successful answers of the API by their bytes, unless they have a tag or say how they may be kept.
pub async fn tagged(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_asked = request.method() == Method::GET
        && path.starts_with(super::API)
        && !UNKEPT.iter().any(|unkept| path.ends_with(unkept));
    let headers = request.headers().clone();
    let answer = next.run(request).await;
    let size = answer.body().size_hint().exact();
    let is_plain = answer.status() == StatusCode::OK
        && !answer.headers().contains_key(header::ETAG)
        && !answer.headers().contains_key(header::CACHE_CONTROL);
    if !is_asked || !is_plain || size.is_none_or(|size| size > TAGGED_BYTES_MAX) {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let body = match to_bytes(body, TAGGED_BYTES_MAX as usize).await {
        Ok(body) => body,
        Err(error) => return ApiError::internal("read an answer", &error).into_response(),
    };
    let tag = written(blake3::hash(&body).as_bytes());
    if is_known(&headers, &tag) {
        return not_modified(&tag);
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        head.headers.insert(header::ETAG, tag);
    }
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Response::from_parts(head, Body::from(body))
}

/// The tag of what an answer is made from, in this build of the program.
fn tag_of(of: impl Hash) -> String {
    struct Bytes(blake3::Hasher);
    impl Hasher for Bytes {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut bytes = Bytes(blake3::Hasher::new());
    env!("CARGO_PKG_VERSION").hash(&mut bytes);
    of.hash(&mut bytes);
    written(bytes.0.finalize().as_bytes())
}

fn written(hash: &[u8; 32]) -> String {
    let start = hash.iter().take(12).fold(0_u128, |tag, byte| tag << 8 | u128::from(*byte));
    format!("W/\"{start:024x}\"")
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers.get_all(header::IF_NONE_MATCH).iter().any(|known| {
        let known = known.to_str().unwrap_or_default();
        known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
    })
}

fn not_modified(tag: &str) -> Response {
    let head = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache")];
    (StatusCode::NOT_MODIFIED, head).into_response()
}
