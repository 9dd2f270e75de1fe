//! What anybody may read: services, and what was reported.

use super::super::public::Lang;
use super::super::state::AppState;
use super::super::time;
use super::{Asked, Refusal, Told, Who};
use control::{Case, Move, Source};
use engine::desk::Settings;
use model::{DAY_MS, Right, Timestamp};
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::sync::Arc;

/// Days of one question, and requests of one answer, as the specification has them.
const DAYS_MAX: i64 = 90;
const ROWS_MAX: usize = 1_000;
/// Numbers in one question.
const NUMBERS_MAX: usize = 100;

/// Categories that the public may report.
pub fn services(app: &AppState, lang: Lang) -> Value {
    let settings = app.desk.settings();
    let open = settings.catalogue.categories.iter().filter(|own| own.public);
    open.map(|own| {
        let name = lang.of(&own.name.zh, &own.name.en);
        json!({
            "service_code": own.key,
            "service_name": name,
            "description": name,
            "metadata": false,
            "type": "realtime",
            "keywords": "",
            "group": own.subject,
        })
    })
    .collect()
}

/// The definition of a service.
pub fn service(app: &AppState, code: &str) -> Option<Value> {
    let settings = app.desk.settings();
    settings.catalogue.category(code).filter(|own| own.public)?;
    Some(json!({ "service_code": code, "attributes": [] }))
}

/// Requests, the newest first.
pub fn requests(app: &AppState, who: &Who, asked: &Asked) -> Told {
    let settings = app.desk.settings();
    let cases = app.desk.cases();
    let is_open_to_all = |case: &&Arc<Case>| is_public(&settings, case);
    let has_history = asked.extensions.as_deref() == Some("true");
    let write = |case: &Arc<Case>| written(app, who, &settings, case, has_history);
    if let Some(numbers) = &asked.service_request_id {
        let wanted: Vec<&str> = numbers.split(',').map(str::trim).collect();
        if wanted.len() > NUMBERS_MAX {
            return Err(Refusal::bad(format!(
                "service_request_id: {NUMBERS_MAX} at once are the most"
            )));
        }
        let found =
            wanted.into_iter().filter_map(|number| cases.get(number)).filter(is_open_to_all);
        return Ok(found.map(write).collect());
    }
    let (from, to) = span(app, asked)?;
    let codes: Option<Vec<&str>> =
        asked.service_code.as_ref().map(|text| text.split(',').map(str::trim).collect());
    let states: Option<Vec<&str>> =
        asked.status.as_ref().map(|text| text.split(',').map(str::trim).collect());
    if let Some(wrong) = states.iter().flatten().find(|own| !["open", "closed"].contains(*own)) {
        return Err(Refusal::bad(format!("status: {wrong:?} is neither open nor closed")));
    }
    let mut found: Vec<&Arc<Case>> = cases
        .values()
        .filter(is_open_to_all)
        .filter(|case| (from..=to).contains(&case.begun()))
        .filter(|case| codes.as_ref().is_none_or(|own| own.contains(&&*case.collected.category)))
        .filter(|case| states.as_ref().is_none_or(|own| own.contains(&status(case))))
        .collect();
    found.sort_by_key(|case| Reverse((case.begun(), case.number.clone())));
    let rows = asked.page_size.unwrap_or(ROWS_MAX).clamp(1, ROWS_MAX);
    let skip = asked.page.unwrap_or(1).saturating_sub(1).saturating_mul(rows);
    Ok(found.into_iter().skip(skip).take(rows).map(write).collect())
}

fn span(app: &AppState, asked: &Asked) -> Result<(Timestamp, Timestamp), Refusal> {
    let zone = &app.district.zone;
    let read = |name: &str, text: &Option<String>| {
        text.as_ref().map(|text| time::instant(name, text, zone)).transpose()
    };
    let to = read("end_date", &asked.end_date)?;
    let from = read("start_date", &asked.start_date)?;
    let to = to.unwrap_or_else(|| match from {
        Some(from) => app.now().min(from + DAYS_MAX * DAY_MS),
        None => app.now(),
    });
    let from = from.unwrap_or(to - DAYS_MAX * DAY_MS);
    if from > to || to - from > DAYS_MAX * DAY_MS {
        return Err(Refusal::bad(format!(
            "start_date and end_date: a span has {DAYS_MAX} days at most and begins before it ends"
        )));
    }
    Ok((from, to))
}

