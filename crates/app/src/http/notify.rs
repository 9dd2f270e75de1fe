//! Notices: what somebody wants to know, and what became of every delivery.

use super::error::{Answer, ApiError, Problem};
use super::people::Done;
use super::rights::Asking;
use super::session::read_json;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::notify::outbox::{Delivery, State as DeliveryState, Step, act};
use crate::notify::run::keep;
use crate::notify::write::test;
use crate::notify::{Language, NoticeKind, SUBSCRIPTION, Subscription, mail, unit_name};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use engine::people::When;
use model::Act;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Secret, SecretChange};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Deliveries of one answer.
const SHOWN_MAX: usize = 300;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(own_subscription, subscribe))
        .routes(routes!(deliveries))
        .routes(routes!(deliver_again))
        .routes(routes!(test_notice))
        .routes(routes!(unit_subscriptions))
        .routes(routes!(subscribe_unit))
}

/// What somebody wants to know, and where.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionBody {
    /// The address of a mailbox; empty: nothing is sent, and the address is forgotten.
    mail: String,
    /// What is told.
    kinds: Vec<NoticeKind>,
    /// In which language.
    language: Language,
    /// Of cases, only those of one's own unit and of units below it.
    own_unit: bool,
}

/// What somebody wants to know, and what there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionAnswer {
    subscription: SubscriptionBody,
    /// Everything that can be told.
    known: Vec<NoticeKindRow>,
    /// Whether a mail server is set; without one nothing is sent.
    has_mail: bool,
}

/// A kind of notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeKindRow {
    kind: NoticeKind,
    name: Words,
}

/// What a unit is told by its mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitSubscription {
    /// Key of the unit.
    unit: String,
    subscription: SubscriptionBody,
}

/// What one wants to know oneself.
#[utoipa::path(
    get, path = "/me/subscription", tag = "people",
    responses((status = 200, body = SubscriptionAnswer), (status = 401, body = Problem))
)]
async fn own_subscription(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<SubscriptionAnswer>> {
    let name = asking.name().to_owned();
    app.ask(move |app| {
        let known = NoticeKind::ALL.map(|kind| NoticeKindRow { kind, name: kind.words() }).into();
        let has_mail = app.notices.mailer.is_some();
        Ok(Json(SubscriptionAnswer { subscription: read(app, &name)?, known, has_mail }))
    })
    .await
}

/// Says what one wants to know oneself.
#[utoipa::path(
    put, path = "/me/subscription", tag = "people", request_body = SubscriptionBody,
    responses((status = 200, body = Done), (status = 400, body = Problem), (status = 401, body = Problem))
)]
async fn subscribe(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Done>> {
    let body = read_json(&headers, &body)?;
    write(&app, asking.name(), asking.name(), body).await
}

/// What units are told by their mailboxes.
#[utoipa::path(
    get, path = "/notify/units", tag = "people",
    responses((status = 200, body = Vec<UnitSubscription>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn unit_subscriptions(State(app): State<AppState>) -> Answer<Json<Vec<UnitSubscription>>> {
    app.ask(|app| {
        let people = app.roster.now();
        let units = people.units().filter(|unit| !unit.ended);
        let rows = units.map(|unit| {
            let subscription = read(app, &unit_name(&unit.key))?;
            Ok(UnitSubscription { unit: unit.key.clone(), subscription })
        });
        rows.collect::<Answer<_>>().map(Json)
    })
    .await
}

/// Says what a unit is told by its mailbox: of its own cases and those of units below it.
#[utoipa::path(
    put, path = "/notify/units/{key}", tag = "people", request_body = SubscriptionBody,
    params(("key" = String, Path, description = "Key of a unit")),
    responses(
        (status = 200, body = Done), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem)
    )
)]
async fn subscribe_unit(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Done>> {
    let body = read_json(&headers, &body)?;
    if app.roster.now().unit(&key).is_none() {
        return Err(ApiError::unknown("unknown_unit", "单位", "unit", &key)
            .with_hint("单位见 /api/v1/units", "/api/v1/units lists them"));
    }
    write(&app, asking.name(), &unit_name(&key), body).await
}

fn read(app: &AppState, name: &str) -> Answer<SubscriptionBody> {
    let own = app.notices.subscriptions().remove(name).unwrap_or_default();
    let mail = app.reader.secret(SUBSCRIPTION, name).map_err(unreadable)?.unwrap_or_default();
    let Subscription { kinds, language, own_unit } = own;
    Ok(SubscriptionBody { mail, kinds: kinds.into_iter().collect(), language, own_unit })
}

/// Keeps what somebody wants to know: the address as a secret, which can be forgotten, the rest as an act.
async fn write(app: &AppState, by: &str, name: &str, body: SubscriptionBody) -> Answer<Json<Done>> {
    let SubscriptionBody { mail, kinds, language, own_unit } = body;
    let mail = mail.trim().to_owned();
    if !mail.is_empty() && !mail::is_address(&mail) {
        let accepted = Words::new(
            "邮箱地址，例如 ann@mail.example",
            "the address of a mailbox, for example ann@mail.example",
        );
        return Err(ApiError::bad_parameter("mail", &mail, accepted));
    }
    if kinds.contains(&NoticeKind::Test) {
        let accepted = Words::new("见 known", "those of known");
        return Err(ApiError::bad_parameter("kinds", "test", accepted));
    }
    let kinds = if mail.is_empty() { BTreeSet::new() } else { kinds.into_iter().collect() };
    let own = Subscription { kinds, language, own_unit };
    let document = serde_json::to_string(&own)
        .map_err(|error| ApiError::internal("write a subscription", &error))?;
    let (kind, key) = (SUBSCRIPTION.to_owned(), name.to_owned());
    let secret = if mail.is_empty() {
        SecretChange::Remove { kind: kind.clone(), key: key.clone() }
    } else {
        SecretChange::Put(Secret { kind: kind.clone(), key: key.clone(), value: mail })
    };
    let by = by.to_owned();
    let made = app.door.ask(move |engine, now| {
        engine.change_people(now, &by, vec![], vec![secret], When::Always)?;
        engine.keep(now, vec![Act { kind, key, who: by, document }])
    });
    let made = made.await.map_err(|gone| ApiError::internal("keep a subscription", &gone))?;
    let rows = made.map_err(|error| ApiError::internal("keep a subscription", &error))?;
    for row in rows {
        app.notices.take_subscription(row);
    }
    Ok(Json(Done { count: 1 }))
}

/// What became of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryRow {
    /// Names it; a web hook hears it as `X-Skyriver-Delivery`, a mail has it in its `Message-ID`.
    id: String,
    kind: NoticeKind,
    name: Words,
    /// The number of the case or the id of the finding.
    about: String,
    /// An account, `unit/KEY` or `hook/KEY`.
    to: String,
    /// `waiting`, `sent` or `given_up`.
    #[schema(value_type = String)]
    state: DeliveryState,
    /// Tries in vain.
    tries: u32,
    /// Why, the last time; empty when there was none.
    error: String,
    queued: Instant,
    changed: Instant,
    /// When it is tried next; null unless it waits.
    next: Option<Instant>,
}

