//! The series around a finding: from before it began to after it was over, each value with what the quality tests say.

use super::super::schema;
use super::super::state::AppState;
use super::super::time::Instant;
use detect::Finding;
use detect::quality::{Bounds, Tested, tested};
use model::{DAY_MS, HOUR_MS, MINUTE_MS, Period, Timestamp};
use serde::Serialize;
use store::Known;
use utoipa::ToSchema;

/// Values of one answer.
const POINTS_MAX: usize = 2_000;

/// A stretch of a series.
#[derive(Serialize, ToSchema)]
pub struct Around {
    datastream: i32,
    period: schema::Period,
    from: Instant,
    to: Instant,
    points: Vec<AroundPoint>,
}

/// One value.
#[derive(Serialize, ToSchema)]
pub struct AroundPoint {
    time: Instant,
    /// Null: missing.
    value: Option<f64>,
    /// `good`, `unknown`, `suspect`, `fail` or `missing`: the worst of what the device and the tests say.
    quality: &'static str,
    /// The test that gave the quality: `mark`, `range`, `spike`, `rate_of_change`, `persistence`, `gap`, `step`, `impossible_zero`.
    test: Option<&'static str>,
    /// The version of that test.
    test_version: Option<u16>,
}

/// The series around a finding; none when it is about a device as a whole.
pub fn around(
    app: &AppState,
    finding: &Finding,
    known: Known,
    now: Timestamp,
) -> Result<Option<Around>, store::Error> {
    let raised = &finding.raised;
    let Some(id) = raised.datastream else { return Ok(None) };
    let period = app.reader.view().registry().datastream(id).map(|own| own.key.period);
    let Some(period) = period else { return Ok(None) };
    let (step_ms, before_ms) = match period {
        Period::Instant => (MINUTE_MS, 2 * HOUR_MS),
        Period::Minutes => (5 * MINUTE_MS, 6 * HOUR_MS),
        Period::Hour => (HOUR_MS, 2 * DAY_MS),
        Period::Day => (DAY_MS, 30 * DAY_MS),
    };
    let end = finding.cleared.map_or(now, |(at, _)| at);
    let (from, to) = (raised.began - before_ms, (end + before_ms / 2).min(now));
    let scanned = app.reader.scan_known(&[id], from, to, known)?.into_iter().next();
    let columns = scanned.unwrap_or_default();
    let first = columns.len().saturating_sub(POINTS_MAX);
    let rows: Vec<_> = (first..columns.len())
        .map(|at| (columns.time[at], columns.value[at], columns.flag[at]))
        .collect();
    let points = tested(&rows, &Bounds::of(&raised.parameter), step_ms).into_iter().map(point);
    let period = schema::Period::from(period);
    let points = points.collect();
    Ok(Some(Around { datastream: id.0, period, from: Instant(from), to: Instant(to), points }))
}

fn point(tested: Tested) -> AroundPoint {
    let origin = tested.checked.origin;
    AroundPoint {
        time: Instant(tested.time),
        value: tested.value,
        quality: tested.checked.level.name(),
        test: origin.map(|origin| origin.test.name()),
        test_version: origin.map(|origin| origin.version),
    }
}
