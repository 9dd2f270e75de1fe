//! What changes, as it changes: server-sent events.
//!
//! One task, the [`Hub`]'s, turns changes into events: at most two `latest` a second and one `ledger`
//! every two seconds, made once and given to every page that listens. A page that reads too slowly is
//! dropped; when it comes back it gets a fresh `hello` and asks for what it shows.

use super::error::{Answer, ApiError, Problem};
use super::index::{IndexNowItem, now_of};
use super::ledger::{Account, By, Ledger, of_day};
use super::readings::{Latest, LatestItem, latest_of};
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::shell::Changes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use model::{DatastreamId, PlaceId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant as Clock, sleep_until};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The least time between two `latest`.
const LATEST_PAUSE: Duration = Duration::from_millis(500);
/// The least time between two `ledger`.
const LEDGER_PAUSE: Duration = Duration::from_secs(2);
/// A comment keeps proxies from closing a silent stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a page that lost its stream should come back.
const RETRY: Duration = Duration::from_secs(2);
/// How many events, and bytes of them, are kept for pages that come back.
const RESUMED_MAX: (usize, usize) = (512, 8 << 20);
/// How long after the last page left events are still made, so that it can come back.
const RESUMED_FOR: Duration = Duration::from_mins(2);
/// How many events a page may lag behind before it is dropped.
const EVENTS_KEPT: usize = 64;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(events))
}

/// The first event of a stream.
#[derive(Serialize, ToSchema)]
pub struct Hello {
    /// The newest entry of the log.
    sequence: u64,
    now: Instant,
}

/// Places whose index changed.
#[derive(Serialize, ToSchema)]
pub struct IndexChanged {
    items: Vec<IndexNowItem>,
}

/// The ledger of today.
#[derive(Serialize, ToSchema)]
pub struct LedgerChanged {
    day: String,
    frames: Account,
    readings: Account,
}

/// Cases changed: ask for what is shown of them. Nothing of them is told here, since not everybody may see them.
#[derive(Serialize, ToSchema)]
pub struct CasesChanged {
    sequence: u64,
}

/// Findings were raised or changed: ask for what is shown of them. Nothing of them is told here, since not everybody may see them.
#[derive(Serialize, ToSchema)]
pub struct FindingsChanged {
    sequence: u64,
}

/// A warning was declared, changed or lifted, or something happened to its orders: ask for what is shown of it.
#[derive(Serialize, ToSchema)]
pub struct EmergencyChanged {
    sequence: u64,
}

/// What changes: `hello` (Hello) first, then `latest` (Latest), `index` (`IndexChanged`), `ledger`
/// (`LedgerChanged`), `cases` (`CasesChanged`), `finding` (`FindingsChanged`) and `emergency` (`EmergencyChanged`), each with the log's sequence as its id. Who comes back with `Last-Event-ID` hears
/// what was told since, the events of that id once more; when that is too long ago, `hello`: then ask anew.
#[utoipa::path(
    get, path = "/events", tag = "events",
    params(("Last-Event-ID" = Option<u64>, Header, description = "Id of the last event that was heard")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 503, body = Problem))
)]
async fn events(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.trim().parse().ok());
    let sequence = app.ask(|app| app.reader.last_sequence().map_err(unreadable)).await?.0;
    let Listening { seat, live, missed } = app.hub.listen(heard.filter(|id| *id <= sequence))?;
    let first = missed.unwrap_or_else(|| {
        let hello = Told::new("hello", sequence, &Hello { sequence, now: Instant(app.now()) });
        hello.into_iter().map(Arc::new).collect()
    });
    let first = first.into_iter().map(|told| Event::from(&*told).retry(RETRY));
    // A page that lags behind, and every page when the server stops, hears no more.
    let live = BroadcastStream::new(live).map_while(move |told| {
        let _held = &seat;
        told.ok().flatten().map(|told| Event::from(&*told))
    });
    let stream = tokio_stream::iter(first).chain(live).map(Ok);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("ping")))
}

/// An event, written once for all who listen.
struct Told {
    name: &'static str,
    sequence: u64,
    data: String,
}

impl Told {
    fn new(name: &'static str, sequence: u64, data: &impl Serialize) -> Option<Self> {
        match serde_json::to_string(data) {
            Ok(data) => Some(Self { name, sequence, data }),
            Err(error) => {
                tracing::error!(event = name, error = %error, "an event could not be written");
                None
            }
        }
    }
}

