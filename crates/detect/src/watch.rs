//! The state that watches, and its step.

use crate::config::Rules;
use crate::device::{DeviceWatch, EVERY_MS};
use crate::finding::{Ended, Raised};
use crate::fold::{DayKept, LimitKept};
use crate::life::{Life, Phase};
use crate::rule::Rule;
use crate::series::{Fed, Limits, Sample, Series, Setup, Slot};
use model::{DatastreamId, DeviceId, HOUR_MS, PlaceId, Timestamp};
use standards::{Standards, Zone};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// No series.
const NONE: u32 = u32::MAX;

/// What is found where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// On one series.
    Series(DatastreamId),
    /// On a device as a whole; on a place, where no device is known.
    Device(PlaceId, Option<DeviceId>),
}

/// What changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Something is raised.
    Raised(Box<Raised>),
    /// What was raised is over.
    Cleared {
        /// Since when: the end of the last period.
        at: Timestamp,
        /// Why.
        why: Ended,
    },
}

/// A change of what one rule sees on one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Position of the rule in [`Rules::all`].
    pub rule: usize,
    /// Where.
    pub subject: Subject,
    /// What.
    pub change: Change,
}

/// What came since the last step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// Samples, in any order; also those that replace others.
    pub samples: &'a [Fed],
}

/// A parameter, and the targets of a place.
type LawKey = (Arc<str>, Vec<(String, String)>);

/// Everything that is watched.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) rules: Arc<Rules>,
    pub(crate) law: Arc<Standards>,
    pub(crate) zone: Zone,
    pub(crate) limits: Limits,
    pub(crate) series: Vec<Series>,
    pub(crate) devices: Vec<DeviceWatch>,
    pub(crate) day: Option<DayKept>,
    /// By row of law (parameter and targets) and rule.
    pub(crate) kept_limits: Vec<Option<LimitKept>>,
    /// What was told and is not over: series and rule.
    pub(crate) told: BTreeSet<(u32, u16)>,
    law_rows: BTreeMap<LawKey, u32>,
    by_stream: Vec<u32>,
    by_device: HashMap<(PlaceId, Option<DeviceId>), u32>,
    is_unrelated: bool,
    looked_at: Timestamp,
    dirty: Vec<u32>,
}

impl State {
    /// Nothing is watched yet.
    pub fn new(rules: Arc<Rules>, law: Arc<Standards>, zone: Zone, limits: Limits) -> Self {
        Self {
            rules,
            law,
            zone,
            limits,
            series: vec![],
            devices: vec![],
            day: None,
            kept_limits: vec![],
            told: BTreeSet::new(),
            law_rows: BTreeMap::new(),
            by_stream: vec![],
            by_device: HashMap::new(),
            is_unrelated: false,
            looked_at: Timestamp::MIN,
            dirty: vec![],
        }
    }

    /// The rules.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// How many series and devices are watched.
    pub fn watched(&self) -> (usize, usize) {
        (self.series.len(), self.devices.len())
    }

    /// Whether a series is watched.
    pub fn is_watched(&self, datastream: DatastreamId) -> bool {
        self.index(datastream).is_some()
    }

    fn index(&self, datastream: DatastreamId) -> Option<u32> {
        let at = usize::try_from(datastream.0).ok()?;
        self.by_stream.get(at).copied().filter(|index| *index != NONE)
    }

