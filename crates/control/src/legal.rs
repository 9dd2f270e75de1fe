//! Who may do what next to a case, at which stage, and why not.

use crate::Text;
use crate::case::{Case, Request, Stage};
use crate::moves::{Actor, Duty, Event, Move};
use model::Timestamp;

/// What may be done next, and if not, why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legal {
    /// The name of the move, as in `{"move": "feed_back"}`.
    pub made: &'static str,
    /// Why it may not be made; none: it may.
    pub why_not: Option<Why>,
}

/// Why a move may not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The case is at another stage.
    Stage(Stage),
    /// The case has ended.
    Ended,
    /// They lack the duty.
    Duty(Duty),
    /// They handle cases of another unit.
    OtherUnit(String),
    /// They handled it: somebody else must verify.
    Handled,
    /// They asked for it: somebody else must approve.
    Asked,
    /// Something was asked and is not answered yet.
    Pending,
    /// Nothing was asked.
    NothingAsked,
    /// The clock rests.
    Suspended,
    /// The clock does not rest.
    NotSuspended,
    /// The end that was asked for is over already.
    Past,
    /// A reason is missing.
    NoReason,
    /// A number cannot be.
    Number,
    /// It would be joined to itself.
    Itself,
}

/// A move that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It may not be made.
    Illegal(Why),
    /// Somebody else changed the case since its author looked.
    Stale {
        /// The version that was looked at.
        seen: u32,
        /// The version that it has.
        found: u32,
    },
    /// It was made before: the case stands as it was answered then.
    Again {
        /// The version that the move made.
        version: u32,
    },
}

/// Every move but the first, in the order in which people see them.
const NAMES: [&str; 19] = [
    "file",
    "reject",
    "dispatch",
    "accept",
    "on_site",
    "feed_back",
    "ask_return",
    "ask_extension",
    "ask_suspension",
    "approve",
    "refuse",
    "resume",
    "pass",
    "fail",
    "reopen",
    "evaluate",
    "invalid",
    "join",
    "comment",
];

impl Move {
    /// What is wrong with what it says, whatever the case.
    fn flaw(&self, case: &Case, now: Timestamp) -> Option<Why> {
        let is_silent = self.note().trim().is_empty();
        match self {
            Self::AskExtension { until, .. } | Self::AskSuspension { until, .. }
                if *until <= now =>
            {
                Some(Why::Past)
            }
            Self::Evaluate { points, .. } if !(1..=5).contains(points) => Some(Why::Number),
            Self::Dispatch { allowed_ms, .. } if *allowed_ms <= 0 => Some(Why::Number),
            Self::Urge { step, .. } if usize::from(*step) != case.urged + 1 => Some(Why::Number),
            Self::Join { into, .. } if *into == case.number => Some(Why::Itself),
            _ => (is_silent && needs_reason(self.name())).then_some(Why::NoReason),
        }
    }
}

/// Moves that say why (requirement GOV-006 and the promise that nothing acts without a written reason).
fn needs_reason(name: &str) -> bool {
    matches!(
        name,
        "reject"
            | "feed_back"
            | "ask_return"
            | "ask_extension"
            | "ask_suspension"
            | "refuse"
            | "resume"
            | "pass"
            | "fail"
            | "reopen"
            | "invalid"
            | "comment"
    )
}

impl Case {
    /// What this person may do next, and of the rest why not.
    pub fn legal(&self, actor: &Actor, now: Timestamp) -> Vec<Legal> {
        let legal = |made| Legal { made, why_not: self.why_not(made, actor, now) };
        NAMES.into_iter().map(legal).collect()
    }

