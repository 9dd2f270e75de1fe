//! People: units, accounts, and the roles that accounts hold, as all acts about them together say.
//!
//! Each change is an act (`unit`, `account`, `role`) with the whole thing as it stands from then on, so what
//! stands today is the newest of each, and what stood once is the fold up to a sequence. Secrets stand in a
//! table of the store and never in an act.

mod change;
mod refused;

pub use change::{PeopleChange, When, holder};
pub use refused::Refused;

use model::{Account, ActRow, Area, Grant, Right, Role, Scope, Sequence, Timestamp, Unit, climbs};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Known, Reader};

/// The kind of the acts about units.
pub const UNIT: &str = "unit";
/// The kind of the acts about accounts.
pub const ACCOUNT: &str = "account";
/// The kind of the acts about roles that are given to accounts.
pub const ROLE: &str = "role";

/// Units, accounts and grants at one sequence. Nothing is removed: what ended stays, with its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    units: BTreeMap<String, Unit>,
    accounts: BTreeMap<String, Account>,
    grants: BTreeMap<String, Grant>,
}

impl People {
    /// As it was known at a sequence, or is now.
    ///
    /// # Errors
    /// When the store cannot be read, or an act about people is not what this program writes.
    pub fn as_of(reader: &Reader, known: Known) -> Result<Self, store::Error> {
        let mut people = Self::default();
        for kind in [UNIT, ACCOUNT, ROLE] {
            for row in reader.acts(kind, known)? {
                people.take(&row)?;
            }
        }
        Ok(people)
    }

    /// Takes one act in.
    fn take(&mut self, row: &ActRow) -> Result<(), store::Error> {
        let key = row.act.key.clone();
        match row.act.kind.as_str() {
            UNIT => drop(self.units.insert(key, read(row)?)),
            ACCOUNT => drop(self.accounts.insert(key, read(row)?)),
            ROLE => drop(self.grants.insert(key, read(row)?)),
            _ => (),
        }
        Ok(())
    }

    /// The unit of a key.
    pub fn unit(&self, key: &str) -> Option<&Unit> {
        self.units.get(key)
    }

    /// All units, by key.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// The account of a name.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.get(name)
    }

    /// All accounts, by name.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The grant of a key.
    pub fn grant(&self, key: &str) -> Option<&Grant> {
        self.grants.get(key)
    }

    /// All grants with their keys, by key.
    pub fn grants(&self) -> impl Iterator<Item = (&str, &Grant)> {
        self.grants.iter().map(|(key, grant)| (key.as_str(), grant))
    }

    /// What an account that may sign in holds at an instant.
    pub fn held<'a>(&'a self, name: &'a str, now: Timestamp) -> impl Iterator<Item = &'a Grant> {
        let is_open = self.account(name).is_some_and(|account| account.is_open(now));
        self.grants
            .values()
            .filter(move |grant| is_open && grant.account == name && grant.holds(now))
    }

    /// Whether anybody who may sign in holds a role at an instant.
    pub fn has(&self, role: Role, now: Timestamp) -> bool {
        self.accounts.keys().any(|name| self.held(name, now).any(|grant| grant.role == role))
    }

    /// Whether a unit is another or lies below it.
    pub fn is_within(&self, unit: &str, of: &str) -> bool {
        climbs(unit, of, |key| self.units.get(key).map(|unit| unit.above.as_str()))
    }

    /// Whether grants let somebody do something with a thing. The one place that says so.
    pub fn lets<'a>(
        &self,
        mut held: impl Iterator<Item = &'a Grant>,
        right: Right,
        thing: &Scope,
        areas: &[Area],
    ) -> bool {
        let above =
            |key: &str| areas.iter().find(|area| area.key == key).map(|area| area.within.as_str());
        held.any(|grant| {
            grant.role.may(right)
                && grant.scope.covers(
                    thing,
                    |unit, of| self.is_within(unit, of),
                    |area, of| climbs(area, of, above),
                )
        })
    }
}

fn read<T: DeserializeOwned>(row: &ActRow) -> Result<T, store::Error> {
    serde_json::from_str(&row.act.document).map_err(|error| {
        let what = format!("act {} about {} {}: {error}", row.sequence, row.act.kind, row.act.key);
        store::Error::BadRecord(what)
    })
}

/// People as they stand now, for any thread.
#[derive(Debug, Default)]
pub struct Roster(RwLock<(Sequence, Arc<People>)>);

impl Roster {
    /// As they stand now.
    pub fn now(&self) -> Arc<People> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    fn set(&self, sequence: Sequence, people: People) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (sequence, Arc::new(people));
    }
}
