//! How well each place explains what was measured.

use super::background::rises;
use super::drift::{Drift, Release, Stability};
use super::evidence::{Why, why};
use super::wind::{Doubt, Winds};
use super::{Complaint, Emitter, Ground, Refusal, Rise, Sounding};
use std::collections::BTreeMap;

/// What the answer rests on besides the soundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// How air mixes in the window.
    pub stability: Stability,
    /// Height to which it mixes, m.
    pub lid_m: f64,
    /// How long what was let out is followed, s.
    pub age_max_s: f64,
    /// Rates that are possible, g/s.
    pub rate_g_s: (f64, f64),
    /// Probability before any sounding that the source is in no register.
    pub unknown: f64,
    /// Probability before any sounding that there is no source near.
    pub none: f64,
    /// Power of the evidence, 0 to 1: how many of the values count as independent.
    pub temper: f64,
    /// Spread of the model's errors on the scale of logarithms.
    pub factor_sd: f64,
    /// Looks within one sounding, at most.
    pub looks: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            stability: Stability::D,
            lid_m: 800.0,
            age_max_s: 7_200.0,
            rate_g_s: (0.01, 1_000.0),
            unknown: 0.25,
            none: 0.1,
            temper: 0.15,
            factor_sd: 1.0,
            looks: 3,
        }
    }
}

/// Which hypothesis a share of the probability belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// An emitter of the register, by its index.
    Known(usize),
    /// Some place that is in no register.
    Unknown,
    /// No source near: the whole air rose, or nothing did.
    None,
}

/// One answer with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What it is.
    pub share: Share,
    /// 0 to 1.
    pub probability: f64,
    /// Where, m: the emitter, or the likeliest cell.
    pub at_m: [f64; 2],
    /// Rate: one in twenty below, middle, one in twenty above, g/s.
    pub rate_g_s: [f64; 3],
    /// Seconds in which it let out, as far as the window tells: likeliest first and last.
    pub on_s: [f64; 2],
    /// What speaks for it and against.
    pub why: Why,
}

/// Cells that hold a share of the probability of unknown places and emitters together.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// The share, 0 to 1.
    pub share: f64,
    /// Numbers of cells of the ground.
    pub cells: Vec<usize>,
    /// Emitters that belong to it.
    pub emitters: Vec<usize>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Likeliest first; probabilities sum to 1.
    pub candidates: Vec<Candidate>,
    /// Two emitters that together explain more than one, with the probability that both let out.
    pub pair: Option<(usize, usize, f64)>,
    /// Probability of each cell of the ground, given that the source is in no register; sums to 1.
    pub cells: Vec<f64>,
    /// 50 % and 90 %.
    pub regions: [Region; 2],
    /// What makes it less sure.
    pub doubts: Vec<Doubt>,
}

/// Rates that are tried, spread over their logarithms.
const RATES: usize = 15;
/// Parts of the window; a release begins with one and ends with one.
const PARTS: usize = 6;
/// Winds and widths that are tried: turn (in standard deviations), speed, spread, weight.
const MEMBERS: [(f64, f64, f64, f64); 5] = [
    (0.0, 1.0, 1.0, 0.32),
    (-1.2, 1.0, 1.0, 0.20),
    (1.2, 1.0, 1.0, 0.20),
    (0.0, 0.8, 1.8, 0.14),
    (0.0, 1.2, 0.6, 0.14),
];
/// What the model is off by in all of its values together, on the scale of logarithms; it widens rates.
const SYSTEMATIC_SD: f64 = 0.6;
/// Gain of a reversed wind from which it is said, as a logarithm.
const REVERSED: f64 = 3.0;