    /// Whether a move may be made by this person now.
    ///
    /// # Errors
    /// [`Refused`] says why not.
    pub fn check(
        &self,
        event: &Event,
        seen: Option<u32>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<(), Refused> {
        if let Some(version) = self.ids.get(&event.id) {
            return Err(Refused::Again { version: *version });
        }
        if let Some(seen) = seen.filter(|seen| *seen != self.version) {
            return Err(Refused::Stale { seen, found: self.version });
        }
        let why = self.why_not(event.made.name(), actor, now);
        let why = why.or_else(|| event.made.flaw(self, now));
        why.map_or(Ok(()), |why| Err(Refused::Illegal(why)))
    }

    fn why_not(&self, made: &str, actor: &Actor, now: Timestamp) -> Option<Why> {
        let Some(duty) = duty_of(made) else { return Some(Why::Stage(self.stage)) };
        self.wrong_stage(made, now).or_else(|| self.wrong_person(made, duty, actor))
    }

    fn wrong_stage(&self, made: &str, now: Timestamp) -> Option<Why> {
        use Stage::{Closed, Collected, Dispatched, Evaluated, FedBack, Filed, Handling};
        if made == "comment" {
            return None;
        }
        if self.is_set_aside() {
            return Some(Why::Ended);
        }
        let fits = match made {
            "file" | "reject" => self.stage == Collected,
            "dispatch" => self.stage == Filed,
            "accept" => self.stage == Dispatched,
            "on_site" | "feed_back" => self.stage == Handling,
            "ask_return" | "ask_extension" | "ask_suspension" | "approve" | "refuse" | "resume"
            | "urge" => matches!(self.stage, Dispatched | Handling),
            "pass" | "fail" => self.stage == FedBack,
            "reopen" => matches!(self.stage, Closed | Evaluated),
            "evaluate" => self.stage == Closed,
            "invalid" => self.stage < Closed,
            "join" => self.stage < Handling,
            _ => false,
        };
        if !fits {
            return Some(Why::Stage(self.stage));
        }
        let is_suspended = self.suspended_until(now).is_some();
        match made {
            "ask_return" | "ask_extension" | "ask_suspension" if self.request.is_some() => {
                Some(Why::Pending)
            }
            "approve" | "refuse" if self.request.is_none() => Some(Why::NothingAsked),
            "ask_suspension" if is_suspended => Some(Why::Suspended),
            "resume" if !is_suspended => Some(Why::NotSuspended),
            _ => None,
        }
    }

    fn wrong_person(&self, made: &str, duty: Duty, actor: &Actor) -> Option<Why> {
        // Urging is the clock's, or a dispatcher's who does not wait for it.
        let is_clock = made == "urge" && actor.duties.contains(&Duty::Clock);
        if !actor.duties.contains(&duty) && !is_clock {
            return Some(Why::Duty(duty));
        }
        if duty == Duty::Handle
            && let (Some(own), Some(unit)) = (&actor.unit, &self.unit)
            && own != unit
        {
            return Some(Why::OtherUnit(unit.clone()));
        }
        let closes = matches!(made, "pass" | "fail" | "invalid" | "evaluate" | "reject" | "join");
        if closes && self.handlers.contains(&actor.name) {
            return Some(Why::Handled);
        }
        let asked = self.request.as_ref().map(Request::who);
        (matches!(made, "approve" | "refuse") && asked == Some(&actor.name)).then_some(Why::Asked)
    }
}

fn duty_of(made: &str) -> Option<Duty> {
    Some(match made {
        "file" | "reject" | "join" | "comment" => Duty::Operate,
        "dispatch" | "urge" => Duty::Dispatch,
        "accept" | "on_site" | "feed_back" | "ask_return" | "ask_extension" | "ask_suspension"
        | "resume" => Duty::Handle,
        "pass" | "fail" | "reopen" | "invalid" => Duty::Verify,
        "approve" | "refuse" | "evaluate" => Duty::Approve,
        _ => return None,
    })
}

impl Duty {
    /// Chinese and English.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Operate => ("受理", "operator"),
            Self::Dispatch => ("派遣", "dispatcher"),
            Self::Handle => ("处置", "handler"),
            Self::Verify => ("核查", "verifier"),
            Self::Approve => ("审批", "leader"),
            Self::Clock => ("计时", "clock"),
        };
        Text { zh: zh.to_owned(), en: en.to_owned() }
    }
}

impl Why {
    /// Chinese and English, one sentence.
    pub fn words(&self) -> Text {
        let (zh, en) = match self {
            Self::Stage(stage) => {
                let Text { zh, en } = stage.words();
                (format!("案件处于“{zh}”阶段"), format!("the case is at the stage “{en}”"))
            }
            Self::Duty(duty) => {
                let Text { zh, en } = duty.words();
                (format!("需要“{zh}”职责"), format!("the duty of a {en} is needed"))
            }
            Self::OtherUnit(unit) => {
                (format!("案件由单位 {unit} 处置"), format!("the unit {unit} handles it"))
            }
            other => {
                let (zh, en) = other.plain();
                (zh.to_owned(), en.to_owned())
            }
        };
        Text { zh, en }
    }

    fn plain(&self) -> (&'static str, &'static str) {
        match self {
            Self::Ended => {
                ("案件已结束，不作为案件或已并案", "it ended: not a case, or joined to another")
            }
            Self::Handled => {
                ("处置人不能核查自己处置的案件", "whoever handled a case cannot verify it")
            }
            Self::Asked => ("申请人不能审批自己的申请", "whoever asked cannot approve it"),
            Self::Pending => ("已有申请等待审批", "something was asked and waits for an answer"),
            Self::NothingAsked => ("没有待审批的申请", "nothing was asked"),
            Self::Suspended => ("案件已挂账", "the clock rests already"),
            Self::NotSuspended => ("案件没有挂账", "the clock does not rest"),
            Self::Past => ("截止时间已过", "that time is over"),
            Self::NoReason => ("须写明原因", "a reason is needed"),
            Self::Number => ("数值不合规定", "a number that cannot be"),
            Self::Itself => ("不能并入自己", "it cannot be joined to itself"),
            Self::Stage(_) | Self::Duty(_) | Self::OtherUnit(_) => ("", ""),
        }
    }
}
