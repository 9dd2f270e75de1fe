//! The air quality guidelines of the World Health Organization.

use crate::data::Data;
use crate::exact::Exact;
use crate::source::Source;
use crate::table::Error;
use serde::Serialize;
use std::sync::Arc;

/// Guidelines and interim targets.
#[derive(Clone, Debug)]
pub struct WhoLevels(Vec<WhoLevel>);

/// One guideline or interim target.
#[derive(Clone, Debug, Serialize)]
pub struct WhoLevel {
    /// `PM2.5`
    pub pollutant: Arc<str>,
    /// `annual`, `24h`, `8h`, `1h`, `peak_season`.
    pub averaging: Arc<str>,
    /// `guideline` or `interim target 1` …
    pub level: Arc<str>,
    /// At or below meets it.
    pub value: Exact,
    /// Its unit.
    pub unit: Arc<str>,
    /// Where it stands.
    pub source: Source,
}

impl WhoLevels {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "air/who_levels.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "pollutant",
                "averaging",
                "level",
                "value",
                "unit",
            ],
        )?;
        table.check_validity(&["pollutant", "averaging", "level"])?;
        let mut levels = Vec::new();
        for row in table.rows() {
            levels.push(WhoLevel {
                pollutant: row.shared("pollutant"),
                averaging: row.shared("averaging"),
                level: row.shared("level"),
                value: row.exact("value")?,
                unit: row.shared("unit"),
                source: row.source(),
            });
        }
        Ok(Self(levels))
    }

    /// Every level of a pollutant and averaging time.
    pub fn of<'s>(
        &'s self,
        pollutant: &'s str,
        averaging: &'s str,
    ) -> impl Iterator<Item = &'s WhoLevel> {
        let wanted = move |l: &&WhoLevel| &*l.pollutant == pollutant && &*l.averaging == averaging;
        self.0.iter().filter(wanted)
    }

    /// The strictest level that a value meets; none when it meets not even the first target.
    pub fn met(&self, pollutant: &str, averaging: &str, value: &Exact) -> Option<&WhoLevel> {
        let meets = |level: &&WhoLevel| {
            *level.pollutant == *pollutant
                && *level.averaging == *averaging
                && *value <= level.value
        };
        self.0.iter().filter(meets).min_by_key(|level| level.value)
    }
}
