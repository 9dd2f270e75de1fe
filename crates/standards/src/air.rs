//! The air: six pollutants, their index by the hour and by the day, and the limits.

mod hours;
mod iaqi;
mod index;
mod limits;
mod pollutant;
mod report;
mod statistic;

pub use hours::Hours;
pub use iaqi::{Column, Segment};
pub use index::{AirIndex, Category, ConcentrationInput, Measured, Programme, SensitiveGroup};
pub use limits::{Averaging, Grade, Limit, Limits};
pub use pollutant::Pollutant;
pub use report::{IndexReport, NotAssessed, PollutantRow, ReportKind};
pub use statistic::{Average, Capture, Statistic};

pub(crate) use index::load as load_indices;
