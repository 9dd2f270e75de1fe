//! Emergency response: a warning turns the plan in force into orders, units receive them and feed back, readings say whether an
//! order is kept, and with what confidence.
//!
//! A [`Warning`] is a fold over its [`Event`]s, as a case is. An order keeps what it was given: a plan that is changed later
//! changes no order.

mod compliance;
mod event;
mod plan;
mod warning;

pub use compliance::{Compliance, Kept, Unclear, compliance, judge};
pub use event::{Basis, DayAhead, Event, Order, Step};
pub use plan::{Called, Flaw, Measure, OWN_FORECAST, Planned, Rule, RuleError, called};
pub use warning::{Feedback, Lifted, Overdue, Refused, Said, Span, Standing, Warning};

use crate::Text;
use serde::{Deserialize, Serialize};

/// Levels of a warning, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Where a district uses it.
    Blue,
    /// The third.
    Yellow,
    /// The second.
    Orange,
    /// The highest.
    Red,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Blue, Self::Yellow, Self::Orange, Self::Red];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// For people.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Blue => ("蓝色预警", "blue warning"),
            Self::Yellow => ("黄色预警", "yellow warning"),
            Self::Orange => ("橙色预警", "orange warning"),
            Self::Red => ("红色预警", "red warning"),
        };
        Text { zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// How readings show that an order is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The place that measures it.
    pub place: String,
    /// Which parameter.
    pub parameter: String,
    /// By how many percent the mean must lie below that of the days before.
    pub reduction_percent: f64,
}
