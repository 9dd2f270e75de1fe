//! Where it comes from: a posterior over known emitters and over unknown places, from what was measured and the wind.
//!
//! **Forward**: what a source let out is carried by the winds of the past and widened by them ([`Drift`]: a train
//! of Gaussian segments, reflected at the ground, that is the usual plume in a steady wind and a growing puff in calm air).
//! **Backward**: each hypothesis (one source somewhere at some rate, two of them, or none near) is asked how well it
//! explains all soundings together, each measured against its own background. Errors of such models are factors, not
//! differences, so the comparison is made on the scale of `asinh`; neighbouring values are not independent, so evidence
//! is tempered. Wind direction, wind speed and spread are uncertain: a small ensemble of them is averaged.
//!
//! All positions are metres on a plane ([`crate::Plane`]), times seconds on any one clock, values those of the
//! instrument per gram: the rate comes out in g/s when values are µg/m³.

mod advice;
mod background;
mod drift;
mod evidence;
mod posterior;
mod rivals;
mod wind;

pub use advice::{Advice, advise};
pub use background::{Rise, rises};
pub use drift::{Drift, Release, Stability};
pub use evidence::Why;
pub use posterior::{Answer, Candidate, Region, Share, Tuning, trace};
pub use rivals::{cpf, upwind_nearest};
pub use wind::{Doubt, Wind, Winds};

/// One value of one instrument over a stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sounding {
    /// Which instrument: values of one series share a background.
    pub series: usize,
    /// Where it was, m.
    pub at_m: [f64; 2],
    /// The other end, when it measures along a beam.
    pub to_m: Option<[f64; 2]>,
    /// Above the ground, m.
    pub height_m: f64,
    /// First second.
    pub from_s: f64,
    /// Last second.
    pub to_s: f64,
    /// What it said.
    pub value: f64,
}

/// Somebody noticed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complaint {
    /// Where, m.
    pub at_m: [f64; 2],
    /// When.
    pub at_s: f64,
}

/// A source that is known to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitter {
    /// Where it stands, m.
    pub at_m: [f64; 2],
    /// Height at which its plume levels off, m.
    pub height_m: f64,
    /// How wide it is, m.
    pub width_m: f64,
    /// Whether it lets out what was measured; one that does not is no candidate.
    pub emits: bool,
    /// What it reports now as a multiple of its usual, when it reports.
    pub reported: Option<f64>,
}

/// Where unknown places are looked for: square cells from the south-west.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    /// South-western corner, m.
    pub corner_m: [f64; 2],
    /// Side of a cell, m.
    pub cell_m: f64,
    /// Cells from west to east.
    pub cols: usize,
    /// Cells from south to north.
    pub rows: usize,
    /// Height of what is looked for, m.
    pub height_m: f64,
}

impl Ground {
    /// The middle of a cell, m.
    pub fn middle_m(&self, cell: usize) -> [f64; 2] {
        let share = |at: usize| (at as f64 + 0.5) * self.cell_m;
        [self.corner_m[0] + share(cell % self.cols), self.corner_m[1] + share(cell / self.cols)]
    }

    /// Whether a position lies on it.
    pub fn holds(&self, at_m: [f64; 2]) -> bool {
        let inside = |axis: usize, count: usize| {
            let along = (at_m[axis] - self.corner_m[axis]) / self.cell_m;
            (0.0..count as f64).contains(&along)
        };
        inside(0, self.cols) && inside(1, self.rows)
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// No wind for more than half of the time.
    NoWind {
        /// Share of the time without, 0 to 1.
        missing: f64,
    },
    /// Wind that cannot be: its unit is another one.
    WindUnit {
        /// Middle speed as given, m/s.
        speed_m_s: f64,
    },
    /// Fewer than two instruments said something.
    TooFew {
        /// How many did.
        series: usize,
    },
    /// Nothing rose above its background.
    NoRise,
}
