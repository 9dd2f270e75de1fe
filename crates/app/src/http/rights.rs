//! The one place that lets a request through or not, and who asks.

use super::API;
use super::connections::Peer;
use super::error::{Answer, ApiError, Code, shortened};
use super::open311::ROOT as OPEN311;
use super::routes::{Found, Needs, Proof, Row, find};
use super::state::{AppState, unreadable};
use crate::audit::Line;
use crate::user::secrets::{ApiToken, TOKEN, token_id};
use crate::user::sessions::{Caller, FactorFor, TokenUse};
use crate::words::Words;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::people::People;
use model::{Grant, Right, Scope, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;
use store::Reader;

/// The header that a write carries: a page of another host can send the cookie along, but cannot read this.
const CSRF: &str = "x-skyriver-csrf";
/// For how long a password that was given counts as given just now.
const FRESH_MS: u64 = 10 * 60_000;

/// Who asks, and what they may do now.
#[derive(Clone)]
pub struct Asking {
    /// Who is signed in.
    pub caller: Option<Caller>,
    /// From where they ask.
    pub from: Option<IpAddr>,
    people: Arc<People>,
    now: Timestamp,
    reader: Reader,
}

impl Asking {
    /// Their name; empty when nobody is signed in, which no route lets through that writes.
    pub fn name(&self) -> &str {
        self.caller.as_ref().map_or("", |caller| &caller.name)
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.caller.is_some()
    }

    /// The roles that they hold now, each with its reach.
    pub fn held(&self) -> impl Iterator<Item = &Grant> {
        self.people.held(self.name(), self.now)
    }

    /// People as they stand now.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Whether they may do something with a thing: a case of a unit, in an area, about a subject. For
    /// lists, to leave out what is not theirs.
    pub fn is_allowed(&self, right: Right, thing: &Scope) -> bool {
        let view = self.reader.view();
        self.token_has(right) && self.people.lets(self.held(), right, thing, &view.registry().areas)
    }

    /// Lets them do something with a thing, or refuses.
    ///
    /// # Errors
    /// `not_signed_in`; `not_allowed` when they have no such right, or not over this thing.
    pub fn may(&self, right: Right, thing: &Scope) -> Answer<()> {
        if self.is_allowed(right, thing) {
            return Ok(());
        }
        Err(if self.caller.is_none() { not_signed_in() } else { self.not_allowed(right) })
    }

    /// Whether they have a right over some part of the district at least.
    pub fn has(&self, right: Right) -> bool {
        self.token_has(right) && self.held().any(|grant| grant.role.may(right))
    }

    /// Whether they ask without a token, or with one that has the right.
    fn token_has(&self, right: Right) -> bool {
        let token = self.caller.as_ref().and_then(|caller| caller.token.as_ref());
        token.is_none_or(|token| token.rights.contains(&right))
    }

    /// The refusal of a right that they do not have, or not over this thing.
    pub fn not_allowed(&self, right: Right) -> ApiError {
        let roles: Vec<&str> = right.roles().map(model::Role::name).collect();
        let (name, right, roles) = (self.name(), right.name(), roles.join(", "));
        ApiError::new(
            StatusCode::FORBIDDEN,
            "not_allowed",
            Words::new(
                format!("{name} 在此没有权限 {right}"),
                format!("{name} does not have the right {right} here"),
            ),
        )
        .with_hint(
            format!("该权限属于角色 {roles}，由安全管理员（security）授予，并可限于单位、区域、专题"),
            format!("the roles {roles} carry it; the security manager gives them, also for a unit, an area or a subject only"),
        )
    }
}

/// Whom an answer was given to, when nobody was signed in before it: the trail names them.
#[derive(Clone, Debug)]
pub struct GivenTo(pub String);

/// Lets a request through or not, by the table of routes. Asks before any handler does, and tells the audit
/// trail of every write and every refusal.
pub async fn authorise(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let from = source(&app, &request);
    let asked = Asked::of(&request);
    let claim = Claim::of(&app, request.headers());
    let asking = match asking(&app, claim, from).await {
        Ok(asking) => asking,
        Err(refusal) => {
            let answer = refusal.into_response();
            asked.note(&app, None, from, &answer);
            return answer;
        }
    };
    let caller = asking.caller.clone();
    let answer = match let_through(&app, &asking, &request) {
        Ok(()) => {
            request.extensions_mut().insert(asking);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    asked.note(&app, caller, from, &answer);
    answer
}

/// What was asked, for the trail.
struct Asked {
    is_write: bool,
    what: String,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let method = request.method();
        let is_write = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        // The path without its question: what is written there may be anything. A refused path is cut.
        let path = request.uri().path().trim_start_matches(API);
        Self { is_write, what: shortened(&format!("{method} {path}")) }
    }

    fn note(self, app: &AppState, caller: Option<Caller>, from: Option<IpAddr>, answer: &Response) {
        let status = answer.status();
        let is_refused = matches!(status.as_u16(), 401 | 403 | 429);
        let has_token = caller.as_ref().is_some_and(|caller| caller.token.is_some());
        if !self.is_write && !is_refused && !has_token {
            return;
        }
        let code = answer.extensions().get::<Code>().map_or("", |Code(code)| code);
        let given_to = answer.extensions().get::<GivenTo>().map(|GivenTo(name)| name.clone());
        let who = caller.as_ref().map(|caller| caller.name.clone()).or(given_to);
        let line = Line {
            who: who.unwrap_or_default(),
            from,
            what: self.what,
            token: caller.and_then(|caller| caller.token).map(|token| token.id),
            outcome: format!("{} {code}", status.as_u16()).trim_end().to_owned(),
            is_refused: is_refused || (has_token && !self.is_write),
        };
        app.trail.note(line, app.users.now_ms());
    }
}

/// From where a request came: by the word of the proxy, when it is the proxy that asks.
fn source(app: &AppState, request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let peer = peer.map(|ConnectInfo(Peer(address))| address.ip())?;
    if app.proxy != Some(peer) {
        return Some(peer);
    }
    let lines = request.headers().get_all("x-forwarded-for").iter();
    // The last one is what the proxy saw; what stands before it, anybody may have written.
    let last = lines.filter_map(|line| line.to_str().ok()).next_back()?.rsplit(',').next()?;
    Some(last.trim().parse().unwrap_or(peer))
}

/// By what somebody says who they are.
enum Claim {
    /// The text of a token of the API.
    Token(String),
    /// A session, when its cookie is one.
    Session(Option<Caller>),
}

impl Claim {
    fn of(app: &AppState, headers: &HeaderMap) -> Self {
        match headers.get(header::AUTHORIZATION) {
            Some(given) => {
                let given = given.to_str().unwrap_or_default();
                Self::Token(given.strip_prefix("Bearer ").unwrap_or_default().trim().to_owned())
            }
            None => Self::Session(app.users.caller(headers)),
        }
    }
}

/// Who asks: by a token of the API when there is one, else by the session's cookie.
async fn asking(app: &AppState, claim: Claim, from: Option<IpAddr>) -> Answer<Asking> {
    let people = app.roster.now();
    let now = app.now();
    let caller = match claim {
        Claim::Token(text) => Some(by_token(app, text, from).await?),
        Claim::Session(caller) => caller,
    };
    // Who was locked out since is no longer signed in.
    let caller =
        caller.filter(|caller| people.account(&caller.name).is_some_and(|own| own.is_open(now)));
    if caller.is_none() {
        slow_down(app, from)?;
    }
    Ok(Asking { caller, from, people, now, reader: app.reader.clone() })
}

/// Who asks by the text of a token that came in a form: Open311 has no other place for it.
///
/// # Errors
/// `wrong_token` when it is none, or its owner may not sign in any more.
pub async fn by_key(app: &AppState, text: &str, from: Option<IpAddr>) -> Answer<Asking> {
    let caller = by_token(app, text.to_owned(), from).await?;
    let (people, now) = (app.roster.now(), app.now());
    if people.account(&caller.name).is_none_or(|own| !own.is_open(now)) {
        return Err(wrong_token());
    }
    Ok(Asking { caller: Some(caller), from, people, now, reader: app.reader.clone() })
}

/// Whose token it is. A wrong one is a question without an account.
async fn by_token(app: &AppState, text: String, from: Option<IpAddr>) -> Answer<Caller> {
    let now = app.now();
    let found = app.ask(move |app| {
        let Some(id) = token_id(&text) else { return Ok(None) };
        let kept = app.reader.secret(TOKEN, id).map_err(unreadable)?;
        let kept = kept.and_then(|kept| serde_json::from_str::<ApiToken>(&kept).ok());
        let kept = kept.filter(|kept| kept.is(&text) && now < kept.until);
        Ok(kept.map(|kept| (id.to_owned(), kept)))
    });
    if let Some((id, ApiToken { account, rights, .. })) = found.await? {
        return Ok(Caller {
            name: account,
            csrf: String::new(),
            ends_ms: u64::MAX,
            proved_ms: 0,
            // Its owner gave a code where one was wanted when it was made.
            has_factor: true,
            token: Some(TokenUse { id, rights }),
        });
    }
    slow_down(app, from)?;
    Err(wrong_token())
}

fn wrong_token() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "wrong_token",
        Words::new("令牌无效或已过期", "the token is wrong, has ended or was taken back"),
    )
    .with_hint("登录后另发令牌", "sign in and make a new one at POST /api/v1/tokens")
}

