//! `skyriver demo`: a whole district on this machine. Devices connect over real sockets, speak HJ 212,
//! are answered after the commit; the page is at the printed URL.

mod crowd;
mod emergency;
mod indicators;
mod people;
mod programmes;
mod real;
mod rivers;

use crate::cli::Failure;
use crate::clock;
use crate::config::{Bbox, Config, LogLevel};
use crate::serve::{self, Server};
use clap::Args;
use crowd::Crowd;
use engine::RegistryFile;
use gateway::device::replay::Meter;
use model::{Counted, DAY_MS, HOUR_MS, LedgerTotals, Role, SECOND_MS, Timestamp};
use real::Real;
use sim::{History, Scenario, Settings, Zone};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Live uploads are prepared this far ahead.
const AHEAD_MS: i64 = 5 * SECOND_MS;

/// Show the whole loop over real sockets, on the simulated zone or on real readings.
#[derive(Args, Debug)]
pub struct Demo {
    /// Replay the real readings of this folder instead of the simulated zone.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Port of the page; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Days of the past to fill before the zone goes live.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i64).range(1..=366))]
    pub days: i64,
    /// The world's seed: weather, sources, noise and faults follow from it.
    #[arg(long, default_value_t = 99)]
    pub seed: u64,
    /// What happens in the world: the name of a scenario that comes with the program, or a file; most of
    /// it has happened when the page opens.
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "data")]
    pub scenario: Option<String>,
    /// Write what is true in the filled days to this file as CSV: sources, events, faults, positions,
    /// weather, air and water of each hour.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub truth: Option<PathBuf>,
    /// Keep the data directory here instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Print only the URL on standard output; everything else goes to standard error.
    #[arg(long)]
    pub print_url: bool,
    /// Fill the past, print the account, and stop.
    #[arg(long)]
    pub once: bool,
}

impl Demo {
    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// When the server cannot start or a device cannot connect.
    pub fn run(&self) -> Result<(), Failure> {
        let (scratch, dir) = self.directory()?;
        let result = serve::runtime()?.block_on(self.play(dir));
        if let Some(scratch) = scratch {
            let _ = std::fs::remove_dir_all(scratch);
        }
        result
    }

    async fn play(&self, dir: PathBuf) -> Result<(), Failure> {
        let mut config = Config::default();
        config.store.dir = dir;
        config.http.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        config.hj212.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        config.log.level = LogLevel("warn".to_owned());
        crate::log::start(&config.log);
        match &self.data {
            Some(data) => self.play_real(config, data).await,
            None => self.play_simulated(config).await,
        }
    }

    async fn play_simulated(&self, mut config: Config) -> Result<(), Failure> {
        let started = clock::stopwatch();
        let now = clock::now();
        let scenario = self.scenario(now)?;
        let zone = Zone::new(Settings { seed: self.seed, scenario, ..Settings::default() });
        if let Some(path) = &self.truth {
            let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
            zone.write_truth((now - self.days * DAY_MS).floor(HOUR_MS), now, HOUR_MS, &mut file)?;
            file.flush()?;
            eprintln!("the truth of {} days is in {}", self.days, path.display());
        }
        let inventory = zone.registry();
        config.district.name_zh = zone.name().zh;
        config.district.name_en = zone.name().en;
        let [west, south, east, north] = zone.extent();
        config.district.bbox = Some(Bbox { west, south, east, north });
        let registry = RegistryFile {
            areas: inventory.areas,
            lines: inventory.lines,
            places: inventory.places,
            devices: inventory.devices,
        };
        let server = Server::start(&config, &registry).await?;
        let crowd = Crowd::gather(&zone, &registry.devices, server.devices).await?;

        eprintln!(
            "simulated zone: making {} days of {} devices …",
            self.days,
            registry.devices.len()
        );
        let history = History { hours_ms: self.days * DAY_MS, ..History::default() };
        let maker = zone.clone();
        let past = tokio::task::spawn_blocking(move || maker.history(now, history)).await?;
        let total = past.len();
        let said = async {
            crowd.say(past).await;
            crowd.all_answered().await;
        };
        show_progress(|| crowd.answered(), total, said).await;
        server.seal().await?;
        programmes::enter(&server, &registry.areas, &config.district.zone).await?;
        indicators::enter(&server).await?;
        emergency::enter(&server, &config.district.zone).await?;
        let account = account(&server)?;
        eprintln!("filled in {:.1} s: {account}", started.elapsed().as_secs_f64());
        let is_new = server.reader.acts("river", store::Known::Now)?.is_empty();
        if is_new {
            let today = clock::civil_today(&jiff::tz::TimeZone::get("Asia/Shanghai")?);
            let of = (registry.lines.as_slice(), registry.places.as_slice());
            let rivers = rivers::entered(of, &config.store.dir, (clock::now(), today))?;
            server.enter(rivers.acts, ("handler", rivers.patrols)).await?;
        }
        let people = people::gather(&server, self.once).await?;
        self.announce(&server, &people, "simulated zone");
        if !self.once {
            tokio::select! {
                lived = live(&zone, &crowd, now) => lived?,
                () = serve::until_told_to_stop(&server) => (),
            }
        }
        drop(crowd);
        server.stop().await?;
        Ok(())
    }

