//! The rivers: what their water holds at an instant and a place.
//!
//! Water is followed backwards: what passes a place now left each outfall upstream some hours ago,
//! was thinned by the flow and has decayed on its way; what consumes oxygen has done so, and the
//! surface has given some back (Streeter and Phelps). Tributaries bring all they carry to their mouth.
//! So a night-time discharge arrives downstream as a pulse, later and lower the farther away.
//!
//! The flow is the same along a river between its confluences, and steady while water passes.

use crate::calendar::LocalTime;
use crate::emission::activity;
use crate::layout::{OUTFALLS, STREAMS, length_km, path};
use crate::noise::Dice;
use crate::scenario::Scenario;
use crate::weather::Climate;
use model::{DAY_MS, HOUR_MS, Timestamp};

/// The water at one instant and place of a river.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Water {
    /// Flow, m³/s.
    pub flow_m3_s: f64,
    /// Water temperature, °C.
    pub temperature_c: f64,
    /// pH.
    pub ph: f64,
    /// Dissolved oxygen, mg/L.
    pub oxygen: f64,
    /// Electrical conductivity, µS/cm.
    pub conductivity: f64,
    /// Turbidity, NTU.
    pub turbidity: f64,
    /// Permanganate index, mg/L.
    pub codmn: f64,
    /// Ammonia nitrogen, mg/L.
    pub nh3n: f64,
    /// Total phosphorus, mg/L.
    pub tp: f64,
    /// Total nitrogen, mg/L.
    pub tn: f64,
}

/// Loss per day on the way, of `CODMn`, NH3-N, total P, total N.
const LOSS_PER_DAY: [f64; 4] = [0.25, 0.35, 0.12, 0.08];
/// Oxygen given back by the surface, per day.
const REAERATION_PER_DAY: f64 = 2.2;
/// Oxygen that a milligram of ammonia nitrogen takes, mg.
const OXYGEN_PER_AMMONIA: f64 = 4.57;
/// Speed at the usual flow, km/h.
const SPEED_KM_H: f64 = 0.9;
/// A pulse is smeared over this part of its time of travel.
const SMEAR: f64 = 0.12;

/// All rivers at all times.
#[derive(Clone, Debug)]
pub(crate) struct Rivers {
    dice: Dice,
    lengths_km: Vec<f64>,
    /// For a tributary: the kilometre of its mouth on the river that it ends in.
    mouths_km: Vec<f64>,
}

/// What passes a place.
#[derive(Clone, Copy, Debug, Default)]
struct Passing {
    flow_m3_s: f64,
    /// g/s.
    load: [f64; 4],
    /// Oxygen that is missing, g/s.
    deficit: f64,
}

impl Rivers {
    pub(crate) fn new(dice: Dice) -> Self {
        let paths: Vec<_> = STREAMS.iter().map(|stream| path(stream.key)).collect();
        let mouth_km = |number: usize| {
            let end = paths[number].last()?;
            let into = &paths[STREAMS[number].into?];
            let corner = into.iter().position(|spot| spot.distance(*end) < 1e-9)?;
            Some(length_km(&into[..=corner]))
        };
        Self {
            dice: dice.named("rivers"),
            lengths_km: paths.iter().map(|path| length_km(path)).collect(),
            mouths_km: (0..paths.len()).map(|number| mouth_km(number).unwrap_or(0.0)).collect(),
        }
    }

