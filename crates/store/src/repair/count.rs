//! The ledger counted anew, as far as what it counts is kept.

use crate::archive::{read_frames, read_readings};
use crate::blob::{decode_frames, decode_readings, device_number};
use crate::manifest::FileKind;
use crate::record::{FrameFilter, FrameView};
use crate::{Error, Reader, tidy};
use model::{Counted, DatastreamId, Disposition, HOUR_MS, Reason, Sequence, Source, Timestamp};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashMap};
use zstd::bulk::Decompressor;

/// Frames that are counted at most: each is remembered while readings are counted.
const FRAMES_MAX: usize = 50_000_000;

/// Hour, device, unit, disposition, reason.
type Key = (i64, i32, u8, u8, u8);

/// Counts kept frames and stored readings; how many lines of the ledger said otherwise. Duplicates and
/// the readings of rejected frames are not kept, so their counts stay. Nothing changes when a part
/// cannot be read.
pub fn recount(connection: &Connection, reader: &Reader) -> Result<u64, Error> {
    let path = reader.shared.database_path();
    let failed = |error| Error::database("count anew", &path)(error);
    let mut tally = Tally::default();
    let is_whole = tally.log(connection).map_err(failed)? && tally.files(connection, reader)?;
    if !is_whole || tally.hours.len() > FRAMES_MAX {
        return Ok(0);
    }
    write(connection, &tally.counts).map_err(failed)
}

#[derive(Default)]
struct Tally {
    hours: HashMap<Sequence, (i64, i32)>,
    /// Readings by entry of the log, of datastreams that devices send.
    readings: HashMap<Sequence, u64>,
    counts: BTreeMap<Key, u64>,
    sent: Vec<bool>,
}

impl Tally {
    fn log(&mut self, connection: &Connection) -> rusqlite::Result<bool> {
        let Ok(mut zstd) = Decompressor::new() else { return Ok(false) };
        self.sent = sent(connection)?;
        let mut query = connection.prepare("SELECT hash, bytes FROM frames_blob")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (hash, bytes) = (row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?);
            let Ok(index) = decode_frames(bytes, hash) else { return Ok(false) };
            index.frames.iter().for_each(|frame| self.frame(frame));
        }
        let mut query = connection.prepare("SELECT hash, bytes FROM readings_blob")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (hash, bytes) = (row.get_ref(0)?.as_blob()?, row.get_ref(1)?.as_blob()?);
            let Ok(readings) = decode_readings(bytes, hash, &mut zstd) else { return Ok(false) };
            for reading in readings {
                self.reading(reading.datastream, reading.sequence);
            }
        }
        Ok(true)
    }

    fn files(&mut self, connection: &Connection, reader: &Reader) -> Result<bool, Error> {
        let path = reader.shared.database_path();
        let failed = |error| Error::database("read the manifest", &path)(error);
        let listed = tidy::load_manifest(connection).map_err(failed)?.manifest;
        let ids: Vec<_> = (0..self.sent.len() as i32).map(DatastreamId).collect();
        for file in listed.files() {
            let read = if file.kind == FileKind::Frames {
                let all = FrameFilter { limit: usize::MAX, ..FrameFilter::default() };
                let frames = reader.shared.read_file(file, |open| read_frames(open, &all));
                frames.map(|frames| frames.iter().for_each(|frame| self.frame(frame)))
            } else {
                reader.shared.read_file(file, |open| {
                    read_readings(open, &ids, Timestamp::MIN, Timestamp::MAX, |reading| {
                        self.reading(reading.datastream, reading.sequence);
                    })
                })
            };
            if read.is_none() {
                return Ok(false);
            }
        }
        let stored = (Counted::Reading as u8, Disposition::Stored as u8, Reason::None as u8);
        for (sequence, count) in std::mem::take(&mut self.readings) {
            if let Some((hour, device)) = self.hours.get(&sequence) {
                let key = (*hour, *device, stored.0, stored.1, stored.2);
                *self.counts.entry(key).or_default() += count;
            }
        }
        Ok(true)
    }

    fn frame(&mut self, frame: &FrameView) {
        let hour = frame.received_at.floor(HOUR_MS).as_ms();
        let device = device_number(frame.device);
        let kind = (Counted::Frame as u8, frame.disposition as u8, frame.reason as u8);
        *self.counts.entry((hour, device, kind.0, kind.1, kind.2)).or_default() += 1;
        self.hours.insert(frame.sequence, (hour, device));
    }

    fn reading(&mut self, datastream: DatastreamId, sequence: Sequence) {
        if self.sent.get(datastream.0 as usize) == Some(&true) {
            *self.readings.entry(sequence).or_default() += 1;
        }
    }
}

fn sent(connection: &Connection) -> rusqlite::Result<Vec<bool>> {
    let registry = crate::register::load(connection)?;
    let is_sent = |one: &model::Datastream| matches!(one.key.source, Source::Device(_));
    Ok(registry.datastreams.iter().map(is_sent).collect())
}

fn write(connection: &Connection, counts: &BTreeMap<Key, u64>) -> rusqlite::Result<u64> {
    let (frame, reading) = (Counted::Frame as u8, Counted::Reading as u8);
    let (stored, duplicate) = (Disposition::Stored as u8, Disposition::Duplicate as u8);
    let query = "SELECT hour, device, unit, disposition, reason, count FROM ledger \
                 WHERE (unit = ?1 AND disposition <> ?2) OR (unit = ?3 AND disposition = ?4)";
    let found: BTreeMap<Key, u64> = connection
        .prepare(query)?
        .query_map(params![frame, duplicate, reading, stored], |row| {
            let key = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok((key, row.get::<_, i64>(5)? as u64))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut changed = 0;
    let keys: std::collections::BTreeSet<Key> =
        found.keys().chain(counts.keys()).copied().collect();
    for key in keys {
        let (is, was) = (counts.get(&key).copied().unwrap_or(0), found.get(&key).copied());
        // A line that counts nothing is as good as none.
        if is == was.unwrap_or(0) {
            continue;
        }
        changed += 1;
        connection.execute(
            "INSERT INTO ledger (hour, device, unit, disposition, reason, count) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO UPDATE SET count = excluded.count",
            params![key.0, key.1, key.2, key.3, key.4, is as i64],
        )?;
    }
    Ok(changed)
}
