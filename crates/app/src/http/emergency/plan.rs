//! The plan and the rule: what is entered, by whom, every version.

use super::answer::{LevelName, place_name, some, unit_name, words};
use super::{EmergencyQuery, internal, read, refused};
use crate::analysis::stored::measures;
use crate::http::error::{Answer, ApiError, Problem, shortened};
use crate::http::known::{AsOf, Moment};
use crate::http::rights::Asking;
use crate::http::session::read_json;
use crate::http::state::{AppState, unreadable};
use crate::http::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use control::emergency::{Measure, Rule};
use engine::emergency::{EmergencyError, Entry, MEASURE, MeasureVersion, RuleVersion};
use engine::people::People;
use jiff::civil::Date;
use model::Sequence;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Known;
use utoipa::ToSchema;

/// Characters of a key.
const KEY_MAX: usize = 80;
/// Characters of a text of a measure, of a reason.
const TEXT_MAX: usize = 2_000;

/// The plan.
#[derive(Serialize, ToSchema)]
pub struct EmergencyPlan {
    as_of: Option<AsOf>,
    /// Every measure that stands, by key; those whose dates are over too.
    measures: Vec<PlanEntry>,
    rule: RuleAnswer,
}

/// A measure of the plan as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyMeasure)]
pub struct PlanEntry {
    key: String,
    /// Key of the place; null: a general measure of the level.
    place: Option<String>,
    place_name: Option<Words>,
    level: LevelName,
    unit: String,
    unit_name: Words,
    text: Words,
    check: Option<PlanCheck>,
    from: String,
    to: Option<String>,
    /// Whether it is in force today.
    in_force: bool,
    source: String,
    who: String,
    at: Instant,
    why: String,
    sequence: u64,
    versions: usize,
}

/// What readings must show.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyCheck)]
pub struct PlanCheck {
    place: String,
    parameter: String,
    /// By how many percent the mean must lie below that of the days before.
    reduction_percent: f64,
}

/// What emergency response works by.
#[derive(Serialize, ToSchema)]
pub struct RuleAnswer {
    /// The levels that the district uses.
    levels: Vec<String>,
    /// An order is to be received within so many minutes.
    receive_minutes: u32,
    /// Its measures are to be in place so many minutes after the level begins.
    act_minutes: u32,
    /// It is to be reported done so many minutes after the level begins.
    done_minutes: u32,
    /// A late order is reminded of each time so many minutes have passed.
    remind_minutes: u32,
    /// Hours before the order with which readings are compared.
    before_hours: u32,
    /// How sure it has to be that an order is kept or is not, per cent.
    sure_percent: f64,
    /// Whose forecast a warning rests on unless another is named: a source outside, or `own`.
    forecast: String,
    /// Where these numbers were taken from.
    source: String,
    /// Its sequence; 0: what comes with the program.
    sequence: u64,
}

/// A measure as somebody writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureBody {
    /// The measure: `place` (empty: a general measure), `level`, `unit`, `text`, `check` (`place`, `parameter`,
    /// `reduction_percent`), `from`, `to`, `source`. Null: it is withdrawn.
    #[schema(value_type = Object)]
    measure: Value,
    /// Why it is made or changed.
    why: String,
    /// The sequence of the version that the writer saw; a newer one refuses the change. 0: none was there.
    #[serde(default)]
    seen: Option<u64>,
}

/// The rule as somebody writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    /// `levels`, `receive_minutes`, `act_minutes`, `done_minutes`, `remind_minutes`, `before_hours`, `sure_percent`, `source`, perhaps `forecast`.
    #[schema(value_type = Object)]
    rule: Value,
    /// Why.
    why: String,
    /// The sequence of the version that the writer saw.
    #[serde(default)]
    seen: Option<u64>,
}

/// What was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyEntryKept)]
pub struct EntryKept {
    key: String,
    /// Its number in the log.
    sequence: u64,
}

/// A version of a measure.
#[derive(Serialize, ToSchema)]
pub struct MeasureRow {
    sequence: u64,
    at: Instant,
    who: String,
    why: String,
    /// The measure; null: it was withdrawn.
    #[schema(value_type = Option<Object>)]
    measure: Option<Value>,
}