    /// Watches a series, when any rule looks at it; says whether.
    pub fn watch(&mut self, setup: Setup) -> bool {
        let rules = Arc::clone(&self.rules);
        let numbered = || rules.all().iter().zip(0_u16..);
        let slots: Vec<Slot> = numbered()
            .filter(|(rule, _)| !rule.kind.is_of_devices() && looks_at(rule, &setup))
            .map(|(_, rule)| Slot { rule, ..Slot::default() })
            .collect();
        let of_devices: Vec<u16> = numbered()
            .filter(|(rule, _)| rule.kind.is_of_devices() && counts_for(rule, &setup))
            .map(|(_, rule)| rule)
            .collect();
        let is_beside = rules.all().iter().any(|rule| stands_beside(rule, &setup));
        if (slots.is_empty() && of_devices.is_empty() && !is_beside)
            || self.is_watched(setup.datastream)
        {
            return false;
        }
        let index = self.series.len() as u32;
        let at = usize::try_from(setup.datastream.0).unwrap_or(0);
        if self.by_stream.len() <= at {
            self.by_stream.resize(at + 1, NONE);
        }
        self.by_stream[at] = index;
        let mut series = Series::new(setup);
        series.slots = slots;
        series.law_row = self.law_row(&series.setup);
        if !of_devices.is_empty() {
            self.watch_device(&series.setup, index, &of_devices);
        }
        self.series.push(series);
        self.is_unrelated = true;
        true
    }

    fn law_row(&mut self, setup: &Setup) -> u32 {
        let key = (Arc::clone(&setup.parameter), setup.site.targets.clone());
        let (rules, rows) = (self.rules.all().len(), self.law_rows.len() as u32);
        let row = *self.law_rows.entry(key).or_insert(rows);
        if row == rows {
            self.kept_limits.resize(self.kept_limits.len() + rules, None);
        }
        row
    }

    fn watch_device(&mut self, setup: &Setup, index: u32, rules: &[u16]) {
        let key = (setup.site.id, setup.device);
        let at = *self.by_device.entry(key).or_insert_with(|| {
            self.devices.push(DeviceWatch {
                site: Arc::clone(&setup.site),
                device: setup.device,
                series: vec![],
                slots: vec![],
                heard: None,
                known: Timestamp::MAX,
            });
            self.devices.len() as u32 - 1
        });
        let device = &mut self.devices[at as usize];
        device.series.push(index);
        for rule in rules {
            if device.slots.iter().all(|slot| slot.rule != *rule) {
                device.slots.push(Slot { rule: *rule, ..Slot::default() });
            }
        }
    }

    /// Says what is known from what was kept: of a rule on a subject the newest finding is raised, or was over, with everything up
    /// to `last` judged. To be said before samples are fed.
    pub fn recall(
        &mut self,
        rule: &str,
        subject: Subject,
        began: Timestamp,
        last: Timestamp,
        is_open: bool,
    ) {
        let rules = Arc::clone(&self.rules);
        let is_own = |slot: &&mut Slot| rules.all()[usize::from(slot.rule)].key == rule;
        let at = match subject {
            Subject::Series(id) => self.index(id),
            Subject::Device(place, device) => self.by_device.get(&(place, device)).copied(),
        };
        let Some(at) = at else { return };
        let slots = match subject {
            Subject::Series(_) => &mut self.series[at as usize].slots,
            Subject::Device(..) => &mut self.devices[at as usize].slots,
        };
        for slot in slots.iter_mut().filter(is_own) {
            let phase = if is_open { Phase::Raised { began, at: last } } else { Phase::Cleared };
            slot.life = Life::known(phase, last);
            slot.settled = slot.life;
            slot.is_told = is_open;
            if is_open && matches!(subject, Subject::Series(_)) {
                self.told.insert((at, slot.rule));
            }
        }
    }

    /// The lives that are not quiet, by rule and subject: what two states have to agree in.
    pub fn standing(&self) -> BTreeMap<(u16, Subject), Phase> {
        let series = self.series.iter().flat_map(|series| {
            let subject = Subject::Series(series.setup.datastream);
            series.slots.iter().map(move |slot| ((slot.rule, subject), slot.life.phase))
        });
        let devices = self.devices.iter().flat_map(|device| {
            let subject = Subject::Device(device.site.id, device.device);
            device.slots.iter().map(move |slot| ((slot.rule, subject), slot.life.phase))
        });
        let is_seen = |phase: Phase| matches!(phase, Phase::Pending(_) | Phase::Raised { .. });
        series.chain(devices).filter(|(_, phase)| is_seen(*phase)).collect()
    }

