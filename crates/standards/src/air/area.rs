//! The days of an area from those of its points: the same statistic averaged over the points, then
//! judged as one place. Never a mean of indices.

use super::{
    Average, DayValues, NotAssessed, Pollutant, Programme, ReportKind, RuleSet, Statistic,
};
use crate::exact::{Exact, ExactError};
use crate::source::Doubt;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The days of an area from those of all its points (HJ 663-2013, clause 6.1.5 and annex A); `set` says
/// which editions judge a date, a day without any is left out. A pollutant has a value where enough of
/// the points have one; a point without a day counts as one without a value.
///
/// # Errors
/// When a number does not fit exact arithmetic.
pub fn area_days<'s>(
    points: &[&[DayValues]],
    set: impl Fn(Date) -> Option<RuleSet<'s>>,
) -> Result<Vec<DayValues>, ExactError> {
    let mut by_date: BTreeMap<Date, Vec<&DayValues>> = BTreeMap::new();
    for day in points.iter().copied().flatten() {
        by_date.entry(day.date).or_default().push(day);
    }
    let mut days = Vec::with_capacity(by_date.len());
    for (date, there) in by_date {
        if let Some(set) = set(date) {
            days.push(area_day(&set, date, points.len(), &there)?);
        }
    }
    Ok(days)
}

/// The value of a pollutant, and what is in doubt about it.
type Mean = (Result<Exact, NotAssessed>, Option<Doubt>);

fn area_day(
    set: &RuleSet<'_>,
    date: Date,
    points: usize,
    there: &[&DayValues],
) -> Result<DayValues, ExactError> {
    let mean = |value: &dyn Fn(&DayValues) -> Option<Exact>| -> Result<Mean, ExactError> {
        let mut values: Vec<Option<Exact>> = there.iter().map(|day| value(day)).collect();
        values.resize(points.max(values.len()), None);
        set.rules.area(&values)
    };
    let mut means: Vec<Mean> = Vec::with_capacity(7);
    for pollutant in Pollutant::ALL {
        means.push(mean(&|day| day.values[pollutant.index()])?);
    }
    means.push(mean(&|day| day.o3_hour)?);
    let report = set.index.report(ReportKind::Day, Programme::default(), |pollutant, statistic| {
        let at = if statistic == Statistic::Max1h { 6 } else { pollutant.index() };
        let (value, reason) = match &means[at].0 {
            Ok(value) => (Some(*value), None),
            Err(reason) => (None, Some(reason.clone())),
        };
        Average { value, capture: None, reason, by_exception: false }
    });
    let mut day = DayValues::of(date, &report);
    for (pollutant, (_, doubt)) in Pollutant::ALL.into_iter().zip(&means) {
        if let Some(doubt) = doubt {
            day.doubts.push((Some(pollutant), doubt.clone()));
        }
    }
    for own in there {
        for (pollutant, doubt) in &own.doubts {
            day.doubt(*pollutant, doubt);
        }
    }
    Ok(day)
}
