//! Signing in and out, and the one place that lets a write through or not.

use super::connections::Peer;
use super::error::{Answer, ApiError, Problem, shortened};
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::clock;
use crate::user::sessions::{Caller, Limits, Sessions};
use crate::user::{self, role_name};
use crate::words::Words;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderValue};
use blake3::Hash;
use engine::UsersWhen;
use model::{Role, User};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::UserChange;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The cookie of a session.
const COOKIE: &str = "skyriver_session";
/// The header that a write carries: a page of another host can send the cookie along, but cannot read this.
const CSRF: &str = "x-skyriver-csrf";
/// The writes that need nobody signed in: they are how one signs in.
const OPEN: [&str; 2] = ["/api/v1/session", "/api/v1/setup"];

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(session, sign_in, sign_out)).routes(routes!(set_up))
}

/// Who may sign in, who is signed in, and who tried too often.
pub struct Users {
    limits: Limits,
    sessions: Mutex<Sessions>,
    setup: Option<Hash>,
    started: std::time::Instant,
}

impl Users {
    /// Nobody is signed in. The hash of the token is kept, not the token.
    pub fn new(limits: Limits, setup_token: Option<&str>) -> Self {
        let setup = setup_token.map(|token| blake3::hash(token.as_bytes()));
        Self { limits, sessions: Mutex::default(), setup, started: clock::stopwatch() }
    }

    /// A clock that only goes forward, whatever the clock of a replay shows.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        self.sessions().caller(token_of(headers)?, self.now_ms(), &self.limits)
    }
}

/// Who asks, when they are signed in.
#[derive(Clone, Debug)]
pub struct Asking(pub Option<Caller>);

impl Asking {
    /// Their name; [`authorise`] let nobody without one through to a write.
    pub fn name(&self) -> String {
        self.0.as_ref().map(|caller| caller.name.clone()).unwrap_or_default()
    }
}

/// Lets a request through or not: what only reads may be asked by everybody, everything else only by
/// an administrator whose page carries the token of their session. A new route needs nothing for it.
pub async fn authorise(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let asking = Asking(app.users.caller(request.headers()));
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_open = *request.method() == Method::POST && OPEN.contains(&request.uri().path());
    if !is_read
        && !is_open
        && let Err(refusal) = may_write(asking.0.as_ref(), &request)
    {
        return refusal.into_response();
    }
    request.extensions_mut().insert(asking);
    next.run(request).await
}

fn may_write(caller: Option<&Caller>, request: &Request) -> Answer<()> {
    let Some(caller) = caller else {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            Words::new("请先登录", "nobody is signed in"),
        )
        .with_hint(
            "写入须由管理员登录后进行：POST /api/v1/session",
            "only an administrator may change things: sign in by POST /api/v1/session",
        ));
    };
    let given = request.headers().get(CSRF).and_then(|given| given.to_str().ok());
    // Hashes are compared in constant time.
    let is_ours = given.is_some_and(|given| {
        blake3::hash(given.as_bytes()) == blake3::hash(caller.csrf.as_bytes())
    });
    if !is_ours {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "wrong_csrf",
            Words::new(
                "请求头 X-Skyriver-CSRF 缺失或不对",
                "the header X-Skyriver-CSRF is missing or wrong",
            ),
        )
        .with_hint(
            "取自 GET /api/v1/session 的 csrf",
            "take it from csrf of GET /api/v1/session",
        ));
    }
    let is_own_session =
        *request.method() == Method::DELETE && request.uri().path() == "/api/v1/session";
    if caller.role != Role::Administrator && !is_own_session {
        let role = role_name(caller.role);
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "administrator_only",
            Words::new(
                format!("{} 的角色是 {role}，没有修改的权限", caller.name),
                format!("{} is a {role} and may not change anything", caller.name),
            ),
        )
        .with_hint("需要管理员（administrator）", "the role administrator is needed"));
    }
    Ok(())
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    signed_in: bool,
    name: Option<String>,
    /// `administrator` or `viewer`.
    role: Option<&'static str>,
    /// What a write carries in the header `X-Skyriver-CSRF`.
    csrf: Option<String>,
    /// When the session ends if nothing is asked until then.
    expires: Option<Instant>,
    /// Whether nobody can sign in yet: the link that the server printed makes the first user.
    first_start: bool,
}

