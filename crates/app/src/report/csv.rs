//! A report's tables for spreadsheets: one for its numbers, one for each of its tables. A text that a spreadsheet
//! would take for a formula is kept one by an apostrophe.

use super::html::{basis, made};
use super::{Error, Language};
use account::report::{Cell, Part, Report};
use csv::Writer;

/// One table.
pub struct Sheet {
    /// What it is called: `numbers`, or the heading of the table.
    pub name: String,
    /// As CSV, UTF-8 with a byte order mark, which spreadsheets need to read Chinese.
    pub text: String,
}

/// The tables of a report: first its numbers.
///
/// # Errors
/// Never in practice: memory is written to.
pub fn sheets(report: &Report, language: Language) -> Result<Vec<Sheet>, Error> {
    let say = |zh, en| language.say(zh, en).to_owned();
    let mut rows = vec![vec![
        say("代码", "code"),
        say("名称", "name"),
        say("数值", "value"),
        say("单位", "unit"),
        say("口径", "basis"),
        say("由来", "made"),
        say("来源", "source"),
        say("说明", "explanation"),
    ]];
    for (code, number) in report.in_order() {
        rows.push(vec![
            code.to_owned(),
            harmless(language.of(&number.name)),
            number.value.clone(),
            language.of(&number.unit).to_owned(),
            basis(number, language).to_owned(),
            made(&number.made, language, str::to_owned),
            harmless(language.of(&number.source)),
            number.explain.clone(),
        ]);
    }
    let mut sheets = vec![Sheet { name: say("数字", "numbers"), text: text(&rows)? }];
    for part in report.sections.iter().flat_map(|section| &section.parts) {
        let Part::Table { title, columns, rows } = part else { continue };
        let mut all = vec![columns.iter().map(|head| harmless(language.of(head))).collect()];
        for row in rows {
            let cell = |cell: &Cell| match cell {
                Cell::Text { text } => harmless(language.of(text)),
                Cell::Number { code } => {
                    report.numbers.get(code).map_or_else(String::new, |own| own.value.clone())
                }
                Cell::Missing { reason } => format!("— {}", language.of(reason)),
            };
            all.push(row.iter().map(cell).collect());
        }
        sheets.push(Sheet { name: language.of(title).to_owned(), text: text(&all)? });
    }
    Ok(sheets)
}

fn text(rows: &[Vec<String>]) -> Result<String, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Form(error.to_string());
    let mut out = Writer::from_writer(vec![]);
    for row in rows {
        out.write_record(row).map_err(|error| failed(&error))?;
    }
    let bytes = out.into_inner().map_err(|error| failed(&error))?;
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{text}");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn each_table_has_its_values_and_no_text_is_a_formula() {
        let sheets = sheets(&example::report().unwrap(), Language::En).unwrap();
        assert_eq!(sheets.len(), 2);
        assert!(sheets[0].text.contains("N3,villages,66.7,%,,N1 ÷ N2"), "{}", sheets[0].text);
        assert_eq!(sheets[1].text, "\u{feff}name,number\n<b>,26\n'=1+1,-13\nx,— none\n");
    }
}
