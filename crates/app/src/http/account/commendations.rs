//! Lists of units and people to be commended: by stated criteria, each reason open, nobody's vote.

use super::answer::words;
use crate::commend::{CONSENT, Consent, KIND, consents, judged, lists};
use crate::http::assess::{self, Days};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::reports::{failed, on_ground};
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::{AppState, unreadable};
use crate::words::Words;
use account::Text;
use account::commend::{Criterion, Judged, List, Whom};
use account::report::shortest;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use engine::people::People;
use model::{Act, Right};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Bytes of a document.
const DOCUMENT_MAX: usize = 20_000;
/// Rows that are told below the list: how those stand who are not on it.
const ROWS_MAX: usize = 200;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CommendationsQuery {
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// Lists over a span.
#[derive(Serialize, ToSchema)]
pub struct CommendationLists {
    span: Days,
    as_of: Option<AsOf>,
    lists: Vec<CommendationList>,
    /// Whether whoever asks agreed to be named.
    consents: bool,
}

/// A list with its criteria.
#[derive(Serialize, ToSchema)]
pub struct CommendationList {
    key: String,
    name: Words,
    /// `units` or `people`.
    of: &'static str,
    places: u32,
    confidence: String,
    source: String,
    /// Its entry of the log; null: an example that is built in.
    sequence: Option<u64>,
    criteria: Vec<CriterionAnswer>,
    /// Those on the list by their places, then the others.
    rows: Vec<CommendationRow>,
    /// People who are on the list and did not agree to be named, or whom whoever asks may not see.
    unnamed: usize,
    /// How many were looked at.
    of_all: usize,
    /// Its document, TOML.
    toml: String,
}

/// Something that has to be met.
#[derive(Serialize, ToSchema)]
#[schema(as = CommendationCriterion)]
pub struct CriterionAnswer {
    key: String,
    name: Words,
    at_least: Option<String>,
    at_most: Option<String>,
    /// Whether the list is ordered by it.
    orders: bool,
}

/// A unit or a person.
#[derive(Serialize, ToSchema)]
pub struct CommendationRow {
    key: String,
    name: Words,
    /// The place; null: not on the list.
    place: Option<u32>,
    /// By the criteria.
    reasons: Vec<CommendationReason>,
    /// Where the reasons open.
    explain: String,
}

/// How somebody stands to a criterion.
#[derive(Serialize, ToSchema)]
pub struct CommendationReason {
    met: bool,
    amount: Option<String>,
    /// Why there is no amount.
    reason: Option<Words>,
}

/// A list to adopt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommendationBody {
    /// The list, TOML.
    toml: String,
}

/// What somebody says about being named.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// Whether one's name may stand on a list.
    named: bool,
}

/// Who meets the criteria of each list. People are named only when they agreed, and only to those who may see people.
#[utoipa::path(
    get, operation_id = "commendations", path = "/commendations", tag = "account", params(CommendationsQuery),
    responses((status = 200, body = CommendationLists), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn commendations(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<CommendationsQuery>, QueryRejection>,
) -> Answer<Json<CommendationLists>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let span = assess::span(query.from.as_deref(), query.to.as_deref())?;
        let agreed = consents(&app.reader, moment.known).map_err(failed)?;
        let people = People::as_of(&app.reader, moment.known).map_err(unreadable)?;
        let sees_people = asking.has(Right::People);
        on_ground(app, moment, None, |ground| {
            let mut found = vec![];
            for (list, toml, sequence) in lists(&app.reader, moment.known).map_err(failed)?.values()
            {
                if !list.holds_on(span.last()) {
                    continue;
                }
                let all = judged(ground, list, span).map_err(failed)?;
                let may_name = |own: &Judged| {
                    list.of == Whom::Units || (sees_people && agreed.contains(&own.candidate.key))
                };
                let unnamed =
                    all.iter().filter(|own| own.place.is_some() && !may_name(own)).count();
                let of_all = all.len();
                let shown = all.into_iter().filter(may_name).take(ROWS_MAX);
                found.push(CommendationList {
                    key: list.key.clone(),
                    name: words(&list.name),
                    of: if list.of == Whom::Units { "units" } else { "people" },
                    places: list.places,
                    confidence: list.confidence.clone(),
                    source: list.source.clone(),
                    sequence: *sequence,
                    criteria: list.criterion.iter().map(|own| told(list, own)).collect(),
                    rows: shown.map(|own| row(list, &people, own)).collect(),
                    unnamed,
                    of_all,
                    toml: toml.clone(),
                });
            }
            let consents = agreed.contains(asking.name());
            Ok(Json(CommendationLists {
                span: Days::of(span),
                as_of: moment.as_of,
                lists: found,
                consents,
            }))
        })
    })
    .await
}

