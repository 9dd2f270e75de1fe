//! After an emergency: the warning and its levels, the orders and what became of them, the air before, during and after, what the
//! forecast had said, and what was missing.

mod air;
mod orders;

use super::writer::{
    Writer, code, count, head, minute, none, number, same, span_words, text_of, words,
};
use super::{Error, Ground, Question, cases};
use crate::http::BasisAnswer;
use crate::words::Words;
use account::Text;
use account::report::{Cell, Number, Report};
use control::emergency::{Basis, Level, Span as LevelSpan, Warning};
use engine::emergency::Emergency;
use engine::people::People;
use model::{HOUR_MS, Timestamp};

/// What everything in the report is read from.
struct Known<'a> {
    ground: &'a Ground<'a>,
    own: Emergency,
    people: People,
}

/// Puts it together, of the warnings that were in force in the span.
///
/// # Errors
/// When something cannot be read or computed.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let when = span_words(question.span);
    let title = Text::new(
        format!("应急响应总结（{}）", when.zh),
        format!("emergency response in {}", when.en),
    );
    let mut writer = Writer::new("emergency", &title, ground, question.span)?;
    let known = Known {
        ground,
        own: Emergency::as_of(ground.asked.reader, ground.asked.known)?,
        people: People::as_of(ground.asked.reader, ground.asked.known)?,
    };
    let (from, to) = cases::instants(ground, question.span)?;
    let touches = |warning: &&Warning| {
        let (began, ended) = warning.span();
        began < to && ended.is_none_or(|ended| ended >= from)
    };
    let warnings: Vec<&Warning> = known.own.warnings.values().filter(touches).collect();
    if warnings.is_empty() {
        writer.section("预警", "Warnings");
        writer.sentence("本期没有预警。", "No warning was in force.");
    }
    for warning in warnings {
        levels(&mut writer, ground, warning)?;
        let missing = orders::section(&mut writer, &known, warning)?;
        let days = air::section(&mut writer, ground, warning)?;
        lacking(&mut writer, &known, warning, missing, days);
    }
    Ok(writer.done())
}

fn name_of(level: Level) -> Text {
    let own = level.words();
    Text::new(own.zh, own.en)
}

/// Where a number of a warning is read from, and explained.
fn of_warning(warning: &Warning, own: Number) -> Number {
    let source = Text::new("预警台账", "the ledger of warnings");
    let explain = format!("/api/v1/emergency/warnings/{}", warning.number);
    Number { source, explain, ..own }
}

fn basis_words(basis: &Basis) -> Text {
    let Words { zh, en } = BasisAnswer::of(basis).text;
    Text::new(zh, en)
}

/// The warning and its levels over time.
fn levels(writer: &mut Writer, ground: &Ground<'_>, warning: &Warning) -> Result<(), Error> {
    let title = &warning.number;
    writer.section(format!("预警 {title}"), format!("Warning {title}"));
    let now = ground.asked.now;
    let (from, to) = warning.span();
    let hours = |from: Timestamp, to: Option<Timestamp>| {
        (to.unwrap_or(now).min(now) - from).max(0) as f64 / HOUR_MS as f64
    };
    let keep = |writer: &mut Writer, zh: &str, en: &str, value: f64| {
        let of = number(Text::new(zh, en), format!("{value:.1}"));
        writer.keep(of_warning(warning, Number { unit: Text::new("小时", "h"), ..of }))
    };
    let lasted = keep(writer, "预警历时", "how long the warning lasted", hours(from, to));
    let began = minute(ground, from)?;
    let (zh, en) = match &warning.lifted {
        Some(lifted) => {
            let at = minute(ground, lifted.said.at)?;
            let basis = basis_words(&lifted.basis);
            (
                format!("{at} 解除（依据：{}；{}）", basis.zh, lifted.note),
                format!("lifted {at} (on {}; {})", basis.en, lifted.note),
            )
        }
        None => ("尚未解除".to_owned(), "not lifted yet".to_owned()),
    };
    writer.sentence(
        format!("{began} 起，历时 {{{lasted}}}；{zh}。"),
        format!("From {began}, for {{{lasted}}}; {en}."),
    );
    let mut rows = vec![];
    for span in &warning.levels {
        let of = keep(writer, "级别历时", "how long the level lasted", hours(span.from, span.to));
        rows.push(level_row(ground, span, of)?);
    }
    let columns = vec![
        head("级别", "Level"),
        head("起", "From"),
        head("止", "To"),
        head("历时", "Lasted"),
        head("依据", "Basis"),
        head("说明", "Note"),
        head("发布人", "Declared by"),
        head("录入", "Entered"),
    ];
    writer.table(Text::new("级别变化", "Levels over time"), columns, rows);
    Ok(())
}

