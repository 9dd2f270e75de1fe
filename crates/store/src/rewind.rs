//! Back to an earlier moment: of a copy, everything that came after an entry of the log is dropped.
//!
//! Turns and files that lie wholly before the entry stay as they are. What stands together with later
//! entries (a blob, a file of the archive, a condensed day) is taken apart: its part up to the entry goes
//! back into the log as one new turn, chained to the last that stayed, which says in the journal what was
//! done. So the chain verifies, the ledger counts what is there, and the directory answers what the one it
//! was copied from answers *as of* that entry.

mod gather;

use crate::blob::{Hash, device_number, encode_frames, encode_readings};
use crate::chain::{self, GENESIS, Part, TurnHeader};
use crate::lock::Lock;
use crate::manifest::{ArchiveFile, COLUMNS};
use crate::record::{FrameRecord, FrameView, JournalEntry};
use crate::repair::{rebuild_series, renew_registry};
use crate::{DATABASE, Error, Limits, Reader, acts, database, register};
use gather::{Gathered, gather};
use model::{Counted, Disposition, HOUR_MS, Reading, Sequence, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::path::Path;
use zstd::bulk::Compressor;

/// What a directory was brought back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewound {
    /// The newest entry that is left.
    pub sequence: Sequence,
    /// About when it was written: to the end of the minute where its day is condensed.
    pub at: Timestamp,
    /// Readings that were dropped, derived ones too.
    pub readings: u64,
    /// Frames that were dropped.
    pub frames: u64,
    /// Archive files that were dropped or taken apart.
    pub files: u64,
}

/// The end of what stays as it is: the last turn, its hash, the first sequence after it.
#[derive(Clone, Copy)]
struct Cut {
    turn: i64,
    hash: Hash,
    day: i32,
    sequence: Sequence,
}

/// Drops everything after an entry of the log, of a directory that no server uses. To be done on a copy:
/// what is dropped is gone. `now` goes into the journal.
///
/// # Errors
/// When a server uses the directory, a file of it that is to be taken apart is damaged, or the disk
/// refuses; nothing was dropped then.
pub fn rewind(
    dir: &Path,
    to: Sequence,
    now: Timestamp,
    limits: Limits,
) -> Result<Option<Rewound>, Error> {
    let path = dir.join(DATABASE);
    let database = |attempt| Error::database(attempt, &path);
    let _lock = Lock::take(dir)?;
    let mut connection = database::open_writer(&path, &limits)?;
    let newest = newest(&connection).map_err(database("read the newest turn"))?;
    if to >= newest {
        return Ok(None);
    }
    let at = instant_of(&connection, to).map_err(database("find when an entry was written"))?;
    let reader = Reader::look(dir, limits)?;
    let gathered = gather(&reader, &connection, to)?;
    let done = rewrite(&mut connection, &reader, gathered, (to, at), now, &limits);
    done.map_err(|failure| match failure {
        Failure::Sql(error) => Error::database("drop what came later", &path)(error),
        Failure::Other(error) => error,
    })
}

