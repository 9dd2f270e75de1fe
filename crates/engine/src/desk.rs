//! The desk: every case as it stands, a fold over the acts of kind `case`; and what people may do with them.
//!
//! A move is checked against the case as it stands, kept as an act, and only then shown. Readers take snapshots; they
//! never wait for a turn that is being written.

use crate::turn::{Engine, Error};
use control::{
    Actor, Calendar, Case, Catalogue, Event, Mappings, Move, Patrol, PatrolRule, Refused,
};
use jiff::civil::Date;
use model::{Act, ActRow, MINUTE_MS, Sequence, Timestamp};
use standards::Zone;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use store::{Known, Reader};

mod foreign;

pub use foreign::{Brought, Fate};

/// The kind of acts that make cases.
pub const CASE: &str = "case";
/// The kind of acts that are patrols.
pub const PATROL: &str = "patrol";
/// The kind of acts that set what the desk works by: categories, calendar.
pub const SETTING: &str = "setting";

/// What the desk works by: configuration that people change by acts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Categories and steps of urging.
    pub catalogue: Arc<Catalogue>,
    /// Working time.
    pub calendar: Arc<Calendar>,
    /// When a patrol counts.
    pub patrol: Arc<PatrolRule>,
    /// How files of cases of other systems are read.
    pub mappings: Arc<Mappings>,
}

/// Patrols by the time they came, with who made them.
type Patrols = Vec<(Timestamp, String, Arc<Patrol>)>;

/// Cases by number.
pub type Cases = BTreeMap<String, Arc<Case>>;

/// The desk as readers see it.
#[derive(Debug)]
pub struct Desk {
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    cases: Arc<Cases>,
    /// The case that a collected thing became, by the id of its first move.
    collected: HashMap<String, String>,
    patrols: Arc<Patrols>,
    settings: Settings,
    urged_at: Timestamp,
}

/// A move that was made, or was made before.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The case as it stands now.
    pub case: Arc<Case>,
    /// The version that the move made.
    pub version: u32,
    /// Whether it had been made before: then nothing was kept now.
    pub is_again: bool,
    /// Its number in the log.
    pub sequence: Option<Sequence>,
}

/// Why a move was not made.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such case.
    #[error("there is no case {0}")]
    NoCase(String),
    /// It may not be made.
    #[error("the move may not be made")]
    Refused(Refused, Arc<Case>),
    /// There is no such category.
    #[error("there is no category {0:?}")]
    NoCategory(String),
    /// A setting that cannot be read.
    #[error("{0}")]
    Setting(String),
    /// The turn could not be kept.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl From<store::Error> for CaseError {
    fn from(error: store::Error) -> Self {
        Self::Engine(error.into())
    }
}

impl Desk {
    /// Rebuilds the desk from the log. What cannot be read of an act is left out and named in the log of the program by
    /// whoever asks [`Desk::of`]; an act is never changed.
    pub(crate) fn of(reader: &Reader, zone: &Zone) -> Result<Self, Error> {
        let mut state = State::begin(zone).map_err(Error::Desk)?;
        for row in reader.acts(SETTING, Known::Now)? {
            // A setting was read before it was kept.
            let _ = state.set(&row.act.key, &row.act.document, zone);
        }
        for row in reader.acts(CASE, Known::Now)? {
            state.take(&row);
        }
        for row in reader.acts(PATROL, Known::Now)? {
            state.take_patrol(&row);
        }
        Ok(Self { state: RwLock::new(state) })
    }

    /// All cases, as of now.
    pub fn cases(&self) -> Arc<Cases> {
        Arc::clone(&self.read().cases)
    }

    /// A case by its number.
    pub fn case(&self, number: &str) -> Option<Arc<Case>> {
        self.read().cases.get(number).cloned()
    }

    /// What the desk works by.
    pub fn settings(&self) -> Settings {
        self.read().settings.clone()
    }

    /// Patrols, oldest first: when they came, who made them, what they were.
    pub fn patrols(&self) -> Arc<Patrols> {
        Arc::clone(&self.read().patrols)
    }

