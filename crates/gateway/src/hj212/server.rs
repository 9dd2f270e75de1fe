//! The listener: who may connect, and how it all ends well.

use super::clock::{Clock, system_now};
use super::connection::{self, Connection};
use super::counters::{Counters, add};
use super::errors::Error;
use super::exchange::{Command, CommandError, Exchanges, Outcome};
use super::limits::Limits;
use super::session::{SessionView, Sessions, StrangerView};
use crate::Handover;
use model::{ParameterTable, Registry, Timestamp};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

/// How the server is set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Zone of the times on the wire.
    pub zone: String,
    /// Limits.
    pub limits: Limits,
    /// Data further ahead of our clock than this are put aside, in milliseconds.
    pub future_tolerance_ms: i64,
    /// Data before this are put aside.
    pub earliest: Timestamp,
    /// A device's clock may be off by this, in milliseconds.
    pub clock_limit_ms: i64,
    /// Measurements of a clock must agree over this time before they count, in milliseconds.
    pub clock_agree_ms: i64,
    /// Whether wrong clocks are set (1012). A device that asks for the time always gets it.
    pub set_clocks: bool,
    /// Time between two settings of one clock, in milliseconds.
    pub clock_set_pause_ms: i64,
    /// What tells the time.
    pub now: fn() -> Timestamp,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            zone: "Asia/Shanghai".to_owned(),
            limits: Limits::default(),
            future_tolerance_ms: 5 * model::MINUTE_MS,
            // 1990-01-01: no automatic monitoring that is imported is older.
            earliest: Timestamp::from_ms(631_152_000_000),
            clock_limit_ms: model::MINUTE_MS,
            clock_agree_ms: 10 * model::SECOND_MS,
            set_clocks: true,
            clock_set_pause_ms: model::HOUR_MS,
            now: system_now,
        }
    }
}

/// What all connections share.
#[derive(Debug)]
pub struct Shared {
    pub config: Config,
    pub limits: Arc<Limits>,
    pub clock: Clock,
    pub parameters: ParameterTable,
    pub registry: watch::Receiver<Arc<Registry>>,
    pub sessions: Sessions,
    pub counters: Arc<Counters>,
    pub exchanges: Exchanges,
    /// Bytes that batches may take in memory until they are committed.
    pub memory: Arc<Semaphore>,
    per_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Shared {
    /// For the connections of one server.
    pub fn new(
        config: Config,
        registry: watch::Receiver<Arc<Registry>>,
        engine: &mpsc::Sender<Handover>,
        counters: Arc<Counters>,
    ) -> Result<Self, Error> {
        let clock = Clock::new(&config.zone, config.now)?;
        let limits = Arc::new(config.limits.clone());
        // One batch may take all of it; the semaphore counts what one takes in 32 bits.
        let memory = limits.in_flight_bytes_max.min(u32::MAX as usize);
        let exchanges = Exchanges {
            engine: engine.downgrade(),
            clock: clock.clone(),
            limits: Arc::clone(&limits),
        };
        Ok(Self {
            config,
            limits,
            clock,
            parameters: ParameterTable::builtin()?,
            registry,
            sessions: Sessions::default(),
            counters,
            exchanges,
            memory: Arc::new(Semaphore::new(memory)),
            per_address: Mutex::default(),
        })
    }
}

/// A running server. [`stop`](Self::stop) ends it and waits for that; dropping it ends it, too, unwatched.
/// The engine's channel closes when the last connection has ended.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    /// Closed when the last connection has ended.
    ended: mpsc::Receiver<()>,
}

