//! A report as a workbook that computes: a sheet of numbers, where each computed one is a formula over its inputs, a
//! sheet for each table that refers to it, the sentences, and a sheet of sources.
//!
//! The law rounds half to even, spreadsheets round half up; so the number as it comes out stands in a column of its own,
//! and the one that is printed is rounded from it by a formula that does as the law does.

use super::html::{basis, made};
use super::{Error, Language};
use account::report::{Cell, Made, Number, Part, Piece, Report, pieces};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use std::collections::{BTreeMap, BTreeSet};

/// Column of the printed value and of what comes out before rounding, of the sheet of numbers.
const VALUE: (u16, char) = (2, 'C');
const EXACT: (u16, char) = (3, 'D');
/// Letters of a sheet's name.
const NAME_MAX: usize = 31;

/// Writes the workbook.
///
/// # Errors
/// When it cannot be written.
pub fn workbook(report: &Report, language: Language) -> Result<Vec<u8>, Error> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let numbers = language.say("数字", "numbers");
    let rows: BTreeMap<&str, u32> =
        report.in_order().iter().zip(2..).map(|((code, _), row)| (*code, row)).collect();
    let forms = Forms { report, language, bold, numbers, rows };
    forms.told(book.add_worksheet())?;
    forms.numbers(book.add_worksheet())?;
    let mut names = BTreeSet::from([numbers.to_owned()]);
    for part in report.sections.iter().flat_map(|section| &section.parts) {
        if let Part::Table { title, columns, rows } = part {
            let name = free(&mut names, language.of(title));
            let heads: Vec<&str> = columns.iter().map(|head| language.of(head)).collect();
            forms.table(book.add_worksheet().set_name(name)?, &heads, rows)?;
        }
    }
    forms.sources(book.add_worksheet())?;
    Ok(book.save_to_buffer()?)
}

struct Forms<'r> {
    report: &'r Report,
    language: Language,
    bold: Format,
    numbers: &'static str,
    /// Rows of the sheet of numbers as formulas count them, from 1.
    rows: BTreeMap<&'r str, u32>,
}

