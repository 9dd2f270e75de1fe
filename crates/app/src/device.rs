//! `skyriver device`: be a device, or ten thousand, against any HJ 212 host.

use crate::cli::Failure;
use crate::clock;
use crate::config::write_registry;
use crate::serve::runtime;
use clap::{Args, Subcommand};
use engine::RegistryFile;
use gateway::device::Options as ClientOptions;
use gateway::device::fleet::{self, Plan};
use gateway::device::replay::{self, Roster};
use gateway::hj212::Clock;
use model::Timestamp;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The zone of times in files and on the wire.
const ZONE: &str = "Asia/Shanghai";

/// Be a device, or ten thousand.
#[derive(Subcommand, Debug)]
pub enum DeviceCommand {
    /// Send files of real readings as the devices that took them.
    Replay(Replay),
    /// Send made-up readings from many devices, and account for what was acknowledged.
    Fleet(Fleet),
}

/// Send files of real readings as the devices that took them.
///
/// Knows the hourly Beijing multi-site CSV, the national hourly CSV, and a generic CSV
/// `time,device,parameter,value[,flag]`; plain or gzip. Write the registry first and give it to the
/// server: devices that nobody registered are never answered.
#[derive(Args, Debug)]
pub struct Replay {
    /// A file, or a folder of files.
    pub path: PathBuf,
    /// Where the host listens for HJ 212.
    #[arg(long, default_value = "127.0.0.1:9212")]
    pub server: SocketAddr,
    /// Write the registry of these devices (TOML) to this file, and send nothing.
    #[arg(long, value_name = "FILE")]
    pub registry_out: Option<PathBuf>,
    /// Only readings from this instant on, for example 2015-01-01T00:00:00+08:00.
    #[arg(long, value_parser = instant)]
    pub from: Option<Timestamp>,
    /// Only readings before this instant.
    #[arg(long, value_parser = instant)]
    pub to: Option<Timestamp>,
    /// Connections that the devices share.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub connections: u32,
    /// Frames that may be unanswered on each connection.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub window: u32,
    /// The account as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Send made-up readings from many devices, and account for what was acknowledged.
#[derive(Args, Debug)]
pub struct Fleet {
    /// How many devices.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub devices: u32,
    /// Where the host listens for HJ 212.
    #[arg(long, default_value = "127.0.0.1:9212")]
    pub server: SocketAddr,
    /// Write the registry of these devices (TOML) to this file, and send nothing.
    #[arg(long, value_name = "FILE")]
    pub registry_out: Option<PathBuf>,
    /// Connections; as many as devices unless named.
    #[arg(long)]
    pub connections: Option<u32>,
    /// Frames per second and device; as fast as they are acknowledged unless named.
    #[arg(long)]
    pub rate: Option<f64>,
    /// Values in each frame.
    #[arg(long, default_value_t = 8)]
    pub values: usize,
    /// Command: 2011 (instants, a second apart) or 2051 (minutes).
    #[arg(long, default_value_t = 2011)]
    pub cn: u16,
    /// How long to send, in seconds.
    #[arg(long, default_value_t = 10.0)]
    pub seconds: f64,
    /// Send this many frames from each device, however long it takes.
    #[arg(long)]
    pub frames: Option<u64>,
    /// Time of the first reading; a day ago unless named.
    #[arg(long, value_parser = instant)]
    pub start: Option<Timestamp>,
    /// Frames that may be unanswered on each connection.
    #[arg(long, default_value_t = 64)]
    pub window: usize,
    /// Write how many frames of each device were acknowledged to this file: `mn,frames`.
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// The account as one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl DeviceCommand {
    /// Does it. The exit code says whether everything that was sent was acknowledged.
    ///
    /// # Errors
    /// When files cannot be read, the host is not there, or an option makes no sense.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Self::Replay(replay) => replay.run(),
            Self::Fleet(fleet) => fleet.run(),
        }
    }
}