/// What a set of soundings is asked with.
pub(crate) struct Scene<'a> {
    pub soundings: &'a [Sounding],
    pub complaints: &'a [Complaint],
    pub rises: Vec<Rise>,
    pub tuning: &'a Tuning,
    /// Of each rise: its value on the scale of `asinh`, twice its noise, and its density when nothing is added.
    levels: Vec<(f64, f64, f64)>,
    /// Seconds that are looked at, in order.
    instants: Vec<i64>,
    /// Of each rise, and then of each complaint: which of them.
    looks: Vec<Vec<usize>>,
    /// First and last second.
    span_s: [f64; 2],
    /// Of each rise: the part of the window that it lies in.
    parts: Vec<usize>,
    rates: [f64; RATES],
}

/// One member's winds, followed to each instant that is looked at.
struct Member {
    /// One for each instant of [`Scene::instants`].
    drifts: Vec<Drift>,
    weight: f64,
}

/// The logarithm of how well a source explains everything, and what it would add where.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub log: f64,
    /// Logarithm by rate, all members together.
    by_rate: [f64; RATES],
    /// Parts of the window in which it let out, first and last.
    on: [usize; 2],
    /// What 1 g/s adds at each rise, in the mean of the members.
    pub adds: Vec<(usize, f64)>,
}

/// Where it comes from.
///
/// # Errors
///
/// When fewer than two instruments spoke, or nothing rose above its background.
pub fn trace(
    soundings: &[Sounding],
    complaints: &[Complaint],
    winds: &Winds,
    emitters: &[Emitter],
    ground: &Ground,
    tuning: &Tuning,
) -> Result<Answer, Refusal> {
    let rises = rises(soundings);
    let mut series: Vec<usize> = rises.iter().map(|rise| soundings[rise.sounding].series).collect();
    series.sort_unstable();
    series.dedup();
    if series.len() < 2 {
        return Err(Refusal::TooFew { series: series.len() });
    }
    if !rises.iter().any(|rise| rise.value > 4.0 * rise.noise) {
        return Err(Refusal::NoRise);
    }
    let scene = Scene::new(soundings, complaints, rises, tuning);
    let members = scene.members(winds);
    let known: Vec<Option<Fit>> = emitters
        .iter()
        .map(|emitter| emitter.emits.then(|| scene.fit(&members, &emitter.release())))
        .collect();
    let cells: Vec<Fit> = (0..ground.cols * ground.rows)
        .map(|cell| scene.fit(&members, &ground.release(cell)))
        .collect();
    let mut doubts = winds.doubts();
    let evidence = |known: &[f64], cells: &[f64]| {
        let open = (1.0 - tuning.unknown - tuning.none).max(1e-6) / known.len().max(1) as f64;
        let each = (tuning.unknown / cells.len().max(1) as f64).max(1e-12);
        let known = known.iter().map(|log| log + open.ln());
        log_sum(known.chain(cells.iter().map(|log| log + each.ln())))
    };
    let logs = |fits: &mut dyn Iterator<Item = &Fit>| fits.map(|fit| fit.log).collect::<Vec<_>>();
    let forward = evidence(&logs(&mut known.iter().flatten()), &logs(&mut cells.iter()));
    // a wind that is wrong by half a circle is wrong by more than its spread: one member tells it
    let mut back = scene.members(&winds.turned(180.0, 1.0));
    back.truncate(1);
    back[0].weight = 1.0;
    let listed = emitters.iter().filter(|emitter| emitter.emits).map(Emitter::release);
    let listed: Vec<f64> = listed.map(|release| scene.fit(&back, &release).log).collect();
    let step = cells.len().div_ceil(100).max(1);
    let some = (0..cells.len()).step_by(step).map(|cell| ground.release(cell));
    let some: Vec<f64> = some.map(|release| scene.fit(&back, &release).log).collect();
    let reversed = evidence(&listed, &some);
    if reversed - forward > REVERSED {
        doubts.push(Doubt::WindMayBeReversed { gain: reversed - forward });
    }
    if forward < tuning.none.max(1e-12).ln() {
        doubts.push(Doubt::NothingFits);
    }
    let outside = emitters.iter().filter(|emitter| emitter.emits && !ground.holds(emitter.at_m));
    let count = outside.count();
    if count > 0 {
        doubts.push(Doubt::EmittersOutside { count });
    }
    Ok(assemble(&scene, emitters, ground, &known, &cells, winds, doubts))
}

