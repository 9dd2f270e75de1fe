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
use axum::response::sse::{Event, KeepAlive, Sse};
use model::{DatastreamId, PlaceId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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

/// What changes: `hello` (Hello) first, then `latest` (Latest), `index` (`IndexChanged`) and `ledger`
/// (`LedgerChanged`), each with the log's sequence as its id. After a break ask anew: the stream begins
/// with `hello` again.
#[utoipa::path(
    get, path = "/events", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 429, body = Problem))
)]
async fn events(
    State(app): State<AppState>,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let (seat, live) = app.hub.listen()?;
    let sequence = app.ask(|app| app.reader.last_sequence().map_err(unreadable)).await?.0;
    let hello = Told::new("hello", sequence, &Hello { sequence, now: Instant(app.now()) });
    let hello = hello.into_iter().map(|told| Event::from(&told).retry(Duration::from_secs(2)));
    // A page that lags behind, and every page when the server stops, hears no more.
    let live = BroadcastStream::new(live).map_while(move |told| {
        let _held = &seat;
        told.ok().flatten().map(|told| Event::from(&*told))
    });
    let stream = tokio_stream::iter(hello).chain(live).map(Ok);
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
    listeners: Arc<AtomicU64>,
    listeners_max: u64,
    is_closed: AtomicBool,
}

/// The place of a page among those that listen; given back when it leaves.
struct Seat(Arc<AtomicU64>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Hub {
    /// A hub for so many pages.
    pub fn new(listeners_max: u64) -> Self {
        let events = broadcast::Sender::new(EVENTS_KEPT);
        Self { events, listeners: Arc::default(), listeners_max, is_closed: AtomicBool::new(false) }
    }

    /// How many pages listen.
    pub fn listeners(&self) -> u64 {
        self.listeners.load(Ordering::Acquire)
    }

    fn listen(&self) -> Answer<(Seat, broadcast::Receiver<Option<Arc<Told>>>)> {
        let before = self.listeners.fetch_add(1, Ordering::AcqRel);
        let seat = Seat(Arc::clone(&self.listeners));
        if before >= self.listeners_max || self.is_closed.load(Ordering::Acquire) {
            return Err(ApiError::too_many_listeners(self.listeners_max));
        }
        Ok((seat, self.events.subscribe()))
    }

    fn tell(&self, told: Option<Told>) {
        if let Some(told) = told {
            // Nobody listening is no failure.
            let _ = self.events.send(Some(Arc::new(told)));
        }
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
                Ok(change) => pending.add(&change),
                // What was missed shows with the next change of the same series.
                Err(RecvError::Lagged(_)) => {}
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
    if app.hub.listeners() == 0 {
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
    if app.hub.listeners() == 0 {
        return;
    }
    let told = app.ask(|app| of_day(app, None, By::Reason));
    let Ok(Ledger { day, frames, readings, .. }) = told.await else { return };
    app.hub.tell(Told::new("ledger", sequence, &LedgerChanged { day, frames, readings }));
}
