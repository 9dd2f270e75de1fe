//! From a frame to its fate: who sent it, what it holds, and whether its time can be true.

use super::answers;
use super::batch::Batch;
use super::bucket::Bucket;
use super::clock::SkewRule;
use super::exchange::Reply;
use super::mapping::{self, Layout, Reader, Scratch};
use super::server::Shared;
use super::session::{Heard, Line, Session};
use hj212::{Frame, Level, Problem, RawFrame, Rejected};
use model::{ArrivedFrame, Claim, Device, DeviceId, Dialect, Fate, NoteKind, Reason, Registry};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Judges the frames of one connection.
#[derive(Debug)]
pub struct Judge {
    shared: Arc<Shared>,
    line: Line,
    registry: Arc<Registry>,
    speakers: Vec<Speaker>,
    by_mn: HashMap<Box<[u8]>, usize>,
    /// Speakers of the batch that is being made.
    heard: Vec<usize>,
    /// Frames of the batch that nobody known has signed, and the rate of them.
    unsigned_frames: u32,
    unsigned: Bucket,
    scratch: Scratch,
    next_number: u64,
}

/// A registered device on this connection.
#[derive(Debug)]
struct Speaker {
    device: DeviceId,
    session: Arc<Session>,
    layouts: Vec<(u16, Layout)>,
    /// Frames and readings in the batch that is being made.
    frames: u32,
    readings: u32,
    /// Its clock minus ours by the last frame of the batch, in milliseconds.
    difference_ms: Option<i64>,
}

/// What the fate of a frame rests on.
struct Reading {
    fate: Fate,
    count: u32,
}

impl Judge {
    /// For a connection.
    pub fn new(shared: Arc<Shared>, line: Line) -> Self {
        let registry = shared.registry.borrow().clone();
        let unsigned = Bucket::full(shared.limits.unsigned_frames_per_s, shared.clock.now());
        Self {
            shared,
            line,
            registry,
            speakers: vec![],
            by_mn: HashMap::new(),
            heard: vec![],
            unsigned_frames: 0,
            unsigned,
            scratch: Scratch::default(),
            next_number: 1,
        }
    }

    /// Begins a batch.
    pub fn begin(&mut self) -> Batch {
        let registry = self.shared.registry.borrow();
        if !Arc::ptr_eq(&registry, &self.registry) {
            // What was worked out from the former registry (units, passwords) may be wrong now.
            self.registry = Arc::clone(&registry);
            for speaker in &mut self.speakers {
                speaker.layouts.clear();
            }
        }
        drop(registry);
        Batch::new(self.next_number, self.shared.clock.now())
    }

    /// Adds one frame, read well or badly, that stands at `range` of the bytes of the batch.
    pub fn frame(&mut self, raw: &RawFrame<'_>, range: Range<usize>, batch: &mut Batch) {
        match raw.read() {
            Ok((frame, problems)) => self.read(&frame, &problems, range, batch),
            Err(rejected) => self.rejected(&rejected, range, batch),
        }
    }

    /// Adds bytes that are no frame, for a reason; no more of them than is worth keeping.
    pub fn no_frame(&mut self, reason: Reason, range: Range<usize>, batch: &mut Batch) {
        let kept = range.len().min(self.shared.limits.bad_frame_bytes_kept);
        // A connection with one device on it: the problem is that device's.
        let only = match &self.speakers[..] {
            [only] => Some(only.device),
            _ => None,
        };
        self.unsigned_frames += 1;
        batch.speaks(only);
        batch.problem(reason.name());
        batch.push(ArrivedFrame {
            claim: Claim::Nobody,
            raw: range.start..range.start + kept,
            readings: 0..0,
            reading_count: 0,
            fate: Fate::Reject(reason),
        });
    }

