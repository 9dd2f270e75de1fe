//! Places or areas among each other, by one item of a span.

use super::compare::Days;
use super::dust::Listed;
use super::{EditionUsed, asked, bounded, edition, failed, said, span, used};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::assess::{Asked, Subject};
use model::{AreaKind, PlaceKind};
use serde::{Deserialize, Serialize};
use standards::air::Assessment;
use standards::air::comparison::{Cell, Item};
use standards::statistics::{change, ranks};
use standards::{Exact, Span};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RankQuery {
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// `place` (the standard air stations) or `area` (sub-districts that have one).
    by: Option<String>,
    /// `composite`, `SO2` … `O3`, `good_days`, `good_share` or `heavy_days`; `composite` without it.
    item: Option<String>,
    /// `auto`, or a set of editions.
    pub edition: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    pub as_of: Option<String>,
    /// Whether approved days of dust stay out of means; true without it.
    pub exempt: Option<bool>,
}

impl RankQuery {
    /// The question about a span.
    pub fn of(span: Span, by: Option<&str>, item: Option<&str>) -> Self {
        Self {
            from: Some(span.first().to_string()),
            to: Some(span.last().to_string()),
            by: by.map(str::to_owned),
            item: item.map(str::to_owned),
            edition: None,
            as_of: None,
            exempt: None,
        }
    }
}

/// The order of places or areas.
#[derive(Serialize, ToSchema)]
pub struct Ranking {
    span: Days,
    /// Set when it is shown as it was known at a past moment.
    as_of: Option<AsOf>,
    by: &'static str,
    item: &'static str,
    name: Words,
    unit: &'static str,
    edition: EditionUsed,
    /// The best first; those without a value last.
    pub rows: Vec<Ranked>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct Ranked {
    /// 1 is the best; null without a value.
    pub rank: Option<u32>,
    /// Whether another one shares the rank.
    tie: bool,
    pub key: String,
    pub name: Words,
    pub value: Option<String>,
    /// Valid days.
    valid: u32,
    of: u32,
    /// Why it has no value.
    pub reason: Option<Words>,
    /// Against the same span a year earlier.
    pub change: RankChange,
    doubtful: bool,
    pub explain: String,
}

/// How it changed.
#[derive(Serialize, ToSchema)]
pub struct RankChange {
    /// 1 is the best improvement; null where one of both spans has no value.
    rank: Option<u32>,
    /// In per cent.
    value: Option<String>,
    /// What it was then.
    #[serde(skip)]
    pub before: Option<Exact>,
}

/// Standard air stations, or sub-districts by theirs, in the order of an item.
#[utoipa::path(
    get, operation_id = "assess_rank", path = "/assess/rank", tag = "assess", params(RankQuery),
    responses((status = 200, body = Ranking), (status = 400, body = Problem))
)]
pub(super) async fn rank(
    State(app): State<AppState>,
    query: Result<Query<RankQuery>, QueryRejection>,
) -> Answer<Json<Ranking>> {
    let Query(query) = query?;
    app.ask(move |app| ranking(app, &query).map(Json)).await
}

/// Answers a question about ranks.
///
/// # Errors
/// What is wrong with it.
pub fn ranking(app: &AppState, query: &RankQuery) -> Answer<Ranking> {
    let item = item("item", query.item.as_deref().unwrap_or("composite"))?;
    Judged::read(app, query)?.by(item)
}

/// The item that a parameter names.
///
/// # Errors
/// `bad_parameter`, with those that there are.
pub fn item(parameter: &str, key: &str) -> Answer<Item> {
    Item::named(key).ok_or_else(|| {
        let known: Vec<&str> = Item::ALL.iter().map(|item| item.key()).collect();
        let known = known.join(", ");
        ApiError::bad_parameter(parameter, key, Words::new(known.clone(), known))
    })
}

/// Places or areas judged over a span and over the same a year earlier: their order by any item follows.
pub struct Judged<'a> {
    as_of: Option<AsOf>,
    span: Span,
    by: &'static str,
    asked: Asked<'a>,
    subjects: Vec<Contender>,
    now: Vec<Option<Assessment>>,
    before: Vec<Option<Assessment>>,
}

