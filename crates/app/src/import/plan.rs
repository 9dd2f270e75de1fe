//! What an import would do, entry by entry. Nothing is written here.

use super::check::{Known, Problem, Severity, check, near, shown};
use super::datum::{Datum, distance_m};
use super::entry::{Difference, Entry, differences, key_field, singular};
use super::{Draft, Drafts, FILE_BYTES_MAX, Fault, Format, geojson, kind_of, kinds_of, table};
use crate::config::nearest;
use crate::words::Words;
use engine::RegistryFile;
use model::{EntryKind, ParameterTable, Registry};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How far outside the district something may lie before somebody should look, m.
const FAR_M: f64 = 50_000.0;
/// Between these a position that came back within [`SAME_M`] by another datum was probably given in it, m.
const OFFSET_M: std::ops::Range<f64> = 80.0..2_500.0;
/// Two positions of the same thing, m.
const SAME_M: f64 = 30.0;

/// What the one who has the file says of it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Its form.
    pub format: Format,
    /// The datum of its positions.
    pub datum: Datum,
    /// The only kind of entry that is taken; `None`: all.
    pub what: Option<EntryKind>,
    /// West, south, east, north of the district, degrees; `None`: not known.
    pub bbox: Option<[f64; 4]>,
}

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// It is new.
    Add,
    /// It is there otherwise.
    Change,
    /// It is there just so.
    Same,
    /// Something is wrong with it.
    Refuse,
}

/// One entry of the file.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it stands: `feature 3`, `row 12`.
    pub at: String,
    /// What kind of entry.
    pub kind: EntryKind,
    /// Its key; empty when it has none.
    pub key: String,
    /// Its Chinese name; empty when it has none.
    pub name: String,
    /// What becomes of it.
    pub act: Act,
    /// What changes.
    pub changes: Vec<Difference>,
    /// What is wrong with it or to be looked at.
    pub problems: Vec<Problem>,
    entry: Option<Entry>,
}

/// What an import would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Every entry, in the order of the file.
    pub items: Vec<Item>,
    /// What there is to say about the file as a whole.
    pub notes: Vec<Words>,
}

impl Plan {
    /// How many entries have this fate.
    pub fn count(&self, act: Act) -> usize {
        self.items.iter().filter(|item| item.act == act).count()
    }

    /// The entries that come or change.
    pub fn entries(&self) -> RegistryFile {
        let mut file = RegistryFile::default();
        for item in self.items.iter().filter(|item| matches!(item.act, Act::Add | Act::Change)) {
            if let Some(entry) = item.entry.clone() {
                entry.put(&mut file);
            }
        }
        file
    }
}

