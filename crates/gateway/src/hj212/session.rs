//! Sessions: one per registered device. The session of a device is the connection on which it was last
//! heard; that is where commands go. Data are taken from every connection.

use super::bucket::Bucket;
use super::clock::{Skew, SkewMeter, SkewRule};
use super::exchange::{Reply, Waiting};
use super::limits::Limits;
use model::{DeviceId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::mpsc;

/// One connection, as a session knows it.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number of the connection.
    pub connection: u64,
    /// The other end.
    pub peer: SocketAddr,
    /// Bytes for the connection to write.
    pub outbound: mpsc::Sender<Box<[u8]>>,
}

/// How a device names itself beside its MN; requests to it repeat that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// System code.
    pub st: Box<str>,
    /// Password.
    pub pw: Box<str>,
}

/// What the server knows of one device while it runs.
#[derive(Debug)]
pub struct Session {
    /// The device.
    pub device: DeviceId,
    /// Its name on the wire.
    pub mn: String,
    /// Held by the one command that is under way.
    pub turn: tokio::sync::Mutex<()>,
    /// Held while an order to set its clock waits or is under way: a second one would tell it nothing.
    pub clock_order: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    line: Option<Line>,
    since: Timestamp,
    last_seen: Timestamp,
    /// Open connections on which it was heard.
    voices: Vec<u64>,
    address: Address,
    meter: SkewMeter,
    skew_ms: Option<i64>,
    clock_set_at: Option<Timestamp>,
    frames: Bucket,
    readings: Bucket,
    told: BTreeSet<&'static str>,
    waiting: Option<Waiting>,
}

/// A session as the outside sees it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SessionView {
    /// The device.
    pub device: DeviceId,
    /// Its name on the wire.
    pub mn: String,
    /// The other end of the connection on which it was last heard; `None` when that is closed.
    pub peer: Option<SocketAddr>,
    /// Since when it speaks on this connection.
    pub since: Timestamp,
    /// When it was last heard.
    pub last_seen: Timestamp,
    /// Its clock minus ours, in milliseconds, when that was measured.
    pub skew_ms: Option<i64>,
}

/// Somebody who is not registered or gave a wrong password.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StrangerView {
    /// The name it gave.
    pub mn: String,
    /// When it was first heard.
    pub first_seen: Timestamp,
    /// When it was last heard.
    pub last_seen: Timestamp,
    /// Frames it sent.
    pub frames: u64,
    /// The other end.
    pub peer: SocketAddr,
}

/// All sessions, and the strangers beside them.
#[derive(Debug, Default)]
pub struct Sessions {
    by_device: RwLock<HashMap<DeviceId, Arc<Session>>>,
    strangers: Mutex<BTreeMap<String, StrangerView>>,
}

/// What it means that a device was heard on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing new.
    Again,
    /// It speaks on this connection for the first time, and on no other.
    Opened,
    /// It speaks on this connection for the first time while another one is open.
    Second(SocketAddr),
}

impl Sessions {
    /// The session of a device, made when it is heard for the first time.
    pub fn of(&self, device: DeviceId, mn: &str, now: Timestamp, limits: &Limits) -> Arc<Session> {
        let known = self.by_device.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = known.get(&device) {
            return Arc::clone(session);
        }
        drop(known);
        let mut all = self.by_device.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            all.entry(device).or_insert_with(|| Arc::new(Session::new(device, mn, now, limits))),
        )
    }

    /// The session of a device that was heard since the start.
    pub fn get(&self, device: DeviceId) -> Option<Arc<Session>> {
        self.by_device.read().unwrap_or_else(PoisonError::into_inner).get(&device).map(Arc::clone)
    }

    /// All sessions, by device.
    pub fn views(&self) -> Vec<SessionView> {
        let all = self.by_device.read().unwrap_or_else(PoisonError::into_inner);
        let mut views: Vec<SessionView> = all.values().map(|session| session.view()).collect();
        views.sort_by_key(|view| view.device);
        views
    }

    /// Remembers a stranger; when the list is full, only those who stand in it are counted on.
    pub fn stranger(&self, mn: &str, peer: SocketAddr, now: Timestamp, names_max: usize) {
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = strangers.get_mut(mn) {
            known.last_seen = now;
            known.frames += 1;
            known.peer = peer;
        } else if strangers.len() < names_max {
            let mn = mn.to_owned();
            let view =
                StrangerView { mn: mn.clone(), first_seen: now, last_seen: now, frames: 1, peer };
            strangers.insert(mn, view);
        }
    }

    /// All strangers, by name.
    pub fn strangers(&self) -> Vec<StrangerView> {
        let strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        strangers.values().cloned().collect()
    }
}

