//! Moves: what may be done to a case.

use crate::Allowed;
use crate::case::{Photo, Spot};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where a case came from (requirement GOV-003). It never changes after filing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A finding of a rule.
    Finding,
    /// A patrol or a grid member.
    Patrol,
    /// The hotline, or a citizen by the public interface.
    Hotline,
    /// Media.
    Media,
    /// An instruction from above.
    Instruction,
    /// A camera or a drone.
    Camera,
    /// An audit or an inspection.
    Audit,
}

/// What somebody's post lets them do with cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Collect, file, refuse to file, join, comment.
    Operate,
    /// Dispatch and urge.
    Dispatch,
    /// Handle.
    Handle,
    /// Verify and close, reopen.
    Verify,
    /// Approve return, extension and suspension; evaluate.
    Approve,
    /// The clock itself: it urges, and nothing else.
    Clock,
}

/// Somebody who makes moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name they sign in with.
    pub name: String,
    /// The unit they handle cases for; none: any.
    pub unit: Option<String>,
    /// What they may do.
    pub duties: BTreeSet<Duty>,
}

impl Actor {
    /// The clock.
    pub fn clock() -> Self {
        Self { name: "clock".to_owned(), unit: None, duties: [Duty::Clock].into() }
    }
}

/// A case as it is collected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    /// Where it came from.
    pub source: Source,
    /// What kind of thing it is.
    pub category: String,
    /// In one line.
    pub text: String,
    /// Where it is.
    #[serde(default)]
    pub spot: Option<Spot>,
    /// The registered place it is about.
    #[serde(default)]
    pub place: Option<String>,
    /// The river, reach or road it is about.
    #[serde(default)]
    pub line: Option<String>,
    /// The area it lies in.
    #[serde(default)]
    pub area: Option<String>,
    /// The finding it was filed from.
    #[serde(default)]
    pub finding: Option<String>,
    /// The patrol it was found on.
    #[serde(default)]
    pub patrol: Option<String>,
    /// Photos.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// Whether it is made up.
    #[serde(default)]
    pub simulated: bool,
    /// The other system that it was imported from, and its number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// Where an imported case came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Names the other system: the key of its mapping.
    pub system: String,
    /// Its number there.
    pub number: String,
}

/// What another system says of a move that was made there: when, and by whom. Who imported it, and when, is what the
/// act itself says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// When it was made there.
    pub at: Timestamp,
    /// Who made it there: the system, or a unit of it.
    pub who: String,
}

/// Something done to a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "move", rename_all = "snake_case")]
pub enum Move {
    /// It is reported: the first move of each case, and of no other.
    Collect(Box<Collected>),
    /// It is taken up.
    File {
        /// What was looked at before.
        #[serde(default)]
        note: String,
    },
    /// It is not taken up: *not a case*.
    Reject {
        /// Why.
        note: String,
    },
    /// A unit is to handle it; the handling clock starts.
    Dispatch {
        /// Which unit.
        unit: String,
        /// How long it may take.
        allowed: Allowed,
        /// The same in milliseconds of the calendar as it stood then.
        allowed_ms: i64,
        /// For the unit.
        #[serde(default)]
        note: String,
    },
    /// The unit has received it.
    Accept {
        /// For the time line.
        #[serde(default)]
        note: String,
    },
    /// Somebody is there.
    OnSite {
        /// Where they are.
        #[serde(default)]
        spot: Option<Spot>,
        /// What they see.
        #[serde(default)]
        note: String,
    },
    /// It is done: the unit says what it did. The clock of handling stops.
    FeedBack {
        /// What was done.
        note: String,
        /// How it looks now.
        #[serde(default)]
        photos: Vec<Photo>,
    },
    /// The unit wants it to go to another one.
    AskReturn {
        /// Why.
        note: String,
    },
    /// The unit wants more time.
    AskExtension {
        /// Until when.
        until: Timestamp,
        /// Why.
        note: String,
    },
    /// The unit wants the clock to rest.
    AskSuspension {
        /// Until when.
        until: Timestamp,
        /// Why.
        note: String,
    },
    /// What was asked is granted.
    Approve {
        /// For the time line.
        #[serde(default)]
        note: String,
    },
    /// What was asked is not granted.
    Refuse {
        /// Why.
        note: String,
    },
    /// The suspension ends before its time.
    Resume {
        /// Why.
        note: String,
    },
    /// It is verified and closed.
    Pass {
        /// What was seen.
        note: String,
        /// Where the verifier was.
        #[serde(default)]
        spot: Option<Spot>,
        /// What the verifier saw.
        #[serde(default)]
        photos: Vec<Photo>,
    },
    /// It is not done: the unit has to go on, and its clock with it.
    Fail {
        /// Why.
        note: String,
    },
    /// It is there again, under the same number.
    Reopen {
        /// Why.
        note: String,
    },
    /// How well it was done.
    Evaluate {
        /// From 1 (badly) to 5 (well).
        points: u8,
        /// Why.
        #[serde(default)]
        note: String,
    },
    /// The readings that it was made from are invalid: *not a case*, and nobody's fault.
    Invalid {
        /// Which readings, and why.
        note: String,
    },
    /// It is the same as another one.
    Join {
        /// The number of the other one.
        into: String,
        /// Why.
        #[serde(default)]
        note: String,
    },
    /// It is late: a step of urging.
    Urge {
        /// Which step, from 1.
        step: u8,
        /// For the unit.
        #[serde(default)]
        note: String,
    },
    /// Something to be known.
    Comment {
        /// What.
        note: String,
        /// Photos.
        #[serde(default)]
        photos: Vec<Photo>,
    },
}

