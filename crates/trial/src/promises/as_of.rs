//! Promise 4: what was known at a past moment is what it was, for ever.

use super::{Broken, Promise, Scene};
use crate::dice::{Dice, mixed};
use model::{Sequence, Source};
use store::{Columns, Known};

/// What all datastreams, derived ones too, were at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The moment.
    pub at: Sequence,
    /// A digest of everything.
    pub digest: u64,
}

/// Asks for everything as it is known now.
pub fn probe(scene: &Scene<'_>) -> Result<Probe, Broken> {
    let at = scene.reader.last_sequence().map_err(|error| Broken::stopped(&error))?;
    ask(scene, at)
}

/// Past moments are what the book says of them, and answer as they did when they were now.
pub fn check(scene: &Scene<'_>, dice: &mut Dice, probes: &[Probe]) -> Result<(), Broken> {
    for _ in 0..2 {
        if let Some(at) = dice.pick(&scene.book.moments) {
            moment(scene, *at)?;
        }
    }
    if let Some(newest) = scene.book.moments.last() {
        moment(scene, *newest)?;
    }
    for _ in 0..2 {
        if let Some(probe) = dice.pick(probes)
            && ask(scene, probe.at)? != *probe
        {
            let what = format!("as of {} is not what it was", probe.at);
            return Err(Broken::new(Promise::AsOf, what));
        }
    }
    Ok(())
}

fn ask(scene: &Scene<'_>, at: Sequence) -> Result<Probe, Broken> {
    let mut digest = 0;
    for (datastream, columns) in scene.everything(Known::At(at))? {
        for row in 0..columns.len() {
            let Columns { time, value, flag, sequence, .. } = &columns;
            for number in [
                datastream.0 as u64,
                time[row].as_ms() as u64,
                value[row].map_or(1, f64::to_bits),
                flag[row].bits() as u64,
                sequence[row].0,
            ] {
                digest = mixed(digest, number);
            }
        }
    }
    Ok(Probe { at, digest })
}

/// The readings of devices at a moment are those of the book: no more, no fewer, no others.
fn moment(scene: &Scene<'_>, at: Sequence) -> Result<(), Broken> {
    let wrong = |what: String| Err(Broken::new(Promise::AsOf, format!("as of {at}: {what}")));
    let mut found = 0;
    for (datastream, columns) in scene.everything(Known::At(at))? {
        let key = scene.reader.view().registry().datastream(datastream).map(|of| of.key.clone());
        let Some((Source::Device(device), key)) = key.map(|key| (key.source, key)) else {
            continue;
        };
        let factor = crate::device::FACTORS.iter().find(|(_, name, _)| *name == key.parameter);
        let Some((_, parameter, _)) = factor else {
            return wrong(format!("{} was never sent", key.parameter));
        };
        for row in 0..columns.len() {
            let time = columns.time[row];
            let known = scene.book.known(&(device, parameter, time), at);
            let is_same = known.is_some_and(|known| {
                (known.sequence, known.value, known.flag)
                    == (columns.sequence[row], columns.value[row], columns.flag[row])
            });
            if !is_same {
                return wrong(format!("{parameter} of device {device} at {time}: not {known:?}"));
            }
            found += 1;
        }
    }
    let expected = scene.book.versions.values().filter(|of| of[0].sequence <= at).count();
    if found != expected {
        return wrong(format!("{found} readings instead of {expected}"));
    }
    Ok(())
}
