//! One period of a replay: what the sources found becomes inputs, the inputs an amount, the amounts ranks.

use super::super::answer::words;
use super::super::schemes::flawed;
use super::{ReplayedInput, ReplayedPeriod, ReplayedRow, Way};
use crate::http::assess::Days;
use crate::http::error::Answer;
use crate::words::Words;
use account::report::shortest;
use account::scheme::{Best, Direction, Inputs, Line, Measured, NoInput, Payment, Scheme};
use standards::statistics::ranks;
use standards::{Exact, ExactError, Span};

/// What the sources found in a span.
pub struct Grounds {
    pub units: Vec<Unit>,
    /// A column a source, with a row a unit.
    pub with: Vec<Column>,
    /// The same when approved dust days are not left out.
    pub without: Vec<Column>,
}

/// A unit that a scheme is about.
#[derive(Clone)]
pub struct Unit {
    pub key: String,
    pub name: Words,
}

/// What a source found at each unit.
pub type Column = Vec<Found>;

/// What a source found at a unit.
#[derive(Clone, Default)]
pub struct Found {
    /// As it is shown.
    pub value: Option<String>,
    /// What is computed with: the value, of a load tonnes.
    pub number: Option<Exact>,
    /// The same span of the year before.
    pub before: Option<Exact>,
    /// 1 is the best; none where nobody said which end of a score is the best.
    pub rank: Option<u32>,
    pub note: Option<Words>,
    /// Why there is no number.
    pub reason: Option<Words>,
    pub explain: Vec<String>,
}

/// What a unit comes to: its inputs, each with its reason where there is none, and the payment where all are there.
struct Came {
    inputs: Vec<Result<Exact, Words>>,
    payment: Result<Payment, Words>,
}

/// One period of a scheme.
///
/// # Errors
/// When the scheme cannot take what the sources give, or numbers do not fit exact arithmetic.
pub fn of(
    scheme: &Scheme,
    best: Option<Best>,
    ways: &[Way],
    span: Span,
    grounds: Grounds,
) -> Answer<ReplayedPeriod> {
    let Grounds { units, with, without } = grounds;
    let references = references(ways, &with)?;
    let came = came(scheme, ways, &with, &references)?;
    let plain = came_plainly(scheme, ways, &without)?;
    let score = |came: &[Came]| ranked(came, best);
    let by_input = |columns: &[Column]| match columns {
        [only] => only.iter().map(|found| found.rank).collect(),
        _ => vec![None; units.len()],
    };
    let (own, other) = if scheme.direction == Direction::Score && best.is_some() {
        (score(&came)?, score(&plain)?)
    } else {
        (by_input(&with), by_input(&without))
    };
    let mut rows: Vec<ReplayedRow> = vec![];
    for (at, (unit, came)) in units.into_iter().zip(came).enumerate() {
        let inputs = came
            .inputs
            .iter()
            .enumerate()
            .map(|(input, came)| shown(&with[input][at], without[input][at].rank, came));
        let payment = came.payment.as_ref().ok();
        rows.push(ReplayedRow {
            rank: own[at],
            rank_without_exemptions: other[at],
            key: unit.key,
            name: unit.name,
            inputs: inputs.collect(),
            amount: payment.map(|own| shortest(&own.amount)),
            exact: payment.map(|own| own.amount),
            exact_without: plain[at].payment.as_ref().ok().map(|own| own.amount),
            other: payment.and_then(|own| own.other.as_ref()).map(shortest),
            lines: payment
                .map(|own| own.lines.iter().map(Line::told).collect())
                .unwrap_or_default(),
            reason: came.payment.err(),
        });
    }
    rows.sort_by_key(|row| (row.rank.is_none(), row.rank, row.key.clone()));
    let shown = ways.iter().zip(&references);
    let shown = shown.map(|(way, own)| own.filter(|_| way.is_compared()).as_ref().map(shortest));
    Ok(ReplayedPeriod { span: Days::of(span), references: shown.collect(), rows })
}

fn shown(found: &Found, plain_rank: Option<u32>, came: &Result<Exact, Words>) -> ReplayedInput {
    ReplayedInput {
        value: found.value.clone(),
        rank: found.rank,
        rank_without_exemptions: plain_rank,
        input: came.as_ref().ok().map(shortest),
        note: found.note.clone(),
        reason: came.as_ref().err().cloned(),
        explain: found.explain.clone(),
    }
}

/// What each column is compared with.
fn references(ways: &[Way], columns: &[Column]) -> Answer<Vec<Option<Exact>>> {
    let mut all = vec![];
    for (way, column) in ways.iter().zip(columns) {
        if !way.is_compared() {
            all.push(None);
            continue;
        }
        let values: Vec<Exact> = column.iter().filter_map(|found| found.number).collect();
        all.push(way.reference.of(&values).map_err(number)?);
    }
    Ok(all)
}