impl From<&Told> for Event {
    fn from(told: &Told) -> Self {
        Self::default().event(told.name).id(told.sequence.to_string()).data(&told.data)
    }
}

/// Where events come together and pages listen. `None` ends every stream.
pub struct Hub {
    events: broadcast::Sender<Option<Arc<Told>>>,
    /// Locked while something is told, so that nobody hears it twice or not at all.
    past: Mutex<Past>,
    listeners: Arc<AtomicU64>,
    listeners_max: u64,
    is_closed: AtomicBool,
}

/// What was told lately, for pages that come back.
#[derive(Default)]
struct Past {
    told: VecDeque<Arc<Told>>,
    bytes: usize,
    /// Everything that was told of this sequence and later ones is there; `None`: nothing was told yet.
    whole_from: Option<u64>,
    /// When somebody listened last.
    wanted_at: Option<Clock>,
}

impl Past {
    fn keep(&mut self, told: Arc<Told>) {
        self.whole_from.get_or_insert(told.sequence);
        self.bytes += told.data.len();
        self.told.push_back(told);
        while self.told.len() > RESUMED_MAX.0 || self.bytes > RESUMED_MAX.1 {
            let Some(oldest) = self.told.pop_front() else { break };
            self.bytes -= oldest.data.len();
            self.whole_from = Some(oldest.sequence + 1);
        }
    }

    /// What was told since an event; `None` when that is not known any more.
    fn since(&self, heard: u64) -> Option<Vec<Arc<Told>>> {
        self.whole_from.filter(|from| *from <= heard)?;
        // Several events may have one sequence, and the page heard perhaps the first of them only.
        Some(self.told.iter().filter(|told| told.sequence >= heard).map(Arc::clone).collect())
    }

    fn forget(&mut self) {
        *self = Self { wanted_at: self.wanted_at, ..Self::default() };
    }
}

