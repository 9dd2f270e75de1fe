//! The audit trail over HTTP: read and exported by the audit manager, edited by nobody.

use super::error::{Answer, ApiError, Problem};
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::{ActRow, Sequence};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use store::ActFilter;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Lines of one answer.
const LINES_MAX: usize = 1_000;
/// Lines that an export reads at a time.
const EXPORT_PAGE: usize = 5_000;
/// How often the trail is kept.
const KEEP: Duration = Duration::from_secs(1);

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(audit)).routes(routes!(export))
}

/// Keeps the trail, second by second, while the server runs.
pub async fn keep(app: AppState) {
    let mut tick = tokio::time::interval(KEEP);
    loop {
        tick.tick().await;
        app.trail.keep(&app.door, app.users.now_ms(), false).await;
    }
}

/// Which lines are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only lines older than this sequence; without it the newest ones.
    before: Option<u64>,
    /// Only of this kind: `audit` (what was asked), `account`, `role`, `unit`, …
    kind: Option<String>,
    /// Only of this person.
    who: Option<String>,
    /// How many, at most 1000.
    limit: Option<usize>,
}

/// One line.
#[derive(Serialize, ToSchema)]
pub struct AuditLine {
    sequence: u64,
    at: Instant,
    /// `audit`: a question and its outcome; every other kind: a change.
    kind: String,
    /// What was asked, or what was changed.
    key: String,
    /// Who; `-` when nobody was signed in.
    who: String,
    /// From where, outcome and count of a question; of a change the thing as it stands from then on.
    #[schema(value_type = Object)]
    document: Value,
}

/// What was done, the newest first: questions that changed something or were refused, and every change itself.
#[utoipa::path(
    get, path = "/audit", tag = "people", params(Wanted),
    responses(
        (status = 200, body = Vec<AuditLine>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem)
    )
)]
async fn audit(
    State(app): State<AppState>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Answer<Json<Vec<AuditLine>>> {
    let Query(Wanted { before, kind, who, limit }) = query?;
    let limit = limit.unwrap_or(100);
    if !(1..=LINES_MAX).contains(&limit) {
        let accepted = Words::new(format!("1 至 {LINES_MAX}"), format!("1 to {LINES_MAX}"));
        return Err(ApiError::bad_parameter("limit", &limit.to_string(), accepted));
    }
    app.ask(move |app| {
        let before = Sequence(before.unwrap_or(i64::MAX as u64));
        let filter = ActFilter { kind, who };
        let rows = app.reader.acts_before(before, &filter, limit).map_err(unreadable)?;
        let line = |row: ActRow| AuditLine {
            sequence: row.sequence.0,
            at: Instant(row.at),
            kind: row.act.kind,
            key: row.act.key,
            who: row.act.who,
            document: serde_json::from_str(&row.act.document).unwrap_or_default(),
        };
        Ok(Json(rows.into_iter().map(line).collect()))
    })
    .await
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One JSON object a line.
    #[default]
    Jsonl,
    /// A table.
    Csv,
}

/// What is exported.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WantedExport {
    /// `jsonl` (default) or `csv`.
    #[serde(default)]
    #[param(inline)]
    form: Form,
}

/// The whole trail, the oldest line first. Each line carries the SHA-256 of the line before it and of itself,
/// so that who keeps the last hash of one export can check in the next that nothing before it was changed.
#[utoipa::path(
    get, path = "/audit/export", tag = "people", params(WantedExport),
    responses(
        (status = 200, content_type = "application/x-ndjson", body = String), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem)
    )
)]
async fn export(
    State(app): State<AppState>,
    query: Result<Query<WantedExport>, QueryRejection>,
) -> Answer<Response> {
    let Query(WantedExport { form }) = query?;
    let (send, pages) = mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    tokio::spawn(async move {
        let mut chain = Chain::new(form);
        let mut after = Sequence(0);
        loop {
            let read =
                app.ask(move |app| app.reader.acts_after(after, EXPORT_PAGE).map_err(unreadable));
            let Ok(rows) = read.await else {
                // What was sent ends in the middle of a chunk: nobody takes it for the whole.
                let _ = send.send(Err(std::io::Error::other("the trail cannot be read"))).await;
                return;
            };
            let Some(last) = rows.last() else { return };
            after = last.sequence;
            let text: String = rows.iter().map(|row| chain.line(row)).collect();
            if send.send(Ok(Bytes::from(text))).await.is_err() {
                return;
            }
        }
    });
    let (kind, name, head) = match form {
        Form::Jsonl => ("application/x-ndjson", "audit.jsonl", ""),
        Form::Csv => ("text/csv; charset=utf-8", "audit.csv", CSV_HEAD),
    };
    let head = tokio_stream::iter([Ok(Bytes::from_static(head.as_bytes()))]);
    let body = Body::from_stream(head.chain(ReceiverStream::new(pages)));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
        .map_err(|error| ApiError::internal("name an export", &error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body).into_response())
}

const CSV_HEAD: &str = "sequence,at_ms,kind,key,who,document,hash\n";

/// Lines, each with the hash of all before it.
struct Chain {
    form: Form,
    hash: String,
}

impl Chain {
    fn new(form: Form) -> Self {
        Self { form, hash: String::new() }
    }

    /// The hash of a line is the SHA-256 of the hash before it, then of its fields, each ended by a line feed.
    fn line(&mut self, ActRow { sequence, at, act }: &ActRow) -> String {
        let (sequence, at_ms) = (sequence.0, at.as_ms());
        let mut context = Context::new(&SHA256);
        let numbers = [sequence.to_string(), at_ms.to_string()];
        let texts =
            [&self.hash, &numbers[0], &numbers[1], &act.kind, &act.key, &act.who, &act.document];
        for text in texts {
            context.update(text.as_bytes());
            context.update(b"\n");
        }
        let digest = context.finish();
        self.hash = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let hash = &self.hash;
        match self.form {
            Form::Jsonl => {
                let line = json!({
                    "sequence": sequence, "at_ms": at_ms, "kind": act.kind, "key": act.key,
                    "who": act.who, "document": act.document, "hash": hash,
                });
                format!("{line}\n")
            }
            Form::Csv => {
                let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
                let (kind, key, who) = (cell(&act.kind), cell(&act.key), cell(&act.who));
                format!("{sequence},{at_ms},{kind},{key},{who},{},{hash}\n", cell(&act.document))
            }
        }
    }
}
