//! Correct: a reversible stack of edits over raw readings that stay as they came.
//!
//! A correction is an act over one datastream and a span of time: what is done to its readings, who says
//! so, when, and why. It takes effect at once and counts as *reviewed*; when somebody else approves it, it
//! counts as *approved*; annulled, it is as if it had not been made, and can still be read. What a reading
//! comes to is its newest raw version folded with every correction that stands, in the order in which
//! they were made, on exact decimals. The result is kept as a later version of the reading whose flag says
//! that a correction made it, so whoever reads gets the corrected series, whoever asks for raw gets what
//! was sent, and any past moment can be asked (`docs/decisions/0009-corrections-are-versions.md`).

mod stack;

pub use stack::{Correction, Deed, Document, Level, Operation, Stack, decimal};

use crate::append::Draft;
use crate::turn::{self, Engine};
use model::{Act, DatastreamId, Flag, Quality, Reading, Source, Timestamp};
use serde::{Deserialize, Serialize};
use stack::Step;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Columns, Known, Reader};

/// The kind of acts that corrections are.
pub const KIND: &str = "correction";
/// Readings that one correction may touch: all of them change in one turn.
pub const READINGS_MAX: usize = 200_000;

/// A correction that somebody wants to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewCorrection {
    /// Who makes it.
    pub who: String,
    /// Of which series.
    pub datastream: DatastreamId,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after the span.
    pub to: Timestamp,
    /// What is done.
    pub operation: Operation,
    /// Why; never empty.
    pub why: String,
    /// Whether a rule makes it and nobody looked.
    pub is_automatic: bool,
    /// The document that it rests on: the certificate of a laboratory, a letter.
    pub document: Option<Document>,
}

/// One reading as a correction would leave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The instant.
    pub time: Timestamp,
    /// As it stands, when it is there.
    pub was: Option<(Option<f64>, Flag)>,
    /// As it will stand.
    pub becomes: (Option<f64>, Flag),
}

