//! The daily brief: the index of the district, of every area and every station, what exceeded, cases, the ledger.

use super::air::{self, Whose, areas, category, district, stations};
use super::writer::{Writer, code, head, missing, none, number, same, span_words, words};
use super::{Error, Ground, Question, cases};
use account::Text;
use account::report::{Cell, Number, Report};
use engine::assess::Day;
use standards::Span;
use standards::air::comparison::Item;
use standards::air::{Averaging, NotAssessed, Pollutant};
use std::sync::Arc;

/// Puts it together, of the last day of the span.
///
/// # Errors
/// When something cannot be read or computed.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let last = question.span.last();
    let span = Span::new(last, last).unwrap_or(question.span);
    let when = span_words(span);
    let title =
        Text::new(format!("环境质量日报（{}）", when.zh), format!("daily brief of {}", when.en));
    let mut writer = Writer::new("day", &title, ground, span)?;
    writer.air_judged_by(ground, span);
    writer.section("空气质量", "Air");
    let district = district(ground, span);
    headline(&mut writer, ground, &district, span)?;
    let (stations, areas) = (stations(ground, span), areas(ground, span));
    let mut exceeded = vec![];
    let titles =
        [("各街道", "Sub-districts", areas, false), ("各站点", "Stations", stations, true)];
    for (zh, en, all, is_station) in titles {
        let mut rows = vec![];
        for one in &all {
            let day = one.days(ground, span)?.get(&last).cloned();
            rows.push(row(&mut writer, ground, one, day.as_ref(), span)?);
            if let Some(day) = day.filter(|_| is_station) {
                exceeded.extend(above(&mut writer, ground, one, &day, span)?);
            }
        }
        if !rows.is_empty() {
            writer.table(Text::new(zh, en), columns(), rows);
        }
    }
    writer.section("超标", "What exceeded");
    if exceeded.is_empty() {
        writer.sentence(
            "没有站点的日均值（臭氧为日最大 8 小时）超过二级限值。",
            "No station's daily mean (of ozone the largest 8 h mean) is above its limit.",
        );
    } else {
        let columns = vec![
            head("站点", "Station"),
            head("项目", "Item"),
            head("数值", "Value"),
            head("限值", "Limit"),
            head("超标倍数", "Times above"),
        ];
        let title = Text::new("日均值超过限值的站点", "Stations above the limit of a day");
        writer.table(title, columns, exceeded);
    }
    cases::section(&mut writer, ground, span)?;
    cases::ledger(&mut writer, ground, span)?;
    Ok(writer.done())
}

/// The district in a sentence.
fn headline(
    writer: &mut Writer,
    ground: &Ground<'_>,
    district: &Whose,
    span: Span,
) -> Result<(), Error> {
    let days = district.days(ground, span)?;
    let day = days.get(&span.last());
    let Some((day, aqi)) = day.and_then(|day| Some((day, day.values.aqi?))) else {
        let why = day.and_then(|day| day.reason.clone()).unwrap_or(NotAssessed::NoData);
        let why = super::writer::said(&why);
        writer.doubt(
            format!("全区当日没有空气质量指数：{}。", why.zh),
            format!("The district has no index of this day: {}.", why.en),
        );
        return Ok(());
    };
    let aqi = writer.keep(Number {
        source: Text::new("本系统评价", "judged by this system"),
        explain: district.explain("aqi", span),
        ..number(Text::new("全区 AQI", "AQI of the district"), aqi.to_string())
    });
    let class = category(ground, span.last(), day.values.level);
    let (zh, en) = class
        .map_or_else(Default::default, |own| (own.name_zh.to_string(), own.name_en.to_string()));
    let primary = primary(day);
    let (of_zh, of_en) = if primary.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("，首要污染物 {primary}"), format!(", primary pollutant {primary}"))
    };
    writer.sentence(
        format!("全区空气质量指数（AQI）{{{aqi}}}，{zh}{of_zh}（{}）。", day.edition),
        format!(
            "Air quality index (AQI) of the district: {{{aqi}}}, {en}{of_en} ({}).",
            day.edition
        ),
    );
    if day.doubtful {
        writer.doubt(
            "其中部分数值依据的标准条款尚有疑问，见各数字的说明。",
            "Something of it rests on a row of law that is not well established; each number's explanation says which.",
        );
    }
    Ok(())
}

fn primary(day: &Day) -> String {
    day.values.primary.iter().map(|own| own.symbol()).collect::<Vec<_>>().join("、")
}

