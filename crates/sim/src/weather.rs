//! Weather over the zone: one value for all of it at each instant.
//!
//! What drives it is what drives the air of the North China Plain: cold fronts that pass every few
//! days, sweep the plain with wind from the north-west and leave it to fill up again; between them
//! weak southerly flow, a mountain breeze that turns with the day, low mixing in winter nights and
//! deep mixing in summer afternoons. Every part can be asked for any instant.

use crate::calendar::LocalTime;
use crate::noise::{Dice, blend, smoothstep};
use crate::scenario::Scenario;
use model::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use std::f64::consts::TAU;

/// Degrees north of the zone's centre, for the height of the sun.
const LATITUDE_DEG: f64 = 34.8;
/// Hours by which the sun is behind the clock at 113.5° E, where clocks show the time of 120° E.
const SUN_LATE_H: f64 = 0.433;
/// One front in each span of this length, somewhere inside it.
const FRONT_SPAN_MS: i64 = 5 * DAY_MS;

/// The weather at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// Wind towards the east at 10 m, m/s.
    pub wind_east_m_s: f64,
    /// Wind towards the north at 10 m, m/s.
    pub wind_north_m_s: f64,
    /// Height to which air is mixed, m.
    pub mixing_height_m: f64,
    /// Air temperature, °C.
    pub temperature_c: f64,
    /// Relative humidity, %.
    pub humidity_pct: f64,
    /// Air pressure at the ground, kPa.
    pub pressure_kpa: f64,
    /// Rain, mm/h.
    pub rain_mm_h: f64,
    /// Sunlight on the ground: 0 at night, 1 for the sun overhead in a clear sky.
    pub sun: f64,
    /// Share of the sunlight that clouds let through, 0.25 to 1.
    pub clearness: f64,
    /// 0 in the night, 1 in the middle of the afternoon, as warmth and mixing follow the sun.
    pub afternoon: f64,
    /// 0 in clean air behind a front, 1 after many still days.
    pub stagnation: f64,
}

impl Weather {
    /// Wind speed at 10 m, m/s.
    pub fn wind_speed_m_s(&self) -> f64 {
        self.wind_east_m_s.hypot(self.wind_north_m_s)
    }

    /// Direction the wind comes from, degrees clockwise from north, 0 ≤ d < 360.
    pub fn wind_from_deg(&self) -> f64 {
        (-self.wind_east_m_s).atan2(-self.wind_north_m_s).to_degrees().rem_euclid(360.0)
    }
}

/// The weather of all times.
#[derive(Clone, Debug)]
pub(crate) struct Climate {
    fronts: Dice,
    wind_east: Dice,
    wind_north: Dice,
    warmth: Dice,
    moisture: Dice,
    cloud: Dice,
    rain: Dice,
    pressure: Dice,
    lid: Dice,
}

/// Which changes of the wind count.
#[derive(Clone, Copy)]
enum Gusts {
    All,
    Slow,
}

/// What the fronts of the last days still do.
struct Synoptic {
    /// 0 long after the last front, up to 1 just behind a strong one.
    swept: f64,
    /// The same, with the shorter memory of its wind.
    gale: f64,
}

impl Climate {
    pub(crate) fn new(dice: Dice) -> Self {
        let dice = dice.named("weather");
        Self {
            fronts: dice.named("fronts"),
            wind_east: dice.named("wind east"),
            wind_north: dice.named("wind north"),
            warmth: dice.named("warmth"),
            moisture: dice.named("moisture"),
            cloud: dice.named("cloud"),
            rain: dice.named("rain"),
            pressure: dice.named("pressure"),
            lid: dice.named("lid"),
        }
    }

