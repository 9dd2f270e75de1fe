//! A report as a fragment for the page: every number leads to its row in the list at the end, and from there to its
//! explanation. All that comes from outside is escaped; pictures are drawn by this program.

use super::Language;
use account::Text;
use account::report::{Cell, Made, Number, Part, Piece, Report, pieces};
use std::fmt::Write;

/// Writes the fragment: one `article`.
pub fn fragment(report: &Report, language: Language) -> String {
    let mut html = String::new();
    let say = |zh, en| language.say(zh, en);
    let _ = write!(
        html,
        "<article class=\"report\" lang=\"{}\"><header><h1>{}</h1><p class=\"meta\">{} – {} · {} {} · {} {}</p></header>",
        language.tag(),
        escaped(language.of(&report.title)),
        report.span.0,
        report.span.1,
        say("编制", "made"),
        escaped(&report.made),
        say("截至第 N 号记录", "as of entry").replace(" N ", " "),
        report.sequence,
    );
    if report.simulated {
        let words = say("本报告所依据的数据为模拟数据。", "The data of this report are made up.");
        let _ = write!(html, "<p class=\"doubt\">{words}</p>");
    }
    for section in &report.sections {
        let _ = write!(html, "<section><h2>{}</h2>", escaped(language.of(&section.title)));
        for part in &section.parts {
            part_of(&mut html, report, part, language);
        }
        html += "</section>";
    }
    numbers(&mut html, report, language);
    html += "</article>";
    html
}

fn part_of(html: &mut String, report: &Report, part: &Part, language: Language) {
    match part {
        Part::Sentence { text } => {
            let _ = write!(html, "<p>{}</p>", sentence(report, text, language));
        }
        Part::Doubt { text } => {
            let mark = language.say("存疑", "Doubt");
            let words = sentence(report, text, language);
            let _ = write!(html, "<p class=\"doubt\"><strong>{mark}</strong> {words}</p>");
        }
        Part::Table { title, columns, rows } => {
            table(html, report, (title, columns, rows), language);
        }
        Part::Picture { title, svg } => {
            let title = escaped(language.of(title));
            let svg = language.of(svg);
            let _ = write!(
                html,
                "<figure role=\"img\" aria-label=\"{title}\">{svg}<figcaption>{title}</figcaption></figure>"
            );
        }
    }
}

fn sentence(report: &Report, text: &Text, language: Language) -> String {
    let piece = |piece: Piece<'_>| match piece {
        Piece::Words(words) => escaped(words),
        Piece::Code(code) => linked(report, code, language, true),
    };
    pieces(language.of(text)).into_iter().map(piece).collect()
}

/// A number with its code, leading to its row in the list.
fn linked(report: &Report, code: &str, language: Language, has_unit: bool) -> String {
    let Some(number) = report.numbers.get(code) else { return escaped(code) };
    let unit = language.of(&number.unit);
    let unit = match unit {
        _ if !has_unit || unit.is_empty() => String::new(),
        "%" => "%".to_owned(),
        unit => format!(" {}", escaped(unit)),
    };
    format!(
        "<a class=\"number\" href=\"#{code}\" title=\"{}\">{}{unit}<sup>{code}</sup></a>",
        escaped(language.of(&number.name)),
        escaped(&minus(&number.value)),
    )
}

fn table(
    html: &mut String,
    report: &Report,
    (title, columns, rows): (&Text, &[Text], &[Vec<Cell>]),
    language: Language,
) {
    let title = escaped(language.of(title));
    let _ = write!(html, "<div class=\"wide\"><table><caption>{title}</caption><thead><tr>");
    for (at, head) in columns.iter().enumerate() {
        let is_number = rows.iter().any(|row| matches!(row.get(at), Some(Cell::Number { .. })));
        let class = if is_number { " class=\"right\"" } else { "" };
        let _ = write!(html, "<th scope=\"col\"{class}>{}</th>", escaped(language.of(head)));
    }
    *html += "</tr></thead><tbody>";
    for row in rows {
        *html += "<tr>";
        for cell in row {
            let _ = match cell {
                Cell::Text { text } => write!(html, "<td>{}</td>", escaped(language.of(text))),
                Cell::Number { code } => {
                    write!(
                        html,
                        "<td class=\"right\">{}</td>",
                        linked(report, code, language, false)
                    )
                }
                Cell::Missing { reason } => {
                    write!(html, "<td class=\"missing\">— {}</td>", escaped(language.of(reason)))
                }
            };
        }
        *html += "</tr>";
    }
    *html += "</tbody></table></div>";
}

/// Every number: code, what, value, basis, how it was made, source, explanation.
fn numbers(html: &mut String, report: &Report, language: Language) {
    if report.numbers.is_empty() {
        return;
    }
    let say = |zh, en| language.say(zh, en);
    let _ = write!(
        html,
        "<section class=\"numbers\"><h2>{}</h2><div class=\"wide\"><table><thead><tr>",
        say("数字一览", "Every number")
    );
    for head in [
        say("代码", "Code"),
        say("名称", "What"),
        say("数值", "Value"),
        say("口径", "Basis"),
        say("由来", "Made"),
        say("来源", "Source"),
    ] {
        let _ = write!(html, "<th scope=\"col\">{head}</th>");
    }
    *html += "</tr></thead><tbody>";
    for (code, number) in report.in_order() {
        let link = match number.explain.as_str() {
            "" => String::new(),
            address => format!(
                " <a class=\"explain\" href=\"{}\">{}</a>",
                escaped(address),
                say("说明", "explanation")
            ),
        };
        let _ = write!(
            html,
            "<tr id=\"{code}\"><td>{code}</td><td>{}</td><td class=\"right\">{} {}</td><td>{}</td><td>{}</td><td>{}{link}</td></tr>",
            escaped(language.of(&number.name)),
            escaped(&minus(&number.value)),
            escaped(language.of(&number.unit)),
            basis(number, language),
            made(&number.made, language, |code| format!("<a href=\"#{code}\">{code}</a>")),
            escaped(language.of(&number.source)),
        );
    }
    *html += "</tbody></table></div></section>";
}

/// What a rate counts, in words.
pub fn basis(number: &Number, language: Language) -> &'static str {
    number.basis.map_or("", |basis| {
        let (zh, en) = basis.words();
        language.say(zh, en)
    })
}

/// How a number was made, in words.
pub fn made(made: &Made, language: Language, code: impl Fn(&str) -> String) -> String {
    let say = |zh, en| language.say(zh, en);
    match made {
        Made::Given => say("给定", "given").to_owned(),
        Made::Sum { of } => of.iter().map(|own| code(own)).collect::<Vec<_>>().join(" + "),
        Made::Difference { of, less } => format!("{} − {}", code(of), code(less)),
        Made::Share { of, over } => format!("{} ÷ {}", code(of), code(over)),
        Made::Change { of, from } => {
            format!("{} {} {}", code(of), say("较", "against"), code(from))
        }
    }
}

/// A number with the sign that is printed.
fn minus(value: &str) -> String {
    value.replacen('-', "−", 1)
}

/// Text as HTML: nothing in it can begin a tag, an entity or end an attribute.
fn escaped(text: &str) -> String {
    let escape = |letter| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        other => String::from(other),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_number_leads_to_its_row_and_names_cannot_become_markup() {
        let html = fragment(&example::report().unwrap(), Language::Zh);
        assert!(html.contains("<a class=\"number\" href=\"#N3\""), "{html}");
        assert!(html.contains("<tr id=\"N3\">") && html.contains("66.7%<sup>N3</sup>"), "{html}");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
    }
}
