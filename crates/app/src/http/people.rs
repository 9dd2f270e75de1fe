//! Accounts and the roles that they hold: who there is, who may what, and how that is changed.
//!
//! A system manager makes accounts and ends them, a security manager gives roles: neither alone makes
//! somebody who may do anything.

use super::error::{Answer, ApiError, Problem};
use super::refused::people_refused;
use super::rights::Asking;
use super::session::{bad_user, read_json, token_of};
use super::state::AppState;
use super::time::Instant;
use crate::user::secrets::{self, FACTOR, LINK, Link, TOKEN};
use crate::user::{self, PASSWORD};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use engine::people::{PeopleChange, When};
use model::{Account, DAY_MS, Grant, Role, Scope, Subject, Timestamp};
use serde::{Deserialize, Serialize};
use store::SecretChange;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Days for which a one-time link stands.
const LINK_DAYS: i64 = 7;
/// Characters of what somebody is called.
const SHOWN_MAX: usize = 64;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(users, add_user))
        .routes(routes!(put_user))
        .routes(routes!(give_link))
        .routes(routes!(remove_factor_of))
        .routes(routes!(end_access))
        .routes(routes!(end_all_sessions))
        .routes(routes!(unlock))
        .routes(routes!(roles, give_role))
        .routes(routes!(take_role))
}

/// Changes people, and answers for the engine.
///
/// # Errors
/// What is refused, in words; `internal` when it could not be kept.
pub async fn change(
    app: &AppState,
    by: &str,
    changes: Vec<PeopleChange>,
    secrets: Vec<SecretChange>,
) -> Answer<Vec<String>> {
    let by = by.to_owned();
    let made = app
        .door
        .ask(move |engine, now| engine.change_people(now, &by, changes, secrets, When::Always));
    match made.await.map_err(|gone| ApiError::internal("change people", &gone))? {
        Ok(keys) => Ok(keys),
        Err(engine::Error::People(refused)) => Err(people_refused(&refused)),
        Err(error) => Err(ApiError::internal("change people", &error)),
    }
}

/// An account, and what it holds.
#[derive(Serialize, ToSchema)]
pub struct UserAnswer {
    name: String,
    /// What they are called; may be empty.
    shown: String,
    /// Key of their unit.
    unit: Option<String>,
    from: Option<Instant>,
    until: Option<Instant>,
    /// Whether somebody ended it.
    ended: bool,
    /// Whether they may sign in now, as far as time goes.
    open: bool,
    roles: Vec<GrantAnswer>,
}

/// A role that an account holds, held or will hold.
#[derive(Serialize, ToSchema)]
pub struct GrantAnswer {
    /// Names it: `account/number`.
    key: String,
    account: String,
    role: &'static str,
    unit: Option<String>,
    area: Option<String>,
    #[schema(value_type = Option<String>)]
    subject: Option<Subject>,
    from: Option<Instant>,
    until: Option<Instant>,
    /// Whether somebody took it back.
    ended: bool,
    /// Whether it holds now.
    holds: bool,
}

impl GrantAnswer {
    fn of(key: &str, grant: &Grant, now: Timestamp) -> Self {
        let Scope { unit, area, subject } = grant.scope.clone();
        Self {
            key: key.to_owned(),
            account: grant.account.clone(),
            role: grant.role.name(),
            unit,
            area,
            subject,
            from: grant.from.map(Instant),
            until: grant.until.map(Instant),
            ended: grant.ended,
            holds: grant.holds(now),
        }
    }
}

