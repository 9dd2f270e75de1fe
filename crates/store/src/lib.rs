//! The room `store`.
mod archive;
mod aside;
mod blob;
mod chain;
mod database;
mod error;
mod hot;
mod limits;
mod lock;
mod manifest;
mod reader;
mod record;
mod recover;
mod register;
mod seal;
mod store;
mod tidy;
mod verify;
mod view;

pub use error::Error;
pub use hot::{Extent, Hot};
pub use limits::Limits;
pub use manifest::{ArchiveFile, FileKind};
pub use reader::Reader;
pub use record::{
    Columns, Damage, FrameFilter, FrameRecord, FrameView, JournalEntry, JournalRow, Recovery,
    RegistryChanges, Sizes, TurnRecord,
};
pub use seal::{SealPlan, Sealed};
pub use store::Store;
pub use verify::ChainReport;
pub use view::{View, ViewGuard};

/// The database inside a data directory.
const DATABASE: &str = "skyriver.db";
/// The folder of the archive inside a data directory.
const ARCHIVE: &str = "archive";
