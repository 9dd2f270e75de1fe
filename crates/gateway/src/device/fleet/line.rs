//! One connection of the fleet and the devices on it.

use super::plan::{PASSWORD, Plan, Template, Times};
use super::{Meter, Options};
use crate::device::{Histogram, Logger, Profile};
use crate::hj212::Clock;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What all connections share.
pub(super) struct Shared {
    pub plan: Plan,
    pub template: Template,
    pub options: Options,
    pub clock: Clock,
    pub meter: Arc<Meter>,
    pub connections: u32,
    /// Frames acknowledged, by device.
    pub acknowledged: Vec<AtomicU64>,
    pub latency: Mutex<Histogram>,
}

/// What one connection did.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub sent: u64,
    pub acknowledged: u64,
    pub requests: u64,
    pub strange: u64,
    pub broken: bool,
    pub last_answer: Option<Instant>,
}

/// One connection.
pub(super) struct Line {
    shared: Arc<Shared>,
    number: u32,
    /// Frames that were rendered so far.
    turn: u64,
    in_flight: VecDeque<(u32, Instant)>,
    output: Vec<u8>,
    input: Vec<u8>,
    times: Times,
    start: Instant,
    tally: Tally,
}

const OUTPUT_MAX: usize = 64 * 1024;

impl Line {
    /// The connection of this number, which began at `start` with all the others.
    pub fn new(number: u32, shared: Arc<Shared>, start: Instant) -> Self {
        Self {
            shared,
            number,
            turn: 0,
            in_flight: VecDeque::new(),
            output: vec![],
            input: vec![],
            times: Times::new(),
            start,
            tally: Tally::default(),
        }
    }

    /// Sends and listens until all is said and answered, or the connection breaks.
    pub async fn run(mut self, mut stream: TcpStream) -> Tally {
        let (mut reader, mut writer) = stream.split();
        let mut give_up = None;
        loop {
            let due = self.render();
            if due.is_none() && self.in_flight.is_empty() && self.output.is_empty() {
                break;
            }
            if due.is_none() && give_up.is_none() {
                give_up = Some(Instant::now() + self.shared.options.patience);
            }
            self.input.reserve(4096);
            let has_output = !self.output.is_empty();
            let went_well = tokio::select! {
                written = writer.write(&self.output), if has_output => match written {
                    Ok(count @ 1..) => {
                        self.output.drain(..count);
                        true
                    }
                    _ => false,
                },
                read = reader.read_buf(&mut self.input) => match read {
                    Ok(1..) => {
                        self.take_in();
                        true
                    }
                    _ => false,
                },
                () = wait(due, give_up) => give_up.is_none_or(|at| at > Instant::now()),
            };
            if !went_well {
                self.tally.broken = true;
                break;
            }
        }
        self.tally
    }

    /// Renders what may be sent now. `None` when nothing will be sent any more, else when to look again
    /// at the latest.
    fn render(&mut self) -> Option<Instant> {
        let shared = Arc::clone(&self.shared);
        let (plan, options) = (&shared.plan, &shared.options);
        let devices = u64::from((plan.devices - self.number).div_ceil(shared.connections));
        let now = Instant::now();
        let is_over = shared.meter.stop.load(Ordering::Relaxed)
            || options.duration.is_some_and(|duration| now - self.start >= duration);
        if is_over {
            return None;
        }
        let mut has_qn = false;
        loop {
            let (device, number) = (self.turn % devices, self.turn / devices);
            if options.frames.is_some_and(|frames| number >= frames) {
                return None;
            }
            if self.in_flight.len() >= options.window || self.output.len() >= OUTPUT_MAX {
                let end = options.duration.map(|duration| self.start + duration);
                return Some(end.unwrap_or(now + Duration::from_secs(1)));
            }
            if let Some(rate) = options.rate {
                let at = self.start
                    + Duration::from_secs_f64(self.turn as f64 / (rate * devices as f64));
                // Connections do not all speak at the same instant.
                let at = at + Duration::from_micros(u64::from(self.number) * 37 % 1_000_000);
                if at > now {
                    return Some(at);
                }
            }
            if !has_qn {
                self.times.set_qn(&shared.clock);
                has_qn = true;
            }
            let device = self.number + device as u32 * shared.connections;
            self.times.set_data(plan.time(number), &shared.clock);
            shared.template.write(&mut self.output, device, number, &self.times);
            self.in_flight.push_back((device, now));
            self.turn += 1;
            self.tally.sent += 1;
        }
    }

    /// Takes in answers: they come in the order in which the frames were sent.
    fn take_in(&mut self) {
        let now = Instant::now();
        let mut used = 0;
        let mut latencies = Vec::new();
        while let Some(length) = frame_length(&self.input[used..]) {
            let frame = used..used + length;
            used += length;
            let bytes = &self.input[frame.clone()];
            if !is_acknowledgement(bytes) {
                self.react(frame);
                continue;
            }
            match self.in_flight.pop_front() {
                Some((device, sent)) => {
                    self.shared.acknowledged[device as usize].fetch_add(1, Ordering::Relaxed);
                    latencies.push((now - sent).as_micros() as u64);
                }
                None => self.tally.strange += 1,
            }
        }
        self.input.drain(..used);
        if latencies.is_empty() {
            return;
        }
        self.tally.acknowledged += latencies.len() as u64;
        self.tally.last_answer = Some(now);
        self.shared.meter.acknowledged.fetch_add(latencies.len() as u64, Ordering::Relaxed);
        let mut all = self.shared.latency.lock().unwrap_or_else(PoisonError::into_inner);
        for us in latencies {
            all.add(us);
        }
    }

    /// Answers a request of the host as a logger with the settings of the factory.
    fn react(&mut self, frame: std::ops::Range<usize>) {
        let Ok((request, _)) = hj212::read(&self.input[frame]) else {
            self.tally.strange += 1;
            return;
        };
        let mut logger = Logger::new(Profile {
            mn: request.mn().to_owned(),
            pw: PASSWORD.to_owned(),
            st: "22".to_owned(),
            dialect: model::Dialect::Hj212V2017,
            clock_ahead_ms: 0,
        });
        let reaction = logger.react(&request, &self.shared.clock);
        self.tally.requests += 1;
        self.output.extend_from_slice(&reaction.first);
        self.output.extend_from_slice(&reaction.last);
    }
}

/// The length of the whole frame that the bytes begin with.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.get(2..6)?;
    let length =
        digits.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit.wrapping_sub(b'0')));
    let whole = 6 + length + 6;
    (bytes.len() >= whole).then_some(whole)
}

fn is_acknowledgement(frame: &[u8]) -> bool {
    frame.get(26..40) == Some(b";ST=91;CN=9014")
}

/// Until an instant to look again, or to give up.
async fn wait(due: Option<Instant>, give_up: Option<Instant>) {
    match due.into_iter().chain(give_up).min() {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
