//! Water sites by the month: class, what decides it, whether the target is met; and what each river
//! brings against what it takes along.

use super::{asked, edition, encoded, failed, said, words, year};
use crate::http::error::{Answer, Problem};
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::assess::{self, SiteMonth};
use model::{Place, PlaceId, PlaceKind};
use serde::{Deserialize, Serialize};
use standards::Span;
use standards::water::{Class, Versus, WaterBody, WaterLaw};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WaterQuery {
    /// A civil year; this year without it.
    year: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// The water of a year.
#[derive(Serialize, ToSchema)]
pub struct WaterYear {
    year: i16,
    #[schema(example = "GB 3838-2002")]
    edition: &'static str,
    sites: Vec<Site>,
    pairs: Vec<FlowPair>,
}

/// The months of a site.
#[derive(Serialize, ToSchema)]
#[schema(as = WaterSiteYear)]
pub struct Site {
    place: String,
    name: Words,
    /// Key of the river or reach it lies on.
    line: Option<String>,
    /// The class it has to reach now.
    target: Option<WaterClass>,
    /// Which limits of phosphorus hold.
    body: Body,
    months: Vec<Month>,
}

/// Running or standing water.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WaterBody)]
pub enum Body {
    /// Running water.
    River,
    /// Lakes and reservoirs.
    Lake,
}

/// The class of water.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[expect(clippy::upper_case_acronyms, reason = "the names in the standard")]
pub enum WaterClass {
    I,
    II,
    III,
    IV,
    V,
    #[serde(rename = "worse")]
    Worse,
}

/// One month of a site.
#[derive(Serialize, ToSchema)]
#[schema(as = WaterMonth)]
#[expect(clippy::struct_field_names, reason = "the name in the answer")]
pub struct Month {
    #[schema(example = "2026-03")]
    month: String,
    class: Option<WaterClass>,
    /// 1 (class I) to 6 (worse than V).
    level: Option<u8>,
    /// The items that decided, the worst ones.
    deciding: Vec<Deciding>,
    /// How many of the items that decide were measured.
    judged: usize,
    /// How many there are.
    of: usize,
    /// Whether the target was met.
    meets: Option<bool>,
    /// The sum of the items' indices, a partial one where items are missing.
    cwqi: Option<String>,
    /// Why there is no class, or what is to be known of it.
    reason: Option<Words>,
    /// Where it is explained.
    explain: String,
}

/// An item that decided.
#[derive(Serialize, ToSchema)]
pub struct Deciding {
    item: String,
    name: Words,
    class: WaterClass,
    value: String,
    unit: String,
    /// By how much of the limit of class III it is above it.
    multiple: Option<String>,
}

/// Two sites in a row along a river.
#[derive(Serialize, ToSchema)]
pub struct FlowPair {
    /// Key of the river.
    river: String,
    name: Words,
    /// The upper site.
    inflow: String,
    /// The lower site.
    outflow: String,
    months: Vec<FlowMonth>,
}

/// How the outflow of a month compares with the inflow.
#[derive(Serialize, ToSchema)]
pub struct FlowMonth {
    #[schema(example = "2026-03")]
    month: String,
    verdict: Verdict,
    /// What decided: `class`, `items` or `cwqi`; null when undetermined.
    by: Option<&'static str>,
    reason: Words,
}

/// How what flows out compares with what flows in.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FlowVerdict)]
pub enum Verdict {
    /// Better than the inflow.
    Better,
    /// The same.
    Same,
    /// Worse than the inflow.
    Worse,
    /// Not to be said.
    Undetermined,
}

/// Every water site by month, and the inflow and outflow of each river.
#[utoipa::path(
    get, operation_id = "assess_water_months", path = "/assess/water/months", tag = "assess", params(WaterQuery),
    responses((status = 200, body = WaterYear), (status = 400, body = Problem))
)]
pub(super) async fn months(
    State(app): State<AppState>,
    query: Result<Query<WaterQuery>, QueryRejection>,
) -> Answer<Json<WaterYear>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let year = year(app, query.year.as_deref())?;
        let months = year.months();
        let (places, pairs, rivers) = {
            let view = app.reader.view();
            let registry = view.registry();
            let places = registry.places().iter().enumerate();
            let sites = places.filter(|(_, place)| place.kind == PlaceKind::WaterSite);
            let sites: Vec<(PlaceId, Place)> =
                sites.map(|(id, place)| (PlaceId(id as u32), place.clone())).collect();
            (sites, assess::pairs(registry), registry.lines.clone())
        };
        let judged = asked(app, moment, edition(app, None)?, &[])
            .water_months(&places, &months)
            .map_err(failed)?;
        let water = app.law.water();
        let site = |((_, place), months): (&(PlaceId, Place), &Vec<SiteMonth>)| Site {
            place: place.key.clone(),
            name: Words::from(&place.name),
            line: Some(place.line.clone()).filter(|line| !line.is_empty()),
            target: months.iter().rev().find_map(|month| month.report.target).map(WaterClass::from),
            body: months.first().map_or(Body::River, |month| month.report.body.into()),
            months: months.iter().map(|month| Month::of(water, &place.key, month)).collect(),
        };
        let position = |id: PlaceId| places.iter().position(|(own, _)| *own == id);
        let mut flows = Vec::new();
        for pair in pairs {
            let (Some(above), Some(below)) = (position(pair.inflow), position(pair.outflow)) else {
                continue;
            };
            let name = rivers.iter().find(|line| line.key == pair.river);
            flows.push(FlowPair {
                name: name.map_or_else(|| Words::new("", ""), |line| Words::from(&line.name)),
                river: pair.river,
                inflow: places[above].1.key.clone(),
                outflow: places[below].1.key.clone(),
                months: judged[above]
                    .iter()
                    .zip(&judged[below])
                    .map(|(above, below)| flow(water, above, below))
                    .collect::<Answer<_>>()?,
            });
        }
        Ok(Json(WaterYear {
            year: year.first().year(),
            edition: "GB 3838-2002",
            sites: places.iter().zip(&judged).map(site).collect(),
            pairs: flows,
        }))
    })
    .await
}

