//! Instants and civil days at the door: how a question names them and an answer writes them.

use super::error::{Answer, ApiError};
use crate::words::Words;
use jiff::civil::Date;
use model::{DAY_MS, Timestamp};
use serde::{Serialize, Serializer};
use standards::{Day, Zone};
use utoipa::ToSchema;

/// An instant in an answer: RFC 3339 in UTC, `2026-03-01T00:00:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-03-01T00:00:00.000Z")]
pub struct Instant(pub Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

/// A stretch of time, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// Which limit a range must keep.
#[derive(Clone, Copy, Debug)]
pub struct RangeLimit {
    /// Its name in `http.limits`.
    pub name: &'static str,
    /// Its value in days.
    pub days_max: u64,
}

impl Range {
    /// The range that `from` and `to` name; without them the `default_ms` before `now`.
    pub fn read(
        from: Option<&str>,
        to: Option<&str>,
        zone: &Zone,
        (now, default_ms): (Timestamp, i64),
        limit: RangeLimit,
    ) -> Answer<Self> {
        let to_given = to.map(|text| instant("to", text, zone)).transpose()?;
        let end = to_given.unwrap_or(now);
        let from = from.map(|text| instant("from", text, zone)).transpose()?;
        let range = Self { from: from.unwrap_or(end - default_ms), to: end };
        if range.from >= range.to {
            let accepted = Words::new("to 须晚于 from", "to must be later than from");
            return Err(ApiError::bad_parameter("to", to.unwrap_or("now"), accepted));
        }
        let days = (range.to - range.from - 1) / DAY_MS + 1;
        if u64::try_from(days).is_ok_and(|days| days > limit.days_max) {
            return Err(ApiError::range_too_long(days, limit.name, limit.days_max));
        }
        Ok(range)
    }
}

/// The instant that a parameter names: RFC 3339 with its offset, or the start of a civil day.
pub fn instant(name: &str, text: &str, zone: &Zone) -> Answer<Timestamp> {
    let accepted = || {
        ApiError::bad_parameter(
            name,
            text,
            Words::new(
                "请用 2026-03-01T08:00:00+08:00、2026-03-01T00:00:00Z 或 2026-03-01（该日零点）",
                "write 2026-03-01T08:00:00+08:00, 2026-03-01T00:00:00Z or 2026-03-01 (its midnight); + is %2B in a URL",
            ),
        )
    };
    let ms = if text.len() == "2026-03-01".len() {
        let date: Date = text.parse().map_err(|_| accepted())?;
        zone.instant(date.at(0, 0, 0, 0)).map_err(|_| accepted())?.as_ms()
    } else {
        text.parse::<jiff::Timestamp>().map_err(|_| accepted())?.as_millisecond()
    };
    // The years 5 to 9892: far from the ends of the calendar, so that no arithmetic on it can fail.
    if !(-62_000_000_000_000..=250_000_000_000_000).contains(&ms) {
        return Err(accepted());
    }
    Ok(Timestamp::from_ms(ms))
}

/// The civil day that a parameter names; today without it.
pub fn day(name: &str, text: Option<&str>, zone: &Zone, now: Timestamp) -> Answer<Day> {
    let accepted = |given: &str| {
        ApiError::bad_parameter(name, given, Words::new("请用 2026-03-01", "write 2026-03-01"))
    };
    let date = match text {
        Some(text) => text.parse::<Date>().map_err(|_| accepted(text))?,
        None => zone.date(now).map_err(|_| accepted("now"))?,
    };
    if !(0..=9_000).contains(&date.year()) {
        return Err(accepted(text.unwrap_or_default()));
    }
    zone.day(date).map_err(|_| accepted(text.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_with_its_offset_and_a_day_from_its_midnight() {
        let check = |text, expected: Option<&str>| {
            let read = instant("from", text, &Zone::shanghai().unwrap()).map(|at| at.to_string());
            assert_eq!(read.ok().as_deref(), expected, "{text}");
        };
        check("2026-03-01T08:00:00+08:00", Some("2026-03-01T00:00:00.000Z"));
        check("2026-03-01T00:00:00.5Z", Some("2026-03-01T00:00:00.500Z"));
        check("2026-03-01", Some("2026-02-28T16:00:00.000Z"));
        check("2026-13-01", None);
        check("2026-03-01T08:00:00", None);
        check("yesterday", None);
        check("9999-12-30", None);
    }

    #[test]
    fn a_range_has_a_beginning_an_end_and_a_limit() {
        let now = Timestamp::from_ms(10 * DAY_MS);
        let limit = RangeLimit { name: "raw_days_max", days_max: 3 };
        let check = |from, to, expected: Result<(i64, i64), &str>| {
            let range = Range::read(from, to, &Zone::named("UTC").unwrap(), (now, DAY_MS), limit);
            let range = range.map(|range| (range.from.utc_day().into(), range.to.utc_day().into()));
            assert_eq!(range.map_err(|error| error.code), expected);
        };
        check(None, None, Ok((9, 10)));
        check(Some("1970-01-08"), None, Ok((7, 10)));
        check(Some("1970-01-07"), None, Err("range_too_long"));
        check(Some("1970-01-03"), Some("1970-01-03"), Err("bad_parameter"));
        check(None, Some("1970-01-03"), Ok((1, 2)));
    }
}
