//! Secrets: what proves that somebody is who they say. They are replaced in place, so that what was taken
//! back is gone; who may do what is told by acts and kept for ever.

use crate::{Error, Reader};
use model::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

/// A change of what is kept in secret.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretChange {
    /// A secret is added or replaced.
    Put(Secret),
    /// A secret is gone.
    Remove {
        /// Its kind.
        kind: String,
        /// Whose it is.
        key: String,
    },
    /// Somebody of the table that format 2 kept has become an account.
    Adopted(String),
}

/// One secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What kind it is, as a stable name: `password`, `token`.
    pub kind: String,
    /// Whose it is, or which one of its kind.
    pub key: String,
    /// What is kept, mostly a hash.
    pub value: String,
}

/// Names it, and keeps what it is to itself.
impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Secret({} of {})", self.kind, self.key)
    }
}

impl std::fmt::Debug for SecretChange {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Put(secret) => write!(out, "Put({secret:?})"),
            Self::Remove { kind, key } => write!(out, "Remove({kind} of {key})"),
            Self::Adopted(name) => write!(out, "Adopted({name})"),
        }
    }
}

/// Somebody who could sign in when the directory had format 2.
#[derive(Clone, PartialEq, Eq)]
pub struct OldUser {
    /// The name they sign in with.
    pub name: String,
    /// Whether they could change everything, or only look.
    pub is_administrator: bool,
    /// The hash of their password, PHC text.
    pub password_hash: String,
}

/// Writes the changes of a turn.
pub fn write(
    transaction: &Transaction<'_>,
    changes: &[SecretChange],
    at: Timestamp,
) -> rusqlite::Result<()> {
    for change in changes {
        match change {
            SecretChange::Put(Secret { kind, key, value }) => transaction
                .prepare_cached(
                    "INSERT INTO secret (kind, key, value, at) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, at = excluded.at",
                )?
                .execute(params![kind, key, value, at.as_ms()])?,
            SecretChange::Remove { kind, key } => transaction
                .prepare_cached("DELETE FROM secret WHERE kind = ?1 AND key = ?2")?
                .execute([kind, key])?,
            SecretChange::Adopted(name) => {
                transaction.execute("DELETE FROM user WHERE name = ?1", [name])?
            }
        };
    }
    Ok(())
}

impl Reader {
    /// One secret.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn secret(&self, kind: &str, key: &str) -> Result<Option<String>, Error> {
        let query = "SELECT value FROM secret WHERE kind = ?1 AND key = ?2";
        self.shared.query("read a secret", |connection| {
            connection.prepare_cached(query)?.query_row([kind, key], |row| row.get(0)).optional()
        })
    }

    /// All secrets of a kind, by key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn secrets(&self, kind: &str) -> Result<Vec<Secret>, Error> {
        let query = "SELECT key, value FROM secret WHERE kind = ?1 ORDER BY key";
        self.shared.query("read secrets", |connection| {
            let mut query = connection.prepare_cached(query)?;
            let rows = query.query_map([kind], |row| {
                Ok(Secret { kind: kind.to_owned(), key: row.get(0)?, value: row.get(1)? })
            })?;
            rows.collect()
        })
    }

    /// Those who could sign in when the directory had format 2 and are no accounts yet, by name.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn old_users(&self) -> Result<Vec<OldUser>, Error> {
        self.shared.query("read the users of format 2", |connection| {
            let query = "SELECT name, role, password_hash FROM user ORDER BY name";
            let mut query = connection.prepare_cached(query)?;
            let rows = query.query_map([], |row| {
                let is_administrator = row.get::<_, i64>(1)? == 0;
                Ok(OldUser { name: row.get(0)?, is_administrator, password_hash: row.get(2)? })
            })?;
            rows.collect()
        })
    }
}
