//! Civil time on the wire, instants inside, and how far a device's clock is off.

use super::Error;
use hj212::time::Civil;
use jiff::tz::TimeZone;
use model::{DAY_MS, HOUR_MS, Period, Timestamp};

/// The zone of the wire and the time of now.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    now: fn() -> Timestamp,
}

/// The machine's clock: the only place of this crate where it is read.
#[expect(clippy::disallowed_methods, reason = "the gateway is where the real clock lives")]
pub fn system_now() -> Timestamp {
    Timestamp::from_ms(jiff::Timestamp::now().as_millisecond())
}

impl Clock {
    /// A clock of a named zone (`Asia/Shanghai`), with the function that tells the time.
    ///
    /// # Errors
    /// When the zone is not in the time zone database.
    pub fn new(zone: &str, now: fn() -> Timestamp) -> Result<Self, Error> {
        let zone =
            TimeZone::get(zone).map_err(|source| Error::Zone { name: zone.to_owned(), source })?;
        Ok(Self { zone, now })
    }

    /// The civil day of an instant on the wire's calendar, `YYYY-MM-DD`; empty outside the calendar.
    pub fn day(&self, at: Timestamp) -> String {
        let at = jiff::Timestamp::from_millisecond(at.as_ms());
        at.map(|at| self.zone.to_datetime(at).date().to_string()).unwrap_or_default()
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// The instant of 14 or 17 digits of civil time; `None` when they are none. An hour that a change
    /// of summer time repeats is taken the first time, one that it skips is moved forward.
    pub fn instant(&self, digits: &[u8]) -> Option<Timestamp> {
        self.instant_of(Civil::read(digits).ok()?)
    }

    fn instant_of(&self, civil: Civil) -> Option<Timestamp> {
        let time = jiff::civil::DateTime::new(
            civil.year as i16,
            civil.month as i8,
            civil.day as i8,
            civil.hour as i8,
            civil.minute as i8,
            civil.second as i8,
            i32::from(civil.millisecond) * 1_000_000,
        );
        let instant = self.zone.to_ambiguous_timestamp(time.ok()?).compatible().ok()?;
        Some(Timestamp::from_ms(instant.as_millisecond()))
    }

    /// The civil time of an instant, for `DataTime`, `SystemTime` and `QN`.
    pub fn civil(&self, at: Timestamp) -> Civil {
        let instant = jiff::Timestamp::from_millisecond(at.as_ms()).unwrap_or_default();
        let time = self.zone.to_datetime(instant);
        Civil {
            year: time.year().unsigned_abs(),
            month: time.month().unsigned_abs(),
            day: time.day().unsigned_abs(),
            hour: time.hour().unsigned_abs(),
            minute: time.minute().unsigned_abs(),
            second: time.second().unsigned_abs(),
            millisecond: time.millisecond().unsigned_abs(),
        }
    }

    /// The start of the period that a device names by its end. Periods of some minutes stay where they
    /// are: how many minutes they have does not stand in the frame.
    pub fn period_start(&self, end: Timestamp, period: Period) -> Timestamp {
        match period {
            Period::Instant | Period::Minutes => end,
            Period::Hour => end - HOUR_MS,
            Period::Day => {
                let at = jiff::Timestamp::from_millisecond(end.as_ms()).unwrap_or_default();
                let local = self.zone.to_datetime(at);
                local
                    .date()
                    .yesterday()
                    .and_then(|day| {
                        self.zone.to_ambiguous_timestamp(day.to_datetime(local.time())).compatible()
                    })
                    .map_or(end - DAY_MS, |start| Timestamp::from_ms(start.as_millisecond()))
            }
        }
    }
}

/// Measures how far a device's clock is ahead of ours, from the QN of what it sends.
///
/// A QN can be old (a frame sent again, a backlog), so one difference proves nothing: three in a row
/// that agree over some time do. A burst of old frames ends sooner.
#[derive(Clone, Copy, Debug, Default)]
pub struct SkewMeter {
    last_ms: Option<i64>,
    agreeing: u8,
    agrees_since: Timestamp,
    /// The last skew that was told, in milliseconds; 0 while the clock is right.
    told_ms: i64,
}

/// When a difference counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkewRule {
    /// A clock may be off by this, in milliseconds.
    pub limit_ms: i64,
    /// Measurements must agree over this time, in milliseconds.
    pub agree_ms: i64,
}