    fn feed(&mut self, now: Timestamp, fed: &Fed) {
        let Some(index) = self.index(fed.datastream) else { return };
        if now - fed.time > self.limits.back_ms || fed.time - now > HOUR_MS {
            return;
        }
        let series = &mut self.series[index as usize];
        let Some(at) = series.put(Sample::new(fed.time, fed.value, fed.flag)) else { return };
        series.check();
        series.refold |= at < series.seen;
        let end = fed.time + series.step_ms();
        if !std::mem::replace(&mut series.is_dirty, true) {
            self.dirty.push(index);
        }
        let key = (series.setup.site.id, series.setup.device);
        for at in 0..series.read_by.len() {
            let (reader, is_all) = self.series[index as usize].read_by[at];
            let reader_series = &mut self.series[reader as usize];
            let newest = reader_series.samples.last().map(|sample| sample.time);
            if newest.is_some_and(|newest| newest >= fed.time) {
                reader_series.refold |= is_all;
                reader_series.refold_beside = true;
                if !std::mem::replace(&mut reader_series.is_dirty, true) {
                    self.dirty.push(reader);
                }
            }
        }
        if let Some(at) = self.by_device.get(&key) {
            let device = &mut self.devices[*at as usize];
            device.heard = device.heard.max(Some(end));
            device.known = device.known.min(fed.time);
        }
    }
}

/// Takes in what came, moves every life that it touches, and, once a minute, looks at devices by the clock. What changes
/// comes in the order of rules and subjects.
pub fn step(state: &mut State, now: Timestamp, input: &Input<'_>) -> Vec<Outcome> {
    if std::mem::take(&mut state.is_unrelated) {
        crate::relate::relate(state);
    }
    let mut told = vec![];
    for fed in input.samples {
        state.feed(now, fed);
    }
    let mut dirty = std::mem::take(&mut state.dirty);
    dirty.sort_unstable();
    for index in &dirty {
        state.fold(*index, &mut told);
    }
    dirty.clear();
    state.dirty = dirty;
    if now - state.looked_at >= EVERY_MS {
        state.looked_at = now;
        state.look_at_devices(now, &mut told);
        state.give_up(now, &mut told);
    }
    told
}

/// Whether a rule on samples looks at a series.
fn looks_at(rule: &Rule, setup: &Setup) -> bool {
    is_of_place(rule, setup)
        && rule.period == setup.period
        && rule.statistic == setup.statistic
        && rule.parameters.iter().any(|key| **key == *setup.parameter)
}

/// Whether a series counts for a rule on devices.
fn counts_for(rule: &Rule, setup: &Setup) -> bool {
    is_of_place(rule, setup)
        && rule.period == setup.period
        && rule.statistic == setup.statistic
        && (rule.parameters.is_empty()
            || rule.parameters.iter().any(|key| **key == *setup.parameter))
}

fn is_of_place(rule: &Rule, setup: &Setup) -> bool {
    (rule.kinds.is_empty() || rule.kinds.contains(&setup.site.kind))
        && (rule.places.is_empty() || rule.places.contains(&setup.site.key))
}

/// Whether a rule may look at a series beside the one that it judges.
fn stands_beside(rule: &Rule, setup: &Setup) -> bool {
    if rule.period != setup.period {
        return false;
    }
    let is_looked_at = |key: &str| rule.parameters.iter().any(|own| own == key);
    let is_same = rule.looks_beside() && is_looked_at(&setup.parameter);
    let is_wind = rule.kind == crate::Kind::AboveUpwind && &*setup.parameter == WIND;
    let is_coarse = &*setup.parameter == COARSE && is_looked_at(FINE);
    is_same && rule.statistic == setup.statistic || is_wind || is_coarse
}

/// The parameter of the wind's direction.
pub(crate) const WIND: &str = "wind_dir";
/// All dust.
pub(crate) const COARSE: &str = "pm10";
/// Its fine part.
pub(crate) const FINE: &str = "pm25";
