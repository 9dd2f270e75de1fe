//! The start: everything held in memory is rebuilt from the files; what is damaged is put aside.

use crate::blob::{BlobError, Hash, decode_readings};
use crate::chain::GENESIS;
use crate::record::Recovery;
use crate::store::Head;
use crate::view::View;
use crate::{DATABASE, Error, aside, register, tidy};
use model::{DatastreamId, Flag, Quality, Reading, Sequence, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;
use zstd::bulk::Decompressor;

/// Readings whose blobs are decoded side by side before they are applied: bounds the memory of a start.
const WINDOW_READINGS: usize = 1 << 20;

pub struct Found {
    pub view: View,
    pub head: Head,
    pub recovery: Recovery,
}

/// One blob of readings as it lies in the log.
struct Row {
    id: i64,
    day: i32,
    count: usize,
    hash: Vec<u8>,
    bytes: Vec<u8>,
}

impl Row {
    /// Whether the columns beside the blob say of it what is in it.
    fn is_of(&self, readings: &[Reading]) -> bool {
        readings.len() == self.count
            && readings.iter().all(|reading| reading.time.utc_day() == self.day)
    }
}

/// Reads the database. Writes only to put damaged blobs aside.
pub fn recover(connection: &Connection, dir: &Path) -> Result<Found, Error> {
    let path = dir.join(DATABASE);
    let database = |attempt| Error::database(attempt, &path);
    let mut view = View::default();
    let mut recovery = Recovery::default();
    let registry = register::load(connection).map_err(database("read the registry"))?;
    view.change_registry(registry);
    let head = load_head(connection).map_err(database("read the newest turn"))?;
    recovery.turns = head.turn as u64;
    recovery.frames = count(connection, "SELECT coalesce(sum(count), 0) FROM frames_blob")
        .map_err(database("count the frames"))?;
    let listed = tidy::load_manifest(connection).map_err(database("read the manifest"))?;
    recovery.garbage_removed = tidy::remove_garbage(dir, &listed.manifest)?;
    recovery.archive_files = listed.manifest.files().count() as u64;
    recovery.damaged =
        tidy::check_files(connection, dir, &listed).map_err(database("mark damaged files"))?;
    recovery.damaged.extend(listed.broken);
    view.manifest = Arc::new(listed.manifest);
    load_extents(connection, &mut view).map_err(database("read the newest readings"))?;
    load_readings(connection, &path, &mut view, &mut recovery)?;
    recovery.damaged.extend(aside::known(connection).map_err(database("read known damage"))?);
    view.lost_days = aside::lost_days(connection).map_err(database("read known damage"))?;
    Ok(Found { view, head, recovery })
}

/// What sealed days left in memory: the oldest instant and the newest reading of each datastream.
pub fn load_extents(connection: &Connection, view: &mut View) -> rusqlite::Result<()> {
    let query = "SELECT datastream, time_first, time, value, flag, sequence FROM series";
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([], |row| {
        let flag = Flag::from_bits(row.get(4)?);
        let value = f64::from_bits(row.get::<_, i64>(3)? as u64);
        let latest = Reading {
            datastream: DatastreamId(row.get(0)?),
            time: Timestamp::from_ms(row.get(2)?),
            value: (flag.quality() != Quality::Missing).then_some(value),
            flag,
            sequence: Sequence(row.get::<_, i64>(5)? as u64),
        };
        Ok((Timestamp::from_ms(row.get(1)?), latest))
    })?;
    for extent in rows {
        let (first, latest) = extent?;
        view.hot.set_extent(first, latest);
    }
    Ok(())
}

fn count(connection: &Connection, query: &str) -> rusqlite::Result<u64> {
    connection.query_row(query, [], |row| Ok(row.get::<_, i64>(0)? as u64))
}

fn load_head(connection: &Connection) -> rusqlite::Result<Head> {
    let newest = connection
        .query_row(
            "SELECT id, hash, day, sequence_last FROM turn ORDER BY id DESC LIMIT 1",
            [],
            |row| {
                Ok(Head {
                    turn: row.get(0)?,
                    hash: row.get::<_, Hash>(1)?,
                    day: row.get(2)?,
                    sequence: Sequence(row.get::<_, i64>(3)? as u64),
                })
            },
        )
        .optional()?;
    Ok(newest.unwrap_or(Head { turn: 0, hash: GENESIS, day: i32::MIN, sequence: Sequence(0) }))
}

/// Brings all readings of the log back to memory, in the order in which they were written.
fn load_readings(
    connection: &Connection,
    path: &Path,
    view: &mut View,
    recovery: &mut Recovery,
) -> Result<(), Error> {
    let keys = || -> rusqlite::Result<Vec<(i64, usize)>> {
        let mut query = connection.prepare("SELECT id, count FROM readings_blob ORDER BY id")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)))?;
        rows.collect()
    };
    let keys = keys().map_err(Error::database("list the readings of the log", path))?;
    let mut start = 0;
    while start < keys.len() {
        let mut readings = 0;
        let window = keys[start..].iter().take_while(|(_, count)| {
            readings += count;
            readings <= WINDOW_READINGS
        });
        let end = start + window.count().max(1);
        load_window(connection, &keys[start..end], view, recovery)
            .map_err(Error::database("put a damaged blob aside", path))?;
        start = end;
    }
    Ok(())
}

