//! A value above a limit (or below one that is a floor).
//!
//! # What it sees
//! A good value of one series that is beyond a number of the district's own, or a limit of the law of that day.
//! # When it raises
//! When it has been beyond for `hold` without a value in between that was not. With a `quorum`, only
//! while so many neighbours are above the same threshold too; with `apart`, only while it is so many times the median of at least two
//! neighbours.
//! # When it clears
//! When it has been below `clear` times the threshold for `clear_hold`.
//! # What it cannot see
//! Who let it out. What lies between two values. A value that quality doubts. A first single value that will turn out a spike:
//! give it a `hold` of two steps.
//! # Source
//! Limits of law are rows of `standards` (GB 3095, GB 3838) in the edition of the day; others are the district's own.

use super::Rule;
use crate::look::{Judged, Look};

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let limit = look.limit?;
    let judged = rule.apart(look, Judged::against(look.value()?, limit, rule.clear));
    if rule.quorum == 0 || !judged.is_over {
        return Some(judged);
    }
    let agree = look.near().filter(|one| Judged::against(one.value, limit, rule.clear).is_over);
    Some(judged.only_when(agree.take(rule.quorum).count() >= rule.quorum))
}
