//! A week, a month, a year of air: against the same span a year earlier, classes of days, month by month, ranks.

use super::air::{Whose, areas, category, district, stations, unit};
use super::writer::{
    Writer, code, count, head, law, missing, none, number, same, span_words, words,
};
use super::{Error, Ground, Question, cases, commended, picture, river, targets};
use account::report::{Cell, Made, Number, Report};
use account::{Basis, Text};
use standards::air::comparison::{self, Comparison, Item, Row};
use standards::air::{Assessment, NotAssessed};
use standards::statistics::ranks;
use standards::{Exact, Span};

/// The weekly bulletin.
///
/// # Errors
/// When something cannot be read or computed.
pub fn week(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let mut writer = begin(ground, question, "week", ("环境空气质量周报", "weekly bulletin"))?;
    air(&mut writer, ground, question.span)?;
    Ok(writer.done())
}

/// The monthly bulletin.
///
/// # Errors
/// When something cannot be read or computed.
pub fn month(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let mut writer = begin(ground, question, "month", ("环境空气质量月报", "monthly bulletin"))?;
    air(&mut writer, ground, question.span)?;
    targets::section(&mut writer, ground, question.span)?;
    cases::section(&mut writer, ground, question.span)?;
    Ok(writer.done())
}

/// The annual summary.
///
/// # Errors
/// When something cannot be read or computed.
pub fn year(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let mut writer = begin(ground, question, "year", ("环境质量年度总结", "annual summary"))?;
    air(&mut writer, ground, question.span)?;
    by_month(&mut writer, ground, question.span)?;
    targets::section(&mut writer, ground, question.span)?;
    water(&mut writer, ground, question.span)?;
    cases::section(&mut writer, ground, question.span)?;
    commended::section(&mut writer, ground, question.span)?;
    cases::ledger(&mut writer, ground, question.span)?;
    Ok(writer.done())
}

fn begin(
    ground: &Ground<'_>,
    question: &Question,
    kind: &str,
    (zh, en): (&str, &str),
) -> Result<Writer, Error> {
    let when = span_words(question.span);
    let title = Text::new(format!("{zh}（{}）", when.zh), format!("{en}, {}", when.en));
    Writer::new(kind, &title, ground, question.span)
}

/// The parts that every span of air has.
fn air(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let before = span.a_year_earlier();
    let own = district(ground, span);
    writer.air_judged_by(ground, span);
    writer.air_judged_by(ground, before);
    writer.section("空气质量", "Air");
    let (now, then) = (own.assess(ground, span)?, district(ground, before).assess(ground, before)?);
    let Some(now) = now else {
        writer.doubt(
            "该时段没有现行的空气质量标准，不予评价。",
            "No edition of the standards was in force, so that nothing is judged.",
        );
        return Ok(());
    };
    if let Some(then) = then {
        let compared = comparison::compare(&now, &then)?;
        indicators(writer, &own, &compared)?;
    }
    classes(writer, ground, &own, &now)?;
    calendar(writer, ground, &own, span)?;
    dust(writer, ground, span);
    ranking(writer, ground, span, ("站点排名", "Ranks of stations"), &stations(ground, span))?;
    ranking(writer, ground, span, ("街道排名", "Ranks of sub-districts"), &areas(ground, span))
}

/// `eight down, one up`, and the table it comes from.
fn indicators(writer: &mut Writer, own: &Whose, compared: &Comparison) -> Result<(), Error> {
    let (this, last) = (span_words(compared.this), span_words(compared.last));
    writer.sentence(
        format!("与{}相比，各项指标{}。", last.zh, compared.sentence.zh),
        format!("Against {}: {}.", last.en, compared.sentence.en),
    );
    let mut rows = vec![];
    for row in &compared.rows {
        rows.push(indicator(writer, own, compared, row)?);
    }
    let columns = vec![
        head("指标", "Indicator"),
        head("统计", "Statistic"),
        head("单位", "Unit"),
        this.clone(),
        last.clone(),
        head("变化", "Change"),
        head("变化 %", "Change %"),
        head("限值", "Limit"),
    ];
    let title = Text::new("各项指标与上年同期", "Indicators against the same span last year");
    writer.table(title, columns, rows);
    if let Some(caution) = &compared.caution {
        writer.doubt(format!("{}。", caution.zh), format!("{}.", caution.en));
    }
    let doubtful: Vec<&Row> =
        compared.rows.iter().filter(|row| row.this.doubtful || row.last.doubtful).collect();
    if !doubtful.is_empty() {
        let names = |of: fn(&Row) -> &str| doubtful.iter().map(|row| of(row)).collect::<Vec<_>>();
        writer.doubt(
            format!("{} 依据的标准条款尚有疑问，见其说明。", names(|row| &row.name.zh).join("、")),
            format!("{} rest on rows of law that are not well established; their explanations say which.", names(|row| &row.name.en).join(", ")),
        );
    }
    Ok(())
}

