//! Whether an entry may stand in the registry: what is wrong with it, field by field, and what to do.
//!
//! The same rules hold for what is written by hand, for an import and for the registry file.

use super::entry::Entry;
use super::ring;
use crate::config::nearest;
use crate::words::Words;
use jiff::civil::Date;
use model::{Area, Device, Line, Names, ParameterTable, Place, Registry, unit_shift};
use std::collections::HashSet;

/// Points of a ring: edges that all overlap in longitude are compared each with each.
const RING_POINTS_MAX: usize = 10_000;
/// Characters of a key or a name on the wire.
pub const KEY_LENGTH_MAX: usize = 64;
/// Characters of a name.
const NAME_LENGTH_MAX: usize = 200;
/// Points of a ring or a path.
pub const POINTS_MAX: usize = 20_000;
/// Characters of a value that a message repeats.
const SHOWN_MAX: usize = 80;

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The entry is refused.
    Error,
    /// The entry is taken; somebody should look.
    Warning,
}

/// Something about a field of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How grave it is.
    pub severity: Severity,
    /// The field: `lon`, `ring`.
    pub field: String,
    /// What is wrong.
    pub message: Words,
    /// What to do.
    pub hint: Option<Words>,
}

impl Problem {
    /// Something that refuses the entry.
    pub fn error(field: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let message = Words::new(zh, en);
        Self { severity: Severity::Error, field: field.to_owned(), message, hint: None }
    }

    /// Something to look at.
    pub fn warning(field: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(field, zh, en) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_hint(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.hint = Some(Words::new(zh, en));
        self
    }
}

/// The keys that an entry may point to.
#[derive(Clone, Debug, Default)]
pub struct Known {
    areas: HashSet<String>,
    lines: HashSet<String>,
    places: HashSet<String>,
}

impl Known {
    /// What is registered.
    pub fn of(registry: &Registry) -> Self {
        Self {
            areas: registry.areas.iter().map(|area| area.key.clone()).collect(),
            lines: registry.lines.iter().map(|line| line.key.clone()).collect(),
            places: registry.places().iter().map(|place| place.key.clone()).collect(),
        }
    }

    /// Adds an entry that comes along.
    pub fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Area(area) => self.areas.insert(area.key.clone()),
            Entry::Line(line) => self.lines.insert(line.key.clone()),
            Entry::Place(place) => self.places.insert(place.key.clone()),
            Entry::Device(_) => false,
        };
    }
}

/// Everything that is wrong with an entry.
pub fn check(entry: &Entry, known: &Known, parameters: &ParameterTable) -> Vec<Problem> {
    let mut found = Vec::new();
    match entry {
        Entry::Area(area) => check_area(area, known, &mut found),
        Entry::Line(line) => check_line(line, known, &mut found),
        Entry::Place(place) => check_place(place, known, parameters, &mut found),
        Entry::Device(device) => check_device(device, known, parameters, &mut found),
    }
    let (from, to) = entry.validity();
    check_validity(from, to, &mut found);
    found
}

fn check_area(area: &Area, known: &Known, found: &mut Vec<Problem>) {
    check_key(&area.key, found);
    check_names(&area.name, found);
    check_link("within", &area.within, &known.areas, ("区域", "area"), found);
    if area.within == area.key && !area.key.is_empty() {
        found.push(Problem::error("within", "不能属于自身", "it cannot be a part of itself"));
    }
    if area.ring.is_empty() {
        return;
    }
    check_points("ring", &area.ring, found);
    if area.ring.len() > RING_POINTS_MAX {
        let points = area.ring.len();
        found.push(
            Problem::error(
                "ring",
                format!("边界有 {points} 个点，最多 {RING_POINTS_MAX} 个"),
                format!("the ring has {points} points, {RING_POINTS_MAX} at most"),
            )
            .with_hint("请先简化边界", "simplify the border first"),
        );
    }
    if area.ring.len() < 4 || area.ring.first() != area.ring.last() {
        found.push(Problem::error("ring", "边界没有闭合", "the ring is not closed").with_hint(
            "至少四个点，最后一点与第一点相同",
            "give at least four points, the last one equal to the first",
        ));
    } else if area.ring.len() <= RING_POINTS_MAX
        && let Some([lon, lat]) = ring::crossing(&area.ring)
    {
        found.push(
            Problem::error(
                "ring",
                format!("边界在 ({lon:.6}, {lat:.6}) 附近与自身相交"),
                format!("the ring crosses itself near ({lon:.6}, {lat:.6})"),
            )
            .with_hint(
                "请按顺序重新绘制边界，或拆成几个区域",
                "draw the border in order, or make several areas of it",
            ),
        );
    }
}

