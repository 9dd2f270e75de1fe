//! Decisions: answers that were published, and what would be decided now.

use super::assess::period::{PeriodQuery, periods};
use super::assess::rank::{RankQuery, ranking};
use super::error::{Answer, ApiError, Problem};
use super::reports::{PublishedReport, published};
use super::rights::Asking;
use super::session::bad_body;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use engine::decision::{self, Decided, Decision, decided, differences};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use store::Known;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, publish)).routes(routes!(explain))
}

/// An answer that somebody publishes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// `rank` or `period`: the question of `/assess/rank` or `/assess/period`; `report`: that of `/reports/{kind}`,
    /// with `kind` beside its parameters.
    what: String,
    /// The question by the names of its parameters; `as_of` is taken from the moment of the decision.
    #[schema(value_type = Object)]
    question: Value,
    /// Why it is published.
    why: String,
}

/// A decision.
#[derive(Serialize, ToSchema)]
#[schema(as = Decision)]
pub struct DecisionAnswer {
    #[schema(example = "d4711")]
    id: String,
    /// Told only to those who are signed in.
    who: Option<String>,
    at: Instant,
    what: String,
    #[schema(value_type = Object)]
    question: Value,
    /// The newest entry of the log that was known.
    sequence: u64,
    /// The editions that judged; of a report each with the days that it judged.
    #[schema(value_type = Object)]
    editions: Value,
    /// Which revision of the same question it is, from 1; the earlier ones stay.
    revision: usize,
    /// The id of the one before it.
    revises: Option<String>,
    why: String,
    /// What was published.
    #[schema(value_type = Object)]
    answer: Value,
}

impl DecisionAnswer {
    /// To the public nobody is named.
    fn told(self, tells_who: bool) -> Self {
        Self { who: self.who.filter(|_| tells_who), ..self }
    }
}

impl DecisionAnswer {
    /// Decisions, given the oldest first, each with which revision of its question it is.
    fn of_all(all: Vec<Decided>) -> Vec<Self> {
        let mut places = Vec::with_capacity(all.len());
        let mut last: HashMap<(&str, &Value), (usize, &str)> = HashMap::new();
        for Decided { id, decision, .. } in &all {
            let question = (decision.what.as_str(), &decision.question);
            let before = last.get(&question).copied();
            let revision = before.map_or(1, |(revision, _)| revision + 1);
            places.push((revision, before.map(|(_, id)| id.to_owned())));
            last.insert(question, (revision, id));
        }
        all.into_iter().zip(places).map(|(own, place)| Self::at(own, place)).collect()
    }

    fn at(
        Decided { id, who, at, decision }: Decided,
        (revision, revises): (usize, Option<String>),
    ) -> Self {
        let Decision { what, question, sequence, editions, answer, why } = decision;
        Self {
            id,
            who: Some(who),
            at: Instant(at),
            what,
            question,
            sequence,
            editions,
            revision,
            revises,
            why,
            answer,
        }
    }
}

/// All decisions, the oldest first.
fn all(app: &AppState) -> Answer<Vec<DecisionAnswer>> {
    let rows = app.reader.acts(decision::KIND, Known::Now).map_err(unreadable)?;
    Ok(DecisionAnswer::of_all(rows.iter().filter_map(decided).collect()))
}

/// One of them.
fn one(app: &AppState, id: &str) -> Answer<DecisionAnswer> {
    let own = all(app)?.into_iter().find(|own| own.id == id);
    own.ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    ApiError::unknown("unknown_decision", "决定", "decision", id)
        .with_hint("决定见 /api/v1/decisions", "/api/v1/decisions lists them")
}

/// Decisions, the newest first.
#[derive(Serialize, ToSchema)]
pub struct Decisions {
    items: Vec<DecisionAnswer>,
}

