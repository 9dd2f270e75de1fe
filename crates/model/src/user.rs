//! Who works here: units, accounts, and the roles that were given to accounts.

use crate::{Names, Role, Scope, Timestamp};
use serde::{Deserialize, Serialize};

/// An organisation, or a part of one: what cases are given to. Units form a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Stable text key, unique among units.
    pub key: String,
    /// Names for people.
    pub name: Names,
    /// Key of the unit above it; empty at the top.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub above: String,
    /// Keys of the areas it answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// Whether it is there no longer; its history stays.
    #[serde(default)]
    pub ended: bool,
}

/// Somebody who may sign in. What they may do is said by [`Grant`]s; secrets stand elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The name they sign in with, unique, also among those that ended.
    pub name: String,
    /// What they are called; may be empty.
    #[serde(default)]
    pub shown: String,
    /// Key of the unit they belong to, or empty.
    #[serde(default)]
    pub unit: String,
    /// From when on they may sign in; `None`: since it was made.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when, this instant no longer; `None`: without an end.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Whether somebody ended it, at once and for good. No clock that goes wrong opens it again.
    #[serde(default)]
    pub ended: bool,
}

/// A role that was given to an account, for a time, over a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The name of the account.
    pub account: String,
    /// What they may do.
    pub role: Role,
    /// Where they may do it.
    #[serde(default)]
    pub scope: Scope,
    /// From when on; `None`: since it was given.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when, this instant no longer; `None`: without an end.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Whether somebody took it back, at once and for good.
    #[serde(default)]
    pub ended: bool,
}

impl Account {
    /// Whether they may sign in at an instant.
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.ended && is_within(self.from, self.until, now)
    }
}

impl Grant {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.ended && is_within(self.from, self.until, now)
    }

    /// Whether there is an instant from now on at which both hold.
    pub fn overlaps(&self, other: &Self) -> bool {
        let from = self.from.max(other.from);
        let until = [self.until, other.until].into_iter().flatten().min();
        let is_some = until.is_none_or(|until| from.is_none_or(|from| from < until));
        is_some && !self.ended && !other.ended
    }
}

fn is_within(from: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> bool {
    from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until)
}
