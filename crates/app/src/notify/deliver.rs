//! Delivers what is due, and keeps what became of it.

use super::outbox::{Delivery, Step, WHO, act, step_of};
use super::run::{LOOKED_EVERY, PAUSE, keep};
use super::write::address_key;
use super::{SUBSCRIPTION, hook};
use crate::http::AppState;
use model::{Act, ActRow, Sequence, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::{Id, JoinError, JoinSet};

/// Deliveries under way at the same time.
const AT_ONCE: usize = 32;

/// Deliveries under way.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<Result<(), String>>,
    deliveries: HashMap<Id, (String, Delivery)>,
}

type Ended = Result<(Id, Result<(), String>), JoinError>;

/// Delivers until the engine is gone.
pub async fn run(app: &AppState) {
    let mut tick = tokio::time::interval(LOOKED_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut own = UnderWay::default();
    loop {
        let mut ended = vec![];
        tokio::select! {
            _ = tick.tick() => {}
            Some(one) = own.tasks.join_next_with_id() => ended.push(one),
        }
        while let Some(one) = own.tasks.try_join_next_with_id() {
            ended.push(one);
        }
        own.keep(app, ended).await;
        if app.is_gone() {
            return;
        }
        if let Err(error) = own.begin(app).await {
            tracing::error!(error = %error, "addresses cannot be read; nothing is sent meanwhile");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl UnderWay {
    /// Keeps what became of deliveries. What was not kept is at least known until a restart, so that the same is not
    /// sent over and over.
    async fn keep(&mut self, app: &AppState, ended: Vec<Ended>) {
        let acts: Vec<Act> = ended.into_iter().filter_map(|one| self.ended(app, one)).collect();
        if acts.is_empty() {
            return;
        }
        if let Err(error) = keep(app, acts.clone()).await {
            tracing::error!(error = %error, "what became of notices was not kept; after a restart they are sent again");
            let at = app.now();
            let row = |act| ActRow { sequence: Sequence::default(), at, act };
            app.notices.show(&acts.into_iter().map(row).collect::<Vec<_>>());
        }
    }

    fn ended(&mut self, app: &AppState, one: Ended) -> Option<Act> {
        let (task, result) =
            one.unwrap_or_else(|error| (error.id(), Err("the sending broke off".to_owned())));
        let (id, delivery) = self.deliveries.remove(&task)?;
        let step = step_of(result, &delivery, app.notices.patience());
        if let Step::Failed { error } | Step::GivenUp { error } = &step {
            tracing::warn!(delivery.id = %id, error = %error, "a notice was not delivered");
        }
        Some(act(WHO, &id, &step))
    }

    /// Begins with what is due.
    async fn begin(&mut self, app: &AppState) -> Result<(), String> {
        let free = AT_ONCE.saturating_sub(self.tasks.len());
        let under_way: Vec<&str> = self.deliveries.values().map(|(id, _)| &id[..]).collect();
        let due = app.notices.outbox().due(app.now(), free, &under_way);
        if due.is_empty() {
            return Ok(());
        }
        for (id, delivery, address) in with_addresses(app, due).await? {
            let (to, sent) = (app.clone(), (id.clone(), delivery.clone()));
            let task = self.tasks.spawn(async move { send(&to, &sent.0, &sent.1, address).await });
            self.deliveries.insert(task.id(), (id, delivery));
        }
        Ok(())
    }
}

async fn send(
    app: &AppState,
    id: &str,
    Delivery { notice, .. }: &Delivery,
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

type Addressed = (String, Delivery, Option<String>);

/// Deliveries with the addresses of their receivers.
async fn with_addresses(
    app: &AppState,
    due: Vec<(String, Delivery)>,
) -> Result<Vec<Addressed>, String> {
    let reader = app.reader.clone();
    let read = tokio::task::spawn_blocking(move || {
        let addressed = due.into_iter().map(|(id, delivery)| {
            let key = address_key(&delivery.notice.to);
            let address = key.map(|key| reader.secret(SUBSCRIPTION, key)).transpose()?.flatten();
            Ok((id, delivery, address))
        });
        addressed.collect::<Result<Vec<_>, store::Error>>()
    });
    let read = read.await.map_err(|error| error.to_string())?;
    read.map_err(|error| crate::shell::chain(&error))
}

fn seconds(at: Timestamp) -> i64 {
    at.as_ms().div_euclid(1_000)
}
