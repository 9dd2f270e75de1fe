//! The wall clock. It is read here and nowhere below.

use model::Timestamp;

/// Now, in UTC.
#[expect(clippy::disallowed_methods, reason = "the shell is where the real clock is read")]
pub fn now() -> Timestamp {
    Timestamp::from_ms(jiff::Timestamp::now().as_millisecond())
}

/// A reading of the monotonic clock, to measure how long something took.
#[expect(clippy::disallowed_methods, reason = "the shell is where the real clock is read")]
pub fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}
