//! One entry of the registry, whatever its kind, and what differs between two versions of it.

use engine::RegistryFile;
use model::{Area, Device, EntryKind, Line, Place, Registry};
use serde_json::{Map, Value};

/// One entry of the registry.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// An area.
    Area(Area),
    /// A river, reach or road.
    Line(Line),
    /// A place.
    Place(Place),
    /// A device.
    Device(Device),
}

/// A field that differs between two versions of an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its name.
    pub field: String,
    /// Before; null: it was not there.
    pub before: Value,
    /// After; null: it is not there any more.
    pub after: Value,
}

/// Items of a list that a difference shows whole.
const SHOWN_ITEMS_MAX: usize = 20;

impl Entry {
    /// Reads an entry of a kind.
    ///
    /// # Errors
    /// When a field is unknown, missing or of another type.
    pub fn read(kind: EntryKind, value: Value) -> serde_json::Result<Self> {
        Ok(match kind {
            EntryKind::Area => Self::Area(serde_json::from_value(value)?),
            EntryKind::Line => Self::Line(serde_json::from_value(value)?),
            EntryKind::Place => Self::Place(serde_json::from_value(value)?),
            EntryKind::Device => Self::Device(serde_json::from_value(value)?),
        })
    }

    /// The entry of a key as it stands in the registry.
    pub fn find(registry: &Registry, kind: EntryKind, key: &str) -> Option<Self> {
        match kind {
            EntryKind::Area => {
                registry.areas.iter().find(|area| area.key == key).cloned().map(Self::Area)
            }
            EntryKind::Line => {
                registry.lines.iter().find(|line| line.key == key).cloned().map(Self::Line)
            }
            EntryKind::Place => registry.place(registry.place_id(key)?).cloned().map(Self::Place),
            EntryKind::Device => {
                registry.device(registry.device_id(key)?).cloned().map(Self::Device)
            }
        }
    }

    /// What kind of entry it is.
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Area(_) => EntryKind::Area,
            Self::Line(_) => EntryKind::Line,
            Self::Place(_) => EntryKind::Place,
            Self::Device(_) => EntryKind::Device,
        }
    }

    /// Its key; of a device its name on the wire.
    pub fn key(&self) -> &str {
        match self {
            Self::Area(area) => &area.key,
            Self::Line(line) => &line.key,
            Self::Place(place) => &place.key,
            Self::Device(device) => &device.mn,
        }
    }

    /// Its names; a device has none.
    pub fn name(&self) -> Option<&model::Names> {
        match self {
            Self::Area(area) => Some(&area.name),
            Self::Line(line) => Some(&line.name),
            Self::Place(place) => Some(&place.name),
            Self::Device(_) => None,
        }
    }

    /// First and last civil day on which it is there.
    pub fn validity(&self) -> (&str, &str) {
        match self {
            Self::Area(area) => (&area.valid_from, &area.valid_to),
            Self::Line(line) => (&line.valid_from, &line.valid_to),
            Self::Place(place) => (&place.valid_from, &place.valid_to),
            Self::Device(device) => (&device.valid_from, &device.valid_to),
        }
    }

    /// Lets it be there up to a civil day.
    pub fn end(&mut self, day: &str) {
        let valid_to = match self {
            Self::Area(area) => &mut area.valid_to,
            Self::Line(line) => &mut line.valid_to,
            Self::Place(place) => &mut place.valid_to,
            Self::Device(device) => &mut device.valid_to,
        };
        day.clone_into(valid_to);
    }

    /// The entry with its fields as JSON. The password of a device is never told.
    pub fn to_json(&self) -> Value {
        let value = match self {
            Self::Area(area) => serde_json::to_value(area),
            Self::Line(line) => serde_json::to_value(line),
            Self::Place(place) => serde_json::to_value(place),
            Self::Device(device) => serde_json::to_value(device),
        };
        let mut value = value.unwrap_or_default();
        hide_password(&mut value);
        value
    }

    /// Puts it into a registry file.
    pub fn put(self, file: &mut RegistryFile) {
        match self {
            Self::Area(area) => file.areas.push(area),
            Self::Line(line) => file.lines.push(line),
            Self::Place(place) => file.places.push(place),
            Self::Device(device) => file.devices.push(device),
        }
    }

    /// Every entry of a registry file: areas, lines, places, devices.
    pub fn all(file: RegistryFile) -> Vec<Self> {
        let RegistryFile { areas, lines, places, devices } = file;
        (areas.into_iter().map(Self::Area))
            .chain(lines.into_iter().map(Self::Line))
            .chain(places.into_iter().map(Self::Place))
            .chain(devices.into_iter().map(Self::Device))
            .collect()
    }
}

/// The stable name of a kind, as in addresses: `places`.
pub fn plural(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Area => "areas",
        EntryKind::Line => "lines",
        EntryKind::Place => "places",
        EntryKind::Device => "devices",
    }
}

/// The stable name of a kind: `place`.
pub fn singular(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Area => "area",
        EntryKind::Line => "line",
        EntryKind::Place => "place",
        EntryKind::Device => "device",
    }
}

/// The field in which a kind of entry has its key.
pub fn key_field(kind: EntryKind) -> &'static str {
    if kind == EntryKind::Device { "mn" } else { "key" }
}

/// The fields in which two versions of an entry differ. A password is told as changed, not what it is.
pub fn differences(before: Option<&Value>, after: &Value) -> Vec<Difference> {
    let nothing = Map::new();
    let before = before.and_then(Value::as_object).unwrap_or(&nothing);
    let after = after.as_object().unwrap_or(&nothing);
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    let mut differences = Vec::new();
    for field in after.keys().chain(gone) {
        let of = |version: &Map<String, Value>| version.get(field).cloned().unwrap_or_default();
        let (before, after) = (of(before), of(after));
        if before == after {
            continue;
        }
        let shown = |value| if field == "password" { hidden(&value) } else { shortened(value) };
        let (before, after) = (shown(before), shown(after));
        differences.push(Difference { field: field.clone(), before, after });
    }
    differences
}

fn hidden(password: &Value) -> Value {
    if password.as_str().is_none_or(str::is_empty) { Value::Null } else { "•••".into() }
}

/// A border of ten thousand points is told by how many it has.
fn shortened(value: Value) -> Value {
    match value.as_array() {
        Some(items) if items.len() > SHOWN_ITEMS_MAX => {
            serde_json::json!({"points": items.len()})
        }
        _ => value,
    }
}

fn hide_password(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.shift_remove("password");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_what_changed_came_and_went() {
        let before = json!({"key": "a", "lon": 1.0, "area": "north"});
        let after = json!({"key": "a", "lon": 2.0, "line": "river"});
        let found: Vec<_> = differences(Some(&before), &after)
            .into_iter()
            .map(|one| (one.field, one.before, one.after))
            .collect();
        let expected = [
            ("lon".to_owned(), json!(1.0), json!(2.0)),
            ("line".to_owned(), Value::Null, json!("river")),
            ("area".to_owned(), json!("north"), Value::Null),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_password_is_never_told() {
        let device = Device { mn: "1".into(), password: "123456".into(), ..Device::default() };
        let entry = Entry::Device(device);
        assert!(!entry.to_json().to_string().contains("123456"));
        let (before, after) = (json!({"password": "123456"}), json!({"password": "654321"}));
        let told = format!("{:?}", differences(Some(&before), &after));
        assert!(told.contains("password") && !told.contains("3456") && !told.contains("6543"));
    }
}
