//! What a quantity may be between the places that measure it.
//!
//! The way to ask is a [`Process`], fitted on the hours before, and the [`Field`] of an hour: mean and interval at any
//! spot, over a [`Grid`], an area or along a line. The simple [`Method`]s beside it ([`nearest_sample`],
//! [`inverse_distance`]) know no uncertainty: they are what the field has to beat, and a second opinion. These fill
//! no cell that lies farther from every sample than the stated reach.

mod blocks;
mod distance;
mod hour;
mod local;
mod process;
mod raster;
mod screen;
mod shape;
mod student;

pub use distance::{inverse_distance, nearest_sample};
pub use hour::{Field, LeftOut};
pub use process::{Covariance, Grade, Process, Station};
pub use screen::{Doubt, screen};
pub use shape::{Estimate, Kind, Shape};

use crate::{Bounds, Plane, Point, contains};

/// What one place says.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Where it stands.
    pub at: Point,
    /// What it measures.
    pub value: f64,
    /// How far it is trusted against the others; a standard instrument is 1.
    pub weight: f64,
    /// It is of the best grade there is: never screened out by its neighbours.
    pub is_reference: bool,
    /// Hours in a row, this one included, in which it said exactly this.
    pub unchanged_h: u32,
}

/// Cells in rows from the north-western corner, each of the same size in degrees.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The outer edges.
    pub bounds: Bounds,
    /// Cells from west to east.
    pub cols: usize,
    /// Cells from north to south.
    pub rows: usize,
    /// Whether a value is wanted, cell by cell.
    pub wanted: Vec<bool>,
}

/// Fills a grid from samples: a value for each wanted cell within reach of a sample (metres).
pub type Method = fn(&[Sample], &Grid, reach_m: f64) -> Vec<Option<f64>>;

impl Grid {
    /// A grid in which the cells are wanted whose middle lies in one of the rings.
    pub fn within(bounds: Bounds, cols: usize, rows: usize, rings: &[&[Point]]) -> Self {
        let mut grid = Self { bounds, cols, rows, wanted: vec![] };
        let boxes: Vec<_> = rings.iter().map(|ring| crate::bounds(ring.iter().copied())).collect();
        let is_in = |point: Point| {
            let mut rings = rings.iter().zip(&boxes);
            rings.any(|(ring, bounds)| {
                bounds.is_some_and(|b| {
                    (b.west..=b.east).contains(&point[0]) && (b.south..=b.north).contains(&point[1])
                }) && contains(ring, point)
            })
        };
        grid.wanted = (0..cols * rows).map(|cell| is_in(grid.middle(cell))).collect();
        grid
    }

    /// The middle of a cell.
    pub fn middle(&self, cell: usize) -> Point {
        let Bounds { west, south, east, north } = self.bounds;
        let (col, row) = (cell % self.cols, cell / self.cols);
        let share = |at: usize, of: usize| (at as f64 + 0.5) / of as f64;
        [
            west + (east - west) * share(col, self.cols),
            north - (north - south) * share(row, self.rows),
        ]
    }
}

/// How far a sample reaches where places stand as these do, m: three times the distance that half of
/// them have to their nearest neighbour, at least 1 km and at most 50 km.
pub fn reach_m(samples: &[Sample]) -> f64 {
    const REACH_M: (f64, f64) = (1_000.0, 50_000.0);
    const ALONE_M: f64 = 3_000.0;
    /// Enough to know how dense a network is.
    const MANY: usize = 500;
    let [Some(first), Some(_)] = [samples.first(), samples.get(1)] else { return ALONE_M };
    let plane = Plane::at(first.at);
    let points: Vec<_> = samples.iter().map(|sample| plane.metres(sample.at)).collect();
    let step = points.len().div_ceil(MANY);
    let apart = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let mut nearest: Vec<f64> = points
        .iter()
        .enumerate()
        .step_by(step)
        .map(|(me, point)| {
            let others = points.iter().enumerate().filter(|(other, _)| *other != me);
            others.map(|(_, other)| apart(point, other)).fold(f64::INFINITY, f64::min)
        })
        .collect();
    nearest.sort_by(f64::total_cmp);
    (3.0 * nearest[nearest.len() / 2]).clamp(REACH_M.0, REACH_M.1)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A sample of the best grade.
    pub fn sample(at: Point, value: f64) -> Sample {
        Sample { at, value, weight: 1.0, is_reference: true, unchanged_h: 1 }
    }

    #[test]
    fn cells_are_wanted_inside_the_rings_and_run_from_the_north_west() {
        let bounds = Bounds { west: 0.0, south: 0.0, east: 2.0, north: 2.0 };
        let ring = [[0.0, 1.0], [1.0, 1.0], [1.0, 2.0], [0.0, 2.0]];
        let grid = Grid::within(bounds, 2, 2, &[&ring]);
        assert_eq!(grid.wanted, [true, false, false, false]);
        let halves = |cell| grid.middle(cell).map(|degrees| (degrees * 2.0).round() as i32);
        assert_eq!([halves(0), halves(3)], [[1, 3], [3, 1]]);
    }

    #[test]
    fn a_dense_network_reaches_less_than_a_wide_one_and_one_place_reaches_3_km() {
        let row = |step: f64| -> Vec<_> {
            (0..20).map(|at| sample([116.0 + step * f64::from(at), 39.0], 1.0)).collect()
        };
        assert!((reach_m(&row(0.01)) - 3.0 * 864.0).abs() < 10.0);
        assert!((reach_m(&row(0.0)) - 1_000.0).abs() < 1e-9);
        assert!((reach_m(&row(2.0)) - 50_000.0).abs() < 1e-9);
        assert!((reach_m(&row(1.0)[..1]) - 3_000.0).abs() < 1e-9);
    }
}
