//! The registry: what the district says it has, by file or by hand, and what that changes.

use crate::append::Draft;
use crate::turn::{Engine, Error};
use model::{Area, Device, EntryKind, Line, Place, Registry, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{Author, Reader, RegistryChanges, Way};

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
    fn moved_device(&self, registry: &Registry) -> Option<Error> {
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
    pub fn changes(&self, registry: &Registry) -> RegistryChanges {
        let area = |key: &str| registry.areas.iter().find(|area| area.key == key);
        let line = |key: &str| registry.lines.iter().find(|line| line.key == key);
        let place = |key: &str| registry.place(registry.place_id(key)?);
        let device = |mn: &str| registry.device(registry.device_id(mn)?);
        RegistryChanges {
            areas: differing(&self.areas, |entry| area(&entry.key)),
            lines: differing(&self.lines, |entry| line(&entry.key)),
            places: differing(&self.places, |entry| place(&entry.key)),
            devices: differing(&self.devices, |entry| device(&entry.mn)),
            ..RegistryChanges::default()
        }
    }
}

/// Entries of the registry as somebody wants them to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// The entries, whole.
    pub entries: RegistryFile,
    /// Who wants it, and how it came.
    pub by: Author,
    /// The version that an entry had when they looked at it: another one refuses the edit.
    pub seen: Option<(EntryKind, String, i64)>,
}

impl Engine {
    /// Brings the registry up to the file that the configuration names. Says how many entries changed.
    /// What somebody wrote by hand since then stays, as long as the file says what it said before.
    ///
    /// # Errors
    /// When a device stands at another place than before, or the store cannot write; nothing changed then.
    pub fn install(&mut self, now: Timestamp, file: &RegistryFile) -> Result<usize, Error> {
        if let Some(moved) = file.moved_device(self.store.view().registry()) {
            return Err(moved);
        }
        let mut changes = file.changes(self.store.view().registry());
        let reader = self.store.reader();
        keep_news(&mut changes.areas, &reader, EntryKind::Area, |area| &area.key)?;
        keep_news(&mut changes.lines, &reader, EntryKind::Line, |line| &line.key)?;
        keep_news(&mut changes.places, &reader, EntryKind::Place, |place| &place.key)?;
        keep_news(&mut changes.devices, &reader, EntryKind::Device, |device| &device.mn)?;
        let count = count(&changes);
        if count > 0 {
            let text = format!("{count} entries of the registry changed, by its file");
            self.commit_registry(now, changes, text)?;
        }
        Ok(count)
    }

    /// Does what somebody wants of the registry, as one turn. Says how many entries changed.
    ///
    /// # Errors
    /// When an entry has another version than the one that was seen, a device would be moved, or the
    /// store cannot write; nothing changed then.
    pub fn edit(&mut self, now: Timestamp, edit: Edit) -> Result<usize, Error> {
        if let Some((kind, key, seen)) = &edit.seen {
            let found = self.store.reader().revision(*kind, key)?;
            if found != Some(*seen) {
                return Err(Error::Stale { key: key.clone(), seen: *seen, found });
            }
        }
        if let Some(moved) = edit.entries.moved_device(self.store.view().registry()) {
            return Err(moved);
        }
        let mut changes = edit.entries.changes(self.store.view().registry());
        let count = count(&changes);
        if count > 0 {
            let text = sentence(&changes, &edit.by);
            changes.by = edit.by;
            self.commit_registry(now, changes, text)?;
        }
        Ok(count)
    }

    fn commit_registry(
        &mut self,
        now: Timestamp,
        changes: RegistryChanges,
        text: String,
    ) -> Result<(), Error> {
        let mut draft = Draft::begin(now, self.store.last_sequence());
        draft.record.registry = changes;
        draft.journal("registry", None, text);
        self.store.commit(draft.finish())?;
        if let Some(watch) = &mut self.watch {
            watch.forget();
        }
        self.book.forget();
        Ok(())
    }
}

/// One sentence for the journal: who did what to which entries, the first few by name.
fn sentence(changes: &RegistryChanges, by: &Author) -> String {
    const NAMED_MAX: usize = 5;
    let keys = (changes.areas.iter().map(|area| format!("area {}", area.key)))
        .chain(changes.lines.iter().map(|line| format!("line {}", line.key)))
        .chain(changes.places.iter().map(|place| format!("place {}", place.key)))
        .chain(changes.devices.iter().map(|device| format!("device {}", device.mn)));
    let named: Vec<String> = keys.take(NAMED_MAX).collect();
    let verb = match by.way {
        Way::File | Way::Written => "changed",
        Way::Ended => "ended",
        Way::Imported => "imported",
    };
    let count = count(changes);
    let rest = if count > named.len() { ", …" } else { "" };
    let receipt =
        by.receipt.as_ref().map_or_else(String::new, |receipt| format!("; receipt {receipt}"));
    format!("{} {verb} {count} entries: {}{rest}{receipt}", by.who, named.join(", "))
}

fn count(changes: &RegistryChanges) -> usize {
    changes.areas.len() + changes.lines.len() + changes.places.len() + changes.devices.len()
}

/// The entries that the registry has not, or has otherwise.
fn differing<'a, T: PartialEq + Clone + 'a>(
    wanted: &[T],
    known: impl Fn(&T) -> Option<&'a T>,
) -> Vec<T> {
    wanted.iter().filter(|entry| known(entry) != Some(*entry)).cloned().collect()
}

/// Leaves those entries that the file says otherwise than when it was last taken.
fn keep_news<T: PartialEq + DeserializeOwned>(
    entries: &mut Vec<T>,
    reader: &Reader,
    kind: EntryKind,
    key: fn(&T) -> &str,
) -> Result<(), Error> {
    let mut news = Vec::new();
    for entry in entries.drain(..) {
        if reader.said_by_file::<T>(kind, key(&entry))?.as_ref() != Some(&entry) {
            news.push(entry);
        }
    }
    *entries = news;
    Ok(())
}
