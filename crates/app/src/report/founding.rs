//! The figures of the three annual meetings of January 2021: as they were printed, computed anew from each other, and
//! what does not fit beside them. Nothing of it was measured here.

use super::writer::{Writer, code, count, head, none, number, same, words};
use super::{Error, Ground, Question};
use account::founding::{Figure, Finding, Verdict, figures, findings};
use account::report::{Cell, Made, Number, Report};
use account::{Basis, Text};
use std::collections::BTreeMap;

/// The three accounts: key, Chinese, English.
const ACCOUNTS: [(&str, &str, &str); 3] = [
    ("housing", "一、新型城镇化与安置", "1. Resettlement and new urbanisation"),
    ("air", "二、大气污染防治", "2. Air"),
    ("rivers", "三、河湖长制与水务", "3. Rivers and water"),
];
/// What the meeting said of the year's air without its numbers: how many of nine indicators fell, and rose.
const DOWN_AND_UP: [u32; 2] = [8, 1];

/// Puts it together.
///
/// # Errors
/// When the figures cannot be read, or do not compute.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let title =
        Text::new("2020 年三份年度报告：数字复算", "three annual accounts of 2020, computed anew");
    let mut writer = Writer::new("founding", &title, ground, question.span)?;
    writer.is_from_documents();
    let figures = figures()?;
    let findings = findings()?;
    let mut codes = BTreeMap::new();
    for figure in &figures {
        codes.insert(figure.key.as_str(), writer.keep(printed(figure)));
    }
    for (account, zh, en) in ACCOUNTS {
        writer.section(zh, en);
        told(&mut writer, account, &codes)?;
        let of = || figures.iter().filter(|figure| figure.account == account);
        let rows = of().map(|figure| row(figure, &codes)).collect();
        let columns = vec![
            head("印载数字", "Printed figure"),
            head("数值", "Value"),
            head("单位", "Unit"),
            head("口径", "Basis"),
            head("备注", "Note"),
        ];
        writer.table(Text::new("印载的数字", "As printed"), columns, rows);
        let own = |finding: &&Finding| of().any(|f| relates(&finding.key, &f.key));
        compared(&mut writer, findings.iter().filter(own).collect());
        doubts(&mut writer, account, &codes)?;
    }
    Ok(writer.done())
}

/// A figure as it was printed.
fn printed(figure: &Figure) -> Number {
    let (zh, en) = unit(&figure.unit, figure.basis);
    Number {
        unit: Text::new(zh, en),
        basis: figure.basis,
        source: Text::new("2021 年 1 月 28 日年度会议，按印载", figure.source.as_str()),
        ..number(Text::new(figure.zh.as_str(), figure.en.as_str()), figure.printed.as_str())
    }
}

/// The unit of a figure; that of a count is what it counts.
fn unit(unit: &str, basis: Option<Basis>) -> (&str, &str) {
    match (unit, basis) {
        ("million m²", _) => ("百万 m²", "million m²"),
        ("million t", _) => ("百万 t", "million t"),
        ("", Some(Basis::Villages)) => ("个村", "villages"),
        ("", Some(Basis::People)) => ("人", "people"),
        ("", Some(Basis::Days)) => ("天", "days"),
        (other, _) => (other, other),
    }
}

fn row(figure: &Figure, codes: &BTreeMap<&str, String>) -> Vec<Cell> {
    let (zh, en) = unit(&figure.unit, figure.basis);
    let basis = figure.basis.map_or(("", ""), Basis::words);
    let note = match figure.note.as_str() {
        "" => words("", ""),
        "approximate in print" => words("原文为约数", "approximate in print"),
        "printed as more than 2 300" => words("原文为“2300 余”", "printed as more than 2 300"),
        "the print does not say of what; only people fit" => {
            words("原文未写明口径，只有按人数才相符", figure.note.as_str())
        }
        "the print does not say of what; only villages fit" => {
            words("原文未写明口径，只有按村数才相符", figure.note.as_str())
        }
        note if note.contains("two numbers") => {
            words("原文“85.51、39”：三项污染物只印了两个数", note)
        }
        note => same(note),
    };
    vec![
        words(figure.zh.as_str(), figure.en.as_str()),
        code(&codes[figure.key.as_str()]),
        words(zh, en),
        words(basis.0, basis.1),
        note,
    ]
}

