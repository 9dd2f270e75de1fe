//! The hash chain, checked from end to end: every turn, every blob and every archive file.

mod conservation;

pub use conservation::{Conservation, Count};

use crate::acts;
use crate::archive::hash_file;
use crate::blob::Hash;
use crate::chain::{
    self, DayRow, GENESIS, PART_BYTES, Part, TurnHeader, stored_journal_hash, stored_words_hash,
};
use crate::manifest::{ArchiveFile, COLUMNS};
use crate::record::Damage;
use crate::repair::is_inside;
use crate::{ARCHIVE, DATABASE, Error, Reader, tidy};
use model::{Sequence, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;

/// What a check of the chain found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainReport {
    /// Days of arrival of which one row is left.
    pub days: u64,
    /// Turns in the log.
    pub turns: u64,
    /// Blobs and journals whose hash is the one their turn gives.
    pub parts: u64,
    /// Archive files whose hash is the one the manifest gives.
    pub files: u64,
    /// Where the chain does not hold.
    pub problems: Vec<Damage>,
    /// The hash of the newest turn: who keeps it can prove later that nothing before it changed.
    pub head: [u8; 32],
}

impl Reader {
    /// Checks the hash chain of the log, what is left of it in the log, and all files of the archive.
    /// Reads everything: takes about a second for each gigabyte.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verify_chain(&self) -> Result<ChainReport, Error> {
        let archive = self.shared.dir.join(ARCHIVE);
        self.shared.query("check the hash chain", |connection| {
            // One snapshot for all queries: turns may be written meanwhile.
            let connection = connection.unchecked_transaction()?;
            let mut report = ChainReport::default();
            let last = check_days(&connection, &mut report)?;
            check_older_blobs(&connection, last.0, &mut report)?;
            check_turns(&connection, last, &mut report)?;
            check_files(&connection, &archive, &mut report)?;
            Ok(report)
        })
    }
}

impl ChainReport {
    /// The hash of the newest turn as people write it down.
    pub fn head_text(&self) -> String {
        blake3::Hash::from_bytes(self.head).to_string()
    }

    fn problem(&mut self, what: &str, why: &str) {
        self.problems.push(Damage { what: format!("{DATABASE}, {what}"), why: why.to_owned() });
    }
}

/// Checks the rows of condensed days; gives number and hash of the last turn in them.
fn check_days(connection: &Connection, report: &mut ChainReport) -> rusqlite::Result<(i64, Hash)> {
    let mut query = connection.prepare(
        "SELECT turn_first, turn_last, day, readings, frames, hash_last, journal, hash \
         FROM chain_day ORDER BY turn_first",
    )?;
    let mut rows = query.query([])?;
    let (mut previous, mut last) = (GENESIS, (0, GENESIS));
    while let Some(row) = rows.next()? {
        let day = DayRow {
            turn_first: row.get(0)?,
            turn_last: row.get(1)?,
            day: row.get(2)?,
            readings: row.get::<_, i64>(3)? as u64,
            frames: row.get::<_, i64>(4)? as u64,
            hash_last: row.get(5)?,
            journal: row.get(6)?,
        };
        let stored: Hash = row.get(7)?;
        let what = format!("chain_day of turns {}..={}", day.turn_first, day.turn_last);
        if day.turn_first != last.0 + 1 {
            report.problem(&what, "turns before it are missing");
        }
        if day.hash(&previous) != stored {
            report.problem(&what, "its hash does not follow from the row before it");
        }
        if stored_words_hash(connection, day.turn_first, day.turn_last)? != day.journal {
            report.problem(&what, "its lines of the journal or its acts were changed");
        }
        report.days += 1;
        previous = stored;
        last = (day.turn_last, day.hash_last);
    }
    Ok(last)
}

