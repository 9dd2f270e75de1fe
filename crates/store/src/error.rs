//! What can go wrong with files, and what a person can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked to. Nothing of the attempt was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the lock of this data directory.
    #[error("{dir}: another server uses this data directory{}", said(*pid))]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Its process id, if it wrote one.
        pid: Option<u32>,
    },
    /// The directory or the file system cannot be written.
    #[error("{path}: cannot be written, the directory or its file system is read-only")]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No space is left.
    #[error("{path}: no space left on the disk; nothing of this turn was kept")]
    DiskFull {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A later version wrote this directory.
    #[error("{path}: format {found} is newer than format {known}, the newest this program reads")]
    NewerFormat {
        /// The database.
        path: PathBuf,
        /// The number found.
        found: i64,
        /// The newest number known here.
        known: i64,
    },
    /// An earlier version wrote this directory, and who only reads cannot bring it up.
    #[error("{path}: format {found} is older than format {known}")]
    OlderFormat {
        /// The database.
        path: PathBuf,
        /// The number found.
        found: i64,
        /// The number wanted.
        known: i64,
    },
    /// The database belongs to another program.
    #[error("{path}: is a database, but not one of Skyriver")]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// A backup cannot be made there.
    #[error("{folder}: no backup can be made here: {why}")]
    BadBackup {
        /// The folder.
        folder: PathBuf,
        /// What is in the way.
        why: &'static str,
    },
    /// A file cannot be opened, read, written or renamed.
    #[error("{path}: cannot {attempt}")]
    Io {
        /// What was tried.
        attempt: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// SQLite refused.
    #[error("{path}: cannot {attempt}")]
    Database {
        /// What was tried.
        attempt: &'static str,
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A Parquet file could not be written.
    #[error("{path}: cannot write the archive file")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// The database itself is damaged so far that it cannot be served.
    #[error("{path}: is damaged: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// A turn that must not be written: a defect of the caller.
    #[error("the turn cannot be kept: {0}")]
    BadRecord(String),
    /// A turn larger than a limit.
    #[error("the turn has {found} {what}; the limit `{limit}` is {max}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// The limit's name.
        limit: &'static str,
        /// Its value.
        max: usize,
    },
}

fn said(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

impl Error {
    /// What to do next, as a sentence of its own.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::InUse { .. } => {
                "stop that server first, or give this one a data directory of its own"
            }
            Self::ReadOnly { .. } => {
                "give the server's user the right to write there, or mount the disk read-write"
            }
            Self::DiskFull { .. } => {
                "free some space: devices wait and resend what was not acknowledged"
            }
            Self::NewerFormat { .. } => {
                "run the program version that wrote it, or a newer one; going back needs a backup"
            }
            Self::OlderFormat { .. } => {
                "start the server once on this directory: it brings the format up; then try again"
            }
            Self::Foreign { .. } => "name an empty folder as the data directory",
            Self::Io { .. } | Self::Database { .. } | Self::Archive { .. } => {
                "look at the cause below and at the disk; nothing was acknowledged"
            }
            Self::Damaged { .. } => {
                "check the disk, then put a backup in its place; keep the damaged file until then"
            }
            Self::BadRecord(_) => "this is a defect of the program: please report it",
            Self::BadBackup { .. } => {
                "name an empty folder, or that of an older backup of this directory"
            }
            Self::TooLarge { .. } => "send smaller turns, or raise the limit in the configuration",
        }
    }

    /// Whether trying the same again may succeed once somebody has made space.
    pub const fn is_disk_full(&self) -> bool {
        matches!(self, Self::DiskFull { .. })
    }

    pub(crate) fn io(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path, source: source.into() }
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { path, source: source.into() }
            }
            _ => Self::Io { attempt, path, source },
        }
    }

    pub(crate) fn database(
        attempt: &'static str,
        path: &Path,
    ) -> impl FnOnce(rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_owned();
        move |source| match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source: source.into() },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::ReadOnly { path, source: source.into() }
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path, what: source.to_string() }
            }
            _ => Self::Database { attempt, path, source },
        }
    }

    pub(crate) fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        use parquet::errors::ParquetError;
        let path = path.to_owned();
        move |source| match source {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => Self::io("write", &path)(*cause),
                Err(cause) => Self::Archive { path, source: ParquetError::External(cause) },
            },
            source => Self::Archive { path, source },
        }
    }
}
