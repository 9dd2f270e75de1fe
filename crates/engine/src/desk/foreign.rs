//! Cases of another system: the same moves as any case's, kept as acts that say who imported them and, beside it, when and by
//! whom the other system says that they were made.

use super::{CASE, CaseError, Cases, next_number};
use crate::turn::{Engine, Error};
use control::{Actor, Case, Event, Move, Refused};
use model::{Act, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// What became of one case of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A new case.
    New(String),
    /// A known one, to which this many moves were added.
    Moved(String, u32),
    /// A known one, of which the file says nothing new.
    Known(String),
    /// A known one to which what the file says does not fit: somebody here went on with it. Nothing was added.
    Differs(String),
}

/// What became of cases that were imported together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Of each, in their order.
    pub fates: Vec<Fate>,
    /// How many acts were kept.
    pub acts: usize,
}

impl Engine {
    /// Takes cases of another system, as one turn; each is the moves that it came to there. With `is_dry` nothing is kept.
    ///
    /// # Errors
    /// When a case does not begin with a report, a category is unknown, a new case's moves do not follow from each other, or the
    /// turn cannot be kept; nothing was kept then.
    pub fn bring_cases(
        &mut self,
        now: Timestamp,
        who: &str,
        cases: &[Vec<Event>],
        is_dry: bool,
    ) -> Result<Brought, CaseError> {
        let desk = self.desk()?;
        let catalogue = desk.settings().catalogue;
        let mut draft = Draft { known: desk.cases(), new: Cases::new(), acts: vec![] };
        let mut begun: HashMap<String, String> = HashMap::new();
        let mut fates = vec![];
        for events in cases {
            let Some(first) = events.first() else { continue };
            let Move::Collect(collected) = &first.made else {
                return Err(CaseError::NoCase(String::new()));
            };
            if catalogue.category(&collected.category).is_none() {
                return Err(CaseError::NoCategory(collected.category.clone()));
            }
            let known = begun.get(&first.id).cloned();
            let known = known.or_else(|| desk.read().collected.get(&first.id).cloned());
            let fate = if let Some(number) = known {
                draft.go_on(number, who, events)?
            } else {
                let at = first.recorded.as_ref().map_or(now, |own| own.at);
                let number = draft.next_number(&self.zone, at);
                begun.insert(first.id.clone(), number.clone());
                draft.begin(number, now, who, events)?
            };
            fates.push(fate);
        }
        let Draft { acts, known, .. } = draft;
        drop(known);
        let count = acts.len();
        if !is_dry && count > 0 {
            let rows = self.keep(now, acts)?;
            let mut state = desk.write();
            for row in &rows {
                state.take(row);
            }
        }
        Ok(Brought { fates, acts: count })
    }
}

/// Cases that are being taken, before they are kept.
struct Draft {
    known: Arc<Cases>,
    new: Cases,
    acts: Vec<Act>,
}

impl Draft {
    fn next_number(&self, zone: &standards::Zone, at: Timestamp) -> String {
        next_number(&self.known, zone, at).max(next_number(&self.new, zone, at))
    }

    fn begin(
        &mut self,
        number: String,
        now: Timestamp,
        who: &str,
        events: &[Event],
    ) -> Result<Fate, CaseError> {
        let Some((first, rest)) = events.split_first() else { return Ok(Fate::Known(number)) };
        let Some(mut case) = Case::begin(&number, now, who, first) else {
            return Err(CaseError::NoCase(number));
        };
        self.keep(&number, who, first)?;
        for event in rest {
            check(&case, event)
                .map_err(|refused| CaseError::Refused(refused, Arc::new(case.clone())))?;
            case.apply(now, who, event);
            self.keep(&number, who, event)?;
        }
        self.new.insert(number.clone(), Arc::new(case));
        Ok(Fate::New(number))
    }

    /// Adds what a later file says of a known case: all of it, or nothing when it does not fit.
    fn go_on(&mut self, number: String, who: &str, events: &[Event]) -> Result<Fate, CaseError> {
        let known = self.new.get(&number).or_else(|| self.known.get(&number));
        let Some(known) = known else { return Err(CaseError::NoCase(number)) };
        let mut case = Case::clone(known);
        let mut added = vec![];
        for event in events {
            match check(&case, event) {
                Ok(()) => {
                    case.apply(case.begun(), who, event);
                    added.push(event);
                }
                Err(Refused::Again { .. }) => {}
                Err(_) => return Ok(Fate::Differs(number)),
            }
        }
        for event in &added {
            self.keep(&number, who, event)?;
        }
        if added.is_empty() {
            return Ok(Fate::Known(number));
        }
        let count = u32::try_from(added.len()).unwrap_or(u32::MAX);
        self.new.insert(number.clone(), Arc::new(case));
        Ok(Fate::Moved(number, count))
    }

    fn keep(&mut self, number: &str, who: &str, event: &Event) -> Result<(), Error> {
        let document = serde_json::to_string(event).map_err(|e| Error::Desk(e.to_string()))?;
        let [kind, key, who] = [CASE, number, who].map(str::to_owned);
        self.acts.push(Act { kind, key, who, document });
        Ok(())
    }
}

/// Whether a move of another system may be made, by whom it was made there and then.
fn check(case: &Case, event: &Event) -> Result<(), Refused> {
    let (who, at) = match &event.recorded {
        Some(own) => (Actor::of_system(&own.who), own.at),
        None => (Actor::of_system(""), case.begun()),
    };
    case.check(event, None, &who, at)
}