fn check_line(line: &Line, known: &Known, found: &mut Vec<Problem>) {
    check_key(&line.key, found);
    check_names(&line.name, found);
    check_link("within", &line.within, &known.lines, ("线", "line"), found);
    if line.path.len() < 2 {
        found.push(
            Problem::error("path", "少于两个点", "the path has fewer than two points")
                .with_hint("河流自上游向下游填写", "a river runs downstream"),
        );
    }
    check_points("path", &line.path, found);
}

fn check_place(
    place: &Place,
    known: &Known,
    parameters: &ParameterTable,
    found: &mut Vec<Problem>,
) {
    check_key(&place.key, found);
    check_names(&place.name, found);
    let field = if is_latitude(place.lat) { "lon" } else { "lat" };
    check_points(field, &[[place.lon, place.lat]], found);
    check_link("area", &place.area, &known.areas, ("区域", "area"), found);
    check_link("line", &place.line, &known.lines, ("线", "line"), found);
    if place.height_m.is_some_and(|height| !(0.0..=1_000.0).contains(&height)) {
        found.push(Problem::error(
            "height_m",
            "高度须在 0 至 1000 米之间",
            "the height has to be from 0 to 1000 m",
        ));
    }
    for key in &place.emits {
        if parameters.get(key).is_none() {
            let names: Vec<&str> =
                parameters.all().iter().map(|parameter| parameter.key.as_str()).collect();
            let shown = shown(key);
            found.push(near(
                Problem::error(
                    "emits",
                    format!("没有参数 {shown}"),
                    format!("there is no parameter {shown}"),
                ),
                nearest(key, names.into_iter()),
                ("参数见 /api/v1/parameters", "/api/v1/parameters lists them"),
            ));
        }
    }
    for target in &place.targets {
        if !["I", "II", "III", "IV", "V"].contains(&target.class.as_str()) {
            let shown = shown(&target.class);
            found.push(
                Problem::error(
                    "targets",
                    format!("没有水质类别 {shown}"),
                    format!("there is no water class {shown}"),
                )
                .with_hint("I、II、III、IV 或 V", "I, II, III, IV or V"),
            );
        }
        check_day("targets", &target.from, found);
    }
}

fn check_device(
    device: &Device,
    known: &Known,
    parameters: &ParameterTable,
    found: &mut Vec<Problem>,
) {
    let is_wire = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() && !b";&=".contains(&b));
    if !(1..=KEY_LENGTH_MAX).contains(&device.mn.len()) || !is_wire(&device.mn) {
        found.push(
            Problem::error(
                "mn",
                "设备编号（MN）不可用",
                "the name on the wire (MN) cannot be used",
            )
            .with_hint(
                format!("请用 1 至 {KEY_LENGTH_MAX} 个可见 ASCII 字符，不含 ; & ="),
                format!("use 1 to {KEY_LENGTH_MAX} visible ASCII characters without ; & ="),
            ),
        );
    }
    if device.password.len() > KEY_LENGTH_MAX || !is_wire(&device.password) {
        found.push(Problem::error(
            "password",
            "密码不可用：须为可见 ASCII 字符，不含 ; & =",
            "the password cannot be used: visible ASCII characters without ; & =",
        ));
    }
    if device.place.is_empty() {
        found.push(Problem::error("place", "没有点位", "it stands at no place"));
    }
    check_link("place", &device.place, &known.places, ("点位", "place"), found);
    let mut units: Vec<_> = device.units.iter().collect();
    units.sort();
    for (code, unit) in units {
        let Some(parameter) = parameters.by_code(code) else { continue };
        if unit_shift(unit, &parameter.unit).is_none() {
            let (code, unit, kept) = (shown(code), shown(unit), &parameter.unit);
            found.push(
                Problem::error(
                    "units",
                    format!("{code} 的单位 {unit} 不能换算为 {kept}"),
                    format!("the unit {unit} of {code} cannot be turned into {kept}"),
                )
                .with_hint("请写设备实际发送的单位", "write the unit that the device sends"),
            );
        }
    }
}

