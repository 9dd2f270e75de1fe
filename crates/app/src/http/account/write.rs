//! Writing into the book: a preview of what changes, then one turn for all of it or none.

use super::programmes::templates;
use super::{book, newest};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::{AppState, unreadable};
use crate::words::Words;
use account::programme::{Book, KIND, Project, Warning, Write};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use model::{Act, Right, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::Known;
use utoipa::ToSchema;

/// Writes of one request.
pub const WRITES_MAX: usize = 5_000;

/// What is to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WritesBody {
    /// Each a `programme`, a `project`, an `entry` or a `milestone` by its `write`; later ones may rest on earlier ones.
    #[schema(value_type = Vec<Object>)]
    writes: Vec<Write>,
    /// Only say what would change.
    #[serde(default)]
    preview: bool,
}

/// What was written, or would be.
#[derive(Serialize, ToSchema)]
pub struct Written {
    preview: bool,
    changes: Vec<Change>,
    /// How many were new, how many changed something, how many said what stands there already and were left out.
    new: usize,
    changed: usize,
    same: usize,
    /// What does not fit afterwards and did fit before; nothing is refused for it.
    warnings: Vec<ProgrammeDoubt>,
    /// The entries of the log that keep it; empty in a preview.
    sequences: Vec<u64>,
    /// Things about the file itself that somebody should know.
    notes: Vec<Words>,
}

/// One thing that changes.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = ProgrammeChange)]
pub struct Change {
    /// `programme`, `project`, `entry` or `milestone`.
    what: &'static str,
    /// Which.
    key: String,
    /// `new`, `changed` or `same`.
    kind: &'static str,
    /// As it stood; null when it is new.
    was: Option<String>,
    /// As it stands now.
    is: String,
}

/// Something that does not fit.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeDoubt {
    programme: String,
    project: Option<String>,
    text: Words,
}

