//! A device is silent.
//!
//! # What it sees
//! The newest value of any series of a device, of whatever quality, and the clock.
//! # When it raises
//! When the newest value is older than `window`; a device of which nothing was ever heard is not counted.
//! # When it clears
//! With the first value that is younger.
//! # What it cannot see
//! Why. A device that sends and says nothing new: `frozen` sees that. Hours that are due and come later: `transmission`.
//! # Source
//! The district's own; HJ 212 leaves the interval of uploads to the operator.

use super::Rule;
use crate::look::Judged;
use model::{MINUTE_MS, Timestamp};

/// Asks the rule about a device.
pub fn judge(rule: &Rule, now: Timestamp, heard: Option<Timestamp>) -> Option<Judged> {
    #[expect(clippy::cast_precision_loss, reason = "minutes")]
    let minutes = |ms: i64| ms as f64 / MINUTE_MS as f64;
    let silent_ms = (now - heard?).max(0);
    let judged = Judged::above(minutes(silent_ms), minutes(rule.window.0), 1.0);
    Some(Judged { is_under: !judged.is_over, ..judged })
}
