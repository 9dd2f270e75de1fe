//! Judgements over days, months and years: of a place, of an area by its standard stations, of water.
//!
//! Nothing here is stored. The judged days of places live in a [`Book`], filled when somebody asks and
//! struck out by the very hours that touch them; everything longer is computed from those days each
//! time (`docs/decisions/0008-days-are-kept-in-memory.md`). What the law says of a span, of an area's
//! day or of two sites of a river is asked of `standards`; here is only where its inputs come from.

mod air;
pub(crate) mod book;
mod dust;
mod water;

pub use air::{Asked, Subject};
pub use book::{Book, Day, ItemRecord, WaterRecord};
pub use dust::{DustSpell, dust_days};
pub use water::{MonthReason, Pair, SiteMonth, pairs};

/// Why a question about periods could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The readings could not be read.
    #[error("the readings could not be read")]
    Store(#[from] store::Error),
    /// A day has no place in the calendar.
    #[error("the calendar has no such day")]
    Period(#[from] standards::PeriodError),
    /// A number does not fit exact arithmetic.
    #[error("the numbers could not be computed exactly")]
    Exact(#[from] standards::ExactError),
}
