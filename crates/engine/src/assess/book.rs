//! The judged days and the water months of places, in memory: made when somebody asks, struck out by
//! the hours that touch them, and by nothing else.
//!
//! *How it stays right while turns go on.* The engine touches what a turn changes before and after its
//! commit. Who fills a page first notes the place's count of touches; what was read is written into the
//! book only if that count still stands, so that nothing old is ever kept, whatever the order of threads.

mod water;

use super::Error;
use crate::derive::Touched;
use crate::index::{self, Judged, Scanned, Sources};
use jiff::civil::Date;
use model::{
    DatastreamId, DatastreamKey, HOUR_MS, Period, PlaceId, PlaceKind, Registry, Sequence,
    Statistic, Timestamp,
};
use standards::air::{AirIndex, DayValues, NotAssessed, ReportKind};
use standards::{Exact, Span, Standards, Zone};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Known, Reader};

/// How many days are read from the store at once.
const CHUNK_DAYS: usize = 31;
/// Days and months of all places together; beyond it the book begins anew.
const ENTRIES_MAX: usize = 400_000;
/// The most hours before its day that a day's judgement looks at, in any edition.
const LOOKBACK_H: i64 = 7;

/// One judged day of a place.
#[derive(Clone, Debug)]
pub struct Day {
    /// The edition that judged.
    pub edition: Arc<str>,
    /// What assessments take of it.
    pub values: DayValues,
    /// Why it has no index.
    pub reason: Option<NotAssessed>,
    /// A row of law behind it is not well established.
    pub doubtful: bool,
    /// How many readings were looked at.
    pub readings: u32,
    /// The oldest and the newest log entry among them.
    pub sequences: Option<(Sequence, Sequence)>,
    /// The newest log entry that its judgement looked at, taken or not, also of the hours before the day:
    /// as of any later sequence the day is the same.
    pub newest: Option<Sequence>,
}

/// What a water site measured in a civil month, or on a day.
#[derive(Clone, Debug, Default)]
pub struct WaterRecord {
    /// By item, in the order of the standard.
    pub items: Vec<ItemRecord>,
    /// The newest log entry that was looked at.
    pub newest: Option<Sequence>,
}

/// One item of a water record.
#[derive(Clone, Debug)]
pub struct ItemRecord {
    /// `nh3n`
    pub key: Arc<str>,
    /// The datastreams that gave it.
    pub datastreams: Vec<DatastreamId>,
    /// The arithmetic mean of all good hourly readings, in the law's unit; of pH by hydrogen ions.
    pub mean: Exact,
    /// Good hourly readings.
    pub readings: u32,
    /// Days with any of them.
    pub days: u32,
    /// The oldest and the newest log entry among them.
    pub sequences: (Sequence, Sequence),
}

/// What is known of places, until an hour touches it.
#[derive(Debug, Default)]
pub struct Book(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    places: HashMap<PlaceId, Pages>,
    entries: usize,
    derived: u64,
}

#[derive(Debug, Default)]
struct Pages {
    touches: u64,
    /// By the edition's position in the law and the date.
    days: BTreeMap<(usize, Date), Arc<Day>>,
    months: BTreeMap<(i16, i8), Arc<WaterRecord>>,
    /// Days of water.
    water: BTreeMap<Date, Arc<WaterRecord>>,
}

impl Pages {
    fn len(&self) -> usize {
        self.days.len() + self.months.len() + self.water.len()
    }

    fn empty(&mut self) {
        (self.days, self.months) = (BTreeMap::new(), BTreeMap::new());
        self.water = BTreeMap::new();
    }

    /// Strikes out what an hour goes into; says how much that was.
    fn strike(&mut self, zone: &Zone, hour: Timestamp) -> usize {
        self.touches += 1;
        let before = self.len();
        let dates = [hour, hour + LOOKBACK_H * HOUR_MS].map(|at| zone.date(at).ok());
        for date in dates.into_iter().flatten() {
            self.days.retain(|(_, day), _| *day != date);
        }
        if let Some(date) = dates[0] {
            self.months.remove(&(date.year(), date.month()));
            self.water.remove(&date);
        }
        before - self.len()
    }

