//! What one source of a shape makes around itself at an instant, ready to be looked up.
//!
//! With one wind for the whole ground a coupling depends on the way from source to instrument alone. All cells of the
//! ground have one shape, so their couplings are laid out once on a raster as fine as the source is wide; the logarithm is
//! interpolated, in which a bell is a parabola. A wind that is turned as a whole turns the raster.

use super::drift::{Drift, Release};

/// The logarithm of nothing.
pub(crate) const NOTHING: f32 = -60.0;
/// Side of the raster's squares, in standard deviations of the source's own width.
const FINE: f64 = 1.2;
/// Corners of a raster, at most: wider squares beyond.
const CORNERS_MAX: f64 = 60_000.0;

/// Logarithms of couplings by displacement.
pub(crate) struct Kernel {
    corner: [f32; 2],
    inverse: f32,
    cols: usize,
    rows: usize,
    logs: Vec<f32>,
}

impl Kernel {
    /// Of sources shaped like `release`, at instruments `height_m` high and not farther than `far_m`.
    pub fn new(drift: &Drift, release: &Release, height_m: f64, far_m: f64) -> Self {
        let centred = Release { at_m: [0.0; 2], ..*release };
        let edge = drift.edge(release);
        let low = [edge[0].max(-far_m), edge[1].max(-far_m)];
        let high = [edge[2].min(far_m), edge[3].min(far_m)];
        let sides = [(high[0] - low[0]).max(1.0), (high[1] - low[1]).max(1.0)];
        let step = (FINE * release.own_m()).max((sides[0] * sides[1] / CORNERS_MAX).sqrt());
        let count = |side: f64| (side / step).ceil() as usize + 2;
        let (cols, rows) = (count(sides[0]), count(sides[1]));
        let mut logs = Vec::with_capacity(cols * rows);
        for row in 0..rows {
            for col in 0..cols {
                let at = [low[0] + col as f64 * step, low[1] + row as f64 * step];
                let add = drift.coupling(&centred, at, height_m);
                logs.push((add.ln() as f32).max(NOTHING));
            }
        }
        let corner = [low[0] as f32, low[1] as f32];
        Self { corner, inverse: (1.0 / step) as f32, cols, rows, logs }
    }

    /// The logarithm of what 1 g/s makes at a displacement from the source, µg/m³.
    pub fn log(&self, [x, y]: [f32; 2]) -> f32 {
        let (x, y) = ((x - self.corner[0]) * self.inverse, (y - self.corner[1]) * self.inverse);
        if x < 0.0 || y < 0.0 {
            return NOTHING;
        }
        let (col, row) = (x as usize, y as usize);
        if col + 1 >= self.cols || row + 1 >= self.rows {
            return NOTHING;
        }
        let (part_x, part_y) = (x - col as f32, y - row as f32);
        let at = row * self.cols + col;
        let mix = |a: f32, b: f32| a + (b - a) * part_x;
        let (below, above) = (
            mix(self.logs[at], self.logs[at + 1]),
            mix(self.logs[at + self.cols], self.logs[at + self.cols + 1]),
        );
        below + (above - below) * part_y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Stability, Wind, Winds};

    #[test]
    fn a_look_up_says_what_the_plume_says() {
        let wind = |at: u32| Some(Wind::from_deg(2.5, 255.0 + 3.0 * f64::from(at % 9)));
        let winds = Winds::new(-7_200.0, 300.0, &(0..24).map(wind).collect::<Vec<_>>(), 12.0);
        let drift = Drift::new(&winds.unwrap(), 0.0, 7_200.0, Stability::D, 800.0, 1.0);
        let release = Release { at_m: [0.0; 2], height_m: 5.0, width_m: 330.0 };
        let kernel = Kernel::new(&drift, &release, 3.0, 12_000.0);
        let (mut worst, mut near) = (0.0_f64, 0);
        for n in 0..4_000_u32 {
            let part = |of: u32| f64::from((n * of) % 997) / 997.0;
            let at = [-1_000.0 + 9_000.0 * part(31), -2_500.0 + 5_000.0 * part(17)];
            let add = drift.coupling(&release, at, 3.0);
            if add > 0.05 {
                near += 1;
                let found = f64::from(kernel.log(at.map(|m| m as f32)));
                worst = worst.max((found - add.ln()).abs());
            }
        }
        assert!(near > 200 && worst < 0.35, "{near} {worst}");
        assert!(kernel.log([-11_000.0, 0.0]) <= NOTHING + 1.0);
        assert!(kernel.log([1e9, 1e9]) <= NOTHING);
    }
}
