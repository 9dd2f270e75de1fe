//! The first promise, checked against what is really there: what the ledger says was kept is kept.

use crate::archive::{count_frames, read_readings};
use crate::blob::{decode_frames, decode_readings};
use crate::manifest::{ArchiveFile, FileKind};
use crate::view::Shared;
use crate::{DATABASE, Error, Reader, register, tidy};
use model::{Counted, DatastreamId, Disposition, Flag, Registry, Source, Timestamp};
use rusqlite::Connection;
use zstd::bulk::Decompressor;

/// A count of the ledger, and the same counted anew from log and archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// What the ledger says.
    pub ledger: u64,
    /// What is there.
    pub found: u64,
}

/// What was kept, counted twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conservation {
    /// Kept frames by disposition; duplicates are counted and not kept.
    pub frames: Vec<(Disposition, Count)>,
    /// Readings of devices, every version.
    pub readings: Count,
    /// Readings that the engine derived; the ledger does not count them.
    pub derived: u64,
    /// Versions that corrections made; the ledger does not count them either.
    pub corrected: u64,
    /// Frames that were let go, as an act says; they count as found.
    pub let_go: u64,
    /// What could not be read, so that its rows are missing in what was found.
    pub unreadable: Vec<String>,
}

impl Conservation {
    /// Whether everything that the ledger says was kept is there, and nothing else.
    pub fn is_kept(&self) -> bool {
        let counts = self.frames.iter().map(|(_, count)| count).chain([&self.readings]);
        self.unreadable.is_empty() && counts.into_iter().all(|count| count.ledger == count.found)
    }
}

/// Dispositions of which the frames are kept.
const KEPT: [Disposition; 3] =
    [Disposition::Stored, Disposition::Rejected, Disposition::Quarantined];

impl Reader {
    /// Counts every kept frame and reading in log and archive, beside what the ledger says. Reads
    /// everything; `progress` hears how many of how many files are done.
    ///
    /// # Errors
    /// When the database cannot be read. What is damaged is no error: it is named in the result.
    pub fn verify_conservation(
        &self,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Conservation, Error> {
        self.shared.query("count what is kept", |connection| {
            // One snapshot: ledger, log and list of files as of one turn.
            let connection = connection.unchecked_transaction()?;
            let mut tally = Tally::begin(&connection)?;
            tally.log(&connection)?;
            tally.let_go(&connection)?;
            let listed = tidy::load_manifest(&connection)?.manifest;
            let all = listed.files().count();
            for (done, file) in listed.files().enumerate() {
                tally.file(&self.shared, file);
                progress(done + 1, all);
            }
            Ok(tally.counted)
        })
    }
}

struct Tally {
    registry: Registry,
    counted: Conservation,
}

impl Tally {
    fn begin(connection: &Connection) -> rusqlite::Result<Self> {
        let mut view = crate::View::default();
        view.change_registry(register::load(connection)?);
        let counts = |disposition: Disposition, unit: Counted| -> rusqlite::Result<Count> {
            let sum =
                "SELECT coalesce(sum(count), 0) FROM ledger WHERE unit = ?1 AND disposition = ?2";
            let sum: i64 = connection
                .prepare_cached(sum)?
                .query_row((unit as u8, disposition as u8), |row| row.get(0))?;
            Ok(Count { ledger: sum as u64, found: 0 })
        };
        let mut counted = Conservation::default();
        for disposition in KEPT {
            counted.frames.push((disposition, counts(disposition, Counted::Frame)?));
        }
        counted.readings = counts(Disposition::Stored, Counted::Reading)?;
        Ok(Self { registry: view.registry, counted })
    }

    fn log(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut zstd = Decompressor::new()
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let mut query = connection.prepare("SELECT id, hash, bytes FROM readings_blob")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (hash, bytes) = (row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?);
            match decode_readings(bytes, hash, &mut zstd) {
                Ok(readings) => {
                    for reading in readings {
                        self.reading(reading.datastream, reading.flag);
                    }
                }
                Err(error) => self.unreadable("readings_blob", row.get(0)?, &error),
            }
        }
        let mut query =
            connection.prepare("SELECT sequence_first, hash, bytes FROM frames_blob")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (hash, bytes) = (row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob()?);
            match decode_frames(bytes, hash) {
                Ok(index) => {
                    for frame in index.frames {
                        self.frames(frame.disposition, 1);
                    }
                }
                Err(error) => self.unreadable("frames_blob", row.get(0)?, &error),
            }
        }
        Ok(())
    }

    /// Frames whose files were let go, by what the acts say of them.
    fn let_go(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let query = "SELECT document FROM act WHERE sequence IN (SELECT act FROM retired)";
        let mut query = connection.prepare(query)?;
        for document in query.query_map([], |row| row.get::<_, String>(0))? {
            let document: serde_json::Value = serde_json::from_str(&document?)
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            for kind in KEPT {
                let count = document["frames"][kind.name()].as_u64().unwrap_or(0);
                self.counted.let_go += count;
                self.frames(kind, count);
            }
        }
        Ok(())
    }

    fn file(&mut self, shared: &Shared, file: &ArchiveFile) {
        let read = if file.kind == FileKind::Frames {
            shared.read_file(file, count_frames).map(|counts| {
                for (disposition, count) in counts {
                    self.frames(disposition, count);
                }
            })
        } else {
            let all: Vec<_> =
                (0..self.registry.datastreams().len() as i32).map(DatastreamId).collect();
            // Counted at the end of a file, so that a half-read one adds nothing.
            let mut found = vec![];
            let read = shared.read_file(file, |open| {
                let (from, to) = (Timestamp::MIN, Timestamp::MAX);
                read_readings(open, &all, from, to, |reading| {
                    found.push((reading.datastream, reading.flag));
                })
            });
            read.map(|()| {
                for (datastream, flag) in found {
                    self.reading(datastream, flag);
                }
            })
        };
        if read.is_none() {
            self.counted.unreadable.push(file.name());
        }
    }

    fn reading(&mut self, datastream: DatastreamId, flag: Flag) {
        let source = self.registry.datastream(datastream).map(|known| known.key.source);
        if matches!(source, Some(Source::Derived(_))) {
            self.counted.derived += 1;
        } else if flag.is_edited() {
            self.counted.corrected += 1;
        } else {
            self.counted.readings.found += 1;
        }
    }

    fn frames(&mut self, disposition: Disposition, found: u64) {
        for (_, count) in self.counted.frames.iter_mut().filter(|(kind, _)| *kind == disposition) {
            count.found += found;
        }
    }

    fn unreadable(&mut self, table: &str, id: i64, why: &dyn std::fmt::Display) {
        self.counted.unreadable.push(format!("{DATABASE}, {table} {id}: {why}"));
    }
}
