//! Inverse-distance weighting: near samples count more, and trusted ones.

use super::{Grid, Sample};
use crate::Plane;

/// Below this distance a sample counts as being there, m: a mast is no point.
const NEAR_M: f64 = 50.0;
/// Buckets along one side, at most: a bound on memory, not on precision.
const BUCKETS_MAX: usize = 256;

/// The mean of the samples within reach, each weighted by its trust over the square of its distance.
///
/// Without samples every cell is unknown; one sample alone gives its own value to all cells within
/// reach; samples that agree give what they agree on.
pub fn inverse_distance(samples: &[Sample], grid: &Grid, reach_m: f64) -> Vec<Option<f64>> {
    let plane = Plane::at(grid.bounds.middle());
    let buckets = Buckets::new(samples, plane, reach_m);
    let cells = grid.wanted.iter().enumerate();
    cells
        .map(
            |(cell, wanted)| {
                if *wanted { buckets.mean(plane.metres(grid.middle(cell))) } else { None }
            },
        )
        .collect()
}

/// The value of the nearest sample within reach; of two equally near the one given first.
pub fn nearest_sample(samples: &[Sample], grid: &Grid, reach_m: f64) -> Vec<Option<f64>> {
    let plane = Plane::at(grid.bounds.middle());
    let usable = samples.iter().filter(|sample| sample.value.is_finite());
    let points: Vec<([f64; 2], f64)> =
        usable.map(|sample| (plane.metres(sample.at), sample.value)).collect();
    let nearest = |cell: usize| {
        let [x, y] = plane.metres(grid.middle(cell));
        let apart = points.iter().map(|(at, value)| ((at[0] - x).hypot(at[1] - y), *value));
        let least = apart.min_by(|a, b| a.0.total_cmp(&b.0));
        least.filter(|(metres, _)| *metres <= reach_m).map(|(_, value)| value)
    };
    let cells = grid.wanted.iter().enumerate();
    cells.map(|(cell, wanted)| if *wanted { nearest(cell) } else { None }).collect()
}

/// Samples by squares as wide as the reach, so that a cell looks at nine squares only.
struct Buckets {
    side_m: f64,
    reach_m: f64,
    origin: [f64; 2],
    size: [usize; 2],
    squares: Vec<Vec<Weighted>>,
}

struct Weighted {
    at: [f64; 2],
    value: f64,
    weight: f64,
}

