//! One connection of one or more loggers to a host.

use super::logger::{Logger, Upload};
use crate::hj212::Clock;
use hj212::{Deframer, Event, Frame};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How a client behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Frames that may be on their way without an answer.
    pub window: usize,
    /// How long to wait for an answer before sending again.
    pub timeout: Duration,
    /// How often a frame is sent on one connection before the link counts as unusable.
    pub attempts: u32,
    /// How often to connect again in a row, when a connection breaks.
    pub reconnects: u32,
    /// Time between two attempts to connect.
    pub reconnect_pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            window: 256,
            timeout: Duration::from_secs(10),
            attempts: 3,
            reconnects: 10,
            reconnect_pause: Duration::from_millis(500),
        }
    }
}

/// What a client did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Account {
    /// Frames sent for the first time.
    pub frames_sent: u64,
    /// Frames whose 9014 came.
    pub frames_acknowledged: u64,
    /// Frames sent again.
    pub frames_resent: u64,
    /// Readings in the frames sent.
    pub readings_sent: u64,
    /// Readings in the frames whose 9014 came.
    pub readings_acknowledged: u64,
    /// Requests of the host that were answered.
    pub requests: u64,
    /// Connections opened.
    pub connections: u64,
}

impl Account {
    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.frames_sent += other.frames_sent;
        self.frames_acknowledged += other.frames_acknowledged;
        self.frames_resent += other.frames_resent;
        self.readings_sent += other.readings_sent;
        self.readings_acknowledged += other.readings_acknowledged;
        self.requests += other.requests;
        self.connections += other.connections;
    }
}

/// Why a client gave up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens, or the network does not reach them.
    #[error(
        "cannot connect to {address} after {attempts} attempts\nhint: is the server running, and is this its HJ 212 port?"
    )]
    Connect {
        /// Where.
        address: SocketAddr,
        /// How often it was tried.
        attempts: u32,
        /// The last reason.
        #[source]
        source: io::Error,
    },
    /// The host reads and does not answer.
    #[error(
        "device {mn}: no answer to {qn} after {attempts} attempts\nhint: an unknown device or a wrong password is never answered; is it registered?"
    )]
    Unanswered {
        /// Which device.
        mn: String,
        /// Which frame.
        qn: String,
        /// How often it was sent.
        attempts: u32,
    },
    /// The host closed the connection and took none of what was sent.
    #[error("the connection broke {0} times in a row and nothing was acknowledged in between")]
    Broken(u32),
}

/// A connection that sends uploads and keeps each until it is acknowledged.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    clock: Clock,
    options: Options,
    loggers: Vec<Logger>,
    by_mn: HashMap<String, usize>,
    stream: Option<TcpStream>,
    deframer: Deframer,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Sent, not acknowledged, in the order of sending.
    unacknowledged: VecDeque<Sent>,
    /// What a request of the host still wants, in its order.
    todo: VecDeque<Todo>,
    broken_in_a_row: u32,
    account: Account,
}

#[derive(Debug)]
struct Sent {
    logger: usize,
    qn: Box<str>,
    bytes: Box<[u8]>,
    readings: u32,
    attempts: u32,
    at: Instant,
}

#[derive(Debug)]
enum Todo {
    Upload(usize, Upload),
    /// The end of a request, if it `waits` when everything is acknowledged.
    Last {
        bytes: Vec<u8>,
        waits: bool,
    },
}

/// What one step did.
enum Done {
    Written(usize),
    Read,
    Broken,
    Overdue,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there, after `options.reconnects` attempts.
    pub async fn connect(
        address: SocketAddr,
        loggers: Vec<Logger>,
        clock: Clock,
        options: Options,
    ) -> Result<Self, ClientError> {
        let by_mn =
            loggers.iter().enumerate().map(|(at, one)| (one.profile.mn.clone(), at)).collect();
        let mut client = Self {
            address,
            clock,
            options,
            loggers,
            by_mn,
            stream: None,
            deframer: Deframer::new(hj212::Limits::default()),
            input: vec![],
            output: vec![],
            unacknowledged: VecDeque::new(),
            todo: VecDeque::new(),
            broken_in_a_row: 0,
            account: Account::default(),
        };
        client.reconnect().await?;
        Ok(client)
    }

