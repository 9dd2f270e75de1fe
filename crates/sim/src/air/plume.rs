//! The plume of a stack or a site in a steady wind: Gaussian, reflected at the ground, bounded by
//! the mixing height; in calm air a soft hill around the source instead.

use super::Load;
use crate::layout::{Kind, Spot, Stack};
use crate::noise::smoothstep;
use crate::scenario::Fire;
use crate::weather::Weather;
use std::f64::consts::PI;

#[derive(Clone, Copy, Debug)]
pub(super) struct Plume {
    source: Spot,
    emission_ug_s: Load,
    /// Unit vector of the wind, towards.
    east: f64,
    north: f64,
    speed_m_s: f64,
    /// Share that drifts with the wind; the rest stays around the source.
    carried: f64,
    height_m: f64,
    lid_m: f64,
    /// Growth of the width and the depth with distance.
    spread_y: f64,
    spread_z: f64,
    start_y_m: f64,
    start_z_m: f64,
}

impl Plume {
    pub(super) fn new(stack: &Stack, strength: f64, weather: &Weather) -> Self {
        let speed = weather.wind_speed_m_s();
        let (east, north) = if speed > 1e-6 {
            (weather.wind_east_m_s / speed, weather.wind_north_m_s / speed)
        } else {
            (1.0, 0.0)
        };
        // light and weak wind: wide and deep; night and weak wind: narrow and flat
        let unsettled = weather.sun / (1.0 + 0.3 * speed);
        let settled = (1.0 - smoothstep(weather.sun / 0.1)) / (1.0 + 0.5 * speed);
        // a stack's plume rises less in more wind; dust of a site does not rise
        let rise = if stack.height_m > 20.0 { 0.7 + 0.6 / (1.0 + 0.5 * speed) } else { 1.0 };
        let height_m = stack.height_m * rise;
        // what leaves above the mixed layer hardly comes down
        let trapped = 0.1
            + 0.9
                * smoothstep(
                    (1.3 * weather.mixing_height_m - height_m) / (0.6 * weather.mixing_height_m),
                );
        Self {
            source: Spot::new(stack.x, stack.y),
            emission_ug_s: stack.emission_g_s.map(|grams| grams * strength * trapped * 1e6),
            east,
            north,
            speed_m_s: speed.max(0.5),
            carried: speed * speed / (speed * speed + 0.5),
            height_m,
            lid_m: weather.mixing_height_m.max(height_m),
            spread_y: 0.10 + 0.14 * unsettled,
            spread_z: 0.055 + 0.12 * unsettled - 0.03 * settled,
            start_y_m: stack.width_m / 4.3,
            start_z_m: stack.height_m.min(20.0) / 2.15,
        }
    }

    /// Smoke of an open fire: warm, so it starts some way up; mostly fine.
    pub(super) fn of_fire(fire: Fire, weather: &Weather) -> Self {
        let Spot { x, y } = Spot::of_degrees(fire.lon, fire.lat);
        let stack = Stack {
            key: "fire",
            name: ("", ""),
            kind: Kind::Furnace,
            x,
            y,
            height_m: 18.0,
            width_m: 60.0,
            emission_g_s: [1.0, 0.25, 0.06, 0.25, 12.0],
        };
        Self::new(&stack, fire.pm25_g_s, weather)
    }

    pub(super) fn add(&self, spot: Spot, load: &mut Load) {
        let (dx, dy) = (1_000.0 * (spot.x - self.source.x), 1_000.0 * (spot.y - self.source.y));
        let per_emission =
            self.carried * self.drifted(dx, dy) + (1.0 - self.carried) * self.stayed(dx, dy);
        if per_emission > 0.0 {
            for (sum, emission) in load.iter_mut().zip(self.emission_ug_s) {
                *sum += emission * per_emission;
            }
        }
    }

    /// s/m³ in the plume.
    fn drifted(&self, dx: f64, dy: f64) -> f64 {
        let along = dx * self.east + dy * self.north;
        let across = dx * self.north - dy * self.east;
        // ground sources have a body: the first metres upwind are still inside it
        let run = along + 2.0 * self.start_y_m;
        if run <= 0.0 {
            return 0.0;
        }
        let sigma_y = self.start_y_m + self.spread_y * run / (1.0 + 1e-4 * run).sqrt();
        if across.abs() > 4.0 * sigma_y {
            return 0.0;
        }
        let sigma_z = (self.start_z_m + self.spread_z * run).min(0.8 * self.lid_m);
        let vertical = (-0.5 * (self.height_m / sigma_z).powi(2)).exp();
        let lateral = (-0.5 * (across / sigma_y).powi(2)).exp();
        vertical * lateral * smoothstep(run / (3.0 * self.start_y_m))
            / (PI * self.speed_m_s * sigma_y * sigma_z)
    }

    /// s/m³ of the hill in calm air.
    fn stayed(&self, dx: f64, dy: f64) -> f64 {
        let distance = dx.hypot(dy) + 2.0 * self.start_y_m + 30.0;
        let depth = (0.12 * distance + self.start_z_m).min(self.lid_m);
        let vertical = (-0.5 * (self.height_m / depth).powi(2)).exp();
        vertical * (-distance / 4_000.0).exp() / (2.0 * PI * 0.7 * distance * depth)
    }
}
