//! The plume of a stack, a site or a fire as a train of segments that the wind has carried here.
//!
//! What was let out between two instants of the past lies along the line between the places to which the
//! wind has carried it since. Each segment is as wide and as deep as its way and its age have made it
//! (Gaussian, reflected at the ground, bounded by the mixing height) and holds what the source let out
//! then. In a steady wind the segments add up to the usual plume; in calm air they lie on each other as
//! a growing puff; when the wind turns, the plume bends and is not swung around.

use super::Load;
use super::drift::{AGES_S, Drift, NODES};
use crate::layout::{Kind, Spot, Stack};
use crate::noise::smoothstep;
use crate::weather::Weather;

/// 1 / √2π.
const BELL: f64 = 0.398_942_3;
/// Beyond so many widths nothing is left to see.
const REACH: f64 = 4.0;
/// Growth of a plume's width by eddies of still air, m/s.
const MEANDER_M_S: f64 = 0.22;
/// Age at which that growth slows down, s.
const MEANDER_S: f64 = 1_500.0;

#[derive(Clone, Debug)]
pub(super) struct Plume {
    /// At full strength.
    emission_ug_s: Load,
    height_m: f64,
    lid_m: f64,
    spread_y: f64,
    spread_z: f64,
    start_y_m: f64,
    start_z_m: f64,
    /// Share of particles that rain takes out, per second.
    washed_per_s: f64,
    nodes: [Node; NODES],
    /// West, south, east, north of all that can be seen, m.
    bounds: [f64; 4],
}

/// What left the source at one instant of the past.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    x_m: f64,
    y_m: f64,
    run_m: f64,
    strength: f64,
}

impl Plume {
    /// The plume of a source whose strength was `strength(k)` at age [`AGES_S`]`[k]`; `None` when there
    /// is nothing in it.
    pub(super) fn new(
        stack: &Stack,
        strength: impl Fn(usize) -> f64,
        weather: &Weather,
        drift: &Drift,
    ) -> Option<Self> {
        let is_tall = stack.height_m > 20.0;
        // higher up it blows harder
        let aloft = if is_tall { 1.25 } else { 1.0 };
        let mut nodes = [Node::default(); NODES];
        for (k, node) in nodes.iter_mut().enumerate() {
            *node = Node {
                x_m: 1_000.0 * stack.x + aloft * drift.moved[k][0],
                y_m: 1_000.0 * stack.y + aloft * drift.moved[k][1],
                run_m: aloft * drift.run_m[k],
                strength: strength(k),
            };
        }
        if nodes.iter().all(|node| node.strength <= 0.01) {
            return None;
        }
        let speed = weather.wind_speed_m_s();
        // light and weak wind: wide and deep; night and weak wind: narrow and flat
        let unsettled = weather.sun / (1.0 + 0.3 * speed);
        let settled = (1.0 - smoothstep(weather.sun / 0.1)) / (1.0 + 0.5 * speed);
        // a stack's plume rises less in more wind; dust of a site does not rise
        let rise = if is_tall { 0.7 + 0.6 / (1.0 + 0.5 * speed) } else { 1.0 };
        let height_m = stack.height_m * rise;
        // what leaves above the mixed layer hardly comes down
        let lid = weather.mixing_height_m;
        let trapped = 0.1 + 0.9 * smoothstep((1.3 * lid - height_m) / (0.6 * lid));
        let mut plume = Self {
            emission_ug_s: stack.emission_g_s.map(|grams| grams * trapped * 1e6),
            height_m,
            lid_m: lid.max(height_m),
            spread_y: 0.10 + 0.14 * unsettled,
            spread_z: 0.055 + 0.12 * unsettled - 0.03 * settled,
            start_y_m: stack.width_m / 4.3,
            start_z_m: stack.height_m.min(20.0) / 2.15,
            washed_per_s: 1.2e-4 * weather.rain_mm_h.powf(0.8),
            nodes,
            bounds: [0.0; 4],
        };
        plume.bounds = plume.seen();
        Some(plume)
    }

    /// The shape of an open fire for a gram of fine smoke: warm, so it starts some way up; mostly fine.
    pub(super) fn fire(lon: f64, lat: f64) -> Stack {
        let Spot { x, y } = Spot::of_degrees(lon, lat);
        Stack {
            key: "fire",
            name: ("", ""),
            kind: Kind::Furnace,
            x,
            y,
            height_m: 18.0,
            width_m: 60.0,
            emission_g_s: [1.0, 0.25, 0.06, 0.25, 12.0],
        }
    }

