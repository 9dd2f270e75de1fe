//! Emergency response: the warning that stands, the plan, and the orders that a warning makes.
//!
//! Everything is an act. What stands now is kept in memory; what stood at another moment is folded from the acts when somebody asks. Orders are told to those
//! in whose reach they lie; that there is a warning is told to everybody.

mod answer;
mod compliance;
mod declare;
mod orders;
mod plan;

use super::error::{Answer, ApiError, Problem};
use super::known::{AsOf, Moment};
use super::rights::Asking;
use super::state::AppState;
use super::time::Instant;
use crate::words::Words;
pub use answer::BasisAnswer;
use answer::{LevelName, OrderAnswer, WarningAnswer, WarningShort};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use control::emergency::{Level, Order};
use engine::Error;
use engine::emergency::{Emergency, EmergencyError, Stepped};
use model::{Right, Scope, Subject};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::Known;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Warnings of one answer.
const WARNINGS_MAX: usize = 100;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(emergency))
        .routes(routes!(warning))
        .routes(routes!(plan::plan))
        .routes(routes!(plan::measure, plan::put_measure))
        .routes(routes!(plan::put_rule))
        .routes(routes!(declare::proposal))
        .routes(routes!(declare::sources))
        .routes(routes!(declare::declare))
        .routes(routes!(declare::change_level))
        .routes(routes!(declare::lift))
        .routes(routes!(orders::receive))
        .routes(routes!(orders::feedback))
        .routes(routes!(orders::remind))
}

/// As of when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EmergencyQuery {
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The state of emergency response.
#[derive(Serialize, ToSchema)]
pub struct EmergencyNow {
    now: Instant,
    as_of: Option<AsOf>,
    /// The levels that the district uses, the mildest first.
    levels: Vec<LevelName>,
    /// The warning that stands; null: none.
    standing: Option<WarningShort>,
    /// Warnings that were lifted, the newest first.
    past: Vec<WarningShort>,
    /// Orders that hold and whose unit is in the reach of whoever asks, the latest due last.
    mine: Vec<OrderAnswer>,
}

/// The warning that stands, those before it, and one's own orders.
#[utoipa::path(
    get, operation_id = "emergency", path = "/emergency", tag = "emergency", params(EmergencyQuery),
    responses((status = 200, body = EmergencyNow), (status = 400, body = Problem))
)]
async fn emergency(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<EmergencyQuery>, QueryRejection>,
) -> Answer<Json<EmergencyNow>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let own = read(app, moment.known)?;
        let standing = own.standing();
        let past = own.warnings.values().rev().filter(|warning| !warning.stands());
        let mut mine = vec![];
        for order in standing.into_iter().flat_map(|warning| &warning.orders) {
            if order.holds(moment.now) && reaches(app, &asking, Right::Handle, &order.order) {
                mine.push(OrderAnswer::of(app, &asking, order, None, moment.now));
            }
        }
        mine.sort_by_key(|own| own.done_by);
        Ok(Json(EmergencyNow {
            now: Instant(moment.now),
            as_of: moment.as_of,
            levels: own.rule.levels.iter().map(|level| LevelName::of(*level)).collect(),
            standing: standing.map(|warning| WarningShort::of(warning, moment.now)),
            past: past
                .take(WARNINGS_MAX)
                .map(|warning| WarningShort::of(warning, moment.now))
                .collect(),
            mine,
        }))
    })
    .await
}

/// One warning with its levels and the orders in one's reach; what readings say of each is computed anew.
#[utoipa::path(
    get, operation_id = "warning", path = "/emergency/warnings/{number}", tag = "emergency",
    params(("number" = String, Path, description = "Its number: `2026-W01`"), EmergencyQuery),
    responses((status = 200, body = WarningAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem))
)]
async fn warning(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(number): Path<String>,
    query: Result<Query<EmergencyQuery>, QueryRejection>,
) -> Answer<Json<WarningAnswer>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let own = read(app, moment.known)?;
        let warning = own.warnings.get(&number).ok_or_else(|| no_warning(&number))?;
        Ok(Json(WarningAnswer::of(app, &asking, (&own.rule, warning), moment)?))
    })
    .await
}

/// Emergency response as it was known then.
fn read(app: &AppState, known: Known) -> Answer<Arc<Emergency>> {
    let own = match known {
        Known::Now => app.warnings.now(),
        then => Emergency::as_of(&app.reader, then)
            .map_err(|error| ApiError::internal("read emergency response", &error))?
            .into(),
    };
    for sequence in &own.unread {
        tracing::warn!(sequence = sequence.0, "an act of emergency response cannot be read");
    }
    Ok(own)
}