/// Says what an import of a file would do.
///
/// # Errors
/// When nothing of the file can be read: it is too large, empty, cut, of another form or another datum.
pub fn plan(
    bytes: &[u8],
    options: &Options,
    registry: &Registry,
    parameters: &ParameterTable,
) -> Result<Plan, Fault> {
    let drafts = read(bytes, options.format)?;
    let mut plan = Plan { items: vec![], notes: drafts.notes };
    if options.datum != Datum::Wgs84 {
        plan.notes.push(Words::new(
            "坐标已按所述基准换算为 WGS 84，误差小于 1e-7 度",
            "positions were turned from the stated datum into WGS 84, to better than 1e-7 degrees",
        ));
    }
    let mut known = Known::of(registry);
    let wanted = |draft: &Draft| options.what.is_none_or(|what| what == draft.kind);
    let read: Vec<Item> = (drafts.drafts.into_iter().filter(wanted))
        .map(|draft| complete(draft, options.datum, registry))
        .collect();
    for entry in read.iter().filter_map(|item| item.entry.as_ref()) {
        known.add(entry);
    }
    let mut seen: HashMap<(EntryKind, String), String> = HashMap::new();
    let mut looks_moved = 0;
    for mut item in read {
        if let Some(entry) = &item.entry {
            item.problems.extend(check(entry, &known, parameters));
            look_around(entry, options, registry, &mut item.problems);
            looks_moved += usize::from(looks_like_gcj02(entry, options.datum, registry));
        }
        if !item.key.is_empty() {
            let first = seen.entry((item.kind, item.key.clone())).or_insert(item.at.clone());
            if *first != item.at {
                item.problems.push(
                    Problem::error(
                        key_field(item.kind),
                        format!("与 {first} 的键相同"),
                        format!("{first} has the same key"),
                    )
                    .with_hint("请改名或删去其一", "rename or remove one of them"),
                );
            }
        }
        let is_bad = item.problems.iter().any(|problem| problem.severity == Severity::Error);
        if is_bad || item.entry.is_none() {
            item.act = Act::Refuse;
        }
        plan.items.push(item);
    }
    if looks_moved > 0 {
        plan.notes.push(Words::new(
            format!("{looks_moved} 个已登记的点位与文件相差正如 GCJ-02 与 WGS 84 之差：文件可能是 GCJ-02，请核对后注明 datum=gcj02"),
            format!("{looks_moved} registered places differ from the file just as GCJ-02 differs from WGS 84: the file may be in GCJ-02; make sure, then say datum=gcj02"),
        ));
    }
    if plan.items.is_empty() {
        return Err(empty());
    }
    Ok(plan)
}

fn read(bytes: &[u8], format: Format) -> Result<Drafts, Fault> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(too_large(bytes.len() as u64));
    }
    let (text, is_gbk) = table::decoded(bytes)?;
    let start = text.trim_start();
    let mut drafts = match format {
        _ if start.is_empty() => return Err(empty()),
        Format::GeoJson => geojson::read(&text)?,
        Format::Toml => table::read_toml(&text)?,
        Format::Auto if start.starts_with('{') => geojson::read(&text)?,
        Format::Auto if start.starts_with("[[") || start.starts_with('#') => {
            table::read_toml(&text)?
        }
        Format::Auto | Format::Csv => table::read_csv(&text)?,
    };
    if is_gbk {
        let note = Words::new("文件按 GBK 读取", "the file was read as GBK");
        drafts.notes.push(note);
    }
    Ok(drafts)
}

fn empty() -> Fault {
    Fault::new(
        ("文件中没有条目", "the file holds no entries"),
        ("请检查导出的范围和 what 参数", "look at what was exported, and at the parameter what"),
    )
}

/// A file that is larger than may be.
pub fn too_large(bytes: u64) -> Fault {
    Fault::new(
        (
            format!("文件有 {bytes} 字节，最多 {FILE_BYTES_MAX} 字节"),
            format!("the file has {bytes} bytes; {FILE_BYTES_MAX} are the most"),
        ),
        (
            "请分成几个文件，或先简化边界；底图请用 skyriver import basemap",
            "split it or simplify its borders; a base map goes by skyriver import basemap",
        ),
    )
}

