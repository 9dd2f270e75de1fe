//! What the handlers answer from, and how a question that may touch the disk is asked.

use super::analysis::Forecasts;
use super::cases::Importing;
use super::error::{Answer, ApiError};
use super::events::Hub;
use super::limits::Limits;
use super::map::{Block, Blocks, DayVersion, StripDay};
use super::rate::Rates;
use super::session::Users;
use super::tls::Files;
use crate::audit::Trail;
use crate::config::Bbox;
use crate::config::Reports;
use crate::door::Door;
use crate::notify::run::Notices;
use crate::shell::{Changes, EngineHealth};
use crate::user::sessions::Limits as SignIn;
use crate::words::Words;
use axum::http::StatusCode;
use detect::Rules;
use engine::assess::{Book, DustSpell};
use engine::desk::Desk;
use engine::emergency::Warnings;
use engine::people::Roster;
use engine::watch::Board;
use gateway::hj212::{CountersSnapshot, ProblemCount, SessionView, StrangerView};
use model::{Names, ParameterTable, Place, PlaceId, Registry, Role, Timestamp};
use space::field::Process;
use standards::{Standards, Zone};
use std::net::IpAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use store::Reader;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

/// Days of the strip that are kept ready.
const STRIPS_KEPT: u64 = 400;
/// Processes that are kept ready: a month of days for a handful of parameters.
const PROCESSES_KEPT: u64 = 200;

/// What the HTTP side is set up with.
pub struct Setup {
    /// Reads what is kept.
    pub reader: Reader,
    /// The law.
    pub law: Arc<Standards>,
    /// The judged days, kept right by the engine.
    pub book: Arc<Book>,
    /// Days of dust weather, as they were approved.
    pub dust: Vec<DustSpell>,
    /// What can be measured.
    pub parameters: Arc<ParameterTable>,
    /// Whose air and water.
    pub district: District,
    /// Bounds.
    pub limits: Limits,
    /// The clock.
    pub now: fn() -> Timestamp,
    /// Where the engine's thread tells of its turns. When its last sender is gone, live streams end.
    pub changes: broadcast::Receiver<Arc<Changes>>,
    /// How the engine's thread is doing.
    pub engine: Arc<EngineHealth>,
    /// Looks at the listeners of devices.
    pub gateway: Box<dyn Fn() -> Gateway + Send + Sync>,
    /// The way to the engine.
    pub door: Door,
    /// How long somebody stays signed in.
    pub sign_in: SignIn,
    /// The tokens of the links by which the first managers are made, of those that nobody is.
    pub setup_tokens: Vec<(Role, String)>,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// Cases, kept right by the engine.
    pub desk: Arc<Desk>,
    /// Findings and known work, kept right by the engine.
    pub board: Arc<Board>,
    /// Emergency response, kept right by the engine.
    pub warnings: Arc<Warnings>,
    /// The rules by which is watched.
    pub rules: Arc<Rules>,
    /// Whether those who are not signed in may look.
    pub is_public: bool,
    /// The certificate, when TLS is spoken.
    pub tls: Option<Files>,
    /// The proxy whose word on where a request came from is believed.
    pub proxy: Option<IpAddr>,
    /// Where the audit trail gathers its lines.
    pub trail: Arc<Trail>,
    /// Where base map and photos lie.
    pub data_dir: PathBuf,
    /// Which reports are made by themselves, and how they are set.
    pub reports: Reports,
    /// Notices: their ways, and what waits for them.
    pub notices: Notices,
}

/// Whose air and water.
#[derive(Clone, Debug)]
pub struct District {
    /// Its names.
    pub name: Names,
    /// Its zone, by name.
    pub zone_name: String,
    /// Its zone.
    pub zone: Zone,
    /// Extent of the map; `None`: around what is registered.
    pub bbox: Option<Bbox>,
}

/// The listeners of devices at one moment.
#[derive(Clone, Debug, Default)]
pub struct Gateway {
    /// Running counts.
    pub counters: CountersSnapshot,
    /// What was wrong, how often.
    pub problems: Vec<ProblemCount>,
    /// Devices that were heard.
    pub sessions: Vec<SessionView>,
    /// Those nobody registered.
    pub strangers: Vec<StrangerView>,
}

