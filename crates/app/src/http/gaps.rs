//! Where a series has no value, and why: a gap is said, never drawn over.

use super::schema::Period;
use super::time::{Instant, Range};
use model::{DAY_MS, HOUR_MS, Timestamp};
use serde::Serialize;
use store::Columns;
use utoipa::ToSchema;

/// A stretch without values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Gap {
    /// Where it begins.
    pub from: Instant,
    /// The first instant after it.
    pub to: Instant,
    /// Why.
    pub reason: GapReason,
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// Nothing arrived.
    NoReading,
    /// The device said that it has no value.
    ReportedMissing,
    /// A file is damaged; `/health` names it.
    DamagedFile,
}

/// The gaps of a series in a range, in order. Nothing is expected after `now`.
pub fn find(columns: &Columns, range: Range, period: Period, now: Timestamp) -> Vec<Gap> {
    let step = expected_step(columns, period);
    let mut gaps = reported(columns, step.unwrap_or_default());
    for &day in &columns.damaged_days {
        let from = Timestamp::from_utc_day(day).max(range.from);
        let to = Timestamp::from_utc_day(day + 1).min(range.to);
        gaps.push(Gap { from: Instant(from), to: Instant(to), reason: GapReason::DamagedFile });
    }
    if let Some(step) = step {
        let silent = silent(columns, range, step, now);
        gaps.extend(silent.into_iter().flat_map(|gap| without(gap, &columns.damaged_days)));
    }
    gaps.sort();
    gaps
}

/// Runs of readings that say that there is no value; the last one lasts for a step.
fn reported(columns: &Columns, step: i64) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut is_open = false;
    for (at, value) in columns.value.iter().enumerate() {
        let time = Instant(columns.time[at]);
        let next = columns.time.get(at + 1).copied().unwrap_or(time.0 + step);
        let next = Instant(next);
        match (value, is_open, gaps.last_mut()) {
            (None, true, Some(gap)) => gap.to = next,
            (None, ..) => {
                gaps.push(Gap { from: time, to: next, reason: GapReason::ReportedMissing });
            }
            _ => {}
        }
        is_open = value.is_none();
    }
    gaps
}

/// Stretches in which a reading was due and none came.
fn silent(columns: &Columns, range: Range, step: i64, now: Timestamp) -> Vec<Gap> {
    let end = range.to.min(now);
    let edges = [(range.from - step, range.from)];
    let edges = edges.into_iter().chain(columns.time.iter().map(|time| (*time, *time + step)));
    let next = columns.time.iter().copied().chain([end]);
    let mut gaps = Vec::new();
    for ((_, covered_to), next) in edges.zip(next) {
        if next - covered_to >= step {
            let (from, to) = (Instant(covered_to), Instant(next));
            gaps.push(Gap { from, to, reason: GapReason::NoReading });
        }
    }
    gaps
}

/// What is left of a gap outside the damaged days: there, nobody knows whether anything arrived.
fn without(gap: Gap, damaged_days: &[i32]) -> Vec<Gap> {
    let mut left = Vec::new();
    let mut from = gap.from.0;
    for &day in damaged_days {
        let (start, end) = (Timestamp::from_utc_day(day), Timestamp::from_utc_day(day + 1));
        if end <= from || gap.to.0 <= start {
            continue;
        }
        if from < start {
            left.push(Gap { from: Instant(from), to: Instant(start), ..gap });
        }
        from = end;
    }
    if from < gap.to.0 {
        left.push(Gap { from: Instant(from), ..gap });
    }
    left
}

/// How far apart readings stand: the period, or for readings without one what most of them keep.
fn expected_step(columns: &Columns, period: Period) -> Option<i64> {
    match period {
        Period::Hour => Some(HOUR_MS),
        Period::Day => Some(DAY_MS),
        Period::Instant | Period::Minute => {
            let mut steps: Vec<i64> =
                columns.time.windows(2).map(|pair| pair[1] - pair[0]).collect();
            steps.sort_unstable();
            steps.get(steps.len() / 2).copied().filter(|step| *step > 0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Flag, Quality, Sequence};

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_ms(hour * HOUR_MS)
    }

    fn check(rows: &[(i64, Option<f64>)], now: i64, expected: &[(i64, i64, GapReason)]) {
        let columns = Columns {
            time: rows.iter().map(|row| hour(row.0)).collect(),
            value: rows.iter().map(|row| row.1).collect(),
            flag: vec![Flag::new(Quality::Good, None); rows.len()],
            sequence: vec![Sequence(1); rows.len()],
            ..Columns::default()
        };
        let range = Range { from: hour(0), to: hour(10) };
        let gaps = find(&columns, range, Period::Hour, hour(now));
        let gaps: Vec<_> = gaps.iter().map(|gap| (gap.from.0, gap.to.0, gap.reason)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(from, to, reason)| (hour(*from), hour(*to), *reason)).collect();
        assert_eq!(gaps, expected);
    }

    #[test]
    fn gaps_stand_at_the_edges_and_between() {
        use GapReason::{NoReading, ReportedMissing};
        let one = Some(1.0);
        check(&[], 20, &[(0, 10, NoReading)]);
        check(
            &[(2, one), (3, one), (6, one)],
            20,
            &[(0, 2, NoReading), (4, 6, NoReading), (7, 10, NoReading)],
        );
        check(&[(0, one), (1, None), (2, None), (3, one)], 4, &[(1, 3, ReportedMissing)]);
    }

    #[test]
    fn nothing_is_expected_after_now() {
        check(&[(0, Some(1.0)), (1, Some(1.0))], 2, &[]);
    }
}
