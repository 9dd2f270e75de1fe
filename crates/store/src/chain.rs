//! The hash chain: each turn's hash covers the hash of the turn before it, its own header and the
//! hashes of all it wrote. Who keeps one hash elsewhere can prove later that nothing before it changed.

use crate::acts;
use crate::blob::{Hash, device_number};
use crate::manifest::ArchiveFile;
use crate::reader::journal_row;
use crate::record::JournalEntry;
use model::{Sequence, Timestamp};
use rusqlite::Connection;

/// The hash before the first turn, and before the first archive file.
pub const GENESIS: Hash = [0; 32];

/// What a turn's row says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnHeader {
    pub id: i64,
    pub at: Timestamp,
    /// UTC day of arrival; never smaller than that of the turn before.
    pub day: i32,
    pub sequence_first: Sequence,
    pub sequence_last: Sequence,
    pub readings: u64,
    pub frames: u64,
    /// One [`Part`] after another.
    pub content: Vec<u8>,
}

/// What a part of a turn's content is. The numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Readings = 1,
    Frames = 2,
    Journal = 3,
    Acts = 4,
}

impl Part {
    /// The part of a stored number.
    pub fn of(number: u8) -> Option<Self> {
        [Self::Readings, Self::Frames, Self::Journal, Self::Acts]
            .into_iter()
            .find(|part| *part as u8 == number)
    }
}

/// Bytes of one part in the content: kind, day, hash.
pub const PART_BYTES: usize = 1 + 4 + 32;

impl TurnHeader {
    /// Notes a part that the turn wrote.
    pub fn push(&mut self, part: Part, day: i32, hash: &Hash) {
        self.content.push(part as u8);
        self.content.extend_from_slice(&day.to_le_bytes());
        self.content.extend_from_slice(hash);
    }

    /// Its hash, given that of the turn before.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(previous);
        hasher.update(&self.id.to_le_bytes());
        hasher.update(&self.at.as_ms().to_le_bytes());
        hasher.update(&self.day.to_le_bytes());
        for number in [self.sequence_first.0, self.sequence_last.0, self.readings, self.frames] {
            hasher.update(&number.to_le_bytes());
        }
        hasher.update(&self.content);
        *hasher.finalize().as_bytes()
    }
}

/// What is left of the turns of one day of arrival when all they wrote lies in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayRow {
    pub turn_first: i64,
    pub turn_last: i64,
    pub day: i32,
    pub readings: u64,
    pub frames: u64,
    /// The hash of its last turn: the one that the next turn is chained to.
    pub hash_last: Hash,
    /// The hash of all that its turns wrote into the journal, and of their acts.
    pub journal: Hash,
}

impl DayRow {
    /// Its hash, given that of the row before.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(previous);
        hasher.update(&self.turn_first.to_le_bytes());
        hasher.update(&self.turn_last.to_le_bytes());
        hasher.update(&self.day.to_le_bytes());
        hasher.update(&self.readings.to_le_bytes());
        hasher.update(&self.frames.to_le_bytes());
        hasher.update(&self.hash_last);
        hasher.update(&self.journal);
        *hasher.finalize().as_bytes()
    }
}

/// The hash of a row of the manifest, given that of the row before, the newest turn's, and the rows whose
/// files it is the first to replace.
pub fn file_hash(previous: &Hash, file: &ArchiveFile, log: &Hash, replaces: &[i64]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(file.path.as_bytes());
    hasher.update(&[0, file.kind as u8]);
    hasher.update(&file.day.to_le_bytes());
    hasher.update(&file.rows.to_le_bytes());
    hasher.update(&file.bytes.to_le_bytes());
    for datastream in [file.datastreams.0, file.datastreams.1] {
        hasher.update(&datastream.0.to_le_bytes());
    }
    for time in [file.times.0, file.times.1] {
        hasher.update(&time.as_ms().to_le_bytes());
    }
    for sequence in [file.sequences.0, file.sequences.1] {
        hasher.update(&sequence.0.to_le_bytes());
    }
    hasher.update(&file.hash);
    hasher.update(log);
    for id in replaces {
        hasher.update(&id.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// The hash of lines of the journal.
pub fn journal_hash<'a>(entries: impl Iterator<Item = &'a JournalEntry>) -> Hash {
    let mut hasher = blake3::Hasher::new();
    for entry in entries {
        add_journal(&mut hasher, entry);
    }
    *hasher.finalize().as_bytes()
}

/// The hash of the lines that turns wrote into the journal, as they stand there.
pub fn stored_journal_hash(
    connection: &Connection,
    turn_first: i64,
    turn_last: i64,
) -> rusqlite::Result<Hash> {
    let mut query = connection.prepare_cached(
        "SELECT id, at, kind, device, text FROM journal \
         WHERE turn BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let mut hasher = blake3::Hasher::new();
    for row in query.query_map((turn_first, turn_last), journal_row)? {
        add_journal(&mut hasher, &row?.entry);
    }
    Ok(*hasher.finalize().as_bytes())
}

/// The hash of what turns wrote into the journal, with that of their acts when there are any.
pub fn stored_words_hash(
    connection: &Connection,
    turn_first: i64,
    turn_last: i64,
) -> rusqlite::Result<Hash> {
    let journal = stored_journal_hash(connection, turn_first, turn_last)?;
    let Some(acts) = acts::stored_hash(connection, turn_first, turn_last)? else {
        return Ok(journal);
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update(&journal);
    hasher.update(&acts);
    Ok(*hasher.finalize().as_bytes())
}

fn add_journal(hasher: &mut blake3::Hasher, entry: &JournalEntry) {
    hasher.update(&entry.at.as_ms().to_le_bytes());
    hasher.update(&device_number(entry.device).to_le_bytes());
    for text in [&entry.kind, &entry.text] {
        hasher.update(&(text.len() as u32).to_le_bytes());
        hasher.update(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turns_hash_depends_on_all_it_says() {
        let header = TurnHeader {
            id: 4,
            at: Timestamp::from_ms(5),
            day: 6,
            sequence_first: Sequence(7),
            sequence_last: Sequence(8),
            readings: 9,
            frames: 10,
            content: vec![11],
        };
        let hash = header.hash(&GENESIS);
        let changed = [
            TurnHeader { id: 0, ..header.clone() },
            TurnHeader { at: Timestamp::from_ms(0), ..header.clone() },
            TurnHeader { day: 0, ..header.clone() },
            TurnHeader { sequence_first: Sequence(0), ..header.clone() },
            TurnHeader { sequence_last: Sequence(0), ..header.clone() },
            TurnHeader { readings: 0, ..header.clone() },
            TurnHeader { frames: 0, ..header.clone() },
            TurnHeader { content: vec![], ..header.clone() },
        ];
        for changed in changed {
            assert_ne!(changed.hash(&GENESIS), hash, "{changed:?}");
        }
        assert_ne!(header.hash(&hash), hash);
    }
}
