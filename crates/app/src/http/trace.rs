//! Where a rise comes from: asked by address, or with what people noticed as a body.

use super::error::{Answer, ApiError, Problem};
use super::known::Moment;
use super::state::AppState;
use super::time::instant;
use crate::trace::{Kept, Noticed, Question, Refused, TraceAnswer, answer};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Complaints in one question.
const COMPLAINTS_MAX: usize = 200;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(trace, trace_with))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TraceQuery {
    /// Key of the parameter that rose: `pm10`, or an item of water.
    #[param(required, value_type = String)]
    parameter: Option<String>,
    /// The first instant of the rise, RFC 3339, or a civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The first instant after it; half an hour to three days later.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// Keys of the places whose readings count, separated by commas; all that measure it without any.
    places: Option<String>,
    /// Key of the place whose rise it is about: of several sources the one comes first that explains it.
    about: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// What is asked, with what people noticed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceBody {
    /// Key of the parameter that rose.
    parameter: String,
    /// The first instant of the rise, RFC 3339, or a civil day.
    from: String,
    /// The first instant after it.
    to: String,
    /// Keys of the places whose readings count; all that measure it without any.
    #[serde(default)]
    places: Vec<String>,
    /// Key of the place whose rise it is about.
    about: Option<String>,
    /// Who noticed it, where and when.
    #[serde(default)]
    complaints: Vec<TraceComplaint>,
    /// As it was known when.
    as_of: Option<String>,
}

/// Somebody smelt or saw it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TraceComplaint {
    /// Degrees east, WGS 84.
    lon: f64,
    /// Degrees north, WGS 84.
    lat: f64,
    /// RFC 3339.
    at: String,
}

/// Ranked candidates with probability, regions, evidence, and what would settle it.
#[utoipa::path(
    get, operation_id = "trace", path = "/trace", tag = "analysis", params(TraceQuery),
    responses(
        (status = 200, body = TraceAnswer), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)
    )
)]
async fn trace(
    State(app): State<AppState>,
    query: Result<Query<TraceQuery>, QueryRejection>,
) -> Answer<Json<TraceAnswer>> {
    let Query(query) = query?;
    let given = |name: &str, value: Option<String>| {
        let accepted = Words::new("parameter、from、to 都要填写", "give parameter, from and to");
        value.ok_or_else(|| ApiError::missing_parameter(name, accepted))
    };
    let places = query.places.unwrap_or_default();
    let body = TraceBody {
        parameter: given("parameter", query.parameter)?,
        from: given("from", query.from)?,
        to: given("to", query.to)?,
        places: places.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
        about: query.about,
        complaints: vec![],
        as_of: query.as_of,
    };
    asked(app, body).await
}

/// The same with complaints as evidence.
#[utoipa::path(
    post, operation_id = "trace_with", path = "/trace", tag = "analysis", request_body = TraceBody,
    responses(
        (status = 200, body = TraceAnswer), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)
    )
)]
async fn trace_with(State(app): State<AppState>, body: Bytes) -> Answer<Json<TraceAnswer>> {
    let body: TraceBody = serde_json::from_slice(&body).map_err(|error| {
        let accepted = Words::new(
            format!("正文须为 JSON：parameter、from、to、places、about、complaints（{error}）"),
            format!("the body is JSON: parameter, from, to, places, about, complaints ({error})"),
        );
        ApiError::bad_parameter("body", "", accepted)
    })?;
    if body.complaints.len() > COMPLAINTS_MAX {
        let accepted = Words::new("一次最多 200 条投诉", "200 complaints are the most at once");
        return Err(ApiError::bad_parameter(
            "complaints",
            &body.complaints.len().to_string(),
            accepted,
        ));
    }
    asked(app, body).await
}

async fn asked(app: AppState, body: TraceBody) -> Answer<Json<TraceAnswer>> {
    // A second of arithmetic each: one at a time, off the threads that answer everybody else.
    let _one = Arc::clone(&app.tracing).acquire_owned().await;
    app.ask(move |app| {
        let zone = &app.district.zone;
        let moment = Moment::read(app, body.as_of.as_deref())?;
        let noticed = |complaint: &TraceComplaint| {
            Ok(Noticed {
                at: [complaint.lon, complaint.lat],
                time: instant("complaints", &complaint.at, zone)?,
            })
        };
        let question = Question {
            parameter: body.parameter,
            from: instant("from", &body.from, zone)?,
            to: instant("to", &body.to, zone)?.min(moment.now),
            places: body.places,
            about: body.about,
            complaints: body.complaints.iter().map(noticed).collect::<Answer<_>>()?,
            known: moment.known,
        };
        let kept = Kept { reader: &app.reader, parameters: &app.parameters, law: &app.law };
        answer(kept, &question).map(Json).map_err(refused)
    })
    .await
}

fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::Not { code, what, hint } => {
            let status = match code {
                "unknown_parameter" | "unknown_place" => StatusCode::NOT_FOUND,
                "bad_window" | "not_traceable" => StatusCode::BAD_REQUEST,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            ApiError::new(status, code, what).with_hint(hint.zh, hint.en)
        }
        Refused::Store(error) => ApiError::internal("read the store", &error),
    }
}
