//! The registry by hand: every entry, every version of it, and how it is changed.
//!
//! Nothing is erased. A change makes a new version; the end of something is the last day of its validity.

mod import;

use super::error::{Answer, ApiError, Problem};
use super::rights::Asking;
use super::session::bad_body;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::import::check::{self, Known, Severity};
use crate::import::entry::{Difference, Entry, differences, key_field, plural, singular};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::{Edit, RegistryFile};
use model::EntryKind;
use serde::Serialize;
use serde_json::Value;
use store::{Author, Revision, Way};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Versions that one answer shows, the newest ones.
const HISTORY_MAX: usize = 500;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(entry, put, end)).merge(import::routes())
}

/// An entry of the registry, and every version that it had.
#[derive(Serialize, ToSchema)]
pub struct EntryAnswer {
    /// The entry, with the fields that it has in the registry file; of a device without its password.
    #[schema(value_type = Object)]
    value: Value,
    /// The number of its newest version, for `If-Match`.
    revision: i64,
    /// Of a device: whether it has to give a password.
    password_set: bool,
    /// Its versions, the newest first.
    history: Vec<Version>,
    /// Versions that are not shown because there are too many.
    older: usize,
}

/// One version of an entry.
#[derive(Serialize, ToSchema)]
pub struct Version {
    revision: i64,
    at: Instant,
    /// The newest entry of the log then.
    sequence: u64,
    /// Who did it; told only to those who are signed in, and null when the registry file did it.
    who: Option<String>,
    what: What,
    /// Whether the registry file did it, or somebody.
    by: By,
    /// The receipt of the import that brought it.
    receipt: Option<String>,
    changes: Vec<Change>,
}

/// What a version did to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Added,
    Changed,
    Ended,
    Imported,
}

/// Where a version came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    File,
    Person,
}

/// A field that changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    field: String,
    /// A long list is told by how many points it has; a password only as there or not.
    #[schema(value_type = Object, nullable)]
    before: Value,
    #[schema(value_type = Object, nullable)]
    after: Value,
}

impl From<Difference> for Change {
    fn from(Difference { field, before, after }: Difference) -> Self {
        Self { field, before, after }
    }
}

/// An entry and its versions.
#[utoipa::path(
    get, path = "/registry/{kind}/{key}", tag = "registry",
    params(
        ("kind" = String, Path, description = "`places`, `lines`, `areas` or `devices`"),
        ("key" = String, Path, description = "Its key; of a device its name on the wire")
    ),
    responses((status = 200, body = EntryAnswer), (status = 404, body = Problem))
)]
async fn entry(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((kind, key)): Path<(String, String)>,
) -> Answer<Response> {
    let kind = read_kind(&kind)?;
    let answer = app.ask(move |app| {
        let found = Entry::find(app.reader.view().registry(), kind, &key);
        let entry = found.ok_or_else(|| unknown_entry(kind, &key))?;
        let revisions = app.reader.revisions(kind, &key).map_err(unreadable)?;
        let revision = revisions.last().map_or(0, |revision| revision.id);
        let has_password = matches!(&entry, Entry::Device(device) if !device.password.is_empty());
        let older = revisions.len().saturating_sub(HISTORY_MAX);
        let history = history(&revisions, asking.is_signed_in());
        let (value, password_set) = (entry.to_json(), has_password);
        Ok(EntryAnswer { value, revision, password_set, history, older })
    });
    let answer = answer.await?;
    let tag = tag(answer.revision);
    Ok(([(header::ETAG, tag)], Json(answer)).into_response())
}

fn history(revisions: &[Revision], is_signed_in: bool) -> Vec<Version> {
    let parsed: Vec<Value> = revisions
        .iter()
        .map(|revision| serde_json::from_str(&revision.document).unwrap_or_default())
        .collect();
    let version = |(at, revision): (usize, &Revision)| {
        let before = at.checked_sub(1).map(|at| &parsed[at]);
        let changes = differences(before, &parsed[at]).into_iter().map(Change::from).collect();
        let what = match revision.by.way {
            Way::Imported => What::Imported,
            Way::Ended => What::Ended,
            Way::File | Way::Written if revision.is_first => What::Added,
            Way::File | Way::Written => What::Changed,
        };
        let is_file = revision.by.way == Way::File;
        Version {
            revision: revision.id,
            at: Instant(revision.at),
            sequence: revision.sequence.0,
            who: (is_signed_in && !is_file).then(|| revision.by.who.clone()),
            what,
            by: if is_file { By::File } else { By::Person },
            receipt: revision.by.receipt.clone(),
            changes,
        }
    };
    revisions.iter().enumerate().rev().take(HISTORY_MAX).map(version).collect()
}

