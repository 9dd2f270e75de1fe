//! The series around a finding: from before it began to after it was over, each value with what the quality tests say.

use super::super::map::is_moving;
use super::super::schema;
use super::super::state::AppState;
use super::super::time::Instant;
use detect::Finding;
use detect::quality::{Bounds, Tested, against, tested};
use model::{DAY_MS, Datastream, DatastreamId, HOUR_MS, MINUTE_MS, Period, Registry, Timestamp};
use serde::Serialize;
use store::Known;
use utoipa::ToSchema;

/// Values of one answer.
const POINTS_MAX: usize = 2_000;
/// Neighbours that a value is compared with, and how far they may be, m.
const NEAR_MAX: usize = 6;
const NEAR_M: f64 = 5_000.0;

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
    /// The test that gave the quality: `mark`, `range`, `spike`, `rate_of_change`, `persistence`, `gap`, `step`, `impossible_zero`,
    /// `scatter`, `neighbours`.
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
    let to = (end + before_ms / 2).min(now);
    // Of one that has stood for long, what is newest.
    let from = (raised.began - before_ms).max(to - POINTS_MAX as i64 * step_ms);
    let mut ids = vec![id];
    ids.extend(beside(app.reader.view().registry(), id));
    let scanned = app.reader.scan_known(&ids, from, to, known)?;
    let rows: Vec<Vec<_>> = scanned
        .iter()
        .map(|own| (0..own.len()).map(|at| (own.time[at], own.value[at], own.flag[at])).collect())
        .collect();
    let (own, others) = rows.split_first().map_or((&[][..], &[][..]), |(own, all)| (own, all));
    let own = &own[own.len().saturating_sub(POINTS_MAX)..];
    let mut tests = tested(own, &Bounds::of(&raised.parameter), step_ms);
    against(&mut tests, &others.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let period = schema::Period::from(period);
    let points = tests.into_iter().map(point).collect();
    Ok(Some(Around { datastream: id.0, period, from: Instant(from), to: Instant(to), points }))
}

/// The series of the same thing at the places nearest to that of one.
fn beside(registry: &Registry, id: DatastreamId) -> Vec<DatastreamId> {
    let Some(own) = registry.datastream(id) else { return vec![] };
    let Some(place) = registry.place(own.place) else { return vec![] };
    let spot = [place.lon, place.lat];
    let is_like = |other: &&Datastream| {
        let (a, b) = (&own.key, &other.key);
        other.place != own.place
            && (&a.parameter, a.statistic, a.period) == (&b.parameter, b.statistic, b.period)
    };
    let like = registry.datastreams().iter().filter(is_like);
    let mut near: Vec<(f64, DatastreamId)> = like
        .filter_map(|other| {
            let there = registry.place(other.place).filter(|there| there.kind == place.kind)?;
            let apart_m = space::distance_m(spot, [there.lon, there.lat]);
            (apart_m <= NEAR_M && !is_moving(there.kind)).then_some((apart_m, other.id))
        })
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    near.into_iter().take(NEAR_MAX).map(|(_, id)| id).collect()
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