/// All decisions.
#[utoipa::path(
    get, operation_id = "decisions", path = "/decisions", tag = "assess",
    responses((status = 200, body = Decisions))
)]
async fn list(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<Decisions>> {
    app.ask(move |app| {
        let tells_who = asking.is_signed_in();
        let newest_first = all(app)?.into_iter().rev();
        Ok(Json(Decisions { items: newest_first.map(|own| own.told(tells_who)).collect() }))
    })
    .await
}

/// Publishes an answer: it is kept with what was known and by which editions it was judged.
#[utoipa::path(
    post, operation_id = "publish_decision", path = "/decisions", tag = "assess",
    request_body = DecisionBody,
    responses((status = 201, body = DecisionAnswer), (status = 400, body = Problem))
)]
async fn publish(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    body: Bytes,
) -> Answer<(StatusCode, Json<DecisionAnswer>)> {
    let body: DecisionBody = serde_json::from_slice(&body).map_err(|error| bad_body(&error))?;
    if body.why.trim().is_empty() {
        let words = Words::new("须写明理由", "a decision needs a reason");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "no_reason", words));
    }
    let made = app
        .ask(move |app| {
            let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
            let answer = ask(app, &body.what, &body.question, sequence, None)?;
            let editions = editions_of(&answer);
            let DecisionBody { what, question, why } = body;
            Ok(Decision { what, question, sequence, editions, answer, why })
        })
        .await?;
    let who = asking.name().to_owned();
    let done = app.door.ask(move |engine, now| engine.decide(now, &who, &made)).await;
    let done = done.map_err(|gone| ApiError::internal("keep a decision", &gone))?;
    let id = done.map_err(|error| super::registry::refused(&error))?;
    let kept = app.ask(move |app| one(app, &id)).await?;
    Ok((StatusCode::CREATED, Json(kept)))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExplainQuery {
    /// Another set of editions to decide by as well.
    edition: Option<String>,
}

/// A decision as it was, and as it would be.
#[derive(Serialize, ToSchema)]
pub struct DecisionExplained {
    decision: DecisionAnswer,
    /// Whether the same question, asked as of its moment, gives the same answer.
    holds: bool,
    /// Where it does not: a defect, or another version of this program.
    differs: Vec<Differing>,
    /// What would be decided now, by the editions that the question means.
    now: Redecided,
    /// What would have been decided then by another edition, and now.
    other: Option<Vec<Redecided>>,
}

/// What would be decided.
#[derive(Serialize, ToSchema)]
pub struct Redecided {
    /// The set of editions.
    edition: String,
    /// As it was known at this entry of the log.
    sequence: u64,
    #[schema(value_type = Object)]
    answer: Value,
    /// In what it differs from what was published.
    differences: Vec<Differing>,
}

/// One field in which two answers differ.
#[derive(Serialize, ToSchema)]
#[schema(as = DecisionDifference)]
pub struct Differing {
    #[schema(example = "rows/air-1/value")]
    field: String,
    #[schema(value_type = Object)]
    was: Value,
    #[schema(value_type = Object)]
    is: Value,
}

/// A decision as it was, what would be decided now, and under another edition, with the differences.
#[utoipa::path(
    get, operation_id = "explain_decision", path = "/decisions/{id}/explain", tag = "assess",
    params(("id" = String, Path, description = "Its id."), ExplainQuery),
    responses((status = 200, body = DecisionExplained), (status = 404, body = Problem))
)]
async fn explain(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    query: Result<Query<ExplainQuery>, QueryRejection>,
) -> Answer<Json<DecisionExplained>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let mut all = explained(app, &id, query.edition.as_deref())?;
        all.decision = all.decision.told(asking.is_signed_in());
        Ok(Json(all))
    })
    .await
}

/// Explains a decision.
///
/// # Errors
/// `unknown_decision`, or what its question says today.
pub fn explained(app: &AppState, id: &str, edition: Option<&str>) -> Answer<DecisionExplained> {
    let rows = app.reader.acts_on(decision::KIND, id, Known::Now).map_err(unreadable)?;
    let own = rows.first().and_then(decided).ok_or_else(|| unknown(id))?;
    let newest = app.reader.last_sequence().map_err(unreadable)?.0;
    let of = &own.decision;
    let again = |sequence: u64, edition: Option<&str>| -> Answer<Redecided> {
        let answer = ask(app, &of.what, &of.question, sequence, edition)?;
        Ok(Redecided {
            edition: edition.or(of.question["edition"].as_str()).unwrap_or("auto").to_owned(),
            sequence,
            differences: differing(&of.answer, &answer),
            answer,
        })
    };
    let then = again(of.sequence, None)?;
    let now = again(newest, None)?;
    let other = match edition {
        None => None,
        Some(edition) => {
            Some(vec![again(of.sequence, Some(edition))?, again(newest, Some(edition))?])
        }
    };
    Ok(DecisionExplained {
        holds: then.differences.is_empty(),
        differs: then.differences,
        now,
        other,
        decision: one(app, id)?,
    })
}

