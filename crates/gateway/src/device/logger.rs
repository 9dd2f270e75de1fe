//! A data logger without its socket: its settings, its clock, and what it answers to the host.

use crate::hj212::Clock;
use crate::hj212::answers::frame;
use hj212::Frame;
use model::{Dialect, Timestamp};
use std::fmt;
use std::sync::Arc;

/// Who a logger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, MN.
    pub mn: String,
    /// Its password, PW.
    pub pw: String,
    /// Its system code, ST: 22 ambient air, 21 surface water, 31 stack, …
    pub st: String,
    /// The edition it speaks.
    pub dialect: Dialect,
    /// How far its clock is ahead of the real one, in milliseconds.
    pub clock_ahead_ms: i64,
}

/// One upload: a command, a time, and the items behind `DataTime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Command: 2011, 2051, 2061, 2031, …
    pub cn: u16,
    /// The instant, or the start of the period.
    pub time: Timestamp,
    /// Groups of items as on the wire: `a34004-Avg=12,a34004-Flag=N;…`; may be empty.
    pub items: Box<str>,
}

/// What a logger finds in its store for a request of history: name, command, first and last start.
pub type History = Arc<dyn Fn(&str, u16, Timestamp, Timestamp) -> Vec<Upload> + Send + Sync>;

/// A logger: who it is and how it is set.
#[derive(Clone)]
pub struct Logger {
    /// Who it is.
    pub profile: Profile,
    /// Seconds between realtime uploads (1062).
    pub rtd_interval_s: u32,
    /// Minutes of a minute period (1064).
    pub min_interval_min: u32,
    /// Seconds after which it sends again (1000).
    pub over_time_s: u32,
    /// How often it sends (1000).
    pub re_count: u32,
    /// Whether realtime data are sent (2011, 2012).
    pub uploads_realtime: bool,
    /// Whether the state of equipment is sent (2021, 2022).
    pub uploads_states: bool,
    history: Option<History>,
    last_qn: Timestamp,
}

impl fmt::Debug for Logger {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Logger").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What a logger does about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// Sent at once: 9011 or 9013, and a reply frame.
    pub first: Vec<u8>,
    /// Then these, each until its 9014 has come.
    pub uploads: Vec<Upload>,
    /// Then this: 9012.
    pub last: Vec<u8>,
}

/// How a request ends.
enum End {
    Refused(u16),
    Notice,
    Done(u16),
    Reply(String),
    Data(Vec<Upload>),
}

