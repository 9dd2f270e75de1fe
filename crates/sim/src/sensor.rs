//! From the truth to what an instrument shows: its grade, its bias, its bad days.

use crate::air::Concentrations;
use crate::calendar::LocalTime;
use crate::fault::{FaultRates, Spell, Spells};
use crate::noise::{Dice, blend};
use crate::river::Water;
use crate::weather::Weather;
use model::{DAY_MS, Timestamp};

/// How good an instrument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grade {
    /// Reference analysers for six pollutants.
    Standard,
    /// Light scattering for two.
    Micro,
    /// Weather.
    Weather,
    /// Nine quantities of river water.
    Water,
    /// Light scattering at the edge of a building site.
    Dust,
    /// Analysers in a stack.
    Stack,
    /// Two dusts and a gas on a moving roof, and where it is.
    Vehicle,
    /// Where a telephone is.
    Patrol,
}

/// One thing an instrument measures: its factor code and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    pub code: &'static str,
    pub decimals: usize,
    quantity: Quantity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantity {
    Pm25,
    Pm10,
    So2,
    No2,
    Co,
    O3,
    WindSpeed,
    WindFrom,
    Temperature,
    Humidity,
    Pressure,
    WaterTemperature,
    Ph,
    Oxygen,
    Conductivity,
    Turbidity,
    Codmn,
    Ammonia,
    Phosphorus,
    Nitrogen,
    Tsp,
    Longitude,
    Latitude,
    Smoke,
    StackSulfur,
    StackNitrogen,
    FlueOxygen,
    FlueFlow,
    FlueTemperature,
}

const fn channel(code: &'static str, decimals: usize, quantity: Quantity) -> Channel {
    Channel { code, decimals, quantity }
}

/// Codes: HJ 212-2017 Annex B, table B.2; a05024 (ozone) stands in HJ 524-2009 only.
const AIR: [Channel; 6] = [
    channel("a34004", 0, Quantity::Pm25),
    channel("a34002", 0, Quantity::Pm10),
    channel("a21026", 0, Quantity::So2),
    channel("a21004", 0, Quantity::No2),
    channel("a21005", 1, Quantity::Co),
    channel("a05024", 0, Quantity::O3),
];
const DUST: [Channel; 2] = [AIR[0], AIR[1]];
const WEATHER: [Channel; 5] = [
    channel("a01007", 1, Quantity::WindSpeed),
    channel("a01008", 0, Quantity::WindFrom),
    channel("a01001", 1, Quantity::Temperature),
    channel("a01002", 0, Quantity::Humidity),
    channel("a01006", 2, Quantity::Pressure),
];

/// Codes: HJ 212-2017 Annex B, table B.1; w01003 (turbidity) stands in HJ 525-2009 only.
const WATER: [Channel; 9] = [
    channel("w01010", 1, Quantity::WaterTemperature),
    channel("w01001", 2, Quantity::Ph),
    channel("w01009", 1, Quantity::Oxygen),
    channel("w01014", 0, Quantity::Conductivity),
    channel("w01003", 1, Quantity::Turbidity),
    channel("w01019", 1, Quantity::Codmn),
    channel("w21003", 2, Quantity::Ammonia),
    channel("w21011", 2, Quantity::Phosphorus),
    channel("w21001", 2, Quantity::Nitrogen),
];

/// Codes: HJ 212-2017 Annex B, table B.2.
const SITE: [Channel; 2] = [channel("a34001", 0, Quantity::Tsp), AIR[1]];

/// Codes: HJ 212-2017 Annex B, table B.2. Smoke, sulfur dioxide and nitrogen oxides in mg/m³ as converted
/// to the reference oxygen, which is what limits are about.
const STACK: [Channel; 6] = [
    channel("a34013", 1, Quantity::Smoke),
    channel("a21026", 1, Quantity::StackSulfur),
    channel("a21002", 1, Quantity::StackNitrogen),
    channel("a19001", 1, Quantity::FlueOxygen),
    channel("a00000", 1, Quantity::FlueFlow),
    channel("a01012", 0, Quantity::FlueTemperature),
];

/// Codes of the position: those of vendors, no standard names any.
const POSITION: [Channel; 2] =
    [channel("l01001", 6, Quantity::Longitude), channel("l01002", 6, Quantity::Latitude)];
