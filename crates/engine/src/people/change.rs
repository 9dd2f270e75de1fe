//! Changing who works here: checked against all that stands, then kept as acts of one turn.

use super::{ACCOUNT, People, ROLE, Refused, Roster, UNIT};
use crate::append::Draft;
use crate::turn::{Engine, Error};
use model::{Account, Act, Area, Grant, Role, Scope, Timestamp, Unit};
use serde::Serialize;
use std::sync::Arc;
use store::{Known, OldUser, Secret, SecretChange};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleChange {
    /// A unit is made, or stands otherwise from now on.
    Unit(Unit),
    /// Somebody new may sign in.
    NewAccount(Account),
    /// An account stands otherwise from now on.
    Account(Account),
    /// A role is given.
    NewGrant(Grant),
    /// A grant is taken back, at once.
    EndGrant(String),
}

/// In which case changes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In any case.
    Always,
    /// Only while nobody holds this role: by the link of the first start.
    NobodyIs(Role),
}

/// Who an upgrade and the command line are in the log.
const UPGRADE: &str = "upgrade";

impl Engine {
    /// People as they stand, for any thread; those whom format 2 let sign in are made accounts first:
    /// an administrator a system manager, a viewer an analyst.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn roster(&mut self, now: Timestamp) -> Result<Arc<Roster>, Error> {
        if let Some(roster) = &self.roster {
            return Ok(Arc::clone(roster));
        }
        let reader = self.store.reader();
        let roster = Arc::new(Roster::default());
        roster.set(self.store.last_sequence(), People::as_of(&reader, Known::Now)?);
        self.roster = Some(Arc::clone(&roster));
        for OldUser { name, is_administrator, password_hash } in reader.old_users()? {
            let role = if is_administrator { Role::System } else { Role::Analyst };
            let (account, grant) = holder(&name, role);
            let secret =
                Secret { kind: "password".into(), key: name.clone(), value: password_hash };
            let secrets = vec![SecretChange::Put(secret), SecretChange::Adopted(name)];
            let changes = vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
            if let Err(error) = self.change_people(now, UPGRADE, changes, secrets, When::Always) {
                self.roster = None;
                return Err(error);
            }
        }
        Ok(roster)
    }

    /// Makes changes of people and of their secrets, as one turn; says which grants are new. `by` is who
    /// wants it.
    ///
    /// # Errors
    /// When one of them is refused, or the store cannot write; nothing changed then.
    pub fn change_people(
        &mut self,
        now: Timestamp,
        by: &str,
        changes: Vec<PeopleChange>,
        secrets: Vec<SecretChange>,
        when: When,
    ) -> Result<Vec<String>, Error> {
        let roster = self.roster(now)?;
        let mut people = (*roster.now()).clone();
        if let When::NobodyIs(role) = when
            && people.has(role, now)
        {
            return Err(Refused::Filled(role).into());
        }
        let areas = self.store.view().registry().areas.clone();
        let mut draft = Draft::begin(now, self.store.last_sequence());
        let mut granted = Vec::new();
        for change in changes {
            check(&people, &areas, by, &change)?;
            let (kind, key, document) = written(&people, change)?;
            if kind == ROLE {
                granted.push(key.clone());
            }
            let sequence = draft.act(Act { kind: kind.into(), key, who: by.to_owned(), document });
            if let Some(row) = draft.record.acts.last().filter(|row| row.sequence == sequence) {
                people.take(row)?;
            }
        }
        draft.record.secrets = secrets;
        self.store.commit(draft.finish())?;
        roster.set(self.store.last_sequence(), people);
        Ok(granted)
    }
}

/// An account and one role over everything, from now on.
pub fn holder(name: &str, role: Role) -> (Account, Grant) {
    let account = Account { name: name.to_owned(), ..Account::default() };
    let scope = Scope::EVERYTHING;
    let (from, until, ended) = (None, None, false);
    let grant = Grant { account: name.to_owned(), role, scope, from, until, ended };
    (account, grant)
}

