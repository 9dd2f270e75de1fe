//! One connection: bytes in, batches to the engine, answers out.
//!
//! Reading, waiting for commits and writing go on side by side, so that a slow peer, a slow disk and a
//! long backlog do not wait for each other. What is waited for is bounded on each side: batches at the
//! engine, the memory of the batches of all connections, bytes of unread answers. At a bound reading
//! pauses, and the peer's TCP window closes: nothing is dropped.
//!
//! A quiet connection holds no buffer: room to read is made when there is something to read, and what
//! was read goes to the engine as it is.

pub(super) mod paper;

use super::batch::Batch;
use super::counters::add;
use super::judge::Judge;
use super::server::Shared;
use super::session::{Line, Session};
use crate::{Committed, Handover};
use hj212::{Deframer, Event};
use model::Reason;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::ready;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::Instant;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The peer closed it.
    Closed,
    /// The network lost it.
    Lost,
    /// The server stops.
    Stopped,
    /// The engine did not commit.
    NotCommitted,
    /// Nothing came for `idle_ms`.
    Idle,
    /// No good frame came within `first_frame_ms`.
    NoFrame,
    /// Too many bad frames in a row, or bytes made to be costly.
    Hopeless,
    /// More than `garbage_bytes_in_a_row_max` bytes that belong to no frame.
    Garbage,
    /// The peer did not read its answers for `write_ms`.
    Unread,
}

impl End {
    /// The stable name, as it is counted among the problems.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "connection_closed",
            Self::Lost => "connection_lost",
            Self::Stopped => "connection_stopped",
            Self::NotCommitted => "connection_not_committed",
            Self::Idle => "connection_idle",
            Self::NoFrame => "connection_without_frame",
            Self::Hopeless => "connection_bad_frames",
            Self::Garbage => "connection_garbage",
            Self::Unread => "connection_answers_unread",
        }
    }

    /// Whether the server closed it because of a limit.
    pub fn is_cut(self) -> bool {
        matches!(self, Self::Idle | Self::NoFrame | Self::Hopeless | Self::Garbage | Self::Unread)
    }
}

/// A connection that was just accepted.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    work: Work,
}

/// Everything of a connection but its socket.
#[derive(Debug)]
struct Work {
    shared: Arc<Shared>,
    engine: mpsc::Sender<Handover>,
    judge: Judge,
    deframer: Deframer,
    commands: mpsc::Receiver<Box<[u8]>>,
    /// Bytes of a frame that has not come whole.
    buffer: Vec<u8>,
    /// How much room is made for one read.
    chunk: usize,
    /// A batch that is about to go to the engine, the last of those in flight.
    waiting: Option<Handover>,
    in_flight: VecDeque<InFlight>,
    /// Answers that the peer has not taken yet.
    outbox: Vec<u8>,
    /// When it was opened, moved on by the time in which nothing was read.
    opened: Instant,
    /// When something was read, or reading went on after a pause.
    last_read: Instant,
    outbox_since: Instant,
    /// A pause to keep a rate.
    paused_until: Option<Instant>,
    /// Since when nothing is read, for whatever reason.
    deaf_since: Option<Instant>,
    had_good_frame: bool,
    garbage_in_a_row: u64,
    /// Why nothing more is read.
    ending: Option<End>,
}

/// A batch whose commit is waited for.
#[derive(Debug)]
struct InFlight {
    committed: oneshot::Receiver<Committed>,
    /// What it takes of the memory of all connections, and that it has it.
    bytes: u32,
    memory: Option<OwnedSemaphorePermit>,
    answers: Vec<u8>,
    clock_requests: Vec<Arc<Session>>,
    frames: u64,
    readings: u64,
}

/// What a connection waits for with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Something that ends it.
    End(End),
    /// Silence in the middle of a frame: its beginning is given up.
    HalfFrame,
    /// The end of a pause.
    Resume,
}

const CHUNK_MIN: usize = 2 * 1024;
const CHUNK_MAX: usize = 64 * 1024;