impl Forms<'_> {
    /// What the report says, numbers as they are printed with their codes.
    fn told(&self, sheet: &mut Worksheet) -> Result<(), Error> {
        sheet.set_name(self.language.say("报告", "report"))?.set_column_width(0, 110)?;
        sheet.write_string_with_format(0, 0, self.language.of(&self.report.title), &self.bold)?;
        let span = format!("{} – {}", self.report.span.0, self.report.span.1);
        sheet.write_string(1, 0, span)?;
        let mut row = 3;
        for section in &self.report.sections {
            sheet.write_string_with_format(row, 0, self.language.of(&section.title), &self.bold)?;
            row += 1;
            for part in &section.parts {
                let (mark, text) = match part {
                    Part::Sentence { text } => ("", text),
                    Part::Doubt { text } => (self.language.say("存疑：", "Doubt: "), text),
                    Part::Table { .. } | Part::Picture { .. } => continue,
                };
                let piece = |piece: Piece<'_>| match piece {
                    Piece::Words(words) => words.to_owned(),
                    Piece::Code(code) => self.printed(code),
                };
                let told: String = pieces(self.language.of(text)).into_iter().map(piece).collect();
                sheet.write_string(row, 0, format!("{mark}{told}"))?;
                row += 1;
            }
        }
        Ok(())
    }

    fn printed(&self, code: &str) -> String {
        let Some(number) = self.report.numbers.get(code) else { return code.to_owned() };
        format!("{} {} [{code}]", number.value, self.language.of(&number.unit))
    }

    fn numbers(&self, sheet: &mut Worksheet) -> Result<(), Error> {
        let say = |zh, en| self.language.say(zh, en);
        sheet.set_name(self.numbers)?.set_freeze_panes(1, 0)?;
        let heads = [
            (say("代码", "code"), 7),
            (say("名称", "name"), 44),
            (say("数值", "value"), 12),
            (say("未修约", "before rounding"), 16),
            (say("单位", "unit"), 10),
            (say("口径", "basis"), 10),
            (say("由来", "made"), 18),
            (say("来源", "source"), 40),
            (say("说明", "explanation"), 60),
        ];
        for ((head, width), column) in heads.into_iter().zip(0..) {
            sheet.write_string_with_format(0, column, head, &self.bold)?;
            sheet.set_column_width(column, width)?;
        }
        for (code, number) in self.report.in_order() {
            let row = self.rows.get(code).map_or(0, |row| row - 1);
            let language = self.language;
            let texts = [
                (0, code.to_owned()),
                (1, language.of(&number.name).to_owned()),
                (4, language.of(&number.unit).to_owned()),
                (5, basis(number, language).to_owned()),
                (6, made(&number.made, language, str::to_owned)),
                (7, language.of(&number.source).to_owned()),
                (8, number.explain.clone()),
            ];
            for (column, text) in texts {
                sheet.write_string(row, column, text)?;
            }
            self.value(sheet, row, number)?;
        }
        Ok(())
    }

    /// The value of a number: as it was given, or as a formula over its inputs.
    fn value(&self, sheet: &mut Worksheet, row: u32, number: &Number) -> Result<(), Error> {
        let format = decimals(&number.value);
        let Some(formula) = self.formula(&number.made) else {
            match number.value.parse::<f64>() {
                Ok(value) => sheet.write_number_with_format(row, VALUE.0, value, &format)?,
                Err(_) => sheet.write_string(row, VALUE.0, number.value.as_str())?,
            };
            return Ok(());
        };
        let at = format!("{}{}", EXACT.1, row + 1);
        sheet.write_formula(
            row,
            EXACT.0,
            Formula::new(format!("={formula}")).set_result(&number.value),
        )?;
        let rounded =
            number.decimals.map_or_else(|| format!("={at}"), |places| half_even(&at, places));
        let rounded = Formula::new(rounded).set_result(&number.value);
        sheet.write_formula_with_format(row, VALUE.0, rounded, &format)?;
        Ok(())
    }

    fn formula(&self, made: &Made) -> Option<String> {
        let cell = |code: &str| Some(format!("{}{}", VALUE.1, self.rows.get(code)?));
        Some(match made {
            Made::Given => return None,
            Made::Sum { of } => {
                let cells = of.iter().map(|code| cell(code)).collect::<Option<Vec<_>>>()?;
                // Sums of floats are rounded where no printed number has digits any more.
                format!("ROUND({},9)", cells.join("+"))
            }
            Made::Difference { of, less } => format!("ROUND({}-{},9)", cell(of)?, cell(less)?),
            Made::Share { of, over } => format!("{}/{}*100", cell(of)?, cell(over)?),
            Made::Change { of, from } => {
                format!("({0}-{1})/{1}*100", cell(of)?, cell(from)?)
            }
        })
    }

    fn table(
        &self,
        sheet: &mut Worksheet,
        heads: &[&str],
        rows: &[Vec<Cell>],
    ) -> Result<(), Error> {
        sheet.set_freeze_panes(1, 0)?;
        for (head, column) in heads.iter().zip(0..) {
            sheet.write_string_with_format(0, column, *head, &self.bold)?;
            sheet.set_column_width(column, if column == 0 { 26 } else { 16 })?;
        }
        for (cells, row) in rows.iter().zip(1..) {
            for (cell, column) in cells.iter().zip(0..) {
                match cell {
                    Cell::Text { text } => {
                        sheet.write_string(row, column, self.language.of(text))?
                    }
                    Cell::Missing { reason } => sheet.write_string(
                        row,
                        column,
                        format!("— {}", self.language.of(reason)),
                    )?,
                    Cell::Number { code } => {
                        let value = self.report.numbers.get(code).map_or("", |own| &own.value);
                        let at = self.rows.get(code.as_str()).copied().unwrap_or_default();
                        let formula = format!("='{}'!{}{at}", self.numbers, VALUE.1);
                        let formula = Formula::new(formula).set_result(value);
                        sheet.write_formula_with_format(row, column, formula, &decimals(value))?
                    }
                };
            }
        }
        Ok(())
    }

    /// Each source once, with the codes that rest on it.
    fn sources(&self, sheet: &mut Worksheet) -> Result<(), Error> {
        let mut sources: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (code, number) in self.report.in_order() {
            sources.entry(self.language.of(&number.source)).or_default().push(code);
        }
        let say = |zh, en| self.language.say(zh, en);
        sheet.set_name(say("来源", "sources"))?.set_column_width(0, 80)?.set_column_width(1, 80)?;
        sheet.write_string_with_format(0, 0, say("来源", "source"), &self.bold)?;
        sheet.write_string_with_format(0, 1, say("数字", "numbers"), &self.bold)?;
        for ((source, codes), row) in sources.into_iter().zip(1..) {
            sheet.write_string(row, 0, source)?;
            // A cell holds 32 767 letters.
            let codes: String = codes.join(" ").chars().take(32_000).collect();
            sheet.write_string(row, 1, codes)?;
        }
        Ok(())
    }
}

/// A cell rounded half to even (GB/T 8170): down from half when the digit before it is even.
fn half_even(at: &str, places: u8) -> String {
    let scale = format!("1{}", "0".repeat(places.into()));
    format!("=(ROUND({at}*{scale},0)-SIGN({at})*(MOD(ROUND(ABS({at})*{scale},7),2)=0.5))/{scale}")
}

/// As many decimals as a printed value has.
fn decimals(value: &str) -> Format {
    let places = value.split_once('.').map_or(0, |(_, after)| after.len());
    let format = if places == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(places)) };
    Format::new().set_num_format(format)
}

/// A sheet's name that is allowed and that no other sheet has.
fn free(names: &mut BTreeSet<String>, title: &str) -> String {
    let clean: String =
        title.chars().map(|own| if "[]:*?/\\'".contains(own) { ' ' } else { own }).collect();
    let clean = if clean.trim().is_empty() { "–".to_owned() } else { clean.trim().to_owned() };
    let mut number = 1;
    loop {
        let tail = if number == 1 { String::new() } else { format!(" {number}") };
        let room = NAME_MAX - tail.len();
        let name: String = clean.chars().take(room).collect::<String>() + &tail;
        if names.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_workbook_is_written_whatever_its_tables_are_called() {
        let book = workbook(&example::report().unwrap(), Language::Zh).unwrap();
        assert!(book.starts_with(b"PK"));
    }

    #[test]
    fn no_two_sheets_have_one_name() {
        let mut names = BTreeSet::new();
        let long = "a".repeat(40);
        assert_eq!(free(&mut names, &long).len(), NAME_MAX);
        assert!(free(&mut names, &long).ends_with("a 2"));
        assert_eq!(free(&mut names, "A/B [x]"), "A B  x");
        assert_eq!(free(&mut names, ""), "–");
    }
}
