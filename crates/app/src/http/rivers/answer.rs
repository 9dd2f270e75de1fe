//! What the page of one river says, part by part.

use super::super::time::Instant;
use super::book::Entered;
use super::rows::{ChiefShort, RiverRow};
use super::water::LoadRow;
use crate::words::Words;
use account::chief::Level;
use account::patrolling::Every;
use account::river::{Light, List, TaskGroup};
use account::waterbook::{ListKind, Mark};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One river or reach with everything that is kept of it.
#[derive(Serialize, ToSchema)]
pub struct RiverPage {
    pub river: RiverRow,
    /// Rows of its reaches, downstream.
    pub reaches: Vec<RiverRow>,
    /// Its file as it was entered; null when nobody entered one.
    #[schema(value_type = Option<Object>)]
    pub file: Option<Value>,
    pub entered: Option<Entered>,
    /// The term of its policy.
    #[schema(value_type = Option<String>)]
    pub policy_from: Option<Date>,
    #[schema(value_type = Option<String>)]
    pub policy_to: Option<Date>,
    /// The five lists of its policy.
    pub lists: Vec<PolicyList>,
    /// What is wrong with the policy.
    pub flaws: Vec<Words>,
    /// Terms of chiefs, the newest first within a level.
    pub terms: Vec<TermRow>,
    /// Days without a chief, days with two.
    pub misfits: Vec<Words>,
    pub patrol_plans: Vec<PlanRow>,
    /// The newest patrols.
    pub patrols: Vec<PatrolShort>,
    pub stocks: Vec<StockAnswer>,
    pub replenishments: Vec<Replenishment>,
    /// Samples taken at its sites, the newest first.
    pub samples: Vec<SampleShort>,
}

/// One list of a policy.
#[derive(Serialize, ToSchema)]
pub struct PolicyList {
    #[schema(value_type = String)]
    pub list: List,
    pub name: Words,
    pub entries: Vec<PolicyRow>,
}

/// One entry of a list.
#[derive(Serialize, ToSchema)]
pub struct PolicyRow {
    pub key: String,
    pub text: Words,
    /// The entry of the list before that it serves; empty: none.
    pub of: String,
    #[schema(value_type = Option<String>)]
    pub group: Option<TaskGroup>,
    pub owner: Words,
    #[schema(value_type = Option<String>)]
    pub due: Option<Date>,
    pub indicator: String,
    /// Per cent as it was written; empty: not told.
    pub progress: String,
    #[schema(value_type = Option<String>)]
    pub done: Option<Date>,
    pub proof: String,
    /// `done`, `done_late`, `in_time`, `soon`, `overdue`, `undated`.
    #[schema(value_type = String)]
    pub light: Light,
}

/// A term of a chief.
#[derive(Serialize, ToSchema)]
pub struct TermRow {
    pub chief: ChiefShort,
    #[schema(value_type = String)]
    pub level: Level,
    pub unit: String,
    #[schema(value_type = String)]
    pub from: Date,
    #[schema(value_type = Option<String>)]
    pub to: Option<Date>,
    pub holds: bool,
    pub source: String,
    pub entered: Entered,
}

/// A patrol plan and what it came to over the last 30 days.
#[derive(Serialize, ToSchema)]
pub struct PlanRow {
    pub key: String,
    pub level: Option<Words>,
    pub count: u32,
    #[schema(value_type = String)]
    pub every: Every,
    pub source: String,
    pub due: u64,
    pub done: u64,
    pub valid: u64,
    pub periods: u64,
    pub met: u64,
    /// Why patrols do not count, with how often.
    pub why: Vec<WhyCount>,
    pub current: Option<CurrentPeriod>,
}

/// A reason with how often.
#[derive(Serialize, ToSchema)]
pub struct WhyCount {
    pub why: Words,
    pub count: u64,
}

/// The period that goes on.
#[derive(Serialize, ToSchema)]
pub struct CurrentPeriod {
    #[schema(value_type = String)]
    pub until: Date,
    pub wanted: u32,
    pub valid: u64,
}

/// A patrol without who made it.
#[derive(Serialize, ToSchema)]
pub struct PatrolShort {
    pub line: String,
    pub kind: String,
    pub started: Instant,
    pub minutes: f64,
    pub metres: f64,
    pub counts: bool,
    pub why: Vec<Words>,
}

/// A list of things to be struck off: left = before + new + reopened − closed.
#[derive(Serialize, ToSchema)]
pub struct StockAnswer {
    #[schema(value_type = String)]
    pub list: ListKind,
    pub name: Words,
    pub before: u64,
    pub new: u64,
    pub reopened: u64,
    pub closed: u64,
    pub left: u64,
    /// Not more came than was closed.
    pub controlled: bool,
    pub things: Vec<Thing>,
}

/// A thing on a list.
#[derive(Serialize, ToSchema)]
pub struct Thing {
    pub key: String,
    pub name: Words,
    pub line: String,
    pub class: String,
    #[schema(value_type = String)]
    pub mark: Mark,
    #[schema(value_type = String)]
    pub day: Date,
    pub open: bool,
    pub reopened: u32,
    pub source: String,
}

/// Water that was let in, with concentration and load before it and during it.
#[derive(Serialize, ToSchema)]
pub struct Replenishment {
    pub key: String,
    pub line: String,
    #[schema(value_type = String)]
    pub from: Date,
    #[schema(value_type = String)]
    pub to: Date,
    pub planned_m3: String,
    pub actual_m3: String,
    pub origin: String,
    pub device: String,
    pub trigger: String,
    /// Told only to those who are signed in.
    pub approver: Option<String>,
    pub source: String,
    /// The water site at which it is looked at.
    pub site: Option<String>,
    pub items: Vec<LoadRow>,
}

/// A sample, with its class and whether its chain holds.
#[derive(Serialize, ToSchema)]
pub struct SampleShort {
    pub sample: String,
    pub site: String,
    pub taken: Option<Instant>,
    pub class: Option<&'static str>,
    /// How many items have results.
    pub results: usize,
    /// How often its chain breaks.
    pub breaks: usize,
}
