//! The base map: what it says of itself, and its file, whole or in parts.

use super::error::{Answer, ApiError, Problem};
use super::state::AppState;
use crate::import::basemap::{self, Kind};
use crate::words::Words;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::UNIX_EPOCH;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes of one part of the file.
const PART_BYTES_MAX: u64 = 64 << 20;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(describe)).routes(routes!(file))
}

/// The base map, as far as there is one.
#[derive(Serialize, ToSchema)]
pub struct Basemap {
    /// `none`, `geojson` or `pmtiles`.
    kind: &'static str,
    /// Where its file is; null when there is none, or it cannot be drawn.
    url: Option<&'static str>,
    /// Whom to name on the map.
    attribution: String,
    /// West, south, east, north in degrees.
    bbox: Option<[f64; 4]>,
    minzoom: Option<u8>,
    maxzoom: Option<u8>,
    /// Names of its vector layers.
    layers: Vec<String>,
    /// Why it cannot be drawn.
    problem: Option<Words>,
}

/// The base map.
#[utoipa::path(get, path = "/basemap", tag = "places", responses((status = 200, body = Basemap)))]
async fn describe(State(app): State<AppState>) -> Answer<Json<Basemap>> {
    app.ask(|app| Ok(Json(described(app)))).await
}

fn described(app: &AppState) -> Basemap {
    let nothing = Basemap {
        kind: "none",
        url: None,
        attribution: String::new(),
        bbox: None,
        minzoom: None,
        maxzoom: None,
        layers: vec![],
        problem: None,
    };
    let Some((kind, path)) = basemap::find(&app.data_dir) else { return nothing };
    let kind_name = match kind {
        Kind::PmTiles => "pmtiles",
        Kind::GeoJson => "geojson",
    };
    match basemap::look(kind, &path) {
        Ok(about) => Basemap {
            kind: kind_name,
            url: Some("/api/v1/basemap/file"),
            attribution: about.attribution,
            bbox: about.bbox,
            minzoom: about.minzoom,
            maxzoom: about.maxzoom,
            layers: about.layers,
            problem: None,
        },
        Err(mut fault) => {
            // Where it lies on the server is nobody's business.
            let (whole, name) = (path.display().to_string(), "basemap");
            fault.message.zh = fault.message.zh.replace(&whole, name);
            fault.message.en = fault.message.en.replace(&whole, name);
            Basemap { kind: kind_name, problem: Some(basemap::problem(&fault)), ..nothing }
        }
    }
}

/// The file of the base map. With `Range: bytes=from-to` a part of it.
#[utoipa::path(
    get, path = "/basemap/file", tag = "places",
    params(("Range" = Option<String>, Header, description = "One range of bytes")),
    responses(
        (status = 200, description = "The whole file", content_type = "application/octet-stream"),
        (status = 206, description = "A part of it", content_type = "application/octet-stream"),
        (status = 304, description = "It is the one that was seen"),
        (status = 404, body = Problem), (status = 416, body = Problem)
    )
)]
async fn file(State(app): State<AppState>, headers: HeaderMap) -> Answer<Response> {
    app.ask(move |app| part(app, &headers)).await
}

fn part(app: &AppState, headers: &HeaderMap) -> Answer<Response> {
    let (kind, path) = basemap::find(&app.data_dir).ok_or_else(|| {
        ApiError::unknown("no_basemap", "底图", "base map", "")
            .with_hint("skyriver import basemap FILE", "skyriver import basemap FILE brings one")
    })?;
    let failed = |error: std::io::Error| ApiError::internal("read the base map", &error);
    let mut file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let modified_ms = modified.map_or(0, |since| since.as_millis());
    let bytes = about.len();
    let tag = format!("\"{bytes:x}-{modified_ms:x}\"");
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let value = |text: String| {
        HeaderValue::try_from(text).map_err(|error| ApiError::internal("write a header", &error))
    };
    let kind = match kind {
        Kind::PmTiles => "application/vnd.pmtiles",
        Kind::GeoJson => "application/geo+json",
    };
    let mut answer = HeaderMap::new();
    answer.insert(header::ETAG, value(tag.clone())?);
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if text(header::IF_NONE_MATCH) == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    // A part of another file than the one that was begun would not fit: then all of it is given.
    let is_same = text(header::IF_RANGE).is_none_or(|seen| seen == tag);
    let wanted = text(header::RANGE).filter(|_| is_same);
    let (status, from, to) = match wanted.map(|range| range_of(range, bytes)) {
        None | Some(Range::Ignored) => (StatusCode::OK, 0, bytes),
        Some(Range::Part(from, to)) => (StatusCode::PARTIAL_CONTENT, from, to),
        Some(Range::Outside) => {
            let error = ApiError::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "outside_the_file",
                Words::new(format!("文件只有 {bytes} 字节"), format!("the file has {bytes} bytes")),
            );
            let range = value(format!("bytes */{bytes}"))?;
            return Ok(([(header::CONTENT_RANGE, range)], error).into_response());
        }
    };
    if to - from > PART_BYTES_MAX {
        return Err(ApiError::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "part_too_large",
            Words::new("一次取得过多", "that is too much at once"),
        )
        .with_hint(
            format!("请用 Range 每次取最多 {PART_BYTES_MAX} 字节"),
            format!("ask with Range for at most {PART_BYTES_MAX} bytes at a time"),
        ));
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{bytes}", to - 1);
        answer.insert(header::CONTENT_RANGE, value(range)?);
    }
    file.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut part = Vec::new();
    file.take(to - from).read_to_end(&mut part).map_err(failed)?;
    Ok((status, answer, Body::from(part)).into_response())
}

/// What a header `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// From the first byte to before the second.
    Part(u64, u64),
    /// Nothing of the file.
    Outside,
    /// Something that is not served in parts.
    Ignored,
}

fn range_of(text: &str, bytes: u64) -> Range {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Range::Ignored;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (from, to) = match (number(from), number(to)) {
        (Some(from), Some(to)) if from <= to => (from, to.saturating_add(1).min(bytes)),
        (Some(from), None) if to.trim().is_empty() => (from, bytes),
        (None, Some(last)) if from.trim().is_empty() => (bytes.saturating_sub(last), bytes),
        _ => return Range::Ignored,
    };
    if from >= to { Range::Outside } else { Range::Part(from, to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_it_is_meant() {
        let check = |text, expected| assert_eq!(range_of(text, 100), expected, "{text}");
        check("bytes=0-9", Range::Part(0, 10));
        check("bytes=90-", Range::Part(90, 100));
        check("bytes=90-900", Range::Part(90, 100));
        check("bytes=-10", Range::Part(90, 100));
        check("bytes=-1000", Range::Part(0, 100));
        check("bytes=100-", Range::Outside);
        check("bytes=-0", Range::Outside);
        check("bytes=9-3", Range::Ignored);
        check("bytes=0-1,4-5", Range::Ignored);
        check("lines=0-1", Range::Ignored);
        check("bytes=18446744073709551615-18446744073709551615", Range::Outside);
    }
}
