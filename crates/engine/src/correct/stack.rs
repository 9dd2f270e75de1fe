//! The stack: all corrections as the acts have them, and what a reading comes to under them. Pure.

use super::{KIND, NewCorrection};
use model::{Act, ActRow, DatastreamId, Flag, Quality, Sequence, Timestamp};
use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};
use std::collections::{BTreeMap, HashMap};
use store::{Known, Reader};

/// Decimals that a corrected value keeps: more than any instrument gives, few enough that the value's
/// shortest text is that decimal again.
const DECIMALS: u8 = 9;

/// What is done to the readings of a span. Numbers are decimal texts, in the parameter's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// The value stays; its quality is another one.
    Flag {
        /// Which.
        quality: Quality,
    },
    /// A number is added.
    Offset {
        /// Which.
        by: String,
    },
    /// The value is multiplied.
    Factor {
        /// By what.
        by: String,
    },
    /// A number is added that runs in a straight line from the start of the span to its end.
    Drift {
        /// What is added at the start.
        start: String,
        /// What is added at the end.
        end: String,
    },
    /// Every value is this one; none: there is no value.
    Replace {
        /// Which.
        value: Option<String>,
    },
    /// These instants have these values, whether something was sent for them or not.
    Values {
        /// Instant (ms) and value.
        rows: Vec<(Timestamp, String)>,
    },
    /// Somebody looked at it and it stands: what has a value is good.
    Accept,
}

/// How far a reading was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it was sent.
    Raw,
    /// A rule corrected it.
    Automatic,
    /// Somebody corrected or accepted it.
    Reviewed,
    /// Somebody else approved that.
    Approved,
}

/// A document that a correction rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name or number.
    pub name: String,
    /// BLAKE3 of its bytes, when it was given as a file.
    pub hash: Option<String>,
}

/// An approval or an annulment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Its number in the log.
    pub sequence: Sequence,
    /// Why.
    pub why: String,
}

/// A correction as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// `c` and the number of its act in the log.
    pub id: String,
    /// Of which series.
    pub datastream: DatastreamId,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after the span.
    pub to: Timestamp,
    /// What is done.
    pub operation: Operation,
    /// Who made it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Its number in the log.
    pub sequence: Sequence,
    /// Why.
    pub why: String,
    /// Whether a rule made it and nobody looked.
    pub is_automatic: bool,
    /// The document that it rests on.
    pub document: Option<Document>,
    /// Who approved it.
    pub approved: Option<Deed>,
    /// Who took it back.
    pub annulled: Option<Deed>,
}

/// The document of an act of making.
#[derive(Serialize, Deserialize)]
struct Made {
    datastream: i32,
    from: i64,
    to: i64,
    operation: Operation,
    why: String,
    #[serde(default)]
    automatic: bool,
    #[serde(default)]
    document: Option<Document>,
}

/// All corrections, by datastream in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    by: HashMap<DatastreamId, Vec<Correction>>,
}

/// What a stack makes of a reading.
pub(super) enum Step {
    /// No correction that stands covers it.
    Untouched,
    /// Value and flag.
    Made(Option<f64>, Flag),
}

/// A decimal text as an exact number.
///
/// # Errors
/// When it is none, or has more digits than exact arithmetic takes.
pub fn decimal(text: &str) -> Result<Exact, ExactError> {
    Exact::parse(text.trim())
}

impl Operation {
    /// A number in it that is none.
    pub(super) fn not_a_number(&self) -> Option<&str> {
        let is_bad = |text: &&String| decimal(text).is_err();
        let numbers: Vec<&String> = match self {
            Self::Flag { .. } | Self::Accept | Self::Replace { value: None } => vec![],
            Self::Offset { by } | Self::Factor { by } => vec![by],
            Self::Drift { start, end } => vec![start, end],
            Self::Replace { value: Some(value) } => vec![value],
            Self::Values { rows } => rows.iter().map(|(_, value)| value).collect(),
        };
        numbers.into_iter().find(is_bad).map(String::as_str)
    }

