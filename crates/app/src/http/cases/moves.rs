//! Every move on a case, by one door: read, checked against who asks, made by the engine.

use super::super::error::{Answer, ApiError, Problem, shortened};
use super::super::rights::Asking;
use super::super::session::{bad_body, read_json};
use super::super::state::AppState;
use super::answer::{CaseAnswer, words};
use super::{View, actor, no_case, photos, seen_case};
use crate::words::Words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use control::{Case, Collected, Event, Move, Photo, Refused, Source, Spot, When};
use engine::desk::{CaseError, Moved};
use model::{Area, AreaKind, Registry, Right, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Characters of a note.
const NOTE_MAX: usize = 2_000;
/// Photos of one move.
const PHOTOS_MAX: usize = 12;
/// Characters of an id that a client makes.
const ID_MAX: usize = 100;

/// Something that is reported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectBody {
    /// Made by the client; the same one sent twice makes one case.
    id: String,
    /// `patrol`, `hotline`, `media`, `instruction`, `camera`, `audit` or `finding`.
    source: String,
    /// Key of a category.
    category: String,
    /// What it is, in one line.
    #[serde(default)]
    text: String,
    /// Key of the place it is about.
    place: Option<String>,
    /// Key of the line it is about.
    line: Option<String>,
    /// Degrees, WGS 84; without them those of the place.
    lon: Option<f64>,
    lat: Option<f64>,
    /// Id of the finding that it is filed from.
    finding: Option<String>,
    /// Id of the patrol that it was found on.
    patrol: Option<String>,
    /// When it was seen, by the client's clock: kept as it is, nothing is judged by it.
    #[serde(rename = "seen")]
    _seen: Option<String>,
    /// Photos that were sent before.
    #[serde(default)]
    photos: Vec<PhotoBody>,
}

/// A photo of a move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhotoBody {
    /// What `POST /photos` answered.
    hash: String,
    /// `before`, `after` or `none`.
    #[serde(default)]
    when: String,
}

/// A move on a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBody {
    /// Made by the client; the same one sent twice is made once.
    id: String,
    /// The version that its author saw; without it the move is made on whatever stands now.
    version: Option<u32>,
    /// `file`, `reject`, `dispatch`, `accept`, `on_site`, `feed_back`, `ask_return`, `ask_extension`, `ask_suspension`,
    /// `approve`, `refuse`, `resume`, `pass`, `fail`, `reopen`, `evaluate`, `invalid`, `join`, `urge`, `comment`.
    #[serde(rename = "move")]
    made: String,
    /// Why, or what was done.
    #[serde(default)]
    note: String,
    /// Of `dispatch`: key of the unit.
    unit: Option<String>,
    /// Of `ask_extension` and `ask_suspension`: until when.
    until: Option<String>,
    /// Of `evaluate`: 1 to 5.
    points: Option<u8>,
    /// Of `join`: the number of the other case.
    into: Option<String>,
    /// Of `on_site` and `pass`: where they are.
    lon: Option<f64>,
    lat: Option<f64>,
    /// When it was done, by the client's clock: kept as it is, nothing is judged by it.
    #[serde(rename = "seen")]
    _seen: Option<String>,
    #[serde(default)]
    photos: Vec<PhotoBody>,
}

/// What became of a move.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveAnswer {
    number: String,
    /// The version that the move made.
    version: u32,
    /// Whether it had been made before; nothing was kept now.
    is_again: bool,
    /// The case as it stands now.
    case: CaseAnswer,
}