/// The plan of emergency response and the rule that it works by.
#[utoipa::path(
    get, operation_id = "emergency_plan", path = "/emergency/plan", tag = "emergency", params(EmergencyQuery),
    responses((status = 200, body = EmergencyPlan), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn plan(
    State(app): State<AppState>,
    query: Result<Query<EmergencyQuery>, QueryRejection>,
) -> Answer<Json<EmergencyPlan>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let own = read(app, moment.known)?;
        let zone = &app.district.zone;
        let today = zone.date(moment.now);
        let today = today.map_err(|error| ApiError::internal("tell the civil day", &error))?;
        let people = app.roster.now();
        let entry =
            |(key, entry): (&String, &Entry)| PlanEntry::of(app, &people, key, entry, today);
        Ok(Json(EmergencyPlan {
            as_of: moment.as_of,
            measures: own.plan.iter().map(entry).collect(),
            rule: RuleAnswer::of(&own.rule, own.rule_sequence),
        }))
    })
    .await
}

impl PlanEntry {
    pub fn of(app: &AppState, people: &People, key: &str, entry: &Entry, today: Date) -> Self {
        let own = &entry.measure;
        Self {
            key: key.to_owned(),
            place: some(&own.place),
            place_name: place_name(app, &own.place),
            level: LevelName::of(own.level),
            unit: own.unit.clone(),
            unit_name: unit_name(people, &own.unit),
            text: words(&own.text),
            check: own.check.as_ref().map(|check| PlanCheck {
                place: check.place.clone(),
                parameter: check.parameter.clone(),
                reduction_percent: check.reduction_percent,
            }),
            from: own.from.to_string(),
            to: own.to.map(|to| to.to_string()),
            in_force: own.is_in_force(today),
            source: own.source.clone(),
            who: entry.who.clone(),
            at: Instant(entry.at),
            why: entry.why.clone(),
            sequence: entry.sequence,
            versions: entry.versions,
        }
    }
}

impl RuleAnswer {
    fn of(rule: &Rule, sequence: u64) -> Self {
        Self {
            levels: rule.levels.iter().map(|level| level.name().to_owned()).collect(),
            receive_minutes: rule.receive_minutes,
            act_minutes: rule.act_minutes,
            done_minutes: rule.done_minutes,
            remind_minutes: rule.remind_minutes,
            before_hours: rule.before_hours,
            sure_percent: rule.sure_percent,
            forecast: rule.forecast.clone(),
            source: rule.source.clone(),
            sequence,
        }
    }
}

