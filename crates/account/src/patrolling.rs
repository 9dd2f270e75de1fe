//! Patrol plans: how often a line is to be patrolled, and how often it was (GOV-041, GOV-042, GOV-044).
//!
//! A plan asks for a number of patrols in each period. Periods that are over and wholly within the span that is asked about
//! are due; one that goes on is told apart. What was done and does not count is counted, with its reasons.

use crate::Text;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each civil day.
    Day,
    /// Monday to Sunday.
    Week,
    /// The 1st to the 10th, the 11th to the 20th, the rest of the month.
    TenDays,
    /// Each month.
    Month,
    /// Each quarter.
    Quarter,
    /// January to June, July to December.
    HalfYear,
    /// Each year.
    Year,
}

/// A plan: the document of an act of kind `patrol_plan`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatrolPlan {
    /// Keys of rivers and reaches, each with its own count; a patrol of a reach counts for its river too.
    pub lines: Vec<String>,
    /// Whose patrols count; none: anybody's.
    #[serde(default)]
    pub level: Option<crate::chief::Level>,
    /// How many patrols in each period.
    pub count: u32,
    /// The period.
    pub every: Every,
    /// First day.
    pub from: Date,
    /// Last day, this day included; none: still.
    #[serde(default)]
    pub to: Option<Date>,
    /// The rule or document it is from.
    #[serde(default)]
    pub source: String,
}

/// A patrol as it counts for a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The civil day on which it began.
    pub day: Date,
    /// Why it does not count; empty: it does.
    pub why: Vec<Text>,
}

/// What a plan came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Patrols that were due in periods that are over.
    pub due: u64,
    /// Patrols that were made in them.
    pub done: u64,
    /// Of those, how many count.
    pub valid: u64,
    /// Periods that are over.
    pub periods: u64,
    /// Periods that had as many valid patrols as they needed.
    pub met: u64,
    /// Why patrols do not count, by the English words, with how often.
    pub why: BTreeMap<String, (Text, u64)>,
    /// The period that goes on: its last day, how many are wanted, how many count so far.
    pub current: Option<(Date, u32, u64)>,
}

impl Every {
    /// The first and the last day of the period of a day.
    pub fn around(self, day: Date) -> (Date, Date) {
        let month = |first: i8, months: i8| {
            let from = Date::constant(day.year(), first, 1);
            let last = from.checked_add((months - 1).months()).unwrap_or(from);
            (from, last.last_of_month())
        };
        match self {
            Self::Day => (day, day),
            Self::Week => {
                let since = day.weekday().since(Weekday::Monday);
                let from = day.checked_sub(since.days()).unwrap_or(day);
                (from, from.checked_add(6.days()).unwrap_or(day))
            }
            Self::TenDays => match day.day() {
                1..=10 => (day.first_of_month(), day.first_of_month().saturating_add(9.days())),
                11..=20 => {
                    let from = day.first_of_month().saturating_add(10.days());
                    (from, from.saturating_add(9.days()))
                }
                _ => (day.first_of_month().saturating_add(20.days()), day.last_of_month()),
            },
            Self::Month => month(day.month(), 1),
            Self::Quarter => month((day.month() - 1) / 3 * 3 + 1, 3),
            Self::HalfYear => month((day.month() - 1) / 6 * 6 + 1, 6),
            Self::Year => month(1, 12),
        }
    }
}

impl PatrolPlan {
    /// Whether it asks for patrols of a line.
    pub fn asks_for(&self, line: &str) -> bool {
        self.lines.iter().any(|own| own == line)
    }

    /// What it came to on one line from the first day to the last, as of a day that is not over.
    pub fn kept(&self, walks: &[Walk], (from, to): (Date, Date), today: Date) -> Kept {
        let mut kept = Kept::default();
        let begin = self.from.max(from);
        let end = self.to.map_or(to, |own| own.min(to));
        let mut day = begin;
        while day <= end {
            let (first, last) = self.every.around(day);
            let is_here = |walk: &&Walk| (first..=last).contains(&walk.day);
            if first >= begin && last <= end && last < today {
                kept.periods += 1;
                kept.due += u64::from(self.count);
                let mut valid = 0;
                for walk in walks.iter().filter(is_here) {
                    kept.done += 1;
                    valid += u64::from(walk.why.is_empty());
                    for why in &walk.why {
                        let told = kept.why.entry(why.en.clone()).or_insert((why.clone(), 0));
                        told.1 += 1;
                    }
                }
                kept.valid += valid;
                kept.met += u64::from(valid >= u64::from(self.count));
            } else if (first..=last).contains(&today) {
                let valid = walks.iter().filter(is_here).filter(|walk| walk.why.is_empty()).count();
                kept.current = Some((last, self.count, valid as u64));
            }
            match last.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn plan(every: Every, count: u32) -> PatrolPlan {
        PatrolPlan {
            lines: vec!["north".into()],
            level: None,
            count,
            every,
            from: date(2026, 1, 1),
            to: None,
            source: String::new(),
        }
    }

    fn walk(day: Date, why: &[&str]) -> Walk {
        Walk { day, why: why.iter().map(|why| Text::same(*why)).collect() }
    }

    #[test]
    fn periods_lie_in_the_civil_calendar() {
        let check = |every: Every, first, last| {
            assert_eq!(every.around(date(2026, 2, 24)), (first, last), "{every:?}");
        };
        check(Every::Week, date(2026, 2, 23), date(2026, 3, 1));
        check(Every::TenDays, date(2026, 2, 21), date(2026, 2, 28));
        check(Every::Month, date(2026, 2, 1), date(2026, 2, 28));
        check(Every::Quarter, date(2026, 1, 1), date(2026, 3, 31));
        check(Every::HalfYear, date(2026, 1, 1), date(2026, 6, 30));
        check(Every::Year, date(2026, 1, 1), date(2026, 12, 31));
    }

    #[test]
    fn due_done_and_valid_are_counted_with_the_reasons_and_the_going_period_apart() {
        let walks = [
            walk(date(2026, 1, 6), &[]),
            walk(date(2026, 1, 7), &["too short"]),
            walk(date(2026, 1, 13), &["too short", "too soon"]),
            walk(date(2026, 1, 20), &[]),
        ];
        let span = (date(2026, 1, 1), date(2026, 1, 31));
        // The week of 1 January began in December: it is no whole week of the span.
        let kept = plan(Every::Week, 1).kept(&walks, span, date(2026, 1, 21));
        assert_eq!((kept.periods, kept.due, kept.done, kept.valid, kept.met), (2, 2, 3, 1, 1));
        assert_eq!(kept.why["too short"].1, 2);
        assert_eq!(kept.current, Some((date(2026, 1, 25), 1, 1)));
        // More than was due is kept as it is.
        let daily = plan(Every::Month, 1).kept(&walks, span, date(2026, 2, 1));
        assert_eq!((daily.due, daily.done, daily.valid, daily.current), (1, 4, 2, None));
    }
}
