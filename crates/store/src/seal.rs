//! Sealing: a closed day moves from the log to the archive.
//!
//! Three steps, so that turns go on meanwhile: the plan notes up to which turn the day is taken; the
//! files are written on any thread, from the log as it lies on disk; one short transaction lists them
//! in the manifest and drops the blobs. What arrives for the day after the plan stays in the log and
//! becomes a late file the next time.

pub(crate) mod finish;

use crate::archive::{write_frames, write_readings};
use crate::blob::{FrameIndex, decode_frames, decode_readings};
use crate::hot::Extent;
use crate::manifest::{ArchiveFile, FileKind};
use crate::record::FrameView;
use crate::{ARCHIVE, DATABASE, Error, Limits, Store, database};
use model::{Reading, Sequence, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::path::PathBuf;
use zstd::bulk::Decompressor;

/// What is to be sealed: the readings of one UTC day, and the frames that arrived up to it.
#[derive(Clone, Debug)]
pub struct SealPlan {
    dir: PathBuf,
    limits: Limits,
    day: i32,
    /// Blobs of later turns stay.
    turn: i64,
    sequence: Sequence,
    is_late: bool,
}

/// Files that are written and not listed yet.
#[derive(Debug)]
pub struct Sealed {
    plan: SealPlan,
    /// Frames up to this turn were taken.
    frames_until: i64,
    files: Vec<ArchiveFile>,
    extents: Vec<Extent>,
    readings: Taken,
    frames: Taken,
}

/// What was taken from the log.
#[derive(Debug, Default)]
struct Taken {
    blobs: u64,
    rows: u64,
    /// Key and reason of each blob that cannot be read.
    damaged: Vec<(i64, String)>,
}

impl Store {
    /// UTC days before `before` that have something to seal, ascending.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn days_to_seal(&self, before: i32) -> Result<Vec<i32>, Error> {
        let mut days: Vec<i32> =
            self.view().hot().days().range(..before).map(|(day, _)| *day).collect();
        if days.last() != Some(&(before - 1)) {
            let has_frames = has_frames_to_seal(&self.connection, before)
                .map_err(Error::database("find the oldest frame", &self.shared.database_path()))?;
            days.extend(has_frames.then_some(before - 1));
        }
        Ok(days)
    }

    /// Plans to seal what the log has of a UTC day now, and the frames that arrived until its end.
    pub fn seal_plan(&self, day: i32) -> SealPlan {
        SealPlan {
            dir: self.shared.dir.clone(),
            limits: self.shared.limits,
            day,
            turn: self.head.turn,
            sequence: self.head.sequence,
            is_late: self.view().manifest.has_readings(day),
        }
    }

    /// Seals a day in one go, for tools and tests; a server writes the plan on another thread.
    ///
    /// # Errors
    /// When files or log cannot be written; the day is not sealed then.
    pub fn seal(&mut self, day: i32) -> Result<(), Error> {
        let sealed = self.seal_plan(day).write()?;
        self.seal_finish(sealed)
    }
}

impl SealPlan {
    /// Writes the files. Takes long; holds no lock that a turn would wait for.
    ///
    /// # Errors
    /// When the log cannot be read or the archive cannot be written. What was written so far is no
    /// part of the archive and is removed at the next start.
    pub fn write(self) -> Result<Sealed, Error> {
        let path = self.dir.join(DATABASE);
        let connection = database::open_reader(&path)?;
        // One snapshot: a seal that ends meanwhile must not take away half of what is read here.
        let connection = connection
            .unchecked_transaction()
            .map_err(Error::database("begin to read a day", &path))?;
        let (mut rows, readings) = self.take_readings(&connection)?;
        let superseded = split_superseded(&mut rows);
        let extents = extents(&rows);
        let kind = if self.is_late { FileKind::Late } else { FileKind::Base };
        let mut files = vec![];
        for (kind, rows) in [(kind, &rows), (FileKind::Superseded, &superseded)] {
            if !rows.is_empty() {
                let path = Self::path(kind, self.day, self.sequence);
                let archive = self.dir.join(ARCHIVE);
                let file = write_readings(&archive, path, kind, self.day, rows, &self.limits)?;
                files.push(file);
            }
        }
        let mut frames = Taken::default();
        let until = last_turn_before(&connection, self.day + 1, self.turn)
            .map_err(Error::database("find the last turn of a day", &path))?;
        for day in self.arrival_days(&connection, until.0)? {
            files.extend(self.write_frames(&connection, day, until, &mut frames)?);
        }
        drop(connection);
        Ok(Sealed { plan: self, frames_until: until.0, files, extents, readings, frames })
    }

