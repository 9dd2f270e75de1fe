//! Tests that need one series only.

use super::{Bounds, Checked, Test};
use crate::series::Sample;
use model::{HOUR_MS, Quality};

/// What the device said of its value: the marks of HJ 212 (calibration, maintenance, fault, flush, out of range) are levels by
/// the time they are stored; here they get their origin.
pub fn marked(own: &Sample) -> Checked {
    match own.flag.quality() {
        Quality::Good => Checked::GOOD,
        level => Checked::by(Test::Mark, level),
    }
}

/// Outside of what an instrument gives: it cannot be.
pub fn out_of_range(own: &Sample, bounds: &Bounds) -> Option<Checked> {
    let is_out = own.value < bounds.min || own.value > bounds.max;
    is_out.then(|| Checked::by(Test::Range, Quality::Fail))
}

/// Exactly nothing, three times in a row, where there is always something.
pub fn impossible_zero(samples: &[Sample], bounds: &Bounds) -> Option<Checked> {
    let is_zero = bounds.never_zero
        && samples.len() >= 3
        && samples.iter().rev().take(3).all(|sample| sample.value.abs() < f64::EPSILON);
    is_zero.then(|| Checked::by(Test::ImpossibleZero, Quality::Fail))
}

/// The same value more often in a row than the parameter does.
pub fn persists(samples: &[Sample], bounds: &Bounds) -> Option<Checked> {
    let own = samples.last()?;
    let is_long = bounds.equal_max > 0 && u32::from(own.equal_before) >= bounds.equal_max;
    is_long.then(|| Checked::by(Test::Persistence, Quality::Suspect))
}

/// Changes faster from the value before than the thing measured can.
pub fn rate_of_change(samples: &[Sample], bounds: &Bounds, step_ms: i64) -> Option<Checked> {
    let [.., before, own] = samples else { return None };
    let apart_ms = own.time - before.time;
    // After a gap a change says nothing; within minutes it is taken as if it were an hour's.
    if apart_ms > 2 * step_ms.max(1) || before.is_missing() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "hours between two values of a series")]
    let hours = (apart_ms as f64 / HOUR_MS as f64).max(1.0);
    let is_fast = (own.value - before.value).abs() / hours > bounds.rate_per_h;
    is_fast.then(|| Checked::by(Test::RateOfChange, Quality::Suspect))
}

/// One value far from the one before and the one after, on the same side of both: by a distance, or by how many times they are.
pub fn spike(samples: &[Sample], at: usize, bounds: &Bounds) -> Option<Checked> {
    let (before, own) = (samples.get(at.checked_sub(1)?)?, samples.get(at)?);
    let after = samples.get(at + 1)?;
    if [before, own, after].iter().any(|sample| sample.is_missing()) {
        return None;
    }
    let (left, right) = (own.value - before.value, own.value - after.value);
    let is_spike = left.signum() == right.signum() && left.abs().min(right.abs()) > bounds.spike;
    let (low, high) = (before.value.min(after.value), before.value.max(after.value));
    // Both sides agree, so that the rise of a flood is none.
    let is_calm = low > 0.0 && high < low * 2.0;
    let is_times = own.value > high * bounds.spike_times || own.value * bounds.spike_times < low;
    let is_spike = is_spike || (is_calm && is_times);
    is_spike.then(|| Checked::by(Test::Spike, Quality::Suspect))
}

/// How many values the scatter is looked at over.
const SCATTER_OVER: usize = 24;

/// The last values scatter: the middle of how far each lies off the line between those beside it, as a share of its level, is more
/// than the parameter does. Nobody knows what was measured then.
pub fn scatters(samples: &[Sample], at: usize, bounds: &Bounds) -> Option<Checked> {
    if !bounds.scatter.is_finite() {
        return None;
    }
    let window = samples.get((at + 1).checked_sub(SCATTER_OVER + 1)?..=at)?;
    let off = |three: &[Sample]| {
        let [before, own, after] = three else { return None };
        if three.iter().any(Sample::is_missing) {
            return None;
        }
        let line = f64::midpoint(before.value, after.value);
        let level = line.abs().max(own.value.abs());
        (level > 0.0).then(|| (own.value - line).abs() / level)
    };
    let mut shares: Vec<f64> = window.windows(3).filter_map(off).collect();
    let is_over = shares.len() >= SCATTER_OVER / 2 && super::median(&mut shares) > bounds.scatter;
    is_over.then(|| Checked::by(Test::Scatter, Quality::Unknown))
}

/// How many values before and after a shift must agree among themselves.
const SHIFT_SIDE: usize = 4;

