//! Signing in and out, and the first managers.

use super::error::{Answer, ApiError, Problem, shortened};
use super::refused::people_refused;
use super::rights::{Asking, GivenTo};
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::clock;
use crate::user::secrets::{self, FACTOR, Factor, LINK, Link};
use crate::user::sessions::{Caller, Limits, Sessions, Who};
use crate::user::{self, PASSWORD};
use crate::words::Words;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
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

/// What the browser forgets when somebody signs out: what it keeps of answers. Not its storage: there lies what a phone has not sent yet.
const CLEAR: HeaderName = HeaderName::from_static("clear-site-data");
const CLEARED: &str = "\"cache\"";
/// The cookie of a session.
const COOKIE: &str = "skyriver_session";

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session, sign_in, sign_out))
        .routes(routes!(prove))
        .routes(routes!(by_link))
        .routes(routes!(set_up))
}

/// Who may sign in, who is signed in, and who tried too often.
pub struct Users {
    /// How long somebody stays signed in.
    pub limits: Limits,
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

    /// Who is signed in.
    pub fn sessions(&self) -> MutexGuard<'_, Sessions> {
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

/// A name and a password, and a code of the authenticator when the account has one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    name: String,
    password: String,
    /// Six digits, or a recovery code.
    #[serde(default)]
    code: Option<String>,
}

/// Signs in: sets the cookie `skyriver_session`. `code_needed` when the password is right and a code of the
/// authenticator is still wanting: ask again with all three.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = Credentials,
    responses(
        (status = 200, body = Session), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 415, body = Problem), (status = 429, body = Problem)
    )
)]
async fn sign_in(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let refuse = IntoResponse::into_response;
    let Credentials { name, password, code } = read_json(&headers, &body).map_err(refuse)?;
    let proof = Proof { name: &name, password, code, from: asking.from };
    let given_to = |answer: Response| {
        // A name that nobody has may be a password in the wrong field: the trail does not keep it.
        let is_known = app.roster.now().account(&name).is_some();
        let name = if is_known { name.clone() } else { String::new() };
        (Extension(GivenTo(name)), answer).into_response()
    };
    match proved(&app, proof).await {
        Ok(has_factor) => {
            // The session that this browser had before ends, whosever it was.
            if let Some(token) = token_of(&headers) {
                app.users.sessions().close(token);
            }
            opened(&app, &name, asking.from, has_factor).map_err(refuse).map(given_to)
        }
        Err(refused) => Err(given_to(refused)),
    }
}

/// What somebody gives to prove who they are.
pub struct Proof<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: String,
    /// A code of their authenticator.
    pub code: Option<String>,
    /// From where.
    pub from: Option<IpAddr>,
}

/// Whether somebody proves who they are, and whether by a code as well; wrong attempts are counted, and lock.
///
/// # Errors
/// `locked`, `wrong_sign_in`, `code_needed`.
pub async fn proved(app: &AppState, proof: Proof<'_>) -> Result<bool, Response> {
    let refuse = IntoResponse::into_response;
    let Proof { name, password, code, from } = proof;
    if let Some(locked) = locked(app, name, from) {
        return Err(locked);
    }
    let wanted = name.to_owned();
    let checked = app.ask(move |app| {
        let people = app.roster.now();
        let is_open = people.account(&wanted).is_some_and(|own| own.is_open(app.now()));
        let kept = app.reader.secret(PASSWORD, &wanted).map_err(unreadable)?;
        let is_right = user::is_right(kept.as_deref().filter(|_| is_open), &password);
        let factor = app.reader.secret(FACTOR, &wanted).map_err(unreadable)?;
        Ok((is_right, factor.and_then(|text| serde_json::from_str::<Factor>(&text).ok())))
    });
    let (is_right, factor) = checked.await.map_err(refuse)?;
    if !is_right {
        return Err(refuse(wrong_sign_in()));
    }
    let has_factor = factor.is_some_and(|factor| factor.confirmed);
    if has_factor {
        let Some(code) = code else {
            app.users.sessions().take_back(name, from);
            return Err(refuse(code_needed()));
        };
        if !takes_code(app, name, code).await.map_err(refuse)? {
            return Err(refuse(wrong_sign_in()));
        }
    }
    app.users.sessions().succeeded(name, from);
    Ok(has_factor)
}

/// Uses a code of an authenticator up. Between two turns of the engine, so that none is taken twice.
async fn takes_code(app: &AppState, name: &str, code: String) -> Answer<bool> {
    let (name, unix_s) = (name.to_owned(), clock::real_s());
    let failed = |error: &dyn std::error::Error| ApiError::internal("use a code", error);
    let taken = app.door.ask(move |engine, now| {
        let kept = engine.reader().secret(FACTOR, &name)?.unwrap_or_default();
        let Ok(mut factor) = serde_json::from_str::<Factor>(&kept) else { return Ok(false) };
        if !factor.takes(&code, unix_s) {
            return Ok(false);
        }
        let secrets = secrets::put(FACTOR, &name, &factor).into_iter().collect();
        engine.change_people(now, &name, vec![], secrets, When::Always).map(|_| true)
    });
    let taken: Result<bool, engine::Error> = taken.await.map_err(|gone| failed(&gone))?;
    taken.map_err(|error| failed(&error))
}

fn code_needed() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "code_needed",
        Words::new("还需要验证器上的验证码", "a code of the authenticator is needed as well"),
    )
    .with_hint("请输入六位验证码或一个恢复码", "give the six digits, or a recovery code")
}

/// The password once more, before something that matters.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Again {
    password: String,
    /// Six digits of the authenticator, when the account has one.
    #[serde(default)]
    code: Option<String>,
}

