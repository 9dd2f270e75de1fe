//! A span of a place or an area judged as a whole: every item, the composite index, the classes of
//! days, under one set of editions, with the settings that decided.

use super::{
    Composite, CompositeScheme, DayValues, Evaluation, ItemResult, NotAssessed, PeriodStatistic,
    Pollutant, RuleSet, Settings,
};
use crate::Standards;
use crate::exact::{Exact, ExactError};
use crate::span::Span;
use jiff::civil::Date;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A span judged, with its days, so that every number of it can be opened.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// The set of editions, `2026`.
    pub set: Arc<str>,
    /// The days.
    pub span: Span,
    /// Item by item.
    pub evaluation: Evaluation,
    /// The composite index, or why there is none.
    pub composite: Result<Composite, NotAssessed>,
    /// Days whose particulates were taken out for dust weather.
    pub dust_days: u32,
    /// What the law leaves open, as it was set.
    pub settings: Settings,
    /// Decimal places in the order of [`Pollutant::ALL`].
    pub(crate) decimals: [u8; 6],
    pub(crate) decimals_sources: [crate::Source; 6],
    /// The days inside the span, in their order.
    pub days: Vec<DayValues>,
}

/// What is judged how.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The days.
    pub span: Span,
    /// The editions.
    pub set: RuleSet<'q>,
    /// What the law leaves open.
    pub settings: &'q Settings,
    /// Days of dust weather, in their order.
    pub dust: &'q [Date],
}

impl Standards {
    /// The settings as they are unless somebody says otherwise.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Judges the days of one place, or of an area ([`super::area_days`]), in any order.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn assess(
        &self,
        question: Question<'_>,
        days: impl IntoIterator<Item = DayValues>,
    ) -> Result<Assessment, ExactError> {
        let Question { span, set, settings, dust } = question;
        let mut days: Vec<DayValues> =
            days.into_iter().filter(|day| span.holds(day.date)).collect();
        days.sort_by_key(|day| day.date);
        days.dedup_by_key(|day| day.date);
        let mut dust_days = 0;
        if settings.takes_dust_out() && !dust.is_empty() {
            for day in &mut days {
                if dust.contains(&day.date) {
                    let out = self.dust_excluded(day.date);
                    *day = std::mem::replace(day, DayValues::given(span.first(), [None; 6]))
                        .without(&out);
                    dust_days += u32::from(!day.excluded.is_empty());
                }
            }
        }
        let evaluation = set.rules.evaluate(span, &days, set.limits(settings.grade()))?;
        let composite = self.composite_of(&question, &evaluation, &days)?;
        Ok(Assessment {
            set: Arc::clone(&set.row.name),
            span,
            evaluation,
            composite,
            dust_days,
            settings: settings.clone(),
            decimals: Pollutant::ALL.map(|p| set.rules.decimals(p)),
            decimals_sources: Pollutant::ALL.map(|p| set.rules.decimals_source(p).clone()),
            days,
        })
    }

    fn composite_of(
        &self,
        question: &Question<'_>,
        evaluation: &Evaluation,
        days: &[DayValues],
    ) -> Result<Result<Composite, NotAssessed>, ExactError> {
        let (set, settings) = (question.set, question.settings);
        let limits = match settings.get("composite_limits") {
            "edition" => set,
            other => self.rule_set_named(other).unwrap_or(set),
        };
        let Some(scheme) = self.composite_scheme(settings.get("composite_scheme")) else {
            return Ok(Err(NotAssessed::NoEdition));
        };
        let mut values = [Exact::ZERO; 6];
        for pollutant in Pollutant::ALL {
            let statistic = scheme.statistic_of(pollutant);
            let item = evaluation.item(pollutant, statistic);
            if let Some(reason) = item.and_then(|item| item.reason.as_ref()) {
                return Ok(Err(reason.clone()));
            }
            let value = match item {
                Some(item) => item.value,
                None => of_days(scheme, pollutant, days)?,
            };
            let Some(mut value) = value else { return Ok(Err(NotAssessed::NoData)) };
            if settings.get("composite_values") == "published" {
                value = value.half_even(set.rules.decimals(pollutant))?;
            }
            values[pollutant.index()] = value;
        }
        let composite = scheme.composite(values, limits.limits(settings.grade()))?;
        Ok(composite.ok_or(NotAssessed::NoEdition).map(|mut composite| {
            for item in &evaluation.items {
                for doubt in item.doubts.iter().filter(|_| is_part(scheme, item)) {
                    super::evaluation::note(doubt, &mut composite.doubts);
                }
            }
            composite
        }))
    }
}

fn is_part(scheme: &CompositeScheme, item: &ItemResult) -> bool {
    scheme.statistic_of(item.pollutant) == item.statistic
}

fn of_days(
    scheme: &CompositeScheme,
    pollutant: Pollutant,
    days: &[DayValues],
) -> Result<Option<Exact>, ExactError> {
    let values: Vec<Exact> = days.iter().filter_map(|day| day.values[pollutant.index()]).collect();
    scheme.statistic(pollutant, &values)
}

impl Evaluation {
    /// The item of a pollutant's statistic.
    pub fn item(&self, pollutant: Pollutant, statistic: PeriodStatistic) -> Option<&ItemResult> {
        self.items.iter().find(|item| (item.pollutant, item.statistic) == (pollutant, statistic))
    }

    /// The item by which a pollutant's year is told: its mean, where it has one, else its percentile.
    pub fn headline(&self, pollutant: Pollutant) -> Option<&ItemResult> {
        let mut own = self.items.iter().filter(|item| item.pollutant == pollutant);
        let first = own.clone().next();
        own.find(|item| item.statistic == PeriodStatistic::Mean).or(first)
    }
}

impl Assessment {
    /// Decimal places of a published statistic.
    pub fn decimals(&self, pollutant: Pollutant) -> u8 {
        self.decimals[pollutant.index()]
    }

    /// Whether any number of it rests on a doubtful row.
    pub fn is_doubtful(&self) -> bool {
        let items = &self.evaluation.items;
        items.iter().any(|item| !item.doubts.is_empty())
            || !self.evaluation.days.doubts.is_empty()
            || self.composite.as_ref().is_ok_and(|composite| !composite.doubts.is_empty())
    }
}

/// Without its days.
impl Serialize for Assessment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut fields = out.serialize_struct("Assessment", 7)?;
        fields.serialize_field("set", &*self.set)?;
        fields.serialize_field("span", &self.span)?;
        fields.serialize_field("evaluation", &self.evaluation)?;
        fields.serialize_field("composite", &self.composite.as_ref().ok())?;
        fields.serialize_field("composite_reason", &self.composite.as_ref().err())?;
        fields.serialize_field("dust_days", &self.dust_days)?;
        fields.serialize_field("settings", &self.settings)?;
        fields.end()
    }
}