/// The level shifts at once by more than a spike, and both sides are calm: an offset, an exchange of the sensor.
pub fn shifts(samples: &[Sample], at: usize, bounds: &Bounds) -> Option<Checked> {
    let before = samples.get(at.checked_sub(SHIFT_SIDE)?..at)?;
    let after = samples.get(at..at + SHIFT_SIDE)?;
    if before.iter().chain(after).any(Sample::is_missing) {
        return None;
    }
    let span = |side: &[Sample]| {
        let low = side.iter().map(|sample| sample.value).fold(f64::INFINITY, f64::min);
        let high = side.iter().map(|sample| sample.value).fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    };
    let ((low_a, high_a), (low_b, high_b)) = (span(before), span(after));
    let jump = (low_b - high_a).max(low_a - high_b);
    let is_calm = (high_a - low_a).max(high_b - low_b) < bounds.spike / 8.0;
    (is_calm && jump > bounds.spike / 2.0).then(|| Checked::by(Test::Step, Quality::Suspect))
}

/// The value stands after values that were due and did not come: nobody knows what was between.
pub fn gap(samples: &[Sample], at: usize, step_ms: i64) -> Option<Checked> {
    let (before, own) = (samples.get(at.checked_sub(1)?)?, samples.get(at)?);
    let is_after = step_ms > 0 && own.time - before.time >= 3 * step_ms;
    is_after.then(|| Checked::by(Test::Gap, Quality::Unknown))
}

#[cfg(test)]
mod tests {
    use super::super::{all, newest};
    use super::*;
    use crate::series::samples_of;

    /// The values, an hour apart (`NaN`: missing), and the test that speaks against each.
    fn check(parameter: &str, values: &[f64], expected: &[Option<Test>]) {
        let samples = samples_of(values, HOUR_MS);
        let checked = all(&samples, &Bounds::of(parameter), HOUR_MS);
        let found: Vec<_> = checked.iter().map(|one| one.origin.map(|from| from.test)).collect();
        assert_eq!(found, expected, "{values:?}");
    }

    #[test]
    fn each_test_speaks_against_its_own_kind_of_value_only() {
        check("pm25", &[30.0, 40.0, 35.0], &[None, None, None]);
        check("pm25", &[30.0, -5.0, 35.0], &[None, Some(Test::Range), None]);
        check("pm25", &[30.0, 390.0, 35.0], &[None, Some(Test::Spike), None]);
        check("pm25", &[30.0, 700.0, 690.0], &[None, Some(Test::RateOfChange), None]);
        check("no2", &[3.0, 0.0, 0.0, 0.0], &[None, None, None, Some(Test::ImpossibleZero)]);
        check("pm25", &[30.0, f64::NAN, 35.0], &[None, Some(Test::Mark), None]);
    }

    #[test]
    fn a_level_that_shifts_between_two_calms_is_a_step() {
        let mut expected = vec![None; 8];
        expected[4] = Some(Test::Step);
        check("no2", &[20.0, 21.0, 20.0, 22.0, 160.0, 161.0, 160.0, 162.0], &expected);
    }

    #[test]
    fn a_value_that_stands_still_is_doubtful_when_it_stood_long_enough() {
        let samples = samples_of(&[30.0; 26], HOUR_MS);
        let bounds = Bounds::of("pm25");
        assert_eq!(newest(&samples[..24], &bounds, HOUR_MS), Checked::GOOD);
        let late = newest(&samples, &bounds, HOUR_MS);
        assert_eq!(
            (late.level, late.origin.map(|o| o.test)),
            (Quality::Suspect, Some(Test::Persistence))
        );
    }

    #[test]
    fn a_spike_is_also_one_by_how_many_times_it_is_those_beside_it() {
        check("turbidity", &[18.6, 18.4, 195.8, 17.6], &[None, None, Some(Test::Spike), None]);
        check("turbidity", &[63.9, 57.5, 2.4, 49.1], &[None, None, Some(Test::Spike), None]);
        check("turbidity", &[5.0, 6.0, 90.0, 260.0, 180.0], &[None; 5]);
    }

    #[test]
    fn what_scatters_for_a_day_is_known_by_nobody() {
        let calm: Vec<f64> = (0..40_u32).map(|at| 50.0 + f64::from(at)).collect();
        check("turbidity", &calm, &[None; 40]);
        let noisy: Vec<f64> = (0..40_u32).map(|at| 50.0 + f64::from(at % 2) * 20.0).collect();
        let samples = samples_of(&noisy, HOUR_MS);
        let last = all(&samples, &Bounds::of("turbidity"), HOUR_MS)[39];
        assert_eq!(last, Checked::by(Test::Scatter, Quality::Unknown));
        assert_eq!(all(&samples, &Bounds::of("codmn"), HOUR_MS)[39], Checked::GOOD);
    }

    #[test]
    fn after_a_gap_nobody_knows() {
        let mut samples = samples_of(&[30.0, 31.0], HOUR_MS);
        samples[1].time = samples[0].time + 5 * HOUR_MS;
        let found = all(&samples, &Bounds::of("pm25"), HOUR_MS)[1];
        assert_eq!(
            (found.level, found.origin.map(|o| o.test)),
            (Quality::Unknown, Some(Test::Gap))
        );
    }
}