/// Reports something: a new case, or the one that the same report made before.
#[utoipa::path(
    post, path = "/cases", tag = "cases", request_body = CollectBody,
    responses((status = 200, body = MoveAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn collect_case(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<MoveAnswer>> {
    let body: CollectBody = read_json(&headers, &body)?;
    if ![Right::File, Right::Handle, Right::Verify].into_iter().any(|right| asking.has(right)) {
        asking.may(Right::File, &Scope::default())?;
    }
    check_id(&body.id)?;
    check_note(&body.text)?;
    let who = asking.name().to_owned();
    let id = body.id.clone();
    let collected = app.ask(move |app| collected(app, body)).await?;
    let event = Event::of(format!("{who}/{id}"), Move::Collect(Box::new(collected)));
    let actor = control::Actor { name: who, unit: None, duties: [].into() };
    let made = app.door.ask(move |engine, now| engine.collect(now, &actor, &event)).await;
    answered(&app, &asking, made.map_err(|gone| ApiError::internal("collect a case", &gone))?)
}

/// Makes a move on a case.
#[utoipa::path(
    post, path = "/cases/{number}/moves", tag = "cases", request_body = MoveBody,
    params(("number" = String, Path, description = "Its number")),
    responses(
        (status = 200, body = MoveAnswer), (status = 400, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem)
    )
)]
pub async fn move_case(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<MoveAnswer>> {
    let body: MoveBody = read_json(&headers, &body)?;
    check_id(&body.id)?;
    check_note(&body.note)?;
    let view = View::read(&app, None)?;
    let case = std::sync::Arc::clone(seen_case(&asking, &view, &number)?);
    let seen = body.version;
    let who = actor::actor(&asking, &view.settings, &case);
    let id = format!("{}/{}", who.name, body.id);
    let made = {
        let case = std::sync::Arc::clone(&case);
        app.ask(move |app| read_move(app, &case, body)).await?
    };
    let event = Event::of(id, made);
    let made = app.door.ask(move |engine, now| engine.move_case(now, &number, seen, &who, &event));
    let made = made.await.map_err(|gone| ApiError::internal("move a case", &gone))?;
    answered(&app, &asking, made)
}

fn answered(
    app: &AppState,
    asking: &Asking,
    made: Result<Moved, CaseError>,
) -> Answer<Json<MoveAnswer>> {
    let moved = made.map_err(|error| refused(&error))?;
    if let Some(sequence) = moved.sequence {
        app.hub.cases_changed(sequence.0);
    }
    let view = View::read(app, None)?;
    let case = CaseAnswer::of(app, asking, &view, &moved.case);
    let Moved { version, is_again, case: kept, .. } = moved;
    Ok(Json(MoveAnswer { number: kept.number.clone(), version, is_again, case }))
}

fn collected(app: &AppState, body: CollectBody) -> Answer<Collected> {
    let source: Source =
        serde_json::from_value(Value::String(body.source.clone())).map_err(|_| {
            let accepted = "finding, patrol, hotline, media, instruction, camera, audit";
            ApiError::bad_parameter("source", &body.source, Words::new(accepted, accepted))
        })?;
    let mut spot = spot(body.lon, body.lat)?;
    let mut area = None;
    let view = app.reader.view();
    let registry = view.registry();
    if let Some(key) = &body.place {
        let (_, place) = super::super::state::place(registry, key)?;
        spot = spot.or(Some(Spot { lon: place.lon, lat: place.lat, accuracy_m: None }));
        area = Some(place.area.clone()).filter(|area| !area.is_empty());
    }
    if let Some(key) = &body.line
        && !registry.lines.iter().any(|line| line.key == *key)
    {
        return Err(ApiError::unknown("unknown_line", "河流道路", "line", key)
            .with_hint("见 /api/v1/places 的 lines", "lines of /api/v1/places lists them"));
    }
    let area = area.or_else(|| area_of(registry, spot?));
    let simulated = body.place.as_ref().is_some_and(|key| {
        registry
            .place_id(key)
            .and_then(|id| registry.place(id))
            .is_some_and(|place| place.simulated)
    });
    drop(view);
    if app.desk.settings().catalogue.category(&body.category).is_none() {
        return Err(unknown_category(&body.category));
    }
    Ok(Collected {
        source,
        category: body.category,
        text: body.text.trim().to_owned(),
        spot,
        place: body.place,
        line: body.line,
        area,
        finding: body.finding,
        patrol: body.patrol,
        photos: photos_of(app, body.photos)?,
        simulated,
        origin: None,
    })
}

/// The sub-district that a spot lies in.
pub fn area_of(registry: &Registry, spot: Spot) -> Option<String> {
    let holds = |area: &&Area| {
        area.kind == AreaKind::SubDistrict && space::contains(&area.ring, [spot.lon, spot.lat])
    };
    registry.areas.iter().find(holds).map(|area| area.key.clone())
}

/// The move that a body names, for a case.
fn read_move(app: &AppState, case: &Case, body: MoveBody) -> Answer<Move> {
    let mut fields = Map::new();
    fields.insert("move".to_owned(), Value::String(body.made.clone()));
    fields.insert("note".to_owned(), Value::String(body.note.trim().to_owned()));
    let spot = spot(body.lon, body.lat)?;
    let photos = photos_of(app, body.photos)?;
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    put("spot", spot.as_ref().map(json));
    put("photos", (!photos.is_empty()).then(|| json(&photos)));
    put("points", body.points.map(Value::from));
    put("into", body.into.clone().map(Value::String));
    if let Some(until) = &body.until {
        let until = super::super::time::instant("until", until, &app.district.zone)?;
        put("until", Some(Value::from(until.as_ms())));
    }
    if body.made == "urge" {
        put("step", u8::try_from(case.urged + 1).ok().map(Value::from));
    }
    if body.made == "dispatch" {
        dispatch(app, case, body.unit.as_deref(), &mut put)?;
    }
    if let Some(into) = &body.into
        && app.desk.case(into).is_none()
    {
        return Err(no_case(into));
    }
    if body.made == "collect" {
        let accepted =
            Words::new("报案请用 POST /api/v1/cases", "POST /api/v1/cases begins a case");
        return Err(ApiError::bad_parameter("move", "collect", accepted));
    }
    serde_json::from_value(Value::Object(fields)).map_err(|error| bad_body(&error))
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// What a dispatch says: the unit, and how long it may take by the category and the calendar of today.
fn dispatch(
    app: &AppState,
    case: &Case,
    unit: Option<&str>,
    put: &mut impl FnMut(&str, Option<Value>),
) -> Answer<()> {
    let settings = app.desk.settings();
    let category = settings.catalogue.category(&case.collected.category);
    let category = category.ok_or_else(|| unknown_category(&case.collected.category))?;
    let people = app.roster.now();
    let unit = unit.unwrap_or(&category.unit);
    if people.unit(unit).is_none_or(|unit| unit.ended) {
        return Err(ApiError::unknown("unknown_unit", "单位", "unit", unit)
            .with_hint("单位见 /api/v1/units", "/api/v1/units lists them"));
    }
    let now = app.now();
    let due = settings.calendar.due(now, category.allowed);
    let allowed_ms = settings.calendar.spent(now, due, category.allowed.counting);
    put("unit", Some(Value::String(unit.to_owned())));
    put("allowed", Some(json(&category.allowed)));
    put("allowed_ms", Some(Value::from(allowed_ms)));
    Ok(())
}

fn spot(lon: Option<f64>, lat: Option<f64>) -> Answer<Option<Spot>> {
    match (lon, lat) {
        (None, None) => Ok(None),
        (Some(lon), Some(lat)) if lon.abs() <= 180.0 && lat.abs() <= 90.0 => {
            Ok(Some(Spot { lon, lat, accuracy_m: None }))
        }
        _ => {
            let accepted = Words::new(
                "lon 为 −180 至 180，lat 为 −90 至 90，须一并给出",
                "lon from −180 to 180 and lat from −90 to 90, both or neither",
            );
            Err(ApiError::bad_parameter("lon, lat", &format!("{lon:?}, {lat:?}"), accepted))
        }
    }
}

fn photos_of(app: &AppState, bodies: Vec<PhotoBody>) -> Answer<Vec<Photo>> {
    if bodies.len() > PHOTOS_MAX {
        let accepted = format!("≤ {PHOTOS_MAX}");
        let given = bodies.len().to_string();
        return Err(ApiError::bad_parameter(
            "photos",
            &given,
            Words::new(accepted.clone(), accepted),
        ));
    }
    let read = |body: PhotoBody| {
        photos::must_be_there(app, &body.hash)?;
        let when = match body.when.as_str() {
            "before" => When::Before,
            "after" => When::After,
            _ => When::None,
        };
        Ok(Photo { hash: body.hash, when })
    };
    bodies.into_iter().map(read).collect()
}

fn check_id(id: &str) -> Answer<()> {
    if !id.is_empty() && id.len() <= ID_MAX {
        return Ok(());
    }
    let accepted =
        Words::new("由客户端生成，1 至 100 个字符", "made by the client, 1 to 100 characters");
    Err(ApiError::bad_parameter("id", id, accepted))
}

fn check_note(note: &str) -> Answer<()> {
    if note.chars().count() <= NOTE_MAX {
        return Ok(());
    }
    let accepted =
        Words::new(format!("至多 {NOTE_MAX} 个字符"), format!("at most {NOTE_MAX} characters"));
    Err(ApiError::bad_parameter("note", &shortened(note), accepted))
}

fn unknown_category(key: &str) -> ApiError {
    ApiError::unknown("unknown_category", "类别", "category", key)
        .with_hint("类别见 /api/v1/categories", "/api/v1/categories lists them")
}

/// Why a move was not made, as an answer.
pub fn refused(error: &CaseError) -> ApiError {
    match error {
        CaseError::NoCase(number) => no_case(number),
        CaseError::NoCategory(key) => unknown_category(key),
        CaseError::Refused(Refused::Illegal(why), _) => {
            let said = words(why.words());
            ApiError::new(StatusCode::CONFLICT, "move_not_allowed", said).with_hint(
                "可做的步骤见案件的 moves",
                "moves of the case says what may be done and why not",
            )
        }
        CaseError::Refused(Refused::Stale { seen, found }, case) => stale(*seen, *found, case),
        CaseError::Refused(Refused::Again { .. }, _) => {
            ApiError::internal("make a move again", error)
        }
        CaseError::Setting(text) => bad_setting(text),
        CaseError::Engine(cause) => ApiError::internal("keep a move", cause),
    }
}

/// A setting that cannot be read.
pub fn bad_setting(text: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_setting",
        Words::new(format!("设置无法读取：{text}"), format!("the setting cannot be read: {text}")),
    )
}

/// Somebody else was faster: who, and what they did since.
fn stale(seen: u32, found: u32, case: &Case) -> ApiError {
    let since: Vec<String> = case
        .history
        .iter()
        .filter(|happened| happened.version > seen)
        .map(|happened| format!("{} {}", happened.who, happened.made.name()))
        .collect();
    let since = since.join("; ");
    ApiError::new(
        StatusCode::CONFLICT,
        "changed_meanwhile",
        Words::new(
            format!("您看到的是第 {seen} 版，现在是第 {found} 版；其间：{since}"),
            format!("you saw version {seen}, it has {found} now; since then: {since}"),
        ),
    )
    .with_hint("请重新查看案件后再操作", "look at the case again, then decide")
}
