//! Indicators out of what is kept: which edition holds, what its inputs were, what it comes to.
//!
//! The formula is that of [`account::indicator`]; here is only where its inputs come from ([`inputs`]).

mod inputs;

pub use inputs::{Inputs, Opened, counted, whole};

use crate::report::{Error, Ground};
use account::indicator::{Edition, Editions, Indicator, Light, NoValue, OtherLine, Trend, Value};
use account::programme::Template;
use jiff::civil::Date;
use standards::{Exact, Span};
use store::{Known, Reader};

/// The kind of acts by which indicators are adopted.
pub const KIND: &str = "indicator";

/// An indicator over a period.
pub struct Reckoned {
    /// The days, as far as they have come.
    pub span: Span,
    /// Whether the period goes on.
    pub goes_on: bool,
    /// The edition that held on its last day.
    pub edition: Edition,
    /// The value, or why there is none.
    pub value: Result<Value, NoValue>,
    /// Its light, when it has a value and a target.
    pub light: Option<Light>,
    /// Its inputs, in the order of its terms.
    pub inputs: Vec<Opened>,
}

/// An indicator beside the same days a year earlier.
pub struct Compared {
    /// The period.
    pub now: Reckoned,
    /// The same days a year earlier; none where no edition held.
    pub then: Option<Reckoned>,
    /// By how much it changed, whether that is good; or why the two are not compared.
    pub change: Option<Result<(Exact, Trend), OtherLine>>,
}

/// The editions as they were known. One that this version cannot read is left out, never changed.
///
/// # Errors
/// When they cannot be read.
pub fn editions(reader: &Reader, known: Known) -> Result<Editions, Error> {
    let templates = templates()?;
    let broken = |flaw: account::indicator::Flawed| Error::Formula(flaw.0.en);
    let mut all = Editions::built_in(&templates).map_err(broken)?;
    for row in reader.acts(KIND, known)? {
        match Indicator::parse(&row.act.document, &templates) {
            Ok(own) => all.take(Some(row.sequence.0), &row.act.document, own),
            Err(flaw) => {
                tracing::warn!(key = %row.act.key, sequence = row.sequence.0, error = %flaw, "an indicator cannot be read");
            }
        }
    }
    Ok(all)
}

/// What programmes count.
///
/// # Errors
/// Never, as a test shows.
pub fn templates() -> Result<Vec<Template>, Error> {
    Template::built_in().map_err(Error::Formula)
}

/// An edition over the period that a day lies in, up to that day.
///
/// # Errors
/// When something cannot be read or computed.
pub fn reckon(
    ground: &Ground<'_>,
    inputs: &mut Inputs,
    edition: &Edition,
    day: Date,
) -> Result<Option<Reckoned>, Error> {
    let Some(whole) = edition.indicator.period(day) else { return Ok(None) };
    let Some(span) = Span::new(whole.first(), day) else { return Ok(None) };
    over(ground, inputs, edition, span, span.last() < whole.last()).map(Some)
}

fn over(
    ground: &Ground<'_>,
    inputs: &mut Inputs,
    edition: &Edition,
    span: Span,
    goes_on: bool,
) -> Result<Reckoned, Error> {
    let own = &edition.indicator;
    let mut opened = vec![];
    for term in own.terms() {
        opened.push(inputs.open(ground, &term.input, span)?);
    }
    let amounts: Vec<_> = opened.iter().map(|own| own.amount.clone()).collect();
    let value = own.value(&amounts);
    let light = value.as_ref().ok().and_then(|value| own.light(&value.printed));
    Ok(Reckoned { span, goes_on, edition: edition.clone(), value, light, inputs: opened })
}

/// What an indicator comes to over a span that somebody else chose.
///
/// # Errors
/// When something cannot be read or computed.
pub fn value_over(
    ground: &Ground<'_>,
    inputs: &mut Inputs,
    own: &Indicator,
    span: Span,
) -> Result<Result<Value, NoValue>, Error> {
    let mut amounts = vec![];
    for term in own.terms() {
        amounts.push(inputs.open(ground, &term.input, span)?.amount);
    }
    Ok(own.value(&amounts))
}

/// An indicator over the period that a day lies in, beside the same days a year earlier, each by the edition of its own
/// last day. Editions that count different things are not compared.
///
/// # Errors
/// When something cannot be read or computed.
pub fn compared(
    ground: &Ground<'_>,
    inputs: &mut Inputs,
    editions: &Editions,
    edition: &Edition,
    day: Date,
) -> Result<Option<Compared>, Error> {
    let Some(now) = reckon(ground, inputs, edition, day)? else { return Ok(None) };
    let earlier = now.span.a_year_earlier();
    let of_then = editions.on(&edition.indicator.key, earlier.last());
    let then = of_then.map(|own| over(ground, inputs, own, earlier, now.goes_on)).transpose()?;
    let change = match &then {
        None => None,
        Some(then) => match edition.indicator.in_line_with(&then.edition.indicator) {
            Err(other) => Some(Err(other)),
            Ok(()) => match (&now.value, &then.value) {
                (Ok(a), Ok(b)) => Some(Ok(edition.indicator.change(&a.printed, &b.printed)?)),
                _ => None,
            },
        },
    };
    Ok(Some(Compared { now, then, change }))
}
