//! The truth: what the air of the pretend zone holds at an instant and a spot.
//!
//! Three layers are added up and then left to react: the **regional background** that comes with the
//! weather of the plain, the **town** (quarters as soft hills of emission, thinned by wind and mixing
//! height, with their tail downwind; roads with their bank of exhaust), and the **plumes** of stacks
//! and sites. Nitric oxide then meets ozone until light and reaction balance, so ozone peaks in the
//! afternoon and is eaten at night where traffic is.
//!
//! Plumes are carried by the winds of the last four hours ([`drift`]), and the quarters' tails by that of
//! the last hour, so a turning wind bends them and does not swing them round. Coarse dust only adds, so
//! PM10 ≥ PM2.5 always.

mod background;
mod chemistry;
mod drift;
mod plume;
mod town;

use crate::calendar::LocalTime;
use crate::emission::activity;
use crate::layout::{BLOBS, STACKS, Spot};
use crate::noise::{Dice, blend, smoothstep};
use crate::scenario::Scenario;
use crate::sensor::Flue;
use crate::weather::Weather;
use background::Background;
use drift::AGES_S;
pub(crate) use drift::Drift;
use model::{HOUR_MS, Timestamp};
use plume::Plume;
pub(crate) use town::Neighbourhood;
use town::Town;

/// What is let out, in the order of [`crate::layout`]'s mixes: PM2.5, coarse dust, `SO2`, `NOx`
/// (as `NO2`), CO; in µg/m³.
pub(super) type Load = [f64; 5];
const NOX: usize = 3;

/// The six pollutants at one instant and spot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concentrations {
    /// Fine particulates, µg/m³.
    pub pm25: f64,
    /// Inhalable particulates, µg/m³.
    pub pm10: f64,
    /// Sulfur dioxide, µg/m³.
    pub so2: f64,
    /// Nitrogen dioxide, µg/m³.
    pub no2: f64,
    /// Carbon monoxide, mg/m³.
    pub co: f64,
    /// Ozone, µg/m³.
    pub o3: f64,
}

/// The air of one instant, ready to be asked at any spot.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub weather: Weather,
    background: Background,
    town: Town,
    plumes: Vec<Plume>,
    strengths: Vec<f64>,
    patches: Dice,
    patch_time: f64,
}

impl Moment {
    pub(crate) fn new(
        dice: Dice,
        time: Timestamp,
        weather: Weather,
        drift: &Drift,
        scenario: &Scenario,
    ) -> Self {
        let local = LocalTime::of(time);
        let dice = dice.named("air");
        let past = AGES_S.map(|age_s| time - (age_s * 1_000.0) as i64);
        let strengths = (0..STACKS.len()).map(|n| strength(dice, n, time, scenario)).collect();
        let stacks = STACKS.iter().enumerate().filter_map(|(number, stack)| {
            let then = |k: usize| strength(dice, number, past[k], scenario);
            Plume::new(stack, then, &weather, drift)
        });
        let fires = scenario.fires(past[past.len() - 1], time).filter_map(|fire| {
            let then = |k: usize| fire.pm25_g_s(past[k]);
            Plume::new(&Plume::fire(fire.lon, fire.lat), then, &weather, drift)
        });
        Self {
            weather,
            background: Background::new(dice, time, local, &weather, scenario),
            town: Town::new(&BLOBS, local, &weather, drift.hour_m_s()),
            plumes: stacks.chain(fires).collect(),
            strengths,
            patches: dice.named("patches"),
            patch_time: time.as_ms() as f64 / (2.5 * HOUR_MS as f64),
        }
    }

    /// The air at a spot.
    pub(crate) fn at(&self, place: &Neighbourhood) -> Concentrations {
        let Spot { x, y } = place.spot;
        let patch = self.patches.patch(x / 4.5, y / 4.5, self.patch_time);
        let mut load = self.background.load(patch);
        self.town.add(place, &mut load);
        for plume in &self.plumes {
            plume.add(place.spot, &mut load);
        }
        let [pm25, coarse, so2, nox, co] = load;
        let balance = chemistry::balance(nox, self.background.oxidant_ppb, self.weather.sun);
        Concentrations {
            pm25,
            pm10: pm25 + coarse,
            so2,
            no2: balance.no2,
            co: co / 1_000.0,
            o3: balance.o3,
        }
    }
}

