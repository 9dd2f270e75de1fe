//! Units: the tree of organisations that cases are given to.

use super::error::Problem;
use super::rights::Asking;
use super::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::Extension;
use model::Unit;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(units))
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
