//! The store: opened once, written by one, one transaction a turn.

use crate::Damage;
use crate::acts;
use crate::blob::{Blob, Hash, device_number, encode_frames, encode_readings};
use crate::chain::{Part, TurnHeader, journal_hash};
use crate::lock::Lock;
use crate::manifest::ArchiveFile;
use crate::reader::{archived, current};
use crate::record::{JournalEntry, Known, TurnRecord};
use crate::register::{self, Moment};
use crate::secrets;
use crate::view::{Shared, ViewGuard};
use crate::{Error, Limits, Reader, Recovery, recover};
use model::{DAY_MS, DatastreamId, LedgerEntry, Quality, Reading, Sequence, Timestamp};
use rusqlite::{Connection, Transaction, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use zstd::bulk::Compressor;

/// The one writer of a data directory.
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    pub(crate) connection: Connection,
    pub(crate) head: Head,
    zstd: Compressor<'static>,
    /// Files that are no longer in the archive, while somebody may read them; and since when.
    pub(crate) gone: Vec<(Timestamp, Arc<ArchiveFile>)>,
    _lock: Lock,
}

/// The newest turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub turn: i64,
    pub hash: Hash,
    pub day: i32,
    pub sequence: Sequence,
}

impl Store {
    /// Opens a data directory, made if it is not there, and rebuilds what is held in memory. What is
    /// damaged is put aside and named in the [`Recovery`]; the rest is served.
    ///
    /// # Errors
    /// When another server uses the directory, it cannot be written, a newer version or another
    /// program wrote it, or the database is damaged beyond single blobs.
    pub fn open(dir: &Path, limits: Limits) -> Result<(Self, Recovery), Error> {
        let archive = dir.join(crate::ARCHIVE);
        std::fs::create_dir_all(&archive).map_err(Error::io("make the folder", &archive))?;
        let lock = Lock::take(dir)?;
        let path = dir.join(crate::DATABASE);
        let connection = crate::database::open_writer(&path, &limits)?;
        let found = recover::recover(&connection, dir)?;
        // The names of new files must survive a power cut before the first turn is acknowledged.
        let sync = File::open(dir).and_then(|folder| folder.sync_all());
        sync.map_err(Error::io("sync the folder", dir))?;
        let damage: BTreeSet<_> = found.recovery.damaged.iter().cloned().collect();
        let shared = Shared::new(dir.to_owned(), limits, found.view, damage);
        let zstd = Compressor::new(limits.log_zstd_level)
            .map_err(Error::io("compress with level `log_zstd_level`", &path))?;
        let store = Self {
            shared: Arc::new(shared),
            connection,
            head: found.head,
            zstd,
            gone: vec![],
            _lock: lock,
        };
        Ok((store, found.recovery))
    }

