//! The pretend zone: its registry, its truth, and what its devices want to say.

use crate::air::{Concentrations, Moment, Neighbourhood};
use crate::fault::{FaultRates, Spell};
use crate::layout::{self, Post, STACKS, Spot};
use crate::noise::Dice;
use crate::scenario::Scenario;
use crate::schedule::{Due, Fault, Habit, Kind};
use crate::sensor::{Channel, Grade, Sample, Sensor};
use crate::weather::{Climate, Weather};
use model::{Area, DAY_MS, Device, HOUR_MS, Line, Names, Place, PlaceKind, SECOND_MS, Timestamp};
use std::collections::BTreeMap;

/// What settles a world: two zones with equal settings are equal to the last digit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Weather, sources, noise and faults by chance follow from it.
    pub seed: u64,
    /// What happens on purpose.
    pub scenario: Scenario,
    /// How often things go wrong.
    pub faults: FaultRates,
}

/// What the zone has, ready for the registry.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Five sub-districts that tile the zone.
    pub areas: Vec<Area>,
    /// Four rivers and five roads.
    pub lines: Vec<Line>,
    /// A place for each device, in the order of `devices`.
    pub places: Vec<Place>,
    /// 12 standard stations, 150 micro-stations, a weather station.
    pub devices: Vec<Device>,
}

/// A source of the pretend zone, for the truth: nothing else may know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Stable key, as scenarios name it.
    pub key: String,
    /// Names for people.
    pub name: Names,
    /// A stack or a site with dust.
    pub kind: PlaceKind,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// Something a device wants to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// When it is sent, true time.
    pub at: Timestamp,
    /// What the device's clock shows then: the time for the frame's QN.
    pub clock: Timestamp,
    /// Index into [`Inventory::devices`]; one past its end is the stranger, see [`Zone::device`].
    pub device: usize,
    /// What it is about.
    pub kind: Kind,
    /// The instant, or the start of the period, on the device's clock.
    pub data_time: Timestamp,
    /// The values; those of one code stand together.
    pub items: Vec<Item>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// One value of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Factor code: `a34004`.
    pub code: &'static str,
    /// Which value of the factor.
    pub field: Field,
    /// As the instrument writes it: whole µg/m³, CO to 0.1 mg/m³.
    pub value: String,
    /// The factor's mark: `N`, `D`, `C` or `M`; the same on all items of a code.
    pub flag: char,
}

/// The values a factor can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// At the instant.
    Rtd,
    /// Smallest of the period.
    Min,
    /// Mean of the period.
    Avg,
    /// Largest of the period.
    Max,
}

impl Field {
    /// As it stands behind the code: `a34004-Avg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rtd => "Rtd",
            Self::Min => "Min",
            Self::Avg => "Avg",
            Self::Max => "Max",
        }
    }
}

/// How much of the past is filled before the zone goes live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// Hours and days reach back this far, ms.
    pub hours_ms: i64,
    /// Five-minute values reach back this far, ms.
    pub minutes_ms: i64,
    /// Realtime values reach back this far, ms.
    pub realtime_ms: i64,
}

impl Default for History {
    fn default() -> Self {
        Self { hours_ms: 7 * DAY_MS, minutes_ms: 6 * HOUR_MS, realtime_ms: HOUR_MS }
    }
}

/// A fault that lasts, for the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultSpell {
    /// First instant.
    pub start: Timestamp,
    /// First instant after it.
    pub end: Timestamp,
    /// Index into [`Inventory::devices`].
    pub device: usize,
    /// Its kind.
    pub spell: Spell,
}

/// The pretend zone.
#[derive(Clone, Debug)]
pub struct Zone {
    settings: Settings,
    dice: Dice,
    climate: Climate,
    posts: Vec<Post>,
    units: Vec<Unit>,
    devices: Vec<Device>,
}

/// A device as it lives.
#[derive(Clone, Debug)]
struct Unit {
    habit: Habit,
    sensor: Sensor,
    near: Neighbourhood,
}

/// Air and weather are looked at on this grid of time.
const LOOK_MS: i64 = 10 * SECOND_MS;
/// An hour is the mean of this many looks.
const LOOKS_PER_HOUR: i64 = 4;