/// Takes one question without an account out of what an address may ask in a minute.
fn slow_down(app: &AppState, from: Option<IpAddr>) -> Answer<()> {
    let per_min_max = app.limits.anonymous_per_min_max;
    let now_ms = app.users.now_ms();
    let wait_ms = from.and_then(|from| app.rates.take(from, now_ms, per_min_max));
    wait_ms.map_or(Ok(()), |wait_ms| Err(too_often(per_min_max, wait_ms)))
}

fn too_often(per_min_max: u64, wait_ms: u64) -> ApiError {
    let seconds = wait_ms.div_ceil(1_000);
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_often",
        Words::new("请求过于频繁", "this address asks too often"),
    )
    .with_hint(
        format!("请在 {seconds} 秒后再试；每分钟最多 {per_min_max} 次（http.limits.anonymous_per_min_max）"),
        format!("try again in {seconds} seconds; {per_min_max} a minute are the most (http.limits.anonymous_per_min_max)"),
    )
}

fn let_through(app: &AppState, asking: &Asking, request: &Request) -> Answer<()> {
    let method = request.method();
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    // Open311 lies where its specification says, and has rows like the rest.
    let path =
        path.and_then(
            |path| if path.starts_with(OPEN311) { Some(path) } else { path.strip_prefix(API) },
        );
    let Some(path) = path else {
        // No route of the API: the page, or nothing. Both are only there to be read.
        let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        let path = request.uri().path();
        return if is_read { Ok(()) } else { Err(ApiError::no_method(method.as_str(), path)) };
    };
    let row = match find(method, path) {
        Found::Row(row) => row,
        Found::OtherMethods => {
            return Err(ApiError::no_method(method.as_str(), request.uri().path()));
        }
        Found::Nothing => return Err(no_row(path)),
    };
    let_row(app, asking, row)?;
    with_factor(&app.users.limits.factor_for, asking, row)?;
    let is_write = !matches!(*method, Method::GET | Method::HEAD);
    match &asking.caller {
        Some(caller) if caller.token.is_some() => no_token_for(row),
        Some(caller) if is_write && row.needs != Needs::Nothing => {
            same_page(caller, request.headers())?;
            fresh(caller, row, app.users.now_ms())
        }
        Some(caller) => fresh(caller, row, app.users.now_ms()),
        None => Ok(()),
    }
}

