//! A set of soundings made ready: what rose, when it is looked at, and how well a source explains it.

use super::background::Rise;
use super::drift::{Drift, Release};
use super::gain::{Gains, RATES};
use super::kernel::{Kernel, NOTHING};
use super::posterior::{Tuning, log_add, log_sum};
use super::wind::Winds;
use super::{Complaint, Ground, Sounding};
use rayon::prelude::*;
use std::collections::BTreeMap;

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
/// Points along a beam.
const POINTS: u32 = 24;
/// Instruments up to this far apart in height share a raster, m: cells of the ground are wide.
const STOREY_M: f64 = 4.0;
/// Longest stretch that one look stands for, s.
const LOOK_S: f64 = 600.0;

/// What a set of soundings is asked with.
pub(crate) struct Scene<'a> {
    pub soundings: &'a [Sounding],
    pub complaints: &'a [Complaint],
    pub rises: Vec<Rise>,
    pub tuning: &'a Tuning,
    gains: Gains,
    /// Seconds that are looked at, in order.
    instants: Vec<i64>,
    /// Of each rise, and then of each complaint: which of them.
    looks: Vec<Vec<usize>>,
    /// Of each rise: where it was measured, one spot or several along a beam.
    spots: Vec<Vec<[f64; 2]>>,
    /// First and last second.
    span_s: [f64; 2],
    /// Of each rise: the part of the window that it lies in.
    parts: Vec<usize>,
    rates: [f64; RATES],
    /// Power of the evidence.
    temper: f64,
}

/// One member's winds, followed to each instant that is looked at.
pub(crate) struct Member {
    /// One for each instant.
    drifts: Vec<Drift>,
    turn_deg: f64,
    speed: f64,
    spread: f64,
    weight: f64,
}

/// What cells of the ground make, by member and storey; members that differ by a turn share it.
pub(crate) struct Rasters {
    /// Of each member: which of `kernels`.
    of_member: Vec<usize>,
    /// By variant, storey and instant; none for an instant that few look at: a raster costs more than they do.
    kernels: Vec<Vec<Vec<Option<Kernel>>>>,
    /// Of each rise: its storey.
    storeys: Vec<usize>,
}

/// The logarithm of how well a source explains everything, and what it would add where.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub log: f64,
    /// Logarithm by rate, all members together.
    by_rate: [f64; RATES],
    /// Parts of the window in which it let out, first and last.
    on: [usize; 2],
    /// What 1 g/s adds at each rise, in the mean of the members; empty where nobody asked.
    pub adds: Vec<(usize, f64)>,
}

/// What gathers while members are asked.
struct Gathered {
    by_rate: [f64; RATES],
    most: f64,
    on: [usize; 2],
}

impl<'a> Scene<'a> {
    pub fn new(
        soundings: &'a [Sounding],
        complaints: &'a [Complaint],
        rises: Vec<Rise>,
        tuning: &'a Tuning,
        winds: &Winds,
    ) -> Self {
        let longest = winds.step_s().min(LOOK_S);
        let seconds: Vec<Vec<i64>> = rises
            .iter()
            .map(|rise| looks_of(&soundings[rise.sounding], tuning.looks.max(1), longest).collect())
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
        let spots = each().map(spots).collect();
        let temper = tuning.temper.min(tuning.independent / rises.len().max(1) as f64);
        // what is asked about speaks with the power of one who is alone
        let weight = |rise: &Rise| {
            let is_about = tuning.about == Some(soundings[rise.sounding].series);
            if is_about { tuning.temper / temper } else { 1.0 }
        };
        let weights = rises.iter().map(weight).collect();
        let gains = Gains::new(&rises, weights, tuning.rate_g_s, tuning.factor_sd);
        let rates = gains.rates();
        let span_s = [first, last];
        Self {
            soundings,
            complaints,
            rises,
            tuning,
            gains,
            instants,
            looks,
            spots,
            span_s,
            parts,
            rates,
            temper,
        }
    }

    /// Winds as they may have been.
    pub fn members(&self, winds: &Winds) -> Vec<Member> {
        let spread_deg = winds.direction_sd_deg.clamp(2.0, 90.0);
        let member = |(turn, speed, spread, weight): &(f64, f64, f64, f64)| {
            self.member(winds, (turn * spread_deg, *speed, *spread), *weight)
        };
        MEMBERS.iter().map(member).collect()
    }