/// What agreeing measurements say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// Device minus us, in milliseconds.
    pub ms: i64,
    /// Whether this has to be told: the clock went wrong, right, or wrong in another way.
    pub is_news: bool,
}

impl SkewMeter {
    /// Adds one difference (device minus us), measured at an instant.
    pub fn add(&mut self, ms: i64, at: Timestamp, rule: SkewRule) -> Option<Skew> {
        const CLOSE_MS: i64 = 2_000;
        let agrees = self.last_ms.is_some_and(|last| (last - ms).abs() <= CLOSE_MS);
        self.last_ms = Some(ms);
        if !agrees {
            (self.agreeing, self.agrees_since) = (0, at);
            return None;
        }
        self.agreeing = self.agreeing.saturating_add(1);
        if self.agreeing < 2 || at - self.agrees_since < rule.agree_ms {
            return None;
        }
        let wrong = ms.abs() > rule.limit_ms;
        let is_news =
            if wrong { (ms - self.told_ms).abs() > rule.limit_ms / 2 } else { self.told_ms != 0 };
        if is_news {
            self.told_ms = if wrong { ms } else { 0 };
        }
        Some(Skew { ms, is_news })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::new("Asia/Shanghai", || Timestamp::from_ms(0)).unwrap()
    }

    #[test]
    fn civil_digits_of_beijing_become_utc_and_back() {
        let at = clock().instant(b"20260301080000").unwrap();
        assert_eq!(at.to_string(), "2026-03-01T00:00:00.000Z");
        assert_eq!(clock().civil(at).digits14(), "20260301080000");
        let with_ms = clock().instant(b"20260301080000123").unwrap();
        assert_eq!(clock().civil(with_ms).digits17(), "20260301080000123");
        assert_eq!(clock().instant(b"20260230080000"), None);
        assert_eq!(clock().instant(b"00000000000000"), None);
    }

    #[test]
    fn a_period_named_by_its_end_moves_to_its_start() {
        let end = clock().instant(b"20260301080000").unwrap();
        let check = |period, start: &str| {
            assert_eq!(clock().civil(clock().period_start(end, period)).digits14(), start);
        };
        check(Period::Hour, "20260301070000");
        check(Period::Day, "20260228080000");
        check(Period::Instant, "20260301080000");
        check(Period::Minutes, "20260301080000");
    }

    /// Adds differences, each some milliseconds after the one before.
    fn measure(meter: &mut SkewMeter, step_ms: i64, differences: &[i64]) -> Vec<Option<Skew>> {
        let rule = SkewRule { limit_ms: 60_000, agree_ms: 10_000 };
        let at = |number: usize| Timestamp::from_ms(number as i64 * step_ms);
        differences.iter().enumerate().map(|(n, ms)| meter.add(*ms, at(n), rule)).collect()
    }

    #[test]
    fn differences_that_agree_for_a_while_make_a_skew_and_one_piece_of_news() {
        let mut meter = SkewMeter::default();
        let found = measure(&mut meter, 5_000, &[90_000, 90_500, 90_400, 90_600]);
        let skew = |ms, is_news| Some(Skew { ms, is_news });
        assert_eq!(found, [None, None, skew(90_400, true), skew(90_600, false)]);
        let after_setting = measure(&mut meter, 5_000, &[10, 20, 30, 40]);
        assert_eq!(after_setting, [None, None, skew(30, true), skew(40, false)]);
    }

    #[test]
    fn a_burst_or_a_backlog_with_old_names_is_no_skew() {
        let burst = measure(&mut SkewMeter::default(), 100, &[-90_000; 20]);
        assert!(burst.iter().all(Option::is_none));
        let hours: Vec<i64> = (1..100).rev().map(|ago| -ago * HOUR_MS).collect();
        let backlog = measure(&mut SkewMeter::default(), 5_000, &hours);
        assert!(backlog.iter().all(Option::is_none));
    }
}
