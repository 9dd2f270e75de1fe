//! A field over a grid: kriging at the corners of tiles, blended between them, so that no border is seen.
//!
//! A cell is told by the four corners around it, each from its own nearest stations, weighted by how near they are. On the border
//! of two tiles the two corners that they share say all of it, so both sides agree. Correlations with a station are computed once a
//! cell, whichever corners ask for them.

use super::Grid;
use super::hour::{Field, NEIGHBOURS, Pair};
use super::local::LANES;
use super::shape::{Estimate, Spread};

/// Cells along one side of a tile.
const TILE: usize = LANES;

/// A corner of tiles: where it is in the lattice, and what is known around it.
type Corner = Option<Pair>;

/// What is used again from tile to tile.
#[derive(Default)]
struct Work {
    /// Stations of the four corners together.
    stations: Vec<usize>,
    /// Of each: correlations with the cells of a row.
    shared: Vec<[f64; LANES]>,
    solved: Vec<[f64; LANES]>,
}

impl Field<'_> {
    /// Fills a grid tile by tile and hands over each row of tiles: the first cell's number and the cells of
    /// whole rows, `None` where none is wanted. Memory does not grow with the rows of the grid.
    pub fn fill(&self, grid: &Grid, mut take: impl FnMut(usize, &[Option<Estimate>])) {
        let tiles = grid.cols.div_ceil(TILE);
        let mut band = vec![None; TILE * grid.cols];
        let mut work = Work::default();
        let none = || (0..=tiles).map(|_| None).collect::<Vec<Corner>>();
        let (mut above, mut below) = (none(), none());
        for first_row in (0..grid.rows).step_by(TILE) {
            let rows = TILE.min(grid.rows - first_row);
            band.fill(None);
            for tile in 0..tiles {
                let first = [first_row, tile * TILE];
                if !is_wanted(grid, first) {
                    continue;
                }
                for (corners, row) in [(&mut above, 0), (&mut below, 1)] {
                    for at in [tile, tile + 1] {
                        if corners[at].is_none() {
                            corners[at] = self.corner(grid, [first_row + row * TILE, at * TILE]);
                        }
                    }
                }
                let four = [&above[tile], &above[tile + 1], &below[tile], &below[tile + 1]]
                    .map(Option::as_ref);
                if let [Some(a), Some(b), Some(c), Some(d)] = four {
                    self.tile(grid, first, [a, b, c, d], &mut band, &mut work);
                }
            }
            take(first_row * grid.cols, &band[..rows * grid.cols]);
            std::mem::swap(&mut above, &mut below);
            below.fill_with(|| None);
        }
    }

    /// What is known around the north-west corner of a cell, which may lie outside the grid.
    fn corner(&self, grid: &Grid, [row, col]: [usize; 2]) -> Corner {
        let bounds = grid.bounds;
        let lon = bounds.west + (bounds.east - bounds.west) * col as f64 / grid.cols as f64;
        let lat = bounds.north - (bounds.north - bounds.south) * row as f64 / grid.rows as f64;
        self.around(&[self.process.plane.metres([lon, lat])], NEIGHBOURS)
    }

    fn tile(
        &self,
        grid: &Grid,
        [first_row, first_col]: [usize; 2],
        corners: [&Pair; 4],
        band: &mut [Option<Estimate>],
        work: &mut Work,
    ) {
        let cols = TILE.min(grid.cols - first_col);
        work.stations.clear();
        work.stations.extend(corners.iter().flat_map(|corner| corner.rows.iter().copied()));
        work.stations.sort_unstable();
        work.stations.dedup();
        let numbers = corners.map(|corner| {
            let number = |station: &usize| work.stations.partition_point(|at| at < station);
            corner.rows.iter().map(number).collect::<Vec<_>>()
        });
        for row in first_row..grid.rows.min(first_row + TILE) {
            let cell = |col: usize| row * grid.cols + first_col + col;
            if !(0..cols).any(|col| grid.wanted[cell(col)]) {
                continue;
            }
            let metres =
                |col: usize| self.process.plane.metres(grid.middle(cell(col.min(cols - 1))));
            let said = self.row(&std::array::from_fn(metres), corners, &numbers, work);
            let south = (row - first_row) as f64 + 0.5;
            for col in (0..cols).filter(|col| grid.wanted[cell(*col)]) {
                let shares = shares([south, col as f64 + 0.5].map(|cells| cells / TILE as f64));
                let spread = blended(shares, said.map(|corner| corner[col]));
                band[(row - first_row) * grid.cols + first_col + col] =
                    Some(self.process.shape.estimate(spread, &corners[0].steps));
            }
        }
    }

    /// What each corner says of the cells of a row.
    fn row(
        &self,
        spots: &[[f64; 2]; LANES],
        corners: [&Pair; 4],
        numbers: &[Vec<usize>; 4],
        work: &mut Work,
    ) -> [[Spread; LANES]; 4] {
        let Work { stations, shared, solved } = work;
        shared.clear();
        shared.resize(stations.len(), [f64::NAN; LANES]);
        std::array::from_fn(|corner| {
            let pair = corners[corner];
            for (row, number) in numbers[corner].iter().enumerate() {
                if shared[*number][0].is_nan() {
                    shared[*number] = pair.local.correlations(spots, row);
                }
            }
            let own = numbers[corner].iter().map(|number| &shared[*number]);
            pair.local.at(own, solved).map(|said| self.spread_of(said, pair))
        })
    }
}

/// What the four corners have to say of a spot at these parts of a tile, from north and from west.
fn shares([south, east]: [f64; 2]) -> [f64; 4] {
    let (north, west) = (1.0 - south, 1.0 - east);
    [north * west, north * east, south * west, south * east]
}

