//! The tables that are built in, and others in their place.

use crate::table::{Error, Problem, Table};

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../data/", $name)))),*]
    };
}

/// Every table of law by its path under `data/`.
const BUILT_IN: [(&str, &str); 36] = built_in![
    "air/assessment_settings.csv",
    "air/bands.csv",
    "air/composite.csv",
    "air/dust_excluded.csv",
    "air/gb3095_limits.csv",
    "air/index_above.csv",
    "air/index_breakpoints.csv",
    "air/index_capture.csv",
    "air/index_categories.csv",
    "air/index_editions.csv",
    "air/index_items.csv",
    "air/index_sensitive_groups.csv",
    "air/index_settings.csv",
    "air/india_breakpoints.csv",
    "air/period_capture.csv",
    "air/period_items.csv",
    "air/period_settings.csv",
    "air/rule_sets.csv",
    "air/spearman.csv",
    "air/us_breakpoints.csv",
    "air/us_categories.csv",
    "air/us_settings.csv",
    "air/warnings.csv",
    "air/who_levels.csv",
    "water/black_odorous.csv",
    "water/black_odorous_settings.csv",
    "water/detection_limits.csv",
    "water/river_rating.csv",
    "water/rounding.csv",
    "water/settings.csv",
    "water/source_limits.csv",
    "water/states.csv",
    "water/surface_limits.csv",
    "water/tli.csv",
    "water/tli_grades.csv",
    "water/trend_critical.csv",
];

/// Every built-in table: its name and its text.
pub(crate) fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.into_iter()
}

/// The built-in tables, some of them replaced.
pub(crate) struct Data<'a> {
    instead: &'a [(&'a str, &'a str)],
}

impl<'a> Data<'a> {
    /// `instead` names tables and the text to read in their place.
    pub(crate) fn new(instead: &'a [(&'a str, &'a str)]) -> Result<Self, Error> {
        for (name, _) in instead {
            if !BUILT_IN.iter().any(|(known, _)| known == name) {
                let table = (*name).to_owned();
                let problem = Problem::Shape("there is no table of this name".to_owned());
                return Err(Error { table, line: None, problem });
            }
        }
        Ok(Self { instead })
    }

    /// The table of that name with exactly these columns, then `confidence` and `source`.
    pub(crate) fn table(
        &self,
        name: &'static str,
        columns: &'static [&'static str],
    ) -> Result<Table, Error> {
        let text = |tables: &[(&str, &'a str)]| {
            tables.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
        };
        let text = text(self.instead).or_else(|| text(&BUILT_IN)).unwrap_or_default();
        Table::parse(name, columns, text)
    }
}
