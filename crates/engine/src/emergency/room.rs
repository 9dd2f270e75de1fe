//! How large a plan may be: what a level orders is one act.

use super::{Emergency, EmergencyError};
use control::emergency::{Level, Measure, Planned};
use std::collections::BTreeMap;

/// Measures of a plan.
const MEASURES_MAX: usize = 5_000;
/// Bytes of the orders of a level: they are one act, which has no more than a mebibyte, with what the level rests on.
const ORDERS_BYTES_MAX: usize = 1_000_000;

impl Emergency {
    /// Whether a measure has room in the plan: an order that cannot be kept is noticed now, and not when a warning is declared.
    pub(super) fn check_room(&self, key: &str, measure: &Measure) -> Result<(), EmergencyError> {
        if self.plan.len() >= MEASURES_MAX && !self.plan.contains_key(key) {
            return Err(EmergencyError::TooMany(MEASURES_MAX));
        }
        let mut planned = self.planned();
        planned.retain(|own| own.entry != key);
        let (entry, measure) = (key.to_owned(), measure.clone());
        planned.push(Planned { entry, sequence: 0, measure });
        let bytes = orders_bytes_max(&planned);
        if bytes > ORDERS_BYTES_MAX {
            return Err(EmergencyError::TooLarge(bytes, ORDERS_BYTES_MAX));
        }
        Ok(())
    }
}

/// Bytes that the orders of a level take when they are kept, at most: whatever level, whatever day.
fn orders_bytes_max(plan: &[Planned]) -> usize {
    /// Bytes of an order beside its measures, and of a sequence.
    const ORDER_BYTES: usize = 320;
    let mut general = 0;
    let mut of_places: BTreeMap<&str, BTreeMap<Level, usize>> = BTreeMap::new();
    for planned in plan {
        let Measure { place, unit, level, .. } = &planned.measure;
        let written = serde_json::to_string(planned).map_or(0, |text| text.len());
        let bytes = written + ORDER_BYTES + place.len() + unit.len();
        if place.is_empty() {
            general += bytes;
        } else {
            *of_places.entry(place).or_default().entry(*level).or_default() += bytes;
        }
    }
    general + of_places.values().filter_map(|levels| levels.values().max()).sum::<usize>()
}
