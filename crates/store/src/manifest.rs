//! The list of archive files. What is not in it is not in the archive.

use crate::ARCHIVE;
use crate::blob::Hash;
use model::{DatastreamId, Sequence, Timestamp};
use rusqlite::Row;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an archive file holds. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// The readings of a day, current when it was sealed.
    Base = 0,
    /// Readings of a sealed day that came later; they win over the base by their sequence.
    Late = 1,
    /// Versions that newer ones replaced before their day was sealed.
    Superseded = 2,
    /// Kept frames, by day of arrival.
    Frames = 3,
}

impl FileKind {
    /// Every kind, in the order of their stored numbers.
    pub const ALL: [Self; 4] = [Self::Base, Self::Late, Self::Superseded, Self::Frames];
}

/// One file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Its number in the manifest, ascending in the order of registration.
    pub id: i64,
    /// Its path inside `archive/`.
    pub path: String,
    /// What it holds.
    pub kind: FileKind,
    /// UTC day of the readings, the first one of a file of several days; or of arrival of the frames.
    pub day: i32,
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Smallest and largest datastream; 0 and -1 for frames.
    pub datastreams: (DatastreamId, DatastreamId),
    /// Oldest and newest instant.
    pub times: (Timestamp, Timestamp),
    /// Smallest and largest sequence.
    pub sequences: (Sequence, Sequence),
    /// BLAKE3 of the file, as `b3sum` prints it.
    pub hash: Hash,
    /// BLAKE3 of each 64 KiB of the file, 32 bytes each: what is read is checked, and no more.
    pub(crate) blocks: Vec<u8>,
}

impl ArchiveFile {
    /// Its name for people: the path inside the data directory.
    pub fn name(&self) -> String {
        format!("{ARCHIVE}/{}", self.path)
    }

    /// Its hash as `b3sum` prints it.
    pub fn hash_text(&self) -> String {
        blake3::Hash::from_bytes(self.hash).to_string()
    }

    /// The UTC days of its readings.
    pub fn days(&self) -> std::ops::RangeInclusive<i32> {
        self.times.0.utc_day()..=self.times.1.utc_day()
    }

    /// From a row of the manifest, its columns as in [`COLUMNS`].
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind: usize = row.get::<_, u8>(2)?.into();
        let unsigned = |column| row.get::<_, i64>(column).map(|number| number as u64);
        let datastream = |column| row.get(column).map(DatastreamId);
        let time = |column| row.get(column).map(Timestamp::from_ms);
        Ok(Self {
            id: row.get(0)?,
            path: row.get(1)?,
            kind: *FileKind::ALL
                .get(kind)
                .ok_or(rusqlite::Error::IntegralValueOutOfRange(2, kind as i64))?,
            day: row.get(3)?,
            rows: unsigned(4)?,
            bytes: unsigned(5)?,
            datastreams: (datastream(6)?, datastream(7)?),
            times: (time(8)?, time(9)?),
            sequences: (unsigned(10).map(Sequence)?, unsigned(11).map(Sequence)?),
            hash: row.get(12)?,
            blocks: row.get(13)?,
        })
    }
}

/// The columns that [`ArchiveFile::from_row`] wants.
pub const COLUMNS: &str = "id, path, kind, day, rows, bytes, datastream_min, datastream_max, \
                           time_min, time_max, sequence_min, sequence_max, hash, blocks";

/// All files, by what is asked for.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Base and late files by day, in the order of registration; a file of several days by each of them.
    pub readings: BTreeMap<i32, Vec<Arc<ArchiveFile>>>,
    /// Superseded versions by day.
    pub superseded: BTreeMap<i32, Vec<Arc<ArchiveFile>>>,
    /// Files of frames by their first sequence.
    pub frames: BTreeMap<Sequence, Arc<ArchiveFile>>,
}

impl Manifest {
    /// Adds a file.
    pub fn add(&mut self, file: ArchiveFile) {
        let file = Arc::new(file);
        let days = match file.kind {
            FileKind::Base | FileKind::Late => &mut self.readings,
            FileKind::Superseded => &mut self.superseded,
            FileKind::Frames => {
                self.frames.insert(file.sequences.0, file);
                return;
            }
        };
        for day in file.days() {
            let files = days.entry(day).or_default();
            let place = files.partition_point(|known| known.id < file.id);
            files.insert(place, Arc::clone(&file));
        }
    }

    /// Takes files out, and gives them: who still reads through an older list holds them too.
    pub fn retire(&mut self, ids: &[i64]) -> Vec<Arc<ArchiveFile>> {
        let gone: Vec<_> =
            self.files().filter(|file| ids.contains(&file.id)).map(Arc::clone).collect();
        for days in [&mut self.readings, &mut self.superseded] {
            days.retain(|_, files| {
                files.retain(|file| !ids.contains(&file.id));
                !files.is_empty()
            });
        }
        self.frames.retain(|_, file| !ids.contains(&file.id));
        gone
    }

    /// Each file of readings that has something of these days once, in the order of their first days.
    pub fn of_days(
        days: &BTreeMap<i32, Vec<Arc<ArchiveFile>>>,
        range: std::ops::RangeInclusive<i32>,
    ) -> impl Iterator<Item = &Arc<ArchiveFile>> {
        let first = *range.start();
        days.range(range).flat_map(move |(day, files)| {
            files.iter().filter(move |file| *day == (*file.days().start()).max(first))
        })
    }

    /// The newest UTC day with sealed readings.
    pub fn sealed_until(&self) -> Option<i32> {
        self.readings.last_key_value().map(|(day, _)| *day)
    }

    /// Whether readings of a day were sealed.
    pub fn has_readings(&self, day: i32) -> bool {
        self.readings.contains_key(&day)
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = &Arc<ArchiveFile>> {
        let all = || i32::MIN..=i32::MAX;
        let readings = Self::of_days(&self.readings, all());
        readings.chain(Self::of_days(&self.superseded, all())).chain(self.frames.values())
    }
}
