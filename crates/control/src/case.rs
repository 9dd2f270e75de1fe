//! A case: what all its moves together come to.

use crate::moves::{Actor, Collected, Event, Move};
use crate::{Allowed, Calendar, Text};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The seven stages, in their order (requirement GOV-001): collect, file, dispatch, handle, feed back, verify and
/// close, evaluate. A case stands at the stage whose move was made last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reported, not yet taken up.
    Collected,
    /// Taken up; a unit is to be found.
    Filed,
    /// A unit was told and has not received it yet.
    Dispatched,
    /// The unit works on it.
    Handling,
    /// The unit says that it is done; somebody else is to see.
    FedBack,
    /// Verified and closed.
    Closed,
    /// Closed, and judged how well.
    Evaluated,
}

/// Where something is, degrees on WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spot {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Within about how many metres.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
}

/// A photo, by the hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// BLAKE3 of its bytes, hexadecimal.
    pub hash: String,
    /// Of before or after the handling.
    #[serde(default)]
    pub when: When,
}

/// When a photo was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Neither.
    #[default]
    None,
    /// Before the handling.
    Before,
    /// After it.
    After,
}

/// A move as it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// The version of the case that it made, from 1.
    pub version: u32,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What.
    pub made: Move,
}

/// Something that waits for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Another unit should have it.
    Return(String),
    /// More time, until then.
    Extension(String, Timestamp),
    /// The clock should rest until then.
    Suspension(String, Timestamp),
}

impl Request {
    /// Who asked.
    pub fn who(&self) -> &String {
        match self {
            Self::Return(who) | Self::Extension(who, _) | Self::Suspension(who, _) => who,
        }
    }
}

/// One way from dispatch to closing; a reopened case has another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The unit that handles it.
    pub unit: String,
    /// When the clock started.
    pub from: Timestamp,
    /// How long it may take.
    pub allowed: Allowed,
    /// The same in ms of the calendar of that day.
    pub allowed_ms: i64,
    /// An approved extension.
    pub extended_to: Option<Timestamp>,
    /// Spans in which the clock rested: suspended, or fed back and not yet verified. The last may have no end yet.
    pub rests: Vec<(Timestamp, Option<Timestamp>)>,
    /// How often a verifier said that it was not done.
    pub reworks: u32,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

impl Run {
    /// Time of the clock up to `now`, and how much there is, ms of the calendar.
    pub fn spent_and_allowed(&self, calendar: &Calendar, now: Timestamp) -> (i64, i64) {
        let counting = self.allowed.counting;
        let end = self.closed.unwrap_or(now);
        let (mut spent, mut at) = (0, self.from);
        for (rest, on) in &self.rests {
            spent += calendar.spent(at, (*rest).min(end), counting);
            at = on.unwrap_or(end).min(end).max(at);
        }
        spent += calendar.spent(at, end, counting);
        let extended = self.extended_to.map_or(0, |to| calendar.spent(self.from, to, counting));
        (spent, self.allowed_ms.max(extended))
    }

    /// Whether the unit took longer than it may, up to `now`.
    pub fn is_overdue(&self, calendar: &Calendar, now: Timestamp) -> bool {
        let (spent, allowed) = self.spent_and_allowed(calendar, now);
        spent > allowed
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its number, for ever.
    pub number: String,
    /// How many moves it has seen.
    pub version: u32,
    /// Where it stands.
    pub stage: Stage,
    /// How it came.
    pub collected: Collected,
    /// The unit that handles it.
    pub unit: Option<String>,
    /// Everybody who ever handled it.
    pub handlers: BTreeSet<String>,
    /// What waits for approval.
    pub request: Option<Request>,
    /// From dispatch to closing, once for each time it was opened.
    pub runs: Vec<Run>,
    /// Steps of urging that were taken in this run.
    pub urged: usize,
    /// How often it was reopened.
    pub reopened: u32,
    /// Points of its evaluation.
    pub points: Option<u8>,
    /// Why it is not a case.
    pub not_a_case: Option<String>,
    /// The case that it was joined to.
    pub joined: Option<String>,
    /// All that happened, oldest first.
    pub history: Vec<Happened>,
    /// Ids of moves that were made, and the version they made.
    pub(crate) ids: BTreeMap<String, u32>,
    /// Whether all of it happened in another system: nobody here made a move on it yet.
    pub is_elsewhere: bool,
    suspended: Option<Timestamp>,
}

impl Case {
    /// A case from its first move; `None` when that is another one.
    pub fn begin(number: &str, at: Timestamp, who: &str, event: &Event) -> Option<Self> {
        let Move::Collect(collected) = &event.made else { return None };
        let (at, who) = made_by(at, who, event);
        let mut case = Self {
            number: number.to_owned(),
            version: 0,
            stage: Stage::Collected,
            collected: (**collected).clone(),
            unit: None,
            handlers: BTreeSet::new(),
            request: None,
            runs: vec![],
            urged: 0,
            reopened: 0,
            points: None,
            not_a_case: None,
            joined: None,
            history: vec![],
            ids: BTreeMap::new(),
            is_elsewhere: true,
            suspended: None,
        };
        case.note(at, who, event);
        Some(case)
    }

