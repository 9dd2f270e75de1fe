//! Open pages: what live updates cost the server, and how long the map's answers take and are.

mod live;

use super::child::{Scratch, Server, write_scratch_registry};
use super::client::{Client, Reply};
use crate::cli::Failure;
use crate::clock;
use crate::device::registry_of;
use clap::Args;
use engine::RegistryFile;
use gateway::device::fleet::Plan;
use model::{HOUR_MS, Timestamp};
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Zone of times on the wire.
const ZONE: &str = "Asia/Shanghai";
/// South-western corner and sides, in degrees, of a square of 99 km² at this latitude.
const SQUARE: ([f64; 2], [f64; 2]) = ([114.0, 22.5], [0.0967, 0.0895]);

/// What open pages cost and how long the map's answers take.
#[derive(Args, Debug)]
pub struct Pages {
    /// Pages that listen to live updates.
    #[arg(long = "pages", default_value_t = 500)]
    pub listeners: usize,
    /// Devices that send meanwhile.
    #[arg(long, default_value_t = 500)]
    pub devices: u32,
    /// Frames of 8 values that each device sends a second: one in ten seconds unless named.
    #[arg(long, default_value_t = 0.1)]
    pub rate: f64,
    /// How long to watch the server, in seconds, without pages and with them.
    #[arg(long, default_value_t = 20.0)]
    pub seconds: f64,
    /// Repeated questions of each kind; the median is printed.
    #[arg(long, default_value_t = 9)]
    pub rounds: usize,
    /// Days that the simulated zone has filled.
    #[arg(long, default_value_t = 7)]
    pub days: u32,
    /// Places of the large registries; may be repeated.
    #[arg(long, default_values_t = [5_000, 50_000])]
    pub places: Vec<u32>,
}

