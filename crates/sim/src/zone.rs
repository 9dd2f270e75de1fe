//! The pretend zone: its registry, its truth, and what its devices want to say.

use crate::air::{Concentrations, Drift, Moment, Neighbourhood, strength};
use crate::calendar::LocalTime;
use crate::emission::activity;
use crate::fault::{FaultRates, Spell};
use crate::layout::{
    self, OUTFALLS, PATROLS, Post, Route, SECTIONS, STACKS, STREAMS, Spot, VEHICLES, outfall_spot,
};
use crate::noise::Dice;
use crate::river::{Rivers, Water};
use crate::scenario::Scenario;
use crate::schedule::{Due, Habit, Kind};
use crate::sensor::{Flue, Grade, Sample, Scene, Sensor};
use crate::upload::{LOOKS_PER_HOUR, Upload, looks, summarise};
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
    /// Five sub-districts that tile the zone, 39 villages that tile them, premises.
    pub areas: Vec<Area>,
    /// Four rivers, five roads, the rivers' reaches.
    pub lines: Vec<Line>,
    /// A place for each device, in the order of `devices`; then gates, outfalls and enterprises.
    pub places: Vec<Place>,
    /// 12 standard stations, 150 micro-stations, a weather station, 12 water sites, 6 stacks, 6 dust
    /// monitors, 5 vehicles, 5 patrols.
    pub devices: Vec<Device>,
}

/// A source of the pretend zone, for the truth: nothing else may know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Stable key, as scenarios name it.
    pub key: String,
    /// Names for people.
    pub name: Names,
    /// A stack, a site with dust, or an enterprise with an outfall.
    pub kind: PlaceKind,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
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
    /// Those of what moves reach back this far, ms; not less than the others.
    pub tracks_ms: i64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            hours_ms: 7 * DAY_MS,
            minutes_ms: 6 * HOUR_MS,
            realtime_ms: HOUR_MS,
            tracks_ms: 3 * HOUR_MS,
        }
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
    rivers: Rivers,
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
    /// Of a water site: its river and the part of the river's length.
    section: Option<(usize, f64)>,
    /// Of a stack: its number.
    stack: Option<usize>,
    /// Of what moves: its way.
    route: Option<Route>,
}

/// Air and weather are looked at on this grid of time.
const LOOK_MS: i64 = 10 * SECOND_MS;

impl Zone {
    /// The zone of some settings.
    pub fn new(settings: Settings) -> Self {
        let dice = Dice::new(settings.seed);
        let posts = layout::posts();
        let mut units: Vec<Unit> = posts
            .iter()
            .enumerate()
            .map(|(number, post)| {
                let sound = unit(number, post, dice, settings.faults);
                let habit = sound.habit.clone().meant(settings.scenario.faults(&post.key));
                Unit { habit, ..sound }
            })
            .collect();
        let mut devices: Vec<Device> =
            posts.iter().enumerate().map(|(n, post)| device(n, post)).collect();
        let micro = posts.iter().find(|post| post.kind == PlaceKind::MicroStation);
        if let Some(post) = micro.filter(|_| settings.faults.stranger) {
            let number = posts.len();
            let habit = Habit::new(
                number,
                dice.named("stranger"),
                FaultRates::NONE,
                600 * SECOND_MS,
                &[Kind::Realtime],
            );
            units.push(Unit {
                habit: habit.stranger(),
                ..unit(number, post, dice, FaultRates::NONE)
            });
            devices.push(Device { place: String::new(), ..device(number, post) });
        }
        let rivers = Rivers::new(dice);
        Self { climate: Climate::new(dice), rivers, dice, posts, units, devices, settings }
    }