    pub(crate) fn at(&self, time: Timestamp, scenario: &Scenario) -> Weather {
        let local = LocalTime::of(time);
        let winter = local.winter();
        let synoptic = self.synoptic(time);
        let episode = scenario.episode(time).map_or(0.0, |(share, _)| share);
        let stagnation = blend(1.0 - synoptic.swept, 1.0, episode);
        let clear = clearness(self.cloud.drifting(time, 14.0 * HOUR_MS as f64));
        let sun = sun_height(local).max(0.0) * clear;
        let day = day_share(local);

        let (east, north) = self.wind(time, local, &synoptic, day, Gusts::All);
        let calmed = calm(episode);

        let lid = 1.0 + 0.25 * self.lid.drifting(time, 9.0 * HOUR_MS as f64).clamp(-2.0, 2.0);
        let lifted = mixing_share(local);
        let depth = (1_050.0 - 420.0 * winter) * (1.0 - 0.45 * stagnation) * (0.45 + 0.55 * clear);
        let speed = east.hypot(north);
        let night_depth = 150.0 + 45.0 * speed.min(8.0);
        // still clear nights cool the ground: a lid low over the town until the morning sun breaks it
        let inversion = smoothstep((2.2 - speed) / 1.6)
            * smoothstep((clear - 0.5) / 0.4)
            * (1.0 - lifted)
            * (0.75 + 0.25 * winter);
        let mixing_height_m = ((night_depth * (1.0 - 0.45 * inversion) + depth * lifted)
            * lid
            * (1.0 - 0.35 * episode))
            .max(60.0);

        let cold_snap = 3.5 * synoptic.gale * (0.6 + 0.4 * winter);
        let swing = 4.8 * (0.55 + 0.45 * clear);
        let temperature_c = 16.2 - 13.2 * winter - cold_snap
            + swing * (2.0 * day - 0.85)
            + 2.6 * self.warmth.drifting(time, 2.5 * DAY_MS as f64);

        let rain_mm_h = self.rain_mm_h(time, winter);
        let spread = 9.0 + 6.0 * local.spring() + 2.5 * winter - 3.0 * stagnation
            + 7.0 * synoptic.gale
            + 2.6 * self.moisture.drifting(time, 1.5 * DAY_MS as f64);
        let day_mean = temperature_c - swing * (2.0 * day - 0.85);
        let dew_point = (day_mean - spread.max(1.0)).min(temperature_c - 0.3);
        let damp = 100.0 * vapour(dew_point) / vapour(temperature_c);
        let humidity_pct = blend(damp, 96.0, smoothstep(rain_mm_h / 1.5)).clamp(8.0, 99.0);

        Weather {
            wind_east_m_s: east * calmed,
            wind_north_m_s: north * calmed,
            mixing_height_m,
            temperature_c,
            humidity_pct,
            pressure_kpa: 100.4
                + 1.15 * winter
                + 0.45 * synoptic.gale
                + 0.35 * self.pressure.drifting(time, 2.0 * DAY_MS as f64),
            rain_mm_h,
            sun,
            clearness: clear,
            afternoon: day,
            stagnation,
        }
    }

    /// Each front leaves a deficit of dirt that heals in some days; the strongest remnant counts.
    fn synoptic(&self, time: Timestamp) -> Synoptic {
        let span = time.as_ms().div_euclid(FRONT_SPAN_MS);
        let mut synoptic = Synoptic { swept: 0.0, gale: 0.0 };
        for number in span - 2..=span {
            let start = number * FRONT_SPAN_MS;
            let passes =
                start + (self.fronts.uniform(2 * number) * 0.85 * FRONT_SPAN_MS as f64) as i64;
            let hours = (time.as_ms() - passes) as f64 / HOUR_MS as f64;
            if hours <= 0.0 {
                continue;
            }
            let strength = 0.35 + 0.65 * self.fronts.uniform(2 * number + 1);
            let arriving = smoothstep(hours / 7.0) * strength;
            synoptic.swept = synoptic.swept.max(arriving * (-hours / 50.0).exp());
            synoptic.gale = synoptic.gale.max(arriving * (-hours / 19.0).exp());
        }
        synoptic
    }

    /// The wind that carries plumes, towards the east and the north, m/s: without the gusts of minutes,
    /// which widen a plume and do not carry it.
    pub(crate) fn drift_m_s(&self, time: Timestamp, scenario: &Scenario) -> (f64, f64) {
        let local = LocalTime::of(time);
        let synoptic = self.synoptic(time);
        let calmed = calm(scenario.episode(time).map_or(0.0, |(share, _)| share));
        let (east, north) = self.wind(time, local, &synoptic, day_share(local), Gusts::Slow);
        (east * calmed, north * calmed)
    }

    fn wind(
        &self,
        time: Timestamp,
        local: LocalTime,
        synoptic: &Synoptic,
        day: f64,
        gusts: Gusts,
    ) -> (f64, f64) {
        let winter = local.winter();
        let gust = |dice: Dice| {
            1.0 * dice.named("synoptic").drifting(time, 11.0 * HOUR_MS as f64)
                + 0.36 * dice.named("hour").drifting(time, 1.2 * HOUR_MS as f64)
                + match gusts {
                    Gusts::All => {
                        0.28 * dice.named("minute").drifting(time, 6.0 * MINUTE_MS as f64)
                    }
                    Gusts::Slow => 0.0,
                }
        };
        // a breeze towards the hills in the west by day, back from them by night
        let breeze = 0.75 * (TAU * (local.hour - 9.0) / 24.0).sin();
        let east = 0.1 - breeze + 2.1 * synoptic.gale + gust(self.wind_east);
        let north = 0.65 - 1.0 * winter - 5.4 * synoptic.gale + gust(self.wind_north);
        let by_hour = 0.70 + 0.80 * day;
        (east * by_hour, north * by_hour)
    }

    /// Rain at an instant, mm/h.
    pub(crate) fn rain(&self, time: Timestamp) -> f64 {
        self.rain_mm_h(time, LocalTime::of(time).winter())
    }

