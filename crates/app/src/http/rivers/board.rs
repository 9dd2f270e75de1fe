//! The public notice board of a river: what stands on the sign at the bank, with a code that leads here (GOV-049).

use super::super::error::{Answer, ApiError, Problem};
use super::super::known::Moment;
use super::super::state::AppState;
use super::book::{Rivers, water_line, words};
use super::rows::{ChiefShort, Desk, RiverRow, rows};
use crate::words::Words;
use account::chief::{Level, Term};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(board)).routes(routes!(code))
}

/// What a notice board says.
#[derive(Serialize, ToSchema)]
pub struct NoticeBoard {
    river: RiverRow,
    begins: Words,
    ends: Words,
    /// As its papers say; empty: not stated.
    length_m: String,
    chiefs: Vec<ChiefShort>,
    phone: String,
    duties: Vec<Words>,
    targets: Vec<Words>,
    forbidden: Vec<Words>,
    /// What a board has to say and this one does not.
    missing: Vec<Words>,
    /// (longitude, latitude), downstream.
    #[schema(value_type = Vec<Vec<f64>>)]
    path: Vec<[f64; 2]>,
}

/// The notice board of a river or reach.
#[utoipa::path(
    get, operation_id = "river_board", path = "/rivers/{line}/board", tag = "rivers",
    params(("line" = String, Path, description = "Key of a river or reach")),
    responses((status = 200, body = NoticeBoard), (status = 404, body = Problem))
)]
async fn board(State(app): State<AppState>, Path(key): Path<String>) -> Answer<Json<NoticeBoard>> {
    app.ask(move |app| {
        let moment = Moment::now(app);
        let line = water_line(app.reader.view().registry(), &key)?.clone();
        let read = Rivers::read(app, moment.known)?;
        // A board is for everybody, also when somebody of ours prints it.
        let desk = Desk::read(app, read, moment.now, false)?;
        let mut all = rows(app, &desk, moment)?;
        all.retain(|row| row.is(&key));
        let Some(river) = all.pop() else {
            return Err(ApiError::unknown("unknown_line", "河流", "river", &key));
        };
        let file =
            desk.rivers.files.get(&key).map(|file| file.document.clone()).unwrap_or_default();
        let all = |texts: &[account::Text]| texts.iter().map(words).collect::<Vec<_>>();
        let mut chiefs: Vec<(Level, ChiefShort)> = desk
            .terms(&line)
            .filter(|(_, term): &(_, &Term)| term.holds(desk.today))
            .map(|(key, term)| (term.level, desk.chief(key, term)))
            .collect();
        chiefs.sort_by_key(|(level, _)| *level);
        let missing = [
            (chiefs.is_empty(), "河长", "a chief"),
            (file.board.phone.is_empty(), "监督电话", "a telephone"),
            (file.board.duties.is_empty(), "河长职责", "duties"),
            (file.board.targets.is_empty(), "治理目标", "targets"),
            (file.length_m.is_empty(), "长度", "its length"),
        ];
        let missing = missing.into_iter().filter(|(is_missing, ..)| *is_missing);
        Ok(Json(NoticeBoard {
            river,
            begins: words(&file.begins),
            ends: words(&file.ends),
            length_m: file.length_m,
            chiefs: chiefs.into_iter().map(|(_, chief)| chief).collect(),
            phone: file.board.phone,
            duties: all(&file.board.duties),
            targets: all(&file.board.targets),
            forbidden: all(&file.board.forbidden),
            missing: missing.map(|(_, zh, en)| Words::new(zh, en)).collect(),
            path: line.path,
        }))
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CodeQuery {
    /// Whether the board is reached by `http` or `https`; `https` without it.
    scheme: Option<String>,
}

/// The code of a notice board, SVG: the address of its page at the host that was asked.
#[utoipa::path(
    get, operation_id = "river_board_code", path = "/rivers/{line}/board/code", tag = "rivers",
    params(("line" = String, Path, description = "Key of a river or reach"), CodeQuery),
    responses((status = 200, content_type = "image/svg+xml", body = String), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn code(
    State(app): State<AppState>,
    Path(key): Path<String>,
    headers: HeaderMap,
    query: Result<Query<CodeQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    water_line(app.reader.view().registry(), &key)?;
    let scheme = match query.scheme.as_deref() {
        None | Some("https") => "https",
        Some("http") => "http",
        Some(other) => {
            let accepted = Words::new("可用 http、https", "there are http and https");
            return Err(ApiError::bad_parameter("scheme", other, accepted));
        }
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let address = format!("{scheme}://{host}/rivers/{key}/board");
    let made = QrCode::new(address.as_bytes());
    let made = made.map_err(|error| ApiError::internal("draw a code", &error))?;
    let picture = made.render::<svg::Color<'_>>().min_dimensions(160, 160).build();
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}
