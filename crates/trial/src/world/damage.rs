//! The last fault of a world: something on the disk is no longer what was written. It must be named, and
//! all the rest must be served.

use super::World;
use crate::dice::Dice;
use crate::promises::{Broken, Promise};
use crate::server::Server;
use model::{DatastreamKey, Period, Source, Statistic};
use rusqlite::Connection;
use std::ops::RangeInclusive;

/// What was damaged: only this may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hurt {
    /// What was done, for people.
    what: String,
    /// The UTC day whose readings may be missing.
    day: Option<i32>,
    /// Frames that may be missing.
    frames: Option<RangeInclusive<u64>>,
}

/// A file of the archive as the manifest lists it.
struct Listed {
    path: String,
    kind: u8,
    day: i32,
    sequences: (u64, u64),
}

impl World<'_> {
    /// Damages one thing while nobody looks, starts the server, and compares.
    pub(super) fn damage(&mut self) -> Result<(), Broken> {
        let files = self.disk.files().map_err(|error| Broken::stopped(&error))?;
        self.server = None;
        self.disk.put_back(&files).map_err(|error| Broken::stopped(&error))?;
        let mut dice = self.dice.named("damage");
        let Some(hurt) = self.hurt(&mut dice)? else { return Ok(()) };
        let places = self.devices.len() as u32;
        let server = Server::start(self.ground, &self.disk, places, (self.rows, 0))?;
        is_named(&server, &hurt)?;
        self.is_served(&server, &hurt)
    }

    fn hurt(&self, dice: &mut Dice) -> Result<Option<Hurt>, Broken> {
        let stopped = |error: rusqlite::Error| Broken::stopped(&error);
        let connection = Connection::open(self.disk.database()).map_err(stopped)?;
        let listed = listed(&connection).map_err(stopped)?;
        match dice.below(3) {
            0 => blob(&connection, "readings_blob", "day, 0, 0", "id", dice).map_err(stopped),
            1 => {
                let range = "NULL, sequence_first, sequence_last";
                blob(&connection, "frames_blob", range, "sequence_first", dice).map_err(stopped)
            }
            _ => match dice.pick(&listed) {
                None => Ok(None),
                Some(listed) => self.file(listed, dice).map(Some),
            },
        }
    }

    /// Damages a file of the archive: cut off, gone, its footer or one of its pages altered.
    fn file(&self, listed: &Listed, dice: &mut Dice) -> Result<Hurt, Broken> {
        let path = self.disk.archive().join(&listed.path);
        let mut bytes = std::fs::read(&path).map_err(|error| Broken::stopped(&error))?;
        let length = bytes.len() as u64;
        let (how, done) = match dice.below(4) {
            0 => ("gone", std::fs::remove_file(&path)),
            1 => {
                bytes.truncate(dice.below(length) as usize);
                ("cut off", std::fs::write(&path, &bytes))
            }
            2 => {
                let at = length - 1 - dice.below(length.min(60));
                bytes[at as usize] ^= 0x55;
                ("footer altered", std::fs::write(&path, &bytes))
            }
            _ => {
                let at = dice.below(length * 2 / 3);
                bytes[at as usize] ^= 0x55;
                ("page altered", std::fs::write(&path, &bytes))
            }
        };
        done.map_err(|error| Broken::stopped(&error))?;
        // Kind 3 holds frames, the others readings (`store/FORMAT.md`).
        let is_frames = listed.kind == 3;
        Ok(Hurt {
            what: format!("{} {how}", listed.path),
            day: (!is_frames).then_some(listed.day),
            frames: is_frames.then_some(listed.sequences.0..=listed.sequences.1),
        })
    }

    /// All readings and frames but those are there as they were.
    fn is_served(&self, server: &Server, hurt: &Hurt) -> Result<(), Broken> {
        let reader = server.engine.reader();
        let lost = |what: String| {
            Err(Broken::new(Promise::Durable, format!("{}: {what} is gone too", hurt.what)))
        };
        for ((device, parameter, hour), versions) in &self.book.versions {
            if Some(hour.utc_day()) == hurt.day {
                continue;
            }
            let key = DatastreamKey {
                source: Source::Device(*device),
                parameter: (*parameter).to_owned(),
                statistic: Statistic::Mean,
                period: Period::Hour,
            };
            let id = reader.view().registry().datastream_id(&key);
            let found = id.map(|id| reader.scan(id, *hour, *hour + 1));
            let found = found.transpose().map_err(|error| Broken::stopped(&error))?;
            let value = found.and_then(|found| found.value.first().copied());
            if value != versions.last().map(|version| version.value) {
                return lost(format!("{parameter} of device {device} at {hour}"));
            }
        }
        for (sequence, kept) in &self.book.frames {
            if hurt.frames.as_ref().is_some_and(|gone| gone.contains(&sequence.0)) {
                continue;
            }
            let found = reader.frame(*sequence).map_err(|error| Broken::stopped(&error))?;
            if found.is_none_or(|found| found.raw != kept.bytes) {
                return lost(format!("frame {sequence}"));
            }
        }
        Ok(())
    }
}

/// Somebody says what is damaged: the start, or whoever reads everything again.
fn is_named(server: &Server, hurt: &Hurt) -> Result<(), Broken> {
    let reader = server.engine.reader();
    let chain = reader.verify_chain().map_err(|error| Broken::stopped(&error))?;
    let counted = reader.verify_conservation(|_, _| ());
    let counted = counted.map_err(|error| Broken::stopped(&error))?;
    let is_named =
        !server.recovery.damaged.is_empty() || !chain.problems.is_empty() || !counted.is_kept();
    if is_named {
        return Ok(());
    }
    Err(Broken::new(Promise::Durable, format!("{}: nobody says so", hurt.what)))
}

/// Alters one byte of one blob.
fn blob(
    connection: &Connection,
    table: &str,
    columns: &str,
    key: &str,
    dice: &mut Dice,
) -> rusqlite::Result<Option<Hurt>> {
    let count = format!("SELECT count(*) FROM {table}");
    let count: i64 = connection.query_row(&count, [], |row| row.get(0))?;
    if count == 0 {
        return Ok(None);
    }
    let at = dice.below(count as u64) as i64;
    let query =
        format!("SELECT {key}, bytes, {columns} FROM {table} ORDER BY {key} LIMIT 1 OFFSET ?1");
    let (id, mut bytes, day, first, last) = connection.query_row(&query, [at], |row| {
        let (id, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let (first, last): (i64, i64) = (row.get(3)?, row.get(4)?);
        Ok((id, bytes, row.get::<_, Option<i32>>(2)?, first, last))
    })?;
    let at = dice.below(bytes.len() as u64) as usize;
    bytes[at] ^= 0x55;
    let update = format!("UPDATE {table} SET bytes = ?2 WHERE {key} = ?1");
    connection.execute(&update, (id, &bytes))?;
    Ok(Some(Hurt {
        what: format!("{table} {id} altered"),
        day,
        frames: day.is_none().then_some(first as u64..=last as u64),
    }))
}

fn listed(connection: &Connection) -> rusqlite::Result<Vec<Listed>> {
    let query = "SELECT path, kind, day, sequence_min, sequence_max FROM manifest ORDER BY id";
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([], |row| {
        let sequences = (row.get::<_, i64>(3)? as u64, row.get::<_, i64>(4)? as u64);
        Ok(Listed { path: row.get(0)?, kind: row.get(1)?, day: row.get(2)?, sequences })
    })?;
    rows.collect()
}
