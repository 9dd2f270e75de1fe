//! Looking into a data directory that somebody else may have open, the readings of the log included.

use crate::blob::decode_readings;
use crate::recover::load_extents;
use crate::view::{Shared, View};
use crate::{DATABASE, Damage, Error, Limits, Reader, database, register, tidy};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use zstd::bulk::Decompressor;

impl Reader {
    /// As [`Reader::look`], with the readings that are not sealed yet, all as of one turn. Takes as long as
    /// a start. What is damaged is in [`Reader::problems`]; nothing is written.
    ///
    /// # Errors
    /// When there is no database, or it cannot be read.
    pub fn look_whole(dir: &Path, limits: Limits) -> Result<Self, Error> {
        let path = dir.join(DATABASE);
        let failed = |error| Error::database("read the log", &path)(error);
        let connection = database::open_reader(&path)?;
        // One snapshot: turns may be written and days sealed meanwhile.
        let connection = connection.unchecked_transaction().map_err(failed)?;
        let mut view = View::default();
        view.change_registry(register::load(&connection).map_err(failed)?);
        view.manifest = Arc::new(tidy::load_manifest(&connection).map_err(failed)?.manifest);
        load_extents(&connection, &mut view).map_err(failed)?;
        let mut damage = BTreeSet::new();
        let mut zstd = Decompressor::new().map_err(Error::io("decompress", &path))?;
        let query = "SELECT id, day, hash, bytes FROM readings_blob ORDER BY id";
        let mut query = connection.prepare(query).map_err(failed)?;
        let mut rows = query.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let blob = || -> rusqlite::Result<(i64, i32, Vec<u8>, Vec<u8>)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (id, day, hash, bytes) = blob().map_err(failed)?;
            match decode_readings(&bytes, &hash, &mut zstd) {
                Ok(readings) if readings.iter().all(|one| one.time.utc_day() == day) => {
                    view.hot.apply(day, &readings);
                }
                Ok(_) => {
                    view.lost_days.insert(day);
                }
                Err(error) => {
                    let what = format!("{DATABASE}, readings_blob {id}");
                    damage.insert(Damage { what, why: error.to_string() });
                    view.lost_days.insert(day);
                }
            }
        }
        drop(rows);
        drop(query);
        let shared = Shared::new(dir.to_owned(), limits, view, damage);
        Ok(Self::new(Arc::new(shared)))
    }
}
