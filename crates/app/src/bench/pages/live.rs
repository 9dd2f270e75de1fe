//! Pages that listen while a fleet sends.

use super::super::child::{Scratch, Server, write_plan_registry};
use super::{Pages, ZONE};
use crate::cli::Failure;
use crate::clock;
use crate::serve::runtime;
use gateway::device::fleet::{self, Meter, Options, Plan};
use gateway::hj212::Clock;
use model::{HOUR_MS, SECOND_MS, Timestamp};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A reading that all pages wait for.
#[derive(Default)]
struct Probe {
    number: u64,
    /// Its time as it stands in the event; nothing else has it.
    text: Vec<u8>,
}

/// What the pages have in common.
#[derive(Default)]
struct Shared {
    probe: Mutex<Arc<Probe>>,
    heard: Mutex<Vec<(u64, Instant)>>,
    bytes: AtomicU64,
    listening: AtomicU64,
}

/// Prints a row for the server without pages and one with them.
///
/// # Errors
/// When the server cannot be started, or a page loses its stream.
pub fn measure(bench: &Pages) -> Result<(), Failure> {
    let scratch = Scratch::new("live")?;
    let start = (clock::now() - 6 * HOUR_MS).floor(SECOND_MS);
    let plan = Plan::new(bench.devices, 2011, 8, start)?;
    write_plan_registry(&scratch, &plan)?;
    let server = Server::start(&scratch)?;
    runtime()?.block_on(async {
        let meter = Arc::new(Meter::default());
        let options = Options {
            address: server.devices,
            connections: bench.devices,
            window: 4,
            rate: Some(bench.rate),
            duration: None,
            frames: None,
            patience: Duration::from_secs(5),
        };
        let clock = Clock::new(ZONE, clock::now)?;
        let fleet = tokio::spawn(fleet::run(plan, options, clock, Arc::clone(&meter)));
        let mut out = io::stdout();
        writeln!(
            out,
            "{} devices, {:.0} values/s:\n\n| pages | CPU s/s | memory MiB | MB/s to pages | turn to event p50 ms | p99 ms |\n|---:|---:|---:|---:|---:|---:|",
            bench.devices,
            f64::from(bench.devices) * bench.rate * 8.0
        )?;
        // Every device has spoken once, so that memory holds what it will hold.
        tokio::time::sleep(Duration::from_secs_f64((1.0 / bench.rate).min(30.0))).await;
        let shared = Arc::new(Shared::default());
        for pages in [0, 1, bench.listeners] {
            watch(bench, &server, &shared, pages).await?;
        }
        meter.stop.store(true, Ordering::Relaxed);
        fleet.await.map_err(io::Error::other)?;
        Ok(())
    })
}