    /// What it makes of a value and its flag at an instant of its span.
    fn apply(
        &self,
        (from, to): (Timestamp, Timestamp),
        time: Timestamp,
        sent: Option<(Option<f64>, Flag)>,
    ) -> Result<Option<(Option<f64>, Flag)>, ExactError> {
        let with = |made: &dyn Fn(Exact) -> Result<Exact, ExactError>| match sent {
            Some((Some(value), flag)) => {
                let value = kept(&made(Exact::from_reading(value)?)?)?;
                Ok(Some((Some(value), flag)))
            }
            other => Ok(other),
        };
        let mark = sent.and_then(|(_, flag)| flag.mark()).map(|mark| mark as u8);
        let good = |value: f64| Some((Some(value), Flag::new(Quality::Good, mark)));
        match self {
            Self::Flag { quality } => Ok(sent.map(|(value, flag)| match value {
                Some(_) if *quality != Quality::Missing => (value, flag.with_quality(*quality)),
                _ => (value, flag),
            })),
            Self::Accept => Ok(sent.map(|(value, flag)| match value {
                Some(_) => (value, flag.with_quality(Quality::Good)),
                None => (value, flag),
            })),
            Self::Offset { by } => {
                let by = decimal(by)?;
                with(&|value| value.plus(&by))
            }
            Self::Factor { by } => {
                let by = decimal(by)?;
                with(&|value| value.times(&by))
            }
            Self::Drift { start, end } => {
                let (start, end) = (decimal(start)?, decimal(end)?);
                let share = Exact::fraction((time - from).into(), (to - from).into())?;
                let added = end.minus(&start)?.times(&share)?.plus(&start)?;
                with(&|value| value.plus(&added))
            }
            Self::Replace { value: None } => {
                Ok(sent.map(|_| (None, Flag::new(Quality::Missing, mark))))
            }
            Self::Replace { value: Some(text) } => {
                if sent.is_none() {
                    return Ok(None);
                }
                Ok(good(kept(&decimal(text)?)?))
            }
            Self::Values { rows } => {
                match rows.iter().rev().find(|(instant, _)| *instant == time) {
                    Some((_, text)) => Ok(good(kept(&decimal(text)?)?)),
                    None => Ok(sent),
                }
            }
        }
    }
}

/// An exact number as a reading keeps it: the nearest f64, whose shortest text is the decimal.
fn kept(value: &Exact) -> Result<f64, ExactError> {
    let text = value.half_even(DECIMALS)?.fixed(DECIMALS);
    text.parse().map_err(|_| ExactError::NotANumber)
}

impl Correction {
    /// As it will stand when its act is kept.
    pub(super) fn of_new(new: &NewCorrection, sequence: Sequence, at: Timestamp) -> Self {
        Self {
            id: format!("c{sequence}"),
            datastream: new.datastream,
            from: new.from,
            to: new.to,
            operation: new.operation.clone(),
            who: new.who.clone(),
            at,
            sequence,
            why: new.why.trim().to_owned(),
            is_automatic: new.is_automatic,
            document: new.document.clone(),
            approved: None,
            annulled: None,
        }
    }

    /// The act by which it is made.
    pub(super) fn act(&self) -> Act {
        let made = Made {
            datastream: self.datastream.0,
            from: self.from.as_ms(),
            to: self.to.as_ms(),
            operation: self.operation.clone(),
            why: self.why.clone(),
            automatic: self.is_automatic,
            document: self.document.clone(),
        };
        let mut document = serde_json::to_value(made).unwrap_or_default();
        document["do"] = "make".into();
        Act {
            kind: KIND.to_owned(),
            key: self.id.clone(),
            who: self.who.clone(),
            document: document.to_string(),
        }
    }

    /// Whether it stands and covers an instant.
    pub fn covers(&self, time: Timestamp) -> bool {
        let is_named = match &self.operation {
            Operation::Values { rows } => rows.iter().any(|(instant, _)| *instant == time),
            _ => true,
        };
        self.annulled.is_none() && self.from <= time && time < self.to && is_named
    }