impl Connection {
    /// Takes over a socket.
    pub fn new(
        stream: TcpStream,
        number: u64,
        peer: SocketAddr,
        shared: Arc<Shared>,
        engine: mpsc::Sender<Handover>,
    ) -> Self {
        Self { stream, work: Work::new(number, peer, shared, engine) }
    }

    /// Serves it to its end.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) -> End {
        let Self { mut stream, mut work } = self;
        if stream.set_nodelay(true).is_err() {
            return End::Lost;
        }
        let (mut reader, mut writer) = stream.split();
        let end = work.serve(&mut reader, &writer, &mut stopping).await;
        work.judge.leave();
        work.abandon();
        if end == End::Stopped {
            // Closing with unread bytes would reset the connection and take the last answers along.
            let linger = Duration::from_millis(work.shared.limits.linger_ms);
            let rest = async {
                let mut sink = [0_u8; 1024];
                writer.shutdown().await?;
                while reader.read(&mut sink).await? > 0 {}
                io::Result::Ok(())
            };
            // The peer may never close its side, or be gone: either way this is the end.
            let closed = tokio::time::timeout(linger, rest).await;
            tracing::trace!(in_time = closed.is_ok(), "HJ 212: connection drained");
        }
        end
    }
}

impl Work {
    fn new(
        number: u64,
        peer: SocketAddr,
        shared: Arc<Shared>,
        engine: mpsc::Sender<Handover>,
    ) -> Self {
        let (outbound, commands) = mpsc::channel(16);
        let line = Line { connection: number, peer, outbound };
        let limits = &shared.limits;
        let deframer = Deframer::new(hj212::Limits {
            segment_bytes_max: limits.frame_bytes_max,
            bad_frames_in_a_row_max: limits.bad_frames_in_a_row_max,
            ..hj212::Limits::default()
        });
        let now = Instant::now();
        Self {
            judge: Judge::new(Arc::clone(&shared), line),
            shared,
            engine,
            deframer,
            commands,
            buffer: vec![],
            chunk: CHUNK_MIN,
            waiting: None,
            in_flight: VecDeque::new(),
            outbox: vec![],
            opened: now,
            last_read: now,
            outbox_since: now,
            paused_until: None,
            deaf_since: None,
            had_good_frame: false,
            garbage_in_a_row: 0,
            ending: None,
        }
    }

    async fn serve(
        &mut self,
        reader: &mut ReadHalf<'_>,
        writer: &WriteHalf<'_>,
        stopping: &mut watch::Receiver<bool>,
    ) -> End {
        let mut stop = pin!(stopping.wait_for(|stop| *stop));
        // It may be early, never late: reading moves what is due away and leaves the timer alone.
        let mut timer = pin!(tokio::time::sleep(Duration::from_millis(self.shared.limits.idle_ms)));
        let engine = self.engine.clone();
        let memory = Arc::clone(&self.shared.memory);
        loop {
            if let Some(end) = self.ending
                && self.waiting.is_none()
                && self.in_flight.is_empty()
                && self.outbox.is_empty()
            {
                return end;
            }
            let may_read = self.may_read();
            self.listens(may_read);
            let due = self.due();
            if let Some((at, _)) = due
                && (at < timer.deadline() || timer.is_elapsed())
            {
                timer.as_mut().reset(at);
            }
            let chunk = self.chunk();
            let bytes = self.in_flight.back().map_or(0, |batch| batch.bytes);
            let ended = tokio::select! {
                biased;
                committed = front(&mut self.in_flight), if !self.in_flight.is_empty() => {
                    match committed {
                        Some(committed) => self.committed(&committed, writer),
                        None => Err(End::NotCommitted),
                    }
                }
                Some(command) = self.commands.recv(), if self.ending.is_none() => {
                    self.post(&command, writer)
                }
                room = room(&memory, &engine, bytes), if self.waiting.is_some() => match room {
                    Some((memory, place)) => {
                        if let Some(batch) = self.in_flight.back_mut() {
                            batch.memory = Some(memory);
                        }
                        if let Some(handover) = self.waiting.take() {
                            place.send(handover);
                        }
                        Ok(())
                    }
                    None => Err(End::NotCommitted),
                },
                ready = writer.writable(), if !self.outbox.is_empty() => {
                    ready.map_err(|_| End::Lost).and_then(|()| self.flush(writer))
                }
                read = read(reader, &mut self.buffer, chunk), if may_read => {
                    self.arrived(read.ok(), reader);
                    Ok(())
                }
                _ = &mut stop, if self.ending.is_none() => {
                    self.ending = Some(End::Stopped);
                    Ok(())
                }
                () = &mut timer, if due.is_some() => self.timer(),
            };
            if let Err(end) = ended {
                return end;
            }
        }
    }