fn assemble(
    scene: &Scene,
    emitters: &[Emitter],
    ground: &Ground,
    known: &[Option<Fit>],
    cells: &[Fit],
    winds: &Winds,
    doubts: Vec<Doubt>,
) -> Answer {
    let tuning = scene.tuning;
    let listed = known.iter().flatten().count().max(1) as f64;
    let open = (1.0 - tuning.unknown - tuning.none).max(1e-6);
    // one that reports more than usual was likelier before, one that reports less was not
    let told = |emitter: &Emitter| emitter.reported.map_or(1.0, |times| times.clamp(0.3, 4.0));
    let mut logs: Vec<f64> = known
        .iter()
        .zip(emitters)
        .map(|(fit, emitter)| {
            fit.as_ref()
                .map_or(f64::NEG_INFINITY, |fit| fit.log + (open / listed * told(emitter)).ln())
        })
        .collect();
    let each = (tuning.unknown / cells.len().max(1) as f64).max(1e-12).ln();
    let unknown = log_sum(cells.iter().map(|fit| fit.log + each));
    let pair = best_pair(scene, known, emitters, open / listed);
    if let Some((a, b, log)) = pair {
        let both = [logs[a], logs[b]];
        for (at, before) in [(a, both[0]), (b, both[1])] {
            // a pair speaks for each of the two, by their own shares
            let share = (before - log_sum(both.into_iter())).exp();
            logs[at] = log_sum([before, log + share.max(1e-3).ln()].into_iter());
        }
    }
    let none = tuning.none.max(1e-12).ln();
    let total = log_sum(logs.iter().copied().chain([unknown, none]));
    let cell_total = log_sum(cells.iter().map(|fit| fit.log));
    let cell_shares: Vec<f64> = cells.iter().map(|fit| (fit.log - cell_total).exp()).collect();
    let likeliest =
        (0..cells.len()).max_by(|a, b| cells[*a].log.total_cmp(&cells[*b].log)).unwrap_or(0);
    let mut candidates: Vec<Candidate> = vec![];
    for (at, fit) in known.iter().enumerate() {
        let Some(fit) = fit else { continue };
        candidates.push(Candidate {
            share: Share::Known(at),
            probability: (logs[at] - total).exp(),
            at_m: emitters[at].at_m,
            rate_g_s: scene.rate(fit),
            on_s: scene.on_s(fit),
            why: why(scene, fit, winds, Some(&emitters[at])),
        });
    }
    if let Some(fit) = cells.get(likeliest) {
        candidates.push(Candidate {
            share: Share::Unknown,
            probability: (unknown - total).exp(),
            at_m: ground.middle_m(likeliest),
            rate_g_s: scene.rate(fit),
            on_s: scene.on_s(fit),
            why: why(scene, fit, winds, None),
        });
    }
    candidates.push(Candidate {
        share: Share::None,
        probability: (none - total).exp(),
        at_m: [f64::NAN; 2],
        rate_g_s: [0.0; 3],
        on_s: [f64::NAN; 2],
        why: Why::default(),
    });
    candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let regions = [0.5, 0.9].map(|share| region(share, &candidates, &cell_shares));
    let pair = pair.map(|(a, b, log)| (a, b, (log - total).exp()));
    Answer { candidates, pair, cells: cell_shares, regions, doubts }
}

