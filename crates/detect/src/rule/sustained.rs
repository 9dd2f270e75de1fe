//! Above a threshold most of the time.
//!
//! # What it sees
//! Of the good values of the last `window`, the share that is beyond the threshold.
//! # When it raises
//! When the share reaches `share`, and the window has at least half of the values that it could have.
//! # When it clears
//! When the share has fallen to `clear` times `share` for `clear_hold`.
//! # What it cannot see
//! How far beyond the values are: one just above counts like one ten times above.
//! # Source
//! The district's own; the share of hours above a limit is how supervision of sites is usually agreed.

use super::Rule;
use crate::look::{Judged, Look};

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let (own, limit, share) = (look.value()?, look.limit?, rule.share?);
    let is_over = |value: f64| Judged::against(value, limit, rule.clear).is_over;
    let (mut over, mut all) = (usize::from(is_over(own)), 1_usize);
    for sample in look.before(rule.window.0 - 1) {
        over += usize::from(is_over(sample.value));
        all += 1;
    }
    let could = usize::try_from(rule.window.0 / look.step_ms().max(1)).unwrap_or(usize::MAX);
    if all * 2 < could {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a window")]
    let found = over as f64 / all as f64;
    // The share that is asked for is enough.
    let judged = Judged::above(found, share - f64::EPSILON, rule.clear);
    Some(Judged { threshold: share, ..judged })
}
