//! A sensor is frozen: it sends, and nothing changes.
//!
//! # What it sees
//! All watched series of a device (or of a place, where a feed stands for the device) with the same period: since when each has
//! had one and the same value.
//! # When it raises
//! When every series that sends has stood still for `window`, with at least twelve values each, and there are at least
//! `quorum` of them, or all that the device has when it has fewer and the window is four times as long. One pollutant that stands
//! still is nothing: SO₂ at 3 µg/m³ does so for days; six at once do not.
//! # When it clears
//! With the first value of any of them that differs.
//! # What it cannot see
//! A sensor that repeats yesterday, or has noise of its own. One analyser of several: the quality test `persistence` marks that.
//! # Source
//! Measured on a week of the national feed, `docs/detection.md`; the window is the district's own.

use super::Rule;
use crate::look::Judged;
use crate::series::Run;
use model::{HOUR_MS, Timestamp};

/// How many equal values there have to be.
const EQUAL_MIN: u32 = 12;
/// How much longer fewer series than the quorum have to stand still.
const FEW_TIMES: i64 = 4;

/// Asks the rule about a device, by the last row of equal values of each of its series, with the end of its last period.
pub fn judge(rule: &Rule, runs: &[(Run, Timestamp)]) -> Option<Judged> {
    let is_few = runs.len() < rule.quorum;
    let window = if is_few { rule.window.0 * FEW_TIMES } else { rule.window.0 };
    let shortest = runs.iter().map(|(run, end)| *end - run.since).min()?;
    let is_often = runs.iter().all(|(run, _)| run.count >= EQUAL_MIN);
    #[expect(clippy::cast_precision_loss, reason = "hours")]
    let hours = |ms: i64| ms as f64 / HOUR_MS as f64;
    let is_over = is_often && shortest >= window;
    let is_under = runs.iter().any(|(run, _)| run.count == 1);
    Some(Judged { value: hours(shortest), threshold: hours(window), is_over, is_under })
}