/// The smallest set of cells and emitters that holds a share of all probability but that of *none*.
fn region(share: f64, candidates: &[Candidate], cells: &[f64]) -> Region {
    let mut parts: Vec<(f64, Option<usize>, usize)> = vec![];
    for candidate in candidates {
        match candidate.share {
            Share::Known(at) => parts.push((candidate.probability, Some(at), 0)),
            Share::Unknown => {
                let each = cells.iter().enumerate();
                parts.extend(each.map(|(at, cell)| (candidate.probability * cell, None, at)));
            }
            Share::None => {}
        }
    }
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let total: f64 = parts.iter().map(|part| part.0).sum();
    let (mut region, mut held) = (Region { share, cells: vec![], emitters: vec![] }, 0.0);
    for (probability, emitter, cell) in parts {
        if held >= share * total {
            break;
        }
        held += probability;
        match emitter {
            Some(at) => region.emitters.push(at),
            None => region.cells.push(cell),
        }
    }
    region
}

/// The two emitters that together explain more than each alone; their logarithm with their prior.
fn best_pair(
    scene: &Scene,
    known: &[Option<Fit>],
    emitters: &[Emitter],
    prior: f64,
) -> Option<(usize, usize, f64)> {
    const FEW: usize = 5;
    /// That two let out at once is this much rarer than that one does.
    const RARER: f64 = 0.1;
    let mut order: Vec<usize> = (0..known.len()).filter(|at| known[*at].is_some()).collect();
    let log = |at: usize| known[at].as_ref().map_or(f64::NEG_INFINITY, |fit| fit.log);
    order.sort_by(|a, b| log(*b).total_cmp(&log(*a)));
    order.truncate(FEW.min(emitters.len()));
    let mut best: Option<(usize, usize, f64)> = None;
    for (place, a) in order.iter().enumerate() {
        for b in &order[place + 1..] {
            let (Some(one), Some(other)) = (&known[*a], &known[*b]) else { continue };
            let log = scene.together(one, other) + (prior * RARER).ln();
            if best.is_none_or(|(_, _, least)| log > least) {
                best = Some((*a, *b, log));
            }
        }
    }
    best
}

impl<'a> Scene<'a> {
    fn new(
        soundings: &'a [Sounding],
        complaints: &'a [Complaint],
        rises: Vec<Rise>,
        tuning: &'a Tuning,
    ) -> Self {
        let (low, high) = tuning.rate_g_s;
        let step = (high / low).max(1.0).ln() / (RATES - 1) as f64;
        let rates = std::array::from_fn(|at| low * (step * at as f64).exp());
        let level = |rise: &Rise| {
            let scale = 2.0 * rise.noise;
            let level = (rise.value / scale).asinh();
            (level, scale, log_density(level, 0.0, 0.5))
        };
        let levels = rises.iter().map(level).collect();
        let seconds: Vec<Vec<i64>> = rises
            .iter()
            .map(|rise| looks_of(&soundings[rise.sounding], tuning.looks.max(1)).collect())
            .chain(complaints.iter().map(|complaint| vec![complaint.at_s.round() as i64]))
            .collect();
        let mut instants: Vec<i64> = seconds.iter().flatten().copied().collect();
        instants.sort_unstable();
        instants.dedup();
        let number = |second: &i64| instants.partition_point(|instant| instant < second);
        let looks = seconds.iter().map(|each| each.iter().map(number).collect()).collect();
        let each = || rises.iter().map(|rise| &soundings[rise.sounding]);
        let first = each().map(|sounding| sounding.from_s).fold(f64::INFINITY, f64::min);
        let last = each().map(|sounding| sounding.to_s).fold(f64::NEG_INFINITY, f64::max);
        let part = |sounding: &Sounding| {
            let middle = f64::midpoint(sounding.from_s, sounding.to_s) - first;
            ((middle / (last - first).max(1e-9) * PARTS as f64) as usize).min(PARTS - 1)
        };
        let parts = each().map(part).collect();
        let span_s = [first, last];
        Self { soundings, complaints, rises, tuning, levels, instants, looks, span_s, parts, rates }
    }