    /// Takes in a move that was checked when it was made. Time never goes back: an earlier clock counts as the last
    /// one.
    pub fn apply(&mut self, at: Timestamp, who: &str, event: &Event) {
        let (at, who) = made_by(at, who, event);
        let at = self.history.last().map_or(at, |last| at.max(last.at));
        self.end_suspension(at);
        self.act(at, who, &event.made);
        self.note(at, who, event);
    }

    /// Whether it is not a case, or part of another one.
    pub fn is_set_aside(&self) -> bool {
        self.not_a_case.is_some() || self.joined.is_some()
    }

    /// Whether somebody still has to do something.
    pub fn is_open(&self) -> bool {
        !self.is_set_aside() && self.stage < Stage::Closed
    }

    /// Until when the clock rests, if it does.
    pub fn suspended_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.suspended.filter(|until| now < *until)
    }

    /// The run that is going on, or the last one.
    pub fn run(&self) -> Option<&Run> {
        self.runs.last()
    }

    /// When it was collected.
    pub fn begun(&self) -> Timestamp {
        self.history.first().map_or(Timestamp::MIN, |first| first.at)
    }

    /// How often a verifier said that it was not done, in all runs.
    pub fn reworks(&self) -> u32 {
        self.runs.iter().map(|run| run.reworks).sum()
    }