/// The place of a page among those that listen; given back when it leaves.
struct Seat(Arc<AtomicU64>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What a page that listens holds.
struct Listening {
    seat: Seat,
    live: broadcast::Receiver<Option<Arc<Told>>>,
    /// What it missed; `None` when that is not known.
    missed: Option<Vec<Arc<Told>>>,
}

impl Hub {
    /// A hub for so many pages.
    pub fn new(listeners_max: u64) -> Self {
        Self {
            events: broadcast::Sender::new(EVENTS_KEPT),
            past: Mutex::default(),
            listeners: Arc::default(),
            listeners_max,
            is_closed: AtomicBool::new(false),
        }
    }

    /// How many pages listen.
    pub fn listeners(&self) -> u64 {
        self.listeners.load(Ordering::Acquire)
    }

    fn listen(&self, heard: Option<u64>) -> Answer<Listening> {
        let before = self.listeners.fetch_add(1, Ordering::AcqRel);
        let seat = Seat(Arc::clone(&self.listeners));
        if before >= self.listeners_max || self.is_closed.load(Ordering::Acquire) {
            return Err(ApiError::too_many_listeners(self.listeners_max));
        }
        let past = self.past();
        let missed = heard.and_then(|heard| past.since(heard));
        Ok(Listening { seat, live: self.events.subscribe(), missed })
    }

    /// Whether anybody listens or may come back. When nobody does, what is kept is forgotten: from now
    /// on it would have holes.
    fn is_wanted(&self) -> bool {
        let mut past = self.past();
        if self.listeners() > 0 {
            past.wanted_at = Some(Clock::now());
        }
        let is_wanted = past.wanted_at.is_some_and(|at| at.elapsed() < RESUMED_FOR);
        if !is_wanted {
            past.forget();
        }
        is_wanted
    }

    fn tell(&self, told: Option<Told>) {
        if let Some(told) = told.map(Arc::new) {
            let mut past = self.past();
            past.keep(Arc::clone(&told));
            // Nobody listening is no failure.
            let _ = self.events.send(Some(told));
        }
    }

    /// Tells pages that cases changed.
    pub fn cases_changed(&self, sequence: u64) {
        if self.is_wanted() {
            self.tell(Told::new("cases", sequence, &CasesChanged { sequence }));
        }
    }

    /// Tells pages that findings were raised or changed.
    pub fn findings_changed(&self, sequence: u64) {
        if self.is_wanted() {
            self.tell(Told::new("finding", sequence, &FindingsChanged { sequence }));
        }
    }

    /// Tells pages that a warning or its orders changed.
    pub fn emergency_changed(&self, sequence: u64) {
        if self.is_wanted() {
            self.tell(Told::new("emergency", sequence, &EmergencyChanged { sequence }));
        }
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        let _ = self.events.send(None);
    }
}

/// What changed and was not told yet.
#[derive(Default)]
struct Pending {
    sequence: u64,
    datastreams: BTreeSet<DatastreamId>,
    indexed: BTreeSet<PlaceId>,
    is_ledger_changed: bool,
}

impl Pending {
    fn add(&mut self, changes: &Changes) {
        let turn = &changes.turn;
        self.sequence = self.sequence.max(turn.sequence.0);
        self.datastreams.extend(&turn.datastreams);
        self.indexed.extend(&turn.indexed);
        self.is_ledger_changed |= !turn.outcomes.is_empty();
    }

    fn has_readings(&self) -> bool {
        !self.datastreams.is_empty() || !self.indexed.is_empty()
    }
}

/// Turns changes into events until the engine's thread is gone.
pub async fn run(app: AppState, mut changes: broadcast::Receiver<Arc<Changes>>) {
    let mut pending = Pending::default();
    let (mut latest_at, mut ledger_at) = (Clock::now(), Clock::now());
    loop {
        tokio::select! {
            biased;
            () = sleep_until(latest_at), if pending.has_readings() => {
                tell_latest(&app, &mut pending).await;
                latest_at = Clock::now() + LATEST_PAUSE;
            }
            () = sleep_until(ledger_at), if pending.is_ledger_changed => {
                tell_ledger(&app, &mut pending).await;
                ledger_at = Clock::now() + LEDGER_PAUSE;
            }
            change = changes.recv() => match change {
                Ok(change) => {
                    pending.add(&change);
                    if !change.turn.findings.is_empty() {
                        app.hub.findings_changed(change.turn.sequence.0);
                    }
                    if change.urged {
                        app.hub.cases_changed(change.turn.sequence.0);
                    }
                    if change.reminded {
                        app.hub.emergency_changed(change.turn.sequence.0);
                    }
                }
                // What was missed shows with the next change of the same series; who comes back asks anew.
                Err(RecvError::Lagged(_)) => app.hub.past().forget(),
                Err(RecvError::Closed) => break,
            },
        }
    }
    app.hub.close();
}

/// Tells the newest readings and indices of what changed.
async fn tell_latest(app: &AppState, pending: &mut Pending) {
    let datastreams = std::mem::take(&mut pending.datastreams);
    let indexed: Vec<PlaceId> = std::mem::take(&mut pending.indexed).into_iter().collect();
    let sequence = pending.sequence;
    if !app.hub.is_wanted() {
        return;
    }
    let told = app.ask(move |app| {
        let items = newest(app, &datastreams);
        let index = now_of(app, &indexed)?;
        Ok((items, index))
    });
    let Ok((items, index)) = told.await else { return };
    if !items.is_empty() {
        app.hub.tell(Told::new("latest", sequence, &Latest { sequence, items }));
    }
    if !index.is_empty() {
        app.hub.tell(Told::new("index", sequence, &IndexChanged { items: index }));
    }
}

/// The newest readings of the parameters whose datastreams changed, place by place.
fn newest(app: &AppState, datastreams: &BTreeSet<DatastreamId>) -> Vec<LatestItem> {
    let view = app.reader.view();
    let mut changed: BTreeMap<PlaceId, BTreeSet<&str>> = BTreeMap::new();
    for datastream in datastreams.iter().filter_map(|id| view.registry().datastream(*id)) {
        changed.entry(datastream.place).or_default().insert(&datastream.key.parameter);
    }
    let mut items = Vec::new();
    for (place, parameters) in changed {
        let newest = latest_of(&view, place, app.now()).into_iter();
        items.extend(newest.filter(|item| parameters.contains(item.parameter())));
    }
    items
}

async fn tell_ledger(app: &AppState, pending: &mut Pending) {
    pending.is_ledger_changed = false;
    let sequence = pending.sequence;
    if !app.hub.is_wanted() {
        return;
    }
    let told = app.ask(|app| of_day(app, None, By::Reason));
    let Ok(Ledger { day, frames, readings, .. }) = told.await else { return };
    app.hub.tell(Told::new("ledger", sequence, &LedgerChanged { day, frames, readings }));
}
