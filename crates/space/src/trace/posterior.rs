//! How well each place explains what was measured.

use super::background::rises;
use super::drift::{Mixing, Release, Stability};
use super::evidence::{Why, why};
use super::scene::{Fit, Scene};
use super::wind::{Doubt, Winds};
use super::{Complaint, Emitter, Ground, Refusal, Sounding};
use rayon::prelude::*;

/// What the answer rests on besides the soundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// How air mixes in the window.
    pub mixing: Mixing,
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
    /// Power of the evidence, 0 to 1, at most: values that follow each other are not independent.
    pub temper: f64,
    /// So many independent values all values together count as, at most: what the air does by itself is shared by instruments
    /// and lasts for hours, so a hundred more of them say little more.
    pub independent: f64,
    /// Probability that what rose comes from something that the model does not hold, such as what many small sources do by
    /// themselves: then what was measured says nothing, and the answer is what it was before any sounding.
    pub astray: f64,
    /// The series whose rise is asked about: its word is not thinned by how many others there are, so that of several sources the
    /// one comes first that explains it.
    pub about: Option<usize>,
    /// Spread of the model's errors on the scale of logarithms.
    pub factor_sd: f64,
    /// Looks within one sounding, at most.
    pub looks: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            mixing: Mixing::Class(Stability::D),
            lid_m: 800.0,
            age_max_s: 7_200.0,
            rate_g_s: (0.01, 1_000.0),
            unknown: 0.4,
            none: 0.1,
            temper: 0.5,
            independent: 600.0,
            astray: 0.0,
            about: None,
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

/// Gain of a reversed wind from which it is said, as a logarithm.
const REVERSED: f64 = 3.0;

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
    let scene = Scene::new(soundings, complaints, rises, tuning, winds);
    let members = scene.members(winds);
    let known: Vec<Option<Fit>> = emitters
        .par_iter()
        .map(|emitter| emitter.emits.then(|| scene.fit(&members, &emitter.release())))
        .collect();
    let rasters = scene.rasters(&members, ground);
    let cells = scene.cells(&members, rasters.as_ref(), ground);
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
    let back = scene.reversed(winds);
    let listed = emitters.iter().filter(|emitter| emitter.emits).map(Emitter::release);
    let listed: Vec<f64> = listed.map(|release| scene.fit(&back, &release).log).collect();
    let step = cells.len().div_ceil(100).max(1);
    // turned by half a circle it has the raster of the first member
    let some = (0..cells.len()).step_by(step);
    let some: Vec<f64> =
        some.map(|cell| scene.cell(&back, rasters.as_ref(), ground, cell).log).collect();
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
    let likeliest = (0..cells.len()).max_by(|a, b| cells[*a].log.total_cmp(&cells[*b].log));
    let likeliest = likeliest.unwrap_or(0);
    let spot = scene.fit(&members, &ground.release(likeliest));
    Ok(assemble(&scene, emitters, ground, &known, (&cells, likeliest, &spot), winds, doubts))
}

fn assemble(
    scene: &Scene,
    emitters: &[Emitter],
    ground: &Ground,
    known: &[Option<Fit>],
    (cells, likeliest, spot): (&[Fit], usize, &Fit),
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
    let mut cell_shares: Vec<f64> = cells.iter().map(|fit| (fit.log - cell_total).exp()).collect();
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
    if !cells.is_empty() {
        candidates.push(Candidate {
            share: Share::Unknown,
            probability: (unknown - total).exp(),
            at_m: ground.middle_m(likeliest),
            rate_g_s: scene.rate(spot),
            on_s: scene.on_s(spot),
            why: why(scene, spot, winds, None),
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
    go_astray(&mut candidates, &mut cell_shares, tuning, open / listed);
    candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let regions = [0.5, 0.9].map(|share| region(share, &candidates, &cell_shares));
    let pair = pair.map(|(a, b, log)| (a, b, (1.0 - tuning.astray) * (log - total).exp()));
    Answer { candidates, pair, cells: cell_shares, regions, doubts }
}

/// Mixes what was found with what was thought before, by the probability that the model holds not what rose. `each` is what an
/// emitter had before.
fn go_astray(candidates: &mut [Candidate], cells: &mut [f64], tuning: &Tuning, each: f64) {
    let astray = tuning.astray.clamp(0.0, 1.0);
    let before = |share: Share| match share {
        Share::Known(_) => each,
        Share::Unknown => tuning.unknown,
        Share::None => tuning.none,
    };
    // without emitters, or without cells, what they had is nobody's
    let all: f64 = candidates.iter().map(|candidate| before(candidate.share)).sum();
    for candidate in candidates {
        let found = (1.0 - astray) * candidate.probability;
        let lost = astray * before(candidate.share) / all.max(1e-12);
        candidate.probability = found + lost;
        if candidate.share == Share::Unknown {
            let even = lost / cells.len().max(1) as f64;
            let whole = candidate.probability.max(1e-300);
            for cell in cells.iter_mut() {
                *cell = (found * *cell + even) / whole;
            }
        }
    }
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

/// The logarithm of the sum of two exponentials.
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
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