impl Buckets {
    fn new(samples: &[Sample], plane: Plane, reach_m: f64) -> Self {
        let usable = samples.iter().filter(|s| s.value.is_finite() && s.weight > 0.0);
        let points: Vec<Weighted> = usable
            .map(|s| Weighted { at: plane.metres(s.at), value: s.value, weight: s.weight })
            .filter(|point| point.at.iter().all(|metres| metres.is_finite()))
            .collect();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for point in &points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point.at[axis]);
                high[axis] = high[axis].max(point.at[axis]);
            }
        }
        let extent = (high[0] - low[0]).max(high[1] - low[1]).max(0.0);
        let side_m = reach_m.max(extent / (BUCKETS_MAX - 1) as f64).max(1.0);
        let size = [0, 1].map(|axis| ((high[axis] - low[axis]).max(0.0) / side_m) as usize + 1);
        let mut squares: Vec<Vec<Weighted>> = vec![];
        squares.resize_with(size[0] * size[1], Vec::new);
        for point in points {
            let [x, y] = [0, 1].map(|axis| ((point.at[axis] - low[axis]) / side_m) as usize);
            squares[y * size[0] + x].push(point);
        }
        Self { side_m, reach_m, origin: low, size, squares }
    }

    fn mean(&self, at: [f64; 2]) -> Option<f64> {
        let [x, y] = [0, 1].map(|axis| ((at[axis] - self.origin[axis]) / self.side_m).floor());
        let around = |middle: f64, size: usize| {
            let low = (middle - 1.0).max(0.0) as usize;
            let high = (middle + 2.0).clamp(0.0, size as f64) as usize;
            low.min(high)..high
        };
        let reach = self.reach_m * self.reach_m;
        let (mut sum, mut weights) = (0.0, 0.0);
        for row in around(y, self.size[1]) {
            for column in around(x, self.size[0]) {
                for point in &self.squares[row * self.size[0] + column] {
                    let (east, north) = (point.at[0] - at[0], point.at[1] - at[1]);
                    let square = east * east + north * north;
                    if square <= reach {
                        let weight = point.weight / square.max(NEAR_M * NEAR_M);
                        sum += weight * point.value;
                        weights += weight;
                    }
                }
            }
        }
        (weights > 0.0).then(|| sum / weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::field::tests::sample;
    use proptest::prelude::*;

    /// 10 km by 10 km, all of it wanted.
    fn zone(cols: usize) -> Grid {
        let bounds = Bounds { west: 116.0, south: 39.0, east: 116.115, north: 39.09 };
        Grid { bounds, cols, rows: cols, wanted: vec![true; cols * cols] }
    }

    #[test]
    fn nothing_measured_is_nothing_known() {
        assert!(inverse_distance(&[], &zone(4), 3_000.0).iter().all(Option::is_none));
    }

    #[test]
    fn one_sample_gives_its_value_within_reach_and_nothing_beyond() {
        let grid = zone(20);
        let at = grid.middle(0);
        let field = inverse_distance(&[sample(at, 35.0)], &grid, 3_000.0);
        assert_eq!(field[0], Some(35.0));
        assert_eq!(field[1], Some(35.0));
        assert_eq!(field[399], None);
    }

    #[test]
    fn a_trusted_sample_outweighs_a_poor_one_at_the_same_distance() {
        let grid = zone(1);
        let [lon, lat] = grid.middle(0);
        let good = sample([lon - 0.01, lat], 40.0);
        let poor = super::Sample { weight: 0.25, ..sample([lon + 0.01, lat], 80.0) };
        let middle = inverse_distance(&[good, poor], &grid, 3_000.0)[0].unwrap();
        assert!((middle - 48.0).abs() < 1e-6, "{middle}");
    }

    #[test]
    fn values_that_are_no_numbers_are_left_out() {
        let grid = zone(2);
        let at = grid.middle(0);
        let field = inverse_distance(&[sample(at, f64::NAN), sample(at, 5.0)], &grid, 20_000.0);
        assert_eq!(field, vec![Some(5.0); 4]);
    }

    proptest! {
        /// Clever against naive; between the smallest and the largest; all equal stays equal.
        #[test]
        fn buckets_change_nothing(
            places in prop::collection::vec((116.0..116.115_f64, 39.0..39.09_f64, 1.0..500.0_f64), 1..60),
            reach_m in 500.0..20_000.0_f64,
        ) {
            let samples: Vec<_> = places.iter().map(|(lon, lat, v)| sample([*lon, *lat], *v)).collect();
            let grid = zone(7);
            let plane = Plane::at(grid.bounds.middle());
            for (cell, value) in inverse_distance(&samples, &grid, reach_m).into_iter().enumerate() {
                let at = plane.metres(grid.middle(cell));
                let near = samples.iter().filter_map(|s| {
                    let [x, y] = plane.metres(s.at);
                    let square = (x - at[0]).powi(2) + (y - at[1]).powi(2);
                    (square <= reach_m * reach_m).then(|| (1.0 / square.max(2_500.0), s.value))
                });
                let (weights, sum) = near.fold((0.0, 0.0), |(w, s), (weight, v)| (w + weight, s + weight * v));
                match value {
                    None => prop_assert!(weights == 0.0),
                    Some(value) => prop_assert!((value - sum / weights).abs() < 1e-6),
                }
            }
            let same: Vec<_> = places.iter().map(|(lon, lat, _)| sample([*lon, *lat], 7.0)).collect();
            for value in inverse_distance(&same, &grid, reach_m).into_iter().flatten() {
                prop_assert!((value - 7.0).abs() < 1e-9);
            }
        }
    }
}