    fn members(&self, winds: &Winds) -> Vec<Member> {
        let spread_deg = winds.direction_sd_deg.clamp(2.0, 90.0);
        MEMBERS
            .iter()
            .map(|(turn, speed, spread, weight)| {
                let winds = winds.turned(turn * spread_deg, *speed);
                let tuning = self.tuning;
                let drift = |at: &i64| {
                    let (age, lid) = (tuning.age_max_s, tuning.lid_m);
                    Drift::new(&winds, *at as f64, age, tuning.stability, lid, *spread)
                };
                Member { drifts: self.instants.iter().map(drift).collect(), weight: *weight }
            })
            .collect()
    }

    fn coupling(&self, member: &Member, release: &Release, rise: usize) -> f64 {
        const POINTS: u32 = 24;
        let sounding = &self.soundings[self.rises[rise].sounding];
        let looks = &self.looks[rise];
        let mut sum = 0.0;
        for look in looks {
            let drift = &member.drifts[*look];
            let Some(to) = sounding.to_m else {
                sum += drift.coupling(release, sounding.at_m, sounding.height_m);
                continue;
            };
            for point in 0..POINTS {
                let part = (f64::from(point) + 0.5) / f64::from(POINTS);
                let along =
                    |axis: usize| sounding.at_m[axis] + part * (to[axis] - sounding.at_m[axis]);
                let on = [along(0), along(1)];
                sum += drift.coupling(release, on, sounding.height_m) / f64::from(POINTS);
            }
        }
        sum / looks.len().max(1) as f64
    }

    /// How much better a source explains everything than none does, over all rates, winds and widths.
    fn fit(&self, members: &[Member], release: &Release) -> Fit {
        let mut by_rate = [f64::NEG_INFINITY; RATES];
        let (mut most, mut on) = (f64::NEG_INFINITY, [0, PARTS - 1]);
        let mut adds = vec![0.0; self.rises.len()];
        let least = 0.05 / self.tuning.rate_g_s.1;
        for member in members {
            let mut hits: Vec<(usize, f64)> = vec![];
            for (at, rise) in self.rises.iter().enumerate() {
                let add = self.coupling(member, release, at);
                if add > least * rise.noise {
                    hits.push((at, add));
                    adds[at] += member.weight * add;
                }
            }
            let noticed_at = self.complaints.iter().zip(&self.looks[self.rises.len()..]);
            let smelt: Vec<f64> = noticed_at
                .map(|(complaint, look)| {
                    member.drifts[look[0]].coupling(release, complaint.at_m, 1.5)
                })
                .collect();
            for (log, rate) in by_rate.iter_mut().zip(self.rates) {
                let mut gains = [0.0; PARTS];
                for (at, add) in &hits {
                    gains[self.parts[*at]] += self.gain(*at, rate * add);
                }
                let noticed: f64 = smelt.iter().map(|add| self.noticed(rate * add)).sum();
                let mut whole = f64::NEG_INFINITY;
                for from in 0..PARTS {
                    let mut gain = 0.0;
                    for (to, more) in gains.iter().enumerate().skip(from) {
                        gain += more;
                        let all = self.tuning.temper * gain;
                        whole = log_add(whole, all);
                        if all > most {
                            (most, on) = (all, [from, to]);
                        }
                    }
                }
                let whole = whole - (0.5 * (PARTS * (PARTS + 1)) as f64).ln();
                *log = log_add(*log, whole + noticed + member.weight.ln());
            }
        }
        let log = log_sum(by_rate.iter().copied()) - (RATES as f64).ln();
        let adds = adds.into_iter().enumerate().filter(|(_, add)| *add > 0.0).collect();
        Fit { log, by_rate, on, adds }
    }

