//! Promise 2: what a device was told is kept is on disk, to the last value.

use super::{Broken, Promise, Scene};
use crate::dice::Dice;
use model::Disposition;

/// Every acknowledged frame belongs to a turn that survived; of some of them, the store is asked for
/// every value, or for the frame when its values were put aside.
pub fn check(scene: &Scene<'_>, dice: &mut Dice, samples: usize) -> Result<(), Broken> {
    let book = scene.book;
    let lost = |what: String| Err(Broken::new(Promise::Durable, what));
    if let Some(name) = book.answered.iter().find(|name| !book.fates.contains_key(*name)) {
        return lost(format!("{name:?} was acknowledged and no turn kept it"));
    }
    let answered: Vec<_> = book.answered.iter().collect();
    for _ in 0..samples.min(answered.len()) {
        let Some(&name) = dice.pick(&answered) else { break };
        let (Some(upload), Some((fate, sequence))) = (book.uploads.get(name), book.fates.get(name))
        else {
            return lost(format!("{name:?} was acknowledged and nobody made it"));
        };
        if *fate == Disposition::Quarantined || *fate == Disposition::Rejected {
            let frame = sequence.map(|sequence| scene.reader.frame(sequence));
            if !matches!(frame, Some(Ok(Some(_)))) {
                return lost(format!("{name:?} was acknowledged, put aside, and is not there"));
            }
            continue;
        }
        for sent in &upload.values {
            let device = book.devices.get(&upload.mn).copied();
            let datastream = device.and_then(|device| scene.hourly(device, sent.parameter));
            let versions = datastream.map(|id| scene.reader.versions(id, upload.hour));
            let is_there = versions.unwrap_or_default().iter().any(|held| held.value == sent.value);
            if !is_there {
                let what = format!("{name:?} was acknowledged; its {} is lost", sent.parameter);
                return lost(what);
            }
        }
    }
    Ok(())
}
