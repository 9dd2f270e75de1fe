//! Worse downstream than upstream.
//!
//! # What it sees
//! A good value and the newest good value of the same item at the next place upstream on the same water.
//! # When it raises
//! When the value is more than `factor` times the one upstream, and `rise` more, for `hold`: something comes in between.
//! # When it clears
//! When it is no more than `clear` times that threshold for `clear_hold`.
//! # What it cannot see
//! The time the water needs from one place to the other: a pulse that passed upstream some hours ago looks like something that came
//! in; `hold` longer than the travel time tells them apart. Dilution by a clean tributary.
//! # Source
//! The district's own; *is my reach better than what flows into it* is what a river chief answers for.

use super::Rule;
use crate::look::{Judged, Look};

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let (value, above) = (look.value()?, look.upstream()?);
    let threshold = (above * rule.factor?).max(above + rule.rise.unwrap_or(0.0));
    Some(Judged::above(value, threshold, rule.clear))
}
