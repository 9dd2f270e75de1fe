//! The registry in the database: one row per thing, in the order in which things were registered, and
//! one per version that a thing ever had. Beside it those who may sign in.

use crate::record::{Author, RegistryChanges, Revision, Way};
use crate::{Error, Reader};
use model::{Datastream, DatastreamId, DatastreamKey, EntryKind, PlaceId, Sequence, Timestamp};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a row holds. The numbers are stored; a datastream needs places and devices before it.
#[derive(Clone, Copy)]
enum Kind {
    Area = 0,
    Line = 1,
    Place = 2,
    Device = 3,
    Datastream = 4,
}

/// A datastream as stored; its id is the key of the row.
#[derive(Serialize, Deserialize)]
struct DatastreamDocument {
    key: DatastreamKey,
    place: PlaceId,
}

/// When a change is written: the turn's number and instant, and the newest entry of the log.
#[derive(Clone, Copy)]
pub struct Moment {
    pub turn: i64,
    pub at: Timestamp,
    pub sequence: Sequence,
}

/// Writes changes. A thing that is there already keeps its position; each change is a version of its own.
pub fn insert(
    transaction: &Transaction<'_>,
    changes: &RegistryChanges,
    moment: Moment,
) -> rusqlite::Result<()> {
    let put = |kind, key: &str, document: String| {
        revise(transaction, kind, key, &document, &changes.by, moment)?;
        put(transaction, kind, key, &document)
    };
    for area in &changes.areas {
        put(Kind::Area, &area.key, json(area)?)?;
    }
    for line in &changes.lines {
        put(Kind::Line, &line.key, json(line)?)?;
    }
    for place in &changes.places {
        put(Kind::Place, &place.key, json(place)?)?;
    }
    for device in &changes.devices {
        put(Kind::Device, &device.mn, json(device)?)?;
    }
    for Datastream { id, key, place } in &changes.datastreams {
        let document = json(&DatastreamDocument { key: key.clone(), place: *place })?;
        self::put(transaction, Kind::Datastream, &id.to_string(), &document)?;
    }
    Ok(())
}

impl Reader {
    /// Every version that an entry of the registry ever had, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn revisions(&self, kind: EntryKind, key: &str) -> Result<Vec<Revision>, Error> {
        let query = "SELECT id, at, sequence, who, way, receipt, document FROM revision \
                     WHERE kind = ?1 AND key = ?2 ORDER BY id";
        self.shared.query("read the versions of an entry", |connection| {
            let mut query = connection.prepare_cached(query)?;
            let rows = query
                .query_map(params![Kind::of(kind) as u8, key], |row| revision(row, kind, key))?;
            let mut revisions: Vec<Revision> = rows.collect::<rusqlite::Result<_>>()?;
            if let Some(first) = revisions.first_mut() {
                first.is_first = true;
            }
            Ok(revisions)
        })
    }

    /// Versions of any entries after a number, in the order of writing, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn revisions_after(&self, id: i64, limit: usize) -> Result<Vec<Revision>, Error> {
        let query = "SELECT id, at, sequence, who, way, receipt, document, kind, key, \
                     NOT EXISTS (SELECT 1 FROM revision AS older WHERE older.kind = revision.kind \
                     AND older.key = revision.key AND older.id < revision.id) \
                     FROM revision WHERE id > ?1 ORDER BY id LIMIT ?2";
        let kinds = [EntryKind::Area, EntryKind::Line, EntryKind::Place, EntryKind::Device];
        self.shared.query("read the versions of the registry", |connection| {
            let mut query = connection.prepare_cached(query)?;
            let rows = query.query_map(params![id, limit as i64], |row| {
                let kind: usize = row.get::<_, u8>(7)?.into();
                let meaningless = rusqlite::Error::IntegralValueOutOfRange(7, kind as i64);
                let kind = *kinds.get(kind).ok_or(meaningless)?;
                let is_first = row.get(9)?;
                Ok(Revision { is_first, ..revision(row, kind, &row.get::<_, String>(8)?)? })
            })?;
            rows.collect()
        })
    }

    /// The number of the newest version of an entry; `None` when there is no such entry.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn revision(&self, kind: EntryKind, key: &str) -> Result<Option<i64>, Error> {
        let query = "SELECT max(id) FROM revision WHERE kind = ?1 AND key = ?2";
        self.shared.query("read the newest version of an entry", |connection| {
            let parameters = params![Kind::of(kind) as u8, key];
            connection.prepare_cached(query)?.query_row(parameters, |row| row.get(0))
        })
    }

    /// What the registry file last said of an entry; `None` when the file never had it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn said_by_file<T: DeserializeOwned>(
        &self,
        kind: EntryKind,
        key: &str,
    ) -> Result<Option<T>, Error> {
        let query = "SELECT document FROM revision WHERE kind = ?1 AND key = ?2 AND way = 0 \
                     ORDER BY id DESC LIMIT 1";
        self.shared.query("read what the registry file said", |connection| {
            let parameters = params![Kind::of(kind) as u8, key];
            connection.prepare_cached(query)?.query_row(parameters, |row| parsed(row, 0)).optional()
        })
    }
}

