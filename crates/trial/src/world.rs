//! A world and its turns.

mod damage;
mod faults;
mod turns;

use crate::book::Book;
use crate::clock;
use crate::device::Device;
use crate::dice::{Dice, mixed};
use crate::disk::Disk;
use crate::line::Line;
use crate::plant::Plant;
use crate::promises::{Broken, Probe, Promise, Scene};
use crate::scenario::Scenario;
use crate::server::{BEGINNING, Ground, Server, name_of_device};
use gateway::hj212::Clock;
use model::{HOUR_MS, MINUTE_MS, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// The turn in which a defect is planted.
pub const PLANTED: u32 = 25;

/// What a world came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A digest of everything that happened: equal for equal seeds.
    pub trace: u64,
    /// Turns of the engine that were kept.
    pub turns: u64,
    /// Frames whose acknowledgement left the server.
    pub acknowledged: u64,
    /// Versions of readings that were kept.
    pub versions: u64,
    /// Days that were sealed.
    pub seals: u64,
    /// Restarts after a kill or a power cut.
    pub restarts: u64,
    /// Of them, those in the middle of an operation.
    pub cuts: u64,
    /// Turns and seals that the disk refused.
    pub refused: u64,
}

/// A broken promise, and how to see it again.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The scenario.
    pub scenario: &'static str,
    /// In which turn.
    pub turn: u32,
    /// What broke.
    pub broken: Broken,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, scenario, turn, broken } = self;
        write!(
            out,
            "turn {turn}: {broken}\nagain: cargo xtask sim --seed {seed} --scenario {scenario}"
        )
    }
}

impl std::error::Error for Failure {}

/// A world in its course.
pub struct World<'a> {
    ground: &'a Ground,
    scenario: &'a Scenario,
    dice: Dice,
    /// The dice of the checks, so that a check more changes nothing in the world.
    eyes: Dice,
    turn: u32,
    now: Timestamp,
    clock: Clock,
    disk: Disk,
    /// `None` only while it is being started again.
    server: Option<Server>,
    devices: Vec<Device>,
    lines: Vec<Line>,
    book: Book,
    probes: Vec<Probe>,
    /// Turns for which the disk stays full.
    full_until: u32,
    /// Turns for which the archive takes no files.
    refuses_until: u32,
    /// Rows of a row group of the archive.
    rows: usize,
    /// Files that stand in the archive's way meanwhile.
    in_the_way: Vec<PathBuf>,
    /// Whether the last turn was refused: its arrivals wait, and nothing more is read.
    is_full: bool,
    /// Answers that have left the server, by line, as far as no whole frame of them has left.
    leaving: BTreeMap<usize, Vec<u8>>,
    plant: Option<(Plant, Promise)>,
    report: Report,
}

/// Plays a world to its end. With a plant, only the promise that it breaks is looked at.
///
/// # Errors
/// The first promise that breaks.
pub fn run(
    seed: u64,
    scenario: &'static Scenario,
    plant: Option<(Plant, Promise)>,
) -> Result<Report, Failure> {
    let failed = |broken| Failure { seed, scenario: scenario.name, turn: 0, broken };
    let ground = Ground::new().map_err(failed)?;
    run_on(&ground, seed, scenario, plant)
}

/// As [`run`], on ground that is there already.
///
/// # Errors
/// The first promise that breaks.
pub fn run_on(
    ground: &Ground,
    seed: u64,
    scenario: &'static Scenario,
    plant: Option<(Plant, Promise)>,
) -> Result<Report, Failure> {
    let failed = |turn, broken| Failure { seed, scenario: scenario.name, turn, broken };
    let mut world = World::new(ground, seed, scenario).map_err(|broken| failed(0, broken))?;
    world.plant = plant;
    for _ in 0..scenario.turns {
        world.step().map_err(|broken| failed(world.turn, broken))?;
    }
    let turn = world.turn;
    world.end().map_err(|broken| failed(turn, broken))
}

