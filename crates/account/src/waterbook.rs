//! The water ledgers of a district: what was cleared, let in, drawn, built, and what is on the lists of things to be struck off
//! (GOV-060 to GOV-066, GOV-088, GOV-090).
//!
//! An entry is a fact with a day and a document. Sums are made of entries and of nothing else; what was not entered is not
//! there, and nothing is clamped.

mod list;

pub use list::{ListKind, ListStock, Listed, Mark, Marked, stocks};

use crate::{Basis, NoRate, Rate};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};

/// An entry: the document of an act of kind `water_entry`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "book", rename_all = "snake_case", deny_unknown_fields)]
pub enum WaterEntry {
    /// Rubbish or silt that was cleared from a channel.
    Cleared {
        /// The river or reach; empty: the district as a whole.
        #[serde(default)]
        line: String,
        /// First day and last day of the work.
        from: Date,
        /// Last day.
        to: Date,
        /// m³, a decimal.
        volume_m3: String,
        /// Who did it.
        #[serde(default)]
        contractor: String,
        /// Where it went.
        #[serde(default)]
        disposal: String,
        /// The document.
        #[serde(default)]
        source: String,
    },
    /// Water that was let into a river.
    Replenished {
        /// The river or reach.
        line: String,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// m³ that were planned; empty: not stated.
        #[serde(default)]
        planned_m3: String,
        /// m³ that came.
        actual_m3: String,
        /// Where the water came from.
        #[serde(default)]
        origin: String,
        /// The gate or pump.
        #[serde(default)]
        device: String,
        /// Why it was let in.
        #[serde(default)]
        trigger: String,
        /// Who approved it.
        #[serde(default)]
        approver: String,
        /// The document.
        #[serde(default)]
        source: String,
    },
    /// Water that was drawn for use.
    Drawn {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// All of it, t; empty: not stated.
        #[serde(default)]
        total_t: String,
        /// That under a plan, t; empty: not stated.
        #[serde(default)]
        planned_t: String,
        /// A rate that was published without its two volumes, per cent; empty: none.
        #[serde(default)]
        stated_percent: String,
        /// What the plan covers.
        #[serde(default)]
        scope: String,
        /// The document.
        #[serde(default)]
        source: String,
    },
    /// A flow that somebody measured by hand at a water site; where a device measures it, its readings go first.
    Gauged {
        /// Key of the water site.
        site: String,
        /// The day for which it stands.
        day: Date,
        /// m³/s.
        flow_m3_s: String,
        /// The document.
        #[serde(default)]
        source: String,
    },
    /// Works that were finished.
    Built {
        /// What.
        work: Work,
        /// The river or reach; empty: not told which.
        #[serde(default)]
        line: String,
        /// The day by which it was finished.
        day: Date,
        /// How many.
        count: u64,
        /// The document.
        #[serde(default)]
        source: String,
    },
    /// Something on a list, at one point of its life.
    Listed(Listed),
    /// A sentence of a document that is kept as it stands: it is told beside what is computed, and never mixed with it.
    Stated {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// What it says.
        text: crate::Text,
        /// The document.
        #[serde(default)]
        source: String,
    },
}

/// Works that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Rivers on which sewage was intercepted and pipes were moved.
    Interception,
    /// Monitoring sites that were added.
    Site,
    /// Notice boards that were put up.
    Board,
}

/// What the entries of a span come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// m³ cleared, of entries that lie within the span.
    pub cleared_m3: Option<Exact>,
    /// m³ let in: planned where it is stated, and what came.
    pub planned_m3: Option<Exact>,
    /// m³ that came.
    pub replenished_m3: Option<Exact>,
    /// t drawn.
    pub drawn_t: Option<Exact>,
    /// t of it under a plan; none when an entry of the span does not say.
    pub drawn_planned_t: Option<Exact>,
    /// Works by kind.
    pub built: Vec<(Work, u64)>,
    /// Entries that lie across an end of the span and are left out: they cannot be cut.
    pub across: usize,
}

