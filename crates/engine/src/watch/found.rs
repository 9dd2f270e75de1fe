//! What the rules find, as acts: each with its finding, its group, and the known work that explains it.

use super::{Board, FINDING};
use crate::append::Draft;
use detect::{
    Change, Deed, Finding, Outcome, Raised, Rules, State, Subject, Suppression, group_of,
};
use model::{Act, DatastreamId, DeviceId, Registry, Timestamp};
use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The name under which acts of the rules themselves are kept.
const CLOCK: &str = "clock";

/// What one rule sees on one subject, by names that stay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    rule: String,
    datastream: Option<DatastreamId>,
    place: String,
    device: Option<DeviceId>,
}

impl Slot {
    pub fn new(rule: String, subject: Subject, place: String) -> Self {
        match subject {
            Subject::Series(id) => Self { rule, datastream: Some(id), place, device: None },
            Subject::Device(_, device) => Self { rule, datastream: None, place, device },
        }
    }

    pub fn of(finding: &Finding) -> Self {
        let Raised { rule, datastream, place, device, .. } = &finding.raised;
        let device = if datastream.is_some() { None } else { *device };
        Self { rule: rule.clone(), datastream: *datastream, place: place.clone(), device }
    }

    fn subject(&self, registry: &Registry) -> Option<Subject> {
        match self.datastream {
            Some(id) => Some(Subject::Series(id)),
            None => Some(Subject::Device(registry.place_id(&self.place)?, self.device)),
        }
    }
}

/// Tells a new state what is known: the newest finding of each rule on each subject.
pub(super) fn recall(state: &mut State, board: &Board, registry: &Registry) {
    let findings = board.findings();
    let mut newest: HashMap<Slot, &Arc<Finding>> = HashMap::new();
    for finding in findings.values() {
        newest.insert(Slot::of(finding), finding);
    }
    for (slot, finding) in newest {
        let Some(subject) = slot.subject(registry) else { continue };
        let raised = &finding.raised;
        let last = finding.cleared.map_or(raised.at, |(at, _)| at);
        state.recall(&slot.rule, subject, raised.began, last, finding.cleared.is_none());
    }
}

/// Puts what was found into the turn.
pub(super) fn acts_of(
    board: &Board,
    rules: &Rules,
    registry: &Registry,
    now: Timestamp,
    outcomes: &[Outcome],
    slots: Vec<Slot>,
    draft: &mut Draft,
) {
    let (findings, works) = (board.findings(), board.works());
    // What this turn raises: also part of a group, and perhaps over in the same turn.
    let mut fresh: Vec<Finding> = vec![];
    let mut fresh_open: HashMap<Slot, String> = HashMap::new();
    // The case of each event that is one: looked for when something is raised, and then once.
    let cases: LazyCell<HashMap<&str, &str>, _> = LazyCell::new(|| {
        let filed = findings.values().filter_map(|own| Some((&*own.group, own.case.as_deref()?)));
        filed.collect()
    });
    for (outcome, slot) in outcomes.iter().zip(slots) {
        let rule = &rules.all()[outcome.rule];
        match &outcome.change {
            Change::Raised(raised) => {
                let sequence = draft.next_sequence();
                let id = format!("f{sequence}");
                let recent = findings.values().rev().map(|own| &**own).take(2_000);
                let known = recent.chain(&fresh);
                let lies_in = |place: &str, area: &str| registry.lies_in(place, area);
                let explains = |work: &&Arc<Suppression>| {
                    work.holds(raised.at.min(now)) && work.work.explains(raised, lies_in)
                };
                let work = works.values().find(explains);
                let known_work = work.map(|work| work.id.clone());
                let group = group_of(raised, rule, rules, known_work.as_deref(), known);
                let group = group.unwrap_or(&id).to_owned();
                // What joins an event that is a case belongs to the case.
                let case = cases.get(&*group).map(|case| (*case).to_owned());
                let deed = Deed::Raise { finding: raised.clone(), group, known_work };
                fresh.extend(Finding::begin(&id, now, &deed));
                fresh_open.insert(slot, id.clone());
                draft.act_as(sequence, act(&id, &rule.key, &deed));
                if let Some(case) = case {
                    draft.act(act(&id, CLOCK, &Deed::File { case }));
                }
            }
            Change::Cleared { at, why } => {
                let known = fresh_open.remove(&slot);
                let known = known.or_else(|| board.open(&slot).map(|number| format!("f{number}")));
                if let Some(id) = known {
                    draft.act(act(&id, &rule.key, &Deed::Clear { at: *at, why: *why }));
                }
            }
        }
    }
}

/// What time alone does to findings: they get worse when they last, and come out when the known work is over.
pub(super) fn care(board: &Board, rules: &Rules, now: Timestamp, draft: &mut Draft) {
    let (findings, works) = (board.findings(), board.works());
    for finding in board.open_ones(&findings) {
        let rule = rules
            .all()
            .iter()
            .find(|rule| rule.key == finding.raised.rule && rule.version == finding.raised.version);
        if let Some(severity) = rule.and_then(|rule| finding.escalated(rule, now)) {
            draft.act(act(&finding.id, CLOCK, &Deed::Escalate { severity }));
        }
        let work: Option<&Arc<Suppression>> =
            finding.known_work.as_ref().and_then(|work| works.get(work));
        if work.is_some_and(|work| !work.holds(now)) {
            draft.act(act(&finding.id, CLOCK, &Deed::Emerge));
        }
    }
}

pub(super) fn act(id: &str, who: &str, deed: &Deed) -> Act {
    Act {
        kind: FINDING.to_owned(),
        key: id.to_owned(),
        who: who.to_owned(),
        document: serde_json::to_string(deed).unwrap_or_default(),
    }
}
