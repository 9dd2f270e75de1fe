//! A warning from its declaration to its lifting, and the orders that it made: a fold over events.

use super::{Basis, Called, Event, Level, Order, Rule, Step};
use crate::{Actor, Text};
use model::{MINUTE_MS, Timestamp};

/// Who said something, when it happened and when it was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub who: String,
    /// When it happened.
    pub at: Timestamp,
    /// When it was entered.
    pub entered: Timestamp,
}

/// A level and how long it was in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The level.
    pub level: Level,
    /// From when it is in force.
    pub from: Timestamp,
    /// Until when, this instant no longer; none: still.
    pub to: Option<Timestamp>,
    /// What it rests on.
    pub basis: Basis,
    /// Why.
    pub note: String,
    /// Who declared it.
    pub said: Said,
}

/// Feedback on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Who gave it.
    pub said: Said,
    /// What was done, or what hinders it.
    pub note: String,
    /// Whether everything is done.
    pub done: bool,
}

/// How a warning ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// Who lifted it.
    pub said: Said,
    /// What that rests on.
    pub basis: Basis,
    /// Why.
    pub note: String,
}

/// An order as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// What was ordered.
    pub order: Order,
    /// Until when it holds: another one replaces it, or the warning was lifted. May lie ahead.
    pub ended: Option<Timestamp>,
    /// Who received it.
    pub received: Option<Said>,
    /// What the unit said, in order.
    pub feedback: Vec<Feedback>,
    /// Reminders, in order.
    pub reminders: Vec<Said>,
}

/// What of an order is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Nobody received it.
    Receive,
    /// It was not reported done.
    Done,
}

/// A warning as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Its number: `2026-W01`.
    pub number: String,
    /// Its levels, oldest first; at least one.
    pub levels: Vec<Span>,
    /// Every order that it made.
    pub orders: Vec<Standing>,
    /// How it ended; none: it stands.
    pub lifted: Option<Lifted>,
    /// How many events it has.
    pub version: u32,
}

/// Why something may not happen to a warning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is over.
    #[error("the warning was lifted")]
    Lifted,
    /// The level is that which it has.
    #[error("the warning has this level already")]
    SameLevel,
    /// The district does not use the level.
    #[error("the district does not use this level")]
    Unused,
    /// There is no such order.
    #[error("the warning has no order {0}")]
    NoOrder(u32),
    /// The order holds no longer.
    #[error("order {0} holds no longer")]
    Ended(u32),
    /// Somebody received it.
    #[error("order {0} was received by {1}")]
    ReceivedAlready(u32, String),
    /// Nobody received it yet.
    #[error("order {0} was not received yet")]
    NotReceived(u32),
    /// It is reported done.
    #[error("order {0} is reported done")]
    DoneAlready(u32),
    /// It lies in the future.
    #[error("it lies in the future")]
    Future,
    /// It lies before what it follows.
    #[error("it lies before what it follows")]
    TooEarly,
    /// A level begins too far ahead.
    #[error("a level may begin at most {DAYS_AHEAD_MAX} days ahead")]
    TooFar,
}

/// How far ahead a level may begin.
const DAYS_AHEAD_MAX: i64 = 7;
/// Reminders of one order that the clock makes.
const REMINDERS_MAX: usize = 12;

impl Refused {
    /// For people.
    pub fn words(&self) -> Text {
        let zh = match self {
            Self::Lifted => "预警已解除".to_owned(),
            Self::SameLevel => "预警已是此级别".to_owned(),
            Self::Unused => "本区不使用此级别".to_owned(),
            Self::NoOrder(order) => format!("该预警没有 {order} 号指令"),
            Self::Ended(order) => format!("{order} 号指令已不再有效"),
            Self::ReceivedAlready(order, who) => format!("{order} 号指令已由 {who} 签收"),
            Self::NotReceived(order) => format!("{order} 号指令尚未签收"),
            Self::DoneAlready(order) => format!("{order} 号指令已报完成"),
            Self::Future => "时间在将来".to_owned(),
            Self::TooEarly => "时间早于前一步".to_owned(),
            Self::TooFar => format!("级别最多可提前 {DAYS_AHEAD_MAX} 天发布"),
        };
        Text { zh, en: self.to_string() }
    }
}

impl Warning {
    /// Begins a warning; none when the event declares none.
    pub fn begin(number: &str, entered: Timestamp, who: &str, event: &Event) -> Option<Self> {
        if !matches!(event.step, Step::Level { .. }) {
            return None;
        }
        let mut warning = Self {
            number: number.to_owned(),
            levels: vec![],
            orders: vec![],
            lifted: None,
            version: 0,
        };
        warning.apply(entered, who, event);
        Some(warning)
    }

