//! One series through its rules: each life takes in each sample once, in the order of time; a late one makes them
//! go back to what has settled and come again.

use crate::finding::Raised;
use crate::law::{Limit, limit_on};
use crate::life::{Holds, Life, Phase, Sight, Turned};
use crate::look::{Judged, Look};
use crate::rule::Rule;
use crate::series::{Series, Slot};
use crate::watch::{Change, Outcome, State, Subject};
use jiff::civil::Date;
use model::{HOUR_MS, Timestamp};
use standards::Zone;

/// A civil day, as it was asked for last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayKept {
    start: Timestamp,
    end: Timestamp,
    pub date: Date,
}

impl DayKept {
    /// The civil day of an instant; that of before when it is the same.
    pub fn of(kept: &mut Option<Self>, zone: &Zone, at: Timestamp) -> Option<Self> {
        if let Some(day) = kept.filter(|day| at >= day.start && at < day.end) {
            return Some(day);
        }
        let day = zone.day_of(at).ok()?;
        *kept = Some(Self { start: day.start(), end: day.end(), date: day.date() });
        *kept
    }

    /// The hour within it, 0 to 23.
    pub fn hour(&self, at: Timestamp) -> u8 {
        u8::try_from(((at - self.start) / HOUR_MS).clamp(0, 23)).unwrap_or(23)
    }
}

/// The limit of a rule for a parameter and targets, as of a day.
#[derive(Clone, Debug)]
pub(crate) struct LimitKept {
    date: Date,
    limit: Option<Limit>,
}

/// What a fold of one slot comes to.
struct Fold<'a> {
    rule: &'a Rule,
    /// Whether it goes over what was seen before: then only the end counts.
    is_again: bool,
    /// The newest judgement by which the condition held.
    over: Option<Judged>,
}

/// How long a rule waits, for samples that are `step_ms` apart.
pub(crate) fn holds(rule: &Rule, step_ms: i64) -> Holds {
    Holds {
        raise_ms: rule.hold.0,
        clear_ms: rule.clear_hold.0,
        patience_ms: (3 * step_ms).max(rule.hold.0),
    }
}

impl State {
    /// Takes a series through its rules as far as its samples go.
    pub(crate) fn fold(&mut self, index: u32, told: &mut Vec<Outcome>) {
        let at = index as usize;
        let series = &mut self.series[at];
        let (refold, refold_beside) = (series.refold, series.refold_beside);
        (series.refold, series.refold_beside, series.is_dirty) = (false, false, false);
        let (mut slots, seen) = (std::mem::take(&mut series.slots), series.seen);
        let rules = std::sync::Arc::clone(&self.rules);
        for slot in &mut slots {
            let rule = &rules.all()[usize::from(slot.rule)];
            let is_again = refold || (refold_beside && rule.looks_beside());
            let from = if is_again { self.series[at].settled } else { seen };
            if is_again {
                slot.life = slot.settled;
            }
            let mut fold = Fold { rule, is_again, over: None };
            for sample in from..self.series[at].samples.len() {
                self.judge_one((at, sample), slot, &mut fold, told);
            }
            if is_again {
                self.reconcile(at, slot, &fold, told);
            }
        }
        self.settle(at, &rules, &mut slots);
        let series = &mut self.series[at];
        series.seen = series.samples.len();
        series.slots = slots;
        series.trim(self.limits.context);
    }

    /// One sample, one slot.
    fn judge_one(
        &mut self,
        (at, sample): (usize, usize),
        slot: &mut Slot,
        fold: &mut Fold<'_>,
        told: &mut Vec<Outcome>,
    ) {
        let judged = self.ask(at, sample, fold.rule, slot.rule);
        if let Some(judged) = judged.filter(|judged| judged.is_over) {
            fold.over = Some(judged);
        }
        let series = &self.series[at];
        let start = series.samples[sample].time;
        let (step_ms, is_again) = (series.step_ms(), fold.is_again);
        let (mut raised, mut cleared) = (false, None);
        let waits = holds(fold.rule, step_ms);
        slot.life.step((start, start + step_ms), sight_of(judged), waits, |turned| match turned {
            Turned::Raised => raised = true,
            Turned::Cleared => cleared = Some(start + step_ms),
            Turned::Pending | Turned::Quiet => {}
        });
        if is_again {
            return;
        }
        if raised
            && !slot.is_told
            && let Some(judged) = judged
        {
            told.push(self.raise(at, slot, fold.rule, judged));
        }
        if let Some(end) = cleared.filter(|_| slot.is_told) {
            told.push(self.clear(at, slot, end, crate::finding::Ended::Over));
        }
    }

    /// After a fold that went back: what stands now against what was told.
    fn reconcile(&mut self, at: usize, slot: &mut Slot, fold: &Fold<'_>, told: &mut Vec<Outcome>) {
        match (slot.life.phase, slot.is_told) {
            (Phase::Raised { .. }, false) => {
                if let Some(judged) = fold.over {
                    told.push(self.raise(at, slot, fold.rule, judged));
                }
            }
            (Phase::Cleared, true) => {
                let end = slot.life.last.unwrap_or_default();
                told.push(self.clear(at, slot, end, crate::finding::Ended::Over));
            }
            (Phase::Quiet | Phase::Pending(_), true) => {
                let end = slot.life.last.unwrap_or_default();
                told.push(self.clear(at, slot, end, crate::finding::Ended::Revised));
            }
            _ => {}
        }
    }

