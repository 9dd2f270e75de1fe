//! Limit values of the ambient air quality standard (GB 3095), by date.

use crate::data::Data;
use crate::exact::Exact;
use crate::source::Source;
use crate::table::Error;
use jiff::civil::Date;
use serde::Serialize;
use std::sync::Arc;

/// The limits of every edition and phase of GB 3095.
#[derive(Clone, Debug)]
pub struct Limits(Vec<Limit>);

/// One row of limits.
#[derive(Clone, Debug, Serialize)]
pub struct Limit {
    /// The edition, `GB 3095-2026`.
    pub standard: Arc<str>,
    /// `single`, `transition`, `final`, `all` or `reference_only`.
    pub phase: Arc<str>,
    #[serde(skip)]
    valid: (Date, Option<Date>),
    /// As the table writes it, `PM2.5`.
    pub pollutant: Arc<str>,
    /// Over what the limit holds.
    pub averaging: Averaging,
    /// Where the limit holds, when not everywhere.
    pub applies_to: Arc<str>,
    /// The limit of grade 1.
    pub grade1: Exact,
    /// The limit of grade 2.
    pub grade2: Exact,
    /// The unit of both.
    pub unit: Arc<str>,
    /// Where it stands.
    pub source: Source,
}

/// Over what a limit holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Averaging {
    /// Any hour.
    Hour,
    /// The civil day's mean.
    Day,
    /// The largest running 8 h mean of the civil day.
    DailyMax8h,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Annual,
    /// The season in which plants grow.
    GrowingSeason,
}

/// The grade of a limit: 1 for specially protected areas, 2 for everywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Areas of class 1.
    One,
    /// Areas of class 2.
    Two,
}

impl Averaging {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "1h" => Self::Hour,
            "24h" => Self::Day,
            "daily_max_8h" => Self::DailyMax8h,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "annual" => Self::Annual,
            "growing_season" => Self::GrowingSeason,
            _ => return None,
        })
    }
}

impl Limit {
    /// The limit of a grade.
    pub fn value(&self, grade: Grade) -> Exact {
        match grade {
            Grade::One => self.grade1,
            Grade::Two => self.grade2,
        }
    }

    /// The first and the last day it holds, none when still valid.
    pub fn validity(&self) -> (Date, Option<Date>) {
        self.valid
    }
}

impl Limits {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "air/gb3095_limits.csv",
            &[
                "standard",
                "phase",
                "valid_from",
                "valid_to",
                "table",
                "pollutant",
                "averaging",
                "applies_to",
                "grade1",
                "grade2",
                "unit",
            ],
        )?;
        table.check_validity(&["pollutant", "averaging", "applies_to"])?;
        let mut limits = Vec::new();
        for row in table.rows() {
            limits.push(Limit {
                standard: row.shared("standard"),
                phase: row.shared("phase"),
                valid: row.validity()?,
                pollutant: row.shared("pollutant"),
                averaging: row.key("averaging", Averaging::named)?,
                applies_to: row.shared("applies_to"),
                grade1: row.exact("grade1")?,
                grade2: row.exact("grade2")?,
                unit: row.shared("unit"),
                source: row.source(),
            });
        }
        Ok(Self(limits))
    }

    /// The limit of a pollutant (`PM2.5`) in force on a date; the first where several areas have
    /// their own.
    pub fn on(&self, date: Date, pollutant: &str, averaging: Averaging) -> Option<&Limit> {
        self.all_on(date).find(|l| &*l.pollutant == pollutant && l.averaging == averaging)
    }

    /// Every limit of every edition, oldest edition first.
    pub fn all(&self) -> &[Limit] {
        &self.0
    }

    /// Every limit in force on a date.
    pub fn all_on(&self, date: Date) -> impl Iterator<Item = &Limit> {
        self.0.iter().filter(move |limit| {
            let (from, to) = limit.valid;
            from <= date && to.is_none_or(|to| date <= to)
        })
    }
}