    /// How far what it covers was looked at.
    pub fn level(&self) -> Level {
        match (&self.approved, self.is_automatic) {
            (Some(_), _) => Level::Approved,
            (None, true) => Level::Automatic,
            (None, false) => Level::Reviewed,
        }
    }
}

impl Stack {
    /// The corrections as they were known at some moment.
    ///
    /// # Errors
    /// When the acts cannot be read.
    pub fn read(reader: &Reader, known: Known) -> Result<Self, store::Error> {
        let mut stack = Self::default();
        for row in reader.acts(KIND, known)? {
            stack.take(&row);
        }
        Ok(stack)
    }

    /// Takes in one act. What no version of this program wrote is left out.
    fn take(&mut self, ActRow { sequence, at, act }: &ActRow) {
        let Ok(document) = serde_json::from_str::<serde_json::Value>(&act.document) else { return };
        let deed = || Deed {
            who: act.who.clone(),
            at: *at,
            sequence: *sequence,
            why: document["why"].as_str().unwrap_or_default().to_owned(),
        };
        match document["do"].as_str() {
            Some("approve") => self.change(&act.key, |known| known.approved = Some(deed())),
            Some("annul") => self.change(&act.key, |known| known.annulled = Some(deed())),
            Some("make") => {
                let Ok(made) = serde_json::from_value::<Made>(document) else { return };
                self.put(Correction {
                    id: act.key.clone(),
                    datastream: DatastreamId(made.datastream),
                    from: Timestamp::from_ms(made.from),
                    to: Timestamp::from_ms(made.to),
                    operation: made.operation,
                    who: act.who.clone(),
                    at: *at,
                    sequence: *sequence,
                    why: made.why,
                    is_automatic: made.automatic,
                    document: made.document,
                    approved: None,
                    annulled: None,
                });
            }
            _ => (),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    /// Puts one on top.
    pub(super) fn put(&mut self, correction: Correction) {
        self.by.entry(correction.datastream).or_default().push(correction);
    }

    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Correction)) {
        let all = self.by.values_mut().flatten();
        if let Some(known) = { all }.find(|known| known.id == id) {
            change(known);
        }
    }

    /// A correction.
    pub fn get(&self, id: &str) -> Option<&Correction> {
        self.by.values().flatten().find(|known| known.id == id)
    }

    /// The corrections of a series, in the order in which they were made, annulled ones too.
    pub fn of(&self, datastream: DatastreamId) -> &[Correction] {
        self.by.get(&datastream).map_or(&[], Vec::as_slice)
    }

    /// All corrections, the newest first.
    pub fn all(&self) -> Vec<&Correction> {
        let all: BTreeMap<_, _> =
            self.by.values().flatten().map(|own| (own.sequence, own)).collect();
        all.into_values().rev().collect()
    }

    /// Whether a correction that stands covers a reading.
    pub fn covers(&self, datastream: DatastreamId, time: Timestamp) -> bool {
        !self.by.is_empty() && self.of(datastream).iter().any(|own| own.covers(time))
    }

    /// How far a reading was looked at: as far as the least of the corrections that cover it.
    pub fn level(&self, datastream: DatastreamId, time: Timestamp) -> Level {
        let covering = self.of(datastream).iter().filter(|own| own.covers(time));
        covering.map(Correction::level).min().unwrap_or(Level::Raw)
    }

