//! What a unit does with an order: receives it, says what was done; and what reminds it.

use super::declare::given;
use super::plan::check_text;
use super::{WarningStep, no_warning, read, scope, stepped};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use control::emergency::{Event, Step};
use model::{Right, Timestamp};
use serde::Deserialize;
use store::Known;
use utoipa::ToSchema;

/// That an order was received.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveBody {
    /// When, RFC 3339, if it is entered afterwards; now without it.
    #[serde(default)]
    at: Option<String>,
}

/// What was done about an order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackBody {
    /// What was done, or what hinders it.
    note: String,
    /// Whether everything that was ordered is done.
    done: bool,
    /// When, RFC 3339, if it is entered afterwards; now without it.
    #[serde(default)]
    at: Option<String>,
}

/// Nothing has to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemindBody {}

/// Receives an order, for its unit. Once.
#[utoipa::path(
    post, operation_id = "receive_order", path = "/emergency/warnings/{number}/orders/{order}/receive", tag = "emergency", request_body = ReceiveBody,
    params(("number" = String, Path, description = "The warning"), ("order" = String, Path, description = "Number of the order")),
    responses((status = 200, body = WarningStep), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn receive(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((number, order)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WarningStep>> {
    let ReceiveBody { at } = read_json(&headers, &body)?;
    let at = given(&app, "at", at.as_deref())?;
    step(&app, &asking, (Right::Handle, number, order), at, |order| Step::Receive { order }).await
}

/// Says what was done about an order, or what hinders it.
#[utoipa::path(
    post, operation_id = "feed_back_order", path = "/emergency/warnings/{number}/orders/{order}/feedback", tag = "emergency", request_body = FeedbackBody,
    params(("number" = String, Path, description = "The warning"), ("order" = String, Path, description = "Number of the order")),
    responses((status = 200, body = WarningStep), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn feedback(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((number, order)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WarningStep>> {
    let FeedbackBody { note, done, at } = read_json(&headers, &body)?;
    check_text("note", &note)?;
    let at = given(&app, "at", at.as_deref())?;
    let note = note.trim().to_owned();
    let said = |order| Step::FeedBack { order, note, done };
    step(&app, &asking, (Right::Handle, number, order), at, said).await
}

/// Reminds the unit of an order. The clock does so by itself when an order is late.
#[utoipa::path(
    post, operation_id = "remind_order", path = "/emergency/warnings/{number}/orders/{order}/remind", tag = "emergency", request_body = RemindBody,
    params(("number" = String, Path, description = "The warning"), ("order" = String, Path, description = "Number of the order")),
    responses((status = 200, body = WarningStep), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn remind(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((number, order)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<WarningStep>> {
    let RemindBody {} = read_json(&headers, &body)?;
    step(&app, &asking, (Right::Order, number, order), None, |order| Step::Remind { order }).await
}

/// The number of an order that is there and in the reach of a right.
async fn own_order(
    app: &AppState,
    asking: &Asking,
    right: Right,
    number: &str,
    order: String,
) -> Answer<u32> {
    let (asking, number) = (asking.clone(), number.to_owned());
    app.ask(move |app| {
        let own = read(app, Known::Now)?;
        let warning = own.warnings.get(&number).ok_or_else(|| no_warning(&number))?;
        let found = order.parse().ok().and_then(|order| warning.order(order));
        let standing = found.ok_or_else(|| {
            ApiError::unknown("unknown_order", "指令", "order", &order).with_hint(
                format!("指令见 /api/v1/emergency/warnings/{number}"),
                format!("/api/v1/emergency/warnings/{number} lists them"),
            )
        })?;
        asking.may(right, &scope(app, &standing.order))?;
        Ok(standing.order.number)
    })
    .await
}

/// Lets something happen to an order that is there and in the reach of a right.
async fn step(
    app: &AppState,
    asking: &Asking,
    (right, number, order): (Right, String, String),
    at: Option<Timestamp>,
    step: impl FnOnce(u32) -> Step,
) -> Answer<Json<WarningStep>> {
    let step = step(own_order(app, asking, right, &number, order).await?);
    let who = asking.name().to_owned();
    let made = app.door.ask(move |engine, now| {
        let event = Event { at: at.unwrap_or(now), step };
        engine.step_warning(now, &who, (&number, None), &event)
    });
    let made = made.await;
    stepped(app, made)
}
