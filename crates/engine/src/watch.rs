//! Watch: what each turn appended goes through the rules; what they find becomes acts of kind `finding` in the same turn.
//!
//! The state of the watch is a fold that is never written: after a start, or a turn that could not be kept, it is made anew from the
//! newest readings and from the findings that are known, and comes to the same. Outcomes of the quality tests are not written either: the
//! levels that devices and corrections give are versions in the log, those of the tests are computed when they are asked for.

mod board;
mod deeds;
mod found;

pub use board::{Board, Findings, Works};
pub use deeds::FindingError;

use crate::append::Draft;
use crate::turn::Engine;
use detect::{Fed, Input, Limits, Outcome, Rules, Setup, Site, State, Subject, Text, step};
use found::Slot;
use model::{
    ActRow, DatastreamId, HOUR_MS, Line, MINUTE_MS, ParameterTable, Period, Place, PlaceId,
    PlaceKind, Reading, Registry, Source, Timestamp,
};
use std::collections::HashMap;
use std::sync::Arc;
use store::View;

/// The kind of acts that make findings.
pub const FINDING: &str = "finding";
/// The kind of acts that state known work.
pub const KNOWN_WORK: &str = "known_work";
/// How far back the readings are from which the state is made anew, ms.
const BACK_MS: i64 = 40 * HOUR_MS;

/// The watch of an engine.
pub(crate) struct Watch {
    pub rules: Arc<Rules>,
    pub board: Arc<Board>,
    parameters: ParameterTable,
    state: Option<State>,
    /// How many datastreams the state knows.
    streams: usize,
    /// What was corrected since the last turn.
    waiting: Vec<Fed>,
    cared_at: Timestamp,
}

impl Watch {
    pub fn new(rules: Arc<Rules>, board: Arc<Board>, parameters: ParameterTable) -> Self {
        let cared_at = Timestamp::MIN;
        Self { rules, board, parameters, state: None, streams: 0, waiting: vec![], cared_at }
    }

    /// Forgets the state: the next turn makes it anew.
    pub fn forget(&mut self) {
        self.state = None;
        self.streams = 0;
        self.waiting.clear();
    }

    /// Remembers readings that changed between two turns.
    pub fn wait(&mut self, readings: &[Reading]) {
        if self.state.is_some() {
            self.waiting.extend(readings.iter().map(fed));
        }
    }

    /// Watches datastreams that are new.
    fn add<'d>(
        &mut self,
        registry: &'d Registry,
        opened: impl Iterator<Item = &'d model::Datastream>,
    ) {
        let Some(state) = &mut self.state else { return };
        let known = registry.datastreams().iter().skip(self.streams);
        let mut sites = Sites { registry, made: HashMap::new(), upstream: HashMap::new() };
        for datastream in known.chain(opened) {
            if datastream.id.0 < self.streams as i32 {
                continue;
            }
            self.streams = datastream.id.0 as usize + 1;
            if let Some(setup) = sites.setup(datastream, &self.parameters) {
                state.watch(setup);
            }
        }
    }
}

impl Engine {
    /// Watches by these rules from the next turn on.
    ///
    /// # Errors
    /// When the acts of the log cannot be read, or the table of parameters that is built in.
    pub fn watch_by(&mut self, rules: Rules) -> Result<Arc<Board>, crate::turn::Error> {
        let board = Arc::new(Board::of(&self.store.reader(), store::Known::Now)?);
        let parameters = ParameterTable::builtin()
            .map_err(|error| crate::turn::Error::Desk(error.to_string()))?;
        self.watch = Some(Watch::new(Arc::new(rules), Arc::clone(&board), parameters));
        Ok(board)
    }

