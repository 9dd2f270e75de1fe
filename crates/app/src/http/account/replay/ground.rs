//! What the sources of a replay find, in the air or in the water, whichever scheme they are of.

use super::period::Grounds;
use super::sections::Sections;
use super::{By, ReplayBody, Way, air};
use crate::http::error::Answer;
use crate::http::known::Moment;
use crate::http::state::AppState;
use standards::Span;

/// Sources over spans, read once.
pub struct Ground<'a> {
    app: &'a AppState,
    body: &'a ReplayBody,
    ways: Vec<&'a Way>,
    /// Of water sites; none: the air is asked span by span.
    sections: Option<Sections>,
}

impl<'a> Ground<'a> {
    /// Reads what the sources need over the spans.
    ///
    /// # Errors
    /// A span that is too long; `internal` when the store cannot read.
    pub(super) fn read(
        app: &'a AppState,
        body: &'a ReplayBody,
        (by, moment): (By, Moment),
        ways: Vec<&'a Way>,
        spans: &[Span],
    ) -> Answer<Self> {
        let sections = match by {
            By::Section => Some(Sections::read(app, moment, &ways, spans)?),
            By::Place | By::Area => None,
        };
        Ok(Self { app, body, ways, sections })
    }

    /// A column a source, in their order.
    ///
    /// # Errors
    /// What is wrong with the question.
    pub fn found(&self, span: Span) -> Answer<Grounds> {
        match &self.sections {
            Some(sections) => Ok(sections.found(&self.ways, span)),
            None => air::found(self.app, self.body, &self.ways, span),
        }
    }
}
