//! How an amount follows from its inputs: the few forms that published schemes have.

use super::{Decimal, Error, Inputs, Line, Payment};
use serde::Deserialize;
use standards::Exact;

/// A form, with its numbers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum Formula {
    /// Each part of the input costs the rate of the band that it falls into.
    Marginal {
        /// Which input, and what it is.
        input: String,
        /// Ascending; the last has no end.
        band: Vec<Band>,
        /// The source can also be read so that the whole input costs the rate of the band it reaches.
        #[serde(default)]
        or_whole: bool,
    },
    /// A fixed amount from a threshold on.
    Steps {
        /// Which input, and what it is.
        input: String,
        /// Ascending.
        step: Vec<Step>,
        /// Whether a value on a threshold has reached it.
        edge: Edge,
        /// The source does not say: the other edge is the other reading.
        #[serde(default)]
        edge_unknown: bool,
    },
    /// So much for the first place, less for each further one.
    ByPlace {
        /// Which input: the place counted from the end that is paid for, from 1.
        input: String,
        /// The amount of place 1.
        first: Decimal,
        /// By how much less each further place.
        less: Decimal,
        /// How many places are paid for.
        places: u32,
    },
    /// The amounts of the places one by one: the first is that of place 1.
    Listed {
        /// Which input: the place counted from the end that is paid for, from 1.
        input: String,
        /// What each place comes to; further ones come to nothing.
        amount: Vec<Decimal>,
    },
    /// A sum of inputs, each times its weight.
    Weighted {
        /// The terms.
        term: Vec<Term>,
    },
    /// The base of the band that the input falls into, times (1 + input).
    BandTimes {
        /// Which input: by how many times the target is exceeded.
        input: String,
        /// Ascending; a value on the upper edge is still in the band.
        band: Vec<Band>,
        /// Up to here, this value included, nothing is paid.
        from: Decimal,
    },
}

/// A band of an input.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Up to here, this value included; none: without end.
    pub up_to: Option<Decimal>,
    /// The rate or the base.
    pub rate: Decimal,
}

/// A threshold and what it costs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From here on.
    pub from: Decimal,
    /// The amount.
    pub amount: Decimal,
}

/// A term of a sum.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Which input.
    pub input: String,
    /// What one of it counts.
    pub weight: Decimal,
}

/// Whether a value on a threshold has reached it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// It has.
    Included,
    /// It has not.
    Excluded,
}

impl Formula {
    pub(super) fn takes(&self) -> Vec<String> {
        match self {
            Self::Marginal { input, .. }
            | Self::Steps { input, .. }
            | Self::ByPlace { input, .. }
            | Self::Listed { input, .. }
            | Self::BandTimes { input, .. } => vec![input.clone()],
            Self::Weighted { term } => term.iter().map(|term| term.input.clone()).collect(),
        }
    }

    /// What is wrong with its numbers.
    pub(super) fn flaw(&self) -> Option<String> {
        let bands = |band: &[Band]| {
            let ends: Vec<_> = band.iter().map(|band| band.up_to).collect();
            let ascends = ends.windows(2).all(|pair| match pair {
                [Some(a), Some(b)] => a < b,
                [a, _] => a.is_some(),
                _ => true,
            });
            let is_whole = matches!(ends.last(), Some(None)) && ascends;
            (!is_whole).then(|| "bands ascend, and the last has no up_to".to_owned())
        };
        match self {
            Self::Marginal { band, .. } | Self::BandTimes { band, .. } => bands(band),
            Self::Steps { step, .. } => {
                let ascends = step.windows(2).all(|pair| pair[0].from < pair[1].from);
                (step.is_empty() || !ascends).then(|| "steps ascend, and there is one".to_owned())
            }
            Self::ByPlace { places, .. } => {
                (*places == 0).then(|| "places is at least 1".to_owned())
            }
            Self::Listed { amount, .. } => {
                amount.is_empty().then(|| "amount lists one place or more".to_owned())
            }
            Self::Weighted { term } => term.is_empty().then(|| "a sum has terms".to_owned()),
        }
    }

