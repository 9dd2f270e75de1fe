//! Who is commended in a span, and why: the names for those who may see cases, the counts for everybody.

use super::writer::{Writer, code, count, head, number, same, span_words, text_of, words};
use super::{Error, Ground, Question};
use crate::commend::{consents, judged, lists};
use account::Text;
use account::commend::{Judged, List, Whom};
use account::report::{Cell, Number, Report, shortest};
use engine::people::People;
use standards::Span;

/// Puts it together, with the names of units, and of people who agreed to be named.
///
/// # Errors
/// When something cannot be read or computed.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let when = span_words(question.span);
    let title = Text::new(format!("表彰名单（{}）", when.zh), format!("commended, {}", when.en));
    let mut writer = Writer::new("commendations", &title, ground, question.span)?;
    let asked = &ground.asked;
    let agreed = consents(asked.reader, asked.known)?;
    let people = People::as_of(asked.reader, asked.known)?;
    for (list, _, _) in lists(asked.reader, asked.known)?.values() {
        if !list.holds_on(question.span.last()) {
            continue;
        }
        writer.section(list.name.zh.as_str(), list.name.en.as_str());
        let all = judged(ground, list, question.span)?;
        criteria(&mut writer, list);
        counts(&mut writer, list, &all);
        let placed = all.iter().filter(|own| own.place.is_some());
        let (named, unnamed): (Vec<_>, Vec<_>) =
            placed.partition(|own| list.of == Whom::Units || agreed.contains(&own.candidate.key));
        if !named.is_empty() {
            let rows = named.iter().map(|own| row(&mut writer, list, &people, own)).collect();
            let mut columns = vec![head("名次", "Place"), head("名称", "Who")];
            columns.extend(list.criterion.iter().map(|own| own.name.clone()));
            writer.table(Text::new("名单与理由", "The list, and why"), columns, rows);
        }
        if !unnamed.is_empty() {
            let count = unnamed.len();
            writer.doubt(
                format!("另有 {count} 人符合条件，未同意公布姓名。"),
                format!("{count} more are on the list and did not agree to be named."),
            );
        }
    }
    Ok(writer.done())
}

/// The section of a report for everybody: criteria and counts, no names.
///
/// # Errors
/// When something cannot be read or computed.
pub fn section(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let adopted = lists(ground.asked.reader, ground.asked.known)?;
    let adopted =
        adopted.values().filter(|(list, _, kept)| kept.is_some() && list.holds_on(span.last()));
    for (at, (list, _, _)) in adopted.enumerate() {
        if at == 0 {
            writer.section("表彰", "Commendations");
        }
        let all = judged(ground, list, span)?;
        criteria(writer, list);
        counts(writer, list, &all);
    }
    Ok(())
}

/// What has to be met, in words.
fn criteria(writer: &mut Writer, list: &List) {
    let row = |own: &account::commend::Criterion| {
        let mut parts = vec![];
        parts.extend(own.at_least.as_ref().map(|own| format!("≥ {}", shortest(&own.0))));
        parts.extend(own.at_most.as_ref().map(|own| format!("≤ {}", shortest(&own.0))));
        let order =
            if own.key == list.order { words("排序依据", "orders the list") } else { same("") };
        vec![Cell::Text { text: own.name.clone() }, same(parts.join(", ")), order]
    };
    let columns = vec![head("条件", "Criterion"), head("要求", "Asked"), head("", "")];
    let title = Text::new(
        format!("{}：条件事先公布，全部满足者入选，至多 {} 名", list.name.zh, list.places),
        format!("{}: whoever meets all of these, {} places at most", list.name.en, list.places),
    );
    writer.table(title, columns, list.criterion.iter().map(row).collect());
}

fn counts(writer: &mut Writer, list: &List, all: &[Judged]) {
    let (zh, en) = match list.of {
        Whom::Units => ("个单位", "units"),
        Whom::People => ("人", "people"),
    };
    let mut keep = |name: (&str, &str), value: usize| {
        let name = Text::new(
            format!("{} · {}", list.name.zh, name.0),
            format!("{} · {}", list.name.en, name.1),
        );
        writer.keep(count(name, value, Text::new(zh, en), Text::new("办件台账", "the desk")))
    };
    let looked = keep(("参评", "looked at"), all.len());
    let placed =
        keep(("入选", "on the list"), all.iter().filter(|own| own.place.is_some()).count());
    writer.sentence(
        format!("参评 {{{looked}}}，入选 {{{placed}}}。"),
        format!("Looked at: {{{looked}}}; on the list: {{{placed}}}."),
    );
}

fn row(writer: &mut Writer, list: &List, people: &People, own: &Judged) -> Vec<Cell> {
    let key = &own.candidate.key;
    let name = match list.of {
        Whom::Units => people.unit(key).map_or_else(|| Text::same(key), |unit| text_of(&unit.name)),
        Whom::People => Text::same(key),
    };
    let mut cells = vec![
        same(own.place.map(|place| place.to_string()).unwrap_or_default()),
        Cell::Text { text: name.clone() },
    ];
    for (criterion, amount) in list.criterion.iter().zip(&own.candidate.amounts) {
        cells.push(match amount {
            Err(reason) => Cell::Missing { reason: reason.clone() },
            Ok(amount) => {
                let of = Text::new(
                    format!("{} · {}", name.zh, criterion.name.zh),
                    format!("{} · {}", name.en, criterion.name.en),
                );
                let source = Text::new("办件台账", "the desk");
                code(writer.keep(Number { source, ..number(of, shortest(amount)) }))
            }
        });
    }
    cells
}