    /// The name of a file: where it belongs, and up to which sequence the log was taken.
    fn path(kind: FileKind, day: i32, sequence: Sequence) -> String {
        let date = Timestamp::from_utc_day(day).to_string();
        let date = date.split('T').next().unwrap_or_default();
        let (folder, name) = match kind {
            FileKind::Base => ("readings", "base"),
            FileKind::Late => ("late", "late"),
            FileKind::Superseded => ("superseded", "superseded"),
            FileKind::Frames => ("frames", "frames"),
        };
        format!("{folder}/day={date}/{name}-{:012}.parquet", sequence.0)
    }

    /// All readings of the day in the log, in the order in which they came.
    fn take_readings(&self, connection: &Connection) -> Result<(Vec<Reading>, Taken), Error> {
        let (mut readings, mut taken) = (vec![], Taken::default());
        let mut zstd =
            Decompressor::new().map_err(Error::io("decompress", &self.dir.join(DATABASE)))?;
        self.each_blob(
            connection,
            "SELECT id FROM readings_blob WHERE day = ?1 AND turn <= ?2 ORDER BY id",
            "SELECT hash, bytes FROM readings_blob WHERE id = ?1",
            &mut taken,
            |hash, bytes| {
                let rows =
                    decode_readings(bytes, hash, &mut zstd).map_err(|error| error.to_string())?;
                let count = rows.len();
                readings.extend(rows);
                Ok(count)
            },
        )?;
        Ok((readings, taken))
    }

    /// The days until this one on which frames arrived that are still in the log. What a clock that
    /// was ahead put on a later day counts as of this one.
    fn arrival_days(&self, connection: &Connection, until: i64) -> Result<Vec<i32>, Error> {
        let days = || -> rusqlite::Result<Vec<i32>> {
            let mut query = connection.prepare(
                "SELECT DISTINCT min(day, ?1) FROM frames_blob WHERE turn <= ?2 ORDER BY 1",
            )?;
            let rows = query.query_map((self.day, until), |row| row.get(0))?;
            rows.collect()
        };
        days().map_err(Error::database("list the days of frames", &self.dir.join(DATABASE)))
    }

    fn write_frames(
        &self,
        connection: &Connection,
        day: i32,
        (until, sequence): (i64, Sequence),
        taken: &mut Taken,
    ) -> Result<Option<ArchiveFile>, Error> {
        // A day of frames does not fit into memory: blobs are read as the writer asks for more.
        let mut keys = self
            .keys(
                connection,
                "SELECT sequence_first FROM frames_blob \
                 WHERE min(day, ?3) = ?1 AND turn <= ?2 ORDER BY sequence_first",
                (day, until, self.day),
            )?
            .into_iter();
        let read = "SELECT hash, bytes FROM frames_blob WHERE sequence_first = ?1";
        let mut next = || -> Result<Option<Vec<FrameView>>, Error> {
            let Some(key) = keys.next() else {
                return Ok(None);
            };
            let mut frames = vec![];
            self.take_blob(connection, read, key, taken, |hash, bytes| {
                frames = decode_frames(bytes, hash)
                    .and_then(FrameIndex::with_bytes)
                    .map_err(|error| error.to_string())?;
                Ok(frames.len())
            })?;
            Ok(Some(frames))
        };
        // Grows with every frame that is taken, so that no file takes the place of an older one.
        let path = Self::path(FileKind::Frames, day, sequence);
        let file = write_frames(&self.dir.join(ARCHIVE), path, day, &self.limits, &mut next)?;
        Ok(Some(file).filter(|file| file.rows > 0))
    }

    fn each_blob(
        &self,
        connection: &Connection,
        list: &str,
        read: &str,
        taken: &mut Taken,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<usize, String>,
    ) -> Result<(), Error> {
        for key in self.keys(connection, list, (self.day, self.turn))? {
            self.take_blob(connection, read, key, taken, &mut take)?;
        }
        Ok(())
    }

    fn keys(
        &self,
        connection: &Connection,
        list: &str,
        of: impl Params,
    ) -> Result<Vec<i64>, Error> {
        let keys = move || -> rusqlite::Result<Vec<i64>> {
            let mut query = connection.prepare_cached(list)?;
            let rows = query.query_map(of, |row| row.get(0))?;
            rows.collect()
        };
        keys().map_err(Error::database("list the blobs of a day", &self.dir.join(DATABASE)))
    }

    /// Reads one blob. What cannot be read is noted and left out: the rest of the day is sealed.
    fn take_blob(
        &self,
        connection: &Connection,
        read: &str,
        key: i64,
        taken: &mut Taken,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<usize, String>,
    ) -> Result<(), Error> {
        let mut query = connection
            .prepare_cached(read)
            .map_err(Error::database("read a blob", &self.dir.join(DATABASE)))?;
        let blob = query.query_row([key], |row: &Row<'_>| {
            let (hash, bytes) = (row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?);
            Ok(take(hash, bytes))
        });
        taken.blobs += 1;
        match blob.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(rows) => taken.rows += rows as u64,
            Err(why) => taken.damaged.push((key, why)),
        }
        Ok(())
    }
}