/// Where an order belongs: its unit, the area of its place.
fn scope(app: &AppState, order: &Order) -> Scope {
    let view = app.reader.view();
    let registry = view.registry();
    let place = registry.place_id(&order.place).and_then(|id| registry.place(id));
    let area = place.map(|place| place.area.clone()).filter(|area| !area.is_empty());
    Scope { unit: Some(order.unit.clone()), area, subject: Some(Subject::Air) }
}

fn reaches(app: &AppState, asking: &Asking, right: Right, order: &Order) -> bool {
    let scope = scope(app, order);
    asking.is_allowed(right, &scope)
}

fn no_warning(number: &str) -> ApiError {
    ApiError::unknown("unknown_warning", "预警", "warning", number)
        .with_hint("预警见 /api/v1/emergency", "/api/v1/emergency lists them")
}

/// A level of a stable name.
fn level(text: &str) -> Answer<Level> {
    Level::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| {
        let all = Level::ALL.map(Level::name).join(", ");
        let accepted = Words::new(format!("可用 {all}"), format!("there are {all}"));
        ApiError::bad_parameter("level", text, accepted)
    })
}

/// What was kept.
#[derive(Serialize, ToSchema)]
pub struct WarningStep {
    /// The warning.
    #[schema(example = "2026-W01")]
    number: String,
    /// Its version now.
    version: u32,
    /// The act's number in the log.
    sequence: u64,
}

/// Tells whoever listens, and who asked.
fn stepped(
    app: &AppState,
    made: Result<Result<Stepped, EmergencyError>, crate::door::Gone>,
) -> Answer<Json<WarningStep>> {
    let made = made.map_err(|gone| ApiError::internal("keep a step of a warning", &gone))?;
    let Stepped { number, version, sequence } = made.map_err(|error| refused(&error))?;
    app.hub.emergency_changed(sequence.0);
    Ok(Json(WarningStep { number, version, sequence: sequence.0 }))
}

/// Why something was not kept.
fn refused(error: &EmergencyError) -> ApiError {
    let conflict = |code, zh: String, en: String| {
        ApiError::new(StatusCode::CONFLICT, code, Words::new(zh, en))
    };
    let too_large = |bytes: usize, most: usize| {
        conflict(
            "plan_too_large",
            format!("某一级别的指令合计可达 {bytes} 字节，至多 {most} 字节"),
            format!("the orders of a level have up to {bytes} bytes, and {most} are the most"),
        )
        .with_hint(
            "请缩短措施文字（详情放在 source 所指的文件里），或撤回不用的措施",
            "shorten the texts of measures (what is longer belongs into the document that source names), or withdraw measures that are not used",
        )
    };
    match error {
        EmergencyError::NoWarning(number) => no_warning(number),
        EmergencyError::Stands(number) => conflict(
            "warning_stands",
            format!("预警 {number} 尚未解除"),
            format!("warning {number} stands"),
        )
        .with_hint("请调整其级别，或先解除", "change its level, or lift it first"),
        EmergencyError::Refused(why) => {
            let words = why.words();
            conflict("warning_refused", words.zh, words.en)
                .with_hint("请重新载入预警", "load the warning again")
        }
        EmergencyError::Flaw(flaw) => {
            let words = flaw.words();
            plan::bad_measure(&words.zh, &words.en)
        }
        EmergencyError::Rule(error) => ApiError::new(
            StatusCode::BAD_REQUEST,
            "bad_rule",
            Words::new(
                format!("规则无法接受：{error}"),
                format!("the rule cannot be taken: {error}"),
            ),
        ),
        EmergencyError::NoBasis => ApiError::new(
            StatusCode::BAD_REQUEST,
            "no_basis",
            Words::new("须写明依据", "it has to say what it rests on"),
        )
        .with_hint("文件须有文号和发文单位", "a document has a number and an issuer"),
        EmergencyError::TooMany(most) => conflict(
            "too_many_measures",
            format!("预案已有 {most} 条措施"),
            format!("the plan has {most} measures"),
        )
        .with_hint("请撤回不用的措施", "withdraw measures that are not used"),
        EmergencyError::TooLarge(bytes, most) => too_large(*bytes, *most),
        // A plan that was entered before there was a bound.
        EmergencyError::Engine(Error::Store(store::Error::TooLarge { found, max, .. })) => {
            too_large(*found, *max)
        }
        EmergencyError::Changed(last) => conflict(
            "changed_meanwhile",
            format!("其间有人改过（版本 {last}）"),
            format!("somebody has changed it meanwhile (version {last})"),
        )
        .with_hint("请重新载入后再改", "load it again, then change it"),
        EmergencyError::Engine(error) => internal(error),
    }
}

fn internal(error: &Error) -> ApiError {
    ApiError::internal("keep an act of emergency response", error)
}
