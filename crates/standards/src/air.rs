//! The air: six pollutants, their index by the hour and by the day, and the limits.

mod area;
mod assessment;
pub mod comparison;
mod composite;
mod day;
mod evaluation;
mod hours;
mod iaqi;
mod index;
mod limits;
mod pollutant;
pub mod ranking;
mod report;
mod rule_set;
mod settings;
mod statistic;
mod warnings;
pub mod world;

pub use area::area_days;
pub use assessment::{Assessment, Question};
pub use composite::{Composite, CompositeScheme, Single};
pub use day::{DayCounts, DayValues};
pub use evaluation::{
    Direction, Evaluation, ItemResult, LimitsOn, PeriodRules, PeriodStatistic, Trend,
};
pub use hours::Hours;
pub use iaqi::{Column, Segment};
pub use index::{AirIndex, Category, ConcentrationInput, Measured, Programme, SensitiveGroup};
pub use limits::{Averaging, Grade, Limit, Limits};
pub use pollutant::Pollutant;
pub use report::{IndexReport, NotAssessed, PollutantRow, ReportKind};
pub use rule_set::{RuleSet, RuleSetRow};
pub use settings::{NoSetting, Setting, Settings};
pub use statistic::{Average, Capture, Statistic};
pub use warnings::{Warning, WarningRule};

pub(crate) use evaluation::load as load_period_rules;
pub(crate) use index::load as load_indices;
pub(crate) use rule_set::load as load_rule_sets;

use crate::data::Data;
use crate::table::Error;
use jiff::civil::Date;

/// What stays out on days of dust weather, with its validity.
pub(crate) fn load_dust(data: &Data<'_>) -> Result<Vec<(Date, Option<Date>, Pollutant)>, Error> {
    let table =
        data.table("air/dust_excluded.csv", &["standard", "valid_from", "valid_to", "pollutant"])?;
    table.check_validity(&["pollutant"])?;
    let mut rows = Vec::new();
    for row in table.rows() {
        let (from, to) = row.validity()?;
        rows.push((from, to, row.key("pollutant", Pollutant::named)?));
    }
    Ok(rows)
}
