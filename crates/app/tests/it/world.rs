//! A small district: two stations, a micro-station and a river site, a day and two hours of readings
//! that came through the engine as real frames, and the HTTP side over it.

use app::door::Door;
use app::http::{self, District, Gateway, Limits, Setup};
use app::shell::{Changes, EngineHealth, Task};
use app::user::sessions::Limits as SignIn;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use engine::{Engine, RegistryFile};
use gateway::hj212::{ProblemCount, SessionView, StrangerView};
use model::{
    Arrival, ArrivedFrame, ArrivedReading, Claim, DatastreamKey, DeviceId, Fate, Flag, HOUR_MS,
    MINUTE_MS, Names, ParameterTable, Period, Quality, Reason, Role, Source, Statistic, Timestamp,
};
use serde_json::Value;
use standards::{Standards, Zone};
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use store::Store;
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tower::ServiceExt;

/// 2026-03-10 00:00 in Shanghai.
pub const MIDNIGHT: Timestamp = Timestamp::from_ms(1_773_072_000_000);
/// 2026-03-11 02:05 in Shanghai.
pub const NOW: Timestamp = Timestamp::from_ms(1_773_072_000_000 + 26 * HOUR_MS + 5 * MINUTE_MS);
/// The token of the link by which the first user is made.
pub const SETUP: &str = "first-start";
/// The six pollutants on a clean day, as the first station measures them.
const CLEAN: [(&str, &str, f64); 6] = [
    ("so2", "a21026", 8.0),
    ("no2", "a21004", 45.0),
    ("co", "a21005", 1.1),
    ("o3", "a05024", 40.0),
    ("pm10", "a34002", 40.5),
    ("pm25", "a34004", 20.0),
];

pub const REGISTRY: &str = include_str!("../http/registry.toml");

/// The district and those who tell of it.
pub struct World {
    pub engine: Arc<Mutex<Engine>>,
    pub changes: Option<broadcast::Sender<Arc<Changes>>>,
    pub router: Router,
    pub health: Arc<EngineHealth>,
    _dir: TempDir,
}

/// Must be made within a runtime.
pub fn world() -> World {
    world_with(Limits::default())
}

/// The world with other limits.
pub fn world_with(limits: Limits) -> World {
    let (setup, world) = prepared(limits, gateway);
    world(http::router(setup))
}

/// What the HTTP side of a world is set up with, and the world once it has its routes.
pub fn prepared(
    limits: Limits,
    gateway: impl Fn() -> Gateway + Send + Sync + 'static,
) -> (Setup, impl FnOnce(Router) -> World) {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(dir.path(), store::Limits::default()).unwrap();
    let (law, zone) = (Standards::load().unwrap(), Zone::shanghai().unwrap());
    let start = MIDNIGHT - HOUR_MS;
    let mut engine =
        Engine::new(store, law.clone(), zone.clone(), start, engine::Limits::default());
    engine.install(start, &registry()).unwrap();
    fill(&mut engine);
    let (changes, watching) = broadcast::channel(1_024);
    let health = Arc::new(EngineHealth::default());
    let reader = engine.reader();
    let (tasks, done) = mpsc::channel(4);
    let setup = Setup {
        reader: reader.clone(),
        law: Arc::new(law),
        book: engine.book(),
        dust: vec![],
        parameters: Arc::new(ParameterTable::builtin().unwrap()),
        district: District {
            name: Names { zh: "试验区".into(), en: "Trial district".into() },
            zone_name: "Asia/Shanghai".into(),
            zone,
            bbox: None,
        },
        limits,
        now: || NOW,
        changes: watching,
        engine: Arc::clone(&health),
        gateway: Box::new(gateway),
        door: Door::new(tasks, watch::channel(Arc::default()).0, reader.clone()),
        sign_in: SignIn::default(),
        setup_tokens: vec![(Role::System, SETUP.to_owned())],
        roster: engine.roster(start).unwrap(),
        desk: engine.desk().unwrap(),
        board: engine.watch_by(detect::Rules::built_in().unwrap()).unwrap(),
        warnings: engine.warnings().unwrap(),
        rules: Arc::new(detect::Rules::built_in().unwrap()),
        is_public: true,
        proxy: None,
        tls: None,
        trail: Arc::default(),
        data_dir: dir.path().to_owned(),
        reports: app::config::Reports::default(),
        notices: app::notify::run::Notices::open(&app::config::Notify::default(), &reader).unwrap(),
    };
    let engine = Arc::new(Mutex::new(engine));
    tokio::spawn(serve_door(Arc::clone(&engine), done));
    let world = move |router| {
        let changes = Some(changes);
        World { engine, changes, router, health, _dir: dir }
    };
    (setup, world)
}

