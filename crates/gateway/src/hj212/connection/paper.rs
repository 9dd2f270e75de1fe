//! A server on paper: frames, sessions, judgement and answers exactly as over sockets, but without
//! sockets, timers and tasks. Whoever drives it says which bytes come when and when a silence is over,
//! so that a simulation decides every order of events and can repeat it.
//!
//! Pauses that keep a rate and orders to set a clock are counted in [`Counters`] and not carried out:
//! both need a timer.

use super::super::counters::{Counters, CountersSnapshot};
use super::super::errors::Error;
use super::super::server::{Config, Shared};
use super::Work;
use crate::{Committed, Handover};
use model::{Arrival, Registry};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// What all connections on paper share.
#[derive(Debug)]
pub struct PaperServer {
    shared: Arc<Shared>,
    engine: mpsc::Sender<Handover>,
    /// Nobody takes from it: arrivals are given back by [`PaperConnection::read`].
    _arrivals: mpsc::Receiver<Handover>,
    connections: u64,
}

/// One connection on paper.
#[derive(Debug)]
pub struct PaperConnection {
    work: Work,
}

impl PaperServer {
    /// A server that nobody can connect to but its driver.
    ///
    /// # Errors
    /// When the zone is unknown or the table of parameters is broken.
    pub fn new(config: Config, registry: watch::Receiver<Arc<Registry>>) -> Result<Self, Error> {
        let (engine, arrivals) = mpsc::channel(1);
        let shared = Shared::new(config, registry, &engine, Arc::new(Counters::default()))?;
        Ok(Self { shared: Arc::new(shared), engine, _arrivals: arrivals, connections: 0 })
    }

    /// Somebody connects.
    pub fn connect(&mut self, peer: SocketAddr) -> PaperConnection {
        self.connections += 1;
        let (shared, engine) = (Arc::clone(&self.shared), self.engine.clone());
        PaperConnection { work: Work::new(self.connections, peer, shared, engine) }
    }

    /// What was counted so far.
    pub fn counted(&self) -> CountersSnapshot {
        self.shared.counters.snapshot()
    }
}

impl PaperConnection {
    /// Whether the server reads from it now: not while too many batches wait for their commit, or too
    /// many answers for the peer.
    pub fn may_read(&self) -> bool {
        self.work.may_read()
    }

    /// Bytes come. Gives what the engine gets of them; [`PaperConnection::committed`] is owed for it.
    pub fn read(&mut self, bytes: &[u8]) -> Option<Arrival> {
        self.work.buffer.extend_from_slice(bytes);
        self.cut()
    }

    /// Nothing came for so long that the beginning of a frame is given up.
    pub fn silence(&mut self) -> Option<Arrival> {
        if !self.work.deframer.has_head() {
            return None;
        }
        self.work.deframer.give_up_head();
        self.cut()
    }

    /// The peer closes, or the network loses it. What had come of a last frame is judged.
    pub fn close(&mut self) -> Option<Arrival> {
        self.work.deframer.give_up_head();
        let last = self.cut();
        self.work.judge.leave();
        last
    }

    /// The oldest arrival that was given out is on disk: its answers wait for the peer from now on.
    pub fn committed(&mut self, committed: &Committed) {
        if let Some(batch) = self.work.kept(committed) {
            self.work.outbox.extend_from_slice(&batch.answers);
        }
    }

    /// The peer reads at most so many bytes of its answers.
    pub fn take(&mut self, max: usize) -> Vec<u8> {
        let count = max.min(self.work.outbox.len());
        self.work.outbox.drain(..count).collect()
    }

    /// Why the server has had enough of this peer, when it has.
    pub fn ended(&self) -> Option<&'static str> {
        self.work.ending.map(super::End::name)
    }

    fn cut(&mut self) -> Option<Arrival> {
        self.work.cut_frames();
        self.work.paused_until = None;
        self.work.waiting.take().map(|handover| handover.arrival)
    }
}
