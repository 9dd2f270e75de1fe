//! Acts in the database: what somebody or a rule did, one row each, in the order in which it was done.

use crate::blob::Hash;
use crate::manifest::ArchiveFile;
use crate::record::Known;
use crate::{Error, Limits, Reader};
use model::{Act, ActRow, Sequence, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::ops::Range;

/// The columns that [`act_row`] reads.
const COLUMNS: &str = "sequence, at, kind, key, who, document";

impl Reader {
    /// All acts of a kind, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn acts(&self, kind: &str, known: Known) -> Result<Vec<ActRow>, Error> {
        let query = format!(
            "SELECT {COLUMNS} FROM act WHERE kind = ?1 AND sequence <= ?2 ORDER BY sequence"
        );
        self.shared.query("read acts", |connection| {
            let mut query = connection.prepare_cached(&query)?;
            query.query_map(params![kind, newest(known)], act_row)?.collect()
        })
    }

    /// All acts of a kind that are known now, oldest first, handed over one by one: for those of which there may be more
    /// than should be held at once.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn each_act(&self, kind: &str, mut take: impl FnMut(ActRow)) -> Result<(), Error> {
        let query = format!("SELECT {COLUMNS} FROM act WHERE kind = ?1 ORDER BY sequence");
        self.shared.query("read acts", |connection| {
            let mut query = connection.prepare_cached(&query)?;
            for row in query.query_map([kind], act_row)? {
                take(row?);
            }
            Ok(())
        })
    }

    /// All acts on one thing, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn acts_on(&self, kind: &str, key: &str, known: Known) -> Result<Vec<ActRow>, Error> {
        let query = format!(
            "SELECT {COLUMNS} FROM act WHERE kind = ?1 AND key = ?2 AND sequence <= ?3 \
             ORDER BY sequence"
        );
        self.shared.query("read the acts on something", |connection| {
            let mut query = connection.prepare_cached(&query)?;
            query.query_map(params![kind, key, newest(known)], act_row)?.collect()
        })
    }

    /// Acts of a kind on things whose keys lie in a range, the last key first and of each key the newest act first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn acts_within(
        &self,
        kind: &str,
        keys: &Range<String>,
        known: Known,
        limit: usize,
    ) -> Result<Vec<ActRow>, Error> {
        let query = format!(
            "SELECT {COLUMNS} FROM act WHERE kind = ?1 AND key >= ?2 AND key < ?3 \
             AND sequence <= ?4 ORDER BY key DESC, sequence DESC LIMIT ?5"
        );
        self.shared.query("read the acts on a range of things", |connection| {
            let mut query = connection.prepare_cached(&query)?;
            let wanted = params![kind, keys.start, keys.end, newest(known), limit as i64];
            query.query_map(wanted, act_row)?.collect()
        })
    }

    /// Acts before a sequence, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn acts_before(
        &self,
        before: Sequence,
        filter: &ActFilter,
        limit: usize,
    ) -> Result<Vec<ActRow>, Error> {
        let query = format!(
            "SELECT {COLUMNS} FROM act WHERE sequence < ?1 AND (?2 IS NULL OR kind = ?2) \
             AND (?3 IS NULL OR who = ?3) ORDER BY sequence DESC LIMIT ?4"
        );
        let before = i64::try_from(before.0).unwrap_or(i64::MAX);
        self.shared.query("read acts backwards", |connection| {
            let mut query = connection.prepare_cached(&query)?;
            let wanted = params![before, filter.kind, filter.who, limit as i64];
            query.query_map(wanted, act_row)?.collect()
        })
    }

    /// Acts of every kind after a sequence, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn acts_after(&self, after: Sequence, limit: usize) -> Result<Vec<ActRow>, Error> {
        let query =
            format!("SELECT {COLUMNS} FROM act WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");
        self.shared.query("read the newest acts", |connection| {
            let mut query = connection.prepare_cached(&query)?;
            query.query_map(params![after.0 as i64, limit as i64], act_row)?.collect()
        })
    }
}

/// Which acts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActFilter {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only of this person or rule.
    pub who: Option<String>,
}

