//! What the district has: areas, lines, places, devices, and the datastreams that arise from them.

use crate::{DatastreamId, DeviceId, PlaceId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A name in Chinese and English. English may be empty: the page then shows the Chinese one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Chinese.
    pub zh: String,
    /// English, or empty.
    #[serde(default)]
    pub en: String,
}

/// An area, for example a sub-district or a village.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Stable text key, unique among areas.
    pub key: String,
    /// Names for people.
    pub name: Names,
    /// What it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: AreaKind,
    /// Key of the area it is a part of, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
    /// Closed ring of (longitude, latitude) in degrees, WGS 84; empty when it was not imported.
    #[serde(default)]
    pub ring: Vec<[f64; 2]>,
    /// First civil day on which it was there, `YYYY-MM-DD`; empty: always.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_from: String,
    /// Last civil day on which it was there, `YYYY-MM-DD`; empty: still.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_to: String,
}

/// Kinds of areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// Sub-district, town or city: what ranks and accounts are made for.
    #[default]
    SubDistrict,
    /// Village or neighbourhood.
    Village,
    /// Land that drains to one reach.
    Catchment,
    /// Premises: a construction site, an enterprise.
    Premises,
}

/// A river, a reach of one, or a road.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Stable text key, unique among lines.
    pub key: String,
    /// Names for people.
    pub name: Names,
    /// What it is.
    pub kind: LineKind,
    /// Key of the line it is a part of (the river of a reach), or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub within: String,
    /// (longitude, latitude) in degrees, WGS 84; rivers and reaches run downstream.
    pub path: Vec<[f64; 2]>,
    /// First civil day on which it was there, `YYYY-MM-DD`; empty: always.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_from: String,
    /// Last civil day on which it was there, `YYYY-MM-DD`; empty: still.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_to: String,
}

/// Kinds of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A river, drawn downstream.
    #[default]
    River,
    /// A stretch of a river between two sections, drawn downstream.
    Reach,
    /// A road.
    Road,
}

/// A point where something is measured or let out, or a thing that moves and measures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Stable text key, unique among places.
    pub key: String,
    /// Names for people.
    pub name: Names,
    /// What it is.
    pub kind: PlaceKind,
    /// Degrees east, WGS 84.
    pub lon: f64,
    /// Degrees north, WGS 84.
    pub lat: f64,
    /// Key of the area it lies in, or empty.
    #[serde(default)]
    pub area: String,
    /// Key of the river, reach or road it lies on, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub line: String,
    /// Height of a stack's mouth, or of an inlet, above the ground, m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_m: Option<f64>,
    /// Keys of the parameters that it lets out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emits: Vec<String>,
    /// The water classes that it has to reach, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// First civil day on which it was there, `YYYY-MM-DD`; empty: always.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_from: String,
    /// Last civil day on which it was there, `YYYY-MM-DD`; empty: still.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_to: String,
    /// Whether its readings are made up.
    #[serde(default)]
    pub simulated: bool,
}

/// A water class that a site has to reach from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// First civil day, `YYYY-MM-DD`.
    pub from: String,
    /// `I` to `V`.
    pub class: String,
}

/// Kinds of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// Standard ambient air station.
    #[default]
    AirStation,
    /// Small sensor of a dense network.
    MicroStation,
    /// Dust monitor of a construction site.
    DustSite,
    /// River or lake monitoring site.
    WaterSite,
    /// Stack of a source.
    Stack,
    /// Enterprise without a stack of its own on the map.
    Enterprise,
    /// Weather only.
    WeatherStation,
    /// Where water is let into a river.
    Outfall,
    /// Where a river's flow is set.
    Gate,
    /// A vehicle that carries sensors. Its coordinates are its home; its readings say where it was.
    Vehicle,
    /// A person on patrol. Their coordinates are their home; their readings say where they were.
    Patrol,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A field device that speaks to us.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its name on the wire (MN), 1 to 64 printable characters.
    pub mn: String,
    /// Its password on the wire (PW). Empty: any password is taken.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub password: String,
    /// Key of the place where it stands.
    pub place: String,
    /// The edition it speaks.
    #[serde(default)]
    pub dialect: Dialect,
    /// Whether its periods are named by their end (they are stored by their start all the same).
    #[serde(default)]
    pub period_named_by_end: bool,
    /// Units it sends, by factor code, where they differ from the usual one: `a34004 = "ng/m3"`.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub units: HashMap<String, String>,
    /// First civil day on which it was there, `YYYY-MM-DD`; empty: always.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_from: String,
    /// Last civil day on which it was there, `YYYY-MM-DD`; empty: still. What it sends later is a stranger's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub valid_to: String,
}