/// Lays what the file says over what is registered, in WGS 84.
fn complete(draft: Draft, datum: Datum, registry: &Registry) -> Item {
    let Draft { at, kind, mut fields, mut problems } = draft;
    let key = fields.get(key_field(kind)).and_then(Value::as_str).unwrap_or_default().to_owned();
    if key.is_empty() {
        let field = key_field(kind);
        problems.push(Problem::error(field, "没有键", "there is no key").with_hint(
            format!("请给出 {field}（编码）：一经使用便不再改变"),
            format!("give {field}, an id or a code: it stays the same for ever"),
        ));
    }
    name_kind(kind, &mut fields, &mut problems);
    join_names(&mut fields);
    to_wgs84(&mut fields, datum);
    let before = Entry::find(registry, kind, &key);
    let mut whole = before.as_ref().map(whole).unwrap_or_default();
    if let (Some(Value::Object(old)), Some(Value::Object(new))) =
        (whole.get("name").cloned(), fields.get_mut("name"))
    {
        for (language, name) in old {
            new.entry(language).or_insert(name);
        }
    }
    let name = fields.get("name").or(whole.get("name"));
    let name = name.and_then(|name| name["zh"].as_str()).unwrap_or_default().to_owned();
    let old = before.is_some().then(|| Value::Object(whole.clone()));
    whole.extend(fields);
    if before.is_none() && !whole.contains_key("kind") && kind != EntryKind::Device {
        missing_kind(kind, &mut whole, &mut problems);
    }
    let entry = match Entry::read(kind, Value::Object(whole.clone())) {
        Ok(entry) => Some(entry),
        Err(error) => {
            if problems.iter().all(|problem| problem.severity == Severity::Warning) {
                let error = shown(&error.to_string());
                problems.push(Problem::error(
                    "",
                    format!("条目无法读取（{error}）"),
                    format!("the entry cannot be read ({error})"),
                ));
            }
            None
        }
    };
    if let (Some(Entry::Device(known)), Some(Entry::Device(given))) = (&before, &entry)
        && known.place != given.place
    {
        problems.push(
            Problem::error(
                "place",
                format!("设备登记在点位 {}，不能移动", known.place),
                format!("the device is registered at place {} and cannot be moved", known.place),
            )
            .with_hint("请在新点位使用新的 MN", "give it a new MN at the new place"),
        );
    }
    let act = match &before {
        None => Act::Add,
        Some(before) if Some(before) == entry.as_ref() => Act::Same,
        Some(_) => Act::Change,
    };
    let changes = match act {
        Act::Change => {
            let after = entry.as_ref().map(whole_value).unwrap_or_default();
            differences(old.as_ref(), &after)
        }
        _ => vec![],
    };
    Item { at, kind, key, name, act, changes, problems, entry }
}

