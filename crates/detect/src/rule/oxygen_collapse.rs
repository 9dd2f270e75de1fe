//! Dissolved oxygen collapses.
//!
//! # What it sees
//! A good value of dissolved oxygen, and the highest good one of the `window` before it.
//! # When it raises
//! When it has fallen by `rise` and, where a threshold is stated, is below it, for `hold`. By day and night oxygen swings
//! with light; a window shorter than half a day and a floor keep that out.
//! # When it clears
//! When it is above the threshold again by the share `clear`, or no longer so far below the highest, for `clear_hold`.
//! # What it cannot see
//! Water that never had oxygen. A collapse slower than the window.
//! # Source
//! The district's own; fish are in danger below 2 to 3 mg/L, class V of GB 3838 ends at 2 mg/L.

use super::Rule;
use crate::look::{Judged, Look};

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let value = look.value()?;
    let best = look.before(rule.window.0).map(|sample| sample.value).fold(f64::NAN, f64::max);
    if best.is_nan() {
        return None;
    }
    let fallen = Judged::below(value, best - rule.rise?, rule.clear);
    let Some(limit) = look.limit else { return Some(fallen) };
    let floor = Judged::below(value, limit.value, rule.clear);
    // Once down it stays down: only the floor says that it is over.
    Some(Judged { is_over: floor.is_over && fallen.is_over, is_under: floor.is_under, ..floor })
}