/// A key is there and can stand in a link.
fn check_key(key: &str, found: &mut Vec<Problem>) {
    let is_sound = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    // In a link, dots alone would name the folder above.
    let is_dots = key.chars().all(|letter| letter == '.');
    let is_long = !(1..=KEY_LENGTH_MAX).contains(&key.chars().count());
    if is_long || is_dots || !key.chars().all(is_sound) {
        let shown = shown(key);
        found.push(
            Problem::error(
                "key",
                format!("键 {shown} 不可用"),
                format!("the key {shown} cannot be used"),
            )
            .with_hint(
                format!("请用 1 至 {KEY_LENGTH_MAX} 个字母、数字、- _ ."),
                format!("use 1 to {KEY_LENGTH_MAX} letters, digits, - _ ."),
            ),
        );
    }
}

/// Names are text and nothing else: what looks like markup stays as it is and is shown as it is.
fn check_names(names: &Names, found: &mut Vec<Problem>) {
    if names.zh.trim().is_empty() {
        found.push(
            Problem::error("name", "中文名称为空", "the Chinese name is empty")
                .with_hint("请填写 name.zh", "give name.zh"),
        );
    }
    for name in [&names.zh, &names.en] {
        if name.chars().count() > NAME_LENGTH_MAX {
            found.push(Problem::error(
                "name",
                format!("名称超过 {NAME_LENGTH_MAX} 个字符"),
                format!("the name has more than {NAME_LENGTH_MAX} characters"),
            ));
        }
        // Marks that turn the direction of writing can make a name look like another one.
        let is_bad = |letter: char| {
            letter.is_control()
                || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        };
        if let Some(letter) = name.chars().find(|letter| is_bad(*letter)) {
            let code = u32::from(letter);
            found.push(
                Problem::error(
                    "name",
                    format!("名称含控制字符 U+{code:04X}"),
                    format!("the name has a control character, U+{code:04X}"),
                )
                .with_hint("请删去该字符", "remove it"),
            );
        }
    }
}

/// An empty link points to nothing; any other has to point to something.
fn check_link(
    field: &str,
    key: &str,
    known: &HashSet<String>,
    (zh, en): (&str, &str),
    found: &mut Vec<Problem>,
) {
    if key.is_empty() || known.contains(key) {
        return;
    }
    let shown = shown(key);
    let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
    names.sort_unstable();
    found.push(near(
        Problem::error(
            field,
            format!("没有名为 {shown} 的{zh}"),
            format!("there is no {en} {shown}"),
        ),
        nearest(key, names.into_iter()),
        (&format!("请先登记这个{zh}"), &format!("register that {en} first")),
    ));
}

fn check_points(field: &str, points: &[[f64; 2]], found: &mut Vec<Problem>) {
    if points.len() > POINTS_MAX {
        let count = points.len();
        found.push(
            Problem::error(
                field,
                format!("有 {count} 个点，最多 {POINTS_MAX} 个"),
                format!("{count} points; {POINTS_MAX} are the most"),
            )
            .with_hint("请先简化线形", "simplify it first"),
        );
    }
    let is_bad = |[lon, lat]: &&[f64; 2]| !is_longitude(*lon) || !is_latitude(*lat);
    let Some([lon, lat]) = points.iter().find(is_bad) else { return };
    let problem = Problem::error(
        field,
        format!("坐标 ({lon}, {lat}) 超出范围"),
        format!("the position ({lon}, {lat}) is out of range"),
    );
    found.push(if is_longitude(*lat) && is_latitude(*lon) {
        problem.with_hint(
            "经度在前、纬度在后，是否写反了？",
            "longitude comes first, then latitude: are they swapped?",
        )
    } else {
        problem.with_hint(
            "经度 -180 至 180，纬度 -90 至 90，单位为度；投影坐标须先转换",
            "longitude from -180 to 180, latitude from -90 to 90, in degrees; turn projected coordinates into degrees first",
        )
    });
}

fn check_validity(from: &str, to: &str, found: &mut Vec<Problem>) {
    let is_from = from.is_empty() || check_day("valid_from", from, found);
    let is_to = to.is_empty() || check_day("valid_to", to, found);
    if is_from && is_to && !from.is_empty() && !to.is_empty() && to < from {
        found.push(Problem::error(
            "valid_to",
            format!("最后一日 {to} 早于第一日 {from}"),
            format!("the last day {to} is before the first day {from}"),
        ));
    }
}

/// A civil day as `2026-03-01`: so written, days compare as texts.
fn check_day(field: &str, text: &str, found: &mut Vec<Problem>) -> bool {
    let is_day = text.len() == 10 && text.parse::<Date>().is_ok();
    if !is_day {
        let shown = shown(text);
        found.push(
            Problem::error(field, format!("{shown} 不是日期"), format!("{shown} is no civil day"))
                .with_hint("请写成 2026-03-01", "write it as 2026-03-01"),
        );
    }
    is_day
}

