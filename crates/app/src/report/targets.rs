//! The section on indicators that were adopted: where each stands against its target and against last year.

use super::programmes::light_words;
use super::writer::{Writer, code, head, none, number, same, unit_text, words};
use super::{Error, Ground};
use crate::indicators::{Inputs, Reckoned, compared, editions};
use account::Text;
use account::indicator::{Direction, Trend};
use account::report::{Cell, Made, Number, shortest, signed};
use standards::{Exact, Span};

/// The indicators of a span: the period of each that its last day lies in.
///
/// # Errors
/// When something cannot be read or computed.
pub fn section(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let asked = &ground.asked;
    let day = span.last().min(asked.zone.date(asked.now)?);
    let all = editions(asked.reader, asked.known)?;
    let (mut inputs, mut rows, mut notes) = (Inputs::default(), vec![], vec![]);
    for key in all.keys() {
        let Some(edition) = all.on(key, day).filter(|own| own.sequence.is_some()) else { continue };
        let Some(own) = compared(ground, &mut inputs, &all, edition, day)? else { continue };
        let it = &edition.indicator;
        writer.judged_by(
            "indicator",
            &format!("{key}@{}", edition.sequence.unwrap_or_default()),
            own.now.span,
        );
        let now = value(writer, &own.now)?;
        let then = match &own.then {
            Some(then) => value(writer, then)?,
            None => none("当时没有该指标", "there was no edition"),
        };
        let change = match &own.change {
            Some(Ok((by, trend))) => {
                let (by, (zh, en)) = (signed(by).replace('-', "−"), trend_words(*trend));
                words(format!("{by} {zh}"), format!("{by} {en}"))
            }
            Some(Err(other)) => {
                notes.push(other.0.clone());
                none("口径不同，不比较", "not compared")
            }
            None => none("无法比较", "not comparable"),
        };
        let (target, light) = match &it.target {
            None => (none("未定", "none set"), none("无目标", "no target")),
            Some(target) => {
                let sign = if it.direction == Direction::Up { "≥" } else { "≤" };
                let light = own.now.light.map(light_words);
                let light =
                    light.map_or_else(|| none("不评", "not judged"), |(zh, en)| words(zh, en));
                (same(format!("{sign} {}", shortest(&target.value.0))), light)
            }
        };
        let basis = it.basis.map(account::Basis::words);
        rows.push(vec![
            Cell::Text { text: it.name.clone() },
            basis.map_or_else(
                || same(""),
                |(zh, en)| words(format!("按{zh}计"), format!("by {en}")),
            ),
            Cell::Text { text: unit_text(&it.unit) },
            now,
            then,
            change,
            target,
            light,
        ]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    writer.section("指标与目标", "Indicators and targets");
    let columns = vec![
        head("指标", "Indicator"),
        head("口径", "Basis"),
        head("单位", "Unit"),
        head("本期", "Now"),
        head("上年同期", "Last year"),
        head("变化", "Change"),
        head("目标", "Target"),
        head("灯", "Light"),
    ];
    writer.table(
        Text::new("各项指标，各按其周期截至末日", "Each over its own period, up to the last day"),
        columns,
        rows,
    );
    for note in notes {
        writer.doubt(format!("{}。", note.zh), format!("{}.", note.en));
    }
    Ok(())
}

/// A value as a cell: a share of two kept numbers where it is one, so that it opens to both.
fn value(writer: &mut Writer, own: &Reckoned) -> Result<Cell, Error> {
    let it = &own.edition.indicator;
    let value = match &own.value {
        Ok(value) => value,
        Err(why) => return Ok(Cell::Missing { reason: why.text() }),
    };
    let days = format!("{} – {}", own.span.first(), own.span.last());
    let name = Text::new(format!("{} {days}", it.name.zh), format!("{} {days}", it.name.en));
    let explain = format!("/api/v1/indicators/{}?day={}", it.key, own.span.last());
    let side = |zh: &str, en: &str, sum: &Exact| Number {
        basis: it.basis,
        source: Text::new("本系统按指标定义汇总", "summed by the indicator's definition"),
        explain: explain.clone(),
        ..number(
            Text::new(format!("{} · {zh}", name.zh), format!("{} · {en}", name.en)),
            shortest(sum),
        )
    };
    let whole = Number {
        unit: unit_text(&it.unit),
        basis: it.basis,
        decimals: Some(it.decimals),
        source: Text::same(&it.source),
        explain: explain.clone(),
        ..number(name.clone(), value.printed.as_str())
    };
    let is_percent = it.times.0 == Exact::whole(100);
    if let Some(denominator) = value.denominator.filter(|_| is_percent && it.unit == "%") {
        let of = writer.keep(side("分子", "numerator", &value.numerator));
        let over = writer.keep(side("分母", "denominator", &denominator));
        let made = Made::Share { of, over };
        if let Some(share) = writer.made(Number { made, ..whole })? {
            return Ok(code(share));
        }
        return Ok(none("分母为零：不评", "nothing was due: no case"));
    }
    Ok(code(writer.keep(whole)))
}

fn trend_words(trend: Trend) -> (&'static str, &'static str) {
    match trend {
        Trend::Better => ("好转", "better"),
        Trend::Worse => ("变差", "worse"),
        Trend::Same => ("持平", "the same"),
    }
}
