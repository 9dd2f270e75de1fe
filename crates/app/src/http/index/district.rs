//! The index of the district: the law's report over the means of its standard air stations.
//!
//! Each statistic is averaged over the stations where it is valid (HJ 663-2013, clause 6: the value of a
//! city is the arithmetic mean of the same statistic at all its points); the report is then made as for
//! one place.

use super::{DistrictIndex, Range, STALE_H, Site, Spark, no_edition, said, symbols};
use crate::http::error::Answer;
use crate::http::state::AppState;
use crate::http::time::Instant;
use engine::index::Judged;
use model::{HOUR_MS, PlaceKind, Timestamp};
use standards::Exact;
use standards::air::{
    Average, IndexReport, NotAssessed, Pollutant, Programme, ReportKind, Statistic,
};

const SPARK_H: i64 = 24;

/// The newest hour of the district and the 24 before its end.
pub(super) fn now(app: &AppState, sites: &[Site]) -> Answer<DistrictIndex> {
    let stations: Vec<_> = sites.iter().filter(|site| site.kind == PlaceKind::AirStation).collect();
    let over = app.now().floor(HOUR_MS) - HOUR_MS;
    let newest = stations.iter().map(|site| site.hour).max().unwrap_or(over);
    let hour = newest.max(over - STALE_H * HOUR_MS);
    let range = Range { from: hour - (SPARK_H - 1) * HOUR_MS, to: hour + HOUR_MS };
    let judged: Vec<Vec<Judged>> =
        stations.iter().map(|site| site.hours(app, range)).collect::<Answer<_>>()?;
    let mut spark = Vec::new();
    let mut last = None;
    for step in 0..SPARK_H {
        let start = range.from + step * HOUR_MS;
        let reports: Vec<_> = judged
            .iter()
            .filter_map(|hours| hours.get(step as usize))
            .map(|judged| &judged.report)
            .collect();
        last = report(app, start, &reports);
        let aqi = last.as_ref().and_then(|report| report.aqi.as_ref().ok().copied());
        spark.push(Spark { hour: Instant(start), aqi });
    }
    let reason = match &last {
        None => Some(no_edition()),
        Some(report) => report.aqi.as_ref().err().map(said),
    };
    Ok(DistrictIndex {
        aqi: last.as_ref().and_then(|report| report.aqi.as_ref().ok().copied()),
        level: last.as_ref().and_then(|report| report.level),
        primary: last.as_ref().map_or_else(Vec::new, |report| symbols(&report.primary)),
        hour: Some(Instant(hour)),
        reason,
        spark,
    })
}

/// The report of one hour over the means of the stations' averages.
fn report(app: &AppState, start: Timestamp, stations: &[&IndexReport]) -> Option<IndexReport> {
    let edition = app.law.air_index(app.district.zone.date(start).ok()?)?;
    let average = |pollutant: Pollutant, statistic: Statistic| {
        let rows = stations.iter().flat_map(|report| &report.rows);
        let valid = rows.filter(|row| (row.pollutant, row.statistic) == (pollutant, statistic));
        let valid =
            valid.filter(|row| !is_invalid(row.reason.as_ref())).filter_map(|row| row.average);
        Average::given(mean(&valid.collect::<Vec<_>>()))
    };
    Some(edition.report(ReportKind::Hour, Programme::default(), average))
}

/// Whether a station's average may not go into the mean. One that lies above its column's table may.
fn is_invalid(reason: Option<&NotAssessed>) -> bool {
    !matches!(reason, None | Some(NotAssessed::AboveTable { .. }))
}

fn mean(values: &[Exact]) -> Option<Exact> {
    let sum = values.iter().try_fold(Exact::ZERO, |sum, value| sum.plus(value)).ok()?;
    sum.over(&Exact::whole(values.len() as i64)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_exact_and_of_nothing_there_is_none() {
        let values = ["10", "20", "20.5"].map(|text| Exact::parse(text).unwrap());
        assert_eq!(mean(&values), Exact::fraction(505, 30).ok());
        assert_eq!(mean(&[]), None);
    }
}