impl Replay {
    fn run(&self) -> Result<ExitCode, Failure> {
        let clock = Clock::new(ZONE, clock::now)?;
        let range = replay::Range { from: self.from, to: self.to };
        let source = replay::load(&self.path, &clock, range)?;
        if let Some(file) = &self.registry_out {
            return write_roster(source.roster, file);
        }
        let rows = source.rows.len();
        let client = ClientOptions { window: self.window as usize, ..ClientOptions::default() };
        let options = replay::Options {
            address: self.server,
            connections: self.connections as usize,
            client,
        };
        let meter = Arc::new(replay::Meter::default());
        let progress = |meter: &replay::Meter| {
            format!("{} of {rows} hours acknowledged", meter.acknowledged.load(Ordering::Relaxed))
        };
        let account = runtime()?.block_on(async {
            let sent = replay::run(source, clock, options, Arc::clone(&meter));
            with_progress(sent, || progress(&meter)).await
        })?;
        let is_whole = account.frames_acknowledged == account.frames_sent;
        if self.json {
            out(&format!("{}\n", json!({ "rows": rows, "account": account })))?;
        } else {
            out(&format!(
                "rows {rows}  frames sent {}  acknowledged {}  resent {}\nreadings sent {}  acknowledged {}\n",
                account.frames_sent,
                account.frames_acknowledged,
                account.frames_resent,
                account.readings_sent,
                account.readings_acknowledged
            ))?;
        }
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Fleet {
    fn run(&self) -> Result<ExitCode, Failure> {
        let start =
            self.start.unwrap_or_else(|| (clock::now() - model::DAY_MS).floor(model::MINUTE_MS));
        let plan = Plan::new(self.devices, self.cn, self.values, start)?;
        if let Some(file) = &self.registry_out {
            return write_roster(plan.roster(), file);
        }
        let seconds = self.seconds.clamp(0.1, 86_400.0);
        let duration = self.frames.is_none().then(|| Duration::from_secs_f64(seconds));
        let options = fleet::Options {
            address: self.server,
            connections: self.connections.unwrap_or(self.devices),
            window: self.window,
            rate: self.rate,
            duration,
            frames: self.frames,
            patience: Duration::from_secs(30),
        };
        let clock = Clock::new(ZONE, clock::now)?;
        let meter = Arc::new(fleet::Meter::default());
        let account = runtime()?.block_on(async {
            let sent = fleet::run(plan.clone(), options, clock, Arc::clone(&meter));
            let progress = || {
                let connections = meter.connections.load(Ordering::Relaxed);
                let frames = meter.acknowledged.load(Ordering::Relaxed);
                format!("{connections} connections, {frames} frames acknowledged")
            };
            with_progress(sent, progress).await
        });
        if let Some(journal) = &self.journal {
            account.write_journal(&plan, journal)?;
        }
        if self.json {
            out(&format!("{}\n", fleet_json(&account)))?;
        } else {
            out(&format!("{account}\n"))?;
        }
        let is_whole = account.broken == 0 && account.frames_acknowledged == account.frames_sent;
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The account of a fleet for programs: counts, seconds, milliseconds.
pub fn fleet_json(account: &fleet::Account) -> serde_json::Value {
    let ms = |share| account.latency.quantile_us(share) as f64 / 1_000.0;
    json!({
        "devices": account.devices,
        "connections": account.connections,
        "broken": account.broken,
        "frames_sent": account.frames_sent,
        "frames_acknowledged": account.frames_acknowledged,
        "values_acknowledged": account.values_acknowledged,
        "elapsed_s": account.elapsed.as_secs_f64(),
        "values_per_s": account.values_per_s(),
        "acknowledged_ms": { "p50": ms(0.5), "p90": ms(0.9), "p99": ms(0.99) },
    })
}

/// A roster as the registry of a server.
pub fn registry_of(roster: Roster) -> RegistryFile {
    RegistryFile {
        areas: roster.areas,
        lines: roster.lines,
        places: roster.places,
        devices: roster.devices,
    }
}

fn write_roster(roster: Roster, file: &std::path::Path) -> Result<ExitCode, Failure> {
    let registry = registry_of(roster);
    std::fs::write(file, write_registry(&registry)?)?;
    eprintln!("{}: {} devices", file.display(), registry.devices.len());
    Ok(ExitCode::SUCCESS)
}

/// Does something long; shows how far it is when somebody looks.
async fn with_progress<T>(work: impl Future<Output = T>, progress: impl Fn() -> String) -> T {
    tokio::pin!(work);
    let is_watched = std::io::stderr().is_terminal();
    loop {
        tokio::select! {
            done = &mut work => {
                if is_watched {
                    eprintln!("\r{}   ", progress());
                }
                return done;
            }
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                if is_watched {
                    eprint!("\r{}   ", progress());
                    let _ = std::io::stderr().flush();
                }
            }
        }
    }
}

fn out(text: &str) -> std::io::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse::<jiff::Timestamp>()
        .map(|at| Timestamp::from_ms(at.as_millisecond()))
        .map_err(|_| format!("`{text}` is no instant; write it as 2015-01-01T00:00:00+08:00"))
}
