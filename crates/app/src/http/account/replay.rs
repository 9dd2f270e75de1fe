//! What a scheme would have come to over past periods: from the ranks by one item, each amount openable to its lines.

use super::schemes::{SchemeAnswer, flawed, known};
use crate::http::assess::rank::{RankQuery, Ranking, ranking};
use crate::http::assess::{self, Days};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::session::read_json;
use crate::http::state::AppState;
use crate::words::Words;
use account::report::{SHORTEST_DECIMALS, shortest};
use account::scheme::{Direction, Formula, Inputs, Scheme};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
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
    /// `place` or `area`; `place` without it.
    by: Option<String>,
    /// As of `/assess/rank`.
    item: Option<String>,
    /// `mean` of all that are ranked, or a decimal: the target.
    reference: Option<String>,
    /// `auto`, or a set of editions.
    edition: Option<String>,
    /// As it was known at a sequence or an instant.
    as_of: Option<String>,
}

/// What a scheme would have come to.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    scheme: SchemeAnswer,
    /// Which input of the scheme was taken from what.
    input: Words,
    periods: Vec<ReplayedPeriod>,
    /// Over all periods, by unit.
    totals: Vec<ReplayedTotal>,
}

/// One period.
#[derive(Serialize, ToSchema)]
pub struct ReplayedPeriod {
    span: Days,
    /// What values were compared with; null when none had a value.
    reference: Option<String>,
    rows: Vec<ReplayedRow>,
}

/// One unit in a period.
#[derive(Serialize, ToSchema)]
pub struct ReplayedRow {
    key: String,
    name: Words,
    value: Option<String>,
    rank: Option<u32>,
    /// Its rank when approved dust days are not left out.
    rank_without_exemptions: Option<u32>,
    /// The input of the scheme.
    input: Option<String>,
    /// The amount, in the scheme's unit; a suggestion until a finance document is entered.
    amount: Option<String>,
    /// The same, not rounded for people.
    #[serde(skip)]
    exact: Option<Exact>,
    /// The amount under the other reading of the source, where there is one.
    other: Option<String>,
    /// How it came about, line by line: what, how much, times what.
    lines: Vec<String>,
    /// Why there is none.
    reason: Option<Words>,
    /// Where its value is explained.
    explain: String,
}

/// A unit over all periods.
#[derive(Serialize, ToSchema)]
pub struct ReplayedTotal {
    key: String,
    name: Words,
    amount: String,
    /// Periods with an amount above nought.
    times: usize,
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

/// How the input of a scheme follows from a value, a reference, a rank.
#[derive(Clone, Copy)]
enum Takes {
    /// By how much the value is above the reference, not below 0.
    Excess,
    /// The same, in per cent of the reference.
    Percent,
    /// The same, in multiples of the reference.
    Multiple,
    /// The place, counted from the end that is paid for.
    Place,
}

impl Takes {
    fn of(scheme: &Scheme) -> Answer<Self> {
        let inputs = scheme.takes();
        let takes = match inputs.as_slice() {
            [one]
                if matches!(scheme.formula, Formula::ByPlace { .. })
                    || one.starts_with("place") =>
            {
                Some(Self::Place)
            }
            [one] if one.starts_with("excess") => Some(Self::Excess),
            [one] if one.ends_with("percent") => Some(Self::Percent),
            [one] if one.ends_with("multiple") => Some(Self::Multiple),
            _ => None,
        };
        takes.ok_or_else(|| {
            let inputs = inputs.join(", ");
            ApiError::new(
                StatusCode::BAD_REQUEST,
                "not_replayable",
                Words::new(
                    format!("办法 {} 的输入（{inputs}）不能由一项排名推出", scheme.key),
                    format!(
                        "the inputs of {} ({inputs}) do not follow from a rank by one item",
                        scheme.key
                    ),
                ),
            )
            .with_hint(
                "可回放的输入：excess_…、…percent、…multiple、place…",
                "inputs that can be replayed: excess_…, …percent, …multiple, place…",
            )
        })
    }

