//! Reads a file of a forecast: `issued,time,place,parameter,value`, perhaps `low,high` and `unit`, a row an hour.

use super::BYTES_MAX;
use crate::assess::{Label, instant_of, says_missing};
use crate::bring::cases::BadRow;
use crate::bring::text::{Refusals, text};
use crate::import::Fault;
use crate::outside::{Run, Said};
use crate::words::Words;
use model::{DAY_MS, HOUR_MS, Parameter, ParameterTable, Registry, Timestamp, unit_shift};
use space::forecast::OUTSIDE_LEADS;
use standards::Zone;
use std::collections::BTreeMap;

/// Rows of a file, and runs.
const ROWS_MAX: u64 = 200_000;
const RUNS_MAX: usize = 20_000;
/// Bytes of a cell.
const CELL_MAX: usize = 200;
/// Problems that are told one by one.
const TOLD_MAX: usize = 50;
/// No quantity is larger; values below it with six decimals are exact in what is kept.
const VALUE_MAX: f64 = 1e9;
/// Values are kept to a millionth of the unit.
const PARTS: f64 = 1e6;

/// The columns: ours, and how they may be called in Chinese. The first five have to be there.
const COLUMNS: [(&str, &str); 8] = [
    ("issued", "起报时间"),
    ("time", "预报时间"),
    ("place", "点位"),
    ("parameter", "参数"),
    ("value", "数值"),
    ("low", "下限"),
    ("high", "上限"),
    ("unit", "单位"),
];
const NEEDED: usize = 5;

/// What a file is read by.
pub struct Asked<'a> {
    /// Places and areas.
    pub registry: &'a Registry,
    /// Parameters with their units.
    pub parameters: &'a ParameterTable,
    /// The zone of times without an offset.
    pub zone: &'a Zone,
    /// Whose forecast it is.
    pub source: &'a str,
    /// Whether the file names an hour by its end.
    pub named_by_end: bool,
    /// Now.
    pub now: Timestamp,
}

/// A file that was read to its end.
#[derive(Clone, Debug)]
pub struct Checked {
    /// BLAKE3 of its bytes.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// How many rows have a problem.
    pub bad: u64,
    /// Some of the problems.
    pub told: Vec<BadRow>,
    /// What the sound rows say.
    pub runs: Vec<Run>,
}

/// What is wrong with a row: the column, what stands there, why.
struct Flaw {
    column: &'static str,
    found: String,
    what: Words,
}

/// A sound row.
struct Row {
    issued: Timestamp,
    place: String,
    parameter: String,
    hour: i64,
    said: Said,
}

/// Reads a file to its end.
///
/// # Errors
/// When it is no such file at all; what is wrong with rows is in the answer.
pub fn check(bytes: &[u8], asked: &Asked<'_>) -> Result<Checked, Fault> {
    let text = text(bytes, &Refusals { bytes_max: BYTES_MAX, too_large, unreadable })?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| unreadable(&error.to_string());
    let columns = columns(reader.headers().map_err(broken)?)?;
    let hash = blake3::hash(bytes).to_hex().to_string();
    let bytes = bytes.len() as u64;
    let mut found = Checked { hash, bytes, rows: 0, bad: 0, told: vec![], runs: vec![] };
    let mut runs: BTreeMap<(Timestamp, String, String), BTreeMap<i64, Said>> = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        found.rows += 1;
        if found.rows > ROWS_MAX || runs.len() > RUNS_MAX {
            return Err(too_large());
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| columns[at].and_then(|at| record.get(at)).unwrap_or("").trim();
        let made = row(cell, asked).and_then(|row| {
            let run = runs.entry((row.issued, row.place, row.parameter)).or_default();
            if run.insert(row.hour, row.said).is_some() {
                let what = Words::new(
                    "同一起报时间、点位、参数的这一小时在文件中重复；请只保留一行",
                    "this hour of the same issue, place and parameter stands twice; keep one row",
                );
                return Err(Flaw { column: "time", found: cell(1).to_owned(), what });
            }
            Ok(())
        });
        if let Err(Flaw { column, found: text, what }) = made {
            found.bad += 1;
            if found.told.len() < TOLD_MAX {
                let text = text.chars().take(CELL_MAX).collect();
                found.told.push(BadRow { line, column: column.to_owned(), found: text, what });
            }
        }
    }
    if found.rows == 0 {
        return Err(unreadable("it has no rows"));
    }
    let run = |((issued, place, parameter), hours)| {
        let source = asked.source.to_owned();
        Run { source, issued, place, parameter, hours }
    };
    found.runs = runs.into_iter().map(run).collect();
    Ok(found)
}

/// Where the columns stand. One that is not known is refused: what it says would be lost.
fn columns(head: &csv::StringRecord) -> Result<[Option<usize>; COLUMNS.len()], Fault> {
    let mut at = [None; COLUMNS.len()];
    for (position, name) in head.iter().map(str::trim).enumerate() {
        let is = |(en, zh): &(&str, &str)| name.eq_ignore_ascii_case(en) || name == *zh;
        let Some(column) = COLUMNS.iter().position(is) else {
            return Err(no_table(
                &format!("不认识列 {name:?}"),
                &format!("the column {name:?} is not known"),
            ));
        };
        if at[column].replace(position).is_some() {
            return Err(no_table(
                &format!("列 {name:?} 重复"),
                &format!("the column {name:?} stands twice"),
            ));
        }
    }
    for ((en, zh), at) in COLUMNS.iter().zip(at).take(NEEDED) {
        if at.is_none() {
            return Err(no_table(
                &format!("缺少列 {en}（{zh}）"),
                &format!("there is no column {en}"),
            ));
        }
    }
    if at[5].is_some() != at[6].is_some() {
        return Err(no_table(
            "low 与 high 须同时给出",
            "low and high are given together or not at all",
        ));
    }
    Ok(at)
}