    /// The water of a river at a part of its length.
    pub(crate) fn at(
        &self,
        stream: usize,
        part: f64,
        time: Timestamp,
        climate: &Climate,
        scenario: &Scenario,
    ) -> Water {
        let local = LocalTime::of(time);
        let swell = self.swell(time, climate);
        let km = part * self.lengths_km[stream];
        let passing = self.passing(stream, km, 0.0, time, swell, scenario);
        let flow = passing.flow_m3_s;
        let [codmn, nh3n, tp, tn] = passing.load.map(|load| load / flow);

        let season = 15.0 - 11.5 * LocalTime::of(time - 12 * DAY_MS).winter();
        let weather_lag = self.dice.named("warmth").drifting(time, 3.0 * DAY_MS as f64);
        let day = ((local.hour - 9.5) / 24.0 * std::f64::consts::TAU).sin();
        let temperature_c = (season + 1.2 * weather_lag + 1.2 * day).max(0.5);
        let growth = (1.0 - local.winter()) / 2.0 * (tp / 0.15).min(2.0);
        let oxygen = (saturation(temperature_c) - passing.deficit / flow
            + 1.6 * growth * day
            + 0.2 * self.dice.named("oxygen").drifting(time, 5.0 * HOUR_MS as f64))
        .clamp(0.1, 20.0);
        Water {
            flow_m3_s: flow,
            temperature_c,
            ph: 7.9
                + 0.18 * growth * day
                + 0.08
                    * self.dice.named("ph").numbered(stream as u64).drifting(time, DAY_MS as f64),
            oxygen,
            conductivity: 760.0 / swell.powf(0.35) + 25.0 * tn,
            turbidity: (2.5 + 1.1 * codmn)
                * (0.35 * self.dice.named("turbid").drifting(time, 9.0 * HOUR_MS as f64)).exp()
                + 45.0 * (swell - 1.15).max(0.0).powf(1.4),
            codmn,
            nh3n,
            tp,
            tn: tn.max(1.05 * nh3n),
        }
    }

    /// The flow as a multiple of the usual one: the season, and the rain of the last two days.
    fn swell(&self, time: Timestamp, climate: &Climate) -> f64 {
        let season = 1.0 - 0.35 * LocalTime::of(time).winter();
        let rain = [
            (1, 0.05),
            (2, 0.10),
            (4, 0.13),
            (6, 0.14),
            (8, 0.13),
            (11, 0.12),
            (14, 0.10),
            (18, 0.08),
            (24, 0.07),
            (32, 0.05),
            (46, 0.03),
        ];
        let wet: f64 =
            rain.iter().map(|&(hours, weight)| weight * climate.rain(time - hours * HOUR_MS)).sum();
        let noise = 0.15 * self.dice.named("flow").drifting(time, 3.0 * DAY_MS as f64);
        season * noise.exp() * (1.0 + 1.6 * wet)
    }

    /// What passes kilometre `km` of a river, `hours` of travel before it is asked for.
    fn passing(
        &self,
        stream: usize,
        km: f64,
        hours: f64,
        time: Timestamp,
        swell: f64,
        scenario: &Scenario,
    ) -> Passing {
        let river = &STREAMS[stream];
        let speed = SPEED_KM_H * swell.powf(0.4);
        let head = river.flow_m3_s * swell * scenario.gate(river.key, time);
        let mut sum = Passing { flow_m3_s: head, ..Passing::default() };
        let travel = hours + km / speed;
        let wander = self.dice.named("head").numbered(stream as u64);
        let brought =
            0.22 * wander.drifting(time - (travel * HOUR_MS as f64) as i64, 2.5 * DAY_MS as f64);
        let before = hours;
        sum.take(river.head_mg_l.map(|mg_l| mg_l * brought.exp() * head), km / speed, 0.8 * head);
        for outfall in OUTFALLS.iter().filter(|outfall| outfall.stream == stream) {
            let distance = km - outfall.part * self.lengths_km[stream];
            if distance < 0.0 {
                continue;
            }
            let on_way = distance / speed;
            let strength =
                mean_strength(outfall.key, outfall.kind, time, before + on_way, scenario);
            sum.take(outfall.load_g_s.map(|load| load * strength), on_way, 0.0);
        }
        for (number, tributary) in STREAMS.iter().enumerate() {
            let distance = km - self.mouths_km[number];
            if tributary.into != Some(stream) || distance < 0.0 {
                continue;
            }
            let on_way = distance / speed;
            let length = self.lengths_km[number];
            let mouth = self.passing(number, length, before + on_way, time, swell, scenario);
            sum.flow_m3_s += mouth.flow_m3_s;
            sum.take(mouth.load, on_way, mouth.deficit);
        }
        sum
    }
}

impl Passing {
    /// Adds a load that entered some hours upstream, with the oxygen that was missing there.
    fn take(&mut self, load_g_s: [f64; 4], hours: f64, deficit_g_s: f64) {
        let days = hours / 24.0;
        for ((sum, load), loss) in self.load.iter_mut().zip(load_g_s).zip(LOSS_PER_DAY) {
            *sum += load * (-loss * days).exp();
        }
        let back = (-REAERATION_PER_DAY * days).exp();
        let sag = |demand: f64, loss: f64| {
            demand * loss / (REAERATION_PER_DAY - loss) * ((-loss * days).exp() - back)
        };
        self.deficit += deficit_g_s * back
            + sag(1.6 * load_g_s[0], LOSS_PER_DAY[0])
            + sag(OXYGEN_PER_AMMONIA * load_g_s[1], LOSS_PER_DAY[1]);
    }
}

