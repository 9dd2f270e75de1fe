//! Spans of civil days: a month, a quarter, a year, any days in a row.

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Civil days in a row, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    first: Date,
    last: Date,
}

/// What a span is in the calendar; the law asks different things of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One calendar month.
    Month,
    /// One calendar quarter.
    Quarter,
    /// One calendar year.
    Year,
    /// Any other days in a row.
    Other,
}

/// The text is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no period\nhint: write 2026, 2026-Q1, 2026-03, 2026-03-01 or 2026-03-01..2026-05-31"
)]
pub struct NoSpan(String);

impl Span {
    /// From the first to the last day; none when they stand the other way round.
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// A calendar month.
    pub fn month(year: i16, month: i8) -> Option<Self> {
        let first = Date::new(year, month, 1).ok()?;
        Some(Self { first, last: first.last_of_month() })
    }

    /// A calendar quarter, 1 to 4.
    pub fn quarter(year: i16, quarter: i8) -> Option<Self> {
        if !(1..=4).contains(&quarter) {
            return None;
        }
        let (first, last) = (Self::month(year, quarter * 3 - 2)?, Self::month(year, quarter * 3)?);
        Self::new(first.first, last.last)
    }

    /// A calendar year.
    pub fn year(year: i16) -> Option<Self> {
        Self::new(Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?)
    }

    /// The first day.
    pub fn first(&self) -> Date {
        self.first
    }

    /// The last day.
    pub fn last(&self) -> Date {
        self.last
    }

    /// Whether the day lies in it.
    pub fn holds(&self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Days in it.
    pub fn len(&self) -> u32 {
        let days = self.last.since(self.first).map_or(0, |span| span.get_days());
        days.unsigned_abs() + 1
    }

    /// Never: a span has at least one day.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// What it is in the calendar.
    pub fn shape(&self) -> Shape {
        let (year, month) = (self.first.year(), self.first.month());
        let is = |span: Option<Self>| span == Some(*self);
        if is(Self::year(year)) {
            Shape::Year
        } else if is(Self::quarter(year, (month + 2) / 3)) {
            Shape::Quarter
        } else if is(Self::month(year, month)) {
            Shape::Month
        } else {
            Shape::Other
        }
    }

    /// The calendar months that lie wholly in it.
    pub fn months(&self) -> Vec<Self> {
        let (mut year, mut month) = (self.first.year(), self.first.month());
        let mut months = Vec::new();
        while let Some(span) = Self::month(year, month).filter(|span| span.first <= self.last) {
            if span.first >= self.first && span.last <= self.last {
                months.push(span);
            }
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        }
        months
    }

    /// The same days a year earlier: calendar months stay whole, 29 February becomes 28 February.
    #[must_use]
    pub fn a_year_earlier(&self) -> Self {
        let earlier = |day: Date, whole: bool| {
            let year = day.year() - 1;
            let last = Date::new(year, day.month(), 1).map_or(day, Date::last_of_month);
            let at = if whole { last.day() } else { day.day().min(last.day()) };
            Date::new(year, day.month(), at).unwrap_or(day)
        };
        let whole = self.last == self.last.last_of_month() && self.shape() != Shape::Other;
        Self { first: earlier(self.first, false), last: earlier(self.last, whole) }
    }
}

impl FromStr for Span {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let span = || -> Option<Self> {
            if let Some((first, last)) = text.split_once("..") {
                return Self::new(first.parse().ok()?, last.parse().ok()?);
            }
            if let Some((year, quarter)) = text.split_once("-Q") {
                return Self::quarter(year.parse().ok()?, quarter.parse().ok()?);
            }
            match text.split('-').collect::<Vec<_>>()[..] {
                [year] => Self::year(year.parse().ok()?),
                [year, month] => Self::month(year.parse().ok()?, month.parse().ok()?),
                _ => text.parse().ok().map(|day| Self { first: day, last: day }),
            }
        };
        span().ok_or_else(|| NoSpan(text.to_owned()))
    }
}

/// `2026`, `2026-Q1`, `2026-03` or `2026-03-01..2026-05-31`.
impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.first.year(), self.first.month());
        match self.shape() {
            Shape::Year => write!(out, "{year:04}"),
            Shape::Quarter => write!(out, "{year:04}-Q{}", (month + 2) / 3),
            Shape::Month => write!(out, "{year:04}-{month:02}"),
            Shape::Other => write!(out, "{}..{}", self.first, self.last),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        text.parse().unwrap()
    }

    #[test]
    fn a_span_reads_back_as_it_is_written() {
        for text in ["2026", "2026-Q1", "2026-02", "2026-03-01..2026-05-30"] {
            assert_eq!(span(text).to_string(), text);
        }
        assert_eq!(span("2026-03-01..2026-03-31").to_string(), "2026-03");
        assert_eq!(
            (span("2024").len(), span("2026-02").len(), span("2026-02-03").len()),
            (366, 28, 1)
        );
        for text in ["", "2026-Q5", "2026-13", "2026-05-31..2026-03-01", "last year"] {
            assert!(text.parse::<Span>().unwrap_err().to_string().contains("hint"), "{text}");
        }
    }

    #[test]
    fn the_same_span_a_year_earlier_keeps_months_whole() {
        assert_eq!(span("2025-02").a_year_earlier(), span("2024-02"));
        assert_eq!(span("2024-Q1").a_year_earlier(), span("2023-Q1"));
        assert_eq!(span("2024-02-29..2024-03-10").a_year_earlier(), span("2023-02-28..2023-03-10"));
    }

    #[test]
    fn only_whole_months_count_as_months() {
        assert_eq!(span("2026").months().len(), 12);
        assert_eq!(span("2026-01-15..2026-04-02").months(), [span("2026-02"), span("2026-03")]);
    }
}
