//! Grouping: findings of one event are one thing to look at.
//!
//! An event is what people act on. Its findings are kept one by one, each with its own life; what is done to one of them is done to all.

use crate::config::Rules;
use crate::finding::{Finding, Raised};
use crate::rule::Rule;
use model::MINUTE_MS;

/// Devices that fail within this time of each other fail together: a line, a power supply, ms.
const TOGETHER_MS: i64 = 15 * MINUTE_MS;

/// The group that a new finding belongs to: that of the oldest known one whose rule speaks of the same event, near by, at a time that
/// overlaps, and of which the field has not said what it was; none when it is the first of its event. Of devices: the same
/// device, or one that failed at the same time. Known work that explains one of them and not the other parts them.
pub fn group_of<'f>(
    new: &Raised,
    rule: &Rule,
    rules: &Rules,
    known_work: Option<&str>,
    known: impl Iterator<Item = &'f Finding>,
) -> Option<&'f str> {
    let is_same = |old: &&Finding| {
        let is_over = old.cleared.as_ref().is_some_and(|(at, _)| new.began - *at > rule.again.0);
        let is_said = old.dismissed.is_some() || old.verdict.is_some();
        let is_kind = || {
            old.raised.rule == rule.key
                || rules.newest(&old.raised.rule).is_some_and(|own| own.event() == rule.event())
        };
        // What costs least is asked first: a line that fails raises thousands at once.
        !is_over
            && !is_said
            && old.known_work.as_deref() == known_work
            && new.at - old.raised.began > -rule.again.0
            && is_kind()
            && is_with(new, &old.raised, rule.group_m)
    };
    let oldest = known.filter(is_same).min_by_key(|old| (old.raised.began, old.number()))?;
    Some(&oldest.group)
}

/// Whether two stand together: near by; of devices, the same one or at the same time.
fn is_with(new: &Raised, old: &Raised, near_m: f64) -> bool {
    if new.kind.is_about_data() != old.kind.is_about_data() {
        return false;
    }
    if new.kind.is_about_data() {
        let is_own = (&new.place, new.device) == (&old.place, old.device);
        return is_own || (new.began - old.began).abs() <= TOGETHER_MS;
    }
    space::distance_m(old.spot, new.spot) <= near_m
}