    /// Takes what the turn appended through the rules and puts what they find into it. What comes back is for the board, once the
    /// turn is kept.
    pub(crate) fn look(&mut self, now: Timestamp, draft: &mut Draft) -> Vec<ActRow> {
        let Some(mut watch) = self.watch.take() else { return vec![] };
        let mut samples = std::mem::take(&mut watch.waiting);
        {
            let view = self.store.view();
            let registry = view.registry();
            if watch.state.is_none() {
                let law = Arc::new(self.law.clone());
                let rules = Arc::clone(&watch.rules);
                watch.state = Some(State::new(rules, law, self.zone.clone(), Limits::default()));
                watch.add(registry, std::iter::empty());
                samples.extend(recent(&view, watch.state.as_ref(), now));
                if let Some(state) = &mut watch.state {
                    found::recall(state, &watch.board, registry);
                }
            }
            let opened = draft.record.registry.datastreams.clone();
            watch.add(registry, opened.iter());
        }
        // Most series of a turn may be watched by nobody; in the order of their numbers, so that a turn is the same each time.
        let is_watched =
            |id: &DatastreamId| watch.state.as_ref().is_some_and(|state| state.is_watched(*id));
        let mut ids: Vec<_> = draft.pending.keys().copied().filter(is_watched).collect();
        ids.sort_unstable();
        samples.extend(ids.iter().flat_map(|id| draft.pending[id].values().map(fed)));
        let outcomes = match &mut watch.state {
            Some(state) => step(state, now, &Input { samples: &samples }),
            None => vec![],
        };
        let is_due = now - watch.cared_at >= MINUTE_MS;
        let rows = if outcomes.is_empty() && !is_due {
            vec![]
        } else {
            watch.cared_at = now;
            self.keep_outcomes(&watch, now, &outcomes, draft)
        };
        self.watch = Some(watch);
        rows
    }

    fn keep_outcomes(
        &self,
        watch: &Watch,
        now: Timestamp,
        outcomes: &[Outcome],
        draft: &mut Draft,
    ) -> Vec<ActRow> {
        let view = self.store.view();
        let place_of = |subject: &Subject| place_key(&view, draft, *subject);
        let slots: Vec<Slot> = outcomes
            .iter()
            .map(|outcome| {
                let rule = watch.rules.all()[outcome.rule].key.clone();
                Slot::new(rule, outcome.subject, place_of(&outcome.subject))
            })
            .collect();
        let first = draft.record.acts.len();
        let registry = view.registry();
        found::acts_of(&watch.board, &watch.rules, registry, now, outcomes, slots, draft);
        found::care(&watch.board, &watch.rules, now, draft);
        draft.record.acts[first..].to_vec()
    }
}

/// The key of the place that a subject stands at.
fn place_key(view: &View, draft: &Draft, subject: Subject) -> String {
    let registry = view.registry();
    let place = match subject {
        Subject::Device(place, _) => Some(place),
        Subject::Series(id) => registry.datastream(id).map(|own| own.place).or_else(|| {
            draft.record.registry.datastreams.iter().find(|own| own.id == id).map(|own| own.place)
        }),
    };
    place.and_then(|id| registry.place(id)).map(|place| place.key.clone()).unwrap_or_default()
}

fn fed(reading: &Reading) -> Fed {
    let Reading { datastream, time, value, flag, .. } = *reading;
    Fed { datastream, time, value, flag }
}

/// The newest hot readings of the series that are watched.
fn recent(view: &View, state: Option<&State>, now: Timestamp) -> Vec<Fed> {
    let Some(state) = state else { return vec![] };
    let hot = view.hot();
    let mut found = vec![];
    for datastream in view.registry().datastreams() {
        if !state.is_watched(datastream.id) {
            continue;
        }
        let (step_ms, back_ms) = match datastream.key.period {
            Period::Hour | Period::Day => (HOUR_MS, BACK_MS),
            Period::Minutes => (MINUTE_MS, BACK_MS / 8),
            Period::Instant => continue,
        };
        let from = (now - back_ms).floor(step_ms);
        let count = usize::try_from(back_ms / step_ms).unwrap_or(0) + 2;
        found.extend(hot.steps(datastream.id, from, step_ms, count).iter().flatten().map(fed));
    }
    found
}

