//! Reports: what they say of a span, and every form in which they are read.
//!
//! A *kind* ([`KINDS`]) puts a [`Report`] together from what is kept and judged; nothing is judged here. One that
//! comes later, a programme's status or a scheme's ranks, is a row in that table and a function beside the others.
//! The same report is then written as a fragment for the page, tables for spreadsheets, a workbook that computes, or
//! paper; none of them asks anything again.

mod air;
mod cases;
mod civil;
mod command;
mod commended;
mod csv;
mod day;
mod emergency;
mod example;
mod founding;
mod html;
mod kinds;
mod look;
mod paper;
mod picture;
mod programmes;
mod river;
mod schedule;
mod span;
mod targets;
mod unit;
mod workbook;
mod writer;

pub use air::{Whose, area, district};
pub use cases::{instants as case_span, known as known_cases};
pub use civil::{Every, last_over};
pub use command::ReportCommand;
pub use csv::{Sheet, sheets};
pub use html::fragment;
pub use kinds::{Audience, KINDS, Kind, named};
pub use look::Look;
pub use paper::{Paper, has_program, pdf};
pub use schedule::{Kept, due, keep, kept, read_kept};
pub use workbook::workbook;
pub use writer::unit_text;

use account::report::Report;
use account::{NoRate, Text};
use engine::assess::{Asked, DustSpell};
use engine::desk::Settings;
use model::Names;
use standards::Span;

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// What reports are put together from: everything that is kept, as it was known at one moment.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Judgements of air and water; readings; acts.
    pub asked: Asked<'a>,
    /// Whose air and water.
    pub district: &'a Names,
    /// Days of dust weather, as they were approved.
    pub dust: &'a [DustSpell],
    /// What the desk works by; none where there is no desk.
    pub settings: Option<&'a Settings>,
    /// The newest entry of the log that was known.
    pub sequence: u64,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The civil days.
    pub span: Span,
    /// A unit, for those that speak of one.
    pub unit: Option<String>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Days could not be judged.
    #[error("the days could not be judged")]
    Assess(#[from] engine::assess::Error),
    /// Something kept could not be read.
    #[error("what is kept could not be read")]
    Store(#[from] store::Error),
    /// The desk could not be read.
    #[error("the cases could not be read")]
    Desk(#[from] engine::Error),
    /// A number could not be computed.
    #[error("a number of the report could not be computed")]
    Number(#[from] standards::ExactError),
    /// A rate could not be computed.
    #[error("a rate of the report could not be computed")]
    Rate(#[from] NoRate),
    /// A day has no place in the calendar.
    #[error("the calendar has no such day")]
    Period(#[from] standards::PeriodError),
    /// Readings that orders are judged by could not be read.
    #[error("readings could not be read: {0}")]
    Readings(String),
    /// The founding figures could not be read.
    #[error("the founding figures could not be read")]
    Founding(#[from] account::founding::Error),
    /// The report contradicts itself: a defect of this program.
    #[error("the report contradicts itself: a defect of this program")]
    Content(#[from] account::report::Error),
    /// A formula could not be read: a defect of this program.
    #[error("a formula could not be read: {0}")]
    Formula(String),
    /// A form could not be written.
    #[error("the report could not be written: {0}")]
    Form(String),
    /// The folder of templates and headings is not right; said to people.
    #[error("{}", .0.en)]
    Look(Text),
    /// The report could not be set as paper.
    #[error("the report could not be set as PDF: {0}")]
    Paper(String),
    /// A file of a kept report.
    #[error("a report could not be kept or read: {}", .path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The workbook could not be written.
    #[error("the workbook could not be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// What is asked for is not there; said to people.
    #[error("{}", .0.en)]
    Refused(Text),
}

/// Puts a report together, and checks that it is sound.
///
/// # Errors
/// When something cannot be read or computed, or the report would contradict itself.
pub fn make(kind: &Kind, ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let report = (kind.make)(ground, question)?;
    report.check()?;
    Ok(report)
}

impl Language {
    /// A text in this language, or in the other when there is none.
    pub fn of(self, text: &Text) -> &str {
        let (first, second) = match self {
            Self::Zh => (&text.zh, &text.en),
            Self::En => (&text.en, &text.zh),
        };
        if first.is_empty() { second } else { first }
    }

    /// Words in this language.
    pub fn say(self, zh: &'static str, en: &'static str) -> &'static str {
        if self == Self::Zh { zh } else { en }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        self.say("zh", "en")
    }
}
