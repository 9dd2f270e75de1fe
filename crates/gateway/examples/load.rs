//! Measures the gateway alone: a server whose engine commits at once (or after a pause that stands for a
//! disk), and a fleet in another process.
//!
//! ```text
//! cargo run --release -p gateway --example load -- serve 127.0.0.1:9000 DEVICES CN VALUES [PAUSE_MS]
//! cargo run --release -p gateway --example load -- fleet 127.0.0.1:9000 DEVICES CN VALUES CONNECTIONS WINDOW SECONDS [RATE]
//! ```

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for measuring, run by hand")]

use gateway::device::fleet::{self, Plan};
use gateway::hj212::{Clock, Config, Counters, Limits, Server, system_now};
use gateway::{Committed, Handover};
use model::{Disposition, Fate, Registry};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).map_or(0, |word| word.parse::<u64>().unwrap());
    let address = words[1].parse().unwrap();
    let start = system_now() - 40 * model::DAY_MS;
    let plan = Plan::new(number(2) as u32, number(3) as u16, number(4) as usize, start).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if words[0] == "serve" {
        runtime.block_on(serve(address, &plan, Duration::from_millis(number(5))));
        return;
    }
    let rate = words.get(8).map(|word| word.parse().unwrap());
    let options = fleet::Options {
        address,
        connections: number(5) as u32,
        window: number(6) as usize,
        rate,
        duration: Some(Duration::from_secs(number(7))),
        frames: None,
        patience: Duration::from_secs(30),
    };
    let clock = Clock::new("Asia/Shanghai", system_now).unwrap();
    println!("{}", runtime.block_on(fleet::run(plan, options, clock, Arc::default())));
}

async fn serve(listen: std::net::SocketAddr, plan: &Plan, pause: Duration) {
    let mut registry = Registry::default();
    let roster = plan.roster();
    for place in roster.places {
        registry.put_place(place);
    }
    for device in roster.devices {
        registry.put_device(device);
    }
    let (sender, engine) = mpsc::channel(4096);
    let (_registry, registered) = watch::channel(Arc::new(registry));
    let counters = Arc::new(Counters::default());
    let limits = Limits {
        device_frames_per_s: 10_000_000,
        device_readings_per_s: 1_000_000_000,
        ..Limits::default()
    };
    let config = Config { listen, limits, ..Config::default() };
    let _server = Server::bind(config, registered, sender, Arc::clone(&counters)).await.unwrap();
    std::thread::spawn(move || commit(engine, pause));
    let mut before = counters.snapshot();
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = counters.snapshot();
        println!(
            "connections {} frames/s {} readings/s {} in flight {} resident {} CPU {}",
            now.connections_open,
            (now.frames - before.frames) / 2,
            (now.readings - before.readings) / 2,
            now.in_flight_frames,
            resident(),
            cpu_ticks(),
        );
        before = now;
    }
}

/// The engine: takes what waits as one turn, rests as a disk would, and says that all is kept.
fn commit(mut engine: mpsc::Receiver<Handover>, pause: Duration) {
    while let Some(first) = engine.blocking_recv() {
        let mut turn = vec![first];
        while let Ok(next) = engine.try_recv() {
            turn.push(next);
        }
        std::thread::sleep(pause);
        for handover in turn {
            assert!(handover.arrival.frames.iter().all(|frame| frame.fate == Fate::Keep));
            let outcomes = vec![Disposition::Stored; handover.arrival.frames.len()];
            drop(handover.reply.send(Committed { outcomes, sequence: None }));
        }
    }
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.trim_start_matches("VmRSS:").trim().to_owned()
}

/// User and system time of this process, in hundredths of a second.
fn cpu_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
