//! The task that reads the journal, queues what is to be delivered, and delivers it.

use super::hook::{self, Hook};
use super::mail::Mailer;
use super::outbox::{Outbox, Patience, Step, act, cursor, step_of};
use super::write::{World, address_key};
use super::{NoticeKind, SUBSCRIPTION, subscriptions};
use crate::config::Notify;
use crate::http::AppState;
use model::{Act, ActRow, Sequence, Timestamp};
use rustls::ClientConfig;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// How often it is looked whether there is something to do.
const LOOKED_EVERY: Duration = Duration::from_millis(500);
/// Acts that are read at a time.
const PAGE: usize = 2_000;
/// Acts without a notice after which it is kept how far the journal was read.
const CURSOR_EVERY: u64 = 20_000;
/// Deliveries under way at the same time.
const AT_ONCE: usize = 16;

/// The ways out, and what waits for them.
pub struct Notices {
    /// The settings.
    pub config: Notify,
    /// Web hooks.
    pub hooks: Vec<Hook>,
    /// The way of mail, when there is one.
    pub mailer: Option<Mailer>,
    tls: Arc<ClientConfig>,
    outbox: Mutex<Outbox>,
}

impl Notices {
    /// What the configuration states, and the outbox of the log.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn open(config: &Notify, reader: &store::Reader) -> Result<Self, String> {
        let hooks = match &config.hooks {
            Some(path) => hook::read(path).map_err(|error| format!("notify.hooks: {error}"))?,
            None => vec![],
        };
        let needs_roots = !config.smtp_host.is_empty() || hooks.iter().any(|own| !own.local);
        let pem = match std::fs::read(&config.roots) {
            Ok(pem) => pem,
            Err(_) if !needs_roots => vec![],
            Err(error) => return Err(format!("notify.roots: {}: {error}", config.roots.display())),
        };
        let tls = hook::client(&pem)?;
        let mailer = Mailer::of(config, Arc::clone(&tls))?;
        let outbox = Outbox::of(reader, config.patience()).map_err(|error| error.to_string())?;
        Ok(Self { config: config.clone(), hooks, mailer, tls, outbox: Mutex::new(outbox) })
    }

    /// What waits and what has ended.
    pub fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn patience(&self) -> Patience {
        self.config.patience()
    }
}

/// The engine is gone: the server ends.
struct Ended;

/// Keeps acts of deliveries as one turn, and shows them to the outbox.
///
/// # Errors
/// When they were not kept.
pub async fn keep(app: &AppState, acts: Vec<Act>) -> Result<(), String> {
    let kept = app.door.ask(move |engine, now| {
        let sequences = engine.act(now, acts.clone())?;
        let rows = sequences.into_iter().zip(acts);
        Ok::<Vec<ActRow>, engine::Error>(
            rows.map(|(sequence, act)| ActRow { sequence, at: now, act }).collect(),
        )
    });
    let rows = kept.await.map_err(|gone| gone.to_string())?;
    let rows = rows.map_err(|error| crate::shell::chain(&error))?;
    let mut outbox = app.notices.outbox();
    for row in &rows {
        outbox.take(row, app.notices.patience());
    }
    Ok(())
}

/// Reads and delivers until the engine is gone.
pub async fn run(app: AppState) {
    let mut tick = tokio::time::interval(LOOKED_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if gather(&app).await.is_err() || deliver(&app).await.is_err() {
            return;
        }
    }
}

/// Queues what the acts since the last look call for.
async fn gather(app: &AppState) -> Result<(), Ended> {
    loop {
        let looking = app.clone();
        let looked = tokio::task::spawn_blocking(move || look(&looking)).await;
        let found = match looked {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::error!(error = %error, "the journal cannot be read for notices");
                return Ok(());
            }
            Err(_) => return Err(Ended),
        };
        let Some((acts, read_to, is_all)) = found else { return Ok(()) };
        if !acts.is_empty()
            && let Err(error) = keep(app, acts).await
        {
            if app.is_gone() {
                return Err(Ended);
            }
            // What was not queued is read once more.
            tracing::error!(error = %error, "notices were not queued");
            return Ok(());
        }
        app.notices.outbox().read_to = Some(read_to);
        if is_all {
            return Ok(());
        }
    }
}

type Looked = Option<(Vec<Act>, Sequence, bool)>;

