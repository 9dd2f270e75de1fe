//! Devices as a whole, by the clock: silent, too little transmitted, frozen.

use crate::finding::{Ended, Raised};
use crate::fold::{DayKept, holds, sight_of};
use crate::life::{Phase, Turned};
use crate::look::Judged;
use crate::rule::{Kind, Rule, frozen, silent, transmission};
use crate::series::{Run, Series, Site, Slot};
use crate::watch::{Change, Outcome, State, Subject};
use model::{DeviceId, HOUR_MS, MINUTE_MS, Period, Timestamp};
use std::sync::Arc;

/// How often devices are looked at, ms.
pub(crate) const EVERY_MS: i64 = MINUTE_MS;
/// A series that has said nothing for so many steps is not one that stands still.
const ALIVE_STEPS: i64 = 6;

/// A device that is watched.
#[derive(Clone, Debug)]
pub(crate) struct DeviceWatch {
    pub site: Arc<Site>,
    pub device: Option<DeviceId>,
    /// Its series, by number.
    pub series: Vec<u32>,
    pub slots: Vec<Slot>,
    /// The end of the newest period that it told of.
    pub heard: Option<Timestamp>,
    /// Since when it is known.
    pub known: Timestamp,
}

impl DeviceWatch {
    fn subject(&self) -> Subject {
        Subject::Device(self.site.id, self.device)
    }

    /// Asks a rule about it; says since when it is so, too.
    fn ask(&self, rule: &Rule, all: &[Series], now: Timestamp) -> Option<(Judged, Timestamp)> {
        match rule.kind {
            Kind::Silent => Some((silent::judge(rule, now, self.heard)?, self.heard?)),
            Kind::Transmission => {
                let (from, to) = transmission::span(now);
                let counts = self.hours(all, from, to);
                Some((transmission::judge(rule, now, counts, self.known)?, from))
            }
            Kind::Frozen => {
                let runs = self.runs(rule, all, now);
                let began = runs.iter().map(|(run, _)| run.since).max()?;
                Some((frozen::judge(rule, &runs)?, began))
            }
            _ => None,
        }
    }

    /// How many hours came of how many that were due.
    fn hours(&self, all: &[Series], from: Timestamp, to: Timestamp) -> (u32, u32) {
        let (mut came, mut due) = (0, 0);
        for series in self.series.iter().map(|index| &all[*index as usize]) {
            if series.setup.period == Period::Hour && !series.samples.is_empty() {
                let times = series.samples.iter().map(|sample| sample.time);
                came += times.filter(|time| *time >= from && *time < to).count() as u32;
                due += transmission::HOURS as u32;
            }
        }
        (came, due)
    }

    /// The rows of equal values that its series end with, of those that send.
    fn runs(&self, rule: &Rule, all: &[Series], now: Timestamp) -> Vec<(Run, Timestamp)> {
        let counts = |series: &&Series| {
            series.setup.period == rule.period
                && series.setup.statistic == rule.statistic
                && (rule.parameters.is_empty()
                    || rule.parameters.iter().any(|key| **key == *series.setup.parameter))
        };
        let series = self.series.iter().map(|index| &all[*index as usize]).filter(counts);
        let alive = series.filter(|series| {
            series.run.count > 0 && now - series.run.last <= (ALIVE_STEPS + 1) * series.step_ms()
        });
        alive.map(|series| (series.run, series.run.last + series.step_ms())).collect()
    }
}

impl State {
    /// Looks at every device.
    pub(crate) fn look_at_devices(&mut self, now: Timestamp, told: &mut Vec<Outcome>) {
        let Some(today) = DayKept::of(&mut self.day, &self.zone, now).map(|day| day.date) else {
            return;
        };
        let rules = Arc::clone(&self.rules);
        for at in 0..self.devices.len() {
            let device = &self.devices[at];
            let mut slots = device.slots.clone();
            for slot in &mut slots {
                let rule = &rules.all()[usize::from(slot.rule)];
                let asked = device.ask(rule, &self.series, now);
                let judged = asked.map(|(judged, _)| judged);
                let (mut turned_to, subject) = (None, device.subject());
                let start = slot.life.last.unwrap_or(now - EVERY_MS);
                slot.life.step((start, now), sight_of(judged), holds(rule, HOUR_MS), |turned| {
                    turned_to = Some(turned);
                });
                let number = usize::from(slot.rule);
                let is_over = slot.is_told && !rule.is_valid(today);
                if let (Some(Turned::Raised), Some((judged, began))) = (turned_to, asked)
                    && !slot.is_told
                    && rule.is_valid(today)
                {
                    slot.is_told = true;
                    let raised = raised_of(self, device, rule, judged, (began, now));
                    let change = Change::Raised(Box::new(raised));
                    told.push(Outcome { rule: number, subject, change });
                } else if (turned_to == Some(Turned::Cleared) && slot.is_told) || is_over {
                    slot.is_told = false;
                    let why = if is_over { Ended::RuleEnded } else { Ended::Over };
                    told.push(Outcome {
                        rule: number,
                        subject,
                        change: Change::Cleared { at: now, why },
                    });
                    if is_over {
                        slot.life.phase = Phase::Cleared;
                    }
                }
            }
            self.devices[at].slots = slots;
        }
    }
}

fn raised_of(
    state: &State,
    device: &DeviceWatch,
    rule: &Rule,
    judged: Judged,
    (began, at): (Timestamp, Timestamp),
) -> Raised {
    let unit = match rule.kind {
        Kind::Silent => "min",
        Kind::Frozen => "h",
        _ => "1",
    };
    let mut raised = Raised {
        rule: rule.key.clone(),
        version: rule.version.clone(),
        kind: rule.kind,
        severity: rule.severity,
        subject: rule.subject,
        place: device.site.key.clone(),
        spot: device.site.spot,
        device: device.device,
        datastream: None,
        parameter: String::new(),
        value: judged.value,
        threshold: judged.threshold,
        unit: unit.to_owned(),
        edition: String::new(),
        began,
        at,
        text: crate::Text::default(),
        category: rule.category.clone(),
        simulated: device.site.is_simulated,
    };
    raised.text = crate::text::sentence(rule, &raised, &device.site.name, "", &state.zone);
    raised
}
