//! The law as dated rows, and the exact arithmetic it prescribes.
//!
//! Limits, breakpoints, capture rules and categories live in tables under `data/`, each row with its
//! validity, its citation and how sure we are of it. Code here knows no number from a law. A result
//! names the edition that judged and carries everything that led to it, down to how many values
//! stood behind an average; where too little data stood behind it, it carries the reason instead.
//! What rests on a poorly supported row says so.
//!
//! Readings come as f64, which is how they are kept; here they become the decimals that the devices
//! sent, and all that follows is exact ([`Exact`]): a binary float never moves a digit.
//!
//! Nothing here knows where data comes from or what is done about it.
//!
//! ```
//! use standards::{Standards, Zone, air::{Hours, Pollutant, Programme}};
//!
//! let standards = Standards::load()?;
//! let day = Zone::shanghai()?.day("2026-03-01".parse()?)?;
//! let clean = [Some(20.0); 24];
//! let co = [Some(0.5); 24];
//! let dusty = [Some(150.5); 24];
//! let hours = Hours::new(day.start(), [&clean, &clean, &co, &clean, &dusty, &clean]);
//!
//! let edition = standards.air_index(day.date()).ok_or("no edition")?;
//! let report = edition.day(&day, &hours, Programme::default());
//! assert_eq!(&*report.edition, "HJ 633-2026");
//! assert_eq!(report.aqi, Ok(112)); // 150.5 rounds to 150, half to even
//! assert_eq!(report.primary, [Pollutant::Pm10]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod air;
pub mod catalogue;
mod data;
mod exact;
pub mod explain;
mod period;
mod source;
mod span;
pub mod statistics;
mod table;
pub mod water;
mod words;

pub use exact::{Exact, ExactError};
pub use period::{Day, PeriodError, Zone};
pub use source::{Confidence, Doubt, DoubtAbout, Source};
pub use span::{NoSpan, Shape, Span};
pub use table::{Error, Problem};
pub use words::Said;

use crate::data::Data;
use air::world::World;
use air::{
    AirIndex, Averaging, CompositeScheme, Limit, Limits, PeriodRules, Pollutant, WarningRule,
};
use jiff::civil::Date;
use water::WaterLaw;

/// All the law that is built in.
#[derive(Clone, Debug)]
pub struct Standards {
    air_indices: Vec<AirIndex>,
    air_limits: Limits,
    period_rules: Vec<PeriodRules>,
    composite_schemes: Vec<CompositeScheme>,
    dust: Vec<(Date, Option<Date>, Pollutant)>,
    warnings: Vec<WarningRule>,
    rule_sets: Vec<air::RuleSetRow>,
    settings: air::Settings,
    world: World,
    water: WaterLaw,
}

impl Standards {
    /// Reads the tables that are built in. Costs some milliseconds; do it once and pass it on.
    ///
    /// # Errors
    /// When a table is not as a deed must be: names table, line and column.
    pub fn load() -> Result<Self, Error> {
        Self::load_with(&[])
    }

    /// The same with some tables replaced: `instead` names them by their path under `data/`
    /// (`air/index_capture.csv`) and gives their whole text. For what is configuration, and for a
    /// law that is not built in yet.
    ///
    /// # Errors
    /// As [`Standards::load`], and when there is no table of that name.
    pub fn load_with(instead: &[(&str, &str)]) -> Result<Self, Error> {
        let data = Data::new(instead)?;
        Ok(Self {
            air_indices: air::load_indices(&data)?,
            air_limits: Limits::load(&data)?,
            period_rules: air::load_period_rules(&data)?,
            composite_schemes: CompositeScheme::load(&data)?,
            dust: air::load_dust(&data)?,
            warnings: WarningRule::load(&data)?,
            rule_sets: air::load_rule_sets(&data)?,
            settings: air::Settings::load(&data)?,
            world: World::load(&data)?,
            water: WaterLaw::load(&data)?,
        })
    }

    /// The edition of the air quality index for readings of a civil date; none before the first
    /// edition was issued. Between its issue and the day it came into force everywhere the first
    /// edition applies with a doubt on every report, since some cities applied it early.
    pub fn air_index(&self, date: Date) -> Option<&AirIndex> {
        self.air_indices.iter().rev().find(|edition| edition.applies(date))
    }

    /// An edition by its number, `HJ 633-2012`, to judge again under another edition.
    pub fn air_index_edition(&self, edition: &str) -> Option<&AirIndex> {
        self.air_indices.iter().find(|index| &**index.edition() == edition)
    }

    /// Every edition of the air quality index, oldest first.
    pub fn air_indices(&self) -> &[AirIndex] {
        &self.air_indices
    }

    /// The limit of a pollutant (`PM2.5`) in force on a date.
    pub fn limit(&self, date: Date, pollutant: &str, averaging: Averaging) -> Option<&Limit> {
        self.air_limits.on(date, pollutant, averaging)
    }

    /// All limits of the ambient air quality standard.
    pub fn air_limits(&self) -> &Limits {
        &self.air_limits
    }

    /// The assessment rules (HJ 663) for spans that end on a date.
    pub fn period_rules(&self, date: Date) -> Option<&PeriodRules> {
        self.period_rules.iter().rev().find(|rules| rules.applies(date))
    }

    /// The assessment rules by their number, `HJ 663-2013`, to judge again under another edition.
    pub fn period_rules_edition(&self, edition: &str) -> Option<&PeriodRules> {
        self.period_rules.iter().find(|rules| &**rules.edition() == edition)
    }

    /// The composite index by its scheme: `equal` (the rule of 2014) or `weighted` (doubtful).
    pub fn composite_scheme(&self, name: &str) -> Option<&CompositeScheme> {
        self.composite_schemes.iter().find(|scheme| scheme.name() == name)
    }

    /// The pollutants whose values on a day of dust weather stay out of means and composite index;
    /// counts of days keep the day.
    pub fn dust_excluded(&self, date: Date) -> Vec<Pollutant> {
        let holds = |(from, to, _): &&(Date, Option<Date>, Pollutant)| {
            *from <= date && to.is_none_or(|to| date <= to)
        };
        self.dust.iter().filter(holds).map(|(.., pollutant)| *pollutant).collect()
    }

    /// The levels of heavy-pollution warnings by their rule, `national-2024`.
    pub fn warning_rule(&self, name: &str) -> Option<&WarningRule> {
        self.warnings.iter().find(|rule| rule.name() == name)
    }

    /// Indices and guidelines of others.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The law of surface water.
    pub fn water(&self) -> &WaterLaw {
        &self.water
    }
}
