//! Days, months and years judged: calendar, comparison, periods, ranks, water by the month, and how each
//! number came about. The law and the engine judge; here is whose air, which span and which editions a
//! question means, and how the answer is written down.

mod calendar;
mod compare;
mod dust;
mod explain;
pub mod period;
pub mod rank;
pub mod water;

pub use compare::Days;

use super::error::{Answer, ApiError};
use super::known::Moment;
use super::state::{self, AppState};
use crate::words::Words;
use engine::assess::{Asked, Subject};
use jiff::civil::Date;
use model::{PlaceKind, Registry};
use serde::Serialize;
use standards::air::RuleSet;
use standards::explain::Text;
use standards::{Said, Span};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Days of all places together that one question may look at.
const PLACE_DAYS_MAX: u64 = 400_000;
/// The years that a question may name.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(calendar::calendar))
        .routes(routes!(compare::compare))
        .routes(routes!(period::period))
        .routes(routes!(rank::rank))
        .routes(routes!(explain::explain))
        .routes(routes!(water::months))
}

/// Whose air or water was judged.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AssessedWhat)]
pub struct What {
    /// `place`, `area` or `district`.
    #[schema(example = "place")]
    kind: &'static str,
    /// Its key; null for the district.
    key: Option<String>,
    name: Words,
}

/// By which editions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EditionUsed {
    /// The set of editions that was chosen, or `auto`.
    #[schema(example = "2026")]
    id: String,
    /// The edition of the index; with `auto` that of the last day.
    #[schema(example = "HJ 633-2026")]
    index: Option<String>,
    /// The edition of the assessment of spans.
    #[schema(example = "HJ 663-2026")]
    evaluation: Option<String>,
    /// What they are.
    title: Option<Words>,
    /// Whether something in the answer rests on a row of law that nobody could establish well.
    doubtful: bool,
}

/// What a question is about, found in the registry.
struct Meant {
    subject: Subject,
    what: What,
    /// As it stands in an address: `place=air-1`.
    address: String,
    /// Days of dust weather that hold for it.
    dust: dust::Listed,
}

/// The three ways to say whose air.
#[derive(Clone, Copy)]
struct Whose<'q> {
    place: Option<&'q str>,
    area: Option<&'q str>,
    district: Option<&'q str>,
}

impl Whose<'_> {
    fn find(self, app: &AppState, span: Span) -> Answer<Meant> {
        let view = app.reader.view();
        let registry = view.registry();
        let listed = |area: Option<&str>| dust::Listed::of(app, registry, area);
        match (self.place, self.area, self.district) {
            (Some(key), None, None) => {
                let (id, place) = state::place(registry, key)?;
                if place.kind == PlaceKind::WaterSite {
                    let accepted = Words::new(
                        "水质断面请用 /assess/water/months",
                        "water sites are judged by /assess/water/months",
                    );
                    return Err(ApiError::bad_parameter("place", key, accepted));
                }
                let name = Words::from(&place.name);
                let what = What { kind: "place", key: Some(key.to_owned()), name };
                Ok(Meant {
                    subject: Subject::Place(id),
                    what,
                    address: format!("place={}", encoded(key)),
                    dust: listed(Some(&place.area)),
                })
            }
            (None, Some(key), None) => {
                let area = area(registry, key)?;
                let what =
                    What { kind: "area", key: Some(key.to_owned()), name: Words::from(&area.name) };
                let subject = Subject::area(registry, Some(key), span);
                let address = format!("area={}", encoded(key));
                Ok(Meant { subject, what, address, dust: listed(Some(key)) })
            }
            (None, None, Some("1" | "true")) => {
                let what =
                    What { kind: "district", key: None, name: Words::from(&app.district.name) };
                let subject = Subject::area(registry, None, span);
                Ok(Meant { subject, what, address: "district=1".to_owned(), dust: listed(None) })
            }
            _ => Err(ApiError::missing_parameter(
                "place",
                Words::new(
                    "请写 place=点位键、area=区域键 或 district=1 之一",
                    "write one of place=KEY, area=KEY or district=1",
                ),
            )),
        }
    }
}

/// The area of a key.
///
/// # Errors
/// `unknown_area`.
pub(super) fn area<'r>(registry: &'r Registry, key: &str) -> Answer<&'r model::Area> {
    registry.areas.iter().find(|area| area.key == key).ok_or_else(|| {
        ApiError::unknown("unknown_area", "区域", "area", key)
            .with_hint("区域见 /api/v1/places", "/api/v1/places lists them")
    })
}