/// What a write did.
#[derive(Serialize, ToSchema)]
pub struct Written {
    /// The number of the newest version.
    revision: i64,
    /// The fields that changed; none when it said the same already.
    changed: Vec<String>,
    /// What somebody should look at.
    warnings: Vec<Words>,
}

/// Writes an entry: adds it, or makes a new version of it. The body is the whole entry with the fields of
/// the registry file; a device without `password` keeps the one it has. With `If-Match` it is written only
/// when it still has that version.
#[utoipa::path(
    put, path = "/registry/{kind}/{key}", tag = "registry",
    params(
        ("kind" = String, Path, description = "`places`, `lines`, `areas` or `devices`"),
        ("key" = String, Path, description = "Its key; of a device its name on the wire"),
        ("If-Match" = Option<i64>, Header, description = "The version that was looked at"),
        ("X-Skyriver-CSRF" = String, Header, description = "From the session")
    ),
    request_body(content = Object, description = "The whole entry"),
    responses(
        (status = 200, body = Written), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 412, body = Problem), (status = 422, body = Problem)
    )
)]
async fn put(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((kind, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let kind = read_kind(&kind)?;
    let seen = seen(&headers)?;
    let (entry, warnings) = read_entry(&app, kind, &key, &body)?;
    write(&app, entry, Way::Written, asking.name().to_owned(), seen, warnings).await
}

/// Ends the validity of an entry today. Nothing is erased: it stays readable, and what it measured stays.
#[utoipa::path(
    delete, path = "/registry/{kind}/{key}", tag = "registry",
    params(
        ("kind" = String, Path, description = "`places`, `lines`, `areas` or `devices`"),
        ("key" = String, Path, description = "Its key; of a device its name on the wire"),
        ("If-Match" = Option<i64>, Header, description = "The version that was looked at"),
        ("X-Skyriver-CSRF" = String, Header, description = "From the session")
    ),
    responses(
        (status = 200, body = Written), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)
    )
)]
async fn end(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((kind, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let kind = read_kind(&kind)?;
    let seen = seen(&headers)?;
    let found = Entry::find(app.reader.view().registry(), kind, &key);
    let mut entry = found.ok_or_else(|| unknown_entry(kind, &key))?;
    let today = app.today()?;
    let (from, to) = entry.validity();
    if from > today.as_str() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_begun",
            Words::new(format!("自 {from} 起才有效"), format!("it is there only from {from} on")),
        )
        .with_hint("请改写 valid_from、valid_to", "write valid_from and valid_to instead"));
    }
    if to.is_empty() || to > today.as_str() {
        entry.end(&today);
    }
    write(&app, entry, Way::Ended, asking.name().to_owned(), seen, vec![]).await
}

async fn write(
    app: &AppState,
    entry: Entry,
    way: Way,
    who: String,
    seen: Option<i64>,
    warnings: Vec<Words>,
) -> Answer<Response> {
    let (kind, key) = (entry.kind(), entry.key().to_owned());
    let before = Entry::find(app.reader.view().registry(), kind, &key);
    let changed = changed_fields(before.as_ref(), &entry);
    let mut entries = RegistryFile::default();
    entry.put(&mut entries);
    let seen = seen.map(|seen| (kind, key.clone(), seen));
    let edit = Edit { entries, by: Author { who, way, receipt: None }, seen };
    let done = app.door.ask(move |engine, now| engine.edit(now, edit)).await;
    match done.map_err(|gone| ApiError::internal("write the registry", &gone))? {
        Ok(_) => (),
        Err(engine::Error::Stale { seen, found, .. }) => {
            return Err(stale(app, kind, &key, seen, found).await);
        }
        Err(error) => return Err(refused(&error)),
    }
    let revision = app.ask(move |app| app.reader.revision(kind, &key).map_err(unreadable));
    let revision = revision.await?.unwrap_or_default();
    let written = Written { revision, changed, warnings };
    Ok(([(header::ETAG, tag(revision))], Json(written)).into_response())
}

/// Why the engine refused an edit.
pub fn refused(error: &engine::Error) -> ApiError {
    match error {
        engine::Error::Moved { mn, known, given } => ApiError::new(
            StatusCode::CONFLICT,
            "device_moved",
            Words::new(
                format!("设备 {mn} 登记在点位 {known}，不能移到 {given}"),
                format!("device {mn} is registered at place {known} and cannot be moved to {given}"),
            ),
        )
        .with_hint(
            "数据流与点位一一对应：请保留原点位，或在新点位使用新的 MN",
            "its datastreams belong to that place: keep it there, or give it a new MN at the new place",
        ),
        error => ApiError::internal("write the registry", error),
    }
}

