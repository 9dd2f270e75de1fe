//! Tests that compare a value with what stands beside it: neighbours, another parameter of the place.

use super::{Checked, Test};
use model::Quality;

/// Fine dust is a part of dust: more of it than of the whole, by more than instruments err, is doubtful.
pub fn fine_above_coarse(pm25: f64, pm10: f64) -> Option<Checked> {
    let is_above = pm25 > pm10 * 1.1 + 5.0;
    is_above.then(|| Checked::by(Test::FineAboveCoarse, Quality::Suspect))
}

/// How many neighbours have to be there.
const NEIGHBOURS_MIN: usize = 3;

/// Far from what the neighbours measure at the same time: further from their median than several times
/// their own spread, and than half of the median.
pub fn disagrees(value: f64, neighbours: &mut [f64]) -> Option<Checked> {
    if neighbours.len() < NEIGHBOURS_MIN {
        return None;
    }
    let middle = median(neighbours);
    for one in neighbours.iter_mut() {
        *one = (*one - middle).abs();
    }
    let spread = 1.483 * median(neighbours);
    let apart = (value - middle).abs();
    let is_far = apart > 5.0 * spread && apart > 0.5 * middle.abs() && apart > f64::EPSILON;
    is_far.then(|| Checked::by(Test::Neighbours, Quality::Suspect))
}

/// The middle of some values; of an even number the mean of the two in the middle. They are sorted by it.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match (values.len(), values.len() / 2) {
        (0, _) => f64::NAN,
        (count, half) if count % 2 == 1 => values[half],
        (_, half) => f64::midpoint(values[half - 1], values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_dust_above_dust_is_doubtful_beyond_what_instruments_err() {
        assert_eq!(fine_above_coarse(50.0, 52.0), None);
        assert_eq!(fine_above_coarse(56.0, 52.0), None);
        assert!(fine_above_coarse(80.0, 52.0).is_some());
    }

    #[test]
    fn one_far_from_neighbours_who_agree_is_doubtful() {
        assert!(disagrees(200.0, &mut [50.0, 52.0, 49.0, 55.0]).is_some());
        assert_eq!(disagrees(60.0, &mut [50.0, 52.0, 49.0, 55.0]), None);
        assert_eq!(disagrees(200.0, &mut [50.0, 52.0]), None, "two are no quorum");
        assert_eq!(disagrees(200.0, &mut [50.0, 150.0, 300.0]), None, "they do not agree");
    }
}
