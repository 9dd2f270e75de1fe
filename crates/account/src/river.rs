//! The file of a river and its policy (one river, one file; one river, one policy: GOV-047, GOV-048).
//!
//! A file is what is known of a river or reach and what its notice board says (GOV-049). A policy is five lists: problems,
//! targets, tasks, measures, responsibilities; each entry serves one of the list before it. What is wrong with a policy is
//! said and never refused: a measure without an owner is kept, and named.

mod policy;

pub use policy::{Flaw, Light, List, Policy, PolicyEntry, TaskGroup};

use crate::Text;
use serde::{Deserialize, Serialize};

/// What is known of a river or a reach: the document of an act of kind `river`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RiverFile {
    /// The code that others know it by; kept as text beside our key.
    pub code: String,
    /// Where it begins.
    pub begins: Text,
    /// Where it ends.
    pub ends: Text,
    /// How long it is by its papers, m, as a decimal; empty: not stated.
    pub length_m: String,
    /// The basin it belongs to.
    pub basin: Text,
    /// Further facts with where they are from.
    pub facts: Vec<Fact>,
    /// What its notice board says beside.
    pub board: Board,
    /// What is to be done.
    pub policy: Policy,
}

/// One fact of the file: an intake, a gate, a length of shoreline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fact {
    /// What.
    pub name: Text,
    /// Its value as written, with its unit.
    pub value: String,
    /// The document it is from.
    pub source: String,
}

/// What a public notice board says that nothing else does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Board {
    /// The telephone for everybody.
    pub phone: String,
    /// What the chief answers for.
    pub duties: Vec<Text>,
    /// What is to be reached.
    pub targets: Vec<Text>,
    /// What is forbidden.
    pub forbidden: Vec<Text>,
}