/// Gives the password once more: for ten minutes rights, secrets and accounts may be changed. The session
/// goes on under a new cookie and a new `csrf`.
#[utoipa::path(
    post, path = "/session/proof", tag = "session", request_body = Again,
    responses(
        (status = 200, body = Session), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem), (status = 429, body = Problem)
    )
)]
async fn prove(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let refuse = IntoResponse::into_response;
    let Again { password, code } = read_json(&headers, &body).map_err(refuse)?;
    let proof = Proof { name: asking.name(), password, code, from: asking.from };
    let has_factor = proved(&app, proof).await?;
    // A session that may do more has a token of its own.
    if let Some(token) = token_of(&headers) {
        app.users.sessions().close(token);
    }
    opened(&app, asking.name(), asking.from, has_factor).map_err(refuse)
}

/// A new password, by a one-time link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByLink {
    token: String,
    password: String,
}

/// Sets a password by the one-time link that a system manager gave. Whoever was signed in under that name is
/// out. Sign in afterwards.
#[utoipa::path(
    post, path = "/session/link", tag = "session", request_body = ByLink,
    responses(
        (status = 200, body = Session), (status = 400, body = Problem),
        (status = 403, body = Problem), (status = 415, body = Problem)
    )
)]
async fn by_link(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<(Extension<GivenTo>, Json<Session>)> {
    let ByLink { token, password } = read_json(&headers, &body)?;
    let key = secrets::hashed(&token);
    let wanted = key.clone();
    let (link, hash) = app
        .ask(move |app| {
            let kept = app.reader.secret(LINK, &wanted).map_err(unreadable)?.unwrap_or_default();
            let link = serde_json::from_str::<Link>(&kept).map_err(|_| wrong_link())?;
            let people = app.roster.now();
            let is_open = people.account(&link.account).is_some_and(|own| own.is_open(app.now()));
            if !is_open || link.until <= app.now() {
                return Err(wrong_link());
            }
            user::check(&link.account, &password, &app.users.limits.refused_words)
                .map_err(bad_user)?;
            let failed = |error: user::Error| ApiError::internal("hash a password", &error);
            Ok((link, user::hash(&password).map_err(failed)?))
        })
        .await?;
    let name = link.account.clone();
    let used = app.door.ask(move |engine, now| {
        // Between two turns: of two who use the link at once, one is too late.
        if engine.reader().secret(LINK, &key)?.is_none() {
            return Ok(false);
        }
        let (kind, owner) = (PASSWORD.to_owned(), link.account.clone());
        let password = SecretChange::Put(Secret { kind, key: owner, value: hash });
        let secrets = vec![password, secrets::remove(LINK, &key)];
        engine.change_people(now, &link.account, vec![], secrets, When::Always).map(|_| true)
    });
    let failed = |error: &dyn std::error::Error| ApiError::internal("set a password", error);
    let used: Result<bool, engine::Error> = used.await.map_err(|gone| failed(&gone))?;
    if !used.map_err(|error| failed(&error))? {
        return Err(wrong_link());
    }
    app.users.sessions().close_all(&name, None);
    app.users.sessions().unlock(&name);
    Ok((Extension(GivenTo(name)), Json(described(&app, None))))
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
        "多次错误会暂时锁定；忘记密码请系统管理员另发一次性链接",
        "several wrong ones lock for a while; forgotten: a system manager gives a one-time link",
    )
}

/// Opens a session and says so with its cookie.
fn opened(app: &AppState, name: &str, from: Option<IpAddr>, has_factor: bool) -> Answer<Response> {
    let failed = |error: user::Error| ApiError::internal("open a session", &error);
    let (token, csrf) = (user::token().map_err(failed)?, user::token().map_err(failed)?);
    let now_ms = app.users.now_ms();
    let caller = {
        let mut sessions = app.users.sessions();
        sessions.open(&token, csrf, Who { name, from, has_factor }, now_ms, &app.users.limits);
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

/// The token of a session, from its cookie.
pub fn token_of(headers: &HeaderMap) -> Option<&str> {
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
    let clear = HeaderValue::from_static(CLEARED);
    let headers = [(header::SET_COOKIE, cookie), (CLEAR, clear)];
    Ok((headers, Json(described(&app, None))).into_response())
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
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem)
    )
)]
async fn set_up(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let Setup { token, name, password } = read_json(&headers, &body)?;
    let given = blake3::hash(token.as_bytes());
    let Some((role, _)) = app.users.setup.iter().find(|(_, kept)| *kept == given) else {
        return Err(wrong_link());
    };
    user::check(&name, &password, &app.users.limits.refused_words).map_err(bad_user)?;
    let value = app.ask(move |_| {
        let failed = |error: user::Error| ApiError::internal("hash a password", &error);
        user::hash(&password).map_err(failed)
    });
    let secret = Secret { kind: PASSWORD.to_owned(), key: name.clone(), value: value.await? };
    let (role, wanted) = (*role, name.clone());
    let made = app.door.ask(move |engine, now| {
        let (account, grant) = holder(&wanted, role);
        let changes = vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
        let secrets = vec![SecretChange::Put(secret)];
        let by = format!("the link of the first {}", role.name());
        engine.change_people(now, &by, changes, secrets, When::NobodyIs(role))
    });
    match made.await.map_err(|gone| ApiError::internal("make a first manager", &gone))? {
        Ok(_) => {
            let answer = opened(&app, &name, asking.from, false)?;
            Ok((Extension(GivenTo(name)), answer).into_response())
        }
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

/// A name or a password that breaks a rule.
pub fn bad_user(rule: Words) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "bad_user", rule)
}

/// A body of JSON. Only with its content type: a form of another host cannot send that.
pub fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Answer<T> {
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
