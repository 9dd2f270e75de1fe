//! The registry file: what the district says it has, and what that changes.

use crate::turn::Error;
use model::{Area, Device, Line, Place, Registry};
use serde::{Deserialize, Serialize};
use store::RegistryChanges;

/// Areas, lines, places and devices as an operator writes them down (TOML: `[[area]]`, `[[place]]` …).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryFile {
    /// Areas.
    #[serde(default, rename = "area", skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<Area>,
    /// Rivers and roads.
    #[serde(default, rename = "line", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// Places.
    #[serde(default, rename = "place", skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Devices.
    #[serde(default, rename = "device", skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
}

impl RegistryFile {
    /// Appends another file's entries.
    pub fn extend(&mut self, other: Self) {
        self.areas.extend(other.areas);
        self.lines.extend(other.lines);
        self.places.extend(other.places);
        self.devices.extend(other.devices);
    }

    /// A device that the file has at another place than the registry.
    pub(crate) fn moved_device(&self, registry: &Registry) -> Option<Error> {
        self.devices.iter().find_map(|given| {
            let known = registry.device(registry.device_id(&given.mn)?)?;
            (known.place != given.place).then(|| Error::Moved {
                mn: given.mn.clone(),
                known: known.place.clone(),
                given: given.place.clone(),
            })
        })
    }

    /// What has to change for the registry to say what this file says. Nothing is ever removed:
    /// what is no longer in the file stays, because its readings do.
    pub(crate) fn changes(&self, registry: &Registry) -> RegistryChanges {
        let differs = |place: &&Place| {
            registry.place_id(&place.key).and_then(|id| registry.place(id)) != Some(*place)
        };
        let device_differs = |device: &&Device| {
            registry.device_id(&device.mn).and_then(|id| registry.device(id)) != Some(*device)
        };
        RegistryChanges {
            areas: self
                .areas
                .iter()
                .filter(|area| !registry.areas.contains(area))
                .cloned()
                .collect(),
            lines: self
                .lines
                .iter()
                .filter(|line| !registry.lines.contains(line))
                .cloned()
                .collect(),
            places: self.places.iter().filter(differs).cloned().collect(),
            devices: self.devices.iter().filter(device_differs).cloned().collect(),
            datastreams: vec![],
        }
    }
}
