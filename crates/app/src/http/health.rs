//! Whether all is well, and what is not.

use super::error::Answer;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(health))
}

/// How the server is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `degraded` when there is any problem.
    status: Status,
    /// The program's version.
    version: &'static str,
    started: Instant,
    /// The newest entry of the log.
    sequence: u64,
    /// Turns made since the start.
    turn: u64,
    /// Readings in memory.
    hot_readings: u64,
    /// Frames that arrived and are not on disk yet.
    in_flight: u64,
    problems: Vec<HealthProblem>,
}

/// How the server is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// All is well.
    Ok,
    /// Something is not well; the rest is served.
    Degraded,
}

/// Something that is not well.
#[derive(Serialize, ToSchema)]
pub struct HealthProblem {
    /// Stable name: `store_not_writing`, `damaged`.
    #[schema(example = "damaged")]
    name: &'static str,
    message: Words,
}

/// How the server is, and what is not well.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = Health)))]
async fn health(State(app): State<AppState>) -> Answer<Json<Health>> {
    app.ask(|app| {
        let problems = problems(app);
        Ok(Json(Health {
            status: if problems.is_empty() { Status::Ok } else { Status::Degraded },
            version: env!("CARGO_PKG_VERSION"),
            started: Instant(app.started),
            sequence: app.reader.last_sequence().map_err(unreadable)?.0,
            turn: app.engine.turns.load(Ordering::Relaxed),
            hot_readings: app.reader.sizes().hot_readings,
            in_flight: app.gateway().counters.in_flight_frames,
            problems,
        }))
    })
    .await
}

fn problems(app: &AppState) -> Vec<HealthProblem> {
    let failing = app.engine.failing.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let failing = failing.map(|why| HealthProblem {
        name: "store_not_writing",
        message: Words::new(
            format!("数据无法写入磁盘，暂不应答设备：{why}"),
            format!("nothing can be written, no device is answered: {why}"),
        ),
    });
    let damaged = app.reader.problems().into_iter().map(|damage| HealthProblem {
        name: "damaged",
        message: Words::new(
            format!("{}：{}；其余部分照常提供", damage.what, damage.why),
            format!("{}: {}; the rest is served", damage.what, damage.why),
        ),
    });
    failing.into_iter().chain(damaged).collect()
}
