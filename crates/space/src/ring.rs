//! What lies inside a ring, and the box around points.

use crate::Point;

/// The smallest box around points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Western edge, degrees.
    pub west: f64,
    /// Southern edge, degrees.
    pub south: f64,
    /// Eastern edge, degrees.
    pub east: f64,
    /// Northern edge, degrees.
    pub north: f64,
}

impl Bounds {
    /// Its middle.
    pub fn middle(&self) -> Point {
        [f64::midpoint(self.west, self.east), f64::midpoint(self.south, self.north)]
    }
}

/// The box around points; `None` when there is none with finite coordinates.
pub fn bounds(points: impl IntoIterator<Item = Point>) -> Option<Bounds> {
    let finite = points.into_iter().filter(|point| point.iter().all(|degrees| degrees.is_finite()));
    finite.fold(None, |bounds, [lon, lat]| {
        let known = bounds.unwrap_or(Bounds { west: lon, south: lat, east: lon, north: lat });
        Some(Bounds {
            west: known.west.min(lon),
            south: known.south.min(lat),
            east: known.east.max(lon),
            north: known.north.max(lat),
        })
    })
}

/// Whether a point lies inside a ring, closed or not, by the even-odd rule: of two rings that share an
/// edge a point on it lies in one. A ring of fewer than three points holds nothing.
pub fn contains(ring: &[Point], point: Point) -> bool {
    let [lon, lat] = point;
    let Some(mut before) = ring.last() else { return false };
    let mut inside = false;
    for corner in ring {
        let crosses = (before[1] > lat) != (corner[1] > lat);
        if crosses {
            let share = (lat - before[1]) / (corner[1] - before[1]);
            inside ^= lon < before[0] + share * (corner[0] - before[0]);
        }
        before = corner;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SQUARE: [Point; 5] = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]];

    #[test]
    fn a_notch_is_outside() {
        let ring = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0]];
        assert!(contains(&ring, [0.5, 2.0]) && contains(&ring, [3.5, 2.0]));
        assert!(!contains(&ring, [2.0, 2.0]) && !contains(&ring, [5.0, 1.0]));
    }

    #[test]
    fn nothing_lies_in_no_ring_and_in_a_line() {
        assert!(!contains(&[], [0.0, 0.0]));
        assert!(!contains(&[[0.0, 0.0], [1.0, 1.0]], [0.5, 0.5]));
        assert_eq!(bounds([[f64::NAN, 0.0]]), None);
    }

    #[test]
    fn a_point_on_a_shared_edge_lies_in_one_of_both() {
        let next = SQUARE.map(|[lon, lat]| [lon + 2.0, lat]);
        let point = [2.0, 1.0];
        assert!(contains(&SQUARE, point) != contains(&next, point));
    }

    proptest! {
        #[test]
        fn a_square_is_its_bounds(lon in -1.0..3.0_f64, lat in -1.0..3.0_f64) {
            let inside = (0.0..2.0).contains(&lon) && (0.0..2.0).contains(&lat);
            prop_assert_eq!(contains(&SQUARE, [lon, lat]), inside);
            prop_assert_eq!(contains(&SQUARE[..4], [lon, lat]), inside);
        }
    }
}