    fn may_read(&self) -> bool {
        self.ending.is_none()
            && self.waiting.is_none()
            && self.paused_until.is_none()
            && self.in_flight.len() < self.shared.limits.batches_in_flight_max
            && self.outbox.len() < self.shared.limits.unread_answer_bytes_max
    }

    /// How much to read at once: little when it would only wait here for memory.
    fn chunk(&self) -> usize {
        if self.shared.memory.available_permits() == 0 { CHUNK_MIN } else { self.chunk }
    }

    /// Notes when reading stops and goes on. Silence while we do not listen is not the peer's.
    fn listens(&mut self, may_read: bool) {
        if !may_read {
            self.deaf_since.get_or_insert_with(Instant::now);
        } else if let Some(since) = self.deaf_since.take() {
            self.last_read = Instant::now();
            self.opened += self.last_read - since;
        }
    }

    /// What is due next, and when. What waits for the peer to speak is due only while we listen.
    fn due(&self) -> Option<(Instant, Due)> {
        let limits = &self.shared.limits;
        let after = |is_due: bool, start: Instant, ms, due| {
            is_due.then(|| (start + Duration::from_millis(ms), due))
        };
        let reads = self.may_read();
        let is_new = reads && !self.had_good_frame;
        let is_half = reads && self.deframer.has_head();
        let unread = !self.outbox.is_empty();
        [
            after(unread, self.outbox_since, limits.write_ms, Due::End(End::Unread)),
            after(reads, self.last_read, limits.idle_ms, Due::End(End::Idle)),
            after(is_new, self.opened, limits.first_frame_ms, Due::End(End::NoFrame)),
            after(is_half, self.last_read, limits.partial_frame_ms, Due::HalfFrame),
            self.paused_until.map(|at| (at, Due::Resume)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
    }

    /// The timer fired: does what is due, if anything is.
    fn timer(&mut self) -> Result<(), End> {
        let now = Instant::now();
        match self.due().filter(|(at, _)| *at <= now) {
            None => Ok(()),
            Some((_, Due::End(end))) => Err(end),
            Some((_, Due::Resume)) => {
                self.paused_until = None;
                Ok(())
            }
            Some((_, Due::HalfFrame)) => {
                self.deframer.give_up_head();
                self.cut_frames();
                Ok(())
            }
        }
    }

    /// Bytes came, or the end of them (0), or the network failed (`None`).
    fn arrived(&mut self, read: Option<usize>, reader: &ReadHalf<'_>) {
        let Some(mut count) = read else {
            self.ending = Some(End::Lost);
            return;
        };
        if count == 0 {
            self.ending = Some(End::Closed);
            self.deframer.give_up_head();
            self.cut_frames();
            return;
        }
        self.last_read = Instant::now();
        let mut total = count;
        // A full read means that more may be there: take it along.
        let memory = self.shared.memory.available_permits();
        let most = self.shared.limits.batch_bytes_max.min(memory);
        while count >= self.chunk && total < most {
            self.chunk = (self.chunk * 2).min(CHUNK_MAX);
            self.buffer.reserve_exact(self.chunk);
            match reader.try_read_buf(&mut self.buffer) {
                Ok(more) => count = more,
                Err(_) => break,
            }
            total += count;
        }
        if total < self.chunk / 4 {
            self.chunk = (self.chunk / 2).max(CHUNK_MIN);
        }
        add(&self.shared.counters.bytes, total as u64);
        self.cut_frames();
    }

    /// Cuts the buffer into frames and makes a batch of them.
    fn cut_frames(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        let mut batch = self.judge.begin();
        let mut rest: &[u8] = &buffer;
        let mut garbage = 0;
        let mut hopeless = false;
        while let Some(event) = self.deframer.next(&mut rest) {
            let end = buffer.len() - rest.len();
            match event {
                Event::Frame(raw) => self.judge.frame(&raw, end - raw.bytes.len()..end, &mut batch),
                Event::Bad(bad) => {
                    let reason = self.reason(bad.bytes);
                    self.judge.no_frame(reason, end - bad.bytes.len()..end, &mut batch);
                    batch.problem(bad.reason.name());
                }
                Event::Skipped(bytes) => garbage += bytes.len() as u64,
                Event::Hopeless(_) => {
                    self.judge.no_frame(Reason::BadGrammar, end..buffer.len(), &mut batch);
                    hopeless = true;
                    rest = &[];
                }
            }
        }
        self.judge.end(&mut batch);
        self.count(&batch, garbage);
        let left = rest.len();
        self.keep_rest(buffer, left, &mut batch);
        self.hand_over(batch);
        if hopeless {
            self.ending = Some(End::Hopeless);
        } else if self.garbage_in_a_row > self.shared.limits.garbage_bytes_in_a_row_max {
            self.ending = Some(End::Garbage);
        }
    }

    /// Why a head came to nothing.
    fn reason(&self, bytes: &[u8]) -> Reason {
        use hj212::Kind::{BadLengthField, LengthWrong, Truncated};
        let max = self.shared.limits.frame_bytes_max;
        match hj212::read(bytes) {
            // Nothing is wrong with it but its length.
            Ok(_) => Reason::Oversize,
            Err(rejected) if rejected.declared_len.is_some_and(|length| length > max) => {
                Reason::Oversize
            }
            Err(rejected) => {
                let is_length = |kind| matches!(kind, BadLengthField | LengthWrong | Truncated);
                let by_length = rejected.problems.iter().any(|problem| is_length(problem.kind));
                if by_length { Reason::BadLength } else { Reason::BadCrc }
            }
        }
    }

    fn count(&mut self, batch: &Batch, garbage: u64) {
        add(&self.shared.counters.garbage_bytes, garbage);
        self.shared.counters.add_problems(&batch.problems);
        self.garbage_in_a_row =
            if batch.had_good_frame { 0 } else { self.garbage_in_a_row + garbage };
        self.had_good_frame |= batch.had_good_frame;
        if batch.pause_ms > 0 {
            add(&self.shared.counters.pauses, 1);
            self.paused_until = Some(Instant::now() + Duration::from_millis(batch.pause_ms));
        }
    }

    /// The batch takes the bytes as they are; the last `rest` of them belong to the next one.
    fn keep_rest(&mut self, mut buffer: Vec<u8>, rest: usize, batch: &mut Batch) {
        if batch.arrival.frames.is_empty() && rest == buffer.len() {
            buffer.shrink_to(rest);
            self.buffer = buffer;
            return;
        }
        let used = buffer.len() - rest;
        self.buffer = buffer[used..].to_vec();
        buffer.truncate(used);
        if buffer.capacity() > 2 * used {
            buffer.shrink_to_fit();
        }
        batch.arrival.raw = buffer;
    }

    fn hand_over(&mut self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        self.shared.counters.hand_over(&batch);
        let (reply, committed) = oneshot::channel();
        self.in_flight.push_back(InFlight {
            committed,
            bytes: batch.bytes().min(self.shared.limits.in_flight_bytes_max) as u32,
            memory: None,
            answers: batch.answers,
            clock_requests: batch.clock_requests,
            frames: batch.arrival.frames.len() as u64,
            readings: batch.reading_count,
        });
        self.waiting = Some(Handover { arrival: batch.arrival, reply });
    }

    /// The oldest batch is on disk: now its devices may know.
    fn committed(&mut self, committed: &Committed, writer: &WriteHalf<'_>) -> Result<(), End> {
        let Some(batch) = self.kept(committed) else { return Ok(()) };
        for session in batch.clock_requests {
            self.set_clock(session);
        }
        if batch.answers.is_empty() { Ok(()) } else { self.post(&batch.answers, writer) }
    }

    /// Takes the oldest batch off those in flight: what it owes its devices.
    fn kept(&mut self, committed: &Committed) -> Option<InFlight> {
        let batch = self.in_flight.pop_front()?;
        assert_eq!(committed.outcomes.len() as u64, batch.frames, "one outcome for each frame");
        self.shared.counters.come_back(batch.frames, batch.readings, true);
        if self.in_flight.is_empty() {
            self.in_flight.shrink_to_fit();
        }
        Some(batch)
    }

    /// Orders a device to set its clock, unless such an order waits or is under way.
    fn set_clock(&self, session: Arc<Session>) {
        let Ok(order) = Arc::clone(&session.clock_order).try_lock_owned() else { return };
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let _order = order;
            let registry = shared.registry.borrow().clone();
            let Some(device) = registry.device(session.device) else { return };
            let because = "its clock is wrong, or it asked for the time";
            let command = super::Command::SetClock;
            if let Err(error) = shared.exchanges.run(&session, device, &command, because).await {
                tracing::info!(device.mn = %device.mn, %error, "HJ 212: a clock could not be set");
            }
        });
    }

