//! What somebody does about their own account: password, sessions, authenticator.

use super::error::{Answer, ApiError, Problem};
use super::people::{Done, change};
use super::rights::Asking;
use super::session::{Proof, bad_user, proved, read_json, token_of};
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::clock;
use crate::user::secrets::{self, FACTOR, Factor};
use crate::user::{self, PASSWORD};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use store::{Secret, SecretChange};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(password))
        .routes(routes!(sessions))
        .routes(routes!(end_session))
        .routes(routes!(factor, begin_factor, confirm_factor, remove_factor))
}

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    old: String,
    new: String,
    /// Six digits of the authenticator, when the account has one.
    #[serde(default)]
    code: Option<String>,
}

/// Changes one's own password; every other session of one's own ends.
#[utoipa::path(
    put, path = "/me/password", tag = "people", request_body = Passwords,
    responses(
        (status = 200, body = Done), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 429, body = Problem)
    )
)]
async fn password(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Done>, Response> {
    let refuse = IntoResponse::into_response;
    let Passwords { old, new, code } = read_json(&headers, &body).map_err(refuse)?;
    let name = asking.name();
    user::check(name, &new, &app.users.limits.refused_words)
        .map_err(|rule| refuse(bad_user(rule)))?;
    proved(&app, Proof { name, password: old, code, from: asking.from }).await?;
    let hashing = app.ask(move |_| {
        user::hash(&new).map_err(|error| ApiError::internal("hash a password", &error))
    });
    let value = hashing.await.map_err(refuse)?;
    let secret = Secret { kind: PASSWORD.to_owned(), key: name.to_owned(), value };
    change(&app, name, vec![], vec![SecretChange::Put(secret)]).await.map_err(refuse)?;
    let ended = app.users.sessions().close_all(name, token_of(&headers));
    Ok(Json(Done { count: ended }))
}

/// A session of one's own.
#[derive(Serialize, ToSchema)]
pub struct OwnSession {
    /// Names it; no key to it.
    id: String,
    since: Instant,
    seen: Instant,
    from: Option<String>,
}

/// One's own sessions, the one last used first.
#[utoipa::path(
    get, path = "/me/sessions", tag = "people",
    responses((status = 200, body = Vec<OwnSession>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn sessions(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Json<Vec<OwnSession>> {
    let (now, now_ms) = (app.now(), app.users.now_ms());
    let before =
        |ms: u64| Instant(now - i64::try_from(now_ms.saturating_sub(ms)).unwrap_or_default());
    let views = app.users.sessions().list(asking.name(), now_ms, &app.users.limits);
    let own = views.into_iter().map(|view| OwnSession {
        id: view.id,
        since: before(view.since_ms),
        seen: before(view.seen_ms),
        from: view.from.map(|from| from.to_string()),
    });
    Json(own.collect())
}

/// Ends one of one's own sessions.
#[utoipa::path(
    delete, path = "/me/sessions/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn end_session(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Answer<Json<Done>> {
    if app.users.sessions().close_one(asking.name(), &id) {
        return Ok(Json(Done { count: 1 }));
    }
    Err(ApiError::unknown("unknown_session", "会话", "session", &id))
}

/// Whether one's account asks for a code.
#[derive(Serialize, ToSchema)]
pub struct FactorAnswer {
    on: bool,
    /// Recovery codes that are left.
    recovery_left: usize,
}

async fn kept(app: &AppState, name: &str) -> Answer<Option<Factor>> {
    let name = name.to_owned();
    app.ask(move |app| {
        let kept = app.reader.secret(FACTOR, &name).map_err(unreadable)?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
    })
    .await
}

/// Whether signing in asks for a code of an authenticator.
#[utoipa::path(
    get, path = "/me/factor", tag = "people",
    responses((status = 200, body = FactorAnswer), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn factor(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<FactorAnswer>> {
    let kept = kept(&app, asking.name()).await?.filter(|factor| factor.confirmed);
    let recovery_left = kept.as_ref().map_or(0, |factor| factor.recovery.len());
    Ok(Json(FactorAnswer { on: kept.is_some(), recovery_left }))
}

/// What an authenticator and its owner need. Shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewFactor {
    /// The key, base 32, to be typed in.
    key: String,
    /// The same as an address.
    uri: String,
    /// The same as a picture, SVG.
    picture: String,
    /// Each of them stands once for a code, when the authenticator is lost.
    recovery: Vec<String>,
}

/// Begins to use an authenticator; it is asked for once a first code of it was given by `PUT`.
#[utoipa::path(
    post, path = "/me/factor", tag = "people",
    responses((status = 200, body = NewFactor), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem))
)]
async fn begin_factor(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<NewFactor>> {
    let name = asking.name();
    if kept(&app, name).await?.is_some_and(|factor| factor.confirmed) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "factor_on",
            Words::new("已启用验证器", "an authenticator is in use already"),
        )
        .with_hint("请先停用", "take it away first: DELETE /api/v1/me/factor"));
    }
    let failed = |error: user::Error| ApiError::internal("make a key", &error);
    let (factor, recovery) = Factor::new().map_err(failed)?;
    let secret = secrets::put(FACTOR, name, &factor).map_err(failed)?;
    change(&app, name, vec![], vec![secret]).await?;
    let uri = factor.uri(name);
    let picture = QrCode::new(&uri).map(|code| code.render::<svg::Color<'_>>().build());
    let picture = picture.map_err(|error| ApiError::internal("draw a code", &error))?;
    Ok(Json(NewFactor { key: factor.key, uri, picture, recovery }))
}

/// A code of the authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeGiven {
    code: String,
}

/// Gives the first code of a new authenticator: from now on signing in asks for one.
#[utoipa::path(
    put, path = "/me/factor", tag = "people", request_body = CodeGiven,
    responses(
        (status = 200, body = FactorAnswer), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem)
    )
)]
async fn confirm_factor(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<FactorAnswer>> {
    let CodeGiven { code } = read_json(&headers, &body)?;
    let wrong = || {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "wrong_code",
            Words::new("验证码不对", "the code is wrong"),
        )
        .with_hint(
            "请检查手机时间是否准确，再输入当前的六位数字",
            "check the clock of the phone, then give the six digits that it shows now",
        )
    };
    let name = asking.name();
    let kept = kept(&app, name).await?.filter(|factor| !factor.confirmed);
    let mut factor = kept.ok_or_else(wrong)?;
    // A recovery code confirms nothing: it proves no working authenticator.
    let left = factor.recovery.len();
    if !factor.takes(&code, clock::real_s()) || factor.recovery.len() < left {
        return Err(wrong());
    }
    factor.confirmed = true;
    let secret = secrets::put(FACTOR, name, &factor);
    let secret = secret.map_err(|error| ApiError::internal("keep a key", &error))?;
    change(&app, name, vec![], vec![secret]).await?;
    app.users.sessions().set_factor(name, true);
    Ok(Json(FactorAnswer { on: true, recovery_left: factor.recovery.len() }))
}

/// Takes one's own authenticator away: signing in asks for the password only.
#[utoipa::path(
    delete, path = "/me/factor", tag = "people",
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn remove_factor(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<Done>> {
    change(&app, asking.name(), vec![], vec![secrets::remove(FACTOR, asking.name())]).await?;
    app.users.sessions().set_factor(asking.name(), false);
    Ok(Json(Done { count: 1 }))
}
