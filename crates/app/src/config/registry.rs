//! The registry file: `[[area]]`, `[[line]]`, `[[place]]`, `[[device]]`, read with every problem at once.

use super::problem::{self, Origin, Problem, Problems, Spot};
use crate::words::Words;
use engine::RegistryFile;
use model::{Area, Device, Line, Names, ParameterTable, Place, unit_shift};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Characters of a key or a name on the wire.
const KEY_LENGTH_MAX: usize = 64;

/// Kinds of entries and the keys that each may have.
const KINDS: [(&str, &[&str]); 4] = [
    ("area", &["key", "name", "kind", "within", "ring", "valid_from", "valid_to"]),
    ("line", &["key", "name", "kind", "within", "path", "valid_from", "valid_to"]),
    (
        "place",
        &[
            "key",
            "name",
            "kind",
            "lon",
            "lat",
            "area",
            "line",
            "height_m",
            "emits",
            "targets",
            "valid_from",
            "valid_to",
            "simulated",
        ],
    ),
    (
        "device",
        &[
            "mn",
            "password",
            "place",
            "dialect",
            "period_named_by_end",
            "units",
            "valid_from",
            "valid_to",
        ],
    ),
];

/// Reads a registry file.
///
/// # Errors
/// When the file cannot be read or anything in it is wrong: all of it.
pub fn load_registry(path: &Path) -> Result<RegistryFile, Problems> {
    let text = super::read_text(path)?;
    read_registry(&path.display().to_string(), &text)
}

/// Reads the text of a registry file; `name` is what problems call it.
///
/// # Errors
/// When anything in it is wrong: all of it.
pub fn read_registry(name: &str, text: &str) -> Result<RegistryFile, Problems> {
    let mut reading = Reading { name, text, problems: Problems::default() };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let problems = errors.iter().map(|error| problem::of_syntax(name, text, error));
        return Problems(problems.collect()).or(RegistryFile::default());
    }
    let table = table.into_inner();
    reading.check_kinds(&table);
    let areas = reading.entries::<Area>("area", &table);
    let lines = reading.entries::<Line>("line", &table);
    let places = reading.entries::<Place>("place", &table);
    let devices = reading.entries::<Device>("device", &table);
    reading.check_keys(&areas, |area| &area.key);
    reading.check_keys(&lines, |line| &line.key);
    reading.check_keys(&places, |place| &place.key);
    reading.check_areas(&areas);
    reading.check_lines(&lines);
    reading.check_places(&places, &areas);
    reading.check_devices(&devices, &places);
    let file = RegistryFile {
        areas: values(areas),
        lines: values(lines),
        places: values(places),
        devices: values(devices),
    };
    reading.problems.or(file)
}

/// The text of a registry file: one entry a block, each field on its own line.
///
/// # Errors
/// When a value cannot stand in TOML: a number of an id above 2^63.
pub fn write_registry(file: &RegistryFile) -> Result<String, toml::ser::Error> {
    let root = toml::Table::try_from(file)?;
    let mut text = String::new();
    for (kind, _) in KINDS {
        let entries = root.get(kind).and_then(toml::Value::as_array);
        for entry in entries.into_iter().flatten().filter_map(toml::Value::as_table) {
            let _ = writeln!(text, "[[{kind}]]");
            for (key, value) in entry {
                let _ = writeln!(text, "{key} = {value}");
            }
            text.push('\n');
        }
    }
    Ok(text)
}

/// The fields that entries of a kind may have.
fn fields_of(kind: &str) -> &'static [&'static str] {
    KINDS.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, fields)| fields)
}

/// One entry of the file: its value, and where it and its fields stand.
struct Entry<T> {
    kind: &'static str,
    value: T,
    header: Range<usize>,
    fields: HashMap<String, Range<usize>>,
}

impl<T> Entry<T> {
    /// Where a field stands; the entry itself when it has no such field.
    fn at(&self, field: &str) -> Range<usize> {
        self.fields.get(field).cloned().unwrap_or_else(|| self.header.clone())
    }
}

fn values<T>(entries: Vec<Entry<T>>) -> Vec<T> {
    entries.into_iter().map(|entry| entry.value).collect()
}

