//! Promise 3: raw is never edited, and every version can be read.

use super::{Broken, Promise, Scene};
use crate::dice::Dice;
use model::Sequence;

/// Some kept frames, the newest among them, are there as they came.
pub fn frames(scene: &Scene<'_>, dice: &mut Dice, samples: usize) -> Result<(), Broken> {
    let all: Vec<Sequence> = scene.book.frames.keys().copied().collect();
    let newest = all.last().copied();
    let some = (0..samples).filter_map(|_| dice.pick(&all).copied()).collect::<Vec<_>>();
    for sequence in newest.into_iter().chain(some) {
        let found = scene.reader.frame(sequence).map_err(|error| Broken::stopped(&error))?;
        let kept = &scene.book.frames[&sequence];
        let is_same = found.is_some_and(|found| {
            (&found.raw, found.device, found.disposition, found.reason)
                == (&kept.bytes, kept.device, kept.disposition, kept.reason)
        });
        if !is_same {
            let what = format!("frame {sequence} is not there as it came");
            return Err(Broken::new(Promise::RawStays, what));
        }
    }
    Ok(())
}

/// Frames, and of some readings all versions.
pub fn all(scene: &Scene<'_>, dice: &mut Dice, samples: usize) -> Result<(), Broken> {
    frames(scene, dice, samples)?;
    let corrected: Vec<_> =
        scene.book.versions.iter().filter(|(_, versions)| versions.len() > 1).collect();
    let every: Vec<_> = scene.book.versions.iter().collect();
    for at in 0..samples {
        let among = if at % 2 == 0 && !corrected.is_empty() { &corrected } else { &every };
        let Some(&((device, parameter, hour), versions)) = dice.pick(among) else { break };
        let datastream = scene.hourly(*device, parameter);
        let found = datastream.map(|id| scene.reader.versions(id, *hour)).unwrap_or_default();
        let is_same = found.len() == versions.len()
            && found.iter().zip(versions).all(|(found, version)| {
                (found.sequence, found.value, found.flag)
                    == (version.sequence, version.value, version.flag)
            });
        if !is_same {
            let what = format!(
                "the versions of {parameter} of device {device} at {hour} are {found:?}, not {versions:?}"
            );
            return Err(Broken::new(Promise::RawStays, what));
        }
    }
    Ok(())
}
