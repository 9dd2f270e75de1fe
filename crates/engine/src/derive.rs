//! Derive: the index of the hours and days that this turn's readings touch, each once, when it is over.
//!
//! A derived value is a reading like any other: it has a sequence, and what it was made from is what
//! the log held up to that sequence, judged by the edition in force on its date. A late or corrected
//! hour makes a new version; a result that did not change makes none.

use crate::append::Draft;
use crate::assess::book;
use crate::index::{self, Lookup, Sources};
use crate::turn::Engine;
use model::{
    DAY_MS, DatastreamId, Flag, HOUR_MS, Period, PlaceId, PlaceKind, Quality, Reading, Sequence,
    Timestamp,
};
use standards::{Standards, Zone};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use store::{Store, View};

/// How far back a restart looks for hours and days that were not derived when the power failed.
const RESTART_LOOKBACK_H: i64 = 50;

/// One derivation that waits: at which instant its period is over, for which place and period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Task {
    over_at: Timestamp,
    place: PlaceId,
    period: Period,
    start: Timestamp,
}

/// The derivations that wait for their time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Due {
    tasks: BTreeSet<Task>,
}

impl Due {
    /// After a restart the hours and days of the last two days are due once more, and every other whose
    /// index is older than a hot reading that it looks at: it waited when the power failed.
    pub fn after_restart(store: &Store, law: &Standards, zone: &Zone, now: Timestamp) -> Self {
        let mut due = Self::default();
        let view = store.view();
        let registry = view.registry();
        for place in (0..registry.places().len()).map(|id| PlaceId(id as u32)) {
            let sources = index::sources_of(registry, place);
            if sources.iter().all(Vec::is_empty) {
                continue;
            }
            due.mark_behind(law, zone, &view, place, &sources);
            let newest = now.floor(HOUR_MS);
            for hours in 1..=RESTART_LOOKBACK_H {
                due.mark(law, zone, place, newest - hours * HOUR_MS);
            }
        }
        due
    }

    /// Marks what a new value of the hour that starts at `hour` touches.
    pub fn mark(&mut self, law: &Standards, zone: &Zone, place: PlaceId, hour: Timestamp) {
        self.tasks.extend(touched_tasks(law, zone, place, hour));
    }

    /// Marks what hot readings touch, as far as its index is not newer than they are.
    fn mark_behind(
        &mut self,
        law: &Standards,
        zone: &Zone,
        view: &View,
        place: PlaceId,
        sources: &Sources,
    ) {
        let hot = view.hot();
        let [hourly, daily] = [Period::Hour, Period::Day]
            .map(|period| view.registry().datastream_id(&index::key(place, period)));
        for &day in hot.days().keys() {
            let mut newest = BTreeMap::new();
            for datastream in sources.iter().flatten() {
                let hours = hot.steps(*datastream, Timestamp::from_utc_day(day), HOUR_MS, 24);
                for reading in hours.into_iter().flatten() {
                    let known = newest.entry(reading.time).or_insert(reading.sequence);
                    *known = reading.sequence.max(*known);
                }
            }
            for (hour, sequence) in newest {
                let is_behind = |task: &Task| {
                    let index = if task.period == Period::Hour { hourly } else { daily };
                    let kept = index.and_then(|index| hot.current(index, task.start));
                    kept.is_none_or(|kept| kept.sequence < sequence)
                };
                let touched = touched_tasks(law, zone, place, hour);
                self.tasks.extend(touched.into_iter().filter(is_behind));
            }
        }
    }

    /// Takes at most `max` of those that are over, oldest first.
    pub fn take(&mut self, now: Timestamp, max: usize) -> Vec<Task> {
        let taken: Vec<_> =
            self.tasks.iter().take_while(|task| task.over_at <= now).take(max).copied().collect();
        for task in &taken {
            self.tasks.remove(task);
        }
        taken
    }

    /// What is over and waits: the place, and the days (UTC) that its judgement looks at.
    pub fn looks_at(&self, now: Timestamp, max: usize) -> Vec<(PlaceId, RangeInclusive<i32>)> {
        let over = self.tasks.iter().take_while(|task| task.over_at <= now).take(max);
        over.map(|task| {
            let first = (task.start - DAY_MS).utc_day();
            (task.place, first..=task.over_at.utc_day())
        })
        .collect()
    }

    /// Puts back what a failed turn had taken.
    pub fn put_back(&mut self, tasks: &[Task]) {
        self.tasks.extend(tasks);
    }

    /// Whether something waits that is over.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.tasks.first().is_some_and(|task| task.over_at <= now)
    }
}

/// What a turn derived.
#[derive(Default)]
pub(crate) struct Derived {
    /// Places whose index changed, ascending.
    pub places: Vec<PlaceId>,
    /// What was taken from the waiting list, to be put back if the turn fails.
    pub taken: Vec<Task>,
    /// What the turn's readings go into.
    pub touched: Touched,
}

