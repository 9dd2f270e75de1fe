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
pub use index::{AirIndex, Category, ConcentrationInput, Measured, Programme};
pub use limits::{Averaging, Grade, Limit, Limits};
pub use pollutant::Pollutant;
pub use report::{IndexReport, NotAssessed, PollutantRow, ReportKind};
pub use statistic::{Average, Capture, Statistic};

use crate::table::Error;

/// The tables of the index that are built in.
const INDEX: index::Texts = index::Texts {
    editions: include_str!("../data/air/index_editions.csv"),
    breakpoints: include_str!("../data/air/index_breakpoints.csv"),
    above: include_str!("../data/air/index_above.csv"),
    items: include_str!("../data/air/index_items.csv"),
    capture: include_str!("../data/air/index_capture.csv"),
    settings: include_str!("../data/air/index_settings.csv"),
    categories: include_str!("../data/air/index_categories.csv"),
};

/// Every edition of the index, oldest first.
pub(crate) fn load_indices() -> Result<Vec<AirIndex>, Error> {
    index::load(&INDEX)
}
