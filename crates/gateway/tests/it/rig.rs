//! A server, an engine that does as the test says, and a peer that sends what the test says.

use gateway::device::replay::Roster;
use gateway::hj212::{Config, Counters, Limits, Server};
use gateway::{Committed, Handover};
use model::{
    Arrival, Device, Dialect, Disposition, Fate, Names, Place, PlaceKind, Registry, Timestamp,
};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

/// The registered device, its password, and one that has units and labels of its own.
pub const MN: &str = "010000A8900016F000169DC0";
pub const PW: &str = "123456";
pub const ODD: &str = "010000A8900016F000169DC1";
pub const OLD: &str = "88888880000001";

/// Now, in every test: 2026-03-01 12:00:00 in Beijing.
pub fn now() -> Timestamp {
    Timestamp::from_ms(1_772_337_600_000)
}

pub struct Rig {
    pub server: Server,
    pub counters: Arc<Counters>,
    pub registry: watch::Sender<Arc<Registry>>,
    engine: mpsc::Receiver<Handover>,
}

impl Rig {
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        Self::with(Config { limits, ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Self {
        Self::of(config, registry()).await
    }

    /// A server that knows what a roster says.
    pub async fn knowing(roster: &Roster) -> Self {
        let mut registry = Registry::default();
        for place in &roster.places {
            registry.put_place(place.clone());
        }
        for device in &roster.devices {
            registry.put_device(device.clone());
        }
        Self::of(Config::default(), registry).await
    }

    /// From now on the engine commits everything by itself. What it got comes when the server stops.
    pub fn by_itself(self) -> (Server, tokio::task::JoinHandle<Arrival>) {
        let Self { server, mut engine, registry, .. } = self;
        let engine = tokio::spawn(async move {
            let _registry = registry;
            let mut all = Arrival::default();
            while let Some(handover) = engine.recv().await {
                append(&mut all, &handover.arrival);
                commit(handover);
            }
            all
        });
        (server, engine)
    }

    async fn of(config: Config, registry: Registry) -> Self {
        let limits = if config.limits == Limits::default() {
            Limits::for_testing()
        } else {
            config.limits.clone()
        };
        let config = Config { limits, now, ..config };
        let (registry, registered) = watch::channel(Arc::new(registry));
        let (sender, engine) = mpsc::channel(4);
        let counters = Arc::new(Counters::default());
        let server = Server::bind(config, registered, sender, Arc::clone(&counters)).await.unwrap();
        Self { server, counters, registry, engine }
    }

    pub async fn connect(&self) -> Peer {
        Peer::of(TcpStream::connect(self.server.address()).await.unwrap())
    }

    /// The next arrival, not committed.
    pub async fn next(&mut self) -> Handover {
        self.engine.recv().await.unwrap()
    }

    /// Whether nothing waits for the engine.
    pub fn is_idle(&mut self) -> bool {
        self.engine.try_recv().is_err()
    }

    /// Commits arrivals until `frames` frames came, and gives them as one.
    pub async fn commit(&mut self, frames: usize) -> Arrival {
        let mut all = Arrival::default();
        while all.frames.len() < frames {
            let handover = self.next().await;
            append(&mut all, &handover.arrival);
            commit(handover);
        }
        assert_eq!(all.frames.len(), frames);
        all
    }

    /// Commits one batch of notes only.
    pub async fn commit_note(&mut self) -> model::Note {
        let handover = self.next().await;
        assert!(handover.arrival.frames.is_empty());
        let note = handover.arrival.notes[0].clone();
        commit(handover);
        note
    }

    /// The engine is gone: its channel is closed.
    pub fn lose_engine(&mut self) {
        self.engine.close();
        while self.engine.try_recv().is_ok() {}
    }
}

/// Says that an arrival is on disk.
pub fn commit(handover: Handover) {
    let outcome = |fate: Fate| match fate {
        Fate::Keep => Disposition::Stored,
        Fate::Reject(_) => Disposition::Rejected,
        Fate::Quarantine(_) => Disposition::Quarantined,
    };
    let outcomes = handover.arrival.frames.iter().map(|frame| outcome(frame.fate)).collect();
    // The connection may be gone already; then nobody waits.
    drop(handover.reply.send(Committed { outcomes, sequence: None }));
}

fn append(all: &mut Arrival, arrival: &Arrival) {
    let (bytes, readings, keys) = (all.raw.len(), all.readings.len(), all.keys.len());
    all.received_at = arrival.received_at;
    all.raw.extend_from_slice(&arrival.raw);
    all.keys.extend_from_slice(&arrival.keys);
    all.notes.extend_from_slice(&arrival.notes);
    all.readings.extend(arrival.readings.iter().map(|reading| {
        let mut reading = *reading;
        reading.key += keys as u32;
        reading
    }));
    all.frames.extend(arrival.frames.iter().map(|frame| {
        let mut frame = frame.clone();
        frame.raw = frame.raw.start + bytes..frame.raw.end + bytes;
        frame.readings = frame.readings.start + readings..frame.readings.end + readings;
        frame
    }));
}

/// The readings of an arrival as `parameter statistic period local-time value quality mark`.
pub fn lines(arrival: &Arrival) -> Vec<String> {
    let clock = gateway::hj212::Clock::new("Asia/Shanghai", now).unwrap();
    let line = |reading: &model::ArrivedReading| {
        let key = &arrival.keys[reading.key as usize];
        let value = reading.value.map_or("gap".to_owned(), |value| value.to_string());
        let mark = reading.flag.mark().unwrap_or('_');
        format!(
            "{} {:?} {:?} {} {value} {:?} {mark}",
            key.parameter,
            key.statistic,
            key.period,
            clock.civil(reading.time).digits14(),
            reading.flag.quality(),
        )
    };
    arrival.readings.iter().map(line).collect()
}

/// The fates of an arrival's frames.
pub fn fates(arrival: &Arrival) -> Vec<Fate> {
    arrival.frames.iter().map(|frame| frame.fate).collect()
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.put_place(Place {
        key: "roof".to_owned(),
        name: Names { zh: "楼顶".to_owned(), en: "Roof".to_owned() },
        kind: PlaceKind::AirStation,
        lon: 113.5,
        lat: 34.8,
        area: String::new(),
        simulated: true,
        ..Place::default()
    });
    let device = |mn: &str| Device {
        mn: mn.to_owned(),
        password: PW.to_owned(),
        place: "roof".to_owned(),
        dialect: Dialect::Hj212V2017,
        period_named_by_end: false,
        units: HashMap::new(),
        ..Device::default()
    };
    registry.put_device(device(MN));
    registry.put_device(Device {
        period_named_by_end: true,
        units: HashMap::from([
            ("a34004".to_owned(), "ng/m3".to_owned()),
            ("a21026".to_owned(), "ppm".to_owned()),
        ]),
        ..device(ODD)
    });
    registry.put_device(Device { dialect: Dialect::Hj212V2005, ..device(OLD) });
    registry
}

/// A whole frame around a segment.
pub fn frame(segment: &str) -> Vec<u8> {
    let crc = hj212::crc(segment.as_bytes());
    format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).into_bytes()
}

/// An upload of 2017 that wants an answer.
pub fn upload(mn: &str, qn: &str, cn: u16, cp: &str) -> Vec<u8> {
    frame(&format!("QN={qn};ST=22;CN={cn};PW={PW};MN={mn};Flag=5;CP=&&{cp}&&"))
}

/// A QN of now plus some milliseconds.
pub fn qn(ms: i64) -> String {
    let clock = gateway::hj212::Clock::new("Asia/Shanghai", now).unwrap();
    clock.civil(now() + ms).digits17()
}

/// A small upload, different for each number.
pub fn minute(number: i64) -> Vec<u8> {
    let (qn, second) = (qn(number), number % 60);
    upload(
        MN,
        &qn,
        2011,
        &format!("DataTime=202603011100{second:02};a34004-Rtd={number},a34004-Flag=N"),
    )
}

/// The other end of a connection.
pub struct Peer {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Peer {
    pub fn of(stream: TcpStream) -> Self {
        Self { stream, buffer: vec![] }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next frame from the server, as text without envelope.
    pub async fn receive(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let frame: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let (read, problems) = hj212::read(&frame).unwrap();
                assert!(problems.iter().all(|problem| problem.kind.name().starts_with("no_")));
                return String::from_utf8(read.envelope.segment.to_vec()).unwrap();
            }
            let count = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(count > 0, "the server closed the connection");
        }
    }

    /// Whether the server has sent nothing up to now.
    pub fn is_silent(&mut self) -> bool {
        let mut bytes = [0; 1];
        self.buffer.is_empty()
            && self
                .stream
                .try_read(&mut bytes)
                .is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Waits until the server closes, and gives what it still sent.
    pub async fn closed(&mut self) -> Vec<u8> {
        // A reset is a close, too.
        drop(self.stream.read_to_end(&mut self.buffer).await);
        std::mem::take(&mut self.buffer)
    }
}