fn blended(shares: [f64; 4], said: [Spread; 4]) -> Spread {
    let both = || shares.iter().zip(&said);
    let mean = both().map(|(share, one)| share * one.mean).sum();
    let variance: f64 = both().map(|(share, one)| share * one.sd * one.sd).sum();
    Spread { mean, sd: variance.sqrt() }
}

fn is_wanted(grid: &Grid, [first_row, first_col]: [usize; 2]) -> bool {
    let rows = first_row..grid.rows.min(first_row + TILE);
    let end = grid.cols.min(first_col + TILE);
    rows.into_iter()
        .any(|row| grid.wanted[row * grid.cols + first_col..row * grid.cols + end].contains(&true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::field::{Grade, Kind, Process, Station};

    /// Sixty stations, a third of them rough, on a ground of waves with noise of their own.
    fn stations() -> Vec<Station> {
        let station = |n: u32| {
            let part = |of: u32| f64::from(n * of % 61) / 61.0;
            let grade = if n.is_multiple_of(3) { Grade::MICRO } else { Grade::STANDARD };
            Station { at: [116.0 + 0.2 * part(17), 39.0 + 0.2 * part(29)], grade }
        };
        (0..60).map(station).collect()
    }

    fn value(station: &Station, hour: u32) -> f64 {
        let [x, y] = [(station.at[0] - 116.0) * 60.0, (station.at[1] - 39.0) * 60.0];
        let rough = (x * 977.0 + y * 631.0 + 13.0 * f64::from(hour)).sin();
        60.0 + 25.0 * (x + 0.3 * f64::from(hour)).sin() * y.cos() + 6.0 * rough
    }

    #[test]
    fn at_the_border_of_two_tiles_both_sides_say_the_same() {
        let stations = stations();
        let row = |hour: u32| stations.iter().map(|station| Some(value(station, hour))).collect();
        let process =
            Process::fit(Kind::Concentration, &stations, &(0..24).map(row).collect::<Vec<_>>());
        let now: Vec<_> = row(24);
        let field = Field::of(&process, &now).unwrap();
        let grid = Grid {
            bounds: Bounds { west: 116.0, south: 39.0, east: 116.2, north: 39.2 },
            cols: 48,
            rows: 48,
            wanted: vec![true; 48 * 48],
        };
        let tall = |tile: [usize; 2]| {
            let at = |row: usize, col: usize| {
                field.corner(&grid, [(tile[0] + row) * TILE, (tile[1] + col) * TILE]).unwrap()
            };
            [at(0, 0), at(0, 1), at(1, 0), at(1, 1)]
        };
        // a spot on the border of two tiles, asked from the west and from the east
        let (west, east) = (tall([1, 0]), tall([1, 1]));
        let (mut worst, mut alone) = (0.0_f64, 0.0_f64);
        for part in [0.1, 0.37, 0.5, 0.81] {
            let lat = 39.2 - 0.2 * (1.0 + part) / 3.0;
            let spot = process.plane.metres([116.0 + 0.2 / 3.0, lat]);
            let from = |corners: &[Pair; 4], east: f64| {
                let said =
                    corners.each_ref().map(|pair| field.spread_of(pair.local.one(spot), pair));
                blended(shares([part, east]), said)
            };
            let (left, right) = (from(&west, 1.0), from(&east, 0.0));
            worst = worst.max((left.mean - right.mean).abs()).max((left.sd - right.sd).abs());
            // what tiles said that had stations of their own and nothing in common
            let own = |tile: f64| {
                let middle = process.plane.metres([116.0 + 0.2 * tile / 3.0, 39.1]);
                let pair = field.around(&[middle], NEIGHBOURS).unwrap();
                field.spread_of(pair.local.one(spot), &pair).mean
            };
            alone = alone.max((own(0.5) - own(1.5)).abs());
        }
        assert!(worst < 1e-12, "{worst}");
        assert!(alone > 1e-4, "tiles alone differ by {alone}: the test would see a seam");
    }

    #[test]
    fn across_borders_cells_differ_no_more_than_inside_tiles() {
        let stations = stations();
        let row = |hour: u32| stations.iter().map(|station| Some(value(station, hour))).collect();
        let process =
            Process::fit(Kind::Concentration, &stations, &(0..24).map(row).collect::<Vec<_>>());
        let now: Vec<_> = row(24);
        let field = Field::of(&process, &now).unwrap();
        let side = 90;
        let grid = Grid {
            bounds: Bounds { west: 116.0, south: 39.0, east: 116.2, north: 39.2 },
            cols: side,
            rows: side,
            wanted: vec![true; side * side],
        };
        let cells = field.grid(&grid);
        // the second difference: a seam is a step, a slope is none
        let (mut inside, mut across) = (vec![], vec![]);
        for row in 0..side {
            for col in 1..side - 1 {
                let value = |col: usize| cells[row * side + col].unwrap().mean;
                let bend = (value(col - 1) - 2.0 * value(col) + value(col + 1)).abs();
                let is_border = col % TILE == 0 || (col + 1) % TILE == 0;
                if is_border { &mut across } else { &mut inside }.push(bend);
            }
        }
        let ninth = |bends: &mut Vec<f64>| {
            bends.sort_by(f64::total_cmp);
            bends[bends.len() * 9 / 10]
        };
        let (inside, across) = (ninth(&mut inside), ninth(&mut across));
        assert!(across < 1.5 * inside, "{across} across, {inside} inside");
        let at = field.at(grid.middle(40 * side + 33)).unwrap();
        let cell = cells[40 * side + 33].unwrap();
        assert!((at.mean - cell.mean).abs() < 0.1 * (at.high - at.low), "{at:?} {cell:?}");
    }
}