    fn clear(&mut self) -> usize {
        self.touches += 1;
        let before = self.len();
        self.empty();
        before
    }
}

/// What a question needs to make days.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub reader: &'a Reader,
    pub law: &'a Standards,
    pub zone: &'a Zone,
    pub now: Timestamp,
    pub known: Known,
}

impl Desk<'_> {
    /// Whether something whose newest log entry is `newest` is at this moment as it is now.
    fn is_as_now(self, newest: Option<Sequence>) -> bool {
        newest.is_none_or(|newest| self.known == Known::Now || self.known.has(newest))
            && !matches!(self.known, Known::Raw(_))
    }

    /// The same question, of now.
    fn of_now(self) -> Self {
        Self { known: Known::Now, ..self }
    }
}

/// A place as its days are judged.
struct Station {
    id: PlaceId,
    kind: PlaceKind,
    sources: Sources,
    touches: u64,
}

impl Book {
    /// How many days and months were made since the start.
    pub fn derived(&self) -> u64 {
        self.inner().derived
    }

    /// Strikes out what a turn's readings go into. Called before and after its commit.
    pub(crate) fn touch(&self, zone: &Zone, touched: &Touched) {
        if touched.hours.is_empty() && touched.widened.is_empty() {
            return;
        }
        let mut inner = self.inner();
        let mut struck = 0;
        for place in &touched.widened {
            struck += inner.places.get_mut(place).map_or(0, Pages::clear);
        }
        for (place, hour) in touched.hours.keys() {
            if let Some(pages) = inner.places.get_mut(place) {
                struck += pages.strike(zone, *hour);
            }
        }
        inner.entries -= struck;
    }

    /// Strikes out everything: places or what they are have changed.
    pub(crate) fn forget(&self) {
        let mut inner = self.inner();
        for pages in inner.places.values_mut() {
            pages.clear();
        }
        inner.entries = 0;
    }

    /// The judged days of places in a span, by place and then by date: those that are over and that an
    /// edition covers. `edition` judges all of them; without it each day is judged by the one of its date.
    ///
    /// As it was known at a past moment, a day is as it is now unless something came for it afterwards;
    /// only such days are judged anew, and are not kept.
    pub(super) fn days(
        &self,
        desk: Desk<'_>,
        edition: Option<&AirIndex>,
        places: &[PlaceId],
        span: Span,
    ) -> Result<Vec<BTreeMap<Date, Arc<Day>>>, Error> {
        let mut answer = self.days_now(desk.of_now(), edition, places, span)?;
        if desk.known == Known::Now {
            return Ok(answer);
        }
        let mut other: BTreeMap<(Date, usize), BTreeSet<PlaceId>> = BTreeMap::new();
        for (place, days) in places.iter().zip(&answer) {
            for (date, day) in days.iter().filter(|(_, day)| !desk.is_as_now(day.newest)) {
                let all = desk.law.air_indices();
                if let Some(at) = all.iter().position(|known| *known.edition() == day.edition) {
                    other.entry((*date, at)).or_default().insert(*place);
                }
            }
        }
        let stations: Vec<Station> = {
            let view = desk.reader.view();
            let all: BTreeSet<PlaceId> = other.values().flatten().copied().collect();
            all.into_iter().filter_map(|place| station(view.registry(), place, 0)).collect()
        };
        let dates: Vec<(Date, usize)> = other.keys().copied().collect();
        for run in runs(&dates) {
            let wants = |id: PlaceId, date: Date| {
                run.iter().any(|key| key.0 == date && other[key].contains(&id))
            };
            for (id, date, day, _) in make_days(desk, &stations, run, wants)? {
                let day = Arc::new(day);
                for slot in (0..places.len()).filter(|slot| places[*slot] == id) {
                    answer[slot].insert(date, Arc::clone(&day));
                }
            }
        }
        Ok(answer)
    }

