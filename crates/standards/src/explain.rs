//! How a result came about: a tree of steps down to the averages that went in, in one shape for all
//! results, with the clause, the edition and the doubts of every step.
//!
//! Readings are not known here: whoever has them hangs them below the steps whose `capture` says how
//! many there were.

use crate::air::{
    AirIndex, Capture, Composite, Evaluation, IndexReport, ItemResult, NotAssessed,
    PeriodStatistic, PollutantRow, ReportKind, Statistic,
};
use crate::source::{Doubt, Source};
use crate::water::{SectionReport, WaterBody, WaterLaw};
use crate::words::Said;
use serde::Serialize;
use std::fmt::{self, Write};
use std::sync::Arc;

/// One step of a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// What it is, `PM2.5 daily mean`.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
    /// The number, class or name that the step gave; none when it gave none.
    pub value: Option<String>,
    /// The unit of the value.
    pub unit: Option<Arc<str>>,
    /// How it was done, in the signs of the standard: `⌈(100 - 50) / (60 - 35) × (42 - 35) + 50⌉`.
    pub how: Option<String>,
    /// The edition that was followed.
    pub edition: Option<Arc<str>>,
    /// The row of law behind the step.
    pub law: Option<Source>,
    /// How many values there were, were needed, and could be.
    pub capture: Option<Capture>,
    /// Why the step gave nothing.
    pub reason: Option<NotAssessed>,
    /// What is in doubt about it.
    pub doubts: Vec<Doubt>,
    /// What it was made from.
    pub from: Vec<Self>,
}

impl Step {
    fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
            value: None,
            unit: None,
            how: None,
            edition: None,
            law: None,
            capture: None,
            reason: None,
            doubts: Vec::new(),
            from: Vec::new(),
        }
    }

    fn valued(mut self, value: Option<impl ToString>) -> Self {
        self.value = value.map(|value| value.to_string());
        self
    }

    fn with_unit(mut self, unit: &str) -> Self {
        self.unit = Some(Arc::from(unit));
        self
    }

    /// The tree as an outline, two spaces a floor, in one language.
    pub fn outline(&self, chinese: bool) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(chinese, 0, &mut text);
        text
    }

    fn write(&self, chinese: bool, floor: usize, out: &mut String) -> fmt::Result {
        let say = |said: &dyn Said| if chinese { said.zh() } else { said.en() };
        let (name, colon, none) =
            if chinese { (&self.zh, "：", "无") } else { (&self.en, ": ", "none") };
        write!(out, "{:width$}{name}{colon}", "", width = 2 * floor)?;
        match (&self.value, &self.unit, &self.reason) {
            (Some(value), Some(unit), _) => write!(out, "{value} {unit}")?,
            (Some(value), None, _) => out.write_str(value)?,
            (None, _, Some(_)) => {}
            (None, _, None) => out.write_str(none)?,
        }
        if let Some(how) = &self.how {
            write!(out, " = {how}")?;
        }
        if let Some(reason) = &self.reason {
            let between = if self.value.is_some() { " – " } else { "" };
            write!(out, "{between}{}", say(reason))?;
        }
        if let Some(law) = &self.law {
            write!(out, " [{}; {}]", law.text, law.confidence)?;
        }
        out.write_char('\n')?;
        for doubt in &self.doubts {
            writeln!(out, "{:width$}! {}", "", say(doubt), width = 2 * floor + 2)?;
        }
        self.from.iter().try_for_each(|step| step.write(chinese, floor + 1, out))
    }
}

impl AirIndex {
    /// How a report of this edition came about.
    pub fn explain(&self, report: &IndexReport) -> Step {
        let (en, zh) = match report.kind {
            ReportKind::Day => ("daily AQI", "日AQI"),
            ReportKind::Hour => ("hourly AQI", "小时AQI"),
        };
        let mut step = Step::new(en, zh).valued(report.aqi.as_ref().ok());
        step.how = report.aqi.is_ok().then(|| {
            let indices: Vec<String> =
                report.rows.iter().filter_map(|row| row.iaqi).map(|i| i.to_string()).collect();
            format!("max({})", indices.join(", "))
        });
        step.reason = report.aqi.as_ref().err().cloned();
        step.edition = Some(Arc::clone(&report.edition));
        step.doubts.clone_from(&report.doubts);
        if let Some(category) = report.aqi.as_ref().ok().and_then(|aqi| self.category(*aqi)) {
            let mut level = Step::new("level", "级别").valued(Some(format!(
                "{} {} {}",
                category.level, category.name_zh, category.name_en
            )));
            level.law = Some(category.source.clone());
            step.from.push(level);
        }
        if !report.primary.is_empty() {
            let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
            step.from.push(
                Step::new("primary pollutants", "首要污染物").valued(Some(primary.join(", "))),
            );
        }
        step.from.extend(report.rows.iter().map(|row| self.explain_row(row)));
        step
    }

