//! The one place that lets a request through or not, and who asks.

use super::API;
use super::error::{Answer, ApiError};
use super::routes::{Found, Needs, Proof, Row, find};
use super::state::AppState;
use crate::user::sessions::Caller;
use crate::words::Words;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::people::People;
use model::{Grant, Right, Scope, Timestamp};
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
        self.people.lets(self.held(), right, thing, &view.registry().areas)
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
        self.held().any(|grant| grant.role.may(right))
    }

    fn not_allowed(&self, right: Right) -> ApiError {
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

/// Lets a request through or not, by the table of routes. Asks before any handler does.
pub async fn authorise(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let asking = asking(&app, request.headers());
    if let Err(refusal) = let_through(&app, &asking, &request) {
        return refusal.into_response();
    }
    request.extensions_mut().insert(asking);
    next.run(request).await
}

fn asking(app: &AppState, headers: &HeaderMap) -> Asking {
    let people = app.roster.now();
    let now = app.now();
    let caller = app.users.caller(headers);
    // Who was locked out since is no longer signed in.
    let caller =
        caller.filter(|caller| people.account(&caller.name).is_some_and(|own| own.is_open(now)));
    Asking { caller, people, now, reader: app.reader.clone() }
}

fn let_through(app: &AppState, asking: &Asking, request: &Request) -> Answer<()> {
    let method = request.method();
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let Some(path) = path.and_then(|path| path.strip_prefix(API)) else {
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
    let is_write = !matches!(*method, Method::GET | Method::HEAD);
    match &asking.caller {
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

fn part(asking: &Asking, right: Right) -> Answer<()> {
    if asking.has(right) { Ok(()) } else { Err(asking.not_allowed(right)) }
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