/// Whether a change may be made where this stands.
fn check(people: &People, areas: &[Area], by: &str, change: &PeopleChange) -> Result<(), Refused> {
    let unit = |key: &str| match people.unit(key) {
        _ if key.is_empty() => Ok(()),
        Some(unit) if !unit.ended => Ok(()),
        _ => Err(Refused::NoUnit(key.to_owned())),
    };
    let area = |key: &str| {
        let is_there = areas.iter().any(|area| area.key == key);
        if is_there { Ok(()) } else { Err(Refused::NoArea(key.to_owned())) }
    };
    match change {
        PeopleChange::Unit(wanted) => {
            unit(&wanted.above)?;
            wanted.areas.iter().try_for_each(|key| area(key))?;
            if people.is_within(&wanted.above, &wanted.key) {
                return Err(Refused::Circle(wanted.key.clone()));
            }
            let has_units = people.units().any(|below| below.above == wanted.key && !below.ended);
            if wanted.ended && has_units {
                return Err(Refused::HasUnits(wanted.key.clone()));
            }
            Ok(())
        }
        PeopleChange::NewAccount(account) if people.account(&account.name).is_some() => {
            Err(Refused::AccountTaken(account.name.clone()))
        }
        PeopleChange::Account(account) if people.account(&account.name).is_none() => {
            Err(Refused::NoAccount(account.name.clone()))
        }
        PeopleChange::Account(account) if account.name == by => Err(Refused::Own),
        PeopleChange::NewAccount(account) | PeopleChange::Account(account) => unit(&account.unit),
        PeopleChange::NewGrant(grant) => {
            if people.account(&grant.account).is_none() {
                return Err(Refused::NoAccount(grant.account.clone()));
            }
            if grant.account == by {
                return Err(Refused::Own);
            }
            if grant.role.is_manager() && grant.scope != Scope::EVERYTHING {
                return Err(Refused::ManagerOfPart(grant.role));
            }
            grant.scope.unit.as_deref().map_or(Ok(()), unit)?;
            grant.scope.area.as_deref().map_or(Ok(()), area)?;
            alone(people, grant)
        }
        PeopleChange::EndGrant(key) => match people.grant(key) {
            Some(grant) if grant.account == by => Err(Refused::Own),
            Some(_) => Ok(()),
            None => Err(Refused::NoGrant(key.clone())),
        },
    }
}

/// A manager holds nothing beside, at no instant.
fn alone(people: &People, wanted: &Grant) -> Result<(), Refused> {
    let beside = people.grants().map(|(_, grant)| grant).find(|held| {
        held.account == wanted.account && held.overlaps(wanted) && !held.role.goes_with(wanted.role)
    });
    beside.map_or(Ok(()), |held| {
        let account = wanted.account.clone();
        Err(Refused::Combined { account, held: held.role, wanted: wanted.role })
    })
}

/// The act of a change: kind, key, document.
fn written(people: &People, change: PeopleChange) -> Result<(&'static str, String, String), Error> {
    Ok(match change {
        PeopleChange::Unit(unit) => (UNIT, unit.key.clone(), json(&unit)?),
        PeopleChange::NewAccount(account) | PeopleChange::Account(account) => {
            (ACCOUNT, account.name.clone(), json(&account)?)
        }
        PeopleChange::NewGrant(grant) => {
            let count = people.grants().filter(|(_, held)| held.account == grant.account).count();
            (ROLE, format!("{}/{}", grant.account, count + 1), json(&grant)?)
        }
        PeopleChange::EndGrant(key) => {
            let Some(grant) = people.grant(&key) else { return Err(Refused::NoGrant(key).into()) };
            let document = json(&Grant { ended: true, ..grant.clone() })?;
            (ROLE, key, document)
        }
    })
}

fn json(thing: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(thing).map_err(|error| store::Error::BadRecord(error.to_string()).into())
}
