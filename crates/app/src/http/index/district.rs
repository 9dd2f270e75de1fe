//! The index of the district: of its standard air stations as one area.

use super::{DistrictIndex, Range, STALE_H, Site, Spark, no_edition, said, symbols};
use crate::http::error::Answer;
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::http::time::Instant;
use model::{HOUR_MS, PlaceKind};
use std::collections::BTreeMap;

const SPARK_H: i64 = 24;

/// The newest hour of the district and the 24 before its end.
pub(super) fn now(app: &AppState, sites: &[Site], moment: Moment) -> Answer<DistrictIndex> {
    let stations: Vec<_> = sites.iter().filter(|site| site.kind == PlaceKind::AirStation).collect();
    let over = moment.now.floor(HOUR_MS) - HOUR_MS;
    let newest = stations.iter().map(|site| site.hour).max().unwrap_or(over);
    let hour = newest.max(over - STALE_H * HOUR_MS);
    let range = Range { from: hour - (SPARK_H - 1) * HOUR_MS, to: hour + HOUR_MS };
    let judged: Vec<BTreeMap<_, _>> =
        stations.iter().map(|site| site.hours(app, range)).collect::<Answer<_>>()?;
    let mut spark = Vec::new();
    let mut last = None;
    for step in 0..SPARK_H {
        let start = range.from + step * HOUR_MS;
        let reports = judged.iter().filter_map(|hours| hours.get(&start));
        let reports: Vec<_> = reports.map(|judged| &judged.report).collect();
        last = engine::area::hour(&app.law, &app.district.zone, start, &reports);
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