/// What a question is answered from.
fn asked<'a>(
    app: &'a AppState,
    moment: Moment,
    set: Option<RuleSet<'a>>,
    dust: &'a [Date],
) -> Asked<'a> {
    Asked {
        book: &app.book,
        reader: &app.reader,
        law: &app.law,
        zone: &app.district.zone,
        now: moment.now,
        known: moment.known,
        set,
        dust,
    }
}

/// The set of editions that a parameter names: `auto`, a set, or one of its editions.
pub(super) fn edition<'a>(app: &'a AppState, text: Option<&str>) -> Answer<Option<RuleSet<'a>>> {
    let text = text.unwrap_or("auto");
    if text == "auto" {
        return Ok(None);
    }
    let is =
        |set: &RuleSet<'_>| super::standards::names_of(&app.law, set).iter().any(|own| own == text);
    let Some(set) = app.law.rule_sets().find(is) else {
        let known: Vec<String> = app.law.rule_sets().map(|set| set.name().to_owned()).collect();
        let known = known.join(", ");
        let accepted = Words::new(
            format!("可用 auto、{known}；见 /api/v1/standards/editions"),
            format!("there are auto, {known}; see /api/v1/standards/editions"),
        );
        return Err(ApiError::bad_parameter("edition", text, accepted));
    };
    Ok(Some(set))
}

fn used(asked: &Asked<'_>, last: Date, doubtful: bool) -> EditionUsed {
    let on = asked.set_on(last);
    EditionUsed {
        id: asked.set.map_or_else(|| "auto".to_owned(), |set| set.name().to_owned()),
        index: on.map(|set| set.index.edition().to_string()),
        evaluation: on.map(|set| set.rules.edition().to_string()),
        title: on.map(|set| words(&set.row.title)),
        doubtful,
    }
}

/// The civil year that a parameter names; this year without it.
fn year(app: &AppState, text: Option<&str>) -> Answer<Span> {
    let accepted = |given: &str| {
        ApiError::bad_parameter(
            "year",
            given,
            Words::new("请用 2000 至 2100 之间的年份", "write a year from 2000 to 2100"),
        )
    };
    let year = match text {
        Some(text) => text.parse::<i16>().map_err(|_| accepted(text))?,
        None => app.district.zone.date(app.now()).map_err(|_| accepted("now"))?.year(),
    };
    let span = Span::year(year).filter(|_| YEARS.contains(&year));
    span.ok_or_else(|| accepted(text.unwrap_or("now")))
}

/// The civil days from `from` to `to`, both included.
pub fn span(from: Option<&str>, to: Option<&str>) -> Answer<Span> {
    let date = |name: &str, text: Option<&str>| {
        let accepted = || {
            Words::new(
                "请用 2026-03-01；from 与 to 均包含在内",
                "write 2026-03-01; from and to are both included",
            )
        };
        let text = text.ok_or_else(|| ApiError::missing_parameter(name, accepted()))?;
        let date: Option<Date> = if text.len() == 10 { text.parse().ok() } else { None };
        date.filter(|date| YEARS.contains(&date.year()))
            .ok_or_else(|| ApiError::bad_parameter(name, text, accepted()))
    };
    let (first, last) = (date("from", from)?, date("to", to)?);
    Span::new(first, last).ok_or_else(|| {
        let accepted = Words::new("to 不得早于 from", "to must not be before from");
        ApiError::bad_parameter("to", to.unwrap_or_default(), accepted)
    })
}

/// A span that is not more work than one answer may be.
pub(super) fn bounded(app: &AppState, span: Span, places: usize) -> Answer<()> {
    let share = PLACE_DAYS_MAX / (places.max(1) as u64);
    let max = app.limits.daily_days_max.min(share.max(366));
    if u64::from(span.len()) > max {
        return Err(ApiError::range_too_long(span.len().into(), "daily_days_max", max));
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`, which gives the value")]
fn failed(error: engine::assess::Error) -> ApiError {
    ApiError::internal("judge a period", &error)
}

fn words(text: &Text) -> Words {
    Words::new(&text.zh, &text.en)
}

fn said(what: &impl Said) -> Words {
    Words::new(what.zh(), what.en())
}

/// The address under which a number is explained.
pub(crate) fn explain_url(meant: &str, item: &str, span: Span, edition: &str) -> String {
    format!(
        "/api/v1/assess/explain?{meant}&item={item}&from={}&to={}&edition={edition}",
        span.first(),
        span.last()
    )
}

/// A key as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte as char);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
