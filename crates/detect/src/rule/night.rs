//! High at night, when it should rest.
//!
//! # What it sees
//! A good value beyond a threshold in the hours of the night, `hours = [first, last]`, last included, over midnight where the first
//! is the larger one.
//! # When it raises
//! When it has been beyond for `hold`, all of it at night; with `apart`, only while it is so many times the median of at least two
//! neighbours.
//! # When it clears
//! When it has been below `clear` times the threshold for `clear_hold`, or the night is over for as long.
//! # What it cannot see
//! Whether work at night is permitted: say so as known work. A day that is as high: `limit` sees that.
//! # Source
//! The district's own; the hours are those of the rules on night work of building sites, usually 22 to 6.

use super::Rule;
use crate::look::{Judged, Look};

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let [first, last] = rule.hours?;
    let is_night = if first <= last {
        (first..=last).contains(&look.hour)
    } else {
        look.hour >= first || look.hour <= last
    };
    let judged = rule.apart(look, Judged::against(look.value()?, look.limit?, rule.clear));
    if is_night { Some(judged) } else { Some(Judged { is_over: false, is_under: true, ..judged }) }
}
