//! Known work: what would be found because of it is kept, and bothers nobody.

use crate::finding::Raised;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// Work that is known: where, on what, from when to when, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownWork {
    /// Only at this place; nothing: at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Only at places of this area and of those within it, also at places that come later; nothing: at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Only of this parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Only of this rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Why; never empty.
    pub reason: String,
}

/// A stated known work, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Its id.
    pub id: String,
    /// Who stated it.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub work: KnownWork,
    /// When it was ended before its time, by whom, why.
    pub ended: Option<(Timestamp, String, String)>,
}

impl KnownWork {
    /// Whether a finding is explained by it; `lies_in(place, area)` says whether a place lies in an area or one within it.
    pub fn explains(&self, raised: &Raised, lies_in: impl Fn(&str, &str) -> bool) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        is(&self.place, &raised.place)
            && self.area.as_ref().is_none_or(|area| lies_in(&raised.place, area))
            && is(&self.parameter, &raised.parameter)
            && is(&self.rule, &raised.rule)
            && raised.at >= self.from
            && raised.at < self.to
    }
}

impl Suppression {
    /// Whether it holds at an instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        at >= self.work.from && at < self.until()
    }

    /// When it ends.
    pub fn until(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.work.to, |(ended, ..)| (*ended).min(self.work.to))
    }
}
