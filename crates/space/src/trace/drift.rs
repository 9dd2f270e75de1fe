//! The way of what was let out: a train of Gaussian segments carried by the winds of the past.
//!
//! Widths grow with the way by Briggs' open-country formulas for the six classes of Pasquill (Briggs 1973, as in EPA's
//! ISC3 guide), and with time where there is no way, as eddies of still air let them; or, where a sonic anemometer measures
//! them, by the eddies themselves (Taylor 1921, slowed down with age as Draxler 1976 and Irwin 1983 do). Reflected at the
//! ground and at a lid. With a wind that is the same everywhere the backward trajectory of an instrument is the same train read
//! the other way, so one train serves all pairs of sources and instruments at an instant.

use super::wind::Winds;

/// Segments of a train.
const NODES: usize = 22;
/// Widths beyond which nothing is left.
const REACH: f64 = 4.0;
/// Growth of the width by eddies of still air, m/s, and the age at which it slows down, s.
const MEANDER: (f64, f64) = (0.18, 1_500.0);

/// How air mixes, after Pasquill: A (very unstable) to F (stable).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the letters are the names")]
pub enum Stability {
    A,
    B,
    C,
    D,
    E,
    F,
}

impl Stability {
    /// From wind speed, sun (0 at night to 1 overhead in a clear sky) and whether the night is clear (Turner 1970,
    /// table 3-1, read at the middle of its rows).
    pub fn of(speed_m_s: f64, sun: f64) -> Self {
        match (sun, speed_m_s) {
            (sun, speed) if sun > 0.6 => {
                [Self::A, Self::B, Self::C][usize::from(speed > 2.5) + usize::from(speed > 5.0)]
            }
            (sun, speed) if sun > 0.25 => {
                [Self::B, Self::C, Self::D][usize::from(speed > 2.5) + usize::from(speed > 5.5)]
            }
            (sun, speed) if sun > 0.03 => {
                if speed > 2.5 {
                    Self::D
                } else {
                    Self::C
                }
            }
            (_, speed) if speed < 2.0 => Self::F,
            (_, speed) if speed < 3.5 => Self::E,
            _ => Self::D,
        }
    }

    /// Across and up, m, after so many metres.
    fn widths_m(self, run_m: f64) -> (f64, f64) {
        let x = run_m;
        let across = |share: f64| share * x / (1.0 + 1e-4 * x).sqrt();
        match self {
            Self::A => (across(0.22), 0.20 * x),
            Self::B => (across(0.16), 0.12 * x),
            Self::C => (across(0.11), 0.08 * x / (1.0 + 2e-4 * x).sqrt()),
            Self::D => (across(0.08), 0.06 * x / (1.0 + 1.5e-3 * x).sqrt()),
            Self::E => (across(0.06), 0.03 * x / (1.0 + 3e-4 * x)),
            Self::F => (across(0.04), 0.016 * x / (1.0 + 3e-4 * x)),
        }
    }
}

/// How widths grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mixing {
    /// By a class, which wind and sun tell.
    Class(Stability),
    /// By what was measured: standard deviations of the wind across and up, over its speed.
    Measured {
        /// Across the wind, within a step of the winds: what lasts longer is in the winds themselves.
        across: f64,
        /// Upwards.
        up: f64,
    },
}

impl From<Stability> for Mixing {
    fn from(class: Stability) -> Self {
        Self::Class(class)
    }
}

impl Mixing {
    /// Ages at which eddies across and up slow down, s.
    const SLOWS_S: (f64, f64) = (1_000.0, 500.0);

    /// Across and up, m, after so many metres and seconds.
    fn widths_m(self, run_m: f64, age_s: f64, spread: f64) -> (f64, f64) {
        match self {
            Self::Class(class) => {
                let (across, up) = class.widths_m(run_m);
                let by_age = MEANDER.0 * age_s / (1.0 + age_s / MEANDER.1).sqrt();
                ((spread * across).hypot(by_age), spread * up + 0.02 * age_s)
            }
            Self::Measured { across, up } => {
                let slowed = |slows_s: f64| spread * run_m / (1.0 + 0.9 * (age_s / slows_s).sqrt());
                (across * slowed(Self::SLOWS_S.0), up * slowed(Self::SLOWS_S.1))
            }
        }
    }
}

/// How something leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Release {
    /// Where, m.
    pub at_m: [f64; 2],
    /// How high it levels off, m.
    pub height_m: f64,
    /// How wide it is at its start, m.
    pub width_m: f64,
}

impl Release {
    /// Standard deviation of its own width, m.
    pub(crate) fn own_m(&self) -> f64 {
        self.width_m / 4.3 + 0.5
    }
}