/// Writes programmes, projects, entries and milestones; all or none.
#[utoipa::path(
    post, operation_id = "write_programmes", path = "/programmes", tag = "account", request_body = WritesBody,
    responses((status = 200, body = Written), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn write_programmes(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Written>> {
    let body: WritesBody = read_json(&headers, &body)?;
    let named = body.writes.into_iter().enumerate();
    let named = named.map(|(at, write)| (format!("writes[{at}]"), write)).collect();
    keep(&app, asking, named, body.preview, vec![]).await
}

/// Checks and keeps writes, each with the name by which an error speaks of it.
pub async fn keep(
    app: &AppState,
    asking: Asking,
    writes: Vec<(String, Write)>,
    preview: bool,
    notes: Vec<Words>,
) -> Answer<Json<Written>> {
    if writes.len() > WRITES_MAX {
        let accepted = Words::new(
            format!("一次最多 {WRITES_MAX} 条"),
            format!("at most {WRITES_MAX} at once"),
        );
        return Err(ApiError::bad_parameter("writes", &writes.len().to_string(), accepted));
    }
    let who = asking.name().to_owned();
    let reading = app.clone();
    let planned = app.ask(move |app| plan(app, &asking, writes)).await?;
    let mut written = planned.written;
    written.notes = notes;
    written.preview = preview;
    if preview || planned.acts.is_empty() {
        return Ok(Json(written));
    }
    let sequence = planned.sequence;
    let acts = planned.acts.into_iter().map(|(key, document)| Act {
        kind: KIND.to_owned(),
        key,
        who: who.clone(),
        document,
    });
    let acts: Vec<Act> = acts.collect();
    let done = app.door.ask(move |engine, now| {
        // Somebody may have written since this was checked: then it is checked again.
        if newest(&reading.reader)? != sequence {
            return Ok(None);
        }
        engine.act(now, acts).map(Some)
    });
    let done: Result<_, engine::Error> =
        done.await.map_err(|gone| ApiError::internal("keep a programme", &gone))?;
    let kept = done.map_err(|error| crate::http::registry::refused(&error))?;
    let Some(kept) = kept else {
        let words = Words::new(
            "他人刚刚改动过，未写入",
            "somebody else wrote a moment ago; nothing was written",
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "changed_meanwhile", words)
            .with_hint("请重新预览后再提交", "look at the preview again, then send it again"));
    };
    written.sequences = kept.iter().map(|sequence| sequence.0).collect();
    Ok(Json(written))
}

/// What a request comes to.
struct Planned {
    written: Written,
    /// Key and document of each act.
    acts: Vec<(String, String)>,
    /// The newest write that was known.
    sequence: u64,
}

fn plan(app: &AppState, asking: &Asking, writes: Vec<(String, Write)>) -> Answer<Planned> {
    // Asked before the book is read: what is written in between is noticed when it is to be kept.
    let sequence = newest(&app.reader).map_err(unreadable)?;
    let (mut book, templates) = (book(app, Known::Now)?, templates()?);
    let before = book.clone();
    let (mut acts, mut changes, mut touched) = (vec![], vec![], BTreeSet::new());
    for (name, write) in writes {
        scopes(&book, &write).iter().try_for_each(|own| asking.may(Right::Enter, own))?;
        book.check(&write, &templates).map_err(|refused| {
            let words = super::answer::words(&refused.0);
            ApiError::new(
                StatusCode::BAD_REQUEST,
                "bad_write",
                Words::new(format!("{name}：{}", words.zh), format!("{name}: {}", words.en)),
            )
            .with_hint(
                "全部未写入；请改正后重发",
                "nothing was written; mend it and send all of it again",
            )
        })?;
        let change = change(&book, &write);
        if change.kind != "same" {
            let document = serde_json::to_string(&write).unwrap_or_default();
            touched.extend(programme_of(&book, &write));
            acts.push((change.key.clone(), document));
            book.take(u64::MAX, app.now().as_ms(), asking.name(), write);
        }
        changes.push(change);
    }
    let of = |kind: &str| changes.iter().filter(|change: &&Change| change.kind == kind).count();
    let (new, altered, same) = (of("new"), of("changed"), of("same"));
    let mut warnings = vec![];
    let today: jiff::civil::Date = app
        .district
        .zone
        .date(app.now())
        .map_err(|error| ApiError::internal("tell the civil day", &error))?;
    for programme in touched {
        let Some(template) = book.template(&programme, &templates) else { continue };
        let doubts = |book: &Book| -> Vec<Warning> {
            let status = book.status(&programme, template, today).ok().flatten();
            status.map(|status| status.warnings).unwrap_or_default()
        };
        let known = doubts(&before);
        for doubt in doubts(&book).iter().filter(|doubt| !known.contains(doubt)) {
            let text = super::answer::words(&doubt.text(template));
            let (programme, project) = (programme.clone(), doubt.project.clone());
            warnings.push(ProgrammeDoubt { programme, project, text });
        }
    }
    let (preview, sequences, notes) = (false, vec![], vec![]);
    let written =
        Written { preview, changes, new, changed: altered, same, warnings, sequences, notes };
    Ok(Planned { written, acts, sequence })
}

/// Where a write belongs: the unit and the area of its project, else of its programme. One that changes where a project belongs
/// belongs there and to where it was.
fn scopes(book: &Book, write: &Write) -> Vec<Scope> {
    match write {
        Write::Programme(own) => {
            let kept = book.programmes.get(&own.key).map(|kept| &kept.it);
            let both = kept.into_iter().chain([own]);
            both.map(|programme| scope(programme.owner.clone(), None)).collect()
        }
        Write::Project(own) => {
            let kept = book.projects.get(&own.key).map(|kept| &kept.it);
            kept.into_iter().chain([own]).map(|project| of_project(book, project)).collect()
        }
        Write::Entry(own) => vec![of_key(book, own.project.as_ref(), &own.programme)],
        Write::Milestone(own) => vec![of_key(book, Some(&own.project), "")],
    }
}

fn scope(unit: Option<String>, area: Option<String>) -> Scope {
    Scope { unit, area, subject: None }
}

fn of_project(book: &Book, project: &Project) -> Scope {
    let unit = project.owner.clone().or_else(|| of_programme(book, &project.programme));
    scope(unit, project.area.clone())
}

fn of_key(book: &Book, project: Option<&String>, programme: &str) -> Scope {
    let kept = project.and_then(|key| book.projects.get(key));
    kept.map_or_else(
        || scope(of_programme(book, programme), None),
        |kept| of_project(book, &kept.it),
    )
}

fn of_programme(book: &Book, key: &str) -> Option<String> {
    book.programmes.get(key).and_then(|kept| kept.it.owner.clone())
}

fn programme_of(book: &Book, write: &Write) -> Option<String> {
    match write {
        Write::Programme(own) => Some(own.key.clone()),
        Write::Project(own) => Some(own.programme.clone()),
        Write::Entry(own) => Some(own.programme.clone()),
        Write::Milestone(own) => {
            book.projects.get(&own.project).map(|kept| kept.it.programme.clone())
        }
    }
}

/// What a write changes in the book.
fn change(book: &Book, write: &Write) -> Change {
    let (what, key, was, is) = match write {
        Write::Programme(own) => {
            let was = book.programmes.get(&own.key).map(|kept| line(&kept.it));
            ("programme", own.key.clone(), was, line(own))
        }
        Write::Project(own) => {
            let was = book.projects.get(&own.key).map(|kept| line(&kept.it));
            ("project", own.key.clone(), was, line(own))
        }
        Write::Milestone(own) => {
            let key = (own.project.clone(), own.key.clone());
            let was = book.milestones.get(&key).map(|kept| line(&kept.it));
            ("milestone", format!("{}/{}", own.project, own.key), was, line(own))
        }
        Write::Entry(own) => {
            let before = book.revised(own).map(|kept| &kept.it);
            let key = own.project.as_ref().unwrap_or(&own.programme);
            let key = format!("{key}/{}/{}", own.measure, own.period_end);
            let kind = match before {
                None => "new",
                Some(before) if before == own => "same",
                Some(_) => "changed",
            };
            let was = before.map(|before| before.total.clone());
            return Change { what: "entry", key, kind, was, is: own.total.clone() };
        }
    };
    let kind = match &was {
        None => "new",
        Some(was) if *was == is => "same",
        Some(_) => "changed",
    };
    Change { what, key, kind, was, is }
}

/// What is written, as a line by which two versions are compared.
fn line<T: Serialize>(write: &T) -> String {
    serde_json::to_string(write).unwrap_or_default()
}
