//! The engine's thread: takes what waits, makes a turn of it, tells those who wait.
//!
//! Turns batch by themselves: while one is being written, the next one's arrivals queue. The queue is
//! bounded, so a store that is slow slows the devices down and nothing is dropped. When a turn fails,
//! nobody who waited is answered, the reason is logged, and the same arrivals are tried again after a
//! pause: devices keep what was not acknowledged.

use crate::clock;
use crate::sealing::{Sealing, Settling};
use engine::{Engine, Turn};
use gateway::{Committed, Handover};
use model::{Arrival, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::Instant;

/// How many arrivals wait before connections are no longer read.
pub const QUEUE: usize = 1_024;
/// How many arrivals one turn takes at most.
const TURN_ARRIVALS_MAX: usize = 2_048;
/// How many readings one turn takes at most, so that a turn stays short.
const TURN_READINGS_MAX: usize = 200_000;
/// How many bytes of frames one turn takes at most.
const TURN_BYTES_MAX: usize = 64 << 20;
/// The tick of the clock in service.
pub const TICK: Duration = Duration::from_secs(1);
/// The pause after a turn that could not be kept.
const RETRY: Duration = Duration::from_secs(2);

/// What watchers are told after a turn.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// What the turn did.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
    /// Whether the clock urged cases.
    pub urged: bool,
    /// Whether the clock reminded of orders.
    pub reminded: bool,
}

/// Something to be done between two turns.
pub enum Task {
    /// Do this to the engine.
    Change(Box<dyn FnOnce(&mut Engine) + Send>),
    /// Seal every day that is over and settled, now.
    Seal(oneshot::Sender<()>),
}

/// How the engine's thread is doing, for `/health`.
#[derive(Debug, Default)]
pub struct EngineHealth {
    /// Turns made since the start.
    pub turns: std::sync::atomic::AtomicU64,
    /// Why the last turn could not be kept, while it cannot.
    pub failing: std::sync::Mutex<Option<String>>,
}

/// What the engine's thread works with.
pub struct Shell {
    /// The engine.
    pub engine: Engine,
    /// What connections hand over. When all senders are gone, the thread ends.
    pub arrivals: mpsc::Receiver<Handover>,
    /// What else is to be done.
    pub tasks: mpsc::Receiver<Task>,
    /// Where watchers listen.
    pub changes: broadcast::Sender<Arc<Changes>>,
    /// How it is doing.
    pub health: Arc<EngineHealth>,
    /// Set when the server stops: a turn that cannot be kept is then given up.
    pub stopping: Arc<AtomicBool>,
    /// How days settle.
    pub settling: Settling,
    /// The tick of the clock: what has fallen due is derived, what is settled is sealed.
    pub tick: Duration,
}

enum Wake {
    Arrivals(usize),
    Task(Option<Task>),
    Tick,
}

