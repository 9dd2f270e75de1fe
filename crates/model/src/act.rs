//! Acts: what somebody or a rule did, beside the readings that came.

use crate::{Sequence, Timestamp};

/// Something that somebody or a rule does: raises a finding, moves a case, corrects a reading, changes a
/// unit. It is kept for ever and never edited; what stands today is what all acts together come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Act {
    /// What kind of thing it is done to, as a stable name: `finding`, `case`, `correction`.
    pub kind: String,
    /// Which one of that kind.
    pub key: String,
    /// Who does it: the name of a user, or the name of the rule; never empty.
    pub who: String,
    /// What is done, JSON.
    pub document: String,
}

/// An act as the log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActRow {
    /// Its number in the log: *as of S* has it when this is not above S.
    pub sequence: Sequence,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
}