/// Whether something with this validity is there on a civil day, `YYYY-MM-DD`; both ends are part of it.
fn is_valid_on(valid_from: &str, valid_to: &str, day: &str) -> bool {
    (valid_from.is_empty() || valid_from <= day) && (valid_to.is_empty() || day <= valid_to)
}

macro_rules! is_there {
    ($($kind:ty),*) => {
        $(impl $kind {
            /// Whether it is there on a civil day, `YYYY-MM-DD`.
            pub fn is_there(&self, day: &str) -> bool {
                is_valid_on(&self.valid_from, &self.valid_to, day)
            }
        })*
    };
}

is_there!(Area, Line, Place, Device);

/// What the registry holds, by kind; an entry of the registry is named by its kind and its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// An area.
    Area,
    /// A river, reach or road.
    Line,
    /// A place.
    Place,
    /// A device; its key is its name on the wire.
    Device,
}

/// Editions of HJ 212 and their cousin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dialect {
    /// HJ/T 212-2005.
    #[serde(rename = "2005")]
    Hj212V2005,
    /// HJ 212-2017.
    #[default]
    #[serde(rename = "2017")]
    Hj212V2017,
    /// HJ 212-2025, as far as it is known.
    #[serde(rename = "2025")]
    Hj212V2025,
    /// The surface-water station protocol.
    #[serde(rename = "surface-water")]
    SurfaceWater,
}

/// Where a datastream's readings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A device sends them.
    Device(DeviceId),
    /// The engine derives them from other readings of a place.
    Derived(PlaceId),
}

/// What a value says about its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The value at the instant.
    Instant,
    /// Arithmetic mean.
    Mean,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Total of the period.
    Total,
    /// Value at the instant, converted to the reference oxygen.
    InstantConverted,
    /// Mean, converted.
    MeanConverted,
    /// Smallest value, converted.
    MinConverted,
    /// Largest value, converted.
    MaxConverted,
    /// An index computed from concentrations.
    Index,
    /// A state or a count of the equipment.
    State,
}

/// The period a value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// No period.
    Instant,
    /// Some minutes, as the device is set.
    Minutes,
    /// One hour.
    Hour,
    /// One civil day.
    Day,
}

/// What makes a datastream one: a source, a parameter, a statistic and a period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DatastreamKey {
    /// Where the readings come from.
    pub source: Source,
    /// Key in the [`crate::ParameterTable`], or the factor code as sent when it is not in there.
    pub parameter: String,
    /// What the value says about the period.
    pub statistic: Statistic,
    /// The period.
    pub period: Period,
}

/// A datastream of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datastream {
    /// Its number.
    pub id: DatastreamId,
    /// What makes it one.
    pub key: DatastreamKey,
    /// The place that the readings tell about.
    pub place: PlaceId,
}

/// Everything that is registered, with the ways to look it up.
///
/// Ids are positions: places and devices are never removed, a datastream arises with its first reading.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Areas, in the order in which they were registered.
    pub areas: Vec<Area>,
    /// Lines, in the order in which they were registered.
    pub lines: Vec<Line>,
    places: Vec<Place>,
    devices: Vec<Device>,
    datastreams: Vec<Datastream>,
    place_by_key: HashMap<String, PlaceId>,
    device_by_mn: HashMap<String, DeviceId>,
    datastream_by_key: HashMap<DatastreamKey, DatastreamId>,
    datastreams_by_place: HashMap<PlaceId, Vec<DatastreamId>>,
}

/// Whether somebody comes to `to` by going up from `from`. A circle, which nothing should have made, ends it.
pub fn climbs<'a>(from: &str, to: &str, above: impl Fn(&str) -> Option<&'a str>) -> bool {
    const STEPS_MAX: usize = 64;
    let mut next = above(from);
    for _ in 0..STEPS_MAX {
        match next {
            _ if from == to || next == Some(to) => return true,
            Some(at) if !at.is_empty() => next = above(at),
            _ => return false,
        }
    }
    false
}

