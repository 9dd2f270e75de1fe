//! Emergency response as a fold over its acts: the rule, the plan, every warning with its orders; and what people and the
//! clock may do with them.
//!
//! Orders are made in the turn that declares a level, out of the plan that is known then: nobody can slip a measure in between.

use crate::turn::{Engine, Error};
use control::Actor;
use control::emergency::{
    Basis, Called, Event, Flaw, Level, Measure, Planned, Refused, Rule, RuleError, Standing, Step,
    Warning, called,
};
use jiff::civil::Date;
use model::{Act, ActRow, MINUTE_MS, Sequence, Timestamp};
use serde::{Deserialize, Serialize};
use standards::Zone;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Known, Reader};

mod room;

/// The kind of acts that make warnings.
pub const WARNING: &str = "warning";
/// The kind of acts that are versions of measures of the plan.
pub const MEASURE: &str = "emergency_measure";
/// The kind of acts that set the rule.
pub const RULE: &str = "emergency_rule";
/// The key of the one rule.
const DISTRICT: &str = "district";

/// Whether acts of a kind are of emergency response.
pub(crate) fn is_of(kind: &str) -> bool {
    [RULE, MEASURE, WARNING].contains(&kind)
}

/// A version of a measure: the document of its act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureVersion {
    /// The measure; none: it was withdrawn.
    pub measure: Option<Measure>,
    /// Why.
    pub why: String,
}

/// A version of the rule: the document of its act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleVersion {
    /// The rule.
    pub rule: Rule,
    /// Why.
    pub why: String,
}

/// A measure as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The measure.
    pub measure: Measure,
    /// Who wrote this version, when, under which sequence.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// The sequence of this version.
    pub sequence: u64,
    /// Why it was written.
    pub why: String,
    /// How many versions there are.
    pub versions: usize,
}

/// Emergency response as it was known at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Emergency {
    /// What it works by.
    pub rule: Rule,
    /// The sequence of that version; 0: the one that comes with the program.
    pub rule_sequence: u64,
    /// The plan, by the key of its measures.
    pub plan: BTreeMap<String, Entry>,
    /// Every warning, by number.
    pub warnings: BTreeMap<String, Warning>,
    /// Acts that could not be read: they are named, and nothing is made of them.
    pub unread: Vec<Sequence>,
    /// Versions of each measure, of those that were withdrawn too.
    versions: BTreeMap<String, usize>,
}

/// Emergency response as it stands now, for any thread.
#[derive(Debug)]
pub struct Warnings(RwLock<Arc<Emergency>>);

impl Warnings {
    /// As it stands now.
    pub fn now(&self) -> Arc<Emergency> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A level that somebody declares.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The level.
    pub level: Level,
    /// From when it is in force.
    pub from: Timestamp,
    /// What it rests on.
    pub basis: Basis,
    /// Why.
    pub note: String,
}

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// The warning.
    pub number: String,
    /// Its version now.
    pub version: u32,
    /// The act's number in the log.
    pub sequence: Sequence,
}

/// Why something was not kept.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// There is no such warning.
    #[error("there is no warning {0}")]
    NoWarning(String),
    /// A warning stands: its level is changed, and no other declared.
    #[error("warning {0} stands")]
    Stands(String),
    /// It may not happen.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A measure that cannot be.
    #[error(transparent)]
    Flaw(#[from] Flaw),
    /// A rule that cannot be worked by.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// It does not say what it rests on.
    #[error("the basis is not stated")]
    NoBasis,
    /// The plan has as many measures as it may.
    #[error("the plan has {0} measures, and no more are taken")]
    TooMany(usize),
    /// The orders of a level would be more than one act holds.
    #[error("the orders of a level have up to {0} bytes, and {1} are the most")]
    TooLarge(usize, usize),
    /// Somebody changed it meanwhile.
    #[error("somebody changed it meanwhile: it has version {0}")]
    Changed(u64),
    /// The turn could not be kept.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl From<store::Error> for EmergencyError {
    fn from(error: store::Error) -> Self {
        Self::Engine(error.into())
    }
}

