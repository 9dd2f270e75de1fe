//! The orders of a warning: given, received, done, kept with confidence.

use super::{Known, of_warning, orders_count, place_of, unit_of};
use crate::orders::{Asked, Checked, checked, state};
use crate::report::Error;
use crate::report::writer::{Writer, code, head, minute, none, number, same, words};
use account::report::{Cell, Number};
use account::{Basis, Text};
use control::emergency::{Kept, Standing, Unclear, Warning};

/// Writes it down; gives what was missing.
///
/// # Errors
/// When readings cannot be read, or numbers do not fit exact arithmetic.
pub(super) fn section(
    writer: &mut Writer,
    known: &Known<'_>,
    warning: &Warning,
) -> Result<Vec<Text>, Error> {
    let title = &warning.number;
    writer.section(format!("{title}：指令"), format!("{title}: orders"));
    if warning.orders.is_empty() {
        writer.sentence(
            "没有发出指令：当时有效的预案未规定措施。",
            "No order was given: the plan in force called for nothing.",
        );
        return Ok(vec![]);
    }
    let asked = Asked {
        reader: known.ground.asked.reader,
        known: known.ground.asked.known,
        rule: &known.own.rule,
        now: known.ground.asked.now,
    };
    let mut all = vec![];
    for own in &warning.orders {
        let checks =
            checked(asked, (warning, own)).map_err(|error| Error::Readings(error.to_string()))?;
        all.push((own, checks));
    }
    counts(writer, warning, &all)?;
    let mut rows = vec![];
    for (own, checks) in &all {
        rows.push(row(writer, known, (warning, own), checks)?);
    }
    let columns = vec![
        head("编号", "No."),
        head("单位", "Unit"),
        head("对象", "Place"),
        head("措施", "Measures"),
        head("发出", "Given"),
        head("签收", "Received"),
        head("完成", "Done"),
        head("提醒", "Reminders"),
        head("落实", "Kept"),
        head("把握（%）", "Confidence (%)"),
        head("降幅（%）", "Reduction (%)"),
    ];
    writer.table(Text::new("各指令", "Orders"), columns, rows);
    writer.sentence(
        "落实与否只由指令前后的小时读数比较得出，不能区分措施与同时发生的其他变化；不明的不作任何判断。",
        "Whether an order was kept is a comparison of hours before and since; it cannot tell a measure from anything else that changed. Where it is unclear nothing is said against anybody.",
    );
    Ok(missing(known, &all))
}

fn counts(
    writer: &mut Writer,
    warning: &Warning,
    all: &[(&Standing, Vec<Checked>)],
) -> Result<(), Error> {
    let of = |is: &dyn Fn(&Standing) -> bool| all.iter().filter(|(own, _)| is(own)).count();
    let in_time =
        |own: &Standing| own.received.as_ref().is_some_and(|said| said.at <= own.order.receive_by);
    let done_in_time = |own: &Standing| own.done_at().is_some_and(|at| at <= own.order.done_by);
    let kept = |name: &str| all.iter().filter(|(_, checks)| state(checks) == name).count();
    let lists = [
        ("发出", "given", all.len()),
        ("签收", "received", of(&|own| own.received.is_some())),
        ("按时签收", "received in time", of(&in_time)),
        ("报完成", "reported done", of(&Standing::is_done)),
        ("按时报完成", "reported done in time", of(&done_in_time)),
        ("读数显示已落实", "kept, as readings say", kept("kept")),
        ("读数显示未落实", "not kept, as readings say", kept("not_kept")),
        ("不明", "unclear", kept("unclear")),
    ];
    let mut given = String::new();
    let mut rows = vec![];
    for (at, (zh, en, value)) in lists.into_iter().enumerate() {
        let own = orders_count(writer, warning, Text::new(zh, en), value);
        if at == 0 {
            given.clone_from(&own);
        }
        let share = if at == 0 {
            same("")
        } else {
            let name = Text::new(format!("{zh}比例"), format!("share {en}"));
            match writer.share(name, (&own, &given), Basis::Units)? {
                Some(share) => code(share),
                None => none("没有指令", "no order"),
            }
        };
        rows.push(vec![words(zh, en), code(own), share]);
    }
    let columns = vec![
        head("项目", "Item"),
        head("数量", "Count"),
        head("占发出（%）", "Of those given (%)"),
    ];
    writer.table(Text::new("指令数量", "Counts of orders"), columns, rows);
    Ok(())
}

