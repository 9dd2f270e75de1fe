//! Corrections: what was changed in readings, by whom and why, and how that is made, approved and undone.

mod import;

use super::error::{Answer, ApiError, Problem};
use super::known::{AsOf, Moment};
use super::rights::Asking;
use super::session::bad_body;
use super::state::{self, AppState, unreadable};
use super::time::{Instant, instant};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use engine::correct::{
    Change, Correction, Deed, Document, Error, Level, NewCorrection, Operation, Stack, preview,
};
use engine::{Engine, correct};
use model::{DatastreamId, Flag, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Changes that a preview lists; it counts all.
const CHANGES_MAX: usize = 500;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(look))
        .routes(routes!(approve))
        .routes(routes!(annul))
        .merge(import::routes())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only of this datastream.
    datastream: Option<String>,
    /// Only of the datastreams of this place.
    place: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// Corrections, the newest first.
#[derive(Serialize, ToSchema)]
pub struct Corrections {
    /// Set when they are shown as they were known at a past moment.
    as_of: Option<AsOf>,
    items: Vec<CorrectionAnswer>,
}

/// A correction as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Correction)]
pub struct CorrectionAnswer {
    #[schema(example = "c4711")]
    id: String,
    datastream: i32,
    /// Key of the place.
    place: String,
    parameter: String,
    from: Instant,
    /// The first instant after the span.
    to: Instant,
    /// What is done: `kind` is `flag`, `offset`, `factor`, `drift`, `replace`, `values` or `accept`.
    #[schema(value_type = Object)]
    operation: serde_json::Value,
    /// Told only to those who are signed in.
    who: Option<String>,
    at: Instant,
    sequence: u64,
    why: String,
    #[schema(value_type = Object)]
    document: Option<Document>,
    /// `automatic`, `reviewed` or `approved`.
    #[schema(value_type = String)]
    level: Level,
    /// Who approved it.
    approved: Option<DeedAnswer>,
    /// Who took it back; its readings are then as if it had not been made.
    annulled: Option<DeedAnswer>,
}

/// Who did something, when and why.
#[derive(Serialize, ToSchema)]
#[schema(as = CorrectionDeed)]
pub struct DeedAnswer {
    /// Told only to those who are signed in.
    who: Option<String>,
    at: Instant,
    sequence: u64,
    why: String,
}

impl DeedAnswer {
    fn of(Deed { who, at, sequence, why }: Deed, tells_who: bool) -> Self {
        Self { who: tells_who.then_some(who), at: Instant(at), sequence: sequence.0, why }
    }
}

fn answer(app: &AppState, own: &Correction, tells_who: bool) -> CorrectionAnswer {
    let view = app.reader.view();
    let stream = view.registry().datastream(own.datastream);
    let place = stream.and_then(|stream| view.registry().place(stream.place));
    CorrectionAnswer {
        id: own.id.clone(),
        datastream: own.datastream.0,
        place: place.map_or_else(String::new, |place| place.key.clone()),
        parameter: stream.map_or_else(String::new, |stream| stream.key.parameter.clone()),
        from: Instant(own.from),
        to: Instant(own.to),
        operation: serde_json::to_value(&own.operation).unwrap_or_default(),
        who: tells_who.then(|| own.who.clone()),
        at: Instant(own.at),
        sequence: own.sequence.0,
        why: own.why.clone(),
        document: own.document.clone(),
        level: own.level(),
        approved: own.approved.clone().map(|deed| DeedAnswer::of(deed, tells_who)),
        annulled: own.annulled.clone().map(|deed| DeedAnswer::of(deed, tells_who)),
    }
}

/// The corrections of a datastream, a place or everything.
#[utoipa::path(
    get, operation_id = "corrections", path = "/corrections", tag = "corrections", params(ListQuery),
    responses((status = 200, body = Corrections), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn list(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Answer<Json<Corrections>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let datastream = query.datastream.as_deref().map(|text| {
            text.parse().map(DatastreamId).map_err(|_| {
                let accepted = Words::new("请填写数据流编号", "write the number of a datastream");
                ApiError::bad_parameter("datastream", text, accepted)
            })
        });
        let datastream = datastream.transpose()?;
        let of_place = match &query.place {
            None => None,
            Some(key) => {
                let view = app.reader.view();
                let (id, _) = state::place(view.registry(), key)?;
                Some(view.registry().datastreams_of(id).to_vec())
            }
        };
        let stack = Stack::read(&app.reader, moment.known).map_err(unreadable)?;
        let wanted = |own: &&Correction| {
            datastream.is_none_or(|id| own.datastream == id)
                && of_place.as_ref().is_none_or(|all| all.contains(&own.datastream))
        };
        let all = stack.all();
        let tells_who = asking.is_signed_in();
        let all = all.into_iter().filter(wanted);
        let items = all.map(|own| answer(app, own, tells_who)).collect();
        Ok(Json(Corrections { as_of: moment.as_of, items }))
    })
    .await
}