/// Which account a relation belongs to: that of the figures it is named after.
fn relates(relation: &str, figure: &str) -> bool {
    let of = match relation {
        "planned" | "handed_of_started" => "started",
        "villages_back_share" | "people_due" => "people_back",
        "villages_next_share" => "villages_ready",
        "pm10" => "pm10_fall",
        "pm25" => "pm25_fall",
        "no2" => "no2_fall",
        "good" => "good_rise",
        other => other,
    };
    figure == of
}

/// What comes out beside what was printed.
fn compared(writer: &mut Writer, findings: Vec<&Finding>) {
    if findings.is_empty() {
        return;
    }
    let rows = findings.into_iter().map(|finding| {
        let verdict = match &finding.verdict {
            Verdict::NotPrinted => words("原文未载", "not printed"),
            Verdict::Agrees => words("相符", "agrees"),
            Verdict::Differs => words("不符", "differs"),
            Verdict::OtherBasis { computed, printed } => {
                let (a, b) = (computed.words(), printed.words());
                words(
                    format!("口径不同：算出的按{}，印载的按{}", a.0, b.0),
                    format!("another basis: computed by {}, printed by {}", a.1, b.1),
                )
            }
        };
        let print = finding.printed.as_ref().map_or_else(|| none("未载", "not printed"), same);
        vec![
            words(finding.zh.as_str(), finding.en.as_str()),
            same(finding.computed.as_str()),
            print,
            verdict,
        ]
    });
    let columns = vec![
        head("推算", "What follows"),
        head("算得", "Computed"),
        head("印载", "Printed"),
        head("比较", "Verdict"),
    ];
    writer.table(
        Text::new("由印载数字推算", "What follows from the print"),
        columns,
        rows.collect(),
    );
}

/// The account in sentences, with every rate computed from its inputs.
fn told(writer: &mut Writer, account: &str, codes: &BTreeMap<&str, String>) -> Result<(), Error> {
    let c = |key: &str| format!("{{{}}}", codes[key]);
    match account {
        "housing" => {
            writer.sentence(
                format!("累计开工 {}，总体开工率 {}；累计竣工交付 {}。{}中 {}已回迁，回迁群众 {}，回迁率 {}（按人）；一季度后再有 {} 具备条件，回迁率 {}（按村）。", c("started"), c("start_rate"), c("handed_over"), c("villages"), c("villages_back"), c("people_back"), c("back_rate"), c("villages_ready"), c("back_rate_next")),
                format!("Started in total: {}, start rate {}; completed and handed over: {}. Of {}, {} have moved back, {}, a move-back rate of {} (by people); after the next {} it is {} (by villages).", c("started"), c("start_rate"), c("handed_over"), c("villages"), c("villages_back"), c("people_back"), c("back_rate"), c("villages_ready"), c("back_rate_next")),
            );
            writer.sentence(
                format!("新开工学校 {} 所；安置区配套道路通车 {} 条、在建 {} 条；2021 年计划竣工安置房 {}。", c("schools"), c("roads_open"), c("roads_building"), c("due_2021")),
                format!("New schools started: {}; roads to resettlement areas open: {}, under way: {}; homes to be completed in 2021: {}.", c("schools"), c("roads_open"), c("roads_building"), c("due_2021")),
            );
        }
        "air" => air(writer, codes)?,
        _ => writer.sentence(
            format!("清理河道垃圾 {}（原文“余”）；{} 条河流完成截污；新增监测断面 {} 处；全年供水 {}；计划用水率 {}；出境水质优于入境水质。", c("rubbish"), c("intercepted"), c("sites_added"), c("supplied"), c("planned_use")),
            format!("Rubbish cleared from channels: more than {}; rivers with interception finished: {}; monitoring sites added: {}; water supplied in the year: {}; planned use: {}; outflow better than inflow.", c("rubbish"), c("intercepted"), c("sites_added"), c("supplied"), c("planned_use")),
        ),
    }
    Ok(())
}

