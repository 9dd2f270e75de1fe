//! What can be made anew from what is kept: projections, marks, counts, and files of which a backup has a
//! good copy. What was acknowledged is never touched.

mod count;
mod files;

pub(crate) use files::is_inside;

use crate::archive::read_readings;
use crate::lock::Lock;
use crate::manifest::FileKind;
use crate::{DATABASE, Error, Limits, Reader, database};
use model::{DatastreamId, Reading, Timestamp};
use rusqlite::{Connection, Transaction, params};
use std::collections::BTreeMap;
use std::path::Path;

/// What a repair made anew, and what it could not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Files that were brought back from the backup.
    pub files: Vec<String>,
    /// Files whose mark of damage was wrong: they are whole.
    pub unmarked: Vec<String>,
    /// Blobs of the log that were brought back from the backup.
    pub blobs: Vec<String>,
    /// Entries of the registry that now say what their newest version says.
    pub registry: u64,
    /// Datastreams whose oldest instant or newest sealed reading was wrong.
    pub series: u64,
    /// Lines of the ledger that now count what is there.
    pub ledger: u64,
    /// What is lost, and why.
    pub lost: Vec<(String, String)>,
}

impl Repaired {
    /// Whether nothing had to be done.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Repairs a directory that no server uses; `from` is a backup of it that may have what it lost.
///
/// # Errors
/// When a server uses the directory, or it cannot be read or written.
pub fn repair(dir: &Path, from: Option<&Path>, limits: Limits) -> Result<Repaired, Error> {
    let path = dir.join(DATABASE);
    // Opened for writing makes what is not there; a repair makes nothing out of nothing.
    drop(database::open_reader(&path)?);
    let _lock = Lock::take(dir)?;
    let mut connection = database::open_writer(&path, &limits)?;
    let mut repaired = Repaired::default();
    files::bring_back(&connection, dir, from, &mut repaired)?;
    if let Some(from) = from {
        files::bring_blobs_back(&connection, &path, from, &mut repaired)?;
    }
    // Looked at anew: what was brought back is read like everything else.
    let reader = Reader::look(dir, limits)?;
    let failed = |error| Error::database("repair", &path)(error);
    let transaction = connection.transaction().map_err(failed)?;
    repaired.registry = renew_registry(&transaction).map_err(failed)?;
    let datastreams = reader.view().registry().datastreams().len();
    if reader.problems().is_empty() && repaired.lost.is_empty() {
        repaired.series = rebuild_series(&transaction, &reader, datastreams)?;
        repaired.ledger = count::recount(&transaction, &reader)?;
    } else {
        let why = "not counted anew while something is lost: the counts would hide it";
        repaired.lost.push(("ledger and newest readings".to_owned(), why.to_owned()));
    }
    transaction.commit().map_err(failed)?;
    Ok(repaired)
}

/// Brings every entry of the registry to its newest version; how many said otherwise.
pub fn renew_registry(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    const NEWEST: &str = "(SELECT document FROM revision WHERE revision.kind = registry.kind \
                          AND revision.key = registry.key ORDER BY id DESC LIMIT 1)";
    let renew = format!(
        "UPDATE registry SET document = {NEWEST} \
         WHERE {NEWEST} IS NOT NULL AND document <> {NEWEST}"
    );
    transaction.execute(&renew, []).map(|count| count as u64)
}

/// Writes oldest instant and newest sealed reading of each datastream anew; how many were otherwise.
pub fn rebuild_series(
    connection: &Connection,
    reader: &Reader,
    datastreams: usize,
) -> Result<u64, Error> {
    let path = reader.shared.database_path();
    let failed = |error| Error::database("write the newest readings", &path)(error);
    // Not the view's: files may have been dropped in this transaction.
    let listed = crate::tidy::load_manifest(connection).map_err(failed)?.manifest;
    let ids: Vec<_> = (0..datastreams as i32).map(DatastreamId).collect();
    let mut extents: BTreeMap<DatastreamId, (Timestamp, Reading)> = BTreeMap::new();
    for file in listed.files() {
        if !matches!(file.kind, FileKind::Base | FileKind::Late) {
            continue;
        }
        let read = reader.shared.read_file(file, |open| {
            read_readings(open, &ids, Timestamp::MIN, Timestamp::MAX, |reading| {
                let known = extents.entry(reading.datastream).or_insert((reading.time, reading));
                known.0 = known.0.min(reading.time);
                let is_newer = (known.1.time, known.1.sequence) <= (reading.time, reading.sequence);
                if is_newer {
                    known.1 = reading;
                }
            })
        });
        if read.is_none() {
            // A lost file must not move what is known: its day is named as damaged already.
            return Ok(0);
        }
    }
    write_series(connection, &extents).map_err(failed)
}

type Row = (i32, i64, i64, i64, i16, i64);

fn write_series(
    connection: &Connection,
    extents: &BTreeMap<DatastreamId, (Timestamp, Reading)>,
) -> rusqlite::Result<u64> {
    let wanted: Vec<Row> = extents
        .values()
        .map(|(first, latest)| {
            let value = latest.value.unwrap_or(0.0).to_bits() as i64;
            let (datastream, time) = (latest.datastream.0, latest.time.as_ms());
            let sequence = latest.sequence.0 as i64;
            (datastream, first.as_ms(), time, value, latest.flag.bits(), sequence)
        })
        .collect();
    let query = "SELECT datastream, time_first, time, value, flag, sequence FROM series \
                 ORDER BY datastream";
    let found: Vec<Row> = connection
        .prepare(query)?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let is_as_found = |row: &&Row| {
        found.binary_search_by_key(&row.0, |one| one.0).is_ok_and(|at| found[at] == **row)
    };
    let same = wanted.iter().filter(is_as_found).count();
    let changed = found.len().max(wanted.len()) - same;
    if changed > 0 {
        connection.execute("DELETE FROM series", [])?;
        let mut put = connection.prepare(
            "INSERT INTO series (datastream, time_first, time, value, flag, sequence) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for (datastream, first, time, value, flag, sequence) in &wanted {
            put.execute(params![datastream, first, time, value, flag, sequence])?;
        }
    }
    Ok(changed as u64)
}
