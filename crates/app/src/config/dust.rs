//! `[[dust]]`: days of dust weather as they were approved, each with its document and who approved it.

use super::problem::{did_you_mean, nearest};
use super::setting::{Given, Setting};
use super::{File, Loaded, Origin, Problem, Problems, Reading, Spot};
use crate::words::Words;
use engine::RegistryFile;
use engine::assess::DustSpell;
use jiff::civil::Date;
use standards::Span;
use std::io::{self, Write};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What an entry may say.
const FIELDS: [&str; 5] = ["from", "to", "area", "document", "approver"];
/// Days of one entry: dust weather lasts for days; a longer spell is a slip of the pen.
const DAYS_MAX: u32 = 31;
/// Entries of a file.
const ENTRIES_MAX: usize = 2_000;

/// One entry while it is being read.
struct Entry<'r, 'a> {
    reading: &'r mut Reading,
    file: File<'r>,
    table: &'r DeTable<'a>,
    span: Range<usize>,
}

impl Reading {
    /// All entries of a file.
    pub(super) fn dust(&mut self, file: File, value: &Spanned<DeValue>) {
        let at = |range: Range<usize>| Origin::File(Spot::new(file.name, file.text, &range));
        let DeValue::Array(entries) = value.get_ref() else {
            return self.refuse(at(value.span()), "dust", no_entry(), how());
        };
        if entries.len() > ENTRIES_MAX {
            let what = Words::new(
                format!("共 {} 条，最多 {ENTRIES_MAX} 条", entries.len()),
                format!("there are {} entries, at most {ENTRIES_MAX} are read", entries.len()),
            );
            let hint = Words::new("请合并相邻日期", "write days in a row as one entry");
            return self.refuse(at(value.span()), "dust", what, hint);
        }
        for entry in entries {
            let DeValue::Table(table) = entry.get_ref() else {
                self.refuse(at(entry.span()), "dust", no_entry(), how());
                continue;
            };
            let span = entry.span();
            let origin = at(span.clone());
            if let Some(spell) = (Entry { reading: self, file, table, span }).read() {
                self.loaded.config.dust.push(spell);
                self.loaded.dust_origins.push(origin);
            }
        }
    }
}

impl Entry<'_, '_> {
    /// The spell, when nothing is wrong with it.
    fn read(mut self) -> Option<DustSpell> {
        let mut sound = self.only_known_fields();
        let texts = ["document", "approver"].map(|name| self.text(name, true));
        let area = self.text("area", false);
        let first = self.date("from", true);
        // Without an end it is one day.
        let last = if self.table.get("to").is_some() { self.date("to", false) } else { first };
        let [Some(document), Some(approver)] = texts else { return None };
        sound &= area.is_some();
        let (first, last) = (first?, last?);
        let span = match Span::new(first, last) {
            None => {
                self.refuse(
                    "to",
                    Words::new(
                        format!("{last} 早于 from（{first}）"),
                        format!("{last} is before from ({first})"),
                    ),
                    Words::new("from 与 to 均包含在内", "from and to are both included"),
                );
                return None;
            }
            Some(span) if span.len() > DAYS_MAX => {
                self.refuse(
                    "to",
                    Words::new(
                        format!("共 {} 天，一条最多 {DAYS_MAX} 天", span.len()),
                        format!("these are {} days, an entry has at most {DAYS_MAX}", span.len()),
                    ),
                    Words::new(
                        "请核对日期，或分条填写",
                        "check the dates, or write several entries",
                    ),
                );
                return None;
            }
            Some(span) => span,
        };
        let area = area.filter(|area| !area.is_empty());
        sound.then_some(DustSpell { span, area, document, approver })
    }

