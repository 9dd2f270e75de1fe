//! Urging in steps: the further a case is beyond its time, the higher it goes (requirement GOV-010).

use crate::Text;
use serde::{Deserialize, Serialize};

/// A step of urging.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgingStep {
    /// For people.
    pub name: Text,
    /// From which share of the allowed time on; `1` is the limit itself. A decimal as text.
    pub after_share: String,
    /// What it costs in the score, points; a decimal as text.
    pub weight: String,
}

/// How far a case has been urged, and how far it should be by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urging {
    /// Steps that were taken.
    pub taken: usize,
    /// Steps that are due.
    pub due: usize,
}

impl UrgingStep {
    /// Whether a share of the allowed time has reached it: `spent` of `allowed`, both ms.
    pub fn is_reached(&self, spent: i64, allowed: i64) -> bool {
        let Ok(share) = standards::Exact::parse(&self.after_share) else { return false };
        let limit = share.times(&standards::Exact::whole(allowed));
        limit.is_ok_and(|limit| standards::Exact::whole(spent) > limit)
    }
}
