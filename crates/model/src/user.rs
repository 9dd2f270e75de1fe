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
    /// From when on they may sign in.
    pub from: Timestamp,
    /// Until when, this instant no longer; `None`: without an end.
    #[serde(default)]
    pub until: Option<Timestamp>,
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
    /// From when on.
    pub from: Timestamp,
    /// Until when, this instant no longer; `None`: without an end.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl Account {
    /// Whether they may sign in at an instant.
    pub fn is_open(&self, now: Timestamp) -> bool {
        is_within(self.from, self.until, now)
    }
}

impl Grant {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        is_within(self.from, self.until, now)
    }

    /// Whether there is an instant at which both hold.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_before_end =
            |one: &Self, other: &Self| other.until.is_none_or(|end| one.from < end);
        begins_before_end(self, other)
            && begins_before_end(other, self)
            && !self.is_empty()
            && !other.is_empty()
    }

    /// Whether it holds at no instant at all: it ended before it began.
    fn is_empty(&self) -> bool {
        self.until.is_some_and(|end| end <= self.from)
    }
}

fn is_within(from: Timestamp, until: Option<Timestamp>, now: Timestamp) -> bool {
    from <= now && until.is_none_or(|until| now < until)
}