/// Places as the watch knows them.
struct Sites<'r> {
    registry: &'r Registry,
    made: HashMap<PlaceId, Arc<Site>>,
    upstream: HashMap<String, Vec<(f64, PlaceId)>>,
}

impl Sites<'_> {
    fn setup(&mut self, of: &model::Datastream, parameters: &ParameterTable) -> Option<Setup> {
        let place = self.registry.place(of.place)?;
        let parameter = parameters.get(&of.key.parameter)?;
        let site = Arc::clone(
            self.made.entry(of.place).or_insert_with(|| Arc::new(site(of.place, place))),
        );
        Some(Setup {
            datastream: DatastreamId(of.id.0),
            site,
            device: match of.key.source {
                Source::Device(device) => Some(device),
                Source::Derived(_) => None,
            },
            parameter: Arc::from(of.key.parameter.as_str()),
            symbol: Arc::from(parameter.symbol.as_str()),
            unit: Arc::from(parameter.unit.as_str()),
            statistic: of.key.statistic,
            period: of.key.period,
            upstream: self.upstream(of.place, place),
        })
    }

    /// The next water site above one, on the same water.
    fn upstream(&mut self, id: PlaceId, place: &Place) -> Option<PlaceId> {
        if place.kind != PlaceKind::WaterSite || place.line.is_empty() {
            return None;
        }
        let registry = self.registry;
        let water = water_of(registry, &place.line)?;
        let along = self.upstream.entry(water.key.clone()).or_insert_with(|| {
            let ids = (0..registry.places().len()).map(|at| PlaceId(at as u32));
            let sites = ids.zip(registry.places()).filter(|(_, other)| {
                other.kind == PlaceKind::WaterSite
                    && water_of(registry, &other.line).is_some_and(|own| own.key == water.key)
            });
            let mut along: Vec<(f64, PlaceId)> = sites
                .map(|(id, other)| (along_m(&water.path, [other.lon, other.lat]), id))
                .collect();
            along.sort_by(|a, b| a.0.total_cmp(&b.0));
            along
        });
        let own = along.iter().position(|(_, other)| *other == id)?;
        own.checked_sub(1).map(|above| along[above].1)
    }
}

fn site(id: PlaceId, place: &Place) -> Site {
    Site {
        id,
        key: place.key.clone(),
        name: Text::new(&place.name.zh, &place.name.en),
        kind: place.kind,
        spot: [place.lon, place.lat],
        targets: place.targets.iter().map(|own| (own.from.clone(), own.class.clone())).collect(),
        is_simulated: place.simulated,
    }
}

/// The river that a line is, or is a part of.
fn water_of<'r>(registry: &'r Registry, key: &str) -> Option<&'r Line> {
    let find = |key: &str| registry.lines.iter().find(|line| line.key == key);
    let line = find(key)?;
    Some(if line.within.is_empty() { line } else { find(&line.within).unwrap_or(line) })
}

/// How far along a path the point of it lies that is nearest to a place, m.
fn along_m(path: &[[f64; 2]], spot: [f64; 2]) -> f64 {
    let plane = space::Plane::at(spot);
    let (mut gone, mut best) = (0.0, (f64::INFINITY, 0.0));
    for ends in path.windows(2) {
        let [a, b] = [plane.metres(ends[0]), plane.metres(ends[1])];
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy);
        let share = if length > 0.0 { -(a[0] * dx + a[1] * dy) / (length * length) } else { 0.0 };
        let share = share.clamp(0.0, 1.0);
        let apart = (a[0] + dx * share).hypot(a[1] + dy * share);
        if apart < best.0 {
            best = (apart, gone + length * share);
        }
        gone += length;
    }
    best.1
}
