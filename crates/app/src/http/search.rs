//! Looking for something by a part of its name or key.

use super::error::{Answer, ApiError, Problem};
use super::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::Registry;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Characters that may be looked for.
const CHARACTERS_MAX: usize = 100;
/// Things in one answer, and where nobody says how many.
const ITEMS: (usize, usize) = (100, 20);

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(search))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// A part of a name in Chinese or English, of a key, or of an MN; case does not matter.
    #[param(required, value_type = String)]
    q: Option<String>,
    /// How many at most, 1 to 100; 20 without it.
    #[param(value_type = Option<u8>)]
    limit: Option<String>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct Found {
    /// The best first.
    items: Vec<FoundItem>,
}

/// Something that was found.
#[derive(Serialize, ToSchema)]
pub struct FoundItem {
    kind: FoundKind,
    /// Its key; the MN of a device.
    key: String,
    name: Words,
    /// Key of the area it lies in.
    area: Option<String>,
    /// 100 the whole of it, 80 its beginning, 60 a part of it.
    score: u8,
}

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A point.
    Place,
    /// A river, a reach or a road.
    Line,
    /// An area.
    Area,
    /// A device, by its MN.
    Device,
    /// Something that is measured.
    Parameter,
}

/// Places, lines, areas, devices and parameters by a part of their name.
#[utoipa::path(
    get, path = "/search", tag = "places", params(SearchQuery),
    responses((status = 200, body = Found), (status = 400, body = Problem))
)]
async fn search(
    State(app): State<AppState>,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Answer<Json<Found>> {
    let Query(query) = query?;
    let sought = query.q.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
    if sought.is_empty() || sought.chars().count() > CHARACTERS_MAX {
        let accepted = Words::new("请填写 1 至 100 个字", "write 1 to 100 characters");
        return Err(ApiError::bad_parameter("q", &sought, accepted));
    }
    let limit = query.limit.as_deref().map(limit).transpose()?.unwrap_or(ITEMS.1);
    app.ask(move |app| {
        let view = app.reader.view();
        let mut items = among(app, view.registry(), &sought);
        items.sort_by(|a, b| {
            let rank = |item: &FoundItem| (Reverse(item.score), item.kind);
            rank(a).cmp(&rank(b)).then_with(|| a.key.cmp(&b.key))
        });
        items.truncate(limit);
        Ok(Json(Found { items }))
    })
    .await
}

fn limit(text: &str) -> Answer<usize> {
    let given = text.parse().ok().filter(|limit| (1..=ITEMS.0).contains(limit));
    given.ok_or_else(|| {
        let accepted = Words::new("请填写 1 至 100 的整数", "write a whole number from 1 to 100");
        ApiError::bad_parameter("limit", text, accepted)
    })
}

fn among(app: &AppState, registry: &Registry, sought: &str) -> Vec<FoundItem> {
    let item = |kind, key: &str, name: Words, area: &str, more: &str| {
        let texts = [key, &name.zh, &name.en, more];
        let score = texts.iter().map(|text| score(text, sought)).max().unwrap_or(0);
        let area = (!area.is_empty()).then(|| area.to_owned());
        (score > 0).then(|| FoundItem { kind, key: key.to_owned(), name, area, score })
    };
    let places = registry.places().iter().filter_map(|place| {
        item(FoundKind::Place, &place.key, Words::from(&place.name), &place.area, "")
    });
    let lines = registry
        .lines
        .iter()
        .filter_map(|line| item(FoundKind::Line, &line.key, Words::from(&line.name), "", ""));
    let areas = registry.areas.iter().filter_map(|area| {
        item(FoundKind::Area, &area.key, Words::from(&area.name), &area.within, "")
    });
    let devices = registry.devices().iter().filter_map(|device| {
        let place = registry.place_id(&device.place).and_then(|id| registry.place(id));
        let name = place.map_or_else(|| Words::new("", ""), |place| Words::from(&place.name));
        let score = score(&device.mn, sought);
        let area = place.map(|place| place.area.clone()).filter(|area| !area.is_empty());
        let key = device.mn.clone();
        (score > 0).then_some(FoundItem { kind: FoundKind::Device, key, name, area, score })
    });
    let parameters = app.parameters.all().iter().filter_map(|parameter| {
        let name = Words::new(&parameter.zh, &parameter.en);
        item(FoundKind::Parameter, &parameter.key, name, "", &parameter.symbol)
    });
    places.chain(lines).chain(areas).chain(devices).chain(parameters).collect()
}

fn score(text: &str, sought: &str) -> u8 {
    let text = text.to_lowercase();
    if text == sought {
        100
    } else if text.starts_with(sought) {
        80
    } else if text.contains(sought) {
        60
    } else {
        0
    }
}
