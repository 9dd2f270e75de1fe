//! The promises that a turn can break, as checks: they run in every turn, in tests and in production.

use crate::append::Draft;
use model::{Arrival, Counted, Quality};
use std::fmt;

/// A promise that a turn would have broken. The engine stops rather than commit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Something arrived and has no fate, or has two.
    Conservation {
        /// Frames or readings.
        unit: Counted,
        /// How many arrived.
        received: u64,
        /// How many the ledger of the turn counts.
        counted: u64,
    },
    /// A reading says both that it has a value and that it is missing, or neither.
    MissingIsAGap {
        /// The datastream.
        datastream: i32,
        /// The instant, ms UTC.
        time: i64,
    },
    /// A reading whose value is no finite number.
    NotANumber {
        /// The datastream.
        datastream: i32,
        /// The instant, ms UTC.
        time: i64,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conservation { unit, received, counted } => {
                write!(out, "conservation: {received} {unit:?}s arrived, {counted} have a fate")
            }
            Self::MissingIsAGap { datastream, time } => write!(
                out,
                "missing is a gap: datastream {datastream} at {time} ms contradicts its flag"
            ),
            Self::NotANumber { datastream, time } => {
                write!(out, "missing is a gap: datastream {datastream} at {time} ms is not finite")
            }
        }
    }
}

/// Checks a whole turn before it is committed: one pass over its readings.
pub(crate) fn check(draft: &Draft, arrivals: &[Arrival]) -> Result<(), Broken> {
    let frames = arrivals.iter().map(|arrival| arrival.frames.len() as u64).sum();
    let readings = arrivals
        .iter()
        .flat_map(|arrival| &arrival.frames)
        .map(|frame| u64::from(frame.reading_count))
        .sum();
    for (unit, received) in [(Counted::Frame, frames), (Counted::Reading, readings)] {
        let counted = draft.counted(unit);
        if counted != received {
            return Err(Broken::Conservation { unit, received, counted });
        }
    }
    for reading in &draft.record.readings {
        let (datastream, time) = (reading.datastream.0, reading.time.as_ms());
        let is_missing = reading.flag.quality() == Quality::Missing;
        if reading.value.is_none() != is_missing {
            return Err(Broken::MissingIsAGap { datastream, time });
        }
        if reading.value.is_some_and(|value| !value.is_finite()) {
            return Err(Broken::NotANumber { datastream, time });
        }
    }
    Ok(())
}