struct Reading<'a> {
    name: &'a str,
    text: &'a str,
    problems: Problems,
}

impl Reading<'_> {
    fn refuse(&mut self, range: &Range<usize>, subject: String, what: Words, hint: Option<Words>) {
        let origin = Origin::File(Spot::new(self.name, self.text, range));
        self.problems.0.push(Problem { origin, subject, what, hint });
    }

    fn check_kinds(&mut self, table: &DeTable) {
        for (key, value) in table {
            let kind = key.get_ref().as_ref();
            let is_known = KINDS.iter().any(|(known, _)| *known == kind);
            if is_known && value.get_ref().is_array() {
                continue;
            }
            let (what, hint) = if is_known {
                let hint = Words::new(format!("请写成 [[{kind}]]"), format!("write [[{kind}]]"));
                (Words::new("应为一组条目", "should be a list of entries"), hint)
            } else {
                let hint = KINDS.map(|(kind, _)| format!("[[{kind}]]")).join(", ");
                let known = KINDS.iter().map(|(known, _)| *known);
                let hint = match problem::nearest(kind, known) {
                    Some(near) => problem::did_you_mean(Some(near)),
                    None => Words::new(format!("可用的有 {hint}"), format!("there are {hint}")),
                };
                (Words::new("没有这类条目", "there is no such kind of entry"), hint)
            };
            self.refuse(&key.span(), kind.to_owned(), what, Some(hint));
        }
    }

    /// All entries of a kind whose form is sound.
    fn entries<T: DeserializeOwned>(
        &mut self,
        kind: &'static str,
        table: &DeTable,
    ) -> Vec<Entry<T>> {
        let entries = table.get(kind).and_then(|entries| entries.get_ref().as_array());
        let entries = entries.into_iter().flatten();
        entries.filter_map(|entry| self.entry(kind, entry)).collect()
    }

    fn entry<T: DeserializeOwned>(
        &mut self,
        kind: &'static str,
        entry: &Spanned<DeValue>,
    ) -> Option<Entry<T>> {
        let header = self.first_line(&entry.span());
        let mut entry = entry.clone();
        let mut fields = HashMap::new();
        if let DeValue::Table(table) = entry.get_mut() {
            for key in self.unknown_fields(kind, table) {
                table.remove(key.as_str());
            }
            fields = table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), value.span()))
                .collect();
        }
        match T::deserialize(ValueDeserializer::from(entry)) {
            Ok(value) => Some(Entry { kind, value, header, fields }),
            Err(error) => {
                let range = error.span().unwrap_or_else(|| header.clone());
                let range = if range.start <= header.start { header } else { range };
                let message = error.message().trim_end();
                let what = Words::new(
                    format!("此条目无法读取（{message}）"),
                    format!("the entry cannot be read ({message})"),
                );
                let known = fields_of(kind);
                let hint = Words::new(
                    format!("字段有 {}", known.join("、")),
                    format!("its fields are {}", known.join(", ")),
                );
                self.refuse(&range, kind.to_owned(), what, Some(hint));
                None
            }
        }
    }

    /// Tells of the fields that this kind of entry does not have, and names them.
    fn unknown_fields(&mut self, kind: &str, table: &DeTable) -> Vec<String> {
        let known = fields_of(kind);
        let mut unknown = Vec::new();
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let near = problem::nearest(key.get_ref(), known.iter().copied());
            let hint = near.map_or_else(
                || {
                    Words::new(
                        format!("可用的有 {}", known.join("、")),
                        format!("there are {}", known.join(", ")),
                    )
                },
                |near| problem::did_you_mean(Some(near)),
            );
            let what = Words::new("没有这个字段", "there is no such field");
            self.refuse(&key.span(), format!("{kind}.{}", key.get_ref()), what, Some(hint));
            unknown.push(key.get_ref().to_string());
        }
        unknown
    }

    /// The range of the line on which an entry begins.
    fn first_line(&self, range: &Range<usize>) -> Range<usize> {
        let rest = self.text.get(range.clone()).unwrap_or_default();
        range.start..range.start + rest.find('\n').unwrap_or(rest.len())
    }

    /// Keys are there, can stand in a link, and are given once.
    fn check_keys<T>(&mut self, entries: &[Entry<T>], key: fn(&T) -> &str) {
        self.check_unique(entries, "key", key);
        for entry in entries {
            let key = key(&entry.value);
            let is_sound = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
            let length = key.chars().count();
            let is_dots = key.chars().all(|letter| letter == '.');
            if is_dots || length > KEY_LENGTH_MAX || !key.chars().all(is_sound) {
                self.refuse(
                    &entry.at("key"),
                    format!("{} {key:?}", entry.kind),
                    Words::new("键不可用", "the key cannot be used"),
                    Some(Words::new(
                        format!("请用 1 至 {KEY_LENGTH_MAX} 个字母、数字、- _ ."),
                        format!("use 1 to {KEY_LENGTH_MAX} letters, digits, - _ ."),
                    )),
                );
            }
        }
    }

    fn check_unique<T>(&mut self, entries: &[Entry<T>], field: &str, key: fn(&T) -> &str) {
        let mut first: HashMap<&str, usize> = HashMap::new();
        for entry in entries {
            let name = key(&entry.value);
            let range = entry.at(field);
            let known = *first.entry(name).or_insert(range.start);
            if known != range.start {
                // The line is counted only now: from the start of the file, for each entry, it would be slow.
                let first = Spot::new(self.name, self.text, &(known..known)).line;
                self.refuse(
                    &range,
                    format!("{} {name:?}", entry.kind),
                    Words::new(
                        format!("第 {first} 行已有同名条目"),
                        format!("stands on line {first} already"),
                    ),
                    Some(Words::new("请改名或删去其一", "rename or remove one of them")),
                );
            }
        }
    }

    fn check_name<T>(&mut self, entry: &Entry<T>, key: &str, name: &Names) {
        if name.zh.trim().is_empty() {
            self.refuse(
                &entry.at("name"),
                format!("{} {key:?}", entry.kind),
                Words::new("中文名称为空", "the Chinese name is empty"),
                Some(Words::new("请填写 name.zh", "give name.zh")),
            );
        }
    }

    fn check_areas(&mut self, areas: &[Entry<Area>]) {
        for entry in areas {
            let Area { key, name, ring, .. } = &entry.value;
            self.check_name(entry, key, name);
            self.check_points(entry, "ring", key, ring);
            let is_closed = ring.len() >= 4 && ring.first() == ring.last();
            if !ring.is_empty() && !is_closed {
                self.refuse(
                    &entry.at("ring"),
                    format!("area {key:?}"),
                    Words::new("边界没有闭合", "the ring is not closed"),
                    Some(Words::new(
                        "至少四个点，最后一点与第一点相同；没有边界请写 ring = []",
                        "give at least four points, the last one equal to the first; ring = [] when there is none",
                    )),
                );
            }
        }
    }

    fn check_lines(&mut self, lines: &[Entry<Line>]) {
        for entry in lines {
            let Line { key, name, path, .. } = &entry.value;
            self.check_name(entry, key, name);
            self.check_points(entry, "path", key, path);
            if path.len() < 2 {
                self.refuse(
                    &entry.at("path"),
                    format!("line {key:?}"),
                    Words::new("线路少于两个点", "the path has fewer than two points"),
                    Some(Words::new("河流自上游向下游填写", "a river runs downstream")),
                );
            }
        }
    }

    fn check_places(&mut self, places: &[Entry<Place>], areas: &[Entry<Area>]) {
        for entry in places {
            let Place { key, name, lon, lat, area, .. } = &entry.value;
            self.check_name(entry, key, name);
            self.check_point(
                entry,
                if is_latitude(*lat) { "lon" } else { "lat" },
                key,
                [*lon, *lat],
            );
            if !area.is_empty() && !areas.iter().any(|known| known.value.key == *area) {
                let known = areas.iter().map(|area| area.value.key.as_str());
                let subject = format!("place {key:?}");
                self.dangling(&entry.at("area"), subject, ("区域", "area"), area, known);
            }
        }
    }

    fn check_devices(&mut self, devices: &[Entry<Device>], places: &[Entry<Place>]) {
        self.check_unique(devices, "mn", |device| &device.mn);
        for entry in devices {
            let Device { mn, place, .. } = &entry.value;
            let is_sound = (1..=KEY_LENGTH_MAX).contains(&mn.len())
                && mn.bytes().all(|b| b.is_ascii_graphic() && b != b';' && b != b'&' && b != b'=');
            if !is_sound {
                self.refuse(
                    &entry.at("mn"),
                    format!("device {mn:?}"),
                    Words::new("设备编号（MN）不可用", "the name on the wire (MN) cannot be used"),
                    Some(Words::new(
                        format!("请用 1 至 {KEY_LENGTH_MAX} 个可见 ASCII 字符，不含 ; & ="),
                        format!("use 1 to {KEY_LENGTH_MAX} visible ASCII characters without ; & ="),
                    )),
                );
            }
            if !places.iter().any(|known| known.value.key == *place) {
                let known = places.iter().map(|place| place.value.key.as_str());
                let subject = format!("device {mn:?}");
                self.dangling(&entry.at("place"), subject, ("点位", "place"), place, known);
            }
            self.check_units(entry);
        }
    }

    /// A unit must be one that the parameter's own unit can be reached from by moving the point.
    fn check_units(&mut self, entry: &Entry<Device>) {
        let Ok(table) = ParameterTable::builtin() else { return };
        let mut units: Vec<_> = entry.value.units.iter().collect();
        units.sort();
        for (code, unit) in units {
            let Some(parameter) = table.by_code(code) else { continue };
            if unit_shift(unit, &parameter.unit).is_none() {
                let kept = &parameter.unit;
                self.refuse(
                    &entry.at("units"),
                    format!("device {:?}", entry.value.mn),
                    Words::new(
                        format!("{code} 的单位 {unit:?} 不能换算为 {kept}"),
                        format!("the unit {unit:?} of {code} cannot be turned into {kept}"),
                    ),
                    Some(Words::new(
                        "请写设备实际发送的单位",
                        "write the unit that the device sends",
                    )),
                );
            }
        }
    }

    fn check_points<T>(&mut self, entry: &Entry<T>, field: &str, key: &str, points: &[[f64; 2]]) {
        let bad = points.iter().find(|[lon, lat]| !is_longitude(*lon) || !is_latitude(*lat));
        if let Some(point) = bad {
            self.check_point(entry, field, key, *point);
        }
    }

    fn check_point<T>(&mut self, entry: &Entry<T>, field: &str, key: &str, [lon, lat]: [f64; 2]) {
        if is_longitude(lon) && is_latitude(lat) {
            return;
        }
        let hint = if is_longitude(lat) && is_latitude(lon) {
            Words::new(
                "经度在前、纬度在后，是否写反了？",
                "longitude comes first, then latitude: are they swapped?",
            )
        } else {
            Words::new(
                "经度 -180 至 180，纬度 -90 至 90，WGS 84",
                "longitude from -180 to 180, latitude from -90 to 90, WGS 84",
            )
        };
        self.refuse(
            &entry.at(field),
            format!("{} {key:?}", entry.kind),
            Words::new(
                format!("坐标 ({lon}, {lat}) 超出范围"),
                format!("the position ({lon}, {lat}) is out of range"),
            ),
            Some(hint),
        );
    }

    fn dangling<'k>(
        &mut self,
        range: &Range<usize>,
        subject: String,
        (zh, en): (&str, &str),
        name: &str,
        known: impl Iterator<Item = &'k str>,
    ) {
        let hint = problem::nearest(name, known).map_or_else(
            || Words::new(format!("请先登记这个{zh}"), format!("register that {en} first")),
            |near| problem::did_you_mean(Some(near)),
        );
        let what =
            Words::new(format!("没有名为 {name:?} 的{zh}"), format!("there is no {en} {name:?}"));
        self.refuse(range, subject, what, Some(hint));
    }
}

fn is_longitude(degrees: f64) -> bool {
    (-180.0..=180.0).contains(&degrees)
}

fn is_latitude(degrees: f64) -> bool {
    (-90.0..=90.0).contains(&degrees)
}