    pub(super) fn add(&self, spot: Spot, load: &mut Load) {
        let (x, y) = (1_000.0 * spot.x, 1_000.0 * spot.y);
        let [west, south, east, north] = self.bounds;
        if x < west || x > east || y < south || y > north {
            return;
        }
        for k in 0..NODES - 1 {
            let (per_emission, age_s) = self.segment(k, x, y);
            if per_emission > 0.0 {
                let kept = (-self.washed_per_s * age_s).exp();
                for (number, (sum, emission)) in load.iter_mut().zip(self.emission_ug_s).enumerate()
                {
                    let kept = if number < 2 { kept } else { 1.0 };
                    *sum += emission * per_emission * kept;
                }
            }
        }
    }

    /// What segment `k` adds at a spot, s/m³ times strength, and its age there.
    fn segment(&self, k: usize, x: f64, y: f64) -> (f64, f64) {
        let (young, old) = (&self.nodes[k], &self.nodes[k + 1]);
        if young.strength + old.strength <= 0.01 {
            return (0.0, 0.0);
        }
        let (dx, dy) = (old.x_m - young.x_m, old.y_m - young.y_m);
        let length = dx.hypot(dy).max(1e-6);
        let along = ((x - young.x_m) * dx + (y - young.y_m) * dy) / length;
        let across = ((x - young.x_m) * dy - (y - young.y_m) * dx) / length;
        let part = (along / length).clamp(0.0, 1.0);
        let mix = |young: f64, old: f64| young + (old - young) * part;
        let age_s = mix(AGES_S[k], AGES_S[k + 1]);
        let (sigma_y, sigma_z) = self.widths(mix(young.run_m, old.run_m), age_s);
        let reach = REACH * sigma_y;
        if across.abs() > reach || along < -reach || along > length + reach {
            return (0.0, age_s);
        }
        // the share of the segment's length that covers the spot, per metre of it
        let covered = if length < 0.2 * sigma_y {
            BELL / sigma_y * (-0.5 * ((along - 0.5 * length) / sigma_y).powi(2)).exp()
        } else {
            (below((length - along) / sigma_y) - below(-along / sigma_y)) / length
        };
        let lateral = BELL / sigma_y * (-0.5 * (across / sigma_y).powi(2)).exp();
        let vertical = 2.0 * BELL / sigma_z * (-0.5 * (self.height_m / sigma_z).powi(2)).exp();
        let held = mix(young.strength, old.strength) * (AGES_S[k + 1] - AGES_S[k]);
        (held * covered * lateral * vertical, age_s)
    }

    fn widths(&self, run_m: f64, age_s: f64) -> (f64, f64) {
        let by_run = self.spread_y * run_m / (1.0 + 1e-4 * run_m).sqrt();
        let by_age = MEANDER_M_S * age_s / (1.0 + age_s / MEANDER_S).sqrt();
        let deep = self.spread_z * run_m + 0.02 * age_s;
        (
            self.start_y_m + by_run.hypot(by_age),
            (self.start_z_m + deep).clamp(1.0, 0.8 * self.lid_m),
        )
    }

    fn seen(&self) -> [f64; 4] {
        let mut seen = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for (k, node) in self.nodes.iter().enumerate() {
            let older = self.nodes.get(k + 1).map_or(0.0, |node| node.strength);
            let younger = if k == 0 { 0.0 } else { self.nodes[k - 1].strength };
            if node.strength + older + younger <= 0.01 {
                continue;
            }
            let reach = REACH * self.widths(node.run_m, AGES_S[k]).0;
            seen[0] = seen[0].min(node.x_m - reach);
            seen[1] = seen[1].min(node.y_m - reach);
            seen[2] = seen[2].max(node.x_m + reach);
            seen[3] = seen[3].max(node.y_m + reach);
        }
        seen
    }
}

/// The share of a bell that lies below a number of widths. (The logistic curve stands for the error
/// function; they differ by less than 0.01.)
fn below(widths: f64) -> f64 {
    1.0 / (1.0 + (-1.702 * widths).exp())
}
