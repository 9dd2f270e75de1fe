//! Who meets the criteria of a list of commendations, out of the cases of a span; and who agreed to be named.

use crate::indicators::{Inputs, counted, editions, value_over, whole};
use crate::report::{Error, Ground, case_span, known_cases};
use account::Text;
use account::commend::{Candidate, Judged, List, Measure, Take, Whom};
use control::{Counts, Handled, POINTS_DECIMALS, ScoreScheme, counts_by_handler};
use serde::{Deserialize, Serialize};
use standards::statistics::ranks;
use standards::{Exact, Span};
use std::collections::{BTreeMap, BTreeSet};
use store::{Known, Reader};

/// The kind of acts by which lists are adopted.
pub const KIND: &str = "commendation";
/// The kind of acts by which somebody agrees to be named, or does not any more.
pub const CONSENT: &str = "commendation_consent";

/// What somebody said about being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Whether the name may stand on a list.
    pub named: bool,
}

/// A list, its document, and its entry of the log; none for an example.
pub type Kept = (List, String, Option<u64>);

/// The lists as they were known, by key: the last one adopted, else the example.
///
/// # Errors
/// When they cannot be read.
pub fn lists(reader: &Reader, known: Known) -> Result<BTreeMap<String, Kept>, Error> {
    let mut all = BTreeMap::new();
    for (own, text) in List::built_in().map_err(|flaw| Error::Formula(flaw.en))? {
        all.insert(own.key.clone(), (own, text.to_owned(), None));
    }
    for row in reader.acts(KIND, known)? {
        if let Ok(own) = List::parse(&row.act.document) {
            all.insert(own.key.clone(), (own, row.act.document, Some(row.sequence.0)));
        }
    }
    Ok(all)
}

/// The accounts that agree to be named.
///
/// # Errors
/// When they cannot be read.
pub fn consents(reader: &Reader, known: Known) -> Result<BTreeSet<String>, Error> {
    let mut all = BTreeSet::new();
    for row in reader.acts(CONSENT, known)? {
        match serde_json::from_str::<Consent>(&row.act.document) {
            // Nobody speaks for another one.
            Ok(own) if own.named && row.act.who == row.act.key => all.insert(row.act.key),
            _ => all.remove(&row.act.key),
        };
    }
    Ok(all)
}

/// Everybody with how they stand to the criteria of a list over a span. Amounts are rounded as they are printed: what people
/// read is what is judged.
///
/// # Errors
/// When something cannot be read or computed.
pub fn judged(ground: &Ground<'_>, list: &List, span: Span) -> Result<Vec<Judged>, Error> {
    let candidates = match list.of {
        Whom::Units => units(ground, list, span)?,
        Whom::People => people(ground, list, span)?,
    };
    Ok(list.judge(candidates))
}

fn units(ground: &Ground<'_>, list: &List, span: Span) -> Result<Vec<Candidate>, Error> {
    let counts = counted(ground, span)?.unwrap_or_default();
    let scheme = ScoreScheme::built_in().map_err(Error::Formula)?;
    let mut scores = vec![];
    for own in counts.values() {
        let score = scheme.score(own)?;
        let points = score.points.filter(|_| score.is_ranked);
        scores.push(points.map(|points| points.half_even(POINTS_DECIMALS)).transpose()?);
    }
    // The best score has place 1; `ranks` puts the smallest first.
    let turned: Result<Vec<_>, _> =
        scores.iter().map(|own| own.map(|own| Exact::ZERO.minus(&own)).transpose()).collect();
    let places = ranks(&turned?);
    let lacking = || {
        let min = scheme.cases_min;
        Text::new(
            format!("应结少于 {min} 件，不排名也不奖励"),
            format!("fewer than {min} cases were due: not ranked and not rewarded"),
        )
    };
    let indicators = editions(ground.asked.reader, ground.asked.known)?;
    let (mut inputs, mut all) = (Inputs::default(), vec![]);
    for (at, (key, own)) in counts.iter().enumerate() {
        let mut amounts = vec![];
        for criterion in &list.criterion {
            amounts.push(match &criterion.of {
                Measure::Score => scores[at].ok_or_else(lacking),
                Measure::Rank => {
                    places[at].map(|place| Exact::whole(place.into())).ok_or_else(lacking)
                }
                Measure::Cases { take } => Ok(whole(count(own, *take))),
                Measure::Indicator { key: of } => {
                    let edition = indicators.on(of, span.last());
                    let of_unit = edition.and_then(|own| own.indicator.of_unit(key));
                    match of_unit {
                        None => Err(Text::new(
                            format!("没有按单位的指标 {of}"),
                            format!("there is no indicator {of} that speaks of units"),
                        )),
                        Some(own) => match value_over(ground, &mut inputs, &own, span)? {
                            Ok(value) => Ok(Exact::parse(&value.printed)?),
                            Err(none) => Err(none.text()),
                        },
                    }
                }
            });
        }
        all.push(Candidate { key: key.clone(), amounts });
    }
    Ok(all)
}

fn count(own: &Counts, take: Take) -> usize {
    match take {
        Take::Due => own.due.len().saturating_sub(own.deferred.len()),
        Take::Closed => own.closed.len(),
        Take::Reworked => own.reworks.len(),
        Take::Reopened => own.reopened.len(),
        Take::Overdue => own.overdue.len(),
    }
}

/// Everybody who handled a case that was closed or reopened in the span.
fn people(ground: &Ground<'_>, list: &List, span: Span) -> Result<Vec<Candidate>, Error> {
    let cases = known_cases(ground)?;
    let counts = counts_by_handler(
        cases.values().map(AsRef::as_ref),
        case_span(ground, span)?,
        ground.asked.now,
    );
    let amount = |own: &Handled, of: &Measure| match of {
        Measure::Cases { take: Take::Closed } => Ok(whole(own.closed)),
        Measure::Cases { take: Take::Reworked } => Ok(whole(own.reworks)),
        Measure::Cases { take: Take::Reopened } => Ok(whole(own.reopened)),
        _ => Err(Text::new("不按个人统计", "not counted of people")),
    };
    let one = |(key, own): (String, Handled)| Candidate {
        key,
        amounts: list.criterion.iter().map(|criterion| amount(&own, &criterion.of)).collect(),
    };
    Ok(counts.into_iter().map(one).collect())
}
