//! What is to be delivered, and what became of it: a fold over acts, so that a restart goes on where it was.

use super::NoticeKind;
use model::{Act, ActRow, Sequence, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, VecDeque};
use store::Reader;

/// The kind of the acts of one delivery.
pub const DELIVERY: &str = "delivery";
/// The kind of the acts that say how far the journal was read.
pub const CURSOR: &str = "notified";
/// Under this name the program keeps both.
pub const WHO: &str = "notices";
/// Deliveries that have ended and are still shown.
const ENDED_SHOWN: usize = 500;
/// Deliveries of one way that are under way at the same time.
const AT_ONCE_EACH: usize = 4;
/// The longest pause before another try.
const PAUSE_MAX_MS: i64 = 6 * 3_600_000;

/// A notice for one receiver, written out, so that each try sends the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it says.
    pub kind: NoticeKind,
    /// The number of the case or the id of the finding.
    pub about: String,
    /// The act that it tells of.
    pub sequence: u64,
    /// Who gets it: an account, `unit/KEY` or `hook/KEY`.
    pub to: String,
    /// The subject of a mail; empty for a web hook.
    pub subject: String,
    /// The text of a mail, or the body of a web hook.
    pub body: String,
}

impl Notice {
    /// Its id: the same act told to the same receiver has the same one, however often it is sent.
    pub fn id(&self) -> String {
        let text = format!("{} {} {}", self.sequence, self.to, self.kind as u8);
        blake3::hash(text.as_bytes()).to_hex().chars().take(32).collect()
    }

    /// The way that it goes: a web hook of its own, or the one mail server.
    fn way(&self) -> &str {
        if self.to.starts_with("hook/") { &self.to } else { "mail" }
    }
}

/// What happened to a delivery: the document of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Step {
    /// It is to be sent.
    Queued {
        /// What.
        notice: Notice,
    },
    /// It was taken by the other side.
    Sent,
    /// It was not taken; another try follows.
    Failed {
        /// Why.
        error: String,
    },
    /// It was not taken, and no other try follows.
    GivenUp {
        /// Why.
        error: String,
    },
    /// Somebody wants it tried again.
    Again,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its first or another try.
    Waiting,
    /// It was taken by the other side.
    Sent,
    /// It was not taken, and no other try follows.
    GivenUp,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What is sent, and to whom.
    pub notice: Notice,
    /// Where it stands.
    pub state: State,
    /// When it was queued.
    pub queued: Timestamp,
    /// When anything happened to it last.
    pub changed: Timestamp,
    /// How often it was tried in vain.
    pub tries: u32,
    /// Why, the last time.
    pub error: String,
    /// When it is tried next.
    pub next: Timestamp,
}

/// How often and how soon it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The first pause; each one after it is twice as long.
    pub pause_ms: i64,
    /// Tries before it is given up.
    pub tries_max: u32,
}

/// All deliveries that wait, and the last ones that have ended.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    all: BTreeMap<String, Delivery>,
    ended: VecDeque<String>,
    /// The newest act that was read.
    pub read_to: Option<Sequence>,
    /// Acts that were read since it was kept how far.
    pub unkept: usize,
}

impl Outbox {
    /// Rebuilds it from the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn of(reader: &Reader, patience: Patience) -> Result<Self, store::Error> {
        let mut outbox = Self::default();
        reader.each_act(DELIVERY, |row| outbox.take(&row, patience))?;
        let mut read_to = None;
        reader.each_act(CURSOR, |row| {
            read_to = row.act.document.parse().ok().map(Sequence).or(read_to);
        })?;
        outbox.read_to = read_to;
        Ok(outbox)
    }

    /// Takes in an act of a delivery.
    pub fn take(&mut self, row: &ActRow, patience: Patience) {
        let Ok(step) = serde_json::from_str::<Step>(&row.act.document) else { return };
        let (id, at) = (&row.act.key, row.at);
        if let Step::Queued { notice } = step {
            let (state, error) = (State::Waiting, String::new());
            let delivery =
                Delivery { notice, state, queued: at, changed: at, tries: 0, error, next: at };
            self.all.entry(id.clone()).or_insert(delivery);
            return;
        }
        let Some(own) = self.all.get_mut(id) else { return };
        own.changed = at;
        match step {
            Step::Queued { .. } => {}
            Step::Sent => own.state = State::Sent,
            Step::Failed { error } => {
                let doubled = patience.pause_ms.saturating_mul(1 << own.tries.min(20));
                own.next = at + doubled.min(PAUSE_MAX_MS);
                own.tries += 1;
                own.error = error;
            }
            Step::GivenUp { error } => {
                own.tries += 1;
                own.error = error;
                own.state = State::GivenUp;
            }
            Step::Again => {
                own.state = State::Waiting;
                own.tries = 0;
                own.next = at;
            }
        }
        if own.state != State::Waiting {
            self.ended.push_back(id.clone());
        }
        while self.ended.len() > ENDED_SHOWN {
            let Some(oldest) = self.ended.pop_front() else { break };
            if self.all.get(&oldest).is_some_and(|own| own.state != State::Waiting) {
                self.all.remove(&oldest);
            }
        }
    }

    /// Deliveries whose time has come, the longest waiting first: at most `max`, and with those under way few of one
    /// way, so that one who does not answer holds up nobody else.
    pub fn due(&self, now: Timestamp, max: usize, under_way: &[&str]) -> Vec<(String, Delivery)> {
        let is_due = |(id, own): &(&String, &Delivery)| {
            own.state == State::Waiting && own.next <= now && !under_way.contains(&id.as_str())
        };
        let mut due: Vec<_> = self.all.iter().filter(is_due).collect();
        due.sort_by_key(|(_, own)| (own.next, own.notice.sequence));
        let mut of_way: HashMap<&str, usize> = HashMap::new();
        for own in under_way.iter().filter_map(|id| self.all.get(*id)) {
            *of_way.entry(own.notice.way()).or_default() += 1;
        }
        due.retain(|(_, own)| {
            let count = of_way.entry(own.notice.way()).or_default();
            *count += 1;
            *count <= AT_ONCE_EACH
        });
        due.truncate(max);
        due.into_iter().map(|(id, own)| (id.clone(), own.clone())).collect()
    }

    /// A delivery by its id.
    pub fn get(&self, id: &str) -> Option<&Delivery> {
        self.all.get(id)
    }

    /// All, the newest first.
    pub fn newest(&self) -> Vec<(&String, &Delivery)> {
        let mut all: Vec<_> = self.all.iter().collect();
        all.sort_by_key(|(id, own)| (std::cmp::Reverse(own.queued), (*id).clone()));
        all
    }
}