    fn days_now(
        &self,
        desk: Desk<'_>,
        edition: Option<&AirIndex>,
        places: &[PlaceId],
        span: Span,
    ) -> Result<Vec<BTreeMap<Date, Arc<Day>>>, Error> {
        let dates = dates_over(desk, span)?;
        let editions: Vec<(Date, usize)> = dates
            .into_iter()
            .filter_map(|date| {
                let judge = edition.or_else(|| desk.law.air_index(date))?;
                let all = desk.law.air_indices();
                let at = all.iter().position(|known| known.edition() == judge.edition())?;
                Some((date, at))
            })
            .collect();
        let mut answer = vec![BTreeMap::new(); places.len()];
        let mut missing: BTreeSet<(Date, usize)> = BTreeSet::new();
        let mut stations = Vec::new();
        {
            let registry = desk.reader.view();
            let mut inner = self.inner();
            for (place, known) in places.iter().zip(&mut answer) {
                let pages = inner.places.entry(*place).or_default();
                let before = missing.len();
                for (date, at) in &editions {
                    match pages.days.get(&(*at, *date)) {
                        Some(day) => drop(known.insert(*date, Arc::clone(day))),
                        None => drop(missing.insert((*date, *at))),
                    }
                }
                let lacks = known.len() < editions.len() || missing.len() > before;
                if lacks && let Some(station) = station(registry.registry(), *place, pages.touches)
                {
                    stations.push(station);
                }
            }
        }
        let missing: Vec<_> = missing.into_iter().collect();
        for run in runs(&missing) {
            for (id, date, day, touches) in make_days(desk, &stations, run, |id, date| {
                places
                    .iter()
                    .position(|own| *own == id)
                    .is_some_and(|at| !answer[at].contains_key(&date))
            })? {
                let day = Arc::new(day);
                let at = run.iter().find(|(own, _)| *own == date).map_or(0, |(_, at)| *at);
                self.keep(id, touches, |pages| {
                    pages.days.insert((at, date), Arc::clone(&day)).is_none()
                });
                if let Some(slot) = places.iter().position(|own| *own == id) {
                    answer[slot].insert(date, day);
                }
            }
        }
        Ok(answer)
    }

    /// The civil months of water sites, by place and month; the running month as far as it has come.
    pub(super) fn months(
        &self,
        desk: Desk<'_>,
        places: &[PlaceId],
        months: &[Span],
    ) -> Result<Vec<Vec<Arc<WaterRecord>>>, Error> {
        let mut answer = Vec::new();
        for place in places {
            let mut row = Vec::new();
            for month in months {
                let key = (month.first().year(), month.first().month());
                let (known, touches) = {
                    let mut inner = self.inner();
                    let pages = inner.places.entry(*place).or_default();
                    (pages.months.get(&key).cloned(), pages.touches)
                };
                let page = if let Some(known) = known {
                    known
                } else {
                    let made = Arc::new(water::month(desk.of_now(), *place, *month)?);
                    let put = Arc::clone(&made);
                    self.keep(*place, touches, |pages| pages.months.insert(key, put).is_none());
                    made
                };
                // At a past moment a month is as it is now unless something came for it afterwards.
                let page = if desk.is_as_now(page.newest) {
                    page
                } else {
                    Arc::new(water::month(desk, *place, *month)?)
                };
                row.push(page);
            }
            answer.push(row);
        }
        Ok(answer)
    }

    /// The civil days of a water site that have begun, in their order.
    pub(super) fn water_days(
        &self,
        desk: Desk<'_>,
        place: PlaceId,
        span: Span,
    ) -> Result<BTreeMap<Date, Arc<WaterRecord>>, Error> {
        let today = desk.zone.date(desk.now)?;
        let Some(span) = Span::new(span.first(), span.last().min(today)) else {
            return Ok(BTreeMap::new());
        };
        let (mut answer, touches) = {
            let mut inner = self.inner();
            let pages = inner.places.entry(place).or_default();
            let known = pages.water.range(span.first()..=span.last());
            let known = known.filter(|(_, day)| desk.is_as_now(day.newest));
            (
                known.map(|(date, day)| (*date, Arc::clone(day))).collect::<BTreeMap<_, _>>(),
                pages.touches,
            )
        };
        let is_missing = |date: &Date| !answer.contains_key(date);
        let dates = span.first().series(jiff::Span::new().days(1)).take(span.len() as usize);
        let (first, last) = (dates.clone().find(is_missing), dates.filter(is_missing).last());
        let Some(missing) = first.zip(last).and_then(|(first, last)| Span::new(first, last)) else {
            return Ok(answer);
        };
        for (date, day) in water::days(desk, place, missing)? {
            let day = Arc::new(day);
            if desk.known == Known::Now {
                let put = Arc::clone(&day);
                self.keep(place, touches, |pages| pages.water.insert(date, put).is_none());
            }
            answer.insert(date, day);
        }
        Ok(answer)
    }