impl Zone {
    /// The zone of some settings.
    pub fn new(settings: Settings) -> Self {
        let dice = Dice::new(settings.seed);
        let posts = layout::posts();
        let mut units: Vec<Unit> = posts
            .iter()
            .enumerate()
            .map(|(number, post)| unit(number, post.kind, post.spot, dice, settings.faults))
            .collect();
        let mut devices: Vec<Device> =
            posts.iter().enumerate().map(|(n, post)| device(n, post)).collect();
        if settings.faults.stranger {
            let number = posts.len();
            let mut stranger =
                unit(number, PlaceKind::MicroStation, Spot::new(1.5, 1.0), dice, FaultRates::NONE);
            stranger.habit = Habit::new(
                number,
                dice.named("stranger"),
                FaultRates::NONE,
                600 * SECOND_MS,
                &[Kind::Realtime],
            )
            .stranger();
            units.push(stranger);
            devices.push(Device { place: String::new(), ..device(number, &posts[0]) });
        }
        Self { climate: Climate::new(dice), dice, posts, units, devices, settings }
    }

    /// The zone as the demo shows it at `now`: small faults, an episode yesterday, an accident today.
    pub fn demo(seed: u64, now: Timestamp) -> Self {
        Self::new(Settings { seed, scenario: Scenario::demo(now), faults: FaultRates::default() })
    }

    /// The zone's name.
    pub fn name(&self) -> Names {
        layout::zone_name()
    }

    /// What there is, for the registry. The same for every seed, all of it marked as simulated.
    pub fn registry(&self) -> Inventory {
        let place = |post: &Post| {
            let [lon, lat] = post.spot.degrees();
            Place {
                key: post.key.clone(),
                name: post.name.clone(),
                kind: post.kind,
                lon,
                lat,
                area: post.area.to_owned(),
                simulated: true,
            }
        };
        Inventory {
            areas: layout::areas(),
            lines: layout::lines(),
            places: self.posts.iter().map(place).collect(),
            devices: self.devices[..self.posts.len()].to_vec(),
        }
    }

    /// The device of an upload, the stranger included.
    pub fn device(&self, number: usize) -> Option<&Device> {
        self.devices.get(number)
    }

    /// Stacks and sites, in the order of their keys' numbers.
    pub fn sources(&self) -> Vec<Source> {
        STACKS
            .iter()
            .map(|stack| {
                let [lon, lat] = Spot::new(stack.x, stack.y).degrees();
                let kind = match stack.kind {
                    layout::Kind::Site => PlaceKind::DustSite,
                    _ => PlaceKind::Stack,
                };
                let name = layout::names(stack.name.0, stack.name.1);
                Source { key: stack.key.to_owned(), name, kind, lon, lat }
            })
            .collect()
    }

    /// The weather at an instant, the same for the whole zone.
    pub fn weather(&self, time: Timestamp) -> Weather {
        self.climate.at(time, &self.settings.scenario)
    }

    /// The true concentrations at an instant and a position in degrees.
    pub fn truth(&self, time: Timestamp, lon: f64, lat: f64) -> Concentrations {
        self.moment(time).at(&Neighbourhood::new(Spot::of_degrees(lon, lat)))
    }

    /// The true concentrations at one instant and many positions (longitude, latitude).
    pub fn truth_at(&self, time: Timestamp, positions: &[[f64; 2]]) -> Vec<Concentrations> {
        let moment = self.moment(time);
        let at =
            |[lon, lat]: &[f64; 2]| moment.at(&Neighbourhood::new(Spot::of_degrees(*lon, *lat)));
        positions.iter().map(at).collect()
    }

    /// The true mean over one hour at each place of the registry.
    pub fn truth_hour(&self, hour: Timestamp) -> Vec<Concentrations> {
        let mut sums = vec![Concentrations::default(); self.posts.len()];
        for look in looks(Kind::Hour, hour) {
            let moment = self.moment(look);
            for (sum, unit) in sums.iter_mut().zip(&self.units) {
                *sum = sum.plus(moment.at(&unit.near).times(1.0 / LOOKS_PER_HOUR as f64));
            }
        }
        sums
    }

