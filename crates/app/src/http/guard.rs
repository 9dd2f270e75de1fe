//! What every answer goes through: limits on the way in, headers on the way out.

use super::account::TABLE_BYTES_MAX;
use super::bring::FILE_BYTES_MAX as READINGS_BYTES_MAX;
use super::cases::PHOTO_BYTES_MAX;
use super::error::ApiError;
use super::state::AppState;
use crate::bring::cases::BYTES_MAX as CASES_BYTES_MAX;
use crate::bring::forecast::BYTES_MAX as FORECAST_BYTES_MAX;
use crate::import::FILE_BYTES_MAX;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// The page loads from its own host only; MapLibre needs workers, and styles that it sets itself.
const CONTENT_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; \
    style-src 'self' 'unsafe-inline'; worker-src 'self'; object-src 'none'; base-uri 'self'; \
    form-action 'self'; frame-ancestors 'none'";

/// The one route that takes a whole file.
const IMPORT: &str = "/api/v1/registry/import";

/// Where files of readings, of cases and of forecasts go.
const READINGS: &str = "/api/v1/import/readings";
const CASES: &str = "/api/v1/cases/import";
const FORECAST: &str = "/api/v1/forecast/import";
/// Routes that take more than a form: photos, and tracks of a day.
const PHOTOS: &str = "/api/v1/photos";
const PATROLS: &str = "/api/v1/patrols";
/// Bytes of a patrol with the longest track.
const PATROL_BYTES_MAX: u64 = 2 << 20;

/// The one route whose answer has no end.
const ENDLESS: &str = "/api/v1/events";

/// Where tables of entries go.
const TABLES: &str = "/api/v1/programmes/import";
/// For a year browsers ask over TLS only, once they did.
const TLS_ONLY: &str = "max-age=31536000";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Refuses bodies that are too large, gives up answers that take too long, and sets the headers that
/// every answer has.
pub async fn guard(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let limits = &app.limits;
    let is_endless = request.uri().path() == ENDLESS;
    let is_api = request.uri().path().starts_with("/api/");
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let is_import = request.uri().path() == IMPORT;
    let bytes_max = match request.uri().path() {
        _ if is_import => FILE_BYTES_MAX,
        PHOTOS => PHOTO_BYTES_MAX,
        PATROLS => PATROL_BYTES_MAX,
        TABLES => TABLE_BYTES_MAX,
        READINGS => READINGS_BYTES_MAX,
        CASES => CASES_BYTES_MAX,
        FORECAST => FORECAST_BYTES_MAX,
        _ => limits.body_bytes_max,
    };
    // A body without a length is cut off when it grows past the limit.
    DefaultBodyLimit::max(usize::try_from(bytes_max).unwrap_or(usize::MAX)).apply(&mut request);
    let mut answer = if length.is_some_and(|length| length > bytes_max) {
        ApiError::body_too_large(bytes_max).into_response()
    } else if is_endless {
        next.run(request).await
    } else {
        let answer_max = Duration::from_secs(limits.answer_s_max);
        let answer = tokio::time::timeout(answer_max, next.run(request)).await;
        answer.unwrap_or_else(|_| ApiError::too_slow(limits.answer_s_max).into_response())
    };
    let is_ours =
        answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if is_api && answer.status() == StatusCode::PAYLOAD_TOO_LARGE && !is_ours {
        answer = ApiError::body_too_large(bytes_max).into_response();
    }
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.users.limits.behind_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    answer
}
