//! What people do with findings: make a case of one, put one aside, state known work. And what a case that ends says of its finding.

use super::board::WorkDeed;
use super::found::act;
use super::{Board, KNOWN_WORK};
use crate::desk::{CaseError, Moved};
use crate::turn::{Engine, Error};
use control::{Actor, Case, Collected, Event, Move, Spot};
use detect::{Deed, Finding, KnownWork, Verdict};
use model::{Act, ActRow, Registry, Timestamp};
use std::sync::Arc;

/// Why something was not done to a finding.
#[derive(Debug, thiserror::Error)]
pub enum FindingError {
    /// There is no such finding.
    #[error("there is no finding {0}")]
    Unknown(String),
    /// It is a case already.
    #[error("finding {0} is case {1}")]
    IsCase(String, String),
    /// It was put aside already.
    #[error("finding {0} was put aside by {1}")]
    Dismissed(String, String),
    /// Nobody says why.
    #[error("a reason is needed")]
    NoReason,
    /// The span holds no time.
    #[error("known work ends after it begins")]
    NoSpan,
    /// There is no such known work.
    #[error("there is no known work {0}")]
    NoWork(String),
    /// The known work has ended.
    #[error("known work {0} has ended")]
    WorkEnded(String),
    /// Nothing is watched.
    #[error("nothing is watched here")]
    NotWatched,
    /// The case could not be made.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The turn could not be kept.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl Engine {
    fn board(&self) -> Result<Arc<Board>, FindingError> {
        let watch = self.watch.as_ref().ok_or(FindingError::NotWatched)?;
        Ok(Arc::clone(&watch.board))
    }

    fn waiting(&self, id: &str) -> Result<Arc<Finding>, FindingError> {
        let finding = self.board()?.finding(id);
        let finding = finding.ok_or_else(|| FindingError::Unknown(id.to_owned()))?;
        if let Some(case) = &finding.case {
            return Err(FindingError::IsCase(id.to_owned(), case.clone()));
        }
        if let Some(why) = &finding.dismissed {
            return Err(FindingError::Dismissed(id.to_owned(), why.who.clone()));
        }
        Ok(finding)
    }

    /// Makes a case of a finding. `text` stands for the finding's own sentence, `category` for that of its rule, when they are
    /// given. The same finding filed again is the same case.
    ///
    /// # Errors
    /// When there is no such finding, it was put aside, or the case cannot be made; nothing was kept then.
    pub fn file_finding(
        &mut self,
        now: Timestamp,
        who: &Actor,
        id: &str,
        category: Option<String>,
        text: Option<String>,
    ) -> Result<Moved, FindingError> {
        let finding = match self.waiting(id) {
            Err(FindingError::IsCase(_, number)) => {
                let case = self.desk()?.case(&number).ok_or(CaseError::NoCase(number))?;
                let version = case.version;
                return Ok(Moved { case, version, is_again: true, sequence: None });
            }
            other => other?,
        };
        let raised = &finding.raised;
        let (lon, lat) = (raised.spot[0], raised.spot[1]);
        let (line, area) = {
            let view = self.store.view();
            let registry = view.registry();
            let place = registry.place_id(&raised.place).and_then(|id| registry.place(id));
            let stated = |key: &String| Some(key.clone()).filter(|key| !key.is_empty());
            place.map_or((None, None), |place| (stated(&place.line), stated(&place.area)))
        };
        let collected = Collected {
            source: control::Source::Finding,
            category: category.unwrap_or_else(|| raised.category.clone()),
            text: text.unwrap_or_else(|| raised.text.zh.clone()),
            spot: Some(Spot { lon, lat, accuracy_m: None }),
            place: Some(raised.place.clone()),
            line,
            area,
            finding: Some(id.to_owned()),
            patrol: None,
            photos: vec![],
            simulated: raised.simulated,
            origin: None,
        };
        let event = Event::of(format!("finding-{id}"), Move::Collect(Box::new(collected)));
        Ok(self.collect(now, who, &event)?)
    }