fn told(list: &List, own: &Criterion) -> CriterionAnswer {
    CriterionAnswer {
        key: own.key.clone(),
        name: words(&own.name),
        at_least: own.at_least.as_ref().map(|own| shortest(&own.0)),
        at_most: own.at_most.as_ref().map(|own| shortest(&own.0)),
        orders: list.order == own.key,
    }
}

fn row(list: &List, people: &People, own: Judged) -> CommendationRow {
    let key = own.candidate.key;
    let same = || Words::new(&key, &key);
    let (name, explain) = match list.of {
        Whom::Units => (
            people.unit(&key).map_or_else(same, |unit| Words::from(&unit.name)),
            format!("/api/v1/reports/unit?unit={}", assess::encoded(&key)),
        ),
        Whom::People => (same(), "/api/v1/cases".to_owned()),
    };
    let reasons = own.candidate.amounts.iter().zip(own.met);
    let reasons = reasons.map(|(amount, met)| CommendationReason {
        met,
        amount: amount.as_ref().ok().map(shortest),
        reason: amount.as_ref().err().map(words),
    });
    CommendationRow { name, place: own.place, reasons: reasons.collect(), explain, key }
}

/// Adopts a list; the one of the same key is followed by it, and stays in the log.
#[utoipa::path(
    post, operation_id = "adopt_commendation", path = "/commendations", tag = "account", request_body = CommendationBody,
    responses((status = 200, body = ConsentKept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn adopt_commendation(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<ConsentKept>> {
    let CommendationBody { toml } = read_json(&headers, &body)?;
    if toml.len() > DOCUMENT_MAX {
        return Err(flawed(&Text::new(
            format!("{} 字节，至多 {DOCUMENT_MAX} 字节", toml.len()),
            format!("{} bytes, and {DOCUMENT_MAX} are the most", toml.len()),
        )));
    }
    let list = List::parse(&toml).map_err(|flaw| flawed(&flaw))?;
    kept(&app, &asking, (KIND, list.key.clone()), toml).await
}

/// Agrees to be named on lists, or does not any more. Nobody can do it for another.
#[utoipa::path(
    put, operation_id = "commendation_consent", path = "/commendations/consent", tag = "account", request_body = ConsentBody,
    responses((status = 200, body = ConsentKept), (status = 401, body = Problem))
)]
pub async fn commendation_consent(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<ConsentKept>> {
    let ConsentBody { named } = read_json(&headers, &body)?;
    let document = serde_json::to_string(&Consent { named });
    let document = document.map_err(|error| ApiError::internal("write a consent", &error))?;
    let own = asking.name().to_owned();
    kept(&app, &asking, (CONSENT, own), document).await
}

/// What was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = CommendationKept)]
pub struct ConsentKept {
    /// The entry of the log.
    sequence: u64,
}

async fn kept(
    app: &AppState,
    asking: &Asking,
    (kind, key): (&str, String),
    document: String,
) -> Answer<Json<ConsentKept>> {
    let act = Act { kind: kind.to_owned(), key, who: asking.name().to_owned(), document };
    let done = app.door.ask(move |engine, now| engine.act(now, vec![act])).await;
    let done = done.map_err(|gone| ApiError::internal("keep a commendation", &gone))?;
    let done = done.map_err(|error| crate::http::registry::refused(&error))?;
    Ok(Json(ConsentKept { sequence: done.first().map_or(0, |own| own.0) }))
}

fn flawed(flaw: &Text) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_commendation",
        Words::new(
            format!("表彰名单条件有误：{}", flaw.zh),
            format!("the list is not right: {}", flaw.en),
        ),
    )
    .with_hint(
        "样例见 /api/v1/commendations 的 toml",
        "see the toml of /api/v1/commendations for examples",
    )
}
