//! Import: a file of places, lines and areas becomes entries of the registry, checked one by one.
//!
//! A format reads its file into *drafts*: what the file says of an entry, by the names of the fields. A
//! draft is laid over the entry that is registered (what the file does not say stays), its positions are
//! turned into WGS 84, and the entry is checked like one that was written by hand. Nothing is written here.

pub mod basemap;
pub mod check;
pub mod command;
pub mod datum;
pub mod entry;
mod geojson;
mod plan;
mod ring;
mod table;

pub use plan::{Act, Item, Options, Plan, plan};

use crate::words::Words;
use check::Problem;
use model::EntryKind;
use serde_json::{Map, Value};
use std::path::Path;

/// Bytes of a file.
pub const FILE_BYTES_MAX: u64 = 50 << 20;
/// Entries of a file.
pub const ENTRIES_MAX: usize = 100_000;

/// The form of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As it looks.
    #[default]
    Auto,
    /// `GeoJSON`, RFC 7946.
    GeoJson,
    /// A table with a line of names on top.
    Csv,
    /// A registry file.
    Toml,
}

impl Format {
    /// The format of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "geojson" => Some(Self::GeoJson),
            "csv" => Some(Self::Csv),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// Why nothing of a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}\n{}\nhint: {}\n提示：{}", message.en, message.zh, hint.en, hint.zh)]
pub struct Fault {
    /// What is wrong.
    pub message: Words,
    /// What to do.
    pub hint: Words,
}

impl Fault {
    /// A file that cannot be read.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let path = path.display();
        Self::new(
            (format!("{path} 无法读取（{error}）"), format!("{path} cannot be read ({error})")),
            ("请检查路径和权限", "check the path and whether this user may read it"),
        )
    }

    /// What is wrong, and what to do, in both languages.
    pub fn new(message: (impl Into<String>, impl Into<String>), hint: (&str, &str)) -> Self {
        Self { message: Words::new(message.0, message.1), hint: Words::new(hint.0, hint.1) }
    }
}

/// What a file says of one entry.
struct Draft {
    /// `feature 3`, `row 12`.
    at: String,
    kind: EntryKind,
    fields: Map<String, Value>,
    problems: Vec<Problem>,
}

/// What a file says of all its entries, and of itself.
#[derive(Default)]
struct Drafts {
    drafts: Vec<Draft>,
    notes: Vec<Words>,
}

/// The field that a column or a property means, by the names that people give it.
fn field_of(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &[&str]); 19] = [
        (
            "key",
            &[
                "key",
                "id",
                "code",
                "编码",
                "编号",
                "点位编码",
                "站点编码",
                "监测点编码",
                "测点编码",
                "站点编号",
                "点位编号",
            ],
        ),
        (
            "name_zh",
            &[
                "name",
                "name_zh",
                "名称",
                "站点名称",
                "监测点名称",
                "点位名称",
                "测点名称",
                "站名",
                "中文名称",
            ],
        ),
        ("name_en", &["name_en", "english", "英文名称"]),
        ("kind", &["kind", "type", "类型", "站点类型", "点位类型", "类别"]),
        ("lon", &["lon", "lng", "longitude", "x", "经度"]),
        ("lat", &["lat", "latitude", "y", "纬度"]),
        ("area", &["area", "区域", "所属区域", "街道", "镇街", "所属街道"]),
        ("line", &["line", "河流", "所属河流", "水体"]),
        ("within", &["within", "上级"]),
        ("height_m", &["height_m", "height", "高度"]),
        ("emits", &["emits", "排放参数"]),
        ("targets", &["targets"]),
        ("valid_from", &["valid_from", "启用日期", "建站日期", "起始日期"]),
        ("valid_to", &["valid_to", "停用日期", "截止日期"]),
        ("simulated", &["simulated"]),
        ("mn", &["mn", "设备编号", "设备mn", "mn号"]),
        ("password", &["password", "pw", "设备密码"]),
        ("datum", &["datum", "坐标系"]),
        ("city", &["city", "城市"]),
    ];
    let plain = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    let plain = plain.split(['(', '（', '/']).next().unwrap_or_default().trim();
    let found = NAMES.iter().find(|(_, names)| names.contains(&plain));
    found.map(|(field, _)| *field).filter(|field| !["datum", "city"].contains(field))
}

/// The kind of a place, line or area by the name that people give it; `None` when it is not known.
fn kind_of(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &[&str]); 18] = [
        (
            "air_station",
            &["空气站", "空气质量站", "标准站", "国控站", "省控站", "市控站", "环境空气"],
        ),
        ("micro_station", &["微站", "微型站", "小型站", "网格站"]),
        ("dust_site", &["扬尘", "工地", "扬尘监测点"]),
        ("water_site", &["断面", "水站", "水质站", "地表水"]),
        ("stack", &["烟囱", "排气筒", "废气排放口"]),
        ("enterprise", &["企业", "污染源"]),
        ("weather_station", &["气象站"]),
        ("outfall", &["排口", "入河排污口", "排污口"]),
        ("gate", &["闸", "水闸", "闸门"]),
        ("vehicle", &["走航车", "车辆"]),
        ("patrol", &["巡查员", "网格员"]),
        ("river", &["河", "河流"]),
        ("reach", &["河段"]),
        ("road", &["道路", "路"]),
        ("sub_district", &["街道", "镇", "乡镇"]),
        ("village", &["村", "社区"]),
        ("catchment", &["汇水区", "流域"]),
        ("premises", &["厂区", "场地"]),
    ];
    let plain = name.trim();
    let found = NAMES
        .iter()
        .find(|(kind, names)| kind.eq_ignore_ascii_case(plain) || names.contains(&plain));
    found.map(|(kind, _)| *kind)
}

/// The kinds that an entry may be of.
fn kinds_of(kind: EntryKind) -> &'static [&'static str] {
    match kind {
        EntryKind::Place => &[
            "air_station",
            "micro_station",
            "dust_site",
            "water_site",
            "stack",
            "enterprise",
            "weather_station",
            "outfall",
            "gate",
            "vehicle",
            "patrol",
        ],
        EntryKind::Line => &["river", "reach", "road"],
        EntryKind::Area => &["sub_district", "village", "catchment", "premises"],
        EntryKind::Device => &[],
    }
}
