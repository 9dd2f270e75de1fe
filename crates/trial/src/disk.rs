//! The disk of a world: a folder in memory, and what of it survives when the power fails.
//!
//! `SQLite` with `synchronous=FULL` syncs its write-ahead log before a commit returns, and the database
//! before the log is used anew. So between two commits nothing is unsynced and a power cut is a kill.
//! Within one, what the operation wrote is on its way: any of its sectors may be there, in any order,
//! old, new or nonsense. The states that are possible are made from the files before and after it.

use crate::dice::Dice;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that a disk writes at once or not at all.
const SECTOR: usize = 512;
const DATABASE: &str = "skyriver.db";
const LOG: &str = "skyriver.db-wal";
const SHARED_MEMORY: &str = "skyriver.db-shm";

/// A folder of its own, gone when this is dropped.
#[derive(Debug)]
pub struct Disk {
    dir: PathBuf,
}

/// The two files of the database at one instant.
#[derive(Clone, Debug, Default)]
pub struct Files {
    database: Vec<u8>,
    log: Vec<u8>,
}

/// What survives of an operation that the power failed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survives {
    /// Nothing of it.
    Nothing,
    /// All of it; only nobody was told.
    All,
    /// Its first sectors.
    Beginning,
    /// Some of its sectors.
    Some,
    /// Some of its sectors, and one full of nonsense.
    Nonsense,
}

impl Disk {
    /// An empty folder, in memory where the machine has such a place.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn new() -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = base.join(format!("skyriver-trial-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        Ok(Self { dir })
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    /// The archive.
    pub fn archive(&self) -> PathBuf {
        self.dir.join("archive")
    }

    /// What the database's files hold now.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn files(&self) -> io::Result<Files> {
        let log = self.dir.join(LOG);
        let log = if log.exists() { std::fs::read(log)? } else { vec![] };
        Ok(Files { database: std::fs::read(self.database())?, log })
    }

    /// Puts files back, as they lay on the disk when the machine went down.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn put_back(&self, files: &Files) -> io::Result<()> {
        let memory = self.dir.join(SHARED_MEMORY);
        if memory.exists() {
            std::fs::remove_file(memory)?;
        }
        std::fs::write(self.database(), &files.database)?;
        std::fs::write(self.dir.join(LOG), &files.log)
    }

    /// What an archive file that was being written leaves behind: half of it under its name aside.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn leave_half_file(&self, path: &str, dice: &mut Dice) -> io::Result<()> {
        let target = self.archive().join(path);
        let bytes = if target.exists() { std::fs::read(&target)? } else { vec![] };
        let aside = target.with_extension("tmp");
        std::fs::write(aside, &bytes[..dice.below(bytes.len() as u64 + 1) as usize])?;
        if dice.chance(500) && target.exists() {
            std::fs::remove_file(target)?;
        }
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It lies in memory: what cannot be removed now is gone with the machine.
        drop(std::fs::remove_dir_all(&self.dir));
    }
}

impl Files {
    /// A state of the disk that is possible when the power fails in an operation that led from `self`
    /// to `after`.
    pub fn torn(&self, after: &Self, dice: &mut Dice) -> (Self, Survives) {
        let all = [
            Survives::Nothing,
            Survives::All,
            Survives::Beginning,
            Survives::Some,
            Survives::Nonsense,
        ];
        let how = dice.pick(&all).copied().unwrap_or(Survives::Nothing);
        let is_written_back = self.database != after.database;
        // The log is synced before anything of it goes into the database.
        let torn = if is_written_back && dice.chance(500) {
            Self {
                database: tear(&self.database, &after.database, how, dice),
                log: after.log.clone(),
            }
        } else {
            Self { database: self.database.clone(), log: tear(&self.log, &after.log, how, dice) }
        };
        match how {
            Survives::All => (after.clone(), how),
            _ => (torn, how),
        }
    }

    /// A state that is possible when the power fails while the log is written back into the database:
    /// the log is whole, of the database any sectors.
    #[must_use]
    pub fn torn_checkpoint(&self, after: &Self, dice: &mut Dice) -> Self {
        let how = [Survives::Beginning, Survives::Some, Survives::Nonsense];
        let how = dice.pick(&how).copied().unwrap_or(Survives::Some);
        let database = tear(&self.database, &after.database, how, dice);
        Self { database, log: self.log.clone() }
    }
}

/// The sectors of `before`, some of them already those of `after`.
fn tear(before: &[u8], after: &[u8], how: Survives, dice: &mut Dice) -> Vec<u8> {
    let mut torn = before.to_vec();
    let sectors = after.len().div_ceil(SECTOR);
    let differs = |at: usize| {
        let range = at * SECTOR..((at + 1) * SECTOR).min(after.len());
        before.get(range.clone()) != after.get(range)
    };
    let written: Vec<usize> = (0..sectors).filter(|at| differs(*at)).collect();
    let kept: Vec<usize> = match how {
        Survives::Nothing => vec![],
        Survives::All => written,
        Survives::Beginning => {
            let count = dice.below(written.len() as u64 + 1) as usize;
            written.into_iter().take(count).collect()
        }
        Survives::Some | Survives::Nonsense => {
            written.into_iter().filter(|_| dice.chance(700)).collect()
        }
    };
    let nonsense = (how == Survives::Nonsense).then(|| dice.pick(&kept).copied()).flatten();
    for at in kept {
        let range = at * SECTOR..((at + 1) * SECTOR).min(after.len());
        if torn.len() < range.end {
            torn.resize(range.end, 0);
        }
        torn[range.clone()].copy_from_slice(&after[range.clone()]);
        if nonsense == Some(at) {
            // What lies beside the written bytes stays: SQLite relies on it (power-safe overwrite).
            let differs = |at: &usize| before.get(*at) != after.get(*at);
            let (first, last) = (range.clone().find(differs), range.rev().find(differs));
            for byte in &mut torn[first.unwrap_or(0)..=last.unwrap_or(0)] {
                *byte = dice.next() as u8;
            }
        }
    }
    torn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_file_is_made_of_old_and_new_sectors() {
        let before = vec![1; 2 * SECTOR];
        let after = vec![2; 4 * SECTOR];
        let mut dice = Dice::new(3);
        for _ in 0..50 {
            let torn = tear(&before, &after, Survives::Some, &mut dice);
            assert!(torn.len() >= before.len() && torn.len() <= after.len());
            for sector in torn.chunks(SECTOR) {
                assert!(sector.iter().all(|byte| *byte == sector[0] && *byte <= 2));
            }
        }
        assert_eq!(tear(&before, &after, Survives::Nothing, &mut dice), before);
        assert_eq!(tear(&before, &after, Survives::All, &mut dice), after);
    }
}
