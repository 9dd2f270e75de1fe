//! What class the water of each reach has now: of hourly values, so it is no assessment.

use super::hours::{Hours, plain_sources};
use super::judge::{class_level, water_value};
use crate::http::error::{Answer, Problem};
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::http::time::{Instant, instant};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use model::{DatastreamId, HOUR_MS, LineKind, PlaceId, PlaceKind, Registry, Timestamp};
use serde::{Deserialize, Serialize};
use standards::Exact;
use standards::water::{Class, WaterBody};
use utoipa::{IntoParams, ToSchema};

/// Hours that are looked back: stations of water measure every four hours.
const NEWEST_H: i64 = 6;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinesQuery {
    /// An instant, RFC 3339; now without it.
    at: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The water of each reach.
#[derive(Serialize, ToSchema)]
pub struct LinesNow {
    at: Instant,
    /// What the classes rest on.
    #[schema(example = "hourly, not an assessment")]
    basis: &'static str,
    /// Reaches, and rivers without reaches.
    items: Vec<LineNow>,
}

/// The water of one reach.
#[derive(Serialize, ToSchema)]
pub struct LineNow {
    pub line: String,
    /// Key of the water site that it was judged by.
    site: Option<String>,
    /// `I` to `V`, or `worse`.
    pub class: Option<&'static str>,
    /// 0 none, 1 to 6 for I to worse than V.
    pub level: u8,
    /// The items that decide the class; none for class I.
    deciding: Vec<DecidingItem>,
    /// Start of the newest hour that went in; each item counts with its newest good value of the last 6 hours.
    hour: Option<Instant>,
    /// Why there is no class, when there is none.
    pub reason: Option<Words>,
}

/// An item that decides a class.
#[derive(Serialize, ToSchema)]
pub struct DecidingItem {
    parameter: String,
    /// In the unit of the standard.
    value: f64,
    class: &'static str,
}

/// The single-factor class of each reach by the newest hourly values of its water site.
#[utoipa::path(
    get, path = "/map/lines", tag = "map", params(LinesQuery),
    responses((status = 200, body = LinesNow), (status = 400, body = Problem))
)]
pub async fn lines(
    State(app): State<AppState>,
    query: Result<Query<LinesQuery>, QueryRejection>,
) -> Answer<Json<LinesNow>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let zone = &app.district.zone;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let at = query.at.as_deref().map(|text| instant("at", text, zone)).transpose()?;
        let at = at.unwrap_or(moment.now);
        let items = lines_now(app, moment, at)?;
        Ok(Json(LinesNow { at: Instant(at), basis: "hourly, not an assessment", items }))
    })
    .await
}

/// The class of each reach, and of each river without reaches, at an instant.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn lines_now(app: &AppState, moment: Moment, at: Timestamp) -> Answer<Vec<LineNow>> {
    let known = on_lines(app, app.reader.view().registry());
    let ids: Vec<_> = known.iter().flat_map(|line| &line.items).flat_map(|i| &i.2).collect();
    let ids: Vec<DatastreamId> = ids.into_iter().copied().collect();
    let newest = at.floor(HOUR_MS);
    let count = NEWEST_H as usize + 1;
    let hours = Hours::read(app, &ids, (newest - NEWEST_H * HOUR_MS, count), moment.known)?;
    Ok(known.into_iter().map(|line| line.judge(app, &hours, newest)).collect())
}

/// A line with the water site that speaks for it, and what that measures: key, unit, datastreams.
struct OnLine {
    line: String,
    site: Option<String>,
    items: Vec<(String, String, Vec<DatastreamId>)>,
}

fn on_lines(app: &AppState, registry: &Registry) -> Vec<OnLine> {
    let has_reach = |key: &str| registry.lines.iter().any(|line| line.within == key);
    let lines = registry.lines.iter().filter(|line| match line.kind {
        LineKind::Reach => true,
        LineKind::River => !has_reach(&line.key),
        LineKind::Road => false,
    });
    let of = |line: &model::Line| {
        let mut sites = registry.places().iter().enumerate();
        // The site that was registered last speaks for what leaves the reach.
        let site =
            sites.rfind(|(_, place)| place.kind == PlaceKind::WaterSite && place.line == line.key);
        let items = site.map_or_else(Vec::new, |(at, _)| {
            let id = PlaceId(at as u32);
            let keys = app.law.water().limits().items().iter().map(|item| &*item.key);
            let mut keys: Vec<&str> = keys.collect();
            keys.dedup();
            let of = |key: &str| {
                let unit = app.parameters.get(key).map(|known| known.unit.clone())?;
                let ids = plain_sources(registry, id, key);
                (!ids.is_empty()).then(|| (key.to_owned(), unit, ids))
            };
            keys.into_iter().filter_map(of).collect()
        });
        OnLine { line: line.key.clone(), site: site.map(|(_, place)| place.key.clone()), items }
    };
    lines.map(of).collect()
}

impl OnLine {
    fn judge(self, app: &AppState, hours: &Hours, newest: Timestamp) -> LineNow {
        let mut values: Vec<(&str, Exact)> = vec![];
        let mut hour = None;
        for (key, unit, ids) in &self.items {
            let starts = (0..=NEWEST_H).map(|back| newest - back * HOUR_MS);
            let found = starts.into_iter().find_map(|at| Some((at, hours.good(ids, at)?)));
            let Some((at, value)) = found else { continue };
            if let Some(value) = water_value(&app.law, key, unit, value) {
                values.push((key, value));
                hour = hour.max(Some(at));
            }
        }
        let report = app.law.water().section(WaterBody::River, &values).ok();
        let class = report.as_ref().and_then(|report| report.class);
        let deciding = report.iter().flat_map(|report| {
            let rows = report.items.iter().filter(|row| report.deciding.contains(&row.key));
            rows.map(|row| DecidingItem {
                parameter: row.key.to_string(),
                value: row.value.to_f64(),
                class: symbol(row.class),
            })
        });
        LineNow {
            class: class.map(symbol),
            level: class.map_or(0, class_level),
            deciding: deciding.collect(),
            hour: hour.map(Instant),
            reason: class.is_none().then(|| no_class(self.site.is_some())),
            line: self.line,
            site: self.site,
        }
    }
}

fn symbol(class: Class) -> &'static str {
    if class == Class::WorseThanV { "worse" } else { class.symbol() }
}

fn no_class(has_site: bool) -> Words {
    if has_site {
        return Words::new(
            "最近 6 小时断面没有可评价的有效数值",
            "the site has no good value of a judged item in the last 6 hours",
        );
    }
    Words::new("该河段没有断面", "no water site stands on this reach")
}
