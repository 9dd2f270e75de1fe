//! The server: store, engine's thread, devices' listener, page and API, wired together.

use crate::audit::Trail;
use crate::clock;
use crate::config::{Config, Loaded, load_registry};
use crate::door::Door;
use crate::http::tls::Files;
use crate::notify::run::Notices;
use crate::sealing::Settling;
use crate::shell::{EngineHealth, QUEUE, Shell, TICK, chain};
use crate::{http, user};
use control::Patrol;
use engine::people::{PeopleChange, Roster, When, holder};
use engine::{Engine, RegistryFile};
use gateway::hj212::{self, Counters, Desk};
use model::{Act, ParameterTable, Role, Scope};
use standards::{Standards, Zone};
use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use store::{Reader, Recovery, Secret, SecretChange, Store};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// How many turns a slow watcher may lag behind before it has to ask anew.
const CHANGES_KEPT: usize = 1_024;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory cannot be used.
    #[error("the data directory cannot be opened")]
    Store(#[from] store::Error),
    /// The registry could not be brought up to its file.
    #[error("the registry could not be installed")]
    Install(#[from] engine::Error),
    /// The law that is built in cannot be read: a defect of this build.
    #[error("the law cannot be loaded")]
    Law(#[from] standards::Error),
    /// The table of parameters cannot be read: a defect of this build.
    #[error("the table of parameters cannot be loaded")]
    Parameters(#[from] model::ParameterTableError),
    /// The zone is not known.
    #[error("district.zone: the time zone is not known")]
    Zone(#[from] standards::PeriodError),
    /// Devices cannot connect.
    #[error("hj212.listen: devices cannot be listened to")]
    Devices(#[from] hj212::Error),
    /// The page cannot be served.
    #[error("http.listen: {address} cannot be listened on")]
    Http {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// TLS is wanted and cannot be spoken.
    #[error("the page cannot be served over TLS")]
    Tls(#[from] http::tls::Error),
    /// A link or a password could not be made.
    #[error("a link or a password cannot be made")]
    User(#[from] user::Error),
    /// The templates or headings of reports are wrong.
    #[error("reports.templates: what is there is not right")]
    Reports(#[from] crate::report::Error),
    /// The ways of notices are not what can be used.
    #[error("{0}")]
    Notify(String),
    /// The rules of the data directory are wrong.
    #[error(transparent)]
    Rules(#[from] crate::rules::Error),
    /// A thread or the runtime could not be started.
    #[error("the server's threads cannot be started")]
    Threads(#[from] std::io::Error),
    /// The engine's thread ended before its time; the log says why.
    #[error("the engine's thread ended before its time")]
    EngineGone,
}

/// A running server.
pub struct Server {
    /// Where the page and the API are.
    pub http: SocketAddr,
    /// Where devices connect.
    pub devices: SocketAddr,
    /// What was found in the data directory.
    pub recovery: Recovery,
    /// Reads what is kept.
    pub reader: Reader,
    gateway: hj212::Server,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// The links by which the first managers are made, of those that nobody is.
    pub first_start: Vec<(Role, String)>,
    door: Door,
    trail: Arc<Trail>,
    stopping: Arc<AtomicBool>,
    stop_http: oneshot::Sender<()>,
    page: tokio::task::JoinHandle<()>,
    engine: JoinHandle<Result<(), engine::Error>>,
}

/// Reads the templates and headings of reports; each template is tried aside, since setting an example takes a second.
fn try_templates(config: &Config) -> Result<(), Error> {
    config.reports.look()?;
    let reports = config.reports.clone();
    std::thread::Builder::new().name("templates".to_owned()).spawn(move || {
        match reports.check() {
            Ok(None) => (),
            Ok(Some(count)) => tracing::info!(count, "templates of reports are sound"),
            Err(error) => {
                let told = crate::shell::chain(&error);
                tracing::error!(error = %told, "a template of reports is not right");
            }
        }
    })?;
    Ok(())
}

impl Server {
    /// Opens the data directory, starts the engine's thread and both listeners.
    ///
    /// # Errors
    /// When the directory cannot be opened (another server has it, a newer version wrote it, it cannot
    /// be written), an address is taken, or this build is defective.
    pub async fn start(config: &Config, file: &RegistryFile) -> Result<Self, Error> {
        try_templates(config)?;
        let Opened { mut engine, recovery, law, zone, zone_name } = open(config, file)?;
        let (roster, desk) = (engine.roster(clock::now())?, engine.desk()?);
        let rules = crate::rules::of_directory(&config.store.dir)?;
        let (board, warnings) = (engine.watch_by(rules.clone())?, engine.warnings()?);
        let (reader, book) = (engine.reader(), engine.book());
        tell_unknown_areas(config, &reader);
        let (arrivals_in, arrivals) = mpsc::channel(QUEUE);
        let (tasks_in, tasks) = mpsc::channel(16);
        let (changes, watching) = broadcast::channel(CHANGES_KEPT);
        let health = Arc::new(EngineHealth::default());
        let stopping = Arc::new(AtomicBool::new(false));
        let shell = Shell {
            engine,
            arrivals,
            tasks,
            changes,
            health: Arc::clone(&health),
            stopping: Arc::clone(&stopping),
            settling: settling(config),
            tick: TICK,
        };
        let runtime = tokio::runtime::Handle::current();
        let engine = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || shell.run(&runtime))?;

        let (registry, registry_seen) = watch::channel(Arc::new(reader.view().registry().clone()));
        let door = Door::new(tasks_in, registry, reader.clone());
        let setup_tokens = setup_tokens(&roster)?;
        let tls = tls_files(config)?;
        let mut sign_in = config.sign_in.clone();
        sign_in.behind_tls |= tls.is_some();
        let devices = device_config(config, &zone_name);
        let notices = Notices::open(&config.notify, &reader).map_err(Error::Notify)?;
        let counters = Arc::new(Counters::default());
        let trail = Arc::new(Trail::default());
        let gateway = hj212::Server::bind(devices, registry_seen, arrivals_in, counters).await?;
        let setup = http::Setup {
            reader: reader.clone(),
            law: Arc::new(law),
            book,
            dust: config.dust.clone(),
            parameters: Arc::new(ParameterTable::builtin()?),
            district: district(config, zone, zone_name),
            limits: config.http.limits.clone(),
            now: clock::now,
            changes: watching,
            engine: health,
            gateway: look_at(gateway.desk()),
            door: door.clone(),
            sign_in,
            setup_tokens: setup_tokens.clone(),
            roster: Arc::clone(&roster),
            desk,
            board,
            warnings,
            rules: Arc::new(rules),
            is_public: config.http.public,
            proxy: config.http.proxy,
            tls: tls.clone(),
            trail: Arc::clone(&trail),
            data_dir: config.store.dir.clone(),
            reports: config.reports.clone(),
            notices,
        };
        let (http, page, stop_http) = serve_page(config.http.listen, setup).await?;
        Ok(Self {
            http,
            devices: gateway.address(),
            recovery,
            reader,
            gateway,
            roster,
            first_start: links(http, tls.is_some(), setup_tokens),
            door,
            trail,
            stopping,
            stop_http,
            page,
            engine,
        })
    }

    /// Brings the registry up to a file; devices of it are known from then on.
    ///
    /// # Errors
    /// When the store cannot write, or the engine has stopped.
    pub async fn install(&self, file: RegistryFile) -> Result<usize, Error> {
        let installed = self.door.ask(move |engine, now| engine.install(now, &file)).await;
        Ok(installed.map_err(|_| Error::EngineGone)??)
    }

    /// Makes an account that holds one role within a scope, and belongs to the unit of that scope.
    ///
    /// # Errors
    /// When there is such an account, the store cannot write, or the engine has stopped.
    pub async fn add(
        &self,
        name: &str,
        role: Role,
        scope: Scope,
        password: &str,
    ) -> Result<(), Error> {
        let (kind, key) = (user::PASSWORD.to_owned(), name.to_owned());
        let secret = SecretChange::Put(Secret { kind, key, value: user::hash(password)? });
        let (mut account, mut grant) = holder(name, role);
        account.unit = scope.unit.clone().unwrap_or_default();
        grant.scope = scope;
        let changes = vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
        self.change_people(changes, vec![secret]).await
    }

    /// Changes units, accounts and roles, as the demo.
    ///
    /// # Errors
    /// When a change is refused, the store cannot write, or the engine has stopped.
    pub async fn change_people(
        &self,
        changes: Vec<PeopleChange>,
        secrets: Vec<SecretChange>,
    ) -> Result<(), Error> {
        let made = self.door.ask(move |engine, now| {
            engine.change_people(now, "the demo", changes, secrets, When::Always)
        });
        made.await.map_err(|_| Error::EngineGone)??;
        Ok(())
    }

    /// Keeps what somebody of the demo enters: acts, and patrols of an account.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub async fn enter(
        &self,
        acts: Vec<Act>,
        (who, patrols): (&str, Vec<Patrol>),
    ) -> Result<(), Error> {
        let who = who.to_owned();
        let kept = self.door.ask(move |engine, now| {
            engine.act(now, acts)?;
            patrols.iter().try_for_each(|one| engine.keep_patrol(now, &who, one).map(|_| ()))
        });
        kept.await.map_err(|_| Error::EngineGone)??;
        Ok(())
    }

    /// Seals every settled day now, and returns when that is done.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn seal(&self) -> Result<(), Error> {
        self.door.seal().await.map_err(|_| Error::EngineGone)
    }

    /// Keeps acts, as one turn.
    ///
    /// # Errors
    /// When the store cannot write, or the engine has stopped.
    pub async fn act(&self, acts: Vec<Act>) -> Result<(), Error> {
        let made = self.door.ask(move |engine, now| engine.act(now, acts));
        made.await.map_err(|_| Error::EngineGone)??;
        Ok(())
    }

    /// Whether the engine's thread still runs.
    pub fn is_running(&self) -> bool {
        !self.engine.is_finished()
    }

    /// Stops: accepts nothing new, finishes and answers what is in flight, closes.
    ///
    /// # Errors
    /// When the engine had stopped because a turn would have broken a promise.
    pub async fn stop(self) -> Result<(), Error> {
        self.trail.keep(&self.door, u64::MAX, true).await;
        self.stopping.store(true, Ordering::Relaxed);
        self.gateway.stop().await;
        let _ = self.stop_http.send(());
        let engine = self.engine;
        let joined = tokio::task::spawn_blocking(move || engine.join()).await;
        let _ = self.page.await;
        match joined {
            Ok(Ok(result)) => Ok(result?),
            _ => Err(Error::EngineGone),
        }
    }
}

/// A data directory in use, and what judges it.
struct Opened {
    engine: Engine,
    recovery: Recovery,
    law: Standards,
    zone: Zone,
    zone_name: String,
}

/// How days settle.
pub fn settling(config: &Config) -> Settling {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Settling {
        seal_after_h: whole(config.store.seal_after_h),
        keep_frames_days: whole(config.store.keep_frames_days),
    }
}

/// The engine over a data directory that no server uses.
///
/// # Errors
/// When the directory cannot be opened: a server uses it, or it cannot be written.
pub fn open_engine(config: &Config) -> Result<Engine, Error> {
    Ok(open(config, &RegistryFile::default())?.engine)
}

/// Opens the data directory and brings its registry up to the file.
fn open(config: &Config, file: &RegistryFile) -> Result<Opened, Error> {
    let (store, recovery) = Store::open(&config.store.dir, store::Limits::default())?;
    for damage in &recovery.damaged {
        tracing::error!(what = %damage.what, why = %damage.why, "damaged; the rest is served");
    }
    let zone_name = config.district.zone.iana_name().unwrap_or("UTC").to_owned();
    let zone = Zone::named(&zone_name)?;
    let law = Standards::load()?;
    let now = clock::now();
    let limits = engine::Limits::default();
    let mut engine = Engine::new(store, law.clone(), zone.clone(), now, limits);
    let installed = engine.install(now, file)?;
    tracing::info!(
        turns = recovery.turns,
        readings = recovery.readings,
        entries_installed = installed,
        "data directory opened"
    );
    Ok(Opened { engine, recovery, law, zone, zone_name })
}

/// Dust weather of an area that nobody registered holds for nothing: that is said, and no reason not to
/// serve.
fn tell_unknown_areas(config: &Config, reader: &Reader) {
    let view = reader.view();
    let areas = &view.registry().areas;
    for area in config.dust.iter().filter_map(|spell| spell.area.as_ref()) {
        if !areas.iter().any(|own| own.key == *area) {
            tracing::warn!(%area, "dust weather names an area that is not registered; it holds for nothing");
        }
    }
}

fn district(config: &Config, zone: Zone, zone_name: String) -> http::District {
    let names = &config.district;
    http::District {
        name: model::Names { zh: names.name_zh.clone(), en: names.name_en.clone() },
        zone_name,
        zone,
        bbox: names.bbox,
    }
}

/// `skyriver serve`: runs until it is told to stop.
///
/// # Errors
/// When the server cannot start, or the engine stopped by itself.
pub fn run(loaded: &Loaded) -> Result<(), crate::cli::Failure> {
    let config = &loaded.config;
    crate::log::start(&config.log);
    let registry = match &config.district.registry {
        Some(path) => load_registry(path)?,
        None => RegistryFile::default(),
    };
    let runtime = runtime()?;
    runtime.block_on(async {
        let server = Server::start(config, &registry).await?;
        tracing::info!(page = %format!("http://{}", server.http), devices = %server.devices, "skyriver serves");
        if let Some(text) = first_start(&server.first_start) {
            // Not a log line: those are kept, and these are keys.
            let _ = writeln!(std::io::stdout(), "{text}");
        }
        until_told_to_stop(&server).await;
        tracing::info!("stopping: finishing what is in flight");
        server.stop().await?;
        tracing::info!("stopped");
        Ok(())
    })
}

/// The files of the certificate, when TLS is wanted; that they can be used is known before anything starts.
fn tls_files(config: &Config) -> Result<Option<Files>, Error> {
    let (cert, key) = (config.http.tls_cert.as_deref(), config.http.tls_key.as_deref());
    let files = Files::of(cert, key)?;
    files.as_ref().map_or(Ok(()), |files| files.load().map(drop))?;
    Ok(files)
}

/// A token for each of the three managers that nobody is.
fn setup_tokens(roster: &Roster) -> Result<Vec<(Role, String)>, Error> {
    let (people, now) = (roster.now(), clock::now());
    let missing = Role::MANAGERS.into_iter().filter(|role| !people.has(*role, now));
    let tokens = missing.map(|role| Ok((role, user::token()?)));
    tokens.collect()
}

fn links(http: SocketAddr, has_tls: bool, tokens: Vec<(Role, String)>) -> Vec<(Role, String)> {
    let scheme = if has_tls { "https" } else { "http" };
    let link = |token| format!("{scheme}://{http}/setup#token={token}");
    tokens.into_iter().map(|(role, token)| (role, link(token))).collect()
}

/// What is said at a start at which some of the three managers are missing.
pub fn first_start(links: &[(Role, String)]) -> Option<String> {
    if links.is_empty() {
        return None;
    }
    let mut text = "  these managers are missing; each link makes one of them, once, three different people\n  \
        缺少以下管理员；每个链接一次有效，请由三人分别使用："
        .to_owned();
    for (role, link) in links {
        let what = match role {
            Role::System => "system · 系统管理员",
            Role::Security => "security · 安全管理员",
            _ => "audit · 审计管理员",
        };
        let _ = write!(text, "\n  {what}\n    {link}");
    }
    Some(text)
}

/// The runtime of sockets and timers.
///
/// # Errors
/// When its threads cannot be started.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Waits for ctrl-c, SIGTERM, or the end of the engine's thread.
pub async fn until_told_to_stop(server: &Server) {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    let died = async {
        while server.is_running() {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        _ = interrupted => (),
        _ = terminated => (),
        () = died => tracing::error!("the engine's thread ended"),
    }
}

fn device_config(config: &Config, zone: &str) -> hj212::Config {
    let limits = &config.hj212.limits;
    let count = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let defaults = hj212::Limits::default();
    hj212::Config {
        listen: config.hj212.listen,
        zone: zone.to_owned(),
        set_clocks: config.hj212.clock.calibrate,
        future_tolerance_ms: i64::try_from(limits.future_s_max * 1_000).unwrap_or(i64::MAX),
        limits: hj212::Limits {
            connections_max: count(limits.connections_max),
            frame_bytes_max: count(limits.frame_bytes_max),
            frame_readings_max: count(limits.frame_readings_max),
            idle_ms: limits.idle_s_max * 1_000,
            ..defaults
        },
        now: clock::now,
        ..hj212::Config::default()
    }
}

fn look_at(desk: Desk) -> Box<dyn Fn() -> http::Gateway + Send + Sync> {
    Box::new(move || http::Gateway {
        counters: desk.counters().snapshot(),
        problems: desk.counters().problems(),
        sessions: desk.sessions(),
        strangers: desk.strangers(),
    })
}

async fn serve_page(
    address: SocketAddr,
    setup: http::Setup,
) -> Result<(SocketAddr, tokio::task::JoinHandle<()>, oneshot::Sender<()>), Error> {
    let failed = |source| Error::Http { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let (stop, stopped) = oneshot::channel();
    let page = tokio::spawn(async move {
        let served = http::serve(listener, setup, async {
            let _ = stopped.await;
        });
        if let Err(error) = served.await {
            tracing::error!(error = %chain(&error), "the page is no longer served");
        }
    });
    Ok((bound, page, stop))
}