fn row(
    writer: &mut Writer,
    known: &Known<'_>,
    (warning, own): (&Warning, &Standing),
    checks: &[Checked],
) -> Result<Vec<Cell>, Error> {
    let order = &own.order;
    let of_order = |zh: &str, en: &str| {
        Text::new(format!("{zh} · 指令 {}", order.number), format!("{en} · order {}", order.number))
    };
    let texts = order.measures.iter().map(|own| &own.measure.text);
    let (zh, en): (Vec<_>, Vec<_>) = texts.map(|own| (own.zh.clone(), own.en.clone())).unzip();
    let ground = known.ground;
    let received = match &own.received {
        Some(said) => same(format!("{} {}", minute(ground, said.at)?, said.who)),
        None => none("无人签收", "nobody received it"),
    };
    let done = match own.feedback.iter().find(|own| own.done) {
        Some(own) => same(format!("{} {}", minute(ground, own.said.at)?, own.note)),
        None => none("未报完成", "not reported done"),
    };
    let reminders = number(of_order("提醒次数", "reminders"), own.reminders.len().to_string());
    let reminders = writer.keep(of_warning(warning, reminders));
    let deciding = checks.iter().find(|own| own.kept.name() == state(checks)).or(checks.first());
    let (kept, [confidence, reduction]) = match deciding {
        None => (Cell::Missing { reason: reason(Unclear::NoCheck) }, [same(""), same("")]),
        Some(own) => (said(&own.kept), numbers(writer, warning, &of_order, own)),
    };
    Ok(vec![
        same(order.number.to_string()),
        Cell::Text { text: unit_of(known, &order.unit) },
        place_of(known, &order.place),
        words(zh.join("；"), en.join("; ")),
        same(minute(ground, order.given)?),
        received,
        done,
        code(reminders),
        kept,
        confidence,
        reduction,
    ])
}

fn said(kept: &Kept) -> Cell {
    match kept {
        Kept::Yes(_) => words("已落实", "kept"),
        Kept::No(_) => words("未落实", "not kept"),
        Kept::Unclear(why, _) => Cell::Missing { reason: reason(*why) },
    }
}

fn reason(why: Unclear) -> Text {
    let own = why.words();
    Text::new(format!("不明：{}", own.zh), format!("unclear: {}", own.en))
}

/// The confidence and the reduction of a check, with what was compared.
fn numbers(
    writer: &mut Writer,
    warning: &Warning,
    of_order: &impl Fn(&str, &str) -> Text,
    own: &Checked,
) -> [Cell; 2] {
    let Some(compared) = own.kept.compared() else {
        return [same(""), same("")];
    };
    let [before, since] = own.hours;
    let (place, parameter) = (&own.check.place, &own.check.parameter);
    let (was, is) = (compared.before, compared.since);
    let source = Text::new(
        format!(
            "{place} {parameter}：之前 {before} 小时均值 {was:.2}，之后 {since} 小时均值 {is:.2}；要求下降 {} %",
            own.check.reduction_percent
        ),
        format!(
            "{parameter} at {place}: mean of {before} h before {was:.2}, of {since} h since {is:.2}; asked for {} % less",
            own.check.reduction_percent
        ),
    );
    let percent = Text::same("%");
    let mut keep = |name: Text, value: String| {
        let of = Number { unit: percent.clone(), ..number(name, value) };
        let of = Number { source: source.clone(), ..of_warning(warning, of) };
        code(writer.keep(of))
    };
    let confidence =
        keep(of_order("落实的把握", "confidence that it was kept"), compared.confidence_percent());
    let reduction = format!("{:.1}", compared.reduction_percent);
    [confidence, keep(of_order("降幅", "reduction"), reduction)]
}

fn missing(known: &Known<'_>, all: &[(&Standing, Vec<Checked>)]) -> Vec<Text> {
    let named = |is: &dyn Fn(&Standing, &[Checked]) -> bool| -> Vec<String> {
        let own = all.iter().filter(|(own, checks)| is(own, checks));
        own.map(|(own, _)| own.order.number.to_string()).collect()
    };
    let lists = [
        ("无人签收的指令", "orders that nobody received", named(&|own, _| own.received.is_none())),
        (
            "签收后未报完成的指令",
            "orders received and not reported done",
            named(&|own, _| own.received.is_some() && !own.is_done()),
        ),
        (
            "预案未规定核对指标的指令",
            "orders for which the plan names no check",
            named(&|_, checks| checks.is_empty()),
        ),
        (
            "有核对指标而读数不足以判断的指令",
            "orders with a check whose readings do not tell",
            named(&|_, checks| !checks.is_empty() && state(checks) == "unclear"),
        ),
    ];
    let mut said = vec![];
    for (zh, en, numbers) in lists {
        if !numbers.is_empty() {
            let all = numbers.join(", ");
            said.push(Text::new(format!("{zh}：{all}。"), format!("{en}: {all}.")));
        }
    }
    if known.own.rule_sequence == 0 {
        said.push(Text::new(
            "时限与把握的界限是程序自带的，本区尚未设定。",
            "times and the bound of confidence are those that come with the program; the district set none.",
        ));
    }
    said
}