    /// Winds turned by half a circle, alone.
    pub fn reversed(&self, winds: &Winds) -> Vec<Member> {
        vec![self.member(winds, (180.0, 1.0, 1.0), 1.0)]
    }

    fn member(&self, winds: &Winds, (turn, speed, spread): (f64, f64, f64), weight: f64) -> Member {
        let winds = winds.turned(turn, speed);
        let tuning = self.tuning;
        let drift = |at: &i64| {
            let (age, lid) = (tuning.age_max_s, tuning.lid_m);
            Drift::new(&winds, *at as f64, age, tuning.mixing, lid, spread)
        };
        let drifts = self.instants.iter().map(drift).collect();
        Member { drifts, turn_deg: turn, speed, spread, weight }
    }

    /// Rasters for the cells of a ground: made where looking up costs less than asking.
    pub fn rasters(&self, members: &[Member], ground: &Ground) -> Option<Rasters> {
        const MANY: usize = 100_000;
        /// Spots asked about at an instant from which a raster of it is made.
        const ASKED: usize = 16;
        let looked = || self.looks[..self.rises.len()].iter().zip(&self.spots);
        let looks: usize = looked().map(|(looks, spots)| looks.len() * spots.len()).sum();
        if looks * ground.cols * ground.rows < MANY {
            return None;
        }
        let storey = |rise: &Rise| (self.soundings[rise.sounding].height_m / STOREY_M) as i64;
        let mut heights: Vec<i64> = self.rises.iter().map(storey).collect();
        heights.sort_unstable();
        heights.dedup();
        let storeys = self.rises.iter().map(|rise| {
            let own = storey(rise);
            heights.partition_point(|height| *height < own)
        });
        let storeys: Vec<usize> = storeys.collect();
        let middles_m = self.middles_m(&storeys, heights.len());
        let mut asked = vec![0_usize; self.instants.len()];
        for (looks, spots) in looked() {
            for look in looks {
                asked[*look] += spots.len();
            }
        }
        let far_m = self.far_m(ground);
        let release = ground.release(0);
        let mut variants: Vec<(f64, f64)> = vec![];
        let (mut of_member, mut kernels) = (vec![], vec![]);
        for member in members {
            let own = (member.speed, member.spread);
            // one that is not turned comes first of its kind
            if let Some(known) = variants.iter().position(|variant| *variant == own) {
                of_member.push(known);
                continue;
            }
            of_member.push(variants.len());
            variants.push(own);
            let at = |middle_m: &f64| {
                let kernel = |(drift, asked): (&Drift, &usize)| {
                    (*asked >= ASKED).then(|| Kernel::new(drift, &release, *middle_m, far_m))
                };
                member.drifts.par_iter().zip(&asked).map(kernel).collect()
            };
            kernels.push(middles_m.iter().map(at).collect());
        }
        Some(Rasters { of_member, kernels, storeys })
    }

