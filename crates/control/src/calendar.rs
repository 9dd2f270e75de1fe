//! The clock of a case: working hours, working days or calendar hours, with a calendar of holidays as data.

use jiff::civil::{Date, Time, Weekday};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use standards::Zone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// In what a time limit is counted (requirement GOV-005).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// Hours within the working hours of working days.
    WorkingHours,
    /// Working days: due at the end of the last one's working hours; the day it begins on does not count.
    WorkingDays,
    /// Hours, day and night.
    CalendarHours,
}

/// How long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub counting: Counting,
}

/// Which days and hours are worked, as data.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Zone,
    hours: Vec<(Time, Time)>,
    free: BTreeSet<Date>,
    worked: BTreeSet<Date>,
    /// Years of which the holidays are stated; in others only weekends are known.
    known: BTreeMap<i16, String>,
    /// Laid out when it is first asked for; copies share it.
    table: Arc<OnceLock<Table>>,
}

/// Working time of many years in a row, so that a span of years costs no more than one of hours.
#[derive(Debug, Default)]
struct Table {
    spans: Vec<(Timestamp, Timestamp)>,
    /// Of each span, and of the end: how much was worked before it, ms.
    before: Vec<i64>,
}

/// A calendar as somebody writes it down (TOML).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// `08:30–12:00` as pairs.
    hours: Vec<[String; 2]>,
    #[serde(default)]
    year: Vec<Year>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    #[serde(rename = "year")]
    number: i16,
    source: String,
    /// First and last day of each holiday.
    #[serde(default)]
    free: Vec<[String; 2]>,
    /// Weekend days that are worked instead.
    #[serde(default)]
    worked: Vec<String>,
}

/// What is wrong with a calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("calendar: {0}")]
pub struct CalendarError(String);

/// The years that are laid out; beyond them days are counted one by one.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2060;
/// How far ahead a limit may reach before it is taken for a mistake.
const DAYS_AHEAD_MAX: u32 = 4_000;

impl Calendar {
    /// Reads a calendar.
    ///
    /// # Errors
    /// Names what cannot be: hours that overlap or go backwards, a holiday outside its year.
    pub fn parse(text: &str, zone: Zone) -> Result<Self, CalendarError> {
        let flaw = |what: String| CalendarError(what);
        let document: Document = toml::from_str(text).map_err(|e| flaw(e.to_string()))?;
        let time = |text: &str| {
            text.parse::<Time>().map_err(|e| flaw(format!("{text:?} is no time of day: {e}")))
        };
        let mut hours = vec![];
        for [from, to] in &document.hours {
            let (from, to) = (time(from)?, time(to)?);
            if from >= to || hours.last().is_some_and(|(_, end)| *end > from) {
                return Err(flaw(format!("hours {from} to {to} go backwards or overlap")));
            }
            hours.push((from, to));
        }
        if hours.is_empty() {
            return Err(flaw("hours: at least one span, as [\"08:30\", \"12:00\"]".to_owned()));
        }
        let mut calendar = Self {
            zone,
            hours,
            free: BTreeSet::new(),
            worked: BTreeSet::new(),
            known: BTreeMap::new(),
            table: Arc::default(),
        };
        for year in document.year {
            calendar.add(year)?;
        }
        Ok(calendar)
    }

    /// The calendar that comes with the program, as TOML: what a district begins from.
    pub const TEXT: &str = include_str!("../data/calendar.toml");

