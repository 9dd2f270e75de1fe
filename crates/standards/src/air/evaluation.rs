//! A span of days judged pollutant by pollutant: statistics with their capture rules, limits,
//! compliance and exceedance (HJ 663), and the classes of its days.

mod load;

pub(crate) use load::{load, statistic as load_statistic};

use super::day::{DayCounts, DayValues};
use super::{Averaging, Grade, Limits, NotAssessed, Pollutant};
use crate::exact::{Exact, ExactError};
use crate::explain::Text;
use crate::source::{Doubt, DoubtAbout, Source};
use crate::span::{Shape, Span};
use crate::statistics::{mean, percentile};
use jiff::civil::Date;
use serde::Serialize;
use std::sync::Arc;

/// The assessment rules of one edition (HJ 663).
#[derive(Clone, Debug)]
pub struct PeriodRules {
    edition: Arc<str>,
    valid_from: Date,
    valid_to: Option<Date>,
    items: Vec<PeriodItem>,
    captures: Vec<PeriodCapture>,
    decimals_ug_m3: Setting<u8>,
    decimals_mg_m3: Setting<u8>,
    decimals_multiple: u8,
    decimals_percent: u8,
    area_share: Setting<Exact>,
    area_share_few: Exact,
    area_few_below: usize,
    trend_years_min: Setting<usize>,
    good_day_max: u16,
    heavy_day_above: u16,
    trend: Vec<TrendRow>,
}

/// A number of the settings table with its source.
#[derive(Clone, Debug)]
struct Setting<T> {
    value: T,
    source: Source,
}

/// One statistic that is judged.
#[derive(Clone, Debug)]
struct PeriodItem {
    pollutant: Pollutant,
    statistic: PeriodStatistic,
    years_only: bool,
    limit: Averaging,
    source: Source,
}

/// A statistic of daily values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodStatistic {
    /// The arithmetic mean.
    Mean,
    /// The percentile of this many percent.
    Percentile(u8),
}

impl PeriodStatistic {
    /// `mean`, `95th percentile`.
    pub fn name(self) -> Text {
        match self {
            Self::Mean => Text::new("平均值", "mean"),
            Self::Percentile(p) => Text::new(format!("第{p}百分位数"), format!("{p}th percentile")),
        }
    }
}

#[derive(Clone, Debug)]
struct PeriodCapture {
    is_mean: bool,
    per: Per,
    need: u16,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    Year,
    Month,
    February,
}

#[derive(Clone, Debug)]
struct TrendRow {
    n: usize,
    critical_05: Exact,
    critical_01: Exact,
    source: Source,
}

/// A span judged.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// The edition whose statistics and capture rules were used, `HJ 663-2013`.
    pub edition: Arc<str>,
    /// The days.
    pub span: Span,
    /// One row for each statistic.
    pub items: Vec<ItemResult>,
    /// Whether all six pollutants meet every limit; none when one could not be judged and no other
    /// exceeds, and for spans without limits.
    pub meets: Option<bool>,
    /// The classes of the days.
    pub days: DayCounts,
}

/// One statistic of one pollutant over the span.
#[derive(Clone, Debug, Serialize)]
pub struct ItemResult {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Mean or percentile.
    pub statistic: PeriodStatistic,
    /// The unrounded value, there even of too few days.
    pub value: Option<Exact>,
    /// As it is published and compared.
    pub rounded: Option<Exact>,
    /// Days with a valid value.
    pub have: u16,
    /// Days needed, where the law says.
    pub need: Option<u16>,
    /// Days in the span.
    pub of: u16,
    /// The limit, where one holds for a span of this shape.
    pub limit: Option<Exact>,
    /// At or below the limit.
    pub meets: Option<bool>,
    /// Where the limit stands.
    pub limit_source: Option<Source>,
    /// `(C - S) / S`, where above the limit.
    pub exceedance: Option<Exact>,
    /// Why it is not valid.
    pub reason: Option<NotAssessed>,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
    /// Where the statistic stands in the law.
    pub source: Source,
}

/// Which limits to judge by.
#[derive(Clone, Copy, Debug)]
pub struct LimitsOn<'l> {
    /// The limits.
    pub limits: &'l Limits,
    /// The day whose limits hold: by custom the last of the span; another for another edition.
    pub date: Date,
    /// The grade of the area.
    pub grade: Grade,
}

impl PeriodRules {
    /// `HJ 663-2013`
    pub fn edition(&self) -> &Arc<str> {
        &self.edition
    }

