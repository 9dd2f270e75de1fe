//! Parts: stretches of days whose readings can be read apart from all others, side by side.

use super::Pinned;
use crate::archive::Scan;
use crate::manifest::{ArchiveFile, FileKind, Manifest};
use crate::record::Known;
use model::{DAY_MS, Timestamp};
use rusqlite::Connection;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A blob of readings of the log, not read yet.
#[derive(Clone, Debug)]
pub struct LogBlob {
    pub id: i64,
    pub day: i32,
    pub count: u64,
    pub times: (i64, i64),
}

/// Lists the blobs of readings, in the order of writing.
pub fn log_blobs(connection: &Connection) -> rusqlite::Result<Vec<LogBlob>> {
    let query = "SELECT id, day, count, time_min, time_max FROM readings_blob ORDER BY id";
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([], |row| {
        let count = row.get::<_, i64>(2)? as u64;
        Ok(LogBlob { id: row.get(0)?, day: row.get(1)?, count, times: (row.get(3)?, row.get(4)?) })
    })?;
    rows.collect()
}

/// Some days, with all files and blobs that have readings of them: no reading of one part is replaced
/// by one of another.
#[derive(Clone, Debug)]
pub struct Part {
    /// Replaced versions, then base and late files, each in the order of registration.
    pub(super) files: Vec<Arc<ArchiveFile>>,
    /// In the order of writing.
    pub(super) blobs: Vec<LogBlob>,
    pub(super) days: RangeInclusive<i32>,
}

impl Part {
    /// How many rows its files and blobs have, all versions of all datastreams.
    pub fn rows(&self) -> u64 {
        let files: u64 = self.files.iter().map(|file| file.rows).sum();
        files + self.blobs.iter().map(|blob| blob.count).sum::<u64>()
    }

    /// How many files of the archive it has.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    fn of_file(file: &Arc<ArchiveFile>) -> Self {
        Self { files: vec![Arc::clone(file)], blobs: vec![], days: file.days() }
    }

    fn of_blob(blob: &LogBlob) -> Self {
        Self { files: vec![], blobs: vec![blob.clone()], days: blob.day..=blob.day }
    }

    fn join(&mut self, other: Self) {
        self.files.extend(other.files);
        self.blobs.extend(other.blobs);
        let (first, last) = (*self.days.start(), *self.days.end());
        self.days = first.min(*other.days.start())..=last.max(*other.days.end());
    }
}

impl Pinned {
    /// The parts that may hold something of a scan, in the order of time.
    pub fn parts(&self, scan: &Scan) -> Vec<Part> {
        if scan.from >= scan.to || scan.datastreams.is_empty() {
            return vec![];
        }
        let manifest = Arc::clone(&self.reader.view().manifest);
        let mut parts: Vec<Part> = files_of(&manifest, scan).iter().map(Part::of_file).collect();
        let (from, to) = (scan.from.as_ms(), scan.to.as_ms());
        let blobs = self.blobs.iter().filter(|blob| blob.times.0 < to && from <= blob.times.1);
        parts.extend(blobs.map(Part::of_blob));
        parts.sort_by_key(|part| *part.days.start());
        let mut joined: Vec<Part> = vec![];
        for part in parts {
            match joined.last_mut() {
                Some(last) if part.days.start() <= last.days.end() => last.join(part),
                _ => joined.push(part),
            }
        }
        for part in &mut joined {
            part.files.sort_by_key(|file| (file.kind != FileKind::Superseded, file.id));
            part.blobs.sort_by_key(|blob| blob.id);
        }
        joined
    }

    /// The days of a scan of which readings were lost with a blob of the log.
    pub(super) fn lost(&self, scan: &Scan) -> Vec<i32> {
        self.lost_days.range(days(scan)).copied().collect()
    }
}

/// The UTC days of a scan. Clamped, because an open end lies further away than days have numbers.
fn days(scan: &Scan) -> RangeInclusive<i32> {
    let day = |time: Timestamp| {
        time.as_ms().div_euclid(DAY_MS).clamp(i32::MIN.into(), i32::MAX.into()) as i32
    };
    day(scan.from)..=day(scan.to - 1)
}

fn files_of(manifest: &Manifest, scan: &Scan) -> Vec<Arc<ArchiveFile>> {
    let wants_replaced = scan.every_version || scan.known != Known::Now;
    let replaced = Manifest::of_days(&manifest.superseded, days(scan));
    let replaced = replaced.filter(|_| wants_replaced);
    let files = replaced.chain(Manifest::of_days(&manifest.readings, days(scan)));
    let may_have = |file: &&Arc<ArchiveFile>| {
        let (low, high) = file.datastreams;
        let next = scan.datastreams.partition_point(|datastream| *datastream < low);
        file.times.0 < scan.to
            && scan.from <= file.times.1
            && scan.known.has(file.sequences.0)
            && scan.datastreams.get(next).is_some_and(|datastream| *datastream <= high)
    };
    files.filter(may_have).map(Arc::clone).collect()
}
