//! As it was known when: the question `as_of=` of every route that can look back.

use super::error::{Answer, ApiError, Problem};
use super::state::{AppState, unreadable};
use super::time::{Instant, instant};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{Sequence, Timestamp};
use serde::{Deserialize, Serialize};
use store::Known;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Up to where something was known that is shown as it was.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AsOf {
    /// The newest entry of the log that was known.
    pub sequence: u64,
    /// The instant that was asked for, or when that entry was kept.
    pub at: Option<Instant>,
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(known))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct KnownQuery {
    /// A sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// A moment as of which things can be shown.
#[derive(Serialize, ToSchema)]
pub struct KnownAt {
    /// The newest entry of the log that was known.
    sequence: u64,
    /// When that was.
    at: Instant,
    /// The newest entry of the log that is known now.
    newest: u64,
}

/// What a past moment is: its sequence, its instant.
#[utoipa::path(
    get, operation_id = "known_at", path = "/known", tag = "readings", params(KnownQuery),
    responses((status = 200, body = KnownAt), (status = 400, body = Problem))
)]
async fn known(
    State(app): State<AppState>,
    query: Result<Query<KnownQuery>, QueryRejection>,
) -> Answer<Json<KnownAt>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let newest = app.reader.last_sequence().map_err(unreadable)?.0;
        let sequence = moment.as_of.map_or(newest, |as_of| as_of.sequence);
        Ok(Json(KnownAt { sequence, at: Instant(moment.now), newest }))
    })
    .await
}

/// What `as_of` names: a sequence of the log, or an instant. Nothing: as it is known now.
///
/// # Errors
/// `bad_parameter` when it is neither, or lies after what is known now.
pub fn read(app: &AppState, text: Option<&str>) -> Answer<(Known, Option<AsOf>)> {
    let Some(text) = text else { return Ok((Known::Now, None)) };
    let newest = app.reader.last_sequence().map_err(unreadable)?.0;
    if let Ok(sequence) = text.parse::<u64>() {
        if sequence > newest {
            let accepted = Words::new(
                format!("最新的序号是 {newest}"),
                format!("the newest sequence is {newest}"),
            );
            return Err(ApiError::bad_parameter("as_of", text, accepted));
        }
        let at = app.reader.instant_of(Sequence(sequence)).map_err(unreadable)?;
        let at = at.filter(|_| sequence > 0).map(Instant);
        return Ok((Known::At(Sequence(sequence)), Some(AsOf { sequence, at })));
    }
    let at = instant("as_of", text, &app.district.zone)?;
    if at > app.now() {
        let accepted = Words::new("不能晚于现在", "it cannot be later than now");
        return Err(ApiError::bad_parameter("as_of", text, accepted));
    }
    let sequence = app.reader.sequence_at(at).map_err(unreadable)?;
    Ok((Known::At(sequence), Some(AsOf { sequence: sequence.0, at: Some(Instant(at)) })))
}

/// From where a question is answered: up to where things were known, and when that was.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// As it was known when.
    pub known: Known,
    /// Now, or then: what was not over is not judged.
    pub now: Timestamp,
    /// What was asked, when it is a past moment.
    pub as_of: Option<AsOf>,
}

impl Moment {
    /// The moment that a question names; now without one.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read(app: &AppState, text: Option<&str>) -> Answer<Self> {
        let (known, as_of) = read(app, text)?;
        Ok(Self { known, now: AsOf::clock(as_of, app.now()), as_of })
    }

    /// Now.
    pub fn now(app: &AppState) -> Self {
        Self { known: Known::Now, now: app.now(), as_of: None }
    }
}

impl AsOf {
    /// Until when something could have been known: nothing is missing after it.
    pub fn clock(asked: Option<Self>, now: Timestamp) -> Timestamp {
        asked.and_then(|as_of| as_of.at).map_or(now, |at| at.0)
    }
}
