//! Commands to a device: one at a time, journaled before they are sent, sent again with the same QN
//! while no answer comes, and journaled again with their outcome.

use super::answers::{self, Request};
use super::clock::Clock;
use super::limits::Limits;
use super::session::Session;
use crate::{Committed, Handover};
use model::{Arrival, Device, Dialect, Note, NoteKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// A command to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Set its clock to ours (1012; 1015 for surface-water stations).
    SetClock,
    /// Any other command by its number and the content of its CP.
    Other {
        /// The number, CN.
        cn: u16,
        /// What stands between `&&` and `&&`.
        cp: String,
    },
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The code of 9012: 1 done, 100 no data. `None` for a notice, which ends with 9013.
    pub executed: Option<u32>,
    /// The CP of the reply frames.
    pub replies: Vec<String>,
}

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Nobody registered this device.
    #[error("device {0} is not registered")]
    Unknown(String),
    /// The device has no open connection.
    #[error("device {0} is not connected\nhint: a device opens the connection itself; wait for it")]
    NotConnected(String),
    /// The content of CP is longer than the standard allows.
    #[error("the content of CP has {0} bytes, the standard allows 950")]
    TooLong(usize),
    /// The order could not be written to the journal, so it was not sent.
    #[error("the order could not be journaled and was not sent")]
    NotJournaled,
    /// No 9011 came, however often the command was sent.
    #[error("no answer after {attempts} attempts of {wait_ms} ms")]
    NoAnswer {
        /// How often it was sent.
        attempts: u32,
        /// How long each was waited for.
        wait_ms: u64,
    },
    /// 9011 with a code other than 1.
    #[error("the device refused the command: QnRtn {0}")]
    Refused(u32),
    /// 9011 came and 9012 did not.
    #[error("the device accepted the command and did not finish it within {wait_ms} ms")]
    Unfinished {
        /// How long it was waited for.
        wait_ms: u64,
    },
    /// 9012 with a code other than 1 and 100.
    #[error("the device could not execute the command: ExeRtn {0}")]
    Failed(u32),
}

/// What came back for an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 9011 with its code.
    Ready(u32),
    /// 9012 with its code.
    Done(u32),
    /// 9013.
    Noticed,
    /// A frame of the command itself, with its CP.
    Data(String),
}

/// An exchange that waits for its answers.
#[derive(Debug)]
pub struct Waiting {
    /// Its name.
    pub qn: String,
    /// Its command.
    pub cn: u16,
    /// Where the answers go.
    pub replies: mpsc::UnboundedSender<Reply>,
}

impl Waiting {
    /// Whether a frame with this command number belongs to it.
    pub fn wants(&self, command: u16) -> bool {
        matches!(command, 9011..=9013) || command == self.cn
    }
}

/// What an exchange needs of the server.
#[derive(Clone, Debug)]
pub struct Exchanges {
    /// To the engine, for the journal. Weak: the engine ends when the last connection has gone.
    pub engine: mpsc::WeakSender<Handover>,
    /// The time.
    pub clock: Clock,
    /// How long to wait.
    pub limits: Arc<Limits>,
}

impl Exchanges {
    /// Carries out one command, after those that wait already.
    ///
    /// # Errors
    /// When it could not be journaled or sent, was not answered, refused, or failed.
    pub async fn run(
        &self,
        session: &Session,
        device: &Device,
        command: &Command,
        because: &str,
    ) -> Result<Outcome, CommandError> {
        if let Command::Other { cp, .. } = command
            && cp.len() > 950
        {
            return Err(CommandError::TooLong(cp.len()));
        }
        let _turn = session.turn.lock().await;
        let cn = command.number(device.dialect);
        self.journal(session, NoteKind::Order, format!("command {cn} to {}: {because}", device.mn))
            .await?;
        let result = self.exchange(session, device, command, cn).await;
        session.wait_no_more();
        let text = match &result {
            Ok(Outcome { executed: Some(code), .. }) => {
                format!("{} executed command {cn}: ExeRtn {code}", device.mn)
            }
            Ok(_) => format!("{} took notice of command {cn}", device.mn),
            Err(error) => format!("command {cn} to {} failed: {error}", device.mn),
        };
        // The outcome is known whether or not the journal can still be written.
        let journaled = self.journal(session, NoteKind::Answer, text).await;
        result.and_then(|outcome| journaled.map(|()| outcome))
    }