/// What every handler has. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// The inside of [`AppState`].
pub struct Inner {
    /// Reads what is kept.
    pub reader: Reader,
    /// The law.
    pub law: Arc<Standards>,
    /// The judged days, kept right by the engine.
    pub book: Arc<Book>,
    /// Days of dust weather, as they were approved.
    pub dust: Vec<DustSpell>,
    /// What can be measured.
    pub parameters: Arc<ParameterTable>,
    /// Whose air and water.
    pub district: District,
    /// Bounds.
    pub limits: Limits,
    /// When the server started.
    pub started: Timestamp,
    /// How the engine's thread is doing.
    pub engine: Arc<EngineHealth>,
    /// What pages listen to.
    pub hub: Hub,
    /// The way to the engine.
    pub door: Door,
    /// Who is signed in.
    pub users: Users,
    /// Who works here.
    pub roster: Arc<Roster>,
    /// Cases, kept right by the engine.
    pub desk: Arc<Desk>,
    /// Findings and known work, kept right by the engine.
    pub board: Arc<Board>,
    /// Emergency response, kept right by the engine.
    pub warnings: Arc<Warnings>,
    /// The rules by which is watched.
    pub rules: Arc<Rules>,
    /// Whether those who are not signed in may look.
    pub is_public: bool,
    /// The proxy whose word on where a request came from is believed.
    pub proxy: Option<IpAddr>,
    /// Where the audit trail gathers its lines.
    pub trail: Arc<Trail>,
    /// How often addresses ask without being signed in.
    pub rates: Rates,
    /// How often keys of Open311 report.
    pub report_rates: Rates<String>,
    /// Where the base map lies.
    pub data_dir: PathBuf,
    /// Which reports are made by themselves, and how they are set.
    pub reports: Reports,
    /// Notices: their ways, and what waits for them.
    pub notices: Notices,
    /// Hours of the map that are kept ready, by parameter and UTC day.
    pub blocks: Blocks<(String, i32), DayVersion, Block>,
    /// Days of the timeline's strip that are kept ready.
    pub strips: Blocks<i32, DayVersion, StripDay>,
    /// Processes behind fields that are kept ready, by parameter and end of the hours they were fitted on.
    pub processes: Blocks<(String, i64), Vec<DayVersion>, Process>,
    /// Forecasts of this hour.
    pub forecasts: Forecasts,
    /// One tracing at a time.
    pub tracing: Arc<Semaphore>,
    /// One import at a time: a large file takes several times its size in memory.
    importer: Arc<Semaphore>,
    /// How far the import of cases is that runs.
    pub importing: Importing,
    now: fn() -> Timestamp,
    gateway: Box<dyn Fn() -> Gateway + Send + Sync>,
    readers: Arc<Semaphore>,
}

impl Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    /// The state, and the hub's source of changes.
    pub fn new(setup: Setup) -> (Self, broadcast::Receiver<Arc<Changes>>) {
        let readers = usize::try_from(setup.limits.readers_max).unwrap_or(1);
        let inner = Inner {
            reader: setup.reader,
            law: setup.law,
            book: setup.book,
            dust: setup.dust,
            parameters: setup.parameters,
            district: setup.district,
            started: (setup.now)(),
            engine: setup.engine,
            hub: Hub::new(setup.limits.listeners_max),
            door: setup.door,
            users: Users::new(setup.sign_in, &setup.setup_tokens),
            roster: setup.roster,
            desk: setup.desk,
            board: setup.board,
            warnings: setup.warnings,
            rules: setup.rules,
            is_public: setup.is_public,
            proxy: setup.proxy,
            trail: setup.trail,
            rates: Rates::default(),
            report_rates: Rates::default(),
            data_dir: setup.data_dir,
            reports: setup.reports,
            notices: setup.notices,
            blocks: Blocks::new(setup.limits.map_cells_max),
            strips: Blocks::new(STRIPS_KEPT),
            processes: Blocks::new(PROCESSES_KEPT),
            forecasts: Forecasts::default(),
            tracing: Arc::new(Semaphore::new(1)),
            importer: Arc::new(Semaphore::new(1)),
            importing: Importing::default(),
            limits: setup.limits,
            now: setup.now,
            gateway: setup.gateway,
            readers: Arc::new(Semaphore::new(readers.min(Semaphore::MAX_PERMITS))),
        };
        (Self(Arc::new(inner)), setup.changes)
    }

    /// The turn to import, until it is dropped.
    ///
    /// # Errors
    /// `import_is_busy` while another one has it.
    pub fn turn_to_import(&self) -> Answer<OwnedSemaphorePermit> {
        Arc::clone(&self.importer).try_acquire_owned().map_err(|_| {
            let words = Words::new("正在导入另一个文件", "another file is being imported");
            ApiError::new(StatusCode::TOO_MANY_REQUESTS, "import_is_busy", words)
                .with_hint("请稍后再试", "try again in a moment")
        })
    }

    /// Whether the engine is gone: the server ends.
    pub fn is_gone(&self) -> bool {
        self.door.is_gone()
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// The civil day of the district now, `YYYY-MM-DD`.
    ///
    /// # Errors
    /// `internal` when the clock shows a time outside the calendar.
    pub fn today(&self) -> Answer<String> {
        let today = self.district.zone.date(self.now());
        let outside = |error| ApiError::internal("tell the civil day", &error);
        Ok(today.map_err(outside)?.to_string())
    }

    /// The listeners of devices now.
    pub fn gateway(&self) -> Gateway {
        (self.gateway)()
    }

    /// Asks on a thread that may wait for the disk, and not more at the same time than the limit.
    ///
    /// # Errors
    /// What the question says; `internal` when it came to grief.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Self) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let permit = Arc::clone(&self.readers).acquire_owned().await;
        let state = self.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let answer = question(&state);
            drop(permit);
            answer
        });
        asked.await.unwrap_or_else(|error| Err(ApiError::internal("answer a question", &error)))
    }
}

/// The place of a key.
///
/// # Errors
/// `unknown_place`.
pub fn place<'a>(registry: &'a Registry, key: &str) -> Answer<(PlaceId, &'a Place)> {
    let id = registry.place_id(key);
    let place = id.and_then(|id| registry.place(id).map(|place| (id, place)));
    place.ok_or_else(|| {
        ApiError::unknown("unknown_place", "点位", "place", key)
            .with_hint("点位见 /api/v1/places", "/api/v1/places lists them")
    })
}

/// What the store could not read, as an answer.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`, which gives the value")]
pub fn unreadable(error: store::Error) -> ApiError {
    ApiError::internal("read the store", &error)
}