    fn only_known_fields(&mut self) -> bool {
        let mut sound = true;
        for key in self.table.keys().filter(|key| !FIELDS.contains(&key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            let hint = match nearest(name, FIELDS.into_iter()) {
                Some(nearest) => did_you_mean(Some(nearest)),
                None => how(),
            };
            let what = Words::new("没有这个配置项", "there is no such key");
            let origin = Origin::File(Spot::new(self.file.name, self.file.text, &key.span()));
            self.reading.refuse(origin, &format!("dust.{name}"), what, hint);
            sound = false;
        }
        sound
    }

    /// A text; empty when it may be left out and is.
    fn text(&mut self, name: &str, needed: bool) -> Option<String> {
        let Some(value) = self.table.get(name) else {
            if !needed {
                return Some(String::new());
            }
            self.missing(name);
            return None;
        };
        let given = Given::Toml { value: value.get_ref(), base: self.file.base };
        let text = String::read(given).filter(|text| !needed || !text.trim().is_empty());
        if text.is_none() {
            let shown = given.shown();
            let what = Words::new(format!("不接受 {shown}"), format!("{shown} is not accepted"));
            self.refuse(name, what, how());
        }
        text
    }

    fn date(&mut self, name: &str, needed: bool) -> Option<Date> {
        let Some(value) = self.table.get(name) else {
            if needed {
                self.missing(name);
            }
            return None;
        };
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            _ => String::new(),
        };
        let date = if text.len() == 10 { text.parse::<Date>().ok() } else { None };
        let date = date.filter(|date| (2000..=2100).contains(&date.year()));
        if date.is_none() {
            let given = Given::Toml { value: value.get_ref(), base: self.file.base };
            let shown = given.shown();
            self.refuse(
                name,
                Words::new(format!("不接受 {shown}"), format!("{shown} is not accepted")),
                Words::new("请写日期，例如 2026-03-21", "write a date, for example 2026-03-21"),
            );
        }
        date
    }

    fn missing(&mut self, name: &str) {
        let what = Words::new("缺少此项", "is missing");
        self.refuse(name, what, how());
    }

    /// At the field, or at the entry where it has none.
    fn refuse(&mut self, name: &str, what: Words, hint: Words) {
        let range = self.table.get(name).map_or_else(|| self.span.clone(), Spanned::span);
        let origin = Origin::File(Spot::new(self.file.name, self.file.text, &range));
        self.reading.refuse(origin, &format!("dust.{name}"), what, hint);
    }
}

/// What names an area that the registry file does not have.
pub(super) fn check_areas(loaded: &Loaded, registry: &RegistryFile) -> Problems {
    let mut problems = Problems::default();
    for (spell, origin) in loaded.config.dust.iter().zip(&loaded.dust_origins) {
        let Some(area) = &spell.area else { continue };
        if registry.areas.iter().any(|own| own.key == *area) {
            continue;
        }
        let hint = match nearest(area, registry.areas.iter().map(|own| own.key.as_str())) {
            Some(nearest) => did_you_mean(Some(nearest)),
            None => Words::new(
                "请填写登记文件中的区域键；不写 area 表示全区",
                "write the key of an area of the registry file; without area it is the whole district",
            ),
        };
        problems.0.push(Problem {
            origin: origin.clone(),
            subject: "dust.area".to_owned(),
            what: Words::new(
                format!("登记文件中没有区域 {area}"),
                format!("the registry file has no area {area}"),
            ),
            hint: Some(hint),
        });
    }
    problems
}

/// The entries as they stand in a TOML file.
pub(super) fn print(loaded: &Loaded, out: &mut impl Write) -> io::Result<()> {
    if loaded.config.dust.is_empty() {
        writeln!(
            out,
            "\n# 沙尘天气日，每段一条 · days of dust weather, an entry a spell (default: none)"
        )?;
        return writeln!(
            out,
            "# [[dust]]\n# from = 2026-03-21\n# to = 2026-03-22\n# area = \"\"\n# document = \"…\"\n# approver = \"…\""
        );
    }
    let text = |text: &str| toml::Value::from(text).to_string();
    for (spell, origin) in loaded.config.dust.iter().zip(&loaded.dust_origins) {
        let at = match origin {
            Origin::File(spot) => format!(" ({}:{})", spot.file, spot.line),
            _ => String::new(),
        };
        writeln!(out, "\n# 沙尘天气日 · days of dust weather{at}\n[[dust]]")?;
        writeln!(out, "from = {}\nto = {}", spell.span.first(), spell.span.last())?;
        if let Some(area) = &spell.area {
            writeln!(out, "area = {}", text(area))?;
        }
        writeln!(out, "document = {}", text(&spell.document))?;
        writeln!(out, "approver = {}", text(&spell.approver))?;
    }
    Ok(())
}

fn no_entry() -> Words {
    Words::new("不是沙尘天气条目", "this is no entry of dust weather")
}

fn how() -> Words {
    Words::new(
        "每段一条 [[dust]]：from、to（可省，均包含在内）、area（可省，表示全区）、document（文件）、approver（批准单位）",
        "write an entry [[dust]] a spell: from, to (may be left out, both included), area (left out: the whole district), document, approver",
    )
}
