//! `GeoJSON` (RFC 7946): points are places, lines are lines, polygons are areas.

use super::check::{Problem, shown};
use super::{Draft, Drafts, ENTRIES_MAX, Fault, field_of};
use crate::words::Words;
use model::EntryKind;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::fmt;

/// A collection, or a feature by itself.
#[derive(Deserialize)]
struct Root {
    #[serde(rename = "type")]
    kind: String,
    features: Option<Vec<Feature>>,
    crs: Option<Value>,
    id: Option<Value>,
    geometry: Option<Geometry>,
    properties: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Feature {
    id: Option<Value>,
    geometry: Option<Geometry>,
    properties: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    coordinates: Coordinates,
}

/// Numbers in lists in lists. A position is kept flat, so that a large file costs little more than its size.
#[derive(Debug, Default)]
enum Coordinates {
    #[default]
    Nothing,
    Number(f64),
    Position([f64; 2]),
    List(Vec<Coordinates>),
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Coordinates;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("numbers, or lists of them")
    }

    fn visit_unit<E>(self) -> Result<Coordinates, E> {
        Ok(Coordinates::Nothing)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(number as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Coordinates, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        // Height and whatever else follows is left.
        if let [Coordinates::Number(lon), Coordinates::Number(lat), ..] = list.as_slice() {
            return Ok(Coordinates::Position([*lon, *lat]));
        }
        Ok(Coordinates::List(list))
    }
}

impl Coordinates {
    fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// A list of positions.
    fn positions(&self) -> Option<Vec<[f64; 2]>> {
        let position = |item: &Self| match item {
            Self::Position(position) => Some(*position),
            _ => None,
        };
        match self {
            Self::List(items) => items.iter().map(position).collect(),
            _ => None,
        }
    }
}

/// Reads a file.
pub fn read(text: &str) -> Result<Drafts, Fault> {
    let root: Root = serde_json::from_str(text).map_err(|error| {
        let error: String = error.to_string().chars().take(200).collect();
        Fault::new(
            (
                format!("GeoJSON 无法读取（{error}）"),
                format!("the GeoJSON cannot be read ({error})"),
            ),
            (
                "请检查该行列处；文件可能不完整",
                "look at that line and column; the file may be incomplete",
            ),
        )
    })?;
    let mut drafts = Drafts::default();
    check_crs(root.crs.as_ref(), &mut drafts.notes)?;
    let features = match (root.kind.as_str(), root.features) {
        ("FeatureCollection", Some(features)) => features,
        ("Feature", _) => {
            vec![Feature { id: root.id, geometry: root.geometry, properties: root.properties }]
        }
        (kind, _) => {
            let kind = shown(kind);
            return Err(Fault::new(
                (
                    format!("type 是 {kind}，不是 FeatureCollection 或 Feature"),
                    format!("its type is {kind}, neither FeatureCollection nor Feature"),
                ),
                (
                    "请导出为带属性的 FeatureCollection",
                    "export it as a FeatureCollection with properties",
                ),
            ));
        }
    };
    if features.len() > ENTRIES_MAX {
        return Err(super::table::too_many(features.len()));
    }
    drafts.drafts = features.into_iter().enumerate().map(draft).collect();
    Ok(drafts)
}

/// Checks that a file can be drawn as a base map: a collection of features in WGS 84.
pub fn check_shapes(text: &str) -> Result<(), Fault> {
    read(text).map(drop)
}

/// Old files may name their system; RFC 7946 knows only WGS 84.
fn check_crs(crs: Option<&Value>, notes: &mut Vec<Words>) -> Result<(), Fault> {
    let Some(crs) = crs.filter(|crs| !crs.is_null()) else { return Ok(()) };
    let name = crs["properties"]["name"].as_str().unwrap_or_default();
    let code = name.rsplit(':').next().unwrap_or_default().to_uppercase();
    match code.as_str() {
        "CRS84" | "4326" => Ok(()),
        "4490" => {
            notes.push(Words::new(
                "文件为 CGCS 2000，与 WGS 84 相差厘米级，按 WGS 84 取用",
                "the file is in CGCS 2000, which differs from WGS 84 by centimetres; taken as WGS 84",
            ));
            Ok(())
        }
        _ => {
            let name = shown(name);
            Err(Fault::new(
                (
                    format!("文件的坐标系是 {name}，不是 WGS 84"),
                    format!("the file is in {name}, not in WGS 84"),
                ),
                (
                    "请先转换为 WGS 84（EPSG:4326）；GCJ-02、BD-09 请去掉 crs 并注明 datum=gcj02 或 bd09",
                    "turn it into WGS 84 (EPSG:4326) first; for GCJ-02 or BD-09 leave crs out and say datum=gcj02 or bd09",
                ),
            ))
        }
    }
}

fn draft((at, feature): (usize, Feature)) -> Draft {
    let mut problems = Vec::new();
    let (kind, shape) = shape(feature.geometry.as_ref(), &mut problems);
    let mut fields = Map::new();
    if let Some(id) = feature.id.filter(|id| !id.is_null()) {
        fields.insert("key".to_owned(), text_of(id));
    }
    let properties = feature.properties.unwrap_or_default();
    for (name, value) in properties {
        let known = field_of(&name).filter(|field| !["lon", "lat"].contains(field));
        // `type` of many exporters says something else than ours; only a kind that is known is taken.
        let Some(field) = known.filter(|_| !value.is_null()) else { continue };
        match (field, value) {
            ("name_zh", Value::Object(names)) => {
                fields.insert("name".to_owned(), Value::Object(names));
            }
            ("key" | "name_zh" | "name_en" | "kind" | "area" | "line" | "within", value) => {
                fields.insert(field.to_owned(), text_of(value));
            }
            (field, value) => {
                fields.insert(field.to_owned(), value);
            }
        }
    }
    fields.extend(shape);
    Draft { at: format!("feature {}", at + 1), kind, fields, problems }
}

/// Numbers are good keys and names, too.
fn text_of(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        value => value,
    }
}

