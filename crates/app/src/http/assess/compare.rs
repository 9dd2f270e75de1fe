//! One span against another: this year, last year, change.

use super::dust::DustOf;
use super::{
    EditionUsed, What, Whose, asked, bounded, edition, explain_url, failed, said, span, used, words,
};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use standards::Span;
use standards::air::Assessment;
use standards::air::comparison::{self, Direction as LawDirection};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CompareQuery {
    /// Key of a place; or `area`, or `district=1`.
    place: Option<String>,
    /// Key of an area, judged by its standard stations.
    area: Option<String>,
    /// `1`: the whole district, judged by its standard stations.
    district: Option<String>,
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// `last_year`, or a span: `2026`, `2026-Q1`, `2026-03` or `2025-01-01..2025-06-30`.
    against: Option<String>,
    /// `auto`: each span by the editions of its dates; or a set of editions for both.
    edition: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// Two spans side by side.
#[derive(Serialize, ToSchema)]
pub struct Compared {
    what: What,
    /// Set when it is shown as it was known at a past moment.
    as_of: Option<AsOf>,
    this: Days,
    last: Days,
    editions: Both,
    /// Days of dust weather that were listed for it.
    dust: DustOf,
    rows: Vec<Row>,
    /// How many items went down and up: `eight down, one up`.
    sentence: Words,
    /// Why the two do not compare like with like, when they do not.
    caution: Option<Words>,
}

/// Civil days, both ends included.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = SpanDays)]
pub struct Days {
    #[schema(example = "2026-01-01")]
    pub(super) from: String,
    #[schema(example = "2026-12-31")]
    pub(super) to: String,
}

/// The editions of both spans.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareEditions)]
pub struct Both {
    this: EditionUsed,
    last: EditionUsed,
}

/// One item of both spans.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareRow)]
pub struct Row {
    /// `SO2`, `NO2`, `PM10`, `PM2.5`, `CO`, `O3`, `composite`, `good_days`, `good_share` or `heavy_days`.
    item: String,
    name: Words,
    /// Mean, percentile, count.
    statistic: Words,
    unit: String,
    this: Cell,
    last: Cell,
    change: Change,
    explain: Links,
}

/// One number of one span.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareCell)]
pub struct Cell {
    /// As published, as decimal text.
    #[schema(example = "35")]
    value: Option<String>,
    /// Why there is none.
    reason: Option<Words>,
    /// Valid days.
    valid: u32,
    /// Days of the span.
    of: u32,
    /// The limit, where one holds for such a span.
    limit: Option<String>,
    /// Whether it is above the limit.
    exceed: Option<bool>,
    /// By what part of the limit it is above it.
    multiple: Option<String>,
    /// Rests on a row of law that nobody could establish well.
    doubtful: bool,
}

/// How an item changed.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareChange)]
pub struct Change {
    /// This less last, from the published values.
    #[schema(example = "-4")]
    absolute: Option<String>,
    /// The same in per cent of last.
    #[schema(example = "-10.3")]
    percent: Option<String>,
    direction: Direction,
}

/// Whether it became better.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CompareDirection)]
pub enum Direction {
    /// It became better.
    Better,
    /// It became worse.
    Worse,
    /// It reads the same.
    Same,
    /// One of the two has no value.
    Unknown,
}

/// Where the numbers are explained.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareLinks)]
pub struct Links {
    this: String,
    last: String,
}

/// Two spans of a place, an area or the district, item by item.
#[utoipa::path(
    get, operation_id = "assess_compare", path = "/assess/compare", tag = "assess", params(CompareQuery),
    responses((status = 200, body = Compared), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub(super) async fn compare(
    State(app): State<AppState>,
    query: Result<Query<CompareQuery>, QueryRejection>,
) -> Answer<Json<Compared>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let this = span(query.from.as_deref(), query.to.as_deref())?;
        let last = against(query.against.as_deref(), this)?;
        let set = edition(app, query.edition.as_deref())?;
        let whose = Whose {
            place: query.place.as_deref(),
            area: query.area.as_deref(),
            district: query.district.as_deref(),
        };
        let (meant, before) = (whose.find(app, this)?, whose.find(app, last)?);
        bounded(app, this, meant.subject.places().len())?;
        bounded(app, last, before.subject.places().len())?;
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let asked = asked(app, moment, set, &meant.dust.days);
        let judge = |meant: &super::Meant, span: Span| -> Answer<Assessment> {
            let judged = asked.assess(&meant.subject, span).map_err(failed)?;
            judged.ok_or_else(|| ApiError::no_standard(&span.last().to_string()))
        };
        let (now, then) = (judge(&meant, this)?, judge(&before, last)?);
        let compared = comparison::compare(&now, &then).map_err(|error| failed(error.into()))?;
        let id = used(&asked, this.last(), false).id;
        let row = |row: &comparison::Row| Row {
            item: row.item.clone(),
            name: words(&row.name),
            statistic: words(&row.statistic),
            unit: row.unit.to_owned(),
            this: Cell::from(&row.this),
            last: Cell::from(&row.last),
            change: Change::from(&row.change),
            explain: Links {
                this: explain_url(&meant.address, &row.item, this, &id),
                last: explain_url(&meant.address, &row.item, last, &id),
            },
        };
        Ok(Json(Compared {
            rows: compared.rows.iter().map(row).collect(),
            dust: DustOf { this: meant.dust.answer(this), last: meant.dust.answer(last) },
            as_of: moment.as_of,
            what: meant.what,
            this: Days::of(this),
            last: Days::of(last),
            editions: Both {
                this: used(&asked, this.last(), now.is_doubtful()),
                last: used(&asked, last.last(), then.is_doubtful()),
            },
            sentence: words(&compared.sentence),
            caution: compared.caution.as_ref().map(words),
        }))
    })
    .await
}

/// The span that another one is compared with.
fn against(text: Option<&str>, this: Span) -> Answer<Span> {
    let accepted = |given: &str| {
        ApiError::bad_parameter(
            "against",
            given,
            Words::new(
                "请用 last_year、2025、2025-Q1、2025-03 或 2025-01-01..2025-06-30",
                "write last_year, 2025, 2025-Q1, 2025-03 or 2025-01-01..2025-06-30",
            ),
        )
    };
    match text {
        None | Some("last_year") => Ok(this.a_year_earlier()),
        Some(text) => {
            let span: Span = text.parse().map_err(|_| accepted(text))?;
            let years = [span.first().year(), span.last().year()];
            if !years.iter().all(|year| super::YEARS.contains(year)) {
                return Err(accepted(text));
            }
            Ok(span)
        }
    }
}

impl Days {
    pub fn of(span: Span) -> Self {
        Self { from: span.first().to_string(), to: span.last().to_string() }
    }
}

impl From<&comparison::Cell> for Cell {
    fn from(cell: &comparison::Cell) -> Self {
        Self {
            value: cell.value.clone(),
            reason: cell.reason.as_ref().map(said),
            valid: cell.valid,
            of: cell.of,
            limit: cell.limit.clone(),
            exceed: cell.exceed,
            multiple: cell.multiple.clone(),
            doubtful: cell.doubtful,
        }
    }
}

impl From<&comparison::Change> for Change {
    fn from(change: &comparison::Change) -> Self {
        Self {
            absolute: change.absolute.clone(),
            percent: change.percent.clone(),
            direction: match change.direction {
                LawDirection::Better => Direction::Better,
                LawDirection::Worse => Direction::Worse,
                LawDirection::Same => Direction::Same,
                LawDirection::Unknown => Direction::Unknown,
            },
        }
    }
}