    /// Whether it stands: declared and not lifted.
    pub fn stands(&self) -> bool {
        self.lifted.is_none()
    }

    /// The level that was declared last.
    pub fn last(&self) -> Option<&Span> {
        self.levels.last()
    }

    /// The level in force at an instant.
    pub fn level_at(&self, at: Timestamp) -> Option<Level> {
        let holds = |span: &&Span| span.from <= at && span.to.is_none_or(|to| at < to);
        self.levels.iter().find(holds).map(|span| span.level)
    }

    /// When it began to be in force, and when it ended.
    pub fn span(&self) -> (Timestamp, Option<Timestamp>) {
        let from = self.levels.iter().map(|span| span.from).min().unwrap_or(Timestamp::MIN);
        (from, self.lifted.as_ref().map(|lifted| lifted.said.at))
    }

    /// An order by its number.
    pub fn order(&self, number: u32) -> Option<&Standing> {
        self.orders.iter().find(|own| own.order.number == number)
    }

    /// The orders that stand once a level calls on these: one whose measures are the same keeps its number and its receipt.
    pub fn reorder(
        standing: &[Standing],
        called: Vec<Called>,
        rule: &Rule,
        (given, from): (Timestamp, Timestamp),
    ) -> Vec<Order> {
        let mut next = standing.iter().map(|own| own.order.number).max().unwrap_or(0);
        let after = |begin: Timestamp, minutes: u32| begin + i64::from(minutes) * MINUTE_MS;
        let begin = given.max(from);
        called
            .into_iter()
            .map(|one| {
                let is_same = |own: &&Standing| {
                    own.ended.is_none()
                        && own.order.unit == one.unit
                        && own.order.place == one.place
                        && own.order.measures == one.measures
                };
                if let Some(known) = standing.iter().find(is_same) {
                    return known.order.clone();
                }
                next += 1;
                Order {
                    number: next,
                    unit: one.unit,
                    place: one.place,
                    measures: one.measures,
                    given,
                    receive_by: after(given, rule.receive_minutes),
                    act_by: after(begin, rule.act_minutes),
                    done_by: after(begin, rule.done_minutes),
                }
            })
            .collect()
    }

    /// Whether an event may declare a warning.
    ///
    /// # Errors
    /// Why not.
    pub fn check_first(event: &Event, now: Timestamp) -> Result<(), Refused> {
        match &event.step {
            _ if event.at > now => Err(Refused::Future),
            Step::Level { from, .. } => is_near(*from, now),
            _ => Err(Refused::NoOrder(0)),
        }
    }

