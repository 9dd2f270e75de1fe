//! A sudden rise above what was before.
//!
//! # What it sees
//! A good value and the median of the good values of the `window` before it.
//! # When it raises
//! When the value is `rise` above that median and `factor` times it, for `hold`; the window needs three values. What
//! is high already does not move the median at once, so a rise that lasts is seen while it is young.
//! # When it clears
//! When the value is no more than `clear` times that threshold for `clear_hold`: because it fell, or because the
//! height has become usual.
//! # What it cannot see
//! A slow rise. One that the whole district has: compare with the neighbours (`above_upwind`) for that.
//! # Source
//! The district's own.

use super::Rule;
use crate::look::{Judged, Look};
use crate::quality::median;

/// How many values have to be before it.
const BEFORE_MIN: usize = 3;
/// How many are looked at.
const BEFORE_MAX: usize = 64;

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let value = look.value()?;
    let mut before = [0.0; BEFORE_MAX];
    let mut count = 0;
    for sample in look.before(rule.window.0).take(BEFORE_MAX) {
        before[count] = sample.value;
        count += 1;
    }
    if count < BEFORE_MIN {
        return None;
    }
    let usual = median(&mut before[..count]);
    let threshold = (usual + rule.rise?).max(usual * rule.factor.unwrap_or(1.0));
    let judged = Judged::above(value, threshold, rule.clear);
    let has_quorum = rule.quorum == 0
        || look.near().filter(|one| one.value > threshold).take(rule.quorum).count() >= rule.quorum;
    Some(judged.only_when(has_quorum))
}