    /// Ends a batch: sessions, rates and clocks of those who spoke in it.
    pub fn end(&mut self, batch: &mut Batch) {
        let now = batch.arrival.received_at;
        for at in std::mem::take(&mut self.heard) {
            let speaker = &mut self.speakers[at];
            let (frames, readings) = (speaker.frames, speaker.readings);
            (speaker.frames, speaker.readings) = (0, 0);
            batch.speaks(Some(speaker.device));
            match speaker.session.heard(&self.line, now) {
                Heard::Again => {}
                Heard::Opened => batch.note(
                    NoteKind::Session,
                    format!("{} speaks from {}", speaker.session.mn, self.line.peer),
                ),
                Heard::Second(other) => {
                    batch.problem("second_connection");
                    batch.note(
                        NoteKind::Session,
                        format!(
                            "{} speaks from {} while its connection from {other} is open; both may \
                             deliver, commands go to where it was last heard",
                            speaker.session.mn, self.line.peer
                        ),
                    );
                }
            }
            let pause = speaker.session.spend(frames, readings, &self.shared.limits, now);
            batch.pause_ms = batch.pause_ms.max(pause);
            if let Some(difference) = speaker.difference_ms.take() {
                let session = Arc::clone(&speaker.session);
                self.clock(&session, difference, batch);
            }
        }
        let unsigned = self.unsigned.take(
            std::mem::take(&mut self.unsigned_frames),
            self.shared.limits.unsigned_frames_per_s,
            now,
        );
        batch.pause_ms = batch.pause_ms.max(unsigned);
        self.next_number = batch.number + 1;
    }

    /// The connection is closed.
    pub fn leave(&self) {
        for speaker in &self.speakers {
            speaker.session.left(self.line.connection);
        }
    }

    fn clock(&self, session: &Arc<Session>, difference_ms: i64, batch: &mut Batch) {
        let config = &self.shared.config;
        let limit_ms = config.clock_limit_ms;
        let rule = SkewRule { limit_ms, agree_ms: config.clock_agree_ms };
        let at = batch.arrival.received_at;
        let Some(skew) = session.clock(difference_ms, at, rule) else { return };
        let is_wrong = skew.ms.abs() > limit_ms;
        if skew.is_news {
            batch.problem(if is_wrong { "clock_skew" } else { "clock_right_again" });
            let seconds = skew.ms as f64 / 1000.0;
            let side = if skew.ms > 0 { "ahead of" } else { "behind" };
            batch.note(
                NoteKind::ClockSkew,
                format!("the clock of {} is {:.1} s {side} ours", session.mn, seconds.abs()),
            );
        }
        let pause_ms = self.shared.config.clock_set_pause_ms;
        if is_wrong
            && self.shared.config.set_clocks
            && session.may_set_clock(batch.arrival.received_at, pause_ms)
        {
            batch.clock_requests.push(Arc::clone(session));
        }
    }

    fn read(
        &mut self,
        frame: &Frame<'_>,
        problems: &[Problem],
        range: Range<usize>,
        batch: &mut Batch,
    ) {
        let at = match self.prove(frame, batch) {
            Ok(at) => at,
            Err(reason) => return self.stranger(frame, reason, range, batch),
        };
        batch.had_good_frame = true;
        self.deviations(at, problems, batch);
        let first = batch.arrival.readings.len();
        let judged = self.content(at, frame, batch);
        let speaker = &mut self.speakers[at];
        if speaker.frames == 0 {
            self.heard.push(at);
        }
        speaker.frames += 1;
        speaker.readings = speaker.readings.saturating_add(judged.count);
        batch.push(ArrivedFrame {
            claim: Claim::Device(speaker.device),
            raw: range,
            readings: first..batch.arrival.readings.len(),
            reading_count: judged.count,
            fate: judged.fate,
        });
    }

    /// Who sent it: the registered device whose name and password it carries.
    fn prove(&mut self, frame: &Frame<'_>, batch: &mut Batch) -> Result<usize, Reason> {
        let mn = frame.header.mn.unwrap_or_default();
        let at = match self.by_mn.get(mn) {
            Some(at) => *at,
            None => self.introduce(frame.mn(), batch).ok_or(Reason::UnknownDevice)?,
        };
        let speaker = &self.speakers[at];
        let device = self.registry.device(speaker.device).ok_or(Reason::UnknownDevice)?;
        // The day is told only for the few devices that have an end: it costs a calendar.
        let has_end = !device.valid_from.is_empty() || !device.valid_to.is_empty();
        if has_end && !device.is_there(&self.shared.clock.day(batch.arrival.received_at)) {
            return Err(Reason::UnknownDevice);
        }
        if !device.password.is_empty()
            && device.password.as_bytes() != frame.header.pw.unwrap_or_default()
        {
            return Err(Reason::WrongPassword);
        }
        batch.speaks(Some(speaker.device));
        Ok(at)
    }