    /// The calendar that is built in.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in(zone: Zone) -> Result<Self, CalendarError> {
        Self::parse(Self::TEXT, zone)
    }

    fn add(
        &mut self,
        Year { number: year, source, free, worked }: Year,
    ) -> Result<(), CalendarError> {
        let flaw = |what: String| Err(CalendarError(what));
        if source.trim().is_empty() {
            return flaw(format!("year {year} has no source"));
        }
        let date = |text: &str| {
            let wrong = |_| CalendarError(format!("year {year}: {text:?} is no day, YYYY-MM-DD"));
            text.parse::<Date>().map_err(wrong)
        };
        for [from, to] in free {
            let (from, to) = (date(&from)?, date(&to)?);
            if from > to || (to - from).get_days() > 31 {
                return flaw(format!("year {year}: {from} to {to} is no holiday"));
            }
            let mut day = Some(from);
            while let Some(date) = day.filter(|date| *date <= to) {
                self.free.insert(date);
                day = date.tomorrow().ok();
            }
        }
        for day in worked {
            self.worked.insert(date(&day)?);
        }
        self.known.insert(year, source);
        Ok(())
    }

    /// The zone of its days.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether the holidays of a year are stated; otherwise only weekends are known, and a due time is in doubt.
    pub fn knows(&self, year: i16) -> bool {
        self.known.contains_key(&year)
    }

    /// Whether a day is worked.
    pub fn is_worked(&self, date: Date) -> bool {
        let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.worked.contains(&date) || (!is_weekend && !self.free.contains(&date))
    }

    /// When something that begins at `from` must be done. Saturates at the end of the calendar.
    pub fn due(&self, from: Timestamp, allowed: Allowed) -> Timestamp {
        match allowed.counting {
            Counting::CalendarHours => from + i64::from(allowed.amount) * model::HOUR_MS,
            Counting::WorkingHours => self.after(from, i64::from(allowed.amount) * model::HOUR_MS),
            Counting::WorkingDays => self.after_days(from, allowed.amount),
        }
    }

    /// When so much time of the calendar will be gone from an instant on, ms. Saturates at the end of the calendar.
    pub fn ahead(&self, from: Timestamp, ms: i64, counting: Counting) -> Timestamp {
        match counting {
            Counting::CalendarHours => from + ms,
            Counting::WorkingHours | Counting::WorkingDays => self.after(from, ms),
        }
    }

    /// How much time between two instants counts, ms; 0 when `to` is not after `from`. Of working days it counts
    /// their working hours.
    pub fn spent(&self, from: Timestamp, to: Timestamp, counting: Counting) -> i64 {
        if counting == Counting::CalendarHours {
            return (to - from).max(0);
        }
        if to <= from {
            return 0;
        }
        if let Some((begun, ended)) = self.table().worked(from).zip(self.table().worked(to)) {
            return ended - begun;
        }
        self.spans(from)
            .take_while(|(start, _)| *start < to)
            .map(|(start, end)| (end.min(to) - start).max(0))
            .sum()
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::of(self))
    }

    fn after(&self, from: Timestamp, mut left: i64) -> Timestamp {
        if let Some(there) = self.table().after(from, left) {
            return there;
        }
        let mut last = from;
        for (start, end) in self.spans(from) {
            let there = end - start;
            if there >= left {
                return start + left;
            }
            left -= there;
            last = end;
        }
        last
    }

    fn after_days(&self, from: Timestamp, days: u32) -> Timestamp {
        let Ok(first) = self.zone.date(from) else { return from };
        let mut date = first;
        let mut counted = 0;
        for _ in 0..DAYS_AHEAD_MAX {
            if counted == days {
                break;
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
            counted += u32::from(self.is_worked(date));
        }
        let end = self.hours.last().map_or(Time::midnight(), |(_, end)| *end);
        let due = self.zone.instant(date.to_datetime(end));
        due.map_or(from, |due| due.max(from))
    }

    /// Spans of working time from an instant on; the first begins not before it.
    fn spans(&self, from: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let days = self.zone.date(from).ok().into_iter().flat_map(|first| self.spans_from(first));
        let left = move |(start, end): (Timestamp, Timestamp)| {
            (end > from).then_some((start.max(from), end))
        };
        days.take(DAYS_AHEAD_MAX as usize * self.hours.len()).filter_map(left)
    }

    /// Spans of working time from a day on.
    fn spans_from(&self, first: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        std::iter::successors(Some(first), |date| date.tomorrow().ok())
            .filter(|date| self.is_worked(*date))
            .flat_map(move |date| {
                self.hours.iter().filter_map(move |(start, end)| {
                    let start = self.zone.instant(date.to_datetime(*start)).ok()?;
                    let end = self.zone.instant(date.to_datetime(*end)).ok()?;
                    Some((start, end))
                })
            })
    }
}

impl Table {
    fn of(calendar: &Calendar) -> Self {
        let edge = |year: i16| {
            calendar.zone.instant(Date::new(year, 1, 1).ok()?.to_datetime(Time::midnight())).ok()
        };
        let first = Date::new(*YEARS.start(), 1, 1).ok();
        let Some((first, end)) = first.zip(edge(YEARS.end() + 1)) else { return Self::default() };
        let spans: Vec<_> =
            calendar.spans_from(first).take_while(|(start, _)| *start < end).collect();
        let mut worked = 0;
        let mut before = vec![0];
        before.extend(spans.iter().map(|(start, end)| {
            worked += *end - *start;
            worked
        }));
        Self { spans, before }
    }

    /// The span that ends after an instant first, when the instant lies within the table.
    fn next(&self, at: Timestamp) -> Option<usize> {
        let next = self.spans.partition_point(|(_, end)| *end <= at);
        (next < self.spans.len() && self.spans.first()?.0 <= at).then_some(next)
    }

    /// How much was worked until an instant, ms.
    fn worked(&self, at: Timestamp) -> Option<i64> {
        let next = self.next(at)?;
        Some(self.before[next] + (at - self.spans[next].0).max(0))
    }

