//! The two ways to the engine: over a stopped data directory, and through the door of a server.

use crate::clock;
use crate::door::Door;
use crate::import::Fault;
use engine::{Engine, Preview};
use model::{Act, Arrival, Disposition, LedgerEntry, Timestamp};
use tokio::runtime::Handle;

/// What a turn did with an arrival.
pub struct Fed {
    /// What the ledger counted.
    pub ledger: Vec<LedgerEntry>,
    /// The first entry of the log that is a frame of it.
    pub first: u64,
    /// How many of its frames are kept; they follow one another in the log.
    pub kept: u64,
}

/// A way to the engine.
pub trait Feed {
    /// Takes an arrival as one turn.
    ///
    /// # Errors
    /// When the engine cannot write; nothing of it was kept.
    fn turn(&mut self, arrival: Arrival) -> Result<Fed, Fault>;
    /// Shows an arrival to a preview.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn show(&mut self, arrival: Arrival) -> Result<(), Fault>;
    /// What the ledger would count of all that was shown.
    ///
    /// # Errors
    /// When the engine is gone.
    fn shown(&mut self) -> Result<Vec<LedgerEntry>, Fault>;
    /// Keeps an act.
    ///
    /// # Errors
    /// When the engine cannot write.
    fn act(&mut self, act: Act) -> Result<(), Fault>;
}

/// The engine of a stopped data directory.
pub struct Direct<'a> {
    engine: &'a mut Engine,
    preview: Option<Preview>,
}

impl<'a> Direct<'a> {
    /// Over an engine.
    pub fn new(engine: &'a mut Engine) -> Self {
        Self { engine, preview: None }
    }
}

impl Feed for Direct<'_> {
    fn turn(&mut self, arrival: Arrival) -> Result<Fed, Fault> {
        feed(self.engine, clock::now(), arrival)
    }

    fn show(&mut self, arrival: Arrival) -> Result<(), Fault> {
        let now = clock::now();
        let preview = self.preview.get_or_insert_with(|| self.engine.preview(now));
        self.engine.show(now, &[arrival], preview).map_err(|error| failed(&error))
    }

    fn shown(&mut self) -> Result<Vec<LedgerEntry>, Fault> {
        Ok(self.preview.take().map(Preview::finish).unwrap_or_default())
    }

    fn act(&mut self, act: Act) -> Result<(), Fault> {
        self.engine.act(clock::now(), vec![act]).map(drop).map_err(|error| failed(&error))
    }
}

/// The engine of a running server: each turn waits for its place among those of devices.
pub struct Through {
    door: Door,
    runtime: Handle,
    preview: Option<Preview>,
}

impl Through {
    /// Through a door; to be used on a thread that may block.
    pub fn new(door: Door, runtime: Handle) -> Self {
        Self { door, runtime, preview: None }
    }

    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Engine, Timestamp) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.runtime.block_on(self.door.ask(ask)).map_err(|gone| failed(&gone))?
    }
}

impl Feed for Through {
    fn turn(&mut self, arrival: Arrival) -> Result<Fed, Fault> {
        self.ask(move |engine, now| feed(engine, now, arrival))
    }

    fn show(&mut self, arrival: Arrival) -> Result<(), Fault> {
        let preview = self.preview.take();
        let preview = self.ask(move |engine, now| {
            let mut preview = preview.unwrap_or_else(|| engine.preview(now));
            engine.show(now, &[arrival], &mut preview).map_err(|error| failed(&error))?;
            Ok(preview)
        })?;
        self.preview = Some(preview);
        Ok(())
    }

    fn shown(&mut self) -> Result<Vec<LedgerEntry>, Fault> {
        Ok(self.preview.take().map(Preview::finish).unwrap_or_default())
    }

    fn act(&mut self, act: Act) -> Result<(), Fault> {
        self.ask(move |engine, now| {
            engine.act(now, vec![act]).map(drop).map_err(|error| failed(&error))
        })
    }
}

fn feed(engine: &mut Engine, now: Timestamp, arrival: Arrival) -> Result<Fed, Fault> {
    let first = engine.store_mut().next_sequence().0;
    let turn = engine.turn(now, &[arrival]).map_err(|error| failed(&error))?;
    let is_kept = |outcome: &&Disposition| **outcome != Disposition::Duplicate;
    let kept = turn.outcomes.iter().flatten().filter(is_kept).count() as u64;
    Ok(Fed { ledger: turn.ledger, first, kept })
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Fault {
    let what = crate::shell::chain(error);
    Fault::new(
        (format!("未能写入：{what}"), format!("it could not be written: {what}")),
        (
            "排除原因后再次导入：已写入的不会重复",
            "mend the cause and bring the file again: what is there already is not added twice",
        ),
    )
}