    pub(crate) fn applies(&self, date: Date) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|last| date <= last)
    }

    /// Judges the days of the span, in any order; days outside it are left out, and so is a day that
    /// is there twice, after its first.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn evaluate(
        &self,
        span: Span,
        days: &[DayValues],
        limits: LimitsOn<'_>,
    ) -> Result<Evaluation, ExactError> {
        let mut inside: Vec<&DayValues> = days.iter().filter(|day| span.holds(day.date)).collect();
        inside.sort_by_key(|day| day.date);
        inside.dedup_by_key(|day| day.date);
        let mut items = Vec::new();
        for item in &self.items {
            if !item.years_only || span.shape() == Shape::Year {
                items.push(self.item(item, span, &inside, limits)?);
            }
        }
        let meets = if items.iter().any(|item| item.meets == Some(false)) {
            Some(false)
        } else {
            items.iter().all(|item| item.meets == Some(true)).then_some(true)
        };
        let days = self.count_days(inside.iter().copied())?;
        Ok(Evaluation { edition: Arc::clone(&self.edition), span, items, meets, days })
    }

    /// The classes of days.
    ///
    /// # Errors
    /// Never in practice; shares are exact.
    pub fn count_days<'d>(
        &self,
        days: impl IntoIterator<Item = &'d DayValues>,
    ) -> Result<DayCounts, ExactError> {
        let mut counts = DayCounts::default();
        for day in days {
            counts.all += 1;
            let Some(aqi) = day.aqi else { continue };
            counts.valid += 1;
            counts.good += u32::from(aqi <= self.good_day_max);
            counts.heavy += u32::from(aqi > self.heavy_day_above);
            let level = day.level.and_then(|level| usize::from(level).checked_sub(1));
            if let Some(slot) = level.and_then(|level| counts.by_level.get_mut(level)) {
                *slot += 1;
            }
            for primary in &day.primary {
                counts.by_primary[primary.index()] += 1;
            }
            for (_, own) in &day.doubts {
                note(own, &mut counts.doubts);
            }
        }
        counts.good_percent = self.percent(counts.good, counts.valid)?;
        Ok(counts)
    }

    /// A share in per cent as published; none of nothing.
    ///
    /// # Errors
    /// Never in practice.
    pub fn percent(&self, part: u32, of: u32) -> Result<Option<Exact>, ExactError> {
        if of == 0 {
            return Ok(None);
        }
        let share = Exact::fraction(100 * i128::from(part), i128::from(of))?;
        share.half_even(self.decimals_percent).map(Some)
    }

    /// Decimal places of a published statistic of a span.
    pub fn decimals(&self, pollutant: Pollutant) -> u8 {
        self.decimals_of(pollutant).value
    }

    /// Where the decimal places of a statistic stand.
    pub(crate) fn decimals_source(&self, pollutant: Pollutant) -> &Source {
        &self.decimals_of(pollutant).source
    }

    /// Decimal places of shares in per cent.
    pub fn decimals_percent(&self) -> u8 {
        self.decimals_percent
    }

    fn decimals_of(&self, pollutant: Pollutant) -> &Setting<u8> {
        if pollutant == Pollutant::Co { &self.decimals_mg_m3 } else { &self.decimals_ug_m3 }
    }

    fn item(
        &self,
        item: &PeriodItem,
        span: Span,
        days: &[&DayValues],
        limits: LimitsOn<'_>,
    ) -> Result<ItemResult, ExactError> {
        let dated: Vec<(Date, Exact)> = days
            .iter()
            .filter_map(|day| Some((day.date, day.values[item.pollutant.index()]?)))
            .collect();
        let values: Vec<Exact> = dated.iter().map(|(_, value)| *value).collect();
        let value = match item.statistic {
            PeriodStatistic::Mean => mean(&values)?,
            PeriodStatistic::Percentile(percent) => percentile(&values, percent)?,
        };
        let decimals = self.decimals_of(item.pollutant);
        let rounded = value.map(|value| value.half_even(decimals.value)).transpose()?;
        let mut result = ItemResult {
            pollutant: item.pollutant,
            statistic: item.statistic,
            value,
            rounded,
            have: values.len() as u16,
            need: None,
            of: span.len() as u16,
            limit: None,
            limit_source: None,
            meets: None,
            exceedance: None,
            reason: None,
            doubts: Vec::new(),
            source: item.source.clone(),
        };
        doubt(&decimals.source, DoubtAbout::Row, &mut result.doubts);
        for (pollutant, own) in days.iter().flat_map(|day| &day.doubts) {
            if *pollutant == Some(item.pollutant)
                && !matches!(own.about, DoubtAbout::RoundingFirst { .. })
            {
                note(own, &mut result.doubts);
            }
        }
        self.capture(item, span, &dated, &mut result);
        if span.shape() == Shape::Year {
            self.compare(item, limits, &mut result)?;
        }
        Ok(result)
    }

    /// Enough days in the span, and in each of its months.
    fn capture(
        &self,
        item: &PeriodItem,
        span: Span,
        dated: &[(Date, Exact)],
        result: &mut ItemResult,
    ) {
        let is_mean = item.statistic == PeriodStatistic::Mean;
        let rule = |per| self.captures.iter().find(|c| c.is_mean == is_mean && c.per == per);
        let of_month = |month: &Span| {
            rule(if month.first().month() == 2 { Per::February } else { Per::Month })
        };
        let complete = u32::from(result.have) == span.len();
        let used = match span.shape() {
            Shape::Year => rule(Per::Year),
            Shape::Month => of_month(&span),
            Shape::Quarter | Shape::Other => None,
        };
        result.need = used.map(|rule| rule.need);
        if result.have == 0 {
            result.reason = Some(NotAssessed::NoData);
            return;
        }
        if let Some(rule) = used
            && result.have < rule.need
        {
            let (have, need) = (result.have, rule.need);
            result.reason = Some(NotAssessed::TooFewDays { have, need });
        }
        if matches!(span.shape(), Shape::Year | Shape::Quarter) && result.reason.is_none() {
            for month in span.months() {
                let have = dated.iter().filter(|(day, _)| month.holds(*day)).count() as u16;
                let Some(rule) = of_month(&month).filter(|rule| have < rule.need) else { continue };
                result.reason =
                    Some(NotAssessed::TooFewDaysInMonth { month, have, need: rule.need });
                break;
            }
        }
        if !complete && let Some(rule) = used.or_else(|| rule(Per::Month)) {
            doubt(&rule.source, DoubtAbout::Capture, &mut result.doubts);
        }
    }

    fn compare(
        &self,
        item: &PeriodItem,
        limits: LimitsOn<'_>,
        result: &mut ItemResult,
    ) -> Result<(), ExactError> {
        let symbol = item.pollutant.symbol();
        let Some(limit) = limits.limits.on(limits.date, symbol, item.limit) else { return Ok(()) };
        let value = limit.value(limits.grade);
        (result.limit, result.limit_source) = (Some(value), Some(limit.source.clone()));
        doubt(&limit.source, DoubtAbout::Row, &mut result.doubts);
        let (Some(rounded), None) = (result.rounded, &result.reason) else { return Ok(()) };
        result.meets = Some(rounded <= value);
        if rounded > value {
            let multiple = rounded.minus(&value)?.over(&value)?;
            result.exceedance = Some(multiple.half_even(self.decimals_multiple)?);
        }
        Ok(())
    }

    /// The value of an area from the same statistic at its points, when enough of them have one;
    /// with what is in doubt about how many are enough.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn area(
        &self,
        points: &[Option<Exact>],
    ) -> Result<(Result<Exact, NotAssessed>, Option<Doubt>), ExactError> {
        let there: Vec<Exact> = points.iter().copied().flatten().collect();
        let few = points.len() < self.area_few_below;
        let share = if few { self.area_share_few } else { self.area_share.value };
        let of = Exact::whole(points.len() as i64);
        let need = share.times(&of)?.ceiling().max(1) as u16;
        let have = there.len() as u16;
        let mut doubts = Vec::new();
        if there.len() < points.len() {
            doubt(&self.area_share.source, DoubtAbout::Capture, &mut doubts);
        }
        let value = match mean(&there)? {
            Some(mean) if have >= need => Ok(mean),
            None => Err(NotAssessed::NoData),
            Some(_) => Err(NotAssessed::TooFewPoints { have, need }),
        };
        Ok((value, doubts.pop()))
    }

    /// The trend of yearly values in the order of years: significant when Spearman's coefficient
    /// reaches the critical value of 0.05.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn trend(&self, years: &[Exact]) -> Result<Result<Trend, NotAssessed>, ExactError> {
        let need = self.trend_years_min.value;
        let (have, Some(r)) = (years.len(), crate::statistics::spearman(years)?) else {
            return Ok(Err(NotAssessed::NoData));
        };
        let Some(row) = self.trend.iter().find(|row| row.n == have).filter(|_| have >= need) else {
            let (have, need) = (have as u16, need as u16);
            return Ok(Err(NotAssessed::NoCriticalValue { have, need }));
        };
        let size = r.max(Exact::ZERO.minus(&r)?);
        let direction = match (size >= row.critical_05, r.is_negative()) {
            (false, _) => Direction::None,
            (true, false) => Direction::Rise,
            (true, true) => Direction::Fall,
        };
        let mut doubts = Vec::new();
        doubt(&row.source, DoubtAbout::Row, &mut doubts);
        if have == need {
            doubt(&self.trend_years_min.source, DoubtAbout::Row, &mut doubts);
        }
        let (critical_05, critical_01) = (row.critical_05, row.critical_01);
        Ok(Ok(Trend { r, direction, critical_05, critical_01, doubts }))
    }
}

/// A trend over years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// Spearman's coefficient.
    pub r: Exact,
    /// Significant rise, fall, or none.
    pub direction: Direction,
    /// The critical value of 0.05, one-sided.
    pub critical_05: Exact,
    /// The critical value of 0.01.
    pub critical_01: Exact,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
}

/// Which way a series goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Significantly up.
    Rise,
    /// Significantly down.
    Fall,
    /// No significant trend.
    None,
}

/// Adds a doubt unless one of its kind is there.
pub(super) fn note(doubt: &Doubt, doubts: &mut Vec<Doubt>) {
    let same = |own: &Doubt| {
        std::mem::discriminant(&own.about) == std::mem::discriminant(&doubt.about)
            && own.source == doubt.source
    };
    if !doubts.iter().any(same) {
        doubts.push(doubt.clone());
    }
}

fn doubt(source: &Source, about: DoubtAbout, doubts: &mut Vec<Doubt>) {
    if source.confidence.is_doubtful() {
        doubts.push(Doubt { about, source: source.clone() });
    }
}