const VEHICLE: [Channel; 5] = [POSITION[0], POSITION[1], AIR[0], AIR[1], AIR[3]];

/// What an instrument can look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    pub air: Concentrations,
    pub weather: Weather,
    pub water: Water,
    pub flue: Flue,
    /// Where it is, degrees.
    pub position: [f64; 2],
}

/// What leaves through a stack.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Flue {
    /// mg/m³.
    pub smoke: f64,
    /// mg/m³.
    pub so2: f64,
    /// mg/m³.
    pub nox: f64,
    /// %.
    pub oxygen: f64,
    /// m³/s.
    pub flow: f64,
    /// °C.
    pub temperature: f64,
}

impl Grade {
    pub(crate) const fn channels(self) -> &'static [Channel] {
        match self {
            Self::Standard => &AIR,
            Self::Micro => &DUST,
            Self::Weather => &WEATHER,
            Self::Water => &WATER,
            Self::Dust => &SITE,
            Self::Stack => &STACK,
            Self::Vehicle => &VEHICLE,
            Self::Patrol => &POSITION,
        }
    }

    /// The system code of its frames, HJ 212-2017 table 5.
    pub(crate) const fn system(self) -> &'static str {
        match self {
            Self::Water => "21",
            Self::Stack => "31",
            Self::Dust => "39",
            _ => "22",
        }
    }
}

impl Channel {
    /// Whether values are angles, whose mean is that of their directions.
    pub(crate) fn is_angle(self) -> bool {
        self.quantity == Quantity::WindFrom
    }

    fn is_dust(self) -> bool {
        matches!(self.quantity, Quantity::Pm25 | Quantity::Pm10 | Quantity::Tsp)
    }

    fn is_position(self) -> bool {
        POSITION.contains(&self)
    }

    /// Whether the value is converted to the reference oxygen.
    pub(crate) fn is_converted(self) -> bool {
        STACK[..3].contains(&self)
    }

    fn is_weather(self) -> bool {
        WEATHER.contains(&self)
    }

    /// The smallest value an instrument reports.
    pub(crate) fn floor(self) -> f64 {
        match self.quantity {
            Quantity::Co => 0.1,
            _ if self.is_weather() || self.is_position() => f64::NEG_INFINITY,
            _ if STACK.contains(&self) => 0.1,
            _ if WATER.contains(&self) => 0.01,
            _ => 1.0,
        }
    }

    /// What a broken analyser shows, and a gas analyser on its span gas.
    const fn full_scale(self) -> f64 {
        match self.quantity {
            Quantity::Co => 50.0,
            Quantity::Pm25 | Quantity::Pm10 | Quantity::Tsp => 985.0,
            _ => 500.0,
        }
    }
}

/// What an instrument shows at an instant, before it is rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub value: f64,
    /// `N`, `D`, `C` or `M`.
    pub mark: char,
}

/// The instruments of one device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sensor {
    pub grade: Grade,
    dice: Dice,
    calibration: bool,
    gain: f64,
    offset: f64,
}

impl Sensor {
    pub(crate) fn new(grade: Grade, dice: Dice, rates: &FaultRates) -> Self {
        let dice = dice.named("sensor");
        let (gain, offset) = match grade {
            Grade::Standard => (1.0 + 0.012 * dice.normal(0), 0.4 * dice.normal(1)),
            Grade::Micro => ((0.10 * dice.normal(0)).exp(), 2.0 * dice.normal(1)),
            Grade::Dust => ((0.08 * dice.normal(0)).exp(), 3.0 * dice.normal(1)),
            Grade::Vehicle => ((0.06 * dice.normal(0)).exp(), dice.normal(1)),
            Grade::Stack => ((0.02 * dice.normal(0)).exp(), 0.0),
            Grade::Weather | Grade::Water | Grade::Patrol => (1.0, 0.0),
        };
        let calibration = rates.calibration && grade == Grade::Standard;
        Self { grade, dice, calibration, gain, offset }
    }

