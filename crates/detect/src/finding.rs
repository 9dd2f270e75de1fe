//! A finding: what all its deeds together come to.
//!
//! The deeds are kept for ever, as acts of the log; a finding as of any past moment is the fold over those that were known.

use crate::law::Limit;
use crate::rule::{Kind, Severity};
use crate::text::Text;
use model::{DatastreamId, DeviceId, Subject, Timestamp};
use serde::{Deserialize, Serialize};

/// A finding as it was raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// The key of the rule.
    pub rule: String,
    /// The version of the rule.
    pub version: String,
    /// The kind of the rule.
    pub kind: Kind,
    /// How bad.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// Key of the place.
    pub place: String,
    /// Degrees, WGS 84.
    pub spot: [f64; 2],
    /// Of which device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Of which series; none when it is about a device as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datastream: Option<DatastreamId>,
    /// What is measured; empty when it is about a device as a whole.
    #[serde(default)]
    pub parameter: String,
    /// What was compared.
    pub value: f64,
    /// With what.
    pub threshold: f64,
    /// The unit of both.
    pub unit: String,
    /// The edition of the law that the threshold was taken from, or nothing.
    #[serde(default)]
    pub edition: String,
    /// Since when it is so: the start of the first period.
    pub began: Timestamp,
    /// When it had lasted long enough: the end of the last period.
    pub at: Timestamp,
    /// Why, in one sentence with the numbers.
    pub text: Text,
    /// The category of a case that is made of it.
    pub category: String,
    /// Whether its readings are made up.
    #[serde(default)]
    pub simulated: bool,
}

/// What the field says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody went there, and it was so.
    Confirmed,
    /// It was not so.
    Refuted,
    /// The readings were invalid: nobody's fault.
    DataInvalid,
}

/// How a finding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The values are fine again.
    Over,
    /// Late or corrected readings say that it was not so.
    Revised,
    /// Nothing was measured for so long that nobody can say.
    NoData,
    /// The rule holds no longer.
    RuleEnded,
}

/// Something that happens to a finding: the document of an act of kind `finding`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// It is raised: the first deed of each finding, and of no other.
    Raise {
        /// What is found.
        finding: Box<Raised>,
        /// The id of the group; its own when it is the first one.
        group: String,
        /// The known work that explains it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        known_work: Option<String>,
    },
    /// It is over.
    Clear {
        /// Since when: the end of the last period.
        at: Timestamp,
        /// Why.
        why: Ended,
    },
    /// It lasts: it is worse than it was.
    Escalate {
        /// To which severity.
        severity: Severity,
    },
    /// The known work is over, and the finding is not.
    Emerge,
    /// It became a case.
    File {
        /// The number of the case.
        case: String,
    },
    /// Somebody looked and puts it aside.
    Dismiss {
        /// Why.
        why: String,
        /// What it was.
        verdict: Verdict,
    },
    /// The case that was made of it ended.
    Judge {
        /// What it was.
        verdict: Verdict,
        /// Which case says so.
        case: String,
    },
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is so now.
    Raised,
    /// It is over.
    Cleared,
}

/// Why somebody put a finding aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub text: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// `f` and the number of its first act in the log.
    pub id: String,
    /// As it was raised.
    pub raised: Raised,
    /// How bad it is by now.
    pub severity: Severity,
    /// The group of its event.
    pub group: String,
    /// The known work that explains it, while that lasts.
    pub known_work: Option<String>,
    /// When we knew of it.
    pub known: Timestamp,
    /// When it was over, and how.
    pub cleared: Option<(Timestamp, Ended)>,
    /// Who put it aside.
    pub dismissed: Option<Why>,
    /// What the field says.
    pub verdict: Option<Verdict>,
    /// The case that was made of it.
    pub case: Option<String>,
    /// When anything happened to it last.
    pub changed: Timestamp,
}

impl Finding {
    /// A finding from its first deed; none when that is another one.
    pub fn begin(id: &str, at: Timestamp, deed: &Deed) -> Option<Self> {
        let Deed::Raise { finding, group, known_work } = deed else { return None };
        Some(Self {
            id: id.to_owned(),
            severity: finding.severity,
            raised: (**finding).clone(),
            group: group.clone(),
            known_work: known_work.clone(),
            known: at,
            cleared: None,
            dismissed: None,
            verdict: None,
            case: None,
            changed: at,
        })
    }

    /// Takes in a later deed. A second beginning is passed over; the first case stays.
    pub fn apply(&mut self, at: Timestamp, who: &str, deed: &Deed) {
        match deed {
            Deed::Raise { .. } => return,
            Deed::Clear { at, why } => {
                self.cleared.get_or_insert((*at, *why));
            }
            Deed::Escalate { severity } => self.severity = self.severity.max(*severity),
            Deed::Emerge => self.known_work = None,
            Deed::File { case } => {
                self.case.get_or_insert_with(|| case.clone());
            }
            Deed::Dismiss { why, verdict } => {
                self.dismissed = Some(Why { who: who.to_owned(), at, text: why.clone() });
                self.verdict = Some(*verdict);
            }
            Deed::Judge { verdict, .. } => self.verdict = Some(*verdict),
        }
        self.changed = at;
    }

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        if self.cleared.is_some() { Standing::Cleared } else { Standing::Raised }
    }

    /// Whether somebody has to look at it: nobody put it aside, made a case of it, or explained it. A device that works again needs nobody.
    pub fn is_waiting(&self) -> bool {
        let is_mended = self.raised.kind.is_about_data() && self.cleared.is_some();
        self.dismissed.is_none() && self.case.is_none() && self.known_work.is_none() && !is_mended
    }

    /// The number in its id, for sorting.
    pub fn number(&self) -> u64 {
        self.id.strip_prefix('f').and_then(|number| number.parse().ok()).unwrap_or(u64::MAX)
    }

    /// The severity that it has by now, when that is more than it has been told.
    pub fn escalated(&self, rule: &crate::Rule, now: Timestamp) -> Option<Severity> {
        if self.cleared.is_some() || self.dismissed.is_some() {
            return None;
        }
        let lasted = now - self.raised.at;
        let reached = rule.escalate.iter().filter(|step| lasted >= step.after.0);
        reached.map(|step| step.severity).max().filter(|severity| *severity > self.severity)
    }
}

impl Verdict {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::DataInvalid => "data_invalid",
        }
    }
}

impl Ended {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Revised => "revised",
            Self::NoData => "no_data",
            Self::RuleEnded => "rule_ended",
        }
    }
}

/// The edition of a limit.
pub(crate) fn edition_of(limit: Option<&Limit>) -> String {
    limit.map(|limit| limit.edition.to_string()).unwrap_or_default()
}
