//! Rivers: files and policies, chiefs with terms, patrol plans, ledgers, sampling, custody, and the account of a span.
//!
//! Everything that people enter is an act, and what stands is folded from the acts when somebody asks: as of any moment.

mod account;
mod answer;
mod board;
mod book;
mod entries;
mod line;
mod results;
mod rows;
mod samples;
mod sampling;
pub mod water;

use super::error::{Answer, Problem};
use super::known::{AsOf, Moment};
use super::rights::Asking;
use super::state::AppState;
use ::account::waterbook::WaterEntry;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use book::Rivers;
use rows::{ChiefShort, Desk, RiverRow, rows};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file and those below it.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(rivers))
        .routes(routes!(account::account))
        .routes(routes!(line::river, entries::put_river))
        .merge(board::routes())
        .merge(entries::routes())
        .merge(sampling::routes())
        .merge(samples::routes())
        .merge(results::routes())
}

/// The entries of the water book as they stood.
///
/// # Errors
/// When the store cannot read.
pub fn water_entries(
    reader: &store::Reader,
    known: store::Known,
) -> Result<Vec<WaterEntry>, store::Error> {
    let all = book::standing(reader, book::WATER_ENTRY, known)?;
    Ok(all.into_values().map(|own| own.document).collect())
}

/// As of when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RiversQuery {
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// Every river and reach.
#[derive(Serialize, ToSchema)]
pub struct RiverList {
    /// What the classes rest on.
    #[schema(example = "hourly, not an assessment")]
    basis: &'static str,
    as_of: Option<AsOf>,
    rivers: Vec<RiverRow>,
    /// The general chiefs, who answer for all of them.
    general: Vec<ChiefShort>,
}

/// Rivers and reaches with class against target, chiefs, patrols, what is open.
#[utoipa::path(
    get, operation_id = "rivers", path = "/rivers", tag = "rivers", params(RiversQuery),
    responses((status = 200, body = RiverList), (status = 400, body = Problem))
)]
async fn rivers(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<RiversQuery>, QueryRejection>,
) -> Answer<Json<RiverList>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let read = Rivers::read(app, moment.known)?;
        let desk = Desk::read(app, read, moment.now, asking.is_signed_in())?;
        let chiefs = desk.rivers.chiefs.iter();
        let general = chiefs.filter(|(_, entry)| {
            let term = &entry.document;
            term.level.is_general() && term.lines.is_empty() && term.holds(desk.today)
        });
        let mut general: Vec<_> =
            general.map(|(key, entry)| desk.chief(key, &entry.document)).collect();
        general.sort_by_key(|chief| chief.level);
        let rivers = rows(app, &desk, moment)?;
        Ok(Json(RiverList {
            basis: "hourly, not an assessment",
            as_of: moment.as_of,
            rivers,
            general,
        }))
    })
    .await
}
