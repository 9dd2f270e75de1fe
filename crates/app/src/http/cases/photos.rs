//! Photos: sent once, kept by the hash of their bytes beside the database, given back without what a camera writes
//! beside the picture.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::state::AppState;
use super::actor::sees;
use crate::photo::{self, Kind};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use control::Case;
use model::{Right, Scope};
use serde::Serialize;
use std::path::PathBuf;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes of one photo. A phone makes it smaller before it sends it.
pub const BYTES_MAX: u64 = 8 << 20;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(send_photo)).routes(routes!(photo))
}

/// A photo that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhotoKept {
    /// Names it: BLAKE3 of its bytes, hexadecimal.
    hash: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    kind: &'static str,
    bytes: usize,
    /// Where it was taken, as the camera wrote it; degrees.
    lon: Option<f64>,
    lat: Option<f64>,
}

/// Keeps a photo: JPEG, PNG or WebP, at most 8 MiB. The same bytes sent twice are kept once.
#[utoipa::path(
    post, path = "/photos", tag = "cases",
    request_body(content = String, content_type = "image/jpeg"),
    responses((status = 200, body = PhotoKept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem))
)]
async fn send_photo(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    body: Bytes,
) -> Answer<Json<PhotoKept>> {
    if ![Right::File, Right::Handle, Right::Verify].into_iter().any(|right| asking.has(right)) {
        asking.may(Right::Handle, &Scope::default())?;
    }
    app.ask(move |app| {
        let kind = photo::kind(&body).ok_or_else(no_photo)?;
        let hash = blake3::hash(&body).to_string();
        let path = path(app, &hash);
        if !path.exists() {
            photo::keep(&path, &body)
                .map_err(|error| ApiError::internal("keep a photo", &error))?;
        }
        let [lon, lat] = photo::position(&body).map_or([None; 2], |spot| spot.map(Some));
        Ok(Json(PhotoKept { hash, kind: kind.media_type(), bytes: body.len(), lon, lat }))
    })
    .await
}

/// A photo, without what the camera wrote beside the picture (position, time, device).
#[utoipa::path(
    get, path = "/photos/{hash}", tag = "cases",
    params(("hash" = String, Path, description = "What `POST /photos` answered")),
    responses((status = 200, content_type = "image/jpeg", body = String), (status = 404, body = Problem))
)]
async fn photo(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(hash): Path<String>,
) -> Answer<Response> {
    app.ask(move |app| {
        must_be_there(app, &hash)?;
        if !may_see(app, &asking, &hash) {
            return Err(no_such(&hash));
        }
        let bytes = std::fs::read(path(app, &hash))
            .map_err(|error| ApiError::internal("read a photo", &error))?;
        let kind = photo::kind(&bytes).unwrap_or(Kind::Jpeg);
        let head = [
            (header::CONTENT_TYPE, kind.media_type()),
            (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
            (header::CONTENT_DISPOSITION, "inline"),
        ];
        Ok((head, photo::stripped(&bytes)).into_response())
    })
    .await
}

/// Whether whoever asks sees all cases, or one that the photo came with.
fn may_see(app: &AppState, asking: &Asking, hash: &str) -> bool {
    let carries = |case: &Case| {
        let mut photos = case.history.iter().flat_map(|step| step.made.photos());
        photos.any(|photo| photo.hash.eq_ignore_ascii_case(hash))
    };
    asking.is_allowed(Right::Cases, &Scope::default()) || {
        let settings = app.desk.settings();
        app.desk.cases().values().any(|case| carries(case) && sees(asking, &settings, case))
    }
}

/// That a photo was sent.
///
/// # Errors
/// `unknown_photo`.
pub fn must_be_there(app: &AppState, hash: &str) -> Answer<()> {
    let is_hash = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_hash && path(app, &hash.to_ascii_lowercase()).is_file() {
        return Ok(());
    }
    Err(no_such(hash))
}

/// Somebody else's is told like one that is not there.
fn no_such(hash: &str) -> ApiError {
    ApiError::unknown("unknown_photo", "照片", "photo", hash).with_hint(
        "请先 POST /api/v1/photos；只能看到您可查看的案件的照片",
        "send it first: POST /api/v1/photos; one sees the photos of cases that are one's own to see",
    )
}

/// Where a photo lies: `photos/ab/ab12….jpg` without an ending, by the first two digits of its hash.
fn path(app: &AppState, hash: &str) -> PathBuf {
    app.data_dir.join(crate::photo::FOLDER).join(&hash[..2]).join(hash)
}

fn no_photo() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "no_photo",
        Words::new(
            "这不是完整的 JPEG、PNG 或 WebP 图片",
            "this is no whole JPEG, PNG or WebP picture",
        ),
    )
    .with_hint(
        "请发送照片本身，不要压缩包或其他文件",
        "send the picture itself, no archive or other file",
    )
}
