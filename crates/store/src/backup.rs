//! A copy of a data directory while a server writes it, and the way back.
//!
//! First the database, as SQLite copies it in one transaction: one consistent state. Then the archive files that
//! this state lists; they are never changed, so a file that is there already with its length and hash is
//! not copied again, and a second backup into the same folder takes only what is new. A backup is a data
//! directory: a server can be started on it.

use crate::archive::hash_file;
use crate::lock::Lock;
use crate::manifest::ArchiveFile;
use crate::repair::is_inside;
use crate::view::Shared;
use crate::{ARCHIVE, DATABASE, Error, Reader, database, tidy};
use model::Sequence;
use std::fs::{self, File};
use std::path::Path;

/// What a backup holds and what it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    /// The newest sequence in it: the point to which it can bring back.
    pub sequence: Sequence,
    /// Archive files in it.
    pub files: u64,
    /// Those that were copied now; the others were there already.
    pub copied: u64,
    /// Bytes that were copied now, the database included.
    pub bytes: u64,
    /// Files that the directory itself has lost or damaged, and why: they are not in the backup.
    pub missing: Vec<(String, String)>,
}

impl Reader {
    /// Copies the data directory into `to`, which may hold an older backup of it. `progress` hears how
    /// many of how many archive files are done.
    ///
    /// # Errors
    /// When `to` holds something else, a server runs on it, or it cannot be written. What is there then is the older backup, or
    /// a folder without a database.
    pub fn back_up(
        &self,
        to: &Path,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Backup, Error> {
        fs::create_dir_all(to.join(ARCHIVE)).map_err(Error::io("make the folder", to))?;
        refuse_another(&self.shared, to)?;
        let _lock = Lock::take(to)?;
        // Under another name until everything is there: a backup that was cut off is none.
        let fresh = to.join("skyriver.db.tmp");
        copy_database(&self.shared.database_path(), &fresh)?;
        let connection = database::open_reader(&fresh)?;
        let listed = tidy::load_manifest(&connection)
            .map_err(Error::database("read the manifest", &fresh))?;
        let newest = "SELECT coalesce(max(sequence_last), 0) FROM turn";
        let sequence: i64 = connection
            .query_row(newest, [], |row| row.get(0))
            .map_err(Error::database("read the newest turn", &fresh))?;
        drop(connection);
        let mut backup = Backup { sequence: Sequence(sequence as u64), ..Backup::default() };
        let all = listed.manifest.files().count();
        for (done, file) in listed.manifest.files().enumerate() {
            match copy_file(&self.shared.dir, to, file) {
                Ok(copied) => {
                    backup.files += 1;
                    backup.copied += u64::from(copied > 0);
                    backup.bytes += copied;
                }
                Err(Copied::Damaged(why)) => backup.missing.push((file.name(), why)),
                Err(Copied::Refused(error)) => return Err(error),
            }
            progress(done + 1, all);
        }
        backup.bytes += fs::metadata(&fresh).map_or(0, |file| file.len());
        finish(to, &fresh)?;
        Ok(backup)
    }
}

/// Puts the copied database in its place, on disk before this returns.
fn finish(to: &Path, fresh: &Path) -> Result<(), Error> {
    let target = to.join(DATABASE);
    // What a server that once ran on the backup left beside the older database is of no use any more.
    for end in ["db-wal", "db-shm"] {
        let old = target.with_extension(end);
        if old.exists() {
            fs::remove_file(&old).map_err(Error::io("remove", &old))?;
        }
    }
    let sync = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    sync(fresh).map_err(Error::io("sync", fresh))?;
    fs::rename(fresh, &target).map_err(Error::io("rename", fresh))?;
    sync(to).map_err(Error::io("sync the folder", to))
}

/// A folder that holds another program's or another district's database is left alone.
fn refuse_another(shared: &Shared, to: &Path) -> Result<(), Error> {
    let target = to.join(DATABASE);
    let same = |a: &Path, b: &Path| {
        fs::canonicalize(a).ok().zip(fs::canonicalize(b).ok()).is_some_and(|(a, b)| a == b)
    };
    if same(&shared.dir, to) {
        return Err(Error::BadBackup {
            folder: to.to_owned(),
            why: "it is the data directory itself",
        });
    }
    if !target.exists() {
        return Ok(());
    }
    let (ours, theirs) = (first_turn(&shared.database_path())?, first_turn(&target)?);
    if theirs.is_some() && ours != theirs {
        return Err(Error::BadBackup {
            folder: to.to_owned(),
            why: "it holds the data of another directory",
        });
    }
    Ok(())
}

/// What tells two directories apart: the hash of the oldest turn or day of their chains.
fn first_turn(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let connection = database::open_reader(path)?;
    // A condensed day keeps the hash of its last turn only, so the journal's first line decides.
    let query = "SELECT at || ' ' || kind || ' ' || text FROM journal ORDER BY id LIMIT 1";
    let first = connection.query_row(query, [], |row| row.get::<_, String>(0));
    match first {
        Ok(first) => Ok(Some(blake3::hash(first.as_bytes()).as_bytes().to_vec())),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) => Err(Error::database("read the journal", path)(error)),
    }
}

fn copy_database(from: &Path, to: &Path) -> Result<(), Error> {
    if to.exists() {
        fs::remove_file(to).map_err(Error::io("remove", to))?;
    }
    let source = database::open_reader(from)?;
    // One read transaction: turns that are written meanwhile neither disturb it nor get into it.
    source
        .execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map_err(Error::database("copy the database to", to))?;
    Ok(())
}

enum Copied {
    /// The file itself is lost or changed.
    Damaged(String),
    /// The backup cannot be written.
    Refused(Error),
}

/// Copies one archive file unless it is there; says how many bytes.
fn copy_file(from: &Path, to: &Path, file: &ArchiveFile) -> Result<u64, Copied> {
    if !is_inside(&file.path) {
        return Err(Copied::Damaged(
            "its path in the manifest leads out of the archive".to_owned(),
        ));
    }
    let target = to.join(ARCHIVE).join(&file.path);
    let is_it = |path: &Path| matches!(hash_file(path), Ok((hash, ..)) if hash == file.hash);
    if fs::metadata(&target).is_ok_and(|there| there.len() == file.bytes) && is_it(&target) {
        return Ok(0);
    }
    let source = from.join(ARCHIVE).join(&file.path);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(refused("make the folder", folder))?;
    }
    let part = target.with_extension("tmp");
    let mut open = File::open(&source).map_err(|error| Copied::Damaged(error.to_string()))?;
    let mut written = File::create(&part).map_err(refused("write", &part))?;
    let bytes = std::io::copy(&mut open, &mut written).map_err(refused("write", &part))?;
    written.sync_all().map_err(refused("sync", &part))?;
    if !is_it(&part) {
        fs::remove_file(&part).map_err(refused("remove", &part))?;
        return Err(Copied::Damaged("its bytes were changed".to_owned()));
    }
    fs::rename(&part, &target).map_err(refused("rename", &part))?;
    Ok(bytes)
}

fn refused(attempt: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Copied {
    let path = path.to_owned();
    move |error| Copied::Refused(Error::io(attempt, &path)(error))
}
