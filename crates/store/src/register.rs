//! The registry in the database: one row per thing, in the order in which things were registered.

use crate::record::RegistryChanges;
use model::{Datastream, DatastreamId, DatastreamKey, PlaceId};
use rusqlite::types::Type;
use rusqlite::{Connection, Transaction, params};
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

/// Writes changes. A thing that is there already keeps its position.
pub fn insert(transaction: &Transaction<'_>, changes: &RegistryChanges) -> rusqlite::Result<()> {
    for area in &changes.areas {
        put(transaction, Kind::Area, &area.key, area)?;
    }
    for line in &changes.lines {
        put(transaction, Kind::Line, &line.key, line)?;
    }
    for place in &changes.places {
        put(transaction, Kind::Place, &place.key, place)?;
    }
    for device in &changes.devices {
        put(transaction, Kind::Device, &device.mn, device)?;
    }
    for Datastream { id, key, place } in &changes.datastreams {
        let document = DatastreamDocument { key: key.clone(), place: *place };
        put(transaction, Kind::Datastream, &id.to_string(), &document)?;
    }
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
    })
}

fn put(
    transaction: &Transaction<'_>,
    kind: Kind,
    key: &str,
    thing: &impl Serialize,
) -> rusqlite::Result<()> {
    let document = serde_json::to_string(thing)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
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
    let rows = query.query_map([kind as u8], |row| {
        serde_json::from_str(row.get_ref(0)?.as_str()?)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
    })?;
    rows.collect()
}
