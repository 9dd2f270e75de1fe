//! The gate: listeners, sessions and drivers by which devices reach the engine.
//!
//! [`hj212`] is the server: it reads frames from TCP, proves who sent them, turns civil time and wire
//! units into ours, hands whole batches to the engine and answers a device only when the engine says
//! that its data are on disk. It judges no value and drops nothing; when the engine is slow it reads
//! more slowly.
//!
//! [`file`] reads files of readings, row by row, as if each row were a frame.
//!
//! [`device`] is the other end of the wire: real HJ 212 clients over real sockets, for replaying files
//! of readings and for load.
//!
//! ```
//! use gateway::device::{Client, Logger, Options, Profile, Upload};
//! use gateway::hj212::{Clock, Config, Counters, Server, system_now};
//! use gateway::{Committed, Handover};
//! use model::{Disposition, Registry};
//! use std::sync::Arc;
//! use tokio::sync::{mpsc, watch};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let mut registry = Registry::default();
//! # let names = model::Names::default();
//! # let kind = model::PlaceKind::AirStation;
//! # let (key, area) = ("roof".to_owned(), String::new());
//! # registry.put_place(model::Place { key, name: names, kind, lon: 0.0, lat: 0.0, area, simulated: true, ..Default::default() });
//! let profile = Profile {
//!     mn: "010000A8900016F000169DC0".to_owned(),
//!     pw: "123456".to_owned(),
//!     st: "22".to_owned(),
//!     dialect: Default::default(),
//!     clock_ahead_ms: 0,
//! };
//! registry.put_device(model::Device {
//!     mn: profile.mn.clone(),
//!     password: profile.pw.clone(),
//!     place: "roof".to_owned(),
//!     dialect: profile.dialect,
//!     period_named_by_end: false,
//!     units: Default::default(),
//!     ..model::Device::default()
//! });
//! let (_registry, registered) = watch::channel(Arc::new(registry));
//! let (engine, mut arrivals) = mpsc::channel::<Handover>(16);
//! let server = Server::bind(Config::default(), registered, engine, Arc::new(Counters::default())).await?;
//!
//! let clock = Clock::new("Asia/Shanghai", system_now)?;
//! let upload = Upload { cn: 2061, time: system_now() - 3_600_000, items: "a34004-Avg=35".into() };
//! let mut client =
//!     Client::connect(server.address(), vec![Logger::new(profile)], clock, Options::default()).await?;
//! client.send(0, &upload).await?;
//! client.flush().await?;
//!
//! // The engine would write to disk here; only then does the device hear of it.
//! let handover = arrivals.recv().await.ok_or("no arrival")?;
//! assert_eq!(handover.arrival.readings[0].value, Some(35.0));
//! let committed = Committed { outcomes: vec![Disposition::Stored], sequence: None };
//! handover.reply.send(committed).map_err(|_| "the connection is gone")?;
//! client.finish().await?;
//! assert_eq!(client.account().frames_acknowledged, 1);
//! server.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod device;
pub mod file;
pub mod hj212;

use model::{Arrival, Disposition, Sequence};
use tokio::sync::oneshot;

/// What the engine gets: frames of one connection, and where to say that they are on disk.
#[derive(Debug)]
pub struct Handover {
    /// The frames, in the order in which they came.
    pub arrival: Arrival,
    /// To be sent after the commit. Dropping it says that nothing was committed.
    pub reply: oneshot::Sender<Committed>,
}

/// What the engine says after the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// What became of each frame of the arrival, in its order.
    pub outcomes: Vec<Disposition>,
    /// The highest sequence that is now on disk, when the engine says it.
    pub sequence: Option<Sequence>,
}