fn indicator(
    writer: &mut Writer,
    own: &Whose,
    compared: &Comparison,
    row: &Row,
) -> Result<Vec<Cell>, Error> {
    let item = Item::named(&row.item).unwrap_or(Item::Composite);
    let unit = unit(item);
    let mut ends = vec![];
    for (cell, span) in [(&row.this, compared.this), (&row.last, compared.last)] {
        let kept = cell.value.as_deref().map(|value| writer.keep(own.number(item, span, value)));
        ends.push((kept, cell.reason.clone().unwrap_or(NotAssessed::NoData)));
    }
    let shown = |(kept, reason): &(Option<String>, NotAssessed)| match kept {
        Some(own) => code(own),
        None => missing(reason),
    };
    let mut cells = vec![
        Cell::Text { text: law(&row.name) },
        Cell::Text { text: law(&row.statistic) },
        Cell::Text { text: unit.clone() },
        shown(&ends[0]),
        shown(&ends[1]),
    ];
    let unknown = || none("无法比较", "not comparable");
    let (Some(this), Some(last)) = (&ends[0].0, &ends[1].0) else {
        cells.extend([unknown(), unknown(), limit(writer, row, item)]);
        return Ok(cells);
    };
    let name = law(&row.name);
    let of = |zh: &str, en: &str| {
        number(Text::new(format!("{}{zh}", name.zh), format!("{}, {en}", name.en)), "")
    };
    let source = Text::new("由表中两数算得", "from the two numbers beside it");
    let made = Made::Difference { of: this.clone(), less: last.clone() };
    // The difference of two shares in per cent are points.
    let points = if item == Item::GoodShare { Text::new("百分点", "points") } else { unit };
    let change = Number { unit: points, made, source: source.clone(), ..of("变化", "change") };
    cells.push(writer.made(change)?.map_or_else(unknown, code));
    let made = Made::Change { of: this.clone(), from: last.clone() };
    let percent = Number {
        unit: Text::same("%"),
        made,
        source,
        decimals: Some(1),
        ..of("变化率", "change in per cent")
    };
    let percent = if item == Item::GoodShare { None } else { writer.made(percent)? };
    cells.push(percent.map_or_else(|| none("不适用", "none"), code));
    cells.push(limit(writer, row, item));
    Ok(cells)
}

fn limit(writer: &mut Writer, row: &Row, item: Item) -> Cell {
    let Some(limit) = &row.this.limit else { return none("无", "none") };
    let name = law(&row.name);
    let of = Text::new(format!("{} 限值", name.zh), format!("{}, limit", name.en));
    let source = Text::new("GB 3095", "GB 3095");
    code(writer.keep(Number { unit: unit(item), source, ..number(of, limit.as_str()) }))
}

