//! Files and blobs that a backup still has.

use super::Repaired;
use crate::archive::hash_file;
use crate::blob::Hash;
use crate::manifest::ArchiveFile;
use crate::{ARCHIVE, DATABASE, Error, database, tidy};
use rusqlite::{Connection, OptionalExtension, params};
use std::fs;
use std::path::{Component, Path};

/// Whether a path of a manifest stays inside the archive: a damaged or forged row may say anything.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', '\0'])
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Looks at every file of the manifest; brings back what is lost, when the backup has it.
pub fn bring_back(
    connection: &Connection,
    dir: &Path,
    from: Option<&Path>,
    repaired: &mut Repaired,
) -> Result<(), Error> {
    let path = dir.join(DATABASE);
    let failed = |error| Error::database("mark files", &path)(error);
    let listed = tidy::load_manifest(connection).map_err(failed)?;
    let is_marked = |file: &ArchiveFile| listed.marked.iter().any(|(known, _)| known.id == file.id);
    for file in listed.manifest.files() {
        if !is_inside(&file.path) {
            let why =
                "its path in the manifest leads out of the archive; the row was forged or damaged";
            repaired.lost.push((file.path.clone(), why.to_owned()));
            continue;
        }
        let target = dir.join(ARCHIVE).join(&file.path);
        let why = match hash_file(&target) {
            Ok((hash, ..)) if hash == file.hash => {
                if is_marked(file) {
                    tidy::mark(connection, file.id, None).map_err(failed)?;
                    repaired.unmarked.push(file.name());
                }
                continue;
            }
            Ok(_) => "its bytes were changed".to_owned(),
            Err(error) => format!("it cannot be read: {error}"),
        };
        let source = from.map(|from| from.join(ARCHIVE).join(&file.path));
        let good = source
            .filter(|source| matches!(hash_file(source), Ok((hash, ..)) if hash == file.hash));
        if let Some(source) = good {
            replace(&source, &target)?;
            tidy::mark(connection, file.id, None).map_err(failed)?;
            repaired.files.push(file.name());
        } else {
            tidy::mark(connection, file.id, Some(&why)).map_err(failed)?;
            repaired.lost.push((file.name(), why));
        }
    }
    Ok(())
}

/// Puts a copy in the place of a file; the damaged one stays beside it.
fn replace(source: &Path, target: &Path) -> Result<(), Error> {
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    }
    if target.exists() {
        let aside = target.with_extension("damaged");
        fs::rename(target, &aside).map_err(Error::io("put aside", target))?;
    }
    let part = target.with_extension("tmp");
    fs::copy(source, &part).map_err(Error::io("copy to", &part))?;
    let sync = |path: &Path| fs::File::open(path).and_then(|file| file.sync_all());
    sync(&part).map_err(Error::io("sync", &part))?;
    fs::rename(&part, target).map_err(Error::io("rename", &part))?;
    target.parent().map_or(Ok(()), |folder| sync(folder).map_err(Error::io("sync", folder)))
}

/// Brings back blobs of readings whose bytes are damaged: the backup's has the hash that the row gives.
pub fn bring_blobs_back(
    connection: &Connection,
    path: &Path,
    from: &Path,
    repaired: &mut Repaired,
) -> Result<(), Error> {
    let failed = |error| Error::database("bring blobs back", path)(error);
    let source_path = from.join(DATABASE);
    let source = database::open_reader(&source_path)?;
    let other = |error| Error::database("read the backup", &source_path)(error);
    for (table, key) in [("readings_blob", "id"), ("frames_blob", "sequence_first")] {
        let rows = damaged(connection, table, key).map_err(failed)?;
        for (id, turn, day, hash) in rows {
            let query =
                format!("SELECT bytes FROM {table} WHERE turn = ?1 AND day = ?2 AND hash = ?3");
            let found: Option<Vec<u8>> = source
                .query_row(&query, params![turn, day, &hash[..]], |row| row.get(0))
                .optional()
                .map_err(other)?;
            let what = format!("{DATABASE}, {table} {id}");
            match found.filter(|bytes| *blake3::hash(bytes).as_bytes() == hash) {
                Some(bytes) => {
                    let put = format!("UPDATE {table} SET bytes = ?2 WHERE {key} = ?1");
                    connection.execute(&put, params![id, bytes]).map_err(failed)?;
                    repaired.blobs.push(what);
                }
                None => repaired.lost.push((what, "the backup has no good copy".to_owned())),
            }
        }
    }
    aside(connection, &source, repaired).map_err(failed)
}

/// Blobs that were put aside at a start go back when the backup has them whole.
fn aside(
    connection: &Connection,
    source: &Connection,
    repaired: &mut Repaired,
) -> rusqlite::Result<()> {
    let query = "SELECT id, turn, day, hash FROM damaged_blob WHERE source = 'readings_blob'";
    let rows: Vec<(i64, i64, i32, Hash)> = connection
        .prepare(query)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, turn, day, hash) in rows {
        let query = "SELECT count, time_min, time_max, bytes FROM readings_blob \
                     WHERE turn = ?1 AND day = ?2 AND hash = ?3";
        let found: Option<(i64, i64, i64, Vec<u8>)> = source
            .query_row(query, params![turn, day, &hash[..]], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((count, first, last, bytes)) =
            found.filter(|(.., bytes)| *blake3::hash(bytes).as_bytes() == hash)
        else {
            repaired.lost.push((
                format!("{DATABASE}, the readings of turn {turn}"),
                "put aside as damaged; the backup has no good copy".to_owned(),
            ));
            continue;
        };
        connection.execute(
            "INSERT INTO readings_blob (turn, day, count, time_min, time_max, hash, bytes) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![turn, day, count, first, last, &hash[..], bytes],
        )?;
        connection.execute("DELETE FROM damaged_blob WHERE id = ?1", [id])?;
        repaired.blobs.push(format!("{DATABASE}, the readings of turn {turn}"));
    }
    Ok(())
}

type BlobRow = (i64, i64, i32, Hash);

fn damaged(connection: &Connection, table: &str, key: &str) -> rusqlite::Result<Vec<BlobRow>> {
    let query = format!("SELECT {key}, turn, day, hash, bytes FROM {table} ORDER BY {key}");
    let mut query = connection.prepare(&query)?;
    let mut rows = query.query([])?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        let hash: Hash = row.get(3)?;
        if *blake3::hash(row.get_ref(4)?.as_blob()?).as_bytes() != hash {
            found.push((row.get(0)?, row.get(1)?, row.get(2)?, hash));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_climbs_out_is_told_from_one_that_does_not() {
        for path in ["readings/day=2026-03-01/base-1.parquet", "a"] {
            assert!(is_inside(path), "{path}");
        }
        for path in ["../x", "/etc/passwd", "a/../../x", "", "a\\..\\x", "./a/..", "a\0b"] {
            assert!(!is_inside(path), "{path}");
        }
    }
}
