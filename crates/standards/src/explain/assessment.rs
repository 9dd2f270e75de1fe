//! The trees of an assessment: each item of a span down to its days.

use super::{Rounding, Rule, Step, Text, Valid};
use crate::air::comparison::Item;
use crate::air::{Assessment, DayValues, ItemResult, NotAssessed, PeriodStatistic, Pollutant};
use crate::exact::Exact;

impl Assessment {
    /// How one number of the table came about, down to its days, of which at most `days_max` are
    /// listed. Whoever has the hours hangs [`crate::air::AirIndex::explain`] below a day.
    pub fn explain(&self, item: Item, days_max: usize) -> Step {
        match item {
            Item::Pollutant(pollutant) => match self.evaluation.headline(pollutant) {
                Some(item) => self.explain_item(item, days_max),
                None => Step::new(pollutant.symbol(), pollutant.symbol()),
            },
            Item::Composite => self.explain_composite(days_max),
            Item::GoodDays | Item::HeavyDays | Item::GoodShare => self.explain_days(item, days_max),
        }
    }

    /// The whole assessment: every statistic that is judged, the composite index, the days.
    pub fn explain_all(&self, days_max: usize) -> Step {
        let evaluation = &self.evaluation;
        let mut step =
            Step::new(format!("assessment of {}", self.span), format!("{}评价", self.span));
        step.value = evaluation
            .meets
            .map(|meets| if meets { "达标 meets" } else { "超标 exceeds" }.to_owned());
        step.inputs.extend(evaluation.items.iter().map(|item| self.explain_item(item, days_max)));
        step.inputs.push(self.explain_composite(0));
        step.inputs.push(self.explain_days(Item::GoodDays, days_max));
        step.inputs.push(self.explain_days(Item::HeavyDays, days_max));
        let keys = ["grade", "exceptional_events", "three_year_mean"];
        step.inputs.push(self.settings.step(&keys));
        step
    }

    /// One statistic of one pollutant.
    pub fn explain_item(&self, item: &ItemResult, days_max: usize) -> Step {
        let pollutant = item.pollutant;
        let (name, places) = (item.statistic.name(), self.decimals(pollutant));
        let mut step = Step::new(
            format!("{pollutant} {}, {}", name.en, self.span),
            format!("{pollutant}{}，{}", name.zh, self.span),
        )
        .valued(item.rounded.map(|value| value.fixed(places)))
        .with_unit(pollutant.unit());
        step.reason.clone_from(&item.reason);
        step.doubts.clone_from(&item.doubts);
        step.rule =
            Some(Rule::of(&item.source).at(pollutant.symbol(), Some(&self.evaluation.edition)));
        step.valid = Some(valid(item));
        if let (Some(limit), Some(rounded)) = (item.limit, item.rounded) {
            let sign = if rounded <= limit { "≤" } else { ">" };
            step.how = Some(format!("{} {sign} {limit}", rounded.fixed(places)));
            let mut row =
                Step::new("limit", "限值").valued(Some(limit)).with_unit(pollutant.unit());
            row.rule = item
                .limit_source
                .as_ref()
                .map(|source| Rule::of(source).at(pollutant.symbol(), None));
            if let Some(multiple) = item.exceedance {
                let multiple = multiple.fixed(2);
                row.text = Some(Text::new(
                    format!("超标{multiple}倍"),
                    format!("exceeded by {multiple} times the limit"),
                ));
            }
            step.inputs.push(row);
        }
        let mut rounded = Step::new(
            format!("rounded half to even, {places} decimals"),
            format!("修约（四舍六入五成双），{places}位小数"),
        )
        .valued(item.rounded.map(|value| value.fixed(places)))
        .with_rule(&self.decimals_sources[pollutant.index()]);
        rounded.rounding = item.value.zip(item.rounded).map(|(from, to)| Rounding {
            from: readable(&from),
            to: to.fixed(places),
            digits: places,
            mode: "half_even",
        });
        rounded.inputs.push(self.unrounded(item, days_max));
        step.inputs.push(rounded);
        if self.dust_days > 0 {
            step.inputs.push(self.settings.step(&["exceptional_events"]));
        }
        step
    }