    /// When so much more is worked.
    fn after(&self, from: Timestamp, left: i64) -> Option<Timestamp> {
        let (first, done) = (self.next(from)?, self.worked(from)?);
        let wanted = done + left;
        let span = first + self.before[first + 1..].partition_point(|worked| *worked < wanted);
        let start = self.spans.get(span)?.0.max(from);
        Some(start + (wanted - self.before[span].max(done)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::built_in(Zone::shanghai().unwrap()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        let calendar = calendar();
        calendar.zone.instant(text.parse().unwrap()).unwrap()
    }

    fn check(from: &str, amount: u32, counting: Counting, due: &str) {
        assert_eq!(
            calendar().due(at(from), Allowed { amount, counting }),
            at(due),
            "{from} + {amount}"
        );
    }

    #[test]
    fn working_hours_stop_at_noon_at_night_and_over_the_weekend() {
        use Counting::WorkingHours;
        // 2026-03-06 is a Friday; hours 08:30–12:00 and 14:00–18:00.
        check("2026-03-06T09:00", 2, WorkingHours, "2026-03-06T11:00");
        check("2026-03-06T11:00", 2, WorkingHours, "2026-03-06T15:00");
        check("2026-03-06T17:00", 2, WorkingHours, "2026-03-09T09:30");
        check("2026-03-07T10:00", 1, WorkingHours, "2026-03-09T09:30");
        check("2026-03-06T12:30", 1, WorkingHours, "2026-03-06T15:00");
    }

    #[test]
    fn working_days_end_with_the_working_hours_of_the_last_one() {
        use Counting::WorkingDays;
        check("2026-03-06T09:00", 1, WorkingDays, "2026-03-09T18:00");
        check("2026-03-06T23:00", 4, WorkingDays, "2026-03-12T18:00");
    }

    #[test]
    fn calendar_hours_run_day_and_night() {
        check("2026-03-06T20:00", 24, Counting::CalendarHours, "2026-03-07T20:00");
    }

    #[test]
    fn time_spent_is_what_due_allows() {
        let calendar = calendar();
        for hour in 0..200 {
            let from = at("2026-03-02T00:00") + hour * model::HOUR_MS;
            for amount in [1, 5, 30] {
                let allowed = Allowed { amount, counting: Counting::WorkingHours };
                let spent = calendar.spent(from, calendar.due(from, allowed), allowed.counting);
                assert_eq!(spent, i64::from(amount) * model::HOUR_MS, "from {from}");
            }
        }
        assert_eq!(
            calendar.spent(at("2026-03-07T00:00"), at("2026-03-08T23:00"), Counting::WorkingHours),
            0
        );
    }

    #[test]
    fn what_is_laid_out_says_what_counting_day_by_day_says() {
        let calendar = calendar();
        let begin = at("2026-02-10T03:10");
        for step in 0..300_i64 {
            let from = begin + step * 7 * model::HOUR_MS;
            let to = from + step * 5 * model::HOUR_MS / 2;
            let one_by_one: i64 = calendar
                .spans(from)
                .take_while(|(start, _)| *start < to)
                .map(|(start, end)| (end.min(to) - start).max(0))
                .sum();
            assert_eq!(calendar.spent(from, to, Counting::WorkingHours), one_by_one, "{from} {to}");
            let mut left = step * model::HOUR_MS / 4;
            let there = calendar.spans(from).find_map(|(start, end)| {
                let here = (end - start >= left).then_some(start + left);
                left -= end - start;
                here
            });
            let ahead = calendar.ahead(from, step * model::HOUR_MS / 4, Counting::WorkingHours);
            assert_eq!(Some(ahead), there, "{from} {step}");
        }
        // beyond what is laid out
        let far = at("2061-03-07T10:00");
        let week = calendar.spent(far, far + 7 * model::DAY_MS, Counting::WorkingHours);
        assert_eq!(week, 5 * 15 * model::HOUR_MS / 2);
        let there = calendar.ahead(far, model::HOUR_MS, Counting::WorkingHours);
        assert_eq!(there, far + model::HOUR_MS);
    }

    #[test]
    fn a_stated_holiday_is_free_and_its_weekend_is_worked() {
        let text = "hours = [[\"09:00\", \"17:00\"]]\n[[year]]\nyear = 2026\nsource = \"a notice\"\n\
                    free = [[\"2026-03-09\", \"2026-03-10\"]]\nworked = [\"2026-03-08\"]\n";
        let calendar = Calendar::parse(text, Zone::shanghai().unwrap()).unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(!calendar.is_worked(day("2026-03-09")) && calendar.is_worked(day("2026-03-08")));
        assert!(calendar.knows(2026) && !calendar.knows(2031));
    }

    #[test]
    fn what_is_wrong_with_a_calendar_is_named() {
        let zone = Zone::shanghai().unwrap();
        for (text, says) in [
            ("hours = []", "at least one span"),
            ("hours = [[\"12:00\", \"08:00\"]]", "go backwards"),
            ("hours = [[\"8\", \"12:00\"]]", "no time of day"),
            ("hours = [[\"08:00\", \"12:00\"]]\n[[year]]\nyear = 2026\nsource = \"\"", "no source"),
            ("days = 3", "unknown field"),
        ] {
            let error = Calendar::parse(text, zone.clone()).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
