//! Which samples are left out because their sensor is more likely broken than right.
//!
//! Simple and on purpose cautious: a plume is seen by few. A sample is left out only when it hangs on one
//! value, or when it is both far from what its neighbours say in units of their own spread and several
//! times their middle value. Samples of the best grade stay unless they hang.

use super::Sample;
use crate::Plane;

/// Hours of exactly the same value after which a sensor hangs.
const UNCHANGED_H: u32 = 6;
/// Neighbours that must be there to judge one.
const NEIGHBOURS: usize = 5;
/// Robust standard deviations from the neighbours' middle.
const DEVIATIONS: f64 = 6.0;
/// How many times above or below the neighbours' middle.
const TIMES: f64 = 3.0;
/// The median absolute deviation of a normal distribution is this much smaller than its standard one.
const MAD_TO_SIGMA: f64 = 1.4826;

/// Why a sample is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doubt {
    /// It said exactly the same for so many hours.
    Unchanged {
        /// Hours.
        hours: u32,
    },
    /// It says something quite different from all around it.
    Alone {
        /// What the middle one of its neighbours says.
        neighbours: f64,
    },
}

/// What is in doubt about each sample.
pub fn screen(samples: &[Sample]) -> Vec<Option<Doubt>> {
    let Some(first) = samples.first() else { return vec![] };
    let plane = Plane::at(first.at);
    let points: Vec<[f64; 2]> = samples.iter().map(|sample| plane.metres(sample.at)).collect();
    let mut nearest: Vec<(f64, f64)> = Vec::with_capacity(samples.len());
    samples
        .iter()
        .enumerate()
        .map(|(me, sample)| {
            // Calm air and clean rain give true zeros for hours.
            if sample.unchanged_h >= UNCHANGED_H && sample.value != 0.0 {
                return Some(Doubt::Unchanged { hours: sample.unchanged_h });
            }
            if sample.is_reference {
                return None;
            }
            nearest.clear();
            let others = points.iter().zip(samples).enumerate().filter(|(other, _)| *other != me);
            nearest.extend(others.map(|(_, (point, other))| {
                let (x, y) = (point[0] - points[me][0], point[1] - points[me][1]);
                (x * x + y * y, other.value)
            }));
            alone(sample.value, &mut nearest)
        })
        .collect()
}

/// Whether a value stands alone among its nearest neighbours (square of distance, value).
fn alone(value: f64, others: &mut [(f64, f64)]) -> Option<Doubt> {
    if others.len() < NEIGHBOURS {
        return None;
    }
    others.select_nth_unstable_by(NEIGHBOURS - 1, |a, b| a.0.total_cmp(&b.0));
    let mut values: [f64; NEIGHBOURS] = std::array::from_fn(|at| others[at].1);
    let neighbours = middle(&mut values);
    let mut deviations = values.map(|other| (other - neighbours).abs());
    let sigma = MAD_TO_SIGMA * middle(&mut deviations);
    let is_far = (value - neighbours).abs() > DEVIATIONS * sigma;
    let is_many_times = neighbours > 0.0
        && (value > TIMES * neighbours || value < neighbours / TIMES)
        || neighbours <= 0.0 && sigma > 0.0;
    (is_far && is_many_times).then_some(Doubt::Alone { neighbours })
}

fn middle(values: &mut [f64; NEIGHBOURS]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[NEIGHBOURS / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::tests::sample;

    fn micro(number: u8, value: f64) -> Sample {
        let at = [116.0 + f64::from(number) * 0.01, 39.0];
        Sample { is_reference: false, weight: 0.25, ..sample(at, value) }
    }

    #[test]
    fn one_that_says_ten_times_what_all_around_say_is_left_out_unless_it_is_a_reference() {
        let mut samples: Vec<_> = (0..8).map(|n| micro(n, 30.0 + f64::from(n))).collect();
        samples[0].value = 340.0;
        let doubts = screen(&samples);
        assert_eq!(doubts[0], Some(Doubt::Alone { neighbours: 33.0 }));
        assert_eq!(doubts.iter().flatten().count(), 1);
        samples[0].is_reference = true;
        assert!(screen(&samples).iter().all(Option::is_none));
    }

    #[test]
    fn a_rise_that_neighbours_share_stays() {
        let values = [30.0, 32.0, 90.0, 160.0, 210.0, 95.0, 34.0, 31.0];
        let samples: Vec<_> = (0..8).map(|n| micro(n, values[usize::from(n)])).collect();
        assert!(screen(&samples).iter().all(Option::is_none));
    }

    #[test]
    fn one_that_hangs_is_left_out_but_not_at_nought() {
        let mut samples = vec![micro(0, 55.0), micro(1, 0.0)];
        samples[0].unchanged_h = 6;
        samples[1].unchanged_h = 60;
        assert_eq!(screen(&samples), [Some(Doubt::Unchanged { hours: 6 }), None]);
    }

    #[test]
    fn few_neighbours_judge_nobody_and_equal_ones_agree() {
        assert_eq!(screen(&[micro(0, 1.0), micro(1, 900.0)]), [None, None]);
        let equal: Vec<_> = (0..8).map(|n| micro(n, 40.0)).collect();
        assert!(screen(&equal).iter().all(Option::is_none));
        assert!(screen(&[]).is_empty());
    }
}
