//! Signing in and out, and the first managers.

use super::connections::Peer;
use super::error::{Answer, ApiError, Problem, shortened};
use super::refused::people_refused;
use super::rights::Asking;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::clock;
use crate::user::sessions::{Caller, Limits, Sessions};
use crate::user::{self, PASSWORD};
use crate::words::Words;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderValue};
use blake3::Hash;
use engine::people::{PeopleChange, When, holder};
use model::{Grant, Right, Role, Scope, Subject};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Secret, SecretChange};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The cookie of a session.
const COOKIE: &str = "skyriver_session";

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(session, sign_in, sign_out)).routes(routes!(set_up))
}

/// Who may sign in, who is signed in, and who tried too often.
pub struct Users {
    limits: Limits,
    sessions: Mutex<Sessions>,
    setup: Vec<(Role, Hash)>,
    started: std::time::Instant,
}

impl Users {
    /// Nobody is signed in. The hashes of the tokens are kept, not the tokens.
    pub fn new(limits: Limits, setup_tokens: &[(Role, String)]) -> Self {
        let hashed = |(role, token): &(Role, String)| (*role, blake3::hash(token.as_bytes()));
        let setup = setup_tokens.iter().map(hashed).collect();
        Self { limits, sessions: Mutex::default(), setup, started: clock::stopwatch() }
    }

    /// A clock that only goes forward, whatever the clock of a replay shows.
    pub fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who holds the session of a request.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        self.sessions().caller(token_of(headers)?, self.now_ms(), &self.limits)
    }
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    signed_in: bool,
    name: Option<String>,
    /// The roles that they hold now.
    roles: Vec<Held>,
    /// What these roles let them do, somewhere at least: `registry`, `grant`, `handle`, …
    rights: Vec<&'static str>,
    /// What a write carries in the header `X-Skyriver-CSRF`.
    csrf: Option<String>,
    /// When the session ends if nothing is asked until then.
    expires: Option<Instant>,
    /// Whether nobody can sign in yet: the links that the server printed make the first three.
    first_start: bool,
}

/// A role that somebody holds.
#[derive(Serialize, ToSchema)]
pub struct Held {
    /// `system`, `security`, `audit`, `operator`, `dispatcher`, `handler`, `verifier`, `analyst`, `leader`.
    role: &'static str,
    /// The unit to which it is limited.
    unit: Option<String>,
    /// The area to which it is limited.
    area: Option<String>,
    /// The subject to which it is limited.
    #[schema(value_type = Option<String>)]
    subject: Option<Subject>,
}

impl Held {
    fn of(Grant { role, scope: Scope { unit, area, subject }, .. }: &Grant) -> Self {
        let (unit, area) = (unit.clone(), area.clone());
        Self { role: role.name(), unit, area, subject: *subject }
    }
}

fn described(app: &AppState, caller: Option<Caller>) -> Session {
    let people = app.roster.now();
    let left_ms = |caller: &Caller| caller.ends_ms.saturating_sub(app.users.now_ms());
    let expires = caller
        .as_ref()
        .map(|caller| Instant(app.now() + i64::try_from(left_ms(caller)).unwrap_or_default()));
    let name = caller.as_ref().map_or("", |caller| caller.name.as_str());
    let has = |right: &Right| people.held(name, app.now()).any(|grant| grant.role.may(*right));
    Session {
        signed_in: caller.is_some(),
        roles: people.held(name, app.now()).map(Held::of).collect(),
        rights: Right::ALL.into_iter().filter(has).map(Right::name).collect(),
        csrf: caller.as_ref().map(|caller| caller.csrf.clone()),
        expires,
        first_start: people.accounts().next().is_none(),
        name: caller.map(|caller| caller.name),
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Session)))]
async fn session(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Json<Session> {
    Json(described(&app, asking.caller))
}

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    name: String,
    password: String,
}

/// Signs in: sets the cookie `skyriver_session`.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = Credentials,
    responses(
        (status = 200, body = Session), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 429, body = Problem)
    )
)]
async fn sign_in(
    State(app): State<AppState>,
    peer: Option<Extension<ConnectInfo<Peer>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let refuse = IntoResponse::into_response;
    let Credentials { name, password } = read_json(&headers, &body).map_err(refuse)?;
    let from = peer.map(|Extension(ConnectInfo(Peer(address)))| address.ip());
    if let Some(locked) = locked(&app, &name, from) {
        return Err(locked);
    }
    let wanted = name.clone();
    let is_right = app.ask(move |app| {
        let people = app.roster.now();
        let is_open = people.account(&wanted).is_some_and(|own| own.is_open(app.now()));
        let kept = app.reader.secret(PASSWORD, &wanted).map_err(unreadable)?;
        Ok(user::is_right(kept.as_deref().filter(|_| is_open), &password))
    });
    if !is_right.await.map_err(refuse)? {
        return Err(refuse(wrong_sign_in()));
    }
    app.users.sessions().succeeded(&name, from);
    opened(&app, &name).map_err(refuse)
}