    /// The cases as they were known when `known` was the newest entry of the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn as_of(reader: &Reader, known: Known, zone: &Zone) -> Result<Arc<Cases>, Error> {
        let mut state = State::begin(zone).map_err(Error::Desk)?;
        for row in reader.acts(CASE, known)? {
            state.take(&row);
        }
        Ok(state.cases)
    }

    /// What the desk works by, from the log alone: for those who look into a data directory.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn settings_of(reader: &Reader, zone: &Zone) -> Result<Settings, Error> {
        let mut state = State::begin(zone).map_err(Error::Desk)?;
        for row in reader.acts(SETTING, Known::Now)? {
            // A setting was read before it was kept.
            let _ = state.set(&row.act.key, &row.act.document, zone);
        }
        Ok(state.settings)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(zone: &Zone) -> Result<Self, String> {
        let catalogue = Catalogue::built_in().map_err(|error| error.to_string())?;
        let calendar = Calendar::built_in(zone.clone()).map_err(|error| error.to_string())?;
        let mappings = Mappings::built_in().map_err(|error| error.to_string())?;
        Ok(Self {
            cases: Arc::default(),
            collected: HashMap::new(),
            patrols: Arc::default(),
            settings: Settings {
                catalogue: Arc::new(catalogue),
                calendar: Arc::new(calendar),
                patrol: Arc::new(PatrolRule::default()),
                mappings: Arc::new(mappings),
            },
            urged_at: Timestamp::MIN,
        })
    }

    /// Takes in an act of kind `case`; what is none is passed over.
    fn take(&mut self, row: &ActRow) {
        let Ok(event) = serde_json::from_str::<Event>(&row.act.document) else { return };
        let number = &row.act.key;
        let cases = Arc::make_mut(&mut self.cases);
        if let Some(case) = cases.get_mut(number) {
            Arc::make_mut(case).apply(row.at, &row.act.who, &event);
        } else if let Some(case) = Case::begin(number, row.at, &row.act.who, &event) {
            self.collected.insert(event.id, number.clone());
            cases.insert(number.clone(), Arc::new(case));
        }
    }

    fn take_patrol(&mut self, row: &ActRow) {
        if let Ok(patrol) = serde_json::from_str::<Patrol>(&row.act.document) {
            let who = row.act.who.clone();
            Arc::make_mut(&mut self.patrols).push((row.at, who, Arc::new(patrol)));
        }
    }

    fn set(&mut self, key: &str, text: &str, zone: &Zone) -> Result<(), String> {
        let said = |error: &dyn std::error::Error| error.to_string();
        match key {
            "categories" => {
                self.settings.catalogue = Catalogue::parse(text).map_err(|e| said(&e))?.into();
            }
            "calendar" => {
                let calendar = Calendar::parse(text, zone.clone()).map_err(|e| said(&e))?;
                self.settings.calendar = calendar.into();
            }
            "patrol" => {
                self.settings.patrol =
                    serde_json::from_str::<PatrolRule>(text).map_err(|e| said(&e))?.into();
            }
            "mappings" => {
                self.settings.mappings = Mappings::parse(text).map_err(|e| said(&e))?.into();
            }
            _ => return Err(format!("there is no setting {key:?}")),
        }
        Ok(())
    }
}

impl Engine {
    /// The desk, for readers; rebuilt from the log when it is asked for first.
    ///
    /// # Errors
    /// When the acts of the log cannot be read.
    pub fn desk(&mut self) -> Result<Arc<Desk>, Error> {
        if let Some(desk) = &self.desk {
            return Ok(Arc::clone(desk));
        }
        let desk = Arc::new(Desk::of(&self.store.reader(), &self.zone)?);
        self.desk = Some(Arc::clone(&desk));
        Ok(desk)
    }

    /// Begins a case. The same collected thing sent twice is one case.
    ///
    /// # Errors
    /// When its category is unknown, the move is no collecting, or the turn cannot be kept; nothing was kept then.
    pub fn collect(
        &mut self,
        now: Timestamp,
        who: &Actor,
        event: &Event,
    ) -> Result<Moved, CaseError> {
        let desk = self.desk()?;
        let known = desk.read().collected.get(&event.id).and_then(|number| desk.case(number));
        if let Some(case) = known {
            return Ok(Moved { case, version: 1, is_again: true, sequence: None });
        }
        let Move::Collect(collected) = &event.made else {
            return Err(CaseError::NoCase(String::new()));
        };
        if desk.settings().catalogue.category(&collected.category).is_none() {
            return Err(CaseError::NoCategory(collected.category.clone()));
        }
        let number = next_number(&desk.cases(), &self.zone, now);
        self.keep_move(now, number, who, event)
    }

    /// Makes a move on a case. `seen` is the version that its author looked at.
    ///
    /// # Errors
    /// When there is no such case, the move may not be made, or the turn cannot be kept; nothing was kept then.
    pub fn move_case(
        &mut self,
        now: Timestamp,
        number: &str,
        seen: Option<u32>,
        who: &Actor,
        event: &Event,
    ) -> Result<Moved, CaseError> {
        let case = self.desk()?.case(number).ok_or_else(|| CaseError::NoCase(number.to_owned()))?;
        match case.check(event, seen, who, now) {
            Ok(()) => self.keep_move(now, number.to_owned(), who, event),
            Err(Refused::Again { version }) => {
                Ok(Moved { case, version, is_again: true, sequence: None })
            }
            Err(refused) => Err(CaseError::Refused(refused, case)),
        }
    }