impl Shell {
    /// Runs until all connections are gone; then makes a last turn and returns.
    ///
    /// # Errors
    /// When a turn would break a promise: the engine stops rather than go on wrong.
    pub fn run(mut self, runtime: &tokio::runtime::Handle) -> Result<(), engine::Error> {
        let mut sealing = Sealing::default();
        let mut is_open = true;
        let mut next_tick = Instant::now() + self.tick;
        loop {
            let mut batch = Vec::new();
            // Ticks and tasks first, or traffic that never pauses would keep days from being sealed.
            let wake = runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = tokio::time::sleep_until(next_tick) => Wake::Tick,
                    task = self.tasks.recv(), if is_open => Wake::Task(task),
                    count = self.arrivals.recv_many(&mut batch, TURN_ARRIVALS_MAX) => Wake::Arrivals(count),
                }
            });
            match wake {
                Wake::Arrivals(0) => {
                    sealing.finish(&mut self.engine);
                    self.tell_damage();
                    return Ok(());
                }
                Wake::Arrivals(_) => self.turns(runtime, batch)?,
                Wake::Task(None) => is_open = false,
                Wake::Task(Some(Task::Change(change))) => change(&mut self.engine),
                Wake::Task(Some(Task::Seal(reply))) => {
                    while self.engine.is_behind(clock::now()) && !self.is_stopping() {
                        self.turns(runtime, vec![])?;
                    }
                    sealing.all(&mut self.engine, self.settling);
                    let _ = reply.send(());
                }
                Wake::Tick => {
                    next_tick = Instant::now() + self.tick;
                    self.turns(runtime, vec![])?;
                    self.urge();
                    self.tell_damage();
                    // What is sealed is not looked at after a power failure: first derive, then seal.
                    if !self.engine.is_behind(clock::now()) {
                        sealing.step(&mut self.engine, self.settling);
                    }
                }
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Urges cases and reminds of orders that are late. What cannot be kept is tried again with the next minute.
    fn urge(&mut self) {
        let mut told = Changes { at: clock::now(), ..Changes::default() };
        match self.engine.urge(clock::now()) {
            Ok(urged) if !urged.is_empty() => {
                told.urged = true;
                tracing::info!(cases = urged.len(), "cases are late and were urged");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(error = %chain(&error), "late cases could not be urged"),
        }
        match self.engine.remind(clock::now()) {
            Ok(0) => {}
            Ok(orders) => {
                told.reminded = true;
                tracing::info!(orders, "orders of a warning are late and were reminded of");
            }
            Err(error) => {
                tracing::error!(error = %chain(&error), "late orders could not be reminded of");
            }
        }
        if told.urged || told.reminded {
            told.turn.sequence = self.engine.store_mut().last_sequence();
            let _ = self.changes.send(Arc::new(told));
        }
    }

    /// Logs what readers found damaged, once.
    fn tell_damage(&mut self) {
        match self.engine.store_mut().note_damage() {
            Ok(fresh) => {
                for damage in fresh {
                    tracing::error!(what = %damage.what, why = %damage.why, "damaged; the rest is served");
                }
            }
            Err(error) => tracing::error!(error = %chain(&error), "damage could not be noted"),
        }
    }

    /// Makes turns of a batch, none of them longer than the limit of readings.
    fn turns(
        &mut self,
        runtime: &tokio::runtime::Handle,
        batch: Vec<Handover>,
    ) -> Result<(), engine::Error> {
        let mut waiting = batch.into_iter().peekable();
        loop {
            let (mut arrivals, mut replies, mut readings, mut bytes) = (vec![], vec![], 0, 0);
            while let Some(next) = waiting.peek()
                && (arrivals.is_empty()
                    || (readings + next.arrival.readings.len() <= TURN_READINGS_MAX
                        && bytes + next.arrival.raw.len() <= TURN_BYTES_MAX))
                && let Some(handover) = waiting.next()
            {
                readings += handover.arrival.readings.len();
                bytes += handover.arrival.raw.len();
                arrivals.push(handover.arrival);
                replies.push(handover.reply);
            }
            let Some(turn) = self.turn_until_kept(runtime, &arrivals)? else {
                return Ok(());
            };
            for (reply, outcomes) in replies.into_iter().zip(&turn.outcomes) {
                let sequence = Some(turn.sequence);
                let _ = reply.send(Committed { outcomes: outcomes.clone(), sequence });
            }
            let is_unfinished = turn.is_unfinished;
            let is_told = !turn.datastreams.is_empty()
                || !turn.outcomes.is_empty()
                || !turn.findings.is_empty();
            if is_told {
                let _ = self.changes.send(Arc::new(Changes {
                    turn,
                    at: clock::now(),
                    ..Changes::default()
                }));
            }
            if waiting.peek().is_none() && !(is_unfinished && self.arrivals.is_empty()) {
                return Ok(());
            }
        }
    }

    /// Makes one turn, again and again while the store cannot keep it; `None` when the server stops first.
    fn turn_until_kept(
        &mut self,
        runtime: &tokio::runtime::Handle,
        arrivals: &[Arrival],
    ) -> Result<Option<Turn>, engine::Error> {
        loop {
            match self.engine.turn(clock::now(), arrivals) {
                Ok(turn) => {
                    self.health.turns.fetch_add(1, Ordering::Relaxed);
                    if self.health.set_failing(None) {
                        tracing::info!("the store keeps turns again");
                    }
                    return Ok(Some(turn));
                }
                Err(defect) if is_defect(&defect) => return Err(defect),
                Err(error) => {
                    let text = with_hint(&error);
                    if !self.health.set_failing(Some(text.clone())) {
                        tracing::error!(error = %text, "nothing is acknowledged until the store keeps turns again");
                    }
                    if self.is_stopping() {
                        return Ok(None);
                    }
                    // The timer is made inside the runtime: this thread is none of its own.
                    runtime.block_on(async { tokio::time::sleep(RETRY).await });
                }
            }
        }
    }
}

impl EngineHealth {
    /// Notes whether turns fail; says whether they did before.
    fn set_failing(&self, why: Option<String>) -> bool {
        let mut failing = self.failing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut *failing, why).is_some()
    }
}

