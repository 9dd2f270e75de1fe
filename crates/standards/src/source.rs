//! Where a row of law comes from, and how sure we are of it.

use crate::words::Said;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// How well a row of law is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Read in the official text, and an independent source agrees.
    A,
    /// Read in the official text, no second source.
    A1,
    /// Two or more independent secondary sources agree.
    B,
    /// One secondary source.
    C,
    /// Knowledge of the collector; nothing stored confirmed it.
    D,
    /// A known gap.
    None,
}

impl Confidence {
    /// A result that used such a row says so.
    pub fn is_doubtful(self) -> bool {
        self >= Self::C
    }

    /// From its mark, `A1`.
    pub fn named(text: &str) -> Option<Self> {
        Some(match text {
            "A" => Self::A,
            "A1" => Self::A1,
            "B" => Self::B,
            "C" => Self::C,
            "D" => Self::D,
            "none" => Self::None,
            _ => return None,
        })
    }

    fn mark(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::A1 => "A1",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.mark())
    }
}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.mark())
    }
}

/// The citation of one row: document, clause, table, and how sure we are of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Document, clause and table.
    pub text: Arc<str>,
    /// How well the row is supported.
    pub confidence: Confidence,
}

/// A result rests on a row that nobody could establish well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is in doubt.
    pub about: DoubtAbout,
    /// The row's citation.
    pub source: Source,
}

/// What is in doubt about a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DoubtAbout {
    /// The edition was not yet in force nation-wide on this date; some cities applied it earlier.
    AppliedEarly,
    /// How many values are enough.
    Capture,
    /// Which running 8 h means belong to the day.
    RunningMeansOfDay,
    /// Whether the concentration is rounded before the formula: the other way gives this index.
    RoundingFirst {
        /// The index under the other reading of the text.
        otherwise: u16,
    },
    /// Any other row.
    Row,
}

impl Serialize for Doubt {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut doubt = out.serialize_struct("Doubt", 4)?;
        doubt.serialize_field("en", &self.en())?;
        doubt.serialize_field("zh", &self.zh())?;
        doubt.serialize_field("confidence", &self.source.confidence)?;
        doubt.serialize_field("source", &self.source.text)?;
        doubt.end()
    }
}

impl Said for Doubt {
    fn en(&self) -> String {
        let what = match self.about {
            DoubtAbout::AppliedEarly => {
                "the edition was not yet in force everywhere on this date".to_owned()
            }
            DoubtAbout::Capture => "how many values are enough is not well established".to_owned(),
            DoubtAbout::RunningMeansOfDay => {
                "which running 8 h means belong to the day is not well established".to_owned()
            }
            DoubtAbout::RoundingFirst { otherwise } => format!(
                "the text does not say whether the concentration is rounded first; the other way gives {otherwise}"
            ),
            DoubtAbout::Row => "the rule is not well established".to_owned(),
        };
        format!("{what} (confidence {}: {})", self.source.confidence, self.source.text)
    }

    fn zh(&self) -> String {
        let what = match self.about {
            DoubtAbout::AppliedEarly => "该版标准在此日期尚未在全国实施".to_owned(),
            DoubtAbout::Capture => "有效数据个数的要求未得到充分证实".to_owned(),
            DoubtAbout::RunningMeansOfDay => "当日包含哪些8小时滑动平均未得到充分证实".to_owned(),
            DoubtAbout::RoundingFirst { otherwise } => {
                format!("标准未说明浓度是否先修约；若采用另一种做法则为{otherwise}")
            }
            DoubtAbout::Row => "该规定未得到充分证实".to_owned(),
        };
        format!("{what}（可信度{}：{}）", self.source.confidence, self.source.text)
    }
}
