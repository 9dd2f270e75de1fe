//! What the wind brings from the plain: one level for the zone, with soft patches.

use super::{Load, NOX};
use crate::calendar::LocalTime;
use crate::noise::{Dice, blend, smoothstep};
use crate::scenario::Scenario;
use crate::weather::Weather;
use model::{HOUR_MS, Timestamp};

#[derive(Clone, Copy, Debug)]
pub(super) struct Background {
    load: Load,
    /// Ozone and nitrogen dioxide together, ppb: what reaction cannot change.
    pub oxidant_ppb: f64,
}

impl Background {
    pub(super) fn new(
        dice: Dice,
        time: Timestamp,
        local: LocalTime,
        weather: &Weather,
        scenario: &Scenario,
    ) -> Self {
        let slow = |name: &str, hours: f64| dice.named(name).drifting(time, hours * HOUR_MS as f64);
        let winter = local.winter();
        let wet = smoothstep(weather.rain_mm_h / 3.0);
        let speed = weather.wind_speed_m_s();
        let depth = weather.mixing_height_m / 500.0;

        let damp = (weather.humidity_pct - 55.0) / 100.0;
        let mut fine = 2.93
            + 0.34 * winter
            + 3.7 * (weather.stagnation - 0.65)
            + 0.61 * slow("fine", 26.0)
            + 0.17 * slow("fine quick", 5.0)
            + 0.3 * damp
            - 0.45 * wet;
        if let Some((share, level)) = scenario.episode(time) {
            fine = blend(fine, level.ln() + 0.08 * slow("fine quick", 5.0), share);
        }
        let pm25 = fine.exp() * depth.powf(-0.08);

        let dry = (1.0 - damp).clamp(0.6, 1.4);
        let raised = (speed - 5.0).max(0.0) * (3.0 + 14.0 * local.spring()) * dry;
        let mut coarse = ((18.0 + 15.0 * local.spring())
            * (0.62 * slow("coarse", 20.0)
                + 0.25 * slow("coarse quick", 3.0)
                + 2.7 * (weather.stagnation - 0.65))
                .exp()
            * dry
            + raised)
            * (1.0 - 0.6 * wet);

        if let Some((share, level)) = scenario.dust_storm(time) {
            coarse = blend(coarse, level * (0.2 * slow("coarse quick", 3.0)).exp(), share);
        }

        let aged = (pm25 / 40.0).powf(0.85);
        let so2 = (5.6 + 3.9 * winter)
            * (1.0 + 0.4 * weather.sun)
            * aged
            * (0.45 * slow("so2", 14.0)).exp();
        let nox = (20.0 + 9.0 * winter)
            * (pm25 / 40.0).powf(1.05)
            * depth.powf(-0.16)
            * (1.0 - 0.2 * weather.sun)
            * (0.32 * slow("nox", 10.0)).exp();
        let co = 110.0 + 12.5 * pm25 * (0.2 * slow("co", 20.0)).exp() + 90.0 * winter.max(0.0);
        Self {
            load: [pm25, coarse, so2, nox, co],
            oxidant_ppb: oxidant_ppb(local, weather, slow("oxidant", 36.0)),
        }
    }

    /// The load at a spot whose patch is `patch` (variance 1).
    pub(super) fn load(&self, patch: f64) -> Load {
        let [fine, coarse, so2, nox, co] = self.load;
        let soft = (0.09 * patch).exp();
        let mut load = [fine * soft, coarse * soft * soft, so2 * soft, nox, co * soft];
        load[NOX] *= soft;
        load
    }
}

/// Oxidant of the plain: a base that spring lifts, what sunlight makes by the afternoon of a warm
/// day, less what the ground takes in still nights.
fn oxidant_ppb(local: LocalTime, weather: &Weather, noise: f64) -> f64 {
    let summer = (1.0 - local.winter()) / 2.0;
    let base = 36.0 + 5.0 * local.spring() + 2.0 * summer;
    let warmth = smoothstep((weather.temperature_c - 6.0) / 30.0);
    let made = 96.0
        * warmth
        * (0.35 + 0.65 * summer)
        * ozone_share(local)
        * (weather.clearness - 0.15)
        * (0.75 + 0.35 * weather.stagnation)
        * (0.24 * noise).exp();
    let still = 1.0 / (1.0 + weather.wind_speed_m_s() / 2.0);
    let taken = 0.42 * (1.0 - weather.afternoon) * still;
    (base * (0.06 * noise).exp()) * (1.0 - taken) + made
}

/// What sunlight has made by an hour of the day: most at four, the rest stays into the night.
fn ozone_share(local: LocalTime) -> f64 {
    let from_peak = (local.hour - 16.6 + 12.0).rem_euclid(24.0) - 12.0;
    if from_peak < 0.0 {
        smoothstep(1.0 + from_peak / 8.0)
    } else {
        smoothstep(1.0 - from_peak / 11.0)
    }
}
