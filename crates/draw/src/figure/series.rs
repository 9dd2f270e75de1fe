//! Pictures of what comes after the plots: the forecast with its bands, the effect of a measure with its placebos.

use crate::axis::{Axis, ends, number};
use crate::paper::{Anchor, Paper};
use crate::{Language, Look, words};
use space::effect::Effect;
use space::forecast::{BANDS, Forecast, LEADS, Method};
use std::ops::RangeInclusive;

/// A forecast from outside, drawn beside.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Whose it is.
    pub name: String,
    /// Its skill over persistence, when it has a record.
    pub skill: Option<f64>,
    /// Hour and value, in their order.
    pub points: Vec<(i64, f64)>,
}

/// Lines that are told apart; more are in the numbers only.
const BESIDE: [&str; 3] = ["o0", "o1", "o2"];

/// What is drawn of one beside.
struct Line<'a> {
    own: &'a Beside,
    class: &'static str,
    points: Vec<(i64, f64)>,
}

fn lines<'a>(beside: &'a [Beside], hours: &RangeInclusive<i64>) -> Vec<Line<'a>> {
    let line = |(own, class): (&'a Beside, &'static str)| {
        let points = own.points.iter().filter(|(hour, _)| hours.contains(hour)).copied().collect();
        Line { own, class, points }
    };
    beside.iter().zip(BESIDE).map(line).collect()
}

