//! Who stands nearest, and in which direction.

use crate::{Point, bearing_deg, distance_m};

/// Half of the sector from which the wind counts as blowing, degrees.
const UPWIND_HALF_DEG: f64 = 45.0;

/// One of the points around another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its position among the points that were given.
    pub index: usize,
    /// How far away, m.
    pub distance_m: f64,
    /// In which direction it lies, degrees from north over east.
    pub bearing_deg: f64,
}

/// The `n` points nearest to `origin`, nearest first; of two equally near the one given first.
pub fn nearest(
    origin: Point,
    points: impl IntoIterator<Item = (usize, Point)>,
    n: usize,
) -> Vec<Neighbour> {
    let mut all: Vec<Neighbour> = points
        .into_iter()
        .map(|(index, point)| Neighbour {
            index,
            distance_m: distance_m(origin, point),
            bearing_deg: bearing_deg(origin, point),
        })
        .collect();
    all.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.index.cmp(&b.index)));
    all.truncate(n);
    all
}

/// Whether what lies at `bearing_deg` lies where the wind comes from: within 45° of it.
pub fn is_upwind(bearing_deg: f64, wind_from_deg: f64) -> bool {
    let apart = (bearing_deg - wind_from_deg).rem_euclid(360.0);
    apart.min(360.0 - apart) <= UPWIND_HALF_DEG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_no_more_than_asked() {
        let points = [[0.0, 3.0], [0.0, 1.0], [0.0, -1.0], [2.0, 0.0]];
        let found = nearest([0.0, 0.0], points.into_iter().enumerate(), 3);
        let order: Vec<_> = found.iter().map(|neighbour| neighbour.index).collect();
        assert_eq!(order, [1, 2, 3]);
        assert!((found[1].bearing_deg - 180.0).abs() < 1e-9);
    }

    #[test]
    fn upwind_is_a_quarter_of_the_circle_across_north() {
        let check = |bearing, from, expected| assert_eq!(is_upwind(bearing, from), expected);
        check(350.0, 20.0, true);
        check(20.0, 350.0, true);
        check(70.0, 20.0, false);
        check(200.0, 20.0, false);
        check(65.0, 20.0, true);
    }
}
