//! The rings inside which there is a field.

use model::{AreaKind, Registry};
use space::field::Grid;
use space::{Bounds, distance_m};

/// Side of a cell where nobody asks for another, m.
const CELL_M: f64 = 100.0;
/// Columns that may be asked for.
pub const COLS: std::ops::RangeInclusive<usize> = 8..=512;
/// Rows, whatever the shape of the district.
const ROWS_MAX: usize = 1_024;

/// The sub-districts, or what else there is but premises.
pub struct Ground(Vec<Vec<[f64; 2]>>);

impl Ground {
    /// The ground of a registry.
    pub fn of(registry: &Registry) -> Self {
        let drawn = || registry.areas.iter().filter(|area| area.ring.len() > 2);
        let is_sub = |area: &&model::Area| area.kind == AreaKind::SubDistrict;
        let mut rings: Vec<_> = drawn().filter(is_sub).map(|area| area.ring.clone()).collect();
        if rings.is_empty() {
            let others = drawn().filter(|area| area.kind != AreaKind::Premises);
            rings = others.map(|area| area.ring.clone()).collect();
        }
        Self(rings)
    }

    /// Its outer edges; `None` where there is no ground.
    pub fn bounds(&self) -> Option<Bounds> {
        space::bounds(self.0.iter().flatten().copied())
    }

    /// The grid over the rings with cells of about so many metres; `None` where there is no ground.
    pub fn grid_of(&self, cell_m: f64) -> Option<Grid> {
        let bounds = self.bounds()?;
        let [width_m, height_m] = sides(bounds);
        let count = |metres: f64| ((metres / cell_m).ceil() as usize).clamp(1, ROWS_MAX);
        (width_m > 0.0 && height_m > 0.0)
            .then(|| Grid::within(bounds, count(width_m), count(height_m), &self.rings()))
    }

    /// The grid over the rings with so many columns; cells of about 100 m without a number.
    pub fn grid(&self, cols: Option<usize>) -> Option<Grid> {
        let bounds = self.bounds()?;
        let [width_m, height_m] = sides(bounds);
        if width_m <= 0.0 || height_m <= 0.0 {
            return None;
        }
        let usual = (width_m / CELL_M).ceil() as usize;
        let cols = cols.unwrap_or(usual.clamp(*COLS.start(), *COLS.end()));
        let rows = ((height_m / width_m * cols as f64).round() as usize).clamp(1, ROWS_MAX);
        Some(Grid::within(bounds, cols, rows, &self.rings()))
    }

    fn rings(&self) -> Vec<&[[f64; 2]]> {
        self.0.iter().map(Vec::as_slice).collect()
    }
}

/// Width and height, m.
fn sides(bounds: Bounds) -> [f64; 2] {
    let Bounds { west, south, east, north } = bounds;
    let middle = bounds.middle()[1];
    [distance_m([west, middle], [east, middle]), distance_m([west, south], [west, north])]
}
