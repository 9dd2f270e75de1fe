//! What the desk works by: categories with their clocks, the calendar, the rule of patrols.

use super::super::error::{Answer, ApiError, Problem};
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::{AppState, unreadable};
use super::moves::refused;
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use control::{Calendar, Catalogue, Counting, Mappings, PatrolRule};
use engine::desk::SETTING;
use jiff::civil::Date;
use model::Subject;
use serde::{Deserialize, Serialize};
use store::Known;
use utoipa::ToSchema;

/// Categories of cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryList {
    categories: Vec<CategoryRow>,
    /// Steps of urging, in their order.
    urging: Vec<UrgingRow>,
    /// Whether the holidays of this year are stated; otherwise only weekends are known.
    knows_holidays: bool,
}

/// A category.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryRow {
    key: String,
    name: Words,
    /// `air`, `water`, `dust`, `noise`, `waste`; null: none in particular.
    #[schema(value_type = Option<String>)]
    subject: Option<Subject>,
    /// How long handling may take.
    amount: u32,
    /// `working_hours`, `working_days` or `calendar_hours`.
    counting: &'static str,
    urgent: bool,
    /// The unit that handles it; empty: the dispatcher chooses.
    unit: String,
    /// Where the limit was taken from.
    source: String,
}

/// A step of urging.
#[derive(Debug, Serialize, ToSchema)]
pub struct UrgingRow {
    name: Words,
    /// From which share of the allowed time on.
    after_share: String,
}

/// Categories of cases, how long each may take, and how overdue ones are urged.
#[utoipa::path(get, path = "/categories", tag = "cases", responses((status = 200, body = CategoryList)))]
pub async fn categories(State(app): State<AppState>) -> Json<CategoryList> {
    let settings = app.desk.settings();
    let year = app.district.zone.date(app.now()).map_or(0, Date::year);
    let categories = settings.catalogue.categories.iter().map(|category| CategoryRow {
        key: category.key.clone(),
        name: Words::new(&category.name.zh, &category.name.en),
        subject: category.subject,
        amount: category.allowed.amount,
        counting: match category.allowed.counting {
            Counting::WorkingHours => "working_hours",
            Counting::WorkingDays => "working_days",
            Counting::CalendarHours => "calendar_hours",
        },
        urgent: category.urgent,
        unit: category.unit.clone(),
        source: category.source.clone(),
    });
    let urging = settings.catalogue.urging.iter().map(|step| UrgingRow {
        name: Words::new(&step.name.zh, &step.name.en),
        after_share: step.after_share.clone(),
    });
    Json(CategoryList {
        categories: categories.collect(),
        urging: urging.collect(),
        knows_holidays: settings.calendar.knows(year),
    })
}

/// A setting as text.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingBody {
    /// The whole document: TOML of `categories`, `calendar` and `mappings`, JSON of `patrol`.
    text: String,
}

/// What the desk works by, as the document that was set last; before that, the one that comes with the program.
#[utoipa::path(
    get, path = "/cases/settings/{key}", tag = "cases",
    params(("key" = String, Path, description = "`categories`, `calendar`, `mappings` or `patrol`")),
    responses((status = 200, body = SettingBody), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem))
)]
pub async fn setting(
    State(app): State<AppState>,
    Path(key): Path<String>,
) -> Answer<Json<SettingBody>> {
    app.ask(move |app| {
        let built_in = match key.as_str() {
            "categories" => Catalogue::TEXT.to_owned(),
            "calendar" => Calendar::TEXT.to_owned(),
            "mappings" => Mappings::TEXT.to_owned(),
            "patrol" => serde_json::to_string_pretty(&PatrolRule::default()).unwrap_or_default(),
            _ => return Err(ApiError::unknown("unknown_setting", "设置", "setting", &key)),
        };
        let set = app.reader.acts(SETTING, Known::Now).map_err(unreadable)?;
        let last = set.into_iter().rev().find(|row| row.act.key == key);
        Ok(Json(SettingBody { text: last.map_or(built_in, |row| row.act.document) }))
    })
    .await
}

/// Changes what the desk works by, as a whole: `categories`, `calendar`, `mappings` or `patrol`. Cases that were dispatched keep the time they
/// were given.
#[utoipa::path(
    put, path = "/cases/settings/{key}", tag = "cases", request_body = SettingBody,
    params(("key" = String, Path, description = "`categories`, `calendar`, `mappings` or `patrol`")),
    responses((status = 200, body = SettingBody), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn change_setting(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<SettingBody>> {
    let SettingBody { text } = read_json(&headers, &body)?;
    let who = asking.name().to_owned();
    let given = text.clone();
    let changed = app.door.ask(move |engine, now| engine.set_desk(now, &who, &key, &given)).await;
    let changed = changed.map_err(|gone| ApiError::internal("change a setting", &gone))?;
    changed.map_err(|error| refused(&error))?;
    Ok(Json(SettingBody { text }))
}