    /// Lets the oldest samples settle, as far as there are more than may come late.
    fn settle(&mut self, at: usize, rules: &crate::Rules, slots: &mut [Slot]) {
        let late = self.limits.late;
        while self.series[at].samples.len() - self.series[at].settled > late {
            let sample = self.series[at].settled;
            for slot in slots.iter_mut() {
                let rule = &rules.all()[usize::from(slot.rule)];
                let sight = sight_of(self.ask(at, sample, rule, slot.rule));
                let series = &self.series[at];
                let (start, step_ms) = (series.samples[sample].time, series.step_ms());
                let waits = holds(rule, step_ms);
                slot.settled.step((start, start + step_ms), sight, waits, |_| {});
            }
            let series = &mut self.series[at];
            series.settle_run();
            series.settled += 1;
        }
    }

    /// What a rule says of a sample.
    fn ask(&mut self, at: usize, sample: usize, rule: &Rule, number: u16) -> Option<Judged> {
        let own = &self.series[at];
        let time = own.samples[sample].time;
        let day = DayKept::of(&mut self.day, &self.zone, time)?;
        if !rule.is_valid(day.date) {
            return None;
        }
        let place = usize::from(number) + own.law_row as usize * self.rules.all().len();
        let kept = &mut self.kept_limits[place];
        if kept.as_ref().is_none_or(|kept| kept.date != day.date) {
            let setup = &own.setup;
            let date = day.date.to_string();
            let targets = setup.site.targets.iter().rev();
            let target = targets.into_iter().find(|(from, _)| *from <= date);
            let target = target.map(|(_, class)| class.as_str());
            let limit = rule.threshold.as_ref().and_then(|threshold| {
                limit_on(threshold, &self.law, &setup.parameter, day.date, target)
            });
            *kept = Some(LimitKept { date: day.date, limit });
        }
        let limit = kept.as_ref().and_then(|kept| kept.limit.as_ref());
        let look = Look { all: &self.series, own, at: sample, limit, hour: day.hour(time) };
        rule.judge(&look)
    }

    fn raise(&mut self, at: usize, slot: &mut Slot, rule: &Rule, judged: Judged) -> Outcome {
        slot.is_told = true;
        self.told.insert((at as u32, slot.rule));
        let setup = &self.series[at].setup;
        let (began, end) = match slot.life.phase {
            Phase::Raised { began, at } => (began, at),
            _ => Default::default(),
        };
        let place =
            usize::from(slot.rule) + self.series[at].law_row as usize * self.rules.all().len();
        let kept = self.kept_limits[place].as_ref().and_then(|kept| kept.limit.as_ref());
        let unit = if rule.kind == crate::Kind::Sustained { "1" } else { &*setup.unit };
        let mut raised = Raised {
            rule: rule.key.clone(),
            version: rule.version.clone(),
            kind: rule.kind,
            severity: rule.severity,
            subject: rule.subject,
            place: setup.site.key.clone(),
            spot: setup.site.spot,
            device: setup.device,
            datastream: Some(setup.datastream),
            parameter: setup.parameter.to_string(),
            value: judged.value,
            threshold: judged.threshold,
            unit: unit.to_owned(),
            edition: crate::finding::edition_of(kept),
            began,
            at: end,
            text: crate::Text::default(),
            category: rule.category.clone(),
            simulated: setup.site.is_simulated,
        };
        raised.text =
            crate::text::sentence(rule, &raised, &setup.site.name, &setup.symbol, &self.zone);
        let subject = Subject::Series(setup.datastream);
        Outcome { rule: usize::from(slot.rule), subject, change: Change::Raised(Box::new(raised)) }
    }

    pub(crate) fn clear(
        &mut self,
        at: usize,
        slot: &mut Slot,
        end: Timestamp,
        why: crate::finding::Ended,
    ) -> Outcome {
        slot.is_told = false;
        self.told.remove(&(at as u32, slot.rule));
        let subject = Subject::Series(self.series[at].setup.datastream);
        Outcome { rule: usize::from(slot.rule), subject, change: Change::Cleared { at: end, why } }
    }

    /// Clears what was told and of which nothing can be said any more: nothing was measured for long, or
    /// its rule holds no longer.
    pub(crate) fn give_up(&mut self, now: Timestamp, told: &mut Vec<Outcome>) {
        let Some(today) = DayKept::of(&mut self.day, &self.zone, now).map(|day| day.date) else {
            return;
        };
        let rules = std::sync::Arc::clone(&self.rules);
        for (at, number) in self.told.clone() {
            let rule = &rules.all()[usize::from(number)];
            let series = &self.series[at as usize];
            let Some(own) = series.slots.iter().position(|slot| slot.rule == number) else {
                continue;
            };
            let last = series.slots[own].life.last.unwrap_or_default();
            let why = if !rule.is_valid(today) {
                crate::finding::Ended::RuleEnded
            } else if now - last > self.limits.forget_ms {
                crate::finding::Ended::NoData
            } else {
                continue;
            };
            let mut slot = series.slots[own];
            slot.life = Life::known(Phase::Cleared, last);
            slot.settled = slot.life;
            told.push(self.clear(at as usize, &mut slot, now, why));
            self.series[at as usize].slots[own] = slot;
        }
    }
}

impl Series {
    /// Forgets settled samples beyond those that rules may look back at.
    fn trim(&mut self, context: usize) {
        if self.settled > context * 2 {
            let gone = self.settled - context;
            self.samples.drain(..gone);
            self.settled -= gone;
            self.seen -= gone;
            self.checked -= gone;
        }
    }
}

/// What a judgement says to a life.
pub(crate) fn sight_of(judged: Option<Judged>) -> Sight {
    match judged {
        None => Sight::Unknown,
        Some(judged) if judged.is_over => Sight::Over,
        Some(judged) if judged.is_under => Sight::Under,
        Some(_) => Sight::Between,
    }
}