    /// What the channels show. `look` gives air and weather at an instant: for a frozen value that
    /// is another one than `time`.
    pub(crate) fn samples(
        &self,
        spells: &Spells,
        time: Timestamp,
        look: &mut impl FnMut(Timestamp) -> Scene,
    ) -> Vec<Sample> {
        let frozen = spells.at(Spell::Frozen, time);
        let broken = spells.at(Spell::Broken, time);
        let visited = spells.at(Spell::Maintenance, time).is_some();
        let blocked = spells.at(Spell::Blocked, time);
        let channels = self.grade.channels();
        // a spell hits one channel of a station, both of a micro-station
        let hit = |detail: f64, number: usize| {
            self.grade == Grade::Micro || (detail * channels.len() as f64) as usize == number
        };
        let scene = look(time);
        let mut shown = Vec::with_capacity(channels.len());
        for (number, &channel) in channels.iter().enumerate() {
            let mut value = match frozen {
                Some(window) if hit(window.detail, number) => {
                    self.reads(channel, window.start, &look(window.start))
                }
                _ => self.reads(channel, time, &scene),
            };
            if let Some(window) = blocked.filter(|_| channel.is_dust()) {
                let gone = (time - window.start) as f64 / (window.end - window.start) as f64;
                value *= blend(1.0, 0.22, gone);
            }
            let mut mark = 'N';
            if self.is_calibrating(channel, time) {
                (value, mark) = (0.8 * channel.full_scale(), 'C');
            }
            let is_broken = broken.filter(|window| hit(window.detail, number));
            if let Some(window) = is_broken.filter(|_| !channel.is_position()) {
                let stuck_high = (window.detail * 1_000.0) as i64 % 2 == 0;
                value =
                    if stuck_high && AIR.contains(&channel) { channel.full_scale() } else { 0.0 };
                mark = 'D';
            }
            if visited {
                mark = 'M';
            }
            shown.push(Sample { value, mark });
        }
        shown
    }

    /// A sound instrument of this grade.
    fn reads(&self, channel: Channel, time: Timestamp, scene: &Scene) -> f64 {
        let Scene { air, weather, water, flue, position } = scene;
        let quantity = channel.quantity as u64;
        let noise = self.dice.numbered(quantity).normal(time.as_ms().div_euclid(1_000));
        let true_value = match channel.quantity {
            Quantity::Pm25 => air.pm25,
            Quantity::Pm10 => air.pm10,
            Quantity::So2 => air.so2,
            Quantity::No2 => air.no2,
            Quantity::Co => air.co,
            Quantity::O3 => air.o3,
            Quantity::WindSpeed => return (weather.wind_speed_m_s() + 0.1 * noise).max(0.0),
            Quantity::WindFrom => return (weather.wind_from_deg() + 3.0 * noise).rem_euclid(360.0),
            Quantity::Temperature => return weather.temperature_c + 0.1 * noise,
            Quantity::Humidity => return (weather.humidity_pct + noise).clamp(1.0, 100.0),
            Quantity::Pressure => return weather.pressure_kpa + 0.01 * noise,
            Quantity::WaterTemperature => return water.temperature_c + 0.05 * noise,
            Quantity::Ph => return water.ph + 0.02 * noise,
            Quantity::Oxygen => return water.oxygen * (1.0 + 0.01 * noise),
            Quantity::Conductivity => return water.conductivity * (1.0 + 0.01 * noise),
            Quantity::Turbidity => return water.turbidity * (1.0 + 0.05 * noise),
            Quantity::Codmn => return water.codmn * (1.0 + 0.03 * noise),
            Quantity::Ammonia => return water.nh3n * (1.0 + 0.03 * noise) + 0.01 * noise,
            Quantity::Phosphorus => return water.tp * (1.0 + 0.03 * noise),
            Quantity::Nitrogen => return water.tn * (1.0 + 0.03 * noise),
            Quantity::Tsp => air.pm10 + 0.9 * (air.pm10 - air.pm25),
            // some four metres
            Quantity::Longitude => return position[0] + 4e-5 * noise,
            Quantity::Latitude => return position[1] + 4e-5 * noise,
            Quantity::Smoke => return self.gain * flue.smoke * (1.0 + 0.03 * noise),
            Quantity::StackSulfur => return self.gain * flue.so2 * (1.0 + 0.02 * noise),
            Quantity::StackNitrogen => return self.gain * flue.nox * (1.0 + 0.02 * noise),
            Quantity::FlueOxygen => return flue.oxygen + 0.1 * noise,
            Quantity::FlueFlow => return flue.flow * (1.0 + 0.02 * noise),
            Quantity::FlueTemperature => return flue.temperature + noise,
        };
        match self.grade {
            Grade::Micro | Grade::Dust | Grade::Vehicle if channel.is_dust() => {
                self.scatters(channel, time, air, weather) * (1.0 + 0.06 * noise) + 1.5 * noise
            }
            _ if channel.quantity == Quantity::Co => {
                self.gain * true_value * (1.0 + 0.02 * noise) + 0.02 * noise
            }
            _ => self.gain * true_value * (1.0 + 0.02 * noise) + self.offset + 0.8 * noise,
        }
    }

