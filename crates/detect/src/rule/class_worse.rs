//! Water worse than the class it has to reach.
//!
//! # What it sees
//! A good value of an item of GB 3838 at a place with a target class, beyond the item's limit of that class on that day;
//! for dissolved oxygen, below it.
//! # When it raises
//! When it has been beyond for `hold`.
//! # When it clears
//! When it has been within the limit by the share `clear` for `clear_hold`.
//! # What it cannot see
//! The class of a month: that is an assessment and has rules of its own. Items that have no limit by class (temperature, pH,
//! turbidity). A place without a target.
//! # Source
//! GB 3838-2002 table 1 through `standards`; target classes are those registered at the place, with their first day.

use super::Rule;
use crate::look::{Judged, Look};

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    Some(Judged::against(look.value()?, look.limit?, rule.clear))
}