    /// Puts a finding aside, and with it all of its event that wait and that `reaches` says may be.
    ///
    /// # Errors
    /// When there is no such finding, it is a case or was put aside, nobody says why, or the turn cannot be kept.
    pub fn dismiss_finding(
        &mut self,
        now: Timestamp,
        who: &str,
        id: &str,
        (why, verdict): (&str, Verdict),
        reaches: impl Fn(&Registry, &Finding) -> bool,
    ) -> Result<Arc<Finding>, FindingError> {
        let finding = self.waiting(id)?;
        if why.trim().is_empty() {
            return Err(FindingError::NoReason);
        }
        let deed = Deed::Dismiss { why: why.trim().to_owned(), verdict };
        let findings = self.board()?.findings();
        let of_event = findings.values().filter(|own| {
            own.group == finding.group && own.case.is_none() && own.dismissed.is_none()
        });
        let acts = {
            let view = self.store.view();
            let within = of_event.filter(|own| own.id == id || reaches(view.registry(), own));
            within.map(|own| act(&own.id, who, &deed)).collect()
        };
        self.keep_deeds(now, acts)?;
        self.board()?.finding(id).ok_or_else(|| FindingError::Unknown(id.to_owned()))
    }

    /// States known work; gives its id.
    ///
    /// # Errors
    /// When it has no reason or no time, or the turn cannot be kept.
    pub fn state_known_work(
        &mut self,
        now: Timestamp,
        who: &str,
        work: KnownWork,
    ) -> Result<String, FindingError> {
        if work.reason.trim().is_empty() {
            return Err(FindingError::NoReason);
        }
        if work.from >= work.to {
            return Err(FindingError::NoSpan);
        }
        let id = format!("w{}", self.store.next_sequence());
        self.keep_work(now, who, &id, &WorkDeed::State { work })?;
        Ok(id)
    }

    /// Ends known work before its time.
    ///
    /// # Errors
    /// When there is none of that id, it has ended, nobody says why, or the turn cannot be kept.
    pub fn end_known_work(
        &mut self,
        now: Timestamp,
        who: &str,
        id: &str,
        why: &str,
    ) -> Result<(), FindingError> {
        let works = self.board()?.works();
        let work = works.get(id).ok_or_else(|| FindingError::NoWork(id.to_owned()))?;
        if work.until() <= now {
            return Err(FindingError::WorkEnded(id.to_owned()));
        }
        if why.trim().is_empty() {
            return Err(FindingError::NoReason);
        }
        self.keep_work(now, who, id, &WorkDeed::End { why: why.trim().to_owned() })
    }

    fn keep_work(
        &mut self,
        now: Timestamp,
        who: &str,
        id: &str,
        deed: &WorkDeed,
    ) -> Result<(), FindingError> {
        let document = serde_json::to_string(deed).unwrap_or_default();
        let [kind, key, who] = [KNOWN_WORK, id, who].map(str::to_owned);
        self.keep_deeds(now, vec![Act { kind, key, who, document }])
    }

    fn keep_deeds(&mut self, now: Timestamp, acts: Vec<Act>) -> Result<(), FindingError> {
        let board = self.board()?;
        board.take(&self.keep(now, acts)?);
        Ok(())
    }

    /// What a move on a case says of the finding that it was made from and of all others of its event, as acts of the same turn.
    pub(crate) fn deeds_of_move(
        &self,
        number: &str,
        case: Option<&Case>,
        who: &str,
        event: &Event,
    ) -> Vec<Act> {
        let id = match (&event.made, case) {
            (Move::Collect(collected), _) => collected.finding.as_ref(),
            (_, Some(case)) => case.collected.finding.as_ref(),
            _ => None,
        };
        let (Some(id), Ok(board)) = (id, self.board()) else { return vec![] };
        let Some(finding) = board.finding(id) else { return vec![] };
        let judge = |verdict| Deed::Judge { verdict, case: number.to_owned() };
        let deed = match &event.made {
            Move::Collect(_) => Deed::File { case: number.to_owned() },
            Move::Pass { .. } => judge(Verdict::Confirmed),
            Move::Reject { .. } => judge(Verdict::Refuted),
            Move::Invalid { .. } => judge(Verdict::DataInvalid),
            _ => return vec![],
        };
        let findings = board.findings();
        let is_of = |own: &&Arc<Finding>| {
            let is_free = own.case.is_none() && own.dismissed.is_none();
            own.id == *id
                || own.group == finding.group && (is_free || own.case.as_deref() == Some(number))
        };
        findings.values().filter(is_of).map(|own| act(&own.id, who, &deed)).collect()
    }

    /// Shows the board what was kept.
    pub(crate) fn show_board(&self, rows: &[ActRow]) {
        if let Ok(board) = self.board() {
            board.take(rows);
        }
    }
}