    /// The statistic itself over its days.
    fn unrounded(&self, item: &ItemResult, days_max: usize) -> Step {
        let at = item.pollutant.index();
        let mut there: Vec<(&DayValues, Exact)> =
            self.days.iter().filter_map(|day| Some((day, day.values[at]?))).collect();
        let mut step = Step::new("before rounding", "修约前")
            .valued(item.value.as_ref().map(readable))
            .with_unit(item.pollutant.unit());
        step.valid = Some(valid(item));
        let n = there.len();
        let mut shown = days_max.min(n);
        match item.statistic {
            PeriodStatistic::Mean => step.how = Some(format!("Σ / {n}")),
            PeriodStatistic::Percentile(percent) if n > 0 => {
                there.sort_by_key(|(_, value)| *value);
                let rank = (n - 1) * usize::from(percent);
                let (s, part) = (rank / 100 + 1, rank % 100);
                let k = Exact::fraction((rank + 100) as i128, 100).unwrap_or(Exact::ZERO);
                step.how = Some(format!(
                    "k = 1 + ({n} - 1) × {percent} / 100 = {k}; X({s}) + 0.{part:02} × (X({}) - X({s}))",
                    (s + 1).min(n)
                ));
                // The two days between which it lies stand first, then those above.
                there.rotate_left(s - 1);
                shown = shown.max(if days_max == 0 { 0 } else { 2 }).min(n);
            }
            PeriodStatistic::Percentile(_) => {}
        }
        for (day, value) in there.iter().take(shown) {
            let mut input = Step::new(day.date.to_string(), day.date.to_string())
                .valued(Some(readable(value)))
                .with_unit(item.pollutant.unit());
            let own = day.doubts.iter().filter(|(pollutant, _)| *pollutant == Some(item.pollutant));
            input.doubts = own.map(|(_, doubt)| doubt.clone()).collect();
            step.inputs.push(input);
        }
        step.truncated = (n > shown).then(|| n - shown);
        let out: Vec<String> = self
            .days
            .iter()
            .filter(|day| day.excluded.contains(&item.pollutant))
            .map(|day| day.date.to_string())
            .collect();
        if !out.is_empty() {
            step.text = Some(Text::new(
                format!("沙尘天气剔除：{}", out.join("、")),
                format!("taken out for dust weather: {}", out.join(", ")),
            ));
        }
        step
    }

    fn explain_composite(&self, days_max: usize) -> Step {
        let mut step = match &self.composite {
            Ok(composite) => {
                let mut step = composite.explain();
                for (part, single) in step.inputs.iter_mut().zip(&composite.singles) {
                    if let Some(item) = self.evaluation.headline(single.pollutant) {
                        part.inputs.push(self.explain_item(item, days_max));
                    }
                }
                step
            }
            Err(reason) => {
                let mut step = Step::new("composite index", "综合指数");
                step.reason = Some(reason.clone());
                step
            }
        };
        let keys = ["composite_scheme", "composite_values", "composite_limits", "three_year_mean"];
        step.inputs.push(self.settings.step(&keys));
        step
    }

    fn explain_days(&self, item: Item, days_max: usize) -> Step {
        let days = &self.evaluation.days;
        let (name, cell) = (item.name(), self.cell(item));
        let mut step =
            Step::new(format!("{}, {}", name.en, self.span), format!("{}，{}", name.zh, self.span))
                .valued(cell.value)
                .with_unit(item.unit());
        step.reason = (days.valid == 0).then_some(NotAssessed::NoData);
        step.doubts.clone_from(&days.doubts);
        step.valid = Some(Valid { have: days.valid, need: None, of: self.span.len() });
        step.how = (item == Item::GoodShare).then(|| format!("{} / {}", days.good, days.valid));
        for (level, count) in (1..).zip(days.by_level) {
            step.inputs.push(
                Step::new(format!("level {level}"), format!("{level}级"))
                    .valued(Some(count))
                    .with_unit("d"),
            );
        }
        for (pollutant, count) in Pollutant::ALL.into_iter().zip(days.by_primary) {
            if count > 0 {
                let title = (format!("primary {pollutant}"), format!("首要污染物{pollutant}"));
                step.inputs.push(Step::new(title.0, title.1).valued(Some(count)).with_unit("d"));
            }
        }
        if item == Item::HeavyDays {
            let heavy = self.days.iter().filter(|day| day.level.is_some_and(|level| level >= 5));
            let heavy: Vec<_> = heavy.collect();
            for day in heavy.iter().take(days_max) {
                let date = day.date.to_string();
                step.inputs.push(Step::new(&*date, &*date).valued(day.aqi).with_unit("AQI"));
            }
            step.truncated = (heavy.len() > days_max).then(|| heavy.len() - days_max);
        }
        step
    }
}

fn valid(item: &ItemResult) -> Valid {
    Valid { have: item.have.into(), need: item.need.map(u32::from), of: item.of.into() }
}

/// The decimal where it ends, else six places and an ellipsis.
fn readable(value: &Exact) -> String {
    let text = value.to_string();
    if text.contains('/') { format!("{}…", value.fixed(6)) } else { text }
}