    /// A handle for reading, for any thread.
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }

    /// Registry and hot readings. Hold it shortly.
    pub fn view(&self) -> ViewGuard<'_> {
        self.shared.view()
    }

    /// The newest sequence in the log.
    pub fn last_sequence(&self) -> Sequence {
        self.head.sequence
    }

    /// The sequence that the next entry takes.
    pub fn next_sequence(&self) -> Sequence {
        Sequence(self.head.sequence.0 + 1)
    }

    /// Keeps a turn: on disk when this returns, and seen by every reader from then on.
    ///
    /// # Errors
    /// When the record breaks a rule ([`Error::BadRecord`], [`Error::TooLarge`]) or the disk refuses.
    /// Nothing of the turn was kept then, in the log or in memory, and the same turn may be tried again.
    pub fn commit(&mut self, mut record: TurnRecord) -> Result<(), Error> {
        self.check(&record)?;
        // Stable, and free when it is in order: almost always all readings are of one day.
        record.readings.sort_by_key(|reading| reading.time.utc_day());
        self.head = self.write(&record)?;
        let mut view = self.shared.view_mut();
        view.change_registry(record.registry);
        for readings in by_day(&record.readings) {
            view.hot.apply(readings[0].time.utc_day(), readings);
        }
        if !record.dropped.is_empty() {
            let ids: Vec<i64> = record.dropped.iter().map(|(id, _)| *id).collect();
            let gone = Arc::make_mut(&mut view.manifest).retire(&ids);
            self.gone.extend(gone.into_iter().map(|file| (record.at, file)));
        }
        Ok(())
    }

    /// Brings sealed readings back to memory, so that late duplicates of them are known. Each day's
    /// files are read once; what is there already is not read again.
    ///
    /// Above `recalled_readings_max` all goes that this call does not want. What it wants stays, even
    /// when that alone is more: a duplicate that is not known would be kept a second time, and that
    /// is worse than the memory.
    ///
    /// # Errors
    /// None today; damaged files are named in [`Reader::problems`], and what they held is not known.
    pub fn recall(&mut self, wanted: &[(DatastreamId, i32)]) -> Result<(), Error> {
        let mut days: BTreeMap<i32, Vec<DatastreamId>> = BTreeMap::new();
        let manifest = {
            let view = self.shared.view();
            for (datastream, day) in wanted {
                if view.needs_recall(*datastream, *day) {
                    days.entry(*day).or_default().push(*datastream);
                }
            }
            Arc::clone(&view.manifest)
        };
        if days.is_empty() {
            return Ok(());
        }
        let mut rows = HashMap::new();
        for (day, mut datastreams) in days {
            datastreams.sort_unstable();
            datastreams.dedup();
            let (from, to) = (Timestamp::from_utc_day(day), Timestamp::from_utc_day(day + 1));
            let found = archived(&self.shared, &manifest, &datastreams, from..to, Known::Now);
            for (datastream, versions) in datastreams.into_iter().zip(found.versions) {
                rows.insert((datastream, day), current(versions));
            }
        }
        let max = self.shared.limits.recalled_readings_max;
        self.shared.view_mut().hot.recall(rows, wanted, max);
        Ok(())
    }

    fn check(&self, record: &TurnRecord) -> Result<(), Error> {
        let limits = &self.shared.limits;
        let too_large = |what, found, limit, max| Error::TooLarge { what, found, limit, max };
        if record.readings.len() > limits.readings_per_turn_max {
            let max = limits.readings_per_turn_max;
            return Err(too_large("readings", record.readings.len(), "readings_per_turn_max", max));
        }
        if record.raw.len() > limits.raw_bytes_per_turn_max {
            let max = limits.raw_bytes_per_turn_max;
            return Err(too_large("bytes", record.raw.len(), "raw_bytes_per_turn_max", max));
        }
        let bad = |what: String| Err(Error::BadRecord(what));
        let (last, new_last) = (self.head.sequence, record.sequence_last);
        if new_last < last {
            return bad(format!("its last sequence {new_last} is before {last}"));
        }
        let mut previous = last;
        for frame in &record.frames {
            if frame.sequence <= previous || frame.sequence > new_last {
                return bad(format!("frame {} is not in {previous}..={new_last}", frame.sequence));
            }
            if frame.raw.start > frame.raw.end || frame.raw.end > record.raw.len() {
                return bad(format!("the bytes of frame {} are not there", frame.sequence));
            }
            previous = frame.sequence;
        }
        acts::check(&record.acts, last, new_last, limits)?;
        let view = self.shared.view();
        let known = view.registry().datastreams().len();
        for (place, datastream) in record.registry.datastreams.iter().enumerate() {
            if usize::try_from(datastream.id.0) != Ok(known + place)
                || view.registry().datastream_id(&datastream.key).is_some()
            {
                return bad(format!("datastream {} is no new one", datastream.id));
            }
        }
        let datastreams = known + record.registry.datastreams.len();
        for reading in &record.readings {
            let Reading { datastream, time, sequence, .. } = reading;
            let flaw = match flaw(reading) {
                Some(flaw) => flaw,
                None if usize::try_from(datastream.0).is_ok_and(|place| place >= datastreams) => {
                    "its datastream is not registered"
                }
                None if *sequence <= last || new_last < *sequence => {
                    "its sequence is not the turn's"
                }
                None => continue,
            };
            return bad(format!(
                "the reading of datastream {datastream} at {time}, sequence {sequence}: {flaw}"
            ));
        }
        Ok(())
    }

    /// Writes down what readers found damaged, so that it is known after a restart too; says what
    /// nobody was told yet.
    ///
    /// # Errors
    /// When the database cannot be written; the damage is told all the same the next time.
    pub fn note_damage(&mut self) -> Result<Vec<Damage>, Error> {
        let (unmarked, fresh) = {
            let damage = self.shared.damage();
            let fresh: Vec<_> = damage.known.difference(&damage.told).cloned().collect();
            (damage.unmarked.clone(), fresh)
        };
        let mark = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            for (file, why) in &unmarked {
                crate::tidy::mark(&transaction, *file, Some(why))?;
            }
            transaction.commit()
        };
        if !unmarked.is_empty() {
            let path = self.shared.database_path();
            mark(&mut self.connection).map_err(Error::database("note damaged files", &path))?;
        }
        let mut damage = self.shared.damage();
        damage.unmarked.retain(|file, _| !unmarked.contains_key(file));
        damage.told.extend(fresh.iter().cloned());
        Ok(fresh)
    }

    fn write(&mut self, record: &TurnRecord) -> Result<Head, Error> {
        let path = self.shared.database_path();
        let database = |attempt| Error::database(attempt, &path);
        let blobs = Blobs::encode(record, &mut self.zstd)
            .map_err(Error::io("compress a turn for", &path))?;
        let turn = blobs.header(&self.head, record);
        let hash = turn.hash(&self.head.hash);
        // What readers found damaged since the last turn is written by the one who writes.
        let unmarked = self.shared.damage().unmarked.clone();
        let write = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            for (file, why) in &unmarked {
                crate::tidy::mark(&transaction, *file, Some(why))?;
            }
            insert_turn(&transaction, &turn, &hash)?;
            blobs.insert(&transaction, record, &turn)?;
            insert_ledger(&transaction, &record.ledger)?;
            insert_journal(&transaction, turn.id, &record.journal)?;
            acts::insert(&transaction, turn.id, &record.acts)?;
            for (file, act) in &record.dropped {
                let insert = "INSERT INTO retired (file, act) VALUES (?1, ?2)";
                transaction.prepare_cached(insert)?.execute((file, act.0 as i64))?;
            }
            let moment = Moment { turn: turn.id, at: turn.at, sequence: record.sequence_last };
            register::insert(&transaction, &record.registry, moment)?;
            secrets::write(&transaction, &record.secrets, turn.at)?;
            transaction.commit()
        };
        write(&mut self.connection).map_err(database("write a turn"))?;
        self.shared.damage().unmarked.retain(|file, _| !unmarked.contains_key(file));
        Ok(Head { turn: turn.id, hash, day: turn.day, sequence: record.sequence_last })
    }
}

