//! Levels of heavy-pollution warnings from a forecast of daily indices.

use crate::data::Data;
use crate::source::{Doubt, DoubtAbout, Source};
use crate::table::{Error, Row};
use serde::Serialize;
use std::sync::Arc;

/// One set of warning levels, the most severe first.
#[derive(Clone, Debug)]
pub struct WarningRule {
    name: Arc<str>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    level: Arc<str>,
    alternative: u8,
    is_inclusive: bool,
    aqi: u16,
    days: usize,
    source: Source,
}

/// A level reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// `red`, `orange`, `yellow`, `pre_alert`.
    pub level: Arc<str>,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
}

impl WarningRule {
    pub(crate) fn load(data: &Data<'_>) -> Result<Vec<Self>, Error> {
        let table = data.table(
            "air/warnings.csv",
            &["rule", "valid_from", "valid_to", "level", "alternative", "compare", "aqi", "days"],
        )?;
        table.check_validity(&["rule", "level", "alternative", "compare", "aqi"])?;
        let mut rules: Vec<Self> = Vec::new();
        for row in table.rows() {
            let condition = condition(row)?;
            let name = row.text("rule");
            if let Some(rule) = rules.iter_mut().find(|rule| &*rule.name == name) {
                rule.conditions.push(condition);
            } else {
                rules.push(Self { name: Arc::from(name), conditions: vec![condition] });
            }
        }
        Ok(rules)
    }

    /// `national-2024`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The most severe level that a forecast of consecutive daily indices reaches: one alternative
    /// of the level with all its conditions met by days in a row.
    pub fn level(&self, forecast: &[u16]) -> Option<Warning> {
        let met = |condition: &Condition| {
            let holds = |aqi: &u16| {
                *aqi > condition.aqi || (condition.is_inclusive && *aqi == condition.aqi)
            };
            forecast.split(|aqi| !holds(aqi)).any(|run| run.len() >= condition.days)
        };
        let first = self.conditions.iter().find(|condition| {
            let same = |other: &&Condition| {
                other.level == condition.level && other.alternative == condition.alternative
            };
            self.conditions.iter().filter(same).all(met)
        })?;
        let mut doubts = Vec::new();
        if first.source.confidence.is_doubtful() {
            doubts.push(Doubt { about: DoubtAbout::Row, source: first.source.clone() });
        }
        Some(Warning { level: Arc::clone(&first.level), doubts })
    }
}

fn condition(row: &Row) -> Result<Condition, Error> {
    Ok(Condition {
        level: row.shared("level"),
        alternative: row.number("alternative")?,
        is_inclusive: row.key("compare", |compare| match compare {
            "above" => Some(false),
            "at_least" => Some(true),
            _ => None,
        })?,
        aqi: row.number("aqi")?,
        days: row.number("days")?,
        source: row.source(),
    })
}