    /// Keeps a patrol; the same one sent twice is kept once. Says whether it was new.
    ///
    /// # Errors
    /// When the turn cannot be kept.
    pub fn keep_patrol(
        &mut self,
        now: Timestamp,
        who: &str,
        patrol: &Patrol,
    ) -> Result<bool, Error> {
        let desk = self.desk()?;
        if desk.patrols().iter().any(|(_, _, one)| one.id == patrol.id) {
            return Ok(false);
        }
        let document = serde_json::to_string(patrol).map_err(|e| Error::Desk(e.to_string()))?;
        let act = Act {
            kind: PATROL.to_owned(),
            key: patrol.line.clone(),
            who: who.to_owned(),
            document,
        };
        let row = self.keep_act(now, act)?;
        desk.write().take_patrol(&row);
        Ok(true)
    }

    /// Changes what the desk works by: `categories`, `calendar` and `mappings` (TOML), `patrol` (JSON).
    ///
    /// # Errors
    /// When the text cannot be read, or the turn cannot be kept; nothing changed then.
    pub fn set_desk(
        &mut self,
        now: Timestamp,
        who: &str,
        key: &str,
        text: &str,
    ) -> Result<(), CaseError> {
        let zone = self.zone.clone();
        let mut tried = State::begin(&zone).map_err(CaseError::Setting)?;
        tried.set(key, text, &zone).map_err(CaseError::Setting)?;
        let [kind, key, who, document] = [SETTING, key, who, text].map(str::to_owned);
        let desk = self.desk()?;
        self.keep_act(now, Act { kind, key: key.clone(), who, document })?;
        desk.write().set(&key, text, &zone).map_err(CaseError::Setting)
    }

    /// Urges what is late, at most once a minute: a tick of the desk's clock. Says which cases were urged.
    ///
    /// # Errors
    /// When the turn cannot be kept.
    pub fn urge(&mut self, now: Timestamp) -> Result<Vec<String>, CaseError> {
        let desk = self.desk()?;
        {
            let mut state = desk.write();
            if now - state.urged_at < MINUTE_MS {
                return Ok(vec![]);
            }
            state.urged_at = now;
        }
        let (cases, settings) = (desk.cases(), desk.settings());
        let late: Vec<(String, u8)> = cases
            .values()
            .filter(|case| case.is_open() && case.stage.is_with_unit())
            .filter(|case| case.suspended_until(now).is_none())
            // What is handled in another system is urged there.
            .filter(|case| !case.is_elsewhere)
            .filter_map(|case| {
                let step = settings.catalogue.urging.get(case.urged)?;
                let (spent, allowed) = case.run()?.spent_and_allowed(&settings.calendar, now);
                let is_due = step.is_reached(spent, allowed);
                is_due
                    .then(|| (case.number.clone(), u8::try_from(case.urged + 1).unwrap_or(u8::MAX)))
            })
            .collect();
        let clock = Actor::clock();
        let mut urged = vec![];
        for (number, step) in late {
            let id = format!("urge-{number}-{}-{step}", cases[&number].runs.len());
            let event = Event::of(id, Move::Urge { step, note: String::new() });
            if self.move_case(now, &number, None, &clock, &event).is_ok() {
                urged.push(number);
            }
        }
        Ok(urged)
    }

    fn keep_move(
        &mut self,
        now: Timestamp,
        number: String,
        who: &Actor,
        event: &Event,
    ) -> Result<Moved, CaseError> {
        let document = serde_json::to_string(event).map_err(|e| Error::Desk(e.to_string()))?;
        let act =
            Act { kind: CASE.to_owned(), key: number.clone(), who: who.name.clone(), document };
        let desk = self.desk()?;
        let mut acts = vec![act];
        acts.extend(self.deeds_of_move(&number, desk.case(&number).as_deref(), &who.name, event));
        let rows = self.keep(now, acts)?;
        let [row, of_findings @ ..] = &rows[..] else { return Err(CaseError::NoCase(number)) };
        desk.write().take(row);
        self.show_board(of_findings);
        let case = desk.case(&number).ok_or(CaseError::NoCase(number))?;
        let version = case.version;
        Ok(Moved { case, version, is_again: false, sequence: Some(row.sequence) })
    }

    fn keep_act(&mut self, now: Timestamp, act: Act) -> Result<ActRow, Error> {
        let sequence = self.act(now, vec![act.clone()])?.pop().unwrap_or_default();
        Ok(ActRow { sequence, at: now, act })
    }
}

/// `2026-000017`: the civil year, and a number within it.
fn next_number(cases: &Cases, zone: &Zone, now: Timestamp) -> String {
    let year = zone.date(now).map_or(0, Date::year);
    let prefix = format!("{year}-");
    let last = cases.range(prefix.clone()..format!("{year}.")).next_back();
    let last = last.and_then(|(number, _)| number.strip_prefix(&prefix)?.parse::<u64>().ok());
    format!("{year}-{:06}", last.unwrap_or(0) + 1)
}