/// Whether the same turn would fail for ever, whatever becomes of the disk.
fn is_defect(error: &engine::Error) -> bool {
    use store::Error::{BadRecord, TooLarge};
    matches!(error, engine::Error::Broken(_) | engine::Error::Store(BadRecord(_) | TooLarge { .. }))
}

/// An error with its causes, and what to do, when that is known.
pub fn with_hint(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = chain(error);
    let mut cause = Some(error);
    while let Some(next) = cause {
        if let Some(store) = next.downcast_ref::<store::Error>() {
            text.push_str("\nhint: ");
            text.push_str(store.hint());
        }
        cause = next.source();
    }
    text
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Limits;
    use model::{ArrivedFrame, Claim, Fate, HOUR_MS, Reason};
    use standards::{Standards, Zone};
    use store::Store;

    /// A frame that nobody could read, of three days ago: to be kept, and sealed.
    fn old_arrival(received_at: Timestamp) -> Arrival {
        let frame = ArrivedFrame {
            claim: Claim::Nobody,
            raw: 0..2,
            readings: 0..0,
            reading_count: 0,
            fate: Fate::Reject(Reason::BadCrc),
        };
        Arrival { received_at, raw: b"##".to_vec(), frames: vec![frame], ..Arrival::default() }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn days_are_sealed_while_arrivals_never_pause() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(dir.path(), store::Limits::default()).unwrap();
        let now = clock::now();
        let law = Standards::load().unwrap();
        let mut engine = Engine::new(store, law, Zone::shanghai().unwrap(), now, Limits::default());
        let old = now - 72 * HOUR_MS;
        engine.turn(old, &[old_arrival(old)]).unwrap();
        let reader = engine.reader();
        let (send, arrivals) = mpsc::channel(QUEUE);
        let (_tasks, tasks) = mpsc::channel(1);
        let shell = Shell {
            engine,
            arrivals,
            tasks,
            changes: broadcast::channel(16).0,
            health: Arc::default(),
            stopping: Arc::default(),
            settling: Settling { seal_after_h: 1, keep_frames_days: 0 },
            tick: Duration::from_millis(5),
        };
        let runtime = tokio::runtime::Handle::current();
        let engine = std::thread::spawn(move || shell.run(&runtime));
        let is_sealed = || reader.sizes().archive_bytes > 0;
        for _ in 0..20_000 {
            let (reply, _) = oneshot::channel();
            let arrival = Arrival { received_at: now, ..Arrival::default() };
            send.send(Handover { arrival, reply }).await.unwrap();
            if is_sealed() {
                break;
            }
        }
        assert!(is_sealed(), "a queue that is never empty must not keep a day from being sealed");
        drop(send);
        assert!(engine.join().unwrap().is_ok());
    }
}
