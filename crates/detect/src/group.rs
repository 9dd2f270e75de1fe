//! Grouping: findings of one event are one thing to look at.

use crate::finding::{Finding, Raised};
use model::HOUR_MS;

/// How long after it was over something still belongs to the same event, ms.
const AFTER_MS: i64 = HOUR_MS;

/// The group that a new finding belongs to: that of the oldest known one of the same parameter, near by, at a time that overlaps;
/// none when it is the first of its event. `near_m` is how far apart the two may be.
pub fn group_of<'f>(
    new: &Raised,
    near_m: f64,
    known: impl Iterator<Item = &'f Finding>,
) -> Option<&'f str> {
    let is_same = |old: &&Finding| {
        let is_over = old.cleared.as_ref().is_some_and(|(at, _)| new.began - *at > AFTER_MS);
        old.raised.parameter == new.parameter
            && old.raised.kind.is_about_data() == new.kind.is_about_data()
            && !is_over
            && new.at - old.raised.began > -AFTER_MS
            && space::distance_m(old.raised.spot, new.spot) <= near_m
    };
    // A device that is silent is one thing; two of them need not be one event.
    if new.kind.is_about_data() {
        return None;
    }
    let oldest = known.filter(is_same).min_by_key(|old| (old.raised.began, old.number()))?;
    Some(&oldest.group)
}