impl Logger {
    /// A logger with the settings of the factory.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            rtd_interval_s: 30,
            min_interval_min: 10,
            over_time_s: 5,
            re_count: 3,
            uploads_realtime: true,
            uploads_states: true,
            history: None,
            last_qn: Timestamp::MIN,
        }
    }

    /// Gives it a store to answer requests of history from.
    #[must_use]
    pub fn with_history(mut self, history: History) -> Self {
        self.history = Some(history);
        self
    }

    /// Its clock.
    pub fn now(&self, clock: &Clock) -> Timestamp {
        clock.now() + self.profile.clock_ahead_ms
    }

    /// A name for the next exchange: its clock, never going back.
    pub fn next_qn(&mut self, clock: &Clock) -> String {
        self.last_qn = self.last_qn.max(self.now(clock));
        clock.civil(self.last_qn).digits17()
    }

    /// Writes an upload that wants an answer, in several frames when it is long, and gives the QN of each.
    pub fn write(&mut self, upload: &Upload, clock: &Clock, out: &mut Vec<u8>) -> Vec<String> {
        let time = clock.civil(upload.time).digits14();
        let version = self.version();
        let Profile { mn, pw, st, .. } = self.profile.clone();
        // Both limits of the standard: 1024 bytes of segment and 950 of CP.
        let head = "QN=12345678901234567;ST=;CN=2061;PW=;MN=;Flag=255;PNUM=99;PNO=99;CP=&&&&";
        let room = 1024 - (head.len() + st.len() + pw.len() + mn.len()).min(500);
        let time_item = "DataTime=12345678901234;".len();
        let parts = parts(&upload.items, room.min(hj212::CP_BYTES_MAX) - time_item);
        let count = parts.len();
        let mut names = Vec::with_capacity(count);
        for (number, part) in (1..).zip(parts) {
            if number > 1 {
                self.last_qn = self.last_qn + 1;
            }
            let qn = self.next_qn(clock);
            let split =
                if count > 1 { format!("PNUM={count};PNO={number};") } else { String::new() };
            let flag = version << 2 | u8::from(count > 1) << 1 | 1;
            let separator = if part.is_empty() { "" } else { ";" };
            let cn = upload.cn;
            let segment = format!(
                "QN={qn};ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};{split}CP=&&DataTime={time}{separator}{part}&&"
            );
            frame(out, |out| out.extend_from_slice(segment.as_bytes()));
            names.push(qn);
        }
        names
    }

    /// Reacts to a frame of the host that is no 9013 or 9014.
    pub fn react(&mut self, request: &Frame<'_>, clock: &Clock) -> Reaction {
        let qn = request.answered_qn();
        let cn = request.cn().unwrap_or_default();
        let end = if request.pw() != self.profile.pw {
            End::Refused(3)
        } else if request.st() != self.profile.st && self.profile.dialect != Dialect::Hj212V2005 {
            End::Refused(5)
        } else {
            self.execute(request, cn, clock)
        };
        let mut reaction = Reaction::default();
        let first = &mut reaction.first;
        match end {
            End::Refused(code) => self.answer(first, qn, 9011, &format!("QnRtn={code}")),
            End::Notice => self.answer(first, qn, 9013, ""),
            End::Done(code) => {
                self.answer(first, qn, 9011, "QnRtn=1");
                self.answer(&mut reaction.last, qn, 9012, &format!("ExeRtn={code}"));
            }
            End::Reply(cp) => {
                self.answer(first, qn, 9011, "QnRtn=1");
                self.reply(first, qn, cn, &cp);
                self.answer(&mut reaction.last, qn, 9012, "ExeRtn=1");
            }
            End::Data(uploads) => {
                self.answer(first, qn, 9011, "QnRtn=1");
                let code = if uploads.is_empty() { 100 } else { 1 };
                reaction.uploads = uploads;
                self.answer(&mut reaction.last, qn, 9012, &format!("ExeRtn={code}"));
            }
        }
        reaction
    }

    fn execute(&mut self, request: &Frame<'_>, cn: u16, clock: &Clock) -> End {
        let number = |name: &str| {
            let text = request.value(name.as_bytes()).unwrap_or_default();
            std::str::from_utf8(text).ok().and_then(|text| text.parse::<u32>().ok())
        };
        let within = |value: Option<u32>, range: std::ops::RangeInclusive<u32>| {
            value.filter(|value| range.contains(value))
        };
        let pol_id = request
            .value(b"PolId")
            .map_or(String::new(), |id| format!("PolId={};", String::from_utf8_lossy(id)));
        match cn {
            1000 => match (within(number("OverTime"), 1..=99), within(number("ReCount"), 1..=99)) {
                (Some(over_time), Some(re_count)) => {
                    (self.over_time_s, self.re_count) = (over_time, re_count);
                    End::Done(1)
                }
                _ => End::Done(3),
            },
            1011 => {
                let time = clock.civil(self.now(clock)).digits14();
                End::Reply(format!("{pol_id}SystemTime={time}"))
            }
            1012 | 1015 => self.set_clock(request, clock),
            1061 => End::Reply(format!("RtdInterval={}", self.rtd_interval_s)),
            1062 => set(&mut self.rtd_interval_s, within(number("RtdInterval"), 30..=3600)),
            1063 => End::Reply(format!("MinInterval={}", self.min_interval_min)),
            1064 => {
                let allowed = |minutes: &u32| matches!(minutes, 1..=6 | 10 | 12 | 15 | 20 | 30);
                set(&mut self.min_interval_min, number("MinInterval").filter(allowed))
            }
            1072 => self.set_password(request),
            2011 if request.value(b"BeginTime").is_none() => {
                self.uploads_realtime = true;
                End::Done(1)
            }
            2012 => {
                self.uploads_realtime = false;
                End::Notice
            }
            2021 => {
                self.uploads_states = true;
                End::Done(1)
            }
            2022 => {
                self.uploads_states = false;
                End::Notice
            }
            2011 | 2031 | 2041 | 2051 | 2061 => self.recall(request, cn, clock),
            3011 | 3012 => End::Done(1),
            _ => End::Refused(8),
        }
    }

    fn set_clock(&mut self, request: &Frame<'_>, clock: &Clock) -> End {
        let time = request.value(b"SystemTime").and_then(|digits| clock.instant(digits));
        let Some(time) = time else { return End::Done(3) };
        self.profile.clock_ahead_ms = time - clock.now();
        // Its clock may go back now, and its names with it.
        self.last_qn = Timestamp::MIN;
        End::Done(1)
    }

    fn set_password(&mut self, request: &Frame<'_>) -> End {
        let new = request.value(b"NewPW").or_else(|| request.value(b"PW")).unwrap_or_default();
        match std::str::from_utf8(new) {
            Ok(new) if (1..=9).contains(&new.len()) => {
                new.clone_into(&mut self.profile.pw);
                End::Done(1)
            }
            _ => End::Done(3),
        }
    }

    fn recall(&self, request: &Frame<'_>, cn: u16, clock: &Clock) -> End {
        let time = |name: &[u8]| request.value(name).and_then(|digits| clock.instant(digits));
        match (time(b"BeginTime"), time(b"EndTime"), &self.history) {
            (Some(begin), Some(end), Some(history)) => {
                End::Data(history(&self.profile.mn, cn, begin, end))
            }
            (Some(_), Some(_), None) => End::Data(vec![]),
            _ => End::Done(3),
        }
    }

    fn version(&self) -> u8 {
        match self.profile.dialect {
            Dialect::Hj212V2005 => 0,
            Dialect::Hj212V2017 => 1,
            Dialect::Hj212V2025 | Dialect::SurfaceWater => 2,
        }
    }

    /// 9011 to 9013; in 2005 what is answered stands inside CP.
    fn answer(&self, out: &mut Vec<u8>, qn: &str, number: u16, cp: &str) {
        let Profile { mn, pw, .. } = &self.profile;
        let flag = self.version() << 2;
        let segment = if flag == 0 {
            let separator = if cp.is_empty() { "" } else { ";" };
            format!("ST=91;CN={number};PW={pw};MN={mn};Flag=0;CP=&&QN={qn}{separator}{cp}&&")
        } else {
            format!("QN={qn};ST=91;CN={number};PW={pw};MN={mn};Flag={flag};CP=&&{cp}&&")
        };
        frame(out, |out| out.extend_from_slice(segment.as_bytes()));
    }

    fn reply(&self, out: &mut Vec<u8>, qn: &str, cn: u16, cp: &str) {
        let Profile { mn, pw, st, .. } = &self.profile;
        let flag = self.version() << 2;
        let segment = format!("QN={qn};ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};CP=&&{cp}&&");
        frame(out, |out| out.extend_from_slice(segment.as_bytes()));
    }
}

