//! Notices: what happened to findings, cases and warnings, told by mail and web hook to those who want to know.
//!
//! The journal is what notices are made from: a task reads each act once, and keeps in one turn what is to be delivered and how
//! far it read. A delivery is sent after that, and what became of it is an act again. So nothing is lost at a crash, and what may
//! be sent twice then bears the same id. Acts that were imported from another system are told to nobody.

pub mod deliver;
pub mod gather;
pub mod hook;
pub mod mail;
pub mod outbox;
pub mod run;
pub mod write;

use crate::words::Words;
use control::{Event, Move};
use detect::Deed;
use engine::desk::CASE;
use engine::emergency::WARNING;
use engine::watch::FINDING;
use model::{ActRow, Sequence};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::Reader;
use utoipa::ToSchema;

/// The kind of the acts by which somebody says what they want to know, and of the secret that holds their address: an act is for
/// ever, an address is not.
pub const SUBSCRIPTION: &str = "subscription";

/// What is told.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A rule raised a finding that no known work explains.
    FindingRaised,
    /// A case was reported.
    CaseCollected,
    /// A case was dispatched.
    CaseDispatched,
    /// A case is overdue and was urged.
    CaseUrged,
    /// A unit asks for return, more time or suspension.
    CaseAsked,
    /// What was asked is answered, or a verifier sent the case back.
    CaseReturned,
    /// A unit says that a case is done.
    CaseFedBack,
    /// A case was verified and closed.
    CaseClosed,
    /// A warning was declared, or its level changed.
    WarningRaised,
    /// A warning was lifted.
    WarningLifted,
    /// An order was given and waits for its receipt.
    OrderGiven,
    /// A unit was reminded of an order.
    OrderUrged,
    /// A trial of the way.
    Test,
}

impl NoticeKind {
    /// All that can be subscribed to.
    pub const ALL: [Self; 12] = [
        Self::FindingRaised,
        Self::CaseCollected,
        Self::CaseDispatched,
        Self::CaseUrged,
        Self::CaseAsked,
        Self::CaseReturned,
        Self::CaseFedBack,
        Self::CaseClosed,
        Self::WarningRaised,
        Self::WarningLifted,
        Self::OrderGiven,
        Self::OrderUrged,
    ];

    /// What it says.
    pub fn words(self) -> Words {
        let (zh, en) = match self {
            Self::FindingRaised => ("新的发现", "a finding was raised"),
            Self::CaseCollected => ("新收集的案件", "a case was reported"),
            Self::CaseDispatched => ("案件已派遣", "a case was dispatched"),
            Self::CaseUrged => ("案件超期督办", "an overdue case was urged"),
            Self::CaseAsked => {
                ("单位申请退回、延期或挂起", "a unit asks for return, more time or suspension")
            }
            Self::CaseReturned => (
                "申请已答复或案件退回重办",
                "an answer to what was asked, or the case was sent back",
            ),
            Self::CaseFedBack => {
                ("案件已反馈，待核查", "a case was fed back and waits for verification")
            }
            Self::CaseClosed => ("案件已结案", "a case was closed"),
            Self::WarningRaised => {
                ("预警发布或级别调整", "a warning was declared, or its level changed")
            }
            Self::WarningLifted => ("预警解除", "a warning was lifted"),
            Self::OrderGiven => ("应急指令待签收", "an order waits for its receipt"),
            Self::OrderUrged => ("应急指令提醒", "a unit was reminded of an order"),
            Self::Test => ("通知测试", "a test of notices"),
        };
        Words::new(zh, en)
    }