/// Whether a turn may keep these acts: numbered in their order within the turn, named, of bounded size.
pub fn check(
    acts: &[ActRow],
    last: Sequence,
    new_last: Sequence,
    limits: &Limits,
) -> Result<(), Error> {
    let max = limits.acts_per_turn_max;
    if acts.len() > max {
        let found = acts.len();
        return Err(Error::TooLarge { what: "acts", found, limit: "acts_per_turn_max", max });
    }
    let mut previous = last;
    for ActRow { sequence, act, .. } in acts {
        if *sequence <= previous || *sequence > new_last {
            let what = format!("act {sequence} is not in {previous}..={new_last}");
            return Err(Error::BadRecord(what));
        }
        if act.kind.is_empty() || act.key.is_empty() || act.who.is_empty() {
            let what = format!("act {sequence} does not say what, which or who");
            return Err(Error::BadRecord(what));
        }
        let (found, max) = (act.document.len(), limits.act_bytes_max);
        if found > max {
            return Err(Error::TooLarge { what: "bytes", found, limit: "act_bytes_max", max });
        }
        previous = *sequence;
    }
    Ok(())
}

/// Whether an act says that a file was let go: it names the file's hash.
pub fn lets_go(connection: &Connection, act: i64, file: &ArchiveFile) -> rusqlite::Result<bool> {
    let query = "SELECT document FROM act WHERE sequence = ?1 AND kind = 'retention'";
    let document: Option<String> =
        connection.prepare_cached(query)?.query_row([act], |row| row.get(0)).optional()?;
    Ok(document.is_some_and(|document| document.contains(&file.hash_text())))
}

/// Writes the acts of a turn.
pub fn insert(transaction: &Transaction<'_>, turn: i64, acts: &[ActRow]) -> rusqlite::Result<()> {
    let mut add = transaction.prepare_cached(
        "INSERT INTO act (sequence, turn, at, kind, key, who, document) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for ActRow { sequence, at, act: Act { kind, key, who, document } } in acts {
        add.execute(params![sequence.0 as i64, turn, at.as_ms(), kind, key, who, document])?;
    }
    Ok(())
}

/// The hash of acts.
pub fn hash(acts: &[ActRow]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    for act in acts {
        add(&mut hasher, act);
    }
    *hasher.finalize().as_bytes()
}

/// The hash of the acts of turns, as they stand there; `None` when there is none.
pub fn stored_hash(
    connection: &Connection,
    turn_first: i64,
    turn_last: i64,
) -> rusqlite::Result<Option<Hash>> {
    let query = format!("SELECT {COLUMNS} FROM act WHERE turn BETWEEN ?1 AND ?2 ORDER BY sequence");
    let mut query = connection.prepare_cached(&query)?;
    let mut hasher = None;
    for row in query.query_map((turn_first, turn_last), act_row)? {
        add(hasher.get_or_insert_with(blake3::Hasher::new), &row?);
    }
    Ok(hasher.map(|hasher| *hasher.finalize().as_bytes()))
}

fn add(hasher: &mut blake3::Hasher, ActRow { sequence, at, act }: &ActRow) {
    hasher.update(&sequence.0.to_le_bytes());
    hasher.update(&at.as_ms().to_le_bytes());
    for text in [&act.kind, &act.key, &act.who, &act.document] {
        hasher.update(&(text.len() as u32).to_le_bytes());
        hasher.update(text.as_bytes());
    }
}

fn newest(known: Known) -> i64 {
    match known {
        Known::Now => i64::MAX,
        Known::At(sequence) | Known::Raw(sequence) => i64::try_from(sequence.0).unwrap_or(i64::MAX),
    }
}

fn act_row(row: &Row<'_>) -> rusqlite::Result<ActRow> {
    Ok(ActRow {
        sequence: Sequence(row.get::<_, i64>(0)? as u64),
        at: Timestamp::from_ms(row.get(1)?),
        act: Act { kind: row.get(2)?, key: row.get(3)?, who: row.get(4)?, document: row.get(5)? },
    })
}
