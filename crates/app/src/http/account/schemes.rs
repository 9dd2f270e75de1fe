//! Schemes of reward and penalty: the published ones, and those that a district adopted.

use super::answer::words;
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::{AppState, unreadable};
use crate::words::Words;
use account::scheme::{Best, Direction, Error, Scheme, Takes};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use model::Act;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Known;
use utoipa::{IntoParams, ToSchema};

/// The kind of acts by which schemes are adopted.
const KIND: &str = "scheme";

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SchemesQuery {
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// Schemes by key.
#[derive(Serialize, ToSchema)]
pub struct SchemeList {
    schemes: Vec<SchemeAnswer>,
}

/// A scheme.
#[derive(Serialize, ToSchema)]
#[schema(as = Scheme)]
pub struct SchemeAnswer {
    key: String,
    name: Words,
    /// Civil days; the last is empty when it still holds or nothing is stated.
    valid_from: String,
    valid_to: String,
    /// `H` primary text or two sources, `M` one good source, `R` recalled, `O` own design.
    confidence: String,
    source: String,
    /// What the source does not say.
    unknown: Vec<Words>,
    unit: String,
    /// `penalty`, `reward`, `both` or `score`.
    #[schema(value_type = String)]
    direction: Direction,
    /// Of a score: which end is the best, `high` or `low`; null where the source does not say.
    #[schema(value_type = Option<String>)]
    best: Option<Best>,
    /// What it takes.
    inputs: Vec<SchemeInput>,
    /// Whether it was adopted here; false: a published example.
    adopted: bool,
    /// Its document, TOML.
    toml: String,
}

/// An input of a scheme, and what is known of where it comes from.
#[derive(Serialize, ToSchema)]
pub struct SchemeInput {
    name: String,
    /// The item that the scheme states, `score`: what another scheme comes to; null: whoever replays it says which.
    item: Option<String>,
    /// Of a score: the key of its scheme; null: not stated.
    of: Option<String>,
    /// What is taken of the item, stated or told by the name; null: whoever replays it says what.
    takes: Option<&'static str>,
    /// `mean`, or a target; null: not stated.
    reference: Option<String>,
    /// Of a section: of so many per cent of the days there has to be a mean; null: not stated.
    days_percent_min: Option<u8>,
}

/// A scheme to adopt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptBody {
    /// The scheme, TOML.
    toml: String,
}

impl SchemeAnswer {
    pub fn of(own: &Scheme, toml: &str, adopted: bool) -> Self {
        Self {
            key: own.key.clone(),
            name: words(&own.name),
            valid_from: own.valid_from.clone(),
            valid_to: own.valid_to.clone(),
            confidence: own.confidence.clone(),
            source: own.source.clone(),
            unknown: own.unknown.iter().map(words).collect(),
            unit: own.unit.clone(),
            direction: own.direction,
            best: own.best,
            inputs: own.takes().into_iter().map(|name| SchemeInput::of(own, name)).collect(),
            adopted,
            toml: toml.to_owned(),
        }
    }
}

impl SchemeInput {
    fn of(own: &Scheme, name: String) -> Self {
        let stated = own.input.iter().find(|source| source.name == name);
        let takes = stated.map(|source| source.takes).or_else(|| own.takes_by_name());
        Self {
            item: stated.map(|source| source.item.clone()),
            of: stated.and_then(|source| source.of.clone()),
            takes: takes.map(Takes::key),
            reference: stated.and_then(|source| source.reference.clone()),
            days_percent_min: stated.and_then(|source| source.days_percent_min),
            name,
        }
    }
}

/// The published schemes, and those that were adopted.
#[utoipa::path(
    get, operation_id = "schemes", path = "/schemes", tag = "account", params(SchemesQuery),
    responses((status = 200, body = SchemeList), (status = 400, body = Problem))
)]
pub async fn schemes(
    State(app): State<AppState>,
    query: Result<Query<SchemesQuery>, QueryRejection>,
) -> Answer<Json<SchemeList>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let all = known(app, moment.known)?;
        let answer = |(_, (own, toml, adopted)): (_, &Kept)| SchemeAnswer::of(own, toml, *adopted);
        Ok(Json(SchemeList { schemes: all.iter().map(answer).collect() }))
    })
    .await
}

/// Adopts a scheme; the one of the same key is followed by it, and stays in the log.
#[utoipa::path(
    post, operation_id = "adopt_scheme", path = "/schemes", tag = "account", request_body = AdoptBody,
    responses((status = 200, body = SchemeAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn adopt_scheme(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<SchemeAnswer>> {
    let AdoptBody { toml } = read_json(&headers, &body)?;
    let scheme = Scheme::parse(&toml).map_err(|error| flawed(&error))?;
    let act = Act {
        kind: KIND.to_owned(),
        key: scheme.key.clone(),
        who: asking.name().to_owned(),
        document: toml.clone(),
    };
    let done = app.door.ask(move |engine, now| engine.act(now, vec![act])).await;
    let done = done.map_err(|gone| ApiError::internal("keep a scheme", &gone))?;
    done.map_err(|error| crate::http::registry::refused(&error))?;
    Ok(Json(SchemeAnswer::of(&scheme, &toml, true)))
}

/// What a document says, before it is adopted: nothing is kept.
#[utoipa::path(
    post, operation_id = "preview_scheme", path = "/schemes/preview", tag = "account", request_body = AdoptBody,
    responses((status = 200, body = SchemeAnswer), (status = 400, body = Problem), (status = 401, body = Problem))
)]
pub async fn preview_scheme(headers: HeaderMap, body: Bytes) -> Answer<Json<SchemeAnswer>> {
    let AdoptBody { toml } = read_json(&headers, &body)?;
    let scheme = Scheme::parse(&toml).map_err(|error| flawed(&error))?;
    Ok(Json(SchemeAnswer::of(&scheme, &toml, false)))
}

/// A scheme, its document, and whether it was adopted here.
pub type Kept = (Scheme, String, bool);

pub fn known(app: &AppState, known: Known) -> Answer<BTreeMap<String, Kept>> {
    let mut all = BTreeMap::new();
    for text in Scheme::built_in_documents() {
        let own =
            Scheme::parse(text).map_err(|error| ApiError::internal("read the schemes", &error))?;
        all.insert(own.key.clone(), (own, (*text).to_owned(), false));
    }
    for row in app.reader.acts(KIND, known).map_err(unreadable)? {
        if let Ok(own) = Scheme::parse(&row.act.document) {
            all.insert(own.key.clone(), (own, row.act.document, true));
        }
    }
    Ok(all)
}

pub fn flawed(error: &Error) -> ApiError {
    let text = error.to_string();
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_scheme",
        Words::new(format!("奖惩办法有误：{text}"), format!("the scheme is not right: {text}")),
    )
    .with_hint("样例见 /api/v1/schemes 的 toml", "see the toml of /api/v1/schemes for examples")
}