    pub(super) fn apply(&self, scheme: &str, inputs: &Inputs) -> Result<Payment, Error> {
        let given = |name: &String| {
            inputs.get(name).copied().ok_or_else(|| Error::Missing {
                scheme: scheme.to_owned(),
                input: name.clone(),
                takes: self.takes().join(", "),
            })
        };
        match self {
            Self::Marginal { input, band, or_whole } => marginal(band, given(input)?, *or_whole),
            Self::Steps { input, step, edge, edge_unknown } => {
                let value = given(input)?;
                let mut payment = stepped(step, value, *edge)?;
                if *edge_unknown {
                    let other =
                        if *edge == Edge::Included { Edge::Excluded } else { Edge::Included };
                    let other = stepped(step, value, other)?.amount;
                    payment.other = Some(other).filter(|other| *other != payment.amount);
                }
                Ok(payment)
            }
            Self::ByPlace { input, first, less, places } => {
                let place = is_place(scheme, input, given(input)?)?;
                by_place(place, first.0, less.0, *places)
            }
            Self::Listed { input, amount } => {
                listed(is_place(scheme, input, given(input)?)?, amount)
            }
            Self::Weighted { term } => {
                let lines: Result<Vec<_>, _> = term
                    .iter()
                    .map(|term| line(term.input.clone(), given(&term.input)?, term.weight.0))
                    .collect();
                summed(lines?)
            }
            Self::BandTimes { input, band, from } => band_times(band, given(input)?, from.0),
        }
    }
}

fn marginal(bands: &[Band], value: Exact, or_whole: bool) -> Result<Payment, Error> {
    let (mut lines, mut begin, mut reached) = (vec![], Exact::ZERO, None);
    for band in bands {
        if value <= begin {
            break;
        }
        let end = band.up_to.map_or(value, |end| end.0.min(value));
        let what = match band.up_to {
            Some(up_to) => format!("{} – {}", text(begin), text(up_to.0)),
            None => format!("> {}", text(begin)),
        };
        lines.push(line(what, end.minus(&begin)?, band.rate.0)?);
        reached = Some(band.rate.0);
        begin = end;
    }
    let mut payment = summed(lines)?;
    if let Some(rate) = reached.filter(|_| or_whole) {
        payment.other = Some(value.times(&rate)?).filter(|other| *other != payment.amount);
    }
    Ok(payment)
}

fn stepped(steps: &[Step], value: Exact, edge: Edge) -> Result<Payment, Error> {
    let has_reached = |step: &&Step| match edge {
        Edge::Included => value >= step.from.0,
        Edge::Excluded => value > step.from.0,
    };
    let step = steps.iter().rev().find(has_reached);
    let lines = step.map(|step| {
        let sign = if edge == Edge::Included { "≥" } else { ">" };
        line(format!("{sign} {}", text(step.from.0)), Exact::whole(1), step.amount.0)
    });
    summed(lines.transpose()?.into_iter().collect())
}

fn by_place(place: Exact, first: Exact, less: Exact, places: u32) -> Result<Payment, Error> {
    if place > Exact::whole(places.into()) {
        return summed(vec![]);
    }
    let amount = first.minus(&less.times(&place.minus(&Exact::whole(1))?)?)?;
    summed(vec![line(format!("place {}", text(place)), Exact::whole(1), amount)?])
}

fn is_place(scheme: &str, input: &str, place: Exact) -> Result<Exact, Error> {
    if place.parts().1 == 1 && place >= Exact::whole(1) {
        return Ok(place);
    }
    Err(Error::Input {
        scheme: scheme.to_owned(),
        input: input.to_owned(),
        given: place.fixed(3),
        wanted: "a place is a whole number from 1",
    })
}

fn listed(place: Exact, amounts: &[Decimal]) -> Result<Payment, Error> {
    let at = usize::try_from(place.parts().0 - 1).ok();
    let amount = at.and_then(|at| amounts.get(at));
    let lines =
        amount.map(|amount| line(format!("place {}", text(place)), Exact::whole(1), amount.0));
    summed(lines.transpose()?.into_iter().collect())
}

fn band_times(bands: &[Band], value: Exact, from: Exact) -> Result<Payment, Error> {
    if value <= from {
        return summed(vec![]);
    }
    let band = bands.iter().find(|band| band.up_to.is_none_or(|up_to| value <= up_to.0));
    let times = Exact::whole(1).plus(&value)?;
    let lines = band.map(|band| line(format!("1 + {}", text(value)), times, band.rate.0));
    summed(lines.transpose()?.into_iter().collect())
}

fn line(what: String, quantity: Exact, rate: Exact) -> Result<Line, Error> {
    Ok(Line { what, quantity, rate, amount: quantity.times(&rate)? })
}

fn summed(lines: Vec<Line>) -> Result<Payment, Error> {
    let mut amount = Exact::ZERO;
    for line in &lines {
        amount = amount.plus(&line.amount)?;
    }
    Ok(Payment { amount, lines, other: None })
}

/// A number as short as it can be written with three decimals.
fn text(value: Exact) -> String {
    let fixed = value.fixed(3);
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
}