enum Failure {
    Sql(rusqlite::Error),
    Other(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

fn newest(connection: &Connection) -> rusqlite::Result<Sequence> {
    let query = "SELECT coalesce(max(sequence_last), 0) FROM turn";
    connection.query_row(query, [], |row| Ok(Sequence(row.get::<_, i64>(0)? as u64)))
}

/// When an entry was written.
fn instant_of(connection: &Connection, sequence: Sequence) -> rusqlite::Result<Timestamp> {
    let number = sequence.0 as i64;
    let turn = "SELECT at FROM turn WHERE sequence_first <= ?1 AND sequence_last <= ?1 \
                ORDER BY id DESC LIMIT 1";
    let moment = "SELECT at FROM moment WHERE sequence <= ?1 ORDER BY sequence DESC LIMIT 1";
    for query in [turn, moment] {
        let found = connection.query_row(query, [number], |row| row.get(0)).optional()?;
        if let Some(at) = found {
            return Ok(Timestamp::from_ms(at));
        }
    }
    Ok(Timestamp::from_ms(0))
}

fn rewrite(
    connection: &mut Connection,
    reader: &Reader,
    gathered: Gathered,
    (to, at): (Sequence, Timestamp),
    now: Timestamp,
    limits: &Limits,
) -> Result<Option<Rewound>, Failure> {
    let transaction = connection.transaction()?;
    for file in &gathered.dropped {
        transaction.execute("DELETE FROM manifest WHERE id = ?1", [file.id])?;
    }
    let cut = gather::cut(&transaction, to)?;
    let rewound = Rewound {
        sequence: to,
        at,
        readings: gathered.readings_dropped(),
        frames: gathered.frames_dropped.len() as u64,
        files: gathered.dropped.len() as u64,
    };
    reduce_ledger(&transaction, &gathered, to, at)?;
    let turn = restore(&transaction, gathered, cut, (to, at), now, limits)?;
    let datastreams = shorten(&transaction, cut, to, turn.0)?;
    rechain(&transaction, &turn.1)?;
    rebuild_series(&transaction, reader, datastreams).map_err(Failure::Other)?;
    transaction.commit()?;
    Ok(Some(rewound))
}

/// Takes from the ledger what is dropped. What was counted and not kept (duplicates, readings of rejected
/// frames) goes with the hours after that of the entry; within its hour nobody knows before or after.
fn reduce_ledger(
    transaction: &Transaction<'_>,
    gathered: &Gathered,
    to: Sequence,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let mut less = transaction.prepare(
        "UPDATE ledger SET count = count - ?6 \
         WHERE hour = ?1 AND device = ?2 AND unit = ?3 AND disposition = ?4 AND reason = ?5",
    )?;
    for ((hour, device, unit, disposition, reason), count) in gathered.uncounted(to) {
        let device = device_number(device);
        less.execute(params![
            hour.as_ms(),
            device,
            unit as u8,
            disposition as u8,
            reason as u8,
            count as i64
        ])?;
    }
    drop(less);
    let (frame, reading) = (Counted::Frame as u8, Counted::Reading as u8);
    let (stored, duplicate) = (Disposition::Stored as u8, Disposition::Duplicate as u8);
    transaction.execute(
        "DELETE FROM ledger WHERE count <= 0 OR (hour > ?1 AND \
         ((unit = ?2 AND disposition = ?3) OR (unit = ?4 AND disposition <> ?5)))",
        params![at.floor(HOUR_MS).as_ms(), frame, duplicate, reading, stored],
    )?;
    Ok(())
}

/// Puts what was gathered into the log as one turn; its number and hash.
fn restore(
    transaction: &Transaction<'_>,
    gathered: Gathered,
    cut: Cut,
    (to, at): (Sequence, Timestamp),
    now: Timestamp,
    limits: &Limits,
) -> Result<(i64, Hash), Failure> {
    let mut zstd = Compressor::new(limits.log_zstd_level).map_err(io)?;
    let (readings, frames) = gathered.kept(transaction, cut.turn, to).map_err(Failure::Other)?;
    // A file that was taken apart may hold entries of turns that stay.
    let entries = frames.iter().map(|frame| frame.sequence);
    let entries = entries.chain(readings.iter().map(|reading| reading.sequence));
    let next = Sequence(cut.sequence.0 + 1);
    let first = entries.min().map_or(next, |entry| entry.min(next));
    let mut turn = TurnHeader {
        id: cut.turn + 1,
        at,
        day: at.utc_day().max(cut.day),
        sequence_first: first,
        sequence_last: to,
        readings: readings.len() as u64,
        frames: frames.len() as u64,
        content: vec![],
    };
    let later = |table: &str| format!("DELETE FROM {table} WHERE turn > ?1");
    for table in ["readings_blob", "frames_blob", "damaged_blob"] {
        transaction.execute(&later(table), [cut.turn])?;
    }
    put_readings(transaction, &mut turn, &readings, &mut zstd)?;
    put_frames(transaction, &mut turn, &frames, &mut zstd)?;
    words(transaction, &mut turn, cut, to, now)?;
    let hash = turn.hash(&cut.hash);
    transaction.execute("DELETE FROM turn WHERE id > ?1", [cut.turn])?;
    transaction.execute(
        "INSERT INTO turn \
         (id, at, day, sequence_first, sequence_last, readings, frames, content, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            turn.id,
            turn.at.as_ms(),
            turn.day,
            turn.sequence_first.0 as i64,
            turn.sequence_last.0 as i64,
            turn.readings as i64,
            turn.frames as i64,
            &turn.content[..],
            &hash[..]
        ],
    )?;
    Ok((turn.id, hash))
}

/// Writes readings as blobs of the turn.
fn put_readings(
    transaction: &Transaction<'_>,
    turn: &mut TurnHeader,
    readings: &[Reading],
    zstd: &mut Compressor<'_>,
) -> Result<(), Failure> {
    for day in readings.chunk_by(|a, b| a.time.utc_day() == b.time.utc_day()) {
        let blob = encode_readings(day, zstd).map_err(io)?;
        let number = day[0].time.utc_day();
        let times = || day.iter().map(|reading| reading.time.as_ms());
        transaction.execute(
            "INSERT INTO readings_blob (turn, day, count, time_min, time_max, hash, bytes) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                turn.id,
                number,
                day.len() as i64,
                times().min(),
                times().max(),
                &blob.hash[..],
                &blob.bytes[..]
            ],
        )?;
        turn.push(Part::Readings, number, &blob.hash);
    }
    Ok(())
}

