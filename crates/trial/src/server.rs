//! The server of a world: the real gateway, engine and store; only sockets, threads and timers are not.

use crate::clock;
use crate::disk::Disk;
use crate::promises::Broken;
use engine::{Engine, RegistryFile};
use gateway::hj212::{Config, PaperConnection, PaperServer};
use model::{Arrival, Device, Names, Place, PlaceKind, Timestamp};
use standards::{Standards, Zone};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use store::{Limits, Recovery, Sealed, Store};
use tokio::sync::watch;

/// What worlds have in common and what is costly to make.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The law.
    pub law: Standards,
    /// The district's zone.
    pub zone: Zone,
}

impl Ground {
    /// Reads the law.
    ///
    /// # Errors
    /// When a table or the zone cannot be read.
    pub fn new() -> Result<Self, Broken> {
        let law = Standards::load().map_err(|error| Broken::stopped(&error))?;
        let zone = Zone::shanghai().map_err(|error| Broken::stopped(&error))?;
        Ok(Self { law, zone })
    }
}

/// One life of the server, from a start to a kill.
pub struct Server {
    /// The engine and its store.
    pub engine: Engine,
    /// What was found at the start.
    pub recovery: Recovery,
    /// Connections by line.
    pub connections: BTreeMap<usize, PaperConnection>,
    /// Arrivals that no turn has kept yet, by line. While there are any, nothing more is read.
    pub waiting: Vec<(usize, Arrival)>,
    /// A day whose files are written and not listed yet.
    pub sealing: Option<Sealed>,
    paper: PaperServer,
    _registry: watch::Sender<Arc<model::Registry>>,
}

impl Server {
    /// Starts on what lies on the disk, with so many rows in a row group and pages in the database.
    ///
    /// # Errors
    /// When the store does not open.
    pub fn start(
        ground: &Ground,
        disk: &Disk,
        places: u32,
        (rows, pages_max): (usize, u32),
    ) -> Result<Self, Broken> {
        // Small bounds, so that a small world meets them; the log of frames is searched whole.
        let limits = Limits {
            database_pages_max: pages_max,
            frame_blobs_per_listing_max: 10_000,
            open_files_max: 64,
            // Each row group that is read makes contexts anew, which is most of the cost of a world.
            row_group_rows: rows,
            idle_readers_max: 4,
            log_zstd_level: 1,
            archive_zstd_level: 1,
            ..Limits::for_testing()
        };
        let (store, recovery) =
            Store::open(disk.dir(), limits).map_err(|error| Broken::stopped(&error))?;
        let now = clock::now();
        let (law, zone) = (ground.law.clone(), ground.zone.clone());
        let mut engine = Engine::new(store, law, zone, now, engine::Limits::default());
        if engine.reader().view().registry().devices().is_empty() {
            engine.install(now, &registry(places)).map_err(|error| Broken::stopped(&error))?;
        }
        let registry = Arc::new(engine.reader().view().registry().clone());
        let (registry, registered) = watch::channel(registry);
        let config = Config { now: clock::now, set_clocks: false, ..Config::default() };
        let paper =
            PaperServer::new(config, registered).map_err(|error| Broken::stopped(&error))?;
        Ok(Self {
            engine,
            recovery,
            connections: BTreeMap::new(),
            waiting: vec![],
            sealing: None,
            paper,
            _registry: registry,
        })
    }

    /// A device connects on a line.
    pub fn connect(&mut self, line: usize) {
        let port = 10_000 + (line % 50_000) as u16;
        let peer = SocketAddr::from(([192, 0, 2, 1], port));
        self.connections.insert(line, self.paper.connect(peer));
    }

    /// Whether it reads from a line now.
    pub fn reads(&self, line: usize) -> bool {
        self.waiting.is_empty()
            && self.connections.get(&line).is_some_and(PaperConnection::may_read)
    }
}

/// The name on the wire of a device.
pub fn name_of_device(number: u32) -> String {
    format!("T{number:023}")
}

/// Stations, each with one device of the same number.
fn registry(places: u32) -> RegistryFile {
    let place = |number: u32| Place {
        key: format!("T-{number}"),
        name: Names { zh: format!("试验站{number}"), en: format!("Trial station {number}") },
        kind: PlaceKind::AirStation,
        lon: 113.5,
        lat: 34.8 + f64::from(number) / 100.0,
        simulated: true,
        ..Place::default()
    };
    let device = |number: u32| Device {
        mn: name_of_device(number),
        password: "123456".to_owned(),
        place: format!("T-{number}"),
        ..Device::default()
    };
    RegistryFile {
        places: (0..places).map(place).collect(),
        devices: (0..places).map(device).collect(),
        ..RegistryFile::default()
    }
}

/// The instant at which worlds begin: 2026-03-10 00:00 in Shanghai.
pub const BEGINNING: Timestamp = Timestamp::from_ms(1_773_072_000_000);