/// The strength of an outfall when the water that is now `hours` downstream passed it, smeared.
fn mean_strength(
    key: &str,
    kind: crate::layout::Kind,
    time: Timestamp,
    hours: f64,
    scenario: &Scenario,
) -> f64 {
    let looks = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5];
    let sum: f64 = looks
        .iter()
        .map(|look| {
            let ago = hours * (1.0 + look * SMEAR);
            let then = time - (ago * HOUR_MS as f64) as i64;
            activity(kind, LocalTime::of(then)).max(scenario.release(key, then).unwrap_or(0.0))
        })
        .sum();
    sum / looks.len() as f64
}

/// Oxygen that water holds at a temperature, mg/L, at sea level (a fit within 0.1 from 0 to 35 °C).
fn saturation(temperature_c: f64) -> f64 {
    468.0 / (31.6 + temperature_c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::SECTIONS;
    use crate::scenario::{Event, What};

    const NOON: Timestamp = Timestamp::from_ms(1_772_326_800_000);

    fn water(section: &str, time: Timestamp, scenario: &Scenario) -> Water {
        let dice = Dice::new(6);
        let section = SECTIONS.iter().find(|s| s.key == section).unwrap();
        Rivers::new(dice).at(section.stream, section.part, time, &Climate::new(dice), scenario)
    }

    #[test]
    fn a_year_of_water_is_possible_at_every_section() {
        for section in &SECTIONS {
            for step in 0..365 {
                let now = water(section.key, NOON + step * 25 * HOUR_MS, &Scenario::default());
                assert!(now.flow_m3_s > 0.1 && now.flow_m3_s < 200.0, "{now:?}");
                assert!((0.5..36.0).contains(&now.temperature_c), "{now:?}");
                assert!((6.5..9.5).contains(&now.ph), "{now:?}");
                assert!((1.0..18.0).contains(&now.oxygen), "{} {now:?}", section.key);
                assert!((1.0..25.0).contains(&now.codmn), "{now:?}");
                assert!((0.02..6.0).contains(&now.nh3n) && now.tn > now.nh3n, "{now:?}");
                assert!((0.01..1.5).contains(&now.tp), "{now:?}");
            }
        }
    }

    #[test]
    fn confluences_add_the_flow_of_what_joins() {
        let scenario = Scenario::default();
        let above = water("water-09", NOON, &scenario).flow_m3_s;
        let below = water("water-10", NOON, &scenario).flow_m3_s;
        let joins = ["water-04", "water-08"].map(|key| water(key, NOON, &scenario).flow_m3_s);
        assert!((below - above - joins[0] - joins[1]).abs() < 1e-9);
    }

    #[test]
    fn a_discharge_arrives_downstream_later_and_lower_and_takes_oxygen() {
        let release = Event {
            start: NOON,
            end: NOON + 3 * HOUR_MS,
            what: What::Release { source: "outfall-02".to_owned(), factor: 25.0 },
        };
        let spilled = Scenario { events: vec![release] };
        let clean = Scenario::default();
        let pulse = |section: &str| {
            (0..60)
                .map(|half| {
                    let time = NOON + half * HOUR_MS / 2;
                    let rise =
                        water(section, time, &spilled).nh3n - water(section, time, &clean).nh3n;
                    (half, rise)
                })
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap()
        };
        let (near, far) = (pulse("water-06"), pulse("water-12"));
        assert!(near.1 > 1.0, "{near:?}");
        assert!(far.1 > 0.1 && far.1 < near.1, "{near:?} {far:?}");
        assert!(far.0 > near.0 + 6, "{near:?} {far:?}");
        assert_eq!(
            water("water-05", NOON + 2 * HOUR_MS, &spilled),
            water("water-05", NOON + 2 * HOUR_MS, &clean)
        );
        let time = NOON + far.0 * HOUR_MS / 2;
        let sag = water("water-12", time, &clean).oxygen - water("water-12", time, &spilled).oxygen;
        assert!(sag > 0.1, "{sag}");
    }
}