/// An entry that holds something else than a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not a decimal, or below zero.
    #[error("{field}: {text:?} is not a decimal of 0 or more")]
    Number {
        /// The field.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// The last day lies before the first.
    #[error("the last day {to} lies before the first {from}")]
    Backwards {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
}

impl WaterEntry {
    /// Its first and its last day.
    pub fn days(&self) -> (Date, Date) {
        match self {
            Self::Cleared { from, to, .. }
            | Self::Replenished { from, to, .. }
            | Self::Drawn { from, to, .. }
            | Self::Stated { from, to, .. } => (*from, *to),
            Self::Built { day, .. } | Self::Gauged { day, .. } => (*day, *day),
            Self::Listed(listed) => (listed.day, listed.day),
        }
    }

    /// The line that it is about; empty: none.
    pub fn line(&self) -> &str {
        match self {
            Self::Cleared { line, .. }
            | Self::Replenished { line, .. }
            | Self::Built { line, .. } => line,
            Self::Listed(listed) => &listed.line,
            Self::Drawn { .. } | Self::Gauged { .. } | Self::Stated { .. } => "",
        }
    }

    fn is_summed(&self) -> bool {
        !matches!(self, Self::Gauged { .. } | Self::Listed(_) | Self::Stated { .. })
    }

    /// Whether its numbers are numbers and its days follow each other.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn check(&self) -> Result<(), Unreadable> {
        let (from, to) = self.days();
        if to < from {
            return Err(Unreadable::Backwards { from, to });
        }
        let numbers: Vec<(&'static str, &str, bool)> = match self {
            Self::Cleared { volume_m3, .. } => vec![("volume_m3", volume_m3, true)],
            Self::Replenished { planned_m3, actual_m3, .. } => {
                vec![("planned_m3", planned_m3, false), ("actual_m3", actual_m3, true)]
            }
            Self::Drawn { total_t, planned_t, stated_percent, .. } => vec![
                ("total_t", total_t, false),
                ("planned_t", planned_t, false),
                ("stated_percent", stated_percent, false),
            ],
            Self::Gauged { flow_m3_s, .. } => vec![("flow_m3_s", flow_m3_s, true)],
            Self::Built { .. } | Self::Listed(_) | Self::Stated { .. } => vec![],
        };
        for (field, text, is_needed) in numbers {
            let is_read = decimal(text).is_some() || (text.is_empty() && !is_needed);
            if !is_read {
                return Err(Unreadable::Number { field, text: text.to_owned() });
            }
        }
        Ok(())
    }
}

/// Sums the entries that lie within a span.
///
/// # Errors
/// When the numbers do not fit exact arithmetic.
pub fn sums(entries: &[&WaterEntry], (from, to): (Date, Date)) -> Result<Sums, ExactError> {
    let mut sums = Sums::default();
    let (mut is_planned_whole, mut drawn_planned) = (true, None);
    for entry in entries {
        let (first, last) = entry.days();
        if last < from || first > to {
            continue;
        }
        let counts = entry.is_summed();
        if first < from || last > to {
            sums.across += usize::from(counts);
            continue;
        }
        match entry {
            WaterEntry::Cleared { volume_m3, .. } => add(&mut sums.cleared_m3, volume_m3)?,
            WaterEntry::Replenished { planned_m3, actual_m3, .. } => {
                add(&mut sums.planned_m3, planned_m3)?;
                add(&mut sums.replenished_m3, actual_m3)?;
            }
            WaterEntry::Drawn { total_t, planned_t, .. } => {
                add(&mut sums.drawn_t, total_t)?;
                is_planned_whole &= !planned_t.is_empty() || total_t.is_empty();
                add(&mut drawn_planned, planned_t)?;
            }
            WaterEntry::Built { work, count, .. } => {
                match sums.built.iter_mut().find(|(own, _)| own == work) {
                    Some((_, counted)) => *counted += count,
                    None => sums.built.push((*work, *count)),
                }
            }
            WaterEntry::Gauged { .. } | WaterEntry::Listed(_) | WaterEntry::Stated { .. } => (),
        }
    }
    sums.drawn_planned_t = drawn_planned.filter(|_| is_planned_whole);
    sums.built.sort_unstable();
    Ok(sums)
}

impl Sums {
    /// Planned use of all use, by tonnes; `None` when one of the two is not stated.
    ///
    /// # Errors
    /// [`NoRate`].
    pub fn planned_use(&self) -> Option<Result<String, NoRate>> {
        let (numerator, denominator) = (self.drawn_planned_t?, self.drawn_t?);
        Some(Rate { numerator, denominator, basis: Basis::Volume }.percent(1))
    }
}

fn add(sum: &mut Option<Exact>, text: &str) -> Result<(), ExactError> {
    if let Some(value) = decimal(text) {
        *sum = Some(sum.unwrap_or(Exact::ZERO).plus(&value)?);
    }
    Ok(())
}

fn decimal(text: &str) -> Option<Exact> {
    Exact::parse(text).ok().filter(|value| !value.is_negative())
}