/// Where the air of the past has gone by one instant.
#[derive(Clone, Debug)]
pub struct Drift {
    nodes: [Node; NODES],
    /// Greatest width of each segment's end.
    bounds: [f64; 4],
    lid_m: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    age_s: f64,
    moved: [f64; 2],
    sigma_y: f64,
    sigma_z: f64,
}

impl Drift {
    /// Follows the winds back from an instant as far as `age_max_s`. `spread` multiplies the widths.
    pub fn new(
        winds: &Winds,
        at_s: f64,
        age_max_s: f64,
        mixing: impl Into<Mixing>,
        lid_m: f64,
        spread: f64,
    ) -> Self {
        let mixing = mixing.into();
        let mut nodes = [Node::default(); NODES];
        let (mut run_m, mut moved) = (0.0, [0.0; 2]);
        for at in 1..NODES {
            let before = nodes[at - 1].age_s;
            let age_s = age_max_s * (at as f64 / (NODES - 1) as f64).powf(2.2);
            let wind = winds.mean(at_s - age_s, at_s - before);
            moved = [
                moved[0] + wind.east_m_s * (age_s - before),
                moved[1] + wind.north_m_s * (age_s - before),
            ];
            run_m += wind.speed_m_s() * (age_s - before);
            let (sigma_y, up) = mixing.widths_m(run_m, age_s, spread);
            nodes[at] = Node { age_s, moved, sigma_y, sigma_z: up.min(0.8 * lid_m) };
        }
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for node in &nodes {
            let reach = REACH * node.sigma_y;
            bounds[0] = bounds[0].min(node.moved[0] - reach);
            bounds[1] = bounds[1].min(node.moved[1] - reach);
            bounds[2] = bounds[2].max(node.moved[0] + reach);
            bounds[3] = bounds[3].max(node.moved[1] + reach);
        }
        Self { nodes, bounds, lid_m }
    }

    /// Where a parcel that is here now was some nodes ago, as (age in seconds, metres from here): a backward trajectory.
    pub fn backward(&self) -> impl Iterator<Item = (f64, [f64; 2])> {
        self.nodes.iter().map(|node| (node.age_s, node.moved.map(|metres| -metres)))
    }

    /// How far what a release of this shape lets out can have gone from it: west, south, east, north, m.
    pub(crate) fn edge(&self, release: &Release) -> [f64; 4] {
        let more = REACH * release.own_m();
        let [west, south, east, north] = self.bounds;
        [west - more, south - more, east + more, north + more]
    }

    /// What a steady release of 1 g/s makes at a spot, µg/m³.
    pub fn coupling(&self, release: &Release, spot_m: [f64; 2], height_m: f64) -> f64 {
        let own = release.own_m();
        let [x, y] = [spot_m[0] - release.at_m[0], spot_m[1] - release.at_m[1]];
        let more = REACH * own;
        if x < self.bounds[0] - more
            || y < self.bounds[1] - more
            || x > self.bounds[2] + more
            || y > self.bounds[3] + more
        {
            return 0.0;
        }
        let mut sum = 0.0;
        for pair in self.nodes.windows(2) {
            // most segments lie far away: one comparison tells
            let reach = REACH * (pair[1].sigma_y + own);
            let half = 0.5
                * ((pair[1].moved[0] - pair[0].moved[0]).abs()
                    + (pair[1].moved[1] - pair[0].moved[1]).abs());
            let off = [0, 1]
                .map(|axis| f64::midpoint(pair[0].moved[axis], pair[1].moved[axis]) - [x, y][axis]);
            if off[0].abs().max(off[1].abs()) > reach + half {
                continue;
            }
            sum += self.segment(&pair[0], &pair[1], [x, y], own, (release.height_m, height_m));
        }
        1e6 * sum
    }

    fn segment(
        &self,
        young: &Node,
        old: &Node,
        [x, y]: [f64; 2],
        own: f64,
        (from, to): (f64, f64),
    ) -> f64 {
        let (dx, dy) = (old.moved[0] - young.moved[0], old.moved[1] - young.moved[1]);
        let (px, py) = (x - young.moved[0], y - young.moved[1]);
        let reach = REACH * (old.sigma_y + own);
        let length = dx.hypot(dy).max(1e-6);
        let across = (px * dy - py * dx) / length;
        let along = (px * dx + py * dy) / length;
        if across.abs() > reach || along < -reach || along > length + reach {
            return 0.0;
        }
        let part = (along / length).clamp(0.0, 1.0);
        let mix = |young: f64, old: f64| young + (old - young) * part;
        let sigma_y = mix(young.sigma_y, old.sigma_y).hypot(own);
        let sigma_z = mix(young.sigma_z, old.sigma_z).hypot(0.5 * own.min(10.0)).max(0.5);
        let covered = if length < 0.2 * sigma_y {
            bell((along - 0.5 * length) / sigma_y) / sigma_y
        } else {
            (below((length - along) / sigma_y) - below(-along / sigma_y)) / length
        };
        let lateral = bell(across / sigma_y) / sigma_y;
        let mut vertical = bell((from - to) / sigma_z) + bell((from + to) / sigma_z);
        if sigma_z > 0.4 * self.lid_m {
            let lid = 2.0 * self.lid_m;
            vertical += bell((lid - from - to) / sigma_z) + bell((lid - from + to) / sigma_z);
        }
        (old.age_s - young.age_s) * covered * lateral * vertical / sigma_z
    }
}

