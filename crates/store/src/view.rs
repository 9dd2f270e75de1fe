//! What is held in memory, behind one lock: readers take it for an instant, a commit swaps it forward.

use crate::archive::{FileCache, OpenFile};
use crate::manifest::{ArchiveFile, Manifest};
use crate::record::RegistryChanges;
use crate::{Damage, Error, Hot, Limits, database};
use model::{DatastreamId, PlaceId, Reading, Registry};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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

/// Read access to the [`View`]. Hold it shortly: a commit waits for it. Ask neither the store nor a
/// reader for anything while holding it: a second lock behind a waiting commit would wait for ever.
#[derive(Debug)]
pub struct ViewGuard<'a>(RwLockReadGuard<'a, View>);

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

    /// A panic of another thread while it held a lock leaves a view that is whole: nothing in the
    /// critical sections can fail half-way.
    pub fn view(&self) -> ViewGuard<'_> {
        ViewGuard(self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
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
