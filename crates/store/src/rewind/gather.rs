//! What has to be taken apart, and its part that stays.

use super::Cut;
use crate::archive::{read_frames, read_readings};
use crate::blob::{Hash, decode_frames, decode_readings};
use crate::chain::GENESIS;
use crate::manifest::{ArchiveFile, FileKind, Manifest};
use crate::record::{FrameFilter, FrameView};
use crate::verify::first_unkept;
use crate::{DATABASE, Error, Reader, blob::BlobError};
use model::{
    Counted, DatastreamId, DeviceId, Disposition, HOUR_MS, Reading, Reason, Sequence, Source,
    Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use zstd::bulk::Decompressor;

/// A line of the ledger.
type Key = (Timestamp, Option<DeviceId>, Counted, Disposition, Reason);

/// What files and blobs hold of both sides of an entry.
pub struct Gathered {
    /// Files that hold later entries.
    pub dropped: Vec<Arc<ArchiveFile>>,
    /// Frames that go, without their bytes.
    pub frames_dropped: Vec<FrameView>,
    /// Of the files: readings that stay, and those that go.
    readings: Vec<Reading>,
    later: Vec<Reading>,
    /// Of the files: frames that stay.
    frames: Vec<FrameView>,
    /// Readings of the log that go.
    later_logged: Vec<Reading>,
    /// Which datastreams devices send.
    is_sent: Vec<bool>,
}

/// Reads the files that hold entries after one, and what the log has after it.
pub fn gather(reader: &Reader, connection: &Connection, to: Sequence) -> Result<Gathered, Error> {
    let (manifest, is_sent) = {
        let view = reader.view();
        let streams = view.registry().datastreams();
        let is_sent: Vec<bool> =
            streams.iter().map(|one| matches!(one.key.source, Source::Device(_))).collect();
        (Arc::clone(&view.manifest), is_sent)
    };
    let ids: Vec<_> = (0..is_sent.len() as i32).map(DatastreamId).collect();
    let mut gathered = Gathered {
        dropped: to_drop(&manifest, to),
        frames_dropped: vec![],
        readings: vec![],
        later: vec![],
        frames: vec![],
        later_logged: vec![],
        is_sent,
    };
    for file in gathered.dropped.clone() {
        gathered.take_apart(reader, &file, &ids, to)?;
    }
    let path = reader.shared.database_path();
    let log = Log { connection, turn: -1, path: &path };
    gathered.later_logged = log.readings(|reading| reading.sequence > to)?;
    let later = log.frames(|frame| frame.sequence > to)?;
    gathered
        .frames_dropped
        .extend(later.into_iter().map(|frame| FrameView { raw: vec![], ..frame }));
    Ok(gathered)
}

/// Files that hold later entries, and those of the versions that these had replaced: they may be current
/// again, which is looked for in the log and in files of current versions only.
fn to_drop(manifest: &Manifest, to: Sequence) -> Vec<Arc<ArchiveFile>> {
    let mut dropped: Vec<_> =
        manifest.files().filter(|file| file.sequences.1 > to).map(Arc::clone).collect();
    let is_current =
        |file: &&Arc<ArchiveFile>| matches!(file.kind, FileKind::Base | FileKind::Late);
    let spans: Vec<_> = dropped.iter().filter(is_current).map(|file| file.times).collect();
    let superseded = manifest.files().filter(|file| file.kind == FileKind::Superseded);
    for file in superseded.filter(|file| file.sequences.1 <= to) {
        let meets = |(first, last): &(Timestamp, Timestamp)| {
            *first <= file.times.1 && file.times.0 <= *last
        };
        if spans.iter().any(meets) {
            dropped.push(Arc::clone(file));
        }
    }
    dropped
}

impl Gathered {
    fn take_apart(
        &mut self,
        reader: &Reader,
        file: &ArchiveFile,
        ids: &[DatastreamId],
        to: Sequence,
    ) -> Result<(), Error> {
        let damaged = || Error::Damaged {
            path: reader.shared.dir.join(crate::ARCHIVE).join(&file.path),
            what: "it holds entries of both sides and cannot be read".to_owned(),
        };
        if file.kind == FileKind::Frames {
            let all = FrameFilter { limit: usize::MAX, ..FrameFilter::default() };
            let frames = reader.shared.read_file(file, |open| read_frames(open, &all));
            for frame in frames.ok_or_else(damaged)? {
                if frame.sequence <= to {
                    self.frames.push(frame);
                } else {
                    self.frames_dropped.push(FrameView { raw: vec![], ..frame });
                }
            }
            return Ok(());
        }
        let (kept, later) = (&mut self.readings, &mut self.later);
        let read = reader.shared.read_file(file, |open| {
            read_readings(open, ids, Timestamp::MIN, Timestamp::MAX, |reading| {
                let side = if reading.sequence <= to { &mut *kept } else { &mut *later };
                side.push(reading);
            })
        });
        read.ok_or_else(damaged)
    }

    /// What the ledger counts of what goes.
    pub fn uncounted(&self, to: Sequence) -> BTreeMap<Key, u64> {
        let mut counts: BTreeMap<Key, u64> = BTreeMap::new();
        let mut frames = HashMap::new();
        for frame in &self.frames_dropped {
            let (hour, device) = (frame.received_at.floor(HOUR_MS), frame.device);
            let key = (hour, device, Counted::Frame, frame.disposition, frame.reason);
            *counts.entry(key).or_default() += 1;
            frames.insert(frame.sequence, (hour, device));
        }
        for reading in self.later.iter().chain(&self.later_logged) {
            debug_assert!(reading.sequence > to);
            let is_sent = self.is_sent.get(reading.datastream.0 as usize) == Some(&true);
            if let Some((hour, device)) = frames.get(&reading.sequence).filter(|_| is_sent) {
                let stored = (Disposition::Stored, Reason::None);
                let key = (*hour, *device, Counted::Reading, stored.0, stored.1);
                *counts.entry(key).or_default() += 1;
            }
        }
        counts
    }

    /// How many readings go.
    pub fn readings_dropped(&self) -> u64 {
        (self.later.len() + self.later_logged.len()) as u64
    }

    /// What stays of the files and of the turns after the last that stays as it is: readings by day and
    /// sequence, frames by sequence.
    pub fn kept(
        self,
        transaction: &Transaction<'_>,
        turn: i64,
        to: Sequence,
    ) -> Result<(Vec<Reading>, Vec<FrameView>), Error> {
        let path = std::path::Path::new(DATABASE);
        let log = Log { connection: transaction, turn, path };
        let (mut readings, mut frames) = (self.readings, self.frames);
        readings.extend(log.readings(|reading| reading.sequence <= to)?);
        frames.extend(log.frames(|frame| frame.sequence <= to)?);
        // A version that two files hold is one version. The sort is stable: of one sequence, the later
        // in the log counts.
        readings.sort_by_key(|one| (one.time.utc_day(), one.sequence, one.datastream, one.time));
        readings.dedup();
        frames.sort_by_key(|frame| frame.sequence);
        frames.dedup_by_key(|frame| frame.sequence);
        Ok((readings, frames))
    }
}

/// The blobs of turns after one.
struct Log<'a> {
    connection: &'a Connection,
    turn: i64,
    path: &'a std::path::Path,
}

