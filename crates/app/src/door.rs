//! The one door to the engine for all that is no reading: whoever wants something written asks here, the
//! engine's thread does it between two turns, and devices and pages know of it before the answer goes out.

use crate::clock;
use crate::shell::Task;
use engine::Engine;
use model::{Registry, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use store::Reader;
use tokio::sync::{mpsc, oneshot, watch};

/// The engine's thread is gone.
#[derive(Debug, thiserror::Error)]
#[error("the engine's thread has ended")]
pub struct Gone;

/// The way to the engine. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    tasks: mpsc::Sender<Task>,
    registry: watch::Sender<Arc<Registry>>,
    /// The revision of the registry that the listeners were told last.
    told: Arc<Mutex<Option<u64>>>,
    reader: Reader,
}

impl Door {
    /// A door to the engine behind `tasks`; `registry` tells the listeners of devices what is registered.
    pub fn new(
        tasks: mpsc::Sender<Task>,
        registry: watch::Sender<Arc<Registry>>,
        reader: Reader,
    ) -> Self {
        Self { tasks, registry, told: Arc::default(), reader }
    }

    /// Has something done by the engine, with the time at which it does it, and waits for the answer.
    ///
    /// # Errors
    /// When the engine's thread is gone.
    pub async fn ask<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Engine, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (reply, answer) = oneshot::channel();
        let task = Task::Change(Box::new(move |engine| {
            let _ = reply.send(change(engine, clock::now()));
        }));
        self.tasks.send(task).await.map_err(|_| Gone)?;
        let answer = answer.await.map_err(|_| Gone)?;
        self.tell_the_registry();
        Ok(answer)
    }

    /// Listeners forget what they worked out from the former registry, so they hear of a change alone; the first answer
    /// tells it in any case. One at a time, so that no older registry is told after a newer one.
    fn tell_the_registry(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.reader.view();
        let revision = view.registry_revision();
        if told.replace(revision) != Some(revision) {
            self.registry.send_replace(Arc::new(view.registry().clone()));
        }
    }

    /// The registry as the listeners know it: to be held as long as one likes.
    pub fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.borrow())
    }

    /// Whether the engine's thread is gone.
    pub fn is_gone(&self) -> bool {
        self.tasks.is_closed()
    }

    /// Has every day sealed that is over and settled.
    ///
    /// # Errors
    /// When the engine's thread is gone.
    pub async fn seal(&self) -> Result<(), Gone> {
        let (reply, answer) = oneshot::channel();
        self.tasks.send(Task::Seal(reply)).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}
