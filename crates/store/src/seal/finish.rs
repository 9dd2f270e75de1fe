//! The last step of sealing: one short transaction, then memory is let go.

use super::{Sealed, Taken};
use crate::blob::Hash;
use crate::chain::{self, GENESIS};
use crate::hot::Extent;
use crate::manifest::ArchiveFile;
use crate::record::Damage;
use crate::store::Head;
use crate::{Error, Store, aside};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::sync::Arc;

impl Store {
    /// Lists written files in the manifest and drops what they hold from log and memory.
    ///
    /// # Errors
    /// When the log changed under the plan (the day was sealed meanwhile), or the disk refuses. The
    /// day stays in the log then, and the files are removed at the next start.
    pub fn seal_finish(&mut self, sealed: Sealed) -> Result<(), Error> {
        let path = self.shared.database_path();
        let database = |attempt| Error::database(attempt, &path);
        let Sealed { plan, frames_until, mut files, extents, readings, frames } = sealed;
        let transaction = self.connection.transaction().map_err(database("begin to seal a day"))?;
        let counts = blobs_left(&transaction, plan.day, plan.turn, frames_until)
            .map_err(database("count what is sealed"))?;
        if counts != (readings.blobs, frames.blobs) {
            return Err(Error::BadRecord(format!(
                "UTC day {} was sealed by somebody else meanwhile",
                plan.day
            )));
        }
        let write = |files: &mut [ArchiveFile]| -> rusqlite::Result<(Vec<Damage>, i64)> {
            // Dropping comes first: on a full disk the rest writes into the space that it frees.
            let damage = put_aside(&transaction, &readings, &frames)?;
            drop_blobs(&transaction, plan.day, plan.turn, frames_until)?;
            register(&transaction, files, &self.head, &[])?;
            keep_extents(&transaction, &extents)?;
            condense(&transaction, plan.day, frames_until)?;
            let left = "SELECT coalesce(sum(count), 0) FROM readings_blob WHERE day = ?1";
            Ok((damage, transaction.query_row(left, [plan.day], |row| row.get(0))?))
        };
        let (damage, left) = write(&mut files).map_err(database("list a sealed day"))?;
        // Who misses a blob in the database waits here and then finds the file in the view.
        let mut view = self.shared.view_mut();
        transaction.commit().map_err(database("seal a day"))?;
        let manifest = Arc::make_mut(&mut view.manifest);
        for file in files {
            manifest.add(file);
        }
        view.hot.release(plan.day, plan.sequence, left as u64);
        if !readings.damaged.is_empty() {
            view.lost_days.insert(plan.day);
        }
        drop(view);
        self.shared.damage().known.extend(damage);
        Ok(())
    }
}

/// Blobs of readings and of frames that a plan covers.
fn blobs_left(
    connection: &Connection,
    day: i32,
    turn: i64,
    frames_until: i64,
) -> rusqlite::Result<(u64, u64)> {
    let readings = "SELECT count(*) FROM readings_blob WHERE day = ?1 AND turn <= ?2";
    let readings: i64 = connection.query_row(readings, (day, turn), |row| row.get(0))?;
    let frames = "SELECT count(*) FROM frames_blob WHERE turn <= ?1";
    let frames: i64 = connection.query_row(frames, [frames_until], |row| row.get(0))?;
    Ok((readings as u64, frames as u64))
}

fn put_aside(
    transaction: &Transaction<'_>,
    readings: &Taken,
    frames: &Taken,
) -> rusqlite::Result<Vec<Damage>> {
    let mut damage = vec![];
    for (id, why) in &readings.damaged {
        damage.push(aside::readings_blob(transaction, *id, why)?);
    }
    for (first, why) in &frames.damaged {
        damage.push(aside::frames_blob(transaction, *first, why)?);
    }
    Ok(damage)
}

/// Writes files into the manifest, each chained to the one before and to the log as it is now; the first
/// one also to the rows whose files they replace.
pub fn register(
    transaction: &Transaction<'_>,
    files: &mut [ArchiveFile],
    head: &Head,
    replaces: &[i64],
) -> rusqlite::Result<()> {
    let mut replaces = replaces;
    let last = "SELECT chain FROM manifest ORDER BY id DESC LIMIT 1";
    let last: Option<Hash> = transaction.query_row(last, [], |row| row.get(0)).optional()?;
    let mut chain = last.unwrap_or(GENESIS);
    for file in files {
        chain = chain::file_hash(&chain, file, &head.hash, std::mem::take(&mut replaces));
        transaction
            .prepare_cached(
                "INSERT INTO manifest (path, kind, day, rows, bytes, datastream_min, \
                 datastream_max, time_min, time_max, sequence_min, sequence_max, hash, blocks, \
                 log_hash, chain) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .execute(params![
                file.path,
                file.kind as u8,
                file.day,
                file.rows as i64,
                file.bytes as i64,
                file.datastreams.0.0,
                file.datastreams.1.0,
                file.times.0.as_ms(),
                file.times.1.as_ms(),
                file.sequences.0.0 as i64,
                file.sequences.1.0 as i64,
                &file.hash[..],
                &file.blocks[..],
                &head.hash[..],
                &chain[..]
            ])?;
        file.id = transaction.last_insert_rowid();
    }
    Ok(())
}