/// Reads a row; `cell` gives the text of a column of [`COLUMNS`].
fn row<'t>(cell: impl Fn(usize) -> &'t str, asked: &Asked<'_>) -> Result<Row, Flaw> {
    let flaw = |at: usize, zh: String, en: String| Flaw {
        column: COLUMNS[at].0,
        found: cell(at).to_owned(),
        what: Words::new(zh, en),
    };
    let wrong = |at: usize, zh: &str, en: &str| flaw(at, zh.to_owned(), en.to_owned());
    let time = |at: usize, label: Option<Label>| {
        instant_of(cell(at), label, asked.zone).map_err(|what| flaw(at, what.zh, what.en))
    };
    let issued = time(0, None)?;
    if issued > asked.now + DAY_MS {
        return Err(wrong(
            0,
            "起报时间晚于现在一天以上；请检查日期与时区",
            "issued lies more than a day ahead of now; check the date and the offset",
        ));
    }
    let label = if asked.named_by_end { Label::End } else { Label::Start };
    let hour = time(1, Some(label))?.as_ms().div_euclid(HOUR_MS);
    let lead = hour - issued.as_ms().div_euclid(HOUR_MS);
    if !(0..OUTSIDE_LEADS as i64).contains(&lead) {
        return Err(flaw(
            1,
            format!("须在起报时间之后 {OUTSIDE_LEADS} 小时以内；请删去该行"),
            format!("it has to lie within {OUTSIDE_LEADS} hours after issued; leave the row out"),
        ));
    }
    let place = cell(2);
    let is_area = || asked.registry.areas.iter().any(|area| area.key == place);
    if asked.registry.place_id(place).is_none() && !is_area() {
        return Err(wrong(
            2,
            "没有登记此键的点位或区域；键见 /api/v1/places",
            "no place or area is registered under this key; /api/v1/places lists the keys",
        ));
    }
    let parameter = asked.parameters.get(cell(3)).ok_or_else(|| {
        wrong(
            3,
            "没有此参数；见 /api/v1/parameters",
            "no such parameter; /api/v1/parameters lists them",
        )
    })?;
    let unit = factor(cell(7), parameter).ok_or_else(|| {
        let unit = &parameter.unit;
        flaw(
            7,
            format!("不能换算为 {unit}；请按 {unit} 给出"),
            format!("it is no decimal multiple of {unit}; give it in {unit}"),
        )
    })?;
    let number = |at: usize| number(cell(at), unit, parameter).map_err(|(zh, en)| flaw(at, zh, en));
    let value = number(4)?;
    let interval = if cell(5).is_empty() && cell(6).is_empty() {
        None
    } else {
        let [low, high] = [number(5)?, number(6)?];
        if !(low <= value && value <= high) {
            return Err(wrong(
                5,
                "区间须含 value：low ≤ value ≤ high",
                "the interval has to hold the value: low ≤ value ≤ high",
            ));
        }
        Some([low, high])
    };
    let (place, parameter) = (place.to_owned(), parameter.key.clone());
    Ok(Row { issued, place, parameter, hour, said: Said { value, interval } })
}

/// What a value in a unit is multiplied by; none when it cannot be turned into ours.
fn factor(unit: &str, parameter: &Parameter) -> Option<f64> {
    if unit.is_empty() {
        return Some(1.0);
    }
    let plain = unit.replace(['µ', 'μ'], "u").replace('³', "3");
    unit_shift(&plain, &parameter.unit).map(|power| 10.0_f64.powi(power))
}

fn number(text: &str, factor: f64, parameter: &Parameter) -> Result<f64, (String, String)> {
    let told = |zh: &str, en: &str| Err((zh.to_owned(), en.to_owned()));
    if text.is_empty() || says_missing(text) {
        return told(
            "没有数值；没有预报的小时请删去该行",
            "there is no value; leave out hours that are not forecast",
        );
    }
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(number) = number else {
        return told(
            "不是数值；请用小数点，不写单位",
            "it is no number; write a decimal point and no unit",
        );
    };
    let value = (number * factor * PARTS).round() / PARTS;
    let max = parameter.plausible_max.unwrap_or(VALUE_MAX).min(VALUE_MAX);
    if value.abs() > max {
        let unit = &parameter.unit;
        return Err((
            format!("超过可能的最大值 {max} {unit}；请检查单位"),
            format!("it is more than can be, {max} {unit}; check the unit"),
        ));
    }
    Ok(value)
}

fn unreadable(what: &str) -> Fault {
    no_table(&format!("预报文件无法读取：{what}"), &format!("the forecast cannot be read: {what}"))
}

fn no_table(zh: &str, en: &str) -> Fault {
    Fault::new(
        (zh, en),
        (
            "请提供 CSV（UTF-8 或 GB 18030，可用 gzip 压缩），首行为 issued,time,place,parameter,value，可加 low,high,unit",
            "give a CSV in UTF-8 or GB 18030, plain or gzip, with issued,time,place,parameter,value on top, and low,high,unit if there are",
        ),
    )
}

fn too_large() -> Fault {
    let mib = BYTES_MAX >> 20;
    Fault::new(
        (
            format!(
                "文件过大：最多 {mib} MiB（解压后）、{ROWS_MAX} 行、{RUNS_MAX} 个（起报时间、点位、参数）"
            ),
            format!(
                "the file is too large: {mib} MiB unpacked, {ROWS_MAX} rows and {RUNS_MAX} runs (issue, place, parameter) are the most"
            ),
        ),
        ("请拆分文件后分别导入", "split it and import its parts"),
    )
}