/// Writes frames as the blob of the turn.
fn put_frames(
    transaction: &Transaction<'_>,
    turn: &mut TurnHeader,
    frames: &[FrameView],
    zstd: &mut Compressor<'_>,
) -> Result<(), Failure> {
    if let (Some(first), Some(last)) = (frames.first(), frames.last()) {
        let (mut raw, mut records) = (vec![], vec![]);
        for frame in frames {
            let start = raw.len();
            raw.extend_from_slice(&frame.raw);
            records.push(FrameRecord {
                sequence: frame.sequence,
                received_at: frame.received_at,
                device: frame.device,
                stranger: frame.stranger.clone(),
                disposition: frame.disposition,
                reason: frame.reason,
                raw: start..raw.len(),
            });
        }
        let blob = encode_frames(&records, &raw, zstd).map_err(io)?;
        transaction.execute(
            "INSERT INTO frames_blob \
             (sequence_first, sequence_last, turn, day, count, hash, bytes) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                first.sequence.0 as i64,
                last.sequence.0 as i64,
                turn.id,
                turn.day,
                frames.len() as i64,
                &blob.hash[..],
                &blob.bytes[..]
            ],
        )?;
        let day = turn.day;
        turn.push(Part::Frames, day, &blob.hash);
    }
    Ok(())
}

/// What compression says.
fn io(error: std::io::Error) -> Failure {
    Failure::Sql(rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Keeps the lines of the journal and the acts up to the entry, as those of the new turn.
fn words(
    transaction: &Transaction<'_>,
    turn: &mut TurnHeader,
    cut: Cut,
    to: Sequence,
    now: Timestamp,
) -> rusqlite::Result<()> {
    // Of turns that are condensed only the instants of their lines are left.
    transaction.execute(
        "DELETE FROM journal WHERE turn > ?1 AND NOT \
         (turn IN (SELECT id FROM turn WHERE sequence_last <= ?2) \
          OR (turn NOT IN (SELECT id FROM turn) AND at <= ?3))",
        params![cut.turn, to.0 as i64, turn.at.as_ms()],
    )?;
    transaction.execute("UPDATE journal SET turn = ?2 WHERE turn > ?1", [cut.turn, turn.id])?;
    let line = JournalEntry {
        at: now,
        kind: "restore".to_owned(),
        device: None,
        text: format!("restored to entry {to} of the log; what came after it was dropped"),
    };
    transaction.execute(
        "INSERT INTO journal (turn, at, kind, device, text) VALUES (?1, ?2, ?3, -1, ?4)",
        params![turn.id, line.at.as_ms(), line.kind, line.text],
    )?;
    let hash = chain::stored_journal_hash(transaction, turn.id, turn.id)?;
    let day = turn.day;
    turn.push(Part::Journal, day, &hash);
    transaction.execute("DELETE FROM act WHERE sequence > ?1", [to.0 as i64])?;
    transaction.execute("UPDATE act SET turn = ?2 WHERE turn > ?1", [cut.turn, turn.id])?;
    if let Some(hash) = acts::stored_hash(transaction, turn.id, turn.id)? {
        turn.push(Part::Acts, day, &hash);
    }
    Ok(())
}

/// Drops what tables without a chain say of later entries; how many datastreams are left.
fn shorten(
    transaction: &Transaction<'_>,
    cut: Cut,
    to: Sequence,
    turn: i64,
) -> rusqlite::Result<usize> {
    let number = to.0 as i64;
    transaction.execute("DELETE FROM chain_day WHERE turn_first > ?1", [cut.turn])?;
    transaction.execute("DELETE FROM moment WHERE sequence > ?1", [number])?;
    transaction.execute(
        "DELETE FROM registry WHERE (kind, key) IN \
         (SELECT kind, key FROM revision GROUP BY kind, key HAVING min(sequence) > ?1)",
        [number],
    )?;
    transaction.execute("DELETE FROM revision WHERE sequence > ?1", [number])?;
    transaction.execute("UPDATE revision SET turn = ?1 WHERE turn > ?1", [turn])?;
    renew_registry(transaction)?;
    register::drop_orphans(transaction)
}

/// The files that a file took the place of.
fn replaced_by(transaction: &Transaction<'_>, file: i64) -> rusqlite::Result<Vec<i64>> {
    let query = "SELECT file FROM retired WHERE replaced = ?1 ORDER BY file";
    transaction.prepare_cached(query)?.query_map([file], |row| row.get(0))?.collect()
}

/// Chains the files that are left anew.
fn rechain(transaction: &Transaction<'_>, head: &Hash) -> rusqlite::Result<()> {
    let query = format!("SELECT {COLUMNS}, log_hash, chain FROM manifest ORDER BY id");
    let mut query = transaction.prepare(&query)?;
    let mut rows = query.query([])?;
    let (mut previous, mut is_changed) = (GENESIS, false);
    while let Some(row) = rows.next()? {
        let file = ArchiveFile::from_row(row)?;
        let (mut log, stored): (Hash, Hash) = (row.get(14)?, row.get(15)?);
        let replaces = replaced_by(transaction, file.id)?;
        // From the first gap on the turn that dropped the others is the witness.
        is_changed |= chain::file_hash(&previous, &file, &log, &replaces) != stored;
        if is_changed {
            log = *head;
        }
        previous = chain::file_hash(&previous, &file, &log, &replaces);
        transaction.execute(
            "UPDATE manifest SET log_hash = ?2, chain = ?3 WHERE id = ?1",
            params![file.id, &log[..], &previous[..]],
        )?;
    }
    Ok(())
}
