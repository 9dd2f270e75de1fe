//! The engine and its turn.

use crate::append::{Draft, Edits};
use crate::assess::Book;
use crate::correct::Stack;
use crate::derive::{Due, Touched};
use crate::desk::Desk;
use crate::emergency::Warnings;
use crate::index;
use crate::people::{Refused, Roster};
use crate::promises::{self, Broken};
use crate::watch::Watch;
use model::{
    Arrival, DatastreamId, DatastreamKey, Disposition, LedgerEntry, PlaceId, Reading, Registry,
    Sequence, Timestamp,
};
use standards::{Standards, Zone};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use store::{Known, Reader, Store};

/// Everything that decides, and the store it decides over.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) law: Standards,
    pub(crate) zone: Zone,
    pub(crate) due: Due,
    pub(crate) limits: Limits,
    pub(crate) book: Arc<Book>,
    pub(crate) roster: Option<Arc<Roster>>,
    pub(crate) desk: Option<Arc<Desk>>,
    pub(crate) warnings: Option<Arc<Warnings>>,
    /// When orders were last looked through for late ones; not kept, so after a start they are looked through at once.
    pub(crate) reminded_at: model::Timestamp,
    /// What is watched by which rules, when anything is.
    pub(crate) watch: Option<Watch>,
    /// The corrections, once they could be read.
    pub(crate) stack: Option<Arc<Stack>>,
}

/// Bounds of a turn.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many derivations one turn makes; the rest stays due for the next one.
    pub derivations_per_turn_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { derivations_per_turn_max: 20_000 }
    }
}

/// What a turn did, for those who wait for it or watch.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// The newest entry of the log.
    pub sequence: Sequence,
    /// What became of each frame, by arrival.
    pub outcomes: Vec<Vec<Disposition>>,
    /// What the ledger counted.
    pub ledger: Vec<LedgerEntry>,
    /// Datastreams with new readings, ascending.
    pub datastreams: Vec<DatastreamId>,
    /// Places whose index of an hour or a day changed, ascending.
    pub indexed: Vec<PlaceId>,
    /// Findings that were raised or changed, by id.
    pub findings: Vec<String>,
    /// Whether derivations are left for the next turn.
    pub is_unfinished: bool,
}

/// Why a turn could not be made. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not read or write.
    #[error("the turn was not kept; nobody was told that it was")]
    Store(#[from] store::Error),
    /// A device is registered at another place. Its readings there would be mixed with those here.
    #[error(
        "device {mn} is registered at place {known}, the file says {given}\nhint: keep it at {known}, or give it a new MN at {given}"
    )]
    Moved {
        /// Its name on the wire.
        mn: String,
        /// Where it is registered.
        known: String,
        /// Where the file has it.
        given: String,
    },
    /// Somebody else changed the entry meanwhile.
    #[error("{key} has version {}, not {seen}: somebody changed it meanwhile", said(*found))]
    Stale {
        /// The entry's key.
        key: String,
        /// The version that was looked at.
        seen: i64,
        /// The version that it has; none when there is no such entry.
        found: Option<i64>,
    },
    /// A change of people is not made.
    #[error(transparent)]
    People(#[from] Refused),
    /// What the desk works by, or an act of it, cannot be written or read.
    #[error("the desk: {0}")]
    Desk(String),
    /// The turn would have broken a promise: a defect of this program.
    #[error("the turn was not kept because it breaks a promise: {0}")]
    Broken(Broken),
}

fn said(version: Option<i64>) -> String {
    version.map_or_else(|| "none".to_owned(), |version| version.to_string())
}

impl Engine {
    /// An engine over an open store. Everything of the last days, and whatever is older than the hot
    /// readings it is made from, is due for derivation, so that a restart at any instant leaves nothing
    /// underived.
    pub fn new(store: Store, law: Standards, zone: Zone, now: Timestamp, limits: Limits) -> Self {
        let due = Due::after_restart(&store, &law, &zone, now);
        // Acts that cannot be read make turns fail, not the start.
        let stack = Stack::read(&store.reader(), Known::Now).ok().map(Arc::new);
        Self {
            store,
            law,
            zone,
            due,
            limits,
            book: Arc::default(),
            stack,
            roster: None,
            desk: None,
            warnings: None,
            reminded_at: model::Timestamp::MIN,
            watch: None,
        }
    }

    /// A handle for reading, for any thread.
    pub fn reader(&self) -> Reader {
        self.store.reader()
    }