    /// All uploads sent in [from, to), by time. Any way to cut a stretch gives the same uploads.
    pub fn uploads(&self, from: Timestamp, to: Timestamp) -> Vec<Upload> {
        self.uploads_of(&Kind::ALL, from, to)
    }

    /// The same for some kinds of uploads only.
    pub fn uploads_of(&self, kinds: &[Kind], from: Timestamp, to: Timestamp) -> Vec<Upload> {
        let mut dues = Vec::new();
        for unit in &self.units {
            unit.habit.dues(kinds, from, to, &mut dues);
        }
        dues.sort_unstable();
        let mut air = Air { zone: self, moments: BTreeMap::new() };
        dues.into_iter().map(|due| air.upload(due)).collect()
    }

    /// What the devices would have sent before `now`, by time: long for hours, short for the rest.
    pub fn history(&self, now: Timestamp, history: History) -> Vec<Upload> {
        let mut uploads = self.uploads_of(&[Kind::Hour, Kind::Day], now - history.hours_ms, now);
        uploads.extend(self.uploads_of(&[Kind::Minute], now - history.minutes_ms, now));
        uploads.extend(self.uploads_of(&[Kind::Realtime], now - history.realtime_ms, now));
        uploads.sort_by_key(|upload| (upload.at, upload.device, upload.kind, upload.data_time));
        uploads
    }

    /// The faults that touch [from, to) and last, by time: the truth for whoever looks for them.
    pub fn faults(&self, from: Timestamp, to: Timestamp) -> Vec<FaultSpell> {
        let mut spells = Vec::new();
        for (device, unit) in self.units.iter().enumerate() {
            for spell in Spell::ALL {
                let found = unit.habit.spells.between(spell, from, to);
                spells.extend(found.map(|w| FaultSpell {
                    start: w.start,
                    end: w.end,
                    device,
                    spell,
                }));
            }
        }
        spells.sort_unstable();
        spells
    }

    fn moment(&self, time: Timestamp) -> Moment {
        Moment::new(self.dice, time, self.weather(time), &self.settings.scenario)
    }
}

/// A zone with the moments looked at so far, so that devices that look together share them.
struct Air<'z> {
    zone: &'z Zone,
    moments: BTreeMap<Timestamp, Moment>,
}

/// More moments than a day of hours needs; each is some 2 kB.
const MOMENTS_MAX: usize = 2_000;

impl Air<'_> {
    fn upload(&mut self, due: Due) -> Upload {
        let unit = &self.zone.units[due.device];
        let looks: Vec<Vec<Sample>> = looks(due.kind, due.data_time - due.ahead_ms)
            .map(|look| {
                let mut see = |time: Timestamp| self.see(unit, time);
                unit.sensor.samples(&unit.habit.spells, look, &mut see)
            })
            .collect();
        let full = unit.sensor.grade == Grade::Standard;
        let mut items = Vec::new();
        for (number, &channel) in unit.sensor.grade.channels().iter().enumerate() {
            let samples: Vec<Sample> = looks.iter().map(|look| look[number]).collect();
            summarise(channel, due.kind, full, &samples, &mut items);
        }
        Upload {
            at: due.at,
            clock: due.at + due.ahead_ms,
            device: due.device,
            kind: due.kind,
            data_time: due.data_time,
            items,
            fault: due.fault,
        }
    }

    fn see(&mut self, unit: &Unit, time: Timestamp) -> (Concentrations, Weather) {
        if self.moments.len() > MOMENTS_MAX {
            self.moments.clear();
        }
        let time = time.floor(LOOK_MS);
        let zone = self.zone;
        let moment = self.moments.entry(time).or_insert_with(|| zone.moment(time));
        (moment.at(&unit.near), moment.weather)
    }
}