/// The parts of a turn, compressed and hashed.
struct Blobs<'a> {
    readings: Vec<(i32, &'a [Reading], Blob)>,
    frames: Option<Blob>,
    journal: Option<Hash>,
    acts: Option<Hash>,
}

impl<'a> Blobs<'a> {
    fn encode(record: &'a TurnRecord, zstd: &mut Compressor<'_>) -> std::io::Result<Self> {
        let mut readings = vec![];
        for group in by_day(&record.readings) {
            let day = group[0].time.utc_day();
            readings.push((day, group, encode_readings(group, zstd)?));
        }
        let frames = match record.frames.as_slice() {
            [] => None,
            frames => Some(encode_frames(frames, &record.raw, zstd)?),
        };
        let journal = (!record.journal.is_empty()).then(|| journal_hash(record.journal.iter()));
        let acts = (!record.acts.is_empty()).then(|| acts::hash(&record.acts));
        Ok(Self { readings, frames, journal, acts })
    }

    fn header(&self, head: &Head, record: &TurnRecord) -> TurnHeader {
        let mut turn = TurnHeader {
            id: head.turn + 1,
            at: record.at,
            day: record.at.utc_day().max(head.day),
            sequence_first: Sequence(head.sequence.0 + 1),
            sequence_last: record.sequence_last,
            readings: record.readings.len() as u64,
            frames: record.frames.len() as u64,
            content: vec![],
        };
        for (day, _, blob) in &self.readings {
            turn.push(Part::Readings, *day, &blob.hash);
        }
        let day = turn.day;
        if let Some(blob) = &self.frames {
            turn.push(Part::Frames, day, &blob.hash);
        }
        if let Some(hash) = &self.journal {
            turn.push(Part::Journal, day, hash);
        }
        if let Some(hash) = &self.acts {
            turn.push(Part::Acts, day, hash);
        }
        turn
    }

