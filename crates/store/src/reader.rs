//! Reading: from any thread, while turns are written.

mod log;
mod look;
mod merge;

pub(crate) use log::journal_row;
pub(crate) use merge::{archived, current};

use crate::Error;
use crate::archive::{count_frames, read_readings};
use crate::hot::Version;
use crate::manifest::{ArchiveFile, FileKind};
use crate::record::{Columns, Damage, Known, Sizes};
use crate::view::{Shared, ViewGuard};
use model::{DatastreamId, Disposition, PlaceId, Reading, Sequence, Timestamp};
use rusqlite::OptionalExtension;
use std::sync::Arc;

/// A handle for reading. Cheap to clone; all clones share one pool of connections.
#[derive(Clone, Debug)]
pub struct Reader {
    pub(crate) shared: Arc<Shared>,
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Registry and newest readings, as of one turn. Hold it shortly: a commit waits for it.
    pub fn view(&self) -> ViewGuard<'_> {
        self.shared.view()
    }

    /// The newest reading of a datastream.
    pub fn latest(&self, datastream: DatastreamId) -> Option<Reading> {
        self.view().latest(datastream)
    }

    /// The newest reading of each datastream of a place that has one.
    pub fn latest_of(&self, place: PlaceId) -> Vec<Reading> {
        self.view().latest_of(place).collect()
    }

    /// The current readings of a datastream in `from..to`, ascending by time.
    ///
    /// # Errors
    /// When the files cannot be opened at all. Damaged files are no error: what could not be read is
    /// named in [`Columns::damaged_days`] and in [`Reader::problems`].
    pub fn scan(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Columns, Error> {
        Ok(self.scan_many(&[datastream], from, to)?.pop().unwrap_or_default())
    }

    /// As [`Reader::scan`] for several datastreams, all as of one turn; one result for each, in the
    /// order in which they are given.
    ///
    /// # Errors
    /// As [`Reader::scan`].
    pub fn scan_many(
        &self,
        datastreams: &[DatastreamId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Columns>, Error> {
        self.scan_known(datastreams, from, to, Known::Now)
    }

    /// As [`Reader::scan_many`], of what was known at some moment: of each instant the version with the
    /// highest sequence that is not above it. Any past moment can be asked, because no version is ever
    /// thrown away.
    ///
    /// # Errors
    /// As [`Reader::scan`].
    pub fn scan_known(
        &self,
        datastreams: &[DatastreamId],
        from: Timestamp,
        to: Timestamp,
        known: Known,
    ) -> Result<Vec<Columns>, Error> {
        let mut sorted = datastreams.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut hot: Vec<Vec<Version>> = vec![vec![]; sorted.len()];
        let (manifest, lost_days) = {
            let view = self.view();
            for (datastream, versions) in sorted.iter().zip(&mut hot) {
                // Before what replaced them: of one sequence, the later in the log counts.
                if known.wants_replaced() {
                    view.hot.replaced(*datastream, from, to, versions);
                }
                view.hot.range(*datastream, from, to, versions);
            }
            (Arc::clone(&view.manifest), view.lost_days.clone())
        };
        let mut found = archived(&self.shared, &manifest, &sorted, from..to, known);
        let is_asked = |day: &i32| {
            from < Timestamp::from_utc_day(*day + 1) && Timestamp::from_utc_day(*day) < to
        };
        found.damaged_days.extend(lost_days.into_iter().filter(is_asked));
        found.damaged_days.sort_unstable();
        found.damaged_days.dedup();
        for (versions, hot) in found.versions.iter_mut().zip(hot) {
            versions.extend(hot);
            versions.retain(|version| known.has(version.sequence) && known.takes(version.flag));
        }
        let merged: Vec<_> = found
            .versions
            .into_iter()
            .map(|versions| Columns {
                damaged_days: found.damaged_days.clone(),
                ..columns(&current(versions))
            })
            .collect();
        let place = |datastream| sorted.binary_search(datastream).ok();
        let one = |datastream| place(datastream).map(|place| merged[place].clone());
        Ok(datastreams.iter().map(|datastream| one(datastream).unwrap_or_default()).collect())
    }

    /// Everything that is known to be damaged, ascending. The rest is served.
    pub fn problems(&self) -> Vec<Damage> {
        self.shared.damage().known.iter().cloned().collect()
    }

    /// UTC days with sealed readings, ascending.
    pub fn sealed_days(&self) -> Vec<i32> {
        self.view().manifest.readings.keys().copied().collect()
    }

    /// The files of the archive, in the order of their first day and then of registration. Who holds the
    /// list keeps the files on disk, also when they are replaced meanwhile.
    pub fn archive_files(&self) -> Vec<Arc<ArchiveFile>> {
        self.view().manifest.files().map(Arc::clone).collect()
    }

    /// How many frames of each fate a file of frames has; none when it cannot be read.
    pub fn count_frames(&self, file: &ArchiveFile) -> Option<Vec<(Disposition, u64)>> {
        self.shared.read_file(file, count_frames)
    }

    /// Bytes on disk, readings in memory and in the archive.
    pub fn sizes(&self) -> Sizes {
        let path = self.shared.database_path();
        let bytes = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let view = self.view();
        let archived = view
            .manifest
            .files()
            .filter(|file| matches!(file.kind, FileKind::Base | FileKind::Late));
        Sizes {
            database_bytes: bytes(&path) + bytes(&path.with_extension("db-wal")),
            archive_bytes: view.manifest.files().map(|file| file.bytes).sum(),
            hot_readings: view.hot.readings(),
            archived_readings: archived.map(|file| file.rows).sum(),
        }
    }

    /// Every version of one reading that was ever kept, oldest first; the last one is current.
    pub fn versions(&self, datastream: DatastreamId, time: Timestamp) -> Vec<Reading> {
        let (mut versions, manifest) = {
            let view = self.view();
            (view.hot.versions(datastream, time), Arc::clone(&view.manifest))
        };
        let day = time.utc_day();
        let files = [&manifest.readings, &manifest.superseded];
        for file in files.into_iter().filter_map(|files| files.get(&day)).flatten() {
            self.shared.read_file(file, |open| {
                read_readings(open, &[datastream], time, time + 1, |reading| {
                    versions.push(Version::from(&reading));
                })
            });
        }
        versions.sort_by_key(|version| version.sequence);
        versions.into_iter().map(|version| version.of(datastream)).collect()
    }

    /// The newest sequence that was known at an instant, by the clock of the turns: exactly while the
    /// turns stand in the log, and to the end of the last whole minute once their day is sealed. 0 when
    /// nothing was known yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sequence_at(&self, at: Timestamp) -> Result<Sequence, Error> {
        let turn = "SELECT sequence_last FROM turn WHERE at <= ?1 ORDER BY id DESC LIMIT 1";
        let moment =
            "SELECT sequence FROM moment WHERE at <= ?1 ORDER BY at DESC, sequence DESC LIMIT 1";
        self.shared.query("find what was known at an instant", |connection| {
            for query in [turn, moment] {
                let found = connection
                    .prepare_cached(query)?
                    .query_row([at.as_ms()], |row| row.get::<_, i64>(0))
                    .optional()?;
                if let Some(sequence) = found {
                    return Ok(Sequence(sequence as u64));
                }
            }
            Ok(Sequence(0))
        })
    }

    /// The instant at which an entry of the log was kept, by the clock of the turns: exactly while the turns
    /// stand in the log, and to the end of its minute once their day is sealed. None when nothing that new
    /// was kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn instant_of(&self, sequence: Sequence) -> Result<Option<Timestamp>, Error> {
        let moment = "SELECT at FROM moment WHERE sequence >= ?1 ORDER BY sequence, at LIMIT 1";
        let turn = "SELECT at FROM turn WHERE sequence_last >= ?1 ORDER BY id LIMIT 1";
        self.shared.query("find when something was known", |connection| {
            for query in [moment, turn] {
                let found = connection
                    .prepare_cached(query)?
                    .query_row([sequence.0 as i64], |row| row.get(0))
                    .optional()?;
                if let Some(at) = found {
                    return Ok(Some(Timestamp::from_ms(at)));
                }
            }
            Ok(None)
        })
    }

    /// The newest sequence in the log of which this handle knows readings or frames.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last_sequence(&self) -> Result<Sequence, Error> {
        let query = "SELECT coalesce((SELECT sequence_last FROM turn ORDER BY id DESC LIMIT 1), 0)";
        self.shared.query("read the newest turn", |connection| {
            let newest: i64 = connection.prepare_cached(query)?.query_row([], |row| row.get(0))?;
            Ok(Sequence(newest as u64))
        })
    }
}

/// Versions of one datastream as columns.
fn columns(versions: &[Version]) -> Columns {
    let mut columns = Columns::default();
    for version in versions {
        columns.time.push(version.time);
        columns.value.push(version.value());
        columns.flag.push(version.flag);
        columns.sequence.push(version.sequence);
    }
    columns
}