    /// Whether it may be looked at by somebody who sees only what is theirs.
    pub fn concerns(&self, actor: &Actor) -> bool {
        match (&actor.unit, &self.unit) {
            (Some(own), Some(unit)) => own == unit || self.handlers.contains(&actor.name),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// A suspension whose time is over ended then.
    fn end_suspension(&mut self, at: Timestamp) {
        if let Some(until) = self.suspended.filter(|until| *until <= at) {
            self.go_on(until);
            self.suspended = None;
        }
    }

    fn act(&mut self, at: Timestamp, who: &str, made: &Move) {
        match made {
            Move::File { .. } => self.stage = Stage::Filed,
            Move::Reject { note } | Move::Invalid { note } => {
                self.not_a_case = Some(note.clone());
                self.stop(at);
            }
            Move::Dispatch { unit, allowed, allowed_ms, .. } => {
                self.dispatch(at, unit, *allowed, *allowed_ms);
            }
            Move::Accept { .. } | Move::OnSite { .. } => {
                self.stage = Stage::Handling;
                self.handlers.insert(who.to_owned());
            }
            Move::FeedBack { .. } => {
                self.stage = Stage::FedBack;
                self.handlers.insert(who.to_owned());
                self.request = None;
                self.suspended = None;
                self.rest(at);
            }
            Move::AskReturn { .. } => self.request = Some(Request::Return(who.to_owned())),
            Move::AskExtension { until, .. } => {
                self.request = Some(Request::Extension(who.to_owned(), *until));
            }
            Move::AskSuspension { until, .. } => {
                self.request = Some(Request::Suspension(who.to_owned(), *until));
            }
            Move::Approve { .. } => self.grant(at),
            Move::Refuse { .. } => self.request = None,
            Move::Resume { .. } => {
                self.go_on(at);
                self.suspended = None;
            }
            Move::Pass { .. } => {
                self.stage = Stage::Closed;
                self.stop(at);
            }
            Move::Fail { .. } => {
                self.stage = Stage::Handling;
                self.go_on(at);
                if let Some(run) = self.runs.last_mut() {
                    run.reworks += 1;
                }
            }
            Move::Reopen { .. } => self.reopen(),
            Move::Evaluate { points, .. } => {
                self.stage = Stage::Evaluated;
                self.points = Some(*points);
            }
            Move::Join { into, .. } => {
                self.joined = Some(into.clone());
                self.stop(at);
            }
            Move::Urge { .. } => self.urged += 1,
            Move::Collect(_) | Move::Comment { .. } => {}
        }
    }

    fn dispatch(&mut self, from: Timestamp, unit: &str, allowed: Allowed, allowed_ms: i64) {
        self.stage = Stage::Dispatched;
        self.unit = Some(unit.to_owned());
        self.urged = 0;
        self.runs.push(Run {
            unit: unit.to_owned(),
            from,
            allowed,
            allowed_ms,
            extended_to: None,
            rests: vec![],
            reworks: 0,
            closed: None,
        });
    }

    fn grant(&mut self, at: Timestamp) {
        match self.request.take() {
            Some(Request::Return(_)) => {
                // The run ends without a fault: the unit was the wrong one.
                self.runs.pop();
                self.stage = Stage::Filed;
                self.unit = None;
            }
            Some(Request::Extension(_, until)) => {
                if let Some(run) = self.runs.last_mut() {
                    run.extended_to = Some(run.extended_to.map_or(until, |known| known.max(until)));
                }
            }
            Some(Request::Suspension(_, until)) => {
                self.suspended = Some(until);
                self.rest(at);
            }
            None => {}
        }
    }

    fn reopen(&mut self) {
        self.stage = Stage::Filed;
        self.reopened += 1;
        self.points = None;
        self.request = None;
    }

    fn rest(&mut self, at: Timestamp) {
        if let Some(run) = self.runs.last_mut()
            && run.rests.last().is_none_or(|(_, end)| end.is_some())
        {
            run.rests.push((at, None));
        }
    }

    fn go_on(&mut self, at: Timestamp) {
        if let Some((_, end @ None)) = self.runs.last_mut().and_then(|run| run.rests.last_mut()) {
            *end = Some(at);
        }
    }

    fn stop(&mut self, at: Timestamp) {
        self.request = None;
        self.suspended = None;
        if let Some(run) = self.runs.last_mut().filter(|run| run.closed.is_none()) {
            run.closed = Some(at);
        }
    }

    fn note(&mut self, at: Timestamp, who: &str, event: &Event) {
        self.version += 1;
        self.is_elsewhere &= event.recorded.is_some();
        self.ids.insert(event.id.clone(), self.version);
        let (version, who, made) = (self.version, who.to_owned(), event.made.clone());
        self.history.push(Happened { version, at, who, made });
    }
}

/// When a move was made, and by whom: as another system recorded it, when it was made there.
fn made_by<'a>(at: Timestamp, who: &'a str, event: &'a Event) -> (Timestamp, &'a str) {
    event.recorded.as_ref().map_or((at, who), |own| (own.at, own.who.as_str()))
}

impl Stage {
    /// All, in their order.
    pub const ALL: [Self; 7] = [
        Self::Collected,
        Self::Filed,
        Self::Dispatched,
        Self::Handling,
        Self::FedBack,
        Self::Closed,
        Self::Evaluated,
    ];

    /// Chinese and English.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Collected => ("已收集", "collected"),
            Self::Filed => ("已立案", "filed"),
            Self::Dispatched => ("已派遣", "dispatched"),
            Self::Handling => ("处置中", "handled"),
            Self::FedBack => ("已反馈", "fed back"),
            Self::Closed => ("已结案", "closed"),
            Self::Evaluated => ("已评价", "evaluated"),
        };
        Text { zh: zh.to_owned(), en: en.to_owned() }
    }
}