/// Days of each class, which add up to the assessed days.
fn classes(
    writer: &mut Writer,
    ground: &Ground<'_>,
    own: &Whose,
    now: &Assessment,
) -> Result<(), Error> {
    let days = &now.evaluation.days;
    let explain = own.explain("good_days", now.span);
    let source = || Text::new("本系统评价", "judged by this system");
    let mut rows = vec![];
    let mut codes = vec![];
    for level in 1..=6_u8 {
        let Some(class) = category(ground, now.span.last(), Some(level)) else { continue };
        let range = format!("AQI {}–{}", class.low, class.high);
        let name = Text::new(format!("{}天数", class.name_zh), format!("days {}", class.name_en));
        let value = days.by_level[usize::from(level) - 1];
        let number = count(name, value, Text::new("天", "days"), source());
        let number = Number { basis: Some(Basis::Days), explain: explain.clone(), ..number };
        codes.push(writer.keep(number));
        let last = codes[codes.len() - 1].as_str();
        rows.push(vec![words(&*class.name_zh, &*class.name_en), same(range), code(last)]);
    }
    let sum =
        count(Text::new("有效天数", "days assessed"), 0_u64, Text::new("天", "days"), source());
    let made = Made::Sum { of: codes.clone() };
    let sum = writer.made(Number { made, basis: Some(Basis::Days), ..sum })?.unwrap_or_default();
    rows.push(vec![words("有效天数合计", "days assessed"), words("", ""), code(&sum)]);
    let good = count(Text::new("优良天数", "good days"), 0_u64, Text::new("天", "days"), source());
    let made = Made::Sum { of: codes.iter().take(2).cloned().collect() };
    let good = writer.made(Number { made, basis: Some(Basis::Days), ..good })?.unwrap_or_default();
    let name = Text::new("优良天数比例", "share of good days");
    let of = now.span.len();
    let lost = of.saturating_sub(days.valid);
    match writer.share(name, (&good, &sum), Basis::Days)? {
        Some(share) => writer.sentence(
            format!("共 {of} 天，有效 {{{sum}}}，优良 {{{good}}}，占有效天数 {{{share}}}。"),
            format!("Of {of} days, {{{sum}}} were assessed and {{{good}}} were good, {{{share}}} of those assessed."),
        ),
        None => writer.sentence(
            format!("共 {of} 天，没有一天可以评价，不计优良率。"),
            format!("Of {of} days none could be assessed, so that there is no share of good days."),
        ),
    }
    if lost > 0 {
        writer.doubt(
            format!("有 {lost} 天没有指数（数据不足或尚未结束），不计入优良率的分母。"),
            format!("{lost} days have no index (too few data, or not over yet); they are in no denominator."),
        );
    }
    let columns = vec![head("级别", "Class"), head("范围", "Range"), head("天数", "Days")];
    writer.table(Text::new("各级天数", "Days of each class"), columns, rows);
    Ok(())
}