impl Emergency {
    /// As it was known then.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn as_of(reader: &Reader, known: Known) -> Result<Self, Error> {
        let rule = Rule::built_in().map_err(|error| Error::Desk(error.to_string()))?;
        let mut own = Self {
            rule,
            rule_sequence: 0,
            plan: BTreeMap::new(),
            warnings: BTreeMap::new(),
            unread: vec![],
            versions: BTreeMap::new(),
        };
        for kind in [RULE, MEASURE, WARNING] {
            for row in reader.acts(kind, known)? {
                own.take(row);
            }
        }
        Ok(own)
    }

    fn take(&mut self, row: ActRow) {
        match row.act.kind.as_str() {
            RULE => match serde_json::from_str::<RuleVersion>(&row.act.document) {
                Ok(version) => (self.rule, self.rule_sequence) = (version.rule, row.sequence.0),
                Err(_) => self.unread.push(row.sequence),
            },
            MEASURE => self.take_measure(row),
            WARNING => self.take_event(&row),
            _ => {}
        }
    }

    fn take_measure(&mut self, row: ActRow) {
        let ActRow { sequence, at, act } = row;
        let versions = self.versions.entry(act.key.clone()).or_default();
        *versions += 1;
        let versions = *versions;
        let Ok(version) = serde_json::from_str::<MeasureVersion>(&act.document) else {
            self.unread.push(sequence);
            return;
        };
        let MeasureVersion { measure: Some(measure), why } = version else {
            self.plan.remove(&act.key);
            return;
        };
        let entry = Entry { measure, who: act.who, at, sequence: sequence.0, why, versions };
        self.plan.insert(act.key, entry);
    }

    fn take_event(&mut self, row: &ActRow) {
        let number = &row.act.key;
        let Ok(event) = serde_json::from_str::<Event>(&row.act.document) else {
            self.unread.push(row.sequence);
            return;
        };
        if let Some(warning) = self.warnings.get_mut(number) {
            warning.apply(row.at, &row.act.who, &event);
        } else if let Some(warning) = Warning::begin(number, row.at, &row.act.who, &event) {
            self.warnings.insert(number.clone(), warning);
        }
    }

    /// The warning that stands.
    pub fn standing(&self) -> Option<&Warning> {
        self.warnings.values().rev().find(|warning| warning.stands())
    }

    /// Whom a level calls on a civil day.
    pub fn called(&self, level: Level, day: Date) -> Vec<Called> {
        called(&self.planned(), level, day)
    }

    fn planned(&self) -> Vec<Planned> {
        let planned = self.plan.iter().map(|(key, entry)| Planned {
            entry: key.clone(),
            sequence: entry.sequence,
            measure: entry.measure.clone(),
        });
        planned.collect()
    }

    /// The event that declares a level, with its orders.
    fn event(
        &self,
        standing: &[Standing],
        declared: Declared,
        (now, zone): (Timestamp, &Zone),
    ) -> Result<Event, EmergencyError> {
        let Declared { level, from, basis, note } = declared;
        if !self.rule.levels.contains(&level) {
            return Err(Refused::Unused.into());
        }
        if !basis.is_whole() {
            return Err(EmergencyError::NoBasis);
        }
        // What is entered afterwards was declared when it began.
        let at = from.min(now);
        let day = zone.date(from).map_err(|_| Refused::TooFar)?;
        let orders = Warning::reorder(standing, self.called(level, day), &self.rule, (at, from));
        Ok(Event { at, step: Step::Level { level, from, basis, note, orders } })
    }
}

impl Engine {
    /// Emergency response, for readers; rebuilt from the log when it is asked for first.
    ///
    /// # Errors
    /// When the acts of the log cannot be read.
    pub fn warnings(&mut self) -> Result<Arc<Warnings>, Error> {
        if let Some(warnings) = &self.warnings {
            return Ok(Arc::clone(warnings));
        }
        let own = Emergency::as_of(&self.store.reader(), Known::Now)?;
        let warnings = Arc::new(Warnings(RwLock::new(Arc::new(own))));
        self.warnings = Some(Arc::clone(&warnings));
        Ok(warnings)
    }

    /// Shows acts that were kept to those who read emergency response.
    pub(crate) fn show_warnings(&self, rows: impl Iterator<Item = ActRow>) {
        let mut rows = rows.peekable();
        if let Some(warnings) = &self.warnings
            && rows.peek().is_some()
        {
            let mut own = warnings.0.write().unwrap_or_else(PoisonError::into_inner);
            for row in rows {
                Arc::make_mut(&mut own).take(row);
            }
        }
    }

    fn emergency(&mut self) -> Result<Arc<Emergency>, Error> {
        Ok(self.warnings()?.now())
    }

    /// Keeps a version of a measure. `seen` is the sequence of the version that its author looked at, 0 for none.
    ///
    /// # Errors
    /// When the measure cannot be, somebody changed it meanwhile, or the turn cannot be kept.
    pub fn put_measure(
        &mut self,
        now: Timestamp,
        who: &str,
        (key, seen): (&str, Option<u64>),
        version: &MeasureVersion,
    ) -> Result<Sequence, EmergencyError> {
        let own = self.emergency()?;
        if let Some(measure) = &version.measure {
            measure.check(&own.rule)?;
            own.check_room(key, measure)?;
        }
        self.is_unchanged(MEASURE, key, seen)?;
        Ok(self.keep_emergency(now, who, (MEASURE, key), version)?)
    }

    /// Sets what emergency response works by. Orders that were given keep their times.
    ///
    /// # Errors
    /// As [`Engine::put_measure`].
    pub fn set_emergency_rule(
        &mut self,
        now: Timestamp,
        who: &str,
        seen: Option<u64>,
        version: &RuleVersion,
    ) -> Result<Sequence, EmergencyError> {
        version.rule.check()?;
        self.is_unchanged(RULE, DISTRICT, seen)?;
        Ok(self.keep_emergency(now, who, (RULE, DISTRICT), version)?)
    }