/// A correction that somebody wants to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionBody {
    datastream: i32,
    /// The first instant, RFC 3339, or a civil day.
    from: String,
    /// The first instant after the span.
    to: String,
    /// What is done, one of `{"kind":"flag","quality":"fail"}`, `{"kind":"offset","by":"-1.5"}`,
    /// `{"kind":"factor","by":"1.02"}`, `{"kind":"drift","start":"0","end":"-3"}`,
    /// `{"kind":"replace","value":"12.5"}` (null: there is no value), `{"kind":"values","rows":[[ms,"12.5"]]}`
    /// and `{"kind":"accept"}`. Numbers are decimal texts in the parameter's unit.
    #[schema(value_type = Object)]
    operation: serde_json::Value,
    /// Why; never empty.
    why: String,
    /// The document that it rests on.
    document: Option<String>,
}

/// What a correction changes.
#[derive(Serialize, ToSchema)]
pub struct CorrectionPreview {
    /// How many readings change.
    count: usize,
    /// The first of them.
    changes: Vec<ChangeAnswer>,
    /// The civil days whose hours change, ascending: their index, months and years are derived anew.
    #[schema(example = json!(["2026-03-01"]))]
    days: Vec<String>,
}

/// One reading as it stands, and as it will.
#[derive(Serialize, ToSchema)]
#[schema(as = CorrectionChange)]
pub struct ChangeAnswer {
    time: Instant,
    was: Option<f64>,
    was_flag: Option<i16>,
    becomes: Option<f64>,
    becomes_flag: i16,
}

impl From<&Change> for ChangeAnswer {
    fn from(change: &Change) -> Self {
        Self {
            time: Instant(change.time),
            was: change.was.and_then(|(value, _)| value),
            was_flag: change.was.map(|(_, flag): (_, Flag)| flag.bits()),
            becomes: change.becomes.0,
            becomes_flag: change.becomes.1.bits(),
        }
    }
}

fn read(app: &AppState, body: &[u8], who: String) -> Answer<NewCorrection> {
    let body: CorrectionBody = serde_json::from_slice(body).map_err(|error| bad_body(&error))?;
    let operation: Operation =
        serde_json::from_value(body.operation).map_err(|error| bad_body(&error))?;
    let zone = &app.district.zone;
    Ok(NewCorrection {
        who,
        datastream: DatastreamId(body.datastream),
        from: instant("from", &body.from, zone)?,
        to: instant("to", &body.to, zone)?,
        operation,
        why: body.why,
        is_automatic: false,
        document: body.document.map(|name| Document { name, hash: None }),
    })
}

/// What a correction would change, without making it.
#[utoipa::path(
    post, operation_id = "preview_correction", path = "/corrections/preview", tag = "corrections",
    request_body = CorrectionBody,
    responses((status = 200, body = CorrectionPreview), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn look(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    body: Bytes,
) -> Answer<Json<CorrectionPreview>> {
    app.ask(move |app| {
        let new = read(app, &body, asking.name().to_owned())?;
        let stack = Stack::read(&app.reader, store::Known::Now).map_err(unreadable)?;
        let changes = preview(&app.reader, &stack, &new).map_err(|error| refused(&error))?;
        let day = |change: &Change| app.district.zone.date(change.time).ok();
        let mut days: Vec<String> =
            changes.iter().filter_map(day).map(|day| day.to_string()).collect();
        days.dedup();
        let shown = changes.iter().take(CHANGES_MAX).map(ChangeAnswer::from).collect();
        Ok(Json(CorrectionPreview { count: changes.len(), changes: shown, days }))
    })
    .await
}

/// Makes a correction. It takes effect at once, and counts as reviewed until somebody else approves it.
#[utoipa::path(
    post, operation_id = "make_correction", path = "/corrections", tag = "corrections",
    request_body = CorrectionBody,
    responses(
        (status = 201, body = CorrectionAnswer), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)
    )
)]
async fn make(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    body: Bytes,
) -> Answer<(StatusCode, Json<CorrectionAnswer>)> {
    let new = read(&app, &body, asking.name().to_owned())?;
    let made = change(&app, move |engine, now| engine.correct(now, &new)).await?;
    Ok((StatusCode::CREATED, Json(answer(&app, &made, true))))
}