fn differing(was: &Value, is: &Value) -> Vec<Differing> {
    let all = differences(was, is).into_iter();
    // Where it is explained, and what was asked, is no part of what was decided.
    let is_about = |field: &str| {
        field != "made"
            && field != "sequence"
            && !field.starts_with("as_of")
            && !field.ends_with("/explain")
            && field != "edition/id"
    };
    all.filter(|own| is_about(&own.field))
        .map(|own| Differing { field: own.field, was: own.was, is: own.is })
        .collect()
}

/// Asks the question of a decision as of a moment.
fn ask(
    app: &AppState,
    what: &str,
    question: &Value,
    sequence: u64,
    edition: Option<&str>,
) -> Answer<Value> {
    let edition = edition.map(str::to_owned);
    let written = |error: serde_json::Error| ApiError::internal("write an answer", &error);
    match what {
        "rank" => {
            let mut query: RankQuery =
                serde_json::from_value(question.clone()).map_err(|error| bad_body(&error))?;
            query.as_of = Some(sequence.to_string());
            query.edition = edition.or(query.edition);
            serde_json::to_value(ranking(app, &query)?).map_err(written)
        }
        "period" => {
            let mut query: PeriodQuery =
                serde_json::from_value(question.clone()).map_err(|error| bad_body(&error))?;
            query.as_of = Some(sequence.to_string());
            query.edition = edition.or(query.edition);
            serde_json::to_value(periods(app, &query)?).map_err(written)
        }
        "report" => {
            let mut query: PublishedReport =
                serde_json::from_value(question.clone()).map_err(|error| bad_body(&error))?;
            query.edition = edition.or(query.edition);
            serde_json::to_value(published(app, &query, sequence)?).map_err(written)
        }
        other => {
            let accepted =
                Words::new("请用 rank、period 或 report", "write rank, period or report");
            Err(ApiError::bad_parameter("what", other, accepted))
        }
    }
}

/// The editions that an answer names.
fn editions_of(answer: &Value) -> Value {
    let of =
        |own: &Value| serde_json::json!({ "index": own["index"], "evaluation": own["evaluation"] });
    // A report says itself what judged which of its days.
    if answer["editions"].is_array() {
        return answer["editions"].clone();
    }
    match answer["items"].as_array() {
        None => of(&answer["edition"]),
        Some(items) => {
            let mut all: Vec<Value> = items.iter().map(|item| of(&item["edition"])).collect();
            all.dedup();
            all.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;
    use serde_json::json;

    fn decided(id: &str, what: &str, question: Value) -> Decided {
        let (editions, answer, why) = (json!({}), json!({}), "the month is over".to_owned());
        let what = what.to_owned();
        let decision = Decision { what, question, sequence: 1, editions, answer, why };
        Decided { id: id.to_owned(), who: "leader".to_owned(), at: Timestamp::MIN, decision }
    }

    #[test]
    fn of_the_same_question_each_is_the_next_revision_and_names_the_one_before() {
        let march = || json!({"from": "2026-03-01", "to": "2026-03-31"});
        let all = DecisionAnswer::of_all(vec![
            decided("d9", "rank", march()),
            decided("d10", "report", march()),
            decided("d11", "rank", json!({"to": "2026-03-31", "from": "2026-03-01"})),
            decided("d12", "rank", json!({"from": "2026-04-01"})),
            decided("d100", "rank", march()),
        ]);
        let told: Vec<_> = all.iter().map(|own| (own.revision, own.revises.as_deref())).collect();
        assert_eq!(told, [(1, None), (1, None), (2, Some("d9")), (1, None), (3, Some("d11"))]);
    }
}
