//! The archive folder at the start: what no manifest names is removed, what one names must be there.

use crate::archive::hash_file;
use crate::chain::{GENESIS, file_hash};
use crate::manifest::{ArchiveFile, COLUMNS, Manifest};
use crate::record::Damage;
use crate::{ARCHIVE, DATABASE, Error};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How deep a file lies inside the archive: `readings/day=2026-03-01/base-….parquet`.
const DEPTH: usize = 3;

/// The manifest as it stands in the database.
pub struct Listed {
    pub manifest: Manifest,
    /// Files that were found damaged before, and how.
    pub marked: Vec<(ArchiveFile, String)>,
    /// Rows whose hash does not follow from the row before.
    pub broken: Vec<Damage>,
}

/// Reads the manifest and checks its chain.
pub fn load_manifest(connection: &Connection) -> rusqlite::Result<Listed> {
    let query = format!("SELECT {COLUMNS}, damage, log_hash, chain FROM manifest ORDER BY id");
    let mut listed = Listed { manifest: Manifest::default(), marked: vec![], broken: vec![] };
    let mut query = connection.prepare(&query)?;
    let mut rows = query.query([])?;
    let mut previous = GENESIS;
    let retired = retired(connection)?;
    while let Some(row) = rows.next()? {
        let file = ArchiveFile::from_row(row)?;
        let is_there = !retired.files.contains_key(&file.id);
        if is_there && let Some(why) = row.get::<_, Option<String>>(14)? {
            listed.marked.push((file.clone(), why));
        }
        let stored = row.get(16)?;
        if file_hash(&previous, &file, &row.get(15)?, retired.by(file.id)) != stored {
            listed.broken.push(Damage {
                what: format!("{DATABASE}, manifest row {} ({})", file.id, file.path),
                why: "its hash does not follow from the row before it".to_owned(),
            });
        }
        previous = stored;
        if is_there {
            listed.manifest.add(file);
        }
    }
    Ok(listed)
}

/// The files of the manifest that are no longer there.
#[derive(Default)]
pub struct Retired {
    /// By their number: the act that let them go, or none for those that others replaced.
    pub files: BTreeMap<i64, Option<i64>>,
    replaced: BTreeMap<i64, Vec<i64>>,
}

impl Retired {
    /// The files that a row is the first to replace, ascending.
    pub fn by(&self, first: i64) -> &[i64] {
        self.replaced.get(&first).map_or(&[], Vec::as_slice)
    }
}

/// Reads which files of the manifest are no longer there.
pub fn retired(connection: &Connection) -> rusqlite::Result<Retired> {
    let mut query = connection.prepare("SELECT file, replaced, act FROM retired ORDER BY file")?;
    let mut rows = query.query([])?;
    let mut retired = Retired::default();
    while let Some(row) = rows.next()? {
        let (file, replaced): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        retired.files.insert(file, row.get(2)?);
        if let Some(first) = replaced {
            retired.replaced.entry(first).or_default().push(file);
        }
    }
    Ok(retired)
}

/// Looks whether each file is there with its length, and once more at those that were damaged: a good
/// copy in its place heals it.
pub fn check_files(
    connection: &Connection,
    dir: &Path,
    Listed { manifest, marked, .. }: &Listed,
) -> rusqlite::Result<Vec<Damage>> {
    let mut damaged = vec![];
    for file in manifest.files() {
        let was_marked = marked.iter().find(|(known, _)| known.id == file.id).map(|(_, why)| why);
        let path = dir.join(ARCHIVE).join(&file.path);
        let why = match fs::metadata(&path) {
            Err(error) => Some(format!("it cannot be found: {error}")),
            Ok(found) if found.len() != file.bytes => {
                Some(format!("it has {} bytes instead of {}", found.len(), file.bytes))
            }
            Ok(_) => match was_marked {
                None => None,
                Some(why) => (hash_file(&path).ok().map(|(hash, ..)| hash) != Some(file.hash))
                    .then(|| why.clone()),
            },
        };
        if why.as_ref() != was_marked {
            mark(connection, file.id, why.as_deref())?;
        }
        damaged.extend(why.map(|why| Damage { what: file.name(), why }));
    }
    Ok(damaged)
}

/// Writes into the manifest that a file is damaged, or that it is whole again.
pub fn mark(connection: &Connection, id: i64, why: Option<&str>) -> rusqlite::Result<()> {
    let update = "UPDATE manifest SET damage = ?2 WHERE id = ?1";
    connection.prepare_cached(update)?.execute((id, why))?;
    Ok(())
}

/// Removes files that were written and never listed. Says how many.
pub fn remove_garbage(dir: &Path, manifest: &Manifest) -> Result<u64, Error> {
    let archive = dir.join(ARCHIVE);
    let listed: HashSet<PathBuf> = manifest.files().map(|file| archive.join(&file.path)).collect();
    let mut removed = 0;
    let mut folders = vec![(archive, 1)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(Error::io("list the folder", &folder))?;
        for entry in entries {
            let entry = entry.map_err(Error::io("list the folder", &folder))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(Error::io("look at", &path))?;
            let is_ours = path.extension().is_some_and(|end| end == "parquet" || end == "tmp");
            if kind.is_dir() && depth < DEPTH {
                folders.push((path, depth + 1));
            } else if kind.is_file() && is_ours && !listed.contains(&path) {
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