/// The refusal of an attempt because there were too many; `None`, and the attempt is counted, when it may be made.
fn locked(app: &AppState, name: &str, from: Option<IpAddr>) -> Option<Response> {
    let now_ms = app.users.now_ms();
    let mut sessions = app.users.sessions();
    let Some(left_ms) = sessions.locked_ms(name, from, now_ms, &app.users.limits) else {
        sessions.tried(name, from, now_ms, &app.users.limits);
        return None;
    };
    drop(sessions);
    let seconds = left_ms.div_ceil(1_000);
    let minutes = seconds.div_ceil(60);
    tracing::warn!(minutes, "sign-in is locked after too many wrong passwords");
    let error = ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "locked",
        Words::new("错误次数过多，暂时锁定", "too many wrong passwords; locked for a while"),
    )
    .with_hint(format!("请在 {minutes} 分钟后再试"), format!("try again in {minutes} minutes"));
    Some(([(header::RETRY_AFTER, seconds.to_string())], error).into_response())
}

fn wrong_sign_in() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "wrong_sign_in",
        Words::new("用户名或密码不对", "the name or the password is wrong"),
    )
    .with_hint(
        "多次错误会暂时锁定；忘记密码请停止服务后执行 skyriver user password",
        "several wrong ones lock for a while; forgotten: stop the server and run skyriver user password",
    )
}

/// Opens a session and says so with its cookie.
fn opened(app: &AppState, name: &str) -> Answer<Response> {
    let failed = |error: user::Error| ApiError::internal("open a session", &error);
    let (token, csrf) = (user::token().map_err(failed)?, user::token().map_err(failed)?);
    let now_ms = app.users.now_ms();
    let caller = {
        let mut sessions = app.users.sessions();
        sessions.open(&token, csrf, name, now_ms, &app.users.limits);
        sessions.caller(&token, now_ms, &app.users.limits)
    };
    let max_age_s = app.users.limits.session_h * 3_600;
    let cookie = cookie(app, &token, max_age_s)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(described(app, caller))).into_response())
}

fn cookie(app: &AppState, token: &str, max_age_s: u64) -> Answer<HeaderValue> {
    let secure = if app.users.limits.behind_tls { "; Secure" } else { "" };
    let text =
        format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}");
    HeaderValue::try_from(text).map_err(|error| ApiError::internal("write a cookie", &error))
}

fn token_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs =
        cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim() == COOKIE).map(|(_, token)| token.trim())
}

/// Signs out.
#[utoipa::path(
    delete, path = "/session", tag = "session",
    responses((status = 200, body = Session), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn sign_out(State(app): State<AppState>, headers: HeaderMap) -> Answer<Response> {
    if let Some(token) = token_of(&headers) {
        app.users.sessions().close(token);
    }
    let cookie = cookie(&app, "", 0)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(described(&app, None))).into_response())
}

/// A first manager, and the token of the link that the server printed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    token: String,
    name: String,
    password: String,
}

/// Makes the first system, security or audit manager by the link that the server printed for it, and signs
/// them in.
#[utoipa::path(
    post, path = "/setup", tag = "session", request_body = Setup,
    responses(
        (status = 200, body = Session), (status = 400, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem)
    )
)]
async fn set_up(State(app): State<AppState>, headers: HeaderMap, body: Bytes) -> Answer<Response> {
    let Setup { token, name, password } = read_json(&headers, &body)?;
    let given = blake3::hash(token.as_bytes());
    let Some((role, _)) = app.users.setup.iter().find(|(_, kept)| *kept == given) else {
        return Err(wrong_link());
    };
    user::check(&name, &password).map_err(bad_user)?;
    let value = app.ask(move |_| {
        let failed = |error: user::Error| ApiError::internal("hash a password", &error);
        user::hash(&password).map_err(failed)
    });
    let secret = Secret { kind: PASSWORD.to_owned(), key: name.clone(), value: value.await? };
    let (role, wanted) = (*role, name.clone());
    let made = app.door.ask(move |engine, now| {
        let (account, grant) = holder(&wanted, role, now);
        let changes = vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
        let secrets = vec![SecretChange::Put(secret)];
        let by = format!("the link of the first {}", role.name());
        engine.change_people(now, &by, changes, secrets, When::NobodyIs(role))
    });
    match made.await.map_err(|gone| ApiError::internal("make a first manager", &gone))? {
        Ok(_) => opened(&app, &name),
        Err(engine::Error::People(refused)) => Err(people_refused(&refused)),
        Err(error) => Err(ApiError::internal("make a first manager", &error)),
    }
}

fn wrong_link() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "wrong_setup_link",
        Words::new("链接无效", "the link is not valid"),
    )
    .with_hint(
        "请用服务器启动时打印的链接；用过的链接失效",
        "use the link that the server printed at its start; once used it is void",
    )
}

fn bad_user(rule: Words) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "bad_user", rule)
}

/// A body of JSON. Only with its content type: a form of another host cannot send that.
pub(super) fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Answer<T> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            Words::new("正文不是 JSON", "the body is not JSON"),
        )
        .with_hint(
            "请求头 Content-Type: application/json",
            "send Content-Type: application/json",
        ));
    }
    serde_json::from_slice(body).map_err(|error| bad_body(&error))
}

/// A body that cannot be read as what is expected.
pub fn bad_body(error: &serde_json::Error) -> ApiError {
    let error = shortened(&error.to_string());
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_body",
        Words::new(
            format!("正文无法读取（{error}）"),
            format!("the body cannot be read ({error})"),
        ),
    )
    .with_hint("格式见 /api/v1/openapi.json", "/api/v1/openapi.json describes it")
}