fn set(setting: &mut u32, value: Option<u32>) -> End {
    match value {
        Some(value) => {
            *setting = value;
            End::Done(1)
        }
        None => End::Done(3),
    }
}

/// Cuts groups into runs of at most `max` bytes, never inside a group; at least one run.
fn parts(items: &str, max: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = items;
    while rest.len() > max {
        let cut = rest[..=max].rfind(';').or_else(|| rest.find(';'));
        let Some(cut) = cut else { break };
        parts.push(&rest[..cut]);
        rest = &rest[cut + 1..];
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hj212::answers::{Request, request};

    fn clock() -> Clock {
        // 2026-03-01 12:00:00 in Beijing.
        Clock::new("Asia/Shanghai", || Timestamp::from_ms(1_772_337_600_000)).unwrap()
    }

    fn logger() -> Logger {
        Logger::new(Profile {
            mn: "010000A8900016F000169DC0".to_owned(),
            pw: "123456".to_owned(),
            st: "22".to_owned(),
            dialect: Dialect::Hj212V2017,
            clock_ahead_ms: 0,
        })
    }

    /// Sends a request and gives `CN CP` of each frame that comes back.
    fn ask(logger: &mut Logger, cn: u16, pw: &str, cp: &str) -> Vec<String> {
        let (qn, mn) = ("20260301120000001", logger.profile.mn.clone());
        let dialect = Dialect::Hj212V2017;
        let mut bytes = Vec::new();
        request(&mut bytes, Request { qn, st: "22", cn, pw, mn: &mn, dialect, cp });
        let (frame, _) = hj212::read(&bytes).unwrap();
        let reaction = logger.react(&frame, &clock());
        let wire = [reaction.first, reaction.last].concat();
        let line = |frame: &[u8]| {
            let (frame, _) = hj212::read(frame).unwrap();
            assert_eq!(frame.qn(), qn, "answers repeat the name");
            let cp = String::from_utf8_lossy(frame.cp.unwrap()).into_owned();
            format!("{} {cp}", frame.cn().unwrap()).trim_end().to_owned()
        };
        wire.split_inclusive(|byte| *byte == b'\n').map(line).collect()
    }

    #[test]
    fn every_request_is_answered_as_its_kind_asks() {
        let mut logger = logger();
        let mut check = |cn, cp: &str, expected: &[&str]| {
            assert_eq!(ask(&mut logger, cn, "123456", cp), expected, "{cn}");
        };
        check(1000, "OverTime=7;ReCount=2", &["9011 QnRtn=1", "9012 ExeRtn=1"]);
        check(1011, "", &["9011 QnRtn=1", "1011 SystemTime=20260301120000", "9012 ExeRtn=1"]);
        check(1062, "RtdInterval=60", &["9011 QnRtn=1", "9012 ExeRtn=1"]);
        check(1062, "RtdInterval=5", &["9011 QnRtn=1", "9012 ExeRtn=3"]);
        check(1061, "", &["9011 QnRtn=1", "1061 RtdInterval=60", "9012 ExeRtn=1"]);
        check(1064, "MinInterval=7", &["9011 QnRtn=1", "9012 ExeRtn=3"]);
        check(1064, "MinInterval=5", &["9011 QnRtn=1", "9012 ExeRtn=1"]);
        check(1063, "", &["9011 QnRtn=1", "1063 MinInterval=5", "9012 ExeRtn=1"]);
        check(2012, "", &["9013"]);
        check(2022, "", &["9013"]);
        check(2011, "", &["9011 QnRtn=1", "9012 ExeRtn=1"]);
        check(
            2061,
            "BeginTime=20260301000000;EndTime=20260301110000",
            &["9011 QnRtn=1", "9012 ExeRtn=100"],
        );
        check(4711, "", &["9011 QnRtn=8"]);
        check(1072, "NewPW=654321", &["9011 QnRtn=1", "9012 ExeRtn=1"]);
        check(1061, "", &["9011 QnRtn=3"]);
        assert_eq!((logger.over_time_s, logger.re_count), (7, 2));
        assert!(logger.uploads_realtime && !logger.uploads_states);
    }

    #[test]
    fn a_clock_that_is_set_is_right_from_then_on() {
        let mut logger = logger();
        logger.profile.clock_ahead_ms = 90_000;
        assert_eq!(logger.next_qn(&clock()), "20260301120130000");
        ask(&mut logger, 1012, "123456", "SystemTime=20260301120000");
        assert_eq!(logger.profile.clock_ahead_ms, 0);
        assert_eq!(logger.next_qn(&clock()), "20260301120000000");
    }

    #[test]
    fn history_comes_from_the_store() {
        let hour = Upload { cn: 2061, time: Timestamp::from_ms(0), items: "a34004-Avg=1".into() };
        let stored = hour.clone();
        let mut logger = logger().with_history(Arc::new(move |mn, cn, begin, end| {
            assert_eq!((mn.len(), cn, end - begin), (24, 2061, 3 * model::HOUR_MS));
            vec![stored.clone()]
        }));
        let mut bytes = Vec::new();
        let (mn, cp) =
            (logger.profile.mn.clone(), "BeginTime=20260301000000,EndTime=20260301030000");
        let dialect = Dialect::Hj212V2017;
        request(
            &mut bytes,
            Request { qn: "1", st: "22", cn: 2061, pw: "123456", mn: &mn, dialect, cp },
        );
        let (frame, _) = hj212::read(&bytes).unwrap();
        assert_eq!(logger.react(&frame, &clock()).uploads, [hour]);
    }

    #[test]
    fn a_long_upload_is_split_between_groups() {
        let items: Vec<String> =
            (0..80).map(|n| format!("a{n:05}-Avg={n},a{n:05}-Flag=N")).collect();
        let items = items.join(";").into_boxed_str();
        let upload = Upload { cn: 2061, time: Timestamp::from_ms(0), items: items.clone() };
        let mut wire = Vec::new();
        let names = logger().write(&upload, &clock(), &mut wire);
        let frames: Vec<&[u8]> = wire.split_inclusive(|byte| *byte == b'\n').collect();
        assert_eq!(names.len(), frames.len());
        let mut seen = Vec::new();
        for (number, bytes) in (1..).zip(&frames) {
            let (frame, problems) = hj212::read(bytes).unwrap();
            assert!(problems.is_empty(), "{problems:?}");
            let part = frame.part().unwrap();
            assert_eq!((part.number, part.of as usize), (number, frames.len()));
            assert_eq!(frame.value(b"DataTime"), Some(&b"19700101080000"[..]));
            let cp = String::from_utf8_lossy(frame.cp.unwrap()).into_owned();
            assert!(cp.len() <= hj212::CP_BYTES_MAX);
            seen.push(cp.split_once(';').unwrap().1.to_owned());
        }
        assert_eq!(seen.join(";"), *items);
    }
}