impl Engine {
    /// Marks what the draft touches and derives what is over.
    ///
    /// A period of which the law or the calendar says nothing (before the first edition) has no index;
    /// that is no failure of the turn.
    pub(crate) fn derive(&mut self, now: Timestamp, draft: &mut Draft) -> Derived {
        let view = self.store.view();
        let touched = Touched::by(&view, draft);
        for ((place, hour), is_index) in &touched.hours {
            if *is_index {
                self.due.mark(&self.law, &self.zone, *place, *hour);
            }
        }
        let taken = self.due.take(now, self.limits.derivations_per_turn_max);
        let mut places = BTreeSet::new();
        let mut measured = BTreeMap::new();
        let mut sequence = None;
        for task in &taken {
            let (kind, sources) = &*measured
                .entry(task.place)
                .or_insert_with(|| what_is_measured(&view, draft, task.place));
            let overlay = Overlay { view: &view, draft };
            let judge = if task.period == Period::Hour { index::hour } else { index::day };
            let judged = judge(&overlay, &self.law, &self.zone, *kind, sources, task.start);
            let (value, flag) = match judged.map(|judged| (judged.report.aqi, judged.report.level))
            {
                Ok((Ok(aqi), Some(level))) => {
                    (Some(f64::from(aqi)), Flag::new(Quality::Good, Some(b'0' + level)))
                }
                _ => (None, Flag::new(Quality::Missing, None)),
            };
            if put_index(&view, draft, task, value, flag, &mut sequence) {
                places.insert(task.place);
            }
        }
        Derived { places: places.into_iter().collect(), taken, touched }
    }
}

/// The derivations that a value of the hour that starts at `hour` goes into.
fn touched_tasks(law: &Standards, zone: &Zone, place: PlaceId, hour: Timestamp) -> Vec<Task> {
    let hours = index::hours_touched(law, zone, hour).into_iter().map(|start| Task {
        over_at: start + HOUR_MS,
        place,
        period: Period::Hour,
        start,
    });
    let days = index::days_touched(law, zone, hour).into_iter();
    let days = days.map(|(start, end)| Task { over_at: end, place, period: Period::Day, start });
    hours.chain(days).collect()
}

/// A place's kind, and the sources of its index as this turn knows them.
fn what_is_measured(view: &View, draft: &Draft, place: PlaceId) -> (PlaceKind, Sources) {
    let registry = view.registry();
    let kind = registry.place(place).map_or(PlaceKind::MicroStation, |place| place.kind);
    let known = registry.datastreams_of(place).iter().filter_map(|id| registry.datastream(*id));
    let opened = draft.record.registry.datastreams.iter().filter(|stream| stream.place == place);
    (kind, index::sources(known.chain(opened)))
}

/// Puts a version of an index into the draft unless it says what is known already.
fn put_index(
    view: &View,
    draft: &mut Draft,
    task: &Task,
    value: Option<f64>,
    flag: Flag,
    sequence: &mut Option<Sequence>,
) -> bool {
    let key = index::key(task.place, task.period);
    let known = view
        .registry()
        .datastream_id(&key)
        .and_then(|datastream| draft.current(view, datastream, task.start));
    let is_known = match known {
        Some(known) => known.value == value && known.flag == flag,
        None => value.is_none(),
    };
    if is_known {
        return false;
    }
    let Some(datastream) = draft.open(view, &key) else {
        return false;
    };
    let sequence = *sequence.get_or_insert_with(|| draft.next_sequence());
    draft.put(Reading { datastream, time: task.start, value, flag, sequence });
    true
}

/// What the readings of a turn go into.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// The hours whose means came, by place, and whether an index is made from them.
    pub hours: BTreeMap<(PlaceId, Timestamp), bool>,
    /// Places that measure something for the first time.
    pub widened: BTreeSet<PlaceId>,
}

impl Touched {
    /// What the readings of a draft go into.
    pub fn by(view: &View, draft: &Draft) -> Self {
        let opened = &draft.record.registry.datastreams;
        let is_input = |key| book::is_input(key);
        let widened = opened.iter().filter(|stream| is_input(&stream.key)).map(|one| one.place);
        let mut touched = Self { hours: BTreeMap::new(), widened: widened.collect() };
        for (id, rows) in &draft.pending {
            let datastream = view.registry().datastream(*id).or_else(|| {
                let first = opened.first()?.id.0;
                opened.get(usize::try_from(id.0 - first).ok()?)
            });
            let Some(datastream) = datastream.filter(|own| is_input(&own.key)) else { continue };
            for time in rows.keys() {
                let hour = (datastream.place, time.floor(HOUR_MS));
                *touched.hours.entry(hour).or_default() |= index::is_input(&datastream.key);
            }
        }
        touched
    }
}

/// What the log will hold once this turn is kept: the view, and over it the draft.
struct Overlay<'a> {
    view: &'a View,
    draft: &'a Draft,
}

impl Lookup for Overlay<'_> {
    fn hours(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        count: usize,
    ) -> Vec<Option<Reading>> {
        let mut hours = self.view.hot().steps(datastream, from, HOUR_MS, count);
        if let Some(pending) = self.draft.pending.get(&datastream) {
            for (time, reading) in pending.range(from..from + HOUR_MS * count as i64) {
                let offset = *time - from;
                if offset % HOUR_MS == 0 {
                    hours[(offset / HOUR_MS) as usize] = Some(*reading);
                }
            }
        }
        hours
    }
}
