//! The log and the archive: every reading, every frame, and what became of them, on disk.
//!
//! SQLite holds what still moves, Parquet what has settled. A *turn* is one transaction: its readings
//! and raw frames as compressed blobs, the ledger, the journal, the registry; all of it is on disk or
//! nothing is. What is not sealed yet is held in memory too, rebuilt at each start. *Sealing* moves a
//! closed day to Parquet files that any engine reads; a hash chain ties all together. `FORMAT.md` draws
//! every table, blob and file.
//!
//! One [`Store`] writes; any number of [`Reader`]s read meanwhile. This room does not know what the
//! numbers mean, and has no clock.
//!
//! ```
//! use model::{
//!     Datastream, DatastreamId, DatastreamKey, Flag, Period, PlaceId, Quality, Reading, Sequence,
//!     Source, Statistic, Timestamp,
//! };
//! use store::{Limits, RegistryChanges, Store, TurnRecord};
//!
//! let dir = tempfile::tempdir()?;
//! let (mut store, _) = Store::open(dir.path(), Limits::default())?;
//! let key = DatastreamKey {
//!     source: Source::Derived(PlaceId(0)),
//!     parameter: "aqi".to_owned(),
//!     statistic: Statistic::Index,
//!     period: Period::Hour,
//! };
//! let id = DatastreamId(0);
//! let hour = Timestamp::from_ms(1_772_326_800_000);
//! let sequence = store.next_sequence();
//! store.commit(TurnRecord {
//!     at: hour,
//!     readings: vec![Reading {
//!         datastream: id,
//!         time: hour,
//!         value: Some(57.0),
//!         flag: Flag::new(Quality::Good, None),
//!         sequence,
//!     }],
//!     registry: RegistryChanges {
//!         datastreams: vec![Datastream { id, key, place: PlaceId(0) }],
//!         ..RegistryChanges::default()
//!     },
//!     sequence_last: sequence,
//!     ..TurnRecord::default()
//! })?;
//! store.seal(hour.utc_day())?;
//! let columns = store.reader().scan(id, hour, hour + 1)?;
//! assert_eq!(columns.value, [Some(57.0)]);
//! assert_eq!(columns.sequence, [Sequence(1)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acts;
mod archive;
mod aside;
mod backup;
mod blob;
mod chain;
mod database;
mod error;
mod fold;
mod hot;
mod limits;
mod lock;
mod manifest;
mod pinned;
mod reader;
mod record;
mod recover;
mod register;
mod repair;
mod rewind;
mod seal;
mod secrets;
mod store;
mod tidy;
mod verify;
mod view;
mod whole;

pub use acts::ActFilter;
pub use archive::{Rows, Scan, Want};
pub use backup::Backup;
pub use error::Error;
pub use fold::{FoldPlan, Folded};
pub use hot::{Extent, Hot};
pub use limits::Limits;
pub use manifest::{ArchiveFile, FileKind};
pub use pinned::{Part, Pinned, Sink};
pub use reader::Reader;
pub use record::{
    Author, Columns, Damage, FrameFilter, FramePage, FrameRecord, FrameView, JournalEntry,
    JournalRow, Known, Recovery, RegistryChanges, Revision, Sizes, TurnRecord, Way,
};
pub use repair::{Repaired, repair};
pub use rewind::{Rewound, rewind};
pub use seal::{SealPlan, Sealed};
pub use secrets::{OldUser, Secret, SecretChange};
pub use store::Store;
pub use verify::{ChainReport, Conservation, Count};
pub use view::{DayState, View, ViewGuard};

/// The database inside a data directory.
const DATABASE: &str = "skyriver.db";
/// The folder of the archive inside a data directory.
const ARCHIVE: &str = "archive";
