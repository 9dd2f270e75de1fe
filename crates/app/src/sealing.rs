//! Sealing beside the turns: the files are written on a thread of their own, the engine's thread only
//! plans and finishes.

use crate::clock;
use crate::shell::chain;
use engine::Engine;
use model::{HOUR_MS, Timestamp};
use std::thread::JoinHandle;
use store::Sealed;

type Written = Result<Sealed, store::Error>;

/// At most one day that is being sealed.
#[derive(Default)]
pub struct Sealing {
    writing: Option<JoinHandle<Written>>,
    /// After a failure the next attempt waits until then.
    not_before: Timestamp,
    /// What trickles into sealed days waits until then, or each trickle would make a file of its own.
    late_not_before: Timestamp,
}

/// The pause between two late files.
const LATE_MS: i64 = HOUR_MS;
/// The pause after a day that could not be sealed.
const RETRY_MS: i64 = 10 * 60_000;

impl Sealing {
    /// Finishes what is written, or begins with the oldest day that is over for `after_h` hours; days
    /// that are sealed already and got late readings come after the others, once an hour.
    /// Returns at once.
    pub fn step(&mut self, engine: &mut Engine, after_h: i64) {
        if self.writing.as_ref().is_some_and(JoinHandle::is_finished) {
            self.finish(engine);
        }
        let now = clock::now();
        if self.writing.is_some() || now < self.not_before {
            return;
        }
        let before = (now - after_h.saturating_mul(HOUR_MS)).utc_day();
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
            self.writing = Some(std::thread::spawn(move || plan.write()));
        }
    }

    /// Seals every day that is over for `after_h` hours, late readings too, and waits for it.
    pub fn all(&mut self, engine: &mut Engine, after_h: i64) {
        loop {
            self.finish(engine);
            self.late_not_before = Timestamp::MIN;
            self.step(engine, after_h);
            if self.writing.is_none() {
                return;
            }
        }
    }

    /// Waits for what is being written, and lists it.
    pub fn finish(&mut self, engine: &mut Engine) {
        let Some(writing) = self.writing.take() else {
            return;
        };
        let Ok(written) = writing.join() else {
            tracing::error!("the thread that seals a day died; the day stays in the log");
            self.not_before = clock::now() + RETRY_MS;
            return;
        };
        let sealed = written.and_then(|sealed| {
            let day = sealed.day();
            engine.store_mut().seal_finish(sealed).map(|()| day)
        });
        match sealed {
            Ok(day) => {
                let day = Timestamp::from_utc_day(day).to_string();
                tracing::info!(day = &day[..10], "a day is sealed");
            }
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&mut self, error: &store::Error) {
        tracing::error!(error = %chain(error), "a day could not be sealed; it stays in the log");
        self.not_before = clock::now() + RETRY_MS;
    }
}
