//! How programmes stand at the end of a span: totals with what came to them, rates with their basis, lights with their
//! thresholds, the forecast with what it rests on, what does not fit, and the documents behind it all.

use super::writer::{Writer, code, head, none, number, same, span_words, unit_text, words};
use super::{Error, Ground, Question};
use crate::http::{encoded, programme_book};
use account::programme::{
    Book, EntryKey, Light, Measure, Programme, ProjectStatus, Status, Template,
};
use account::report::{Cell, Made, Number, Report, shortest};
use account::{Basis, Text};
use jiff::civil::Date;
use standards::{Exact, Span};

/// Projects that are named because they are behind; beyond it, how many more.
const NAMED_MAX: usize = 60;

/// Puts it together.
///
/// # Errors
/// When something cannot be read or computed.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let when = span_words(question.span);
    let title =
        Text::new(format!("项目进展报告（{}）", when.zh), format!("programmes, {}", when.en));
    let mut writer = Writer::new("programmes", &title, ground, question.span)?;
    let asked = &ground.asked;
    let book = programme_book(asked.reader, asked.known)?;
    let templates = Template::built_in().map_err(Error::Formula)?;
    let mut is_any_simulated = false;
    for kept in book.programmes.values().filter(|kept| kept.it.begins <= question.span.last()) {
        let Some(template) = book.template(&kept.it.key, &templates) else { continue };
        is_any_simulated |= kept.it.simulated;
        One { ground, book: &book, own: &kept.it, template, span: question.span }
            .write(&mut writer)?;
    }
    if book.programmes.is_empty() {
        writer.section("项目群", "Programmes");
        writer.sentence("没有登记项目群。", "No programme is entered.");
    }
    writer.is_simulated(is_any_simulated);
    Ok(writer.done())
}

/// One programme.
struct One<'a> {
    ground: &'a Ground<'a>,
    book: &'a Book,
    own: &'a Programme,
    template: &'a Template,
    span: Span,
}