    fn keep(&self, place: PlaceId, touches: u64, put: impl FnOnce(&mut Pages) -> bool) {
        let mut inner = self.inner();
        inner.derived += 1;
        if inner.entries >= ENTRIES_MAX {
            for pages in inner.places.values_mut() {
                pages.empty();
            }
            inner.entries = 0;
        }
        let pages = inner.places.entry(place).or_default();
        if pages.touches == touches && put(pages) {
            inner.entries += 1;
        }
    }

    /// A panic while it was held leaves a book that may lack pages, and has no wrong ones.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a datastream's readings go into days or water months.
pub(crate) fn is_input(key: &DatastreamKey) -> bool {
    key.statistic == Statistic::Mean && key.period == Period::Hour
}

/// The dates of a span that are over.
fn dates_over(desk: Desk<'_>, span: Span) -> Result<Vec<Date>, Error> {
    let today = desk.zone.date(desk.now)?;
    let mut dates = Vec::new();
    let mut date = span.first();
    while date <= span.last() && date < today {
        dates.push(date);
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    Ok(dates)
}

/// Dates in a row, in pieces that are read at once.
fn runs(dates: &[(Date, usize)]) -> impl Iterator<Item = &[(Date, usize)]> {
    let follows =
        |a: &(Date, usize), b: &(Date, usize)| a.0.tomorrow().is_ok_and(|next| next == b.0);
    dates.chunk_by(follows).flat_map(|run| run.chunks(CHUNK_DAYS))
}

fn station(registry: &Registry, id: PlaceId, touches: u64) -> Option<Station> {
    let kind = registry.place(id)?.kind;
    Some(Station { id, kind, sources: index::sources_of(registry, id), touches })
}

/// Judges a run of dates of stations, as far as `wants` them, from readings that are read once.
fn make_days(
    desk: Desk<'_>,
    stations: &[Station],
    run: &[(Date, usize)],
    wants: impl Fn(PlaceId, Date) -> bool,
) -> Result<Vec<(PlaceId, Date, Day, u64)>, Error> {
    let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else {
        return Ok(Vec::new());
    };
    let wanted: Vec<&Station> = stations
        .iter()
        .filter(|station| run.iter().any(|(date, _)| wants(station.id, *date)))
        .collect();
    let from = desk.zone.day(*first)?.start() - LOOKBACK_H * HOUR_MS;
    let to = desk.zone.day(*last)?.end();
    let ids = wanted.iter().flat_map(|station| station.sources.iter().flatten().copied());
    let ids = ids.collect::<Vec<_>>();
    let scanned = Scanned::read_known(desk.reader, &ids, (from, to), desk.known)?;
    let mut made = Vec::new();
    for (date, at) in run {
        let Some(edition) = desk.law.air_indices().get(*at) else { continue };
        let day = desk.zone.day(*date)?;
        for station in wanted.iter().filter(|station| wants(station.id, *date)) {
            let judged = index::day_by(edition, &scanned, station.kind, &station.sources, &day);
            let before = edition.hours_before(ReportKind::Day);
            let day = Day::of(*date, &judged, before);
            made.push((station.id, *date, day, station.touches));
        }
    }
    Ok(made)
}

impl Day {
    /// From a report and the hours that it looked at.
    fn of(date: Date, judged: &Judged, hours_before: usize) -> Self {
        let (report, inputs) = (&judged.report, &judged.inputs);
        let readings = inputs.iter().flat_map(|hours| hours.iter().skip(hours_before)).flatten();
        let sequences = readings.clone().map(|reading| reading.sequence);
        Self {
            edition: Arc::clone(&report.edition),
            values: DayValues::of(date, report),
            reason: report.aqi.as_ref().err().cloned(),
            doubtful: report.is_doubtful(),
            readings: readings.count() as u32,
            sequences: sequences.clone().min().zip(sequences.max()),
            newest: judged.newest,
        }
    }
}