/// Checks blobs of condensed turns, for days that are still open, by the hash beside them.
fn check_older_blobs(
    connection: &Connection,
    turn_last: i64,
    report: &mut ChainReport,
) -> rusqlite::Result<()> {
    let mut query =
        connection.prepare("SELECT id, hash, bytes FROM readings_blob WHERE turn <= ?1")?;
    let mut rows = query.query([turn_last])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, Hash>(1)? == *blake3::hash(row.get_ref(2)?.as_blob()?).as_bytes() {
            report.parts += 1;
        } else {
            let what = format!("readings_blob {}", row.get::<_, i64>(0)?);
            report.problem(&what, "its bytes were changed");
        }
    }
    Ok(())
}

fn check_turns(
    connection: &Connection,
    (mut turn, mut previous): (i64, Hash),
    report: &mut ChainReport,
) -> rusqlite::Result<()> {
    let mut query = connection.prepare(
        "SELECT id, at, day, sequence_first, sequence_last, readings, frames, content, hash \
         FROM turn ORDER BY id",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (header, stored) = (header(row)?, row.get::<_, Hash>(8)?);
        if header.id != turn + 1 {
            report.problem(&format!("turn {}", header.id), "turns before it are missing");
        }
        if header.hash(&previous) != stored {
            report.problem(
                &format!("turn {}", header.id),
                "its hash does not follow from the turn before it",
            );
        }
        check_parts(connection, &header, report)?;
        report.turns += 1;
        (turn, previous) = (header.id, stored);
    }
    report.head = previous;
    Ok(())
}

fn header(row: &Row<'_>) -> rusqlite::Result<TurnHeader> {
    let unsigned = |column| row.get::<_, i64>(column).map(|number| number as u64);
    Ok(TurnHeader {
        id: row.get(0)?,
        at: Timestamp::from_ms(row.get(1)?),
        day: row.get(2)?,
        sequence_first: Sequence(unsigned(3)?),
        sequence_last: Sequence(unsigned(4)?),
        readings: unsigned(5)?,
        frames: unsigned(6)?,
        content: row.get(7)?,
    })
}

/// Checks what a turn wrote, as far as it is still in the log.
fn check_parts(
    connection: &Connection,
    turn: &TurnHeader,
    report: &mut ChainReport,
) -> rusqlite::Result<()> {
    let (parts, rest) = turn.content.as_chunks::<PART_BYTES>();
    if !rest.is_empty() {
        report.problem(&format!("turn {}", turn.id), "its list of parts is cut off");
    }
    for part in parts {
        let (&kind, day, hash) = match part {
            [kind, a, b, c, d, hash @ ..] => (kind, i32::from_le_bytes([*a, *b, *c, *d]), hash),
        };
        let what = match Part::of(kind) {
            Some(Part::Readings) => format!("readings of UTC day {day}"),
            Some(Part::Frames) => "frames".to_owned(),
            Some(Part::Journal) => "lines of the journal".to_owned(),
            Some(Part::Acts) => "acts".to_owned(),
            None => "a part of no known kind".to_owned(),
        };
        let what = format!("turn {}: {what}", turn.id);
        match found(connection, turn, Part::of(kind), day)? {
            Some(found) if found == *hash => report.parts += 1,
            Some(_) => report.problem(&what, "they were changed"),
            None if is_elsewhere(connection, turn, Part::of(kind), day)? => {}
            None => report.problem(&what, "they are gone"),
        }
    }
    Ok(())
}

/// The hash of a part of a turn, if it is in the log.
fn found(
    connection: &Connection,
    turn: &TurnHeader,
    part: Option<Part>,
    day: i32,
) -> rusqlite::Result<Option<Hash>> {
    let query = match part {
        Some(Part::Readings) => "SELECT bytes FROM readings_blob WHERE day = ?2 AND turn = ?1",
        Some(Part::Frames) => {
            "SELECT bytes FROM frames_blob WHERE turn = ?1 AND day = ?2 AND sequence_first >= ?3 \
             ORDER BY sequence_first LIMIT 1"
        }
        Some(Part::Journal) => {
            return stored_journal_hash(connection, turn.id, turn.id).map(Some);
        }
        Some(Part::Acts) => return acts::stored_hash(connection, turn.id, turn.id),
        None => return Ok(None),
    };
    let mut query = connection.prepare_cached(query)?;
    let hash = |row: &Row<'_>| Ok(*blake3::hash(row.get_ref(0)?.as_blob()?).as_bytes());
    if part == Some(Part::Frames) {
        return query.query_row((turn.id, day, turn.sequence_first.0 as i64), hash).optional();
    }
    query.query_row((turn.id, day), hash).optional()
}

