//! What fails: the power in the middle of an operation, the process between two, the disk, and the
//! bytes on it.

use super::World;
use super::turns::Done;
use crate::promises::{Broken, Promise};
use crate::server::Server;
use engine::Engine;
use model::{Sequence, Timestamp};
use rusqlite::Connection;
use std::path::Path;

/// A limit of the database that it meets at once.
const NO_ROOM: u32 = 1;

impl World<'_> {
    /// Does something that commits, and now and then cuts the power in the middle of it.
    pub(super) fn commit<T>(
        &mut self,
        operation: impl FnOnce(&mut Engine) -> Result<T, engine::Error>,
    ) -> Result<Done<T>, Broken> {
        let is_cut = self.dice.chance(self.scenario.cut);
        let before = if is_cut {
            Some(self.disk.files().map_err(|error| Broken::stopped(&error))?)
        } else {
            None
        };
        let was = if is_cut { self.progress()? } else { (0, 0) };
        let Some(server) = &mut self.server else { return Ok(Done::Refused) };
        let done = match operation(&mut server.engine) {
            Ok(done) => done,
            Err(error) if self.is_refusal(&error) => return Ok(Done::Refused),
            Err(error) => return Err(Broken::stopped(&error)),
        };
        let Some(before) = before else { return Ok(Done::Kept(done)) };
        let after = self.disk.files().map_err(|error| Broken::stopped(&error))?;
        let mut dice = self.dice.named("torn");
        let (torn, _) = before.torn(&after, &mut dice);
        self.server = None;
        self.disk.put_back(&torn).map_err(|error| Broken::stopped(&error))?;
        self.report.cuts += 1;
        self.restart()?;
        let survived = self.progress()? != was;
        self.note(&[u64::from(survived)]);
        Ok(Done::Cut { survived })
    }

    /// How many turns and how many files of the archive the database knows.
    fn progress(&self) -> Result<(i64, i64), Broken> {
        let query =
            "SELECT (SELECT coalesce(max(id), 0) FROM turn), (SELECT count(*) FROM manifest)";
        let read = Connection::open(self.disk.database())
            .and_then(|of| of.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))));
        read.map_err(|error| Broken::stopped(&error))
    }

    /// Whether the disk is made to refuse at present, and this is what it says.
    fn is_refusal(&self, error: &engine::Error) -> bool {
        let is_made = self.turn <= self.full_until || self.is_full;
        is_made && matches!(error, engine::Error::Store(store::Error::DiskFull { .. }))
    }

    /// Faults between two operations.
    pub(super) fn fail(&mut self) -> Result<(), Broken> {
        if self.dice.chance(self.scenario.checkpoint) {
            self.checkpoint()?;
        }
        if self.full_until == self.turn {
            self.full_until = 0;
            self.restart()?;
        }
        if self.refuses_until > 0 && self.refuses_until <= self.turn {
            self.allow_files();
        }
        if self.full_until == 0 && self.dice.chance(self.scenario.full) {
            self.full_until = self.turn + self.dice.between(1, 6) as u32;
            self.restart()?;
        }
        if self.refuses_until == 0 && self.dice.chance(self.scenario.refuse) {
            self.refuses_until = self.turn + self.dice.between(1, 8) as u32;
            self.refuse_files()?;
        }
        if self.dice.chance(self.scenario.kill) {
            self.restart()?;
            self.check(true)?;
        }
        Ok(())
    }

    /// Kills the server and starts another one: all lines break, and what was not kept is forgotten.
    pub(super) fn restart(&mut self) -> Result<(), Broken> {
        if self.server.is_some() {
            let files = self.disk.files().map_err(|error| Broken::stopped(&error))?;
            // Closing would write the log back; a kill does not.
            self.server = None;
            self.disk.put_back(&files).map_err(|error| Broken::stopped(&error))?;
        }
        for line in 0..self.lines.len() {
            if !self.lines[line].is_closed {
                drop(self.lines[line].snap(&mut self.dice));
                self.devices[self.lines[line].device].lost(line);
            }
        }
        self.is_full = false;
        let server = self.start()?;
        if let Some(damage) = server.recovery.damaged.first() {
            return Err(Broken::new(Promise::Durable, format!("after a restart: {damage:?}")));
        }
        self.report.restarts += 1;
        self.note(&[server.recovery.turns, server.recovery.readings]);
        self.server = Some(server);
        Ok(())
    }

    fn start(&self) -> Result<Server, Broken> {
        let pages = if self.full_until > 0 { NO_ROOM } else { 0 };
        Server::start(self.ground, &self.disk, self.devices.len() as u32, (self.rows, pages))
    }

    /// Writes the log back into the database, as SQLite does by itself when the log is long; in half of
    /// the cases the power fails meanwhile.
    fn checkpoint(&mut self) -> Result<(), Broken> {
        let before = self.disk.files().map_err(|error| Broken::stopped(&error))?;
        let written = Connection::open(self.disk.database()).and_then(|connection| {
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            Ok(connection)
        });
        let connection = written.map_err(|error| Broken::stopped(&error))?;
        let is_cut = self.dice.chance(self.scenario.cut.min(1) * 500);
        if is_cut {
            let after = self.disk.files().map_err(|error| Broken::stopped(&error))?;
            let mut dice = self.dice.named("checkpoint");
            let torn = before.torn_checkpoint(&after, &mut dice);
            self.server = None;
            drop(connection);
            self.disk.put_back(&torn).map_err(|error| Broken::stopped(&error))?;
            self.report.cuts += 1;
            self.restart()?;
            return self.check(true);
        }
        Ok(())
    }

    /// Files stand where the archive would make its next folders.
    fn refuse_files(&mut self) -> Result<(), Broken> {
        let today = self.now.utc_day();
        for day in today - 5..today + 5 {
            let date = Timestamp::from_utc_day(day).to_string();
            let folder = self.disk.archive().join("readings").join(format!("day={}", &date[..10]));
            if !folder.exists() && folder.parent().is_some_and(Path::is_dir) {
                std::fs::write(&folder, b"").map_err(|error| Broken::stopped(&error))?;
                self.in_the_way.push(folder);
            }
        }
        Ok(())
    }

    /// The archive takes files again.
    pub(super) fn allow_files(&mut self) {
        for file in self.in_the_way.drain(..) {
            // It is only a file of ours; if it cannot go, the next seal fails and says so.
            drop(std::fs::remove_file(file));
        }
        self.refuses_until = 0;
    }

    pub(super) fn last_sequence(&self) -> Result<Sequence, Broken> {
        let Some(server) = &self.server else { return Ok(Sequence(0)) };
        server.engine.reader().last_sequence().map_err(|error| Broken::stopped(&error))
    }

    /// Notes that now is a moment that may be asked for later.
    pub(super) fn moment(&mut self) -> Result<(), Broken> {
        let newest = self.last_sequence()?;
        self.book.moments.push(newest);
        Ok(())
    }
}