/// Why somebody approves or annuls a correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeedBody {
    /// Why; an annulment needs one.
    why: String,
}

/// Approves a correction: it counts as approved from then on. Nobody approves what they made.
#[utoipa::path(
    post, operation_id = "approve_correction", path = "/corrections/{id}/approve", tag = "corrections",
    params(("id" = String, Path, description = "Its id.")), request_body = DeedBody,
    responses((status = 200, body = CorrectionAnswer), (status = 404, body = Problem), (status = 409, body = Problem))
)]
async fn approve(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer<Json<CorrectionAnswer>> {
    let body: DeedBody = serde_json::from_slice(&body).map_err(|error| bad_body(&error))?;
    let (who, of) = (asking.name().to_owned(), id.clone());
    change(&app, move |engine, now| engine.approve(now, &of, &who, &body.why)).await?;
    one(&app, &id).await
}

/// Takes a correction back: its readings become what the other corrections say, or what was sent.
#[utoipa::path(
    post, operation_id = "annul_correction", path = "/corrections/{id}/annul", tag = "corrections",
    params(("id" = String, Path, description = "Its id.")), request_body = DeedBody,
    responses((status = 200, body = CorrectionAnswer), (status = 404, body = Problem), (status = 409, body = Problem))
)]
async fn annul(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer<Json<CorrectionAnswer>> {
    let body: DeedBody = serde_json::from_slice(&body).map_err(|error| bad_body(&error))?;
    let (who, of) = (asking.name().to_owned(), id.clone());
    change(&app, move |engine, now| engine.annul(now, &of, &who, &body.why)).await?;
    one(&app, &id).await
}

async fn one(app: &AppState, id: &str) -> Answer<Json<CorrectionAnswer>> {
    let id = id.to_owned();
    app.ask(move |app| {
        let stack = Stack::read(&app.reader, store::Known::Now).map_err(unreadable)?;
        let own = stack.get(&id).ok_or_else(|| refused(&Error::Unknown(id.clone())))?;
        Ok(Json(answer(app, own, true)))
    })
    .await
}

async fn change<T: Send + 'static>(
    app: &AppState,
    change: impl FnOnce(&mut Engine, Timestamp) -> Result<T, correct::Error> + Send + 'static,
) -> Answer<T> {
    let done = app.door.ask(change).await;
    let done = done.map_err(|gone| ApiError::internal("correct readings", &gone))?;
    done.map_err(|error| refused(&error))
}

/// Why something was not corrected.
fn refused(error: &Error) -> ApiError {
    let bad = |code, zh: String, en: String| {
        ApiError::new(StatusCode::BAD_REQUEST, code, Words::new(zh, en))
    };
    let conflict = |code, zh: String| {
        ApiError::new(StatusCode::CONFLICT, code, Words::new(zh, error.to_string()))
    };
    let en = error.to_string();
    match error {
        Error::NoDatastream(id) => {
            ApiError::unknown("unknown_datastream", "数据流", "datastream", &id.to_string())
                .with_hint("数据流见 /api/v1/datastreams", "/api/v1/datastreams lists them")
        }
        Error::Unknown(id) => ApiError::unknown("unknown_correction", "订正", "correction", id)
            .with_hint("订正见 /api/v1/corrections", "/api/v1/corrections lists them"),
        Error::Derived(id) => {
            bad("derived_datastream", format!("数据流 {id} 是计算所得，请订正其原始数据流"), en)
        }
        Error::NoSpan => bad("bad_span", "结束时间须晚于开始时间".to_owned(), en),
        Error::NoReason => bad("no_reason", "须写明理由".to_owned(), en),
        Error::NotANumber(text) => bad("not_a_number", format!("{text:?} 不是十进制数"), en),
        Error::Exact(_) => bad("not_exact", "订正后的数值超出精确运算的范围".to_owned(), en),
        Error::TooMany { found } => {
            let zh =
                format!("涉及 {found} 条数据，一次最多 {} 条；请分段订正", correct::READINGS_MAX);
            bad("too_many_readings", zh, en)
        }
        Error::NothingChanges => conflict("nothing_changes", "该时段没有数据会改变".to_owned()),
        Error::Annulled(id) => conflict("annulled", format!("订正 {id} 已撤销")),
        Error::Approved(id) => conflict("approved", format!("订正 {id} 已审核通过")),
        Error::Own { id, who } => {
            conflict("own_correction", format!("订正 {id} 由 {who} 提出，须由他人审核"))
        }
        Error::Turn(error) => super::registry::refused(error),
        Error::Store(error) => ApiError::internal("read the store", error),
    }
}