/// The first turn up to `turn_last` of which a part is neither in the log nor elsewhere.
pub fn first_unkept(connection: &Connection, turn_last: i64) -> rusqlite::Result<Option<i64>> {
    let mut query = connection.prepare(
        "SELECT id, at, day, sequence_first, sequence_last, readings, frames, content, hash \
         FROM turn WHERE id <= ?1 ORDER BY id",
    )?;
    let mut rows = query.query([turn_last])?;
    while let Some(row) = rows.next()? {
        let turn = header(row)?;
        for [kind, a, b, c, d, ..] in turn.content.as_chunks::<PART_BYTES>().0 {
            let (part, day) = (Part::of(*kind), i32::from_le_bytes([*a, *b, *c, *d]));
            let is_kept = found(connection, &turn, part, day)?.is_some()
                || is_elsewhere(connection, &turn, part, day)?;
            if !is_kept {
                return Ok(Some(turn.id));
            }
        }
    }
    Ok(None)
}

/// Whether a part that is not in the log was sealed, or put aside as damaged.
fn is_elsewhere(
    connection: &Connection,
    turn: &TurnHeader,
    part: Option<Part>,
    day: i32,
) -> rusqlite::Result<bool> {
    let (source, kinds) = match part {
        Some(Part::Readings) => ("readings_blob", "kind < 3 AND day = ?2 AND sequence_max >= ?3"),
        Some(Part::Frames) => ("frames_blob", "kind = 3 AND sequence_max >= ?3"),
        _ => return Ok(false),
    };
    let query = format!(
        "SELECT EXISTS (SELECT 1 FROM manifest WHERE {kinds}) \
         OR EXISTS (SELECT 1 FROM damaged_blob WHERE source = '{source}' AND turn = ?1 AND day = ?2)"
    );
    let sequence = turn.sequence_first.0 as i64;
    connection.prepare_cached(&query)?.query_row((turn.id, day, sequence), |row| row.get(0))
}

fn check_files(
    connection: &Connection,
    archive: &Path,
    report: &mut ChainReport,
) -> rusqlite::Result<()> {
    let query = format!("SELECT {COLUMNS}, log_hash, chain FROM manifest ORDER BY id");
    let mut query = connection.prepare(&query)?;
    let mut rows = query.query([])?;
    let mut previous = GENESIS;
    let retired = tidy::retired(connection)?;
    while let Some(row) = rows.next()? {
        let file = ArchiveFile::from_row(row)?;
        let (log, stored): (Hash, Hash) = (row.get(14)?, row.get(15)?);
        if chain::file_hash(&previous, &file, &log, retired.by(file.id)) != stored {
            report.problem(
                &format!("manifest row {} ({})", file.id, file.path),
                "its hash does not follow from the row before it",
            );
        }
        previous = stored;
        if !is_inside(&file.path) {
            let why = "its path in the manifest leads out of the archive".to_owned();
            report.problems.push(Damage { what: file.name(), why });
            continue;
        }
        if let Some(act) = retired.files.get(&file.id) {
            if let Some(act) = act
                && !acts::lets_go(connection, *act, &file)?
            {
                let row = format!("manifest row {} ({})", file.id, file.path);
                report.problem(&row, "no act says that its file was let go");
            }
            continue;
        }
        match hash_file(&archive.join(&file.path)) {
            Ok((hash, ..)) if hash == file.hash => report.files += 1,
            Ok(_) => report
                .problems
                .push(Damage { what: file.name(), why: "its bytes were changed".to_owned() }),
            Err(error) => {
                report.problems.push(Damage { what: file.name(), why: error.to_string() });
            }
        }
    }
    Ok(())
}