/// Whether they have what the row needs.
fn let_row(app: &AppState, asking: &Asking, row: &Row) -> Answer<()> {
    match row.needs {
        Needs::Nothing => Ok(()),
        Needs::Public if app.is_public => Ok(()),
        _ if asking.caller.is_none() => Err(not_signed_in()),
        Needs::SignedIn => Ok(()),
        Needs::Public => part(asking, Right::Look),
        Needs::Whole(right) => asking.may(right, &Scope::default()),
        Needs::Part(right) => part(asking, right),
    }
}

/// Whether somebody whose role asks for an authenticator has one; without it they only see what the public sees, and their own account.
fn with_factor(wanted: &FactorFor, asking: &Asking, row: &Row) -> Answer<()> {
    let is_own = matches!(row.needs, Needs::Nothing | Needs::Public | Needs::SignedIn);
    let has_it = asking.caller.as_ref().is_none_or(|caller| caller.has_factor);
    if is_own || has_it || !asking.held().any(|grant| wanted.0.contains(&grant.role)) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "factor_wanted",
        Words::new("您的角色必须启用验证器", "your role needs an authenticator"),
    )
    .with_hint(
        "请在“我的账户”中启用（POST /api/v1/me/factor）后重试",
        "begin to use one on your own page (POST /api/v1/me/factor), then try again",
    ))
}