    /// How high the instruments of each storey stand, in their mean.
    fn middles_m(&self, storeys: &[usize], count: usize) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); count];
        for (rise, storey) in self.rises.iter().zip(storeys) {
            sums[*storey].0 += self.soundings[rise.sounding].height_m;
            sums[*storey].1 += 1.0;
        }
        sums.into_iter().map(|(sum, many)| sum / many).collect()
    }

    /// How far an instrument may be from a cell.
    fn far_m(&self, ground: &Ground) -> f64 {
        let low = ground.corner_m;
        let high = [
            low[0] + ground.cell_m * ground.cols as f64,
            low[1] + ground.cell_m * ground.rows as f64,
        ];
        let ends = self.rises.iter().flat_map(|rise| {
            let sounding = &self.soundings[rise.sounding];
            [sounding.at_m, sounding.to_m.unwrap_or(sounding.at_m)]
        });
        let far = |at: [f64; 2]| {
            let along =
                |axis: usize| (at[axis] - low[axis]).abs().max((at[axis] - high[axis]).abs());
            along(0).hypot(along(1))
        };
        ends.map(far).fold(0.0, f64::max)
    }

    fn coupling(&self, member: &Member, release: &Release, rise: usize) -> f64 {
        let sounding = &self.soundings[self.rises[rise].sounding];
        let looks = &self.looks[rise];
        let mut sum = 0.0;
        for look in looks {
            let drift = &member.drifts[*look];
            for at_m in &self.spots[rise] {
                sum += drift.coupling(release, *at_m, sounding.height_m);
            }
        }
        sum / (looks.len() * self.spots[rise].len()).max(1) as f64
    }

    /// How much better a source explains everything than none does, over all rates, winds and widths.
    pub fn fit(&self, members: &[Member], release: &Release) -> Fit {
        let mut gathered = Gathered::new();
        let mut adds = vec![0.0; self.rises.len()];
        for member in members {
            let mut gains = [[0.0_f32; RATES]; PARTS];
            for (at, sum) in adds.iter_mut().enumerate() {
                let add = self.coupling(member, release, at);
                if add > 0.0 {
                    *sum += member.weight * add;
                    self.gains.add(at, add.ln() as f32, &mut gains[self.parts[at]]);
                }
            }
            self.gather(member, release, &gains, &mut gathered);
        }
        let adds = adds.into_iter().enumerate().filter(|(_, add)| *add > 0.0).collect();
        gathered.fit(adds)
    }

    /// How well each cell of a ground explains everything: every second one each way first, the ones between only where one beside
    /// them is not hopeless; the hopeless ones take the word of the one beside them.
    pub fn cells(
        &self,
        members: &[Member],
        rasters: Option<&Rasters>,
        ground: &Ground,
    ) -> Vec<Fit> {
        const HOPELESS: f64 = 9.0;
        let count = ground.cols * ground.rows;
        let fit = |cell: usize| self.cell(members, rasters, ground, cell);
        if rasters.is_none() {
            return (0..count).into_par_iter().map(fit).collect();
        }
        let is_first = |cell: usize| {
            (cell % ground.cols).is_multiple_of(2) && (cell / ground.cols).is_multiple_of(2)
        };
        let firsts: Vec<Option<Fit>> =
            (0..count).into_par_iter().map(|cell| is_first(cell).then(|| fit(cell))).collect();
        let best = firsts.iter().flatten().map(|fit| fit.log).fold(f64::NEG_INFINITY, f64::max);
        let beside = |cell: usize| {
            let (col, row) = (cell % ground.cols, cell / ground.cols);
            let even = |at: usize, end: usize| [at - at % 2, at + at % 2].map(|at| at.min(end - 1));
            let near = even(row, ground.rows)
                .into_iter()
                .flat_map(|row| even(col, ground.cols).map(|col| row * ground.cols + col));
            let near = near.filter(|near| is_first(*near)).filter_map(|near| firsts[near].clone());
            near.max_by(|a, b| a.log.total_cmp(&b.log))
        };
        let between = |cell: usize| {
            let word = beside(cell).filter(|near| near.log < best - HOPELESS);
            word.unwrap_or_else(|| fit(cell))
        };
        let all = (0..count).into_par_iter();
        all.map(|cell| firsts[cell].clone().unwrap_or_else(|| between(cell))).collect()
    }

    /// How well one cell does.
    pub fn cell(
        &self,
        members: &[Member],
        rasters: Option<&Rasters>,
        ground: &Ground,
        cell: usize,
    ) -> Fit {
        let release = ground.release(cell);
        match rasters {
            Some(rasters) => self.fit_cell(members, rasters, &release),
            None => self.fit(members, &release),
        }
    }

    /// The same as [`Self::fit`] for a cell of the ground, looked up.
    fn fit_cell(&self, members: &[Member], rasters: &Rasters, release: &Release) -> Fit {
        let mut gathered = Gathered::new();
        for (number, member) in members.iter().enumerate() {
            let kernels = &rasters.kernels[rasters.of_member[number]];
            let (sin, cos) = member.turn_deg.to_radians().sin_cos();
            let (sin, cos) = (sin as f32, cos as f32);
            let from = release.at_m;
            let mut gains = [[0.0_f32; RATES]; PARTS];
            for at in 0..self.rises.len() {
                let kernels = &kernels[rasters.storeys[at]];
                let log = |look: usize, spot: [f64; 2]| {
                    let Some(kernel) = &kernels[look] else {
                        let height_m = self.soundings[self.rises[at].sounding].height_m;
                        return member.drifts[look].coupling(release, spot, height_m).ln() as f32;
                    };
                    let (x, y) = ((spot[0] - from[0]) as f32, (spot[1] - from[1]) as f32);
                    // turned back by what the member is turned
                    kernel.log([x * cos - y * sin, y * cos + x * sin])
                };
                let looks = &self.looks[at];
                let spots = &self.spots[at];
                let log = if let ([look], [spot]) = (&looks[..], &spots[..]) {
                    log(*look, *spot)
                } else {
                    let each = looks.iter().flat_map(|look| {
                        let log = &log;
                        spots.iter().map(move |spot| log(*look, *spot).exp())
                    });
                    (each.sum::<f32>() / (looks.len() * spots.len()) as f32).ln()
                };
                if log > NOTHING {
                    self.gains.add(at, log, &mut gains[self.parts[at]]);
                }
            }
            self.gather(member, release, &gains, &mut gathered);
        }
        gathered.fit(vec![])
    }

    /// Adds what one member says: every begin and end of a release, every rate.
    fn gather(
        &self,
        member: &Member,
        release: &Release,
        gains: &[[f32; RATES]; PARTS],
        into: &mut Gathered,
    ) {
        let noticed_at = self.complaints.iter().zip(&self.looks[self.rises.len()..]);
        let smelt: Vec<f64> = noticed_at
            .map(|(complaint, look)| member.drifts[look[0]].coupling(release, complaint.at_m, 1.5))
            .collect();
        let windows = 0.5 * (PARTS * (PARTS + 1)) as f64;
        for rate in 0..RATES {
            let noticed: f64 = smelt.iter().map(|add| self.noticed(self.rates[rate] * add)).sum();
            let mut whole = f64::NEG_INFINITY;
            for from in 0..PARTS {
                let mut gain = 0.0;
                for (to, more) in gains.iter().enumerate().skip(from) {
                    gain += f64::from(more[rate]);
                    let all = self.temper * gain;
                    whole = log_add(whole, all);
                    if all > into.most {
                        (into.most, into.on) = (all, [from, to]);
                    }
                }
            }
            let log = whole - windows.ln() + noticed + member.weight.ln();
            into.by_rate[rate] = log_add(into.by_rate[rate], log);
        }
    }

    /// A complaint is a weak witness: one in five has another cause.
    fn noticed(&self, added: f64) -> f64 {
        let noise = self.rises.iter().map(|rise| rise.noise).fold(f64::INFINITY, f64::min);
        let strong = added / (added + 5.0 * noise);
        ((0.2 + 0.8 * strong) / 0.4).ln()
    }

    /// How well two together explain everything, each at its own rate.
    pub fn together(&self, one: &Fit, other: &Fit) -> f64 {
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
            let gain =
                |(at, add): (&usize, &[f64; 2])| self.gains.gain(*at, a * add[0] + b * add[1]);
            self.temper * adds.iter().map(gain).sum::<f64>()
        };
        log_sum(each.map(log)) - count.ln()
    }

    /// Likeliest first and last second.
    pub fn on_s(&self, fit: &Fit) -> [f64; 2] {
        let [first, last] = self.span_s;
        let edge = |part: usize| first + (last - first) * part as f64 / PARTS as f64;
        [edge(fit.on[0]), edge(fit.on[1] + 1)]
    }

    /// One in twenty below, middle, one in twenty above.
    pub fn rate(&self, fit: &Fit) -> [f64; 3] {
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

impl Gathered {
    fn new() -> Self {
        let by_rate = [f64::NEG_INFINITY; RATES];
        Self { by_rate, most: f64::NEG_INFINITY, on: [0, PARTS - 1] }
    }

    fn fit(self, adds: Vec<(usize, f64)>) -> Fit {
        let log = log_sum(self.by_rate.iter().copied()) - (RATES as f64).ln();
        Fit { log, by_rate: self.by_rate, on: self.on, adds }
    }
}

/// Where a sounding measures: at one spot, or along its beam.
fn spots(sounding: &Sounding) -> Vec<[f64; 2]> {
    let Some(to) = sounding.to_m else { return vec![sounding.at_m] };
    let point = |point: u32| {
        let part = (f64::from(point) + 0.5) / f64::from(POINTS);
        [0, 1].map(|axis| sounding.at_m[axis] + part * (to[axis] - sounding.at_m[axis]))
    };
    (0..POINTS).map(point).collect()
}

/// Seconds at which a sounding is looked at: one for each `longest` seconds, at most so many.
fn looks_of(sounding: &Sounding, most: usize, longest: f64) -> impl Iterator<Item = i64> {
    let (from, span) = (sounding.from_s, (sounding.to_s - sounding.from_s).max(0.0));
    let count = ((span / longest - 1e-6).ceil().max(1.0) as usize).min(most);
    (0..count).map(move |at| (from + span * (at as f64 + 0.5) / count as f64).round() as i64)
}