    fn insert(
        &self,
        transaction: &Transaction<'_>,
        record: &TurnRecord,
        turn: &TurnHeader,
    ) -> rusqlite::Result<()> {
        for (day, readings, blob) in &self.readings {
            let times = || readings.iter().map(|reading| reading.time.as_ms());
            transaction
                .prepare_cached(
                    "INSERT INTO readings_blob (turn, day, count, time_min, time_max, hash, bytes) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    turn.id,
                    day,
                    readings.len() as i64,
                    times().min(),
                    times().max(),
                    &blob.hash[..],
                    &blob.bytes[..]
                ])?;
        }
        if let (Some(blob), Some(first), Some(last)) =
            (&self.frames, record.frames.first(), record.frames.last())
        {
            transaction
                .prepare_cached(
                    "INSERT INTO frames_blob \
                     (sequence_first, sequence_last, turn, day, count, hash, bytes) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    first.sequence.0 as i64,
                    last.sequence.0 as i64,
                    turn.id,
                    turn.day,
                    record.frames.len() as i64,
                    &blob.hash[..],
                    &blob.bytes[..]
                ])?;
        }
        Ok(())
    }
}

/// What is wrong with a reading, whatever the turn.
fn flaw(reading: &Reading) -> Option<&'static str> {
    let Reading { datastream, time, value, flag, .. } = reading;
    if datastream.0 < 0 {
        return Some("its datastream has no number");
    }
    if value.is_none() != (flag.quality() == Quality::Missing) {
        return Some("its flag and its value do not agree whether a value is missing");
    }
    if value.is_some_and(|value| !value.is_finite()) {
        return Some("its value is no number");
    }
    let is_dated = (*time - Timestamp::from_utc_day(time.utc_day())) / DAY_MS == 0;
    (!is_dated).then_some("its time is beyond all days")
}

/// Readings, sorted by day, in runs of one UTC day.
fn by_day(readings: &[Reading]) -> impl Iterator<Item = &[Reading]> {
    readings.chunk_by(|a, b| a.time.utc_day() == b.time.utc_day())
}

fn insert_turn(
    transaction: &Transaction<'_>,
    turn: &TurnHeader,
    hash: &Hash,
) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached(
            "INSERT INTO turn \
             (id, at, day, sequence_first, sequence_last, readings, frames, content, hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            turn.id,
            turn.at.as_ms(),
            turn.day,
            turn.sequence_first.0 as i64,
            turn.sequence_last.0 as i64,
            turn.readings as i64,
            turn.frames as i64,
            &turn.content[..],
            &hash[..]
        ])
}

fn insert_ledger(transaction: &Transaction<'_>, ledger: &[LedgerEntry]) -> rusqlite::Result<()> {
    let mut add = transaction.prepare_cached(
        "INSERT INTO ledger (hour, device, unit, disposition, reason, count) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?;
    for entry in ledger {
        add.execute(params![
            entry.hour.as_ms(),
            device_number(entry.device),
            entry.unit as u8,
            entry.disposition as u8,
            entry.reason as u8,
            entry.count as i64
        ])?;
    }
    Ok(())
}

fn insert_journal(
    transaction: &Transaction<'_>,
    turn: i64,
    journal: &[JournalEntry],
) -> rusqlite::Result<()> {
    let mut add = transaction.prepare_cached(
        "INSERT INTO journal (turn, at, kind, device, text) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for entry in journal {
        let device = device_number(entry.device);
        add.execute(params![turn, entry.at.as_ms(), entry.kind, device, entry.text])?;
    }
    Ok(())
}