impl Session {
    fn new(device: DeviceId, mn: &str, now: Timestamp, limits: &Limits) -> Self {
        let state = State {
            line: None,
            since: now,
            last_seen: now,
            voices: vec![],
            address: Address { st: "22".into(), pw: "".into() },
            meter: SkewMeter::default(),
            skew_ms: None,
            clock_set_at: None,
            frames: Bucket::full(limits.device_frames_per_s, now),
            readings: Bucket::full(limits.device_readings_per_s, now),
            told: BTreeSet::new(),
            waiting: None,
        };
        Self {
            device,
            mn: mn.to_owned(),
            turn: tokio::sync::Mutex::new(()),
            clock_order: Arc::default(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It was heard on a connection: its commands go there from now on.
    pub fn heard(&self, line: &Line, now: Timestamp) -> Heard {
        let mut state = self.state();
        state.last_seen = now;
        if state.line.as_ref().is_some_and(|known| known.connection == line.connection) {
            return Heard::Again;
        }
        state.since = now;
        let before = state.line.replace(line.clone());
        if state.voices.contains(&line.connection) {
            return Heard::Again;
        }
        state.voices.push(line.connection);
        before.map_or(Heard::Opened, |other| Heard::Second(other.peer))
    }

    /// It named itself so in an upload (answers have a system code of their own).
    pub fn named(&self, st: &str, pw: &str) {
        let mut state = self.state();
        if *state.address.st != *st && st != "91" && !st.is_empty() {
            state.address.st = st.into();
        }
        if *state.address.pw != *pw {
            state.address.pw = pw.into();
        }
    }

    /// A connection on which it was heard is closed.
    pub fn left(&self, connection: u64) {
        let mut state = self.state();
        state.voices.retain(|voice| *voice != connection);
        if state.line.as_ref().is_some_and(|line| line.connection == connection) {
            state.line = None;
        }
    }

    /// Where its commands go now, and how it names itself.
    pub fn line(&self) -> Option<(Line, Address)> {
        let state = self.state();
        state.line.clone().map(|line| (line, state.address.clone()))
    }

    /// Takes its frames and readings from its rates; how long to wait before more, in milliseconds.
    pub fn spend(&self, frames: u32, readings: u32, limits: &Limits, now: Timestamp) -> u64 {
        let mut state = self.state();
        let by_frames = state.frames.take(frames, limits.device_frames_per_s, now);
        by_frames.max(state.readings.take(readings, limits.device_readings_per_s, now))
    }

    /// Adds a measurement of its clock (device minus us).
    pub fn clock(&self, difference_ms: i64, at: Timestamp, rule: SkewRule) -> Option<Skew> {
        let mut state = self.state();
        let skew = state.meter.add(difference_ms, at, rule);
        if let Some(skew) = skew {
            state.skew_ms = Some(skew.ms);
        }
        skew
    }

    /// Whether its clock may be set now: not more than once in a while.
    pub fn may_set_clock(&self, now: Timestamp, pause_ms: i64) -> bool {
        let mut state = self.state();
        let is_due = state.clock_set_at.is_none_or(|last| now - last >= pause_ms);
        if is_due {
            state.clock_set_at = Some(now);
        }
        is_due
    }

    /// Whether a deviation is met for the first time since the start.
    pub fn is_first(&self, deviation: &'static str) -> bool {
        self.state().told.insert(deviation)
    }

    /// Begins to wait for the answers of an exchange.
    pub fn wait_for(&self, waiting: Waiting) {
        self.state().waiting = Some(waiting);
    }

    /// Stops waiting.
    pub fn wait_no_more(&self) {
        self.state().waiting = None;
    }

    /// Whether an exchange waits for this QN; gives it the reply if so.
    pub fn reply(&self, qn: &str, command: u16, reply: impl FnOnce() -> Reply) -> bool {
        let state = self.state();
        let Some(waiting) = state.waiting.as_ref().filter(|w| w.qn == qn && w.wants(command))
        else {
            return false;
        };
        waiting.replies.send(reply()).is_ok()
    }

    fn view(&self) -> SessionView {
        let state = self.state();
        SessionView {
            device: self.device,
            mn: self.mn.clone(),
            peer: state.line.as_ref().map(|line| line.peer),
            since: state.since,
            last_seen: state.last_seen,
            skew_ms: state.skew_ms,
        }
    }
}