/// Why something could not be corrected. Nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such series.
    #[error("there is no datastream {0}")]
    NoDatastream(DatastreamId),
    /// The series is derived.
    #[error("datastream {0} is derived: correct what it is made from")]
    Derived(DatastreamId),
    /// The span holds no time.
    #[error("the span ends before it begins")]
    NoSpan,
    /// Nobody says why.
    #[error("a correction needs a reason")]
    NoReason,
    /// A number is none.
    #[error("{0:?} is no decimal number")]
    NotANumber(String),
    /// It would touch more readings than one turn may.
    #[error("it touches {found} readings; one correction may touch {READINGS_MAX}: make several")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// No reading of the span would change.
    #[error("no reading of the span changes")]
    NothingChanges,
    /// There is no such correction.
    #[error("there is no correction {0}")]
    Unknown(String),
    /// It was annulled.
    #[error("correction {0} was annulled")]
    Annulled(String),
    /// It was approved.
    #[error("correction {0} was approved already")]
    Approved(String),
    /// Nobody approves what he made.
    #[error("{who} made correction {id}: somebody else has to approve it")]
    Own {
        /// The correction.
        id: String,
        /// Its maker.
        who: String,
    },
    /// A number does not fit exact arithmetic.
    #[error("the corrected numbers cannot be computed exactly")]
    Exact(#[from] standards::ExactError),
    /// The turn could not be kept.
    #[error(transparent)]
    Turn(#[from] turn::Error),
    /// The readings could not be read.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What a correction would change, before anybody makes it.
///
/// # Errors
/// What is wrong with it; [`Error::NothingChanges`] is none of them.
pub fn preview(reader: &Reader, stack: &Stack, new: &NewCorrection) -> Result<Vec<Change>, Error> {
    check(reader, new)?;
    let correction = Correction::of_new(new, model::Sequence(u64::MAX), new.from);
    let mut stack = stack.clone();
    stack.put(correction);
    changes(reader, &stack, new.datastream, (new.from, new.to))
}

fn check(reader: &Reader, new: &NewCorrection) -> Result<(), Error> {
    let is_derived = {
        let view = reader.view();
        let known = view.registry().datastream(new.datastream);
        let known = known.ok_or(Error::NoDatastream(new.datastream))?;
        matches!(known.key.source, Source::Derived(_))
    };
    if is_derived {
        return Err(Error::Derived(new.datastream));
    }
    if new.from >= new.to {
        return Err(Error::NoSpan);
    }
    if new.why.trim().is_empty() {
        return Err(Error::NoReason);
    }
    if let Some(text) = new.operation.not_a_number() {
        return Err(Error::NotANumber(text.to_owned()));
    }
    Ok(())
}

/// The readings of a span that do not stand as a stack says they should.
fn changes(
    reader: &Reader,
    stack: &Stack,
    datastream: DatastreamId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Change>, Error> {
    let mut now: BTreeMap<Timestamp, (Option<f64>, Flag)> = BTreeMap::new();
    let current = reader.scan(datastream, from, to)?;
    if current.len() > READINGS_MAX {
        return Err(Error::TooMany { found: current.len() });
    }
    now.extend(rows(&current));
    let raw = reader.scan_known(&[datastream], from, to, Known::Now.raw())?.pop();
    let raw: BTreeMap<_, _> = rows(&raw.unwrap_or_default()).collect();
    let mut times: BTreeSet<Timestamp> = now.keys().copied().collect();
    times.extend(stack.times(datastream, from, to));
    let mut changes = vec![];
    for time in times {
        let sent = raw.get(&time).copied();
        let becomes = match stack.fold(datastream, time, sent)? {
            Step::Untouched => match sent {
                Some((value, flag)) => (value, flag.edited()),
                // Only a correction said something here, and it is gone.
                None => (None, Flag::new(Quality::Missing, None).edited()),
            },
            Step::Made(value, flag) => (value, flag.edited()),
        };
        let was = now.get(&time).copied();
        let stands = was.is_some_and(|(value, flag)| {
            value.map(f64::to_bits) == becomes.0.map(f64::to_bits) && flag.edited() == becomes.1
        });
        if !stands {
            changes.push(Change { time, was, becomes });
        }
    }
    if changes.len() > READINGS_MAX {
        return Err(Error::TooMany { found: changes.len() });
    }
    Ok(changes)
}

fn rows(columns: &Columns) -> impl Iterator<Item = (Timestamp, (Option<f64>, Flag))> {
    let values = columns.value.iter().zip(&columns.flag);
    columns.time.iter().zip(values).map(|(time, (value, flag))| (*time, (*value, *flag)))
}

impl Engine {
    /// The corrections as they stand now.
    ///
    /// # Errors
    /// When the acts cannot be read.
    pub fn corrections(&mut self) -> Result<Arc<Stack>, store::Error> {
        self.stack()
    }

    pub(crate) fn stack(&mut self) -> Result<Arc<Stack>, store::Error> {
        if let Some(stack) = &self.stack {
            return Ok(Arc::clone(stack));
        }
        let stack = Arc::new(Stack::read(&self.reader(), Known::Now)?);
        self.stack = Some(Arc::clone(&stack));
        Ok(stack)
    }

    /// Makes a correction: one turn in which every reading of the span that it changes gets a version.
    /// The hours, days and months that they go into are derived by the turns after it, each once.
    ///
    /// # Errors
    /// What is wrong with it, or why the turn could not be kept; nothing changed then.
    pub fn correct(&mut self, now: Timestamp, new: &NewCorrection) -> Result<Correction, Error> {
        check(&self.reader(), new)?;
        let mut draft = Draft::begin(now, self.store.last_sequence());
        let sequence = draft.next_sequence();
        let correction = Correction::of_new(new, sequence, now);
        let mut stack = Stack::clone(&*self.stack()?);
        stack.put(correction.clone());
        let changes = changes(&self.reader(), &stack, new.datastream, (new.from, new.to))?;
        let only_says = matches!(new.operation, Operation::Accept);
        if changes.is_empty() && !only_says {
            return Err(Error::NothingChanges);
        }
        draft.act_as(sequence, correction.act());
        self.keep_edits(draft, (new.datastream, sequence), &changes, stack)?;
        Ok(correction)
    }

    /// Says that a correction is right. Nobody approves what he made.
    ///
    /// # Errors
    /// When there is no such correction, it was annulled or approved, or `who` made it.
    pub fn approve(&mut self, now: Timestamp, id: &str, who: &str, why: &str) -> Result<(), Error> {
        let known = self.standing(id)?;
        if known.who == who {
            return Err(Error::Own { id: id.to_owned(), who: who.to_owned() });
        }
        if known.approved.is_some() {
            return Err(Error::Approved(id.to_owned()));
        }
        let act = deed("approve", id, who, why);
        let sequence = self.act(now, vec![act])?[0];
        let mut stack = Stack::clone(&*self.stack()?);
        let deed = Deed { who: who.to_owned(), at: now, sequence, why: why.to_owned() };
        stack.change(id, |known| known.approved = Some(deed));
        self.stack = Some(Arc::new(stack));
        Ok(())
    }

    /// Takes a correction back: its readings become what the other corrections say, or what was sent.
    ///
    /// # Errors
    /// When there is no such correction, it was annulled before, or nobody says why.
    pub fn annul(&mut self, now: Timestamp, id: &str, who: &str, why: &str) -> Result<(), Error> {
        if why.trim().is_empty() {
            return Err(Error::NoReason);
        }
        let known = self.standing(id)?;
        let mut draft = Draft::begin(now, self.store.last_sequence());
        let sequence = draft.act(deed("annul", id, who, why));
        let mut stack = Stack::clone(&*self.stack()?);
        let deed = Deed { who: who.to_owned(), at: now, sequence, why: why.to_owned() };
        stack.change(id, |known| known.annulled = Some(deed));
        let changes = changes(&self.reader(), &stack, known.datastream, (known.from, known.to))?;
        self.keep_edits(draft, (known.datastream, sequence), &changes, stack)
    }

    fn standing(&mut self, id: &str) -> Result<Correction, Error> {
        let stack = self.stack()?;
        let known = stack.get(id).ok_or_else(|| Error::Unknown(id.to_owned()))?;
        if known.annulled.is_some() {
            return Err(Error::Annulled(id.to_owned()));
        }
        Ok(known.clone())
    }

    fn keep_edits(
        &mut self,
        mut draft: Draft,
        (datastream, sequence): (DatastreamId, model::Sequence),
        changes: &[Change],
        stack: Stack,
    ) -> Result<(), Error> {
        for change in changes {
            let (value, flag) = change.becomes;
            draft.put(Reading { datastream, time: change.time, value, flag, sequence });
        }
        self.commit_marked(draft)?;
        self.stack = Some(Arc::new(stack));
        Ok(())
    }
}

fn deed(verb: &str, id: &str, who: &str, why: &str) -> Act {
    Act {
        kind: KIND.to_owned(),
        key: id.to_owned(),
        who: who.to_owned(),
        document: serde_json::json!({ "do": verb, "why": why }).to_string(),
    }
}