fn came_plainly(scheme: &Scheme, ways: &[Way], columns: &[Column]) -> Answer<Vec<Came>> {
    came(scheme, ways, columns, &references(ways, columns)?)
}

fn came(
    scheme: &Scheme,
    ways: &[Way],
    columns: &[Column],
    references: &[Option<Exact>],
) -> Answer<Vec<Came>> {
    let units = columns.first().map_or(0, Vec::len);
    let came = |unit: usize| {
        let inputs = ways.iter().enumerate();
        let inputs =
            inputs.map(|(at, way)| input(way, &columns[at], unit, references[at])).collect();
        paid(scheme, ways, inputs)
    };
    (0..units).map(came).collect()
}

/// What a unit with these inputs comes to; nothing, and never 0, when one of them is missing.
fn paid(scheme: &Scheme, ways: &[Way], inputs: Vec<Result<Exact, Words>>) -> Answer<Came> {
    let missing = ways.iter().zip(&inputs).find_map(|(way, own)| {
        let why = own.as_ref().err()?;
        let (name, item) = (&way.source.name, &way.source.item);
        Some(Words::new(
            format!("缺输入 {name}（{item}）：{}", why.zh),
            format!("the input {name} ({item}) is missing: {}", why.en),
        ))
    });
    if let Some(why) = missing {
        return Ok(Came { inputs, payment: Err(why) });
    }
    let named = ways.iter().map(|way| way.source.name.clone());
    let given: Inputs = named.zip(inputs.iter().flatten().copied()).collect();
    let payment = scheme.apply(&given).map_err(|error| flawed(&error))?;
    Ok(Came { inputs, payment: Ok(payment) })
}

/// The input that the value of a unit gives, or why it gives none.
fn input(
    way: &Way,
    column: &Column,
    unit: usize,
    reference: Option<Exact>,
) -> Result<Exact, Words> {
    let found = &column[unit];
    let Some(value) = found.number else {
        let nothing = || Words::new("没有数值", "there is no value");
        return Err(found.reason.clone().unwrap_or_else(nothing));
    };
    let reference = reference.unwrap_or(Exact::ZERO);
    let measured = Measured {
        value,
        before: found.before,
        reference,
        rank: found.rank,
        rank_from_end: found.rank.map(|rank| from_end(column, rank)),
    };
    way.source.takes.input(&measured).map_err(|error| match error {
        NoInput::Lacking(text) => words(&text),
        NoInput::Number(_) => inexact(),
    })
}

/// A rank of a column counted from the worst: equals share it.
fn from_end(column: &Column, rank: u32) -> u32 {
    column.iter().filter(|other| other.rank.is_some_and(|other| other > rank)).count() as u32 + 1
}

/// Why exact arithmetic has no number.
pub fn inexact() -> Words {
    Words::new("数字超出精确运算的范围", "the numbers do not fit exact arithmetic")
}

/// Ranks by the amounts.
fn ranked(came: &[Came], best: Option<Best>) -> Answer<Vec<Option<u32>>> {
    let signed = |own: &Came| -> Answer<Option<Exact>> {
        let Ok(payment) = &own.payment else { return Ok(None) };
        Ok(Some(match best {
            Some(Best::High) => Exact::ZERO.minus(&payment.amount).map_err(number)?,
            _ => payment.amount,
        }))
    };
    Ok(ranks(&came.iter().map(signed).collect::<Answer<Vec<_>>>()?))
}

fn number(error: ExactError) -> crate::http::error::ApiError {
    flawed(&error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_share_a_place_from_the_worst_as_they_do_from_the_best() {
        let check = |values: &[Option<i64>], expected: &[Option<u32>]| {
            let numbers: Vec<_> = values.iter().map(|value| value.map(Exact::whole)).collect();
            let found = |rank| Found { rank, ..Found::default() };
            let column: Column = ranks(&numbers).into_iter().map(found).collect();
            let told: Vec<_> =
                column.iter().map(|own| own.rank.map(|rank| from_end(&column, rank))).collect();
            assert_eq!(told, expected, "{values:?}");
        };
        check(&[Some(1), Some(2), Some(3)], &[Some(3), Some(2), Some(1)]);
        // Two are last, and the next is the third from the end.
        check(&[Some(1), Some(9), None, Some(9)], &[Some(3), Some(1), None, Some(1)]);
        check(&[Some(1), Some(1), Some(9)], &[Some(2), Some(2), Some(1)]);
        check(&[Some(5), Some(5)], &[Some(1), Some(1)]);
    }
}