fn columns() -> Vec<Text> {
    let mut all = vec![
        head("名称", "Name"),
        head("AQI", "AQI"),
        head("级别", "Class"),
        head("首要污染物", "Primary"),
    ];
    for pollutant in Pollutant::ALL {
        let unit = air::unit(Item::Pollutant(pollutant));
        all.push(Text::same(format!("{} {}", pollutant.symbol(), unit.en)));
    }
    all
}

/// One station or area: index, class, six values.
fn row(
    writer: &mut Writer,
    ground: &Ground<'_>,
    one: &Whose,
    day: Option<&Arc<Day>>,
    span: Span,
) -> Result<Vec<Cell>, Error> {
    let name = Cell::Text { text: one.name.clone() };
    let Some(day) = day else {
        let mut cells = vec![name, missing(&NotAssessed::NoData)];
        cells.resize_with(columns().len(), || words("", ""));
        return Ok(cells);
    };
    let mut cells = vec![name];
    cells.push(match day.values.aqi {
        Some(aqi) => code(writer.keep(Number {
            source: Text::new("本系统评价", "judged by this system"),
            explain: one.explain("aqi", span),
            ..number(named("AQI", &one.name), aqi.to_string())
        })),
        None => missing(day.reason.as_ref().unwrap_or(&NotAssessed::NoData)),
    });
    let class = category(ground, span.last(), day.values.level);
    cells.push(class.map_or_else(|| words("", ""), |own| words(&*own.name_zh, &*own.name_en)));
    cells.push(same(primary(day)));
    for pollutant in Pollutant::ALL {
        let value = printed(ground, day, pollutant, span)?;
        cells.push(match value {
            Some(value) => code(writer.keep(Number {
                unit: air::unit(Item::Pollutant(pollutant)),
                source: Text::new("本系统评价", "judged by this system"),
                explain: one.explain(pollutant.symbol(), span),
                ..number(named(pollutant.symbol(), &one.name), value)
            })),
            None => none("无", "none"),
        });
    }
    Ok(cells)
}

fn named(item: &str, of: &Text) -> Text {
    Text::new(format!("{item} · {}", of.zh), format!("{item} · {}", of.en))
}

/// A pollutant's day as it is published.
fn printed(
    ground: &Ground<'_>,
    day: &Day,
    pollutant: Pollutant,
    span: Span,
) -> Result<Option<String>, Error> {
    let Some(value) = day.values.values[pollutant.index()] else { return Ok(None) };
    let set = ground.asked.set_on(span.last());
    let places = set.map_or(0, |set| set.index.decimals(pollutant));
    Ok(Some(value.half_even(places)?.fixed(places)))
}

/// What of a station is above the limit of a day.
fn above(
    writer: &mut Writer,
    ground: &Ground<'_>,
    one: &Whose,
    day: &Day,
    span: Span,
) -> Result<Vec<Vec<Cell>>, Error> {
    let Some(set) = ground.asked.set_on(span.last()) else { return Ok(vec![]) };
    let limits = set.limits(ground.asked.law.settings().grade());
    let mut rows = vec![];
    for pollutant in Pollutant::ALL {
        let averaging =
            if pollutant == Pollutant::O3 { Averaging::DailyMax8h } else { Averaging::Day };
        let row = limits.limits.on(limits.date, pollutant.symbol(), averaging);
        let Some((row, value)) = row.zip(day.values.values[pollutant.index()]) else { continue };
        let places = set.index.decimals(pollutant);
        let (value, limit) = (value.half_even(places)?, row.value(limits.grade));
        if value <= limit {
            continue;
        }
        let unit = air::unit(Item::Pollutant(pollutant));
        let explain = one.explain(pollutant.symbol(), span);
        let of = |zh: &str, en: &str| {
            let (name, symbol) = (&one.name, pollutant.symbol());
            Text::new(format!("{symbol}{zh} · {}", name.zh), format!("{symbol}{en} · {}", name.en))
        };
        let source = Text::new("本系统评价", "judged by this system");
        let own = writer.keep(Number {
            unit: unit.clone(),
            source: source.clone(),
            explain: explain.clone(),
            ..number(of("", ""), value.fixed(places))
        });
        let limit_code = writer.keep(Number {
            unit,
            source: Text::same(format!("{} {}", row.standard, row.phase)),
            ..number(of(" 限值", " limit"), limit.to_string())
        });
        let times = value.minus(&limit)?.over(&limit)?.fixed(2);
        let times = writer.keep(Number {
            source,
            explain,
            ..number(of(" 超标倍数", " times above"), times)
        });
        let name = Cell::Text { text: one.name.clone() };
        rows.push(vec![name, same(pollutant.symbol()), code(own), code(limit_code), code(times)]);
    }
    Ok(rows)
}