impl Registry {
    /// All places; the id is the position.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// All devices; the id is the position.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// All datastreams; the id is the position.
    pub fn datastreams(&self) -> &[Datastream] {
        &self.datastreams
    }

    /// A place by id.
    pub fn place(&self, id: PlaceId) -> Option<&Place> {
        self.places.get(id.0 as usize)
    }

    /// A device by id.
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.devices.get(id.0 as usize)
    }

    /// A datastream by id.
    pub fn datastream(&self, id: DatastreamId) -> Option<&Datastream> {
        self.datastreams.get(usize::try_from(id.0).ok()?)
    }

    /// The place of a key.
    pub fn place_id(&self, key: &str) -> Option<PlaceId> {
        self.place_by_key.get(key).copied()
    }

    /// The device of a name on the wire.
    pub fn device_id(&self, mn: &str) -> Option<DeviceId> {
        self.device_by_mn.get(mn).copied()
    }

    /// The datastream of a key.
    pub fn datastream_id(&self, key: &DatastreamKey) -> Option<DatastreamId> {
        self.datastream_by_key.get(key).copied()
    }

    /// The datastreams of a place, oldest first.
    pub fn datastreams_of(&self, place: PlaceId) -> &[DatastreamId] {
        self.datastreams_by_place.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The place that a source's readings tell about.
    pub fn place_of(&self, source: Source) -> Option<PlaceId> {
        match source {
            Source::Device(device) => self.place_id(&self.device(device)?.place),
            Source::Derived(place) => Some(place),
        }
    }

    /// Whether a place lies in an area, or in one within it.
    pub fn lies_in(&self, place: &str, area: &str) -> bool {
        let place = self.place_id(place).and_then(|id| self.place(id));
        let above = |key: &str| {
            let found = self.areas.iter().find(|area| area.key == key);
            found.map(|area| area.within.as_str())
        };
        place.is_some_and(|place| climbs(&place.area, area, above))
    }

    /// Adds a place or replaces the one with its key; says which id it has.
    pub fn put_place(&mut self, place: Place) -> PlaceId {
        if let Some(id) = self.place_id(&place.key) {
            self.places[id.0 as usize] = place;
            return id;
        }
        let id = PlaceId(self.places.len() as u32);
        self.place_by_key.insert(place.key.clone(), id);
        self.places.push(place);
        id
    }

    /// Adds a device or replaces the one with its name on the wire; says which id it has.
    pub fn put_device(&mut self, device: Device) -> DeviceId {
        if let Some(id) = self.device_id(&device.mn) {
            self.devices[id.0 as usize] = device;
            return id;
        }
        let id = DeviceId(self.devices.len() as u32);
        self.device_by_mn.insert(device.mn.clone(), id);
        self.devices.push(device);
        id
    }

    /// The datastream of a key, made if it is new; `None` when its source has no place.
    /// The second value says whether it is new.
    pub fn open_datastream(&mut self, key: &DatastreamKey) -> Option<(DatastreamId, bool)> {
        if let Some(id) = self.datastream_id(key) {
            return Some((id, false));
        }
        let place = self.place_of(key.source)?;
        let id = DatastreamId(self.datastreams.len() as i32);
        self.put_datastream(Datastream { id, key: key.clone(), place });
        Some((id, true))
    }

    /// Adds a datastream as it was kept: its device may stand at another place by now. Refused, with
    /// `false`, unless its id is the next one and its key is new.
    pub fn put_datastream(&mut self, datastream: Datastream) -> bool {
        let is_next = usize::try_from(datastream.id.0) == Ok(self.datastreams.len());
        if !is_next || self.datastream_by_key.contains_key(&datastream.key) {
            return false;
        }
        self.datastream_by_key.insert(datastream.key.clone(), datastream.id);
        self.datastreams_by_place.entry(datastream.place).or_default().push(datastream.id);
        self.datastreams.push(datastream);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_validity_are_part_of_it() {
        let check = |from, to, day, expected| assert_eq!(is_valid_on(from, to, day), expected);
        check("", "", "2026-03-01", true);
        check("2026-03-01", "2026-03-01", "2026-03-01", true);
        check("2026-03-02", "", "2026-03-01", false);
        check("", "2026-02-28", "2026-03-01", false);
    }
}