/// The days as a picture, when there are enough of them.
fn calendar(
    writer: &mut Writer,
    ground: &Ground<'_>,
    own: &Whose,
    span: Span,
) -> Result<(), Error> {
    if span.len() < 28 {
        return Ok(());
    }
    let days = own.days(ground, span)?;
    let mut shown = vec![];
    let mut date = span.first();
    while date <= span.last() {
        let values = days.get(&date).map(|day| &day.values);
        let level = values.and_then(|values| values.level);
        let colour = category(ground, date, level).map(|class| class.rgb.to_string());
        shown.push(picture::Day { date, aqi: values.and_then(|values| values.aqi), colour });
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    let title = Text::new("每日 AQI", "AQI of each day");
    writer.picture(title, picture::calendar(&shown));
    Ok(())
}

/// Days of dust weather: out of means, kept in counts.
fn dust(writer: &mut Writer, ground: &Ground<'_>, span: Span) {
    let touches = |own: &&engine::assess::DustSpell| {
        own.span.first() <= span.last() && span.first() <= own.span.last()
    };
    let rows: Vec<Vec<Cell>> = ground
        .dust
        .iter()
        .filter(touches)
        .map(|own| {
            let days = format!("{} – {}", own.span.first(), own.span.last());
            let area = own.area.as_deref().map_or_else(|| words("全区", "the district"), same);
            vec![same(days), area, same(own.document.as_str())]
        })
        .collect();
    if !rows.is_empty() {
        let title = Text::new(
            "沙尘天气日（颗粒物不计入均值，天数照常统计）",
            "Days of dust weather (particulates stay out of means, the days stay in the counts)",
        );
        let columns = vec![head("日期", "Days"), head("区域", "Area"), head("依据", "Document")];
        writer.table(title, columns, rows);
    }
}

/// Ranks by composite index, the best first; those without one last, with the reason.
fn ranking(
    writer: &mut Writer,
    ground: &Ground<'_>,
    span: Span,
    (zh, en): (&str, &str),
    all: &[Whose],
) -> Result<(), Error> {
    if all.is_empty() {
        return Ok(());
    }
    let before = span.a_year_earlier();
    let mut judged = vec![];
    for own in all {
        let (now, then) = (own.assess(ground, span)?, own.assess(ground, before)?);
        let cell =
            |of: &Option<Assessment>, item| of.as_ref().map(|of| of.cell(item)).unwrap_or_default();
        let composite = [cell(&now, Item::Composite), cell(&then, Item::Composite)];
        judged.push((own, composite, cell(&now, Item::GoodDays)));
    }
    let value = |cell: &comparison::Cell| cell.value.as_deref().map(Exact::parse).transpose();
    let order = judged.iter().map(|(_, composite, _)| value(&composite[0]));
    let places = ranks(&order.collect::<Result<Vec<_>, _>>()?);
    let mut in_order: Vec<_> = judged.iter().zip(places).collect();
    in_order.sort_by_key(|(_, place)| (place.is_none(), *place));
    let mut rows = vec![];
    for ((own, composite, good), place) in in_order {
        let mut ends = vec![];
        for (cell, span) in composite.iter().zip([span, before]) {
            let kept = cell.value.as_deref();
            ends.push(kept.map(|value| writer.keep(own.number(Item::Composite, span, value))));
        }
        let reason = composite[0].reason.clone().unwrap_or(NotAssessed::NoData);
        let change = match (&ends[0], &ends[1]) {
            (Some(of), Some(from)) => {
                let name = &own.name;
                let name = Text::new(
                    format!("综合指数变化率 · {}", name.zh),
                    format!("composite index, change in per cent · {}", name.en),
                );
                let made = Made::Change { of: of.clone(), from: from.clone() };
                let (unit, decimals) = (Text::same("%"), Some(1));
                let source = Text::new("由表中两数算得", "from the two numbers beside it");
                writer.made(Number { unit, made, source, decimals, ..number(name, "") })?
            }
            _ => None,
        };
        let good =
            good.value.as_deref().map(|value| writer.keep(own.number(Item::GoodDays, span, value)));
        let unknown = || none("无法比较", "not comparable");
        rows.push(vec![
            place.map_or_else(|| none("不排名", "not ranked"), |place| same(place.to_string())),
            Cell::Text { text: own.name.clone() },
            ends[0].as_ref().map_or_else(|| missing(&reason), code),
            ends[1].as_ref().map_or_else(unknown, code),
            change.map_or_else(unknown, code),
            good.map_or_else(|| missing(&NotAssessed::NoData), code),
        ]);
    }
    let columns = vec![
        head("名次", "Rank"),
        head("名称", "Name"),
        head("综合指数", "Composite index"),
        head("上年同期", "Last year"),
        head("变化 %", "Change %"),
        head("优良天数", "Good days"),
    ];
    let title = Text::new(
        format!("{zh}（综合指数，小者为优）"),
        format!("{en} (composite index, the smaller the better)"),
    );
    writer.table(title, columns, rows);
    Ok(())
}

/// The months of a year.
fn by_month(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let items: Vec<Item> = Item::ALL.into_iter().filter(|item| *item != Item::GoodShare).collect();
    let mut rows = vec![];
    for month in span.months() {
        let own = district(ground, month);
        let judged = own.assess(ground, month)?;
        let mut row = vec![Cell::Text { text: span_words(month) }];
        for item in &items {
            let cell = judged.as_ref().map(|judged| judged.cell(*item)).unwrap_or_default();
            row.push(match &cell.value {
                Some(value) => code(writer.keep(own.number(*item, month, value))),
                None => none("无", "none"),
            });
        }
        rows.push(row);
    }
    let mut columns = vec![head("月份", "Month")];
    columns.extend(items.iter().map(|item| {
        let (name, unit) = (law(&item.name()), unit(*item));
        let with = |name: &str, unit: &str| {
            if unit.is_empty() { name.to_owned() } else { format!("{name} {unit}") }
        };
        Text::new(with(&name.zh, &unit.zh), with(&name.en, &unit.en))
    }));
    writer.section("逐月", "Month by month");
    writer.table(Text::new("全区各月", "The district in each month"), columns, rows);
    Ok(())
}

/// The last month of a year's water that has begun: twelve months of every site are the river report's.
fn water(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let today = ground.asked.zone.date(ground.asked.now)?;
    let last = span.last().min(today);
    let month = Span::month(last.year(), last.month()).filter(|month| span.first() <= month.last());
    month.map_or(Ok(()), |month| river::section(writer, ground, month))
}