    /// What was done so far.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The loggers, as the host has set them.
    pub fn loggers(&self) -> &[Logger] {
        &self.loggers
    }

    /// Sends one upload of a logger. Returns when there is room for the next one; the frame may still
    /// wait for others to go with it: [`flush`](Self::flush) and [`finish`](Self::finish) send it.
    ///
    /// # Errors
    /// When a frame stays unanswered, or the host is gone and does not come back.
    pub async fn send(&mut self, logger: usize, upload: &Upload) -> Result<(), ClientError> {
        const ENOUGH: usize = 32 * 1024;
        self.put(logger, upload);
        while self.output.len() >= ENOUGH || self.unacknowledged.len() >= self.options.window {
            self.step().await?;
        }
        Ok(())
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn flush(&mut self) -> Result<(), ClientError> {
        while !self.output.is_empty() {
            self.step().await?;
        }
        Ok(())
    }

    /// Answers the host until an instant comes.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn serve_until(&mut self, until: Instant) -> Result<(), ClientError> {
        loop {
            tokio::select! {
                stepped = self.step() => stepped?,
                () = tokio::time::sleep_until(until) => return Ok(()),
            }
        }
    }

    /// Waits until everything is acknowledged and every request of the host is done.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn finish(&mut self) -> Result<(), ClientError> {
        while !self.unacknowledged.is_empty() || !self.todo.is_empty() || !self.output.is_empty() {
            self.step().await?;
        }
        Ok(())
    }

    fn put(&mut self, logger: usize, upload: &Upload) {
        let start = self.output.len();
        let names = self.loggers[logger].write(upload, &self.clock, &mut self.output);
        let mut rest = &self.output[start..];
        for qn in names {
            let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let (bytes, after) = rest.split_at(end);
            rest = after;
            let readings = count_readings(bytes);
            self.account.frames_sent += 1;
            self.account.readings_sent += u64::from(readings);
            self.unacknowledged.push_back(Sent {
                logger,
                qn: qn.into(),
                bytes: bytes.into(),
                readings,
                attempts: 1,
                at: Instant::now(),
            });
        }
    }

    /// Sends or reads once, whichever is possible first, or takes care of what is overdue. May be
    /// dropped at any time: what was not sent is still there.
    async fn step(&mut self) -> Result<(), ClientError> {
        let Some(stream) = &mut self.stream else { return self.reconnect().await };
        let (mut reader, mut writer) = stream.split();
        let overdue = self.unacknowledged.front().map(|sent| sent.at + self.options.timeout);
        self.input.reserve(16 * 1024);
        let done = tokio::select! {
            written = writer.write(&self.output), if !self.output.is_empty() => match written {
                Ok(count @ 1..) => Done::Written(count),
                _ => Done::Broken,
            },
            read = reader.read_buf(&mut self.input) => match read {
                Ok(1..) => Done::Read,
                _ => Done::Broken,
            },
            () = sleep_until(overdue) => Done::Overdue,
        };
        match done {
            Done::Written(count) => {
                self.output.drain(..count);
                Ok(())
            }
            Done::Read => {
                self.take_in();
                self.go_on();
                Ok(())
            }
            Done::Broken => self.reconnect().await,
            Done::Overdue => self.resend(),
        }
    }

    /// Connects, and sends again what was not acknowledged.
    async fn reconnect(&mut self) -> Result<(), ClientError> {
        let is_first = self.account.connections == 0;
        self.stream = None;
        if !is_first {
            self.broken_in_a_row += 1;
            if self.broken_in_a_row > self.options.reconnects {
                return Err(ClientError::Broken(self.broken_in_a_row));
            }
        }
        let mut attempts = 0;
        let stream = loop {
            attempts += 1;
            match TcpStream::connect(self.address).await {
                Ok(stream) => break stream,
                Err(source) if attempts > self.options.reconnects => {
                    return Err(ClientError::Connect { address: self.address, attempts, source });
                }
                Err(_) => tokio::time::sleep(self.options.reconnect_pause).await,
            }
        };
        // Without it small frames wait for each other; the connection works all the same.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "device: nodelay could not be set");
        }
        self.stream = Some(stream);
        self.account.connections += 1;
        self.deframer = Deframer::new(hj212::Limits::default());
        self.input.clear();
        self.output.clear();
        for sent in &mut self.unacknowledged {
            (sent.attempts, sent.at) = (1, Instant::now());
            self.output.extend_from_slice(&sent.bytes);
            self.account.frames_resent += 1;
        }
        Ok(())
    }

    /// Sends again what has waited too long.
    fn resend(&mut self) -> Result<(), ClientError> {
        let now = Instant::now();
        for sent in &mut self.unacknowledged {
            if sent.at + self.options.timeout > now {
                continue;
            }
            if sent.attempts >= self.options.attempts {
                return Err(ClientError::Unanswered {
                    mn: self.loggers[sent.logger].profile.mn.clone(),
                    qn: sent.qn.to_string(),
                    attempts: sent.attempts,
                });
            }
            (sent.attempts, sent.at) = (sent.attempts + 1, now);
            self.output.extend_from_slice(&sent.bytes);
            self.account.frames_resent += 1;
        }
        Ok(())
    }

    fn take_in(&mut self) {
        let input = std::mem::take(&mut self.input);
        let mut rest: &[u8] = &input;
        while let Some(event) = self.deframer.next(&mut rest) {
            let Event::Frame(raw) = event else { continue };
            if let Ok((frame, _)) = raw.read() {
                self.host_says(&frame);
            }
        }
        let left = rest.len();
        self.input = input;
        self.input.drain(..self.input.len() - left);
    }

    fn host_says(&mut self, frame: &Frame<'_>) {
        let logger = self.by_mn.get(frame.mn()).copied();
        if matches!(frame.cn(), Some(9013 | 9014)) {
            // In 2005 an answer does not name the device: the QN has to do.
            let qn = frame.answered_qn();
            let is_it = |sent: &Sent| *sent.qn == *qn && logger.is_none_or(|at| at == sent.logger);
            let at = self.unacknowledged.iter().position(is_it);
            if let Some(sent) = at.and_then(|at| self.unacknowledged.remove(at)) {
                self.account.frames_acknowledged += 1;
                self.account.readings_acknowledged += u64::from(sent.readings);
                self.broken_in_a_row = 0;
            }
            return;
        }
        let Some(at) = logger else { return };
        let reaction = self.loggers[at].react(frame, &self.clock);
        self.account.requests += 1;
        self.output.extend_from_slice(&reaction.first);
        let waits = !reaction.uploads.is_empty();
        self.todo.extend(reaction.uploads.into_iter().map(|one| Todo::Upload(at, one)));
        if !reaction.last.is_empty() {
            self.todo.push_back(Todo::Last { bytes: reaction.last, waits });
        }
    }

    /// Goes on with what the host has asked for.
    fn go_on(&mut self) {
        loop {
            let is_free = match self.todo.front() {
                None => return,
                Some(Todo::Upload(..)) => self.unacknowledged.len() < self.options.window,
                Some(Todo::Last { waits, .. }) => !waits || self.unacknowledged.is_empty(),
            };
            if !is_free {
                return;
            }
            match self.todo.pop_front() {
                Some(Todo::Upload(at, upload)) => self.put(at, &upload),
                Some(Todo::Last { bytes, .. }) => self.output.extend_from_slice(&bytes),
                None => {}
            }
        }
    }
}

/// Until an instant, or for ever.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The readings of a frame of our own: its values that are no marks.
fn count_readings(bytes: &[u8]) -> u32 {
    let items = hj212::read(bytes).map(|(frame, _)| frame.items());
    items.map_or(0, crate::hj212::count_values)
}