/// Whether anybody may know of a case: the public reported it, as something that the public may report.
fn is_public(settings: &Settings, case: &Case) -> bool {
    case.collected.source == Source::Hotline
        && settings.catalogue.category(&case.collected.category).is_some_and(|own| own.public)
}

fn status(case: &Case) -> &'static str {
    if case.is_open() { "open" } else { "closed" }
}

fn written(
    app: &AppState,
    who: &Who,
    settings: &Settings,
    case: &Case,
    has_history: bool,
) -> Value {
    let lang = who.lang;
    let collected = &case.collected;
    let category = settings.catalogue.category(&collected.category);
    let name = category.map_or("", |own| lang.of(&own.name.zh, &own.name.en));
    let people = app.roster.now();
    let unit = case.unit.as_ref().and_then(|key| people.unit(key));
    let is_trusted = who.asking.caller.is_some()
        && who.asking.is_allowed(Right::Cases, &super::super::cases::scope_of(settings, case));
    let rounded = |degrees: f64| (degrees * 1_000.0).round() / 1_000.0;
    let updated = case.history.last().map_or(case.begun(), |last| last.at);
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    put("service_request_id", json!(case.number));
    put("status", json!(status(case)));
    put("status_notes", json!(notes(case, lang)));
    put("service_name", json!(name));
    put("service_code", json!(collected.category));
    put("description", json!(is_trusted.then_some(&collected.text)));
    put("agency_responsible", json!(unit.map(|unit| lang.of(&unit.name.zh, &unit.name.en))));
    put("service_notice", Value::Null);
    put("requested_datetime", json!(case.begun().to_string()));
    put("updated_datetime", json!(updated.to_string()));
    put("expected_datetime", json!(due(app, settings, case)));
    put("address", Value::Null);
    put("address_id", Value::Null);
    put("zipcode", Value::Null);
    put("lat", json!(collected.spot.map(|spot| rounded(spot.lat))));
    put("long", json!(collected.spot.map(|spot| rounded(spot.lon))));
    put("media_url", Value::Null);
    if has_history {
        put("extended_attributes", json!({ "history": history(case, lang) }));
    }
    Value::Object(fields)
}

/// Where it stands, in words that tell nothing that somebody wrote.
fn notes(case: &Case, lang: Lang) -> String {
    if case.joined.is_some() {
        return lang.of("已并入同类案件", "joined to another request").to_owned();
    }
    if case.not_a_case.is_some() {
        return lang.of("未立案", "not taken up").to_owned();
    }
    let words = case.stage.words();
    lang.of(&words.zh, &words.en).to_owned()
}

fn due(app: &AppState, settings: &Settings, case: &Case) -> Option<String> {
    let now = app.now();
    let run = case.run().filter(|run| run.closed.is_none())?;
    let (spent, allowed) = run.spent_and_allowed(&settings.calendar, now);
    let is_running = case.is_open() && spent <= allowed;
    is_running
        .then(|| settings.calendar.ahead(now, allowed - spent, run.allowed.counting).to_string())
}

/// What happened, and when; neither who did it nor what they wrote.
fn history(case: &Case, lang: Lang) -> Vec<Value> {
    let step = |made: &Move| {
        Some(match made {
            Move::Collect(_) => ("reported", "已收集", "reported"),
            Move::File { .. } => ("filed", "已立案", "taken up"),
            Move::Dispatch { .. } => ("dispatched", "已派遣", "given to a unit"),
            Move::Accept { .. } => ("accepted", "已受理", "received by the unit"),
            Move::FeedBack { .. } => ("fed_back", "已反馈", "done, to be verified"),
            Move::Fail { .. } => ("sent_back", "退回重办", "sent back to the unit"),
            Move::Pass { .. } => ("closed", "已结案", "verified and closed"),
            Move::Reopen { .. } => ("reopened", "重新打开", "opened again"),
            Move::Reject { .. } | Move::Invalid { .. } => {
                ("not_taken_up", "未立案", "not taken up")
            }
            Move::Join { .. } => ("joined", "已并案", "joined to another request"),
            _ => return None,
        })
    };
    let told = case.history.iter().filter_map(|happened| {
        let (key, zh, en) = step(&happened.made)?;
        Some(json!({ "datetime": happened.at.to_string(), "step": key, "name": lang.of(zh, en) }))
    });
    told.collect()
}