/// All accounts, by name, those that ended too.
#[utoipa::path(
    get, path = "/users", tag = "people",
    responses((status = 200, body = Vec<UserAnswer>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn users(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Json<Vec<UserAnswer>> {
    let (people, now) = (asking.people(), app.now());
    let answer = |account: &Account| UserAnswer {
        name: account.name.clone(),
        shown: account.shown.clone(),
        unit: (!account.unit.is_empty()).then(|| account.unit.clone()),
        from: account.from.map(Instant),
        until: account.until.map(Instant),
        ended: account.ended,
        open: account.is_open(now),
        roles: people
            .grants()
            .filter(|(_, grant)| grant.account == account.name)
            .map(|(key, grant)| GrantAnswer::of(key, grant, now))
            .collect(),
    };
    Json(people.accounts().map(answer).collect())
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name they sign in with.
    name: String,
    #[serde(default)]
    shown: String,
    /// Key of their unit, or empty.
    #[serde(default)]
    unit: String,
    /// Until when they may sign in, ms since 1970; without it: without an end.
    #[serde(default)]
    until_ms: Option<i64>,
}

/// A one-time link by which somebody sets their password. Shown once.
#[derive(Serialize, ToSchema)]
pub struct LinkAnswer {
    name: String,
    /// The path and question of the page, to be put behind this server's address.
    path: String,
    until: Instant,
}

/// Makes an account without any right, and a one-time link by which its owner sets a password.
#[utoipa::path(
    post, path = "/users", tag = "people", request_body = NewUser,
    responses(
        (status = 200, body = LinkAnswer), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem)
    )
)]
async fn add_user(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<LinkAnswer>> {
    let NewUser { name, shown, unit, until_ms } = read_json(&headers, &body)?;
    user::check_name(&name).map_err(bad_user)?;
    check_text("shown", &shown)?;
    let until = until_ms.map(Timestamp::from_ms);
    let account = Account { name: name.clone(), shown, unit, until, ..Account::default() };
    let (secret, answer) = new_link(&app, &name)?;
    change(&app, asking.name(), vec![PeopleChange::NewAccount(account)], vec![secret]).await?;
    Ok(Json(answer))
}

/// An account as it shall stand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedUser {
    #[serde(default)]
    shown: String,
    /// Key of their unit, or empty.
    #[serde(default)]
    unit: String,
    /// Until when they may sign in, ms since 1970; without it: without an end.
    #[serde(default)]
    until_ms: Option<i64>,
    /// Whether it ends now: sessions and tokens end with it.
    #[serde(default)]
    ended: bool,
}