    fn words(self) -> Words {
        match self {
            Self::Excess => {
                Words::new("高于参照值的部分", "by how much the value is above the reference")
            }
            Self::Percent => Words::new(
                "高于参照值的百分比",
                "by how many per cent the value is above the reference",
            ),
            Self::Multiple => {
                Words::new("超过参照值的倍数", "by how many times the reference is exceeded")
            }
            Self::Place => Words::new(
                "从受奖罚一端数起的名次",
                "the place, counted from the end that is paid for",
            ),
        }
    }
}

fn replayed(app: &AppState, body: &ReplayBody) -> Answer<Replayed> {
    let moment = Moment::read(app, body.as_of.as_deref())?;
    let (scheme, toml, adopted) = match (&body.scheme, &body.toml) {
        (Some(key), None) => known(app, moment.known)?.remove(key).ok_or_else(|| {
            ApiError::unknown("unknown_scheme", "办法", "scheme", key)
                .with_hint("办法见 /api/v1/schemes", "/api/v1/schemes lists them")
        })?,
        (None, Some(toml)) => {
            (Scheme::parse(toml).map_err(|error| flawed(&error))?, toml.clone(), false)
        }
        _ => {
            let accepted = Words::new("scheme 与 toml 请写其一", "write one of scheme and toml");
            return Err(ApiError::missing_parameter("scheme", accepted));
        }
    };
    let takes = Takes::of(&scheme)?;
    let span = assess::span(Some(&body.from), Some(&body.to))?;
    let spans = periods(body.every.as_deref(), span)?;
    let mut periods = vec![];
    let mut totals: BTreeMap<String, Total> = BTreeMap::new();
    for span in spans {
        let period = period(app, body, &scheme, takes, span)?;
        for row in &period.rows {
            let Some(amount) = row.exact else { continue };
            let total = totals.entry(row.key.clone()).or_insert_with(|| Total::of(&row.name));
            total.add(&amount).map_err(|error| flawed(&error.into()))?;
        }
        periods.push(period);
    }
    Ok(Replayed {
        scheme: SchemeAnswer::of(&scheme, &toml, adopted),
        input: takes.words(),
        periods,
        totals: totals.into_iter().map(|(key, total)| total.answer(key)).collect(),
    })
}

/// What a unit comes to over all periods.
struct Total {
    name: Words,
    /// None when no fraction holds the sum any more.
    exact: Option<Exact>,
    /// The sum of what is printed.
    printed: Exact,
    times: usize,
}

impl Total {
    fn of(name: &Words) -> Self {
        Self { name: name.clone(), exact: Some(Exact::ZERO), printed: Exact::ZERO, times: 0 }
    }

    fn add(&mut self, amount: &Exact) -> Result<(), ExactError> {
        let sum = self.exact.and_then(|sum| sum.plus(amount).ok());
        self.exact = sum.filter(|sum| sum.half_even(SHORTEST_DECIMALS).is_ok());
        self.printed = self.printed.plus(&amount.half_even(SHORTEST_DECIMALS)?)?;
        self.times += usize::from(*amount > Exact::ZERO);
        Ok(())
    }

