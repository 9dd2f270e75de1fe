//! Higher than what the wind brings.
//!
//! # What it sees
//! A good value and the median of the good values, at the same time, of the neighbours that lie upwind (within 45° of where
//! the wind comes from); without a wind direction, of all neighbours. And the median of all neighbours.
//! # When it raises
//! When the value is `rise` above the larger of the two medians and `factor` times it, for `hold`; so many neighbours upwind as
//! `quorum` says have to be there.
//! # When it clears
//! When the value is no more than `clear` times that threshold for `clear_hold`.
//! # What it cannot see
//! A source upwind of the neighbours too. In calm air, which side a source is on. A neighbour that is broken and still
//! good by every test: that is what the median and the quorum are for.
//! # Source
//! The district's own; a hot spot is where a micro-station lies above its surroundings.

use super::Rule;
use crate::look::{Judged, Look};
use crate::quality::median;

/// Neighbours that are looked at.
const NEAR_MAX: usize = 16;

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let value = look.value()?;
    let wind = look.wind_from_deg();
    let mut values = [0.0; NEAR_MAX];
    let mut count = 0;
    let upwind =
        look.near().filter(|one| wind.is_none_or(|from| space::is_upwind(one.bearing_deg, from)));
    for one in upwind.take(NEAR_MAX) {
        values[count] = one.value;
        count += 1;
    }
    if count < rule.quorum.max(1) {
        return None;
    }
    // A front that has passed the upwind ones and not yet the others is no source.
    let brought = median(&mut values[..count]).max(look.around()?);
    let threshold = (brought + rule.rise?).max(brought * rule.factor.unwrap_or(1.0));
    Some(Judged::above(value, threshold, rule.clear))
}
