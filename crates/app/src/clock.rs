//! The clock of the program. The real one is read here and nowhere below.
//!
//! A replay of past readings runs on a clock of its own, so that the day that is replayed is today:
//! ages, due times and the check for times that lie ahead then mean what they mean in service.

use model::Timestamp;
use std::sync::{PoisonError, RwLock};

/// The course of the clock when it is not the real one. The one global of the program: the functions
/// that ask for the time are handed to rooms that must not know there is a choice.
static COURSE: RwLock<Option<Course>> = RwLock::new(None);

#[derive(Clone, Copy)]
struct Course {
    /// What the real clock said when this course began, ms.
    real: i64,
    /// What it was said to be then.
    shown: Timestamp,
    /// How many times faster than the real one it goes.
    speed: i64,
}

/// Now, in UTC.
pub fn now() -> Timestamp {
    let real = real_ms();
    match *COURSE.read().unwrap_or_else(PoisonError::into_inner) {
        None => Timestamp::from_ms(real),
        Some(course) => course.shown + (real - course.real).saturating_mul(course.speed),
    }
}

/// The civil day that it is in a zone.
pub fn civil_today(zone: &jiff::tz::TimeZone) -> jiff::civil::Date {
    let at = jiff::Timestamp::from_millisecond(now().as_ms()).unwrap_or_default();
    zone.to_datetime(at).date()
}

/// Lets the clock show `shown` from now on, and go on `speed` times as fast as the real one; 0 stops it.
pub fn set(shown: Timestamp, speed: i64) {
    let course = Course { real: real_ms(), shown, speed };
    *COURSE.write().unwrap_or_else(PoisonError::into_inner) = Some(course);
}

/// The real time in seconds since 1970, also while a replay has a clock of its own: what a code of an
/// authenticator goes by.
pub fn real_s() -> u64 {
    u64::try_from(real_ms() / 1_000).unwrap_or_default()
}

/// A reading of the monotonic clock, to measure how long something took.
#[expect(clippy::disallowed_methods, reason = "the shell is where the real clock is read")]
pub fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the shell is where the real clock is read")]
fn real_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