    /// The zone as the demo shows it at `now`: small faults, an episode yesterday, an accident today.
    pub fn demo(seed: u64, now: Timestamp) -> Self {
        Self::new(Settings { seed, scenario: Scenario::demo(now), ..Settings::default() })
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
                line: post.line.clone(),
                height_m: post.height_m,
                emits: post.emits.iter().map(|key| (*key).to_owned()).collect(),
                targets: post.targets.clone(),
                simulated: true,
                ..Place::default()
            }
        };
        Inventory {
            areas: layout::areas(),
            lines: layout::lines(),
            places: self.posts.iter().map(place).chain(layout::sights()).collect(),
            devices: self.devices[..self.posts.len()].to_vec(),
        }
    }

    /// West, south, east and north of the zone, degrees.
    pub fn extent(&self) -> [f64; 4] {
        layout::extent()
    }

    /// The device of an upload, the stranger included.
    pub fn device(&self, number: usize) -> Option<&Device> {
        self.devices.get(number)
    }

    /// The system code with which a device writes its frames (HJ 212-2017 table 5).
    pub fn system(&self, number: usize) -> &'static str {
        self.units.get(number).map_or("22", |unit| unit.sensor.grade.system())
    }

    /// Stacks, sites and outfalls, in the order of their keys' numbers.
    pub fn sources(&self) -> Vec<Source> {
        let source = |key: &str, name: (&str, &str), kind, spot: Spot| {
            let [lon, lat] = spot.degrees();
            Source { key: key.to_owned(), name: layout::names(name.0, name.1), kind, lon, lat }
        };
        let stacks = STACKS.iter().map(|stack| {
            let kind = match stack.kind {
                layout::Kind::Site => PlaceKind::DustSite,
                _ => PlaceKind::Stack,
            };
            source(stack.key, stack.name, kind, Spot::new(stack.x, stack.y))
        });
        let outfalls = OUTFALLS.iter().map(|outfall| {
            source(outfall.key, outfall.name, PlaceKind::Enterprise, outfall_spot(outfall))
        });
        stacks.chain(outfalls).collect()
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
        self.uploads_where(|_| true, kinds, from, to)
    }

    fn uploads_where(
        &self,
        wanted: impl Fn(usize) -> bool,
        kinds: &[Kind],
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Upload> {
        let mut dues = Vec::new();
        for (_, unit) in self.units.iter().enumerate().filter(|(number, _)| wanted(*number)) {
            unit.habit.dues(kinds, from, to, &mut dues);
        }
        dues.retain(|due| {
            let route = self.units[due.device].route.as_ref();
            route.is_none_or(|route| route.is_on_duty(due.data_time - due.ahead_ms))
        });
        dues.sort_unstable();
        let mut air = Air { zone: self, moments: BTreeMap::new() };
        dues.into_iter().map(|due| air.upload(due)).collect()
    }

    /// What the devices would have sent before `now`, by time: long for hours, short for the rest.
    pub fn history(&self, now: Timestamp, history: History) -> Vec<Upload> {
        let mut uploads = self.uploads_of(&[Kind::Hour, Kind::Day], now - history.hours_ms, now);
        uploads.extend(self.uploads_of(&[Kind::Minute], now - history.minutes_ms, now));
        let realtime = now - history.realtime_ms;
        uploads.extend(self.uploads_of(&[Kind::Realtime], realtime, now));
        let moves = |number: usize| self.units[number].route.is_some();
        uploads.extend(self.uploads_where(
            moves,
            &[Kind::Realtime],
            now - history.tracks_ms,
            realtime,
        ));
        uploads.sort_by_key(|upload| (upload.at, upload.device, upload.kind, upload.data_time));
        uploads
    }

    /// The faults that touch [from, to) and last, by time: the truth for whoever looks for them.
    pub fn faults(&self, from: Timestamp, to: Timestamp) -> Vec<FaultSpell> {
        let mut spells = Vec::new();
        for (device, unit) in self.units.iter().enumerate() {
            for spell in Spell::ALL {
                let found = unit.habit.spells.between(spell, from, to);
                spells.extend(found.into_iter().map(|w| FaultSpell {
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

    /// The true water at an instant and a part of a river's length, 0 at its head, 1 at its end;
    /// `None` when there is no river of this key.
    pub fn water(&self, time: Timestamp, river: &str, part: f64) -> Option<Water> {
        let stream = STREAMS.iter().position(|stream| stream.key == river)?;
        Some(self.rivers.at(stream, part, time, &self.climate, &self.settings.scenario))
    }

    /// What happens on purpose.
    pub fn scenario(&self) -> &Scenario {
        &self.settings.scenario
    }

    /// How strong each of [`Zone::sources`] is at an instant, as a multiple of its full strength.
    pub fn strengths(&self, time: Timestamp) -> Vec<f64> {
        let (scenario, air) = (&self.settings.scenario, self.dice.named("air"));
        let stacks = (0..STACKS.len()).map(|n| strength(air, n, time, scenario));
        let outfalls = OUTFALLS.iter().map(|outfall| {
            let usual = activity(outfall.kind, LocalTime::of(time));
            usual.max(scenario.release(outfall.key, time).unwrap_or(0.0))
        });
        stacks.chain(outfalls).collect()
    }

    /// Where each place with a device is at an instant: key, longitude and latitude. What is off duty
    /// stands where it stopped being watched.
    pub fn positions(&self, time: Timestamp) -> Vec<(&str, [f64; 2])> {
        let at = |(post, unit): (&'_ Post, &Unit)| match &unit.route {
            Some(route) => route.at(time).degrees(),
            None => post.spot.degrees(),
        };
        let pairs = self.posts.iter().zip(&self.units);
        pairs.map(|(post, unit)| (post.key.as_str(), at((post, unit)))).collect()
    }

    /// The true water at each water site: key, longitude and latitude, water.
    pub fn waters(&self, time: Timestamp) -> Vec<(&'static str, [f64; 2], Water)> {
        let water = |section: &layout::Section| {
            let (stream, part) = (section.stream, section.part);
            let scenario = &self.settings.scenario;
            let water = self.rivers.at(stream, part, time, &self.climate, scenario);
            (section.key, layout::along_stream(stream, part).degrees(), water)
        };
        SECTIONS.iter().map(water).collect()
    }

    fn moment(&self, time: Timestamp) -> Moment {
        let scenario = &self.settings.scenario;
        let drift = Drift::new(&self.climate, time, scenario);
        Moment::new(self.dice, time, self.weather(time), &drift, scenario)
    }
}

/// A zone with the moments looked at so far, so that devices that look together share them.
struct Air<'z> {
    zone: &'z Zone,
    moments: BTreeMap<Timestamp, Moment>,
}

/// More moments than a day of hours needs; each is some 10 kB.
const MOMENTS_MAX: usize = 600;

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
            system: unit.sensor.grade.system(),
            kind: due.kind,
            data_time: due.data_time,
            items,
            fault: due.fault,
        }
    }

    fn see(&mut self, unit: &Unit, time: Timestamp) -> Scene {
        if self.moments.len() > MOMENTS_MAX {
            self.moments.clear();
        }
        let time = time.floor(LOOK_MS);
        let zone = self.zone;
        let moment = self.moments.entry(time).or_insert_with(|| zone.moment(time));
        let water = unit.section.map_or_else(Water::default, |(stream, part)| {
            zone.rivers.at(stream, part, time, &zone.climate, &zone.settings.scenario)
        });
        let flue = unit.stack.map_or_else(Flue::default, |number| moment.flue(number));
        let (air, position) = match &unit.route {
            None => (moment.at(&unit.near), [0.0; 2]),
            Some(route) if unit.sensor.grade == Grade::Patrol => {
                (Concentrations::default(), route.at(time).degrees())
            }
            Some(route) => {
                let spot = route.at(time);
                (moment.at(&Neighbourhood::new(spot)), spot.degrees())
            }
        };
        Scene { air, weather: moment.weather, water, flue, position }
    }
}

fn unit(number: usize, post: &Post, dice: Dice, rates: FaultRates) -> Unit {
    let (kind, spot) = (post.kind, post.spot);
    let section = SECTIONS.iter().find(|s| s.key == post.key).map(|s| (s.stream, s.part));
    let mover = VEHICLES.iter().chain(&PATROLS).find(|mover| mover.key == post.key);
    let route = mover.map(|mover| mover.route(dice));
    let stack = STACKS.iter().position(|s| s.key == post.key && kind == PlaceKind::Stack);
    let dice = dice.named("device").numbered(number as u64);
    let (grade, realtime_s, kinds): (_, _, &'static [Kind]) = match kind {
        PlaceKind::AirStation => (Grade::Standard, 30, &Kind::ALL),
        PlaceKind::WeatherStation => {
            (Grade::Weather, 60, &[Kind::Realtime, Kind::Minute, Kind::Hour])
        }
        PlaceKind::WaterSite => (Grade::Water, 60, &[Kind::Hour]),
        PlaceKind::DustSite => (Grade::Dust, 60, &[Kind::Realtime, Kind::Minute, Kind::Hour]),
        PlaceKind::Stack => (Grade::Stack, 60, &[Kind::Realtime, Kind::Hour]),
        PlaceKind::Vehicle => (Grade::Vehicle, 15, &[Kind::Realtime]),
        PlaceKind::Patrol => (Grade::Patrol, 30, &[Kind::Realtime]),
        _ => (Grade::Micro, 60, &[Kind::Realtime, Kind::Hour]),
    };
    Unit {
        habit: Habit::new(number, dice, rates, realtime_s * SECOND_MS, kinds),
        sensor: Sensor::new(grade, dice, &rates),
        near: Neighbourhood::new(spot),
        section,
        stack,
        route,
    }
}

/// The device at a post. Names on the wire have 24 hex digits, as an EPC-96 has; the class says
/// what it is, the serial number which.
fn device(number: usize, post: &Post) -> Device {
    let class = match post.kind {
        PlaceKind::AirStation => 0x00_0022,
        PlaceKind::WeatherStation => 0x00_0024,
        PlaceKind::WaterSite => 0x00_0021,
        PlaceKind::Stack => 0x00_0031,
        PlaceKind::DustSite => 0x00_0039,
        PlaceKind::Vehicle => 0x00_0222,
        PlaceKind::Patrol => 0x00_0322,
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
        ..Device::default()
    }
}