    fn explain_row(&self, row: &PollutantRow) -> Step {
        let pollutant = row.pollutant;
        let mut index =
            Step::new(format!("{pollutant} IAQI"), format!("{pollutant}分指数")).valued(row.iaqi);
        index.reason.clone_from(&row.reason);
        index.doubts.clone_from(&row.doubts);
        let column = self.column(&row.column);
        index.law = column.map(|column| column.source().clone());
        let (en, zh) = statistic_name(row.statistic);
        let mut average = Step::new(format!("{pollutant} {en}"), format!("{pollutant}{zh}"))
            .valued(row.average)
            .with_unit(pollutant.unit());
        average.capture = row.capture;
        let input = if row.iaqi.is_some() { self.input_of(row) } else { None };
        if let (Some(segment), Some(input)) = (row.segment, input) {
            let (rise_to, rise_from) = (segment.iaqi_high, segment.iaqi_low);
            let (high, low) = (segment.high, segment.low);
            index.how = Some(format!(
                "⌈({rise_to} - {rise_from}) / ({high} - {low}) × ({input} - {low}) + {rise_from}⌉"
            ));
        } else if row.iaqi.is_some() {
            index.law = column.map(|column| column.above_source().clone());
        }
        if input == row.rounded && row.rounded != row.average {
            let places = self.decimals(pollutant);
            let mut rounded = Step::new(
                format!("rounded half to even, {places} decimals"),
                format!("修约（四舍六入五成双），{places}位小数"),
            )
            .valued(row.rounded.map(|rounded| rounded.fixed(places)))
            .with_unit(pollutant.unit());
            rounded.law = Some(self.rounding_source().clone());
            rounded.from.push(average);
            index.from.push(rounded);
        } else {
            index.from.push(average);
        }
        index
    }
}

impl Evaluation {
    /// How a span was judged, statistic by statistic.
    pub fn explain(&self) -> Step {
        let mut step =
            Step::new(format!("assessment of {}", self.span), format!("{}评价", self.span));
        step.value =
            self.meets.map(|meets| if meets { "达标 meets" } else { "超标 exceeds" }.to_owned());
        step.edition = Some(Arc::clone(&self.edition));
        step.from.extend(self.items.iter().map(explain_item));
        let days = &self.days;
        let mut good = Step::new("good days", "优良天数").valued(Some(days.good));
        good.how = Some(format!("{} / {}", days.good, days.valid));
        let mut share = Step::new("share of good days", "优良天数比例")
            .valued(days.good_percent.map(|share| share.fixed(1)))
            .with_unit("%");
        share.from.push(good);
        step.from.push(share);
        step
    }
}

fn explain_item(item: &ItemResult) -> Step {
    let pollutant = item.pollutant;
    let (en, zh) = match item.statistic {
        PeriodStatistic::Mean => ("mean".to_owned(), "平均值".to_owned()),
        PeriodStatistic::Percentile(p) => (format!("{p}th percentile"), format!("第{p}百分位数")),
    };
    let mut step = Step::new(format!("{pollutant} {en}"), format!("{pollutant}{zh}"))
        .valued(item.rounded)
        .with_unit(pollutant.unit());
    step.reason.clone_from(&item.reason);
    step.law = Some(item.source.clone());
    step.doubts.clone_from(&item.doubts);
    let need = item.need.unwrap_or(0);
    step.capture = Some(Capture { have: item.have, need, of: item.of, refused: 0 });
    if let (Some(limit), Some(rounded)) = (item.limit, item.rounded) {
        let sign = if rounded <= limit { "≤" } else { ">" };
        step.how = Some(format!("{rounded} {sign} {limit}"));
    }
    let unrounded = Step::new("unrounded", "修约前").valued(item.value).with_unit(pollutant.unit());
    step.from.push(unrounded);
    step
}

impl Composite {
    /// How the composite index came about.
    pub fn explain(&self) -> Step {
        let mut step = Step::new("composite index", "综合指数").valued(Some(self.rounded));
        let singles: Vec<String> =
            self.singles.iter().map(|single| single.index.fixed(4)).collect();
        step.how = Some(singles.join(" + "));
        step.doubts.clone_from(&self.doubts);
        for single in &self.singles {
            let pollutant = single.pollutant;
            let mut part =
                Step::new(format!("{pollutant} single index"), format!("{pollutant}单项指数"))
                    .valued(Some(single.index.fixed(4)));
            part.how = Some(format!("{} / {}", single.value, single.limit));
            step.from.push(part);
        }
        step
    }
}

impl WaterLaw {
    /// How the class of a section came about.
    pub fn explain_section(&self, body: WaterBody, report: &SectionReport) -> Step {
        let mut step = Step::new("class of water", "水质类别").valued(report.class);
        step.reason = report.class.is_none().then_some(NotAssessed::NoData);
        step.how = report.class.map(|_| format!("{} / {}", report.assessed, report.of));
        for row in &report.items {
            let Some(item) = self.limits().item(&row.key, body) else { continue };
            let mut part = Step::new(&*item.name_en, &*item.name_zh).valued(Some(row.class));
            part.law = Some(item.source.clone());
            part.how = Some(match (row.limit_iii, item.range()) {
                (Some(limit), _) => format!("{} (III: {limit})", row.value),
                (None, Some((low, high))) => format!("{} ({low}..{high})", row.value),
                (None, None) => row.value.to_string(),
            });
            step.from.push(part);
        }
        step
    }
}

fn statistic_name(statistic: Statistic) -> (&'static str, &'static str) {
    match statistic {
        Statistic::Hour => ("hourly mean", "1小时平均"),
        Statistic::MeanDay => ("daily mean", "24小时平均"),
        Statistic::Running24h => ("running 24 h mean", "24小时滑动平均"),
        Statistic::Running8h => ("running 8 h mean", "8小时滑动平均"),
        Statistic::Max1h => ("daily maximum of hours", "日最大1小时平均"),
        Statistic::Max8h => ("daily maximum 8 h mean", "日最大8小时滑动平均"),
    }
}
