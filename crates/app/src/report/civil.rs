//! Civil periods of reports: which one a day lies in, and which was the last to end.

use account::Text;
use jiff::civil::{Date, Weekday};
use standards::Span;

/// What a report is made of each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
    /// No period: documents as they are.
    Once,
}

impl Every {
    /// Its name: `day`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::Once => "once",
        }
    }

    /// For people.
    pub fn words(self) -> Text {
        match self {
            Self::Day => Text::new("每日", "a day"),
            Self::Week => Text::new("每周", "a week"),
            Self::Month => Text::new("每月", "a month"),
            Self::Year => Text::new("每年", "a year"),
            Self::Once => Text::new("不分期", "no period"),
        }
    }

    /// The period that a day lies in.
    pub fn of(self, day: Date) -> Option<Span> {
        match self {
            Self::Day | Self::Once => Span::new(day, day),
            Self::Week => {
                let back = i64::from(day.weekday().since(Weekday::Monday));
                let first = day.checked_sub(jiff::Span::new().try_days(back).ok()?).ok()?;
                Span::new(first, first.checked_add(jiff::Span::new().try_days(6).ok()?).ok()?)
            }
            Self::Month => Span::month(day.year(), day.month()),
            Self::Year => Span::year(day.year()),
        }
    }
}

/// The last period that was over when a day began.
pub fn last_over(every: Every, today: Date) -> Option<Span> {
    every.of(every.of(today)?.first().yesterday().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(every: Every, today: Date, first: Date, last: Date) {
        assert_eq!(last_over(every, today), Span::new(first, last), "{every:?} before {today}");
    }

    #[test]
    fn the_last_period_that_is_over_ends_before_today() {
        check(Every::Day, date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 28));
        check(Every::Week, date(2026, 3, 1), date(2026, 2, 16), date(2026, 2, 22));
        check(Every::Week, date(2026, 3, 2), date(2026, 2, 23), date(2026, 3, 1));
        check(Every::Month, date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31));
        check(Every::Year, date(2026, 1, 1), date(2025, 1, 1), date(2025, 12, 31));
    }
}