    /// Writes as much as the peer takes now and keeps the rest.
    fn post(&mut self, bytes: &[u8], writer: &WriteHalf<'_>) -> Result<(), End> {
        add(&self.shared.counters.answers, bytes.len() as u64);
        if self.outbox.is_empty() {
            self.outbox_since = Instant::now();
        }
        self.outbox.extend_from_slice(bytes);
        self.flush(writer)
    }

    fn flush(&mut self, writer: &WriteHalf<'_>) -> Result<(), End> {
        while !self.outbox.is_empty() {
            match writer.try_write(&self.outbox) {
                Ok(0) => return Err(End::Lost),
                Ok(written) => {
                    self.outbox.drain(..written);
                    self.outbox_since = Instant::now();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(_) => return Err(End::Lost),
            }
        }
        self.outbox = vec![];
        Ok(())
    }

    /// What the engine has is its own affair now: nobody waits for it here any more.
    fn abandon(&mut self) {
        for batch in self.in_flight.drain(..) {
            self.shared.counters.come_back(batch.frames, batch.readings, false);
        }
    }
}

/// The answer of the engine to the oldest batch; `None` when there will be none.
async fn front(in_flight: &mut VecDeque<InFlight>) -> Option<Committed> {
    match in_flight.front_mut() {
        Some(batch) => (&mut batch.committed).await.ok(),
        None => std::future::pending().await,
    }
}

/// Room for a batch: in the memory of all connections, then at the engine; `None` when that is gone.
async fn room<'e>(
    memory: &Arc<Semaphore>,
    engine: &'e mpsc::Sender<Handover>,
    bytes: u32,
) -> Option<(OwnedSemaphorePermit, mpsc::Permit<'e, Handover>)> {
    let memory = Arc::clone(memory).acquire_many_owned(bytes).await.ok()?;
    Some((memory, engine.reserve().await.ok()?))
}

/// Reads once, and makes room only when there is something to read.
async fn read(reader: &mut ReadHalf<'_>, buffer: &mut Vec<u8>, chunk: usize) -> io::Result<usize> {
    poll_fn(|context| {
        ready!(reader.as_ref().poll_read_ready(context))?;
        buffer.reserve_exact(chunk);
        let read = pin!(reader.read_buf(buffer)).poll(context);
        if read.is_pending() {
            let used = buffer.len();
            buffer.shrink_to(used);
        }
        read
    })
    .await
}

#[cfg(test)]
mod tests;
