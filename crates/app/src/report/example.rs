//! A report of a few numbers, by which templates and the forms are tried.

use super::Error;
use account::Text;
use account::report::{Cell, Made, Number, Part, Report, Section};
use std::collections::BTreeMap;

/// Two counts, their share, their difference, and words that try to be something else.
///
/// # Errors
/// Never, as tests show.
pub fn report() -> Result<Report, Error> {
    let day = jiff::civil::Date::constant(2020, 12, 31);
    let mut report = Report {
        kind: "example".into(),
        title: Text::new("例", "example"),
        span: (day, day),
        sequence: 1,
        made: String::new(),
        simulated: false,
        editions: vec![],
        sections: vec![],
        numbers: BTreeMap::new(),
    };
    let given = |value: &str| super::writer::number(Text::new("村", "villages"), value);
    let (a, b) = (report.keep(given("26")), report.keep(given("39")));
    let share = Made::Share { of: a.clone(), over: b.clone() };
    let share = Number { made: share, decimals: Some(1), unit: Text::same("%"), ..given("") };
    let c = report.keep_made(share)?;
    let less = Made::Difference { of: a.clone(), less: b };
    let d = report.keep_made(Number { made: less, ..given("") })?;
    let text = Text::new(format!("占 {{{c}}}"), format!("{{{c}}}"));
    let number = |code: &str| Cell::Number { code: code.to_owned() };
    let words = |text: &str| Cell::Text { text: Text::same(text) };
    let table = Part::Table {
        title: Text::new("表/一", "table [1]"),
        columns: vec![Text::new("名称", "name"), Text::new("数", "number")],
        rows: vec![
            vec![words("<b>"), number(&a)],
            vec![words("=1+1"), number(&d)],
            vec![words("x"), Cell::Missing { reason: Text::new("无", "none") }],
        ],
    };
    let parts = vec![Part::Sentence { text }, table];
    report.sections.push(Section { title: Text::new("节", "section"), parts });
    Ok(report)
}