/// Says which line is whose, and how skilled it is.
fn legend(paper: &mut Paper, lines: &[Line<'_>], says: Language, [left, y]: [f64; 2]) {
    for (at, line) in lines.iter().enumerate() {
        let x = left + 220.0 * at as f64;
        paper.line([x, y], [x + 24.0, y], line.class);
        let skill = line.own.skill.map_or_else(
            || says.of("尚未评分", "not yet scored").to_owned(),
            |skill| format!("{:+.0} %", 100.0 * skill),
        );
        let name: String = line.own.name.chars().take(20).collect();
        paper.text(x + 30.0, y + 4.0, Anchor::Start, "m", &format!("{name} {skill}"));
    }
}

/// Draws a forecast after what was measured last: pairs of hour and value. `label` names an hour in civil time.
pub fn forecast(
    made: &Forecast,
    before: &[(i64, Option<f64>)],
    beside: &[Beside],
    label: impl Fn(i64) -> String,
    look: &Look<'_>,
) -> String {
    let says = look.language;
    let whole = BANDS[BANDS.len() - 1];
    let score = |method: Method| {
        made.scores.iter().find(|score| score.method == method && score.band == whole)
    };
    let skill = [Method::Learned, Method::Climatology]
        .into_iter()
        .filter_map(|method| Some((method, score(method)?.skill_persistence?)))
        .map(|(method, skill)| format!("{} {:+.0} %", words::method(method, says), 100.0 * skill))
        .collect::<Vec<_>>()
        .join(says.of("，", ", "));
    let subtitle = if made.steps.is_empty() {
        says.of("仅外部预报", "from outside alone").to_owned()
    } else if skill.is_empty() {
        says.of("50 % 与 90 % 区间", "50 % and 90 % intervals").to_owned()
    } else {
        says.said(
            format!("50 % 与 90 % 区间；相对持续性的技巧：{skill}"),
            format!("50 % and 90 % intervals; skill over persistence: {skill}"),
        )
    };
    let name = says.of("72 小时预报", "Forecast of 72 hours");
    let mut paper = Paper::new(760.0, 380.0, look, name, &subtitle);
    let (left, right, top, bottom) = (60.0, 740.0, 70.0, 330.0);
    let known = before.iter().filter_map(|(_, value)| *value);
    let quantiles = made.steps.iter().flat_map(|step| [step.quantiles[0], step.quantiles[6]]);
    let first = before.first().map_or(made.last_hour, |(hour, _)| *hour);
    let last = made.last_hour + LEADS as i64;
    let lines = lines(beside, &(first..=last));
    let said = lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let [low, high] = ends(known.chain(quantiles).chain(said));
    let x = Axis::new([first as f64, last as f64], [left, right]);
    let y = Axis::new([low.min(0.0), high * 1.05], [bottom, top]);
    for tick in y.ticks(5) {
        paper.line([left, y.at(tick)], [right, y.at(tick)], "g");
        paper.text(left - 6.0, y.at(tick) + 4.0, Anchor::End, "m", &number(tick));
    }
    for hour in (first..=last).filter(|hour| (hour - made.last_hour) % 24 == 0) {
        paper.line([x.at(hour as f64), top], [x.at(hour as f64), bottom], "g");
        // The last one would stand beyond the paper.
        let anchor = if hour == last { Anchor::End } else { Anchor::Middle };
        paper.text(x.at(hour as f64), bottom + 18.0, anchor, "m", &label(hour));
    }
    for (low, high) in [(0, 6), (2, 4)] {
        let band = made.steps.iter().map(|step| {
            let at = |of: usize| y.at(step.quantiles[of]);
            Some([x.at(step.hour as f64), at(low), at(high)])
        });
        paper.band(&band.collect::<Vec<_>>(), "b");
    }
    let point = |(hour, value): &(i64, Option<f64>)| Some([x.at(*hour as f64), y.at((*value)?)]);
    paper.curve(before.iter().map(point), "i");
    let middle = made.steps.iter();
    paper.curve(middle.map(|step| Some([x.at(step.hour as f64), y.at(step.quantiles[3])])), "a");
    for line in &lines {
        let point = |(hour, value): &(i64, f64)| Some([x.at(*hour as f64), y.at(*value)]);
        paper.curve(line.points.iter().map(point), line.class);
    }
    legend(&mut paper, &lines, says, [left + 10.0, bottom + 34.0]);
    for step in &made.steps {
        let [low, .., high] = step.quantiles;
        let middle = step.quantiles[3];
        let data = [
            ("hour", step.hour.to_string()),
            ("middle", format!("{middle:.2}")),
            (
                "title",
                format!(
                    "{} · {} ({}–{})",
                    label(step.hour),
                    number(middle),
                    number(low),
                    number(high)
                ),
            ),
        ];
        paper.circle([x.at(step.hour as f64), y.at(middle)], 1.8, "d", &data);
    }
    paper.line([x.at(made.last_hour as f64), top], [x.at(made.last_hour as f64), bottom], "i");
    paper.finish()
}

/// Draws the effect of a measure: its days above, the placebos below.
pub fn effect(made: &Effect, look: &Look<'_>) -> String {
    let says = look.language;
    let [low, high] = made.interval.map(number);
    let subtitle = format!(
        "{} % [{low}, {high}] · p = {:.2} · n = {}",
        number(made.percent),
        made.p,
        made.placebos.len()
    );
    let name = says.of("措施效果（去除气象）", "Effect of a measure after the weather");
    let mut paper = Paper::new(760.0, 420.0, look, name, &subtitle);
    let (left, right, top, bottom) = (60.0, 740.0, 90.0, 290.0);
    let values = made.days.iter().flat_map(|day| [day.measured, day.expected]);
    let y = Axis::new([0.0, ends(values)[1] * 1.05], [bottom, top]);
    let x = Axis::new([0.0, made.days.len() as f64 - 1.0], [left, right]);
    for tick in y.ticks(4) {
        paper.line([left, y.at(tick)], [right, y.at(tick)], "g");
        paper.text(left - 6.0, y.at(tick) + 4.0, Anchor::End, "m", &number(tick));
    }
    let every = made.days.len().div_ceil(8).max(1);
    for (at, day) in made.days.iter().enumerate().step_by(every) {
        let name = format!("{}-{}", day.at.month, day.at.day);
        paper.text(x.at(at as f64), bottom + 16.0, Anchor::Middle, "m", &name);
    }
    let days = || made.days.iter().enumerate();
    paper.curve(days().map(|(at, day)| Some([x.at(at as f64), y.at(day.measured)])), "a");
    paper.curve(days().map(|(at, day)| Some([x.at(at as f64), y.at(day.expected)])), "w");
    paper.line([left, 70.0], [left + 20.0, 70.0], "a");
    paper.text(left + 26.0, 74.0, Anchor::Start, "", says.of("实测", "measured"));
    paper.line([left + 120.0, 70.0], [left + 140.0, 70.0], "w");
    let expected = says.of("同样气象下无措施的预期", "expected of the same weather without it");
    paper.text(left + 146.0, 74.0, Anchor::Start, "", expected);
    let all = made.placebos.iter().map(|placebo| placebo.percent);
    let [low, high] = ends(all.chain([made.percent, 0.0]));
    let along = Axis::new([low, high], [left + 20.0, right - 20.0]);
    for tick in along.ticks(6) {
        paper.line([along.at(tick), 340.0], [along.at(tick), 370.0], "g");
        paper.text(along.at(tick), 388.0, Anchor::Middle, "m", &format!("{} %", number(tick)));
    }
    for placebo in &made.placebos {
        let date = format!("{}-{:02}-{:02}", placebo.at.year, placebo.at.month, placebo.at.day);
        let numbers = [
            ("percent", format!("{:.2}", placebo.percent)),
            ("title", format!("{date} · {} %", number(placebo.percent))),
        ];
        paper.circle([along.at(placebo.percent), 355.0], 4.0, "b", &numbers);
    }
    let at = along.at(made.percent);
    paper.line([at, 338.0], [at, 372.0], "w");
    let word =
        says.of("无事之日（安慰剂）与此措施", "dates at which nothing happened, and the measure");
    paper.text(left, 328.0, Anchor::Start, "m", word);
    paper.finish()
}
