//! A unit's own account of its cases in a span: what was due, what was on time, its score, and the numbers of the cases
//! behind each count, so that it can check every one.

use super::writer::{Writer, code, count, head, none, number, same, span_words, text_of, words};
use super::{Error, Ground, Question, cases};
use account::report::{Cell, Number, Report};
use account::{Basis, Text};
use control::{Counts, POINTS_DECIMALS, ScoreScheme, counts_by_unit};
use engine::people::People;

/// Case numbers that a cell names; beyond it, how many more.
const NAMED_MAX: usize = 40;

/// Puts it together.
///
/// # Errors
/// When no unit is named, there is no such unit, or something cannot be read or computed.
pub fn report(ground: &Ground<'_>, question: &Question) -> Result<Report, Error> {
    let refused = |zh: &str, en: &str| Error::Refused(Text::new(zh, en));
    let key = question.unit.as_deref().ok_or_else(|| refused("请指明单位", "name a unit"))?;
    let people = People::as_of(ground.asked.reader, ground.asked.known)?;
    let unit = people
        .unit(key)
        .ok_or_else(|| refused(&format!("没有单位 {key}"), &format!("there is no unit {key}")))?;
    let settings =
        ground.settings.ok_or_else(|| refused("此处没有办件", "there is no desk here"))?;
    let name = text_of(&unit.name);
    let when = span_words(question.span);
    let title = Text::new(
        format!("办件报告：{}（{}）", name.zh, when.zh),
        format!("cases of {} in {}", name.en, when.en),
    );
    let mut writer = Writer::new("unit", &title, ground, question.span)?;
    let known = cases::known(ground)?;
    let counted = counts_by_unit(
        known.values().map(AsRef::as_ref),
        &settings.catalogue,
        &settings.calendar,
        cases::instants(ground, question.span)?,
        ground.asked.now,
    );
    writer.section("办件", "Cases");
    match counted.get(key) {
        None => writer.sentence(
            "本期没有应结办件，不计得分：不是 0 分，也不是满分。",
            "No case was due, so there is no score: neither nought nor full points.",
        ),
        Some(counts) => {
            told(&mut writer, counts)?;
            score(&mut writer, counts)?;
        }
    }
    Ok(writer.done())
}

/// The counts, each with the numbers of its cases.
fn told(writer: &mut Writer, counts: &Counts) -> Result<(), Error> {
    let lists = [
        ("应结", "due", &counts.due),
        ("缓办", "deferred", &counts.deferred),
        ("办结", "closed", &counts.closed),
        ("按时办结", "closed on time", &counts.on_time),
        ("超期", "overdue", &counts.overdue),
        ("督办", "urged", &counts.urged),
        ("返工", "reworked", &counts.reworks),
        ("重开", "reopened", &counts.reopened),
    ];
    let mut rows = vec![];
    let mut codes = vec![];
    for (zh, en, list) in lists {
        let source = Text::new("办件台账", "the desk");
        let own = count(Text::new(zh, en), list.len(), Text::new("件", "cases"), source);
        let own = writer.keep(Number { basis: Some(Basis::Cases), ..own });
        let more = list.len().saturating_sub(NAMED_MAX);
        let named = list.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(" ");
        let named = if more > 0 { format!("{named} … +{more}") } else { named };
        rows.push(vec![words(zh, en), code(&own), same(named)]);
        codes.push(own);
    }
    let due = if counts.deferred.is_empty() {
        codes[0].clone()
    } else {
        let made =
            account::report::Made::Difference { of: codes[0].clone(), less: codes[1].clone() };
        let unit = Text::new("件", "cases");
        let of = number(Text::new("应结（不含缓办）", "due, without those deferred"), "");
        writer.made(Number { unit, made, basis: Some(Basis::Cases), ..of })?.unwrap_or_default()
    };
    for (zh, en, part) in [("按时率", "on time", &codes[3]), ("办结率", "closed", &codes[2])]
    {
        let name = Text::new(zh, format!("share {en}"));
        let cell = match writer.share(name, (part, &due), Basis::Cases)? {
            Some(share) => code(share),
            None => none("没有应结办件", "no case was due"),
        };
        rows.push(vec![words(zh, format!("share {en} (%)")), cell, words("按件计", "by cases")]);
    }
    let columns = vec![head("项目", "Item"), head("数量", "Count"), head("办件编号", "Cases")];
    writer.table(Text::new("办件数量", "Counts"), columns, rows);
    Ok(())
}

/// The score by the formula that is built in, line by line.
fn score(writer: &mut Writer, counts: &Counts) -> Result<(), Error> {
    let scheme = ScoreScheme::built_in().map_err(Error::Formula)?;
    let score = scheme.score(counts)?;
    writer.judged_by("score", &format!("{} ({})", scheme.key, scheme.valid_from), writer.span());
    let mut codes = vec![];
    let mut rows = vec![];
    let source = Text::same(scheme.source.as_str());
    for (of, points) in &score.lines {
        let (zh, en) = line(of);
        let cell: Cell = match points {
            Some(points) => {
                let value = points.half_even(2)?.fixed(2);
                let unit = Text::new("分", "points");
                let own =
                    Number { unit, source: source.clone(), ..number(Text::new(zh, en), value) };
                codes.push(writer.keep(own));
                code(&codes[codes.len() - 1])
            }
            None => none("没有办件", "no case"),
        };
        rows.push(vec![words(zh, en), cell]);
    }
    if score.points.is_some() {
        let made = account::report::Made::Sum { of: codes };
        let of = number(Text::new("得分", "score"), "");
        let unit = Text::new("分", "points");
        let sum = Number { unit, made, source, decimals: Some(POINTS_DECIMALS), ..of };
        let sum = writer.made(sum)?.unwrap_or_default();
        rows.push(vec![words("得分", "score"), code(sum)]);
    }
    writer.section("得分", "Score");
    writer.table(
        Text::new(scheme.name.zh.as_str(), scheme.name.en.as_str()),
        vec![head("项目", "Item"), head("分值", "Points")],
        rows,
    );
    if !score.is_ranked {
        let min = scheme.cases_min;
        writer.doubt(
            format!("应结办件少于 {min} 件，只列出，不参加排名。"),
            format!("Fewer than {min} cases were due: shown, and not ranked."),
        );
    }
    Ok(())
}

fn line(of: &str) -> (&str, &str) {
    match of {
        "on_time" => ("按时", "on time"),
        "closing" => ("办结", "closing"),
        "urgent_on_time" => ("紧急件按时", "urgent, on time"),
        "rework" => ("返工扣分", "off for rework"),
        "reopened" => ("重开扣分", "off for reopening"),
        other => (other, other),
    }
}
