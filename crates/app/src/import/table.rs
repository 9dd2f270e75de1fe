//! Tables with a line of names on top: station lists, in UTF-8 or GBK, with Chinese or English names; and
//! registry files.

use super::check::{Problem, shown};
use super::{Draft, Drafts, ENTRIES_MAX, Fault, field_of};
use crate::words::Words;
use encoding_rs::{Encoding, GBK};
use model::EntryKind;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The text of a file: UTF-8, UTF-16 with its mark, or GBK.
pub fn decoded(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), Fault> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Ok((text, false));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((Cow::Borrowed(text), false));
    }
    let (text, _, had_errors) = GBK.decode(bytes);
    if had_errors {
        return Err(Fault::new(
            ("文件既不是 UTF-8 也不是 GBK 文字", "the file is text neither in UTF-8 nor in GBK"),
            (
                "请另存为 CSV（UTF-8）；Excel 的 xlsx 不能直接导入",
                "save it as CSV (UTF-8); a workbook (xlsx) cannot be imported as it is",
            ),
        ));
    }
    Ok((text, true))
}

/// More entries than a file may have.
pub fn too_many(count: usize) -> Fault {
    Fault::new(
        (
            format!("文件有 {count} 条以上，最多 {ENTRIES_MAX} 条"),
            format!("the file has {count} entries or more; {ENTRIES_MAX} are the most"),
        ),
        ("请分成几个文件", "split it into several files"),
    )
}

/// Reads a station list: each row is a place, and a device when it has a name on the wire.
pub fn read_csv(text: &str) -> Result<Drafts, Fault> {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    let delimiter = [(',', b','), ('\t', b'\t'), (';', b';')];
    let delimiter = delimiter.into_iter().max_by_key(|(mark, byte)| (count(*mark), *byte == b','));
    let delimiter = delimiter.map_or(b',', |(_, byte)| byte);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        Fault::new(
            (format!("表格无法读取（{error}）"), format!("the table cannot be read ({error})")),
            ("请检查该行的引号", "look at the quotes of that line"),
        )
    };
    let names = reader.headers().map_err(broken)?.clone();
    let columns: Vec<Option<&str>> = names.iter().map(field_of).collect();
    let has = |field| columns.contains(&Some(field));
    if !has("lon") || !has("lat") || !(has("key") || has("name_zh")) {
        return Err(Fault::new(
            (
                format!("第一行没有所需的列名：{}", shown(first)),
                format!("the first line lacks the names of columns: {}", shown(first)),
            ),
            (
                "需要：编码（key）、名称（name）、经度（lon）、纬度（lat）；可有类型、区域、MN 等",
                "needed are key, name, lon and lat; there may be kind, area, mn and others",
            ),
        ));
    }
    let mut drafts = Drafts::default();
    let left: Vec<&str> = names
        .iter()
        .zip(&columns)
        .filter(|(_, field)| field.is_none())
        .map(|(name, _)| name)
        .collect();
    if !left.is_empty() {
        let names = shown(&left.join(", "));
        drafts.notes.push(Words::new(
            format!("未取用的列：{names}"),
            format!("columns that were left: {names}"),
        ));
    }
    for record in reader.records() {
        let record = record.map_err(broken)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if drafts.drafts.len() >= ENTRIES_MAX {
            return Err(too_many(ENTRIES_MAX));
        }
        let line = record.position().map_or(0, csv::Position::line);
        row(line, &columns, &record, &mut drafts.drafts);
    }
    Ok(drafts)
}

fn row(line: u64, columns: &[Option<&str>], record: &csv::StringRecord, drafts: &mut Vec<Draft>) {
    let (mut place, mut device, mut problems) = (Map::new(), Map::new(), Vec::new());
    for (field, cell) in columns.iter().zip(record) {
        let (Some(field), cell) = (*field, cell.trim()) else { continue };
        if cell.is_empty() {
            continue;
        }
        match field {
            "mn" | "password" => drop(device.insert(field.to_owned(), cell.into())),
            "lon" | "lat" | "height_m" => match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    place.insert(field.to_owned(), number.into());
                }
                _ => problems.push(
                    Problem::error(
                        field,
                        format!("{} 不是数", shown(cell)),
                        format!("{} is no number", shown(cell)),
                    )
                    .with_hint(
                        "请用十进制的度，如 116.4074",
                        "write degrees as a decimal: 116.4074",
                    ),
                ),
            },
            "simulated" => {
                let is_true = ["true", "1", "yes", "是"].contains(&cell.to_lowercase().as_str());
                place.insert(field.to_owned(), is_true.into());
            }
            "emits" => {
                let keys = cell.split(['|', ' ', '、']).filter(|key| !key.is_empty());
                place.insert(field.to_owned(), keys.collect::<Vec<_>>().into());
            }
            "targets" => (),
            field => drop(place.insert(field.to_owned(), cell.into())),
        }
    }
    for field in ["lon", "lat"] {
        if !place.contains_key(field) && !problems.iter().any(|problem| problem.field == field) {
            problems.push(Problem::error(field, "没有坐标", "there is no position"));
        }
    }
    let at = format!("row {line}");
    let key = place.get("key").cloned();
    drafts.push(Draft { at: at.clone(), kind: EntryKind::Place, fields: place, problems });
    if let (Some(key), true) = (key, device.contains_key("mn")) {
        device.insert("place".to_owned(), key);
        drafts.push(Draft { at, kind: EntryKind::Device, fields: device, problems: vec![] });
    }
}

/// Reads a registry file.
pub fn read_toml(text: &str) -> Result<Drafts, Fault> {
    let tables: BTreeMap<String, Vec<Map<String, Value>>> =
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                text.get(..span.start).unwrap_or_default().matches('\n').count() + 1
            });
            let said = error.message();
            Fault::new(
                (
                    format!("登记文件第 {line} 行无法读取（{said}）"),
                    format!("line {line} of the registry file cannot be read ({said})"),
                ),
                (
                    "条目写成 [[area]]、[[line]]、[[place]]、[[device]]",
                    "entries are [[area]], [[line]], [[place]] and [[device]]",
                ),
            )
        })?;
    let kinds = [
        ("area", EntryKind::Area),
        ("line", EntryKind::Line),
        ("place", EntryKind::Place),
        ("device", EntryKind::Device),
    ];
    if let Some(name) = tables.keys().find(|name| !kinds.iter().any(|(kind, _)| kind == name)) {
        let name = shown(name);
        return Err(Fault::new(
            (format!("没有 {name} 这类条目"), format!("there is no kind of entry {name}")),
            (
                "可用 [[area]]、[[line]]、[[place]]、[[device]]",
                "there are [[area]], [[line]], [[place]] and [[device]]",
            ),
        ));
    }
    let mut drafts = Drafts::default();
    for (name, kind) in kinds {
        for (at, fields) in tables.get(name).into_iter().flatten().enumerate() {
            let at = format!("{name} {}", at + 1);
            drafts.drafts.push(Draft { at, kind, fields: fields.clone(), problems: vec![] });
        }
    }
    if drafts.drafts.len() > ENTRIES_MAX {
        return Err(too_many(drafts.drafts.len()));
    }
    Ok(drafts)
}
