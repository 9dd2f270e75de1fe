//! What people do with a finding: make a case of it, or put it aside.

use super::super::cases::move_refused;
use super::super::error::{Answer, ApiError, Problem, shortened};
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::{AppState, unreadable};
use super::answer::{FindingRow, Naming};
use super::{Seen, no_finding, scope_of};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use detect::{Finding, Verdict};
use engine::watch::FindingError;
use model::{Registry, Right};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Characters of a reason.
const REASON_MAX: usize = 2_000;

/// A case to be made of a finding.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileBody {
    /// Key of a category; that of the rule without it.
    category: Option<String>,
    /// What it is, in one line; the finding's own sentence without it.
    text: Option<String>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub struct FileAnswer {
    /// The number of the case.
    number: String,
    /// The version of the case.
    version: u32,
    /// Whether it was a case before; nothing was kept now.
    is_again: bool,
    finding: FindingRow,
}

/// Why a finding is put aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DismissBody {
    /// Why; never empty.
    why: String,
    /// What it was: `refuted` (it was not so; the default), `data_invalid`, or `confirmed` (it was so, and needs no case).
    verdict: Option<String>,
}

/// Makes a case of a finding. Asked again, it is the same case.
#[utoipa::path(
    post, path = "/findings/{id}/file", tag = "findings", request_body = FileBody,
    params(("id" = String, Path, description = "Its id: `f4711`")),
    responses((status = 200, body = FileAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn file_finding(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<FileAnswer>> {
    let FileBody { category, text } = read_json(&headers, &body)?;
    if let Some(text) = &text {
        check_reason("text", text)?;
    }
    may_file(&app, &asking, &id)?;
    let who = control::Actor { name: asking.name().to_owned(), unit: None, duties: [].into() };
    let filed = id.clone();
    let made =
        app.door.ask(move |engine, now| engine.file_finding(now, &who, &filed, category, text));
    let made = made.await.map_err(|gone| ApiError::internal("file a finding", &gone))?;
    let moved = made.map_err(|error| refused(&error))?;
    if let Some(sequence) = moved.sequence {
        app.hub.cases_changed(sequence.0);
    }
    let finding = changed(&app, &id)?;
    let number = moved.case.number.clone();
    Ok(Json(FileAnswer { number, version: moved.version, is_again: moved.is_again, finding }))
}

/// Puts a finding aside, with a reason; with it go those of its event that the right to file reaches.
#[utoipa::path(
    post, path = "/findings/{id}/dismiss", tag = "findings", request_body = DismissBody,
    params(("id" = String, Path, description = "Its id: `f4711`")),
    responses((status = 200, body = FindingRow), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn dismiss_finding(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<FindingRow>> {
    let DismissBody { why, verdict } = read_json(&headers, &body)?;
    check_reason("why", &why)?;
    let accepted = "refuted, data_invalid, confirmed";
    let verdict = super::named("verdict", verdict.as_deref(), accepted)?;
    let verdict = verdict.unwrap_or(Verdict::Refuted);
    may_file(&app, &asking, &id)?;
    let (who, dismissed) = (asking.name().to_owned(), id.clone());
    let reaches = move |registry: &Registry, own: &Finding| {
        asking.is_allowed(Right::File, &scope_of(registry, own))
    };
    let made = app.door.ask(move |engine, now| {
        engine.dismiss_finding(now, &who, &dismissed, (&why, verdict), reaches)
    });
    let made = made.await.map_err(|gone| ApiError::internal("dismiss a finding", &gone))?;
    made.map_err(|error| refused(&error))?;
    changed(&app, &id).map(Json)
}

/// The right to file reaches the finding, which may be seen.
fn may_file(app: &AppState, asking: &Asking, id: &str) -> Answer<()> {
    let seen = Seen::read(app, None)?;
    let finding = seen.finding(app, asking, id)?;
    let scope = scope_of(app.reader.view().registry(), finding);
    asking.may(Right::File, &scope)
}

/// A finding as it stands after a deed, and pages are told.
fn changed(app: &AppState, id: &str) -> Answer<FindingRow> {
    let finding = app.board.finding(id).ok_or_else(|| no_finding(id))?;
    app.hub.findings_changed(app.reader.last_sequence().map_err(unreadable)?.0);
    let view = app.reader.view();
    let naming =
        Naming { registry: view.registry(), parameters: &app.parameters, rules: &app.rules };
    Ok(naming.row(&finding))
}

/// A reason is there, and not a book.
pub fn check_reason(name: &str, text: &str) -> Answer<()> {
    let count = text.chars().count();
    if (1..=REASON_MAX).contains(&count) && !text.trim().is_empty() {
        return Ok(());
    }
    let accepted = Words::new(
        format!("请填写 1 至 {REASON_MAX} 字"),
        format!("write 1 to {REASON_MAX} characters"),
    );
    Err(ApiError::bad_parameter(name, &shortened(text), accepted))
}

/// Why something was not done.
pub fn refused(error: &FindingError) -> ApiError {
    let conflict = |code, zh: String, en: String| {
        ApiError::new(StatusCode::CONFLICT, code, Words::new(zh, en))
    };
    match error {
        FindingError::Unknown(id) => no_finding(id),
        FindingError::IsCase(id, number) => conflict(
            "finding_is_case",
            format!("发现 {id} 已立为案件 {number}"),
            format!("finding {id} is case {number}"),
        )
        .with_hint(format!("请处理案件 {number}"), format!("go on with case {number}")),
        FindingError::Dismissed(id, who) => conflict(
            "finding_dismissed",
            format!("发现 {id} 已由 {who} 排除"),
            format!("finding {id} was put aside by {who}"),
        )
        .with_hint("如需立案，请人工上报", "report it as a case of its own if it is one"),
        FindingError::NoReason => {
            ApiError::bad_parameter("why", "", Words::new("请说明原因", "say why"))
        }
        FindingError::NoSpan => ApiError::bad_parameter(
            "to",
            "",
            Words::new("结束时间必须晚于开始时间", "it ends after it begins"),
        ),
        FindingError::NoWork(id) => {
            ApiError::unknown("unknown_suppression", "已知作业", "known work", id)
                .with_hint("见 /api/v1/suppressions", "/api/v1/suppressions lists it")
        }
        FindingError::WorkEnded(id) => conflict(
            "suppression_ended",
            format!("已知作业 {id} 已结束"),
            format!("known work {id} has ended"),
        )
        .with_hint("无需再次结束", "there is nothing left to end"),
        FindingError::NotWatched => ApiError::internal("watch", error),
        FindingError::Case(cause) => move_refused(cause),
        FindingError::Engine(cause) => ApiError::internal("keep what was done to a finding", cause),
    }
}