    /// By how much more likely a rise is when so much was added, as a logarithm.
    fn gain(&self, rise: usize, added: f64) -> f64 {
        let (level, scale, without) = self.levels[rise];
        // where little is expected the noise of the instrument is all there is, where much is the model's own
        let share = added / (added + scale);
        let sd = 0.5 + (self.tuning.factor_sd - 0.5).max(0.0) * share;
        let ratio = added / scale;
        log_density(level, (ratio + (ratio * ratio + 1.0).sqrt()).ln(), sd) - without
    }

    /// A complaint is a weak witness: one in five has another cause.
    fn noticed(&self, added: f64) -> f64 {
        let noise = self.rises.iter().map(|rise| rise.noise).fold(f64::INFINITY, f64::min);
        let strong = added / (added + 5.0 * noise);
        ((0.2 + 0.8 * strong) / 0.4).ln()
    }

    /// How well two together explain everything, each at its own rate.
    fn together(&self, one: &Fit, other: &Fit) -> f64 {
        let mut adds: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
        for (number, fit) in [one, other].into_iter().enumerate() {
            let is_on = |at: &usize| (fit.on[0]..=fit.on[1]).contains(&self.parts[*at]);
            for (at, add) in fit.adds.iter().filter(|(at, _)| is_on(at)) {
                adds.entry(*at).or_default()[number] = *add;
            }
        }
        let rates = || self.rates.iter().step_by(2);
        let each = rates().flat_map(|a| rates().map(move |b| (a, b)));
        let count = (RATES.div_ceil(2) as f64).powi(2);
        let log = |(a, b): (&f64, &f64)| {
            let sum =
                adds.iter().map(|(at, add)| self.gain(*at, a * add[0] + b * add[1])).sum::<f64>();
            self.tuning.temper * sum
        };
        log_sum(each.map(log)) - count.ln()
    }

    fn on_s(&self, fit: &Fit) -> [f64; 2] {
        let [first, last] = self.span_s;
        let edge = |part: usize| first + (last - first) * part as f64 / PARTS as f64;
        [edge(fit.on[0]), edge(fit.on[1] + 1)]
    }

    /// One in twenty below, middle, one in twenty above.
    fn rate(&self, fit: &Fit) -> [f64; 3] {
        let total = log_sum(fit.by_rate.iter().copied());
        let shares = fit.by_rate.map(|log| (log - total).exp());
        let mean: f64 = shares.iter().zip(self.rates).map(|(share, rate)| share * rate.ln()).sum();
        let off = |rate: f64| (rate.ln() - mean).powi(2);
        let variance: f64 =
            shares.iter().zip(self.rates).map(|(share, rate)| share * off(rate)).sum();
        let sd = (variance + SYSTEMATIC_SD.powi(2)).sqrt();
        [-1.645, 0.0, 1.645].map(|step| (mean + step * sd).exp())
    }
}

impl Emitter {
    pub(crate) fn release(&self) -> Release {
        Release { at_m: self.at_m, height_m: self.height_m, width_m: self.width_m }
    }
}

impl Ground {
    pub(crate) fn release(&self, cell: usize) -> Release {
        Release { at_m: self.middle_m(cell), height_m: self.height_m, width_m: self.cell_m }
    }
}

/// Seconds at which a sounding is looked at.
fn looks_of(sounding: &Sounding, count: usize) -> impl Iterator<Item = i64> {
    let (from, span) = (sounding.from_s, (sounding.to_s - sounding.from_s).max(0.0));
    (0..count).map(move |at| (from + span * (at as f64 + 0.5) / count as f64).round() as i64)
}

/// Student's density with four degrees of freedom.
fn log_density(level: f64, expected: f64, sd: f64) -> f64 {
    let off = (level - expected) / sd;
    -(sd * (1.0 + 0.25 * off * off).powi(2) * (1.0 + 0.25 * off * off).sqrt()).ln()
}

/// The logarithm of the sum of two exponentials.
fn log_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// The logarithm of a sum of exponentials.
pub(crate) fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + logs.map(|log| (log - most).exp()).sum::<f64>().ln()
}
