//! Devices: they measure every hour, speak HJ 212, and keep what nobody has acknowledged.

use crate::book::{Sent, Upload};
use crate::dice::Dice;
use crate::scenario::Scenario;
use gateway::hj212::Clock;
use model::{HOUR_MS, Timestamp};
use std::collections::BTreeMap;

/// What an air station measures: code on the wire, our key, largest value that the trial sends (in the
/// unit on the wire, times ten).
pub const FACTORS: [(&str, &str, i64); 6] = [
    ("a21026", "so2", 4_000),
    ("a21004", "no2", 3_500),
    ("a21005", "co", 900),
    ("a05024", "o3", 5_000),
    ("a34002", "pm10", 5_500),
    ("a34004", "pm25", 4_500),
];

/// Turns after which a device that hears nothing gives a line up.
const PATIENCE: u32 = 6;
/// Frames that a device sends in one turn at most.
const FRAMES_MAX: usize = 48;

/// One device.
#[derive(Debug)]
pub struct Device {
    /// Its name on the wire.
    pub mn: String,
    /// The line it speaks on, when it has one.
    pub line: Option<usize>,
    /// The next hour that it will measure.
    next: Timestamp,
    /// Frames that are made and not acknowledged, oldest first, and on which line each was last sent.
    unheard: Vec<(String, Option<usize>)>,
    /// Everything it ever sent, to send it again.
    memory: Vec<String>,
    /// Bytes of answers that are no whole frame yet.
    heard: Vec<u8>,
    last_qn: i64,
    silent_until: u32,
    deaf_until: u32,
    waited: u32,
}

/// What a device does in a turn.
#[derive(Debug, Default)]
pub struct Spoken {
    /// It opens a line before it speaks; the old one is left as it is.
    pub opens: bool,
    /// Bytes for its line.
    pub bytes: Vec<u8>,
    /// Frames that it has made in this turn.
    pub made: Vec<Upload>,
}

impl Device {
    /// A device that begins to measure at an hour.
    pub fn new(mn: String, first: Timestamp) -> Self {
        Self {
            mn,
            line: None,
            next: first,
            unheard: vec![],
            memory: vec![],
            heard: vec![],
            last_qn: 0,
            silent_until: 0,
            deaf_until: 0,
            waited: 0,
        }
    }

    /// One turn of its life. `frames` holds the bytes of everything that it ever made.
    pub fn speak(
        &mut self,
        turn: u32,
        clock: &Clock,
        dice: &mut Dice,
        scenario: &Scenario,
        frames: &BTreeMap<(String, String), Upload>,
    ) -> Spoken {
        let mut spoken = Spoken::default();
        let now = clock.now();
        while self.next + HOUR_MS <= now {
            let hour = self.next;
            self.next = hour + HOUR_MS;
            let upload = self.make(hour, clock, dice);
            spoken.made.push(upload);
        }
        let old = self.memory.len().saturating_sub(spoken.made.len());
        if dice.chance(scenario.correct)
            && let Some(qn) = dice.pick(&self.memory[..old]).cloned()
            && let Some(hour) = frames.get(&(self.mn.clone(), qn)).map(|upload| upload.hour)
        {
            let upload = self.make(hour, clock, dice);
            spoken.made.push(upload);
        }
        if dice.chance(scenario.late) {
            self.silent_until = turn + dice.between(2, 25) as u32;
        }
        if dice.chance(scenario.slow) {
            self.deaf_until = turn + dice.between(2, 12) as u32;
        }
        if turn < self.silent_until {
            return spoken;
        }
        self.waited = if self.unheard.is_empty() { 0 } else { self.waited + 1 };
        if self.line.is_none() || self.waited > PATIENCE && turn >= self.deaf_until {
            (spoken.opens, self.waited) = (true, 0);
            self.heard.clear();
        }
        self.send(&mut spoken, dice, scenario, frames);
        spoken
    }

