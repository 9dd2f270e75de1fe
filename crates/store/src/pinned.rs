//! A data directory as of one moment, for a program that is not its server: everything that was
//! committed, sealed or not, while a server goes on writing.
//!
//! SQLite keeps the moment by a transaction for reading, which is open as long as it is pinned;
//! meanwhile the write-ahead log cannot be shortened, so it is not to be held for hours. Nothing is held in
//! memory: readings come part by part, and within a part row group by row group ([`Pinned::read`]).

mod merge;
mod parts;

pub use merge::Sink;
pub use parts::Part;

use crate::record::{JournalRow, Revision};
use crate::view::{Shared, View};
use crate::{DATABASE, Damage, Error, Limits, Reader, aside, database, register, tidy};
use model::{EntryKind, Registry, Timestamp};
use parts::LogBlob;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// A data directory as of one moment.
#[derive(Debug)]
pub struct Pinned {
    reader: Reader,
    registry: Registry,
    /// Blobs of readings that the log held at the moment, in the order of writing.
    blobs: Vec<LogBlob>,
    lost_days: BTreeSet<i32>,
}

impl Pinned {
    /// Takes the moment: now.
    ///
    /// # Errors
    /// When there is no database, it is none of ours, of another format, or cannot be read.
    pub fn open(dir: &Path, limits: Limits) -> Result<Self, Error> {
        let path = dir.join(DATABASE);
        let database = |attempt| Error::database(attempt, &path);
        let connection = database::open_pinned(&path)?;
        let mut view = View::default();
        view.change_registry(register::load(&connection).map_err(database("read the registry"))?);
        let listed = tidy::load_manifest(&connection).map_err(database("read the manifest"))?;
        view.manifest = Arc::new(listed.manifest);
        let registry = view.registry().clone();
        let blobs = parts::log_blobs(&connection);
        let blobs = blobs.map_err(database("list the readings of the log"))?;
        let lost_days = aside::lost_days(&connection).map_err(database("read known damage"))?;
        let shared = Shared::new(dir.to_owned(), limits, view, BTreeSet::default());
        let reader = Reader::new(Arc::new(shared.pinned(connection)));
        Ok(Self { reader, registry, blobs, lost_days })
    }

    /// Reads frames, ledger, journal, acts and the list of files, all as of the moment. Its readings are
    /// the sealed ones alone: those of the log come by [`Pinned::read`] only.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// What was registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What could not be read of all that was asked of this directory: answers lack it.
    pub fn missed(&self) -> Vec<Damage> {
        self.reader.problems()
    }

    /// The first hour of the ledger and its last one; none when nothing ever arrived.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ledger_hours(&self) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        let query = "SELECT min(hour), max(hour) FROM ledger";
        self.reader.shared.query("read the ledger", |connection| {
            let hours = connection.query_row(query, [], |row| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
            })?;
            let at = Timestamp::from_ms;
            Ok(hours.0.zip(hours.1).map(|(first, last)| (at(first), at(last))))
        })
    }

    /// Versions of entries of the registry after a number, in the order of writing, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn revisions_after(&self, id: i64, limit: usize) -> Result<Vec<Revision>, Error> {
        self.reader.revisions_after(id, limit)
    }

    /// The journal in the order of writing: at most `limit` lines with numbers above `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn journal_after(&self, after: i64, limit: usize) -> Result<Vec<JournalRow>, Error> {
        let query = "SELECT id, at, kind, device, text FROM journal \
                     WHERE id > ?1 ORDER BY id LIMIT ?2";
        self.reader.shared.query("read the journal", |connection| {
            let mut query = connection.prepare_cached(query)?;
            query.query_map([after, limit as i64], crate::reader::journal_row)?.collect()
        })
    }

    /// The entries of a kind as they were when `newest` was the newest entry of the log: JSON by key, in
    /// the order in which they were first written.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries_at(
        &self,
        kind: EntryKind,
        newest: model::Sequence,
    ) -> Result<Vec<(String, String)>, Error> {
        let mut entries: Vec<(String, String)> = vec![];
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut after = 0;
        loop {
            let page = self.revisions_after(after, 10_000)?;
            let Some(last) = page.last() else { return Ok(entries) };
            after = last.id;
            for revision in page.into_iter().filter(|one| one.kind == kind) {
                if revision.sequence > newest {
                    continue;
                }
                match places.entry(revision.key.clone()) {
                    Entry::Occupied(place) => entries[*place.get()].1 = revision.document,
                    Entry::Vacant(place) => {
                        place.insert(entries.len());
                        entries.push((revision.key, revision.document));
                    }
                }
            }
        }
    }
}