impl Sealed {
    /// The files that were written.
    pub fn files(&self) -> &[ArchiveFile] {
        &self.files
    }

    /// The day that was sealed.
    pub fn day(&self) -> i32 {
        self.plan.day
    }
}

/// The last turn up to `turn` that ran before a UTC day by its own clock, and its last sequence; zeros
/// for none. Frames are sealed up to it: whole beginnings of the log, so that the archive stays older
/// than the log, and by the true instant, since `turn.day` never comes back from a clock that was ahead.
fn last_turn_before(
    connection: &Connection,
    day: i32,
    turn: i64,
) -> rusqlite::Result<(i64, Sequence)> {
    let query = "SELECT id, sequence_last FROM turn WHERE id <= ?1 AND at < ?2 \
                 ORDER BY id DESC LIMIT 1";
    let start = Timestamp::from_utc_day(day).as_ms();
    let last = connection.query_row(query, (turn, start), |row| {
        Ok((row.get(0)?, Sequence(row.get::<_, i64>(1)? as u64)))
    });
    Ok(last.optional()?.unwrap_or_default())
}

/// Whether the oldest frame of the log, or a turn after it, is of a day before.
fn has_frames_to_seal(connection: &Connection, before: i32) -> rusqlite::Result<bool> {
    let oldest = "SELECT id, at FROM turn WHERE id = \
                  (SELECT turn FROM frames_blob ORDER BY sequence_first LIMIT 1)";
    let of_turn = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let Some((oldest, at)) = connection.query_row(oldest, [], of_turn).optional()? else {
        return Ok(false);
    };
    let newest = "SELECT id, at FROM turn ORDER BY id DESC LIMIT 1";
    let (newest, newest_at) = connection.query_row(newest, [], of_turn)?;
    let start = Timestamp::from_utc_day(before).as_ms();
    // Only where the clock went back can a later turn be of an earlier day: else the turns of a whole
    // day would be looked through each time.
    let is_turned_back = newest_at < at;
    Ok(at < start || is_turned_back && last_turn_before(connection, before, newest)?.0 > oldest)
}

/// Sorts readings by (datastream, time), takes out all but the newest version of each, and gives those.
pub(crate) fn split_superseded(readings: &mut Vec<Reading>) -> Vec<Reading> {
    // Stable: of two versions with one sequence, the later one in the log is the newer.
    readings.sort_by_key(|reading| (reading.datastream, reading.time, reading.sequence));
    let is_replaced =
        |pair: &[Reading]| (pair[0].datastream, pair[0].time) == (pair[1].datastream, pair[1].time);
    let superseded: Vec<_> =
        readings.windows(2).filter(|pair| is_replaced(pair)).map(|pair| pair[0]).collect();
    if !superseded.is_empty() {
        readings.reverse();
        readings.dedup_by_key(|reading| (reading.datastream, reading.time));
        readings.reverse();
    }
    superseded
}

/// Oldest instant and newest reading of each datastream of sorted readings.
fn extents(readings: &[Reading]) -> Vec<Extent> {
    readings
        .chunk_by(|a, b| a.datastream == b.datastream)
        .map(|rows| Extent { first: rows[0].time, latest: rows[rows.len() - 1] })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DatastreamId, Flag, Quality};

    #[test]
    fn the_newest_version_stays_and_the_others_come_out() {
        let reading = |datastream, time, sequence, value| Reading {
            datastream: DatastreamId(datastream),
            time: Timestamp::from_ms(time),
            value: Some(value),
            flag: Flag::new(Quality::Good, None),
            sequence: Sequence(sequence),
        };
        let mut readings = vec![
            reading(1, 5, 3, 1.0),
            reading(0, 5, 2, 2.0),
            reading(1, 5, 4, 3.0),
            reading(1, 5, 4, 4.0),
            reading(1, 4, 1, 5.0),
        ];
        let superseded = split_superseded(&mut readings);
        let values = |rows: &[Reading]| rows.iter().filter_map(|row| row.value).collect::<Vec<_>>();
        assert_eq!(values(&readings), [2.0, 5.0, 4.0]);
        assert_eq!(values(&superseded), [1.0, 3.0]);
        let extents = extents(&readings);
        assert_eq!(extents.len(), 2);
        assert_eq!((extents[1].first.as_ms(), extents[1].latest.value), (4, Some(4.0)));
    }
}
