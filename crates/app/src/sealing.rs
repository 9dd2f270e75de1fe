//! Sealing and folding beside the turns: the files are written on a thread of their own, the engine's
//! thread only plans and finishes.

use crate::clock;
use crate::shell::chain;
use engine::Engine;
use model::{DAY_MS, HOUR_MS, Timestamp};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use store::{FoldPlan, Folded, SealPlan, Sealed};

/// Files that a thread has written.
enum Done {
    Sealed(Box<Sealed>),
    Folded(Folded),
}

/// Files that are to be written.
enum Plan {
    Seal(SealPlan),
    Fold(FoldPlan),
}

impl Plan {
    fn write(self) -> Written {
        match self {
            Self::Seal(plan) => plan.write().map(|sealed| Done::Sealed(Box::new(sealed))),
            Self::Fold(plan) => plan.write().map(Done::Folded),
        }
    }
}

type Written = Result<Done, store::Error>;

/// The thread that writes. It stays: the memory that one day took serves the next, where each new
/// thread would take its own from the system.
struct Writer {
    plans: Sender<Plan>,
    written: Receiver<Written>,
}

impl Writer {
    fn new() -> std::io::Result<Self> {
        let (plans, to_write) = mpsc::channel::<Plan>();
        let (done, written) = mpsc::channel();
        std::thread::Builder::new().name("seal".to_owned()).spawn(move || {
            while let Ok(plan) = to_write.recv() {
                if done.send(plan.write()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { plans, written })
    }
}

/// How days settle.
#[derive(Clone, Copy, Debug)]
pub struct Settling {
    /// After how many hours a day that is over is sealed.
    pub seal_after_h: i64,
    /// Days that raw frames are kept; 0 for ever.
    pub keep_frames_days: i64,
}

/// At most one day that is being sealed, or some that are folded.
#[derive(Default)]
pub struct Sealing {
    writer: Option<Writer>,
    is_writing: bool,
    /// After a failure the next attempt waits until then.
    not_before: Timestamp,
    /// What trickles into sealed days waits until then, or each trickle would make a file of its own.
    late_not_before: Timestamp,
    /// When it is next looked for what is to be folded, let go or removed.
    tidy_not_before: Timestamp,
}

/// The pause between two late files.
const LATE_MS: i64 = HOUR_MS;
/// What came for a day is settled when nothing came for so long.
const SETTLED_MS: i64 = 24 * HOUR_MS;
/// The pause between two looks for what is to be folded, let go or removed.
const TIDY_MS: i64 = 5 * 60_000;
/// How long a replaced file stays for those who read the manifest before, from another process.
const GONE_MS: i64 = HOUR_MS;
/// The pause after a day that could not be sealed.
const RETRY_MS: i64 = 10 * 60_000;

impl Sealing {
    /// Finishes what is written, or begins with the oldest day that is over for `after_h` hours; days
    /// that are sealed already and got late readings come after the others, once an hour.
    /// Returns at once.
    pub fn step(&mut self, engine: &mut Engine, settling: Settling) {
        if let Some(writer) = self.writer.as_ref().filter(|_| self.is_writing) {
            match writer.written.try_recv() {
                Err(TryRecvError::Empty) => return,
                written => self.end(engine, written.ok()),
            }
        }
        let now = clock::now();
        if now < self.not_before {
            return;
        }
        let before = (now - settling.seal_after_h.saturating_mul(HOUR_MS)).utc_day();
        let sealed = engine.reader().sealed_days();
        let store = engine.store_mut();
        let days = match store.days_to_seal(before) {
            Ok(days) => days,
            Err(error) => return self.failed(&error),
        };
        let is_late = |day: &i32| sealed.binary_search(day).is_ok();
        let mut day = days.iter().find(|day| !is_late(day)).copied();
        if day.is_none() && now >= self.late_not_before {
            day = days.first().copied();
            self.late_not_before = now + LATE_MS;
        }
        if let Some(day) = day {
            let plan = store.seal_plan(day);
            self.begin(Plan::Seal(plan));
        } else if now >= self.tidy_not_before {
            self.tidy_not_before = now + TIDY_MS;
            if let Err(error) = self.tidy(engine, now, settling) {
                tracing::error!(error = %chain(&error), "the archive could not be tidied; nothing is lost");
            }
        }
    }

    /// Begins to fold what is settled, lets go of frames that are kept no longer, and removes files that
    /// were replaced. Returns at once.
    fn tidy(
        &mut self,
        engine: &mut Engine,
        now: Timestamp,
        settling: Settling,
    ) -> Result<(), engine::Error> {
        engine.store_mut().remove_gone(now - GONE_MS)?;
        if settling.keep_frames_days > 0 {
            let before = (now - settling.keep_frames_days.saturating_mul(DAY_MS)).utc_day();
            let count = engine.let_frames_go(now, before, settling.keep_frames_days)?;
            if count > 0 {
                tracing::info!(files = count, "files of raw frames are kept no longer");
            }
        }
        let settled = engine.reader().sequence_at(now - SETTLED_MS)?;
        let before = (now - settling.seal_after_h.saturating_mul(HOUR_MS)).utc_day();
        if let Some(plan) = engine.store_mut().fold_plan(settled, before) {
            self.begin(Plan::Fold(plan));
        }
        Ok(())
    }

    fn begin(&mut self, plan: Plan) {
        let writer = match self.writer.take().map_or_else(Writer::new, Ok) {
            Ok(writer) => self.writer.insert(writer),
            Err(error) => {
                tracing::error!(%error, "no thread can be had to seal or fold a day; nothing is lost");
                self.not_before = clock::now() + RETRY_MS;
                return;
            }
        };
        // A writer that died says so when it is asked what it wrote.
        self.is_writing = true;
        let _ = writer.plans.send(plan);
    }

    /// Seals every day that is over for `after_h` hours, late readings too, and waits for it.
    pub fn all(&mut self, engine: &mut Engine, settling: Settling) {
        loop {
            self.finish(engine);
            self.late_not_before = Timestamp::MIN;
            self.tidy_not_before = Timestamp::MAX;
            self.step(engine, settling);
            if !self.is_writing {
                self.tidy_not_before = Timestamp::MIN;
                return;
            }
        }
    }

    /// Waits for what is being written, and lists it.
    pub fn finish(&mut self, engine: &mut Engine) {
        if let Some(writer) = self.writer.as_ref().filter(|_| self.is_writing) {
            let written = writer.written.recv();
            self.end(engine, written.ok());
        }
    }

    /// Lists what was written; nothing when the writer died.
    fn end(&mut self, engine: &mut Engine, written: Option<Written>) {
        self.is_writing = false;
        let Some(written) = written else {
            tracing::error!("the thread that seals or folds a day died; nothing is lost");
            self.writer = None;
            self.not_before = clock::now() + RETRY_MS;
            return;
        };
        match written {
            Ok(Done::Sealed(sealed)) => {
                let day = Timestamp::from_utc_day(sealed.day()).to_string();
                match engine.store_mut().seal_finish(*sealed) {
                    Ok(()) => tracing::info!(day = &day[..10], "a day is sealed"),
                    Err(error) => self.failed(&error),
                }
            }
            Ok(Done::Folded(folded)) => {
                let (files, into) = (folded.replaced().count(), folded.files().len());
                match engine.store_mut().fold_finish(clock::now(), folded) {
                    Ok(()) => {
                        tracing::info!(files, into, "files of the archive are folded");
                        // There may be more.
                        self.tidy_not_before = Timestamp::MIN;
                    }
                    Err(error) => self.failed(&error),
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &store::Error) {
        tracing::error!(error = %chain(error), "a day could not be sealed or folded; nothing is lost");
        self.not_before = clock::now() + RETRY_MS;
    }
}
