//! What a scheme would have come to over past periods: each amount openable to its lines and its inputs.

mod air;
mod ground;
mod period;
mod score;
mod sections;
mod sources;

use super::schemes::{Kept, SchemeAnswer, flawed, known};
use crate::http::assess::{self, Days};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::session::read_json;
use crate::http::state::AppState;
use crate::words::Words;
use account::report::{SHORTEST_DECIMALS, shortest};
use account::scheme::{Best, Direction, Scheme};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use ground::Ground;
use score::{Chain, ReplayedScore, Score, ScoreBody};
use serde::{Deserialize, Serialize};
use sources::{Given, InputBody, ReplayedSource, Way};
use standards::{Exact, ExactError, Span};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Periods of one replay.
const PERIODS_MAX: usize = 400;

/// What to replay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    /// Key of the scheme; or the scheme itself in `toml`, before it is adopted.
    scheme: Option<String>,
    toml: Option<String>,
    /// Civil days, both included.
    from: String,
    to: String,
    /// `day`, `month` or `span` (the whole of it); `month` without it.
    every: Option<String>,
    /// `place`, `area`, or `section`: water sites; `place` without it.
    by: Option<String>,
    /// Where each input comes from. What the scheme states itself need not be said; of a single input whose name tells
    /// what is taken, `item` and `reference` are enough.
    #[serde(default)]
    inputs: Vec<InputBody>,
    /// The scheme that ranks, where an input has the item `score`: this one pays by it.
    score: Option<ScoreBody>,
    /// Of a scheme with one input: as of `/assess/rank`; `composite` without it.
    item: Option<String>,
    /// Of a scheme with one input: `mean` of all that are ranked, or a decimal: the target.
    reference: Option<String>,
    /// Of a score: which end is the best, `high` or `low`; without it what the scheme states.
    best: Option<String>,
    /// `auto`, or a set of editions.
    edition: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// What a scheme would have come to.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    scheme: SchemeAnswer,
    /// `place`, `area` or `section`.
    #[schema(value_type = String)]
    by: By,
    /// Where each input came from.
    inputs: Vec<ReplayedSource>,
    /// The score that it pays by; null where no input is one.
    score: Option<ReplayedScore>,
    /// Which end of the score is the best, `high` or `low`; null when it is no score, or nobody said.
    #[schema(value_type = Option<String>)]
    best: Option<Best>,
    /// Why nothing is ranked by the score, where nothing is.
    unranked: Option<Words>,
    periods: Vec<ReplayedPeriod>,
    /// Over all periods, by unit.
    totals: Vec<ReplayedTotal>,
}

/// One period.
#[derive(Serialize, ToSchema)]
pub struct ReplayedPeriod {
    span: Days,
    /// What the values of each input were compared with, in the order of `inputs`; null where none had a value, or
    /// nothing is compared.
    references: Vec<Option<String>>,
    rows: Vec<ReplayedRow>,
}

/// One unit in a period.
#[derive(Serialize, ToSchema)]
pub struct ReplayedRow {
    key: String,
    name: Words,
    /// By the score; without a score by the input, where there is one only. 1 is the best, equals share a rank.
    rank: Option<u32>,
    /// Its rank when approved dust days are not left out.
    rank_without_exemptions: Option<u32>,
    /// The inputs of the scheme, in the order of `inputs`.
    inputs: Vec<ReplayedInput>,
    /// The amount, in the scheme's unit; a suggestion until a finance document is entered.
    amount: Option<String>,
    /// The same, not rounded for people.
    #[serde(skip)]
    exact: Option<Exact>,
    /// The same when approved dust days are not left out.
    #[serde(skip)]
    exact_without: Option<Exact>,
    /// The amount under the other reading of the source, where there is one.
    other: Option<String>,
    /// How it came about, line by line: what, how much, times what.
    lines: Vec<String>,
    /// Why there is none: which input is missing, and why.
    reason: Option<Words>,
}

/// One input of a unit.
#[derive(Serialize, ToSchema)]
pub struct ReplayedInput {
    /// What was measured, in the unit of the item; of a load the concentration.
    value: Option<String>,
    /// Its rank by this item; of a load by the load.
    rank: Option<u32>,
    rank_without_exemptions: Option<u32>,
    /// The input of the scheme.
    input: Option<String>,
    /// Days and flow behind it.
    note: Option<Words>,
    /// Why there is none.
    reason: Option<Words>,
    /// Where it is explained.
    explain: Vec<String>,
}

/// A unit over all periods.
#[derive(Serialize, ToSchema)]
pub struct ReplayedTotal {
    key: String,
    name: Words,
    amount: String,
    /// Periods with an amount above nought.
    times: usize,
    /// Periods without an amount.
    without: usize,
}