/// The strength of a stack or a site at an instant, as a multiple of its full strength: its hours, its
/// whims, its accidents.
pub(crate) fn strength(air: Dice, number: usize, time: Timestamp, scenario: &Scenario) -> f64 {
    let stack = &STACKS[number];
    let flicker = air.named("flicker").numbered(number as u64);
    let usual = activity(stack.kind, LocalTime::of(time))
        * (0.3 * flicker.drifting(time, 2.0 * HOUR_MS as f64)).exp();
    usual.max(scenario.release(stack.key, time).unwrap_or(0.0))
}

/// Volume of flue gas at full strength for a gram of sulfur dioxide, m³: a usual, not a good, stack.
const FLUE_M3_PER_G: f64 = 60.0;

impl Moment {
    /// What leaves through a stack. Volume follows the load half; the rest shows as concentration.
    pub(crate) fn flue(&self, number: usize) -> Flue {
        let (stack, strength) = (&STACKS[number], self.strengths[number]);
        let running = smoothstep(strength / 0.1);
        let full = stack.emission_g_s[2] * FLUE_M3_PER_G;
        let flow = full * (0.35 + 0.65 * strength).min(1.25) * running.max(0.02);
        let mg_m3 = |grams: f64| 1_000.0 * grams * strength / flow;
        Flue {
            smoke: 0.9 * mg_m3(stack.emission_g_s[0]),
            so2: mg_m3(stack.emission_g_s[2]),
            nox: mg_m3(stack.emission_g_s[NOX]),
            oxygen: blend(20.8, 8.5 - 1.5 * strength.min(1.2), running),
            flow,
            temperature: blend(25.0, 52.0 + 18.0 * strength.min(1.5), running),
        }
    }
}

