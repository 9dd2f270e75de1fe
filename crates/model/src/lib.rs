//! The words everybody here shares: instants, places, parameters, devices, datastreams, readings,
//! flags, and what happened to each frame and reading that ever arrived.
//!
//! This room holds plain data and the few truths that belong to it (a flag says whether a value may
//! be used; a ledger balances). It knows no file, no socket, no protocol and no rule.
//!
//! ```
//! use model::{Flag, Quality, Timestamp};
//!
//! let hour = Timestamp::from_ms(1_772_326_800_000);
//! assert_eq!(hour.floor(3_600_000), hour);
//! assert_eq!(Flag::new(Quality::Good, Some(b'N')).quality(), Quality::Good);
//! ```

mod act;
mod arrival;
mod ids;
mod ledger;
mod measure;
mod parameter;
mod reading;
mod registry;
mod rights;
mod time;
mod user;

pub use act::{Act, ActRow};
pub use arrival::{Arrival, ArrivedFrame, ArrivedReading, Claim, Fate, Note, NoteKind};
pub use ids::{DatastreamId, DeviceId, PlaceId, Sequence};
pub use ledger::{Counted, Disposition, LedgerEntry, LedgerTotals, Reason};
pub use parameter::{
    Parameter, ParameterTable, ParameterTableError, shift as unit_shift, unit_text,
};
pub use reading::{Flag, Quality, Reading};
pub use registry::{
    Area, AreaKind, Datastream, DatastreamKey, Device, Dialect, EntryKind, Line, LineKind, Names,
    Period, Place, PlaceKind, Registry, Source, Statistic, Target, climbs,
};
pub use rights::{Right, Role, Scope, Subject};
pub use time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
pub use user::{Account, Grant, Unit};