impl<'a> Judged<'a> {
    /// Judges what a question is about, whatever its item.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(app: &'a AppState, query: &RankQuery) -> Answer<Self> {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let span = span(query.from.as_deref(), query.to.as_deref())?;
        let set = edition(app, query.edition.as_deref())?;
        let by = match query.by.as_deref() {
            None | Some("place") => "place",
            Some("area") => "area",
            Some(other) => {
                let accepted = Words::new("请用 place 或 area", "write place or area");
                return Err(ApiError::bad_parameter("by", other, accepted));
            }
        };
        let subjects = subjects(app, by, span);
        let stations = subjects.iter().map(|one| one.subject.places().len()).sum();
        bounded(app, span, stations)?;
        let asked = asked(app, moment, set, &[]);
        let judge = |span: Span| -> Answer<Vec<Option<Assessment>>> {
            let judge = |one: &Contender| {
                let dust: &[_] = if query.exempt == Some(false) { &[] } else { &one.dust.days };
                Asked { dust, ..asked }.assess(&one.subject, span).map_err(failed)
            };
            subjects.iter().map(judge).collect()
        };
        let (now, before) = (judge(span)?, judge(span.a_year_earlier())?);
        Ok(Self { as_of: moment.as_of, span, by, asked, subjects, now, before })
    }

    /// Their order by an item.
    ///
    /// # Errors
    /// `internal` when the numbers do not fit exact arithmetic.
    pub fn by(&self, item: Item) -> Answer<Ranking> {
        let cell = |judged: &Option<Assessment>| {
            judged.as_ref().map_or_else(Cell::default, |judged| judged.cell(item))
        };
        let now: Vec<Cell> = self.now.iter().map(cell).collect();
        let before: Vec<Cell> = self.before.iter().map(cell).collect();
        let is_doubtful = now.iter().any(|cell| cell.doubtful);
        let id = self.asked.set.map_or("auto", |set| set.name());
        let rows = rows(&self.subjects, item, (&now, &before), |address| {
            super::explain_url(address, item.key(), self.span, id)
        })?;
        Ok(Ranking {
            span: Days::of(self.span),
            as_of: self.as_of,
            by: self.by,
            item: item.key(),
            name: super::words(&item.name()),
            unit: item.unit(),
            edition: used(&self.asked, self.span.last(), is_doubtful),
            rows,
        })
    }
}

/// One that is ranked.
struct Contender {
    key: String,
    name: Words,
    subject: Subject,
    address: String,
    dust: Listed,
}

fn subjects(app: &AppState, by: &str, span: Span) -> Vec<Contender> {
    let view = app.reader.view();
    let registry = view.registry();
    if by == "area" {
        let areas = registry.areas.iter().filter(|area| area.kind == AreaKind::SubDistrict);
        let area = |area: &model::Area| Contender {
            key: area.key.clone(),
            name: Words::from(&area.name),
            subject: Subject::area(registry, Some(&area.key), span),
            address: format!("area={}", super::encoded(&area.key)),
            dust: Listed::of(app, registry, Some(&area.key)),
        };
        return areas.map(area).filter(|one| !one.subject.places().is_empty()).collect();
    }
    let Subject::Area(stations) = Subject::area(registry, None, span) else { return vec![] };
    let place = |id: model::PlaceId| {
        let place = registry.place(id).filter(|place| place.kind == PlaceKind::AirStation)?;
        Some(Contender {
            key: place.key.clone(),
            name: Words::from(&place.name),
            subject: Subject::Place(id),
            address: format!("place={}", super::encoded(&place.key)),
            dust: Listed::of(app, registry, Some(&place.area)),
        })
    };
    stations.into_iter().filter_map(place).collect()
}

fn rows(
    subjects: &[Contender],
    item: Item,
    (now, before): (&[Cell], &[Cell]),
    explain: impl Fn(&str) -> String,
) -> Answer<Vec<Ranked>> {
    let more_is_better = matches!(item, Item::GoodDays | Item::GoodShare);
    let exact = |error: standards::ExactError| failed(error.into());
    let number = |cell: &Cell| cell.value.as_deref().and_then(|text| Exact::parse(text).ok());
    // Where more is better the order is that of the negatives.
    let signed = |value: Exact| {
        if more_is_better { Exact::ZERO.minus(&value) } else { Ok(value) }
    };
    let mut order = Vec::new();
    let mut changes = Vec::new();
    for (now, before) in now.iter().zip(before) {
        order.push(number(now).map(signed).transpose().map_err(exact)?);
        changes.push(match number(now).zip(number(before)) {
            Some((now, before)) => change(&now, &before).map_err(exact)?,
            None => None,
        });
    }
    let ranked = ranks(&order);
    let signed_changes: Vec<Option<Exact>> = changes
        .iter()
        .map(|c| c.map(signed).transpose())
        .collect::<Result<_, _>>()
        .map_err(exact)?;
    let change_ranks = ranks(&signed_changes);
    let mut rows = Vec::new();
    for (at, one) in subjects.iter().enumerate() {
        let cell = &now[at];
        let percent = changes[at].map(|share| share.times(&Exact::whole(100))).transpose();
        rows.push(Ranked {
            rank: ranked[at],
            tie: ranked[at].is_some()
                && ranked.iter().filter(|rank| **rank == ranked[at]).count() > 1,
            key: one.key.clone(),
            name: one.name.clone(),
            value: cell.value.clone(),
            valid: cell.valid,
            of: cell.of,
            reason: cell.reason.as_ref().map(said),
            change: RankChange {
                rank: change_ranks[at],
                value: percent.map_err(exact)?.map(|percent| percent.fixed(1)),
                before: number(&before[at]),
            },
            doubtful: cell.doubtful,
            explain: explain(&one.address),
        });
    }
    rows.sort_by_key(|row| (row.rank.is_none(), row.rank, row.key.clone()));
    Ok(rows)
}
