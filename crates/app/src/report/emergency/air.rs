//! The air before, during and after a warning, beside what the forecast had said of it.

use crate::report::air::{category, district};
use crate::report::writer::{Writer, code, head, missing, none, number, words};
use crate::report::{Error, Ground};
use account::Text;
use account::report::{Cell, Made, Number};
use control::emergency::{Basis, DayAhead, Warning};
use jiff::ToSpan;
use jiff::civil::Date;
use standards::Span;
use standards::air::NotAssessed;

/// Days that are shown before and after.
const DAYS_AROUND: i64 = 3;
/// Days that are shown in all.
const DAYS_MAX: u32 = 120;

/// Writes it down; gives what was missing.
///
/// # Errors
/// When days cannot be judged.
pub(super) fn section(
    writer: &mut Writer,
    ground: &Ground<'_>,
    warning: &Warning,
) -> Result<Vec<Text>, Error> {
    let title = &warning.number;
    writer.section(format!("{title}：空气质量"), format!("{title}: the air"));
    let zone = ground.asked.zone;
    let (from, to) = warning.span();
    let today = zone.date(ground.asked.now)?;
    let (first, last) = (zone.date(from)?, zone.date(to.unwrap_or(ground.asked.now))?);
    let shown = (first.saturating_sub(DAYS_AROUND.days()), last.saturating_add(DAYS_AROUND.days()));
    let span = Span::new(shown.0, shown.1.min(today).max(shown.0));
    let Some(span) = span.filter(|span| span.len() <= DAYS_MAX) else {
        writer.doubt(
            format!("预警超过 {DAYS_MAX} 天，不逐日列出。"),
            format!("The warning lasted more than {DAYS_MAX} days; they are not listed."),
        );
        return Ok(vec![]);
    };
    let air = district(ground, span);
    writer.air_judged_by(ground, span);
    let days = air.days(ground, span)?;
    let (mut rows, mut lacking) = (vec![], vec![]);
    let mut date = span.first();
    while date <= span.last() {
        let day = days.get(&date);
        let own = Span::new(date, date).unwrap_or(span);
        let measured = day.and_then(|day| day.values.aqi).map(|aqi| {
            let name =
                Text::new(format!("全区 AQI · {date}"), format!("AQI of the district · {date}"));
            let source = Text::new("本系统评价", "judged by this system");
            let explain = air.explain("aqi", own);
            writer.keep(Number { source, explain, ..number(name, aqi.to_string()) })
        });
        if measured.is_none() {
            lacking.push(date.to_string());
        }
        let why = || {
            let reason = day.and_then(|day| day.reason.clone()).unwrap_or(NotAssessed::NoData);
            missing(&reason)
        };
        let level = day.and_then(|day| category(ground, date, day.values.level));
        let [middle, high, off] = forecast(writer, warning, date, measured.as_deref())?;
        rows.push(vec![
            Cell::Text { text: Text::same(date.to_string()) },
            phase(date, (first, last), warning.stands()),
            in_force(ground, warning, date)?,
            measured.clone().map_or_else(why, code),
            level.map_or_else(
                || none("无", "none"),
                |own| words(own.name_zh.to_string(), own.name_en.to_string()),
            ),
            middle,
            high,
            off,
        ]);
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    let columns = vec![
        head("日期", "Day"),
        head("时段", "Phase"),
        head("预警级别", "Level in force"),
        head("AQI", "AQI"),
        head("空气质量", "Air"),
        head("预报 AQI", "AQI forecast"),
        head("预报 95 %", "Forecast, 95 %"),
        head("实况减预报", "Measured less forecast"),
    ];
    writer.table(Text::new("预警前、中、后", "Before, during and after"), columns, rows);
    writer.sentence(
        "空气的变化不等于措施的效果；效果须扣除天气，见“分析 · 措施效果”。",
        "A change of the air is not the effect of the measures: that takes the weather out, see Analysis, effect of a measure.",
    );
    Ok(if lacking.is_empty() {
        vec![]
    } else {
        let all = lacking.join(", ");
        vec![Text::new(format!("没有指数的日：{all}。"), format!("Days without an index: {all}."))]
    })
}

fn phase(date: Date, (first, last): (Date, Date), stands: bool) -> Cell {
    if date < first {
        words("之前", "before")
    } else if date <= last || stands {
        words("期间", "during")
    } else {
        words("之后", "after")
    }
}

/// The strictest level in force on a day.
fn in_force(ground: &Ground<'_>, warning: &Warning, date: Date) -> Result<Cell, Error> {
    let day = ground.asked.zone.day(date)?;
    let touches = warning
        .levels
        .iter()
        .filter(|own| own.from < day.end() && own.to.is_none_or(|to| to > day.start()));
    let level = touches.map(|own| own.level).max();
    Ok(level.map_or_else(|| none("无", "none"), |level| Cell::Text { text: super::name_of(level) }))
}

/// What the last forecast that a level rested on had said of a day: its middle, its 95 %, how far off it was.
fn forecast(
    writer: &mut Writer,
    warning: &Warning,
    date: Date,
    measured: Option<&str>,
) -> Result<[Cell; 3], Error> {
    let of_day = |basis: &Basis| match basis {
        Basis::Forecast { days, source, .. } => {
            let day = days.iter().find(|day| day.date == date);
            day.map(|day| (day.clone(), source.clone()))
        }
        Basis::Document { .. } => None,
    };
    let told = warning.levels.iter().rev().find_map(|own| of_day(&own.basis));
    let Some((DayAhead { aqi, aqi_high, .. }, source)) = told else {
        let nothing = || none("无预报", "no forecast");
        return Ok([nothing(), nothing(), nothing()]);
    };
    let mut keep = |zh: &str, en: &str, value: u16| {
        let name = Text::new(format!("{zh} · {date}"), format!("{en} · {date}"));
        let of = super::of_warning(warning, number(name, value.to_string()));
        let by = source.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let source = Text::new(
            format!("发布预警时的预报{by}"),
            format!("the forecast{by} when the level was declared"),
        );
        writer.keep(Number { source, ..of })
    };
    let middle = keep("预报 AQI（中位）", "AQI forecast, middle", aqi);
    let high = keep("预报 AQI（95 %）", "AQI forecast, 95 %", aqi_high);
    let off = match measured {
        None => none("没有实况", "nothing measured"),
        Some(measured) => {
            let made = Made::Difference { of: measured.to_owned(), less: middle.clone() };
            let name = Text::new(
                format!("实况减预报 · {date}"),
                format!("measured less forecast · {date}"),
            );
            match writer.made(Number { made, ..number(name, "") })? {
                Some(off) => code(off),
                None => none("无", "none"),
            }
        }
    };
    Ok([code(middle), code(high), off])
}