/// The density of the standard normal distribution.
fn bell(widths: f64) -> f64 {
    0.398_942_280_401_432_7 * (-0.5 * widths * widths).exp()
}

/// The share of it that lies below (Abramowitz and Stegun 26.2.17, error below 1e-7).
fn below(widths: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * widths.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = bell(widths) * series;
    if widths > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Wind;

    fn steady(speed: f64) -> Drift {
        let winds =
            Winds::new(0.0, 600.0, &[Some(Wind::from_deg(speed, 270.0)); 30], 10.0).unwrap();
        Drift::new(&winds, 18_000.0, 7_200.0, Stability::D, 1_000.0, 1.0)
    }

    #[test]
    fn a_steady_wind_makes_the_textbook_plume() {
        let source = Release { at_m: [0.0, 0.0], height_m: 30.0, width_m: 1.0 };
        for (x, y) in [(1_000.0, 0.0), (2_500.0, 100.0), (6_000.0, -200.0)] {
            let found = steady(4.0).coupling(&source, [x, y], 0.0);
            let (sy, sz) = Stability::D.widths_m(x);
            let sy = sy.hypot(MEANDER.0 * x / 4.0 / (1.0 + x / 4.0 / MEANDER.1).sqrt());
            let sz = sz + 0.02 * x / 4.0;
            let text = 1e6 / (std::f64::consts::PI * 4.0 * sy * sz)
                * (-0.5 * (y / sy).powi(2) - 0.5 * (30.0 / sz).powi(2)).exp();
            assert!((found / text - 1.0).abs() < 0.15, "{x}: {found} {text}");
        }
        assert!(steady(4.0).coupling(&source, [-500.0, 0.0], 0.0) < 1e-3);
    }

    #[test]
    fn measured_eddies_make_the_plume_that_they_make_in_a_text_book() {
        let winds = Winds::new(0.0, 20.0, &[Some(Wind::from_deg(3.0, 270.0)); 60], 10.0).unwrap();
        let mixing = Mixing::Measured { across: 0.25, up: 0.15 };
        let drift = Drift::new(&winds, 1_200.0, 120.0, mixing, 1_000.0, 1.0);
        let source = Release { at_m: [0.0, 0.0], height_m: 0.5, width_m: 0.1 };
        for (x, y) in [(20.0, 0.0), (45.0, 6.0), (90.0, -10.0)] {
            let age: f64 = x / 3.0;
            let own = source.own_m();
            let sy = (0.25 * x / (1.0 + 0.9 * (age / 1_000.0).sqrt())).hypot(own);
            let sz = (0.15 * x / (1.0 + 0.9 * (age / 500.0).sqrt())).hypot(0.5 * own);
            let up = |way: f64| (-0.5 * (way / sz).powi(2)).exp();
            let text = 1e6 / (2.0 * std::f64::consts::PI * 3.0 * sy * sz)
                * (-0.5 * (y / sy).powi(2)).exp()
                * (up(1.6 - 0.5) + up(1.6 + 0.5));
            let found = drift.coupling(&source, [x, y], 1.6);
            assert!((found / text - 1.0).abs() < 0.12, "{x}: {found} {text}");
        }
    }

    #[test]
    fn in_calm_air_it_lies_around_its_source_and_no_number_breaks() {
        let source = Release { at_m: [0.0, 0.0], height_m: 2.0, width_m: 5.0 };
        let still = steady(0.0);
        let around =
            [[100.0, 0.0], [0.0, 100.0], [-100.0, 0.0]].map(|at| still.coupling(&source, at, 2.0));
        assert!(
            around[0] > 0.0 && around.iter().all(|c| (c / around[0] - 1.0).abs() < 1e-6),
            "{around:?}"
        );
        assert!(still.coupling(&source, [0.0, 0.0], 2.0).is_finite());
    }

    #[test]
    fn the_way_back_leads_upwind() {
        let (age, at) = steady(2.0).backward().last().unwrap();
        assert!((age - 7_200.0).abs() < 1e-6);
        assert!((at[0] + 14_400.0).abs() < 1.0 && at[1].abs() < 1e-6, "{at:?}");
    }
}