impl Kind {
    fn of(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Area => Self::Area,
            EntryKind::Line => Self::Line,
            EntryKind::Place => Self::Place,
            EntryKind::Device => Self::Device,
        }
    }
}

fn revision(row: &Row<'_>, kind: EntryKind, key: &str) -> rusqlite::Result<Revision> {
    let way = match row.get::<_, i64>(4)? {
        1 => Way::Written,
        2 => Way::Ended,
        3 => Way::Imported,
        _ => Way::File,
    };
    Ok(Revision {
        id: row.get(0)?,
        at: Timestamp::from_ms(row.get(1)?),
        sequence: Sequence(row.get::<_, i64>(2)? as u64),
        kind,
        key: key.to_owned(),
        by: Author { who: row.get(3)?, way, receipt: row.get(5)? },
        is_first: false,
        document: row.get(6)?,
    })
}

fn revise(
    transaction: &Transaction<'_>,
    kind: Kind,
    key: &str,
    document: &str,
    by: &Author,
    moment: Moment,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO revision (turn, sequence, at, kind, key, who, way, receipt, document) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            moment.turn,
            moment.sequence.0 as i64,
            moment.at.as_ms(),
            kind as u8,
            key,
            by.who,
            by.way as u8,
            by.receipt,
            document
        ])?;
    Ok(())
}

/// Reads everything that is registered.
pub fn load(connection: &Connection) -> rusqlite::Result<RegistryChanges> {
    let documents: Vec<DatastreamDocument> = all(connection, Kind::Datastream)?;
    let datastreams = documents.into_iter().enumerate().map(|(id, document)| Datastream {
        id: DatastreamId(id as i32),
        key: document.key,
        place: document.place,
    });
    Ok(RegistryChanges {
        areas: all(connection, Kind::Area)?,
        lines: all(connection, Kind::Line)?,
        places: all(connection, Kind::Place)?,
        devices: all(connection, Kind::Device)?,
        datastreams: datastreams.collect(),
        by: Author::default(),
    })
}

/// Drops datastreams whose device or place is no longer registered, and all that were opened after the
/// first of them, so that ids stay positions; says how many are left.
pub fn drop_orphans(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    let count = |kind: Kind| {
        let query = "SELECT count(*) FROM registry WHERE kind = ?1";
        transaction.query_row(query, [kind as u8], |row| row.get::<_, i64>(0))
    };
    let (places, devices) = (count(Kind::Place)?, count(Kind::Device)?);
    let documents: Vec<DatastreamDocument> = all(transaction, Kind::Datastream)?;
    let is_orphan = |one: &DatastreamDocument| {
        i64::from(one.place.0) >= places
            || matches!(one.key.source, model::Source::Device(id) if i64::from(id.0) >= devices)
    };
    let left = documents.iter().position(is_orphan).unwrap_or(documents.len());
    transaction.execute(
        "DELETE FROM registry WHERE kind = ?1 AND id IN \
         (SELECT id FROM registry WHERE kind = ?1 ORDER BY id LIMIT -1 OFFSET ?2)",
        params![Kind::Datastream as u8, left as i64],
    )?;
    Ok(left)
}

fn json(thing: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(thing)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn put(
    transaction: &Transaction<'_>,
    kind: Kind,
    key: &str,
    document: &str,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO registry (kind, key, document) VALUES (?1, ?2, ?3) \
             ON CONFLICT (kind, key) DO UPDATE SET document = excluded.document",
        )?
        .execute(params![kind as u8, key, document])?;
    Ok(())
}

fn all<T: DeserializeOwned>(connection: &Connection, kind: Kind) -> rusqlite::Result<Vec<T>> {
    let mut query =
        connection.prepare("SELECT document FROM registry WHERE kind = ?1 ORDER BY id")?;
    let rows = query.query_map([kind as u8], |row| parsed(row, 0))?;
    rows.collect()
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}