    async fn exchange(
        &self,
        session: &Session,
        device: &Device,
        command: &Command,
        cn: u16,
    ) -> Result<Outcome, CommandError> {
        let qn = self.clock.civil(self.clock.now()).digits17();
        let (sender, mut replies) = mpsc::unbounded_channel();
        session.wait_for(Waiting { qn: qn.clone(), cn, replies: sender });
        let wait = Duration::from_millis(self.limits.command_ms);
        let mut first = None;
        for _ in 0..self.limits.command_attempts {
            self.send(session, device, command, cn, &qn).await?;
            if let Ok(Some(reply)) = tokio::time::timeout(wait, replies.recv()).await {
                first = Some(reply);
                break;
            }
        }
        let Some(mut reply) = first else {
            let (attempts, wait_ms) = (self.limits.command_attempts, self.limits.command_ms);
            return Err(CommandError::NoAnswer { attempts, wait_ms });
        };
        let mut outcome = Outcome { executed: None, replies: vec![] };
        let wait = Duration::from_millis(self.limits.execution_ms);
        loop {
            match reply {
                Reply::Noticed => return Ok(outcome),
                Reply::Ready(1) => {}
                Reply::Ready(code) => return Err(CommandError::Refused(code)),
                Reply::Done(code @ (1 | 100)) => {
                    outcome.executed = Some(code);
                    return Ok(outcome);
                }
                Reply::Done(code) => return Err(CommandError::Failed(code)),
                Reply::Data(cp) => outcome.replies.push(cp),
            }
            let Ok(Some(next)) = tokio::time::timeout(wait, replies.recv()).await else {
                return Err(CommandError::Unfinished { wait_ms: self.limits.execution_ms });
            };
            reply = next;
        }
    }

    async fn send(
        &self,
        session: &Session,
        device: &Device,
        command: &Command,
        cn: u16,
        qn: &str,
    ) -> Result<(), CommandError> {
        let not_connected = || CommandError::NotConnected(device.mn.clone());
        let (line, address) = session.line().ok_or_else(not_connected)?;
        let cp = match command {
            Command::SetClock => {
                format!("SystemTime={}", self.clock.civil(self.clock.now()).digits14())
            }
            Command::Other { cp, .. } => cp.clone(),
        };
        let mut bytes = Vec::new();
        let (mn, dialect) = (&device.mn, device.dialect);
        let (st, pw) = (&address.st, &address.pw);
        answers::request(&mut bytes, Request { qn, st, cn, pw, mn, dialect, cp: &cp });
        line.outbound.send(bytes.into_boxed_slice()).await.map_err(|_| not_connected())
    }

    async fn journal(
        &self,
        session: &Session,
        kind: NoteKind,
        text: String,
    ) -> Result<(), CommandError> {
        let (reply, committed) = oneshot::channel::<Committed>();
        let arrival = Arrival {
            received_at: self.clock.now(),
            notes: vec![Note { device: Some(session.device), kind, text }],
            ..Arrival::default()
        };
        let engine = self.engine.upgrade().ok_or(CommandError::NotJournaled)?;
        let sent = engine.send(Handover { arrival, reply }).await;
        sent.map_err(|_| CommandError::NotJournaled)?;
        committed.await.map(|_| ()).map_err(|_| CommandError::NotJournaled)
    }
}

impl Command {
    fn number(&self, dialect: Dialect) -> u16 {
        match self {
            Self::SetClock if dialect == Dialect::SurfaceWater => 1015,
            Self::SetClock => 1012,
            Self::Other { cn, .. } => *cn,
        }
    }
}