/// Every version of a measure, the oldest first.
#[utoipa::path(
    get, operation_id = "emergency_measure", path = "/emergency/plan/{key}", tag = "emergency",
    params(("key" = String, Path, description = "Names the measure")),
    responses((status = 200, body = Vec<MeasureRow>), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn measure(
    State(app): State<AppState>,
    Path(key): Path<String>,
) -> Answer<Json<Vec<MeasureRow>>> {
    app.ask(move |app| {
        let rows = app.reader.acts_on(MEASURE, &key, Known::Now).map_err(unreadable)?;
        if rows.is_empty() {
            return Err(ApiError::unknown("unknown_measure", "措施", "measure", &key)
                .with_hint("措施见 /api/v1/emergency/plan", "/api/v1/emergency/plan lists them"));
        }
        let row = |row: model::ActRow| {
            let version: MeasureVersion = serde_json::from_str(&row.act.document).ok()?;
            Some(MeasureRow {
                sequence: row.sequence.0,
                at: Instant(row.at),
                who: row.act.who,
                why: version.why,
                measure: version.measure.and_then(|own| serde_json::to_value(own).ok()),
            })
        };
        Ok(Json(rows.into_iter().filter_map(row).collect()))
    })
    .await
}

/// Keeps a version of a measure of the plan. Orders that were given stay as they are.
#[utoipa::path(
    put, operation_id = "put_emergency_measure", path = "/emergency/plan/{key}", tag = "emergency", request_body = MeasureBody,
    params(("key" = String, Path, description = "Names the measure")),
    responses((status = 200, body = EntryKept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
pub async fn put_measure(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<EntryKept>> {
    let MeasureBody { measure, why, seen } = read_json(&headers, &body)?;
    check_key(&key)?;
    check_text("why", &why)?;
    let measure: Option<Measure> = serde_json::from_value(measure)
        .map_err(|error| bad_measure(&error.to_string(), &error.to_string()))?;
    if let Some(measure) = &measure {
        check_known(&app, &asking, measure)?;
    }
    let version = MeasureVersion { measure, why: why.trim().to_owned() };
    let (who, of) = (asking.name().to_owned(), key.clone());
    let kept =
        app.door.ask(move |engine, now| engine.put_measure(now, &who, (&of, seen), &version)).await;
    kept_entry(&app, key, kept)
}

/// Sets what emergency response works by: the levels that the district uses, times of orders, how compliance is judged.
#[utoipa::path(
    put, operation_id = "put_emergency_rule", path = "/emergency/rule", tag = "emergency", request_body = RuleBody,
    responses((status = 200, body = EntryKept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem))
)]
pub async fn put_rule(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<EntryKept>> {
    let RuleBody { rule, why, seen } = read_json(&headers, &body)?;
    check_text("why", &why)?;
    let rule: Rule = serde_json::from_value(rule).map_err(|error| {
        refused(&EmergencyError::Rule(control::emergency::RuleError(error.to_string())))
    })?;
    let version = RuleVersion { rule, why: why.trim().to_owned() };
    let who = asking.name().to_owned();
    let kept =
        app.door.ask(move |engine, now| engine.set_emergency_rule(now, &who, seen, &version)).await;
    kept_entry(&app, "rule".to_owned(), kept)
}

fn kept_entry(
    app: &AppState,
    key: String,
    kept: Result<Result<Sequence, EmergencyError>, crate::door::Gone>,
) -> Answer<Json<EntryKept>> {
    let kept = kept.map_err(|gone| ApiError::internal("keep an entry of the plan", &gone))?;
    let sequence = kept.map_err(|error| match error {
        EmergencyError::Engine(error) => internal(&error),
        other => refused(&other),
    })?;
    app.hub.emergency_changed(sequence.0);
    Ok(Json(EntryKept { key, sequence: sequence.0 }))
}

/// What is named is there: the place, the unit, and somebody who measures what is to be checked.
fn check_known(app: &AppState, asking: &Asking, own: &Measure) -> Answer<()> {
    let view = app.reader.view();
    let registry = view.registry();
    if !own.place.is_empty() {
        crate::http::state::place(registry, &own.place)?;
    }
    if asking.people().unit(&own.unit).is_none_or(|unit| unit.ended) {
        return Err(ApiError::unknown("unknown_unit", "单位", "unit", &own.unit)
            .with_hint("单位见 /api/v1/units", "/api/v1/units lists them"));
    }
    for (name, text) in
        [("text.zh", &own.text.zh), ("text.en", &own.text.en), ("source", &own.source)]
    {
        if text.chars().count() > TEXT_MAX {
            return Err(bad_measure(
                &format!("{name} 超过 {TEXT_MAX} 字"),
                &format!("{name} has more than {TEXT_MAX} characters"),
            ));
        }
    }
    let Some(check) = &own.check else { return Ok(()) };
    let (id, _) = crate::http::state::place(registry, &check.place)?;
    if app.parameters.get(&check.parameter).is_none() {
        return Err(ApiError::unknown("unknown_parameter", "参数", "parameter", &check.parameter)
            .with_hint("参数见 /api/v1/parameters", "/api/v1/parameters lists them"));
    }
    if !measures(registry, id, &check.parameter) {
        let (place, parameter) = (&check.place, &check.parameter);
        return Err(bad_measure(
            &format!("{place} 没有 {parameter} 的小时读数，无从核对"),
            &format!("{place} has no hourly readings of {parameter}, so nothing can be checked"),
        ));
    }
    Ok(())
}

/// A measure that cannot be taken.
pub fn bad_measure(zh: &str, en: &str) -> ApiError {
    let (zh, en) = (shortened(zh), shortened(en));
    let words =
        Words::new(format!("措施无法接受：{zh}"), format!("the measure cannot be taken: {en}"));
    ApiError::new(StatusCode::BAD_REQUEST, "bad_measure", words)
        .with_hint("字段见 docs/guides/emergency.md", "docs/guides/emergency.md has its fields")
}

/// A reason, a note: there, and not endless.
///
/// # Errors
/// `bad_parameter`.
pub fn check_text(name: &str, text: &str) -> Answer<()> {
    if !text.trim().is_empty() && text.chars().count() <= TEXT_MAX {
        return Ok(());
    }
    let accepted = Words::new(
        format!("请填写 1 至 {TEXT_MAX} 字"),
        format!("write 1 to {TEXT_MAX} characters"),
    );
    Err(ApiError::bad_parameter(name, text, accepted))
}

fn check_key(key: &str) -> Answer<()> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !key.is_empty() && key.len() <= KEY_MAX && key.bytes().all(is_good) {
        return Ok(());
    }
    let accepted = Words::new(
        format!("请用字母、数字、- _ .，至多 {KEY_MAX} 个"),
        format!("use letters, digits and - _ . only, {KEY_MAX} at most"),
    );
    Err(ApiError::bad_parameter("key", key, accepted))
}
