//! What happens to a warning, as it is kept: levels with what they rest on, orders, receipts, feedback.

use super::{Level, Planned};
use jiff::civil::Date;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// What a warning, a change of its level or its lifting rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case", deny_unknown_fields)]
pub enum Basis {
    /// What the forecast said when it was declared: the forecaster's words are kept, so that they can be judged later.
    Forecast {
        /// Whose forecast, when it came from outside; none: the house's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
        /// When that one was issued.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issued: Option<Timestamp>,
        /// The places whose mean was forecast.
        places: Vec<String>,
        /// The parameter that was forecast.
        parameter: String,
        /// The rule by which levels are told.
        rule: String,
        /// Index of each whole day ahead.
        days: Vec<DayAhead>,
        /// The level that the middle of the forecast reaches; none: none.
        level: Option<String>,
        /// The level that its 95 % reach.
        level_high: Option<String>,
    },
    /// An order from above, a document.
    Document {
        /// Its number.
        number: String,
        /// Who issued it.
        issuer: String,
    },
}

/// What was forecast of a civil day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayAhead {
    /// The day.
    pub date: Date,
    /// Daily index by the middle of the forecast.
    pub aqi: u16,
    /// Daily index by its 95 %.
    pub aqi_high: u16,
}

/// An order as it was given. What it says never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its number within the warning, from 1.
    pub number: u32,
    /// The unit that receives it.
    pub unit: String,
    /// The place that is ordered; empty: the unit's general measures.
    pub place: String,
    /// What is ordered, as the plan had it then.
    pub measures: Vec<Planned>,
    /// When it was given.
    pub given: Timestamp,
    /// Until when it is to be received.
    pub receive_by: Timestamp,
    /// From when on its measures are to be in place.
    pub act_by: Timestamp,
    /// Until when it is to be reported done.
    pub done_by: Timestamp,
}

/// Something that happened to a warning, and when: at the latest when it is kept, earlier when it is entered afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub step: Step,
}

/// What happens to a warning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// It is declared, or its level changes.
    Level {
        /// The level from now on.
        level: Level,
        /// From when the level is in force; may lie ahead.
        from: Timestamp,
        /// What it rests on.
        basis: Basis,
        /// Why, in words.
        note: String,
        /// All orders that stand from now on; one that stood before keeps its number.
        orders: Vec<Order>,
    },
    /// It is over.
    Lift {
        /// What that rests on.
        basis: Basis,
        /// Why, in words.
        note: String,
    },
    /// The unit has the order.
    Receive {
        /// Number of the order.
        order: u32,
    },
    /// The unit says what it did.
    FeedBack {
        /// Number of the order.
        order: u32,
        /// What was done, or what hinders it.
        note: String,
        /// Whether everything that was ordered is done.
        done: bool,
    },
    /// The unit is reminded.
    Remind {
        /// Number of the order.
        order: u32,
    },
}

impl Basis {
    /// Whether it says what it has to.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Forecast { places, days, .. } => !places.is_empty() && !days.is_empty(),
            Self::Document { number, issuer } => {
                !number.trim().is_empty() && !issuer.trim().is_empty()
            }
        }
    }
}