fn flow(water: &WaterLaw, above: &SiteMonth, below: &SiteMonth) -> Answer<FlowMonth> {
    let month = above.month.to_string();
    if let Some(missing) = [above, below].into_iter().find(|one| one.report.report.class.is_none())
    {
        let side = if std::ptr::eq(missing, above) {
            ("入境断面", "the inflow")
        } else {
            ("出境断面", "the outflow")
        };
        let why = missing.reason.as_ref().map_or_else(|| Words::new("没有类别", "no class"), said);
        let reason =
            Words::new(format!("{}：{}", side.0, why.zh), format!("{}: {}", side.1, why.en));
        return Ok(FlowMonth { month, verdict: Verdict::Undetermined, by: None, reason });
    }
    let flow = water.flow(&below.report, &above.report).map_err(|error| failed(error.into()))?;
    let verdict = match flow.verdict {
        Versus::Better => Verdict::Better,
        Versus::Same => Verdict::Same,
        Versus::Worse => Verdict::Worse,
        Versus::Undetermined => Verdict::Undetermined,
    };
    Ok(FlowMonth { month, verdict, by: flow.by, reason: words(&flow.reason) })
}

impl Month {
    fn of(water: &WaterLaw, place: &str, month: &SiteMonth) -> Self {
        let report = &month.report.report;
        let deciding = report.deciding.iter().filter_map(|key| {
            let row = report.items.iter().find(|row| row.key == *key)?;
            let item = water.limits().item(key, WaterBody::River)?;
            Some(Deciding {
                item: key.to_string(),
                name: Words::new(&*item.name_zh, &*item.name_en),
                class: row.class.into(),
                value: row.value.to_string(),
                unit: item.unit.to_string(),
                multiple: row.multiple.map(|multiple| multiple.fixed(1)),
            })
        });
        Self {
            month: month.month.to_string(),
            class: report.class.map(WaterClass::from),
            level: report.class.map(|class| class as u8 + 1),
            deciding: deciding.collect(),
            judged: report.assessed,
            of: report.of,
            meets: month.report.meets,
            cwqi: month.report.cwqi.as_ref().map(|cwqi| cwqi.sum.fixed(4)),
            reason: month.reason.as_ref().map(said),
            explain: explain(place, month.month),
        }
    }
}

fn explain(place: &str, month: Span) -> String {
    super::explain_url(&format!("place={}", encoded(place)), "class", month, "auto")
}

impl From<WaterBody> for Body {
    fn from(body: WaterBody) -> Self {
        match body {
            WaterBody::River => Self::River,
            WaterBody::Lake => Self::Lake,
        }
    }
}

impl From<Class> for WaterClass {
    fn from(class: Class) -> Self {
        match class {
            Class::I => Self::I,
            Class::II => Self::II,
            Class::III => Self::III,
            Class::IV => Self::IV,
            Class::V => Self::V,
            Class::WorseThanV => Self::Worse,
        }
    }
}
