//! The SQLite file: how it is opened, by one writer and by readers.

use crate::{Error, Limits};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// The newest format this program reads, in SQLite's `user_version`.
pub const FORMAT: i64 = 4;
/// `SKYR`, in SQLite's `application_id`.
const APPLICATION: i64 = 0x534B_5952;
/// How long a connection waits for another one's lock.
const BUSY: Duration = Duration::from_secs(10);

/// Opens the database for the one writer; makes it when it is not there.
pub fn open_writer(path: &Path, limits: &Limits) -> Result<Connection, Error> {
    let mut connection =
        Connection::open(path).map_err(Error::database("open the database", path))?;
    configure(&mut connection, path, limits)?;
    Ok(connection)
}

/// Opens the database for reading only.
pub fn open_reader(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    };
    open().map_err(Error::database("open the database for reading", path))
}

/// Opens the database for reading and begins a transaction: what is read over it is as of one moment,
/// whatever a server writes meanwhile. Only this program's format is taken, since nothing is upgraded.
pub fn open_pinned(path: &Path) -> Result<Connection, Error> {
    let connection = open_reader(path)?;
    let database = |attempt| Error::database(attempt, path);
    let pragma = |name: &str| {
        let value = connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        value.map_err(database("read the database"))
    };
    connection.execute_batch("BEGIN").map_err(database("begin to read"))?;
    if pragma("application_id")? != APPLICATION {
        return Err(Error::Foreign { path: path.to_owned() });
    }
    match pragma("user_version")? {
        FORMAT => Ok(connection),
        found if found > FORMAT => {
            Err(Error::NewerFormat { path: path.to_owned(), found, known: FORMAT })
        }
        found => Err(Error::OlderFormat { path: path.to_owned(), found, known: FORMAT }),
    }
}

fn configure(connection: &mut Connection, path: &Path, limits: &Limits) -> Result<(), Error> {
    let database = |attempt| Error::database(attempt, path);
    connection.busy_timeout(BUSY).map_err(database("configure the database"))?;
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let mut format = FORMAT;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(database("read the database"))?;
    if tables > 0 {
        if pragma("application_id").map_err(database("read the database"))? != APPLICATION {
            return Err(Error::Foreign { path: path.to_owned() });
        }
        let found = pragma("user_version").map_err(database("read the database"))?;
        if found > FORMAT {
            return Err(Error::NewerFormat { path: path.to_owned(), found, known: FORMAT });
        }
        format = found;
    }
    let set = |connection: &mut Connection| {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.pragma_update(None, "cache_size", -32_000)?;
        if limits.database_pages_max > 0 {
            connection.pragma_update(None, "max_page_count", limits.database_pages_max)?;
        }
        if tables == 0 {
            let transaction = connection.transaction()?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
            transaction.execute_batch(include_str!("schema.sql"))?;
            transaction.commit()?;
        }
        if format < 2 {
            let transaction = connection.transaction()?;
            transaction.execute_batch(include_str!("upgrade_2.sql"))?;
            transaction.pragma_update(None, "user_version", 2)?;
            transaction.commit()?;
        }
        if format < 3 {
            let transaction = connection.transaction()?;
            transaction.execute_batch(include_str!("upgrade_3.sql"))?;
            transaction.pragma_update(None, "user_version", 3)?;
            transaction.commit()?;
        }
        if format < 4 {
            let transaction = connection.transaction()?;
            transaction.execute_batch(include_str!("upgrade_4.sql"))?;
            transaction.pragma_update(None, "user_version", 4)?;
            transaction.commit()?;
        }
        Ok(())
    };
    set(connection).map_err(database("prepare the database"))
}