/// What kind of entry a geometry is, and its fields.
fn shape(
    geometry: Option<&Geometry>,
    problems: &mut Vec<Problem>,
) -> (EntryKind, Map<String, Value>) {
    let mut fields = Map::new();
    let bad = |field, kind: &str| {
        let kind = shown(kind);
        Problem::error(
            field,
            format!("几何 {kind} 的坐标不成形"),
            format!("the coordinates are not those of a {kind}"),
        )
    };
    let Some(Geometry { kind, coordinates }) = geometry else {
        problems.push(Problem::error("geometry", "没有几何", "there is no geometry"));
        return (EntryKind::Place, fields);
    };
    let (entry, field, points) = match kind.as_str() {
        "Point" => {
            if let Coordinates::Position([lon, lat]) = coordinates {
                fields.insert("lon".to_owned(), (*lon).into());
                fields.insert("lat".to_owned(), (*lat).into());
            } else {
                problems.push(bad("lon", kind));
            }
            return (EntryKind::Place, fields);
        }
        "LineString" => (EntryKind::Line, "path", coordinates.positions()),
        "MultiLineString" => {
            if coordinates.items().len() > 1 {
                problems.push(
                    Problem::error("path", "由几段线组成", "it is made of several lines")
                        .with_hint(
                            "请合并为一条，或分成几条",
                            "join them, or make a feature of each",
                        ),
                );
            }
            let first = coordinates.items().first();
            (EntryKind::Line, "path", first.and_then(Coordinates::positions))
        }
        "Polygon" => (EntryKind::Area, "ring", outline(coordinates, problems)),
        "MultiPolygon" => {
            let parts = coordinates.items();
            if parts.len() > 1 {
                problems.push(Problem::warning(
                    "ring",
                    format!("由 {} 个部分组成，只取第一个的外边界", parts.len()),
                    format!("it has {} parts; the border of the first one is taken", parts.len()),
                ));
            }
            let first = parts.first().and_then(|part| outline(part, problems));
            (EntryKind::Area, "ring", first)
        }
        _ => {
            let shown = shown(kind);
            problems.push(
                Problem::error(
                    "geometry",
                    format!("几何 {shown} 不能导入"),
                    format!("the geometry {shown} cannot be imported"),
                )
                .with_hint(
                    "可用 Point、LineString、Polygon、MultiPolygon",
                    "there are Point, LineString, Polygon and MultiPolygon",
                ),
            );
            return (EntryKind::Place, fields);
        }
    };
    match points {
        Some(points) => drop(fields.insert(field.to_owned(), serde_json::json!(points))),
        None => problems.push(bad(field, kind)),
    }
    (entry, fields)
}

/// The outer ring of a polygon, closed.
fn outline(polygon: &Coordinates, problems: &mut Vec<Problem>) -> Option<Vec<[f64; 2]>> {
    let rings = polygon.items();
    let mut ring = rings.first()?.positions()?;
    if rings.len() > 1 {
        problems.push(Problem::warning(
            "ring",
            format!("有 {} 个内环，未取用", rings.len() - 1),
            format!("it has {} holes, which are left out", rings.len() - 1),
        ));
    }
    if ring.len() >= 3 && ring.first() != ring.last() {
        ring.push(ring[0]);
        problems.push(Problem::warning(
            "ring",
            "边界没有闭合，已补上起点",
            "the ring was not closed; it was closed with its first point",
        ));
    }
    Some(ring)
}
