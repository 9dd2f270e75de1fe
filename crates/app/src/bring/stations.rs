//! Which registered device a station of a file is.

use gateway::file::Row;
use model::{DeviceId, Registry};
use std::collections::HashMap;
use std::sync::Arc;

/// Stations that are told by name; the others are counted with the last.
const TOLD_MAX: usize = 10_000;

/// A station that is not registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// As the file names it, or its name on the wire when that is made from its name.
    pub station: String,
    /// Another name of it, or empty.
    pub place: String,
    /// How many rows are about it.
    pub rows: u64,
}

/// The devices of a file, by the names in it.
pub struct Stations {
    registry: Arc<Registry>,
    known: HashMap<String, Option<DeviceId>>,
    unknown: HashMap<String, Unknown>,
}

impl Stations {
    /// Over a registry.
    pub fn new(registry: &Arc<Registry>) -> Self {
        let registry = Arc::clone(registry);
        Self { registry, known: HashMap::new(), unknown: HashMap::new() }
    }

    /// The device of a row: by its name on the wire, by the key of a place at which one device stands,
    /// or by the name of such a place.
    pub fn find(&mut self, row: &Row) -> Option<DeviceId> {
        if row.station.is_empty() && row.place.is_empty() {
            return None;
        }
        if self.known.len() > 10 * TOLD_MAX {
            self.known.clear();
        }
        let found = if let Some(found) = self.known.get(&row.station) {
            *found
        } else {
            let found = look(&self.registry, &row.station, &row.place);
            self.known.insert(row.station.clone(), found);
            found
        };
        if found.is_none() && (self.unknown.len() < TOLD_MAX) {
            let unknown = self.unknown.entry(row.station.clone()).or_insert_with(|| Unknown {
                station: row.station.clone(),
                place: row.place.clone(),
                rows: 0,
            });
            unknown.rows += 1;
        }
        found
    }

    /// Stations that were asked for and are not registered, by name.
    pub fn unknown(&self) -> Vec<Unknown> {
        let mut unknown: Vec<_> = self.unknown.values().cloned().collect();
        unknown.sort_by(|a, b| a.station.cmp(&b.station));
        unknown
    }
}

fn look(registry: &Registry, station: &str, place: &str) -> Option<DeviceId> {
    if let Some(device) = registry.device_id(station) {
        return Some(device);
    }
    for name in [station, place].into_iter().filter(|name| !name.is_empty()) {
        let key = registry.place_id(name).map(|_| name.to_owned()).or_else(|| {
            let mut named = registry
                .places()
                .iter()
                .filter(|place| place.name.zh == name || place.name.en == name);
            let found = named.next()?;
            // A name that two places bear says nothing.
            named.next().is_none().then(|| found.key.clone())
        });
        let Some(key) = key else { continue };
        let mut there = registry.devices().iter().filter(|device| device.place == key);
        if let (Some(device), None) = (there.next(), there.next()) {
            return registry.device_id(&device.mn);
        }
    }
    None
}
