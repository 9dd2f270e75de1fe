//! Damaged blobs are put aside: nothing is read from them again, and nothing of them is lost.

use crate::DATABASE;
use crate::record::Damage;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeSet;

/// Puts a blob of readings aside.
pub fn readings_blob(connection: &Connection, id: i64, why: &str) -> rusqlite::Result<Damage> {
    move_row(connection, "readings_blob", "id", id, why)
}

/// Puts a blob of frames aside.
pub fn frames_blob(connection: &Connection, first: i64, why: &str) -> rusqlite::Result<Damage> {
    move_row(connection, "frames_blob", "sequence_first", first, why)
}

fn move_row(
    connection: &Connection,
    table: &str,
    key: &str,
    id: i64,
    why: &str,
) -> rusqlite::Result<Damage> {
    let moved = connection.execute(
        &format!(
            "INSERT INTO damaged_blob (source, turn, day, count, hash, bytes, why) \
             SELECT ?2, turn, day, count, hash, bytes, ?3 FROM {table} WHERE {key} = ?1"
        ),
        params![id, table, why],
    );
    if moved.is_err() {
        // The pages themselves cannot be read: at least the note survives.
        connection.execute(
            "INSERT INTO damaged_blob (source, turn, day, count, hash, why) \
             VALUES (?1, 0, 0, 0, zeroblob(32), ?2)",
            params![table, why],
        )?;
    }
    let note = connection.last_insert_rowid();
    connection.execute(&format!("DELETE FROM {table} WHERE {key} = ?1"), [id])?;
    let query = "SELECT id, source, turn, day, count, why FROM damaged_blob WHERE id = ?1";
    connection.query_row(query, [note], damage)
}

/// Everything that was ever put aside.
pub fn known(connection: &Connection) -> rusqlite::Result<Vec<Damage>> {
    let query = "SELECT id, source, turn, day, count, why FROM damaged_blob ORDER BY id";
    connection.prepare(query)?.query_map([], damage)?.collect()
}

/// UTC days of which readings were lost with a blob.
pub fn lost_days(connection: &Connection) -> rusqlite::Result<BTreeSet<i32>> {
    let query = "SELECT DISTINCT day FROM damaged_blob WHERE source = 'readings_blob'";
    connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
}

fn damage(row: &Row<'_>) -> rusqlite::Result<Damage> {
    let (id, source, turn): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (day, count): (i64, i64) = (row.get(3)?, row.get(4)?);
    let what = format!(
        "{DATABASE}, damaged_blob {id}: {count} rows of {source}, turn {turn}, UTC day {day}"
    );
    Ok(Damage { what, why: row.get(5)? })
}