/// The instants at which a period is looked at.
fn looks(kind: Kind, start: Timestamp) -> impl Iterator<Item = Timestamp> {
    let (number, step) = match kind {
        Kind::Realtime => (1, 0),
        Kind::Minute => (2, kind.period_ms() / 2),
        Kind::Hour => (LOOKS_PER_HOUR, HOUR_MS / LOOKS_PER_HOUR),
        Kind::Day => (24 * LOOKS_PER_HOUR, HOUR_MS / LOOKS_PER_HOUR),
    };
    (0..number).map(move |look| start + look * step + step / 2)
}

/// Turns the looks of a period into what the logger sends: normal when three quarters are normal.
fn summarise(channel: Channel, kind: Kind, full: bool, samples: &[Sample], out: &mut Vec<Item>) {
    let normal: Vec<f64> = samples.iter().filter(|s| s.mark == 'N').map(|s| s.value).collect();
    let (values, flag) = if 4 * normal.len() >= 3 * samples.len() {
        (normal, 'N')
    } else {
        let mark = samples.iter().map(|s| s.mark).find(|&mark| mark != 'N').unwrap_or('N');
        (samples.iter().map(|s| s.value).collect(), mark)
    };
    let mean = if channel.is_angle() { mean_angle(&values) } else { mean(&values) };
    let mut push = |field, value: f64| {
        let value = written(channel, value, flag);
        out.push(Item { code: channel.code, field, value, flag });
    };
    match kind {
        Kind::Realtime => push(Field::Rtd, mean),
        Kind::Hour if full => {
            push(Field::Min, values.iter().copied().fold(f64::INFINITY, f64::min));
            push(Field::Avg, mean);
            push(Field::Max, values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
        _ => push(Field::Avg, mean),
    }
}

/// As the instrument writes it: its steps, and never below its floor unless it is broken.
fn written(channel: Channel, value: f64, flag: char) -> String {
    let value = if flag == 'D' { value } else { value.max(channel.floor()) };
    let scale = 10_f64.powi(channel.decimals as i32);
    let mut rounded = (value * scale).round() / scale;
    if channel.is_angle() && rounded >= 360.0 {
        rounded = 0.0;
    }
    // + 0.0 turns a negative zero into zero
    format!("{:.*}", channel.decimals, rounded + 0.0)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_angle(degrees: &[f64]) -> f64 {
    let (sin, cos) = degrees.iter().fold((0.0, 0.0), |(sin, cos), angle| {
        (sin + angle.to_radians().sin(), cos + angle.to_radians().cos())
    });
    sin.atan2(cos).to_degrees().rem_euclid(360.0)
}

fn unit(number: usize, kind: PlaceKind, spot: Spot, dice: Dice, rates: FaultRates) -> Unit {
    let dice = dice.named("device").numbered(number as u64);
    let (grade, realtime_s, kinds): (_, _, &'static [Kind]) = match kind {
        PlaceKind::AirStation => (Grade::Standard, 30, &Kind::ALL),
        PlaceKind::WeatherStation => {
            (Grade::Weather, 60, &[Kind::Realtime, Kind::Minute, Kind::Hour])
        }
        _ => (Grade::Micro, 60, &[Kind::Realtime, Kind::Hour]),
    };
    Unit {
        habit: Habit::new(number, dice, rates, realtime_s * SECOND_MS, kinds),
        sensor: Sensor::new(grade, dice, &rates),
        near: Neighbourhood::new(spot),
    }
}

/// The device at a post. Names on the wire have 24 hex digits, as an EPC-96 has; the class says
/// what it is, the serial number which.
fn device(number: usize, post: &Post) -> Device {
    let class = match post.kind {
        PlaceKind::AirStation => 0x00_0022,
        PlaceKind::WeatherStation => 0x00_0024,
        _ => 0x00_0122,
    };
    let dice = Dice::new(0).named("credentials");
    Device {
        mn: format!("000051A{class:08X}{:09X}", number + 1),
        password: format!("{:06}", dice.bits(number as i64) % 1_000_000),
        place: post.key.clone(),
        ..blank()
    }
}

fn blank() -> Device {
    Device {
        mn: String::new(),
        password: String::new(),
        place: String::new(),
        dialect: model::Dialect::Hj212V2017,
        period_named_by_end: false,
        units: std::collections::HashMap::new(),
    }
}