    /// The scenario that was asked for, or that of the demo.
    fn scenario(&self, now: Timestamp) -> Result<Scenario, Failure> {
        let Some(asked) = &self.scenario else {
            return Ok(Scenario::demo(now));
        };
        if Path::new(asked).is_file() {
            let text = std::fs::read_to_string(asked)?;
            return Ok(Scenario::to_watch(&text, now)?);
        }
        Ok(Scenario::to_watch(Scenario::text(asked)?, now)?)
    }

    async fn play_real(&self, mut config: Config, data: &Path) -> Result<(), Failure> {
        let started = clock::stopwatch();
        eprintln!("real readings: reading {} …", data.display());
        let real = Real::find(data, self.days)?;
        real.stop_clock();
        let registry = real.registry();
        "真实数据回放".clone_into(&mut config.district.name_zh);
        "Replay of real readings".clone_into(&mut config.district.name_en);
        let server = Server::start(&config, &registry).await?;
        let total = real.past_frames();
        eprintln!(
            "{}: {} devices, {total} hours to fill",
            real.folder.display(),
            registry.devices.len()
        );
        let meter = Arc::new(Meter::default());
        let filled = real.fill(server.devices, Arc::clone(&meter));
        show_progress(|| meter.acknowledged.load(Ordering::Relaxed), total, filled).await?;
        server.seal().await?;
        eprintln!("filled in {:.1} s: {}", started.elapsed().as_secs_f64(), account(&server)?);
        let people = people::gather(&server, self.once).await?;
        self.announce(&server, &people, "real readings, an hour in ten seconds");
        if !self.once {
            let lived = async {
                if let Err(error) = real.live(server.devices).await {
                    tracing::error!(error = %error, "the replay ended before its time");
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = lived => (),
                () = serve::until_told_to_stop(&server) => (),
            }
        }
        server.stop().await?;
        Ok(())
    }

    fn announce(&self, server: &Server, people: &[(Role, String)], what: &str) {
        let url = format!("http://{}/", server.http);
        for (role, password) in people {
            eprintln!("  {:<12} {password}", role.name());
        }
        if let Some(text) = serve::first_start(&server.first_start).filter(|_| people.is_empty()) {
            eprintln!("{text}");
        }
        if self.print_url {
            let _ = writeln!(std::io::stdout(), "{url}");
        } else {
            let _ = writeln!(
                std::io::stdout(),
                "\n  {url}\n\n  {what}; devices connect to {}; ctrl-c stops",
                server.devices
            );
        }
    }

    /// The folder for the data, and what is to be removed afterwards.
    fn directory(&self) -> Result<(Option<PathBuf>, PathBuf), Failure> {
        if let Some(keep) = &self.keep {
            return Ok((None, keep.clone()));
        }
        let name = format!("skyriver-demo-{}-{}", std::process::id(), clock::now().as_ms());
        let scratch = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&scratch)?;
        Ok((Some(scratch.clone()), scratch.join("data")))
    }
}

/// Does something long and shows how far it is.
async fn show_progress<T>(
    answered: impl Fn() -> u64,
    total: usize,
    work: impl Future<Output = T>,
) -> T {
    tokio::pin!(work);
    loop {
        let done = tokio::select! {
            done = &mut work => Some(done),
            () = tokio::time::sleep(Duration::from_millis(250)) => None,
        };
        eprint!("\r  {} of {total} uploads acknowledged   ", answered());
        let _ = std::io::stderr().flush();
        if let Some(done) = done {
            eprintln!();
            return done;
        }
    }
}

/// The zone goes on from `from`, each device in its own time.
async fn live(zone: &Zone, crowd: &Crowd, from: Timestamp) -> Result<(), Failure> {
    let mut said_until = from;
    loop {
        let until = clock::now() + AHEAD_MS;
        let maker = zone.clone();
        let next = tokio::task::spawn_blocking(move || maker.uploads(said_until, until)).await?;
        crowd.say(next).await;
        said_until = until;
        tokio::time::sleep(Duration::from_millis(AHEAD_MS as u64 / 2)).await;
    }
}

/// The ledger in one line.
fn account(server: &Server) -> Result<String, store::Error> {
    let (mut frames, mut readings) = (LedgerTotals::default(), LedgerTotals::default());
    let whole = server.reader.ledger(Timestamp::MIN, clock::now() + HOUR_MS)?;
    for entry in whole {
        let totals = if entry.unit == Counted::Frame { &mut frames } else { &mut readings };
        totals.add(entry.disposition, entry.count);
    }
    let line = |what, t: LedgerTotals| {
        format!(
            "{} {what} received = {} stored + {} duplicate + {} rejected + {} quarantined",
            t.received, t.stored, t.duplicate, t.rejected, t.quarantined
        )
    };
    Ok(format!("{}; {}", line("frames", frames), line("readings", readings)))
}