    fn answer(self, key: String) -> ReplayedTotal {
        let amount = shortest(&self.exact.unwrap_or(self.printed));
        ReplayedTotal { key, name: self.name, amount, times: self.times }
    }
}

fn periods(every: Option<&str>, span: Span) -> Answer<Vec<Span>> {
    let spans: Vec<Span> = match every.unwrap_or("month") {
        "span" => vec![span],
        "month" => span
            .months()
            .into_iter()
            .filter_map(|own| Span::new(own.first().max(span.first()), own.last().min(span.last())))
            .collect(),
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

fn period(
    app: &AppState,
    body: &ReplayBody,
    scheme: &Scheme,
    takes: Takes,
    span: Span,
) -> Answer<ReplayedPeriod> {
    let ranked = |exempt: bool| -> Answer<Ranking> {
        let mut query = RankQuery::of(span, body.by.as_deref(), body.item.as_deref());
        query.edition.clone_from(&body.edition);
        query.as_of.clone_from(&body.as_of);
        query.exempt = Some(exempt);
        ranking(app, &query)
    };
    let (with, without) = (ranked(true)?, ranked(false)?);
    let values: Vec<Option<Exact>> = with
        .rows
        .iter()
        .map(|row| row.value.as_deref().and_then(|value| Exact::parse(value).ok()))
        .collect();
    let reference = reference(body.reference.as_deref(), &values)?;
    let placed = values.iter().flatten().count();
    let mut rows = vec![];
    for (row, value) in with.rows.into_iter().zip(&values) {
        let plain = without.rows.iter().find(|own| own.key == row.key);
        let input = match (value, &reference, row.rank) {
            (Some(value), Some(reference), Some(rank)) => {
                Some(input(takes, scheme.direction, (value, reference), (rank, placed)))
            }
            _ => None,
        };
        let mut answer = ReplayedRow {
            rank_without_exemptions: plain.and_then(|own| own.rank),
            key: row.key,
            name: row.name,
            value: row.value,
            rank: row.rank,
            input: None,
            amount: None,
            exact: None,
            other: None,
            lines: vec![],
            reason: row.reason,
            explain: row.explain,
        };
        if let Some(input) = input {
            let input = input.map_err(|error| flawed(&error.into()))?;
            let inputs: Inputs = scheme.takes().into_iter().map(|name| (name, input)).collect();
            let payment = scheme.apply(&inputs).map_err(|error| flawed(&error))?;
            answer.input = Some(shortest(&input));
            answer.amount = Some(shortest(&payment.amount));
            answer.exact = Some(payment.amount);
            answer.other = payment.other.as_ref().map(shortest);
            let line = |own: &account::scheme::Line| {
                format!(
                    "{}: {} × {} = {}",
                    own.what,
                    shortest(&own.quantity),
                    shortest(&own.rate),
                    shortest(&own.amount)
                )
            };
            answer.lines = payment.lines.iter().map(line).collect();
        }
        rows.push(answer);
    }
    Ok(ReplayedPeriod { span: Days::of(span), reference: reference.as_ref().map(shortest), rows })
}

/// What values are compared with: their mean, or a target.
fn reference(given: Option<&str>, values: &[Option<Exact>]) -> Answer<Option<Exact>> {
    let number = |error: ExactError| flawed(&error.into());
    match given.unwrap_or("mean") {
        "mean" => {
            let (mut sum, mut count) = (Exact::ZERO, 0);
            for value in values.iter().flatten() {
                sum = sum.plus(value).map_err(number)?;
                count += 1;
            }
            if count == 0 {
                return Ok(None);
            }
            sum.over(&Exact::whole(count)).map(Some).map_err(number)
        }
        target => match Exact::parse(target) {
            Ok(target) if target > Exact::ZERO => Ok(Some(target)),
            _ => {
                let accepted =
                    Words::new("mean，或大于 0 的十进制数", "mean, or a decimal above 0");
                Err(ApiError::bad_parameter("reference", target, accepted))
            }
        },
    }
}

fn input(
    takes: Takes,
    direction: Direction,
    (value, reference): (&Exact, &Exact),
    (rank, placed): (u32, usize),
) -> Result<Exact, ExactError> {
    let above = value.minus(reference)?.max(Exact::ZERO);
    match takes {
        Takes::Excess => Ok(above),
        Takes::Percent => above.times(&Exact::whole(100))?.over(reference),
        Takes::Multiple => above.over(reference),
        Takes::Place => {
            let rank = i64::from(rank);
            let from_end = placed as i64 - rank + 1;
            Ok(Exact::whole(if direction == Direction::Reward { rank } else { from_end }))
        }
    }
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