fn level_row(ground: &Ground<'_>, span: &LevelSpan, lasted: String) -> Result<Vec<Cell>, Error> {
    let to = match span.to {
        Some(to) => same(minute(ground, to)?),
        None => none("仍在实施", "still in force"),
    };
    Ok(vec![
        Cell::Text { text: name_of(span.level) },
        same(minute(ground, span.from)?),
        to,
        code(lasted),
        Cell::Text { text: basis_words(&span.basis) },
        same(span.note.clone()),
        same(span.said.who.clone()),
        same(minute(ground, span.said.entered)?),
    ])
}

/// What was missing, said plainly.
fn lacking(
    writer: &mut Writer,
    known: &Known<'_>,
    warning: &Warning,
    orders: Vec<Text>,
    days: Vec<Text>,
) {
    let zh_title = format!("{}：缺什么", warning.number);
    writer.section(zh_title, format!("{}: what was missing", warning.number));
    let mut all = orders;
    all.extend(days);
    let late = |from: Timestamp, entered: Timestamp| entered - from > HOUR_MS;
    let receipts = warning.orders.iter().filter_map(|own| own.received.as_ref());
    let feedback = warning.orders.iter().flat_map(|own| own.feedback.iter().map(|own| &own.said));
    let afterwards = receipts.chain(feedback).filter(|said| late(said.at, said.entered)).count();
    let levels = warning.levels.iter().filter(|own| late(own.said.at, own.said.entered)).count();
    if afterwards + levels > 0 {
        all.push(Text::new(
            format!("有 {levels} 次级别、{afterwards} 次签收或反馈是事后一小时以上补录的。"),
            format!("{levels} levels and {afterwards} receipts or feedbacks were entered more than an hour afterwards."),
        ));
    }
    if !warning.levels.iter().any(|own| matches!(own.basis, Basis::Forecast { .. })) {
        all.push(Text::new(
            "没有一次级别以预报为依据，因此没有预报可与实况比较。",
            "No level rests on a forecast, so none can be compared with what came.",
        ));
    }
    if !known.own.unread.is_empty() {
        let count = known.own.unread.len();
        all.push(Text::new(
            format!("有 {count} 条记录无法读取，未计入。"),
            format!("{count} acts could not be read and are left out."),
        ));
    }
    if all.is_empty() {
        writer.sentence("没有发现缺失。", "Nothing was found missing.");
    }
    for text in all {
        writer.doubt(text.zh, text.en);
    }
}

/// A count of orders.
fn orders_count(writer: &mut Writer, warning: &Warning, name: Text, value: usize) -> String {
    let of = count(name, value, Text::new("份", "orders"), Text::default());
    writer.keep(of_warning(warning, of))
}

/// The name of a unit.
fn unit_of(known: &Known<'_>, key: &str) -> Text {
    known.people.unit(key).map_or_else(|| Text::same(key), |unit| text_of(&unit.name))
}

/// The name of a place.
fn place_of(known: &Known<'_>, key: &str) -> Cell {
    if key.is_empty() {
        return words("（一般措施）", "(general measures)");
    }
    let view = known.ground.asked.reader.view();
    let registry = view.registry();
    let place = registry.place_id(key).and_then(|id| registry.place(id));
    let text = place.map_or_else(|| Text::same(key), |place| text_of(&place.name));
    Cell::Text { text }
}