impl One<'_> {
    fn write(&self, writer: &mut Writer) -> Result<(), Error> {
        let (own, name) = (self.own, either(&self.own.name));
        let today = self.ground.asked.zone.date(self.ground.asked.now)?;
        let day = self.span.last().min(today);
        let Some(status) = self.book.status(&own.key, self.template, day)? else { return Ok(()) };
        writer.section(name.zh, name.en);
        let (from, due, on) = (own.begins, own.due, &own.document.title);
        writer.sentence(
            format!("{from} 起，{due} 前完成；依据：{on}{}。", numbered_zh(&own.document.number)),
            format!(
                "Begun on {from}, due on {due}; decided by: {on}{}.",
                numbered_en(&own.document.number)
            ),
        );
        let totals = self.totals(writer, &status)?;
        self.rates(writer, &totals)?;
        self.way(writer, &status, &totals)?;
        for warning in &status.warnings {
            let text = warning.text(self.template);
            let of = warning.project.as_ref().and_then(|key| self.book.projects.get(key));
            let of = of.map(|kept| either(&kept.it.name)).unwrap_or_default();
            let colon = |of: &str, sign: &str| {
                if of.is_empty() { String::new() } else { format!("{of}{sign}") }
            };
            writer.doubt(
                format!("{}{}。", colon(&of.zh, "："), text.zh),
                format!("{}{}.", colon(&of.en, ": "), text.en),
            );
        }
        self.behind(writer, &status.projects);
        self.sources(writer, &status);
        Ok(())
    }

    /// Every total with what came to it; gives the codes by the measures of the template.
    fn totals(&self, writer: &mut Writer, status: &Status) -> Result<Vec<Option<String>>, Error> {
        let before = self.span.first().yesterday().unwrap_or(self.span.first());
        let (mut rows, mut codes) = (vec![], vec![]);
        for (of, now) in self.template.measures.iter().zip(&status.measures) {
            let then = self.book.totals(&self.own.key, &of.key, &[before])?;
            let then = then.first().and_then(|own| own.total);
            let now_code = now.total.map(|total| writer.keep(self.total(of, &total, "")));
            let then_code = then.map(|total| {
                let when = format!(" {before}");
                writer.keep(self.total(of, &total, &when))
            });
            let came = match (&now_code, &then_code) {
                (Some(now), Some(then)) => {
                    let made = Made::Difference { of: now.clone(), less: then.clone() };
                    let name = of.name();
                    let name = Text::new(
                        format!("{}本期增量", name.zh),
                        format!("{}, what came in the period", name.en),
                    );
                    let number = Number {
                        made,
                        unit: unit_text(&of.unit),
                        basis: Some(of.basis),
                        ..number(name, "")
                    };
                    writer.made(number)?
                }
                _ => None,
            };
            let shown = |own: &Option<String>, zh: &str, en: &str| {
                own.as_ref().map_or_else(|| none(zh, en), |own| code(own.as_str()))
            };
            let basis = of.basis.words();
            rows.push(vec![
                Cell::Text { text: of.name() },
                words(basis.0, basis.1),
                same(of.unit.as_str()),
                shown(&now_code, "未填报", "nobody states it"),
                shown(&then_code, "期初未填报", "not stated before"),
                shown(&came, "无法求增量", "unknown"),
            ]);
            codes.push(now_code);
        }
        let columns = vec![
            head("指标", "Measure"),
            head("口径", "Counts"),
            head("单位", "Unit"),
            head("累计", "Total"),
            head("期初累计", "Total before"),
            head("本期增量", "Came in the period"),
        ];
        writer.table(Text::new("累计与本期增量", "Totals, and what came to them"), columns, rows);
        Ok(codes)
    }

    fn total(&self, of: &Measure, total: &Exact, when: &str) -> Number {
        let (name, own) = (of.name(), either(&self.own.name));
        Number {
            unit: unit_text(&of.unit),
            basis: Some(of.basis),
            source: Text::new("填报的累计数", "as entered"),
            explain: format!(
                "/api/v1/programmes/{}/entries?measure={}",
                encoded(&self.own.key),
                of.key
            ),
            ..number(
                Text::new(
                    format!("{} · {}{when}", own.zh, name.zh),
                    format!("{} · {}{when}", own.en, name.en),
                ),
                shortest(total),
            )
        }
    }

    /// Rates, each with what it counts: two of them on different bases stand in different rows and are not compared.
    fn rates(&self, writer: &mut Writer, totals: &[Option<String>]) -> Result<(), Error> {
        let mut rows = vec![];
        for rate in &self.template.rates {
            let basis = self.template.measure(&rate.over).map_or(Basis::Units, |own| own.basis);
            let cell = match self.rate(writer, totals, &rate.key)? {
                Ok(own) => code(own),
                Err(cell) => cell,
            };
            let (zh, en) = basis.words();
            rows.push(vec![
                Cell::Text { text: rate.name() },
                words(format!("按{zh}计"), format!("by {en}")),
                cell,
            ]);
        }
        let columns = vec![head("比率", "Rate"), head("口径", "Basis"), head("%", "%")];
        let title = Text::new(
            "比率（口径不同者不能相比）",
            "Rates (those of different bases are not compared)",
        );
        writer.table(title, columns, rows);
        Ok(())
    }

    /// The code of a rate, or the cell that says why there is none.
    fn rate(
        &self,
        writer: &mut Writer,
        totals: &[Option<String>],
        key: &str,
    ) -> Result<Result<String, Cell>, Error> {
        let lacking = || none("分子或分母未填报", "numerator or denominator was never stated");
        let Some(rate) = self.template.rate(key) else { return Ok(Err(lacking())) };
        let code_of = |key: &str| {
            let at = self.template.measures.iter().position(|own| own.key == key)?;
            totals.get(at)?.as_deref()
        };
        let (Some(of), Some(over)) = (code_of(&rate.of), code_of(&rate.over)) else {
            return Ok(Err(lacking()));
        };
        let basis = self.template.measure(&rate.over).map_or(Basis::Units, |own| own.basis);
        let share = writer.share(rate.name(), (of, over), basis)?;
        Ok(share.ok_or_else(|| none("应完成数为零：不评", "nothing was due: no case")))
    }

    /// The light with its thresholds, and the forecast with what it rests on.
    fn way(
        &self,
        writer: &mut Writer,
        status: &Status,
        totals: &[Option<String>],
    ) -> Result<(), Error> {
        let lights = &self.own.lights;
        let Some(progress) = &status.progress else {
            writer.doubt(
                "主要比率无法得出，不亮灯，也不作预测。",
                "Its main rate cannot be had, so that there is no light and no forecast.",
            );
            return Ok(());
        };
        let expected = progress.expected.times(&Exact::whole(100))?.half_even(1)?.fixed(1);
        let expected = writer.keep(Number {
            unit: Text::same("%"),
            source: Text::new(
                "从开始日到期限按匀速计",
                "a straight way from the begin to the deadline",
            ),
            ..number(Text::new("此时应完成", "should be done by now"), expected)
        });
        let Ok(done) = self.rate(writer, totals, &self.template.light)? else { return Ok(()) };
        let name = self.template.rate(&self.template.light);
        let name = name.map(account::programme::RateOf::name).unwrap_or_default();
        let light = light_words(progress.light);
        let (green, amber) = (&lights.green, &lights.amber);
        writer.sentence(
            format!(
                "{}：{} {{{done}}}，按匀速此时应完成 {{{expected}}}（绿灯 ≥ 应完成的 {green}，黄灯 ≥ {amber}）。",
                light.0, name.zh
            ),
            format!(
                "{}: {} {{{done}}}; {{{expected}}} should be done by now on a straight way (green from {green} of it, amber from {amber}).",
                light.1, name.en
            ),
        );
        match progress.done_on {
            Some(on) => writer.sentence(
                format!("预计 {on} 完成，期限 {}；依据仅为开始以来的平均进度。", self.own.due),
                format!(
                    "It will be done on {on}, and is due on {}; the forecast rests on the mean pace since the begin and nothing else.",
                    self.own.due
                ),
            ),
            None => writer.doubt(
                "尚无完成量，无法按平均进度预测完成日。",
                "Nothing is done yet, so that no pace gives a day of completion.",
            ),
        }
        Ok(())
    }

    /// Projects that are behind, the furthest first.
    fn behind(&self, writer: &mut Writer, projects: &[ProjectStatus]) {
        if projects.is_empty() {
            return;
        }
        let count = |light: Option<Light>| {
            projects.iter().filter(|own| own.progress.map(|own| own.light) == light).count()
        };
        let (green, amber, red) =
            (count(Some(Light::Green)), count(Some(Light::Amber)), count(Some(Light::Red)));
        let unknown = count(None);
        writer.sentence(
            format!(
                "分项 {} 个：绿灯 {green}，黄灯 {amber}，红灯 {red}，未判定 {unknown}。",
                projects.len()
            ),
            format!(
                "{} projects: green {green}, amber {amber}, red {red}, not judged {unknown}.",
                projects.len()
            ),
        );
        let mut behind: Vec<_> = projects
            .iter()
            .filter_map(|own| Some((own, own.progress.filter(|own| own.light != Light::Green)?)))
            .collect();
        behind.sort_by(|(a, x), (b, y)| x.done.cmp(&y.done).then(a.key.cmp(&b.key)));
        let percent = |share: &Exact| {
            let percent = share.times(&Exact::whole(100)).and_then(|own| own.half_even(1));
            percent.map_or_else(|error| error.to_string(), |own| own.fixed(1))
        };
        let rows = behind.iter().take(NAMED_MAX).map(|(own, progress)| {
            let kept = self.book.projects.get(&own.key);
            let name = kept.map_or_else(|| Text::same(&own.key), |kept| either(&kept.it.name));
            let light = light_words(progress.light);
            let on = progress.done_on.map(|day| day.to_string());
            vec![
                Cell::Text { text: name },
                words(light.0, light.1),
                same(percent(&progress.done)),
                same(percent(&progress.expected)),
                on.map_or_else(|| none("无法预测", "no pace yet"), same),
            ]
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            return;
        }
        let columns = vec![
            head("分项", "Project"),
            head("灯", "Light"),
            head("完成 %", "Done %"),
            head("应完成 %", "Should be %"),
            head("预计完成", "Done on"),
        ];
        writer.table(Text::new("落后的分项", "Projects that are behind"), columns, rows);
        if behind.len() > NAMED_MAX {
            let more = behind.len() - NAMED_MAX;
            writer.doubt(
                format!("另有 {more} 个落后的分项未列出，见 /programmes/{}。", self.own.key),
                format!("{more} more are behind; see /programmes/{}.", self.own.key),
            );
        }
    }

    /// The documents behind the totals.
    fn sources(&self, writer: &mut Writer, status: &Status) {
        let mut rows = vec![];
        for (of, own) in self.template.measures.iter().zip(&status.measures) {
            let row = match &own.stated {
                Some(stated) => self.document(of, stated.period_end, stated.version),
                None if own.projects > 0 => Some((
                    same(""),
                    words(
                        format!("{} 个分项合计", own.projects),
                        format!("sum of {} projects", own.projects),
                    ),
                    same(""),
                )),
                None => None,
            };
            if let Some((until, document, version)) = row {
                rows.push(vec![Cell::Text { text: of.name() }, until, document, version]);
            }
        }
        if rows.is_empty() {
            return;
        }
        let columns = vec![
            head("指标", "Measure"),
            head("截至", "Until"),
            head("依据", "Document"),
            head("版次", "Revision"),
        ];
        writer.table(Text::new("数字出处", "Where the totals stand"), columns, rows);
    }

    fn document(&self, of: &Measure, end: Date, version: u32) -> Option<(Cell, Cell, Cell)> {
        let key = EntryKey {
            programme: self.own.key.clone(),
            project: None,
            measure: of.key.clone(),
            period_end: end,
        };
        let document = &self.book.entries.get(&key)?.last()?.it.document;
        let title = words(
            format!("{}{}", document.title, numbered_zh(&document.number)),
            format!("{}{}", document.title, numbered_en(&document.number)),
        );
        Some((same(end.to_string()), title, same(version.to_string())))
    }
}

/// The word of a light.
pub fn light_words(light: Light) -> (&'static str, &'static str) {
    match light {
        Light::Green => ("绿灯", "green"),
        Light::Amber => ("黄灯", "amber"),
        Light::Red => ("红灯", "red"),
    }
}

/// A name in both languages, each standing for the other that is missing.
fn either(name: &Text) -> Text {
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    Text::new(or(&name.zh, &name.en), or(&name.en, &name.zh))
}

fn numbered_zh(number: &str) -> String {
    if number.is_empty() { String::new() } else { format!("（{number}）") }
}

fn numbered_en(number: &str) -> String {
    if number.is_empty() { String::new() } else { format!(" ({number})") }
}
