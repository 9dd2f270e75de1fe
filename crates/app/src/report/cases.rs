//! Counts of cases and of what arrived, without names.

use super::writer::{Writer, code, count, head, none, words};
use super::{Error, Ground};
use account::Text;
use account::report::{Made, Number};
use control::Case;
use engine::desk::{Cases, Desk};
use model::{Counted, LedgerTotals, Timestamp};
use standards::Span;
use std::sync::Arc;

/// The cases as they were known; none where there is no desk.
///
/// # Errors
/// When they cannot be read.
pub fn known(ground: &Ground<'_>) -> Result<Arc<Cases>, Error> {
    let asked = &ground.asked;
    Ok(Desk::as_of(asked.reader, asked.known, asked.zone)?)
}

/// The instants of civil days: the first of the first, and that after the last.
///
/// # Errors
/// When a day has no place in the calendar.
pub fn instants(ground: &Ground<'_>, span: Span) -> Result<(Timestamp, Timestamp), Error> {
    let zone = ground.asked.zone;
    Ok((zone.day(span.first())?.start(), zone.day(span.last())?.end()))
}

/// When a case was closed, or set aside; none while somebody has to do something.
fn ended(case: &Case) -> Option<Timestamp> {
    let closed = case.run().and_then(|run| run.closed);
    let last = case.history.last().map(|last| last.at);
    if case.is_open() { None } else { closed.or(last) }
}

/// The section on cases.
///
/// # Errors
/// When they cannot be read.
pub fn section(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let (from, to) = instants(ground, span)?;
    let cases = known(ground)?;
    writer.section("办件", "Cases");
    let within = |at: Timestamp| from <= at && at < to;
    let collected = cases.values().filter(|case| within(case.begun())).count();
    let done = cases.values().filter(|case| ended(case).is_some_and(within)).count();
    let is_open_at_end =
        |case: &&Arc<Case>| case.begun() < to && ended(case).is_none_or(|at| at >= to);
    let open = cases.values().filter(is_open_at_end).count();
    let source = || Text::new("办件台账", "the desk");
    let unit = || Text::new("件", "cases");
    let [collected, ended, open] = [
        ("本期收到", "collected", collected),
        ("本期办结", "ended", done),
        ("期末在办", "open at the end", open),
    ]
    .map(|(zh, en, value)| writer.keep(count(Text::new(zh, en), value, unit(), source())));
    writer.sentence(
        format!("本期收到 {{{collected}}}，办结 {{{ended}}}，期末在办 {{{open}}}。"),
        format!("Collected: {{{collected}}}; ended: {{{ended}}}; open at the end: {{{open}}}."),
    );
    Ok(())
}

/// The section on what arrived: received = stored + duplicate + rejected + quarantined, as sums that can be added up.
///
/// # Errors
/// When the ledger cannot be read.
pub fn ledger(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let (from, to) = instants(ground, span)?;
    let mut totals = [LedgerTotals::default(), LedgerTotals::default()];
    for entry in ground.asked.reader.ledger(from, to)? {
        totals[usize::from(entry.unit == Counted::Reading)].add(entry.disposition, entry.count);
    }
    writer.section("数据台账", "What arrived");
    let mut rows = vec![];
    let kinds = [("报文", "frames", "条"), ("读数", "readings", "个")];
    for ((zh, en, unit), own) in kinds.into_iter().zip(totals) {
        if own.received == 0 {
            let reason = || none("本期没有到达", "nothing arrived");
            rows.push(vec![words(zh, en), reason(), reason(), reason(), reason(), reason()]);
            continue;
        }
        let one_day = span.first() == span.last();
        let explain = format!("/api/v1/ledger?day={}", span.first());
        let explain = if one_day { explain } else { String::new() };
        let mut parts = vec![];
        for (part_zh, part_en, value) in [
            ("入库", "stored", own.stored),
            ("重复", "duplicate", own.duplicate),
            ("拒收", "rejected", own.rejected),
            ("隔离", "quarantined", own.quarantined),
        ] {
            let name = Text::new(format!("{zh}{part_zh}"), format!("{en} {part_en}"));
            let number =
                count(name, value, Text::new(unit, en), Text::new("数据台账", "the ledger"));
            parts.push(writer.keep(Number { explain: explain.clone(), ..number }));
        }
        let name = Text::new(format!("{zh}收到"), format!("{en} received"));
        let sum =
            count(name, own.received, Text::new(unit, en), Text::new("数据台账", "the ledger"));
        let made = Made::Sum { of: parts.clone() };
        let sum = writer.made(Number { made, explain, ..sum })?.unwrap_or_default();
        let mut row = vec![words(zh, en), code(sum)];
        row.extend(parts.into_iter().map(code));
        rows.push(row);
    }
    let columns = vec![
        head("", ""),
        head("收到", "Received"),
        head("入库", "Stored"),
        head("重复", "Duplicate"),
        head("拒收", "Rejected"),
        head("隔离", "Quarantined"),
    ];
    writer.table(Text::new("按到达时间", "By the time of arrival"), columns, rows);
    Ok(())
}
