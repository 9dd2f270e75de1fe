//! The load generator: many devices, as fast as they are acknowledged or at a rate.
//!
//! Frames are rendered once and patched: name, time and values change, the checksum is made anew. The
//! values of a device's n-th frame follow from its number ([`Plan::value_thousandths`]), and frames of a
//! device are acknowledged in the order in which they are sent, so the number of acknowledged frames of
//! each device ([`Account::acknowledged`]) says exactly which readings a server must still have after it
//! was killed.

mod line;
mod plan;

pub use plan::{Plan, PlanError};

use super::Histogram;
use crate::hj212::Clock;
use line::{Line, Shared};
use plan::Template;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How to load.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server.
    pub address: SocketAddr,
    /// Connections; the devices are dealt out over them.
    pub connections: u32,
    /// Frames that may be on their way on each connection.
    pub window: usize,
    /// Frames per second and device; `None` is as fast as they are acknowledged.
    pub rate: Option<f64>,
    /// How long to send.
    pub duration: Option<Duration>,
    /// How many frames each device sends.
    pub frames: Option<u64>,
    /// How long to wait for the last answers.
    pub patience: Duration,
}

/// How far the fleet is, for whoever shows it or wants to stop it.
#[derive(Debug, Default)]
pub struct Meter {
    /// Connections open.
    pub connections: AtomicU64,
    /// Frames acknowledged.
    pub acknowledged: AtomicU64,
    /// Set it to stop sending.
    pub stop: AtomicBool,
}

/// What the fleet did.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Devices.
    pub devices: u32,
    /// Connections that were opened.
    pub connections: u64,
    /// Connections that could not be opened, or broke.
    pub broken: u64,
    /// Frames sent.
    pub frames_sent: u64,
    /// Frames whose 9014 came.
    pub frames_acknowledged: u64,
    /// Values in the acknowledged frames.
    pub values_acknowledged: u64,
    /// Requests of the host that were answered.
    pub requests: u64,
    /// Answers that belonged to no frame.
    pub strange_answers: u64,
    /// From the first frame to the last answer.
    pub elapsed: Duration,
    /// From handing a frame to the connection to its 9014.
    pub latency: Histogram,
    /// Frames acknowledged, by device: each device's first ones.
    pub acknowledged: Vec<u64>,
}

impl Account {
    /// Acknowledged values per second.
    pub fn values_per_s(&self) -> f64 {
        self.values_acknowledged as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Writes what each device was told is durable: `mn,frames`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_journal(&self, plan: &Plan, path: &Path) -> std::io::Result<()> {
        let lines = (0..).zip(&self.acknowledged);
        let lines: Vec<String> =
            lines.map(|(device, frames)| format!("{},{frames}\n", plan.mn(device))).collect();
        std::fs::write(path, format!("mn,frames\n{}", lines.concat()))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |share| self.latency.quantile_us(share) as f64 / 1000.0;
        let seconds = self.elapsed.as_secs_f64();
        writeln!(
            out,
            "devices {}  connections {}  broken {}",
            self.devices, self.connections, self.broken
        )?;
        writeln!(
            out,
            "frames sent {}  acknowledged {}  values acknowledged {}",
            self.frames_sent, self.frames_acknowledged, self.values_acknowledged
        )?;
        writeln!(
            out,
            "in {seconds:.2} s: {:.0} frames/s  {:.0} values/s",
            self.frames_acknowledged as f64 / seconds.max(1e-9),
            self.values_per_s()
        )?;
        write!(
            out,
            "acknowledged after p50 {:.2} ms  p90 {:.2} ms  p99 {:.2} ms  max {:.2} ms",
            ms(0.5),
            ms(0.9),
            ms(0.99),
            self.latency.max_us() as f64 / 1000.0
        )
    }
}

/// Opens every connection, then sends until the time, the frames or the meter say stop, and waits for the
/// last answers. A connection that breaks ends its devices; what was acknowledged on it counts.
pub async fn run(plan: Plan, options: Options, clock: Clock, meter: Arc<Meter>) -> Account {
    let connections = options.connections.clamp(1, plan.devices.max(1));
    let shared = Arc::new(Shared {
        acknowledged: (0..plan.devices).map(|_| AtomicU64::new(0)).collect(),
        latency: Mutex::default(),
        template: Template::new(&plan),
        plan,
        clock,
        options,
        meter,
        connections,
    });
    let (streams, failed) = connect_all(&shared).await;
    let mut account = Account {
        devices: shared.plan.devices,
        connections: streams.len() as u64,
        broken: failed,
        ..Account::default()
    };
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for (number, stream) in streams {
        tasks.spawn(Line::new(number, Arc::clone(&shared), start).run(stream));
    }
    while let Some(done) = tasks.join_next().await {
        let Ok(tally) = done else {
            account.broken += 1;
            continue;
        };
        account.frames_sent += tally.sent;
        account.frames_acknowledged += tally.acknowledged;
        account.requests += tally.requests;
        account.strange_answers += tally.strange;
        account.broken += u64::from(tally.broken);
        let last = tally.last_answer.map_or(Duration::ZERO, |at| at - start);
        account.elapsed = account.elapsed.max(last);
    }
    account.values_acknowledged =
        account.frames_acknowledged * shared.plan.values_per_frame() as u64;
    account.latency = shared.latency.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let counts = shared.acknowledged.iter().map(|count| count.load(Ordering::Relaxed));
    account.acknowledged = counts.collect();
    account
}

async fn connect_all(shared: &Arc<Shared>) -> (Vec<(u32, TcpStream)>, u64) {
    const AT_ONCE: usize = 128;
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for number in 0..shared.connections {
        let (gate, shared) = (Arc::clone(&gate), Arc::clone(shared));
        tasks.spawn(async move {
            let _place = gate.acquire_owned().await;
            let stream = connect(shared.options.address, number).await;
            if stream.is_ok() {
                shared.meter.connections.fetch_add(1, Ordering::Relaxed);
            }
            stream.map(|stream| (number, stream))
        });
    }
    let mut streams = Vec::with_capacity(shared.connections as usize);
    let mut failed = 0;
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok(Ok(stream)) => streams.push(stream),
            Ok(Err(error)) => {
                if failed == 0 {
                    tracing::warn!(%error, "fleet: a connection could not be opened");
                }
                failed += 1;
            }
            Err(_) => failed += 1,
        }
    }
    streams.sort_by_key(|(number, _)| *number);
    (streams, failed)
}

/// Connects; on the loopback from an address of its own for each 20 000, as one has no more ports.
async fn connect(address: SocketAddr, number: u32) -> std::io::Result<TcpStream> {
    const PORTS: u32 = 20_000;
    let stream = if address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) && number >= PORTS {
        let socket = TcpSocket::new_v4()?;
        let own = Ipv4Addr::new(127, 0, 0, (number / PORTS % 250 + 1) as u8);
        socket.bind(SocketAddr::from((own, 0)))?;
        socket.connect(address).await?
    } else {
        TcpStream::connect(address).await?
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}