    /// The kind of notice that an act calls for; most call for none. A warning that is declared calls for [`Self::OrderGiven`] too.
    pub fn of(row: &ActRow) -> Option<Self> {
        match row.act.kind.as_str() {
            CASE => {
                let event = serde_json::from_str::<Event>(&row.act.document).ok()?;
                if event.recorded.is_some() {
                    return None;
                }
                Some(match event.made {
                    Move::Collect(_) => Self::CaseCollected,
                    Move::Dispatch { .. } => Self::CaseDispatched,
                    Move::Urge { .. } => Self::CaseUrged,
                    Move::AskReturn { .. }
                    | Move::AskExtension { .. }
                    | Move::AskSuspension { .. } => Self::CaseAsked,
                    Move::Approve { .. } | Move::Refuse { .. } | Move::Fail { .. } => {
                        Self::CaseReturned
                    }
                    Move::FeedBack { .. } => Self::CaseFedBack,
                    Move::Pass { .. } => Self::CaseClosed,
                    _ => return None,
                })
            }
            WARNING => {
                use control::emergency::{Event, Step};
                match serde_json::from_str::<Event>(&row.act.document).ok()?.step {
                    Step::Level { .. } => Some(Self::WarningRaised),
                    Step::Lift { .. } => Some(Self::WarningLifted),
                    Step::Remind { .. } => Some(Self::OrderUrged),
                    Step::Receive { .. } | Step::FeedBack { .. } => None,
                }
            }
            FINDING => match serde_json::from_str::<Deed>(&row.act.document).ok()? {
                Deed::Raise { known_work: None, .. } => Some(Self::FindingRaised),
                _ => None,
            },
            _ => None,
        }
    }
}

/// In which language somebody is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// The sentence in this language.
    pub fn of(self, words: &Words) -> &str {
        match self {
            Self::Zh => &words.zh,
            Self::En => &words.en,
        }
    }
}

/// What somebody wants to know: the document of an act.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// What is told.
    pub kinds: BTreeSet<NoticeKind>,
    /// In which language.
    #[serde(default)]
    pub language: Language,
    /// Of cases, only those of one's own unit and of units below it.
    #[serde(default)]
    pub own_unit: bool,
}

/// The name under which the mail of a unit is subscribed.
pub fn unit_name(key: &str) -> String {
    format!("unit/{key}")
}

/// What everybody wants to know, by account or `unit/KEY`: a fold over acts.
#[derive(Debug, Default)]
pub struct Subscriptions(BTreeMap<String, (Sequence, Subscription)>);

impl Subscriptions {
    /// Of the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(reader: &Reader) -> Result<Self, store::Error> {
        let mut own = Self::default();
        reader.each_act(SUBSCRIPTION, |row| own.take(row))?;
        Ok(own)
    }

    /// Takes in an act; of the same name the newest counts, in whatever order they come.
    pub fn take(&mut self, ActRow { sequence, act, .. }: ActRow) {
        let Ok(wanted) = serde_json::from_str::<Subscription>(&act.document) else { return };
        if self.0.get(&act.key).is_none_or(|(known, _)| *known < sequence) {
            self.0.insert(act.key, (sequence, wanted));
        }
    }

    /// As they stand.
    pub fn now(&self) -> BTreeMap<String, Subscription> {
        self.0.iter().map(|(name, (_, own))| (name.clone(), own.clone())).collect()
    }

    /// The oldest that stands.
    pub fn first(&self) -> Option<Sequence> {
        self.0.values().map(|(sequence, _)| *sequence).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Recorded;
    use model::{Act, Timestamp};

    fn row(event: &Event) -> ActRow {
        let document = serde_json::to_string(event).unwrap();
        let [kind, key, who] = [CASE, "2026-000001", "ann"].map(str::to_owned);
        ActRow {
            sequence: Sequence(1),
            at: Timestamp::from_ms(0),
            act: Act { kind, key, who, document },
        }
    }

    #[test]
    fn an_act_calls_for_its_kind_and_an_imported_one_for_none() {
        let note = String::from("done");
        let mut event = Event::of("1", Move::FeedBack { note, photos: vec![] });
        assert_eq!(NoticeKind::of(&row(&event)), Some(NoticeKind::CaseFedBack));
        event.recorded = Some(Recorded { at: Timestamp::from_ms(0), who: "x".to_owned() });
        assert_eq!(NoticeKind::of(&row(&event)), None);
        let comment = Event::of("2", Move::Comment { note: "a".to_owned(), photos: vec![] });
        assert_eq!(NoticeKind::of(&row(&comment)), None);
    }
}