    fn introduce(&mut self, mn: &str, batch: &mut Batch) -> Option<usize> {
        let device = self.registry.device_id(mn)?;
        if self.speakers.len() >= self.shared.limits.devices_per_connection_max {
            batch.problem("devices_per_connection");
            return None;
        }
        let now = batch.arrival.received_at;
        let session = self.shared.sessions.of(device, mn, now, &self.shared.limits);
        self.speakers.push(Speaker {
            device,
            session,
            layouts: vec![],
            frames: 0,
            readings: 0,
            difference_ms: None,
        });
        let at = self.speakers.len() - 1;
        self.by_mn.insert(mn.as_bytes().into(), at);
        Some(at)
    }

    fn stranger(
        &mut self,
        frame: &Frame<'_>,
        reason: Reason,
        range: Range<usize>,
        batch: &mut Batch,
    ) {
        let mn: String =
            String::from_utf8_lossy(frame.header.mn.unwrap_or_default()).chars().take(64).collect();
        // The checksum of an encrypted frame is that of its plaintext: it proves nothing here.
        batch.had_good_frame |= frame.envelope.crc_ok;
        let now = batch.arrival.received_at;
        self.shared.sessions.stranger(&mn, self.line.peer, now, self.shared.limits.names_max);
        self.unsigned_frames += 1;
        let known = self.registry.device_id(&mn);
        batch.speaks(known);
        batch.problem(reason.name());
        batch.push(ArrivedFrame {
            claim: Claim::Stranger(mn),
            raw: range,
            readings: 0..0,
            reading_count: mapping::count_values(frame.items()),
            fate: Fate::Quarantine(reason),
        });
    }

    /// A frame with a right checksum that says too little to be acted on.
    fn rejected(&mut self, rejected: &Rejected<'_>, range: Range<usize>, batch: &mut Batch) {
        let proven = match &rejected.frame {
            Some(frame) if rejected.is_trusted() => {
                batch.had_good_frame = true;
                self.prove(frame, batch).ok()
            }
            _ => None,
        };
        for problem in rejected.problems.iter().filter(|problem| problem.is_error()) {
            batch.problem(problem.kind.name());
        }
        self.no_frame(Reason::BadGrammar, range, batch);
        if let (Some(at), Some(frame)) = (proven, batch.arrival.frames.last_mut()) {
            frame.claim = Claim::Device(self.speakers[at].device);
        }
    }

    fn deviations(&self, at: usize, problems: &[Problem], batch: &mut Batch) {
        for problem in problems.iter().filter(|problem| problem.kind.level() == Level::Deviation) {
            let session = &self.speakers[at].session;
            batch.problem(problem.kind.name());
            if session.is_first(problem.kind.name()) {
                batch.note(NoteKind::Deviation, format!("{}: {problem}", session.mn));
            }
        }
    }

    /// Reads the content of a proven frame, and writes the answer it asks for.
    fn content(&mut self, at: usize, frame: &Frame<'_>, batch: &mut Batch) -> Reading {
        if frame.encrypted.is_some() {
            batch.problem(Reason::NoKey.name());
            // Not answered: without the key nobody knows whether it came whole.
            return Reading { fate: Fate::Quarantine(Reason::NoKey), count: 0 };
        }
        let cn = frame.cn().unwrap_or_default();
        let registry = Arc::clone(&self.registry);
        let Some(device) = registry.device(self.speakers[at].device) else {
            return Reading { fate: Fate::Quarantine(Reason::UnknownDevice), count: 0 };
        };
        let session = Arc::clone(&self.speakers[at].session);
        let reading = if is_known(cn, device.dialect) {
            self.readings(at, cn, device, frame, batch)
        } else {
            let count = mapping::count_values(frame.items());
            Reading { fate: Fate::Quarantine(Reason::UnknownCommand), count }
        };
        if let Fate::Reject(reason) | Fate::Quarantine(reason) = reading.fate {
            batch.problem(reason.name());
        }
        if frame.st() == "91" || matches!(cn, 9011..=9014) {
            reply(&session, cn, frame);
        } else {
            let speaker = &mut self.speakers[at];
            if speaker.frames == 0 {
                session.named(frame.st(), frame.pw());
            }
            session.reply(frame.qn(), cn, || {
                Reply::Data(String::from_utf8_lossy(frame.cp.unwrap_or_default()).into_owned())
            });
            speaker.difference_ms = self
                .shared
                .clock
                .instant(frame.header.qn.unwrap_or_default())
                .map(|sent| sent - batch.arrival.received_at)
                .or(speaker.difference_ms);
        }
        answer(&session, cn, device.dialect, frame, batch);
        reading
    }