/// Changes an account, or ends it.
#[utoipa::path(
    put, path = "/users/{name}", tag = "people", request_body = ChangedUser, params(("name" = String, Path)),
    responses(
        (status = 200, body = Done), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem)
    )
)]
async fn put_user(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Done>> {
    let ChangedUser { shown, unit, until_ms, ended } = read_json(&headers, &body)?;
    check_text("shown", &shown)?;
    let from = asking.people().account(&name).and_then(|known| known.from);
    let until = until_ms.map(Timestamp::from_ms);
    let account = Account { name: name.clone(), shown, unit, from, until, ended };
    let gone = if ended { everything_of(&app, &name).await? } else { vec![] };
    change(&app, asking.name(), vec![PeopleChange::Account(account)], gone).await?;
    if ended {
        app.users.sessions().close_all(&name, None);
    }
    Ok(Json(Done { count: 1 }))
}

/// Whether and how much was done.
#[derive(Serialize, ToSchema)]
pub struct Done {
    /// How many things changed.
    pub count: usize,
}

/// Gives a one-time link by which somebody sets a new password. Their second factor stays.
#[utoipa::path(
    post, path = "/users/{name}/link", tag = "people", params(("name" = String, Path)),
    responses((status = 200, body = LinkAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn give_link(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(name): Path<String>,
) -> Answer<Json<LinkAnswer>> {
    somebody(&asking, &name)?;
    let (secret, answer) = new_link(&app, &name)?;
    let mut secrets = links_of(&app, &name).await?;
    secrets.push(secret);
    change(&app, asking.name(), vec![], secrets).await?;
    Ok(Json(answer))
}

/// Takes somebody's authenticator and recovery codes away, when they lost both.
#[utoipa::path(
    delete, path = "/users/{name}/factor", tag = "people", params(("name" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn remove_factor_of(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(name): Path<String>,
) -> Answer<Json<Done>> {
    somebody(&asking, &name)?;
    if name == asking.name() {
        return Err(people_refused(&engine::people::Refused::Own));
    }
    change(&app, asking.name(), vec![], vec![secrets::remove(FACTOR, &name)]).await?;
    app.users.sessions().close_all(&name, None);
    Ok(Json(Done { count: 1 }))
}

/// Ends every session and every token of somebody. Roles and password stay.
#[utoipa::path(
    delete, path = "/users/{name}/access", tag = "people", params(("name" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn end_access(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(name): Path<String>,
) -> Answer<Json<Done>> {
    somebody(&asking, &name)?;
    let tokens = super::tokens::of(&app, &name).await?;
    let gone: Vec<SecretChange> = tokens.iter().map(|(id, _)| secrets::remove(TOKEN, id)).collect();
    let count = gone.len() + app.users.sessions().close_all(&name, None);
    change(&app, asking.name(), vec![], gone).await?;
    Ok(Json(Done { count }))
}

/// Ends every session of everybody but the one that asks. Tokens, roles and passwords stay.
#[utoipa::path(
    delete, path = "/sessions", tag = "people",
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn end_all_sessions(State(app): State<AppState>, headers: HeaderMap) -> Json<Done> {
    Json(Done { count: app.users.sessions().close_everybody(token_of(&headers)) })
}

/// Lets somebody try again at once who gave too many wrong passwords.
#[utoipa::path(
    delete, path = "/users/{name}/lock", tag = "people", params(("name" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn unlock(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(name): Path<String>,
) -> Answer<Json<Done>> {
    somebody(&asking, &name)?;
    Ok(Json(Done { count: usize::from(app.users.sessions().unlock(&name)) }))
}

/// The table of roles, and who holds them.
#[derive(Serialize, ToSchema)]
pub struct RolesAnswer {
    roles: Vec<RoleAnswer>,
    grants: Vec<GrantAnswer>,
}

/// A role and what it may do.
#[derive(Serialize, ToSchema)]
pub struct RoleAnswer {
    role: &'static str,
    /// Whether it is one of the three managers: who holds it holds nothing else.
    manager: bool,
    rights: Vec<&'static str>,
}

/// Which roles there are, what each may do, and who holds them.
#[utoipa::path(
    get, path = "/roles", tag = "people",
    responses((status = 200, body = RolesAnswer), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn roles(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Json<RolesAnswer> {
    let role = |role: Role| RoleAnswer {
        role: role.name(),
        manager: role.is_manager(),
        rights: role.rights().iter().map(|right| right.name()).collect(),
    };
    let now = app.now();
    let grants = asking.people().grants().map(|(key, grant)| GrantAnswer::of(key, grant, now));
    Json(RolesAnswer { roles: Role::ALL.map(role).into(), grants: grants.collect() })
}

/// A role that somebody shall hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    account: String,
    /// `system`, `security`, `audit`, `operator`, `dispatcher`, `handler`, `verifier`, `analyst`, `leader`.
    role: String,
    /// Key of the unit to which it is limited.
    #[serde(default)]
    unit: Option<String>,
    /// Key of the area to which it is limited.
    #[serde(default)]
    area: Option<String>,
    /// `air`, `water`, `dust`, `noise`, `waste`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    subject: Option<Subject>,
    /// From when on, ms since 1970; without it: at once.
    #[serde(default)]
    from_ms: Option<i64>,
    /// Until when, ms since 1970; without it: without an end.
    #[serde(default)]
    until_ms: Option<i64>,
}

/// Gives a role to an account. A manager holds no other role, and nobody gives one to themselves.
#[utoipa::path(
    post, path = "/roles", tag = "people", request_body = NewGrant,
    responses(
        (status = 200, body = Given), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem)
    )
)]
async fn give_role(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Given>> {
    let wanted: NewGrant = read_json(&headers, &body)?;
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    let role = Role::named(&wanted.role).ok_or_else(|| {
        let names = names.join(", ");
        ApiError::bad_parameter(
            "role",
            &wanted.role,
            Words::new(format!("可用 {names}"), format!("there are {names}")),
        )
    })?;
    let scope = Scope { unit: wanted.unit, area: wanted.area, subject: wanted.subject };
    let (from, until) =
        (wanted.from_ms.map(Timestamp::from_ms), wanted.until_ms.map(Timestamp::from_ms));
    let grant = Grant { account: wanted.account, role, scope, from, until, ended: false };
    let keys = change(&app, asking.name(), vec![PeopleChange::NewGrant(grant)], vec![]).await?;
    Ok(Json(Given { key: keys.into_iter().next().unwrap_or_default() }))
}

/// A role that was given.
#[derive(Serialize, ToSchema)]
pub struct Given {
    /// Names it: `account/number`.
    key: String,
}

/// Takes a role back, at once.
#[utoipa::path(
    delete, path = "/roles/{account}/{number}", tag = "people",
    params(("account" = String, Path), ("number" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn take_role(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((account, number)): Path<(String, String)>,
) -> Answer<Json<Done>> {
    let end = PeopleChange::EndGrant(format!("{account}/{number}"));
    change(&app, asking.name(), vec![end], vec![]).await?;
    Ok(Json(Done { count: 1 }))
}

fn somebody(asking: &Asking, name: &str) -> Answer<()> {
    let refused = || people_refused(&engine::people::Refused::NoAccount(name.to_owned()));
    asking.people().account(name).filter(|own| !own.ended).map(drop).ok_or_else(refused)
}

fn new_link(app: &AppState, name: &str) -> Answer<(SecretChange, LinkAnswer)> {
    let failed = |error: user::Error| ApiError::internal("make a link", &error);
    let token = user::token().map_err(failed)?;
    let until = app.now() + LINK_DAYS * DAY_MS;
    let link = Link { account: name.to_owned(), until };
    let secret = secrets::put(LINK, &secrets::hashed(&token), &link).map_err(failed)?;
    let path = format!("/setup#link={token}");
    Ok((secret, LinkAnswer { name: name.to_owned(), path, until: Instant(until) }))
}

/// Takes back the links that somebody still has.
async fn links_of(app: &AppState, name: &str) -> Answer<Vec<SecretChange>> {
    let name = name.to_owned();
    app.ask(move |app| {
        let links = app.reader.secrets(LINK).map_err(super::state::unreadable)?;
        let is_own = |value: &str| {
            serde_json::from_str::<Link>(value).is_ok_and(|link| link.account == name)
        };
        let own = links.into_iter().filter(|link| is_own(&link.value));
        Ok(own.map(|link| secrets::remove(LINK, &link.key)).collect())
    })
    .await
}

/// Takes back every secret of an account that ends.
async fn everything_of(app: &AppState, name: &str) -> Answer<Vec<SecretChange>> {
    let mut gone = links_of(app, name).await?;
    let tokens = super::tokens::of(app, name).await?;
    gone.extend(tokens.iter().map(|(id, _)| secrets::remove(TOKEN, id)));
    gone.extend([secrets::remove(PASSWORD, name), secrets::remove(FACTOR, name)]);
    Ok(gone)
}

/// A short text for people: not too long, and nothing in it that is no text.
///
/// # Errors
/// `bad_parameter`.
pub fn check_text(field: &str, text: &str) -> Answer<()> {
    if text.chars().count() <= SHOWN_MAX && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let mut error = ApiError::bad_parameter(
        field,
        text,
        Words::new(
            format!("最多 {SHOWN_MAX} 个字符，不含控制字符"),
            format!("at most {SHOWN_MAX} characters, no control characters"),
        ),
    );
    error.code = "bad_text";
    Err(error)
}