fn load_window(
    connection: &Connection,
    keys: &[(i64, usize)],
    view: &mut View,
    recovery: &mut Recovery,
) -> rusqlite::Result<()> {
    let rows = match load_rows(connection, keys) {
        Ok(rows) => rows,
        // Some page cannot be read: one by one, the others can.
        Err(_) => load_one_by_one(connection, keys)?,
    };
    for (row, readings) in rows.iter().zip(decode_all(&rows)) {
        match readings {
            Ok(readings) if row.is_of(&readings) => {
                recovery.readings += readings.len() as u64;
                view.hot.apply(row.day, &readings);
            }
            Ok(_) => drop(aside::readings_blob(connection, row.id, "its row was changed")?),
            Err(error) => drop(aside::readings_blob(connection, row.id, &error.to_string())?),
        }
    }
    Ok(())
}

fn load_rows(connection: &Connection, keys: &[(i64, usize)]) -> rusqlite::Result<Vec<Row>> {
    let (Some((first, _)), Some((last, _))) = (keys.first(), keys.last()) else {
        return Ok(vec![]);
    };
    let query = "SELECT id, day, count, hash, bytes FROM readings_blob \
                 WHERE id BETWEEN ?1 AND ?2 ORDER BY id";
    connection.prepare_cached(query)?.query_map([first, last], row_of)?.collect()
}

fn load_one_by_one(connection: &Connection, keys: &[(i64, usize)]) -> rusqlite::Result<Vec<Row>> {
    let mut rows = vec![];
    for key in keys {
        match load_rows(connection, std::slice::from_ref(key)) {
            Ok(row) => rows.extend(row),
            Err(error) => drop(aside::readings_blob(connection, key.0, &error.to_string())?),
        }
    }
    Ok(rows)
}

fn row_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: row.get(0)?,
        day: row.get(1)?,
        count: row.get::<_, i64>(2)? as usize,
        hash: row.get(3)?,
        bytes: row.get(4)?,
    })
}

/// Decodes on all cores; the results stand in the order of the rows.
fn decode_all(rows: &[Row]) -> Vec<Result<Vec<Reading>, BlobError>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = rows
            .chunks(rows.len().div_ceil(threads).max(1))
            .map(|chunk| scope.spawn(move || decode_chunk(chunk)))
            .collect();
        let joined = |worker: ScopedJoinHandle<'_, Vec<_>>| {
            // Going on without its results would take good blobs for damaged ones.
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(joined).collect()
    })
}

fn decode_chunk(rows: &[Row]) -> Vec<Result<Vec<Reading>, BlobError>> {
    let mut zstd = Decompressor::new();
    let decode = |row: &Row| match &mut zstd {
        Ok(zstd) => decode_readings(&row.bytes, &row.hash, zstd),
        Err(error) => Err(BlobError::Zstd(io::Error::other(error.to_string()))),
    };
    rows.iter().map(decode).collect()
}