    fn readings(
        &mut self,
        at: usize,
        cn: u16,
        device: &Device,
        frame: &Frame<'_>,
        batch: &mut Batch,
    ) -> Reading {
        let is_check = device.dialect == Dialect::SurfaceWater && cn == 2062;
        let Some(period) = mapping::period_of(cn).filter(|_| !is_check) else {
            return Reading { fate: Fate::Keep, count: 0 };
        };
        let (first, keys) = (batch.arrival.readings.len(), batch.arrival.keys.len());
        let limits = &self.shared.limits;
        let speaker = &mut self.speakers[at];
        let system = frame.header.st.unwrap_or_default();
        let known =
            speaker.layouts.iter().position(|(of, layout)| *of == cn && layout.fits(system));
        let layout = known.unwrap_or_else(|| {
            if speaker.layouts.len() >= 16 {
                speaker.layouts.clear();
            }
            speaker.layouts.push((cn, Layout::new(period, system)));
            speaker.layouts.len() - 1
        });
        let layout = &mut speaker.layouts[layout].1;
        let reader = Reader {
            parameters: &self.shared.parameters,
            device: speaker.device,
            settings: device,
            names_max: limits.names_max,
        };
        let content = layout.read(frame.items(), reader, &mut self.scratch, batch);
        let period = layout.period();
        let count = content.reading_count;
        let fate = if count == 0 {
            Fate::Keep
        } else if count as usize > limits.frame_readings_max {
            Fate::Reject(Reason::TooManyReadings)
        } else {
            self.time(content.data_time, period, device, first, batch)
        };
        if fate != Fate::Keep {
            batch.take_back(first, keys);
        }
        Reading { fate, count }
    }

    /// Sets the time of the readings since `first`, if it can be true.
    fn time(
        &self,
        digits: Option<&[u8]>,
        period: model::Period,
        device: &Device,
        first: usize,
        batch: &mut Batch,
    ) -> Fate {
        let clock = &self.shared.clock;
        let Some(mut time) = digits.and_then(|digits| clock.instant(digits)) else {
            return Fate::Reject(Reason::BadTime);
        };
        if device.period_named_by_end {
            time = clock.period_start(time, period);
        }
        let config = &self.shared.config;
        if time > batch.arrival.received_at + config.future_tolerance_ms {
            return Fate::Quarantine(Reason::FutureTime);
        }
        if time < config.earliest {
            return Fate::Quarantine(Reason::AncientTime);
        }
        for reading in &mut batch.arrival.readings[first..] {
            reading.time = time;
        }
        Fate::Keep
    }
}

/// Gives an answer of the device to the exchange that waits for it.
fn reply(session: &Session, cn: u16, frame: &Frame<'_>) {
    let code = match cn {
        9011 => frame.qn_rtn(),
        9012 => frame.exe_rtn(),
        _ => None,
    };
    session.reply(frame.answered_qn(), cn, || match cn {
        9011 => Reply::Ready(code.unwrap_or(100)),
        9012 => Reply::Done(code.unwrap_or(2)),
        _ => Reply::Noticed,
    });
}

/// Prepares the answer; it is written when the frame is on disk.
fn answer(session: &Arc<Session>, cn: u16, dialect: Dialect, frame: &Frame<'_>, batch: &mut Batch) {
    let is_water = dialect == Dialect::SurfaceWater;
    match cn {
        1013 => {
            answers::acknowledge(&mut batch.answers, frame, 9013);
            batch.clock_requests.push(Arc::clone(session));
        }
        _ if !frame.wants_answer() => {}
        1001 | 2072 => answers::acknowledge(&mut batch.answers, frame, 9013),
        1014 if !is_water => answers::acknowledge(&mut batch.answers, frame, 9013),
        9011 | 9013 | 9014 => {}
        _ => answers::acknowledge(&mut batch.answers, frame, 9014),
    }
}

/// Whether a command number is in an edition.
fn is_known(cn: u16, dialect: Dialect) -> bool {
    let in_hj212 = matches!(
        cn,
        1000..=1002
            | 1011..=1014
            | 1021 | 1022 | 1031 | 1032 | 1041 | 1042
            | 1061..=1064
            | 1072
            | 2011..=2013
            | 2021 | 2022 | 2031 | 2041 | 2051 | 2052 | 2061 | 2062 | 2071 | 2072 | 2081 | 2111
            | 3011..=3022
            | 3024
            | 9011..=9015
    );
    let in_surface_water =
        matches!(cn, 1015 | 2063..=2066 | 3042..=3046 | 3056 | 3080..=3086 | 3100);
    in_hj212 || dialect == Dialect::SurfaceWater && in_surface_water
}