fn described(app: &AppState, caller: Option<Caller>, first_start: bool) -> Session {
    let left_ms = |caller: &Caller| caller.ends_ms.saturating_sub(app.users.now_ms());
    let expires = caller
        .as_ref()
        .map(|caller| Instant(app.now() + i64::try_from(left_ms(caller)).unwrap_or_default()));
    Session {
        signed_in: caller.is_some(),
        role: caller.as_ref().map(|caller| role_name(caller.role)),
        csrf: caller.as_ref().map(|caller| caller.csrf.clone()),
        name: caller.map(|caller| caller.name),
        expires,
        first_start,
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Session)))]
async fn session(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<Session>> {
    app.ask(move |app| {
        let is_first = app.reader.users().map_err(unreadable)?.is_empty();
        Ok(Json(described(app, asking.0, is_first)))
    })
    .await
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
    let user = app.ask(move |app| {
        let users = app.reader.users().map_err(unreadable)?;
        let user = users.into_iter().find(|user| user.name == name);
        let is_right = user::is_right(user.as_ref(), &password);
        Ok(user.filter(|_| is_right))
    });
    let Some(user) = user.await.map_err(refuse)? else {
        return Err(refuse(wrong_sign_in()));
    };
    app.users.sessions().succeeded(&wanted, from);
    opened(&app, &user).map_err(refuse)
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
fn opened(app: &AppState, user: &User) -> Answer<Response> {
    let failed = |error: user::Error| ApiError::internal("open a session", &error);
    let (token, csrf) = (user::token().map_err(failed)?, user::token().map_err(failed)?);
    let now_ms = app.users.now_ms();
    let caller = {
        let mut sessions = app.users.sessions();
        sessions.open(&token, csrf, user, now_ms, &app.users.limits);
        sessions.caller(&token, now_ms, &app.users.limits)
    };
    let max_age_s = app.users.limits.session_h * 3_600;
    let cookie = cookie(app, &token, max_age_s)?;
    Ok(([(header::SET_COOKIE, cookie)], Json(described(app, caller, false))).into_response())
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
    Ok(([(header::SET_COOKIE, cookie)], Json(described(&app, None, false))).into_response())
}

/// The first user, and the token of the link that the server printed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    token: String,
    name: String,
    password: String,
}

/// Makes the first user, an administrator, by the link that the server printed, and signs them in.
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
    if app.users.setup.is_none_or(|kept| kept != given) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "wrong_setup_link",
            Words::new("链接无效", "the link is not valid"),
        )
        .with_hint(
            "请用服务器启动时打印的链接；已用过的链接失效，可停止服务后执行 skyriver user add",
            "use the link that the server printed at its start; once used it is void: stop the server and run skyriver user add",
        ));
    }
    user::check(&name, &password).map_err(|rule| {
        let mut error = ApiError::new(StatusCode::BAD_REQUEST, "bad_user", rule);
        error.hint = None;
        error
    })?;
    let user = app.ask(move |_| {
        let failed = |error: user::Error| ApiError::internal("hash a password", &error);
        let password_hash = user::hash(&password).map_err(failed)?;
        Ok(User { name, role: Role::Administrator, password_hash })
    });
    let user = user.await?;
    let change = UserChange::Put(user.clone());
    let made = app.door.ask(move |engine, now| {
        engine.change_users(now, change, "the first start", UsersWhen::Nobody)
    });
    match made.await.map_err(|gone| ApiError::internal("make the first user", &gone))? {
        Ok(()) => opened(&app, &user),
        Err(engine::Error::NotTheFirst) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_the_first",
            Words::new("已有用户，链接已失效", "there is a user already; the link is used up"),
        )
        .with_hint("请登录", "sign in")),
        Err(error) => Err(ApiError::internal("make the first user", &error)),
    }
}

/// A body of JSON. Only with its content type: a form of another host cannot send that.
fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Answer<T> {
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