/// The fields of a registered entry, the password too: it must stay.
fn whole(entry: &Entry) -> Map<String, Value> {
    match whole_value(entry) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn whole_value(entry: &Entry) -> Value {
    let value = match entry {
        Entry::Device(device) => serde_json::to_value(device),
        entry => Ok(entry.to_json()),
    };
    value.unwrap_or_default()
}

/// Turns the name of a kind into ours.
fn name_kind(kind: EntryKind, fields: &mut Map<String, Value>, problems: &mut Vec<Problem>) {
    let Some(given) = fields.get("kind").and_then(Value::as_str) else { return };
    let kinds = kinds_of(kind);
    if let Some(known) = kind_of(given).filter(|known| kinds.contains(known)) {
        fields.insert("kind".to_owned(), known.into());
        return;
    }
    let given = given.to_owned();
    fields.remove("kind");
    let (zh, en) = (kinds.join("、"), kinds.join(", "));
    let shown = shown(&given);
    let what = singular(kind);
    problems.push(near(
        Problem::error(
            "kind",
            format!("没有类型 {shown}"),
            format!("there is no kind of {what} {shown}"),
        ),
        nearest(&given, kinds.iter().copied()),
        (&format!("可用 {zh}"), &format!("there are {en}")),
    ));
}

fn missing_kind(kind: EntryKind, fields: &mut Map<String, Value>, problems: &mut Vec<Problem>) {
    let kinds = kinds_of(kind);
    // Stands in so that the other fields are looked at, too.
    fields.insert("kind".to_owned(), kinds.first().copied().unwrap_or_default().into());
    if kind == EntryKind::Area || problems.iter().any(|problem| problem.field == "kind") {
        return;
    }
    problems.push(Problem::error("kind", "没有类型", "there is no kind").with_hint(
        format!("请给出 kind：{}", kinds.join("、")),
        format!("give kind: {}", kinds.join(", ")),
    ));
}

fn join_names(fields: &mut Map<String, Value>) {
    let mut name = match fields.remove("name") {
        Some(Value::Object(name)) => name,
        Some(Value::String(name)) => Map::from_iter([("zh".to_owned(), name.into())]),
        _ => Map::new(),
    };
    for (field, language) in [("name_zh", "zh"), ("name_en", "en")] {
        if let Some(given) = fields.remove(field) {
            name.insert(language.to_owned(), given);
        }
    }
    if !name.is_empty() {
        if !name.contains_key("zh")
            && let Some(english) = name.get("en").cloned()
        {
            name.insert("zh".to_owned(), english);
        }
        fields.insert("name".to_owned(), Value::Object(name));
    }
}

fn to_wgs84(fields: &mut Map<String, Value>, datum: Datum) {
    if datum == Datum::Wgs84 {
        return;
    }
    let number = |fields: &Map<String, Value>, name| fields.get(name).and_then(Value::as_f64);
    if let (Some(lon), Some(lat)) = (number(fields, "lon"), number(fields, "lat")) {
        let [lon, lat] = datum.to_wgs84([lon, lat]);
        fields.insert("lon".to_owned(), lon.into());
        fields.insert("lat".to_owned(), lat.into());
    }
    for field in ["ring", "path"] {
        let Some(points) = fields.get_mut(field).and_then(Value::as_array_mut) else { continue };
        for point in points {
            if let (Some(lon), Some(lat)) = (point[0].as_f64(), point[1].as_f64()) {
                *point = serde_json::json!(datum.to_wgs84([lon, lat]));
            }
        }
    }
}

fn anchor(entry: &Entry) -> Option<[f64; 2]> {
    match entry {
        Entry::Place(place) => Some([place.lon, place.lat]),
        Entry::Line(line) => line.path.first().copied(),
        Entry::Area(area) => area.ring.first().copied(),
        Entry::Device(_) => None,
    }
}

/// Warns of what lies far outside the district, and of what would lie inside with its coordinates swapped.
fn look_around(entry: &Entry, options: &Options, registry: &Registry, problems: &mut Vec<Problem>) {
    let (Some(point), Some(bbox)) = (anchor(entry), options.bbox) else { return };
    let has_nothing = registry.places().is_empty() && registry.areas.is_empty();
    if has_nothing || problems.iter().any(|problem| problem.severity == Severity::Error) {
        return;
    }
    let far = outside_m(point, bbox);
    if far < FAR_M {
        return;
    }
    let field = if matches!(entry, Entry::Place(_)) { "lon" } else { "geometry" };
    let km = (far / 1_000.0).round();
    let problem = Problem::warning(
        field,
        format!("位于本区之外约 {km} 公里"),
        format!("it lies some {km} km outside the district"),
    );
    problems.push(if outside_m([point[1], point[0]], bbox) < FAR_M {
        problem.with_hint(
            "经度与纬度对调后在本区之内：是否写反了？",
            "with longitude and latitude swapped it would lie inside: are they swapped?",
        )
    } else {
        problem.with_hint("请核对坐标", "look at its coordinates")
    });
}

fn outside_m([lon, lat]: [f64; 2], [west, south, east, north]: [f64; 4]) -> f64 {
    if west > east || south > north {
        return 0.0;
    }
    distance_m([lon, lat], [lon.clamp(west, east), lat.clamp(south, north)])
}

/// Whether a registered place would stand where it stood if the file were in GCJ-02. Only a hint.
fn looks_like_gcj02(entry: &Entry, datum: Datum, registry: &Registry) -> bool {
    let Entry::Place(place) = entry else { return false };
    let Some(Entry::Place(known)) = Entry::find(registry, EntryKind::Place, &place.key) else {
        return false;
    };
    let (given, known) = ([place.lon, place.lat], [known.lon, known.lat]);
    datum == Datum::Wgs84
        && OFFSET_M.contains(&distance_m(given, known))
        && distance_m(Datum::Gcj02.to_wgs84(given), known) < SAME_M
}