fn air(writer: &mut Writer, codes: &BTreeMap<&str, String>) -> Result<(), Error> {
    let mut changes = vec![];
    for (zh, of, from) in [
        ("PM10", "pm10_2020", "pm10_2015"),
        ("PM2.5", "pm25_2020", "pm25_2015"),
        ("NO₂", "no2_2020", "no2_2015"),
        ("优良天数", "good_2020", "good_2015"),
    ] {
        let made = Made::Change { of: codes[of].clone(), from: codes[from].clone() };
        let en = if of == "good_2020" { "good days" } else { zh };
        let change = Number {
            unit: Text::same("%"),
            made,
            decimals: Some(1),
            source: Text::new("由印载数字算得", "computed from the print"),
            ..number(Text::new(format!("{zh}五年变化"), format!("{en}, change in five years")), "")
        };
        changes.push(writer.made(change)?.map_or_else(String::new, |code| format!("{{{code}}}")));
    }
    let [down, up] = DOWN_AND_UP.map(|value| {
        let source = Text::new(
            "2021 年 1 月 28 日年度会议，按印载",
            "annual meeting on pollution prevention, 28 January 2021, as printed",
        );
        count(Text::new("指标个数", "indicators"), value, Text::default(), source)
    });
    let (down, up) = (writer.keep(down), writer.keep(up));
    writer.sentence(
        format!("全年九项指标“{{{down}}} 降 {{{up}}} 升”。与 2015 年相比：PM10 {}，PM2.5 {}，NO₂ {}；优良天数由 {{{}}} 增至 {{{}}}，变化 {}。", changes[0], changes[1], changes[2], codes["good_2015"], codes["good_2020"], changes[3]),
        format!("Of nine indicators of the year, {{{down}}} went down and {{{up}}} up. Against 2015: PM10 {}, PM2.5 {}, NO₂ {}; good days from {{{}}} to {{{}}}, {}.", changes[0], changes[1], changes[2], codes["good_2015"], codes["good_2020"], changes[3]),
    );
    Ok(())
}

/// What is incomplete or does not fit.
fn doubts(writer: &mut Writer, account: &str, codes: &BTreeMap<&str, String>) -> Result<(), Error> {
    let c = |key: &str| format!("{{{}}}", codes[key]);
    match account {
        "housing" => {
            let name = Text::new("按村计算的回迁率", "move-back rate by villages");
            let of = (codes["villages_back"].as_str(), codes["villages"].as_str());
            let share = writer.share(name, of, Basis::Villages)?.unwrap_or_default();
            writer.doubt(
                format!("两个回迁率口径不同：{} 按人计，{} 按村计；按村计，{} 个村中的 {} 为 {{{share}}}。两者不可连成一条趋势。", c("back_rate"), c("back_rate_next"), c("villages"), c("villages_back")),
                format!("The two move-back rates count different things: {} counts people, {} counts villages; by villages, {} of {} is {{{share}}}. They are no trend.", c("back_rate"), c("back_rate_next"), c("villages_back"), c("villages")),
            );
            writer.doubt(
                "原文没有印载规划总面积和应回迁总人数；上表只给出由比率反推的区间，不作为事实。",
                "The print states neither the area planned nor the people due to move back; the table gives the spans that the rates imply, not facts.",
            );
        }
        "air" => {
            writer.doubt(
                "原文三项污染物 2020 年均值印作“85.51、39”：缺一个数。按 85、51、39 读，降幅与印载的三个百分数全部相符。",
                "The annual means of three pollutants are printed as “85.51、39”: one number is lost. Read as 85, 51 and 39, all three printed falls come out.",
            );
            writer.doubt(
                "“八降一升”没有印出九项各自的数值，无法复算。",
                "“Eight down, one up” is printed without the nine values, so that it cannot be computed.",
            );
        }
        _ => {
            writer.doubt(
                format!("计划用水率 {} 未印载分子、分母和口径；“出境优于入境”未印载断面数据。", c("planned_use")),
                format!("Planned use of {} is printed without numerator, denominator and basis; “outflow better than inflow” without readings of any site.", c("planned_use")),
            );
        }
    }
    Ok(())
}