impl Log<'_> {
    fn readings(&self, is_wanted: impl Fn(&Reading) -> bool) -> Result<Vec<Reading>, Error> {
        let mut zstd = Decompressor::new().map_err(Error::io("decompress", self.path))?;
        let query = "SELECT id, hash, bytes FROM readings_blob WHERE turn > ?1 ORDER BY id";
        self.blobs(query, "readings_blob", |hash, bytes| {
            let readings = decode_readings(bytes, hash, &mut zstd)?;
            Ok(readings.into_iter().filter(&is_wanted).collect())
        })
    }

    fn frames(&self, is_wanted: impl Fn(&FrameView) -> bool) -> Result<Vec<FrameView>, Error> {
        let query = "SELECT sequence_first, hash, bytes FROM frames_blob WHERE turn > ?1 \
                     ORDER BY sequence_first";
        self.blobs(query, "frames_blob", |hash, bytes| {
            let frames = decode_frames(bytes, hash)?.with_bytes()?;
            Ok(frames.into_iter().filter(&is_wanted).collect())
        })
    }

    fn blobs<T>(
        &self,
        query: &str,
        table: &str,
        mut decode: impl FnMut(&[u8], &[u8]) -> Result<Vec<T>, BlobError>,
    ) -> Result<Vec<T>, Error> {
        let database = |error| Error::database("read the log", self.path)(error);
        let mut found = vec![];
        let mut query = self.connection.prepare(query).map_err(database)?;
        let mut rows = query.query([self.turn]).map_err(database)?;
        while let Some(row) = rows.next().map_err(database)? {
            let blob = || -> rusqlite::Result<(i64, Vec<u8>, Vec<u8>)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            };
            let (id, hash, bytes) = blob().map_err(database)?;
            let damaged = |error: BlobError| Error::Damaged {
                path: self.path.to_owned(),
                what: format!("{table} {id}: {error}"),
            };
            found.extend(decode(&hash, &bytes).map_err(damaged)?);
        }
        Ok(found)
    }
}

