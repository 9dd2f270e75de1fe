//! Promise 6: missing is a gap with a reason, never a number; and nothing is there that nobody sent.

use super::{Broken, Promise, Scene};
use crate::device::FACTORS;
use model::{DatastreamId, Quality, Source};
use store::Columns;

/// Every reading has a value or is flagged missing; of a device, none is there that it did not send.
pub fn check(scene: &Scene<'_>, all: &[(DatastreamId, Columns)]) -> Result<(), Broken> {
    let wrong = |what: String| Err(Broken::new(Promise::Gaps, what));
    for (datastream, columns) in all {
        let key = scene.reader.view().registry().datastream(*datastream).map(|of| of.key.clone());
        let Some(key) = key else { continue };
        for row in 0..columns.len() {
            let (time, value, flag) = (columns.time[row], columns.value[row], columns.flag[row]);
            if value.is_none() != (flag.quality() == Quality::Missing) {
                return wrong(format!("{key:?} at {time}: flag and value do not agree"));
            }
            if value.is_some_and(|value| !value.is_finite() || value < 0.0) {
                return wrong(format!("{key:?} at {time} is {value:?}"));
            }
            if let Source::Device(device) = key.source {
                let factor = FACTORS.iter().find(|(_, name, _)| *name == key.parameter);
                let sent = factor.and_then(|of| scene.book.versions.get(&(device, of.1, time)));
                if sent.and_then(|of| of.last()).map(|of| of.value) != Some(value) {
                    return wrong(format!("{key:?} at {time} is {value:?}, sent was {sent:?}"));
                }
            }
        }
        if !columns.damaged_days.is_empty() {
            return wrong(format!("{key:?}: days {:?} cannot be read", columns.damaged_days));
        }
    }
    Ok(())
}