/// Does what comes through the door, as the engine's thread does between its turns.
async fn serve_door(engine: Arc<Mutex<Engine>>, mut tasks: mpsc::Receiver<Task>) {
    while let Some(task) = tasks.recv().await {
        if let Task::Change(change) = task {
            change(&mut engine.lock().unwrap());
        }
    }
}

fn registry() -> RegistryFile {
    app::config::read_registry("registry.toml", REGISTRY).unwrap()
}

/// A day and two hours: the first station clean but for hour 5, which never came, and hour 7, which it
/// reported missing; the second one without CO; the micro-station with dust only. Then a duplicate, a
/// frame with a wrong checksum and a stranger.
pub fn fill(engine: &mut Engine) {
    for hour in 0..26 {
        let start = MIDNIGHT + hour * HOUR_MS;
        let values = CLEAN.map(|(name, code, value)| (name, code, (hour != 7).then_some(value)));
        let mut arrivals = Vec::new();
        if hour != 5 {
            arrivals.push(frame(0, start, &values));
        }
        let higher = values.map(|(name, code, value)| (name, code, value.map(|value| value * 2.0)));
        let without_co: Vec<_> = higher.into_iter().filter(|(name, ..)| *name != "co").collect();
        arrivals.push(frame(1, start, &without_co));
        arrivals.push(frame(2, start, &higher[4..]));
        engine.turn(start + HOUR_MS + MINUTE_MS, &arrivals).unwrap();
    }
    let last = MIDNIGHT + 25 * HOUR_MS;
    let values = CLEAN.map(|(name, code, value)| (name, code, Some(value)));
    let again = frame(0, last, &values);
    let mut broken = frame(0, last, &values);
    broken.raw[10] ^= 1;
    let rejected = refused(broken, Claim::Nobody, Fate::Reject(Reason::BadCrc));
    let stranger = Claim::Stranger("X00000000000000000000009".into());
    let stranger =
        refused(frame(0, last, &values), stranger, Fate::Quarantine(Reason::UnknownDevice));
    engine.turn(NOW - 2 * MINUTE_MS, &[again, rejected, stranger]).unwrap();
    engine.turn(NOW - MINUTE_MS, &[]).unwrap();
}