/// A move as it was made: the document of an act of kind `case`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Made by its author, so that the same thing sent twice is kept once.
    pub id: String,
    /// What is done.
    #[serde(flatten)]
    pub made: Move,
    /// When it was made in another system, and by whom; a move that is made here has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
}

impl Event {
    /// A move that is made here.
    pub fn of(id: impl Into<String>, made: Move) -> Self {
        Self { id: id.into(), made, recorded: None }
    }
}

impl Move {
    /// Its name, as in the document.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Collect(_) => "collect",
            Self::File { .. } => "file",
            Self::Reject { .. } => "reject",
            Self::Dispatch { .. } => "dispatch",
            Self::Accept { .. } => "accept",
            Self::OnSite { .. } => "on_site",
            Self::FeedBack { .. } => "feed_back",
            Self::AskReturn { .. } => "ask_return",
            Self::AskExtension { .. } => "ask_extension",
            Self::AskSuspension { .. } => "ask_suspension",
            Self::Approve { .. } => "approve",
            Self::Refuse { .. } => "refuse",
            Self::Resume { .. } => "resume",
            Self::Pass { .. } => "pass",
            Self::Fail { .. } => "fail",
            Self::Reopen { .. } => "reopen",
            Self::Evaluate { .. } => "evaluate",
            Self::Invalid { .. } => "invalid",
            Self::Join { .. } => "join",
            Self::Urge { .. } => "urge",
            Self::Comment { .. } => "comment",
        }
    }

    /// What its author says.
    pub fn note(&self) -> &str {
        match self {
            Self::Collect(collected) => &collected.text,
            Self::File { note }
            | Self::Reject { note }
            | Self::Dispatch { note, .. }
            | Self::Accept { note }
            | Self::OnSite { note, .. }
            | Self::FeedBack { note, .. }
            | Self::AskReturn { note }
            | Self::AskExtension { note, .. }
            | Self::AskSuspension { note, .. }
            | Self::Approve { note }
            | Self::Refuse { note }
            | Self::Resume { note }
            | Self::Pass { note, .. }
            | Self::Fail { note }
            | Self::Reopen { note }
            | Self::Evaluate { note, .. }
            | Self::Invalid { note }
            | Self::Join { note, .. }
            | Self::Urge { note, .. }
            | Self::Comment { note, .. } => note,
        }
    }

    /// The photos that come with it.
    pub fn photos(&self) -> &[Photo] {
        match self {
            Self::Collect(collected) => &collected.photos,
            Self::FeedBack { photos, .. }
            | Self::Pass { photos, .. }
            | Self::Comment { photos, .. } => photos,
            _ => &[],
        }
    }
}
