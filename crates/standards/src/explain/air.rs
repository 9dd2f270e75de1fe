//! The trees of air results: an index report, the composite index.

use super::{Rounding, Rule, Step, Text};
use crate::air::{AirIndex, Composite, IndexReport, PollutantRow, ReportKind, Statistic};
use crate::exact::Exact;

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
        step.rule = Some(Rule::of(self.source()).at("max", Some(&report.edition)));
        step.doubts.clone_from(&report.doubts);
        if let Some(category) = report.aqi.as_ref().ok().and_then(|aqi| self.category(*aqi)) {
            let mut level = Step::new("level", "级别").valued(Some(format!(
                "{} {} {}",
                category.level, category.name_zh, category.name_en
            )));
            level.rule = Some(
                Rule::of(&category.source).at(category.level.to_string(), Some(&report.edition)),
            );
            step.inputs.push(level);
        }
        if !report.primary.is_empty() {
            let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
            step.inputs.push(
                Step::new("primary pollutants", "首要污染物").valued(Some(primary.join(", "))),
            );
        }
        step.inputs.extend(report.rows.iter().map(|row| self.explain_row(row)));
        step
    }

    fn explain_row(&self, row: &PollutantRow) -> Step {
        let pollutant = row.pollutant;
        let mut index =
            Step::new(format!("{pollutant} IAQI"), format!("{pollutant}分指数")).valued(row.iaqi);
        index.reason.clone_from(&row.reason);
        index.doubts.clone_from(&row.doubts);
        let column = self.column(&row.column);
        index.rule =
            column.map(|column| Rule::of(column.source()).at(&*row.column, Some(self.edition())));
        let (en, zh) = statistic_name(row.statistic);
        let mut average = Step::new(format!("{pollutant} {en}"), format!("{pollutant}{zh}"))
            .valued(row.average)
            .with_unit(pollutant.unit());
        average.valid = row.capture.map(Into::into);
        let input = if row.iaqi.is_some() { self.input_of(row) } else { None };
        if let (Some(segment), Some(input)) = (row.segment, input) {
            let (rise_to, rise_from) = (segment.iaqi_high, segment.iaqi_low);
            let (high, low) = (segment.high, segment.low);
            index.how = Some(format!(
                "⌈({rise_to} - {rise_from}) / ({high} - {low}) × ({input} - {low}) + {rise_from}⌉"
            ));
        } else if row.iaqi.is_some() {
            index.rule = column.map(|column| {
                Rule::of(column.above_source()).at(&*row.column, Some(self.edition()))
            });
        }
        if input == row.rounded && row.rounded != row.average {
            let places = self.decimals(pollutant);
            let mut rounded = Step::new(
                format!("rounded half to even, {places} decimals"),
                format!("修约（四舍六入五成双），{places}位小数"),
            )
            .valued(row.rounded.map(|rounded| rounded.fixed(places)))
            .with_unit(pollutant.unit());
            rounded.rule =
                Some(Rule::of(self.rounding_source()).at("decimals", Some(self.edition())));
            rounded.rounding = row.average.zip(row.rounded).map(|(from, to)| Rounding {
                from: from.to_string(),
                to: to.fixed(places),
                digits: places,
                mode: "half_even",
            });
            rounded.inputs.push(average);
            index.inputs.push(rounded);
        } else {
            index.inputs.push(average);
        }
        index
    }
}

impl Composite {
    /// How the composite index came about.
    pub fn explain(&self) -> Step {
        let mut step = Step::new("composite index", "综合指数").valued(Some(self.rounded));
        let singles: Vec<String> =
            self.singles.iter().map(|single| single.index.fixed(4)).collect();
        step.how = Some(singles.join(" + "));
        step.doubts.clone_from(&self.doubts);
        step.rule = self.source.as_ref().map(|source| Rule::of(source).at(&*self.scheme, None));
        for single in &self.singles {
            let pollutant = single.pollutant;
            let mut part =
                Step::new(format!("{pollutant} single index"), format!("{pollutant}单项指数"))
                    .valued(Some(single.index.fixed(4)));
            part.how = Some(format!("{} / {}", single.value, single.limit));
            part.rule = Some(Rule::of(&single.limit_source).at(pollutant.symbol(), None));
            if single.weight != Exact::whole(1) {
                let (en, zh) =
                    (format!("weight {}", single.weight), format!("权重{}", single.weight));
                part.text = Some(Text::new(zh, en));
            }
            step.inputs.push(part);
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
