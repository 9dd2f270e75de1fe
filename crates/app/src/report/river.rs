//! Rivers of a month: class and target of every site, what decided, outflow against inflow.

use super::writer::{
    Writer, code, count, head, law, missing, none, number, said, same, span_words, text_of, words,
};
use super::{Error, Ground, Question};
use account::report::{Cell, Number, Report};
use account::{Basis, Text};
use engine::assess::{SiteMonth, pairs};
use model::{Place, PlaceId, PlaceKind};
use standards::Span;
use standards::water::{Class, Versus, WaterBody};

/// Puts it together, of the months of the span.
///
/// # Errors
/// When something cannot be read or computed.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let when = span_words(question.span);
    let title = Text::new(format!("河流水质月报（{}）", when.zh), format!("rivers of {}", when.en));
    let mut writer = Writer::new("river-month", &title, ground, question.span)?;
    section(&mut writer, ground, question.span)?;
    Ok(writer.done())
}

/// The water of the months of a span.
///
/// # Errors
/// When something cannot be read or computed.
pub fn section(writer: &mut Writer, ground: &Ground<'_>, span: Span) -> Result<(), Error> {
    let sites = sites(ground);
    if sites.is_empty() {
        writer.section("水质", "Water");
        writer.sentence("没有登记的水质断面。", "No water site is registered.");
        return Ok(());
    }
    let months = months(span);
    writer.judged_by("water", "GB 3838-2002", span);
    let judged = ground.asked.water_months(&sites, &months)?;
    for (at, month) in months.iter().enumerate() {
        let when = span_words(*month);
        let (zh, en) = (format!("{}水质", when.zh), format!("Water in {}", when.en));
        writer.section(zh, en);
        let own: Vec<(&Place, &SiteMonth)> =
            sites.iter().zip(&judged).map(|((_, place), own)| (place, &own[at])).collect();
        targets(writer, &own)?;
        let rows = own.iter().map(|(place, own)| row(writer, ground, place, own)).collect();
        writer.table(Text::new("各断面", "Sites"), columns(), rows);
        flows(writer, ground, &sites, &own)?;
    }
    Ok(())
}

fn sites(ground: &Ground<'_>) -> Vec<(PlaceId, Place)> {
    let view = ground.asked.reader.view();
    let places = view.registry().places().iter().enumerate();
    let water = places.filter(|(_, place)| place.kind == PlaceKind::WaterSite);
    water.map(|(id, place)| (PlaceId(id as u32), place.clone())).collect()
}

/// The months that a span touches.
fn months(span: Span) -> Vec<Span> {
    let mut found = vec![];
    let mut day = span.first();
    while day <= span.last() {
        let Some(month) = Span::month(day.year(), day.month()) else { break };
        found.push(month);
        let Ok(next) = month.last().tomorrow() else { break };
        day = next;
    }
    found
}

/// How many sites have a class, and how many of those with a target meet it.
fn targets(writer: &mut Writer, own: &[(&Place, &SiteMonth)]) -> Result<(), Error> {
    let of = own.len();
    let judged = own.iter().filter(|(_, own)| own.report.report.class.is_some()).count();
    let due = own.iter().filter(|(_, own)| own.report.meets.is_some()).count();
    let met = own.iter().filter(|(_, own)| own.report.meets == Some(true)).count();
    let source = || Text::new("本系统评价（GB 3838-2002）", "judged by this system (GB 3838-2002)");
    let mut keep = |zh: &str, en: &str, value: usize| {
        let number = count(Text::new(zh, en), value, Text::new("个断面", "sites"), source());
        writer.keep(Number { basis: Some(Basis::Units), ..number })
    };
    let of = keep("登记断面", "sites registered", of);
    let judged = keep("有类别的断面", "sites with a class", judged);
    let due = keep("可与目标比较的断面", "sites compared with a target", due);
    let met = keep("达到目标的断面", "sites that meet their target", met);
    let name = Text::new("断面达标率", "share of sites that meet their target");
    let share = writer.share(name, (&met, &due), Basis::Units)?;
    let (zh, en) = match share {
        Some(share) => {
            (format!("，达标率 {{{share}}}（按断面计）"), format!(", {{{share}}} by sites"))
        }
        None => (
            "；没有断面可与目标比较，不计达标率".to_owned(),
            "; no site can be compared, so there is no rate".to_owned(),
        ),
    };
    writer.sentence(
        format!("{{{of}}}中 {{{judged}}}有类别；{{{due}}}可与目标比较，其中 {{{met}}}达到目标{zh}。"),
        format!("Of {{{of}}}, {{{judged}}} have a class; of {{{due}}} that can be compared with a target, {{{met}}} meet it{en}."),
    );
    Ok(())
}