/// The last turn that stays as it is: it and all before it wrote nothing after the entry, and what they
/// wrote is still there, now that files were dropped.
pub fn cut(transaction: &Transaction<'_>, to: Sequence) -> rusqlite::Result<Cut> {
    let newest = "SELECT id, hash, day, sequence_last FROM turn \
                  WHERE sequence_last <= ?1 ORDER BY id DESC LIMIT 1";
    let cut_of = |row: &rusqlite::Row<'_>| {
        Ok(Cut {
            turn: row.get(0)?,
            hash: row.get::<_, Hash>(1)?,
            day: row.get(2)?,
            sequence: Sequence(row.get::<_, i64>(3)? as u64),
        })
    };
    let logged = transaction.query_row(newest, [to.0 as i64], cut_of).optional()?;
    if let Some(cut) = logged {
        let Some(unkept) = first_unkept(transaction, cut.turn)? else { return Ok(cut) };
        let before = "SELECT id, hash, day, sequence_last FROM turn WHERE id = ?1";
        let before = transaction.query_row(before, [unkept - 1], cut_of).optional()?;
        if let Some(cut) = before {
            return Ok(cut);
        }
    }
    condensed(transaction, to)
}

/// The last condensed day that ended before the entry.
fn condensed(transaction: &Transaction<'_>, to: Sequence) -> rusqlite::Result<Cut> {
    let first_logged: i64 =
        transaction.query_row("SELECT coalesce(min(id), 0) FROM turn", [], |row| row.get(0))?;
    let mut query = transaction
        .prepare("SELECT turn_last, hash_last, day FROM chain_day ORDER BY turn_first DESC")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (turn, hash, day): (i64, Hash, i32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Where a condensed day ends no row says; the minute after its last one does.
        let sequence: Option<i64> = if turn + 1 == first_logged {
            let next = "SELECT sequence_first - 1 FROM turn WHERE id = ?1";
            transaction.query_row(next, [first_logged], |row| row.get(0)).optional()?
        } else {
            let end = Timestamp::from_utc_day(day + 1).as_ms();
            let moment = "SELECT max(sequence) FROM moment WHERE at <= ?1";
            transaction.query_row(moment, [end], |row| row.get(0))?
        };
        if let Some(sequence) = sequence
            && sequence as u64 <= to.0
        {
            return Ok(Cut { turn, hash, day, sequence: Sequence(sequence as u64) });
        }
    }
    Ok(Cut { turn: 0, hash: GENESIS, day: i32::MIN, sequence: Sequence(0) })
}