/// Opens so many pages, and looks at the server while the fleet and a probe a second speak.
async fn watch(
    bench: &Pages,
    server: &Server,
    shared: &Arc<Shared>,
    pages: usize,
) -> Result<(), Failure> {
    shared.listening.store(0, Ordering::Relaxed);
    let mut open = JoinSet::new();
    for _ in 0..pages {
        open.spawn(listen(server.page, Arc::clone(shared)));
    }
    while shared.listening.load(Ordering::Relaxed) < pages as u64 {
        if let Some(ended) = open.try_join_next() {
            ended.map_err(io::Error::other)??;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (bytes, cpu, begun) =
        (shared.bytes.load(Ordering::Relaxed), cpu_s(server.pid()), clock::stopwatch());
    let mut late = vec![];
    while begun.elapsed().as_secs_f64() < bench.seconds {
        late.extend(probe(server, shared, pages).await?);
        // Longer than a second, since the same second again would be a duplicate that nobody is told of;
        // off the beat of the server's own pauses.
        tokio::time::sleep(Duration::from_millis(1_130)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let used = cpu_s(server.pid()) - cpu;
    let megabytes = (shared.bytes.load(Ordering::Relaxed) - bytes) as f64 / 1e6;
    late.sort_unstable();
    let ms = |share: f64| {
        let at = (late.len() as f64 * share) as usize;
        late.get(at)
            .map_or_else(|| "—".to_owned(), |late| format!("{:.0}", late.as_secs_f64() * 1e3))
    };
    writeln!(
        io::stdout(),
        "| {pages} | {:.3} | {:.0} | {:.2} | {} | {} |",
        used / seconds,
        memory_mib(server.pid()),
        megabytes / seconds,
        ms(0.5),
        ms(0.99)
    )?;
    if let Some(ended) = open.try_join_next() {
        ended.map_err(io::Error::other)??;
    }
    Ok(())
}

/// Sends one reading as the first device and waits until every page has heard it: how long after the
/// acknowledgement (the turn is over then) each of them did.
async fn probe(server: &Server, shared: &Shared, pages: usize) -> Result<Vec<Duration>, Failure> {
    let time = clock::now().floor(SECOND_MS);
    let number = shared.probe.lock().unwrap_or_else(PoisonError::into_inner).number + 1;
    let probe = Arc::new(Probe { number, text: text_of(time) });
    *shared.probe.lock().unwrap_or_else(PoisonError::into_inner) = probe;
    let options = Options {
        address: server.devices,
        connections: 1,
        window: 1,
        rate: None,
        duration: None,
        frames: Some(1),
        patience: Duration::from_secs(5),
    };
    let clock = Clock::new(ZONE, clock::now)?;
    let plan = Plan::new(1, 2011, 8, time)?;
    fleet::run(plan, options, clock, Arc::new(Meter::default())).await;
    let turn = clock::stopwatch();
    while turn.elapsed() < Duration::from_secs(10) {
        {
            let mut heard = shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
            let ours = heard.iter().filter(|(of, _)| *of == number);
            let late: Vec<_> = ours.map(|(_, at)| at.saturating_duration_since(turn)).collect();
            if late.len() >= pages {
                heard.clear();
                return Ok(late);
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(io::Error::other("a page did not hear of a reading within 10 s").into())
}

async fn listen(page: SocketAddr, shared: Arc<Shared>) -> io::Result<()> {
    let mut stream = TcpStream::connect(page).await?;
    stream.write_all(b"GET /api/v1/events HTTP/1.1\r\nHost: bench\r\n\r\n").await?;
    let mut buffer = vec![0; 64 * 1_024];
    // What is kept of the chunk before: the text may be cut in two.
    let (mut kept, mut last) = (0, 0);
    let mut is_first = true;
    loop {
        let count = stream.read(&mut buffer[kept..]).await?;
        if count == 0 || (is_first && !buffer.starts_with(b"HTTP/1.1 200")) {
            return Err(io::Error::other("a page lost its stream, or was refused"));
        }
        if is_first {
            shared.listening.fetch_add(1, Ordering::Relaxed);
            is_first = false;
        }
        shared.bytes.fetch_add(count as u64, Ordering::Relaxed);
        let probe = Arc::clone(&shared.probe.lock().unwrap_or_else(PoisonError::into_inner));
        let filled = kept + count;
        let size = probe.text.len().max(1);
        if probe.number > last && buffer[..filled].windows(size).any(|text| text == probe.text) {
            last = probe.number;
            let mut heard = shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push((last, clock::stopwatch()));
        }
        kept = filled.min(size - 1);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

fn text_of(time: Timestamp) -> Vec<u8> {
    format!("\"time\":\"{time}\"").into_bytes()
}

/// Processor seconds that a process has used; 0 where the system does not tell.
fn cpu_s(pid: u32) -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    // `utime` and `stime` are the 14th and 15th; the name was the second.
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS_A_SECOND
}

/// Memory of a process that is not swapped out; 0 where the system does not tell.
fn memory_mib(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1_024.0
}