    /// The instants that corrections give values to, whether something was sent or not.
    pub(super) fn times(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Timestamp> {
        let named = self.of(datastream).iter().filter_map(|own| match &own.operation {
            Operation::Values { rows } if own.annulled.is_none() => Some(rows),
            _ => None,
        });
        named.flatten().map(|(time, _)| *time).filter(|time| (from..to).contains(time)).collect()
    }

    /// What a reading comes to: the raw version, when there is one, under each correction in turn.
    pub(super) fn fold(
        &self,
        datastream: DatastreamId,
        time: Timestamp,
        sent: Option<(Option<f64>, Flag)>,
    ) -> Result<Step, ExactError> {
        let mut made = sent;
        let mut is_touched = false;
        for own in self.of(datastream).iter().filter(|own| own.covers(time)) {
            made = own.operation.apply((own.from, own.to), time, made)?;
            is_touched = true;
        }
        Ok(match made.filter(|_| is_touched) {
            Some((value, flag)) => Step::Made(value, flag),
            None => Step::Untouched,
        })
    }

    /// A raw reading as the corrections that stand leave it; none when no one covers it.
    pub fn corrected(&self, raw: &model::Reading) -> Option<(Option<f64>, Flag)> {
        let step = self.fold(raw.datastream, raw.time, Some((raw.value, raw.flag)));
        match step {
            Ok(Step::Made(value, flag)) => Some((value, flag.edited())),
            // A number beyond exact arithmetic is no value: better a gap than a wrong one.
            Err(_) => Some((None, Flag::new(Quality::Missing, None).edited())),
            Ok(Step::Untouched) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    fn stack(operations: &[Operation]) -> Stack {
        let mut stack = Stack::default();
        for (n, operation) in operations.iter().enumerate() {
            let new = NewCorrection {
                who: "a".into(),
                datastream: DatastreamId(0),
                from: Timestamp::from_ms(0),
                to: Timestamp::from_ms(1_000),
                operation: operation.clone(),
                why: "because".into(),
                is_automatic: false,
                document: None,
            };
            stack.put(Correction::of_new(&new, Sequence(n as u64 + 1), Timestamp::from_ms(9)));
        }
        stack
    }

    fn check(operations: &[Operation], time: i64, value: f64, expected: Option<f64>) {
        let stack = stack(operations);
        let raw = model::Reading {
            datastream: DatastreamId(0),
            time: Timestamp::from_ms(time),
            value: Some(value),
            flag: Flag::new(Quality::Good, Some(b'N')),
            sequence: Sequence(1),
        };
        let made = stack.corrected(&raw).unwrap();
        assert_eq!(made.0, expected);
        assert!(made.1.is_edited());
    }

    #[test]
    fn corrections_are_exact_decimals_in_the_order_in_which_they_were_made() {
        let offset = |by: &str| Operation::Offset { by: by.to_owned() };
        let factor = |by: &str| Operation::Factor { by: by.to_owned() };
        check(&[offset("0.1")], 0, 0.2, Some(0.3));
        check(&[factor("1.1")], 0, 1.1, Some(1.21));
        check(&[offset("1"), factor("2")], 0, 1.5, Some(5.0));
        check(&[factor("2"), offset("1")], 0, 1.5, Some(4.0));
        let drift = Operation::Drift { start: "0".into(), end: "-3".into() };
        check(from_ref(&drift), 0, 10.0, Some(10.0));
        check(from_ref(&drift), 500, 10.0, Some(8.5));
        check(from_ref(&drift), 333, 10.0, Some(9.001));
        check(&[Operation::Replace { value: None }], 0, 10.0, None);
        let rows = vec![(Timestamp::from_ms(5), "7.25".to_owned())];
        check(&[offset("1"), Operation::Values { rows }], 5, 10.0, Some(7.25));
    }

    #[test]
    fn acts_read_back_as_what_was_made() {
        let made = stack(&[Operation::Flag { quality: Quality::Fail }, Operation::Accept]);
        let mut again = Stack::default();
        for own in made.of(DatastreamId(0)) {
            again.take(&ActRow { sequence: own.sequence, at: own.at, act: own.act() });
        }
        assert_eq!(again.of(DatastreamId(0)), made.of(DatastreamId(0)));
        assert_eq!(again.level(DatastreamId(0), Timestamp::from_ms(0)), Level::Reviewed);
        assert_eq!(again.level(DatastreamId(0), Timestamp::from_ms(1_000)), Level::Raw);
    }
}