/// An act of a delivery, by the program ([`WHO`]) or by somebody.
pub fn act(who: &str, id: &str, step: &Step) -> Act {
    let [kind, key, who] = [DELIVERY, id, who].map(str::to_owned);
    Act { kind, key, who, document: serde_json::to_string(step).unwrap_or_default() }
}

/// The act that says how far the journal was read.
pub fn cursor(read_to: Sequence) -> Act {
    let [kind, key, who] = [CURSOR, "journal", WHO].map(str::to_owned);
    Act { kind, key, who, document: read_to.0.to_string() }
}

/// What becomes of a try.
pub fn step_of(result: Result<(), String>, delivery: &Delivery, patience: Patience) -> Step {
    match result {
        Ok(()) => Step::Sent,
        Err(error) if delivery.tries + 1 >= patience.tries_max => Step::GivenUp { error },
        Err(error) => Step::Failed { error },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { pause_ms: 1_000, tries_max: 3 };

    fn notice(sequence: u64) -> Notice {
        let [about, to, subject, body] = ["2026-000001", "ann", "s", "b"].map(str::to_owned);
        Notice { kind: NoticeKind::CaseUrged, about, sequence, to, subject, body }
    }

    fn row(at: i64, id: &str, step: &Step) -> ActRow {
        ActRow { sequence: Sequence(1), at: Timestamp::from_ms(at), act: act(WHO, id, step) }
    }

    #[test]
    fn pauses_double_until_it_is_given_up_and_again_begins_anew() {
        let mut outbox = Outbox::default();
        let id = notice(5).id();
        let mut happens = |at, step: &Step| outbox.take(&row(at, &id, step), PATIENCE);
        happens(0, &Step::Queued { notice: notice(5) });
        happens(0, &Step::Queued { notice: notice(5) });
        let error = || "refused".to_owned();
        happens(10, &Step::Failed { error: error() });
        happens(2_000, &Step::Failed { error: error() });
        let own = outbox.get(&id).unwrap().clone();
        assert_eq!((own.tries, own.next), (2, Timestamp::from_ms(4_000)));
        assert!(outbox.due(Timestamp::from_ms(3_999), 9, &[]).is_empty());
        assert_eq!(outbox.due(Timestamp::from_ms(4_000), 9, &[]).len(), 1);
        assert_eq!(step_of(Err(error()), &own, PATIENCE), Step::GivenUp { error: error() });
        outbox.take(&row(4_000, &id, &Step::GivenUp { error: error() }), PATIENCE);
        assert_eq!(outbox.get(&id).unwrap().state, State::GivenUp);
        outbox.take(&row(5_000, &id, &Step::Again), PATIENCE);
        assert_eq!(outbox.due(Timestamp::from_ms(5_000), 9, &[]).len(), 1);
    }

    #[test]
    fn what_has_ended_is_forgotten_at_last_and_what_waits_never() {
        let mut outbox = Outbox::default();
        for n in 0..ENDED_SHOWN as u64 + 10 {
            let id = notice(n).id();
            outbox.take(&row(n as i64, &id, &Step::Queued { notice: notice(n) }), PATIENCE);
            if n > 0 {
                outbox.take(&row(n as i64, &id, &Step::Sent), PATIENCE);
            }
        }
        assert_eq!(outbox.newest().len(), ENDED_SHOWN + 1);
        assert!(outbox.get(&notice(0).id()).is_some());
    }

    #[test]
    fn a_way_that_does_not_answer_leaves_room_for_the_others() {
        let mut outbox = Outbox::default();
        let mut queue = |sequence, to: &str| {
            let notice = Notice { to: to.to_owned(), ..notice(sequence) };
            let id = notice.id();
            outbox.take(&row(0, &id, &Step::Queued { notice }), PATIENCE);
            id
        };
        let slow: Vec<String> = (0..50).map(|n| queue(n, "hook/slow")).collect();
        let late = [queue(60, "hook/quick"), queue(61, "ann"), queue(62, "bob")];
        let at = Timestamp::from_ms(0);
        let due = outbox.due(at, 9, &[]);
        let ids: Vec<&String> = due.iter().map(|(id, _)| id).collect();
        assert_eq!(due.len(), AT_ONCE_EACH + late.len());
        assert!(late.iter().all(|id| ids.contains(&id)));
        let under_way: Vec<&str> = slow[..AT_ONCE_EACH].iter().map(|id| &id[..]).collect();
        let due = outbox.due(at, 9, &under_way);
        assert_eq!(due.len(), late.len(), "nothing more of the slow one meanwhile");
    }
}
