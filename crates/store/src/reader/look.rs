//! Looking into a data directory that somebody else may have open.

use crate::view::{Shared, View};
use crate::{DATABASE, Error, Limits, Reader, database, register, tidy};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

impl Reader {
    /// Looks into a data directory without taking it: a server may use it meanwhile. Ledger, journal,
    /// frames, registry and sealed days are there; readings that are not sealed yet are not loaded.
    ///
    /// # Errors
    /// When there is no database, or it cannot be read.
    pub fn look(dir: &Path, limits: Limits) -> Result<Self, Error> {
        let path = dir.join(DATABASE);
        let database = |attempt| Error::database(attempt, &path);
        let connection = database::open_reader(&path)?;
        let mut view = View::default();
        view.change_registry(register::load(&connection).map_err(database("read the registry"))?);
        let listed = tidy::load_manifest(&connection).map_err(database("read the manifest"))?;
        view.manifest = Arc::new(listed.manifest);
        let shared = Shared::new(dir.to_owned(), limits, view, BTreeSet::default());
        Ok(Self::new(Arc::new(shared)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Store, TurnRecord};
    use model::{Counted, Disposition, LedgerEntry, Reason, Timestamp};

    #[test]
    fn the_ledger_is_seen_while_a_server_has_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::open(dir.path(), Limits::for_testing()).unwrap();
        let entry = LedgerEntry {
            hour: Timestamp::from_ms(0),
            device: None,
            unit: Counted::Frame,
            disposition: Disposition::Rejected,
            reason: Reason::BadCrc,
            count: 3,
        };
        let ledger = vec![entry.clone()];
        store.commit(TurnRecord { ledger, ..TurnRecord::default() }).unwrap();
        let looking = Reader::look(dir.path(), Limits::for_testing()).unwrap();
        assert_eq!(looking.ledger(Timestamp::MIN, Timestamp::MAX).unwrap(), [entry]);
    }

    #[test]
    fn a_folder_without_a_database_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = Reader::look(dir.path(), Limits::for_testing()).unwrap_err();
        assert!(error.to_string().contains(DATABASE), "{error}");
    }
}