impl<'a> World<'a> {
    /// A world at its beginning.
    ///
    /// # Errors
    /// When the server does not start.
    pub fn new(ground: &'a Ground, seed: u64, scenario: &'a Scenario) -> Result<Self, Broken> {
        let mut dice = Dice::new(seed).named(scenario.name);
        let eyes = dice.named("eyes");
        let places = 1 + dice.below(3) as u32;
        // Each world begins at another hour, so that ends of days fall into different turns.
        let now = BEGINNING + dice.between(0, 47) * HOUR_MS / 2;
        clock::set(now);
        let rows = if dice.chance(120) { 64 } else { 1 << 12 };
        let disk = Disk::new().map_err(|error| Broken::stopped(&error))?;
        let server = Server::start(ground, &disk, places, (rows, 0))?;
        let clock = Clock::new("Asia/Shanghai", clock::now);
        let clock = clock.map_err(|error| Broken::stopped(&error))?;
        let first = now.floor(HOUR_MS) - dice.between(0, 30) * HOUR_MS;
        let devices: Vec<_> =
            (0..places).map(|number| Device::new(name_of_device(number), first)).collect();
        let mut book = Book::default();
        for device in &devices {
            let id = server.engine.reader().view().registry().device_id(&device.mn);
            book.devices.extend(id.map(|id| (device.mn.clone(), id)));
        }
        Ok(Self {
            ground,
            scenario,
            dice,
            eyes,
            turn: 0,
            now,
            clock,
            disk,
            server: Some(server),
            devices,
            lines: vec![],
            book,
            probes: vec![],
            full_until: 0,
            refuses_until: 0,
            rows,
            in_the_way: vec![],
            is_full: false,
            leaving: BTreeMap::new(),
            plant: None,
            report: Report::default(),
        })
    }

    /// One turn: time passes, devices speak, lines carry, the server keeps and answers, days are sealed,
    /// something fails; then the promises are checked.
    ///
    /// # Errors
    /// The first promise that breaks.
    pub fn step(&mut self) -> Result<(), Broken> {
        self.turn += 1;
        self.pass_time();
        self.plant()?;
        self.speak();
        self.carry();
        self.keep()?;
        self.answer();
        self.act()?;
        self.seal()?;
        self.fail()?;
        self.check(self.turn.is_multiple_of(12))
    }

    /// The end: everything in flight arrives, the server is started once more, everything is looked at.
    ///
    /// # Errors
    /// The first promise that breaks.
    pub fn end(mut self) -> Result<Report, Broken> {
        self.full_until = 0;
        self.allow_files();
        self.restart()?;
        self.check(true)?;
        if self.scenario.damage {
            self.damage()?;
        }
        self.report.acknowledged = self.book.answered.len() as u64;
        self.report.versions = self.book.versions.values().map(|of| of.len() as u64).sum();
        let Report { turns, acknowledged, versions, seals, restarts, cuts, refused, .. } =
            self.report;
        self.note(&[turns, acknowledged, versions, seals, restarts, cuts, refused]);
        Ok(self.report)
    }

    fn pass_time(&mut self) {
        let (least, most) = self.scenario.minutes;
        let mut passed = self.dice.between(least * MINUTE_MS, most * MINUTE_MS);
        if self.dice.chance(self.scenario.jump) {
            passed = self.dice.between(-24 * HOUR_MS, 24 * HOUR_MS);
        }
        self.now = self.now + passed;
        clock::set(self.now);
    }

    fn plant(&mut self) -> Result<(), Broken> {
        let Some((plant, _)) = self.plant.filter(|_| self.turn == PLANTED) else { return Ok(()) };
        let now = self.now;
        if let Some(server) = &mut self.server {
            plant.set(server, &self.disk, now)?;
        }
        if plant == Plant::ReadingsGone { self.restart() } else { Ok(()) }
    }

    /// Looks whether every promise is kept.
    fn check(&mut self, is_thorough: bool) -> Result<(), Broken> {
        let Some(server) = &self.server else { return Ok(()) };
        let reader = server.engine.reader();
        let scene = Scene {
            book: &self.book,
            reader: &reader,
            law: &self.ground.law,
            zone: &self.ground.zone,
            now: self.now,
            is_behind: server.engine.is_behind(self.now),
            only: self.plant.map(|(_, promise)| promise),
        };
        if is_thorough {
            scene.look(&mut self.eyes, &self.probes)?;
            self.probes.push(scene.probe()?);
        } else {
            scene.glance(&mut self.eyes)?;
        }
        Ok(())
    }

    /// Puts numbers into the trace.
    fn note(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.report.trace = mixed(self.report.trace, *number);
        }
    }
}