/// Notes oldest instant and newest reading of each datastream, so that a start need not read the
/// archive to know them.
fn keep_extents(transaction: &Transaction<'_>, extents: &[Extent]) -> rusqlite::Result<()> {
    let mut put = transaction.prepare_cached(
        "INSERT INTO series (datastream, time_first, time, value, flag, sequence) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (datastream) DO UPDATE SET time_first = min(time_first, excluded.time_first)",
    )?;
    let mut renew = transaction.prepare_cached(
        "UPDATE series SET time = ?2, value = ?3, flag = ?4, sequence = ?5 \
         WHERE datastream = ?1 AND (time, sequence) <= (?2, ?5)",
    )?;
    for Extent { first, latest } in extents {
        let (datastream, time) = (latest.datastream.0, latest.time.as_ms());
        let value = latest.value.unwrap_or(0.0).to_bits() as i64;
        let (flag, sequence) = (latest.flag.bits(), latest.sequence.0 as i64);
        put.execute((datastream, first.as_ms(), time, value, flag, sequence))?;
        renew.execute((datastream, time, value, flag, sequence))?;
    }
    Ok(())
}

fn drop_blobs(
    transaction: &Transaction<'_>,
    day: i32,
    turn: i64,
    frames_until: i64,
) -> rusqlite::Result<()> {
    let readings = "DELETE FROM readings_blob WHERE day = ?1 AND turn <= ?2";
    transaction.execute(readings, (day, turn))?;
    transaction.execute("DELETE FROM frames_blob WHERE turn <= ?1", [frames_until])?;
    Ok(())
}

/// Replaces the turns of closed days of arrival, which have nothing left in the log, by one row a day:
/// a turn's row costs as much as forty archived readings.
fn condense(transaction: &Transaction<'_>, day: i32, turn: i64) -> rusqlite::Result<()> {
    // The newest turn stays, whatever its day: the next one is chained to it.
    let days = "SELECT min(day, ?1) AS closed, min(id), max(id), sum(readings), sum(frames) \
                FROM turn WHERE id <= ?2 AND id < (SELECT max(id) FROM turn) \
                GROUP BY closed ORDER BY closed";
    let days: Vec<chain::DayRow> = transaction
        .prepare_cached(days)?
        .query_map((day, turn), |row| {
            Ok(chain::DayRow {
                day: row.get(0)?,
                turn_first: row.get(1)?,
                turn_last: row.get(2)?,
                readings: row.get::<_, i64>(3)? as u64,
                frames: row.get::<_, i64>(4)? as u64,
                hash_last: GENESIS,
                journal: GENESIS,
            })
        })?
        .collect::<Result<_, _>>()?;
    for mut row in days {
        let hash = "SELECT hash FROM turn WHERE id = ?1";
        row.hash_last = transaction.query_row(hash, [row.turn_last], |row| row.get(0))?;
        row.journal = chain::stored_words_hash(transaction, row.turn_first, row.turn_last)?;
        let last = "SELECT hash FROM chain_day ORDER BY turn_last DESC LIMIT 1";
        let last: Option<Hash> = transaction.query_row(last, [], |row| row.get(0)).optional()?;
        let hash = row.hash(&last.unwrap_or(GENESIS));
        transaction.execute(
            "INSERT INTO chain_day (turn_first, turn_last, day, readings, frames, hash_last, \
             journal, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.turn_first,
                row.turn_last,
                row.day,
                row.readings as i64,
                row.frames as i64,
                &row.hash_last[..],
                &row.journal[..],
                &hash[..]
            ],
        )?;
        transaction.execute(
            "INSERT OR IGNORE INTO moment (at, sequence) \
             SELECT max(at), max(sequence_last) FROM turn WHERE id <= ?1 GROUP BY at / 60000",
            [row.turn_last],
        )?;
        transaction.execute("DELETE FROM turn WHERE id <= ?1", [row.turn_last])?;
    }
    Ok(())
}