/// A frame of hourly means, CN 2061, as a device of the registry sends it a minute after the hour.
pub fn frame(device: u32, hour: Timestamp, values: &[(&str, &str, Option<f64>)]) -> Arrival {
    let mn = &registry().devices[device as usize].mn;
    let local = (hour + 8 * HOUR_MS).to_string();
    let digits: String = local.chars().filter(char::is_ascii_digit).take(14).collect();
    let mut segment =
        format!("QN={digits}001;ST=22;CN=2061;PW=123456;MN={mn};Flag=5;CP=&&DataTime={digits}");
    let mut arrival = Arrival { received_at: hour + HOUR_MS + MINUTE_MS, ..Arrival::default() };
    for (at, (name, code, value)) in values.iter().enumerate() {
        let source = Source::Device(DeviceId(device));
        let parameter = (*name).to_owned();
        let (statistic, period) = (Statistic::Mean, Period::Hour);
        arrival.keys.push(DatastreamKey { source, parameter, statistic, period });
        let (text, quality, mark) = match value {
            Some(value) => (value.to_string(), Quality::Good, b'N'),
            None => (String::new(), Quality::Missing, b'D'),
        };
        write!(segment, ";{code}-Avg={text},{code}-Flag={}", mark as char).unwrap();
        let flag = Flag::new(quality, Some(mark));
        arrival.readings.push(ArrivedReading { key: at as u32, time: hour, value: *value, flag });
    }
    segment.push_str("&&");
    let crc = hj212::crc(segment.as_bytes());
    arrival.raw = format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).into_bytes();
    arrival.frames.push(ArrivedFrame {
        claim: Claim::Device(DeviceId(device)),
        raw: 0..arrival.raw.len(),
        readings: 0..arrival.readings.len(),
        reading_count: arrival.readings.len() as u32,
        fate: Fate::Keep,
    });
    arrival
}

fn refused(mut arrival: Arrival, claim: Claim, fate: Fate) -> Arrival {
    let frame = &mut arrival.frames[0];
    (frame.claim, frame.fate, frame.readings) = (claim, fate, 0..0);
    arrival.readings.clear();
    arrival.keys.clear();
    arrival
}

/// What the listeners of devices would say.
pub fn gateway() -> Gateway {
    let seen = NOW - 3 * MINUTE_MS;
    let session = SessionView {
        device: DeviceId(0),
        mn: "A00000000000000000000001".into(),
        peer: Some(([127, 0, 0, 1], 4000).into()),
        since: MIDNIGHT,
        last_seen: seen,
        skew_ms: Some(-1_500),
    };
    let stranger = StrangerView {
        mn: "X00000000000000000000009".into(),
        first_seen: seen,
        last_seen: seen,
        frames: 1,
        peer: ([127, 0, 0, 1], 4001).into(),
    };
    let problem = |name, device| ProblemCount { name, device, count: 2 };
    Gateway {
        problems: vec![problem("crc_mismatch", None), problem("no_crlf", Some(DeviceId(0)))],
        sessions: vec![session],
        strangers: vec![stranger],
        ..Gateway::default()
    }
}

impl World {
    /// Asks for an address below `/api/v1`, or any other one that begins with `//`.
    pub async fn ask(&self, path: &str) -> Response<Body> {
        let uri = match path.strip_prefix('/') {
            Some(path) if path.starts_with('/') => path.to_owned(),
            _ => format!("/api/v1{path}"),
        };
        self.send(Request::get(uri).body(Body::empty()).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The JSON of an answer that must be a success.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.ask(path).await;
        let status = answer.status();
        let text = text(answer).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The number of the datastream of a place's parameter.
    pub async fn datastream(&self, place: &str, parameter: &str) -> i64 {
        let all = self.json(&format!("/datastreams?place={place}")).await;
        let all = all.as_array().unwrap();
        let found = all.iter().find(|one| one["parameter"] == parameter && one["period"] == "hour");
        found.unwrap()["id"].as_i64().unwrap()
    }

    /// Makes a turn of arrivals and tells those who watch, as the engine's thread does.
    pub fn turn(&self, at: Timestamp, arrivals: &[Arrival]) {
        let turn = self.engine.lock().unwrap().turn(at, arrivals).unwrap();
        let changes = self.changes.as_ref().unwrap();
        assert!(
            changes.send(Arc::new(Changes { turn, at, ..Changes::default() })).is_ok(),
            "nobody watches"
        );
    }
}

/// The whole body as text.
pub async fn text(answer: Response<Body>) -> String {
    String::from_utf8(bytes(answer).await).unwrap()
}

/// The whole body.
pub async fn bytes(answer: Response<Body>) -> Vec<u8> {
    to_bytes(answer.into_body(), 64 << 20).await.unwrap().to_vec()
}