/// Somebody else changed the entry meanwhile: what they changed.
async fn stale(
    app: &AppState,
    kind: EntryKind,
    key: &str,
    seen: i64,
    found: Option<i64>,
) -> ApiError {
    let name = key.to_owned();
    let since = app.ask(move |app| {
        let revisions = app.reader.revisions(kind, &name).map_err(unreadable)?;
        let document = |revision: &Revision| {
            serde_json::from_str::<Value>(&revision.document).unwrap_or_default()
        };
        let before = revisions.iter().find(|revision| revision.id == seen).map(document);
        let after = revisions.last().map(document).unwrap_or_default();
        let fields = differences(before.as_ref(), &after).into_iter().map(|one| one.field);
        Ok(fields.collect::<Vec<_>>().join(", "))
    });
    let fields = since.await.unwrap_or_default();
    let found = found.map_or_else(|| "-".to_owned(), |found| found.to_string());
    ApiError::new(
        StatusCode::PRECONDITION_FAILED,
        "changed_meanwhile",
        Words::new(
            format!("{key} 已被修改：现为版本 {found}，而非 {seen}；修改的字段：{fields}"),
            format!(
                "{key} was changed meanwhile: it has version {found}, not {seen}; changed: {fields}"
            ),
        ),
    )
    .with_hint("请重新读取后再修改", "read it again, then change it")
}

/// The entry that a body says, when nothing is wrong with it, and what somebody should look at.
fn read_entry(
    app: &AppState,
    kind: EntryKind,
    key: &str,
    body: &[u8],
) -> Answer<(Entry, Vec<Words>)> {
    let mut value: Value = serde_json::from_slice(body).map_err(|error| bad_body(&error))?;
    let field = key_field(kind);
    if let Some(fields) = value.as_object_mut() {
        let given = fields.entry(field).or_insert_with(|| key.into());
        if given.as_str() != Some(key) {
            return Err(ApiError::bad_parameter(
                field,
                &given.to_string(),
                Words::new("须与地址中的键相同", "it has to be the key in the address"),
            ));
        }
    }
    let has_password = value.get("password").is_some();
    let mut entry = Entry::read(kind, value).map_err(|error| bad_body(&error))?;
    let view = app.reader.view();
    if let Entry::Device(device) = &mut entry
        && !has_password
        && let Some(Entry::Device(known)) = Entry::find(view.registry(), kind, key)
    {
        device.password = known.password;
    }
    let problems = check::check(&entry, &Known::of(view.registry()), &app.parameters);
    drop(view);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.severity == Severity::Error);
    let Some(first) = errors.first() else {
        return Ok((entry, warnings.into_iter().map(|warning| warning.message).collect()));
    };
    let joined = |text: fn(&Words) -> &String| {
        let all = errors.iter().map(|one| format!("{}: {}", one.field, text(&one.message)));
        all.collect::<Vec<_>>().join("; ")
    };
    let message = Words::new(joined(|words| &words.zh), joined(|words| &words.en));
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_entry", message);
    error.hint.clone_from(&first.hint);
    Err(error)
}

fn changed_fields(before: Option<&Entry>, after: &Entry) -> Vec<String> {
    let json = before.map(Entry::to_json);
    let mut fields: Vec<String> =
        differences(json.as_ref(), &after.to_json()).into_iter().map(|one| one.field).collect();
    // The password is in neither of the two.
    if let Entry::Device(after) = after {
        let before = match before {
            Some(Entry::Device(before)) => before.password.as_str(),
            _ => "",
        };
        if before != after.password {
            fields.push("password".to_owned());
        }
    }
    fields
}

fn read_kind(text: &str) -> Answer<EntryKind> {
    let kinds = [EntryKind::Place, EntryKind::Line, EntryKind::Area, EntryKind::Device];
    kinds.into_iter().find(|kind| plural(*kind) == text).ok_or_else(|| {
        ApiError::unknown("unknown_kind", "登记类别", "kind of entry", text)
            .with_hint("places、lines、areas 或 devices", "places, lines, areas or devices")
    })
}

fn unknown_entry(kind: EntryKind, key: &str) -> ApiError {
    let (code, zh) = match kind {
        EntryKind::Area => ("unknown_area", "区域"),
        EntryKind::Line => ("unknown_line", "线"),
        EntryKind::Place => ("unknown_place", "点位"),
        EntryKind::Device => ("unknown_device", "设备"),
    };
    ApiError::unknown(code, zh, singular(kind), key)
}

/// The version of `If-Match`: `7` or `"7"`.
fn seen(headers: &HeaderMap) -> Answer<Option<i64>> {
    let Some(given) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = given.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.trim_matches('"').parse().map_err(|_| {
        ApiError::bad_parameter(
            "If-Match",
            text,
            Words::new("请写 revision 的数字", "write the number of revision"),
        )
    })?;
    Ok(Some(number))
}

fn tag(revision: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}