fn part(asking: &Asking, right: Right) -> Answer<()> {
    if asking.has(right) { Ok(()) } else { Err(asking.not_allowed(right)) }
}

/// A token does nothing about the account of its owner, and nothing that needs the password given lately.
fn no_token_for(row: &Row) -> Answer<()> {
    if row.proof == Proof::Any && row.needs != Needs::SignedIn {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "no_token_here",
        Words::new("此操作不能用令牌进行", "a token does not do this"),
    )
    .with_hint("请登录后办理", "sign in to do it"))
}

/// Whether a write comes from a page of ours.
fn same_page(caller: &Caller, headers: &HeaderMap) -> Answer<()> {
    let given = headers.get(CSRF).and_then(|given| given.to_str().ok());
    // Hashes are compared in constant time.
    let is_ours = given.is_some_and(|given| {
        blake3::hash(given.as_bytes()) == blake3::hash(caller.csrf.as_bytes())
    });
    if is_ours {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "wrong_csrf",
        Words::new(
            "请求头 X-Skyriver-CSRF 缺失或不对",
            "the header X-Skyriver-CSRF is missing or wrong",
        ),
    )
    .with_hint("取自 GET /api/v1/session 的 csrf", "take it from csrf of GET /api/v1/session"))
}

/// Whether the password was given lately enough.
fn fresh(caller: &Caller, row: &Row, now_ms: u64) -> Answer<()> {
    if row.proof == Proof::Any || caller.proved_ms + FRESH_MS > now_ms {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "prove_again",
        Words::new("请再次输入密码", "give your password once more"),
    )
    .with_hint("POST /api/v1/session/proof 之后重试", "POST /api/v1/session/proof, then try again"))
}

fn not_signed_in() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "not_signed_in",
        Words::new("请先登录", "nobody is signed in"),
    )
    .with_hint(
        "请以有权限的用户登录：POST /api/v1/session",
        "sign in as somebody who may do this: POST /api/v1/session",
    )
}

fn no_row(path: &str) -> ApiError {
    tracing::error!(path, "a route has no row in the table of rights; it refuses everybody");
    ApiError::new(
        StatusCode::FORBIDDEN,
        "no_right_stated",
        Words::new("此接口未注明所需权限", "nobody said what this route needs"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_was_given_counts_for_ten_minutes() {
        let caller = Caller {
            name: "one".to_owned(),
            csrf: String::new(),
            ends_ms: u64::MAX,
            proved_ms: 5_000,
            has_factor: false,
            token: None,
        };
        let code = |method: &Method, path: &str, now_ms: u64| {
            let Found::Row(row) = find(method, path) else { panic!("{method} {path}") };
            fresh(&caller, row, now_ms).err().map(|refusal| refusal.code)
        };
        let later = 5_000 + 10 * 60_000;
        for (method, path) in [
            (Method::POST, "/roles"),
            (Method::DELETE, "/me/sessions/{id}"),
            (Method::DELETE, "/sessions"),
        ] {
            assert_eq!(code(&method, path, later - 1), None, "{path}");
            assert_eq!(code(&method, path, later), Some("prove_again"), "{path}");
        }
        assert_eq!(code(&Method::POST, "/cases", later), None);
    }
}
