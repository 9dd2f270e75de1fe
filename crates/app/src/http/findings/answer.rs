//! How a finding is written down for people and programs.

use super::super::time::Instant;
use crate::words::Words;
use detect::{Finding, Rules, Standing};
use model::{ParameterTable, Registry};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// A finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingRow {
    /// `f` and a number, for ever.
    id: String,
    /// The key of the rule.
    rule: String,
    rule_name: Words,
    rule_version: String,
    /// The kind of the rule: `limit`, `sustained`, `sudden_rise`, `above_upwind`, `night`, `silent`, `transmission`, `class_worse`,
    /// `downstream_worse`, `oxygen_collapse`, `frozen`.
    kind: &'static str,
    /// Whether it is about data and devices, not about pollution.
    about_data: bool,
    /// `low`, `middle` or `high`, as it is by now.
    severity: &'static str,
    /// `raised`: it is so now; `cleared`: it is over.
    state: &'static str,
    /// Whether somebody has to look at it.
    waiting: bool,
    subject: FindingSubject,
    /// What was compared, with what, in which unit (`1`: a share).
    value: f64,
    threshold: f64,
    unit: String,
    /// The edition of the law that the threshold was taken from; null when it is the district's own.
    edition: Option<String>,
    /// Since when it is so.
    began: Instant,
    /// When it had lasted long enough, by the time of the readings.
    raised: Instant,
    /// When we knew of it.
    known: Instant,
    /// When it was over.
    cleared: Option<Instant>,
    /// How it ended: `over`, `revised` (late or corrected readings), `no_data`, `rule_ended`.
    ended: Option<&'static str>,
    /// Why, in one sentence with the numbers.
    text: Words,
    /// The group of the event that it belongs to: the id of the first finding of it.
    group: String,
    /// The event that it belongs to; null where only the finding was asked for.
    event: Option<EventShape>,
    /// `confirmed`, `refuted` or `data_invalid`, once somebody knows.
    verdict: Option<&'static str>,
    /// The number of the case that was made of it.
    case: Option<String>,
    /// Who put it aside, when and why.
    dismissed: Option<Dismissed>,
    /// The id of the known work that explains it.
    suppression: Option<String>,
    /// The category of a case that is made of it.
    category: String,
    simulated: bool,
}

/// An event as far as whoever asks may see it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct EventShape {
    /// How many findings.
    findings: usize,
    /// How many of them are so now.
    raised: usize,
    /// Keys of the places, in the order of their keys.
    places: Vec<String>,
    /// Keys of the parameters, likewise.
    parameters: Vec<String>,
}

/// The events of some findings.
pub struct Events(HashMap<String, EventShape>);

impl Events {
    /// Adds up.
    pub fn of(findings: &[&Arc<Finding>]) -> Self {
        let mut events: HashMap<String, EventShape> = HashMap::new();
        for own in findings {
            let event = events.entry(own.group.clone()).or_default();
            event.findings += 1;
            event.raised += usize::from(own.standing() == Standing::Raised);
            put(&mut event.places, &own.raised.place);
            put(&mut event.parameters, &own.raised.parameter);
        }
        Self(events)
    }

    /// That of a finding.
    pub fn shape(&self, of: &Finding) -> Option<EventShape> {
        self.0.get(&of.group).cloned()
    }
}

/// Puts a name where it belongs, once.
fn put(names: &mut Vec<String>, name: &str) {
    if let Err(at) = names.binary_search_by(|own| own.as_str().cmp(name))
        && !name.is_empty()
    {
        names.insert(at, name.to_owned());
    }
}

impl FindingRow {
    /// The row with the event that it belongs to.
    pub fn within(mut self, event: Option<EventShape>) -> Self {
        self.event = event;
        self
    }
}

/// What a finding is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingSubject {
    /// `air`, `water`, `dust`, `noise`, `waste`.
    about: String,
    /// Key of the place.
    place: String,
    place_name: Words,
    /// Key of its area.
    area: Option<String>,
    /// Degrees, WGS 84.
    lon: f64,
    lat: f64,
    /// Name of the device on the wire.
    device: Option<String>,
    datastream: Option<i32>,
    /// Key of the parameter; null when it is about a device as a whole.
    parameter: Option<String>,
    parameter_name: Option<Words>,
}

/// Who put a finding aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Dismissed {
    who: String,
    at: Instant,
    why: String,
}

/// What is needed to say things by their names.
pub struct Naming<'a> {
    pub registry: &'a Registry,
    pub parameters: &'a ParameterTable,
    pub rules: &'a Rules,
}

impl Naming<'_> {
    /// A finding as a row.
    pub fn row(&self, finding: &Finding) -> FindingRow {
        let raised = &finding.raised;
        let rule = self.rules.newest(&raised.rule);
        FindingRow {
            id: finding.id.clone(),
            rule: raised.rule.clone(),
            rule_name: rule.map_or_else(
                || Words::new(&raised.rule, &raised.rule),
                |rule| Words::new(&rule.name.zh, &rule.name.en),
            ),
            rule_version: raised.version.clone(),
            kind: raised.kind.name(),
            about_data: raised.kind.is_about_data(),
            severity: finding.severity.name(),
            state: match finding.standing() {
                Standing::Raised => "raised",
                Standing::Cleared => "cleared",
            },
            waiting: finding.is_waiting(),
            subject: self.subject(finding),
            value: raised.value,
            threshold: raised.threshold,
            unit: raised.unit.clone(),
            edition: stated(&raised.edition),
            began: Instant(raised.began),
            raised: Instant(raised.at),
            known: Instant(finding.known),
            cleared: finding.cleared.map(|(at, _)| Instant(at)),
            ended: finding.cleared.map(|(_, why)| why.name()),
            text: Words::new(&raised.text.zh, &raised.text.en),
            group: finding.group.clone(),
            event: None,
            verdict: finding.verdict.map(detect::Verdict::name),
            case: finding.case.clone(),
            dismissed: finding.dismissed.as_ref().map(|why| Dismissed {
                who: why.who.clone(),
                at: Instant(why.at),
                why: why.text.clone(),
            }),
            suppression: finding.known_work.clone(),
            category: raised.category.clone(),
            simulated: raised.simulated,
        }
    }

    fn subject(&self, finding: &Finding) -> FindingSubject {
        let raised = &finding.raised;
        let place = self.registry.place_id(&raised.place).and_then(|id| self.registry.place(id));
        let device = raised.device.and_then(|id| self.registry.device(id));
        let parameter = self.parameters.get(&raised.parameter);
        FindingSubject {
            about: subject_name(raised.subject),
            place: raised.place.clone(),
            place_name: place.map_or_else(
                || Words::new(&raised.place, &raised.place),
                |place| Words::from(&place.name),
            ),
            area: place.and_then(|place| stated(&place.area)),
            lon: raised.spot[0],
            lat: raised.spot[1],
            device: device.map(|device| device.mn.clone()),
            datastream: raised.datastream.map(|id| id.0),
            parameter: stated(&raised.parameter),
            parameter_name: parameter.map(|own| Words::new(&own.zh, &own.en)),
        }
    }
}

fn stated(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The stable name of a subject.
pub fn subject_name(subject: model::Subject) -> String {
    serde_json::to_value(subject)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}