    /// Whether an event may happen to it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, event: &Event, now: Timestamp) -> Result<(), Refused> {
        if self.lifted.is_some() {
            return Err(Refused::Lifted);
        }
        if event.at > now {
            return Err(Refused::Future);
        }
        let last = self.last();
        match &event.step {
            Step::Level { level, from, .. } => {
                if last.is_some_and(|last| last.level == *level) {
                    return Err(Refused::SameLevel);
                }
                let declared = last.map_or(Timestamp::MIN, |last| last.said.at.max(last.from));
                if event.at < last.map_or(Timestamp::MIN, |last| last.said.at) || *from < declared {
                    return Err(Refused::TooEarly);
                }
                is_near(*from, now)
            }
            Step::Lift { .. } => {
                let declared = last.map_or(Timestamp::MIN, |last| last.said.at);
                if event.at < declared { Err(Refused::TooEarly) } else { Ok(()) }
            }
            Step::Receive { order } => {
                let own = self.open(*order, event.at)?;
                match &own.received {
                    Some(said) => Err(Refused::ReceivedAlready(*order, said.who.clone())),
                    None => Ok(()),
                }
            }
            Step::FeedBack { order, .. } => {
                let own = self.open(*order, event.at)?;
                let received = own.received.as_ref().ok_or(Refused::NotReceived(*order))?;
                if own.is_done() {
                    return Err(Refused::DoneAlready(*order));
                }
                if event.at < received.at { Err(Refused::TooEarly) } else { Ok(()) }
            }
            Step::Remind { order } => {
                let own = self.open(*order, event.at)?;
                if own.is_done() { Err(Refused::DoneAlready(*order)) } else { Ok(()) }
            }
        }
    }

    /// An order that holds, and not before it was given.
    fn open(&self, number: u32, at: Timestamp) -> Result<&Standing, Refused> {
        let own = self.order(number).ok_or(Refused::NoOrder(number))?;
        if at < own.order.given {
            return Err(Refused::TooEarly);
        }
        if own.holds(at) { Ok(own) } else { Err(Refused::Ended(number)) }
    }

    /// Takes an event in.
    pub fn apply(&mut self, entered: Timestamp, who: &str, event: &Event) {
        let said = Said { who: who.to_owned(), at: event.at, entered };
        self.version += 1;
        match &event.step {
            Step::Level { level, from, basis, note, orders } => {
                if let Some(last) = self.levels.last_mut() {
                    last.to = Some(*from);
                }
                self.take_orders(orders, event.at.max(*from));
                let (level, from, to) = (*level, *from, None);
                let (basis, note) = (basis.clone(), note.clone());
                self.levels.push(Span { level, from, to, basis, note, said });
            }
            Step::Lift { basis, note } => {
                // A level that was declared ahead has cut the one before it short, which ends now.
                for span in &mut self.levels {
                    let end = event.at.max(span.from);
                    span.to = Some(span.to.map_or(end, |to| to.min(end)));
                }
                for own in self.orders.iter_mut().filter(|own| own.holds(event.at)) {
                    own.ended = Some(event.at);
                }
                self.lifted = Some(Lifted { said, basis: basis.clone(), note: note.clone() });
            }
            Step::Receive { order } => {
                if let Some(own) = self.order_mut(*order) {
                    own.received = Some(said);
                }
            }
            Step::FeedBack { order, note, done } => {
                if let Some(own) = self.order_mut(*order) {
                    own.feedback.push(Feedback { said, note: note.clone(), done: *done });
                }
            }
            Step::Remind { order } => {
                if let Some(own) = self.order_mut(*order) {
                    own.reminders.push(said);
                }
            }
        }
    }

    /// Orders that stand from now on; those that are not among them hold until the new level begins.
    fn take_orders(&mut self, orders: &[Order], begin: Timestamp) {
        for own in self.orders.iter_mut().filter(|own| own.ended.is_none()) {
            if !orders.iter().any(|order| order.number == own.order.number) {
                own.ended = Some(begin);
            }
        }
        for order in orders {
            if self.order(order.number).is_none() {
                self.orders.push(Standing {
                    order: order.clone(),
                    ended: None,
                    received: None,
                    feedback: vec![],
                    reminders: vec![],
                });
            }
        }
    }

    fn order_mut(&mut self, number: u32) -> Option<&mut Standing> {
        self.orders.iter_mut().find(|own| own.order.number == number)
    }

    /// Numbers of the orders of which the clock has to remind now.
    pub fn to_remind(&self, rule: &Rule, now: Timestamp) -> Vec<u32> {
        let due = self.orders.iter().filter(|own| own.is_to_remind(rule, now));
        due.map(|own| own.order.number).collect()
    }
}

/// Whether a level begins soon enough to be declared.
///
/// # Errors
/// `TooFar`.
fn is_near(from: Timestamp, now: Timestamp) -> Result<(), Refused> {
    let days = (from - now) / model::DAY_MS;
    if days >= DAYS_AHEAD_MAX { Err(Refused::TooFar) } else { Ok(()) }
}

impl Standing {
    /// Whether it holds at an instant: it may be known already when another one will replace it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.ended.is_none_or(|ended| at < ended)
    }

    /// Whether the unit reported everything done.
    pub fn is_done(&self) -> bool {
        self.done_at().is_some()
    }

    /// When the unit had done everything, as it says.
    pub fn done_at(&self) -> Option<Timestamp> {
        self.feedback.iter().find(|own| own.done).map(|own| own.said.at)
    }

    /// What of it is late, or was late when it ended.
    pub fn overdue(&self, now: Timestamp) -> Option<Overdue> {
        let now = self.ended.map_or(now, |ended| ended.min(now));
        if self.received.is_none() && now >= self.order.receive_by {
            return Some(Overdue::Receive);
        }
        (!self.is_done() && now >= self.order.done_by).then_some(Overdue::Done)
    }

    fn is_to_remind(&self, rule: &Rule, now: Timestamp) -> bool {
        let clock = Actor::clock().name;
        let of_clock = self.reminders.iter().filter(|said| said.who == clock).count();
        let since = match self.overdue(now) {
            None => return false,
            _ if !self.holds(now) || of_clock >= REMINDERS_MAX => return false,
            Some(Overdue::Receive) => self.order.receive_by,
            Some(Overdue::Done) => self.order.done_by,
        };
        let last = self.reminders.last().map_or(Timestamp::MIN, |said| said.at);
        last < since || now - last >= i64::from(rule.remind_minutes) * MINUTE_MS
    }
}

#[cfg(test)]
mod tests;
