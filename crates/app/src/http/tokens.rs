//! Tokens of the API, for programs: each has some of the rights of its owner, ends on a day, and is shown once.

use super::error::{Answer, ApiError, Problem};
use super::people::{Done, change, check_text};
use super::rights::Asking;
use super::session::read_json;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::user;
use crate::user::secrets::{self, ApiToken, TOKEN};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use model::{DAY_MS, Right};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Days for which a token stands, at most.
const DAYS_MAX: i64 = 365;
/// Tokens of one account.
const TOKENS_MAX: usize = 20;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(tokens, add)).routes(routes!(remove))
}

/// A token, without its text.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    id: String,
    purpose: String,
    rights: Vec<&'static str>,
    made: Instant,
    until: Instant,
}

/// The tokens of an account, by id.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(app: &AppState, name: &str) -> Answer<Vec<(String, ApiToken)>> {
    let name = name.to_owned();
    app.ask(move |app| {
        let kept = app.reader.secrets(TOKEN).map_err(unreadable)?;
        let read = kept.into_iter().filter_map(|secret| {
            let token: ApiToken = serde_json::from_str(&secret.value).ok()?;
            Some((secret.key, token))
        });
        Ok(read.filter(|(_, token)| token.account == name).collect())
    })
    .await
}

fn answer(id: String, token: &ApiToken) -> TokenAnswer {
    TokenAnswer {
        id,
        purpose: token.purpose.clone(),
        rights: token.rights.iter().map(|right| right.name()).collect(),
        made: Instant(token.made),
        until: Instant(token.until),
    }
}

/// One's own tokens.
#[utoipa::path(
    get, path = "/tokens", tag = "people",
    responses((status = 200, body = Vec<TokenAnswer>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn tokens(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<Vec<TokenAnswer>>> {
    let own = of(&app, asking.name()).await?;
    Ok(Json(own.into_iter().map(|(id, token)| answer(id, &token)).collect()))
}

/// A token that somebody wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    purpose: String,
    /// Which rights it has, of one's own: `look`, `query`, …
    rights: Vec<String>,
    /// For how many days, at most 365.
    days: i64,
}

/// A new token. Its text is shown this once.
#[derive(Serialize, ToSchema)]
pub struct MadeToken {
    token: TokenAnswer,
    /// What a program sends: `Authorization: Bearer …`.
    text: String,
}

/// Makes a token.
#[utoipa::path(
    post, path = "/tokens", tag = "people", request_body = NewToken,
    responses(
        (status = 200, body = MadeToken), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem)
    )
)]
async fn add(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<MadeToken>> {
    let NewToken { purpose, rights, days } = read_json(&headers, &body)?;
    check_text("purpose", &purpose)?;
    let rights =
        rights.iter().map(|name| own_right(&asking, name)).collect::<Answer<Vec<Right>>>()?;
    if !(1..=DAYS_MAX).contains(&days) {
        let accepted = Words::new(format!("1 至 {DAYS_MAX}"), format!("1 to {DAYS_MAX}"));
        return Err(ApiError::bad_parameter("days", &days.to_string(), accepted));
    }
    if of(&app, asking.name()).await?.len() >= TOKENS_MAX {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "too_many_tokens",
            Words::new(
                format!("每个用户最多 {TOKENS_MAX} 个令牌"),
                format!("an account has at most {TOKENS_MAX} tokens"),
            ),
        )
        .with_hint("请先收回不用的令牌", "take one back that is not used any more"));
    }
    let failed = |error: user::Error| ApiError::internal("make a token", &error);
    let (id, text, hash) = secrets::new_token().map_err(failed)?;
    let (account, made) = (asking.name().to_owned(), app.now());
    let token = ApiToken { hash, account, purpose, rights, made, until: made + days * DAY_MS };
    let secret = secrets::put(TOKEN, &id, &token).map_err(failed)?;
    change(&app, asking.name(), vec![], vec![secret]).await?;
    Ok(Json(MadeToken { token: answer(id, &token), text }))
}

/// A right that somebody has, by name; tokens have none that they have not.
fn own_right(asking: &Asking, name: &str) -> Answer<Right> {
    let right = Right::named(name).filter(|right| asking.has(*right));
    right.ok_or_else(|| {
        let own: Vec<&str> =
            Right::ALL.into_iter().filter(|right| asking.has(*right)).map(Right::name).collect();
        let own = own.join(", ");
        ApiError::bad_parameter(
            "rights",
            name,
            Words::new(format!("可用 {own}"), format!("you have {own}")),
        )
    })
}

/// Takes one of one's own tokens back, at once.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 200, body = Done), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
async fn remove(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Answer<Json<Done>> {
    let own = of(&app, asking.name()).await?;
    if !own.iter().any(|(known, _)| *known == id) {
        return Err(ApiError::unknown("unknown_token", "令牌", "token", &id));
    }
    change(&app, asking.name(), vec![], vec![secrets::remove(TOKEN, &id)]).await?;
    Ok(Json(Done { count: 1 }))
}