impl Pages {
    /// Measures live updates, then the map of the simulated zone, then large registries.
    ///
    /// # Errors
    /// When a server cannot be started or answers with an error.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        live::measure(self)?;
        head("question", "simulated zone")?;
        self.zone()?;
        for &count in &self.places {
            head("question", &format!("{count} places, without readings"))?;
            self.large(count)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn zone(&self) -> Result<(), Failure> {
        let demo = Demo::start(self.days)?;
        let from = (clock::now() - i64::from(self.days) * 24 * HOUR_MS).floor(HOUR_MS);
        let range = format!("from={from}&to={}", clock::now().floor(HOUR_MS));
        let at = (clock::now() - HOUR_MS).floor(HOUR_MS);
        for path in [
            format!("/map/frames?parameter=aqi&{range}"),
            format!("/map/frames?parameter=pm25&{range}"),
            format!("/map/strip?{range}"),
            format!("/map/field?parameter=pm25&at={at}"),
            "/places".to_owned(),
        ] {
            self.row(demo.page, &path)?;
        }
        self.unchanged(demo.page, &format!("/map/frames?parameter=pm25&{range}"))?;
        self.unchanged(demo.page, "/parameters")
    }

    fn large(&self, count: u32) -> Result<(), Failure> {
        let scratch = Scratch::new("pages")?;
        let plan = Plan::new(count, 2011, 1, Timestamp::from_ms(0))?;
        let registry = RegistryFile { devices: vec![], ..on_a_square(&plan) };
        write_scratch_registry(&scratch, &registry)?;
        let server = Server::start(&scratch)?;
        let [west, south] = SQUARE.0;
        for path in ["/places", "/places?points=false"] {
            self.row(server.page, path)?;
        }
        for zoom in [10, 13, 15] {
            let (x, y) = tile_of(west + 0.05, south + 0.05, zoom);
            self.row(server.page, &format!("/map/tiles/{zoom}/{x}/{y}"))?;
        }
        Ok(())
    }

    /// A row: the first answer, then the medians of repeated ones, plain and compressed.
    fn row(&self, page: SocketAddr, path: &str) -> Result<(), Failure> {
        let mut client = Client::new(page)?;
        let (first, _) = timed(&mut client, path, "")?;
        let mut medians = vec![];
        let mut bytes = vec![];
        for headers in ["", "Accept-Encoding: gzip\r\n"] {
            let mut times = vec![];
            let mut last = Reply::default();
            for _ in 0..self.rounds.max(1) {
                let (ms, reply) = timed(&mut client, path, headers)?;
                times.push(ms);
                last = reply;
            }
            times.sort_by(f64::total_cmp);
            medians.push(times[times.len() / 2]);
            bytes.push(last.bytes);
        }
        writeln!(
            io::stdout(),
            "| `{}` | {first:.1} | {:.1} | {} | {:.1} | {} |",
            path.split("from=").next().unwrap_or(path),
            medians[0],
            bytes[0],
            medians[1],
            bytes[1]
        )?;
        Ok(())
    }

    /// How many answers a second say that nothing changed.
    fn unchanged(&self, page: SocketAddr, path: &str) -> Result<(), Failure> {
        const CONNECTIONS: usize = 8;
        let until = Duration::from_secs_f64((self.seconds / 5.0).max(1.0));
        let (same, other) = (AtomicU64::new(0), AtomicU64::new(0));
        let begun = clock::stopwatch();
        let ask = || -> io::Result<()> {
            let mut client = Client::new(page)?;
            let mut tag = client.get(path, "")?.tag;
            while begun.elapsed() < until {
                let reply = client.get(path, &format!("If-None-Match: {tag}\r\n"))?;
                let count = if reply.status == 304 { &same } else { &other };
                count.fetch_add(1, Ordering::Relaxed);
                // The zone lives on meanwhile: what changed comes once, with its new tag.
                tag = reply.tag;
            }
            Ok(())
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for result in results {
            result.map_err(|_| io::Error::other("a thread that asks came to grief"))??;
        }
        let seconds = begun.elapsed().as_secs_f64();
        let (same, other) = (same.into_inner(), other.into_inner());
        let path = path.split("from=").next().unwrap_or(path);
        writeln!(
            io::stdout(),
            "\n304 of `{path}` on {CONNECTIONS} connections: {:.0} a second ({other} were whole answers)",
            same as f64 / seconds
        )?;
        Ok(())
    }
}

fn head(question: &str, what: &str) -> io::Result<()> {
    writeln!(
        io::stdout(),
        "\n{what}:\n\n| {question} | first ms | again ms | bytes | gzip ms | gzip bytes |\n|---|---:|---:|---:|---:|---:|"
    )
}

/// An answer that must be a success, and how long it took in ms.
fn timed(client: &mut Client, path: &str, headers: &str) -> io::Result<(f64, Reply)> {
    let begun = clock::stopwatch();
    let reply = client.get(path, headers)?;
    if reply.status == 200 {
        return Ok((begun.elapsed().as_secs_f64() * 1_000.0, reply));
    }
    Err(io::Error::other(format!("{path}: the server answered {}", reply.status)))
}

/// The places of a plan, evenly on a square of 99 km² that is one area.
fn on_a_square(plan: &Plan) -> RegistryFile {
    let mut registry = registry_of(plan.roster());
    let ([west, south], [width, height]) = SQUARE;
    let (east, north) = (west + width, south + height);
    for area in &mut registry.areas {
        area.ring = vec![[west, south], [east, south], [east, north], [west, north], [west, south]];
    }
    let side = f64::from(plan.devices).sqrt().ceil();
    for (number, place) in registry.places.iter_mut().enumerate() {
        let number = number as f64;
        place.lon = west + width * ((number % side + 0.5) / side);
        place.lat = south + height * (((number / side).floor() + 0.5) / side);
    }
    registry
}

/// The tile of a position.
fn tile_of(lon: f64, lat: f64, zoom: u32) -> (u32, u32) {
    let side = f64::from(1_u32 << zoom);
    let y = lat.to_radians().tan().asinh() / std::f64::consts::PI;
    ((((lon + 180.0) / 360.0) * side) as u32, ((1.0 - y) / 2.0 * side) as u32)
}

/// `skyriver demo` in a process of its own, filled and live.
struct Demo {
    child: Child,
    page: SocketAddr,
    _scratch: Scratch,
}

impl Demo {
    fn start(days: u32) -> Result<Self, Failure> {
        let scratch = Scratch::new("zone")?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["demo", "--print-url", "--days", &days.to_string(), "--keep"])
            .arg(scratch.data())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines());
        let url = lines.map_while(Result::ok).find(|line| line.starts_with("http://"));
        let address = url.as_deref().and_then(|url| url.trim_matches('/').rsplit('/').next());
        if let Some(page) = address.and_then(|address| address.parse().ok()) {
            return Ok(Self { child, page, _scratch: scratch });
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(io::Error::other("the demo ended before its page was there").into())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