/// The nearest known name as the hint, or where to look.
pub fn near(problem: Problem, nearest: Option<&str>, (zh, en): (&str, &str)) -> Problem {
    match nearest {
        Some(name) => {
            problem.with_hint(format!("是否指 {name}？"), format!("did you mean {name}?"))
        }
        None => problem.with_hint(zh, en),
    }
}

/// A value as a message repeats it: quoted, and not at length.
pub fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN_MAX).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{dots}")
}

fn is_longitude(degrees: f64) -> bool {
    (-180.0..=180.0).contains(&degrees)
}

fn is_latitude(degrees: f64) -> bool {
    (-90.0..=90.0).contains(&degrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        let name = Names { zh: "一号站".into(), en: String::new() };
        Place { key: "air-1".into(), name, lon: 116.4, lat: 39.9, ..Place::default() }
    }

    /// The fields of what is wrong.
    #[expect(clippy::needless_pass_by_value, reason = "the cases below read better")]
    fn wrong(entry: Entry) -> Vec<String> {
        let mut known = Known::default();
        known.areas.insert("north".to_owned());
        known.places.insert("air-1".to_owned());
        let problems = check(&entry, &known, &ParameterTable::builtin().unwrap());
        assert!(problems.iter().all(|problem| !problem.message.zh.is_empty()));
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn each_field_of_a_place_has_its_rule() {
        let check = |change: fn(&mut Place), field: &[&str]| {
            let mut place = place();
            change(&mut place);
            assert_eq!(wrong(Entry::Place(place)), field);
        };
        check(|_| (), &[]);
        check(|place| place.key = "a b".into(), &["key"]);
        check(|place| place.key = "x".repeat(65), &["key"]);
        check(|place| place.name.zh = "  ".into(), &["name"]);
        check(|place| place.name.en = "a\u{7}b".into(), &["name"]);
        check(|place| place.name.en = "a\u{202E}b".into(), &["name"]);
        check(|place| place.name.zh = "<b onclick=alert(1)>站</b>".into(), &[]);
        check(|place| place.lon = 181.0, &["lon"]);
        check(|place| place.lon = f64::NAN, &["lon"]);
        check(|place| place.lat = f64::INFINITY, &["lat"]);
        check(|place| place.area = "south".into(), &["area"]);
        check(|place| place.area = "north".into(), &[]);
        check(|place| place.line = "river".into(), &["line"]);
        check(|place| place.height_m = Some(-1.0), &["height_m"]);
        check(|place| place.emits = vec!["pm26".into()], &["emits"]);
        check(|place| place.valid_from = "2026-3-1".into(), &["valid_from"]);
        check(|place| place.valid_to = "2026-02-30".into(), &["valid_to"]);
        check(
            |place| (place.valid_from, place.valid_to) = ("2026-03-02".into(), "2026-03-01".into()),
            &["valid_to"],
        );
        let target = |class: &str| model::Target { from: "2026-01-01".into(), class: class.into() };
        assert_eq!(wrong(Entry::Place(Place { targets: vec![target("III")], ..place() })), [""; 0]);
        assert_eq!(
            wrong(Entry::Place(Place { targets: vec![target("VI")], ..place() })),
            ["targets"]
        );
    }

    #[test]
    fn swapped_coordinates_are_named_as_such() {
        let swapped = Entry::Place(Place { lon: 39.9, lat: 116.4, ..place() });
        let problems = check(&swapped, &Known::default(), &ParameterTable::builtin().unwrap());
        assert!(problems[0].hint.as_ref().unwrap().en.contains("swapped"));
    }

    #[test]
    fn a_device_stands_somewhere_and_sends_units_that_can_be_turned() {
        let device = |unit: &str| Device {
            mn: "MN-1".into(),
            place: "air-1".into(),
            units: [("a34004".to_owned(), unit.to_owned())].into(),
            ..Device::default()
        };
        assert_eq!(wrong(Entry::Device(device("ng/m3"))), [""; 0]);
        assert_eq!(wrong(Entry::Device(device("kg"))), ["units"]);
        assert_eq!(wrong(Entry::Device(Device { mn: "a;b".into(), ..device("ng/m3") })), ["mn"]);
        assert_eq!(
            wrong(Entry::Device(Device { place: "nowhere".into(), ..device("ng/m3") })),
            ["place"]
        );
    }
}