/// What units are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum By {
    /// Air stations.
    Place,
    /// Sub-districts, by their air stations.
    Area,
    /// Water sites.
    Section,
}

/// What a scheme would have come to over past periods, openable to its inputs.
#[utoipa::path(
    post, operation_id = "replay_scheme", path = "/schemes/replay", tag = "account", request_body = ReplayBody,
    responses((status = 200, body = Replayed), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn replay_scheme(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<Replayed>> {
    let body: ReplayBody = read_json(&headers, &body)?;
    app.ask(move |app| replayed(app, &body).map(Json)).await
}

fn replayed(app: &AppState, body: &ReplayBody) -> Answer<Replayed> {
    let moment = Moment::read(app, body.as_of.as_deref())?;
    let (scheme, toml, adopted) =
        chosen(app, moment, "", body.scheme.as_deref(), body.toml.as_deref())?;
    let by = by(body.by.as_deref())?;
    let best = best(&scheme, body.best.as_deref(), "best")?;
    let (inputs, item, reference) = (&body.inputs, body.item.as_deref(), body.reference.as_deref());
    let stated = sources::stated(&scheme, &Given { inputs, item, reference, at: "" }, by)?;
    let score = Score::read(app, body, (by, moment), &stated)?;
    let ways = sources::checked(app, by, stated, score.as_ref())?;
    let span = assess::span(Some(&body.from), Some(&body.to))?;
    let spans = periods(body.every.as_deref(), span)?;
    let measured = ways.iter().filter(|way| !way.source.is_score());
    let measured = measured.chain(score.iter().flat_map(Score::ways)).collect();
    let ground = Ground::read(app, body, (by, moment), measured, &spans)?;
    let chain = score.as_ref();
    let chain = chain.map(|score| Chain::read(app, body, (by, moment), (score, &ways), &spans));
    let mut chain = chain.transpose()?;
    let mut periods = vec![];
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for span in spans {
        let mut grounds = ground.found(span)?;
        if let Some(chain) = &mut chain {
            grounds = chain.join(span, grounds)?;
        }
        let period = period::of(&scheme, best, &ways, span, grounds)?;
        for row in &period.rows {
            let total = totals.entry(row.key.clone()).or_insert_with(|| Total::of(&row.name));
            match row.exact {
                Some(amount) => total.add(&amount).map_err(|error| flawed(&error.into()))?,
                None => total.without += 1,
            }
        }
        periods.push(period);
    }
    let unranked = (scheme.direction == Direction::Score && best.is_none()).then(|| {
        Words::new(
            "未说明得分高好还是低好，未按得分排名（best：high 或 low）",
            "nobody said which end of the score is the best, so nothing is ranked by it (best: high or low)",
        )
    });
    let totals = totals.into_iter().filter(|(_, total)| total.has_any);
    Ok(Replayed {
        scheme: SchemeAnswer::of(&scheme, &toml, adopted),
        by,
        inputs: ways.iter().map(ReplayedSource::of).collect(),
        score: chain.map(Chain::answer),
        best,
        unranked,
        periods,
        totals: totals.map(|(key, total)| total.answer(key)).collect(),
    })
}

/// The scheme that a question names or brings; `at`: where it stands in the question.
fn chosen(
    app: &AppState,
    moment: Moment,
    at: &str,
    key: Option<&str>,
    toml: Option<&str>,
) -> Answer<Kept> {
    match (key, toml) {
        (Some(key), None) => known(app, moment.known)?.remove(key).ok_or_else(|| {
            ApiError::unknown("unknown_scheme", "办法", "scheme", key)
                .with_hint("办法见 /api/v1/schemes", "/api/v1/schemes lists them")
        }),
        (None, Some(toml)) => {
            Ok((Scheme::parse(toml).map_err(|error| flawed(&error))?, toml.to_owned(), false))
        }
        _ => {
            let accepted = Words::new("scheme 与 toml 请写其一", "write one of scheme and toml");
            Err(ApiError::missing_parameter(&format!("{at}scheme"), accepted))
        }
    }
}

fn by(text: Option<&str>) -> Answer<By> {
    match text {
        None | Some("place") => Ok(By::Place),
        Some("area") => Ok(By::Area),
        Some("section") => Ok(By::Section),
        Some(other) => {
            let accepted =
                Words::new("请用 place、area 或 section", "write place, area or section");
            Err(ApiError::bad_parameter("by", other, accepted))
        }
    }
}

fn best(scheme: &Scheme, text: Option<&str>, parameter: &str) -> Answer<Option<Best>> {
    let accepted = |given: &str| {
        let accepted =
            Words::new("请用 high 或 low；只用于得分", "write high or low; only of a score");
        ApiError::bad_parameter(parameter, given, accepted)
    };
    match text {
        None => Ok(scheme.best),
        Some(given) if scheme.direction != Direction::Score => Err(accepted(given)),
        Some("high") => Ok(Some(Best::High)),
        Some("low") => Ok(Some(Best::Low)),
        Some(other) => Err(accepted(other)),
    }
}

/// What a unit comes to over all periods.
struct Total {
    name: Words,
    /// None when no fraction holds the sum any more.
    exact: Option<Exact>,
    /// The sum of what is printed.
    printed: Exact,
    times: usize,
    without: usize,
    /// Whether there is an amount at all.
    has_any: bool,
}

impl Total {
    fn of(name: &Words) -> Self {
        Self {
            name: name.clone(),
            exact: Some(Exact::ZERO),
            printed: Exact::ZERO,
            times: 0,
            without: 0,
            has_any: false,
        }
    }

    fn add(&mut self, amount: &Exact) -> Result<(), ExactError> {
        let sum = self.exact.and_then(|sum| sum.plus(amount).ok());
        self.exact = sum.filter(|sum| sum.half_even(SHORTEST_DECIMALS).is_ok());
        self.printed = self.printed.plus(&amount.half_even(SHORTEST_DECIMALS)?)?;
        self.has_any = true;
        self.times += usize::from(*amount > Exact::ZERO);
        Ok(())
    }

    fn answer(self, key: String) -> ReplayedTotal {
        let amount = shortest(&self.exact.unwrap_or(self.printed));
        ReplayedTotal { key, name: self.name, amount, times: self.times, without: self.without }
    }
}

fn periods(every: Option<&str>, span: Span) -> Answer<Vec<Span>> {
    let spans: Vec<Span> = match every.unwrap_or("month") {
        "span" => vec![span],
        "month" => months(span),
        "day" => span
            .first()
            .series(jiff::Span::new().days(1))
            .take(span.len() as usize)
            .filter_map(|day| Span::new(day, day))
            .collect(),
        other => {
            let accepted = Words::new("day、month 或 span", "day, month or span");
            return Err(ApiError::bad_parameter("every", other, accepted));
        }
    };
    if spans.len() > PERIODS_MAX {
        return Err(ApiError::range_too_long(
            spans.len() as i64,
            "daily_days_max",
            PERIODS_MAX as u64,
        ));
    }
    Ok(spans)
}

/// The months of a span; of the first and the last the days that lie in it.
fn months(span: Span) -> Vec<Span> {
    let mut all = vec![];
    let mut first = span.first();
    while let Some(month) = Span::new(first, first.last_of_month().min(span.last())) {
        all.push(month);
        let Ok(next) = month.last().tomorrow() else { break };
        first = next;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(parts: &[Exact]) -> String {
        let mut total = Total::of(&Words::new("一号站", "Station 1"));
        for part in parts {
            total.add(part).unwrap();
        }
        assert_eq!(total.times, parts.len());
        total.answer("air-1".to_owned()).amount
    }

    #[test]
    fn of_months_that_lie_partly_in_a_span_their_days_count() {
        let span = |first: &str, last: &str| {
            Span::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
        };
        let told: Vec<String> =
            months(span("2024-01-30", "2024-03-05")).iter().map(ToString::to_string).collect();
        let expected = [
            span("2024-01-30", "2024-01-31"),
            span("2024-02-01", "2024-02-29"),
            span("2024-03-01", "2024-03-05"),
        ];
        assert_eq!(told, expected.map(|own| own.to_string()));
        assert_eq!(months(span("2024-02-10", "2024-02-10")).len(), 1);
    }

    #[test]
    fn thirds_of_money_come_to_a_whole() {
        assert_eq!(sum(&[Exact::fraction(1, 3).unwrap(); 3]), "1");
    }

    #[test]
    fn fractions_that_no_fraction_holds_come_to_the_sum_of_what_is_printed() {
        let odd = |n: i128| Exact::fraction(1, 1_000_003 + 2 * n).unwrap();
        let odd: Vec<_> = (0..400).map(odd).collect();
        assert!(odd.iter().try_fold(Exact::ZERO, |sum, part| sum.plus(part)).is_err());
        let expected: f64 = odd.iter().map(Exact::to_f64).sum();
        let about: f64 = sum(&odd).parse().unwrap();
        assert!((about - expected).abs() < 400e-9, "{about} {expected}");
    }
}