fn columns() -> Vec<Text> {
    vec![
        head("断面", "Site"),
        head("目标", "Target"),
        head("类别", "Class"),
        head("达标", "Met"),
        head("决定项目", "What decided"),
        head("水质指数 CWQI", "CWQI"),
        head("项目数", "Items"),
    ]
}

fn row(writer: &mut Writer, ground: &Ground<'_>, place: &Place, own: &SiteMonth) -> Vec<Cell> {
    let report = &own.report.report;
    let water = ground.asked.law.water();
    let name = text_of(&place.name);
    let address = format!("place={}", crate::http::encoded(&place.key));
    let explain = crate::http::explain_url(&address, "class", own.month, "auto");
    let source = Text::new("本系统评价", "judged by this system");
    let class_cell =
        |class: Option<Class>| class.map(|own| words(class_words(own).0, class_words(own).1));
    let unknown = || match &own.reason {
        Some(reason) => missing(reason),
        None => none("没有类别", "no class"),
    };
    let deciding = report.deciding.iter().filter_map(|key| {
        let row = report.items.iter().find(|row| row.key == *key)?;
        let item = water.limits().item(key, WaterBody::River)?;
        let value = format!("{} {}", row.value, item.unit);
        Some((format!("{} {value}", item.name_zh), format!("{} {value}", item.name_en)))
    });
    let (zh, en): (Vec<_>, Vec<_>) = deciding.unzip();
    let cwqi = own.report.cwqi.as_ref().map(|cwqi| cwqi.sum.fixed(4));
    let cwqi = cwqi.map_or_else(
        || none("未计", "none"),
        |value| {
            let of = Text::new(format!("CWQI · {}", name.zh), format!("CWQI · {}", name.en));
            code(writer.keep(Number { source, explain, ..number(of, value) }))
        },
    );
    vec![
        Cell::Text { text: name },
        class_cell(own.report.target).unwrap_or_else(|| none("未定", "none set")),
        class_cell(report.class).unwrap_or_else(unknown),
        match own.report.meets {
            Some(true) => words("达到", "yes"),
            Some(false) => words("未达到", "no"),
            None => none("不能比较", "cannot be compared"),
        },
        words(zh.join("；"), en.join("; ")),
        cwqi,
        same(format!("{}/{}", report.assessed, report.of)),
    ]
}

fn class_words(class: Class) -> (&'static str, &'static str) {
    match class {
        Class::I => ("Ⅰ类", "I"),
        Class::II => ("Ⅱ类", "II"),
        Class::III => ("Ⅲ类", "III"),
        Class::IV => ("Ⅳ类", "IV"),
        Class::V => ("Ⅴ类", "V"),
        Class::WorseThanV => ("劣Ⅴ类", "worse than V"),
    }
}

/// What each river brings against what it takes along.
fn flows(
    writer: &mut Writer,
    ground: &Ground<'_>,
    sites: &[(PlaceId, Place)],
    own: &[(&Place, &SiteMonth)],
) -> Result<(), Error> {
    let (pairs, lines) = {
        let view = ground.asked.reader.view();
        (pairs(view.registry()), view.registry().lines.clone())
    };
    let position = |id: PlaceId| sites.iter().position(|(own, _)| *own == id);
    let mut rows = vec![];
    for pair in pairs {
        let Some((above, below)) = position(pair.inflow).zip(position(pair.outflow)) else {
            continue;
        };
        let river = lines.iter().find(|line| line.key == pair.river);
        let river = river.map_or_else(|| Text::same(&pair.river), |line| text_of(&line.name));
        let (above, below) = (own[above], own[below]);
        let lacking = [above.1, below.1].into_iter().find(|own| own.report.report.class.is_none());
        let (verdict, reason) = if let Some(own) = lacking {
            let reason = own.reason.as_ref().map(said);
            let reason = reason.unwrap_or_else(|| Text::new("没有类别", "no class"));
            (words("不能比较", "cannot be compared"), Cell::Missing { reason })
        } else {
            let flow = ground.asked.law.water().flow(&below.1.report, &above.1.report)?;
            let verdict = match flow.verdict {
                Versus::Better => words("优于入境", "better"),
                Versus::Same => words("持平", "the same"),
                Versus::Worse => words("劣于入境", "worse"),
                Versus::Undetermined => words("不能比较", "cannot be compared"),
            };
            (verdict, Cell::Text { text: law(&flow.reason) })
        };
        let name = |place: &Place| Cell::Text { text: text_of(&place.name) };
        rows.push(vec![Cell::Text { text: river }, name(above.0), name(below.0), verdict, reason]);
    }
    if !rows.is_empty() {
        let columns = vec![
            head("河流", "River"),
            head("入境断面", "Inflow"),
            head("出境断面", "Outflow"),
            head("出境较入境", "Outflow against inflow"),
            head("依据", "Why"),
        ];
        writer.table(Text::new("出境与入境", "Outflow against inflow"), columns, rows);
    }
    Ok(())
}
