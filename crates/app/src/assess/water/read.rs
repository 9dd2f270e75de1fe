//! Reads a file of results: a row a sample, a column an item.

use super::super::Error;
use super::super::cell::{self, Problem};
use super::super::report::{Complaint, Summary};
use super::Site;
use standards::water::{Class, WaterBody, WaterResult};
use standards::{Exact, Standards};
use std::collections::BTreeMap;

const NO_LIMIT: Problem = Problem {
    zh: "未检出但没有检出限；请写成“<检出限”或“检出限L”；按缺测处理",
    en: "below detection without the limit; write <LIMIT or LIMITL; counted as missing",
};
const NO_CLASS: Problem = Problem {
    zh: "不是水质类别；该格未采用",
    en: "no class of water; the cell is not used",
};
const OUT_OF_SCALE: Problem = Problem {
    zh: "pH应在0到14之间；按缺测处理",
    en: "pH lies between 0 and 14; counted as missing",
};

/// One file to be read.
pub struct Table<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub standards: &'a Standards,
}

/// What a column is.
struct Column {
    at: usize,
    key: String,
    /// Values of it times this are in the unit of the limits.
    factor: Exact,
}

struct Columns {
    time: usize,
    station: Option<usize>,
    target: Option<usize>,
    body: Option<usize>,
    items: Vec<Column>,
}

impl Table<'_> {
    /// Adds the file's results to `sites`.
    pub fn read(
        &self,
        sites: &mut BTreeMap<String, Site>,
        summary: &mut Summary,
    ) -> Result<(), Error> {
        let text = hj212::text::decode(self.bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> =
            reader.headers()?.iter().map(|name| name.trim().to_owned()).collect();
        let columns = self.columns(&header, summary)?;
        let mut seen: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            summary.rows += 1;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |at: usize| record.get(at).unwrap_or_default().trim();
            let complaint = |column: Option<&str>, text: &str, problem: Problem| Complaint {
                file: self.name.to_owned(),
                line,
                column: column.map(str::to_owned),
                text: text.to_owned(),
                problem,
            };
            let date = match cell::civil(text(columns.time)) {
                Ok(civil) => civil.date(),
                Err(problem) => {
                    summary.rows_refused += 1;
                    let said = text(columns.time);
                    summary.complaints.push(complaint(Some(&header[columns.time]), said, problem));
                    continue;
                }
            };
            let station = columns.station.map(text).unwrap_or_default().to_owned();
            let row: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            match seen.entry((station.clone(), text(columns.time).to_owned())) {
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(row);
                }
                std::collections::btree_map::Entry::Occupied(earlier) => {
                    if *earlier.get() == row {
                        summary.repeated += 1;
                    } else {
                        summary.rows_refused += 1;
                        summary.complaints.push(complaint(None, "", cell::DISAGREES));
                    }
                    continue;
                }
            }
            let site = sites.entry(station).or_default();
            if let Some(at) = columns.target.filter(|at| !cell::is_missing(text(*at))) {
                match class(text(at).trim_end_matches('类')) {
                    Some(class) => site.target = Some(class),
                    None => {
                        summary.complaints.push(complaint(Some(&header[at]), text(at), NO_CLASS));
                    }
                }
            }
            match columns.body.map(text).unwrap_or_default() {
                "lake" | "湖" | "湖库" | "水库" | "湖泊" => {
                    site.body = Some(WaterBody::Lake);
                }
                "river" | "河" | "河流" => site.body = Some(WaterBody::River),
                _ => {}
            }
            for column in &columns.items {
                let said = text(column.at);
                match result(said, &column.key, &column.factor) {
                    Ok(None) => summary.missing += 1,
                    Ok(Some(result)) => {
                        summary.used += 1;
                        site.results.entry((date, column.key.clone())).or_default().push(result);
                    }
                    Err(problem) => {
                        summary.refused += 1;
                        summary.complaints.push(complaint(Some(&header[column.at]), said, problem));
                    }
                }
            }
        }
        Ok(())
    }

    fn columns(&self, header: &[String], summary: &mut Summary) -> Result<Columns, Error> {
        let find = |names: &[&str]| {
            header.iter().position(|have| names.iter().any(|name| have.eq_ignore_ascii_case(name)))
        };
        let missing = |problem: &str| Error::WaterHeader {
            file: self.name.to_owned(),
            problem: problem.to_owned(),
        };
        let time = find(&["time", "date", "时间", "日期", "采样时间", "监测时间"])
            .ok_or_else(|| missing("there is no column \"time\""))?;
        let station = find(&["station", "site", "section", "断面", "点位", "站点", "断面名称"]);
        let (target, body) = (
            find(&["target", "目标", "水质目标", "目标类别"]),
            find(&["body", "水体类型", "类型"]),
        );
        let (mut items, mut unused) = (Vec::new(), Vec::new());
        for (at, name) in header.iter().enumerate() {
            if [Some(time), station, target, body].contains(&Some(at)) {
                continue;
            }
            match self.item(name) {
                Some(key) => items.push(Column { at, key, factor: self.factor(name)? }),
                None => unused.push(name.clone()),
            }
        }
        if items.is_empty() {
            return Err(missing("there is no column of an item"));
        }
        if !unused.is_empty() {
            summary.columns_unused.push((self.name.to_owned(), unused));
        }
        Ok(Columns { time, station, target, body, items })
    }

    /// The key of the item that a column's head names, in any of the usual spellings.
    fn item(&self, head: &str) -> Option<String> {
        let plain = head.split(['(', '（', '[']).next().unwrap_or(head).trim();
        let low: String = plain.to_lowercase().replace(['-', '_', ' ', '₃', '₅'], "");
        let key = match low.as_str() {
            "ph" | "ph值" => "ph",
            "do" | "溶解氧" => "do",
            "codmn" | "imn" | "高锰酸盐指数" => "codmn",
            "cod" | "codcr" | "化学需氧量" => "cod",
            "bod5" | "bod" | "五日生化需氧量" => "bod5",
            "nh3n" | "nhn" | "氨氮" => "nh3n",
            "tp" | "总磷" => "tp",
            "tn" | "总氮" => "tn",
            "cr6" | "cr6+" | "六价铬" => "cr6",
            "petroleum" | "oil" | "石油类" => "petroleum",
            "chla" | "叶绿素a" | "叶绿素" => "chla",
            "transparency" | "sd" | "透明度" => "transparency",
            "conductivity" | "电导率" => "conductivity",
            "turbidity" | "浊度" => "turbidity",
            other => {
                let limits = self.standards.water().limits();
                let own = limits.items().iter().find(|item| {
                    let name = item.name_zh.split(['(', '（']).next().unwrap_or(&item.name_zh);
                    item.key.replace('_', "") == other
                        || name == plain
                        || item.name_en.to_lowercase().replace(['-', ' '], "") == other
                })?;
                return Some(own.key.to_string());
            }
        };
        Some(key.to_owned())
    }

    /// By what a column's values become mg/L.
    fn factor(&self, head: &str) -> Result<Exact, Error> {
        let Some((_, unit)) = head.split_once(['(', '（', '[']) else {
            return Ok(Exact::whole(1));
        };
        let unit = unit.trim_end_matches([')', '）', ']']);
        let plain = unit.to_lowercase().replace(['µ', 'μ'], "u").replace(' ', "");
        match plain.as_str() {
            "mg/l" | "" | "无量纲" | "cm" | "m" | "mg/m3" | "个/l" | "℃" | "ntu" | "us/cm" => {
                Ok(Exact::whole(1))
            }
            "ug/l" => Ok(Exact::fraction(1, 1000)?),
            "g/l" => Ok(Exact::whole(1000)),
            _ => Err(Error::WaterHeader {
                file: self.name.to_owned(),
                problem: format!("column {head:?} is in {unit:?}, which is not converted"),
            }),
        }
    }
}

