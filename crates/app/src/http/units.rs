//! Units: the tree of organisations that cases are given to.

use super::error::{Answer, ApiError, Problem};
use super::people::{Done, change, check_text};
use super::rights::Asking;
use super::session::read_json;
use super::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use engine::people::PeopleChange;
use model::{Names, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(units)).routes(routes!(put_unit))
}

/// A unit as it stands now.
#[derive(Serialize, ToSchema)]
pub struct UnitAnswer {
    key: String,
    name: Words,
    /// Key of the unit above it; null at the top.
    above: Option<String>,
    /// Keys of the areas it answers for.
    areas: Vec<String>,
    /// Whether it is there no longer.
    ended: bool,
}

impl UnitAnswer {
    fn of(unit: &Unit) -> Self {
        Self {
            key: unit.key.clone(),
            name: Words::from(&unit.name),
            above: (!unit.above.is_empty()).then(|| unit.above.clone()),
            areas: unit.areas.clone(),
            ended: unit.ended,
        }
    }
}

/// All units, by key, those that ended too.
#[utoipa::path(
    get, path = "/units", tag = "people",
    responses((status = 200, body = Vec<UnitAnswer>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn units(Extension(asking): Extension<Asking>) -> Json<Vec<UnitAnswer>> {
    Json(asking.people().units().map(UnitAnswer::of).collect())
}

/// A unit as it shall stand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnit {
    /// Chinese name.
    zh: String,
    /// English name, or empty.
    #[serde(default)]
    en: String,
    /// Key of the unit above it, or empty.
    #[serde(default)]
    above: String,
    /// Keys of the areas it answers for.
    #[serde(default)]
    areas: Vec<String>,
    /// Whether it is there no longer.
    #[serde(default)]
    ended: bool,
}

/// Makes a unit, changes it, or ends it.
#[utoipa::path(
    put, path = "/units/{key}", tag = "people", request_body = NewUnit, params(("key" = String, Path)),
    responses(
        (status = 200, body = Done), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem)
    )
)]
async fn put_unit(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Done>> {
    let NewUnit { zh, en, above, areas, ended } = read_json(&headers, &body)?;
    let is_sound = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    if !(1..=64).contains(&key.len()) || !key.chars().all(is_sound) {
        let accepted = Words::new("1 至 64 个字母、数字、- _ .", "1 to 64 letters, digits, - _ .");
        return Err(ApiError::bad_parameter("key", &key, accepted));
    }
    check_text("zh", &zh)?;
    check_text("en", &en)?;
    let unit = Unit { key, name: Names { zh, en }, above, areas, ended };
    change(&app, asking.name(), vec![PeopleChange::Unit(unit)], vec![]).await?;
    Ok(Json(Done { count: 1 }))
}
