//! Scores of units, open to the cases behind each number.

use super::super::error::{Answer, ApiError, Problem};
use super::super::state::AppState;
use super::View;
use crate::words::Words;
use axum::Json;
use axum::extract::{Query, State};
use control::{Counts, POINTS_DECIMALS, Ratio, ScoreScheme, counts_by_unit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What scores are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ScoreQuery {
    /// A month, `2026-11`; without it the one of today.
    month: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// Scores of a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scores {
    month: String,
    /// The formula, its source, and how sure we are of it: `H`, `M`, `R` or `O`.
    formula: Words,
    source: String,
    confidence: String,
    /// Units with fewer due cases are shown and not ranked.
    cases_min: u32,
    /// The best first; those without a score last.
    units: Vec<UnitScore>,
}

/// What a unit scored.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitScore {
    unit: String,
    name: Words,
    /// Points with one decimal; null: no case.
    points: Option<String>,
    is_ranked: bool,
    on_time: Share,
    closing: Share,
    lines: Vec<ScoreLine>,
    /// Numbers of the cases behind each count.
    cases: CaseLists,
}

/// A share; without cases there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct Share {
    part: u32,
    whole: u32,
    /// In percent with one decimal; null: no case.
    percent: Option<String>,
}

/// A line of a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreLine {
    /// `on_time`, `closing`, `urgent_on_time`, `rework`, `reopened`.
    of: String,
    points: Option<String>,
}

/// The cases behind the counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseLists {
    due: Vec<String>,
    deferred: Vec<String>,
    closed: Vec<String>,
    on_time: Vec<String>,
    overdue: Vec<String>,
    urged: Vec<String>,
    reworks: Vec<String>,
    reopened: Vec<String>,
}

/// Scores of units in a month.
#[utoipa::path(
    get, path = "/cases/scores", tag = "cases", params(ScoreQuery),
    responses((status = 200, body = Scores), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
pub async fn case_scores(
    State(app): State<AppState>,
    Query(query): Query<ScoreQuery>,
) -> Answer<Json<Scores>> {
    app.ask(move |app| {
        let view = View::read(app, query.as_of.as_deref())?;
        let month = match query.month {
            Some(month) => month,
            None => app.today()?[..7].to_owned(),
        };
        let span = span(app, &month)?;
        let formula = ScoreScheme::built_in()
            .map_err(|error| ApiError::internal("read a formula", &std::io::Error::other(error)))?;
        let settings = &view.settings;
        let counted = counts_by_unit(
            view.cases.values().map(std::convert::AsRef::as_ref),
            &settings.catalogue,
            &settings.calendar,
            span,
            view.now,
        );
        let people = app.roster.now();
        let mut units = vec![];
        for (unit, counts) in counted {
            let score = formula
                .score(&counts)
                .map_err(|error| ApiError::internal("compute a score", &error))?;
            let name = people.unit(&unit).map(|unit| Words::from(&unit.name));
            units.push((
                score.points,
                UnitScore {
                    name: name.unwrap_or_else(|| Words::new(&unit, &unit)),
                    unit,
                    points: score.points.and_then(|points| {
                        Some(points.half_even(POINTS_DECIMALS).ok()?.fixed(POINTS_DECIMALS))
                    }),
                    is_ranked: score.is_ranked,
                    on_time: share(counts.on_time_rate()),
                    closing: share(counts.closing_rate()),
                    lines: score
                        .lines
                        .into_iter()
                        .map(|(of, points)| ScoreLine {
                            of,
                            points: points.and_then(|points| {
                                Some(points.half_even(POINTS_DECIMALS).ok()?.fixed(POINTS_DECIMALS))
                            }),
                        })
                        .collect(),
                    cases: lists(counts),
                },
            ));
        }
        units.sort_by(|(a, _), (b, _)| b.cmp(a));
        Ok(Json(Scores {
            month,
            formula: Words::new(formula.name.zh, formula.name.en),
            source: formula.source,
            confidence: formula.confidence,
            cases_min: formula.cases_min,
            units: units.into_iter().map(|(_, unit)| unit).collect(),
        }))
    })
    .await
}

fn span(app: &AppState, month: &str) -> Answer<(model::Timestamp, model::Timestamp)> {
    let accepted = || {
        let accepted = Words::new("形如 2026-11", "written 2026-11");
        ApiError::bad_parameter("month", month, accepted)
    };
    let first: jiff::civil::Date = format!("{month}-01").parse().map_err(|_| accepted())?;
    let next = first.last_of_month().tomorrow().map_err(|_| accepted())?;
    let at = |date: jiff::civil::Date| app.district.zone.day(date).map_err(|_| accepted());
    Ok((at(first)?.start(), at(next)?.start()))
}

fn share(ratio: Ratio) -> Share {
    let percent = ratio.percent().and_then(|percent| Some(percent.half_even(1).ok()?.fixed(1)));
    Share { part: ratio.part, whole: ratio.whole, percent }
}

fn lists(counts: Counts) -> CaseLists {
    let Counts { due, deferred, closed, on_time, overdue, urged, reworks, reopened, .. } = counts;
    CaseLists { due, deferred, closed, on_time, overdue, urged, reworks, reopened }
}