    /// Puts what nobody has acknowledged on the line, and now and then what somebody has.
    fn send(
        &mut self,
        spoken: &mut Spoken,
        dice: &mut Dice,
        scenario: &Scenario,
        frames: &BTreeMap<(String, String), Upload>,
    ) {
        let line = if spoken.opens { None } else { self.line };
        let bytes_of = |qn: &String| {
            let made = spoken.made.iter().find(|upload| upload.qn == *qn);
            let known = made.or_else(|| frames.get(&(self.mn.clone(), qn.clone())));
            known.map_or(&[][..], |upload| &upload.bytes)
        };
        let mut bytes = vec![];
        let mut sent = 0;
        for (qn, on) in &mut self.unheard {
            if sent < FRAMES_MAX && (on.is_none() || *on != line) {
                bytes.extend_from_slice(bytes_of(qn));
                *on = line;
                sent += 1;
            }
        }
        if dice.chance(scenario.resend) {
            for _ in 0..dice.between(1, 12) {
                bytes.extend(dice.pick(&self.memory).map(bytes_of).unwrap_or_default());
            }
        }
        if dice.chance(scenario.garbage) {
            let altered = dice.pick(&self.memory).map(bytes_of).unwrap_or_default().to_vec();
            bytes.extend(garbage(altered, dice));
        }
        spoken.bytes = bytes;
    }

    /// Says which line was opened for it: what was sent in this turn went there.
    pub fn opened(&mut self, line: usize) {
        for (_, on) in self.unheard.iter_mut().filter(|(_, on)| on.is_some() && *on == self.line) {
            *on = None;
        }
        self.line = Some(line);
    }

    /// Its line is gone: what was not acknowledged will be sent again on the next one.
    pub fn lost(&mut self, line: usize) {
        if self.line == Some(line) {
            self.line = None;
            self.heard.clear();
            for (_, on) in &mut self.unheard {
                *on = None;
            }
        }
    }

    /// Whether it reads its answers in this turn.
    pub fn listens(&self, turn: u32) -> bool {
        turn >= self.deaf_until
    }

    /// Reads answers; forgets what was acknowledged.
    pub fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
        for (mn, qn) in acknowledged(&mut self.heard) {
            if mn == self.mn {
                self.unheard.retain(|(waiting, _)| *waiting != qn);
                self.waited = 0;
            }
        }
    }

    fn make(&mut self, hour: Timestamp, clock: &Clock, dice: &mut Dice) -> Upload {
        self.last_qn = (self.last_qn + 1).max(clock.now().as_ms());
        let qn = clock.civil(Timestamp::from_ms(self.last_qn)).digits17();
        let mut values = vec![];
        let mut cp = format!("DataTime={}", clock.civil(hour).digits14());
        for (code, key, max) in FACTORS {
            if dice.chance(20) {
                continue;
            }
            let tenths = dice.between(1, max);
            let mark = if dice.chance(30) { 'D' } else { 'N' };
            // Whole numbers but for carbon monoxide, as stations send them.
            let text = match key {
                _ if dice.chance(30) => String::new(),
                "co" => format!("{}.{}", tenths / 10, tenths % 10),
                _ => (tenths / 10).to_string(),
            };
            for part in [";", code, "-Avg=", &text, ",", code, "-Flag="] {
                cp.push_str(part);
            }
            cp.push(mark);
            values.push(Sent { parameter: key, value: text.parse().ok(), mark });
        }
        let segment = format!("QN={qn};ST=22;CN=2061;PW=123456;MN={};Flag=5;CP=&&{cp}&&", self.mn);
        let crc = hj212::crc(segment.as_bytes());
        let bytes = format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).into_bytes();
        self.unheard.push((qn.clone(), None));
        self.memory.push(qn.clone());
        Upload { mn: self.mn.clone(), qn, hour, values, bytes }
    }
}

/// Something that is no good frame.
fn garbage(mut frame: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    match dice.below(4) {
        0 => b"IMEI:868957048162806\r\n".to_vec(),
        1 => {
            frame.truncate(frame.len() / 2);
            frame
        }
        2 => {
            let at = 8 + dice.below(frame.len().saturating_sub(16) as u64) as usize;
            if let Some(byte) = frame.get_mut(at) {
                *byte ^= 1 << dice.below(6);
            }
            frame
        }
        _ => String::from_utf8_lossy(&frame).replace("PW=123456", "PW=654321").into_bytes(),
    }
}

/// Takes whole answers off the front of `bytes`: who and what was acknowledged with 9014.
pub fn acknowledged(bytes: &mut Vec<u8>) -> Vec<(String, String)> {
    let mut found = vec![];
    while let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
        let frame: Vec<u8> = bytes.drain(..end + 2).collect();
        if let Ok((answer, _)) = hj212::read(&frame)
            && answer.cn() == Some(9014)
        {
            found.push((answer.mn().to_owned(), answer.answered_qn().to_owned()));
        }
    }
    found
}