    /// The judged days of places, kept right by every turn.
    pub fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book)
    }

    /// Whether derivations of periods that are over wait for the next turn.
    pub fn is_behind(&self, now: Timestamp) -> bool {
        self.due.is_due(now)
    }

    /// The store, for sealing and verification.
    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// One turn of the loop. When it returns, everything in it is on disk.
    ///
    /// # Errors
    /// When the store cannot read or write, or the turn would break a promise. Nothing was kept then
    /// and nothing may be acknowledged; the same arrivals may be given again.
    pub fn turn(&mut self, now: Timestamp, arrivals: &[Arrival]) -> Result<Turn, Error> {
        self.recall(now, arrivals)?;
        let edits = self.edits(arrivals)?;
        let mut draft = Draft::begin(now, self.store.last_sequence()).under(edits);
        let mut turn = Turn::default();
        {
            let view = self.store.view();
            turn.outcomes = arrivals.iter().map(|arrival| draft.append(&view, arrival)).collect();
        }
        promises::check(&draft, arrivals).map_err(Error::Broken)?;
        draft.put_corrected();
        let derived = self.derive(now, &mut draft);
        let found = self.look(now, &mut draft);
        turn.is_unfinished = self.due.is_due(now);
        turn.datastreams = touched(&draft);
        let record = draft.finish();
        turn.sequence = record.sequence_last;
        turn.ledger.clone_from(&record.ledger);
        self.book.touch(&self.zone, &derived.touched);
        if !record.is_empty()
            && let Err(error) = self.store.commit(record)
        {
            self.due.put_back(&derived.taken);
            if let Some(watch) = &mut self.watch {
                watch.forget();
            }
            return Err(error.into());
        }
        self.book.touch(&self.zone, &derived.touched);
        turn.indexed = derived.places;
        if let Some(watch) = &self.watch {
            turn.findings = watch.board.take(&found);
        }
        Ok(turn)
    }

    /// Keeps a draft without arrivals, and marks what its readings go into: the next turns derive it.
    pub(crate) fn commit_marked(&mut self, draft: Draft) -> Result<(), Error> {
        let touched = {
            let view = self.store.view();
            Touched::by(&view, &draft)
        };
        self.book.touch(&self.zone, &touched);
        let record = draft.finish();
        let changed = record.readings.clone();
        self.store.commit(record)?;
        if let Some(watch) = &mut self.watch {
            watch.wait(&changed);
        }
        self.book.touch(&self.zone, &touched);
        for ((place, hour), is_index) in &touched.hours {
            if *is_index {
                self.due.mark(&self.law, &self.zone, *place, *hour);
            }
        }
        Ok(())
    }

    /// The corrections, and the newest raw versions of what arrives under them.
    fn edits(&mut self, arrivals: &[Arrival]) -> Result<Edits, Error> {
        let stack = self.stack()?;
        let mut edits = Edits { stack: Arc::clone(&stack), ..Edits::default() };
        if stack.is_empty() {
            return Ok(edits);
        }
        let mut days = BTreeSet::new();
        {
            let view = self.store.view();
            for arrival in arrivals {
                for reading in &arrival.readings {
                    let key = &arrival.keys[reading.key as usize];
                    if let Some(id) = view.registry().datastream_id(key)
                        && stack.covers(id, reading.time)
                    {
                        days.insert((id, reading.time.utc_day()));
                    }
                }
            }
        }
        let reader = self.store.reader();
        for (id, day) in days {
            let (from, to) = (Timestamp::from_utc_day(day), Timestamp::from_utc_day(day + 1));
            let raw = reader.scan_known(&[id], from, to, Known::Now.raw())?;
            for rows in &raw {
                for at in 0..rows.len() {
                    let (time, value) = (rows.time[at], rows.value[at]);
                    let (flag, sequence) = (rows.flag[at], rows.sequence[at]);
                    let reading = Reading { datastream: id, time, value, flag, sequence };
                    edits.raw.insert((id, time), reading);
                }
            }
        }
        Ok(edits)
    }

    /// Brings sealed days back into memory that this turn looks at: those of late readings, so that a
    /// resent day is known, and those of judgements that wait.
    pub(crate) fn recall(&mut self, now: Timestamp, arrivals: &[Arrival]) -> Result<(), Error> {
        let mut wanted = BTreeSet::new();
        {
            let view = self.store.view();
            let Some(sealed_until) = view.sealed_until() else {
                return Ok(());
            };
            let mut want = Want { registry: view.registry(), sealed_until, wanted: &mut wanted };
            for arrival in arrivals {
                for reading in &arrival.readings {
                    want.reading(&arrival.keys[reading.key as usize], reading.time.utc_day());
                }
            }
            let max = self.limits.derivations_per_turn_max;
            for (place, days) in self.due.looks_at(now, max) {
                want.judgement(place, days);
            }
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        self.store.recall(&wanted)?;
        Ok(())
    }
}

/// Collects the sealed days that a turn needs.
struct Want<'a> {
    registry: &'a Registry,
    sealed_until: i32,
    wanted: &'a mut BTreeSet<(DatastreamId, i32)>,
}

impl Want<'_> {
    /// A reading needs its own datastream, and when an index is made from it, those of its place on the
    /// days around it.
    fn reading(&mut self, key: &DatastreamKey, day: i32) {
        if day - 1 > self.sealed_until {
            return;
        }
        if let Some(id) = self.registry.datastream_id(key).filter(|_| day <= self.sealed_until) {
            self.wanted.insert((id, day));
        }
        if index::is_input(key)
            && let Some(place) = self.registry.place_of(key.source)
        {
            self.judgement(place, day - 1..=day + 1);
        }
    }

    /// A judgement needs its inputs, and its earlier result.
    fn judgement(&mut self, place: PlaceId, days: RangeInclusive<i32>) {
        let sealed = *days.start()..=(*days.end()).min(self.sealed_until);
        if sealed.is_empty() {
            return;
        }
        for &id in self.registry.datastreams_of(place) {
            let is_needed = self
                .registry
                .datastream(id)
                .is_some_and(|stream| index::is_input(&stream.key) || index::is_index(&stream.key));
            if is_needed {
                self.wanted.extend(sealed.clone().map(|day| (id, day)));
            }
        }
    }
}

fn touched(draft: &Draft) -> Vec<DatastreamId> {
    let mut ids: Vec<_> = draft.pending.keys().copied().collect();
    ids.sort_unstable();
    ids
}
