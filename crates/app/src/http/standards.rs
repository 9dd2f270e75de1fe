//! The law as the page shows it: levels, colours, advice and limits, with their sources.

mod editions;

pub use editions::names_of;

use super::error::{Answer, ApiError, Problem};
use super::state::AppState;
use super::time;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use standards::air::{self, Averaging};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(air_index)).merge(editions::routes())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AirIndexQuery {
    /// A civil day; today without it.
    date: Option<String>,
}

/// The edition of the air quality index in force on a date, and the limits beside it.
#[derive(Serialize, ToSchema)]
pub struct AirIndex {
    #[schema(example = "HJ 633-2026")]
    edition: String,
    title: Words,
    categories: Vec<Category>,
    limits: Vec<Limit>,
}

/// A level of the index.
#[derive(Serialize, ToSchema)]
pub struct Category {
    /// 1 (best) to 6.
    level: u8,
    /// The lowest and the highest index of the level.
    range: [u16; 2],
    name: Words,
    /// The colour that the standard prescribes.
    #[schema(example = "#00E400")]
    colour: String,
    /// What everybody should do.
    advice: Words,
    /// What sensitive people should do.
    advice_sensitive: Words,
    source: String,
}

/// A limit of the ambient air quality standard.
#[derive(Serialize, ToSchema)]
pub struct Limit {
    /// The standard, and the phase of it that is in force.
    standard: String,
    phase: String,
    #[schema(example = "PM2.5")]
    pollutant: String,
    /// Over what it holds: `1h`, `8h` (daily maximum), `24h`, `month`, `quarter`, `annual`, `growing_season`.
    #[schema(example = "24h")]
    averaging: &'static str,
    grade1: f64,
    grade2: f64,
    unit: String,
    source: String,
}

/// The air quality index in force on a date.
#[utoipa::path(
    get, path = "/standards/air-index", tag = "standards", params(AirIndexQuery),
    responses((status = 200, body = AirIndex), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn air_index(
    State(app): State<AppState>,
    query: Result<Query<AirIndexQuery>, QueryRejection>,
) -> Answer<Json<AirIndex>> {
    let Query(query) = query?;
    let date = time::day("date", query.date.as_deref(), &app.district.zone, app.now())?.date();
    let edition = app.law.air_index(date);
    let edition = edition.ok_or_else(|| ApiError::no_standard(&date.to_string()))?;
    let (title_zh, title_en) = edition.titles();
    Ok(Json(AirIndex {
        edition: edition.edition().to_string(),
        title: Words::new(title_zh, title_en),
        categories: edition.categories().iter().map(Category::from).collect(),
        limits: app.law.air_limits().all_on(date).map(Limit::from).collect(),
    }))
}

impl From<&air::Category> for Category {
    fn from(category: &air::Category) -> Self {
        Self {
            level: category.level,
            range: [category.low, category.high],
            name: Words::new(&*category.name_zh, &*category.name_en),
            colour: category.rgb.to_string(),
            advice: Words::new(&*category.general_zh, &*category.general_en),
            advice_sensitive: Words::new(&*category.sensitive_zh, &*category.sensitive_en),
            source: category.source.text.to_string(),
        }
    }
}

impl From<&air::Limit> for Limit {
    fn from(limit: &air::Limit) -> Self {
        Self {
            standard: limit.standard.to_string(),
            phase: limit.phase.to_string(),
            pollutant: limit.pollutant.to_string(),
            averaging: match limit.averaging {
                Averaging::Hour => "1h",
                Averaging::Day => "24h",
                Averaging::DailyMax8h => "8h",
                Averaging::Month => "month",
                Averaging::Quarter => "quarter",
                Averaging::Annual => "annual",
                Averaging::GrowingSeason => "growing_season",
            },
            grade1: limit.grade1.to_f64(),
            grade2: limit.grade2.to_f64(),
            unit: limit.unit.to_string(),
            source: limit.source.text.to_string(),
        }
    }
}