    /// What a light-scattering sensor makes of dust: damp particles look bigger, coarse ones are
    /// half seen, and its gain wanders over the months.
    fn scatters(
        &self,
        channel: Channel,
        time: Timestamp,
        air: &Concentrations,
        weather: &Weather,
    ) -> f64 {
        let swollen = 1.0 + 0.3 * ((weather.humidity_pct - 72.0) / 25.0).clamp(0.0, 1.2).powi(2);
        let wander = (0.10 * self.dice.named("drift").drifting(time, 50.0 * DAY_MS as f64)).exp();
        let fine = air.pm25 * swollen;
        let seen = match channel.quantity {
            Quantity::Pm10 => fine + 0.8 * (air.pm10 - air.pm25),
            Quantity::Tsp => fine + 1.6 * (air.pm10 - air.pm25),
            _ => fine,
        };
        self.gain * wander * seen + self.offset
    }

    /// Gas analysers take span gas for 14 minutes every other night, each station at its own time.
    fn is_calibrating(&self, channel: Channel, time: Timestamp) -> bool {
        if !self.calibration || channel.is_dust() {
            return false;
        }
        let local = LocalTime::of(time);
        let start = 1.0 + 3.0 * self.dice.uniform(7);
        let minutes = (local.hour - start) * 60.0;
        (local.day + (self.dice.bits(8) & 1) as i64) % 2 == 0 && (0.0..14.0).contains(&minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(_: Timestamp) -> Scene {
        let weather = crate::weather::Climate::new(Dice::new(1))
            .at(Timestamp::from_ms(1_772_326_800_000), &crate::Scenario::default());
        let air =
            Concentrations { pm25: 80.0, pm10: 130.0, so2: 9.0, no2: 40.0, co: 0.9, o3: 60.0 };
        Scene { air, weather, water: Water::default(), flue: Flue::default(), position: [0.0; 2] }
    }

    fn spread(grade: Grade) -> f64 {
        let spells = Spells::new(Dice::new(0), FaultRates::NONE);
        let values: Vec<f64> = (0..300)
            .map(|device| {
                let sensor = Sensor::new(grade, Dice::new(9).numbered(device), &FaultRates::NONE);
                sensor.samples(&spells, Timestamp::from_ms(0), &mut look)[0].value
            })
            .collect();
        let mean = values.iter().sum::<f64>() / 300.0;
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 300.0).sqrt() / mean
    }

    #[test]
    fn micro_stations_disagree_more_than_standard_stations() {
        let (standard, micro) = (spread(Grade::Standard), spread(Grade::Micro));
        assert!((0.01..0.05).contains(&standard), "{standard}");
        assert!((0.10..0.25).contains(&micro), "{micro}");
    }

    #[test]
    fn a_frozen_value_stands_still_and_a_broken_one_says_so() {
        let rates = FaultRates { frozen: 3.0, broken: 3.0, ..FaultRates::NONE };
        let spells = Spells::new(Dice::new(4), rates);
        let sensor = Sensor::new(Grade::Micro, Dice::new(4), &rates);
        let (from, to) = (Timestamp::from_ms(0), Timestamp::from_ms(40 * DAY_MS));
        let at = |time| sensor.samples(&spells, time, &mut look);
        let frozen = spells.between(Spell::Frozen, from, to)[0];
        let middle = frozen.start + (frozen.end - frozen.start) / 2;
        if spells.at(Spell::Broken, middle).is_none() {
            assert_eq!(at(frozen.start)[0], at(middle)[0]);
        }
        assert_ne!(at(frozen.start)[0], at(frozen.end)[0]);
        let broken = spells.between(Spell::Broken, from, to)[0];
        assert_eq!(at(broken.start)[0].mark, 'D');
    }
}
