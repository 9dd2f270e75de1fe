use super::*;
use crate::hj212::{Config, Counters, Limits};
use model::{Device, Dialect, Fate, Names, Place, PlaceKind, Registry};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

const MN: &str = "010000A8900016F000169DC0";

/// A connection that is served, with both its ends and how often it was woken.
struct Bench {
    peer: TcpStream,
    arrivals: mpsc::Receiver<Handover>,
    counters: Arc<Counters>,
    polls: Arc<AtomicUsize>,
    _stop: watch::Sender<bool>,
}

impl Bench {
    async fn with(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, address) = listener.accept().await.unwrap();
        let (engine, arrivals) = mpsc::channel(4);
        let (_registry, registered) = watch::channel(Arc::new(registry()));
        let counters = Arc::new(Counters::default());
        let config = Config { limits, ..Config::default() };
        let shared = Shared::new(config, registered, &engine, Arc::clone(&counters)).unwrap();
        let (stop, stopping) = watch::channel(false);
        let polls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&polls);
        tokio::spawn(async move {
            let connection = Connection::new(stream, 1, address, Arc::new(shared), engine);
            let mut run = pin!(connection.run(stopping));
            poll_fn(|context| {
                count.fetch_add(1, Ordering::Relaxed);
                run.as_mut().poll(context)
            })
            .await
        });
        Self { peer, arrivals, counters, polls, _stop: stop }
    }

    /// Lets time pass, and says how often the connection was woken by it.
    async fn wait(&self, time: Duration) -> usize {
        let before = self.polls.load(Ordering::Relaxed);
        tokio::time::pause();
        tokio::time::advance(time).await;
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        tokio::time::resume();
        self.polls.load(Ordering::Relaxed) - before
    }

    async fn next(&mut self) -> Handover {
        self.arrivals.recv().await.unwrap()
    }
}

fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.put_place(Place {
        key: "roof".to_owned(),
        name: Names::default(),
        kind: PlaceKind::AirStation,
        lon: 0.0,
        lat: 0.0,
        area: String::new(),
        simulated: true,
        ..Place::default()
    });
    registry.put_device(Device {
        mn: MN.to_owned(),
        password: String::new(),
        place: "roof".to_owned(),
        dialect: Dialect::Hj212V2017,
        period_named_by_end: false,
        units: HashMap::new(),
        ..Device::default()
    });
    registry
}

fn upload(number: u32) -> Vec<u8> {
    let cp = format!("DataTime=20260301110000;a34004-Rtd={number}");
    let segment = format!("QN=20260301120000{number:03};ST=22;CN=2011;MN={MN};Flag=5;CP=&&{cp}&&");
    let crc = hj212::crc(segment.as_bytes());
    format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).into_bytes()
}

fn commit(handover: Handover) {
    let outcomes = vec![model::Disposition::Stored; handover.arrival.frames.len()];
    handover.reply.send(Committed { outcomes, sequence: None }).unwrap();
}

#[tokio::test]
async fn a_connection_that_waits_for_the_engine_sleeps_and_keeps_its_half_frame() {
    let limits = Limits { batches_in_flight_max: 1, ..Limits::for_testing() };
    let mut bench = Bench::with(limits).await;
    let second = upload(2);
    bench.peer.write_all(&[&upload(1)[..], &second[..50]].concat()).await.unwrap();
    let first = bench.next().await;
    let woken = bench.wait(Duration::from_hours(1)).await;
    assert!(woken < 5, "woken {woken} times while there was nothing to do");
    commit(first);
    // The answer shows that it reads again, with nothing to read for now.
    assert!(bench.peer.read_u8().await.unwrap() == b'#');
    bench.peer.write_all(&second[50..]).await.unwrap();
    let handover = bench.next().await;
    let fates: Vec<Fate> = handover.arrival.frames.iter().map(|frame| frame.fate).collect();
    assert_eq!((fates, handover.arrival.raw), (vec![Fate::Keep], second));
}

#[tokio::test]
async fn a_connection_that_has_shown_no_good_frame_is_not_closed_for_the_time_that_the_engine_took()
{
    let limits = Limits { batches_in_flight_max: 1, ..Limits::for_testing() };
    let mut bench = Bench::with(limits).await;
    bench.peer.write_all(b"##0010QN=1;no frame&&0000\r\n").await.unwrap();
    let bad = bench.next().await;
    let woken = bench.wait(Duration::from_hours(1)).await;
    assert!(woken < 5, "woken {woken} times while there was nothing to do");
    commit(bad);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    bench.peer.write_all(&upload(1)).await.unwrap();
    assert_eq!(bench.next().await.arrival.frames[0].fate, Fate::Keep);
    assert_eq!(bench.counters.snapshot().frames, 2);
}

#[tokio::test]
async fn a_connection_that_is_paused_for_its_rate_sleeps_until_the_pause_ends() {
    // Ten may come at once; the twenty beyond have to wait for twenty seconds.
    let limits = Limits { device_frames_per_s: 1, ..Limits::for_testing() };
    let mut bench = Bench::with(limits).await;
    let last = upload(99);
    let bytes: Vec<u8> = (0..30).flat_map(upload).chain(last[..50].iter().copied()).collect();
    bench.peer.write_all(&bytes).await.unwrap();
    let handover = bench.next().await;
    assert_eq!(handover.arrival.frames.len(), 30);
    commit(handover);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let woken = bench.wait(Duration::from_secs(15)).await;
    assert!(woken < 5, "woken {woken} times while there was nothing to do");
    let woken = bench.wait(Duration::from_secs(10)).await;
    assert!((1..5).contains(&woken), "woken {woken} times for the end of one pause");
    assert_eq!(bench.counters.snapshot().pauses, 1);
    bench.peer.write_all(&last[50..]).await.unwrap();
    assert_eq!(bench.next().await.arrival.raw, last);
}
