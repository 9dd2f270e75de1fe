//! The eight promises, as checks of a whole store against the book.
//!
//! `engine` checks in every turn, in production too, what one turn can break; here the store is asked
//! as anybody would ask it, and the book says what the answer must be.

mod acts;
mod as_of;
mod conservation;
mod durable;
mod gaps;
mod law;
mod raw;
mod wire;

use crate::book::Book;
use crate::dice::Dice;
use model::{DatastreamId, DatastreamKey, Period, Source, Statistic, Timestamp};
use standards::{Standards, Zone};
use store::{Columns, Known, Reader};

pub use as_of::Probe;

/// The promises of the design, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Everything that arrived has one fate, and the ledger counts it.
    Conservation,
    /// What was acknowledged is on disk.
    Durable,
    /// Raw is never edited; every version can be read.
    RawStays,
    /// What was known at a past moment stays what it was.
    AsOf,
    /// An index is what the law says of the readings.
    Law,
    /// Missing is a gap.
    Gaps,
    /// Nothing acts without a written reason.
    Acts,
    /// Every number leads to its frame.
    TwoClicks,
    /// The program stopped or refused where it must go on.
    Serves,
}

/// A promise that was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{promise:?}: {what}")]
pub struct Broken {
    /// Which.
    pub promise: Promise,
    /// How.
    pub what: String,
}

impl Broken {
    /// A broken promise.
    pub fn new(promise: Promise, what: impl Into<String>) -> Self {
        Self { promise, what: what.into() }
    }

    /// Something failed that must not.
    pub fn stopped(error: &dyn std::error::Error) -> Self {
        let mut what = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            what.push_str(": ");
            what.push_str(&next.to_string());
            cause = next.source();
        }
        Self::new(Promise::Serves, what)
    }
}

/// What the checks look at.
pub struct Scene<'a> {
    /// What must be so.
    pub book: &'a Book,
    /// What is so.
    pub reader: &'a Reader,
    /// The law.
    pub law: &'a Standards,
    /// The district's zone.
    pub zone: &'a Zone,
    /// The time.
    pub now: Timestamp,
    /// Whether periods that are over wait to be judged.
    pub is_behind: bool,
    /// The only promise to check, when not all are.
    pub only: Option<Promise>,
}

impl Scene<'_> {
    /// What costs little, after every turn.
    ///
    /// # Errors
    /// The first promise that is broken.
    pub fn glance(&self, dice: &mut Dice) -> Result<(), Broken> {
        self.one(Promise::Conservation, || conservation::ledger(self))?;
        self.one(Promise::Durable, || durable::check(self, dice, 4))?;
        self.one(Promise::RawStays, || raw::frames(self, dice, 4))?;
        self.one(Promise::Acts, || acts::check(self))
    }

    /// Everything, now and then and after every restart.
    ///
    /// # Errors
    /// The first promise that is broken.
    pub fn look(&self, dice: &mut Dice, probes: &[Probe]) -> Result<(), Broken> {
        self.glance(dice)?;
        self.one(Promise::Conservation, || conservation::counted_anew(self))?;
        self.one(Promise::Durable, || durable::check(self, dice, 10))?;
        self.one(Promise::RawStays, || raw::all(self, dice, 16))?;
        self.one(Promise::AsOf, || as_of::check(self, dice, probes))?;
        self.one(Promise::Law, || law::check(self, dice))?;
        let all = self.everything(Known::Now)?;
        self.one(Promise::Gaps, || gaps::check(self, &all))?;
        self.one(Promise::TwoClicks, || wire::check(self, &all, dice, 16))
    }

    /// Remembers what is known now, to ask again later.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn probe(&self) -> Result<Probe, Broken> {
        as_of::probe(self)
    }

    fn one(
        &self,
        promise: Promise,
        check: impl FnOnce() -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        if self.only.is_none_or(|only| only == promise) { check() } else { Ok(()) }
    }

    /// The datastream of an hourly mean of a device.
    fn hourly(&self, device: model::DeviceId, parameter: &str) -> Option<DatastreamId> {
        let key = DatastreamKey {
            source: Source::Device(device),
            parameter: parameter.to_owned(),
            statistic: Statistic::Mean,
            period: Period::Hour,
        };
        self.reader.view().registry().datastream_id(&key)
    }

    /// All datastreams with all their readings, as known at some moment.
    fn everything(&self, known: Known) -> Result<Vec<(DatastreamId, Columns)>, Broken> {
        let count = self.reader.view().registry().datastreams().len();
        let all: Vec<_> = (0..count as i32).map(DatastreamId).collect();
        let columns = self
            .reader
            .scan_known(&all, Timestamp::MIN, Timestamp::MAX, known)
            .map_err(|error| Broken::stopped(&error))?;
        Ok(all.into_iter().zip(columns).collect())
    }
}
