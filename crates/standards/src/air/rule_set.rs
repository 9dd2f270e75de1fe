//! Editions that belong together: index, assessment rules and limits.

use super::{AirIndex, Grade, Limits, LimitsOn, PeriodRules};
use crate::Standards;
use crate::data::Data;
use crate::explain::Text;
use crate::source::Source;
use crate::table::Error;
use jiff::civil::Date;
use serde::Serialize;
use std::sync::Arc;

/// One row of the table of sets.
#[derive(Clone, Debug, Serialize)]
pub struct RuleSetRow {
    /// `2012`, `2026`, `2026-final`.
    pub name: Arc<str>,
    /// What it is made of.
    pub title: Text,
    /// The edition of the index.
    pub index: Arc<str>,
    /// The edition of the assessment rules.
    pub rules: Arc<str>,
    /// The edition of the limits, with its phase where it has phases.
    pub limits: Arc<str>,
    /// The date whose limits it takes.
    #[serde(serialize_with = "crate::catalogue::text")]
    pub limits_on: Date,
    /// Where it is said that they go together.
    pub source: Source,
    #[serde(skip)]
    valid: (Date, Option<Date>),
}

/// Editions of index, assessment rules and limits that judge together.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet<'s> {
    /// Its row.
    pub row: &'s RuleSetRow,
    /// The index.
    pub index: &'s AirIndex,
    /// The assessment rules.
    pub rules: &'s PeriodRules,
    limits: &'s Limits,
}

impl RuleSetRow {
    /// The first and the last day on which it holds, none when still in force.
    pub fn validity(&self) -> (Date, Option<Date>) {
        self.valid
    }
}

impl<'s> RuleSet<'s> {
    /// `2026`
    pub fn name(&self) -> &'s str {
        &self.row.name
    }

    /// Its limits of a grade.
    pub fn limits(&self, grade: Grade) -> LimitsOn<'s> {
        LimitsOn { limits: self.limits, date: self.row.limits_on, grade }
    }
}

impl Standards {
    /// Every set of editions that belong together, oldest first.
    pub fn rule_sets(&self) -> impl Iterator<Item = RuleSet<'_>> {
        self.rule_sets.iter().filter_map(|row| {
            let index = self.air_index_edition(&row.index)?;
            let rules = self.period_rules_edition(&row.rules)?;
            Some(RuleSet { row, index, rules, limits: &self.air_limits })
        })
    }

    /// The set in force on a date.
    pub fn rule_set(&self, date: Date) -> Option<RuleSet<'_>> {
        self.rule_sets().find(|set| {
            let (from, to) = set.row.valid;
            from <= date && to.is_none_or(|to| date <= to)
        })
    }

    /// A set by its name, `2026`, or by the number of one of its editions, `HJ 633-2026`.
    pub fn rule_set_named(&self, name: &str) -> Option<RuleSet<'_>> {
        let is = |set: &RuleSet<'_>| {
            [&set.row.name, &set.row.index, &set.row.rules].iter().any(|own| &***own == name)
        };
        self.rule_sets().find(is)
    }
}

pub(crate) fn load(data: &Data<'_>) -> Result<Vec<RuleSetRow>, Error> {
    let table = data.table(
        "air/rule_sets.csv",
        &[
            "set",
            "valid_from",
            "valid_to",
            "index",
            "rules",
            "limits",
            "limits_on",
            "title_zh",
            "title_en",
        ],
    )?;
    table.check_validity(&[])?;
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push(RuleSetRow {
            name: row.shared("set"),
            title: Text::new(row.text("title_zh"), row.text("title_en")),
            index: row.shared("index"),
            rules: row.shared("rules"),
            limits: row.shared("limits"),
            limits_on: row.date("limits_on")?,
            source: row.source(),
            valid: row.validity()?,
        });
    }
    Ok(rows)
}
