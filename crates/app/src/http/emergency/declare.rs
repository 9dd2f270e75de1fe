//! Declaring a warning, changing its level, lifting it.

use super::answer::BasisAnswer;
use super::plan::check_text;
use super::{WarningStep, level, stepped};
use crate::http::analysis::{warning_basis, warning_sources};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::AppState;
use crate::http::time::{Instant, instant};
use crate::outside::OWN;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use control::emergency::{Basis, Event, Step};
use engine::emergency::Declared;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// What a warning is declared on unless somebody names another.
const PARAMETER: &str = "pm25";

/// A level as somebody declares it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelBody {
    /// `blue`, `yellow`, `orange`, `red`: one that the district uses.
    level: String,
    /// From when it is in force, RFC 3339; may lie some days ahead, or back when it is entered afterwards. Now without it.
    #[serde(default)]
    from: Option<String>,
    basis: BasisBody,
    /// Why, in words.
    note: String,
    /// The version of the warning that whoever changes it saw.
    #[serde(default)]
    seen: Option<u32>,
}

/// What something rests on: one of both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasisBody {
    /// The forecast of this hour; the server writes down what it says.
    #[serde(default)]
    forecast: Option<ForecastBasis>,
    /// A document.
    #[serde(default)]
    document: Option<DocumentBasis>,
}

/// Whose forecast.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ForecastBasis {
    /// Keys of places, separated by commas, whose mean is forecast; the standard stations without it.
    #[serde(default)]
    places: Option<String>,
    /// Key of the parameter; `pm25` without it.
    #[serde(default)]
    parameter: Option<String>,
    /// Whose: the name of a source outside, or `own`; what the rule says without it.
    #[serde(default)]
    source: Option<String>,
}

/// Which document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentBasis {
    /// Its number.
    number: String,
    /// Who issued it.
    issuer: String,
}

/// The lifting of a warning.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBody {
    /// When it was lifted, RFC 3339; now without it.
    #[serde(default)]
    at: Option<String>,
    basis: BasisBody,
    /// Why, in words.
    note: String,
    /// The version of the warning that whoever lifts it saw.
    #[serde(default)]
    seen: Option<u32>,
}

/// Whose forecast a warning may rest on.
#[derive(Serialize, ToSchema)]
pub struct ForecastSources {
    /// The one that the rule names: it is taken when nobody says another.
    rule: String,
    /// The house's own (`own`) and those from outside, by name.
    sources: Vec<ForecastSource>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct ForecastSource {
    source: String,
    /// When its newest run was made; null: the house's own, which is made when it is asked for.
    issued: Option<Instant>,
}

/// Whose forecast of PM2.5 at the standard stations there is, for a warning to rest on.
#[utoipa::path(
    get, operation_id = "emergency_sources", path = "/emergency/sources", tag = "emergency",
    responses((status = 200, body = ForecastSources), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn sources(State(app): State<AppState>) -> Answer<Json<ForecastSources>> {
    app.ask(move |app| {
        let outside = warning_sources(app, PARAMETER)?.into_iter();
        let own = ForecastSource { source: OWN.to_owned(), issued: None };
        let outside =
            outside.map(|(source, at)| ForecastSource { source, issued: Some(Instant(at)) });
        Ok(Json(ForecastSources {
            rule: app.warnings.now().rule.forecast.clone(),
            sources: std::iter::once(own).chain(outside).collect(),
        }))
    })
    .await
}

/// What the forecast of this hour says of the warning levels: what a warning declared on it would keep.
#[utoipa::path(
    get, operation_id = "emergency_proposal", path = "/emergency/proposal", tag = "emergency", params(ForecastBasis),
    responses((status = 200, body = BasisAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem))
)]
pub async fn proposal(
    State(app): State<AppState>,
    query: Result<Query<ForecastBasis>, QueryRejection>,
) -> Answer<Json<BasisAnswer>> {
    let Query(query) = query?;
    let body = BasisBody { forecast: Some(query), document: None };
    Ok(Json(BasisAnswer::of(&basis(&app, body).await?)))
}

