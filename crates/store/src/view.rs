//! What is held in memory, behind one lock: readers take it for an instant, a commit swaps it forward.

use crate::archive::{FileCache, OpenFile};
use crate::manifest::{ArchiveFile, Manifest};
use crate::record::RegistryChanges;
use crate::{Damage, Error, Hot, Limits, database};
use model::{DatastreamId, PlaceId, Reading, Registry};
use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use rusqlite::Connection;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Registry, hot readings and the list of archive files, as of one committed turn.
#[derive(Debug, Default)]
pub struct View {
    pub(crate) registry: Registry,
    pub(crate) hot: Hot,
    pub(crate) manifest: Arc<Manifest>,
    /// UTC days of which readings were lost with a damaged blob of the log.
    pub(crate) lost_days: BTreeSet<i32>,
    registry_revision: u64,
}

/// What distinguishes the readings of one UTC day now from those at another moment: two equal states
/// of a day mean equal readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayState {
    rows: u64,
    file: i64,
    is_lost: bool,
}

impl View {
    /// Everything that is registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Readings in memory.
    pub fn hot(&self) -> &Hot {
        &self.hot
    }

    /// The newest reading of a datastream.
    pub fn latest(&self, datastream: DatastreamId) -> Option<Reading> {
        self.hot.latest(datastream)
    }

    /// The newest reading of each datastream of a place that has one.
    pub fn latest_of(&self, place: PlaceId) -> impl Iterator<Item = Reading> {
        self.registry.datastreams_of(place).iter().filter_map(|id| self.hot.latest(*id))
    }

    /// The newest UTC day that has files in the archive. Late duplicates up to it are known only
    /// after a recall.
    pub fn sealed_until(&self) -> Option<i32> {
        self.manifest.sealed_until()
    }

    /// Whether a datastream's sealed readings of a day would have to be recalled to know duplicates.
    pub fn needs_recall(&self, datastream: DatastreamId, day: i32) -> bool {
        self.manifest.has_readings(day) && !self.hot.is_recalled(datastream, day)
    }

    /// The state of a UTC day's readings. Every new version changes it, and so does sealing.
    pub fn day_state(&self, day: i32) -> DayState {
        let files = self.manifest.readings.get(&day).into_iter().flatten();
        DayState {
            rows: self.hot.days().get(&day).copied().unwrap_or(0),
            file: files.map(|file| file.id).max().unwrap_or(0),
            is_lost: self.lost_days.contains(&day),
        }
    }

    /// A number that grows with every change of the registry since this process opened the store.
    pub fn registry_revision(&self) -> u64 {
        self.registry_revision
    }

    /// Takes in what a turn changed; the ids of datastreams were checked before.
    pub(crate) fn change_registry(&mut self, changes: RegistryChanges) {
        self.registry_revision += u64::from(!changes.is_empty());
        let registry = &mut self.registry;
        for area in changes.areas {
            match registry.areas.iter_mut().find(|known| known.key == area.key) {
                Some(known) => *known = area,
                None => registry.areas.push(area),
            }
        }
        for line in changes.lines {
            match registry.lines.iter_mut().find(|known| known.key == line.key) {
                Some(known) => *known = line,
                None => registry.lines.push(line),
            }
        }
        for place in changes.places {
            registry.put_place(place);
        }
        for device in changes.devices {
            registry.put_device(device);
        }
        for datastream in changes.datastreams {
            registry.put_datastream(datastream);
        }
    }
}

thread_local! {
    /// How many guards this thread holds.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Read access to the [`View`]. Hold it shortly: a commit waits for it. A thread that holds one may take another; it may not
/// wait for another thread that takes one, which would stand behind the waiting commit.
#[derive(Debug)]
pub struct ViewGuard<'a>(RwLockReadGuard<'a, View>);

impl<'a> ViewGuard<'a> {
    /// The first one of a thread stands in line behind a commit that waits, so that readers do not keep it waiting for ever; a
    /// further one goes ahead of it, or both would wait for each other.
    fn take(view: &'a RwLock<View>) -> Self {
        let held = HELD.get();
        HELD.set(held + 1);
        Self(if held == 0 { view.read() } else { view.read_recursive() })
    }
}

impl Drop for ViewGuard<'_> {
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
    }
}