impl Server {
    /// Listens and serves until it is stopped.
    ///
    /// `registry` is read again with each batch: send a new one when devices change. `engine` gets
    /// every frame; when it is full, reading waits.
    ///
    /// # Errors
    /// When the address cannot be listened on, the zone is unknown, or the table of parameters is broken.
    pub async fn bind(
        config: Config,
        registry: watch::Receiver<Arc<Registry>>,
        engine: mpsc::Sender<Handover>,
        counters: Arc<Counters>,
    ) -> Result<Self, Error> {
        let listen = config.listen;
        let shared = Arc::new(Shared::new(config, registry, &engine, counters)?);
        let failed = |source| Error::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopping) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        tokio::spawn(accept(listener, Arc::clone(&shared), engine, stopping, alive));
        tracing::info!(listen = %address, "HJ 212 server listens");
        Ok(Self { shared, address, stop, ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Something to look at it with, from anywhere.
    pub fn desk(&self) -> Desk {
        Desk { shared: Arc::clone(&self.shared) }
    }

    /// Stops: nothing new is accepted or read, what the engine has is waited for and answered, then
    /// every connection is closed.
    pub async fn stop(mut self) {
        // Nobody listens any more when the accepting task has died; then there is nothing to stop.
        self.stop.send_replace(true);
        while self.ended.recv().await.is_some() {}
        tracing::info!("HJ 212 server stopped");
    }
}

/// The view of a server from outside: who speaks, and commands to them.
#[derive(Clone, Debug)]
pub struct Desk {
    shared: Arc<Shared>,
}

impl Desk {
    /// The sessions of registered devices, by device.
    pub fn sessions(&self) -> Vec<SessionView> {
        self.shared.sessions.views()
    }

    /// Those who are not registered or gave a wrong password.
    pub fn strangers(&self) -> Vec<StrangerView> {
        self.shared.sessions.strangers()
    }

    /// The counters.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.shared.counters)
    }

    /// Sends a command to a device and waits for its end. `because` goes to the journal first.
    ///
    /// # Errors
    /// When the device is not registered or connected, the order could not be journaled, or the device
    /// did not answer, refused, or failed.
    pub async fn order(
        &self,
        mn: &str,
        command: &Command,
        because: &str,
    ) -> Result<Outcome, CommandError> {
        let registry = self.shared.registry.borrow().clone();
        let unknown = || CommandError::Unknown(mn.to_owned());
        let id = registry.device_id(mn).ok_or_else(unknown)?;
        let device = registry.device(id).ok_or_else(unknown)?;
        let not_connected = || CommandError::NotConnected(mn.to_owned());
        let session = self.shared.sessions.get(id).ok_or_else(not_connected)?;
        self.shared.exchanges.run(&session, device, command, because).await
    }
}

async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    engine: mpsc::Sender<Handover>,
    mut stopping: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
) {
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually too many open files: a later one may work, and those that are open go on.
                tracing::warn!(%error, "HJ 212: a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(place) = Place::take(&shared, peer) else {
            add(&shared.counters.connections_refused, 1);
            tracing::debug!(%peer, "HJ 212: refused, too many connections (connections_max, connections_per_address_max)");
            continue;
        };
        number += 1;
        let connection = Connection::new(stream, number, peer, Arc::clone(&shared), engine.clone());
        tokio::spawn(serve(connection, peer, place, stopping.clone(), alive.clone()));
    }
}

async fn serve(
    connection: Connection,
    peer: SocketAddr,
    place: Place,
    stopping: watch::Receiver<bool>,
    alive: mpsc::Sender<()>,
) {
    let end = connection.run(stopping).await;
    if end.is_cut() {
        add(&place.shared.counters.connections_cut, 1);
    }
    if !matches!(end, connection::End::Closed | connection::End::Stopped) {
        place.shared.counters.add_problems(&[(None, end.name(), 1)]);
    }
    if end == connection::End::NotCommitted {
        tracing::error!(%peer, "HJ 212: frames were not committed and not answered; connection closed, the device will send them again");
    } else {
        tracing::debug!(%peer, reason = end.name(), "HJ 212: connection closed");
    }
    drop(place);
    drop(alive);
}

/// A connection's place among those that are allowed; given back when it is dropped.
#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    address: IpAddr,
}

impl Place {
    fn take(shared: &Arc<Shared>, peer: SocketAddr) -> Option<Self> {
        let address = peer.ip().to_canonical();
        let counters = &shared.counters;
        let open = counters.connections_open.load(Ordering::Relaxed);
        if open >= shared.limits.connections_max as u64 {
            return None;
        }
        let mut all = shared.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(address).or_default();
        if !address.is_loopback() && *count >= shared.limits.connections_per_address_max {
            return None;
        }
        *count += 1;
        add(&counters.connections_open, 1);
        add(&counters.connections_accepted, 1);
        Some(Self { shared: Arc::clone(shared), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.shared.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.address);
            }
        }
        self.shared.counters.connections_open.fetch_sub(1, Ordering::Relaxed);
    }
}