/// Declares a warning, and gives the orders that the plan in force calls for.
#[utoipa::path(
    post, operation_id = "declare_warning", path = "/emergency/warnings", tag = "emergency", request_body = LevelBody,
    responses((status = 200, body = WarningStep), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub async fn declare(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WarningStep>> {
    let (declared, _) = declared(&app, read_json(&headers, &body)?).await?;
    let who = asking.name().to_owned();
    let made = app.door.ask(move |engine, now| engine.declare_warning(now, &who, declared)).await;
    stepped(&app, made)
}

/// Changes the level of a warning: orders that are the same stand, others end, new ones are given.
#[utoipa::path(
    post, operation_id = "change_warning_level", path = "/emergency/warnings/{number}/level", tag = "emergency", request_body = LevelBody,
    params(("number" = String, Path, description = "Its number: `2026-W01`")),
    responses((status = 200, body = WarningStep), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub async fn change_level(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WarningStep>> {
    let (declared, seen) = declared(&app, read_json(&headers, &body)?).await?;
    let who = asking.name().to_owned();
    let made =
        app.door.ask(move |engine, now| engine.change_level(now, &who, (&number, seen), declared));
    let made = made.await;
    stepped(&app, made)
}

/// Lifts a warning: its orders end, and no receipt is taken any more.
#[utoipa::path(
    post, operation_id = "lift_warning", path = "/emergency/warnings/{number}/lift", tag = "emergency", request_body = LiftBody,
    params(("number" = String, Path, description = "Its number: `2026-W01`")),
    responses((status = 200, body = WarningStep), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub async fn lift(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WarningStep>> {
    let LiftBody { at, basis: body, note, seen } = read_json(&headers, &body)?;
    check_text("note", &note)?;
    let at = given(&app, "at", at.as_deref())?;
    let basis = basis(&app, body).await?;
    let (who, note) = (asking.name().to_owned(), note.trim().to_owned());
    let made = app.door.ask(move |engine, now| {
        let event = Event { at: at.unwrap_or(now), step: Step::Lift { basis, note } };
        engine.step_warning(now, &who, (&number, seen), &event)
    });
    let made = made.await;
    stepped(&app, made)
}

/// A time that was given, or none.
///
/// # Errors
/// `bad_parameter`.
pub fn given(app: &AppState, name: &str, text: Option<&str>) -> Answer<Option<Timestamp>> {
    text.map(|text| instant(name, text, &app.district.zone)).transpose()
}

async fn declared(app: &AppState, body: LevelBody) -> Answer<(Declared, Option<u32>)> {
    let level = level(&body.level)?;
    check_text("note", &body.note)?;
    let from = given(app, "from", body.from.as_deref())?.unwrap_or(app.now());
    let basis = basis(app, body.basis).await?;
    Ok((Declared { level, from, basis, note: body.note.trim().to_owned() }, body.seen))
}

async fn basis(app: &AppState, body: BasisBody) -> Answer<Basis> {
    match (body.forecast, body.document) {
        (Some(own), None) => {
            let _one = Arc::clone(&app.forecasts.one).acquire_owned().await;
            app.ask(move |app| {
                let source = own.source.unwrap_or_else(|| app.warnings.now().rule.forecast.clone());
                warning_basis(app, own.places.as_deref(), own.parameter.as_deref(), &source)
            })
            .await
        }
        (None, Some(DocumentBasis { number, issuer })) => {
            check_text("basis.document.number", &number)?;
            check_text("basis.document.issuer", &issuer)?;
            let (number, issuer) = (number.trim().to_owned(), issuer.trim().to_owned());
            Ok(Basis::Document { number, issuer })
        }
        _ => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "no_basis",
            Words::new("须写明一项依据", "it has to say one thing that it rests on"),
        )
        .with_hint(
            "basis 写 forecast 或 document 之一",
            "write either forecast or document in basis",
        )),
    }
}