impl Deref for ViewGuard<'_> {
    type Target = View;
    fn deref(&self) -> &View {
        &self.0
    }
}

/// What the store and its readers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub dir: PathBuf,
    pub limits: Limits,
    view: RwLock<View>,
    readers: Mutex<Vec<Connection>>,
    /// The one connection of a pinned directory, inside a transaction that keeps it at one moment.
    pinned: Option<Mutex<Connection>>,
    damage: Mutex<DamageLog>,
    files: FileCache,
}

/// What is damaged, and what of it the manifest does not say yet.
#[derive(Debug, Default)]
pub(crate) struct DamageLog {
    pub known: BTreeSet<Damage>,
    /// Files by their number in the manifest; the one who writes marks them.
    pub unmarked: BTreeMap<i64, String>,
    /// What of it somebody was told.
    pub told: BTreeSet<Damage>,
}

impl Shared {
    pub fn new(dir: PathBuf, limits: Limits, view: View, known: BTreeSet<Damage>) -> Self {
        // What was found at the start is told by the recovery.
        let told = known.clone();
        Self {
            dir,
            limits,
            view: RwLock::new(view),
            readers: Mutex::default(),
            pinned: None,
            damage: Mutex::new(DamageLog { known, unmarked: BTreeMap::new(), told }),
            files: FileCache::default(),
        }
    }

    /// Everything is read over this connection: as of one moment when a transaction is open on it.
    pub fn pinned(self, connection: Connection) -> Self {
        Self { pinned: Some(Mutex::new(connection)), ..self }
    }

    pub fn database_path(&self) -> PathBuf {
        self.dir.join(crate::DATABASE)
    }

    pub fn view(&self) -> ViewGuard<'_> {
        ViewGuard::take(&self.view)
    }

    pub fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write()
    }

    pub fn damage(&self) -> MutexGuard<'_, DamageLog> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads from a file of the archive; `None`, and a note of the damage, when it cannot be read.
    pub fn read_file<T>(
        &self,
        entry: &ArchiveFile,
        read: impl FnOnce(&OpenFile) -> parquet::errors::Result<T>,
    ) -> Option<T> {
        let archive = self.dir.join(crate::ARCHIVE);
        let file = self.files.open(&archive, entry, self.limits.open_files_max);
        match file.and_then(|file| read(&file)) {
            Ok(read) => Some(read),
            Err(error) => {
                self.files.forget(entry.id);
                let why = error.to_string();
                let mut damage = self.damage();
                damage.unmarked.insert(entry.id, why.clone());
                damage.known.insert(Damage { what: entry.name(), why });
                None
            }
        }
    }

    /// Closes a file that is no longer in the archive.
    pub fn forget_file(&self, id: i64) {
        self.files.forget(id);
    }

    /// Runs a query on a connection of the pool.
    pub fn query<T>(
        &self,
        attempt: &'static str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let path = self.database_path();
        if let Some(pinned) = &self.pinned {
            let connection = pinned.lock().unwrap_or_else(PoisonError::into_inner);
            return query(&connection).map_err(Error::database(attempt, &path));
        }
        let pooled = self.pool().pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => database::open_reader(&path)?,
        };
        let result = query(&connection).map_err(Error::database(attempt, &path));
        let mut pool = self.pool();
        if pool.len() < self.limits.idle_readers_max {
            pool.push(connection);
        }
        result
    }

    fn pool(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn who_holds_a_view_may_take_another_while_a_commit_waits() {
        let view = Arc::new(RwLock::new(View::default()));
        let (done, ended) = channel();
        let own = Arc::clone(&view);
        thread::spawn(move || {
            let first = ViewGuard::take(&own);
            let theirs = Arc::clone(&own);
            let commit = thread::spawn(move || theirs.write().registry_revision += 1);
            while own.try_read().is_some() {
                thread::yield_now();
            }
            let second = ViewGuard::take(&own);
            let seen = (first.registry_revision, second.registry_revision);
            drop((first, second));
            commit.join().unwrap();
            done.send((seen, ViewGuard::take(&own).registry_revision)).unwrap();
        });
        assert_eq!(ended.recv_timeout(LONG), Ok(((0, 0), 1)), "both wait for each other");
    }
}