    fn rain_mm_h(&self, time: Timestamp, winter: f64) -> f64 {
        let wet = self.rain.named("spell").drifting(time, 16.0 * HOUR_MS as f64);
        let shower = self.rain.named("shower").drifting(time, 1.5 * HOUR_MS as f64);
        let threshold = 1.86 + 0.45 * winter;
        let amount = (wet + 0.5 * shower - threshold).max(0.0);
        amount * (2.2 - 1.4 * winter)
    }
}

/// Sine of the sun's height; negative at night.
fn sun_height(local: LocalTime) -> f64 {
    let declination = 23.44_f64.to_radians() * (TAU * (local.year - 81.0 / 365.0)).sin();
    let latitude = LATITUDE_DEG.to_radians();
    let angle = (15.0 * (local.hour - SUN_LATE_H - 12.0)).to_radians();
    latitude.sin() * declination.sin() + latitude.cos() * declination.cos() * angle.cos()
}

/// The share of the wind that an episode leaves.
fn calm(episode: f64) -> f64 {
    1.0 - 0.55 * episode
}

/// 0 in the night, 1 in the middle of the afternoon: heat lags the sun by two hours and more.
fn day_share(local: LocalTime) -> f64 {
    let half_length = 6.6 - 1.1 * local.winter();
    let from_peak = ((local.hour - 15.0 + 12.0).rem_euclid(24.0) - 12.0) / half_length;
    if from_peak < 0.0 {
        // quick rise in the morning
        smoothstep(1.0 + from_peak)
    } else {
        // slow fall in the evening
        smoothstep(1.0 - 0.85 * from_peak)
    }
}

/// 0 in the night, 1 early in the afternoon: mixing grows through the morning and collapses at dusk.
fn mixing_share(local: LocalTime) -> f64 {
    let from_peak = local.hour - 14.0;
    if from_peak < 0.0 {
        smoothstep(1.0 + from_peak / (6.4 - 0.9 * local.winter()))
    } else {
        smoothstep(1.0 - from_peak / (6.6 - 0.9 * local.winter()))
    }
}

/// The share of sunlight that clouds let through, from noise of variance 1.
fn clearness(noise: f64) -> f64 {
    blend(0.25, 1.0, smoothstep((noise + 1.6) / 2.4))
}

/// Saturation vapour pressure over water, hPa (Magnus formula, WMO coefficients).
fn vapour(temperature_c: f64) -> f64 {
    6.112 * (17.62 * temperature_c / (243.12 + temperature_c)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(visit: impl FnMut(LocalTime, Weather)) {
        let climate = Climate::new(Dice::new(3));
        let mut visit = visit;
        let scenario = Scenario::default();
        for hour in 0..8_766 {
            let time = Timestamp::from_ms(1_767_196_800_000 + hour * HOUR_MS);
            visit(LocalTime::of(time), climate.at(time, &scenario));
        }
    }

    #[test]
    fn every_hour_of_a_year_is_possible() {
        year(|_, weather| {
            assert!((0.0..20.0).contains(&weather.wind_speed_m_s()));
            assert!((0.0..360.0).contains(&weather.wind_from_deg()));
            assert!((60.0..4_000.0).contains(&weather.mixing_height_m));
            assert!((-25.0..45.0).contains(&weather.temperature_c), "{weather:?}");
            assert!((8.0..=99.0).contains(&weather.humidity_pct));
            assert!((97.0..104.0).contains(&weather.pressure_kpa));
            assert!((0.0..=1.0).contains(&weather.sun));
            assert!((0.0..=1.0).contains(&weather.stagnation));
            assert!((0.0..80.0).contains(&weather.rain_mm_h));
        });
    }

    #[test]
    fn days_are_warmer_than_nights_and_july_than_january() {
        let mut sums = [[0.0_f64; 2]; 4];
        year(|local, weather| {
            let mut add = |row: usize| {
                sums[row][0] += weather.temperature_c;
                sums[row][1] += 1.0;
            };
            match (local.year * 12.0) as u32 {
                0 => add(0),
                6 => add(1),
                _ => {}
            }
            match local.hour as u32 {
                4 => add(2),
                15 => add(3),
                _ => {}
            }
        });
        let mean = |row: usize| sums[row][0] / sums[row][1];
        assert!((-3.0..4.0).contains(&mean(0)), "January {}", mean(0));
        assert!((25.0..30.0).contains(&mean(1)), "July {}", mean(1));
        assert!(mean(3) - mean(2) > 5.0, "day {} night {}", mean(3), mean(2));
    }

    #[test]
    fn wind_blows_from_where_it_says() {
        let climate = Climate::new(Dice::new(3));
        let mut weather = climate.at(Timestamp::from_ms(0), &Scenario::default());
        for (east, north, from) in [(1.0, 0.0, 270.0), (0.0, -2.0, 0.0), (-1.0, 0.0, 90.0)] {
            (weather.wind_east_m_s, weather.wind_north_m_s) = (east, north);
            assert!((weather.wind_from_deg() - from).abs() < 1e-9);
        }
    }
}