impl Concentrations {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            pm25: self.pm25 + other.pm25,
            pm10: self.pm10 + other.pm10,
            so2: self.so2 + other.so2,
            no2: self.no2 + other.no2,
            co: self.co + other.co,
            o3: self.o3 + other.o3,
        }
    }

    pub(crate) fn times(self, factor: f64) -> Self {
        Self {
            pm25: self.pm25 * factor,
            pm10: self.pm10 * factor,
            so2: self.so2 * factor,
            no2: self.no2 * factor,
            co: self.co * factor,
            o3: self.o3 * factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weather::Climate;
    use model::MINUTE_MS;

    fn air(time: Timestamp, scenario: &Scenario, change: impl Fn(&mut Weather)) -> Moment {
        let dice = Dice::new(5);
        let mut weather = Climate::new(dice).at(time, scenario);
        change(&mut weather);
        let drift = Drift::of(|_| (weather.wind_east_m_s, weather.wind_north_m_s));
        Moment::new(dice, time, weather, &drift, scenario)
    }

    fn spots() -> impl Iterator<Item = Neighbourhood> {
        (0..60).map(|n| {
            Neighbourhood::new(Spot::new(f64::from(n % 10) - 4.6, f64::from(n / 10) * 1.4 - 3.6))
        })
    }

    #[test]
    fn more_wind_and_deeper_mixing_never_make_the_town_dirtier() {
        // the mean over the zone: at one spot a plume may come and go
        let time = Timestamp::from_ms(1_772_326_800_000);
        let mean = |speed: f64, depth: f64| {
            let air = air(time, &Scenario::default(), |weather| {
                (weather.wind_east_m_s, weather.wind_north_m_s) = (speed * 0.6, speed * 0.8);
                weather.mixing_height_m = depth;
            });
            spots().map(|spot| air.at(&spot).pm25).sum::<f64>()
        };
        let winds: Vec<f64> = [0.3, 1.0, 2.0, 4.0, 8.0].iter().map(|&u| mean(u, 500.0)).collect();
        assert!(winds.is_sorted_by(|a, b| a > b), "{winds:?}");
        let depths: Vec<f64> = [100.0, 300.0, 900.0].iter().map(|&h| mean(2.0, h)).collect();
        assert!(depths.is_sorted_by(|a, b| a > b), "{depths:?}");
    }

    #[test]
    fn a_site_out_of_control_shows_downwind_and_not_upwind() {
        let now = Timestamp::from_ms(1_772_326_800_000);
        let west_wind = |weather: &mut Weather| {
            (weather.wind_east_m_s, weather.wind_north_m_s) = (2.5, 0.0);
        };
        let calm = air(now, &Scenario::default(), west_wind);
        let loud = air(now, &Scenario::demo(now), west_wind);
        let site = STACKS.iter().find(|stack| stack.key == "site-01").unwrap();
        let rise = |dx: f64| {
            let place = Neighbourhood::new(Spot::new(site.x + dx, site.y));
            loud.at(&place).pm10 - calm.at(&place).pm10
        };
        assert!(rise(0.6) > 60.0, "{}", rise(0.6));
        assert!(rise(2.0) < rise(0.6));
        assert!(rise(-0.8).abs() < 1.0, "{}", rise(-0.8));
    }

    #[test]
    fn a_plume_needs_its_time_and_a_turned_wind_does_not_swing_it() {
        let now = Timestamp::from_ms(1_772_326_800_000);
        let climate = Climate::new(Dice::new(5));
        let site = STACKS.iter().find(|stack| stack.key == "site-01").unwrap();
        let release = crate::scenario::What::Release { source: "site-01".to_owned(), factor: 14.0 };
        let (start, end) = (now - 5 * HOUR_MS, now + HOUR_MS);
        let loud = Scenario { events: vec![crate::Event { start, end, what: release }] };
        let rise = |(dx, dy): (f64, f64), wind: &dyn Fn(f64) -> (f64, f64)| {
            let place = Neighbourhood::new(Spot::new(site.x + dx, site.y + dy));
            let at = |scenario: &Scenario| {
                let weather = climate.at(now, scenario);
                Moment::new(Dice::new(5), now, weather, &Drift::of(wind), scenario).at(&place).pm10
            };
            at(&loud) - at(&Scenario::default())
        };
        // from the west until ten minutes ago, from the south since
        let turned = |age_s: f64| if age_s < 600.0 { (0.0, 2.0) } else { (2.0, 0.0) };
        assert!(rise((0.0, 0.6), &turned) > 20.0);
        assert!(rise((0.0, 3.0), &turned) < 1.0, "{}", rise((0.0, 3.0), &turned));
        // what went east before lies 1.2 km north of its old way
        assert!(rise((1.5, 1.2), &turned) > 6.0, "{}", rise((1.5, 1.2), &turned));
        assert!(rise((1.5, 0.0), &turned) < 2.0, "{}", rise((1.5, 0.0), &turned));
        // in still air it stays, and grows on all sides
        let still = |_: f64| (0.0, 0.0);
        assert!(rise((0.3, 0.0), &still) > 60.0, "{}", rise((0.3, 0.0), &still));
        assert!((rise((0.5, 0.0), &still) - rise((0.0, -0.5), &still)).abs() < 1e-6);
    }

    #[test]
    fn the_air_is_possible_everywhere_and_always() {
        for step in 0..3_000 {
            let time = Timestamp::from_ms(1_767_196_800_000 + step * 175 * MINUTE_MS);
            let air = air(time, &Scenario::default(), |_| ());
            let place =
                Neighbourhood::new(Spot::new((step % 11) as f64 - 5.0, (step % 9) as f64 - 4.0));
            let now = air.at(&place);
            assert!(now.pm25 > 0.5 && now.pm25 < 900.0, "{now:?}");
            assert!(now.pm10 >= now.pm25 && now.pm10 < 2_500.0, "{now:?}");
            assert!((0.2..600.0).contains(&now.so2), "{now:?}");
            assert!((0.2..400.0).contains(&now.no2), "{now:?}");
            assert!((0.0..480.0).contains(&now.o3), "{now:?}");
            assert!((0.1..15.0).contains(&now.co), "{now:?}");
        }
    }
}
