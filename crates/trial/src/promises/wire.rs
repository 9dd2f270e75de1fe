//! Promise 8: from any number to the frame that brought it, or to what it was derived from.

use super::{Broken, Promise, Scene};
use crate::device::FACTORS;
use crate::dice::Dice;
use model::{DatastreamId, HOUR_MS, Period, Source};
use store::Columns;

/// Some current readings lead to a frame of their device with their value in it; derived ones to
/// readings of their place that were there before them.
pub fn check(
    scene: &Scene<'_>,
    all: &[(DatastreamId, Columns)],
    dice: &mut Dice,
    samples: usize,
) -> Result<(), Broken> {
    let mut rows = vec![];
    for (datastream, columns) in all {
        rows.extend((0..columns.len()).map(|row| (*datastream, columns, row)));
    }
    // Of a reading that nobody sent there is one among many: all are looked at for their frame.
    for (datastream, columns, row) in &rows {
        let sequence = columns.sequence[*row];
        let source = source(scene, *datastream);
        if matches!(source, Some((Source::Device(_), ..)))
            && !scene.book.frames.contains_key(&sequence)
        {
            return Err(broken(format!("reading of sequence {sequence} came with no frame")));
        }
    }
    for _ in 0..samples {
        let Some((datastream, columns, row)) = dice.pick(&rows).copied() else { break };
        let (time, sequence) = (columns.time[row], columns.sequence[row]);
        match source(scene, datastream) {
            Some((Source::Device(device), parameter, _)) => {
                let frame =
                    scene.reader.frame(sequence).map_err(|error| Broken::stopped(&error))?;
                let frame = frame.ok_or_else(|| broken(format!("there is no frame {sequence}")))?;
                let code = FACTORS.iter().find(|of| of.1 == parameter).map_or("", |of| of.0);
                let text = columns.value[row].map_or(String::new(), |value| value.to_string());
                let field = format!("{code}-Avg={text}");
                let raw = String::from_utf8_lossy(&frame.raw).into_owned();
                let says =
                    raw.contains(&format!("{field},")) || raw.contains(&format!("{field}.0,"));
                if frame.device != Some(device) || !says {
                    return Err(broken(format!("frame {sequence} does not say {field}")));
                }
            }
            Some((Source::Derived(place), _, period)) => {
                let hours = if period == Period::Hour { 1 } else { 24 };
                let is_founded = scene.book.versions.iter().any(|((device, _, hour), versions)| {
                    let ends = time + hours * HOUR_MS;
                    place.0 == device.0
                        && time <= *hour
                        && *hour < ends
                        && versions[0].sequence <= sequence
                });
                if !is_founded {
                    return Err(broken(format!("the index of {time} was made from nothing")));
                }
            }
            None => return Err(broken(format!("datastream {datastream} is not registered"))),
        }
    }
    Ok(())
}

fn source(scene: &Scene<'_>, id: DatastreamId) -> Option<(Source, String, Period)> {
    let view = scene.reader.view();
    let key = &view.registry().datastream(id)?.key;
    Some((key.source, key.parameter.clone(), key.period))
}

fn broken(what: String) -> Broken {
    Broken::new(Promise::TwoClicks, what)
}
