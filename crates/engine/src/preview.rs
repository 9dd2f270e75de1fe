//! What a turn would do with arrivals, without doing it.

use crate::append::Draft;
use crate::turn::{Engine, Error};
use model::{Arrival, LedgerEntry, Timestamp};

/// What would become of arrivals that are shown to the engine one after another, as if each had been
/// taken before the next.
pub struct Preview {
    draft: Draft,
}

impl Preview {
    /// What the ledger would count.
    pub fn finish(self) -> Vec<LedgerEntry> {
        self.draft.finish().ledger
    }
}

impl Engine {
    /// Begins a preview.
    pub fn preview(&self, now: Timestamp) -> Preview {
        Preview { draft: Draft::begin(now, self.store.last_sequence()) }
    }

    /// Shows arrivals to a preview. Nothing is written.
    ///
    /// # Errors
    /// When the store cannot read the days that the arrivals are about.
    pub fn show(
        &mut self,
        now: Timestamp,
        arrivals: &[Arrival],
        preview: &mut Preview,
    ) -> Result<(), Error> {
        self.recall(now, arrivals)?;
        let view = self.store.view();
        for arrival in arrivals {
            preview.draft.append(&view, arrival);
        }
        // What is pending tells later duplicates; the rest would only be written.
        let record = &mut preview.draft.record;
        record.readings.clear();
        record.frames.clear();
        record.raw.clear();
        Ok(())
    }
}