/// A class by its name, `III`, `Ⅲ` or `3`.
pub fn class(text: &str) -> Option<Class> {
    Some(match text {
        "I" | "Ⅰ" | "1" => Class::I,
        "II" | "Ⅱ" | "2" => Class::II,
        "III" | "Ⅲ" | "3" => Class::III,
        "IV" | "Ⅳ" | "4" => Class::IV,
        "V" | "Ⅴ" | "5" => Class::V,
        _ => return None,
    })
}

/// What a cell says: `0.12`, `<0.05`, `0.05L`; none where it says that it is missing.
fn result(text: &str, key: &str, factor: &Exact) -> Result<Option<WaterResult>, Problem> {
    if cell::is_missing(text) {
        return Ok(None);
    }
    if cell::is_below(text) {
        return Err(NO_LIMIT);
    }
    let bound = text.strip_prefix(['<', '＜']).or_else(|| text.strip_suffix(['L', 'l']));
    let number = Exact::parse(bound.unwrap_or(text).trim()).map_err(|_| cell::NO_NUMBER)?;
    if number.is_negative() {
        return Err(cell::NEGATIVE);
    }
    if key == "ph" && number > Exact::whole(14) {
        return Err(OUT_OF_SCALE);
    }
    let number = number.times(factor).map_err(|_| cell::TOO_LONG)?;
    Ok(Some(if bound.is_some() { WaterResult::Below(number) } else { WaterResult::Value(number) }))
}
