//! Programmes: what was planned, begun, built and handed over, as cumulative totals that people enter (requirements
//! GOV-140 to 147).
//!
//! A [`Programme`] is of a [`Template`], which says what is counted; it has [`Project`]s, and these have milestones with
//! proof. An [`Entry`] is one cumulative total of one measure at the end of a period, with the document that says so. What
//! is written is never changed: a later entry for the same period is a revision beside the earlier one. Order is checked
//! and never enforced: a total that breaks it is kept and named.

mod book;
mod progress;
mod status;
mod table;
mod template;

pub use book::{Book, Kept, Refused};
pub use progress::{Light, Progress, Thresholds, progress};
pub use status::{
    MeasureStatus, Month, ProjectStatus, RateStatus, Stated, Status, Warning, WarningKind,
};
pub use table::{Bad, Row, read};
pub use template::{Measure, RateOf, Template};

use crate::Text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The kind of acts by which programmes are written.
pub const KIND: &str = "programme";

/// What somebody writes into the book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case")]
pub enum Write {
    /// A programme, new or changed.
    Programme(Programme),
    /// A project, new or changed.
    Project(Project),
    /// A total.
    Entry(Entry),
    /// A milestone, new or changed.
    Milestone(Milestone),
}

/// Something that a district set out to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Names it, stable.
    pub key: String,
    /// For people.
    pub name: Text,
    /// Key of its template.
    pub template: String,
    /// First civil day.
    pub begins: Date,
    /// The day by which it is to be done.
    pub due: Date,
    /// Key of the unit that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it was decided by.
    pub document: Document,
    /// From which shares of what should be done by now a light is green, and from which amber.
    #[serde(default)]
    pub lights: Lights,
    /// Whether it is made up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// The stated thresholds of lights, decimals as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lights {
    /// Green from this share of what should be done by now.
    pub green: String,
    /// Amber from this share; below it is red.
    pub amber: String,
}

impl Default for Lights {
    fn default() -> Self {
        Self { green: "0.95".to_owned(), amber: "0.8".to_owned() }
    }
}

/// A part of a programme: a village, a block, a school, a road.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Names it, stable; one in all programmes.
    pub key: String,
    /// Key of its programme.
    pub programme: String,
    /// Key of the project that it is an item of: a resettlement block of a village.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// For people.
    pub name: Text,
    /// Key of the area where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Key of the unit that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// First civil day; that of its programme without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Date>,
    /// The day by which it is to be done; that of its programme without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// Money set aside, in 10 000 yuan, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// Longitude and latitude, degrees, WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<(f64, f64)>,
}

/// A cumulative total at the end of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Key of the programme.
    pub programme: String,
    /// Key of the project; none: of the whole programme, as a document states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Key of the measure.
    pub measure: String,
    /// The last civil day of the period.
    pub period_end: Date,
    /// The cumulative total, a decimal as it was written.
    pub total: String,
    /// The document that says so.
    pub document: Document,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What an entry states the total of: one measure of one thing for one period. A later entry of the same key is a revision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryKey {
    /// Key of the programme.
    pub programme: String,
    /// Key of the project; none: the whole programme.
    pub project: Option<String>,
    /// Key of the measure.
    pub measure: String,
    /// The last civil day of the period.
    pub period_end: Date,
}

impl Entry {
    /// What it states the total of.
    pub fn key(&self) -> EntryKey {
        EntryKey {
            programme: self.programme.clone(),
            project: self.project.clone(),
            measure: self.measure.clone(),
            period_end: self.period_end,
        }
    }
}

/// A step of a project that has a day of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Key of the project.
    pub project: String,
    /// Names it within the project.
    pub key: String,
    /// For people.
    pub name: Text,
    /// The day by which it is to be reached.
    pub due: Date,
    /// The day on which it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Date>,
    /// What proves it; needed once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Document>,
}

/// Where a figure stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its number, when it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Hash of a photo or scan that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}