/// What the next acts of the journal call for, as acts; `None` when there are no next ones.
fn look(app: &AppState) -> Result<Looked, store::Error> {
    let last = app.reader.last_sequence()?;
    let read_to = app.notices.outbox().read_to;
    let Some(from) = read_to else {
        // Nobody is told of what happened before there was anybody to tell; until then nothing needs to be kept.
        let is_wanted = !app.notices.hooks.is_empty() || !subscriptions(&app.reader)?.is_empty();
        let acts = if is_wanted { vec![cursor(last)] } else { vec![] };
        return Ok(Some((acts, last, true)));
    };
    if last <= from {
        return Ok(None);
    }
    let rows = app.reader.acts_after(from, PAGE)?;
    let is_all = rows.len() < PAGE;
    let read_to = if is_all { last } else { rows.last().map_or(last, |row| row.sequence) };
    let mut acts = vec![];
    if rows.iter().any(|row| NoticeKind::of(row).is_some()) {
        let view = app.reader.view();
        let hooks = app.notices.hooks.iter();
        let world = World {
            cases: app.desk.cases(),
            findings: app.board.findings(),
            settings: app.desk.settings(),
            people: app.roster.now(),
            registry: view.registry(),
            subscriptions: subscriptions(&app.reader)?,
            hooks: hooks
                .map(|own| (own.key.clone(), own.subscription(), own.unit.clone()))
                .collect(),
            page: app.notices.config.page.clone(),
            now: app.now(),
        };
        for notice in rows.iter().flat_map(|row| world.notices(row)) {
            acts.push(act(&notice.id(), &Step::Queued { notice }));
        }
    }
    let is_new_reader = rows.iter().any(|row| row.act.kind == SUBSCRIPTION);
    if is_new_reader || !acts.is_empty() || read_to.0.saturating_sub(from.0) > CURSOR_EVERY {
        acts.push(cursor(read_to));
    }
    Ok(Some((acts, read_to, is_all)))
}

/// Delivers what is due, and keeps what became of it.
async fn deliver(app: &AppState) -> Result<(), Ended> {
    let due = app.notices.outbox().due(app.now(), AT_ONCE);
    if due.is_empty() {
        return Ok(());
    }
    if app.is_gone() {
        return Err(Ended);
    }
    let addresses = addresses(app).await;
    let mut under_way = JoinSet::new();
    for (id, delivery) in due {
        let app = app.clone();
        let address = address_key(&delivery.notice.to).and_then(|key| addresses.get(key).cloned());
        under_way.spawn(async move {
            let result = send(&app, &id, &delivery.notice, address).await;
            (id, step_of(result, &delivery, app.notices.patience()))
        });
    }
    let mut acts = vec![];
    while let Some(done) = under_way.join_next().await {
        let Ok((id, step)) = done else { continue };
        if let Step::Failed { error } | Step::GivenUp { error } = &step {
            tracing::warn!(delivery.id = %id, error = %error, "a notice was not delivered");
        }
        acts.push(act(&id, &step));
    }
    if let Err(error) = keep(app, acts).await {
        if app.is_gone() {
            return Err(Ended);
        }
        tracing::error!(error = %error, "what became of notices was not kept; they may be sent twice");
    }
    Ok(())
}

async fn send(
    app: &AppState,
    id: &str,
    notice: &super::outbox::Notice,
    address: Option<String>,
) -> Result<(), String> {
    if let Some(key) = notice.to.strip_prefix("hook/") {
        let hook = app.notices.hooks.iter().find(|own| own.key == key);
        let hook = hook.ok_or_else(|| format!("there is no hook {key} any more"))?;
        let tls = Arc::clone(&app.notices.tls);
        return hook::deliver(hook, tls, (id, &notice.body), seconds(app.now())).await;
    }
    let mailer = app.notices.mailer.as_ref().ok_or("no mail server is set (notify.smtp_host)")?;
    let address = address.ok_or("there is no address of this receiver any more")?;
    mailer.send(id, notice, &address, app.now()).await
}

/// The addresses of receivers.
async fn addresses(app: &AppState) -> BTreeMap<String, String> {
    let reader = app.reader.clone();
    let read = tokio::task::spawn_blocking(move || reader.secrets(SUBSCRIPTION)).await;
    let all = read.ok().and_then(Result::ok).unwrap_or_default();
    all.into_iter().map(|secret| (secret.key, secret.value)).collect()
}

fn seconds(at: Timestamp) -> i64 {
    at.as_ms().div_euclid(1_000)
}