    /// Declares a warning.
    ///
    /// # Errors
    /// When another one stands, or what is declared cannot be; nothing was kept then.
    pub fn declare_warning(
        &mut self,
        now: Timestamp,
        who: &str,
        declared: Declared,
    ) -> Result<Stepped, EmergencyError> {
        let own = self.emergency()?;
        if let Some(standing) = own.standing() {
            return Err(EmergencyError::Stands(standing.number.clone()));
        }
        let event = own.event(&[], declared, (now, &self.zone))?;
        Warning::check_first(&event, now)?;
        let lifted = own.warnings.values().filter_map(|warning| warning.span().1).max();
        if lifted.is_some_and(|lifted| event.at < lifted) {
            return Err(Refused::TooEarly.into());
        }
        let number = next_number(&own, &self.zone, now);
        let sequence = self.keep_emergency(now, who, (WARNING, &number), &event)?;
        Ok(Stepped { number, version: 1, sequence })
    }

    /// Changes the level of a warning. `seen` is the version that its author looked at.
    ///
    /// # Errors
    /// When there is no such warning, it changed meanwhile, or what is declared cannot be; nothing was kept then.
    pub fn change_level(
        &mut self,
        now: Timestamp,
        who: &str,
        (number, seen): (&str, Option<u32>),
        declared: Declared,
    ) -> Result<Stepped, EmergencyError> {
        let own = self.emergency()?;
        let standing = own.warnings.get(number).map(|warning| &warning.orders[..]);
        let event = own.event(standing.unwrap_or_default(), declared, (now, &self.zone))?;
        self.step(now, who, (number, seen), &own, &event)
    }

    /// Lets something happen to a warning: it is lifted, an order is received, done, reminded of.
    ///
    /// # Errors
    /// As [`Engine::change_level`].
    pub fn step_warning(
        &mut self,
        now: Timestamp,
        who: &str,
        (number, seen): (&str, Option<u32>),
        event: &Event,
    ) -> Result<Stepped, EmergencyError> {
        let own = self.emergency()?;
        if let Step::Lift { basis, .. } = &event.step
            && !basis.is_whole()
        {
            return Err(EmergencyError::NoBasis);
        }
        self.step(now, who, (number, seen), &own, event)
    }

    fn step(
        &mut self,
        now: Timestamp,
        who: &str,
        (number, seen): (&str, Option<u32>),
        own: &Emergency,
        event: &Event,
    ) -> Result<Stepped, EmergencyError> {
        let no_warning = || EmergencyError::NoWarning(number.to_owned());
        let warning = own.warnings.get(number).ok_or_else(no_warning)?;
        if seen.is_some_and(|seen| seen != warning.version) {
            return Err(EmergencyError::Changed(warning.version.into()));
        }
        warning.check(event, now)?;
        let version = warning.version + 1;
        let sequence = self.keep_emergency(now, who, (WARNING, number), event)?;
        Ok(Stepped { number: number.to_owned(), version, sequence })
    }

    /// Reminds of orders that are late, at most once a minute: a tick of the clock. Says how many.
    ///
    /// # Errors
    /// When the turn cannot be kept.
    pub fn remind(&mut self, now: Timestamp) -> Result<usize, EmergencyError> {
        if now - self.reminded_at < MINUTE_MS {
            return Ok(0);
        }
        self.reminded_at = now;
        let own = self.emergency()?;
        let Some(warning) = own.standing() else { return Ok(0) };
        let who = Actor::clock().name;
        let mut acts = vec![];
        for order in warning.to_remind(&own.rule, now) {
            let event = Event { at: now, step: Step::Remind { order } };
            acts.push(act(&who, (WARNING, &warning.number), &event)?);
        }
        let count = acts.len();
        if count > 0 {
            self.act(now, acts)?;
        }
        Ok(count)
    }

    fn is_unchanged(&self, kind: &str, key: &str, seen: Option<u64>) -> Result<(), EmergencyError> {
        let Some(seen) = seen else { return Ok(()) };
        let last = self.store.reader().acts_on(kind, key, Known::Now)?;
        let last = last.last().map_or(0, |row| row.sequence.0);
        if last == seen { Ok(()) } else { Err(EmergencyError::Changed(last)) }
    }

    fn keep_emergency(
        &mut self,
        now: Timestamp,
        who: &str,
        to: (&str, &str),
        document: &impl Serialize,
    ) -> Result<Sequence, Error> {
        let act = act(who, to, document)?;
        Ok(self.act(now, vec![act])?.pop().unwrap_or_default())
    }
}

fn act(who: &str, (kind, key): (&str, &str), document: &impl Serialize) -> Result<Act, Error> {
    let document = serde_json::to_string(document).map_err(|e| Error::Desk(e.to_string()))?;
    let [kind, key, who] = [kind, key, who].map(str::to_owned);
    Ok(Act { kind, key, who, document })
}

/// `2026-W01`: the civil year, and a number within it.
fn next_number(own: &Emergency, zone: &Zone, now: Timestamp) -> String {
    let year = zone.date(now).map_or(0, Date::year);
    let prefix = format!("{year}-W");
    let numbers =
        own.warnings.keys().filter_map(|own| own.strip_prefix(&prefix)?.parse::<u32>().ok());
    format!("{prefix}{:02}", numbers.max().unwrap_or(0) + 1)
}
