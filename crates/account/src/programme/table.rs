//! A table of entries as people send it: a head with names in Chinese or English, a row for each total.

use super::{Document, Entry};
use jiff::civil::Date;
use standards::Exact;

/// A row that could be read, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its line, from 1; the head is line 1.
    pub line: usize,
    /// What it says.
    pub entry: Entry,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Its line, from 1.
    pub line: usize,
    /// The head of the column; empty for the whole row.
    pub column: &'static str,
    /// What stands there.
    pub found: String,
    /// What is wrong, in Chinese.
    pub zh: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
}

/// The columns: key, other heads, whether one has to be there.
const COLUMNS: [(&str, &[&str], bool); 8] = [
    ("programme", &["项目群"], false),
    ("project", &["项目", "项目编号"], false),
    ("measure", &["指标"], true),
    ("period_end", &["截至日期", "期末", "截至"], true),
    ("total", &["累计", "累计数"], true),
    ("document", &["依据", "依据文件"], false),
    ("number", &["文号"], false),
    ("note", &["备注"], false),
];

/// Reads a table, row by row; `programme` and `document` stand for what the table does not say.
pub fn read(table: &[Vec<String>], programme: &str, document: &Document) -> (Vec<Row>, Vec<Bad>) {
    let Some(head) = table.first() else {
        return (vec![], vec![bad(1, "", "", "表是空的", "the table is empty")]);
    };
    let place = |(key, others, _): &(&str, &[&str], bool)| {
        head.iter().position(|cell| {
            let cell = cell.trim().trim_start_matches('\u{feff}');
            cell.eq_ignore_ascii_case(key) || others.contains(&cell)
        })
    };
    let places: Vec<Option<usize>> = COLUMNS.iter().map(place).collect();
    let mut wrong: Vec<Bad> = COLUMNS
        .iter()
        .zip(&places)
        .filter(|((_, _, is_needed), place)| *is_needed && place.is_none())
        .map(|((key, ..), _)| bad(1, key, "", "缺少此列", "this column is missing"))
        .collect();
    if !wrong.is_empty() {
        return (vec![], wrong);
    }
    let mut rows = vec![];
    for (at, cells) in table.iter().enumerate().skip(1) {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let cell = |column: usize| {
            places[column].and_then(|place| cells.get(place)).map_or("", |cell| cell.trim())
        };
        match row(&cell, programme, document) {
            Ok(entry) => rows.push(Row { line: at + 1, entry }),
            Err((column, zh, en)) => {
                wrong.push(bad(at + 1, COLUMNS[column].0, cell(column), zh, en));
            }
        }
    }
    (rows, wrong)
}

type Wrong = (usize, &'static str, &'static str);

fn row<'a>(
    cell: &impl Fn(usize) -> &'a str,
    programme: &str,
    document: &Document,
) -> Result<Entry, Wrong> {
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    let period_end =
        date(cell(3)).ok_or((3, "日期请写 2026-12-31", "write the day like 2026-12-31"))?;
    Ok(Entry {
        programme: or(cell(0), programme),
        project: Some(cell(1).to_owned()).filter(|key| !key.is_empty()),
        measure: cell(2).to_owned(),
        period_end,
        total: total(cell(4))?,
        document: Document {
            title: or(cell(5), &document.title),
            number: or(cell(6), &document.number),
            photo: document.photo.clone(),
        },
        note: cell(7).to_owned(),
    })
}

/// `2026-12-31`, `2026/12/31`, `2026.12.31`, `2026年12月31日`.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> =
        text.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    if year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A decimal as it was written. Commas between groups of three digits are taken out; a comma that may be a decimal
/// point is refused, for 1,5 and 1,500 are different amounts of money.
fn total(text: &str) -> Result<String, Wrong> {
    let text = text.replace([' ', '\u{a0}', '\u{202f}'], "").replace('，', ",");
    let plain = if text.contains(',') {
        let whole = text.split('.').next().unwrap_or_default();
        let mut groups = whole.trim_start_matches('-').split(',');
        let is_first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
        if !is_first || !groups.all(|group| group.len() == 3) || text[whole.len()..].contains(',') {
            return Err((
                4,
                "逗号含义不明；小数点请写 .",
                "the comma is ambiguous; write a decimal point as .",
            ));
        }
        text.replace(',', "")
    } else {
        text
    };
    match Exact::parse(&plain) {
        Ok(_) => Ok(plain),
        Err(_) => Err((4, "不是十进制数", "this is no decimal number")),
    }
}

fn bad(line: usize, column: &'static str, found: &str, zh: &'static str, en: &'static str) -> Bad {
    Bad { line, column, found: found.chars().take(80).collect(), zh, en }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn heads_may_be_chinese_and_numbers_may_have_groups() {
        let document = Document { title: "月报".into(), ..Document::default() };
        let sent = table(&[
            &["项目", "指标", "截至日期", "累计", "备注"],
            &["a", "started_m2", "2026年11月30日", "1,234,567.5", ""],
            &["", "", "", "", ""],
            &["b", "started_m2", "2026/11/30", "3.8164", "x"],
        ]);
        let (rows, wrong) = read(&sent, "homes", &document);
        assert_eq!(wrong, []);
        let totals: Vec<_> = rows.iter().map(|row| (row.line, row.entry.total.as_str())).collect();
        assert_eq!(totals, [(2, "1234567.5"), (4, "3.8164")]);
        assert_eq!(rows[0].entry.programme, "homes");
    }

    #[test]
    fn a_comma_that_may_be_a_point_is_refused_by_its_place() {
        let sent = table(&[
            &["measure", "period_end", "total"],
            &["m", "2026-11-30", "1,5"],
            &["m", "30.11.2026", "2"],
        ]);
        let (rows, wrong) = read(&sent, "homes", &Document::default());
        assert_eq!(rows, []);
        let places: Vec<_> =
            wrong.iter().map(|own| (own.line, own.column, own.found.as_str())).collect();
        assert_eq!(places, [(2, "total", "1,5"), (3, "period_end", "30.11.2026")]);
        let (_, wrong) = read(&table(&[&["measure", "total"]]), "homes", &Document::default());
        assert_eq!(wrong[0].column, "period_end");
    }
}
