//! The ways out and what waits for them, and the two loops that read the journal and deliver: neither waits for the other.

use super::gather::gather;
use super::hook::{self, Hook};
use super::mail::Mailer;
use super::outbox::{Outbox, Patience};
use super::{Subscription, Subscriptions, deliver};
use crate::config::Notify;
use crate::http::AppState;
use model::{Act, ActRow, Sequence};
use rustls::ClientConfig;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is looked whether there is something to do.
pub const LOOKED_EVERY: Duration = Duration::from_millis(500);
/// The pause after something that could not be read or kept.
pub const PAUSE: Duration = Duration::from_secs(5);

/// The ways out, and what waits for them.
pub struct Notices {
    /// The settings.
    pub config: Notify,
    /// Web hooks.
    pub hooks: Vec<Hook>,
    /// The way of mail, when there is one.
    pub mailer: Option<Mailer>,
    /// How TLS is spoken with web hooks.
    pub tls: Arc<ClientConfig>,
    outbox: Mutex<Outbox>,
    subscriptions: Mutex<Subscriptions>,
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
        let subscriptions = Subscriptions::of(reader).map_err(|error| error.to_string())?;
        Ok(Self {
            config: config.clone(),
            hooks,
            mailer,
            tls,
            outbox: Mutex::new(outbox),
            subscriptions: Mutex::new(subscriptions),
        })
    }

    /// What waits and what has ended.
    pub fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What everybody wants to know, by account or `unit/KEY`.
    pub fn subscriptions(&self) -> BTreeMap<String, Subscription> {
        self.wanted().now()
    }

    /// Since when anybody wanted to know anything; none: nobody does.
    pub fn first_subscription(&self) -> Option<Sequence> {
        self.wanted().first()
    }

    /// Takes in that somebody said what they want to know.
    pub fn take_subscription(&self, row: ActRow) {
        self.wanted().take(row);
    }

    fn wanted(&self) -> MutexGuard<'_, Subscriptions> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often and how soon it is tried again.
    pub fn patience(&self) -> Patience {
        self.config.patience()
    }

    /// Shows acts of deliveries to the outbox.
    pub fn show(&self, rows: &[ActRow]) {
        let mut outbox = self.outbox();
        for row in rows {
            outbox.take(row, self.patience());
        }
    }
}

/// Keeps acts of deliveries as one turn, and shows them to the outbox.
///
/// # Errors
/// When they were not kept.
pub async fn keep(app: &AppState, acts: Vec<Act>) -> Result<(), String> {
    let kept = app.door.ask(move |engine, now| engine.keep(now, acts));
    let rows = kept.await.map_err(|gone| gone.to_string())?;
    app.notices.show(&rows.map_err(|error| crate::shell::chain(&error))?);
    Ok(())
}

/// Reads and delivers until the engine is gone.
pub async fn run(app: AppState) {
    tokio::join!(read(&app), deliver::run(&app));
}

/// Reads the journal until the engine is gone; what fails is said, and tried again after a pause.
async fn read(app: &AppState) {
    let mut tick = tokio::time::interval(LOOKED_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let read = gather(app).await;
        if app.is_gone() {
            return;
        }
        let Err(error) = read else { continue };
        tracing::error!(error = %error, "the journal was not read for notices; it is read again");
        tokio::time::sleep(PAUSE).await;
    }
}