/// Deliveries, and the ways there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deliveries {
    /// The newest first.
    items: Vec<DeliveryRow>,
    /// How many wait.
    waiting: usize,
    /// How many were given up, of those that are still listed.
    given_up: usize,
    /// Whether a mail server is set.
    has_mail: bool,
    /// Keys of the web hooks that are set.
    hooks: Vec<String>,
}

/// What became of notices: those that wait, and the last 500 that have ended.
#[utoipa::path(
    get, path = "/notify/deliveries", tag = "people",
    responses((status = 200, body = Deliveries), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn deliveries(State(app): State<AppState>) -> Json<Deliveries> {
    let outbox = app.notices.outbox();
    let all = outbox.newest();
    let count = |state| all.iter().filter(|(_, own)| own.state == state).count();
    let (waiting, given_up) = (count(DeliveryState::Waiting), count(DeliveryState::GivenUp));
    let items = all.into_iter().take(SHOWN_MAX).map(|(id, own)| delivery(id, own)).collect();
    let hooks = app.notices.hooks.iter().map(|own| own.key.clone()).collect();
    Json(Deliveries { items, waiting, given_up, has_mail: app.notices.mailer.is_some(), hooks })
}

fn delivery(id: &str, own: &Delivery) -> DeliveryRow {
    let notice = &own.notice;
    DeliveryRow {
        id: id.to_owned(),
        kind: notice.kind,
        name: notice.kind.words(),
        about: notice.about.clone(),
        to: notice.to.clone(),
        state: own.state,
        tries: own.tries,
        error: own.error.clone(),
        queued: Instant(own.queued),
        changed: Instant(own.changed),
        next: (own.state == DeliveryState::Waiting).then_some(Instant(own.next)),
    }
}

/// Has a delivery that was given up tried again.
#[utoipa::path(
    post, path = "/notify/deliveries/{id}/again", tag = "people", params(("id" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn deliver_again(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Answer<Json<Done>> {
    let state = app.notices.outbox().get(&id).map(|own| own.state);
    match state {
        None => Err(ApiError::unknown("unknown_delivery", "通知", "delivery", &id)),
        Some(DeliveryState::GivenUp) => {
            kept(keep(&app, vec![act(asking.name(), &id, &Step::Again)]).await)?;
            Ok(Json(Done { count: 1 }))
        }
        Some(_) => Ok(Json(Done { count: 0 })),
    }
}

/// Whom a test goes to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestBody {
    /// `me`, or `hook/KEY`.
    to: String,
}

/// Sends a test to oneself or to a web hook; what becomes of it stands among the deliveries.
#[utoipa::path(
    post, path = "/notify/test", tag = "people", request_body = TestBody,
    responses((status = 200, body = DeliveryRow), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn test_notice(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<DeliveryRow>> {
    let TestBody { to } = read_json(&headers, &body)?;
    let name = asking.name().to_owned();
    let own = app.ask(move |app| read(app, &name)).await?;
    let is_hook = to
        .strip_prefix("hook/")
        .is_some_and(|key| app.notices.hooks.iter().any(|own| own.key == key));
    let receiver = match to.as_str() {
        "me" if !own.mail.is_empty() => asking.name(),
        to if is_hook => to,
        _ => {
            let accepted = Words::new(
                "me（先在“我的账户”填写邮箱）或 hook/KEY",
                "me, with an address stated under Me, or hook/KEY",
            );
            return Err(ApiError::bad_parameter("to", &to, accepted));
        }
    };
    let sequence = app.ask(|app| app.reader.last_sequence().map_err(unreadable)).await?;
    let notice = test(receiver, own.language, sequence.0 + 1, app.now());
    let id = notice.id();
    kept(keep(&app, vec![act(asking.name(), &id, &Step::Queued { notice })]).await)?;
    let outbox = app.notices.outbox();
    outbox
        .get(&id)
        .map(|own| Json(delivery(&id, own)))
        .ok_or_else(|| ApiError::unknown("unknown_delivery", "通知", "delivery", &id))
}

fn kept(kept: Result<(), String>) -> Answer<()> {
    kept.map_err(|error| {
        tracing::error!(error = %error, "a delivery was not kept");
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            Words::new("通知未能写入", "the notice was not kept"),
        )
    })
}
